/* Reductions of the graph: parallel edges added up, functional edges contracted, nodes of degree at most two that use
 * nothing eliminated (non-serial dynamic programming, Bertele and Brioschi), identical components solved once. */
#include "passes/solver/reducer.h"

#include <stdlib.h>
#include <string.h>

/* No product of tables is made that is larger than this, or takes more than that many additions. */
enum { PRODUCT_ENTRIES = 1 << 16, PRODUCT_WORK = 1 << 24 };

/* Merges what one node has to the same neighbour twice; seen[i] is set while i is a neighbour that was met. */
static void merge_parallel(alpa_reducer *reducer, uint32_t index, bool *seen, uint32_t *ids) {
  uint32_t n = alpa_reducer_degree(reducer, index);
  for (uint32_t e = 0; e < n; e++) /* merging rewrites the node's own list */
    ids[e] = reducer->nodes[index].edges.items[e];
  for (uint32_t e = 0; e < n; e++) {
    uint32_t other = alpa_reducer_other(&reducer->edges.items[ids[e]], index);
    if (!seen[other] || !reducer->edges.items[ids[e]].alive) {
      seen[other] = true;
      continue;
    }
    alpa_grid *grid = alpa_reducer_grid(reducer, &reducer->edges.items[ids[e]], index);
    alpa_reducer_disconnect(reducer, ids[e]);
    alpa_reducer_connect(reducer, (uint32_t[]){index, other}, grid, true);
  }
  for (uint32_t e = 0; e < n; e++)
    seen[alpa_reducer_other(&reducer->edges.items[ids[e]], index)] = false;
}

void alpa_reduce_parallel(alpa_reducer *reducer) {
  bool *seen = alpa_arena_new(reducer->arena, bool, reducer->n_nodes);
  uint32_t *ids = alpa_arena_new(reducer->arena, uint32_t, reducer->edges.n);
  for (uint32_t i = 0; i < reducer->n_nodes; i++)
    if (reducer->nodes[i].alive)
      merge_parallel(reducer, i, seen, ids);
}

/* ---- contraction ------------------------------------------------------------------------------------------------ */

static void move_segments(alpa_reducer *reducer, uint32_t from, uint32_t to, const uint16_t *map) {
  uint32_t n = reducer->nodes[to].n_states;
  for (size_t g = 0; g < reducer->nodes[from].segments.n; g++) {
    alpa_reducer_segment segment = reducer->nodes[from].segments.items[g];
    int64_t *usage = alpa_arena_new(reducer->arena, int64_t, n);
    for (uint32_t s = 0; s < n; s++)
      usage[s] = segment.usage[map[s]];
    segment.usage = usage;
    alpa_vec_push(reducer->arena, &reducer->nodes[to].segments, segment);
  }
  reducer->nodes[to].is_untidy = true;
}

/* Moves an edge of `from` to the node that decides its state. */
static void move_edge(alpa_reducer *reducer, uint32_t id, const uint32_t from_to[2], const uint16_t *map) {
  uint32_t from = from_to[0], to = from_to[1], n = reducer->nodes[to].n_states;
  uint32_t other = alpa_reducer_other(&reducer->edges.items[id], from);
  alpa_grid *grid = alpa_reducer_grid(reducer, &reducer->edges.items[id], from);
  alpa_reducer_disconnect(reducer, id);
  if (other != to) {
    grid = alpa_grid_pick(&reducer->grids, grid, map, n, NULL, grid->n_columns);
    alpa_reducer_connect(reducer, (uint32_t[]){to, other}, grid, true);
    return;
  }
  int64_t *costs = alpa_arena_new(reducer->arena, int64_t, n);
  for (uint32_t s = 0; s < n; s++)
    costs[s] = grid->costs[(size_t)map[s] * grid->n_columns + s];
  alpa_reducer_add_costs(reducer, to, costs);
}

