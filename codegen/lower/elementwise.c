/* Elementwise ops: what they do to elements of each class of data type. */
#include "codegen/lower/elementwise.h"

#include <math.h>
#include <string.h>

#include "codegen/lower/emit.h"
#include "codegen/lower/math.h"

typedef LLVMValueRef V;
typedef alpa_element E;
typedef const alpa_arith A;

static alpa_dtype_class class_of(A *a) { return alpa_dtype_get_info(a->in)->class_; }
static E real(V value) { return (E){value, NULL}; }
static LLVMBuilderRef builder(A *a) { return a->lower->builder; }

/* A constant of the type of a value: float, or integer. */
static V float_like(A *a, V like, double value) {
  LLVMTypeRef type = LLVMTypeOf(like);
  bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
  V scalar = LLVMConstReal(vector ? LLVMGetElementType(type) : type, value);
  return alpa_lower_splat(a->lower, scalar, alpa_expr_lanes(like));
}
static V int_like(A *a, V like, uint64_t value) {
  LLVMTypeRef type = LLVMTypeOf(like);
  bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
  V scalar = LLVMConstInt(vector ? LLVMGetElementType(type) : type, value, true);
  return alpa_lower_splat(a->lower, scalar, alpa_expr_lanes(like));
}
static V call1(A *a, const char *name, V x) {
  LLVMTypeRef type = LLVMTypeOf(x);
  return alpa_lower_intrinsic(a->lower, name, &type, 1, &x, 1);
}
static V call2(A *a, const char *name, V x, V y) {
  LLVMTypeRef type = LLVMTypeOf(x);
  return alpa_lower_intrinsic(a->lower, name, &type, 1, (V[]){x, y}, 2);
}
/* An intrinsic with a constant i1 behind its operand. */
static V call_flag(A *a, const char *name, V x) {
  LLVMTypeRef type = LLVMTypeOf(x);
  return alpa_lower_intrinsic(a->lower, name, &type, 1, (V[]){x, LLVMConstNull(a->lower->type.i1)}, 2);
}
static bool is_signed(A *a) { return class_of(a) == ALPA_CLASS_INT; }
/* Float arithmetic ends with the rounding of its format. */
static E rounded(A *a, V value) { return real(alpa_float_round(a->lower, a->out, value)); }
static V contract(V value) { return alpa_lower_contract(value); }

static E none(A *a, const char *reason) {
  alpa_lower_unsupported(a->lower, a->op ? a->op : a->lower->kernel, reason);
  return alpa_expr_zero(a->lower, a->out);
}

/* chlo-legalize writes what functions of complex numbers consist of. */
static E no_complex(A *a) { return none(a, "of complex numbers is not supported: run 'chlo-legalize' first"); }

/* ---- complex arithmetic ---- */

static V times(A *a, V x, V y) { return contract(LLVMBuildFMul(builder(a), x, y, "")); }
static V plus(A *a, V x, V y) { return contract(LLVMBuildFAdd(builder(a), x, y, "")); }
static V minus(A *a, V x, V y) { return contract(LLVMBuildFSub(builder(a), x, y, "")); }
static V over(A *a, V x, V y) { return LLVMBuildFDiv(builder(a), x, y, ""); }

static E complex_multiply(A *a, E x, E y) {
  return (E){minus(a, times(a, x.re, y.re), times(a, x.im, y.im)), plus(a, times(a, x.re, y.im), times(a, x.im, y.re))};
}
/* ---- one operand ---- */

