/* Convolution as a matrix product of patches: the image is laid out (batch, space, feature), the kernel (output
 * feature, window, input feature), and for each block of output positions the patches under the window are copied side
 * by side. */
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/contract.h"
#include "interp/eval.h"
#include "interp/strided.h"

/* Elements of one block of patches. */
enum { PATCH_ELEMENTS = 1 << 17 };

typedef struct convolution {
  uint32_t space;                                                       /* number of spatial dimensions */
  int64_t in[ALPA_MAX_RANK], window[ALPA_MAX_RANK], out[ALPA_MAX_RANK]; /* spatial sizes */
  int64_t stride[ALPA_MAX_RANK], low[ALPA_MAX_RANK], lhs_dilation[ALPA_MAX_RANK], rhs_dilation[ALPA_MAX_RANK];
  int64_t batch, features, out_features; /* of the whole image and result; batch that of the result */
  int64_t feature_groups, batch_groups;
  int64_t positions, window_size, in_size; /* products of out, window and in */
  size_t bytes;                            /* of an image element */
  const char *image;                       /* packed */
  char *patches;                           /* of one block */
} convolution;

static int64_t number_at(const alpa_op *op, int ordinal, uint32_t i, int64_t absent) {
  size_t n;
  const int64_t *values = alpa_op_i64s(op, ordinal, &n);
  return i < n ? values[i] : absent;
}

static int64_t conv_dim(const alpa_op *op, int field) {
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_convolution_dimension_numbers);
  return alpa_attr_field(numbers, field)->integer;
}

static const int64_t *conv_space(const alpa_op *op, int field) {
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_convolution_dimension_numbers);
  size_t n;
  return alpa_attr_i64s(alpa_attr_field(numbers, field), &n);
}

/* Also of dynamic_conv, whose padding is an operand. */
_Static_assert((int)stablehlo_convolution_dimension_numbers == (int)stablehlo_dynamic_conv_dimension_numbers &&
                   (int)stablehlo_convolution_batch_group_count == (int)stablehlo_dynamic_conv_batch_group_count,
               "one evaluation");

static convolution describe(const alpa_call *call) {
  const alpa_op *op = call->op;
  const alpa_tensor *lhs = alpa_call_in(call, 0), *rhs = alpa_call_in(call, 1), *out = alpa_call_out(call, 0);
  convolution c = {.space = lhs->rank - 2, .positions = 1, .window_size = 1, .in_size = 1};
  const alpa_attr *padding = alpa_op_attr(op, stablehlo_convolution_padding);
  for (uint32_t i = 0; i < c.space; i++) {
    c.in[i] = lhs->dims[conv_space(op, STABLEHLO_CONV_INPUT_SPATIAL)[i]];
    c.window[i] = rhs->dims[conv_space(op, STABLEHLO_CONV_KERNEL_SPATIAL)[i]];
    c.out[i] = out->dims[conv_space(op, STABLEHLO_CONV_OUTPUT_SPATIAL)[i]];
    c.stride[i] = number_at(op, stablehlo_convolution_window_strides, i, 1);
    c.lhs_dilation[i] = number_at(op, stablehlo_convolution_lhs_dilation, i, 1);
    c.rhs_dilation[i] = number_at(op, stablehlo_convolution_rhs_dilation, i, 1);
    c.low[i] = stablehlo_is(op, STABLEHLO_dynamic_conv) ? alpa_tensor_integer(alpa_call_in(call, 2), 2 * i)
               : padding                                ? *(const int64_t *)alpa_attr_element(padding, 2 * i)
                                                        : 0;
    c.positions *= c.out[i];
    c.window_size *= c.window[i];
    c.in_size *= c.in[i];
  }
  c.batch = out->dims[conv_dim(op, STABLEHLO_CONV_OUTPUT_BATCH)];
  c.features = lhs->dims[conv_dim(op, STABLEHLO_CONV_INPUT_FEATURE)];
  c.out_features = out->dims[conv_dim(op, STABLEHLO_CONV_OUTPUT_FEATURE)];
  c.feature_groups = alpa_op_int(op, stablehlo_convolution_feature_group_count, 1);
  c.batch_groups = alpa_op_int(op, stablehlo_convolution_batch_group_count, 1);
  c.bytes = alpa_call_element_bytes(call, lhs->dtype);
  return c;
}

