/* Ops and their parts: the interpreter computes from what the pass decompose makes of an op what it computes from the
 * op itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/walk.h"
#include "interp/interp.h"
#include "passes/manager.h"
#include "support/number.h"

typedef struct fixture {
  alpa_context ctx;
  alpa_arena arena;
  alpa_module *module;
  alpa_op *func;
  char message[512];
} fixture;

static void note(void *user, alpa_severity severity, alpa_place place, const char *message) {
  fixture *f = user;
  if (severity == ALPA_ERROR)
    snprintf(f->message, sizeof f->message, "%u: %s", place.line, message);
}

static void open_program(fixture *f, const char *text) {
  memset(f, 0, sizeof *f);
  alpa_context_init(&f->ctx, NULL, NULL, note, f);
  alpa_arena_init(&f->arena, &f->ctx.memory);
  const alpa_str source = {text, strlen(text)};
  if (alpa_module_read(&f->ctx, source, &(alpa_parse_options){.name = "test"}, &f->module) != ALPA_OK)
    fail_msg("%s\n%s", f->message, text);
  assert_int_equal(alpa_func_find_main(f->module->op, &f->func), ALPA_OK);
}

static void close_program(fixture *f) {
  alpa_module_destroy(f->module);
  alpa_arena_deinit(&f->arena);
  alpa_context_deinit(&f->ctx);
}

static void run_pass(fixture *f) {
  static const alpa_pass_list *const lists[] = {&alpa_passes, NULL};
  alpa_pass_registry registry = {.lists = lists, .pipelines = alpa_pipelines};
  alpa_pipeline pipeline = {0};
  alpa_manager_options options = {0};
  assert_int_equal(alpa_pipeline_read(&f->ctx, &registry, "builtin.module(decompose)", &pipeline), ALPA_OK);
  if (alpa_pipeline_apply(&pipeline, f->module, &options) != ALPA_OK)
    fail_msg("%s", f->message);
  alpa_pipeline_deinit(&pipeline);
}

static void interpret(fixture *f, alpa_tensor *outputs) {
  alpa_block *entry = alpa_func_entry(f->func);
  alpa_interp_options options = {.arith = ALPA_ARITH_REAL};
  alpa_tensor inputs[8];
  for (uint32_t i = 0; i < entry->n_args; i++) {
    inputs[i] = alpa_tensor_create(&f->arena, ALPA_ARITH_REAL, entry->args[i]->type);
    alpa_tensor_randomize(&inputs[i], ALPA_ARITH_REAL, 7 + i, 4);
  }
  if (alpa_interp_run(&options, f->func, inputs, &f->arena, outputs) != ALPA_OK)
    fail_msg("%s", f->message);
}

static double element(const alpa_tensor *t, int64_t i) {
  const alpa_dtype_info *info = alpa_dtype_get_info(t->dtype);
  const char *at = (const char *)t->data + i * info->bytes;
  return info->class_ == ALPA_CLASS_FLOAT ? alpa_float_decode(t->dtype, alpa_element_load(t->dtype, at))
                                          : (double)alpa_integer_load(t->dtype, at);
}

static alpa_status find_op(void *user, alpa_op *op) {
  return strcmp(op->def->name, user) == 0 ? ALPA_INVALID_ARGUMENT : ALPA_OK;
}

static void check(const char *op, const char *text) {
  fixture f;
  alpa_tensor want[4], got[4];
  open_program(&f, text);
  uint32_t n = alpa_block_terminator(alpa_func_entry(f.func))->n_operands;
  interpret(&f, want);
  run_pass(&f);
  if (alpa_op_walk(f.module->op, find_op, (void *)(uintptr_t)op) != ALPA_OK)
    fail_msg("%s stays in\n%s", op, text);
  interpret(&f, got);
  for (uint32_t r = 0; r < n; r++)
    for (int64_t i = 0; i < alpa_tensor_count(&want[r]); i++)
      if (!(fabs(element(&got[r], i) - element(&want[r], i)) <= 1e-5 * (1 + fabs(element(&want[r], i)))))
        fail_msg("%s: result %u, element %lld: %g, expected %g", op, r, (long long)i, element(&got[r], i),
                 element(&want[r], i));
  close_program(&f);
}

static void test_products(void **state) {
  (void)state;
  check("stablehlo.dot", "func.func @main(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>) -> tensor<2x4xf32> {\n"
                         "%0 = stablehlo.dot %x, %y : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>\n"
                         "return %0 : tensor<2x4xf32>\n}");
  check("stablehlo.dot", "func.func @main(%x: tensor<3xi8>, %y: tensor<3xi8>) -> tensor<i32> {\n"
                         "%0 = stablehlo.dot %x, %y : (tensor<3xi8>, tensor<3xi8>) -> tensor<i32>\n"
                         "return %0 : tensor<i32>\n}");
}

/* Group sizes are below 4: rows are left over. */
static void test_ragged_dot(void **state) {
  (void)state;
  check("chlo.ragged_dot",
        "func.func @main(%x: tensor<11x5xf32>, %y: tensor<3x5x7xf32>, %g: tensor<3xi64>) -> tensor<11x7xf32> {\n"
        "%0 = \"chlo.ragged_dot\"(%x, %y, %g) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<"
        "lhs_batching_dimensions = [], rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], "
        "rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : "
        "(tensor<11x5xf32>, tensor<3x5x7xf32>, tensor<3xi64>) -> tensor<11x7xf32>\n"
        "return %0 : tensor<11x7xf32>\n}");
  check("chlo.ragged_dot",
        "func.func @main(%x: tensor<2x5x11xf32>, %y: tensor<2x11x7xf32>, %g: tensor<3xi32>) -> tensor<3x2x5x7xf32> {\n"
        "%0 = \"chlo.ragged_dot\"(%x, %y, %g) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<"
        "lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], "
        "rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [2], rhs_group_dimensions = []>}> : "
        "(tensor<2x5x11xf32>, tensor<2x11x7xf32>, tensor<3xi32>) -> tensor<3x2x5x7xf32>\n"
        "return %0 : tensor<3x2x5x7xf32>\n}");
  check("chlo.ragged_dot",
        "func.func @main(%x: tensor<11x5x3xf32>, %y: tensor<11x3x2xf32>, %g: tensor<3xi32>) -> tensor<11x5x2xf32> {\n"
        "%0 = \"chlo.ragged_dot\"(%x, %y, %g) <{ragged_dot_dimension_numbers = #chlo.ragged_dot<"
        "lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], "
        "rhs_contracting_dimensions = [1], lhs_ragged_dimensions = [0], rhs_group_dimensions = []>}> : "
        "(tensor<11x5x3xf32>, tensor<11x3x2xf32>, tensor<3xi32>) -> tensor<11x5x2xf32>\n"
        "return %0 : tensor<11x5x2xf32>\n}");
}

