/* Ascends the dual of a core and rounds as it goes.  Every few steps the bound is certified in integers, and states
 * whose min-marginal exceeds the best cost are marked: with the bound at B, a labelling that uses a state costs at
 * least B plus the state's margin.  Margins are floating, so they must exceed by more than rounding can explain. */
#include "passes/solver/stage.h"

#include <math.h>

enum {
  FIRST_TABLE = 1000,
  FULL_TABLE = 6000,
  ATTEMPT_EVERY = 8,
  CERTIFY_EVERY = 32,
  PATIENCE = 8,
  SMALL_CORE = 1000,
  TIGHTEN_EVERY = 16,
  TIGHTEN_WORK = 16
};

void alpa_stage_init(alpa_stage *stage, alpa_arena *arena, alpa_reducer *reducer, const alpa_solver_options *options,
                     alpa_solver_stats *stats) {
  *stage = (alpa_stage){.options = options, .stats = stats, .arena = arena};
  alpa_core_init(&stage->core, arena, reducer);
  alpa_dual_init(&stage->dual, arena, &stage->core);
  alpa_primal_init(&stage->primal, arena, &stage->core, options->seed);
  stage->keep = alpa_arena_new(arena, bool, stage->core.n_places);
  stage->margins = alpa_arena_new(arena, double, stage->core.n_places);
  stage->bound = 0; /* all costs are >= 0 */
  stage->attempt_every = ATTEMPT_EVERY;
  stage->n_steps = options->clock ? UINT32_MAX : stage->core.n_times ? options->n_dual_steps : options->n_sweeps;
}

static void certify(alpa_stage *stage) {
  alpa_int128 bound = alpa_dual_certify(&stage->dual, stage->arena->memory);
  stage->bound = bound > stage->bound ? bound : stage->bound;
}

/* Marks what a better labelling may use, given a bound that an earlier sweep at the same prices had. */
static void mark(alpa_stage *stage, double bound) {
  const alpa_core *core = &stage->core;
  double *margins = stage->margins;
  alpa_dual_sweep(&stage->dual, margins);
  double cost = (double)stage->primal.cost;
  double slack = 1e-3 + 1e-10 * (fabs(cost) + fabs(bound) + core->magnitude * 1e-3);
  double most = cost - 1 + slack - bound; /* margin that may still lead below the best cost */
  stage->n_dropped = 0;
  for (uint32_t i = 0; i < core->n_nodes; i++)
    for (uint32_t s = 0; s < core->nodes[i].n_states; s++) {
      bool keep = margins[core->nodes[i].first + s] <= most || (stage->primal.found && stage->primal.best[i] == s);
      stage->keep[core->nodes[i].first + s] = keep;
      stage->n_dropped += !keep;
    }
}

static size_t count_states(const alpa_core *core) {
  size_t n = 0;
  for (uint32_t i = 0; i < core->n_nodes; i++)
    n += core->nodes[i].n_states - 1;
  return n;
}

/* Where the target of the prices should be when no labelling is known. */
static double target_of(const alpa_stage *stage) {
  double bound = stage->dual.best_bound;
  if (alpa_primal_has_cost(&stage->primal))
    return (double)stage->primal.cost;
  return isfinite(bound) ? bound + 0.05 * fabs(bound) + 1 : 1;
}

static bool is_spent(const alpa_stage *stage, uint32_t step, double until) {
  const alpa_solver_options *options = stage->options;
  return step >= stage->n_steps || (options->clock && options->clock(options->clock_user) >= until);
}

static bool is_solved(const alpa_stage *stage) {
  if (!alpa_primal_has_cost(&stage->primal))
    return false;
  double gap = (double)(stage->primal.cost - stage->bound), allowed = stage->options->gap;
  return gap <= 0 || gap <= allowed * fabs((double)(stage->primal.cost + stage->core.base));
}

/* Certifies the bound at the best prices and decides whether the stage is over. */
alpa_stage_end alpa_stage_review(alpa_stage *stage) {
  alpa_dual_set_prices(&stage->dual, NULL);
  double bound = alpa_dual_sweep(&stage->dual, NULL);
  certify(stage);
  if (stage->bound > (alpa_int128)stage->core.magnitude + 1)
    return ALPA_STAGE_INFEASIBLE;
  if (is_solved(stage))
    return ALPA_STAGE_SOLVED;
  if (!alpa_primal_has_cost(&stage->primal))
    return ALPA_STAGE_STALLED;
  mark(stage, bound);
  return stage->n_dropped * 4 >= count_states(&stage->core) ? ALPA_STAGE_FIXED : ALPA_STAGE_STALLED;
}

