/* Workers: who runs which device, and how they sleep.
 *
 * The calling thread is worker 0, unless it only watches; the others live as long as the mesh.  A worker prefers its
 * own devices, then helps with tasks and transfers of any, and after a while of idleness takes devices of others.  It
 * spins for a bounded time (waking a thread costs some 20 us, a cache line 0.1 us) and then parks on a condition
 * variable; with more workers than cores it does not spin at all.  Lost wake-ups cannot happen: a parking worker
 * announces itself, then looks once more; who makes work available publishes it, then looks for announced workers; all
 * four are sequentially consistent.
 */
#include "runtime/hal/host/engine.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
  MAX_WORKERS = 1024,
  SPIN_NS = 200 * 1000,
  POLLS_PER_CLOCK = 64, /* looks for work between two looks at the clock */
  PATIENT_POLLS = 256,  /* before devices of others are taken */
  WATCHES_PER_DEADLINE = 8,
  LONGEST_NAP_NS = 50 * 1000 * 1000,
  PROCESSES_NAP_NS = 50 * 1000 /* nobody wakes a worker when another process sends */
};

typedef struct alpa_host_thread {
  alpa_host_engine *engine;
  uint32_t worker;
  pthread_t thread;
} alpa_host_thread;

void alpa_host_wake(alpa_host_engine *engine) {
  if (atomic_load(&engine->n_parked) == 0)
    return;
  pthread_mutex_lock(&engine->lock);
  pthread_cond_broadcast(&engine->wake);
  pthread_mutex_unlock(&engine->lock);
}

void alpa_host_finish_step(alpa_host_engine *engine) {
  alpa_host_wake(engine);
  if (!engine->mesh->is_watched)
    return;
  pthread_mutex_lock(&engine->lock);
  pthread_cond_signal(&engine->finished);
  pthread_mutex_unlock(&engine->lock);
}

void alpa_host_abort(alpa_host_engine *engine, alpa_status status, uint32_t device, const char *what) {
  pthread_mutex_lock(&engine->lock);
  if (engine->failure.status == ALPA_OK) {
    engine->failure = (alpa_host_failure){status, device, what};
    atomic_store(&engine->mesh->statuses[device], (int)status);
    atomic_store(&engine->is_aborted, true);
  }
  pthread_cond_broadcast(&engine->wake);
  pthread_mutex_unlock(&engine->lock);
}

/* ---- idleness --------------------------------------------------------------------------------------------------- */

typedef struct idleness {
  uint32_t n_polls;
  int64_t since_ns; /* 0: not idle */
} idleness;

/* With the lock held: sleeps until woken, or for a while. */
static void nap(alpa_host_engine *engine, pthread_cond_t *wake) {
  int64_t ns = engine->deadline_ns / WATCHES_PER_DEADLINE;
  int64_t longest = engine->mesh->processes ? PROCESSES_NAP_NS : LONGEST_NAP_NS;
  ns = ns < longest ? ns : longest;
  int64_t until = alpa_host_now() + ns;
  struct timespec time = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
  pthread_cond_timedwait(wake, &engine->lock, &time);
}

/* True when it is time to park. */
static bool has_spun_enough(const alpa_host_engine *engine, idleness *idle) {
  alpa_host_relax();
  if (++idle->n_polls % POLLS_PER_CLOCK && engine->spin_ns)
    return false;
  int64_t now = alpa_host_now();
  if (idle->since_ns == 0)
    idle->since_ns = now;
  return now - idle->since_ns >= engine->spin_ns;
}

/* ---- in a step -------------------------------------------------------------------------------------------------- */

static bool is_finished(alpa_host_engine *engine) {
  return atomic_load(&engine->n_done) == engine->n_devices || !atomic_load(&engine->is_open);
}

/* What a worker looks at: its devices [first, end), beginning behind the one that it ran last. */
typedef struct beat {
  uint32_t first, end, next;
} beat;

static bool run_own(alpa_host_engine *engine, beat *own) {
  for (uint32_t i = own->first; i < own->end; i++) {
    uint32_t d = own->next;
    own->next = d + 1 < own->end ? d + 1 : own->first;
    if (alpa_host_device_try(engine, &engine->devices[d]))
      return true;
  }
  return false;
}

