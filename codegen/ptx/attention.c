/* Kernels of kind `attention`: softmax of scores and products with it in one pass (FlashAttention-2: Dao, 2023,
 * algorithm 1), and what a backward pass makes of scores that it computes again.
 *
 * The pass keeps, for each line, the maximum m so far and sums relative to it, which a new maximum multiplies by
 * exp(m - m'); a lane adds up its own columns, and the four lanes of a line meet at the end.  A line that is masked
 * from end to end keeps m = -inf and becomes the NaN that the program would make of it.
 *
 * Where the program overwrites scores with n > m + offset, whole steps of them are left out if their weights are 0:
 * that is asked on the way, since it depends on the maximum. */
#include "codegen/ptx/attention.h"

#include "codegen/layout.h"
#include "codegen/lower/loop.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

typedef LLVMValueRef V;

/* ---- all steps ---- */

/* Every value that is carried, in a fixed order. */
static uint32_t list_carried(attention *a, attention_state *s, V **out) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < a->n_sums; i++)
    for (uint32_t k = 0; k < a->fragments * a->sums[i].other->padded / 2; k++)
      out[n++] = &a->sums[i].sums[k];
  for (uint32_t f = 0; f < a->fragments; f++)
    for (uint32_t half = 0; half < 2; half++) {
      if (a->is_online)
        out[n++] = &s->max[f][half];
      for (uint32_t i = 0; i < a->n_reduces; i++)
        if (a->reduces[i] != a->softmax.max)
          out[n++] = &s->reduced[i][f][half];
    }
  return n;
}

static void carry_all(attention *a, attention_state *s, alpa_loop *loop) {
  V *carried[ALPA_LOOP_MAX_CARRIED];
  uint32_t n = list_carried(a, s, carried);
  for (uint32_t i = 0; i < n; i++)
    *carried[i] = alpa_loop_carry(a->lower, loop, *carried[i]);
}

static void next_all(attention *a, attention_state *s, alpa_loop *loop) {
  V *carried[ALPA_LOOP_MAX_CARRIED];
  uint32_t n = list_carried(a, s, carried);
  for (uint32_t i = 0; i < n; i++)
    alpa_loop_next(loop, *carried[i]);
}

static void take_all(attention *a, attention_state *s, const alpa_loop *loop) {
  V *carried[ALPA_LOOP_MAX_CARRIED];
  uint32_t n = list_carried(a, s, carried);
  for (uint32_t i = 0; i < n; i++)
    *carried[i] = alpa_loop_result(loop, i);
}

static void copy_step(const attention *a, V step, V end, V buffer) {
  V to = attention_add(a, buffer, attention_number(a, a->own_bytes));
  for (uint32_t i = 0; i < a->n_tiles; i++)
    if (!a->tiles[i].is_own)
      alpa_attention_copy(a, &a->tiles[i], step, end, a->columns, to);
  alpa_ptx_copy_commit(a->lower);
}

static void copy_own(const attention *a) {
  V end = alpa_lower_i64(a->lower, a->dims[a->own]);
  for (uint32_t i = 0; i < a->n_tiles; i++)
    if (a->tiles[i].is_own)
      alpa_attention_copy(a, &a->tiles[i], a->first, end, a->own_lines, attention_number(a, 0));
}

/* For the copies of all threads, and until none uses what is in shared memory any more. */
static void wait_for_all(const attention *a) {
  alpa_ptx_copy_wait(a->lower, 0);
  if (a->on_warpgroups)
    alpa_ptx_asm(a->lower, a->lower->type.void_, "fence.proxy.async.shared::cta;", "~{memory}", NULL, 0);
  alpa_ptx_barrier(a->lower);
}

/* Steps from `start` to `end`; nobody is using the buffers. */
static void run_steps(attention *a, attention_state *s, V start, V end) {
  alpa_lower *l = a->lower;
  LLVMBuilderRef b = l->builder;
  copy_step(a, start, end, attention_number(a, 0));
  alpa_loop loop;
  alpa_loop_begin(l, &loop, start, end, a->columns);
  carry_all(a, s, &loop);
  V buffer = alpa_loop_carry(l, &loop, attention_number(a, 0));
  V other = LLVMBuildSub(b, attention_number(a, a->buffer_bytes), buffer, "");
  alpa_expr_push(l);
  wait_for_all(a); /* the other buffer has been read by all */
  copy_step(a, LLVMBuildAdd(b, loop.index, alpa_lower_i64(l, a->columns), ""), end, other);
  alpa_attention_step(a, s, loop.index, attention_add(a, buffer, attention_number(a, a->own_bytes)));
  alpa_expr_pop(l);
  next_all(a, s, &loop);
  alpa_loop_next(&loop, other);
  alpa_loop_end(l, &loop);
  take_all(a, s, &loop);
}

