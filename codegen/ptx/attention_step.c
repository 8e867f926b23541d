/* Attention kernels: what one step makes of its scores, in the registers of the lanes. */
#include "codegen/ptx/attention.h"

typedef LLVMValueRef V;

V alpa_attention_pair(const attention *a, V first, V second) {
  V pair = LLVMGetPoison(LLVMVectorType(LLVMTypeOf(first), 2));
  pair = LLVMBuildInsertElement(a->lower->builder, pair, first, attention_number(a, 0), "");
  return LLVMBuildInsertElement(a->lower->builder, pair, second, attention_number(a, 1), "");
}

/* exp(x) of a scalar: 2^(x log2 e), within 2^-22 and half an ULP of the exponent. */
static V exponential(const attention *a, V x) {
  V scaled = LLVMBuildFMul(a->lower->builder, x, attention_f32(a, 1.44269504088896340736), "");
  return alpa_lower_intrinsic(a->lower, "llvm.nvvm.ex2.approx.ftz.f", NULL, 0, &scaled, 1);
}

static V maximum(const attention *a, V x, V y) {
  return alpa_lower_intrinsic(a->lower, "llvm.maximum", &a->lower->type.f32, 1, (V[]){x, y}, 2);
}

/* ---- places ---- */

V alpa_attention_line(const attention *a, uint32_t f, uint32_t half, bool clamped) {
  alpa_lower *l = a->lower;
  V line = attention_add(a, a->warp_line, attention_over(a, a->lane, 4));
  line = attention_add(a, line, attention_number(a, (int64_t)f * ALPA_MMA_ROWS + 8 * half));
  V at = LLVMBuildAdd(l->builder, a->first, attention_wide(a, line), "");
  if (!clamped || a->dims[a->own] % a->own_lines == 0)
    return at;
  V last = alpa_lower_i64(l, a->dims[a->own] - 1);
  return alpa_lower_intrinsic(l, "llvm.umin", &l->type.i64, 1, (V[]){at, last}, 2);
}

const alpa_tuple *alpa_attention_place(const attention *a, V line, V column, uint32_t lanes) {
  alpa_tuple *tuple = alpa_tuple_make(a->lower, &(alpa_tuple){.lanes = lanes}, a->rank);
  for (uint32_t d = 0; d + 2 < a->rank; d++)
    tuple->at[d] = a->at[d];
  tuple->at[a->own] = alpa_component_of(line);
  tuple->at[a->other] = alpa_component_of(column);
  if (lanes > 1 && !LLVMIsAConstantInt(column)) {
    tuple->at[a->other].step = 1;
    tuple->at[a->other].multiple = lanes;
  }
  return alpa_tuple_get(a->lower, tuple);
}

attention_point alpa_attention_point(const attention *a, V line, V column) {
  alpa_lower *l = a->lower;
  LLVMBuilderRef b = l->builder;
  int64_t extent = a->dims[a->other];
  attention_point p = {{NULL}, NULL};
  V exists[2];
  for (uint32_t i = 0; i < 2 / a->lanes; i++) {
    V at = LLVMBuildAdd(b, column, alpa_lower_i64(l, i), "");
    exists[i] = LLVMBuildICmp(b, LLVMIntULT, at, alpa_lower_i64(l, extent), "");
    if (extent % a->columns)
      at = alpa_lower_intrinsic(l, "llvm.umin", &l->type.i64, 1, (V[]){at, alpa_lower_i64(l, extent - a->lanes)}, 2);
    p.at[i] = alpa_attention_place(a, line, at, a->lanes);
  }
  if (extent % a->columns)
    p.exists = a->lanes == 2 ? exists[0] : alpa_attention_pair(a, exists[0], exists[1]);
  return p;
}

static void find_points(const attention *a, V step, attention_points out) {
  LLVMBuilderRef b = a->lower->builder;
  V in_fragment = attention_wide(a, attention_times(a, attention_rest(a, a->lane, 4), 2));
  for (uint32_t f = 0; f < a->fragments; f++)
    for (uint32_t half = 0; half < 2; half++)
      for (uint32_t j = 0; j < attention_columns(a); j++) {
        V more = alpa_lower_i64(a->lower, (int64_t)j * ALPA_MMA_COLUMNS);
        V column = LLVMBuildAdd(b, LLVMBuildAdd(b, step, in_fragment, ""), more, "");
        out[f][half][j] = alpa_attention_point(a, alpa_attention_line(a, f, half, true), column);
      }
}

static V evaluate(const attention *a, alpa_value *value, const attention_point *p) {
  V first = alpa_expr_eval(a->lower, value, p->at[0]).re;
  if (a->lanes == 2)
    return alpa_expr_widen(a->lower, first, 2);
  return alpa_attention_pair(a, first, alpa_expr_eval(a->lower, value, p->at[1]).re);
}

