/* Simulated steps in the public API: every call replays the schedule that the partitioned plan carries, which takes
 * less time than keeping the result would take code. */
#include <string.h>

#include "driver/api_context.h"
#include "driver/compile.h"
#include "driver/trace.h"
#include "passes/schedule/costs.h"

typedef struct replay {
  alpa_plan *plan;
  alpa_arena *arena;
  alpa_schedule schedule;
  alpa_schedule_costs costs;
  alpa_simulation simulation;
} replay;

/* What one of the functions below makes of the step. */
typedef alpa_status use_fn(const replay *replay, void *arguments);

typedef struct run_args {
  alpa_plan *plan;
  use_fn *use;
  void *arguments;
} run_args;

static alpa_status simulate(replay *r) {
  ALPA_TRY(alpa_compile_partition(r->plan));
  alpa_op *module = r->plan->partitioned->op;
  if (alpa_op_find_attr(module, "alpa.schedule") == NULL)
    return alpa_error(&r->plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "the plan has no stages to simulate; ask for them with --stages or --micro-batches");
  ALPA_TRY(alpa_schedule_read(r->arena, module, &r->schedule));
  ALPA_TRY(alpa_schedule_costs_read(r->arena, module, &r->plan->cluster, &r->schedule, &r->costs));
  alpa_schedule_simulate(r->arena, &r->schedule, &r->costs, &r->simulation);
  return ALPA_OK;
}

static alpa_status run(void *arguments) {
  const run_args *args = arguments;
  alpa_arena arena;
  alpa_arena_init(&arena, &args->plan->ctx->memory);
  replay r = {.plan = args->plan, .arena = &arena};
  alpa_status status = simulate(&r);
  if (status == ALPA_OK)
    status = args->use(&r, args->arguments);
  alpa_arena_deinit(&arena);
  return status;
}

static alpa_status replay_and(const alpa_plan *plan, use_fn *use, void *arguments) {
  run_args args = {(alpa_plan *)plan, use, arguments};
  return alpa_guard(&plan->ctx->memory, run, &args);
}

/* ---- figures ----------------------------------------------------------------------------------------------------- */

static alpa_status fill(const replay *r, void *out_info) {
  alpa_simulation_info info = {.step_s = r->simulation.iteration_s,
                               .bubble = r->simulation.bubble,
                               .n_submeshes = r->schedule.map->n_submeshes,
                               .n_microbatches = r->schedule.n_microbatches,
                               .schedule = r->schedule.kind->name};
  for (size_t e = 0; e < r->costs.n_edges; e++)
    info.sent_bytes += alpa_simulation_edge_bytes(&r->simulation, e);
  alpa_api_give(out_info, &info, sizeof info);
  return ALPA_OK;
}

alpa_status alpa_plan_simulate(const alpa_plan *plan, alpa_simulation_info *out_info) {
  return plan && out_info ? replay_and(plan, fill, out_info) : ALPA_INVALID_ARGUMENT;
}

typedef struct submesh_args {
  uint32_t index;
  alpa_submesh_info *out_info;
} submesh_args;

static alpa_status fill_submesh(const replay *r, void *arguments) {
  const submesh_args *args = arguments;
  if (args->index >= r->schedule.map->n_submeshes)
    return ALPA_NOT_FOUND;
  const alpa_submesh_time *time = &r->simulation.submeshes[args->index];
  const alpa_submesh_info info = {.n_stages = r->schedule.map->n_chunks[args->index],
                                  .in_flight = alpa_schedule_in_flight(&r->schedule, args->index),
                                  .busy_s = time->busy_s,
                                  .bubble = time->bubble,
                                  .peak_bytes = time->peak_bytes};
  alpa_api_give(args->out_info, &info, sizeof info);
  return ALPA_OK;
}

alpa_status alpa_plan_simulate_submesh(const alpa_plan *plan, uint32_t index, alpa_submesh_info *out_info) {
  submesh_args args = {index, out_info};
  return plan && out_info ? replay_and(plan, fill_submesh, &args) : ALPA_INVALID_ARGUMENT;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

typedef struct print_args {
  uint32_t columns;
  alpa_write_fn *write;
  void *user;
} print_args;

static alpa_status print(const replay *r, void *arguments) {
  const print_args *args = arguments;
  alpa_text text;
  alpa_text_init(&text, r->arena);
  alpa_simulation_draw(&r->simulation, args->columns, &text);
  return args->write(args->user, text.data, text.size);
}

alpa_status alpa_plan_simulate_print(const alpa_plan *plan, uint32_t columns, alpa_write_fn *write, void *user) {
  print_args args = {columns, write, user};
  return plan && write && columns ? replay_and(plan, print, &args) : ALPA_INVALID_ARGUMENT;
}

static alpa_status store(const replay *r, void *path) {
  alpa_timeline timeline;
  alpa_timeline_init(&timeline, r->arena);
  alpa_simulation_record(&r->simulation, &timeline);
  return alpa_timeline_store(&timeline, &r->plan->ctx->diag, path);
}

alpa_status alpa_plan_simulate_write(const alpa_plan *plan, const char *path) {
  return plan && path ? replay_and(plan, store, (char *)(uintptr_t)path) : ALPA_INVALID_ARGUMENT;
}
