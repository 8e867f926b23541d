/* Writing a solution into the IR. */
#ifndef ALPA_PASSES_SHARD_APPLY_H
#define ALPA_PASSES_SHARD_APPLY_H

#include "passes/shard/graph.h"

/* Gives every value its sharding, and every change of state an sdy.reshard: one behind the producer where the value
 * has a hub, one per further state that consumers want.  Arguments and results of the function are annotated. */
void shard_apply(shard_graph *graph, const uint32_t *assignment);

#endif
