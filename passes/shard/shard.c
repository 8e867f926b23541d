/* shard: finds the sharding of every value of a function, by integer programming.
 *
 * The search space is that of design decisions 4 and 5: each op takes a strategy of its factor rule, each value is
 * split, replicated or partial on each mesh axis, and every change of state is priced (graph.h).  Data parallelism,
 * ZeRO, tensor, sequence and expert parallelism are points of it.  The solver (passes/solver) reduces the program,
 * proves most of them optimal by message passing, and hands the rest to Cbc.  Annotations of the user are kept.
 * Requires inlined calls; establishes shardings on all values and explicit sdy.reshard ops. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "passes/cost/mesh.h"
#include "passes/pass.h"
#include "passes/shard/apply.h"
#include "passes/shard/limit.h"
#include "passes/shard/problem.h"

typedef struct shard_options {
  const char *cluster, *mesh, *cost_model;
  double memory_gib, gap, effort;
  bool uneven;
  int64_t threads;
  alpa_strings alpha, beta;
} shard_options;

enum { NODES, EDGES, CLASSES, CORE_NODES, SWEEPS };

/* ---- costs ---- */

static alpa_status parse_numbers(alpa_pass_context *pass, const char *name, alpa_strings texts, uint32_t n,
                                 double *values) {
  if (texts.n > 1 && texts.n != n)
    return alpa_error(pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "option '%s' has %zu numbers, but the mesh has %u axes: give one for all, or one for each", name,
                      texts.n, n);
  for (uint32_t i = 0; i < n; i++) {
    const char *text = texts.n == 0 ? "1" : texts.items[i < texts.n ? i : texts.n - 1];
    char *end;
    values[i] = strtod(text, &end);
    if (end == text || *end || !(values[i] >= 0) || !isfinite(values[i]))
      return alpa_error(pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                        "option '%s' must be a list of non-negative numbers, got '%s'", name, text);
  }
  return ALPA_OK;
}

static alpa_status init_model(alpa_cost_model *model, const shard_options *options, const alpa_cluster *cluster,
                              const alpa_mesh *mesh, alpa_pass_context *pass) {
  if (strcmp(options->cost_model, "roofline") == 0) {
    alpa_cost_model_init(model, cluster, mesh);
    return ALPA_OK;
  }
  double alpha[ALPA_MAX_AXES], beta[ALPA_MAX_AXES];
  ALPA_TRY(parse_numbers(pass, "alpha", options->alpha, mesh->n_axes, alpha));
  ALPA_TRY(parse_numbers(pass, "beta", options->beta, mesh->n_axes, beta));
  alpa_cost_model_init_osdi22(model, mesh, alpha, beta);
  return ALPA_OK;
}

/* ---- solving ---- */

static void ignore(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user, (void)severity, (void)place, (void)message;
}

/* Under the limit; what the solver says of a failure is in nodes and times, so it is said anew. */
static alpa_status solve_within(const shard_graph *graph, const alpa_solver_problem *problem,
                                const alpa_solver_options *options, alpa_diag *diag, alpa_solver_result *out) {
  alpa_diag silent;
  alpa_diag_init(&silent, graph->arena->memory, ignore, NULL);
  const uint32_t *unlimited = out->assignment;
  alpa_status status = alpa_solver_solve(problem, options, &silent, graph->arena, out);
  alpa_diag_deinit(&silent);
  if (status == ALPA_INFEASIBLE || status == ALPA_DEADLINE_EXCEEDED)
    return shard_limit_report(graph, problem, options, unlimited, diag);
  return status;
}

/* A part of the budgets; proofs by branch and bound are what takes most of them. */
static void limit_effort(alpa_solver_options *solver, double effort) {
  if (effort >= 1)
    return;
  solver->n_dual_steps = (uint32_t)(effort * solver->n_dual_steps);
  solver->n_neighbourhoods = (uint32_t)(effort * solver->n_neighbourhoods);
  solver->n_branch_nodes = solver->n_exact_nodes = 0;
}

