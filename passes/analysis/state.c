/* States of values, to and from sdy shardings. */
#include "passes/analysis/state.h"

#include <string.h>

#include "dialects/sdy/sdy.h"

alpa_state alpa_state_get_replicated(void) {
  alpa_state state = {.kind = ALPA_PARTIAL_SUM};
  for (int a = 0; a < ALPA_MAX_AXES; a++) {
    state.place[a] = ALPA_REPLICATED;
    state.order[a] = (uint8_t)a;
  }
  return state;
}

static alpa_status place_axes(const alpa_sharding *sharding, alpa_axis_refs refs, int place, const alpa_op *at,
                              alpa_state *state) {
  for (size_t i = 0; i < refs.n; i++) {
    const alpa_axis_ref *ref = &refs.items[i];
    const alpa_mesh_axis *axis = &sharding->mesh->axes[ref->axis];
    if (ref->size != 0 && ref->size != axis->size)
      return alpa_op_unsupported(at, "shards by a part of axis '%s' (%lld of %lld): declare a mesh with the axis split",
                                 axis->name, (long long)ref->size, (long long)axis->size);
    state->place[ref->axis] = (int8_t)place;
    state->order[ref->axis] = (uint8_t)i;
  }
  return ALPA_OK;
}

alpa_status alpa_state_read(const alpa_sharding *sharding, const alpa_op *at, alpa_state *out_state) {
  alpa_state state = alpa_state_get_replicated();
  state.kind = sharding->partial_kind;
  for (uint32_t d = 0; d < sharding->rank; d++)
    ALPA_TRY(place_axes(sharding, sharding->dims[d].axes, (int)d, at, &state));
  ALPA_TRY(place_axes(sharding, sharding->partial, ALPA_PARTIAL, at, &state));
  *out_state = state;
  return ALPA_OK;
}

static alpa_axis_refs write_axes(alpa_arena *arena, const alpa_mesh *mesh, const alpa_state *state, int place) {
  uint32_t axes[ALPA_MAX_AXES];
  uint32_t n = alpa_state_axes(mesh, state, place, axes);
  alpa_axis_ref *refs = alpa_arena_new(arena, alpa_axis_ref, n);
  for (uint32_t i = 0; i < n; i++)
    refs[i] = (alpa_axis_ref){.axis = axes[i], .pre = 1};
  return (alpa_axis_refs){.items = refs, .n = n};
}

alpa_sharding alpa_state_write(alpa_arena *arena, const alpa_mesh *mesh, uint32_t rank, const alpa_state *state) {
  alpa_sharding sharding = {.mesh = mesh,
                            .rank = rank,
                            .dims = alpa_arena_new(arena, alpa_dim_sharding, rank),
                            .partial = write_axes(arena, mesh, state, ALPA_PARTIAL),
                            .partial_kind = state->kind};
  for (uint32_t d = 0; d < rank; d++)
    sharding.dims[d].axes = write_axes(arena, mesh, state, (int)d);
  return sharding;
}

uint32_t alpa_state_axes(const alpa_mesh *mesh, const alpa_state *state, int dim, uint32_t axes[ALPA_MAX_AXES]) {
  uint32_t n = 0;
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    if (state->place[a] != dim)
      continue;
    uint32_t at = n++;
    bool is_ordered = dim >= 0;
    for (; at > 0 && is_ordered && state->order[axes[at - 1]] > state->order[a]; at--)
      axes[at] = axes[at - 1];
    axes[at] = a;
  }
  return n;
}

int64_t alpa_state_parts(const alpa_mesh *mesh, const alpa_state *state, int dim) {
  int64_t parts = 1;
  for (uint32_t a = 0; a < mesh->n_axes; a++)
    if (state->place[a] == dim)
      parts *= mesh->axes[a].size;
  return parts;
}

bool alpa_state_is_partial(const alpa_mesh *mesh, const alpa_state *state) {
  for (uint32_t a = 0; a < mesh->n_axes; a++)
    if (state->place[a] == ALPA_PARTIAL)
      return true;
  return false;
}

alpa_state alpa_state_adapt(const alpa_mesh *mesh, const alpa_state *need, const alpa_state *have) {
  alpa_state state = *need;
  for (uint32_t a = 0; a < mesh->n_axes && need->kind != ALPA_PARTIAL_SUM; a++)
    if (need->place[a] == ALPA_PARTIAL && (have->place[a] != ALPA_PARTIAL || have->kind != need->kind))
      state.place[a] = ALPA_REPLICATED;
  return state;
}

