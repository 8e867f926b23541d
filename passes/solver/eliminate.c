/* Exact elimination of a whole core.  Forward and backward pass of a deep model form a ladder whose rungs message
 * passing cannot see around; its tables are small all the same, as long as nodes have few states (one mesh axis). */
#include "passes/solver/stage.h"

/* Entries of one table, and of all of them: about a tenth of a second and 100 MB. */
enum { TABLE = 1 << 20, WORK = 1 << 25 };

/* Up to here sums of integers are exact in doubles. */
static const double EXACT = 0x1p53;

bool alpa_stage_eliminate(alpa_stage *stage) {
  const alpa_core *core = &stage->core;
  alpa_primal *primal = &stage->primal;
  if (core->n_times || core->magnitude >= EXACT ||
      alpa_bucket_plan(primal->bucket, primal->all, core->n_nodes, TABLE, &primal->random) > 0 ||
      alpa_bucket_work(primal->bucket) > WORK)
    return false;
  alpa_bucket_run(primal->bucket, stage->dual.trws.costs, primal->labels);
  alpa_primal_offer(primal, primal->labels);
  if (!primal->found)
    return false;
  stage->bound = primal->cost;
  return true;
}
