/* The local polytope: a 0/1 column per state, of which each node chooses one, and a continuous column per finite pair
 * of an edge, whose sums over rows and columns are the states' columns (Wainwright and Jordan 2008, section 4).
 * Its relaxation is the bound that message passing approaches.  Rows of the limit are generated lazily: the peak of
 * every stretch where the last solution was above the capacity.  The objective is scaled below 1e7 and rows of the
 * limit to 1000, for tolerances are absolute.  Every answer is checked in integers. */
#include "passes/solver/exact.h"

#include <math.h>
#include <string.h>

enum { MOST_ROUNDS = 40 };

typedef struct program {
  const alpa_core *core;
  alpa_arena *arena;
  alpa_mip mip;
  int *node_columns; /* [n_nodes] first column of each */
  int *edge_rows;    /* [n_edges] first row of each: states of the lower node, then of the higher */
  ALPA_VEC(int) starts, rows;
  ALPA_VEC(double) values, lower, upper, objective, row_lower, row_upper;
  uint32_t *times; /* of the rows of the limit, ascending */
  uint32_t n_times;
  int first_limit_row;
  double scale;
} program;

static void add_entry(program *p, int row, double value) {
  alpa_vec_push(p->arena, &p->rows, row);
  alpa_vec_push(p->arena, &p->values, value);
}

static void add_row(program *p, double lower, double upper) {
  alpa_vec_push(p->arena, &p->row_lower, lower);
  alpa_vec_push(p->arena, &p->row_upper, upper);
}

static void close_column(program *p, double cost) {
  alpa_vec_push(p->arena, &p->starts, (int)p->rows.n);
  alpa_vec_push(p->arena, &p->lower, 0.0);
  alpa_vec_push(p->arena, &p->upper, 1.0);
  alpa_vec_push(p->arena, &p->objective, cost * p->scale);
}

static void add_rows(program *p) {
  const alpa_core *core = p->core;
  for (uint32_t i = 0; i < core->n_nodes; i++)
    add_row(p, 1, 1);
  for (uint32_t e = 0; e < core->n_edges; e++) {
    p->edge_rows[e] = (int)p->row_lower.n;
    for (uint32_t r = 0; r < core->edges[e].table->n_rows + core->edges[e].table->n_columns; r++)
      add_row(p, 0, 0);
  }
  p->first_limit_row = (int)p->row_lower.n;
  for (uint32_t t = 0; t < p->n_times; t++)
    add_row(p, -1e30, 1000 * (double)core->capacity[p->times[t]] / (double)core->limit);
}

static double usage_at(const alpa_core_node *node, uint32_t state, uint32_t time) {
  double usage = 0;
  for (uint32_t g = 0; g < node->n_segments; g++)
    if (node->segments[g].begin <= time && time < node->segments[g].end)
      usage += node->segments[g].usage[state];
  return usage;
}

static void add_state_columns(program *p, uint32_t index) {
  const alpa_core_node *node = &p->core->nodes[index];
  p->node_columns[index] = (int)p->objective.n;
  for (uint32_t s = 0; s < node->n_states; s++) {
    add_entry(p, (int)index, 1);
    for (uint32_t l = 0; l < node->n_links; l++) {
      const alpa_core_link *link = &node->links[l];
      uint32_t skip = l < node->n_back ? link->out->n_columns : 0; /* the lower node's rows come first */
      add_entry(p, p->edge_rows[link->edge] + (int)(skip + s), -1);
    }
    for (uint32_t t = 0; t < p->n_times; t++) {
      double usage = usage_at(node, s, p->times[t]);
      if (usage > 0)
        add_entry(p, p->first_limit_row + (int)t, 1000 * usage / (double)p->core->limit);
    }
    close_column(p, (double)node->exact[s]);
  }
}

static void add_pair_columns(program *p, uint32_t edge) {
  const alpa_core_table *table = p->core->edges[edge].table;
  for (uint32_t r = 0; r < table->n_rows; r++)
    for (uint32_t c = 0; c < table->n_columns; c++) {
      int64_t cost = table->exact[(size_t)r * table->n_columns + c];
      if (cost >= ALPA_SOLVER_INFINITE)
        continue;
      add_entry(p, p->edge_rows[edge] + (int)r, 1);
      add_entry(p, p->edge_rows[edge] + (int)(table->n_rows + c), 1);
      close_column(p, (double)cost);
    }
}

static double objective_scale(const alpa_core *core) {
  int64_t most = 1;
  for (uint32_t i = 0; i < core->n_nodes; i++)
    for (uint32_t s = 0; s < core->nodes[i].n_states; s++)
      most = core->nodes[i].exact[s] > most ? core->nodes[i].exact[s] : most;
  for (uint32_t e = 0; e < core->n_edges; e++) {
    const alpa_core_table *table = core->edges[e].table;
    for (size_t x = 0; x < (size_t)table->n_rows * table->n_columns; x++)
      most = table->exact[x] < ALPA_SOLVER_INFINITE && table->exact[x] > most ? table->exact[x] : most;
  }
  return fmin(1, 1e7 / (double)most);
}