/* How far the bound had come some reviews ago. */
typedef struct progress {
  uint32_t patience, n_reviews;
  double share; /* of the gap that it has to close in so many reviews */
  double bound;
} progress;

static bool is_slow(const alpa_stage *stage, progress *p) {
  if (++p->n_reviews % p->patience)
    return false;
  double bound = stage->dual.best_bound, gained = bound - p->bound;
  p->bound = bound;
  return alpa_primal_has_cost(&stage->primal) && gained < p->share * ((double)stage->primal.cost - bound);
}

/* An attempt at a labelling is due often at first, and less so once there is one. */
static bool is_attempt_due(const alpa_stage *stage, uint32_t step) {
  uint32_t every = step < 64 || !stage->primal.found ? stage->attempt_every : 4 * stage->attempt_every;
  return step % every == every - 1;
}

/* Adds triplets now and then where the stage may, until a sweep over them takes several times as long as one over the
 * edges, or none helps any more. */
static void tighten(alpa_stage *stage, uint32_t step) {
  if (!stage->is_tightening || step % TIGHTEN_EVERY)
    return;
  const alpa_tight *tight = stage->dual.tight;
  bool is_full = tight && tight->work > TIGHTEN_WORK * (double)stage->core.n_pairs;
  uint32_t n = stage->core.n_edges / TIGHTEN_EVERY + 1;
  stage->is_tightening = !is_full && alpa_dual_tighten(&stage->dual, stage->arena, n);
}

/* Where the bound has become slow, steps get long again; where that did not help, triplets must. */
static void hasten(alpa_stage *stage, progress *slowing, bool *is_rekindled) {
  bool is_due = (slowing->n_reviews + 1) % slowing->patience == 0;
  if (!is_slow(stage, slowing)) {
    *is_rekindled &= !is_due;
  } else if (*is_rekindled || !stage->core.n_times) {
    stage->is_tightening = true;
  } else {
    alpa_dual_rekindle(&stage->dual);
    *is_rekindled = true;
  }
}

alpa_stage_end alpa_stage_ascend(alpa_stage *stage, double until) {
  progress slowing = {.patience = PATIENCE, .share = 2e-2, .bound = -INFINITY};
  progress stalling = {.patience = PATIENCE, .share = 2e-3, .bound = -INFINITY};
  bool is_rekindled = false;
  for (uint32_t step = 0; !is_spent(stage, step, until); step++) {
    tighten(stage, step);
    alpa_dual_step(&stage->dual, target_of(stage));
    stage->stats->n_sweeps++;
    if (is_attempt_due(stage, step))
      alpa_primal_attempt(&stage->primal, &stage->dual,
                          step < 64 || stage->core.n_nodes >= SMALL_CORE ? FIRST_TABLE : FULL_TABLE);
    if (step % CERTIFY_EVERY != CERTIFY_EVERY - 1)
      continue;
    alpa_stage_end end = alpa_stage_review(stage);
    if (end != ALPA_STAGE_STALLED)
      return end;
    if (stage->may_tighten && !stage->dual.tight)
      hasten(stage, &slowing, &is_rekindled);
    else if (is_slow(stage, &stalling) && !stage->is_tightening)
      return end;
  }
  alpa_stage_end end = alpa_stage_review(stage);
  return end == ALPA_STAGE_STALLED ? ALPA_STAGE_SPENT : end;
}

void alpa_stage_deinit(alpa_stage *stage) {
  if (stage->has_team)
    alpa_team_deinit(&stage->team);
  stage->has_team = false;
}

alpa_status alpa_stage_fix(const alpa_stage *stage, alpa_reducer *reducer) {
  const alpa_core *core = &stage->core;
  uint16_t *keep = alpa_arena_new(reducer->arena, uint16_t, core->most_states);
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    const alpa_core_node *node = &core->nodes[i];
    uint32_t n = 0;
    for (uint32_t s = 0; s < node->n_states; s++)
      if (stage->keep[node->first + s])
        keep[n++] = (uint16_t)s;
    if (n < reducer->nodes[node->source].n_states)
      alpa_reducer_restrict(reducer, node->source, keep, n);
  }
  return alpa_reducer_run(reducer, stage->options->reductions | 1u << ALPA_SOLVER_CONSISTENCY);
}
