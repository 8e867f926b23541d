/* Places in tensors: interned tuples and the arithmetic of their components. */
#include "codegen/lower/expr.h"

#include <string.h>

#include "support/number.h"

static size_t n_components(const alpa_tuple *tuple) { return tuple->flat ? 1 : tuple->rank; }

static bool equal_tuples(const void *a, const void *b) {
  const alpa_tuple *x = a, *y = b;
  return x->rank == y->rank && x->flat == y->flat && x->lanes == y->lanes && x->guard == y->guard &&
         x->mask == y->mask && !memcmp(x->at, y->at, n_components(x) * sizeof x->at[0]);
}

bool alpa_tuple_is_uniform(const alpa_tuple *tuple) {
  for (size_t i = 0; i < n_components(tuple); i++)
    if (!alpa_component_is_uniform(&tuple->at[i]))
      return false;
  return true;
}

const alpa_tuple *alpa_tuple_get(alpa_lower *lower, const alpa_tuple *key) {
  alpa_expr *expr = lower->expr;
  size_t n = n_components(key), bytes = sizeof *key + n * sizeof key->at[0];
  alpa_tuple *copy = alpa_arena_copy(lower->arena, key, bytes);
  if (alpa_tuple_is_uniform(copy))
    copy->mask = NULL;
  copy->id = 0;
  uint64_t hash = alpa_hash64(copy->at, n * sizeof copy->at[0], copy->rank * 2 + copy->flat);
  hash = alpa_hash_mix(hash, alpa_hash_mix((uintptr_t)copy->guard, (uintptr_t)copy->mask));
  const alpa_tuple *found = alpa_intern_find(&expr->tuples, hash, copy, equal_tuples);
  if (found)
    return found;
  copy->id = ++expr->n_tuples;
  alpa_intern_insert(lower->arena, &expr->tuples, hash, copy);
  return copy;
}

alpa_tuple *alpa_tuple_make(alpa_lower *lower, const alpa_tuple *like, uint32_t rank) {
  alpa_tuple *tuple = alpa_arena_calloc(lower->arena, 1, sizeof *tuple + (rank + 1) * sizeof tuple->at[0]);
  tuple->rank = rank;
  tuple->lanes = like->lanes;
  tuple->guard = like->guard;
  tuple->mask = like->mask;
  for (uint32_t i = 0; i < rank; i++)
    tuple->at[i] = alpa_component_constant(lower, 0);
  return tuple;
}

void alpa_tuple_restrict(alpa_lower *lower, alpa_tuple *tuple, LLVMValueRef condition) {
  bool vector = LLVMGetTypeKind(LLVMTypeOf(condition)) == LLVMVectorTypeKind;
  LLVMValueRef *part = vector ? &tuple->mask : &tuple->guard;
  *part = *part ? LLVMBuildAnd(lower->builder, *part, condition, "") : condition;
}

/* ---- memoised index arithmetic ---- */

typedef struct known_index {
  LLVMOpcode opcode;
  LLVMValueRef a, b, result;
} known_index;

/* `opcode` on two i64 or two vectors of them; computed once per region. */
static LLVMValueRef compute(alpa_lower *lower, LLVMOpcode opcode, LLVMValueRef a, LLVMValueRef b) {
  uint64_t key = alpa_hash_mix(alpa_hash_mix((uintptr_t)a, (uintptr_t)b), (uint64_t)opcode);
  for (alpa_frame *frame = lower->expr->frame; frame; frame = frame->outer) {
    const uint64_t *slot = alpa_map_find(&frame->arithmetic, key);
    const known_index *known = slot ? (const known_index *)(uintptr_t)*slot : NULL;
    if (known && known->opcode == opcode && known->a == a && known->b == b)
      return known->result;
  }
  known_index *known = alpa_arena_new(lower->arena, known_index, 1);
  *known = (known_index){opcode, a, b, NULL};
  switch (opcode) {
  case LLVMAdd:
    known->result = LLVMBuildNSWAdd(lower->builder, a, b, "");
    break;
  case LLVMMul:
    known->result = LLVMBuildNSWMul(lower->builder, a, b, "");
    break;
  default:
    known->result = LLVMBuildBinOp(lower->builder, opcode, a, b, "");
  }
  *alpa_map_insert(lower->arena, &lower->expr->frame->arithmetic, key, NULL) = (uint64_t)(uintptr_t)known;
  return known->result;
}

/* Vectors are divided as i32: 64-bit vector division by a constant is slow, and places are counts of elements. */
static LLVMValueRef divide_vector(alpa_lower *lower, LLVMOpcode opcode, LLVMValueRef a, int64_t by, uint32_t lanes) {
  LLVMTypeRef narrow = LLVMVectorType(lower->type.i32, lanes), wide = LLVMVectorType(lower->type.i64, lanes);
  LLVMValueRef divisor = alpa_lower_splat(lower, LLVMConstInt(lower->type.i32, (uint64_t)by, false), lanes);
  if (by > INT32_MAX)
    return compute(lower, opcode, a, alpa_lower_splat(lower, alpa_lower_i64(lower, by), lanes));
  LLVMValueRef small = LLVMBuildTrunc(lower->builder, a, narrow, "");
  return LLVMBuildZExt(lower->builder, LLVMBuildBinOp(lower->builder, opcode, small, divisor, ""), wide, "");
}

/* ---- components ---- */

