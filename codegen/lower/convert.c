/* Data types: memory formats of narrow floats, rounding, and conversion between types.
 *
 * Floats of 8 bits or fewer are read and written by tables that the one description of the formats (support/number.h)
 * fills: values by pattern, and the f32 numbers at which the pattern changes, among which a number is searched. */
#include <math.h>

#include "codegen/lower/expr.h"
#include "codegen/lower/emit.h"
#include "codegen/lower/table.h"
#include "dialects/stablehlo/stablehlo.h"
#include "support/number.h"

typedef LLVMValueRef V;

static LLVMTypeRef lanes_of(V like, LLVMTypeRef type) { return alpa_lower_vector_type(type, alpa_expr_lanes(like)); }
static V int_of(alpa_lower *l, V like, LLVMTypeRef type, uint64_t value) {
  return alpa_lower_splat(l, LLVMConstInt(type, value, false), alpa_expr_lanes(like));
}

/* Memory holds less than the f32 that is computed with. */
static bool is_packed(alpa_dtype dtype) {
  return alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT && alpa_dtype_get_info(dtype)->bits < 32;
}
static bool is_tiny(alpa_dtype dtype) { return is_packed(dtype) && alpa_dtype_get_info(dtype)->bits <= 8; }

static V refuse(alpa_lower *l, const char *reason, LLVMTypeRef type) {
  alpa_lower_unsupported(l, l->kernel, reason);
  return LLVMConstNull(type);
}

/* ---- tables of tiny formats ---- */

enum { PATTERNS = 256, F32_INFINITY = 0x7F800000, F32_SIGN = INT32_MIN };

static const char *table_name(alpa_lower *l, const char *kind, alpa_dtype dtype) {
  return alpa_arena_printf(l->arena, "%s.%s", kind, alpa_dtype_get_info(dtype)->spelling);
}

/* All values of a format. */
static V decode_table(alpa_lower *l, alpa_dtype dtype) {
  uint64_t values[PATTERNS], mask = (1u << alpa_dtype_get_info(dtype)->bits) - 1;
  for (uint32_t i = 0; i < PATTERNS; i++)
    values[i] = alpa_float_encode(ALPA_F32, alpa_float_decode(dtype, i & mask));
  return alpa_table_get(l, table_name(l, "values", dtype), l->type.f32, values, PATTERNS);
}

static uint32_t pattern_of(alpa_dtype dtype, uint32_t f32) {
  return (uint32_t)alpa_float_encode(dtype, alpa_float_decode(ALPA_F32, f32));
}

/* The format has exponents alone: 0 becomes NaN. */
static bool has_zero(alpa_dtype dtype) { return alpa_float_decode(dtype, pattern_of(dtype, 0)) == 0; }

/* The f32 numbers, from 0 up, at which another pattern of the format begins; returns how many there are. */
static uint32_t find_steps(alpa_dtype dtype, uint64_t steps[PATTERNS]) {
  uint32_t n = 0;
  for (uint32_t first = has_zero(dtype) ? 0 : 1; first <= F32_INFINITY;) {
    uint32_t last = first, end = F32_INFINITY + 1, pattern = pattern_of(dtype, first);
    while (end - last > 1) {
      uint32_t middle = last + (end - last) / 2;
      if (pattern_of(dtype, middle) == pattern)
        last = middle;
      else
        end = middle;
    }
    steps[n++] = first;
    first = end;
  }
  return n;
}

/* Steps behind the first one, then NaN, which nothing reaches; and the patterns of each step with either sign, where
 * the last one is the NaN's. */