static E apply_abs(A *a, const E *x) {
  if (x[0].im)
    return no_complex(a);
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return real(call1(a, "llvm.fabs", x[0].re));
  return is_signed(a) ? real(call_flag(a, "llvm.abs", x[0].re)) : x[0];
}
static E apply_negate(A *a, const E *x) {
  if (class_of(a) == ALPA_CLASS_COMPLEX)
    return (E){LLVMBuildFNeg(builder(a), x[0].re, ""), LLVMBuildFNeg(builder(a), x[0].im, "")};
  return real(class_of(a) == ALPA_CLASS_FLOAT ? LLVMBuildFNeg(builder(a), x[0].re, "")
                                              : LLVMBuildNeg(builder(a), x[0].re, ""));
}
static E apply_not(A *a, const E *x) { return real(LLVMBuildNot(builder(a), x[0].re, "")); }
static E apply_popcnt(A *a, const E *x) { return real(call1(a, "llvm.ctpop", x[0].re)); }
static E apply_clz(A *a, const E *x) { return real(call_flag(a, "llvm.ctlz", x[0].re)); }
static E apply_ceil(A *a, const E *x) { return real(call1(a, "llvm.ceil", x[0].re)); }
static E apply_floor(A *a, const E *x) { return real(call1(a, "llvm.floor", x[0].re)); }
static E apply_round_even(A *a, const E *x) { return real(call1(a, "llvm.rint", x[0].re)); }
static E apply_round_afz(A *a, const E *x) {
  V whole = call1(a, "llvm.trunc", x[0].re), rest = LLVMBuildFSub(builder(a), x[0].re, whole, "");
  V far = LLVMBuildFCmp(builder(a), LLVMRealOGE, call1(a, "llvm.fabs", rest), float_like(a, rest, 0.5), "");
  V step = LLVMBuildSelect(builder(a), far, float_like(a, rest, 1), float_like(a, rest, 0), "");
  V signed_step = call2(a, "llvm.copysign", step, x[0].re);
  return real(call2(a, "llvm.copysign", LLVMBuildFAdd(builder(a), whole, signed_step, ""), x[0].re));
}
static E apply_real(A *a, const E *x) { return (void)a, real(x[0].re); }
static E apply_imag(A *a, const E *x) { return real(x[0].im ? x[0].im : float_like(a, x[0].re, 0)); }
static E apply_is_finite(A *a, const E *x) {
  V size = call1(a, "llvm.fabs", x[0].re);
  return real(LLVMBuildFCmp(builder(a), LLVMRealOLT, size, float_like(a, size, INFINITY), ""));
}
static E apply_is_inf(A *a, const E *x) {
  V size = call1(a, "llvm.fabs", x[0].re);
  return real(LLVMBuildFCmp(builder(a), LLVMRealOEQ, size, float_like(a, size, INFINITY), ""));
}
static E apply_is_pos_inf(A *a, const E *x) {
  return real(LLVMBuildFCmp(builder(a), LLVMRealOEQ, x[0].re, float_like(a, x[0].re, INFINITY), ""));
}
static E apply_is_neg_inf(A *a, const E *x) {
  return real(LLVMBuildFCmp(builder(a), LLVMRealOEQ, x[0].re, float_like(a, x[0].re, -INFINITY), ""));
}
static E apply_sign(A *a, const E *x) {
  if (x[0].im)
    return no_complex(a);
  if (class_of(a) == ALPA_CLASS_FLOAT) {
    V one = call2(a, "llvm.copysign", float_like(a, x[0].re, 1), x[0].re);
    V ordinary = LLVMBuildFCmp(builder(a), LLVMRealONE, x[0].re, float_like(a, x[0].re, 0), "");
    return real(LLVMBuildSelect(builder(a), ordinary, one, x[0].re, ""));
  }
  V zero = int_like(a, x[0].re, 0), positive = LLVMBuildICmp(builder(a), LLVMIntSGT, x[0].re, zero, "");
  V negative = LLVMBuildICmp(builder(a), LLVMIntSLT, x[0].re, zero, "");
  LLVMTypeRef type = LLVMTypeOf(x[0].re);
  if (!is_signed(a))
    return real(LLVMBuildZExtOrBitCast(builder(a), LLVMBuildICmp(builder(a), LLVMIntNE, x[0].re, zero, ""), type, ""));
  return real(LLVMBuildSub(builder(a), LLVMBuildZExt(builder(a), positive, type, ""),
                           LLVMBuildZExt(builder(a), negative, type, ""), ""));
}

