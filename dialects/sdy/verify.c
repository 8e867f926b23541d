/* Verification of sdy ops: meshes, shardings, and that axes go where an op says. */
#include <inttypes.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"
#include "dialects/sdy/sdy_hooks.h"
#include "dialects/sdy/sharding.h"

alpa_status alpa_sdy_verify_mesh(alpa_op *op) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, &alpa_op_context(op)->memory);
  const alpa_mesh *mesh;
  alpa_status status = alpa_mesh_decode(&scratch, op, &mesh);
  alpa_arena_deinit(&scratch);
  return status;
}

alpa_status alpa_sdy_verify_attr(alpa_op *op, const alpa_named_attr *attr) {
  if (strcmp(attr->name, "sdy.sharding") != 0)
    return ALPA_OK;
  const alpa_attr *value = attr->value;
  if (value->kind != ALPA_ATTR_STRUCT || value->def != &alpa_sdy_attr_sharding_per_value)
    return alpa_op_error(op, "expects '%s' of an op to be a #sdy.sharding_per_value attribute", attr->name);
  const alpa_attr *list = alpa_attr_field(value, SDY_LIST_ITEMS);
  if (list->array.n != op->n_results)
    return alpa_op_error(op, "expects '%s' to have a sharding for each result (%u), got %zu", attr->name, op->n_results,
                         list->array.n);
  for (uint32_t i = 0; i < op->n_results; i++)
    ALPA_TRY(alpa_sharding_verify(op, list->array.items[i], op->results[i].type));
  return ALPA_OK;
}

alpa_status alpa_sdy_verify_sharded(alpa_op *op) { return alpa_sharding_verify(op, op->attrs[0], alpa_op_type(op)); }

alpa_status alpa_sdy_verify_data_flow_edge(alpa_op *op) {
  const alpa_attr *sharding = op->attrs[sdy_data_flow_edge_sharding];
  return sharding ? alpa_sharding_verify(op, sharding, alpa_op_type(op)) : ALPA_OK;
}

alpa_status alpa_sdy_verify_propagation_barrier(alpa_op *op) {
  if (op->attrs[sdy_propagation_barrier_allowed_direction]->integer == SDY_BOTH)
    return alpa_op_error(op, "expects allowed_direction to be FORWARD, BACKWARD or NONE, got BOTH, which bars nothing");
  return ALPA_OK;
}

/* ---- collectives ---------------------------------------------------------------------------------------------------
 */

/* What the checks of one collective share. */
typedef struct collective {
  const alpa_op *op;
  alpa_arena *arena;
  alpa_sharding out;
} collective;

static alpa_status check_in(const collective *c, alpa_axis_refs refs, alpa_axis_refs list, const char *where) {
  for (size_t i = 0; i < refs.n; i++)
    if (!alpa_axis_refs_contain(c->out.mesh, list, refs.items[i]))
      return alpa_op_error(c->op, "expects out_sharding to have axis \"%s\" %s",
                           c->out.mesh->axes[refs.items[i].axis].name, where);
  return ALPA_OK;
}

static alpa_status check_not_in(const collective *c, alpa_axis_refs refs, alpa_axis_refs list, const char *where) {
  for (size_t i = 0; i < refs.n; i++)
    if (alpa_axis_refs_overlap(c->out.mesh, list, refs.items[i]))
      return alpa_op_error(c->op, "expects out_sharding not to have axis \"%s\" %s",
                           c->out.mesh->axes[refs.items[i].axis].name, where);
  return ALPA_OK;
}

static alpa_status check_not_in_dims(const collective *c, alpa_axis_refs refs) {
  for (uint32_t d = 0; d < c->out.rank; d++)
    ALPA_TRY(check_not_in(c, refs, c->out.dims[d].axes, "in a dimension"));
  return ALPA_OK;
}

typedef alpa_status check_dim_fn(const collective *c, uint32_t d, alpa_axis_refs refs);

