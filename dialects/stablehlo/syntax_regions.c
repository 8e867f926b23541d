/* Custom forms of reduce and while.
 *
 *   reduce(%a init: %z), (%b init: %y) applies stablehlo.add across dimensions = [1] : F
 *   reduce(%a init: %z) across dimensions = [1] : F
 *    reducer(%x: T, %y: T)  { ... }
 *   while(%i = %a, %j = %b) : T, T
 *   cond { ... } do { ... } */
#include "dialects/ir/context.h"
#include "dialects/ir/parser.h"
#include "dialects/ir/printer.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_syntax.h"

#define ELIDE(attribute) (1ull << (attribute))

/* ---- reduce, read ---- */

/* (%a init: %z), ...: operands are the inputs, then the initial values. */
static alpa_status parse_pairs(alpa_parser *parser, alpa_draft *draft) {
  do {
    ALPA_TRY(alpa_parser_expect(parser, '(', "before an input"));
    ALPA_TRY(alpa_parser_parse_operand(parser));
    ALPA_TRY(alpa_parser_expect_word(parser, "init"));
    ALPA_TRY(alpa_parser_expect(parser, ':', NULL));
    ALPA_TRY(alpa_parser_parse_operand(parser));
    ALPA_TRY(alpa_parser_expect(parser, ')', "behind an initial value"));
  } while (alpa_parser_accept(parser, ','));
  size_t n = draft->operands.n / 2;
  alpa_operand_ref *pairs =
      alpa_arena_copy(alpa_parser_arena(parser), draft->operands.items, 2 * n * sizeof *draft->operands.items);
  for (size_t i = 0; i < n; i++) {
    draft->operands.items[i] = pairs[2 * i];
    draft->operands.items[n + i] = pairs[2 * i + 1];
  }
  return ALPA_OK;
}

static alpa_status parse_dimensions(alpa_parser *parser, alpa_draft *draft) {
  const alpa_attr *dimensions;
  ALPA_TRY(alpa_parser_expect_word(parser, "across"));
  ALPA_TRY(alpa_parser_expect_word(parser, "dimensions"));
  ALPA_TRY(alpa_parser_expect(parser, '=', NULL));
  ALPA_TRY(alpa_parser_parse_i64s(parser, &dimensions));
  ALPA_TRY(alpa_draft_set_attr(parser, draft, stablehlo_reduce_dimensions, dimensions));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  return alpa_parser_parse_op_types(parser);
}

/* What a compact form may apply: two operands, one result, order of no importance. */
static bool is_applicable(const alpa_op_def *def) {
  return def && def->dialect == &alpa_stablehlo_dialect && (def->traits & ALPA_COMMUTATIVE) && def->operands.min == 2 &&
         def->operands.max == 2 && def->results.min == 1 && def->results.max == 1 && def->regions == 0;
}

static alpa_status parse_applied(alpa_parser *parser, const alpa_op_def **out_def) {
  const char *at = alpa_parser_at(parser);
  alpa_str name;
  if (alpa_parser_peek(parser) == ALPA_TOKEN_STRING)
    ALPA_TRY(alpa_parser_parse_string(parser, &name));
  else
    ALPA_TRY(alpa_parser_parse_word(parser, &name));
  *out_def = alpa_op_def_find(alpa_parser_context(parser), name.data, name.size);
  if (!is_applicable(*out_def))
    return alpa_parser_error_at(parser, at,
                                "expected a commutative stablehlo op of two operands, such as "
                                "stablehlo.add, got '%.*s'",
                                (int)(name.size > 40 ? 40 : name.size), name.data);
  return ALPA_OK;
}

/* The body ^bb0(%a, %b): %r = applied %a, %b; return %r, everything at one location. */
static alpa_status build_body(alpa_parser *parser, const alpa_op_def *applied, const alpa_type *element,
                              const alpa_loc *loc, alpa_region *region) {
  alpa_module *module = alpa_parser_module(parser);
  const alpa_type *type = alpa_type_get_tensor_of(alpa_parser_context(parser), element, 0, NULL, NULL);
  alpa_block *block = alpa_block_create(module);
  alpa_block_append(region, block);
  for (int i = 0; i < 2; i++)
    alpa_parser_store_loc(parser, &alpa_block_add_arg(block, module, type, NULL)->loc, loc);
  alpa_op_state combine = {.def = applied, .operands = block->args, .n_operands = 2, .results = &type, .n_results = 1};
  alpa_op *op = alpa_op_create(module, &combine);
  alpa_op_insert(op, block, NULL);
  alpa_parser_store_loc(parser, &op->loc, loc);
  alpa_value *result = alpa_op_result(op, 0);
  alpa_op_state leave = {.def = &alpa_stablehlo_ops[STABLEHLO_return], .operands = &result, .n_operands = 1};
  alpa_op *end = alpa_op_create(module, &leave);
  alpa_op_insert(end, block, NULL);
  alpa_parser_store_loc(parser, &end->loc, loc);
  return ALPA_OK;
}