/* Merges `from` into `to`: state s of `to` means state map[s] of `from`. */
static void merge_node(alpa_reducer *reducer, uint32_t from, uint32_t to, const uint16_t *map) {
  uint32_t n = reducer->nodes[to].n_states, degree = alpa_reducer_degree(reducer, from);
  int64_t *costs = alpa_arena_new(reducer->arena, int64_t, n);
  for (uint32_t s = 0; s < n; s++)
    costs[s] = reducer->nodes[from].costs[map[s]];
  alpa_reducer_add_costs(reducer, to, costs);
  move_segments(reducer, from, to, map);
  for (uint32_t e = 0; e < degree; e++)
    move_edge(reducer, reducer->nodes[from].edges.items[e], (uint32_t[]){from, to}, map);
  reducer->nodes[from].edges.n = 0;
  alpa_reducer_remove(reducer, from, &to, 1, map);
}

/* Whether merging pays: the moved tables must not grow by more than a factor of two. */
static const uint16_t *find_merge(alpa_reducer *reducer, const alpa_reducer_edge *edge, uint32_t from) {
  uint32_t to = alpa_reducer_other(edge, from);
  const alpa_grid *grid = alpa_reducer_grid(reducer, edge, to);
  bool is_cheap = reducer->nodes[to].n_states <= 2 * reducer->nodes[from].n_states;
  return grid->map && (grid->is_bijection || is_cheap || alpa_reducer_degree(reducer, from) == 1) ? grid->map : NULL;
}

static size_t size_of(alpa_reducer *reducer, uint32_t node) {
  return reducer->nodes[node].segments.n + alpa_reducer_degree(reducer, node);
}

void alpa_reduce_contract(alpa_reducer *reducer) {
  for (uint32_t id = 0; id < reducer->edges.n; id++) {
    const alpa_reducer_edge *edge = &reducer->edges.items[id];
    if (!edge->alive)
      continue;
    uint32_t a = edge->nodes[0], b = edge->nodes[1];
    if (!edge->grid->has_infinite || reducer->nodes[a].n_states == 1 || reducer->nodes[b].n_states == 1)
      continue;
    uint32_t first = size_of(reducer, a) < size_of(reducer, b) ? a : b, second = a + b - first;
    const uint16_t *map = find_merge(reducer, edge, first);
    if (map) {
      merge_node(reducer, first, second, map);
      continue;
    }
    map = find_merge(reducer, edge, second);
    if (map)
      merge_node(reducer, second, first, map);
  }
  for (uint32_t i = 0; i < reducer->n_nodes; i++)
    if (reducer->nodes[i].alive && reducer->nodes[i].is_untidy) {
      reducer->nodes[i].is_untidy = false;
      alpa_reducer_tidy_segments(reducer, i);
    }
}

/* ---- elimination ------------------------------------------------------------------------------------------------ */

/* False where every state is forbidden, which is for consistency to report. */
static bool eliminate_isolated(alpa_reducer *reducer, uint32_t index) {
  alpa_reducer_node *node = &reducer->nodes[index];
  uint16_t *best = alpa_arena_new(reducer->arena, uint16_t, 1);
  for (uint32_t s = 1; s < node->n_states; s++)
    if (node->costs[s] < node->costs[*best])
      *best = (uint16_t)s;
  if (node->costs[*best] >= ALPA_SOLVER_INFINITE)
    return false;
  reducer->base += node->costs[*best];
  alpa_reducer_remove(reducer, index, NULL, 0, best);
  return true;
}

static void eliminate_leaf(alpa_reducer *reducer, uint32_t index, uint32_t other, alpa_grid *grid) {
  alpa_grid *right = alpa_grid_get(&reducer->grids, grid->n_rows, 1, reducer->nodes[index].costs);
  alpa_grid *left = alpa_grid_transpose(&reducer->grids, grid);
  const int64_t *zeros = alpa_arena_new(reducer->arena, int64_t, grid->n_rows);
  const alpa_grid_product *product = alpa_grid_multiply(&reducer->grids, left, zeros, right);
  alpa_reducer_add_costs(reducer, other, product->grid->costs);
  alpa_reducer_remove(reducer, index, &other, 1, product->best);
}

static bool is_product_small(const alpa_grid *left, const alpa_grid *right) {
  size_t entries = (size_t)left->n_columns * right->n_columns;
  return entries <= PRODUCT_ENTRIES && entries * left->n_rows <= PRODUCT_WORK;
}