#define REAL_FUNCTION(name)                                                                                            \
  static E apply_##name(A *a, const E *x) {                                                                            \
    return x[0].im ? no_complex(a) : rounded(a, alpa_math_##name(a->lower, x[0].re));                                  \
  }
REAL_FUNCTION(exp)
REAL_FUNCTION(expm1)
REAL_FUNCTION(log)
REAL_FUNCTION(log1p)
REAL_FUNCTION(sin)
REAL_FUNCTION(cos)
REAL_FUNCTION(tan)
REAL_FUNCTION(tanh)
REAL_FUNCTION(logistic)
REAL_FUNCTION(sqrt)
REAL_FUNCTION(rsqrt)
REAL_FUNCTION(cbrt)
REAL_FUNCTION(sinh)
REAL_FUNCTION(cosh)
REAL_FUNCTION(asinh)
REAL_FUNCTION(acosh)
REAL_FUNCTION(atanh)
REAL_FUNCTION(erf)
REAL_FUNCTION(erfc)
REAL_FUNCTION(erf_inv)
REAL_FUNCTION(atan)
#undef REAL_FUNCTION

/* An f16 is held in an f32, where its subnormals have bits to spare: to a multiple of their unit, times 2^drop. */
static V round_subnormal_half(A *a, V value, int64_t drop) {
  V magic = float_like(a, value, ldexp(1.5, 23 - 24 + (int)drop));
  V rounded_value = LLVMBuildFSub(builder(a), LLVMBuildFAdd(builder(a), value, magic, ""), magic, "");
  V small = LLVMBuildFCmp(builder(a), LLVMRealOLT, call1(a, "llvm.fabs", value), float_like(a, value, 0x1p-14), "");
  return LLVMBuildSelect(builder(a), small, call2(a, "llvm.copysign", rounded_value, value), value, "");
}

/* Rounds the mantissa to nearest even on the bits; where the exponent has fewer bits than the format's, what is too
 * large is infinite and what is subnormal zero. */
static E apply_reduce_precision(A *a, const E *x) {
  int64_t exponent = alpa_op_int(a->op, stablehlo_reduce_precision_exponent_bits, 8);
  int64_t mantissa = alpa_op_int(a->op, stablehlo_reduce_precision_mantissa_bits, 23);
  bool wide = a->in == ALPA_F64;
  int64_t own_mantissa = wide ? 52 : 23,
          own_exponent = wide                ? 11
                         : a->in == ALPA_F16 ? 5
                                             : 8,
          own_bias = wide ? 1023 : 127;
  V value = x[0].re;
  if (a->in == ALPA_F16 && mantissa < 10)
    value = round_subnormal_half(a, value, 10 - mantissa);
  LLVMTypeRef integer = wide ? a->lower->type.i64 : a->lower->type.i32;
  V bits = LLVMBuildBitCast(builder(a), value, alpa_lower_vector_type(integer, alpa_expr_lanes(value)), "");
  uint64_t sign_bit = UINT64_C(1) << (wide ? 63 : 31), all = wide ? UINT64_MAX : UINT32_MAX;
  V sign = LLVMBuildAnd(builder(a), bits, int_like(a, bits, sign_bit), "");
  V size = LLVMBuildAnd(builder(a), bits, int_like(a, bits, all & ~sign_bit), "");
  if (mantissa < own_mantissa) {
    uint64_t drop = (uint64_t)(own_mantissa - mantissa), half = (UINT64_C(1) << (drop - 1)) - 1;
    V odd = LLVMBuildAnd(builder(a), LLVMBuildLShr(builder(a), size, int_like(a, bits, drop), ""), int_like(a, bits, 1),
                         "");
    size = LLVMBuildAdd(builder(a), size, LLVMBuildAdd(builder(a), odd, int_like(a, bits, half), ""), "");
    size = LLVMBuildAnd(builder(a), size, int_like(a, bits, all & ~((UINT64_C(1) << drop) - 1)), "");
  }
  if (exponent < own_exponent) {
    int64_t bias = (INT64_C(1) << (exponent - 1)) - 1;
    V largest = int_like(a, bits, (uint64_t)(own_bias + bias + 1) << own_mantissa);
    V least = int_like(a, bits, (uint64_t)(own_bias - bias + 1) << own_mantissa);
    V infinity = int_like(a, bits, (uint64_t)(2 * own_bias + 1) << own_mantissa);
    V above = LLVMBuildICmp(builder(a), LLVMIntUGE, size, largest, "");
    V under = LLVMBuildICmp(builder(a), LLVMIntULT, size, least, "");
    size = LLVMBuildSelect(builder(a), above, infinity, size, "");
    size = LLVMBuildSelect(builder(a), under, int_like(a, bits, 0), size, "");
  }
  V result = LLVMBuildBitCast(builder(a), LLVMBuildOr(builder(a), size, sign, ""), LLVMTypeOf(x[0].re), "");
  V nan = LLVMBuildFCmp(builder(a), LLVMRealUNO, x[0].re, x[0].re, "");
  return real(LLVMBuildSelect(builder(a), nan, x[0].re, result, ""));
}

