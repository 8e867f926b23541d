/* Per-device forms of ops with windows: where a spatial dimension is sharded, operands are extended by what the
 * device's windows cover (halo.c) and the op's own padding along it disappears. */
#include "dialects/ir/context.h"
#include "passes/partition/partition.h"

static int64_t number_at(const alpa_op *op, int ordinal, uint32_t d, int64_t absent) {
  size_t n;
  const int64_t *numbers = alpa_op_i64s(op, ordinal, &n);
  return numbers ? numbers[d] : absent;
}

/* A padding attribute whose rows are set to zero where asked. */
static const alpa_attr *without_padding(alpa_partitioner *p, const alpa_attr *padding, uint32_t n,
                                        const bool *cleared) {
  int64_t *pairs = alpa_arena_new(p->arena, int64_t, 2 * n);
  for (uint32_t i = 0; i < 2 * n; i++)
    pairs[i] = padding && !cleared[i / 2] ? *(const int64_t *)alpa_attr_element(padding, i) : 0;
  return alpa_attr_get_pairs(p->ctx, n, 2, pairs);
}

static int64_t low_at(const alpa_attr *padding, uint32_t d) {
  return padding ? *(const int64_t *)alpa_attr_element(padding, 2 * (int64_t)d) : 0;
}

/* ---- convolution ---- */

typedef struct conv_dims {
  const int64_t *image, *kernel, *result; /* spatial */
  size_t n;
} conv_dims;

static conv_dims read_conv_dims(const alpa_op *op) {
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_convolution_dimension_numbers);
  conv_dims dims;
  dims.image = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_CONV_INPUT_SPATIAL), &dims.n);
  dims.kernel = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_CONV_KERNEL_SPATIAL), &dims.n);
  dims.result = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_CONV_OUTPUT_SPATIAL), &dims.n);
  return dims;
}

static void extend_image(alpa_partitioner *p, alpa_local_op *local) {
  const alpa_op *op = local->op;
  const alpa_type *image = alpa_op_operand_type(op, 0), *kernel = alpa_op_operand_type(op, 1);
  const alpa_attr *padding = alpa_op_attr(op, stablehlo_convolution_padding);
  conv_dims dims = read_conv_dims(op);
  bool *extended = alpa_arena_new(p->arena, bool, dims.n), is_any = false;
  for (uint32_t i = 0; i < dims.n; i++) {
    if (alpa_state_parts(p->mesh, &local->operand_states[0], (int)dims.image[i]) == 1)
      continue;
    int64_t dilation = number_at(op, stablehlo_convolution_rhs_dilation, i, 1);
    alpa_halo halo = {.dim = (uint32_t)dims.image[i],
                      .window = (kernel->dims[dims.kernel[i]] - 1) * dilation + 1,
                      .stride = number_at(op, stablehlo_convolution_window_strides, i, 1),
                      .low = low_at(padding, i),
                      .n_outputs = local->result_types[0]->dims[dims.result[i]]};
    halo.fill = alpa_emit_neutral(p, alpa_type_with_dims(p->ctx, image, 0, NULL), ALPA_PARTIAL_SUM);
    local->operands[0] = alpa_emit_halo(p, local->operands[0], image, &local->operand_states[0], &halo);
    extended[i] = is_any = true;
  }
  if (is_any)
    local->attrs[stablehlo_convolution_padding] = without_padding(p, padding, (uint32_t)dims.n, extended);
}

alpa_status alpa_form_convolution(alpa_partitioner *p, alpa_local_op *local) {
  int64_t groups = alpa_op_int(local->op, stablehlo_convolution_feature_group_count, 1);
  for (uint32_t f = 0; f < local->rule->n_factors && groups > 1; f++)
    for (uint32_t a = 0; a < p->mesh->n_axes; a++)
      if (local->strategy.choice[a] == (int)f && (local->rule->factors[f].care & ALPA_CARE_EVEN))
        groups /= p->mesh->axes[a].size;
  local->attrs[stablehlo_convolution_feature_group_count] = alpa_attr_get_i64(p->ctx, groups);
  alpa_local_mask(p, local, 0);
  alpa_local_mask(p, local, 1);
  extend_image(p, local);
  alpa_local_build(p, local);
  return ALPA_OK;
}

/* ---- reduce_window ---- */

alpa_status alpa_form_reduce_window(alpa_partitioner *p, alpa_local_op *local) {
  const alpa_op *op = local->op;
  const alpa_type *whole = alpa_op_operand_type(op, 0);
  const alpa_attr *padding = alpa_op_attr(op, stablehlo_reduce_window_padding);
  bool *extended = alpa_arena_new(p->arena, bool, whole->rank), is_any = false;
  for (uint32_t d = 0; d < whole->rank; d++) {
    int64_t window = number_at(op, stablehlo_reduce_window_window_dimensions, d, 1);
    int64_t stride = number_at(op, stablehlo_reduce_window_window_strides, d, 1);
    int64_t dilation = number_at(op, stablehlo_reduce_window_window_dilations, d, 1);
    if (alpa_state_parts(p->mesh, &local->operand_states[0], (int)d) == 1 || (window == 1 && stride == 1))
      continue;
    for (uint32_t i = 0; i < op->n_results; i++) {
      alpa_halo halo = {.dim = d,
                        .window = (window - 1) * dilation + 1,
                        .stride = stride,
                        .low = low_at(padding, d),
                        .n_outputs = local->result_types[i]->dims[d],
                        .fill = local->operands[op->n_results + i]};
      local->operands[i] =
          alpa_emit_halo(p, local->operands[i], alpa_op_operand_type(op, i), &local->operand_states[i], &halo);
    }
    extended[d] = is_any = true;
  }
  if (is_any)
    local->attrs[stablehlo_reduce_window_padding] = without_padding(p, padding, whole->rank, extended);
  alpa_local_build(p, local);
  return ALPA_OK;
}
