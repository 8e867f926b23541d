/* Schedules: in which order each submesh of a pipeline runs the tasks of a step.
 *
 * A step pushes B micro-batches through V stages.  A task is one of three computations of one stage on one micro-batch:
 * F (forward), B (backward; where the backward is split, the gradient of the stage's input alone) and W (the gradient
 * of its weights).  F of a stage waits for F of the stage before it, B for its own F and B of the stage behind it, W
 * for its own B.  A submesh runs its tasks one after another in the order of its list; a submesh that holds several
 * stages numbers them as chunks 0, 1, ... in the order of the stages.  Nothing here knows of IR. */
#ifndef ALPA_PASSES_SCHEDULE_SCHEDULE_H
#define ALPA_PASSES_SCHEDULE_SCHEDULE_H

#include "support/text.h"

typedef enum alpa_task_kind { ALPA_TASK_FORWARD, ALPA_TASK_BACKWARD, ALPA_TASK_WEIGHT, ALPA_TASK_KINDS } alpa_task_kind;

typedef struct alpa_task {
  alpa_task_kind kind;
  uint32_t chunk, microbatch;
} alpa_task;

typedef ALPA_VEC(alpa_task) alpa_task_list;

/* ---- stages on submeshes --------------------------------------------------------------------------------------- */

/* Which submesh runs which stages. */
typedef struct alpa_stage_map {
  uint32_t n_stages, n_submeshes, max_chunks;
  const uint32_t *submesh, *chunk; /* by stage */
  const uint32_t *n_chunks;        /* by submesh */
  const uint32_t *stages;          /* by submesh * max_chunks + chunk */
} alpa_stage_map;

/* From the submesh of each stage; every number from 0 to the largest occurs. */
void alpa_stage_map_build(alpa_arena *arena, const uint32_t *submeshes, uint32_t n_stages, alpa_stage_map *out_map);
static inline uint32_t alpa_stage_map_at(const alpa_stage_map *map, uint32_t submesh, uint32_t chunk) {
  return map->stages[submesh * map->max_chunks + chunk];
}

/* ---- schedules ------------------------------------------------------------------------------------------------- */

/* A known schedule: a row of the table in build.c. */
typedef struct alpa_schedule_kind {
  const char *name, *summary;
  bool has_task[ALPA_TASK_KINDS]; /* F always; B in training; W where the backward is split */
  const struct alpa_schedule_rule *rule;
} alpa_schedule_kind;

typedef struct alpa_schedule {
  const alpa_schedule_kind *kind;
  const alpa_stage_map *map;
  uint32_t n_microbatches;
  alpa_task_list *lists; /* by submesh */
} alpa_schedule;

extern const alpa_schedule_kind alpa_schedule_kinds[];
extern const size_t alpa_schedule_n_kinds;
extern const char *const alpa_schedule_kind_names[]; /* ends with NULL */
/* NULL where there is none of that name. */
const alpa_schedule_kind *alpa_schedule_kind_find(const char *name);
/* The fewest stages that it needs on each submesh. */
uint32_t alpa_schedule_kind_chunks(const alpa_schedule_kind *kind);
/* The submeshes, one number per stage, as the kind wants them: one stage on each, in turn (interleaved), or down and up
 * again (the V of zb-v); NULL where it cannot run so many on each, or a different number. */
uint32_t *alpa_schedule_kind_place(alpa_arena *arena, const alpa_schedule_kind *kind, uint32_t n_stages,
                                   uint32_t n_submeshes);
/* NULL, or why the stages cannot be run so: a clause about the kind, "needs ...", in `arena`.  B >= 1. */
const char *alpa_schedule_build(alpa_arena *arena, const alpa_schedule_kind *kind, const alpa_stage_map *map,
                                uint32_t n_microbatches, alpa_schedule *out_schedule);

/* ---- text ------------------------------------------------------------------------------------------------------ */

/* "F0", and "F0.1" where the submesh holds several stages. */
void alpa_task_print(alpa_text *text, const alpa_task *task, bool with_chunk);
/* "F0 F1 B0 ..." of one submesh. */
const char *alpa_schedule_print(alpa_arena *arena, const alpa_schedule *schedule, uint32_t submesh);
/* Reads the list of each submesh of a schedule whose other members are set, and verifies it.  NULL, or the fault as a
 * clause: "has no B2 on submesh 1", in `arena`. */
const char *alpa_schedule_parse(alpa_arena *arena, alpa_schedule *schedule, const char *const *texts);

/* ---- properties ------------------------------------------------------------------------------------------------ */

/* Every task occurs once, on its submesh, and the lists can be run to their end: no submesh waits for what is behind a
 * task that waits for it.  NULL, or the fault as a clause, in `arena`. */
const char *alpa_schedule_verify(alpa_arena *arena, const alpa_schedule *schedule);

/* Called with each task when all that it waits for has been visited. */
typedef void alpa_task_visit_fn(void *user, uint32_t submesh, const alpa_task *task);
/* Runs the lists as far as they go, by turns; returns how many tasks were visited. */
size_t alpa_schedule_walk(alpa_arena *arena, const alpa_schedule *schedule, alpa_task_visit_fn *visit, void *user);

/* The number of a task among all: (kind * V + stage) * B + microbatch. */
static inline size_t alpa_task_number(const alpa_schedule *schedule, alpa_task_kind kind, uint32_t stage,
                                      uint32_t microbatch) {
  return ((size_t)kind * schedule->map->n_stages + stage) * schedule->n_microbatches + microbatch;
}
static inline size_t alpa_schedule_max_tasks(const alpa_schedule *schedule) {
  return alpa_task_number(schedule, ALPA_TASK_KINDS, 0, 0);
}
/* The tasks, at most two, that a task waits for; returns how many. */
uint32_t alpa_task_dependences(const alpa_schedule *schedule, uint32_t submesh, const alpa_task *task,
                               size_t out_numbers[2]);

/* The most (stage, micro-batch) pairs of a submesh that have run F and still need it for B (or W, where that is split
 * off): what its memory holds activations of. */
uint32_t alpa_schedule_in_flight(const alpa_schedule *schedule, uint32_t submesh);

#endif
