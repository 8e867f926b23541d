/* Subgradient steps on the prices.  After a backward pass every chain of the decomposition starts at a node whose
 * belief holds the chain's min-marginals, so its minimiser is found by walking forward; the usage of a node is the
 * average over its chains.  The direction is the average of past subgradients (the volume algorithm's), the length is
 * Polyak's, and only times at which some usage peaked above its capacity have a price. */
#include "passes/solver/dual.h"
#include "passes/solver/lanes.h"

#include <math.h>
#include <string.h>

/* The share of the newest subgradient in the averages. */
static const double AVERAGING = 0.1;
/* The pace that steps begin anew with. */
static const double REKINDLED = 0.05;

void alpa_dual_init(alpa_dual *dual, alpa_arena *arena, const alpa_core *core) {
  *dual = (alpa_dual){.core = core, .bound = -INFINITY, .best_bound = -INFINITY, .pace = 0.5};
  alpa_trws_init(&dual->trws, arena, core);
  dual->prices = alpa_arena_new(arena, double, core->n_times);
  dual->best_prices = alpa_arena_new(arena, double, core->n_times);
  dual->sums = alpa_arena_new(arena, double, core->n_times + 1);
  dual->usage = alpa_arena_new(arena, double, core->n_times + 1);
  dual->mean = alpa_arena_new(arena, double, core->n_times + 1);
  dual->active = alpa_arena_new(arena, uint32_t, core->n_times);
  dual->is_active = alpa_arena_new(arena, bool, core->n_times);
  dual->traced = alpa_arena_new(arena, uint32_t, core->n_edges);
  dual->chosen = alpa_arena_new(arena, double, core->n_places);
  dual->weights = alpa_arena_new(arena, double, core->most_states);
}

void alpa_dual_set_prices(alpa_dual *dual, const double *prices) {
  const alpa_core *core = dual->core;
  if (!prices)
    prices = dual->best_prices;
  for (uint32_t t = 0; t < core->n_times; t++) {
    dual->prices[t] = prices[t];
    dual->sums[t + 1] = dual->sums[t] + prices[t];
    if (prices[t] > 0 && !dual->is_active[t]) {
      dual->is_active[t] = true;
      dual->active[dual->n_active++] = t;
    }
  }
  alpa_trws_set_prices(&dual->trws, core->n_times ? dual->sums : NULL);
}

void alpa_dual_activate(alpa_dual *dual, const double *usage) {
  const alpa_core *core = dual->core;
  for (uint32_t t = 0; t < core->n_times;) {
    uint32_t peak = t;
    for (; t < core->n_times && usage[t] > (double)core->capacity[t]; t++)
      if (usage[t] - (double)core->capacity[t] > usage[peak] - (double)core->capacity[peak])
        peak = t;
    if (usage[peak] <= (double)core->capacity[peak]) {
      t++;
    } else if (!dual->is_active[peak]) {
      dual->is_active[peak] = true;
      dual->active[dual->n_active++] = peak;
    }
  }
}

/* ---- the subgradient -------------------------------------------------------------------------------------------- */

static void fill_belief(const alpa_trws *trws, const alpa_core_node *node) {
  double *belief = trws->belief;
  memcpy(belief, trws->costs + node->first, sizeof *belief * node->stride);
  for (uint32_t l = 0; l < node->n_links; l++) {
    const double *message = trws->messages + node->links[l].inbox;
    alpa_lanes_add(belief, message, node->stride);
  }
}

/* The label that continues a chain over a link from a lower node. */
static uint32_t follow(const alpa_dual *dual, uint32_t index, const alpa_core_link *link) {
  const alpa_trws *trws = &dual->trws;
  uint32_t stride = trws->core->nodes[index].stride;
  const double *row = link->in->costs + dual->traced[link->edge] * link->in->stride;
  double *costs = trws->heads;
  alpa_lanes_share(costs, trws->belief, trws->shares[index], trws->messages + link->inbox, stride);
  alpa_lanes_add(costs, row, stride);
  for (uint32_t s = trws->core->nodes[index].n_states; s < stride; s++)
    costs[s] = INFINITY;
  return alpa_lanes_find_least(costs, stride);
}

/* Fills weights with the share of the node's chains that choose each state. */
static void trace_node(alpa_dual *dual, uint32_t index) {
  const alpa_core_node *node = &dual->trws.core->nodes[index];
  uint32_t n_forth = node->n_links - node->n_back;
  double share = dual->trws.shares[index];
  memset(dual->weights, 0, sizeof *dual->weights * node->n_states);
  fill_belief(&dual->trws, node);
  for (uint32_t l = 0; l < node->n_back; l++) {
    uint32_t label = follow(dual, index, &node->links[l]);
    dual->weights[label] += share;
    if (l < n_forth)
      dual->traced[node->links[node->n_back + l].edge] = label;
  }
  if (n_forth <= node->n_back && node->n_links)
    return;
  uint32_t start = alpa_lanes_find_least(dual->trws.belief, node->stride);
  for (uint32_t l = node->n_back; l < n_forth; l++)
    dual->traced[node->links[node->n_back + l].edge] = start;
  dual->weights[start] += node->n_links ? share * (n_forth - node->n_back) : 1;
}

