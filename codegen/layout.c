/* Strided views. */
#include "codegen/layout.h"

#include <string.h>

#include "dialects/stablehlo/stablehlo.h"

void alpa_strides_dense(const alpa_type *type, int64_t *out_strides) {
  int64_t stride = 1;
  for (uint32_t d = type->rank; d-- > 0; stride *= type->dims[d])
    out_strides[d] = stride;
}

/* Strides of `to` dimensions [o, o_end) that together are `from` dimensions [i, i_end). */
static bool reshape_group(const alpa_type *from, const int64_t *strides, uint32_t i, uint32_t i_end,
                          const alpa_type *to, uint32_t o, uint32_t o_end, int64_t *out_strides) {
  int64_t inner = 1;
  bool any = false;
  for (uint32_t d = i_end; d-- > i;) { /* the group must be one run of memory */
    if (from->dims[d] == 1)
      continue;
    if (any && strides[d] != inner)
      return false;
    inner = strides[d] * from->dims[d];
    any = true;
  }
  int64_t stride = 1;
  for (uint32_t d = i_end; d-- > i;)
    if (from->dims[d] != 1) {
      stride = strides[d];
      break;
    }
  for (uint32_t d = o_end; d-- > o; stride *= to->dims[d])
    out_strides[d] = stride;
  return true;
}

bool alpa_strides_reshape(const alpa_type *from, const int64_t *strides, const alpa_type *to, int64_t *out_strides) {
  if (alpa_type_count(from) == 0)
    return false;
  uint32_t i = 0, o = 0;
  for (uint32_t d = 0; d < to->rank; d++)
    out_strides[d] = 1;
  while (i < from->rank && o < to->rank) {
    uint32_t i_end = i + 1, o_end = o + 1;
    int64_t count_in = from->dims[i], count_out = to->dims[o];
    while (count_in != count_out)
      if (count_in < count_out)
        count_in *= from->dims[i_end++];
      else
        count_out *= to->dims[o_end++];
    if (!reshape_group(from, strides, i, i_end, to, o, o_end, out_strides))
      return false;
    i = i_end;
    o = o_end;
  }
  return true;
}

bool alpa_op_is_layout(const alpa_op *op) {
  return stablehlo_is(op, STABLEHLO_transpose) || stablehlo_is(op, STABLEHLO_reshape) ||
         stablehlo_is(op, STABLEHLO_broadcast_in_dim) || stablehlo_is(op, STABLEHLO_slice);
}

/* The chain from a value up to its base, as ops in order from the base down. */
static uint32_t find_chain(alpa_value *value, const alpa_op **chain, uint32_t most) {
  uint32_t n = 0;
  while (value->op && n < most && alpa_op_is_layout(value->op)) {
    chain[n++] = value->op;
    value = alpa_op_operand(value->op, 0);
  }
  return n;
}

static bool step(const alpa_op *op, int64_t *offset, int64_t *strides) {
  const alpa_type *from = alpa_op_operand_type(op, 0), *to = op->results[0].type;
  int64_t next[ALPA_MAX_RANK] = {0};
  size_t n;
  if (stablehlo_is(op, STABLEHLO_reshape)) {
    if (!alpa_strides_reshape(from, strides, to, next))
      return false;
  } else if (stablehlo_is(op, STABLEHLO_transpose)) {
    const int64_t *permutation = alpa_op_i64s(op, stablehlo_transpose_permutation, &n);
    for (uint32_t d = 0; d < to->rank; d++)
      next[d] = strides[permutation[d]];
  } else if (stablehlo_is(op, STABLEHLO_broadcast_in_dim)) {
    const int64_t *dims = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
    for (uint32_t d = 0; d < from->rank; d++)
      next[dims[d]] = from->dims[d] == 1 ? 0 : strides[d];
  } else {
    const int64_t *start = alpa_op_i64s(op, stablehlo_slice_start_indices, &n);
    const int64_t *by = alpa_op_i64s(op, stablehlo_slice_strides, &n);
    for (uint32_t d = 0; d < to->rank; d++) {
      *offset += start[d] * strides[d];
      next[d] = strides[d] * by[d];
    }
  }
  memcpy(strides, next, sizeof next);
  return true;
}

void alpa_layout_find(alpa_value *value, alpa_layout *out) {
  enum { MOST = 16 };
  const alpa_op *chain[MOST];
  uint32_t n = find_chain(value, chain, MOST);
  for (uint32_t skip = 0; skip <= n; skip++) { /* the longest chain that works */
    *out = (alpa_layout){.base = skip == n ? value : alpa_op_operand(chain[n - 1 - skip], 0)};
    alpa_strides_dense(out->base->type, out->strides);
    bool works = true;
    for (uint32_t i = n - skip; i-- > 0 && works;)
      works = step(chain[i], &out->offset, out->strides);
    if (works)
      return;
  }
}

alpa_value *alpa_layout_find_source(alpa_value *value, int64_t *out_strides) {
  alpa_strides_dense(value->type, out_strides);
  while (value->op && (stablehlo_is(value->op, STABLEHLO_transpose) || stablehlo_is(value->op, STABLEHLO_reshape))) {
    const alpa_op *op = value->op;
    alpa_value *from = alpa_op_operand(op, 0);
    int64_t next[ALPA_MAX_RANK] = {0};
    size_t n;
    if (stablehlo_is(op, STABLEHLO_transpose)) {
      const int64_t *permutation = alpa_op_i64s(op, stablehlo_transpose_permutation, &n);
      for (uint32_t d = 0; d < from->type->rank; d++)
        next[permutation[d]] = out_strides[d];
    } else if (!alpa_strides_reshape(value->type, out_strides, from->type, next)) {
      return value;
    }
    memcpy(out_strides, next, from->type->rank * sizeof *next);
    value = from;
  }
  return value;
}
