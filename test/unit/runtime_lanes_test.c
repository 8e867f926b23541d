/* Lanes of transfers between processes: which there are, and that whatever can run without them can run with them. */
#include "runtime/lanes.h"

#include "runtime_build.h"

enum { MOST = 10, CASES = 4000 };

typedef struct program {
  image_build build;
  instruction_vec lists[2];
  alpa_image image;
} program;

static void emit_side(program *p, int device, alpa_instruction_kind kind, uint32_t transfer) {
  bool has_ref = kind == ALPA_INSTRUCTION_SEND || kind == ALPA_INSTRUCTION_RECEIVE;
  uint32_t buffer = 0;
  alpa_vec_push(p->build.arena, &p->lists[device],
                (alpa_instruction){.kind = kind,
                                   .transfer = transfer,
                                   .n_refs = has_ref,
                                   .refs = has_ref ? copy_refs(&p->build, &buffer, 1) : NULL,
                                   .where = ""});
}

static void begin(program *p, alpa_arena *arena) {
  *p = (program){.build = {.arena = arena, .n_devices = 2}};
  build_temporary(&p->build, 64);
}

/* Device 0 runs the first list, device 1 the second; transfer t goes from from[t] to to[t]. */
static void finish(program *p, const uint32_t *from, const uint32_t *to, uint32_t n) {
  alpa_arena *arena = p->build.arena;
  alpa_image_transfer *transfers = alpa_arena_new(arena, alpa_image_transfer, n);
  for (uint32_t t = 0; t < n; t++) {
    alpa_image_copy copy = {.from_device = from[t], .to_device = to[t], .element_bytes = 4};
    transfers[t] = (alpa_image_transfer){.name = "y",
                                         .from_bytes = 64,
                                         .to_bytes = 64,
                                         .n_copies = 1,
                                         .copies = alpa_arena_copy(arena, &copy, sizeof copy)};
  }
  emit_branch(&p->build, &p->build.program, build_device_number(&p->build), 4, p->lists, 2);
  p->image = build_image(&p->build);
  p->image.n_transfers = n;
  p->image.transfers = transfers;
}

static alpa_lanes find_lanes(test_context *t, const program *p, uint32_t n_local) {
  alpa_lanes lanes;
  assert_ok(t, alpa_lanes_find(&t->arena, &t->diag, "test", &p->image, n_local, &lanes));
  return lanes;
}

static void lanes_are_as_few_as_orders_allow(void **state) {
  (void)state;
  static const uint32_t from[] = {0, 0, 0, 1}, to[] = {1, 1, 1, 0}, received[] = {1, 0, 2};
  test_context t;
  test_begin(&t);
  program p;
  begin(&p, &t.arena);
  for (uint32_t i = 0; i < 3; i++) {
    emit_side(&p, 0, ALPA_INSTRUCTION_SEND, i);
    emit_side(&p, 1, ALPA_INSTRUCTION_RECEIVE, received[i]);
  }
  emit_side(&p, 1, ALPA_INSTRUCTION_SEND, 3);
  emit_side(&p, 0, ALPA_INSTRUCTION_RECEIVE, 3);
  finish(&p, from, to, 4);
  alpa_lanes lanes = find_lanes(&t, &p, 1);
  assert_int_equal(lanes.n_lanes, 3);
  assert_int_not_equal(lanes.lane_of[0][0], lanes.lane_of[1][0]);
  assert_int_equal(lanes.lane_of[0][0], lanes.lane_of[2][0]);
  for (uint32_t a = 0; a < 3; a++) {
    assert_int_equal(lanes.lanes[a].n_devices, 2);
    for (uint32_t b = 0; b < a; b++)
      assert_int_not_equal(lanes.lanes[a].number, lanes.lanes[b].number);
  }
  assert_int_equal(find_lanes(&t, &p, 2).n_lanes, 0);
  test_end(&t);
}

static void transfers_that_repeat_are_refused(void **state) {
  (void)state;
  static const uint32_t from[] = {0}, to[] = {1};
  test_context t;
  test_begin(&t);
  program p;
  begin(&p, &t.arena);
  emit_side(&p, 0, ALPA_INSTRUCTION_SEND, 0);
  instruction_vec body = p.lists[0];
  p.lists[0] = (instruction_vec){0};
  emit_loop(&p.build, &p.lists[0], 3, &body);
  emit_side(&p, 1, ALPA_INSTRUCTION_RECEIVE, 0);
  finish(&p, from, to, 1);
  alpa_lanes lanes;
  assert_int_equal(alpa_lanes_find(&t.arena, &t.diag, "test", &p.image, 1, &lanes), ALPA_UNSUPPORTED);
  assert_message(&t, "'y' does not go from stage to stage once in every step");
  test_end(&t);
}

