/* Elementary functions as vectorisable IR: f32 and f64, scalars and vectors, no calls; the same on GPUs, whose fma,
 * division and square root round correctly too.
 *
 * Errors measured by test/unit/codegen_math_test.c, in ULP: exp, expm1, log, log1p, sin and cos (|x| < 1e4), cbrt,
 * rsqrt, tanh and erf at most 2; logistic 3; sqrt exact.  By construction: pow in f32 1 (through f64), in f64
 * |y log x| / 2; erf_inv 1e-6 relative in f32, 1e-14 in f64.  Special values as C99 Annex F says. */
#ifndef ALPA_CODEGEN_LOWER_MATH_H
#define ALPA_CODEGEN_LOWER_MATH_H

#include "codegen/lower/lower.h"

/* X(name): functions of one argument. */
#define ALPA_MATH_UNARY(X)                                                                                             \
  X(exp)                                                                                                               \
  X(expm1)                                                                                                             \
  X(log)                                                                                                               \
  X(log1p)                                                                                                             \
  X(sin)                                                                                                               \
  X(cos)                                                                                                               \
  X(tan)                                                                                                               \
  X(tanh)                                                                                                              \
  X(logistic)                                                                                                          \
  X(sqrt)                                                                                                              \
  X(rsqrt)                                                                                                             \
  X(cbrt)                                                                                                              \
  X(erf)                                                                                                               \
  X(erfc)                                                                                                              \
  X(erf_inv)                                                                                                           \
  X(atan)                                                                                                              \
  X(sinh)                                                                                                              \
  X(cosh)                                                                                                              \
  X(asinh)                                                                                                             \
  X(acosh)                                                                                                             \
  X(atanh)

#define X(name) LLVMValueRef alpa_math_##name(alpa_lower *lower, LLVMValueRef x);
ALPA_MATH_UNARY(X)
#undef X
LLVMValueRef alpa_math_atan2(alpa_lower *lower, LLVMValueRef y, LLVMValueRef x);
LLVMValueRef alpa_math_asin(alpa_lower *lower, LLVMValueRef x);
LLVMValueRef alpa_math_acos(alpa_lower *lower, LLVMValueRef x);
LLVMValueRef alpa_math_pow(alpa_lower *lower, LLVMValueRef x, LLVMValueRef y);
/* The remainder of x / y with the sign of x; exact. */
LLVMValueRef alpa_math_remainder(alpa_lower *lower, LLVMValueRef x, LLVMValueRef y);

#endif
