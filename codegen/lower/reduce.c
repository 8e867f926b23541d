/* Emitters of ops that combine many elements into one: loops around the expression of the operand, with the lanes on
 * the dimensions that are kept. */
#include "codegen/lower/reduce.h"

#include <string.h>

#include "codegen/lower/emit.h"
#include "codegen/lower/elementwise.h"
#include "codegen/lower/indexed.h"
#include "codegen/ptx/split.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

alpa_element alpa_reduce_combine(alpa_lower *lower, alpa_reduction reduction, alpa_dtype dtype, alpa_element a,
                                 alpa_element b) {
  static const stablehlo_op_id ops[ALPA_REDUCTION_COUNT] = {
      [ALPA_REDUCE_ADD] = STABLEHLO_add,         [ALPA_REDUCE_MULTIPLY] = STABLEHLO_multiply,
      [ALPA_REDUCE_MAXIMUM] = STABLEHLO_maximum, [ALPA_REDUCE_MINIMUM] = STABLEHLO_minimum,
      [ALPA_REDUCE_AND] = STABLEHLO_and,         [ALPA_REDUCE_OR] = STABLEHLO_or,
      [ALPA_REDUCE_XOR] = STABLEHLO_xor,
  };
  alpa_expr_unify(lower, &a.re, &b.re);
  if (a.im)
    alpa_expr_unify(lower, &a.im, &b.im);
  if (reduction == ALPA_REDUCE_ADD && alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT) /* not rounded */
    return (alpa_element){alpa_lower_contract(LLVMBuildFAdd(lower->builder, a.re, b.re, "")), NULL};
  return alpa_elementwise_apply(lower, ops[reduction], dtype, (alpa_element[]){a, b});
}

/* Loop-carried elements: phis of the parts. */
static void carry(alpa_lower *lower, alpa_loop *loop, alpa_element *elements, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    elements[i].re = alpa_loop_carry(lower, loop, elements[i].re);
    if (elements[i].im)
      elements[i].im = alpa_loop_carry(lower, loop, elements[i].im);
  }
}

static void set_next(alpa_loop *loop, const alpa_element *elements, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    alpa_loop_next(loop, elements[i].re);
    if (elements[i].im)
      alpa_loop_next(loop, elements[i].im);
  }
}

static void take_results(const alpa_loop *loop, alpa_element *elements, uint32_t n) {
  for (uint32_t i = 0, at = 0; i < n; i++) {
    elements[i].re = alpa_loop_result(loop, at++);
    if (elements[i].im)
      elements[i].im = alpa_loop_result(loop, at++);
  }
}

void alpa_nest_run(alpa_lower *lower, alpa_nest *nest, uint32_t dim) {
  if (dim == nest->n) {
    nest->body(lower, nest);
    return;
  }
  if (nest->extents[dim] == 1) {
    nest->index[dim] = alpa_component_constant(lower, 0);
    alpa_nest_run(lower, nest, dim + 1);
    return;
  }
  alpa_loop loop;
  alpa_ptx_split *around = lower->split;
  bool shared = nest->split && dim == nest->shared_dim;
  alpa_loop_begin(lower, &loop, shared ? nest->split->share : alpa_lower_i64(lower, 0),
                  alpa_lower_i64(lower, nest->extents[dim]),
                  shared ? (int64_t)nest->split->plan.members * nest->split->plan.parts : 1);
  lower->split = NULL; /* threads meet outside of loops only */
  carry(lower, &loop, nest->state, nest->n_state);
  nest->index[dim] = alpa_component_of(loop.index);
  alpa_expr_push(lower);
  alpa_nest_run(lower, nest, dim + 1);
  alpa_expr_pop(lower);
  set_next(&loop, nest->state, nest->n_state);
  alpa_loop_end(lower, &loop);
  take_results(&loop, nest->state, nest->n_state);
  lower->split = around;
}

