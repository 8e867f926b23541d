/* Neighbourhoods are one to four balls of the graph, half of them around nodes that are alive at one tight time, so
 * that what one ball frees another can use.  Within a neighbourhood the scale of the prices is bisected for the
 * cheapest feasible outcome.  Costs and usages of changes are exact. */
#include "passes/solver/search.h"
#include "passes/solver/branch.h"
#include "passes/solver/subproblem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BISECTIONS = 6, WIDE_DEGREE = 30, WIDE_PICKS = 10, FIRST_SIZE = 60 };

void alpa_search_init(alpa_search *search, alpa_arena *arena, const alpa_core *core, uint64_t seed) {
  *search = (alpa_search){.core = core, .arena = arena};
  for (int kind = 0; kind < ALPA_SEARCH_KINDS; kind++)
    search->sizes[kind] = FIRST_SIZE;
  search->bucket = alpa_bucket_create(arena, core);
  alpa_random_init(&search->random, seed);
  alpa_slack_init(&search->slack, arena, core);
  search->labels = alpa_arena_new(arena, uint32_t, core->n_nodes);
  search->trial = alpa_arena_new(arena, uint32_t, core->n_nodes);
  search->freed = alpa_arena_new(arena, uint32_t, core->n_nodes);
  search->is_freed = alpa_arena_new(arena, bool, core->n_nodes);
  search->seeds = alpa_arena_new(arena, uint32_t, core->n_nodes);
  search->priced = alpa_arena_new(arena, double, core->n_places);
  search->costs = alpa_arena_new(arena, double, core->n_places);
  search->usage = alpa_arena_new(arena, int64_t, core->n_times);
  search->steps = alpa_arena_new(arena, int64_t, core->n_times + 1);
  search->prices = alpa_arena_new(arena, double, core->n_times);
  search->margins = alpa_arena_new(arena, double, core->n_places);
  search->keep = alpa_arena_new(arena, bool, core->n_places);
  search->sums = alpa_arena_new(arena, double, core->n_times + 1);
  for (uint32_t i = 0; i < core->n_nodes; i++)
    if (core->nodes[i].n_states > 1)
      search->seeds[search->n_seeds++] = i;
}

void alpa_search_set_labels(alpa_search *search, const uint32_t *labels) {
  memcpy(search->labels, labels, sizeof *labels * search->core->n_nodes);
  memcpy(search->trial, labels, sizeof *labels * search->core->n_nodes);
  alpa_core_usage(search->core, labels, search->usage);
  alpa_slack_set(&search->slack, search->core, search->usage);
  search->gained = 0;
}

void alpa_search_follow(alpa_search *search, const alpa_search_guide *guide) {
  const alpa_core *core = search->core;
  double *sums = search->sums;
  for (uint32_t t = 0; t < core->n_times; t++) {
    search->prices[t] = guide->prices[t];
    sums[t + 1] = sums[t] + guide->prices[t];
  }
  memcpy(search->margins, guide->margins, sizeof *search->margins * core->n_places);
  search->gap = guide->gap;
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    const alpa_core_node *node = &core->nodes[i];
    memset(search->priced + node->first, 0, sizeof *search->priced * node->stride);
    for (uint32_t g = 0; g < node->n_segments; g++)
      for (uint32_t s = 0; s < node->n_states; s++)
        search->priced[node->first + s] +=
            (sums[node->segments[g].end] - sums[node->segments[g].begin]) * node->segments[g].usage[s];
  }
}

/* ---- neighbourhoods --------------------------------------------------------------------------------------------- */

static void free_node(alpa_search *search, uint32_t node) {
  if (search->is_freed[node] || search->core->nodes[node].n_states == 1)
    return;
  search->is_freed[node] = true;
  search->freed[search->n_freed++] = node;
}

static bool is_alive_at(const alpa_core_node *node, uint32_t time) {
  for (uint32_t g = 0; g < node->n_segments; g++)
    if (node->segments[g].begin <= time && time < node->segments[g].end)
      return true;
  return false;
}

