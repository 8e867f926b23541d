/* Sharding propagation over factors (the scheme of Shardy: user priority, then op priority, then aggression).
 * Each sweep is linear in members; axes are only ever added, so sweeps are at most values times axes, and few. */
#include <string.h>

#include "passes/propagate.h"

/* Which factors and axes take part. */
typedef struct round {
  int32_t priority;
  bool only_simple, is_aggressive;
} round_;

static alpa_spread_dim *member_dim(const alpa_spread_graph *graph, alpa_spread_member member) {
  return &graph->values.items[member.value].dims[member.dim];
}

static int64_t parts_of(const alpa_mesh *mesh, const uint8_t *axes, uint8_t n) {
  int64_t parts = 1;
  for (uint8_t i = 0; i < n; i++)
    parts *= mesh->axes[axes[i]].size;
  return parts;
}

/* How many leading axes the factor can take. */
static uint8_t clip(const alpa_spread_graph *graph, const alpa_spread_factor *factor, const uint8_t *axes, uint8_t n) {
  while (n > 0) {
    int64_t parts = parts_of(graph->mesh, axes, n);
    if (factor->is_even ? factor->size % parts == 0 : parts <= factor->size)
      break;
    n--;
  }
  return n;
}

typedef struct axis_list {
  uint8_t axes[ALPA_MAX_AXES], n;
} axis_list;

/* What the factor's dimensions agree on: the longest list if the others are prefixes of it, else what is common, or in
 * an aggressive round the list of most parts. */
static axis_list find_common(const alpa_spread_graph *graph, const alpa_spread_factor *factor, const round_ *round) {
  axis_list best = {0};
  bool has_conflict = false;
  for (uint32_t i = 0; i < factor->n; i++) {
    alpa_spread_member member = graph->members.items[factor->first + i];
    const alpa_spread_dim *dim = member_dim(graph, member);
    bool is_source = factor->way == 0 || (factor->way > 0) == (i == 0);
    if (!is_source || dim->priority > round->priority || graph->values.items[member.value].is_free)
      continue;
    uint8_t n = clip(graph, factor, dim->axes, dim->n_axes), same = 0;
    while (same < n && same < best.n && dim->axes[same] == best.axes[same])
      same++;
    if (same < n && same < best.n && !round->is_aggressive) {
      best.n = same;
      has_conflict = true;
    } else if (same < n && !has_conflict &&
               parts_of(graph->mesh, dim->axes, n) > parts_of(graph->mesh, best.axes, best.n)) {
      memcpy(best.axes, dim->axes, n);
      best.n = n;
    }
  }
  return best;
}

/* Adds what fits of the list to one dimension. */
static bool extend(alpa_spread_graph *graph, const alpa_spread_factor *factor, alpa_spread_member member,
                   const axis_list *list) {
  alpa_spread_value *value = &graph->values.items[member.value];
  alpa_spread_dim *dim = &value->dims[member.dim];
  if (!dim->open || value->is_free || memcmp(dim->axes, list->axes, dim->n_axes < list->n ? dim->n_axes : list->n))
    return false;
  bool is_changed = false;
  for (uint8_t i = dim->n_axes; i < list->n; i++) {
    uint32_t bit = 1u << list->axes[i];
    int64_t parts = parts_of(graph->mesh, list->axes, (uint8_t)(i + 1));
    bool fits = factor->is_even ? dim->size % parts == 0 : parts <= dim->size;
    if ((value->used & bit) || !fits || (graph->max_parts > 0 && parts > graph->max_parts))
      break;
    dim->axes[dim->n_axes++] = list->axes[i];
    value->used |= bit;
    is_changed = true;
  }
  return is_changed;
}

static bool visit(alpa_spread_graph *graph, const alpa_spread_factor *factor, const round_ *round) {
  if (round->only_simple && !factor->is_simple)
    return false;
  axis_list list = find_common(graph, factor, round);
  bool is_changed = false;
  for (uint32_t i = 0; i < factor->n && list.n > 0; i++)
    if (factor->way == 0 || (factor->way > 0) == (i > 0))
      is_changed = extend(graph, factor, graph->members.items[factor->first + i], &list) || is_changed;
  return is_changed;
}

static void run_round(alpa_spread_graph *graph, const round_ *round) {
  bool is_changed = true;
  while (is_changed) {
    is_changed = false;
    for (size_t f = 0; f < graph->factors.n; f++)
      is_changed = visit(graph, &graph->factors.items[f], round) || is_changed;
    for (size_t f = graph->factors.n; f-- > 0;)
      is_changed = visit(graph, &graph->factors.items[f], round) || is_changed;
  }
}

/* The next higher priority that a dimension has; INT32_MAX where there is none. */
static int32_t next_priority(const alpa_spread_graph *graph, int32_t after) {
  int32_t next = INT32_MAX;
  for (size_t v = 0; v < graph->values.n; v++)
    for (uint32_t d = 0; d < graph->values.items[v].rank; d++) {
      int32_t priority = graph->values.items[v].dims[d].priority;
      if (priority > after && priority < next)
        next = priority;
    }
  return next;
}

void alpa_spread_run(alpa_spread_graph *graph) {
  for (int32_t priority = next_priority(graph, -1); priority < INT32_MAX; priority = next_priority(graph, priority))
    for (int kind = 0; kind < 4; kind++)
      run_round(graph, &(round_){.priority = priority, .only_simple = kind % 2 == 0, .is_aggressive = kind / 2 == 1});
}
