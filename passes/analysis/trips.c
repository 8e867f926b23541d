/* Trip counts of counted loops, as scans and fori_loops are written: the condition compares a carried integer with a
 * constant, the body adds a constant to it, and it starts from a constant. */
#include "passes/analysis/trips.h"

#include "dialects/stablehlo/stablehlo.h"
#include "support/number.h"

static bool find_integer(const alpa_value *value, int64_t *out) {
  const alpa_attr *constant = alpa_value_find_constant(value);
  if (!constant || constant->kind != ALPA_ATTR_ELEMENTS || constant->type->rank != 0)
    return false;
  alpa_dtype_class class = alpa_type_class(constant->type);
  if (class != ALPA_CLASS_INT && class != ALPA_CLASS_UINT)
    return false;
  *out = alpa_integer_load(constant->type->dtype, alpa_attr_element(constant, 0));
  return true;
}

/* A constant, directly or as a carried value that never changes. */
static bool find_invariant(const alpa_op *loop, const alpa_value *value, int64_t *out) {
  if (find_integer(value, out))
    return true;
  if (value->op || value->block->region->op != loop)
    return false;
  const alpa_block *body = alpa_region_block(&loop->regions[1]);
  const alpa_value *next = alpa_op_operand(body->last, value->index);
  return next == body->args[value->index] && find_integer(alpa_op_operand(loop, value->index), out);
}

/* The constant that the body adds to its argument i in every iteration. */
static bool find_step(const alpa_op *loop, uint32_t i, int64_t *out) {
  const alpa_block *body = alpa_region_block(&loop->regions[1]);
  const alpa_op *add = alpa_op_operand(body->last, i)->op;
  if (!add || !stablehlo_is(add, STABLEHLO_add))
    return false;
  bool first = alpa_op_operand(add, 0) == body->args[i];
  return (first || alpa_op_operand(add, 1) == body->args[i]) && find_invariant(loop, alpa_op_operand(add, first), out);
}

bool alpa_loop_find_counter(const alpa_op *loop, alpa_loop_counter *out) {
  if (loop->n_regions != 2)
    return false;
  const alpa_block *condition = alpa_region_block(&loop->regions[0]);
  if (condition->last->n_operands != 1)
    return false;
  const alpa_op *compare = alpa_op_operand(condition->last, 0)->op;
  if (!compare || !stablehlo_is(compare, STABLEHLO_compare))
    return false;
  int64_t direction = alpa_op_int(compare, stablehlo_compare_comparison_direction, STABLEHLO_NE), begin, end, step;
  const alpa_value *counter = alpa_op_operand(compare, 0);
  if (counter->op || (direction != STABLEHLO_LT && direction != STABLEHLO_LE) ||
      !find_invariant(loop, alpa_op_operand(compare, 1), &end) ||
      !find_integer(alpa_op_operand(loop, counter->index), &begin) || !find_step(loop, counter->index, &step) ||
      step <= 0 || begin > end)
    return false;
  end += direction == STABLEHLO_LE;
  uint64_t distance = (uint64_t)end - (uint64_t)begin;
  int64_t trips = (int64_t)(distance / (uint64_t)step + (distance % (uint64_t)step != 0));
  *out = (alpa_loop_counter){counter->index, begin, step, trips};
  return true;
}

int64_t alpa_loop_trips(const alpa_op *loop) {
  alpa_loop_counter counter;
  return alpa_loop_find_counter(loop, &counter) ? counter.trips : 0;
}
