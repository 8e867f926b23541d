/* Enumeration of states and the closure of single-axis moves between them.
 *
 * A move changes the state on one axis: all-gather, all-reduce, reduce-scatter, all-to-all, or a slice, which costs
 * nothing.  Where several axes split a dimension only the innermost may move, so the order stays that of the mesh.
 * The cost between two states is the shortest path of moves (Bellman-Ford with a queue from every state). */
#include "passes/shard/states.h"

#include <string.h>

void shard_types_init(shard_types *types, alpa_arena *arena, const alpa_cost_model *model, bool uneven) {
  *types = (shard_types){.arena = arena, .model = model, .uneven = uneven};
}

bool shard_can_split(const shard_types *types, int64_t size, int64_t parts) {
  return types->uneven ? size >= parts : size >= parts && size % parts == 0;
}

/* Product of the sizes of the axes that split `dim` in a state. */
static int64_t parts_of(const shard_types *types, shard_state state, uint32_t dim) {
  int64_t parts = 1;
  for (uint32_t axis = 0; axis < types->model->n_axes; axis++)
    if (shard_state_at(state, axis) == dim + 1)
      parts *= types->model->sizes[axis];
  return parts;
}

static bool is_valid(const shard_types *types, const alpa_type *type, shard_state state) {
  for (uint32_t dim = 0; dim < type->rank; dim++) {
    int64_t parts = parts_of(types, state, dim);
    if (parts > 1 && !shard_can_split(types, type->dims[dim], parts))
      return false;
  }
  uint32_t partial = 0; /* one kind at a time */
  for (uint32_t axis = 0; axis < types->model->n_axes; axis++)
    if (shard_state_at(state, axis) >= SHARD_PARTIAL)
      partial |= 1u << (shard_state_at(state, axis) - SHARD_PARTIAL);
  return (partial & (partial - 1)) == 0;
}

static int64_t local_bytes(const shard_types *types, const alpa_type *type, shard_state state) {
  int64_t bytes = alpa_dtype_get_info(type->dtype)->bytes;
  for (uint32_t dim = 0; dim < type->rank; dim++)
    bytes *= alpa_local_size(type->dims[dim], parts_of(types, state, dim));
  return bytes;
}

static bool has_partial(const shard_types *types, shard_state state) {
  for (uint32_t axis = 0; axis < types->model->n_axes; axis++)
    if (shard_state_at(state, axis) >= SHARD_PARTIAL)
      return true;
  return false;
}

typedef ALPA_VEC(shard_state) state_list;

/* Appends the valid states, those with or those without a partial axis. */
static void enumerate(const shard_types *types, const shard_type *of, bool partial, state_list *out) {
  uint32_t options[16], n_options = 0;
  options[n_options++] = SHARD_REPLICATED;
  for (uint32_t dim = 0; dim < of->type->rank && dim < SHARD_MAX_RANK; dim++)
    if (of->type->dims[dim] > 1)
      options[n_options++] = dim + 1;
  for (uint32_t kind = 0; kind <= ALPA_PARTIAL_MIN; kind++)
    if (of->partial_kinds >> kind & 1)
      options[n_options++] = SHARD_PARTIAL + kind;
  uint32_t digits[ALPA_MAX_AXES] = {0};
  for (;;) {
    shard_state state = 0;
    for (uint32_t axis = 0; axis < types->model->n_axes; axis++)
      state = shard_state_with(state, axis, options[digits[axis]]);
    if (has_partial(types, state) == partial && is_valid(types, of->type, state))
      alpa_vec_push(types->arena, out, state);
    uint32_t axis = 0;
    while (axis < types->model->n_axes && ++digits[axis] == n_options)
      digits[axis++] = 0;
    if (axis == types->model->n_axes)
      return;
  }
}

typedef struct move {
  uint32_t to;
  int64_t cost;
} move;
typedef ALPA_VEC(move) move_list;

/* No axis inside `axis` splits the dimension. */
static bool is_innermost(const shard_types *types, shard_state state, uint32_t axis, uint32_t at) {
  for (uint32_t inner = axis + 1; inner < types->model->n_axes; inner++)
    if (shard_state_at(state, inner) == at)
      return false;
  return true;
}

/* The communication that changes one axis from `from` to `to` (both as in a state). */
static int64_t move_cost(const shard_types *types, uint32_t axis, uint32_t from, uint32_t to, int64_t bytes) {
  if (from == SHARD_REPLICATED)
    return 0;
  alpa_communication kind = from >= SHARD_PARTIAL    ? (to == SHARD_REPLICATED ? ALPA_ALL_REDUCE : ALPA_REDUCE_SCATTER)
                            : to == SHARD_REPLICATED ? ALPA_ALL_GATHER
                                                     : ALPA_ALL_TO_ALL;
  return alpa_cost_communication(types->model, kind, axis, (double)bytes);
}

static void find_moves(const shard_types *types, const shard_type *of, uint32_t index, move_list *out) {
  shard_state state = of->states[index];
  for (uint32_t axis = 0; axis < types->model->n_axes; axis++) {
    uint32_t from = shard_state_at(state, axis);
    bool is_split = from != SHARD_REPLICATED && from < SHARD_PARTIAL;
    if (is_split && !is_innermost(types, state, axis, from))
      continue;
    int64_t bytes = local_bytes(types, of->type, shard_state_with(state, axis, SHARD_REPLICATED));
    for (uint32_t to = 0; to <= of->type->rank && to <= SHARD_MAX_RANK; to++) {
      uint32_t target = shard_type_find(of, shard_state_with(state, axis, to));
      if (to == from || target == UINT32_MAX || (to != SHARD_REPLICATED && !is_innermost(types, state, axis, to)))
        continue;
      alpa_vec_push(types->arena, out, (move){target, move_cost(types, axis, from, to, bytes)});
    }
  }
}

