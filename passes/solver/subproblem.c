/* Builds reducers from cores; edges to held nodes become node costs.  Linear in the part, and in the core's nodes and
 * times for the index and the capacities. */
#include "passes/solver/subproblem.h"

#include <string.h>

#define OUTSIDE UINT32_MAX

/* The node's costs with the edges to held nodes, for the states that stay. */
static void put_node(const alpa_subproblem *part, alpa_reducer *reducer, const uint32_t *index, uint32_t i) {
  const alpa_core_node *node = &part->core->nodes[part->nodes ? part->nodes[i] : i];
  uint16_t *origins = alpa_arena_new(reducer->arena, uint16_t, node->n_states);
  int64_t *values = alpa_arena_new(reducer->arena, int64_t, node->n_states);
  uint32_t n = 0;
  for (uint32_t s = 0; s < node->n_states; s++)
    if (!part->keep || part->keep[node->first + s]) {
      values[n] = node->exact[s];
      origins[n++] = (uint16_t)s;
    }
  alpa_reducer_put_node(reducer, i, n, origins, values);
  for (uint32_t l = 0; part->nodes && l < node->n_links; l++) {
    const alpa_core_link *link = &node->links[l];
    if (index[link->other] != OUTSIDE)
      continue;
    const int64_t *line = link->in->exact + (size_t)part->labels[link->other] * link->in->n_columns;
    for (uint32_t s = 0; s < n; s++)
      values[s] = line[origins[s]];
    alpa_reducer_add_costs(reducer, i, values);
  }
  for (uint32_t g = 0; g < node->n_segments; g++) {
    for (uint32_t s = 0; s < n; s++)
      values[s] = node->segments[g].exact[origins[s]];
    alpa_reducer_put_segment(reducer, i,
                             &(alpa_reducer_segment){node->segments[g].begin, node->segments[g].end, values});
  }
  alpa_reducer_tidy_segments(reducer, i);
}

static void put_links(const alpa_subproblem *part, alpa_reducer *reducer, const uint32_t *index, uint32_t i) {
  const alpa_core_node *node = &part->core->nodes[part->nodes ? part->nodes[i] : i];
  for (uint32_t l = 0; l < node->n_back; l++) {
    const alpa_core_link *link = &node->links[l];
    uint32_t j = part->nodes ? index[link->other] : link->other;
    if (j == OUTSIDE)
      continue;
    const alpa_core_table *table = link->out;
    alpa_grid *grid = alpa_grid_get(&reducer->grids, table->n_rows, table->n_columns, table->exact);
    if (part->keep)
      grid = alpa_grid_pick(&reducer->grids, grid, reducer->nodes[i].origins, reducer->nodes[i].n_states,
                            reducer->nodes[j].origins, reducer->nodes[j].n_states);
    alpa_reducer_connect(reducer, (uint32_t[]){i, j}, grid, true);
  }
}

static void put_times(const alpa_subproblem *part, alpa_reducer *reducer) {
  const alpa_core *core = part->core;
  int64_t before = 0;
  for (uint32_t t = 0; t < core->n_times; t++) {
    int64_t now = core->limit - core->capacity[t] + (part->used ? part->used[t] : 0);
    reducer->times[t] = t;
    reducer->base_steps[t] += now - before;
    before = now;
  }
}

void alpa_subproblem_build(const alpa_subproblem *part, alpa_reducer *reducer, alpa_arena *arena) {
  const alpa_core *core = part->core;
  alpa_reducer_start(reducer, arena, part->n, core->n_times);
  reducer->limit = core->limit;
  put_times(part, reducer);
  uint32_t *index = NULL;
  if (part->nodes) {
    index = alpa_arena_alloc(arena, sizeof *index * core->n_nodes);
    memset(index, 0xFF, sizeof *index * core->n_nodes);
    for (uint32_t i = 0; i < part->n; i++)
      index[part->nodes[i]] = i;
  }
  for (uint32_t i = 0; i < part->n; i++)
    put_node(part, reducer, index, i);
  for (uint32_t i = 0; i < part->n; i++)
    put_links(part, reducer, index, i);
}
