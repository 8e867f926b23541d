/* The search for stages against exhaustion on small random problems: several kinds of devices, devices left unused,
 * memory that depends on the place in the pipeline, links, and costs of the epilogue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "passes/solver/random.h"
#include "passes/stages/search.h"

enum { MOST_LAYERS = 5, MOST_SUBMESHES = 3, MOST_KINDS = 2, MOST_OPTIONS = 3, TRIALS = 1500 };

typedef struct instance {
  alpa_stage_problem problem;
  alpa_submesh submeshes[MOST_SUBMESHES];
  int64_t available[MOST_KINDS], limits[MOST_KINDS];
  alpa_stage_front fronts[MOST_LAYERS * MOST_LAYERS * MOST_SUBMESHES];
  alpa_stage_option options[MOST_LAYERS * MOST_LAYERS * MOST_SUBMESHES][MOST_OPTIONS];
  int64_t links[MOST_LAYERS * MOST_SUBMESHES * MOST_SUBMESHES];
} instance;

static void draw(alpa_random *r, instance *in) {
  alpa_stage_problem *p = &in->problem;
  *p = (alpa_stage_problem){.n_layers = 1 + alpa_random_below(r, MOST_LAYERS),
                            .n_submeshes = 1 + alpa_random_below(r, MOST_SUBMESHES),
                            .n_kinds = 1 + alpa_random_below(r, MOST_KINDS),
                            .submeshes = in->submeshes,
                            .available = in->available,
                            .limits = in->limits,
                            .fronts = in->fronts,
                            .links = in->links,
                            .n_micro_batches = 1 + alpa_random_below(r, 6)};
  for (uint32_t k = 0; k < p->n_kinds; k++) {
    in->available[k] = 1 + alpa_random_below(r, 4);
    in->limits[k] = 10 + alpa_random_below(r, 20);
  }
  for (uint32_t m = 0; m < p->n_submeshes; m++)
    in->submeshes[m] = (alpa_submesh){alpa_random_below(r, p->n_kinds), 1 + alpa_random_below(r, 3)};
  for (uint32_t f = 0; f < p->n_layers * p->n_layers * p->n_submeshes; f++) {
    uint32_t n = alpa_random_below(r, MOST_OPTIONS + 1);
    for (uint32_t o = 0; o < n; o++)
      in->options[f][o] = (alpa_stage_option){1 + alpa_random_below(r, 20), alpa_random_below(r, 10),
                                              alpa_random_below(r, 15), alpa_random_below(r, 6), o};
    in->fronts[f] = (alpa_stage_front){in->options[f], alpa_stages_prune(in->options[f], n)};
  }
  for (uint32_t l = 0; l < p->n_layers * p->n_submeshes * p->n_submeshes; l++)
    in->links[l] = alpa_random_below(r, 12);
}

/* The time of a pipeline by the definition, INT64_MAX where it breaks a limit. */
static int64_t rate(const alpa_stage_problem *p, const alpa_stage_part *stages, uint32_t n) {
  int64_t sum = 0, max = 0, once = 0, used[MOST_KINDS] = {0};
  for (uint32_t s = 0; s < n; s++) {
    const alpa_stage_option *o = &stages[s].option;
    const alpa_submesh *m = &p->submeshes[stages[s].submesh];
    int64_t in_flight = n - s < p->n_micro_batches ? n - s : p->n_micro_batches;
    used[m->kind] += m->n_devices;
    if (used[m->kind] > p->available[m->kind] || o->fixed + in_flight * o->in_flight > p->limits[m->kind])
      return INT64_MAX;
    int64_t link =
        s + 1 < n
            ? p->links[(stages[s].last * p->n_submeshes + stages[s].submesh) * p->n_submeshes + stages[s + 1].submesh]
            : 0;
    sum += o->time + link;
    max = o->time > max ? o->time : max;
    max = link > max ? link : max;
    once = o->once > once ? o->once : once;
  }
  return sum + (p->n_micro_batches - 1) * max + once;
}

