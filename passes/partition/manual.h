/* sdy.manual_computation: a part of the program that its author has partitioned.  Its region is what every device runs
 * already, so it is copied as it is, between values in the states that it says. */
#ifndef ALPA_PASSES_PARTITION_MANUAL_H
#define ALPA_PASSES_PARTITION_MANUAL_H

#include "passes/partition/partition.h"

/* The states of the operands or of the results.  Axes that are not manual are replicated: their devices compute the
 * same. */
alpa_status alpa_manual_states(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *op, bool of_results,
                               alpa_state *out_states);

/* Copies the region's ops to the partitioner's place and maps the results. */
alpa_status alpa_partition_manual(alpa_partitioner *p, alpa_op *op);

#endif
