/* Walks through labellings: search around one until that gains no more, start again from another one that the dual
 * suggests at disturbed prices, and when that is exhausted too, take the best mixture of it and the best labelling
 * (optimal recombination; the differences of two local optima fall into parts that hardly touch).  Without a clock
 * the length of everything is counted in tries. */
#include "passes/solver/stage.h"

#include <math.h>
#include <string.h>

enum { EPOCH = 64, EPOCHS_OF_PATIENCE = 16, RESTART_SWEEPS = 8, RESTART_TABLE = 3000 };

/* Of the clock: an epoch, how long a walk may go on with little gain, and how long a mixture may take. */
static const double EPOCH_CLOCK = 0.02, PATIENCE_CLOCK = 0.03, MIX_CLOCK = 0.02;
/* Of the gap, that a walk has to gain for each patience it is given. */
static const double LEAST_GAIN = 0.02;
/* Of the prices. */
static const double DISTURBANCE = 0.5;

typedef struct walk {
  alpa_stage *stage;
  uint32_t *labels;
  alpa_int128 cost;
  bool is_astray; /* it began elsewhere than at the best */
  /* since patience was given */
  int64_t gained;
  uint32_t n_epochs;
  double start;
  double until;
} walk;

static double clock_of(const alpa_stage *stage) {
  const alpa_solver_options *options = stage->options;
  return options->clock ? options->clock(options->clock_user) : 0;
}

static alpa_status open_team(alpa_stage *stage) {
  const alpa_solver_options *options = stage->options;
  if (!stage->has_team)
    ALPA_TRY(alpa_team_init(&stage->team, &stage->core, options, stage->arena->memory, options->seed));
  stage->has_team = true;
  double gap = (double)(stage->primal.cost - stage->bound);
  alpa_team_guide(&stage->team, &(alpa_search_guide){stage->dual.best_prices, stage->margins, gap});
  return ALPA_OK;
}

static void give_patience(walk *w) {
  w->gained = 0;
  w->n_epochs = 0;
  w->start = clock_of(w->stage);
}

static void go_home(walk *w) {
  memcpy(w->labels, w->stage->primal.best, sizeof *w->labels * w->stage->core.n_nodes);
  w->cost = w->stage->primal.cost;
  w->is_astray = false;
  give_patience(w);
}

/* Makes the walk's labels the best ones if they are. */
static void compare(walk *w) {
  alpa_primal *primal = &w->stage->primal;
  if (w->cost >= primal->cost)
    return;
  memcpy(primal->best, w->labels, sizeof *w->labels * w->stage->core.n_nodes);
  primal->cost = w->cost;
}

static bool is_exhausted(walk *w) {
  const alpa_stage *stage = w->stage;
  bool is_due =
      stage->options->clock ? clock_of(stage) - w->start >= PATIENCE_CLOCK : w->n_epochs >= EPOCHS_OF_PATIENCE;
  if (!is_due)
    return false;
  double gained = (double)w->gained, gap = (double)(w->cost - stage->bound);
  give_patience(w);
  return gained < LEAST_GAIN * gap;
}

/* Disturbs the prices at all times that have one, and the costs of states by what a node has of the gap. */
static void disturb(alpa_stage *stage) {
  alpa_dual *dual = &stage->dual;
  alpa_random *random = &stage->primal.random;
  double *prices = dual->prices, part = (double)(stage->primal.cost - stage->bound) / stage->core.n_nodes;
  for (uint32_t t = 0; t < stage->core.n_times; t++)
    prices[t] = dual->best_prices[t] * (1 + DISTURBANCE * (2 * alpa_random_unit(random) - 1));
  alpa_dual_set_prices(dual, prices);
  for (uint32_t i = 0; i < stage->core.n_nodes; i++)
    for (uint32_t s = 0; s < stage->core.nodes[i].n_states; s++)
      dual->trws.costs[stage->core.nodes[i].first + s] += part * alpa_random_unit(random);
}

/* Starts from a labelling that the dual suggests; where it suggests none, from the best. */
static void start_again(walk *w) {
  alpa_stage *stage = w->stage;
  alpa_arena arena;
  alpa_arena_init(&arena, stage->arena->memory);
  alpa_primal fresh;
  alpa_primal_init(&fresh, &arena, &stage->core, alpa_random_next(&stage->primal.random));
  disturb(stage);
  for (int sweep = 0; sweep < RESTART_SWEEPS; sweep++)
    alpa_dual_sweep(&stage->dual, NULL);
  alpa_primal_attempt(&fresh, &stage->dual, RESTART_TABLE);
  alpa_dual_set_prices(&stage->dual, NULL);
  for (int sweep = 0; sweep < RESTART_SWEEPS; sweep++)
    alpa_dual_sweep(&stage->dual, NULL);
  go_home(w);
  if (fresh.found) {
    memcpy(w->labels, fresh.best, sizeof *w->labels * stage->core.n_nodes);
    w->cost = fresh.cost;
    w->is_astray = true;
  }
  alpa_arena_deinit(&arena);
}

/* Mixes what a walk led to with the best, and goes on from there. */
static alpa_status return_home(walk *w) {
  alpa_stage *stage = w->stage;
  int64_t gained = 0;
  compare(w);
  double until = stage->options->clock ? clock_of(stage) + MIX_CLOCK : 1;
  ALPA_TRY(alpa_team_mix(&stage->team, stage->primal.best, w->labels, until, &gained));
  stage->primal.cost -= gained;
  go_home(w);
  return ALPA_OK;
}

static alpa_status run_epoch(walk *w) {
  alpa_stage *stage = w->stage;
  bool has_clock = stage->options->clock;
  double slice = fmin(w->until, clock_of(stage) + EPOCH_CLOCK);
  int64_t gained = 0;
  ALPA_TRY(alpa_team_run(&stage->team, w->labels, has_clock ? UINT32_MAX : EPOCH, slice, &gained));
  w->cost -= gained;
  w->gained += gained;
  w->n_epochs++;
  compare(w);
  return ALPA_OK;
}

/* A walk that is exhausted returns, and if that gained nothing it starts again, as long as there is time for it. */
static alpa_status turn(walk *w) {
  alpa_stage *stage = w->stage;
  alpa_int128 before = stage->primal.cost;
  if (w->is_astray)
    ALPA_TRY(return_home(w));
  bool has_time = !stage->options->clock || clock_of(stage) + 2 * PATIENCE_CLOCK < w->until;
  if (stage->primal.cost == before && has_time)
    start_again(w);
  return ALPA_OK;
}

alpa_status alpa_stage_search(alpa_stage *stage, uint32_t n_tries, double until) {
  const alpa_solver_options *options = stage->options;
  walk w = {.stage = stage, .until = until};
  ALPA_TRY(open_team(stage));
  w.labels = alpa_arena_new(stage->arena, uint32_t, stage->core.n_nodes);
  go_home(&w);
  for (uint32_t done = 0; options->clock || done < n_tries; done += EPOCH) {
    if (options->clock && clock_of(stage) >= until)
      break;
    ALPA_TRY(run_epoch(&w));
    if (is_exhausted(&w))
      ALPA_TRY(turn(&w));
  }
  if (w.is_astray)
    ALPA_TRY(return_home(&w));
  for (uint32_t i = 0; i < stage->team.n_workers; i++) {
    alpa_search *search = &stage->team.workers[i].search;
    stage->stats->n_neighbourhoods += search->n_tries;
    stage->stats->n_accepted += search->n_accepted;
    search->n_tries = search->n_accepted = 0;
  }
  return ALPA_OK;
}
