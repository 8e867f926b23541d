/* Random train steps with a stage written on their ops: what the tests of pipelines run. */
#ifndef ALPA_TEST_UNIT_STAGED_PROGRAM_H
#define ALPA_TEST_UNIT_STAGED_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "dialects/ir/print.h"

/* The batch is 4: X is of its examples, M, V and S are not, and T is two M; B one number and N one index for each
 * example. */
typedef enum staged_shape {
  STAGED_X,
  STAGED_B,
  STAGED_N,
  STAGED_M,
  STAGED_V,
  STAGED_S,
  STAGED_I,
  STAGED_K,
  STAGED_T,
  STAGED_SHAPES
} staged_shape;

static const char *const staged_spellings[STAGED_SHAPES] = {
    [STAGED_X] = "tensor<4x6xf32>", [STAGED_B] = "tensor<4xf32>",  [STAGED_N] = "tensor<4xi32>",
    [STAGED_M] = "tensor<6x6xf32>", [STAGED_V] = "tensor<6xf32>",  [STAGED_S] = "tensor<f32>",
    [STAGED_I] = "tensor<i32>",     [STAGED_K] = "tensor<2xui64>", [STAGED_T] = "tensor<12x6xf32>"};

enum { STAGED_ANY = -1, STAGED_MOST_VALUES = 96 };

typedef enum staged_part { STAGED_FREE, STAGED_FORWARD, STAGED_BACKWARD, STAGED_UPDATE } staged_part;

typedef struct staged_value {
  int number, stage;
  staged_part part;
} staged_value;

/* Fixed by whoever wants a program. */
typedef struct staged_wishes {
  int n_stages, n_forward, n_backward, n_update; /* ops of each stage, of the whole update */
  bool is_smooth;                                /* real numbers stay small */
} staged_wishes;

typedef struct staged_writer {
  alpa_text text;
  uint64_t seed;
  staged_wishes wishes;
  int next, stage;
  staged_part part;
  staged_value values[STAGED_SHAPES][STAGED_MOST_VALUES];
  int n[STAGED_SHAPES];
} staged_writer;

enum { STAGED_MOST_RESULTS = 12, STAGED_N_ARGS = 10 };

static const staged_shape staged_args[STAGED_N_ARGS] = {STAGED_M, STAGED_M, STAGED_T, STAGED_V, STAGED_S,
                                                        STAGED_I, STAGED_K, STAGED_X, STAGED_N, STAGED_M};
enum { STAGED_STACK_ARG = 2, STAGED_FIRST_BATCH_ARG = 7, STAGED_UNUSED_ARG = 9 };

typedef struct staged_program {
  const char *func;           /* the text of @main */
  int aliases[STAGED_N_ARGS]; /* the result that replaces the argument, or -1 */
  int n_results;
  staged_shape results[STAGED_MOST_RESULTS];
} staged_program;

static int staged_below(staged_writer *w, int n) {
  w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
  return (int)((w->seed >> 33) % (uint64_t)n);
}

/* Whether stages would not wait for each other in a circle. */
static bool staged_may_use(const staged_writer *w, const staged_value *value) {
  if (value->part == STAGED_FREE || w->part == STAGED_UPDATE)
    return true;
  if (w->part == STAGED_FORWARD)
    return value->stage <= w->stage;
  return value->part == STAGED_FORWARD || value->stage >= w->stage;
}

/* Recent values are likelier.  NULL where there is none. */
static const staged_value *staged_pick(staged_writer *w, staged_shape shape) {
  const staged_value *found = NULL;
  int n = w->n[shape];
  for (int tries = 0; tries < 20 && n > 0 && !found; tries++) {
    int at = staged_below(w, 3) ? n - 1 - staged_below(w, n < 3 ? n : 3) : staged_below(w, n);
    found = staged_may_use(w, &w->values[shape][at]) ? &w->values[shape][at] : NULL;
  }
  return found;
}

typedef struct staged_row {
  const char *name, *attrs;
  int n_operands;
  staged_shape operands[4], result;
  const char *region; /* %a and %b of S make %c */
  bool is_wild;       /* real numbers may grow */
} staged_row;

#define DOT(l, r)                                                                                                      \
  "<{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [" #l "], rhs_contracting_dimensions = [" #r  \
  "]>}>"
