/* Random programs on a batch, made of what states along time are about: each is refused, or its loop over micro-batches
 * gives the same field elements as the program itself.  So no rule of the analysis, cut, sinking and local forms may be
 * wrong in a way that a refusal does not cover. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/parse.h"
#include "interp/interp.h"
#include "passes/manager.h"

/* The batch is 4: B6 stands for tensor<4x6xf32>, _6B for its transpose. */
typedef enum shape { B6, S6B, B, S6, S66, BB, S24, S, PB6, IB, HB6, H66, B5, B1, PS, I, R15, N_SHAPES } shape;

static const char *const spellings[N_SHAPES] = {
    [B6] = "tensor<4x6xf32>",  [S6B] = "tensor<6x4xf32>", [B] = "tensor<4xf32>",      [S6] = "tensor<6xf32>",
    [S66] = "tensor<6x6xf32>", [BB] = "tensor<4x4xf32>",  [S24] = "tensor<24xf32>",   [S] = "tensor<f32>",
    [PB6] = "tensor<4x6xi1>",  [IB] = "tensor<4xi32>",    [HB6] = "tensor<4x6xbf16>", [H66] = "tensor<6x6xbf16>",
    [B5] = "tensor<4x5xf32>",  [B1] = "tensor<4x1xf32>",  [PS] = "tensor<i1>",        [I] = "tensor<i32>",
    [R15] = "tensor<1x5xf32>"};

/* One op: its attributes and types.  "reduce:add" and the like have a region. */
typedef struct row {
  const char *name, *attrs;
  int n_operands;
  shape operands[4], result;
} row;

#define DOT(l, r)                                                                                                      \
  "<{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [" #l "], rhs_contracting_dimensions = [" #r  \
  "]>}>"
#define DIMS(...) "<{broadcast_dimensions = array<i64" __VA_ARGS__ ">}>"
#define OVER(...) "<{dimensions = array<i64: " __VA_ARGS__ ">}>"
#define GATHER                                                                                                         \
  "<{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], "     \
  "index_vector_dim = 1>, slice_sizes = array<i64: 1, 6>}>"