static void test_batch_norm(void **state) {
  (void)state;
  check("stablehlo.batch_norm_training",
        "func.func @main(%x: tensor<5x3x2xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>) -> (tensor<5x3x2xf32>, "
        "tensor<3xf32>, tensor<3xf32>) {\n"
        "%0:3 = \"stablehlo.batch_norm_training\"(%x, %s, %o) <{epsilon = 0.1 : f32, feature_index = 1 : i64}> : "
        "(tensor<5x3x2xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<5x3x2xf32>, tensor<3xf32>, tensor<3xf32>)\n"
        "return %0#0, %0#1, %0#2 : tensor<5x3x2xf32>, tensor<3xf32>, tensor<3xf32>\n}");
  check("stablehlo.batch_norm_inference",
        "func.func @main(%x: tensor<5x3x2xf32>, %s: tensor<2xf32>, %v: tensor<2xf32>) -> tensor<5x3x2xf32> {\n"
        "%v2 = stablehlo.multiply %v, %v : tensor<2xf32>\n"
        "%0 = \"stablehlo.batch_norm_inference\"(%x, %s, %v, %s, %v2) <{epsilon = 0.1 : f32, feature_index = 2 : "
        "i64}> : (tensor<5x3x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> "
        "tensor<5x3x2xf32>\nreturn %0 : tensor<5x3x2xf32>\n}");
  check("stablehlo.batch_norm_grad",
        "func.func @main(%x: tensor<5x3x2xf32>, %s: tensor<3xf32>, %v: tensor<3xf32>, %g: tensor<5x3x2xf32>) -> "
        "(tensor<5x3x2xf32>, tensor<3xf32>, tensor<3xf32>) {\n"
        "%v2 = stablehlo.multiply %v, %v : tensor<3xf32>\n"
        "%0:3 = \"stablehlo.batch_norm_grad\"(%x, %s, %v, %v2, %g) <{epsilon = 0.1 : f32, feature_index = 1 : i64}> : "
        "(tensor<5x3x2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<5x3x2xf32>) -> (tensor<5x3x2xf32>, "
        "tensor<3xf32>, tensor<3xf32>)\n"
        "return %0#0, %0#1, %0#2 : tensor<5x3x2xf32>, tensor<3xf32>, tensor<3xf32>\n}");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_products),
      cmocka_unit_test(test_ragged_dot),
      cmocka_unit_test(test_batch_norm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
