/* Train steps as JAX exports them under the plans that people write: data parallelism, ZeRO, Megatron, sequence and
 * expert parallelism, and random shardings, on meshes of one to three axes, equal to one device in field arithmetic.
 * GPT is shrunk in its text (same ops, smaller dimensions), so that a step takes milliseconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "test/unit/model_text.h"
#include "test/unit/sharding_check.h"
#include "test/unit/sharding_mutants.h"

typedef struct fixture {
  alpa_context ctx;
  alpa_arena arena;
  alpa_pass_registry registry;
  sharding_check check;
} fixture;

static const alpa_pass_list *const lists[] = {&alpa_passes, NULL};

static void print_diagnostic(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user;
  if (severity == ALPA_ERROR)
    print_message("%s:%u:%u: %s\n", place.file, place.line, place.column, message);
}

static void begin(fixture *f, const char *path, const model_shrinking *sizes) {
  memset(f, 0, sizeof *f);
  alpa_context_init(&f->ctx, NULL, NULL, print_diagnostic, NULL);
  alpa_arena_init(&f->arena, &f->ctx.memory);
  f->registry = (alpa_pass_registry){.lists = lists, .pipelines = alpa_pipelines};
  f->check = (sharding_check){.ctx = &f->ctx, .arena = &f->arena, .registry = &f->registry, .key = 7, .below = 8};
  char *text = read_file(path, NULL);
  assert_non_null(text);
  if (sizes)
    model_text_shrink(text, sizes);
  const alpa_str source = {text, strlen(text)};
  assert_int_equal(alpa_module_read(&f->ctx, source, &(alpa_parse_options){.name = path}, &f->check.original), ALPA_OK);
  free(text);
  assert_int_equal(
      sharding_check_apply(&f->check, "builtin.module(inline,canonicalize,cse,symbol-dce)", f->check.original),
      ALPA_OK);
}

static void end(fixture *f) {
  alpa_module_destroy(f->check.original);
  alpa_arena_deinit(&f->arena);
  alpa_context_deinit(&f->ctx);
}

static void check_plan(fixture *f, const char *plan, alpa_module *module) {
  int64_t n_wrong = -1;
  char pipeline[600];
  (void)snprintf(pipeline, sizeof pipeline, "builtin.module(%s,insert-collectives)", plan);
  alpa_status status = sharding_check_apply(&f->check, pipeline, module);
  if (status == ALPA_OK)
    status = sharding_check_run(&f->check, module, &n_wrong);
  if (status != ALPA_OK || n_wrong != 0)
    fail_msg("%s: status %s, %lld wrong elements", pipeline, alpa_status_name(status), (long long)n_wrong);
  alpa_module_destroy(module);
}

static void check(fixture *f, const char *plan) { check_plan(f, plan, alpa_module_clone(f->check.original)); }

/* ---- gpt
 * -------------------------------------------------------------------------------------------------------------------
 */

#define MEGATRON "split=qkv.kernel:1:b,qkv.bias:0:b,attention.out.kernel:0:b,up.kernel:1:b,up.bias:0:b,down.kernel:0:b"

static const model_shrinking gpt_sizes[] = {{64, 8},   {65, 9},   {128, 16}, {384, 48},
                                            {512, 64}, {256, 32}, {32, 4},   {0, 0}};

static void test_gpt_plans(void **state) {
  (void)state;
  fixture f;
  begin(&f, "models/gpt/step.mlir", gpt_sizes);
  static const char *const meshes[] = {"8", "2x4", "2x2x2", "3"};
  static const char *const methods[] = {"data", "zero-2", "zero-3", "largest"};
  char plan[400];
  for (size_t i = 0; i < countof(meshes); i++)
    for (size_t k = 0; k < countof(methods); k++) {
      (void)snprintf(plan, sizeof plan, "annotate{method=%s mesh=%s},propagate", methods[k], meshes[i]);
      check(&f, plan);
    }
  check(&f, "annotate{method=none mesh=a=1,b=8 " MEGATRON "},propagate");
  check(&f, "annotate{method=none mesh=a=1,b=3 " MEGATRON "},propagate");
  check(&f, "annotate{method=data axes=a mesh=2x4 " MEGATRON "},propagate");
  check(&f, "group-slices,dce,annotate{method=data axes=a mesh=2x4 "
            "split=attention.out.kernel:0:b,up.kernel:1:b,up.bias:0:b,down.kernel:0:b},propagate");
  check(&f, "shard{cluster=host:8}");
  check(&f, "shard{cluster=host:8 mesh=2x4}");
  check(&f, "annotate{method=zero-3 axes=a,c mesh=2x2x2 " MEGATRON "},propagate{late-reduction=false}");
  end(&f);
}