static alpa_status parse_compact(alpa_parser *parser, alpa_draft *draft, alpa_op **out_op) {
  const alpa_op_def *applied;
  const alpa_loc *loc;
  ALPA_TRY(parse_applied(parser, &applied));
  ALPA_TRY(parse_dimensions(parser, draft));
  const alpa_type *input = draft->operand_types.n ? draft->operand_types.items[0] : NULL;
  if (draft->operands.n != 2 || !input || input->kind != ALPA_TYPE_TENSOR)
    return alpa_parser_error_at(parser, draft->types_at, "the compact form reduces one tensor");
  ALPA_TRY(alpa_parser_parse_op_loc(parser, &loc));
  alpa_region *region = alpa_arena_new(&alpa_parser_module(parser)->arena, alpa_region, 1);
  alpa_vec_push(alpa_parser_arena(parser), &draft->regions, region);
  ALPA_TRY(build_body(parser, applied, input->element, loc, region));
  ALPA_TRY(alpa_draft_build(parser, draft, out_op));
  alpa_parser_store_loc(parser, &(*out_op)->loc, loc);
  return ALPA_OK;
}

/* reducer(%x0: T, %y0: T) (%x1: T, %y1: T) {...}: arguments are all x, then all y. */
static alpa_status parse_reducer(alpa_parser *parser, size_t n) {
  const char *at = alpa_parser_at(parser);
  alpa_region_args pairs = {0};
  ALPA_TRY(alpa_parser_expect_word(parser, "reducer"));
  while (alpa_parser_peek(parser) == '(')
    ALPA_TRY(alpa_parser_parse_region_args(parser, &pairs));
  if (pairs.n != 2 * n)
    return alpa_parser_error_at(parser, at, "expected %zu reducer arguments, got %zu", 2 * n, pairs.n);
  alpa_region_arg *args = alpa_arena_new(alpa_parser_arena(parser), alpa_region_arg, 2 * n);
  for (size_t i = 0; i < n; i++) {
    args[i] = pairs.items[2 * i];
    args[n + i] = pairs.items[2 * i + 1];
  }
  return alpa_parser_parse_region(parser, args, 2 * n);
}

alpa_status alpa_stablehlo_parse_reduce(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  ALPA_TRY(parse_pairs(parser, draft));
  if (alpa_parser_accept_word(parser, "applies"))
    return parse_compact(parser, draft, out_op);
  ALPA_TRY(parse_dimensions(parser, draft));
  ALPA_TRY(parse_reducer(parser, draft->operands.n / 2));
  return alpa_draft_build(parser, draft, out_op);
}

/* ---- reduce, written ---- */

/* The op that the compact form names, or NULL: the body applies it to its two arguments and returns the result. */
static const alpa_op *find_applied(const alpa_op *op) {
  const alpa_block *body = op->regions[0].first;
  if (!body || body->next || body->n_args != 2 || !body->first || body->first->next != body->last)
    return NULL;
  const alpa_op *applied = body->first, *end = body->last;
  bool forwards = is_applicable(applied->def) && applied->operands[0].value == body->args[0] &&
                  applied->operands[1].value == body->args[1] && stablehlo_is(end, STABLEHLO_return) &&
                  end->n_operands == 1 && end->operands[0].value == &applied->results[0];
  if (!forwards || applied->extra || end->extra)
    return NULL;
  const alpa_type *element = alpa_op_operand_type(op, 0)->element, *type = body->args[0]->type;
  bool same = alpa_type_is_scalar_tensor(type) && type->element == element && !type->encoding &&
              body->args[1]->type == type && alpa_op_type(applied) == type;
  return same ? applied : NULL;
}

static void print_dimensions(alpa_printer *printer, const alpa_op *op) {
  alpa_text_string(alpa_printer_text(printer), " across dimensions = ");
  alpa_printer_field(printer, &op->def->attrs[stablehlo_reduce_dimensions], op->attrs[stablehlo_reduce_dimensions]);
  alpa_printer_attr_dict(printer, op, ELIDE(stablehlo_reduce_dimensions));
  alpa_printer_op_types(printer, op);
}

