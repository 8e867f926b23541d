/* Result types of the ops that move elements: new shapes computed from the operand's and the attributes.  A result
 * dimension that depends on an unknown one is unknown. */
#include "dialects/stablehlo/check.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

#include <inttypes.h>

alpa_status alpa_stablehlo_infer_broadcast(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  alpa_dim_list sizes = alpa_dim_list_of(op, stablehlo_broadcast_broadcast_sizes);
  ALPA_TRY(alpa_check_at_least(op, sizes, 0));
  const alpa_type *type = alpa_op_operand_type(op, 0);
  alpa_shape shape = {0};
  for (size_t i = 0; i < sizes.n; i++)
    alpa_shape_push(&shape, sizes.items[i]);
  for (uint32_t i = 0; i < type->rank; i++)
    alpa_shape_push(&shape, type->dims[i]);
  return alpa_infer_shape(op, out, type, &shape);
}

alpa_status alpa_stablehlo_infer_transpose(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0);
  alpa_dim_list permutation = alpa_dim_list_of(op, stablehlo_transpose_permutation);
  ALPA_TRY(alpa_check_length(op, permutation, type->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_dims(op, permutation, type->rank));
  alpa_shape shape = {0};
  for (size_t i = 0; i < permutation.n; i++)
    alpa_shape_push(&shape, type->dims[permutation.items[i]]);
  return alpa_infer_shape(op, out, type, &shape);
}

/* Sum of two sizes, or of an unknown one. */
static int64_t add_dims(int64_t a, int64_t b) {
  int64_t sum;
  if (!alpa_dim_known(a) || !alpa_dim_known(b))
    return ALPA_DYNAMIC;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum; /* too large is reported with the result */
}

