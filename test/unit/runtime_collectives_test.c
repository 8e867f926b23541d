/* Every collective, data type and reduction against a brute-force model, over random groups, sizes and meshes. */
#include "test/unit/runtime_build.h"

#include <math.h>

#include "support/number.h"

typedef struct problem {
  alpa_image_collective collective;
  uint32_t n_devices;
  int64_t from_elements, to_elements;
  bool is_in_place;
} problem;

static void shuffle(uint64_t *random, uint32_t *items, uint32_t n) {
  for (uint32_t i = n; i > 1; i--) {
    uint32_t j = test_below(random, i), item = items[j];
    items[j] = items[i - 1];
    items[i - 1] = item;
  }
}

/* Groups of equal size, or pairs with distinct sources and targets. */
static void choose_groups(alpa_arena *arena, uint64_t *random, uint32_t n_devices, alpa_image_collective *c) {
  uint32_t *order = alpa_arena_new(arena, uint32_t, n_devices), *other = alpa_arena_new(arena, uint32_t, n_devices);
  for (uint32_t d = 0; d < n_devices; d++)
    order[d] = other[d] = d;
  shuffle(random, order, n_devices);
  shuffle(random, other, n_devices);
  if (c->kind == ALPA_COLLECTIVE_PERMUTE) {
    c->group_size = 2;
    c->n_groups = test_below(random, n_devices + 1);
    uint32_t *pairs = alpa_arena_new(arena, uint32_t, 2 * n_devices);
    for (uint32_t i = 0; i < c->n_groups; i++) {
      pairs[2 * i] = order[i];
      pairs[2 * i + 1] = other[i];
    }
    c->groups = pairs;
    return;
  }
  do
    c->group_size = 1 + test_below(random, n_devices);
  while (n_devices % c->group_size);
  c->n_groups = n_devices / c->group_size;
  c->groups = order;
}

static problem choose_problem(alpa_arena *arena, uint64_t *random, alpa_collective kind, alpa_dtype dtype) {
  problem p = {.n_devices = 1 + test_below(random, 9),
               .collective = {.kind = kind, .dtype = dtype, .outer = 1, .reduction = ALPA_REDUCE_ADD}};
  alpa_image_collective *c = &p.collective;
  do
    c->reduction = (alpa_reduction)test_below(random, ALPA_REDUCTION_COUNT);
  while (!alpa_reduction_is_defined(c->reduction, dtype));
  choose_groups(arena, random, p.n_devices, c);
  uint32_t size = test_below(random, 4);
  c->chunk = size == 0 ? test_below(random, 3) : size == 1 ? test_below(random, 200) : test_below(random, 6000);
  if (kind == ALPA_COLLECTIVE_ALL_GATHER || kind == ALPA_COLLECTIVE_REDUCE_SCATTER)
    c->outer = 1 + test_below(random, 3);
  p.is_in_place = kind == ALPA_COLLECTIVE_ALL_REDUCE && test_below(random, 2);
  int64_t part = c->outer * c->chunk, all = part * c->group_size;
  p.from_elements = kind == ALPA_COLLECTIVE_REDUCE_SCATTER || kind == ALPA_COLLECTIVE_ALL_TO_ALL ? all : part;
  p.to_elements = kind == ALPA_COLLECTIVE_ALL_GATHER || kind == ALPA_COLLECTIVE_ALL_TO_ALL ? all : part;
  return p;
}

/* ---- the model -------------------------------------------------------------------------------------------------- */

static double decode(alpa_dtype dtype, const char *at) {
  return alpa_float_decode(dtype, alpa_element_load(dtype, at));
}

/* x op y for numbers that every float type of the table treats alike. */
static double combine_floats(alpa_reduction reduction, double x, double y) {
  if (isnan(x) || isnan(y))
    return NAN;
  switch (reduction) {
  case ALPA_REDUCE_ADD:
    return x + y;
  case ALPA_REDUCE_MULTIPLY:
    return x * y;
  case ALPA_REDUCE_MAXIMUM:
    return x == y ? (signbit(x) ? y : x) : x > y ? x : y;
  default:
    return x == y ? (signbit(x) ? x : y) : x < y ? x : y;
  }
}

static int64_t combine_integers(alpa_reduction reduction, bool is_bool, bool is_signed, int64_t x, int64_t y) {
  bool is_larger = is_signed ? x > y : (uint64_t)x > (uint64_t)y;
  switch (reduction) {
  case ALPA_REDUCE_ADD:
    return is_bool ? x | y : (int64_t)((uint64_t)x + (uint64_t)y);
  case ALPA_REDUCE_MULTIPLY:
    return is_bool ? x & y : (int64_t)((uint64_t)x * (uint64_t)y);
  case ALPA_REDUCE_MAXIMUM:
    return is_larger ? x : y;
  case ALPA_REDUCE_MINIMUM:
    return is_larger ? y : x;
  case ALPA_REDUCE_AND:
    return x & y;
  case ALPA_REDUCE_OR:
    return x | y;
  default:
    return x ^ y;
  }
}