#define DIMS(...) "<{broadcast_dimensions = array<i64" __VA_ARGS__ ">}>"
#define OVER(...) "<{dimensions = array<i64: " __VA_ARGS__ ">}>"
#define GATHER                                                                                                         \
  "<{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], "     \
  "index_vector_dim = 1>, slice_sizes = array<i64: 1, 6>}>"
#define SCATTER                                                                                                        \
  "<{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], "            \
  "scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}>"

#define X STAGED_X
#define B STAGED_B
#define M STAGED_M
#define V STAGED_V
#define S STAGED_S
/* Ops of the batch: forward and backward. */
static const staged_row staged_batch_rows[] = {
    {"add", "", 2, {X, X}, X, NULL, false},
    {"multiply", "", 2, {X, X}, X, NULL, true},
    {"subtract", "", 2, {X, X}, X, NULL, false},
    {"tanh", "", 1, {X}, X, NULL, false},
    {"tanh", "", 1, {X}, X, NULL, false},
    {"dot_general", DOT(1, 0), 2, {X, M}, X, NULL, false},
    {"dot_general", DOT(1, 0), 2, {X, M}, X, NULL, false},
    {"dot_general", DOT(1, 1), 2, {X, M}, X, NULL, false},
    {"broadcast_in_dim", DIMS(": 1"), 1, {V}, X, NULL, false},
    {"broadcast_in_dim", DIMS(": 0"), 1, {B}, X, NULL, false},
    {"reduce", OVER("1"), 1, {X}, B, "add", false},
    {"reduce", OVER("1"), 1, {X}, B, "maximum", false},
    {"multiply", "", 2, {B, B}, B, NULL, true},
    {"gather", GATHER, 2, {M, STAGED_N}, X, NULL, false},
    {"while", "", 3, {X, M, V}, X, NULL, true},
    {"bits", "", 1, {STAGED_K}, X, NULL, false},
};
/* What the batch is summed to. */
static const staged_row staged_sum_rows[] = {
    {"dot_general", DOT(0, 0), 2, {X, X}, M, NULL, false},      {"dot_general", DOT(0, 0), 2, {X, X}, M, NULL, false},
    {"dot_general", DOT(0, 0), 2, {B, X}, V, NULL, false},      {"reduce", OVER("0"), 1, {X}, V, "add", false},
    {"reduce", OVER("0, 1"), 1, {X}, S, "add", false},          {"reduce", OVER("0"), 1, {X}, V, "maximum", false},
    {"scatter", SCATTER, 3, {M, STAGED_N, X}, M, "add", false},
};
/* Ops of the state. */
static const staged_row staged_state_rows[] = {
    {"add", "", 2, {M, M}, M, NULL, false},
    {"subtract", "", 2, {M, M}, M, NULL, false},
    {"multiply", "", 2, {M, M}, M, NULL, true},
    {"tanh", "", 1, {M}, M, NULL, false},
    {"transpose", "<{permutation = array<i64: 1, 0>}>", 1, {M}, M, NULL, false},
    {"dot_general", DOT(1, 0), 2, {M, M}, M, NULL, true},
    {"broadcast_in_dim", DIMS(": 0"), 1, {V}, M, NULL, false},
    {"broadcast_in_dim", DIMS(), 1, {S}, M, NULL, false},
    {"add", "", 2, {V, V}, V, NULL, false},
    {"tanh", "", 1, {V}, V, NULL, false},
    {"reduce", OVER("0"), 1, {M}, V, "add", false},
    {"reduce", OVER("0, 1"), 1, {M}, S, "add", false},
    {"reduce", OVER("0"), 1, {V}, S, "maximum", false},
    {"add", "", 2, {S, S}, S, NULL, false},
    {"multiply", "", 2, {S, S}, S, NULL, true},
    {"tanh", "", 1, {S}, S, NULL, false},
    {"add", "", 2, {STAGED_I, STAGED_I}, STAGED_I, NULL, false},
    {"constant", "<{value = dense<1> : tensor<i32>}>", 0, {M}, STAGED_I, NULL, false},
    {"constant", "<{value = dense<0.5> : tensor<6x6xf32>}>", 0, {M}, M, NULL, false},
};
#undef X
#undef B
#undef M
#undef V
#undef S

/* One op in eight says nothing of its stage; it may then belong to none or to a later one than is said here. */
static void staged_write_stage(staged_writer *w, bool must) {
  if (w->stage == STAGED_ANY || (!must && staged_below(w, 8) == 0))
    return;
  alpa_text_printf(&w->text, " {alpa.layer = %d : i64, alpa.stage = %d : i64%s}", w->stage, w->stage,
                   w->part == STAGED_FORWARD ? ", alpa.forward" : "");
}

