/* Sweeps over triplets and their certificate.  A triplet holds minus what it gave; with its edges it is the sum of
 * three tables, so its min-marginals over an edge are one min-plus product of the other two.  Each edge in turn is set
 * to its share of them, a third, a half and all of what is left, after which the triplet's own least is zero. */
#include "passes/solver/tight.h"
#include "passes/solver/lanes.h"

#include <math.h>
#include <string.h>

enum { TABLE_ROOM = ALPA_TIGHT_STATES * ALPA_TIGHT_STATES };

void alpa_tight_init(alpa_tight *tight, alpa_arena *arena, const alpa_core *core) {
  *tight = (alpa_tight){.origin = core, .core = *core, .arena = arena};
  tight->beliefs = alpa_arena_alloc_aligned(arena, sizeof(double) * core->n_places, 64);
  tight->scratch = alpa_arena_alloc_aligned(arena, sizeof(double) * TABLE_ROOM * 5, 64);
}

const alpa_core_link *alpa_tight_find_link(const alpa_core_node *node, uint32_t other) {
  uint32_t low = 0, high = node->n_links;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (node->links[middle].other < other)
      low = middle + 1;
    else
      high = middle;
  }
  return low < node->n_links && node->links[low].other == other ? &node->links[low] : NULL;
}

void alpa_tight_fill_beliefs(alpa_tight *tight, const alpa_trws *trws) {
  for (uint32_t i = 0; i < tight->core.n_nodes; i++) {
    const alpa_core_node *node = &tight->core.nodes[i];
    double *belief = tight->beliefs + node->first, share = 1.0 / (node->n_links ? node->n_links : 1);
    memcpy(belief, trws->costs + node->first, sizeof *belief * node->stride);
    for (uint32_t l = 0; l < node->n_links; l++)
      alpa_lanes_add(belief, trws->messages + node->links[l].inbox, node->stride);
    double least = alpa_lanes_least(belief, node->stride);
    for (uint32_t s = 0; s < node->n_states; s++)
      belief[s] = share * (belief[s] - least);
  }
}

void alpa_tight_fill_edge(const alpa_tight *tight, const alpa_trws *trws, uint32_t low, const alpa_core_link *link,
                          double *out) {
  const alpa_core_node *a = &tight->core.nodes[low], *b = &tight->core.nodes[link->other];
  const double *to_a = trws->messages + link->inbox, *to_b = trws->messages + link->outbox;
  const double *of_a = tight->beliefs + a->first, *of_b = tight->beliefs + b->first;
  for (uint32_t x = 0; x < a->n_states; x++, out += b->stride) {
    const double *row = link->out->costs + x * link->out->stride;
    double head = of_a[x] - to_a[x];
    for (uint32_t y = 0; y < b->n_states; y++)
      out[y] = row[y] + head + of_b[y] - to_b[y];
    for (uint32_t y = b->n_states; y < b->stride; y++)
      out[y] = INFINITY;
  }
}

void alpa_tight_transpose(const double *in, const alpa_core_node *row, const alpa_core_node *column, double *out) {
  for (uint32_t y = 0; y < column->n_states; y++, out += row->stride) {
    for (uint32_t x = 0; x < row->n_states; x++)
      out[x] = in[(size_t)x * column->stride + y];
    for (uint32_t x = row->n_states; x < row->stride; x++)
      out[x] = INFINITY;
  }
}

void alpa_tight_multiply(const alpa_core *core, const alpa_core_node *const xzy[3], const double *left,
                         const double *right, double *out) {
  size_t middle = xzy[1]->stride, width = xzy[2]->stride;
  for (uint32_t x = 0; x < xzy[0]->n_states; x++)
    core->kernel->multiply(right, width, left + x * middle, xzy[1]->n_states, out + x * width, width);
}

/* ---- a sweep ---------------------------------------------------------------------------------------------------- */

/* One triplet at work: its nodes, and the tables of its edges less what it gave. */
typedef struct workplace {
  const alpa_core *core;
  alpa_triplet *triplet;
  const alpa_core_node *nodes[3];
  double *tables[3], *turned, *product;
} workplace;