static void reduce_complex(alpa_dtype dtype, alpa_reduction reduction, const char *const *from, uint32_t n, char *to) {
  alpa_dtype part = alpa_complex_part(dtype);
  uint32_t half = alpa_dtype_get_info(part)->bytes;
  double real = decode(part, from[0]), imaginary = decode(part, from[0] + half);
  for (uint32_t i = 1; i < n; i++) {
    double r = decode(part, from[i]), s = decode(part, from[i] + half), old = real;
    bool is_sum = reduction == ALPA_REDUCE_ADD;
    real = is_sum ? real + r : real * r - imaginary * s;
    imaginary = is_sum ? imaginary + s : old * s + imaginary * r;
  }
  alpa_element_store(part, to, alpa_float_encode(part, real));
  alpa_element_store(part, to + half, alpa_float_encode(part, imaginary));
}

/* One element over the members, in the order of device numbers. */
static void reduce_element(alpa_dtype dtype, alpa_reduction reduction, const char *const *from, uint32_t n, char *to) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  if (info->class_ == ALPA_CLASS_COMPLEX) {
    reduce_complex(dtype, reduction, from, n, to);
    return;
  }
  if (info->class_ == ALPA_CLASS_FLOAT) {
    double sum = decode(dtype, from[0]);
    for (uint32_t i = 1; i < n; i++) {
      sum = combine_floats(reduction, sum, decode(dtype, from[i]));
      sum = dtype == ALPA_F64 ? sum : (double)(float)sum;
    }
    alpa_element_store(dtype, to, alpa_float_encode(dtype, sum));
    return;
  }
  int64_t sum = alpa_integer_load(dtype, from[0]);
  for (uint32_t i = 1; i < n; i++)
    sum = combine_integers(reduction, info->class_ == ALPA_CLASS_BOOL, info->class_ == ALPA_CLASS_INT, sum,
                           alpa_integer_load(dtype, from[i]));
  alpa_integer_store(dtype, to, sum);
}

static int by_number(const void *a, const void *b) {
  return (*(const uint32_t *)a > *(const uint32_t *)b) - (*(const uint32_t *)a < *(const uint32_t *)b);
}

/* inputs and outputs: n_devices operands and results, one behind the other. */
static void model_group(const problem *p, const uint32_t *members, const char *inputs, char *outputs) {
  const alpa_image_collective *c = &p->collective;
  int64_t e = alpa_dtype_get_info(c->dtype)->bytes, n = c->group_size;
  uint32_t sorted[16];
  memcpy(sorted, members, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, by_number);
  for (int64_t j = 0; j < n; j++)
    for (int64_t o = 0; o < c->outer; o++)
      for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < c->chunk; k++) {
          const char *from = inputs + members[i] * p->from_elements * e;
          char *to = outputs + members[j] * p->to_elements * e;
          if (c->kind == ALPA_COLLECTIVE_ALL_GATHER)
            memcpy(to + ((o * n + i) * c->chunk + k) * e, from + (o * c->chunk + k) * e, (size_t)e);
          else if (c->kind == ALPA_COLLECTIVE_ALL_TO_ALL)
            memcpy(to + (i * c->chunk + k) * e, from + (j * c->chunk + k) * e, (size_t)e);
          else if (i == 0) {
            const char *operands[16];
            int64_t at = c->kind == ALPA_COLLECTIVE_ALL_REDUCE ? k : (o * n + j) * c->chunk + k;
            for (int64_t m = 0; m < n; m++)
              operands[m] = inputs + (sorted[m] * p->from_elements + at) * e;
            reduce_element(c->dtype, c->reduction, operands, (uint32_t)n, to + (o * c->chunk + k) * e);
          }
        }
}

static void model(const problem *p, const char *inputs, char *outputs) {
  const alpa_image_collective *c = &p->collective;
  size_t bytes = (size_t)p->to_elements * alpa_dtype_get_info(c->dtype)->bytes;
  memset(outputs, 0, bytes * p->n_devices);
  for (uint32_t g = 0; g < c->n_groups; g++)
    if (c->kind == ALPA_COLLECTIVE_PERMUTE)
      memcpy(outputs + c->groups[2 * g + 1] * bytes, inputs + c->groups[2 * g] * bytes, bytes);
    else
      model_group(p, &c->groups[(size_t)g * c->group_size], inputs, outputs);
}

/* ---- the test --------------------------------------------------------------------------------------------------- */

