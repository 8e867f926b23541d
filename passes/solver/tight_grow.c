/* The search of triplets that raise the bound.  What a cycle of three or four nodes costs together, less what its edges
 * cost apart, is how much the bound would rise at once; a cycle of four is two triplets over a chord between opposite
 * nodes.  All pairs of nodes with common neighbours are looked at, the best cycle of each is a candidate, and of the
 * candidates those that share no edge with a better one are taken. */
#include "passes/solver/tight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COMMONS = 12, MOST_PAIR = 1024, MOST_PRODUCT = 1 << 15, MOST_DEGREE = 512 };
/* Pairs of links that are looked at in one search. */
static const uint64_t MOST_STEPS = 20000000;

/* A cycle 0 1 2, or 0 1 2 3 with the chord 0 2. */
typedef struct candidate {
  double gain;
  uint32_t n, nodes[4];
} candidate;

/* The neighbours that a node has in common with another. */
typedef struct meeting {
  uint32_t n, nodes[MOST_COMMONS];
} meeting;

/* The way from one node to another over a common neighbour. */
typedef struct way {
  uint32_t over;
  double least; /* of its two edges, apart */
  double *costs;
} way;

typedef struct finder {
  const alpa_tight *tight;
  const alpa_core *core;
  alpa_arena *arena;
  ALPA_VEC(candidate) found;
  double **forth, **back; /* [n_edges] the edge's table from either end, or NULL */
  double *least;          /* [n_edges] */
  meeting *meetings;      /* [n_nodes] */
  uint32_t *met;          /* nodes with a meeting */
  uint32_t n_met;
  double *room; /* for the costs of ways */
} finder;

static double least_of(const double *values, size_t n) {
  double least = INFINITY;
  for (size_t i = 0; i < n; i++)
    least = values[i] < least ? values[i] : least;
  return least;
}

static void load_edges(finder *f, const alpa_trws *trws) {
  const alpa_core *core = f->core;
  f->forth = alpa_arena_new(f->arena, double *, core->n_edges);
  f->back = alpa_arena_new(f->arena, double *, core->n_edges);
  f->least = alpa_arena_new(f->arena, double, core->n_edges);
  for (uint32_t e = 0; e < core->n_edges; e++) {
    uint32_t low = core->edges[e].nodes[0], high = core->edges[e].nodes[1];
    const alpa_core_node *a = &core->nodes[low], *b = &core->nodes[high];
    if (a->n_states > ALPA_TIGHT_STATES || b->n_states > ALPA_TIGHT_STATES)
      continue;
    f->forth[e] = alpa_arena_alloc_aligned(f->arena, sizeof(double) * a->n_states * b->stride, 64);
    f->back[e] = alpa_arena_alloc_aligned(f->arena, sizeof(double) * b->n_states * a->stride, 64);
    alpa_tight_fill_edge(f->tight, trws, low, alpa_tight_find_link(a, high), f->forth[e]);
    alpa_tight_transpose(f->forth[e], a, b, f->back[e]);
    f->least[e] = least_of(f->forth[e], (size_t)a->n_states * b->stride);
  }
}

/* An edge's table as one of its ends sees it, or NULL. */
static const double *table_of(const finder *f, uint32_t from, const alpa_core_link *link) {
  return from < link->other ? f->forth[link->edge] : f->back[link->edge];
}

static bool lay_way(const finder *f, uint32_t from, uint32_t over, uint32_t to, way *w) {
  const alpa_core_node *nodes[3] = {&f->core->nodes[from], &f->core->nodes[over], &f->core->nodes[to]};
  const alpa_core_link *first = alpa_tight_find_link(nodes[0], over), *second = alpa_tight_find_link(nodes[1], to);
  const double *left = table_of(f, from, first), *right = table_of(f, over, second);
  if (!left || !right || (size_t)nodes[0]->n_states * nodes[1]->n_states * nodes[2]->n_states > MOST_PRODUCT)
    return false;
  w->over = over;
  w->least = f->least[first->edge] + f->least[second->edge];
  alpa_tight_multiply(f->core, nodes, left, right, w->costs);
  return true;
}

static double least_sum(const double *a, const double *b, size_t n) {
  double least = INFINITY;
  for (size_t i = 0; i < n; i++)
    least = a[i] + b[i] < least ? a[i] + b[i] : least;
  return least;
}

static void keep_better(candidate *best, const candidate *other) {
  if (other->gain > best->gain)
    *best = *other;
}

