/* Regions and blocks from text.
 *
 *   { ops }      { ^bb0(%a: T loc(..), %b: T): ops ^bb1: ops } */
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parser_state.h"

/* ---- labels ---- */

static alpa_label *find_label(alpa_parser *parser) {
  alpa_region_state *state = parser->region;
  const char *name = alpa_name_n(parser->ctx, parser->token.at, parser->token.size);
  alpa_label *label = alpa_map_get_pointer(&state->labels, name);
  if (!label) {
    label = alpa_arena_new(&parser->arena, alpa_label, 1);
    *label = (alpa_label){.name = name, .block = alpa_block_create(parser->module), .at = parser->token.at};
    alpa_map_set_pointer(&parser->arena, &state->labels, name, label);
    alpa_vec_push(&parser->arena, &state->order, label);
  }
  return label;
}

alpa_status alpa_parser_parse_successor(alpa_parser *parser, alpa_block **out_block) {
  if (parser->token.kind != ALPA_TOKEN_BLOCK)
    return alpa_parser_expected(parser, "a block name");
  *out_block = find_label(parser)->block;
  alpa_parser_advance(parser);
  return ALPA_OK;
}

static alpa_status check_labels(alpa_parser *parser) {
  for (size_t i = 0; i < parser->region->order.n; i++) {
    const alpa_label *label = parser->region->order.items[i];
    if (!label->defined)
      return alpa_parser_error_at(parser, label->at, "reference to an undefined block '%s'", label->name);
  }
  return ALPA_OK;
}

/* ---- block arguments ---- */

static alpa_status add_arg(alpa_parser *parser, alpa_block *block, const alpa_region_arg *arg) {
  alpa_value *value = alpa_block_add_arg(block, parser->module, arg->type, NULL);
  const alpa_loc *loc = arg->loc;
  if (!loc)
    loc = alpa_parser_loc_at(parser, arg->ref.name - 1);
  alpa_parser_store_loc(parser, &value->loc, loc);
  return alpa_scope_define(parser, arg->ref, value, 1);
}

static alpa_status parse_arg(alpa_parser *parser, alpa_region_arg *arg) {
  ALPA_TRY(alpa_parser_parse_region_arg_name(parser, &arg->ref));
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the type of an argument"));
  ALPA_TRY(alpa_parser_parse_type(parser, &arg->type));
  if (parser->token.kind == '{')
    ALPA_TRY(alpa_parser_parse_dict(parser, &arg->attrs));
  return alpa_parser_parse_trailing_loc(parser, &arg->loc);
}

alpa_status alpa_parser_parse_region_args(alpa_parser *parser, alpa_region_args *args) {
  ALPA_TRY(alpa_parser_expect(parser, '(', "before arguments"));
  if (alpa_parser_accept(parser, ')'))
    return ALPA_OK;
  do {
    alpa_region_arg arg = {0};
    ALPA_TRY(parse_arg(parser, &arg));
    alpa_vec_push(&parser->arena, args, arg);
  } while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, ')', "behind arguments");
}

static alpa_status parse_block_args(alpa_parser *parser, alpa_block *block) {
  if (!alpa_parser_accept(parser, '('))
    return ALPA_OK;
  if (alpa_parser_accept(parser, ')'))
    return ALPA_OK;
  do {
    alpa_region_arg arg = {0};
    ALPA_TRY(parse_arg(parser, &arg));
    if (arg.attrs)
      return alpa_parser_error(parser, "a block argument cannot have attributes");
    ALPA_TRY(add_arg(parser, block, &arg));
  } while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, ')', "behind block arguments");
}

/* ---- blocks ---- */

static alpa_status parse_ops(alpa_parser *parser, alpa_block *block) {
  while (parser->token.kind != '}' && parser->token.kind != ALPA_TOKEN_BLOCK) {
    alpa_op *op = NULL;
    ALPA_TRY(alpa_parser_parse_op(parser, &op));
    alpa_op_insert(op, block, NULL);
  }
  return ALPA_OK;
}

static alpa_status parse_labelled_block(alpa_parser *parser) {
  alpa_label *label = find_label(parser);
  if (label->defined)
    return alpa_parser_error(parser, "redefinition of block '%s'", label->name);
  label->defined = true;
  alpa_parser_advance(parser);
  alpa_block_append(parser->region->region, label->block);
  ALPA_TRY(parse_block_args(parser, label->block));
  ALPA_TRY(alpa_parser_expect(parser, ':', "behind a block label"));
  return parse_ops(parser, label->block);
}

static alpa_status parse_entry(alpa_parser *parser, const alpa_region_arg *args, size_t n_args) {
  alpa_block *block = alpa_block_create(parser->module);
  alpa_block_append(parser->region->region, block);
  for (size_t i = 0; i < n_args; i++)
    ALPA_TRY(add_arg(parser, block, &args[i]));
  return parse_ops(parser, block);
}

static alpa_status parse_blocks(alpa_parser *parser, const alpa_region_arg *args, size_t n_args) {
  bool labelled = parser->token.kind == ALPA_TOKEN_BLOCK;
  if (labelled && n_args)
    return alpa_parser_error(parser, "the entry block cannot have a label: its arguments are given before the region");
  if (!labelled && (n_args || parser->token.kind != '}'))
    ALPA_TRY(parse_entry(parser, args, n_args));
  while (parser->token.kind == ALPA_TOKEN_BLOCK)
    ALPA_TRY(parse_labelled_block(parser));
  ALPA_TRY(check_labels(parser));
  return alpa_parser_expect(parser, '}', "at the end of a region");
}

alpa_status alpa_parser_parse_region(alpa_parser *parser, const alpa_region_arg *args, size_t n_args) {
  alpa_draft *draft = alpa_parser_draft(parser);
  bool isolated = (draft->def->traits & ALPA_ISOLATED) != 0;
  alpa_region_state state = {
      .outer = parser->region, .region = alpa_arena_new(&parser->module->arena, alpa_region, 1), .parent = draft->def};
  alpa_vec_push(&parser->arena, &draft->regions, state.region);
  ALPA_TRY(alpa_parser_enter(parser));
  ALPA_TRY(alpa_parser_expect(parser, '{', "before a region"));
  if (isolated)
    alpa_scope_push(parser);
  size_t mark = alpa_scope_mark(parser);
  parser->region = &state;
  ALPA_TRY(parse_blocks(parser, args, n_args));
  parser->region = state.outer;
  if (isolated)
    ALPA_TRY(alpa_scope_pop(parser));
  else
    alpa_scope_reset(parser, mark);
  alpa_parser_leave(parser);
  return ALPA_OK;
}