static alpa_element widen(alpa_lower *lower, alpa_element element, uint32_t lanes) {
  return (alpa_element){alpa_expr_widen(lower, element.re, lanes),
                        element.im ? alpa_expr_widen(lower, element.im, lanes) : NULL};
}

/* Combines the state with one more element of each operand. */
static void combine(alpa_lower *lower, alpa_nest *nest, const alpa_element *elements) {
  const alpa_op *op = nest->op;
  alpa_reduction reduction;
  if (alpa_block_find_monoid(op->regions[0].first, &reduction)) {
    nest->state[0] = alpa_reduce_combine(lower, reduction, op->results[0].type->dtype, nest->state[0], elements[0]);
  } else {
    alpa_element *args = alpa_arena_new(lower->arena, alpa_element, 2 * nest->n_state);
    memcpy(args, nest->state, nest->n_state * sizeof *args);
    memcpy(args + nest->n_state, elements, nest->n_state * sizeof *args);
    alpa_expr_eval_block(lower, op->regions[0].first, args, nest->state);
  }
  for (uint32_t i = 0; i < nest->n_state; i++)
    nest->state[i] = widen(lower, nest->state[i], nest->lanes);
}

static void start_state(alpa_lower *lower, alpa_nest *nest, const alpa_tuple *at) {
  const alpa_tuple *scalar = alpa_tuple_get(lower, alpa_tuple_make(lower, at, 0));
  nest->state = alpa_arena_new(lower->arena, alpa_element, nest->n_state);
  for (uint32_t i = 0; i < nest->n_state; i++) {
    alpa_value *init = alpa_op_operand(nest->op, nest->n_state + i);
    nest->state[i] = widen(lower, alpa_expr_eval(lower, init, scalar), nest->lanes);
  }
}

/* Rounds sums that were kept in f32, and makes all results known. */
static alpa_element finish(alpa_lower *lower, alpa_nest *nest, alpa_value *value) {
  for (uint32_t i = 0; i < nest->n_state; i++) {
    alpa_value *result = &value->op->results[i];
    if (alpa_type_class(result->type) == ALPA_CLASS_FLOAT)
      nest->state[i].re = alpa_float_round(lower, result->type->dtype, nest->state[i].re);
    alpa_expr_set(lower, result, nest->at, nest->state[i]);
  }
  return nest->state[value->index];
}

/* ---- reduce ---- */

int64_t alpa_reduce_shared_extent(const alpa_op *reduce, uint32_t *out_number) {
  const alpa_type *type = alpa_op_operand_type(reduce, 0);
  int64_t extent = 1;
  for (uint32_t d = 0, number = 0; d < type->rank; d++) {
    if (!alpa_dims_contain(alpa_op_attr(reduce, stablehlo_reduce_dimensions), d))
      continue;
    if (type->dims[d] > extent) {
      extent = type->dims[d];
      *out_number = number;
    }
    number++;
  }
  return extent;
}

static void combine_states(alpa_lower *lower, const void *user, const alpa_element *first, const alpa_element *second,
                           alpa_element *state) {
  const alpa_op *op = user;
  alpa_nest nest = {.op = op, .n_state = op->n_results, .state = state, .lanes = alpa_expr_lanes(first[0].re)};
  memcpy(state, first, nest.n_state * sizeof *state);
  combine(lower, &nest, second);
}

/* Only one of the threads that share a sum begins with what it starts from. */
static void start_shares(alpa_lower *lower, alpa_nest *nest) {
  alpa_reduction reduction;
  const alpa_op *op = nest->op;
  if (!alpa_block_find_monoid(op->regions[0].first, &reduction))
    return; /* as in rows: what it starts from changes nothing */
  char bytes[16];
  alpa_dtype dtype = op->results[0].type->dtype;
  alpa_monoid_identity(reduction, dtype, bytes);
  alpa_element identity = widen(lower, alpa_expr_constant(lower, dtype, bytes), nest->lanes);
  LLVMValueRef zero = alpa_lower_i64(lower, 0);
  LLVMValueRef is_first = LLVMBuildICmp(lower->builder, LLVMIntEQ, lower->split->share, zero, "");
  alpa_element *state = &nest->state[0];
  state->re = LLVMBuildSelect(lower->builder, is_first, state->re, identity.re, "");
  if (state->im)
    state->im = LLVMBuildSelect(lower->builder, is_first, state->im, identity.im, "");
}

