/* Recognising what a reduction computation does. */
#include "codegen/monoid.h"

#include <math.h>
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "support/number.h"

static const struct {
  stablehlo_op_id op;
  alpa_reduction reduction;
} rows[] = {
    {STABLEHLO_add, ALPA_REDUCE_ADD},         {STABLEHLO_multiply, ALPA_REDUCE_MULTIPLY},
    {STABLEHLO_maximum, ALPA_REDUCE_MAXIMUM}, {STABLEHLO_minimum, ALPA_REDUCE_MINIMUM},
    {STABLEHLO_and, ALPA_REDUCE_AND},         {STABLEHLO_or, ALPA_REDUCE_OR},
    {STABLEHLO_xor, ALPA_REDUCE_XOR},
};

bool alpa_block_find_monoid(const alpa_block *block, alpa_reduction *out_reduction) {
  const alpa_op *terminator = block->last;
  if (block->n_args != 2 || terminator->n_operands != 1 || block->first == terminator ||
      block->first->next != terminator)
    return false;
  const alpa_op *op = block->first;
  if (alpa_op_operand(terminator, 0) != alpa_op_result(op, 0) || op->n_operands != 2)
    return false;
  const alpa_value *a = alpa_op_operand(op, 0), *b = alpa_op_operand(op, 1);
  if (!((a == block->args[0] && b == block->args[1]) || (a == block->args[1] && b == block->args[0])))
    return false;
  for (size_t i = 0; i < countof(rows); i++)
    if (stablehlo_is(op, rows[i].op)) {
      *out_reduction = rows[i].reduction;
      return true;
    }
  return false;
}

/* The largest (sign 1) or smallest (sign -1) value of a type: what a minimum or maximum starts from. */
static void store_extreme(alpa_dtype dtype, int sign, void *out) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  int64_t value = 0;
  switch (info->class_) {
  case ALPA_CLASS_FLOAT:
  case ALPA_CLASS_COMPLEX:
    alpa_element_store(dtype, out, alpa_float_extreme(dtype, sign < 0));
    return;
  case ALPA_CLASS_BOOL:
    value = sign > 0;
    break;
  case ALPA_CLASS_UINT:
    value = sign > 0 ? -1 : 0;
    break;
  case ALPA_CLASS_INT:
    value = (int64_t)(UINT64_C(1) << (info->bits - 1));
    value = sign > 0 ? value - 1 : (info->bits == 64 ? INT64_MIN : -value);
    break;
  }
  alpa_integer_store(dtype, out, value);
}

static void store_number(alpa_dtype dtype, int value, void *out) {
  alpa_dtype_class class_ = alpa_dtype_get_info(dtype)->class_;
  if (class_ == ALPA_CLASS_COMPLEX)
    dtype = alpa_complex_part(dtype);
  if (class_ == ALPA_CLASS_COMPLEX || class_ == ALPA_CLASS_FLOAT)
    alpa_element_store(dtype, out, alpa_float_encode(dtype, value));
  else
    alpa_integer_store(dtype, out, value);
}

void alpa_monoid_identity(alpa_reduction reduction, alpa_dtype dtype, void *out) {
  memset(out, 0, 16);
  switch (reduction) {
  case ALPA_REDUCE_ADD:
    if (dtype != ALPA_I1 && alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT)
      alpa_element_store(dtype, out, alpa_float_encode(dtype, 0.0));
    return;
  case ALPA_REDUCE_OR:
  case ALPA_REDUCE_XOR:
    return;
  case ALPA_REDUCE_MULTIPLY:
    store_number(dtype, 1, out);
    return;
  case ALPA_REDUCE_AND:
    store_number(dtype, -1, out);
    if (dtype == ALPA_I1)
      *(uint8_t *)out = 1;
    return;
  case ALPA_REDUCE_MAXIMUM:
    store_extreme(dtype, -1, out);
    return;
  case ALPA_REDUCE_MINIMUM:
    store_extreme(dtype, 1, out);
    return;
  case ALPA_REDUCTION_COUNT:
    return;
  }
}
