/* Kernels of kind `select_and_scatter`: phase 0 fills the result, phase 1 adds every source element to the place that
 * its window selects.  Tasks and lanes share out the dimensions that windows do not extend along. */
#include <string.h>

#include "codegen/lower/indexed.h"
#include "codegen/lower/loop.h"
#include "codegen/lower/reduce.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct select_kernel {
  const alpa_op *op;
  const alpa_type *operand, *source;
  alpa_window_dim dims[ALPA_MAX_RANK];
  uint32_t rank, lane_dim, lanes;
  int64_t free_dims[ALPA_MAX_RANK]; /* extents of what tasks share out; 1 for windowed dimensions */
  int64_t units;
} select_kernel;

static int64_t item(const alpa_op *op, int ordinal, uint32_t i, int64_t absent) {
  const alpa_attr *attr = alpa_op_attr(op, ordinal);
  return attr ? *(const int64_t *)alpa_attr_element(attr, i) : absent;
}

static bool is_windowed(const alpa_window_dim *dim) {
  return dim->window != 1 || dim->stride != 1 || dim->low != 0 || dim->input != dim->output;
}

static void init(alpa_lower *lower, select_kernel *k) {
  memset(k, 0, sizeof *k);
  k->op = alpa_op_operand(alpa_kernel_body(lower->kernel)->last, 0)->op;
  k->operand = alpa_op_operand_type(k->op, 0);
  k->source = alpa_op_operand_type(k->op, 1);
  k->rank = k->operand->rank;
  k->lane_dim = ALPA_NO_INDEX;
  k->lanes = 1;
  k->units = 1;
  for (uint32_t d = 0; d < k->rank; d++) {
    k->dims[d] = (alpa_window_dim){
        .input = k->operand->dims[d],
        .output = k->source->dims[d],
        .window = item(k->op, stablehlo_select_and_scatter_window_dimensions, d, 1),
        .stride = item(k->op, stablehlo_select_and_scatter_window_strides, d, 1),
        .dilation = 1,
        .base = 1,
        .low = item(k->op, stablehlo_select_and_scatter_padding, 2 * d, 0),
    };
    bool windowed = is_windowed(&k->dims[d]);
    k->free_dims[d] = windowed ? 1 : k->source->dims[d];
    if (!windowed && k->source->dims[d] > 1)
      k->lane_dim = d;
  }
  if (k->lane_dim != ALPA_NO_INDEX) {
    int64_t extent = k->source->dims[k->lane_dim];
    k->lanes = alpa_lower_lanes(lower, alpa_kernel_lanes(lower), extent);
    k->free_dims[k->lane_dim] = (extent + k->lanes - 1) / k->lanes;
  }
  for (uint32_t d = 0; d < k->rank; d++)
    k->units *= k->free_dims[d];
}

static void schedule(alpa_lower *lower) {
  select_kernel k;
  init(lower, &k);
  double work = 4.0 * (double)alpa_type_count(k.source), window = 1;
  for (uint32_t d = 0; d < k.rank; d++)
    window *= (double)k.dims[d].window;
  int64_t count = alpa_type_count(k.operand), piece = alpa_lower_is_gpu(lower) ? 1 : 1024;
  lower->schedule->n_phases = 2;
  lower->schedule->n_tasks[0] = alpa_task_count(lower, (double)count, (count + piece - 1) / piece);
  lower->schedule->n_tasks[1] = alpa_task_count(lower, work * window, k.units);
  lower->schedule->flops = work * window;
}

static void emit_fill(alpa_lower *lower, const select_kernel *k) {
  int64_t n_tasks = lower->schedule->n_tasks[0];
  LLVMValueRef start, end;
  alpa_lower_task_range(lower, lower->task, n_tasks, alpa_type_count(k->operand), &start, &end);
  const alpa_tuple *scalar = alpa_tuple_get(lower, alpa_tuple_make(lower, &(alpa_tuple){.lanes = 1}, 0));
  alpa_element init_value = alpa_expr_eval(lower, alpa_op_operand(k->op, 2), scalar);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, start, end, 1);
  alpa_expr_push(lower);
  alpa_tuple *at = alpa_tuple_make(lower, scalar, 1);
  at->flat = true;
  at->at[0] = alpa_component_of(loop.index);
  alpa_expr_store(lower, alpa_lower_result(lower, 0), k->operand, at, init_value);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

static LLVMValueRef to_lanes(alpa_lower *lower, LLVMValueRef value, uint32_t lanes) {
  return alpa_expr_widen(lower, value, lanes);
}

