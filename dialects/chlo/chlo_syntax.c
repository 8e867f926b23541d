/* The textual forms of chlo that differ from StableHLO's. */
#include "dialects/chlo/chlo.h"
#include "dialects/chlo/chlo_hooks.h"
#include "dialects/ir/parser.h"
#include "dialects/ir/printer.h"

alpa_status alpa_chlo_parse_elementwise(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the types"));
  alpa_type_list types = {0};
  ALPA_TRY(alpa_parser_parse_types(parser, &types));
  ALPA_TRY(alpa_parser_expect(parser, ALPA_TOKEN_ARROW, "before the result type"));
  const alpa_type *result;
  ALPA_TRY(alpa_parser_parse_type(parser, &result));
  for (size_t i = 0; i < types.n; i++)
    alpa_draft_add_operand_type(parser, draft, types.items[i]);
  alpa_draft_add_result(parser, draft, result);
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_chlo_print_elementwise(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_printer_attr_dict(printer, op, 0);
  alpa_text_string(text, " : ");
  alpa_printer_operand_types(printer, op, 0, op->n_operands);
  alpa_text_string(text, " -> ");
  alpa_printer_type(printer, alpa_op_type(op));
}

alpa_status alpa_chlo_parse_constant(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  const char *at = alpa_parser_at(parser);
  const alpa_attr *value;
  ALPA_TRY(alpa_parser_parse_attr(parser, &value));
  if (value->kind != ALPA_ATTR_ELEMENTS)
    return alpa_parser_error_at(parser, at, "expects a dense constant");
  ALPA_TRY(alpa_draft_set_attr(parser, draft, chlo_constant_value, value));
  alpa_draft_add_result(parser, draft, value->type);
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_chlo_print_constant(alpa_printer *printer, const alpa_op *op) {
  alpa_printer_attr_dict(printer, op, 1u << chlo_constant_value);
  alpa_text_char(alpa_printer_text(printer), ' ');
  alpa_printer_attr(printer, op->attrs[chlo_constant_value]);
}

/* , name = value */
static alpa_status parse_setting(alpa_parser *parser, alpa_draft *draft, int ordinal) {
  const alpa_field_def *field = &draft->def->attrs[ordinal];
  ALPA_TRY(alpa_parser_expect_word(parser, field->name));
  ALPA_TRY(alpa_parser_expect(parser, '=', "before the value"));
  const alpa_attr *value;
  ALPA_TRY(alpa_parser_parse_field(parser, field, &value));
  return alpa_draft_set_attr(parser, draft, ordinal, value);
}

alpa_status alpa_chlo_parse_top_k(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_expect(parser, '(', "before the operand"));
  ALPA_TRY(alpa_parser_parse_operand(parser));
  ALPA_TRY(alpa_parser_expect(parser, ',', "behind the operand"));
  ALPA_TRY(parse_setting(parser, draft, chlo_top_k_k));
  if (alpa_parser_accept(parser, ','))
    ALPA_TRY(parse_setting(parser, draft, chlo_top_k_is_stable));
  ALPA_TRY(alpa_parser_expect(parser, ')', "behind the attributes"));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the types"));
  const alpa_type *operand;
  ALPA_TRY(alpa_parser_parse_type(parser, &operand));
  ALPA_TRY(alpa_parser_expect(parser, ALPA_TOKEN_ARROW, "before the result types"));
  ALPA_TRY(alpa_parser_expect(parser, '(', "before the result types"));
  alpa_type_list results = {0};
  ALPA_TRY(alpa_parser_parse_types(parser, &results));
  ALPA_TRY(alpa_parser_expect(parser, ')', "behind the result types"));
  alpa_draft_add_operand_type(parser, draft, operand);
  for (size_t i = 0; i < results.n; i++)
    alpa_draft_add_result(parser, draft, results.items[i]);
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_chlo_print_top_k(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, '(');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  for (int i = 0; i < chlo_top_k_attr_count; i++)
    if (op->attrs[i]) {
      alpa_text_printf(text, ", %s = ", op->def->attrs[i].name);
      alpa_printer_field(printer, &op->def->attrs[i], op->attrs[i]);
    }
  alpa_text_char(text, ')');
  alpa_printer_attr_dict(printer, op, 1u << chlo_top_k_k | 1u << chlo_top_k_is_stable);
  alpa_text_string(text, " : ");
  alpa_printer_type(printer, alpa_op_operand_type(op, 0));
  alpa_text_string(text, " -> (");
  alpa_printer_type(printer, op->results[0].type);
  alpa_text_string(text, ", ");
  alpa_printer_type(printer, op->results[1].type);
  alpa_text_char(text, ')');
}
