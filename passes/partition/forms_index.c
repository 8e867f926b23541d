/* Per-device forms of gather and scatter.  Along an indexed dimension that is sharded, indices are made local: a gather
 * reads a clamped place and masks it where the element is on another device, so that the sum over the axis is the
 * result; a scatter lets StableHLO drop the updates that fall outside of the shard. */
#include "dialects/ir/context.h"
#include "passes/partition/partition.h"

/* The columns of an index tensor: column k is the start along operand dimension dims[k]. */
typedef struct index_columns {
  const int64_t *dims;
  size_t n;
  int64_t vector_dim; /* of the index tensor; its rank where it is implied */
} index_columns;

static index_columns read_columns(const alpa_attr *numbers) {
  index_columns columns = {0};
  columns.dims = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_START_INDEX_MAP), &columns.n);
  const alpa_attr *vector = alpa_attr_field(numbers, STABLEHLO_GATHER_INDEX_VECTOR_DIM);
  columns.vector_dim = vector ? vector->integer : 0;
  return columns;
}

/* Whether dimension d of operand 0 is split by an indexed factor. */
static bool is_split(const alpa_partitioner *p, const alpa_local_op *local, int64_t d) {
  for (uint32_t a = 0; a < p->mesh->n_axes; a++) {
    int choice = local->strategy.choice[a];
    if (choice >= 0 && (local->rule->factors[choice].care & ALPA_CARE_INDEX) &&
        local->rule->factors[choice].operand_dims[0] == d)
      return true;
  }
  return false;
}

static bool has_split(const alpa_partitioner *p, const alpa_local_op *local, const index_columns *columns) {
  for (size_t k = 0; k < columns->n; k++)
    if (is_split(p, local, columns->dims[k]))
      return true;
  return false;
}

/* One number per column, spread over the index tensor. */
static alpa_value *spread_columns(alpa_partitioner *p, const index_columns *columns, alpa_value *const *scalars,
                                  const alpa_type *type) {
  if (columns->vector_dim == type->rank)
    return alpa_emit_broadcast(p, scalars[0], type);
  int64_t one = 1, n = (int64_t)columns->n;
  alpa_value **parts = alpa_arena_new(p->arena, alpa_value *, columns->n);
  const alpa_type *part = alpa_type_with_dims(p->ctx, type, 1, &one), *all = alpa_type_with_dims(p->ctx, type, 1, &n);
  for (size_t k = 0; k < columns->n; k++)
    parts[k] = alpa_emit(p, STABLEHLO_reshape, part, ALPA_VALUES(scalars[k]), NULL);
  const alpa_attr *attrs[stablehlo_concatenate_attr_count] = {0};
  attrs[stablehlo_concatenate_dimension] = alpa_attr_get_i64(p->ctx, 0);
  alpa_value *joined =
      columns->n == 1 ? parts[0] : alpa_emit(p, STABLEHLO_concatenate, all, (alpa_values){parts, columns->n}, attrs);
  return alpa_emit_broadcast_dims(p, joined, type, &columns->vector_dim);
}

/* What a column is compared with and moved by. */
typedef enum column_bound {
  COLUMN_OFFSET, /* of the shard */
  COLUMN_LAST,   /* index of the whole dimension */
  COLUMN_LOCAL_LAST
} column_bound;

/* A column that is not split is left alone: offset 0, and no bound (the neutral element of a minimum). */
static alpa_value *column_number(alpa_partitioner *p, const alpa_local_op *local, int64_t dim, column_bound bound,
                                 const alpa_type *scalar) {
  bool split = is_split(p, local, dim);
  if (bound == COLUMN_OFFSET && split) {
    uint32_t axes[ALPA_MAX_AXES];
    uint32_t n = alpa_state_axes(p->mesh, &local->operand_states[0], (int)dim, axes);
    alpa_value *offset = alpa_emit_coordinate(p, axes, n, local->operands[0]->type->dims[dim]);
    return alpa_emit_convert(p, offset, scalar->dtype);
  }
  if (bound == COLUMN_OFFSET)
    return alpa_emit_integer(p, scalar, 0);
  if (!split)
    return alpa_emit_neutral(p, scalar, ALPA_PARTIAL_MIN);
  const alpa_type *type = bound == COLUMN_LAST ? alpa_op_operand_type(local->op, 0) : local->operands[0]->type;
  return alpa_emit_integer(p, scalar, type->dims[dim] - 1);
}

