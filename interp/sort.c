/* sort: a stable bottom-up merge sort in which all elements of a level find their place at once.  An element of the
 * left run moves behind the right elements that come strictly before it, one of the right run behind the left elements
 * that it does not come strictly before; both numbers are found by binary search, every step of which is one
 * application of the comparator to all elements that are still searching.  O(n log^2 n) comparisons. */
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/eval.h"
#include "interp/strided.h"

typedef struct sorter {
  alpa_call *call;
  alpa_tensor *operands; /* packed: [slices][size] */
  uint32_t n_operands;
  int64_t slices, size, n; /* n = slices * size */
  int64_t *order, *next;   /* per position: the element that stands there */
  int64_t *low, *high;     /* per position: what is known about its number of sibling elements before it */
  int64_t *searching;      /* positions with low < high */
  alpa_tensor *args, answer;
} sorter;

/* The sibling run of the position's run at this width: its first position and its length. */
typedef struct sibling {
  int64_t first, size, own_first;
  bool is_left; /* the position itself is in the left run */
} sibling;

static sibling sibling_of(const sorter *s, int64_t position, int64_t width) {
  int64_t slice = position / s->size * s->size, at = position - slice;
  int64_t pair = at / (2 * width) * (2 * width), middle = pair + width, end = pair + 2 * width;
  middle = middle < s->size ? middle : s->size;
  end = end < s->size ? end : s->size;
  bool is_left = at < middle;
  return (sibling){.first = slice + (is_left ? middle : pair),
                   .size = is_left ? end - middle : middle - pair,
                   .own_first = slice + (is_left ? pair : middle),
                   .is_left = is_left};
}

/* One binary-search step of all searching positions. */
static alpa_status search(sorter *s, int64_t width, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    int64_t position = s->searching[i], middle = (s->low[position] + s->high[position]) / 2;
    sibling other = sibling_of(s, position, width);
    int64_t own = s->order[position], probe = s->order[other.first + middle];
    for (uint32_t k = 0; k < s->n_operands; k++) {
      size_t bytes = alpa_call_element_bytes(s->call, s->operands[k].dtype);
      const char *data = s->operands[k].data;
      memcpy((char *)s->args[2 * k].data + (size_t)i * bytes, data + (size_t)(other.is_left ? probe : own) * bytes,
             bytes);
      memcpy((char *)s->args[2 * k + 1].data + (size_t)i * bytes, data + (size_t)(other.is_left ? own : probe) * bytes,
             bytes);
    }
  }
  return alpa_call_apply(s->call, 0, s->args, count, &s->answer);
}

static int64_t take_answers(sorter *s, int64_t width, int64_t count) {
  int64_t left = 0;
  for (int64_t i = 0; i < count; i++) {
    int64_t position = s->searching[i], middle = (s->low[position] + s->high[position]) / 2;
    bool before = ((const uint8_t *)s->answer.data)[i] != 0; /* first argument strictly before the second */
    if (before == sibling_of(s, position, width).is_left)
      s->low[position] = middle + 1; /* the probed sibling stays in front of the position's element */
    else
      s->high[position] = middle;
    if (s->low[position] < s->high[position])
      s->searching[left++] = position;
  }
  return left;
}

static alpa_status merge_level(sorter *s, int64_t width) {
  int64_t count = 0;
  for (int64_t i = 0; i < s->n; i++) {
    s->low[i] = 0;
    s->high[i] = sibling_of(s, i, width).size;
    if (s->high[i] > 0)
      s->searching[count++] = i;
  }
  while (count) {
    ALPA_TRY(search(s, width, count));
    count = take_answers(s, width, count);
  }
  for (int64_t i = 0; i < s->n; i++) {
    sibling other = sibling_of(s, i, width);
    int64_t first = other.is_left ? other.own_first : other.first;
    s->next[first + (i - other.own_first) + s->low[i]] = s->order[i];
  }
  int64_t *swap = s->order;
  s->order = s->next;
  s->next = swap;
  return ALPA_OK;
}

