/* Building StableHLO ops of the per-device program, and the device's coordinates. */
#include <math.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "passes/partition/partition.h"
#include "support/number.h"

alpa_value *alpa_emit(alpa_partitioner *p, stablehlo_op_id id, const alpa_type *type, alpa_values operands,
                      const alpa_attr *const *attrs) {
  return alpa_build_typed(&p->builder, &alpa_stablehlo_ops[id], type, operands.items, operands.n, attrs);
}

/* ---- constants ---- */

alpa_value *alpa_emit_constant(alpa_partitioner *p, const alpa_type *type, const void *data, bool splat) {
  const alpa_attr *attrs[stablehlo_constant_attr_count] = {0};
  attrs[stablehlo_constant_value] = alpa_attr_get_elements(p->ctx, type, data, splat);
  return alpa_emit(p, STABLEHLO_constant, type, (alpa_values){0}, attrs);
}

alpa_value *alpa_emit_integer(alpa_partitioner *p, const alpa_type *type, int64_t value) {
  uint64_t data[2] = {0};
  alpa_integer_store(type->dtype, data, value);
  return alpa_emit_constant(p, type, data, true);
}

static int64_t integer_limit(alpa_dtype dtype, bool is_max) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  uint32_t bits = info->bits < 64 ? info->bits : 64;
  if (info->class_ != ALPA_CLASS_INT)
    return is_max ? (bits == 64 ? -1 : (int64_t)((1ull << bits) - 1)) : 0;
  int64_t max = (int64_t)((1ull << (bits - 1)) - 1);
  return is_max ? max : -max - 1;
}

/* The neutral element: 0 of a sum, the least value of a maximum, the greatest of a minimum. */
static void neutral_bytes(alpa_dtype dtype, alpa_partial_kind kind, uint64_t data[2]) {
  data[0] = data[1] = 0;
  if (kind == ALPA_PARTIAL_SUM)
    return;
  bool is_max = kind == ALPA_PARTIAL_MIN;
  if (alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT)
    alpa_element_store(dtype, data, alpa_float_extreme(dtype, !is_max));
  else
    alpa_integer_store(dtype, data, integer_limit(dtype, is_max));
}

alpa_value *alpa_emit_neutral(alpa_partitioner *p, const alpa_type *type, alpa_partial_kind kind) {
  uint64_t data[2];
  neutral_bytes(type->dtype, kind, data);
  return alpa_emit_constant(p, type, data, true);
}

bool alpa_value_is_neutral(const alpa_value *value, alpa_partial_kind kind) {
  while (value->op &&
         (stablehlo_is(value->op, STABLEHLO_broadcast_in_dim) || stablehlo_is(value->op, STABLEHLO_reshape)))
    value = alpa_op_operand(value->op, 0);
  const alpa_attr *constant = alpa_value_find_constant(value);
  if (constant == NULL || constant->kind != ALPA_ATTR_ELEMENTS || !constant->elements.splat)
    return false;
  uint64_t data[2];
  neutral_bytes(value->type->dtype, kind, data);
  return memcmp(constant->elements.data, data, alpa_dtype_get_info(value->type->dtype)->bytes) == 0;
}

/* ---- elementwise and shape ---- */

alpa_value *alpa_emit_broadcast_dims(alpa_partitioner *p, alpa_value *value, const alpa_type *type,
                                     const int64_t *dims) {
  const alpa_attr *attrs[stablehlo_broadcast_in_dim_attr_count] = {0};
  attrs[stablehlo_broadcast_in_dim_broadcast_dimensions] = alpa_attr_get_i64s(p->ctx, dims, value->type->rank);
  return alpa_emit(p, STABLEHLO_broadcast_in_dim, type, ALPA_VALUES(value), attrs);
}

alpa_value *alpa_emit_broadcast(alpa_partitioner *p, alpa_value *scalar, const alpa_type *type) {
  return type->rank == 0 ? scalar : alpa_emit_broadcast_dims(p, scalar, type, (const int64_t[]){0});
}

alpa_value *alpa_emit_convert(alpa_partitioner *p, alpa_value *value, alpa_dtype dtype) {
  if (value->type->dtype == dtype)
    return value;
  const alpa_type *type = alpa_type_with_dtype(p->ctx, value->type, dtype);
  return alpa_emit(p, STABLEHLO_convert, type, ALPA_VALUES(value), NULL);
}