static void build(program *p, const alpa_stage *stage) {
  const alpa_core *core = p->core;
  p->scale = objective_scale(core);
  p->node_columns = alpa_arena_new(p->arena, int, core->n_nodes);
  p->edge_rows = alpa_arena_new(p->arena, int, core->n_edges);
  add_rows(p);
  alpa_vec_push(p->arena, &p->starts, 0);
  for (uint32_t i = 0; i < core->n_nodes; i++)
    add_state_columns(p, i);
  p->mip.n_integers = (int)p->objective.n;
  for (uint32_t e = 0; e < core->n_edges; e++)
    add_pair_columns(p, e);
  int *start = alpa_arena_new(p->arena, int, core->n_nodes);
  for (uint32_t i = 0; i < core->n_nodes; i++)
    start[i] = p->node_columns[i] + (int)stage->primal.best[i];
  p->mip.n_columns = (int)p->objective.n;
  p->mip.n_rows = (int)p->row_lower.n;
  p->mip.starts = p->starts.items;
  p->mip.rows = p->rows.items;
  p->mip.values = p->values.items;
  p->mip.lower = p->lower.items;
  p->mip.upper = p->upper.items;
  p->mip.objective = p->objective.items;
  p->mip.row_lower = p->row_lower.items;
  p->mip.row_upper = p->row_upper.items;
  p->mip.start_columns = start;
  p->mip.n_start = stage->primal.found ? (int)core->n_nodes : 0;
  p->mip.cutoff = alpa_primal_has_cost(&stage->primal) ? (double)stage->primal.cost * p->scale : INFINITY;
}

static void read_labels(const program *p, const double *solution, uint32_t *labels) {
  for (uint32_t i = 0; i < p->core->n_nodes; i++) {
    const double *states = solution + p->node_columns[i];
    labels[i] = 0;
    for (uint32_t s = 1; s < p->core->nodes[i].n_states; s++)
      labels[i] = states[s] > states[labels[i]] ? s : labels[i];
  }
}

/* Makes rows for the peaks above the capacity; the number of new ones. */
static uint32_t activate_peaks(const alpa_core *core, const int64_t *usage, bool *is_active) {
  uint32_t n = 0;
  for (uint32_t t = 0; t < core->n_times;) {
    uint32_t peak = t;
    for (; t < core->n_times && usage[t] > core->capacity[t]; t++)
      if (usage[t] - core->capacity[t] > usage[peak] - core->capacity[peak])
        peak = t;
    if (usage[peak] <= core->capacity[peak])
      t++;
    n += usage[peak] > core->capacity[peak] && !is_active[peak];
    is_active[peak] |= usage[peak] > core->capacity[peak];
  }
  return n;
}

static void list_times(program *p, const bool *is_active) {
  p->times = alpa_arena_new(p->arena, uint32_t, p->core->n_times);
  for (uint32_t t = 0; t < p->core->n_times; t++)
    if (is_active[t])
      p->times[p->n_times++] = t;
}

/* One program; *out_more where its solution broke the limit at a time without a row. */
static alpa_status run_round(alpa_stage *stage, program *p, const alpa_mip_solver_module *module, bool *is_active,
                             alpa_exact_end *out_end, double *out_bound, bool *out_more) {
  const alpa_core *core = p->core;
  alpa_mip_answer answer = {.solution = alpa_arena_new(p->arena, double, p->mip.n_columns)};
  ALPA_TRY(module->solve(&p->mip, &answer));
  stage->stats->n_exact_calls++;
  stage->stats->n_exact_nodes += (uint32_t)answer.n_nodes;
  stage->stats->n_exact_rows = p->n_times;
  *out_more = false;
  *out_end = ALPA_EXACT_OPEN;
  if (answer.bound < 1e30)
    *out_bound = fmax(*out_bound, answer.bound / p->scale * (1 - 1e-9));
  if (!answer.has_solution) {
    if (answer.is_infeasible)
      *out_end = alpa_primal_has_cost(&stage->primal) ? ALPA_EXACT_OPTIMAL : ALPA_EXACT_INFEASIBLE;
    return ALPA_OK;
  }
  uint32_t *labels = stage->primal.labels;
  read_labels(p, answer.solution, labels);
  alpa_primal_offer(&stage->primal, labels);
  alpa_core_usage(core, labels, stage->primal.usage);
  *out_more = activate_peaks(core, stage->primal.usage, is_active) > 0;
  if (!*out_more && answer.is_optimal && alpa_core_excess(core, stage->primal.usage) <= 0)
    *out_end = ALPA_EXACT_OPTIMAL;
  return ALPA_OK;
}

alpa_status alpa_exact_run(alpa_stage *stage, const alpa_mip_solver_module *module, double until,
                           alpa_exact_end *out_end, double *out_bound) {
  const alpa_core *core = &stage->core;
  const alpa_solver_options *options = stage->options;
  bool *is_active = alpa_arena_new(stage->arena, bool, core->n_times);
  for (uint32_t t = 0; t < core->n_times; t++)
    is_active[t] = stage->dual.best_prices[t] > 0;
  *out_end = ALPA_EXACT_OPEN;
  *out_bound = -INFINITY;
  bool more = true;
  for (int round = 0; more && round < MOST_ROUNDS; round++) {
    double left = options->clock ? until - options->clock(options->clock_user) : 1;
    if (left <= 0)
      break;
    alpa_arena arena;
    alpa_arena_init(&arena, stage->arena->memory);
    program p = {.core = core, .arena = &arena};
    list_times(&p, is_active);
    build(&p, stage);
    p.mip.most_nodes = options->n_exact_nodes < 1000000 ? (int)options->n_exact_nodes : 1000000;
    p.mip.seconds = options->clock ? left * options->clock_seconds : 0;
    alpa_status status = run_round(stage, &p, module, is_active, out_end, out_bound, &more);
    alpa_arena_deinit(&arena);
    ALPA_TRY(status);
  }
  return ALPA_OK;
}
