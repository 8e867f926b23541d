/* Epochs of parallel search.  Threads live for one epoch. */
#include "passes/solver/team.h"

#include <setjmp.h>

/* One try in so many is exact, and takes at most this much of the clock. */
enum { EXACT_EVERY = 4 };
static const double EXACT_SLICE = 0.01;

/* Runs a body of a worker with a recovery point of its own, so that exhaustion ends the worker and not the process. */
typedef void worker_fn(alpa_team_worker *worker, const void *argument);

static void guard(alpa_team_worker *worker, worker_fn *body, const void *argument) {
  jmp_buf recovery;
  worker->memory.recovery = &recovery;
  if (setjmp(recovery) == 0)
    body(worker, argument);
  else
    worker->status = ALPA_OUT_OF_MEMORY;
  worker->memory.recovery = NULL;
}

typedef struct birth {
  const alpa_core *core;
  uint64_t seed;
} birth;

static void start_worker(alpa_team_worker *worker, const void *argument) {
  const birth *b = argument;
  alpa_arena_init(&worker->arena, &worker->memory);
  alpa_search_init(&worker->search, &worker->arena, b->core, b->seed);
}

alpa_status alpa_team_init(alpa_team *team, const alpa_core *core, const alpa_solver_options *options,
                           const alpa_memory *memory, uint64_t seed) {
  *team = (alpa_team){.n_workers = options->n_threads < 2 ? 1 : ALPA_TEAM_MOST};
  for (uint32_t w = 0; w < team->n_workers; w++) {
    alpa_team_worker *worker = &team->workers[w];
    worker->options = options;
    alpa_memory_init(&worker->memory, memory->realloc, memory->user);
    birth b = {core, seed + w};
    guard(worker, start_worker, &b);
    if (worker->status != ALPA_OK) {
      alpa_team_deinit(team);
      return worker->status;
    }
  }
  return ALPA_OK;
}

void alpa_team_deinit(alpa_team *team) {
  for (uint32_t w = 0; w < team->n_workers; w++)
    alpa_arena_deinit(&team->workers[w].arena);
}

static void guide_worker(alpa_team_worker *worker, const void *guide) { alpa_search_follow(&worker->search, guide); }

void alpa_team_guide(alpa_team *team, const alpa_search_guide *guide) {
  for (uint32_t w = 0; w < team->n_workers; w++)
    guard(&team->workers[w], guide_worker, guide);
}

static bool is_over(const alpa_team_worker *worker) {
  const alpa_solver_options *options = worker->options;
  return options->clock && (atomic_load(&worker->stop) || options->clock(options->clock_user) >= worker->until);
}

static void search_epoch(alpa_team_worker *worker, const void *unused) {
  const alpa_solver_options *options = worker->options;
  (void)unused;
  alpa_search_set_labels(&worker->search, worker->labels);
  alpa_search_clear_log(&worker->search);
  for (uint32_t i = 0; i < worker->n_tries && !is_over(worker) && worker->status == ALPA_OK; i++) {
    bool is_gained;
    double until = options->clock ? options->clock(options->clock_user) + EXACT_SLICE : 1;
    if (i % EXACT_EVERY)
      alpa_search_try(&worker->search);
    else
      worker->status = alpa_search_try_exact(&worker->search, options, until, &is_gained);
  }
}

static void *run_worker(void *argument) {
  guard(argument, search_epoch, NULL);
  return NULL;
}

static void brief(alpa_team_worker *worker, const uint32_t *labels, uint32_t n_tries, double until) {
  worker->labels = labels;
  worker->n_tries = n_tries;
  worker->until = until;
  atomic_store(&worker->stop, false);
}

void alpa_team_launch(alpa_team *team, const uint32_t *labels, uint32_t n_tries, double until) {
  brief(&team->workers[1], labels, n_tries, until);
  team->is_forked = pthread_create(&team->thread, NULL, run_worker, &team->workers[1]) == 0;
}

alpa_status alpa_team_land(alpa_team *team, const uint32_t **out_labels, int64_t *out_gained) {
  alpa_team_worker *worker = &team->workers[1];
  atomic_store(&worker->stop, true);
  if (team->is_forked)
    pthread_join(team->thread, NULL);
  else if (!worker->options->clock)
    run_worker(worker); /* no thread to be had: the same work, only later */
  team->is_forked = false;
  *out_labels = worker->search.labels;
  *out_gained = worker->search.gained;
  return worker->status;
}

static void replay(alpa_team_worker *worker, const void *other) { alpa_search_replay(&worker->search, other); }

alpa_status alpa_team_run(alpa_team *team, uint32_t *labels, uint32_t n_tries, double until, int64_t *out_gained) {
  alpa_team_worker *first = &team->workers[0];
  bool is_alone = team->n_workers < 2;
  if (!is_alone)
    alpa_team_launch(team, labels, n_tries, until);
  brief(first, labels, n_tries, until);
  run_worker(first);
  const uint32_t *other_labels;
  int64_t other_gained;
  alpa_status status = is_alone ? ALPA_OK : alpa_team_land(team, &other_labels, &other_gained);
  ALPA_TRY(status);
  if (!is_alone && first->status == ALPA_OK)
    guard(first, replay, &team->workers[1].search);
  ALPA_TRY(first->status);
  for (uint32_t i = 0; i < first->search.core->n_nodes; i++)
    labels[i] = first->search.labels[i];
  *out_gained = first->search.gained;
  return ALPA_OK;
}
