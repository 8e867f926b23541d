/* Ops from text: names of results, generic form, and the way to the custom forms.
 *
 *   %a, %b:2 = "d.op"(%x, %y)[^bb1] <{property = 1}> ({...}, {...}) {attribute} : (T, T) -> (T, T, T) loc(...)
 *   %a = d.op ... loc(...) */
#include <stdio.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/default_dialect.h"
#include "dialects/ir/parser_state.h"

/* ---- drafts ---- */

alpa_draft *alpa_parser_draft(alpa_parser *parser) { return parser->drafts.items[parser->n_drafts - 1]; }

static alpa_draft *push_draft(alpa_parser *parser) {
  if (parser->n_drafts == parser->drafts.n)
    alpa_vec_push(&parser->arena, &parser->drafts, alpa_arena_new(&parser->arena, alpa_draft, 1));
  alpa_draft *draft = parser->drafts.items[parser->n_drafts++];
  draft->operands.n = draft->operand_types.n = draft->results.n = draft->attrs.n = 0;
  draft->extra.items.n = draft->regions.n = draft->successors.n = 0;
  draft->extra.seen = (alpa_map){0};
  draft->properties = NULL;
  draft->types_at = NULL;
  return draft;
}

static void set_definition(alpa_parser *parser, alpa_draft *draft, const alpa_op_def *def) {
  draft->def = def;
  for (size_t i = 0; i < def->n_attrs; i++)
    alpa_vec_push(&parser->arena, &draft->attrs, NULL);
}

void alpa_draft_add_operand_type(alpa_parser *parser, alpa_draft *draft, const alpa_type *type) {
  alpa_vec_push(&parser->arena, &draft->operand_types, type);
}

void alpa_draft_add_result(alpa_parser *parser, alpa_draft *draft, const alpa_type *type) {
  alpa_vec_push(&parser->arena, &draft->results, type);
}

void alpa_draft_set_operand_types(alpa_parser *parser, alpa_draft *draft, const alpa_type *type) {
  draft->operand_types.n = 0;
  for (size_t i = 0; i < draft->operands.n; i++)
    alpa_draft_add_operand_type(parser, draft, type);
}

alpa_status alpa_draft_set_attr(alpa_parser *parser, alpa_draft *draft, int ordinal, const alpa_attr *attr) {
  if (draft->attrs.items[ordinal])
    return alpa_parser_error(parser, "attribute '%s' of '%s' is given twice", draft->def->attrs[ordinal].name,
                             draft->def->name);
  draft->attrs.items[ordinal] = attr;
  return ALPA_OK;
}

static alpa_status resolve_operands(alpa_parser *parser, const alpa_draft *draft) {
  if (draft->operand_types.n != draft->operands.n)
    return alpa_parser_error_at(parser, draft->types_at ? draft->types_at : draft->at,
                                "'%s' has %zu operands, but %zu operand types", draft->def->name, draft->operands.n,
                                draft->operand_types.n);
  parser->values.n = 0;
  for (size_t i = 0; i < draft->operands.n; i++) {
    alpa_value *value = NULL;
    ALPA_TRY(alpa_scope_find(parser, draft->operands.items[i], draft->operand_types.items[i], &value));
    alpa_vec_push(&parser->arena, &parser->values, value);
  }
  return ALPA_OK;
}

alpa_status alpa_draft_build(alpa_parser *parser, alpa_draft *draft, alpa_op **out_op) {
  ALPA_TRY(resolve_operands(parser, draft));
  const alpa_entries *extra = &draft->extra;
  alpa_op_state state = {
      .def = draft->def,
      .operands = parser->values.items,
      .n_operands = draft->operands.n,
      .results = draft->results.items,
      .n_results = draft->results.n,
      .attrs = draft->attrs.items,
      .extra = extra->items.n ? alpa_attr_get_dict(parser->ctx, extra->items.items, extra->items.n) : NULL,
      .successors = draft->successors.items,
      .n_successors = draft->successors.n,
      .n_regions = draft->regions.n,
  };
  alpa_op *op = alpa_op_create(parser->module, &state);
  op->properties = draft->properties;
  for (size_t i = 0; i < draft->regions.n; i++)
    alpa_region_take(&op->regions[i], draft->regions.items[i]);
  *out_op = op;
  return ALPA_OK;
}

