/* Solves a problem: reduce, ascend and round, fix what the bound rules out, and again, until the bound meets the best
 * assignment or the budget is gone. */
#include "passes/solver/branch.h"
#include "passes/solver/exact.h"

#include <inttypes.h>
#include <string.h>

typedef struct solver {
  const alpa_solver_problem *problem;
  const alpa_solver_options *options;
  alpa_diag *diag;
  alpa_arena *arena;
  alpa_reducer reducer;
  alpa_solver_result result;
  bool found, has_bound;
  int64_t excess;       /* least usage over the limit of any assignment that was tried */
  int64_t *price_times; /* of the last stage's prices, in the caller's times */
  double *prices;
  uint32_t n_prices;
  uint32_t *assignment; /* scratch */
} solver;

/* Takes an expanded assignment if it is the best so far; evaluation is the caller's problem, not the reduced one. */
static void offer(solver *s, const uint32_t *assignment) {
  alpa_int128 cost = alpa_solver_cost(s->problem, assignment);
  if (s->found && cost >= s->result.cost)
    return;
  memcpy(s->result.assignment, assignment, sizeof *assignment * s->problem->n_nodes);
  s->result.cost = cost;
  s->found = true;
}

static void raise_bound(solver *s, alpa_int128 bound) {
  if (s->found && bound > s->result.cost)
    bound = s->result.cost;
  if (!s->has_bound || bound > s->result.bound)
    s->result.bound = bound;
  s->has_bound = true;
}

static void note_core(solver *s, const alpa_core *core) {
  alpa_solver_stats *stats = &s->result.stats;
  if (stats->n_core_nodes)
    return;
  stats->n_core_nodes = core->n_nodes;
  stats->n_core_edges = core->n_edges;
  stats->n_core_tables = core->n_tables;
  stats->n_core_times = core->n_times;
  stats->n_core_pairs = core->n_pairs;
}

static alpa_status report_conflict(solver *s) {
  const alpa_reducer *reducer = &s->reducer;
  if (reducer->conflict.is_time)
    return alpa_error(s->diag, s->options->place, ALPA_INFEASIBLE,
                      "at time %" PRId64 " at least %" PRId64 " is used whatever is chosen, but the limit is %" PRId64
                      ", %" PRId64 " less",
                      reducer->conflict.time, reducer->conflict.needed, s->problem->limit,
                      reducer->conflict.needed - s->problem->limit);
  return alpa_error(s->diag, s->options->place, ALPA_INFEASIBLE,
                    "every strategy of node %" PRIu32 " is forbidden, by itself or through its neighbours",
                    reducer->conflict.node);
}

/* Starts a stage from the prices of the one before. */
static void load_prices(const solver *s, alpa_stage *stage) {
  for (uint32_t t = 0, p = 0; t < stage->core.n_times; t++) {
    while (p < s->n_prices && s->price_times[p] < stage->core.times[t])
      p++;
    if (p < s->n_prices && s->price_times[p] == stage->core.times[t])
      stage->dual.best_prices[t] = s->prices[p];
  }
  alpa_dual_set_prices(&stage->dual, NULL);
}

/* Keeps what a stage found and proved, and its prices. */
static void harvest(solver *s, alpa_stage *stage) {
  uint32_t n = stage->core.n_times;
  s->price_times = alpa_arena_copy(s->arena, stage->core.times, sizeof *s->price_times * n);
  s->prices = alpa_arena_copy(s->arena, stage->dual.best_prices, sizeof *s->prices * n);
  s->n_prices = n;
  s->excess = stage->primal.excess < s->excess ? stage->primal.excess : s->excess;
  if (stage->primal.found) {
    alpa_core_store(&stage->core, &s->reducer, stage->primal.best, s->assignment);
    offer(s, s->assignment);
  }
  raise_bound(s, stage->core.base + stage->bound);
}

/* Fractions of the clock: when ascending must end, what a later stage may take of the rest for it, and the end. */
static const double ascend_until = 0.4, ascend_again = 0.1, all_until = 0.98;

static double clock_of(const solver *s) { return s->options->clock ? s->options->clock(s->options->clock_user) : 0; }

/* Searches for a share of what is left of the clock, or of the neighbourhoods, and looks again at what the better
 * labelling rules out. */
