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
ALPA_MUST_USE alpa_status alpa_branch_run(alpa_stage *root, uint32_t n_nodes, double until, bool *out_is_closed);

#endif