/* ---- operands ---- */

static alpa_status parse_ref(alpa_parser *parser, alpa_operand_ref *out_ref) {
  if (parser->token.kind != ALPA_TOKEN_VALUE)
    return alpa_parser_expected(parser, "an SSA value");
  *out_ref = (alpa_operand_ref){.name = parser->token.at + 1, .size = (uint32_t)(parser->token.size - 1)};
  alpa_parser_advance(parser);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_region_arg_name(alpa_parser *parser, alpa_operand_ref *out_ref) {
  return parse_ref(parser, out_ref);
}

alpa_status alpa_parser_parse_operand(alpa_parser *parser) {
  alpa_operand_ref ref = {0};
  ALPA_TRY(parse_ref(parser, &ref));
  if (parser->token.kind == ALPA_TOKEN_HASH && parser->token.at == ref.name + ref.size &&
      alpa_char_is_digit(parser->token.at[1])) {
    uint64_t number = 0;
    for (size_t i = 1; i < parser->token.size && number <= UINT32_MAX; i++)
      number = number * 10 + (uint64_t)(parser->token.at[i] - '0');
    if (number > UINT32_MAX)
      return alpa_parser_error(parser, "invalid SSA value result number");
    ref.number = (uint32_t)number;
    alpa_parser_advance(parser);
  }
  alpa_vec_push(&parser->arena, &alpa_parser_draft(parser)->operands, ref);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_operands(alpa_parser *parser) {
  while (parser->token.kind == ALPA_TOKEN_VALUE) {
    ALPA_TRY(alpa_parser_parse_operand(parser));
    if (parser->token.kind != ',')
      break;
    alpa_token next = alpa_lexer_next(parser->token.at + 1, parser->end);
    if (next.kind != ALPA_TOKEN_VALUE)
      break; /* the comma belongs to what follows the operands */
    parser->token = next;
  }
  return ALPA_OK;
}

/* ---- attributes ---- */

static int find_ordinal(const alpa_op_def *def, const char *name) {
  for (int i = 0; i < def->n_attrs; i++)
    if (strcmp(def->attrs[i].name, name) == 0)
      return i;
  return -1;
}

static alpa_status set_inherent(alpa_parser *parser, alpa_draft *draft, int ordinal, const char *at,
                                const alpa_attr *value) {
  if (draft->attrs.items[ordinal])
    return alpa_parser_error_at(parser, at, "attribute '%s' of '%s' is given twice", draft->def->attrs[ordinal].name,
                                draft->def->name);
  ALPA_TRY(alpa_parser_convert_field(parser, &draft->def->attrs[ordinal], at, &value));
  draft->attrs.items[ordinal] = value;
  return ALPA_OK;
}

static alpa_status add_property(alpa_parser *parser, void *user, const char *name, const char *at,
                                const alpa_attr *value) {
  alpa_draft *draft = user;
  int ordinal = find_ordinal(draft->def, name);
  if (ordinal < 0)
    return alpa_parser_error_at(parser, at, "'%s' has no property '%s'", draft->def->name, name);
  return set_inherent(parser, draft, ordinal, at, value);
}

static alpa_status add_attribute(alpa_parser *parser, void *user, const char *name, const char *at,
                                 const alpa_attr *value) {
  alpa_draft *draft = user;
  int ordinal = find_ordinal(draft->def, name);
  if (ordinal >= 0)
    return set_inherent(parser, draft, ordinal, at, value);
  if (alpa_parser_is_repeated(parser, &draft->extra, name))
    return alpa_parser_error_at(parser, at, "duplicate key '%s' in dictionary attribute", name);
  alpa_vec_push(&parser->arena, &draft->extra.items, (alpa_named_attr){name, value});
  return ALPA_OK;
}

alpa_status alpa_parser_parse_attr_dict(alpa_parser *parser) {
  if (parser->token.kind != '{')
    return ALPA_OK;
  return alpa_parser_parse_entries(parser, add_attribute, alpa_parser_draft(parser));
}

alpa_status alpa_parser_parse_attr_dict_with_word(alpa_parser *parser) {
  if (!alpa_parser_accept_word(parser, "attributes"))
    return ALPA_OK;
  if (parser->token.kind != '{')
    return alpa_parser_expected(parser, "'{' behind 'attributes'");
  return alpa_parser_parse_attr_dict(parser);
}

static alpa_status parse_properties(alpa_parser *parser, alpa_draft *draft) {
  if (!alpa_parser_accept(parser, '<'))
    return ALPA_OK;
  if (draft->def->dialect)
    ALPA_TRY(alpa_parser_parse_entries(parser, add_property, draft));
  else
    ALPA_TRY(alpa_parser_parse_dict(parser, &draft->properties));
  return alpa_parser_expect(parser, '>', "behind properties");
}

/* ---- types ---- */

alpa_status alpa_parser_parse_function_type(alpa_parser *parser) {
  alpa_draft *draft = alpa_parser_draft(parser);
  draft->types_at = parser->token.at;
  ALPA_TRY(alpa_parser_expect(parser, '(', "before operand types"));
  ALPA_TRY(alpa_parser_parse_type_list(parser, ')', &draft->operand_types));
  ALPA_TRY(alpa_parser_expect(parser, ALPA_TOKEN_ARROW, "before result types"));
  if (alpa_parser_accept(parser, '('))
    return alpa_parser_parse_type_list(parser, ')', &draft->results);
  const alpa_type *result;
  ALPA_TRY(alpa_parser_parse_type(parser, &result));
  alpa_draft_add_result(parser, draft, result);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_op_types(alpa_parser *parser) {
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the types of the op"));
  return alpa_parser_parse_function_type(parser);
}

alpa_status alpa_parser_parse_op_type_or_types(alpa_parser *parser) {
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the types of the op"));
  if (parser->token.kind == '(')
    return alpa_parser_parse_function_type(parser);
  const alpa_type *type;
  ALPA_TRY(alpa_parser_parse_type(parser, &type));
  alpa_draft *draft = alpa_parser_draft(parser);
  alpa_draft_set_operand_types(parser, draft, type);
  alpa_draft_add_result(parser, draft, type);
  return ALPA_OK;
}

/* ---- generic form ---- */

static alpa_status parse_successors(alpa_parser *parser, alpa_draft *draft) {
  if (!alpa_parser_accept(parser, '['))
    return ALPA_OK;
  do {
    alpa_block *block;
    ALPA_TRY(alpa_parser_parse_successor(parser, &block));
    alpa_vec_push(&parser->arena, &draft->successors, block);
  } while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, ']', "behind successors");
}

static alpa_status parse_regions(alpa_parser *parser) {
  if (!alpa_parser_accept(parser, '('))
    return ALPA_OK;
  do
    ALPA_TRY(alpa_parser_parse_region(parser, NULL, 0));
  while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, ')', "behind regions");
}

static bool is_dialect(const char *name, size_t size) {
  for (size_t d = 0; d < ALPA_DIALECT_COUNT; d++)
    if (strlen(alpa_dialects[d]->name) == size && memcmp(alpa_dialects[d]->name, name, size) == 0)
      return true;
  return false;
}

/* For an op that no dialect has. */
static alpa_status make_definition(alpa_parser *parser, const char *at, alpa_str name, const alpa_op_def **out_def) {
  const char *dot = memchr(name.data, '.', name.size);
  int shown = (int)(name.size > 80 ? 80 : name.size), dialect = dot ? (int)(dot - name.data) : 0;
  if (name.size == 0 || memchr(name.data, 0, name.size))
    return alpa_parser_error_at(parser, at, "invalid op name");
  if (!parser->ctx->allow_unregistered && dot && is_dialect(name.data, (size_t)dialect))
    return alpa_parser_error_at(parser, at,
                                "'%.*s' is not an op of the dialect '%.*s'; --allow-unregistered-dialect "
                                "keeps it as it is",
                                shown, name.data, dialect, name.data);
  if (!parser->ctx->allow_unregistered)
    return alpa_parser_error_at(parser, at,
                                "'%.*s' is an op of an unregistered dialect; --allow-unregistered-dialect "
                                "keeps it as it is",
                                shown, name.data);
  *out_def = alpa_op_def_unregistered(parser->ctx, name.data, name.size);
  return ALPA_OK;
}

static alpa_status find_definition(alpa_parser *parser, const char *at, alpa_str name, const alpa_op_def **out_def) {
  bool in_text = name.size >= 8 && name.data >= parser->begin && name.data < parser->end;
  size_t slot = 0;
  *out_def = in_text ? alpa_text_cache_find(&parser->definitions, name.data, name.size, &slot) : NULL;
  if (*out_def)
    return ALPA_OK;
  *out_def = alpa_op_def_find(parser->ctx, name.data, name.size);
  if (!*out_def)
    ALPA_TRY(make_definition(parser, at, name, out_def));
  if (in_text)
    alpa_text_cache_set(&parser->definitions, slot, name.data, name.size, *out_def);
  return ALPA_OK;
}

static alpa_status parse_generic(alpa_parser *parser, alpa_draft *draft, alpa_op **out_op) {
  alpa_str name;
  const alpa_op_def *def;
  ALPA_TRY(alpa_parser_parse_string(parser, &name));
  ALPA_TRY(find_definition(parser, draft->at, name, &def));
  set_definition(parser, draft, def);
  ALPA_TRY(alpa_parser_expect(parser, '(', "before operands"));
  ALPA_TRY(alpa_parser_parse_operands(parser));
  ALPA_TRY(alpa_parser_expect(parser, ')', "behind operands"));
  ALPA_TRY(parse_successors(parser, draft));
  ALPA_TRY(parse_properties(parser, draft));
  ALPA_TRY(parse_regions(parser));
  ALPA_TRY(alpa_parser_parse_attr_dict(parser));
  ALPA_TRY(alpa_parser_parse_op_types(parser));
  return alpa_draft_build(parser, draft, out_op);
}

/* ---- custom form ---- */

/* A name without a dot means an op of func or builtin; which of them, the op around it says first. */
static const alpa_op_def *find_bare(alpa_parser *parser, alpa_str name) {
  const char *around = "";
  for (const alpa_region_state *region = parser->region; region && !*around; region = region->outer)
    around = alpa_op_def_default_dialect(region->parent);
  const char *const prefixes[] = {around, "builtin", "func"};
  for (size_t i = 0; i < countof(prefixes); i++) {
    char full[96];
    int size = snprintf(full, sizeof full, "%s.%.*s", prefixes[i], (int)name.size, name.data);
    const alpa_op_def *def =
        *prefixes[i] && size < (int)sizeof full ? alpa_op_def_find(parser->ctx, full, (size_t)size) : NULL;
    if (def)
      return def;
  }
  return NULL;
}

static alpa_status find_custom(alpa_parser *parser, alpa_str name, const alpa_op_def **out_def) {
  if (memchr(name.data, '.', name.size)) {
    ALPA_TRY(find_definition(parser, name.data, name, out_def));
    if ((*out_def)->dialect)
      return ALPA_OK;
    return alpa_parser_error_at(parser, name.data,
                                "the op '%.*s' is unregistered and can be read in generic form "
                                "only: \"%.*s\"(...)",
                                (int)name.size, name.data, (int)name.size, name.data);
  }
  *out_def = name.size < 64 ? find_bare(parser, name) : NULL;
  if (*out_def)
    return ALPA_OK;
  return alpa_parser_error_at(parser, name.data, "custom op '%.*s' is unknown", (int)(name.size > 80 ? 80 : name.size),
                              name.data);
}

static alpa_status parse_custom(alpa_parser *parser, alpa_draft *draft, alpa_op **out_op) {
  const alpa_op_def *def = NULL;
  ALPA_TRY(find_custom(parser, alpa_parser_text(parser), &def));
  set_definition(parser, draft, def);
  if (!def->syntax.parse && !def->syntax.format)
    return alpa_parser_error(parser, "'%s' has no custom form; write it in generic form: \"%s\"(...)", def->name,
                             def->name);
  alpa_parser_advance(parser);
  if (def->syntax.parse)
    return def->syntax.parse(parser, out_op);
  ALPA_TRY(alpa_parser_parse_format(parser, def->syntax.format));
  return alpa_draft_build(parser, draft, out_op);
}

/* ---- results ---- */

static alpa_status parse_bound_names(alpa_parser *parser) {
  do {
    alpa_operand_ref ref = {0};
    ALPA_TRY(parse_ref(parser, &ref));
    ref.number = 1;
    if (alpa_parser_accept(parser, ':')) {
      const char *at = parser->token.at;
      int64_t n = 0;
      ALPA_TRY(alpa_parser_parse_int(parser, &n));
      if (n < 1 || n > UINT32_MAX)
        return alpa_parser_error_at(parser, at, "expected named operation to have at least 1 result");
      ref.number = (uint32_t)n;
    }
    alpa_vec_push(&parser->arena, &parser->bound, ref);
  } while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, '=', "after SSA name");
}

