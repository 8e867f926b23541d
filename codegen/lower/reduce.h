/* Loop nests that carry elements, and how elements combine. */
#ifndef ALPA_CODEGEN_LOWER_REDUCE_H
#define ALPA_CODEGEN_LOWER_REDUCE_H

#include "codegen/lower/expr.h"
#include "codegen/monoid.h"

/* Loops over a box that update carried elements; `body` reads index and replaces state. */
typedef struct alpa_nest alpa_nest;
struct alpa_nest {
  const alpa_op *op;
  const alpa_tuple *at; /* the place in the result */
  uint32_t n, n_state, lanes;
  int64_t extents[ALPA_MAX_RANK];
  alpa_component index[ALPA_MAX_RANK];
  alpa_element *state; /* of `lanes` lanes each */
  /* Threads of a GPU that share the loop of one dimension; NULL: none. */
  const struct alpa_ptx_split *split;
  uint32_t shared_dim;
  void (*body)(alpa_lower *lower, alpa_nest *nest);
};

/* The extent of the dimension whose loop threads of a GPU share, the largest reduced one, and its number among them. */
int64_t alpa_reduce_shared_extent(const alpa_op *reduce, uint32_t *out_number);
/* Runs the loops from dimension `dim` on; extents are at least 1. */
void alpa_nest_run(alpa_lower *lower, alpa_nest *nest, uint32_t dim);

/* a combined with b; sums of narrow floats stay in f32. */
alpa_element alpa_reduce_combine(alpa_lower *lower, alpa_reduction reduction, alpa_dtype dtype, alpa_element a,
                                 alpa_element b);

/* One dimension of a window. */
typedef struct alpa_window_dim {
  int64_t input, output, window, stride, dilation, base, low;
} alpa_window_dim;

/* Where output o meets window element w in the input; returns whether it exists (NULL: always). */
LLVMValueRef alpa_window_place(alpa_lower *lower, const alpa_window_dim *dim, alpa_component o, alpa_component w,
                               alpa_component *out_place, uint32_t lanes);

#endif