static void fill(uint64_t *random, alpa_dtype dtype, char *at, int64_t n) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  for (int64_t i = 0; i < n; i++, at += info->bytes) {
    if (info->class_ == ALPA_CLASS_BOOL || info->class_ == ALPA_CLASS_INT || info->class_ == ALPA_CLASS_UINT) {
      alpa_integer_store(dtype, at, (int64_t)test_random(random));
      continue;
    }
    bool is_complex = info->class_ == ALPA_CLASS_COMPLEX;
    alpa_dtype part = is_complex ? alpa_complex_part(dtype) : dtype;
    /* Small integers: complex products stay exact whatever contraction the compiler does. */
    for (uint32_t h = 0; h < (is_complex ? 2u : 1u); h++) {
      double value = is_complex ? (double)test_below(random, 5) - 2
                                : ((double)test_below(random, 2001) - 1000) / (1 << test_below(random, 12));
      alpa_element_store(part, at + h * alpa_dtype_get_info(part)->bytes, alpa_float_encode(part, value));
    }
  }
}

static alpa_image_tensor spread(alpa_arena *arena, const char *name, const problem *p, int64_t elements) {
  return build_tensor(arena, name, p->collective.dtype, elements * p->n_devices, p->n_devices, p->n_devices);
}

/* Equal bits, or NaNs of any kind. */
static bool is_equal(alpa_dtype dtype, const char *a, const char *b, size_t bytes) {
  if (bytes == 0 || memcmp(a, b, bytes) == 0)
    return true;
  size_t e = alpa_dtype_get_info(dtype)->bytes;
  for (size_t i = 0; i < bytes; i += e)
    if (memcmp(a + i, b + i, e) != 0 && (alpa_dtype_get_info(dtype)->class_ != ALPA_CLASS_FLOAT ||
                                         !isnan(decode(dtype, a + i)) || !isnan(decode(dtype, b + i))))
      return false;
  return true;
}

/* The collective runs several times in one step: transfers follow each other closely. */
static void check(test_context *t, uint64_t *random, problem *p, uint32_t n_workers) {
  alpa_device_mesh *mesh = test_mesh(t, p->n_devices, n_workers);
  image_build b = {.arena = &t->arena, .n_devices = p->n_devices};
  alpa_image_tensor in_tensor = spread(&t->arena, "in", p, p->from_elements);
  alpa_image_tensor out_tensor = spread(&t->arena, "out", p, p->to_elements);
  uint32_t in = build_argument(&b, in_tensor), out;
  if (p->is_in_place) {
    build_alias(&b, in_tensor, 0);
    out = in;
  } else {
    out = build_result(&b, out_tensor);
  }
  p->collective.from = (alpa_image_ref){in, 0};
  p->collective.to = (alpa_image_ref){out, 0};
  instruction_vec body = {0};
  emit_collective(&b, &body, "here", build_collective(&b, p->collective));
  emit_loop(&b, &b.program, p->is_in_place ? 1 : 3, &body);
  alpa_image image = build_image(&b);
  alpa_executable *executable;
  assert_ok(t, alpa_executable_load(mesh, &t->diag, &image, NULL, &executable));
  size_t e = alpa_dtype_get_info(p->collective.dtype)->bytes, n = p->n_devices;
  size_t in_bytes = n * (size_t)p->from_elements * e, out_bytes = n * (size_t)p->to_elements * e;
  char *inputs = alpa_arena_alloc(&t->arena, in_bytes), *expected = alpa_arena_alloc(&t->arena, out_bytes);
  char *actual = alpa_arena_alloc(&t->arena, out_bytes);
  fill(random, p->collective.dtype, inputs, (int64_t)n * p->from_elements);
  model(p, inputs, expected);
  for (int step = 0; step < 2; step++) {
    alpa_array *x, *y;
    assert_ok(t, alpa_array_create(mesh, &t->diag, &in_tensor, inputs, &x));
    assert_ok(t, alpa_executable_run(executable, &t->diag, &x, NULL, &y));
    assert_ok(t, alpa_array_read(y, &t->diag, true, actual));
    if (!is_equal(p->collective.dtype, actual, expected, out_bytes))
      fail_msg("%s of %s with '%s' on %zu devices in groups of %u: wrong", alpa_collective_name(p->collective.kind),
               alpa_dtype_get_info(p->collective.dtype)->spelling, alpa_reduction_name(p->collective.reduction), n,
               p->collective.group_size);
    alpa_array_release(x);
    alpa_array_release(y);
  }
  alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
}

static void all_agree_with_the_model(void **state) {
  (void)state;
  uint64_t random = 7;
  for (int dtype = 0; dtype < ALPA_DTYPE_COUNT; dtype++)
    for (int kind = 0; kind < ALPA_COLLECTIVE_COUNT; kind++)
      for (int round = 0; round < 4; round++) {
        test_context t;
        test_begin(&t);
        problem p = choose_problem(&t.arena, &random, (alpa_collective)kind, (alpa_dtype)dtype);
        check(&t, &random, &p, 1 + (uint32_t)round % 2);
        test_end(&t);
      }
}

