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
  if (op->n_results == 0 && list->array.n == 1)
    return ALPA_OK; /* where an op runs that is there for its effects */
  if (list->array.n != op->n_results)
    return alpa_op_error(op, "expects '%s' to have a sharding for each result (%u), got %zu", attr->name, op->n_results,
                         list->array.n);
  for (uint32_t i = 0; i < op->n_results; i++)
    ALPA_TRY(alpa_sharding_verify(op, list->array.items[i], op->results[i].type));
  return ALPA_OK;
}

/* Partial axes that stay keep how they are combined. */
static alpa_status check_partial(const alpa_op *op, const alpa_sharding *in, const alpa_sharding *out) {
  for (size_t i = 0; i < out->partial.n && in->partial_kind != out->partial_kind; i++)
    if (alpa_axis_refs_overlap(in->mesh, in->partial, out->partial.items[i]))
      return alpa_op_error(op, "changes how axis \"%s\" is to be reduced",
                           out->mesh->axes[out->partial.items[i].axis].name);
  return ALPA_OK;
}

/* Reads the sharding of the operand, where it is known and over the same mesh. */
static alpa_status find_operand_sharding(alpa_arena *arena, const alpa_op *op, const alpa_mesh *mesh, bool *out_known,
                                         alpa_sharding *out_sharding) {
  const alpa_attr *attr = alpa_value_find_sharding(alpa_op_operand(op, 0));
  *out_known = false;
  if (!attr)
    return ALPA_OK;
  ALPA_TRY(alpa_sharding_decode_at(arena, op, attr, out_sharding));
  *out_known = alpa_mesh_has_same_axes(out_sharding->mesh, mesh) && out_sharding->rank == alpa_op_type(op)->rank;
  return ALPA_OK;
}

static alpa_status check_sharded(const alpa_op *op, alpa_arena *arena) {
  alpa_sharding in, out;
  bool known;
  ALPA_TRY(alpa_sharding_decode_at(arena, op, op->attrs[0], &out));
  ALPA_TRY(find_operand_sharding(arena, op, out.mesh, &known, &in));
  return known ? check_partial(op, &in, &out) : ALPA_OK;
}

alpa_status alpa_sdy_verify_sharded(alpa_op *op) {
  if (!alpa_op_sees_symbols(op))
    return ALPA_OK;
  ALPA_TRY(alpa_sharding_verify(op, op->attrs[0], alpa_op_type(op)));
  alpa_arena scratch;
  alpa_arena_init(&scratch, &alpa_op_context(op)->memory);
  alpa_status status = alpa_type_is_tensor(alpa_op_type(op)) ? check_sharded(op, &scratch) : ALPA_OK;
  alpa_arena_deinit(&scratch);
  return status;
}

alpa_status alpa_sdy_verify_data_flow_edge(alpa_op *op) {
  const alpa_attr *sharding = op->attrs[sdy_data_flow_edge_sharding];
  return sharding ? alpa_sharding_verify(op, sharding, alpa_op_type(op)) : ALPA_OK;
}

alpa_status alpa_sdy_verify_propagation_barrier(alpa_op *op) {
  if (op->attrs[sdy_propagation_barrier_allowed_direction]->integer == SDY_BOTH)
    return alpa_op_error(op, "expects allowed_direction to be FORWARD, BACKWARD or NONE, got BOTH, which bars nothing");
  return ALPA_OK;
}

/* ---- regions ---- */

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

/* All shardings are over one mesh, which has the manual axes. */
static alpa_status check_meshes(const side *s, const alpa_mesh **mesh) {
  for (size_t i = 0; s->manual && i < s->shardings->array.n; i++) {
    alpa_sharding sharding;
    ALPA_TRY(alpa_sharding_decode_at(s->arena, s->op, s->shardings->array.items[i], &sharding));
    if (*mesh && sharding.mesh->n_axes && !alpa_mesh_has_same_axes(*mesh, sharding.mesh))
      return alpa_op_error(s->op, "expects all shardings to be over one mesh, got @%s and @%s", (*mesh)->name,
                           sharding.mesh->name);
    *mesh = sharding.mesh->n_axes ? sharding.mesh : *mesh;
  }
  return ALPA_OK;
}

static alpa_status check_manual_axes(const side *s, const alpa_mesh *mesh) {
  for (size_t i = 0; mesh && s->manual && i < s->manual->array.n; i++) {
    const char *name = s->manual->array.items[i]->string.data;
    uint32_t axis = 0;
    while (axis < mesh->n_axes && strcmp(mesh->axes[axis].name, name) != 0)
      axis++;
    if (axis == mesh->n_axes)
      return alpa_op_error(s->op, "names manual axis \"%s\", which mesh @%s does not have", name, mesh->name);
  }
  return ALPA_OK;
}

static alpa_status check_sides(const alpa_op *op, const side *in, const side *out) {
  const alpa_block *block = op->regions[0].first;
  if (!block || block->next || !block->last || !sdy_is(block->last, SDY_return))
    return alpa_op_error(op, "expects a region of one block that ends in 'sdy.return'");
  ALPA_TRY(check_counts(in, op->n_operands, block->n_args));
  ALPA_TRY(check_counts(out, op->n_results, block->last->n_operands));
  const alpa_mesh *mesh = NULL;
  ALPA_TRY(check_meshes(in, &mesh));
  ALPA_TRY(check_meshes(out, &mesh));
  ALPA_TRY(check_manual_axes(in, mesh));
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
