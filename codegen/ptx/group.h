/* Threads that have a row together: 1 to 32 neighbouring ones of a warp, or all of a block. */
#ifndef ALPA_CODEGEN_PTX_GROUP_H
#define ALPA_CODEGEN_PTX_GROUP_H

#include "codegen/lower/expr.h"
#include "codegen/ptx/kernel.h"

typedef struct alpa_ptx_group {
  uint32_t threads;    /* a power of two */
  LLVMValueRef number; /* i32: of the thread in its group */
  LLVMValueRef mask;   /* i32: the lanes of the group, where it is no larger than a warp */
  uint32_t next_byte;  /* of shared memory that is not yet used */
} alpa_ptx_group;

/* So many threads for rows of that many pieces that one thread computes at a time. */
uint32_t alpa_ptx_group_threads(int64_t pieces);
/* The same where every thread has the same number of pieces, at most `most`, one after the other without a loop; false
 * where there is no such number. */
bool alpa_ptx_group_find_even(int64_t pieces, uint32_t most, uint32_t *out_threads, uint32_t *out_pieces);
/* The launch for `n` groups.  Groups larger than a warp are blocks; of others there are several in a block.
 * shared_elements: how many elements alpa_ptx_group_fold will have folded. */
alpa_kernel_launch alpa_ptx_group_launch(alpa_lower *lower, int64_t n, uint32_t threads, uint32_t shared_elements);
/* Sets the group of this thread and its number among the n (i64).  Groups behind the last one leave the kernel. */
void alpa_ptx_group_begin(alpa_lower *lower, alpa_ptx_group *group, uint32_t threads, int64_t n,
                          LLVMValueRef *out_index);

/* Combines the states of all threads, n elements each; `combine` replaces `state` by what comes of (first, second).
 * Every thread gets the same bits, whatever the order the threads run in. */
typedef void alpa_ptx_combine_fn(alpa_lower *lower, const void *user, const alpa_element *first,
                                 const alpa_element *second, alpa_element *state);
void alpa_ptx_group_fold(alpa_lower *lower, alpa_ptx_group *group, alpa_element *state, uint32_t n,
                         alpa_ptx_combine_fn *combine, const void *user);
/* Waits until all threads of the group are here; what they have read and written is done. */
void alpa_ptx_group_wait(alpa_lower *lower, const alpa_ptx_group *group);

#endif
