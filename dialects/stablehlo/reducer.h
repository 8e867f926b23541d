/* The computations inside reductions: regions that combine two sets of scalars into one. */
#ifndef ALPA_DIALECTS_STABLEHLO_REDUCER_H
#define ALPA_DIALECTS_STABLEHLO_REDUCER_H

#include "dialects/stablehlo/check.h"

/* A region of one block that ends in stablehlo.return. */
alpa_status alpa_check_region(const alpa_op *op, uint32_t region, const char *name, const alpa_block **out_block);

/* The types between which a reduction runs, n of each: elements come in, values to start from, and the reducer's own
 * accumulators, which may be wider than both. */
alpa_status alpa_check_reducer(const alpa_op *op, uint32_t region, uint32_t n, const alpa_type *const *inputs,
                               const alpa_type *const *inits);
/* The accumulator of value i of a checked reducer: a tensor of rank 0. */
const alpa_type *alpa_reducer_type(const alpa_op *op, uint32_t region, uint32_t i);

/* A region that takes two elements of each of the first n operands and returns a boolean scalar: comparators and
 * selectors. */
alpa_status alpa_check_comparator(const alpa_op *op, uint32_t region, const char *name, uint32_t n);

#endif
