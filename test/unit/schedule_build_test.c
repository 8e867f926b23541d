/* Schedules: order, memory and bubble against the closed forms of their papers; faults of lists written by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "passes/schedule/build.c" /* its functions are not exported */
#include "passes/schedule/schedule.c"
#include "passes/schedule/simulate.c"

static void assert_near(double value, double expected) { assert_true(fabs(value - expected) < 1e-9); }

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* The name, how many chunks a submesh holds, and tF, tB, tW of a stage. */
typedef struct example {
  const char *kind;
  uint32_t n_chunks;
  double task_s[ALPA_TASK_KINDS];
} example;

typedef struct fixture {
  alpa_memory memory;
  alpa_arena arena;
  alpa_stage_map map;
  alpa_schedule schedule;
  alpa_schedule_costs costs;
  alpa_simulation simulation;
} fixture;

static void close(fixture *f) { alpa_arena_deinit(&f->arena); }

/* S submeshes and B micro-batches; transfers take no time. */
static void open(fixture *f, const example *e, uint32_t n_submeshes, uint32_t n_microbatches) {
  uint32_t n_stages = n_submeshes * e->n_chunks;
  *f = (fixture){0};
  alpa_memory_init(&f->memory, NULL, NULL);
  alpa_arena_init(&f->arena, &f->memory);
  const alpa_schedule_kind *kind = alpa_schedule_kind_find(e->kind);
  assert_non_null(kind);
  alpa_stage_map_build(&f->arena, alpa_schedule_kind_place(&f->arena, kind, n_stages, n_submeshes), n_stages, &f->map);
  assert_null(alpa_schedule_build(&f->arena, kind, &f->map, n_microbatches, &f->schedule));
  assert_null(alpa_schedule_verify(&f->arena, &f->schedule));
  alpa_stage_cost *stages = alpa_arena_new(&f->arena, alpa_stage_cost, n_stages);
  for (uint32_t v = 0; v < n_stages; v++)
    memcpy(stages[v].task_s, e->task_s, sizeof e->task_s);
  f->costs.stages = stages;
  alpa_schedule_simulate(&f->arena, &f->schedule, &f->costs, &f->simulation);
}

static const example gpipe_example = {"gpipe", 1, {1, 2, 0}}, one_example = {"1f1b", 1, {1, 2, 0}},
                     h1_example = {"zb-h1", 1, {1, 1, 1}}, v_example = {"zb-v", 2, {1, 1, 1}},
                     inference_example = {"inference", 1, {1, 0, 0}};

static void test_orders(void **state) {
  (void)state;
  static const struct {
    const char *kind;
    uint32_t n_chunks, n_microbatches;
    const char *lists[2];
  } rows[] = {
      {"gpipe", 1, 3, {"F0 F1 F2 B0 B1 B2", "F0 F1 F2 B0 B1 B2"}},
      {"1f1b", 1, 3, {"F0 F1 B0 F2 B1 B2", "F0 B0 F1 B1 F2 B2"}},
      {"interleaved-1f1b",
       2,
       2,
       {"F0.0 F1.0 F0.1 F1.1 B0.1 B1.1 B0.0 B1.0", "F0.0 F1.0 F0.1 B0.1 F1.1 B1.1 B0.0 B1.0"}},
      {"zb-h1", 1, 3, {"F0 F1 B0 W0 F2 B1 W1 B2 W2", "F0 B0 F1 B1 W0 F2 B2 W1 W2"}},
      {"inference", 1, 3, {"F0 F1 F2", "F0 F1 F2"}},
  };
  for (size_t i = 0; i < countof(rows); i++) {
    fixture f;
    open(&f, &(example){rows[i].kind, rows[i].n_chunks, {1, 1, 1}}, 2, rows[i].n_microbatches);
    for (uint32_t s = 0; s < 2; s++)
      assert_string_equal(alpa_schedule_print(&f.arena, &f.schedule, s), rows[i].lists[s]);
    close(&f);
  }
}

/* Each kind, for all small S and B: valid (see open), as long as its closed form says, with the memory it says. */
typedef double length_fn(uint32_t n_submeshes, uint32_t n_microbatches, uint32_t n_chunks);
typedef uint32_t flight_fn(uint32_t n_submeshes, uint32_t n_microbatches, uint32_t n_chunks, uint32_t submesh);