/* What a base is a multiple of; 0 is a multiple of everything. */
static int64_t multiple_of(LLVMValueRef base, int64_t known) {
  if (!LLVMIsAConstantInt(base))
    return known;
  int64_t value = LLVMConstIntGetSExtValue(base);
  return value ? (value < 0 ? -value : value) : (int64_t)1 << 40;
}

alpa_component alpa_component_constant(alpa_lower *lower, int64_t value) {
  return alpa_component_of(alpa_lower_i64(lower, value));
}

alpa_component alpa_component_of(LLVMValueRef base) {
  return (alpa_component){.base = base, .multiple = multiple_of(base, 1)};
}

LLVMValueRef alpa_component_value(alpa_lower *lower, alpa_component a, uint32_t lanes) {
  if (!a.step || lanes == 1)
    return a.base;
  LLVMValueRef *items = alpa_arena_new(lower->arena, LLVMValueRef, lanes);
  for (uint32_t i = 0; i < lanes; i++)
    items[i] = alpa_lower_i64(lower, (int64_t)i * a.step);
  LLVMValueRef base = alpa_lower_splat(lower, a.base, lanes);
  return LLVMBuildNSWAdd(lower->builder, base, LLVMConstVector(items, lanes), "");
}

static LLVMValueRef as_vector(alpa_lower *lower, alpa_component a, uint32_t lanes) {
  return alpa_expr_widen(lower, alpa_component_value(lower, a, lanes), lanes);
}

static bool is_zero(const alpa_component *c) {
  return !c->step && LLVMIsAConstantInt(c->base) && !LLVMConstIntGetSExtValue(c->base);
}

alpa_component alpa_component_add(alpa_lower *lower, alpa_component a, alpa_component b, uint32_t lanes) {
  if (is_zero(&a)) /* equal places must be the same values: what is cached is found by them */
    return b;
  if (is_zero(&b))
    return a;
  if (alpa_component_is_general(&a) || alpa_component_is_general(&b))
    return (alpa_component){compute(lower, LLVMAdd, as_vector(lower, a, lanes), as_vector(lower, b, lanes)), 0, 1};
  LLVMValueRef base = compute(lower, LLVMAdd, a.base, b.base);
  return (alpa_component){base, a.step + b.step, multiple_of(base, alpa_greatest_divisor(a.multiple, b.multiple))};
}

alpa_component alpa_component_scale(alpa_lower *lower, alpa_component a, int64_t by) {
  if (by == 1)
    return a;
  LLVMValueRef factor = alpa_lower_i64(lower, by);
  if (alpa_component_is_general(&a)) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(a.base));
    return (alpa_component){compute(lower, LLVMMul, a.base, alpa_lower_splat(lower, factor, lanes)), 0, 1};
  }
  LLVMValueRef base = compute(lower, LLVMMul, a.base, factor);
  int64_t size = by < 0 ? -by : by;
  int64_t multiple = size && a.multiple < ((int64_t)1 << 40) / size ? a.multiple * size : a.multiple;
  return (alpa_component){base, a.step * by, multiple_of(base, multiple)};
}

static void divide_uniform(alpa_lower *lower, alpa_component a, int64_t by, alpa_component *out_quotient,
                           alpa_component *out_remainder) {
  LLVMValueRef divisor = alpa_lower_i64(lower, by);
  LLVMValueRef quotient = compute(lower, LLVMUDiv, a.base, divisor);
  LLVMValueRef remainder = compute(lower, LLVMURem, a.base, divisor);
  *out_quotient = (alpa_component){quotient, 0, multiple_of(quotient, a.multiple % by ? 1 : a.multiple / by)};
  *out_remainder = (alpa_component){remainder, 0, multiple_of(remainder, alpa_greatest_divisor(a.multiple, by))};
}

void alpa_component_divide(alpa_lower *lower, alpa_component a, int64_t by, uint32_t lanes,
                           alpa_component *out_quotient, alpa_component *out_remainder) {
  int64_t span = a.step * (int64_t)lanes;
  bool general = alpa_component_is_general(&a);
  if (by == 1) {
    *out_quotient = a;
    *out_remainder = alpa_component_constant(lower, 0);
  } else if (!general && a.step % by == 0) { /* uniform, or whole divisors from lane to lane */
    divide_uniform(lower, a, by, out_quotient, out_remainder);
    out_quotient->step = a.step / by;
  } else if (!general && span > 0 && a.multiple % span == 0 && by % span == 0) { /* lanes stay within a multiple */
    divide_uniform(lower, a, by, out_quotient, out_remainder);
    out_remainder->step = a.step;
  } else {
    LLVMValueRef value = alpa_component_value(lower, a, lanes);
    *out_quotient = (alpa_component){divide_vector(lower, LLVMUDiv, value, by, lanes), 0, 1};
    *out_remainder = (alpa_component){divide_vector(lower, LLVMURem, value, by, lanes), 0, 1};
  }
}

alpa_component alpa_tuple_offset(alpa_lower *lower, const alpa_type *type, const alpa_tuple *at) {
  if (at->flat)
    return at->at[0];
  alpa_component offset = alpa_component_constant(lower, 0);
  int64_t stride = 1;
  for (uint32_t d = type->rank; d-- > 0; stride *= type->dims[d] ? type->dims[d] : 1)
    if (type->dims[d] != 1)
      offset = alpa_component_add(lower, offset, alpa_component_scale(lower, at->at[d], stride), at->lanes);
  return offset;
}
