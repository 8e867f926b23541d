/* Emitters of ops that move elements: they translate the place asked for into places in their operands. */
#include <string.h>

#include "codegen/lower/emit.h"
#include "dialects/stablehlo/stablehlo.h"

static const alpa_type *operand_type(const alpa_value *value, uint32_t i) { return alpa_op_operand_type(value->op, i); }

static alpa_element eval_operand(alpa_lower *lower, alpa_value *value, uint32_t i, const alpa_tuple *at) {
  return alpa_expr_eval(lower, alpa_op_operand(value->op, i), alpa_tuple_get(lower, at));
}

alpa_element alpa_emit_constant(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  (void)at;
  const alpa_attr *attr = alpa_op_attr(value->op, stablehlo_constant_value);
  if (!attr->elements.splat && attr->elements.n > 1)
    alpa_lower_unsupported(lower, value->op, "with several values inside a kernel is not supported");
  return alpa_expr_constant(lower, value->type->dtype, attr->elements.data);
}

alpa_element alpa_emit_optimization_barrier(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  return alpa_expr_eval(lower, alpa_op_operand(value->op, value->index), at);
}

alpa_element alpa_emit_iota(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  int64_t dim = alpa_op_int(value->op, stablehlo_iota_iota_dimension, 0);
  LLVMValueRef number = alpa_component_value(lower, at->at[dim], at->lanes);
  alpa_dtype dtype = value->type->dtype;
  return alpa_element_convert(lower, ALPA_I64, dtype, (alpa_element){number, NULL});
}

