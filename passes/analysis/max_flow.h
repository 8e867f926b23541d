/* Maximum flow and minimum cut in a directed graph (Dinic's algorithm). */
#ifndef ALPA_PASSES_ANALYSIS_MAX_FLOW_H
#define ALPA_PASSES_ANALYSIS_MAX_FLOW_H

#include "support/arena.h"

/* A capacity that no cut passes through; all others add up to less. */
#define ALPA_FLOW_INFINITE (INT64_C(1) << 60)

typedef struct alpa_flow_edge {
  uint32_t from, to;
  int64_t capacity; /* what is left of it, after the flow was found */
} alpa_flow_edge;

/* Node 0 is the source, node 1 the sink.  Edge 2 i + 1 is the reverse of edge 2 i. */
typedef struct alpa_flow_graph {
  alpa_arena *arena;
  uint32_t n_nodes;
  ALPA_VEC(alpa_flow_edge) edges;
} alpa_flow_graph;

enum { ALPA_FLOW_SOURCE, ALPA_FLOW_SINK };

void alpa_flow_init(alpa_flow_graph *graph, alpa_arena *arena);
uint32_t alpa_flow_add_node(alpa_flow_graph *graph);
/* An edge whose capacity is at least 0. */
void alpa_flow_add_edge(alpa_flow_graph *graph, uint32_t from, uint32_t to, int64_t capacity);
/* The value of the least cut; out_source_side[n_nodes] says which nodes stand on the source's side of the one nearest
 * to the source.  ALPA_FLOW_INFINITE or more where every cut has an infinite edge. */
int64_t alpa_flow_run(alpa_flow_graph *graph, bool *out_source_side);

#endif
