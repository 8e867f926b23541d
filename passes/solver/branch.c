/* The tree.  A node of it is the set of the root core's states that are left, as flags; its problem is rebuilt from
 * them, which costs little next to its ascent, and reduction then does most of the work. */
#include "passes/solver/branch.h"
#include "passes/solver/subproblem.h"

#include <math.h>
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

/* One round on a node; true where it has to be reduced again. */
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
  alpa_subproblem part = {.core = &t->root->core, .n = t->root->core.n_nodes, .keep = node->keep};
  alpa_subproblem_build(&part, &reducer, &arena);
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

void alpa_branch_run(alpa_stage *root, uint32_t n_nodes, double until, bool *out_is_closed) {
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
  root->stats->n_branch_nodes += n_done;
  alpa_int128 bound = t.heap.n ? t.heap.items[0].bound : root->primal.cost;
  *out_is_closed = bound >= root->primal.cost;
  if (!*out_is_closed || root->primal.found)
    root->bound = bound > root->primal.cost ? root->primal.cost : bound > root->bound ? bound : root->bound;
  alpa_arena_deinit(&t.arena);
}

/* ---- tasks ------------------------------------------------------------------------------------------------------ */

/* One core of the task; true where it has to be reduced again. */
static bool run_task(alpa_branch_task *task, alpa_arena *arena) {
  alpa_stage stage;
  alpa_stage_init(&stage, arena, task->reducer, task->options, task->stats);
  stage.n_steps = NODE_STEPS;
  stage.attempt_every = ATTEMPT_EVERY;
  stage.primal.cost = task->below - stage.core.base;
  alpa_stage_end end = ALPA_STAGE_SOLVED;
  if (stage.core.n_nodes == 0) {
    alpa_primal_offer(&stage.primal, stage.primal.labels);
  } else {
    if (task->prices)
      load_prices(&stage, task->prices);
    end = alpa_stage_ascend(&stage, task->until);
  }
  task->is_closed = end == ALPA_STAGE_SOLVED || end == ALPA_STAGE_INFEASIBLE;
  if (end == ALPA_STAGE_STALLED || end == ALPA_STAGE_SPENT)
    alpa_branch_run(&stage, task->n_nodes, task->until, &task->is_closed);
  if (stage.primal.found) {
    alpa_core_store(&stage.core, task->reducer, stage.primal.best, task->assignment);
    task->found = true;
    task->below = stage.core.base + stage.primal.cost;
  }
  if (end != ALPA_STAGE_FIXED)
    return false;
  bool again = alpa_stage_fix(&stage, task->reducer) == ALPA_OK;
  task->is_closed = !again;
  return again;
}

void alpa_branch_solve(alpa_branch_task *task, alpa_memory *memory) {
  uint32_t reductions = task->options->reductions | 1u << ALPA_SOLVER_CONSISTENCY | 1u << ALPA_SOLVER_TIME;
  task->found = false;
  task->is_closed = true;
  bool again = alpa_reducer_run(task->reducer, reductions) == ALPA_OK;
  while (again) {
    alpa_arena arena;
    alpa_arena_init(&arena, memory);
    again = run_task(task, &arena);
    alpa_arena_deinit(&arena);
  }
}
