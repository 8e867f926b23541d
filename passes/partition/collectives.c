/* Building StableHLO collectives over axes of the mesh: groups are lists of partition ids, cross-partition by channel
 * handle and global device ids. */
#include "dialects/ir/context.h"
#include "passes/partition/partition.h"

static int64_t device_at(const alpa_mesh *mesh, int64_t position) {
  return mesh->device_ids ? mesh->device_ids[position] : position;
}

/* The number of positions that one step along an axis skips. */
static int64_t axis_stride(const alpa_mesh *mesh, uint32_t axis) {
  int64_t stride = 1;
  for (uint32_t a = axis + 1; a < mesh->n_axes; a++)
    stride *= mesh->axes[a].size;
  return stride;
}

static int64_t list_size(const alpa_mesh *mesh, alpa_axis_list axes) {
  int64_t size = 1;
  for (uint32_t i = 0; i < axes.n; i++)
    size *= mesh->axes[axes.items[i]].size;
  return size;
}

/* The position of member `number` (counted along the axes, major first) of the group with its first member at `base`.
 */
static int64_t member_position(const alpa_mesh *mesh, alpa_axis_list axes, int64_t base, int64_t number) {
  for (uint32_t i = axes.n; i-- > 0;) {
    int64_t size = mesh->axes[axes.items[i]].size;
    base += number % size * axis_stride(mesh, axes.items[i]);
    number /= size;
  }
  return base;
}

static bool is_first_member(const alpa_mesh *mesh, alpa_axis_list axes, int64_t position) {
  for (uint32_t i = 0; i < axes.n; i++)
    if (position / axis_stride(mesh, axes.items[i]) % mesh->axes[axes.items[i]].size != 0)
      return false;
  return true;
}

static const alpa_attr *get_groups(alpa_partitioner *p, alpa_axis_list axes) {
  int64_t n_devices = p->mesh->n_devices, size = list_size(p->mesh, axes), n = 0;
  int64_t *ids = alpa_arena_new(p->arena, int64_t, n_devices);
  for (int64_t position = 0; position < n_devices; position++)
    if (is_first_member(p->mesh, axes, position))
      for (int64_t i = 0; i < size; i++)
        ids[n++] = device_at(p->mesh, member_position(p->mesh, axes, position, i));
  return alpa_attr_get_pairs(p->ctx, n_devices / size, size, ids);
}

static const alpa_attr *get_channel(alpa_partitioner *p) {
  const alpa_attr *fields[2];
  fields[STABLEHLO_CHANNEL_HANDLE] = alpa_attr_get_i64(p->ctx, ++p->n_channels);
  fields[STABLEHLO_CHANNEL_TYPE] = alpa_attr_get_i64(p->ctx, 1);
  return alpa_attr_get_struct(p->ctx, &alpa_stablehlo_attr_channel_handle, fields);
}

static const stablehlo_op_id combiners[] = {
    [ALPA_PARTIAL_SUM] = STABLEHLO_add, [ALPA_PARTIAL_MAX] = STABLEHLO_maximum, [ALPA_PARTIAL_MIN] = STABLEHLO_minimum};

/* An op whose region combines two scalars. */
static alpa_value *emit_with_combiner(alpa_partitioner *p, const alpa_op_state *state, alpa_partial_kind kind) {
  alpa_op *op = alpa_build(&p->builder, state);
  alpa_block *block = alpa_block_create(p->module);
  alpa_block_append(&op->regions[0], block);
  const alpa_type *scalar = alpa_type_with_dims(p->ctx, alpa_op_type(op), 0, NULL);
  alpa_value *a = alpa_block_add_arg(block, p->module, scalar, op->loc);
  alpa_value *b = alpa_block_add_arg(block, p->module, scalar, op->loc);
  alpa_builder saved = p->builder;
  p->builder = alpa_builder_at_end(p->module, block, op->loc);
  alpa_value *combined = alpa_emit(p, combiners[kind], scalar, ALPA_VALUES(a, b), NULL);
  const alpa_op_state yield = {.def = &alpa_stablehlo_ops[STABLEHLO_return], .operands = &combined, .n_operands = 1};
  alpa_build(&p->builder, &yield);
  p->builder = saved;
  return alpa_op_result(op, 0);
}

alpa_value *alpa_emit_all_reduce(alpa_partitioner *p, alpa_value *value, alpa_axis_list axes, alpa_partial_kind kind) {
  const alpa_attr *attrs[stablehlo_all_reduce_attr_count] = {0};
  attrs[stablehlo_all_reduce_replica_groups] = get_groups(p, axes);
  attrs[stablehlo_all_reduce_channel_handle] = get_channel(p);
  attrs[stablehlo_all_reduce_use_global_device_ids] = alpa_attr_get_unit(p->ctx);
  const alpa_op_state state = {.def = &alpa_stablehlo_ops[STABLEHLO_all_reduce],
                               .operands = &value,
                               .n_operands = 1,
                               .results = &value->type,
                               .n_results = 1,
                               .attrs = attrs,
                               .n_regions = 1};
  p->counts->n_all_reduce++;
  return emit_with_combiner(p, &state, kind);
}