/* ---- against devices that wait for nothing but their own data ---- */

/* Arrivals and waits of both devices in random order, each wait behind its arrival. */
static void build_random(program *p, uint64_t *seed, uint32_t *from, uint32_t *to, uint32_t n) {
  for (uint32_t t = 0; t < n; t++) {
    from[t] = test_random(seed) % 2;
    to[t] = !from[t];
  }
  for (uint32_t device = 0; device < 2; device++) {
    uint32_t stage[MOST] = {0};
    for (uint32_t left = 2 * n; left;) {
      uint32_t t = (uint32_t)(test_random(seed) % n);
      if (stage[t] == 2)
        continue;
      bool is_from = from[t] == device;
      emit_side(p, (int)device,
                stage[t]  ? is_from ? ALPA_INSTRUCTION_SENT : ALPA_INSTRUCTION_RECEIVED
                : is_from ? ALPA_INSTRUCTION_SEND
                          : ALPA_INSTRUCTION_RECEIVE,
                t);
      stage[t]++;
      left--;
    }
  }
}

typedef struct run {
  const program *p;
  const alpa_lanes *lanes; /* NULL: none */
  uint32_t at[2], n_queued[2];
  uint32_t queued[2][MOST]; /* arrivals in order */
  bool has_arrived[2][MOST], has_moved[MOST];
} run;

/* Whether an earlier arrival in the same lane has not moved yet. */
static bool is_behind(const run *r, int device, uint32_t transfer) {
  for (uint32_t i = 0; r->lanes && r->queued[device][i] != transfer; i++) {
    uint32_t before = r->queued[device][i];
    if (!r->has_moved[before] && r->lanes->lane_of[before][0] == r->lanes->lane_of[transfer][0])
      return true;
  }
  return false;
}

static bool move(run *r, uint32_t n) {
  for (uint32_t t = 0; t < n; t++)
    if (!r->has_moved[t] && r->has_arrived[0][t] && r->has_arrived[1][t] && !is_behind(r, 0, t) && !is_behind(r, 1, t))
      return r->has_moved[t] = true;
  return false;
}

static bool advance(run *r, int device) {
  const instruction_vec *list = &r->p->lists[device];
  if (r->at[device] == list->n)
    return false;
  const alpa_instruction *i = &list->items[r->at[device]];
  bool is_wait = i->kind == ALPA_INSTRUCTION_SENT || i->kind == ALPA_INSTRUCTION_RECEIVED;
  if (is_wait && !r->has_moved[i->transfer])
    return false;
  if (!is_wait) {
    r->queued[device][r->n_queued[device]++] = i->transfer;
    r->has_arrived[device][i->transfer] = true;
  }
  r->at[device]++;
  return true;
}

static bool completes(const program *p, const alpa_lanes *lanes, uint32_t n) {
  run r = {.p = p, .lanes = lanes};
  while (advance(&r, 0) || advance(&r, 1) || move(&r, n))
    continue;
  return r.at[0] == p->lists[0].n && r.at[1] == p->lists[1].n;
}

static void what_runs_without_lanes_runs_with_them(void **state) {
  (void)state;
  uint64_t seed = 1;
  uint32_t n_complete = 0;
  for (int i = 0; i < CASES; i++) {
    uint32_t from[MOST], to[MOST], n = 1 + (uint32_t)(test_random(&seed) % MOST);
    test_context t;
    test_begin(&t);
    program p;
    begin(&p, &t.arena);
    build_random(&p, &seed, from, to, n);
    finish(&p, from, to, n);
    alpa_lanes lanes = find_lanes(&t, &p, 1);
    bool is_complete = completes(&p, NULL, n);
    assert_int_equal(completes(&p, &lanes, n), is_complete);
    n_complete += is_complete;
    test_end(&t);
  }
  assert_in_range(n_complete, CASES / 20, CASES);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(lanes_are_as_few_as_orders_allow),
                                     cmocka_unit_test(transfers_that_repeat_are_refused),
                                     cmocka_unit_test(what_runs_without_lanes_runs_with_them)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
