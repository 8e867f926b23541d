/* Convolution: the dimension numbers, the window, and the sizes that must divide (StableHLO specification,
 * convolution, constraints C2 to C25). */
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"
#include "dialects/stablehlo/window.h"

#include <inttypes.h>

/* A convolution and its dynamic variant have the same attributes, at ordinals of their own. */
typedef struct conv_attrs {
  const alpa_attr *numbers, *precision, *padding;
  alpa_dim_list strides, lhs_dilation, rhs_dilation, reversal;
  int64_t feature_groups, batch_groups;
  bool dynamic; /* the padding is not known, so neither are the result's spatial sizes */
} conv_attrs;

/* Where a tensor of the convolution has its batch, feature and spatial dimensions. */
typedef struct layout {
  const char *name;
  int64_t first, second;
  alpa_dim_list spatial;
} layout;

static alpa_status check_layout(const alpa_op *op, const layout *l, uint32_t rank) {
  if (l->spatial.n + 2 != rank)
    return alpa_op_error(op, "expects dim_numbers to name all %u dimensions of the %s, got %zu", rank, l->name,
                         l->spatial.n + 2);
  ALPA_TRY(alpa_check_dims(op, l->spatial, rank));
  bool ok = l->first >= 0 && l->first < rank && l->second >= 0 && l->second < rank && l->first != l->second;
  if (!ok || alpa_dim_list_has(l->spatial, l->first) || alpa_dim_list_has(l->spatial, l->second))
    return alpa_op_error(op,
                         "expects dim_numbers of the %s to name each dimension in [0, %u) once, got %" PRId64
                         " and %" PRId64 " besides the spatial ones",
                         l->name, rank, l->first, l->second);
  return ALPA_OK;
}

static layout get_layout(const alpa_attr *numbers, const char *name, int first, int second, int spatial) {
  return (layout){name, alpa_struct_int(numbers, first), alpa_struct_int(numbers, second),
                  alpa_dim_list_field(numbers, spatial)};
}

static alpa_status check_divides(const alpa_op *op, const char *what, int64_t size, const char *by, int64_t divisor) {
  if (alpa_dim_known(size) && size % divisor)
    return alpa_op_error(op, "expects %s (%" PRId64 ") to be divisible by %s (%" PRId64 ")", what, size, by, divisor);
  return ALPA_OK;
}

static alpa_status check_groups(const alpa_op *op, const conv_attrs *a, const layout *input, const layout *kernel) {
  const alpa_type *lhs = alpa_op_operand_type(op, 0), *rhs = alpa_op_operand_type(op, 1);
  if (a->feature_groups < 1 || a->batch_groups < 1)
    return alpa_op_error(
        op, "expects feature_group_count and batch_group_count to be at least 1, got %" PRId64 " and %" PRId64,
        a->feature_groups, a->batch_groups);
  if (a->feature_groups > 1 && a->batch_groups > 1)
    return alpa_op_error(
        op, "expects one of feature_group_count and batch_group_count to be 1, got %" PRId64 " and %" PRId64,
        a->feature_groups, a->batch_groups);
  int64_t features = lhs->dims[input->second], kernel_in = rhs->dims[kernel->first];
  ALPA_TRY(check_divides(op, "the input's batch size", lhs->dims[input->first], "batch_group_count", a->batch_groups));
  ALPA_TRY(check_divides(op, "the input's feature size", features, "feature_group_count", a->feature_groups));
  int64_t out = rhs->dims[kernel->second];
  ALPA_TRY(check_divides(op, "the kernel's output feature size", out, "batch_group_count", a->batch_groups));
  ALPA_TRY(check_divides(op, "the kernel's output feature size", out, "feature_group_count", a->feature_groups));
  if (alpa_dim_known(features) && !alpa_dim_agrees(features / a->feature_groups, kernel_in))
    return alpa_op_error(op,
                         "expects the kernel's input feature size to be the input's over feature_group_count (%" PRId64
                         "), got %" PRId64,
                         features / a->feature_groups, kernel_in);
  return ALPA_OK;
}

static alpa_status check_window(const alpa_op *op, const conv_attrs *a, alpa_window *window, const layout *kernel,
                                int64_t *sizes) {
  const alpa_type *rhs = alpa_op_operand_type(op, 1);
  size_t n = kernel->spatial.n;
  for (size_t i = 0; i < n; i++)
    sizes[i] = rhs->dims[kernel->spatial.items[i]];
  *window = (alpa_window){.strides = a->strides,
                          .base_dilations = a->lhs_dilation,
                          .window_dilations = a->rhs_dilation,
                          .padding = a->padding};
  ALPA_TRY(alpa_window_check(op, window, n));
  window->size = (alpa_dim_list){"kernel_spatial_dimensions", sizes, n};
  for (size_t i = 0; i < n; i++)
    if (sizes[i] == 0)
      return alpa_op_error(op, "expects a kernel of at least one element in each spatial dimension, got '%s'",
                           alpa_spell(op, rhs));
  if (a->reversal.n)
    ALPA_TRY(alpa_check_length(op, a->reversal, n, "the window has dimensions"));
  if (a->precision && a->precision->array.n > 2)
    return alpa_op_error(op, "expects precision_config to have at most 2 elements, got %zu", a->precision->array.n);
  return ALPA_OK;
}