static uint32_t pick_seed(alpa_search *search, bool is_timed, uint32_t time) {
  uint32_t seed = 0;
  for (int tries = 0; tries < 64; tries++) {
    seed = search->seeds[alpa_random_below(&search->random, search->n_seeds)];
    if (!is_timed || is_alive_at(&search->core->nodes[seed], time))
      break;
  }
  return seed;
}

/* Grows the neighbourhood breadth first from its node `from` on, up to `most` nodes. */
static void grow(alpa_search *search, uint32_t from, uint32_t most) {
  for (uint32_t at = from; at < search->n_freed && search->n_freed < most; at++) {
    const alpa_core_node *node = &search->core->nodes[search->freed[at]];
    if (node->n_links > WIDE_DEGREE) {
      for (int pick = 0; pick < WIDE_PICKS && search->n_freed < most; pick++)
        free_node(search, node->links[alpa_random_below(&search->random, node->n_links)].other);
      continue;
    }
    for (uint32_t l = 0; l < node->n_links && search->n_freed < most; l++)
      free_node(search, node->links[l].other);
  }
}

/* A time where the limit is nearly reached, found by walking down the tree of slacks with some randomness. */
static uint32_t pick_time(alpa_search *search) {
  const alpa_slack *slack = &search->slack;
  uint32_t at = 1;
  while (at < slack->n_leaves) {
    int64_t left = slack->most[2 * at], right = slack->most[2 * at + 1];
    bool is_open = left > INT64_MIN / 4 && right > INT64_MIN / 4;
    bool go_right =
        is_open && alpa_random_below(&search->random, 4) == 0 ? alpa_random_below(&search->random, 2) : right > left;
    at = 2 * at + go_right;
  }
  return at - slack->n_leaves;
}

/* Frees balls of `most` nodes together, or everything now and then. */
static void choose_neighbourhood(alpa_search *search, uint32_t most, bool is_whole) {
  bool is_timed = search->core->n_times && alpa_random_below(&search->random, 2);
  uint32_t time = is_timed ? pick_time(search) : 0;
  uint32_t n_balls = 1 + alpa_random_below(&search->random, is_timed ? 8 : 4);
  search->n_freed = 0;
  if (is_whole) {
    for (uint32_t i = 0; i < search->n_seeds; i++)
      free_node(search, search->seeds[i]);
  } else {
    for (uint32_t ball = 0; ball < n_balls; ball++) {
      uint32_t from = search->n_freed, until = most * (ball + 1) / n_balls;
      free_node(search, pick_seed(search, is_timed, time));
      grow(search, from, until > from ? until : from + 1);
    }
    /* isolated nodes leave room */
    while (search->n_freed < most && alpa_random_below(&search->random, 4))
      free_node(search, pick_seed(search, is_timed, time));
  }
  for (uint32_t i = 0; i < search->n_freed; i++)
    search->is_freed[search->freed[i]] = false;
}

/* ---- evaluation ------------------------------------------------------------------------------------------------- */

/* What the changes from labels to trial cost; INFINITE where they are forbidden. */
static int64_t cost_change(alpa_search *search) {
  int64_t sum = 0;
  for (size_t c = 0; c < search->changes.n; c++) {
    uint32_t index = search->changes.items[c].node;
    const alpa_core_node *node = &search->core->nodes[index];
    sum += node->exact[search->trial[index]] - node->exact[search->labels[index]];
    for (uint32_t l = 0; l < node->n_links; l++) {
      const alpa_core_link *link = &node->links[l];
      bool is_other_changed = search->trial[link->other] != search->labels[link->other];
      if (is_other_changed && link->other < index)
        continue;
      const alpa_core_table *table = link->out;
      int64_t next = table->exact[(size_t)search->trial[index] * table->n_columns + search->trial[link->other]];
      if (next >= ALPA_SOLVER_INFINITE)
        return ALPA_SOLVER_INFINITE;
      sum += next - table->exact[(size_t)search->labels[index] * table->n_columns + search->labels[link->other]];
    }
  }
  return sum;
}

