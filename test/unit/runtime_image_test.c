/* The byte form of images: round trips, damage of every kind, and the verifier's refusals. */
#include "test/unit/runtime_build.h"

#include "support/hash.h"

/* An image that has something of everything. */
static alpa_image rich_image(alpa_arena *arena) {
  image_build b = {.arena = arena, .n_devices = 4};
  alpa_image_tensor state = build_tensor(arena, "state", ALPA_F32, 10, 4, 4);
  uint32_t w = build_argument(&b, state), x = build_argument(&b, build_tensor(arena, "x", ALPA_BF16, 8, 2, 4));
  build_alias(&b, state, 0);
  uint32_t loss = build_result(&b, build_tensor(arena, "loss", ALPA_F32, 1, 1, 4));
  uint32_t t = build_temporary(&b, 12), flag = build_temporary(&b, 1), n = build_device_number(&b);
  uint32_t c = build_constant(&b, "0123456789abcdef", 16);
  uint32_t k = build_kernel(&b, "kernel_a", 7), l = build_kernel(&b, "kernel_b", 1);
  uint32_t groups[] = {0, 2, 3, 1}, pairs[] = {0, 1, 1, 2};
  uint32_t sum = build_collective(&b, (alpa_image_collective){.kind = ALPA_COLLECTIVE_ALL_REDUCE,
                                                              .reduction = ALPA_REDUCE_ADD,
                                                              .dtype = ALPA_F32,
                                                              .outer = 1,
                                                              .chunk = 3,
                                                              .n_groups = 2,
                                                              .group_size = 2,
                                                              .groups = alpa_arena_copy(arena, groups, sizeof groups),
                                                              .from = {t, 0},
                                                              .to = {t, 0}});
  uint32_t shift = build_collective(&b, (alpa_image_collective){.kind = ALPA_COLLECTIVE_PERMUTE,
                                                                .dtype = ALPA_F32,
                                                                .outer = 1,
                                                                .chunk = 1,
                                                                .n_groups = 2,
                                                                .group_size = 2,
                                                                .groups = alpa_arena_copy(arena, pairs, sizeof pairs),
                                                                .from = {w, 4},
                                                                .to = {loss, 0}});
  instruction_vec body = {0}, test = {0}, choices[2] = {{0}, {0}};
  emit_run(&b, &body, "m.mlir:1:2", k, w, x, t, c, n);
  emit_collective(&b, &body, "m.mlir:2:2", sum);
  emit_run(&b, &test, "m.mlir:3:2", l, flag);
  emit_copy(&b, &choices[0], t, c, 8);
  emit_collective(&b, &choices[1], "", shift);
  emit_loop(&b, &b.program, 5, &body);
  emit_while(&b, &b.program, flag, &test, &body);
  emit_branch(&b, &b.program, flag, 1, choices, 2);
  alpa_vec_push(arena, &b.code,
                (alpa_image_code){"\x7f"
                                  "ELF",
                                  4});
  return build_image(&b);
}

static void round_trip(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image image = rich_image(&t.arena), *again;
  assert_ok(&t, alpa_image_verify(&image, &t.diag));
  alpa_str bytes = alpa_image_write(&t.arena, &image);
  assert_ok(&t, alpa_image_read(&t.arena, &t.diag, "a.image", bytes, &again));
  assert_int_equal(again->program.n, 3);
  assert_string_equal(again->program.items[0].lists[0].items[0].where, "m.mlir:1:2");
  assert_int_equal((uintptr_t)again->constants % 64, 0);
  alpa_str twice = alpa_image_write(&t.arena, again);
  assert_int_equal(bytes.size, twice.size);
  assert_memory_equal(bytes.data, twice.data, bytes.size);
  test_end(&t);
}

/* Reads damaged bytes in an arena of their own; they must be refused. */
static void expect_refusal(test_context *t, alpa_str bytes) {
  alpa_arena arena;
  alpa_arena_init(&arena, &t->memory);
  alpa_image *image;
  alpa_status status = alpa_image_read(&arena, &t->diag, "a.image", bytes, &image);
  if (status == ALPA_OK)
    fail_msg("a damaged image was accepted");
  assert_message(t, "a.image");
  alpa_arena_deinit(&arena);
}

