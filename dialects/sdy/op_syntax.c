/* The textual forms of sdy ops, as Shardy prints them. */
#include "dialects/ir/parser.h"
#include "dialects/ir/printer.h"
#include "dialects/sdy/sdy.h"
#include "dialects/sdy/sdy_hooks.h"

/* An attribute by ordinal, without its type. */
static alpa_status parse_attr(alpa_parser *parser, alpa_draft *draft, int ordinal) {
  const alpa_attr *value;
  ALPA_TRY(alpa_parser_parse_field(parser, &draft->def->attrs[ordinal], &value));
  return alpa_draft_set_attr(parser, draft, ordinal, value);
}

/* word=value */
static alpa_status parse_setting(alpa_parser *parser, alpa_draft *draft, const char *word, int ordinal) {
  ALPA_TRY(alpa_parser_expect_word(parser, word));
  ALPA_TRY(alpa_parser_expect(parser, '=', "behind the name of an attribute"));
  return parse_attr(parser, draft, ordinal);
}

static void print_attr(alpa_printer *printer, const alpa_op *op, int ordinal) {
  alpa_printer_field(printer, &op->def->attrs[ordinal], op->attrs[ordinal]);
}

static void print_setting(alpa_printer *printer, const alpa_op *op, const char *word, int ordinal) {
  alpa_text_printf(alpa_printer_text(printer), " %s=", word);
  print_attr(printer, op, ordinal);
}

/* A struct without its brackets. */
static alpa_status parse_bare(alpa_parser *parser, alpa_draft *draft, int ordinal) {
  const alpa_attr *value;
  ALPA_TRY(alpa_parser_parse_attr_body(parser, draft->def->attrs[ordinal].def, &value));
  return alpa_draft_set_attr(parser, draft, ordinal, value);
}

static void print_bare(alpa_printer *printer, const alpa_op *op, int ordinal) {
  op->attrs[ordinal]->def->print(alpa_printer_text(printer), op->attrs[ordinal]);
}

/* {attrs} : T, the type of the operand and of the result where there is one. */
static alpa_status parse_tail(alpa_parser *parser, alpa_draft *draft, bool has_result, alpa_op **out_op) {
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the type"));
  const alpa_type *type;
  ALPA_TRY(alpa_parser_parse_type(parser, &type));
  alpa_draft_add_operand_type(parser, draft, type);
  if (has_result)
    alpa_draft_add_result(parser, draft, type);
  return alpa_draft_build(parser, draft, out_op);
}

static uint64_t all_attrs(const alpa_op *op) { return (UINT64_C(1) << op->def->n_attrs) - 1; }

static void print_tail(alpa_printer *printer, const alpa_op *op) {
  alpa_printer_attr_dict(printer, op, all_attrs(op));
  alpa_text_string(alpa_printer_text(printer), " : ");
  alpa_printer_type(printer, alpa_op_operand_type(op, 0));
}

static void print_operand(alpa_printer *printer, const alpa_op *op) {
  alpa_text_char(alpa_printer_text(printer), ' ');
  alpa_printer_operands(printer, op, 0, 1);
}

/* ---- mesh @name = <["x"=2]> -------------------------------------------------------------------------------------- */

alpa_status alpa_sdy_parse_mesh(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  const char *name;
  ALPA_TRY(alpa_parser_parse_symbol(parser, &name));
  const alpa_attr *symbol = alpa_attr_get_string(alpa_parser_context(parser), name);
  ALPA_TRY(alpa_draft_set_attr(parser, draft, sdy_mesh_sym_name, symbol));
  ALPA_TRY(alpa_parser_expect(parser, '=', "before the mesh"));
  ALPA_TRY(parse_attr(parser, draft, sdy_mesh_mesh));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_sdy_print_mesh(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  alpa_printer_symbol(printer, alpa_symbol_name(op));
  alpa_text_string(text, " = ");
  print_attr(printer, op, sdy_mesh_mesh);
  alpa_printer_attr_dict(printer, op, all_attrs(op));
}

/* ---- %x <@mesh, [...]> : T --------------------------------------------------------------------------------------- */

alpa_status alpa_sdy_parse_sharding_constraint(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operand(parser));
  ALPA_TRY(parse_attr(parser, draft, 0));
  return parse_tail(parser, draft, true, out_op);
}

void alpa_sdy_print_sharding_constraint(alpa_printer *printer, const alpa_op *op) {
  print_operand(printer, op);
  alpa_text_char(alpa_printer_text(printer), ' ');
  print_attr(printer, op, 0);
  print_tail(printer, op);
}

/* ---- kind axes %x out_sharding=<@mesh, [...]> : T ---- */

