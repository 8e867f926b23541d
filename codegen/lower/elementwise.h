/* What elementwise ops do to elements. */
#ifndef ALPA_CODEGEN_LOWER_ELEMENTWISE_H
#define ALPA_CODEGEN_LOWER_ELEMENTWISE_H

#include "codegen/lower/expr.h"
#include "dialects/stablehlo/stablehlo.h"

/* One application: the op (for its attributes; NULL where it has none), the types of its first operand and result. */
typedef struct alpa_arith {
  alpa_lower *lower;
  const alpa_op *op;
  alpa_dtype in, out;
} alpa_arith;

typedef alpa_element alpa_apply_fn(const alpa_arith *arith, const alpa_element *args);

/* NULL where the op is not elementwise arithmetic. */
alpa_apply_fn *alpa_elementwise_find(const alpa_op_def *def);
/* An op without attributes on elements of one type and equal lanes. */
alpa_element alpa_elementwise_apply(alpa_lower *lower, stablehlo_op_id id, alpa_dtype dtype, const alpa_element *args);

#endif
