/* SSA names: which value a name means.
 *
 * Every isolated region has a table of its own; other regions see through to the names around them, and their own are
 * forgotten when they end.  A name that is used before its definition gets a stand-in of the type that the use states;
 * the definition takes the uses over. */
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parser_state.h"

enum { FIRST_CAPACITY = 256 };

/* The first eight bytes of a name, zeros behind it; `end` is the end of what may be read. */
static uint64_t load_head(const char *name, uint32_t size, const char *end) {
  uint64_t word = 0;
  if (end - name < 8)
    memcpy(&word, name, size < 8 ? size : 8);
  else
    memcpy(&word, name, 8);
  return size < 8 ? word & ((1ull << (8 * size)) - 1) : word;
}

/* Names have a few bytes, which are read at once.  Small numbers, which printers give out in order, go to every other
 * place: neighbours in the text stay neighbours, and the gaps keep probing short. */
static uint32_t hash_name(const char *name, uint32_t size, const char *end) {
  uint32_t number = 0, i = 0;
  for (; i < size && i < 7 && alpa_char_is_digit(name[i]); i++)
    number = number * 10 + (uint32_t)(name[i] - '0');
  if (i == size)
    return number * 2;
  uint64_t hash = size <= 8 ? load_head(name, size, end) : alpa_hash64(name, size, 0);
  return (uint32_t)((hash ^ size) * 0xFF51AFD7ED558CCDu >> 32);
}

void alpa_scope_push(alpa_parser *parser) {
  alpa_scope *outer = parser->scope, *scope = outer ? outer->inner : NULL;
  if (!scope) {
    scope = alpa_arena_new(&parser->arena, alpa_scope, 1);
    scope->cap = FIRST_CAPACITY;
    scope->entries = alpa_arena_new(&parser->arena, alpa_scope_entry, scope->cap);
    scope->outer = outer;
    if (outer)
      outer->inner = scope;
  }
  scope->generation++;
  scope->n = scope->n_forward = scope->defined.n = 0;
  parser->scope = scope;
}

/* The entry of a name, or the free one where it belongs. */
static alpa_scope_entry *probe(const alpa_scope *scope, const char *name, uint32_t size, uint32_t hash) {
  for (size_t at = hash & (scope->cap - 1);; at = (at + 1) & (scope->cap - 1)) {
    alpa_scope_entry *entry = &scope->entries[at];
    if (entry->generation != scope->generation ||
        (entry->hash == hash && entry->size == size && memcmp(entry->name, name, size) == 0))
      return entry;
  }
}

enum { BYTES_PER_NAME = 128 }; /* of text, an estimate: a table that is large from the start need not grow */

static void grow(alpa_parser *parser, alpa_scope *scope) {
  alpa_scope old = *scope;
  size_t left = (size_t)(parser->end - parser->token.at) / BYTES_PER_NAME;
  do
    scope->cap *= 2;
  while (scope->cap < left);
  scope->entries = alpa_arena_new(&parser->arena, alpa_scope_entry, scope->cap);
  uint32_t *moved = alpa_arena_new(&parser->arena, uint32_t, old.cap);
  for (size_t i = 0; i < old.cap; i++) {
    const alpa_scope_entry *entry = &old.entries[i];
    if (entry->generation != old.generation)
      continue;
    alpa_scope_entry *to = probe(scope, entry->name, entry->size, entry->hash);
    *to = *entry;
    moved[i] = (uint32_t)(to - scope->entries);
  }
  for (size_t i = 0; i < scope->defined.n; i++)
    scope->defined.items[i] = moved[scope->defined.items[i]];
}

static alpa_scope_entry *find_entry(alpa_parser *parser, alpa_operand_ref ref) {
  alpa_scope *scope = parser->scope;
  uint32_t hash = hash_name(ref.name, ref.size, parser->end);
  alpa_scope_entry *entry = probe(scope, ref.name, ref.size, hash);
  if (entry->generation == scope->generation)
    return entry;
  if (scope->n >= scope->cap / 2) {
    grow(parser, scope);
    entry = probe(scope, ref.name, ref.size, hash);
  }
  scope->n++;
  *entry = (alpa_scope_entry){.name = ref.name, .size = ref.size, .hash = hash, .generation = scope->generation};
  return entry;
}

