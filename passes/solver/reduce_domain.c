/* Reductions of the sets of states: forbidden ones and those without a partner (arc consistency, AC-3 with a queue of
 * nodes), and those that another one beats whatever the neighbours do (Goldstein's dead-end elimination, extended by
 * usage). */
#include "passes/solver/reducer.h"

#include <string.h>

/* Clears the flags of states without a finite entry on some edge; the number that stay. */
static uint32_t find_live(alpa_reducer *reducer, uint32_t index, bool *is_live) {
  alpa_reducer_node *node = &reducer->nodes[index];
  for (uint32_t s = 0; s < node->n_states; s++)
    is_live[s] = node->costs[s] < ALPA_SOLVER_INFINITE;
  alpa_reducer_degree(reducer, index);
  for (size_t e = 0; e < node->edges.n; e++) {
    alpa_reducer_edge *edge = &reducer->edges.items[node->edges.items[e]];
    if (!edge->grid->has_infinite)
      continue;
    const alpa_grid *grid = alpa_reducer_grid(reducer, edge, index);
    for (uint32_t s = 0, live = 0; s < node->n_states; s++) {
      bool is_listed = live < grid->n_live && grid->live[live] == s;
      live += is_listed;
      is_live[s] &= is_listed;
    }
  }
  uint32_t n = 0;
  for (uint32_t s = 0; s < node->n_states; s++)
    n += is_live[s];
  return n;
}

static uint32_t list_live(const bool *is_live, uint32_t n_states, uint16_t *keep) {
  uint32_t n = 0;
  for (uint32_t s = 0; s < n_states; s++)
    if (is_live[s])
      keep[n++] = (uint16_t)s;
  return n;
}

alpa_status alpa_reduce_consistency(alpa_reducer *reducer) {
  bool *is_live = alpa_arena_new(reducer->arena, bool, UINT16_MAX + 1);
  uint16_t *keep = alpa_arena_new(reducer->arena, uint16_t, UINT16_MAX + 1);
  for (size_t at = 0; at < reducer->queue.n; at++) {
    uint32_t index = reducer->queue.items[at];
    alpa_reducer_node *node = &reducer->nodes[index];
    node->is_queued = false;
    if (!node->alive)
      continue;
    uint32_t n = find_live(reducer, index, is_live);
    if (n == 0) {
      reducer->conflict.node = index;
      reducer->conflict.is_time = false;
      return ALPA_INFEASIBLE;
    }
    if (n < node->n_states)
      alpa_reducer_restrict(reducer, index, keep, list_live(is_live, node->n_states, keep));
  }
  reducer->queue.n = 0;
  return ALPA_OK;
}

/* ---- dominance -------------------------------------------------------------------------------------------------- */

static bool uses_less(const alpa_reducer_node *node, uint32_t better, uint32_t worse) {
  for (size_t g = 0; g < node->segments.n; g++)
    if (node->segments.items[g].usage[better] > node->segments.items[g].usage[worse])
      return false;
  return true;
}

/* Whether `better` can replace `worse` in every assignment without a loss. */
static bool dominates(const alpa_reducer_node *node, const int64_t *const *advantages, uint32_t better,
                      uint32_t worse) {
  int64_t gain = node->costs[worse] - node->costs[better];
  for (size_t e = 0; e < node->edges.n; e++) {
    int64_t part = advantages[e][(size_t)worse * node->n_states + better];
    if (part <= -ALPA_SOLVER_INFINITE)
      return false;
    gain += part >= ALPA_SOLVER_INFINITE ? 0 : part;
  }
  return gain >= 0 && uses_less(node, better, worse);
}

/* Comparisons of two states' rows that a node's edges may take; wide nodes are left alone. */
static const uint64_t MOST_COMPARISONS = 1u << 26;

static bool is_wide(alpa_reducer *reducer, uint32_t index) {
  alpa_reducer_node *node = &reducer->nodes[index];
  uint64_t n = 0;
  alpa_reducer_degree(reducer, index);
  for (size_t e = 0; e < node->edges.n; e++) {
    const alpa_reducer_edge *edge = &reducer->edges.items[node->edges.items[e]];
    n += (uint64_t)node->n_states * edge->grid->n_rows * edge->grid->n_columns;
  }
  return n > MOST_COMPARISONS;
}

static void dominate_node(alpa_reducer *reducer, uint32_t index, bool *is_live, uint16_t *keep) {
  alpa_reducer_node *node = &reducer->nodes[index];
  uint32_t degree = alpa_reducer_degree(reducer, index), n = node->n_states;
  const int64_t **advantages = alpa_arena_new(reducer->arena, const int64_t *, degree);
  for (uint32_t e = 0; e < degree; e++) {
    const alpa_reducer_edge *edge = &reducer->edges.items[node->edges.items[e]];
    advantages[e] = alpa_grid_advantages(&reducer->grids, alpa_reducer_grid(reducer, edge, index));
  }
  memset(is_live, true, n);
  for (uint32_t worse = n; worse-- > 0;)
    for (uint32_t better = 0; better < n && is_live[worse]; better++)
      if (better != worse && is_live[better] && dominates(node, advantages, better, worse))
        is_live[worse] = false;
  uint32_t n_keep = list_live(is_live, n, keep);
  if (n_keep < n)
    alpa_reducer_restrict(reducer, index, keep, n_keep);
}

void alpa_reduce_dominate(alpa_reducer *reducer) {
  bool *is_live = alpa_arena_new(reducer->arena, bool, UINT16_MAX + 1);
  uint16_t *keep = alpa_arena_new(reducer->arena, uint16_t, UINT16_MAX + 1);
  for (uint32_t i = 0; i < reducer->n_nodes; i++) {
    alpa_reducer_node *node = &reducer->nodes[i];
    if (!node->alive || !node->is_changed)
      continue;
    node->is_changed = false;
    if (node->n_states > 1 && !is_wide(reducer, i))
      dominate_node(reducer, i, is_live, keep);
  }
}
