/* Traces: what each device did is kept in memory of its own, because devices report at the same time; their events
 * become one timeline when the trace is written. */
#include "driver/trace.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "driver/program.h"

typedef struct recorder {
  alpa_memory memory;
  alpa_arena arena;
  ALPA_VEC(alpa_operation_event) events;
  bool is_full; /* memory for an event was not there */
} recorder;

struct alpa_trace {
  alpa_environment env;
  uint32_t n_devices;
  recorder *recorders;
};

alpa_status alpa_trace_create(const alpa_program *program, alpa_trace **out_trace) {
  if (!program || !out_trace)
    return ALPA_INVALID_ARGUMENT;
  alpa_memory *memory = program->env.memory;
  uint32_t n = alpa_device_mesh_n_devices(program->devices->mesh);
  alpa_trace *trace = memory->realloc(memory->user, NULL, sizeof *trace);
  recorder *recorders = trace ? memory->realloc(memory->user, NULL, n * sizeof *recorders) : NULL;
  if (!recorders) {
    memory->realloc(memory->user, trace, 0);
    return ALPA_OUT_OF_MEMORY;
  }
  *trace = (alpa_trace){program->env, n, recorders};
  for (uint32_t d = 0; d < n; d++) {
    recorders[d] = (recorder){0};
    alpa_memory_init(&recorders[d].memory, NULL, NULL); /* the caller's allocator need not be made for threads */
    alpa_arena_init(&recorders[d].arena, &recorders[d].memory);
  }
  *out_trace = trace;
  return ALPA_OK;
}

void alpa_trace_destroy(alpa_trace *trace) {
  if (!trace)
    return;
  alpa_memory *memory = trace->env.memory;
  for (uint32_t d = 0; d < trace->n_devices; d++)
    alpa_arena_deinit(&trace->recorders[d].arena);
  memory->realloc(memory->user, trace->recorders, 0);
  memory->realloc(memory->user, trace, 0);
}

/* ---- recording --------------------------------------------------------------------------------------------------- */

typedef struct add_args {
  recorder *recorder;
  const alpa_operation_event *event;
} add_args;

/* Names belong to the program, which outlives the trace. */
static alpa_status add(void *arguments) {
  add_args *args = arguments;
  alpa_vec_push(&args->recorder->arena, &args->recorder->events, *args->event);
  return ALPA_OK;
}

void alpa_trace_add(void *user, const alpa_operation_event *event) {
  alpa_trace *trace = user;
  recorder *at = &trace->recorders[event->device];
  add_args args = {at, event};
  at->is_full = at->is_full || alpa_guard(&at->memory, add, &args) != ALPA_OK;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static double find_begin(const alpa_trace *trace) {
  double begin_s = INFINITY;
  for (uint32_t d = 0; d < trace->n_devices; d++)
    if (trace->recorders[d].events.n > 0)
      begin_s = fmin(begin_s, trace->recorders[d].events.items[0].start_s);
  return begin_s;
}

alpa_status alpa_timeline_store(alpa_timeline *timeline, alpa_diag *diag, const char *path) {
  const char *text = alpa_timeline_finish(timeline);
  FILE *file = fopen(path, "w");
  bool ok = file && fputs(text, file) >= 0;
  ok = (!file || fclose(file) == 0) && ok;
  return ok ? ALPA_OK
            : alpa_error(diag, (alpa_place){0}, ALPA_NOT_FOUND, "'%s' cannot be written: %s", path, strerror(errno));
}

static void record(const alpa_trace *trace, alpa_arena *arena, alpa_timeline *timeline) {
  double begin_s = find_begin(trace);
  for (uint32_t d = 0; d < trace->n_devices; d++) {
    const recorder *at = &trace->recorders[d];
    const alpa_track track = {d, 0};
    alpa_timeline_label(timeline, track, alpa_arena_printf(arena, "device %u", d), "operations");
    for (size_t i = 0; i < at->events.n; i++) {
      const alpa_operation_event *event = &at->events.items[i];
      double at_s = event->start_s - begin_s;
      alpa_timeline_slice(timeline, track, event->name, event->where, at_s, at_s + event->seconds);
    }
  }
}

typedef struct write_args {
  const alpa_trace *trace;
  const char *path;
} write_args;

static alpa_status write(void *arguments) {
  const write_args *args = arguments;
  alpa_arena arena;
  alpa_timeline timeline;
  alpa_arena_init(&arena, args->trace->env.memory);
  alpa_timeline_init(&timeline, &arena);
  record(args->trace, &arena, &timeline);
  alpa_status status = alpa_timeline_store(&timeline, args->trace->env.diag, args->path);
  alpa_arena_deinit(&arena);
  return status;
}

alpa_status alpa_trace_write(const alpa_trace *trace, const char *path) {
  if (!trace || !path)
    return ALPA_INVALID_ARGUMENT;
  for (uint32_t d = 0; d < trace->n_devices; d++)
    if (trace->recorders[d].is_full)
      return alpa_error(trace->env.diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY,
                        "no memory for all operations of device %u; trace fewer steps", d);
  write_args args = {trace, path};
  return alpa_guard(trace->env.memory, write, &args);
}
