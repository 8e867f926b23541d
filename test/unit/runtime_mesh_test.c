/* Steps on host meshes of all sizes: control flow, tasks, donation, reuse of buffers, tracing. */
#include "test/unit/runtime_build.h"

/* ---- kernels ---------------------------------------------------------------------------------------------------- */

/* {out, in}: out = in + 1, one float */
static void add_one(char *const *operands, int64_t task) {
  float value;
  memcpy(&value, operands[1] + 4 * task, 4);
  value += 1;
  memcpy(operands[0] + 4 * task, &value, 4);
}

static void set_zero(char *const *operands, int64_t task) { memset(operands[0] + 4 * task, 0, 4); }

/* {flag, i, limit}: flag = i < limit, of int32 */
static void is_less(char *const *operands, int64_t task) {
  (void)task;
  int32_t i, limit;
  memcpy(&i, operands[1], 4);
  memcpy(&limit, operands[2], 4);
  *operands[0] = i < limit;
}

/* {i}: i += 1 */
static void increment(char *const *operands, int64_t task) {
  (void)task;
  int32_t i;
  memcpy(&i, operands[0], 4);
  i++;
  memcpy(operands[0], &i, 4);
}

/* {sum, value}: sum += value, of int32 */
static void accumulate(char *const *operands, int64_t task) {
  (void)task;
  int32_t sum, value;
  memcpy(&sum, operands[0], 4);
  memcpy(&value, operands[1], 4);
  sum += value;
  memcpy(operands[0], &sum, 4);
}

/* Adds 100 to a digit's place, to show which branch was taken. */
static void take_other(char *const *operands, int64_t task) {
  (void)task;
  int32_t value;
  memcpy(&value, operands[0], 4);
  value += 100;
  memcpy(operands[0], &value, 4);
}

static const alpa_symbol symbols[] = {
    {"add_one", (void (*)(void))add_one},       {"set_zero", (void (*)(void))set_zero},
    {"is_less", (void (*)(void))is_less},       {"increment", (void (*)(void))increment},
    {"accumulate", (void (*)(void))accumulate}, {"take_other", (void (*)(void))take_other},
};
static const alpa_load_options load_options = {.symbols = symbols, .n_symbols = countof(symbols), .name = "test"};

static alpa_executable *load(test_context *t, alpa_device_mesh *mesh, const image_build *b) {
  alpa_image image = build_image(b);
  alpa_executable *executable = NULL;
  assert_ok(t, alpa_executable_load(mesh, &t->diag, &image, &load_options, &executable));
  return executable;
}

/* ---- tests ------------------------------------------------------------------------------------------------------ */

/* out = in + 1 on every device's piece, for uneven pieces and many tasks. */
static void pieces_are_computed(void **state) {
  (void)state;
  for (uint32_t n_devices = 1; n_devices <= 9; n_devices++)
    for (uint32_t n_workers = 1; n_workers <= 3; n_workers++) {
      test_context t;
      test_begin(&t);
      alpa_device_mesh *mesh = test_mesh(&t, n_devices, n_workers);
      enum { N = 1000 };
      image_build b = {.arena = &t.arena, .n_devices = n_devices};
      alpa_image_tensor tensor = build_tensor(&t.arena, "x", ALPA_F32, N, n_devices, n_devices);
      uint32_t in = build_argument(&b, tensor), out = build_result(&b, tensor);
      uint32_t k = build_kernel(&b, "add_one", tensor.local_dims[0]);
      emit_run(&b, &b.program, "here", k, out, in);
      alpa_executable *executable = load(&t, mesh, &b);
      float data[N], back[N];
      for (int i = 0; i < N; i++)
        data[i] = (float)i;
      alpa_array *x, *y;
      assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, data, &x));
      for (int step = 0; step < 20; step++) {
        assert_ok(&t, alpa_executable_run(executable, &t.diag, &x, NULL, &y));
        assert_ok(&t, alpa_array_read(y, &t.diag, true, back));
        for (int i = 0; i < N; i++)
          assert_true(back[i] == (float)(i + step + 1));
        alpa_array_release(x);
        x = y;
      }
      alpa_memory_use use;
      alpa_device_mesh_get_memory(mesh, 0, &use);
      assert_int_equal(use.array_bytes, 4 * tensor.local_dims[0]);
      assert_int_equal(use.pool_bytes, 4 * tensor.local_dims[0]);
      alpa_array_release(x);
      alpa_executable_destroy(executable);
      alpa_device_mesh_destroy(mesh);
      test_end(&t);
    }
}

