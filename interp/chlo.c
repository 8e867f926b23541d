/* Ops of the chlo dialect that are not elementwise. */
#include "dialects/chlo/chlo.h"

#include <string.h>

#include "interp/convert.h"
#include "interp/eval.h"
#include "interp/field.h"
#include "interp/strided.h"

/* ---- constant_like ---------------------------------------------------------------------------------------------- */

alpa_status alpa_eval_constant_like(alpa_call *call) {
  const alpa_tensor *out = alpa_call_out(call, 0);
  const alpa_attr *value = alpa_op_attr(call->op, chlo_constant_like_value);
  if (!value || (value->kind != ALPA_ATTR_FLOAT && value->kind != ALPA_ATTR_INTEGER))
    return alpa_op_unsupported(call->op, "has a value that is neither an integer nor a float");
  size_t bytes = alpa_call_element_bytes(call, out->dtype);
  _Alignas(16) char element[ALPA_NUMBER_MAX_BYTES];
  double number = value->kind == ALPA_ATTR_FLOAT ? alpa_attr_number(value) : (double)value->integer;
  uint64_t image = alpa_field_from_double(number);
  bool field = call->machine->arith == ALPA_ARITH_FIELD;
  alpa_tensor from = {.dtype = value->kind == ALPA_ATTR_FLOAT ? ALPA_F64 : ALPA_I64};
  from.data = value->kind == ALPA_ATTR_INTEGER ? (void *)(uintptr_t)&value->integer : field ? (void *)&image : &number;
  alpa_tensor to = {.dtype = out->dtype, .data = element};
  alpa_elements_convert(call->machine, &from, 1, &to);
  alpa_fill(out->data, element, bytes, alpa_tensor_count(out));
  return ALPA_OK;
}

/* ---- top_k ------------------------------------------------------------------------------------------------------ */

/* A key per element whose unsigned order is the order of the elements, NaN on top. */
static void make_keys(const alpa_call *call, const alpa_tensor *in, int64_t first, int64_t n, uint64_t *keys) {
  size_t bytes = alpa_call_element_bytes(call, in->dtype);
  alpa_number_kind kind = alpa_number_kind_of(call->machine->arith, in->dtype);
  alpa_elements_load(call->machine->arith, in->dtype, (const char *)in->data + (size_t)first * bytes, (size_t)n, keys);
  for (int64_t i = 0; i < n; i++)
    if (kind == ALPA_NUMBER_FIELD)
      keys[i] = alpa_field_order(call->machine->options.field_key, keys[i]);
    else if (kind == ALPA_NUMBER_INT)
      keys[i] ^= UINT64_C(1) << 63;
    else if (kind == ALPA_NUMBER_FLOAT)
      keys[i] = keys[i] >> 63 ? ~keys[i] : keys[i] | UINT64_C(1) << 63;
}

/* Inserts element i into the k best so far, behind those that are not smaller. */
static void insert(const uint64_t *keys, int64_t i, int64_t *best, int64_t *n, int64_t k) {
  if (*n == k && (k == 0 || keys[best[k - 1]] >= keys[i]))
    return;
  int64_t at = *n < k ? (*n)++ : k - 1;
  for (; at > 0 && keys[best[at - 1]] < keys[i]; at--)
    best[at] = best[at - 1];
  best[at] = i;
}

alpa_status alpa_eval_top_k(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *values = alpa_call_out(call, 0), *places = alpa_call_out(call, 1);
  int64_t k = alpa_op_int(call->op, chlo_top_k_k, 0), size = in->dims[in->rank - 1];
  int64_t rows = size ? alpa_tensor_count(in) / size : 0;
  size_t bytes = alpa_call_element_bytes(call, in->dtype);
  uint64_t *keys = alpa_call_scratch(call, (size_t)(size + 1) * sizeof *keys);
  int64_t *best = alpa_call_scratch(call, (size_t)(k + 1) * sizeof *best);
  for (int64_t row = 0; row < rows; row++) {
    int64_t n = 0;
    make_keys(call, in, row * size, size, keys);
    for (int64_t i = 0; i < size; i++)
      insert(keys, i, best, &n, k);
    for (int64_t i = 0; i < n; i++) {
      int32_t place = (int32_t)best[i];
      memcpy((char *)values->data + (size_t)(row * k + i) * bytes,
             (char *)in->data + (size_t)(row * size + place) * bytes, bytes);
      ((int32_t *)places->data)[row * k + i] = place;
    }
  }
  return ALPA_OK;
}
