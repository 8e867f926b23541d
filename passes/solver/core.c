/* Freezes a reduced problem into flat arrays; linear in its distinct tables, edges and segments. */
#include "passes/solver/core.h"

#include <math.h>
#include <stdlib.h>

static size_t padded(size_t n) { return (n + ALPA_MINPLUS_LANES - 1) / ALPA_MINPLUS_LANES * ALPA_MINPLUS_LANES; }

static double float_of(int64_t cost) { return cost >= ALPA_SOLVER_INFINITE ? INFINITY : (double)cost; }

typedef struct freezer {
  alpa_core *core;
  alpa_arena *arena;
  alpa_reducer *reducer;
  const alpa_core_table **tables; /* by grid id */
  uint32_t *index;                /* the core's node of the reducer's, or UINT32_MAX */
} freezer;

/* A line of a table: a row, or a column where the step is not 1. */
typedef struct line {
  const int64_t *costs;
  size_t n, step;
  uint16_t number; /* among the distinct ones */
} line;

static bool equal_lines(const void *a, const void *b) {
  const line *x = a, *y = b;
  for (size_t i = 0; i < x->n; i++)
    if (x->costs[i * x->step] != y->costs[i * y->step])
      return false;
  return true;
}

static uint64_t hash_line(const line *l) {
  uint64_t hash = 0;
  for (size_t i = 0; i < l->n; i++)
    hash = (hash ^ (uint64_t)l->costs[i * l->step]) * 0x9E3779B97F4A7C15u ^ hash >> 29;
  return hash;
}

/* Numbers the distinct of n lines, `apart` entries from each other; firsts: one of each; returns how many. */
static uint32_t classify(alpa_arena *scratch, line l, uint32_t n, size_t apart, uint16_t *classes, uint16_t *firsts) {
  alpa_intern known = {0};
  uint32_t n_distinct = 0;
  for (uint32_t i = 0; i < n; i++, l.costs += apart) {
    uint64_t hash = hash_line(&l);
    const line *same = alpa_intern_find(&known, hash, &l, equal_lines);
    if (!same) {
      firsts[n_distinct] = (uint16_t)i;
      l.number = (uint16_t)n_distinct++;
      same = alpa_arena_copy(scratch, &l, sizeof l);
      alpa_intern_insert(scratch, &known, hash, (void *)(uintptr_t)same);
    }
    classes[i] = same->number;
  }
  return n_distinct;
}

enum { LEAST_CLASSIFIED = 256 };

/* Finds the distinct rows and columns; resharding costs of nodes with hundreds of states have a handful. */
static void distinguish(freezer *f, alpa_core_table *table) {
  uint32_t n = table->n_rows, m = table->n_columns;
  if ((size_t)n * m < LEAST_CLASSIFIED)
    return;
  alpa_arena scratch;
  alpa_arena_init(&scratch, f->arena->memory);
  uint16_t *rows = alpa_arena_new(&scratch, uint16_t, n), *columns = alpa_arena_new(&scratch, uint16_t, m);
  uint16_t *row_classes = alpa_arena_new(&scratch, uint16_t, n);
  uint16_t *column_classes = alpa_arena_new(&scratch, uint16_t, m);
  uint32_t n_rows = classify(&scratch, (line){table->exact, m, 1, 0}, n, m, row_classes, rows);
  uint32_t n_columns = classify(&scratch, (line){table->exact, n, m, 0}, m, 1, column_classes, columns);
  size_t stride = padded(n_columns);
  if (n_rows * stride + n + m < (size_t)n * m / 2) {
    double *costs = alpa_arena_alloc_aligned(f->arena, sizeof *costs * n_rows * stride, 64);
    for (uint32_t r = 0; r < n_rows; r++)
      for (size_t c = 0; c < stride; c++)
        costs[r * stride + c] = c < n_columns ? table->costs[rows[r] * table->stride + columns[c]] : INFINITY;
    alpa_core_table *distinct = alpa_arena_new(f->arena, alpa_core_table, 1);
    *distinct = (alpa_core_table){.n_rows = n_rows, .n_columns = n_columns, .stride = stride, .costs = costs};
    table->distinct = distinct;
    table->row_classes = alpa_arena_copy(f->arena, row_classes, sizeof *row_classes * n);
    table->column_classes = alpa_arena_copy(f->arena, column_classes, sizeof *column_classes * m);
  }
  alpa_arena_deinit(&scratch);
}

static const alpa_core_table *freeze_table(freezer *f, alpa_grid *grid) {
  if (f->tables[grid->id])
    return f->tables[grid->id];
  alpa_core_table *table = alpa_arena_new(f->arena, alpa_core_table, 1);
  size_t stride = padded(grid->n_columns);
  double *costs = alpa_arena_alloc_aligned(f->arena, sizeof(double) * grid->n_rows * stride, 64);
  for (uint32_t r = 0; r < grid->n_rows; r++)
    for (size_t c = 0; c < stride; c++)
      costs[r * stride + c] = c < grid->n_columns ? float_of(grid->costs[(size_t)r * grid->n_columns + c]) : INFINITY;
  *table = (alpa_core_table){
      .n_rows = grid->n_rows,
      .n_columns = grid->n_columns,
      .stride = stride,
      .costs = costs,
      .exact = grid->costs,
      .grid = grid,
  };
  distinguish(f, table);
  f->core->n_tables++;
  f->tables[grid->id] = table;
  return table;
}

