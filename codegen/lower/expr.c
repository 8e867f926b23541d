/* Evaluation of elements: the cache, the frames, and small operations on elements. */
#include "codegen/lower/expr.h"

#include <string.h>

#include "codegen/lower/emit.h"
#include "support/number.h"

typedef struct known_element {
  const alpa_value *value;
  const alpa_tuple *at;
  alpa_element element;
} known_element;

static uint64_t key_of(const alpa_value *value, const alpa_tuple *at) {
  return alpa_hash_mix((uintptr_t)value, at->id);
}

static const known_element *find(const alpa_lower *lower, const alpa_value *value, const alpa_tuple *at) {
  uint64_t key = key_of(value, at);
  for (const alpa_frame *frame = lower->expr->frame; frame; frame = frame->outer) {
    const uint64_t *slot = alpa_map_find(&frame->elements, key);
    const known_element *known = slot ? (const known_element *)(uintptr_t)*slot : NULL;
    if (known && known->value == value && known->at == at)
      return known;
  }
  return NULL;
}

void alpa_expr_set(alpa_lower *lower, alpa_value *value, const alpa_tuple *at, alpa_element element) {
  known_element *known = alpa_arena_new(lower->arena, known_element, 1);
  *known = (known_element){value, at, element};
  *alpa_map_insert(lower->arena, &lower->expr->frame->elements, key_of(value, at), NULL) = (uint64_t)(uintptr_t)known;
}

void alpa_expr_push(alpa_lower *lower) {
  alpa_frame *frame = alpa_arena_new(lower->arena, alpa_frame, 1);
  frame->outer = lower->expr->frame;
  lower->expr->frame = frame;
}

void alpa_expr_pop(alpa_lower *lower) { lower->expr->frame = lower->expr->frame->outer; }

alpa_element alpa_expr_eval(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const known_element *known = find(lower, value, at);
  if (known)
    return known->element;
  alpa_element element;
  const alpa_leaf *leaf = alpa_map_get_pointer(&lower->expr->leaves, value);
  if (lower->status != ALPA_OK) {
    element = alpa_expr_zero(lower, value->type->dtype);
  } else if (leaf) {
    element = alpa_expr_load(lower, leaf, value->type, at);
  } else {
    alpa_emit_fn *emit = value->op ? alpa_emit_find(value->op->def) : NULL;
    if (!emit) {
      alpa_lower_unsupported(lower, value->op ? value->op : lower->kernel, "has no lowering to machine code");
      return alpa_expr_zero(lower, value->type->dtype);
    }
    element = emit(lower, value, at);
  }
  alpa_expr_set(lower, value, at, element);
  return element;
}

void alpa_expr_eval_block(alpa_lower *lower, alpa_block *block, const alpa_element *args, alpa_element *out_results) {
  alpa_expr_push(lower);
  uint32_t lanes = 1;
  for (uint32_t i = 0; i < block->n_args; i++)
    if (alpa_expr_lanes(args[i].re) > lanes)
      lanes = alpa_expr_lanes(args[i].re);
  alpa_tuple *scalar = alpa_tuple_make(lower, &(alpa_tuple){.lanes = lanes}, 0);
  const alpa_tuple *at = alpa_tuple_get(lower, scalar);
  for (uint32_t i = 0; i < block->n_args; i++)
    alpa_expr_set(lower, block->args[i], at, args[i]);
  const alpa_op *terminator = alpa_block_terminator(block);
  for (uint32_t i = 0; i < terminator->n_operands; i++)
    out_results[i] = alpa_expr_eval(lower, alpa_op_operand(terminator, i), at);
  alpa_expr_pop(lower);
}

/* ---- elements ---- */

uint32_t alpa_expr_lanes(LLVMValueRef value) {
  LLVMTypeRef type = LLVMTypeOf(value);
  return LLVMGetTypeKind(type) == LLVMVectorTypeKind ? LLVMGetVectorSize(type) : 1;
}

LLVMValueRef alpa_expr_widen(alpa_lower *lower, LLVMValueRef value, uint32_t lanes) {
  return lanes > 1 && alpa_expr_lanes(value) == 1 ? alpa_lower_splat(lower, value, lanes) : value;
}

void alpa_expr_unify(alpa_lower *lower, LLVMValueRef *a, LLVMValueRef *b) {
  uint32_t lanes_a = alpa_expr_lanes(*a), lanes_b = alpa_expr_lanes(*b);
  *a = alpa_expr_widen(lower, *a, lanes_b);
  *b = alpa_expr_widen(lower, *b, lanes_a);
}

static LLVMValueRef select_part(alpa_lower *lower, LLVMValueRef condition, LLVMValueRef a, LLVMValueRef b) {
  if (a == b)
    return a;
  alpa_expr_unify(lower, &a, &b);
  uint32_t lanes = alpa_expr_lanes(condition);
  a = alpa_expr_widen(lower, a, lanes);
  b = alpa_expr_widen(lower, b, lanes);
  return LLVMBuildSelect(lower->builder, condition, a, b, "");
}

alpa_element alpa_expr_select(alpa_lower *lower, LLVMValueRef condition, alpa_element a, alpa_element b) {
  return (alpa_element){select_part(lower, condition, a.re, b.re),
                        a.im ? select_part(lower, condition, a.im, b.im) : NULL};
}

alpa_element alpa_expr_zero(alpa_lower *lower, alpa_dtype dtype) {
  LLVMValueRef zero = LLVMConstNull(alpa_lower_compute_type(lower, dtype));
  bool complex = alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_COMPLEX;
  return (alpa_element){zero, complex ? zero : NULL};
}

static LLVMValueRef constant_part(alpa_lower *lower, alpa_dtype dtype, const void *bytes) {
  LLVMTypeRef type = alpa_lower_compute_type(lower, dtype);
  if (alpa_dtype_get_info(dtype)->class_ != ALPA_CLASS_FLOAT)
    return LLVMConstInt(type, (uint64_t)alpa_integer_load(dtype, bytes), false);
  if (dtype == ALPA_F64) { /* through the bits, so that NaNs keep theirs */
    LLVMValueRef bits = LLVMConstInt(lower->type.i64, alpa_element_load(dtype, bytes), false);
    return LLVMConstBitCast(bits, type);
  }
  uint64_t word = alpa_element_load(dtype, bytes);
  if (dtype != ALPA_F32)
    word = alpa_float_encode(ALPA_F32, alpa_float_decode(dtype, word));
  return LLVMConstBitCast(LLVMConstInt(lower->type.i32, word, false), type);
}

alpa_element alpa_expr_constant(alpa_lower *lower, alpa_dtype dtype, const void *bytes) {
  if (alpa_dtype_get_info(dtype)->class_ != ALPA_CLASS_COMPLEX)
    return (alpa_element){constant_part(lower, dtype, bytes), NULL};
  alpa_dtype part = alpa_complex_part(dtype);
  const char *second = (const char *)bytes + alpa_dtype_get_info(part)->bytes;
  return (alpa_element){constant_part(lower, part, bytes), constant_part(lower, part, second)};
}