static bool find_work(alpa_host_engine *engine, beat *own, bool is_patient) {
  if (run_own(engine, own))
    return true;
  if (alpa_copy_queue_work(&engine->code->queue)) {
    alpa_host_wake(engine);
    return true;
  }
  if (engine->n_workers == 1)
    return false;
  for (uint32_t d = 0; d < engine->n_devices; d++)
    if (alpa_host_device_help(engine, &engine->devices[d]))
      return true;
  for (uint32_t d = 0; d < engine->n_devices && !is_patient; d++)
    if ((d < own->first || d >= own->end) && alpa_host_device_try(engine, &engine->devices[d]))
      return true;
  return false;
}

static bool has_work(alpa_host_engine *engine) {
  for (uint32_t d = 0; d < engine->n_devices; d++)
    if (alpa_host_device_has_work(engine, &engine->devices[d]))
      return true;
  return alpa_copy_queue_has_work(&engine->code->queue) || is_finished(engine);
}

static void park_in_step(alpa_host_engine *engine) {
  pthread_mutex_lock(&engine->lock);
  atomic_fetch_add(&engine->n_parked, 1);
  if (!has_work(engine))
    nap(engine, &engine->wake);
  atomic_fetch_sub(&engine->n_parked, 1);
  pthread_mutex_unlock(&engine->lock);
  alpa_host_watch_devices(engine);
}

/* Whether the caller has waited long enough for the kernels of an aborted step. */
static bool is_hopeless(alpa_host_engine *engine, int64_t *aborted_ns) {
  if (!atomic_load(&engine->is_aborted))
    return false;
  int64_t now = alpa_host_now();
  if (*aborted_ns == 0)
    *aborted_ns = now;
  return now - *aborted_ns > engine->deadline_ns;
}

/* Runs devices until all are done.  The caller gives up on an aborted step in which a kernel does not return. */
static void work_on_step(alpa_host_engine *engine, uint32_t worker, bool is_caller) {
  uint64_t n = engine->n_devices, n_workers = engine->n_workers;
  beat own = {.first = (uint32_t)(worker * n / n_workers), .end = (uint32_t)((worker + 1) * n / n_workers)};
  own.next = own.first;
  idleness idle = {0};
  int64_t aborted_ns = 0;
  while (!is_finished(engine)) {
    if (find_work(engine, &own, engine->spin_ns && idle.n_polls < PATIENT_POLLS)) {
      idle = (idleness){0};
      continue;
    }
    if (!has_spun_enough(engine, &idle))
      continue;
    park_in_step(engine);
    if (is_caller && is_hopeless(engine, &aborted_ns))
      return;
  }
}

/* What a caller does that runs no devices. */
static void watch_step(alpa_host_engine *engine) {
  int64_t aborted_ns = 0;
  while (!is_finished(engine) && !is_hopeless(engine, &aborted_ns)) {
    pthread_mutex_lock(&engine->lock);
    if (!is_finished(engine))
      nap(engine, &engine->finished);
    pthread_mutex_unlock(&engine->lock);
    alpa_host_watch_devices(engine);
  }
}

/* ---- threads ---------------------------------------------------------------------------------------------------- */

/* The generation of the next step, or 0 at the end of the mesh. */
static uint64_t await_step(alpa_host_engine *engine, uint64_t seen) {
  for (idleness idle = {0};;) {
    uint64_t generation = atomic_load(&engine->generation);
    if (atomic_load(&engine->is_quitting))
      return 0;
    if (generation != seen)
      return generation;
    if (!has_spun_enough(engine, &idle))
      continue;
    pthread_mutex_lock(&engine->lock);
    atomic_fetch_add(&engine->n_parked, 1);
    while (atomic_load(&engine->generation) == seen && !atomic_load(&engine->is_quitting))
      pthread_cond_wait(&engine->wake, &engine->lock);
    atomic_fetch_sub(&engine->n_parked, 1);
    pthread_mutex_unlock(&engine->lock);
  }
}

static void *thread_main(void *user) {
  const alpa_host_thread *self = user;
  alpa_host_engine *engine = self->engine;
  for (uint64_t seen = 0; (seen = await_step(engine, seen)) != 0;) {
    atomic_fetch_add(&engine->n_active, 1);
    if (atomic_load(&engine->is_open))
      work_on_step(engine, self->worker, false);
    atomic_fetch_sub(&engine->n_active, 1);
  }
  return NULL;
}

