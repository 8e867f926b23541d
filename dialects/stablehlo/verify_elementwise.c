/* Element types of elementwise ops, and what their attributes demand. */
#include "dialects/stablehlo/check.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

#include <inttypes.h>

static alpa_status check_operand(const alpa_op *op, uint32_t set, const char *classes) {
  return alpa_check_class(op, alpa_op_operand_type(op, 0), set, "the operand", classes);
}

alpa_status alpa_stablehlo_verify_signed_or_float(alpa_op *op) {
  return check_operand(op, ALPA_IN_INT | ALPA_IN_FLOAT | ALPA_IN_COMPLEX, "signed integers, floats or complex numbers");
}

/* result_accuracy, where the op has it: tolerances say something in the mode TOLERANCE only. */
static alpa_status check_accuracy(const alpa_op *op) {
  const alpa_attr *accuracy = alpa_op_find_attr(op, "result_accuracy");
  if (!accuracy)
    return ALPA_OK;
  if (accuracy->kind != ALPA_ATTR_STRUCT || accuracy->def != &alpa_stablehlo_attr_result_accuracy)
    return alpa_op_error(op, "expects result_accuracy to be a #stablehlo.result_accuracy attribute");
  const alpa_attr *mode = alpa_attr_field(accuracy, STABLEHLO_ACCURACY_MODE);
  for (int i = 0; i < STABLEHLO_ACCURACY_MODE && mode->integer != STABLEHLO_ACCURACY_TOLERANCE; i++) {
    const alpa_attr *value = alpa_attr_field(accuracy, i);
    if (value && (value->kind == ALPA_ATTR_FLOAT ? alpa_attr_number(value) != 0 : value->integer != 0))
      return alpa_op_error(op, "expects %s of result_accuracy to be zero in the mode %s", accuracy->def->fields[i].name,
                           alpa_attr_case(mode));
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_float_or_complex(alpa_op *op) {
  ALPA_TRY(check_accuracy(op));
  return check_operand(op, ALPA_IN_FLOAT | ALPA_IN_COMPLEX, "floats or complex numbers");
}

alpa_status alpa_stablehlo_verify_float(alpa_op *op) { return check_operand(op, ALPA_IN_FLOAT, "floats"); }

alpa_status alpa_stablehlo_verify_integer(alpa_op *op) { return check_operand(op, ALPA_IN_INTEGER, "integers"); }

alpa_status alpa_stablehlo_verify_number(alpa_op *op) {
  return check_operand(op, ALPA_IN_NUMBER, "integers, floats or complex numbers");
}

alpa_status alpa_stablehlo_verify_integer_or_bool(alpa_op *op) {
  return check_operand(op, ALPA_IN_INTEGER | ALPA_IN_BOOL, "integers or booleans");
}

alpa_status alpa_stablehlo_verify_same_shape(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  return alpa_check_same_shape(op, alpa_op_operand_type(op, 0), "the operand", alpa_op_type(op), "the result");
}

alpa_status alpa_stablehlo_verify_reduce_precision(alpa_op *op) {
  ALPA_TRY(alpa_stablehlo_verify_float(op));
  int64_t exponent = alpa_op_int(op, stablehlo_reduce_precision_exponent_bits, 0);
  int64_t mantissa = alpa_op_int(op, stablehlo_reduce_precision_mantissa_bits, 0);
  if (exponent < 1)
    return alpa_op_error(op, "expects exponent_bits to be at least 1, got %" PRId64, exponent);
  if (mantissa < 0)
    return alpa_op_error(op, "expects mantissa_bits to be at least 0, got %" PRId64, mantissa);
  return ALPA_OK;
}

/* What a comparison type compares, by ordinal. */
static const uint32_t compared[] = {
    [STABLEHLO_NOTYPE] = ALPA_IN_BOOL | ALPA_IN_NUMBER,
    [STABLEHLO_FLOAT] = ALPA_IN_FLOAT | ALPA_IN_COMPLEX,
    [STABLEHLO_TOTALORDER] = ALPA_IN_FLOAT,
    [STABLEHLO_SIGNED] = ALPA_IN_INT,
    [STABLEHLO_UNSIGNED] = ALPA_IN_UINT | ALPA_IN_BOOL,
};

alpa_status alpa_stablehlo_verify_compare(alpa_op *op) {
  const alpa_type *type = alpa_op_operand_type(op, 0);
  ALPA_TRY(alpa_check_same_element(op, type, "the first operand", alpa_op_operand_type(op, 1), "the second"));
  const alpa_attr *how = op->attrs[stablehlo_compare_compare_type];
  bool scalar = type->element->kind == ALPA_TYPE_SCALAR;
  if (how && scalar && !(compared[how->integer] & 1u << alpa_type_class(type)))
    return alpa_op_error(op, "cannot compare '%s' as %s", alpa_spell(op, type), alpa_attr_case(how));
  bool ordered = alpa_op_attr(op, stablehlo_compare_comparison_direction)->integer > STABLEHLO_NE;
  if (scalar && ordered && alpa_type_class(type) == ALPA_CLASS_COMPLEX)
    return alpa_op_error(op, "complex numbers compare as EQ or NE only, got %s",
                         alpa_attr_case(op->attrs[stablehlo_compare_comparison_direction]));
  return ALPA_OK;
}
