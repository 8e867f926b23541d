/* TRW-S over the core's order.  A pass visits the nodes in order; the belief of a node is its cost plus all messages,
 * and what it sends on is its share of the belief less what came from there, minimised over its own states.  A node's
 * share is one over the larger number of its links to either side.  The constants taken off on the way add up to the
 * bound.  A sweep costs two min-plus products per edge.
 *
 * The certificate repeats a forward pass in integers: every node gives the rounded heads of its messages to its
 * edges, every edge gives the exact minima to its far node, and what then remains in the nodes and edges is bounded by
 * minima alone, so the sum is a bound for any heads whatsoever. */
#include "passes/solver/trws.h"
#include "passes/solver/lanes.h"

#include <math.h>
#include <string.h>

static void set_shares(alpa_trws *trws) {
  for (uint32_t i = 0; i < trws->core->n_nodes; i++) {
    uint32_t back = trws->core->nodes[i].n_back, forth = trws->core->nodes[i].n_links - back;
    uint32_t most = back > forth ? back : forth;
    trws->shares[i] = 1.0 / (most ? most : 1);
  }
}

void alpa_trws_init(alpa_trws *trws, alpa_arena *arena, const alpa_core *core) {
  *trws = (alpa_trws){.core = core, .n_messages = core->n_messages};
  trws->costs = alpa_arena_alloc_aligned(arena, sizeof(double) * core->n_places, 64);
  trws->messages = alpa_arena_alloc_aligned(arena, sizeof(double) * core->n_messages, 64);
  trws->shares = alpa_arena_new(arena, double, core->n_nodes);
  trws->belief = alpa_arena_alloc_aligned(arena, sizeof(double) * core->most_states, 64);
  trws->heads = alpa_arena_alloc_aligned(arena, sizeof(double) * core->most_states, 64);
  trws->few = alpa_arena_alloc_aligned(arena, sizeof(double) * core->most_states, 64);
  trws->least = alpa_arena_alloc_aligned(arena, sizeof(double) * core->most_states, 64);
  memset(trws->messages, 0, sizeof(double) * core->n_messages);
  set_shares(trws);
  alpa_trws_set_prices(trws, NULL);
}

void alpa_trws_widen(alpa_trws *trws, alpa_arena *arena, const alpa_core *core) {
  double *messages = alpa_arena_alloc_aligned(arena, sizeof(double) * core->n_messages, 64);
  size_t n = trws->n_messages;
  memcpy(messages, trws->messages, sizeof *messages * n);
  memset(messages + n, 0, sizeof *messages * (core->n_messages - n));
  trws->messages = messages;
  trws->n_messages = core->n_messages;
  trws->core = core;
  set_shares(trws);
}

void alpa_trws_set_prices(alpa_trws *trws, const double *sums) {
  const alpa_core *core = trws->core;
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    const alpa_core_node *node = &core->nodes[i];
    double *costs = trws->costs + node->first;
    memcpy(costs, node->costs, sizeof *costs * node->stride);
    for (uint32_t g = 0; sums && g < node->n_segments; g++) {
      const alpa_core_segment *segment = &node->segments[g];
      double price = sums[segment->end] - sums[segment->begin];
      for (uint32_t s = 0; price > 0 && s < node->n_states; s++)
        costs[s] += price * segment->usage[s];
    }
  }
}

/* The belief of a node less its least value, which is returned. */
static double gather_belief(alpa_trws *trws, const alpa_core_node *node) {
  double *belief = trws->belief;
  memcpy(belief, trws->costs + node->first, sizeof *belief * node->stride);
  for (uint32_t l = 0; l < node->n_links; l++) {
    const double *message = trws->messages + node->links[l].inbox;
    alpa_lanes_add(belief, message, node->stride);
  }
  double least = alpa_lanes_least(belief, node->stride);
  alpa_lanes_subtract(belief, least, node->stride);
  return least;
}

