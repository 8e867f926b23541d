/* Reductions with few results: several threads share the loops behind each element of a `loop` kernel.
 *
 * A block has `points` neighbouring elements (or groups of lanes), whose accesses lie side by side, times `members`
 * threads for each.  Every member runs its share of one reduced dimension; what they have is combined through shared
 * memory, in the order of the members.  Where that is still too few threads, `parts` blocks have shares of the same
 * elements: they leave their states in scratch memory in a first phase, and a second one combines them. */
#ifndef ALPA_CODEGEN_PTX_SPLIT_H
#define ALPA_CODEGEN_PTX_SPLIT_H

#include "codegen/ptx/group.h"

/* How a kernel is split; members 1: it is not. */
typedef struct alpa_ptx_split_plan {
  uint32_t members, parts;
  uint32_t bytes; /* of the states of one element */
  int64_t n_points;
} alpa_ptx_split_plan;

/* For n_points elements that reduce `extent` along the dimension that is shared; bytes: of the states of an element,
 * each part of them rounded up to 16. */
alpa_ptx_split_plan alpa_ptx_split_choose(const alpa_lower *lower, int64_t n_points, int64_t extent, uint32_t bytes);
void alpa_ptx_split_schedule(alpa_lower *lower, const alpa_ptx_split_plan *plan);

typedef struct alpa_ptx_split {
  alpa_ptx_split_plan plan;
  bool is_partial, is_final;   /* the two phases, where there are parts */
  uint32_t points;             /* of a block */
  LLVMValueRef member, point;  /* i32, of the thread */
  LLVMValueRef part, share;    /* i64: of the block; of the thread among members times parts */
  LLVMValueRef is_writer;      /* i1: the thread stores the results of its element; NULL: every thread does */
  uint32_t next_byte, at_byte; /* of an element's states: free, and of the state that was taken last */
} alpa_ptx_split;

/* Sets lower->split, and lower->task to the thread's element. */
void alpa_ptx_split_begin(alpa_lower *lower, const alpa_ptx_split_plan *plan, uint32_t phase);
/* The same for blocks that have parts of an element alone: `index`, i64, counts elements times parts and becomes the
 * element; `thread`, i32, is 0 for the one that writes.  Of the second phase, `index` is the element already. */
void alpa_ptx_split_begin_part(alpa_lower *lower, const alpa_ptx_split_plan *plan, uint32_t phase, LLVMValueRef *index,
                               LLVMValueRef thread);
/* Takes room for a state; false where there is none, and the reduction is not shared. */
bool alpa_ptx_split_take(alpa_lower *lower, const alpa_element *state, uint32_t n);
/* Leaves a state in scratch memory, for the place that was taken and the part of this block. */
void alpa_ptx_split_put(alpa_lower *lower, const alpa_element *state, uint32_t n);
/* Combines the states of all members for the place that was taken; every thread gets the result.  Of the partial phase
 * it is left in scratch memory. */
void alpa_ptx_split_fold(alpa_lower *lower, alpa_element *state, uint32_t n, alpa_ptx_combine_fn *combine,
                         const void *user);
/* Of the final phase: the states of all parts combined. `state` tells the types. */
void alpa_ptx_split_gather(alpa_lower *lower, alpa_element *state, uint32_t n, alpa_ptx_combine_fn *combine,
                           const void *user);

#endif