/* The attribute of that kind which is not out_sharding, or -1. */
static int find_attr(const alpa_op_def *def, alpa_field_kind kind) {
  for (int i = 0; i < def->n_attrs; i++)
    if (def->attrs[i].kind == kind && def->attrs[i].def != &alpa_sdy_attr_sharding)
      return i;
  return -1;
}

static int find_out_sharding(const alpa_op_def *def) {
  int i = 0;
  while (def->attrs[i].def != &alpa_sdy_attr_sharding)
    i++;
  return i;
}

alpa_status alpa_sdy_parse_collective(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  int kind = find_attr(draft->def, ALPA_FIELD_ENUM), axes = find_attr(draft->def, ALPA_FIELD_STRUCT);
  if (kind >= 0 && alpa_parser_peek(parser) == ALPA_TOKEN_WORD)
    ALPA_TRY(parse_attr(parser, draft, kind));
  if (axes >= 0)
    ALPA_TRY(parse_bare(parser, draft, axes));
  ALPA_TRY(alpa_parser_parse_operand(parser));
  ALPA_TRY(parse_setting(parser, draft, "out_sharding", find_out_sharding(draft->def)));
  return parse_tail(parser, draft, true, out_op);
}

void alpa_sdy_print_collective(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  int kind = find_attr(op->def, ALPA_FIELD_ENUM), axes = find_attr(op->def, ALPA_FIELD_STRUCT);
  if (kind >= 0 && op->attrs[kind]) {
    alpa_text_char(text, ' ');
    print_attr(printer, op, kind);
  }
  if (axes >= 0) {
    alpa_text_char(text, ' ');
    print_bare(printer, op, axes);
  }
  print_operand(printer, op);
  print_setting(printer, op, "out_sharding", find_out_sharding(op->def));
  print_tail(printer, op);
}

/* ---- ops with one operand and one setting ---- */

alpa_status alpa_sdy_parse_sharding_group(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operand(parser));
  ALPA_TRY(parse_setting(parser, draft, "group_id", sdy_sharding_group_group_id));
  return parse_tail(parser, draft, false, out_op);
}

void alpa_sdy_print_sharding_group(alpa_printer *printer, const alpa_op *op) {
  print_operand(printer, op);
  print_setting(printer, op, "group_id", sdy_sharding_group_group_id);
  print_tail(printer, op);
}

alpa_status alpa_sdy_parse_propagation_barrier(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operand(parser));
  ALPA_TRY(parse_setting(parser, draft, "allowed_direction", sdy_propagation_barrier_allowed_direction));
  return parse_tail(parser, draft, true, out_op);
}

void alpa_sdy_print_propagation_barrier(alpa_printer *printer, const alpa_op *op) {
  print_operand(printer, op);
  print_setting(printer, op, "allowed_direction", sdy_propagation_barrier_allowed_direction);
  print_tail(printer, op);
}

alpa_status alpa_sdy_parse_data_flow_edge(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_operand(parser));
  if (alpa_parser_is_word(parser, "sharding"))
    ALPA_TRY(parse_setting(parser, draft, "sharding", sdy_data_flow_edge_sharding));
  return parse_tail(parser, draft, true, out_op);
}

void alpa_sdy_print_data_flow_edge(alpa_printer *printer, const alpa_op *op) {
  print_operand(printer, op);
  if (op->attrs[sdy_data_flow_edge_sharding])
    print_setting(printer, op, "sharding", sdy_data_flow_edge_sharding);
  print_tail(printer, op);
}

/* ---- constant and return ---- */

alpa_status alpa_sdy_parse_constant(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  const char *at = alpa_parser_at(parser);
  const alpa_attr *value;
  ALPA_TRY(alpa_parser_parse_attr(parser, &value));
  if (value->kind != ALPA_ATTR_ELEMENTS)
    return alpa_parser_error_at(parser, at, "expects a dense constant");
  ALPA_TRY(alpa_draft_set_attr(parser, draft, sdy_constant_value, value));
  alpa_draft_add_result(parser, draft, value->type);
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_sdy_print_constant(alpa_printer *printer, const alpa_op *op) {
  alpa_printer_attr_dict(printer, op, all_attrs(op));
  alpa_text_char(alpa_printer_text(printer), ' ');
  alpa_printer_attr(printer, op->attrs[sdy_constant_value]);
}

alpa_status alpa_sdy_parse_return(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_operands(parser));
  if (draft->operands.n) {
    ALPA_TRY(alpa_parser_expect(parser, ':', "before the types"));
    alpa_type_list types = {0};
    ALPA_TRY(alpa_parser_parse_types(parser, &types));
    for (size_t i = 0; i < types.n; i++)
      alpa_draft_add_operand_type(parser, draft, types.items[i]);
  }
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_sdy_print_return(alpa_printer *printer, const alpa_op *op) {
  alpa_printer_attr_dict(printer, op, 0);
  if (op->n_operands == 0)
    return;
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, ' ');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_text_string(text, " : ");
  alpa_printer_operand_types(printer, op, 0, op->n_operands);
}