/* Without the limit first: where that plan fits, it is the best one with the limit, too. */
static alpa_status solve(const shard_graph *graph, const alpa_solver_problem *problem, const shard_options *options,
                         alpa_pass_context *pass, alpa_solver_result *out) {
  alpa_solver_options solver;
  alpa_solver_options_init(&solver);
  solver.n_threads = (uint32_t)options->threads;
  solver.gap = options->gap;
  solver.module_directory = pass->services->module_directory;
  solver.place = alpa_loc_place(graph->func->loc);
  limit_effort(&solver, options->effort);
  alpa_solver_problem bare = shard_problem_without_limit(graph, problem);
  ALPA_TRY(alpa_solver_solve(&bare, &solver, pass->diag, pass->arena, out));
  out->assignment = shard_problem_complete(graph, out->assignment);
  if (alpa_solver_peak(problem, out->assignment, pass->arena, NULL) <= problem->limit)
    return ALPA_OK;
  return solve_within(graph, problem, &solver, pass->diag, out);
}

static const alpa_attr *picoseconds(alpa_context *ctx, alpa_int128 cost, int64_t unit_ps) {
  alpa_int128 ps = cost * unit_ps;
  return alpa_attr_get_i64(ctx, ps > INT64_MAX ? INT64_MAX : (int64_t)ps);
}

/* What a stage needs for micro-batches in flight beside the one that its program shows. */
static int64_t in_flight_bytes(const alpa_op *module) {
  const alpa_attr *bytes = alpa_stage_find_figure(module, "in_flight_bytes");
  return bytes && bytes->kind == ALPA_ATTR_INTEGER && bytes->integer > 0 ? bytes->integer : 0;
}

/* The plan in figures, beside the shardings: what `alpa plan` shows. */
static void record(alpa_op *module, const alpa_solver_problem *problem, const alpa_solver_result *result,
                   alpa_pass_context *pass, const alpa_cluster *cluster, int64_t unit_ps) {
  alpa_context *ctx = alpa_op_context(module);
  int64_t peak = alpa_solver_peak(problem, result->assignment, pass->arena, NULL);
  const alpa_named_attr figures[] = {
      {"bound_ps", picoseconds(ctx, result->bound, unit_ps)},
      {"cluster", alpa_attr_get_string(ctx, cluster->name)},
      {"cost_ps", picoseconds(ctx, result->cost, unit_ps)},
      {"memory_bytes", alpa_attr_get_i64(ctx, peak)},
      {"memory_limit_bytes", alpa_attr_get_i64(ctx, problem->limit + in_flight_bytes(module))},
      {"optimal", alpa_attr_get_bool(ctx, result->optimal)},
      {"variables", alpa_attr_get_i64(ctx, pass->counters[NODES])},
      {"variables_after_presolve", alpa_attr_get_i64(ctx, result->stats.n_core_nodes)}};
  alpa_op_set_attr(module, "alpa.plan", alpa_attr_get_dict(ctx, figures, countof(figures)));
}

static alpa_status shard_func(alpa_op *module, alpa_op *func, const shard_options *options, const alpa_cluster *cluster,
                              alpa_pass_context *pass) {
  const alpa_mesh *mesh = NULL;
  ALPA_TRY(alpa_mesh_ensure(pass->arena, module, cluster, options->mesh, &mesh));
  alpa_cost_model model;
  ALPA_TRY(init_model(&model, options, cluster, mesh, pass));
  shard_types types;
  shard_classes classes;
  shard_types_init(&types, pass->arena, &model, options->uneven);
  shard_classes_init(&classes, pass->arena, &types);
  shard_graph graph = {.arena = pass->arena, .mesh = mesh, .types = &types, .classes = &classes};
  ALPA_TRY(shard_graph_build(&graph, func));
  int64_t limit =
      options->memory_gib > 0 ? (int64_t)(options->memory_gib * 1073741824.0) : cluster->device.memory_bytes;
  alpa_solver_problem problem;
  alpa_solver_result result;
  int64_t unit_ps = shard_problem_build(&graph, limit - in_flight_bytes(module), &problem);
  pass->counters[NODES] += (int64_t)graph.nodes.n;
  pass->counters[EDGES] += (int64_t)graph.edges.n;
  pass->counters[CLASSES] += (int64_t)classes.n;
  ALPA_TRY(solve(&graph, &problem, options, pass, &result));
  pass->counters[CORE_NODES] += result.stats.n_core_nodes;
  pass->counters[SWEEPS] += result.stats.n_sweeps;
  record(module, &problem, &result, pass, cluster, unit_ps);
  shard_apply(&graph, result.assignment);
  return ALPA_OK;
}

