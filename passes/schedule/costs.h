/* What the stages of an outlined module cost: the simulator's input by the cost model. */
#ifndef ALPA_PASSES_SCHEDULE_COSTS_H
#define ALPA_PASSES_SCHEDULE_COSTS_H

#include "passes/cost/cluster.h"
#include "passes/schedule/module.h"
#include "passes/schedule/simulate.h"

/* Of a module that outline and, in every segment, insert-collectives have been through, for a schedule of its stages:
 * the time of each segment, what it keeps for which other one, and how long what it sends is on its way.  Transfers at
 * the ends of a step make a barrier in front of the epilogue.  In `arena`. */
alpa_status alpa_schedule_costs_read(alpa_arena *arena, alpa_op *module, const alpa_cluster *cluster,
                                     const alpa_schedule *schedule, alpa_schedule_costs *out_costs);

#endif
