/* Labellings from a dual solution: sequential rounding, conditioned elimination over the whole graph, and repair by
 * dearer usage where the limit is broken.  Feasibility and costs are exact. */
#include "passes/solver/primal.h"
#include "passes/solver/lanes.h"

#include <math.h>
#include <string.h>

enum { REPAIRS = 12, SAVES = 3, REPAIR_TABLE = 1000 };

void alpa_primal_init(alpa_primal *primal, alpa_arena *arena, const alpa_core *core, uint64_t seed) {
  *primal = (alpa_primal){.core = core, .cost = INT64_MAX, .excess = INT64_MAX};
  primal->bucket = alpa_bucket_create(arena, core);
  alpa_random_init(&primal->random, seed);
  primal->labels = alpa_arena_new(arena, uint32_t, core->n_nodes);
  primal->best = alpa_arena_new(arena, uint32_t, core->n_nodes);
  primal->usage = alpa_arena_new(arena, int64_t, core->n_times);
  primal->costs = alpa_arena_new(arena, double, core->n_places);
  primal->sums = alpa_arena_new(arena, double, core->n_times + 1);
  primal->prices = alpa_arena_new(arena, double, core->n_times);
  primal->all = alpa_arena_new(arena, uint32_t, core->n_nodes);
  for (uint32_t i = 0; i < core->n_nodes; i++)
    primal->all[i] = i;
}

bool alpa_primal_offer(alpa_primal *primal, const uint32_t *labels) {
  const alpa_core *core = primal->core;
  alpa_core_usage(core, labels, primal->usage);
  int64_t excess = alpa_core_excess(core, primal->usage);
  alpa_int128 cost = alpa_core_cost(core, labels);
  if (cost >= ALPA_SOLVER_INFINITE)
    return false;
  primal->excess = excess < primal->excess ? excess : primal->excess;
  if (excess > 0 || cost >= primal->cost)
    return false;
  memmove(primal->best, labels, sizeof *labels * core->n_nodes);
  primal->cost = cost;
  primal->found = true;
  return true;
}

static void polish_costs(alpa_primal *primal, const double *costs, uint32_t *labels, uint32_t limit) {
  alpa_bucket_plan(primal->bucket, primal->all, primal->core->n_nodes, limit, &primal->random);
  alpa_bucket_run(primal->bucket, costs, labels);
}

void alpa_primal_polish(alpa_primal *primal, const alpa_dual *dual, uint32_t *labels, uint32_t limit) {
  polish_costs(primal, dual->trws.costs, labels, limit);
}

static void price_nodes(const alpa_core *core, const double *sums, double *costs) {
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    const alpa_core_node *node = &core->nodes[i];
    memcpy(costs + node->first, node->costs, sizeof *costs * node->stride);
    for (uint32_t g = 0; g < node->n_segments; g++) {
      const alpa_core_segment *segment = &node->segments[g];
      double price = sums[segment->end] - sums[segment->begin];
      for (uint32_t s = 0; price > 0 && s < node->n_states; s++)
        costs[node->first + s] += price * segment->usage[s];
    }
  }
}

/* Raises the prices at the peak of every stretch above the capacity; false where there is none. */
static bool raise_prices(alpa_primal *primal, double least) {
  const alpa_core *core = primal->core;
  bool is_broken = false;
  for (uint32_t t = 0; t < core->n_times;) {
    uint32_t peak = t;
    for (; t < core->n_times && primal->usage[t] > core->capacity[t]; t++)
      if (primal->usage[t] - core->capacity[t] > primal->usage[peak] - core->capacity[peak])
        peak = t;
    if (primal->usage[peak] <= core->capacity[peak]) {
      t++;
      continue;
    }
    primal->prices[peak] = fmax(primal->prices[peak] * 1.3, least);
    is_broken = true;
  }
  for (uint32_t t = 0; t < core->n_times; t++)
    primal->sums[t + 1] = primal->sums[t] + primal->prices[t];
  return is_broken;
}

static bool repair(alpa_primal *primal, const alpa_dual *dual) {
  const alpa_core *core = primal->core;
  double highest = 0;
  for (uint32_t t = 0; t < core->n_times; t++)
    highest = fmax(highest, primal->prices[t] = dual->prices[t]);
  if (highest <= 0)
    highest = core->magnitude / (double)(core->limit ? core->limit : 1) * 1e-3;
  for (int round = 1; round <= REPAIRS; round++) {
    if (!raise_prices(primal, highest * 2e-3 * round * round))
      break;
    price_nodes(core, primal->sums, primal->costs);
    polish_costs(primal, primal->costs, primal->labels, REPAIR_TABLE);
    if (alpa_primal_offer(primal, primal->labels))
      return true;
    /* offer has left the usage of these labels behind */
  }
  return false;
}

bool alpa_primal_attempt(alpa_primal *primal, alpa_dual *dual, uint32_t limit) {
  alpa_trws_round(&dual->trws, primal->labels);
  polish_costs(primal, dual->trws.costs, primal->labels, REPAIR_TABLE);
  polish_costs(primal, dual->trws.costs, primal->labels, limit);
  bool is_better = alpa_primal_offer(primal, primal->labels);
  if (!is_better && alpa_core_excess(primal->core, primal->usage) > 0)
    is_better = repair(primal, dual);
  return is_better;
}

bool alpa_primal_save(alpa_primal *primal) {
  const alpa_core *core = primal->core;
  /* in the end one unit of usage outweighs all costs together */
  double least = 1e-2 * core->magnitude / (double)(core->limit ? core->limit : 1), most = 1e2 * core->magnitude;
  for (double price = least; price <= most && !primal->found; price *= 1e2) {
    for (uint32_t t = 0; t < core->n_times; t++)
      primal->sums[t + 1] = primal->sums[t] + price;
    price_nodes(core, primal->sums, primal->costs);
    for (uint32_t i = 0; i < core->n_nodes; i++)
      primal->labels[i] = alpa_lanes_find_least(primal->costs + core->nodes[i].first, core->nodes[i].stride);
    for (int round = 0; round < SAVES && !primal->found; round++) {
      polish_costs(primal, primal->costs, primal->labels, REPAIR_TABLE);
      alpa_primal_offer(primal, primal->labels);
    }
  }
  return primal->found;
}
