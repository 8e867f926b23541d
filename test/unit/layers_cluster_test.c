/* The partition into layers and the minimum cut, against exhaustion on random small problems. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <cmocka.h>

#include "passes/analysis/max_flow.h"
#include "passes/layers/cluster.h"
#include "passes/solver/random.h"

enum { MOST_UNITS = 9, MOST_NODES = 9, TRIALS = 400 };

typedef struct score {
  int64_t largest, sum;
  double imbalance;
} score;

static bool is_less(score a, score b) {
  return a.largest != b.largest ? a.largest < b.largest
         : a.sum != b.sum       ? a.sum < b.sum
                                : a.imbalance < b.imbalance - 1e-9;
}

/* The score of the partition that cuts behind unit i where bit i is set; false where it is not allowed. */
static bool rate(const layer_problem *p, uint32_t mask, uint32_t n_layers, score *out) {
  double total = 0, weight = 0;
  for (uint32_t i = 0; i < p->n_units; i++)
    total += p->weights[i];
  *out = (score){0};
  int32_t layer = 0, group = -1;
  uint32_t n_units = 0;
  for (uint32_t i = 0; i < p->n_units; i++) {
    weight += p->weights[i];
    n_units++;
    if ((p->pins[i] >= 0 && p->pins[i] != layer) || (group >= 0 && p->groups[i] >= 0 && p->groups[i] != group))
      return false;
    group = p->groups[i] >= 0 ? p->groups[i] : group;
    bool is_end = i + 1 == p->n_units || mask >> i & 1;
    if (!is_end)
      continue;
    double off = weight - total / n_layers;
    if (n_units > 1 && weight > total / n_layers * (1 + p->imbalance))
      return false;
    out->imbalance += off * off;
    if (i + 1 < p->n_units) {
      if (p->closed[i])
        return false;
      out->sum += p->cuts[i];
      out->largest = p->cuts[i] > out->largest ? p->cuts[i] : out->largest;
    }
    layer++;
    weight = n_units = 0;
    group = -1;
  }
  return (uint32_t)layer == n_layers;
}

static void check_partition(alpa_arena *arena, alpa_random *random) {
  double weights[MOST_UNITS];
  int64_t cuts[MOST_UNITS];
  int32_t pins[MOST_UNITS], groups[MOST_UNITS];
  bool closed[MOST_UNITS];
  layer_problem p = {1 + alpa_random_below(random, MOST_UNITS), weights, cuts, pins, groups, closed,
                     alpa_random_below(random, 3) * 0.5};
  uint32_t n_layers = 1 + alpa_random_below(random, p.n_units), ends[MOST_UNITS];
  for (uint32_t i = 0; i < p.n_units; i++) {
    weights[i] = alpa_random_below(random, 5);
    cuts[i] = alpa_random_below(random, 4);
    pins[i] = alpa_random_below(random, 6) ? -1 : (int32_t)alpa_random_below(random, n_layers);
    groups[i] = alpa_random_below(random, 4) ? -1 : (int32_t)alpa_random_below(random, 2);
    closed[i] = alpa_random_below(random, 6) == 0;
  }
  score best = {0}, next = {0};
  bool found = false;
  for (uint32_t mask = 0; mask < 1u << (p.n_units - 1); mask++)
    if (rate(&p, mask, n_layers, &next) && (!found || is_less(next, best))) {
      best = next;
      found = true;
    }
  int64_t largest;
  assert_int_equal(alpa_layer_problem_solve(arena, &p, n_layers, ends, &largest), found);
  if (!found)
    return;
  uint32_t mask = 0;
  for (uint32_t l = 0; l + 1 < n_layers; l++)
    mask |= 1u << (ends[l] - 1);
  assert_true(rate(&p, mask, n_layers, &next));
  assert_false(is_less(best, next));
  assert_int_equal(largest, best.largest);
}

