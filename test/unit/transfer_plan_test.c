/* Plans of transfers: that they can be executed and move every element once, the published cases against the lower
 * bound, and small ones against all plans that there are. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/resharding_read.c"
#include "passes/transfer/cells.c"
#include "passes/transfer/plan.c" /* its functions are not exported */
#include "passes/solver/random.h"

enum { MAX_SIDE = 8, MAX_RANK = 3 };

typedef struct fixture {
  alpa_memory memory;
  alpa_arena arena;
  alpa_transfer_problem problem;
  alpa_transfer_plan plan;
  uint32_t devices[2][MAX_SIDE];
  int64_t starts[2][MAX_SIDE * MAX_RANK], extents[2][MAX_SIDE * MAX_RANK];
} fixture;

static void open(fixture *f) {
  *f = (fixture){.problem = {.element_bytes = 1, .devices_per_host = 1, .network = {0, 1}, .local = {0, 1}}};
  alpa_memory_init(&f->memory, NULL, NULL);
  alpa_arena_init(&f->arena, &f->memory);
  for (int side = 0; side < 2; side++)
    *(side ? &f->problem.to : &f->problem.from) = (alpa_tiling){0, f->devices[side], f->starts[side], f->extents[side]};
}

static void close(fixture *f) { alpa_arena_deinit(&f->arena); }

static void add_box(fixture *f, int side, uint32_t device, const int64_t *start, const int64_t *extents) {
  alpa_tiling *tiling = side ? &f->problem.to : &f->problem.from;
  for (uint32_t d = 0; d < f->problem.rank; d++) {
    f->starts[side][tiling->n_devices * f->problem.rank + d] = start[d];
    f->extents[side][tiling->n_devices * f->problem.rank + d] = extents[d];
  }
  f->devices[side][tiling->n_devices++] = device;
}

static void add_range(fixture *f, int side, uint32_t device, int64_t start, int64_t extent) {
  f->problem.rank = 1;
  add_box(f, side, device, &start, &extent);
}

/* ---- execution --------------------------------------------------------------------------------------------------- */

static int64_t volume(const int64_t *extents, uint32_t rank) {
  int64_t n = 1;
  for (uint32_t d = 0; d < rank; d++)
    n *= extents[d];
  return n;
}

static bool overlap(const int64_t *start, const int64_t *extents, const int64_t *other, const int64_t *other_extents,
                    uint32_t rank) {
  for (uint32_t d = 0; d < rank; d++)
    if (start[d] >= other[d] + other_extents[d] || other[d] >= start[d] + extents[d])
      return false;
  return true;
}

static bool contains(const int64_t *start, const int64_t *extents, const int64_t *other, const int64_t *other_extents,
                     uint32_t rank) {
  for (uint32_t d = 0; d < rank; d++)
    if (other[d] < start[d] || other[d] + other_extents[d] > start[d] + extents[d])
      return false;
  return true;
}

static bool has_box(const alpa_tiling *tiling, uint32_t rank, uint32_t device, const alpa_transfer_copy *copy) {
  for (uint32_t k = 0; k < tiling->n_devices; k++)
    if (tiling->devices[k] == device &&
        contains(&tiling->starts[k * rank], &tiling->extents[k * rank], copy->start, copy->extents, rank))
      return true;
  return false;
}

/* What a copy reads is there: from the beginning, or brought by the one that it names. */
static void check_source(const alpa_transfer_problem *problem, const alpa_transfer_plan *plan, uint32_t i) {
  const alpa_transfer_copy *copy = &plan->copies[i];
  assert_true(has_box(&problem->to, problem->rank, copy->to, copy));
  if (copy->after == ALPA_NO_COPY) {
    assert_true(has_box(&problem->from, problem->rank, copy->from, copy));
    assert_int_equal(copy->depth, 0);
    return;
  }
  const alpa_transfer_copy *before = &plan->copies[copy->after];
  assert_true(copy->after < i);
  assert_false(problem->is_direct);
  assert_int_equal(before->to, copy->from);
  assert_int_equal(copy->depth, before->depth + 1);
  assert_true(before->end_s <= copy->begin_s);
  assert_true(contains(before->start, before->extents, copy->start, copy->extents, problem->rank));
}

/* A host's network and a device's port carry one copy at a time in each direction. */
static void check_ports(const alpa_transfer_problem *problem, const alpa_transfer_copy *a,
                        const alpa_transfer_copy *b) {
  uint32_t n = problem->devices_per_host;
  bool is_network[2] = {a->from / n != a->to / n, b->from / n != b->to / n};
  double latency_s = is_network[0] ? problem->network.latency_s : problem->local.latency_s;
  if (is_network[0] != is_network[1] || a->end_s - latency_s <= b->begin_s + 1e-12 ||
      b->end_s - latency_s <= a->begin_s + 1e-12)
    return;
  if (is_network[0]) {
    assert_int_not_equal(a->from / n, b->from / n);
    assert_int_not_equal(a->to / n, b->to / n);
  } else if (a->from != a->to && b->from != b->to) {
    assert_int_not_equal(a->from, b->from);
    assert_int_not_equal(a->to, b->to);
  }
}

