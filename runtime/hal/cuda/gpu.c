/* One GPU: the walk through the program, the launches, and all waiting for the device. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/hal/cuda/engine.h"

enum { SPINS = 512, POLLS_PER_CLOCK = 32, NAP_NS = 50 * 1000 };

int64_t alpa_cuda_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static const alpa_cuda_driver *driver_of(const alpa_cuda_gpu *gpu) { return &gpu->engine->driver; }

void alpa_cuda_enter(alpa_cuda_gpu *gpu) { driver_of(gpu)->cuCtxSetCurrent(gpu->context); }

bool alpa_cuda_gpu_fail(alpa_cuda_gpu *gpu, const char *what, alpa_cuda_result result) {
  return alpa_cuda_abort(gpu->engine, alpa_cuda_status(result), gpu->number, result, what);
}

static bool is_nccl_failure(alpa_nccl_result result) {
  return result != ALPA_NCCL_SUCCESS && result != ALPA_NCCL_IN_PROGRESS;
}

/* What NCCL finds of a lost device is the driver's to explain. */
bool alpa_cuda_gpu_fail_nccl(alpa_cuda_gpu *gpu, const alpa_nccl_split *split, const char *what,
                             alpa_nccl_result result) {
  char explanation[256], message[320];
  alpa_cuda_result of_device = driver_of(gpu)->cuStreamQuery(gpu->stream);
  if (result == ALPA_NCCL_DEVICE_ERROR && of_device != ALPA_CUDA_SUCCESS && of_device != ALPA_CUDA_NOT_READY)
    return alpa_cuda_gpu_fail(gpu, "a kernel or copy failed", of_device);
  alpa_nccl_explain(gpu->engine->nccl, split, gpu->number, result, explanation, sizeof explanation);
  snprintf(message, sizeof message, "%s: %s", what, explanation);
  alpa_status status = result == ALPA_NCCL_REMOTE_ERROR ? ALPA_ABORTED : ALPA_UNAVAILABLE;
  return alpa_cuda_abort(gpu->engine, status, gpu->number, 0, message);
}

static bool fail_collective(alpa_cuda_gpu *gpu, alpa_nccl_result result) {
  return alpa_cuda_gpu_fail_nccl(gpu, gpu->collective->split, alpa_collective_name(gpu->collective->kind), result);
}

/* ---- waiting ---------------------------------------------------------------------------------------------------- */

typedef struct patience {
  uint64_t completed; /* when it was last looked at */
  int64_t since_ns;   /* of the last progress; 0: not yet looked at */
  uint32_t n_polls;
} patience;

/* Counts the milestones that the device has passed; an idle one has done all that was issued. */
static void look(alpa_cuda_gpu *gpu) {
  while (gpu->n_passed < gpu->n_recorded &&
         driver_of(gpu)->cuEventQuery(gpu->milestones[gpu->n_passed % ALPA_CUDA_MILESTONES]) == ALPA_CUDA_SUCCESS)
    gpu->n_passed++;
  bool is_idle = driver_of(gpu)->cuStreamQuery(gpu->stream) == ALPA_CUDA_SUCCESS;
  uint64_t passed = gpu->n_passed ? gpu->milestones_at[(gpu->n_passed - 1) % ALPA_CUDA_MILESTONES] : 0;
  uint64_t completed = is_idle ? atomic_load(&gpu->issued) : passed;
  if (completed > atomic_load(&gpu->completed))
    atomic_store(&gpu->completed, completed);
}

/* The device that the others wait for: the one of this process that has come least far. */
static uint32_t find_last(const alpa_cuda_engine *engine) {
  uint32_t last = engine->own;
  for (uint32_t d = engine->own + 1; d < engine->own + engine->mesh->local.n; d++) {
    uint64_t completed = atomic_load(&engine->gpus[d].completed), least = atomic_load(&engine->gpus[last].completed);
    uint64_t issued = atomic_load(&engine->gpus[d].issued), fewest = atomic_load(&engine->gpus[last].issued);
    if (completed < least || (completed == least && issued < fewest))
      last = d;
  }
  return last;
}

/* Between two polls: false where nothing has happened for the deadline. */
static bool is_patient(alpa_cuda_gpu *gpu, patience *p) {
  if (++p->n_polls % POLLS_PER_CLOCK)
    return true;
  look(gpu);
  int64_t now = alpa_cuda_now();
  if (p->since_ns == 0 || gpu->n_passed != p->completed) {
    p->since_ns = now;
    p->completed = gpu->n_passed;
  }
  if (p->n_polls > SPINS)
    nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
  return now - p->since_ns < gpu->engine->deadline_ns;
}

