/* Triplets: bounds that message passing alone cannot reach, and never one above the optimum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "passes/solver/dual.h"
#include "test/unit/solver_random.h"

typedef struct bounds {
  alpa_int128 before, after; /* certified, with the base */
  size_t n_triplets;
} bounds;

/* The bound of a problem by message passing, and then with triplets; nothing is eliminated. */
static bounds ascend(const alpa_solver_problem *problem, alpa_arena *arena) {
  enum { STEPS = 100, GROW_EVERY = 5 };
  alpa_reducer reducer;
  alpa_core core;
  alpa_dual dual;
  bounds found = {0};
  alpa_reducer_init(&reducer, arena, problem, true);
  uint32_t reductions = 1u << ALPA_SOLVER_PARALLEL | 1u << ALPA_SOLVER_CONSISTENCY | 1u << ALPA_SOLVER_TIME;
  if (alpa_reducer_run(&reducer, reductions) != ALPA_OK)
    return found;
  alpa_core_init(&core, arena, &reducer);
  alpa_dual_init(&dual, arena, &core);
  for (int step = 0; step < STEPS; step++)
    alpa_dual_step(&dual, core.magnitude);
  alpa_dual_set_prices(&dual, NULL);
  alpa_dual_sweep(&dual, NULL);
  found.before = core.base + alpa_dual_certify(&dual, arena->memory);
  for (int step = 0; step < STEPS; step++) {
    if (step % GROW_EVERY == 0)
      alpa_dual_tighten(&dual, arena, 4);
    alpa_dual_step(&dual, core.magnitude);
  }
  alpa_dual_set_prices(&dual, NULL);
  alpa_dual_sweep(&dual, NULL);
  found.after = core.base + alpa_dual_certify(&dual, arena->memory);
  found.n_triplets = dual.tight->triplets.n;
  return found;
}

/* A circle of nodes with two strategies; neighbours want to differ, or to agree where n is even and it is the last. */
static void check_circle(uint32_t n) {
  enum { MOST = 4 };
  static const int64_t none[2] = {0, 0}, differ[4] = {1, 0, 0, 1}, agree[4] = {0, 1, 1, 0};
  alpa_solver_table tables[2] = {{2, 2, differ}, {2, 2, agree}};
  alpa_solver_node nodes[MOST] = {{2, 0, none, NULL}, {2, 0, none, NULL}, {2, 0, none, NULL}, {2, 0, none, NULL}};
  alpa_solver_edge edges[MOST];
  for (uint32_t i = 0; i < n; i++)
    edges[i] = (alpa_solver_edge){i, (i + 1) % n, n % 2 == 0 && i + 1 == n, NULL, NULL, 1};
  alpa_solver_problem problem = {nodes, tables, edges, n, 2, n, ALPA_SOLVER_UNLIMITED};
  alpa_memory memory;
  alpa_arena arena;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  bounds found = ascend(&problem, &arena);
  assert_true(found.before == 0);
  assert_true(found.after == 1);
  assert_true(found.n_triplets >= n - 2);
  alpa_arena_deinit(&arena);
}

static void test_circles(void **state) {
  (void)state;
  check_circle(3);
  check_circle(4);
}

enum { GLASS_NODES = 7, GLASS_STATES = 3, GLASS_EDGES = GLASS_NODES * (GLASS_NODES - 1) / 2 };

/* Every two nodes cost something where they are equal (a spin glass), or a random table. */
static const alpa_solver_problem *random_glass(alpa_arena *arena, uint64_t seed, bool is_limited) {
  alpa_random random;
  alpa_random_init(&random, seed);
  alpa_solver_problem *problem = alpa_arena_new(arena, alpa_solver_problem, 1);
  alpa_solver_node *nodes = alpa_arena_new(arena, alpa_solver_node, GLASS_NODES);
  alpa_solver_table *tables = alpa_arena_new(arena, alpa_solver_table, GLASS_EDGES);
  alpa_solver_edge *edges = alpa_arena_new(arena, alpa_solver_edge, GLASS_EDGES);
  uint32_t n_edges = 0;
  for (uint32_t i = 0; i < GLASS_NODES; i++) {
    nodes[i] = (alpa_solver_node){GLASS_STATES, 0, alpa_arena_new(arena, int64_t, GLASS_STATES), NULL};
    if (is_limited)
      random_segments(arena, &random, &nodes[i]);
    for (uint32_t j = 0; j < i; j++, n_edges++) {
      int64_t *costs = alpa_arena_new(arena, int64_t, GLASS_STATES *GLASS_STATES);
      bool is_equal = alpa_random_below(&random, 2), is_infinite = alpa_random_below(&random, 8) == 0;
      for (uint32_t x = 0; x < GLASS_STATES * GLASS_STATES; x++)
        costs[x] = !is_equal || x % (GLASS_STATES + 1) == 0 ? 1 + alpa_random_below(&random, 99) : 0;
      if (is_infinite)
        costs[alpa_random_below(&random, GLASS_STATES)] = ALPA_SOLVER_INFINITE;
      tables[n_edges] = (alpa_solver_table){GLASS_STATES, GLASS_STATES, costs};
      edges[n_edges] = (alpa_solver_edge){i, j, n_edges, NULL, NULL, 1};
    }
  }
  int64_t limit = is_limited ? 40 + alpa_random_below(&random, 80) : ALPA_SOLVER_UNLIMITED;
  *problem = (alpa_solver_problem){nodes, tables, edges, GLASS_NODES, n_edges, n_edges, limit};
  return problem;
}

/* How many of the random problems triplets bring nearer to the optimum. */
static size_t count_raised(bool is_limited, uint64_t n) {
  size_t n_raised = 0;
  for (uint64_t seed = 1; seed <= n; seed++) {
    alpa_memory memory;
    alpa_arena arena;
    alpa_memory_init(&memory, NULL, NULL);
    alpa_arena_init(&arena, &memory);
    const alpa_solver_problem *problem = random_glass(&arena, seed, is_limited);
    alpa_int128 best = exhaust(problem, &arena);
    bounds found = best < ALPA_SOLVER_INFINITE ? ascend(problem, &arena) : (bounds){0};
    if (best < ALPA_SOLVER_INFINITE && found.after > best)
      fail_msg("seed %llu: optimum %lld, bound %lld", (unsigned long long)seed, (long long)best,
               (long long)found.after);
    n_raised += found.after > found.before;
    alpa_arena_deinit(&arena);
  }
  print_message("raised: %zu of %llu\n", n_raised, (unsigned long long)n);
  return n_raised;
}

static void test_random(void **state) {
  (void)state;
  assert_true(count_raised(false, 200) >= 150);
  assert_true(count_raised(true, 200) >= 120);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_circles), cmocka_unit_test(test_random)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