static void every_truncation_is_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image image = rich_image(&t.arena);
  alpa_str bytes = alpa_image_write(&t.arena, &image);
  for (size_t size = 0; size < bytes.size; size++)
    expect_refusal(&t, (alpa_str){bytes.data, size});
  char *longer = alpa_arena_calloc(&t.arena, bytes.size + 1, 1);
  memcpy(longer, bytes.data, bytes.size);
  expect_refusal(&t, (alpa_str){longer, bytes.size + 1});
  test_end(&t);
}

static void every_bit_flip_is_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image image = rich_image(&t.arena);
  alpa_str bytes = alpa_image_write(&t.arena, &image);
  char *damaged = alpa_arena_copy(&t.arena, bytes.data, bytes.size);
  for (size_t bit = 0; bit < bytes.size * 8; bit++) {
    damaged[bit / 8] = (char)(damaged[bit / 8] ^ (1 << bit % 8));
    expect_refusal(&t, (alpa_str){damaged, bytes.size});
    damaged[bit / 8] = bytes.data[bit / 8];
  }
  test_end(&t);
}

static void *counting_realloc(void *user, void *pointer, size_t size) {
  size_t *largest = user;
  *largest = size > *largest ? size : *largest;
  if (size == 0) {
    free(pointer);
    return NULL;
  }
  return realloc(pointer, size);
}

/* The hash is made right again after the damage: the reader alone stands between the bytes and the memory. */
static void hostile_bytes_are_harmless(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image image = rich_image(&t.arena);
  alpa_str bytes = alpa_image_write(&t.arena, &image);
  char *damaged = alpa_arena_copy(&t.arena, bytes.data, bytes.size);
  size_t largest = 0, n_accepted = 0;
  alpa_memory memory;
  alpa_memory_init(&memory, counting_realloc, &largest);
  uint64_t random = 1;
  for (int round = 0; round < 20000; round++) {
    memcpy(damaged, bytes.data, bytes.size);
    for (uint32_t i = test_below(&random, 3) + 1; i-- > 0;)
      damaged[40 + test_below(&random, (uint32_t)bytes.size - 40)] = (char)test_random(&random);
    alpa_hash128 hash = alpa_hash128_of(damaged + 40, bytes.size - 40);
    memcpy(damaged + 24, &hash.low, 8);
    memcpy(damaged + 32, &hash.high, 8);
    alpa_arena arena;
    alpa_arena_init(&arena, &memory);
    alpa_image *read;
    n_accepted += alpa_image_read(&arena, &t.diag, "a.image", (alpa_str){damaged, bytes.size}, &read) == ALPA_OK;
    alpa_arena_deinit(&arena);
  }
  assert_true(largest < 64 * bytes.size);
  assert_true(n_accepted > 0 && n_accepted < 20000);
  test_end(&t);
}

