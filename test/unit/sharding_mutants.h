/* Mutants of partitioned programs, one fault each: a reduction dropped, the members of another collective's groups
 * rotated, or the table of a coordinate rotated, so that every device believes to be its neighbour.  A test that a
 * mutant passes is blind. */
#ifndef ALPA_TEST_UNIT_SHARDING_MUTANTS_H
#define ALPA_TEST_UNIT_SHARDING_MUTANTS_H

#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"

/* Counts places where a fault fits, and makes one at `number`. */
typedef struct sharding_mutation {
  int64_t number, seen;
  int64_t n_devices;
  const char *kind; /* of the fault that was made, or NULL */
} sharding_mutation;

static inline void sharding_mutant_rotate_table(alpa_op *op) {
  const alpa_attr *value = alpa_op_attr(op, stablehlo_constant_value);
  int32_t numbers[64];
  size_t n = value->elements.n;
  for (size_t i = 0; i < n; i++)
    numbers[i] = ((const int32_t *)value->elements.data)[(i + 1) % n];
  alpa_op_set_attr(op, "value", alpa_attr_get_elements(op->module->ctx, value->type, numbers, false));
}

static inline bool sharding_mutant_is_table(const alpa_op *op, int64_t n_devices) {
  const alpa_type *type = op->n_results == 1 ? op->results[0].type : NULL;
  return stablehlo_is(op, STABLEHLO_constant) && type->rank == 1 && type->dims[0] == n_devices && n_devices <= 64 &&
         type->dtype == ALPA_I32 && !alpa_op_attr(op, stablehlo_constant_value)->elements.splat && op->results->uses &&
         stablehlo_is(op->results->uses->owner, STABLEHLO_dynamic_slice);
}

/* Each group begins with its second member; of a permutation, each pair has the next one's target. */
static inline void sharding_mutant_rotate_groups(alpa_op *op, const char *name) {
  const alpa_attr *groups = alpa_op_find_attr(op, name);
  int64_t rows = groups->type->dims[0], columns = groups->type->dims[1], ids[256];
  bool is_pairs = strcmp(name, "source_target_pairs") == 0;
  for (int64_t i = 0; i < rows * columns; i++) {
    int64_t row = i / columns, column = i % columns;
    int64_t from = is_pairs ? (column ? (row + 1) % rows * columns + 1 : i) : row * columns + (column + 1) % columns;
    ids[i] = *(const int64_t *)alpa_attr_element(groups, from);
  }
  alpa_op_set_attr(op, name, alpa_attr_get_pairs(op->module->ctx, rows, columns, ids));
}

static inline const char *sharding_mutant_kind(const alpa_op *op, int64_t n_devices) {
  if (stablehlo_is(op, STABLEHLO_all_reduce))
    return "dropped all-reduce";
  if (stablehlo_is(op, STABLEHLO_all_gather) || stablehlo_is(op, STABLEHLO_reduce_scatter) ||
      stablehlo_is(op, STABLEHLO_all_to_all))
    return "rotated groups";
  if (stablehlo_is(op, STABLEHLO_collective_permute))
    return "rotated targets";
  return sharding_mutant_is_table(op, n_devices) ? "rotated offsets" : NULL;
}

static inline void sharding_mutate_op(alpa_op *op) {
  alpa_value *operand = op->n_operands ? alpa_op_operand(op, 0) : NULL;
  if (stablehlo_is(op, STABLEHLO_all_reduce))
    alpa_op_replace(op, &operand);
  else if (stablehlo_is(op, STABLEHLO_constant))
    sharding_mutant_rotate_table(op);
  else if (stablehlo_is(op, STABLEHLO_collective_permute))
    sharding_mutant_rotate_groups(op, "source_target_pairs");
  else
    sharding_mutant_rotate_groups(op, "replica_groups");
}

static inline void sharding_mutate(alpa_block *block, sharding_mutation *mutation) {
  for (alpa_op *op = block->first, *next; op && !mutation->kind; op = next) {
    next = op->next;
    const char *kind = sharding_mutant_kind(op, mutation->n_devices);
    if (kind && mutation->seen++ == mutation->number) {
      mutation->kind = kind;
      sharding_mutate_op(op);
      return;
    }
    for (uint32_t r = 0; r < op->n_regions && !kind; r++)
      if (op->regions[r].first)
        sharding_mutate(op->regions[r].first, mutation);
  }
}

#endif
