/* Branch and bound on the Lagrangian dual: proves what the bound of a stage left open, in integers.
 *
 * Every node of the tree is a problem of its own, a core with fewer states: it is reduced, its dual ascended from its
 * parent's prices, states fixed against the best cost.  What stays open is split at a node of the graph whose chains
 * disagree.  Open nodes are taken best bound first. */
#ifndef ALPA_PASSES_SOLVER_BRANCH_H
#define ALPA_PASSES_SOLVER_BRANCH_H

#include "passes/solver/stage.h"

/* Raises root->bound and improves root->primal until they meet, n_nodes are done, or the clock is past `until`.
 * *out_is_closed: nothing better than root->primal.cost exists (and without a cost to beat, nothing at all). */
void alpa_branch_run(alpa_stage *root, uint32_t n_nodes, double until, bool *out_is_closed);

/* A problem that was built for a core's part, to be solved for less than a cost. */
typedef struct alpa_branch_task {
  alpa_reducer *reducer; /* used up */
  const alpa_solver_options *options;
  alpa_solver_stats *stats;
  const double *prices; /* to start from, by the reducer's times; NULL: none */
  alpa_int128 below;    /* the cost to beat */
  uint32_t n_nodes;
  double until;
  uint32_t *assignment; /* [reducer's nodes] */
  bool found, is_closed;
} alpa_branch_task;

/* Fills assignment with the best that is cheaper than `below`; is_closed where that is optimal, or nothing is. */
void alpa_branch_solve(alpa_branch_task *task, alpa_memory *memory);

#endif