/* ---- two operands ---- */

static E apply_add(A *a, const E *x) {
  if (x[0].im)
    return (E){plus(a, x[0].re, x[1].re), plus(a, x[0].im, x[1].im)};
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return rounded(a, plus(a, x[0].re, x[1].re));
  return real(a->in == ALPA_I1 ? LLVMBuildOr(builder(a), x[0].re, x[1].re, "")
                               : LLVMBuildAdd(builder(a), x[0].re, x[1].re, ""));
}
static E apply_subtract(A *a, const E *x) {
  if (x[0].im)
    return (E){minus(a, x[0].re, x[1].re), minus(a, x[0].im, x[1].im)};
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return rounded(a, minus(a, x[0].re, x[1].re));
  return real(LLVMBuildSub(builder(a), x[0].re, x[1].re, ""));
}
static E apply_multiply(A *a, const E *x) {
  if (x[0].im)
    return complex_multiply(a, x[0], x[1]);
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return rounded(a, times(a, x[0].re, x[1].re));
  return real(a->in == ALPA_I1 ? LLVMBuildAnd(builder(a), x[0].re, x[1].re, "")
                               : LLVMBuildMul(builder(a), x[0].re, x[1].re, ""));
}

/* Integer division without signals: by 0 the quotient is -1 and the remainder the dividend; INT_MIN / -1 wraps. */
static E divide_integers(A *a, const E *x, bool want_remainder) {
  LLVMBuilderRef b = builder(a);
  V zero = int_like(a, x[1].re, 0), one = int_like(a, x[1].re, 1), minus_one = int_like(a, x[1].re, UINT64_MAX);
  V by_zero = LLVMBuildICmp(b, LLVMIntEQ, x[1].re, zero, "");
  V divisor = LLVMBuildSelect(b, by_zero, one, x[1].re, ""), result;
  V instead = want_remainder ? x[0].re : minus_one;
  if (!is_signed(a)) {
    result = want_remainder ? LLVMBuildURem(b, x[0].re, divisor, "") : LLVMBuildUDiv(b, x[0].re, divisor, "");
    return real(LLVMBuildSelect(b, by_zero, instead, result, ""));
  }
  V negates = LLVMBuildICmp(b, LLVMIntEQ, x[1].re, minus_one, "");
  divisor = LLVMBuildSelect(b, negates, one, divisor, "");
  result = want_remainder ? LLVMBuildSRem(b, x[0].re, divisor, "") : LLVMBuildSDiv(b, x[0].re, divisor, "");
  V negated = want_remainder ? zero : LLVMBuildNeg(b, x[0].re, "");
  result = LLVMBuildSelect(b, negates, negated, result, "");
  return real(LLVMBuildSelect(b, by_zero, instead, result, ""));
}
static E apply_divide(A *a, const E *x) {
  if (x[0].im)
    return no_complex(a);
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return rounded(a, over(a, x[0].re, x[1].re));
  return divide_integers(a, x, false);
}
static E apply_remainder(A *a, const E *x) {
  if (x[0].im)
    return no_complex(a);
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return rounded(a, alpa_math_remainder(a->lower, x[0].re, x[1].re));
  return divide_integers(a, x, true);
}

