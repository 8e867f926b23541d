/* How often loops run. */
#ifndef ALPA_PASSES_ANALYSIS_TRIPS_H
#define ALPA_PASSES_ANALYSIS_TRIPS_H

#include "dialects/ir/op.h"

/* A loop whose trip count is unknown is priced as if it ran so often. */
enum { ALPA_ASSUMED_TRIPS = 8 };

/* The carried value by which a loop counts: carry + step in every iteration, from begin. */
typedef struct alpa_loop_counter {
  uint32_t carry;
  int64_t begin, step, trips;
} alpa_loop_counter;

/* False where the loop is not counted, or its number of iterations is not known. */
bool alpa_loop_find_counter(const alpa_op *loop, alpa_loop_counter *out);
/* The number of iterations of a counted loop, or 0 where it is not known. */
int64_t alpa_loop_trips(const alpa_op *loop);

#endif