static alpa_value *column_numbers(alpa_partitioner *p, const alpa_local_op *local, const index_columns *columns,
                                  column_bound bound, const alpa_type *type) {
  alpa_value **scalars = alpa_arena_new(p->arena, alpa_value *, columns->n);
  for (size_t k = 0; k < columns->n; k++)
    scalars[k] = column_number(p, local, columns->dims[k], bound, alpa_type_with_dims(p->ctx, type, 0, NULL));
  return spread_columns(p, columns, scalars, type);
}

/* Indices in a type that holds every size. */
static alpa_value *widen_indices(alpa_partitioner *p, alpa_value *indices) {
  bool is_narrow = alpa_dtype_get_info(indices->type->dtype)->bits < 32;
  return is_narrow ? alpa_emit_convert(p, indices, ALPA_I32) : indices;
}

/* Indices held inside of the whole dimension where it is split. */
static alpa_value *clamp_indices(alpa_partitioner *p, const alpa_local_op *local, const index_columns *columns,
                                 alpa_value *indices) {
  const alpa_type *type = indices->type;
  alpa_value *last = column_numbers(p, local, columns, COLUMN_LAST, type);
  alpa_value *low = alpa_emit(p, STABLEHLO_maximum, type, ALPA_VALUES(indices, alpa_emit_integer(p, type, 0)), NULL);
  return alpa_emit(p, STABLEHLO_minimum, type, ALPA_VALUES(low, last), NULL);
}

static alpa_value *emit_and(alpa_partitioner *p, alpa_value *a, alpa_value *b) {
  return alpa_emit(p, STABLEHLO_and, a->type, ALPA_VALUES(a, b), NULL);
}

/* All columns of one index hold: a product over the vector dimension, unrolled since there are few columns. */
static alpa_value *reduce_columns(alpa_partitioner *p, const index_columns *columns, alpa_value *flags) {
  const alpa_type *type = flags->type;
  if (columns->vector_dim == type->rank)
    return flags;
  int64_t *start = alpa_arena_new(p->arena, int64_t, type->rank),
          *stride = alpa_arena_new(p->arena, int64_t, type->rank);
  int64_t *limit = alpa_arena_copy(p->arena, type->dims, type->rank * sizeof *limit);
  int64_t *kept = alpa_arena_new(p->arena, int64_t, type->rank);
  uint32_t n_kept = 0;
  for (uint32_t d = 0; d < type->rank; d++) {
    stride[d] = 1;
    if (d != columns->vector_dim)
      kept[n_kept++] = type->dims[d];
  }
  alpa_value *all = NULL;
  for (int64_t k = 0; k < (int64_t)columns->n; k++) {
    start[columns->vector_dim] = k;
    limit[columns->vector_dim] = k + 1;
    const alpa_attr *attrs[stablehlo_slice_attr_count] = {0};
    attrs[stablehlo_slice_start_indices] = alpa_attr_get_i64s(p->ctx, start, type->rank);
    attrs[stablehlo_slice_limit_indices] = alpa_attr_get_i64s(p->ctx, limit, type->rank);
    attrs[stablehlo_slice_strides] = alpa_attr_get_i64s(p->ctx, stride, type->rank);
    int64_t *one = alpa_arena_copy(p->arena, type->dims, type->rank * sizeof *one);
    one[columns->vector_dim] = 1;
    alpa_value *column =
        alpa_emit(p, STABLEHLO_slice, alpa_type_with_dims(p->ctx, type, type->rank, one), ALPA_VALUES(flags), attrs);
    column =
        alpa_emit(p, STABLEHLO_reshape, alpa_type_with_dims(p->ctx, type, n_kept, kept), ALPA_VALUES(column), NULL);
    all = all ? emit_and(p, all, column) : column;
  }
  return all;
}

/* Spreads one flag per index over the gather's result: batch dimensions are those that are no offsets. */
static alpa_value *spread_flags(alpa_partitioner *p, const alpa_attr *numbers, alpa_value *flags,
                                const alpa_type *result) {
  size_t n_offset, n = 0;
  const int64_t *offset = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_OFFSET_DIMS), &n_offset);
  int64_t *dims = alpa_arena_new(p->arena, int64_t, result->rank + 1);
  for (uint32_t d = 0; d < result->rank; d++) {
    bool is_offset = false;
    for (size_t i = 0; i < n_offset; i++)
      is_offset = is_offset || offset[i] == d;
    if (!is_offset)
      dims[n++] = d;
  }
  return alpa_emit_broadcast_dims(p, flags, alpa_type_with_dtype(p->ctx, result, ALPA_I1), dims);
}