static void staged_write_types(staged_writer *w, const staged_row *row, const char *more) {
  alpa_text_printf(&w->text, " : (");
  for (int i = 0; i < row->n_operands; i++)
    alpa_text_printf(&w->text, "%s%s", i ? ", " : "", staged_spellings[row->operands[i]]);
  alpa_text_printf(&w->text, "%s) -> ", more);
}

static void staged_write_region(staged_writer *w, const char *combiner) {
  alpa_text_printf(&w->text,
                   " ({\n    ^bb0(%%a: tensor<f32>, %%b: tensor<f32>):\n      %%c = \"stablehlo.%s\"(%%a, %%b) : "
                   "(tensor<f32>, tensor<f32>) -> tensor<f32>\n      \"stablehlo.return\"(%%c) : (tensor<f32>) -> ()\n"
                   "    })",
                   combiner);
}

static void staged_write_bits(staged_writer *w, int key) {
  int n = w->next;
  alpa_text_printf(&w->text,
                   "    %%k%d, %%r%d = \"stablehlo.rng_bit_generator\"(%%%d) <{rng_algorithm = "
                   "#stablehlo<rng_algorithm THREE_FRY>}>",
                   n, n, key);
  staged_write_stage(w, false);
  alpa_text_printf(&w->text,
                   " : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4x6xui32>)\n"
                   "    %%s%d = \"stablehlo.constant\"() <{value = dense<30> : tensor<4x6xui32>}> : () -> "
                   "tensor<4x6xui32>\n"
                   "    %%t%d = \"stablehlo.shift_right_logical\"(%%r%d, %%s%d) : (tensor<4x6xui32>, "
                   "tensor<4x6xui32>) -> tensor<4x6xui32>\n    %%%d = \"stablehlo.convert\"(%%t%d)",
                   n, n, n, n, n, n);
  staged_write_stage(w, true);
  alpa_text_printf(&w->text, " : (tensor<4x6xui32>) -> tensor<4x6xf32>\n");
}

/* Two rounds on a value of the batch, which read a matrix and a vector from outside. */
static void staged_write_while(staged_writer *w, const int *operands) {
  int n = w->next;
  static const char carried[] = "(tensor<i32>, tensor<4x6xf32>)";
  alpa_text_printf(&w->text,
                   "    %%i%d = \"stablehlo.constant\"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>\n"
                   "    %%w%d:2 = \"stablehlo.while\"(%%i%d, %%%d) ({\n"
                   "    ^bb0(%%i: tensor<i32>, %%x: tensor<4x6xf32>):\n"
                   "      %%n = \"stablehlo.constant\"() <{value = dense<2> : tensor<i32>}> : () -> tensor<i32>\n"
                   "      %%p = \"stablehlo.compare\"(%%i, %%n) <{comparison_direction = "
                   "#stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
                   "      \"stablehlo.return\"(%%p) : (tensor<i1>) -> ()\n    }, {\n"
                   "    ^bb0(%%i: tensor<i32>, %%x: tensor<4x6xf32>):\n",
                   n, n, n, operands[0]);
  alpa_text_printf(&w->text,
                   "      %%o = \"stablehlo.constant\"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>\n"
                   "      %%j = \"stablehlo.add\"(%%i, %%o) : (tensor<i32>, tensor<i32>) -> tensor<i32>\n"
                   "      %%v = \"stablehlo.dot_general\"(%%x, %%%d) %s : (tensor<4x6xf32>, tensor<6x6xf32>) -> "
                   "tensor<4x6xf32>\n"
                   "      %%b = \"stablehlo.broadcast_in_dim\"(%%%d) %s : (tensor<6xf32>) -> tensor<4x6xf32>\n"
                   "      %%y = \"stablehlo.add\"(%%v, %%b) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>\n"
                   "      \"stablehlo.return\"(%%j, %%y) : %s -> ()\n    })",
                   operands[1], DOT(1, 0), operands[2], DIMS(": 1"), carried);
  staged_write_stage(w, true);
  alpa_text_printf(&w->text, " : %s -> %s\n    %%%d = \"stablehlo.tanh\"(%%w%d#1)", carried, carried, n, n);
  staged_write_stage(w, true);
  alpa_text_printf(&w->text, " : (tensor<4x6xf32>) -> tensor<4x6xf32>\n");
}