/* Signals of the host program are for its own threads. */
static alpa_status start_threads(alpa_host_engine *engine, alpa_diag *diag) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  uint32_t n_callers = engine->mesh->is_watched ? 0 : 1;
  int error = 0;
  while (engine->n_threads + n_callers < engine->n_workers && !error) {
    alpa_host_thread *thread = &engine->threads[engine->n_threads];
    *thread = (alpa_host_thread){.engine = engine, .worker = engine->n_threads + n_callers};
    error = pthread_create(&thread->thread, NULL, thread_main, thread);
    engine->n_threads += !error;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error)
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "cannot start worker %u of %u: %s",
                      engine->n_threads + n_callers, engine->n_workers, strerror(error));
  return ALPA_OK;
}

/* False where a thread is still inside a kernel after the deadline. */
static bool join_threads(alpa_host_engine *engine) {
  pthread_mutex_lock(&engine->lock);
  atomic_store(&engine->is_quitting, true);
  pthread_cond_broadcast(&engine->wake);
  pthread_mutex_unlock(&engine->lock);
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  int64_t ns = until.tv_nsec + engine->deadline_ns;
  until.tv_sec += ns / 1000000000;
  until.tv_nsec = ns % 1000000000;
  bool is_joined = true;
  for (uint32_t i = 0; i < engine->n_threads; i++) {
    pthread_t thread = engine->threads[i].thread;
    if (!engine->mesh->is_stuck)
      pthread_join(thread, NULL);
    else if (pthread_timedjoin_np(thread, NULL, &until) != 0)
      is_joined = pthread_detach(thread) != 0;
  }
  return is_joined;
}

/* ---- a step ----------------------------------------------------------------------------------------------------- */

static void prepare_device(alpa_host_engine *engine, uint32_t number) {
  alpa_host_device *d = &engine->devices[number];
  d->number = number;
  d->at = 0;
  d->operands = engine->executable->operands[number];
  d->counters = engine->code->counters[number];
  d->fault_at = UINT64_MAX;
  for (size_t i = 0; i < engine->options.n_faults; i++) {
    const alpa_fault *fault = &engine->options.faults[i];
    if (fault->device != number || fault->at >= d->fault_at)
      continue;
    d->fault_at = fault->at;
    d->fault_kind = fault->kind;
  }
  atomic_store(&engine->mesh->statuses[number], ALPA_ABORTED);
  atomic_store_explicit(&d->executed, 0, memory_order_relaxed);
  atomic_store_explicit(&d->channel, NULL, memory_order_relaxed);
  bool is_local = alpa_device_mesh_is_local(engine->mesh, number);
  atomic_store_explicit(&d->state, is_local ? ALPA_HOST_READY : ALPA_HOST_DONE, memory_order_relaxed);
  if (!is_local)
    atomic_store(&engine->mesh->statuses[number], ALPA_OK);
  engine->watches[number] = (alpa_host_watch){0};
}

static void open_step(alpa_host_engine *engine, alpa_executable *executable, const alpa_run_options *options) {
  alpa_host_code *code = executable->code;
  for (uint32_t c = 0; c < code->n_channels && code->is_dirty; c++)
    code->channels[c]->vtable->reset(code->channels[c]);
  code->is_dirty = false;
  engine->executable = executable;
  engine->code = code;
  engine->options = *options;
  engine->failure = (alpa_host_failure){0};
  engine->looked_ns = 0;
  for (uint32_t d = 0; d < engine->n_devices; d++)
    prepare_device(engine, d);
  atomic_store(&engine->n_done, engine->n_devices - engine->mesh->local.n);
  atomic_store(&engine->is_aborted, false);
  atomic_store(&engine->is_open, true);
  atomic_fetch_add(&engine->generation, 1);
  alpa_host_wake(engine);
}

/* Waits for the other workers to leave the step; false where one does not. */
static bool close_step(alpa_host_engine *engine) {
  bool is_complete = atomic_load(&engine->n_done) == engine->n_devices;
  atomic_store(&engine->is_open, false);
  for (uint32_t n_polls = 1; is_complete && atomic_load(&engine->n_active); n_polls++) {
    alpa_host_relax();
    if (n_polls % 1024 == 0)
      sched_yield();
  }
  return is_complete;
}

