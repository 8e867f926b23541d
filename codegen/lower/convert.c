/* Data types: memory formats of narrow floats, rounding, and conversion between types. */
#include <math.h>

#include "codegen/lower/expr.h"
#include "codegen/lower/emit.h"
#include "dialects/stablehlo/stablehlo.h"
#include "support/number.h"

typedef LLVMValueRef V;

static LLVMTypeRef lanes_of(V like, LLVMTypeRef type) { return alpa_lower_vector_type(type, alpa_expr_lanes(like)); }
static V int_of(alpa_lower *l, V like, LLVMTypeRef type, uint64_t value) {
  return alpa_lower_splat(l, LLVMConstInt(type, value, false), alpa_expr_lanes(like));
}

static bool is_half(alpa_dtype dtype) { return dtype == ALPA_BF16 || dtype == ALPA_F16; }

static V refuse(alpa_lower *l, const char *reason, LLVMTypeRef type) {
  alpa_lower_unsupported(l, l->kernel, reason);
  return LLVMConstNull(type);
}

/* All 256 values of an 8-bit format, as a constant of the module. */
static V decode_table(alpa_lower *l, alpa_dtype dtype) {
  const char *name = alpa_arena_printf(l->arena, "table.%s", alpa_dtype_get_info(dtype)->spelling);
  V table = LLVMGetNamedGlobal(l->module, name);
  if (table)
    return table;
  V items[256];
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t mask = (1u << alpa_dtype_get_info(dtype)->bits) - 1;
    uint64_t bits = alpa_float_encode(ALPA_F32, alpa_float_decode(dtype, i & mask));
    items[i] = LLVMConstBitCast(LLVMConstInt(l->type.i32, bits, false), l->type.f32);
  }
  table = LLVMAddGlobal(l->module, LLVMArrayType2(l->type.f32, 256), name);
  LLVMSetInitializer(table, LLVMConstArray2(l->type.f32, items, 256));
  LLVMSetLinkage(table, LLVMPrivateLinkage);
  LLVMSetGlobalConstant(table, true);
  return table;
}

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
  V table = decode_table(l, dtype);
  V address = LLVMBuildGEP2(l->builder, l->type.f32, table, &index, 1, "");
  uint32_t lanes = alpa_expr_lanes(bits);
  if (lanes == 1)
    return LLVMBuildLoad2(l->builder, l->type.f32, address, "");
  V args[] = {address, LLVMConstInt(l->type.i32, 4, false), LLVMConstAllOnes(LLVMVectorType(l->type.i1, lanes)),
              LLVMConstNull(f32)};
  return alpa_lower_intrinsic(l, "llvm.masked.gather", (LLVMTypeRef[]){f32, LLVMVectorType(l->type.ptr, lanes)}, 2,
                              args, 4);
}

V alpa_float_pack(alpa_lower *l, alpa_dtype dtype, V value) {
  LLVMTypeRef i16 = lanes_of(value, l->type.i16), i32 = lanes_of(value, l->type.i32);
  if (dtype == ALPA_BF16) {
    V bits = LLVMBuildBitCast(l->builder, value, i32, "");
    bits = LLVMBuildLShr(l->builder, bits, int_of(l, value, l->type.i32, 16), "");
    return LLVMBuildTrunc(l->builder, bits, i16, "");
  }
  if (dtype == ALPA_F16) {
    LLVMTypeRef half = lanes_of(value, LLVMHalfTypeInContext(l->llvm));
    return LLVMBuildBitCast(l->builder, LLVMBuildFPTrunc(l->builder, value, half, ""), i16, "");
  }
  return refuse(l, "stores floats of 8 bits or fewer, which is not supported", lanes_of(value, l->type.i8));
}

V alpa_float_round(alpa_lower *l, alpa_dtype dtype, V value) {
  LLVMBuilderRef b = l->builder;
  if (dtype == ALPA_F16) {
    if (!l->target->has_f16c)
      return refuse(l, "uses f16, which this processor cannot convert", LLVMTypeOf(value));
    LLVMTypeRef half = lanes_of(value, LLVMHalfTypeInContext(l->llvm));
    return LLVMBuildFPExt(b, LLVMBuildFPTrunc(b, value, half, ""), LLVMTypeOf(value), "");
  }
  if (dtype != ALPA_BF16)
    return value;
  V bits = LLVMBuildBitCast(b, value, lanes_of(value, l->type.i32), "");
  V odd = LLVMBuildAnd(b, LLVMBuildLShr(b, bits, int_of(l, value, l->type.i32, 16), ""),
                       int_of(l, value, l->type.i32, 1), "");
  V up = LLVMBuildAdd(b, bits, LLVMBuildAdd(b, odd, int_of(l, value, l->type.i32, 0x7FFF), ""), "");
  V nan = LLVMBuildFCmp(b, LLVMRealUNO, value, value, "");
  V quiet = LLVMBuildOr(b, bits, int_of(l, value, l->type.i32, 0x400000), "");
  V kept = LLVMBuildAnd(b, LLVMBuildSelect(b, nan, quiet, up, ""), int_of(l, value, l->type.i32, 0xFFFF0000u), "");
  return LLVMBuildBitCast(b, kept, LLVMTypeOf(value), "");
}

/* ---- conversion
 * ------------------------------------------------------------------------------------------------------ */

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

static V convert_real(alpa_lower *l, alpa_dtype from, alpa_dtype to, V value) {
  bool from_float = alpa_dtype_get_info(from)->class_ == ALPA_CLASS_FLOAT;
  bool to_float = alpa_dtype_get_info(to)->class_ == ALPA_CLASS_FLOAT;
  if (to == ALPA_I1) {
    V zero = LLVMConstNull(LLVMTypeOf(value));
    return from_float ? LLVMBuildFCmp(l->builder, LLVMRealUNE, value, zero, "")
                      : LLVMBuildICmp(l->builder, LLVMIntNE, value, zero, "");
  }
  if (from_float && to_float) {
    if (from == ALPA_F64 && to != ALPA_F64)
      value = LLVMBuildFPTrunc(l->builder, value, lanes_of(value, l->type.f32), "");
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

/* ---- bitcast_convert
 * --------------------------------------------------------------------------------------------------- */

/* The bits of an element as an integer of its width, and back. */
static V to_bits(alpa_lower *l, alpa_dtype dtype, V value) {
  if (is_half(dtype))
    return alpa_float_pack(l, dtype, value);
  uint32_t bits = alpa_dtype_get_info(dtype)->bits;
  return LLVMBuildBitCast(l->builder, value, lanes_of(value, LLVMIntTypeInContext(l->llvm, bits)), "");
}
static V from_bits(alpa_lower *l, alpa_dtype dtype, V bits) {
  if (is_half(dtype))
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
