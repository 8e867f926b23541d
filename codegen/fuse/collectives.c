/* Collectives that the runtime has no operation for, as trees of collective permutes: broadcasts, reductions to one
 * device, and reductions by a computation of several ops or in groups of different sizes.
 *
 * In round s of a reduction member i of a group, a multiple of 2s, receives from member i + s and combines, so that the
 * members' order is kept; a broadcast runs the rounds backwards.  A table of constants, read at the device's number,
 * says who takes part in a round: log2 of the largest group's size rounds of one permute each. */
#include <string.h>

#include "codegen/fuse/prepare.h"
#include "codegen/monoid.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct tree {
  alpa_builder b;
  alpa_arena *arena;
  alpa_op *op;
  const alpa_attr *channel;
  int64_t n_groups, size, n_devices; /* size: of the largest group; devices: 1 + the last one that is named */
  const int64_t *groups;             /* -1 fills up groups that are shorter */
  alpa_value *device;                /* the number of this one, i32 */
} tree;

static alpa_value *build(tree *t, stablehlo_op_id id, const alpa_type *type, alpa_value *const *operands, size_t n,
                         const alpa_attr *const *attrs) {
  return alpa_build_typed(&t->b, &alpa_stablehlo_ops[id], type, operands, n, attrs);
}

static alpa_value *constant(tree *t, const alpa_type *type, const void *bytes, bool is_splat) {
  const alpa_attr *value = alpa_attr_get_elements(t->b.module->ctx, type, bytes, is_splat);
  return build(t, STABLEHLO_constant, type, NULL, 0, &value);
}

/* Member m of group g, or -1. */
static int64_t member(const tree *t, int64_t g, int64_t m) { return m < t->size ? t->groups[g * t->size + m] : -1; }

/* False where the groups are not written out. */
static bool begin(tree *t, alpa_op *op, const alpa_attr *groups, const alpa_attr *channel) {
  alpa_builder b = alpa_builder_before(op);
  *t = (tree){.b = b, .arena = &b.module->arena, .op = op, .channel = channel};
  if (groups->kind != ALPA_ATTR_ELEMENTS || groups->type->rank != 2 || !alpa_type_count(groups->type))
    return false;
  t->n_groups = groups->type->dims[0];
  t->size = groups->type->dims[1];
  int64_t n = t->n_groups * t->size, *ids = alpa_arena_new(t->arena, int64_t, n);
  for (int64_t i = 0; i < n; i++) {
    ids[i] = *(const int64_t *)alpa_attr_element(groups, i);
    t->n_devices = ids[i] >= t->n_devices ? ids[i] + 1 : t->n_devices;
  }
  t->groups = ids;
  alpa_context *ctx = b.module->ctx;
  t->device = build(t, STABLEHLO_partition_id, alpa_type_get_tensor(ctx, ALPA_UI32, 0, NULL), NULL, 0, NULL);
  t->device = build(t, STABLEHLO_convert, alpa_type_get_tensor(ctx, ALPA_I32, 0, NULL), &t->device, 1, NULL);
  return true;
}

/* The entry of this device; the last one for devices that no group has. */
static alpa_value *look_up(tree *t, alpa_dtype dtype, const void *table) {
  alpa_context *ctx = t->b.module->ctx;
  const int64_t n = t->n_devices + 1, one = 1;
  alpa_value *operands[] = {constant(t, alpa_type_get_tensor(ctx, dtype, 1, &n), table, false), t->device};
  const alpa_attr *sizes = alpa_attr_get_i64s(ctx, &one, 1);
  alpa_value *entry =
      build(t, STABLEHLO_dynamic_slice, alpa_type_get_tensor(ctx, dtype, 1, &one), operands, 2, &sizes);
  return build(t, STABLEHLO_reshape, alpa_type_get_tensor(ctx, dtype, 0, NULL), &entry, 1, NULL);
}

static alpa_value *choose(tree *t, const bool *table, alpa_value *yes, alpa_value *no) {
  return build(t, STABLEHLO_select, no->type, (alpa_value *[]){look_up(t, ALPA_I1, table), yes, no}, 3, NULL);
}