/* Whether another process has left the job: then nobody will come. */
static bool is_deserted(alpa_cuda_gpu *gpu) {
  char what[96];
  uint32_t lost = alpa_processes_find_lost(gpu->engine->mesh->processes);
  if (lost == ALPA_NO_INDEX)
    return false;
  snprintf(what, sizeof what, "waits for process %u, which has left the job,", lost);
  alpa_cuda_abort(gpu->engine, ALPA_ABORTED, gpu->number, 0, what);
  return true;
}

/* Between two polls of a step: false where it is over. */
static bool go_on(alpa_cuda_gpu *gpu, patience *p) {
  alpa_cuda_engine *engine = gpu->engine;
  if (atomic_load(&engine->is_aborted))
    return false;
  bool is_late = !is_patient(gpu, p);
  if (p->n_polls % POLLS_PER_CLOCK == 0 && is_deserted(gpu))
    return false;
  if (gpu->collective && p->n_polls % POLLS_PER_CLOCK == 0) {
    alpa_nccl_result result = alpa_nccl_poll(engine->nccl, gpu->collective->split, gpu->number);
    if (is_nccl_failure(result))
      return fail_collective(gpu, result);
  }
  if (!alpa_cuda_messages_pump(gpu))
    return false;
  return !is_late || alpa_cuda_abort(engine, ALPA_DEADLINE_EXCEEDED, find_last(engine), 0, "made no progress");
}

static bool await_event(alpa_cuda_gpu *gpu, alpa_cuda_event event) {
  alpa_cuda_result result;
  for (patience p = {0}; (result = driver_of(gpu)->cuEventQuery(event)) == ALPA_CUDA_NOT_READY;)
    if (!go_on(gpu, &p))
      return false;
  return result == ALPA_CUDA_SUCCESS || alpa_cuda_gpu_fail(gpu, "a kernel or copy failed", result);
}

bool alpa_cuda_gpu_wait(alpa_cuda_gpu *gpu) {
  alpa_cuda_result result;
  for (patience p = {0}; (result = driver_of(gpu)->cuStreamQuery(gpu->stream)) == ALPA_CUDA_NOT_READY;)
    if (!go_on(gpu, &p))
      return false;
  if (result != ALPA_CUDA_SUCCESS)
    return alpa_cuda_gpu_fail(gpu, "a kernel or copy failed", result);
  atomic_store(&gpu->completed, atomic_load(&gpu->issued));
  return true;
}

/* After an aborted step: whether the device has come to rest, so that it can be used again. */
static bool settle(alpa_cuda_gpu *gpu) {
  alpa_cuda_result result;
  for (patience p = {0}; (result = driver_of(gpu)->cuStreamQuery(gpu->stream)) == ALPA_CUDA_NOT_READY;)
    if (!is_patient(gpu, &p))
      return false;
  return result == ALPA_CUDA_SUCCESS;
}

/* ---- operations ------------------------------------------------------------------------------------------------- */

alpa_cuda_result alpa_cuda_gpu_describe(alpa_cuda_gpu *gpu, uint32_t at, alpa_cuda_kernel_node *out_kernel) {
  const alpa_cuda_code *code = gpu->engine->executable->code;
  const alpa_operation *operation = &gpu->engine->executable->program.operations[at];
  const alpa_cuda_kernel *kernel = &code->kernels[operation->index];
  alpa_cuda_map *maps = code->maps[gpu->number] + code->operations[at].first_map;
  void **parameters = code->parameters[gpu->number];
  char *const *operands = gpu->operands + operation->first_ref;
  for (uint32_t r = 0; r < operation->n_refs; r++)
    parameters[r] = (void *)(uintptr_t)&operands[r];
  for (uint32_t m = 0; m < kernel->n_maps; m++) {
    alpa_cuda_result result = alpa_cuda_map_update(gpu, &kernel->maps[m], operands[kernel->maps[m].ref], &maps[m]);
    if (result != ALPA_CUDA_SUCCESS)
      return result;
    parameters[operation->n_refs + m] = &maps[m].map;
  }
  *out_kernel = (alpa_cuda_kernel_node){
      .function = kernel->functions[gpu->number], .shared_bytes = kernel->shared_bytes, .parameters = parameters};
  memcpy(out_kernel->grid, kernel->grid, sizeof out_kernel->grid);
  memcpy(out_kernel->block, kernel->block, sizeof out_kernel->block);
  return ALPA_CUDA_SUCCESS;
}