/* NaN where one operand is NaN.  A constant stands first: the comparison then lets a NaN of the other through. */
static V extreme(A *a, V x, V y, bool greatest) {
  if (LLVMIsConstant(y)) {
    V swap = x;
    x = y;
    y = swap;
  }
  V wins = LLVMBuildFCmp(builder(a), greatest ? LLVMRealOGT : LLVMRealOLT, x, y, "");
  V result = LLVMBuildSelect(builder(a), wins, x, y, "");
  if (LLVMIsConstant(x))
    return result;
  V nan = LLVMBuildFCmp(builder(a), LLVMRealUNO, x, x, "");
  return LLVMBuildSelect(builder(a), nan, x, result, "");
}

/* Lexicographic order of complex numbers: whether x is before y. */
static V complex_before(A *a, E x, E y, LLVMRealPredicate strict) {
  V first = LLVMBuildFCmp(builder(a), strict, x.re, y.re, ""),
    same = LLVMBuildFCmp(builder(a), LLVMRealOEQ, x.re, y.re, "");
  V second = LLVMBuildFCmp(builder(a), strict, x.im, y.im, "");
  return LLVMBuildOr(builder(a), first, LLVMBuildAnd(builder(a), same, second, ""), "");
}

static E apply_extreme(A *a, const E *x, bool greatest) {
  if (x[0].im)
    return alpa_expr_select(a->lower, complex_before(a, x[0], x[1], greatest ? LLVMRealOGT : LLVMRealOLT), x[0], x[1]);
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return real(extreme(a, x[0].re, x[1].re, greatest));
  if (a->in == ALPA_I1)
    return real(greatest ? LLVMBuildOr(builder(a), x[0].re, x[1].re, "")
                         : LLVMBuildAnd(builder(a), x[0].re, x[1].re, ""));
  static const char *const names[2][2] = {{"llvm.umin", "llvm.umax"}, {"llvm.smin", "llvm.smax"}};
  return real(call2(a, names[is_signed(a)][greatest], x[0].re, x[1].re));
}
static E apply_maximum(A *a, const E *x) { return apply_extreme(a, x, true); }
static E apply_minimum(A *a, const E *x) { return apply_extreme(a, x, false); }

static E apply_and(A *a, const E *x) { return real(LLVMBuildAnd(builder(a), x[0].re, x[1].re, "")); }
static E apply_or(A *a, const E *x) { return real(LLVMBuildOr(builder(a), x[0].re, x[1].re, "")); }
static E apply_xor(A *a, const E *x) { return real(LLVMBuildXor(builder(a), x[0].re, x[1].re, "")); }

/* Shifts by the width or more give 0, or copies of the sign. */
static E shift(A *a, const E *x, LLVMOpcode opcode) {
  uint32_t bits = alpa_dtype_get_info(a->in)->bits;
  V limit = int_like(a, x[1].re, bits), last = int_like(a, x[1].re, bits - 1);
  V inside = LLVMBuildICmp(builder(a), LLVMIntULT, x[1].re, limit, "");
  V amount = LLVMBuildSelect(builder(a), inside, x[1].re, last, "");
  V result = LLVMBuildBinOp(builder(a), opcode, x[0].re, amount, "");
  return real(opcode == LLVMAShr ? result : LLVMBuildSelect(builder(a), inside, result, int_like(a, x[0].re, 0), ""));
}
static E apply_shift_left(A *a, const E *x) { return shift(a, x, LLVMShl); }
static E apply_shift_arithmetic(A *a, const E *x) { return shift(a, x, LLVMAShr); }
static E apply_shift_logical(A *a, const E *x) { return shift(a, x, LLVMLShr); }

