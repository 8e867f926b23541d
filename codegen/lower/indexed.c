/* Emitters of ops whose places are computed: dynamic_slice, dynamic_update_slice and gather. */
#include "codegen/lower/indexed.h"

#include <string.h>

#include "codegen/lower/emit.h"
#include "dialects/stablehlo/stablehlo.h"

alpa_component alpa_index_component(alpa_lower *lower, alpa_dtype dtype, alpa_element element) {
  uint32_t lanes = alpa_expr_lanes(element.re);
  LLVMTypeRef type = alpa_lower_vector_type(lower->type.i64, lanes);
  LLVMValueRef value = element.re;
  if (LLVMTypeOf(value) != type)
    value = alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_INT ? LLVMBuildSExt(lower->builder, value, type, "")
                                                                 : LLVMBuildZExt(lower->builder, value, type, "");
  return (alpa_component){value, 0, 1};
}

alpa_component alpa_index_clamp(alpa_lower *lower, alpa_component index, int64_t most) {
  if (most <= 0)
    return alpa_component_constant(lower, 0);
  uint32_t lanes = alpa_expr_lanes(index.base);
  LLVMTypeRef type = LLVMTypeOf(index.base);
  LLVMValueRef low[] = {index.base, LLVMConstNull(type)};
  LLVMValueRef raised = alpa_lower_intrinsic(lower, "llvm.smax", &type, 1, low, 2);
  LLVMValueRef high[] = {raised, alpa_lower_splat(lower, alpa_lower_i64(lower, most), lanes)};
  return (alpa_component){alpa_lower_intrinsic(lower, "llvm.smin", &type, 1, high, 2), 0, 1};
}

alpa_component alpa_index_start(alpa_lower *lower, const alpa_op *op, uint32_t operand, int64_t most,
                                const alpa_tuple *like) {
  if (most <= 0)
    return alpa_component_constant(lower, 0);
  const alpa_tuple *scalar = alpa_tuple_get(lower, alpa_tuple_make(lower, like, 0));
  alpa_element element = alpa_expr_eval(lower, alpa_op_operand(op, operand), scalar);
  return alpa_index_clamp(lower, alpa_index_component(lower, alpa_op_operand_type(op, operand)->dtype, element), most);
}

alpa_element alpa_emit_dynamic_slice(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  const alpa_type *from = alpa_op_operand_type(op, 0);
  alpa_tuple *in = alpa_tuple_make(lower, at, from->rank);
  for (uint32_t d = 0; d < from->rank; d++) {
    alpa_component start = alpa_index_start(lower, op, d + 1, from->dims[d] - value->type->dims[d], at);
    in->at[d] = alpa_component_add(lower, start, at->at[d], at->lanes);
  }
  return alpa_expr_eval(lower, alpa_op_operand(op, 0), alpa_tuple_get(lower, in));
}

alpa_element alpa_emit_dynamic_update_slice(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  const alpa_type *type = value->type, *update = alpa_op_operand_type(op, 1);
  alpa_tuple *in = alpa_tuple_make(lower, at, type->rank);
  LLVMValueRef inside = NULL;
  for (uint32_t d = 0; d < type->rank; d++) {
    alpa_component start = alpa_index_start(lower, op, d + 2, type->dims[d] - update->dims[d], at);
    in->at[d] = alpa_component_add(lower, at->at[d], alpa_component_scale(lower, start, -1), at->lanes);
    if (update->dims[d] == type->dims[d])
      continue;
    LLVMValueRef place = alpa_component_value(lower, in->at[d], at->lanes);
    LLVMValueRef bound = alpa_lower_splat(lower, alpa_lower_i64(lower, update->dims[d]), alpa_expr_lanes(place));
    LLVMValueRef here = LLVMBuildICmp(lower->builder, LLVMIntULT, place, bound, ""); /* negative: very large */
    alpa_tuple_restrict(lower, in, here);
    if (inside)
      alpa_expr_unify(lower, &inside, &here);
    inside = inside ? LLVMBuildAnd(lower->builder, inside, here, "") : here;
  }
  alpa_element element = alpa_expr_eval(lower, alpa_op_operand(op, 1), alpa_tuple_get(lower, in));
  if (!inside)
    return element;
  return alpa_expr_select(lower, inside, element, alpa_expr_eval(lower, alpa_op_operand(op, 0), at));
}

/* ---- gather ---- */

