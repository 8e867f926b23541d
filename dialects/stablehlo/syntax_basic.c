/* Custom forms of stablehlo ops without regions that the format language cannot say. */
#include <string.h>

#include "dialects/ir/parser.h"
#include "dialects/ir/printer.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_syntax.h"

#define ELIDE(attribute) (1ull << (attribute))

/* ---- constant: {attrs} dense<...> : T, or () <{value = ...}> : () -> T where the two types differ ---- */

static alpa_status parse_generic_constant(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_expect(parser, ')', NULL));
  bool properties = alpa_parser_accept(parser, '<');
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  if (properties)
    ALPA_TRY(alpa_parser_expect(parser, '>', "behind properties"));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

alpa_status alpa_stablehlo_parse_constant(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  if (alpa_parser_accept(parser, '('))
    return parse_generic_constant(parser, out_op);
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  const char *at = alpa_parser_at(parser);
  const alpa_attr *value;
  ALPA_TRY(alpa_parser_parse_attr(parser, &value));
  if (value->kind != ALPA_ATTR_ELEMENTS)
    return alpa_parser_error_at(parser, at,
                                "expected a constant 'dense<...> : tensor<...>'; elided and sparse ones "
                                "have no value to compute with");
  ALPA_TRY(alpa_draft_set_attr(parser, draft, stablehlo_constant_value, value));
  alpa_draft_add_result(parser, draft, value->type);
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_constant(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  const alpa_attr *value = op->attrs[stablehlo_constant_value];
  if (value->type == alpa_op_type(op)) {
    alpa_printer_attr_dict(printer, op, ELIDE(stablehlo_constant_value));
    alpa_text_char(text, ' ');
    alpa_printer_attr(printer, value);
    return;
  }
  alpa_text_string(text, "() <{value = ");
  alpa_printer_attr(printer, value);
  alpa_text_string(text, "}>");
  alpa_printer_attr_dict(printer, op, ELIDE(stablehlo_constant_value));
  alpa_printer_op_types(printer, op);
}

/* ---- complex: %re, %im : tensor<complex<f32>> ---- */

static alpa_dtype part_of(const alpa_type *type) {
  bool is_complex = type->kind == ALPA_TYPE_TENSOR && type->element->kind == ALPA_TYPE_SCALAR &&
                    alpa_type_class(type) == ALPA_CLASS_COMPLEX;
  return !is_complex ? ALPA_DTYPE_COUNT : type->dtype == ALPA_C64 ? ALPA_F32 : ALPA_F64;
}

alpa_status alpa_stablehlo_parse_complex(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the types of the op"));
  if (alpa_parser_peek(parser) == '(') {
    ALPA_TRY(alpa_parser_parse_function_type(parser));
    return alpa_draft_build(parser, draft, out_op);
  }
  const char *at = alpa_parser_at(parser);
  const alpa_type *type;
  ALPA_TRY(alpa_parser_parse_type(parser, &type));
  if (part_of(type) == ALPA_DTYPE_COUNT)
    return alpa_parser_error_at(parser, at, "expected tensor with complex element type, got '%s'",
                                alpa_type_spell(alpa_parser_context(parser), type));
  alpa_draft_set_operand_types(parser, draft, alpa_type_with_dtype(alpa_parser_context(parser), type, part_of(type)));
  alpa_draft_add_result(parser, draft, type);
  return alpa_draft_build(parser, draft, out_op);
}

static bool is_part(const alpa_type *operand, const alpa_type *result) {
  return operand->kind == ALPA_TYPE_TENSOR && operand->element->kind == ALPA_TYPE_SCALAR &&
         operand->dtype == part_of(result) && operand->encoding == result->encoding && operand->rank == result->rank &&
         (operand->rank == 0 || memcmp(operand->dims, result->dims, operand->rank * sizeof *operand->dims) == 0);
}

void alpa_stablehlo_print_complex(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_printer_attr_dict(printer, op, 0);
  if (!is_part(alpa_op_operand_type(op, 0), alpa_op_type(op)) ||
      !is_part(alpa_op_operand_type(op, 1), alpa_op_type(op))) {
    alpa_printer_op_types(printer, op);
    return;
  }
  alpa_text_string(text, " : ");
  alpa_printer_type(printer, alpa_op_type(op));
}

/* ---- select: %p, %a, %b : P, T ---- */

alpa_status alpa_stablehlo_parse_select(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the types of the op"));
  draft->types_at = alpa_parser_at(parser);
  if (alpa_parser_peek(parser) == '(') {
    ALPA_TRY(alpa_parser_parse_function_type(parser));
    return alpa_draft_build(parser, draft, out_op);
  }
  const alpa_type *predicate, *type;
  ALPA_TRY(alpa_parser_parse_type(parser, &predicate));
  ALPA_TRY(alpa_parser_expect(parser, ',', "between the types of predicate and values"));
  ALPA_TRY(alpa_parser_parse_type(parser, &type));
  alpa_draft_set_operand_types(parser, draft, type);
  if (draft->operand_types.n)
    draft->operand_types.items[0] = predicate;
  alpa_draft_add_result(parser, draft, type);
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_select(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_printer_attr_dict(printer, op, 0);
  const alpa_type *type = alpa_op_type(op);
  if (alpa_op_operand_type(op, 1) != type || alpa_op_operand_type(op, 2) != type) {
    alpa_printer_op_types(printer, op);
    return;
  }
  alpa_text_string(text, " : ");
  alpa_printer_operand_types(printer, op, 0, 1);
  alpa_text_string(text, ", ");
  alpa_printer_type(printer, type);
}

/* ---- reduce_precision: %a, format = e8m10 : T ---- */

/* A letter and the number behind it; false where there is none or it does not fit. */
static bool read_width(const char **at, const char *end, char letter, int64_t *out_width) {
  if (*at == end || **at != letter)
    return false;
  const char *from = ++*at;
  int64_t width = 0;
  for (; *at < end && **at >= '0' && **at <= '9' && width < INT32_MAX / 16; ++*at)
    width = width * 10 + (**at - '0');
  *out_width = width;
  return *at > from;
}

alpa_status alpa_stablehlo_parse_reduce_precision(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operand(parser));
  ALPA_TRY(alpa_parser_expect(parser, ',', "behind the operand"));
  ALPA_TRY(alpa_parser_expect_word(parser, "format"));
  ALPA_TRY(alpa_parser_expect(parser, '=', NULL));
  const char *at = alpa_parser_at(parser);
  alpa_str word;
  ALPA_TRY(alpa_parser_parse_word(parser, &word));
  int64_t exponent = 0, mantissa = 0;
  const char *rest = word.data, *end = word.data + word.size;
  if (!read_width(&rest, end, 'e', &exponent) || !read_width(&rest, end, 'm', &mantissa) || rest != end)
    return alpa_parser_error_at(parser, at, "expected exponent mantissa in format e#m#, saw %.*s", (int)word.size,
                                word.data);
  alpa_context *ctx = alpa_parser_context(parser);
  const alpa_type *i32 = alpa_type_get_scalar(ctx, ALPA_I32);
  ALPA_TRY(alpa_draft_set_attr(parser, draft, stablehlo_reduce_precision_exponent_bits,
                               alpa_attr_get_integer(ctx, i32, exponent)));
  ALPA_TRY(alpa_draft_set_attr(parser, draft, stablehlo_reduce_precision_mantissa_bits,
                               alpa_attr_get_integer(ctx, i32, mantissa)));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_type_or_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_reduce_precision(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  alpa_printer_operands(printer, op, 0, 1);
  alpa_text_string(text, ", format = e");
  alpa_text_int(text, alpa_op_int(op, stablehlo_reduce_precision_exponent_bits, 0));
  alpa_text_char(text, 'm');
  alpa_text_int(text, alpa_op_int(op, stablehlo_reduce_precision_mantissa_bits, 0));
  alpa_printer_attr_dict(
      printer, op, ELIDE(stablehlo_reduce_precision_exponent_bits) | ELIDE(stablehlo_reduce_precision_mantissa_bits));
  alpa_printer_op_type_or_types(printer, op);
}

/* ---- slice: %a [1:3, 4:8:2] : F ---- */

typedef ALPA_VEC(int64_t) number_list;

static alpa_status parse_bounds(alpa_parser *parser, number_list lists[3]) {
  alpa_arena *arena = alpa_parser_arena(parser);
  int64_t bounds[3] = {0, 0, 1};
  ALPA_TRY(alpa_parser_parse_int(parser, &bounds[0]));
  ALPA_TRY(alpa_parser_expect(parser, ':', "between start and limit"));
  ALPA_TRY(alpa_parser_parse_int(parser, &bounds[1]));
  if (alpa_parser_accept(parser, ':'))
    ALPA_TRY(alpa_parser_parse_int(parser, &bounds[2]));
  for (int i = 0; i < 3; i++)
    alpa_vec_push(arena, &lists[i], bounds[i]);
  return ALPA_OK;
}

static alpa_status parse_ranges(alpa_parser *parser, alpa_draft *draft) {
  number_list lists[3] = {0};
  ALPA_TRY(alpa_parser_expect(parser, '[', "before the bounds of a slice"));
  if (alpa_parser_peek(parser) != ']')
    do
      ALPA_TRY(parse_bounds(parser, lists));
    while (alpa_parser_accept(parser, ','));
  ALPA_TRY(alpa_parser_expect(parser, ']', "behind the bounds of a slice"));
  static const int ordinals[3] = {stablehlo_slice_start_indices, stablehlo_slice_limit_indices,
                                  stablehlo_slice_strides};
  for (int i = 0; i < 3; i++)
    ALPA_TRY(alpa_draft_set_attr(parser, draft, ordinals[i],
                                 alpa_attr_get_i64s(alpa_parser_context(parser), lists[i].items, lists[i].n)));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_parse_slice(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operand(parser));
  ALPA_TRY(parse_ranges(parser, draft));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_slice(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  size_t n = 0, n_limits = 0, n_strides = 0;
  const int64_t *starts = alpa_op_i64s(op, stablehlo_slice_start_indices, &n);
  const int64_t *limits = alpa_op_i64s(op, stablehlo_slice_limit_indices, &n_limits);
  const int64_t *strides = alpa_op_i64s(op, stablehlo_slice_strides, &n_strides);
  alpa_text_char(text, ' ');
  alpa_printer_operands(printer, op, 0, 1);
  alpa_text_string(text, " [");
  for (size_t i = 0; i < n && i < n_limits && i < n_strides; i++) {
    alpa_text_string(text, i ? ", " : "");
    alpa_text_int(text, starts[i]);
    alpa_text_char(text, ':');
    alpa_text_int(text, limits[i]);
    if (strides[i] == 1)
      continue;
    alpa_text_char(text, ':');
    alpa_text_int(text, strides[i]);
  }
  alpa_text_char(text, ']');
  alpa_printer_attr_dict(printer, op,
                         ELIDE(stablehlo_slice_start_indices) | ELIDE(stablehlo_slice_limit_indices) |
                             ELIDE(stablehlo_slice_strides));
  alpa_printer_op_types(printer, op);
}
