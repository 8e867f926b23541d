/* Windows over a sharded dimension.  A device computes its share of the outputs from the inputs that their windows
 * cover: its own shard and borders of its neighbours, or, where a window reaches beyond the neighbours, everything.
 * Positions outside of the tensor (the op's padding, and padding of the shards) are filled explicitly, so that the
 * local op has no padding along the dimension. */
#include "dialects/ir/context.h"
#include "passes/partition/partition.h"

/* Where the inputs of all devices begin: device i has inputs [i * shard, (i + 1) * shard) and needs `length` ones from
 * i * step - low. */
typedef struct span {
  int64_t n_parts, shard, step, low, length;
  int64_t left, right; /* most that any device needs of the neighbours on either side */
} span;

static span measure(const alpa_halo *halo, int64_t n_parts, int64_t shard) {
  span s = {.n_parts = n_parts, .shard = shard, .step = halo->n_outputs * halo->stride, .low = halo->low};
  s.length = (halo->n_outputs - 1) * halo->stride + halo->window;
  for (int64_t i = 0; i < n_parts; i++) {
    int64_t start = i * s.step - s.low, own = i * shard;
    if (own - start > s.left)
      s.left = own - start;
    if (start + s.length - own - shard > s.right)
      s.right = start + s.length - own - shard;
  }
  return s;
}

/* The first (or last) `size` elements along the dimension. */
static alpa_value *take_border(alpa_partitioner *p, alpa_value *value, uint32_t dim, int64_t size, bool is_last) {
  const alpa_type *type = value->type;
  int64_t *start = alpa_arena_new(p->arena, int64_t, type->rank),
          *stride = alpa_arena_new(p->arena, int64_t, type->rank);
  int64_t *limit = alpa_arena_copy(p->arena, type->dims, type->rank * sizeof *limit);
  int64_t *sizes = alpa_arena_copy(p->arena, type->dims, type->rank * sizeof *sizes);
  for (uint32_t d = 0; d < type->rank; d++)
    stride[d] = 1;
  start[dim] = is_last ? type->dims[dim] - size : 0;
  limit[dim] = start[dim] + size;
  sizes[dim] = size;
  const alpa_attr *attrs[stablehlo_slice_attr_count] = {0};
  attrs[stablehlo_slice_start_indices] = alpa_attr_get_i64s(p->ctx, start, type->rank);
  attrs[stablehlo_slice_limit_indices] = alpa_attr_get_i64s(p->ctx, limit, type->rank);
  attrs[stablehlo_slice_strides] = alpa_attr_get_i64s(p->ctx, stride, type->rank);
  return alpa_emit(p, STABLEHLO_slice, alpa_type_with_dims(p->ctx, type, type->rank, sizes), ALPA_VALUES(value), attrs);
}

/* The number of a device along the axes of the dimension. */
static int64_t part_of(const alpa_mesh *mesh, alpa_axis_list axes, int64_t position) {
  int64_t part = 0;
  for (uint32_t i = 0; i < axes.n; i++) {
    alpa_axis_ref ref = {.axis = axes.items[i], .pre = 1};
    part = part * mesh->axes[axes.items[i]].size + alpa_axis_ref_coordinate(mesh, ref, position);
  }
  return part;
}

static bool is_same_line(const alpa_mesh *mesh, alpa_axis_list axes, int64_t a, int64_t b) {
  for (uint32_t axis = 0; axis < mesh->n_axes; axis++) {
    alpa_axis_ref ref = {.axis = axis, .pre = 1};
    bool is_along = false;
    for (uint32_t i = 0; i < axes.n; i++)
      is_along = is_along || axes.items[i] == axis;
    if (!is_along && alpa_axis_ref_coordinate(mesh, ref, a) != alpa_axis_ref_coordinate(mesh, ref, b))
      return false;
  }
  return true;
}

/* Every device receives from the one `by` parts before it. */
static alpa_value *shift(alpa_partitioner *p, alpa_value *value, alpa_axis_list axes, int64_t by) {
  int64_t n = 0, *pairs = alpa_arena_new(p->arena, int64_t, 2 * p->mesh->n_devices);
  for (int64_t source = 0; source < p->mesh->n_devices; source++)
    for (int64_t target = 0; target < p->mesh->n_devices; target++)
      if (is_same_line(p->mesh, axes, source, target) &&
          part_of(p->mesh, axes, target) == part_of(p->mesh, axes, source) + by) {
        pairs[2 * n] = source;
        pairs[2 * n++ + 1] = target;
      }
  return alpa_emit_permute(p, value, pairs, n);
}

static alpa_value *join(alpa_partitioner *p, alpa_value *const *parts, size_t n, uint32_t dim) {
  if (n == 1)
    return parts[0];
  const alpa_type *type = parts[0]->type;
  int64_t *sizes = alpa_arena_copy(p->arena, type->dims, type->rank * sizeof *sizes);
  sizes[dim] = 0;
  for (size_t i = 0; i < n; i++)
    sizes[dim] += parts[i]->type->dims[dim];
  const alpa_attr *attrs[stablehlo_concatenate_attr_count] = {0};
  attrs[stablehlo_concatenate_dimension] = alpa_attr_get_i64(p->ctx, dim);
  return alpa_emit(p, STABLEHLO_concatenate, alpa_type_with_dims(p->ctx, type, type->rank, sizes),
                   (alpa_values){parts, n}, attrs);
}

