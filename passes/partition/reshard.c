/* From one state of a value to another: partial axes are reduced first (scattered where that is wanted), shards move
 * among dimensions by all-to-all or to other devices by permutation, wanted slices are taken as soon as possible,
 * what is left is gathered.  A dimension whose shards are padded is gathered and cropped whole before it changes,
 * since shards of another number of parts begin elsewhere. */
#include <string.h>

#include "passes/partition/partition.h"

bool alpa_state_is_padded(const alpa_mesh *mesh, const alpa_type *whole, const alpa_state *state, uint32_t dim) {
  return whole->dims[dim] % alpa_state_parts(mesh, state, (int)dim) != 0;
}

/* A value on its way. */
typedef struct mover {
  alpa_partitioner *p;
  const alpa_mesh *mesh;
  const alpa_type *whole;
  alpa_value *value;
  alpa_state now, goal;
} mover;

typedef struct axes {
  uint32_t items[ALPA_MAX_AXES], n;
} axes;

static axes axes_of(const mover *m, const alpa_state *state, int dim) {
  axes list = {0};
  list.n = alpa_state_axes(m->mesh, state, dim, list.items);
  return list;
}

static alpa_axis_list as_list(const axes *list) { return (alpa_axis_list){list->items, list->n}; }

static bool is_prefix(const axes *prefix, const axes *of) {
  return prefix->n <= of->n && memcmp(prefix->items, of->items, prefix->n * sizeof *prefix->items) == 0;
}

static bool is_even(const mover *m, const alpa_state *state, uint32_t dim) {
  return !alpa_state_is_padded(m->mesh, m->whole, state, dim);
}

/* Puts an axis at the minor end of a dimension. */
static void append_axis(mover *m, uint32_t axis, uint32_t dim) {
  axes list = axes_of(m, &m->now, (int)dim);
  for (uint32_t i = 0; i < list.n; i++)
    m->now.order[list.items[i]] = (uint8_t)i;
  m->now.place[axis] = (int8_t)dim;
  m->now.order[axis] = (uint8_t)list.n;
}

/* The dimension to which `axis` can be appended on the way to the goal without padding; or -1. */
static int find_appendable(const mover *m, uint32_t axis) {
  int dim = m->goal.place[axis];
  if (dim < 0 || !is_even(m, &m->goal, (uint32_t)dim) || !is_even(m, &m->now, (uint32_t)dim))
    return -1;
  axes have = axes_of(m, &m->now, dim), want = axes_of(m, &m->goal, dim);
  return is_prefix(&have, &want) && want.items[have.n] == axis ? dim : -1;
}

/* ---- partial ---- */

static bool is_to_reduce(const mover *m, uint32_t axis) {
  return m->now.place[axis] == ALPA_PARTIAL && (m->goal.place[axis] != ALPA_PARTIAL || m->goal.kind != m->now.kind);
}

/* Reduces and scatters along the next axes that a dimension wants. */
static bool scatter_once(mover *m) {
  for (uint32_t a = 0; a < m->mesh->n_axes; a++) {
    int dim = is_to_reduce(m, a) ? find_appendable(m, a) : -1;
    if (dim < 0)
      continue;
    axes taken = {.items = {a}, .n = 1};
    append_axis(m, a, (uint32_t)dim);
    axes have = axes_of(m, &m->now, dim), want = axes_of(m, &m->goal, dim);
    for (; have.n < want.n && is_to_reduce(m, want.items[have.n]); have = axes_of(m, &m->now, dim)) {
      taken.items[taken.n++] = want.items[have.n];
      append_axis(m, want.items[have.n], (uint32_t)dim);
    }
    m->value = alpa_emit_reduce_scatter(m->p, m->value, as_list(&taken), (uint32_t)dim, m->now.kind);
    return true;
  }
  return false;
}

static void reduce_rest(mover *m) {
  axes rest = {0};
  for (uint32_t a = 0; a < m->mesh->n_axes; a++) {
    if (!is_to_reduce(m, a))
      continue;
    rest.items[rest.n++] = a;
  }
  for (uint32_t i = 0; i < rest.n; i++)
    m->now.place[rest.items[i]] = ALPA_REPLICATED;
  if (rest.n > 0)
    m->value = alpa_emit_all_reduce(m->p, m->value, as_list(&rest), m->now.kind);
}

