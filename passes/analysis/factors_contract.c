/* Factor rules of contractions, reductions and windows: a factor may be combined away. */
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/factor_rules.h"

static const alpa_type *operand_type(const alpa_rule_draft *rule, uint32_t i) {
  return alpa_op_operand_type(rule->op, i);
}

static void add_product_flows(alpa_rule_draft *rule) {
  alpa_rule_add_flow(rule, ALPA_FLOW_SUM, (const int[]){0, -1});
  alpa_rule_add_flow(rule, ALPA_FLOW_SUM, (const int[]){1, -1});
}

/* ---- dot ---- */

typedef struct dot_dims {
  const int64_t *batching[2], *contracting[2];
  size_t n_batching, n_contracting;
} dot_dims;

static void add_dot_free(alpa_rule_draft *rule, const dot_dims *dims, uint32_t side, uint32_t *result_dim) {
  const alpa_type *type = operand_type(rule, side);
  for (uint32_t d = 0; d < type->rank; d++) {
    if (alpa_dims_contain(dims->batching[side], dims->n_batching, d) ||
        alpa_dims_contain(dims->contracting[side], dims->n_contracting, d))
      continue;
    alpa_factor_draft *factor = alpa_rule_add(rule, type->dims[d]);
    factor->operand_dims[side] = (int8_t)d;
    factor->result_dims[0] = (int8_t)(*result_dim)++;
  }
}

static void add_dot(alpa_rule_draft *rule, const dot_dims *dims) {
  const alpa_type *left = operand_type(rule, 0);
  uint32_t result_dim = 0;
  for (size_t i = 0; i < dims->n_batching; i++) {
    alpa_factor_draft *factor = alpa_rule_add(rule, left->dims[dims->batching[0][i]]);
    factor->operand_dims[0] = (int8_t)dims->batching[0][i];
    factor->operand_dims[1] = (int8_t)dims->batching[1][i];
    factor->result_dims[0] = (int8_t)result_dim++;
  }
  add_dot_free(rule, dims, 0, &result_dim);
  add_dot_free(rule, dims, 1, &result_dim);
  for (size_t i = 0; i < dims->n_contracting; i++) {
    alpa_factor_draft *factor = alpa_rule_add(rule, left->dims[dims->contracting[0][i]]);
    factor->kind = ALPA_FACTOR_REDUCE;
    factor->operand_dims[0] = (int8_t)dims->contracting[0][i];
    factor->operand_dims[1] = (int8_t)dims->contracting[1][i];
  }
  add_product_flows(rule);
}

void alpa_factors_dot_general(alpa_rule_draft *rule) {
  const alpa_attr *numbers = alpa_op_attr(rule->op, stablehlo_dot_general_dot_dimension_numbers);
  dot_dims dims = {0};
  dims.batching[0] = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_LHS_BATCHING), &dims.n_batching);
  dims.batching[1] = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_RHS_BATCHING), &dims.n_batching);
  dims.contracting[0] = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_LHS_CONTRACTING), &dims.n_contracting);
  dims.contracting[1] = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_RHS_CONTRACTING), &dims.n_contracting);
  add_dot(rule, &dims);
}

void alpa_factors_dot(alpa_rule_draft *rule) {
  int64_t last = (int64_t)operand_type(rule, 0)->rank - 1, first = 0;
  add_dot(rule, &(dot_dims){.contracting = {&last, &first}, .n_contracting = 1});
}

/* ---- convolution ---- */

static int64_t conv_dim(const alpa_op *op, int field) {
  return alpa_attr_field(alpa_op_attr(op, stablehlo_convolution_dimension_numbers), field)->integer;
}

static void add_conv_factor(alpa_rule_draft *rule, int64_t size, const int64_t dims[3], uint32_t care) {
  alpa_factor_draft *factor = alpa_rule_add(rule, size);
  factor->operand_dims[0] = (int8_t)dims[0];
  factor->operand_dims[1] = (int8_t)dims[1];
  factor->result_dims[0] = (int8_t)dims[2];
  factor->kind = dims[2] < 0 ? ALPA_FACTOR_REDUCE : ALPA_FACTOR_PASS;
  factor->care = care;
}