/* ---- packing ---------------------------------------------------------------------------------------------------- */

/* Dimension order with the sorted one last. */
static void sorted_last(const alpa_tensor *tensor, int64_t along, int64_t *order) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < tensor->rank; i++)
    if ((int64_t)i != along)
      order[n++] = i;
  order[n] = along;
}

static void prepare(sorter *s, alpa_call *call, int64_t along) {
  const alpa_tensor *first = alpa_call_in(call, 0);
  s->call = call;
  s->n_operands = call->op->n_operands;
  s->size = first->dims[along];
  s->n = alpa_tensor_count(first);
  s->slices = s->size ? s->n / s->size : 0;
  size_t n = (size_t)s->n + 1;
  s->operands = alpa_call_scratch(call, 3 * s->n_operands * sizeof *s->operands);
  s->args = s->operands + s->n_operands;
  int64_t order[ALPA_MAX_RANK];
  sorted_last(first, along, order);
  for (uint32_t i = 0; i < s->n_operands; i++) {
    size_t bytes = alpa_call_element_bytes(call, alpa_call_in(call, i)->dtype);
    s->operands[i] = s->args[2 * i] = s->args[2 * i + 1] = *alpa_call_in(call, i);
    s->operands[i].data = alpa_call_scratch(call, n * bytes);
    s->args[2 * i].data = alpa_call_scratch(call, n * bytes);
    s->args[2 * i + 1].data = alpa_call_scratch(call, n * bytes);
    alpa_copy_transposed(alpa_call_in(call, i), order, bytes, s->operands[i].data);
  }
  s->answer = (alpa_tensor){.dtype = ALPA_I1, .data = alpa_call_scratch(call, n)};
  int64_t *numbers = alpa_call_scratch(call, 5 * n * sizeof *numbers);
  s->order = numbers, s->next = numbers + n, s->low = numbers + 2 * n, s->high = numbers + 3 * n;
  s->searching = numbers + 4 * n;
  for (int64_t i = 0; i < s->n; i++)
    s->order[i] = i;
}

/* Writes the elements of an operand in their order, back in the tensor's layout. */
static void unpack(const sorter *s, uint32_t i, int64_t along) {
  const alpa_tensor *out = alpa_call_out(s->call, i);
  size_t bytes = alpa_call_element_bytes(s->call, out->dtype);
  char *sorted = s->args[2 * i].data;
  for (int64_t k = 0; k < s->n; k++)
    memcpy(sorted + (size_t)k * bytes, (char *)s->operands[i].data + (size_t)s->order[k] * bytes, bytes);
  int64_t order[ALPA_MAX_RANK], strides[ALPA_MAX_RANK];
  sorted_last(out, along, order);
  alpa_strides_of(out->rank, out->dims, strides);
  alpa_copy copy = {.rank = out->rank, .bytes = bytes};
  for (uint32_t k = 0; k < out->rank; k++) {
    copy.dims[k] = out->dims[order[k]];
    copy.to[k] = strides[order[k]];
  }
  alpa_strides_of(copy.rank, copy.dims, copy.from);
  alpa_copy_run(&copy, out->data, sorted);
}

alpa_status alpa_eval_sort(alpa_call *call) {
  const alpa_tensor *first = alpa_call_in(call, 0);
  int64_t along = alpa_op_int(call->op, stablehlo_sort_dimension, -1);
  if (along < 0)
    along += first->rank;
  sorter s;
  if (first->rank == 0) {
    for (uint32_t i = 0; i < call->op->n_operands; i++)
      memcpy(alpa_call_out(call, i)->data, alpa_call_in(call, i)->data,
             alpa_tensor_bytes(alpa_call_in(call, i), call->machine->arith));
    return ALPA_OK;
  }
  prepare(&s, call, along);
  for (int64_t width = 1; width < s.size; width *= 2)
    ALPA_TRY(merge_level(&s, width));
  for (uint32_t i = 0; i < s.n_operands; i++)
    unpack(&s, i, along);
  return ALPA_OK;
}
