/* What the fold hooks of the op tables share: hooks are named in the fold column and run by passes/canonicalize.c. */
#ifndef ALPA_PASSES_CANONICALIZE_H
#define ALPA_PASSES_CANONICALIZE_H

#include "dialects/ir/op.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct alpa_rewriter alpa_rewriter;

/* Makes an op simpler where it can: true where it did, by one of the functions below.  Every fold brings the program
 * nearer to a normal form, so that folding ends. */
typedef bool alpa_fold_fn(alpa_rewriter *rewriter, alpa_op *op);

/* Makes an op before `at`, with its location where the state has none; state->results NULL infers them.  Returns the
 * first result. */
alpa_value *alpa_rewriter_build(alpa_rewriter *rewriter, alpa_op *at, const alpa_op_state *state);
alpa_value *alpa_rewriter_build_constant(alpa_rewriter *rewriter, alpa_op *at, const alpa_attr *value);
/* Replaces the results of `op`, one value each, and erases it; true. */
bool alpa_rewriter_replace(alpa_rewriter *rewriter, alpa_op *op, alpa_value *const *values);
/* The same for one result; false, and nothing is done, where the types differ. */
bool alpa_rewriter_replace_one(alpa_rewriter *rewriter, alpa_op *op, alpa_value *value);
bool alpa_rewriter_replace_constant(alpa_rewriter *rewriter, alpa_op *op, const alpa_attr *value);
/* Replaces the op by another one with the same results' types, or with the inferred one. */
bool alpa_rewriter_replace_op(alpa_rewriter *rewriter, alpa_op *op, const alpa_op_state *state);
/* Replaces the uses of a value but not what defines it. */
void alpa_rewriter_replace_uses(alpa_rewriter *rewriter, alpa_value *value, alpa_value *by);
/* The op was changed in place: it and the users of its results are looked at again; true. */
bool alpa_rewriter_revisit(alpa_rewriter *rewriter, alpa_op *op);
/* Moves the ops of a block except the terminator in front of `at`. */
void alpa_rewriter_inline_block(alpa_rewriter *rewriter, alpa_block *block, alpa_op *at);
/* A strided box: start, limit and stride of each dimension. */
typedef struct alpa_box {
  const int64_t *start, *limit, *stride;
  size_t n;
} alpa_box;
alpa_value *alpa_rewriter_build_slice(alpa_rewriter *rewriter, alpa_op *at, alpa_value *operand, const alpa_box *box);
alpa_arena *alpa_rewriter_arena(alpa_rewriter *rewriter);

/* ---- questions about values ---- */

/* The value is a constant whose elements are all this number (of a complex type: never). */
bool alpa_value_is_number(const alpa_value *value, double number);
/* The constant behind a value if all its elements are equal, else NULL. */
const alpa_attr *alpa_value_find_splat(const alpa_value *value);
/* The single element of an integer or boolean constant. */
bool alpa_value_find_integer(const alpa_value *value, int64_t *out_number);
/* The numbers from 0 to n - 1 are integers of the type. */
bool alpa_type_counts_to(const alpa_type *type, int64_t n);
/* The op with that id that defines the value, or NULL. */
static inline alpa_op *alpa_value_find_stablehlo(const alpa_value *value, stablehlo_op_id id) {
  return value->op && stablehlo_is(value->op, id) ? value->op : NULL;
}
/* A constant of the type with every element equal to the one of `splat`, which has the same element type. */
const alpa_attr *alpa_constant_respread(alpa_context *ctx, const alpa_type *type, const alpa_attr *splat);
/* A constant of the type with every element this number. */
const alpa_attr *alpa_constant_of(alpa_context *ctx, const alpa_type *type, int64_t number);

/* ---- the hooks ---- */

/* X(name): the names in the fold columns. */
/* clang-format off */
#define ALPA_FOLD_TABLE(X) \
  X(convert) X(negate) X(not) X(add) X(divide) X(maximum) X(minimum) X(multiply) X(power) X(subtract) X(and) \
  X(or) X(xor) X(compare) X(select) X(reshape) X(broadcast_in_dim) X(transpose) X(concatenate) X(slice) \
  X(dynamic_slice) X(pad) X(dot_general) X(reduce) X(gather) X(scatter) X(while) X(if) X(case) \
  X(optimization_barrier) X(get_tuple_element)
/* clang-format on */
#define X(name) alpa_fold_fn alpa_fold_##name;
ALPA_FOLD_TABLE(X)
#undef X

#endif
