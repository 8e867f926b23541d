/* Whole files: ops, alias definitions, trailer; the module around them. */
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/parser_state.h"
#include "dialects/ir/verify.h"

/* ---- alias definitions ---- */

static alpa_status parse_alias_value(alpa_parser *parser, alpa_alias *alias, bool is_type) {
  if (is_type)
    return alpa_parser_parse_type(parser, &alias->type);
  if (!alpa_parser_is_word(parser, "loc"))
    return alpa_parser_parse_attr(parser, &alias->attr);
  const char *at = parser->token.at;
  const alpa_loc *loc;
  ALPA_TRY(alpa_parser_parse_loc(parser, &loc));
  if (loc->hash == 0)
    return alpa_parser_error_at(parser, at, "location alias '%s' is defined by an alias that is not defined yet",
                                alias->name);
  alias->loc = loc;
  return ALPA_OK;
}

/* #name = attribute, #name = loc(...), !name = type */
static alpa_status parse_alias(alpa_parser *parser) {
  bool is_type = parser->token.kind == ALPA_TOKEN_BANG;
  alpa_str name = alpa_parser_text(parser);
  if (memchr(name.data, '.', name.size))
    return alpa_parser_error(parser, "an alias name cannot contain a '.', that is for dialects");
  alpa_alias *alias = alpa_parser_alias(parser, name);
  if (alias->attr || alias->type || alias->loc)
    return alpa_parser_error(parser, "redefinition of alias '%s'", alias->name);
  alpa_parser_advance(parser);
  ALPA_TRY(alpa_parser_expect(parser, '=', "in an alias definition"));
  uint64_t weight = parser->weight;
  parser->reach = parser->depth;
  ALPA_TRY(parse_alias_value(parser, alias, is_type));
  alias->height = parser->reach - parser->depth;
  alias->weight = parser->weight - weight;
  return ALPA_OK;
}

/* ---- top level ---- */

static alpa_status parse_top(alpa_parser *parser, alpa_block *body) {
  for (;;) {
    switch (parser->token.kind) {
    case ALPA_TOKEN_END:
      return ALPA_OK;
    case ALPA_TOKEN_HASH:
    case ALPA_TOKEN_BANG:
      ALPA_TRY(parse_alias(parser));
      break;
    case ALPA_TOKEN_TRAILER:
      ALPA_TRY(alpa_parser_parse_trailer(parser));
      break;
    default: {
      alpa_op *op = NULL;
      ALPA_TRY(alpa_parser_parse_op(parser, &op));
      alpa_op_insert(op, body, NULL);
    }
    }
  }
}

/* A file that is one module is that module; anything else stands in the implicit one. */
static void unwrap(alpa_module *module) {
  alpa_op *only = alpa_module_body(module)->first;
  if (!only || only->next || only->def != module->op->def)
    return;
  alpa_op_remove(only);
  module->op = only;
}

static alpa_status parse_file(alpa_parser *parser) {
  alpa_region_state top = {.region = &parser->module->op->regions[0], .parent = parser->module->op->def};
  parser->region = &top;
  alpa_scope_push(parser);
  ALPA_TRY(alpa_parser_find_resources(parser));
  ALPA_TRY(parse_top(parser, alpa_module_body(parser->module)));
  ALPA_TRY(alpa_scope_pop(parser));
  return alpa_parser_resolve_locs(parser);
}

static alpa_status read_module(alpa_parser *parser, const alpa_parse_options *options, alpa_module *module) {
  parser->module = module;
  ALPA_TRY(parse_file(parser));
  unwrap(module);
  return options->no_verify ? ALPA_OK : alpa_op_verify(module->op);
}

alpa_status alpa_module_read(alpa_context *ctx, alpa_str text, const alpa_parse_options *options,
                             alpa_module **out_module) {
  static const alpa_parse_options defaults = {0};
  alpa_parser parser;
  options = options ? options : &defaults;
  if (text.size > UINT32_MAX)
    return alpa_error(&ctx->diag, (alpa_place){options->name, 0, 0}, ALPA_UNSUPPORTED,
                      "a text of more than 4 GiB cannot be read");
  alpa_parser_init(&parser, ctx, text, options->name, options->first_line);
  alpa_diag_add_source(&ctx->diag, parser.file, text, parser.first_line);
  alpa_module *module = alpa_module_create(ctx, alpa_loc_get_file(ctx, parser.file, 0, 0)); /* the whole file */
  alpa_status status = read_module(&parser, options, module);
  if (status == ALPA_OK && options->out_reproducer_pipeline)
    *options->out_reproducer_pipeline = parser.pipeline;
  ctx->diag.sources.n--;
  alpa_parser_deinit(&parser);
  if (status == ALPA_OK)
    *out_module = module;
  else
    alpa_module_destroy(module);
  return status;
}