/* The elements of a device's box that some source has, by counting them; boxes here are small or the sources cover all.
 */
static int64_t count_received(const alpa_transfer_problem *problem, const alpa_transfer_plan *plan, uint32_t k) {
  uint32_t rank = problem->rank;
  int64_t n = 0;
  for (uint32_t i = 0; i < plan->n_copies; i++)
    if (plan->copies[i].to == problem->to.devices[k])
      n += volume(plan->copies[i].extents, rank);
  return n;
}

static void check_plan(const alpa_transfer_problem *problem, const alpa_transfer_plan *plan) {
  for (uint32_t i = 0; i < plan->n_copies; i++) {
    check_source(problem, plan, i);
    for (uint32_t j = 0; j < i; j++) {
      const alpa_transfer_copy *a = &plan->copies[j], *b = &plan->copies[i];
      check_ports(problem, a, b);
      assert_true(a->begin_s <= b->begin_s);
      /* nothing is written twice */
      assert_false(a->to == b->to && overlap(a->start, a->extents, b->start, b->extents, problem->rank));
    }
    assert_true(plan->copies[i].end_s <= plan->makespan_s);
  }
  assert_true(plan->makespan_s >= plan->bound_s * (1 - 1e-9));
}

static void check_covered(const alpa_transfer_problem *problem, const alpa_transfer_plan *plan) {
  for (uint32_t k = 0; k < problem->to.n_devices; k++)
    assert_int_equal(count_received(problem, plan, k), volume(&problem->to.extents[k * problem->rank], problem->rank));
}

/* ---- the published cases ----------------------------------------------------------------------------------------- */

/* Bytes that hosts lack: each crosses into each host once. */
static int64_t count_needed(const alpa_transfer_problem *problem) {
  int64_t bytes = 0;
  for (uint32_t k = 0; k < problem->to.n_devices; k++) {
    bool is_new = true;
    for (uint32_t j = 0; j < k && is_new; j++)
      is_new =
          problem->to.devices[j] / problem->devices_per_host != problem->to.devices[k] / problem->devices_per_host ||
          memcmp(&problem->to.starts[j * problem->rank], &problem->to.starts[k * problem->rank],
                 problem->rank * sizeof(int64_t)) != 0;
    bytes += is_new ? volume(&problem->to.extents[k * problem->rank], problem->rank) * problem->element_bytes : 0;
  }
  return bytes;
}

static void test_published_cases(void **state) {
  (void)state;
  fixture f;
  resharding_cases cases;
  open(&f);
  assert_true(resharding_read("bench/instances/resharding.json", &f.arena, &cases));
  assert_int_equal(cases.n, 16);
  for (size_t i = 0; i < cases.n; i++) {
    const alpa_transfer_problem *problem = &cases.items[i].problem;
    alpa_transfer_plan_build(&f.arena, problem, &f.plan);
    check_plan(problem, &f.plan);
    check_covered(problem, &f.plan);
    assert_true(f.plan.makespan_s <= 1.1 * f.plan.bound_s);
    assert_int_equal(f.plan.network_bytes, count_needed(problem));
  }
  close(&f);
}

/* The bounds of some, by hand: a half of 2 GiB into each of two hosts, a third into each of three (a half out of each
 * of two), all of them out of one and into each of two; 1 GiB. */
static void test_bounds(void **state) {
  (void)state;
  static const struct {
    const char *name;
    double bytes;
  } rows[] = {{"case1", 1u << 30},     {"case3", 1u << 30},
              {"case4", 1u << 30},     {"case6", 3072.0 * 1024 * 170 * 4 / 2},
              {"case7", 2147483648.0}, {"1 to 4x2", 1u << 30}};
  fixture f;
  resharding_cases cases;
  open(&f);
  assert_true(resharding_read("bench/instances/resharding.json", &f.arena, &cases));
  for (size_t i = 0; i < countof(rows); i++)
    for (size_t c = 0; c < cases.n; c++)
      if (strcmp(cases.items[c].name, rows[i].name) == 0) {
        alpa_transfer_plan_build(&f.arena, &cases.items[c].problem, &f.plan);
        assert_true(fabs(f.plan.bound_s - (100e-6 + rows[i].bytes / 1.25e9)) < 1e-9);
      }
  close(&f);
}

/* ---- all plans of small problems --------------------------------------------------------------------------------- */

enum { MAX_ELEMENTS = 4, MAX_HOSTS = 6 };