static void shortest_paths(alpa_arena *arena, const shard_type *of, const move_list *moves, uint32_t source,
                           int64_t *costs) {
  uint32_t n = of->n_states, head = 0, tail = 0;
  uint32_t *queue = alpa_arena_new(arena, uint32_t, n);
  bool *queued = alpa_arena_new(arena, bool, n);
  for (uint32_t i = 0; i < n; i++)
    costs[i] = ALPA_SOLVER_INFINITE;
  costs[source] = 0;
  queue[tail++ % n] = source;
  queued[source] = true;
  while (head != tail) {
    uint32_t at = queue[head++ % n];
    queued[at] = false;
    for (size_t m = 0; m < moves[at].n; m++) {
      const move *next = &moves[at].items[m];
      if (costs[at] + next->cost >= costs[next->to])
        continue;
      costs[next->to] = costs[at] + next->cost;
      if (!queued[next->to]) {
        queue[tail++ % n] = next->to;
        queued[next->to] = true;
      }
    }
  }
}

static const int64_t *close_moves(const shard_types *types, const shard_type *of) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, types->arena->memory);
  uint32_t n = of->n_states;
  move_list *moves = alpa_arena_new(&scratch, move_list, n);
  int64_t *costs = alpa_arena_new(types->arena, int64_t, (size_t)n *n);
  for (uint32_t i = 0; i < n; i++)
    find_moves(types, of, i, &moves[i]);
  for (uint32_t i = 0; i < n; i++)
    shortest_paths(&scratch, of, moves, i, costs + (size_t)i * n);
  alpa_arena_deinit(&scratch);
  return costs;
}

const shard_type *shard_type_get(shard_types *types, const alpa_type *type, uint32_t partial_kinds) {
  uint64_t key = alpa_hash_mix((uintptr_t)type, partial_kinds);
  bool is_new;
  uint64_t *slot = alpa_map_insert(types->arena, &types->index, key, &is_new);
  if (!is_new)
    return (const shard_type *)(uintptr_t)*slot;
  shard_type *made = alpa_arena_new(types->arena, shard_type, 1);
  *made = (shard_type){.type = type, .partial_kinds = partial_kinds, .table = (uint32_t)types->items.n};
  *slot = (uintptr_t)made;
  alpa_vec_push(types->arena, &types->items, made);
  state_list states = {0};
  enumerate(types, made, false, &states);
  made->n_whole = (uint32_t)states.n;
  enumerate(types, made, true, &states);
  made->states = states.items;
  made->n_states = (uint32_t)states.n;
  int64_t *bytes = alpa_arena_new(types->arena, int64_t, states.n);
  for (uint32_t i = 0; i < made->n_states; i++) {
    *alpa_map_insert(types->arena, &made->index, states.items[i], NULL) = i;
    bytes[i] = local_bytes(types, type, states.items[i]);
  }
  made->bytes = bytes;
  made->reshard = close_moves(types, made);
  return made;
}

uint32_t shard_type_find(const shard_type *type, shard_state state) {
  const uint64_t *index = alpa_map_find(&type->index, state);
  return index ? (uint32_t)*index : UINT32_MAX;
}

void shard_state_decode(alpa_arena *arena, const alpa_mesh *mesh, uint32_t rank, shard_state state,
                        alpa_sharding *out_sharding) {
  alpa_axis_ref *refs = alpa_arena_new(arena, alpa_axis_ref, (size_t)mesh->n_axes * (rank + 1));
  *out_sharding = (alpa_sharding){.mesh = mesh, .rank = rank, .dims = alpa_arena_new(arena, alpa_dim_sharding, rank)};
  for (uint32_t part = 0; part <= rank; part++) { /* part `rank` collects the partial axes */
    alpa_axis_ref *at = refs + (size_t)part * mesh->n_axes;
    size_t n = 0;
    for (uint32_t axis = 0; axis < mesh->n_axes; axis++) {
      uint32_t here = shard_state_at(state, axis);
      if (part < rank ? here == part + 1 : here >= SHARD_PARTIAL)
        at[n++] = (alpa_axis_ref){.axis = axis, .pre = 1};
      if (here >= SHARD_PARTIAL)
        out_sharding->partial_kind = (alpa_partial_kind)(here - SHARD_PARTIAL);
    }
    *(part < rank ? &out_sharding->dims[part].axes : &out_sharding->partial) = (alpa_axis_refs){at, n};
  }
}

shard_state shard_state_encode(const alpa_sharding *sharding) {
  shard_state state = 0;
  for (uint32_t dim = 0; dim < sharding->rank; dim++)
    for (size_t i = 0; i < sharding->dims[dim].axes.n; i++)
      state = shard_state_with(state, sharding->dims[dim].axes.items[i].axis, dim + 1);
  return state;
}

static bool contains(alpa_axis_refs refs, uint32_t axis) {
  for (size_t i = 0; i < refs.n; i++)
    if (refs.items[i].axis == axis)
      return true;
  return false;
}

bool shard_state_satisfies(shard_state state, const alpa_sharding *sharding) {
  for (uint32_t axis = 0; axis < sharding->mesh->n_axes; axis++) {
    uint32_t at = shard_state_at(state, axis);
    if (contains(sharding->partial, axis) != (at >= SHARD_PARTIAL))
      return false;
    if (at != SHARD_REPLICATED && contains(sharding->replicated, axis))
      return false;
    for (uint32_t dim = 0; dim < sharding->rank; dim++) {
      bool given = contains(sharding->dims[dim].axes, axis), is_here = at == dim + 1;
      if (given ? !is_here : is_here && !sharding->dims[dim].open)
        return false;
    }
  }
  return true;
}
