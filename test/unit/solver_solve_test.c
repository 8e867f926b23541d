/* The solver against exhaustion on random small problems, and its diagnostics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "test/unit/solver_random.h"

typedef struct fixture {
  alpa_memory memory;
  alpa_arena arena;
  alpa_diag diag;
  char message[512], remark[512];
} fixture;

static void keep_message(void *user, alpa_severity severity, alpa_place place, const char *message) {
  fixture *f = user;
  (void)place;
  if (severity == ALPA_ERROR)
    snprintf(f->message, sizeof f->message, "%s", message);
  if (severity == ALPA_REMARK)
    snprintf(f->remark, sizeof f->remark, "%s", message);
}

static void open_fixture(fixture *f) {
  memset(f, 0, sizeof *f);
  alpa_memory_init(&f->memory, NULL, NULL);
  alpa_arena_init(&f->arena, &f->memory);
  alpa_diag_init(&f->diag, &f->memory, keep_message, f);
}

static void close_fixture(fixture *f) {
  alpa_diag_deinit(&f->diag);
  alpa_arena_deinit(&f->arena);
}

typedef struct tally {
  size_t n_optimal, n_exact;
} tally;

/* Solves one random problem and compares; counts proven optima and calls of Cbc. */
static void check_problem(fixture *f, uint64_t seed, const problem_shape *shape, const alpa_solver_options *options,
                          tally *count) {
  alpa_random random;
  alpa_random_init(&random, seed);
  alpa_solver_problem *problem = random_problem(&f->arena, &random, shape);
  alpa_int128 best = exhaust(problem, &f->arena);
  alpa_solver_result result;
  alpa_status status = alpa_solver_solve(problem, options, &f->diag, &f->arena, &result);
  if (best >= ALPA_SOLVER_INFINITE) {
    if (status != ALPA_INFEASIBLE && status != ALPA_DEADLINE_EXCEEDED)
      fail_msg("seed %llu: infeasible, but the status is %s", (unsigned long long)seed, alpa_status_name(status));
    count->n_optimal += status == ALPA_INFEASIBLE;
    return;
  }
  if (status != ALPA_OK)
    fail_msg("seed %llu: optimum %lld, but the status is %s: %s", (unsigned long long)seed, (long long)best,
             alpa_status_name(status), f->message);
  assert_true(result.cost == alpa_solver_cost(problem, result.assignment));
  assert_true(alpa_solver_peak(problem, result.assignment, &f->arena, NULL) <= problem->limit);
  if (result.bound > best || (result.optimal && result.cost != best) || result.cost < best)
    fail_msg("seed %llu: optimum %lld, cost %lld, bound %lld", (unsigned long long)seed, (long long)best,
             (long long)result.cost, (long long)result.bound);
  count->n_optimal += result.optimal;
  count->n_exact += result.stats.n_exact_calls;
}

static tally run_shape(const problem_shape *shape, const alpa_solver_options *options, size_t n, double least_optimal) {
  tally count = {0};
  for (size_t seed = 1; seed <= n; seed++) {
    fixture f;
    open_fixture(&f);
    check_problem(&f, seed, shape, options, &count);
    close_fixture(&f);
  }
  print_message("optimal: %zu of %zu\n", count.n_optimal, n);
  assert_true((double)count.n_optimal >= least_optimal * (double)n);
  return count;
}

static void test_unlimited(void **state) {
  (void)state;
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  run_shape(&(problem_shape){6, 4, 9, 0.0, 0.3, 0, 0}, &options, 1000, 1);
  run_shape(&(problem_shape){6, 4, 9, 0.4, 0.1, 0, 0}, &options, 1000, 1);
  run_shape(&(problem_shape){7, 3, 16, 0.2, 0, 0, 0}, &options, 500, 1);
}

static void test_limited(void **state) {
  (void)state;
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  run_shape(&(problem_shape){6, 4, 6, 0.0, 0.2, 0.8, 1.0}, &options, 1000, 1);
  run_shape(&(problem_shape){6, 4, 8, 0.3, 0.0, 0.6, 0.7}, &options, 1000, 1);
  run_shape(&(problem_shape){6, 4, 0, 0.0, 0.0, 1.0, 0.8}, &options, 1000, 1);
}

