/* Traces: what each device did is kept in memory of its own, because devices report at the same time; their events
 * become one timeline when the trace is written, by process 0 where there are several. */
#include "driver/trace.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/program.h"
#include "runtime/mesh_state.h"

typedef ALPA_VEC(alpa_operation_event) event_list;

typedef struct recorder {
  alpa_memory memory;
  alpa_arena arena;
  event_list events;
  bool is_full; /* memory for an event was not there */
} recorder;

struct alpa_trace {
  alpa_environment env;
  const alpa_device_mesh *mesh;
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
  *trace = (alpa_trace){program->env, program->devices->mesh, n, recorders};
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

static double find_begin(const event_list *events, uint32_t n_devices) {
  double begin_s = INFINITY;
  for (uint32_t d = 0; d < n_devices; d++)
    if (events[d].n > 0)
      begin_s = fmin(begin_s, events[d].items[0].start_s);
  return begin_s;
}

/* A line for each event. */
static void pack(const event_list *from, alpa_text *out) {
  for (size_t i = 0; i < from->n; i++) {
    const alpa_operation_event *e = &from->items[i];
    alpa_text_printf(out, "%.17g\t%.17g\t%s\t%s\n", e->start_s, e->seconds, e->name, e->where);
  }
}

static void unpack(char *text, alpa_arena *arena, event_list *out) {
  for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
    alpa_operation_event event = {.start_s = strtod(line, &line)};
    event.seconds = strtod(line, &line);
    char *where = strchr(line + 1, '\t');
    event.name = line + 1;
    event.where = where + 1;
    *where = *end = 0;
    alpa_vec_push(arena, out, event);
  }
}

/* What the device did, from the process that it is in. */
static alpa_status gather(const alpa_trace *trace, alpa_arena *arena, uint32_t device, event_list *out) {
  alpa_processes *processes = trace->mesh->processes;
  const recorder *own = &trace->recorders[device];
  bool is_local = alpa_device_mesh_is_local(trace->mesh, device);
  uint32_t root = alpa_device_mesh_process_of(trace->mesh, device);
  alpa_text text;
  alpa_text_init(&text, arena);
  if (is_local && processes)
    pack(&own->events, &text);
  uint64_t size = own->is_full ? UINT64_MAX : text.size;
  bool ok = !processes || processes->vtable->broadcast(processes, &size, sizeof size, root);
  if (ok && size == UINT64_MAX)
    return alpa_error(trace->env.diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY,
                      "no memory for all operations of device %u; trace fewer steps", device);
  char *bytes = is_local ? (char *)(uintptr_t)alpa_text_finish(&text) : alpa_arena_alloc(arena, (size_t)size + 1);
  if (!ok || (processes && !processes->vtable->broadcast(processes, bytes, (size_t)size, root)))
    return alpa_error(trace->env.diag, (alpa_place){0}, ALPA_ABORTED, "process %u was lost while a trace was gathered",
                      root);
  if (is_local) {
    *out = own->events;
    return ALPA_OK;
  }
  bytes[size] = 0;
  unpack(bytes, arena, out);
  return ALPA_OK;
}

alpa_status alpa_timeline_store(alpa_timeline *timeline, alpa_diag *diag, const char *path) {
  const char *text = alpa_timeline_finish(timeline);
  FILE *file = fopen(path, "w");
  bool ok = file && fputs(text, file) >= 0;
  ok = (!file || fclose(file) == 0) && ok;
  return ok ? ALPA_OK
            : alpa_error(diag, (alpa_place){0}, ALPA_NOT_FOUND, "'%s' cannot be written: %s", path, strerror(errno));
}

static void record(const event_list *events, uint32_t n_devices, alpa_arena *arena, alpa_timeline *timeline) {
  double begin_s = find_begin(events, n_devices);
  for (uint32_t d = 0; d < n_devices; d++) {
    const alpa_track track = {d, 0};
    alpa_timeline_label(timeline, track, alpa_arena_printf(arena, "device %u", d), "operations");
    for (size_t i = 0; i < events[d].n; i++) {
      const alpa_operation_event *event = &events[d].items[i];
      double at_s = event->start_s - begin_s;
      alpa_timeline_slice(timeline, track, event->name, event->where, at_s, at_s + event->seconds);
    }
  }
}

typedef struct write_args {
  const alpa_trace *trace;
  const char *path;
} write_args;

static alpa_status write_gathered(const write_args *args, alpa_arena *arena) {
  const alpa_trace *trace = args->trace;
  const alpa_processes *processes = trace->mesh->processes;
  event_list *all = alpa_arena_new(arena, event_list, trace->n_devices);
  alpa_timeline timeline;
  for (uint32_t d = 0; d < trace->n_devices; d++)
    ALPA_TRY(gather(trace, arena, d, &all[d]));
  if (processes && processes->rank > 0)
    return ALPA_OK;
  alpa_timeline_init(&timeline, arena);
  record(all, trace->n_devices, arena, &timeline);
  return alpa_timeline_store(&timeline, trace->env.diag, args->path);
}

static alpa_status write(void *arguments) {
  const write_args *args = arguments;
  alpa_arena arena;
  alpa_arena_init(&arena, args->trace->env.memory);
  alpa_status status = write_gathered(args, &arena);
  alpa_arena_deinit(&arena);
  return status;
}

alpa_status alpa_trace_write(const alpa_trace *trace, const char *path) {
  if (!trace || !path)
    return ALPA_INVALID_ARGUMENT;
  write_args args = {trace, path};
  return alpa_guard(trace->env.memory, write, &args);
}
