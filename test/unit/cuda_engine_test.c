/* The CUDA engine on a driver without a GPU (test/emulator/fake): programs, collectives by the emulated NCCL, and every
 * failure with its message.  Kernels are the functions below. */
#include "collective_cases.h"

#include <dlfcn.h>

/* ---- kernels ---------------------------------------------------------------------------------------------------- */

#define KERNEL(name) void name(char *const *operands, int64_t task)
KERNEL(set_zero);
KERNEL(increment);
KERNEL(is_less);
KERNEL(add_number);

static int32_t read_i32(const char *at) {
  int32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static void write_i32(char *at, int32_t value) { memcpy(at, &value, sizeof value); }

KERNEL(set_zero) { write_i32(operands[0] + 4 * task, 0); }
KERNEL(increment) { write_i32(operands[0] + 4 * task, read_i32(operands[0] + 4 * task) + 1); }
KERNEL(is_less) {
  (void)task;
  *operands[0] = read_i32(operands[1]) < read_i32(operands[2]);
}
/* The device's number and a constant. */
KERNEL(add_number) {
  write_i32(operands[0] + 4 * task, read_i32(operands[0] + 4 * task) + read_i32(operands[1]) + read_i32(operands[2]));
}

static const char ptx[] = "set_zero 1\nincrement 1\nis_less 3\nadd_number 3\nhang 0\nfault 0\n";

/* ---- images ----------------------------------------------------------------------------------------------------- */

static uint32_t build_gpu_kernel(image_build *b, const char *symbol, uint32_t n_blocks) {
  alpa_vec_push(
      b->arena, &b->kernels,
      (alpa_image_kernel){.symbol = symbol, .n_tasks = n_blocks, .grid = {n_blocks, 1, 1}, .block = {1, 1, 1}});
  return (uint32_t)b->kernels.n - 1;
}

static alpa_image build_gpu_image(image_build *b) {
  alpa_vec_push(b->arena, &b->code, (alpa_image_code){ptx, sizeof ptx});
  alpa_image image = build_image(b);
  image.target = "ptx:sm_90a:test";
  return image;
}

static alpa_device_mesh *gpu_mesh(test_context *t, uint32_t n, double deadline_s) {
  alpa_device_mesh *mesh = NULL;
  alpa_device_mesh_options options = {.backend = "cuda", .n_devices = n, .deadline_s = deadline_s};
  assert_ok(t, alpa_device_mesh_create(&options, &t->diag, &mesh));
  return mesh;
}

static alpa_image_collective all_reduce(image_build *b, uint32_t from, uint32_t to, int64_t chunk) {
  return (alpa_image_collective){.kind = ALPA_COLLECTIVE_ALL_REDUCE,
                                 .reduction = ALPA_REDUCE_ADD,
                                 .dtype = ALPA_I32,
                                 .outer = 1,
                                 .chunk = chunk,
                                 .n_groups = 1,
                                 .group_size = b->n_devices,
                                 .groups = build_all(b),
                                 .from = {from, 0},
                                 .to = {to, 0}};
}

/* A loop of 5 in a while until `limit`: the sum over devices of limit * 5 * (device + 100), or with the branch on the
 * device's number, one more on the last device. */
static alpa_image build_nest(image_build *b) {
  alpa_image_tensor scalar = build_tensor(b->arena, "limit", ALPA_I32, 1, 1, b->n_devices);
  uint32_t limit = build_argument(b, scalar), out = build_result(b, scalar);
  uint32_t i = build_temporary(b, 4), flag = build_temporary(b, 1), sum = build_temporary(b, 4);
  uint32_t device = build_device_number(b), hundred = build_constant(b, &(int32_t){100}, 4);
  uint32_t zero = build_gpu_kernel(b, "set_zero", 1), less = build_gpu_kernel(b, "is_less", 1);
  uint32_t next = build_gpu_kernel(b, "increment", 1), add = build_gpu_kernel(b, "add_number", 1);
  instruction_vec test = {0}, body = {0}, inner = {0}, choices[2] = {{0}, {0}};
  emit_run(b, &b->program, "a.mlir:1:1", zero, i);
  emit_run(b, &b->program, "a.mlir:2:1", zero, sum);
  emit_run(b, &test, "a.mlir:3:1", less, flag, i, limit);
  emit_run(b, &inner, "a.mlir:4:1", add, sum, device, hundred);
  emit_loop(b, &body, 5, &inner);
  emit_run(b, &body, "a.mlir:5:1", next, i);
  emit_while(b, &b->program, flag, &test, &body);
  emit_run(b, &choices[1], "a.mlir:6:1", next, sum);
  emit_branch(b, &b->program, device, 4, choices, 2);
  emit_copy(b, &b->program, out, sum, 4);
  if (b->n_devices > 1)
    emit_collective(b, &b->program, "a.mlir:7:1", build_collective(b, all_reduce(b, out, out, 1)));
  return build_gpu_image(b);
}

static alpa_status run_scalar(test_context *t, alpa_device_mesh *mesh, alpa_executable *e, int32_t argument,
                              const alpa_run_options *options, int32_t *out_value) {
  const alpa_image_tensor *placement = alpa_executable_get_argument(e, 0);
  alpa_array *in = NULL, *out = NULL;
  assert_ok(t, alpa_array_create(mesh, &t->diag, placement, &argument, &in));
  alpa_status status = alpa_executable_run(e, &t->diag, &in, options, &out);
  if (status == ALPA_OK)
    assert_ok(t, alpa_array_read(out, &t->diag, true, out_value));
  alpa_array_release(in);
  alpa_array_release(out);
  return status;
}

/* ---- programs --------------------------------------------------------------------------------------------------- */

static void programs_give_their_results(void **state) {
  (void)state;
  for (uint32_t n = 1; n <= 4; n++) {
    test_context t;
    test_begin(&t);
    alpa_device_mesh *mesh = gpu_mesh(&t, n, 10);
    assert_string_equal(alpa_device_mesh_target(mesh), "sm_90a");
    image_build b = {.arena = &t.arena, .n_devices = n};
    alpa_image image = build_nest(&b);
    alpa_executable *e = NULL;
    assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, NULL, &e));
    for (int32_t limit = 0; limit < 40; limit += 13) {
      int32_t expected = 0, value = 0;
      for (uint32_t d = 0; d < n; d++)
        expected += limit * 5 * (int32_t)(d + 100) + (d > 0);
      assert_ok(&t, run_scalar(&t, mesh, e, limit, NULL, &value));
      assert_int_equal(value, expected);
    }
    alpa_executable_destroy(e);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
}