static int64_t number_at(const alpa_op *op, int ordinal, uint32_t d, int64_t absent) {
  const int64_t *numbers = alpa_op_numbers(op, ordinal);
  return numbers ? numbers[d] : absent;
}

/* A window that covers most of the dimension would need most of it on every device. */
static bool is_narrow(int64_t window, int64_t size) { return 2 * window <= size; }

static void add_window_factor(alpa_rule_draft *rule, int64_t operand_dim, int64_t result_dim, uint32_t n_operands) {
  int64_t in = operand_type(rule, 0)->dims[operand_dim], out = rule->op->results[0].type->dims[result_dim];
  alpa_factor_draft *factor = alpa_rule_add(rule, in < out ? in : out);
  factor->care = ALPA_CARE_HALO;
  for (uint32_t i = 0; i < n_operands; i++)
    factor->operand_dims[i] = (int8_t)operand_dim;
  for (uint32_t i = 0; i < rule->n_results; i++)
    factor->result_dims[i] = (int8_t)result_dim;
}

/* Spatial dimensions of image and result. */
static void add_conv_spatial(alpa_rule_draft *rule) {
  const alpa_op *op = rule->op;
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_convolution_dimension_numbers);
  size_t n;
  const int64_t *image = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_CONV_INPUT_SPATIAL), &n);
  const int64_t *kernel = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_CONV_KERNEL_SPATIAL), &n);
  const int64_t *result = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_CONV_OUTPUT_SPATIAL), &n);
  for (uint32_t i = 0; i < n; i++) {
    int64_t window =
        (operand_type(rule, 1)->dims[kernel[i]] - 1) * number_at(op, stablehlo_convolution_rhs_dilation, i, 1) + 1;
    if (number_at(op, stablehlo_convolution_lhs_dilation, i, 1) == 1 &&
        is_narrow(window, operand_type(rule, 0)->dims[image[i]]))
      add_window_factor(rule, image[i], result[i], 1);
  }
}

/* Image (batch, feature), kernel (input, output feature), result (batch, feature).  JAX writes the gradient of the
 * kernel with batch and feature exchanged, so that these factors cover it too. */
void alpa_factors_convolution(alpa_rule_draft *rule) {
  const alpa_op *op = rule->op;
  const alpa_type *image = operand_type(rule, 0), *kernel = operand_type(rule, 1);
  int64_t n_groups = alpa_op_int(op, stablehlo_convolution_feature_group_count, 1);
  int64_t n_batch_groups = alpa_op_int(op, stablehlo_convolution_batch_group_count, 1);
  int64_t batch = conv_dim(op, STABLEHLO_CONV_INPUT_BATCH), feature = conv_dim(op, STABLEHLO_CONV_INPUT_FEATURE);
  int64_t input = conv_dim(op, STABLEHLO_CONV_KERNEL_INPUT_FEATURE);
  int64_t output = conv_dim(op, STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE);
  int64_t out_batch = conv_dim(op, STABLEHLO_CONV_OUTPUT_BATCH);
  int64_t out_feature = conv_dim(op, STABLEHLO_CONV_OUTPUT_FEATURE);
  if (n_batch_groups == 1)
    add_conv_factor(rule, image->dims[batch], (int64_t[]){batch, ALPA_NO_DIM, out_batch}, 0);
  if (n_batch_groups == 1 && n_groups == 1)
    add_conv_factor(rule, kernel->dims[output], (int64_t[]){ALPA_NO_DIM, output, out_feature}, 0);
  if (n_groups == 1)
    add_conv_factor(rule, image->dims[feature], (int64_t[]){feature, input, ALPA_NO_DIM}, 0);
  if (n_batch_groups == 1 && n_groups > 1)
    add_conv_factor(rule, n_groups, (int64_t[]){feature, output, out_feature}, ALPA_CARE_EVEN);
  if (n_batch_groups == 1)
    add_conv_spatial(rule);
  add_product_flows(rule);
}