/* sum over i < limit of (loop 3 { all devices' numbers added up }), the loop inside a while. */
static void loops_nest(void **state) {
  (void)state;
  for (uint32_t n_devices = 1; n_devices <= 5; n_devices++) {
    test_context t;
    test_begin(&t);
    alpa_device_mesh *mesh = test_mesh(&t, n_devices, 2);
    image_build b = {.arena = &t.arena, .n_devices = n_devices};
    alpa_image_tensor scalar = build_tensor(&t.arena, "limit", ALPA_I32, 1, 1, n_devices);
    uint32_t limit = build_argument(&b, scalar), out = build_result(&b, scalar);
    uint32_t i = build_temporary(&b, 4), flag = build_temporary(&b, 1), sum = build_temporary(&b, 4);
    uint32_t device = build_device_number(&b);
    uint32_t zero = build_kernel(&b, "set_zero", 1), less = build_kernel(&b, "is_less", 1);
    uint32_t next = build_kernel(&b, "increment", 1), add = build_kernel(&b, "accumulate", 1);
    uint32_t reduce = build_collective(&b, (alpa_image_collective){.kind = ALPA_COLLECTIVE_ALL_REDUCE,
                                                                   .reduction = ALPA_REDUCE_ADD,
                                                                   .dtype = ALPA_I32,
                                                                   .outer = 1,
                                                                   .chunk = 1,
                                                                   .n_groups = 1,
                                                                   .group_size = n_devices,
                                                                   .groups = build_all(&b),
                                                                   .from = {device, 0},
                                                                   .to = {sum, 0}});
    instruction_vec test = {0}, body = {0}, inner = {0}, empty = {0};
    emit_run(&b, &b.program, "zero", zero, i);
    emit_run(&b, &b.program, "zero", zero, out);
    emit_run(&b, &test, "less", less, flag, i, limit);
    emit_collective(&b, &inner, "sum", reduce);
    emit_run(&b, &inner, "add", add, out, sum);
    emit_loop(&b, &body, 3, &inner);
    emit_loop(&b, &body, 0, &inner);
    emit_loop(&b, &body, 7, &empty);
    emit_run(&b, &body, "next", next, i);
    emit_while(&b, &b.program, flag, &test, &body);
    alpa_executable *executable = load(&t, mesh, &b);
    for (int32_t trips = 0; trips < 40; trips += 13) {
      alpa_array *x, *y;
      assert_ok(&t, alpa_array_create(mesh, &t.diag, &scalar, &trips, &x));
      assert_ok(&t, alpa_executable_run(executable, &t.diag, &x, NULL, &y));
      int32_t value;
      assert_ok(&t, alpa_array_read(y, &t.diag, true, &value));
      assert_int_equal(value, trips * 3 * (int32_t)(n_devices * (n_devices - 1) / 2));
      alpa_array_release(x);
      alpa_array_release(y);
    }
    alpa_executable_destroy(executable);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
}

static void branches_choose(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 3, 2);
  image_build b = {.arena = &t.arena, .n_devices = 3};
  alpa_image_tensor scalar = build_tensor(&t.arena, "index", ALPA_I32, 1, 1, 3);
  uint32_t index = build_argument(&b, scalar),
           flag = build_argument(&b, build_tensor(&t.arena, "flag", ALPA_I1, 1, 1, 3));
  uint32_t out = build_result(&b, scalar);
  uint32_t zero = build_kernel(&b, "set_zero", 1), next = build_kernel(&b, "increment", 1);
  uint32_t other = build_kernel(&b, "take_other", 1);
  instruction_vec choices[3] = {{0}, {0}, {0}}, sides[2] = {{0}, {0}};
  emit_run(&b, &choices[1], "one", next, out);
  emit_run(&b, &choices[2], "two", next, out);
  emit_run(&b, &choices[2], "two", next, out);
  emit_branch(&b, &sides[0], index, 4, choices, 3);
  emit_run(&b, &sides[1], "other", other, out);
  emit_run(&b, &b.program, "zero", zero, out);
  emit_branch(&b, &b.program, flag, 1, sides, 2);
  alpa_executable *executable = load(&t, mesh, &b);
  const struct {
    int32_t index;
    char flag;
    int32_t expected;
  } cases[] = {{0, 1, 0}, {1, 1, 1}, {2, 1, 2}, {3, 1, 2}, {-1, 1, 2}, {1, 0, 100}};
  for (size_t i = 0; i < countof(cases); i++) {
    alpa_array *arguments[2], *y;
    assert_ok(&t, alpa_array_create(mesh, &t.diag, &scalar, &cases[i].index, &arguments[0]));
    assert_ok(&t, alpa_array_create(mesh, &t.diag, alpa_executable_get_argument(executable, 1), &cases[i].flag,
                                    &arguments[1]));
    assert_ok(&t, alpa_executable_run(executable, &t.diag, arguments, NULL, &y));
    int32_t value;
    assert_ok(&t, alpa_array_read(y, &t.diag, true, &value));
    assert_int_equal(value, cases[i].expected);
    alpa_array_release(arguments[0]);
    alpa_array_release(arguments[1]);
    alpa_array_release(y);
  }
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

static void build_donating(test_context *t, image_build *b, alpa_image_tensor *out_tensor) {
  *out_tensor = build_tensor(&t->arena, "state", ALPA_F32, 6, b->n_devices, b->n_devices);
  uint32_t in = build_argument(b, *out_tensor);
  build_argument(b, *out_tensor);
  build_alias(b, *out_tensor, 0);
  emit_run(b, &b->program, "update", build_kernel(b, "add_one", out_tensor->local_dims[0]), in, in);
}

static void donated_state_stays_in_place(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 2, 2);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  alpa_image_tensor tensor;
  build_donating(&t, &b, &tensor);
  alpa_executable *executable = load(&t, mesh, &b);
  float data[6] = {0}, back[6];
  alpa_array *weights, *other, *next;
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, data, &weights));
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, data, &other));
  int64_t bytes;
  void *piece = alpa_array_get_piece(weights, 1, &bytes);
  alpa_array *twice[] = {weights, weights};
  assert_int_equal(alpa_executable_run(executable, &t.diag, twice, NULL, &next), ALPA_INVALID_ARGUMENT);
  assert_message(&t, "is donated and passed a second time");
  for (int step = 1; step <= 5; step++) {
    alpa_array *arguments[] = {weights, other};
    assert_ok(&t, alpa_executable_run(executable, &t.diag, arguments, NULL, &next));
    assert_ptr_equal(alpa_array_get_piece(next, 1, &bytes), piece);
    assert_int_equal(alpa_array_donated_step(weights), step);
    assert_null(alpa_array_get_piece(weights, 1, &bytes));
    assert_int_equal(alpa_array_read(weights, &t.diag, false, back), ALPA_INVALID_ARGUMENT);
    assert_message(&t, "was donated to step");
    assert_int_equal(alpa_executable_run(executable, &t.diag, arguments, NULL, &next), ALPA_INVALID_ARGUMENT);
    assert_message(&t, "argument 0 ('state') of 'test' was donated to step");
    alpa_array_release(weights);
    weights = next;
  }
  assert_ok(&t, alpa_array_read(weights, &t.diag, true, back));
  assert_true(back[5] == 5);
  alpa_array_release(weights);
  alpa_array_release(other);
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 2, 1), *elsewhere = test_mesh(&t, 2, 1);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  alpa_image_tensor tensor;
  build_donating(&t, &b, &tensor);
  alpa_executable *executable = load(&t, mesh, &b);
  alpa_image_tensor replicated = build_tensor(&t.arena, "copied", ALPA_F32, 6, 1, 2);
  float data[6] = {0};
  alpa_array *good, *copied, *foreign, *out;
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, data, &good));
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &replicated, data, &copied));
  assert_ok(&t, alpa_array_create(elsewhere, &t.diag, &tensor, data, &foreign));
  assert_int_equal(alpa_executable_run(executable, &t.diag, (alpa_array *[]){good, copied}, NULL, &out),
                   ALPA_INVALID_ARGUMENT);
  assert_message(&t, "argument 1 ('state') of 'test': array 'copied' differs");
  assert_int_equal(alpa_executable_run(executable, &t.diag, (alpa_array *[]){good, foreign}, NULL, &out),
                   ALPA_INVALID_ARGUMENT);
  assert_message(&t, "lies on another mesh");
  assert_int_equal(alpa_executable_run(executable, &t.diag, (alpa_array *[]){good, NULL}, NULL, &out),
                   ALPA_INVALID_ARGUMENT);
  alpa_image image = build_image(&b);
  alpa_executable *none;
  assert_int_equal(alpa_executable_load(mesh, &t.diag, &image, NULL, &none), ALPA_NOT_FOUND);
  assert_message(&t, "kernel 'add_one' is in none of");
  alpa_device_mesh *small = test_mesh(&t, 1, 1);
  assert_int_equal(alpa_executable_load(small, &t.diag, &image, NULL, &none), ALPA_INVALID_ARGUMENT);
  assert_message(&t, "the image is for 2 devices, the mesh has 1");
  alpa_device_mesh_destroy(small);
  alpa_device_mesh_destroy(elsewhere);
  assert_int_equal(alpa_executable_run(executable, &t.diag, (alpa_array *[]){good, copied}, NULL, &out),
                   ALPA_INVALID_ARGUMENT);
  /* Arrays and executables outlive their mesh's threads. */
  alpa_device_mesh_destroy(mesh);
  assert_int_equal(alpa_executable_run(executable, &t.diag, (alpa_array *[]){good, good}, NULL, &out),
                   ALPA_INVALID_ARGUMENT);
  assert_message(&t, "the mesh has been destroyed");
  alpa_executable_destroy(executable);
  alpa_array_release(good);
  alpa_array_release(copied);
  alpa_array_release(foreign);
  test_end(&t);
}

