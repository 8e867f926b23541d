/* Each reduction alone, and sets of them, keep the optimum of random small problems and the way back to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "passes/solver/core.h"
#include "test/unit/solver_random.h"

/* The least cost of what is left, checking that its expansion costs the same to the caller. */
static alpa_int128 exhaust_core(const alpa_solver_problem *problem, alpa_reducer *reducer, alpa_arena *arena) {
  alpa_core core;
  alpa_core_init(&core, arena, reducer);
  uint32_t *labels = alpa_arena_new(arena, uint32_t, core.n_nodes);
  uint32_t *assignment = alpa_arena_new(arena, uint32_t, problem->n_nodes);
  uint32_t *again = alpa_arena_new(arena, uint32_t, core.n_nodes);
  int64_t *usage = alpa_arena_new(arena, int64_t, core.n_times);
  alpa_int128 best = ALPA_SOLVER_INFINITE;
  for (bool is_over = false; !is_over;) {
    alpa_int128 cost = alpa_core_cost(&core, labels);
    alpa_core_usage(&core, labels, usage);
    if (cost < ALPA_SOLVER_INFINITE && alpa_core_excess(&core, usage) <= 0 && cost + core.base < best) {
      best = cost + core.base;
      alpa_core_store(&core, reducer, labels, assignment);
      if (alpa_solver_cost(problem, assignment) != best)
        fail_msg("cost %lld of expansion, %lld of core, nodes %u", (long long)alpa_solver_cost(problem, assignment),
                 (long long)best, core.n_nodes);
      assert_true(problem->limit == ALPA_SOLVER_UNLIMITED ||
                  alpa_solver_peak(problem, assignment, arena, NULL) <= problem->limit);
      assert_true(alpa_core_load(&core, reducer, assignment, again));
      if (core.n_nodes)
        assert_memory_equal(again, labels, sizeof *labels * core.n_nodes);
    }
    uint32_t i = 0;
    while (i < core.n_nodes && ++labels[i] == core.nodes[i].n_states)
      labels[i++] = 0;
    is_over = i == core.n_nodes;
  }
  return best;
}

static void check_problem(uint64_t seed, const problem_shape *shape, uint32_t reductions) {
  alpa_memory memory;
  alpa_arena arena;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  alpa_random random;
  alpa_random_init(&random, seed);
  alpa_solver_problem *problem = random_problem(&arena, &random, shape);
  alpa_int128 best = exhaust(problem, &arena), reduced = ALPA_SOLVER_INFINITE;
  alpa_reducer reducer;
  alpa_reducer_init(&reducer, &arena, problem, true);
  if (alpa_reducer_run(&reducer, reductions) == ALPA_OK)
    reduced = exhaust_core(problem, &reducer, &arena);
  if (reduced != best)
    fail_msg("seed %llu, reductions %x: optimum %lld, but %lld after reduction", (unsigned long long)seed, reductions,
             (long long)best, (long long)reduced);
  alpa_arena_deinit(&arena);
}

static const problem_shape shapes[] = {
    {5, 4, 7, 0.0, 0.3, 0, 0},     {5, 4, 7, 0.4, 0.1, 0, 0},     {6, 3, 12, 0.3, 0.0, 0, 0},
    {5, 4, 6, 0.3, 0.1, 0.7, 0.8}, {5, 4, 6, 0.0, 0.0, 0.7, 0.5}, {6, 3, 4, 0.2, 0.0, 0.4, 1.0},
    {6, 4, 0, 0.0, 0.0, 0.9, 0.7},
};

static void check_shapes(uint32_t reductions, uint64_t n) {
  for (size_t shape = 0; shape < countof(shapes); shape++)
    for (uint64_t seed = 1; seed <= n; seed++)
      check_problem(seed, &shapes[shape], reductions);
}

static void test_alone(void **state) {
  (void)state;
  for (uint32_t r = 0; r < ALPA_SOLVER_REDUCTION_COUNT; r++)
    check_shapes(1u << r, 120);
}

static void test_together(void **state) {
  (void)state;
  check_shapes(0, 50);
  check_shapes((1u << ALPA_SOLVER_REDUCTION_COUNT) - 1, 300);
  for (uint32_t set = 1; set < 1u << ALPA_SOLVER_REDUCTION_COUNT; set += 3)
    check_shapes(set, 10);
}

/* A chain of bijections collapses to one node; equal components are solved once. */
static void test_effect(void **state) {
  (void)state;
  alpa_memory memory;
  alpa_arena arena;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  int64_t identity[9], costs[] = {3, 1, 2}, usage[] = {5, 6, 7};
  for (int i = 0; i < 9; i++)
    identity[i] = i % 4 ? ALPA_SOLVER_INFINITE : 0;
  alpa_solver_table table = {3, 3, identity};
  alpa_solver_segment segment = {0, 4, usage};
  alpa_solver_node nodes[6];
  alpa_solver_edge edges[5];
  for (uint32_t i = 0; i < 6; i++)
    nodes[i] = (alpa_solver_node){.n_strategies = 3, .n_segments = 1, .costs = costs, .segments = &segment};
  for (uint32_t e = 0; e < 5; e++)
    edges[e] = (alpa_solver_edge){.from = e, .to = e + 1, .weight = 1};
  alpa_solver_problem problem = {nodes, &table, edges, 6, 1, 5, 33};
  alpa_reducer reducer;
  alpa_core core;
  alpa_reducer_init(&reducer, &arena, &problem, true);
  assert_int_equal(alpa_reducer_run(&reducer, 1u << ALPA_SOLVER_CONTRACT), ALPA_OK);
  alpa_core_init(&core, &arena, &reducer);
  assert_int_equal(core.n_nodes, 1);
  assert_int_equal(core.nodes[0].n_segments, 1);

  problem.n_edges = 2;
  problem.limit = ALPA_SOLVER_UNLIMITED;
  edges[1].from = 3;
  edges[1].to = 4;
  alpa_reducer_init(&reducer, &arena, &problem, true);
  assert_int_equal(alpa_reducer_run(&reducer, 1u << ALPA_SOLVER_FOLD), ALPA_OK);
  alpa_core_init(&core, &arena, &reducer);
  assert_int_equal(core.n_nodes, 3);
  alpa_arena_deinit(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_alone),
      cmocka_unit_test(test_together),
      cmocka_unit_test(test_effect),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