alpa_element alpa_emit_broadcast_in_dim(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_type *from = operand_type(value, 0);
  if (at->flat && alpa_type_count(from) == alpa_type_count(value->type))
    return eval_operand(lower, value, 0, at);
  alpa_tuple *in = alpa_tuple_make(lower, at, from->rank);
  size_t n;
  const int64_t *dims = alpa_op_i64s(value->op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
  for (uint32_t i = 0; i < from->rank; i++)
    if (from->dims[i] != 1)
      in->at[i] = at->at[dims[i]];
  return eval_operand(lower, value, 0, in);
}

alpa_element alpa_emit_broadcast(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_type *from = operand_type(value, 0);
  alpa_tuple *in = alpa_tuple_make(lower, at, from->rank);
  for (uint32_t i = 0; i < from->rank; i++)
    in->at[i] = at->at[value->type->rank - from->rank + i];
  return eval_operand(lower, value, 0, in);
}

alpa_element alpa_emit_transpose(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  alpa_tuple *in = alpa_tuple_make(lower, at, value->type->rank);
  size_t n;
  const int64_t *permutation = alpa_op_i64s(value->op, stablehlo_transpose_permutation, &n);
  for (uint32_t i = 0; i < value->type->rank; i++)
    in->at[permutation[i]] = at->at[i];
  return eval_operand(lower, value, 0, in);
}

/* Splits a number over the dimensions [begin, end) of a type, last fastest. */
static void delinearise(alpa_lower *lower, alpa_component linear, const alpa_type *type, uint32_t begin, uint32_t end,
                        alpa_tuple *out) {
  uint32_t first = begin;
  while (first < end && type->dims[first] == 1)
    first++;
  for (uint32_t d = end; d-- > first;) {
    if (type->dims[d] == 1)
      continue;
    if (d == first)
      out->at[d] = linear;
    else
      alpa_component_divide(lower, linear, type->dims[d], out->lanes, &linear, &out->at[d]);
  }
}

static alpa_component linearise(alpa_lower *lower, const alpa_tuple *at, const alpa_type *type, uint32_t begin,
                                uint32_t end) {
  alpa_component sum = alpa_component_constant(lower, 0);
  int64_t stride = 1;
  for (uint32_t d = end; d-- > begin; stride *= type->dims[d])
    if (type->dims[d] != 1)
      sum = alpa_component_add(lower, sum, alpa_component_scale(lower, at->at[d], stride), at->lanes);
  return sum;
}

/* Dimensions of both shapes are matched in the smallest groups of equal element count. */
alpa_element alpa_emit_reshape(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_type *from = operand_type(value, 0), *to = value->type;
  if (at->flat)
    return eval_operand(lower, value, 0, at);
  alpa_tuple *in = alpa_tuple_make(lower, at, from->rank);
  uint32_t i = 0, o = 0;
  while (i < from->rank && o < to->rank) {
    uint32_t i_end = i + 1, o_end = o + 1;
    int64_t count_in = from->dims[i], count_out = to->dims[o];
    while (count_in != count_out)
      if (count_in < count_out)
        count_in *= from->dims[i_end++];
      else
        count_out *= to->dims[o_end++];
    if (count_in > 1)
      delinearise(lower, linearise(lower, at, to, o, o_end), from, i, i_end, in);
    i = i_end;
    o = o_end;
  }
  return eval_operand(lower, value, 0, in);
}

static alpa_component subtract_from(alpa_lower *lower, int64_t value, alpa_component c, uint32_t lanes) {
  return alpa_component_add(lower, alpa_component_constant(lower, value), alpa_component_scale(lower, c, -1), lanes);
}

alpa_element alpa_emit_reverse(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  alpa_tuple *in = alpa_tuple_make(lower, at, value->type->rank);
  memcpy(in->at, at->at, value->type->rank * sizeof in->at[0]);
  size_t n;
  const int64_t *dims = alpa_op_i64s(value->op, stablehlo_reverse_dimensions, &n);
  for (size_t i = 0; i < n; i++)
    if (value->type->dims[dims[i]] != 1)
      in->at[dims[i]] = subtract_from(lower, value->type->dims[dims[i]] - 1, at->at[dims[i]], at->lanes);
  return eval_operand(lower, value, 0, in);
}

alpa_element alpa_emit_slice(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  size_t n;
  const int64_t *start = alpa_op_i64s(value->op, stablehlo_slice_start_indices, &n);
  const int64_t *strides = alpa_op_i64s(value->op, stablehlo_slice_strides, &n);
  alpa_tuple *in = alpa_tuple_make(lower, at, value->type->rank);
  for (uint32_t d = 0; d < value->type->rank; d++) {
    alpa_component scaled = alpa_component_scale(lower, at->at[d], strides[d]);
    in->at[d] = alpa_component_add(lower, scaled, alpa_component_constant(lower, start[d]), at->lanes);
  }
  return eval_operand(lower, value, 0, in);
}

/* Whether a component compares so with a number: i1 or lanes of it. */
static LLVMValueRef compare(alpa_lower *lower, LLVMIntPredicate predicate, alpa_component c, int64_t with,
                            uint32_t lanes) {
  LLVMValueRef value = alpa_component_value(lower, c, lanes);
  LLVMValueRef bound = alpa_expr_widen(lower, alpa_lower_i64(lower, with), alpa_expr_lanes(value));
  return LLVMBuildICmp(lower->builder, predicate, value, bound, "");
}

static LLVMValueRef both(alpa_lower *lower, LLVMValueRef a, LLVMValueRef b) {
  if (!a)
    return b;
  alpa_expr_unify(lower, &a, &b);
  return LLVMBuildAnd(lower->builder, a, b, "");
}

/* One dimension of pad: the operand's component, and whether it exists (NULL: always). */
static LLVMValueRef pad_dim(alpa_lower *lower, alpa_component *c, int64_t low, int64_t interior, int64_t extent,
                            uint32_t lanes) {
  alpa_component shifted = alpa_component_add(lower, *c, alpa_component_constant(lower, -low), lanes);
  LLVMValueRef inside = NULL;
  if (low > 0)
    inside = both(lower, inside, compare(lower, LLVMIntSGE, shifted, 0, lanes));
  if (interior) {
    alpa_component remainder;
    alpa_component_divide(lower, shifted, interior + 1, lanes, &shifted, &remainder);
    inside = both(lower, inside, compare(lower, LLVMIntEQ, remainder, 0, lanes));
  }
  *c = shifted;
  return both(lower, inside, compare(lower, LLVMIntSLT, shifted, extent, lanes));
}

alpa_element alpa_emit_pad(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_type *from = operand_type(value, 0);
  size_t n;
  const int64_t *low = alpa_op_i64s(value->op, stablehlo_pad_edge_padding_low, &n);
  const int64_t *high = alpa_op_i64s(value->op, stablehlo_pad_edge_padding_high, &n);
  const int64_t *interior = alpa_op_i64s(value->op, stablehlo_pad_interior_padding, &n);
  alpa_tuple *in = alpa_tuple_make(lower, at, from->rank);
  LLVMValueRef inside = NULL;
  for (uint32_t d = 0; d < from->rank; d++) {
    in->at[d] = at->at[d];
    if (!low[d] && !high[d] && !interior[d])
      continue;
    LLVMValueRef here = pad_dim(lower, &in->at[d], low[d], interior[d], from->dims[d], at->lanes);
    alpa_tuple_restrict(lower, in, here);
    inside = both(lower, inside, here);
  }
  alpa_tuple *nothing = alpa_tuple_make(lower, at, 0);
  alpa_element padding = eval_operand(lower, value, 1, nothing);
  if (!alpa_type_count(from))
    return padding;
  alpa_element element = eval_operand(lower, value, 0, in);
  return inside ? alpa_expr_select(lower, inside, element, padding) : element;
}

alpa_element alpa_emit_concatenate(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  int64_t dim = alpa_op_int(value->op, stablehlo_concatenate_dimension, 0), end = value->type->dims[dim];
  alpa_element result = {NULL, NULL};
  for (uint32_t i = value->op->n_operands; i-- > 0;) {
    const alpa_type *from = operand_type(value, i);
    int64_t start = end - from->dims[dim];
    if (start == end)
      continue;
    alpa_tuple *in = alpa_tuple_make(lower, at, from->rank);
    memcpy(in->at, at->at, from->rank * sizeof in->at[0]);
    in->at[dim] = alpa_component_add(lower, at->at[dim], alpa_component_constant(lower, -start), at->lanes);
    LLVMValueRef below = NULL;
    if (start)
      alpa_tuple_restrict(lower, in, compare(lower, LLVMIntSGE, at->at[dim], start, at->lanes));
    if (end < value->type->dims[dim])
      alpa_tuple_restrict(lower, in, below = compare(lower, LLVMIntSLT, at->at[dim], end, at->lanes));
    alpa_element element = eval_operand(lower, value, i, in);
    result = result.re ? alpa_expr_select(lower, below, element, result) : element;
    end = start;
  }
  return result.re ? result : alpa_expr_zero(lower, value->type->dtype);
}