static void test_unreduced(void **state) {
  (void)state;
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  options.reductions = 0;
  run_shape(&(problem_shape){6, 4, 8, 0.3, 0.1, 0.6, 1.0}, &options, 500, 1);
}

/* With message passing and branching nearly off, what is open goes to Cbc. */
static void test_exact(void **state) {
  (void)state;
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  options.reductions = 0;
  options.n_branch_nodes = 0;
  options.n_dual_steps = options.n_sweeps = 33;
  options.n_neighbourhoods = 0;
  size_t n_calls = run_shape(&(problem_shape){6, 4, 8, 0.3, 0.1, 0.8, 0.8}, &options, 300, 1).n_exact;
  n_calls += run_shape(&(problem_shape){7, 3, 14, 0.1, 0.0, 0, 0}, &options, 300, 1).n_exact;
  print_message("calls of Cbc: %zu\n", n_calls);
  assert_true(n_calls > 0);
}

/* A random problem of many nodes with about two edges each and a limit that binds. */
static alpa_solver_problem *large_problem(alpa_arena *arena, uint32_t n) {
  alpa_random random;
  alpa_random_init(&random, 7);
  problem_shape shape = {n, 4, 2 * n, 0.1, 0, 1, 0};
  alpa_solver_problem *problem = random_problem(arena, &random, &shape);
  alpa_solver_node *nodes = alpa_arena_new(arena, alpa_solver_node, n);
  alpa_solver_edge *edges = alpa_arena_new(arena, alpa_solver_edge, 2 * n);
  alpa_solver_table *table = alpa_arena_new(arena, alpa_solver_table, 1);
  int64_t least = 0, most = 0;
  *table = (alpa_solver_table){3, 3, random_costs(arena, &random, 9, &shape, 0)};
  for (uint32_t i = 0; i < n; i++) {
    nodes[i].n_strategies = 3;
    nodes[i].costs = random_costs(arena, &random, 3, &shape, 0);
    random_segments(arena, &random, &nodes[i]);
    for (uint32_t e = 0; e < 2; e++)
      edges[2 * i + e] = (alpa_solver_edge){.from = i, .to = (i + 1 + alpa_random_below(&random, 9)) % n, .weight = 1};
  }
  *problem = (alpa_solver_problem){nodes, table, edges, n, 1, 2 * n, INT64_MAX - 1};
  uint32_t *assignment = alpa_arena_new(arena, uint32_t, n);
  most = alpa_solver_peak(problem, assignment, arena, NULL);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t s = 1; s < 3; s++)
      if (nodes[i].segments[0].usage[s] < nodes[i].segments[0].usage[assignment[i]])
        assignment[i] = s;
  least = alpa_solver_peak(problem, assignment, arena, NULL);
  problem->limit = (least + most) / 2;
  return problem;
}

/* Two threads give the same answer every time, which also is a good one. */
static void test_threads(void **state) {
  (void)state;
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  options.n_threads = 2;
  options.n_dual_steps = 96;
  options.n_neighbourhoods = 64;
  options.n_branch_nodes = options.n_exact_nodes = 0;
  fixture f;
  open_fixture(&f);
  const alpa_solver_problem *problem = large_problem(&f.arena, 1100);
  alpa_solver_result first, again;
  assert_int_equal(alpa_solver_solve(problem, &options, &f.diag, &f.arena, &first), ALPA_OK);
  assert_int_equal(alpa_solver_solve(problem, &options, &f.diag, &f.arena, &again), ALPA_OK);
  assert_true(first.stats.n_neighbourhoods > 0);
  assert_true(first.cost == again.cost && first.bound == again.bound);
  assert_memory_equal(first.assignment, again.assignment, sizeof *first.assignment * problem->n_nodes);
  print_message("cost %lld, bound %lld\n", (long long)first.cost, (long long)first.bound);
  assert_true((first.cost - first.bound) * 10 < first.cost);
  close_fixture(&f);
}

/* Without the module of Cbc the solve goes on, and a remark says so. */
static void test_missing_module(void **state) {
  (void)state;
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  options.n_branch_nodes = 0;
  options.n_dual_steps = options.n_sweeps = options.n_neighbourhoods = 40;
  options.module_directory = "/nonexistent";
  fixture f;
  open_fixture(&f);
  const alpa_solver_problem *problem = large_problem(&f.arena, 200);
  alpa_solver_result result;
  assert_int_equal(alpa_solver_solve(problem, &options, &f.diag, &f.arena, &result), ALPA_OK);
  assert_non_null(strstr(f.remark, "integer-program solver is not available"));
  close_fixture(&f);
}

