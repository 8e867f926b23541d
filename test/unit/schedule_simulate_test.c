/* The simulator: times of tasks and transfers, memory, the epilogue, the picture. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "passes/schedule/build.c" /* its functions are not exported */
#include "passes/schedule/draw.c"
#include "passes/schedule/record.c"
#include "passes/schedule/schedule.c"
#include "passes/schedule/simulate.c"
#include "support/timeline.c"

enum { MAX_STAGES = 16 };

typedef struct fixture {
  alpa_memory memory;
  alpa_arena arena;
  alpa_stage_map map;
  alpa_schedule schedule;
  alpa_stage_cost stages[MAX_STAGES];
  alpa_stage_edge edges[2 * MAX_STAGES];
  alpa_schedule_costs costs;
  alpa_simulation simulation;
} fixture;

static void close(fixture *f) { alpa_arena_deinit(&f->arena); }

static void assert_near(double value, double expected) { assert_true(fabs(value - expected) < 1e-9); }

/* S submeshes of C stages with F = 1, B = 2 (or B = W = 1), and edges of no bytes in both directions between
 * neighbours: edge 2 v goes from F of stage v to F of v + 1, edge 2 v + 1 from B of v + 1 to B of v. */
static void open(fixture *f, const char *name, uint32_t n_submeshes, uint32_t n_chunks, uint32_t n_microbatches) {
  const alpa_schedule_kind *kind = alpa_schedule_kind_find(name);
  uint32_t n = n_submeshes * n_chunks;
  *f = (fixture){0};
  alpa_memory_init(&f->memory, NULL, NULL);
  alpa_arena_init(&f->arena, &f->memory);
  alpa_stage_map_build(&f->arena, alpa_schedule_kind_place(&f->arena, kind, n, n_submeshes), n, &f->map);
  assert_null(alpa_schedule_build(&f->arena, kind, &f->map, n_microbatches, &f->schedule));
  bool is_split = kind->has_task[ALPA_TASK_WEIGHT];
  for (uint32_t v = 0; v < n; v++)
    f->stages[v] = (alpa_stage_cost){.task_s = {1, is_split ? 1 : 2, 1}};
  for (uint32_t v = 0; v + 1 < n; v++) {
    f->edges[2 * v] = (alpa_stage_edge){v, v + 1, ALPA_TASK_FORWARD, ALPA_TASK_FORWARD, 0, 0, 1};
    f->edges[2 * v + 1] = (alpa_stage_edge){v + 1, v, ALPA_TASK_BACKWARD, ALPA_TASK_BACKWARD, 0, 0, 1};
  }
  f->costs = (alpa_schedule_costs){.stages = f->stages, .edges = f->edges, .n_edges = 2 * (n - 1)};
}

static void simulate(fixture *f) { alpa_schedule_simulate(&f->arena, &f->schedule, &f->costs, &f->simulation); }

/* A transfer arrives after bytes / bandwidth and the latency and delays what needs it, not what is computed meanwhile. */
static void test_transfers(void **state) {
  (void)state;
  fixture f;
  open(&f, "1f1b", 2, 1, 2);
  f.edges[0].bytes = 10;
  f.edges[0].bandwidth = 40;
  f.edges[0].latency_s = 0.25;
  simulate(&f);
  const alpa_submesh_time *first = &f.simulation.submeshes[0], *second = &f.simulation.submeshes[1];
  assert_near(first->tasks[1].begin_s, 1); /* F1 while F0's result is on its way */
  assert_near(f.simulation.transfers[0].begin_s, 1);
  assert_near(f.simulation.transfers[0].end_s, 1.25); /* sent; it arrives at 1.5 */
  assert_near(second->tasks[0].begin_s, 1.5);
  assert_near(f.simulation.iteration_s, 9.5); /* 3 (B + S - 1) and what was late */
  close(&f);
}

