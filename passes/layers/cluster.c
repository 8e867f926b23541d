/* Dynamic program over (layer, end): best[l][e] is the best way to make l layers of the first e units.  O(n^2) for each
 * number of layers, since the weight bound keeps segments short.  The objective is that of Alpa's layer clustering
 * (OSDI'22, section 5.2): the largest communication first, then their sum, then balance. */
#include "passes/layers/cluster.h"

#include <math.h>

typedef struct cost {
  int64_t largest, sum;
  double imbalance;
} cost;

typedef struct cell {
  cost cost;
  uint32_t begin; /* of the last layer */
  bool is_reached;
} cell;

typedef struct table {
  const layer_problem *problem;
  double average, bound;
  cell *cells; /* [n_layers + 1][n_units + 1] */
} table;

static bool is_less(const cost *a, const cost *b) {
  if (a->largest != b->largest)
    return a->largest < b->largest;
  if (a->sum != b->sum)
    return a->sum < b->sum;
  return a->imbalance < b->imbalance;
}

static cell *at(const table *t, uint32_t layer, uint32_t end) {
  return &t->cells[(size_t)layer * (t->problem->n_units + 1) + end];
}

/* Grows one segment to the left for as long as it may be a layer. */
static void extend(const table *t, uint32_t layer, uint32_t end) {
  const layer_problem *p = t->problem;
  cell *best = at(t, layer, end);
  int32_t group = -1;
  double weight = 0;
  for (uint32_t begin = end; begin-- > layer - 1;) {
    weight += p->weights[begin];
    bool is_pinned_elsewhere = p->pins[begin] >= 0 && (uint32_t)p->pins[begin] != layer - 1;
    bool is_other_group = group >= 0 && p->groups[begin] >= 0 && p->groups[begin] != group;
    if (is_pinned_elsewhere || is_other_group || (weight > t->bound && end - begin > 1))
      return;
    group = p->groups[begin] >= 0 ? p->groups[begin] : group;
    const cell *before = at(t, layer - 1, begin);
    if (!before->is_reached || (begin > 0 && p->closed && p->closed[begin - 1]))
      continue;
    int64_t cut = begin ? p->cuts[begin - 1] : 0;
    double off = weight - t->average;
    cost next = {before->cost.largest > cut ? before->cost.largest : cut, before->cost.sum + cut,
                 before->cost.imbalance + off * off};
    if (!best->is_reached || is_less(&next, &best->cost))
      *best = (cell){next, begin, true};
  }
}

bool alpa_layer_problem_solve(alpa_arena *arena, const layer_problem *problem, uint32_t n_layers, uint32_t *out_ends,
                              int64_t *out_largest) {
  uint32_t n = problem->n_units;
  table t = {.problem = problem, .cells = alpa_arena_new(arena, cell, (size_t)(n_layers + 1) * (n + 1))};
  for (uint32_t i = 0; i < n; i++)
    t.average += problem->weights[i];
  t.average /= n_layers;
  t.bound = t.average * (1 + problem->imbalance);
  at(&t, 0, 0)->is_reached = true;
  for (uint32_t layer = 1; layer <= n_layers; layer++)
    for (uint32_t end = layer; end <= n; end++)
      extend(&t, layer, end);
  if (!at(&t, n_layers, n)->is_reached)
    return false;
  *out_largest = at(&t, n_layers, n)->cost.largest;
  for (uint32_t layer = n_layers, end = n; layer > 0; layer--) {
    out_ends[layer - 1] = end;
    end = at(&t, layer, end)->begin;
  }
  return true;
}

/* As many units as the attention of a transformer has, or two blocks of a residual network. */
enum { MOST_IN_BLOCK = 8 };

/* The distance to the nearest cheaper cut in that direction, or more than a block.  Nothing crosses the ends of the
 * sequence, which counts where it is long; a short one is no sequence of blocks. */
static uint32_t find_cheaper(const layer_problem *p, uint32_t cut, int step) {
  bool is_long = p->n_units > MOST_IN_BLOCK;
  int64_t i = (int64_t)cut + step;
  for (uint32_t distance = 1; distance <= MOST_IN_BLOCK; distance++, i += step) {
    bool is_end = i < 0 || i + 1 >= p->n_units;
    if (is_end ? is_long : (double)p->cuts[i] * 1.001 < (double)p->cuts[cut])
      return distance;
    if (is_end)
      break;
  }
  return MOST_IN_BLOCK + 1;
}

static const bool *find_blocks(alpa_arena *arena, const layer_problem *p) {
  bool *closed = alpa_arena_new(arena, bool, p->n_units);
  for (uint32_t cut = 0; cut + 1 < p->n_units; cut++)
    closed[cut] = find_cheaper(p, cut, -1) + find_cheaper(p, cut, 1) <= MOST_IN_BLOCK;
  return closed;
}

static uint32_t solve_most(alpa_arena *arena, const layer_problem *problem, uint32_t most, uint32_t *out_ends) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, arena->memory);
  uint32_t layers = most;
  int64_t largest;
  for (; layers > 0 && !alpa_layer_problem_solve(&scratch, problem, layers, out_ends, &largest); layers--)
    alpa_arena_reset(&scratch);
  alpa_arena_deinit(&scratch);
  return layers;
}

uint32_t alpa_layer_problem_choose(alpa_arena *arena, const layer_problem *problem, uint32_t min_layers,
                                   uint32_t max_layers, uint32_t *out_ends) {
  uint32_t most = max_layers < problem->n_units ? max_layers : problem->n_units;
  uint32_t least = min_layers < most ? min_layers : most;
  layer_problem next = *problem;
  next.closed = find_blocks(arena, problem);
  uint32_t n_layers = solve_most(arena, &next, most, out_ends);
  if (n_layers > 0 && n_layers >= least)
    return n_layers;
  uint32_t wanted = n_layers ? least : most;
  next.closed = NULL;
  n_layers = solve_most(arena, &next, wanted, out_ends);
  if (n_layers >= least)
    return n_layers;
  next.imbalance = INFINITY;
  return solve_most(arena, &next, wanted, out_ends);
}
