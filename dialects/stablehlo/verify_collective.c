/* Collectives: groups of devices, and the sizes that they multiply or divide. */
#include "dialects/stablehlo/reducer.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

#include <inttypes.h>

#include "dialects/ir/context.h"

/* Ids are unique and without gaps; -1 fills up groups that are shorter than others. */
static alpa_status check_ids(const alpa_op *op, const alpa_attr *groups, bool ragged, bool *seen) {
  int64_t n = alpa_type_count(groups->type), n_ids = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t id = *(const int64_t *)alpa_attr_element(groups, i);
    if (id == -1 && ragged)
      continue;
    if (id < 0 || id >= n)
      return alpa_op_error(op, "expects ids in replica_groups to be in [0, %" PRId64 "), got %" PRId64, n, id);
    if (seen[id])
      return alpa_op_error(op, "id %" PRId64 " is in replica_groups more than once", id);
    seen[id] = true;
    n_ids++;
  }
  for (int64_t id = 0; id < n_ids; id++)
    if (!seen[id])
      return alpa_op_error(op, "id %" PRId64 " is missing in replica_groups, which have %" PRId64 " ids", id, n_ids);
  return ALPA_OK;
}

/* Groups by mesh axes name a mesh of the module. */
static alpa_status check_mesh(const alpa_op *op, const alpa_attr *groups) {
  const alpa_attr *mesh = alpa_attr_field(groups, STABLEHLO_MESH_AXES_MESH);
  const alpa_op *parent = alpa_op_parent(op), *table = parent ? alpa_op_symbol_table(alpa_op_parent(op)) : NULL;
  if (!mesh || mesh->kind != ALPA_ATTR_SYMBOL)
    return alpa_op_error(op, "expects replica_groups to name a mesh");
  if (table && !alpa_symbol_find(table, mesh->string.data))
    return alpa_op_error(op, "replica_groups are over mesh @%s, which this module does not have", mesh->string.data);
  return ALPA_OK;
}

/* *out_size receives the number of devices in a group; unknown where the groups are mesh axes, or there are none. */
static alpa_status check_groups(const alpa_op *op, const alpa_attr *groups, bool ragged, int64_t *out_size) {
  *out_size = ALPA_DYNAMIC;
  if (groups->kind == ALPA_ATTR_STRUCT && groups->def == &alpa_stablehlo_attr_replica_group_mesh_axes)
    return check_mesh(op, groups);
  if (groups->kind == ALPA_ATTR_OPAQUE)
    return ALPA_OK; /* a form of a newer version, kept as text */
  if (groups->kind != ALPA_ATTR_ELEMENTS || groups->type->rank != 2 || groups->type->dtype != ALPA_I64)
    return alpa_op_error(op, "expects replica_groups to be a matrix of i64, one row for each group");
  alpa_arena scratch;
  alpa_arena_init(&scratch, &alpa_op_context(op)->memory);
  bool *seen = alpa_arena_new(&scratch, bool, alpa_type_count(groups->type));
  alpa_status status = check_ids(op, groups, ragged, seen);
  alpa_arena_deinit(&scratch);
  if (status == ALPA_OK && groups->type->dims[1] > 0) /* none at all: one group of all devices */
    *out_size = groups->type->dims[1];
  return status;
}

/* With a channel and without global ids, groups of replicas stretch over all partitions, whose number is not known. */
static int64_t group_size(const alpa_attr *channel, const alpa_attr *global, int64_t size) {
  bool stretches = channel && alpa_struct_int(channel, STABLEHLO_CHANNEL_HANDLE) > 0 && !global;
  return stretches ? ALPA_DYNAMIC : size;
}

static alpa_status check_channel(const alpa_op *op, const alpa_attr *channel, const alpa_attr *global) {
  int64_t handle = channel ? alpa_struct_int(channel, STABLEHLO_CHANNEL_HANDLE) : 0;
  if (global && handle <= 0)
    return alpa_op_error(op, "use_global_device_ids needs a channel_handle with a positive handle, got %" PRId64,
                         handle);
  return ALPA_OK;
}

