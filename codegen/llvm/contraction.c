/* Kernels of contractions: one vector of results at a time, summed over k. */
#include "codegen/lower/contraction.h"

#include "codegen/lower/loop.h"

typedef LLVMValueRef V;

/* Lanes run along n where that is long enough, else along m. */
static bool along_m(const alpa_contraction *c) {
  return c->m.n && (!c->n.n || (c->m.dims[c->m.n - 1].out == 1 && c->n.dims[c->n.n - 1].out != 1));
}

static uint32_t lanes_of(const alpa_lower *lower, const alpa_contraction *c) {
  int64_t extent = along_m(c) ? c->m.count : c->n.count;
  uint32_t most = lower->target->vector_bytes / (alpa_dtype_get_info(c->accumulator)->bytes > 4 ? 8 : 4), lanes = 1;
  while (lanes < most && lanes < extent)
    lanes *= 2;
  return lanes;
}

void alpa_contraction_schedule(alpa_lower *lower, const alpa_contraction *c) {
  double flops = 2.0 * (double)c->b.count * (double)c->m.count * (double)c->n.count * (double)c->k.count;
  int64_t rows = c->b.count * (along_m(c) ? c->n.count : c->m.count);
  lower->schedule->n_phases = 1;
  lower->schedule->n_tasks[0] = alpa_task_count(lower, flops / 8, rows);
}

/* A flat index in elements of one tensor. */
typedef enum side { LHS, RHS } side;

static int64_t stride_of(const alpa_contraction_dim *dim, side s) { return s == LHS ? dim->lhs : dim->rhs; }

static V offset_of(alpa_lower *lower, const alpa_contraction_dims *list, V flat, side s) {
  V sum = alpa_lower_i64(lower, 0);
  for (uint32_t i = list->n; i-- > 0;) {
    V part = flat;
    if (i > 0) {
      V extent = alpa_lower_i64(lower, list->dims[i].extent);
      part = LLVMBuildURem(lower->builder, flat, extent, "");
      flat = LLVMBuildUDiv(lower->builder, flat, extent, "");
    }
    V stride = alpa_lower_i64(lower, stride_of(&list->dims[i], s));
    sum = LLVMBuildAdd(lower->builder, sum, LLVMBuildMul(lower->builder, part, stride, ""), "");
  }
  return sum;
}

/* Loads one element (lanes 1) or lanes along a list of dimensions from flat index `start`. */
static V load(alpa_lower *lower, const alpa_contraction *c, side s, V offset, const alpa_contraction_dims *lane_dims,
              V start, uint32_t lanes, V mask) {
  V base = lower->operands[s == LHS ? c->lhs_operand : c->rhs_operand];
  alpa_dtype dtype = s == LHS ? c->lhs_dtype : c->rhs_dtype;
  if (lanes == 1) {
    V address = alpa_lower_address(lower, base, offset, dtype);
    return alpa_lower_load(lower, address, dtype, 1, NULL);
  }
  if (lane_dims->n == 1 && stride_of(&lane_dims->dims[0], s) == 1) {
    V at = LLVMBuildAdd(lower->builder, offset, start, "");
    return alpa_lower_load(lower, alpa_lower_address(lower, base, at, dtype), dtype, lanes, mask);
  }
  V result = LLVMGetPoison(LLVMVectorType(alpa_lower_compute_type(lower, dtype), lanes));
  V last = alpa_lower_i64(lower, lane_dims->count - 1);
  for (uint32_t i = 0; i < lanes; i++) {
    V flat = LLVMBuildAdd(lower->builder, start, alpa_lower_i64(lower, i), "");
    V inside = LLVMBuildICmp(lower->builder, LLVMIntSLT, flat, last, "");
    flat = LLVMBuildSelect(lower->builder, inside, flat, last, "");
    V at = LLVMBuildAdd(lower->builder, offset, offset_of(lower, lane_dims, flat, s), "");
    V element = alpa_lower_load(lower, alpa_lower_address(lower, base, at, dtype), dtype, 1, NULL);
    result = LLVMBuildInsertElement(lower->builder, result, element, LLVMConstInt(lower->type.i32, i, false), "");
  }
  return result;
}