static void encode_tables(alpa_lower *l, alpa_dtype dtype, V *out_steps, V *out_patterns) {
  const char *steps_name = table_name(l, "steps", dtype), *patterns_name = table_name(l, "patterns", dtype);
  uint64_t steps[PATTERNS + 1], patterns[2 * PATTERNS], nan = 0x7FC00000;
  *out_steps = alpa_table_find(l, steps_name);
  *out_patterns = alpa_table_find(l, patterns_name);
  if (*out_steps)
    return;
  for (uint32_t i = find_steps(dtype, steps); i <= PATTERNS; i++)
    steps[i] = nan;
  for (uint32_t i = 0; i < 2 * PATTERNS; i++)
    patterns[i] = pattern_of(dtype, (uint32_t)steps[i % PATTERNS] | (i < PATTERNS ? 0 : (uint32_t)F32_SIGN));
  *out_steps = alpa_table_get(l, steps_name, l->type.f32, steps + 1, PATTERNS);
  *out_patterns = alpa_table_get(l, patterns_name, l->type.i8, patterns, 2 * PATTERNS);
}

static V pack_tiny(alpa_lower *l, alpa_dtype dtype, V value) {
  LLVMBuilderRef b = l->builder;
  LLVMTypeRef i32 = lanes_of(value, l->type.i32), i64 = lanes_of(value, l->type.i64);
  V steps, patterns, bits = LLVMBuildBitCast(b, value, i32, ""), index = int_of(l, value, l->type.i64, 0);
  encode_tables(l, dtype, &steps, &patterns);
  V magnitude = alpa_lower_intrinsic(l, "llvm.fabs", (LLVMTypeRef[]){LLVMTypeOf(value)}, 1, &value, 1);
  for (uint64_t step = PATTERNS / 2; step > 0; step /= 2) {
    V at = LLVMBuildAdd(b, index, int_of(l, value, l->type.i64, step - 1), "");
    V reached = LLVMBuildFCmp(b, LLVMRealOGE, magnitude, alpa_table_load(l, steps, l->type.f32, at), "");
    V next = LLVMBuildAdd(b, index, int_of(l, value, l->type.i64, step), "");
    index = LLVMBuildSelect(b, reached, next, index, "");
  }
  V zero = LLVMConstNull(LLVMTypeOf(value));
  V nan = LLVMBuildFCmp(b, has_zero(dtype) ? LLVMRealUNO : LLVMRealUEQ, value, zero, "");
  index = LLVMBuildSelect(b, nan, int_of(l, value, l->type.i64, PATTERNS - 1), index, "");
  V negative = LLVMBuildZExt(b, LLVMBuildLShr(b, bits, int_of(l, value, l->type.i32, 31), ""), i64, "");
  V side = LLVMBuildMul(b, negative, int_of(l, value, l->type.i64, PATTERNS), "");
  return alpa_table_load(l, patterns, l->type.i8, LLVMBuildAdd(b, index, side, ""));
}

/* ---- memory formats ---- */

V alpa_float_unpack(alpa_lower *l, alpa_dtype dtype, V bits) {
  LLVMTypeRef f32 = lanes_of(bits, l->type.f32), i32 = lanes_of(bits, l->type.i32);
  if (dtype == ALPA_BF16) {
    V wide = LLVMBuildZExt(l->builder, bits, i32, "");
    return LLVMBuildBitCast(l->builder, LLVMBuildShl(l->builder, wide, int_of(l, bits, l->type.i32, 16), ""), f32, "");
  }
  if (dtype == ALPA_F16) {
    if (!l->target->has_f16c)
      return refuse(l, "uses f16, which this processor cannot convert", f32);
    LLVMTypeRef half = lanes_of(bits, LLVMHalfTypeInContext(l->llvm));
    return LLVMBuildFPExt(l->builder, LLVMBuildBitCast(l->builder, bits, half, ""), f32, "");
  }
  V index = LLVMBuildZExt(l->builder, bits, lanes_of(bits, l->type.i64), "");
  return alpa_table_load(l, decode_table(l, dtype), l->type.f32, index);
}

/* GPUs round to bf16 themselves. */
static V to_bfloat(alpa_lower *l, V value) {
  return LLVMBuildFPTrunc(l->builder, value, lanes_of(value, LLVMBFloatTypeInContext(l->llvm)), "");
}