/* Sends from member pairs[i][0] to pairs[i][1] of every group that has both.  *out_receives says who receives. */
static alpa_value *permute(tree *t, alpa_value *value, int64_t (*pairs)[2], int64_t n, bool **out_receives) {
  int64_t *ids = alpa_arena_new(t->arena, int64_t, 2 * n * t->n_groups + 1), n_ids = 0;
  bool *receives = alpa_arena_new(t->arena, bool, t->n_devices + 1);
  for (int64_t g = 0; g < t->n_groups; g++)
    for (int64_t i = 0; i < n; i++) {
      int64_t from = member(t, g, pairs[i][0]), to = member(t, g, pairs[i][1]);
      if (from < 0 || to < 0)
        continue;
      ids[n_ids++] = from;
      ids[n_ids++] = to;
      receives[to] = true;
    }
  const alpa_attr *attrs[stablehlo_collective_permute_attr_count] = {0};
  attrs[stablehlo_collective_permute_source_target_pairs] =
      alpa_attr_get_pairs(t->b.module->ctx, n_ids / 2, 2, ids);
  attrs[stablehlo_collective_permute_channel_handle] = t->channel;
  *out_receives = receives;
  return build(t, STABLEHLO_collective_permute, value->type, &value, 1, attrs);
}

/* The computation of the op on each pair of elements. */
static alpa_value *combine(tree *t, alpa_value *x, alpa_value *y) {
  int64_t dims[64];
  for (uint32_t d = 0; d < x->type->rank; d++)
    dims[d] = d;
  const alpa_attr *dimensions = alpa_attr_get_i64s(t->b.module->ctx, dims, x->type->rank);
  const alpa_op_state state = {.def = &alpa_stablehlo_ops[STABLEHLO_map],
                               .loc = t->op->loc,
                               .operands = (alpa_value *[]){x, y},
                               .n_operands = 2,
                               .results = &x->type,
                               .n_results = 1,
                               .attrs = &dimensions,
                               .n_regions = 1};
  alpa_op *map = alpa_op_create(t->b.module, &state);
  alpa_value_map values;
  alpa_value_map_init(&values, t->arena);
  alpa_region_clone(t->b.module, &t->op->regions[0], &map->regions[0], &values);
  alpa_op_insert(map, t->b.block, t->b.before);
  return alpa_op_result(map, 0);
}

/* The first members get all of their groups combined. */
static alpa_value *reduce(tree *t, alpa_value *value) {
  int64_t(*pairs)[2] = alpa_arena_alloc(t->arena, (size_t)(t->size + 1) * sizeof *pairs);
  for (int64_t s = 1; s < t->size; s *= 2) {
    int64_t n = 0;
    for (int64_t i = 0; i + s < t->size; i += 2 * s, n++) {
      pairs[n][0] = i + s;
      pairs[n][1] = i;
    }
    bool *receives;
    alpa_value *received = permute(t, value, pairs, n, &receives);
    value = choose(t, receives, combine(t, value, received), value);
  }
  return value;
}

/* All members get what the first ones have. */
static alpa_value *broadcast(tree *t, alpa_value *value) {
  int64_t(*pairs)[2] = alpa_arena_alloc(t->arena, (size_t)(t->size + 1) * sizeof *pairs);
  for (int64_t have = 1; have < t->size; have *= 2) {
    int64_t n = 0;
    for (; n < have && have + n < t->size; n++) {
      pairs[n][0] = n;
      pairs[n][1] = have + n;
    }
    bool *receives;
    alpa_value *received = permute(t, value, pairs, n, &receives);
    value = choose(t, receives, received, value);
  }
  return value;
}

/* Zeros but on the first members, or but on all members. */
static alpa_value *clear_others(tree *t, alpa_value *value, bool only_first) {
  bool *keeps = alpa_arena_new(t->arena, bool, t->n_devices + 1);
  for (int64_t g = 0; g < t->n_groups; g++)
    for (int64_t m = 0; m < (only_first ? 1 : t->size); m++)
      if (member(t, g, m) >= 0)
        keeps[member(t, g, m)] = true;
  static const char zero[16];
  return choose(t, keeps, value, constant(t, value->type, zero, true));
}

/* Operand i in the type that the computation has. */
static alpa_value *operand(tree *t, uint32_t i) {
  alpa_value *value = alpa_op_operand(t->op, i);
  const alpa_type *type = alpa_type_with_dtype(t->b.module->ctx, value->type, t->op->results[i].type->dtype);
  return type == value->type ? value : build(t, STABLEHLO_convert, type, &value, 1, NULL);
}

