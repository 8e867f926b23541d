/* Batch normalisation by its formulas (StableHLO specification, batch_norm_*), feature by feature, with 1/sqrt as
 * rsqrt; real numbers in double, rounded once per result. */
#include <math.h>
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/eval.h"
#include "interp/field.h"
#include "interp/strided.h"

/* A real or a field number. */
typedef union number {
  double real;
  uint64_t element;
} number;

typedef struct norm {
  alpa_call *call;
  bool field;
  int64_t features, size; /* size: elements per feature */
  int64_t order[ALPA_MAX_RANK];
  number epsilon, count;
} norm;

static number add(const norm *t, number a, number b) {
  return t->field ? (number){.element = alpa_field_add(a.element, b.element)} : (number){.real = a.real + b.real};
}
static number subtract(const norm *t, number a, number b) {
  return t->field ? (number){.element = alpa_field_subtract(a.element, b.element)} : (number){.real = a.real - b.real};
}
static number multiply(const norm *t, number a, number b) {
  return t->field ? (number){.element = alpa_field_multiply(a.element, b.element)} : (number){.real = a.real * b.real};
}
static number divide(const norm *t, number a, number b) {
  return t->field ? (number){.element = alpa_field_divide(a.element, b.element)} : (number){.real = a.real / b.real};
}

static number rsqrt(const norm *t, number a) {
  if (!t->field)
    return (number){.real = 1 / sqrt(a.real)};
  alpa_scalar scalar = {
      .def = &alpa_stablehlo_ops[STABLEHLO_rsqrt], .arity = 1, .key = t->call->machine->options.field_key};
  number result;
  const void *const in[3] = {&a, &a, &a};
  alpa_scalar_find_field(scalar.def)(&scalar, 1, in, &result);
  return result;
}

static number number_of(const norm *t, double value) {
  return t->field ? (number){.element = alpa_field_from_double(value)} : (number){.real = value};
}

static norm describe(alpa_call *call, int epsilon_attr, int feature_attr) {
  const alpa_tensor *in = alpa_call_in(call, 0);
  int64_t feature = alpa_op_int(call->op, feature_attr, 0);
  norm t = {.call = call, .field = call->machine->arith == ALPA_ARITH_FIELD, .features = in->dims[feature]};
  t.size = t.features ? alpa_tensor_count(in) / t.features : 0;
  t.order[0] = feature;
  for (uint32_t i = 0, n = 1; i < in->rank; i++)
    if ((int64_t)i != feature)
      t.order[n++] = i;
  t.epsilon = number_of(&t, alpa_attr_number(alpa_op_attr(call->op, epsilon_attr)));
  t.count = number_of(&t, (double)t.size);
  return t;
}

/* A tensor as numbers: of the operand's shape as [features][size], of one dimension as [features]. */
static number *load(const norm *t, const alpa_tensor *tensor) {
  size_t n = (size_t)alpa_tensor_count(tensor), bytes = alpa_call_element_bytes(t->call, tensor->dtype);
  number *numbers = alpa_call_scratch(t->call, (n + 1) * sizeof *numbers);
  const void *packed = tensor->data;
  if (tensor->rank > 1) {
    void *turned = alpa_call_scratch(t->call, n * bytes + 1);
    alpa_copy_transposed(tensor, t->order, bytes, turned);
    packed = turned;
  }
  alpa_elements_load(t->call->machine->arith, tensor->dtype, packed, n, numbers);
  return numbers;
}

static void store(const norm *t, const number *numbers, const alpa_tensor *tensor) {
  size_t n = (size_t)alpa_tensor_count(tensor), bytes = alpa_call_element_bytes(t->call, tensor->dtype);
  char *packed = alpa_call_scratch(t->call, n * bytes + 1);
  alpa_elements_store(t->call->machine->arith, tensor->dtype, numbers, n, packed);
  alpa_copy copy = {.rank = tensor->rank, .bytes = bytes};
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(tensor->rank, tensor->dims, strides);
  for (uint32_t i = 0; i < tensor->rank; i++) {
    int64_t dim = tensor->rank > 1 ? t->order[i] : 0;
    copy.dims[i] = tensor->dims[dim];
    copy.to[i] = strides[dim];
  }
  alpa_strides_of(copy.rank, copy.dims, copy.from);
  alpa_copy_run(&copy, tensor->data, packed);
}

static number sum(const norm *t, const number *x) {
  number total = number_of(t, 0);
  for (int64_t i = 0; i < t->size; i++)
    total = add(t, total, x[i]);
  return total;
}