/* ---- sharded ---- */

/* Takes the device's part along axes that are replicated. */
static bool slice_once(mover *m) {
  for (uint32_t a = 0; a < m->mesh->n_axes; a++) {
    int dim = m->now.place[a] == ALPA_REPLICATED ? find_appendable(m, a) : -1;
    if (dim < 0)
      continue;
    axes taken = {.items = {a}, .n = 1};
    append_axis(m, a, (uint32_t)dim);
    axes have = axes_of(m, &m->now, dim), want = axes_of(m, &m->goal, dim);
    for (; have.n < want.n && m->now.place[want.items[have.n]] == ALPA_REPLICATED; have = axes_of(m, &m->now, dim)) {
      taken.items[taken.n++] = want.items[have.n];
      append_axis(m, want.items[have.n], (uint32_t)dim);
    }
    const alpa_type *local = alpa_state_local_type(m->p->ctx, m->mesh, m->whole, &m->now);
    alpa_value **starts = alpa_arena_new(m->p->arena, alpa_value *, local->rank);
    starts[dim] = alpa_emit_coordinate(m->p, taken.items, taken.n, local->dims[dim]);
    m->value = alpa_emit_window(m->p, m->value, starts, local->dims);
    m->p->counts->n_slice++;
    return true;
  }
  return false;
}

/* The whole of a dimension's axes at once, padded at the end. */
static bool slice_padded_once(mover *m) {
  for (uint32_t d = 0; d < m->whole->rank; d++) {
    axes have = axes_of(m, &m->now, (int)d), want = axes_of(m, &m->goal, (int)d);
    if (have.n > 0 || want.n == 0 || is_even(m, &m->goal, d))
      continue;
    bool is_ready = true;
    for (uint32_t i = 0; i < want.n; i++)
      is_ready = is_ready && m->now.place[want.items[i]] == ALPA_REPLICATED;
    if (!is_ready)
      continue;
    int64_t local = alpa_local_size(m->whole->dims[d], alpa_state_parts(m->mesh, &m->goal, (int)d));
    int64_t *sizes = alpa_arena_copy(m->p->arena, m->value->type->dims, m->whole->rank * sizeof *sizes);
    alpa_value **starts = alpa_arena_new(m->p->arena, alpa_value *, m->whole->rank);
    sizes[d] = local * alpa_state_parts(m->mesh, &m->goal, (int)d);
    alpa_value *padded = alpa_emit_pad(m->p, m->value, sizes);
    sizes[d] = local;
    starts[d] = alpa_emit_coordinate(m->p, want.items, want.n, local);
    m->value = alpa_emit_window(m->p, padded, starts, sizes);
    m->p->counts->n_slice++;
    for (uint32_t i = 0; i < want.n; i++)
      append_axis(m, want.items[i], d);
    return true;
  }
  return false;
}

static bool exchange_once(mover *m) {
  for (uint32_t d = 0; d < m->whole->rank; d++) {
    axes have = axes_of(m, &m->now, (int)d), want = axes_of(m, &m->goal, (int)d);
    if (have.n == 0 || is_prefix(&have, &want) || !is_even(m, &m->now, d))
      continue;
    uint32_t axis = have.items[have.n - 1];
    int to = find_appendable(m, axis);
    if (to < 0 || to == (int)d)
      continue;
    m->value = alpa_emit_all_to_all(m->p, m->value, axis, d, (uint32_t)to);
    append_axis(m, axis, (uint32_t)to);
    return true;
  }
  return false;
}

static bool is_settled(const mover *m, uint32_t dim) {
  axes have = axes_of(m, &m->now, (int)dim), want = axes_of(m, &m->goal, (int)dim);
  if (have.n == want.n)
    return is_prefix(&have, &want);
  return is_prefix(&have, &want) && is_even(m, &m->now, dim) && is_even(m, &m->goal, dim);
}

