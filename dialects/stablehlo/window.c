/* Window arithmetic (StableHLO specification, reduce_window and convolution). */
#include "dialects/stablehlo/window.h"

#include <inttypes.h>

static alpa_status check_list(const alpa_op *op, alpa_dim_list list, size_t n) {
  if (list.n == 0)
    return ALPA_OK;
  ALPA_TRY(alpa_check_length(op, list, n, "the window has dimensions"));
  return alpa_check_at_least(op, list, 1);
}

alpa_status alpa_window_check(const alpa_op *op, const alpa_window *window, size_t n) {
  ALPA_TRY(check_list(op, window->size, n));
  ALPA_TRY(check_list(op, window->strides, n));
  ALPA_TRY(check_list(op, window->base_dilations, n));
  ALPA_TRY(check_list(op, window->window_dilations, n));
  const alpa_attr *padding = window->padding;
  if (!padding || alpa_type_count(padding->type) == 0)
    return ALPA_OK; /* none, as with the lists */
  if (padding->type->rank != 2 || padding->type->dims[0] != (int64_t)n || padding->type->dims[1] != 2)
    return alpa_op_error(op, "expects padding to be of type 'tensor<%zux2xi64>', got '%s'", n,
                         alpa_spell(op, padding->type));
  return ALPA_OK;
}

static int64_t get(alpa_dim_list list, size_t i) { return list.n ? list.items[i] : 1; }

alpa_window_dim alpa_window_get_dim(const alpa_window *window, size_t i) {
  bool padded = window->padding && alpa_type_count(window->padding->type) > 0;
  return (alpa_window_dim){
      .size = get(window->size, i),
      .stride = get(window->strides, i),
      .base_dilation = get(window->base_dilations, i),
      .window_dilation = get(window->window_dilations, i),
      .low = padded ? alpa_pair(window->padding, i, 0) : 0,
      .high = padded ? alpa_pair(window->padding, i, 1) : 0,
  };
}

/* size elements with dilation - 1 holes between each two; false where it exceeds 64 bits. */
static bool dilate(int64_t size, int64_t dilation, int64_t *out_size) {
  *out_size = 0;
  if (size == 0)
    return true;
  return !__builtin_mul_overflow(size - 1, dilation, out_size) && !__builtin_add_overflow(*out_size, 1, out_size);
}

alpa_status alpa_window_count(const alpa_op *op, int64_t base, alpa_window_dim dim, int64_t *out_count) {
  *out_count = ALPA_DYNAMIC;
  if (!alpa_dim_known(base) || !alpa_dim_known(dim.size))
    return ALPA_OK;
  int64_t padded, window;
  if (!dilate(base, dim.base_dilation, &padded) || __builtin_add_overflow(padded, dim.low, &padded) ||
      __builtin_add_overflow(padded, dim.high, &padded) || !dilate(dim.size, dim.window_dilation, &window))
    return alpa_op_error(op, "size of the padded operand or of the dilated window exceeds 64 bits");
  if (padded < 0)
    return alpa_op_error(op,
                         "padding of %" PRId64 " and %" PRId64 " makes the size %" PRId64 " of a dimension negative",
                         dim.low, dim.high, base);
  *out_count = padded == 0 || window > padded ? 0 : (padded - window) / dim.stride + 1;
  return ALPA_OK;
}
