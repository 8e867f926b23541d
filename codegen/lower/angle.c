/* Angles of any size: x = n pi/2 + r.
 *
 * Small ones by multiples of pi/2 in parts (W. J. Cody, W. Waite, "Software manual for the elementary functions",
 * 1980). Where any lane is large, all are reduced by as many bits of 2/pi as the product with x needs behind its
 * multiples of four (M. H. Payne, R. N. Hanek, "Radian reduction for trigonometric functions", 1983), in integers. */
#include "codegen/lower/angle.h"

#include <math.h>

#include "codegen/lower/expr.h"
#include "codegen/lower/table.h"

typedef LLVMValueRef V;

/* The first 1280 bits of 2/pi behind 64 zeros. */
static const uint64_t two_over_pi[] = {0,
                                       0xA2F9836E4E441529,
                                       0xFC2757D1F534DDC0,
                                       0xDB6295993C439041,
                                       0xFE5163ABDEBBC561,
                                       0xB7246E3A424DD2E0,
                                       0x06492EEA09D1921C,
                                       0xFE1DEB1CB129A73E,
                                       0xE88235F52EBB4484,
                                       0xE99C7026B45F7E41,
                                       0x3991D639835339F4,
                                       0x9C845F8BBDF9283B,
                                       0x1FF897FFDE05980F,
                                       0xEF2F118B5A0A6D1F,
                                       0x6D367ECF27CB09B7,
                                       0x4F463F669E5FEA2D,
                                       0x7527BAC7EBE5F17B,
                                       0x3D0739F78A5292EA,
                                       0x6BFB5FB11F8D5D08,
                                       0x56033046FC7B6BAB,
                                       0xF0CFBC209AF4361D};

typedef struct angle {
  alpa_lower *l;
  V x;
  bool wide; /* f64 */
  uint32_t lanes;
} angle;

static LLVMTypeRef i64_of(const angle *a) { return alpa_lower_vector_type(a->l->type.i64, a->lanes); }
static LLVMTypeRef f64_of(const angle *a) { return alpa_lower_vector_type(a->l->type.f64, a->lanes); }
static LLVMTypeRef int_of(const angle *a) {
  return alpa_lower_vector_type(a->wide ? a->l->type.i64 : a->l->type.i32, a->lanes);
}
static V number(const angle *a, double value) {
  return alpa_lower_splat(a->l, LLVMConstReal(a->wide ? a->l->type.f64 : a->l->type.f32, value), a->lanes);
}
static V real(const angle *a, double value) {
  return alpa_lower_splat(a->l, LLVMConstReal(a->l->type.f64, value), a->lanes);
}
static V whole(const angle *a, uint64_t value) {
  return alpa_lower_splat(a->l, LLVMConstInt(a->l->type.i64, value, false), a->lanes);
}
static V fma_(alpa_lower *l, V x, V y, V z) {
  LLVMTypeRef type = LLVMTypeOf(x);
  return alpa_lower_intrinsic(l, l->target->has_fma ? "llvm.fma" : "llvm.fmuladd", &type, 1, (V[]){x, y, z}, 3);
}
static V magnitude(const angle *a) {
  LLVMTypeRef type = LLVMTypeOf(a->x);
  return alpa_lower_intrinsic(a->l, "llvm.fabs", &type, 1, (V *)&a->x, 1);
}

/* ---- small angles ---- */

static V reduce_small(const angle *a, V *out_n) {
  static const double parts64[] = {0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e037073p-69};
  static const double parts32[] = {0x1.92p+0, 0x1.fb4p-12, 0x1.444p-24, 0x1.68c234p-39};
  alpa_lower *l = a->l;
  double magic = a->wide ? 0x1.8p52 : 0x1.8p23; /* adding it rounds to a whole number in the low bits */
  V shifted = fma_(l, a->x, number(a, 0.63661977236758134), number(a, magic));
  V turns = LLVMBuildFSub(l->builder, shifted, number(a, magic), ""), r = a->x;
  *out_n = LLVMBuildBitCast(l->builder, shifted, int_of(a), "");
  for (size_t i = 0; i < (a->wide ? countof(parts64) : countof(parts32)); i++)
    r = fma_(l, turns, number(a, a->wide ? -parts64[i] : -parts32[i]), r);
  return r;
}

/* ---- large angles ---- */

