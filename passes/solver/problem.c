/* Checks and exact evaluation of a problem as the caller stated it; the last word on every answer.  Linear in the size
 * of the problem; totals in 128 bits. */
#include "passes/solver/problem.h"

#include <inttypes.h>
#include <stdlib.h>

void alpa_solver_options_init(alpa_solver_options *options) {
  *options = (alpa_solver_options){
      .reductions = (1u << ALPA_SOLVER_REDUCTION_COUNT) - 1,
      .n_threads = 1,
      .n_sweeps = 600,
      .n_dual_steps = 600,
      .n_neighbourhoods = 400,
      .n_branch_nodes = 100,
      .branch_size = 20000,
      .n_exact_nodes = 2000,
      .exact_size = 20000,
      .seed = 1,
  };
}

/* ---- checks ----------------------------------------------------------------------------------------------------- */

typedef struct checker {
  const alpa_solver_problem *problem;
  alpa_diag *diag;
  alpa_place place;
  alpa_int128 cost_magnitude, usage_sum;
} checker;

static alpa_status check_segment(checker *check, uint32_t index, uint32_t number) {
  const alpa_solver_node *node = &check->problem->nodes[index];
  const alpa_solver_segment *segment = &node->segments[number];
  int64_t most = 0;
  for (uint32_t s = 0; s < node->n_strategies; s++) {
    if (segment->usage[s] < 0)
      return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT,
                        "usage of node %" PRIu32 ", strategy %" PRIu32 " is negative: %" PRId64, index, s,
                        segment->usage[s]);
    most = segment->usage[s] > most ? segment->usage[s] : most;
  }
  if (segment->begin < segment->end)
    check->usage_sum += most;
  return ALPA_OK;
}

static alpa_int128 magnitude(const int64_t *costs, size_t n) {
  alpa_int128 most = 0;
  for (size_t i = 0; i < n; i++)
    if (costs[i] < ALPA_SOLVER_INFINITE) {
      alpa_int128 size = costs[i] < 0 ? -(alpa_int128)costs[i] : costs[i];
      most = size > most ? size : most;
    }
  return most;
}

static alpa_status check_node(checker *check, uint32_t index) {
  const alpa_solver_node *node = &check->problem->nodes[index];
  if (node->n_strategies == 0 || node->n_strategies > UINT16_MAX)
    return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT,
                      "node %" PRIu32 " has %" PRIu32 " strategies, expects 1 to %d", index, node->n_strategies,
                      UINT16_MAX);
  check->cost_magnitude += magnitude(node->costs, node->n_strategies);
  for (uint32_t s = 0; s < node->n_segments; s++)
    ALPA_TRY(check_segment(check, index, s));
  return ALPA_OK;
}

static alpa_status check_map(checker *check, uint32_t edge, const uint32_t *map, const uint32_t sizes[2]) {
  uint32_t n_strategies = sizes[0], n_lines = sizes[1];
  if (!map && n_strategies != n_lines)
    return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT,
                      "edge %" PRIu32 ": its table has %" PRIu32 " rows or columns for a node of %" PRIu32
                      " strategies and no map between them",
                      edge, n_lines, n_strategies);
  for (uint32_t s = 0; map && s < n_strategies; s++)
    if (map[s] >= n_lines)
      return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT,
                        "edge %" PRIu32 ": strategy %" PRIu32 " maps to line %" PRIu32 " of a table with %" PRIu32,
                        edge, s, map[s], n_lines);
  return ALPA_OK;
}

static alpa_status check_edge(checker *check, uint32_t index, const alpa_int128 *magnitudes) {
  const alpa_solver_problem *problem = check->problem;
  const alpa_solver_edge *edge = &problem->edges[index];
  if (edge->from >= problem->n_nodes || edge->to >= problem->n_nodes || edge->from == edge->to)
    return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT,
                      "edge %" PRIu32 " joins nodes %" PRIu32 " and %" PRIu32 " of %" PRIu32
                      "; it needs two different ones",
                      index, edge->from, edge->to, problem->n_nodes);
  if (edge->table >= problem->n_tables || edge->weight < 1)
    return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT,
                      "edge %" PRIu32 " has table %" PRIu32 " of %" PRIu32 " and weight %" PRId64
                      ", expects a weight of at least 1",
                      index, edge->table, problem->n_tables, edge->weight);
  const alpa_solver_table *table = &problem->tables[edge->table];
  uint32_t from = problem->nodes[edge->from].n_strategies, to = problem->nodes[edge->to].n_strategies;
  ALPA_TRY(check_map(check, index, edge->rows, (uint32_t[]){from, table->n_rows}));
  ALPA_TRY(check_map(check, index, edge->columns, (uint32_t[]){to, table->n_columns}));
  check->cost_magnitude += magnitudes[edge->table] * edge->weight;
  return ALPA_OK;
}

