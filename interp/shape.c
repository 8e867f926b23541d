/* Ops that move elements without looking at them: each is one strided copy, or a few. */
#include <string.h>

#include "dialects/chlo/chlo.h"
#include "dialects/stablehlo/stablehlo.h"
#include "interp/eval.h"
#include "interp/field.h"
#include "interp/strided.h"
#include "support/hash.h"
#include "support/number.h"

/* ---- constants -------------------------------------------------------------------------------------------------- */

/* Of stablehlo and of chlo. */
_Static_assert((int)stablehlo_constant_value == (int)chlo_constant_value, "one evaluation serves both");

alpa_status alpa_eval_constant(alpa_call *call) {
  const alpa_attr *value = alpa_op_attr(call->op, stablehlo_constant_value);
  alpa_slot *result = call->results[0];
  alpa_tensor *out = &result->tensor;
  bool same_layout =
      alpa_arith_element_bytes(ALPA_ARITH_REAL, out->dtype) == alpa_call_element_bytes(call, out->dtype) &&
      alpa_number_kind_of(call->machine->arith, out->dtype) <= ALPA_NUMBER_COMPLEX;
  int64_t n = alpa_tensor_count(out);
  if (value->kind != ALPA_ATTR_ELEMENTS)
    return alpa_op_unsupported(call->op, "has a value that is not kept in the module");
  if (same_layout && (!value->elements.splat || n == 1)) {
    out->data = (void *)(uintptr_t)value->elements.data; /* never written: the slot owns no buffer */
    return ALPA_OK;
  }
  alpa_slot_allocate(call->machine, result);
  if (n == 0)
    return ALPA_OK;
  size_t bytes = alpa_call_element_bytes(call, out->dtype);
  if (same_layout)
    memcpy(out->data, value->elements.data, bytes);
  else
    alpa_elements_to_field(out->dtype, value->elements.data, value->elements.splat ? 1 : (size_t)n, out->data);
  if (value->elements.splat)
    alpa_fill((char *)out->data + bytes, out->data, bytes, n - 1);
  return ALPA_OK;
}

/* The forms whose shape is an operand have their attributes at the same places; the shape is that of the result type.
 */
_Static_assert((int)stablehlo_iota_iota_dimension == (int)stablehlo_dynamic_iota_iota_dimension, "one evaluation");
_Static_assert((int)stablehlo_broadcast_in_dim_broadcast_dimensions ==
                   (int)stablehlo_dynamic_broadcast_in_dim_broadcast_dimensions,
               "one evaluation");

alpa_status alpa_eval_iota(alpa_call *call) {
  const alpa_tensor *out = alpa_call_out(call, 0);
  int64_t along = alpa_op_int(call->op, stablehlo_iota_iota_dimension, 0);
  size_t bytes = alpa_call_element_bytes(call, out->dtype);
  int64_t n = out->dims[along];
  char *line = alpa_call_scratch(call, (size_t)n * bytes);
  alpa_number_kind kind = alpa_number_kind_of(call->machine->arith, out->dtype);
  for (int64_t i = 0; i < n; i++) {
    double real[2] = {(double)i, 0};
    uint64_t whole[2] = {(uint64_t)i, 0};
    bool is_real = kind == ALPA_NUMBER_FLOAT || kind == ALPA_NUMBER_COMPLEX;
    alpa_elements_store(call->machine->arith, out->dtype, is_real ? (void *)real : (void *)whole, 1,
                        line + (size_t)i * bytes);
  }
  alpa_copy copy = alpa_copy_of(out, bytes);
  for (uint32_t i = 0; i < copy.rank; i++)
    copy.from[i] = (int64_t)i == along;
  alpa_copy_run(&copy, out->data, line);
  return ALPA_OK;
}

alpa_status alpa_eval_get_dimension_size(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0);
  int64_t size = in->dims[alpa_op_int(call->op, stablehlo_get_dimension_size_dimension, 0)];
  alpa_integer_store(ALPA_I32, alpa_call_out(call, 0)->data, size);
  return ALPA_OK;
}

/* ---- the same elements ------------------------------------------------------------------------------------------ */

alpa_status alpa_eval_reshape(alpa_call *call) {
  alpa_slot_share(call->results[0], call->operands[0]);
  return ALPA_OK;
}

alpa_status alpa_eval_forward(alpa_call *call) {
  for (uint32_t i = 0; i < call->op->n_results; i++)
    alpa_slot_share(call->results[i], call->operands[i]);
  return ALPA_OK;
}