/* ---- reductions ---- */

/* The only op of a block but its terminator, applied to both arguments in any order and yielded; or NULL. */
static const alpa_op *find_combiner(const alpa_region *region) {
  const alpa_block *block = alpa_region_block(region);
  if (block == NULL || block->n_args != 2 || block->first == NULL || block->first->next != block->last)
    return NULL;
  const alpa_op *op = block->first, *yield = block->last;
  if (op->n_operands != 2 || op->n_results != 1 || yield->n_operands != 1 || alpa_op_operand(yield, 0) != op->results)
    return NULL;
  const alpa_value *a = alpa_op_operand(op, 0), *b = alpa_op_operand(op, 1);
  bool is_both = (a == block->args[0] && b == block->args[1]) || (a == block->args[1] && b == block->args[0]);
  return is_both ? op : NULL;
}

/* How an op of two scalars combines; of booleans add is `or` and multiply is `and`. */
typedef struct combiner_row {
  stablehlo_op_id op;
  bool is_of_numbers, is_of_booleans;
  alpa_partial_kind of_numbers, of_booleans;
} combiner_row;

static const combiner_row combiners[] = {
    {STABLEHLO_add, true, true, ALPA_PARTIAL_SUM, ALPA_PARTIAL_MAX},
    {STABLEHLO_maximum, true, true, ALPA_PARTIAL_MAX, ALPA_PARTIAL_MAX},
    {STABLEHLO_minimum, true, true, ALPA_PARTIAL_MIN, ALPA_PARTIAL_MIN},
    {STABLEHLO_or, false, true, ALPA_PARTIAL_MAX, ALPA_PARTIAL_MAX},
    {STABLEHLO_and, false, true, ALPA_PARTIAL_MIN, ALPA_PARTIAL_MIN},
    {STABLEHLO_multiply, false, true, ALPA_PARTIAL_MIN, ALPA_PARTIAL_MIN},
};

bool alpa_region_find_partial_kind(const alpa_region *region, alpa_partial_kind *out_kind) {
  const alpa_op *op = find_combiner(region);
  if (op == NULL)
    return false;
  bool is_bool = alpa_type_class(op->results[0].type) == ALPA_CLASS_BOOL;
  for (size_t i = 0; i < countof(combiners); i++) {
    const combiner_row *row = &combiners[i];
    if (!stablehlo_is(op, row->op) || !(is_bool ? row->is_of_booleans : row->is_of_numbers))
      continue;
    *out_kind = is_bool ? row->of_booleans : row->of_numbers;
    return true;
  }
  return false;
}

static void add_reduced(alpa_rule_draft *rule, uint32_t dim, alpa_partial_kind kind) {
  alpa_factor_draft *factor = alpa_rule_add(rule, operand_type(rule, 0)->dims[dim]);
  factor->kind = ALPA_FACTOR_REDUCE;
  factor->partial = kind;
  factor->operand_dims[0] = (int8_t)dim;
  factor->operand_partial[1] = true;
}

void alpa_factors_reduce(alpa_rule_draft *rule) {
  size_t n_dims = 0;
  const int64_t *dims = alpa_op_i64s(rule->op, stablehlo_reduce_dimensions, &n_dims);
  const alpa_type *type = operand_type(rule, 0);
  alpa_partial_kind kind = ALPA_PARTIAL_SUM;
  bool is_partial = rule->n_results == 1 && alpa_region_find_partial_kind(&rule->op->regions[0], &kind);
  int8_t kept = 0;
  for (uint32_t d = 0; d < type->rank; d++) {
    if (alpa_dims_contain(dims, n_dims, d)) {
      if (is_partial)
        add_reduced(rule, d, kind);
      continue;
    }
    alpa_factor_draft *factor = alpa_rule_add(rule, type->dims[d]);
    for (uint32_t i = 0; i < rule->n_results; i++) {
      factor->operand_dims[i] = (int8_t)d;
      factor->result_dims[i] = kept;
    }
    kept++;
  }
  if (is_partial)
    alpa_rule_add_flow(rule, 1u << kind, (const int[]){0, 1, -1});
}