/* |x| = m 2^e; from which bit of the table on 2/pi counts: behind what gives multiples of four turns. */
static V split(const angle *a, V *out_m) {
  LLVMBuilderRef b = a->l->builder;
  uint32_t bits = a->wide ? 52 : 23, bias = a->wide ? 1075 : 150;
  V word = LLVMBuildBitCast(b, magnitude(a), int_of(a), "");
  word = a->wide ? word : LLVMBuildZExt(b, word, i64_of(a), "");
  V hidden = whole(a, UINT64_C(1) << bits), fraction = whole(a, (UINT64_C(1) << bits) - 1);
  *out_m = LLVMBuildOr(b, LLVMBuildAnd(b, word, fraction, ""), hidden, "");
  V first = LLVMBuildAdd(b, LLVMBuildLShr(b, word, whole(a, bits), ""), whole(a, 62 - (uint64_t)bias), "");
  LLVMTypeRef type = i64_of(a);
  return alpa_lower_intrinsic(a->l, "llvm.smax", &type, 1, (V[]){first, whole(a, 0)}, 2);
}

/* n words of the table from a bit on. */
static void load_window(const angle *a, V first, V *out, uint32_t n) {
  LLVMBuilderRef b = a->l->builder;
  LLVMTypeRef type = i64_of(a);
  V table = alpa_table_get(a->l, "two_over_pi", a->l->type.i64, two_over_pi, countof(two_over_pi));
  V at = LLVMBuildLShr(b, first, whole(a, 6), ""), by = LLVMBuildAnd(b, first, whole(a, 63), "");
  V word = alpa_table_load(a->l, table, a->l->type.i64, at);
  for (uint32_t i = 0; i < n; i++) {
    at = LLVMBuildAdd(b, at, whole(a, 1), "");
    V next = alpa_table_load(a->l, table, a->l->type.i64, at);
    out[i] = alpa_lower_intrinsic(a->l, "llvm.fshl", &type, 1, (V[]){word, next, by}, 3);
    word = next;
  }
}

/* The high half of a product of 64 bits by 64 (Knuth, TAOCP 4.3.1, Algorithm M). */
static V high_product(const angle *a, V x, V y) {
  LLVMBuilderRef b = a->l->builder;
  V mask = whole(a, UINT32_MAX), half = whole(a, 32);
  V x0 = LLVMBuildAnd(b, x, mask, ""), x1 = LLVMBuildLShr(b, x, half, "");
  V y0 = LLVMBuildAnd(b, y, mask, ""), y1 = LLVMBuildLShr(b, y, half, "");
  V low = LLVMBuildLShr(b, LLVMBuildMul(b, x0, y0, ""), half, "");
  V middle = LLVMBuildAdd(b, LLVMBuildMul(b, x1, y0, ""), low, "");
  V other = LLVMBuildAdd(b, LLVMBuildMul(b, x0, y1, ""), LLVMBuildAnd(b, middle, mask, ""), "");
  V carries = LLVMBuildAdd(b, LLVMBuildLShr(b, middle, half, ""), LLVMBuildLShr(b, other, half, ""), "");
  return LLVMBuildAdd(b, LLVMBuildMul(b, x1, y1, ""), carries, "");
}

/* |x| 2/pi modulo 4 as a fraction of 4: 64 bits, and 64 more for f64. */
static V multiply(const angle *a, V *out_low) {
  LLVMBuilderRef b = a->l->builder;
  V m, window[3], first = split(a, &m);
  load_window(a, first, window, a->wide ? 3 : 2);
  V high = LLVMBuildAdd(b, LLVMBuildMul(b, m, window[0], ""), high_product(a, m, window[1]), "");
  *out_low = whole(a, 0);
  if (!a->wide)
    return high;
  V part = LLVMBuildMul(b, m, window[1], "");
  *out_low = LLVMBuildAdd(b, part, high_product(a, m, window[2]), "");
  V carry = LLVMBuildICmp(b, LLVMIntULT, *out_low, part, "");
  return LLVMBuildAdd(b, high, LLVMBuildZExt(b, carry, i64_of(a), ""), "");
}

