/* group-slices: gives a dimension that is computed whole and used in equal slices a dimension of its own for the number
 * of the slice (queries, keys and values of one product: [b, s, 3 h] becomes [b, s, 3, h]).
 *
 * A shard of the long dimension holds parts of some slices, so that splitting by attention heads would move every
 * activation; a shard of h holds its part of all of them.  The grouping is carried from the slices up through
 * elementwise ops and broadcasts to the product that computes them, and, in the gradient, from the concatenation down
 * into the products and reductions that use it; weights are reshaped at the product, and keep their layout elsewhere.
 * One visit of every op; the result computes the same elements. */
#include <string.h>

#include "dialects/ir/builder.h"
#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/pass.h"

enum { GROUPED };
static const alpa_statistic_def statistics[] = {[GROUPED] = {"grouped", "dimensions that were grouped"}, {0}};

typedef struct grouper {
  alpa_arena *arena;
  alpa_context *ctx;
  alpa_builder builder;
  int64_t n_groups, n_grouped;
  uint32_t depth; /* of the chain that is being carried up */
} grouper;

enum { MAX_CHAIN = 64 };

/* ---- building ---- */

/* The type with dimension `dim` split into the groups and the rest. */
static const alpa_type *group_type(const grouper *g, const alpa_type *type, uint32_t dim) {
  int64_t *dims = alpa_arena_new(g->arena, int64_t, type->rank + 1);
  for (uint32_t d = 0; d < type->rank; d++)
    dims[d + (d > dim)] = type->dims[d];
  dims[dim + 1] = type->dims[dim] / g->n_groups;
  dims[dim] = g->n_groups;
  return alpa_type_with_dims(g->ctx, type, type->rank + 1, dims);
}

static alpa_value *build(grouper *g, const alpa_op_def *def, const alpa_type *type, alpa_value *const *operands,
                         size_t n_operands, const alpa_attr *const *attrs) {
  const alpa_op_state state = {
      .def = def, .operands = operands, .n_operands = n_operands, .results = &type, .n_results = 1, .attrs = attrs};
  return alpa_op_result(alpa_build(&g->builder, &state), 0);
}

static alpa_value *reshape(grouper *g, alpa_value *value, const alpa_type *type) {
  return value->type == type ? value : build(g, &alpa_stablehlo_ops[STABLEHLO_reshape], type, &value, 1, NULL);
}

/* Dimension numbers (NULL: none) after dimension `dim` was split, where the numbers name other ones or (with_both) also
 * it. */
static const alpa_attr *shift_dims(const grouper *g, const alpa_attr *dims, uint32_t dim, bool with_both) {
  size_t n, n_out = 0;
  if (dims == NULL)
    return NULL;
  const int64_t *old = alpa_attr_i64s(dims, &n);
  int64_t *out = alpa_arena_new(g->arena, int64_t, n + 1);
  for (size_t i = 0; i < n; i++) {
    out[n_out++] = old[i] + (old[i] > dim);
    if (old[i] == dim && with_both)
      out[n_out++] = old[i] + 1;
  }
  return alpa_attr_get_i64s(g->ctx, out, n_out);
}

/* ---- products ---- */

static const alpa_attr *dot_numbers(const alpa_op *op) {
  return alpa_op_attr(op, stablehlo_dot_general_dot_dimension_numbers);
}

static bool holds(const alpa_attr *dims, int64_t dim) {
  size_t n;
  const int64_t *numbers = alpa_attr_i64s(dims, &n);
  for (size_t i = 0; i < n; i++)
    if (numbers[i] == dim)
      return true;
  return false;
}

static int batching_field(uint32_t side) { return side ? STABLEHLO_DOT_RHS_BATCHING : STABLEHLO_DOT_LHS_BATCHING; }
static int contracting_field(uint32_t side) {
  return side ? STABLEHLO_DOT_RHS_CONTRACTING : STABLEHLO_DOT_LHS_CONTRACTING;
}

