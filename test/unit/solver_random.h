/* Small random problems and their optima by exhaustion, for the solver's tests. */
#ifndef ALPA_TEST_UNIT_SOLVER_RANDOM_H
#define ALPA_TEST_UNIT_SOLVER_RANDOM_H

#include "passes/solver/problem.h"
#include "passes/solver/random.h"

typedef struct problem_shape {
  uint32_t most_nodes, most_strategies, most_edges;
  double infinite;  /* share of infinite table entries */
  double negative;  /* share of negative costs */
  double usage;     /* share of nodes with segments; 0: no limit */
  double tightness; /* of the limit between the least and the largest peak */
} problem_shape;

static inline int64_t *random_costs(alpa_arena *arena, alpa_random *random, size_t n, const problem_shape *shape,
                                    double infinite) {
  int64_t *costs = alpa_arena_new(arena, int64_t, n);
  for (size_t i = 0; i < n; i++) {
    costs[i] = alpa_random_below(random, 100);
    if (alpa_random_unit(random) < shape->negative)
      costs[i] = -costs[i];
    if (alpa_random_unit(random) < infinite)
      costs[i] = ALPA_SOLVER_INFINITE;
  }
  return costs;
}

static inline void random_segments(alpa_arena *arena, alpa_random *random, alpa_solver_node *node) {
  node->n_segments = 1 + alpa_random_below(random, 2);
  alpa_solver_segment *segments = alpa_arena_new(arena, alpa_solver_segment, node->n_segments);
  node->segments = segments;
  for (uint32_t g = 0; g < node->n_segments; g++) {
    int64_t *usage = alpa_arena_new(arena, int64_t, node->n_strategies);
    for (uint32_t s = 0; s < node->n_strategies; s++)
      usage[s] = alpa_random_below(random, 30);
    segments[g].begin = alpa_random_below(random, 12);
    segments[g].end = segments[g].begin + alpa_random_below(random, 6);
    segments[g].usage = usage;
  }
}

static inline uint32_t *random_map(alpa_arena *arena, alpa_random *random, uint32_t n, uint32_t n_lines) {
  if (n == n_lines && alpa_random_below(random, 2))
    return NULL;
  uint32_t *map = alpa_arena_new(arena, uint32_t, n);
  for (uint32_t s = 0; s < n; s++)
    map[s] = alpa_random_below(random, n_lines);
  return map;
}

/* Tables that are permutations often enough for contraction to happen. */
static inline void random_table(alpa_arena *arena, alpa_random *random, alpa_solver_table *table,
                                const problem_shape *shape) {
  table->n_rows = 1 + alpa_random_below(random, shape->most_strategies);
  table->n_columns = 1 + alpa_random_below(random, shape->most_strategies);
  size_t n = (size_t)table->n_rows * table->n_columns;
  int64_t *costs = random_costs(arena, random, n, shape, shape->infinite);
  if (shape->infinite > 0 && alpa_random_below(random, 3) == 0)
    for (uint32_t r = 0; r < table->n_rows; r++)
      for (uint32_t c = 0; c < table->n_columns; c++)
        if (c != r % table->n_columns)
          costs[(size_t)r * table->n_columns + c] = ALPA_SOLVER_INFINITE;
  table->costs = costs;
}

static inline alpa_solver_problem *random_problem(alpa_arena *arena, alpa_random *random, const problem_shape *shape) {
  alpa_solver_problem *problem = alpa_arena_new(arena, alpa_solver_problem, 1);
  problem->n_nodes = 1 + alpa_random_below(random, shape->most_nodes);
  problem->n_tables = 4;
  problem->n_edges = problem->n_nodes > 1 ? alpa_random_below(random, shape->most_edges + 1) : 0;
  alpa_solver_node *nodes = alpa_arena_new(arena, alpa_solver_node, problem->n_nodes);
  alpa_solver_table *tables = alpa_arena_new(arena, alpa_solver_table, problem->n_tables);
  alpa_solver_edge *edges = alpa_arena_new(arena, alpa_solver_edge, problem->n_edges);
  for (uint32_t i = 0; i < problem->n_nodes; i++) {
    nodes[i].n_strategies = 1 + alpa_random_below(random, shape->most_strategies);
    nodes[i].costs = random_costs(arena, random, nodes[i].n_strategies, shape, shape->infinite * 0.1);
    if (alpa_random_unit(random) < shape->usage)
      random_segments(arena, random, &nodes[i]);
  }
  for (uint32_t t = 0; t < problem->n_tables; t++)
    random_table(arena, random, &tables[t], shape);
  for (uint32_t e = 0; e < problem->n_edges; e++) {
    alpa_solver_edge *edge = &edges[e];
    edge->from = alpa_random_below(random, problem->n_nodes);
    edge->to = (edge->from + 1 + alpa_random_below(random, problem->n_nodes - 1)) % problem->n_nodes;
    edge->table = alpa_random_below(random, problem->n_tables);
    edge->rows = random_map(arena, random, nodes[edge->from].n_strategies, tables[edge->table].n_rows);
    edge->columns = random_map(arena, random, nodes[edge->to].n_strategies, tables[edge->table].n_columns);
    edge->weight = 1 + alpa_random_below(random, 3);
  }
  problem->nodes = nodes;
  problem->tables = tables;
  problem->edges = edges;
  problem->limit = ALPA_SOLVER_UNLIMITED;
  if (shape->usage > 0)
    problem->limit = (int64_t)(shape->tightness * 30 * alpa_random_unit(random) * problem->n_nodes);
  return problem;
}

/* The least cost of any assignment within the limit, or INFINITE where there is none. */
static inline alpa_int128 exhaust(const alpa_solver_problem *problem, alpa_arena *arena) {
  uint32_t *assignment = alpa_arena_new(arena, uint32_t, problem->n_nodes);
  alpa_int128 best = ALPA_SOLVER_INFINITE;
  for (bool is_over = false; !is_over;) {
    alpa_int128 cost = alpa_solver_cost(problem, assignment);
    if (cost < best && (problem->limit == ALPA_SOLVER_UNLIMITED ||
                        alpa_solver_peak(problem, assignment, arena, NULL) <= problem->limit))
      best = cost;
    uint32_t i = 0;
    while (i < problem->n_nodes && ++assignment[i] == problem->nodes[i].n_strategies)
      assignment[i++] = 0;
    is_over = i == problem->n_nodes;
  }
  return best;
}

#endif