static void run_trials(uint64_t seed, void (*check)(alpa_arena *arena, alpa_random *random)) {
  alpa_memory memory;
  alpa_arena arena;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  alpa_random random;
  alpa_random_init(&random, seed);
  for (int trial = 0; trial < TRIALS; trial++)
    check(&arena, &random);
  alpa_arena_deinit(&arena);
}

static void test_partition_is_best(void **state) {
  (void)state;
  run_trials(1, check_partition);
}

/* A block of four units with cheap cuts at its ends only: five layers of eight blocks cut between blocks. */
static void test_blocks_stay_whole(void **state) {
  (void)state;
  enum { N = 32 };
  double weights[N];
  int64_t cuts[N];
  int32_t nothing[N];
  for (int i = 0; i < N; i++) {
    weights[i] = 1;
    cuts[i] = i % 4 == 3 ? 1 : 4;
    nothing[i] = -1;
  }
  alpa_memory memory;
  alpa_arena arena;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  const layer_problem p = {N, weights, cuts, nothing, nothing, NULL, 0.5};
  uint32_t ends[N];
  assert_int_equal(alpa_layer_problem_choose(&arena, &p, 1, N, ends), 8);
  for (uint32_t l = 0; l < 8; l++)
    assert_int_equal(ends[l], 4 * (l + 1));
  assert_int_equal(alpa_layer_problem_choose(&arena, &p, 1, 5, ends), 5);
  for (uint32_t l = 0; l < 5; l++)
    assert_int_equal(ends[l] % 4, 0);
  assert_int_equal(alpa_layer_problem_choose(&arena, &p, 12, N, ends), 12); /* more than there are blocks */
  assert_int_equal(alpa_layer_problem_choose(&arena, &p, 64, 64, ends), N);
  weights[3] = 1000; /* nothing balances that */
  assert_int_equal(alpa_layer_problem_choose(&arena, &p, 2, 8, ends), 2);
  alpa_arena_deinit(&arena);
}

static int64_t cut_of(const alpa_flow_edge *edges, uint32_t n, uint32_t side) {
  int64_t cut = 0;
  for (uint32_t e = 0; e < n; e += 2)
    if (side >> edges[e].from & 1 && !(side >> edges[e].to & 1))
      cut += edges[e].capacity;
  return cut;
}

static void check_cut(alpa_arena *arena, alpa_random *random) {
  alpa_flow_graph graph;
  alpa_flow_init(&graph, arena);
  uint32_t n = 2 + alpa_random_below(random, MOST_NODES - 2), n_edges = alpa_random_below(random, 24);
  while (graph.n_nodes < n)
    alpa_flow_add_node(&graph);
  for (uint32_t e = 0; e < n_edges; e++)
    alpa_flow_add_edge(&graph, alpa_random_below(random, n), alpa_random_below(random, n),
                       alpa_random_below(random, 8) ? alpa_random_below(random, 10) : ALPA_FLOW_INFINITE / 64);
  alpa_flow_edge *given = alpa_arena_copy(arena, graph.edges.items, graph.edges.n * sizeof *given);
  int64_t least = INT64_MAX;
  uint32_t nearest = 0; /* the intersection of the sources' sides of all least cuts */
  for (uint32_t side = 0; side < 1u << n; side++) {
    if (!(side & 1) || side & 2)
      continue;
    int64_t cut = cut_of(given, 2 * n_edges, side);
    nearest = cut < least ? side : cut == least ? nearest & side : nearest;
    least = cut < least ? cut : least;
  }
  bool is_source[MOST_NODES];
  assert_int_equal(alpa_flow_run(&graph, is_source), least);
  for (uint32_t v = 0; v < n; v++)
    assert_int_equal(is_source[v], nearest >> v & 1);
}

static void test_cut_is_least(void **state) {
  (void)state;
  run_trials(2, check_cut);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_partition_is_best), cmocka_unit_test(test_blocks_stay_whole),
                                     cmocka_unit_test(test_cut_is_least)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
