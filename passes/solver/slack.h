/* How much room the limit leaves at every time, under changes of usage: a segment tree with the largest usage less
 * capacity of each range.  Changes and queries take logarithmic time. */
#ifndef ALPA_PASSES_SOLVER_SLACK_H
#define ALPA_PASSES_SOLVER_SLACK_H

#include "passes/solver/core.h"

typedef struct alpa_slack {
  uint32_t n_leaves; /* a power of two */
  int64_t *most;     /* [2 * n_leaves] of the range below, with everything added at or below it */
  int64_t *added;    /* [2 * n_leaves] to the whole range */
} alpa_slack;

void alpa_slack_init(alpa_slack *slack, alpa_arena *arena, const alpa_core *core);
void alpa_slack_set(alpa_slack *slack, const alpa_core *core, const int64_t *usage);
void alpa_slack_add(alpa_slack *slack, uint32_t begin, uint32_t end, int64_t change);
/* The largest usage - capacity within [begin, end); INT64_MIN where that is empty. */
int64_t alpa_slack_most(const alpa_slack *slack, uint32_t begin, uint32_t end);

#endif
