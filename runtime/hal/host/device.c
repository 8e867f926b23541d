/* One device's walk through the program.
 *
 * A worker owns the device while its state is RUNNING and runs it until it must wait for peers.  A wait is left by
 * whichever worker finds the transfer complete first, which is usually the one that had the device before. */
#include "runtime/hal/host/engine.h"

#include <sched.h>
#include <string.h>
#include <time.h>

int64_t alpa_host_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static uint64_t executed_of(const alpa_host_device *d) {
  return atomic_load_explicit((_Atomic uint64_t *)&d->executed, memory_order_relaxed);
}

/* ---- bookkeeping of an operation -------------------------------------------------------------------------------- */

/* False where a fault is due. */
static bool begin(alpa_host_engine *engine, alpa_host_device *d, const alpa_operation *operation) {
  uint64_t executed = executed_of(d), n = atomic_load_explicit(&d->n_flights, memory_order_relaxed);
  alpa_host_flight *flight = &d->flights[n % ALPA_FLIGHT_ENTRIES];
  flight->operation = operation;
  flight->executable = engine->executable;
  flight->step = engine->mesh->step;
  flight->executed = executed;
  flight->start_ns = d->start_ns = alpa_host_now();
  atomic_store_explicit(&flight->is_done, false, memory_order_relaxed);
  atomic_store_explicit(&d->n_flights, n + 1, memory_order_release);
  return executed != d->fault_at;
}

static void end(alpa_host_engine *engine, alpa_host_device *d, const alpa_operation *operation) {
  uint64_t last = atomic_load_explicit(&d->n_flights, memory_order_relaxed) - 1;
  atomic_store_explicit(&d->flights[last % ALPA_FLIGHT_ENTRIES].is_done, true, memory_order_relaxed);
  atomic_store_explicit(&d->executed, executed_of(d) + 1, memory_order_relaxed);
  if (!engine->options.trace)
    return;
  alpa_trace_event event = {.device = d->number,
                            .instruction = operation->instruction,
                            .name = operation->name,
                            .where = operation->where,
                            .flops = operation->flops,
                            .bytes = operation->bytes,
                            .start_ns = d->start_ns,
                            .end_ns = alpa_host_now()};
  engine->options.trace(engine->options.user, &event);
}

static void finish(alpa_host_engine *engine, alpa_host_device *d, alpa_status status) {
  atomic_store(&engine->mesh->statuses[d->number], (int)status);
  atomic_store(&d->state, ALPA_HOST_DONE);
  if (atomic_fetch_add(&engine->n_done, 1) + 1 == engine->n_devices)
    alpa_host_finish_step(engine);
}

static void finish_aborted(alpa_host_engine *engine, alpa_host_device *d) {
  bool is_culprit = engine->failure.device == d->number;
  finish(engine, d, is_culprit ? engine->failure.status : ALPA_ABORTED);
}

/* The device fails, or is left where nobody takes it. */
static void suffer(alpa_host_engine *engine, alpa_host_device *d) {
  if (d->fault_kind == ALPA_FAULT_HANG) {
    atomic_store(&d->state, ALPA_HOST_HUNG);
    return;
  }
  alpa_host_abort(engine, ALPA_INTERNAL, d->number, "failed");
  finish_aborted(engine, d);
}

/* ---- kernels ---------------------------------------------------------------------------------------------------- */

static void run_grain(const alpa_host_kernel *kernel, char *const *operands, uint32_t grain) {
  int64_t first = grain * kernel->grain, end = first + kernel->grain;
  for (int64_t task = first; task < end && task < kernel->n_tasks; task++)
    kernel->call(operands, task);
}

static void run_shared(alpa_host_engine *engine, alpa_host_device *d, const alpa_host_kernel *kernel,
                       char *const *operands) {
  uint32_t grain, n_polls = 0;
  d->shared_kernel = kernel;
  d->shared_operands = operands;
  alpa_share_open(&d->tasks, kernel->n_grains);
  if (kernel->is_large)
    alpa_host_wake(engine);
  while (alpa_share_take(&d->tasks, false, &grain)) {
    run_grain(kernel, operands, grain);
    alpa_share_finish(&d->tasks);
  }
  while (!alpa_share_is_done(&d->tasks)) {
    alpa_host_relax();
    if (++n_polls % 1024 == 0)
      sched_yield();
  }
}

static void run_kernel(alpa_host_engine *engine, alpa_host_device *d, const alpa_operation *operation) {
  const alpa_host_kernel *kernel = &engine->code->kernels[operation->index];
  char *const *operands = d->operands + operation->first_ref;
  if (kernel->n_grains > 1)
    run_shared(engine, d, kernel, operands);
  else
    for (int64_t task = 0; task < kernel->n_tasks; task++)
      kernel->call(operands, task);
}

