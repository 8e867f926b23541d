/* dot_general: operands are transposed to (batch, free, contracted) and multiplied as matrices. */
#include <string.h>

#include "dialects/chlo/chlo.h"
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

/* ---- ragged_dot ------------------------------------------------------------------------------------------------- */

static const int64_t *ragged_list(const alpa_call *call, int field, size_t *n) {
  return alpa_attr_i64s(alpa_attr_field(alpa_op_attr(call->op, chlo_ragged_dot_ragged_dot_dimension_numbers), field),
                        n);
}

/* A copy of a tensor that is zero outside [start, end) of one dimension. */
static alpa_tensor keep_range(alpa_call *call, const alpa_tensor *tensor, int64_t along, int64_t start, int64_t end) {
  alpa_tensor kept = *tensor;
  size_t bytes = alpa_call_element_bytes(call, tensor->dtype);
  kept.data = alpa_call_scratch(call, (size_t)alpa_tensor_count(tensor) * bytes + 1);
  memset(kept.data, 0, (size_t)alpa_tensor_count(tensor) * bytes);
  alpa_copy copy = alpa_copy_of(tensor, bytes);
  copy.dims[along] = end - start;
  copy.from_first = copy.to_first = start * copy.from[along];
  alpa_copy_run(&copy, kept.data, tensor->data);
  return kept;
}

/* One matrix of the right operand: position g of its group dimension, which becomes 1 long and counts as batch-free. */
static alpa_tensor pick_group(alpa_call *call, const alpa_tensor *tensor, int64_t along, int64_t g, int64_t *dims) {
  alpa_tensor one = *tensor;
  size_t bytes = alpa_call_element_bytes(call, tensor->dtype);
  memcpy(dims, tensor->dims, tensor->rank * sizeof *dims);
  dims[along] = 1;
  one.dims = dims;
  alpa_copy copy = alpa_copy_of(tensor, bytes);
  copy.dims[along] = 1;
  copy.from_first = g * copy.from[along];
  alpa_strides_of(one.rank, one.dims, copy.to);
  one.data = alpa_call_scratch(call, (size_t)alpa_tensor_count(&one) * bytes + 1);
  alpa_copy_run(&copy, one.data, tensor->data);
  return one;
}

/* The product of one group, added to `total` (elements of the result's layout), which it overlaps in zeros only. */
static void add_group(alpa_call *call, const alpa_tensor *a, const alpa_tensor *b, char *total, bool first) {
  size_t n_batch, n_summed;
  const int64_t *batch = ragged_list(call, CHLO_RAGGED_LHS_BATCHING, &n_batch);
  const int64_t *summed = ragged_list(call, CHLO_RAGGED_LHS_CONTRACTING, &n_summed);
  roles left = roles_of(a, batch, n_batch, summed, n_summed);
  batch = ragged_list(call, CHLO_RAGGED_RHS_BATCHING, &n_batch);
  summed = ragged_list(call, CHLO_RAGGED_RHS_CONTRACTING, &n_summed);
  roles right = roles_of(b, batch, n_batch, summed, n_summed);
  alpa_dtype dtype = alpa_call_out(call, 0)->dtype;
  size_t bytes = alpa_call_element_bytes(call, dtype);
  size_t size = (size_t)(left.batches * left.free * right.free) * bytes;
  char *product = first ? total : alpa_call_scratch(call, size + 1);
  alpa_contraction t = {.a_dtype = a->dtype,
                        .b_dtype = b->dtype,
                        .c_dtype = dtype,
                        .a = pack(call, a, &left),
                        .b = pack(call, b, &right),
                        .c = product,
                        .batches = left.batches,
                        .m = left.free,
                        .n = right.free,
                        .k = left.contracted};
  alpa_contract(call, &t);
  for (size_t i = 0; !first && i < size; i++)
    total[i] = (char)(total[i] | product[i]);
}

/* Which dimension of the left operand is ragged decides: a free one picks a matrix per row; a contracted one gives a
 * product per group; a batch one is cut off behind the last group. */
alpa_status alpa_eval_ragged_dot(alpa_call *call) {
  const alpa_tensor *a = alpa_call_in(call, 0), *b = alpa_call_in(call, 1), *sizes = alpa_call_in(call, 2);
  size_t n_ragged, n_group, n_summed;
  const int64_t *ragged = ragged_list(call, CHLO_RAGGED_LHS_RAGGED, &n_ragged);
  const int64_t *group = ragged_list(call, CHLO_RAGGED_RHS_GROUP, &n_group);
  const int64_t *summed = ragged_list(call, CHLO_RAGGED_LHS_CONTRACTING, &n_summed);
  if (n_ragged != 1 || sizes->rank != 1)
    return alpa_op_unsupported(call->op, "has group sizes of rank %u; the interpreter knows rank 1", sizes->rank);
  bool per_group = false;
  for (size_t i = 0; i < n_summed; i++)
    per_group |= summed[i] == ragged[0];
  const alpa_tensor *out = alpa_call_out(call, 0);
  char *at = out->data;
  memset(at, 0, alpa_tensor_bytes(out, call->machine->arith));
  int64_t start = 0, n = sizes->dims[0];
  for (int64_t g = 0; g < n; g++) {
    alpa_buffer *mark = call->scratch;
    int64_t dims[ALPA_MAX_RANK], end = start + alpa_tensor_integer(sizes, g);
    end = end < start ? start : end > a->dims[ragged[0]] ? a->dims[ragged[0]] : end;
    alpa_tensor rows = keep_range(call, a, ragged[0], start, end);
    alpa_tensor matrix = n_group ? pick_group(call, b, group[0], g, dims) : *b;
    add_group(call, &rows, &matrix, at, per_group);
    if (per_group)
      at += alpa_tensor_bytes(out, call->machine->arith) / (size_t)n;
    start = end;
    alpa_call_release(call, mark);
  }
  return ALPA_OK;
}
