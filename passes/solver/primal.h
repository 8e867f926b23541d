/* Labellings: the best one that is known, and how others are made from a dual solution. */
#ifndef ALPA_PASSES_SOLVER_PRIMAL_H
#define ALPA_PASSES_SOLVER_PRIMAL_H

#include "passes/solver/bucket.h"
#include "passes/solver/dual.h"

typedef struct alpa_primal {
  const alpa_core *core;
  alpa_bucket *bucket;
  alpa_random random;
  uint32_t *labels; /* [n_nodes] working copy */
  uint32_t *best;   /* [n_nodes] */
  bool found;       /* best is finite and within the limit */
  alpa_int128 cost; /* of best, without the base, or what it has to be below; INT64_MAX: anything */
  int64_t excess;   /* least usage over the capacity of any labelling offered */
  int64_t *usage;   /* [n_times] scratch */
  double *costs;    /* [n_places] scratch */
  double *sums;     /* [n_times + 1] scratch */
  double *prices;   /* [n_times] scratch */
  uint32_t *all;    /* [n_nodes] every node */
} alpa_primal;

void alpa_primal_init(alpa_primal *primal, alpa_arena *arena, const alpa_core *core, uint64_t seed);

/* Whether there is a cost to beat: a labelling's, or one that was set. */
static inline bool alpa_primal_has_cost(const alpa_primal *primal) { return primal->cost < INT64_MAX; }

/* Takes the labels if they are feasible and cheaper than the best ones; whether it did. */
bool alpa_primal_offer(alpa_primal *primal, const uint32_t *labels);

/* Improves labels for the dual's priced costs by conditioned elimination, tables limited as given. */
void alpa_primal_polish(alpa_primal *primal, const alpa_dual *dual, uint32_t *labels, uint32_t limit);

/* Rounds the dual solution, polishes, offers, and where that broke the limit raises prices at the peaks until it fits
 * or a few tries are over; whether the best got better. */
bool alpa_primal_attempt(alpa_primal *primal, alpa_dual *dual, uint32_t limit);

/* Looks for labels that are within the limit at any cost, by making all usage dear; whether it found some. */
bool alpa_primal_save(alpa_primal *primal);

#endif