/* Eliminates a node of degree at most two; false where that would be too dear. */
static bool eliminate_node(alpa_reducer *reducer, uint32_t index, uint32_t neighbours[2]) {
  alpa_reducer_node *node = &reducer->nodes[index];
  uint32_t degree = alpa_reducer_degree(reducer, index);
  alpa_grid *grids[2];
  for (uint32_t e = 0; e < degree; e++) {
    const alpa_reducer_edge *edge = &reducer->edges.items[node->edges.items[e]];
    grids[e] = alpa_reducer_grid(reducer, edge, index);
    neighbours[e] = alpa_reducer_other(edge, index);
  }
  if (degree == 2 && neighbours[0] == neighbours[1]) {
    alpa_reducer_disconnect(reducer, node->edges.items[1]);
    alpa_reducer_connect(reducer, (uint32_t[]){index, neighbours[0]}, grids[1], true);
    return eliminate_node(reducer, index, neighbours);
  }
  if (degree == 2 && !is_product_small(grids[0], grids[1]))
    return false;
  for (uint32_t e = 0; e < degree; e++)
    alpa_reducer_disconnect(reducer, node->edges.items[e]);
  if (degree == 0) {
    return eliminate_isolated(reducer, index);
  } else if (degree == 1) {
    eliminate_leaf(reducer, index, neighbours[0], grids[0]);
  } else {
    alpa_grid *left = alpa_grid_transpose(&reducer->grids, grids[0]);
    const alpa_grid_product *product = alpa_grid_multiply(&reducer->grids, left, node->costs, grids[1]);
    alpa_reducer_remove(reducer, index, neighbours, 2, product->best);
    alpa_reducer_connect(reducer, neighbours, product->grid, true);
  }
  return true;
}

static bool can_eliminate(alpa_reducer *reducer, uint32_t index) {
  const alpa_reducer_node *node = &reducer->nodes[index];
  return node->alive && node->segments.n == 0 && alpa_reducer_degree(reducer, index) <= 2;
}

void alpa_reduce_eliminate(alpa_reducer *reducer) {
  ALPA_VEC(uint32_t) work = {0};
  for (uint32_t i = reducer->n_nodes; i-- > 0;)
    if (can_eliminate(reducer, i))
      alpa_vec_push(reducer->arena, &work, i);
  while (work.n > 0) {
    uint32_t index = work.items[--work.n], neighbours[2];
    if (!can_eliminate(reducer, index))
      continue;
    uint32_t degree = alpa_reducer_degree(reducer, index);
    if (!eliminate_node(reducer, index, neighbours))
      continue;
    for (uint32_t e = 0; e < degree; e++)
      if (can_eliminate(reducer, neighbours[e]))
        alpa_vec_push(reducer->arena, &work, neighbours[e]);
  }
}

/* ---- identical components --------------------------------------------------------------------------------------- */

typedef struct component {
  uint32_t *nodes;
  uint32_t n;
  bool is_free; /* uses nothing */
  uint64_t n_copies;
} component;