bool alpa_state_is_equal(const alpa_mesh *mesh, const alpa_state *a, const alpa_state *b) {
  if (memcmp(a->place, b->place, mesh->n_axes) != 0)
    return false;
  if (a->kind != b->kind && alpa_state_is_partial(mesh, a))
    return false;
  for (uint32_t x = 0; x < mesh->n_axes; x++)
    for (uint32_t y = 0; y < x; y++)
      if (a->place[x] >= 0 && a->place[x] == a->place[y] && (a->order[x] < a->order[y]) != (b->order[x] < b->order[y]))
        return false;
  return true;
}

uint64_t alpa_state_hash(const alpa_mesh *mesh, const alpa_state *state) {
  uint64_t hash = alpa_hash64(state->place, mesh->n_axes, alpa_state_is_partial(mesh, state) ? state->kind + 1u : 0u);
  for (uint32_t x = 0; x < mesh->n_axes; x++)
    for (uint32_t y = 0; y < x; y++)
      if (state->place[x] >= 0 && state->place[x] == state->place[y])
        hash = alpa_hash_mix(hash, state->order[x] < state->order[y]);
  return hash;
}

const alpa_type *alpa_state_local_type(alpa_context *ctx, const alpa_mesh *mesh, const alpa_type *type,
                                       const alpa_state *state) {
  int64_t dims[INT8_MAX];
  if (!alpa_type_is_tensor(type) || type->rank > INT8_MAX)
    return type;
  for (uint32_t d = 0; d < type->rank; d++)
    dims[d] = alpa_local_size(type->dims[d], alpa_state_parts(mesh, state, (int)d));
  return alpa_type_with_dims(ctx, type, type->rank, dims);
}

const char *alpa_op_reshard_attr(const alpa_op *op) {
  if (op->def->dialect != &alpa_sdy_dialect || op->n_operands != 1 || op->n_results != 1)
    return NULL;
  for (const alpa_field_def *field = op->def->attrs; field->name; field++)
    if (field->required && (strcmp(field->name, "sharding") == 0 || strcmp(field->name, "out_sharding") == 0))
      return field->name;
  return NULL;
}

/* ---- reading the IR ---- */

static alpa_status read_attr(alpa_states *states, const alpa_attr *attr, const alpa_op *at,
                             const alpa_state **out_state) {
  *out_state = NULL;
  if (attr == NULL)
    return ALPA_OK;
  *out_state = alpa_map_get_pointer(&states->by_attr, attr);
  if (*out_state)
    return ALPA_OK;
  alpa_sharding sharding;
  alpa_state *state = alpa_arena_new(states->arena, alpa_state, 1);
  ALPA_TRY(alpa_sharding_decode(states->arena, states->mesh, at, attr, &sharding));
  ALPA_TRY(alpa_state_read(&sharding, at, state));
  alpa_map_set_pointer(states->arena, &states->by_attr, attr, state);
  *out_state = state;
  return ALPA_OK;
}

/* The result of the op around a block to which the block's argument is tied, or the argument itself. */
static const alpa_value *find_tied(const alpa_value *value) {
  if (value->block == NULL)
    return value;
  const alpa_op *parent = value->block->region->op;
  return parent && value->index < parent->n_results ? &parent->results[value->index] : value;
}

alpa_status alpa_states_find(alpa_states *states, const alpa_value *value, const alpa_state **out_state) {
  const alpa_value *tied = find_tied(value);
  const alpa_op *at = tied->op ? tied->op : tied->block->region->op;
  const char *name = tied->op ? alpa_op_reshard_attr(tied->op) : NULL;
  const alpa_attr *attr = name ? alpa_op_find_attr(tied->op, name) : alpa_value_find_sharding(tied);
  return read_attr(states, attr, at, out_state);
}

alpa_status alpa_states_find_result(alpa_states *states, const alpa_op *func, uint32_t index,
                                    const alpa_state **out_state) {
  return read_attr(states, alpa_func_find_result_sharding(func, index), func, out_state);
}

const alpa_attr *alpa_states_encode(alpa_states *states, alpa_context *ctx, uint32_t rank, const alpa_state *state) {
  alpa_sharding sharding = alpa_state_write(states->arena, states->mesh, rank, state);
  return alpa_sharding_encode(ctx, &sharding);
}

void alpa_states_set(alpa_states *states, alpa_value *value, const alpa_state *state) {
  alpa_module *module = value->op ? value->op->module : value->block->region->op->module;
  const alpa_attr *sharding = alpa_states_encode(states, module->ctx, value->type->rank, state);
  const char *name = value->op ? alpa_op_reshard_attr(value->op) : NULL;
  if (name)
    alpa_op_set_attr(value->op, name, sharding);
  else
    alpa_value_set_sharding(value, sharding);
}
