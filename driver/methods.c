/* Methods and options of a plan as pipelines of passes. */
#include "driver/methods.h"

#include <string.h>

#include "dialects/ir/context.h"
#include "passes/schedule/schedule.h"

/* From the canonical form to complete shardings.  X(method, pipeline) */
#define METHOD_TABLE(X)                                                                                                \
  X("auto", "builtin.module(shard)") /* of the whole step, or as "pipeline" (search.h) */                              \
  X("data", "builtin.module(annotate{method=data},propagate)")                                                         \
  X("zero-2", "builtin.module(annotate{method=zero-2},propagate)")                                                     \
  X("zero-3", "builtin.module(annotate{method=zero-3},propagate)")                                                     \
  X("pipeline", "builtin.module(shard{gap=0.002 effort=0.25})") /* of each stage; the stages are searched for */       \
  X("largest", "builtin.module(annotate{method=largest},propagate)")                                                   \
  X("given", "builtin.module(propagate)")

static alpa_status find_method(alpa_plan *plan, const char **out_text) {
  static const char *const methods[][2] = {
#define X(method, text) {method, text},
      METHOD_TABLE(X)
#undef X
  };
  *out_text = plan->options.pipeline;
  for (size_t i = 0; i < countof(methods) && !*out_text; i++)
    if (strcmp(plan->options.method, methods[i][0]) == 0)
      *out_text = methods[i][1];
  if (*out_text)
    return ALPA_OK;
  return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                    "method '%s' is none of auto, pipeline, data, zero-2, zero-3, largest, given",
                    plan->options.method);
}

/* ---- stages ---- */

static bool searches_stages(const alpa_plan *plan) { return strcmp(plan->options.method, "pipeline") == 0; }

bool alpa_methods_want_stages(const alpa_plan *plan) {
  const alpa_compile_options *o = &plan->options;
  return o->stages || o->micro_batches || o->stage_options || searches_stages(plan);
}

/* Layers and stages: searched for within what the options fix, or equal. */
static void append_stages(const alpa_plan *plan, const alpa_schedule_kind *kind, const alpa_stage_room *room,
                          alpa_text *text) {
  const alpa_compile_options *o = &plan->options;
  const char *further = o->stage_options ? o->stage_options : "";
  bool searches = searches_stages(plan);
  uint32_t n_stages = o->stages ? o->stages : 1, n_layers = o->layers;
  if (!n_layers)
    n_layers = searches ? 48 : n_stages > 4 ? 2 * n_stages : 8;
  if (searches || n_stages > 1 || further[0])
    alpa_text_printf(text, "split-loops{ranges=%u},canonicalize,cse,dce,", n_layers);
  alpa_text_printf(text, "cluster-layers{layers=%u least=%u},", n_layers, n_stages);
  if (searches) {
    bool may_choose = strcmp(o->remat, "auto") == 0;
    bool never = strcmp(o->remat, "none") == 0 || strcmp(o->remat, "least") == 0;
    alpa_text_printf(text,
                     "stage-dp{stages=%u micro-batches=%u least-micro-batches=%u memory=%.17g headroom=%g remat=%s %s}",
                     o->stages, o->micro_batches, room->least_micro_batches, o->memory_gib, room->headroom,
                     may_choose ? "auto"
                     : never    ? "none"
                                : "layer",
                     further);
    return;
  }
  alpa_text_printf(text, "stages{count=%u chunks=%u schedule=%s%s%s %s}", further[0] ? o->stages : n_stages,
                   alpa_schedule_kind_chunks(kind), kind->name, o->mesh ? " mesh=" : "", o->mesh ? o->mesh : "",
                   further);
}

static alpa_status unknown_schedule(const alpa_plan *plan) {
  alpa_text names;
  alpa_text_init(&names, &plan->ctx->diag.arena);
  for (size_t i = 0; i < alpa_schedule_n_kinds; i++)
    alpa_text_printf(&names, "%s%s", i ? ", " : "", alpa_schedule_kinds[i].name);
  return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "schedule '%s' is none of %s",
                    plan->options.schedule, alpa_text_finish(&names));
}

alpa_status alpa_methods_of_stages(alpa_plan *plan, const alpa_stage_room *room, const char **out_choice,
                                   const char **out_rest) {
  const alpa_compile_options *o = &plan->options;
  const alpa_schedule_kind *kind = alpa_schedule_kind_find(o->schedule);
  const char *sharding = NULL;
  ALPA_TRY(find_method(plan, &sharding));
  if (!kind)
    return unknown_schedule(plan);
  alpa_text choice, rest;
  alpa_text_init(&choice, &plan->arena);
  alpa_text_printf(&choice, "builtin.module(");
  append_stages(plan, kind, room, &choice);
  alpa_text_printf(&choice, ")");
  alpa_text_init(&rest, &plan->arena);
  alpa_text_printf(&rest, "builtin.module(microbatch{count=%u%s},",
                   o->micro_batches || searches_stages(plan) ? o->micro_batches : 1,
                   o->local_statistics ? " statistics=local" : "");
  alpa_text_printf(&rest, "time-loop,split-stages,remat{what=%s},%s,", o->remat, sharding);
  alpa_text_printf(&rest, "outline%s,schedule{kind=%s})", kind->has_task[ALPA_TASK_WEIGHT] ? "{split-backward}" : "",
                   kind->name);
  *out_choice = alpa_text_finish(&choice);
  *out_rest = alpa_text_finish(&rest);
  return ALPA_OK;
}

alpa_status alpa_methods_describe(alpa_plan *plan, const char **out_text) {
  const char *choice, *rest;
  if (!alpa_methods_want_stages(plan))
    return find_method(plan, out_text);
  ALPA_TRY(alpa_methods_of_stages(plan, &(alpa_stage_room){0, 1}, &choice, &rest));
  *out_text = alpa_arena_printf(&plan->arena, "%s %s", choice, rest);
  return ALPA_OK;
}
