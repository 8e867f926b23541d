/* Result types of chlo ops: broadcasting, top_k and ragged_dot. */
#include "dialects/chlo/chlo.h"
#include "dialects/chlo/chlo_hooks.h"
#include "dialects/stablehlo/check.h"

#include <inttypes.h>

/* Joins one dimension of two broadcast operands: sizes of 1 stretch. */
static alpa_status join(const alpa_op *op, int64_t size, int64_t *dim) {
  if (*dim == 1 || *dim == size)
    *dim = size;
  else if (size != 1 && alpa_dim_known(size)) {
    if (alpa_dim_known(*dim))
      return alpa_op_error(op, "cannot broadcast sizes %" PRId64 " and %" PRId64 " to each other", *dim, size);
    *dim = size;
  }
  return ALPA_OK;
}

/* Where dimension 0 and following of the operand of lower rank go. */
static alpa_status check_broadcast_dims(const alpa_op *op, alpa_dim_list dims, uint32_t low, uint32_t high) {
  if (dims.n == 0 && !alpa_op_find_attr(op, "broadcast_dimensions"))
    return ALPA_OK;
  ALPA_TRY(alpa_check_length(op, dims, low, "the operand of lower rank has dimensions"));
  return alpa_check_sorted_dims(op, dims, high);
}

static alpa_status broadcast(const alpa_op *op, uint32_t first, alpa_dim_list dims, alpa_shape *out_shape) {
  const alpa_type *lhs = alpa_op_operand_type(op, first), *rhs = alpa_op_operand_type(op, first + 1);
  const alpa_type *big = lhs->rank >= rhs->rank ? lhs : rhs, *small = big == lhs ? rhs : lhs;
  ALPA_TRY(check_broadcast_dims(op, dims, small->rank, big->rank));
  *out_shape = alpa_shape_of(big);
  for (uint32_t d = 0; d < small->rank; d++) {
    uint32_t to = dims.n ? (uint32_t)dims.items[d] : d + big->rank - small->rank;
    ALPA_TRY(join(op, small->dims[d], &out_shape->dims[to]));
  }
  return ALPA_OK;
}

static alpa_status broadcast_binary(const alpa_op *op, alpa_shape *out_shape) {
  ALPA_TRY(alpa_check_tensors(op));
  ALPA_TRY(alpa_check_same_element(op, alpa_op_operand_type(op, 0), "the first operand", alpa_op_operand_type(op, 1),
                                   "the second"));
  alpa_dim_list dims = {.name = "broadcast_dimensions"};
  dims.items = alpa_attr_i64s(alpa_op_find_attr(op, dims.name), &dims.n);
  return broadcast(op, 0, dims, out_shape);
}

alpa_status alpa_chlo_infer_broadcast(alpa_op *op, alpa_infer *out) {
  alpa_shape shape;
  ALPA_TRY(broadcast_binary(op, &shape));
  return alpa_infer_shape(op, out, alpa_op_operand_type(op, 0), &shape);
}

/* The broadcast operands with another element type. */
static alpa_status push_as(const alpa_op *op, alpa_infer *out, alpa_dtype dtype) {
  alpa_shape shape;
  ALPA_TRY(broadcast_binary(op, &shape));
  const alpa_type *type = alpa_type_with_dtype(alpa_op_context(op), alpa_op_operand_type(op, 0), dtype);
  return alpa_infer_shape(op, out, type, &shape);
}

alpa_status alpa_chlo_infer_broadcast_predicate(alpa_op *op, alpa_infer *out) { return push_as(op, out, ALPA_I1); }

alpa_status alpa_chlo_infer_broadcast_complex(alpa_op *op, alpa_infer *out) {
  const alpa_type *type = alpa_op_operand_type(op, 0);
  ALPA_TRY(alpa_check_class(op, type, ALPA_IN_FLOAT, "the real part", "f32 or f64"));
  return push_as(op, out, type->dtype == ALPA_F64 ? ALPA_C128 : ALPA_C64);
}