/* The best cycle through two nodes that have neighbours in common. */
static void judge_pair(finder *f, uint32_t from, uint32_t to) {
  const alpa_core_node *a = &f->core->nodes[from], *b = &f->core->nodes[to];
  const meeting *m = &f->meetings[to];
  const alpa_core_link *chord = alpa_tight_find_link(a, to);
  size_t size = (size_t)a->n_states * b->stride;
  if ((!chord && m->n < 2) || (size_t)a->n_states * b->n_states > MOST_PAIR)
    return;
  way ways[MOST_COMMONS];
  uint32_t n = 0;
  for (uint32_t i = 0; i < m->n; i++) {
    ways[n].costs = f->room + n * 4 * MOST_PAIR;
    n += lay_way(f, from, m->nodes[i], to, &ways[n]);
  }
  candidate best = {0};
  for (uint32_t i = 0; i < n; i++) {
    const double *direct = chord ? table_of(f, from, chord) : NULL;
    if (direct) {
      double gain = least_sum(direct, ways[i].costs, size) - ways[i].least - f->least[chord->edge];
      keep_better(&best, &(candidate){gain, 3, {from, to, ways[i].over}});
    }
    for (uint32_t j = i + 1; j < n && !chord; j++) {
      double gain = least_sum(ways[i].costs, ways[j].costs, size) - ways[i].least - ways[j].least;
      keep_better(&best, &(candidate){gain, 4, {from, ways[i].over, to, ways[j].over}});
    }
  }
  if (best.gain > 0 && best.gain < INFINITY)
    alpa_vec_push(f->arena, &f->found, best);
}

/* Collects the nodes above `from` that are two links away; the number of pairs of links. */
static uint64_t meet(finder *f, uint32_t from) {
  const alpa_core_node *node = &f->core->nodes[from];
  uint64_t n_steps = 0;
  f->n_met = 0;
  for (uint32_t l = 0; l < node->n_links; l++) {
    const alpa_core_node *over = &f->core->nodes[node->links[l].other];
    if (over->n_links > MOST_DEGREE)
      continue;
    n_steps += over->n_links;
    for (uint32_t k = 0; k < over->n_links; k++) {
      uint32_t to = over->links[k].other;
      if (to <= from)
        continue;
      meeting *m = &f->meetings[to];
      if (m->n == 0)
        f->met[f->n_met++] = to;
      if (m->n < MOST_COMMONS)
        m->nodes[m->n++] = node->links[l].other;
    }
  }
  return n_steps;
}

static void find_all(finder *f) {
  uint64_t n_steps = 0;
  f->meetings = alpa_arena_new(f->arena, meeting, f->core->n_nodes);
  f->met = alpa_arena_new(f->arena, uint32_t, f->core->n_nodes);
  f->room = alpa_arena_alloc_aligned(f->arena, sizeof(double) * MOST_COMMONS * 4 * MOST_PAIR, 64);
  for (uint32_t from = 0; from < f->core->n_nodes && n_steps < MOST_STEPS; from++) {
    n_steps += meet(f, from);
    for (uint32_t i = 0; i < f->n_met; i++) {
      judge_pair(f, from, f->met[i]);
      f->meetings[f->met[i]].n = 0;
    }
  }
}

static int compare_candidates(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (x->gain != y->gain)
    return x->gain > y->gain ? -1 : 1;
  return memcmp(x->nodes, y->nodes, sizeof x->nodes);
}

/* ---- growing ---------------------------------------------------------------------------------------------------- */

static int compare_links(const void *a, const void *b) {
  const alpa_core_link *x = a, *y = b;
  return (x->other > y->other) - (x->other < y->other);
}

/* A copy of a table, or zeros; it is known by having no grid. */
static alpa_core_table *make_table(alpa_arena *arena, const alpa_core_table *from, const alpa_core_node *row,
                                   const alpa_core_node *column) {
  alpa_core_table *table = alpa_arena_new(arena, alpa_core_table, 1);
  double *costs = alpa_arena_alloc_aligned(arena, sizeof(double) * row->n_states * column->stride, 64);
  for (uint32_t x = 0; x < row->n_states; x++)
    for (uint32_t y = 0; y < column->stride; y++)
      costs[x * column->stride + y] = y >= column->n_states ? INFINITY : from ? from->costs[x * from->stride + y] : 0;
  *table = (alpa_core_table){.n_rows = row->n_states, .n_columns = column->n_states, .stride = column->stride};
  table->costs = costs;
  table->exact = alpa_arena_new(arena, int64_t, (size_t)row->n_states * column->n_states);
  return table;
}

static void append_link(alpa_arena *arena, alpa_core_node *node, const alpa_core_link *link) {
  alpa_core_link *links = alpa_arena_new(arena, alpa_core_link, node->n_links + 1);
  memcpy(links, node->links, sizeof *links * node->n_links);
  links[node->n_links++] = *link;
  qsort(links, node->n_links, sizeof *links, compare_links);
  node->links = links;
}

