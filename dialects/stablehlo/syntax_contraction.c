/* Custom forms of dot_general and convolution. */
#include <string.h>

#include "dialects/ir/parser.h"
#include "dialects/ir/printer.h"
#include "dialects/stablehlo/attribute_syntax.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_syntax.h"

#define ELIDE(attribute) (1ull << (attribute))

/* ---- dot_general: %l, %r, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [..] : F ---- */

/* [0] x [0]; an empty list is an absent field. */
static alpa_status parse_pair(alpa_parser *parser, const alpa_attr **left, const alpa_attr **right) {
  const alpa_attr **sides[2] = {left, right};
  ALPA_TRY(alpa_parser_expect(parser, '=', NULL));
  for (int i = 0; i < 2; i++) {
    if (i)
      ALPA_TRY(alpa_parser_expect_word(parser, "x"));
    ALPA_TRY(alpa_parser_parse_i64s(parser, sides[i]));
    if ((*sides[i])->elements.n == 0)
      *sides[i] = NULL;
  }
  return ALPA_OK;
}

static alpa_status parse_dot_dims(alpa_parser *parser, alpa_draft *draft) {
  const alpa_attr *fields[4] = {0};
  if (alpa_parser_accept_word(parser, "batching_dims")) {
    ALPA_TRY(parse_pair(parser, &fields[STABLEHLO_DOT_LHS_BATCHING], &fields[STABLEHLO_DOT_RHS_BATCHING]));
    ALPA_TRY(alpa_parser_expect(parser, ',', "between kinds of dimensions"));
  }
  ALPA_TRY(alpa_parser_expect_word(parser, "contracting_dims"));
  ALPA_TRY(parse_pair(parser, &fields[STABLEHLO_DOT_LHS_CONTRACTING], &fields[STABLEHLO_DOT_RHS_CONTRACTING]));
  return alpa_draft_set_attr(parser, draft, stablehlo_dot_general_dot_dimension_numbers,
                             alpa_attr_get_struct(alpa_parser_context(parser), &alpa_stablehlo_attr_dot, fields));
}

/* name = value, by the kind of the attribute. */
static alpa_status parse_named(alpa_parser *parser, alpa_draft *draft, int ordinal) {
  const alpa_attr *value;
  ALPA_TRY(alpa_parser_expect(parser, '=', NULL));
  ALPA_TRY(alpa_parser_parse_field(parser, &draft->def->attrs[ordinal], &value));
  return alpa_draft_set_attr(parser, draft, ordinal, value);
}

alpa_status alpa_stablehlo_parse_dot_general(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_expect(parser, ',', "behind the operands"));
  ALPA_TRY(parse_dot_dims(parser, draft));
  while (alpa_parser_accept(parser, ',')) {
    bool precision = alpa_parser_accept_word(parser, "precision");
    if (!precision)
      ALPA_TRY(alpa_parser_expect_word(parser, "algorithm"));
    ALPA_TRY(parse_named(parser, draft,
                         precision ? stablehlo_dot_general_precision_config : stablehlo_dot_general_algorithm));
  }
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

static void print_list(alpa_text *text, const alpa_attr *list) {
  size_t n;
  const int64_t *values = alpa_attr_i64s(list, &n);
  alpa_text_char(text, '[');
  for (size_t i = 0; i < n; i++) {
    alpa_text_string(text, i ? ", " : "");
    alpa_text_int(text, values[i]);
  }
  alpa_text_char(text, ']');
}

static void print_pair(alpa_text *text, const char *name, const alpa_attr *left, const alpa_attr *right) {
  alpa_text_string(text, name);
  print_list(text, left);
  alpa_text_string(text, " x ");
  print_list(text, right);
}

void alpa_stablehlo_print_dot_general(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  const alpa_attr *dims = op->attrs[stablehlo_dot_general_dot_dimension_numbers];
  const alpa_attr *const *fields = dims->array.items;
  alpa_text_char(text, ' ');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  if (fields[STABLEHLO_DOT_LHS_BATCHING] || fields[STABLEHLO_DOT_RHS_BATCHING])
    print_pair(text, ", batching_dims = ", fields[STABLEHLO_DOT_LHS_BATCHING], fields[STABLEHLO_DOT_RHS_BATCHING]);
  print_pair(text, ", contracting_dims = ", fields[STABLEHLO_DOT_LHS_CONTRACTING],
             fields[STABLEHLO_DOT_RHS_CONTRACTING]);
  static const struct {
    int ordinal;
    const char *before;
  } rest[] = {{stablehlo_dot_general_precision_config, ", precision = "},
              {stablehlo_dot_general_algorithm, ", algorithm = "}};
  for (size_t i = 0; i < countof(rest); i++) {
    if (!op->attrs[rest[i].ordinal])
      continue;
    alpa_text_string(text, rest[i].before);
    alpa_printer_field(printer, &op->def->attrs[rest[i].ordinal], op->attrs[rest[i].ordinal]);
  }
  alpa_printer_attr_dict(printer, op, ~0ull);
  alpa_printer_op_types(printer, op);
}

/* ---- convolution: (%l, %r) dim_numbers = ..., window = {stride = [..], ...} {attrs} : F ---- */