alpa_status alpa_chlo_infer_broadcast_select(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *predicate = alpa_op_operand_type(op, 0), *then = alpa_op_operand_type(op, 1);
  ALPA_TRY(alpa_check_class(op, predicate, ALPA_IN_BOOL, "the predicate", "i1"));
  ALPA_TRY(alpa_check_same_element(op, then, "the second operand", alpa_op_operand_type(op, 2), "the third"));
  alpa_shape shape;
  ALPA_TRY(broadcast(op, 1, (alpa_dim_list){.name = "broadcast_dimensions"}, &shape));
  if (predicate->rank > shape.rank)
    return alpa_op_error(op, "expects a predicate of no more dimensions than the other operands (%u), got '%s'",
                         shape.rank, alpa_spell(op, predicate));
  for (uint32_t d = 0; d < predicate->rank; d++)
    ALPA_TRY(join(op, predicate->dims[d], &shape.dims[d + shape.rank - predicate->rank]));
  return alpa_infer_shape(op, out, then, &shape);
}

alpa_status alpa_chlo_infer_constant_like(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_attr *value = op->attrs[chlo_constant_like_value];
  const alpa_type *type = alpa_op_operand_type(op, 0);
  if ((value->kind != ALPA_ATTR_INTEGER && value->kind != ALPA_ATTR_FLOAT) || value->type->kind != ALPA_TYPE_SCALAR)
    return alpa_op_error(op, "expects value to be a number");
  alpa_infer_push(out, alpa_type_with_dtype(alpa_op_context(op), type, value->type->dtype));
  return ALPA_OK;
}

alpa_status alpa_chlo_infer_top_k(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0);
  int64_t k = alpa_op_int(op, chlo_top_k_k, 0);
  if (type->rank < 1)
    return alpa_op_error(op, "expects an operand of at least one dimension, got '%s'", alpa_spell(op, type));
  int64_t size = type->dims[type->rank - 1];
  if (k < 0 || (alpa_dim_known(size) && k > size))
    return alpa_op_error(op, "expects k to be in [0, %" PRId64 "], the size of the last dimension, got %" PRId64,
                         alpa_dim_known(size) ? size : INT64_MAX, k);
  alpa_shape shape = alpa_shape_of(type);
  shape.dims[shape.rank - 1] = k;
  ALPA_TRY(alpa_infer_shape(op, out, type, &shape));
  return alpa_infer_shape(op, out, alpa_type_with_dtype(alpa_op_context(op), type, ALPA_I32), &shape);
}

/* ---- ragged_dot -------------------------------------------------------------------------------------------------- */

typedef struct ragged {
  const alpa_type *lhs, *rhs, *sizes;
  alpa_dim_list lhs_batch, rhs_batch, lhs_contract, rhs_contract, lhs_ragged, rhs_group;
} ragged;

static ragged get_ragged(const alpa_op *op) {
  const alpa_attr *numbers = op->attrs[chlo_ragged_dot_ragged_dot_dimension_numbers];
  return (ragged){
      .lhs = alpa_op_operand_type(op, 0),
      .rhs = alpa_op_operand_type(op, 1),
      .sizes = alpa_op_operand_type(op, 2),
      .lhs_batch = alpa_dim_list_field(numbers, CHLO_RAGGED_LHS_BATCHING),
      .rhs_batch = alpa_dim_list_field(numbers, CHLO_RAGGED_RHS_BATCHING),
      .lhs_contract = alpa_dim_list_field(numbers, CHLO_RAGGED_LHS_CONTRACTING),
      .rhs_contract = alpa_dim_list_field(numbers, CHLO_RAGGED_RHS_CONTRACTING),
      .lhs_ragged = alpa_dim_list_field(numbers, CHLO_RAGGED_LHS_RAGGED),
      .rhs_group = alpa_dim_list_field(numbers, CHLO_RAGGED_RHS_GROUP),
  };
}

