/* Kernels of kind `sort`: each slice along the dimension is merged bottom-up, all operands together, which is stable.
 * Results are sorted in place with a scratch copy of one slice per task. */
#include <string.h>

#include "codegen/lower/loop.h"
#include "codegen/lower/sort.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

static void init(alpa_lower *lower, alpa_sort *k) {
  memset(k, 0, sizeof *k);
  k->op = alpa_op_operand(alpa_kernel_body(lower->kernel)->last, 0)->op;
  const alpa_type *type = k->op->results[0].type;
  int64_t dim = alpa_op_int(k->op, stablehlo_sort_dimension, -1);
  dim = dim < 0 ? dim + type->rank : dim;
  k->extent = type->dims[dim];
  k->stride = 1;
  for (uint32_t d = (uint32_t)dim + 1; d < type->rank; d++)
    k->stride *= type->dims[d];
  k->slices = k->extent ? alpa_type_count(type) / k->extent : 0;
  while (((int64_t)1 << k->levels) < k->extent)
    k->levels++;
  for (uint32_t i = 0; i < k->op->n_results; i++)
    k->scratch += (k->extent * alpa_dtype_get_info(k->op->results[i].type->dtype)->bytes + 63) / 64 * 64;
}

static void schedule(alpa_lower *lower) {
  alpa_sort k;
  init(lower, &k);
  if (alpa_lower_is_gpu(lower)) {
    alpa_ptx_sort_schedule(lower, &k);
    return;
  }
  double work = 20.0 * (double)k.slices * (double)k.extent * (k.levels + 1);
  lower->schedule->n_tasks[0] = alpa_task_count(lower, work, k.slices);
  lower->schedule->scratch_bytes = lower->schedule->n_tasks[0] * (k.scratch ? k.scratch : 64);
  lower->schedule->flops = work;
}

const alpa_tuple *alpa_sort_at(alpa_lower *lower, LLVMValueRef offset) {
  alpa_tuple *at = alpa_tuple_make(lower, &(alpa_tuple){.lanes = 1}, 1);
  at->flat = true;
  at->at[0] = alpa_component_of(offset);
  return alpa_tuple_get(lower, at);
}

static LLVMValueRef in_slice(alpa_lower *lower, const alpa_sort *k, LLVMValueRef base, LLVMValueRef i) {
  LLVMValueRef step = LLVMBuildMul(lower->builder, i, alpa_lower_i64(lower, k->stride), "");
  return LLVMBuildAdd(lower->builder, base, step, "");
}

static void load_all(alpa_lower *lower, const alpa_sort *k, const alpa_sort_lane *lanes, LLVMValueRef offset,
                     alpa_element *out) {
  for (uint32_t i = 0; i < k->op->n_results; i++)
    out[i] = alpa_expr_load(lower, &lanes[i].result, lanes[i].type, alpa_sort_at(lower, offset));
}

LLVMValueRef alpa_sort_is_before(alpa_lower *lower, const alpa_sort *k, const alpa_element *b, const alpa_element *a) {
  uint32_t n = k->op->n_results;
  alpa_element *args = alpa_arena_new(lower->arena, alpa_element, 2 * n), result;
  for (uint32_t i = 0; i < n; i++) {
    args[2 * i] = b[i];
    args[2 * i + 1] = a[i];
  }
  alpa_expr_eval_block(lower, k->op->regions[0].first, args, &result);
  return result.re;
}

static LLVMValueRef smaller(alpa_lower *lower, LLVMValueRef a, LLVMValueRef b) {
  return alpa_lower_intrinsic(lower, "llvm.smin", &lower->type.i64, 1, (LLVMValueRef[]){a, b}, 2);
}

/* Merges [i, i + width) with [i + width, i + 2 width) from the result into scratch. */
static void emit_merge(alpa_lower *lower, const alpa_sort *k, const alpa_sort_lane *lanes, LLVMValueRef base,
                       LLVMValueRef i, LLVMValueRef width) {
  LLVMBuilderRef b = lower->builder;
  uint32_t n = k->op->n_results;
  LLVMValueRef all = alpa_lower_i64(lower, k->extent), one = alpa_lower_i64(lower, 1),
               last = alpa_lower_i64(lower, k->extent - 1);
  LLVMValueRef middle = smaller(lower, LLVMBuildAdd(b, i, width, ""), all);
  LLVMValueRef end = smaller(lower, LLVMBuildAdd(b, middle, width, ""), all);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, i, end, 1);
  LLVMValueRef left = alpa_loop_carry(lower, &loop, i), right = alpa_loop_carry(lower, &loop, middle);
  alpa_expr_push(lower);
  alpa_element *x = alpa_arena_new(lower->arena, alpa_element, n), *y = alpa_arena_new(lower->arena, alpa_element, n);
  load_all(lower, k, lanes, in_slice(lower, k, base, smaller(lower, left, last)), x);
  load_all(lower, k, lanes, in_slice(lower, k, base, smaller(lower, right, last)), y);
  LLVMValueRef left_done = LLVMBuildICmp(b, LLVMIntSGE, left, middle, "");
  LLVMValueRef wins = LLVMBuildOr(b, left_done, alpa_sort_is_before(lower, k, y, x), "");
  LLVMValueRef take = LLVMBuildAnd(b, LLVMBuildICmp(b, LLVMIntSLT, right, end, ""), wins, "");
  for (uint32_t o = 0; o < n; o++)
    alpa_expr_store(lower, &lanes[o].scratch, lanes[o].type, alpa_sort_at(lower, loop.index),
                    alpa_expr_select(lower, take, y[o], x[o]));
  alpa_loop_next(&loop, LLVMBuildSelect(b, take, left, LLVMBuildAdd(b, left, one, ""), ""));
  alpa_loop_next(&loop, LLVMBuildSelect(b, take, LLVMBuildAdd(b, right, one, ""), right, ""));
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

