/* Random pipelines and their plans: what their tests share. */
#ifndef ALPA_TEST_UNIT_STAGED_CHECK_H
#define ALPA_TEST_UNIT_STAGED_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alpa/alpa.h"
#include "driver/api_context.h"
#include "interp/tensor.h"
#include "passes/manager.h"
#include "passes/schedule/module.h"
#include "test/unit/schedule_shuffle.h"
#include "test/unit/staged_program.h"

typedef struct fixture {
  alpa_context *context;
  alpa_arena arena;
  char message[1024]; /* the first error, with its place */
  bool is_located;
} fixture;

static inline void keep_first(void *user, const alpa_diagnostic *diagnostic) {
  fixture *f = user;
  if (diagnostic->severity != ALPA_ERROR || f->message[0])
    return;
  f->is_located = diagnostic->file && diagnostic->line;
  snprintf(f->message, sizeof f->message, "%s", diagnostic->message);
}

static inline void open_fixture(fixture *f) {
  alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
  *f = (fixture){0};
  options.diagnostic = keep_first;
  options.diagnostic_user = f;
  assert_int_equal(alpa_context_create(&options, &f->context), ALPA_OK);
  alpa_arena_init(&f->arena, &f->context->memory);
}

static inline void close_fixture(fixture *f) {
  alpa_arena_deinit(&f->arena);
  alpa_context_destroy(f->context);
}

/* ---- one program ------------------------------------------------------------------------------------------------- */

typedef struct setting {
  uint64_t seed;
  const char *schedule, *remat;
  int n_stages, n_submeshes, n_microbatches, n_devices;
  bool splits_backward;
  int first_device[8], n_devices_of[8]; /* by submesh */
} setting;

static const struct {
  const char *name;
  int n_chunks;
  bool is_v, splits_backward;
} schedules[] = {{"1f1b", 1, false, false},
                 {"gpipe", 1, false, false},
                 {"zb-h1", 1, false, true},
                 {"interleaved-1f1b", 2, false, false},
                 {"zb-v", 2, true, true}};

static inline int submesh_of(const setting *s, int stage) {
  bool is_v = !strcmp(s->schedule, "zb-v");
  return is_v && stage >= s->n_submeshes ? s->n_stages - 1 - stage : stage % s->n_submeshes;
}

static inline setting choose_setting(uint64_t seed) {
  static const char *const remats[] = {"none", "selective", "least", "layer", "full"};
  staged_writer dice = {.seed = seed * 104729 + 5};
  int k = staged_below(&dice, (int)countof(schedules));
  int n_submeshes = 1 + staged_below(&dice, schedules[k].n_chunks == 1 ? 4 : 2);
  setting s = {.seed = seed,
               .schedule = schedules[k].name,
               .remat = remats[staged_below(&dice, (int)countof(remats))],
               .n_stages = n_submeshes * schedules[k].n_chunks,
               .n_submeshes = n_submeshes,
               .n_microbatches = 1 << staged_below(&dice, 3),
               .splits_backward = schedules[k].splits_backward};
  for (int m = 0; m < n_submeshes; m++) {
    s.first_device[m] = s.n_devices;
    s.n_devices_of[m] = 1 + staged_below(&dice, 3);
    s.n_devices += s.n_devices_of[m];
  }
  return s;
}

static const char *describe_stages(alpa_arena *arena, const setting *s) {
  alpa_text text;
  alpa_text_init(&text, arena);
  for (int v = 0; v < s->n_stages; v++) {
    int m = submesh_of(s, v);
    alpa_text_printf(&text, "%s{devices = array<i64: ", v ? ", " : "");
    for (int d = 0; d < s->n_devices_of[m]; d++)
      alpa_text_printf(&text, "%s%d", d ? ", " : "", s->first_device[m] + d);
    alpa_text_printf(&text, ">, mesh = \"%d\"}", s->n_devices_of[m]);
  }
  return alpa_text_finish(&text);
}

static inline alpa_module *parse(fixture *f, const char *text) {
  alpa_module *module = NULL;
  if (alpa_module_parse(f->context, text, strlen(text), NULL, &module) != ALPA_OK)
    fail_msg("%s\n%s", f->message, text);
  return module;
}

static inline alpa_plan *plan(const alpa_module *module, int n_devices) {
  alpa_plan *made = NULL;
  alpa_compile_options options = ALPA_COMPILE_OPTIONS_INIT;
  char cluster[16];
  snprintf(cluster, sizeof cluster, "host:%d", n_devices);
  options.cluster = cluster;
  options.method = "given";
  options.compile_threads = 1;
  return alpa_plan_create(module, &options, &made) == ALPA_OK ? made : NULL;
}

