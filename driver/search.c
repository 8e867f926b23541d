/* A few tries in a fixed order; what those that fail have to say is kept back until no other is left. */
#include "driver/search.h"

#include <string.h>

#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "driver/methods.h"
#include "driver/withhold.h"

/* How much of the memory stages leave free where they can, one try after the other: shardings are chosen after stages,
 * and need not be those that the search for stages had in mind. */
static const double headrooms[] = {0.03, 0.08, 0.14, 0.2};

typedef enum staging {
  NO_CHOICE, /* no stages fit */
  WHOLE,     /* the best is one stage of all devices and one micro-batch */
  STAGES
} staging;

static alpa_status prepare_again(alpa_plan *plan, const alpa_module *program, const char *method) {
  bool is_staged;
  alpa_module_destroy(plan->module);
  plan->module = alpa_module_clone(program);
  plan->options.method = method;
  return alpa_compile_prepare(plan, &is_staged);
}

static staging find_outcome(const alpa_plan *plan) {
  const alpa_attr *stages = alpa_op_find_attr(plan->module->op, "alpa.stages");
  const alpa_attr *count = alpa_op_find_attr(plan->module->op, "alpa.microbatches");
  const alpa_attr *devices = stages && stages->array.n == 1 ? alpa_attr_find(stages->array.items[0], "devices") : NULL;
  size_t n = 0;
  if (devices)
    (void)alpa_attr_i64s(devices, &n);
  return (int64_t)n == alpa_cluster_devices(&plan->cluster) && count && count->integer == 1 ? WHOLE : STAGES;
}

static alpa_status try_stages(alpa_plan *plan, const alpa_module *program, const alpa_stage_room *room,
                              staging *out_outcome) {
  const char *choice, *rest;
  *out_outcome = NO_CHOICE;
  ALPA_TRY(prepare_again(plan, program, plan->options.method));
  ALPA_TRY(alpa_methods_of_stages(plan, room, &choice, &rest));
  ALPA_TRY(alpa_compile_run(plan, plan->module, choice));
  *out_outcome = find_outcome(plan);
  if (*out_outcome == WHOLE && room->least_micro_batches == 1)
    return ALPA_OK;
  ALPA_TRY(alpa_compile_run(plan, plan->module, rest));
  return alpa_compile_read(plan);
}

/* Where the options fix the stages, more room changes nothing. */
static alpa_status search_stages(alpa_plan *plan, const alpa_module *program, uint32_t least_micro_batches,
                                 staging *out_outcome) {
  size_t n_tries = strcmp(plan->options.method, "pipeline") == 0 ? countof(headrooms) : 1;
  for (size_t i = 0;; i++) {
    const alpa_stage_room room = {headrooms[i], least_micro_batches};
    alpa_withheld failure;
    alpa_withhold_begin(&failure, &plan->ctx->diag);
    alpa_status status = try_stages(plan, program, &room, out_outcome);
    bool again = status == ALPA_INFEASIBLE && *out_outcome == STAGES && i + 1 < n_tries;
    if (again)
      alpa_withhold_drop(&failure);
    alpa_withhold_end(&failure);
    if (!again)
      return status;
  }
}

static alpa_status search_whole(alpa_plan *plan) {
  const char *pipeline = NULL;
  ALPA_TRY(alpa_methods_describe(plan, &pipeline));
  return alpa_compile_run(plan, plan->module, pipeline);
}

/* One host: the whole step, unless only micro-batches make it fit. */
static alpa_status search_host(alpa_plan *plan, const alpa_module *program) {
  staging outcome;
  alpa_withheld whole, staged;
  alpa_withhold_begin(&whole, &plan->ctx->diag);
  alpa_status status = search_whole(plan);
  if (status == ALPA_INFEASIBLE) {
    alpa_withhold_begin(&staged, &plan->ctx->diag);
    plan->options.method = "pipeline";
    alpa_status second = search_stages(plan, program, 2, &outcome);
    alpa_withhold_drop(second == ALPA_OK || second == ALPA_INFEASIBLE ? &whole : &staged);
    alpa_withhold_end(&staged);
    status = second == ALPA_OK ? ALPA_OK : status;
  }
  alpa_withhold_end(&whole);
  return status;
}

/* The cheapest plan so far. */
typedef struct choice {
  alpa_module *module; /* NULL: none */
  int64_t step_ps;
} choice;

/* Takes the plan's module where it is cheaper, by a figure in one of its attributes. */
static void take_cheaper(alpa_plan *plan, const char *figures, const char *name, choice *best) {
  const alpa_attr *figure = alpa_attr_find(alpa_op_find_attr(plan->module->op, figures), name);
  if (!figure || (best->module && best->step_ps <= figure->integer))
    return;
  alpa_module_destroy(best->module);
  *best = (choice){plan->module, figure->integer};
  plan->module = NULL;
}

static void try_whole(alpa_plan *plan, const alpa_module *program, const char *mesh, choice *best) {
  plan->options.mesh = mesh;
  if (prepare_again(plan, program, "auto") == ALPA_OK && search_whole(plan) == ALPA_OK)
    take_cheaper(plan, "alpa.plan", "cost_ps", best);
  plan->options.mesh = NULL;
}

/* Several hosts: the fastest, by the cost model, of stages and of the whole step on all devices, whose mesh has one
 * axis or one across and one within hosts. */
static alpa_status search_hosts(alpa_plan *plan, const alpa_module *program) {
  const alpa_cluster *cluster = &plan->cluster;
  const char *by_host =
      alpa_arena_printf(&plan->arena, "%lldx%lld", (long long)cluster->hosts, (long long)cluster->devices_per_host);
  staging outcome;
  choice best = {0};
  alpa_withheld failures;
  alpa_withhold_begin(&failures, &plan->ctx->diag);
  plan->options.method = "pipeline";
  if (search_stages(plan, program, 1, &outcome) == ALPA_OK && outcome == STAGES)
    take_cheaper(plan, "alpa.stage_plan", "step_ps", &best);
  try_whole(plan, program, NULL, &best);
  if (cluster->devices_per_host > 1)
    try_whole(plan, program, by_host, &best);
  alpa_withhold_drop(&failures);
  alpa_withhold_end(&failures);
  if (!best.module) {
    ALPA_TRY(prepare_again(plan, program, "auto"));
    return search_host(plan, program); /* says why there is none */
  }
  alpa_module_destroy(plan->module);
  plan->module = best.module;
  return ALPA_OK;
}

alpa_status alpa_search_run(alpa_plan *plan, const alpa_module *program) {
  const alpa_compile_options *o = &plan->options;
  staging outcome;
  if (alpa_methods_want_stages(plan))
    return search_stages(plan, program, 2, &outcome);
  if (strcmp(o->method, "auto") != 0 || o->pipeline || o->mesh)
    return search_whole(plan);
  return plan->cluster.hosts > 1 ? search_hosts(plan, program) : search_host(plan, program);
}