/* The tensor with its dimensions in the order first, spatial, last; spatial ones reversed where `flip` says so. */
static char *pack(alpa_call *call, const alpa_tensor *tensor, const int64_t ends[2], const int64_t *space,
                  const alpa_attr *flip) {
  size_t bytes = alpa_call_element_bytes(call, tensor->dtype);
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(tensor->rank, tensor->dims, strides);
  alpa_copy copy = {.rank = tensor->rank, .bytes = bytes};
  for (uint32_t i = 0; i < tensor->rank; i++) {
    int64_t dim = i == 0 ? ends[0] : i + 1 == tensor->rank ? ends[1] : space[i - 1];
    copy.dims[i] = tensor->dims[dim];
    copy.from[i] = strides[dim];
    bool inner = i > 0 && i + 1 < tensor->rank;
    if (inner && flip && *(const uint8_t *)alpa_attr_element(flip, (int64_t)i - 1)) {
      copy.from_first += strides[dim] * (copy.dims[i] - 1);
      copy.from[i] = -strides[dim];
    }
  }
  alpa_strides_of(copy.rank, copy.dims, copy.to);
  char *packed = alpa_call_scratch(call, (size_t)alpa_tensor_count(tensor) * bytes);
  alpa_copy_run(&copy, packed, tensor->data);
  return packed;
}

/* Offset in the image's space of what window position w sees at output position p, or -1 where it is padding. */
static int64_t source_position(const convolution *c, const int64_t *p, const int64_t *w) {
  int64_t offset = 0;
  for (uint32_t i = 0; i < c->space; i++) {
    int64_t at = p[i] * c->stride[i] + w[i] * c->rhs_dilation[i] - c->low[i];
    if (at < 0 || at % c->lhs_dilation[i] || at / c->lhs_dilation[i] >= c->in[i])
      return -1;
    offset = offset * c->in[i] + at / c->lhs_dilation[i];
  }
  return offset;
}

/* The patch of one output position: window x features of the group. */
static void copy_patch(const convolution *c, int64_t batch, const int64_t *p, int64_t first_feature, char *to) {
  size_t run = (size_t)(c->features / c->feature_groups) * c->bytes;
  int64_t w[ALPA_MAX_RANK] = {0};
  if (!c->window_size)
    return;
  do {
    int64_t at = source_position(c, p, w);
    if (at < 0)
      memset(to, 0, run);
    else
      memcpy(to, c->image + (size_t)((batch * c->in_size + at) * c->features + first_feature) * c->bytes, run);
    to += run;
  } while (alpa_index_next(c->space, c->window, w));
}

static void split_position(const convolution *c, int64_t position, int64_t *index) {
  for (uint32_t i = c->space; i-- > 0; position /= c->out[i])
    index[i] = position % c->out[i];
}

/* Rows [first, first + n) of (batch, position) of one group, into sums[n][out features of the group]. */
static void convolve_rows(alpa_call *call, const convolution *c, int64_t group, int64_t first, alpa_contraction *t) {
  int64_t features = c->features / c->feature_groups;
  for (int64_t r = 0; r < t->m; r++) {
    int64_t batch = (first + r) / c->positions, index[ALPA_MAX_RANK];
    split_position(c, (first + r) % c->positions, index);
    if (c->batch_groups > 1)
      batch += group * c->batch;
    copy_patch(c, batch, index, c->feature_groups > 1 ? group * features : 0,
               c->patches + (size_t)(r * t->k) * c->bytes);
  }
  alpa_contract(call, t);
}