/* (F + B) (B + S - 1) */
static double length_1f1b(uint32_t S, uint32_t B, uint32_t C) { return (void)C, 3.0 * (B + S - 1); }
/* C B (F + B) + (S - 1) (F + B), of a chunk */
static double length_interleaved(uint32_t S, uint32_t B, uint32_t C) { return 3.0 * (C * B + S - 1); }
/* B (F + B + W) + (S - 1) (F + B - W) */
static double length_h1(uint32_t S, uint32_t B, uint32_t C) { return (void)C, 3.0 * B + S - 1; }
static double length_inference(uint32_t S, uint32_t B, uint32_t C) { return (void)C, B + S - 1; }

static uint32_t flight_gpipe(uint32_t S, uint32_t B, uint32_t C, uint32_t s) { return (void)S, (void)C, (void)s, B; }
static uint32_t flight_1f1b(uint32_t S, uint32_t B, uint32_t C, uint32_t s) { return (void)C, smaller(S - s, B); }
static uint32_t flight_interleaved(uint32_t S, uint32_t B, uint32_t C, uint32_t s) {
  uint32_t k = B / S, group = (B + k - 1) / k;
  return smaller(2 * (S - s - 1) + (C - 1) * group + 1, B * C);
}
static uint32_t flight_h1(uint32_t S, uint32_t B, uint32_t C, uint32_t s) { return (void)C, (void)s, smaller(S, B); }
static uint32_t flight_none(uint32_t S, uint32_t B, uint32_t C, uint32_t s) {
  return (void)S, (void)B, (void)C, (void)s, 0;
}

static const struct {
  const char *kind;
  double task_s[ALPA_TASK_KINDS];
  uint32_t min_chunks, max_chunks;
  bool needs_full; /* as many micro-batches as submeshes */
  length_fn *length;
  flight_fn *flight;
} forms[] = {
    {"gpipe", {1, 2, 0}, 1, 1, false, length_1f1b, flight_gpipe},
    {"1f1b", {1, 2, 0}, 1, 1, false, length_1f1b, flight_1f1b},
    {"interleaved-1f1b", {1, 2, 0}, 2, 4, true, length_interleaved, flight_interleaved},
    {"zb-h1", {1, 1, 1}, 1, 1, true, length_h1, flight_h1},
    {"inference", {1, 0, 0}, 1, 1, false, length_inference, flight_none},
};

static void test_closed_forms(void **state) {
  (void)state;
  for (size_t i = 0; i < countof(forms); i++)
    for (uint32_t S = 1; S <= 8; S++)
      for (uint32_t B = forms[i].needs_full ? S : 1; B <= 3 * S; B++)
        for (uint32_t C = forms[i].min_chunks; C <= forms[i].max_chunks; C++) {
          fixture f;
          example e = {forms[i].kind, C, {0}};
          memcpy(e.task_s, forms[i].task_s, sizeof e.task_s);
          open(&f, &e, S, B);
          assert_near(f.simulation.iteration_s, forms[i].length(S, B, C));
          for (uint32_t s = 0; s < S; s++)
            assert_int_equal(alpa_schedule_in_flight(&f.schedule, s), forms[i].flight(S, B, C, s));
          close(&f);
        }
}

/* Narayanan et al., SC'21: interleaving divides the bubble by C and multiplies the memory by 1 + (S - 1) / (S C). */
static void test_interleaved_memory(void **state) {
  (void)state;
  for (uint32_t S = 2; S <= 8; S++)
    for (uint32_t C = 2; C <= 4; C++) {
      fixture f;
      open(&f, &(example){"interleaved-1f1b", C, {1, 2, 0}}, S, 4 * S);
      assert_int_equal(alpa_schedule_in_flight(&f.schedule, 0), S * C + S - 1);
      close(&f);
    }
}

/* Even where there are fewer micro-batches than submeshes, nothing waits forever, and chunks leave room for each other.
 */