/* Inputs around the own ones; *out_first is how many stand before them. */
static alpa_value *exchange(alpa_partitioner *p, alpa_value *value, uint32_t dim, alpa_axis_list axes, const span *s) {
  alpa_value *parts[3];
  size_t n = 0;
  if (s->left > 0)
    parts[n++] = shift(p, take_border(p, value, dim, s->left, true), axes, 1);
  parts[n++] = value;
  if (s->right > 0)
    parts[n++] = shift(p, take_border(p, value, dim, s->right, false), axes, -1);
  return join(p, parts, n, dim);
}

/* All inputs, with room for what begins before and ends behind. */
static alpa_value *gather(alpa_partitioner *p, alpa_value *value, uint32_t dim, alpa_axis_list axes, const span *s) {
  alpa_value *all = alpa_emit_all_gather(p, value, axes, dim);
  int64_t *sizes = alpa_arena_copy(p->arena, value->type->dims, value->type->rank * sizeof *sizes);
  alpa_value *parts[3];
  size_t n = 0;
  const alpa_type *type;
  sizes[dim] = s->left;
  type = alpa_type_with_dims(p->ctx, value->type, value->type->rank, sizes);
  if (s->left > 0)
    parts[n++] = alpa_emit_neutral(p, type, ALPA_PARTIAL_SUM);
  parts[n++] = all;
  sizes[dim] = s->right;
  type = alpa_type_with_dims(p->ctx, value->type, value->type->rank, sizes);
  if (s->right > 0)
    parts[n++] = alpa_emit_neutral(p, type, ALPA_PARTIAL_SUM);
  return join(p, parts, n, dim);
}

/* Elements at whole positions outside of [0, size) become `fill`. */
static alpa_value *fill_outside(alpa_partitioner *p, alpa_value *value, uint32_t dim, alpa_value *start, int64_t size,
                                alpa_value *fill) {
  const alpa_type *type = alpa_type_with_dtype(p->ctx, value->type, ALPA_I32);
  alpa_value *at = alpa_emit(p, STABLEHLO_add, type,
                             ALPA_VALUES(alpa_emit_iota(p, type, dim), alpa_emit_broadcast(p, start, type)), NULL);
  alpa_value *low = alpa_emit_compare(p, STABLEHLO_GE, at, alpa_emit_integer(p, type, 0));
  alpa_value *high = alpa_emit_compare(p, STABLEHLO_LT, at, alpa_emit_integer(p, type, size));
  alpa_value *inside = alpa_emit(p, STABLEHLO_and, low->type, ALPA_VALUES(low, high), NULL);
  p->counts->n_mask++;
  return alpa_emit(p, STABLEHLO_select, value->type,
                   ALPA_VALUES(inside, value, alpa_emit_broadcast(p, fill, value->type)), NULL);
}

/* A scalar plus a number. */
static alpa_value *offset_by(alpa_partitioner *p, alpa_value *scalar, int64_t number) {
  if (number == 0)
    return scalar;
  alpa_value *constant = alpa_emit_integer(p, scalar->type, number);
  return alpa_emit(p, STABLEHLO_add, scalar->type, ALPA_VALUES(scalar, constant), NULL);
}

alpa_value *alpa_emit_halo(alpa_partitioner *p, alpa_value *value, const alpa_type *whole, const alpa_state *state,
                           const alpa_halo *halo) {
  uint32_t items[ALPA_MAX_AXES];
  alpa_axis_list axes = {.items = items, .n = alpa_state_axes(p->mesh, state, (int)halo->dim, items)};
  span s = measure(halo, alpa_state_parts(p->mesh, state, (int)halo->dim), value->type->dims[halo->dim]);
  bool is_near = s.left <= s.shard && s.right <= s.shard;
  alpa_value *around = is_near ? exchange(p, value, halo->dim, axes, &s) : gather(p, value, halo->dim, axes, &s);
  /* Own inputs stand at `left` (near), or at left + i * shard: the needed ones begin i * step - low from input 0. */
  int64_t per_part = is_near ? s.step - s.shard : s.step;
  alpa_value **starts = alpa_arena_new(p->arena, alpa_value *, whole->rank);
  starts[halo->dim] = offset_by(p, alpa_emit_coordinate(p, axes.items, axes.n, per_part), s.left - s.low);
  int64_t *sizes = alpa_arena_copy(p->arena, value->type->dims, whole->rank * sizeof *sizes);
  sizes[halo->dim] = s.length;
  alpa_value *needed = alpa_emit_window(p, around, starts, sizes);
  alpa_value *first = offset_by(p, alpa_emit_coordinate(p, axes.items, axes.n, s.step), -s.low);
  return fill_outside(p, needed, halo->dim, first, whole->dims[halo->dim], halo->fill);
}
