/* Builders of single ops. */
#include "passes/decompose/parts.h"

#include "dialects/ir/context.h"
#include "support/number.h"

alpa_value *alpa_part_build(alpa_parts *p, stablehlo_op_id id, const alpa_type *type, alpa_value *const *operands,
                            size_t n, const alpa_attr *const *attrs) {
  return alpa_build_typed(&p->builder, &alpa_stablehlo_ops[id], type, operands, n, attrs);
}

alpa_value *alpa_part_unary(alpa_parts *p, stablehlo_op_id id, alpa_value *x) {
  return alpa_part_build(p, id, NULL, &x, 1, NULL);
}

alpa_value *alpa_part_binary(alpa_parts *p, stablehlo_op_id id, alpa_value *x, alpa_value *y) {
  return alpa_part_build(p, id, NULL, (alpa_value *const[]){x, y}, 2, NULL);
}

alpa_value *alpa_part_compare(alpa_parts *p, int direction, alpa_value *x, alpa_value *y) {
  const alpa_attr *attrs[stablehlo_compare_attr_count] = {0};
  attrs[stablehlo_compare_comparison_direction] =
      alpa_attr_get_enum(p->ctx, &alpa_stablehlo_attr_comparison_direction, direction);
  return alpa_part_build(p, STABLEHLO_compare, NULL, (alpa_value *const[]){x, y}, 2, attrs);
}

alpa_value *alpa_part_select(alpa_parts *p, alpa_value *condition, alpa_value *x, alpa_value *y) {
  return alpa_part_build(p, STABLEHLO_select, NULL, (alpa_value *const[]){condition, x, y}, 3, NULL);
}

alpa_value *alpa_part_number(alpa_parts *p, const alpa_type *type, double number) {
  uint64_t element[2] = {0};
  alpa_dtype_class class = alpa_type_class(type);
  bool is_complex = class == ALPA_CLASS_COMPLEX;
  alpa_dtype dtype = is_complex ? alpa_complex_part(type->dtype) : type->dtype;
  if (is_complex || class == ALPA_CLASS_FLOAT)
    alpa_element_store(dtype, element, alpa_float_encode(dtype, number));
  else
    alpa_integer_store(dtype, element, (int64_t)number);
  const alpa_attr *attrs[stablehlo_constant_attr_count] = {0};
  attrs[stablehlo_constant_value] = alpa_attr_get_elements(p->ctx, type, element, true);
  return alpa_part_build(p, STABLEHLO_constant, type, NULL, 0, attrs);
}

alpa_value *alpa_part_convert(alpa_parts *p, alpa_value *x, alpa_dtype dtype) {
  if (x->type->dtype == dtype)
    return x;
  return alpa_part_build(p, STABLEHLO_convert, alpa_type_with_dtype(p->ctx, x->type, dtype), &x, 1, NULL);
}

alpa_value *alpa_part_broadcast(alpa_parts *p, alpa_value *x, const alpa_type *type, const int64_t *dims) {
  const alpa_attr *attrs[stablehlo_broadcast_in_dim_attr_count] = {0};
  attrs[stablehlo_broadcast_in_dim_broadcast_dimensions] = alpa_attr_get_i64s(p->ctx, dims, x->type->rank);
  const alpa_type *wide = alpa_type_with_dtype(p->ctx, type, x->type->dtype);
  return alpa_part_build(p, STABLEHLO_broadcast_in_dim, wide, &x, 1, attrs);
}

alpa_value *alpa_part_iota(alpa_parts *p, const alpa_type *type, int64_t dim) {
  const alpa_attr *attrs[stablehlo_iota_attr_count] = {0};
  attrs[stablehlo_iota_iota_dimension] = alpa_attr_get_i64(p->ctx, dim);
  return alpa_part_build(p, STABLEHLO_iota, type, NULL, 0, attrs);
}

alpa_value *alpa_part_transpose(alpa_parts *p, alpa_value *x, const int64_t *dims) {
  bool moves = false;
  for (uint32_t d = 0; d < x->type->rank; d++)
    moves |= dims[d] != (int64_t)d;
  if (!moves)
    return x;
  const alpa_attr *attrs[stablehlo_transpose_attr_count] = {0};
  attrs[stablehlo_transpose_permutation] = alpa_attr_get_i64s(p->ctx, dims, x->type->rank);
  return alpa_part_build(p, STABLEHLO_transpose, NULL, &x, 1, attrs);
}

static bool contains(const int64_t *dims, size_t n, int64_t dim) {
  for (size_t i = 0; i < n; i++)
    if (dims[i] == dim)
      return true;
  return false;
}