static void staged_write_plain(staged_writer *w, const staged_row *row, const int *operands, bool must) {
  bool is_reduce = !strcmp(row->name, "reduce");
  if (is_reduce)
    alpa_text_printf(&w->text,
                     "    %%z%d = \"stablehlo.constant\"() <{value = dense<%s> : tensor<f32>}> : () -> tensor<f32>\n",
                     w->next, row->region[0] == 'a' ? "0.0" : "0xFF800000");
  alpa_text_printf(&w->text, "    %%%d = \"stablehlo.%s\"(", w->next, row->name);
  for (int i = 0; i < row->n_operands; i++)
    alpa_text_printf(&w->text, "%s%%%d", i ? ", " : "", operands[i]);
  if (is_reduce)
    alpa_text_printf(&w->text, ", %%z%d", w->next);
  alpa_text_printf(&w->text, ") %s", row->attrs);
  if (row->region)
    staged_write_region(w, row->region);
  staged_write_stage(w, must);
  staged_write_types(w, row, is_reduce ? ", tensor<f32>" : "");
  alpa_text_printf(&w->text, "%s\n", staged_spellings[row->result]);
}

static void staged_keep(staged_writer *w, staged_shape shape, staged_part part, int stage) {
  if (w->n[shape] < STAGED_MOST_VALUES)
    w->values[shape][w->n[shape]++] = (staged_value){w->next, stage, part};
  w->next++;
}

/* An operand decides the stage of an op which says none: it is then of the last one. */
static void staged_write_op(staged_writer *w, const staged_row *row, bool must) {
  int operands[4] = {0};
  if (row->is_wild && w->wishes.is_smooth)
    return;
  for (int i = 0; i < row->n_operands; i++) {
    const staged_value *value = staged_pick(w, row->operands[i]);
    if (!value)
      return;
    operands[i] = value->number;
  }
  if (!strcmp(row->name, "bits"))
    staged_write_bits(w, operands[0]);
  else if (!strcmp(row->name, "while"))
    staged_write_while(w, operands);
  else
    staged_write_plain(w, row, operands, must);
  staged_keep(w, row->result, row->n_operands ? w->part : STAGED_FREE, w->stage);
}

#define STAGED_ROW(w, rows) &(rows)[staged_below(w, (int)countof(rows))]

/* What every stage has: its layers' product in the forward pass, a gradient in the backward pass. */
static void staged_write_stage_ops(staged_writer *w, staged_part part, int stage, int n) {
  w->part = part;
  w->stage = stage;
  staged_write_op(w, &staged_batch_rows[part == STAGED_FORWARD ? 5 : 7], true);
  for (int i = 0; i < n; i++) {
    int kind = staged_below(w, 8);
    staged_write_op(w,
                    kind == 0                             ? STAGED_ROW(w, staged_state_rows)
                    : kind < 3 && part == STAGED_BACKWARD ? STAGED_ROW(w, staged_sum_rows)
                                                          : STAGED_ROW(w, staged_batch_rows),
                    false);
  }
  staged_write_op(w, &staged_batch_rows[3], true);
  if (part == STAGED_BACKWARD)
    staged_write_op(w, &staged_sum_rows[0], true);
}

static void staged_write_update(staged_writer *w) {
  w->part = STAGED_UPDATE;
  for (int i = 0; i < w->wishes.n_update; i++) {
    w->stage = staged_below(w, 3) ? staged_below(w, w->wishes.n_stages) : STAGED_ANY;
    staged_write_op(w, STAGED_ROW(w, staged_state_rows), false);
  }
}

static void staged_choose_results(staged_writer *w, staged_program *out, int *numbers) {
  static const staged_shape wanted[] = {STAGED_M, STAGED_M, STAGED_V, STAGED_S, STAGED_I, STAGED_X, STAGED_M, STAGED_B};
  bool is_taken[STAGED_N_ARGS] = {false};
  w->part = STAGED_UPDATE;
  for (int a = 0; a < STAGED_N_ARGS; a++)
    out->aliases[a] = -1;
  for (size_t i = 0; i < countof(wanted); i++) {
    const staged_value *value = staged_pick(w, wanted[i]);
    if (!value || (i > 3 && staged_below(w, 3) == 0))
      continue;
    numbers[out->n_results] = value->number;
    for (int a = 0; a < STAGED_FIRST_BATCH_ARG && staged_below(w, 8); a++)
      if (staged_args[a] == wanted[i] && !is_taken[a]) {
        is_taken[a] = true;
        out->aliases[a] = out->n_results;
        break;
      }
    out->results[out->n_results++] = wanted[i];
  }
}