/* Gives the edge between two nodes tables of its own, and makes it first where there is none; returns it. */
static uint32_t own_edge(alpa_tight *tight, uint32_t low, uint32_t high) {
  alpa_core *core = &tight->core;
  alpa_core_node *a = &core->nodes[low], *b = &core->nodes[high];
  alpa_core_link *forth = (alpa_core_link *)(uintptr_t)alpa_tight_find_link(a, high);
  alpa_core_link *back = (alpa_core_link *)(uintptr_t)alpa_tight_find_link(b, low);
  if (forth && !forth->out->grid)
    return forth->edge;
  alpa_core_table *out = make_table(tight->arena, forth ? forth->out : NULL, a, b);
  alpa_core_table *in = make_table(tight->arena, forth ? forth->in : NULL, b, a);
  if (forth) {
    forth->out = back->in = out;
    forth->in = back->out = in;
    core->edges[forth->edge].table = out;
    return forth->edge;
  }
  uint32_t edge = core->n_edges++;
  core->edges[edge] = (alpa_core_edge){{low, high}, out};
  size_t to_low = core->n_messages, to_high = to_low + a->stride;
  core->n_messages = to_high + b->stride;
  append_link(tight->arena, a, &(alpa_core_link){high, edge, out, in, to_low, to_high});
  append_link(tight->arena, b, &(alpa_core_link){low, edge, in, out, to_high, to_low});
  b->n_back++;
  return edge;
}

static bool equal_triplets(const void *a, const void *b) {
  const alpa_triplet *x = a, *y = b;
  return memcmp(x->nodes, y->nodes, sizeof x->nodes) == 0;
}

static void order(uint32_t nodes[3]) {
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2 - i; j++)
      if (nodes[j] > nodes[j + 1]) {
        uint32_t higher = nodes[j];
        nodes[j] = nodes[j + 1];
        nodes[j + 1] = higher;
      }
}

/* False where it is there already. */
static bool add_triplet(alpa_tight *tight, uint32_t a, uint32_t b, uint32_t c) {
  alpa_core *core = &tight->core;
  alpa_triplet triplet = {.nodes = {a, b, c}};
  order(triplet.nodes);
  uint64_t hash = alpa_hash64(triplet.nodes, sizeof triplet.nodes, 0);
  if (alpa_intern_find(&tight->known, hash, &triplet, equal_triplets))
    return false;
  double states = 1;
  for (int v = 0; v < 3; v++)
    states *= core->nodes[triplet.nodes[v]].n_states;
  for (int e = 0; e < 3; e++) {
    uint32_t low = triplet.nodes[e == 2], high = triplet.nodes[e == 0 ? 1 : 2];
    triplet.edges[e] = own_edge(tight, low, high);
    triplet.given[e] =
        alpa_arena_new(tight->arena, double, (size_t)core->nodes[low].n_states * core->nodes[high].stride);
  }
  tight->work += 3 * states;
  alpa_vec_push(tight->arena, &tight->triplets, triplet);
  alpa_intern_insert(tight->arena, &tight->known, hash, alpa_arena_copy(tight->arena, &triplet, sizeof triplet));
  return true;
}

/* Copies what own_edge changes, with room for so many more edges. */
static void open_core(alpa_tight *tight, uint32_t room) {
  alpa_core *core = &tight->core;
  alpa_core_node *nodes = alpa_arena_copy(tight->arena, core->nodes, sizeof *nodes * core->n_nodes);
  for (uint32_t i = 0; i < core->n_nodes; i++)
    nodes[i].links = alpa_arena_copy(tight->arena, nodes[i].links, sizeof *nodes[i].links * nodes[i].n_links);
  alpa_core_edge *edges = alpa_arena_new(tight->arena, alpa_core_edge, core->n_edges + room);
  memcpy(edges, core->edges, sizeof *edges * core->n_edges);
  core->nodes = nodes;
  core->edges = edges;
}

/* Marks the edges of a cycle as used by a better one; false where one of them is already. */
static bool claim(const alpa_core *core, const candidate *item, bool *is_used) {
  uint32_t edges[4];
  for (uint32_t v = 0; v < item->n; v++) {
    edges[v] = alpa_tight_find_link(&core->nodes[item->nodes[v]], item->nodes[(v + 1) % item->n])->edge;
    if (is_used[edges[v]])
      return false;
  }
  for (uint32_t v = 0; v < item->n; v++)
    is_used[edges[v]] = true;
  return true;
}

static uint32_t take_best(finder *f, alpa_tight *tight, uint32_t n) {
  bool *is_used = alpa_arena_new(f->arena, bool, f->core->n_edges);
  uint32_t n_added = 0;
  if (f->found.n)
    qsort(f->found.items, f->found.n, sizeof *f->found.items, compare_candidates);
  open_core(tight, n + 1);
  for (size_t c = 0; c < f->found.n && n_added < n; c++) {
    const candidate *item = &f->found.items[c];
    if (!claim(&tight->core, item, is_used))
      continue;
    for (uint32_t side = 1; side < item->n; side += 2)
      n_added += add_triplet(tight, item->nodes[0], item->nodes[side], item->nodes[2]);
  }
  return n_added;
}

uint32_t alpa_tight_grow(alpa_tight *tight, alpa_trws *trws, uint32_t n) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, tight->arena->memory);
  alpa_tight_fill_beliefs(tight, trws);
  finder f = {.tight = tight, .core = &tight->core, .arena = &scratch};
  load_edges(&f, trws);
  find_all(&f);
  uint32_t n_added = take_best(&f, tight, n);
  alpa_trws_widen(trws, tight->arena, &tight->core);
  alpa_arena_deinit(&scratch);
  return n_added;
}
