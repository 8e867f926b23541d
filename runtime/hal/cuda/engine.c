/* The engine: GPUs opened and closed, threads, steps, and what is said of a step that failed. */
#include "runtime/hal/cuda/engine.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "runtime/flight.h"

enum { CELL_BYTES = 64, LEAST_CAPABILITY = 80, HOPPER = 90, MOST_NOTES = 8 };

bool alpa_cuda_abort(alpa_cuda_engine *engine, alpa_status status, uint32_t device, alpa_cuda_result result,
                     const char *what) {
  pthread_mutex_lock(&engine->lock);
  if (engine->failure.status == ALPA_OK) {
    engine->failure = (alpa_cuda_failure){.status = status, .device = device, .result = result};
    snprintf(engine->failure.what, sizeof engine->failure.what, "%s", what);
    atomic_store(&engine->is_aborted, true);
  }
  pthread_mutex_unlock(&engine->lock);
  return false;
}

/* ---- threads ---------------------------------------------------------------------------------------------------- */

static void *work(void *user) {
  alpa_cuda_gpu *gpu = user;
  alpa_cuda_engine *engine = gpu->engine;
  uint64_t seen = 0;
  pthread_mutex_lock(&engine->lock);
  for (;;) {
    while (engine->generation == seen && !engine->is_quitting)
      pthread_cond_wait(&engine->wake, &engine->lock);
    if (engine->is_quitting)
      break;
    seen = engine->generation;
    pthread_mutex_unlock(&engine->lock);
    alpa_cuda_gpu_run(gpu);
    pthread_mutex_lock(&engine->lock);
    if (--engine->n_busy == 0)
      pthread_cond_signal(&engine->finished);
  }
  pthread_mutex_unlock(&engine->lock);
  return NULL;
}

/* Signals are for the threads of the program. */
static bool start_threads(alpa_cuda_engine *engine) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool ok = true;
  while (engine->n_threads + 1 < engine->mesh->local.n && ok) {
    alpa_cuda_gpu *gpu = &engine->gpus[engine->own + 1 + engine->n_threads];
    ok = pthread_create(&gpu->thread, NULL, work, gpu) == 0;
    engine->n_threads += ok;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return ok;
}

static void stop_threads(alpa_cuda_engine *engine) {
  pthread_mutex_lock(&engine->lock);
  engine->is_quitting = true;
  pthread_cond_broadcast(&engine->wake);
  pthread_mutex_unlock(&engine->lock);
  for (uint32_t t = 0; t < engine->n_threads; t++)
    pthread_join(engine->gpus[engine->own + 1 + t].thread, NULL);
}

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

static alpa_status check_count(alpa_cuda_engine *engine, alpa_diag *diag) {
  int n = 0;
  alpa_cuda_result result = engine->driver.cuDeviceGetCount(&n);
  if (result != ALPA_CUDA_SUCCESS)
    return alpa_cuda_error(&engine->driver, diag, (alpa_place){0}, result, "cannot count the GPUs");
  uint32_t n_needed = engine->mesh->local.n;
  if ((uint32_t)n < n_needed)
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE,
                      "%u GPUs are needed, this process sees %d; plan for fewer (--cluster, --mesh), or check "
                      "nvidia-smi and CUDA_VISIBLE_DEVICES",
                      n_needed, n);
  engine->n_visible = (uint32_t)n;
  return ALPA_OK;
}