static alpa_status search(solver *s, alpa_stage *stage, double share, alpa_stage_end *out_end) {
  if (!stage->primal.found)
    return ALPA_OK;
  double now = clock_of(s);
  uint32_t n_tries = (uint32_t)(share * s->options->n_neighbourhoods);
  ALPA_TRY(alpa_stage_search(stage, n_tries, now + (all_until - now) * share));
  *out_end = alpa_stage_review(stage);
  return ALPA_OK;
}

/* Gives what is still open to Cbc; without it, says so. */
static alpa_status try_mip(solver *s, alpa_stage *stage, alpa_stage_end *out_end) {
  const char *reason = NULL;
  const alpa_mip_solver_module *module = alpa_mip_load(s->options->module_directory, stage->arena, &reason);
  if (!module) {
    alpa_remark(s->diag, s->options->place, "the integer-program solver is not available, a gap stays open: %s",
                reason);
    return ALPA_OK;
  }
  alpa_exact_end end;
  double bound, now = clock_of(s);
  ALPA_TRY(alpa_exact_run(stage, module, now + (all_until - now) * 0.5, &end, &bound));
  if (bound > (double)stage->bound && bound < 1e18) {
    stage->bound = (alpa_int128)bound;
    s->result.exact = true;
  }
  if (end == ALPA_EXACT_OPTIMAL) {
    stage->bound = stage->primal.cost;
    *out_end = stage->primal.found ? ALPA_STAGE_SOLVED : ALPA_STAGE_INFEASIBLE;
  } else if (end == ALPA_EXACT_INFEASIBLE) {
    *out_end = ALPA_STAGE_INFEASIBLE;
  }
  s->result.exact |= *out_end == ALPA_STAGE_SOLVED || *out_end == ALPA_STAGE_INFEASIBLE;
  return ALPA_OK;
}

/* Whether the tree has a chance; few nodes with many states count for less than many nodes with few. */
static bool is_branchable(const alpa_core *core, const alpa_solver_options *options) {
  uint64_t size = core->n_nodes < 1000 ? core->n_pairs / 8 : core->n_pairs;
  return options->n_branch_nodes && size <= options->branch_size;
}

/* Entries of tables, of which a billion take about a second: less than a few sweeps; and less than what comes after. */
static const double SMALL_ELIMINATION = 1e6, LARGE_ELIMINATION = 2e8;
enum { SWEEPS_BEFORE_ELIMINATION = 64 };

/* Ascends, searches a little, branches where that is cheap, and searches on. */
static alpa_status work_stage(solver *s, alpa_stage *stage, alpa_stage_end *out_end) {
  *out_end = ALPA_STAGE_SOLVED;
  if (stage->core.n_nodes == 0 || alpa_stage_eliminate(stage, SMALL_ELIMINATION))
    return ALPA_OK;
  double start = clock_of(s), again = start + (all_until - start) * ascend_again;
  bool can_eliminate = alpa_stage_can_eliminate(stage, LARGE_ELIMINATION);
  if (can_eliminate && stage->n_steps > SWEEPS_BEFORE_ELIMINATION)
    stage->n_steps = SWEEPS_BEFORE_ELIMINATION;
  stage->may_tighten = !can_eliminate && !is_branchable(&stage->core, s->options);
  *out_end = alpa_stage_ascend(stage, again > ascend_until ? again : ascend_until);
  bool is_open = *out_end == ALPA_STAGE_STALLED || *out_end == ALPA_STAGE_SPENT;
  if (is_open && !alpa_primal_has_cost(&stage->primal))
    alpa_primal_save(&stage->primal);
  if (is_open && can_eliminate && alpa_stage_eliminate(stage, LARGE_ELIMINATION)) {
    *out_end = ALPA_STAGE_SOLVED;
    return ALPA_OK;
  }
  const alpa_solver_options *options = s->options;
  bool can_branch = is_branchable(&stage->core, options);
  bool can_call = stage->core.n_pairs <= options->exact_size && options->n_exact_nodes;
  if ((can_branch || can_call) && (*out_end == ALPA_STAGE_STALLED || *out_end == ALPA_STAGE_SPENT)) {
    *out_end = ALPA_STAGE_STALLED;
    ALPA_TRY(search(s, stage, 0.02, out_end));
  }
  if (can_branch && *out_end == ALPA_STAGE_STALLED) {
    bool is_closed = false;
    double now = clock_of(s);
    alpa_branch_run(stage, options->n_branch_nodes, now + (all_until - now) * 0.5, &is_closed);
    if (is_closed)
      *out_end = stage->primal.found ? ALPA_STAGE_SOLVED : ALPA_STAGE_INFEASIBLE;
  }
  if (can_call && *out_end == ALPA_STAGE_STALLED)
    ALPA_TRY(try_mip(s, stage, out_end));
  if (*out_end == ALPA_STAGE_STALLED || *out_end == ALPA_STAGE_SPENT)
    ALPA_TRY(search(s, stage, 0.5, out_end));
  if (*out_end == ALPA_STAGE_STALLED)
    ALPA_TRY(search(s, stage, 1, out_end));
  return ALPA_OK;
}

