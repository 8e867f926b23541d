/* Random bits of the counter-based generators Threefry-2x32 and Philox-4x32 (Salmon et al., "Parallel random numbers:
 * as easy as 1, 2, 3", SC'11), each element from its own counter, laid out as XLA lays them out. */
#include "codegen/lower/emit.h"
#include "dialects/stablehlo/stablehlo.h"

typedef LLVMValueRef V;

static V constant(alpa_lower *l, V like, uint64_t value) {
  LLVMTypeRef type = LLVMTypeOf(like);
  bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
  return alpa_lower_splat(l, LLVMConstInt(vector ? LLVMGetElementType(type) : type, value, false),
                          alpa_expr_lanes(like));
}
static V add(alpa_lower *l, V a, V b) { return LLVMBuildAdd(l->builder, a, b, ""); }
static V xor_(alpa_lower *l, V a, V b) { return LLVMBuildXor(l->builder, a, b, ""); }
static V shift_right(alpa_lower *l, V a, uint32_t by) { return LLVMBuildLShr(l->builder, a, constant(l, a, by), ""); }
static V low_half(alpa_lower *l, V wide) {
  return LLVMBuildTrunc(l->builder, wide, alpa_lower_vector_type(l->type.i32, alpa_expr_lanes(wide)), "");
}
static V high_half(alpa_lower *l, V wide) { return low_half(l, shift_right(l, wide, 32)); }
static V join(alpa_lower *l, V low, V high) {
  LLVMTypeRef type = alpa_lower_vector_type(l->type.i64, alpa_expr_lanes(low));
  V top = LLVMBuildZExt(l->builder, high, type, "");
  top = LLVMBuildShl(l->builder, top, constant(l, top, 32), "");
  return LLVMBuildOr(l->builder, LLVMBuildZExt(l->builder, low, type, ""), top, "");
}

/* 20 rounds; x and y are the halves of the counter, replaced by those of the result. */
static void threefry(alpa_lower *l, V key, V *x, V *y) {
  static const uint32_t rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  V keys[3] = {low_half(l, key), high_half(l, key), NULL};
  keys[2] = xor_(l, xor_(l, keys[0], keys[1]), constant(l, keys[0], 0x1BD11BDA));
  *x = add(l, *x, keys[0]);
  *y = add(l, *y, keys[1]);
  LLVMTypeRef type = LLVMTypeOf(*x);
  for (uint32_t group = 0; group < 5; group++) {
    for (uint32_t r = 0; r < 4; r++) {
      *x = add(l, *x, *y);
      V by = constant(l, *y, rotations[group % 2][r]);
      *y = xor_(l, alpa_lower_intrinsic(l, "llvm.fshl", &type, 1, (V[]){*y, *y, by}, 3), *x);
    }
    *x = add(l, *x, keys[(group + 1) % 3]);
    *y = add(l, add(l, *y, keys[(group + 2) % 3]), constant(l, *y, group + 1));
  }
}

/* 10 rounds on four words. */
static void philox(alpa_lower *l, V key, V words[4]) {
  V key0 = low_half(l, key), key1 = high_half(l, key);
  LLVMTypeRef wide = alpa_lower_vector_type(l->type.i64, alpa_expr_lanes(words[0]));
  for (uint32_t round = 0; round < 10; round++) {
    V a = LLVMBuildZExt(l->builder, words[0], wide, ""), b = LLVMBuildZExt(l->builder, words[2], wide, "");
    a = LLVMBuildMul(l->builder, a, constant(l, a, 0xD2511F53), "");
    b = LLVMBuildMul(l->builder, b, constant(l, b, 0xCD9E8D57), "");
    V first = xor_(l, xor_(l, high_half(l, b), words[1]), key0);
    V third = xor_(l, xor_(l, high_half(l, a), words[3]), key1);
    words[0] = first;
    words[1] = low_half(l, b);
    words[2] = third;
    words[3] = low_half(l, a);
    key0 = add(l, key0, constant(l, key0, 0x9E3779B9));
    key1 = add(l, key1, constant(l, key1, 0xBB67AE85));
  }
}

typedef struct generator {
  alpa_lower *lower;
  const alpa_type *type;
  const alpa_tuple *at;
  V key, counter, high; /* words of the state, in lanes */
} generator;

static V in_lanes(generator *g, V value) { return alpa_expr_widen(g->lower, value, g->at->lanes); }

/* The dimension along which the two words of each counter lie side by side: the first even one, else the largest. */
static uint32_t split_dimension(const alpa_type *type) {
  uint32_t largest = 0;
  for (uint32_t d = 0; d < type->rank; d++) {
    if (type->dims[d] % 2 == 0)
      return d;
    if (type->dims[d] > type->dims[largest])
      largest = d;
  }
  return largest;
}

