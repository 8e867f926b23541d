/* Strided copies: what transposition, broadcasting, slicing, padding and packing are made of. */
#ifndef ALPA_INTERP_STRIDED_H
#define ALPA_INTERP_STRIDED_H

#include "interp/machine.h"

/* Copies the element at from_first + sum(i_d * from[d]) to to_first + sum(i_d * to[d]) for all i_d in [0, dims[d]);
 * strides count elements and may be 0 or negative. */
typedef struct alpa_copy {
  uint32_t rank;
  int64_t dims[ALPA_MAX_RANK], to[ALPA_MAX_RANK], from[ALPA_MAX_RANK];
  int64_t to_first, from_first;
  size_t bytes; /* of an element: 1, 2, 4, 8 or 16 */
} alpa_copy;

void alpa_copy_run(const alpa_copy *copy, void *to, const void *from);

/* Row-major strides in elements; returns the number of elements. */
int64_t alpa_strides_of(uint32_t rank, const int64_t *dims, int64_t *out_strides);

/* A copy of a whole tensor, its own strides on both sides. */
alpa_copy alpa_copy_of(const alpa_tensor *tensor, size_t bytes);

/* Copies a tensor with its dimensions in another order: dimension i of the result is order[i] of the tensor. */
void alpa_copy_transposed(const alpa_tensor *from, const int64_t *order, size_t bytes, void *to);

/* Where the elements of a padded tensor go, and what stands around them. */
typedef struct alpa_padding {
  const int64_t *low, *step; /* per dimension: element k goes to low + k * step, if that lies inside */
  const void *value;
} alpa_padding;

/* Fills `to` with the padding and puts the elements of `from` into it. */
void alpa_copy_padded(const alpa_tensor *to, const alpa_tensor *from, const alpa_padding *padding, size_t bytes);

/* n copies of one element. */
void alpa_fill(void *to, const void *element, size_t bytes, int64_t n);

/* The next index of a box in row-major order; false behind the last. */
bool alpa_index_next(uint32_t rank, const int64_t *dims, int64_t *index);

#endif