alpa_value *alpa_emit_compare(alpa_partitioner *p, int direction, alpa_value *a, alpa_value *b) {
  const alpa_attr *attrs[stablehlo_compare_attr_count] = {0};
  attrs[stablehlo_compare_comparison_direction] =
      alpa_attr_get_enum(p->ctx, &alpa_stablehlo_attr_comparison_direction, direction);
  return alpa_emit(p, STABLEHLO_compare, alpa_type_with_dtype(p->ctx, a->type, ALPA_I1), ALPA_VALUES(a, b), attrs);
}

alpa_value *alpa_emit_iota(alpa_partitioner *p, const alpa_type *type, int64_t dim) {
  const alpa_attr *attrs[stablehlo_iota_attr_count] = {0};
  attrs[stablehlo_iota_iota_dimension] = alpa_attr_get_i64(p->ctx, dim);
  return alpa_emit(p, STABLEHLO_iota, type, (alpa_values){0}, attrs);
}

static int64_t *fill_numbers(alpa_partitioner *p, uint32_t n, int64_t value) {
  int64_t *numbers = alpa_arena_new(p->arena, int64_t, n);
  for (uint32_t i = 0; i < n; i++)
    numbers[i] = value;
  return numbers;
}

alpa_value *alpa_emit_crop(alpa_partitioner *p, alpa_value *value, const int64_t *sizes) {
  const alpa_type *type = alpa_type_with_dims(p->ctx, value->type, value->type->rank, sizes);
  if (type == value->type)
    return value;
  const alpa_attr *attrs[stablehlo_slice_attr_count] = {0};
  attrs[stablehlo_slice_start_indices] = alpa_attr_get_i64s(p->ctx, fill_numbers(p, type->rank, 0), type->rank);
  attrs[stablehlo_slice_limit_indices] = alpa_attr_get_i64s(p->ctx, sizes, type->rank);
  attrs[stablehlo_slice_strides] = alpa_attr_get_i64s(p->ctx, fill_numbers(p, type->rank, 1), type->rank);
  return alpa_emit(p, STABLEHLO_slice, type, ALPA_VALUES(value), attrs);
}

alpa_value *alpa_emit_window(alpa_partitioner *p, alpa_value *value, alpa_value *const *starts, const int64_t *sizes) {
  uint32_t rank = value->type->rank;
  const alpa_type *type = alpa_type_with_dims(p->ctx, value->type, rank, sizes);
  alpa_value **operands = alpa_arena_new(p->arena, alpa_value *, rank + 1);
  alpa_value *zero = NULL;
  operands[0] = value;
  for (uint32_t d = 0; d < rank; d++) {
    if (starts[d] == NULL && zero == NULL)
      zero = alpa_emit_integer(p, alpa_type_get_tensor(p->ctx, ALPA_I32, 0, NULL), 0);
    operands[d + 1] = starts[d] ? starts[d] : zero;
  }
  const alpa_attr *attrs[stablehlo_dynamic_slice_attr_count] = {0};
  attrs[stablehlo_dynamic_slice_slice_sizes] = alpa_attr_get_i64s(p->ctx, sizes, rank);
  return alpa_emit(p, STABLEHLO_dynamic_slice, type, (alpa_values){operands, rank + 1}, attrs);
}

alpa_value *alpa_emit_update(alpa_partitioner *p, alpa_value *value, alpa_value *part, uint32_t dim,
                             alpa_value *start) {
  uint32_t rank = value->type->rank;
  alpa_value **operands = alpa_arena_new(p->arena, alpa_value *, rank + 2);
  alpa_value *zero = rank > 1 ? alpa_emit_integer(p, start->type, 0) : start;
  operands[0] = value;
  operands[1] = part;
  for (uint32_t d = 0; d < rank; d++)
    operands[d + 2] = d == dim ? start : zero;
  return alpa_emit(p, STABLEHLO_dynamic_update_slice, value->type, (alpa_values){operands, rank + 2}, NULL);
}

