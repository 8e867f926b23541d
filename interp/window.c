/* Sliding windows: the operand is padded (and dilated) once, then each position of the window is a strided slice of it,
 * with one element for every result, and the slices are combined one after the other. */
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/combine.h"
#include "interp/strided.h"

typedef struct window {
  uint32_t rank;
  int64_t size[ALPA_MAX_RANK], stride[ALPA_MAX_RANK], dilation[ALPA_MAX_RANK]; /* of the window */
  int64_t low[ALPA_MAX_RANK], step[ALPA_MAX_RANK], padded[ALPA_MAX_RANK];      /* of the operand */
  int64_t out[ALPA_MAX_RANK];
  int64_t lanes; /* results */
} window;

static int64_t number_at(const alpa_op *op, int ordinal, uint32_t i, int64_t absent) {
  size_t n = 0;
  const int64_t *values = ordinal >= 0 ? alpa_op_i64s(op, ordinal, &n) : NULL;
  return i < n ? values[i] : absent;
}

/* Ordinals of the attributes; -1 where the op has none. */
typedef struct window_attrs {
  int size, stride, base_dilation, dilation, padding;
} window_attrs;

static window describe(const alpa_call *call, const window_attrs *attrs, const int64_t *out_dims) {
  const alpa_op *op = call->op;
  const alpa_tensor *in = alpa_call_in(call, 0);
  const alpa_attr *padding = alpa_op_attr(op, attrs->padding);
  window w = {.rank = in->rank, .lanes = 1};
  for (uint32_t i = 0; i < w.rank; i++) {
    w.size[i] = number_at(op, attrs->size, i, 1);
    w.stride[i] = number_at(op, attrs->stride, i, 1);
    w.step[i] = number_at(op, attrs->base_dilation, i, 1);
    w.dilation[i] = number_at(op, attrs->dilation, i, 1);
    w.low[i] = padding ? *(const int64_t *)alpa_attr_element(padding, 2 * i) : 0;
    int64_t high = padding ? *(const int64_t *)alpa_attr_element(padding, 2 * i + 1) : 0;
    int64_t dilated = in->dims[i] ? (in->dims[i] - 1) * w.step[i] + 1 : 0;
    w.padded[i] = w.low[i] + dilated + high;
    w.out[i] = out_dims[i];
    w.lanes *= w.out[i];
  }
  return w;
}

/* The operand inside `value`, or its element numbers inside -1. */
static alpa_tensor pad(alpa_call *call, const window *w, const alpa_tensor *in, const void *value) {
  alpa_tensor padded = {.dtype = in->dtype, .rank = in->rank, .dims = w->padded};
  size_t bytes = alpa_call_element_bytes(call, in->dtype);
  padded.data = alpa_call_scratch(call, (size_t)alpa_tensor_count(&padded) * bytes + 1);
  alpa_copy_padded(&padded, in, &(alpa_padding){w->low, w->step, value}, bytes);
  return padded;
}

/* What each window sees at one of its positions. */
static void copy_slice(const alpa_call *call, const window *w, const alpa_tensor *padded, const int64_t *position,
                       void *to) {
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(w->rank, w->padded, strides);
  alpa_copy copy = {.rank = w->rank, .bytes = alpa_call_element_bytes(call, padded->dtype)};
  memcpy(copy.dims, w->out, sizeof copy.dims);
  alpa_strides_of(w->rank, w->out, copy.to);
  for (uint32_t i = 0; i < w->rank; i++) {
    copy.from[i] = w->stride[i] * strides[i];
    copy.from_first += position[i] * w->dilation[i] * strides[i];
  }
  alpa_copy_run(&copy, to, padded->data);
}

static bool is_empty(const window *w) {
  int64_t positions = w->lanes;
  for (uint32_t i = 0; i < w->rank; i++)
    positions *= w->size[i];
  return positions == 0;
}

/* ---- reduce_window ---------------------------------------------------------------------------------------------- */

static void accumulate(alpa_call *call, const window *w, const alpa_combiner *combiner, const alpa_tensor *padded) {
  const alpa_tensor *init = alpa_call_in(call, 1), *out = alpa_call_out(call, 0);
  alpa_arith arith = call->machine->arith;
  size_t lanes = (size_t)w->lanes, number = alpa_number_bytes(combiner->kind);
  _Alignas(16) char start[ALPA_NUMBER_MAX_BYTES];
  alpa_elements_load(arith, init->dtype, init->data, 1, start);
  char *acc = alpa_call_scratch(call, lanes * number + 1), *x = alpa_call_scratch(call, lanes * number + 1);
  char *slice = alpa_call_scratch(call, lanes * alpa_call_element_bytes(call, padded->dtype) + 1);
  alpa_fill(acc, start, number, w->lanes);
  int64_t position[ALPA_MAX_RANK] = {0};
  if (!is_empty(w))
    do {
      copy_slice(call, w, padded, position, slice);
      alpa_elements_load(arith, padded->dtype, slice, lanes, x);
      alpa_combine_lanes(combiner, acc, x, lanes);
    } while (alpa_index_next(w->rank, w->size, position));
  alpa_elements_store(arith, out->dtype, acc, lanes, out->data);
}