/* ---- allocation, memory, traces --------------------------------------------------------------------------------- */

static void *counting_realloc(void *user, void *pointer, size_t size) {
  if (size == 0) {
    free(pointer);
    return NULL;
  }
  ++*(size_t *)user;
  return realloc(pointer, size);
}

static void steps_do_not_allocate(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  size_t n_allocations = 0;
  alpa_device_mesh_options options = {
      .n_devices = 3, .n_workers = 2, .realloc = counting_realloc, .user = &n_allocations};
  alpa_device_mesh *mesh;
  assert_ok(&t, alpa_device_mesh_create(&options, &t.diag, &mesh));
  image_build b = {.arena = &t.arena, .n_devices = 3};
  alpa_image_tensor tensor = build_tensor(&t.arena, "x", ALPA_F32, 9, 3, 3);
  uint32_t in = build_argument(&b, tensor), out = build_result(&b, tensor);
  build_alias(&b, tensor, 0);
  uint32_t k = build_kernel(&b, "add_one", 3);
  emit_run(&b, &b.program, "in", k, in, in);
  emit_run(&b, &b.program, "out", k, out, in);
  alpa_executable *executable = load(&t, mesh, &b);
  alpa_array *x, *results[2];
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, NULL, &x));
  size_t before = 0;
  for (int step = 0; step < 50; step++) {
    before = step == 2 ? n_allocations : before;
    assert_ok(&t, alpa_executable_run(executable, &t.diag, &x, NULL, results));
    alpa_array_release(x);
    alpa_array_release(results[0]);
    x = results[1];
  }
  assert_int_equal(n_allocations, before);
  alpa_array_release(x);
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

