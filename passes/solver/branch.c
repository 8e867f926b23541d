/* The tree.  A node of it is the set of the root core's states that are left, as flags; its problem is rebuilt from
 * them, which costs little next to its ascent, and reduction then does most of the work. */
#include "passes/solver/branch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_STEPS = 192, ATTEMPT_EVERY = 48 };

/* An open node; its arrays are used again when it is done. */
typedef struct open_node {
  alpa_int128 bound; /* without the root's base */
  uint32_t number;   /* in order of creation, for ties */
  bool *keep;        /* [root places] */
  double *prices;    /* [root times] */
} open_node;

typedef struct tree {
  alpa_stage *root;
  alpa_memory *memory;
  alpa_arena arena; /* of the heap */
  ALPA_VEC(open_node) heap, spare;
  uint32_t n_created;
  double until;
} tree;

/* ---- open nodes ------------------------------------------------------------------------------------------------- */

static bool is_before(const open_node *a, const open_node *b) {
  return a->bound < b->bound || (a->bound == b->bound && a->number > b->number);
}

static size_t keep_bytes(const tree *t) { return sizeof(bool) * t->root->core.n_places; }
static size_t price_bytes(const tree *t) { return sizeof(double) * t->root->core.n_times; }

static void push(tree *t, alpa_int128 bound, const bool *keep, const double *prices) {
  open_node node = {0};
  if (t->spare.n) {
    node = t->spare.items[--t->spare.n];
  } else {
    node.keep = alpa_arena_alloc(&t->arena, keep_bytes(t));
    node.prices = alpa_arena_alloc(&t->arena, price_bytes(t));
  }
  node.bound = bound;
  node.number = t->n_created++;
  memcpy(node.keep, keep, keep_bytes(t));
  memcpy(node.prices, prices, price_bytes(t));
  alpa_vec_push(&t->arena, &t->heap, node);
  open_node *items = t->heap.items;
  size_t at = t->heap.n - 1;
  for (; at > 0 && is_before(&node, &items[(at - 1) / 2]); at = (at - 1) / 2)
    items[at] = items[(at - 1) / 2];
  items[at] = node;
}

static open_node pop(tree *t) {
  open_node *items = t->heap.items, top = items[0], last = items[--t->heap.n];
  size_t at = 0, n = t->heap.n;
  for (size_t child = 1; child < n; child = 2 * at + 1) {
    if (child + 1 < n && is_before(&items[child + 1], &items[child]))
      child++;
    if (!is_before(&items[child], &last))
      break;
    items[at] = items[child];
    at = child;
  }
  if (n)
    items[at] = last;
  return top;
}

/* ---- the problem of a node -------------------------------------------------------------------------------------- */

static void put_node(alpa_reducer *reducer, const alpa_core *core, uint32_t index, const bool *keep) {
  const alpa_core_node *node = &core->nodes[index];
  uint16_t *origins = alpa_arena_new(reducer->arena, uint16_t, node->n_states);
  int64_t *values = alpa_arena_new(reducer->arena, int64_t, node->n_states);
  uint32_t n = 0;
  for (uint32_t s = 0; s < node->n_states; s++)
    if (keep[node->first + s]) {
      values[n] = node->exact[s];
      origins[n++] = (uint16_t)s;
    }
  alpa_reducer_put_node(reducer, index, n, origins, values);
  for (uint32_t g = 0; g < node->n_segments; g++) {
    for (uint32_t s = 0; s < n; s++)
      values[s] = node->segments[g].exact[origins[s]];
    alpa_reducer_put_segment(reducer, index,
                             &(alpa_reducer_segment){node->segments[g].begin, node->segments[g].end, values});
  }
  alpa_reducer_tidy_segments(reducer, index);
}

