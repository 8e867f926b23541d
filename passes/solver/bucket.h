/* Conditioned bucket elimination: exact over a set of nodes, given the labels of all others, where the tables stay
 * small; else some nodes of the set are held at their labels too.  Never worse than the labels it starts from.
 *
 * Source: R. Dechter, Bucket elimination, Artificial Intelligence 113, 1999; cutset conditioning.  The order is greedy
 * by table size. */
#ifndef ALPA_PASSES_SOLVER_BUCKET_H
#define ALPA_PASSES_SOLVER_BUCKET_H

#include "passes/solver/core.h"
#include "passes/solver/random.h"

typedef struct alpa_bucket alpa_bucket;

/* Buffers grow in the arena and are reused. */
alpa_bucket *alpa_bucket_create(alpa_arena *arena, const alpa_core *core);

/* Plans the elimination of n different nodes with tables of at most `limit` entries; the number of them that are held.
 */
uint32_t alpa_bucket_plan(alpa_bucket *bucket, const uint32_t *nodes, uint32_t n, uint32_t limit, alpa_random *random);

/* Entries that a run of the plan goes through. */
double alpa_bucket_work(const alpa_bucket *bucket);

/* Labels the planned nodes for node costs[n_places] (of all nodes), given the labels of all others. */
void alpa_bucket_run(alpa_bucket *bucket, const double *costs, uint32_t *labels);

#endif
