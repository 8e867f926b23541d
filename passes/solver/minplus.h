/* Min-plus products of a vector and a matrix, the inner loop of message passing and elimination, for the CPU at hand.
 * Only additions and minima: the result is the same on every CPU. */
#ifndef ALPA_PASSES_SOLVER_MINPLUS_H
#define ALPA_PASSES_SOLVER_MINPLUS_H

#include <stddef.h>
#include <stdint.h>

/* Rows of matrices are padded to a multiple of this many entries, with infinities. */
enum { ALPA_MINPLUS_LANES = 4 };

typedef struct alpa_minplus {
  /* out[c] = least over r of heads[r] + matrix[r * stride + c]; n_columns and stride are multiples of LANES. */
  void (*multiply)(const double *matrix, size_t stride, const double *heads, size_t n_rows, double *out,
                   size_t n_columns);
} alpa_minplus;

const alpa_minplus *alpa_minplus_get(void);

#endif
