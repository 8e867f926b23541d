/* The mutable form of a problem and the steps that the reductions are made of, each of which keeps the optimum and the
 * way back.  Tables are split as they arrive, so that every edge has a zero in each row and column and constants have
 * wandered into the nodes, and from there into `base`.
 *
 * A record names states by the caller's strategies at the time it was made, so later restrictions do not touch it. */
#include "passes/solver/reducer.h"

#include <stdlib.h>
#include <string.h>

/* ---- building --------------------------------------------------------------------------------------------------- */

static int compare_times(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* One time point per distinct begin or end; point p stands for [times[p], times[p + 1]). */
static void collect_times(alpa_reducer *reducer, const alpa_solver_problem *problem) {
  size_t n = 0;
  for (uint32_t i = 0; i < problem->n_nodes; i++)
    n += 2 * (size_t)problem->nodes[i].n_segments;
  int64_t *times = alpa_arena_new(reducer->arena, int64_t, n);
  n = 0;
  for (uint32_t i = 0; i < problem->n_nodes; i++)
    for (uint32_t s = 0; s < problem->nodes[i].n_segments; s++) {
      const alpa_solver_segment *segment = &problem->nodes[i].segments[s];
      if (segment->begin < segment->end) {
        times[n++] = segment->begin;
        times[n++] = segment->end;
      }
    }
  qsort(times, n, sizeof *times, compare_times);
  size_t n_unique = 0;
  for (size_t t = 0; t < n; t++)
    if (t == 0 || times[t] != times[n_unique - 1])
      times[n_unique++] = times[t];
  reducer->times = times;
  reducer->n_times = (uint32_t)n_unique;
  reducer->base_steps = alpa_arena_new(reducer->arena, int64_t, n_unique + 1);
}

static uint32_t find_time(const alpa_reducer *reducer, int64_t time) {
  const int64_t *found = bsearch(&time, reducer->times, reducer->n_times, sizeof time, compare_times);
  return (uint32_t)(found - reducer->times);
}

void alpa_reducer_put_segment(alpa_reducer *reducer, uint32_t index, const alpa_reducer_segment *segment) {
  alpa_reducer_node *node = &reducer->nodes[index];
  alpa_reducer_segment copy = *segment;
  copy.usage = alpa_arena_copy(reducer->arena, segment->usage, sizeof(int64_t) * node->n_states);
  alpa_vec_push(reducer->arena, &node->segments, copy);
}

static void add_segments(alpa_reducer *reducer, uint32_t index, const alpa_solver_node *from) {
  for (uint32_t s = 0; s < from->n_segments; s++) {
    const alpa_solver_segment *segment = &from->segments[s];
    if (segment->begin >= segment->end)
      continue;
    uint32_t begin = find_time(reducer, segment->begin), end = find_time(reducer, segment->end);
    alpa_reducer_segment copy = {begin, end, (int64_t *)(uintptr_t)segment->usage};
    alpa_reducer_put_segment(reducer, index, &copy);
  }
  alpa_reducer_tidy_segments(reducer, index);
}

static void enqueue(alpa_reducer *reducer, uint32_t node) {
  reducer->nodes[node].is_changed = true;
  if (reducer->nodes[node].is_queued)
    return;
  reducer->nodes[node].is_queued = true;
  alpa_vec_push(reducer->arena, &reducer->queue, node);
}

void alpa_reducer_start(alpa_reducer *reducer, alpa_arena *arena, uint32_t n_nodes, uint32_t n_times) {
  *reducer = (alpa_reducer){.arena = arena, .n_nodes = n_nodes, .n_times = n_times};
  alpa_grid_pool_init(&reducer->grids, arena);
  reducer->nodes = alpa_arena_new(arena, alpa_reducer_node, n_nodes);
  reducer->times = alpa_arena_new(arena, int64_t, n_times);
  reducer->base_steps = alpa_arena_new(arena, int64_t, n_times + 1);
}

void alpa_reducer_put_node(alpa_reducer *reducer, uint32_t index, uint32_t n_states, const uint16_t *origins,
                           const int64_t *costs) {
  reducer->nodes[index] = (alpa_reducer_node){.n_states = n_states, .alive = true, .origins = origins};
  reducer->nodes[index].costs = alpa_arena_new(reducer->arena, int64_t, n_states);
  alpa_reducer_add_costs(reducer, index, costs);
  enqueue(reducer, index);
}

static void add_node(alpa_reducer *reducer, uint32_t index, const alpa_solver_node *from) {
  uint16_t *origins = alpa_arena_new(reducer->arena, uint16_t, from->n_strategies);
  for (uint32_t s = 0; s < from->n_strategies; s++)
    origins[s] = (uint16_t)s;
  alpa_reducer_put_node(reducer, index, from->n_strategies, origins, from->costs);
}

static void link_edge(alpa_reducer *reducer, const uint32_t nodes[2], const alpa_grid_split *split, bool merge);

void alpa_reducer_init(alpa_reducer *reducer, alpa_arena *arena, const alpa_solver_problem *problem, bool with_limit) {
  alpa_reducer_start(reducer, arena, problem->n_nodes, 0);
  reducer->limit = problem->limit;
  with_limit = with_limit && problem->limit != ALPA_SOLVER_UNLIMITED;
  if (with_limit)
    collect_times(reducer, problem);
  for (uint32_t i = 0; i < problem->n_nodes; i++) {
    add_node(reducer, i, &problem->nodes[i]);
    if (with_limit)
      add_segments(reducer, i, &problem->nodes[i]);
  }
  for (uint32_t e = 0; e < problem->n_edges; e++) {
    const alpa_solver_edge *edge = &problem->edges[e];
    alpa_grid_source source = {
        .table = &problem->tables[edge->table],
        .rows = edge->rows,
        .columns = edge->columns,
        .n_rows = problem->nodes[edge->from].n_strategies,
        .n_columns = problem->nodes[edge->to].n_strategies,
        .weight = edge->weight,
    };
    link_edge(reducer, (uint32_t[]){edge->from, edge->to}, alpa_grid_gather(&reducer->grids, &source), false);
  }
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

alpa_grid *alpa_reducer_grid(alpa_reducer *reducer, const alpa_reducer_edge *edge, uint32_t node) {
  return edge->nodes[0] == node ? edge->grid : alpa_grid_transpose(&reducer->grids, edge->grid);
}

uint32_t alpa_reducer_degree(alpa_reducer *reducer, uint32_t index) {
  alpa_reducer_node *node = &reducer->nodes[index];
  size_t n = 0;
  for (size_t e = 0; e < node->edges.n; e++)
    if (reducer->edges.items[node->edges.items[e]].alive)
      node->edges.items[n++] = node->edges.items[e];
  node->edges.n = n;
  return (uint32_t)n;
}

void alpa_reducer_add_costs(alpa_reducer *reducer, uint32_t index, const int64_t *costs) {
  alpa_reducer_node *node = &reducer->nodes[index];
  int64_t least = ALPA_SOLVER_INFINITE;
  for (uint32_t s = 0; s < node->n_states; s++) {
    bool is_infinite = node->costs[s] >= ALPA_SOLVER_INFINITE || costs[s] >= ALPA_SOLVER_INFINITE;
    node->costs[s] = is_infinite ? ALPA_SOLVER_INFINITE : node->costs[s] + costs[s];
    least = node->costs[s] < least ? node->costs[s] : least;
  }
  if (least == 0 || least >= ALPA_SOLVER_INFINITE)
    return;
  for (uint32_t s = 0; s < node->n_states; s++)
    if (node->costs[s] < ALPA_SOLVER_INFINITE)
      node->costs[s] -= least;
  reducer->base += least;
}

/* The live edge between two nodes, or NULL. */
static alpa_reducer_edge *find_edge(alpa_reducer *reducer, uint32_t a, uint32_t b) {
  if (alpa_reducer_degree(reducer, a) > alpa_reducer_degree(reducer, b)) {
    uint32_t swap = a;
    a = b;
    b = swap;
  }
  for (size_t e = 0; e < reducer->nodes[a].edges.n; e++) {
    alpa_reducer_edge *edge = &reducer->edges.items[reducer->nodes[a].edges.items[e]];
    if (alpa_reducer_other(edge, a) == b)
      return edge;
  }
  return NULL;
}

static void link_edge(alpa_reducer *reducer, const uint32_t nodes[2], const alpa_grid_split *split, bool merge) {
  alpa_reducer_add_costs(reducer, nodes[0], split->rows);
  alpa_reducer_add_costs(reducer, nodes[1], split->columns);
  if (split->rest->is_zero)
    return;
  alpa_reducer_edge *known = merge ? find_edge(reducer, nodes[0], nodes[1]) : NULL;
  if (known) {
    alpa_grid *sum = alpa_grid_add(&reducer->grids, alpa_reducer_grid(reducer, known, nodes[0]), split->rest);
    known->alive = false;
    link_edge(reducer, nodes, alpa_grid_get_split(&reducer->grids, sum), false);
    return;
  }
  uint32_t id = (uint32_t)reducer->edges.n;
  alpa_reducer_edge edge = {.nodes = {nodes[0], nodes[1]}, .grid = split->rest, .alive = true};
  alpa_vec_push(reducer->arena, &reducer->edges, edge);
  for (int end = 0; end < 2; end++) {
    alpa_vec_push(reducer->arena, &reducer->nodes[nodes[end]].edges, id);
    enqueue(reducer, nodes[end]);
  }
}

void alpa_reducer_connect(alpa_reducer *reducer, const uint32_t nodes[2], alpa_grid *grid, bool merge) {
  reducer->n_changes++;
  link_edge(reducer, nodes, alpa_grid_get_split(&reducer->grids, grid), merge);
}

void alpa_reducer_disconnect(alpa_reducer *reducer, uint32_t edge) {
  reducer->edges.items[edge].alive = false;
  reducer->n_changes++;
  for (int end = 0; end < 2; end++)
    enqueue(reducer, reducer->edges.items[edge].nodes[end]);
}

/* The edge with only the picked rows on the side of `node`; offsets that appear move into the nodes. */
static void pick_edge(alpa_reducer *reducer, uint32_t id, uint32_t node, const uint16_t *keep, uint32_t n) {
  alpa_reducer_edge *edge = &reducer->edges.items[id];
  bool is_row = edge->nodes[0] == node;
  alpa_grid *grid = alpa_grid_pick(&reducer->grids, edge->grid, is_row ? keep : NULL, is_row ? n : edge->grid->n_rows,
                                   is_row ? NULL : keep, is_row ? edge->grid->n_columns : n);
  const alpa_grid_split *split = alpa_grid_get_split(&reducer->grids, grid);
  edge->grid = split->rest;
  edge->alive = !split->rest->is_zero;
  alpa_reducer_add_costs(reducer, edge->nodes[0], split->rows);
  alpa_reducer_add_costs(reducer, edge->nodes[1], split->columns);
  enqueue(reducer, alpa_reducer_other(edge, node));
}

void alpa_reducer_restrict(alpa_reducer *reducer, uint32_t index, const uint16_t *keep, uint32_t n) {
  alpa_reducer_node *node = &reducer->nodes[index];
  uint16_t *origins = alpa_arena_new(reducer->arena, uint16_t, n);
  for (uint32_t s = 0; s < n; s++) {
    origins[s] = node->origins[keep[s]];
    node->costs[s] = node->costs[keep[s]];
    for (size_t g = 0; g < node->segments.n; g++)
      node->segments.items[g].usage[s] = node->segments.items[g].usage[keep[s]];
  }
  node->origins = origins;
  node->n_states = n;
  reducer->n_changes++;
  alpa_reducer_degree(reducer, index);
  for (size_t e = 0; e < node->edges.n; e++)
    pick_edge(reducer, node->edges.items[e], index, keep, n);
  alpa_reducer_tidy_segments(reducer, index);
  alpa_reducer_add_costs(reducer, index, alpa_arena_new(reducer->arena, int64_t, n));
  enqueue(reducer, index);
}

void alpa_reducer_remove(alpa_reducer *reducer, uint32_t index, const uint32_t *parents, uint32_t n_parents,
                         const uint16_t *best) {
  alpa_reducer_node *node = &reducer->nodes[index];
  alpa_reducer_record record = {.node = index, .n_parents = n_parents, .origins = node->origins, .best = best};
  for (uint32_t p = 0; p < n_parents; p++) {
    record.parents[p] = parents[p];
    record.n_states[p] = reducer->nodes[parents[p]].n_states;
    record.parent_origins[p] = reducer->nodes[parents[p]].origins;
  }
  alpa_vec_push(reducer->arena, &reducer->records, record);
  node->alive = false;
  reducer->n_changes++;
}

/* ---- segments --------------------------------------------------------------------------------------------------- */

static int compare_segments(const void *a, const void *b) {
  const alpa_reducer_segment *x = a, *y = b;
  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return (x->end > y->end) - (x->end < y->end);
}

static bool is_sorted(const alpa_reducer_segment *segments, size_t n) {
  for (size_t g = 1; g < n; g++)
    if (compare_segments(&segments[g - 1], &segments[g]) > 0)
      return false;
  return true;
}

/* Takes the least usage off; false where nothing is left. */
static bool settle_segment(alpa_reducer *reducer, const alpa_reducer_segment *segment, uint32_t n_states) {
  int64_t least = INT64_MAX, most = 0;
  for (uint32_t s = 0; s < n_states; s++)
    least = segment->usage[s] < least ? segment->usage[s] : least;
  for (uint32_t s = 0; s < n_states; s++) {
    segment->usage[s] -= least;
    most = segment->usage[s] > most ? segment->usage[s] : most;
  }
  reducer->base_steps[segment->begin] += least;
  reducer->base_steps[segment->end] -= least;
  return most > 0;
}

void alpa_reducer_tidy_segments(alpa_reducer *reducer, uint32_t index) {
  alpa_reducer_node *node = &reducer->nodes[index];
  if (!is_sorted(node->segments.items, node->segments.n))
    qsort(node->segments.items, node->segments.n, sizeof *node->segments.items, compare_segments);
  size_t n = 0;
  for (size_t g = 0; g < node->segments.n; g++) {
    alpa_reducer_segment segment = node->segments.items[g];
    if (segment.begin >= segment.end || !settle_segment(reducer, &segment, node->n_states))
      continue;
    alpa_reducer_segment *last = n ? &node->segments.items[n - 1] : NULL;
    if (last && last->begin == segment.begin && last->end == segment.end) {
      for (uint32_t s = 0; s < node->n_states; s++)
        last->usage[s] += segment.usage[s];
      if (!settle_segment(reducer, last, node->n_states))
        n--;
      continue;
    }
    node->segments.items[n++] = segment;
  }
  node->segments.n = n;
}

/* ---- the way back ----------------------------------------------------------------------------------------------- */

static uint32_t find_origin(const uint16_t *origins, uint32_t n, uint32_t strategy) {
  for (uint32_t s = 0; s < n; s++)
    if (origins[s] == strategy)
      return s;
  return UINT32_MAX;
}

uint32_t alpa_reducer_find_state(const alpa_reducer *reducer, uint32_t node, uint32_t strategy) {
  return find_origin(reducer->nodes[node].origins, reducer->nodes[node].n_states, strategy);
}

void alpa_reducer_expand(const alpa_reducer *reducer, uint32_t *assignment) {
  for (size_t r = reducer->records.n; r-- > 0;) {
    const alpa_reducer_record *record = &reducer->records.items[r];
    size_t at = 0;
    for (uint32_t p = 0; p < record->n_parents; p++)
      at = at * record->n_states[p] +
           find_origin(record->parent_origins[p], record->n_states[p], assignment[record->parents[p]]);
    assignment[record->node] = record->origins[record->best[at]];
  }
}

/* ---- all of them ------------------------------------------------------------------------------------------------ */

alpa_status alpa_reducer_run(alpa_reducer *reducer, uint32_t reductions) {
  uint64_t before;
#define HAS(id) (reductions >> ALPA_SOLVER_##id & 1)
  do {
    before = reducer->n_changes;
    if (HAS(PARALLEL))
      alpa_reduce_parallel(reducer);
    if (HAS(CONSISTENCY))
      ALPA_TRY(alpa_reduce_consistency(reducer));
    if (HAS(CONTRACT))
      alpa_reduce_contract(reducer);
    if (HAS(ELIMINATE))
      alpa_reduce_eliminate(reducer);
    if (HAS(CONSISTENCY))
      ALPA_TRY(alpa_reduce_consistency(reducer));
    if (HAS(TIME))
      ALPA_TRY(alpa_reduce_time(reducer));
    if (reducer->n_changes == before && HAS(DOMINATE))
      alpa_reduce_dominate(reducer);
  } while (reducer->n_changes != before);
  if (HAS(FOLD))
    alpa_reduce_fold(reducer);
#undef HAS
  return ALPA_OK;
}
