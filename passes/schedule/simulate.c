/* The simulator.  Lists and queues are served in order, so that the time of each task and transfer is the longest path
 * to it: one walk over the tasks computes all of them. */
#include "passes/schedule/simulate.h"

#include <stddef.h>

typedef struct simulator {
  alpa_arena *arena;
  alpa_simulation *result;
  double *ready_s; /* by task number: when the data sent to it has arrived */
  double *end_s;   /* by task number */
  double *queue_s; /* by source submesh * n + destination: when the last transfer has been sent */
  size_t *at;      /* by submesh: its next task */
  double *free_s;  /* by submesh */
} simulator;

static double max_of(double a, double b) { return a > b ? a : b; }

static const alpa_stage_map *map_of(const simulator *s) { return s->result->schedule->map; }

/* Stages of a submesh have their prologues one after another, and so their epilogues. */
static double sum_over_chunks(const simulator *s, uint32_t submesh, size_t member) {
  double sum = 0;
  for (uint32_t c = 0; c < map_of(s)->n_chunks[submesh]; c++) {
    const alpa_stage_cost *stage = &s->result->costs->stages[alpa_stage_map_at(map_of(s), submesh, c)];
    sum += *(const double *)((const char *)stage + member);
  }
  return sum;
}

/* What a finished task sends, in the order of the edges. */
static void send(simulator *s, uint32_t stage, const alpa_task *task, double end_s) {
  const alpa_schedule *schedule = s->result->schedule;
  const alpa_stage_map *map = schedule->map;
  for (size_t e = 0; e < s->result->costs->n_edges; e++) {
    const alpa_stage_edge *edge = &s->result->costs->edges[e];
    uint32_t from = map->submesh[edge->from], to = map->submesh[edge->to];
    if (edge->from != stage || edge->from_kind != task->kind)
      continue;
    double *queue_s = &s->queue_s[(size_t)from * map->n_submeshes + to], begin_s = max_of(end_s, *queue_s);
    double took_s = from == to ? 0 : (double)edge->bytes / edge->bandwidth;
    double arrived_s = begin_s + took_s + (from == to ? 0 : edge->latency_s);
    *queue_s = begin_s + took_s;
    s->result->transfers[e * schedule->n_microbatches + task->microbatch] = (alpa_interval){begin_s, *queue_s};
    double *ready_s = &s->ready_s[alpa_task_number(schedule, edge->to_kind, edge->to, task->microbatch)];
    *ready_s = max_of(*ready_s, arrived_s);
  }
}