/* The root's problem with only these states; its times are the root's points. */
static void build(alpa_reducer *reducer, alpa_arena *arena, const alpa_core *core, const bool *keep) {
  alpa_reducer_start(reducer, arena, core->n_nodes, core->n_times);
  reducer->limit = core->limit;
  for (uint32_t t = 0; t < core->n_times; t++) {
    int64_t before = t ? core->capacity[t - 1] : core->limit;
    reducer->times[t] = t;
    reducer->base_steps[t] += before - core->capacity[t];
  }
  for (uint32_t i = 0; i < core->n_nodes; i++)
    put_node(reducer, core, i, keep);
  for (uint32_t e = 0; e < core->n_edges; e++) {
    const alpa_core_edge *edge = &core->edges[e];
    uint32_t a = edge->nodes[0], b = edge->nodes[1];
    alpa_grid *grid = alpa_grid_get(&reducer->grids, edge->table->n_rows, edge->table->n_columns, edge->table->exact);
    grid = alpa_grid_pick(&reducer->grids, grid, reducer->nodes[a].origins, reducer->nodes[a].n_states,
                          reducer->nodes[b].origins, reducer->nodes[b].n_states);
    alpa_reducer_connect(reducer, (uint32_t[]){a, b}, grid, true);
  }
}

/* Passes what is left of each node on to the root's flags. */
static void intersect(const alpa_core *root, const alpa_reducer *reducer, bool *keep) {
  for (uint32_t i = 0; i < root->n_nodes; i++) {
    const alpa_reducer_node *node = &reducer->nodes[i];
    if (!node->alive)
      continue;
    memset(keep + root->nodes[i].first, 0, sizeof *keep * root->nodes[i].n_states);
    for (uint32_t s = 0; s < node->n_states; s++)
      keep[root->nodes[i].first + node->origins[s]] = true;
  }
}

/* ---- branching -------------------------------------------------------------------------------------------------- */

/* How much a node is in doubt: the disagreement of its chains, weighed by what the prices say about it. */
static double doubt(const alpa_stage *stage, uint32_t index) {
  const alpa_core_node *node = &stage->core.nodes[index];
  const double *chosen = stage->dual.chosen + node->first, *costs = stage->dual.trws.costs + node->first;
  double sum = 0, spread = 0, mean = 0;
  for (uint32_t s = 0; s < node->n_states; s++) {
    sum += chosen[s] * (1 - chosen[s]);
    mean += chosen[s] * (costs[s] - node->costs[s]);
  }
  for (uint32_t s = 0; s < node->n_states; s++)
    spread += chosen[s] * fabs(costs[s] - node->costs[s] - mean);
  return sum < 1e-3 ? 0 : sum * (spread + 1e-3 * fabs(stage->dual.best_bound) / stage->core.n_nodes + 1e-9);
}

static uint32_t pick_branch(const alpa_stage *stage) {
  uint32_t best = 0, widest = 0;
  double most = 0;
  for (uint32_t i = 0; i < stage->core.n_nodes; i++) {
    double value = doubt(stage, i);
    if (value > most) {
      most = value;
      best = i;
    }
    if (stage->core.nodes[i].n_states > stage->core.nodes[widest].n_states)
      widest = i;
  }
  return most > 0 ? best : widest;
}

/* Splits the states of the sub-core's node in two: the likeliest ones up to half of the chains, and the others. */
static void split(tree *t, const alpa_stage *stage, const alpa_reducer *reducer, bool *keep, const double *prices) {
  uint32_t index = pick_branch(stage);
  const alpa_core_node *node = &stage->core.nodes[index];
  const double *chosen = stage->dual.chosen + node->first;
  const alpa_core_node *origin = &t->root->core.nodes[node->source];
  uint32_t best = 0;
  for (uint32_t s = 1; s < node->n_states; s++)
    best = chosen[s] > chosen[best] ? s : best;
  const uint16_t *origins = reducer->nodes[node->source].origins;
  alpa_int128 bound = stage->core.base + stage->bound;
  for (int side = 0; side < 2; side++) {
    for (uint32_t s = 0; s < node->n_states; s++)
      keep[origin->first + origins[s]] = (s == best) == (side == 1);
    push(t, bound, keep, prices);
  }
}

/* ---- nodes ------------------------------------------------------------------------------------------------------ */

static void load_prices(alpa_stage *stage, const double *prices) {
  for (uint32_t t = 0; t < stage->core.n_times; t++)
    stage->dual.best_prices[t] = prices[stage->core.times[t]];
  alpa_dual_set_prices(&stage->dual, NULL);
}

