/* Element-wise combination of the operands of a reduction. */
#ifndef ALPA_RUNTIME_CHANNEL_HOST_COMBINE_H
#define ALPA_RUNTIME_CHANNEL_HOST_COMBINE_H

#include "runtime/image/image.h"

typedef struct alpa_combiner alpa_combiner;

/* The loops of a data type and reduction; alpa_reduction_is_defined holds. */
const alpa_combiner *alpa_combiner_get(alpa_dtype dtype);

/* to[j][to_offset..] = from[0][from_offset..] op from[1][from_offset..] op ..., left to right, for n_elements elements
 * and all j; offsets count bytes.  Floats narrower than f32 are accumulated in f32 and rounded once.  A place of `to`
 * may equal one of `from`, but they do not overlap otherwise; the same input gives the same bits, whatever the split
 * into ranges. */
typedef struct alpa_combine_range {
  uint32_t n_from, n_to;
  const char *const *from;
  char *const *to;
  int64_t from_offset, to_offset, n_elements;
} alpa_combine_range;
void alpa_combiner_run(const alpa_combiner *combiner, alpa_reduction reduction, const alpa_combine_range *range);

#endif
