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
  char message[512];
} fixture;

static void keep_message(void *user, alpa_severity severity, alpa_place place, const char *message) {
  fixture *f = user;
  (void)place;
  if (severity == ALPA_ERROR)
    snprintf(f->message, sizeof f->message, "%s", message);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_unlimited),
      cmocka_unit_test(test_limited),
      cmocka_unit_test(test_unreduced),
      cmocka_unit_test(test_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