/* size times (or over) factor; unknown where one is. */
static alpa_status scale(const alpa_op *op, int64_t size, int64_t factor, int64_t *out_size) {
  *out_size = ALPA_DYNAMIC;
  if (alpa_dim_known(size) && alpa_dim_known(factor) && __builtin_mul_overflow(size, factor, out_size))
    return alpa_op_error(op, "size of the result exceeds 64 bits");
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_all_gather(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  int64_t size, dim = alpa_op_int(op, stablehlo_all_gather_all_gather_dim, 0);
  ALPA_TRY(check_groups(op, op->attrs[stablehlo_all_gather_replica_groups], false, &size));
  ALPA_TRY(check_channel(op, op->attrs[stablehlo_all_gather_channel_handle],
                         op->attrs[stablehlo_all_gather_use_global_device_ids]));
  size = group_size(op->attrs[stablehlo_all_gather_channel_handle],
                    op->attrs[stablehlo_all_gather_use_global_device_ids], size);
  if (op->n_operands != op->n_results)
    return alpa_op_error(op, "expects as many results as operands (%u), got %u", op->n_operands, op->n_results);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_type *from = alpa_op_operand_type(op, i), *to = op->results[i].type;
    ALPA_TRY(alpa_check_dim(op, "all_gather_dim", dim, from->rank));
    ALPA_TRY(alpa_check_same_element(op, from, "the operand", to, "the result"));
    alpa_shape shape = alpa_shape_of(from);
    ALPA_TRY(scale(op, from->dims[dim], size, &shape.dims[dim]));
    const alpa_type *expected = alpa_type_with_dims(alpa_op_context(op), from, shape.rank, shape.dims);
    ALPA_TRY(alpa_check_same_shape(op, expected, "the gathered operand", to, "the result"));
  }
  return ALPA_OK;
}

