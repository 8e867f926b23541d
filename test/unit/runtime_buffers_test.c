/* Arrays: scatter, gather and resharding over random placements, padding, copies that disagree. */
#include "test/unit/runtime_build.h"

enum { MAX_DIM = 7, MAX_RANK = 4 };

/* A placement of the same tensor with other tiles: a random grid, every tile on some device, the rest copies. */
static alpa_image_tensor choose_placement(alpa_arena *arena, uint64_t *random, alpa_dtype dtype, uint32_t rank,
                                          const int64_t *dims, uint32_t n_devices) {
  int64_t *local = alpa_arena_new(arena, int64_t, rank);
  uint32_t grid[MAX_RANK], n_tiles = 1;
  for (uint32_t d = 0; d < rank; d++) {
    uint32_t most = n_devices / n_tiles;
    uint32_t parts = 1 + test_below(random, most < (uint32_t)dims[d] ? most : (uint32_t)dims[d]);
    local[d] = (dims[d] + parts - 1) / parts;
    grid[d] = (uint32_t)((dims[d] + local[d] - 1) / local[d]);
    n_tiles *= grid[d];
  }
  uint32_t shift = test_below(random, n_tiles), *tiles = alpa_arena_new(arena, uint32_t, n_devices *rank);
  for (uint32_t k = 0; k < n_devices; k++) {
    uint32_t tile = (k + shift) % n_tiles;
    for (uint32_t d = rank; d-- > 0; tile /= grid[d])
      tiles[k * rank + d] = tile % grid[d];
  }
  return (alpa_image_tensor){.name = "x",
                             .dtype = dtype,
                             .rank = rank,
                             .global_dims = alpa_arena_copy(arena, dims, rank * sizeof *dims),
                             .local_dims = local,
                             .tiles = tiles};
}

/* Every element of a piece is the tensor's, or poison. */
static void check_piece(const alpa_array *array, uint32_t device, const uint16_t *data) {
  const alpa_image_tensor *tensor = alpa_array_get_placement(array);
  int64_t bytes;
  const uint16_t *piece = alpa_array_get_piece(array, device, &bytes);
  for (int64_t i = 0; i < bytes / 2; i++) {
    int64_t rest = i, at = 0, stride = 1;
    bool is_padding = false;
    for (uint32_t d = tensor->rank; d-- > 0; rest /= tensor->local_dims[d]) {
      int64_t index = tensor->tiles[device * tensor->rank + d] * tensor->local_dims[d] + rest % tensor->local_dims[d];
      is_padding |= index >= tensor->global_dims[d];
      at += index * stride;
      stride *= tensor->global_dims[d];
    }
    assert_int_equal(piece[i], is_padding ? 0xFFFF : data[at]);
  }
}

static void placements_are_random(void **state) {
  (void)state;
  uint64_t random = 11;
  for (int round = 0; round < 300; round++) {
    test_context t;
    test_begin(&t);
    uint32_t n_devices = 1 + test_below(&random, 9), rank = test_below(&random, MAX_RANK + 1);
    alpa_device_mesh *mesh = test_mesh(&t, n_devices, 1);
    int64_t dims[MAX_RANK], n = 1;
    for (uint32_t d = 0; d < rank; d++)
      n *= dims[d] = 1 + test_below(&random, MAX_DIM);
    uint16_t *data = alpa_arena_new(&t.arena, uint16_t, n), *back = alpa_arena_new(&t.arena, uint16_t, n);
    for (int64_t i = 0; i < n; i++)
      data[i] = (uint16_t)(i + 1);
    alpa_image_tensor first = choose_placement(&t.arena, &random, ALPA_I16, rank, dims, n_devices);
    alpa_image_tensor second = choose_placement(&t.arena, &random, ALPA_I16, rank, dims, n_devices);
    alpa_array *a, *c;
    assert_ok(&t, alpa_array_create(mesh, &t.diag, &first, data, &a));
    assert_ok(&t, alpa_array_reshard(a, &t.diag, &second, &c));
    for (uint32_t k = 0; k < n_devices; k++) {
      check_piece(a, k, data);
      check_piece(c, k, data);
    }
    assert_int_equal(alpa_array_global_bytes(c), 2 * n);
    assert_ok(&t, alpa_array_read(a, &t.diag, true, back));
    assert_memory_equal(back, data, (size_t)n * 2);
    memset(back, 0, (size_t)n * 2);
    assert_ok(&t, alpa_array_read(c, &t.diag, true, back));
    assert_memory_equal(back, data, (size_t)n * 2);
    alpa_array_release(a);
    alpa_array_release(c);
    alpa_device_mesh_destroy(mesh);
    test_end(&t);
  }
}

static void empty_tensors_have_no_bytes(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 2, 1);
  int64_t dims[] = {3, 0};
  uint32_t tiles[] = {0, 0, 0, 0};
  alpa_image_tensor tensor = {
      .name = "none", .dtype = ALPA_F32, .rank = 2, .global_dims = dims, .local_dims = dims, .tiles = tiles};
  alpa_array *a, *c;
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, "", &a));
  assert_ok(&t, alpa_array_reshard(a, &t.diag, &tensor, &c));
  char byte = 1;
  assert_ok(&t, alpa_array_read(c, &t.diag, true, &byte));
  assert_int_equal(byte, 1);
  alpa_array_release(a);
  alpa_array_release(c);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

static void copies_are_compared(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 4, 1);
  alpa_image_tensor tensor = build_tensor(&t.arena, "w", ALPA_F32, 8, 2, 4);
  float data[8] = {0};
  alpa_array *a;
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, data, &a));
  int64_t bytes;
  float *piece = alpa_array_get_piece(a, 3, &bytes);
  piece[2] = 1;
  assert_ok(&t, alpa_array_read(a, &t.diag, false, data));
  assert_true(data[6] == 0);
  assert_int_equal(alpa_array_read(a, &t.diag, true, data), ALPA_DATA_LOSS);
  assert_message(&t, "copies of array 'w' on devices 1 and 3 differ, first in element 2");
  alpa_array_release(a);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