static alpa_cuda_result open_gpu(alpa_cuda_engine *engine, alpa_cuda_gpu *gpu, int *out_capability) {
  const alpa_cuda_driver *driver = &engine->driver;
  int major = 0, minor = 0;
  alpa_cuda_result result = driver->cuDeviceGet(&gpu->device, (int)(gpu->number % engine->n_visible));
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuDeviceGetAttribute(&major, ALPA_CUDA_ATTRIBUTE_CAPABILITY_MAJOR, gpu->device);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuDeviceGetAttribute(&minor, ALPA_CUDA_ATTRIBUTE_CAPABILITY_MINOR, gpu->device);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuDevicePrimaryCtxRetain(&gpu->context, gpu->device);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuCtxSetCurrent(gpu->context);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuStreamCreate(&gpu->stream, ALPA_CUDA_STREAM_NON_BLOCKING);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuMemAllocHost_v2((void **)&gpu->cell, CELL_BYTES);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuEventCreate(&gpu->started, 0);
  if (result == ALPA_CUDA_SUCCESS)
    result = driver->cuEventCreate(&gpu->ended, 0);
  for (uint32_t i = 0; i < ALPA_CUDA_MILESTONES && result == ALPA_CUDA_SUCCESS; i++)
    result = driver->cuEventCreate(&gpu->milestones[i], ALPA_CUDA_EVENT_NO_TIMING);
  *out_capability = 10 * major + minor;
  return result;
}

static void close_gpu(alpa_cuda_engine *engine, alpa_cuda_gpu *gpu) {
  const alpa_cuda_driver *driver = &engine->driver;
  if (!gpu->context)
    return;
  driver->cuCtxSetCurrent(gpu->context);
  if (gpu->started)
    driver->cuEventDestroy_v2(gpu->started);
  if (gpu->ended)
    driver->cuEventDestroy_v2(gpu->ended);
  for (uint32_t i = 0; i < ALPA_CUDA_MILESTONES; i++)
    if (gpu->milestones[i])
      driver->cuEventDestroy_v2(gpu->milestones[i]);
  if (gpu->cell)
    driver->cuMemFreeHost(gpu->cell);
  if (gpu->stream)
    driver->cuStreamDestroy_v2(gpu->stream);
  if (gpu->transfers)
    driver->cuStreamDestroy_v2(gpu->transfers);
  driver->cuCtxSetCurrent(NULL);
  driver->cuDevicePrimaryCtxRelease_v2(gpu->device);
}

static alpa_status open_gpus(alpa_cuda_engine *engine, alpa_diag *diag) {
  ALPA_TRY(check_count(engine, diag));
  for (uint32_t d = 0; d < engine->n_gpus; d++) {
    int capability = 0;
    engine->gpus[d].engine = engine;
    engine->gpus[d].number = d;
    if (!alpa_device_mesh_is_local(engine->mesh, d))
      continue;
    alpa_cuda_result result = open_gpu(engine, &engine->gpus[d], &capability);
    if (result != ALPA_CUDA_SUCCESS)
      return alpa_cuda_error(&engine->driver, diag, (alpa_place){0}, result, "cannot open a GPU");
    if (capability < LEAST_CAPABILITY)
      return alpa_error(diag, (alpa_place){0}, ALPA_UNSUPPORTED,
                        "GPU %u is of compute capability %d.%d; 8.0 or newer is needed", d, capability / 10,
                        capability % 10);
    if (engine->capability && capability != engine->capability)
      return alpa_error(diag, (alpa_place){0}, ALPA_UNSUPPORTED,
                        "the first GPU is of compute capability %d.%d, GPU %u of %d.%d; choose equal ones by "
                        "CUDA_VISIBLE_DEVICES",
                        engine->capability / 10, engine->capability % 10, d, capability / 10, capability % 10);
    engine->capability = capability;
  }
  snprintf(engine->target, sizeof engine->target, "%s", engine->capability == HOPPER ? "sm_90a" : "sm_80");
  engine->mesh->target = engine->target;
  return ALPA_OK;
}

alpa_status alpa_cuda_engine_create(alpa_device_mesh *mesh, alpa_diag *diag, alpa_cuda_engine **out_engine) {
  alpa_cuda_engine *engine = alpa_device_mesh_alloc(mesh, sizeof *engine);
  alpa_cuda_gpu *gpus = alpa_device_mesh_alloc(mesh, mesh->n_devices * sizeof *gpus);
  if (!engine || !gpus) {
    alpa_device_mesh_free(mesh, engine);
    alpa_device_mesh_free(mesh, gpus);
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for a mesh of %u GPUs", mesh->n_devices);
  }
  engine->mesh = mesh;
  engine->n_gpus = mesh->n_devices;
  engine->own = mesh->local.first;
  engine->gpus = gpus;
  engine->deadline_ns = (int64_t)(mesh->deadline_s * 1e9);
  pthread_mutex_init(&engine->lock, NULL);
  pthread_cond_init(&engine->wake, NULL);
  pthread_cond_init(&engine->finished, NULL);
  alpa_status status = alpa_cuda_driver_load(diag, &engine->driver, &engine->driver_version);
  if (status == ALPA_OK)
    status = open_gpus(engine, diag);
  if (status == ALPA_OK && !start_threads(engine))
    status = alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no thread for each of %u GPUs", engine->n_gpus);
  if (status == ALPA_OK)
    *out_engine = engine;
  else
    alpa_cuda_engine_destroy(engine);
  return status;
}

