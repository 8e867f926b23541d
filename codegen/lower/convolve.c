/* Kernels of kind `convolution`: describes the convolution of a kernel as strided loops, and stores finished sums
 * through the epilogue. */
#include <string.h>

#include "codegen/layout.h"
#include "codegen/lower/convolution.h"
#include "codegen/lower/loop.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct convolve {
  alpa_convolution convolution;
  alpa_op *op;
  int64_t out_batch, out_feature; /* dimensions of the result */
  const int64_t *out_spatial;
} convolve;

static alpa_op *find_op(const alpa_op *kernel) {
  for (alpa_op *op = alpa_kernel_body(kernel)->first; op; op = op->next)
    if (stablehlo_is(op, STABLEHLO_convolution))
      return op;
  return NULL;
}

static int64_t item(const alpa_op *op, int ordinal, uint32_t i, int64_t absent) {
  const alpa_attr *attr = alpa_op_attr(op, ordinal);
  return attr ? *(const int64_t *)alpa_attr_element(attr, i) : absent;
}

static bool is_reversed(const alpa_op *op, uint32_t i) {
  const alpa_attr *attr = alpa_op_attr(op, stablehlo_convolution_window_reversal);
  return attr && *(const uint8_t *)alpa_attr_element(attr, i);
}

static int64_t number(const alpa_attr *dims, int field) { return alpa_attr_field(dims, field)->integer; }

static alpa_value *epilogue_value(const alpa_op *kernel, uint32_t i, int64_t *strides) {
  return alpa_layout_find_source(alpa_op_operand(alpa_kernel_body(kernel)->last, i), strides);
}

static void store(alpa_lower *lower, const alpa_convolution *c, const alpa_convolution_point *point,
                  LLVMValueRef value) {
  const convolve *v = c->user;
  const alpa_op *kernel = lower->kernel;
  const alpa_type *type = v->op->results[0].type;
  alpa_tuple *tuple = alpa_tuple_make(lower, &(alpa_tuple){.lanes = point->lanes, .mask = point->mask}, type->rank);
  if (type->dims[v->out_batch] != 1)
    tuple->at[v->out_batch] = alpa_component_of(point->batch);
  if (type->dims[v->out_feature] != 1) {
    tuple->at[v->out_feature] = alpa_component_of(point->feature);
    tuple->at[v->out_feature].step = point->lanes > 1;
    if (point->multiple)
      tuple->at[v->out_feature].multiple = point->multiple;
  }
  for (uint32_t i = 0; i < c->n_spatial; i++)
    if (type->dims[v->out_spatial[i]] != 1)
      tuple->at[v->out_spatial[i]] = alpa_component_of(point->spatial[i]);
  const alpa_tuple *at = alpa_tuple_get(lower, tuple);
  alpa_expr_push(lower);
  alpa_expr_set(lower, &v->op->results[0], at,
                alpa_element_convert(lower, c->accumulator, c->out_dtype, (alpa_element){value, NULL}));
  for (uint32_t i = 0; i < kernel->n_results; i++) {
    int64_t strides[ALPA_MAX_RANK];
    alpa_element element = alpa_expr_eval(lower, epilogue_value(kernel, i, strides), at);
    alpa_component offset = alpa_component_constant(lower, 0);
    for (uint32_t d = 0; d < type->rank; d++)
      offset = alpa_component_add(lower, offset, alpa_component_scale(lower, at->at[d], strides[d]), point->lanes);
    alpa_tuple *flat = alpa_tuple_make(lower, at, 1);
    flat->flat = true;
    flat->mask = point->mask;
    flat->at[0] = offset;
    alpa_expr_store(lower, alpa_lower_result(lower, i), kernel->results[i].type, flat, element);
  }
  alpa_expr_pop(lower);
}

static void describe_spatial(alpa_convolution *c, const alpa_op *op, const alpa_attr *dims,
                             const int64_t *out_strides) {
  const alpa_type *input = alpa_op_operand_type(op, 0), *kernel = alpa_op_operand_type(op, 1);
  const alpa_type *output = op->results[0].type;
  int64_t in_strides[ALPA_MAX_RANK], kernel_strides[ALPA_MAX_RANK];
  alpa_strides_dense(input, in_strides);
  alpa_strides_dense(kernel, kernel_strides);
  size_t n;
  const int64_t *is = alpa_attr_i64s(alpa_attr_field(dims, STABLEHLO_CONV_INPUT_SPATIAL), &n);
  const int64_t *ks = alpa_attr_i64s(alpa_attr_field(dims, STABLEHLO_CONV_KERNEL_SPATIAL), &n);
  const int64_t *os = alpa_attr_i64s(alpa_attr_field(dims, STABLEHLO_CONV_OUTPUT_SPATIAL), &n);
  c->n_spatial = (uint32_t)n;
  for (uint32_t i = 0; i < n; i++)
    c->spatial[i] = (alpa_convolution_dim){
        .input = input->dims[is[i]],
        .window = kernel->dims[ks[i]],
        .output = output->dims[os[i]],
        .input_stride = in_strides[is[i]],
        .window_stride = kernel_strides[ks[i]],
        .output_stride = out_strides[os[i]],
        .stride = item(op, stablehlo_convolution_window_strides, i, 1),
        .padding_low = item(op, stablehlo_convolution_padding, 2 * i, 0),
        .window_dilation = item(op, stablehlo_convolution_rhs_dilation, i, 1),
        .input_dilation = item(op, stablehlo_convolution_lhs_dilation, i, 1),
        .reversed = is_reversed(op, i),
    };
}