static void set(const attention *a, alpa_value *value, const attention_point *p, V pair) {
  for (uint32_t i = 0; i < 2 / a->lanes; i++) {
    V part = a->lanes == 2 ? pair : attention_element(a, pair, i);
    alpa_expr_set(a->lower, value, p->at[i],
                  alpa_element_convert(a->lower, ALPA_F32, value->type->dtype, (alpa_element){part, NULL}));
  }
}

static V or_else(const attention *a, const attention_point *p, V pair, V otherwise) {
  if (!p->exists)
    return pair;
  return LLVMBuildSelect(a->lower->builder, p->exists, pair, alpa_lower_splat(a->lower, otherwise, 2), "");
}

static alpa_value *shift_value(const attention *a) {
  return alpa_op_operand(alpa_op_operand(a->softmax.weights, 0)->op, 1);
}
static alpa_value *shifted_value(const attention *a) {
  return alpa_op_operand(alpa_op_operand(a->softmax.weights, 0)->op, 0);
}

V alpa_attention_shift_at(const attention *a, const alpa_tuple *at) {
  V shift = alpa_expr_eval(a->lower, shift_value(a), at).re;
  return alpa_expr_lanes(shift) > 1 ? attention_element(a, shift, 0) : shift;
}

V alpa_attention_shift(const attention *a, const attention_point *p, V max) {
  alpa_lower *l = a->lower;
  alpa_value *reduced = &a->softmax.max->results[0];
  alpa_tuple *row = alpa_tuple_make(l, p->at[0], a->rank - 1);
  for (uint32_t d = 0; d + 1 < a->rank; d++)
    row->at[d] = p->at[0]->at[d];
  alpa_expr_push(l);
  alpa_expr_set(l, reduced, alpa_tuple_get(l, row), (alpa_element){max, NULL});
  V shift = alpa_attention_shift_at(a, p->at[0]);
  alpa_expr_pop(l);
  return shift;
}

V alpa_attention_is_low(const attention *a, V x) {
  return LLVMBuildFCmp(a->lower->builder, LLVMRealOEQ, x, attention_low(a), "");
}

/* Where all is masked so far, every weight is 0, and none exp(-inf - -inf). */
static V usable(const attention *a, V shift) {
  return LLVMBuildSelect(a->lower->builder, alpa_attention_is_low(a, shift), attention_f32(a, 0), shift, "");
}

/* ---- the four lanes of a line ---- */

V alpa_attention_fold(const attention *a, V value, bool adds) {
  for (uint32_t distance = 1; distance < 4; distance *= 2) {
    V args[] = {attention_number(a, -1), value, attention_number(a, distance), attention_number(a, ALPA_WARP - 1)};
    V other = alpa_lower_intrinsic(a->lower, "llvm.nvvm.shfl.sync.bfly.f32", NULL, 0, args, 4);
    value = adds ? LLVMBuildFAdd(a->lower->builder, value, other, "") : maximum(a, value, other);
  }
  return value;
}

static V add_pairs(const attention *a, V sum, V pair) {
  sum = LLVMBuildFAdd(a->lower->builder, sum, attention_element(a, pair, 0), "");
  return LLVMBuildFAdd(a->lower->builder, sum, attention_element(a, pair, 1), "");
}

/* ---- a step ---- */

static void multiply_scores(attention *a, attention_points at, V buffer) {
  for (uint32_t i = 0; i < a->n_products; i++) {
    attention_product *p = &a->products[i];
    alpa_attention_multiply(a, p, buffer);
    for (uint32_t f = 0; f < a->fragments; f++)
      for (uint32_t half = 0; half < 2; half++)
        for (uint32_t j = 0; j < attention_columns(a); j++) {
          V *sums = attention_fragment(p->sums, f, attention_columns(a), j) + 2 * half;
          set(a, &p->dot->results[0], &at[f][half][j], alpa_attention_pair(a, sums[0], sums[1]));
        }
  }
}

/* A new maximum of a line: all that was summed up is relative to it from now on. */
static V raise_maximum(attention *a, attention_state *s, uint32_t f, uint32_t half, const attention_point *p, V max) {
  LLVMBuilderRef b = a->lower->builder;
  V before = s->max[f][half], shift = usable(a, alpa_attention_shift(a, p, max));
  V scale = exponential(a, LLVMBuildFSub(b, usable(a, alpa_attention_shift(a, p, before)), shift, ""));
  scale = LLVMBuildSelect(b, alpa_attention_is_low(a, before), attention_f32(a, 0), scale, "");
  s->max[f][half] = max;
  for (uint32_t i = 0; i < a->n_reduces; i++)
    if (a->reduces[i] != a->softmax.max)
      s->reduced[i][f][half] = LLVMBuildFMul(b, s->reduced[i][f][half], scale, "");
  for (uint32_t i = 0; i < a->n_sums; i++) {
    uint32_t n = a->sums[i].other->padded / ALPA_MMA_COLUMNS;
    for (uint32_t j = 0; j < n; j++)
      for (uint32_t e = 0; e < 2; e++) {
        V *sum = attention_fragment(a->sums[i].sums, f, n, j) + 2 * half + e;
        *sum = LLVMBuildFMul(b, *sum, scale, "");
      }
  }
  return shift;
}