static bool launch(alpa_cuda_gpu *gpu) {
  alpa_cuda_kernel_node k;
  alpa_cuda_result result = alpa_cuda_gpu_describe(gpu, gpu->at, &k);
  if (result != ALPA_CUDA_SUCCESS)
    return alpa_cuda_gpu_fail(gpu, "cuTensorMapEncodeTiled", result);
  result = driver_of(gpu)->cuLaunchKernel(k.function, k.grid[0], k.grid[1], k.grid[2], k.block[0], k.block[1],
                                          k.block[2], k.shared_bytes, gpu->stream, k.parameters, NULL);
  return result == ALPA_CUDA_SUCCESS || alpa_cuda_gpu_fail(gpu, "cuLaunchKernel", result);
}

static bool copy(alpa_cuda_gpu *gpu, const alpa_operation *operation) {
  char *const *operands = gpu->operands + operation->first_ref;
  if (operation->count == 0 || operands[0] == operands[1])
    return true;
  alpa_cuda_result result = driver_of(gpu)->cuMemcpyDtoDAsync_v2((uintptr_t)operands[0], (uintptr_t)operands[1],
                                                                 (size_t)operation->count, gpu->stream);
  return result == ALPA_CUDA_SUCCESS || alpa_cuda_gpu_fail(gpu, "cuMemcpyDtoDAsync", result);
}

static bool collect(alpa_cuda_gpu *gpu, const alpa_operation *operation) {
  alpa_cuda_engine *engine = gpu->engine;
  const alpa_cuda_code *code = engine->executable->code;
  char *const *operands = gpu->operands + operation->first_ref;
  alpa_nccl_operands on = {operands[0], operands[1], code->scratch ? code->scratch[gpu->number] : NULL, gpu->stream};
  gpu->collective = &code->collectives[operation->index];
  alpa_nccl_result result = alpa_nccl_issue(engine->nccl, gpu->collective, gpu->number, &on);
  for (patience p = {0}; result == ALPA_NCCL_IN_PROGRESS;) {
    if (!go_on(gpu, &p))
      return false;
    result = alpa_nccl_poll(engine->nccl, gpu->collective->split, gpu->number);
  }
  if (result == ALPA_NCCL_SUCCESS)
    result = alpa_nccl_finish(engine->nccl, gpu->collective, gpu->number, &on);
  return result == ALPA_NCCL_SUCCESS || fail_collective(gpu, result);
}

static bool arrive(alpa_cuda_gpu *gpu, const alpa_operation *operation, int way) {
  const alpa_cuda_code *code = gpu->engine->executable->code;
  alpa_cuda_result result =
      alpa_cuda_transfer_arrive(gpu, &code->transfers[operation->index], way, gpu->operands[operation->first_ref]);
  return result == ALPA_CUDA_SUCCESS || alpa_cuda_gpu_fail(gpu, "a transfer between stages failed", result);
}

static bool leave(alpa_cuda_gpu *gpu, const alpa_operation *operation, int way) {
  const alpa_cuda_code *code = gpu->engine->executable->code;
  const alpa_cuda_transfer *transfer = &code->transfers[operation->index];
  for (patience p = {0}; !alpa_cuda_transfer_is_issued(transfer, way, gpu->number);)
    if (!go_on(gpu, &p))
      return false;
  alpa_cuda_result result = alpa_cuda_transfer_leave(gpu, transfer, way);
  return result == ALPA_CUDA_SUCCESS || alpa_cuda_gpu_fail(gpu, "a transfer between stages failed", result);
}

/* A predicate or index of 1 or 4 bytes; waits for what computes it. */
static bool read_back(alpa_cuda_gpu *gpu, const char *operand, int64_t bytes, int32_t *out_value) {
  alpa_cuda_result result =
      driver_of(gpu)->cuMemcpyDtoHAsync_v2(gpu->cell, (uintptr_t)operand, (size_t)bytes, gpu->stream);
  if (result != ALPA_CUDA_SUCCESS)
    return alpa_cuda_gpu_fail(gpu, "cuMemcpyDtoHAsync", result);
  if (!alpa_cuda_gpu_wait(gpu))
    return false;
  *out_value = gpu->cell[0] != 0;
  if (bytes > 1)
    memcpy(out_value, gpu->cell, sizeof *out_value);
  return true;
}

static bool branch(alpa_cuda_gpu *gpu, const alpa_operation *operation, uint32_t *out_next) {
  const alpa_executable *e = gpu->engine->executable;
  const uint32_t *known = ((const alpa_cuda_code *)e->code)->operations[gpu->at].known;
  uint32_t n = operation->index;
  int32_t value;
  if (known)
    value = (int32_t)known[gpu->number];
  else if (!read_back(gpu, gpu->operands[operation->first_ref], operation->count, &value))
    return false;
  if (operation->count == 1)
    value = !value;
  *out_next = e->program.targets[operation->target + (value >= 0 && (uint32_t)value < n ? (uint32_t)value : n - 1)];
  return true;
}

