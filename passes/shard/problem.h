/* From the graph to the integer program of passes/solver, with the memory that values take over their lifetimes. */
#ifndef ALPA_PASSES_SHARD_PROBLEM_H
#define ALPA_PASSES_SHARD_PROBLEM_H

#include "passes/shard/graph.h"

/* The program in `graph->arena`: a node for each of the graph's, then one for each value that may share an argument's
 * place; `limit` bounds the bytes that live at any time on a device.  Returns the unit of cost in picoseconds: 1, or more
 * where the sum of all costs would be too large for the solver. */
int64_t shard_problem_build(const shard_graph *graph, int64_t limit, alpa_solver_problem *out_problem);

/* The same without the limit and the nodes that only use memory: those of `graph` alone. */
alpa_solver_problem shard_problem_without_limit(const shard_graph *graph, const alpa_solver_problem *problem);
/* The assignment of the whole program that follows from one without limit; in `graph->arena`. */
uint32_t *shard_problem_complete(const shard_graph *graph, const uint32_t *assignment);
/* The graph's node for one of the program; for one of a shared place that of the value which may share it. */
const shard_node *shard_problem_node(const shard_graph *graph, uint32_t index);

#endif
