/* Convolutions as products (implicit GEMM): rows are the places of the output, k runs over the window and, fastest,
 * the channels; elements that lie in the padding, or between those of a dilated input, do not exist. */
#include "codegen/ptx/convolution.h"

#include "codegen/ptx/product.h"

typedef LLVMValueRef V;

bool alpa_ptx_convolution_fits(const alpa_convolution *c) { return alpa_dtype_get_info(c->accumulator)->bits >= 32; }

static V number(alpa_lower *l, int64_t value) { return alpa_lower_i64(l, value); }
static V add(alpa_lower *l, V a, V b) { return LLVMBuildAdd(l->builder, a, b, ""); }
static V times(alpa_lower *l, V a, int64_t by) { return LLVMBuildMul(l->builder, a, number(l, by), ""); }

/* The last index of a flat number below `bound`, which is left with the others. */
static V take_last(alpa_lower *l, V *flat, int64_t bound, int64_t extent) {
  V last;
  alpa_lower_divide(l, *flat, bound, extent, flat, &last);
  return last;
}

static int64_t groups_of(const alpa_convolution *c) { return c->feature_groups * c->batch_groups; }

/* Where output o meets window element w; `exists` gains what has to hold. */
static V find_input(alpa_lower *l, const alpa_convolution_dim *d, V o, V w, V *exists) {
  LLVMBuilderRef b = l->builder;
  V place = add(l, add(l, times(l, o, d->stride), times(l, w, d->window_dilation)), number(l, -d->padding_low));
  int64_t span = (d->input - 1) * d->input_dilation + 1;
  int64_t last = (d->output - 1) * d->stride + (d->window - 1) * d->window_dilation - d->padding_low;
  if (d->padding_low > 0 || last >= span) {
    V here = LLVMBuildICmp(b, LLVMIntULT, place, number(l, span), "");
    *exists = *exists ? LLVMBuildAnd(b, *exists, here, "") : here;
  }
  if (d->input_dilation == 1)
    return place;
  V between = take_last(l, &place, span, d->input_dilation);
  V here = LLVMBuildICmp(b, LLVMIntEQ, between, number(l, 0), "");
  *exists = *exists ? LLVMBuildAnd(b, *exists, here, "") : here;
  return place;
}

static void locate_input(alpa_lower *l, const alpa_ptx_product *product, const alpa_ptx_matrix *matrix, V group, V row,
                         V k, V *out_offset, V *out_exists) {
  (void)matrix;
  const alpa_convolution *c = product->user;
  V channel = take_last(l, &k, product->k, c->in_channels), exists = NULL;
  V offset = times(l, channel, c->input_feature_stride);
  for (uint32_t i = c->n_spatial; i-- > 0;) {
    const alpa_convolution_dim *d = &c->spatial[i];
    V o = take_last(l, &row, product->m, d->output), w = take_last(l, &k, product->k, d->window);
    offset = add(l, offset, times(l, find_input(l, d, o, w, &exists), d->input_stride));
  }
  offset = add(l, offset, times(l, row, c->input_batch_stride));
  int64_t group_stride =
      c->feature_groups > 1 ? c->in_channels * c->input_feature_stride : c->out_batch * c->input_batch_stride;
  *out_offset = add(l, offset, times(l, group, group_stride));
  *out_exists = exists;
}

static void locate_kernel(alpa_lower *l, const alpa_ptx_product *product, const alpa_ptx_matrix *matrix, V group, V row,
                          V k, V *out_offset, V *out_exists) {
  const alpa_convolution *c = product->user;
  V feature = add(l, row, times(l, group, matrix->rows)), channel = take_last(l, &k, product->k, c->in_channels);
  V offset = add(l, times(l, feature, c->kernel_output_stride), times(l, channel, c->kernel_input_stride));
  for (uint32_t i = c->n_spatial; i-- > 0;) {
    const alpa_convolution_dim *d = &c->spatial[i];
    V w = take_last(l, &k, product->k, d->window);
    if (d->reversed)
      w = LLVMBuildSub(l->builder, number(l, d->window - 1), w, "");
    offset = add(l, offset, times(l, w, d->window_stride));
  }
  *out_offset = offset;
  *out_exists = NULL;
}

