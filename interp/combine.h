/* Running combinations by the region of an op: what reductions, windows and scatters share. */
#ifndef ALPA_INTERP_COMBINE_H
#define ALPA_INTERP_COMBINE_H

#include "interp/eval.h"

/* A region of one elementwise op, with what its scalar function needs; function NULL where it is anything else. */
typedef struct alpa_combiner {
  alpa_scalar_fn *function;
  alpa_scalar scalar;
  alpa_number_kind kind;
} alpa_combiner;

/* The combiner of a region on elements of `dtype`; only add, multiply, maximum, minimum, and, or, xor qualify. */
alpa_combiner alpa_combiner_of(const alpa_call *call, uint32_t region, alpa_dtype dtype);

/* acc[i] = acc[i] op x[i] for n lanes of the compute type. */
void alpa_combine_lanes(const alpa_combiner *combiner, void *acc, const void *x, size_t n);

/* For each lane in order: targets[k][at[lane]] = region(targets[k][at[lane]], updates[k][lane], for all k), skipping
 * lanes where at is negative.  Lanes of the same place are combined one after the other. */
alpa_status alpa_combine_at(alpa_call *call, uint32_t region, const alpa_tensor *targets, const alpa_tensor *updates,
                            const int64_t *at, int64_t lanes);

#endif
