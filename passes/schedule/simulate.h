/* Replays a schedule in virtual time.
 *
 * Each submesh runs its prologue, the tasks of its list one after another, and its epilogue (the optimizer).  A
 * transfer begins when the task that makes the data ends and the transfers before it between the same two submeshes
 * have been sent, which takes bytes / bandwidth; it arrives a latency later.  Both submeshes go on computing meanwhile.
 * Durations come from the cost model or from measurements; this knows of neither.  Times are in seconds from the start
 * of the step. */
#ifndef ALPA_PASSES_SCHEDULE_SIMULATE_H
#define ALPA_PASSES_SCHEDULE_SIMULATE_H

#include "passes/schedule/schedule.h"
#include "support/timeline.h"

/* One stage on its submesh; bytes are those of each device. */
typedef struct alpa_stage_cost {
  double task_s[ALPA_TASK_KINDS]; /* B is the whole backward where the schedule does not split it */
  double prologue_s, epilogue_s;
  int64_t fixed_bytes;      /* weights, optimizer state, accumulators */
  int64_t activation_bytes; /* kept for the backward of one micro-batch, from the beginning of F to the end of B */
  int64_t weight_bytes;     /* of them, what is kept on to the end of W where that is split off */
  int64_t task_bytes[ALPA_TASK_KINDS]; /* more while the task runs */
} alpa_stage_cost;

/* What a task of one stage sends to that of another for each micro-batch. */
typedef struct alpa_stage_edge {
  uint32_t from, to; /* stages */
  alpa_task_kind from_kind, to_kind;
  int64_t bytes;
  double latency_s, bandwidth; /* of the links between the two submeshes, bytes per second */
} alpa_stage_edge;

typedef struct alpa_schedule_costs {
  const alpa_stage_cost *stages; /* by stage */
  const alpa_stage_edge *edges;
  size_t n_edges;
  bool has_barrier; /* the epilogue begins everywhere at once: the norm of all gradients is in it */
} alpa_schedule_costs;

typedef struct alpa_interval {
  double begin_s, end_s;
} alpa_interval;

typedef struct alpa_memory_point {
  double time_s;
  int64_t bytes; /* from then on */
} alpa_memory_point;

typedef struct alpa_submesh_time {
  alpa_interval prologue, epilogue;
  alpa_interval *tasks; /* by place in the list */
  double busy_s;        /* sum of the tasks */
  double bubble;        /* fraction of the time from the first task of the step to the last in which none runs here */
  int64_t peak_bytes;
  ALPA_VEC(alpa_memory_point) memory;
} alpa_submesh_time;

typedef struct alpa_simulation {
  const alpa_schedule *schedule;
  const alpa_schedule_costs *costs;
  alpa_submesh_time *submeshes;
  alpa_interval *transfers;   /* by edge * B + micro-batch: while it is sent */
  double iteration_s, bubble; /* the mean of the submeshes' bubbles */
} alpa_simulation;

/* The schedule is valid; an edge goes from a task to one that waits for it, directly or not.  The result is in `arena`
 * and refers to the arguments. */
void alpa_schedule_simulate(alpa_arena *arena, const alpa_schedule *schedule, const alpa_schedule_costs *costs,
                            alpa_simulation *out_simulation);

/* Bytes that an edge carries between two submeshes in one step. */
int64_t alpa_simulation_edge_bytes(const alpa_simulation *simulation, size_t edge);

/* A picture: time from left to right, one line per submesh, each task at its time; at most `columns` wide where that
 * leaves room for the names of tasks. */
void alpa_simulation_draw(const alpa_simulation *simulation, uint32_t columns, alpa_text *text);

/* One group of tracks per submesh: what it computes, what it sends to each other one, and its memory. */
void alpa_simulation_record(const alpa_simulation *simulation, alpa_timeline *timeline);

#endif