static void store(alpa_lower *l, const alpa_ptx_product *product, V group, V m, V n, V value) {
  const alpa_convolution *c = product->user;
  alpa_convolution_point point = {
      .lanes = product->lanes, .multiple = product->lanes, .feature = add(l, n, times(l, group, product->n))};
  for (uint32_t i = c->n_spatial; i-- > 0;)
    point.spatial[i] = take_last(l, &m, product->m, c->spatial[i].output);
  point.batch = m;
  c->store(l, c, &point, value);
}

/* ---- accesses of several elements ---- */

static uint32_t lowest_bit(int64_t bits) { return (uint32_t)(bits & -bits); }

static alpa_ptx_matrix input_of(const alpa_convolution *c, int64_t rows) {
  alpa_ptx_matrix matrix = {.dtype = c->input_dtype,
                            .operand = c->input_operand,
                            .rows = rows,
                            .major = c->input_feature_stride == 1 ? ALPA_PTX_K_MAJOR : ALPA_PTX_ROW_MAJOR,
                            .vector = 1,
                            .locate = locate_input};
  if (c->input_feature_stride != 1)
    return matrix;
  int64_t bits = 16 / alpa_dtype_get_info(c->input_dtype)->bytes | c->in_channels | c->input_batch_stride;
  for (uint32_t i = 0; i < c->n_spatial; i++)
    bits |= c->spatial[i].input_stride;
  matrix.vector = lowest_bit(bits);
  return matrix;
}

static alpa_ptx_matrix kernel_of(const alpa_convolution *c, int64_t rows) {
  bool by_feature = c->kernel_output_stride == 1, by_channel = c->kernel_input_stride == 1;
  alpa_ptx_matrix matrix = {.dtype = c->kernel_dtype,
                            .operand = c->kernel_operand,
                            .rows = rows,
                            .major = by_channel ? ALPA_PTX_K_MAJOR : ALPA_PTX_ROW_MAJOR,
                            .vector = 1,
                            .locate = locate_kernel};
  if (!by_feature && !by_channel)
    return matrix;
  int64_t bits = 16 / alpa_dtype_get_info(c->kernel_dtype)->bytes;
  bits |= by_channel ? c->in_channels | c->kernel_output_stride : rows | c->kernel_input_stride;
  for (uint32_t i = 0; i < c->n_spatial; i++)
    bits |= c->spatial[i].window_stride;
  matrix.vector = lowest_bit(bits);
  return matrix;
}

static alpa_ptx_product product_of(const alpa_convolution *c) {
  int64_t m = c->out_batch, n = c->out_features / groups_of(c), k = c->in_channels;
  for (uint32_t i = 0; i < c->n_spatial; i++) {
    m *= c->spatial[i].output;
    k *= c->spatial[i].window;
  }
  return (alpa_ptx_product){.b = groups_of(c),
                            .m = m,
                            .n = n,
                            .k = k,
                            .lhs = input_of(c, m),
                            .rhs = kernel_of(c, n),
                            .accumulator = c->accumulator,
                            .lanes = lowest_bit(n | 4),
                            .store = store,
                            .user = c};
}

void alpa_ptx_convolution_schedule(alpa_lower *lower, const alpa_convolution *c) {
  alpa_ptx_product product = product_of(c);
  alpa_ptx_product_schedule(lower, &product);
}

void alpa_ptx_convolution_emit(alpa_lower *lower, const alpa_convolution *c, uint32_t phase) {
  alpa_ptx_product product = product_of(c);
  alpa_ptx_product_emit(lower, &product, phase);
}
