/* The ops that move elements and whose result shape the operands do not determine. */
#include "dialects/stablehlo/check.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

#include <inttypes.h>

alpa_status alpa_stablehlo_verify_iota(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_type(op);
  ALPA_TRY(alpa_check_class(op, type, ALPA_IN_NUMBER, "the result", "integers, floats or complex numbers"));
  int64_t dim = alpa_op_int(op, stablehlo_iota_iota_dimension, 0);
  return alpa_check_dim(op, "iota_dimension", dim, type->rank);
}

alpa_status alpa_stablehlo_verify_reshape(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *from = alpa_op_operand_type(op, 0), *to = alpa_op_type(op);
  ALPA_TRY(alpa_check_same_element(op, from, "the operand", to, "the result"));
  int64_t n_from = alpa_dims_count(from->rank, from->dims, 1), n_to = alpa_dims_count(to->rank, to->dims, 1);
  if (n_from >= 0 && n_to >= 0 && n_from != n_to)
    return alpa_op_error(op, "expects as many elements in the result as in the operand (%" PRId64 "), got %" PRId64,
                         n_from, n_to);
  return ALPA_OK;
}

static uint32_t element_bits(const alpa_type *type) { return alpa_dtype_get_info(type->dtype)->bits; }

/* A conversion between elements of different widths: the narrower tensor has one dimension more. */
static alpa_status check_split_elements(const alpa_op *op, const alpa_type *wide, const alpa_type *narrow) {
  uint32_t ratio = element_bits(wide) / element_bits(narrow);
  bool ok = element_bits(wide) % element_bits(narrow) == 0 && narrow->rank == wide->rank + 1 &&
            alpa_dim_agrees(narrow->dims[wide->rank], ratio);
  for (uint32_t d = 0; ok && d < wide->rank; d++)
    ok = alpa_dim_agrees(wide->dims[d], narrow->dims[d]);
  if (!ok)
    return alpa_op_error(op,
                         "cannot see the bits of '%s' as '%s': expects the narrower one to have a last dimension "
                         "of size %u more",
                         alpa_spell(op, alpa_op_operand_type(op, 0)), alpa_spell(op, alpa_op_type(op)), ratio);
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_bitcast_convert(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *from = alpa_op_operand_type(op, 0), *to = alpa_op_type(op);
  if (from->element->kind != ALPA_TYPE_SCALAR || to->element->kind != ALPA_TYPE_SCALAR)
    return ALPA_OK; /* quantized */
  bool from_complex = alpa_type_class(from) == ALPA_CLASS_COMPLEX,
       to_complex = alpa_type_class(to) == ALPA_CLASS_COMPLEX;
  if (from_complex != to_complex)
    return alpa_op_error(op, "cannot convert between real and complex elements, got '%s' and '%s'",
                         alpa_spell(op, from), alpa_spell(op, to));
  if (element_bits(from) == element_bits(to))
    return alpa_check_same_shape(op, from, "the operand", to, "the result");
  if (element_bits(from) > element_bits(to))
    return check_split_elements(op, from, to);
  return check_split_elements(op, to, from);
}

alpa_status alpa_stablehlo_verify_broadcast_in_dim(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *from = alpa_op_operand_type(op, 0), *to = alpa_op_type(op);
  ALPA_TRY(alpa_check_same_element(op, from, "the operand", to, "the result"));
  alpa_dim_list dims = alpa_dim_list_of(op, stablehlo_broadcast_in_dim_broadcast_dimensions);
  ALPA_TRY(alpa_check_length(op, dims, from->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_dims(op, dims, to->rank));
  for (uint32_t i = 0; i < from->rank; i++)
    if (from->dims[i] != 1 && !alpa_dim_agrees(from->dims[i], to->dims[dims.items[i]]))
      return alpa_op_error(op,
                           "size %" PRId64 " of operand dimension %u is neither 1 nor the size %" PRId64
                           " of result dimension %" PRId64,
                           from->dims[i], i, to->dims[dims.items[i]], dims.items[i]);
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_reverse(alpa_op *op) {
  alpa_dim_list dims = alpa_dim_list_of(op, stablehlo_reverse_dimensions);
  return alpa_check_dims(op, dims, alpa_op_operand_type(op, 0)->rank);
}

alpa_status alpa_stablehlo_verify_dynamic_update_slice(alpa_op *op) {
  const alpa_type *type = alpa_op_operand_type(op, 0), *update = alpa_op_operand_type(op, 1);
  ALPA_TRY(alpa_check_same_element(op, type, "the operand", update, "the update"));
  if (update->rank != type->rank)
    return alpa_op_error(op, "expects operand and update to have the same rank, got '%s' and '%s'",
                         alpa_spell(op, type), alpa_spell(op, update));
  for (uint32_t d = 0; d < type->rank; d++)
    if (alpa_dim_known(type->dims[d]) && update->dims[d] > type->dims[d])
      return alpa_op_error(op, "update is larger than the operand in dimension %u: '%s' and '%s'", d,
                           alpa_spell(op, update), alpa_spell(op, type));
  return alpa_check_start_indices(op, 2, type->rank);
}

/* The operand that holds a shape or amounts: integers of rank 1, as many as `n`. */
static alpa_status check_amounts(const alpa_op *op, uint32_t operand, uint32_t n, const char *name) {
  const alpa_type *type = alpa_op_operand_type(op, operand);
  ALPA_TRY(alpa_check_class(op, type, ALPA_IN_INTEGER, name, "integers"));
  if (type->rank != 1 || !alpa_dim_agrees(type->dims[0], n))
    return alpa_op_error(op, "expects %s to be a tensor of %u integers, got '%s'", name, n, alpa_spell(op, type));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_dynamic_iota(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_type(op);
  ALPA_TRY(check_amounts(op, 0, type->rank, "the shape"));
  int64_t dim = alpa_op_int(op, stablehlo_dynamic_iota_iota_dimension, 0);
  return alpa_check_dim(op, "iota_dimension", dim, type->rank);
}

alpa_status alpa_stablehlo_verify_dynamic_reshape(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  ALPA_TRY(check_amounts(op, 1, alpa_op_type(op)->rank, "the shape"));
  return alpa_stablehlo_verify_reshape(op);
}

alpa_status alpa_stablehlo_verify_dynamic_broadcast_in_dim(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *from = alpa_op_operand_type(op, 0), *to = alpa_op_type(op);
  ALPA_TRY(alpa_check_same_element(op, from, "the operand", to, "the result"));
  ALPA_TRY(check_amounts(op, 1, to->rank, "the shape"));
  alpa_dim_list dims = alpa_dim_list_of(op, stablehlo_dynamic_broadcast_in_dim_broadcast_dimensions);
  alpa_dim_list grow = alpa_dim_list_of(op, stablehlo_dynamic_broadcast_in_dim_known_expanding_dimensions);
  alpa_dim_list keep = alpa_dim_list_of(op, stablehlo_dynamic_broadcast_in_dim_known_nonexpanding_dimensions);
  ALPA_TRY(alpa_check_length(op, dims, from->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_dims(op, dims, to->rank));
  ALPA_TRY(alpa_check_dims(op, grow, from->rank));
  ALPA_TRY(alpa_check_dims(op, keep, from->rank));
  return alpa_check_disjoint(op, grow, keep);
}

alpa_status alpa_stablehlo_verify_real_dynamic_slice(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *from = alpa_op_operand_type(op, 0), *to = alpa_op_type(op);
  ALPA_TRY(alpa_check_same_element(op, from, "the operand", to, "the result"));
  ALPA_TRY(check_amounts(op, 1, from->rank, "the start indices"));
  ALPA_TRY(check_amounts(op, 2, from->rank, "the limit indices"));
  ALPA_TRY(check_amounts(op, 3, from->rank, "the strides"));
  if (from->rank != to->rank)
    return alpa_op_error(op, "expects operand and result to have the same rank, got '%s' and '%s'",
                         alpa_spell(op, from), alpa_spell(op, to));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_dynamic_pad(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *from = alpa_op_operand_type(op, 0), *to = alpa_op_type(op);
  ALPA_TRY(alpa_check_same_element(op, from, "the operand", to, "the result"));
  ALPA_TRY(alpa_check_scalar(op, alpa_op_operand_type(op, 1), "the padding value"));
  ALPA_TRY(alpa_check_same_element(op, from, "the operand", alpa_op_operand_type(op, 1), "the padding value"));
  ALPA_TRY(check_amounts(op, 2, from->rank, "the low padding"));
  ALPA_TRY(check_amounts(op, 3, from->rank, "the high padding"));
  ALPA_TRY(check_amounts(op, 4, from->rank, "the interior padding"));
  if (from->rank != to->rank)
    return alpa_op_error(op, "expects operand and result to have the same rank, got '%s' and '%s'",
                         alpa_spell(op, from), alpa_spell(op, to));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_set_dimension_size(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0), *size = alpa_op_operand_type(op, 1);
  ALPA_TRY(alpa_check_scalar(op, size, "the size"));
  ALPA_TRY(alpa_check_class(op, size, ALPA_IN_INT, "the size", "i32"));
  int64_t dim = alpa_op_int(op, stablehlo_set_dimension_size_dimension, 0);
  ALPA_TRY(alpa_check_dim(op, "dimension", dim, type->rank));
  ALPA_TRY(alpa_check_same_element(op, type, "the operand", alpa_op_type(op), "the result"));
  alpa_shape shape = alpa_shape_of(type);
  shape.dims[dim] = ALPA_DYNAMIC;
  return alpa_check_result_shape(op, &shape);
}