static void test_few_microbatches(void **state) {
  (void)state;
  for (size_t i = 0; i < alpa_schedule_n_kinds; i++)
    for (uint32_t S = 1; S <= 9; S++)
      for (uint32_t B = 1; B <= S; B++) {
        fixture f;
        const alpa_schedule_kind *kind = &alpa_schedule_kinds[i];
        uint32_t n_chunks = kind->rule->max_chunks < 3 ? kind->rule->max_chunks : 3;
        open(&f, &(example){kind->name, n_chunks, {1, 1, 1}}, S, B);
        close(&f);
      }
}

/* (S - 1) / (B + S - 1), and what is left of it: a third of the idle time for zb-h1, less for zb-v. */
static void test_bubbles(void **state) {
  (void)state;
  for (uint32_t S = 2; S <= 8; S++)
    for (uint32_t B = S; B <= 4 * S; B++) {
      fixture one, all, h1, v;
      open(&one, &one_example, S, B);
      open(&all, &gpipe_example, S, B);
      open(&h1, &h1_example, S, B);
      open(&v, &v_example, S, B);
      double bubble = (S - 1.0) / (B + S - 1.0);
      assert_near(one.simulation.bubble, bubble);
      assert_near(all.simulation.bubble, bubble);
      assert_near(h1.simulation.bubble * h1.simulation.iteration_s, (S - 1.0));
      assert_near(one.simulation.bubble * one.simulation.iteration_s, 3 * (S - 1.0));
      if (B % S == 0)
        assert_true(v.simulation.bubble < bubble / 3);
      close(&one), close(&all), close(&h1), close(&v);
    }
}

/* zb-v: 2 S halves of a micro-batch at most, and the shortest step that there is where S divides B, nearly elsewhere.
 */
static void test_zb_v(void **state) {
  (void)state;
  for (uint32_t S = 1; S <= 8; S++)
    for (uint32_t B = S; B <= 4 * S; B++) {
      fixture f;
      open(&f, &v_example, S, B);
      double least = 6.0 * B + S - 1;
      assert_true(f.simulation.iteration_s <= least + (S <= 4 ? 2 : 6));
      if (B % S == 0)
        assert_near(f.simulation.iteration_s, least);
      for (uint32_t s = 0; s < S; s++)
        assert_true(alpa_schedule_in_flight(&f.schedule, s) <= 2 * S);
      close(&f);
    }
}

static void test_placements(void **state) {
  (void)state;
  static const struct {
    const char *kind;
    uint32_t n, submeshes[4];
    const char *fault;
  } rows[] = {
      {"1f1b", 2, {0, 0}, "needs one stage on each submesh; the stages are on submeshes 0 0"},
      {"zb-v", 2, {0, 1}, "needs stages i and 2 S - 1 - i on submesh i of S; the stages are on submeshes 0 1"},
      {"zb-v",
       4,
       {0, 1, 0, 1},
       "needs stages i and 2 S - 1 - i on submesh i of S; the stages are on submeshes 0 1 0 1"},
      {"interleaved-1f1b",
       4,
       {0, 1, 1, 0},
       "needs several stages on each submesh, stage i on submesh i modulo their number; the stages are on submeshes 0 "
       "1 1 0"},
      {"interleaved-1f1b",
       3,
       {0, 1, 0},
       "needs several stages on each submesh, stage i on submesh i modulo their number; the stages are on submeshes 0 "
       "1 0"},
  };
  fixture f;
  open(&f, &inference_example, 1, 1);
  for (size_t i = 0; i < countof(rows); i++) {
    alpa_schedule schedule;
    alpa_stage_map_build(&f.arena, rows[i].submeshes, rows[i].n, &f.map);
    const char *fault = alpa_schedule_build(&f.arena, alpa_schedule_kind_find(rows[i].kind), &f.map, 4, &schedule);
    assert_non_null(fault);
    assert_string_equal(fault, rows[i].fault);
  }
  close(&f);
}