/* ---- the walk --------------------------------------------------------------------------------------------------- */

static uint32_t branch_target(const alpa_operations *program, const alpa_operation *operation, const char *operand) {
  uint32_t n = operation->index, choice;
  if (operation->count == 1) {
    choice = *operand ? 0 : 1;
  } else {
    int32_t index;
    memcpy(&index, operand, sizeof index);
    choice = index >= 0 && (uint32_t)index < n ? (uint32_t)index : n - 1;
  }
  return program->targets[operation->target + choice];
}

/* Operations that only move the program counter; none of them is counted or recorded. */
static uint32_t jump(alpa_host_device *d, const alpa_operation *operation) {
  if (operation->kind == ALPA_OPERATION_LOOP) {
    d->counters[operation->index] = operation->count;
    return operation->target;
  }
  if (operation->kind == ALPA_OPERATION_JUMP || d->counters[operation->index]-- > 0)
    return operation->target;
  return d->at + 1;
}

/* The device's side of a transfer: it goes on at once. */
static void post(alpa_host_engine *engine, alpa_host_device *d, const alpa_operation *operation) {
  alpa_channel *channel = engine->code->transfers[operation->index];
  char *piece = d->operands[operation->first_ref];
  bool is_from = operation->kind == ALPA_OPERATION_SEND;
  channel->vtable->arrive(channel, d->number, is_from ? piece : NULL, is_from ? NULL : piece);
  if (alpa_copy_queue_has_work(&engine->code->queue))
    alpa_host_wake(engine);
}

static void start_wait(alpa_host_engine *engine, alpa_host_device *d, const alpa_operation *operation) {
  atomic_store_explicit(&d->channel, engine->code->transfers[operation->index], memory_order_relaxed);
  uint64_t side = operation->kind == ALPA_OPERATION_SENT ? ALPA_TRANSFER_OUT : ALPA_TRANSFER_IN;
  atomic_store_explicit(&d->transfer, side, memory_order_relaxed);
}

static void start_transfer(alpa_host_engine *engine, alpa_host_device *d, const alpa_operation *operation) {
  alpa_channel *channel = engine->code->channels[operation->index];
  char *const *operands = d->operands + operation->first_ref;
  uint64_t transfer = channel->vtable->arrive(channel, d->number, operands[0], operands[1]);
  atomic_store_explicit(&d->channel, channel, memory_order_relaxed);
  atomic_store_explicit(&d->transfer, transfer, memory_order_relaxed);
  if (channel->vtable->poll(channel, d->number, transfer) != ALPA_CHANNEL_WAITING)
    alpa_host_wake(engine);
}

/* Helps with the transfer the device is in; true when it is complete. */
static bool drive_transfer(alpa_host_engine *engine, alpa_host_device *d) {
  alpa_channel *channel = atomic_load_explicit(&d->channel, memory_order_relaxed);
  uint64_t transfer = atomic_load_explicit(&d->transfer, memory_order_relaxed);
  for (bool has_worked = false;;) {
    switch (channel->vtable->poll(channel, d->number, transfer)) {
    case ALPA_CHANNEL_COMPLETE:
      if (has_worked)
        alpa_host_wake(engine);
      return true;
    case ALPA_CHANNEL_WAITING:
      if (has_worked)
        alpa_host_wake(engine);
      return false;
    case ALPA_CHANNEL_HAS_WORK:
      has_worked |= channel->vtable->work(channel, d->number);
    }
  }
}

