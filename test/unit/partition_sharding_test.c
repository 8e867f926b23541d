/* Every op under shardings that nobody would choose: small programs with random states of all values on meshes of all
 * shapes compute the same field elements as one device, and a program with one collective dropped or one offset moved
 * does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "test/unit/partition_programs.h"
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
    print_message("%u:%u: %s\n", place.line, place.column, message);
}

static void begin(fixture *f, const char *name, const char *text) {
  alpa_context_init(&f->ctx, NULL, NULL, print_diagnostic, NULL);
  alpa_arena_init(&f->arena, &f->ctx.memory);
  f->registry = (alpa_pass_registry){.lists = lists, .pipelines = alpa_pipelines};
  f->check = (sharding_check){.ctx = &f->ctx, .arena = &f->arena, .registry = &f->registry, .key = 1, .below = 8};
  const alpa_str source = {text, strlen(text)};
  assert_int_equal(alpa_module_read(&f->ctx, source, &(alpa_parse_options){.name = name}, &f->check.original), ALPA_OK);
}

static void end(fixture *f) {
  alpa_module_destroy(f->check.original);
  alpa_arena_deinit(&f->arena);
  alpa_context_deinit(&f->ctx);
}

static void check_random(const partition_program *program, const char *mesh, int seed, uint64_t key) {
  fixture f;
  int64_t n_wrong = -1;
  char pipeline[200];
  begin(&f, program->name, program->text);
  f.check.key = key;
  (void)snprintf(pipeline, sizeof pipeline, "builtin.module(shard-random{seed=%d mesh=%s},insert-collectives)", seed,
                 mesh);
  alpa_module *partitioned = alpa_module_clone(f.check.original);
  alpa_status status = sharding_check_apply(&f.check, pipeline, partitioned);
  if (status == ALPA_OK)
    status = sharding_check_run(&f.check, partitioned, &n_wrong);
  if (status != ALPA_OK || n_wrong != 0)
    fail_msg("'%s' under %s: status %s, %lld wrong elements", program->name, pipeline, alpa_status_name(status),
             (long long)n_wrong);
  alpa_module_destroy(partitioned);
  end(&f);
}

static void check_mesh(const char *mesh) {
  for (size_t i = 0; i < countof(partition_programs); i++)
    for (int seed = 0; seed < 12; seed++)
      check_random(&partition_programs[i], mesh, seed, seed % 2 ? 17 : 4711);
}

static void test_one_axis(void **state) {
  (void)state;
  check_mesh("2");
  check_mesh("3");
  check_mesh("8");
}

static void test_two_axes(void **state) {
  (void)state;
  check_mesh("2x2");
  check_mesh("2x3");
}

static void test_three_axes(void **state) {
  (void)state;
  check_mesh("2x2x2");
}

/* ---- mutants ---- */

/* The number of wrong elements of one mutant on four devices; -1 where there is no such mutant. */
static int64_t run_mutant(const char *text, const char *pipeline, int64_t number) {
  fixture f;
  alpa_op *func = NULL;
  int64_t n_wrong = -1;
  sharding_mutation mutation = {.number = number, .n_devices = 4};
  begin(&f, "mutant", text);
  alpa_module *partitioned = alpa_module_clone(f.check.original);
  assert_int_equal(sharding_check_apply(&f.check, pipeline, partitioned), ALPA_OK);
  assert_int_equal(alpa_func_find_main(partitioned->op, &func), ALPA_OK);
  sharding_mutate(alpa_func_entry(func), &mutation);
  if (mutation.kind)
    assert_int_equal(sharding_check_run(&f.check, partitioned, &n_wrong), ALPA_OK);
  alpa_module_destroy(partitioned);
  end(&f);
  return n_wrong;
}

/* Contractions and an embedding, annotated so that every collective and every offset matters. */
static const char mutable_program[] =
    "sdy.mesh @mesh = <[\"a\"=2, \"b\"=2]>\n"
    "func.func @main(%x: tensor<4x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{\"a\"}, {\"b\"}]>},\n"
    "    %w: tensor<6x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{\"b\"}, {}]>},\n"
    "    %t: tensor<10x8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{\"b\"}, {}]>},\n"
    "    %i: tensor<4x1xi32> {sdy.sharding = #sdy.sharding<@mesh, [{\"a\"}, {}]>})\n"
    "    -> (tensor<f32> {sdy.sharding = #sdy.sharding<@mesh, []>}) {\n"
    "  %zero = stablehlo.constant dense<0.000000e+00> : tensor<f32>\n"
    "  %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0] : (tensor<4x6xf32>, tensor<6x8xf32>)"
    " -> tensor<4x8xf32>\n"
    "  %1 = \"stablehlo.gather\"(%t, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1],"
    " collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 8>}>"
    " : (tensor<10x8xf32>, tensor<4x1xi32>) -> tensor<4x8xf32>\n"
    "  %2 = stablehlo.iota dim = 0 : tensor<4x8xf32>\n"
    "  %3 = stablehlo.multiply %0, %1 : tensor<4x8xf32>\n"
    "  %4 = stablehlo.multiply %3, %2 : tensor<4x8xf32>\n"
    "  %5 = stablehlo.reduce(%4 init: %zero) applies stablehlo.add across dimensions = [0, 1]"
    " : (tensor<4x8xf32>, tensor<f32>) -> tensor<f32>\n"
    "  return %5 : tensor<f32>\n}\n";

static void test_mutants_differ(void **state) {
  (void)state;
  const char *pipeline = "builtin.module(propagate,insert-collectives)";
  int64_t n_mutants = 0;
  assert_int_equal(run_mutant(mutable_program, pipeline, -2), -1);
  for (;; n_mutants++) {
    int64_t n_wrong = run_mutant(mutable_program, pipeline, n_mutants);
    if (n_wrong < 0)
      break;
    if (n_wrong == 0)
      fail_msg("mutant %lld goes unnoticed", (long long)n_mutants);
  }
  assert_true(n_mutants >= 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_axis),
      cmocka_unit_test(test_two_axes),
      cmocka_unit_test(test_three_axes),
      cmocka_unit_test(test_mutants_differ),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
