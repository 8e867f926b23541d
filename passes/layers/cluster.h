/* Cutting a sequence of heavy ops into contiguous layers: a pure problem without IR. */
#ifndef ALPA_PASSES_LAYERS_CLUSTER_H
#define ALPA_PASSES_LAYERS_CLUSTER_H

#include "support/arena.h"

/* Unit i has weight (flops), and cutting between i and i + 1 moves cuts[i] bytes.  A unit with a pin lies in the layer
 * of that number; units of different groups lie in different layers; both are negative where nothing is said. */
typedef struct layer_problem {
  uint32_t n_units;
  const double *weights; /* [n_units], positive or zero */
  const int64_t *cuts;   /* [n_units - 1] */
  const int32_t *pins;   /* [n_units] */
  const int32_t *groups; /* [n_units] */
  const bool *closed;    /* [n_units - 1] no layer may end there; NULL: any may */
  double imbalance;      /* a layer of several units weighs (1 + imbalance) times the average at most */
} layer_problem;

/* The least (largest cut, sum of cuts, sum of squared differences from the average weight), in this order, over all
 * partitions into n_layers layers.  out_ends[n_layers]: one past each layer's last unit; false where there is none. */
bool alpa_layer_problem_solve(alpa_arena *arena, const layer_problem *problem, uint32_t n_layers, uint32_t *out_ends,
                              int64_t *out_largest);

/* The most layers, of at most max_layers, that can be made without cutting through a block: at a place that has cheaper
 * cuts close by on both sides.  Where these are fewer than min_layers, blocks are given up for as many as that, then
 * balance too; fewer where not even that makes so many, 0 where there is no partition at all. */
uint32_t alpa_layer_problem_choose(alpa_arena *arena, const layer_problem *problem, uint32_t min_layers,
                                   uint32_t max_layers, uint32_t *out_ends);

#endif
