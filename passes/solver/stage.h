/* One stage of a solve: a core, its dual and primal, and what it proved. */
#ifndef ALPA_PASSES_SOLVER_STAGE_H
#define ALPA_PASSES_SOLVER_STAGE_H

#include "passes/solver/primal.h"
#include "passes/solver/team.h"

/* Why ascending ended. */
typedef enum alpa_stage_end {
  ALPA_STAGE_SOLVED,     /* the bound meets the best labelling */
  ALPA_STAGE_INFEASIBLE, /* the bound is above every finite cost */
  ALPA_STAGE_FIXED,      /* many states can go; see `keep` */
  ALPA_STAGE_STALLED,    /* the bound hardly moves any more */
  ALPA_STAGE_SPENT       /* the budget is gone */
} alpa_stage_end;

typedef struct alpa_stage {
  const alpa_solver_options *options;
  alpa_solver_stats *stats;
  alpa_arena *arena;
  alpa_core core;
  alpa_dual dual;
  alpa_primal primal;
  alpa_int128 bound; /* certified, without the base */
  bool *keep;        /* [n_places] states that a better labelling may have; and those of the best */
  double *margins;   /* [n_places] what each state costs at least over the bound, as of the last review */
  size_t n_dropped;
  uint32_t attempt_every, n_steps; /* steps between attempts at a labelling; most steps where there is no clock */
  bool may_tighten, is_tightening; /* by triplets, when the bound has stalled; now */
  alpa_team team;
  bool has_team;
} alpa_stage;

/* Builds the core; labels may follow by alpa_primal_offer. */
void alpa_stage_init(alpa_stage *stage, alpa_arena *arena, alpa_reducer *reducer, const alpa_solver_options *options,
                     alpa_solver_stats *stats);

/* Whether all nodes of a core without times can be eliminated with no more than `work` entries of tables. */
bool alpa_stage_can_eliminate(alpa_stage *stage, double work);
/* Does so, or returns false; the labelling is then optimal and the bound its cost. */
bool alpa_stage_eliminate(alpa_stage *stage, double work);

/* Ascends and rounds until one of the ends; `until` is the fraction of the clock where it must stop. */
alpa_stage_end alpa_stage_ascend(alpa_stage *stage, double until);

/* Ends what has threads or memory of its own. */
void alpa_stage_deinit(alpa_stage *stage);

/* Searches around the best labelling, and around others that it mixes with it; it must have one.  n_tries per thread count where there is no clock. */
ALPA_MUST_USE alpa_status alpa_stage_search(alpa_stage *stage, uint32_t n_tries, double until);

/* Certifies, and marks what a better labelling may use; the end if the stage is over, else STALLED. */
alpa_stage_end alpa_stage_review(alpa_stage *stage);

/* Drops from the reducer the states that are not kept, and reduces again.  ALPA_INFEASIBLE: nothing better is left. */
ALPA_MUST_USE alpa_status alpa_stage_fix(const alpa_stage *stage, alpa_reducer *reducer);

#endif