static bool test(alpa_cuda_gpu *gpu, const alpa_operation *operation, uint32_t *out_next) {
  int32_t value;
  if (!read_back(gpu, gpu->operands[operation->first_ref], 1, &value))
    return false;
  if (!value)
    *out_next = operation->target;
  return true;
}

/* ---- the walk --------------------------------------------------------------------------------------------------- */

/* Operations that only move the program counter; none of them is counted or recorded. */
static bool jump(alpa_cuda_gpu *gpu, const alpa_operation *operation) {
  switch (operation->kind) {
  case ALPA_OPERATION_LOOP:
    gpu->counters[operation->index] = operation->count;
    gpu->at = operation->target;
    return true;
  case ALPA_OPERATION_REPEAT:
    gpu->at = gpu->counters[operation->index]-- > 0 ? operation->target : gpu->at + 1;
    return true;
  case ALPA_OPERATION_JUMP:
    gpu->at = operation->target;
    return true;
  case ALPA_OPERATION_RUN:
  case ALPA_OPERATION_COPY:
  case ALPA_OPERATION_COLLECTIVE:
  case ALPA_OPERATION_SEND:
  case ALPA_OPERATION_RECEIVE:
  case ALPA_OPERATION_SENT:
  case ALPA_OPERATION_RECEIVED:
  case ALPA_OPERATION_TEST:
  case ALPA_OPERATION_BRANCH:
  case ALPA_OPERATION_END:
    break;
  }
  return false;
}

/* The device fails, or stands still until the deadline. */
static bool suffer(alpa_cuda_gpu *gpu) {
  if (gpu->fault_kind == ALPA_FAULT_FAIL)
    return alpa_cuda_abort(gpu->engine, ALPA_INTERNAL, gpu->number, 0, "failed");
  for (patience p = {0}; go_on(gpu, &p);)
    continue;
  return false;
}

static void record(alpa_cuda_gpu *gpu, const alpa_operation *operation, uint64_t executed) {
  const alpa_cuda_engine *engine = gpu->engine;
  gpu->flights[gpu->n_flights++ % ALPA_FLIGHT_ENTRIES] = (alpa_cuda_flight){
      operation, engine->executable, engine->mesh->step, executed, engine->options.trace ? alpa_cuda_now() : 0};
}

static bool begin(alpa_cuda_gpu *gpu, const alpa_operation *operation) {
  alpa_cuda_engine *engine = gpu->engine;
  uint64_t issued = atomic_load_explicit(&gpu->issued, memory_order_relaxed);
  record(gpu, operation, issued);
  if (engine->options.trace)
    driver_of(gpu)->cuEventRecord(gpu->started, gpu->stream);
  if (issued == gpu->fault_at)
    return suffer(gpu);
  return !atomic_load(&engine->is_aborted) && alpa_cuda_messages_pump(gpu);
}

/* Traces and poisoned runs wait for every operation: times are its own, by the device's clock, and a fault is where it
 * happened. */
static bool finish(alpa_cuda_gpu *gpu, const alpa_operation *operation) {
  alpa_cuda_engine *engine = gpu->engine;
  float ms = 0;
  if (!engine->options.trace && !engine->mesh->poison)
    return true;
  if (engine->options.trace)
    driver_of(gpu)->cuEventRecord(gpu->ended, gpu->stream);
  if (!alpa_cuda_gpu_wait(gpu))
    return false;
  atomic_store(&gpu->completed, atomic_load(&gpu->issued) + 1); /* it is counted in a moment */
  if (!engine->options.trace)
    return true;
  const alpa_cuda_flight *flight = &gpu->flights[(gpu->n_flights - 1) % ALPA_FLIGHT_ENTRIES];
  driver_of(gpu)->cuEventElapsedTime(&ms, gpu->started, gpu->ended);
  engine->options.trace(engine->options.user,
                        &(alpa_trace_event){.device = gpu->number,
                                            .instruction = operation->instruction,
                                            .name = operation->name,
                                            .where = operation->where,
                                            .flops = operation->flops,
                                            .bytes = operation->bytes,
                                            .start_ns = flight->start_ns,
                                            .end_ns = flight->start_ns + (int64_t)(1e6 * (double)ms)});
  return true;
}