/* The ends of a triplet's edges among its nodes. */
static const int ends[3][2] = {{0, 1}, {0, 2}, {1, 2}};

/* What the two other edges cost at least for each pair of states of an edge. */
static void multiply_others(workplace *w, int edge) {
  const alpa_core_node *const *n = w->nodes;
  if (edge == 0) {
    alpa_tight_transpose(w->tables[2], n[1], n[2], w->turned);
    alpa_tight_multiply(w->core, (const alpa_core_node *const[]){n[0], n[2], n[1]}, w->tables[1], w->turned,
                        w->product);
  } else if (edge == 1) {
    alpa_tight_multiply(w->core, (const alpa_core_node *const[]){n[0], n[1], n[2]}, w->tables[0], w->tables[2],
                        w->product);
  } else {
    alpa_tight_transpose(w->tables[0], n[0], n[1], w->turned);
    alpa_tight_multiply(w->core, (const alpa_core_node *const[]){n[1], n[0], n[2]}, w->turned, w->tables[1],
                        w->product);
  }
}

/* The table of an edge of a triplet belongs to it. */
static double *own_costs(const alpa_core_table *table) { return (double *)(uintptr_t)table->costs; }

/* Sets an edge to a share of the min-marginals; what can never be finite costs as much as everything together. */
static void give(workplace *w, int edge, double share) {
  const alpa_core_node *row = w->nodes[ends[edge][0]], *column = w->nodes[ends[edge][1]];
  double *costs = own_costs(w->core->edges[w->triplet->edges[edge]].table), *given = w->triplet->given[edge];
  double *table = w->tables[edge], most = w->core->magnitude;
  multiply_others(w, edge);
  for (size_t at = 0; at < (size_t)row->n_states * column->stride; at++) {
    if (!(table[at] < INFINITY))
      continue;
    double total = share * fmin(table[at] + w->product[at], most) - table[at];
    costs[at] += total - given[at];
    given[at] = total;
    table[at] = -total; /* what is left to the other edges */
  }
}

static void mirror(const alpa_core *core, uint32_t edge) {
  const uint32_t *nodes = core->edges[edge].nodes;
  const alpa_core_link *back = alpa_tight_find_link(&core->nodes[nodes[1]], nodes[0]);
  alpa_tight_transpose(core->edges[edge].table->costs, &core->nodes[nodes[0]], &core->nodes[nodes[1]],
                       own_costs(back->out));
}

static void open_tables(workplace *w, const alpa_tight *tight, const alpa_trws *trws) {
  for (int e = 0; e < 3; e++) {
    uint32_t low = w->triplet->nodes[ends[e][0]], high = w->triplet->nodes[ends[e][1]];
    double *table = w->tables[e];
    alpa_tight_fill_edge(tight, trws, low, alpa_tight_find_link(&w->core->nodes[low], high), table);
    for (size_t at = 0; at < (size_t)w->core->nodes[low].n_states * w->core->nodes[high].stride; at++)
      table[at] -= w->triplet->given[e][at];
  }
}

void alpa_tight_sweep(alpa_tight *tight, const alpa_trws *trws) {
  workplace w = {.core = &tight->core};
  for (int e = 0; e < 3; e++)
    w.tables[e] = tight->scratch + e * TABLE_ROOM;
  w.turned = tight->scratch + 3 * TABLE_ROOM;
  w.product = tight->scratch + 4 * TABLE_ROOM;
  alpa_tight_fill_beliefs(tight, trws);
  size_t n = tight->triplets.n;
  for (size_t t = 0; t < n; t++) {
    w.triplet = &tight->triplets.items[tight->is_backward ? n - 1 - t : t];
    for (int v = 0; v < 3; v++)
      w.nodes[v] = &w.core->nodes[w.triplet->nodes[v]];
    open_tables(&w, tight, trws);
    for (int step = 0; step < 3; step++)
      give(&w, tight->is_backward ? 2 - step : step, 1.0 / (3 - step));
    for (int e = 0; e < 3; e++)
      mirror(w.core, w.triplet->edges[e]);
  }
  tight->is_backward = !tight->is_backward;
}