static const alpa_type *scale_dim(alpa_partitioner *p, const alpa_type *type, uint32_t dim, int64_t times, int64_t by) {
  int64_t *dims = alpa_arena_copy(p->arena, type->dims, type->rank * sizeof *dims);
  dims[dim] = dims[dim] * times / by;
  return alpa_type_with_dims(p->ctx, type, type->rank, dims);
}

alpa_value *alpa_emit_all_gather(alpa_partitioner *p, alpa_value *value, alpa_axis_list axes, uint32_t dim) {
  const alpa_attr *attrs[stablehlo_all_gather_attr_count] = {0};
  attrs[stablehlo_all_gather_all_gather_dim] = alpa_attr_get_i64(p->ctx, dim);
  attrs[stablehlo_all_gather_replica_groups] = get_groups(p, axes);
  attrs[stablehlo_all_gather_channel_handle] = get_channel(p);
  attrs[stablehlo_all_gather_use_global_device_ids] = alpa_attr_get_unit(p->ctx);
  p->counts->n_all_gather++;
  const alpa_type *type = scale_dim(p, value->type, dim, list_size(p->mesh, axes), 1);
  return alpa_emit(p, STABLEHLO_all_gather, type, ALPA_VALUES(value), attrs);
}

alpa_value *alpa_emit_reduce_scatter(alpa_partitioner *p, alpa_value *value, alpa_axis_list axes, uint32_t dim,
                                     alpa_partial_kind kind) {
  const alpa_attr *attrs[stablehlo_reduce_scatter_attr_count] = {0};
  attrs[stablehlo_reduce_scatter_scatter_dimension] = alpa_attr_get_i64(p->ctx, dim);
  attrs[stablehlo_reduce_scatter_replica_groups] = get_groups(p, axes);
  attrs[stablehlo_reduce_scatter_channel_handle] = get_channel(p);
  attrs[stablehlo_reduce_scatter_use_global_device_ids] = alpa_attr_get_unit(p->ctx);
  const alpa_type *type = scale_dim(p, value->type, dim, 1, list_size(p->mesh, axes));
  const alpa_op_state state = {.def = &alpa_stablehlo_ops[STABLEHLO_reduce_scatter],
                               .operands = &value,
                               .n_operands = 1,
                               .results = &type,
                               .n_results = 1,
                               .attrs = attrs,
                               .n_regions = 1};
  p->counts->n_reduce_scatter++;
  return emit_with_combiner(p, &state, kind);
}

alpa_value *alpa_emit_all_to_all(alpa_partitioner *p, alpa_value *value, uint32_t axis, uint32_t from, uint32_t to) {
  int64_t size = p->mesh->axes[axis].size;
  const alpa_attr *attrs[stablehlo_all_to_all_attr_count] = {0};
  attrs[stablehlo_all_to_all_split_dimension] = alpa_attr_get_i64(p->ctx, to);
  attrs[stablehlo_all_to_all_concat_dimension] = alpa_attr_get_i64(p->ctx, from);
  attrs[stablehlo_all_to_all_split_count] = alpa_attr_get_i64(p->ctx, size);
  attrs[stablehlo_all_to_all_replica_groups] = get_groups(p, (alpa_axis_list){&axis, 1});
  attrs[stablehlo_all_to_all_channel_handle] = get_channel(p);
  p->counts->n_all_to_all++;
  const alpa_type *type = scale_dim(p, scale_dim(p, value->type, from, size, 1), to, 1, size);
  return alpa_emit(p, STABLEHLO_all_to_all, type, ALPA_VALUES(value), attrs);
}

alpa_value *alpa_emit_permute(alpa_partitioner *p, alpa_value *value, const int64_t *pairs, int64_t n) {
  int64_t *ids = alpa_arena_new(p->arena, int64_t, 2 * n);
  for (int64_t i = 0; i < 2 * n; i++)
    ids[i] = device_at(p->mesh, pairs[i]);
  const alpa_attr *attrs[stablehlo_collective_permute_attr_count] = {0};
  attrs[stablehlo_collective_permute_source_target_pairs] = alpa_attr_get_pairs(p->ctx, n, 2, ids);
  attrs[stablehlo_collective_permute_channel_handle] = get_channel(p);
  p->counts->n_permute++;
  return alpa_emit(p, STABLEHLO_collective_permute, value->type, ALPA_VALUES(value), attrs);
}
