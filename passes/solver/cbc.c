/* The module alpa-cbc.so: COIN-OR Cbc behind alpa_mip_solver; the only file that includes Cbc.
 *
 * Cbc is not thread-safe even on separate models, hence one lock around it, the only mutable state here.  With log
 * level 0 and one thread at a time it neither prints nor reads.  Its status codes end here. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <coin/Cbc_C_Interface.h>

#include "passes/solver/mip.h"

static pthread_mutex_t cbc_lock = PTHREAD_MUTEX_INITIALIZER;

static void set_parameters(Cbc_Model *model, const alpa_mip *mip) {
  char text[32];
  Cbc_setParameter(model, "log", "0");
  Cbc_setLogLevel(model, 0);
  Cbc_setParameter(model, "threads", "0");
  Cbc_setParameter(model, "ratioGap", "1e-9");
  Cbc_setMaximumNodes(model, mip->most_nodes);
  if (mip->seconds > 0) {
    Cbc_setParameter(model, "timeMode", "elapsed");
    snprintf(text, sizeof text, "%.3f", mip->seconds);
    Cbc_setParameter(model, "seconds", text);
  }
  if (isfinite(mip->cutoff))
    Cbc_setCutoff(model, mip->cutoff);
}

static void set_start(Cbc_Model *model, const alpa_mip *mip, double *ones) {
  for (int i = 0; i < mip->n_start; i++)
    ones[i] = 1;
  if (mip->n_start)
    Cbc_setMIPStartI(model, mip->n_start, mip->start_columns, ones);
}

static void read_answer(Cbc_Model *model, const alpa_mip *mip, alpa_mip_answer *answer) {
  const double *best = Cbc_bestSolution(model);
  answer->has_solution = best != NULL;
  answer->is_optimal = Cbc_isProvenOptimal(model) != 0;
  answer->is_infeasible = !best && Cbc_isProvenInfeasible(model) != 0;
  answer->bound = Cbc_getBestPossibleObjValue(model);
  answer->n_nodes = Cbc_getNodeCount(model);
  if (best)
    memcpy(answer->solution, best, sizeof *best * (size_t)mip->n_columns);
}

static alpa_status solve_locked(const alpa_mip *mip, alpa_mip_answer *answer) {
  Cbc_Model *model = Cbc_newModel();
  if (!model)
    return ALPA_OUT_OF_MEMORY;
  Cbc_loadProblem(model, mip->n_columns, mip->n_rows, mip->starts, mip->rows, mip->values, mip->lower, mip->upper,
                  mip->objective, mip->row_lower, mip->row_upper);
  for (int c = 0; c < mip->n_integers; c++)
    Cbc_setInteger(model, c);
  set_parameters(model, mip);
  set_start(model, mip, answer->solution);
  Cbc_solve(model);
  read_answer(model, mip, answer);
  Cbc_deleteModel(model);
  return ALPA_OK;
}

static alpa_status solve(const alpa_mip *mip, alpa_mip_answer *answer) {
  pthread_mutex_lock(&cbc_lock);
  alpa_status status = solve_locked(mip, answer);
  pthread_mutex_unlock(&cbc_lock);
  return status;
}

extern const alpa_mip_solver_module alpa_mip_solver;
const alpa_mip_solver_module alpa_mip_solver = {"cbc", solve};