/* Runs a check for each dimension of a list of axis lists, all axes of which are different. */
static alpa_status check_lists(const collective *c, const alpa_attr *attr, check_dim_fn *check) {
  const alpa_attr *lists = alpa_attr_field(attr, SDY_LIST_ITEMS);
  if (lists->array.n != c->out.rank)
    return alpa_op_error(c->op, "expects a list of axes for each of the %u dimensions, got %zu", c->out.rank,
                         lists->array.n);
  alpa_axis_refs *seen = alpa_arena_new(c->arena, alpa_axis_refs, c->out.rank);
  for (uint32_t d = 0; d < c->out.rank; d++) {
    const alpa_attr *axes = alpa_attr_field(lists->array.items[d], SDY_LIST_ITEMS);
    ALPA_TRY(alpa_axis_refs_decode(c->arena, c->out.mesh, c->op, axes, &seen[d]));
    for (uint32_t e = 0; e < d; e++)
      for (size_t i = 0; i < seen[d].n; i++)
        if (alpa_axis_refs_overlap(c->out.mesh, seen[e], seen[d].items[i]))
          return alpa_op_error(c->op, "uses axis \"%s\" twice", c->out.mesh->axes[seen[d].items[i].axis].name);
    ALPA_TRY(check(c, d, seen[d]));
  }
  return ALPA_OK;
}

static alpa_status check_list(const collective *c, const alpa_attr *attr, alpa_axis_refs *out_refs) {
  const alpa_attr *axes = alpa_attr_field(attr, SDY_LIST_ITEMS);
  return alpa_axis_refs_decode(c->arena, c->out.mesh, c->op, axes, out_refs);
}

static alpa_status dim_is_gathered(const collective *c, uint32_t d, alpa_axis_refs refs) {
  (void)d;
  return check_not_in_dims(c, refs);
}

static alpa_status dim_is_sliced(const collective *c, uint32_t d, alpa_axis_refs refs) {
  return check_in(c, refs, c->out.dims[d].axes, "in the same dimension");
}

static alpa_status dim_is_partial(const collective *c, uint32_t d, alpa_axis_refs refs) {
  (void)d;
  ALPA_TRY(check_not_in_dims(c, refs));
  return check_in(c, refs, c->out.partial, "among its unreduced axes");
}

static alpa_status check_all_gather(const collective *c) {
  return check_lists(c, c->op->attrs[sdy_all_gather_gathering_axes], dim_is_gathered);
}

static alpa_status check_all_slice(const collective *c) {
  return check_lists(c, c->op->attrs[sdy_all_slice_slicing_axes], dim_is_sliced);
}

static alpa_status check_reduce_scatter(const collective *c) {
  return check_lists(c, c->op->attrs[sdy_reduce_scatter_reduce_scatter_axes], dim_is_sliced);
}

static alpa_status check_sharded_to_unreduced(const collective *c) {
  return check_lists(c, c->op->attrs[sdy_sharded_to_unreduced_axes], dim_is_partial);
}

static alpa_status check_replicated_to_unreduced(const collective *c) {
  alpa_axis_refs refs;
  ALPA_TRY(check_list(c, c->op->attrs[sdy_replicated_to_unreduced_axes], &refs));
  return check_in(c, refs, c->out.partial, "among its unreduced axes");
}

static alpa_status check_all_reduce(const collective *c) {
  alpa_axis_refs refs;
  ALPA_TRY(check_list(c, c->op->attrs[sdy_all_reduce_reduction_axes], &refs));
  ALPA_TRY(check_not_in_dims(c, refs));
  return check_not_in(c, refs, c->out.partial, "among its unreduced axes");
}

static alpa_status check_move(const collective *c, const alpa_attr *move) {
  int64_t from = alpa_attr_field(move, SDY_MOVE_FROM)->integer, to = alpa_attr_field(move, SDY_MOVE_TO)->integer;
  if (from < 0 || from >= c->out.rank || to < 0 || to >= c->out.rank || from == to)
    return alpa_op_error(c->op, "expects axes to move between two dimensions in [0, %u), got %" PRId64 "->%" PRId64,
                         c->out.rank, from, to);
  alpa_axis_refs refs;
  ALPA_TRY(alpa_axis_refs_decode(c->arena, c->out.mesh, c->op, alpa_attr_field(move, SDY_MOVE_AXES), &refs));
  if (refs.n == 0)
    return alpa_op_error(c->op, "expects axes to move from dimension %" PRId64 " to %" PRId64 ", got none", from, to);
  return check_in(c, refs, c->out.dims[to].axes, "in the dimension that it moves to");
}