/* x^y by squaring; a negative exponent gives 0, except for 1 and -1. */
static E integer_power(A *a, const E *x) {
  V result = int_like(a, x[0].re, 1), base = x[0].re, exponent = x[1].re, zero = int_like(a, x[0].re, 0);
  V one = result, minus_one = int_like(a, x[0].re, UINT64_MAX);
  uint32_t bits = alpa_dtype_get_info(a->in)->bits;
  for (uint32_t i = 0; i < bits; i++) {
    V bit = LLVMBuildAnd(builder(a), exponent, one, "");
    V set = LLVMBuildICmp(builder(a), LLVMIntNE, bit, zero, "");
    result = LLVMBuildSelect(builder(a), set, LLVMBuildMul(builder(a), result, base, ""), result, "");
    base = LLVMBuildMul(builder(a), base, base, "");
    exponent = LLVMBuildLShr(builder(a), exponent, one, "");
  }
  if (!is_signed(a))
    return real(result);
  V negative = LLVMBuildICmp(builder(a), LLVMIntSLT, x[1].re, zero, "");
  V odd = LLVMBuildICmp(builder(a), LLVMIntNE, LLVMBuildAnd(builder(a), x[1].re, one, ""), zero, "");
  V unit = LLVMBuildICmp(builder(a), LLVMIntEQ, x[0].re, one, "");
  V minus = LLVMBuildICmp(builder(a), LLVMIntEQ, x[0].re, minus_one, "");
  V other = LLVMBuildSelect(builder(a), minus, LLVMBuildSelect(builder(a), odd, minus_one, one, ""), zero, "");
  return real(LLVMBuildSelect(builder(a), negative, LLVMBuildSelect(builder(a), unit, one, other, ""), result, ""));
}
static E apply_power(A *a, const E *x) {
  if (x[0].im)
    return no_complex(a);
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return rounded(a, alpa_math_pow(a->lower, x[0].re, x[1].re));
  return integer_power(a, x);
}
static E apply_atan2(A *a, const E *x) {
  return x[0].im ? no_complex(a) : rounded(a, alpa_math_atan2(a->lower, x[0].re, x[1].re));
}
static E apply_complex(A *a, const E *x) { return (void)a, (E){x[0].re, x[1].re}; }

/* Floats as integers in their total order: -NaN < -inf < ... < -0 < +0 < ... < NaN. */
static V total_order(A *a, V x) {
  uint32_t bits = a->in == ALPA_F64 ? 64 : 32;
  LLVMTypeRef type = alpa_lower_vector_type(LLVMIntTypeInContext(a->lower->llvm, bits), alpa_expr_lanes(x));
  V word = LLVMBuildBitCast(builder(a), x, type, "");
  V sign = LLVMBuildAShr(builder(a), word, int_like(a, word, bits - 1), "");
  return LLVMBuildXor(builder(a), word, LLVMBuildLShr(builder(a), sign, int_like(a, word, 1), ""), "");
}
static E apply_compare(A *a, const E *x) {
  static const LLVMRealPredicate floats[] = {LLVMRealOEQ, LLVMRealUNE, LLVMRealOGE,
                                             LLVMRealOGT, LLVMRealOLE, LLVMRealOLT};
  static const LLVMIntPredicate signs[] = {LLVMIntEQ, LLVMIntNE, LLVMIntSGE, LLVMIntSGT, LLVMIntSLE, LLVMIntSLT};
  static const LLVMIntPredicate unsigns[] = {LLVMIntEQ, LLVMIntNE, LLVMIntUGE, LLVMIntUGT, LLVMIntULE, LLVMIntULT};
  int64_t direction = alpa_op_attr(a->op, stablehlo_compare_comparison_direction)->integer;
  const alpa_attr *kind = alpa_op_attr(a->op, stablehlo_compare_compare_type);
  if (x[0].im) {
    V equal = LLVMBuildAnd(builder(a), LLVMBuildFCmp(builder(a), LLVMRealOEQ, x[0].re, x[1].re, ""),
                           LLVMBuildFCmp(builder(a), LLVMRealOEQ, x[0].im, x[1].im, ""), "");
    if (direction == STABLEHLO_EQ || direction == STABLEHLO_NE)
      return real(direction == STABLEHLO_EQ ? equal : LLVMBuildNot(builder(a), equal, ""));
    bool greater = direction == STABLEHLO_GE || direction == STABLEHLO_GT;
    V before = complex_before(a, x[0], x[1], greater ? LLVMRealOGT : LLVMRealOLT);
    bool or_equal = direction == STABLEHLO_GE || direction == STABLEHLO_LE;
    return real(or_equal ? LLVMBuildOr(builder(a), before, equal, "") : before);
  }
  if (class_of(a) == ALPA_CLASS_FLOAT && kind && kind->integer == STABLEHLO_TOTALORDER)
    return real(LLVMBuildICmp(builder(a), signs[direction], total_order(a, x[0].re), total_order(a, x[1].re), ""));
  if (class_of(a) == ALPA_CLASS_FLOAT)
    return real(LLVMBuildFCmp(builder(a), floats[direction], x[0].re, x[1].re, ""));
  return real(LLVMBuildICmp(builder(a), (is_signed(a) ? signs : unsigns)[direction], x[0].re, x[1].re, ""));
}