static void set_weights(const attention *a, const attention_point *p, V difference) {
  V weights = alpa_attention_pair(a, exponential(a, attention_element(a, difference, 0)),
                                  exponential(a, attention_element(a, difference, 1)));
  set(a, &a->softmax.weights->results[0], p, weights);
  if (a->is_online && a->softmax.normalised)
    set(a, &a->softmax.normalised->results[0], p, weights);
}

/* Weights of one line, relative to a maximum that the step may raise. */
static void weigh_line(attention *a, attention_state *s, uint32_t f, uint32_t half, const attention_point *at) {
  LLVMBuilderRef b = a->lower->builder;
  V x[ATTENTION_MOST_COLUMNS], max = attention_low(a);
  for (uint32_t j = 0; j < attention_columns(a); j++) {
    x[j] = or_else(a, &at[j], evaluate(a, shifted_value(a), &at[j]), attention_low(a));
    max = maximum(a, max, maximum(a, attention_element(a, x[j], 0), attention_element(a, x[j], 1)));
  }
  max = maximum(a, s->max[f][half], alpa_attention_fold(a, max, false));
  V shift = alpa_lower_splat(a->lower, raise_maximum(a, s, f, half, &at[0], max), 2);
  for (uint32_t j = 0; j < attention_columns(a); j++)
    set_weights(a, &at[j], LLVMBuildFSub(b, x[j], shift, ""));
}

static void weigh(attention *a, attention_state *s, attention_points at) {
  for (uint32_t f = 0; f < a->fragments; f++)
    for (uint32_t half = 0; half < 2; half++) {
      if (a->is_online)
        weigh_line(a, s, f, half, at[f][half]);
      for (uint32_t j = 0; j < attention_columns(a) && !a->is_online; j++) {
        const attention_point *p = &at[f][half][j];
        set_weights(a, p, evaluate(a, alpa_op_operand(a->softmax.weights, 0), p));
      }
    }
}

static void reduce_lines(attention *a, attention_state *s, attention_points at) {
  for (uint32_t i = 0; i < a->n_reduces; i++)
    for (uint32_t f = 0; f < a->fragments && a->reduces[i] != a->softmax.max; f++)
      for (uint32_t half = 0; half < 2; half++)
        for (uint32_t j = 0; j < attention_columns(a); j++) {
          const attention_point *p = &at[f][half][j];
          V pair = or_else(a, p, evaluate(a, alpa_op_operand(a->reduces[i], 0), p), attention_f32(a, 0));
          s->reduced[i][f][half] = add_pairs(a, s->reduced[i][f][half], pair);
        }
}

static void accumulate(attention *a, attention_points at, V buffer) {
  for (uint32_t i = 0; i < a->n_sums; i++) {
    attention_scores scores;
    for (uint32_t f = 0; f < a->fragments; f++)
      for (uint32_t half = 0; half < 2; half++)
        for (uint32_t j = 0; j < attention_columns(a); j++) {
          const attention_point *p = &at[f][half][j];
          scores[f][half][j] = or_else(a, p, evaluate(a, a->sums[i].scores, p), attention_f32(a, 0));
        }
    alpa_attention_accumulate(a, &a->sums[i], scores, buffer);
  }
}

static void keep_all(const attention *a, attention_points at) {
  alpa_element keeps = {LLVMConstInt(a->lower->type.i1, a->mask.keeps, false), NULL};
  for (uint32_t f = 0; f < a->fragments; f++)
    for (uint32_t half = 0; half < 2; half++)
      for (uint32_t j = 0; j < attention_columns(a); j++)
        for (uint32_t i = 0; i < 2 / a->lanes; i++)
          alpa_expr_set(a->lower, a->mask.predicate, at[f][half][j].at[i], keeps);
}

void alpa_attention_step(attention *a, attention_state *s, V step, V buffer) {
  attention_points at;
  find_points(a, step, at);
  if (a->is_kept)
    keep_all(a, at);
  multiply_scores(a, at, buffer);
  if (a->has_softmax)
    weigh(a, s, at);
  reduce_lines(a, s, at);
  accumulate(a, at, buffer);
}