/* An impossible limit is an error that says by how much. */
static void test_infeasible(void **state) {
  (void)state;
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  int64_t costs[] = {1, 2}, usage[] = {7, 9}, swap[] = {ALPA_SOLVER_INFINITE, 0, 0, ALPA_SOLVER_INFINITE};
  alpa_solver_segment segment = {3, 5, usage};
  alpa_solver_node nodes[3];
  alpa_solver_table table = {2, 2, swap};
  alpa_solver_edge edges[3];
  for (uint32_t i = 0; i < 3; i++) {
    nodes[i] = (alpa_solver_node){.n_strategies = 2, .n_segments = 1, .costs = costs, .segments = &segment};
    edges[i] = (alpa_solver_edge){.from = i, .to = (i + 1) % 3, .weight = 1};
  }
  fixture f;
  open_fixture(&f);
  alpa_solver_result result;
  alpa_solver_problem tight = {nodes, &table, edges, 3, 1, 0, 20};
  assert_int_equal(alpa_solver_solve(&tight, &options, &f.diag, &f.arena, &result), ALPA_INFEASIBLE);
  assert_string_equal(f.message, "at time 3 at least 21 is used whatever is chosen, but the limit is 20, 1 less");
  alpa_solver_problem pair = {nodes, &table, edges, 2, 1, 1, 15};
  assert_int_equal(alpa_solver_solve(&pair, &options, &f.diag, &f.arena, &result), ALPA_INFEASIBLE);
  assert_string_equal(f.message, "at time 3 at least 16 is used whatever is chosen, but the limit is 15, 1 less");
  alpa_solver_problem cycle = {nodes, &table, edges, 3, 1, 3, ALPA_SOLVER_UNLIMITED};
  assert_int_equal(alpa_solver_solve(&cycle, &options, &f.diag, &f.arena, &result), ALPA_INFEASIBLE);
  assert_non_null(strstr(f.message, "forbidden"));
  close_fixture(&f);
}

/* Only the least usage of every node is within the limit, at a cost that nothing but the limit suggests. */
static void test_least_limit(void **state) {
  (void)state;
  enum { NODES = 400 };
  fixture f;
  open_fixture(&f);
  alpa_solver_problem *problem = large_problem(&f.arena, NODES);
  alpa_solver_node *nodes = alpa_arena_copy(&f.arena, problem->nodes, sizeof *nodes * NODES);
  uint32_t *least = alpa_arena_new(&f.arena, uint32_t, NODES);
  for (uint32_t i = 0; i < NODES; i++) {
    int64_t *usage = alpa_arena_new(&f.arena, int64_t, 3), *costs = alpa_arena_new(&f.arena, int64_t, 3);
    for (uint32_t s = 0; s < 3; s++) {
      usage[s] = nodes[i].segments[0].usage[s] + (s > 0);
      costs[s] = 1000000 - 1000 * usage[s];
      least[i] = usage[s] < usage[least[i]] ? s : least[i];
    }
    nodes[i].segments = alpa_arena_copy(&f.arena, &(alpa_solver_segment){0, 1, usage}, sizeof(alpa_solver_segment));
    nodes[i].n_segments = 1;
    nodes[i].costs = costs;
  }
  problem->nodes = nodes;
  problem->limit = alpa_solver_peak(problem, least, &f.arena, NULL) + 1;
  alpa_solver_options options;
  alpa_solver_options_init(&options);
  options.n_branch_nodes = options.n_exact_nodes = 0;
  options.n_dual_steps = 8; /* too few for prices that do it */
  alpa_solver_result result;
  assert_int_equal(alpa_solver_solve(problem, &options, &f.diag, &f.arena, &result), ALPA_OK);
  assert_true(alpa_solver_peak(problem, result.assignment, &f.arena, NULL) <= problem->limit);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_unlimited),  cmocka_unit_test(test_limited),     cmocka_unit_test(test_unreduced),
      cmocka_unit_test(test_exact),      cmocka_unit_test(test_threads),     cmocka_unit_test(test_missing_module),
      cmocka_unit_test(test_infeasible), cmocka_unit_test(test_least_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