/* The free dimension of an operand that is dimension `dim` of the result; or -1 where that is a batch dimension. */
static int64_t find_free(const alpa_op *op, uint32_t dim, uint32_t *out_side) {
  const alpa_attr *numbers = dot_numbers(op);
  size_t n_batch;
  (void)alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_LHS_BATCHING), &n_batch);
  int64_t at = (int64_t)n_batch;
  for (uint32_t side = 0; side < 2; side++)
    for (uint32_t d = 0; d < alpa_op_operand_type(op, side)->rank; d++) {
      if (holds(alpa_attr_field(numbers, batching_field(side)), d) ||
          holds(alpa_attr_field(numbers, contracting_field(side)), d))
        continue;
      if (at++ == dim) {
        *out_side = side;
        return d;
      }
    }
  return -1;
}

/* The product whose operand `side` is `operand`, in which dimension `dim` has been split: free, or contracted, where
 * the other operand is split too. */
static alpa_value *build_dot(grouper *g, const alpa_op *op, uint32_t side, alpa_value *operand, uint32_t dim,
                             const alpa_type *type) {
  const alpa_attr *numbers = dot_numbers(op), *fields[4];
  alpa_value *operands[2] = {alpa_op_operand(op, 0), alpa_op_operand(op, 1)};
  for (int i = 0; i < 4; i++)
    fields[i] = alpa_attr_field(numbers, i);
  size_t n;
  const int64_t *own = alpa_attr_i64s(fields[contracting_field(side)], &n);
  for (size_t i = 0; i < n; i++)
    if (own[i] == dim) {
      uint32_t other = 1 - side, e = (uint32_t)alpa_attr_i64s(fields[contracting_field(other)], &n)[i];
      operands[other] = reshape(g, operands[other], group_type(g, operands[other]->type, e));
      fields[batching_field(other)] = shift_dims(g, fields[batching_field(other)], e, false);
      fields[contracting_field(other)] = shift_dims(g, fields[contracting_field(other)], e, true);
    }
  operands[side] = operand;
  fields[batching_field(side)] = shift_dims(g, fields[batching_field(side)], dim, false);
  fields[contracting_field(side)] = shift_dims(g, fields[contracting_field(side)], dim, true);
  const alpa_attr **attrs = alpa_arena_copy(g->arena, op->attrs, op->def->n_attrs * sizeof *attrs);
  attrs[stablehlo_dot_general_dot_dimension_numbers] = alpa_attr_get_struct(g->ctx, &alpa_stablehlo_attr_dot, fields);
  return build(g, op->def, type, operands, 2, attrs);
}

/* ---- upwards ---- */

static alpa_value *group_value(grouper *g, alpa_value *value, uint32_t dim);

static bool is_elementwise(const alpa_op *op) {
  if (!alpa_op_has(op, ALPA_ELEMENTWISE) || op->n_results != 1)
    return false;
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (alpa_op_operand_type(op, i)->rank != op->results->type->rank)
      return false;
  return true;
}

