/* Factor rules of elementwise ops and of ops that move elements: a factor is a dimension that stays itself. */
#include <string.h>

#include "dialects/chlo/chlo.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/factor_rules.h"
#include "support/number.h"

static const alpa_type *operand_type(const alpa_rule_draft *rule, uint32_t i) {
  return alpa_op_operand_type(rule->op, i);
}

static bool is_bool(const alpa_rule_draft *rule) {
  return alpa_type_class(rule->op->results[0].type) == ALPA_CLASS_BOOL;
}

/* Flows of movers of elements: any kind, except that booleans have no sum. */
static uint32_t any_kind(const alpa_rule_draft *rule) {
  return rule->n_results == 0 || is_bool(rule) ? ALPA_FLOW_MAX | ALPA_FLOW_MIN : ALPA_FLOW_ANY;
}

void alpa_factors_none(alpa_rule_draft *rule) { rule->form = ALPA_RULE_NONE; }
void alpa_factors_whole(alpa_rule_draft *rule) { (void)rule; }
void alpa_factors_collective(alpa_rule_draft *rule) { (void)rule; }
void alpa_factors_call(alpa_rule_draft *rule) { (void)rule; }
void alpa_factors_rng_bit_generator(alpa_rule_draft *rule) { (void)rule; }
void alpa_factors_while(alpa_rule_draft *rule) { rule->form = ALPA_RULE_TIED; }
void alpa_factors_forward(alpa_rule_draft *rule) { rule->form = ALPA_RULE_TIED; }
void alpa_factors_branch(alpa_rule_draft *rule) { rule->form = ALPA_RULE_BRANCH; }
void alpa_factors_return(alpa_rule_draft *rule) { rule->form = ALPA_RULE_YIELD; }

/* ---- elementwise ---- */

void alpa_factors_pointwise(alpa_rule_draft *rule) {
  const alpa_type *type = rule->op->results[0].type;
  for (uint32_t d = 0; d < type->rank; d++)
    alpa_rule_add_common(rule, d);
}

void alpa_factors_linear(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  alpa_rule_add_flow(rule, is_bool(rule) ? 0 : ALPA_FLOW_SUM, (const int[]){0, -1});
}

void alpa_factors_sum(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  alpa_rule_add_flow(rule, is_bool(rule) ? ALPA_FLOW_MAX : ALPA_FLOW_SUM, (const int[]){0, 1, -1});
}

void alpa_factors_product(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  if (is_bool(rule)) {
    alpa_rule_add_flow(rule, ALPA_FLOW_MIN, (const int[]){0, 1, -1});
    return;
  }
  alpa_rule_add_flow(rule, ALPA_FLOW_SUM, (const int[]){0, -1});
  alpa_rule_add_flow(rule, ALPA_FLOW_SUM, (const int[]){1, -1});
}

void alpa_factors_quotient(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  alpa_dtype_class class_ = alpa_type_class(rule->op->results[0].type);
  bool is_exact = class_ == ALPA_CLASS_FLOAT || class_ == ALPA_CLASS_COMPLEX;
  alpa_rule_add_flow(rule, is_exact ? ALPA_FLOW_SUM : 0, (const int[]){0, -1});
}

/* `or` and `and` share these rows: of booleans they are maximum and minimum, of integers neither. */
static bool is_bitwise(const alpa_rule_draft *rule) {
  return !is_bool(rule) && (stablehlo_is(rule->op, STABLEHLO_or) || stablehlo_is(rule->op, STABLEHLO_and));
}

void alpa_factors_maximum(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  alpa_rule_add_flow(rule, is_bitwise(rule) ? 0 : ALPA_FLOW_MAX, (const int[]){0, 1, -1});
}

void alpa_factors_minimum(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  alpa_rule_add_flow(rule, is_bitwise(rule) ? 0 : ALPA_FLOW_MIN, (const int[]){0, 1, -1});
}

void alpa_factors_select(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){1, 2, -1});
}

/* Widening is exact and so linear and monotone; anything else rounds or wraps. */
void alpa_factors_convert(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  const alpa_type *from = operand_type(rule, 0), *to = rule->op->results[0].type;
  bool is_widening =
      alpa_type_class(from) == ALPA_CLASS_FLOAT && alpa_type_class(to) == ALPA_CLASS_FLOAT &&
      (from->dtype == to->dtype || to->dtype == ALPA_F64 || (to->dtype == ALPA_F32 && from->dtype != ALPA_F64));
  alpa_rule_add_flow(rule, is_widening ? ALPA_FLOW_SUM : 0, (const int[]){0, -1});
}

void alpa_factors_reshard(alpa_rule_draft *rule) {
  alpa_factors_pointwise(rule);
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, -1});
}

void alpa_factors_custom_call(alpa_rule_draft *rule) {
  const alpa_attr *target = alpa_op_attr(rule->op, stablehlo_custom_call_call_target_name);
  if (target && rule->n_operands == 1 && rule->n_results == 1 && target->string.size == strlen("Sharding") &&
      memcmp(target->string.data, "Sharding", target->string.size) == 0)
    alpa_factors_reshard(rule);
}