/* Copies a slice: from the operands into the result, or from scratch into the result. */
static void emit_copy(alpa_lower *lower, const alpa_sort *k, const alpa_sort_lane *lanes, LLVMValueRef base,
                      bool from_scratch) {
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, k->extent), 1);
  alpa_expr_push(lower);
  LLVMValueRef offset = in_slice(lower, k, base, loop.index);
  for (uint32_t i = 0; i < k->op->n_results; i++) {
    const alpa_tuple *at = alpa_sort_at(lower, offset);
    alpa_element element =
        from_scratch ? alpa_expr_load(lower, &lanes[i].scratch, lanes[i].type, alpa_sort_at(lower, loop.index))
                     : alpa_expr_eval(lower, alpa_op_operand(k->op, i), at);
    alpa_expr_store(lower, &lanes[i].result, lanes[i].type, at, element);
  }
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

LLVMValueRef alpa_sort_slice(alpa_lower *lower, const alpa_sort *k, LLVMValueRef slice) {
  LLVMBuilderRef b = lower->builder;
  LLVMValueRef stride = alpa_lower_i64(lower, k->stride), block = alpa_lower_i64(lower, k->stride * k->extent);
  return LLVMBuildAdd(b, LLVMBuildMul(b, LLVMBuildUDiv(b, slice, stride, ""), block, ""),
                      LLVMBuildURem(b, slice, stride, ""), "");
}

static void emit_slice(alpa_lower *lower, const alpa_sort *k, const alpa_sort_lane *lanes, LLVMValueRef slice) {
  LLVMBuilderRef b = lower->builder;
  LLVMValueRef base = alpa_sort_slice(lower, k, slice);
  emit_copy(lower, k, lanes, base, false);
  if (!k->levels)
    return;
  alpa_loop level, pairs;
  alpa_loop_begin(lower, &level, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, k->levels), 1);
  alpa_expr_push(lower);
  LLVMValueRef width = LLVMBuildShl(b, alpa_lower_i64(lower, 1), level.index, "");
  LLVMValueRef twice = LLVMBuildShl(b, width, alpa_lower_i64(lower, 1), "");
  LLVMValueRef more = LLVMBuildAdd(b, twice, alpa_lower_i64(lower, k->extent - 1), "");
  alpa_loop_begin(lower, &pairs, alpa_lower_i64(lower, 0), LLVMBuildUDiv(b, more, twice, ""), 1);
  alpa_expr_push(lower);
  emit_merge(lower, k, lanes, base, LLVMBuildMul(b, pairs.index, twice, ""), width);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &pairs);
  emit_copy(lower, k, lanes, base, true);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &level);
}

alpa_sort_lane *alpa_sort_make_lanes(alpa_lower *lower, const alpa_sort *k, LLVMValueRef index) {
  alpa_sort_lane *lanes = alpa_arena_new(lower->arena, alpa_sort_lane, k->op->n_results);
  LLVMValueRef at = LLVMBuildMul(lower->builder, index, alpa_lower_i64(lower, k->scratch), "");
  for (uint32_t i = 0; i < k->op->n_results; i++) { /* results of the kernel are those of the sort that are used */
    lanes[i].type = k->op->results[i].type;
    lanes[i].scratch.base = LLVMBuildGEP2(lower->builder, lower->type.i8, alpa_lower_scratch(lower), &at, 1, "");
    lanes[i].result.base = alpa_lower_result(lower, i)->base;
    int64_t bytes = (k->extent * alpa_dtype_get_info(lanes[i].type->dtype)->bytes + 63) / 64 * 64;
    at = LLVMBuildAdd(lower->builder, at, alpa_lower_i64(lower, bytes), "");
  }
  return lanes;
}

static void emit(alpa_lower *lower, uint32_t phase) {
  (void)phase;
  alpa_sort k;
  init(lower, &k);
  if (alpa_lower_is_gpu(lower)) {
    alpa_ptx_sort_emit(lower, &k);
    return;
  }
  alpa_sort_lane *lanes = alpa_sort_make_lanes(lower, &k, lower->task);
  LLVMValueRef start, end;
  alpa_lower_task_range(lower, lower->task, lower->schedule->n_tasks[0], k.slices, &start, &end);
  if (!k.slices)
    return;
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, start, end, 1);
  alpa_expr_push(lower);
  emit_slice(lower, &k, lanes, loop.index);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

const alpa_kernel_lowering alpa_lower_sort = {schedule, emit};