/* ---- steps that are left out ---- */

/* Whether a line has weights other than 0 where it is overwritten: exp(x) is 0 for x below -104. */
static V has_weights(const attention *a, V shift) {
  const alpa_tuple *scalar = alpa_tuple_get(a->lower, alpa_tuple_make(a->lower, &(alpa_tuple){.lanes = 1}, a->rank));
  V fill = alpa_expr_eval(a->lower, a->mask.fill, scalar).re;
  V difference = LLVMBuildFSub(a->lower->builder, fill, shift, "");
  return LLVMBuildFCmp(a->lower->builder, LLVMRealUGE, difference, attention_f32(a, -104), "");
}

/* Of any thread of the block. */
static V any_in_block(const attention *a, V condition) {
  V bit = LLVMBuildZExt(a->lower->builder, condition, a->lower->type.i32, "");
  V any = alpa_lower_intrinsic(a->lower, "llvm.nvvm.barrier0.or", NULL, 0, &bit, 1);
  return LLVMBuildICmp(a->lower->builder, LLVMIntNE, any, attention_number(a, 0), "");
}

/* min(max(value, 0), extent of the other dimension) */
static V within(const attention *a, V value) {
  V bounds[] = {alpa_lower_i64(a->lower, 0), alpa_lower_i64(a->lower, a->dims[a->other])};
  value = alpa_lower_intrinsic(a->lower, "llvm.smax", &a->lower->type.i64, 1, (V[]){value, bounds[0]}, 2);
  return alpa_lower_intrinsic(a->lower, "llvm.smin", &a->lower->type.i64, 1, (V[]){value, bounds[1]}, 2);
}

/* A multiple of the columns of a step, at least 0. */
static V whole_steps(const attention *a, V value, bool up) {
  LLVMBuilderRef b = a->lower->builder;
  V columns = alpa_lower_i64(a->lower, a->columns);
  value = within(a, value);
  if (up)
    value = LLVMBuildAdd(b, value, alpa_lower_i64(a->lower, a->columns - 1), "");
  return LLVMBuildMul(b, LLVMBuildUDiv(b, value, columns, ""), columns, "");
}

/* The steps in which the program overwrites nothing end here (n <= m + offset for the first m of the block), and those
 * in which it overwrites all begin there. */
static V find_kept_end(const attention *a) {
  return whole_steps(a, LLVMBuildAdd(a->lower->builder, a->first, alpa_lower_i64(a->lower, a->mask.offset + 1), ""),
                     false);
}
static V find_end(const attention *a) {
  V last = LLVMBuildAdd(a->lower->builder, a->first, alpa_lower_i64(a->lower, a->own_lines + a->mask.offset), "");
  return within(a, whole_steps(a, last, true));
}

/* The same if the lines are n: all is overwritten before m >= n - offset, nothing behind that of the last n. */
static V find_start(const attention *a) {
  V first = LLVMBuildSub(a->lower->builder, a->first, alpa_lower_i64(a->lower, a->mask.offset), "");
  return whole_steps(a, first, false);
}
static V find_kept_start(const attention *a) {
  V more = alpa_lower_i64(a->lower, a->own_lines - 1 - a->mask.offset);
  return within(a, whole_steps(a, LLVMBuildAdd(a->lower->builder, a->first, more, ""), true));
}

/* Whether any m before `end` has weights where it is overwritten. */
static V any_before(const attention *a, V end) {
  alpa_lower *l = a->lower;
  alpa_loop loop;
  alpa_loop_begin(l, &loop, attention_wide(a, a->thread), end, attention_threads(a));
  V any = alpa_loop_carry(l, &loop, LLVMConstNull(l->type.i1));
  alpa_expr_push(l);
  const alpa_tuple *at = alpa_attention_place(a, alpa_lower_i64(l, 0), loop.index, 1);
  V has = has_weights(a, alpa_attention_shift_at(a, at));
  alpa_expr_pop(l);
  alpa_loop_next(&loop, LLVMBuildOr(l->builder, any, has, ""));
  alpa_loop_end(l, &loop);
  return any_in_block(a, alpa_loop_result(&loop, 0));
}