/* Gathers what one dimension has too much, the minor axes first by being all gathered at once. */
static bool gather_once(mover *m) {
  for (uint32_t d = 0; d < m->whole->rank; d++) {
    axes have = axes_of(m, &m->now, (int)d), want = axes_of(m, &m->goal, (int)d);
    if (have.n == 0 || is_settled(m, d))
      continue;
    uint32_t keep = 0;
    bool is_plain = is_even(m, &m->now, d);
    while (is_plain && is_even(m, &m->goal, d) && keep < have.n && keep < want.n &&
           have.items[keep] == want.items[keep])
      keep++;
    axes taken = {.n = have.n - keep};
    memcpy(taken.items, have.items + keep, taken.n * sizeof *taken.items);
    m->value = alpa_emit_all_gather(m->p, m->value, as_list(&taken), d);
    for (uint32_t i = 0; i < taken.n; i++)
      m->now.place[taken.items[i]] = ALPA_REPLICATED;
    const alpa_type *local = alpa_state_local_type(m->p->ctx, m->mesh, m->whole, &m->now);
    m->value = alpa_emit_crop(m->p, m->value, local->dims);
    return true;
  }
  return false;
}

/* ---- permutation ---- */

/* Numbers what a device holds in a state: its shard, and which part of a partial value. */
static int64_t holding(const mover *m, const alpa_state *state, int64_t device) {
  int64_t number = 0;
  for (int place = ALPA_PARTIAL; place < (int)m->whole->rank; place++) {
    if (place == ALPA_REPLICATED)
      continue;
    axes list = axes_of(m, state, place);
    for (uint32_t i = 0; i < list.n; i++) {
      alpa_axis_ref ref = {.axis = list.items[i], .pre = 1};
      number = number * m->mesh->axes[list.items[i]].size + alpa_axis_ref_coordinate(m->mesh, ref, device);
    }
  }
  return number;
}

/* Same number of parts in every dimension and the same partial axes: each device needs what some device has. */
static bool is_permutation(const mover *m) {
  bool is_changed = false;
  for (uint32_t d = 0; d < m->whole->rank; d++) {
    if (alpa_state_parts(m->mesh, &m->now, (int)d) != alpa_state_parts(m->mesh, &m->goal, (int)d))
      return false;
    axes have = axes_of(m, &m->now, (int)d), want = axes_of(m, &m->goal, (int)d);
    is_changed = is_changed || have.n != want.n || !is_prefix(&have, &want);
  }
  for (uint32_t a = 0; a < m->mesh->n_axes; a++)
    if ((m->now.place[a] == ALPA_PARTIAL) != (m->goal.place[a] == ALPA_PARTIAL))
      return false;
  return is_changed;
}

/* The k-th device that needs a shard receives it from the k-th one that has it. */
static void permute(mover *m) {
  int64_t n = m->mesh->n_devices;
  int64_t *pairs = alpa_arena_new(m->p->arena, int64_t, 2 * n);
  bool *used = alpa_arena_new(m->p->arena, bool, n);
  for (int64_t target = 0; target < n; target++) {
    int64_t wanted = holding(m, &m->goal, target), source = 0;
    while (used[source] || holding(m, &m->now, source) != wanted)
      source++;
    used[source] = true;
    pairs[2 * target] = source;
    pairs[2 * target + 1] = target;
  }
  m->value = alpa_emit_permute(m->p, m->value, pairs, n);
  memcpy(m->now.place, m->goal.place, sizeof m->now.place);
  memcpy(m->now.order, m->goal.order, sizeof m->now.order);
}

/* ---- all
 * ----------------------------------------------------------------------------------------------------------------------
 */

/* The minor axes of a dimension that become partial; none where only some of its axes do that are not minor, or where
 * shards are padded and not all axes do. */
static axes find_spread(const mover *m, const alpa_state *goal, uint32_t dim) {
  axes have = axes_of(m, &m->now, (int)dim), spread = {0};
  uint32_t first = have.n;
  while (first > 0 && goal->place[have.items[first - 1]] == ALPA_PARTIAL)
    first--;
  if (first > 0 && !is_even(m, &m->now, dim))
    return spread;
  spread.n = have.n - first;
  memcpy(spread.items, have.items + first, spread.n * sizeof *spread.items);
  return spread;
}

