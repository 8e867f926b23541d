/* Reduction of the times: a point where even the highest usages fit the limit never binds, and of two points of which
 * one sees a superset of the segments of the other and at least its constant usage only that one can bind.  The points
 * that stay are maximal cliques of the interval graph.  Linear in segments plus points. */
#include "passes/solver/reducer.h"

#include <string.h>

typedef struct profile {
  int64_t *base;           /* [n_times + 1] usage without a choice */
  int64_t *most;           /* [n_times + 1] highest usage of the segments alive */
  uint32_t *begun, *ended; /* [n_times + 1] segments that begin or end at or before the point */
} profile;

static profile measure(alpa_reducer *reducer, alpa_arena *arena) {
  uint32_t n = reducer->n_times;
  profile p = {
      .base = alpa_arena_copy(arena, reducer->base_steps, sizeof(int64_t) * (n + 1)),
      .most = alpa_arena_new(arena, int64_t, n + 1),
      .begun = alpa_arena_new(arena, uint32_t, n + 1),
      .ended = alpa_arena_new(arena, uint32_t, n + 1),
  };
  for (uint32_t i = 0; i < reducer->n_nodes; i++) {
    const alpa_reducer_node *node = &reducer->nodes[i];
    for (size_t g = 0; node->alive && g < node->segments.n; g++) {
      const alpa_reducer_segment *segment = &node->segments.items[g];
      int64_t most = 0;
      for (uint32_t s = 0; s < node->n_states; s++)
        most = segment->usage[s] > most ? segment->usage[s] : most;
      p.most[segment->begin] += most;
      p.most[segment->end] -= most;
      p.begun[segment->begin]++;
      p.ended[segment->end]++;
    }
  }
  for (uint32_t t = 1; t <= n; t++) {
    p.base[t] += p.base[t - 1];
    p.most[t] += p.most[t - 1];
    p.begun[t] += p.begun[t - 1];
    p.ended[t] += p.ended[t - 1];
  }
  return p;
}

/* Points to keep, ascending; the number of them. */
static uint32_t select_points(const alpa_reducer *reducer, const profile *p, uint32_t *points) {
  const int64_t *base = p->base;
  uint32_t n = 0;
  for (uint32_t t = 0; t < reducer->n_times; t++) {
    if (p->most[t] <= reducer->limit - base[t])
      continue;
    while (n && p->ended[points[n - 1]] == p->ended[t] && base[points[n - 1]] <= base[t])
      n--;
    if (n && p->begun[points[n - 1]] == p->begun[t] && base[t] <= base[points[n - 1]])
      continue;
    points[n++] = t;
  }
  return n;
}

static void keep_points(alpa_reducer *reducer, const uint32_t *points, uint32_t n, const profile *p,
                        alpa_arena *arena) {
  uint32_t *before = alpa_arena_new(arena, uint32_t, reducer->n_times + 1); /* kept points below each point */
  for (uint32_t t = 0, kept = 0; t <= reducer->n_times; t++) {
    before[t] = kept;
    kept += kept < n && points[kept] == t;
  }
  for (uint32_t t = 0; t < n; t++) {
    reducer->times[t] = reducer->times[points[t]];
    reducer->base_steps[t] = p->base[points[t]] - (t ? p->base[points[t - 1]] : 0);
  }
  reducer->base_steps[n] = n ? -p->base[points[n - 1]] : 0;
  reducer->n_times = n;
  reducer->n_changes++;
  for (uint32_t i = 0; i < reducer->n_nodes; i++) {
    alpa_reducer_node *node = &reducer->nodes[i];
    if (!node->alive || !node->segments.n)
      continue;
    for (size_t g = 0; g < node->segments.n; g++) {
      node->segments.items[g].begin = before[node->segments.items[g].begin];
      node->segments.items[g].end = before[node->segments.items[g].end];
    }
    node->is_changed = true;
    alpa_reducer_tidy_segments(reducer, i);
  }
}

alpa_status alpa_reduce_time(alpa_reducer *reducer) {
  if (!reducer->n_times)
    return ALPA_OK;
  alpa_arena scratch;
  alpa_arena_init(&scratch, reducer->arena->memory);
  profile p = measure(reducer, &scratch);
  uint32_t worst = 0;
  for (uint32_t t = 1; t < reducer->n_times; t++)
    worst = p.base[t] > p.base[worst] ? t : worst;
  alpa_status status = p.base[worst] > reducer->limit ? ALPA_INFEASIBLE : ALPA_OK;
  if (status == ALPA_INFEASIBLE) {
    reducer->conflict.is_time = true;
    reducer->conflict.time = reducer->times[worst];
    reducer->conflict.needed = p.base[worst];
  } else {
    uint32_t *points = alpa_arena_new(&scratch, uint32_t, reducer->n_times);
    uint32_t n = select_points(reducer, &p, points);
    if (n < reducer->n_times)
      keep_points(reducer, points, n, &p, &scratch);
  }
  alpa_arena_deinit(&scratch);
  return status;
}