/* Transfers of one direction wait for each other; the other direction has a queue of its own. */
static void test_queue(void **state) {
  (void)state;
  fixture f;
  open(&f, "gpipe", 2, 1, 3);
  f.edges[0].bytes = 3;
  f.edges[0].latency_s = 0.5;
  simulate(&f);
  for (int m = 0; m < 3; m++) {
    assert_near(f.simulation.transfers[m].begin_s, 1 + 3 * m);
    assert_near(f.simulation.submeshes[1].tasks[m].begin_s, 4.5 + 3 * m);
  }
  assert_near(f.simulation.transfers[3].begin_s, 13.5); /* the gradient of B0: sent at once, to be done at once */
  assert_near(f.simulation.transfers[3].end_s, 13.5);
  close(&f);
}

/* Instructions of a submesh, transfers and bytes of an edge: closed forms. */
static void test_counts(void **state) {
  (void)state;
  for (size_t i = 0; i < alpa_schedule_n_kinds; i++) {
    fixture f;
    const alpa_schedule_kind *kind = &alpa_schedule_kinds[i];
    uint32_t n_kinds = 0, n_chunks = kind->rule->max_chunks == 1 ? 1 : 2;
    open(&f, kind->name, 4, n_chunks, 8);
    for (int k = 0; k < ALPA_TASK_KINDS; k++)
      n_kinds += kind->has_task[k];
    for (size_t e = 0; e < f.costs.n_edges; e++)
      f.edges[e].bytes = 100;
    simulate(&f);
    for (uint32_t s = 0; s < 4; s++)
      assert_int_equal(f.schedule.lists[s].n, n_kinds * n_chunks * 8);
    for (size_t e = 0; e < f.costs.n_edges; e++) {
      const alpa_stage_edge *edge = &f.edges[e];
      bool is_used = kind->has_task[edge->from_kind];
      bool is_local = f.map.submesh[edge->from] == f.map.submesh[edge->to];
      assert_int_equal(alpa_simulation_edge_bytes(&f.simulation, e), is_used && !is_local ? 800 : 0);
    }
    close(&f);
  }
}

/* Activations: S - s micro-batches with 1f1b, B with gpipe, S with zb-h1 where W keeps everything. */
static void test_memory(void **state) {
  (void)state;
  static const struct {
    const char *kind;
    int64_t weight_bytes, peaks[4];
  } rows[] = {
      {"1f1b", 0, {1000 + 410, 1000 + 310, 1000 + 210, 1000 + 110}},
      {"gpipe", 0, {1810, 1810, 1810, 1810}},
      {"zb-h1", 100, {1410, 1410, 1410, 1410}},
      {"zb-h1", 0, {1410, 1310, 1210, 1110}}, /* as 1f1b where W needs nothing of F */
      {"inference", 0, {1110, 1110, 1110, 1110}},
  };
  for (size_t i = 0; i < countof(rows); i++) {
    fixture f;
    open(&f, rows[i].kind, 4, 1, 8);
    for (int v = 0; v < 4; v++) {
      f.stages[v].fixed_bytes = 1000;
      f.stages[v].activation_bytes = 100;
      f.stages[v].weight_bytes = rows[i].weight_bytes;
      f.stages[v].task_bytes[ALPA_TASK_FORWARD] = f.stages[v].task_bytes[ALPA_TASK_BACKWARD] = 10;
    }
    simulate(&f);
    for (int s = 0; s < 4; s++) {
      const alpa_submesh_time *time = &f.simulation.submeshes[s];
      assert_int_equal(time->peak_bytes, rows[i].peaks[s]);
      assert_int_equal(time->memory.items[time->memory.n - 1].bytes, 1000);
      for (size_t p = 1; p < time->memory.n; p++)
        assert_true(time->memory.items[p - 1].time_s < time->memory.items[p].time_s);
    }
    close(&f);
  }
}

/* The optimizer begins where a submesh is done, or where all are. */
static void test_epilogue(void **state) {
  (void)state;
  fixture f;
  open(&f, "1f1b", 2, 1, 2);
  f.stages[0].prologue_s = 0.5;
  f.stages[0].epilogue_s = 1;
  f.stages[1].epilogue_s = 3;
  simulate(&f);
  assert_near(f.simulation.submeshes[0].tasks[0].begin_s, 0.5);
  assert_near(f.simulation.submeshes[1].epilogue.begin_s, 7.5);
  assert_near(f.simulation.submeshes[0].epilogue.begin_s, 9.5);
  assert_near(f.simulation.iteration_s, 10.5);
  assert_near(f.simulation.bubble, 1.0 / 3); /* of the body alone */
  f.costs.has_barrier = true;
  simulate(&f);
  assert_near(f.simulation.submeshes[1].epilogue.begin_s, 9.5);
  assert_near(f.simulation.iteration_s, 12.5);
  close(&f);
}

