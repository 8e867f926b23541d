/* One forward pass in program order; loops are repeated until what they carry settles, which takes as many rounds as
 * there are kinds of answers at most. */
#include "passes/layers/batch.h"

#include <string.h>

#include "dialects/func/func.h"
#include "passes/analysis/time.h"

typedef struct follower {
  alpa_arena *arena;
  int8_t *dims; /* by number of value */
} follower;

static int8_t dim_of(const follower *f, const alpa_value *value) { return f->dims[value->number]; }

static int8_t join(int8_t a, int8_t b) {
  if (a == LAYER_UNBATCHED || b == LAYER_UNBATCHED)
    return a == LAYER_UNBATCHED ? b : a;
  return a == b ? a : LAYER_WHOLE;
}

static bool reads_batch(const follower *f, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (dim_of(f, alpa_op_operand(op, i)) != LAYER_UNBATCHED)
      return true;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        if (reads_batch(f, inner))
          return true;
  return false;
}

int32_t layer_batch_factor(const alpa_op *op, const alpa_factor_rule *rule, const int8_t *dims) {
  int32_t found = ALPA_NO_FACTOR;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    int8_t dim = dims[alpa_op_operand(op, i)->number];
    if (dim < 0)
      continue;
    int32_t factor = alpa_factor_find_operand(rule, i, (uint32_t)dim);
    if (factor == ALPA_NO_FACTOR || (found != ALPA_NO_FACTOR && found != factor))
      return ALPA_NO_FACTOR;
    found = factor;
  }
  return found;
}

static void follow_op(follower *f, const alpa_op *op);

static void follow_block(follower *f, const alpa_block *block) {
  for (const alpa_op *op = block->first; op; op = op->next)
    follow_op(f, op);
}

/* Operand, block arguments, yielded value and result i have one answer. */
static void follow_tied(follower *f, const alpa_op *op) {
  int8_t *carried = alpa_arena_new(f->arena, int8_t, op->n_operands + 1);
  for (uint32_t i = 0; i < op->n_operands; i++)
    carried[i] = dim_of(f, alpa_op_operand(op, i));
  for (bool changed = true; changed && op->n_regions;) {
    changed = false;
    for (uint32_t r = 0; r < op->n_regions; r++) {
      const alpa_block *block = alpa_region_block(&op->regions[r]);
      for (uint32_t i = 0; i < block->n_args; i++)
        f->dims[block->args[i]->number] = carried[i];
      follow_block(f, block);
    }
    const alpa_op *end = alpa_block_terminator(alpa_region_block(&op->regions[op->n_regions - 1]));
    for (uint32_t i = 0; i < op->n_operands; i++) {
      int8_t next = join(carried[i], dim_of(f, alpa_op_operand(end, i)));
      changed = changed || next != carried[i];
      carried[i] = next;
    }
  }
  for (uint32_t i = 0; i < op->n_results; i++)
    f->dims[op->results[i].number] = carried[i];
}

static void follow_op(follower *f, const alpa_op *op) {
  const alpa_factor_rule *rule = alpa_factors_get(f->arena, op);
  if (rule->form == ALPA_RULE_TIED) {
    follow_tied(f, op);
    return;
  }
  bool is_dependent = reads_batch(f, op);
  int32_t factor =
      is_dependent && rule->form == ALPA_RULE_FACTORS ? layer_batch_factor(op, rule, f->dims) : ALPA_NO_FACTOR;
  for (uint32_t i = 0; i < op->n_results; i++) {
    int8_t dim = factor == ALPA_NO_FACTOR ? ALPA_NO_DIM : rule->factors[factor].result_dims[i];
    f->dims[op->results[i].number] = !is_dependent ? LAYER_UNBATCHED : dim == ALPA_NO_DIM ? LAYER_WHOLE : dim;
  }
}

/* A statistic that is spread over the batch for an op on batched values (the mean in x - mean) is batched, too: each
 * part of the batch makes what it needs.  Backwards, so that whole chains of such ops are found. */
static void spread_block(follower *f, const alpa_block *block) {
  for (const alpa_op *op = block->last; op; op = op->previous) {
    const alpa_factor_rule *rule = alpa_factors_get(f->arena, op);
    if (rule->form != ALPA_RULE_FACTORS)
      continue;
    int32_t factor = layer_batch_factor(op, rule, f->dims);
    for (uint32_t i = 0; factor == ALPA_NO_FACTOR && i < op->n_results; i++)
      if (dim_of(f, &op->results[i]) >= 0)
        factor = alpa_factor_find_result(rule, i, (uint32_t)dim_of(f, &op->results[i]));
    for (uint32_t i = 0; factor != ALPA_NO_FACTOR && i < op->n_operands; i++)
      if (dim_of(f, alpa_op_operand(op, i)) == LAYER_WHOLE && rule->factors[factor].operand_dims[i] != ALPA_NO_DIM)
        f->dims[alpa_op_operand(op, i)->number] = rule->factors[factor].operand_dims[i];
  }
}

int8_t *layer_batch_find(alpa_arena *arena, const alpa_op *func, uint32_t n_values) {
  follower f = {.arena = arena, .dims = alpa_arena_alloc(arena, n_values)};
  memset(f.dims, LAYER_UNBATCHED, n_values);
  const alpa_block *entry = alpa_func_entry(func);
  for (uint32_t i = 0; i < entry->n_args; i++)
    if (alpa_arg_is_batch(func, i))
      f.dims[entry->args[i]->number] = 0;
  follow_block(&f, entry);
  spread_block(&f, entry);
  return f.dims;
}
