/* The exact path: what reduction and fixing leave, as a mixed-integer program over the local polytope, with a row for
 * the limit only at times where a solution broke it. */
#ifndef ALPA_PASSES_SOLVER_EXACT_H
#define ALPA_PASSES_SOLVER_EXACT_H

#include "passes/solver/mip.h"
#include "passes/solver/stage.h"

typedef enum alpa_exact_end {
  ALPA_EXACT_OPTIMAL,    /* primal.best is, to about 1e-9 of the cost; or nothing is cheaper than primal.cost */
  ALPA_EXACT_INFEASIBLE, /* there is no labelling at all */
  ALPA_EXACT_OPEN
} alpa_exact_end;

/* Improves the stage's labelling by the solver of a module; *out_bound is its bound without the base, floating.
 * `until`: of the clock. */
ALPA_MUST_USE alpa_status alpa_exact_run(alpa_stage *stage, const alpa_mip_solver_module *module, double until,
                                         alpa_exact_end *out_end, double *out_bound);

#endif
