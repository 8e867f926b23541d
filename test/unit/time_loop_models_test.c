/* Steps in micro-batches are the steps: the loop that microbatch and time-loop make gives the same field elements as
 * the program on the whole batch, under two keys, for models as JAX exports them and for programs that were written to
 * be difficult; all contractions of the gradient run in the loop; and a loop with a fault differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "interp/field.h"
#include "interp/interp.h"
#include "passes/cost/op_cost.h"
#include "passes/manager.h"
#include "passes/analysis/time.h"
#include "test/unit/model_text.h"
#include "test/unit/sharding_check.h"

typedef struct program {
  const char *path;
  const char *options;          /* of microbatch, without braces */
  int n_inside, n_outside;      /* contractions and convolutions in the loop, and before or behind it */
  const model_shrinking *sizes; /* or NULL */
  int n_blind;                  /* offsets of values of which only the range is checked */
  int n_layers;                 /* clustered first where it is not 0: sums are accumulated by layer */
} program;

static const model_shrinking gpt_sizes[] = {{64, 8},   {65, 9},   {128, 16}, {384, 48},
                                            {512, 64}, {256, 32}, {32, 4},   {0, 0}};

#define TRAP(name) "test/passes/Inputs/traps/" name ".mlir"

static const program programs[] = {
    {"models/mlp/step.mlir", "count=4", 8, 0, NULL, 0, 0},
    {"models/mlp/step.mlir", "count=8", 8, 0, NULL, 0, 0},
    {"models/mlp-exact/step.mlir", "count=4", 8, 0, NULL, 0, 0},
    {"models/gpt/step.mlir", "count=4", 75, 0, gpt_sizes, 0, 0},
    {"models/gpt/step.mlir", "count=16", 75, 0, gpt_sizes, 0, 3},
    {"models/gpt-bf16-dropout/step.mlir", "count=4", 39, 0, NULL, 0, 0},
    {"models/gpt-scan/step.mlir", "count=8", 26, 0, NULL, 0, 0},
    {"models/moe/step.mlir", "count=4", 91, 0, NULL, 0, 0},
    {"models/moe/step.mlir", "count=8", 91, 0, NULL, 0, 2},
    {"models/lstm/step.mlir", "count=4", 9, 0, NULL, 0, 0},
    {TRAP("plain"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("batch12"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("l2-penalty"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("per-example-clip"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("crop"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("noise"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("muon"), "count=4", 5, 4, NULL, 0, 0},
    {TRAP("loss-scaling"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("codebook-ema"), "count=4", 3, 0, NULL, 0, 0},
    {TRAP("metrics"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("masked-mean"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("ignore-index"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("normalised-input"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("shuffle"), "count=4", 5, 0, NULL, 1, 0},
    {TRAP("arange-index"), "count=4", 5, 0, NULL, 0, 0},
    {TRAP("class-weights"), "count=4 batch=7,8", 5, 0, NULL, 0, 0},
    {TRAP("time-major"), "count=4 batch=10:1,11", 8, 0, NULL, 0, 0},
};

typedef struct fixture {
  alpa_context ctx;
  alpa_arena arena;
  alpa_module *whole, *loop;
  alpa_tensor *inputs, *expected;
  uint32_t n_args, n_results;
  uint64_t key;
} fixture;

static void show(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user;
  if (severity == ALPA_ERROR)
    print_message("%s:%u:%u: %s\n", place.file ? place.file : "-", place.line, place.column, message);
}

static void apply(fixture *f, alpa_module *module, const char *text) {
  static const alpa_pass_list *const lists[] = {&alpa_passes, NULL};
  static const alpa_pass_registry registry = {lists, alpa_pipelines};
  alpa_pipeline pipeline = {0};
  if (alpa_pipeline_read(&f->ctx, &registry, text, &pipeline) != ALPA_OK ||
      alpa_pipeline_apply(&pipeline, module, &(alpa_manager_options){0}) != ALPA_OK)
    fail_msg("%s", text);
  alpa_pipeline_deinit(&pipeline);
}

static alpa_module *read_model(fixture *f, const char *path, const model_shrinking *sizes) {
  alpa_module *module = NULL;
  char *text = read_file(path, NULL);
  assert_non_null(text);
  if (sizes)
    model_text_shrink(text, sizes);
  assert_int_equal(
      alpa_module_read(&f->ctx, (alpa_str){text, strlen(text)}, &(alpa_parse_options){.name = path}, &module), ALPA_OK);
  free(text);
  apply(f, module, "builtin.module(simplify)");
  return module;
}

static alpa_op *main_of(const alpa_module *module) {
  alpa_op *func = NULL;
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  return func;
}

static void begin(fixture *f, const program *p) {
  char pipeline[200];
  memset(f, 0, sizeof *f);
  alpa_context_init(&f->ctx, NULL, NULL, show, NULL);
  alpa_arena_init(&f->arena, &f->ctx.memory);
  f->whole = read_model(f, p->path, p->sizes);
  f->loop = alpa_module_clone(f->whole);
  if (p->n_layers) {
    (void)snprintf(pipeline, sizeof pipeline, "builtin.module(cluster-layers{layers=%d})", p->n_layers);
    apply(f, f->loop, pipeline);
  }
  (void)snprintf(pipeline, sizeof pipeline, "builtin.module(microbatch{%s},time-loop)", p->options);
  apply(f, f->loop, pipeline);
  const alpa_type *type = alpa_func_type(main_of(f->whole));
  f->n_args = (uint32_t)type->inputs.n;
  f->n_results = (uint32_t)type->results.n;
}

static void end(fixture *f) {
  alpa_module_destroy(f->whole);
  alpa_module_destroy(f->loop);
  alpa_arena_deinit(&f->arena);
  alpa_context_deinit(&f->ctx);
}

static alpa_tensor *run(fixture *f, const alpa_module *module, const alpa_tensor *inputs) {
  alpa_tensor *outputs = alpa_arena_new(&f->arena, alpa_tensor, f->n_results);
  alpa_interp_options options = {.arith = ALPA_ARITH_FIELD, .field_key = f->key};
  assert_int_equal(alpa_interp_run(&options, main_of(module), inputs, &f->arena, outputs), ALPA_OK);
  return outputs;
}

/* Integers are small, so that they are indices and labels. */
static void draw_inputs(fixture *f, uint64_t key) {
  const alpa_type *type = alpa_func_type(main_of(f->whole));
  f->key = key;
  f->inputs = alpa_arena_new(&f->arena, alpa_tensor, f->n_args);
  for (uint32_t i = 0; i < f->n_args; i++) {
    f->inputs[i] = alpa_tensor_create(&f->arena, ALPA_ARITH_FIELD, type->inputs.items[i]);
    alpa_tensor_randomize(&f->inputs[i], ALPA_ARITH_FIELD, key + i + 1, 4);
  }
  f->expected = run(f, f->whole, f->inputs);
}

/* The first result that differs, or the number of results. */
static uint32_t find_difference(fixture *f, const alpa_module *module) {
  const alpa_tensor *got = run(f, module, f->inputs);
  uint32_t i = 0;
  while (i < f->n_results &&
         memcmp(got[i].data, f->expected[i].data, alpa_tensor_bytes(&got[i], ALPA_ARITH_FIELD)) == 0)
    i++;
  return i;
}

/* ---- equal ---- */

typedef struct places {
  int n_inside, n_outside;
} places;

static bool is_loop(const alpa_op *op) {
  return alpa_op_find_attr(op, "alpa.microbatches") && op->block && op->n_results;
}

static alpa_status count_contraction(void *user, alpa_op *op) {
  places *n = user;
  alpa_op_cost cost = alpa_op_cost_get(op);
  if (cost != ALPA_OP_COST_CONTRACTION && cost != ALPA_OP_COST_CONVOLUTION)
    return ALPA_OK;
  const alpa_op *around = op;
  while (around && !is_loop(around))
    around = alpa_op_parent(around);
  *(around ? &n->n_inside : &n->n_outside) += 1;
  return ALPA_OK;
}

static void test_loops_are_the_step(void **state) {
  (void)state;
  static const uint64_t keys[] = {11, 1234567};
  int n_failed = 0;
  for (size_t k = 0; k < countof(programs); k++) {
    const program *p = &programs[k];
    fixture f;
    places n = {0};
    begin(&f, p);
    assert_int_equal(alpa_op_walk(f.loop->op, count_contraction, &n), ALPA_OK);
    if (n.n_inside != p->n_inside || n.n_outside != p->n_outside) {
      print_message("%s: %d contractions in the loop and %d outside, expects %d and %d\n", p->path, n.n_inside,
                    n.n_outside, p->n_inside, p->n_outside);
      n_failed++;
    }
    for (size_t i = 0; i < countof(keys); i++) {
      draw_inputs(&f, keys[i]);
      uint32_t wrong = find_difference(&f, f.loop);
      if (wrong < f.n_results) {
        print_message("%s {%s}: result %u differs\n", p->path, p->options, wrong);
        n_failed++;
      }
    }
    end(&f);
  }
  assert_int_equal(n_failed, 0);
}

/* ---- mutants ---- */

static alpa_op *find_loop(const alpa_module *module) {
  alpa_op *op = alpa_func_entry(main_of(module))->first;
  while (op && !is_loop(op))
    op = op->next;
  assert_non_null(op);
  return op;
}

/* Number i of what the loop carries stays as it was: an accumulator skipped, a part not put into its place. */
static void skip_carried(alpa_module *module, uint32_t i) {
  alpa_block *body = alpa_region_block(&find_loop(module)->regions[1]);
  alpa_op_set_operand(body->last, i, body->args[i]);
}

/* Uses of the offset of a micro-batch: the counter times a size, or the counter itself beside the next one. */
static alpa_use *find_offset_use(alpa_block *body, uint32_t number) {
  for (alpa_op *op = body->first; op; op = op->next) {
    if (!stablehlo_is(op, STABLEHLO_multiply) || alpa_op_operand(op, 0) != body->args[0])
      continue;
    for (alpa_use *use = op->results->uses; use; use = use->next)
      if (number-- == 0)
        return use;
  }
  return NULL;
}

/* Use `number` of an offset reads the iteration instead: an offset that is wrong. False where there are no more. */
static bool spoil_offset(alpa_module *module, uint32_t number) {
  alpa_block *body = alpa_region_block(&find_loop(module)->regions[1]);
  alpa_use *use = find_offset_use(body, number);
  if (use)
    alpa_op_set_operand(use->owner, alpa_use_index(use), body->args[0]);
  return use != NULL;
}

enum { MOST_MUTANTS = 5 };

static void test_mutants_differ(void **state) {
  (void)state;
  int n_alike = 0, n_mutants = 0;
  for (size_t k = 0; k < countof(programs); k++) {
    fixture f;
    begin(&f, &programs[k]);
    draw_inputs(&f, 99);
    n_alike -= programs[k].n_blind;
    uint32_t n_carried = find_loop(f.loop)->n_results, step = 1 + n_carried / MOST_MUTANTS;
    for (uint32_t i = 1; i < n_carried; i += step, n_mutants++) {
      alpa_module *mutant = alpa_module_clone(f.loop);
      skip_carried(mutant, i);
      if (find_difference(&f, mutant) == f.n_results) {
        print_message("%s: value %u need not be carried\n", programs[k].path, i);
        n_alike++;
      }
      alpa_module_destroy(mutant);
    }
    bool is_more = true;
    for (uint32_t i = 0; i < MOST_MUTANTS && is_more; i++) {
      alpa_module *mutant = alpa_module_clone(f.loop);
      is_more = spoil_offset(mutant, i);
      n_mutants += is_more;
      if (is_more && find_difference(&f, mutant) == f.n_results) {
        print_message("%s: offset %u may be wrong\n", programs[k].path, i);
        n_alike++;
      }
      alpa_module_destroy(mutant);
    }
    end(&f);
  }
  assert_true(n_mutants > 100);
  assert_int_equal(n_alike, 0);
}

/* ---- statistics of micro-batches ---- */

/* Part i of n of a tensor along dimension 0, where its type says so. */
static alpa_tensor take_part(fixture *f, const alpa_tensor *whole, const alpa_type *type, int64_t i) {
  alpa_tensor part = alpa_tensor_create(&f->arena, ALPA_ARITH_FIELD, type);
  size_t bytes = alpa_tensor_bytes(&part, ALPA_ARITH_FIELD);
  bool is_whole = bytes == alpa_tensor_bytes(whole, ALPA_ARITH_FIELD);
  memcpy(part.data, (const char *)whole->data + (is_whole ? 0 : (size_t)i * bytes), bytes);
  return part;
}

/* Adds to a sum of floats; integers are the same in all runs. */
static void add_result(alpa_tensor *sum, const alpa_tensor *result) {
  if (alpa_dtype_get_info(sum->dtype)->class_ != ALPA_CLASS_FLOAT)
    return;
  uint64_t *to = sum->data;
  const uint64_t *from = result->data;
  for (int64_t i = 0; i < alpa_tensor_count(sum); i++)
    to[i] = alpa_field_add(to[i], from[i]);
}

static void divide_result(alpa_tensor *sum, int64_t n) {
  uint64_t *to = sum->data;
  for (int64_t i = 0; i < alpa_tensor_count(sum) && alpa_dtype_get_info(sum->dtype)->class_ == ALPA_CLASS_FLOAT; i++)
    to[i] = alpa_field_divide(to[i], alpa_field_from_integer(n));
}

/* Batch normalisation with statistics of each micro-batch: the mean of four runs of the program at the size of one. */
static void test_local_statistics_are_the_mean_of_runs(void **state) {
  (void)state;
  fixture f;
  places n = {0};
  begin(&f, &(program){.path = TRAP("wrn-8"), .options = "count=4 statistics=local"});
  assert_int_equal(alpa_op_walk(f.loop->op, count_contraction, &n), ALPA_OK);
  assert_int_equal(n.n_outside, 0);
  alpa_module *small = read_model(&f, TRAP("wrn-2"), NULL);
  const alpa_type *type = alpa_func_type(main_of(small));
  draw_inputs(&f, 5);
  alpa_tensor *mean = NULL, *parts = alpa_arena_new(&f.arena, alpa_tensor, f.n_args);
  for (int64_t i = 0; i < 4; i++) {
    for (uint32_t a = 0; a < f.n_args; a++)
      parts[a] = take_part(&f, &f.inputs[a], type->inputs.items[a], i);
    alpa_tensor *results = run(&f, small, parts);
    for (uint32_t r = 0; mean && r < f.n_results; r++)
      add_result(&mean[r], &results[r]);
    mean = mean ? mean : results;
  }
  for (uint32_t r = 0; r < f.n_results; r++)
    divide_result(&mean[r], 4);
  assert_true(find_difference(&f, f.loop) < f.n_results);
  f.expected = mean;
  assert_int_equal(find_difference(&f, f.loop), f.n_results);
  alpa_module_destroy(small);
  end(&f);
}

/* ---- one stage on several devices, and counts ---- */

/* Accumulation over micro-batches and sharding go together. */
static void test_loops_are_sharded(void **state) {
  (void)state;
  static const alpa_pass_list *const lists[] = {&alpa_passes, NULL};
  static const alpa_pass_registry registry = {lists, alpa_pipelines};
  static const int sharded[] = {0, 5, 8};
  for (size_t k = 0; k < countof(sharded); k++) {
    const program *p = &programs[sharded[k]];
    fixture f;
    int64_t n_wrong = -1;
    begin(&f, p);
    apply(&f, f.loop, "builtin.module(canonicalize,cse,dce,shard{cluster=host:4},insert-collectives)");
    sharding_check check = {
        .ctx = &f.ctx, .arena = &f.arena, .registry = &registry, .original = f.whole, .key = 3, .below = 4};
    assert_int_equal(sharding_check_run(&check, f.loop, &n_wrong), ALPA_OK);
    if (n_wrong)
      fail_msg("%s: %lld wrong elements", p->path, (long long)n_wrong);
    end(&f);
  }
}

/* Every number of micro-batches divides the greatest one, which is known before one is chosen. */
static void test_counts_are_known(void **state) {
  (void)state;
  static const struct {
    const char *path;
    int64_t greatest;
  } models[] = {{"models/mlp/step.mlir", 32}, {"models/moe/step.mlir", 8}, {TRAP("batch12"), 12}};
  for (size_t k = 0; k < countof(models); k++) {
    fixture f;
    alpa_batch batch;
    alpa_times times;
    begin(&f, &(program){.path = models[k].path, .options = "count=4"});
    assert_int_equal(alpa_batch_find(&f.arena, main_of(f.whole), &(alpa_batch_options){0}, &batch), ALPA_OK);
    alpa_times_find(&f.arena, main_of(f.whole), &(alpa_time_options){.batch = &batch}, &times);
    assert_int_equal(times.greatest_count, models[k].greatest);
    end(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_loops_are_the_step),
      cmocka_unit_test(test_mutants_differ),
      cmocka_unit_test(test_local_statistics_are_the_mean_of_runs),
      cmocka_unit_test(test_loops_are_sharded),
      cmocka_unit_test(test_counts_are_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