/* ---- three operands ---- */

static E apply_select(A *a, const E *x) { return alpa_expr_select(a->lower, x[0].re, x[1], x[2]); }
static E apply_clamp(A *a, const E *x) {
  E raised = apply_extreme(a, (E[]){x[0], x[1]}, true);
  return apply_extreme(a, (E[]){raised, x[2]}, false);
}

/* ---- chlo ---- */

static E apply_square(A *a, const E *x) { return apply_multiply(a, (E[]){x[0], x[0]}); }
static E apply_asin(A *a, const E *x) {
  return x[0].im ? no_complex(a) : rounded(a, alpa_math_asin(a->lower, x[0].re));
}
static E apply_acos(A *a, const E *x) {
  return x[0].im ? no_complex(a) : rounded(a, alpa_math_acos(a->lower, x[0].re));
}
static const struct {
  const char *name;
  alpa_apply_fn *apply;
} rows[] = {
    {"stablehlo.abs", apply_abs},
    {"stablehlo.cbrt", apply_cbrt},
    {"stablehlo.ceil", apply_ceil},
    {"stablehlo.cosine", apply_cos},
    {"stablehlo.count_leading_zeros", apply_clz},
    {"stablehlo.exponential", apply_exp},
    {"stablehlo.exponential_minus_one", apply_expm1},
    {"stablehlo.floor", apply_floor},
    {"stablehlo.imag", apply_imag},
    {"stablehlo.is_finite", apply_is_finite},
    {"stablehlo.log", apply_log},
    {"stablehlo.log_plus_one", apply_log1p},
    {"stablehlo.logistic", apply_logistic},
    {"stablehlo.negate", apply_negate},
    {"stablehlo.not", apply_not},
    {"stablehlo.popcnt", apply_popcnt},
    {"stablehlo.real", apply_real},
    {"stablehlo.round_nearest_afz", apply_round_afz},
    {"stablehlo.round_nearest_even", apply_round_even},
    {"stablehlo.rsqrt", apply_rsqrt},
    {"stablehlo.sign", apply_sign},
    {"stablehlo.sine", apply_sin},
    {"stablehlo.sqrt", apply_sqrt},
    {"stablehlo.tan", apply_tan},
    {"stablehlo.tanh", apply_tanh},
    {"stablehlo.reduce_precision", apply_reduce_precision},
    {"stablehlo.add", apply_add},
    {"stablehlo.atan2", apply_atan2},
    {"stablehlo.divide", apply_divide},
    {"stablehlo.maximum", apply_maximum},
    {"stablehlo.minimum", apply_minimum},
    {"stablehlo.multiply", apply_multiply},
    {"stablehlo.power", apply_power},
    {"stablehlo.remainder", apply_remainder},
    {"stablehlo.shift_left", apply_shift_left},
    {"stablehlo.shift_right_arithmetic", apply_shift_arithmetic},
    {"stablehlo.shift_right_logical", apply_shift_logical},
    {"stablehlo.subtract", apply_subtract},
    {"stablehlo.and", apply_and},
    {"stablehlo.or", apply_or},
    {"stablehlo.xor", apply_xor},
    {"stablehlo.complex", apply_complex},
    {"stablehlo.compare", apply_compare},
    {"stablehlo.select", apply_select},
    {"stablehlo.clamp", apply_clamp},
    {"chlo.acos", apply_acos},
    {"chlo.acosh", apply_acosh},
    {"chlo.asin", apply_asin},
    {"chlo.asinh", apply_asinh},
    {"chlo.atan", apply_atan},
    {"chlo.atanh", apply_atanh},
    {"chlo.cosh", apply_cosh},
    {"chlo.sinh", apply_sinh},
    {"chlo.tan", apply_tan},
    {"chlo.erf", apply_erf},
    {"chlo.erfc", apply_erfc},
    {"chlo.erf_inv", apply_erf_inv},
    {"chlo.is_inf", apply_is_inf},
    {"chlo.is_neg_inf", apply_is_neg_inf},
    {"chlo.is_pos_inf", apply_is_pos_inf},
    {"chlo.square", apply_square},
};