static int64_t exhaust(const alpa_stage_problem *p, alpa_stage_part *stages, uint32_t n, uint32_t first) {
  if (first == p->n_layers)
    return rate(p, stages, n);
  int64_t best = INT64_MAX;
  for (uint32_t last = first; last < p->n_layers; last++)
    for (uint32_t m = 0; m < p->n_submeshes; m++) {
      const alpa_stage_front *front = alpa_stage_front_at(p, first, last, m);
      for (uint32_t o = 0; o < front->n; o++) {
        stages[n] = (alpa_stage_part){.first = first, .last = last, .submesh = m, .option = front->options[o]};
        int64_t time = exhaust(p, stages, n + 1, last + 1);
        best = time < best ? time : best;
      }
    }
  return best;
}

/* With its links known a solution takes what the search says; waiting for what is received only takes longer. */
static void check_time(const alpa_stage_problem *p, const alpa_stage_solution *found) {
  int64_t links[MOST_LAYERS] = {0};
  for (uint32_t s = 0; s + 1 < found->n_stages; s++)
    links[s] = p->links[(found->stages[s].last * p->n_submeshes + found->stages[s].submesh) * p->n_submeshes +
                        found->stages[s + 1].submesh];
  assert_int_equal(alpa_stages_time(found, links, p->n_micro_batches, true), found->time);
  assert_true(alpa_stages_time(found, links, 1, false) == alpa_stages_time(found, links, 1, true));
}

/* Stages of 10, 4 and 9 with links of 2 and 8: the last two wait 5 and 4 for what they receive, the first 1. */
static void test_waiting(void **state) {
  (void)state;
  const alpa_stage_part stages[] = {
      {.option = {.time = 10, .once = 3}}, {.option = {.time = 4, .once = 7}}, {.option = {.time = 9, .once = 1}}};
  const alpa_stage_solution solution = {.n_stages = 3, .stages = stages};
  assert_int_equal(alpa_stages_time(&solution, (const int64_t[]){2, 8}, 5, true), 23 + 10 + 4 * 10 + 7);
  assert_int_equal(alpa_stages_time(&solution, (const int64_t[]){2, 8}, 5, false), 23 + 10 + 4 * 13 + 7);
}

static void test_search_is_exact(void **state) {
  (void)state;
  alpa_memory memory;
  alpa_arena arena;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  alpa_random random;
  alpa_random_init(&random, 3);
  uint32_t n_solved = 0;
  for (int trial = 0; trial < TRIALS; trial++) {
    static instance in;
    draw(&random, &in);
    alpa_stage_part stages[MOST_LAYERS];
    int64_t best = exhaust(&in.problem, stages, 0, 0);
    alpa_stage_solution found, narrow;
    bool is_found = alpa_stages_search(&arena, &in.problem, INT64_MAX, 0, &found);
    assert_int_equal(is_found, best != INT64_MAX);
    if (!is_found)
      continue;
    n_solved++;
    assert_int_equal(found.time, best);
    assert_int_equal(rate(&in.problem, found.stages, found.n_stages), best);
    check_time(&in.problem, &found);
    assert_false(alpa_stages_search(&arena, &in.problem, best, 0, &found));
    assert_true(alpa_stages_search(&arena, &in.problem, best + 1, 0, &found));
    assert_true(alpa_stages_search(&arena, &in.problem, INT64_MAX, 1, &narrow) ? narrow.time >= best : true);
  }
  assert_true(n_solved > TRIALS / 5);
  alpa_arena_deinit(&arena);
}

/* Two whole hosts, then quads and pairs, on four hosts of eight; one device more has no room. */
static void test_places_fit_hosts(void **state) {
  (void)state;
  alpa_memory memory;
  alpa_arena arena;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_arena_init(&arena, &memory);
  const int64_t sizes[] = {2, 4, 16, 4, 2, 4, 1};
  int64_t first[countof(sizes)];
  assert_true(alpa_stages_place(&arena, sizes, 6, 32, 8, first));
  const int64_t expected[] = {28, 16, 0, 20, 30, 24};
  for (size_t i = 0; i < countof(expected); i++)
    assert_int_equal(first[i], expected[i]);
  assert_false(alpa_stages_place(&arena, sizes, 7, 32, 8, first));
  const int64_t odd[] = {5, 5, 5};
  assert_false(alpa_stages_place(&arena, odd, 3, 16, 8, first));
  alpa_arena_deinit(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_search_is_exact), cmocka_unit_test(test_waiting),
                                     cmocka_unit_test(test_places_fit_hosts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
