/* Bisection between what is used whatever is chosen and what the best plan without limit uses: each step asks for any
 * plan within a budget, and takes what it finds as the new upper end. */
#include "passes/shard/limit.h"

#include <math.h>

#include "passes/shard/problem.h"

enum { STEPS = 10, MOST_SHOWN = 4 };

typedef struct bisection {
  const shard_graph *graph;
  alpa_solver_problem problem;
  alpa_solver_options options;
  alpa_diag silent; /* takes the messages of steps that fail */
  alpa_arena *arena;
  const uint32_t *plan; /* that uses `most` */
  int64_t most, time;   /* and when */
} bisection;

static void ignore(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user, (void)severity, (void)place, (void)message;
}

static void take(bisection *b, const uint32_t *plan) {
  b->plan = plan;
  b->most = alpa_solver_peak(&b->problem, plan, b->arena, &b->time);
}

/* Whether any plan within the budget is found at once; it is then taken. */
static bool try_budget(bisection *b, int64_t budget) {
  b->problem.limit = budget;
  alpa_solver_result result;
  if (alpa_solver_solve(&b->problem, &b->options, &b->silent, b->arena, &result) != ALPA_OK)
    return false;
  take(b, result.assignment);
  return true;
}

static void bisect(bisection *b, int64_t least) {
  for (int step = 0; step < STEPS && b->most - least > b->most / 256; step++) {
    int64_t middle = least + (b->most - least) / 2;
    if (!try_budget(b, middle))
      least = middle;
  }
}

/* ---- the dearest values ----------------------------------------------------------------------------------------- */

typedef struct holding {
  const alpa_value *value;
  int64_t bytes;
} holding;

static const alpa_value *value_of(const shard_node *node) {
  return node->kind == SHARD_OP ? alpa_op_result(node->op, 0) : node->value;
}

static void offer(holding *best, holding next) {
  for (int i = 0; i < MOST_SHOWN; i++)
    if (next.bytes > best[i].bytes) {
      holding displaced = best[i];
      best[i] = next;
      next = displaced;
    }
}

static void note_dearest(const bisection *b, alpa_diag *diag) {
  holding best[MOST_SHOWN] = {0};
  for (uint32_t i = 0; i < b->problem.n_nodes; i++) {
    const alpa_solver_node *node = &b->problem.nodes[i];
    for (uint32_t s = 0; s < node->n_segments; s++) {
      const alpa_solver_segment *segment = &node->segments[s];
      if (segment->begin <= b->time && b->time < segment->end)
        offer(best, (holding){value_of(shard_problem_node(b->graph, i)), segment->usage[b->plan[i]]});
    }
  }
  for (int i = 0; i < MOST_SHOWN && best[i].bytes; i++) {
    const alpa_value *value = best[i].value;
    const char *type = alpa_type_spell(alpa_op_context(b->graph->func), value->type);
    alpa_place place = alpa_loc_place(value->op ? value->op->loc : b->graph->func->loc);
    if (value->op)
      alpa_note(diag, place, "%lld bytes are for '%s' with result type '%s'", (long long)best[i].bytes,
                value->op->def->name, type);
    else
      alpa_note(diag, place, "%lld bytes are argument #%u with type '%s'", (long long)best[i].bytes, value->index,
                type);
  }
}

/* To four significant digits, so that what is printed is enough. */
static double gib_rounded_up(int64_t bytes) {
  double gib = (double)bytes / 1073741824.0, unit = pow(10, floor(log10(gib)) - 3);
  return ceil(gib / unit) * unit;
}

alpa_status shard_limit_report(const shard_graph *graph, const alpa_solver_problem *problem,
                               const alpa_solver_options *options, const uint32_t *start, alpa_diag *diag) {
  bisection b = {.graph = graph, .problem = *problem, .options = *options, .arena = graph->arena};
  b.options.gap = 1e18; /* any plan will do */
  b.options.n_branch_nodes = b.options.n_exact_nodes = 0;
  alpa_diag_init(&b.silent, graph->arena->memory, ignore, NULL);
  take(&b, start);
  bisect(&b, problem->limit);
  alpa_diag_deinit(&b.silent);
  alpa_place place = alpa_loc_place(graph->func->loc);
  alpa_status status = alpa_error(
      diag, place, ALPA_INFEASIBLE,
      "no plan fits the %lld bytes of memory of a device; the smallest one that was found needs %lld, %lld more: "
      "allow at least %.4g GiB, or use more devices",
      (long long)problem->limit, (long long)b.most, (long long)(b.most - problem->limit), gib_rounded_up(b.most));
  note_dearest(&b, diag);
  return status;
}