/* What is left of the angle behind whole quarters, whose unit is 2^62: high + low 2^-64. */
static V to_radians(const angle *a, V high, V low) {
  LLVMBuilderRef b = a->l->builder;
  V lead = LLVMBuildSIToFP(b, high, f64_of(a), ""), unit = real(a, 0x1.921fb54442d18p-62);
  if (!a->wide)
    return LLVMBuildFMul(b, lead, unit, "");
  V lost = LLVMBuildSub(b, high, LLVMBuildFPToSI(b, lead, i64_of(a), ""), "");
  V half = LLVMBuildSIToFP(b, LLVMBuildLShr(b, low, whole(a, 1), ""), f64_of(a), "");
  V rest = fma_(a->l, half, real(a, 0x1p-63), LLVMBuildSIToFP(b, lost, f64_of(a), ""));
  V product = LLVMBuildFMul(b, lead, unit, "");
  V error = fma_(a->l, lead, unit, LLVMBuildFNeg(b, product, ""));
  error = fma_(a->l, lead, real(a, 0x1.1a62633145c07p-116), error);
  return LLVMBuildFAdd(b, product, fma_(a->l, rest, unit, error), "");
}

static V reduce_large(const angle *a, V *out_n) {
  LLVMBuilderRef b = a->l->builder;
  V low, turns = multiply(a, &low), zero = number(a, 0);
  V n = LLVMBuildLShr(b, LLVMBuildAdd(b, turns, whole(a, UINT64_C(1) << 61), ""), whole(a, 62), "");
  V left = LLVMBuildSub(b, turns, LLVMBuildShl(b, n, whole(a, 62), ""), "");
  V r = to_radians(a, left, low);
  r = a->wide ? r : LLVMBuildFPTrunc(b, r, LLVMTypeOf(a->x), "");
  V negative = LLVMBuildFCmp(b, LLVMRealOLT, a->x, zero, "");
  n = a->wide ? n : LLVMBuildTrunc(b, n, int_of(a), "");
  *out_n = LLVMBuildSelect(b, negative, LLVMBuildNeg(b, n, ""), n, "");
  r = LLVMBuildSelect(b, negative, LLVMBuildFNeg(b, r, ""), r, "");
  V finite = LLVMBuildFCmp(b, LLVMRealOLT, magnitude(a), number(a, INFINITY), "");
  return LLVMBuildSelect(b, finite, r, number(a, NAN), "");
}

/* ---- both ---- */

static V is_any(const angle *a, V lanes) {
  LLVMTypeRef type = LLVMTypeOf(lanes);
  return a->lanes == 1 ? lanes : alpa_lower_intrinsic(a->l, "llvm.vector.reduce.or", &type, 1, &lanes, 1);
}

static V join(const angle *a, V small, V large, LLVMBasicBlockRef from_small, LLVMBasicBlockRef from_large) {
  V phi = LLVMBuildPhi(a->l->builder, LLVMTypeOf(small), "");
  LLVMAddIncoming(phi, (V[]){small, large}, (LLVMBasicBlockRef[]){from_small, from_large}, 2);
  return phi;
}

V alpa_angle_reduce(alpa_lower *l, V x, V *out_n) {
  LLVMTypeRef type = LLVMTypeOf(x);
  LLVMTypeRef element = LLVMGetTypeKind(type) == LLVMVectorTypeKind ? LLVMGetElementType(type) : type;
  const angle a = {l, x, LLVMGetTypeKind(element) == LLVMDoubleTypeKind, alpa_expr_lanes(x)};
  LLVMBuilderRef b = l->builder;
  V small_n, small = reduce_small(&a, &small_n), large_n;
  V limit = number(&a, a.wide ? 0x1p20 : 0x1p15), is_large = LLVMBuildFCmp(b, LLVMRealOGT, magnitude(&a), limit, "");
  LLVMBasicBlockRef before = LLVMGetInsertBlock(b), slow = alpa_lower_block(l, "large"),
                    after = alpa_lower_block(l, "angle");
  LLVMBuildCondBr(b, is_any(&a, is_large), slow, after);
  LLVMPositionBuilderAtEnd(b, slow);
  V large = reduce_large(&a, &large_n);
  large = LLVMBuildSelect(b, is_large, large, small, "");
  large_n = LLVMBuildSelect(b, is_large, large_n, small_n, "");
  slow = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, after);
  LLVMPositionBuilderAtEnd(b, after);
  V r = join(&a, small, large, before, slow);
  *out_n = join(&a, small_n, large_n, before, slow);
  return r;
}