static const row rows[] = {
    {"add", "", 2, {B6, B6}, B6},
    {"multiply", "", 2, {B6, B6}, B6},
    {"subtract", "", 2, {S66, S66}, S66},
    {"add", "", 2, {S66, S66}, S66},
    {"multiply", "", 2, {S66, S66}, S66},
    {"maximum", "", 2, {S6, S6}, S6},
    {"minimum", "", 2, {B, B}, B},
    {"divide", "", 2, {B, B}, B},
    {"divide", "", 2, {S6, S6}, S6},
    {"multiply", "", 2, {S, S}, S},
    {"add", "", 2, {S, S}, S},
    {"negate", "", 1, {S66}, S66},
    {"sine", "", 1, {B6}, B6},
    {"exponential", "", 1, {S66}, S66},
    {"sine", "", 1, {S6}, S6},
    {"add", "", 2, {S24, S24}, S24},
    {"transpose", "<{permutation = array<i64: 1, 0>}>", 1, {B6}, S6B},
    {"transpose", "<{permutation = array<i64: 1, 0>}>", 1, {S6B}, B6},
    {"transpose", "<{permutation = array<i64: 1, 0>}>", 1, {S66}, S66},
    {"broadcast_in_dim", DIMS(": 0"), 1, {B}, B6},
    {"broadcast_in_dim", DIMS(": 1"), 1, {S6}, B6},
    {"broadcast_in_dim", DIMS(": 1"), 1, {B}, S6B},
    {"broadcast_in_dim", DIMS(": 0"), 1, {S6}, S66},
    {"broadcast_in_dim", DIMS(": 0"), 1, {B}, BB},
    {"broadcast_in_dim", DIMS(), 1, {S}, B},
    {"broadcast_in_dim", DIMS(), 1, {S}, S66},
    {"reshape", "", 1, {B6}, S24},
    {"reshape", "", 1, {S24}, B6},
    {"reshape", "", 1, {S24}, S6B},
    {"reverse", OVER("0"), 1, {B6}, B6},
    {"reverse", OVER("1"), 1, {B6}, B6},
    {"reverse", OVER("0"), 1, {S66}, S66},
    {"dot_general", DOT(1, 0), 2, {B6, S66}, B6},
    {"dot_general", DOT(0, 0), 2, {B6, B6}, S66},
    {"dot_general", DOT(1, 0), 2, {S6B, B6}, S66},
    {"dot_general", DOT(1, 1), 2, {B6, B6}, BB},
    {"dot_general", DOT(1, 0), 2, {BB, B6}, B6},
    {"dot_general", DOT(1, 0), 2, {S66, S66}, S66},
    {"dot_general", DOT(1, 0), 2, {B6, S6}, B},
    {"dot_general", DOT(0, 0), 2, {B, B6}, S6},
    {"reduce:add", OVER("0"), 1, {B6}, S6},
    {"reduce:add", OVER("1"), 1, {B6}, B},
    {"reduce:maximum", OVER("0"), 1, {B6}, S6},
    {"reduce:minimum", OVER("1"), 1, {S6B}, S6},
    {"reduce:add", OVER("0, 1"), 1, {B6}, S},
    {"reduce:add", OVER("0"), 1, {S66}, S6},
    {"reduce:maximum", OVER("0"), 1, {B}, S},
    {"reduce:add", OVER("0"), 1, {B}, S},
    {"compare", "<{comparison_direction = #stablehlo<comparison_direction LT>}>", 2, {B6, B6}, PB6},
    {"and", "", 2, {PB6, PB6}, PB6},
    {"select", "", 3, {PB6, B6, B6}, B6},
    {"iota", "<{iota_dimension = 0 : i64}>", 0, {B6}, B6},
    {"iota", "<{iota_dimension = 1 : i64}>", 0, {B6}, S6B},
    {"iota", "<{iota_dimension = 0 : i64}>", 0, {B6}, B},
    {"constant", "<{value = dense<0.0> : tensor<4x6xf32>}>", 0, {B6}, B6},
    {"constant", "<{value = dense<0.0> : tensor<6x6xf32>}>", 0, {B6}, S66},
    {"constant", "<{value = dense<[1.0, 2.0, -3.0, 5.0]> : tensor<4xf32>}>", 0, {B6}, B},
    {"gather", GATHER, 2, {S66, IB}, B6},
    {"gather", GATHER, 2, {B6, IB}, B6},
    {"scatter", "", 3, {S66, IB, B6}, S66},
    {"scatter", "", 3, {S66, IB, B6}, S66},
    {"sort", "<{dimension = 0 : i64}>", 1, {B6}, B6},
    {"sort", "<{dimension = 1 : i64}>", 1, {B6}, B6},
    {"convert", "", 1, {B6}, HB6},
    {"convert", "", 1, {H66}, S66},
    {"convert", "", 1, {HB6}, B6},
    {"dot_general", DOT(0, 0), 2, {HB6, HB6}, H66},
    {"transpose", "<{permutation = array<i64: 1, 0>}>", 1, {H66}, H66},
    {"add", "", 2, {H66, H66}, H66},
    {"while", "", 2, {B6, S66}, S66},
    {"if", "", 3, {PS, B6, S66}, B6},
    {"compare", "<{comparison_direction = #stablehlo<comparison_direction LT>}>", 2, {S, S}, PS},
    {"slice",
     "<{start_indices = array<i64: 0, 1>, limit_indices = array<i64: 4, 6>, strides = array<i64: 1, 1>}>",
     1,
     {B6},
     B5},
    {"slice",
     "<{start_indices = array<i64: 0, 0>, limit_indices = array<i64: 4, 5>, strides = array<i64: 1, 1>}>",
     1,
     {B6},
     B5},
    {"pad",
     "<{edge_padding_low = array<i64: 0, 1>, edge_padding_high = array<i64: 0, 0>, interior_padding = array<i64: 0, "
     "0>}>",
     2,
     {B5, S},
     B6},
    {"sine", "", 1, {B5}, B5},
    {"reshape", "", 1, {B}, B1},
    {"concatenate", "<{dimension = 1 : i64}>", 2, {B5, B1}, B6},
    {"clamp", "", 3, {S, B6, S}, B6},
    {"constant", "<{value = dense<1> : tensor<i32>}>", 0, {B6}, I},
    {"constant", "<{value = dense<0> : tensor<i32>}>", 0, {B6}, I},
    {"dynamic_slice", "<{slice_sizes = array<i64: 4, 5>}>", 3, {B6, I, I}, B5},
    {"dynamic_update_slice", "", 4, {B6, B5, I, I}, B6},
    {"dynamic_update_slice", "", 4, {B6, B1, I, I}, B6},
    {"reduce:add", OVER("1"), 1, {B5}, B},
    {"dot_general", DOT(0, 0), 2, {B1, B5}, R15},
    {"pad",
     "<{edge_padding_low = array<i64: 2, 1>, edge_padding_high = array<i64: 3, 0>, interior_padding = array<i64: 0, "
     "0>}>",
     2,
     {R15, S},
     S66},
    {"constant", "<{value = dense<0.0> : tensor<f32>}>", 0, {B6}, S},
    {"optimization_barrier", "", 1, {B6}, B6},
};