static void reduce_body(alpa_lower *lower, alpa_nest *nest) {
  const alpa_op *op = nest->op;
  const alpa_type *type = alpa_op_operand_type(op, 0);
  alpa_tuple *in = alpa_tuple_make(lower, nest->at, type->rank);
  uint32_t reduced = 0, kept = 0;
  for (uint32_t d = 0; d < type->rank; d++)
    in->at[d] = alpa_dims_contain(alpa_op_attr(op, stablehlo_reduce_dimensions), d) ? nest->index[reduced++]
                                                                                    : nest->at->at[kept++];
  const alpa_tuple *at = alpa_tuple_get(lower, in);
  alpa_element *elements = alpa_arena_new(lower->arena, alpa_element, nest->n_state);
  for (uint32_t i = 0; i < nest->n_state; i++)
    elements[i] = alpa_expr_eval(lower, alpa_op_operand(op, i), at);
  combine(lower, nest, elements);
}

alpa_element alpa_emit_reduce(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  const alpa_type *type = alpa_op_operand_type(op, 0);
  if (alpa_kernel_kind(lower->kernel) == KERNEL_KIND_ROWS) /* its results are set row by row */
    alpa_lower_unsupported(lower, op, "is read outside of its row; this is a defect of the fusion");
  alpa_nest nest = {.op = op, .at = at, .n_state = op->n_results, .body = reduce_body};
  nest.lanes = alpa_tuple_is_uniform(at) ? 1 : at->lanes;
  bool empty = false;
  for (uint32_t d = 0; d < type->rank; d++)
    if (alpa_dims_contain(alpa_op_attr(op, stablehlo_reduce_dimensions), d)) {
      nest.extents[nest.n++] = type->dims[d];
      empty |= type->dims[d] == 0;
    }
  start_state(lower, &nest, at);
  bool shares = lower->split && !empty && alpa_reduce_shared_extent(op, &nest.shared_dim) > 1 &&
                alpa_ptx_split_take(lower, nest.state, nest.n_state);
  if (shares && lower->split->is_final) {
    alpa_ptx_split_gather(lower, nest.state, nest.n_state, combine_states, op);
    return finish(lower, &nest, value);
  }
  if (shares) {
    nest.split = lower->split;
    start_shares(lower, &nest);
  }
  if (!empty)
    alpa_nest_run(lower, &nest, 0);
  if (shares)
    alpa_ptx_split_fold(lower, nest.state, nest.n_state, combine_states, op);
  return finish(lower, &nest, value);
}

/* ---- reduce_window ---- */

/* Number i of an optional list. */
static int64_t item(const alpa_op *op, int ordinal, uint32_t i, int64_t absent) {
  if (!alpa_op_attr(op, ordinal))
    return absent;
  const alpa_attr *attr = alpa_op_attr(op, ordinal);
  return *(const int64_t *)alpa_attr_element(attr, i);
}