static int compare_events(const void *a, const void *b) {
  const alpa_search_event *x = a, *y = b;
  return (x->time > y->time) - (x->time < y->time);
}

static bool is_within_limit(alpa_search *search) {
  search->events.n = 0;
  for (size_t c = 0; c < search->changes.n; c++) {
    uint32_t index = search->changes.items[c].node;
    const alpa_core_node *node = &search->core->nodes[index];
    for (uint32_t g = 0; g < node->n_segments; g++) {
      const alpa_core_segment *segment = &node->segments[g];
      int64_t change = segment->exact[search->trial[index]] - segment->exact[search->labels[index]];
      if (change == 0)
        continue;
      alpa_vec_push(search->arena, &search->events, (alpa_search_event){segment->begin, change});
      alpa_vec_push(search->arena, &search->events, (alpa_search_event){segment->end, -change});
    }
  }
  alpa_search_event *events = search->events.items;
  size_t n = search->events.n;
  if (n)
    qsort(events, n, sizeof *events, compare_events);
  int64_t change = 0;
  for (size_t e = 0; e < n;) {
    uint32_t time = events[e].time;
    for (; e < n && events[e].time == time; e++)
      change += events[e].change;
    if (e < n && change > 0 && alpa_slack_most(&search->slack, time, events[e].time) + change > 0)
      return false;
  }
  return true;
}

/* Collects where the trial differs from the labels within the neighbourhood. */
static void collect_changes(alpa_search *search) {
  search->changes.n = 0;
  for (uint32_t i = 0; i < search->n_freed; i++) {
    uint32_t node = search->freed[i];
    if (search->trial[node] != search->labels[node])
      alpa_vec_push(search->arena, &search->changes, (alpa_search_change){node, search->trial[node]});
  }
}

static void take_back(alpa_search *search) {
  for (size_t c = 0; c < search->changes.n; c++)
    search->trial[search->changes.items[c].node] = search->labels[search->changes.items[c].node];
}

/* Makes the changes for good; the trial agrees with them. */
static void accept(alpa_search *search, int64_t change) {
  for (size_t c = 0; c < search->changes.n; c++) {
    alpa_search_change item = search->changes.items[c];
    const alpa_core_node *node = &search->core->nodes[item.node];
    for (uint32_t g = 0; g < node->n_segments; g++) {
      const alpa_core_segment *segment = &node->segments[g];
      int64_t usage = segment->exact[item.label] - segment->exact[search->labels[item.node]];
      if (usage)
        alpa_slack_add(&search->slack, segment->begin, segment->end, usage);
    }
    search->labels[item.node] = item.label;
    alpa_vec_push(search->arena, &search->log, item);
  }
  alpa_vec_push(search->arena, &search->ends, (uint32_t)search->log.n);
  search->gained -= change;
  search->n_accepted++;
}

/* ---- tries ------------------------------------------------------------------------------------------------------ */

static void scale_costs(alpa_search *search, double scale) {
  for (uint32_t i = 0; i < search->n_freed; i++) {
    const alpa_core_node *node = &search->core->nodes[search->freed[i]];
    for (uint32_t s = 0; s < node->stride; s++)
      search->costs[node->first + s] = node->costs[s] + scale * search->priced[node->first + s];
  }
}

static uint32_t table_limit(uint32_t n_freed) { return n_freed < 300 ? 15000 : n_freed < 3000 ? 6000 : 3000; }