/* Sum of (x - a)(y - b). */
static number sum_products(const norm *t, const number *x, number a, const number *y, number b) {
  number total = number_of(t, 0);
  for (int64_t i = 0; i < t->size; i++)
    total = add(t, total, multiply(t, subtract(t, x[i], a), subtract(t, y[i], b)));
  return total;
}

/* (x - mean) * rsqrt(variance + epsilon) * scale + offset, in place. */
static void normalise(const norm *t, number *x, number mean, number variance, const number scale_offset[2]) {
  number factor = multiply(t, rsqrt(t, add(t, variance, t->epsilon)), scale_offset[0]);
  for (int64_t i = 0; i < t->size; i++)
    x[i] = add(t, multiply(t, subtract(t, x[i], mean), factor), scale_offset[1]);
}

alpa_status alpa_eval_batch_norm_training(alpa_call *call) {
  norm t = describe(call, stablehlo_batch_norm_training_epsilon, stablehlo_batch_norm_training_feature_index);
  number *x = load(&t, alpa_call_in(call, 0)), *scale = load(&t, alpa_call_in(call, 1));
  number *offset = load(&t, alpa_call_in(call, 2));
  number *means = alpa_call_scratch(call, (size_t)(2 * t.features + 1) * sizeof *means),
         *variances = means + t.features;
  for (int64_t f = 0; f < t.features; f++) {
    number *of_feature = x + f * t.size;
    means[f] = divide(&t, sum(&t, of_feature), t.count);
    variances[f] = divide(&t, sum_products(&t, of_feature, means[f], of_feature, means[f]), t.count);
    normalise(&t, of_feature, means[f], variances[f], (const number[2]){scale[f], offset[f]});
  }
  store(&t, x, alpa_call_out(call, 0));
  store(&t, means, alpa_call_out(call, 1));
  store(&t, variances, alpa_call_out(call, 2));
  return ALPA_OK;
}

alpa_status alpa_eval_batch_norm_inference(alpa_call *call) {
  norm t = describe(call, stablehlo_batch_norm_inference_epsilon, stablehlo_batch_norm_inference_feature_index);
  number *x = load(&t, alpa_call_in(call, 0)), *scale = load(&t, alpa_call_in(call, 1));
  number *offset = load(&t, alpa_call_in(call, 2)), *mean = load(&t, alpa_call_in(call, 3));
  number *variance = load(&t, alpa_call_in(call, 4));
  for (int64_t f = 0; f < t.features; f++)
    normalise(&t, x + f * t.size, mean[f], variance[f], (const number[2]){scale[f], offset[f]});
  store(&t, x, alpa_call_out(call, 0));
  return ALPA_OK;
}

/* The gradients of one feature; x becomes that of the operand. */
static void differentiate(const norm *t, number *x, const number *grad, const number in[3], number out[2]) {
  number zero = number_of(t, 0), scale = in[0], mean = in[1], variance = add(t, in[2], t->epsilon);
  number inverse = rsqrt(t, variance), total = sum(t, grad), products = sum_products(t, grad, zero, x, mean);
  number factor = divide(t, multiply(t, scale, inverse), t->count), slope = divide(t, products, variance);
  for (int64_t i = 0; i < t->size; i++) {
    number part = subtract(t, multiply(t, t->count, grad[i]), total);
    part = subtract(t, part, multiply(t, slope, subtract(t, x[i], mean)));
    x[i] = multiply(t, factor, part);
  }
  out[0] = multiply(t, products, inverse);
  out[1] = total;
}

alpa_status alpa_eval_batch_norm_grad(alpa_call *call) {
  norm t = describe(call, stablehlo_batch_norm_grad_epsilon, stablehlo_batch_norm_grad_feature_index);
  number *x = load(&t, alpa_call_in(call, 0)), *scale = load(&t, alpa_call_in(call, 1));
  number *mean = load(&t, alpa_call_in(call, 2)), *variance = load(&t, alpa_call_in(call, 3));
  number *grad = load(&t, alpa_call_in(call, 4));
  number *scales = alpa_call_scratch(call, (size_t)(2 * t.features + 1) * sizeof *scales),
         *offsets = scales + t.features;
  for (int64_t f = 0; f < t.features; f++) {
    number out[2];
    differentiate(&t, x + f * t.size, grad + f * t.size, (const number[3]){scale[f], mean[f], variance[f]}, out);
    scales[f] = out[0];
    offsets[f] = out[1];
  }
  store(&t, x, alpa_call_out(call, 0));
  store(&t, scales, alpa_call_out(call, 1));
  store(&t, offsets, alpa_call_out(call, 2));
  return ALPA_OK;
}
