/* Local types are all that is needed: sizes are those of one device, and the groups of a collective say along which
 * axes it runs. */
#include "passes/cost/local.h"

#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/trips.h"
#include "passes/cost/flops.h"
#include "support/hash.h"

static double result_bytes(const alpa_op *op) {
  double bytes = 0;
  for (uint32_t i = 0; i < op->n_results; i++)
    bytes += (double)alpa_type_bytes(op->results[i].type);
  return bytes;
}

static double operand_bytes(const alpa_op *op) {
  double bytes = 0;
  for (uint32_t i = 0; i < op->n_operands; i++)
    bytes += (double)alpa_type_bytes(alpa_op_operand_type(op, i));
  return bytes;
}

/* ---- products ---------------------------------------------------------------------------------------------------- */

static double product(const alpa_attr *dims, const alpa_type *type) {
  size_t n;
  const int64_t *numbers = alpa_attr_i64s(dims, &n);
  double size = 1;
  for (size_t i = 0; i < n; i++)
    size *= (double)type->dims[numbers[i]];
  return size;
}

static int64_t dot_cost(const alpa_cost_model *model, const alpa_op *op) {
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_dot_general_dot_dimension_numbers);
  const alpa_type *left = alpa_op_operand_type(op, 0), *right = alpa_op_operand_type(op, 1);
  double batch = product(alpa_attr_field(numbers, STABLEHLO_DOT_LHS_BATCHING), left);
  double k = product(alpa_attr_field(numbers, STABLEHLO_DOT_LHS_CONTRACTING), left);
  double m = (double)alpa_type_count(left) / batch / k, n = (double)alpa_type_count(right) / batch / k;
  return m > 0 && n > 0 ? alpa_cost_contraction(model, left->dtype, batch, m, n, k) : 0;
}

/* ---- collectives ------------------------------------------------------------------------------------------------- */

static bool runs_along(const alpa_mesh *mesh, const alpa_attr *groups, uint32_t axis) {
  const alpa_axis_ref whole = {.axis = axis, .pre = 1};
  if (groups == NULL || groups->kind != ALPA_ATTR_ELEMENTS || groups->type->rank != 2)
    return false;
  int64_t first = alpa_axis_ref_coordinate(mesh, whole, *(const int64_t *)alpa_attr_element(groups, 0));
  for (int64_t i = 1; i < groups->type->dims[1]; i++)
    if (alpa_axis_ref_coordinate(mesh, whole, *(const int64_t *)alpa_attr_element(groups, i)) != first)
      return true;
  return false;
}

/* Which edge between states an op is; a permutation sends once what an all-gather over two would receive. */
static alpa_communication kind_of(const alpa_op *op) {
  if (stablehlo_is(op, STABLEHLO_all_reduce))
    return ALPA_ALL_REDUCE;
  if (stablehlo_is(op, STABLEHLO_reduce_scatter))
    return ALPA_REDUCE_SCATTER;
  return stablehlo_is(op, STABLEHLO_all_to_all) ? ALPA_ALL_TO_ALL : ALPA_ALL_GATHER;
}

/* Axis by axis, on the value that is there: a gathered one grows, a scattered one shrinks. */
static int64_t collective_cost(const alpa_cost_model *model, const alpa_mesh *mesh, const alpa_op *op) {
  const alpa_attr *groups = alpa_op_find_attr(op, "replica_groups");
  alpa_communication kind = kind_of(op);
  double bytes = operand_bytes(op);
  int64_t ticks = 0;
  if (groups == NULL)
    groups = alpa_op_find_attr(op, "source_target_pairs");
  for (uint32_t axis = mesh->n_axes; axis-- > 0;) {
    if (!runs_along(mesh, groups, axis))
      continue;
    double n = (double)model->sizes[axis];
    bytes *= kind == ALPA_ALL_GATHER ? n : 1;
    ticks += alpa_cost_communication(model, kind, axis, kind == ALPA_ALL_TO_ALL ? bytes * n : bytes);
    bytes /= kind == ALPA_REDUCE_SCATTER ? n : 1;
  }
  return ticks;
}