LLVMValueRef alpa_window_place(alpa_lower *lower, const alpa_window_dim *dim, alpa_component o, alpa_component w,
                               alpa_component *out_place, uint32_t lanes) {
  LLVMBuilderRef builder = lower->builder;
  alpa_component place = alpa_component_add(lower, alpa_component_scale(lower, o, dim->stride),
                                            alpa_component_scale(lower, w, dim->dilation), lanes);
  place = alpa_component_add(lower, place, alpa_component_constant(lower, -dim->low), lanes);
  bool inside = dim->low <= 0 && dim->base == 1 &&
                (dim->output - 1) * dim->stride + (dim->window - 1) * dim->dilation - dim->low < dim->input;
  *out_place = place;
  if (inside)
    return NULL;
  LLVMValueRef value = alpa_component_value(lower, place, lanes);
  uint32_t n = alpa_expr_lanes(value);
  LLVMValueRef bound = alpa_lower_splat(lower, alpa_lower_i64(lower, (dim->input - 1) * dim->base + 1), n);
  LLVMValueRef exists = LLVMBuildICmp(builder, LLVMIntULT, value, bound, "");
  if (dim->base != 1) {
    int64_t before = dim->low > 0 ? (dim->low + dim->base - 1) / dim->base : 0; /* division wants no negative numbers */
    alpa_component remainder;
    place = alpa_component_add(lower, place, alpa_component_constant(lower, before * dim->base), lanes);
    alpa_component_divide(lower, place, dim->base, lanes, out_place, &remainder);
    *out_place = alpa_component_add(lower, *out_place, alpa_component_constant(lower, -before), lanes);
    LLVMValueRef rest = alpa_component_value(lower, remainder, lanes);
    LLVMValueRef whole = LLVMBuildICmp(builder, LLVMIntEQ, rest, LLVMConstNull(LLVMTypeOf(rest)), "");
    alpa_expr_unify(lower, &exists, &whole);
    exists = LLVMBuildAnd(builder, exists, whole, "");
  }
  return exists;
}

static alpa_window_dim window_dim(const alpa_op *op, uint32_t d) {
  const alpa_type *type = alpa_op_operand_type(op, 0);
  return (alpa_window_dim){
      .input = type->dims[d],
      .output = op->results[0].type->dims[d],
      .window = item(op, stablehlo_reduce_window_window_dimensions, d, 1),
      .stride = item(op, stablehlo_reduce_window_window_strides, d, 1),
      .dilation = item(op, stablehlo_reduce_window_window_dilations, d, 1),
      .base = item(op, stablehlo_reduce_window_base_dilations, d, 1),
      .low = item(op, stablehlo_reduce_window_padding, 2 * d, 0),
  };
}

static void window_body(alpa_lower *lower, alpa_nest *nest) {
  const alpa_op *op = nest->op;
  alpa_tuple *in = alpa_tuple_make(lower, nest->at, nest->at->rank);
  LLVMValueRef exists = NULL;
  for (uint32_t d = 0; d < in->rank; d++) {
    alpa_window_dim dim = window_dim(op, d);
    LLVMValueRef here = alpa_window_place(lower, &dim, nest->at->at[d], nest->index[d], &in->at[d], in->lanes);
    if (!here)
      continue;
    alpa_tuple_restrict(lower, in, here);
    if (exists)
      alpa_expr_unify(lower, &exists, &here);
    exists = exists ? LLVMBuildAnd(lower->builder, exists, here, "") : here;
  }
  const alpa_tuple *at = alpa_tuple_get(lower, in);
  const alpa_tuple *scalar = alpa_tuple_get(lower, alpa_tuple_make(lower, at, 0));
  alpa_element *elements = alpa_arena_new(lower->arena, alpa_element, nest->n_state);
  for (uint32_t i = 0; i < nest->n_state; i++) {
    elements[i] = alpa_expr_eval(lower, alpa_op_operand(op, i), at);
    if (exists)
      elements[i] = alpa_expr_select(lower, exists, elements[i],
                                     alpa_expr_eval(lower, alpa_op_operand(op, nest->n_state + i), scalar));
  }
  combine(lower, nest, elements);
}

alpa_element alpa_emit_reduce_window(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  alpa_nest nest = {.op = op, .at = at, .n_state = op->n_results, .body = window_body, .n = value->type->rank};
  nest.lanes = alpa_tuple_is_uniform(at) ? 1 : at->lanes;
  for (uint32_t d = 0; d < nest.n; d++)
    nest.extents[d] = item(op, stablehlo_reduce_window_window_dimensions, d, 1);
  start_state(lower, &nest, at);
  alpa_nest_run(lower, &nest, 0);
  return finish(lower, &nest, value);
}

/* ---- map, dot_general ---- */

