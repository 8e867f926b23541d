/* What the sorts of processors and GPUs share. */
#ifndef ALPA_CODEGEN_LOWER_SORT_H
#define ALPA_CODEGEN_LOWER_SORT_H

#include "codegen/lower/expr.h"

typedef struct alpa_sort {
  const alpa_op *op;
  int64_t extent, stride, slices; /* of the sorted dimension, in elements */
  uint32_t levels;                /* of merging */
  int64_t scratch;                /* bytes of one slice */
} alpa_sort;

/* One operand as it is sorted: the slice in the result, and scratch. */
typedef struct alpa_sort_lane {
  alpa_leaf result, scratch;
  const alpa_type *type;
} alpa_sort_lane;

/* Lanes whose scratch is number `index` (i64) of many. */
alpa_sort_lane *alpa_sort_make_lanes(alpa_lower *lower, const alpa_sort *sort, LLVMValueRef index);
/* Offset, in elements of a result, of the first element of a slice. */
LLVMValueRef alpa_sort_slice(alpa_lower *lower, const alpa_sort *sort, LLVMValueRef slice);
/* A place at an offset in elements. */
const alpa_tuple *alpa_sort_at(alpa_lower *lower, LLVMValueRef offset);
/* Whether element b comes before element a: one value for each result. */
LLVMValueRef alpa_sort_is_before(alpa_lower *lower, const alpa_sort *sort, const alpa_element *b,
                                 const alpa_element *a);

/* Of a GPU: codegen/ptx/sort.c. */
void alpa_ptx_sort_schedule(alpa_lower *lower, const alpa_sort *sort);
void alpa_ptx_sort_emit(alpa_lower *lower, const alpa_sort *sort);

#endif
