/* The price of a partitioned program: what one device computes and sends, op by op. */
#ifndef ALPA_PASSES_COST_LOCAL_H
#define ALPA_PASSES_COST_LOCAL_H

#include "passes/cost/model.h"

/* Ticks of an op with local types, and of what is inside it: a loop as often as it runs, of a branch the dearer side.
 */
int64_t alpa_local_cost(const alpa_cost_model *model, const alpa_mesh *mesh, const alpa_op *op);
/* The most bytes that the results of one op inside of `op` take. */
int64_t alpa_local_work_bytes(const alpa_op *op);

#endif
