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

/* Updates and where they go. */
typedef struct alpa_hits {
  const alpa_tensor *targets, *updates; /* as many as the op has results */
  const int64_t *at;                    /* per lane: the element of the targets, or negative for none */
  int64_t lanes;
} alpa_hits;

/* For each lane in order: targets[k][at[lane]] = region(targets[k][at[lane]], updates[k][lane], for all k).  Lanes of
 * the same place are combined one after the other. */
alpa_status alpa_combine_at(alpa_call *call, uint32_t region, const alpa_hits *hits);

#endif