/* How near the nearest attempt came to the limit, as the end of a sentence. */
static const char *describe_excess(const solver *s) {
  if (s->excess <= 0 || s->excess == INT64_MAX)
    return "";
  return alpa_arena_printf(s->arena, "; the nearest one that was tried uses %" PRId64 " more", s->excess);
}

/* One core to its end; true where the solve is over. */
static bool run_stage(solver *s, alpa_arena *arena, alpa_status *out_status) {
  alpa_stage stage;
  alpa_stage_init(&stage, arena, &s->reducer, s->options, &s->result.stats);
  note_core(s, &stage.core);
  uint32_t *labels = alpa_arena_new(arena, uint32_t, stage.core.n_nodes);
  if (s->found)
    alpa_core_load(&stage.core, &s->reducer, s->result.assignment, labels);
  if (s->found || stage.core.n_nodes == 0)
    alpa_primal_offer(&stage.primal, labels); /* which checks them */
  load_prices(s, &stage);
  alpa_stage_end end;
  *out_status = work_stage(s, &stage, &end);
  alpa_stage_deinit(&stage);
  if (*out_status != ALPA_OK)
    return true;
  harvest(s, &stage);
  if (end == ALPA_STAGE_INFEASIBLE) {
    if (!s->found)
      *out_status = ALPA_INFEASIBLE;
    else
      raise_bound(s, s->result.cost);
    return true;
  }
  if (end == ALPA_STAGE_FIXED && alpa_stage_fix(&stage, &s->reducer) == ALPA_INFEASIBLE) {
    raise_bound(s, s->result.cost);
    return true;
  }
  return end != ALPA_STAGE_FIXED;
}

static alpa_status solve(solver *s) {
  alpa_reducer_init(&s->reducer, s->arena, s->problem, true);
  uint32_t reductions = s->options->reductions | 1u << ALPA_SOLVER_CONSISTENCY | 1u << ALPA_SOLVER_TIME;
  if (alpa_reducer_run(&s->reducer, reductions) != ALPA_OK)
    return report_conflict(s);
  alpa_status status = ALPA_OK;
  for (bool is_over = false; !is_over;) {
    alpa_arena arena;
    alpa_arena_init(&arena, s->arena->memory);
    is_over = run_stage(s, &arena, &status);
    alpa_arena_deinit(&arena);
  }
  if (status == ALPA_INFEASIBLE)
    return alpa_error(s->diag, s->options->place, status,
                      "no assignment is within the limit of %" PRId64 ", as branch and bound has proven%s",
                      s->problem->limit, describe_excess(s));
  if (status != ALPA_OK)
    return status;
  if (!s->found)
    return alpa_error(s->diag, s->options->place, ALPA_DEADLINE_EXCEEDED,
                      "no assignment within the limit of %" PRId64 " was found%s; raise the limit or the budget",
                      s->problem->limit, describe_excess(s));
  s->result.optimal = s->result.bound == s->result.cost;
  return ALPA_OK;
}

alpa_status alpa_solver_solve(const alpa_solver_problem *problem, const alpa_solver_options *options, alpa_diag *diag,
                              alpa_arena *arena, alpa_solver_result *out_result) {
  ALPA_TRY(alpa_solver_verify(problem, diag, options->place));
  solver s = {.problem = problem, .options = options, .diag = diag, .excess = INT64_MAX};
  s.result.assignment = alpa_arena_new(arena, uint32_t, problem->n_nodes);
  alpa_arena scratch;
  alpa_arena_init(&scratch, arena->memory);
  s.arena = &scratch;
  s.assignment = alpa_arena_new(&scratch, uint32_t, problem->n_nodes);
  alpa_status status = solve(&s);
  alpa_arena_deinit(&scratch);
  if (status == ALPA_OK)
    *out_result = s.result;
  return status;
}