alpa_status alpa_scope_pop(alpa_parser *parser) {
  alpa_scope *scope = parser->scope;
  const alpa_forward_use *first = NULL;
  const alpa_scope_entry *missing = NULL;
  for (size_t i = 0; scope->n_forward && i < scope->cap; i++) {
    const alpa_scope_entry *entry = &scope->entries[i];
    if (entry->generation != scope->generation || entry->n)
      continue;
    for (const alpa_forward_use *use = entry->uses; use; use = use->next)
      if (!first || use->at < first->at) {
        first = use;
        missing = entry;
      }
  }
  if (first)
    return alpa_parser_error_at(parser, first->at, "use of undeclared SSA value name '%%%.*s'", (int)missing->size,
                                missing->name);
  parser->scope = scope->outer;
  return ALPA_OK;
}

void alpa_scope_reset(alpa_parser *parser, size_t mark) {
  alpa_scope *scope = parser->scope;
  while (scope->defined.n > mark) {
    alpa_scope_entry *entry = &scope->entries[scope->defined.items[--scope->defined.n]];
    entry->n = 0;
    entry->uses = NULL;
  }
}

static alpa_status redefinition(alpa_parser *parser, const alpa_scope_entry *entry, const char *at) {
  alpa_status status =
      alpa_parser_error_at(parser, at, "redefinition of SSA value '%%%.*s'", (int)entry->size, entry->name);
  alpa_note(&parser->ctx->diag, alpa_parser_place(parser, entry->name - 1), "previously defined here");
  return status;
}

static alpa_status type_conflict(alpa_parser *parser, const alpa_scope_entry *entry, const char *at,
                                 const alpa_type *wanted, const alpa_type *is) {
  return alpa_parser_error_at(parser, at, "use of value '%%%.*s' expects different type than prior uses: '%s' vs '%s'",
                              (int)entry->size, entry->name, alpa_type_spell(parser->ctx, wanted),
                              alpa_type_spell(parser->ctx, is));
}

static alpa_status invalid_number(alpa_parser *parser, const alpa_scope_entry *entry, const char *at) {
  return alpa_parser_error_at(parser, at, "reference to invalid result number of '%%%.*s', which has %u",
                              (int)entry->size, entry->name, entry->n);
}

/* Gives the uses before the definition their value. */
static alpa_status take_uses(alpa_parser *parser, const alpa_scope_entry *entry, alpa_forward_use *uses) {
  for (alpa_forward_use *use = uses; use; use = use->next) {
    if (use->number >= entry->n)
      return invalid_number(parser, entry, use->at);
    alpa_value *value = &entry->values[use->number];
    if (value->type != use->value.type)
      return type_conflict(parser, entry, use->at, use->value.type, value->type);
    alpa_value_replace(&use->value, value);
  }
  parser->scope->n_forward--;
  return ALPA_OK;
}

alpa_status alpa_scope_define(alpa_parser *parser, alpa_operand_ref ref, alpa_value *values, uint32_t n) {
  alpa_scope_entry *entry = find_entry(parser, ref);
  if (entry->n)
    return redefinition(parser, entry, ref.name - 1);
  alpa_forward_use *uses = entry->uses;
  entry->values = values;
  entry->n = n;
  entry->name = ref.name;
  alpa_vec_push(&parser->arena, &parser->scope->defined, (uint32_t)(entry - parser->scope->entries));
  return uses ? take_uses(parser, entry, uses) : ALPA_OK;
}

/* Every use has a stand-in of its own: no list of them is ever searched. */
static alpa_value *make_stand_in(alpa_parser *parser, alpa_scope_entry *entry, alpa_operand_ref ref,
                                 const alpa_type *type) {
  alpa_forward_use *use = alpa_arena_new(&parser->arena, alpa_forward_use, 1);
  *use = (alpa_forward_use){.value.type = type, .number = ref.number, .at = ref.name - 1, .next = entry->uses};
  parser->scope->n_forward += entry->uses == NULL;
  entry->uses = use;
  return &use->value;
}

alpa_status alpa_scope_find(alpa_parser *parser, alpa_operand_ref ref, const alpa_type *type, alpa_value **out_value) {
  alpa_scope_entry *entry = find_entry(parser, ref);
  if (entry->n == 0) {
    *out_value = make_stand_in(parser, entry, ref, type);
    return ALPA_OK;
  }
  if (ref.number >= entry->n)
    return invalid_number(parser, entry, ref.name - 1);
  alpa_value *value = &entry->values[ref.number];
  if (value->type != type)
    return type_conflict(parser, entry, ref.name - 1, type, value->type);
  *out_value = value;
  return ALPA_OK;
}
