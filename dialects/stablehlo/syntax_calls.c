/* Custom forms of return, tuples, barriers, and calls of things outside StableHLO. */
#include <string.h>

#include "dialects/ir/parser.h"
#include "dialects/ir/printer.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_syntax.h"

#define ELIDE(attribute) (1ull << (attribute))

/* ---- return: %a, %b : T, T ---- */

static alpa_status parse_operand_types(alpa_parser *parser) {
  alpa_draft *draft = alpa_parser_draft(parser);
  if (draft->operands.n == 0)
    return ALPA_OK;
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the types of the operands"));
  draft->types_at = alpa_parser_at(parser);
  return alpa_parser_parse_types(parser, &draft->operand_types);
}

alpa_status alpa_stablehlo_parse_return(alpa_parser *parser, alpa_op **out_op) {
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(parse_operand_types(parser));
  return alpa_draft_build(parser, alpa_parser_draft(parser), out_op);
}

static void print_operands(alpa_printer *printer, const alpa_op *op) {
  if (op->n_operands)
    alpa_text_char(alpa_printer_text(printer), ' ');
  alpa_printer_operands(printer, op, 0, op->n_operands);
}

static void print_operand_types(alpa_printer *printer, const alpa_op *op) {
  if (op->n_operands)
    alpa_text_string(alpa_printer_text(printer), " : ");
  alpa_printer_operand_types(printer, op, 0, op->n_operands);
}

void alpa_stablehlo_print_return(alpa_printer *printer, const alpa_op *op) {
  print_operands(printer, op);
  alpa_printer_attr_dict(printer, op, 0);
  print_operand_types(printer, op);
}

/* ---- optimization_barrier: {attrs} %a, %b : T, T, or () ---- */

alpa_status alpa_stablehlo_parse_optimization_barrier(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  if (alpa_parser_accept(parser, '('))
    ALPA_TRY(alpa_parser_expect(parser, ')', NULL));
  else
    ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(parse_operand_types(parser));
  for (size_t i = 0; i < draft->operand_types.n; i++)
    alpa_draft_add_result(parser, draft, draft->operand_types.items[i]);
  return alpa_draft_build(parser, draft, out_op);
}

static bool results_are_operands(const alpa_op *op) {
  bool same = op->n_results == op->n_operands;
  for (uint32_t i = 0; same && i < op->n_results; i++)
    same = op->results[i].type == alpa_op_operand_type(op, i);
  return same;
}

void alpa_stablehlo_print_optimization_barrier(alpa_printer *printer, const alpa_op *op) {
  alpa_printer_attr_dict(printer, op, 0);
  if (op->n_operands == 0 || !results_are_operands(op))
    alpa_text_string(alpa_printer_text(printer), "()");
  print_operands(printer, op);
  print_operand_types(printer, op);
}

/* ---- tuple: %a, %b : tuple<T, T> ---- */

alpa_status alpa_stablehlo_parse_tuple(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the type of the tuple"));
  draft->types_at = alpa_parser_at(parser);
  const alpa_type *type;
  ALPA_TRY(alpa_parser_parse_type(parser, &type));
  if (type->kind != ALPA_TYPE_TUPLE)
    return alpa_parser_error_at(parser, draft->types_at, "expected tuple type, got '%s'",
                                alpa_type_spell(alpa_parser_context(parser), type));
  for (size_t i = 0; i < type->inputs.n; i++)
    alpa_draft_add_operand_type(parser, draft, type->inputs.items[i]);
  alpa_draft_add_result(parser, draft, type);
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_tuple(alpa_printer *printer, const alpa_op *op) {
  print_operands(printer, op);
  alpa_printer_attr_dict(printer, op, 0);
  alpa_text_string(alpa_printer_text(printer), " : ");
  alpa_printer_type(printer, alpa_op_type(op));
}

/* ---- get_tuple_element: %t[0] : F ---- */

alpa_status alpa_stablehlo_parse_get_tuple_element(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  const alpa_attr *index;
  ALPA_TRY(alpa_parser_parse_operand(parser));
  ALPA_TRY(alpa_parser_expect(parser, '[', "before the number of the element"));
  ALPA_TRY(alpa_parser_parse_field(parser, &draft->def->attrs[stablehlo_get_tuple_element_index], &index));
  ALPA_TRY(alpa_draft_set_attr(parser, draft, stablehlo_get_tuple_element_index, index));
  ALPA_TRY(alpa_parser_expect(parser, ']', "behind the number of the element"));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_get_tuple_element(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  print_operands(printer, op);
  alpa_text_char(text, '[');
  alpa_text_int(text, alpa_op_int(op, stablehlo_get_tuple_element_index, 0));
  alpa_text_char(text, ']');
  alpa_printer_attr_dict(printer, op, ELIDE(stablehlo_get_tuple_element_index));
  alpa_printer_op_types(printer, op);
}

/* ---- custom_call: @target(%a, %b) {attrs} : F ---- */

alpa_status alpa_stablehlo_parse_custom_call(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  const char *target;
  ALPA_TRY(alpa_parser_parse_symbol(parser, &target));
  ALPA_TRY(alpa_draft_set_attr(parser, draft, stablehlo_custom_call_call_target_name,
                               alpa_attr_get_string(alpa_parser_context(parser), target)));
  ALPA_TRY(alpa_parser_expect(parser, '(', "before operands"));
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_expect(parser, ')', "behind operands"));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_custom_call(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  alpa_printer_symbol(printer, op->attrs[stablehlo_custom_call_call_target_name]->string.data);
  alpa_text_char(text, '(');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_text_char(text, ')');
  alpa_printer_attr_dict(printer, op, ELIDE(stablehlo_custom_call_call_target_name));
  alpa_printer_op_types(printer, op);
}

/* ---- composite: "name" %a, %b {attrs} : F ---- */

alpa_status alpa_stablehlo_parse_composite(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  const alpa_attr *name;
  ALPA_TRY(alpa_parser_parse_field(parser, &draft->def->attrs[stablehlo_composite_name], &name));
  ALPA_TRY(alpa_draft_set_attr(parser, draft, stablehlo_composite_name, name));
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_composite(alpa_printer *printer, const alpa_op *op) {
  alpa_text_char(alpa_printer_text(printer), ' ');
  alpa_printer_attr(printer, op->attrs[stablehlo_composite_name]);
  print_operands(printer, op);
  alpa_printer_attr_dict(printer, op, ELIDE(stablehlo_composite_name));
  alpa_printer_op_types(printer, op);
}
