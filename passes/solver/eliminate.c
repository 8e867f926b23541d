/* Exact elimination of a whole core.  Forward and backward pass of a deep model form a ladder whose rungs message
 * passing cannot see around; its tables are small all the same, as long as nodes have few states (one mesh axis). */
#include "passes/solver/stage.h"

/* Up to here sums of integers are exact in doubles. */
static const double EXACT = 0x1p53;

bool alpa_stage_can_eliminate(alpa_stage *stage, double work) {
  const alpa_core *core = &stage->core;
  alpa_primal *primal = &stage->primal;
  return core->n_times == 0 && core->magnitude < EXACT &&
         alpa_bucket_plan(primal->bucket, primal->all, core->n_nodes, (uint32_t)(work / 4), &primal->random) == 0 &&
         alpa_bucket_work(primal->bucket) <= work;
}

bool alpa_stage_eliminate(alpa_stage *stage, double work) {
  alpa_primal *primal = &stage->primal;
  if (!alpa_stage_can_eliminate(stage, work))
    return false;
  alpa_bucket_run(primal->bucket, stage->dual.trws.costs, primal->labels);
  alpa_primal_offer(primal, primal->labels);
  if (!primal->found)
    return false;
  stage->bound = primal->cost;
  return true;
}
