/* Stages: a branch on a number of the device, arrays that lie on a submesh, transfers between submeshes. */
#include "runtime_build.h"

enum { N = 12, MICROBATCHES = 3 };

/* to[0..N/2) = from + 1, of a device's half. */
static void add_one(char *const *operands, int64_t task) {
  (void)task;
  for (int i = 0; i < N / 2; i++)
    ((float *)(void *)operands[1])[i] = ((const float *)(const void *)operands[0])[i] + 1;
}

/* to[0..N) = 10 * from. */
static void scale(char *const *operands, int64_t task) {
  (void)task;
  for (int i = 0; i < N; i++)
    ((float *)(void *)operands[1])[i] = ((const float *)(const void *)operands[0])[i] * 10;
}

static alpa_image_tensor on(alpa_image_tensor tensor, uint32_t first, uint32_t n) {
  tensor.holders = (alpa_device_range){first, n};
  return tensor;
}

/* From halves on devices 0 and 1 to the whole on device 2. */
static alpa_image_transfer gather(alpa_arena *arena) {
  alpa_image_copy *copies = alpa_arena_new(arena, alpa_image_copy, 2);
  static const int64_t extents[1] = {N / 2}, strides[1] = {4};
  for (uint32_t d = 0; d < 2; d++)
    copies[d] = (alpa_image_copy){.from_device = d,
                                  .to_device = 2,
                                  .to_offset = d * N / 2 * 4,
                                  .rank = 1,
                                  .element_bytes = 4,
                                  .extents = extents,
                                  .from_strides = strides,
                                  .to_strides = strides};
  return (alpa_image_transfer){.name = "y", .from_bytes = N / 2 * 4, .to_bytes = N * 4, .n_copies = 2, .copies = copies};
}

static void emit_side(image_build *b, instruction_vec *list, alpa_instruction_kind kind, uint32_t transfer,
                      uint32_t buffer) {
  bool has_ref = kind == ALPA_INSTRUCTION_SEND || kind == ALPA_INSTRUCTION_RECEIVE;
  alpa_vec_push(b->arena, list,
                (alpa_instruction){.kind = kind,
                                   .transfer = transfer,
                                   .n_refs = has_ref,
                                   .refs = has_ref ? copy_refs(b, &buffer, 1) : NULL,
                                   .where = "transfer"});
}

typedef struct pipeline {
  image_build build;
  alpa_image image;
  instruction_vec stages[2];
} pipeline;

/* Stage 0, devices 0 and 1: y = x + 1; stage 1, device 2: z = 10 y.  The buffer of y is used again and again. */
static void build_pipeline(pipeline *p, alpa_arena *arena) {
  static const uint32_t stage_of[3] = {0, 0, 1};
  image_build *b = &p->build;
  *b = (image_build){.arena = arena, .n_devices = 3};
  uint32_t x = build_argument(b, on(build_tensor(arena, "x", ALPA_F32, N, 2, 2), 0, 2));
  uint32_t z = build_result(b, on(build_tensor(arena, "z", ALPA_F32, N, 1, 1), 2, 1));
  uint32_t y = build_temporary(b, N / 2 * 4), got = build_temporary(b, N * 4);
  uint32_t add = build_kernel(b, "add_one", 1), times = build_kernel(b, "scale", 1);
  uint32_t stage = build_buffer(b, (alpa_image_buffer){.kind = ALPA_BUFFER_DEVICE, .index = 1, .bytes = 4});
  for (int i = 0; i < MICROBATCHES; i++) {
    if (i)
      emit_side(b, &p->stages[0], ALPA_INSTRUCTION_SENT, 0, 0);
    emit_run(b, &p->stages[0], "add", add, x, y);
    emit_side(b, &p->stages[0], ALPA_INSTRUCTION_SEND, 0, y);
    emit_side(b, &p->stages[1], ALPA_INSTRUCTION_RECEIVE, 0, got);
    emit_side(b, &p->stages[1], ALPA_INSTRUCTION_RECEIVED, 0, 0);
    emit_run(b, &p->stages[1], "scale", times, got, z);
  }
  emit_branch(b, &b->program, stage, 4, p->stages, 2);
  p->image = build_image(b);
  p->image.n_transfers = 1;
  alpa_image_transfer transfer = gather(arena);
  p->image.transfers = alpa_arena_copy(arena, &transfer, sizeof transfer);
  p->image.n_numbers = 1;
  p->image.numbers = stage_of;
}

static const alpa_symbol symbols[] = {{"add_one", (void (*)(void))add_one}, {"scale", (void (*)(void))scale}};
static const alpa_load_options with_symbols = {.symbols = symbols, .n_symbols = 2};

static void run_steps(test_context *t, alpa_device_mesh *mesh, const alpa_image *image, int n_steps) {
  alpa_executable *e;
  assert_ok(t, alpa_executable_load(mesh, &t->diag, image, &with_symbols, &e));
  for (int step = 0; step < n_steps; step++) {
    float in[N], out[N] = {0};
    for (int i = 0; i < N; i++)
      in[i] = (float)(i + step);
    alpa_array *x, *z;
    assert_ok(t, alpa_array_create(mesh, &t->diag, &image->arguments[0], in, &x));
    assert_ok(t, alpa_executable_run(e, &t->diag, &x, NULL, &z));
    assert_ok(t, alpa_array_read(z, &t->diag, true, out));
    for (int i = 0; i < N; i++)
      assert_true(out[i] == 10 * (in[i] + 1));
    int64_t bytes;
    assert_null(alpa_array_get_piece(z, 0, &bytes));
    assert_null(alpa_array_get_piece(x, 2, &bytes));
    alpa_array_release(x);
    alpa_array_release(z);
  }
  alpa_executable_destroy(e);
}