static alpa_value **new_results(const tree *t) { return alpa_arena_new(t->arena, alpa_value *, t->op->n_results); }

void alpa_expand_collective_broadcast(alpa_op *op) {
  tree t;
  if (alpa_op_attr(op, stablehlo_collective_broadcast_has_dynamic_root) ||
      !begin(&t, op, alpa_op_attr(op, stablehlo_collective_broadcast_replica_groups),
             alpa_op_attr(op, stablehlo_collective_broadcast_channel_handle)))
    return;
  alpa_value **results = new_results(&t);
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = clear_others(&t, broadcast(&t, operand(&t, i)), false);
  alpa_op_replace(op, results);
}

void alpa_expand_collective_reduce(alpa_op *op) {
  tree t;
  if (alpa_op_attr(op, stablehlo_collective_reduce_has_dynamic_root) ||
      !begin(&t, op, alpa_op_attr(op, stablehlo_collective_reduce_replica_groups),
             alpa_op_attr(op, stablehlo_collective_reduce_channel_handle)))
    return;
  alpa_value **results = new_results(&t);
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = clear_others(&t, reduce(&t, operand(&t, i)), true);
  alpa_op_replace(op, results);
}

static bool has_short_groups(const alpa_attr *groups) {
  if (groups->kind != ALPA_ATTR_ELEMENTS)
    return false;
  for (int64_t i = 0; i < alpa_type_count(groups->type); i++)
    if (*(const int64_t *)alpa_attr_element(groups, i) < 0)
      return true;
  return false;
}

static bool is_simple(const alpa_op *op) {
  alpa_reduction reduction;
  return op->results[0].type->dtype == alpa_op_operand_type(op, 0)->dtype &&
         alpa_block_find_monoid(op->regions[0].first, &reduction);
}

void alpa_expand_all_reduce(alpa_op *op) {
  tree t;
  const alpa_attr *groups = alpa_op_attr(op, stablehlo_all_reduce_replica_groups);
  if ((is_simple(op) && !has_short_groups(groups)) ||
      !begin(&t, op, groups, alpa_op_attr(op, stablehlo_all_reduce_channel_handle)))
    return;
  alpa_value **results = new_results(&t);
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = broadcast(&t, reduce(&t, operand(&t, i)));
  alpa_op_replace(op, results);
}

/* The part of each member, at its place in the group. */
static alpa_value *take_part(tree *t, alpa_value *whole, const alpa_type *type, int64_t dim) {
  alpa_context *ctx = t->b.module->ctx;
  int32_t *starts = alpa_arena_new(t->arena, int32_t, t->n_devices + 1), zero = 0;
  for (int64_t g = 0; g < t->n_groups; g++)
    for (int64_t m = 0; m < t->size; m++)
      starts[member(t, g, m)] = (int32_t)(m * type->dims[dim]);
  alpa_value *operands[64] = {whole};
  alpa_value *first = constant(t, alpa_type_get_tensor(ctx, ALPA_I32, 0, NULL), &zero, true);
  for (uint32_t d = 0; d < type->rank; d++)
    operands[d + 1] = d == dim ? look_up(t, ALPA_I32, starts) : first;
  const alpa_attr *sizes = alpa_attr_get_i64s(ctx, type->dims, type->rank);
  return build(t, STABLEHLO_dynamic_slice, type, operands, type->rank + 1, &sizes);
}

void alpa_expand_reduce_scatter(alpa_op *op) {
  tree t;
  const alpa_attr *groups = alpa_op_attr(op, stablehlo_reduce_scatter_replica_groups);
  if (is_simple(op) || has_short_groups(groups) ||
      !begin(&t, op, groups, alpa_op_attr(op, stablehlo_reduce_scatter_channel_handle)))
    return;
  int64_t dim = alpa_op_int(op, stablehlo_reduce_scatter_scatter_dimension, 0);
  alpa_value *whole = broadcast(&t, reduce(&t, operand(&t, 0)));
  alpa_value *part = take_part(&t, whole, op->results[0].type, dim);
  alpa_op_replace(op, &part);
}