static void print_reducer(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  const alpa_block *body = op->regions[0].first;
  uint32_t n = body ? body->n_args / 2 : 0;
  alpa_printer_newline(printer);
  alpa_text_string(text, " reducer");
  for (uint32_t i = 0; i < n; i++) {
    alpa_text_char(text, '(');
    alpa_printer_region_arg(printer, body->args[i]);
    alpa_text_string(text, ", ");
    alpa_printer_region_arg(printer, body->args[n + i]);
    alpa_text_string(text, ") ");
  }
  alpa_text_char(text, ' ');
  alpa_printer_region(printer, &op->regions[0], false);
}

void alpa_stablehlo_print_reduce(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  uint32_t n = op->n_operands / 2;
  for (uint32_t i = 0; i < n; i++) {
    alpa_text_string(text, i ? ", (" : "(");
    alpa_printer_operands(printer, op, i, 1);
    alpa_text_string(text, " init: ");
    alpa_printer_operands(printer, op, n + i, 1);
    alpa_text_char(text, ')');
  }
  const alpa_op *applied = find_applied(op);
  if (applied) {
    alpa_text_string(text, " applies ");
    alpa_text_string(text, applied->def->name);
  }
  print_dimensions(printer, op);
  if (!applied)
    print_reducer(printer, op);
}

/* ---- while ---- */

static alpa_status parse_iteration(alpa_parser *parser, alpa_region_args *args) {
  alpa_region_arg arg = {0};
  const char *at = alpa_parser_at(parser);
  ALPA_TRY(alpa_parser_parse_region_arg_name(parser, &arg.ref));
  arg.loc = alpa_parser_loc_at(parser, at);
  ALPA_TRY(alpa_parser_expect(parser, '=', "behind the name of an iteration argument"));
  ALPA_TRY(alpa_parser_parse_operand(parser));
  alpa_vec_push(alpa_parser_arena(parser), args, arg);
  return ALPA_OK;
}

static alpa_status parse_header(alpa_parser *parser, alpa_draft *draft, alpa_region_args *args) {
  ALPA_TRY(alpa_parser_expect(parser, '(', "before iteration arguments"));
  if (alpa_parser_peek(parser) != ')')
    do
      ALPA_TRY(parse_iteration(parser, args));
    while (alpa_parser_accept(parser, ','));
  ALPA_TRY(alpa_parser_expect(parser, ')', "behind iteration arguments"));
  if (args->n) {
    ALPA_TRY(alpa_parser_expect(parser, ':', "before the types of the iteration arguments"));
    draft->types_at = alpa_parser_at(parser);
    ALPA_TRY(alpa_parser_parse_types(parser, &draft->operand_types));
  }
  if (draft->operand_types.n != args->n)
    return alpa_parser_error_at(parser, draft->types_at, "'stablehlo.while' has %zu iteration arguments, but %zu types",
                                args->n, draft->operand_types.n);
  for (size_t i = 0; i < args->n; i++) {
    args->items[i].type = draft->operand_types.items[i];
    alpa_draft_add_result(parser, draft, args->items[i].type);
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_parse_while(alpa_parser *parser, alpa_op **out_op) {
  alpa_draft *draft = alpa_parser_draft(parser);
  alpa_region_args args = {0};
  ALPA_TRY(parse_header(parser, draft, &args));
  ALPA_TRY(alpa_parser_parse_attr_dict_with_word(parser));
  ALPA_TRY(alpa_parser_expect_word(parser, "cond"));
  ALPA_TRY(alpa_parser_parse_region(parser, args.items, args.n));
  ALPA_TRY(alpa_parser_expect_word(parser, "do"));
  ALPA_TRY(alpa_parser_parse_region(parser, args.items, args.n));
  return alpa_draft_build(parser, draft, out_op);
}

void alpa_stablehlo_print_while(alpa_printer *printer, const alpa_op *op) {
  alpa_text *text = alpa_printer_text(printer);
  const alpa_block *cond = op->regions[0].first;
  alpa_text_char(text, '(');
  for (uint32_t i = 0; i < op->n_operands && cond && i < cond->n_args; i++) {
    alpa_text_string(text, i ? ", " : "");
    alpa_printer_value(printer, cond->args[i]);
    alpa_text_string(text, " = ");
    alpa_printer_operands(printer, op, i, 1);
  }
  alpa_text_char(text, ')');
  if (op->n_operands)
    alpa_text_string(text, " : ");
  alpa_printer_operand_types(printer, op, 0, op->n_operands);
  alpa_printer_attr_dict_with_word(printer, op, 0);
  alpa_printer_newline(printer);
  alpa_text_string(text, "cond ");
  alpa_printer_region(printer, &op->regions[0], false);
  alpa_text_string(text, " do ");
  alpa_printer_region(printer, &op->regions[1], false);
}
