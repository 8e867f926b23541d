/* Elementary functions as IR.
 *
 * Reductions are the classical ones: exp by x = n ln 2 + r, log by x = 2^e m with m around 1, sin and cos by
 * multiples of pi/2 (angle.h); the remaining function on a small interval is a polynomial of
 * math_tables.h.  expm1 = 2^n p(r) + (2^n - 1) has no cancellation, so that tanh = expm1(2x) / (expm1(2x) + 2) needs
 * no branch.  Everything is branchless: alternatives are selected. */
#include "codegen/lower/math.h"

#include <math.h>

#include "codegen/lower/angle.h"
#include "codegen/lower/expr.h"
#include "codegen/lower/math_tables.h"

typedef LLVMValueRef V;

static bool is_double(V x) {
  LLVMTypeRef type = LLVMTypeOf(x);
  if (LLVMGetTypeKind(type) == LLVMVectorTypeKind)
    type = LLVMGetElementType(type);
  return LLVMGetTypeKind(type) == LLVMDoubleTypeKind;
}

static LLVMTypeRef int_type(alpa_lower *l, V x) {
  return alpa_lower_vector_type(is_double(x) ? l->type.i64 : l->type.i32, alpa_expr_lanes(x));
}

/* A float constant of x's type. */
static V fc(alpa_lower *l, V x, double value) {
  return alpa_lower_splat(l, LLVMConstReal(is_double(x) ? l->type.f64 : l->type.f32, value), alpa_expr_lanes(x));
}
/* An integer constant of x's width. */
static V ic(alpa_lower *l, V x, int64_t value) {
  LLVMTypeRef type = is_double(x) ? l->type.i64 : l->type.i32;
  return alpa_lower_splat(l, LLVMConstInt(type, (uint64_t)value, true), alpa_expr_lanes(x));
}
static V add(alpa_lower *l, V a, V b) { return alpa_lower_contract(LLVMBuildFAdd(l->builder, a, b, "")); }
static V sub(alpa_lower *l, V a, V b) { return alpa_lower_contract(LLVMBuildFSub(l->builder, a, b, "")); }
static V mul(alpa_lower *l, V a, V b) { return alpa_lower_contract(LLVMBuildFMul(l->builder, a, b, "")); }
static V divide(alpa_lower *l, V a, V b) { return LLVMBuildFDiv(l->builder, a, b, ""); }
static V neg(alpa_lower *l, V a) { return LLVMBuildFNeg(l->builder, a, ""); }
static V sel(alpa_lower *l, V c, V a, V b) { return LLVMBuildSelect(l->builder, c, a, b, ""); }
static V cmp(alpa_lower *l, LLVMRealPredicate p, V a, V b) { return LLVMBuildFCmp(l->builder, p, a, b, ""); }
static V fma_(alpa_lower *l, V a, V b, V c) {
  LLVMTypeRef type = LLVMTypeOf(a);
  return alpa_lower_intrinsic(l, l->target->has_fma ? "llvm.fma" : "llvm.fmuladd", &type, 1, (V[]){a, b, c}, 3);
}
static V unary(alpa_lower *l, const char *name, V x) {
  LLVMTypeRef type = LLVMTypeOf(x);
  return alpa_lower_intrinsic(l, name, &type, 1, &x, 1);
}
static V fabs_(alpa_lower *l, V x) { return unary(l, "llvm.fabs", x); }
static V to_int(alpa_lower *l, V x) { return LLVMBuildBitCast(l->builder, x, int_type(l, x), ""); }
static V to_float(alpa_lower *l, V bits, V like) { return LLVMBuildBitCast(l->builder, bits, LLVMTypeOf(like), ""); }
static V copysign_(alpa_lower *l, V x, V sign) {
  LLVMTypeRef type = LLVMTypeOf(x);
  return alpa_lower_intrinsic(l, "llvm.copysign", &type, 1, (V[]){x, sign}, 2);
}
/* NaN stays NaN. */
static V clamp(alpa_lower *l, V x, double low, double high) {
  V a = fc(l, x, low), b = fc(l, x, high);
  x = sel(l, cmp(l, LLVMRealOLT, x, a), a, x);
  return sel(l, cmp(l, LLVMRealOGT, x, b), b, x);
}