/* ---- ops --------------------------------------------------------------------------------------------------------- */

static int64_t region_cost(const alpa_cost_model *model, const alpa_mesh *mesh, const alpa_region *region) {
  int64_t ticks = 0;
  for (const alpa_block *block = region->first; block; block = block->next)
    for (const alpa_op *op = block->first; op; op = op->next)
      ticks += alpa_local_cost(model, mesh, op);
  return ticks;
}

static int64_t regions_cost(const alpa_cost_model *model, const alpa_mesh *mesh, const alpa_op *op) {
  int64_t sum = 0, most = 0;
  for (uint32_t r = 0; r < op->n_regions; r++) {
    int64_t ticks = region_cost(model, mesh, &op->regions[r]);
    sum += ticks;
    most = ticks > most ? ticks : most;
  }
  if (!stablehlo_is(op, STABLEHLO_while))
    return most;
  int64_t trips = alpa_loop_trips(op);
  return sum * (trips ? trips : ALPA_ASSUMED_TRIPS);
}

int64_t alpa_local_cost(const alpa_cost_model *model, const alpa_mesh *mesh, const alpa_op *op) {
  alpa_op_cost kind = alpa_op_cost_get(op);
  if (kind == ALPA_OP_COST_COLLECTIVE)
    return collective_cost(model, mesh, op);
  if (kind == ALPA_OP_COST_REGION || kind == ALPA_OP_COST_NONE)
    return regions_cost(model, mesh, op);
  if (stablehlo_is(op, STABLEHLO_dot_general))
    return dot_cost(model, op);
  if (kind == ALPA_OP_COST_CONVOLUTION)
    return alpa_cost_convolution(model, alpa_op_type(op)->dtype,
                                 alpa_op_tiled_flops(op, model->device.convolution_tile));
  return alpa_cost_traffic(model, kind, operand_bytes(op) + result_bytes(op), result_bytes(op));
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* The op of the block that is, or is around, the user. */
static const alpa_op *user_in(const alpa_block *block, const alpa_use *use) {
  const alpa_op *op = use->owner;
  while (op->block != block)
    op = alpa_op_parent(op);
  return op;
}

/* The place in the block after which a value is dead; its own place where it is never stored. */
static size_t find_last(const alpa_block *block, const alpa_map *places, const alpa_value *value, size_t own) {
  size_t last = own;
  for (const alpa_use *use = value->uses; use; use = use->next) {
    const alpa_op *user = user_in(block, use);
    if (user == alpa_block_terminator(block))
      return own;
    size_t place = *alpa_map_find(places, (uintptr_t)user);
    last = place > last ? place : last;
  }
  return alpa_value_has_one_use(value) && last == own + 1 ? own : last;
}

static int64_t inner_work_bytes(alpa_arena *arena, const alpa_op *op) {
  int64_t most = 0;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next) {
      int64_t bytes = alpa_local_work_bytes(arena, block);
      most = bytes > most ? bytes : most;
    }
  return most;
}

int64_t alpa_local_work_bytes(alpa_arena *arena, const alpa_block *block) {
  size_t n = 0, at = 0;
  alpa_map places = {0};
  for (const alpa_op *op = block->first; op; op = op->next)
    *alpa_map_insert(arena, &places, (uintptr_t)op, NULL) = n++;
  int64_t *freed = alpa_arena_new(arena, int64_t, n), now = 0, most = 0; /* freed: behind each op */
  for (const alpa_op *op = block->first; op; op = op->next, at++) {
    bool lies_elsewhere = alpa_op_has(op, ALPA_CONSTANT);
    for (uint32_t i = 0; i < op->n_results && !lies_elsewhere; i++) {
      size_t last = find_last(block, &places, &op->results[i], at);
      int64_t bytes = last > at ? alpa_type_bytes(op->results[i].type) : 0;
      now += bytes;
      freed[last] += bytes;
    }
    int64_t here = now + inner_work_bytes(arena, op);
    most = here > most ? here : most;
    now -= freed[at];
  }
  return most;
}
