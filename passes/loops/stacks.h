/* Counted loops over layers: what they read and write of stacked tensors, iteration by iteration. */
#ifndef ALPA_PASSES_LOOPS_STACKS_H
#define ALPA_PASSES_LOOPS_STACKS_H

#include "passes/analysis/trips.h"
#include "support/arena.h"

/* One element along `dim` in every iteration, the next one or the one before. */
typedef struct alpa_stack {
  alpa_value *value;  /* outside: what the loop captures, or what a carried one begins with */
  alpa_value *inside; /* what the body's ops read: the captured value itself, or the body's argument */
  int64_t carry;      /* -1: captured */
  uint32_t dim;
  int64_t first; /* index in the first iteration */
  bool is_reversed;
  ALPA_VEC(alpa_op *) accesses; /* dynamic slices, and one update of a carried one */
} alpa_stack;

typedef struct alpa_stacked_loop {
  alpa_op *op;
  alpa_loop_counter counter;
  ALPA_VEC(alpa_stack) stacks;
  ALPA_VEC(alpa_value *) captured; /* beside stacks */
} alpa_stacked_loop;

/* By number of value of a function's block: depends on arguments that results replace, and on no others but scalars. */
bool *alpa_weights_find(alpa_arena *arena, const alpa_op *func, uint32_t n_values);
/* Finds the stacks of a loop.  Returns NULL where ranges of its iterations can be loops of their own that share no
 * weights, else why not. */
const char *alpa_stacks_find(alpa_arena *arena, alpa_op *loop, const bool *is_weight, alpa_stacked_loop *out);
/* The indices [begin, end) of the stack that iterations [*begin, *end) touch. */
void alpa_stack_range(const alpa_stack *stack, int64_t *begin, int64_t *end);

#endif