/* ---- collectives: against the host's channel -------------------------------------------------------------------- */

static void compare(const collective_case *c) {
  test_context t;
  test_begin(&t);
  image_build b = {.arena = &t.arena, .n_devices = CASE_DEVICES};
  alpa_image image = build_case(&b, c);
  alpa_device_mesh_options host = {.n_devices = CASE_DEVICES}, gpus = {.backend = "cuda", .n_devices = CASE_DEVICES};
  const char *expected = run_case(&t, &host, &image);
  image.target = "ptx:sm_80:test";
  image.code = &(alpa_image_code){ptx, sizeof ptx};
  image.n_code = 1;
  const char *got = run_case(&t, &gpus, &image);
  assert_memory_equal(got, expected, (size_t)alpa_image_tensor_global_bytes(&image.results[0]));
  test_end(&t);
}

static void collectives_are_those_of_the_host(void **state) {
  (void)state;
  for (size_t i = 0; i < countof(collective_cases); i++)
    compare(&collective_cases[i]);
}

static void reductions_that_nccl_lacks_are_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = gpu_mesh(&t, 2, 10);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  uint32_t at = build_temporary(&b, 64);
  alpa_image_collective collective = all_reduce(&b, at, at, 2);
  collective.reduction = ALPA_REDUCE_XOR;
  emit_collective(&b, &b.program, "x", build_collective(&b, collective));
  alpa_image image = build_gpu_image(&b);
  alpa_executable *e = NULL;
  assert_int_equal(alpa_executable_load(mesh, &t.diag, &image, NULL, &e), ALPA_UNSUPPORTED);
  assert_message(&t, "NCCL cannot all-reduce 'xor' of type i32");
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

/* ---- failures --------------------------------------------------------------------------------------------------- */

