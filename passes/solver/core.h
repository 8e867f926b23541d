/* What reduction leaves, frozen: flat arrays in the order of the caller's nodes, tables in both orientations and in
 * both exact and floating form.  Infinities are IEEE infinities; arc consistency guarantees that no message is one. */
#ifndef ALPA_PASSES_SOLVER_CORE_H
#define ALPA_PASSES_SOLVER_CORE_H

#include "passes/solver/minplus.h"
#include "passes/solver/reducer.h"

typedef struct alpa_core_table {
  uint32_t n_rows, n_columns;
  size_t stride;        /* of costs, padded with infinities */
  const double *costs;  /* [n_rows][stride] */
  const int64_t *exact; /* [n_rows][n_columns], in units of 2^-exact_bits */
  alpa_grid *grid;      /* NULL: the table belongs to triplets, see tight.h */
  int exact_bits;
  /* the distinct rows and columns, and which of them each is; NULL where that would save little */
  const struct alpa_core_table *distinct;
  const uint16_t *row_classes, *column_classes;
} alpa_core_table;

/* An edge as one of its ends sees it. */
typedef struct alpa_core_link {
  uint32_t other, edge;
  const alpa_core_table *out; /* rows: my states */
  const alpa_core_table *in;  /* rows: the other's states */
  size_t inbox, outbox;       /* message of the other to me, and mine to it */
} alpa_core_link;

typedef struct alpa_core_segment {
  uint32_t begin, end;
  const int64_t *exact; /* [n_states] */
  const double *usage;
} alpa_core_segment;

typedef struct alpa_core_node {
  uint32_t source; /* the reducer's node */
  uint32_t n_states, stride;
  uint32_t n_links, n_back; /* links to lower nodes come first, n_back of them */
  uint32_t n_segments;
  size_t first;         /* of the node's states in arrays over all states, padded */
  const int64_t *exact; /* [n_states] */
  const double *costs;
  const alpa_core_link *links;
  const alpa_core_segment *segments;
} alpa_core_node;

typedef struct alpa_core_edge {
  uint32_t nodes[2]; /* ascending */
  const alpa_core_table *table;
} alpa_core_edge;

typedef struct alpa_core {
  alpa_core_node *nodes;
  alpa_core_edge *edges;
  uint32_t n_nodes, n_edges, n_times, n_tables;
  uint32_t most_states;
  uint64_t n_pairs;  /* finite ones over all edges */
  size_t n_places;   /* padded states */
  size_t n_messages; /* padded states of both directions of all edges */
  int64_t limit;
  int64_t *capacity;    /* [n_times] limit less what is used without a choice */
  const int64_t *times; /* [n_times] the caller's */
  alpa_int128 base;
  double magnitude; /* of the sum of all largest finite costs */
  const alpa_minplus *kernel;
} alpa_core;

/* Everything lives in the arena; the reducer must not change while the core is in use. */
void alpa_core_init(alpa_core *core, alpa_arena *arena, alpa_reducer *reducer);

/* Costs of a labelling of the core (a state per node) without the base; infinite ones count as INFINITE each. */
alpa_int128 alpa_core_cost(const alpa_core *core, const uint32_t *labels);
/* usage[t] of the choices alone; compare with capacity. */
void alpa_core_usage(const alpa_core *core, const uint32_t *labels, int64_t *usage);
/* The largest usage - capacity over all times, negative where all fit; 0 without times. */
int64_t alpa_core_excess(const alpa_core *core, const int64_t *usage);

/* Between labellings of the core and strategies of the caller's nodes. */
void alpa_core_store(const alpa_core *core, const alpa_reducer *reducer, const uint32_t *labels, uint32_t *assignment);
/* False where a strategy was dropped, for one that is no worse as a rule; such nodes get the cheapest state there is. */
bool alpa_core_load(const alpa_core *core, const alpa_reducer *reducer, const uint32_t *assignment, uint32_t *labels);

#endif