/* ---- the certificate -------------------------------------------------------------------------------------------- */

/* Exact tables stay below this, which is less than an infinity and leaves room for sums of three. */
static const int64_t MOST_EXACT = INT64_C(1) << 59;

static bool is_forbidden(int64_t cost) { return cost >= ALPA_SOLVER_INFINITE; }

static int64_t *own_exact(const alpa_core_table *table) { return (int64_t *)(uintptr_t)table->exact; }

/* Starts the exact table of an edge from the origin's; chords cost nothing. */
static void reset_exact(alpa_tight *tight, uint32_t edge, int bits) {
  alpa_core_table *table = (alpa_core_table *)(uintptr_t)tight->core.edges[edge].table;
  const int64_t *from = edge < tight->origin->n_edges ? tight->origin->edges[edge].table->exact : NULL;
  int64_t *exact = own_exact(table);
  for (size_t at = 0; at < (size_t)table->n_rows * table->n_columns; at++) {
    int64_t cost = from ? from[at] : 0;
    exact[at] = is_forbidden(cost) ? cost : cost * (INT64_C(1) << bits);
  }
  table->exact_bits = bits;
}

/* Adds what a triplet gave an edge to its exact table; taken: minus that, as far as it was in range. */
static void add_given(const alpa_core_table *table, const double *given, int bits, int64_t *taken) {
  int64_t *exact = own_exact(table);
  for (uint32_t x = 0; x < table->n_rows; x++)
    for (uint32_t y = 0; y < table->n_columns; y++) {
      size_t at = (size_t)x * table->n_columns + y;
      double scaled = ldexp(given[x * table->stride + y], bits);
      int64_t amount = fabs(scaled) < (double)MOST_EXACT ? llrint(scaled) : 0;
      taken[at] = is_forbidden(exact[at]) ? MOST_EXACT : 0;
      if (is_forbidden(exact[at]) || exact[at] + amount > MOST_EXACT || exact[at] + amount < -MOST_EXACT)
        continue;
      exact[at] += amount;
      taken[at] = -amount;
    }
}

/* The least sum of the three tables; forbidden pairs cost so much that they only matter where all is forbidden. */
static int64_t least_rest(const alpa_core_node *const nodes[3], int64_t *const taken[3]) {
  uint32_t n1 = nodes[1]->n_states, n2 = nodes[2]->n_states;
  int64_t least = INT64_MAX;
  for (uint32_t x = 0; x < nodes[0]->n_states; x++)
    for (uint32_t y = 0; y < n1; y++) {
      const int64_t *row = taken[1] + (size_t)x * n2, *line = taken[2] + (size_t)y * n2;
      int64_t best = INT64_MAX;
      for (uint32_t z = 0; z < n2; z++)
        best = row[z] + line[z] < best ? row[z] + line[z] : best;
      best += taken[0][(size_t)x * n1 + y];
      least = best < least ? best : least;
    }
  return least;
}

alpa_int128 alpa_tight_certify(alpa_tight *tight, int bits, alpa_arena *scratch) {
  alpa_int128 rest = 0;
  int64_t *taken[3];
  for (int e = 0; e < 3; e++)
    taken[e] = alpa_arena_new(scratch, int64_t, TABLE_ROOM);
  for (size_t t = 0; t < tight->triplets.n; t++)
    for (int e = 0; e < 3; e++)
      reset_exact(tight, tight->triplets.items[t].edges[e], bits);
  for (size_t t = 0; t < tight->triplets.n; t++) {
    const alpa_triplet *triplet = &tight->triplets.items[t];
    const alpa_core_node *nodes[3];
    for (int v = 0; v < 3; v++)
      nodes[v] = &tight->core.nodes[triplet->nodes[v]];
    for (int e = 0; e < 3; e++)
      add_given(tight->core.edges[triplet->edges[e]].table, triplet->given[e], bits, taken[e]);
    rest += least_rest(nodes, taken);
  }
  return rest;
}