/* One device on each host, one element takes one unit: what every host has, as bits. */
typedef struct rounds {
  uint32_t n_hosts, n_sources;
  uint32_t wanted[MAX_HOSTS];
} rounds;

typedef struct world {
  uint8_t has[MAX_HOSTS];
} world;

static bool is_done(const rounds *r, const world *w) {
  for (uint32_t h = 0; h < r->n_hosts; h++)
    if ((w->has[h] & r->wanted[h]) != r->wanted[h])
      return false;
  return true;
}

/* Whether the rest can be done in `left` more rounds; receiver h chooses what it gets in this one. */
static bool can_finish(const rounds *r, const world *before, const world *after, uint32_t h, uint32_t senders,
                       uint32_t left) {
  if (is_done(r, after))
    return true;
  if (h == r->n_hosts)
    return left > 1 && memcmp(before, after, sizeof *before) != 0 && can_finish(r, after, after, 0, 0, left - 1);
  for (uint32_t e = 0; e < MAX_ELEMENTS; e++)
    for (uint32_t g = 0; g < r->n_hosts; g++) {
      if (!(r->wanted[h] & ~before->has[h] & 1u << e) || !(before->has[g] & 1u << e) || senders & 1u << g)
        continue;
      world next = *after;
      next.has[h] = (uint8_t)(next.has[h] | 1u << e);
      if (can_finish(r, before, &next, h + 1, senders | 1u << g, left))
        return true;
    }
  return can_finish(r, before, after, h + 1, senders, left);
}

static uint32_t fewest_rounds(const rounds *r, const world *begin) {
  uint32_t n = 1;
  while (!can_finish(r, begin, begin, 0, 0, n))
    n++;
  return is_done(r, begin) ? 0 : n;
}

/* Random ranges of four elements on up to three sources and three destinations, each on a host of its own. */
static void make_random(fixture *f, alpa_random *random, rounds *out_rounds, world *out_world) {
  uint32_t n[2] = {1 + alpa_random_below(random, 3), 1 + alpa_random_below(random, 3)}, held = 0;
  *out_rounds = (rounds){.n_hosts = n[0] + n[1], .n_sources = n[0]};
  *out_world = (world){{0}};
  for (uint32_t k = 0; k < n[0] + n[1]; k++) {
    uint32_t start = alpa_random_below(random, MAX_ELEMENTS);
    uint32_t extent = 1 + alpa_random_below(random, MAX_ELEMENTS - start), bits = ((1u << extent) - 1) << start;
    add_range(f, k >= n[0], k, start, extent);
    held |= k < n[0] ? bits : 0;
    out_world->has[k] = k < n[0] ? (uint8_t)bits : 0;
    out_rounds->wanted[k] = k < n[0] ? 0 : bits & held;
  }
}

static void test_brute_force(void **state) {
  (void)state;
  alpa_random random;
  alpa_random_init(&random, 7);
  uint32_t n_optimal = 0, n_all = 600;
  for (uint32_t i = 0; i < n_all; i++) {
    fixture f;
    rounds r;
    world w;
    open(&f);
    make_random(&f, &random, &r, &w);
    alpa_transfer_plan_build(&f.arena, &f.problem, &f.plan);
    check_plan(&f.problem, &f.plan);
    uint32_t fewest = fewest_rounds(&r, &w);
    assert_true(f.plan.bound_s <= fewest + 1e-9);
    assert_true(f.plan.makespan_s >= fewest - 1e-9);
    n_optimal += f.plan.makespan_s <= fewest + 1e-9;
    assert_true(f.plan.makespan_s <= fewest + 1 + 1e-9);
    close(&f);
  }
  print_message("%u of %u optimal\n", n_optimal, n_all);
  assert_true(n_optimal * 100 >= n_all * 90);
}

/* ---- hosts of several devices ------------------------------------------------------------------------------------ */

/* Elements of a destination box that some source has. */
static int64_t count_held(const alpa_transfer_problem *problem, uint32_t k) {
  const int64_t *start = &problem->to.starts[2 * k], *extents = &problem->to.extents[2 * k], one[2] = {1, 1};
  int64_t n = 0;
  for (int64_t at[2] = {start[0], start[1]}; at[0] < start[0] + extents[0]; at[0]++)
    for (at[1] = start[1]; at[1] < start[1] + extents[1]; at[1]++) {
      bool is_held = false;
      for (uint32_t s = 0; s < problem->from.n_devices && !is_held; s++)
        is_held = contains(&problem->from.starts[2 * s], &problem->from.extents[2 * s], at, one, 2);
      n += is_held;
    }
  return n;
}