/* Executes operations that need nobody else; returns at the first that does, with the device still taken. */
static const alpa_operation *walk(alpa_host_engine *engine, alpa_host_device *d) {
  const alpa_operations *program = &engine->executable->program;
  while (!atomic_load_explicit(&engine->is_aborted, memory_order_acquire)) {
    const alpa_operation *operation = &program->operations[d->at];
    char *const *operands = d->operands + operation->first_ref;
    switch (operation->kind) {
    case ALPA_OPERATION_LOOP:
    case ALPA_OPERATION_REPEAT:
    case ALPA_OPERATION_JUMP:
      d->at = jump(d, operation);
      continue;
    case ALPA_OPERATION_COLLECTIVE:
    case ALPA_OPERATION_SENT:
    case ALPA_OPERATION_RECEIVED:
    case ALPA_OPERATION_END:
      return operation;
    case ALPA_OPERATION_RUN:
    case ALPA_OPERATION_COPY:
    case ALPA_OPERATION_SEND:
    case ALPA_OPERATION_RECEIVE:
    case ALPA_OPERATION_TEST:
    case ALPA_OPERATION_BRANCH:
      break;
    }
    if (!begin(engine, d, operation))
      return operation;
    uint32_t next = d->at + 1;
    if (operation->kind == ALPA_OPERATION_RUN)
      run_kernel(engine, d, operation);
    else if (operation->kind == ALPA_OPERATION_COPY)
      memmove(operands[0], operands[1], (size_t)operation->count);
    else if (operation->kind == ALPA_OPERATION_SEND || operation->kind == ALPA_OPERATION_RECEIVE)
      post(engine, d, operation);
    else if (operation->kind == ALPA_OPERATION_TEST)
      next = *operands[0] ? next : operation->target;
    else
      next = branch_target(program, operation, operands[0]);
    end(engine, d, operation);
    d->at = next;
  }
  return NULL;
}

static void leave_transfer(alpa_host_engine *engine, alpa_host_device *d) {
  atomic_store_explicit(&d->channel, NULL, memory_order_relaxed);
  end(engine, d, &engine->executable->program.operations[d->at]);
  d->at++;
}

void alpa_host_device_run(alpa_host_engine *engine, alpa_host_device *d) {
  for (;;) {
    if (atomic_load_explicit(&d->channel, memory_order_relaxed)) {
      if (!drive_transfer(engine, d) && !atomic_load(&engine->is_aborted)) {
        atomic_store(&d->state, ALPA_HOST_WAITING);
        return;
      }
      if (atomic_load(&engine->is_aborted))
        break;
      leave_transfer(engine, d);
    }
    const alpa_operation *operation = walk(engine, d);
    if (!operation)
      break;
    if (operation->kind == ALPA_OPERATION_END) {
      finish(engine, d, ALPA_OK);
      return;
    }
    bool is_collective = operation->kind == ALPA_OPERATION_COLLECTIVE;
    bool is_wait = operation->kind == ALPA_OPERATION_SENT || operation->kind == ALPA_OPERATION_RECEIVED;
    if ((!is_collective && !is_wait) || !begin(engine, d, operation)) {
      suffer(engine, d);
      return;
    }
    if (is_wait)
      start_wait(engine, d, operation);
    else
      start_transfer(engine, d, operation);
  }
  finish_aborted(engine, d);
}

/* ---- for the workers -------------------------------------------------------------------------------------------- */

static alpa_channel_state poll_wait(alpa_host_device *d) {
  alpa_channel *channel = atomic_load_explicit(&d->channel, memory_order_relaxed);
  if (!channel)
    return ALPA_CHANNEL_WAITING; /* taken by another worker meanwhile */
  return channel->vtable->poll(channel, d->number, atomic_load_explicit(&d->transfer, memory_order_relaxed));
}

/* Whether a device in this state can be taken. */
static bool can_go_on(alpa_host_engine *engine, alpa_host_device *d, int state) {
  if (state == ALPA_HOST_READY)
    return true;
  if (state != ALPA_HOST_WAITING && state != ALPA_HOST_HUNG)
    return false;
  return atomic_load(&engine->is_aborted) || (state == ALPA_HOST_WAITING && poll_wait(d) != ALPA_CHANNEL_WAITING);
}

bool alpa_host_device_try(alpa_host_engine *engine, alpa_host_device *d) {
  int state = atomic_load(&d->state);
  if (!can_go_on(engine, d, state) || !atomic_compare_exchange_strong(&d->state, &state, ALPA_HOST_RUNNING))
    return false;
  alpa_host_device_run(engine, d);
  return true;
}

static bool help_transfer(alpa_host_engine *engine, alpa_host_device *d) {
  alpa_channel *channel = atomic_load_explicit(&d->channel, memory_order_acquire);
  if (!channel || !channel->vtable->work(channel, d->number))
    return false;
  alpa_host_wake(engine);
  return true;
}

bool alpa_host_device_help(alpa_host_engine *engine, alpa_host_device *d) {
  uint32_t grain;
  bool is_any = false;
  while (alpa_share_take(&d->tasks, true, &grain)) {
    run_grain(d->shared_kernel, d->shared_operands, grain);
    alpa_share_finish(&d->tasks);
    is_any = true;
  }
  return help_transfer(engine, d) || is_any;
}

bool alpa_host_device_has_work(alpa_host_engine *engine, alpa_host_device *d) {
  return can_go_on(engine, d, atomic_load(&d->state)) || alpa_share_has_parts(&d->tasks);
}