/* A device that did not come to rest would make the driver wait: its context is leaked. */
void alpa_cuda_engine_destroy(alpa_cuda_engine *engine) {
  alpa_device_mesh *mesh = engine->mesh;
  stop_threads(engine);
  if (!mesh->is_stuck)
    alpa_nccl_destroy(engine->nccl);
  for (uint32_t d = 0; d < engine->n_gpus; d++)
    if (!engine->gpus[d].is_lost)
      close_gpu(engine, &engine->gpus[d]);
  pthread_cond_destroy(&engine->finished);
  pthread_cond_destroy(&engine->wake);
  pthread_mutex_destroy(&engine->lock);
  mesh->target = mesh->backend->name;
  alpa_device_mesh_free(mesh, engine->gpus);
  alpa_device_mesh_free(mesh, engine);
}

/* ---- reports ---------------------------------------------------------------------------------------------------- */

/* The operation that a device was in, as far as is known: the first one behind its last milestone. */
static const alpa_cuda_flight *find_flight(const alpa_cuda_engine *engine, uint32_t device) {
  const alpa_cuda_gpu *gpu = &engine->gpus[device];
  uint64_t n = gpu->n_flights, completed = atomic_load(&gpu->completed);
  for (uint64_t i = n > ALPA_FLIGHT_ENTRIES ? n - ALPA_FLIGHT_ENTRIES : 0; i < n; i++) {
    const alpa_cuda_flight *flight = &gpu->flights[i % ALPA_FLIGHT_ENTRIES];
    if (flight->step == engine->mesh->step && flight->executed >= completed)
      return flight;
  }
  return NULL;
}

/* Where a fault of the device itself may have happened: everything that was under way. */
static void note_range(const alpa_cuda_engine *engine, alpa_diag *diag, const alpa_cuda_flight *flight) {
  const alpa_cuda_gpu *gpu = &engine->gpus[engine->failure.device];
  uint64_t issued = atomic_load(&gpu->issued);
  if (!engine->mesh->poison && !engine->options.trace && issued > flight->executed + 1)
    alpa_note(
        diag, (alpa_place){0},
        "operations %llu to %llu were under way; with --poison they run one by one, and the message names the one",
        (unsigned long long)flight->executed, (unsigned long long)issued);
}

static void note_others(const alpa_cuda_engine *engine, alpa_diag *diag) {
  uint32_t n_notes = 0;
  char file[256];
  for (uint32_t d = 0; d < engine->n_gpus && n_notes < MOST_NOTES; d++) {
    const alpa_cuda_flight *flight = find_flight(engine, d);
    if (d == engine->failure.device || !flight)
      continue;
    n_notes++;
    alpa_note(diag, alpa_flight_place(flight->operation->where, file, sizeof file),
              "device %u was in '%s' at '%s', operation %llu", d, flight->operation->name, flight->operation->where,
              (unsigned long long)flight->executed);
  }
}