/* out = the heads' product with a table, by way of its distinct rows and columns. */
static void multiply_distinct(alpa_trws *trws, const alpa_core_table *table, double *out) {
  const alpa_core_table *distinct = table->distinct;
  for (uint32_t r = 0; r < distinct->n_rows; r++)
    trws->few[r] = INFINITY;
  for (uint32_t r = 0; r < table->n_rows; r++) {
    double *few = &trws->few[table->row_classes[r]];
    *few = trws->heads[r] < *few ? trws->heads[r] : *few;
  }
  trws->core->kernel->multiply(distinct->costs, distinct->stride, trws->few, distinct->n_rows, trws->least,
                               distinct->stride);
  for (uint32_t c = 0; c < table->n_columns; c++)
    out[c] = trws->least[table->column_classes[c]];
  for (size_t c = table->n_columns; c < table->stride; c++)
    out[c] = INFINITY;
}

/* Sends a node's share of its belief along one link; the constant taken off the message. */
static double send(alpa_trws *trws, const alpa_core_node *node, double share, const alpa_core_link *link) {
  const double *inbox = trws->messages + link->inbox;
  double *outbox = trws->messages + link->outbox;
  alpa_lanes_share(trws->heads, trws->belief, share, inbox, node->stride);
  const alpa_core_table *table = link->out;
  if (table->distinct)
    multiply_distinct(trws, table, outbox);
  else
    trws->core->kernel->multiply(table->costs, table->stride, trws->heads, node->n_states, outbox, table->stride);
  double least = alpa_lanes_least(outbox, (uint32_t)table->stride);
  alpa_lanes_subtract(outbox, least, (uint32_t)table->stride);
  return least;
}

static void pass_forward(alpa_trws *trws) {
  for (uint32_t i = 0; i < trws->core->n_nodes; i++) {
    const alpa_core_node *node = &trws->core->nodes[i];
    if (node->n_back == node->n_links)
      continue;
    gather_belief(trws, node);
    for (uint32_t l = node->n_back; l < node->n_links; l++)
      send(trws, node, trws->shares[i], &node->links[l]);
  }
}

static double pass_backward(alpa_trws *trws, double *margins) {
  double bound = 0;
  for (uint32_t i = trws->core->n_nodes; i-- > 0;) {
    const alpa_core_node *node = &trws->core->nodes[i];
    bound += gather_belief(trws, node);
    if (margins)
      memcpy(margins + node->first, trws->belief, sizeof *margins * node->n_states);
    for (uint32_t l = 0; l < node->n_back; l++)
      bound += send(trws, node, trws->shares[i], &node->links[l]);
  }
  return bound;
}

double alpa_trws_sweep(alpa_trws *trws) { return alpa_trws_sweep_margins(trws, NULL); }

double alpa_trws_sweep_margins(alpa_trws *trws, double *margins) {
  pass_forward(trws);
  return pass_backward(trws, margins);
}

void alpa_trws_round(alpa_trws *trws, uint32_t *labels) {
  for (uint32_t i = 0; i < trws->core->n_nodes; i++) {
    const alpa_core_node *node = &trws->core->nodes[i];
    double *belief = trws->belief;
    memcpy(belief, trws->costs + node->first, sizeof *belief * node->stride);
    for (uint32_t l = 0; l < node->n_links; l++) {
      const alpa_core_link *link = &node->links[l];
      const double *line =
          l < node->n_back ? link->in->costs + labels[link->other] * link->in->stride : trws->messages + link->inbox;
      for (uint32_t s = 0; s < node->n_states; s++)
        belief[s] += line[s];
    }
    labels[i] = 0;
    for (uint32_t s = 1; s < node->n_states; s++)
      if (belief[s] < belief[labels[i]])
        labels[i] = s;
  }
}

/* ---- the certificate -------------------------------------------------------------------------------------------- */

/* Costs are scaled by 2^cost_bits, and once more by 2^price_bits where they meet priced usage. */
enum { PRICE_BITS = 24, PRICE_UNIT = 1 << PRICE_BITS };

typedef struct certifier {
  alpa_trws *trws;
  int cost_bits;
  int64_t *tails;    /* scratch: what an edge gives on */
  alpa_int128 *rest; /* [n_places] what remains in the nodes */
} certifier;