/* One wrong field each, and what the message must say. */
static void verifier_refuses(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image good = rich_image(&t.arena);
#define REFUSED(part, ...)                                                                                             \
  do {                                                                                                                 \
    alpa_image image = good;                                                                                           \
    alpa_image_tensor *arguments = alpa_arena_copy(&t.arena, good.arguments, good.n_arguments * sizeof *arguments);    \
    alpa_image_buffer *buffers = alpa_arena_copy(&t.arena, good.buffers, good.n_buffers * sizeof *buffers);            \
    alpa_image_collective *collectives =                                                                               \
        alpa_arena_copy(&t.arena, good.collectives, good.n_collectives * sizeof *collectives);                         \
    alpa_instruction *program = alpa_arena_copy(&t.arena, good.program.items, good.program.n * sizeof *program);       \
    image.arguments = arguments;                                                                                       \
    image.buffers = buffers;                                                                                           \
    image.collectives = collectives;                                                                                   \
    image.program.items = program;                                                                                     \
    __VA_ARGS__;                                                                                                       \
    assert_int_equal(alpa_image_verify(&image, &t.diag), ALPA_INVALID_ARGUMENT);                                       \
    assert_message(&t, part);                                                                                          \
  } while (0)
  REFUSED("0 devices", image.n_devices = 0);
  REFUSED("rank 33", arguments[1].rank = 33);
  REFUSED("exceeds 2^60", arguments[1].local_dims = (int64_t[]){INT64_MAX});
  REFUSED("devices hold 3 of 4 tiles", arguments[0].tiles = (uint32_t[]){0, 1, 2, 2});
  REFUSED("part reaches outside of the tensor in dimension 0", arguments[0].part_start = (int64_t[]){1},
          arguments[0].part_dims = arguments[0].global_dims);
  REFUSED("part reaches outside of the tensor in dimension 0", arguments[0].part_dims = arguments[0].global_dims);
  REFUSED("more tiles than the 4 devices", arguments[0].local_dims = (int64_t[]){1});
  REFUSED("differ in type or placement", arguments[0].tiles = (uint32_t[]){1, 0, 2, 3});
  REFUSED("do not lie, 64-aligned", buffers[3].offset = 32);
  REFUSED("do not lie, 64-aligned", buffers[3].bytes = 1 << 20);
  REFUSED("but a piece of argument 1", buffers[1].bytes = 1000);
  REFUSED("neither a buffer nor", buffers[2] = buffers[0]);
  REFUSED("names device 2 twice", collectives[0].groups = (uint32_t[]){0, 2, 2, 1});
  REFUSED("twice as a target", collectives[1].groups = (uint32_t[]){0, 1, 2, 1});
  REFUSED("names device 9", collectives[0].groups = (uint32_t[]){0, 2, 9, 1});
  REFUSED("are not the 4 devices from 0 on that execute it", collectives[0].n_groups = 1);
  REFUSED("not defined on complex<f32>",
          (collectives[0].dtype = ALPA_C64, collectives[0].reduction = ALPA_REDUCE_MAXIMUM));
  REFUSED("overlap", (collectives[0].kind = ALPA_COLLECTIVE_ALL_GATHER, collectives[0].chunk = 1));
  REFUSED("cannot be written", collectives[0].to.buffer = 6);
  REFUSED("do not lie in the 12 bytes", collectives[0].chunk = 4);
  REFUSED("too large", (collectives[0].chunk = INT64_MAX));
  REFUSED("negative trip count", program[0].count = -1);
  REFUSED("lists of instructions", program[1].n_lists = 1);
  REFUSED("expects an i1 and two lists", program[2].count = 3);
#undef REFUSED
  test_end(&t);
}

/* One kernel with a tensor map. */
static alpa_image ptx_image(alpa_arena *arena) {
  image_build b = {.arena = arena, .n_devices = 1};
  uint32_t x = build_argument(&b, build_tensor(arena, "x", ALPA_BF16, 64 * 32, 1, 1));
  uint32_t y = build_result(&b, build_tensor(arena, "y", ALPA_F32, 1, 1, 1));
  uint32_t k = build_kernel(&b, "sum", 1);
  alpa_image_tensor_map map = {.ref = 0,
                               .dtype = ALPA_BF16,
                               .rank = 2,
                               .dims = {64, 32},
                               .strides = {2, 128},
                               .box = {64, 8},
                               .swizzle = ALPA_SWIZZLE_128};
  alpa_image_kernel *kernel = &b.kernels.items[k];
  kernel->grid[0] = kernel->grid[1] = kernel->grid[2] = kernel->block[1] = kernel->block[2] = 1;
  kernel->block[0] = 256;
  kernel->shared_bytes = 8192;
  kernel->n_tensor_maps = 1;
  kernel->tensor_maps = alpa_arena_copy(arena, &map, sizeof map);
  emit_run(&b, &b.program, "m.mlir:1:2", k, x, y);
  alpa_vec_push(arena, &b.code, (alpa_image_code){".version 8.0", 13});
  alpa_image image = build_image(&b);
  image.target = "ptx:sm_90a:test";
  return image;
}

