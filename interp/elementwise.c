/* Elementwise ops: blocks of operand elements are read into compute types, one loop of the scalar tables runs over
 * them, and the results are rounded or wrapped into memory. */
#include <math.h>
#include <string.h>

#include "dialects/chlo/chlo.h"
#include "dialects/stablehlo/stablehlo.h"
#include "interp/convert.h"
#include "interp/eval.h"
#include "interp/field.h"
#include "interp/scalar.h"

enum { BLOCK = 256, MAX_OPERANDS = 3 };

bool alpa_scalar_compare(int64_t direction, bool less, bool equal, bool unordered) {
  if (unordered)
    return direction == STABLEHLO_NE;
  switch (direction) {
  case STABLEHLO_EQ:
    return equal;
  case STABLEHLO_NE:
    return !equal;
  case STABLEHLO_GE:
    return !less;
  case STABLEHLO_GT:
    return !less && !equal;
  case STABLEHLO_LE:
    return less || equal;
  default:
    return less;
  }
}

alpa_scalar_fn *alpa_scalar_find(const alpa_op_def *def, alpa_number_kind kind) {
  if (def->dialect == &alpa_chlo_dialect)
    return alpa_scalar_find_chlo(def->id, kind);
  switch (kind) {
  case ALPA_NUMBER_BOOL:
    return alpa_scalar_find_bool(def);
  case ALPA_NUMBER_INT:
    return alpa_scalar_find_int(def);
  case ALPA_NUMBER_UINT:
    return alpa_scalar_find_uint(def);
  case ALPA_NUMBER_FLOAT:
    return alpa_scalar_find_float(def);
  case ALPA_NUMBER_COMPLEX:
    return alpa_scalar_find_complex(def);
  case ALPA_NUMBER_FIELD:
    return alpa_scalar_find_field(def);
  case ALPA_NUMBER_FIELD_COMPLEX:
    return alpa_scalar_find_field_complex(def);
  case ALPA_NUMBER_KINDS:
    break;
  }
  return NULL;
}

alpa_scalar alpa_scalar_of(const alpa_machine *machine, const alpa_op *op, alpa_dtype dtype) {
  alpa_scalar scalar = {.def = op->def,
                        .arity = op->n_operands,
                        .dtype = dtype,
                        .bits = alpa_dtype_get_info(dtype)->bits,
                        .key = machine->options.field_key};
  if (stablehlo_is(op, STABLEHLO_compare)) {
    const alpa_attr *type = alpa_op_attr(op, stablehlo_compare_compare_type);
    scalar.direction = alpa_op_attr(op, stablehlo_compare_comparison_direction)->integer;
    scalar.total_order = type && type->integer == STABLEHLO_TOTALORDER;
  }
  return scalar;
}

/* An operand: one element per result element, or one for all. */
typedef struct source {
  alpa_tensor tensor;
  size_t bytes; /* of an element; 0 where one stands for all */
} source;

static source source_of(const alpa_call *call, uint32_t i, int64_t n) {
  const alpa_tensor *tensor = alpa_call_in(call, i);
  bool one = alpa_tensor_count(tensor) == 1 && n != 1;
  return (source){*tensor, one ? 0 : alpa_call_element_bytes(call, tensor->dtype)};
}

static void load(const alpa_call *call, const source *from, int64_t first, size_t n, char *to) {
  alpa_arith arith = call->machine->arith;
  const char *at = (const char *)from->tensor.data + (size_t)first * from->bytes;
  if (from->bytes) {
    alpa_elements_load(arith, from->tensor.dtype, at, n, to);
    return;
  }
  alpa_elements_load(arith, from->tensor.dtype, at, 1, to);
  size_t bytes = alpa_number_bytes(alpa_number_kind_of(arith, from->tensor.dtype));
  for (size_t i = 1; i < n; i++)
    memcpy(to + i * bytes, to, bytes);
}

/* Remembers which answers a comparison of field elements has given. */
static void note_answers(alpa_call *call, const alpa_tensor *out, int64_t n) {
  const uint8_t *answers = out->data;
  if (call->step)
    for (int64_t i = 0; i < n && call->step->answers != 3; i++)
      call->step->answers |= answers[i] ? 2 : 1;
}

static alpa_status eval_with(alpa_call *call, alpa_scalar_fn *function, uint32_t n_operands) {
  const alpa_tensor *out = alpa_call_out(call, 0);
  int64_t n = alpa_tensor_count(out);
  alpa_arith arith = call->machine->arith;
  alpa_scalar scalar = alpa_scalar_of(call->machine, call->op, alpa_call_in(call, 0)->dtype);
  source sources[MAX_OPERANDS];
  for (uint32_t i = 0; i < n_operands; i++)
    sources[i] = source_of(call, i, n);
  _Alignas(16) char in[MAX_OPERANDS][BLOCK * ALPA_NUMBER_MAX_BYTES], results[BLOCK * ALPA_NUMBER_MAX_BYTES];
  const void *const ins[MAX_OPERANDS] = {in[0], in[n_operands > 1 ? 1 : 0], in[n_operands > 2 ? 2 : 0]};
  size_t bytes = alpa_call_element_bytes(call, out->dtype);
  for (int64_t first = 0; first < n; first += BLOCK) {
    size_t count = (size_t)(n - first < BLOCK ? n - first : BLOCK);
    for (uint32_t i = 0; i < n_operands; i++)
      if (sources[i].bytes || first == 0)
        load(call, &sources[i], first, first == 0 && !sources[i].bytes ? BLOCK : count, in[i]);
    function(&scalar, count, ins, results);
    alpa_elements_store(arith, out->dtype, results, count, (char *)out->data + (size_t)first * bytes);
  }
  return ALPA_OK;
}

