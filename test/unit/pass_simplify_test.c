/* The basic passes do not change what a program computes: random programs, made of what folds look for, are run by the
 * interpreter before and after simplification, in field arithmetic (where equality is exact) and in real arithmetic
 * (where only the sign of a zero may differ); and so are some of the models. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/print.h"
#include "dialects/ir/verify.h"
#include "interp/interp.h"
#include "passes/manager.h"

/* ---- random programs ---- */

enum { F23, F32_, F6, I23, P23, SCALAR, N_TYPES, MOST_VALUES = 256 };
static const char *const spellings[N_TYPES] = {
    [F23] = "tensor<2x3xf32>", [F32_] = "tensor<3x2xf32>", [F6] = "tensor<6xf32>",
    [I23] = "tensor<2x3xi32>", [P23] = "tensor<2x3xi1>",   [SCALAR] = "tensor<f32>"};

typedef struct writer {
  alpa_text text;
  uint64_t seed;
  int next;                         /* number of the next value */
  int values[N_TYPES][MOST_VALUES]; /* numbers of the values of each type */
  int n[N_TYPES];
} writer;

static int below(writer *w, int n) {
  w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
  return (int)((w->seed >> 33) % (uint64_t)n);
}

/* Recent values are likelier, so that ops form chains. */
static int pick(writer *w, int type) {
  int n = w->n[type];
  return w->values[type][below(w, 3) ? n - 1 - below(w, n < 4 ? n : 4) : below(w, n)];
}

static void define(writer *w, int type) {
  alpa_text_printf(&w->text, "    %%%d = ", w->next);
  if (w->n[type] < MOST_VALUES)
    w->values[type][w->n[type]++] = w->next;
  w->next++;
}

static void write_constant(writer *w, int type) {
  static const char *const floats[] = {"0.0", "1.0", "-1.0", "2.0", "0x7F800000", "0xFF800000", "-0.5"};
  static const char *const integers[] = {"0", "1", "-1", "2147483647", "-2147483648"};
  const char *value = type == P23   ? (below(w, 2) ? "true" : "false")
                      : type == I23 ? integers[below(w, countof(integers))]
                                    : floats[below(w, countof(floats))];
  define(w, type);
  alpa_text_printf(&w->text, "\"stablehlo.constant\"() <{value = dense<%s> : %s}> : () -> %s\n", value, spellings[type],
                   spellings[type]);
}

static void write_binary(writer *w, int type) {
  static const char *const floats[] = {"add", "subtract", "multiply", "maximum", "minimum", "divide", "power"};
  static const char *const integers[] = {"add", "subtract", "multiply", "maximum", "minimum", "and", "or", "xor"};
  static const char *const booleans[] = {"and", "or", "xor", "maximum", "minimum"};
  const char *name = type == P23   ? booleans[below(w, countof(booleans))]
                     : type == I23 ? integers[below(w, countof(integers))]
                                   : floats[below(w, countof(floats))];
  int a = pick(w, type), b = pick(w, type);
  const char *t = spellings[type];
  define(w, type);
  alpa_text_printf(&w->text, "\"stablehlo.%s\"(%%%d, %%%d) : (%s, %s) -> %s\n", name, a, b, t, t, t);
}

static void write_unary(writer *w, const char *name, const char *attrs, int from, int to) {
  int a = pick(w, from);
  define(w, to);
  alpa_text_printf(&w->text, "\"stablehlo.%s\"(%%%d) %s : (%s) -> %s\n", name, a, attrs, spellings[from],
                   spellings[to]);
}

static void write_compare(writer *w) {
  static const char *const directions[] = {"EQ", "NE", "LT", "LE", "GT", "GE"};
  int type = below(w, 2) ? F23 : I23, a = pick(w, type), b = pick(w, type);
  define(w, P23);
  alpa_text_printf(&w->text,
                   "\"stablehlo.compare\"(%%%d, %%%d) <{comparison_direction = #stablehlo<comparison_direction %s>}> : "
                   "(%s, %s) -> tensor<2x3xi1>\n",
                   a, b, directions[below(w, countof(directions))], spellings[type], spellings[type]);
}