V alpa_float_pack(alpa_lower *l, alpa_dtype dtype, V value) {
  LLVMTypeRef i16 = lanes_of(value, l->type.i16), i32 = lanes_of(value, l->type.i32);
  if (dtype == ALPA_BF16 && alpa_lower_is_gpu(l))
    return LLVMBuildBitCast(l->builder, to_bfloat(l, value), i16, "");
  if (dtype == ALPA_BF16) {
    V bits = LLVMBuildBitCast(l->builder, value, i32, "");
    bits = LLVMBuildLShr(l->builder, bits, int_of(l, value, l->type.i32, 16), "");
    return LLVMBuildTrunc(l->builder, bits, i16, "");
  }
  if (dtype == ALPA_F16) {
    LLVMTypeRef half = lanes_of(value, LLVMHalfTypeInContext(l->llvm));
    return LLVMBuildBitCast(l->builder, LLVMBuildFPTrunc(l->builder, value, half, ""), i16, "");
  }
  return pack_tiny(l, dtype, value);
}

V alpa_float_round(alpa_lower *l, alpa_dtype dtype, V value) {
  LLVMBuilderRef b = l->builder;
  if (dtype == ALPA_F16) {
    if (!l->target->has_f16c)
      return refuse(l, "uses f16, which this processor cannot convert", LLVMTypeOf(value));
    LLVMTypeRef half = lanes_of(value, LLVMHalfTypeInContext(l->llvm));
    return LLVMBuildFPExt(b, LLVMBuildFPTrunc(b, value, half, ""), LLVMTypeOf(value), "");
  }
  if (is_tiny(dtype))
    return alpa_float_unpack(l, dtype, pack_tiny(l, dtype, value));
  if (dtype != ALPA_BF16)
    return value;
  if (alpa_lower_is_gpu(l))
    return LLVMBuildFPExt(b, to_bfloat(l, value), LLVMTypeOf(value), "");
  V bits = LLVMBuildBitCast(b, value, lanes_of(value, l->type.i32), "");
  V odd = LLVMBuildAnd(b, LLVMBuildLShr(b, bits, int_of(l, value, l->type.i32, 16), ""),
                       int_of(l, value, l->type.i32, 1), "");
  V up = LLVMBuildAdd(b, bits, LLVMBuildAdd(b, odd, int_of(l, value, l->type.i32, 0x7FFF), ""), "");
  V nan = LLVMBuildFCmp(b, LLVMRealUNO, value, value, "");
  V quiet = LLVMBuildOr(b, bits, int_of(l, value, l->type.i32, 0x400000), "");
  V kept = LLVMBuildAnd(b, LLVMBuildSelect(b, nan, quiet, up, ""), int_of(l, value, l->type.i32, 0xFFFF0000u), "");
  return LLVMBuildBitCast(b, kept, LLVMTypeOf(value), "");
}

/* ---- conversion ---- */

static V float_to_integer(alpa_lower *l, alpa_dtype to, V value) {
  LLVMTypeRef type = lanes_of(value, alpa_lower_compute_type(l, to));
  const char *name = alpa_dtype_get_info(to)->class_ == ALPA_CLASS_INT ? "llvm.fptosi.sat" : "llvm.fptoui.sat";
  return alpa_lower_intrinsic(l, name, (LLVMTypeRef[]){type, LLVMTypeOf(value)}, 2, &value, 1);
}

static V integer_to_float(alpa_lower *l, alpa_dtype from, alpa_dtype to, V value) {
  LLVMTypeRef type = lanes_of(value, alpa_lower_compute_type(l, to));
  bool is_signed = alpa_dtype_get_info(from)->class_ == ALPA_CLASS_INT;
  return is_signed ? LLVMBuildSIToFP(l->builder, value, type, "") : LLVMBuildUIToFP(l->builder, value, type, "");
}

