/* What stages in front of a part of a pipeline take at least (search.h). */
#ifndef ALPA_PASSES_STAGES_BOUNDS_H
#define ALPA_PASSES_STAGES_BOUNDS_H

#include "passes/stages/search.h"

#define STAGE_NEVER (INT64_MAX / 4)

/* The options that fit with so many micro-batches in flight: of memory nothing else need be known.  None of a front
 * beats another in time and once; they ascend in time and so descend in once.  Indexed as those of the problem. */
alpa_stage_front *stage_fronts_fit(alpa_arena *arena, const alpa_stage_problem *problem, int64_t in_flight);

/* By number of layers in a prefix and devices left (of all kinds): the least sum, the least maximum, the least once,
 * each by itself, with the link behind the prefix; STAGE_NEVER where there is no way. */
typedef struct stage_bounds {
  int64_t n_devices;
  int64_t *sum, *max, *once;
} stage_bounds;

/* [first][last]: the least time of any range that ends with `last` and begins with `first` or before. */
int64_t *stage_times_find(alpa_arena *arena, const alpa_stage_problem *problem, const alpa_stage_front *fronts);

/* Of pipelines whose options are all in `fronts`. */
stage_bounds stage_bounds_find(alpa_arena *arena, const alpa_stage_problem *problem, const alpa_stage_front *fronts);

#endif