enum { MOST_VALUES = 64 };

typedef struct writer {
  alpa_text text;
  uint64_t seed;
  bool without_positions; /* no op may tell one example of the batch from another by its place */
  int next;
  int values[N_SHAPES][MOST_VALUES];
  int n[N_SHAPES];
} writer;

static int below(writer *w, int n) {
  w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
  return (int)((w->seed >> 33) % (uint64_t)n);
}

/* Recent values are likelier, so that ops form chains. */
static int pick(writer *w, shape type) {
  int n = w->n[type];
  return w->values[type][below(w, 3) ? n - 1 - below(w, n < 3 ? n : 3) : below(w, n)];
}

static void write_region(writer *w, const char *combiner) {
  alpa_text_printf(&w->text,
                   " ({\n    ^bb0(%%a: tensor<f32>, %%b: tensor<f32>):\n      %%c = \"stablehlo.%s\"(%%a, %%b) : "
                   "(tensor<f32>, tensor<f32>) -> tensor<f32>\n      \"stablehlo.return\"(%%c) : (tensor<f32>) -> ()\n"
                   "    })",
                   combiner);
}

static void write_reduce(writer *w, const row *r) {
  const char *combiner = r->name + strlen("reduce:");
  const char *init = combiner[0] == 'a' ? "0.0" : combiner[1] == 'a' ? "0xFF800000" : "0x7F800000";
  int operand = pick(w, r->operands[0]);
  alpa_text_printf(&w->text,
                   "    %%z%d = \"stablehlo.constant\"() <{value = dense<%s> : tensor<f32>}> : () -> tensor<f32>\n"
                   "    %%%d = \"stablehlo.reduce\"(%%%d, %%z%d) %s",
                   w->next, init, w->next, operand, w->next, r->attrs);
  write_region(w, combiner);
  alpa_text_printf(&w->text, " : (%s, tensor<f32>) -> %s\n", spellings[r->operands[0]], spellings[r->result]);
}

static void write_scatter(writer *w, const row *r) {
  int into = pick(w, S66), indices = pick(w, IB), updates = pick(w, B6);
  alpa_text_printf(&w->text,
                   "    %%%d = \"stablehlo.scatter\"(%%%d, %%%d, %%%d) <{scatter_dimension_numbers = "
                   "#stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], "
                   "scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}>",
                   w->next, into, indices, updates);
  write_region(w, below(w, 3) ? "add" : "maximum");
  alpa_text_printf(&w->text, " : (%s, %s, %s) -> %s\n", spellings[S66], spellings[IB], spellings[B6],
                   spellings[r->result]);
}

static void write_sort(writer *w, const row *r) {
  alpa_text_printf(
      &w->text,
      "    %%%d = \"stablehlo.sort\"(%%%d) %s ({\n    ^bb0(%%a: tensor<f32>, %%b: tensor<f32>):\n      %%c = "
      "\"stablehlo.compare\"(%%a, %%b) <{comparison_direction = #stablehlo<comparison_direction LT>}> : "
      "(tensor<f32>, tensor<f32>) -> tensor<i1>\n      \"stablehlo.return\"(%%c) : (tensor<i1>) -> ()\n"
      "    }) : (%s) -> %s\n",
      w->next, pick(w, B6), r->attrs, spellings[B6], spellings[B6]);
}