alpa_value *alpa_emit_pad(alpa_partitioner *p, alpa_value *value, const int64_t *sizes) {
  const alpa_type *type = alpa_type_with_dims(p->ctx, value->type, value->type->rank, sizes);
  if (type == value->type)
    return value;
  int64_t *zeros = fill_numbers(p, type->rank, 0), *high = fill_numbers(p, type->rank, 0);
  for (uint32_t d = 0; d < type->rank; d++)
    high[d] = sizes[d] - value->type->dims[d];
  const alpa_attr *attrs[stablehlo_pad_attr_count] = {0};
  attrs[stablehlo_pad_edge_padding_low] = alpa_attr_get_i64s(p->ctx, zeros, type->rank);
  attrs[stablehlo_pad_edge_padding_high] = alpa_attr_get_i64s(p->ctx, high, type->rank);
  attrs[stablehlo_pad_interior_padding] = alpa_attr_get_i64s(p->ctx, zeros, type->rank);
  const alpa_type *scalar = alpa_type_with_dims(p->ctx, type, 0, NULL);
  alpa_value *zero = alpa_emit_neutral(p, scalar, ALPA_PARTIAL_SUM);
  return alpa_emit(p, STABLEHLO_pad, type, ALPA_VALUES(value, zero), attrs);
}

/* ---- coordinates ---- */

static alpa_coordinate *find_coordinate(alpa_partitioner *p, const uint32_t *axes, uint32_t n_axes, int64_t scale) {
  for (size_t i = 0; i < p->coordinates.n; i++) {
    alpa_coordinate *known = &p->coordinates.items[i];
    if (known->n_axes == n_axes && known->scale == scale && memcmp(known->axes, axes, n_axes * sizeof *axes) == 0)
      return known;
  }
  return NULL;
}

/* The number of each device (by partition id) along the axes, times scale, as a table. */
static const alpa_attr *coordinate_table(alpa_partitioner *p, const uint32_t *axes, uint32_t n_axes, int64_t scale) {
  int64_t n = p->mesh->n_devices;
  int32_t *numbers = alpa_arena_new(p->arena, int32_t, n);
  for (int64_t position = 0; position < n; position++) {
    int64_t number = 0;
    for (uint32_t i = 0; i < n_axes; i++) {
      alpa_axis_ref ref = {.axis = axes[i], .pre = 1};
      number = number * p->mesh->axes[axes[i]].size + alpa_axis_ref_coordinate(p->mesh, ref, position);
    }
    numbers[p->mesh->device_ids ? p->mesh->device_ids[position] : position] = (int32_t)(number * scale);
  }
  const alpa_type *type = alpa_type_get_tensor(p->ctx, ALPA_I32, 1, &n);
  return alpa_attr_get_elements(p->ctx, type, numbers, false);
}

/* At the front of the body: the iteration times scale. */
static alpa_value *emit_position(alpa_partitioner *p, int64_t scale) {
  p->builder.before = p->entry->first;
  if (scale == 1)
    return p->position;
  const alpa_type *type = p->position->type;
  return alpa_emit(p, STABLEHLO_multiply, type, ALPA_VALUES(p->position, alpa_emit_integer(p, type, scale)), NULL);
}

/* At the front of the function: an element of a table. */
static alpa_value *emit_place(alpa_partitioner *p, const uint32_t *axes, uint32_t n_axes, int64_t scale) {
  p->builder.before = p->partition_id ? p->partition_id->op->next : p->entry->first;
  if (p->partition_id == NULL) {
    const alpa_type *type = alpa_type_get_tensor(p->ctx, ALPA_UI32, 0, NULL);
    p->partition_id = alpa_emit(p, STABLEHLO_partition_id, type, (alpa_values){0}, NULL);
  }
  const alpa_attr *value[stablehlo_constant_attr_count] = {0};
  value[stablehlo_constant_value] = coordinate_table(p, axes, n_axes, scale);
  alpa_value *table = alpa_emit(p, STABLEHLO_constant, value[stablehlo_constant_value]->type, (alpa_values){0}, value);
  int64_t one = 1;
  alpa_value *element = alpa_emit_window(p, table, &p->partition_id, &one);
  const alpa_type *scalar = alpa_type_get_tensor(p->ctx, ALPA_I32, 0, NULL);
  return alpa_emit(p, STABLEHLO_reshape, scalar, ALPA_VALUES(element), NULL);
}

alpa_value *alpa_emit_coordinate(alpa_partitioner *p, const uint32_t *axes, uint32_t n_axes, int64_t scale) {
  alpa_coordinate *known = find_coordinate(p, axes, n_axes, scale);
  if (known)
    return known->value;
  alpa_builder saved = p->builder;
  alpa_coordinate coordinate = {.n_axes = n_axes, .scale = scale};
  memcpy(coordinate.axes, axes, n_axes * sizeof *axes);
  p->builder.block = p->entry;
  coordinate.value = p->position ? emit_position(p, scale) : emit_place(p, axes, n_axes, scale);
  p->builder = saved;
  alpa_vec_push(p->arena, &p->coordinates, coordinate);
  return coordinate.value;
}
