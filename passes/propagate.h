/* Propagation of shardings as a graph problem: values with dimensions, and factors that tie dimensions together.
 * Pure: knows no IR.  Internal to the pass `propagate`. */
#ifndef ALPA_PASSES_PROPAGATE_H
#define ALPA_PASSES_PROPAGATE_H

#include "dialects/sdy/sharding.h"

typedef struct alpa_spread_dim {
  int64_t size;
  uint8_t axes[ALPA_MAX_AXES]; /* major first */
  uint8_t n_axes;
  bool open;        /* axes may be added */
  int32_t priority; /* its axes are passed on from this round on */
} alpa_spread_dim;

typedef struct alpa_spread_value {
  uint32_t rank;
  alpa_spread_dim *dims;
  uint32_t used; /* mask of axes that shard a dimension, or that may not */
  bool is_free;  /* cloned per consumer: takes no part */
} alpa_spread_value;

/* A dimension of a value. */
typedef struct alpa_spread_member {
  uint32_t value, dim;
} alpa_spread_member;

/* Dimensions that are one index. */
typedef struct alpa_spread_factor {
  int64_t size;
  bool is_even;      /* parts must divide the size */
  bool is_simple;    /* of an op without reductions: goes first */
  int8_t way;        /* 1: only from the first member to the others, -1: only back, 0: all ways */
  uint32_t first, n; /* members */
} alpa_spread_factor;

typedef struct alpa_spread_graph {
  const alpa_mesh *mesh;
  alpa_arena *arena;
  ALPA_VEC(alpa_spread_value) values;
  ALPA_VEC(alpa_spread_factor) factors; /* in program order */
  ALPA_VEC(alpa_spread_member) members;
  int64_t max_parts; /* of any dimension that is completed; 0: no limit */
} alpa_spread_graph;

/* Completes the graph: by user priority, then simple factors before the others, then as long as operands agree, then
 * with the larger one winning; forwards and backwards over the program to a fixpoint each. */
void alpa_spread_run(alpa_spread_graph *graph);

/* Lets sums stay partial through linear ops where fewer bytes are reduced later: changes the states of values of a
 * function whose states are complete. */
alpa_status alpa_spread_partial(alpa_arena *arena, const alpa_mesh *mesh, alpa_op *func);

#endif