static void expect_no_mesh(uint32_t n, alpa_status expected, const char *message) {
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = NULL;
  alpa_device_mesh_options options = {.backend = "cuda", .n_devices = n};
  assert_int_equal(alpa_device_mesh_create(&options, &t.diag, &mesh), expected);
  assert_message(&t, message);
  test_end(&t);
}

static void machines_that_do_not_fit_are_refused(void **state) {
  (void)state;
  expect_no_mesh(9, ALPA_UNAVAILABLE, "9 GPUs are needed, this process sees 4; plan for fewer");
  setenv("FAKE_CUDA_CAPABILITY", "75", 1);
  expect_no_mesh(1, ALPA_UNSUPPORTED, "GPU 0 is of compute capability 7.5; 8.0 or newer is needed");
  unsetenv("FAKE_CUDA_CAPABILITY");
  setenv("FAKE_CUDA_DEVICES", "0", 1);
  expect_no_mesh(1, ALPA_UNAVAILABLE, "cannot start the CUDA driver");
  expect_no_mesh(1, ALPA_UNAVAILABLE, "check nvidia-smi and CUDA_VISIBLE_DEVICES");
  setenv("FAKE_CUDA_DEVICES", "4", 1);
}

static void expect_no_load(alpa_image *image, alpa_status expected, const char *message) {
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = gpu_mesh(&t, image->n_devices, 10);
  alpa_executable *e = NULL;
  alpa_status status = alpa_executable_load(mesh, &t.diag, image, NULL, &e);
  if (!strstr(t.notes, message))
    assert_message(&t, message);
  assert_int_equal(status, expected);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

static void images_that_do_not_fit_are_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  image_build b = {.arena = &t.arena, .n_devices = 1};
  alpa_image good = build_nest(&b), image = good;
  setenv("FAKE_CUDA_CAPABILITY", "86", 1);
  expect_no_load(&image, ALPA_UNSUPPORTED,
                 "compiled for 'ptx:sm_90a:test', this machine's GPUs are sm_86; compile it with --target=sm_80");
  unsetenv("FAKE_CUDA_CAPABILITY");
  image.code = &(alpa_image_code){"garbage", sizeof "garbage"};
  expect_no_load(&image, ALPA_UNSUPPORTED, "the driver does not accept the program's kernels");
  expect_no_load(&image, ALPA_UNSUPPORTED, "the driver says: fake ptxas: no such thing as 'garbage'");
  image.code = &(alpa_image_code){"set_zero 1\n", sizeof "set_zero 1\n"};
  expect_no_load(&image, ALPA_NOT_FOUND, "kernel 'is_less' is in none of the image's 1 modules");
  alpa_image_kernel large = {
      .symbol = "set_zero", .n_tasks = 1, .grid = {1, 1, 1}, .block = {1, 1, 1}, .shared_bytes = 200000};
  image_build c = {.arena = &t.arena, .n_devices = 1};
  alpa_vec_push(c.arena, &c.kernels, large);
  image = build_gpu_image(&c);
  expect_no_load(&image, ALPA_UNSUPPORTED, "kernel 'set_zero' needs 200000 bytes of shared memory");
  image = good;
  image.arena_bytes = 1 << 20;
  setenv("FAKE_CUDA_BYTES", "100000", 1);
  expect_no_load(&image, ALPA_OUT_OF_MEMORY, "use more devices or a smaller batch");
  unsetenv("FAKE_CUDA_BYTES");
  test_end(&t);
}

/* One entry. */
typedef struct memory_cache {
  alpa_arena *arena;
  alpa_str key, code;
  int n_found, n_stored;
} memory_cache;

static bool find_in_memory(void *user, alpa_arena *arena, alpa_str key, alpa_str *out_code) {
  memory_cache *cache = user;
  bool is_there = cache->key.size == key.size && memcmp(cache->key.data, key.data, key.size) == 0;
  (void)arena;
  cache->n_found += is_there;
  if (is_there)
    *out_code = cache->code;
  return is_there;
}