static alpa_status check_all_to_all(const collective *c) {
  const alpa_attr *moves = alpa_attr_field(c->op->attrs[sdy_all_to_all_params], SDY_LIST_ITEMS);
  if (moves->array.n == 0)
    return alpa_op_error(c->op, "expects axes to move, got none");
  for (size_t i = 0; i < moves->array.n; i++)
    ALPA_TRY(check_move(c, moves->array.items[i]));
  return ALPA_OK;
}

/* Where the operand's sharding is known, each dimension keeps its number of shards. */
static alpa_status check_collective_permute(const collective *c) {
  const alpa_attr *attr = alpa_value_find_sharding(alpa_op_operand(c->op, 0));
  if (!attr)
    return ALPA_OK;
  alpa_sharding in;
  ALPA_TRY(alpa_sharding_decode_at(c->arena, c->op, attr, &in));
  for (uint32_t d = 0; d < in.rank && d < c->out.rank; d++) {
    int64_t before = alpa_axis_refs_size(in.mesh, in.dims[d].axes);
    int64_t after = alpa_axis_refs_size(c->out.mesh, c->out.dims[d].axes);
    if (before != after)
      return alpa_op_error(c->op, "expects dimension %u to stay in %" PRId64 " shards, got %" PRId64, d, before, after);
  }
  return ALPA_OK;
}

static alpa_status verify_collective(const alpa_op *op, int out_sharding, alpa_status (*check)(const collective *c)) {
  const alpa_attr *attr = op->attrs[out_sharding];
  if (!alpa_op_sees_symbols(op))
    return ALPA_OK;
  ALPA_TRY(alpa_sharding_verify(op, attr, alpa_op_type(op)));
  alpa_arena scratch;
  alpa_arena_init(&scratch, &alpa_op_context(op)->memory);
  collective c = {.op = op, .arena = &scratch};
  alpa_status status = alpa_sharding_decode_at(&scratch, op, attr, &c.out);
  if (status == ALPA_OK)
    status = check(&c);
  alpa_arena_deinit(&scratch);
  return status;
}

#define X(name)                                                                                                        \
  alpa_status alpa_sdy_verify_##name(alpa_op *op) {                                                                    \
    return verify_collective(op, sdy_##name##_out_sharding, check_##name);                                             \
  }
X(all_gather)
X(all_slice)
X(all_to_all)
X(collective_permute)
X(all_reduce)
X(reduce_scatter)
X(sharded_to_unreduced)
X(replicated_to_unreduced)
#undef X

/* ---- regions -------------------------------------------------------------------------------------------------------
 */

/* One side of a computation: operands and block arguments, or returned values and results. */
typedef struct side {
  const alpa_op *op;
  alpa_arena *arena;
  const alpa_attr *shardings; /* per value, or NULL */
  const alpa_attr *manual;    /* names of manual axes, or NULL where the region sees global shapes */
  const char *outer, *inner;  /* what the values are called */
} side;

static bool is_manual(const side *s, const char *axis) {
  for (size_t i = 0; s->manual && i < s->manual->array.n; i++)
    if (!strcmp(s->manual->array.items[i]->string.data, axis))
      return true;
  return false;
}

/* The product of the manual axes of a dimension, which come before all others. */
static alpa_status manual_size(const side *s, const alpa_sharding *sharding, uint32_t d, int64_t *out_size) {
  bool free_seen = false;
  *out_size = 1;
  for (size_t i = 0; i < sharding->dims[d].axes.n; i++) {
    alpa_axis_ref ref = sharding->dims[d].axes.items[i];
    const char *axis = sharding->mesh->axes[ref.axis].name;
    if (!is_manual(s, axis)) {
      free_seen = true;
      continue;
    }
    if (free_seen)
      return alpa_op_error(s->op, "expects the manual axes of a dimension before the other ones, got \"%s\" behind",
                           axis);
    *out_size *= alpa_axis_ref_size(sharding->mesh, ref);
  }
  return ALPA_OK;
}

