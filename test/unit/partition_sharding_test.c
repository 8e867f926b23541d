/* Every op under shardings that nobody would choose: small programs with random states of all values on meshes of all
 * shapes compute the same field elements as one device, and a program with one collective dropped or one offset moved
 * does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "dialects/stablehlo/stablehlo.h"
#include "test/unit/partition_programs.h"
#include "test/unit/sharding_check.h"

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

/* ---- mutants
 * -------------------------------------------------------------------------------------------------------------- */

typedef struct spoiler {
  int64_t number, seen; /* the op to spoil */
  bool is_done;
} spoiler;

/* Rotates the table of a coordinate: every device believes to be its neighbour. */
static void rotate_table(alpa_op *op) {
  const alpa_attr *value = alpa_op_attr(op, stablehlo_constant_value);
  int32_t numbers[64];
  size_t n = value->elements.n;
  for (size_t i = 0; i < n; i++)
    numbers[i] = ((const int32_t *)value->elements.data)[(i + 1) % n];
  alpa_op_set_attr(op, "value", alpa_attr_get_elements(op->module->ctx, value->type, numbers, false));
}

static bool is_table(const alpa_op *op, int64_t n_devices) {
  const alpa_type *type = op->n_results == 1 ? op->results[0].type : NULL;
  return stablehlo_is(op, STABLEHLO_constant) && type->rank == 1 && type->dims[0] == n_devices &&
         type->dtype == ALPA_I32 && !alpa_op_attr(op, stablehlo_constant_value)->elements.splat && op->results->uses &&
         stablehlo_is(op->results->uses->owner, STABLEHLO_dynamic_slice);
}

static void spoil_block(alpa_block *block, spoiler *mutation) {
  for (alpa_op *op = block->first, *next; op && !mutation->is_done; op = next) {
    next = op->next;
    bool is_reduce = stablehlo_is(op, STABLEHLO_all_reduce), is_offset = is_table(op, 4);
    if ((is_reduce || is_offset) && mutation->seen++ == mutation->number) {
      mutation->is_done = true;
      if (is_offset) {
        rotate_table(op);
      } else {
        alpa_value *operand = alpa_op_operand(op, 0);
        alpa_op_replace(op, &operand);
      }
      return;
    }
    for (uint32_t r = 0; r < op->n_regions && !is_reduce; r++)
      if (op->regions[r].first)
        spoil_block(op->regions[r].first, mutation);
  }
}

/* The number of wrong elements of one mutant; -1 where there is no such mutant. */
static int64_t run_mutant(const char *text, const char *pipeline, int64_t number) {
  fixture f;
  alpa_op *func = NULL;
  int64_t n_wrong = -1;
  spoiler mutation = {.number = number};
  begin(&f, "mutant", text);
  alpa_module *partitioned = alpa_module_clone(f.check.original);
  assert_int_equal(sharding_check_apply(&f.check, pipeline, partitioned), ALPA_OK);
  assert_int_equal(alpa_func_find_main(partitioned->op, &func), ALPA_OK);
  spoil_block(alpa_func_entry(func), &mutation);
  if (mutation.is_done)
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
