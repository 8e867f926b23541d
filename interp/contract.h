/* Matrix products of packed operands, exact or accumulated wide: the inner loops of dot_general and convolution. */
#ifndef ALPA_INTERP_CONTRACT_H
#define ALPA_INTERP_CONTRACT_H

#include "interp/machine.h"

/* c[i][j] = sum over l of a[i][l] * b[j][l], for each of `batches` pairs of matrices: a is [batches][m][k], b is
 * [batches][n][k], c is [batches][m][n], all contiguous.  dtypes may differ between a, b and c.  Real floats and
 * complex numbers are accumulated in double and rounded once to c's type, integers wrap, booleans are or-ed ands, field
 * elements are exact. */
typedef struct alpa_contraction {
  alpa_dtype a_dtype, b_dtype, c_dtype;
  const void *a, *b;
  void *c;
  int64_t batches, m, n, k;
} alpa_contraction;

void alpa_contract(alpa_call *call, const alpa_contraction *contraction);

#endif
