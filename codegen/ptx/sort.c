/* Sorting on a GPU: a block has a slice and merges it bottom-up, which is stable.
 *
 * Every element of a pair of runs finds its place in the merged run alone: its own number, plus how many elements of
 * the other run come before it, which a binary search tells (merging by ranking; Satish, Harris and Garland, "Designing
 * efficient sorting algorithms for manycore GPUs", 2009, section 4).  Levels go back and forth between result and
 * scratch. */
#include "codegen/lower/loop.h"
#include "codegen/lower/sort.h"
#include "codegen/ptx/kernel.h"

typedef LLVMValueRef V;

typedef struct sorter {
  alpa_lower *lower;
  const alpa_sort *sort;
  const alpa_sort_lane *lanes;
  V base;       /* offset of the slice */
  V is_flipped; /* i1: from scratch to the result */
} sorter;

static V number(const sorter *s, int64_t value) { return alpa_lower_i64(s->lower, value); }
static V add(const sorter *s, V a, V b) { return LLVMBuildAdd(s->lower->builder, a, b, ""); }
static V smaller(const sorter *s, V a, V b) {
  return alpa_lower_intrinsic(s->lower, "llvm.umin", &s->lower->type.i64, 1, (V[]){a, b}, 2);
}
static V choose(const sorter *s, V condition, V a, V b) {
  return LLVMBuildSelect(s->lower->builder, condition, a, b, "");
}

static uint32_t threads_of(const alpa_sort *sort) {
  enum { MOST = 512 };
  uint32_t threads = ALPA_WARP;
  while (threads < MOST && threads < sort->extent)
    threads *= 2;
  return threads;
}

void alpa_ptx_sort_schedule(alpa_lower *lower, const alpa_sort *sort) {
  if (sort->slices > INT32_MAX)
    alpa_lower_unsupported(lower, sort->op, "has more slices than a grid of a GPU has blocks");
  lower->schedule->n_tasks[0] = sort->slices;
  lower->schedule->scratch_bytes = sort->slices * (sort->scratch ? sort->scratch : 64);
  lower->schedule->flops = 20.0 * (double)sort->slices * (double)sort->extent * (sort->levels + 1);
  lower->schedule->launch[0] = (alpa_kernel_launch){.is_block_task = true,
                                                    .grid = {(uint32_t)(sort->slices ? sort->slices : 1), 1, 1},
                                                    .block = {threads_of(sort), 1, 1}};
}

/* Element i of the slice as a level reads it (from) or writes it. */
static V place_of(const sorter *s, uint32_t lane, V i, bool from, alpa_leaf *out_leaf) {
  const alpa_sort_lane *l = &s->lanes[lane];
  V in_result = add(s, s->base, LLVMBuildMul(s->lower->builder, i, number(s, s->sort->stride), ""));
  V first = from ? l->scratch.base : l->result.base, second = from ? l->result.base : l->scratch.base;
  *out_leaf = (alpa_leaf){.base = choose(s, s->is_flipped, first, second)};
  return choose(s, s->is_flipped, from ? i : in_result, from ? in_result : i);
}

static void load(const sorter *s, V i, alpa_element *out) {
  for (uint32_t lane = 0; lane < s->sort->op->n_results; lane++) {
    alpa_leaf leaf;
    V offset = place_of(s, lane, i, true, &leaf);
    out[lane] = alpa_expr_load(s->lower, &leaf, s->lanes[lane].type, alpa_sort_at(s->lower, offset));
  }
}

static void store(const sorter *s, V i, const alpa_element *elements) {
  for (uint32_t lane = 0; lane < s->sort->op->n_results; lane++) {
    alpa_leaf leaf;
    V offset = place_of(s, lane, i, false, &leaf);
    alpa_expr_store(s->lower, &leaf, s->lanes[lane].type, alpa_sort_at(s->lower, offset), elements[lane]);
  }
}