/* Three rounds that carry a value of the batch and a sum, which now and then the next round reads. */
static void write_while(writer *w) {
  int n = w->next, batch = pick(w, B6), sum = pick(w, S66), bias = pick(w, S6);
  const char *carried = "(tensor<i32>, tensor<4x6xf32>, tensor<6x6xf32>)";
  alpa_text_printf(&w->text,
                   "    %%i%d = \"stablehlo.constant\"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>\n"
                   "    %%w%d:3 = \"stablehlo.while\"(%%i%d, %%%d, %%%d) ({\n"
                   "    ^bb0(%%i: tensor<i32>, %%x: tensor<4x6xf32>, %%s: tensor<6x6xf32>):\n"
                   "      %%n = \"stablehlo.constant\"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>\n"
                   "      %%p = \"stablehlo.compare\"(%%i, %%n) <{comparison_direction = "
                   "#stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                   "      \"stablehlo.return\"(%%p) : (tensor<i1>) -> ()\n    }, {\n"
                   "    ^bb0(%%i: tensor<i32>, %%x: tensor<4x6xf32>, %%s: tensor<6x6xf32>):\n"
                   "      %%o = \"stablehlo.constant\"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>\n"
                   "      %%j = \"stablehlo.add\"(%%i, %%o) : (tensor<i32>, tensor<i32>) -> tensor<i32>\n",
                   n, n, n, batch, sum);
  alpa_text_printf(&w->text,
                   "      %%b = \"stablehlo.broadcast_in_dim\"(%%%d) %s : (tensor<6xf32>) -> tensor<4x6xf32>\n"
                   "      %%v = \"stablehlo.dot_general\"(%%x, %%s) %s : (tensor<4x6xf32>, tensor<6x6xf32>) -> "
                   "tensor<4x6xf32>\n"
                   "      %%y = \"stablehlo.multiply\"(%%x, %%%s) : (tensor<4x6xf32>, tensor<4x6xf32>) -> "
                   "tensor<4x6xf32>\n"
                   "      %%g = \"stablehlo.dot_general\"(%%y, %%x) %s : (tensor<4x6xf32>, tensor<4x6xf32>) -> "
                   "tensor<6x6xf32>\n"
                   "      %%t = \"stablehlo.add\"(%%s, %%g) : (tensor<6x6xf32>, tensor<6x6xf32>) -> tensor<6x6xf32>\n"
                   "      \"stablehlo.return\"(%%j, %%y, %%t) : %s -> ()\n    }) : %s -> %s\n"
                   "    %%%d = \"stablehlo.optimization_barrier\"(%%w%d#2) : (tensor<6x6xf32>) -> tensor<6x6xf32>\n",
                   bias, DIMS(": 1"), DOT(1, 0), below(w, 3) ? "b" : "v", DOT(0, 0), carried, carried, carried, n, n);
}

/* Both branches read values from outside, the second one a value of the batch as well. */
static void write_if(writer *w) {
  int n = w->next, predicate = pick(w, PS), batch = pick(w, B6), matrix = pick(w, S66), other = pick(w, B6);
  alpa_text_printf(&w->text,
                   "    %%%d = \"stablehlo.if\"(%%%d) ({\n"
                   "      %%a = \"stablehlo.dot_general\"(%%%d, %%%d) %s : (tensor<4x6xf32>, tensor<6x6xf32>) -> "
                   "tensor<4x6xf32>\n"
                   "      \"stablehlo.return\"(%%a) : (tensor<4x6xf32>) -> ()\n    }, {\n"
                   "      \"stablehlo.return\"(%%%d) : (tensor<4x6xf32>) -> ()\n"
                   "    }) : (tensor<i1>) -> tensor<4x6xf32>\n",
                   n, predicate, batch, matrix, DOT(1, 0), other);
}

static void write_plain(writer *w, const row *r) {
  int operands[4] = {0};
  for (int i = 0; i < r->n_operands; i++)
    operands[i] = pick(w, r->operands[i]);
  alpa_text_printf(&w->text, "    %%%d = \"stablehlo.%s\"(", w->next, r->name);
  for (int i = 0; i < r->n_operands; i++)
    alpa_text_printf(&w->text, "%s%%%d", i ? ", " : "", operands[i]);
  alpa_text_printf(&w->text, ") %s : (", r->attrs);
  for (int i = 0; i < r->n_operands; i++)
    alpa_text_printf(&w->text, "%s%s", i ? ", " : "", spellings[r->operands[i]]);
  alpa_text_printf(&w->text, ") -> %s\n", spellings[r->result]);
}