static void test_picture(void **state) {
  (void)state;
  fixture f;
  alpa_text text;
  open(&f, "1f1b", 2, 1, 3);
  f.stages[0].epilogue_s = 1;
  simulate(&f);
  alpa_text_init(&text, &f.arena);
  alpa_simulation_draw(&f.simulation, 80, &text);
  assert_string_equal(alpa_text_finish(&text), "submesh 0  |F0 F1       B0=== F2 B1===    B2=== E=\n"
                                               "submesh 1  |   F0 B0=== F1 B1=== F2 B2===\n");
  text.size = 0;
  alpa_simulation_draw(&f.simulation, 26, &text);
  assert_string_equal(alpa_text_finish(&text), "submesh 0  |F F     B== F B==   B== E\n"
                                               "submesh 1  |  F B== F B== F B==\n");
  close(&f);
}

/* The slices of the file: as many as there are tasks and transfers, in valid JSON, with the times of the simulation. */
static void test_record(void **state) {
  (void)state;
  fixture f;
  alpa_timeline timeline;
  open(&f, "zb-v", 2, 2, 3);
  f.stages[1].epilogue_s = 2;
  f.edges[0].bytes = f.edges[2].bytes = 10; /* of F to stage 1, and to stage 2, which is on the same submesh */
  f.edges[0].bandwidth = 20;
  simulate(&f);
  alpa_timeline_init(&timeline, &f.arena);
  alpa_simulation_record(&f.simulation, &timeline);
  json_t *root = json_loads(alpa_timeline_finish(&timeline), 0, NULL), *event;
  assert_non_null(root);
  size_t i, n_compute = 0, n_send = 0, n_memory = 0;
  double busy_us = 0;
  json_array_foreach(json_object_get(root, "traceEvents"), i, event) {
    const char *phase = json_string_value(json_object_get(event, "ph"));
    bool is_send = json_integer_value(json_object_get(event, "tid")) > 0;
    n_memory += *phase == 'C';
    if (*phase != 'X')
      continue;
    n_send += is_send;
    n_compute += !is_send;
    busy_us += is_send ? 0 : json_number_value(json_object_get(event, "dur"));
  }
  assert_int_equal(n_compute, 2 * 2 * 3 * 3 + 1);
  assert_int_equal(n_send, 3);
  assert_true(n_memory > 0);
  assert_true(fabs(busy_us - 1e6 * (2 * 2 * 3 * 3 + 2)) < 1);
  json_decref(root);
  close(&f);
}

/* Names are the user's: quotes and control characters do not break the file. */
static void test_timeline_names(void **state) {
  (void)state;
  fixture f = {0};
  alpa_timeline timeline;
  alpa_memory_init(&f.memory, NULL, NULL);
  alpa_arena_init(&f.arena, &f.memory);
  alpa_timeline_init(&timeline, &f.arena);
  alpa_timeline_slice(&timeline, (alpa_track){3, 4}, "a\"b\\c\nd", "x.py:3", 1e-6, 3.5e-6);
  json_t *root = json_loads(alpa_timeline_finish(&timeline), 0, NULL);
  json_t *event = json_array_get(json_object_get(root, "traceEvents"), 0);
  assert_string_equal(json_string_value(json_object_get(event, "name")), "a\"b\\c d");
  assert_string_equal(json_string_value(json_object_get(json_object_get(event, "args"), "where")), "x.py:3");
  assert_near(json_number_value(json_object_get(event, "ts")), 1);
  assert_near(json_number_value(json_object_get(event, "dur")), 2.5);
  json_decref(root);
  close(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_transfers), cmocka_unit_test(test_queue),          cmocka_unit_test(test_counts),
      cmocka_unit_test(test_memory),    cmocka_unit_test(test_epilogue),       cmocka_unit_test(test_picture),
      cmocka_unit_test(test_record),    cmocka_unit_test(test_timeline_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