static alpa_status check_ragged_dims(const alpa_op *op, const ragged *r) {
  ALPA_TRY(alpa_check_dims(op, r->lhs_batch, r->lhs->rank));
  ALPA_TRY(alpa_check_dims(op, r->rhs_batch, r->rhs->rank));
  ALPA_TRY(alpa_check_dims(op, r->lhs_contract, r->lhs->rank));
  ALPA_TRY(alpa_check_dims(op, r->rhs_contract, r->rhs->rank));
  ALPA_TRY(alpa_check_dims(op, r->lhs_ragged, r->lhs->rank));
  ALPA_TRY(alpa_check_dims(op, r->rhs_group, r->rhs->rank));
  ALPA_TRY(alpa_check_disjoint(op, r->lhs_batch, r->lhs_contract));
  ALPA_TRY(alpa_check_disjoint(op, r->rhs_batch, r->rhs_contract));
  ALPA_TRY(alpa_check_disjoint(op, r->rhs_group, r->rhs_batch));
  ALPA_TRY(alpa_check_disjoint(op, r->rhs_group, r->rhs_contract));
  ALPA_TRY(alpa_check_length(op, r->rhs_batch, r->lhs_batch.n, r->lhs_batch.name));
  ALPA_TRY(alpa_check_length(op, r->rhs_contract, r->lhs_contract.n, r->lhs_contract.name));
  if (r->lhs_ragged.n != 1)
    return alpa_op_error(op, "expects one dimension in lhs_ragged_dimensions, got %zu", r->lhs_ragged.n);
  bool grouped = !alpa_dim_list_has(r->lhs_contract, r->lhs_ragged.items[0]) &&
                 !alpa_dim_list_has(r->lhs_batch, r->lhs_ragged.items[0]);
  if (r->rhs_group.n != (grouped ? 1 : 0))
    return alpa_op_error(op, "expects %d elements in rhs_group_dimensions, as the ragged dimension is %s, got %zu",
                         grouped ? 1 : 0, grouped ? "neither batching nor contracting" : "batching or contracting",
                         r->rhs_group.n);
  return ALPA_OK;
}

static alpa_status check_same_sizes(const alpa_op *op, const ragged *r, alpa_dim_list lhs, alpa_dim_list rhs) {
  for (size_t i = 0; i < lhs.n; i++) {
    int64_t a = r->lhs->dims[lhs.items[i]], b = r->rhs->dims[rhs.items[i]];
    if (!alpa_dim_agrees(a, b))
      return alpa_op_error(op, "%s and %s must have the same sizes, got %" PRId64 " and %" PRId64, lhs.name, rhs.name,
                           a, b);
  }
  return ALPA_OK;
}

/* (groups where the result is grouped,) batch, free dimensions of lhs, free dimensions of rhs */
static alpa_shape ragged_result(const ragged *r) {
  alpa_shape shape = {0};
  if (alpa_dim_list_has(r->lhs_contract, r->lhs_ragged.items[0]))
    alpa_shape_push(&shape, r->sizes->dims[r->sizes->rank - 1]);
  for (size_t i = 0; i < r->lhs_batch.n; i++)
    alpa_shape_push(&shape, r->lhs->dims[r->lhs_batch.items[i]]);
  for (uint32_t d = 0; d < r->lhs->rank; d++)
    if (!alpa_dim_list_has(r->lhs_batch, d) && !alpa_dim_list_has(r->lhs_contract, d))
      alpa_shape_push(&shape, r->lhs->dims[d]);
  for (uint32_t d = 0; d < r->rhs->rank; d++)
    if (!alpa_dim_list_has(r->rhs_batch, d) && !alpa_dim_list_has(r->rhs_contract, d) &&
        !alpa_dim_list_has(r->rhs_group, d))
      alpa_shape_push(&shape, r->rhs->dims[d]);
  return shape;
}

alpa_status alpa_chlo_verify_ragged_dot(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  ragged r = get_ragged(op);
  ALPA_TRY(check_ragged_dims(op, &r));
  ALPA_TRY(check_same_sizes(op, &r, r.lhs_batch, r.rhs_batch));
  ALPA_TRY(check_same_sizes(op, &r, r.lhs_contract, r.rhs_contract));
  ALPA_TRY(alpa_check_class(op, r.sizes, ALPA_IN_INTEGER, "the group sizes", "integers"));
  if (r.sizes->rank < 1)
    return alpa_op_error(op, "expects group sizes of at least one dimension, got '%s'", alpa_spell(op, r.sizes));
  int64_t groups = r.sizes->dims[r.sizes->rank - 1];
  if (r.rhs_group.n && !alpa_dim_agrees(r.rhs->dims[r.rhs_group.items[0]], groups))
    return alpa_op_error(op, "expects as many matrices in rhs as there are group sizes (%" PRId64 "), got %" PRId64,
                         groups, r.rhs->dims[r.rhs_group.items[0]]);
  alpa_shape shape = ragged_result(&r);
  return alpa_check_result_shape(op, &shape);
}
