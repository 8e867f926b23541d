/* Canonical bytes of IR and their hash.
 *
 * Ops are written in walk order with their definition's name, attributes, operand and result numbers and types.
 * Types and attributes are written as text once, at their first use, and as a reference afterwards; values by dense
 * number.  Names of values and locations are left out, so renaming and reformatting change nothing. */
#include "dialects/ir/fingerprint.h"

#include <string.h>

#include "dialects/ir/context.h"

typedef struct serialiser {
  alpa_arena *arena;
  alpa_text text;
  alpa_map seen;   /* type, attribute or name -> reference number */
  alpa_map values; /* value -> number */
  alpa_map blocks; /* block -> number */
} serialiser;

static void number(serialiser *s, uint64_t value) {
  while (value >= 0x80) {
    alpa_text_char(&s->text, (char)(value | 0x80));
    value >>= 7;
  }
  alpa_text_char(&s->text, (char)value);
}

/* True when the object is new: its text follows. */
static bool reference(serialiser *s, const void *object) {
  bool is_new;
  uint64_t *id = alpa_map_insert(s->arena, &s->seen, (uintptr_t)object, &is_new);
  if (is_new)
    *id = s->seen.n;
  number(s, *id);
  return is_new;
}

static void name(serialiser *s, const char *text) {
  if (reference(s, text))
    alpa_text_append(&s->text, text, strlen(text) + 1);
}

static void type(serialiser *s, const alpa_type *t) {
  if (reference(s, t)) {
    alpa_type_print(&s->text, t);
    alpa_text_char(&s->text, 0);
  }
}

static void attr(serialiser *s, const alpa_attr *a) {
  if (!a) {
    number(s, 0);
  } else if (reference(s, a)) {
    alpa_attr_print(&s->text, a);
    alpa_text_char(&s->text, 0);
  }
}

static uint64_t value_number(serialiser *s, const alpa_value *value) {
  bool is_new;
  uint64_t *id = alpa_map_insert(s->arena, &s->values, (uintptr_t)value, &is_new);
  if (is_new)
    *id = s->values.n;
  return *id;
}

static void op(serialiser *s, const alpa_op *o);

static void region(serialiser *s, const alpa_region *r) {
  for (const alpa_block *block = r->first; block; block = block->next) {
    number(s, 1);
    number(s, block->n_args);
    for (uint32_t i = 0; i < block->n_args; i++) {
      type(s, block->args[i]->type);
      number(s, value_number(s, block->args[i]));
    }
    for (const alpa_op *inner = block->first; inner; inner = inner->next)
      op(s, inner);
    number(s, 0);
  }
  number(s, 0);
}

static void op(serialiser *s, const alpa_op *o) {
  name(s, o->def->name);
  for (uint32_t i = 0; i < o->def->n_attrs; i++)
    attr(s, o->attrs[i]);
  attr(s, o->properties);
  attr(s, o->extra && o->extra->dict.n ? o->extra : NULL);
  number(s, o->n_operands);
  for (uint32_t i = 0; i < o->n_operands; i++)
    number(s, value_number(s, o->operands[i].value));
  number(s, o->n_results);
  for (uint32_t i = 0; i < o->n_results; i++) {
    type(s, o->results[i].type);
    number(s, value_number(s, &o->results[i]));
  }
  number(s, o->n_successors);
  for (uint32_t i = 0; i < o->n_successors; i++) {
    bool is_new;
    uint64_t *id = alpa_map_insert(s->arena, &s->blocks, (uintptr_t)o->successors[i], &is_new);
    if (is_new)
      *id = s->blocks.n;
    number(s, *id);
  }
  number(s, o->n_regions);
  for (uint32_t i = 0; i < o->n_regions; i++)
    region(s, &o->regions[i]);
}

alpa_str alpa_op_serialise(alpa_arena *arena, const alpa_op *root) {
  serialiser s = {.arena = arena};
  alpa_text_init(&s.text, arena);
  op(&s, root);
  return (alpa_str){s.text.data, s.text.size};
}

alpa_hash128 alpa_op_fingerprint(const alpa_op *root) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, root->module->arena.memory);
  alpa_str bytes = alpa_op_serialise(&scratch, root);
  alpa_hash128 hash = alpa_hash128_of(bytes.data, bytes.size);
  alpa_arena_deinit(&scratch);
  return hash;
}