static void write_select(writer *w) {
  int type = below(w, 2) ? F23 : I23, p = pick(w, P23), a = pick(w, type), b = pick(w, type);
  define(w, type);
  alpa_text_printf(&w->text, "\"stablehlo.select\"(%%%d, %%%d, %%%d) : (tensor<2x3xi1>, %s, %s) -> %s\n", p, a, b,
                   spellings[type], spellings[type], spellings[type]);
}

/* There and back through another type. */
static void write_convert(writer *w) {
  static const char *const through[] = {"f64", "bf16", "f16"};
  const char *t = through[below(w, countof(through))];
  int a = pick(w, F23);
  alpa_text_printf(&w->text, "    %%c%d = \"stablehlo.convert\"(%%%d) : (tensor<2x3xf32>) -> tensor<2x3x%s>\n", w->next,
                   a, t);
  int inner = w->next;
  define(w, F23);
  alpa_text_printf(&w->text, "\"stablehlo.convert\"(%%c%d) : (tensor<2x3x%s>) -> tensor<2x3xf32>\n", inner, t);
}

static void write_boxes(writer *w) {
  int a = pick(w, F6), b = pick(w, F6), id = w->next, cut = 1 + below(w, 5);
  alpa_text_printf(&w->text,
                   "    %%s%d = \"stablehlo.concatenate\"(%%%d, %%%d) <{dimension = 0 : i64}> : (tensor<6xf32>, "
                   "tensor<6xf32>) -> tensor<12xf32>\n",
                   id, a, b);
  define(w, F6);
  if (below(w, 2))
    alpa_text_printf(&w->text,
                     "\"stablehlo.slice\"(%%s%d) <{start_indices = array<i64: %d>, limit_indices = array<i64: %d>, "
                     "strides = array<i64: %d>}> : (tensor<12xf32>) -> tensor<6xf32>\n",
                     id, cut % 2, cut % 2 + 11, 2);
  else
    alpa_text_printf(&w->text,
                     "\"stablehlo.slice\"(%%s%d) <{start_indices = array<i64: %d>, limit_indices = array<i64: %d>, "
                     "strides = array<i64: 1>}> : (tensor<12xf32>) -> tensor<6xf32>\n",
                     id,
                     cut == 5   ? 6
                     : cut == 4 ? 0
                                : cut,
                     cut == 5   ? 12
                     : cut == 4 ? 6
                                : cut + 6);
}

static void write_dynamic_slice(writer *w) {
  int a = pick(w, F6), id = w->next, start = below(w, 9) - 2;
  alpa_text_printf(&w->text,
                   "    %%i%d = \"stablehlo.constant\"() <{value = dense<%d> : tensor<i32>}> : () -> tensor<i32>\n"
                   "    %%d%d = \"stablehlo.dynamic_slice\"(%%%d, %%i%d) <{slice_sizes = array<i64: 1>}> : "
                   "(tensor<6xf32>, tensor<i32>) -> tensor<1xf32>\n",
                   id, start, id, a, id);
  define(w, SCALAR);
  alpa_text_printf(&w->text, "\"stablehlo.reshape\"(%%d%d) : (tensor<1xf32>) -> tensor<f32>\n", id);
}

static void write_dot(writer *w) {
  int a = pick(w, F23), b = pick(w, F23), init = pick(w, SCALAR), id = w->next;
  alpa_text_printf(
      &w->text,
      "    %%t%d = \"stablehlo.transpose\"(%%%d) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf32>) -> "
      "tensor<3x2xf32>\n"
      "    %%g%d = \"stablehlo.dot_general\"(%%%d, %%t%d) <{dot_dimension_numbers = "
      "#stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}> : "
      "(tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>\n",
      id, b, id, a, id);
  define(w, SCALAR);
  alpa_text_printf(&w->text,
                   "\"stablehlo.reduce\"(%%g%d, %%%d) <{dimensions = array<i64: 0, 1>}> ({\n"
                   "    ^bb0(%%p%d: tensor<f32>, %%q%d: tensor<f32>):\n"
                   "      %%r%d = \"stablehlo.add\"(%%p%d, %%q%d) : (tensor<f32>, tensor<f32>) -> tensor<f32>\n"
                   "      \"stablehlo.return\"(%%r%d) : (tensor<f32>) -> ()\n"
                   "    }) : (tensor<2x2xf32>, tensor<f32>) -> tensor<f32>\n",
                   id, init, id, id, id, id, id, id);
}

