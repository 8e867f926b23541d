/* Lossless reduction of a problem, with the map back: what remains is smaller and has the same optimum.
 *
 * The reducer owns a mutable copy of the problem over interned tables.  Each reduction is a function that changes it
 * and appends records; expanding an assignment of what is left replays the records backwards.  States of a node are
 * its strategies that are left; `origins` says which of the caller's each is. */
#ifndef ALPA_PASSES_SOLVER_REDUCER_H
#define ALPA_PASSES_SOLVER_REDUCER_H

#include "passes/solver/grid.h"

/* Usage over [begin, end) of the reducer's time points; the least usage is 0 (the rest is in base_steps). */
typedef struct alpa_reducer_segment {
  uint32_t begin, end;
  int64_t *usage; /* [n_states] */
} alpa_reducer_segment;

typedef struct alpa_reducer_node {
  uint32_t n_states;
  bool alive, is_queued;
  bool is_changed;         /* since dominance last looked */
  bool is_untidy;          /* segments were appended */
  int64_t *costs;          /* [n_states], >= 0 */
  const uint16_t *origins; /* [n_states] the caller's strategies; never modified in place */
  ALPA_VEC(alpa_reducer_segment) segments;
  ALPA_VEC(uint32_t) edges; /* live and dead ones */
} alpa_reducer_node;

typedef struct alpa_reducer_edge {
  uint32_t nodes[2];
  alpa_grid *grid; /* rows: states of nodes[0] */
  bool alive;
} alpa_reducer_edge;

/* The state of `node` is best[state of parents[0] * n_states of parents[1] + state of parents[1]]. */
typedef struct alpa_reducer_record {
  uint32_t node, n_parents;
  uint32_t parents[2], n_states[2];
  const uint16_t *origins, *parent_origins[2];
  const uint16_t *best;
} alpa_reducer_record;

typedef struct alpa_reducer {
  alpa_arena *arena;
  alpa_grid_pool grids;
  alpa_reducer_node *nodes;
  uint32_t n_nodes;
  ALPA_VEC(alpa_reducer_edge) edges;
  ALPA_VEC(alpa_reducer_record) records;
  ALPA_VEC(uint32_t) queue; /* nodes whose consistency is in doubt */
  uint32_t n_times;
  int64_t *times;      /* [n_times] the caller's time of each point */
  int64_t *base_steps; /* [n_times + 1] usage of everything without a choice, as differences between points */
  int64_t limit;
  alpa_int128 base; /* cost of everything without a choice */
  uint64_t n_changes;
  struct { /* set where a function below returns ALPA_INFEASIBLE */
    uint32_t node;
    bool is_time;
    int64_t time, needed;
  } conflict;
} alpa_reducer;

/* Copies the problem, which alpa_solver_verify has accepted. with_limit false: usages are left out. */
void alpa_reducer_init(alpa_reducer *reducer, alpa_arena *arena, const alpa_solver_problem *problem, bool with_limit);
/* An empty reducer of n nodes without states, for alpa_reducer_put_node and alpa_reducer_connect. */
void alpa_reducer_start(alpa_reducer *reducer, alpa_arena *arena, uint32_t n_nodes, uint32_t n_times);
/* Gives a node its states; usages of segments are copied. */
void alpa_reducer_put_node(alpa_reducer *reducer, uint32_t node, uint32_t n_states, const uint16_t *origins,
                           const int64_t *costs);
void alpa_reducer_put_segment(alpa_reducer *reducer, uint32_t node, const alpa_reducer_segment *segment);
/* Applies the reductions of the mask until nothing changes.  ALPA_INFEASIBLE as described at `conflict`. */
ALPA_MUST_USE alpa_status alpa_reducer_run(alpa_reducer *reducer, uint32_t reductions);
/* Fills the caller's strategies of all reduced nodes from those of the live ones. */
void alpa_reducer_expand(const alpa_reducer *reducer, uint32_t *assignment);
/* The state of a live node that stands for a strategy of the caller, or UINT32_MAX where it was dropped. */
uint32_t alpa_reducer_find_state(const alpa_reducer *reducer, uint32_t node, uint32_t strategy);

/* ---- the steps, for the reductions ------------------------------------------------------------------------------ */

/* The edge's table with the states of `node` as rows. */
alpa_grid *alpa_reducer_grid(alpa_reducer *reducer, const alpa_reducer_edge *edge, uint32_t node);
static inline uint32_t alpa_reducer_other(const alpa_reducer_edge *edge, uint32_t node) {
  return edge->nodes[edge->nodes[0] == node];
}
/* Forgets dead edges; the number of live ones. */
uint32_t alpa_reducer_degree(alpa_reducer *reducer, uint32_t node);
/* Adds a table between two nodes, merging it with a live edge there if `merge`; rows are states of `from`. */
void alpa_reducer_connect(alpa_reducer *reducer, const uint32_t nodes[2], alpa_grid *grid, bool merge);
void alpa_reducer_disconnect(alpa_reducer *reducer, uint32_t edge);
/* Keeps only these states (ascending). */
void alpa_reducer_restrict(alpa_reducer *reducer, uint32_t node, const uint16_t *keep, uint32_t n);
void alpa_reducer_add_costs(alpa_reducer *reducer, uint32_t node, const int64_t *costs);
/* Removes a node whose edges are all dead and appends how to find its state again. */
void alpa_reducer_remove(alpa_reducer *reducer, uint32_t node, const uint32_t *parents, uint32_t n_parents,
                         const uint16_t *best);

ALPA_MUST_USE alpa_status alpa_reduce_consistency(alpa_reducer *reducer);
void alpa_reduce_parallel(alpa_reducer *reducer);
void alpa_reduce_contract(alpa_reducer *reducer);
void alpa_reduce_dominate(alpa_reducer *reducer);
ALPA_MUST_USE alpa_status alpa_reduce_time(alpa_reducer *reducer);
void alpa_reduce_eliminate(alpa_reducer *reducer);
void alpa_reduce_fold(alpa_reducer *reducer);
/* Moves least usages into base_steps, drops constant and empty segments, merges equal intervals. */
void alpa_reducer_tidy_segments(alpa_reducer *reducer, uint32_t node);

#endif
