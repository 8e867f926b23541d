/* Making every change of state explicit: after this, each op has operands and results in states that one strategy of
 * its factor rule demands and gives, and wherever a consumer needs another state than its producer has there is an
 * sdy.reshard, one per value and wanted state. */
#ifndef ALPA_PASSES_PARTITION_RESHARDS_H
#define ALPA_PASSES_PARTITION_RESHARDS_H

#include "passes/analysis/state.h"

/* Where values have no sharding, arguments and results of the function are replicated and other values get the state
 * that their op gives them.
 * Counts the reshards that were inserted. */
alpa_status alpa_reshards_insert(alpa_arena *arena, const alpa_mesh *mesh, alpa_op *func, int64_t *out_n_inserted);

#endif
