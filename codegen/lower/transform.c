/* Discrete Fourier transforms as sums: every element of the result is a loop over the transformed dimensions, with the
 * lanes along the result.  The angle is reduced exactly, in integers, before sine and cosine. */
#include <math.h>
#include <string.h>

#include "codegen/lower/elementwise.h"
#include "codegen/lower/emit.h"
#include "codegen/lower/math.h"
#include "codegen/lower/reduce.h"

typedef LLVMValueRef V;

/* A whole number of every lane as i64. */
static V lanes_of(alpa_lower *l, alpa_component c, uint32_t lanes) {
  return alpa_expr_widen(l, alpa_component_value(l, c, lanes), lanes);
}

static V constant(alpa_lower *l, V like, int64_t value) {
  return alpa_lower_splat(l, alpa_lower_i64(l, value), alpa_expr_lanes(like));
}

/* The input at a frequency, from the half that an inverse transform to real numbers is given: beyond the middle it is
 * the conjugate of the mirrored place. */
static alpa_element load_mirrored(alpa_lower *l, const alpa_nest *nest, alpa_tuple *in, uint32_t first,
                                  int64_t length) {
  alpa_value *operand = alpa_op_operand(nest->op, 0);
  uint32_t last = in->rank - 1;
  V k = alpa_component_value(l, in->at[last], 1), zero = alpa_lower_i64(l, 0);
  V beyond = LLVMBuildICmp(l->builder, LLVMIntSGT, k, alpa_lower_i64(l, length / 2), "");
  for (uint32_t d = first; d <= last; d++) {
    int64_t extent = d == last ? length : operand->type->dims[d];
    V place = alpa_component_value(l, in->at[d], 1);
    V at_zero = LLVMBuildICmp(l->builder, LLVMIntEQ, place, zero, "");
    V mirrored = LLVMBuildSub(l->builder, alpa_lower_i64(l, extent), place, "");
    mirrored = LLVMBuildSelect(l->builder, at_zero, zero, mirrored, "");
    in->at[d] = alpa_component_of(LLVMBuildSelect(l->builder, beyond, mirrored, place, ""));
  }
  alpa_element x = alpa_expr_eval(l, operand, alpa_tuple_get(l, in));
  V flip = alpa_expr_widen(l, beyond, alpa_expr_lanes(x.im));
  x.im = LLVMBuildSelect(l->builder, flip, LLVMBuildFNeg(l->builder, x.im, ""), x.im, "");
  return x;
}

static void visit(alpa_lower *l, alpa_nest *nest) {
  const alpa_op *op = nest->op;
  size_t n_dims;
  const int64_t *lengths = alpa_op_i64s(op, stablehlo_fft_fft_length, &n_dims);
  int64_t type = alpa_op_attr(op, stablehlo_fft_fft_type)->integer;
  bool inverse = type == STABLEHLO_IFFT || type == STABLEHLO_IRFFT;
  alpa_tuple *in = alpa_tuple_make(l, nest->at, nest->at->rank);
  memcpy(in->at, nest->at->at, in->rank * sizeof in->at[0]);
  uint32_t first = in->rank - (uint32_t)n_dims;
  LLVMTypeRef real = LLVMTypeOf(nest->state[0].re);
  V turns = LLVMConstNull(real);
  for (uint32_t i = 0; i < n_dims; i++) { /* sum of (k n mod N) / N */
    V k = lanes_of(l, nest->at->at[first + i], nest->lanes), n = lanes_of(l, nest->index[i], nest->lanes);
    V product = LLVMBuildURem(l->builder, LLVMBuildMul(l->builder, k, n, ""), constant(l, k, lengths[i]), "");
    V part = LLVMBuildSIToFP(l->builder, product, real, "");
    V size = LLVMBuildSIToFP(l->builder, constant(l, k, lengths[i]), real, "");
    turns = LLVMBuildFAdd(l->builder, turns, LLVMBuildFDiv(l->builder, part, size, ""), "");
    in->at[first + i] = nest->index[i];
  }
  LLVMTypeRef scalar = nest->lanes > 1 ? LLVMGetElementType(real) : real;
  V circle = alpa_lower_splat(l, LLVMConstReal(scalar, (inverse ? 2 : -2) * 3.14159265358979323846), nest->lanes);
  V angle = LLVMBuildFMul(l->builder, turns, circle, "");
  alpa_element x = type == STABLEHLO_IRFFT ? load_mirrored(l, nest, in, first, lengths[n_dims - 1])
                                           : alpa_expr_eval(l, alpa_op_operand(op, 0), alpa_tuple_get(l, in));
  x.re = alpa_expr_widen(l, x.re, nest->lanes);
  x.im = x.im ? alpa_expr_widen(l, x.im, nest->lanes) : LLVMConstNull(real);
  alpa_element w = {alpa_math_cos(l, angle), alpa_math_sin(l, angle)};
  alpa_dtype dtype = alpa_op_operand_type(op, 0)->dtype;
  bool wide = dtype == ALPA_F64 || dtype == ALPA_C128;
  alpa_element product =
      alpa_elementwise_apply(l, STABLEHLO_multiply, wide ? ALPA_C128 : ALPA_C64, (alpa_element[]){x, w});
  nest->state[0].re = LLVMBuildFAdd(l->builder, nest->state[0].re, product.re, "");
  nest->state[0].im = LLVMBuildFAdd(l->builder, nest->state[0].im, product.im, "");
}

alpa_element alpa_emit_fft(alpa_lower *l, alpa_value *value, const alpa_tuple *at) {
  const alpa_op *op = value->op;
  alpa_nest nest = {.op = op, .at = at, .n_state = 1, .body = visit};
  nest.lanes = alpa_tuple_is_uniform(at) ? 1 : at->lanes;
  size_t n;
  const int64_t *lengths = alpa_op_i64s(op, stablehlo_fft_fft_length, &n);
  double scale = 1;
  for (size_t i = 0; i < n; i++) {
    nest.extents[nest.n++] = lengths[i];
    scale *= (double)lengths[i];
  }
  V zero = LLVMConstNull(alpa_lower_vector_type(alpa_lower_compute_type(l, value->type->dtype), nest.lanes));
  alpa_element sum = {zero, zero};
  nest.state = &sum;
  alpa_nest_run(l, &nest, 0);
  int64_t type = alpa_op_attr(op, stablehlo_fft_fft_type)->integer;
  if (type == STABLEHLO_IFFT || type == STABLEHLO_IRFFT) {
    LLVMTypeRef scalar = alpa_lower_compute_type(l, value->type->dtype);
    V by = alpa_lower_splat(l, LLVMConstReal(scalar, scale), nest.lanes);
    sum = (alpa_element){LLVMBuildFDiv(l->builder, nest.state[0].re, by, ""),
                         LLVMBuildFDiv(l->builder, nest.state[0].im, by, "")};
  }
  return (alpa_element){sum.re, type == STABLEHLO_IRFFT ? NULL : sum.im};
}