static alpa_value *group_elementwise(grouper *g, const alpa_op *op, uint32_t dim) {
  alpa_value **operands = alpa_arena_new(g->arena, alpa_value *, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = group_value(g, alpa_op_operand(op, i), dim);
  return build(g, op->def, group_type(g, op->results->type, dim), operands, op->n_operands, op->attrs);
}

static alpa_value *group_broadcast(grouper *g, const alpa_op *op, uint32_t dim) {
  const alpa_attr *attrs[stablehlo_broadcast_in_dim_attr_count] = {0};
  const alpa_attr *dims = alpa_op_attr(op, stablehlo_broadcast_in_dim_broadcast_dimensions);
  alpa_value *operand = alpa_op_operand(op, 0);
  bool is_mapped = false;
  size_t n;
  const int64_t *numbers = alpa_attr_i64s(dims, &n);
  for (uint32_t i = 0; i < n; i++) {
    if (numbers[i] != dim)
      continue;
    if (operand->type->dims[i] != op->results->type->dims[dim])
      return NULL;
    operand = reshape(g, operand, group_type(g, operand->type, i));
    is_mapped = true;
    break;
  }
  attrs[stablehlo_broadcast_in_dim_broadcast_dimensions] = shift_dims(g, dims, dim, is_mapped);
  return build(g, op->def, group_type(g, op->results->type, dim), &operand, 1, attrs);
}

static alpa_value *group_dot(grouper *g, const alpa_op *op, uint32_t dim) {
  uint32_t side = 0;
  int64_t free_dim = find_free(op, dim, &side);
  if (free_dim < 0)
    return NULL;
  alpa_value *operand = alpa_op_operand(op, side);
  operand = reshape(g, operand, group_type(g, operand->type, (uint32_t)free_dim));
  return build_dot(g, op, side, operand, (uint32_t)free_dim, group_type(g, op->results->type, dim));
}

/* The value with its dimension grouped: computed so where its op allows it and nobody else needs it, else reshaped. */
static alpa_value *group_value(grouper *g, alpa_value *value, uint32_t dim) {
  const alpa_op *op = value->op;
  alpa_value *grouped = NULL;
  if (op && g->depth < MAX_CHAIN && (alpa_value_has_one_use(value) || g->depth == 0)) {
    g->depth++;
    if (is_elementwise(op))
      grouped = group_elementwise(g, op, dim);
    else if (stablehlo_is(op, STABLEHLO_broadcast_in_dim))
      grouped = group_broadcast(g, op, dim);
    else if (stablehlo_is(op, STABLEHLO_dot_general))
      grouped = group_dot(g, op, dim);
    g->depth--;
  }
  return grouped ? grouped : reshape(g, value, group_type(g, value->type, dim));
}

/* ---- slices ---- */

/* The dimension that a slice cuts into equal parts, and which part it is; false where it does anything else. */
static bool find_part(const alpa_op *op, uint32_t *out_dim, int64_t *out_size) {
  size_t n;
  const int64_t *start = alpa_op_i64s(op, stablehlo_slice_start_indices, &n);
  const int64_t *limit = alpa_op_i64s(op, stablehlo_slice_limit_indices, &n);
  const int64_t *stride = alpa_op_i64s(op, stablehlo_slice_strides, &n);
  const alpa_type *type = alpa_op_operand_type(op, 0);
  uint32_t n_cut = 0;
  for (uint32_t d = 0; d < type->rank; d++) {
    if (stride[d] != 1)
      return false;
    if (limit[d] - start[d] == type->dims[d])
      continue;
    *out_dim = d;
    *out_size = limit[d] - start[d];
    n_cut++;
    if (*out_size < 2 || start[d] % *out_size || type->dims[d] % *out_size)
      return false;
  }
  return n_cut == 1;
}

/* Whether all uses of the operand are such slices of one dimension and one size, and there are several. */
static bool is_sliced(const alpa_op *slice, uint32_t *out_dim, int64_t *out_size) {
  uint32_t n_uses = 0;
  if (!find_part(slice, out_dim, out_size))
    return false;
  for (const alpa_use *use = alpa_op_operand(slice, 0)->uses; use; use = use->next, n_uses++) {
    uint32_t dim;
    int64_t size;
    if (!stablehlo_is(use->owner, STABLEHLO_slice) || !find_part(use->owner, &dim, &size) || dim != *out_dim ||
        size != *out_size)
      return false;
  }
  return n_uses > 1;
}

static void replace_slice(grouper *g, alpa_op *slice, alpa_value *grouped, uint32_t dim, int64_t size) {
  const alpa_type *type = grouped->type;
  size_t n;
  int64_t part = alpa_op_i64s(slice, stablehlo_slice_start_indices, &n)[dim] / size;
  int64_t *start = alpa_arena_new(g->arena, int64_t, type->rank),
          *stride = alpa_arena_new(g->arena, int64_t, type->rank);
  int64_t *limit = alpa_arena_copy(g->arena, type->dims, type->rank * sizeof *limit);
  int64_t *dims = alpa_arena_copy(g->arena, type->dims, type->rank * sizeof *dims);
  for (uint32_t d = 0; d < type->rank; d++)
    stride[d] = 1;
  start[dim] = part;
  limit[dim] = part + 1;
  dims[dim] = 1;
  const alpa_attr *attrs[stablehlo_slice_attr_count] = {0};
  attrs[stablehlo_slice_start_indices] = alpa_attr_get_i64s(g->ctx, start, type->rank);
  attrs[stablehlo_slice_limit_indices] = alpa_attr_get_i64s(g->ctx, limit, type->rank);
  attrs[stablehlo_slice_strides] = alpa_attr_get_i64s(g->ctx, stride, type->rank);
  g->builder.before = slice;
  g->builder.block = slice->block;
  g->builder.loc = slice->loc;
  alpa_value *cut = build(g, slice->def, alpa_type_with_dims(g->ctx, type, type->rank, dims), &grouped, 1, attrs);
  alpa_value *result = reshape(g, cut, slice->results->type);
  alpa_op_replace(slice, &result);
}

static void group_slices(grouper *g, alpa_op *slice, uint32_t dim, int64_t size) {
  alpa_value *value = alpa_op_operand(slice, 0);
  if (value->op == NULL || (!is_elementwise(value->op) && !stablehlo_is(value->op, STABLEHLO_dot_general)))
    return;
  g->n_groups = value->type->dims[dim] / size;
  g->builder = alpa_builder_before(value->op->next);
  g->builder.loc = value->op->loc;
  g->depth = 0;
  alpa_value *grouped = group_value(g, value, dim);
  while (value->uses)
    replace_slice(g, value->uses->owner, grouped, dim, size);
  g->n_grouped++;
}

/* ---- concatenations ---- */

/* Equal parts along the dimension, at least two elements each. */
static bool is_joined(const alpa_op *op, uint32_t *out_dim) {
  *out_dim = (uint32_t)alpa_op_int(op, stablehlo_concatenate_dimension, 0);
  const alpa_type *first = alpa_op_operand_type(op, 0);
  for (uint32_t i = 1; i < op->n_operands; i++)
    if (alpa_op_operand_type(op, i) != first)
      return false;
  return op->n_operands > 1 && first->dims[*out_dim] > 1;
}

static bool is_kept_by_reduce(const alpa_op *op, uint32_t dim) {
  return op->n_results == 1 && !holds(alpa_op_attr(op, stablehlo_reduce_dimensions), dim);
}

/* What a user of the joined value makes of the grouped one; NULL where it wants the joined one. */
static alpa_value *group_user(grouper *g, const alpa_use *use, alpa_value *grouped, uint32_t dim) {
  alpa_op *op = use->owner;
  uint32_t side = alpa_use_index(use);
  g->builder = alpa_builder_before(op);
  if (stablehlo_is(op, STABLEHLO_dot_general) && alpa_op_operand(op, 0) != alpa_op_operand(op, 1)) {
    const alpa_attr *numbers = dot_numbers(op);
    if (holds(alpa_attr_field(numbers, batching_field(side)), dim))
      return NULL;
    if (holds(alpa_attr_field(numbers, contracting_field(side)), dim))
      return build_dot(g, op, side, grouped, dim, op->results->type);
    for (uint32_t d = 0, other = 0; d < op->results->type->rank; d++)
      if (find_free(op, d, &other) == (int64_t)dim && other == side)
        return build_dot(g, op, side, grouped, dim, group_type(g, op->results->type, d));
  }
  return NULL;
}

/* A sum over other dimensions, whose region moves to the new op. */
static alpa_value *group_reduce(grouper *g, alpa_op *op, alpa_value *grouped, uint32_t dim) {
  const alpa_attr *dims = alpa_op_attr(op, stablehlo_reduce_dimensions);
  uint32_t kept = 0;
  for (uint32_t d = 0; d < dim; d++)
    kept += !holds(dims, d);
  alpa_value *operands[] = {grouped, alpa_op_operand(op, 1)};
  const alpa_type *type = group_type(g, op->results->type, kept);
  const alpa_attr *attrs[stablehlo_reduce_attr_count] = {0};
  attrs[stablehlo_reduce_dimensions] = shift_dims(g, dims, dim, false);
  const alpa_op_state state = {.def = op->def,
                               .operands = operands,
                               .n_operands = 2,
                               .results = &type,
                               .n_results = 1,
                               .attrs = attrs,
                               .n_regions = 1};
  g->builder = alpa_builder_before(op);
  alpa_op *made = alpa_build(&g->builder, &state);
  alpa_region_take(&made->regions[0], &op->regions[0]);
  return made->results;
}

static alpa_value *build_grouped_join(grouper *g, alpa_op *join, uint32_t dim) {
  g->n_groups = join->n_operands;
  g->builder = alpa_builder_before(join);
  alpa_value **parts = alpa_arena_new(g->arena, alpa_value *, join->n_operands);
  const alpa_type *type = group_type(g, join->results->type, dim);
  int64_t *dims = alpa_arena_copy(g->arena, type->dims, type->rank * sizeof *dims);
  dims[dim] = 1;
  const alpa_type *part = alpa_type_with_dims(g->ctx, type, type->rank, dims);
  for (uint32_t i = 0; i < join->n_operands; i++)
    parts[i] = reshape(g, alpa_op_operand(join, i), part);
  return build(g, join->def, type, parts, join->n_operands, join->attrs);
}

static bool is_user_ready(const alpa_use *use, uint32_t dim) {
  const alpa_op *op = use->owner;
  if (stablehlo_is(op, STABLEHLO_reduce))
    return alpa_use_index(use) == 0 && is_kept_by_reduce(op, dim);
  return stablehlo_is(op, STABLEHLO_dot_general);
}

/* Only where every user takes the grouped value: products and reductions. */
static void group_join(grouper *g, alpa_op *join, uint32_t dim) {
  alpa_value *joined = join->results;
  bool has_dot = false;
  for (const alpa_use *use = joined->uses; use; use = use->next) {
    if (!is_user_ready(use, dim))
      return;
    has_dot = has_dot || stablehlo_is(use->owner, STABLEHLO_dot_general);
  }
  if (!has_dot)
    return;
  alpa_value *grouped = build_grouped_join(g, join, dim);
  for (alpa_use *use = joined->uses, *next; use; use = next) {
    next = use->next;
    alpa_op *op = use->owner;
    alpa_value *made =
        stablehlo_is(op, STABLEHLO_reduce) ? group_reduce(g, op, grouped, dim) : group_user(g, use, grouped, dim);
    if (made == NULL)
      continue;
    g->builder = alpa_builder_before(op);
    alpa_value *result = reshape(g, made, op->results->type);
    alpa_op_replace(op, &result);
  }
  g->n_grouped++;
}

/* ---- the pass ---- */

typedef ALPA_VEC(alpa_op *) op_list;

typedef struct finder {
  alpa_arena *arena;
  op_list ops;
} finder;

static alpa_status find_op(void *user, alpa_op *op) {
  finder *found = user;
  if (stablehlo_is(op, STABLEHLO_slice) || stablehlo_is(op, STABLEHLO_concatenate))
    alpa_vec_push(found->arena, &found->ops, op);
  return ALPA_OK;
}

static bool is_static(const alpa_op *op) {
  return alpa_type_is_static_tensor(op->results->type) && alpa_type_count(op->results->type) > 0;
}

static alpa_status run(alpa_op *root, const void *options, alpa_pass_context *pass) {
  (void)options;
  grouper g = {.arena = pass->arena, .ctx = alpa_op_context(root)};
  finder found = {.arena = pass->arena};
  ALPA_TRY(alpa_op_walk(root, find_op, &found));
  for (size_t i = 0; i < found.ops.n; i++) {
    alpa_op *op = found.ops.items[i];
    uint32_t dim;
    int64_t size;
    if (op->block == NULL || !is_static(op))
      continue;
    if (stablehlo_is(op, STABLEHLO_slice) && is_sliced(op, &dim, &size))
      group_slices(&g, op, dim, size);
    else if (stablehlo_is(op, STABLEHLO_concatenate) && is_joined(op, &dim))
      group_join(&g, op, dim);
  }
  pass->counters[GROUPED] += g.n_grouped;
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_group_slices = {
    .name = "group-slices",
    .summary =
        "gives dimensions that are used in equal slices a dimension for the slice, so that slices can be sharded",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