static void save_prices(const alpa_stage *stage, double *prices, size_t bytes) {
  memset(prices, 0, bytes);
  for (uint32_t t = 0; t < stage->core.n_times; t++)
    prices[stage->core.times[t]] = stage->dual.best_prices[t];
}

/* Offers a stage's labelling to the root. */
static void report(const tree *t, const alpa_stage *stage, const alpa_reducer *reducer, alpa_arena *arena) {
  if (!stage->primal.found)
    return;
  uint32_t *labels = alpa_arena_new(arena, uint32_t, t->root->core.n_nodes);
  alpa_core_store(&stage->core, reducer, stage->primal.best, labels);
  alpa_primal_offer(&t->root->primal, labels);
}

/* One round on a node: true where it has to be reduced again. */
static bool run_round(tree *t, alpa_reducer *reducer, alpa_arena *arena, open_node *node) {
  alpa_stage stage;
  alpa_stage_init(&stage, arena, reducer, t->root->options, t->root->stats);
  stage.n_steps = NODE_STEPS;
  stage.attempt_every = ATTEMPT_EVERY;
  stage.primal.cost = t->root->primal.cost;
  if (alpa_primal_has_cost(&stage.primal))
    stage.primal.cost -= stage.core.base;
  if (stage.core.n_nodes == 0) {
    alpa_primal_offer(&stage.primal, stage.primal.labels);
    report(t, &stage, reducer, arena);
    return false;
  }
  load_prices(&stage, node->prices);
  alpa_stage_end end = alpa_stage_ascend(&stage, t->until);
  if (!stage.core.n_times)
    alpa_dual_trace(&stage.dual);
  report(t, &stage, reducer, arena);
  if (end == ALPA_STAGE_SOLVED || end == ALPA_STAGE_INFEASIBLE)
    return false;
  alpa_int128 bound = stage.core.base + stage.bound;
  node->bound = bound > node->bound ? bound : node->bound;
  save_prices(&stage, node->prices, price_bytes(t));
  if (end == ALPA_STAGE_FIXED)
    return alpa_stage_fix(&stage, reducer) == ALPA_OK;
  intersect(&t->root->core, reducer, node->keep);
  split(t, &stage, reducer, node->keep, node->prices);
  return false;
}

static void run_node(tree *t, open_node *node) {
  alpa_arena arena;
  alpa_arena_init(&arena, t->memory);
  alpa_reducer reducer;
  build(&reducer, &arena, &t->root->core, node->keep);
  uint32_t reductions = t->root->options->reductions | 1u << ALPA_SOLVER_CONSISTENCY | 1u << ALPA_SOLVER_TIME;
  bool again = alpa_reducer_run(&reducer, reductions) == ALPA_OK;
  while (again)
    again = run_round(t, &reducer, &arena, node);
  alpa_arena_deinit(&arena);
}

static bool is_out_of_time(const tree *t) {
  const alpa_solver_options *options = t->root->options;
  return options->clock && options->clock(options->clock_user) >= t->until;
}

alpa_status alpa_branch_run(alpa_stage *root, uint32_t n_nodes, double until, bool *out_is_closed) {
  tree t = {.root = root, .memory = root->arena->memory, .until = until};
  alpa_arena_init(&t.arena, t.memory);
  bool *keep = alpa_arena_new(&t.arena, bool, root->core.n_places);
  memset(keep, true, keep_bytes(&t));
  push(&t, root->bound, keep, root->dual.best_prices);
  uint32_t n_done = 0;
  while (t.heap.n && t.heap.items[0].bound < root->primal.cost && n_done < n_nodes && !is_out_of_time(&t)) {
    open_node node = pop(&t);
    run_node(&t, &node);
    alpa_vec_push(&t.arena, &t.spare, node);
    n_done++;
  }
  root->stats->n_exact_nodes += n_done;
  alpa_int128 bound = t.heap.n ? t.heap.items[0].bound : root->primal.cost;
  *out_is_closed = bound >= root->primal.cost;
  if (!*out_is_closed || root->primal.found)
    root->bound = bound > root->primal.cost ? root->primal.cost : bound > root->bound ? bound : root->bound;
  alpa_arena_deinit(&t.arena);
  return ALPA_OK;
}
