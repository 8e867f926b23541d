/* Locations from text, and aliases.
 *
 * JAX writes `loc(#loc8)` on an op and defines #loc8 at the end of the file.  Such a location is stored as the stand-in
 * of its alias, the place is remembered, and everything is filled in when the text has been read. */
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parser_state.h"

alpa_alias *alpa_parser_alias(alpa_parser *parser, alpa_str name) {
  const char *interned = alpa_name_n(parser->ctx, name.data, name.size);
  alpa_alias *alias = alpa_map_get_pointer(&parser->aliases, interned);
  if (!alias) {
    alias = alpa_arena_new(&parser->arena, alpa_alias, 1);
    alias->name = interned;
    alias->stand_in = (alpa_loc){.kind = ALPA_LOC_OPAQUE, .name = interned};
    alpa_map_set_pointer(&parser->arena, &parser->aliases, interned, alias);
  }
  return alias;
}

/* The alias that a location stands in for, or NULL.  Stand-ins are not interned and have no hash. */
static alpa_alias *alias_of(const alpa_loc *loc) {
  if (loc->kind != ALPA_LOC_OPAQUE || loc->hash != 0)
    return NULL;
  return (alpa_alias *)((char *)(uintptr_t)loc - offsetof(alpa_alias, stand_in));
}

void alpa_parser_store_loc(alpa_parser *parser, const alpa_loc **slot, const alpa_loc *loc) {
  alpa_alias *alias = alias_of(loc);
  *slot = alias && alias->loc ? alias->loc : loc;
  if (alias && !alias->loc)
    alpa_vec_push(&parser->arena, &parser->forward_locs, (alpa_forward_loc){slot, alias});
}

alpa_status alpa_parser_resolve_locs(alpa_parser *parser) {
  for (size_t i = 0; i < parser->forward_locs.n; i++) {
    const alpa_forward_loc *forward = &parser->forward_locs.items[i];
    if (!forward->alias->loc)
      return alpa_parser_error_at(parser, forward->alias->at, "undefined location alias '%s'", forward->alias->name);
    *forward->slot = forward->alias->loc;
  }
  return ALPA_OK;
}

static alpa_status parse_body(alpa_parser *parser, const alpa_loc **out_loc);

static alpa_status parse_position(alpa_parser *parser, uint32_t *out_number) {
  int64_t number;
  const char *at = parser->token.at;
  ALPA_TRY(alpa_parser_parse_int(parser, &number));
  if (number < 0 || number > UINT32_MAX)
    return alpa_parser_error_at(parser, at, "a line or column has 32 bits, got %lld", (long long)number);
  *out_number = (uint32_t)number;
  return ALPA_OK;
}

/* :line:column, and from LLVM 20 on ` to line:column` or ` to :column`. */
static alpa_status parse_file_position(alpa_parser *parser, alpa_loc *key) {
  key->kind = ALPA_LOC_FILE;
  alpa_parser_advance(parser);
  ALPA_TRY(parse_position(parser, &key->line));
  ALPA_TRY(alpa_parser_expect(parser, ':', "between line and column"));
  ALPA_TRY(parse_position(parser, &key->column));
  if (!alpa_parser_accept_word(parser, "to"))
    return ALPA_OK;
  key->end_line = key->line;
  if (parser->token.kind != ':')
    ALPA_TRY(parse_position(parser, &key->end_line));
  ALPA_TRY(alpa_parser_expect(parser, ':', "between line and column"));
  return parse_position(parser, &key->end_column);
}

static alpa_status parse_child(alpa_parser *parser, const alpa_loc **out_loc) {
  const char *at = parser->token.at;
  ALPA_TRY(parse_body(parser, out_loc));
  if (alias_of(*out_loc))
    return alpa_parser_error_at(parser, at, "location alias '%s' is used inside a location before its definition",
                                (*out_loc)->name);
  return ALPA_OK;
}

static alpa_status parse_named(alpa_parser *parser, const alpa_loc **out_loc) {
  alpa_loc key = {.kind = ALPA_LOC_NAME};
  alpa_str text;
  const alpa_loc *child;
  const char *at = parser->token.at;
  ALPA_TRY(alpa_parser_parse_string(parser, &text));
  if (memchr(text.data, 0, text.size))
    return alpa_parser_error_at(parser, at, "a location cannot have a zero byte in its name");
  key.name = alpa_name_n(parser->ctx, text.data, text.size);
  if (parser->token.kind == ':') {
    ALPA_TRY(parse_file_position(parser, &key));
  } else if (alpa_parser_accept(parser, '(')) {
    ALPA_TRY(parse_child(parser, &child));
    ALPA_TRY(alpa_parser_expect(parser, ')', "behind the child of a location"));
    key.children = &child;
    key.n_children = child->kind != ALPA_LOC_UNKNOWN;
  }
  *out_loc = alpa_loc_get(parser->ctx, &key);
  return ALPA_OK;
}

