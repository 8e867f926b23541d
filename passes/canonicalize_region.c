/* Folds of ops with regions: reductions of one element, loops that do not change a value or do not run, branches whose
 * predicate is known, barriers of several values. */
#include "passes/canonicalize.h"

#include <math.h>

static alpa_block *block_of(const alpa_op *op, uint32_t region) { return alpa_region_block(&op->regions[region]); }

/* ---- reduce ---- */

/* The op that a body of the form { return op(arg0, arg1) } consists of, or NULL. */
static const alpa_op *find_combiner(const alpa_block *body) {
  const alpa_op *op = body->first, *end = body->last;
  if (!op || op->next != end || body->n_args != 2 || op->n_operands != 2 || end->n_operands != 1 ||
      op->n_results != 1 || alpa_op_operand(end, 0) != alpa_op_result(op, 0))
    return NULL;
  bool straight = alpa_op_operand(op, 0) == body->args[0] && alpa_op_operand(op, 1) == body->args[1];
  bool crossed = alpa_op_operand(op, 0) == body->args[1] && alpa_op_operand(op, 1) == body->args[0];
  return straight || (crossed && alpa_op_has(op, ALPA_COMMUTATIVE)) ? op : NULL;
}

static bool is_neutral(const alpa_op *combiner, const alpa_value *init) {
  if (stablehlo_is(combiner, STABLEHLO_add) || stablehlo_is(combiner, STABLEHLO_or))
    return alpa_value_is_number(init, 0);
  if (stablehlo_is(combiner, STABLEHLO_multiply))
    return alpa_value_is_number(init, 1);
  if (stablehlo_is(combiner, STABLEHLO_maximum))
    return alpa_value_is_number(init, -INFINITY);
  return stablehlo_is(combiner, STABLEHLO_minimum) && alpa_value_is_number(init, INFINITY);
}

/* A reduction over dimensions of size 1, starting from the neutral element, only changes the shape. */
bool alpa_fold_reduce(alpa_rewriter *rewriter, alpa_op *op) {
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_reduce_dimensions, &n);
  if (op->n_operands != 2 || !alpa_type_is_static_tensor(alpa_op_operand_type(op, 0)))
    return false;
  for (size_t i = 0; i < n; i++)
    if (alpa_op_operand_type(op, 0)->dims[dims[i]] != 1)
      return false;
  const alpa_op *combiner = find_combiner(block_of(op, 0));
  if (!combiner || !is_neutral(combiner, alpa_op_operand(op, 1)))
    return false;
  const alpa_type *type = alpa_op_type(op);
  alpa_value *operand = alpa_op_operand(op, 0);
  if (type->dtype != operand->type->dtype)
    return false;
  return alpa_rewriter_replace_op(rewriter, op,
                                  &(alpa_op_state){.def = &alpa_stablehlo_ops[STABLEHLO_reshape],
                                                   .operands = &operand,
                                                   .n_operands = 1,
                                                   .results = &type,
                                                   .n_results = 1});
}

/* ---- while ---- */

static bool is_used_beside(const alpa_value *value, const alpa_op *user) {
  for (const alpa_use *use = value->uses; use; use = use->next)
    if (use->owner != user)
      return true;
  return false;
}

/* A value that every iteration passes on as it got it is what it was before the loop: regions see that one directly.
 * (The carried value is then unused, and dce takes it out.) */
static bool replace_invariant(alpa_rewriter *rewriter, alpa_op *op, uint32_t i) {
  alpa_block *cond = block_of(op, 0), *body = block_of(op, 1);
  alpa_value *init = alpa_op_operand(op, i), *passed_on = alpa_op_operand(body->last, i);
  if (passed_on != body->args[i] && passed_on != init)
    return false;
  bool used = cond->args[i]->uses || is_used_beside(body->args[i], body->last) || alpa_op_result(op, i)->uses;
  if (!used || alpa_op_result(op, i)->type != init->type)
    return false;
  alpa_rewriter_replace_uses(rewriter, cond->args[i], init);
  alpa_rewriter_replace_uses(rewriter, body->args[i], init);
  alpa_rewriter_replace_uses(rewriter, alpa_op_result(op, i), init);
  return true;
}

bool alpa_fold_while(alpa_rewriter *rewriter, alpa_op *op) {
  const alpa_block *cond = block_of(op, 0);
  bool changed = false;
  if (alpa_value_is_number(alpa_op_operand(cond->last, 0), 0)) {
    alpa_value **inits = alpa_arena_new(alpa_rewriter_arena(rewriter), alpa_value *, op->n_operands);
    for (uint32_t i = 0; i < op->n_operands; i++)
      inits[i] = alpa_op_operand(op, i);
    return alpa_rewriter_replace(rewriter, op, inits);
  }
  for (uint32_t i = 0; i < op->n_results; i++)
    changed |= replace_invariant(rewriter, op, i);
  return changed && alpa_rewriter_revisit(rewriter, op);
}

/* ---- branches ---- */

static bool take_branch(alpa_rewriter *rewriter, alpa_op *op, uint32_t region) {
  alpa_block *block = block_of(op, region);
  alpa_value **values = alpa_arena_new(alpa_rewriter_arena(rewriter), alpa_value *, op->n_results);
  for (uint32_t i = 0; i < op->n_results; i++)
    values[i] = alpa_op_operand(block->last, i);
  alpa_rewriter_inline_block(rewriter, block, op);
  return alpa_rewriter_replace(rewriter, op, values);
}

bool alpa_fold_if(alpa_rewriter *rewriter, alpa_op *op) {
  int64_t predicate;
  return alpa_value_find_integer(alpa_op_operand(op, 0), &predicate) && take_branch(rewriter, op, predicate ? 0 : 1);
}

bool alpa_fold_case(alpa_rewriter *rewriter, alpa_op *op) {
  int64_t index;
  if (op->n_regions == 0 || !alpa_value_find_integer(alpa_op_operand(op, 0), &index))
    return false;
  bool outside = index < 0 || index >= op->n_regions;
  return take_branch(rewriter, op, outside ? op->n_regions - 1 : (uint32_t)index);
}

/* ---- barriers ---- */

/* One barrier per value: each keeps what it should from moving across, and none ties unrelated values together. */
bool alpa_fold_optimization_barrier(alpa_rewriter *rewriter, alpa_op *op) {
  if (op->n_operands < 2)
    return false;
  alpa_value **values = alpa_arena_new(alpa_rewriter_arena(rewriter), alpa_value *, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_value *operand = alpa_op_operand(op, i);
    values[i] = alpa_rewriter_build(
        rewriter, op,
        &(alpa_op_state){
            .def = op->def, .operands = &operand, .n_operands = 1, .results = &operand->type, .n_results = 1});
  }
  return alpa_rewriter_replace(rewriter, op, values);
}

/* ---- tuples ---- */

bool alpa_fold_get_tuple_element(alpa_rewriter *rewriter, alpa_op *op) {
  const alpa_op *tuple = alpa_value_find_stablehlo(alpa_op_operand(op, 0), STABLEHLO_tuple);
  uint32_t index = (uint32_t)op->attrs[stablehlo_get_tuple_element_index]->integer;
  return tuple && alpa_rewriter_replace_one(rewriter, op, alpa_op_operand(tuple, index));
}