static uint64_t bits_of_element(alpa_call *call, uint64_t a, alpa_dtype dtype) {
  return alpa_hash_mix(alpa_field_hash(call->machine->options.field_key, 0x62697473u + (uint64_t)dtype, &a, 1), a);
}

/* Field elements have no bits: integers from floats and floats from integers are hashes of what stands at the same
 * place, the parts of a wider element told apart by their number. */
static void bitcast_field(alpa_call *call, const alpa_tensor *in, const alpa_tensor *out) {
  bool from_field = alpa_number_kind_of(ALPA_ARITH_FIELD, in->dtype) == ALPA_NUMBER_FIELD;
  bool to_field = alpa_number_kind_of(ALPA_ARITH_FIELD, out->dtype) == ALPA_NUMBER_FIELD;
  int64_t n_in = alpa_tensor_count(in), n_out = alpa_tensor_count(out);
  int64_t narrower = n_out > n_in ? n_out / n_in : 1, wider = n_in > n_out ? n_in / n_out : 1;
  size_t in_bytes = alpa_call_element_bytes(call, in->dtype), out_bytes = alpa_call_element_bytes(call, out->dtype);
  for (int64_t i = 0; i < n_out; i++) {
    uint64_t state = (uint64_t)(i % narrower);
    for (int64_t k = 0; k < wider; k++) {
      const char *at = (const char *)in->data + (size_t)(i / narrower * wider + k) * in_bytes;
      uint64_t a = from_field ? *(const uint64_t *)(const void *)at : alpa_element_load(in->dtype, at);
      state = alpa_hash_mix(state, from_field ? bits_of_element(call, a, in->dtype) : a);
    }
    char *to = (char *)out->data + (size_t)i * out_bytes;
    uint64_t element =
        alpa_field_hash(call->machine->options.field_key, 0x666C6F6174u + (uint64_t)out->dtype, &state, 1);
    if (to_field)
      memcpy(to, &element, sizeof element);
    else
      alpa_integer_store(out->dtype, to, (int64_t)alpa_hash_mix(element, state));
  }
}

/* 2- and 4-bit elements share bytes in a bitcast, though not in memory: through a stream of bits, lowest first. */
static void bitcast_bits(const alpa_tensor *in, const alpa_tensor *out) {
  uint32_t in_bits = alpa_dtype_get_info(in->dtype)->bits, out_bits = alpa_dtype_get_info(out->dtype)->bits;
  size_t in_bytes = alpa_dtype_get_info(in->dtype)->bytes, out_bytes = alpa_dtype_get_info(out->dtype)->bytes;
  int64_t n_in = alpa_tensor_count(in), n_out = alpa_tensor_count(out), at = 0;
  alpa_uint128 stream = 0;
  uint32_t held = 0;
  for (int64_t i = 0; i < n_in; i++) {
    uint64_t bits = alpa_element_load(in->dtype, (const char *)in->data + (size_t)i * in_bytes);
    if (in_bits < 64)
      bits &= (UINT64_C(1) << in_bits) - 1;
    stream |= (alpa_uint128)bits << held;
    for (held += in_bits; held >= out_bits && at < n_out; held -= out_bits) {
      uint64_t mask = out_bits < 64 ? (UINT64_C(1) << out_bits) - 1 : ~UINT64_C(0);
      alpa_element_store(out->dtype, (char *)out->data + (size_t)at++ * out_bytes, (uint64_t)stream & mask);
      stream >>= out_bits;
    }
  }
}

alpa_status alpa_eval_bitcast_convert(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  const alpa_dtype_info *from = alpa_dtype_get_info(in->dtype), *to = alpa_dtype_get_info(out->dtype);
  bool floats = from->class_ == ALPA_CLASS_FLOAT || to->class_ == ALPA_CLASS_FLOAT;
  if (call->machine->arith == ALPA_ARITH_FIELD && floats && in->dtype != out->dtype)
    bitcast_field(call, in, out);
  else if (from->bits % 8 == 0 && to->bits % 8 == 0)
    memcpy(out->data, in->data, alpa_tensor_bytes(out, call->machine->arith));
  else
    bitcast_bits(in, out);
  return ALPA_OK;
}

/* ---- rearrangement ---------------------------------------------------------------------------------------------- */

alpa_status alpa_eval_broadcast(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  alpa_copy copy = alpa_copy_of(out, alpa_call_element_bytes(call, out->dtype));
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(in->rank, in->dims, strides);
  uint32_t added = out->rank - in->rank;
  for (uint32_t i = 0; i < out->rank; i++)
    copy.from[i] = i < added ? 0 : strides[i - added];
  alpa_copy_run(&copy, out->data, in->data);
  return ALPA_OK;
}