/* The same of the block's own lines, whose maximum is in memory, or what has been found of it. */
static V any_own(const attention *a, const attention_state *s) {
  V any = NULL;
  for (uint32_t f = 0; f < a->fragments; f++)
    for (uint32_t half = 0; half < 2; half++) {
      attention_point p = alpa_attention_point(a, alpa_attention_line(a, f, half, true), alpa_lower_i64(a->lower, 0));
      V shift = a->is_online ? alpa_attention_shift(a, &p, s->max[f][half]) : alpa_attention_shift_at(a, p.at[0]);
      V has = has_weights(a, shift);
      any = any ? LLVMBuildOr(a->lower->builder, any, has, "") : has;
    }
  return any_in_block(a, any);
}

/* First steps with scores of the program; then, if the maximum says so, those behind them. */
static void run_twice(attention *a, attention_state *s, V start, V middle) {
  alpa_lower *l = a->lower;
  LLVMBuilderRef b = l->builder;
  V end = alpa_lower_i64(l, a->dims[a->other]);
  alpa_loop loop;
  alpa_loop_begin(l, &loop, attention_number(a, 0), attention_number(a, 2), 1);
  carry_all(a, s, &loop);
  alpa_expr_push(l);
  V is_first = LLVMBuildICmp(b, LLVMIntEQ, loop.index, attention_number(a, 0), "");
  alpa_ptx_copy_wait(l, 0);
  V rest = LLVMBuildSelect(b, any_own(a, s), end, middle, "");
  run_steps(a, s, LLVMBuildSelect(b, is_first, start, middle, ""), LLVMBuildSelect(b, is_first, middle, rest, ""));
  alpa_expr_pop(l);
  next_all(a, s, &loop);
  alpa_loop_end(l, &loop);
  take_all(a, s, &loop);
}

/* Steps in which the program overwrites nothing. */
static void run_kept(attention *a, attention_state *s, V start, V end) {
  a->is_kept = true;
  run_steps(a, s, start, end);
  a->is_kept = false;
}

static void run_masked_lines(attention *a, attention_state *s) {
  V start = alpa_lower_i64(a->lower, 0), end = alpa_lower_i64(a->lower, a->dims[a->other]);
  if (a->mask.is_exact) {
    V kept = find_kept_end(a);
    run_kept(a, s, start, kept);
    start = kept;
    wait_for_all(a);
  }
  if (a->is_online)
    run_twice(a, s, start, find_end(a));
  else
    run_steps(a, s, start, LLVMBuildSelect(a->lower->builder, any_own(a, s), end, find_end(a), ""));
}

static void run_masked_columns(attention *a, attention_state *s) {
  V start = find_start(a), end = alpa_lower_i64(a->lower, a->dims[a->other]);
  start = LLVMBuildSelect(a->lower->builder, any_before(a, start), alpa_lower_i64(a->lower, 0), start, "");
  if (!a->mask.is_exact) {
    run_steps(a, s, start, end);
    return;
  }
  V kept = find_kept_start(a);
  run_steps(a, s, start, kept);
  wait_for_all(a);
  run_kept(a, s, kept, end);
}

static void run_all(attention *a, attention_state *s) {
  if (!a->has_mask)
    run_steps(a, s, alpa_lower_i64(a->lower, 0), alpa_lower_i64(a->lower, a->dims[a->other]));
  else if (a->over_m)
    run_masked_columns(a, s);
  else
    run_masked_lines(a, s);
}

/* ---- the kernel ---- */