static void write_op(writer *w) {
  const row *r = &rows[below(w, (int)countof(rows))];
  bool is_by_place =
      strcmp(r->name, "iota") == 0 || strstr(r->attrs, "dense<[") || strstr(r->attrs, "{dimension = 0 : i64}");
  if (w->without_positions && is_by_place)
    return;
  for (int i = 0; i < r->n_operands; i++)
    if (w->n[r->operands[i]] == 0)
      return;
  if (strncmp(r->name, "reduce:", 7) == 0)
    write_reduce(w, r);
  else if (strcmp(r->name, "scatter") == 0)
    write_scatter(w, r);
  else if (strcmp(r->name, "sort") == 0)
    write_sort(w, r);
  else if (strcmp(r->name, "while") == 0)
    write_while(w);
  else if (strcmp(r->name, "if") == 0)
    write_if(w);
  else
    write_plain(w, r);
  if (w->n[r->result] < MOST_VALUES)
    w->values[r->result][w->n[r->result]++] = w->next;
  w->next++;
}

static const shape arguments[] = {B6, IB, S66, S6, S};

/* A function of two arguments of the batch and three of the state; returns the last value of each shape but narrow
 * ones, which are rounded once more where they are accumulated. */
static const char *write_program(writer *w, alpa_arena *arena, int n_ops) {
  const char *types = "", *args = "", *results = "", *returned = "";
  for (size_t i = 0; i < countof(arguments); i++) {
    types = alpa_arena_printf(arena, "%s%s%s", types, i ? ", " : "", spellings[arguments[i]]);
    args = alpa_arena_printf(arena, "%s%s%%%d: %s", args, i ? ", " : "", w->next, spellings[arguments[i]]);
    w->values[arguments[i]][w->n[arguments[i]]++] = w->next++;
  }
  for (int i = 0; i < n_ops; i++)
    write_op(w);
  for (int k = 0; k < N_SHAPES; k++) {
    if (w->n[k] == 0 || k == HB6 || k == H66)
      continue;
    results = alpa_arena_printf(arena, "%s%s%s", results, *results ? ", " : "", spellings[k]);
    returned = alpa_arena_printf(arena, "%s%s%%%d", returned, *returned ? ", " : "", w->values[k][w->n[k] - 1]);
  }
  return alpa_arena_printf(arena,
                           "\"builtin.module\"() ({\n  \"func.func\"() <{function_type = (%s) -> (%s), sym_name = "
                           "\"main\"}> ({\n  ^bb0(%s):\n%s    \"func.return\"(%s) : (%s) -> ()\n  }) : () -> ()\n"
                           "}) : () -> ()\n",
                           types, results, args, alpa_text_finish(&w->text), returned, results);
}

/* ---- running ---- */

typedef struct fixture {
  alpa_context ctx;
  alpa_arena arena;
  const char *message; /* the last error */
} fixture;

static void note(void *user, alpa_severity severity, alpa_place place, const char *message) {
  fixture *f = user;
  (void)place;
  if (severity == ALPA_ERROR)
    f->message = alpa_arena_printf(&f->arena, "%s", message);
}

/* Makes every example of the batch but the first n a copy of one of them. */
static void repeat_examples(alpa_tensor *batch, size_t n) {
  size_t bytes = alpa_tensor_bytes(batch, ALPA_ARITH_FIELD), part = bytes / 4 * n;
  for (size_t at = part; at < bytes; at += part)
    memcpy((char *)batch->data + at, batch->data, part);
}

/* With n_different examples in the batch, the first two arguments. */
static alpa_tensor *run(fixture *f, const alpa_module *module, uint64_t seed, size_t n_different, size_t *out_n) {
  alpa_op *func = NULL;
  assert_int_equal(alpa_func_find_main(module->op, &func), ALPA_OK);
  const alpa_type *type = alpa_func_type(func);
  alpa_tensor *inputs = alpa_arena_new(&f->arena, alpa_tensor, type->inputs.n);
  alpa_tensor *outputs = alpa_arena_new(&f->arena, alpa_tensor, type->results.n);
  for (size_t i = 0; i < type->inputs.n; i++) {
    inputs[i] = alpa_tensor_create(&f->arena, ALPA_ARITH_FIELD, type->inputs.items[i]);
    alpa_tensor_randomize(&inputs[i], ALPA_ARITH_FIELD, seed + i, 4);
    if (i < 2)
      repeat_examples(&inputs[i], n_different);
  }
  alpa_interp_options options = {.arith = ALPA_ARITH_FIELD, .field_key = seed};
  if (alpa_interp_run(&options, func, inputs, &f->arena, outputs) != ALPA_OK)
    fail_msg("%s", f->message);
  *out_n = type->results.n;
  return outputs;
}