static alpa_status check_conv(const alpa_op *op, const conv_attrs *a) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *lhs = alpa_op_operand_type(op, 0), *rhs = alpa_op_operand_type(op, 1);
  if (lhs->rank != rhs->rank || lhs->rank != alpa_op_type(op)->rank || lhs->rank < 2)
    return alpa_op_error(op,
                         "expects input, kernel and result to have the same rank of at least 2, got '%s', '%s' and "
                         "'%s'",
                         alpa_spell(op, lhs), alpa_spell(op, rhs), alpa_spell(op, alpa_op_type(op)));
  if (lhs->element->kind == ALPA_TYPE_SCALAR && rhs->element->kind == ALPA_TYPE_SCALAR)
    ALPA_TRY(alpa_check_same_element(op, lhs, "the input", rhs, "the kernel"));
  layout input = get_layout(a->numbers, "input", STABLEHLO_CONV_INPUT_BATCH, STABLEHLO_CONV_INPUT_FEATURE,
                            STABLEHLO_CONV_INPUT_SPATIAL);
  layout kernel = get_layout(a->numbers, "kernel", STABLEHLO_CONV_KERNEL_INPUT_FEATURE,
                             STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE, STABLEHLO_CONV_KERNEL_SPATIAL);
  layout output = get_layout(a->numbers, "output", STABLEHLO_CONV_OUTPUT_BATCH, STABLEHLO_CONV_OUTPUT_FEATURE,
                             STABLEHLO_CONV_OUTPUT_SPATIAL);
  ALPA_TRY(check_layout(op, &input, lhs->rank));
  ALPA_TRY(check_layout(op, &kernel, lhs->rank));
  ALPA_TRY(check_layout(op, &output, lhs->rank));
  ALPA_TRY(check_groups(op, a, &input, &kernel));
  int64_t sizes[ALPA_MAX_RANK];
  alpa_window window;
  ALPA_TRY(check_window(op, a, &window, &kernel, sizes));
  alpa_shape shape = alpa_shape_of(alpa_op_type(op));
  int64_t batch = lhs->dims[input.first];
  shape.dims[output.first] = alpa_dim_known(batch) ? batch / a->batch_groups : batch;
  shape.dims[output.second] = rhs->dims[kernel.second];
  for (size_t i = 0; i < kernel.spatial.n; i++)
    ALPA_TRY(alpa_window_count(op, a->dynamic ? ALPA_DYNAMIC : lhs->dims[input.spatial.items[i]],
                               alpa_window_get_dim(&window, i), &shape.dims[output.spatial.items[i]]));
  return alpa_check_result_shape(op, &shape);
}

/* window_reversal holds booleans: only its length matters here. */
static alpa_dim_list reversal_of(const alpa_attr *attr) {
  return (alpa_dim_list){"window_reversal", NULL, attr ? attr->elements.n : 0};
}

alpa_status alpa_stablehlo_verify_convolution(alpa_op *op) {
  conv_attrs a = {
      .numbers = op->attrs[stablehlo_convolution_dimension_numbers],
      .precision = op->attrs[stablehlo_convolution_precision_config],
      .padding = op->attrs[stablehlo_convolution_padding],
      .strides = alpa_dim_list_of(op, stablehlo_convolution_window_strides),
      .lhs_dilation = alpa_dim_list_of(op, stablehlo_convolution_lhs_dilation),
      .rhs_dilation = alpa_dim_list_of(op, stablehlo_convolution_rhs_dilation),
      .reversal = reversal_of(op->attrs[stablehlo_convolution_window_reversal]),
      .feature_groups = alpa_op_int(op, stablehlo_convolution_feature_group_count, 1),
      .batch_groups = alpa_op_int(op, stablehlo_convolution_batch_group_count, 1),
  };
  return check_conv(op, &a);
}

alpa_status alpa_stablehlo_verify_dynamic_conv(alpa_op *op) {
  conv_attrs a = {
      .numbers = op->attrs[stablehlo_dynamic_conv_dimension_numbers],
      .precision = op->attrs[stablehlo_dynamic_conv_precision_config],
      .strides = alpa_dim_list_of(op, stablehlo_dynamic_conv_window_strides),
      .lhs_dilation = alpa_dim_list_of(op, stablehlo_dynamic_conv_lhs_dilation),
      .rhs_dilation = alpa_dim_list_of(op, stablehlo_dynamic_conv_rhs_dilation),
      .reversal = reversal_of(op->attrs[stablehlo_dynamic_conv_window_reversal]),
      .dynamic = true,
      .feature_groups = alpa_op_int(op, stablehlo_dynamic_conv_feature_group_count, 1),
      .batch_groups = alpa_op_int(op, stablehlo_dynamic_conv_batch_group_count, 1),
  };
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *padding = alpa_op_operand_type(op, 2), *lhs = alpa_op_operand_type(op, 0);
  if (padding->rank != 2 || lhs->rank < 2 || !alpa_dim_agrees(padding->dims[0], lhs->rank - 2) ||
      !alpa_dim_agrees(padding->dims[1], 2))
    return alpa_op_error(op, "expects the padding operand to have one pair for each spatial dimension, got '%s'",
                         alpa_spell(op, padding));
  return check_conv(op, &a);
}