static void stages_run_and_exchange(void **state) {
  (void)state;
  for (uint32_t n_workers = 1; n_workers <= 4; n_workers++) {
    test_context t;
    test_begin(&t);
    pipeline p = {0};
    build_pipeline(&p, &t.arena);
    alpa_device_mesh *mesh = test_mesh(&t, 3, n_workers);
    run_steps(&t, mesh, &p.image, 100);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
}

static void image_with_stages_round_trips(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  pipeline p = {0};
  build_pipeline(&p, &t.arena);
  alpa_str bytes = alpa_image_write(&t.arena, &p.image);
  alpa_image *read;
  assert_ok(&t, alpa_image_read(&t.arena, &t.diag, "pipeline", bytes, &read));
  alpa_str again = alpa_image_write(&t.arena, read);
  assert_int_equal(bytes.size, again.size);
  assert_memory_equal(bytes.data, again.data, bytes.size);
  alpa_device_mesh *mesh = test_mesh(&t, 3, 2);
  run_steps(&t, mesh, read, 2);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

/* A stage that waits for what nobody sends is a deadlock, and the mesh can be used again. */
static void missing_send_is_reported(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  pipeline wrong = {0}, right = {0};
  build_pipeline(&wrong, &t.arena);
  build_pipeline(&right, &t.arena);
  wrong.stages[0].n -= 1;
  alpa_instructions lists[] = {list_of(&wrong.stages[0]), list_of(&wrong.stages[1])};
  wrong.build.program.items[0].lists = lists;
  wrong.image = (alpa_image){0};
  alpa_image image = build_image(&wrong.build);
  image.transfers = right.image.transfers;
  image.n_transfers = 1;
  image.numbers = right.image.numbers;
  image.n_numbers = 1;
  alpa_device_mesh *mesh = test_mesh_with(&t, 3, 2, 1);
  alpa_executable *e;
  alpa_array *x, *z;
  float in[N] = {0};
  assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, &with_symbols, &e));
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &image.arguments[0], in, &x));
  assert_int_equal(alpa_executable_run(e, &t.diag, &x, NULL, &z), ALPA_INVALID_ARGUMENT);
  assert_message(&t, "device 2");
  alpa_array_release(x);
  alpa_executable_destroy(e);
  run_steps(&t, mesh, &right.image, 3);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

typedef void change_fn(pipeline *p, alpa_arena *arena);

static void use_what_is_elsewhere(pipeline *p, alpa_arena *arena) {
  (void)arena;
  ((alpa_image_ref *)(uintptr_t)p->stages[1].items[2].refs)[1].buffer = 0;
}

static void send_from_elsewhere(pipeline *p, alpa_arena *arena) {
  alpa_image_transfer transfer = gather(arena);
  ((alpa_image_copy *)(uintptr_t)transfer.copies)[1].from_device = 2;
  p->image.transfers = alpa_arena_copy(arena, &transfer, sizeof transfer);
}

static void reach_too_far(pipeline *p, alpa_arena *arena) {
  alpa_image_transfer transfer = gather(arena);
  ((alpa_image_copy *)(uintptr_t)transfer.copies)[1].to_offset += 4;
  p->image.transfers = alpa_arena_copy(arena, &transfer, sizeof transfer);
}

static void scatter_stages(pipeline *p, alpa_arena *arena) {
  static const uint32_t stage_of[3] = {0, 1, 0};
  (void)arena;
  p->image.numbers = stage_of;
}

static void hold_too_much(pipeline *p, alpa_arena *arena) {
  alpa_image_tensor *x = alpa_arena_copy(arena, p->image.arguments, sizeof *x);
  x->holders.n = 4;
  p->image.arguments = x;
}

static void wrong_images_are_refused(void **state) {
  (void)state;
  static const struct {
    change_fn *change;
    const char *message;
  } rows[] = {{use_what_is_elsewhere, "devices 2 to 2 do not all hold"},
              {send_from_elsewhere, "device 2 does not execute its send"},
              {reach_too_far, "does not lie in its pieces of 24 and 48 bytes"},
              {scatter_stages, "are not consecutive"},
              {hold_too_much, "lies on 4 devices from 0 on; there are 3"}};
  for (size_t i = 0; i < countof(rows); i++) {
    test_context t;
    test_begin(&t);
    pipeline p = {0};
    build_pipeline(&p, &t.arena);
    rows[i].change(&p, &t.arena);
    assert_int_equal(alpa_image_verify(&p.image, &t.diag), ALPA_INVALID_ARGUMENT);
    assert_message(&t, rows[i].message);
    test_end(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stages_run_and_exchange),
      cmocka_unit_test(image_with_stages_round_trips),
      cmocka_unit_test(missing_send_is_reported),
      cmocka_unit_test(wrong_images_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