static alpa_status join(const alpa_op *op, alpa_shape *shape, uint32_t operand, int64_t dim) {
  const alpa_type *first = alpa_op_operand_type(op, 0), *type = alpa_op_operand_type(op, operand);
  ALPA_TRY(alpa_check_same_element(op, first, "the first operand", type, "every other one"));
  if (type->rank != first->rank)
    return alpa_op_error(op, "expects operands of the same rank, got '%s' and '%s'", alpa_spell(op, first),
                         alpa_spell(op, type));
  for (uint32_t d = 0; d < type->rank; d++) {
    if (d == dim)
      shape->dims[d] = add_dims(shape->dims[d], type->dims[d]);
    else if (!alpa_dim_agrees(shape->dims[d], type->dims[d]))
      return alpa_op_error(op, "expects operands that differ in dimension %" PRId64 " only, got '%s' and '%s'", dim,
                           alpa_spell(op, first), alpa_spell(op, type));
    else if (!alpa_dim_known(shape->dims[d]))
      shape->dims[d] = type->dims[d];
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_concatenate(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  if (op->n_operands == 0)
    return alpa_op_error(op, "expects at least one operand, got none");
  const alpa_type *first = alpa_op_operand_type(op, 0);
  int64_t dim = alpa_op_int(op, stablehlo_concatenate_dimension, 0);
  ALPA_TRY(alpa_check_dim(op, "dimension", dim, first->rank));
  alpa_shape shape = alpa_shape_of(first);
  for (uint32_t i = 1; i < op->n_operands; i++)
    ALPA_TRY(join(op, &shape, i, dim));
  return alpa_infer_shape(op, out, first, &shape);
}

/* Ends of one dimension of a slice. */
typedef struct range {
  int64_t start, limit, stride, size;
} range;

static alpa_status check_range(const alpa_op *op, uint32_t d, range r) {
  if (r.start < 0)
    return alpa_op_error(op, "start index %" PRId64 " of dimension %u is negative", r.start, d);
  if (alpa_dim_known(r.size) && r.limit > r.size)
    return alpa_op_error(op, "limit index %" PRId64 " is larger than the size %" PRId64 " of dimension %u", r.limit,
                         r.size, d);
  if (r.start > r.limit)
    return alpa_op_error(op, "start index %" PRId64 " is larger than the limit index %" PRId64 " in dimension %u",
                         r.start, r.limit, d);
  if (r.stride < 1)
    return alpa_op_error(op, "expects strides of at least 1, got %" PRId64 " in dimension %u", r.stride, d);
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_slice(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0);
  alpa_dim_list starts = alpa_dim_list_of(op, stablehlo_slice_start_indices);
  alpa_dim_list limits = alpa_dim_list_of(op, stablehlo_slice_limit_indices);
  alpa_dim_list strides = alpa_dim_list_of(op, stablehlo_slice_strides);
  ALPA_TRY(alpa_check_length(op, starts, type->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_length(op, limits, type->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_length(op, strides, type->rank, "the operand has dimensions"));
  alpa_shape shape = {0};
  for (uint32_t d = 0; d < type->rank; d++) {
    range r = {starts.items[d], limits.items[d], strides.items[d], type->dims[d]};
    ALPA_TRY(check_range(op, d, r));
    int64_t extent = r.limit - r.start;
    alpa_shape_push(&shape, extent / r.stride + (extent % r.stride != 0));
  }
  return alpa_infer_shape(op, out, type, &shape);
}

alpa_status alpa_stablehlo_infer_dynamic_slice(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0);
  alpa_dim_list sizes = alpa_dim_list_of(op, stablehlo_dynamic_slice_slice_sizes);
  ALPA_TRY(alpa_check_start_indices(op, 1, type->rank));
  ALPA_TRY(alpa_check_length(op, sizes, type->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_at_least(op, sizes, 0));
  alpa_shape shape = {0};
  for (uint32_t d = 0; d < type->rank; d++) {
    if (alpa_dim_known(type->dims[d]) && sizes.items[d] > type->dims[d])
      return alpa_op_error(op, "slice size %" PRId64 " is larger than the size %" PRId64 " of dimension %u",
                           sizes.items[d], type->dims[d], d);
    alpa_shape_push(&shape, sizes.items[d]);
  }
  return alpa_infer_shape(op, out, type, &shape);
}

/* low + size + high, with `interior` elements between each two; false where it exceeds 64 bits. */
static bool padded_size(int64_t size, int64_t low, int64_t high, int64_t interior, int64_t *out_size) {
  int64_t holes;
  return !__builtin_mul_overflow(size > 0 ? size - 1 : 0, interior, &holes) &&
         !__builtin_add_overflow(size, holes, &size) && !__builtin_add_overflow(size, low, &size) &&
         !__builtin_add_overflow(size, high, out_size);
}

alpa_status alpa_stablehlo_infer_pad(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0), *value = alpa_op_operand_type(op, 1);
  ALPA_TRY(alpa_check_scalar(op, value, "the padding value"));
  ALPA_TRY(alpa_check_same_element(op, type, "the operand", value, "the padding value"));
  alpa_dim_list low = alpa_dim_list_of(op, stablehlo_pad_edge_padding_low);
  alpa_dim_list high = alpa_dim_list_of(op, stablehlo_pad_edge_padding_high);
  alpa_dim_list interior = alpa_dim_list_of(op, stablehlo_pad_interior_padding);
  ALPA_TRY(alpa_check_length(op, low, type->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_length(op, high, type->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_length(op, interior, type->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_at_least(op, interior, 0));
  alpa_shape shape = alpa_shape_of(type);
  for (uint32_t d = 0; d < type->rank; d++) {
    if (!alpa_dim_known(type->dims[d]))
      continue;
    if (!padded_size(type->dims[d], low.items[d], high.items[d], interior.items[d], &shape.dims[d]))
      return alpa_op_error(op, "padded size of dimension %u exceeds 64 bits", d);
    if (shape.dims[d] < 0)
      return alpa_op_error(op, "padding makes the size of dimension %u negative (%" PRId64 ")", d, shape.dims[d]);
  }
  return alpa_infer_shape(op, out, type, &shape);
}

alpa_status alpa_stablehlo_infer_dimension_size(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  int64_t dim = alpa_op_int(op, stablehlo_get_dimension_size_dimension, 0);
  ALPA_TRY(alpa_check_dim(op, "dimension", dim, alpa_op_operand_type(op, 0)->rank));
  alpa_infer_push(out, alpa_type_get_tensor(alpa_op_context(op), ALPA_I32, 0, NULL));
  return ALPA_OK;
}