static V resize(alpa_lower *l, alpa_dtype from, alpa_dtype to, V value) {
  LLVMTypeRef type = lanes_of(value, alpa_lower_compute_type(l, to));
  uint32_t have = alpa_dtype_get_info(from)->bits, want = alpa_dtype_get_info(to)->bits;
  if (have == want)
    return value;
  if (have > want)
    return LLVMBuildTrunc(l->builder, value, type, "");
  return alpa_dtype_get_info(from)->class_ == ALPA_CLASS_INT ? LLVMBuildSExt(l->builder, value, type, "")
                                                             : LLVMBuildZExt(l->builder, value, type, "");
}

/* An f64 as f32 in such a way that rounding it to fewer bits gives what rounding the f64 gives: toward zero, and odd
 * where that is not exact (S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums", 2008). */
static V round_to_odd(alpa_lower *l, V value) {
  LLVMBuilderRef b = l->builder;
  LLVMTypeRef f32 = lanes_of(value, l->type.f32), i32 = lanes_of(value, l->type.i32), f64 = LLVMTypeOf(value);
  V near = LLVMBuildFPTrunc(b, value, f32, ""), back = LLVMBuildFPExt(b, near, f64, "");
  V size = alpa_lower_intrinsic(l, "llvm.fabs", &f64, 1, &value, 1);
  V back_size = alpa_lower_intrinsic(l, "llvm.fabs", &f64, 1, &back, 1);
  V outward = LLVMBuildFCmp(b, LLVMRealOGT, back_size, size, ""),
    inexact = LLVMBuildFCmp(b, LLVMRealONE, back, value, "");
  V bits = LLVMBuildSub(b, LLVMBuildBitCast(b, near, i32, ""), LLVMBuildZExt(b, outward, i32, ""), "");
  return LLVMBuildBitCast(b, LLVMBuildOr(b, bits, LLVMBuildZExt(b, inexact, i32, ""), ""), f32, "");
}

static V convert_real(alpa_lower *l, alpa_dtype from, alpa_dtype to, V value) {
  bool from_float = alpa_dtype_get_info(from)->class_ == ALPA_CLASS_FLOAT;
  bool to_float = alpa_dtype_get_info(to)->class_ == ALPA_CLASS_FLOAT;
  if (to == ALPA_I1) {
    V zero = LLVMConstNull(LLVMTypeOf(value));
    return from_float ? LLVMBuildFCmp(l->builder, LLVMRealUNE, value, zero, "")
                      : LLVMBuildICmp(l->builder, LLVMIntNE, value, zero, "");
  }
  if (from_float && to_float) {
    if (from == ALPA_F64 && to == ALPA_F32)
      value = LLVMBuildFPTrunc(l->builder, value, lanes_of(value, l->type.f32), "");
    if (from == ALPA_F64 && is_packed(to))
      value = round_to_odd(l, value);
    if (from != ALPA_F64 && to == ALPA_F64)
      value = LLVMBuildFPExt(l->builder, value, lanes_of(value, l->type.f64), "");
    return alpa_float_round(l, to, value);
  }
  if (from_float)
    return float_to_integer(l, to, value);
  if (to_float)
    return alpa_float_round(l, to, integer_to_float(l, from, to, value));
  return resize(l, from, to, value);
}

alpa_element alpa_element_convert(alpa_lower *l, alpa_dtype from, alpa_dtype to, alpa_element value) {
  if (from == to)
    return value;
  bool from_complex = alpa_dtype_get_info(from)->class_ == ALPA_CLASS_COMPLEX;
  bool to_complex = alpa_dtype_get_info(to)->class_ == ALPA_CLASS_COMPLEX;
  alpa_dtype a = from_complex ? alpa_complex_part(from) : from, b = to_complex ? alpa_complex_part(to) : to;
  alpa_element result = {convert_real(l, a, b, value.re), NULL};
  if (to_complex)
    result.im = from_complex ? convert_real(l, a, b, value.im) : LLVMConstNull(LLVMTypeOf(result.re));
  return result;
}

