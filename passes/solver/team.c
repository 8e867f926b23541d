/* Epochs of parallel search.  Threads live for one epoch. */
#include "passes/solver/team.h"

#include <pthread.h>
#include <setjmp.h>
#include <string.h>

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
  return options->clock && options->clock(options->clock_user) >= worker->until;
}

static void search_epoch(alpa_team_worker *worker, const void *labels) {
  const alpa_solver_options *options = worker->options;
  alpa_search_set_labels(&worker->search, labels);
  alpa_search_clear_log(&worker->search);
  for (uint32_t i = 0; i < worker->n_tries && !is_over(worker); i++) {
    double until = options->clock ? options->clock(options->clock_user) + EXACT_SLICE : 1;
    if (i % EXACT_EVERY)
      alpa_search_try(&worker->search);
    else
      alpa_search_try_exact(&worker->search, options, until);
  }
}

typedef struct errand {
  alpa_team_worker *worker;
  const uint32_t *labels;
} errand;

static void *run_errand(void *argument) {
  const errand *e = argument;
  guard(e->worker, search_epoch, e->labels);
  return NULL;
}

static void replay(alpa_team_worker *worker, const void *other) { alpa_search_replay(&worker->search, other); }

alpa_status alpa_team_run(alpa_team *team, uint32_t *labels, uint32_t n_tries, double until, int64_t *out_gained) {
  alpa_team_worker *first = &team->workers[0], *second = &team->workers[1];
  for (uint32_t w = 0; w < team->n_workers; w++) {
    team->workers[w].n_tries = n_tries;
    team->workers[w].until = until;
  }
  pthread_t thread;
  errand e = {second, labels};
  bool is_alone = team->n_workers < 2;
  bool is_forked = !is_alone && pthread_create(&thread, NULL, run_errand, &e) == 0;
  guard(first, search_epoch, labels);
  if (is_forked)
    pthread_join(thread, NULL);
  else if (!is_alone)
    run_errand(&e); /* no thread to be had: the same work, one after the other */
  for (uint32_t w = 0; w < team->n_workers; w++)
    ALPA_TRY(team->workers[w].status);
  if (!is_alone)
    guard(first, replay, &second->search);
  ALPA_TRY(first->status);
  memcpy(labels, first->search.labels, sizeof *labels * first->search.core->n_nodes);
  *out_gained = first->search.gained;
  return ALPA_OK;
}

typedef struct mixture {
  uint32_t *labels;
  const uint32_t *others;
} mixture;

static void mix(alpa_team_worker *worker, const void *argument) {
  const mixture *m = argument;
  alpa_search_set_labels(&worker->search, m->labels);
  alpa_search_clear_log(&worker->search);
  alpa_search_mix(&worker->search, m->others, worker->options, worker->until);
}

alpa_status alpa_team_mix(alpa_team *team, uint32_t *labels, const uint32_t *others, double until,
                          int64_t *out_gained) {
  alpa_team_worker *worker = &team->workers[0];
  mixture m = {labels, others};
  worker->until = until;
  guard(worker, mix, &m);
  ALPA_TRY(worker->status);
  memcpy(labels, worker->search.labels, sizeof *labels * worker->search.core->n_nodes);
  *out_gained = worker->search.gained;
  return ALPA_OK;
}