/* A counted loop with an invariant, a value carried for its own sake, and one that counts. */
static void write_while(writer *w) {
  int a = pick(w, F23), b = pick(w, F23), c = pick(w, F23), id = w->next;
  alpa_text_printf(
      &w->text,
      "    %%n%d = \"stablehlo.constant\"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>\n"
      "    %%z%d = \"stablehlo.constant\"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>\n"
      "    %%w%d:4 = \"stablehlo.while\"(%%n%d, %%%d, %%%d, %%%d) ({\n"
      "    ^bb0(%%i: tensor<i32>, %%x: tensor<2x3xf32>, %%y: tensor<2x3xf32>, %%v: tensor<2x3xf32>):\n"
      "      %%p = \"stablehlo.compare\"(%%i, %%z%d) <{comparison_direction = #stablehlo<comparison_direction GT>}> : "
      "(tensor<i32>, tensor<i32>) -> tensor<i1>\n"
      "      \"stablehlo.return\"(%%p) : (tensor<i1>) -> ()\n"
      "    }, {\n"
      "    ^bb0(%%i: tensor<i32>, %%x: tensor<2x3xf32>, %%y: tensor<2x3xf32>, %%v: tensor<2x3xf32>):\n"
      "      %%one = \"stablehlo.constant\"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>\n"
      "      %%j = \"stablehlo.subtract\"(%%i, %%one) : (tensor<i32>, tensor<i32>) -> tensor<i32>\n"
      "      %%s = \"stablehlo.add\"(%%x, %%v) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>\n"
      "      %%u = \"stablehlo.negate\"(%%y) : (tensor<2x3xf32>) -> tensor<2x3xf32>\n"
      "      \"stablehlo.return\"(%%j, %%s, %%u, %%v) : (tensor<i32>, tensor<2x3xf32>, tensor<2x3xf32>, "
      "tensor<2x3xf32>) -> ()\n"
      "    }) : (tensor<i32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> (tensor<i32>, tensor<2x3xf32>, "
      "tensor<2x3xf32>, tensor<2x3xf32>)\n",
      id, id, id, id, a, b, c, id);
  define(w, F23);
  alpa_text_printf(&w->text,
                   "\"stablehlo.add\"(%%w%d#1, %%w%d#3) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>\n", id,
                   id);
}

static void write_op(writer *w) {
  switch (below(w, 22)) {
  case 0:
  case 1:
    write_constant(w, below(w, N_TYPES));
    return;
  case 2:
    write_unary(w, "negate", "", F23, F23);
    return;
  case 3:
    write_unary(w, "not", "", P23, P23);
    return;
  case 4:
    write_unary(w, "transpose", "<{permutation = array<i64: 1, 0>}>", F23, F32_);
    return;
  case 5:
    write_unary(w, "transpose", "<{permutation = array<i64: 1, 0>}>", F32_, F23);
    return;
  case 6:
    write_unary(w, "reshape", "", F6, F23);
    return;
  case 7:
    write_unary(w, "reshape", "", F23, F6);
    return;
  case 8:
    write_unary(w, "reshape", "", F32_, F6);
    return;
  case 9:
    write_unary(w, "broadcast_in_dim", "<{broadcast_dimensions = array<i64>}>", SCALAR, F23);
    return;
  case 10:
    write_unary(w, "broadcast_in_dim", "<{broadcast_dimensions = array<i64: 1, 0>}>", F23, F32_);
    return;
  case 11:
    write_compare(w);
    return;
  case 12:
    write_select(w);
    return;
  case 13:
    write_convert(w);
    return;
  case 14:
    write_boxes(w);
    return;
  case 15:
    write_dynamic_slice(w);
    return;
  case 16:
    write_dot(w);
    return;
  case 17:
    if (below(w, 3) == 0)
      write_while(w);
    return;
  }
  write_binary(w, below(w, N_TYPES));
}

