/* Drills: a device fails or hangs before, in and after every collective; every other device ends with "aborted" within
 * the deadline, the message names the culprit, and the mesh works again or can be replaced. */
#include "test/unit/runtime_build.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void nothing(char *const *operands, int64_t task) {
  (void)operands;
  (void)task;
}

/* {device number}: device 1 sleeps for longer than the deadline and the patience with it. */
static void sleep_on_device_one(char *const *operands, int64_t task) {
  (void)task;
  if (*operands[0] == 1)
    usleep(550 * 1000);
}

/* {flag, device number}: flag = the device's number is odd */
static void is_odd(char *const *operands, int64_t task) {
  (void)task;
  *operands[0] = *operands[1] & 1;
}

static const alpa_symbol symbols[] = {{"nothing", (void (*)(void))nothing},
                                      {"sleep_on_device_one", (void (*)(void))sleep_on_device_one},
                                      {"is_odd", (void (*)(void))is_odd}};
static const alpa_load_options load_options = {.symbols = symbols, .n_symbols = countof(symbols), .name = "drill"};

static alpa_executable *load(test_context *t, alpa_device_mesh *mesh, const image_build *b) {
  alpa_image image = build_image(b);
  alpa_executable *executable;
  assert_ok(t, alpa_executable_load(mesh, &t->diag, &image, &load_options, &executable));
  return executable;
}

static uint32_t build_kind(image_build *b, alpa_collective kind, uint32_t from, uint32_t to) {
  bool is_permute = kind == ALPA_COLLECTIVE_PERMUTE;
  uint32_t *pairs = alpa_arena_new(b->arena, uint32_t, 2 * b->n_devices);
  for (uint32_t d = 0; d < b->n_devices; d++) {
    pairs[2 * d] = d;
    pairs[2 * d + 1] = (d + 1) % b->n_devices;
  }
  return build_collective(b, (alpa_image_collective){.kind = kind,
                                                     .reduction = ALPA_REDUCE_ADD,
                                                     .dtype = ALPA_F32,
                                                     .outer = 1,
                                                     .chunk = 1,
                                                     .n_groups = is_permute ? b->n_devices : 1,
                                                     .group_size = is_permute ? 2 : b->n_devices,
                                                     .groups = is_permute ? pairs : build_all(b),
                                                     .from = {from, 0},
                                                     .to = {to, 0}});
}

enum { N_DEVICES = 4 };

/* run; collective; run; collective; run: operation 1 and 3 are the collectives. */
static alpa_executable *load_drill(test_context *t, alpa_device_mesh *mesh, alpa_collective kind) {
  image_build b = {.arena = &t->arena, .n_devices = N_DEVICES};
  uint32_t from = build_temporary(&b, 4 * N_DEVICES), to = build_temporary(&b, 4 * N_DEVICES);
  uint32_t k = build_kernel(&b, "nothing", 1), c = build_kind(&b, kind, from, to);
  for (int i = 0; i < 2; i++) {
    emit_run(&b, &b.program, "m.mlir:10:3", k, from, to);
    emit_collective(&b, &b.program, i ? "m.mlir:22:3" : "m.mlir:11:3", c);
  }
  emit_run(&b, &b.program, "m.mlir:30:3", k, from, to);
  return load(t, mesh, &b);
}

