/* Sequential tree-reweighted message passing: a lower bound that never falls, and labels to go with it.
 *
 * Source: V. Kolmogorov, Convergent tree-reweighted message passing for energy minimization, PAMI 28(10), 2006,
 * section 5.  Messages stay valid when costs change, so multipliers move under it. */
#ifndef ALPA_PASSES_SOLVER_TRWS_H
#define ALPA_PASSES_SOLVER_TRWS_H

#include "passes/solver/core.h"

typedef struct alpa_trws {
  const alpa_core *core;
  double *costs;          /* [n_places] node costs plus priced usage */
  double *messages;       /* [n_messages] */
  size_t n_messages;
  double *shares;         /* [n_nodes] gamma of the paper */
  double *belief, *heads; /* scratch of one node */
  double *few, *least;    /* scratch of a table's distinct rows and columns */
} alpa_trws;

void alpa_trws_init(alpa_trws *trws, alpa_arena *arena, const alpa_core *core);

/* Goes on with a core of the same nodes whose messages begin with those of the one before; new ones are zero. */
void alpa_trws_widen(alpa_trws *trws, alpa_arena *arena, const alpa_core *core);

/* Sets the node costs for prices of usage: sums[t] is the sum of the prices of all points below t; NULL: no prices. */
void alpa_trws_set_prices(alpa_trws *trws, const double *sums);

/* One forward and one backward pass; a lower bound on the least cost of a labelling (floating, without the base). */
double alpa_trws_sweep(alpa_trws *trws);

/* As a sweep; also fills margins[n_places]: how much at least each state costs over the node's best one. */
double alpa_trws_sweep_margins(alpa_trws *trws, double *margins);

/* Labels in node order, each best for the labels before it and the messages behind. */
void alpa_trws_round(alpa_trws *trws, uint32_t *labels);

/* The bound that the messages prove, in integers: holds whatever rounding did before.  prices[t] (NULL: none) times
 * the usage at t less the capacity is added to the cost, so it is a bound under the limit for every prices >= 0.
 * Without the base.  `rest`: what the bound has besides, in units of 2^-alpa_trws_exact_bits. */
alpa_int128 alpa_trws_certify(alpa_trws *trws, const double *prices, alpa_int128 rest, alpa_arena *scratch);

/* The fraction that integer costs are given in the certificate. */
int alpa_trws_exact_bits(const alpa_core *core);

#endif
