/* Factor rules of gather and scatter: window dimensions that pass whole, batching dimensions, batch dimensions of the
 * indices, and the indexed dimension itself, on which each device masks what is not its own (vocab-parallel embedding).
 */
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/factor_rules.h"

/* The dimension numbers of both ops in one form: `moving` is the gather's result or the scatter's updates. */
typedef struct index_dims {
  const alpa_type *operand, *indices, *moving;
  const int64_t *window, *collapsed, *operand_batching, *indices_batching, *indexed;
  size_t n_window, n_collapsed, n_batching, n_indexed;
  int64_t vector_dim;
} index_dims;

static index_dims read_dims(const alpa_attr *numbers) {
  /* Both structs list the fields in the same order. */
  index_dims dims = {0};
  dims.window = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_OFFSET_DIMS), &dims.n_window);
  dims.collapsed = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS), &dims.n_collapsed);
  dims.operand_batching =
      alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_OPERAND_BATCHING_DIMS), &dims.n_batching);
  dims.indices_batching =
      alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS), &dims.n_batching);
  dims.indexed = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_START_INDEX_MAP), &dims.n_indexed);
  const alpa_attr *vector = alpa_attr_field(numbers, STABLEHLO_GATHER_INDEX_VECTOR_DIM);
  dims.vector_dim = vector ? vector->integer : 0;
  return dims;
}

_Static_assert((int)STABLEHLO_GATHER_OFFSET_DIMS == (int)STABLEHLO_SCATTER_UPDATE_WINDOW_DIMS &&
                   (int)STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS == (int)STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS &&
                   (int)STABLEHLO_GATHER_OPERAND_BATCHING_DIMS == (int)STABLEHLO_SCATTER_INPUT_BATCHING_DIMS &&
                   (int)STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS == (int)STABLEHLO_SCATTER_INDICES_BATCHING_DIMS &&
                   (int)STABLEHLO_GATHER_START_INDEX_MAP == (int)STABLEHLO_SCATTER_DIMS_TO_OPERAND_DIMS &&
                   (int)STABLEHLO_GATHER_INDEX_VECTOR_DIM == (int)STABLEHLO_SCATTER_INDEX_VECTOR_DIM,
               "gather and scatter number alike");

/* A factor of up to four dimensions: operand, indices, moving. */
typedef struct index_factor {
  int64_t size;
  int operand, indices, moving;
} index_factor;

typedef alpa_factor_draft *add_fn(alpa_rule_draft *rule, const index_factor *dims);

static alpa_factor_draft *add_gather_factor(alpa_rule_draft *rule, const index_factor *dims) {
  alpa_factor_draft *factor = alpa_rule_add(rule, dims->size);
  factor->operand_dims[0] = (int8_t)dims->operand;
  factor->operand_dims[1] = (int8_t)dims->indices;
  factor->result_dims[0] = (int8_t)dims->moving;
  factor->kind = dims->moving < 0 ? ALPA_FACTOR_REDUCE : ALPA_FACTOR_PASS;
  return factor;
}

/* Of a scatter of n tensors: operands 0..n, indices, updates n + 1..2n. */
static alpa_factor_draft *add_scatter_factor(alpa_rule_draft *rule, const index_factor *dims) {
  alpa_factor_draft *factor = alpa_rule_add(rule, dims->size);
  uint32_t n = rule->n_results;
  for (uint32_t i = 0; i < n; i++) {
    factor->operand_dims[i] = (int8_t)dims->operand;
    factor->operand_dims[n + 1 + i] = (int8_t)dims->moving;
    factor->result_dims[i] = (int8_t)dims->operand;
  }
  factor->operand_dims[n] = (int8_t)dims->indices;
  return factor;
}

/* Window dimensions in order: the operand's that are neither collapsed nor batching. */
static void add_windows(alpa_rule_draft *rule, const index_dims *dims, add_fn *add) {
  size_t k = 0;
  for (uint32_t d = 0; d < dims->operand->rank; d++) {
    if (alpa_dims_contain(dims->collapsed, dims->n_collapsed, d) ||
        alpa_dims_contain(dims->operand_batching, dims->n_batching, d))
      continue;
    int64_t moving = dims->window[k++];
    if (dims->moving->dims[moving] == dims->operand->dims[d])
      add(rule, &(index_factor){dims->operand->dims[d], (int)d, ALPA_NO_DIM, (int)moving});
  }
}

/* Dimensions of the indices without the vector dimension, in order, are those of `moving` that are no windows.
 * Batching ones carry a dimension of the operand; for the others `on_batch` says what is special. */