/* One cell of the drill; the mesh must work before and after. */
static void drill(test_context *t, alpa_device_mesh *mesh, alpa_executable *executable, alpa_fault fault) {
  static const char *const places[] = {"m.mlir:10:3", "m.mlir:11:3", "m.mlir:10:3", "m.mlir:22:3", "m.mlir:30:3"};
  alpa_run_options options = {.faults = &fault, .n_faults = 1};
  bool is_hang = fault.kind == ALPA_FAULT_HANG;
  double start = now();
  alpa_status status = alpa_executable_run(executable, &t->diag, NULL, &options, NULL);
  double seconds = now() - start;
  assert_int_equal(status, is_hang ? ALPA_DEADLINE_EXCEEDED : ALPA_INTERNAL);
  assert_true(seconds < (is_hang ? 0.2 + 1 : 0.2));
  char expected[64];
  snprintf(expected, sizeof expected, "%s: device %u %s", places[fault.at], fault.device,
           is_hang ? "made no progress for 0.2 s in" : "failed in");
  assert_message(t, expected);
  for (uint32_t d = 0; d < N_DEVICES; d++) {
    alpa_status expected_status = d == fault.device ? status : ALPA_ABORTED;
    alpa_status actual = alpa_device_mesh_get_status(mesh, d);
    /* Without a collective to come, the others may have finished. */
    assert_true(actual == expected_status || (fault.at == 4 && actual == ALPA_OK));
  }
  alpa_flight_entry flights[ALPA_FLIGHT_ENTRIES];
  size_t n = alpa_device_mesh_flight_record(mesh, fault.device, flights);
  assert_true(n > 0 && !flights[n - 1].done && flights[n - 1].executed == fault.at);
  if (fault.at == 3 && is_hang)
    assert_non_null(strstr(t->notes, "was in"));
}

static void drills_end_in_time(void **state) {
  (void)state;
  for (int kind = 0; kind < ALPA_COLLECTIVE_COUNT; kind++)
    for (uint32_t n_workers = 1; n_workers <= 3; n_workers++) {
      test_context t;
      test_begin(&t);
      alpa_device_mesh *mesh = test_mesh_with(&t, N_DEVICES, n_workers, 0.2);
      alpa_executable *executable = load_drill(&t, mesh, (alpa_collective)kind);
      for (uint32_t at = 0; at < 5; at++)
        for (int fault = ALPA_FAULT_FAIL; fault <= ALPA_FAULT_HANG; fault++) {
          if (fault == ALPA_FAULT_HANG && (n_workers == 1 ? at == 2 : at != n_workers - 1))
            continue; /* each takes longer than the deadline */
          uint32_t victim = at == 0 ? 0 : at == 1 ? N_DEVICES - 1 : 2;
          drill(&t, mesh, executable, (alpa_fault){(alpa_fault_kind)fault, victim, at});
          for (int step = 0; step < 3; step++)
            assert_ok(&t, alpa_executable_run(executable, &t.diag, NULL, NULL, NULL));
        }
      alpa_executable_destroy(executable);
      alpa_device_mesh_destroy(mesh);
      test_end(&t);
    }
}

static void donated_state_of_a_failed_step_is_lost(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 2, 2);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  alpa_image_tensor tensor = build_tensor(&t.arena, "weights", ALPA_F32, 2, 2, 2);
  uint32_t in = build_argument(&b, tensor);
  build_alias(&b, tensor, 0);
  emit_run(&b, &b.program, "here", build_kernel(&b, "nothing", 1), in);
  alpa_executable *executable = load(&t, mesh, &b);
  alpa_array *x, *y = NULL;
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, NULL, &x));
  alpa_fault fault = {ALPA_FAULT_FAIL, 1, 0};
  alpa_run_options options = {.faults = &fault, .n_faults = 1};
  assert_int_equal(alpa_executable_run(executable, &t.diag, &x, &options, &y), ALPA_INTERNAL);
  assert_null(y);
  assert_int_equal(alpa_executable_run(executable, &t.diag, &x, NULL, &y), ALPA_INVALID_ARGUMENT);
  assert_message(&t, "argument 0 ('weights') of 'drill' was donated to step 1");
  alpa_array_release(x);
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