static alpa_status parse_callsite(alpa_parser *parser, const alpa_loc **out_loc) {
  const alpa_loc *children[2];
  alpa_parser_advance(parser);
  ALPA_TRY(alpa_parser_expect(parser, '(', "behind 'callsite'"));
  ALPA_TRY(parse_child(parser, &children[0]));
  ALPA_TRY(alpa_parser_expect_word(parser, "at"));
  ALPA_TRY(parse_child(parser, &children[1]));
  ALPA_TRY(alpa_parser_expect(parser, ')', "behind the caller of a location"));
  *out_loc = alpa_loc_get(parser->ctx, &(alpa_loc){.kind = ALPA_LOC_CALLSITE, .children = children, .n_children = 2});
  return ALPA_OK;
}

static alpa_status parse_fused(alpa_parser *parser, const alpa_loc **out_loc) {
  alpa_loc key = {.kind = ALPA_LOC_FUSED};
  ALPA_VEC(const alpa_loc *) children = {0};
  alpa_parser_advance(parser);
  if (alpa_parser_accept(parser, '<')) {
    ALPA_TRY(alpa_parser_parse_attr(parser, &key.meta));
    ALPA_TRY(alpa_parser_expect(parser, '>', "behind the data of a fused location"));
  }
  ALPA_TRY(alpa_parser_expect(parser, '[', "before fused locations"));
  if (parser->token.kind != ']')
    do {
      const alpa_loc *child;
      ALPA_TRY(parse_child(parser, &child));
      alpa_vec_push(&parser->arena, &children, child);
    } while (alpa_parser_accept(parser, ','));
  ALPA_TRY(alpa_parser_expect(parser, ']', "behind fused locations"));
  key.children = children.items;
  key.n_children = (uint32_t)children.n;
  *out_loc = alpa_loc_get(parser->ctx, &key);
  return ALPA_OK;
}

static alpa_status parse_alias_use(alpa_parser *parser, const alpa_loc **out_loc) {
  alpa_alias *alias = alpa_parser_alias(parser, alpa_parser_text(parser));
  if (alias->attr)
    return alpa_parser_error(parser, "expected a location, but '%s' is an attribute", alias->name);
  if (!alias->at)
    alias->at = parser->token.at;
  alpa_parser_advance(parser);
  *out_loc = alias->loc ? alias->loc : &alias->stand_in;
  return alias->loc ? alpa_parser_use_alias(parser, alias) : ALPA_OK;
}

/* word<...>[...]: a form of another version of MLIR. */
static alpa_status keep_text(alpa_parser *parser, const alpa_loc **out_loc) {
  const char *from = parser->token.at;
  alpa_str text = alpa_parser_text(parser);
  alpa_parser_advance(parser);
  while (parser->token.kind == '<' || parser->token.kind == '[' || parser->token.kind == '(')
    ALPA_TRY(alpa_parser_skip_balanced(parser, from, &text));
  const char *name = alpa_name_n(parser->ctx, text.data, text.size);
  *out_loc = alpa_loc_get(parser->ctx, &(alpa_loc){.kind = ALPA_LOC_OPAQUE, .name = name});
  return ALPA_OK;
}

static alpa_status parse_form(alpa_parser *parser, const alpa_loc **out_loc) {
  if (parser->token.kind == ALPA_TOKEN_HASH)
    return parse_alias_use(parser, out_loc);
  if (parser->token.kind == ALPA_TOKEN_STRING)
    return parse_named(parser, out_loc);
  if (alpa_parser_is_word(parser, "callsite"))
    return parse_callsite(parser, out_loc);
  if (alpa_parser_is_word(parser, "fused"))
    return parse_fused(parser, out_loc);
  if (alpa_parser_accept_word(parser, "unknown")) {
    *out_loc = alpa_loc_get_unknown(parser->ctx);
    return ALPA_OK;
  }
  if (parser->token.kind == ALPA_TOKEN_WORD)
    return keep_text(parser, out_loc);
  return alpa_parser_expected(parser, "a location");
}

static alpa_status parse_body(alpa_parser *parser, const alpa_loc **out_loc) {
  ALPA_TRY(alpa_parser_enter(parser));
  ALPA_TRY(parse_form(parser, out_loc));
  alpa_parser_leave(parser);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_loc(alpa_parser *parser, const alpa_loc **out_loc) {
  ALPA_TRY(alpa_parser_expect_word(parser, "loc"));
  ALPA_TRY(alpa_parser_expect(parser, '(', "behind 'loc'"));
  ALPA_TRY(parse_body(parser, out_loc));
  return alpa_parser_expect(parser, ')', "behind a location");
}

alpa_status alpa_parser_parse_trailing_loc(alpa_parser *parser, const alpa_loc **out_loc) {
  return alpa_parser_is_word(parser, "loc") ? alpa_parser_parse_loc(parser, out_loc) : ALPA_OK;
}
