/* Programs compiled to machine code and run on a host mesh of one device: what the tests of codegen/ share. */
#ifndef ALPA_TEST_UNIT_CODEGEN_CHECK_H
#define ALPA_TEST_UNIT_CODEGEN_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "codegen/codegen.h"
#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "interp/interp.h"
#include "passes/manager.h"
#include "runtime/executor.h"

typedef struct codegen_check {
  alpa_context ctx;
  alpa_arena arena;
  alpa_module *module;
  alpa_op *func;
  alpa_image *image;
  alpa_device_mesh *mesh;
  alpa_executable *executable;
  alpa_tensor *inputs, *want; /* of codegen_open */
  double compile_s;
  char message[1024];
} codegen_check;

static inline void codegen_note(void *user, alpa_severity severity, alpa_place place, const char *message) {
  codegen_check *c = user;
  if (severity == ALPA_ERROR)
    snprintf(c->message, sizeof c->message, "%s:%u:%u: %s", place.file ? place.file : "", place.line, place.column,
             message);
}

static inline double codegen_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline alpa_status codegen_simplify(codegen_check *c, alpa_module *module) {
  static const alpa_pass_list *const lists[] = {&alpa_passes, NULL};
  alpa_pass_registry registry = {.lists = lists, .pipelines = alpa_pipelines};
  alpa_pipeline pipeline = {0};
  alpa_status status = alpa_pipeline_read(&c->ctx, &registry, "builtin.module(simplify)", &pipeline);
  if (status == ALPA_OK)
    status = alpa_pipeline_apply(&pipeline, module, &(alpa_manager_options){.skip_verify = true});
  alpa_pipeline_deinit(&pipeline);
  return status;
}

/* Parses; `text` may be freed afterwards. */
static inline alpa_status codegen_read(codegen_check *c, const char *name, const char *text) {
  memset(c, 0, sizeof *c);
  alpa_context_init(&c->ctx, NULL, NULL, codegen_note, c);
  alpa_arena_init(&c->arena, &c->ctx.memory);
  alpa_parse_options options = {.name = name};
  ALPA_TRY(alpa_module_read(&c->ctx, (alpa_str){text, strlen(text)}, &options, &c->module));
  ALPA_TRY(codegen_simplify(c, c->module));
  return alpa_func_find_main(c->module->op, &c->func);
}

/* Compiles and loads.  The function's ops are kernels afterwards. */
static inline alpa_status codegen_compile_for(codegen_check *c, const alpa_codegen_layout *layout, alpa_text *dump,
                                              uint32_t n_cores) {
  double start = codegen_now();
  alpa_codegen_options options = {.optimisation = 2, .n_cores = n_cores, .n_threads = n_cores, .dump = dump};
  ALPA_TRY(alpa_codegen_build(c->module, &options, layout, &c->arena, &c->image));
  c->compile_s = codegen_now() - start;
  alpa_device_mesh_options mesh = {.n_devices = layout ? layout->n_devices : 1, .n_workers = n_cores, .poison = true};
  ALPA_TRY(alpa_device_mesh_create(&mesh, &c->ctx.diag, &c->mesh));
  return alpa_executable_load(c->mesh, &c->ctx.diag, c->image, NULL, &c->executable);
}

static inline alpa_status codegen_compile(codegen_check *c, alpa_text *dump, uint32_t n_cores) {
  return codegen_compile_for(c, NULL, dump, n_cores);
}

static inline void codegen_close(codegen_check *c) {
  alpa_executable_destroy(c->executable);
  alpa_device_mesh_destroy(c->mesh);
  if (c->module)
    alpa_module_destroy(c->module);
  alpa_arena_deinit(&c->arena);
  alpa_context_deinit(&c->ctx);
}

/* Runs once; inputs and outputs are row-major, outputs in the arena. */
static inline alpa_status codegen_run(codegen_check *c, const alpa_tensor *inputs, alpa_tensor *outputs) {
  alpa_array *arguments[1024], *results[1024];
  for (uint32_t i = 0; i < c->image->n_arguments; i++)
    ALPA_TRY(alpa_array_create(c->mesh, &c->ctx.diag, &c->image->arguments[i], inputs[i].data, &arguments[i]));
  ALPA_TRY(alpa_executable_run(c->executable, &c->ctx.diag, arguments, NULL, results));
  for (uint32_t i = 0; i < c->image->n_results; i++) {
    const alpa_image_tensor *tensor = &c->image->results[i];
    outputs[i] = (alpa_tensor){tensor->dtype, tensor->rank, tensor->global_dims, NULL};
    outputs[i].data = alpa_arena_alloc(&c->arena, (size_t)alpa_array_global_bytes(results[i]) + 1);
    ALPA_TRY(alpa_array_read(results[i], &c->ctx.diag, true, outputs[i].data));
    alpa_array_release(results[i]);
  }
  for (uint32_t i = 0; i < c->image->n_arguments; i++)
    alpa_array_release(arguments[i]);
  return ALPA_OK;
}

#endif