/* In [low, high) of the other run: where elements no longer come before x.  On equal ones the left run goes first. */
static V find_rank(const sorter *s, V level, V is_left, const alpa_element *x, V low, V high) {
  alpa_lower *l = s->lower;
  LLVMBuilderRef b = l->builder;
  uint32_t n = s->sort->op->n_results;
  alpa_element *y = alpa_arena_new(l->arena, alpa_element, n), *first = alpa_arena_new(l->arena, alpa_element, n);
  alpa_element *second = alpa_arena_new(l->arena, alpa_element, n);
  alpa_loop loop;
  alpa_loop_begin(l, &loop, number(s, 0), add(s, level, number(s, 1)), 1);
  low = alpa_loop_carry(l, &loop, low);
  high = alpa_loop_carry(l, &loop, high);
  alpa_expr_push(l);
  V middle = LLVMBuildLShr(b, add(s, low, high), number(s, 1), ""),
    is_open = LLVMBuildICmp(b, LLVMIntULT, low, high, "");
  load(s, smaller(s, middle, number(s, s->sort->extent - 1)), y);
  for (uint32_t i = 0; i < n; i++) {
    first[i] = alpa_expr_select(l, is_left, y[i], x[i]);
    second[i] = alpa_expr_select(l, is_left, x[i], y[i]);
  }
  V before = LLVMBuildICmp(b, LLVMIntEQ, alpa_sort_is_before(l, s->sort, first, second), is_left, "");
  V moves = LLVMBuildAnd(b, is_open, before, ""), shrinks = LLVMBuildAnd(b, is_open, LLVMBuildNot(b, before, ""), "");
  V next_low = choose(s, moves, add(s, middle, number(s, 1)), low), next_high = choose(s, shrinks, middle, high);
  alpa_expr_pop(l);
  alpa_loop_next(&loop, next_low);
  alpa_loop_next(&loop, next_high);
  alpa_loop_end(l, &loop);
  return alpa_loop_result(&loop, 0);
}

static void merge_element(const sorter *s, V level, V i) {
  alpa_lower *l = s->lower;
  LLVMBuilderRef b = l->builder;
  V extent = number(s, s->sort->extent), width = LLVMBuildShl(b, number(s, 1), level, "");
  V run = LLVMBuildShl(b, LLVMBuildLShr(b, i, level, ""), level, ""); /* the element's own run */
  V pair = LLVMBuildAnd(b, run, LLVMBuildNot(b, width, ""), "");
  V middle = smaller(s, add(s, pair, width), extent), end = smaller(s, add(s, middle, width), extent);
  V is_left = LLVMBuildICmp(b, LLVMIntULT, i, middle, "");
  alpa_element *x = alpa_arena_new(l->arena, alpa_element, s->sort->op->n_results);
  load(s, i, x);
  V rank = find_rank(s, level, is_left, x, choose(s, is_left, middle, pair), choose(s, is_left, end, middle));
  store(s, add(s, i, LLVMBuildSub(b, rank, middle, "")), x);
}

/* The elements of the slice, shared out among the threads. */
static void begin_elements(const sorter *s, alpa_loop *loop) {
  V thread = LLVMBuildZExt(s->lower->builder, alpa_ptx_thread(s->lower), s->lower->type.i64, "");
  alpa_loop_begin(s->lower, loop, thread, number(s, s->sort->extent), threads_of(s->sort));
  alpa_expr_push(s->lower);
}

static void end_elements(const sorter *s, alpa_loop *loop) {
  alpa_expr_pop(s->lower);
  alpa_loop_end(s->lower, loop);
  alpa_ptx_barrier(s->lower);
}

static void copy_operands(const sorter *s) {
  alpa_lower *l = s->lower;
  alpa_loop loop;
  begin_elements(s, &loop);
  V offset = add(s, s->base, LLVMBuildMul(l->builder, loop.index, number(s, s->sort->stride), ""));
  for (uint32_t i = 0; i < s->sort->op->n_results; i++) {
    alpa_leaf from = {.base = l->operands[alpa_op_operand(s->sort->op, i)->index]};
    alpa_element element = alpa_expr_load(l, &from, s->lanes[i].type, alpa_sort_at(l, offset));
    alpa_expr_store(l, &s->lanes[i].result, s->lanes[i].type, alpa_sort_at(l, offset), element);
  }
  end_elements(s, &loop);
}

static void copy_back(sorter *s) {
  alpa_lower *l = s->lower;
  alpa_element *elements = alpa_arena_new(l->arena, alpa_element, s->sort->op->n_results);
  alpa_loop loop;
  begin_elements(s, &loop);
  s->is_flipped = LLVMConstInt(l->type.i1, 1, false);
  load(s, loop.index, elements);
  store(s, loop.index, elements);
  end_elements(s, &loop);
}

void alpa_ptx_sort_emit(alpa_lower *lower, const alpa_sort *sort) {
  if (!sort->slices || !sort->extent)
    return;
  sorter s = {.lower = lower,
              .sort = sort,
              .lanes = alpa_sort_make_lanes(lower, sort, lower->task),
              .base = alpa_sort_slice(lower, sort, lower->task)};
  copy_operands(&s);
  if (!sort->levels)
    return;
  alpa_loop levels, elements;
  alpa_loop_begin(lower, &levels, number(&s, 0), number(&s, sort->levels), 1);
  alpa_expr_push(lower);
  V odd = LLVMBuildAnd(lower->builder, levels.index, number(&s, 1), "");
  s.is_flipped = LLVMBuildICmp(lower->builder, LLVMIntNE, odd, number(&s, 0), "");
  begin_elements(&s, &elements);
  merge_element(&s, levels.index, elements.index);
  end_elements(&s, &elements);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &levels);
  if (sort->levels % 2)
    copy_back(&s);
}
