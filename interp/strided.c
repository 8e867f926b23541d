/* Strided copies.  Dimensions that are adjacent on both sides are joined first; the innermost loop is typed by the size
 * of the element, or a memcpy where both sides are contiguous. */
#include "interp/strided.h"

#include <string.h>

int64_t alpa_strides_of(uint32_t rank, const int64_t *dims, int64_t *out_strides) {
  int64_t count = 1;
  for (uint32_t i = rank; i-- > 0;) {
    out_strides[i] = count;
    count *= dims[i];
  }
  return count;
}

alpa_copy alpa_copy_of(const alpa_tensor *tensor, size_t bytes) {
  alpa_copy copy = {.rank = tensor->rank, .bytes = bytes};
  for (uint32_t i = 0; i < tensor->rank; i++)
    copy.dims[i] = tensor->dims[i];
  alpa_strides_of(copy.rank, copy.dims, copy.to);
  alpa_strides_of(copy.rank, copy.dims, copy.from);
  return copy;
}

void alpa_copy_transposed(const alpa_tensor *from, const int64_t *order, size_t bytes, void *to) {
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(from->rank, from->dims, strides);
  alpa_copy copy = {.rank = from->rank, .bytes = bytes};
  for (uint32_t i = 0; i < from->rank; i++) {
    copy.dims[i] = from->dims[order[i]];
    copy.from[i] = strides[order[i]];
  }
  alpa_strides_of(copy.rank, copy.dims, copy.to);
  alpa_copy_run(&copy, to, from->data);
}

bool alpa_index_next(uint32_t rank, const int64_t *dims, int64_t *index) {
  for (uint32_t i = rank; i-- > 0;) {
    if (++index[i] < dims[i])
      return true;
    index[i] = 0;
  }
  return false;
}

typedef struct wide {
  uint64_t parts[2];
} wide;

/* X(bytes, type) */
#define SIZE_TABLE(X)                                                                                                  \
  X(1, uint8_t)                                                                                                        \
  X(2, uint16_t)                                                                                                       \
  X(4, uint32_t)                                                                                                       \
  X(8, uint64_t)                                                                                                       \
  X(16, wide)

/* The innermost dimension. */
typedef struct line {
  size_t bytes;
  int64_t n, to_stride, from_stride;
} line;

static void copy_line(const line *l, char *to, const char *from) {
  if (l->to_stride == 1 && l->from_stride == 1) {
    memcpy(to, from, (size_t)l->n * l->bytes);
    return;
  }
  switch (l->bytes) {
#define X(size, type)                                                                                                  \
  case size: {                                                                                                         \
    type *out = (type *)(void *)to;                                                                                    \
    const type *in = (const type *)(const void *)from;                                                                 \
    int64_t n = l->n, to_stride = l->to_stride, from_stride = l->from_stride;                                          \
    for (int64_t i = 0; i < n; i++)                                                                                    \
      out[i * to_stride] = in[i * from_stride];                                                                        \
    return;                                                                                                            \
  }
    SIZE_TABLE(X)
#undef X
  default:
    for (int64_t i = 0; i < l->n; i++)
      memcpy(to + i * l->to_stride * (int64_t)l->bytes, from + i * l->from_stride * (int64_t)l->bytes, l->bytes);
  }
}

void alpa_fill(void *to, const void *element, size_t bytes, int64_t n) {
  copy_line(&(line){.bytes = bytes, .n = n, .to_stride = 1}, to, element);
}

/* Drops dimensions of size 1 and joins neighbours that one stride describes on both sides.  False: nothing to copy. */
static bool simplify(alpa_copy *copy) {
  uint32_t rank = 0;
  for (uint32_t i = 0; i < copy->rank; i++) {
    if (copy->dims[i] == 0)
      return false;
    if (copy->dims[i] == 1)
      continue;
    bool joins = rank > 0 && copy->to[rank - 1] == copy->to[i] * copy->dims[i] &&
                 copy->from[rank - 1] == copy->from[i] * copy->dims[i];
    if (joins)
      rank--;
    copy->dims[rank] = joins ? copy->dims[rank] * copy->dims[i] : copy->dims[i];
    copy->to[rank] = copy->to[i];
    copy->from[rank] = copy->from[i];
    rank++;
  }
  copy->rank = rank;
  return true;
}

void alpa_copy_run(const alpa_copy *copy, void *to, const void *from) {
  alpa_copy c = *copy;
  if (!simplify(&c))
    return;
  int64_t bytes = (int64_t)c.bytes;
  char *out = (char *)to + c.to_first * bytes;
  const char *in = (const char *)from + c.from_first * bytes;
  if (c.rank == 0) {
    memcpy(out, in, c.bytes);
    return;
  }
  uint32_t last = c.rank - 1;
  const line inner = {c.bytes, c.dims[last], c.to[last], c.from[last]};
  int64_t index[ALPA_MAX_RANK] = {0};
  do {
    int64_t to_at = 0, from_at = 0;
    for (uint32_t i = 0; i < last; i++) {
      to_at += index[i] * c.to[i];
      from_at += index[i] * c.from[i];
    }
    copy_line(&inner, out + to_at * bytes, in + from_at * bytes);
  } while (alpa_index_next(last, c.dims, index));
}

static int64_t ceil_divide(int64_t a, int64_t b) { return a > 0 ? (a + b - 1) / b : 0; }

void alpa_copy_padded(const alpa_tensor *to, const alpa_tensor *from, const alpa_padding *padding, size_t bytes) {
  const int64_t *low = padding->low, *step = padding->step;
  alpa_fill(to->data, padding->value, bytes, alpa_tensor_count(to));
  alpa_copy copy = alpa_copy_of(from, bytes);
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(to->rank, to->dims, strides);
  for (uint32_t i = 0; i < from->rank; i++) {
    int64_t first = ceil_divide(-low[i], step[i]), end = ceil_divide(to->dims[i] - low[i], step[i]);
    end = end < from->dims[i] ? end : from->dims[i];
    copy.dims[i] = end > first ? end - first : 0;
    copy.from_first += first * copy.from[i];
    copy.to_first += (low[i] + first * step[i]) * strides[i];
    copy.to[i] = step[i] * strides[i];
  }
  alpa_copy_run(&copy, to->data, from->data);
}
