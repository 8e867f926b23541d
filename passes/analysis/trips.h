/* How often loops run. */
#ifndef ALPA_PASSES_ANALYSIS_TRIPS_H
#define ALPA_PASSES_ANALYSIS_TRIPS_H

#include "dialects/ir/op.h"

/* A loop whose trip count is unknown is priced as if it ran so often. */
enum { ALPA_ASSUMED_TRIPS = 8 };

/* The number of iterations of a counted loop, or 0 where it is not known. */
int64_t alpa_loop_trips(const alpa_op *loop);

#endif
