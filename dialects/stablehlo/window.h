/* Window arithmetic: how many places a sliding window has along a dimension. */
#ifndef ALPA_DIALECTS_STABLEHLO_WINDOW_H
#define ALPA_DIALECTS_STABLEHLO_WINDOW_H

#include "dialects/stablehlo/check.h"

/* The attributes of a windowed op.  Empty lists mean 1 everywhere, padding NULL means 0. */
typedef struct alpa_window {
  alpa_dim_list size; /* of the window itself */
  alpa_dim_list strides, base_dilations, window_dilations;
  const alpa_attr *padding; /* PAIRS: low, high */
} alpa_window;

/* One dimension of a window. */
typedef struct alpa_window_dim {
  int64_t size, stride, base_dilation, window_dilation, low, high;
} alpa_window_dim;

/* Lengths and lower bounds of all attributes for n dimensions. */
alpa_status alpa_window_check(const alpa_op *op, const alpa_window *window, size_t n);
alpa_window_dim alpa_window_get_dim(const alpa_window *window, size_t i);
/* The number of places along a dimension of `base` elements: base and window are dilated, the base is padded, and the
 * window moves by the stride.  Unknown where base or window is; reports what exceeds 64 bits. */
alpa_status alpa_window_count(const alpa_op *op, int64_t base, alpa_window_dim dim, int64_t *out_count);

#endif