void alpa_dual_trace(alpa_dual *dual) {
  const alpa_core *core = dual->core;
  double fresh = dual->n_steps <= 1 || !core->n_times ? 1 : AVERAGING;
  memset(dual->usage, 0, sizeof *dual->usage * (core->n_times + 1));
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    const alpa_core_node *node = &core->nodes[i];
    trace_node(dual, i);
    for (uint32_t s = 0; s < node->n_states; s++)
      dual->chosen[node->first + s] += fresh * (dual->weights[s] - dual->chosen[node->first + s]);
    for (uint32_t g = 0; g < node->n_segments; g++) {
      const alpa_core_segment *segment = &node->segments[g];
      double amount = 0;
      for (uint32_t s = 0; s < node->n_states; s++)
        amount += dual->weights[s] * segment->usage[s];
      dual->usage[segment->begin] += amount;
      dual->usage[segment->end] -= amount;
    }
  }
  for (uint32_t t = 1; t < core->n_times; t++)
    dual->usage[t] += dual->usage[t - 1];
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

static double priced_capacity(const alpa_dual *dual) {
  double paid = 0;
  for (uint32_t a = 0; a < dual->n_active; a++)
    paid += dual->prices[dual->active[a]] * (double)dual->core->capacity[dual->active[a]];
  return paid;
}

/* The averaged relative violation at an active time; 0 where the price cannot fall. */
static double slope(const alpa_dual *dual, uint32_t t) {
  double scale = 1.0 / (double)(dual->core->limit ? dual->core->limit : 1);
  double violation = (dual->mean[t] - (double)dual->core->capacity[t]) * scale;
  return violation < 0 && dual->best_prices[t] <= 0 ? 0 : violation;
}

static void move_prices(alpa_dual *dual, double target) {
  double norm = 0, scale = 1.0 / (double)(dual->core->limit ? dual->core->limit : 1);
  for (uint32_t a = 0; a < dual->n_active; a++)
    norm += slope(dual, dual->active[a]) * slope(dual, dual->active[a]);
  if (norm <= 0)
    return;
  double step = dual->pace * fmax(target - dual->best_bound, 1e-6 * fabs(target) + 1) / norm;
  for (uint32_t a = 0; a < dual->n_active; a++) {
    uint32_t t = dual->active[a];
    dual->prices[t] = fmax(0, dual->best_prices[t] + step * slope(dual, t) * scale);
  }
  alpa_dual_set_prices(dual, dual->prices);
}

/* Adapts the pace: longer after steps that go on uphill, shorter after a few that do not. */
static void adapt(alpa_dual *dual) {
  if (dual->bound > dual->best_bound) {
    double inner = 0;
    for (uint32_t a = 0; a < dual->n_active; a++) {
      uint32_t t = dual->active[a];
      inner += (dual->usage[t] - (double)dual->core->capacity[t]) * slope(dual, t);
    }
    dual->best_bound = dual->bound;
    memcpy(dual->best_prices, dual->prices, sizeof *dual->prices * dual->core->n_times);
    dual->n_stalled = 0;
    if (inner > 0)
      dual->pace = fmin(dual->pace * 1.1, 2);
  } else if (++dual->n_stalled >= 10) {
    dual->pace = fmax(dual->pace * 0.66, 1e-4);
    dual->n_stalled = 0;
  }
}

void alpa_dual_rekindle(alpa_dual *dual) {
  dual->pace = fmax(dual->pace, REKINDLED);
  dual->n_stalled = 0;
}

bool alpa_dual_tighten(alpa_dual *dual, alpa_arena *arena, uint32_t n) {
  if (!dual->tight) {
    dual->tight = alpa_arena_new(arena, alpa_tight, 1);
    alpa_tight_init(dual->tight, arena, dual->core);
  }
  bool has_grown = alpa_tight_grow(dual->tight, &dual->trws, n) > 0;
  dual->traced = alpa_arena_new(arena, uint32_t, dual->trws.core->n_edges);
  return has_grown;
}

alpa_int128 alpa_dual_certify(alpa_dual *dual, alpa_memory *memory) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, memory);
  alpa_int128 rest = 0;
  if (dual->tight)
    rest = alpa_tight_certify(dual->tight, alpa_trws_exact_bits(dual->core), &scratch);
  alpa_int128 bound = alpa_trws_certify(&dual->trws, dual->prices, rest, &scratch);
  alpa_arena_deinit(&scratch);
  return bound;
}

double alpa_dual_sweep(alpa_dual *dual, double *margins) {
  return alpa_trws_sweep_margins(&dual->trws, margins) - priced_capacity(dual);
}

double alpa_dual_step(alpa_dual *dual, double target) {
  const alpa_core *core = dual->core;
  if (core->n_times && dual->n_steps)
    move_prices(dual, target);
  if (dual->tight)
    alpa_tight_sweep(dual->tight, &dual->trws);
  dual->bound = alpa_dual_sweep(dual, NULL);
  dual->n_steps++;
  if (!core->n_times) {
    dual->best_bound = fmax(dual->best_bound, dual->bound);
    return dual->bound;
  }
  alpa_dual_trace(dual);
  alpa_dual_activate(dual, dual->usage);
  double fresh = dual->n_steps <= 1 ? 1 : AVERAGING;
  for (uint32_t t = 0; t < core->n_times; t++)
    dual->mean[t] += fresh * (dual->usage[t] - dual->mean[t]);
  adapt(dual);
  return dual->bound;
}
