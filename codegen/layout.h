/* Strided views: tensors that are other tensors read in another order. */
#ifndef ALPA_CODEGEN_LAYOUT_H
#define ALPA_CODEGEN_LAYOUT_H

#include "dialects/ir/op.h"
#include "runtime/image/image.h"

/* Element (i0, i1, ...) of a value is element offset + sum of i * stride of `base`, which is dense and row-major. */
typedef struct alpa_layout {
  alpa_value *base;
  int64_t offset, strides[ALPA_MAX_RANK];
} alpa_layout;

/* Row-major strides. */
void alpa_strides_dense(const alpa_type *type, int64_t *out_strides);
/* Strides of the same memory under another shape; false where a dimension would need two strides. */
bool alpa_strides_reshape(const alpa_type *from, const int64_t *strides, const alpa_type *to, int64_t *out_strides);
/* Walks up through transpose, reshape, broadcast_in_dim and slice as far as one stride per dimension describes the
 * value; at worst the value itself is the base. */
void alpa_layout_find(alpa_value *value, alpa_layout *out_layout);
/* Whether an op only reads its first operand in another order (as alpa_layout_find walks through). */
bool alpa_op_is_layout(const alpa_op *op);

/* For a chain of transposes and reshapes that ends in `value`: the value it starts from, and the strides of that
 * value's dimensions in the dense memory of `value`. */
alpa_value *alpa_layout_find_source(alpa_value *value, int64_t *out_strides);

#endif