static void launches_round_trip(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image image = ptx_image(&t.arena), *again;
  assert_ok(&t, alpa_image_read(&t.arena, &t.diag, "a.image", alpa_image_write(&t.arena, &image), &again));
  assert_true(alpa_image_is_ptx(again));
  assert_int_equal(again->kernels[0].block[0], 256);
  assert_int_equal(again->kernels[0].shared_bytes, 8192);
  assert_int_equal(again->kernels[0].tensor_maps[0].strides[1], 128);
  assert_int_equal(again->kernels[0].tensor_maps[0].swizzle, ALPA_SWIZZLE_128);
  assert_memory_equal(image.kernels[0].tensor_maps[0].box, again->kernels[0].tensor_maps[0].box,
                      sizeof image.kernels[0].tensor_maps[0].box);
  test_end(&t);
}

static void launches_are_verified(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_image good = ptx_image(&t.arena);
  assert_ok(&t, alpa_image_verify(&good, &t.diag));
#define REFUSED(part, ...)                                                                                             \
  do {                                                                                                                 \
    alpa_image image = good;                                                                                           \
    alpa_image_kernel kernel = good.kernels[0];                                                                        \
    alpa_image_tensor_map map = kernel.tensor_maps[0];                                                                 \
    alpa_image_code code = good.code[0];                                                                               \
    kernel.tensor_maps = &map;                                                                                         \
    image.kernels = &kernel;                                                                                           \
    image.code = &code;                                                                                                \
    __VA_ARGS__;                                                                                                       \
    assert_int_equal(alpa_image_verify(&image, &t.diag), ALPA_INVALID_ARGUMENT);                                       \
    assert_message(&t, part);                                                                                          \
  } while (0)
  REFUSED("has a grid or tensor maps", image.target = "host:test");
  REFUSED("cannot be launched", kernel.grid[1] = 0);
  REFUSED("cannot be launched", kernel.block[1] = 8);
  REFUSED("bytes of shared memory", kernel.shared_bytes = 240 << 10);
  REFUSED("rank 6", map.rank = 6);
  REFUSED("starts at byte 8", map.offset = 8);
  REFUSED("extent 0; expects 1 to 2^32", map.dims[1] = 0);
  REFUSED("stride 100 of dimension 1", map.strides[1] = 100);
  REFUSED("stride 4 of dimension 0", map.strides[0] = 4);
  REFUSED("more than 2^60", (map.dims[1] = (int64_t)1 << 32, map.strides[1] = (int64_t)1 << 39));
  REFUSED("extent 512; expects 1 to 256", map.box[1] = 512);
  REFUSED("rows of a box have 128 bytes", map.swizzle = ALPA_SWIZZLE_64);
  REFUSED("describes number 2", map.ref = 2);
  REFUSED("a tensor map: 4224 bytes", map.dims[1] = 33);
  REFUSED("ended by a NUL", code.size = 12);
#undef REFUSED
  test_end(&t);
}

static void deep_nesting_is_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  image_build b = {.arena = &t.arena, .n_devices = 1};
  instruction_vec inner = {0};
  for (int depth = 0; depth < 300; depth++) {
    instruction_vec outer = {0};
    emit_loop(&b, &outer, 1, &inner);
    inner = outer;
  }
  b.program = inner;
  alpa_image image = build_image(&b);
  assert_int_equal(alpa_image_verify(&image, &t.diag), ALPA_INVALID_ARGUMENT);
  assert_message(&t, "nested deeper than 256");
  expect_refusal(&t, alpa_image_write(&t.arena, &image));
  test_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trip),
      cmocka_unit_test(every_truncation_is_refused),
      cmocka_unit_test(every_bit_flip_is_refused),
      cmocka_unit_test(hostile_bytes_are_harmless),
      cmocka_unit_test(verifier_refuses),
      cmocka_unit_test(launches_round_trip),
      cmocka_unit_test(launches_are_verified),
      cmocka_unit_test(deep_nesting_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