bool alpa_dims_contain(const alpa_attr *dims, int64_t dim) {
  size_t n;
  const int64_t *items = alpa_attr_i64s(dims, &n);
  for (size_t i = 0; i < n; i++)
    if (items[i] == dim)
      return true;
  return false;
}

alpa_component alpa_index_at(alpa_lower *lower, alpa_value *indices, int64_t vector_dim, int64_t k,
                             const alpa_tuple *batch) {
  alpa_tuple *in = alpa_tuple_make(lower, batch, indices->type->rank);
  uint32_t next = 0;
  for (uint32_t d = 0; d < indices->type->rank; d++)
    in->at[d] = (int64_t)d == vector_dim ? alpa_component_constant(lower, k) : batch->at[next++];
  alpa_element element = alpa_expr_eval(lower, indices, alpa_tuple_get(lower, in));
  return alpa_index_component(lower, indices->type->dtype, element);
}

static const alpa_attr *numbers(const alpa_op *op) { return alpa_op_attr(op, stablehlo_gather_dimension_numbers); }

/* The components of `at` that are batch dimensions of the result, in order. */
static alpa_tuple *batch_part(alpa_lower *lower, const alpa_op *op, const alpa_tuple *at) {
  alpa_tuple *batch = alpa_tuple_make(lower, at, at->rank);
  batch->rank = 0;
  for (uint32_t d = 0; d < at->rank; d++)
    if (!alpa_dims_contain(alpa_attr_field(numbers(op), STABLEHLO_GATHER_OFFSET_DIMS), d))
      batch->at[batch->rank++] = at->at[d];
  return batch;
}

/* Adds the offset inside the slice to every operand dimension that has one. */
static void add_offsets(alpa_lower *lower, const alpa_op *op, const alpa_tuple *at, alpa_tuple *in) {
  const alpa_attr *dims = numbers(op);
  size_t n, next = 0;
  const int64_t *offset_dims = alpa_attr_i64s(alpa_attr_field(dims, STABLEHLO_GATHER_OFFSET_DIMS), &n);
  for (uint32_t d = 0; d < in->rank; d++)
    if (!alpa_dims_contain(alpa_attr_field(dims, STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS), d) &&
        !alpa_dims_contain(alpa_attr_field(dims, STABLEHLO_GATHER_OPERAND_BATCHING_DIMS), d))
      in->at[d] = alpa_component_add(lower, in->at[d], at->at[offset_dims[next++]], at->lanes);
}

/* Operand batching dimensions follow the batch of the indices. */
static void add_batching(const alpa_op *op, const alpa_tuple *batch, int64_t vector_dim, alpa_tuple *in) {
  size_t n;
  const int64_t *to = alpa_attr_i64s(alpa_attr_field(numbers(op), STABLEHLO_GATHER_OPERAND_BATCHING_DIMS), &n);
  const int64_t *from = alpa_attr_i64s(alpa_attr_field(numbers(op), STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS), &n);
  for (size_t i = 0; i < n; i++)
    in->at[to[i]] = batch->at[from[i] < vector_dim ? from[i] : from[i] - 1];
}

alpa_element alpa_emit_gather(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  alpa_value *operand = alpa_op_operand(op, 0), *indices = alpa_op_operand(op, 1);
  const alpa_attr *vector_attr = alpa_attr_field(numbers(op), STABLEHLO_GATHER_INDEX_VECTOR_DIM);
  int64_t vector_dim = vector_attr ? vector_attr->integer : 0;
  size_t n_map, n_sizes;
  const int64_t *map = alpa_attr_i64s(alpa_attr_field(numbers(op), STABLEHLO_GATHER_START_INDEX_MAP), &n_map);
  const int64_t *sizes = alpa_op_i64s(op, stablehlo_gather_slice_sizes, &n_sizes);
  alpa_tuple *batch = batch_part(lower, op, at);
  alpa_tuple *in = alpa_tuple_make(lower, at, operand->type->rank);
  for (size_t k = 0; k < n_map; k++) {
    int64_t most = operand->type->dims[map[k]] - sizes[map[k]];
    if (most > 0)
      in->at[map[k]] = alpa_index_clamp(lower, alpa_index_at(lower, indices, vector_dim, (int64_t)k, batch), most);
  }
  add_batching(op, batch, vector_dim, in);
  add_offsets(lower, op, at, in);
  return alpa_expr_eval(lower, operand, alpa_tuple_get(lower, in));
}