/* Shards become partial values without communication: each device puts its own into neutral elements. */
static void spread_shards(mover *m, const alpa_state *goal) {
  alpa_partitioner *p = m->p;
  for (uint32_t d = 0; d < m->whole->rank; d++) {
    axes spread = find_spread(m, goal, d);
    if (spread.n == 0)
      continue;
    int64_t local = m->value->type->dims[d], parts = 1;
    for (uint32_t i = 0; i < spread.n; i++)
      parts *= m->mesh->axes[spread.items[i]].size;
    int64_t *sizes = alpa_arena_copy(p->arena, m->value->type->dims, m->whole->rank * sizeof *sizes);
    sizes[d] = local * parts;
    alpa_value *all =
        alpa_emit_neutral(p, alpa_type_with_dims(p->ctx, m->value->type, m->whole->rank, sizes), goal->kind);
    m->value = alpa_emit_update(p, all, m->value, d, alpa_emit_coordinate(p, spread.items, spread.n, local));
    for (uint32_t i = 0; i < spread.n; i++)
      m->now.place[spread.items[i]] = ALPA_PARTIAL;
    m->now.kind = goal->kind;
    m->value = alpa_emit_crop(p, m->value, alpa_state_local_type(p->ctx, m->mesh, m->whole, &m->now)->dims);
  }
}

/* One device along the axes keeps the value, the others get the neutral element; a maximum may stand anywhere. */
static void make_partial(mover *m, const alpa_state *goal) {
  axes new_axes = {0};
  for (uint32_t a = 0; a < m->mesh->n_axes; a++)
    if (goal->place[a] == ALPA_PARTIAL && m->now.place[a] != ALPA_PARTIAL)
      new_axes.items[new_axes.n++] = a;
  if (new_axes.n == 0 || goal->kind != ALPA_PARTIAL_SUM || alpa_value_is_neutral(m->value, ALPA_PARTIAL_SUM))
    return;
  alpa_partitioner *p = m->p;
  alpa_value *coordinate = alpa_emit_coordinate(p, new_axes.items, new_axes.n, 1);
  alpa_value *is_first = alpa_emit_compare(p, STABLEHLO_EQ, coordinate, alpa_emit_integer(p, coordinate->type, 0));
  alpa_value *neutral = alpa_emit_neutral(p, m->value->type, goal->kind);
  m->value = alpa_emit(p, STABLEHLO_select, m->value->type, ALPA_VALUES(is_first, m->value, neutral), NULL);
}

alpa_value *alpa_emit_reshard(alpa_partitioner *p, alpa_value *value, const alpa_type *whole, const alpa_state *from,
                              const alpa_state *to) {
  mover m = {.p = p, .mesh = p->mesh, .whole = whole, .value = value, .now = *from, .goal = *to};
  if (alpa_state_is_equal(p->mesh, from, to))
    return value;
  while (scatter_once(&m))
    continue;
  reduce_rest(&m);
  spread_shards(&m, to);
  for (uint32_t a = 0; a < p->mesh->n_axes; a++)
    if (to->place[a] == ALPA_PARTIAL && m.now.place[a] != ALPA_PARTIAL)
      m.goal.place[a] = ALPA_REPLICATED;
  if (is_permutation(&m))
    permute(&m);
  while (exchange_once(&m) || slice_once(&m) || gather_once(&m) || slice_padded_once(&m))
    continue;
  make_partial(&m, to);
  return m.value;
}

alpa_value *alpa_emit_mask(alpa_partitioner *p, alpa_value *value, const alpa_type *whole, const alpa_state *state,
                           uint32_t dim, alpa_partial_kind kind) {
  if (!alpa_state_is_padded(p->mesh, whole, state, dim))
    return value;
  uint32_t axes_[ALPA_MAX_AXES];
  uint32_t n = alpa_state_axes(p->mesh, state, (int)dim, axes_);
  const alpa_type *type = alpa_type_with_dtype(p->ctx, value->type, ALPA_I32);
  alpa_value *left = alpa_emit_coordinate(p, axes_, n, -value->type->dims[dim]);
  alpa_value *size = alpa_emit_integer(p, left->type, whole->dims[dim]);
  left = alpa_emit(p, STABLEHLO_add, left->type, ALPA_VALUES(size, left), NULL);
  alpa_value *is_inside =
      alpa_emit_compare(p, STABLEHLO_LT, alpa_emit_iota(p, type, dim), alpa_emit_broadcast(p, left, type));
  alpa_value *neutral = alpa_emit_neutral(p, value->type, kind);
  p->counts->n_mask++;
  return alpa_emit(p, STABLEHLO_select, value->type, ALPA_VALUES(is_inside, value, neutral), NULL);
}