/* Rows 0 to 2 in tiles of 2 on the first two devices, rows 3 and 4 with copies on the others. */
static void parts_are_one_array(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 4, 1);
  alpa_image_tensor whole = {.name = "w",
                             .dtype = ALPA_F32,
                             .rank = 2,
                             .global_dims = (int64_t[]){5, 2},
                             .local_dims = (int64_t[]){3, 1},
                             .tiles = (uint32_t[]){1, 1, 1, 0, 0, 1, 0, 0}};
  alpa_image_tensor first = whole, last = whole;
  first.local_dims = last.local_dims = (int64_t[]){2, 2};
  first.holders = (alpa_device_range){0, 2};
  first.tiles = (uint32_t[]){0, 0, 1, 0};
  first.part_start = (int64_t[]){0, 0};
  first.part_dims = (int64_t[]){3, 2};
  last.holders = (alpa_device_range){2, 2};
  last.tiles = (uint32_t[]){0, 0, 0, 0};
  last.part_start = (int64_t[]){3, 0};
  last.part_dims = (int64_t[]){2, 2};
  float data[10], back[10] = {0};
  alpa_array *array, *part, *other, *again;
  for (int i = 0; i < 10; i++)
    data[i] = (float)i;
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &first, data, &array));
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &last, data, &part));
  alpa_array_join(array, part);
  assert_ok(&t, alpa_array_read(array, &t.diag, true, back));
  assert_memory_equal(back, data, sizeof data);
  assert_ok(&t, alpa_array_reshard(array, &t.diag, &whole, &other));
  memset(back, 0, sizeof back);
  assert_ok(&t, alpa_array_read(other, &t.diag, true, back));
  assert_memory_equal(back, data, sizeof data);
  assert_ok(&t, alpa_array_reshard(other, &t.diag, &last, &again));
  memset(back, 0, sizeof back);
  assert_ok(&t, alpa_array_read(again, &t.diag, true, back));
  assert_memory_equal(back + 6, data + 6, 4 * sizeof *data);
  assert_true(back[5] == 0);
  alpa_array_release(array);
  alpa_array_release(other);
  alpa_array_release(again);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

static void wrong_placements_are_refused(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 2, 1);
  alpa_image_tensor tensor = build_tensor(&t.arena, "w", ALPA_F32, 8, 2, 2), other = tensor;
  alpa_array *a, *c;
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, NULL, &a));
  other.dtype = ALPA_I32;
  assert_int_equal(alpa_array_reshard(a, &t.diag, &other, &c), ALPA_INVALID_ARGUMENT);
  assert_message(&t, "cannot be resharded to a tensor of another type or shape");
  other.dtype = ALPA_DTYPE_COUNT;
  assert_int_equal(alpa_array_create(mesh, &t.diag, &other, NULL, &c), ALPA_INVALID_ARGUMENT);
  int64_t huge = INT64_MAX;
  other = tensor;
  other.local_dims = &huge;
  assert_int_equal(alpa_array_create(mesh, &t.diag, &other, NULL, &c), ALPA_INVALID_ARGUMENT);
  int64_t large = (int64_t)1 << 56;
  other.local_dims = other.global_dims = &large;
  assert_int_equal(alpa_array_create(mesh, &t.diag, &other, NULL, &c), ALPA_OUT_OF_MEMORY);
  assert_message(&t, "no memory for array 'w'");
  alpa_array_release(a);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

/* Released buffers are taken again, and go when nobody has asked for them during many steps. */
static void buffers_are_pooled(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_device_mesh *mesh = test_mesh(&t, 2, 1);
  alpa_image_tensor small = build_tensor(&t.arena, "s", ALPA_F32, 8, 2, 2);
  alpa_image_tensor large = build_tensor(&t.arena, "l", ALPA_F32, 8 << 20, 2, 2);
  alpa_array *a, *c;
  int64_t bytes;
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &large, NULL, &a));
  void *piece = alpa_array_get_piece(a, 1, &bytes);
  assert_int_equal((uintptr_t)piece % (2 << 20), 0);
  assert_int_equal(*(uint32_t *)piece, 0xFFFFFFFF);
  alpa_array_release(a);
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &large, NULL, &a));
  assert_ptr_equal(alpa_array_get_piece(a, 1, &bytes), piece);
  assert_ok(&t, alpa_array_create(mesh, &t.diag, &small, NULL, &c));
  alpa_array_release(alpa_array_retain(c));
  alpa_array_release(c);
  alpa_array_release(a);
  alpa_memory_use use;
  alpa_device_mesh_get_memory(mesh, 1, &use);
  assert_int_equal(use.array_bytes, 0);
  assert_int_equal(use.pool_bytes, (16 << 20) + 16);
  image_build b = {.arena = &t.arena, .n_devices = 2};
  alpa_image image = build_image(&b);
  alpa_executable *executable;
  assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, NULL, &executable));
  for (int step = 0; step < 20; step++)
    assert_ok(&t, alpa_executable_run(executable, &t.diag, NULL, NULL, NULL));
  alpa_device_mesh_get_memory(mesh, 1, &use);
  assert_int_equal(use.pool_bytes, 0);
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
  test_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(placements_are_random), cmocka_unit_test(empty_tensors_have_no_bytes),
      cmocka_unit_test(copies_are_compared),   cmocka_unit_test(wrong_placements_are_refused),
      cmocka_unit_test(buffers_are_pooled),    cmocka_unit_test(parts_are_one_array),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
