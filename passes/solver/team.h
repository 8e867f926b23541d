/* One or two neighbourhood searches side by side.  They search from the same labels for one epoch, then the accepted
 * changes of the second are replayed on the first: the outcome depends on the budgets, never on timing, unless there
 * is a clock. */
#ifndef ALPA_PASSES_SOLVER_TEAM_H
#define ALPA_PASSES_SOLVER_TEAM_H

#include "passes/solver/search.h"

enum { ALPA_TEAM_MOST = 2 };

typedef struct alpa_team_worker {
  alpa_memory memory; /* of its own: an alpa_memory serves one thread */
  alpa_arena arena;
  alpa_search search;
  const alpa_solver_options *options;
  uint32_t n_tries; /* per epoch */
  double until;     /* of the clock */
  alpa_status status;
} alpa_team_worker;

typedef struct alpa_team {
  uint32_t n_workers;
  alpa_team_worker workers[ALPA_TEAM_MOST];
} alpa_team;

/* The allocator of `memory` must be thread-safe where there is more than one thread. */
ALPA_MUST_USE alpa_status alpa_team_init(alpa_team *team, const alpa_core *core, const alpa_solver_options *options,
                                         const alpa_memory *memory, uint64_t seed);
void alpa_team_deinit(alpa_team *team);
void alpa_team_guide(alpa_team *team, const alpa_search_guide *guide);

/* One epoch from feasible labels, which it improves in place; *out_gained is what their cost fell by. */
ALPA_MUST_USE alpa_status alpa_team_run(alpa_team *team, uint32_t *labels, uint32_t n_tries, double until,
                                        int64_t *out_gained);

/* Improves labels by the best mixture with others; both are feasible. */
ALPA_MUST_USE alpa_status alpa_team_mix(alpa_team *team, uint32_t *labels, const uint32_t *others, double until,
                                        int64_t *out_gained);

#endif