alpa_element alpa_emit_map(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  alpa_element *args = alpa_arena_new(lower->arena, alpa_element, op->n_operands), result;
  for (uint32_t i = 0; i < op->n_operands; i++)
    args[i] = alpa_expr_eval(lower, alpa_op_operand(op, i), at);
  alpa_expr_eval_block(lower, op->regions[0].first, args, &result);
  return result;
}

static const alpa_attr *dot_dims(const alpa_op *op, int field) {
  return alpa_attr_field(alpa_op_attr(op, stablehlo_dot_general_dot_dimension_numbers), field);
}

/* The place in one side of a product: batch and free dimensions from the result, contracted ones from the loops. */
static const alpa_tuple *side_place(alpa_lower *lower, const alpa_nest *nest, bool right) {
  const alpa_op *op = nest->op;
  const alpa_attr *batching = dot_dims(op, right ? STABLEHLO_DOT_RHS_BATCHING : STABLEHLO_DOT_LHS_BATCHING);
  const alpa_attr *contracting = dot_dims(op, right ? STABLEHLO_DOT_RHS_CONTRACTING : STABLEHLO_DOT_LHS_CONTRACTING);
  const alpa_type *type = alpa_op_operand_type(op, right), *left = alpa_op_operand_type(op, 0);
  size_t n_batch, n_contracting;
  const int64_t *batch = alpa_attr_i64s(batching, &n_batch), *contract = alpa_attr_i64s(contracting, &n_contracting);
  alpa_tuple *in = alpa_tuple_make(lower, nest->at, type->rank);
  for (size_t i = 0; i < n_batch; i++)
    in->at[batch[i]] = nest->at->at[i];
  for (size_t i = 0; i < n_contracting; i++)
    in->at[contract[i]] = nest->index[i];
  size_t free_dim = right ? left->rank - n_contracting : n_batch;
  for (uint32_t d = 0; d < type->rank; d++)
    if (!alpa_dims_contain(batching, d) && !alpa_dims_contain(contracting, d))
      in->at[d] = nest->at->at[free_dim++];
  return alpa_tuple_get(lower, in);
}

static void dot_body(alpa_lower *lower, alpa_nest *nest) {
  const alpa_op *op = nest->op;
  alpa_dtype dtype = op->results[0].type->dtype;
  alpa_element sides[2];
  for (uint32_t i = 0; i < 2; i++) {
    alpa_element element = alpa_expr_eval(lower, alpa_op_operand(op, i), side_place(lower, nest, i));
    sides[i] = alpa_element_convert(lower, alpa_op_operand_type(op, i)->dtype, dtype, element);
    sides[i] = widen(lower, sides[i], nest->lanes);
  }
  if (!sides[0].im) {
    nest->state[0].re = alpa_lower_multiply_add(lower, dtype, sides[0].re, sides[1].re, nest->state[0].re);
    return;
  }
  alpa_element product = alpa_elementwise_apply(lower, STABLEHLO_multiply, dtype, sides);
  nest->state[0] = alpa_reduce_combine(lower, ALPA_REDUCE_ADD, dtype, nest->state[0], product);
}

alpa_element alpa_emit_dot_general(alpa_lower *lower, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  alpa_nest nest = {.op = op, .at = at, .n_state = 1, .body = dot_body};
  nest.lanes = alpa_tuple_is_uniform(at) ? 1 : at->lanes;
  size_t n;
  const int64_t *dims = alpa_attr_i64s(dot_dims(op, STABLEHLO_DOT_LHS_CONTRACTING), &n);
  bool empty = false;
  for (size_t i = 0; i < n; i++) {
    nest.extents[nest.n++] = alpa_op_operand_type(op, 0)->dims[dims[i]];
    empty |= nest.extents[i] == 0;
  }
  alpa_element zero = widen(lower, alpa_expr_zero(lower, value->type->dtype), nest.lanes);
  nest.state = &zero;
  if (!empty)
    alpa_nest_run(lower, &nest, 0);
  return finish(lower, &nest, value);
}
