/* Dinic (1970): levels by breadth-first search, blocking flows along them by an iterative depth-first search; O(V^2 E),
 * near linear on the shallow graphs that programs give. */
#include "passes/analysis/max_flow.h"

#include <string.h>

typedef struct search {
  alpa_flow_edge *edges;
  uint32_t n_nodes;
  uint32_t *first, *list; /* edges leaving each node */
  uint32_t *level;        /* distance from the source plus 1; 0: not reached */
  uint32_t *at;           /* the edge that is tried next */
  uint32_t *queue;        /* of nodes; the path of edges, while augmenting */
} search;

void alpa_flow_init(alpa_flow_graph *graph, alpa_arena *arena) {
  *graph = (alpa_flow_graph){.arena = arena, .n_nodes = 2};
}

uint32_t alpa_flow_add_node(alpa_flow_graph *graph) { return graph->n_nodes++; }

void alpa_flow_add_edge(alpa_flow_graph *graph, uint32_t from, uint32_t to, int64_t capacity) {
  alpa_vec_push(graph->arena, &graph->edges, (alpa_flow_edge){from, to, capacity});
  alpa_vec_push(graph->arena, &graph->edges, (alpa_flow_edge){to, from, 0});
}

static void init_search(search *s, alpa_flow_graph *graph) {
  alpa_arena *arena = graph->arena;
  uint32_t n = graph->n_nodes, n_edges = (uint32_t)graph->edges.n;
  *s = (search){.edges = graph->edges.items,
                .n_nodes = n,
                .first = alpa_arena_new(arena, uint32_t, n + 1),
                .list = alpa_arena_new(arena, uint32_t, n_edges),
                .level = alpa_arena_new(arena, uint32_t, n),
                .at = alpa_arena_new(arena, uint32_t, n),
                .queue = alpa_arena_new(arena, uint32_t, n)};
  for (uint32_t e = 0; e < n_edges; e++)
    s->first[s->edges[e].from + 1]++;
  for (uint32_t v = 0; v < n; v++)
    s->first[v + 1] += s->first[v];
  memcpy(s->at, s->first, n * sizeof *s->at);
  for (uint32_t e = 0; e < n_edges; e++)
    s->list[s->at[s->edges[e].from]++] = e;
}

/* Levels of all nodes that the residual graph reaches; whether the sink is one. */
static bool find_levels(search *s) {
  memset(s->level, 0, s->n_nodes * sizeof *s->level);
  s->level[ALPA_FLOW_SOURCE] = 1;
  s->queue[0] = ALPA_FLOW_SOURCE;
  for (uint32_t head = 0, tail = 1; head < tail; head++) {
    uint32_t v = s->queue[head];
    for (uint32_t i = s->first[v]; i < s->first[v + 1]; i++) {
      const alpa_flow_edge *edge = &s->edges[s->list[i]];
      if (edge->capacity == 0 || s->level[edge->to])
        continue;
      s->level[edge->to] = s->level[v] + 1;
      s->queue[tail++] = edge->to;
    }
  }
  return s->level[ALPA_FLOW_SINK] != 0;
}

/* The next edge of v that leads one level on, or UINT32_MAX. */
static uint32_t advance(search *s, uint32_t v) {
  for (; s->at[v] < s->first[v + 1]; s->at[v]++) {
    const alpa_flow_edge *edge = &s->edges[s->list[s->at[v]]];
    if (edge->capacity > 0 && s->level[edge->to] == s->level[v] + 1)
      return s->list[s->at[v]];
  }
  return UINT32_MAX;
}

/* Pushes what the path bears; returns how much, and the number of its edges before the first that is now full. */
static int64_t push(search *s, const uint32_t *path, uint32_t *length) {
  int64_t least = INT64_MAX;
  uint32_t full = *length;
  for (uint32_t i = 0; i < *length; i++)
    least = s->edges[path[i]].capacity < least ? s->edges[path[i]].capacity : least;
  for (uint32_t i = *length; i-- > 0;) {
    s->edges[path[i]].capacity -= least;
    s->edges[path[i] ^ 1].capacity += least;
    full = s->edges[path[i]].capacity == 0 ? i : full;
  }
  *length = full;
  return least;
}

static int64_t push_blocking_flow(search *s) {
  uint32_t *path = s->queue, length = 0, v = ALPA_FLOW_SOURCE;
  int64_t flow = 0;
  memcpy(s->at, s->first, s->n_nodes * sizeof *s->at);
  for (;;) {
    uint32_t edge = v == ALPA_FLOW_SINK ? UINT32_MAX : advance(s, v);
    if (v == ALPA_FLOW_SINK) {
      flow += push(s, path, &length);
      if (flow >= ALPA_FLOW_INFINITE)
        return flow;
    } else if (edge != UINT32_MAX) {
      path[length++] = edge;
    } else if (length > 0) {
      s->at[s->edges[path[--length]].from]++;
    } else {
      return flow;
    }
    v = length ? s->edges[path[length - 1]].to : ALPA_FLOW_SOURCE;
  }
}

int64_t alpa_flow_run(alpa_flow_graph *graph, bool *out_source_side) {
  search s;
  init_search(&s, graph);
  int64_t flow = 0;
  while (flow < ALPA_FLOW_INFINITE && find_levels(&s))
    flow += push_blocking_flow(&s);
  for (uint32_t v = 0; v < graph->n_nodes; v++)
    out_source_side[v] = s.level[v] != 0;
  return flow;
}