static V convert(alpa_lower *lower, alpa_dtype from, alpa_dtype to, V value) {
  return alpa_element_convert(lower, from, to, (alpa_element){value, NULL}).re;
}

/* Sums over k for the lanes that start at `start`, and stores them. */
static void emit_sum(alpa_lower *lower, const alpa_contraction *c, V b, V row, V start, V mask) {
  bool m_lanes = along_m(c);
  uint32_t lanes = lanes_of(lower, c);
  V m = m_lanes ? start : row, n = m_lanes ? row : start, zero = alpa_lower_i64(lower, 0);
  V lhs = offset_of(lower, &c->b, b, LHS), rhs = offset_of(lower, &c->b, b, RHS);
  if (m_lanes)
    rhs = LLVMBuildAdd(lower->builder, rhs, offset_of(lower, &c->n, n, RHS), "");
  else
    lhs = LLVMBuildAdd(lower->builder, lhs, offset_of(lower, &c->m, m, LHS), "");
  LLVMTypeRef type = alpa_lower_vector_type(alpa_lower_compute_type(lower, c->accumulator), lanes);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, zero, alpa_lower_i64(lower, c->k.count), 1);
  V sum = alpa_loop_carry(lower, &loop, LLVMConstNull(type));
  V at_lhs = LLVMBuildAdd(lower->builder, lhs, offset_of(lower, &c->k, loop.index, LHS), "");
  V at_rhs = LLVMBuildAdd(lower->builder, rhs, offset_of(lower, &c->k, loop.index, RHS), "");
  V left = load(lower, c, LHS, at_lhs, &c->m, start, m_lanes ? lanes : 1, mask);
  V right = load(lower, c, RHS, at_rhs, &c->n, start, m_lanes ? 1 : lanes, mask);
  left = alpa_expr_widen(lower, convert(lower, c->lhs_dtype, c->accumulator, left), lanes);
  right = alpa_expr_widen(lower, convert(lower, c->rhs_dtype, c->accumulator, right), lanes);
  alpa_loop_next(&loop, alpa_lower_multiply_add(lower, c->accumulator, left, right, sum));
  alpa_loop_end(lower, &loop);
  alpa_contraction_point point = {b, m, n, lanes, m_lanes, mask};
  c->store(lower, c, &point, alpa_loop_result(&loop, 0));
}

void alpa_contraction_emit(alpa_lower *lower, const alpa_contraction *c, uint32_t phase) {
  (void)phase;
  int64_t rows = along_m(c) ? c->n.count : c->m.count, extent = along_m(c) ? c->m.count : c->n.count;
  uint32_t lanes = lanes_of(lower, c);
  V start, end;
  alpa_lower_task_range(lower, lower->task, lower->schedule->n_tasks[0], c->b.count * rows, &start, &end);
  if (!rows || !extent || !c->b.count)
    return;
  alpa_loop outer, inner;
  alpa_loop_begin(lower, &outer, start, end, 1);
  alpa_expr_push(lower);
  V b = LLVMBuildUDiv(lower->builder, outer.index, alpa_lower_i64(lower, rows), "");
  V row = LLVMBuildURem(lower->builder, outer.index, alpa_lower_i64(lower, rows), "");
  alpa_loop_begin(lower, &inner, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, extent), lanes);
  alpa_expr_push(lower);
  V mask = NULL;
  if (extent % lanes) {
    V place = LLVMBuildAdd(lower->builder, alpa_lower_splat(lower, inner.index, lanes),
                           alpa_lower_lane_numbers(lower, lower->type.i64, lanes), "");
    mask = LLVMBuildICmp(lower->builder, LLVMIntULT, place,
                         alpa_lower_splat(lower, alpa_lower_i64(lower, extent), lanes), "");
  }
  emit_sum(lower, c, b, row, inner.index, mask);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &inner);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &outer);
}