static void store_in_memory(void *user, alpa_arena *arena, alpa_str key, alpa_str code) {
  memory_cache *cache = user;
  (void)arena;
  cache->n_stored++;
  cache->key = (alpa_str){alpa_arena_copy(cache->arena, key.data, key.size), key.size};
  cache->code = (alpa_str){alpa_arena_copy(cache->arena, code.data, code.size), code.size};
}

static void code_is_assembled_once(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  alpa_image image = build_nest(&b);
  image.target = "ptx:sm_80:test";
  memory_cache kept = {.arena = &t.arena};
  alpa_code_cache cache = {&kept, find_in_memory, store_in_memory};
  alpa_load_options options = {.cache = &cache};
  for (int run = 0; run < 4; run++) {
    setenv("FAKE_CUDA_CAPABILITY", run < 2 ? "90" : "86", 1);
    alpa_device_mesh *mesh = gpu_mesh(&t, 2, 10);
    alpa_executable *e = NULL;
    int32_t value;
    assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, &options, &e));
    assert_ok(&t, run_scalar(&t, mesh, e, 1, NULL, &value));
    assert_int_equal(value, 5 * 201 + 1);
    alpa_executable_destroy(e);
    alpa_device_mesh_destroy(mesh);
    assert_int_equal(kept.n_stored, run < 2 ? 1 : 2); /* another GPU needs other code */
    assert_int_equal(kept.n_found, run % 2 + run / 2);
  }
  unsetenv("FAKE_CUDA_CAPABILITY");
  test_end(&t);
}

/* A program of two additions around a kernel that makes trouble, on the first of two GPUs. */
static alpa_status run_trouble(test_context *t, const char *symbol, bool poison) {
  image_build b = {.arena = &t->arena, .n_devices = 2};
  alpa_image_tensor scalar = build_tensor(b.arena, "x", ALPA_I32, 1, 1, 2);
  uint32_t in = build_argument(&b, scalar), out = build_result(&b, scalar), device = build_device_number(&b);
  uint32_t next = build_gpu_kernel(&b, "increment", 1), trouble = build_gpu_kernel(&b, symbol, 1);
  instruction_vec choices[2] = {{0}, {0}};
  (void)in;
  emit_run(&b, &b.program, "a.mlir:1:1", next, out);
  alpa_vec_push(b.arena, &choices[0],
                (alpa_instruction){.kind = ALPA_INSTRUCTION_RUN, .kernel = trouble, .where = "a.mlir:2:3"});
  emit_branch(&b, &b.program, device, 4, choices, 2);
  emit_run(&b, &b.program, "a.mlir:3:1", next, out);
  emit_collective(&b, &b.program, "a.mlir:4:1", build_collective(&b, all_reduce(&b, out, out, 1)));
  alpa_image image = build_gpu_image(&b);
  alpa_device_mesh *mesh = NULL;
  alpa_device_mesh_options options = {.backend = "cuda", .n_devices = 2, .deadline_s = 0.2, .poison = poison};
  alpa_executable *e = NULL;
  int32_t value;
  assert_ok(t, alpa_device_mesh_create(&options, &t->diag, &mesh));
  assert_ok(t, alpa_executable_load(mesh, &t->diag, &image, NULL, &e));
  alpa_status status = run_scalar(t, mesh, e, 1, NULL, &value);
  assert_int_equal(alpa_device_mesh_get_status(mesh, 0), status);
  alpa_executable_destroy(e);
  alpa_device_mesh_destroy(mesh);
  return status;
}

/* What a lost device may still reach is leaked on purpose. */
__attribute__((weak)) void __lsan_disable(void);
__attribute__((weak)) void __lsan_enable(void);

static void lost_devices_are_named(void **state) {
  (void)state;
  if (__lsan_disable)
    __lsan_disable();
  static const struct {
    const char *symbol;
    bool poison;
    alpa_status status;
    const char *message;
  } rows[] = {
      {"fault", true, ALPA_INTERNAL, "a.mlir:2:3: GPU 0: a kernel or copy failed in 'fault' at 'a.mlir:2:3'"},
      {"fault", true, ALPA_INTERNAL, "CUDA_ERROR_ILLEGAL_ADDRESS); run it under compute-sanitizer"},
      {"fault", false, ALPA_INTERNAL, "GPU 0: "},
      {"hang", true, ALPA_DEADLINE_EXCEEDED, "GPU 0: made no progress for 0.2 s in 'hang' at 'a.mlir:2:3'"},
      {"hang", false, ALPA_DEADLINE_EXCEEDED, "GPU 0: made no progress for 0.2 s"},
  };
  for (size_t i = 0; i < countof(rows); i++) {
    test_context t;
    test_begin(&t);
    assert_int_equal(run_trouble(&t, rows[i].symbol, rows[i].poison), rows[i].status);
    assert_message(&t, rows[i].message);
    alpa_arena_deinit(&t.arena);
    alpa_diag_deinit(&t.diag);
  }
  if (__lsan_enable)
    __lsan_enable();
}