static int64_t largest_finite(const int64_t *costs, size_t n) {
  int64_t most = 0;
  for (size_t i = 0; i < n; i++)
    most = costs[i] < ALPA_SOLVER_INFINITE && costs[i] > most ? costs[i] : most;
  return most;
}

static void freeze_segments(freezer *f, const alpa_reducer_node *from, alpa_core_node *node) {
  alpa_core_segment *segments = alpa_arena_new(f->arena, alpa_core_segment, from->segments.n);
  for (size_t g = 0; g < from->segments.n; g++) {
    const alpa_reducer_segment *segment = &from->segments.items[g];
    double *usage = alpa_arena_new(f->arena, double, node->n_states);
    for (uint32_t s = 0; s < node->n_states; s++)
      usage[s] = (double)segment->usage[s];
    segments[g] = (alpa_core_segment){segment->begin, segment->end, segment->usage, usage};
  }
  node->segments = segments;
  node->n_segments = (uint32_t)from->segments.n;
}

static void freeze_node(freezer *f, uint32_t source) {
  alpa_core *core = f->core;
  const alpa_reducer_node *from = &f->reducer->nodes[source];
  alpa_core_node *node = &core->nodes[core->n_nodes];
  f->index[source] = core->n_nodes++;
  *node = (alpa_core_node){
      .source = source,
      .n_states = from->n_states,
      .stride = (uint32_t)padded(from->n_states),
      .first = core->n_places,
      .exact = from->costs,
  };
  core->n_places += node->stride;
  core->most_states = node->stride > core->most_states ? node->stride : core->most_states;
  double *costs = alpa_arena_new(f->arena, double, node->stride);
  for (uint32_t s = 0; s < node->stride; s++)
    costs[s] = s < node->n_states ? float_of(from->costs[s]) : INFINITY;
  node->costs = costs;
  core->magnitude += (double)largest_finite(from->costs, from->n_states);
  freeze_segments(f, from, node);
}

static void freeze_edge(freezer *f, const alpa_reducer_edge *edge) {
  alpa_core *core = f->core;
  uint32_t a = f->index[edge->nodes[0]], b = f->index[edge->nodes[1]];
  bool is_swapped = a > b;
  alpa_grid *grid = alpa_reducer_grid(f->reducer, edge, edge->nodes[is_swapped]);
  size_t n = (size_t)grid->n_rows * grid->n_columns;
  for (size_t i = 0; i < n; i++)
    core->n_pairs += grid->costs[i] < ALPA_SOLVER_INFINITE;
  core->magnitude += (double)largest_finite(grid->costs, n);
  core->edges[core->n_edges++] = (alpa_core_edge){{is_swapped ? b : a, is_swapped ? a : b}, freeze_table(f, grid)};
}

/* In the order of the other node, so that the back ones come first. */
static int compare_links(const void *a, const void *b) {
  const alpa_core_link *x = a, *y = b;
  if (x->other != y->other)
    return x->other < y->other ? -1 : 1;
  return (x->edge > y->edge) - (x->edge < y->edge);
}

static void freeze_links(freezer *f) {
  alpa_core *core = f->core;
  uint32_t *degrees = alpa_arena_new(f->arena, uint32_t, core->n_nodes);
  for (uint32_t e = 0; e < core->n_edges; e++)
    for (int end = 0; end < 2; end++)
      degrees[core->edges[e].nodes[end]]++;
  alpa_core_link **links = alpa_arena_new(f->arena, alpa_core_link *, core->n_nodes);
  for (uint32_t i = 0; i < core->n_nodes; i++)
    core->nodes[i].links = links[i] = alpa_arena_new(f->arena, alpa_core_link, degrees[i]);
  for (uint32_t e = 0; e < core->n_edges; e++) {
    const alpa_core_edge *edge = &core->edges[e];
    const alpa_core_table *forth = edge->table;
    alpa_core_node *low = &core->nodes[edge->nodes[0]], *high = &core->nodes[edge->nodes[1]];
    const alpa_core_table *back = freeze_table(f, alpa_grid_transpose(&f->reducer->grids, forth->grid));
    size_t to_low = core->n_messages, to_high = to_low + low->stride;
    core->n_messages = to_high + high->stride;
    links[edge->nodes[0]][low->n_links++] = (alpa_core_link){edge->nodes[1], e, forth, back, to_low, to_high};
    links[edge->nodes[1]][high->n_links++] = (alpa_core_link){edge->nodes[0], e, back, forth, to_high, to_low};
    high->n_back++;
  }
  for (uint32_t i = 0; i < core->n_nodes; i++)
    if (core->nodes[i].n_links)
      qsort(links[i], core->nodes[i].n_links, sizeof *links[i], compare_links);
}

