/* What to say where no plan fits the memory of a device. */
#ifndef ALPA_PASSES_SHARD_LIMIT_H
#define ALPA_PASSES_SHARD_LIMIT_H

#include "passes/shard/graph.h"

/* Reports that nothing was found within problem->limit: the smallest budget that works and by how much it is more, as
 * far as a short bisection finds it, and the dearest values of the plan that has it.  `start` is a plan without limit.
 * Returns ALPA_INFEASIBLE. */
alpa_status shard_limit_report(const shard_graph *graph, const alpa_solver_problem *problem,
                               const alpa_solver_options *options, const uint32_t *start, alpa_diag *diag);

#endif