/* After trouble in NCCL the mesh can be used again. */
static void expect_trouble(const char *fault, alpa_status status, const char *message) {
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = gpu_mesh(&t, 3, 0.3);
  image_build b = {.arena = &t.arena, .n_devices = 3};
  alpa_image image = build_nest(&b);
  alpa_executable *e = NULL;
  int32_t value;
  assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, NULL, &e));
  setenv("ALPA_EMULATOR_NCCL_FAULT", fault, 1);
  alpa_status got = run_scalar(&t, mesh, e, 1, NULL, &value);
  unsetenv("ALPA_EMULATOR_NCCL_FAULT");
  assert_message(&t, message);
  assert_int_equal(got, status);
  assert_ok(&t, run_scalar(&t, mesh, e, 1, NULL, &value));
  assert_int_equal(value, 5 * (100 + 101 + 102) + 2);
  alpa_executable_destroy(e);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

static void trouble_in_nccl_is_survived(void **state) {
  (void)state;
  char fault[64];
  void (*reset)(void) = NULL;
  void *symbol = dlsym(RTLD_DEFAULT, "alpa_emulated_nccl_reset");
  memcpy(&reset, &symbol, sizeof reset);
  static const struct {
    const char *kind;
    alpa_status status;
    const char *message;
  } rows[] = {{"error", ALPA_UNAVAILABLE, "GPU 1: all-reduce: NCCL says: unhandled system error, injected fault"},
              {"lost", ALPA_ABORTED,
               "all-reduce: NCCL says: remote process exited or there was a network error, a peer has left"},
              {"hang", ALPA_DEADLINE_EXCEEDED, "made no progress for 0.3 s in 'all-reduce' at 'a.mlir:7:1'"}};
  for (size_t i = 0; i < countof(rows); i++) {
    reset();
    snprintf(fault, sizeof fault, "%s:1:0", rows[i].kind);
    expect_trouble(fault, rows[i].status, rows[i].message);
  }
}

/* ---- graphs ----------------------------------------------------------------------------------------------------- */

/* x + 1 to `out`, and a copy of it. */
static alpa_image build_straight(image_build *b) {
  alpa_image_tensor scalar = build_tensor(b->arena, "x", ALPA_I32, 1, 1, 1);
  uint32_t x = build_argument(b, scalar), out = build_result(b, scalar), own = build_temporary(b, 4);
  uint32_t next = build_gpu_kernel(b, "increment", 1);
  emit_copy(b, &b->program, own, x, 4);
  emit_run(b, &b->program, "a.mlir:1:1", next, own);
  emit_copy(b, &b->program, out, own, 4);
  return build_gpu_image(b);
}

static uint32_t count_updates(void) {
  uint32_t (*count)(void) = NULL;
  void *symbol = dlsym(RTLD_DEFAULT, "fake_cuda_count_updates");
  memcpy(&count, &symbol, sizeof count);
  return count();
}

/* Steps whose arguments and results lie elsewhere each time: all of them are kept. */
static void run_straight(test_context *t, alpa_device_mesh *mesh, alpa_executable *e, int n_steps) {
  enum { MOST = 8 };
  alpa_array *kept[2 * MOST];
  for (int step = 0; step < n_steps; step++) {
    int32_t in = 10 * step, out = 0;
    assert_ok(t, alpa_array_create(mesh, &t->diag, alpa_executable_get_argument(e, 0), &in, &kept[2 * step]));
    assert_ok(t, alpa_executable_run(e, &t->diag, &kept[2 * step], NULL, &kept[2 * step + 1]));
    assert_ok(t, alpa_array_read(kept[2 * step + 1], &t->diag, true, &out));
    assert_int_equal(out, in + 1);
  }
  for (int i = 0; i < 2 * n_steps; i++)
    alpa_array_release(kept[i]);
}

