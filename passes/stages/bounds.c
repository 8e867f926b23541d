/* One dynamic program over prefixes for each of the three numbers, blind to what ties them together: to which options
 * they belong, to kinds of devices, and to how many micro-batches are in flight further in front. */
#include "passes/stages/bounds.h"

#include <string.h>

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* ---- what fits ---- */

static bool comes_before(const alpa_stage_option *a, const alpa_stage_option *b) {
  return a->time != b->time ? a->time < b->time : a->once < b->once;
}

/* Those of a front that fit, by time; then only what takes less once than all before.  Returns how many. */
static uint32_t fit(const alpa_stage_front *front, int64_t limit, int64_t in_flight, alpa_stage_option *out) {
  uint32_t n = 0, kept = 0;
  for (uint32_t i = 0; i < front->n; i++) {
    alpa_stage_option option = front->options[i];
    if (option.fixed + option.in_flight * in_flight > limit)
      continue;
    uint32_t at = n++;
    for (; at > 0 && comes_before(&option, &out[at - 1]); at--)
      out[at] = out[at - 1];
    out[at] = option;
  }
  for (uint32_t i = 0; i < n; i++)
    if (kept == 0 || out[i].once < out[kept - 1].once)
      out[kept++] = out[i];
  return kept;
}

alpa_stage_front *stage_fronts_fit(alpa_arena *arena, const alpa_stage_problem *p, int64_t in_flight) {
  size_t n_fronts = (size_t)p->n_layers * p->n_layers * p->n_submeshes, n_options = 0;
  alpa_stage_front *fronts = alpa_arena_new(arena, alpa_stage_front, n_fronts);
  for (size_t f = 0; f < n_fronts; f++)
    n_options += p->fronts[f].n;
  alpa_stage_option *options = alpa_arena_new(arena, alpa_stage_option, n_options);
  for (size_t f = 0; f < n_fronts; f++) {
    uint32_t kind = p->submeshes[f % p->n_submeshes].kind;
    fronts[f] = (alpa_stage_front){options, fit(&p->fronts[f], p->limits[kind], in_flight, options)};
    options += fronts[f].n;
  }
  return fronts;
}

int64_t *stage_times_find(alpa_arena *arena, const alpa_stage_problem *p, const alpa_stage_front *fronts) {
  int64_t *times = alpa_arena_new(arena, int64_t, (size_t)p->n_layers * p->n_layers);
  for (uint32_t last = 0; last < p->n_layers; last++) {
    int64_t least = STAGE_NEVER;
    for (uint32_t first = 0; first <= last; first++) {
      size_t at = (size_t)first * p->n_layers + last;
      for (uint32_t m = 0; m < p->n_submeshes; m++) {
        const alpa_stage_front *front = &fronts[at * p->n_submeshes + m];
        least = front->n ? smaller(least, front->options[0].time) : least;
      }
      times[at] = least;
    }
  }
  return times;
}

/* ---- bounds ---- */

/* By boundary: the least of any two submeshes. */
static int64_t *find_least_links(alpa_arena *arena, const alpa_stage_problem *p) {
  int64_t *least = alpa_arena_new(arena, int64_t, p->n_layers);
  size_t n_pairs = (size_t)p->n_submeshes * p->n_submeshes;
  for (uint32_t l = 0; l < p->n_layers; l++) {
    least[l] = STAGE_NEVER;
    for (size_t i = 0; i < n_pairs; i++)
      least[l] = smaller(least[l], p->links[l * n_pairs + i]);
  }
  return least;
}

/* A stage of `n` devices behind the first layers of a prefix. */
static void extend_rows(const stage_bounds *b, uint32_t end, uint32_t first, int64_t n, const alpa_stage_front *front) {
  size_t width = (size_t)b->n_devices + 1, to = end * width + (size_t)n, from = first * width;
  int64_t time = front->options[0].time, least_once = front->options[front->n - 1].once;
  for (size_t d = 0; d + (size_t)n < width; d++) {
    b->sum[to + d] = smaller(b->sum[to + d], time + b->sum[from + d]);
    b->max[to + d] = smaller(b->max[to + d], larger(time, b->max[from + d]));
    b->once[to + d] = smaller(b->once[to + d], larger(least_once, b->once[from + d]));
  }
}

static void find_row(const stage_bounds *b, const alpa_stage_problem *p, const alpa_stage_front *fronts, uint32_t end,
                     int64_t link) {
  size_t width = (size_t)b->n_devices + 1;
  for (size_t d = 0; d < width; d++)
    b->sum[end * width + d] = b->max[end * width + d] = b->once[end * width + d] = STAGE_NEVER;
  for (uint32_t first = 0; first < end; first++)
    for (uint32_t m = 0; m < p->n_submeshes; m++) {
      const alpa_stage_front *front = &fronts[((size_t)first * p->n_layers + end - 1) * p->n_submeshes + m];
      if (front->n)
        extend_rows(b, end, first, p->submeshes[m].n_devices, front);
    }
  for (size_t d = 0; d < width && end < p->n_layers; d++) {
    b->sum[end * width + d] = smaller(b->sum[end * width + d] + link, STAGE_NEVER);
    b->max[end * width + d] = larger(b->max[end * width + d], link);
  }
}

stage_bounds stage_bounds_find(alpa_arena *arena, const alpa_stage_problem *p, const alpa_stage_front *fronts) {
  stage_bounds b = {0};
  for (uint32_t k = 0; k < p->n_kinds; k++)
    b.n_devices += p->available[k];
  size_t n = (size_t)(p->n_layers + 1) * (size_t)(b.n_devices + 1);
  b.sum = alpa_arena_new(arena, int64_t, n);
  b.max = alpa_arena_new(arena, int64_t, n);
  b.once = alpa_arena_new(arena, int64_t, n);
  const int64_t *links = find_least_links(arena, p);
  for (uint32_t end = 1; end <= p->n_layers; end++)
    find_row(&b, p, fronts, end, links[end - 1]);
  return b;
}