static alpa_status report(const alpa_cuda_engine *engine, alpa_diag *diag) {
  const alpa_cuda_failure *failure = &engine->failure;
  const alpa_cuda_flight *flight = find_flight(engine, failure->device);
  const char *name = flight ? flight->operation->name : "start", *where = flight ? flight->operation->where : "";
  char file[256], what[768], duration[48] = "";
  if (failure->status == ALPA_DEADLINE_EXCEEDED)
    snprintf(duration, sizeof duration, " for %g s", engine->mesh->deadline_s);
  snprintf(what, sizeof what, "GPU %u: %s%s in '%s' at '%s', operation %llu of step %llu of '%s'", failure->device,
           failure->what, duration, name, where, (unsigned long long)(flight ? flight->executed : 0),
           (unsigned long long)engine->mesh->step, engine->executable->name);
  alpa_place place = alpa_flight_place(where, file, sizeof file);
  if (failure->result)
    alpa_cuda_error(&engine->driver, diag, place, failure->result, what);
  else
    alpa_error(diag, place, failure->status, "%s; the other devices were aborted", what);
  if (flight)
    note_range(engine, diag, flight);
  note_others(engine, diag);
  return failure->status;
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

static void prepare(alpa_cuda_engine *engine, alpa_executable *e, const alpa_run_options *options) {
  alpa_cuda_code *code = e->code;
  if (code->is_dirty)
    alpa_cuda_transfers_reset(code, engine->n_gpus);
  code->is_dirty = false;
  engine->executable = e;
  engine->options = *options;
  engine->failure = (alpa_cuda_failure){0};
  atomic_store(&engine->is_aborted, false);
  for (uint32_t d = 0; d < engine->n_gpus; d++) {
    alpa_cuda_gpu *gpu = &engine->gpus[d];
    gpu->at = 0;
    gpu->operands = e->operands[d];
    gpu->counters = code->counters[d];
    gpu->collective = NULL;
    gpu->n_messages = 0;
    gpu->n_recorded = gpu->n_passed = 0;
    gpu->fault_at = UINT64_MAX;
    atomic_store(&gpu->issued, 0);
    atomic_store(&gpu->completed, 0);
    for (size_t f = 0; f < options->n_faults; f++)
      if (options->faults[f].device == d) {
        gpu->fault_at = options->faults[f].at;
        gpu->fault_kind = options->faults[f].kind;
      }
  }
}

alpa_status alpa_cuda_run(alpa_executable *e, alpa_diag *diag, const alpa_run_options *options) {
  alpa_cuda_engine *engine = e->mesh->engine;
  if (engine->nccl)
    ALPA_TRY(alpa_nccl_restore(engine->nccl, diag));
  pthread_mutex_lock(&engine->lock);
  prepare(engine, e, options);
  engine->n_busy = engine->n_threads;
  engine->generation++;
  pthread_cond_broadcast(&engine->wake);
  pthread_mutex_unlock(&engine->lock);
  alpa_cuda_gpu_run(&engine->gpus[engine->own]);
  pthread_mutex_lock(&engine->lock);
  while (engine->n_busy)
    pthread_cond_wait(&engine->finished, &engine->lock);
  pthread_mutex_unlock(&engine->lock);
  for (uint32_t d = 0; d < engine->n_gpus; d++)
    e->mesh->is_stuck |= engine->gpus[d].is_lost;
  if (engine->failure.status == ALPA_OK)
    return ALPA_OK;
  ((alpa_cuda_code *)e->code)->is_dirty = true;
  return report(engine, diag);
}

size_t alpa_cuda_flight_record(const alpa_device_mesh *mesh, uint32_t device, alpa_flight_entry *out_entries) {
  const alpa_cuda_engine *engine = mesh->engine;
  const alpa_cuda_gpu *gpu = &engine->gpus[device];
  uint64_t n = gpu->n_flights < ALPA_FLIGHT_ENTRIES ? gpu->n_flights : ALPA_FLIGHT_ENTRIES;
  for (uint64_t i = 0; i < n; i++) {
    const alpa_cuda_flight *flight = &gpu->flights[(gpu->n_flights - n + i) % ALPA_FLIGHT_ENTRIES];
    out_entries[i] =
        (alpa_flight_entry){.step = flight->step,
                            .executed = flight->executed,
                            .instruction = flight->operation->instruction,
                            .name = flight->operation->name,
                            .where = flight->operation->where,
                            .start_ns = flight->start_ns,
                            .done = flight->step != mesh->step || flight->executed < atomic_load(&gpu->completed)};
  }
  return (size_t)n;
}