/* Tiles of lines of one batch follow each other, those with the most steps first. */
static void find_place(attention *a) {
  alpa_lower *l = a->lower;
  LLVMBuilderRef b = l->builder;
  V batch, tile;
  int64_t n = a->batch * a->n_own;
  alpa_lower_divide(l, l->task, n, a->n_own, &batch, &tile);
  if (a->has_mask && !a->over_m)
    tile = LLVMBuildSub(b, alpa_lower_i64(l, a->n_own - 1), tile, "");
  a->first = LLVMBuildMul(b, tile, alpa_lower_i64(l, a->own_lines), "");
  for (uint32_t d = a->rank - 2; d-- > 0;) {
    V at = batch;
    if (d > 0)
      alpa_lower_divide(l, batch, n, a->dims[d], &batch, &at);
    a->at[d] = a->dims[d] == 1 ? alpa_component_constant(l, 0) : alpa_component_of(at);
  }
  a->thread = alpa_ptx_thread(l);
  a->lane = attention_rest(a, a->thread, ALPA_WARP);
  a->warp_line = attention_times(a, attention_over(a, a->thread, ALPA_WARP), (int64_t)a->fragments * ALPA_MMA_ROWS);
  for (uint32_t i = 0; i < a->n_tiles; i++) {
    V offset = alpa_lower_i64(l, a->tiles[i].offset);
    for (uint32_t d = 0; d + 2 < a->rank; d++)
      offset = LLVMBuildAdd(b, offset, LLVMBuildMul(b, a->at[d].base, alpa_lower_i64(l, a->tiles[i].batch[d]), ""), "");
    a->tiles[i].base = alpa_lower_address(l, l->operands[a->tiles[i].operand], offset, a->tiles[i].dtype);
  }
}

/* What the program has in every column of a line is loaded once, before the steps. */
static void load_lines(const attention *a) {
  for (alpa_op *op = alpa_kernel_body(a->lower->kernel)->first; op && !a->over_m && !a->is_online; op = op->next) {
    if (!stablehlo_is(op, STABLEHLO_broadcast_in_dim) || op->results[0].type->rank != a->rank)
      continue;
    for (uint32_t f = 0; f < a->fragments; f++)
      for (uint32_t half = 0; half < 2; half++) {
        attention_point p = alpa_attention_point(a, alpa_attention_line(a, f, half, true), alpa_lower_i64(a->lower, 0));
        alpa_expr_eval(a->lower, &op->results[0], p.at[0]);
      }
  }
}

static void begin_state(attention *a, attention_state *s) {
  for (uint32_t i = 0; i < a->n_products; i++)
    a->products[i].sums = alpa_arena_new(a->lower->arena, V, ATTENTION_MOST_SUMS);
  for (uint32_t i = 0; i < a->n_sums; i++) {
    a->sums[i].sums = alpa_arena_new(a->lower->arena, V, ATTENTION_MOST_SUMS);
    for (uint32_t k = 0; k < ATTENTION_MOST_SUMS; k++)
      a->sums[i].sums[k] = attention_f32(a, 0);
  }
  for (uint32_t f = 0; f < a->fragments; f++)
    for (uint32_t half = 0; half < 2; half++) {
      s->max[f][half] = attention_low(a);
      for (uint32_t i = 0; i < a->n_reduces; i++)
        s->reduced[i][f][half] = attention_f32(a, 0);
    }
}

static void emit(alpa_lower *lower, uint32_t phase) {
  (void)phase;
  attention a;
  attention_state s;
  alpa_attention_describe(lower, &a);
  find_place(&a);
  begin_state(&a, &s);
  load_lines(&a);
  copy_own(&a);
  run_all(&a, &s);
  alpa_ptx_copy_wait(lower, 0);
  alpa_attention_store(&a, &s);
}

static void schedule(alpa_lower *lower) {
  attention a;
  if (!alpa_lower_is_gpu(lower)) {
    alpa_lower_unsupported(lower, lower->kernel,
                           "of kind 'attention' is for GPUs: 'fuse' without 'attention' makes none");
    return;
  }
  alpa_attention_describe(lower, &a);
  int64_t n = a.batch * a.n_own;
  if (n > INT32_MAX)
    alpa_lower_unsupported(lower, lower->kernel, "has more tiles than a grid of a GPU has blocks");
  double scores = 2.0 * (double)a.batch * (double)a.dims[a.own] * (double)a.dims[a.other];
  for (uint32_t i = 0; i < a.n_products; i++)
    lower->schedule->flops += scores * (double)a.products[i].own->width;
  for (uint32_t i = 0; i < a.n_sums; i++)
    lower->schedule->flops += scores * (double)a.sums[i].other->width;
  lower->schedule->n_tasks[0] = n;
  lower->schedule->launch[0] = (alpa_kernel_launch){.is_block_task = true,
                                                    .min_blocks = 8 / a.warps,
                                                    .grid = {(uint32_t)(n ? n : 1), 1, 1},
                                                    .block = {attention_threads(&a), 1, 1},
                                                    .shared_bytes = a.own_bytes + 2 * a.buffer_bytes};
}

const alpa_kernel_lowering alpa_lower_attention = {schedule, emit};