static V threefry_32(generator *g) {
  alpa_lower *l = g->lower;
  uint32_t split = g->type->rank ? split_dimension(g->type) : 0;
  int64_t size = g->type->rank ? g->type->dims[split] : 1, half = (size + 1) / 2;
  alpa_tuple *at = alpa_tuple_make(l, g->at, g->type->rank);
  V second = NULL;
  for (uint32_t d = 0; d < g->type->rank; d++) {
    at->at[d] = g->at->at[d];
    if (d != split || size == 1)
      continue;
    V place = alpa_component_value(l, at->at[d], at->lanes);
    second = LLVMBuildTrunc(l->builder, place, alpa_lower_vector_type(l->type.i1, alpa_expr_lanes(place)), "");
    at->at[d] = (alpa_component){shift_right(l, place, 1), 0, 1};
  }
  alpa_component offset = alpa_component_constant(l, 0);
  int64_t stride = 1;
  for (uint32_t d = g->type->rank; d-- > 0; stride *= d == split ? half : g->type->dims[d])
    if (g->type->dims[d] != 1)
      offset = alpa_component_add(l, offset, alpa_component_scale(l, at->at[d], stride), at->lanes);
  V counter = add(l, g->counter, in_lanes(g, alpa_component_value(l, offset, at->lanes)));
  V x = low_half(l, counter), y = high_half(l, counter);
  threefry(l, g->key, &x, &y);
  return second ? LLVMBuildSelect(l->builder, in_lanes(g, second), y, x, "") : x;
}

static V threefry_64(generator *g) {
  V place = in_lanes(g, alpa_component_value(g->lower, alpa_tuple_offset(g->lower, g->type, g->at), g->at->lanes));
  V counter = add(g->lower, g->counter, place);
  V x = low_half(g->lower, counter), y = high_half(g->lower, counter);
  threefry(g->lower, g->key, &x, &y);
  return join(g->lower, x, y);
}

static V philox_bits(generator *g, bool wide) {
  alpa_lower *l = g->lower;
  V place = in_lanes(g, alpa_component_value(l, alpa_tuple_offset(l, g->type, g->at), g->at->lanes));
  V counter = add(l, g->counter, shift_right(l, place, wide ? 1 : 2));
  V carry = LLVMBuildICmp(l->builder, LLVMIntULT, counter, g->counter, "");
  V high = add(l, g->high, LLVMBuildZExt(l->builder, carry, LLVMTypeOf(counter), ""));
  V words[4] = {low_half(l, counter), high_half(l, counter), low_half(l, high), high_half(l, high)};
  philox(l, g->key, words);
  V bit0 = LLVMBuildAnd(l->builder, place, constant(l, place, 1), "");
  V odd = LLVMBuildICmp(l->builder, LLVMIntNE, bit0, LLVMConstNull(LLVMTypeOf(bit0)), "");
  if (wide)
    return LLVMBuildSelect(l->builder, odd, join(l, words[2], words[3]), join(l, words[0], words[1]), "");
  V bit1 = LLVMBuildAnd(l->builder, place, constant(l, place, 2), "");
  V upper = LLVMBuildICmp(l->builder, LLVMIntNE, bit1, LLVMConstNull(LLVMTypeOf(bit1)), "");
  V even_word = LLVMBuildSelect(l->builder, upper, words[2], words[0], "");
  V odd_word = LLVMBuildSelect(l->builder, upper, words[3], words[1], "");
  return LLVMBuildSelect(l->builder, odd, odd_word, even_word, "");
}

static V state_word(generator *g, alpa_value *state, int64_t i) {
  alpa_tuple *at = alpa_tuple_make(g->lower, g->at, 1);
  at->at[0] = alpa_component_constant(g->lower, i);
  return in_lanes(g, alpa_expr_eval(g->lower, state, alpa_tuple_get(g->lower, at)).re);
}

/* The bits; the next state has been taken out by the fusion's rewrites. */
alpa_element alpa_emit_rng_bit_generator(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  alpa_value *state = alpa_op_operand(op, 0);
  alpa_dtype_class class_ = alpa_type_class(value->type);
  if (value->index != 1 || state->type->dtype != ALPA_UI64 || state->type->rank != 1 ||
      (class_ != ALPA_CLASS_UINT && class_ != ALPA_CLASS_INT)) {
    alpa_lower_unsupported(lower, op, "is supported for a state of ui64 and bits of integers only");
    return alpa_expr_zero(lower, value->type->dtype);
  }
  generator g = {.lower = lower, .type = value->type, .at = at};
  g.key = state_word(&g, state, 0);
  g.counter = state_word(&g, state, 1);
  g.high = state->type->dims[0] > 2 ? state_word(&g, state, 2) : g.key; /* as XLA has it */
  bool wide = alpa_dtype_get_info(value->type->dtype)->bits == 64;
  V bits;
  if (alpa_op_attr(op, stablehlo_rng_bit_generator_rng_algorithm)->integer != STABLEHLO_THREE_FRY)
    bits = philox_bits(&g, wide);
  else
    bits = wide ? threefry_64(&g) : threefry_32(&g);
  LLVMTypeRef type = alpa_lower_vector_type(alpa_lower_compute_type(lower, value->type->dtype), alpa_expr_lanes(bits));
  return (alpa_element){type == LLVMTypeOf(bits) ? bits : LLVMBuildTrunc(lower->builder, bits, type, ""), NULL};
}
