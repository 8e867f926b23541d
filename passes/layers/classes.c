/* Hashes by op in program order: the definition, attributes, types, and the hashes of what it reads.  What comes from
 * another layer is known by its type in the first round, and in the second also by who reads it, so that two inputs of
 * one type are told apart.  A layer is the multiset of its ops. */
#include "passes/layers/classes.h"

#include <string.h>

#include "support/hash.h"

/* Elements up to which a value made of scalar arguments is taken for a random key or a counter. */
enum { SMALL = 16 };

typedef struct hasher {
  const layer_program *program;
  uint64_t *ops, *values; /* by number */
  uint64_t *readers;      /* by read of an op: who else in the layer reads that value */
  bool *is_varying;       /* by value: made of scalar arguments */
} hasher;

static uint64_t hash_text(const char *text, uint64_t seed) { return alpa_hash64(text, strlen(text), seed); }

/* Locations and placements are left out. */
static uint64_t hash_form(const alpa_op *op) {
  uint64_t hash = hash_text(op->def->name, 1);
  for (uint32_t i = 0; i < op->def->n_attrs; i++)
    hash = alpa_hash_mix(hash, op->attrs[i] ? op->attrs[i]->hash : 0);
  for (uint32_t i = 0; i < op->n_results; i++)
    hash = alpa_hash_mix(hash, op->results[i].type->hash);
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        hash = alpa_hash_mix(hash, hash_form(inner));
  return hash;
}

static uint64_t hash_outer(const hasher *h, uint32_t value) {
  const layer_value *v = &h->program->values[value];
  return alpa_hash_mix(v->value->type->hash, (uint64_t)v->source);
}

/* Whether the value is made where it is read: in the layer, or by an op that is repeated. */
static bool is_inner(const hasher *h, uint32_t value, int32_t layer) {
  const layer_value *v = &h->program->values[value];
  if (v->op == LAYER_NO_OP || v->is_held)
    return false;
  return h->program->ops[v->op].layer == layer || (h->program->ops[v->op].layer == LAYER_NONE &&
                                                   !(h->is_varying[value] && alpa_type_count(v->value->type) <= SMALL));
}

static uint64_t hash_read(const hasher *h, uint32_t read, int32_t layer) {
  uint32_t value = h->program->reads[read];
  if (is_inner(h, value, layer))
    return h->values[value];
  return alpa_hash_mix(hash_outer(h, value), h->readers[read]);
}

static void hash_ops(hasher *h) {
  const layer_program *p = h->program;
  for (uint32_t o = 0; o < p->n_ops; o++) {
    const layer_op *op = &p->ops[o];
    uint64_t hash = hash_form(op->op);
    for (uint32_t i = op->reads_begin; i < op->reads_end; i++)
      hash = alpa_hash_mix(hash, hash_read(h, i, op->layer));
    h->ops[o] = hash;
    for (uint32_t i = 0; i < op->op->n_results; i++)
      h->values[op->results + i] = alpa_hash_mix(hash, i);
  }
}

/* Who reads each outer value within one layer: a sum over the readers, kept by layer and value. */
static void hash_readers(hasher *h) {
  const layer_program *p = h->program;
  alpa_map sums = {0};
  for (int round = 0; round < 2; round++)
    for (uint32_t o = 0; o < p->n_ops; o++) {
      const layer_op *op = &p->ops[o];
      for (uint32_t i = op->reads_begin; op->wire == LAYER_NO_WIRE && i < op->reads_end; i++) {
        if (is_inner(h, p->reads[i], op->layer))
          continue;
        uint64_t key = (uint64_t)(uint32_t)(op->layer + 1) << 32 | p->reads[i];
        uint64_t *sum = alpa_map_insert(p->arena, &sums, key, NULL);
        if (round == 0)
          *sum += alpa_hash_mix(h->ops[o], i - op->reads_begin);
        else
          h->readers[i] = *sum;
      }
    }
}

static void find_varying(hasher *h) {
  const layer_program *p = h->program;
  for (uint32_t v = 0; v < p->n_args; v++)
    h->is_varying[v] = p->values[v].source == LAYER_OF_CONSTANTS;
  for (uint32_t o = 0; o < p->n_ops; o++)
    for (uint32_t i = p->ops[o].reads_begin; i < p->ops[o].reads_end; i++)
      for (uint32_t v = 0; h->is_varying[p->reads[i]] && v < p->ops[o].op->n_results; v++)
        h->is_varying[p->ops[o].results + v] = true;
}

uint32_t layer_classes_find(const layer_program *program, uint32_t n_layers, uint32_t *out_classes) {
  alpa_arena *arena = program->arena;
  uint32_t n_reads = program->n_ops ? program->ops[program->n_ops - 1].reads_end : 0, n_classes = 0;
  hasher h = {.program = program,
              .ops = alpa_arena_new(arena, uint64_t, program->n_ops),
              .values = alpa_arena_new(arena, uint64_t, program->n_values),
              .readers = alpa_arena_new(arena, uint64_t, n_reads),
              .is_varying = alpa_arena_new(arena, bool, program->n_values)};
  find_varying(&h);
  hash_ops(&h);
  hash_readers(&h);
  hash_ops(&h);
  uint64_t *layers = alpa_arena_new(arena, uint64_t, n_layers);
  for (uint32_t o = 0; o < program->n_ops; o++)
    if (program->ops[o].layer != LAYER_NONE && program->ops[o].wire == LAYER_NO_WIRE)
      layers[program->ops[o].layer] += alpa_hash_mix(h.ops[o], 1);
  for (uint32_t l = 0; l < n_layers; l++) {
    out_classes[l] = n_classes;
    for (uint32_t k = 0; k < l && out_classes[l] == n_classes; k++)
      out_classes[l] = layers[k] == layers[l] ? out_classes[k] : n_classes;
    n_classes += out_classes[l] == n_classes;
  }
  return n_classes;
}