/* A function of one argument of each type that returns the last value of each. */
static const char *write_program(writer *w, int n_ops) {
  alpa_text_string(&w->text, "\"builtin.module\"() ({\n  \"func.func\"() <{function_type = (");
  for (int k = 0; k < 2; k++) {
    for (int t = 0; t < N_TYPES; t++)
      alpa_text_printf(&w->text, "%s%s", t ? ", " : "", spellings[t]);
    alpa_text_string(&w->text, k == 0 ? ") -> (" : "), sym_name = \"main\"}> ({\n  ^bb0(");
  }
  for (int t = 0; t < N_TYPES; t++) {
    alpa_text_printf(&w->text, "%s%%%d: %s", t ? ", " : "", w->next, spellings[t]);
    w->values[t][w->n[t]++] = w->next++;
  }
  alpa_text_string(&w->text, "):\n");
  for (int i = 0; i < n_ops; i++)
    write_op(w);
  alpa_text_string(&w->text, "    \"func.return\"(");
  for (int t = 0; t < N_TYPES; t++)
    alpa_text_printf(&w->text, "%s%%%d", t ? ", " : "", w->values[t][w->n[t] - 1]);
  alpa_text_string(&w->text, ") : (");
  for (int t = 0; t < N_TYPES; t++)
    alpa_text_printf(&w->text, "%s%s", t ? ", " : "", spellings[t]);
  alpa_text_string(&w->text, ") -> ()\n  }) : () -> ()\n}) : () -> ()\n");
  return alpa_text_finish(&w->text);
}

/* ---- running ---- */

static void show(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user;
  (void)severity;
  print_message("%s:%u:%u: %s\n", place.file ? place.file : "-", place.line, place.column, message);
}

/* Runs main on random inputs: its results, in the arena. */
static alpa_tensor *run_program(alpa_module *module, alpa_arith arith, uint64_t seed, alpa_arena *arena) {
  alpa_op *func = NULL;
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  const alpa_type *type = alpa_func_type(func);
  alpa_tensor *inputs = alpa_arena_new(arena, alpa_tensor, type->inputs.n);
  alpa_tensor *outputs = alpa_arena_new(arena, alpa_tensor, type->results.n);
  for (size_t i = 0; i < type->inputs.n; i++) {
    inputs[i] = alpa_tensor_create(arena, arith, type->inputs.items[i]);
    alpa_tensor_randomize(&inputs[i], arith, seed + i, 0);
  }
  alpa_interp_options options = {.arith = arith, .field_key = seed};
  assert_int_equal(alpa_interp_run(&options, func, inputs, arena, outputs), ALPA_OK);
  return outputs;
}

static bool same_floats(const alpa_tensor *a, const alpa_tensor *b) {
  const float *x = a->data, *y = b->data;
  for (int64_t i = 0; i < alpa_tensor_count(a); i++)
    if (!(x[i] == y[i] || (isnan(x[i]) && isnan(y[i]))))
      return false;
  return true;
}

static bool same(alpa_arith arith, const alpa_tensor *a, const alpa_tensor *b) {
  if (arith == ALPA_ARITH_REAL && a->dtype == ALPA_F32)
    return same_floats(a, b);
  return memcmp(a->data, b->data, alpa_tensor_bytes(a, arith)) == 0;
}

static void apply(alpa_module *module, const char *text) {
  static const alpa_pass_list *const lists[] = {&alpa_passes, NULL};
  static const alpa_pass_registry registry = {lists, alpa_pipelines};
  alpa_pipeline pipeline = {0};
  assert_int_equal(alpa_pipeline_read(module->ctx, &registry, text, &pipeline), ALPA_OK);
  assert_int_equal(alpa_pipeline_apply(&pipeline, module, &(alpa_manager_options){0}), ALPA_OK);
  alpa_pipeline_deinit(&pipeline);
}

