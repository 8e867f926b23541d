/* Contractions too small for tiles: one vector of results at a time, summed over k. */
#include "codegen/llvm/contraction_kernels.h"
#include "codegen/lower/loop.h"

typedef LLVMValueRef V;

static uint32_t lanes_of(const alpa_lower *lower, const alpa_contraction *c) {
  int64_t extent = alpa_contraction_along_m(c) ? c->m.count : c->n.count;
  uint32_t most = lower->target->vector_bytes / (alpa_dtype_get_info(c->accumulator)->bytes > 4 ? 8 : 4);
  return alpa_lower_lanes(lower, most, extent);
}

void alpa_contraction_rows_schedule(alpa_lower *lower, const alpa_contraction *c) {
  double flops = 2.0 * (double)c->b.count * (double)c->m.count * (double)c->n.count * (double)c->k.count;
  int64_t rows = c->b.count * (alpa_contraction_along_m(c) ? c->n.count : c->m.count);
  lower->schedule->n_tasks[0] = alpa_task_count(lower, flops / 8, rows);
}

typedef alpa_contraction_side side;

/* Loads one element (lanes 1) or lanes along a list of dimensions from flat index `start`. */
static V load(alpa_lower *lower, const alpa_contraction *c, side s, V offset, const alpa_contraction_dims *lane_dims,
              V start, uint32_t lanes, V mask) {
  V base = alpa_contraction_base(lower, c, s);
  alpa_dtype dtype = alpa_contraction_dtype(c, s);
  if (lanes == 1) {
    V address = alpa_lower_address(lower, base, offset, dtype);
    return alpa_lower_load(lower, address, dtype, 1, NULL);
  }
  if (lane_dims->n == 1 && alpa_contraction_stride(&lane_dims->dims[0], s) == 1) {
    V at = LLVMBuildAdd(lower->builder, offset, start, "");
    return alpa_lower_load(lower, alpa_lower_address(lower, base, at, dtype), dtype, lanes, mask);
  }
  V result = LLVMGetPoison(LLVMVectorType(alpa_lower_compute_type(lower, dtype), lanes));
  V last = alpa_lower_i64(lower, lane_dims->count - 1);
  for (uint32_t i = 0; i < lanes; i++) {
    V flat = LLVMBuildAdd(lower->builder, start, alpa_lower_i64(lower, i), "");
    V inside = LLVMBuildICmp(lower->builder, LLVMIntSLT, flat, last, "");
    flat = LLVMBuildSelect(lower->builder, inside, flat, last, "");
    V at = LLVMBuildAdd(lower->builder, offset, alpa_contraction_offset(lower, lane_dims, flat, s), "");
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
  bool m_lanes = alpa_contraction_along_m(c);
  uint32_t lanes = lanes_of(lower, c);
  V m = m_lanes ? start : row, n = m_lanes ? row : start, zero = alpa_lower_i64(lower, 0);
  V lhs = alpa_contraction_offset(lower, &c->b, b, ALPA_SIDE_LHS),
    rhs = alpa_contraction_offset(lower, &c->b, b, ALPA_SIDE_RHS);
  if (m_lanes)
    rhs = LLVMBuildAdd(lower->builder, rhs, alpa_contraction_offset(lower, &c->n, n, ALPA_SIDE_RHS), "");
  else
    lhs = LLVMBuildAdd(lower->builder, lhs, alpa_contraction_offset(lower, &c->m, m, ALPA_SIDE_LHS), "");
  LLVMTypeRef type = alpa_lower_vector_type(alpa_lower_compute_type(lower, c->accumulator), lanes);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, zero, alpa_lower_i64(lower, c->k.count), 1);
  V sum = alpa_loop_carry(lower, &loop, LLVMConstNull(type));
  V at_lhs = LLVMBuildAdd(lower->builder, lhs, alpa_contraction_offset(lower, &c->k, loop.index, ALPA_SIDE_LHS), "");
  V at_rhs = LLVMBuildAdd(lower->builder, rhs, alpa_contraction_offset(lower, &c->k, loop.index, ALPA_SIDE_RHS), "");
  V left = load(lower, c, ALPA_SIDE_LHS, at_lhs, &c->m, start, m_lanes ? lanes : 1, mask);
  V right = load(lower, c, ALPA_SIDE_RHS, at_rhs, &c->n, start, m_lanes ? 1 : lanes, mask);
  left = alpa_expr_widen(lower, convert(lower, c->lhs_dtype, c->accumulator, left), lanes);
  right = alpa_expr_widen(lower, convert(lower, c->rhs_dtype, c->accumulator, right), lanes);
  alpa_loop_next(&loop, alpa_lower_multiply_add(lower, c->accumulator, left, right, sum));
  alpa_loop_end(lower, &loop);
  alpa_contraction_point point = {.b = b, .m = m, .n = n, .lanes = lanes, .along_m = m_lanes, .mask = mask};
  c->store(lower, c, &point, alpa_loop_result(&loop, 0));
}

void alpa_contraction_rows_emit(alpa_lower *lower, const alpa_contraction *c) {
  int64_t rows = alpa_contraction_along_m(c) ? c->n.count : c->m.count,
          extent = alpa_contraction_along_m(c) ? c->m.count : c->n.count;
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