alpa_status alpa_eval_broadcast_in_dim(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  size_t n;
  const int64_t *dims = alpa_op_i64s(call->op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
  alpa_copy copy = alpa_copy_of(out, alpa_call_element_bytes(call, out->dtype));
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(in->rank, in->dims, strides);
  memset(copy.from, 0, sizeof copy.from);
  for (size_t i = 0; i < n; i++)
    copy.from[dims[i]] = in->dims[i] == 1 ? 0 : strides[i];
  alpa_copy_run(&copy, out->data, in->data);
  return ALPA_OK;
}

alpa_status alpa_eval_transpose(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0);
  size_t n;
  const int64_t *order = alpa_op_i64s(call->op, stablehlo_transpose_permutation, &n);
  alpa_copy_transposed(in, order, alpa_call_element_bytes(call, in->dtype), alpa_call_out(call, 0)->data);
  return ALPA_OK;
}

alpa_status alpa_eval_reverse(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  alpa_copy copy = alpa_copy_of(out, alpa_call_element_bytes(call, out->dtype));
  size_t n;
  const int64_t *dims = alpa_op_i64s(call->op, stablehlo_reverse_dimensions, &n);
  for (size_t i = 0; i < n; i++) {
    copy.from_first += copy.from[dims[i]] * (copy.dims[dims[i]] - 1);
    copy.from[dims[i]] = -copy.from[dims[i]];
  }
  alpa_copy_run(&copy, out->data, in->data);
  return ALPA_OK;
}

alpa_status alpa_eval_concatenate(alpa_call *call) {
  const alpa_tensor *out = alpa_call_out(call, 0);
  int64_t along = alpa_op_int(call->op, stablehlo_concatenate_dimension, 0), at = 0;
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(out->rank, out->dims, strides);
  for (uint32_t i = 0; i < call->op->n_operands; i++) {
    const alpa_tensor *in = alpa_call_in(call, i);
    alpa_copy copy = alpa_copy_of(in, alpa_call_element_bytes(call, out->dtype));
    memcpy(copy.to, strides, sizeof strides);
    copy.to_first = at * strides[along];
    alpa_copy_run(&copy, out->data, in->data);
    at += in->dims[along];
  }
  return ALPA_OK;
}

/* ---- boxes ------------------------------------------------------------------------------------------------------ */

alpa_status alpa_eval_slice(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  size_t n;
  const int64_t *starts = alpa_op_i64s(call->op, stablehlo_slice_start_indices, &n);
  const int64_t *steps = alpa_op_i64s(call->op, stablehlo_slice_strides, &n);
  int64_t strides[ALPA_MAX_RANK];
  alpa_strides_of(in->rank, in->dims, strides);
  alpa_copy copy = alpa_copy_of(out, alpa_call_element_bytes(call, out->dtype));
  for (uint32_t i = 0; i < out->rank; i++) {
    copy.from_first += starts[i] * strides[i];
    copy.from[i] = steps[i] * strides[i];
  }
  alpa_copy_run(&copy, out->data, in->data);
  return ALPA_OK;
}

/* Offset of a box of `size` in `whole`, its start indices the operands from `first_index` on, clamped into it. */
static int64_t clamped_offset(alpa_call *call, uint32_t first_index, const alpa_tensor *whole, const int64_t *size,
                              const int64_t *strides) {
  int64_t offset = 0;
  for (uint32_t i = 0; i < whole->rank; i++) {
    const alpa_tensor *index = alpa_call_in(call, first_index + i);
    int64_t start = alpa_tensor_integer(index, 0), limit = whole->dims[i] - size[i];
    if (index->dtype == ALPA_UI64 && start < 0)
      start = limit;
    start = start < 0 ? 0 : start > limit ? limit : start;
    offset += start * strides[i];
  }
  return offset;
}

alpa_status alpa_eval_dynamic_slice(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  alpa_copy copy = alpa_copy_of(out, alpa_call_element_bytes(call, out->dtype));
  alpa_strides_of(in->rank, in->dims, copy.from);
  copy.from_first = clamped_offset(call, 1, in, out->dims, copy.from);
  alpa_copy_run(&copy, out->data, in->data);
  return ALPA_OK;
}