/* State: the selected element, its offset, and whether there is one. */
static void visit(alpa_lower *lower, alpa_nest *nest) {
  select_kernel k;
  init(lower, &k);
  LLVMBuilderRef b = lower->builder;
  alpa_tuple *in = alpa_tuple_make(lower, nest->at, k.rank);
  LLVMValueRef exists = LLVMConstAllOnes(alpa_lower_vector_type(lower->type.i1, k.lanes));
  for (uint32_t d = 0; d < k.rank; d++) {
    LLVMValueRef here = alpa_window_place(lower, &k.dims[d], nest->at->at[d], nest->index[d], &in->at[d], k.lanes);
    if (!here)
      continue;
    alpa_tuple_restrict(lower, in, here);
    exists = LLVMBuildAnd(b, exists, to_lanes(lower, here, k.lanes), "");
  }
  const alpa_tuple *at = alpa_tuple_get(lower, in);
  alpa_element candidate = alpa_expr_eval(lower, alpa_op_operand(k.op, 0), at), keep;
  candidate.re = to_lanes(lower, candidate.re, k.lanes);
  LLVMValueRef offset = alpa_component_value(lower, alpa_tuple_offset(lower, k.operand, at), k.lanes);
  alpa_expr_eval_block(lower, k.op->regions[0].first, (alpa_element[]){nest->state[0], candidate}, &keep);
  LLVMValueRef has = nest->state[2].re;
  LLVMValueRef stays = LLVMBuildAnd(b, to_lanes(lower, keep.re, k.lanes), has, "");
  LLVMValueRef take = LLVMBuildAnd(b, exists, LLVMBuildNot(b, stays, ""), "");
  nest->state[0] = alpa_expr_select(lower, take, candidate, nest->state[0]);
  nest->state[1].re = LLVMBuildSelect(b, take, to_lanes(lower, offset, k.lanes), nest->state[1].re, "");
  nest->state[2].re = LLVMBuildOr(b, has, take, "");
}

/* One source element (or lanes of them): finds the place, then combines. */
static void emit_source(alpa_lower *lower, const select_kernel *k, const alpa_tuple *at) {
  LLVMBuilderRef b = lower->builder;
  LLVMTypeRef i64s = alpa_lower_vector_type(lower->type.i64, k->lanes);
  LLVMTypeRef i1s = alpa_lower_vector_type(lower->type.i1, k->lanes);
  alpa_element zero = alpa_expr_zero(lower, k->operand->dtype);
  alpa_element state[3] = {
      {to_lanes(lower, zero.re, k->lanes), NULL}, {LLVMConstNull(i64s), NULL}, {LLVMConstNull(i1s), NULL}};
  alpa_nest nest = {
      .op = k->op, .at = at, .n = k->rank, .n_state = 3, .lanes = k->lanes, .state = state, .body = visit};
  for (uint32_t d = 0; d < k->rank; d++)
    nest.extents[d] = k->dims[d].window;
  alpa_nest_run(lower, &nest, 0);
  LLVMValueRef store = nest.state[2].re;
  if (at->mask)
    store = LLVMBuildAnd(b, store, at->mask, "");
  alpa_tuple *to = alpa_tuple_make(lower, at, 1);
  to->flat = true;
  to->mask = k->lanes > 1 ? store : NULL;
  to->at[0] = (alpa_component){nest.state[1].re, 0, 1};
  LLVMBasicBlockRef after = NULL;
  if (k->lanes == 1) {
    LLVMBasicBlockRef inside = alpa_lower_block(lower, "selected");
    after = alpa_lower_block(lower, "after");
    LLVMBuildCondBr(b, store, inside, after);
    LLVMPositionBuilderAtEnd(b, inside);
  }
  alpa_expr_push(lower);
  alpa_element args[2] = {alpa_expr_load(lower, alpa_lower_result(lower, 0), k->operand, to),
                          alpa_expr_eval(lower, alpa_op_operand(k->op, 1), at)},
               sum;
  alpa_expr_eval_block(lower, k->op->regions[1].first, args, &sum);
  alpa_expr_store(lower, alpa_lower_result(lower, 0), k->operand, to, sum);
  alpa_expr_pop(lower);
  if (after) {
    LLVMBuildBr(b, after);
    LLVMPositionBuilderAtEnd(b, after);
  }
}

static void emit_windows(alpa_lower *lower, const select_kernel *k, alpa_tuple *at, uint32_t dim) {
  while (dim < k->rank && (!is_windowed(&k->dims[dim]) || k->source->dims[dim] == 1))
    dim++;
  if (dim == k->rank) {
    emit_source(lower, k, alpa_tuple_get(lower, at));
    return;
  }
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, k->source->dims[dim]), 1);
  alpa_expr_push(lower);
  at->at[dim] = alpa_component_of(loop.index);
  emit_windows(lower, k, at, dim + 1);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

static void emit(alpa_lower *lower, uint32_t phase) {
  select_kernel k;
  init(lower, &k);
  if (phase == 0) {
    emit_fill(lower, &k);
    return;
  }
  LLVMValueRef start, end;
  alpa_lower_task_range(lower, lower->task, lower->schedule->n_tasks[1], k.units, &start, &end);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, start, end, 1);
  alpa_expr_push(lower);
  alpa_tuple *at = alpa_tuple_make(lower, &(alpa_tuple){.lanes = k.lanes}, k.rank);
  alpa_domain_delinearise(lower, loop.index, k.rank, k.free_dims, ALPA_NO_INDEX, at);
  if (k.lane_dim != ALPA_NO_INDEX) {
    alpa_component c = alpa_component_scale(lower, at->at[k.lane_dim], k.lanes);
    c.step = k.lanes > 1;
    at->at[k.lane_dim] = c;
    if (k.lanes > 1 && k.source->dims[k.lane_dim] % k.lanes) {
      LLVMValueRef last = alpa_lower_splat(lower, alpa_lower_i64(lower, k.source->dims[k.lane_dim]), k.lanes);
      at->mask = LLVMBuildICmp(lower->builder, LLVMIntULT, alpa_component_value(lower, c, k.lanes), last, "");
    }
  }
  emit_windows(lower, &k, at, 0);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

const alpa_kernel_lowering alpa_lower_select_and_scatter = {schedule, emit};