/* ---- sources ---- */

void alpa_factors_constant(alpa_rule_draft *rule) {
  const alpa_attr *value = alpa_op_attr(rule->op, stablehlo_constant_value);
  const alpa_type *type = rule->op->results[0].type;
  for (uint32_t d = 0; d < type->rank; d++)
    alpa_rule_add_common(rule, d)->care = value->elements.splat ? 0 : ALPA_CARE_OFFSET;
}

void alpa_factors_iota(alpa_rule_draft *rule) {
  int64_t along = alpa_op_int(rule->op, stablehlo_iota_iota_dimension, 0);
  const alpa_type *type = rule->op->results[0].type;
  for (uint32_t d = 0; d < type->rank; d++)
    alpa_rule_add_common(rule, d)->care = d == along ? ALPA_CARE_OFFSET : 0;
}

/* ---- shape ---- */

static void add_pair(alpa_rule_draft *rule, int64_t size, uint32_t operand_dim, uint32_t result_dim) {
  alpa_factor_draft *factor = alpa_rule_add(rule, size);
  factor->operand_dims[0] = (int8_t)operand_dim;
  factor->result_dims[0] = (int8_t)result_dim;
}

static uint32_t skip_ones(const alpa_type *type, uint32_t d) {
  while (d < type->rank && type->dims[d] == 1)
    d++;
  return d;
}

/* The two shapes side by side; left[] are the parts of the current dimensions that are not used up yet. */
typedef struct reshape_walk {
  const alpa_type *types[2];
  uint32_t at[2];
  int64_t left[2];
} reshape_walk;

static void reshape_advance(reshape_walk *walk, int side) {
  walk->at[side] = skip_ones(walk->types[side], walk->at[side] + 1);
  walk->left[side] = walk->at[side] < walk->types[side]->rank ? walk->types[side]->dims[walk->at[side]] : 1;
}

/* Nothing is common here: goes on where the products of both sides coincide again. */
static void reshape_skip(reshape_walk *walk) {
  int64_t products[2] = {walk->left[0], walk->left[1]};
  while (products[0] != products[1]) {
    int side = products[0] < products[1] ? 0 : 1;
    if (walk->at[side] >= walk->types[side]->rank)
      break;
    reshape_advance(walk, side);
    products[side] *= walk->left[side];
  }
  reshape_advance(walk, 0);
  reshape_advance(walk, 1);
}

static void add_refinement(alpa_rule_draft *rule, reshape_walk *walk, int64_t size) {
  size_t n = rule->factors.n;
  add_pair(rule, size, walk->at[0], walk->at[1]);
  alpa_factor_draft *factor = &rule->factors.items[n];
  if (walk->types[0]->dims[walk->at[0]] != size || walk->types[1]->dims[walk->at[1]] != size)
    factor->care = ALPA_CARE_EVEN;
  if (n > 0 &&
      (factor[-1].operand_dims[0] == factor->operand_dims[0] || factor[-1].result_dims[0] == factor->result_dims[0]))
    factor->after = (int32_t)n - 1;
}

/* Common refinement of both shapes from the major side. */
void alpa_factors_reshape(alpa_rule_draft *rule) {
  reshape_walk walk = {.types = {operand_type(rule, 0), rule->op->results[0].type}, .at = {UINT32_MAX, UINT32_MAX}};
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, -1});
  if (alpa_type_count(walk.types[0]) == 0)
    return;
  reshape_advance(&walk, 0);
  reshape_advance(&walk, 1);
  while (walk.at[0] < walk.types[0]->rank && walk.at[1] < walk.types[1]->rank) {
    int64_t size = alpa_greatest_divisor(walk.left[0], walk.left[1]);
    if (size == 1) {
      reshape_skip(&walk);
      continue;
    }
    add_refinement(rule, &walk, size);
    walk.left[0] /= size;
    walk.left[1] /= size;
    if (walk.left[0] > 1 && walk.left[1] > 1) {
      reshape_skip(&walk);
      continue;
    }
    for (int side = 0; side < 2; side++)
      if (walk.left[side] == 1)
        reshape_advance(&walk, side);
  }
}

void alpa_factors_bitcast_convert(alpa_rule_draft *rule) {
  const alpa_type *from = operand_type(rule, 0), *to = rule->op->results[0].type;
  for (uint32_t d = 0; d < from->rank && d < to->rank; d++)
    alpa_rule_add_common(rule, d);
}

void alpa_factors_broadcast(alpa_rule_draft *rule) {
  const alpa_type *from = operand_type(rule, 0), *to = rule->op->results[0].type;
  uint32_t n_new = to->rank - from->rank;
  for (uint32_t d = 0; d < to->rank; d++) {
    alpa_factor_draft *factor = alpa_rule_add(rule, to->dims[d]);
    factor->result_dims[0] = (int8_t)d;
    if (d >= n_new)
      factor->operand_dims[0] = (int8_t)(d - n_new);
  }
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, -1});
}

