/* Packages that were damaged behind their hash: what is read is refused or sound, and never believed. */
#include "runtime_build.h"

#include "driver/package.h"
#include "support/hash.h"

enum { HEADER_BYTES = 40, MUTATIONS = 20000 };

/* A program of one copy, with a check and a donation. */
static alpa_str build_package(test_context *t) {
  image_build b = {.arena = &t->arena, .n_devices = 2};
  alpa_image_tensor tensor = build_tensor(&t->arena, "x", ALPA_F32, 8, 2, 2);
  uint32_t in = build_argument(&b, tensor), out = build_result(&b, tensor);
  build_alias(&b, tensor, 0);
  emit_copy(&b, &b.program, out, in, 16);
  alpa_image image = build_image(&b);
  alpa_str bytes = alpa_image_write(&t->arena, &image);
  static const char *const argument_shardings[] = {"a"}, *const result_shardings[] = {"a", "a"};
  static const int64_t donations[] = {1};
  static const alpa_check check = {.comparison = {.kind = ALPA_COMPARISON_CLOSE, .max_ulps = 3},
                                   .name = "check.expect_close",
                                   .place = {"a.mlir", 3, 4},
                                   .actual = 0,
                                   .expected = 1};
  alpa_package_part part = {.name = "a.mlir",
                            .cluster = "host:2",
                            .mesh = "a=2",
                            .signature = {.n_arguments = 1,
                                          .n_results = 2,
                                          .n_checks = 1,
                                          .n_check_results = 1,
                                          .argument_shardings = argument_shardings,
                                          .result_shardings = result_shardings,
                                          .donations = donations,
                                          .checks = &check},
                            .bytes = bytes.data,
                            .size = bytes.size};
  return alpa_package_bytes(&t->arena, &(alpa_package_contents){1, &part});
}

static alpa_context *make_context(void) {
  alpa_context *context = NULL;
  assert_int_equal(alpa_context_create(NULL, &context), ALPA_OK);
  return context;
}

static void packages_keep_what_they_are_given(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_str bytes = build_package(&t);
  alpa_context *context = make_context();
  alpa_package *package = NULL;
  alpa_package_info info = ALPA_PACKAGE_INFO_INIT;
  assert_true(alpa_package_detect(bytes.data, bytes.size));
  assert_int_equal(alpa_package_read(context, "a.image", bytes.data, bytes.size, &package), ALPA_OK);
  assert_int_equal(alpa_package_get_info(package, &info), ALPA_OK);
  assert_string_equal(info.name, "a.mlir");
  assert_string_equal(info.mesh, "a=2");
  assert_string_equal(info.backend, "host");
  assert_int_equal(info.n_devices, 2);
  assert_int_equal(info.n_check_results, 1);
  assert_false(info.has_init);
  const alpa_signature *signature = &package->contents.parts[0].signature;
  assert_int_equal(signature->donations[0], 1);
  assert_int_equal(signature->checks[0].comparison.max_ulps, 3);
  assert_string_equal(signature->checks[0].place.file, "a.mlir");
  alpa_str again = alpa_package_bytes(&t.arena, &package->contents);
  assert_int_equal(again.size, bytes.size);
  assert_memory_equal(again.data, bytes.data, bytes.size);
  alpa_package_destroy(package);
  alpa_context_destroy(context);
  test_end(&t);
}

static void make_hash(char *bytes, size_t size) {
  alpa_hash128 hash = alpa_hash128_of(bytes + HEADER_BYTES, size - HEADER_BYTES);
  memcpy(bytes + 24, &hash.low, 8);
  memcpy(bytes + 32, &hash.high, 8);
}

/* What every number of an accepted package refers to is there. */
static void check_sound(const alpa_package *package) {
  for (uint32_t p = 0; p < package->contents.n_parts; p++) {
    const alpa_package_part *part = &package->contents.parts[p];
    assert_int_equal(part->signature.n_arguments, part->image->n_arguments);
    for (uint32_t i = 0; i < part->signature.n_checks; i++) {
      assert_true(part->signature.checks[i].actual < part->image->n_results);
      assert_true(part->signature.checks[i].expected < part->image->n_results);
    }
  }
}

static void damage_behind_the_hash_is_noticed(void **state) {
  (void)state;
  test_context t;
  test_begin(&t);
  alpa_str bytes = build_package(&t);
  char *copy = alpa_arena_alloc(&t.arena, bytes.size);
  uint64_t random = 7;
  uint32_t n_refused = 0;
  for (int i = 0; i < MUTATIONS; i++) {
    alpa_context *context = make_context();
    alpa_package *package = NULL;
    memcpy(copy, bytes.data, bytes.size);
    for (uint32_t k = test_below(&random, 3) + 1; k > 0; k--)
      copy[HEADER_BYTES + test_below(&random, (uint32_t)bytes.size - HEADER_BYTES)] = (char)test_random(&random);
    make_hash(copy, bytes.size);
    if (alpa_package_read(context, "a.image", copy, bytes.size, &package) == ALPA_OK)
      check_sound(package);
    else
      n_refused++;
    alpa_package_destroy(package);
    alpa_context_destroy(context);
  }
  assert_true(n_refused > MUTATIONS / 2);
  test_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(packages_keep_what_they_are_given),
                                     cmocka_unit_test(damage_behind_the_hash_is_noticed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
