/* Random numbers. */
#include "dialects/stablehlo/check.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

#include <inttypes.h>

/* The shape operand, where it is a constant, is the result's shape. */
static alpa_status check_constant_shape(const alpa_op *op, const alpa_attr *shape) {
  const alpa_type *type = alpa_op_type(op);
  for (uint32_t d = 0; shape && d < type->rank; d++) {
    if (shape->type->element->kind != ALPA_TYPE_SCALAR || shape->type->dtype != ALPA_I64)
      return ALPA_OK;
    int64_t size = *(const int64_t *)alpa_attr_element(shape, d);
    if (!alpa_dim_agrees(type->dims[d], size))
      return alpa_op_error(
          op, "expects result dimension %u to have the size that the shape gives, %" PRId64 ", got %" PRId64, d, size,
          type->dims[d]);
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_rng(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *a = alpa_op_operand_type(op, 0), *b = alpa_op_operand_type(op, 1);
  const alpa_type *shape = alpa_op_operand_type(op, 2), *type = alpa_op_type(op);
  ALPA_TRY(alpa_check_scalar(op, a, "the first parameter of the distribution"));
  ALPA_TRY(alpa_check_scalar(op, b, "the second parameter of the distribution"));
  ALPA_TRY(alpa_check_same_element(op, a, "the first parameter", b, "the second"));
  ALPA_TRY(alpa_check_same_element(op, a, "the first parameter", type, "the result"));
  if (op->attrs[stablehlo_rng_rng_distribution]->integer == STABLEHLO_NORMAL)
    ALPA_TRY(alpa_check_class(op, type, ALPA_IN_FLOAT, "a normal distribution", "floats"));
  ALPA_TRY(alpa_check_class(op, shape, ALPA_IN_INTEGER, "the shape", "integers"));
  if (shape->rank != 1 || !alpa_dim_agrees(shape->dims[0], type->rank))
    return alpa_op_error(op, "expects the shape to be a tensor of %u integers, got '%s'", type->rank,
                         alpa_spell(op, shape));
  return check_constant_shape(op, alpa_value_find_constant(alpa_op_operand(op, 2)));
}

/* Elements of the state, by algorithm; 0 is the end. */
static const int64_t state_sizes[][3] = {
    [STABLEHLO_RNG_DEFAULT] = {0},
    [STABLEHLO_THREE_FRY] = {2, 0},
    [STABLEHLO_PHILOX] = {2, 3, 0},
};

alpa_status alpa_stablehlo_verify_rng_bit_generator(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *state = alpa_op_operand_type(op, 0);
  ALPA_TRY(alpa_check_same_type(op, state, "the initial state", op->results[0].type, "the output state"));
  ALPA_TRY(
      alpa_check_class(op, op->results[1].type, ALPA_IN_INTEGER | ALPA_IN_FLOAT, "the output", "integers or floats"));
  const alpa_attr *algorithm = op->attrs[stablehlo_rng_bit_generator_rng_algorithm];
  const int64_t *sizes = state_sizes[algorithm->integer];
  if (state->dtype != ALPA_UI64 || sizes[0] == 0)
    return ALPA_OK; /* the implementation's own state, or older programs with states of ui32 */
  if (state->rank != 1)
    return alpa_op_error(op, "expects a state of rank 1, got '%s'", alpa_spell(op, state));
  if (!alpa_dim_known(state->dims[0]))
    return ALPA_OK;
  for (; *sizes; sizes++)
    if (*sizes == state->dims[0])
      return ALPA_OK;
  return alpa_op_error(op, "expects a state of %s for %s, got '%s'",
                       algorithm->integer == STABLEHLO_PHILOX ? "2 or 3 'ui64'" : "2 'ui64'", alpa_attr_case(algorithm),
                       alpa_spell(op, state));
}