static V horner(alpa_lower *l, V x, const double *c, size_t n) {
  V sum = fc(l, x, c[n - 1]);
  for (size_t i = n - 1; i-- > 0;)
    sum = fma_(l, sum, x, fc(l, x, c[i]));
  return sum;
}
#define POLY(x, name)                                                                                                  \
  (is_double(x) ? horner(l, x, name##_f64, countof(name##_f64)) : horner(l, x, name##_f32, countof(name##_f32)))

/* ---- exp family ---- */

/* 2^n of an integer in the normal range. */
static V power_of_two(alpa_lower *l, V n, V like) {
  bool wide = is_double(like);
  V biased = LLVMBuildAdd(l->builder, n, ic(l, like, wide ? 1023 : 127), "");
  return to_float(l, LLVMBuildShl(l->builder, biased, ic(l, like, wide ? 52 : 23), ""), like);
}

/* x = n ln 2 + r; returns expm1(r) and n. */
static V reduce_exp(alpa_lower *l, V x, V *out_n) {
  bool wide = is_double(x);
  double magic = wide ? 0x1.8p52 : 0x1.8p23; /* adding it rounds to a whole number in the low bits */
  V shifted = fma_(l, x, fc(l, x, 1.4426950408889634), fc(l, x, magic));
  V whole = LLVMBuildFSub(l->builder, shifted, fc(l, x, magic), "");
  *out_n = LLVMBuildSub(l->builder, to_int(l, shifted), to_int(l, fc(l, x, magic)), "");
  V r = fma_(l, whole, fc(l, x, wide ? -0x1.62e42fefa39efp-1 : -0x1.62e43p-1), x);
  r = fma_(l, whole, fc(l, x, wide ? -0x1.abc9e3b39803fp-56 : 0x1.05c61p-29), r);
  return fma_(l, mul(l, r, r), POLY(r, exp_tail), r);
}

V alpa_math_exp(alpa_lower *l, V x) {
  V n, limited = is_double(x) ? clamp(l, x, -746, 710) : clamp(l, x, -104.5, 89);
  V p = add(l, reduce_exp(l, limited, &n), fc(l, x, 1));
  V half = LLVMBuildAShr(l->builder, n, ic(l, x, 1), ""); /* two factors: 2^n itself may not be a normal number */
  V rest = LLVMBuildSub(l->builder, n, half, "");
  V scaled = LLVMBuildFMul(l->builder, p, power_of_two(l, half, x), "");
  return LLVMBuildFMul(l->builder, scaled, power_of_two(l, rest, x), "");
}

V alpa_math_expm1(alpa_lower *l, V x) {
  bool wide = is_double(x);
  V n, limited = wide ? clamp(l, x, -40, 710) : clamp(l, x, -20, 89);
  V p = reduce_exp(l, limited, &n);
  V less = LLVMBuildSub(l->builder, n, ic(l, x, 1), ""); /* 2 * (2^(n-1) ...): n may be one too large */
  V scale = power_of_two(l, less, x);
  V result = fma_(l, scale, p, LLVMBuildFSub(l->builder, scale, fc(l, x, 0.5), ""));
  result = LLVMBuildFAdd(l->builder, result, result, "");
  return sel(l, cmp(l, LLVMRealOEQ, x, fc(l, x, 0)), x, result);
}

/* An odd polynomial near 0, then 1 - 2 / (e^2x + 1). */
V alpa_math_tanh(alpa_lower *l, V x) {
  V size = fabs_(l, x), limited = clamp(l, size, 0, 20), one = fc(l, x, 1);
  V z = clamp(l, mul(l, x, x), 0, 0.4), near = fma_(l, mul(l, x, z), POLY(z, tanh), x);
  V grown = alpa_math_exp(l, add(l, limited, limited));
  V far = copysign_(l, sub(l, one, divide(l, fc(l, x, 2), add(l, grown, one))), x);
  V is_near = cmp(l, LLVMRealOLT, size, fc(l, x, 0.625)), is_zero = cmp(l, LLVMRealOEQ, x, fc(l, x, 0));
  return sel(l, is_zero, x, sel(l, is_near, near, far));
}

V alpa_math_logistic(alpa_lower *l, V x) {
  V small = alpa_math_exp(l, neg(l, fabs_(l, x))), one = fc(l, x, 1);
  return divide(l, sel(l, cmp(l, LLVMRealOLT, x, fc(l, x, 0)), small, one), add(l, one, small));
}

/* ---- log family ---- */

/* log(1 + f) + e ln 2 for f in [sqrt(1/2) - 1, sqrt(2) - 1]. */
static V log_of_parts(alpa_lower *l, V f, V e) {
  V half_square = mul(l, mul(l, f, f), fc(l, f, 0.5));
  if (!is_double(f)) {
    V tail = mul(l, mul(l, mul(l, f, f), f), horner(l, f, log_tail_f32, countof(log_tail_f32)));
    tail = fma_(l, e, fc(l, f, 0x1.7f7d1cp-20), tail); /* low part of ln 2 */
    V sum = sub(l, f, sub(l, half_square, tail));
    return fma_(l, e, fc(l, f, 0x1.62e4p-1), sum);
  }
  V s = divide(l, f, add(l, f, fc(l, f, 2))), z = mul(l, s, s);
  V ratio = mul(l, z, horner(l, z, log_ratio_f64, countof(log_ratio_f64)));
  V tail = fma_(l, s, add(l, half_square, ratio), mul(l, e, fc(l, f, 0x1.ef35793c76730p-45)));
  V sum = sub(l, f, sub(l, half_square, tail));
  return fma_(l, e, fc(l, f, 0x1.62e42fefa3800p-1), sum);
}

/* x = 2^e (1 + f) for positive finite x, denormals included. */
static V split(alpa_lower *l, V x, V *out_e) {
  bool wide = is_double(x);
  V small = cmp(l, LLVMRealOLT, x, fc(l, x, wide ? 0x1p-1022 : 0x1p-126));
  x = sel(l, small, LLVMBuildFMul(l->builder, x, fc(l, x, wide ? 0x1p54 : 0x1p25), ""), x);
  V root_half = ic(l, x, wide ? 0x3FE6A09E667F3BCD : 0x3F3504F3), width = ic(l, x, wide ? 52 : 23);
  V above = LLVMBuildSub(l->builder, to_int(l, x), root_half, "");
  V exponent = LLVMBuildAShr(l->builder, above, width, "");
  V bits = LLVMBuildSub(l->builder, to_int(l, x), LLVMBuildShl(l->builder, exponent, width, ""), "");
  V e = LLVMBuildSIToFP(l->builder, exponent, LLVMTypeOf(x), "");
  *out_e = sel(l, small, LLVMBuildFSub(l->builder, e, fc(l, x, wide ? 54 : 25), ""), e);
  return LLVMBuildFSub(l->builder, to_float(l, bits, x), fc(l, x, 1), "");
}

V alpa_math_log(alpa_lower *l, V x) {
  V e, f = split(l, x, &e);
  V result = log_of_parts(l, f, e);
  result = sel(l, cmp(l, LLVMRealOLT, x, fc(l, x, INFINITY)), result, x); /* infinity and NaN */
  result = sel(l, cmp(l, LLVMRealOLT, x, fc(l, x, 0)), fc(l, x, NAN), result);
  return sel(l, cmp(l, LLVMRealOEQ, x, fc(l, x, 0)), fc(l, x, -INFINITY), result);
}

/* log(u) with u = 1 + x rounded, corrected by what the rounding lost. */
V alpa_math_log1p(alpa_lower *l, V x) {
  V one = fc(l, x, 1), u = LLVMBuildFAdd(l->builder, x, one, "");
  V lost = LLVMBuildFSub(l->builder, x, LLVMBuildFSub(l->builder, u, one, ""), "");
  V result = LLVMBuildFAdd(l->builder, alpa_math_log(l, u), divide(l, lost, u), "");
  V tiny = cmp(l, LLVMRealOEQ, u, one), infinite = cmp(l, LLVMRealOEQ, x, fc(l, x, INFINITY));
  result = sel(l, infinite, x, result);
  result = sel(l, cmp(l, LLVMRealOEQ, x, fc(l, x, -1)), fc(l, x, -INFINITY), result);
  return sel(l, tiny, x, result);
}

V alpa_math_sqrt(alpa_lower *l, V x) { return unary(l, "llvm.sqrt", x); }
V alpa_math_rsqrt(alpa_lower *l, V x) { return divide(l, fc(l, x, 1), alpa_math_sqrt(l, x)); }

/* A start from exp(log(x) / 3), then one step of Newton's iteration. */
V alpa_math_cbrt(alpa_lower *l, V x) {
  V a = fabs_(l, x), third = fc(l, x, 1.0 / 3);
  V y = alpa_math_exp(l, mul(l, alpa_math_log(l, a), third));
  V error = sub(l, divide(l, a, mul(l, y, y)), y);
  V better = fma_(l, error, third, y);
  V ordinary =
      LLVMBuildAnd(l->builder, cmp(l, LLVMRealOGT, a, fc(l, x, 0)), cmp(l, LLVMRealOLT, a, fc(l, x, INFINITY)), "");
  return sel(l, ordinary, copysign_(l, better, x), x);
}

/* Whether a float is an odd number, given |y|. */
static V is_odd(alpa_lower *l, V y, V is_whole) {
  V half = mul(l, y, fc(l, y, 0.5));
  return LLVMBuildAnd(l->builder, is_whole, cmp(l, LLVMRealONE, unary(l, "llvm.floor", half), half), "");
}

static V pow_special(alpa_lower *l, V x, V y, V magnitude) {
  LLVMBuilderRef b = l->builder;
  V whole = cmp(l, LLVMRealOEQ, unary(l, "llvm.floor", y), y), odd = is_odd(l, y, whole), zero = fc(l, x, 0);
  V negative = LLVMBuildICmp(b, LLVMIntSLT, to_int(l, x), ic(l, x, 0), "");
  V result = sel(l, LLVMBuildAnd(b, negative, odd, ""), neg(l, magnitude), magnitude);
  V below = LLVMBuildAnd(b, cmp(l, LLVMRealOLT, x, zero), LLVMBuildNot(b, whole, ""), "");
  V finite = LLVMBuildAnd(b, cmp(l, LLVMRealOGT, x, fc(l, x, -INFINITY)),
                          cmp(l, LLVMRealOLT, fabs_(l, y), fc(l, x, INFINITY)), "");
  result = sel(l, LLVMBuildAnd(b, below, finite, ""), fc(l, x, NAN), result);
  V one = LLVMBuildOr(b, cmp(l, LLVMRealOEQ, x, fc(l, x, 1)), cmp(l, LLVMRealOEQ, y, zero), "");
  V minus_one =
      LLVMBuildAnd(b, cmp(l, LLVMRealOEQ, x, fc(l, x, -1)), cmp(l, LLVMRealOEQ, fabs_(l, y), fc(l, x, INFINITY)), "");
  return sel(l, LLVMBuildOr(b, one, minus_one, ""), fc(l, x, 1), result);
}

/* log(a) for positive finite a in two doubles, to some 2^-59: 2 s + s R with s = f / (2 + f) carried with its rest. */
static V log_in_two(alpa_lower *l, V a, V *out_low) {
  LLVMBuilderRef b = l->builder;
  V e, f = split(l, a, &e), two = fc(l, a, 2);
  V u = LLVMBuildFAdd(b, f, two, ""), u_rest = LLVMBuildFSub(b, f, LLVMBuildFSub(b, u, two, ""), "");
  V s = LLVMBuildFDiv(b, f, u, ""), minus_s = neg(l, s), z = mul(l, s, s);
  V s_rest = divide(l, fma_(l, minus_s, u_rest, fma_(l, minus_s, u, f)), u);
  V ratio = mul(l, z, horner(l, z, log_ratio_f64, countof(log_ratio_f64)));
  V whole = LLVMBuildFMul(b, e, fc(l, a, 0x1.62e42fefa3800p-1), ""), part = LLVMBuildFAdd(b, s, s, "");
  V high = LLVMBuildFAdd(b, whole, part, ""), rest = LLVMBuildFSub(b, part, LLVMBuildFSub(b, high, whole, ""), "");
  V low = fma_(l, e, fc(l, a, 0x1.ef35793c76730p-45), fma_(l, s, ratio, add(l, s_rest, s_rest)));
  low = LLVMBuildFAdd(b, rest, low, "");
  V sum = LLVMBuildFAdd(b, high, low, "");
  *out_low = LLVMBuildFSub(b, low, LLVMBuildFSub(b, sum, high, ""), "");
  return sum;
}

/* exp(y log a) for a >= 0 with the product in two doubles: the error of a logarithm would be multiplied by y. */
static V pow_f64(alpa_lower *l, V a, V y) {
  LLVMBuilderRef b = l->builder;
  V low, high = log_in_two(l, a, &low);
  V product = LLVMBuildFMul(b, y, high, ""), rest = fma_(l, y, low, fma_(l, y, high, neg(l, product)));
  V ordinary = LLVMBuildAnd(b, cmp(l, LLVMRealOGT, a, fc(l, a, 0)), cmp(l, LLVMRealOLT, a, fc(l, a, INFINITY)), "");
  product = sel(l, ordinary, product, LLVMBuildFMul(b, y, alpa_math_log(l, a), ""));
  V small = LLVMBuildAnd(b, ordinary, cmp(l, LLVMRealOLT, fabs_(l, product), fc(l, a, 1000)), "");
  V power = alpa_math_exp(l, product);
  small = LLVMBuildAnd(b, small, cmp(l, LLVMRealOLT, power, fc(l, a, INFINITY)), "");
  return sel(l, small, fma_(l, power, rest, power), power);
}

V alpa_math_pow(alpa_lower *l, V x, V y) {
  alpa_expr_unify(l, &x, &y);
  V a = fabs_(l, x), magnitude;
  if (is_double(x)) {
    magnitude = pow_f64(l, a, y);
  } else { /* through f64, where the product has bits to spare */
    LLVMTypeRef wide = alpa_lower_vector_type(l->type.f64, alpa_expr_lanes(x));
    V exponent = LLVMBuildFPExt(l->builder, y, wide, "");
    V power = mul(l, exponent, alpa_math_log(l, LLVMBuildFPExt(l->builder, a, wide, "")));
    magnitude = LLVMBuildFPTrunc(l->builder, alpa_math_exp(l, power), LLVMTypeOf(x), "");
  }
  return pow_special(l, x, y, magnitude);
}

/* ---- hyperbolic functions ---- */

/* exp(a) / 2 as a product of roots, since exp(a) itself may be too large; for sinh and cosh of large a the same. */
static V half_exp(alpa_lower *l, V a, V *out_is_large) {
  V root = alpa_math_exp(l, mul(l, a, fc(l, a, 0.5)));
  *out_is_large = cmp(l, LLVMRealOGT, a, fc(l, a, is_double(a) ? 40 : 20));
  return mul(l, mul(l, root, fc(l, a, 0.5)), root);
}

/* (t + t / (t + 1)) / 2 with t = expm1(|x|) */
V alpa_math_sinh(alpa_lower *l, V x) {
  V a = fabs_(l, x), is_large, large = half_exp(l, a, &is_large), t = alpa_math_expm1(l, a);
  V sum = mul(l, add(l, t, divide(l, t, add(l, t, fc(l, x, 1)))), fc(l, x, 0.5));
  return copysign_(l, sel(l, is_large, large, sum), x);
}

V alpa_math_cosh(alpa_lower *l, V x) {
  V a = fabs_(l, x), is_large, large = half_exp(l, a, &is_large);
  V half = mul(l, alpa_math_exp(l, a), fc(l, x, 0.5));
  return sel(l, is_large, large, add(l, half, divide(l, fc(l, x, 0.25), half)));
}

/* log(2 t), which asinh and acosh of t are beyond 2^28 (in f32 beyond 2^13), where t^2 may be too large. */
static V log_of_double(alpa_lower *l, V t, V *out_is_large) {
  *out_is_large = cmp(l, LLVMRealOGT, t, fc(l, t, is_double(t) ? 0x1p28 : 0x1p13));
  return add(l, alpa_math_log(l, t), fc(l, t, 0.69314718055994531));
}

/* log1p(t + t^2 / (1 + sqrt(1 + t^2))) */
V alpa_math_asinh(alpa_lower *l, V x) {
  V t = fabs_(l, x), one = fc(l, x, 1), square = mul(l, t, t), is_large, large = log_of_double(l, t, &is_large);
  V root = add(l, one, alpa_math_sqrt(l, add(l, one, square)));
  V result = alpa_math_log1p(l, add(l, t, divide(l, square, root)));
  return copysign_(l, sel(l, is_large, large, result), x);
}

V alpa_math_acosh(alpa_lower *l, V x) {
  V one = fc(l, x, 1), t = sub(l, x, one), is_large, large = log_of_double(l, x, &is_large);
  V root = alpa_math_sqrt(l, mul(l, t, add(l, t, fc(l, x, 2))));
  V result = sel(l, is_large, large, alpa_math_log1p(l, add(l, t, root)));
  return sel(l, cmp(l, LLVMRealOGE, x, one), result, fc(l, x, NAN));
}

/* log1p(2t / (1 - t)) / 2 */
V alpa_math_atanh(alpa_lower *l, V x) {
  V t = fabs_(l, x), ratio = divide(l, add(l, t, t), sub(l, fc(l, x, 1), t));
  return copysign_(l, mul(l, alpa_math_log1p(l, ratio), fc(l, x, 0.5)), x);
}

/* ---- trigonometry ---- */

/* The sine of x + quarter * pi/2. */
static V sine_of(alpa_lower *l, V x, int64_t quarter) {
  V n, r = alpa_angle_reduce(l, x, &n), z = mul(l, r, r);
  V sine = fma_(l, mul(l, r, z), POLY(z, sin_tail), r);
  V cosine = fma_(l, mul(l, z, z), POLY(z, cos_tail), fma_(l, z, fc(l, x, -0.5), fc(l, x, 1)));
  V count = LLVMBuildAdd(l->builder, n, ic(l, x, quarter), "");
  V one = ic(l, x, 1), two = ic(l, x, 2), zero = ic(l, x, 0);
  V swap = LLVMBuildICmp(l->builder, LLVMIntNE, LLVMBuildAnd(l->builder, count, one, ""), zero, "");
  V flip = LLVMBuildICmp(l->builder, LLVMIntNE, LLVMBuildAnd(l->builder, count, two, ""), zero, "");
  V result = sel(l, swap, cosine, sine);
  return sel(l, flip, neg(l, result), result);
}

V alpa_math_sin(alpa_lower *l, V x) { return sel(l, cmp(l, LLVMRealOEQ, x, fc(l, x, 0)), x, sine_of(l, x, 0)); }
V alpa_math_cos(alpa_lower *l, V x) { return sine_of(l, x, 1); }

/* f32 by way of f64, rounded once: for functions that seldom take much of the time. */
static V by_double(alpa_lower *l, V x, V (*function)(alpa_lower *l, V x)) {
  if (is_double(x))
    return function(l, x);
  V wide = LLVMBuildFPExt(l->builder, x, alpa_lower_vector_type(l->type.f64, alpa_expr_lanes(x)), "");
  return LLVMBuildFPTrunc(l->builder, function(l, wide), LLVMTypeOf(x), "");
}

static V tan_of(alpa_lower *l, V x) { return divide(l, alpa_math_sin(l, x), alpa_math_cos(l, x)); }
V alpa_math_tan(alpa_lower *l, V x) { return by_double(l, x, tan_of); }

/* For t in [0, 1]: beyond tan(pi/8), atan(t) = pi/4 + atan((t - 1) / (t + 1)). */
static V atan_small(alpa_lower *l, V t) {
  V far = cmp(l, LLVMRealOGT, t, fc(l, t, 0.41421356237309503)), one = fc(l, t, 1);
  V u = sel(l, far, divide(l, sub(l, t, one), add(l, t, one)), t), z = mul(l, u, u);
  V result = fma_(l, mul(l, u, z), POLY(z, atan_tail), u);
  return sel(l, far, add(l, result, fc(l, t, 0.78539816339744828)), result);
}

V alpa_math_atan2(alpa_lower *l, V y, V x) {
  alpa_expr_unify(l, &x, &y);
  V a = fabs_(l, y), b = fabs_(l, x), steep = cmp(l, LLVMRealOGT, a, b);
  V large = sel(l, steep, a, b), small = sel(l, steep, b, a);
  V equal = cmp(l, LLVMRealOEQ, large, small), zero = cmp(l, LLVMRealOEQ, large, fc(l, x, 0));
  V t = sel(l, zero, fc(l, x, 0), sel(l, equal, fc(l, x, 1), divide(l, small, large)));
  V angle = atan_small(l, t);
  angle = sel(l, steep, sub(l, fc(l, x, 1.5707963267948966), angle), angle);
  V left = LLVMBuildICmp(l->builder, LLVMIntSLT, to_int(l, x), ic(l, x, 0), "");
  angle = sel(l, left, sub(l, fc(l, x, 3.1415926535897931), angle), angle);
  V unordered = cmp(l, LLVMRealUNO, x, y);
  return sel(l, unordered, add(l, x, y), copysign_(l, angle, y));
}

/* The other leg of the triangle with hypotenuse 1. */
static V leg_beside(alpa_lower *l, V x) {
  V one = fc(l, x, 1);
  return alpa_math_sqrt(l, mul(l, sub(l, one, x), add(l, one, x)));
}
static V asin_of(alpa_lower *l, V x) { return alpa_math_atan2(l, x, leg_beside(l, x)); }
static V acos_of(alpa_lower *l, V x) { return alpa_math_atan2(l, leg_beside(l, x), x); }
V alpa_math_asin(alpa_lower *l, V x) { return by_double(l, x, asin_of); }
V alpa_math_acos(alpa_lower *l, V x) { return by_double(l, x, acos_of); }

V alpa_math_atan(alpa_lower *l, V x) { return alpa_math_atan2(l, x, fc(l, x, 1)); }

/* ---- error function ---- */

/* erfc(a) exp(a^2) as a logarithm, for a >= 1/2. */
static V log_erfcx(alpa_lower *l, V a) {
  if (!is_double(a)) {
    V t = mul(l, sub(l, a, fc(l, a, 3)), fc(l, a, 0.5));
    return horner(l, t, erfc_log_f32, countof(erfc_log_f32));
  }
  V near = horner(l, sub(l, a, fc(l, a, 2)), erfc_near_f64, countof(erfc_near_f64));
  V t = mul(l, sub(l, a, fc(l, a, 5)), fc(l, a, 0.5));
  V far = horner(l, t, erfc_far_f64, countof(erfc_far_f64));
  return sel(l, cmp(l, LLVMRealOLT, a, fc(l, a, 3)), near, far);
}

/* erfc(a) for a >= 1/2: exp(log_erfcx(a) - a^2), with what the difference of the two loses; beyond the table's reach
 * exp(-a^2) / a times a polynomial in 1 / a^2. */
static V erfc_tail(alpa_lower *l, V a, double reach) {
  LLVMBuilderRef b = l->builder;
  V square = LLVMBuildFMul(b, a, a, ""), lost = fma_(l, a, a, neg(l, square));
  V is_far = cmp(l, LLVMRealOGT, a, fc(l, a, reach)), inverse = divide(l, fc(l, a, 1), a);
  V near = sel(l, is_far, fc(l, a, 0), log_erfcx(l, clamp(l, a, 0.5, reach)));
  V sum = LLVMBuildFSub(b, near, square, ""), back = LLVMBuildFSub(b, sum, near, "");
  V rest = LLVMBuildFSub(b, near, LLVMBuildFSub(b, sum, back, ""), "");
  rest = LLVMBuildFSub(b, rest, LLVMBuildFAdd(b, square, back, ""), "");
  V power = alpa_math_exp(l, sum);
  power = fma_(l, power, LLVMBuildFSub(b, rest, lost, ""), power);
  V z = mul(l, inverse, inverse), factor = mul(l, POLY(clamp(l, z, 0, 1 / (reach * reach)), erfc_tail), inverse);
  return sel(l, is_far, mul(l, power, factor), power);
}

/* erf(x) / x - 1 for small x, and erfc(|x|) for others. */
static void erf_parts(alpa_lower *l, V x, V *out_ratio, V *out_tail) {
  V a = clamp(l, fabs_(l, x), 0, is_double(x) ? 28 : 11);
  V inner = clamp(l, mul(l, a, a), 0, 1);
  *out_ratio = POLY(inner, erf_small);
  *out_tail = erfc_tail(l, a, is_double(x) ? 7 : 4.1);
}

V alpa_math_erf(alpa_lower *l, V x) {
  V ratio, tail;
  erf_parts(l, x, &ratio, &tail);
  V large = copysign_(l, sub(l, fc(l, x, 1), tail), x);
  V result = sel(l, cmp(l, LLVMRealOLT, fabs_(l, x), fc(l, x, 1)), fma_(l, x, ratio, x), large);
  return sel(l, cmp(l, LLVMRealUNO, x, x), x, result);
}

V alpa_math_erfc(alpa_lower *l, V x) {
  V ratio, tail, one = fc(l, x, 1);
  erf_parts(l, x, &ratio, &tail);
  V large = sel(l, cmp(l, LLVMRealOLT, x, fc(l, x, 0)), sub(l, fc(l, x, 2), tail), tail);
  V is_inner =
      LLVMBuildAnd(l->builder, cmp(l, LLVMRealOGT, x, fc(l, x, -1)), cmp(l, LLVMRealOLT, x, fc(l, x, 0.5)), "");
  V result = sel(l, is_inner, fma_(l, neg(l, x), add(l, ratio, one), one), large);
  return sel(l, cmp(l, LLVMRealUNO, x, x), x, result);
}

/* erf_inv(x) / x in two doubles: for small w its value at 0 plus w times a polynomial. */
static V erf_inv_f64(alpa_lower *l, V w, V *out_low) {
  LLVMBuilderRef b = l->builder;
  V root = alpa_math_sqrt(l, w), start = fc(l, w, 0x1.c5bf891b4ef6bp-1),
    is_near = cmp(l, LLVMRealOLT, w, fc(l, w, 6.25));
  V rise = LLVMBuildFMul(b, w, horner(l, sub(l, w, fc(l, w, 3.125)), erf_inv_2_f64, countof(erf_inv_2_f64)), "");
  V sum = LLVMBuildFAdd(b, start, rise, "");
  V lost = LLVMBuildFAdd(b, LLVMBuildFSub(b, start, sum, ""), rise, "");
  lost = LLVMBuildFAdd(b, lost, fc(l, w, -0x1.618f13eb7ca89p-55), "");
  V p1 = horner(l, sub(l, root, fc(l, w, 3.25)), erf_inv_3_f64, countof(erf_inv_3_f64));
  V p2 = horner(l, sub(l, root, fc(l, w, 5)), erf_inv_4_f64, countof(erf_inv_4_f64));
  V far = sel(l, cmp(l, LLVMRealOLT, w, fc(l, w, 16)), p1, p2);
  *out_low = sel(l, is_near, lost, fc(l, w, 0));
  return sel(l, is_near, sum, far);
}

static V erf_inv_f32(alpa_lower *l, V w) {
  V p0 = horner(l, sub(l, w, fc(l, w, 2.5)), erf_inv_0_f32, countof(erf_inv_0_f32));
  V p1 = horner(l, sub(l, alpa_math_sqrt(l, w), fc(l, w, 3)), erf_inv_1_f32, countof(erf_inv_1_f32));
  return sel(l, cmp(l, LLVMRealOLT, w, fc(l, w, 5)), p0, p1);
}

/* x times a function of w = -log(1 - x^2): the idea of M. Giles, "Approximating the erfinv function" (2010). */
V alpa_math_erf_inv(alpa_lower *l, V x) {
  V w = neg(l, alpa_math_log1p(l, neg(l, mul(l, x, x))));
  if (is_double(x)) /* 1 - x^2 exactly enough near 1 */
    w = neg(l, alpa_math_log(l, mul(l, sub(l, fc(l, x, 1), x), add(l, fc(l, x, 1), x))));
  V low = fc(l, x, 0), ratio = is_double(x) ? erf_inv_f64(l, w, &low) : erf_inv_f32(l, w);
  V result = fma_(l, x, ratio, LLVMBuildFMul(l->builder, x, low, ""));
  V end = cmp(l, LLVMRealOEQ, fabs_(l, x), fc(l, x, 1));
  return sel(l, end, copysign_(l, fc(l, x, INFINITY), x), result);
}

/* The exponent of a positive number, subnormals lifted first. */
static V exponent_of(alpa_lower *l, V x) {
  bool wide = is_double(x);
  V is_small = cmp(l, LLVMRealOLT, x, fc(l, x, wide ? 0x1p-900 : 0x1p-90));
  V lifted = sel(l, is_small, LLVMBuildFMul(l->builder, x, fc(l, x, 0x1p60), ""), x);
  V field = LLVMBuildLShr(l->builder, to_int(l, lifted), ic(l, x, wide ? 52 : 23), "");
  return LLVMBuildSub(l->builder, field, sel(l, is_small, ic(l, x, 60), ic(l, x, 0)), "");
}

/* One digit of a long division: what is left of r > 0 by y 2^k, the largest k for which the digit is exact. */
static V divide_digit(alpa_lower *l, V r, V y) {
  LLVMTypeRef type = int_type(l, r);
  V distance = LLVMBuildSub(l->builder, exponent_of(l, r), exponent_of(l, y), "");
  V k = LLVMBuildSub(l->builder, distance, ic(l, r, is_double(r) ? 51 : 22), "");
  k = alpa_lower_intrinsic(l, "llvm.smax", &type, 1, (V[]){k, ic(l, r, 0)}, 2);
  V half = LLVMBuildAShr(l->builder, k, ic(l, r, 1), ""), rest = LLVMBuildSub(l->builder, k, half, "");
  V scaled = LLVMBuildFMul(l->builder, y, power_of_two(l, half, r), "");
  scaled = LLVMBuildFMul(l->builder, scaled, power_of_two(l, rest, r), "");
  V left = fma_(l, neg(l, unary(l, "llvm.trunc", divide(l, r, scaled))), scaled, r);
  V too_far = cmp(l, LLVMRealOLT, left, fc(l, r, 0)); /* the quotient was rounded up */
  return sel(l, too_far, LLVMBuildFAdd(l->builder, left, scaled, ""), left);
}

/* |x| mod |y| where the quotient has more digits than a float, in a loop that runs only where some lane needs it. */
static V long_remainder(alpa_lower *l, V size, V divisor, V needs) {
  LLVMTypeRef type = LLVMTypeOf(needs);
  V any = LLVMGetTypeKind(type) == LLVMVectorTypeKind
              ? alpa_lower_intrinsic(l, "llvm.vector.reduce.or", &type, 1, &needs, 1)
              : needs;
  enum { F32_DIGITS = 14, F64_DIGITS = 43 }; /* of all exponents, subnormals included */
  V n = LLVMBuildSelect(l->builder, any, alpa_lower_i64(l, is_double(size) ? F64_DIGITS : F32_DIGITS),
                        alpa_lower_i64(l, 0), "");
  alpa_loop loop;
  alpa_loop_begin(l, &loop, alpa_lower_i64(l, 0), n, 1);
  V r = alpa_loop_carry(l, &loop, size);
  alpa_loop_next(&loop, divide_digit(l, r, divisor));
  alpa_loop_end(l, &loop);
  return alpa_loop_result(&loop, 0);
}

V alpa_math_remainder(alpa_lower *l, V x, V y) {
  alpa_expr_unify(l, &x, &y);
  V size = fabs_(l, x), divisor = fabs_(l, y), ratio = divide(l, size, divisor), infinity = fc(l, x, INFINITY);
  V result = fma_(l, neg(l, unary(l, "llvm.trunc", ratio)), divisor, size);
  V over = cmp(l, LLVMRealOLT, result, fc(l, x, 0)); /* the quotient may have been rounded up */
  result = sel(l, over, LLVMBuildFAdd(l->builder, result, divisor, ""), result);
  V zero = fc(l, x, 0), most = fc(l, x, is_double(x) ? 0x1p51 : 0x1p22);
  V is_finite = LLVMBuildAnd(l->builder, cmp(l, LLVMRealONE, size, infinity), cmp(l, LLVMRealONE, divisor, zero), "");
  V needs = LLVMBuildAnd(l->builder, is_finite, cmp(l, LLVMRealOGE, ratio, most), "");
  result = sel(l, needs, long_remainder(l, size, divisor, needs), result);
  V bounded = cmp(l, LLVMRealOEQ, divisor, infinity);
  result = sel(l, LLVMBuildAnd(l->builder, bounded, cmp(l, LLVMRealONE, size, infinity), ""), size, result);
  return copysign_(l, result, x);
}