/* Sequence parallelism: the residual stream is split along the sequence where it is not in a layer. */
static alpa_status split_residuals(void *user, alpa_op *op) {
  const alpa_attr *sharding = user;
  const alpa_type *type = op->n_results == 1 ? op->results[0].type : NULL;
  if (stablehlo_is(op, STABLEHLO_add) && type->rank == 3 && type->dims[0] == 16 && type->dims[1] == 8 &&
      type->dims[2] == 16)
    alpa_value_set_sharding(op->results, sharding);
  return ALPA_OK;
}

static void test_gpt_sequence_parallel(void **state) {
  (void)state;
  fixture f;
  static const char text[] = "#sdy.sharding<@mesh, [{\"a\", ?}, {\"b\"}, {}]>";
  const alpa_attr *sharding;
  begin(&f, "models/gpt/step.mlir", gpt_sizes);
  assert_int_equal(alpa_attr_parse(&f.ctx, (alpa_str){text, sizeof text - 1}, &sharding), ALPA_OK);
  for (int i = 0; i < 2; i++) {
    alpa_module *module = alpa_module_clone(f.check.original);
    assert_int_equal(alpa_op_walk(module->op, split_residuals, (void *)(uintptr_t)sharding), ALPA_OK);
    check_plan(&f,
               i ? "annotate{method=zero-2 axes=a mesh=2x4 " MEGATRON "},propagate"
                 : "annotate{method=data axes=a mesh=2x2x2 " MEGATRON "},propagate",
               module);
  }
  end(&f);
}

static void test_gpt_random(void **state) {
  (void)state;
  fixture f;
  static const char *const meshes[] = {"2", "3", "2x2", "2x4", "2x2x2"};
  char plan[100];
  begin(&f, "models/gpt/step.mlir", gpt_sizes);
  for (int seed = 0; seed < 10; seed++) {
    (void)snprintf(plan, sizeof plan, "shard-random{seed=%d mesh=%s}", seed, meshes[seed % 5]);
    check(&f, plan);
  }
  end(&f);
}

/* Every eleventh fault that fits into a sharded train step shows. */
static void test_gpt_mutants(void **state) {
  (void)state;
  fixture f;
  static const char pipeline[] =
      "builtin.module(annotate{method=zero-3 axes=a mesh=2x2 " MEGATRON "},propagate,insert-collectives,cse)";
  begin(&f, "models/gpt/step.mlir", gpt_sizes);
  for (int64_t number = 0;; number += 11) {
    alpa_op *func = NULL;
    int64_t n_wrong = 0;
    sharding_mutation mutation = {.number = number, .n_devices = 4};
    alpa_module *module = alpa_module_clone(f.check.original);
    assert_int_equal(sharding_check_apply(&f.check, pipeline, module), ALPA_OK);
    assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
    sharding_mutate(alpa_func_entry(func), &mutation);
    if (mutation.kind)
      assert_int_equal(sharding_check_run(&f.check, module, &n_wrong), ALPA_OK);
    if (mutation.kind && n_wrong == 0)
      fail_msg("mutant %lld, %s, goes unnoticed", (long long)number, mutation.kind);
    alpa_module_destroy(module);
    if (!mutation.kind)
      break;
  }
  end(&f);
}

/* ---- the other models ---- */

#define EXPERTS "split=1.mlp.up$:0:a,1.mlp.down$:0:a,3.mlp.up$:0:a,3.mlp.down$:0:a"

static void test_moe(void **state) {
  (void)state;
  fixture f;
  begin(&f, "models/moe/step.mlir", NULL);
  check(&f, "annotate{method=data mesh=8 " EXPERTS "},propagate");
  check(&f, "annotate{method=zero-3 axes=b mesh=2x4 " EXPERTS "},propagate");
  check(&f, "shard{cluster=host:4}");
  check(&f, "shard-random{seed=1 mesh=3}");
  end(&f);
}

static void test_loops(void **state) {
  (void)state;
  fixture f;
  begin(&f, "models/lstm/step.mlir", NULL);
  check(&f, "annotate{method=data mesh=4},propagate");
  check(&f, "annotate{method=zero-3 mesh=3},propagate");
  check(&f, "shard-random{seed=2 mesh=2x2}");
  end(&f);
  begin(&f, "models/gpt-scan/step.mlir", NULL);
  check(&f, "annotate{method=zero-3 mesh=2x2},propagate");
  check(&f, "shard-random{seed=3 mesh=2x2}");
  end(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gpt_plans),  cmocka_unit_test(test_gpt_sequence_parallel),
      cmocka_unit_test(test_gpt_random), cmocka_unit_test(test_gpt_mutants),
      cmocka_unit_test(test_moe),        cmocka_unit_test(test_loops),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