alpa_status alpa_host_engine_run(alpa_host_engine *engine, alpa_executable *executable, alpa_diag *diag,
                                 const alpa_run_options *options) {
  open_step(engine, executable, options);
  if (engine->mesh->is_watched)
    watch_step(engine);
  else
    work_on_step(engine, 0, true);
  engine->mesh->is_stuck = !close_step(engine);
  if (!atomic_load(&engine->is_aborted))
    return ALPA_OK;
  ((alpa_host_code *)executable->code)->is_dirty = true;
  return alpa_host_report(engine, diag);
}

/* ---- life cycle ------------------------------------------------------------------------------------------------- */

/* Cores' worth of time that a container may use, or UINT32_MAX: threads beyond it would be stopped while they spin. */
static uint32_t count_quota(void) {
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
  long long quota, period;
  bool is_limited = file && fscanf(file, "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0;
  if (file)
    fclose(file);
  return is_limited ? (uint32_t)((quota + period - 1) / period) : UINT32_MAX;
}

static uint32_t count_cores(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  uint32_t n_cores = n > 0 ? (uint32_t)n : 1, n_quota = count_quota();
  return n_cores < n_quota ? n_cores : n_quota;
}

static bool init_sleep(alpa_host_engine *engine) {
  pthread_condattr_t attributes;
  if (pthread_condattr_init(&attributes))
    return false;
  bool is_made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                 pthread_cond_init(&engine->wake, &attributes) == 0 &&
                 pthread_cond_init(&engine->finished, &attributes) == 0 && pthread_mutex_init(&engine->lock, NULL) == 0;
  pthread_condattr_destroy(&attributes);
  return is_made;
}

/* Devices and engine have members that are aligned to cache lines. */
static void *alloc_aligned(alpa_device_mesh *mesh, size_t size, void **out_block) {
  *out_block = alpa_device_mesh_alloc(mesh, size + 128);
  uintptr_t at = (uintptr_t)*out_block;
  return *out_block ? (void *)((at + 127) & ~(uintptr_t)127) : NULL;
}

static void free_engine(alpa_host_engine *engine) {
  alpa_device_mesh *mesh = engine->mesh;
  alpa_device_mesh_free(mesh, engine->watches);
  alpa_device_mesh_free(mesh, engine->threads);
  alpa_device_mesh_free(mesh, engine->devices_block);
  alpa_device_mesh_free(mesh, engine->block);
}

alpa_status alpa_host_engine_create(alpa_device_mesh *mesh, alpa_diag *diag, alpa_host_engine **out_engine) {
  uint32_t n_cores = count_cores(), n_workers = mesh->n_workers ? mesh->n_workers : n_cores;
  n_workers = n_workers > MAX_WORKERS ? MAX_WORKERS : n_workers;
  void *block;
  alpa_host_engine *engine = alloc_aligned(mesh, sizeof *engine, &block);
  if (!engine)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for a host mesh");
  engine->block = block;
  engine->mesh = mesh;
  engine->n_devices = mesh->n_devices;
  engine->n_workers = n_workers;
  engine->spin_ns = n_workers <= n_cores ? SPIN_NS : 0;
  engine->deadline_ns = (int64_t)(mesh->deadline_s * 1e9);
  engine->devices = alloc_aligned(mesh, mesh->n_devices * sizeof *engine->devices, &engine->devices_block);
  engine->watches = alpa_device_mesh_alloc(mesh, mesh->n_devices * sizeof *engine->watches);
  engine->threads = alpa_device_mesh_alloc(mesh, n_workers * sizeof *engine->threads);
  if (!engine->devices || !engine->watches || !engine->threads || !init_sleep(engine)) {
    free_engine(engine);
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for a host mesh of %u devices",
                      mesh->n_devices);
  }
  alpa_status status = start_threads(engine, diag);
  if (status != ALPA_OK) {
    alpa_host_engine_destroy(engine);
    return status;
  }
  mesh->n_workers = n_workers;
  *out_engine = engine;
  return ALPA_OK;
}

void alpa_host_engine_destroy(alpa_host_engine *engine) {
  alpa_device_mesh *mesh = engine->mesh;
  /* A thread that never came back keeps everything it can reach. */
  if (!join_threads(engine)) {
    alpa_device_mesh_retain(mesh);
    return;
  }
  mesh->is_stuck = false;
  pthread_cond_destroy(&engine->wake);
  pthread_cond_destroy(&engine->finished);
  pthread_mutex_destroy(&engine->lock);
  free_engine(engine);
}
