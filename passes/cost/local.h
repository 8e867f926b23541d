/* The price of a partitioned program: what one device computes and sends, op by op. */
#ifndef ALPA_PASSES_COST_LOCAL_H
#define ALPA_PASSES_COST_LOCAL_H

#include "passes/cost/model.h"

/* Ticks of an op with local types, and of what is inside it: a loop as often as it runs, of a branch the dearer side.
 */
int64_t alpa_local_cost(const alpa_cost_model *model, const alpa_mesh *mesh, const alpa_op *op);
/* The most bytes of values that ops of a block have made and that others of it still need, at any op; without what the
 * block ends with, and with what the ops need inside.  A value whose only user directly follows it is never stored. */
int64_t alpa_local_work_bytes(alpa_arena *arena, const alpa_block *block);

#endif
