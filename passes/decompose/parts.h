/* Ops that other ops consist of: what the functions of passes/decompose/ build with.  Values stand before the op that
 * is taken apart, with its location.  Internal to passes/decompose/. */
#ifndef ALPA_PASSES_DECOMPOSE_PARTS_H
#define ALPA_PASSES_DECOMPOSE_PARTS_H

#include "dialects/ir/builder.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct alpa_parts {
  alpa_arena *arena;
  alpa_context *ctx;
  alpa_builder builder;
  uint64_t number; /* of the op among those of the pass: equal in every compilation of a program */
} alpa_parts;

/* Builds what an op is; false, with nothing built, where it has no parts: it stays as it is. */
typedef bool alpa_decompose_fn(alpa_parts *p, alpa_op *op, alpa_value **out_results);

/* X(op's name, function); a name that ends in '.' or '_' stands for all that begin with it.  Of several
 * rows for an op the first whose function builds it counts. */
#define ALPA_DECOMPOSE_TABLE(X)                                                                                        \
  X("stablehlo.dot", dot)                                                                                              \
  X("stablehlo.einsum", einsum)                                                                                        \
  X("stablehlo.unary_einsum", unary_einsum)                                                                            \
  X("stablehlo.torch_index_select", index_select)                                                                      \
  X("stablehlo.batch_norm_training", batch_norm_training)                                                              \
  X("stablehlo.batch_norm_inference", batch_norm_inference)                                                            \
  X("stablehlo.batch_norm_grad", batch_norm_grad)                                                                      \
  X("stablehlo.dynamic_iota", known_size)                                                                              \
  X("stablehlo.dynamic_reshape", known_size)                                                                           \
  X("stablehlo.dynamic_broadcast_in_dim", known_size)                                                                  \
  X("stablehlo.rng", rng)                                                                                              \
  X("stablehlo.custom_call", lapack)                                                                                   \
  X("stablehlo.custom_call", approx_top_k)                                                                             \
  X("chlo.ragged_dot", ragged_dot)                                                                                     \
  X("chlo.constant_like", constant_like)                                                                               \
  X("chlo.broadcast_", broadcasting)

#define X(name, function) alpa_decompose_fn alpa_decompose_##function;
ALPA_DECOMPOSE_TABLE(X)
#undef X

/* An op with one result; type NULL infers it, attrs NULL are none. */
alpa_value *alpa_part_build(alpa_parts *p, stablehlo_op_id id, const alpa_type *type, alpa_value *const *operands,
                            size_t n, const alpa_attr *const *attrs);
alpa_value *alpa_part_unary(alpa_parts *p, stablehlo_op_id id, alpa_value *x);
alpa_value *alpa_part_binary(alpa_parts *p, stablehlo_op_id id, alpa_value *x, alpa_value *y);
alpa_value *alpa_part_compare(alpa_parts *p, int direction, alpa_value *x, alpa_value *y);
alpa_value *alpa_part_select(alpa_parts *p, alpa_value *condition, alpa_value *x, alpa_value *y);
/* The number in every element of a tensor of numbers. */
alpa_value *alpa_part_number(alpa_parts *p, const alpa_type *type, double number);
alpa_value *alpa_part_convert(alpa_parts *p, alpa_value *x, alpa_dtype dtype);
/* Dimension i of x becomes dims[i] of the type. */
alpa_value *alpa_part_broadcast(alpa_parts *p, alpa_value *x, const alpa_type *type, const int64_t *dims);
alpa_value *alpa_part_iota(alpa_parts *p, const alpa_type *type, int64_t dim);
/* Result dimension i is dimension dims[i]; x itself where nothing moves. */
alpa_value *alpa_part_transpose(alpa_parts *p, alpa_value *x, const int64_t *dims);
/* x summed over dimensions; x itself where there are none. */
alpa_value *alpa_part_sum(alpa_parts *p, alpa_value *x, const int64_t *dims, size_t n);

/* A list of dimensions as a field of dimension numbers: NULL where it is empty. */
const alpa_attr *alpa_part_dims(alpa_parts *p, const int64_t *dims, size_t n);

typedef struct alpa_product_dims {
  const int64_t *batching[2], *contracting[2];
  size_t n_batching, n_contracting;
} alpa_product_dims;

/* As dot_general: batching dimensions, free ones of x, free ones of y. */
alpa_value *alpa_part_product(alpa_parts *p, alpa_value *x, alpa_value *y, const alpa_product_dims *dims,
                              alpa_dtype dtype, const alpa_attr *precision);

#endif