/* Fails the allocation number `left`. */
static void *failing_realloc(void *user, void *pointer, size_t size) {
  int64_t *left = user;
  if (size == 0) {
    free(pointer);
    return NULL;
  }
  return --*left == 0 ? NULL : realloc(pointer, size);
}

static void every_exhaustion_is_survived(void **state) {
  (void)state;
  bool is_through = false;
  for (int64_t n = 1; !is_through; n++) {
    assert_true(n < 1000);
    test_context t;
    test_begin(&t);
    int64_t left = n;
    alpa_device_mesh_options options = {.n_devices = 3, .n_workers = 2, .realloc = failing_realloc, .user = &left};
    image_build b = {.arena = &t.arena, .n_devices = 3};
    alpa_image_tensor tensor;
    build_donating(&t, &b, &tensor);
    alpa_image image = build_image(&b);
    alpa_device_mesh *mesh = NULL;
    alpa_executable *executable = NULL;
    alpa_array *arguments[2] = {NULL, NULL}, *result = NULL;
    alpa_status status = alpa_device_mesh_create(&options, &t.diag, &mesh);
    if (status == ALPA_OK)
      status = alpa_executable_load(mesh, &t.diag, &image, &load_options, &executable);
    for (int i = 0; i < 2 && status == ALPA_OK; i++)
      status = alpa_array_create(mesh, &t.diag, &tensor, NULL, &arguments[i]);
    if (status == ALPA_OK)
      status = alpa_executable_run(executable, &t.diag, arguments, NULL, &result);
    is_through = status == ALPA_OK;
    if (!is_through)
      assert_int_equal(status, ALPA_OUT_OF_MEMORY);
    alpa_array_release(arguments[0]);
    alpa_array_release(arguments[1]);
    alpa_array_release(result);
    alpa_executable_destroy(executable);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
}

typedef struct trace_log {
  _Atomic uint32_t n[3];
  alpa_trace_event events[3][16];
} trace_log;

static void record(void *user, const alpa_trace_event *event) {
  trace_log *log = user;
  log->events[event->device][log->n[event->device]++] = *event;
}

static void traces_and_flights_tell(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 3, 2);
  image_build b = {.arena = &t.arena, .n_devices = 3};
  uint32_t x = build_temporary(&b, 4), zero = build_kernel(&b, "set_zero", 1), k = build_kernel(&b, "increment", 1);
  instruction_vec body = {0};
  emit_run(&b, &b.program, "m.mlir:1:1", zero, x);
  emit_run(&b, &body, "m.mlir:2:1", k, x);
  emit_loop(&b, &b.program, 4, &body);
  emit_copy(&b, &b.program, x, x, 4);
  alpa_executable *executable = load(&t, mesh, &b);
  trace_log log = {0};
  alpa_run_options options = {.trace = record, .user = &log};
  assert_ok(&t, alpa_executable_run(executable, &t.diag, NULL, &options, NULL));
  alpa_flight_entry flights[ALPA_FLIGHT_ENTRIES];
  for (uint32_t d = 0; d < 3; d++) {
    assert_int_equal(log.n[d], 6);
    assert_int_equal(log.events[d][1].instruction, 2);
    assert_string_equal(log.events[d][1].where, "m.mlir:2:1");
    for (uint32_t i = 0; i < 6; i++) {
      assert_true(log.events[d][i].end_ns >= log.events[d][i].start_ns);
      assert_true(i == 0 || log.events[d][i].start_ns >= log.events[d][i - 1].end_ns);
    }
    assert_int_equal(alpa_device_mesh_flight_record(mesh, d, flights), 6);
    assert_string_equal(flights[5].name, "copy");
    assert_string_equal(flights[0].name, "set_zero");
    assert_true(flights[5].done);
  }
  for (int i = 0; i < 100; i++)
    assert_ok(&t, alpa_executable_run(executable, &t.diag, NULL, NULL, NULL));
  assert_int_equal(alpa_device_mesh_flight_record(mesh, 1, flights), ALPA_FLIGHT_ENTRIES);
  assert_int_equal(flights[ALPA_FLIGHT_ENTRIES - 1].step, 101);
  alpa_executable_destroy(executable);
  assert_int_equal(alpa_device_mesh_flight_record(mesh, 1, flights), 0);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

/* The smallest and the largest executable share one set of arenas. */
static void memory_is_accounted_for(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 2, 1);
  image_build large = {.arena = &t.arena, .n_devices = 2}, small = {.arena = &t.arena, .n_devices = 2};
  build_temporary(&large, 4 << 20);
  build_temporary(&small, 100);
  build_constant(&small, "constant", 8);
  alpa_executable *a = load(&t, mesh, &large), *c = load(&t, mesh, &small);
  alpa_memory_use use;
  alpa_device_mesh_get_memory(mesh, 0, &use);
  assert_int_equal(use.arena_bytes, 4 << 20);
  assert_int_equal(use.constant_bytes, 8);
  alpa_executable_destroy(a);
  alpa_device_mesh_get_memory(mesh, 1, &use);
  assert_int_equal(use.arena_bytes, 4 << 20);
  assert_int_equal(use.constant_bytes, 0);
  alpa_executable_destroy(c);
  alpa_device_mesh_get_memory(mesh, 0, &use);
  assert_int_equal(use.arena_bytes + use.constant_bytes, 0);
  assert_int_equal(use.peak_bytes, (4 << 20) + 8);
  alpa_device_mesh_trim(mesh);
  alpa_device_mesh_get_memory(mesh, 0, &use);
  assert_int_equal(use.peak_bytes, 0);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

static void images_for_other_targets_are_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 1, 1);
  image_build b = {.arena = &t.arena, .n_devices = 1};
  alpa_image image = build_image(&b);
  alpa_executable *executable = NULL;
  image.target = "ptx:sm_90a:test";
  alpa_status status = alpa_executable_load(mesh, &t.diag, &image, NULL, &executable);
  assert_message(&t, "compiled for 'ptx:sm_90a:test', these devices are of backend 'host' and run 'host'");
  assert_int_equal(status, ALPA_UNSUPPORTED);
  assert_null(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(images_for_other_targets_are_refused),
      cmocka_unit_test(pieces_are_computed),
      cmocka_unit_test(loops_nest),
      cmocka_unit_test(branches_choose),
      cmocka_unit_test(donated_state_stays_in_place),
      cmocka_unit_test(wrong_arguments_are_refused),
      cmocka_unit_test(steps_do_not_allocate),
      cmocka_unit_test(every_exhaustion_is_survived),
      cmocka_unit_test(traces_and_flights_tell),
      cmocka_unit_test(memory_is_accounted_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
