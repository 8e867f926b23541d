/* dot_general: operands are transposed to (batch, free, contracted) and multiplied as matrices. */
#include "dialects/stablehlo/stablehlo.h"
#include "interp/contract.h"
#include "interp/eval.h"
#include "interp/strided.h"

/* Dimensions of one operand: batch, free and contracted. */
typedef struct roles {
  int64_t order[ALPA_MAX_RANK]; /* batch, then free, then contracted */
  int64_t batches, free, contracted;
} roles;

static roles roles_of(const alpa_tensor *tensor, const int64_t *batch, size_t n_batch, const int64_t *contracted,
                      size_t n_contracted) {
  roles r = {.batches = 1, .free = 1, .contracted = 1};
  bool taken[ALPA_MAX_RANK] = {false};
  size_t at = 0;
  for (size_t i = 0; i < n_batch; i++) {
    taken[batch[i]] = true;
    r.batches *= tensor->dims[batch[i]];
    r.order[at++] = batch[i];
  }
  for (size_t i = 0; i < n_contracted; i++) {
    taken[contracted[i]] = true;
    r.contracted *= tensor->dims[contracted[i]];
  }
  for (uint32_t i = 0; i < tensor->rank; i++)
    if (!taken[i]) {
      r.free *= tensor->dims[i];
      r.order[at++] = i;
    }
  for (size_t i = 0; i < n_contracted; i++)
    r.order[at++] = contracted[i];
  return r;
}

static const void *pack(alpa_call *call, const alpa_tensor *tensor, const roles *r) {
  bool in_order = true;
  for (uint32_t i = 0; i < tensor->rank; i++)
    in_order &= r->order[i] == (int64_t)i;
  if (in_order)
    return tensor->data;
  size_t bytes = alpa_call_element_bytes(call, tensor->dtype);
  void *packed = alpa_call_scratch(call, (size_t)alpa_tensor_count(tensor) * bytes);
  alpa_copy_transposed(tensor, r->order, bytes, packed);
  return packed;
}

static void contract(alpa_call *call, const roles *left, const roles *right) {
  const alpa_tensor *a = alpa_call_in(call, 0), *b = alpa_call_in(call, 1), *c = alpa_call_out(call, 0);
  alpa_contraction t = {.a_dtype = a->dtype,
                        .b_dtype = b->dtype,
                        .c_dtype = c->dtype,
                        .a = pack(call, a, left),
                        .b = pack(call, b, right),
                        .c = c->data,
                        .batches = left->batches,
                        .m = left->free,
                        .n = right->free,
                        .k = left->contracted};
  alpa_contract(call, &t);
}

alpa_status alpa_eval_dot_general(alpa_call *call) {
  const alpa_attr *numbers = alpa_op_attr(call->op, stablehlo_dot_general_dot_dimension_numbers);
  size_t n_batch, n_contracted;
  const int64_t *batch = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_LHS_BATCHING), &n_batch);
  const int64_t *summed = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_LHS_CONTRACTING), &n_contracted);
  roles left = roles_of(alpa_call_in(call, 0), batch, n_batch, summed, n_contracted);
  batch = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_RHS_BATCHING), &n_batch);
  summed = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_RHS_CONTRACTING), &n_contracted);
  roles right = roles_of(alpa_call_in(call, 1), batch, n_batch, summed, n_contracted);
  contract(call, &left, &right);
  return ALPA_OK;
}

alpa_status alpa_eval_dot(alpa_call *call) {
  const alpa_tensor *a = alpa_call_in(call, 0), *b = alpa_call_in(call, 1);
  int64_t last = (int64_t)a->rank - 1, first = 0;
  roles left = roles_of(a, NULL, 0, &last, 1), right = roles_of(b, NULL, 0, &first, 1);
  contract(call, &left, &right);
  return ALPA_OK;
}