static void run_task(void *user, uint32_t submesh, const alpa_task *task) {
  simulator *s = user;
  const alpa_schedule *schedule = s->result->schedule;
  uint32_t stage = alpa_stage_map_at(schedule->map, submesh, task->chunk);
  size_t number = alpa_task_number(schedule, task->kind, stage, task->microbatch), numbers[2];
  double begin_s = max_of(s->free_s[submesh], s->ready_s[number]);
  uint32_t n = alpa_task_dependences(schedule, submesh, task, numbers);
  for (uint32_t i = 0; i < n; i++)
    begin_s = max_of(begin_s, s->end_s[numbers[i]]);
  double end_s = begin_s + s->result->costs->stages[stage].task_s[task->kind];
  alpa_submesh_time *time = &s->result->submeshes[submesh];
  time->tasks[s->at[submesh]++] = (alpa_interval){begin_s, end_s};
  time->busy_s += end_s - begin_s;
  s->free_s[submesh] = s->end_s[number] = end_s;
  send(s, stage, task, end_s);
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static void add_bytes(simulator *s, alpa_submesh_time *time, double time_s, int64_t bytes) {
  int64_t now = bytes + (time->memory.n ? time->memory.items[time->memory.n - 1].bytes : 0);
  if (time->memory.n && time->memory.items[time->memory.n - 1].time_s >= time_s)
    time->memory.items[time->memory.n - 1].bytes = now;
  else
    alpa_vec_push(s->arena, &time->memory, (alpa_memory_point){time_s, now});
  time->peak_bytes = now > time->peak_bytes ? now : time->peak_bytes;
}

/* What the end of a task gives back of what F has kept. */
static int64_t released_bytes(const bool *has_task, const alpa_stage_cost *stage, alpa_task_kind kind) {
  switch (kind) {
  case ALPA_TASK_FORWARD:
    return has_task[ALPA_TASK_BACKWARD] ? 0 : stage->activation_bytes;
  case ALPA_TASK_BACKWARD:
    return stage->activation_bytes - (has_task[ALPA_TASK_WEIGHT] ? stage->weight_bytes : 0);
  case ALPA_TASK_WEIGHT:
    return stage->weight_bytes;
  case ALPA_TASK_KINDS:
    break;
  }
  return 0;
}

/* Tasks of a submesh do not overlap, so their list is in the order of time. */
static void trace_memory(simulator *s, uint32_t submesh) {
  const alpa_schedule *schedule = s->result->schedule;
  const alpa_task_list *list = &schedule->lists[submesh];
  alpa_submesh_time *time = &s->result->submeshes[submesh];
  for (uint32_t c = 0; c < schedule->map->n_chunks[submesh]; c++)
    add_bytes(s, time, 0, s->result->costs->stages[alpa_stage_map_at(schedule->map, submesh, c)].fixed_bytes);
  for (size_t i = 0; i < list->n; i++) {
    const alpa_task *task = &list->items[i];
    const alpa_stage_cost *stage = &s->result->costs->stages[alpa_stage_map_at(schedule->map, submesh, task->chunk)];
    int64_t kept = task->kind == ALPA_TASK_FORWARD ? stage->activation_bytes : 0;
    add_bytes(s, time, time->tasks[i].begin_s, kept + stage->task_bytes[task->kind]);
    add_bytes(s, time, time->tasks[i].end_s,
              -stage->task_bytes[task->kind] - released_bytes(schedule->kind->has_task, stage, task->kind));
  }
}

/* ---- the step -------------------------------------------------------------------------------------------------- */

/* From the first task of the step to the last. */
static alpa_interval find_body(const simulator *s) {
  alpa_interval body = {0, 0};
  bool is_first = true;
  for (uint32_t m = 0; m < map_of(s)->n_submeshes; m++) {
    size_t n = s->result->schedule->lists[m].n;
    const alpa_interval *tasks = s->result->submeshes[m].tasks;
    if (n == 0)
      continue;
    body.begin_s = is_first || tasks[0].begin_s < body.begin_s ? tasks[0].begin_s : body.begin_s;
    body.end_s = max_of(body.end_s, tasks[n - 1].end_s);
    is_first = false;
  }
  return body;
}

static void finish(simulator *s) {
  alpa_simulation *result = s->result;
  uint32_t n = map_of(s)->n_submeshes;
  alpa_interval body = find_body(s);
  double length_s = body.end_s - body.begin_s;
  for (uint32_t m = 0; m < n; m++) {
    alpa_submesh_time *time = &result->submeshes[m];
    double begin_s = result->costs->has_barrier ? body.end_s : s->free_s[m];
    time->epilogue = (alpa_interval){begin_s, begin_s + sum_over_chunks(s, m, offsetof(alpa_stage_cost, epilogue_s))};
    time->bubble = length_s > 0 ? 1 - time->busy_s / length_s : 0;
    result->bubble += time->bubble / n;
    result->iteration_s = max_of(result->iteration_s, time->epilogue.end_s);
    trace_memory(s, m);
  }
}

void alpa_schedule_simulate(alpa_arena *arena, const alpa_schedule *schedule, const alpa_schedule_costs *costs,
                            alpa_simulation *out_simulation) {
  uint32_t n = schedule->map->n_submeshes;
  size_t n_tasks = alpa_schedule_max_tasks(schedule);
  *out_simulation =
      (alpa_simulation){.schedule = schedule,
                        .costs = costs,
                        .submeshes = alpa_arena_new(arena, alpa_submesh_time, n),
                        .transfers = alpa_arena_new(arena, alpa_interval, costs->n_edges * schedule->n_microbatches)};
  simulator s = {.arena = arena,
                 .result = out_simulation,
                 .ready_s = alpa_arena_new(arena, double, n_tasks),
                 .end_s = alpa_arena_new(arena, double, n_tasks),
                 .queue_s = alpa_arena_new(arena, double, (size_t)n *n),
                 .at = alpa_arena_new(arena, size_t, n),
                 .free_s = alpa_arena_new(arena, double, n)};
  for (uint32_t m = 0; m < n; m++) {
    alpa_submesh_time *time = &out_simulation->submeshes[m];
    s.free_s[m] = time->prologue.end_s = sum_over_chunks(&s, m, offsetof(alpa_stage_cost, prologue_s));
    time->tasks = alpa_arena_new(arena, alpa_interval, schedule->lists[m].n);
  }
  alpa_schedule_walk(arena, schedule, run_task, &s);
  finish(&s);
}

int64_t alpa_simulation_edge_bytes(const alpa_simulation *simulation, size_t e) {
  const alpa_schedule *schedule = simulation->schedule;
  const alpa_stage_edge *edge = &simulation->costs->edges[e];
  bool is_local = schedule->map->submesh[edge->from] == schedule->map->submesh[edge->to];
  return is_local || !schedule->kind->has_task[edge->from_kind] ? 0 : edge->bytes * schedule->n_microbatches;
}