/* ---- bitcast_convert ---- */

/* The bits of an element as an integer of its width, and back. */
static V to_bits(alpa_lower *l, alpa_dtype dtype, V value) {
  if (is_packed(dtype))
    return alpa_float_pack(l, dtype, value);
  uint32_t bits = alpa_dtype_get_info(dtype)->bits;
  return LLVMBuildBitCast(l->builder, value, lanes_of(value, LLVMIntTypeInContext(l->llvm, bits)), "");
}
static V from_bits(alpa_lower *l, alpa_dtype dtype, V bits) {
  if (is_packed(dtype))
    return alpa_float_unpack(l, dtype, bits);
  return LLVMBuildBitCast(l->builder, bits, lanes_of(bits, alpa_lower_compute_type(l, dtype)), "");
}

/* One wide element as `n` narrow ones along a new last dimension, or the reverse; little end first. */
alpa_element alpa_emit_bitcast_convert(alpa_lower *l, alpa_value *value, const alpa_tuple *at) {
  alpa_value *operand = alpa_op_operand(value->op, 0);
  alpa_dtype from = operand->type->dtype, to = value->type->dtype;
  uint32_t have = alpa_dtype_get_info(from)->bits, want = alpa_dtype_get_info(to)->bits;
  if (from == to)
    return alpa_expr_eval(l, operand, at);
  if (alpa_dtype_get_info(from)->class_ == ALPA_CLASS_COMPLEX ||
      alpa_dtype_get_info(to)->class_ == ALPA_CLASS_COMPLEX || (want < 8 && to != ALPA_I1) ||
      (have < 8 && from != ALPA_I1)) {
    alpa_lower_unsupported(l, value->op, "between these types is not supported");
    return alpa_expr_zero(l, to);
  }
  if (have == want)
    return (alpa_element){from_bits(l, to, to_bits(l, from, alpa_expr_eval(l, operand, at).re)), NULL};
  alpa_tuple *in = alpa_tuple_make(l, at, operand->type->rank);
  for (uint32_t d = 0; d < in->rank && d < at->rank; d++)
    in->at[d] = at->at[d];
  if (have > want) {
    V wide = to_bits(l, from, alpa_expr_eval(l, operand, alpa_tuple_get(l, in)).re);
    V part = alpa_component_value(l, at->at[at->rank - 1], at->lanes);
    alpa_expr_unify(l, &wide, &part);
    LLVMTypeRef type = LLVMTypeOf(wide);
    part = LLVMBuildMul(l->builder, part, int_of(l, part, l->type.i64, want), "");
    part = LLVMBuildTruncOrBitCast(l->builder, part, type, "");
    V shifted = LLVMBuildLShr(l->builder, wide, part, "");
    LLVMTypeRef narrow = lanes_of(wide, LLVMIntTypeInContext(l->llvm, want));
    return (alpa_element){from_bits(l, to, LLVMBuildTrunc(l->builder, shifted, narrow, "")), NULL};
  }
  V sum = NULL;
  for (uint32_t i = 0; i < want / have; i++) {
    in->at[in->rank - 1] = alpa_component_constant(l, i);
    V part = to_bits(l, from, alpa_expr_eval(l, operand, alpa_tuple_get(l, in)).re);
    LLVMTypeRef word = LLVMIntTypeInContext(l->llvm, want);
    part = LLVMBuildZExt(l->builder, part, lanes_of(part, word), "");
    part = LLVMBuildShl(l->builder, part, int_of(l, part, word, (uint64_t)i * have), "");
    sum = sum ? LLVMBuildOr(l->builder, sum, part, "") : part;
  }
  return (alpa_element){from_bits(l, to, sum), NULL};
}