static void describe(alpa_lower *lower, convolve *v) {
  memset(v, 0, sizeof *v);
  const alpa_op *kernel = lower->kernel, *op = v->op = find_op(kernel);
  const alpa_attr *dims = alpa_op_attr(op, stablehlo_convolution_dimension_numbers);
  int64_t out_strides[ALPA_MAX_RANK], strides[ALPA_MAX_RANK];
  const alpa_value *end = epilogue_value(kernel, 0, out_strides);
  alpa_convolution *c = &v->convolution;
  size_t n;
  v->out_batch = number(dims, STABLEHLO_CONV_OUTPUT_BATCH);
  v->out_feature = number(dims, STABLEHLO_CONV_OUTPUT_FEATURE);
  v->out_spatial = alpa_attr_i64s(alpa_attr_field(dims, STABLEHLO_CONV_OUTPUT_SPATIAL), &n);
  describe_spatial(c, op, dims, out_strides);
  c->out_batch = op->results[0].type->dims[v->out_batch];
  c->out_features = op->results[0].type->dims[v->out_feature];
  c->in_channels = alpa_op_operand_type(op, 1)->dims[number(dims, STABLEHLO_CONV_KERNEL_INPUT_FEATURE)];
  c->feature_groups = alpa_op_int(op, stablehlo_convolution_feature_group_count, 1);
  c->batch_groups = alpa_op_int(op, stablehlo_convolution_batch_group_count, 1);
  alpa_strides_dense(alpa_op_operand_type(op, 0), strides);
  c->input_batch_stride = strides[number(dims, STABLEHLO_CONV_INPUT_BATCH)];
  c->input_feature_stride = strides[number(dims, STABLEHLO_CONV_INPUT_FEATURE)];
  alpa_strides_dense(alpa_op_operand_type(op, 1), strides);
  c->kernel_input_stride = strides[number(dims, STABLEHLO_CONV_KERNEL_INPUT_FEATURE)];
  c->kernel_output_stride = strides[number(dims, STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE)];
  c->output_batch_stride = out_strides[v->out_batch];
  c->output_feature_stride = out_strides[v->out_feature];
  c->input_dtype = alpa_op_operand_type(op, 0)->dtype;
  c->kernel_dtype = alpa_op_operand_type(op, 1)->dtype;
  c->out_dtype = op->results[0].type->dtype;
  bool narrow = alpa_type_class(op->results[0].type) == ALPA_CLASS_FLOAT && c->out_dtype != ALPA_F64;
  c->accumulator = narrow ? ALPA_F32 : c->out_dtype;
  c->plain = kernel->n_results == 1 && end == &op->results[0] && c->accumulator == c->out_dtype;
  c->input_operand = alpa_op_operand(op, 0)->index;
  c->kernel_operand = alpa_op_operand(op, 1)->index;
  c->out_operand = kernel->n_operands;
  c->store = store;
  c->user = v;
}

static double flops_of(const alpa_convolution *c) {
  double flops = 2.0 * (double)c->out_batch * (double)c->out_features * (double)c->in_channels;
  for (uint32_t i = 0; i < c->n_spatial; i++)
    flops *= (double)c->spatial[i].output * (double)c->spatial[i].window;
  return flops;
}

static void schedule(alpa_lower *lower) {
  if (alpa_convolution_is_product(find_op(lower->kernel))) {
    alpa_lower_contraction.schedule(lower);
    return;
  }
  convolve v;
  describe(lower, &v);
  alpa_convolution_schedule(lower, &v.convolution);
  lower->schedule->flops = flops_of(&v.convolution);
  if (alpa_dtype_get_info(v.convolution.out_dtype)->class_ == ALPA_CLASS_COMPLEX)
    alpa_lower_unsupported(lower, v.op, "of complex numbers is not supported");
}

static void emit(alpa_lower *lower, uint32_t phase) {
  if (alpa_convolution_is_product(find_op(lower->kernel))) {
    alpa_lower_contraction.emit(lower, phase);
    return;
  }
  convolve v;
  describe(lower, &v);
  alpa_convolution_emit(lower, &v.convolution, phase);
}

const alpa_kernel_lowering alpa_lower_convolution = {schedule, emit};