static alpa_status apply(fixture *f, alpa_module *module, const char *text) {
  static const alpa_pass_list *const lists[] = {&alpa_passes, NULL};
  static const alpa_pass_registry registry = {lists, alpa_pipelines};
  alpa_pipeline pipeline = {0};
  alpa_status status = alpa_pipeline_read(&f->ctx, &registry, text, &pipeline);
  assert_int_equal(status, ALPA_OK);
  status = alpa_pipeline_apply(&pipeline, module, &(alpa_manager_options){0});
  alpa_pipeline_deinit(&pipeline);
  return status;
}

typedef struct setting {
  const char *pipeline;
  size_t n_different; /* examples of the batch */
  bool without_positions;
} setting;

static const setting settings[] = {
    {"builtin.module(microbatch{count=4 batch=0,1},time-loop)", 4, false},
    {"builtin.module(canonicalize,cse,dce,microbatch{count=2 batch=0,1},time-loop)", 4, false},
    {"builtin.module(canonicalize,microbatch{count=4 batch=0:1},time-loop)", 4, false}, /* refused: it has 6 */
    {"builtin.module(canonicalize,microbatch{count=3 batch=0:1},time-loop)", 4, false},
};

/* Statistics of micro-batches that are all alike are those of the whole batch. */
static const setting local_settings[] = {
    {"builtin.module(microbatch{count=4 batch=0,1 statistics=local},time-loop)", 1, true},
    {"builtin.module(canonicalize,cse,dce,microbatch{count=2 batch=0,1 statistics=local},time-loop)", 2, true},
};

/* Whether the program was accepted; differing results fail the test. */
static bool check_program(uint64_t seed, const setting *with) {
  fixture f = {0};
  writer w = {.seed = seed, .without_positions = with->without_positions};
  size_t n = 0;
  alpa_module *whole = NULL;
  alpa_context_init(&f.ctx, NULL, NULL, note, &f);
  alpa_arena_init(&f.arena, &f.ctx.memory);
  alpa_text_init(&w.text, &f.arena);
  const char *text = write_program(&w, &f.arena, 6 + (int)(seed % 40));
  if (alpa_module_read(&f.ctx, (alpa_str){text, strlen(text)}, &(alpa_parse_options){.name = "random"}, &whole) !=
      ALPA_OK)
    fail_msg("%s\n%s", f.message, text);
  alpa_module *loop = alpa_module_clone(whole);
  alpa_status status = apply(&f, loop, with->pipeline);
  if (status != ALPA_OK && !strstr(f.message, "cannot run in micro-batches:") && !strstr(f.message, "do not divide"))
    fail_msg("%s\n%s%s", f.message, text, with->pipeline);
  for (uint64_t key = 1; status == ALPA_OK && key <= 2; key++) {
    alpa_tensor *expected = run(&f, whole, key * 77, with->n_different, &n);
    alpa_tensor *got = run(&f, loop, key * 77, with->n_different, &n);
    for (size_t i = 0; i < n; i++)
      if (memcmp(expected[i].data, got[i].data, alpa_tensor_bytes(&got[i], ALPA_ARITH_FIELD)) != 0)
        fail_msg("%s\nresult %zu of program %llu differs: %s", text, i, (unsigned long long)seed, with->pipeline);
  }
  alpa_module_destroy(loop);
  alpa_module_destroy(whole);
  alpa_arena_deinit(&f.arena);
  alpa_context_deinit(&f.ctx);
  return status == ALPA_OK;
}

enum { N_PROGRAMS = 2000 };

static void check_programs(const setting *list, size_t n, int least_accepted) {
  int n_accepted = 0;
  for (uint64_t seed = 0; seed < N_PROGRAMS; seed++)
    n_accepted += check_program(seed, &list[seed % n]);
  print_message("%d of %d programs run in micro-batches\n", n_accepted, N_PROGRAMS);
  assert_true(n_accepted >= least_accepted);
}

static void test_programs_are_refused_or_equal(void **state) {
  (void)state;
  check_programs(settings, countof(settings), N_PROGRAMS / 3);
}

static void test_local_statistics_of_equal_parts_are_whole(void **state) {
  (void)state;
  check_programs(local_settings, countof(local_settings), N_PROGRAMS / 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_programs_are_refused_or_equal),
      cmocka_unit_test(test_local_statistics_of_equal_parts_are_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