static alpa_status run(alpa_op *module, const void *given, alpa_pass_context *pass) {
  const shard_options *options = given;
  alpa_cluster read;
  const alpa_cluster *cluster = pass->services->cluster;
  if (options->cluster[0]) {
    ALPA_TRY(alpa_cluster_read(pass->arena, pass->diag, options->cluster, &read));
    cluster = &read;
  }
  if (!cluster)
    return alpa_error(pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "shard needs a cluster, as in shard{cluster=host:8}");
  alpa_op *func = NULL;
  ALPA_TRY(alpa_func_find_main(module, &func));
  return shard_func(module, func, options, cluster, pass);
}

static const char *const cost_models[] = {"roofline", "alpa-osdi22", NULL};

#define FIELD(field) offsetof(shard_options, field)
static const alpa_option_def options[] = {
    {"cluster", "preset with a count, as host:8 or p3.16xlarge:2, or a JSON file", ALPA_OPTION_STRING, FIELD(cluster),
     "", 0, 0, NULL},
    {"mesh", "shape of the logical mesh, as 2x4; by default one axis of all devices", ALPA_OPTION_STRING, FIELD(mesh),
     "", 0, 0, NULL},
    {"memory", "GiB that a device may use; 0: what the cluster says", ALPA_OPTION_DOUBLE, FIELD(memory_gib), "0", 0, 0,
     NULL},
    {"gap", "relative distance to the proven bound at which the search ends", ALPA_OPTION_DOUBLE, FIELD(gap), "0.0001",
     0, 0, NULL},
    {"effort", "part of the search that is done, 0 to 1; below 1 without branch and bound", ALPA_OPTION_DOUBLE,
     FIELD(effort), "1", 0, 0, NULL},
    {"uneven", "allow splits that need padding", ALPA_OPTION_BOOL, FIELD(uneven), "true", 0, 0, NULL},
    {"cost-model", "how computation and communication are priced", ALPA_OPTION_STRING, FIELD(cost_model), "roofline", 0,
     0, cost_models},
    {"alpha", "latency of each mesh axis in the model alpa-osdi22", ALPA_OPTION_STRINGS, FIELD(alpha), "", 0, 0, NULL},
    {"beta", "inverse bandwidth of each mesh axis in the model alpa-osdi22", ALPA_OPTION_STRINGS, FIELD(beta), "", 0, 0,
     NULL},
    {"threads", "threads of the solver", ALPA_OPTION_INT, FIELD(threads), "1", 1, 2, NULL},
    {0}};
#undef FIELD

static const alpa_statistic_def statistics[] = {[NODES] = {"nodes", "variables of the integer program"},
                                                [EDGES] = {"edges", "pairs of variables with a cost"},
                                                [CLASSES] = {"classes", "different ops by rule and types"},
                                                [CORE_NODES] = {"core-nodes", "variables left after presolve"},
                                                [SWEEPS] = {"sweeps", "sweeps of message passing"},
                                                {0}};

extern const alpa_pass_def alpa_pass_shard;
const alpa_pass_def alpa_pass_shard = {.name = "shard",
                                       .summary = "finds the sharding of every value by integer programming",
                                       .anchor = "builtin.module",
                                       .options = options,
                                       .options_size = sizeof(shard_options),
                                       .statistics = statistics,
                                       .preserves = ALPA_HAS_ALL,
                                       .establishes = ALPA_HAS_SHARDINGS,
                                       .run = run};