/* Shows both forms of a program that has changed its meaning. */
static void show_difference(const alpa_module *module, const char *text, alpa_arena *arena) {
  alpa_text printed;
  alpa_text_init(&printed, arena);
  alpa_op_print(&printed, module->op, &(alpa_print_options){.generic = true});
  fprintf(stderr, "%s\n%s\n", text, alpa_text_finish(&printed));
}

/* `real`: in real arithmetic too, as far as the sign of a zero does not grow into a difference (by a division). */
static void check_text(alpa_context *ctx, alpa_str text, const char *name, const char *pipeline, bool real) {
  static const alpa_arith ariths[] = {ALPA_ARITH_FIELD, ALPA_ARITH_REAL};
  enum { SEED = 11 };
  alpa_arena arena;
  alpa_arena_init(&arena, &ctx->memory);
  alpa_module *module = NULL;
  alpa_op *func = NULL;
  if (alpa_module_read(ctx, text, &(alpa_parse_options){.name = name}, &module) != ALPA_OK)
    fail_msg("%s does not parse", name);
  alpa_tensor *before[2], *after;
  for (int k = 0; k < 1 + real; k++)
    before[k] = run_program(module, ariths[k], SEED, &arena);
  apply(module, pipeline);
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  for (int k = 0; k < 1 + real; k++) {
    after = run_program(module, ariths[k], SEED, &arena);
    for (size_t i = 0; i < alpa_func_type(func)->results.n; i++)
      if (!same(ariths[k], &before[k][i], &after[i])) {
        show_difference(module, text.data, &arena);
        fail_msg("%s: result %zu differs in %s arithmetic after %s", name, i, k ? "real" : "field", pipeline);
      }
  }
  alpa_module_destroy(module);
  alpa_arena_deinit(&arena);
}

static void check_program(uint64_t seed, const char *pipeline, bool real) {
  alpa_context ctx;
  alpa_context_init(&ctx, NULL, NULL, show, NULL);
  writer w = {.seed = seed * 7919 + 17};
  alpa_text_init(&w.text, &ctx.arena);
  const char *text = write_program(&w, 10 + (int)(seed % 50));
  char name[32];
  snprintf(name, sizeof name, "program %u", (unsigned)seed);
  check_text(&ctx, (alpa_str){text, strlen(text)}, name, pipeline, real);
  alpa_context_deinit(&ctx);
}

static void check_many(const char *pipeline, bool real) {
  for (uint64_t seed = 0; seed < 400; seed++)
    check_program(seed, pipeline, real);
}

static void test_canonicalize(void **state) {
  (void)state;
  check_many("builtin.module(func.func(canonicalize))", true);
}
static void test_canonicalize_bottom_up(void **state) {
  (void)state;
  check_many("builtin.module(func.func(canonicalize{top-down=false max-constant=0}))", false);
}
static void test_cse(void **state) {
  (void)state;
  check_many("builtin.module(func.func(cse))", true);
}
static void test_dce(void **state) {
  (void)state;
  check_many("builtin.module(func.func(dce))", true);
}
static void test_simplify(void **state) {
  (void)state;
  check_many("builtin.module(simplify)", true);
}

/* Real programs, in field arithmetic. */
static void test_models(void **state) {
  static const char *const models[] = {"mlp", "mlp-exact", "lstm", "gpt-scan", "wresnet"};
  (void)state;
  for (size_t i = 0; i < countof(models); i++) {
    alpa_context ctx;
    alpa_context_init(&ctx, NULL, NULL, show, NULL);
    const char *path = alpa_arena_printf(&ctx.arena, "models/%s/step.mlir", models[i]);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    enum { MOST = 4 << 20 };
    char *text = alpa_arena_alloc(&ctx.arena, MOST);
    size_t size = fread(text, 1, MOST, file);
    fclose(file);
    check_text(&ctx, (alpa_str){text, size}, models[i], "builtin.module(simplify)", false);
    alpa_context_deinit(&ctx);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_canonicalize), cmocka_unit_test(test_canonicalize_bottom_up),
                                     cmocka_unit_test(test_cse),          cmocka_unit_test(test_dce),
                                     cmocka_unit_test(test_simplify),     cmocka_unit_test(test_models)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