static void add_batches(alpa_rule_draft *rule, const index_dims *dims, add_fn *add,
                        void on_batch(alpa_rule_draft *rule, alpa_factor_draft *factor)) {
  uint32_t moving = 0;
  for (uint32_t d = 0; d < dims->indices->rank; d++) {
    if (d == dims->vector_dim)
      continue;
    while (alpa_dims_contain(dims->window, dims->n_window, moving))
      moving++;
    int operand = ALPA_NO_DIM;
    for (size_t i = 0; i < dims->n_batching; i++)
      if (dims->indices_batching[i] == d)
        operand = (int)dims->operand_batching[i];
    if (operand != ALPA_NO_DIM)
      add(rule, &(index_factor){dims->indices->dims[d], operand, (int)d, (int)moving});
    else if (on_batch)
      on_batch(rule, add(rule, &(index_factor){dims->indices->dims[d], operand, (int)d, (int)moving}));
    moving++;
  }
}

/* The indexed dimensions whose slices are single elements. */
static void add_indexed(alpa_rule_draft *rule, const index_dims *dims, add_fn *add) {
  for (size_t i = 0; i < dims->n_indexed; i++) {
    int64_t d = dims->indexed[i];
    if (!alpa_dims_contain(dims->collapsed, dims->n_collapsed, d))
      continue;
    alpa_factor_draft *factor = add(rule, &(index_factor){dims->operand->dims[d], (int)d, ALPA_NO_DIM, ALPA_NO_DIM});
    factor->care = ALPA_CARE_INDEX;
    if (alpa_type_class(dims->operand) == ALPA_CLASS_BOOL)
      factor->partial = ALPA_PARTIAL_MAX;
  }
}

static void on_gather_batch(alpa_rule_draft *rule, alpa_factor_draft *factor) {
  (void)rule;
  (void)factor;
}

void alpa_factors_gather(alpa_rule_draft *rule) {
  index_dims dims = read_dims(alpa_op_attr(rule->op, stablehlo_gather_dimension_numbers));
  dims.operand = alpa_op_operand_type(rule->op, 0);
  dims.indices = alpa_op_operand_type(rule->op, 1);
  dims.moving = rule->op->results[0].type;
  add_windows(rule, &dims, add_gather_factor);
  add_batches(rule, &dims, add_gather_factor, on_gather_batch);
  add_indexed(rule, &dims, add_gather_factor);
  bool is_bool = alpa_type_class(dims.operand) == ALPA_CLASS_BOOL;
  alpa_rule_add_flow(rule, is_bool ? ALPA_FLOW_MAX | ALPA_FLOW_MIN : ALPA_FLOW_ANY, (const int[]){0, -1});
}

static void on_scatter_batch(alpa_rule_draft *rule, alpa_factor_draft *factor) {
  factor->kind = ALPA_FACTOR_REDUCE;
  (void)alpa_region_find_partial_kind(&rule->op->regions[0], &factor->partial);
  factor->operand_partial[0] = true;
}

/* A body that returns the update itself: elements are replaced, which every kind of partial allows. */
static bool is_replacement(const alpa_region *region) {
  const alpa_block *block = alpa_region_block(region);
  return block && block->first == block->last && block->n_args == 2 && block->first && block->first->n_operands == 1 &&
         alpa_op_operand(block->first, 0) == block->args[1];
}

void alpa_factors_scatter(alpa_rule_draft *rule) {
  const alpa_op *op = rule->op;
  uint32_t n = rule->n_results;
  index_dims dims = read_dims(alpa_op_attr(op, stablehlo_scatter_scatter_dimension_numbers));
  dims.operand = alpa_op_operand_type(op, 0);
  dims.indices = alpa_op_operand_type(op, n);
  dims.moving = alpa_op_operand_type(op, n + 1);
  alpa_partial_kind kind = ALPA_PARTIAL_SUM;
  bool is_partial = n == 1 && alpa_region_find_partial_kind(&op->regions[0], &kind);
  add_windows(rule, &dims, add_scatter_factor);
  add_batches(rule, &dims, add_scatter_factor, is_partial ? on_scatter_batch : NULL);
  add_indexed(rule, &dims, add_scatter_factor);
  bool is_bool = alpa_type_class(dims.operand) == ALPA_CLASS_BOOL;
  if (is_partial)
    alpa_rule_add_flow(rule, 1u << kind, (const int[]){0, 2, -1});
  else if (n == 1 && is_replacement(&op->regions[0]))
    alpa_rule_add_flow(rule, is_bool ? ALPA_FLOW_MAX | ALPA_FLOW_MIN : ALPA_FLOW_ANY, (const int[]){0, 2, -1});
}
