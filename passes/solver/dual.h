/* The Lagrangian dual of the limit: prices for usage at an active set of times, raised and lowered while message
 * passing keeps the bound of the priced problem tight.
 *
 * Sources: A. Geoffrion, Lagrangean relaxation for integer programming, 1974; F. Barahona and R. Anbil, The volume
 * algorithm, Math. Prog. 87, 2000.  The subgradient is that of the tree decomposition itself: each chain of TRW-S is
 * traced to one of its minimisers. */
#ifndef ALPA_PASSES_SOLVER_DUAL_H
#define ALPA_PASSES_SOLVER_DUAL_H

#include "passes/solver/tight.h"

typedef struct alpa_dual {
  const alpa_core *core;
  alpa_trws trws;
  alpa_tight *tight;   /* NULL: no triplets; else trws is on its core */
  double *prices;      /* [n_times] per unit of usage, where the last step was taken */
  double *best_prices; /* [n_times] of the best bound */
  double *sums;        /* [n_times + 1] of prices */
  double *usage;       /* [n_times] of the last subgradient */
  double *mean;        /* [n_times] average of usages: of a fractional solution */
  uint32_t *active;    /* times that have had a price */
  uint32_t n_active;
  bool *is_active;
  uint32_t *traced;         /* [trws's edges] label of the lower node of an edge on its chain */
  double *chosen;           /* [n_places] average share of the chains that choose each state */
  double *weights;          /* scratch: of the states of a node */
  double bound, best_bound; /* without the base; in floating point */
  double pace;              /* of the steps */
  uint32_t n_steps, n_stalled;
} alpa_dual;

void alpa_dual_init(alpa_dual *dual, alpa_arena *arena, const alpa_core *core);

/* Moves the prices towards a bound of about `target` (a cost without the base) and sweeps; returns the new bound. */
double alpa_dual_step(alpa_dual *dual, double target);

/* Traces the chains into usage and chosen; a step does so itself where there is a limit. */
void alpa_dual_trace(alpa_dual *dual);

/* Makes the next steps long: short ones can come to rest far below the best prices. */
void alpa_dual_rekindle(alpa_dual *dual);

/* Adds up to n triplets; whether there were any that help. */
bool alpa_dual_tighten(alpa_dual *dual, alpa_arena *arena, uint32_t n);

/* The bound at the prices as they are, in integers, without the base. */
alpa_int128 alpa_dual_certify(alpa_dual *dual, alpa_memory *memory);

/* Sweeps at the prices as they are, filling margins (NULL: none) as alpa_trws_sweep_margins; returns the bound. */
double alpa_dual_sweep(alpa_dual *dual, double *margins);

/* Sets prices (NULL: the best ones) and the sums and costs that follow from them. */
void alpa_dual_set_prices(alpa_dual *dual, const double *prices);

/* Gives prices to the peaks of a usage above the capacities. */
void alpa_dual_activate(alpa_dual *dual, const double *usage);

#endif