void alpa_factors_broadcast_in_dim(alpa_rule_draft *rule) {
  const alpa_type *from = operand_type(rule, 0), *to = rule->op->results[0].type;
  const int64_t *dims = alpa_op_numbers(rule->op, stablehlo_broadcast_in_dim_broadcast_dimensions);
  for (uint32_t d = 0; d < to->rank; d++) {
    alpa_factor_draft *factor = alpa_rule_add(rule, to->dims[d]);
    factor->result_dims[0] = (int8_t)d;
    for (uint32_t i = 0; i < from->rank; i++)
      if (dims[i] == d && from->dims[i] == to->dims[d])
        factor->operand_dims[0] = (int8_t)i;
  }
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, -1});
}

void alpa_factors_transpose(alpa_rule_draft *rule) {
  const int64_t *permutation = alpa_op_numbers(rule->op, stablehlo_transpose_permutation);
  const alpa_type *to = rule->op->results[0].type;
  for (uint32_t d = 0; d < to->rank; d++)
    add_pair(rule, to->dims[d], (uint32_t)permutation[d], d);
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, -1});
}

void alpa_factors_reverse(alpa_rule_draft *rule) {
  size_t n = 0;
  const int64_t *dims = alpa_op_i64s(rule->op, stablehlo_reverse_dimensions, &n);
  const alpa_type *type = rule->op->results[0].type;
  for (uint32_t d = 0; d < type->rank; d++) {
    bool is_reversed = false;
    for (size_t i = 0; i < n; i++)
      is_reversed = is_reversed || dims[i] == d;
    if (!is_reversed)
      alpa_rule_add_common(rule, d);
  }
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, -1});
}

void alpa_factors_concatenate(alpa_rule_draft *rule) {
  int64_t joined = alpa_op_int(rule->op, stablehlo_concatenate_dimension, 0);
  const alpa_type *type = rule->op->results[0].type;
  for (uint32_t d = 0; d < type->rank; d++)
    if (d != joined)
      alpa_rule_add_common(rule, d);
  int *all = alpa_arena_new(rule->arena, int, rule->n_operands + 1);
  for (uint32_t i = 0; i < rule->n_operands; i++)
    all[i] = (int)i;
  all[rule->n_operands] = -1;
  alpa_rule_add_flow(rule, any_kind(rule), all);
}

void alpa_factors_slice(alpa_rule_draft *rule) {
  const alpa_type *from = operand_type(rule, 0), *to = rule->op->results[0].type;
  for (uint32_t d = 0; d < to->rank; d++)
    if (from->dims[d] == to->dims[d])
      alpa_rule_add_common(rule, d);
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, -1});
}

void alpa_factors_dynamic_slice(alpa_rule_draft *rule) { alpa_factors_slice(rule); }

void alpa_factors_dynamic_update_slice(alpa_rule_draft *rule) {
  const alpa_type *update = operand_type(rule, 1), *to = rule->op->results[0].type;
  for (uint32_t d = 0; d < to->rank; d++)
    if (update->dims[d] == to->dims[d])
      alpa_rule_add_common(rule, d);
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, 1, -1});
}

void alpa_factors_pad(alpa_rule_draft *rule) {
  const int64_t *low = alpa_op_numbers(rule->op, stablehlo_pad_edge_padding_low);
  const int64_t *high = alpa_op_numbers(rule->op, stablehlo_pad_edge_padding_high);
  const int64_t *interior = alpa_op_numbers(rule->op, stablehlo_pad_interior_padding);
  const alpa_type *to = rule->op->results[0].type;
  for (uint32_t d = 0; d < to->rank; d++)
    if (low[d] == 0 && high[d] == 0 && interior[d] == 0)
      alpa_rule_add_common(rule, d);
  alpa_rule_add_flow(rule, any_kind(rule), (const int[]){0, 1, -1});
}

/* ---- ops on whole lines ---- */

void alpa_factors_sort(alpa_rule_draft *rule) {
  const alpa_type *type = rule->op->results[0].type;
  int64_t along = alpa_op_int(rule->op, stablehlo_sort_dimension, -1);
  if (along < 0)
    along += type->rank;
  for (uint32_t d = 0; d < type->rank; d++)
    if (d != along)
      alpa_rule_add_common(rule, d);
}

/* The leading dimensions: all but the last `n`. */
static void add_leading(alpa_rule_draft *rule, uint32_t n) {
  const alpa_type *type = rule->op->results[0].type;
  for (uint32_t d = 0; d + n < type->rank; d++)
    alpa_rule_add_common(rule, d);
}

void alpa_factors_fft(alpa_rule_draft *rule) {
  size_t n = 0;
  alpa_op_i64s(rule->op, stablehlo_fft_fft_length, &n);
  add_leading(rule, (uint32_t)n);
}

void alpa_factors_linear_algebra(alpa_rule_draft *rule) { add_leading(rule, 2); }
void alpa_factors_top_k(alpa_rule_draft *rule) { add_leading(rule, 1); }
