/* Element-wise combination of the operands of a reduction. */
#ifndef ALPA_RUNTIME_CHANNEL_HOST_REDUCTION_LOOPS_H
#define ALPA_RUNTIME_CHANNEL_HOST_REDUCTION_LOOPS_H

#include "runtime/image/image.h"

typedef struct alpa_reduction_loops alpa_reduction_loops;

/* The loops of a data type and reduction; alpa_reduction_is_defined holds. */
const alpa_reduction_loops *alpa_reduction_loops_get(alpa_dtype dtype);

/* to[j][to_offset..] = from[0][from_offset..] op from[1][from_offset..] op ..., left to right, for n_elements elements
 * and all j; offsets count bytes.  Floats narrower than f32 are accumulated in f32 and rounded once.  A place of `to`
 * may equal one of `from`, but they do not overlap otherwise; the same input gives the same bits, whatever the split
 * into ranges. */
typedef struct alpa_reduction_range {
  uint32_t n_from, n_to;
  const char *const *from;
  char *const *to;
  int64_t from_offset, to_offset, n_elements;
} alpa_reduction_range;
void alpa_reduction_loops_run(const alpa_reduction_loops *loops, alpa_reduction reduction,
                              const alpa_reduction_range *range);

#endif