/* ---- (%a, %b) settings (%x: T, %y: T) { ... } {attrs} : (T, T) -> T ---- */

static alpa_status parse_operands_in_parens(alpa_parser *parser) {
  ALPA_TRY(alpa_parser_expect(parser, '(', "before the operands"));
  ALPA_TRY(alpa_parser_parse_operands(parser));
  return alpa_parser_expect(parser, ')', "behind the operands");
}

/* word=[<...>, <...>]: the struct stands without its own brackets. */
static alpa_status parse_bare_setting(alpa_parser *parser, alpa_draft *draft, const char *word, int ordinal) {
  ALPA_TRY(alpa_parser_expect_word(parser, word));
  ALPA_TRY(alpa_parser_expect(parser, '=', "behind the name of an attribute"));
  return parse_bare(parser, draft, ordinal);
}

static alpa_status parse_body(alpa_parser *parser, alpa_draft *draft, alpa_op **out_op) {
  alpa_region_args args = {0};
  ALPA_TRY(alpa_parser_parse_region_args(parser, &args));
  ALPA_TRY(alpa_parser_parse_region(parser, args.items, args.n));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

alpa_status alpa_sdy_parse_manual_computation(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(parse_operands_in_parens(parser));
  ALPA_TRY(parse_bare_setting(parser, draft, "in_shardings", sdy_manual_computation_in_shardings));
  ALPA_TRY(parse_bare_setting(parser, draft, "out_shardings", sdy_manual_computation_out_shardings));
  ALPA_TRY(parse_bare_setting(parser, draft, "manual_axes", sdy_manual_computation_manual_axes));
  return parse_body(parser, draft, out_op);
}

alpa_status alpa_sdy_parse_named_computation(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(alpa_parser_expect(parser, '<', "before the name"));
  ALPA_TRY(parse_attr(parser, draft, sdy_named_computation_name));
  ALPA_TRY(alpa_parser_expect(parser, '>', "behind the name"));
  ALPA_TRY(parse_operands_in_parens(parser));
  if (alpa_parser_is_word(parser, "in_shardings"))
    ALPA_TRY(parse_bare_setting(parser, draft, "in_shardings", sdy_named_computation_in_shardings));
  if (alpa_parser_is_word(parser, "out_shardings"))
    ALPA_TRY(parse_bare_setting(parser, draft, "out_shardings", sdy_named_computation_out_shardings));
  return parse_body(parser, draft, out_op);
}

static void print_operands_in_parens(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, '(');
  alpa_printer_operands(printer, op, 0, op->n_operands);
  alpa_text_char(text, ')');
}

static void print_bare_setting(alpa_printer *printer, const alpa_op *op, const char *word, int ordinal) {
  if (!op->attrs[ordinal])
    return;
  alpa_text_printf(alpa_printer_text(printer), " %s=", word);
  print_bare(printer, op, ordinal);
}

static void print_body(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  const alpa_block *block = op->regions[0].first;
  alpa_text_string(text, " (");
  for (uint32_t i = 0; block && i < block->n_args; i++) {
    if (i)
      alpa_text_string(text, ", ");
    alpa_printer_region_arg(printer, block->args[i]);
  }
  alpa_text_string(text, ") ");
  alpa_printer_region(printer, &op->regions[0], false);
  alpa_printer_attr_dict(printer, op, all_attrs(op));
  alpa_printer_op_types(printer, op);
}

void alpa_sdy_print_manual_computation(alpa_printer *printer, const alpa_op *op) {
  print_operands_in_parens(printer, op);
  print_bare_setting(printer, op, "in_shardings", sdy_manual_computation_in_shardings);
  print_bare_setting(printer, op, "out_shardings", sdy_manual_computation_out_shardings);
  print_bare_setting(printer, op, "manual_axes", sdy_manual_computation_manual_axes);
  print_body(printer, op);
}

void alpa_sdy_print_named_computation(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  alpa_text_char(text, '<');
  print_attr(printer, op, sdy_named_computation_name);
  alpa_text_char(text, '>');
  print_operands_in_parens(printer, op);
  print_bare_setting(printer, op, "in_shardings", sdy_named_computation_in_shardings);
  print_bare_setting(printer, op, "out_shardings", sdy_named_computation_out_shardings);
  print_body(printer, op);
}
