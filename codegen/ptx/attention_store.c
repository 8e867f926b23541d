/* Attention kernels: the sums of a block on their way out, through what the program does behind them. */
#include "codegen/layout.h"
#include "codegen/lower/loop.h"
#include "codegen/ptx/attention.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

typedef LLVMValueRef V;

static V not_a_number(const attention *a) {
  return LLVMConstBitCast(LLVMConstInt(a->lower->type.i32, 0x7FC00000u, false), a->lower->type.f32);
}

/* ---- results ---- */

/* Sums of a softmax become what the program divides them by, or into. */
static void finish_line(attention *a, attention_state *s, uint32_t f, uint32_t half) {
  LLVMBuilderRef b = a->lower->builder;
  attention_point p = alpa_attention_point(a, alpa_attention_line(a, f, half, true), alpa_lower_i64(a->lower, 0));
  for (uint32_t i = 0; i < a->n_reduces; i++)
    s->reduced[i][f][half] =
        a->reduces[i] == a->softmax.max ? s->max[f][half] : alpa_attention_fold(a, s->reduced[i][f][half], true);
  if (!a->is_online)
    return;
  V masked = alpa_attention_is_low(a, alpa_attention_shift(a, &p, s->max[f][half])), factor = attention_f32(a, 1);
  for (uint32_t i = 0; i < a->n_reduces; i++) {
    if (a->reduces[i] != a->softmax.sum)
      continue;
    s->reduced[i][f][half] = LLVMBuildSelect(b, masked, not_a_number(a), s->reduced[i][f][half], "");
    factor = LLVMBuildFDiv(b, factor, s->reduced[i][f][half], "");
  }
  V plain = LLVMBuildSelect(b, masked, not_a_number(a), attention_f32(a, 1), "");
  for (uint32_t i = 0; i < a->n_sums; i++)
    for (uint32_t j = 0, n = a->sums[i].other->padded / ALPA_MMA_COLUMNS; j < n; j++)
      for (uint32_t e = 0; e < 2; e++) {
        V *sum = attention_fragment(a->sums[i].sums, f, n, j) + 2 * half + e;
        *sum = LLVMBuildFMul(b, *sum, a->sums[i].normalised ? factor : plain, "");
      }
}

/* Runs what follows where the line exists. */
static alpa_ptx_if begin_line(const attention *a, uint32_t f, uint32_t half, V condition) {
  V line = alpa_attention_line(a, f, half, false), extent = alpa_lower_i64(a->lower, a->dims[a->own]);
  V exists = LLVMBuildICmp(a->lower->builder, LLVMIntULT, line, extent, "");
  return alpa_ptx_begin_if(a->lower, condition ? LLVMBuildAnd(a->lower->builder, exists, condition, "") : exists);
}

static void store_reduced(const attention *a, const attention_state *s, uint32_t f, uint32_t half) {
  alpa_lower *l = a->lower;
  const alpa_op *yield = alpa_kernel_body(l->kernel)->last;
  V is_first = LLVMBuildICmp(l->builder, LLVMIntEQ, attention_rest(a, a->lane, 4), attention_number(a, 0), "");
  alpa_ptx_if inside = begin_line(a, f, half, is_first);
  alpa_tuple *tuple = alpa_tuple_make(l, &(alpa_tuple){.lanes = 1}, a->rank - 1);
  for (uint32_t d = 0; d + 2 < a->rank; d++)
    tuple->at[d] = a->at[d];
  tuple->at[a->own] = alpa_component_of(alpa_attention_line(a, f, half, false));
  const alpa_tuple *at = alpa_tuple_get(l, tuple);
  for (uint32_t i = 0; i < a->n_reduces; i++)
    for (uint32_t r = 0; r < yield->n_operands; r++)
      if (alpa_op_operand(yield, r)->op == a->reduces[i])
        alpa_expr_store(l, alpa_lower_result(l, r), l->kernel->results[r].type, at,
                        (alpa_element){s->reduced[i][f][half], NULL});
  alpa_ptx_end_if(l, inside);
}