static void convolve_group(alpa_call *call, convolution *c, int64_t group, const char *kernel, char *result) {
  const alpa_tensor *lhs = alpa_call_in(call, 0), *rhs = alpa_call_in(call, 1), *out = alpa_call_out(call, 0);
  int64_t groups = c->feature_groups * c->batch_groups, n = c->out_features / groups;
  int64_t k = c->window_size * (c->features / c->feature_groups), rows = c->batch * c->positions;
  int64_t block = k ? PATCH_ELEMENTS / k + 1 : rows;
  size_t out_bytes = alpa_call_element_bytes(call, out->dtype);
  c->patches = alpa_call_scratch(call, (size_t)(block * k) * c->bytes);
  char *sums = alpa_call_scratch(call, (size_t)(block * n) * out_bytes);
  alpa_contraction t = {.a_dtype = lhs->dtype,
                        .b_dtype = rhs->dtype,
                        .c_dtype = out->dtype,
                        .a = c->patches,
                        .c = sums,
                        .batches = 1,
                        .n = n,
                        .k = k};
  t.b = kernel + (size_t)(group * n * k) * alpa_call_element_bytes(call, rhs->dtype);
  alpa_buffer *mark = call->scratch;
  for (int64_t first = 0; first < rows; first += block, alpa_call_release(call, mark)) {
    t.m = rows - first < block ? rows - first : block;
    convolve_rows(call, c, group, first, &t);
    for (int64_t r = 0; r < t.m; r++)
      memcpy(result + (size_t)((first + r) * c->out_features + group * n) * out_bytes,
             sums + (size_t)(r * n) * out_bytes, (size_t)n * out_bytes);
  }
}

/* (batch, space, feature) back to the result's order. */
static void unpack(alpa_call *call, const char *result) {
  const alpa_tensor *out = alpa_call_out(call, 0);
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(out->rank, out->dims, strides);
  alpa_copy copy = {.rank = out->rank, .bytes = alpa_call_element_bytes(call, out->dtype)};
  for (uint32_t i = 0; i < out->rank; i++) {
    int64_t dim = i == 0               ? conv_dim(call->op, STABLEHLO_CONV_OUTPUT_BATCH)
                  : i + 1 == out->rank ? conv_dim(call->op, STABLEHLO_CONV_OUTPUT_FEATURE)
                                       : conv_space(call->op, STABLEHLO_CONV_OUTPUT_SPATIAL)[i - 1];
    copy.dims[i] = out->dims[dim];
    copy.to[i] = strides[dim];
  }
  alpa_strides_of(copy.rank, copy.dims, copy.from);
  alpa_copy_run(&copy, out->data, result);
}

alpa_status alpa_eval_convolution(alpa_call *call) {
  const alpa_op *op = call->op;
  convolution c = describe(call);
  const int64_t image[2] = {conv_dim(op, STABLEHLO_CONV_INPUT_BATCH), conv_dim(op, STABLEHLO_CONV_INPUT_FEATURE)};
  const int64_t kernel[2] = {conv_dim(op, STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE),
                             conv_dim(op, STABLEHLO_CONV_KERNEL_INPUT_FEATURE)};
  c.image = pack(call, alpa_call_in(call, 0), image, conv_space(op, STABLEHLO_CONV_INPUT_SPATIAL), NULL);
  const char *packed = pack(call, alpa_call_in(call, 1), kernel, conv_space(op, STABLEHLO_CONV_KERNEL_SPATIAL),
                            alpa_op_attr(op, stablehlo_convolution_window_reversal));
  char *result = alpa_call_scratch(call, alpa_tensor_bytes(alpa_call_out(call, 0), call->machine->arith));
  for (int64_t group = 0; group < c.feature_groups * c.batch_groups; group++)
    convolve_group(call, &c, group, packed, result);
  unpack(call, result);
  return ALPA_OK;
}