static void lists_become_graphs_that_follow_their_operands(void **state) {
  (void)state;
  static const struct {
    bool no_graphs;
    const char *graphs, *reason;
    uint32_t n_launches;
  } rows[] = {{false, "1", "", 5},
              {true, "1", "they are turned off", 0},
              {false, "0", "the driver refuses one: CUDA_ERROR_OUT_OF_MEMORY", 0}};
  for (size_t i = 0; i < countof(rows); i++) {
    test_context t;
    test_begin(&t);
    setenv("FAKE_CUDA_GRAPHS", rows[i].graphs, 1);
    alpa_device_mesh *mesh = NULL;
    alpa_device_mesh_options options = {.backend = "cuda", .n_devices = 1, .no_graphs = rows[i].no_graphs};
    image_build b = {.arena = &t.arena, .n_devices = 1};
    alpa_image image = build_straight(&b);
    alpa_executable *e = NULL;
    alpa_graph_use use;
    uint32_t n_before = count_updates();
    assert_ok(&t, alpa_device_mesh_create(&options, &t.diag, &mesh));
    assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, NULL, &e));
    run_straight(&t, mesh, e, 6);
    alpa_executable_get_graphs(e, &use);
    assert_int_equal(use.n_launches, rows[i].n_launches);
    assert_int_equal(use.n_operations, 3 * rows[i].n_launches);
    assert_string_equal(use.reason, rows[i].reason);
    assert_int_equal(count_updates() - n_before, rows[i].n_launches ? 2 * (rows[i].n_launches - 1) : 0);
    alpa_executable_destroy(e);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
  setenv("FAKE_CUDA_GRAPHS", "1", 1);
}

static void injected_faults_leave_the_mesh_usable(void **state) {
  (void)state;
  for (int kind = ALPA_FAULT_FAIL; kind <= ALPA_FAULT_HANG; kind++) {
    test_context t;
    test_begin(&t);
    alpa_device_mesh *mesh = gpu_mesh(&t, 2, 0.2);
    image_build b = {.arena = &t.arena, .n_devices = 2};
    alpa_image image = build_nest(&b);
    alpa_executable *e = NULL;
    int32_t value;
    alpa_fault fault = {(alpa_fault_kind)kind, 1, 3};
    alpa_run_options options = {.faults = &fault, .n_faults = 1};
    assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, NULL, &e));
    alpa_status status = run_scalar(&t, mesh, e, 1, &options, &value);
    assert_int_equal(status, kind == ALPA_FAULT_FAIL ? ALPA_INTERNAL : ALPA_DEADLINE_EXCEEDED);
    assert_message(&t, "GPU 1: ");
    assert_int_equal(alpa_device_mesh_get_status(mesh, 0), ALPA_ABORTED);
    assert_ok(&t, run_scalar(&t, mesh, e, 1, NULL, &value));
    assert_int_equal(value, 5 * 201 + 1);
    alpa_executable_destroy(e);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
}

int main(void) {
  setenv("FAKE_CUDA_DEVICES", "4", 1);
  if (!dlopen(STAND_INS "/fake/libcuda.so.1", RTLD_NOW | RTLD_GLOBAL) ||
      !dlopen(STAND_INS "/emulator/libnccl.so.2", RTLD_NOW | RTLD_GLOBAL)) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(programs_give_their_results),
      cmocka_unit_test(collectives_are_those_of_the_host),
      cmocka_unit_test(reductions_that_nccl_lacks_are_refused),
      cmocka_unit_test(machines_that_do_not_fit_are_refused),
      cmocka_unit_test(images_that_do_not_fit_are_refused),
      cmocka_unit_test(code_is_assembled_once),
      cmocka_unit_test(lost_devices_are_named),
      cmocka_unit_test(trouble_in_nccl_is_survived),
      cmocka_unit_test(lists_become_graphs_that_follow_their_operands),
      cmocka_unit_test(injected_faults_leave_the_mesh_usable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