void alpa_core_init(alpa_core *core, alpa_arena *arena, alpa_reducer *reducer) {
  *core = (alpa_core){.n_times = reducer->n_times,
                      .limit = reducer->limit,
                      .times = reducer->times,
                      .base = reducer->base,
                      .kernel = alpa_minplus_get()};
  uint32_t n_nodes = 0, n_edges = 0;
  for (uint32_t i = 0; i < reducer->n_nodes; i++)
    n_nodes += reducer->nodes[i].alive;
  /* transposes made below are new grids at worst, one per edge */
  for (size_t e = 0; e < reducer->edges.n; e++) {
    n_edges += reducer->edges.items[e].alive;
    if (reducer->edges.items[e].alive)
      alpa_grid_transpose(&reducer->grids, reducer->edges.items[e].grid);
  }
  freezer f = {.core = core, .arena = arena, .reducer = reducer};
  f.tables = alpa_arena_new(arena, const alpa_core_table *, reducer->grids.n_grids);
  f.index = alpa_arena_new(arena, uint32_t, reducer->n_nodes);
  core->nodes = alpa_arena_new(arena, alpa_core_node, n_nodes);
  core->edges = alpa_arena_new(arena, alpa_core_edge, n_edges);
  core->capacity = alpa_arena_new(arena, int64_t, reducer->n_times);
  int64_t used = 0;
  for (uint32_t t = 0; t < reducer->n_times; t++) {
    used += reducer->base_steps[t];
    core->capacity[t] = reducer->limit - used;
  }
  for (uint32_t i = 0; i < reducer->n_nodes; i++)
    if (reducer->nodes[i].alive)
      freeze_node(&f, i);
  for (size_t e = 0; e < reducer->edges.n; e++)
    if (reducer->edges.items[e].alive)
      freeze_edge(&f, &reducer->edges.items[e]);
  freeze_links(&f);
}

alpa_int128 alpa_core_cost(const alpa_core *core, const uint32_t *labels) {
  alpa_int128 cost = 0;
  for (uint32_t i = 0; i < core->n_nodes; i++)
    cost += core->nodes[i].exact[labels[i]];
  for (uint32_t e = 0; e < core->n_edges; e++) {
    const alpa_core_edge *edge = &core->edges[e];
    cost += edge->table->exact[(size_t)labels[edge->nodes[0]] * edge->table->n_columns + labels[edge->nodes[1]]];
  }
  return cost;
}

void alpa_core_usage(const alpa_core *core, const uint32_t *labels, int64_t *usage) {
  for (uint32_t t = 0; t < core->n_times; t++)
    usage[t] = 0;
  for (uint32_t i = 0; i < core->n_nodes; i++)
    for (uint32_t g = 0; g < core->nodes[i].n_segments; g++) {
      const alpa_core_segment *segment = &core->nodes[i].segments[g];
      usage[segment->begin] += segment->exact[labels[i]];
      if (segment->end < core->n_times)
        usage[segment->end] -= segment->exact[labels[i]];
    }
  for (uint32_t t = 1; t < core->n_times; t++)
    usage[t] += usage[t - 1];
}

int64_t alpa_core_excess(const alpa_core *core, const int64_t *usage) {
  int64_t excess = core->n_times ? INT64_MIN : 0;
  for (uint32_t t = 0; t < core->n_times; t++)
    excess = usage[t] - core->capacity[t] > excess ? usage[t] - core->capacity[t] : excess;
  return excess;
}

void alpa_core_store(const alpa_core *core, const alpa_reducer *reducer, const uint32_t *labels, uint32_t *assignment) {
  for (uint32_t i = 0; i < core->n_nodes; i++)
    assignment[core->nodes[i].source] = reducer->nodes[core->nodes[i].source].origins[labels[i]];
  alpa_reducer_expand(reducer, assignment);
}

/* The state that costs least beside the labels of neighbours that have one. */
static uint32_t find_cheapest(const alpa_core_node *node, const uint32_t *labels) {
  uint32_t best = 0;
  alpa_int128 least = 0;
  for (uint32_t s = 0; s < node->n_states; s++) {
    alpa_int128 cost = node->exact[s];
    for (uint32_t l = 0; l < node->n_links; l++) {
      const alpa_core_link *link = &node->links[l];
      if (labels[link->other] != UINT32_MAX)
        cost += link->out->exact[(size_t)s * link->out->n_columns + labels[link->other]];
    }
    if (s == 0 || cost < least) {
      best = s;
      least = cost;
    }
  }
  return best;
}

bool alpa_core_load(const alpa_core *core, const alpa_reducer *reducer, const uint32_t *assignment, uint32_t *labels) {
  bool is_whole = true;
  for (uint32_t i = 0; i < core->n_nodes; i++) {
    uint32_t source = core->nodes[i].source;
    labels[i] = alpa_reducer_find_state(reducer, source, assignment[source]);
    is_whole &= labels[i] != UINT32_MAX;
  }
  for (uint32_t i = 0; !is_whole && i < core->n_nodes; i++)
    if (labels[i] == UINT32_MAX)
      labels[i] = find_cheapest(&core->nodes[i], labels);
  return is_whole;
}
