/* States of values and the cost of getting from one to another: what the tables of the integer program are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dialects/ir/context.h"
#include "passes/shard/states.c" /* its functions are not exported */

typedef struct fixture {
  alpa_context ctx;
  alpa_arena arena;
  alpa_mesh mesh;
  alpa_cost_model model;
  shard_types types;
} fixture;

/* Two axes of 2 and 4, alpha 1 and beta 1 and 0.1 in Alpa's units. */
static void open(fixture *f, bool uneven) {
  alpa_context_init(&f->ctx, NULL, NULL, NULL, NULL);
  alpa_arena_init(&f->arena, &f->ctx.memory);
  f->mesh = (alpa_mesh){.name = "mesh", .n_axes = 2, .axes = {{"a", 2}, {"b", 4}}, .n_devices = 8};
  alpa_cost_model_init_osdi22(&f->model, &f->mesh, (const double[]){1, 1}, (const double[]){1, 0.1});
  shard_types_init(&f->types, &f->arena, &f->model, uneven);
}

static void close(fixture *f) {
  alpa_arena_deinit(&f->arena);
  alpa_context_deinit(&f->ctx);
}

static const shard_type *type_of(fixture *f, int64_t rows, int64_t columns, uint32_t kinds) {
  return shard_type_get(&f->types, alpa_type_get_tensor(&f->ctx, ALPA_F32, 2, (const int64_t[]){rows, columns}), kinds);
}

/* "a b": for each axis . replicated, a digit for the dimension, + partial. */
static uint32_t at(const shard_type *type, const char *text) {
  shard_state state = 0;
  for (uint32_t axis = 0; axis < 2; axis++) {
    char c = text[axis];
    uint32_t here = c == '.' ? SHARD_REPLICATED : c == '+' ? SHARD_PARTIAL + ALPA_PARTIAL_SUM : (uint32_t)(c - '0') + 1;
    state = shard_state_with(state, axis, here);
  }
  return shard_type_find(type, state);
}

static int64_t cost(const shard_type *type, const char *from, const char *to) {
  uint32_t row = at(type, from), column = at(type, to);
  assert_int_not_equal(row, UINT32_MAX);
  assert_int_not_equal(column, UINT32_MAX);
  return type->reshard[(size_t)row * type->n_states + column];
}

static void test_moves(void **state) {
  (void)state;
  fixture f;
  open(&f, false);
  const shard_type *type = type_of(&f, 64, 64, 1u << ALPA_PARTIAL_SUM); /* 16384 bytes */
  assert_int_equal(cost(type, "..", "01"), 0);
  assert_int_equal(cost(type, "01", ".1"), 2049100); /* 1 + 1/2 * 4096 + 0.1 */
  assert_int_equal(cost(type, "+0", ".0"), 4097010); /* 1 + 2 * 1/2 * 4096 + 0.01 */
  assert_int_equal(cost(type, "+0", "10"), 2049001); /* 1 + 1/2 * 4096 + 0.001 */
  assert_int_equal(cost(type, ".+", ".0"), 1229801); /* 1 + 0.1 * 3/4 * 16384 + 0.001 */
  /* a slice makes what the slow axis gathers less, and the fast one gathers the rest */
  assert_int_equal(cost(type, "0.", ".."), 2049100 + 1229900);
  /* scattered along the fast axis, reduced along the slow one, gathered along the fast one */
  assert_int_equal(cost(type, "++", ".."), 1229801 + 4097010 + 1229900);
  assert_int_equal(cost(type, "..", "+."), ALPA_SOLVER_INFINITE); /* nothing becomes partial */
  close(&f);
}

static void test_closure(void **state) {
  (void)state;
  fixture f;
  open(&f, false);
  const shard_type *type = type_of(&f, 16, 8, 1u << ALPA_PARTIAL_SUM);
  uint32_t n = type->n_states;
  assert_int_equal(type->n_whole, 9);
  assert_int_equal(n, 16);
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < n; j++)
      for (uint32_t k = 0; k < n; k++)
        if (type->reshard[i * n + j] < ALPA_SOLVER_INFINITE && type->reshard[j * n + k] < ALPA_SOLVER_INFINITE)
          assert_true(type->reshard[i * n + k] <= type->reshard[i * n + j] + type->reshard[j * n + k]);
  close(&f);
}

static void test_sizes(void **state) {
  (void)state;
  fixture f;
  open(&f, false);
  const shard_type *type = type_of(&f, 6, 8, 0);
  assert_int_equal(at(type, ".0"), UINT32_MAX);
  assert_int_equal(at(type, "00"), UINT32_MAX);
  assert_int_equal(type->bytes[at(type, "01")], 3 * 2 * 4);
  assert_ptr_equal(type, type_of(&f, 6, 8, 0));
  close(&f);
  open(&f, true);
  type = type_of(&f, 6, 8, 0);
  assert_int_equal(type->bytes[at(type, ".0")], 2 * 8 * 4); /* padded to 8 rows */
  assert_int_equal(at(type, "00"), UINT32_MAX);             /* 8 devices, 6 rows */
  assert_int_equal(at(type, ".+"), UINT32_MAX);
  close(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_moves), cmocka_unit_test(test_closure),
                                     cmocka_unit_test(test_sizes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