/* Counts operations; every few of them an event tells how far the device is, and holds the queue short. */
static bool count(alpa_cuda_gpu *gpu, uint32_t n) {
  uint64_t issued = atomic_fetch_add(&gpu->issued, n) + n;
  uint64_t marked = gpu->n_recorded ? gpu->milestones_at[(gpu->n_recorded - 1) % ALPA_CUDA_MILESTONES] : 0;
  if (issued - marked < ALPA_CUDA_MILESTONE_OPERATIONS)
    return true;
  uint32_t next = gpu->n_recorded % ALPA_CUDA_MILESTONES;
  if (gpu->n_recorded >= ALPA_CUDA_MILESTONES && !await_event(gpu, gpu->milestones[next]))
    return false;
  look(gpu);
  alpa_cuda_result result = driver_of(gpu)->cuEventRecord(gpu->milestones[next], gpu->stream);
  gpu->milestones_at[next] = issued;
  gpu->n_recorded++;
  return result == ALPA_CUDA_SUCCESS || alpa_cuda_gpu_fail(gpu, "cuEventRecord", result);
}

static bool execute(alpa_cuda_gpu *gpu, const alpa_operation *operation, uint32_t *out_next) {
  switch (operation->kind) {
  case ALPA_OPERATION_RUN:
    return launch(gpu);
  case ALPA_OPERATION_COPY:
    return copy(gpu, operation);
  case ALPA_OPERATION_TEST:
    return test(gpu, operation, out_next);
  case ALPA_OPERATION_BRANCH:
    return branch(gpu, operation, out_next);
  case ALPA_OPERATION_COLLECTIVE:
    return collect(gpu, operation);
  case ALPA_OPERATION_SEND:
    return arrive(gpu, operation, ALPA_TRANSFER_OUT);
  case ALPA_OPERATION_RECEIVE:
    return arrive(gpu, operation, ALPA_TRANSFER_IN);
  case ALPA_OPERATION_SENT:
    return leave(gpu, operation, ALPA_TRANSFER_OUT);
  case ALPA_OPERATION_RECEIVED:
    return leave(gpu, operation, ALPA_TRANSFER_IN);
  case ALPA_OPERATION_LOOP:
  case ALPA_OPERATION_REPEAT:
  case ALPA_OPERATION_JUMP:
  case ALPA_OPERATION_END:
    break;
  }
  return true;
}

static bool run_graph(alpa_cuda_gpu *gpu, const alpa_cuda_list *list) {
  const alpa_operations *program = &gpu->engine->executable->program;
  for (uint32_t i = 0; i < list->n; i++)
    record(gpu, &program->operations[list->first + i], atomic_load(&gpu->issued) + i);
  if (atomic_load(&gpu->engine->is_aborted) || !alpa_cuda_messages_pump(gpu))
    return false;
  alpa_cuda_result result = alpa_cuda_graph_launch(gpu, list);
  if (result != ALPA_CUDA_SUCCESS)
    return alpa_cuda_gpu_fail(gpu, "cuGraphLaunch", result);
  gpu->at += list->n;
  return count(gpu, list->n);
}

static bool walk(alpa_cuda_gpu *gpu) {
  const alpa_operations *program = &gpu->engine->executable->program;
  for (;;) {
    const alpa_operation *operation = &program->operations[gpu->at];
    if (operation->kind == ALPA_OPERATION_END)
      return alpa_cuda_gpu_wait(gpu);
    if (jump(gpu, operation))
      continue;
    const alpa_cuda_list *list = alpa_cuda_graph_prepare(gpu);
    if (list) {
      if (!run_graph(gpu, list))
        return false;
      continue;
    }
    uint32_t next = gpu->at + 1;
    if (!begin(gpu, operation) || !execute(gpu, operation, &next) || !finish(gpu, operation) || !count(gpu, 1))
      return false;
    gpu->at = next;
  }
}

void alpa_cuda_gpu_run(alpa_cuda_gpu *gpu) {
  alpa_cuda_engine *engine = gpu->engine;
  alpa_cuda_enter(gpu);
  if (walk(gpu)) {
    atomic_store(&engine->mesh->statuses[gpu->number], ALPA_OK);
    atomic_store(&gpu->completed, atomic_load(&gpu->issued));
    return;
  }
  const alpa_cuda_code *code = engine->executable->code;
  if (code->n_collectives || code->lanes.n_lanes)
    alpa_nccl_abort(engine->nccl, gpu->number);
  gpu->is_lost = !settle(gpu);
  bool is_culprit = engine->failure.device == gpu->number;
  atomic_store(&engine->mesh->statuses[gpu->number], is_culprit ? (int)engine->failure.status : ALPA_ABORTED);
}
