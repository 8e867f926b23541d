/* Convolutions as the lowering sees them, and the interface of their kernels; implemented in
 * codegen/llvm/convolution.c and, for a GPU, in codegen/ptx/convolution.c.  Phases, tasks and scratch as in
 * codegen/lower/contraction.h. */
#ifndef ALPA_CODEGEN_LOWER_CONVOLUTION_H
#define ALPA_CODEGEN_LOWER_CONVOLUTION_H

#include "codegen/lower/expr.h"

/* One spatial dimension.  Element o of the output meets element w of the window at position
 * p = o * stride - padding_low + w * window_dilation of the dilated input; it exists where p is a multiple of
 * input_dilation and p / input_dilation is in [0, input). */
typedef struct alpa_convolution_dim {
  int64_t input, window, output;                      /* extents */
  int64_t input_stride, window_stride, output_stride; /* in elements of memory */
  int64_t stride, padding_low, window_dilation, input_dilation;
  bool reversed; /* the window is read backwards: element w is kernel element window - 1 - w */
} alpa_convolution_dim;

typedef struct alpa_convolution alpa_convolution;

/* A place in the output: indices i64, `lanes` consecutive output features from `feature` on. */
typedef struct alpa_convolution_point {
  LLVMValueRef batch, feature, spatial[ALPA_MAX_RANK];
  uint32_t lanes;    /* 1: scalar */
  LLVMValueRef mask; /* <lanes x i1>; NULL: all */
  int64_t multiple;  /* `feature` is a multiple of this; 0: not known */
} alpa_convolution_point;

typedef void alpa_convolution_store_fn(alpa_lower *lower, const alpa_convolution *convolution,
                                       const alpa_convolution_point *at, LLVMValueRef value);

/* out[b, s, f] = sum over w, c of input[b', p(s, w), c'] * kernel[w, c, f] with
 *   feature groups: f belongs to group g = f / (out_features / feature_groups), c' = g * in_channels + c
 *   batch groups:   f belongs to group g = f / (out_features / batch_groups),  b' = g * out_batch + b  */
struct alpa_convolution {
  uint32_t n_spatial;
  alpa_convolution_dim spatial[ALPA_MAX_RANK];
  int64_t out_batch, out_features, in_channels; /* in_channels: of one feature group, as the kernel has them */
  int64_t feature_groups, batch_groups;         /* at most one is not 1 */
  int64_t input_batch_stride, input_feature_stride;
  int64_t kernel_input_stride, kernel_output_stride;
  int64_t output_batch_stride, output_feature_stride;
  alpa_dtype input_dtype, kernel_dtype, accumulator, out_dtype;
  bool plain; /* as in alpa_contraction */
  uint32_t input_operand, kernel_operand, out_operand;
  alpa_convolution_store_fn *store;
  void *user;
};

void alpa_convolution_schedule(alpa_lower *lower, const alpa_convolution *convolution);
void alpa_convolution_emit(alpa_lower *lower, const alpa_convolution *convolution, uint32_t phase);

#endif
