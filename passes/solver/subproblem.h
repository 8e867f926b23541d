/* Parts of a core as problems of their own: some nodes, some of their states, all other nodes held at given labels. */
#ifndef ALPA_PASSES_SOLVER_SUBPROBLEM_H
#define ALPA_PASSES_SOLVER_SUBPROBLEM_H

#include "passes/solver/core.h"

typedef struct alpa_subproblem {
  const alpa_core *core;
  const uint32_t *nodes; /* [n] ascending; NULL: all of the core's */
  uint32_t n;
  const bool *keep;       /* [n_places] states that stay; NULL: all */
  const uint32_t *labels; /* [n_nodes] of the nodes outside; may be NULL where there are none */
  const int64_t *used;    /* [n_times] by the nodes outside; NULL: nothing */
} alpa_subproblem;

/* Builds it: node i of the reducer is nodes[i], its strategies are states of the core, its times the core's points. */
void alpa_subproblem_build(const alpa_subproblem *part, alpa_reducer *reducer, alpa_arena *arena);

#endif