/* What a value of the global type is inside the region. */
static alpa_status local_type(const side *s, uint32_t index, const alpa_type *type, const alpa_type **out_type) {
  *out_type = type;
  if (!s->manual || !alpa_type_is_tensor(type))
    return ALPA_OK;
  alpa_sharding sharding; /* of the right rank, as it is verified */
  ALPA_TRY(alpa_sharding_decode_at(s->arena, s->op, s->shardings->array.items[index], &sharding));
  int64_t *dims = alpa_arena_copy(s->arena, type->dims, type->rank * sizeof *dims);
  for (uint32_t d = 0; d < type->rank; d++) {
    int64_t size;
    ALPA_TRY(manual_size(s, &sharding, d, &size));
    if (dims[d] == ALPA_DYNAMIC)
      continue;
    if (dims[d] % size)
      return alpa_op_error(
          s->op, "expects dimension %u of %s %u (%" PRId64 ") to be divisible by its manual axes (%" PRId64 ")", d,
          s->outer, index, dims[d], size);
    dims[d] /= size;
  }
  *out_type = alpa_type_with_dims(alpa_op_context(s->op), type, type->rank, dims);
  return ALPA_OK;
}

static alpa_status check_value(const side *s, uint32_t index, const alpa_type *outer, const alpa_type *inner) {
  if (s->shardings)
    ALPA_TRY(alpa_sharding_verify(s->op, s->shardings->array.items[index], outer));
  const alpa_type *expected;
  ALPA_TRY(local_type(s, index, outer, &expected));
  alpa_context *ctx = alpa_op_context(s->op);
  if (inner != expected)
    return alpa_op_error(s->op, "expects %s %u to be of type '%s' for %s of type '%s', got '%s'", s->inner, index,
                         alpa_type_spell(ctx, expected), s->outer, alpa_type_spell(ctx, outer),
                         alpa_type_spell(ctx, inner));
  return ALPA_OK;
}

static alpa_status check_counts(const side *s, uint32_t outer, uint32_t inner) {
  if (s->shardings && s->shardings->array.n != outer)
    return alpa_op_error(s->op, "expects a sharding for each %s (%u), got %zu", s->outer, outer, s->shardings->array.n);
  if (outer != inner)
    return alpa_op_error(s->op, "expects as many %ss as %ss (%u), got %u", s->inner, s->outer, outer, inner);
  return ALPA_OK;
}

static alpa_status check_sides(const alpa_op *op, const side *in, const side *out) {
  const alpa_block *block = op->regions[0].first;
  if (!block || block->next || !block->last || !sdy_is(block->last, SDY_return))
    return alpa_op_error(op, "expects a region of one block that ends in 'sdy.return'");
  ALPA_TRY(check_counts(in, op->n_operands, block->n_args));
  ALPA_TRY(check_counts(out, op->n_results, block->last->n_operands));
  for (uint32_t i = 0; i < op->n_operands; i++)
    ALPA_TRY(check_value(in, i, alpa_op_operand_type(op, i), block->args[i]->type));
  for (uint32_t i = 0; i < op->n_results; i++)
    ALPA_TRY(check_value(out, i, op->results[i].type, alpa_op_operand_type(block->last, i)));
  return ALPA_OK;
}

static alpa_status verify_computation(const alpa_op *op, const alpa_attr *in_shardings, const alpa_attr *out_shardings,
                                      const alpa_attr *manual) {
  if (!alpa_op_sees_symbols(op))
    return ALPA_OK; /* detached: its meshes cannot be found */
  alpa_arena scratch;
  alpa_arena_init(&scratch, &alpa_op_context(op)->memory);
  side in = {op, &scratch, in_shardings, manual, "operand", "block argument"};
  side out = {op, &scratch, out_shardings, manual, "result", "returned value"};
  alpa_status status = check_sides(op, &in, &out);
  alpa_arena_deinit(&scratch);
  return status;
}

static const alpa_attr *items_of(const alpa_attr *attr) { return attr ? alpa_attr_field(attr, SDY_LIST_ITEMS) : NULL; }

alpa_status alpa_sdy_verify_manual_computation(alpa_op *op) {
  return verify_computation(op, items_of(op->attrs[sdy_manual_computation_in_shardings]),
                            items_of(op->attrs[sdy_manual_computation_out_shardings]),
                            items_of(op->attrs[sdy_manual_computation_manual_axes]));
}

alpa_status alpa_sdy_verify_named_computation(alpa_op *op) {
  return verify_computation(op, items_of(op->attrs[sdy_named_computation_in_shardings]),
                            items_of(op->attrs[sdy_named_computation_out_shardings]), NULL);
}