static inline alpa_status apply(fixture *f, alpa_module *module, const char *text) {
  alpa_pipeline pipeline = {0};
  assert_int_equal(alpa_pipeline_read(f->context, &alpa_api_registry, text, &pipeline), ALPA_OK);
  alpa_status status = alpa_pipeline_apply(&pipeline, module, &(alpa_manager_options){0});
  alpa_pipeline_deinit(&pipeline);
  return status;
}

/* Another order of the tasks, as somebody may write it. */
static inline void edit_schedule(fixture *f, const setting *s, alpa_module *module) {
  alpa_schedule schedule;
  alpa_context *ctx = f->context;
  assert_int_equal(alpa_schedule_read(&f->arena, module->op, &schedule), ALPA_OK);
  schedule_shuffle(&f->arena, &schedule, s->seed, 60);
  const alpa_attr **lists = alpa_arena_new(&f->arena, const alpa_attr *, schedule.map->n_submeshes);
  for (uint32_t m = 0; m < schedule.map->n_submeshes; m++)
    lists[m] = alpa_attr_get_string(ctx, alpa_schedule_print(&f->arena, &schedule, m));
  const alpa_attr *edited = alpa_attr_dict_set(ctx, alpa_op_find_attr(module->op, "alpa.schedule"), "stages",
                                               alpa_attr_get_array(ctx, lists, schedule.map->n_submeshes));
  alpa_op_set_attr(module->op, "alpa.schedule", edited);
}

/* The plan in stages, or NULL where the program is refused; of every third one with its tasks in another order. */
static inline alpa_plan *plan_stages(fixture *f, const setting *s, const char *text) {
  alpa_module *module = parse(f, text);
  const char *pipeline = alpa_arena_printf(
      &f->arena,
      "builtin.module(simplify,microbatch{count=%d batch=7,8},time-loop,split-stages,remat{what=%s},"
      "builtin.module(shard-random{seed=%d}),outline%s,schedule{kind=%s})",
      s->n_microbatches, s->remat, (int)s->seed, s->splits_backward ? "{split-backward}" : "", s->schedule);
  bool is_made = apply(f, module, pipeline) == ALPA_OK;
  if (is_made && s->seed % 3 == 0)
    edit_schedule(f, s, module);
  alpa_plan *staged = is_made ? plan(module, s->n_devices) : NULL;
  alpa_module_destroy(module);
  return staged;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static inline size_t count_elements(const alpa_tensor_info *info) {
  size_t n = 1;
  for (uint32_t d = 0; d < info->rank; d++)
    n *= (size_t)info->dims[d];
  return n;
}

static inline alpa_tensor_info info_of(const alpa_plan *of, uint32_t index, bool is_result) {
  alpa_tensor_info info = ALPA_TENSOR_INFO_INIT;
  assert_int_equal(is_result ? alpa_plan_get_result(of, index, &info) : alpa_plan_get_argument(of, index, &info),
                   ALPA_OK);
  return info;
}

static inline void **make_arguments(fixture *f, const alpa_plan *of, uint64_t seed) {
  uint32_t n = alpa_plan_count_arguments(of);
  void **arguments = alpa_arena_new(&f->arena, void *, n);
  for (uint32_t i = 0; i < n; i++) {
    alpa_tensor_info info = info_of(of, i, false);
    alpa_tensor tensor = {info.dtype, info.rank, info.dims, NULL};
    tensor.data = arguments[i] = alpa_arena_calloc(&f->arena, count_elements(&info), 8);
    alpa_tensor_randomize(&tensor, ALPA_ARITH_REAL, seed + i, 6);
  }
  return arguments;
}

static inline void **make_results(fixture *f, const alpa_plan *of) {
  uint32_t n = alpa_plan_count_results(of);
  void **results = alpa_arena_new(&f->arena, void *, n);
  for (uint32_t i = 0; i < n; i++) {
    alpa_tensor_info info = info_of(of, i, true);
    results[i] = alpa_arena_calloc(&f->arena, count_elements(&info), 8);
  }
  return results;
}

/* ---- programs ---- */

static inline staged_program write_program(fixture *f, const setting *s, bool is_smooth) {
  staged_wishes wishes = {.n_stages = s->n_stages,
                          .n_forward = 2 + (int)(s->seed % 6),
                          .n_backward = 2 + (int)(s->seed % 5),
                          .n_update = 4 + (int)(s->seed % 11),
                          .is_smooth = is_smooth};
  return staged_program_write(&f->arena, s->seed, wishes);
}

static const char *spell_module(fixture *f, const setting *s, const staged_program *p) {
  return alpa_arena_printf(&f->arena, "module attributes {alpa.stages = [%s]} {\n%s}\n", describe_stages(&f->arena, s),
                           p->func);
}

#endif