static alpa_status eval_select(alpa_call *call) {
  const alpa_tensor *out = alpa_call_out(call, 0);
  int64_t n = alpa_tensor_count(out);
  size_t bytes = alpa_call_element_bytes(call, out->dtype);
  source predicate = source_of(call, 0, n), chosen = source_of(call, 1, n), other = source_of(call, 2, n);
  const uint8_t *p = predicate.tensor.data;
  const char *a = chosen.tensor.data, *b = other.tensor.data;
  char *to = out->data;
  for (int64_t i = 0; i < n; i++) {
    size_t k = (size_t)i;
    const char *from = p[k * predicate.bytes] ? a + k * chosen.bytes : b + k * other.bytes;
    switch (bytes) {
    case 4:
      memcpy(to + 4 * k, from, 4);
      break;
    case 8:
      memcpy(to + 8 * k, from, 8);
      break;
    default:
      memcpy(to + bytes * k, from, bytes);
    }
  }
  return ALPA_OK;
}

alpa_status alpa_eval_elementwise(alpa_call *call) {
  if (stablehlo_is(call->op, STABLEHLO_select))
    return eval_select(call);
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  if (stablehlo_is(call->op, STABLEHLO_convert)) {
    alpa_elements_convert(call->machine, in, (size_t)alpa_tensor_count(out), out);
    return ALPA_OK;
  }
  alpa_number_kind kind = alpa_number_kind_of(call->machine->arith, in->dtype);
  alpa_scalar_fn *function = alpa_scalar_find(call->op->def, kind);
  if (!function || call->op->n_operands > MAX_OPERANDS)
    return alpa_op_unsupported(call->op, "is not supported by the interpreter on '%s'",
                               alpa_dtype_get_info(in->dtype)->spelling);
  ALPA_TRY(eval_with(call, function, call->op->n_operands));
  if (kind == ALPA_NUMBER_FIELD && stablehlo_is(call->op, STABLEHLO_compare))
    note_answers(call, out, alpa_tensor_count(out));
  return ALPA_OK;
}

/* ---- rounding to fewer bits ------------------------------------------------------------------------------------- */

/* Rounds the stored mantissa to `mantissa_bits`, on the bits of the number's own format, whose subnormals have fewer;
 * where the exponent has fewer bits than the format's, what is too large is infinite and what is subnormal zero. */
static double reduce_precision(double value, int exponent_bits, int mantissa_bits, const alpa_precision *own) {
  int exponent, own_bits = (int)own->precision - 1, least = 2 - (1 << (own->exponent_bits - 1));
  if (!isfinite(value) || value == 0)
    return value;
  (void)frexp(value, &exponent);
  int unit = (exponent - 1 > least ? exponent - 1 : least) - own_bits;
  if (mantissa_bits < own_bits)
    value = ldexp(nearbyint(ldexp(value, mantissa_bits - own_bits - unit)), unit + own_bits - mantissa_bits);
  int bias = (1 << (exponent_bits - 1)) - 1;
  if (exponent_bits >= (int)own->exponent_bits)
    return value;
  if (fabs(value) >= ldexp(1, bias + 1))
    return copysign((double)INFINITY, value);
  return fabs(value) < ldexp(1, 1 - bias) ? copysign(0, value) : value;
}

alpa_status alpa_eval_reduce_precision(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  int exponent_bits = (int)alpa_op_int(call->op, stablehlo_reduce_precision_exponent_bits, 0);
  int mantissa_bits = (int)alpa_op_int(call->op, stablehlo_reduce_precision_mantissa_bits, 0);
  alpa_precision own = alpa_float_precision(in->dtype);
  size_t bytes = alpa_call_element_bytes(call, in->dtype);
  bool narrows = exponent_bits < (int)own.exponent_bits || mantissa_bits + 1 < (int)own.precision;
  int64_t n = alpa_tensor_count(out);
  for (int64_t i = 0; i < n; i++) {
    const char *from = (const char *)in->data + (size_t)i * bytes;
    char *to = (char *)out->data + (size_t)i * bytes;
    if (!narrows) {
      memcpy(to, from, bytes);
    } else if (call->machine->arith == ALPA_ARITH_FIELD) {
      uint64_t a = alpa_field_round(call->machine->options.field_key, (uint32_t)exponent_bits,
                                    (uint32_t)mantissa_bits + 1, *(const uint64_t *)(const void *)from);
      memcpy(to, &a, sizeof a);
    } else {
      double value;
      alpa_elements_load(ALPA_ARITH_REAL, in->dtype, from, 1, &value);
      value = reduce_precision(value, exponent_bits, mantissa_bits, &own);
      alpa_elements_store(ALPA_ARITH_REAL, out->dtype, &value, 1, to);
    }
  }
  return ALPA_OK;
}