/* ---- windows ---- */

static int64_t padding_at(const alpa_attr *padding, uint32_t d, int side) {
  return padding ? *(const int64_t *)alpa_attr_element(padding, 2 * (int64_t)d + side) : 0;
}

void alpa_factors_reduce_window(alpa_rule_draft *rule) {
  const alpa_op *op = rule->op;
  const alpa_type *type = operand_type(rule, 0);
  const alpa_attr *padding = alpa_op_attr(op, stablehlo_reduce_window_padding);
  for (uint32_t d = 0; d < type->rank; d++) {
    int64_t window = (number_at(op, stablehlo_reduce_window_window_dimensions, d, 1) - 1) *
                         number_at(op, stablehlo_reduce_window_window_dilations, d, 1) +
                     1;
    int64_t stride = number_at(op, stablehlo_reduce_window_window_strides, d, 1);
    if (number_at(op, stablehlo_reduce_window_base_dilations, d, 1) != 1)
      continue;
    if (window == 1 && stride == 1 && padding_at(padding, d, 0) == 0 && padding_at(padding, d, 1) == 0)
      alpa_rule_add_common(rule, d);
    else if (is_narrow(window, type->dims[d]) && (window > 1 || stride > 1))
      add_window_factor(rule, d, d, rule->n_results);
  }
  alpa_partial_kind kind = ALPA_PARTIAL_SUM;
  if (rule->n_results == 1 && alpa_region_find_partial_kind(&op->regions[0], &kind) && kind == ALPA_PARTIAL_SUM)
    alpa_rule_add_flow(rule, ALPA_FLOW_SUM, (const int[]){0, 1, -1});
}

void alpa_factors_select_and_scatter(alpa_rule_draft *rule) {
  const alpa_op *op = rule->op;
  const alpa_type *type = operand_type(rule, 0);
  const alpa_attr *padding = alpa_op_attr(op, stablehlo_select_and_scatter_padding);
  for (uint32_t d = 0; d < type->rank; d++) {
    bool is_untouched = number_at(op, stablehlo_select_and_scatter_window_dimensions, d, 1) == 1 &&
                        number_at(op, stablehlo_select_and_scatter_window_strides, d, 1) == 1 &&
                        padding_at(padding, d, 0) == 0 && padding_at(padding, d, 1) == 0;
    if (is_untouched)
      alpa_rule_add_common(rule, d);
  }
  alpa_partial_kind kind = ALPA_PARTIAL_SUM;
  if (alpa_region_find_partial_kind(&op->regions[1], &kind) && kind == ALPA_PARTIAL_SUM)
    alpa_rule_add_flow(rule, ALPA_FLOW_SUM, (const int[]){1, 2, -1});
}

/* ---- normalisation ---- */

/* Only the feature dimension, which every operand and result has: statistics are over all others. */
void alpa_factors_batch_norm(alpa_rule_draft *rule) {
  const alpa_attr *index = alpa_op_find_attr(rule->op, "feature_index");
  int64_t feature = index ? index->integer : 0;
  alpa_factor_draft *factor = alpa_rule_add(rule, operand_type(rule, 0)->dims[feature]);
  for (uint32_t i = 0; i < rule->n_operands; i++)
    factor->operand_dims[i] = (int8_t)(operand_type(rule, i)->rank == 1 ? 0 : feature);
  for (uint32_t i = 0; i < rule->n_results; i++)
    factor->result_dims[i] = (int8_t)(rule->op->results[i].type->rank == 1 ? 0 : feature);
}
