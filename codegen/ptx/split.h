/* Reductions with few results: several threads share the loops behind each element of a `loop` kernel.
 *
 * A block has `points` neighbouring elements (or groups of lanes), whose accesses lie side by side, times `members`
 * threads for each.  Every member runs its part of the outermost reduced dimension; what they have is combined through
 * shared memory, in the order of the members. */
#ifndef ALPA_CODEGEN_PTX_SPLIT_H
#define ALPA_CODEGEN_PTX_SPLIT_H

#include "codegen/ptx/group.h"

typedef struct alpa_ptx_split {
  uint32_t members, points;
  LLVMValueRef member, point; /* i32, of the thread */
  LLVMValueRef is_writer;     /* i1: the thread stores the results of its element */
  uint32_t next_byte;
} alpa_ptx_split;

/* How many threads share an element, where `n_points` elements reduce `extent` along the outermost reduced dimension;
 * 1: the kernel is not split. */
uint32_t alpa_ptx_split_members(const alpa_lower *lower, int64_t n_points, int64_t extent);
alpa_kernel_launch alpa_ptx_split_launch(alpa_lower *lower, int64_t n_points, uint32_t members, uint32_t state_bytes);
/* Sets lower->split, and lower->task to the thread's element. */
void alpa_ptx_split_begin(alpa_lower *lower, int64_t n_points, uint32_t members);
/* Combines the states of the members; every thread gets the result. */
void alpa_ptx_split_fold(alpa_lower *lower, alpa_element *state, uint32_t n, alpa_ptx_combine_fn *combine,
                         const void *user);

#endif