/* Large operands are split into parts; three workers share two cores. */
static void large_transfers_are_shared(void **state) {
  (void)state;
  uint64_t random = 3;
  for (int kind = 0; kind < ALPA_COLLECTIVE_COUNT; kind++)
    for (uint32_t n_workers = 1; n_workers <= 3; n_workers++) {
      test_context t;
      test_begin(&t);
      problem p = choose_problem(&t.arena, &random, (alpa_collective)kind, ALPA_BF16);
      p.n_devices = 4;
      p.collective.outer = 1;
      p.collective.chunk = 100003;
      p.collective.reduction = ALPA_REDUCE_ADD;
      p.collective.group_size = kind == ALPA_COLLECTIVE_PERMUTE ? 2 : 4;
      p.collective.n_groups = kind == ALPA_COLLECTIVE_PERMUTE ? 4 : 1;
      uint32_t ring[] = {0, 1, 1, 2, 2, 3, 3, 0}, all[] = {3, 1, 0, 2};
      p.collective.groups = alpa_arena_copy(&t.arena, kind == ALPA_COLLECTIVE_PERMUTE ? ring : all,
                                            kind == ALPA_COLLECTIVE_PERMUTE ? sizeof ring : sizeof all);
      bool is_wide = kind == ALPA_COLLECTIVE_REDUCE_SCATTER || kind == ALPA_COLLECTIVE_ALL_TO_ALL;
      bool is_wide_out = kind == ALPA_COLLECTIVE_ALL_GATHER || kind == ALPA_COLLECTIVE_ALL_TO_ALL;
      p.from_elements = 100003 * (is_wide ? 4 : 1);
      p.to_elements = 100003 * (is_wide_out ? 4 : 1);
      check(&t, &random, &p, n_workers);
      test_end(&t);
    }
}

/* Maximum and minimum: NaN wins, +0 is above -0; a sum of bf16 is rounded once. */
static void special_values(void **state) {
  (void)state;
  const float cases[][4] = {{0.0f, -0.0f, 0.0f, -0.0f}, {-0.0f, 0.0f, 0.0f, -0.0f}, {1, -2, 1, -2}};
  for (size_t i = 0; i < countof(cases); i++)
    for (int is_max = 0; is_max < 2; is_max++)
      for (int is_f64 = 0; is_f64 < 2; is_f64++) {
        test_context t;
        test_begin(&t);
        alpa_device_mesh *mesh = test_mesh(&t, 2, 1);
        alpa_dtype dtype = is_f64 ? ALPA_F64 : ALPA_F32;
        image_build b = {.arena = &t.arena, .n_devices = 2};
        alpa_image_tensor tensor = build_tensor(&t.arena, "x", dtype, 2, 2, 2);
        uint32_t in = build_argument(&b, tensor);
        build_alias(&b, tensor, 0);
        emit_collective(&b, &b.program, "here",
                        build_collective(
                            &b, (alpa_image_collective){.kind = ALPA_COLLECTIVE_ALL_REDUCE,
                                                        .reduction = is_max ? ALPA_REDUCE_MAXIMUM : ALPA_REDUCE_MINIMUM,
                                                        .dtype = dtype,
                                                        .outer = 1,
                                                        .chunk = 1,
                                                        .n_groups = 1,
                                                        .group_size = 2,
                                                        .groups = build_all(&b),
                                                        .from = {in, 0},
                                                        .to = {in, 0}}));
        alpa_image image = build_image(&b);
        alpa_executable *executable;
        assert_ok(&t, alpa_executable_load(mesh, &t.diag, &image, NULL, &executable));
        char data[16], back[16], expected[8];
        uint32_t e = alpa_dtype_get_info(dtype)->bytes;
        for (uint32_t d = 0; d < 2; d++)
          alpa_element_store(dtype, data + d * e, alpa_float_encode(dtype, (double)cases[i][d]));
        alpa_element_store(dtype, expected, alpa_float_encode(dtype, (double)cases[i][is_max ? 2 : 3]));
        alpa_array *x, *y;
        assert_ok(&t, alpa_array_create(mesh, &t.diag, &tensor, data, &x));
        assert_ok(&t, alpa_executable_run(executable, &t.diag, &x, NULL, &y));
        assert_ok(&t, alpa_array_read(y, &t.diag, true, back));
        assert_memory_equal(back, expected, e);
        assert_memory_equal(back + e, expected, e);
        alpa_array_release(x);
        alpa_array_release(y);
        alpa_executable_destroy(executable);
        alpa_device_mesh_destroy(mesh);
        test_end(&t);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_agree_with_the_model),
      cmocka_unit_test(large_transfers_are_shared),
      cmocka_unit_test(special_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
