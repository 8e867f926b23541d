/* What a module says of its pipeline:
 *
 *   alpa.stages = [{mesh = "2x1", devices = [0, 1]}, ...]     one entry per stage; equal devices are one submesh
 *   alpa.microbatches = 4
 *   alpa.schedule = {kind = "1f1b", stages = ["F0 F1 B0 F2 B1 ...", "F0 B0 F1 B1 ..."]}     one list per submesh
 *
 * Submeshes are numbered in the order in which the stages name them.  Faults are reported at the module. */
#ifndef ALPA_PASSES_SCHEDULE_MODULE_H
#define ALPA_PASSES_SCHEDULE_MODULE_H

#include "dialects/ir/op.h"
#include "passes/schedule/schedule.h"

/* Stages that share some devices but not all are an error. */
alpa_status alpa_stage_map_read(alpa_arena *arena, const alpa_op *module, alpa_stage_map *out_map);
/* Everything is in `arena`.  The lists may have been edited; what cannot be run is an error. */
alpa_status alpa_schedule_read(alpa_arena *arena, const alpa_op *module, alpa_schedule *out_schedule);

#endif