static int compare_indices(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* The component of a node, which marks its members with their place in it plus one. */
static component collect_component(alpa_reducer *reducer, uint32_t start, uint32_t *places) {
  ALPA_VEC(uint32_t) members = {0};
  component found = {.is_free = true, .n_copies = 1};
  alpa_vec_push(reducer->arena, &members, start);
  places[start] = 1;
  for (size_t at = 0; at < members.n; at++) {
    uint32_t index = members.items[at];
    alpa_reducer_node *node = &reducer->nodes[index];
    found.is_free &= node->segments.n == 0;
    alpa_reducer_degree(reducer, index);
    for (size_t e = 0; e < node->edges.n; e++) {
      uint32_t other = alpa_reducer_other(&reducer->edges.items[node->edges.items[e]], index);
      if (places[other])
        continue;
      places[other] = 1;
      alpa_vec_push(reducer->arena, &members, other);
    }
  }
  qsort(members.items, members.n, sizeof *members.items, compare_indices);
  for (uint32_t m = 0; m < members.n; m++)
    places[members.items[m]] = m + 1;
  found.nodes = members.items;
  found.n = (uint32_t)members.n;
  return found;
}

typedef ALPA_VEC(int64_t) words;

/* A component as words: equal words mean that the states of one are those of the other, in order. */
static words spell_component(alpa_reducer *reducer, const component *part, const uint32_t *places) {
  words text = {0};
  for (uint32_t m = 0; m < part->n; m++) {
    const alpa_reducer_node *node = &reducer->nodes[part->nodes[m]];
    alpa_vec_push(reducer->arena, &text, node->n_states);
    for (uint32_t s = 0; s < node->n_states; s++)
      alpa_vec_push(reducer->arena, &text, node->costs[s]);
    for (size_t e = 0; e < node->edges.n; e++) {
      const alpa_reducer_edge *edge = &reducer->edges.items[node->edges.items[e]];
      uint32_t other = alpa_reducer_other(edge, part->nodes[m]);
      if (other < part->nodes[m])
        continue;
      alpa_vec_push(reducer->arena, &text, places[other]);
      alpa_vec_push(reducer->arena, &text, alpa_reducer_grid(reducer, edge, part->nodes[m])->id);
    }
    alpa_vec_push(reducer->arena, &text, -1);
  }
  return text;
}

/* Lets every node of a copy follow its counterpart. */
static void follow_component(alpa_reducer *reducer, const component *copy, const component *model) {
  for (uint32_t m = 0; m < copy->n; m++) {
    alpa_reducer_node *node = &reducer->nodes[copy->nodes[m]];
    uint16_t *same = alpa_arena_new(reducer->arena, uint16_t, node->n_states);
    for (uint32_t s = 0; s < node->n_states; s++)
      same[s] = (uint16_t)s;
    for (size_t e = 0; e < node->edges.n; e++)
      reducer->edges.items[node->edges.items[e]].alive = false;
    alpa_reducer_remove(reducer, copy->nodes[m], &model->nodes[m], 1, same);
  }
}

static void scale_component(alpa_reducer *reducer, const component *part) {
  int64_t factor = (int64_t)part->n_copies;
  for (uint32_t m = 0; m < part->n; m++) {
    alpa_reducer_node *node = &reducer->nodes[part->nodes[m]];
    for (uint32_t s = 0; s < node->n_states; s++)
      node->costs[s] = node->costs[s] >= ALPA_SOLVER_INFINITE ? ALPA_SOLVER_INFINITE : node->costs[s] * factor;
    for (size_t e = 0; e < node->edges.n; e++) {
      alpa_reducer_edge *edge = &reducer->edges.items[node->edges.items[e]];
      if (edge->nodes[0] == part->nodes[m])
        edge->grid = alpa_grid_scale(&reducer->grids, edge->grid, factor);
    }
  }
}

typedef struct known_component {
  words text;
  component *part;
} known_component;

static bool equal_components(const void *a, const void *b) {
  const known_component *x = a, *y = b;
  return x->text.n == y->text.n && memcmp(x->text.items, y->text.items, x->text.n * sizeof *x->text.items) == 0;
}

void alpa_reduce_fold(alpa_reducer *reducer) {
  uint32_t *places = alpa_arena_new(reducer->arena, uint32_t, reducer->n_nodes);
  alpa_intern known = {0};
  ALPA_VEC(component *) models = {0};
  for (uint32_t i = 0; i < reducer->n_nodes; i++) {
    if (!reducer->nodes[i].alive || places[i])
      continue;
    component part = collect_component(reducer, i, places);
    if (!part.is_free)
      continue;
    known_component key = {.text = spell_component(reducer, &part, places)};
    uint64_t hash = alpa_hash64(key.text.items, key.text.n * sizeof *key.text.items, 0);
    known_component *model = alpa_intern_find(&known, hash, &key, equal_components);
    if (model) {
      model->part->n_copies++;
      follow_component(reducer, &part, model->part);
      continue;
    }
    key.part = alpa_arena_copy(reducer->arena, &part, sizeof part);
    alpa_intern_insert(reducer->arena, &known, hash, alpa_arena_copy(reducer->arena, &key, sizeof key));
    alpa_vec_push(reducer->arena, &models, key.part);
  }
  for (size_t m = 0; m < models.n; m++)
    if (models.items[m]->n_copies > 1)
      scale_component(reducer, models.items[m]);
}
