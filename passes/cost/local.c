/* Local types are all that is needed: sizes are those of one device, and the groups of a collective say along which
 * axes it runs. */
#include "passes/cost/local.h"

#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/trips.h"
#include "passes/cost/flops.h"

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
    return alpa_cost_convolution(model, alpa_op_type(op)->dtype, alpa_op_flops(op));
  return alpa_cost_traffic(model, kind, operand_bytes(op) + result_bytes(op), result_bytes(op));
}

int64_t alpa_local_work_bytes(const alpa_op *op) {
  int64_t most = (int64_t)result_bytes(op);
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next) {
        int64_t bytes = alpa_local_work_bytes(inner);
        most = bytes > most ? bytes : most;
      }
  return most;
}