/* Random boxes of 4 x 4 elements on eight devices of up to four hosts; the two sides may share devices. */
static void test_random(void **state) {
  (void)state;
  alpa_random random;
  alpa_random_init(&random, 11);
  for (uint32_t i = 0; i < 2000; i++) {
    fixture f;
    open(&f);
    f.problem.rank = 2;
    f.problem.devices_per_host = 1 + alpa_random_below(&random, 8);
    f.problem.is_direct = alpa_random_below(&random, 3) == 0;
    f.problem.network = (alpa_transfer_link){alpa_random_below(&random, 2), 0.1 + alpa_random_unit(&random)};
    f.problem.local = (alpa_transfer_link){0.1, 1 + alpa_random_below(&random, 10)};
    for (int side = 0; side < 2; side++)
      for (uint32_t device = 0; device < 8; device++) {
        int64_t start[2] = {alpa_random_below(&random, 4), alpa_random_below(&random, 4)};
        int64_t extents[2] = {1 + alpa_random_below(&random, (uint32_t)(4 - start[0])),
                              1 + alpa_random_below(&random, (uint32_t)(4 - start[1]))};
        if (alpa_random_below(&random, 2))
          add_box(&f, side, device, start, extents);
      }
    alpa_transfer_plan_build(&f.arena, &f.problem, &f.plan);
    check_plan(&f.problem, &f.plan);
    for (uint32_t k = 0; k < f.problem.to.n_devices; k++)
      assert_int_equal(count_received(&f.problem, &f.plan, k), count_held(&f.problem, k));
    close(&f);
  }
}

/* On one host, replicas share the work of sending; nothing is cut. */
static void test_balance(void **state) {
  (void)state;
  fixture f;
  open(&f);
  f.problem.devices_per_host = 8;
  f.problem.is_direct = true;
  uint32_t n_sent[2] = {0};
  for (uint32_t device = 0; device < 2; device++)
    add_range(&f, 0, device, 0, 64);
  for (uint32_t device = 2; device < 6; device++)
    add_range(&f, 1, device, 16 * (device - 2), 16);
  alpa_transfer_plan_build(&f.arena, &f.problem, &f.plan);
  check_plan(&f.problem, &f.plan);
  assert_int_equal(f.plan.n_copies, 4);
  for (uint32_t i = 0; i < 4; i++)
    n_sent[f.plan.copies[i].from]++;
  assert_int_equal(n_sent[0], 2);
  assert_true(fabs(f.plan.makespan_s - 32) < 1e-9);
  assert_int_equal(f.plan.network_bytes, 0);
  close(&f);
}

/* Rows to columns between 64 devices on 8 hosts and 64 on 8 others: each of the 4096 pieces has one way, and the
 * networks are nearly always busy. */
static void test_transposed(void **state) {
  (void)state;
  enum { N = 64 };
  fixture f;
  uint32_t devices[2][N];
  int64_t starts[2][2 * N] = {{0}}, extents[2][2 * N];
  open(&f);
  for (uint32_t side = 0; side < 2; side++)
    for (uint32_t k = 0; k < N; k++) {
      devices[side][k] = N * side + k;
      starts[side][2 * k + side] = k;
      extents[side][2 * k + side] = 1;
      extents[side][2 * k + 1 - side] = N;
    }
  f.problem = (alpa_transfer_problem){.rank = 2,
                                      .element_bytes = 1,
                                      .from = {N, devices[0], starts[0], extents[0]},
                                      .to = {N, devices[1], starts[1], extents[1]},
                                      .devices_per_host = 8,
                                      .network = {0, 1},
                                      .local = {0, 100}};
  alpa_transfer_plan_build(&f.arena, &f.problem, &f.plan);
  assert_int_equal(f.plan.n_copies, N * N);
  check_covered(&f.problem, &f.plan);
  assert_true(fabs(f.plan.bound_s - N * N / 8) < 1e-9);
  assert_true(f.plan.makespan_s <= 1.1 * f.plan.bound_s);
  close(&f);
}

/* A scalar has one element and no dimensions; an empty tensor has nothing to move. */
static void test_edges(void **state) {
  (void)state;
  fixture f;
  open(&f);
  add_box(&f, 0, 0, NULL, NULL);
  add_box(&f, 1, 1, NULL, NULL);
  alpa_transfer_plan_build(&f.arena, &f.problem, &f.plan);
  assert_int_equal(f.plan.n_copies, 1);
  assert_true(fabs(f.plan.makespan_s - 1) < 1e-9);
  close(&f);
  open(&f);
  add_range(&f, 0, 0, 0, 0);
  add_range(&f, 1, 1, 0, 0);
  alpa_transfer_plan_build(&f.arena, &f.problem, &f.plan);
  assert_int_equal(f.plan.n_copies, 0);
  close(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_published_cases), cmocka_unit_test(test_bounds),  cmocka_unit_test(test_brute_force),
      cmocka_unit_test(test_random),          cmocka_unit_test(test_balance), cmocka_unit_test(test_edges),
      cmocka_unit_test(test_transposed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