/* Odd and even devices wait in different collectives: found without waiting for the deadline. */
static void different_ways_are_found(void **state) {
  (void)state;
  for (uint32_t n_workers = 1; n_workers <= 2; n_workers++) {
    test_context t;
    test_begin(&t);
    alpa_device_mesh *mesh;
    alpa_device_mesh_options mesh_options = {.n_devices = 4, .n_workers = n_workers, .deadline_s = 5};
    assert_ok(&t, alpa_device_mesh_create(&mesh_options, &t.diag, &mesh));
    image_build b = {.arena = &t.arena, .n_devices = 4};
    uint32_t from = build_temporary(&b, 16), to = build_temporary(&b, 16), flag = build_temporary(&b, 1);
    uint32_t device = build_device_number(&b);
    emit_run(&b, &b.program, "odd", build_kernel(&b, "is_odd", 1), flag, device);
    instruction_vec ways[2] = {{0}, {0}};
    emit_collective(&b, &ways[0], "left", build_kind(&b, ALPA_COLLECTIVE_ALL_REDUCE, from, to));
    emit_collective(&b, &ways[1], "right", build_kind(&b, ALPA_COLLECTIVE_ALL_TO_ALL, from, to));
    emit_branch(&b, &b.program, flag, 1, ways, 2);
    alpa_executable *executable = load(&t, mesh, &b);
    double start = now();
    assert_int_equal(alpa_executable_run(executable, &t.diag, NULL, NULL, NULL), ALPA_INVALID_ARGUMENT);
    assert_true(now() - start < 1);
    assert_message(&t, "device 0 waits for devices that have taken another way in 'all-to-all' at 'right'");
    assert_non_null(strstr(t.notes, "device 1 was in 'all-reduce' at 'left'"));
    alpa_executable_destroy(executable);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
}

/* Device 1, which worker 1 runs, does not return from its kernel in time. */
static void slow_kernels_are_left(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh_with(&t, 2, 2, 0.2);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  uint32_t from = build_temporary(&b, 8), to = build_temporary(&b, 8), device = build_device_number(&b);
  uint32_t c = build_kind(&b, ALPA_COLLECTIVE_ALL_REDUCE, from, to);
  uint32_t slow = build_kernel(&b, "sleep_on_device_one", 1);
  for (int i = 0; i < 3; i++)
    emit_collective(&b, &b.program, "m.mlir:1:1", c);
  emit_run(&b, &b.program, "m.mlir:2:1", slow, device);
  emit_collective(&b, &b.program, "m.mlir:3:1", c);
  alpa_executable *executable = load(&t, mesh, &b);
  double start = now();
  assert_int_equal(alpa_executable_run(executable, &t.diag, NULL, NULL, NULL), ALPA_DEADLINE_EXCEEDED);
  double seconds = now() - start;
  assert_true(seconds < 1.3);
  assert_message(&t, "m.mlir:2:1: device 1 made no progress for 0.2 s in 'sleep_on_device_one'");
  assert_non_null(strstr(t.notes, "device 0 was in 'all-reduce' at 'm.mlir:3:1'"));
  if (seconds < 0.5) {
    assert_int_equal(alpa_executable_run(executable, &t.diag, NULL, NULL, NULL), ALPA_UNAVAILABLE);
    assert_message(&t, "a kernel of a failed step has not returned");
  }
  /* The kernel returns while the mesh waits for its threads; the executable goes after it. */
  alpa_device_mesh_destroy(mesh);
  alpa_executable_destroy(executable);
  mesh = test_mesh(&t, N_DEVICES, 2);
  executable = load_drill(&t, mesh, ALPA_COLLECTIVE_ALL_GATHER);
  assert_ok(&t, alpa_executable_run(executable, &t.diag, NULL, NULL, NULL));
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

/* The calling thread watches; the only worker is in a kernel that takes five deadlines. */
static void watched_steps_return(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh;
  alpa_device_mesh_options mesh_options = {.n_devices = 3, .n_workers = 1, .deadline_s = 0.1, .is_watched = true};
  assert_ok(&t, alpa_device_mesh_create(&mesh_options, &t.diag, &mesh));
  image_build b = {.arena = &t.arena, .n_devices = 3};
  uint32_t from = build_temporary(&b, 12), to = build_temporary(&b, 12), device = build_device_number(&b);
  emit_collective(&b, &b.program, "sum", build_kind(&b, ALPA_COLLECTIVE_ALL_REDUCE, from, to));
  image_build quick = b;
  emit_run(&b, &b.program, "slow", build_kernel(&b, "sleep_on_device_one", 1), device);
  alpa_executable *slow = load(&t, mesh, &b), *fast = load(&t, mesh, &quick);
  for (int step = 0; step < 100; step++)
    assert_ok(&t, alpa_executable_run(fast, &t.diag, NULL, NULL, NULL));
  double begin = now();
  assert_int_equal(alpa_executable_run(slow, &t.diag, NULL, NULL, NULL), ALPA_DEADLINE_EXCEEDED);
  double seconds = now() - begin;
  assert_true(seconds < 0.55);
  assert_message(&t, "device 1 made no progress for 0.1 s in 'sleep_on_device_one' at 'slow'");
  assert_int_equal(alpa_device_mesh_get_status(mesh, 1), ALPA_DEADLINE_EXCEEDED);
  assert_int_equal(alpa_executable_run(fast, &t.diag, NULL, NULL, NULL), ALPA_UNAVAILABLE);
  usleep(500 * 1000);
  alpa_device_mesh_destroy(mesh);
  alpa_executable_destroy(slow);
  alpa_executable_destroy(fast);
  test_end(&t);
}

/* {device number}: device 1 takes its time, well below the deadline. */
static void doze(char *const *operands, int64_t task) {
  (void)task;
  if (*operands[0] == 1)
    usleep(20 * 1000);
}

static int run_dozing_steps(void) {
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh_with(&t, 2, 2, 0.2);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  uint32_t from = build_temporary(&b, 8), to = build_temporary(&b, 8), device = build_device_number(&b);
  instruction_vec body = {0};
  emit_run(&b, &body, "doze", build_kernel(&b, "doze", 1), device);
  emit_collective(&b, &body, "sum", build_kind(&b, ALPA_COLLECTIVE_ALL_REDUCE, from, to));
  emit_loop(&b, &b.program, 30, &body);
  alpa_image image = build_image(&b);
  alpa_symbol symbol = {"doze", (void (*)(void))doze};
  alpa_load_options options = {.symbols = &symbol, .n_symbols = 1};
  alpa_executable *executable;
  if (alpa_executable_load(mesh, &t.diag, &image, &options, &executable) != ALPA_OK)
    return 1;
  return alpa_executable_run(executable, &t.diag, NULL, NULL, NULL) == ALPA_OK ? 0 : 2;
}

/* Three times the deadline pass while the whole process is stopped. */
static void stopped_processes_go_on(void **state) {
  (void)state;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    _exit(run_dozing_steps());
  int status;
  usleep(200 * 1000);
  kill(child, SIGSTOP);
  usleep(600 * 1000);
  kill(child, SIGCONT);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

/* No threads are left over, mesh after mesh. */
static void meshes_come_and_go(void **state) {
  (void)state;
  for (int round = 0; round < 100; round++) {
    test_context t;
    test_begin(&t);
    alpa_device_mesh *mesh = test_mesh(&t, N_DEVICES, 3);
    alpa_executable *executable = load_drill(&t, mesh, (alpa_collective)(round % ALPA_COLLECTIVE_COUNT));
    alpa_fault fault = {ALPA_FAULT_FAIL, (uint32_t)round % N_DEVICES, (uint64_t)round % 5};
    alpa_run_options options = {.faults = &fault, .n_faults = round % 3 != 0};
    alpa_status status = alpa_executable_run(executable, &t.diag, NULL, &options, NULL);
    assert_int_equal(status, round % 3 ? ALPA_INTERNAL : ALPA_OK);
    alpa_executable_destroy(executable);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  int n_threads = 0;
  while (file && fgets(line, sizeof line, file))
    sscanf(line, "Threads: %d", &n_threads);
  if (file)
    fclose(file);
#if !defined(__SANITIZE_THREAD__)
  assert_int_equal(n_threads, 1);
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(drills_end_in_time),      cmocka_unit_test(donated_state_of_a_failed_step_is_lost),
      cmocka_unit_test(stopped_processes_go_on), cmocka_unit_test(different_ways_are_found),
      cmocka_unit_test(meshes_come_and_go),      cmocka_unit_test(slow_kernels_are_left),
      cmocka_unit_test(watched_steps_return),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
