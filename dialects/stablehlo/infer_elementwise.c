/* Result types of elementwise ops, of constants, and of everything whose results look like its operands. */
#include "dialects/stablehlo/check.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

alpa_status alpa_stablehlo_infer_nothing(alpa_op *op, alpa_infer *out) {
  (void)op, (void)out;
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_first_operand(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  alpa_infer_push(out, alpa_op_operand_type(op, 0));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_second_operand(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  alpa_infer_push(out, alpa_op_operand_type(op, 1));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_all_operands(alpa_op *op, alpa_infer *out) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    alpa_infer_push(out, alpa_op_operand_type(op, i));
  return ALPA_OK;
}

static const alpa_type *real_type(const alpa_op *op, const alpa_type *type) {
  if (type->element->kind != ALPA_TYPE_SCALAR || alpa_type_class(type) != ALPA_CLASS_COMPLEX)
    return type;
  alpa_dtype part = type->dtype == ALPA_C64 ? ALPA_F32 : ALPA_F64;
  return alpa_type_with_dtype(alpa_op_context(op), type, part);
}

alpa_status alpa_stablehlo_infer_abs(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  alpa_infer_push(out, real_type(op, alpa_op_operand_type(op, 0)));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_complex_part(alpa_op *op, alpa_infer *out) {
  return alpa_stablehlo_infer_abs(op, out);
}

alpa_status alpa_stablehlo_infer_predicate(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  alpa_shape shape = alpa_shape_of(alpa_op_operand_type(op, 0));
  for (uint32_t i = 1; i < op->n_operands; i++) {
    const alpa_type *type = alpa_op_operand_type(op, i);
    ALPA_TRY(alpa_check_same_shape(op, alpa_op_operand_type(op, 0), "the first operand", type, "the second"));
    for (uint32_t d = 0; d < shape.rank; d++)
      if (!alpa_dim_known(shape.dims[d]))
        shape.dims[d] = type->dims[d];
  }
  alpa_infer_push(out, alpa_type_get_tensor(alpa_op_context(op), ALPA_I1, shape.rank, shape.dims));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_complex(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0);
  ALPA_TRY(alpa_check_same_type(op, type, "the real part", alpa_op_operand_type(op, 1), "the imaginary part"));
  ALPA_TRY(alpa_check_class(op, type, ALPA_IN_FLOAT, "the real part", "f32 or f64"));
  if (type->dtype != ALPA_F32 && type->dtype != ALPA_F64)
    return alpa_op_error(op, "expects the real part to be a tensor of f32 or f64, got '%s'", alpa_spell(op, type));
  alpa_dtype dtype = type->dtype == ALPA_F32 ? ALPA_C64 : ALPA_C128;
  alpa_infer_push(out, alpa_type_with_dtype(alpa_op_context(op), type, dtype));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_select(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *predicate = alpa_op_operand_type(op, 0);
  const alpa_type *then = alpa_op_operand_type(op, 1), *otherwise = alpa_op_operand_type(op, 2);
  ALPA_TRY(alpa_check_class(op, predicate, ALPA_IN_BOOL, "the predicate", "i1"));
  ALPA_TRY(alpa_check_same_type(op, then, "the second operand", otherwise, "the third"));
  if (predicate->rank != 0)
    ALPA_TRY(
        alpa_check_same_shape(op, predicate, "the predicate, which is not of rank 0,", then, "the second operand"));
  alpa_shape shape = alpa_shape_of(then);
  for (uint32_t d = 0; d < shape.rank; d++)
    if (!alpa_dim_known(shape.dims[d]))
      shape.dims[d] = otherwise->dims[d];
  return alpa_infer_shape(op, out, then, &shape);
}

alpa_status alpa_stablehlo_infer_clamp(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *low = alpa_op_operand_type(op, 0), *type = alpa_op_operand_type(op, 1);
  const alpa_type *high = alpa_op_operand_type(op, 2);
  ALPA_TRY(alpa_check_same_element(op, low, "the minimum", type, "the operand"));
  ALPA_TRY(alpa_check_same_element(op, high, "the maximum", type, "the operand"));
  if (low->rank != 0)
    ALPA_TRY(alpa_check_same_shape(op, low, "the minimum, which is not of rank 0,", type, "the operand"));
  if (high->rank != 0)
    ALPA_TRY(alpa_check_same_shape(op, high, "the maximum, which is not of rank 0,", type, "the operand"));
  alpa_infer_push(out, type);
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_constant(alpa_op *op, alpa_infer *out) {
  const alpa_attr *value = alpa_op_find_attr(op, "value");
  const alpa_type *given = op->n_results ? alpa_op_type(op) : NULL;
  bool quantized = given && alpa_type_is_tensor(given) && given->element->kind != ALPA_TYPE_SCALAR;
  if (value->type && quantized && alpa_shape_agrees(given, value->type))
    alpa_infer_push(out, given); /* the literal holds what is stored */
  else if (value->type)
    alpa_infer_push(out, value->type);
  else if (given) /* a resource, kept as text */
    alpa_infer_push(out, given);
  else
    return alpa_op_error(op, "expects a literal value, from which the type of the result is known");
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_u32_scalar(alpa_op *op, alpa_infer *out) {
  alpa_infer_push(out, alpa_type_get_tensor(alpa_op_context(op), ALPA_UI32, 0, NULL));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_token(alpa_op *op, alpa_infer *out) {
  static const char text[] = "!stablehlo.token";
  alpa_infer_push(out, alpa_type_get_opaque(alpa_op_context(op), (alpa_str){text, sizeof text - 1}));
  return ALPA_OK;
}