bool alpa_search_try(alpa_search *search) {
  double size = 10 * pow(10.0, alpa_random_unit(&search->random) * 2.5);
  choose_neighbourhood(search, (uint32_t)fmin(size, search->n_seeds), alpa_random_below(&search->random, 40) == 0);
  search->n_tries++;
  alpa_bucket_plan(search->bucket, search->freed, search->n_freed, table_limit(search->n_freed), &search->random);
  double low = 0, high = 2, scale = 0.2 + alpa_random_unit(&search->random);
  int64_t best = 0;
  search->best_changes.n = 0;
  for (int step = 0; step < BISECTIONS; step++) {
    scale_costs(search, scale);
    alpa_bucket_run(search->bucket, search->costs, search->trial);
    collect_changes(search);
    int64_t change = search->changes.n ? cost_change(search) : 0;
    bool fits = change < ALPA_SOLVER_INFINITE && is_within_limit(search);
    if (fits && change < best) {
      best = change;
      search->best_changes.n = 0;
      for (size_t c = 0; c < search->changes.n; c++)
        alpa_vec_push(search->arena, &search->best_changes, search->changes.items[c]);
    }
    take_back(search);
    if (fits)
      high = scale;
    else
      low = scale;
    scale = (low + high) / 2;
    if (!search->core->n_times)
      break;
  }
  if (!search->best_changes.n)
    return false;
  search->changes.n = 0;
  for (size_t c = 0; c < search->best_changes.n; c++) {
    alpa_search_change item = search->best_changes.items[c];
    alpa_vec_push(search->arena, &search->changes, item);
    search->trial[item.node] = item.label;
  }
  accept(search, best);
  return true;
}

/* ---- exact tries ------------------------------------------------------------------------------------------------ */

enum { EXACT_NODES = 8, EXACT_LEAST = 20, MIX_NODES = 64 };

/* Marks the states whose margin is below a share of the gap, and the present labels. */
static void keep_likely(alpa_search *search, int kind) {
  static const double shares[ALPA_SEARCH_KINDS] = {1e-3, 1e-2, 0.1, 1};
  double most = shares[kind] * search->gap;
  for (uint32_t i = 0; i < search->n_freed; i++) {
    const alpa_core_node *node = &search->core->nodes[search->freed[i]];
    for (uint32_t s = 0; s < node->n_states; s++)
      search->keep[node->first + s] = search->margins[node->first + s] <= most || s == search->labels[search->freed[i]];
  }
}