static alpa_status reduce_by_region(alpa_call *call, const window *w, const alpa_tensor *padded) {
  uint32_t n = call->op->n_results;
  alpa_tensor *args = alpa_call_scratch(call, 3 * n * sizeof *args), *results = args + 2 * n;
  for (uint32_t i = 0; i < n; i++) {
    args[i] = *alpa_call_out(call, i);
    args[n + i] = padded[i];
    args[n + i].data = alpa_call_scratch(call, (size_t)w->lanes * alpa_call_element_bytes(call, padded[i].dtype) + 1);
    if (alpa_call_in(call, n + i)->dtype != args[i].dtype)
      return alpa_op_unsupported(call->op,
                                 "promotes its elements; the interpreter evaluates reduce_window of one type");
    size_t bytes = alpa_call_element_bytes(call, args[i].dtype);
    results[i] = args[i];
    results[i].data = alpa_call_scratch(call, (size_t)w->lanes * bytes + 1);
    alpa_fill(args[i].data, alpa_call_in(call, n + i)->data, bytes, w->lanes);
  }
  int64_t position[ALPA_MAX_RANK] = {0};
  if (is_empty(w))
    return ALPA_OK;
  do {
    for (uint32_t i = 0; i < n; i++)
      copy_slice(call, w, &padded[i], position, args[n + i].data);
    ALPA_TRY(alpa_call_apply(call, 0, args, w->lanes, results));
    for (uint32_t i = 0; i < n; i++)
      memcpy(args[i].data, results[i].data, (size_t)w->lanes * alpa_call_element_bytes(call, args[i].dtype));
  } while (alpa_index_next(w->rank, w->size, position));
  return ALPA_OK;
}

alpa_status alpa_eval_reduce_window(alpa_call *call) {
  const window_attrs attrs = {stablehlo_reduce_window_window_dimensions, stablehlo_reduce_window_window_strides,
                              stablehlo_reduce_window_base_dilations, stablehlo_reduce_window_window_dilations,
                              stablehlo_reduce_window_padding};
  uint32_t n = call->op->n_results;
  window w = describe(call, &attrs, alpa_call_out(call, 0)->dims);
  alpa_tensor *padded = alpa_call_scratch(call, n * sizeof *padded);
  for (uint32_t i = 0; i < n; i++)
    padded[i] = pad(call, &w, alpa_call_in(call, i), alpa_call_in(call, n + i)->data);
  bool rounds = padded[0].dtype == ALPA_F32 || padded[0].dtype == ALPA_C64; /* after every step, as written */
  if (call->machine->arith == ALPA_ARITH_REAL && rounds)
    return reduce_by_region(call, &w, padded);
  if (n == 1 && alpa_call_out(call, 0)->dtype == padded[0].dtype) {
    alpa_combiner combiner = alpa_combiner_of(call, 0, padded[0].dtype);
    if (combiner.function) {
      accumulate(call, &w, &combiner, &padded[0]);
      return ALPA_OK;
    }
  }
  return reduce_by_region(call, &w, padded);
}

/* ---- select_and_scatter ----------------------------------------------------------------------------------------- */

/* Element numbers of the operand, padded with -1. */
static alpa_tensor pad_numbers(alpa_call *call, const window *w, const alpa_tensor *in) {
  alpa_tensor numbers = {.dtype = ALPA_I64, .rank = in->rank, .dims = in->dims};
  int64_t n = alpa_tensor_count(in), outside = -1;
  int64_t *values = alpa_call_scratch(call, (size_t)(n + 1) * sizeof *values);
  for (int64_t i = 0; i < n; i++)
    values[i] = i;
  numbers.data = values;
  return pad(call, w, &numbers, &outside);
}

/* The number of the element that each window selects: `kept` holds as long as the region says so. */
static alpa_status select_elements(alpa_call *call, const window *w, int64_t *selected) {
  const alpa_tensor *in = alpa_call_in(call, 0);
  size_t bytes = alpa_call_element_bytes(call, in->dtype), lanes = (size_t)w->lanes;
  alpa_tensor padded = pad(call, w, in, alpa_call_in(call, 2)->data), numbers = pad_numbers(call, w, in);
  alpa_tensor args[2] = {padded, padded}, keep = {.dtype = ALPA_I1};
  args[0].data = alpa_call_scratch(call, lanes * bytes + 1);
  args[1].data = alpa_call_scratch(call, lanes * bytes + 1);
  keep.data = alpa_call_scratch(call, lanes + 1);
  int64_t *at = alpa_call_scratch(call, (lanes + 1) * sizeof *at), position[ALPA_MAX_RANK] = {0};
  memset(args[0].data, 0, lanes * bytes);
  memset(selected, -1, lanes * sizeof *selected);
  do {
    copy_slice(call, w, &padded, position, args[1].data);
    copy_slice(call, w, &numbers, position, at);
    ALPA_TRY(alpa_call_apply(call, 0, args, w->lanes, &keep));
    for (size_t i = 0; i < lanes; i++)
      if (at[i] >= 0 && (selected[i] < 0 || !((uint8_t *)keep.data)[i])) {
        selected[i] = at[i];
        memcpy((char *)args[0].data + i * bytes, (char *)args[1].data + i * bytes, bytes);
      }
  } while (alpa_index_next(w->rank, w->size, position));
  return ALPA_OK;
}

alpa_status alpa_eval_select_and_scatter(alpa_call *call) {
  const window_attrs attrs = {stablehlo_select_and_scatter_window_dimensions,
                              stablehlo_select_and_scatter_window_strides, -1, -1,
                              stablehlo_select_and_scatter_padding};
  const alpa_tensor *source = alpa_call_in(call, 1), *init = alpa_call_in(call, 2), *out = alpa_call_out(call, 0);
  window w = describe(call, &attrs, source->dims);
  alpa_fill(out->data, init->data, alpa_call_element_bytes(call, out->dtype), alpa_tensor_count(out));
  if (is_empty(&w))
    return ALPA_OK;
  int64_t *selected = alpa_call_scratch(call, (size_t)w.lanes * sizeof *selected);
  ALPA_TRY(select_elements(call, &w, selected));
  return alpa_combine_at(call, 1, &(alpa_hits){out, source, selected, w.lanes});
}
