/* Expression generation: the value of one element (or of several lanes of elements) of a tensor inside a kernel.
 *
 * A place in a tensor is a tuple of components, one per dimension.  A component is a number that all lanes share, or
 * base + lane * step, or (general) a vector of numbers.  Ops that move elements (broadcast, transpose, slice, pad,
 * gather ...) translate tuples; elementwise ops pass them on; arguments of the kernel load.  Tuples and index
 * arithmetic are interned, so that equal places are the same tuple, and elements are cached by value and tuple within
 * the code region (frame) that dominates.  A uniform tuple gives a scalar, which is splatted where it meets lanes:
 * what does not vary along the lanes is computed once. */
#ifndef ALPA_CODEGEN_LOWER_EXPR_H
#define ALPA_CODEGEN_LOWER_EXPR_H

#include "codegen/lower/lower.h"
#include "support/hash.h"

/* One element or one vector of elements; im is NULL unless the type is complex. */
typedef struct alpa_element {
  LLVMValueRef re, im;
} alpa_element;

typedef struct alpa_component {
  LLVMValueRef base; /* i64, or a vector of i64 (general) */
  int64_t step;      /* added per lane; 0: uniform (or general) */
  int64_t multiple;  /* base is a multiple of this, which is at least 1 */
} alpa_component;

typedef struct alpa_tuple {
  uint32_t rank;
  bool flat;           /* one component that counts elements in row-major order, whatever the rank of the tensor */
  uint32_t lanes;      /* of the region the tuple was made for; 1: scalar code */
  uint32_t id;         /* dense */
  LLVMValueRef guard;  /* i1: the place exists; NULL: it does. Where it does not, any value will do */
  LLVMValueRef mask;   /* the same per lane */
  alpa_component at[]; /* rank, or 1 where flat */
} alpa_tuple;

/* A memory operand of the kernel. */
typedef struct alpa_leaf {
  LLVMValueRef base;                /* ptr */
  LLVMValueRef scope_list, noalias; /* alias metadata, or NULL */
} alpa_leaf;

typedef struct alpa_frame {
  struct alpa_frame *outer;
  alpa_map elements;   /* hash of (value, tuple) -> alpa_known_element */
  alpa_map arithmetic; /* hash of an index operation -> alpa_known_index */
} alpa_frame;

typedef struct alpa_expr {
  alpa_map leaves; /* block argument -> alpa_leaf */
  alpa_intern tuples;
  uint32_t n_tuples;
  alpa_frame *frame;
} alpa_expr;

typedef alpa_element alpa_emit_fn(alpa_lower *lower, alpa_value *value, const alpa_tuple *at);

/* The element of a value at a place; the recursion of everything.  Failures are recorded in lower->status. */
alpa_element alpa_expr_eval(alpa_lower *lower, alpa_value *value, const alpa_tuple *at);
/* Makes the value known, in the current frame. */
void alpa_expr_set(alpa_lower *lower, alpa_value *value, const alpa_tuple *at, alpa_element element);

/* Code emitted between the two is entered conditionally or repeatedly: what it computes is forgotten at pop. */
void alpa_expr_push(alpa_lower *lower);
void alpa_expr_pop(alpa_lower *lower);

/* The results of a region (of a reduce, a scatter, a sort) for given arguments. */
void alpa_expr_eval_block(alpa_lower *lower, alpa_block *block, const alpa_element *args, alpa_element *out_results);

/* ---- tuples ---- */

/* Interned; `key` may live on the stack. */
const alpa_tuple *alpa_tuple_get(alpa_lower *lower, const alpa_tuple *key);
/* A tuple to be filled in: rank components of 0, lanes and masks of `like`. */
alpa_tuple *alpa_tuple_make(alpa_lower *lower, const alpa_tuple *like, uint32_t rank);
static inline bool alpa_component_is_general(const alpa_component *c) {
  return LLVMGetTypeKind(LLVMTypeOf(c->base)) == LLVMVectorTypeKind;
}
static inline bool alpa_component_is_uniform(const alpa_component *c) {
  return !c->step && !alpa_component_is_general(c);
}
bool alpa_tuple_is_uniform(const alpa_tuple *tuple);
/* Restricts a tuple to where the condition (i1 or lanes of it) holds. */
void alpa_tuple_restrict(alpa_lower *lower, alpa_tuple *tuple, LLVMValueRef condition);

/* ---- components ---- */

alpa_component alpa_component_constant(alpa_lower *lower, int64_t value);
/* A uniform i64. */
alpa_component alpa_component_of(LLVMValueRef base);
alpa_component alpa_component_add(alpa_lower *lower, alpa_component a, alpa_component b, uint32_t lanes);
alpa_component alpa_component_scale(alpa_lower *lower, alpa_component a, int64_t by);
/* a / by and a % by for a >= 0; stays affine where lanes cannot straddle a multiple. */
void alpa_component_divide(alpa_lower *lower, alpa_component a, int64_t by, uint32_t lanes,
                           alpa_component *out_quotient, alpa_component *out_remainder);
/* All lanes as i64 (a scalar where uniform). */
LLVMValueRef alpa_component_value(alpa_lower *lower, alpa_component a, uint32_t lanes);

/* ---- elements ---- */

/* A scalar where it must meet lanes. */
LLVMValueRef alpa_expr_widen(alpa_lower *lower, LLVMValueRef value, uint32_t lanes);
/* Makes two values both scalars or both vectors. */
void alpa_expr_unify(alpa_lower *lower, LLVMValueRef *a, LLVMValueRef *b);
uint32_t alpa_expr_lanes(LLVMValueRef value);
alpa_element alpa_expr_select(alpa_lower *lower, LLVMValueRef condition, alpa_element a, alpa_element b);
alpa_element alpa_expr_zero(alpa_lower *lower, alpa_dtype dtype);
/* Element `index` of a constant attribute. */
alpa_element alpa_expr_constant(alpa_lower *lower, alpa_dtype dtype, const void *bytes);

/* ---- memory ---- */

/* Offset in elements of a place in a dense row-major tensor. */
alpa_component alpa_tuple_offset(alpa_lower *lower, const alpa_type *type, const alpa_tuple *at);
alpa_element alpa_expr_load(alpa_lower *lower, const alpa_leaf *leaf, const alpa_type *type, const alpa_tuple *at);
void alpa_expr_store(alpa_lower *lower, const alpa_leaf *leaf, const alpa_type *type, const alpa_tuple *at,
                     alpa_element element);

/* ---- data types ------------------------------------------------------------------------------ */

/* Rounds a float computed in f32 to its memory format's precision (bf16, f16, f8); others unchanged. */
LLVMValueRef alpa_float_round(alpa_lower *lower, alpa_dtype dtype, LLVMValueRef value);
/* Bits in memory to the compute type, and back (value already rounded). */
LLVMValueRef alpa_float_unpack(alpa_lower *lower, alpa_dtype dtype, LLVMValueRef bits);
LLVMValueRef alpa_float_pack(alpa_lower *lower, alpa_dtype dtype, LLVMValueRef value);
alpa_element alpa_element_convert(alpa_lower *lower, alpa_dtype from, alpa_dtype to, alpa_element value);

#endif
