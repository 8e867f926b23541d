/* From the graph to the integer program of passes/solver, with the memory that values take over their lifetimes. */
#ifndef ALPA_PASSES_SHARD_PROBLEM_H
#define ALPA_PASSES_SHARD_PROBLEM_H

#include "passes/shard/graph.h"

/* The program in `graph->arena`; `limit` bounds the bytes that live at any time on a device. */
void shard_problem_build(const shard_graph *graph, int64_t limit, alpa_solver_problem *out_problem);

#endif