static void start_rest(certifier *c, const alpa_int128 *sums) {
  const alpa_core *core = c->trws->core;
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    const alpa_core_node *node = &core->nodes[i];
    for (uint32_t s = 0; s < node->n_states; s++) {
      alpa_int128 cost = (alpa_int128)node->exact[s] << (c->cost_bits + PRICE_BITS);
      for (uint32_t g = 0; sums && g < node->n_segments; g++) {
        const alpa_core_segment *segment = &node->segments[g];
        cost += (sums[segment->end] - sums[segment->begin]) * segment->exact[s];
      }
      c->rest[node->first + s] = cost;
    }
  }
}

static void give(certifier *c, const alpa_core_node *node, const alpa_core_link *link, double share) {
  const alpa_core_table *table = link->out;
  const alpa_core_node *other = &c->trws->core->nodes[link->other];
  const double *inbox = c->trws->messages + link->inbox;
  const int64_t unit = INT64_C(1) << (c->cost_bits - table->exact_bits);
  for (uint32_t y = 0; y < table->n_columns; y++)
    c->tails[y] = INT64_MAX;
  for (uint32_t s = 0; s < node->n_states; s++) {
    double scaled = ldexp(share * c->trws->belief[s] - inbox[s], c->cost_bits);
    int64_t head = llrint(fmin(fmax(scaled, -0x1p60), 0x1p60)); /* any value will do, so it may not overflow */
    c->rest[node->first + s] -= (alpa_int128)head * PRICE_UNIT;
    const int64_t *row = table->exact + (size_t)s * table->n_columns;
    for (uint32_t y = 0; y < table->n_columns; y++) {
      int64_t sum = row[y] >= ALPA_SOLVER_INFINITE ? INT64_MAX : head + row[y] * unit;
      c->tails[y] = sum < c->tails[y] ? sum : c->tails[y];
    }
  }
  for (uint32_t y = 0; y < table->n_columns; y++)
    c->rest[other->first + y] += (alpa_int128)c->tails[y] * PRICE_UNIT;
}

/* Sums of the prices as integers, and their product with the capacities, rounded against the bound. */
static alpa_int128 *integer_prices(certifier *c, const double *prices, alpa_arena *scratch, alpa_int128 *out_paid) {
  const alpa_core *core = c->trws->core;
  alpa_int128 *sums = alpa_arena_new(scratch, alpa_int128, core->n_times + 1);
  for (uint32_t t = 0; t < core->n_times; t++) {
    double scaled = ldexp(prices[t], c->cost_bits + PRICE_BITS);
    int64_t price = scaled > 0 && scaled < 1e17 ? llrint(scaled) : 0;
    sums[t + 1] = sums[t] + price;
    *out_paid += (alpa_int128)price * core->capacity[t];
  }
  return sums;
}

int alpa_trws_exact_bits(const alpa_core *core) {
  int bits = 58 - (int)ceil(log2(core->magnitude * 4 + 4));
  return bits > 20 ? 20 : bits < 0 ? 0 : bits;
}

alpa_int128 alpa_trws_certify(alpa_trws *trws, const double *prices, alpa_int128 rest, alpa_arena *scratch) {
  const alpa_core *core = trws->core;
  certifier c = {.trws = trws, .cost_bits = alpa_trws_exact_bits(core)};
  c.tails = alpa_arena_new(scratch, int64_t, core->most_states);
  c.rest = alpa_arena_new(scratch, alpa_int128, core->n_places);
  alpa_int128 paid = 0, bound = rest * PRICE_UNIT;
  alpa_int128 *sums = prices && core->n_times ? integer_prices(&c, prices, scratch, &paid) : NULL;
  start_rest(&c, sums);
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    const alpa_core_node *node = &core->nodes[i];
    gather_belief(trws, node);
    for (uint32_t l = node->n_back; l < node->n_links; l++) {
      give(&c, node, &node->links[l], trws->shares[i]);
      send(trws, node, trws->shares[i], &node->links[l]);
    }
    alpa_int128 least = c.rest[node->first];
    for (uint32_t s = 1; s < node->n_states; s++)
      least = c.rest[node->first + s] < least ? c.rest[node->first + s] : least;
    bound += least;
  }
  bound -= paid;
  int bits = c.cost_bits + PRICE_BITS;
  alpa_int128 unit = (alpa_int128)1 << bits;
  /* costs are integers, so the bound may be rounded up */
  return bound >= 0 ? (bound + unit - 1) / unit : -(-bound / unit);
}