static void build_addition(alpa_parts *p, alpa_region *region, alpa_dtype dtype) {
  alpa_builder outside = p->builder;
  alpa_module *module = outside.module;
  const alpa_type *scalar = alpa_type_get_tensor(p->ctx, dtype, 0, NULL);
  alpa_block *block = alpa_block_create(module);
  alpa_block_append(region, block);
  p->builder = alpa_builder_at_end(module, block, outside.loc);
  alpa_value *x = alpa_block_add_arg(block, module, scalar, outside.loc);
  alpa_value *y = alpa_block_add_arg(block, module, scalar, outside.loc);
  alpa_value *sum = alpa_part_binary(p, STABLEHLO_add, x, y);
  alpa_build(&p->builder,
             &(alpa_op_state){.def = &alpa_stablehlo_ops[STABLEHLO_return], .operands = &sum, .n_operands = 1});
  p->builder = outside;
}

alpa_value *alpa_part_sum(alpa_parts *p, alpa_value *x, const int64_t *dims, size_t n) {
  if (n == 0)
    return x;
  int64_t *kept = alpa_arena_new(p->arena, int64_t, x->type->rank);
  uint32_t rank = 0;
  for (uint32_t d = 0; d < x->type->rank; d++)
    if (!contains(dims, n, d))
      kept[rank++] = x->type->dims[d];
  const alpa_type *type = alpa_type_with_dims(p->ctx, x->type, rank, kept);
  alpa_value *zero = alpa_part_number(p, alpa_type_get_tensor(p->ctx, x->type->dtype, 0, NULL), 0);
  const alpa_attr *attrs[stablehlo_reduce_attr_count] = {0};
  attrs[stablehlo_reduce_dimensions] = alpa_attr_get_i64s(p->ctx, dims, n);
  const alpa_op_state state = {.def = &alpa_stablehlo_ops[STABLEHLO_reduce],
                               .operands = (alpa_value *const[]){x, zero},
                               .n_operands = 2,
                               .results = &type,
                               .n_results = 1,
                               .attrs = attrs,
                               .n_regions = 1};
  alpa_op *op = alpa_build(&p->builder, &state);
  build_addition(p, &op->regions[0], x->type->dtype);
  return alpa_op_result(op, 0);
}

static uint32_t push_free(int64_t *sizes, uint32_t rank, const alpa_type *type, const alpa_product_dims *dims,
                          int side) {
  for (uint32_t d = 0; d < type->rank; d++)
    if (!contains(dims->batching[side], dims->n_batching, d) &&
        !contains(dims->contracting[side], dims->n_contracting, d))
      sizes[rank++] = type->dims[d];
  return rank;
}

const alpa_attr *alpa_part_dims(alpa_parts *p, const int64_t *dims, size_t n) {
  return n ? alpa_attr_get_i64s(p->ctx, dims, n) : NULL;
}

alpa_value *alpa_part_product(alpa_parts *p, alpa_value *x, alpa_value *y, const alpa_product_dims *dims,
                              alpa_dtype dtype, const alpa_attr *precision) {
  int64_t *sizes = alpa_arena_new(p->arena, int64_t, x->type->rank + y->type->rank);
  uint32_t rank = 0;
  for (size_t i = 0; i < dims->n_batching; i++)
    sizes[rank++] = x->type->dims[dims->batching[0][i]];
  rank = push_free(sizes, rank, x->type, dims, 0);
  rank = push_free(sizes, rank, y->type, dims, 1);
  const alpa_attr *numbers[4], *attrs[stablehlo_dot_general_attr_count] = {0};
  numbers[STABLEHLO_DOT_LHS_BATCHING] = alpa_part_dims(p, dims->batching[0], dims->n_batching);
  numbers[STABLEHLO_DOT_RHS_BATCHING] = alpa_part_dims(p, dims->batching[1], dims->n_batching);
  numbers[STABLEHLO_DOT_LHS_CONTRACTING] = alpa_part_dims(p, dims->contracting[0], dims->n_contracting);
  numbers[STABLEHLO_DOT_RHS_CONTRACTING] = alpa_part_dims(p, dims->contracting[1], dims->n_contracting);
  attrs[stablehlo_dot_general_dot_dimension_numbers] = alpa_attr_get_struct(p->ctx, &alpa_stablehlo_attr_dot, numbers);
  attrs[stablehlo_dot_general_precision_config] = precision;
  return alpa_part_build(p, STABLEHLO_dot_general, alpa_type_get_tensor(p->ctx, dtype, rank, sizes),
                         (alpa_value *const[]){x, y}, 2, attrs);
}