static void gather_split(alpa_partitioner *p, alpa_local_op *local, const index_columns *columns) {
  const alpa_attr *numbers = local->attrs[stablehlo_gather_dimension_numbers];
  alpa_value *indices = widen_indices(p, local->operands[1]);
  const alpa_type *type = indices->type;
  indices = clamp_indices(p, local, columns, indices);
  indices = alpa_emit(p, STABLEHLO_subtract, type,
                      ALPA_VALUES(indices, column_numbers(p, local, columns, COLUMN_OFFSET, type)), NULL);
  alpa_value *last = column_numbers(p, local, columns, COLUMN_LOCAL_LAST, type);
  alpa_value *inside = emit_and(p, alpa_emit_compare(p, STABLEHLO_GE, indices, alpa_emit_integer(p, type, 0)),
                                alpa_emit_compare(p, STABLEHLO_LE, indices, last));
  local->operands[1] = indices;
  alpa_local_build(p, local);
  const alpa_type *result = local->result_types[0];
  alpa_value *flags = spread_flags(p, numbers, reduce_columns(p, columns, inside), result);
  alpa_partial_kind kind = alpa_type_class(result) == ALPA_CLASS_BOOL ? ALPA_PARTIAL_MAX : ALPA_PARTIAL_SUM;
  alpa_value *neutral = alpa_emit_neutral(p, result, kind);
  local->results[0] = alpa_emit(p, STABLEHLO_select, result, ALPA_VALUES(flags, local->results[0], neutral), NULL);
}

alpa_status alpa_form_gather(alpa_partitioner *p, alpa_local_op *local) {
  index_columns columns = read_columns(local->attrs[stablehlo_gather_dimension_numbers]);
  const alpa_type *whole = alpa_op_operand_type(local->op, 0), *shard = local->operands[0]->type;
  size_t n;
  const int64_t *sizes = alpa_op_i64s(local->op, stablehlo_gather_slice_sizes, &n);
  int64_t *shrunk = alpa_arena_copy(p->arena, sizes, n * sizeof *sizes);
  for (size_t d = 0; d < n; d++)
    if (sizes[d] == whole->dims[d])
      shrunk[d] = shard->dims[d];
  local->attrs[stablehlo_gather_slice_sizes] = alpa_attr_get_i64s(p->ctx, shrunk, n);
  if (has_split(p, local, &columns))
    gather_split(p, local, &columns);
  else
    alpa_local_build(p, local);
  return ALPA_OK;
}

/* Padding of split batch dimensions must not be scattered: updates become neutral there. */
static void mask_updates(alpa_partitioner *p, alpa_local_op *local, uint32_t updates) {
  for (uint32_t f = 0; f < local->rule->n_factors; f++) {
    const alpa_factor *factor = &local->rule->factors[f];
    if (factor->kind == ALPA_FACTOR_REDUCE && factor->operand_dims[updates] >= 0)
      local->operands[updates] =
          alpa_emit_mask(p, local->operands[updates], alpa_op_operand_type(local->op, updates),
                         &local->operand_states[updates], (uint32_t)factor->operand_dims[updates], factor->partial);
  }
}

alpa_status alpa_form_scatter(alpa_partitioner *p, alpa_local_op *local) {
  index_columns columns = read_columns(local->attrs[stablehlo_scatter_scatter_dimension_numbers]);
  uint32_t n = local->op->n_results;
  for (uint32_t i = 0; i < n; i++)
    mask_updates(p, local, n + 1 + i);
  if (has_split(p, local, &columns)) {
    alpa_value *indices = widen_indices(p, local->operands[n]);
    alpa_value *offset = column_numbers(p, local, &columns, COLUMN_OFFSET, indices->type);
    local->operands[n] = alpa_emit(p, STABLEHLO_subtract, indices->type, ALPA_VALUES(indices, offset), NULL);
  }
  alpa_local_build(p, local);
  return ALPA_OK;
}