/* The shapes of the first n operands, in the types that the region computes in. */
static alpa_status push_reduced(const alpa_op *op, alpa_infer *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const alpa_type *type = alpa_op_operand_type(op, i);
    ALPA_TRY(alpa_check_reducer(op, 0, 1, &type, NULL));
    alpa_shape shape = alpa_shape_of(type);
    ALPA_TRY(alpa_infer_shape(op, out, alpa_reducer_type(op, 0, 0), &shape));
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_all_reduce(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  return push_reduced(op, out, op->n_operands);
}

alpa_status alpa_stablehlo_verify_all_reduce(alpa_op *op) {
  int64_t size;
  ALPA_TRY(check_groups(op, op->attrs[stablehlo_all_reduce_replica_groups], true, &size));
  return check_channel(op, op->attrs[stablehlo_all_reduce_channel_handle],
                       op->attrs[stablehlo_all_reduce_use_global_device_ids]);
}

/* With a dynamic root, the last operand names the roots: one for each group. */
static uint32_t n_values(const alpa_op *op) {
  return op->n_operands - (alpa_op_find_attr(op, "has_dynamic_root") ? 1 : 0);
}

static alpa_status check_roots(const alpa_op *op) {
  if (!alpa_op_find_attr(op, "has_dynamic_root"))
    return ALPA_OK;
  const alpa_type *roots = alpa_op_operand_type(op, op->n_operands - 1);
  if (roots->rank != 1 || roots->dtype != ALPA_I32 || !alpa_dim_agrees(roots->dims[0], n_values(op)))
    return alpa_op_error(op, "expects the last operand to hold a root for each of the %u values, got '%s'",
                         n_values(op), alpa_spell(op, roots));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_collective_reduce(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  ALPA_TRY(check_roots(op));
  return push_reduced(op, out, n_values(op));
}

alpa_status alpa_stablehlo_infer_collective_broadcast(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  ALPA_TRY(check_roots(op));
  for (uint32_t i = 0; i < n_values(op); i++)
    alpa_infer_push(out, alpa_op_operand_type(op, i));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_collective_reduce(alpa_op *op) {
  ALPA_TRY(alpa_stablehlo_verify_grouped(op));
  return check_channel(op, op->attrs[stablehlo_collective_reduce_channel_handle],
                       op->attrs[stablehlo_collective_reduce_use_global_device_ids]);
}

alpa_status alpa_stablehlo_verify_reduce_scatter(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  int64_t size, dim = alpa_op_int(op, stablehlo_reduce_scatter_scatter_dimension, 0);
  ALPA_TRY(check_groups(op, op->attrs[stablehlo_reduce_scatter_replica_groups], false, &size));
  ALPA_TRY(check_channel(op, op->attrs[stablehlo_reduce_scatter_channel_handle],
                         op->attrs[stablehlo_reduce_scatter_use_global_device_ids]));
  size = group_size(op->attrs[stablehlo_reduce_scatter_channel_handle],
                    op->attrs[stablehlo_reduce_scatter_use_global_device_ids], size);
  const alpa_type *from = alpa_op_operand_type(op, 0), *to = alpa_op_type(op);
  ALPA_TRY(alpa_check_dim(op, "scatter_dimension", dim, from->rank));
  ALPA_TRY(alpa_check_reducer(op, 0, 1, &from, NULL));
  ALPA_TRY(alpa_check_same_element(op, alpa_reducer_type(op, 0, 0), "the reduction", to, "the result"));
  if (size == 0)
    return alpa_op_error(op, "expects groups of at least one device");
  alpa_shape shape = alpa_shape_of(from);
  if (alpa_dim_known(shape.dims[dim]) && alpa_dim_known(size)) {
    if (shape.dims[dim] % size)
      return alpa_op_error(op,
                           "expects dimension %" PRId64 " of the operand (%" PRId64 ") to be divisible by the "
                           "group size (%" PRId64 ")",
                           dim, shape.dims[dim], size);
    shape.dims[dim] /= size;
  } else {
    shape.dims[dim] = ALPA_DYNAMIC;
  }
  return alpa_check_result_shape(op, &shape);
}

static alpa_status push_exchanged(const alpa_op *op, alpa_infer *out, const alpa_type *type) {
  int64_t split = alpa_op_int(op, stablehlo_all_to_all_split_dimension, 0);
  int64_t concat = alpa_op_int(op, stablehlo_all_to_all_concat_dimension, 0);
  int64_t count = alpa_op_int(op, stablehlo_all_to_all_split_count, 1);
  ALPA_TRY(alpa_check_dim(op, "split_dimension", split, type->rank));
  ALPA_TRY(alpa_check_dim(op, "concat_dimension", concat, type->rank));
  alpa_shape shape = alpa_shape_of(type);
  if (alpa_dim_known(shape.dims[split])) {
    if (shape.dims[split] % count)
      return alpa_op_error(op,
                           "expects dimension %" PRId64 " of the operand (%" PRId64 ") to be divisible by "
                           "split_count (%" PRId64 ")",
                           split, shape.dims[split], count);
    shape.dims[split] /= count;
  }
  ALPA_TRY(scale(op, shape.dims[concat], count, &shape.dims[concat]));
  return alpa_infer_shape(op, out, type, &shape);
}

alpa_status alpa_stablehlo_infer_all_to_all(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  int64_t size, count = alpa_op_int(op, stablehlo_all_to_all_split_count, 1);
  ALPA_TRY(check_groups(op, op->attrs[stablehlo_all_to_all_replica_groups], false, &size));
  if (count < 1 || !alpa_dim_agrees(size, count))
    return alpa_op_error(op, "expects split_count to be the group size (%" PRId64 "), got %" PRId64,
                         alpa_dim_known(size) ? size : 1, count);
  for (uint32_t i = 0; i < op->n_operands; i++)
    ALPA_TRY(push_exchanged(op, out, alpa_op_operand_type(op, i)));
  return ALPA_OK;
}

/* An id at most once in a column of the pairs. */
static alpa_status check_column(const alpa_op *op, const alpa_attr *pairs, uint32_t column, const char *name) {
  size_t n = (size_t)pairs->type->dims[0];
  for (size_t i = 0; i < n; i++) {
    int64_t id = alpa_pair(pairs, i, column);
    if (id < 0)
      return alpa_op_error(op, "expects ids in source_target_pairs to be at least 0, got %" PRId64, id);
    for (size_t j = 0; j < i; j++)
      if (alpa_pair(pairs, j, column) == id)
        return alpa_op_error(op, "id %" PRId64 " is a %s in source_target_pairs more than once", id, name);
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_collective_permute(alpa_op *op) {
  const alpa_attr *pairs = op->attrs[stablehlo_collective_permute_source_target_pairs];
  if (pairs->type->rank != 2 || (pairs->type->dims[1] != 2 && pairs->type->dims[0] != 0))
    return alpa_op_error(op, "expects source_target_pairs to be of type 'tensor<Nx2xi64>', got '%s'",
                         alpa_spell(op, pairs->type));
  ALPA_TRY(check_column(op, pairs, 0, "source"));
  return check_column(op, pairs, 1, "target");
}

/* Groups of some of the devices: no id twice. */
alpa_status alpa_stablehlo_verify_grouped(alpa_op *op) {
  const alpa_attr *groups = alpa_op_find_attr(op, "replica_groups");
  if (groups->kind != ALPA_ATTR_ELEMENTS || groups->type->rank != 2 || groups->type->dtype != ALPA_I64)
    return check_groups(op, groups, true, &(int64_t){0});
  int64_t n = alpa_type_count(groups->type);
  for (int64_t i = 0; i < n; i++) {
    int64_t id = *(const int64_t *)alpa_attr_element(groups, i);
    if (id < -1)
      return alpa_op_error(op, "expects ids in replica_groups to be at least 0, got %" PRId64, id);
    for (int64_t j = 0; j < i && id >= 0; j++)
      if (*(const int64_t *)alpa_attr_element(groups, j) == id)
        return alpa_op_error(op, "id %" PRId64 " is in replica_groups more than once", id);
  }
  return ALPA_OK;
}