static bool dies_here(const alpa_call *call, uint32_t operand) {
  uint32_t slot = call->step->operands[operand];
  bool dies = false;
  for (uint32_t i = 0; i < call->step->n_dead; i++)
    dies |= call->step->dead[i] == slot;
  for (uint32_t i = 0; i < call->op->n_operands; i++)
    dies &= i == operand || call->step->operands[i] != slot;
  return dies;
}

void alpa_call_take(alpa_call *call, uint32_t operand, uint32_t result) {
  alpa_slot *from = call->operands[operand], *to = call->results[result];
  if (from->buffer && from->buffer->refs == 1 && dies_here(call, operand)) {
    alpa_slot_share(to, from);
    return;
  }
  alpa_slot_allocate(call->machine, to);
  memcpy(to->tensor.data, from->tensor.data, alpa_tensor_bytes(&to->tensor, call->machine->arith));
}

alpa_status alpa_eval_dynamic_update_slice(alpa_call *call) {
  alpa_call_take(call, 0, 0);
  const alpa_tensor *update = alpa_call_in(call, 1), *out = alpa_call_out(call, 0);
  alpa_copy copy = alpa_copy_of(update, alpa_call_element_bytes(call, out->dtype));
  alpa_strides_of(out->rank, out->dims, copy.to);
  copy.to_first = clamped_offset(call, 2, out, update->dims, copy.to);
  alpa_copy_run(&copy, out->data, update->data);
  return ALPA_OK;
}

/* ---- padding ---------------------------------------------------------------------------------------------------- */

alpa_status alpa_eval_pad(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  size_t n;
  const int64_t *low = alpa_op_i64s(call->op, stablehlo_pad_edge_padding_low, &n);
  const int64_t *interior = alpa_op_i64s(call->op, stablehlo_pad_interior_padding, &n);
  int64_t step[ALPA_MAX_RANK];
  for (uint32_t i = 0; i < in->rank; i++)
    step[i] = interior[i] + 1;
  const alpa_padding padding = {low, step, alpa_call_in(call, 1)->data};
  alpa_copy_padded(out, in, &padding, alpa_call_element_bytes(call, out->dtype));
  return ALPA_OK;
}

/* ---- the same with numbers that are operands -------------------------------------------------------------------- */

static void read_numbers(const alpa_tensor *tensor, int64_t *out) {
  for (int64_t i = 0; i < tensor->dims[0]; i++)
    out[i] = alpa_tensor_integer(tensor, i);
}

alpa_status alpa_eval_dynamic_pad(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  int64_t low[ALPA_MAX_RANK], high[ALPA_MAX_RANK], step[ALPA_MAX_RANK];
  read_numbers(alpa_call_in(call, 2), low);
  read_numbers(alpa_call_in(call, 3), high);
  read_numbers(alpa_call_in(call, 4), step);
  for (uint32_t i = 0; i < in->rank; i++) {
    step[i]++;
    int64_t dilated = in->dims[i] ? (in->dims[i] - 1) * step[i] + 1 : 0;
    if (step[i] < 1 || low[i] + dilated + high[i] != out->dims[i])
      return alpa_op_error(call->op, "pads dimension %u to %lld, but its result has %lld", i,
                           (long long)(low[i] + dilated + high[i]), (long long)out->dims[i]);
  }
  const alpa_padding padding = {low, step, alpa_call_in(call, 1)->data};
  alpa_copy_padded(out, in, &padding, alpa_call_element_bytes(call, out->dtype));
  return ALPA_OK;
}

alpa_status alpa_eval_real_dynamic_slice(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  int64_t start[ALPA_MAX_RANK], step[ALPA_MAX_RANK], strides[ALPA_MAX_RANK];
  read_numbers(alpa_call_in(call, 1), start);
  read_numbers(alpa_call_in(call, 3), step);
  alpa_strides_of(in->rank, in->dims, strides);
  alpa_copy copy = alpa_copy_of(out, alpa_call_element_bytes(call, out->dtype));
  for (uint32_t i = 0; i < out->rank; i++) {
    int64_t last = start[i] + (out->dims[i] - 1) * step[i];
    if (out->dims[i] > 0 && (start[i] < 0 || step[i] < 1 || last >= in->dims[i]))
      return alpa_op_error(call->op, "takes elements %lld to %lld of dimension %u, which has %lld", (long long)start[i],
                           (long long)last, i, (long long)in->dims[i]);
    copy.from_first += start[i] * strides[i];
    copy.from[i] = step[i] * strides[i];
  }
  alpa_copy_run(&copy, out->data, in->data);
  return ALPA_OK;
}