static alpa_status bind_results(alpa_parser *parser, const alpa_op *op, const char *at, size_t first) {
  uint64_t n = 0;
  for (size_t i = first; i < parser->bound.n; i++)
    n += parser->bound.items[i].number;
  if (n != op->n_results)
    return alpa_parser_error_at(parser, at, "operation defines %u results but was provided %llu to bind", op->n_results,
                                (unsigned long long)n);
  uint32_t result = 0;
  for (size_t i = first; i < parser->bound.n; i++) {
    alpa_operand_ref ref = parser->bound.items[i];
    ALPA_TRY(alpa_scope_define(parser, ref, &op->results[result], ref.number));
    result += ref.number;
  }
  parser->bound.n = first;
  return ALPA_OK;
}

alpa_status alpa_parser_parse_op_loc(alpa_parser *parser, const alpa_loc **out_loc) {
  const alpa_loc *loc = NULL;
  ALPA_TRY(alpa_parser_parse_trailing_loc(parser, &loc));
  *out_loc = loc ? loc : alpa_parser_loc_at(parser, alpa_parser_draft(parser)->at);
  return ALPA_OK;
}

static alpa_status parse_loc(alpa_parser *parser, alpa_op *op, alpa_place place) {
  const alpa_loc *loc = NULL;
  if (op->loc)
    return ALPA_OK;
  ALPA_TRY(alpa_parser_parse_trailing_loc(parser, &loc));
  alpa_parser_store_loc(parser, &op->loc, loc ? loc : alpa_parser_loc_of(parser, place));
  return ALPA_OK;
}

alpa_status alpa_parser_parse_op(alpa_parser *parser, alpa_op **out_op) {
  const char *at = parser->token.at;
  size_t first = parser->bound.n;
  if (parser->token.kind == ALPA_TOKEN_VALUE)
    ALPA_TRY(parse_bound_names(parser));
  bool generic = parser->token.kind == ALPA_TOKEN_STRING;
  if (!generic && parser->token.kind != ALPA_TOKEN_WORD)
    return alpa_parser_expected(parser, "an op");
  alpa_draft *draft = push_draft(parser);
  draft->at = parser->token.at;
  alpa_place place = alpa_parser_count_to(parser, draft->at);
  alpa_op *op = NULL;
  ALPA_TRY(generic ? parse_generic(parser, draft, &op) : parse_custom(parser, draft, &op));
  parser->n_drafts--;
  ALPA_TRY(parse_loc(parser, op, place));
  if (parser->bound.n > first)
    ALPA_TRY(bind_results(parser, op, at, first));
  *out_op = op;
  return ALPA_OK;
}