/* The product that a result of the kernel is stored from, through changes of type and layout. */
static const alpa_op *product_behind(alpa_value *value, alpa_value **out_end, int64_t *out_strides) {
  *out_end = alpa_layout_find_source(value, out_strides);
  const alpa_op *op = (*out_end)->op;
  while (op && stablehlo_is(op, STABLEHLO_convert))
    op = alpa_op_operand(op, 0)->op;
  return op;
}

/* Neighbours of d at one line into every result that is made of the sum. */
static void store_pair(const attention *a, const attention_sum *s, const alpa_tuple *at, V value) {
  alpa_lower *l = a->lower;
  const alpa_op *yield = alpa_kernel_body(l->kernel)->last;
  alpa_value *sum = &s->dot->results[0];
  alpa_expr_push(l);
  alpa_expr_set(l, sum, at, alpa_element_convert(l, ALPA_F32, sum->type->dtype, (alpa_element){value, NULL}));
  for (uint32_t r = 0; r < yield->n_operands; r++) {
    int64_t strides[ALPA_MAX_RANK];
    alpa_value *end;
    if (product_behind(alpa_op_operand(yield, r), &end, strides) != s->dot)
      continue;
    alpa_tuple *flat = alpa_tuple_make(l, at, 1);
    flat->flat = true;
    for (uint32_t d = 0; d < at->rank; d++)
      flat->at[0] = alpa_component_add(l, flat->at[0], alpa_component_scale(l, at->at[d], strides[d]), at->lanes);
    alpa_expr_store(l, alpa_lower_result(l, r), l->kernel->results[r].type, flat, alpa_expr_eval(l, end, at));
  }
  alpa_expr_pop(l);
}

static void store_sums(const attention *a, const attention_sum *s, uint32_t f, uint32_t half, uint32_t j) {
  alpa_lower *l = a->lower;
  uint32_t n = s->other->padded / ALPA_MMA_COLUMNS, lanes = s->other->width % 2 ? 1 : 2;
  V *sums = attention_fragment(s->sums, f, n, j) + 2 * half;
  V first = attention_add(a, attention_times(a, attention_rest(a, a->lane, 4), 2),
                          attention_number(a, (int64_t)j * ALPA_MMA_COLUMNS));
  for (uint32_t i = 0; i < 2 / lanes; i++) {
    V d = attention_wide(a, attention_add(a, first, attention_number(a, i)));
    V exists = LLVMBuildICmp(l->builder, LLVMIntULT, d, alpa_lower_i64(l, s->other->width), "");
    alpa_ptx_if inside = alpa_ptx_begin_if(l, exists);
    alpa_tuple *at = alpa_tuple_make(l, &(alpa_tuple){.lanes = lanes}, s->dot->results[0].type->rank);
    for (uint32_t k = 0; k + 2 < a->rank; k++)
      at->at[s->result.batch[k]] = a->at[k];
    at->at[s->result.line] = alpa_component_of(alpa_attention_line(a, f, half, false));
    at->at[s->result.along] = (alpa_component){.base = d, .step = lanes - 1, .multiple = lanes};
    store_pair(a, s, alpa_tuple_get(l, at), lanes == 2 ? alpa_attention_pair(a, sums[0], sums[1]) : sums[i]);
    alpa_ptx_end_if(l, inside);
  }
}

void alpa_attention_store(attention *a, attention_state *s) {
  for (uint32_t f = 0; f < a->fragments; f++)
    for (uint32_t half = 0; half < 2; half++) {
      finish_line(a, s, f, half);
      if (a->n_reduces)
        store_reduced(a, s, f, half);
      alpa_ptx_if inside = begin_line(a, f, half, NULL);
      for (uint32_t i = 0; i < a->n_sums; i++)
        for (uint32_t j = 0; j < a->sums[i].other->padded / ALPA_MMA_COLUMNS; j++)
          store_sums(a, &a->sums[i], f, half, j);
      alpa_ptx_end_if(a->lower, inside);
    }
}
