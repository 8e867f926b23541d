/* Classes of ops for fusion. */
#include "codegen/fuse/class.h"

#include "dialects/chlo/chlo.h"
#include "dialects/stablehlo/stablehlo.h"

/* Names of the column `emit`. */
#define emit_elementwise FUSE_MAP
#define emit_iota FUSE_MAP
#define emit_constant FUSE_MAP
#define emit_reshape FUSE_MAP
#define emit_bitcast_convert FUSE_MAP
#define emit_broadcast FUSE_MAP
#define emit_broadcast_in_dim FUSE_MAP
#define emit_transpose FUSE_MAP
#define emit_reverse FUSE_MAP
#define emit_concatenate FUSE_MAP
#define emit_slice FUSE_MAP
#define emit_dynamic_slice FUSE_MAP
#define emit_pad FUSE_MAP
#define emit_gather FUSE_MAP
#define emit_map FUSE_MAP
#define emit_reduce FUSE_REDUCE
#define emit_reduce_window FUSE_WINDOW
#define emit_dynamic_update_slice FUSE_UPDATE
#define emit_dot_general FUSE_PRODUCT
#define emit_convolution FUSE_CONVOLUTION
#define emit_scatter FUSE_SCATTER
#define emit_select_and_scatter FUSE_SELECT_AND_SCATTER
#define emit_sort FUSE_SORT
#define emit_cholesky FUSE_MATRIX
#define emit_triangular_solve FUSE_MATRIX
#define emit_fft FUSE_WINDOW
#define emit_while FUSE_CONTROL
#define emit_if FUSE_CONTROL
#define emit_case FUSE_CONTROL
#define emit_return FUSE_CONTROL
#define emit_optimization_barrier FUSE_CONTROL
#define emit_all_gather FUSE_CONTROL
#define emit_all_reduce FUSE_CONTROL
#define emit_reduce_scatter FUSE_CONTROL
#define emit_all_to_all FUSE_CONTROL
#define emit_collective_permute FUSE_CONTROL
#define emit_partition_id FUSE_CONTROL
#define emit_replica_id FUSE_CONTROL
#define emit_custom_call FUSE_CONTROL
#define emit_rng FUSE_NONE
#define emit_rng_bit_generator FUSE_WINDOW
#define emit_top_k FUSE_NONE
#define emit_none FUSE_NONE

#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, cost, emit,   \
           summary)                                                                                                    \
  [STABLEHLO_##id] = emit_##emit,
static const uint8_t stablehlo_classes[STABLEHLO_OP_COUNT] = {
#include "dialects/stablehlo/stablehlo_ops.def"
};

#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, cost, emit,   \
           summary)                                                                                                    \
  [CHLO_##id] = emit_##emit,
static const uint8_t chlo_classes[CHLO_OP_COUNT] = {
#include "dialects/chlo/chlo_ops.def"
};

fuse_class alpa_fuse_class(const alpa_op *op) {
  if (op->def->dialect == &alpa_chlo_dialect)
    return chlo_classes[op->def->id];
  if (op->def->dialect != &alpa_stablehlo_dialect)
    return FUSE_CONTROL;
  if (stablehlo_is(op, STABLEHLO_constant) && !alpa_fuse_is_splat(op))
    return FUSE_CONTROL;
  if (stablehlo_is(op, STABLEHLO_dot_general) &&
      (op->results[0].type->dtype == ALPA_I1 || alpa_type_class(op->results[0].type) == ALPA_CLASS_COMPLEX))
    return FUSE_WINDOW; /* no kernels of their own: a loop inside each element */
  return stablehlo_classes[op->def->id];
}

bool alpa_fuse_is_splat(const alpa_op *op) {
  if (!stablehlo_is(op, STABLEHLO_constant))
    return false;
  const alpa_attr *value = alpa_op_attr(op, stablehlo_constant_value);
  return value->elements.splat || value->elements.n == 1;
}

bool alpa_fuse_is_elementwise(const alpa_op *op) {
  bool here = op->def->dialect == &alpa_stablehlo_dialect || op->def->dialect == &alpa_chlo_dialect;
  return here && (op->def->traits & ALPA_ELEMENTWISE);
}

bool alpa_fuse_is_slow(const alpa_op *op) {
  static const stablehlo_op_id fast[] = {
      STABLEHLO_abs,
      STABLEHLO_add,
      STABLEHLO_and,
      STABLEHLO_ceil,
      STABLEHLO_clamp,
      STABLEHLO_compare,
      STABLEHLO_complex,
      STABLEHLO_convert,
      STABLEHLO_floor,
      STABLEHLO_imag,
      STABLEHLO_is_finite,
      STABLEHLO_maximum,
      STABLEHLO_minimum,
      STABLEHLO_multiply,
      STABLEHLO_negate,
      STABLEHLO_not,
      STABLEHLO_or,
      STABLEHLO_real,
      STABLEHLO_select,
      STABLEHLO_shift_left,
      STABLEHLO_subtract,
      STABLEHLO_xor,
      STABLEHLO_sign,
      STABLEHLO_shift_right_arithmetic,
      STABLEHLO_shift_right_logical,
  };
  if (!alpa_fuse_is_elementwise(op))
    return false;
  if (op->def->dialect == &alpa_chlo_dialect)
    return op->def != &alpa_chlo_ops[CHLO_square];
  for (size_t i = 0; i < countof(fast); i++)
    if (stablehlo_is(op, fast[i]))
      return false;
  return true;
}

bool alpa_fuse_is_row_reduce(const alpa_op *op) {
  if (!stablehlo_is(op, STABLEHLO_reduce))
    return false;
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_reduce_dimensions, &n);
  uint32_t rank = alpa_op_operand_type(op, 0)->rank;
  for (size_t i = 0; i < n; i++)
    if (dims[i] < (int64_t)(rank - n))
      return false;
  return true;
}