/* The halves of the stacked argument are values like others. */
static void staged_write_halves(staged_writer *w) {
  for (int half = 0; half < 2; half++) {
    alpa_text_printf(&w->text,
                     "    %%%d = \"stablehlo.slice\"(%%%d) <{start_indices = array<i64: %d, 0>, limit_indices = "
                     "array<i64: %d, 6>, strides = array<i64: 1, 1>}> : (tensor<12x6xf32>) -> tensor<6x6xf32>\n",
                     w->next, STAGED_STACK_ARG, 6 * half, 6 * half + 6);
    staged_keep(w, STAGED_M, STAGED_FREE, STAGED_ANY);
  }
}

/* Two values take the place of the stacked argument, each that of a half. */
static void staged_write_stack(staged_writer *w, staged_program *out, int *numbers) {
  const staged_value *first = staged_pick(w, STAGED_M), *second = staged_pick(w, STAGED_M);
  if (!first || !second || staged_below(w, 4) == 0)
    return;
  alpa_text_printf(&w->text,
                   "    %%%d = \"stablehlo.concatenate\"(%%%d, %%%d) <{dimension = 0 : i64}> : (tensor<6x6xf32>, "
                   "tensor<6x6xf32>) -> tensor<12x6xf32>\n",
                   w->next, first->number, second->number);
  out->aliases[STAGED_STACK_ARG] = staged_below(w, 8) ? out->n_results : -1;
  out->results[out->n_results] = STAGED_T;
  numbers[out->n_results++] = w->next;
  staged_keep(w, STAGED_T, STAGED_UPDATE, STAGED_ANY);
}

static const char *staged_finish(staged_writer *w, alpa_arena *arena, const staged_program *p, const int *numbers) {
  const char *args = "", *results = "", *returned = "";
  for (int a = 0; a < STAGED_N_ARGS; a++) {
    const char *alias =
        p->aliases[a] < 0 ? "" : alpa_arena_printf(arena, " {tf.aliasing_output = %d : i32}", p->aliases[a]);
    args = alpa_arena_printf(arena, "%s%s%%%d: %s%s", args, a ? ", " : "", a, staged_spellings[staged_args[a]], alias);
  }
  for (int k = 0; k < p->n_results; k++) {
    results = alpa_arena_printf(arena, "%s%s%s", results, k ? ", " : "", staged_spellings[p->results[k]]);
    returned = alpa_arena_printf(arena, "%s%s%%%d", returned, k ? ", " : "", numbers[k]);
  }
  return alpa_arena_printf(arena,
                           "  func.func public @main(%s) -> (%s) {\n%s    \"func.return\"(%s) : (%s) -> ()\n  }\n",
                           args, results, alpa_text_finish(&w->text), returned, results);
}

/* A train step of a seed: deterministic. */
static inline staged_program staged_program_write(alpa_arena *arena, uint64_t seed, staged_wishes wishes) {
  staged_writer w = {.seed = seed * 7919 + 1, .wishes = wishes};
  staged_program program = {0};
  int numbers[STAGED_MOST_RESULTS];
  alpa_text_init(&w.text, arena);
  for (int a = 0; a < STAGED_N_ARGS; a++)
    if (a == STAGED_UNUSED_ARG)
      w.next++;
    else
      staged_keep(&w, staged_args[a], STAGED_FREE, STAGED_ANY);
  staged_write_halves(&w);
  for (int s = 0; s < wishes.n_stages; s++)
    staged_write_stage_ops(&w, STAGED_FORWARD, s, wishes.n_forward);
  for (int s = wishes.n_stages; s-- > 0 && wishes.n_backward >= 0;)
    staged_write_stage_ops(&w, STAGED_BACKWARD, s, wishes.n_backward);
  staged_write_update(&w);
  staged_choose_results(&w, &program, numbers);
  staged_write_stack(&w, &program, numbers);
  program.func = staged_finish(&w, arena, &program, numbers);
  return program;
}

#undef DOT
#undef DIMS
#undef OVER
#undef GATHER
#undef SCATTER

#endif