alpa_apply_fn *alpa_elementwise_find(const alpa_op_def *def) {
  for (size_t i = 0; i < countof(rows); i++)
    if (!strcmp(rows[i].name, def->name))
      return rows[i].apply;
  return NULL;
}

E alpa_elementwise_apply(alpa_lower *lower, stablehlo_op_id id, alpa_dtype dtype, const E *args) {
  A arith = {lower, NULL, dtype, dtype};
  return alpa_elementwise_find(&alpa_stablehlo_ops[id])(&arith, args);
}

/* Brings all operands to the same number of lanes; a uniform one meets lanes only here. */
static void unify_all(alpa_lower *lower, E *args, uint32_t n) {
  uint32_t lanes = 1;
  for (uint32_t i = 0; i < n; i++)
    lanes = alpa_expr_lanes(args[i].re) > lanes ? alpa_expr_lanes(args[i].re) : lanes;
  for (uint32_t i = 0; i < n; i++) {
    args[i].re = alpa_expr_widen(lower, args[i].re, lanes);
    if (args[i].im)
      args[i].im = alpa_expr_widen(lower, args[i].im, lanes);
  }
}

E alpa_emit_elementwise(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  enum { MAX_OPERANDS = 3 };
  E args[MAX_OPERANDS] = {{0}};
  for (uint32_t i = 0; i < op->n_operands && i < MAX_OPERANDS; i++) {
    bool scalar = alpa_op_operand_type(op, i)->rank == 0 && value->type->rank != 0; /* of select and clamp */
    const alpa_tuple *place = scalar ? alpa_tuple_get(lower, alpa_tuple_make(lower, at, 0)) : at;
    args[i] = alpa_expr_eval(lower, alpa_op_operand(op, i), place);
  }
  unify_all(lower, args, op->n_operands);
  alpa_dtype in = stablehlo_is(op, STABLEHLO_clamp) ? value->type->dtype : alpa_op_operand_type(op, 0)->dtype;
  A arith = {lower, op, in, value->type->dtype};
  if (stablehlo_is(op, STABLEHLO_convert))
    return alpa_element_convert(lower, arith.in, arith.out, args[0]);
  alpa_apply_fn *apply = alpa_elementwise_find(op->def);
  return apply ? apply(&arith, args) : none(&arith, "has no lowering to machine code");
}