/* Every list of every kind is read back as it was. */
static void test_texts(void **state) {
  (void)state;
  for (size_t i = 0; i < alpa_schedule_n_kinds; i++) {
    fixture f;
    const alpa_schedule_kind *kind = &alpa_schedule_kinds[i];
    const char *texts[3];
    open(&f, &(example){kind->name, smaller(kind->rule->max_chunks, 2), {1, 1, 1}}, 3, 7);
    for (uint32_t s = 0; s < 3; s++)
      texts[s] = alpa_schedule_print(&f.arena, &f.schedule, s);
    alpa_schedule read = {.kind = kind, .map = &f.map, .n_microbatches = 7};
    assert_null(alpa_schedule_parse(&f.arena, &read, texts));
    for (uint32_t s = 0; s < 3; s++)
      assert_string_equal(alpa_schedule_print(&f.arena, &read, s), texts[s]);
    close(&f);
  }
}

static void test_faults(void **state) {
  (void)state;
  static const struct {
    const char *kind, *first, *second, *fault;
  } rows[] = {
      {"1f1b", "F0 F1 B0 B1", "F0 B0 F1 B1", NULL},
      {"1f1b", "  F0 B0   F1 B1 ", "F0 B0 F1 B1", NULL},
      {"1f1b", "F0 F1 B0 B0", "F0 B0 F1 B1", "has B0 twice on submesh 0"},
      {"1f1b", "F0 F1 B0 B1", "F0 B0 F1", "has no B1 on submesh 1"},
      {"1f1b", "F0 F1 B0 B1 F2", "F0 B0 F1 B1", "has F2 on submesh 0, where the step has 2 micro-batches"},
      {"1f1b", "F0 F1 B0 B1", "F0 B0 F1.1 B1", "has F1.1 on submesh 1, which holds 1 stage"},
      {"1f1b", "F0 F1 B0 B1", "F0 X0 F1 B1",
       "has 'X0' on submesh 1, where a task is F, B or W and a micro-batch: F0, B3.1"},
      {"1f1b", "F0 F B0 B1", "F0 B0 F1 B1",
       "has 'F' on submesh 0, where a task is F, B or W and a micro-batch: F0, B3.1"},
      {"1f1b", "F0 F1,B0 B1", "F0 B0 F1 B1",
       "has 'F1,B0' on submesh 0, where a task is F, B or W and a micro-batch: F0, B3.1"},
      {"1f1b", "F0 F1 B0 B1", "F0 B0 F1 B1 F99999999999",
       "has 'F99999999999' on submesh 1, where a task is F, B or W and a micro-batch: F0, B3.1"},
      {"1f1b", "F0 F1 B0 B1 W0 W1", "F0 B0 F1 B1", "has W0 on submesh 0, where '1f1b' has no W"},
      {"1f1b", "F0 B0 F1 B1", "F1 F0 B0 B1",
       "cannot run to its end: submesh 0 waits in front of B0, submesh 1 waits in front of F1"},
      {"1f1b", "B0 F0 F1 B1", "F0 B0 F1 B1",
       "cannot run to its end: submesh 0 waits in front of B0, submesh 1 waits in front of F0"},
      {"zb-h1", "F0 F1 B0 W0 B1 W1", "F0 W0 B0 F1 B1 W1",
       "cannot run to its end: submesh 0 waits in front of B0, submesh 1 waits in front of W0"},
      {"zb-h1", "F0 F1 B0 W0 B1 W1", "F0 B0 F1 B1 W1", "has no W0 on submesh 1"},
  };
  fixture f;
  open(&f, &one_example, 2, 2);
  for (size_t i = 0; i < countof(rows); i++) {
    alpa_schedule schedule = {.kind = alpa_schedule_kind_find(rows[i].kind), .map = &f.map, .n_microbatches = 2};
    const char *fault = alpa_schedule_parse(&f.arena, &schedule, (const char *const[]){rows[i].first, rows[i].second});
    if (rows[i].fault == NULL)
      assert_null(fault);
    else
      assert_string_equal(fault ? fault : "none", rows[i].fault);
  }
  close(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_orders),
      cmocka_unit_test(test_closed_forms),
      cmocka_unit_test(test_interleaved_memory),
      cmocka_unit_test(test_few_microbatches),
      cmocka_unit_test(test_bubbles),
      cmocka_unit_test(test_zb_v),
      cmocka_unit_test(test_placements),
      cmocka_unit_test(test_texts),
      cmocka_unit_test(test_faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