static alpa_status check_problem(checker *check, alpa_arena *scratch) {
  const alpa_solver_problem *problem = check->problem;
  const alpa_int128 most_cost = ALPA_SOLVER_INFINITE / 4, most_usage = INT64_C(1) << 62;
  alpa_int128 *magnitudes = alpa_arena_new(scratch, alpa_int128, problem->n_tables);
  for (uint32_t t = 0; t < problem->n_tables; t++)
    magnitudes[t] =
        magnitude(problem->tables[t].costs, (size_t)problem->tables[t].n_rows * problem->tables[t].n_columns);
  for (uint32_t i = 0; i < problem->n_nodes; i++)
    ALPA_TRY(check_node(check, i));
  for (uint32_t e = 0; e < problem->n_edges; e++)
    ALPA_TRY(check_edge(check, e, magnitudes));
  if (check->cost_magnitude >= most_cost)
    return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT,
                      "the largest finite costs of all nodes and edges add up to more than %" PRId64
                      ", use a coarser unit",
                      (int64_t)most_cost);
  if (check->usage_sum >= most_usage)
    return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT,
                      "the largest usages of all nodes add up to more than 2^62, use a coarser unit");
  if (problem->limit < 0)
    return alpa_error(check->diag, check->place, ALPA_INVALID_ARGUMENT, "the limit is negative: %" PRId64,
                      problem->limit);
  return ALPA_OK;
}

alpa_status alpa_solver_verify(const alpa_solver_problem *problem, alpa_diag *diag, alpa_place place) {
  alpa_arena scratch;
  alpa_arena_init(&scratch, diag->arena.memory);
  checker check = {.problem = problem, .diag = diag, .place = place};
  alpa_status status = check_problem(&check, &scratch);
  alpa_arena_deinit(&scratch);
  return status;
}

/* ---- evaluation ------------------------------------------------------------------------------------------------- */

alpa_int128 alpa_solver_cost(const alpa_solver_problem *problem, const uint32_t *assignment) {
  alpa_int128 finite = 0;
  bool is_forbidden = false;
  for (uint32_t i = 0; i < problem->n_nodes; i++) {
    int64_t cost = problem->nodes[i].costs[assignment[i]];
    is_forbidden |= cost >= ALPA_SOLVER_INFINITE;
    finite += cost;
  }
  for (uint32_t e = 0; e < problem->n_edges; e++) {
    const alpa_solver_edge *edge = &problem->edges[e];
    const alpa_solver_table *table = &problem->tables[edge->table];
    uint32_t from = assignment[edge->from], to = assignment[edge->to];
    size_t row = edge->rows ? edge->rows[from] : from, column = edge->columns ? edge->columns[to] : to;
    int64_t cost = table->costs[row * table->n_columns + column];
    is_forbidden |= cost >= ALPA_SOLVER_INFINITE;
    finite += (alpa_int128)cost * edge->weight;
  }
  return is_forbidden && finite < ALPA_SOLVER_INFINITE ? ALPA_SOLVER_INFINITE : finite;
}

typedef struct usage_event {
  int64_t time, change;
} usage_event;

static int compare_events(const void *a, const void *b) {
  const usage_event *x = a, *y = b;
  return (x->time > y->time) - (x->time < y->time);
}

int64_t alpa_solver_peak(const alpa_solver_problem *problem, const uint32_t *assignment, alpa_arena *scratch,
                         int64_t *out_time) {
  size_t n = 0;
  for (uint32_t i = 0; i < problem->n_nodes; i++)
    n += 2 * (size_t)problem->nodes[i].n_segments;
  usage_event *events = alpa_arena_new(scratch, usage_event, n);
  n = 0;
  for (uint32_t i = 0; i < problem->n_nodes; i++)
    for (uint32_t s = 0; s < problem->nodes[i].n_segments; s++) {
      const alpa_solver_segment *segment = &problem->nodes[i].segments[s];
      if (segment->begin >= segment->end)
        continue;
      events[n++] = (usage_event){segment->begin, segment->usage[assignment[i]]};
      events[n++] = (usage_event){segment->end, -segment->usage[assignment[i]]};
    }
  qsort(events, n, sizeof *events, compare_events);
  int64_t usage = 0, peak = 0, time = 0;
  for (size_t e = 0; e < n; e++) {
    usage += events[e].change;
    bool is_settled = e + 1 == n || events[e + 1].time != events[e].time;
    if (is_settled && usage > peak) {
      peak = usage;
      time = events[e].time;
    }
  }
  if (out_time)
    *out_time = time;
  return peak;
}