static int compare_nodes(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* What the neighbourhood costs now, with its edges to held nodes. */
static alpa_int128 cost_of_freed(alpa_search *search) {
  const alpa_core *core = search->core;
  alpa_int128 cost = 0;
  for (uint32_t i = 0; i < search->n_freed; i++)
    search->is_freed[search->freed[i]] = true;
  for (uint32_t i = 0; i < search->n_freed; i++) {
    const alpa_core_node *node = &core->nodes[search->freed[i]];
    uint32_t label = search->labels[search->freed[i]];
    cost += node->exact[label];
    for (uint32_t l = 0; l < node->n_links; l++) {
      const alpa_core_link *link = &node->links[l];
      if (!search->is_freed[link->other] || link->other < search->freed[i])
        cost += link->out->exact[(size_t)label * link->out->n_columns + search->labels[link->other]];
    }
  }
  for (uint32_t i = 0; i < search->n_freed; i++)
    search->is_freed[search->freed[i]] = false;
  return cost;
}

/* Usage of the nodes that are held. */
static void measure_held(alpa_search *search) {
  const alpa_core *core = search->core;
  alpa_core_usage(core, search->labels, search->usage);
  if (!core->n_times)
    return;
  int64_t *steps = search->steps; /* of the usage of the others */
  memset(steps, 0, sizeof *steps * (core->n_times + 1));
  for (uint32_t i = 0; i < search->n_freed; i++) {
    const alpa_core_node *node = &core->nodes[search->freed[i]];
    for (uint32_t g = 0; g < node->n_segments; g++) {
      const alpa_core_segment *segment = &node->segments[g];
      steps[segment->begin] += segment->exact[search->labels[search->freed[i]]];
      steps[segment->end] -= segment->exact[search->labels[search->freed[i]]];
    }
  }
  int64_t usage = 0;
  for (uint32_t t = 0; t < core->n_times; t++) {
    usage += steps[t];
    search->usage[t] -= usage;
  }
}

/* Solves the neighbourhood for the states that are kept; is_closed: nothing better is left in it. */
static bool solve_kept(alpa_search *search, const alpa_solver_options *options, uint32_t n_nodes, double until,
                       bool *out_is_closed) {
  qsort(search->freed, search->n_freed, sizeof *search->freed, compare_nodes);
  search->n_tries++;
  measure_held(search);
  alpa_arena arena;
  alpa_arena_init(&arena, search->arena->memory);
  alpa_reducer reducer;
  alpa_subproblem part = {.core = search->core,
                          .nodes = search->freed,
                          .n = search->n_freed,
                          .keep = search->keep,
                          .labels = search->labels,
                          .used = search->usage};
  alpa_subproblem_build(&part, &reducer, &arena);
  alpa_solver_stats stats = {0};
  alpa_branch_task task = {.reducer = &reducer,
                           .options = options,
                           .stats = &stats,
                           .prices = search->prices,
                           .below = cost_of_freed(search),
                           .n_nodes = n_nodes,
                           .until = until};
  task.assignment = alpa_arena_new(&arena, uint32_t, search->n_freed);
  alpa_branch_solve(&task, search->arena->memory);
  *out_is_closed = task.is_closed;
  if (task.found)
    for (uint32_t i = 0; i < search->n_freed; i++)
      search->trial[search->freed[i]] = task.assignment[i];
  alpa_arena_deinit(&arena);
  collect_changes(search);
  int64_t change = search->changes.n ? cost_change(search) : 0;
  bool is_gain = change < 0 && is_within_limit(search);
  if (is_gain)
    accept(search, change);
  else
    take_back(search);
  return is_gain;
}

bool alpa_search_try_exact(alpa_search *search, const alpa_solver_options *options, double until) {
  int kind = (int)alpa_random_below(&search->random, ALPA_SEARCH_KINDS);
  choose_neighbourhood(search, (uint32_t)fmin(search->sizes[kind], search->n_seeds), false);
  keep_likely(search, kind);
  bool is_closed = false, is_gain = solve_kept(search, options, EXACT_NODES, until, &is_closed);
  double size = search->sizes[kind] * (is_closed ? 1.1 : 0.8);
  search->sizes[kind] = fmin(fmax(size, EXACT_LEAST), search->n_seeds);
  return is_gain;
}

bool alpa_search_mix(alpa_search *search, const uint32_t *others, const alpa_solver_options *options, double until) {
  const alpa_core *core = search->core;
  search->n_freed = 0;
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    if (others[i] == search->labels[i])
      continue;
    bool *keep = search->keep + core->nodes[i].first;
    memset(keep, false, sizeof *keep * core->nodes[i].n_states);
    keep[others[i]] = keep[search->labels[i]] = true;
    search->freed[search->n_freed++] = i;
  }
  bool is_closed = false;
  return search->n_freed && solve_kept(search, options, MIX_NODES, until, &is_closed);
}

void alpa_search_replay(alpa_search *search, const alpa_search *other) {
  size_t from = 0;
  for (size_t set = 0; set < other->ends.n; set++) {
    search->changes.n = 0;
    for (; from < other->ends.items[set]; from++) {
      alpa_search_change item = other->log.items[from];
      if (search->labels[item.node] == item.label)
        continue;
      alpa_vec_push(search->arena, &search->changes, item);
      search->trial[item.node] = item.label;
    }
    int64_t change = search->changes.n ? cost_change(search) : 0;
    if (change < 0 && is_within_limit(search))
      accept(search, change);
    else
      take_back(search);
  }
}

void alpa_search_clear_log(alpa_search *search) { search->log.n = search->ends.n = 0; }