static const struct window_entry {
  const char *word;
  int ordinal;
} window_entries[] = {
    {"stride", stablehlo_convolution_window_strides},   {"pad", stablehlo_convolution_padding},
    {"lhs_dilate", stablehlo_convolution_lhs_dilation}, {"rhs_dilate", stablehlo_convolution_rhs_dilation},
    {"reverse", stablehlo_convolution_window_reversal},
};

/* [[1, 1], [1, 1]] */
static alpa_status parse_padding(alpa_parser *parser, const alpa_attr **out_attr) {
  ALPA_VEC(int64_t) values = {0};
  ALPA_TRY(alpa_parser_expect(parser, '[', "before padding"));
  if (alpa_parser_peek(parser) != ']')
    do {
      int64_t low, high;
      ALPA_TRY(alpa_parser_expect(parser, '[', "before a pair"));
      ALPA_TRY(alpa_parser_parse_int(parser, &low));
      ALPA_TRY(alpa_parser_expect(parser, ',', "in a pair"));
      ALPA_TRY(alpa_parser_parse_int(parser, &high));
      ALPA_TRY(alpa_parser_expect(parser, ']', "behind a pair"));
      alpa_vec_push(alpa_parser_arena(parser), &values, low);
      alpa_vec_push(alpa_parser_arena(parser), &values, high);
    } while (alpa_parser_accept(parser, ','));
  *out_attr = alpa_attr_get_pairs(alpa_parser_context(parser), (int64_t)values.n / 2, 2, values.items);
  return alpa_parser_expect(parser, ']', "behind padding");
}

static alpa_status parse_window_entry(alpa_parser *parser, alpa_draft *draft) {
  size_t i = 0;
  while (i < countof(window_entries) && !alpa_parser_is_word(parser, window_entries[i].word))
    i++;
  if (i == countof(window_entries))
    return alpa_parser_error(parser, "expected 'stride', 'pad', 'lhs_dilate', 'rhs_dilate' or 'reverse'");
  int ordinal = window_entries[i].ordinal;
  (void)alpa_parser_accept(parser, ALPA_TOKEN_WORD);
  if (ordinal != stablehlo_convolution_padding)
    return parse_named(parser, draft, ordinal);
  const alpa_attr *padding = NULL;
  ALPA_TRY(alpa_parser_expect(parser, '=', NULL));
  ALPA_TRY(parse_padding(parser, &padding));
  return alpa_draft_set_attr(parser, draft, ordinal, padding);
}

alpa_status alpa_stablehlo_parse_convolution(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  const alpa_attr *dims;
  ALPA_TRY(alpa_parser_expect(parser, '(', "before operands"));
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_expect(parser, ')', "behind operands"));
  ALPA_TRY(alpa_parser_expect_word(parser, "dim_numbers"));
  ALPA_TRY(alpa_parser_expect(parser, '=', NULL));
  ALPA_TRY(alpa_stablehlo_parse_attr_conv(parser, &alpa_stablehlo_attr_conv, &dims));
  ALPA_TRY(alpa_draft_set_attr(parser, draft, stablehlo_convolution_dimension_numbers, dims));
  ALPA_TRY(alpa_parser_expect(parser, ',', "behind dimension numbers"));
  ALPA_TRY(alpa_parser_expect_word(parser, "window"));
  ALPA_TRY(alpa_parser_expect(parser, '=', NULL));
  ALPA_TRY(alpa_parser_expect(parser, '{', "before the window"));
  if (alpa_parser_peek(parser) != '}')
    do
      ALPA_TRY(parse_window_entry(parser, draft));
    while (alpa_parser_accept(parser, ','));
  ALPA_TRY(alpa_parser_expect(parser, '}', "behind the window"));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

static void print_padding(alpa_text *text, const alpa_attr *padding) {
  int64_t rows = padding->type->rank ? padding->type->dims[0] : 0;
  alpa_text_char(text, '[');
  for (int64_t i = 0; i < rows; i++) {
    int64_t pair[2];
    for (int64_t side = 0; side < 2; side++)
      memcpy(&pair[side], alpa_attr_element(padding, 2 * i + side), sizeof *pair);
    alpa_text_printf(text, "%s[%lld, %lld]", i ? ", " : "", (long long)pair[0], (long long)pair[1]);
  }
  alpa_text_char(text, ']');
}

void alpa_stablehlo_print_convolution(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  uint64_t printed = ELIDE(stablehlo_convolution_dimension_numbers);
  alpa_text_char(text, '(');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_text_string(text, ") dim_numbers = ");
  alpa_stablehlo_print_attr_conv(text, op->attrs[stablehlo_convolution_dimension_numbers]);
  alpa_text_string(text, ", window = {");
  const char *separator = "";
  for (size_t i = 0; i < countof(window_entries); i++) {
    int ordinal = window_entries[i].ordinal;
    printed |= ELIDE(ordinal);
    if (!op->attrs[ordinal])
      continue;
    alpa_text_printf(text, "%s%s = ", separator, window_entries[i].word);
    separator = ", ";
    if (ordinal == stablehlo_convolution_padding)
      print_padding(text, op->attrs[ordinal]);
    else
      alpa_printer_field(printer, &op->def->attrs[ordinal], op->attrs[ordinal]);
  }
  alpa_text_char(text, '}');
  alpa_printer_attr_dict(printer, op, printed);
  alpa_printer_op_types(printer, op);
}
