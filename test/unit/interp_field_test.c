/* The field: laws, images of numbers, and the keyed functions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "interp/element.h"
#include "interp/field.h"
#include "support/hash.h"

enum { SAMPLES = 2000 };

static uint64_t sample(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return alpa_hash_mix(*state, 1) % ALPA_FIELD_P;
}

static void laws_hold(void **unused) {
  (void)unused;
  uint64_t state = 1;
  for (int i = 0; i < SAMPLES; i++) {
    uint64_t a = sample(&state), b = sample(&state), c = sample(&state);
    assert_int_equal(alpa_field_add(alpa_field_add(a, b), c), alpa_field_add(a, alpa_field_add(b, c)));
    assert_int_equal(alpa_field_multiply(alpa_field_multiply(a, b), c),
                     alpa_field_multiply(a, alpa_field_multiply(b, c)));
    assert_int_equal(alpa_field_multiply(a, alpa_field_add(b, c)),
                     alpa_field_add(alpa_field_multiply(a, b), alpa_field_multiply(a, c)));
    assert_int_equal(alpa_field_multiply(alpa_field_divide(a, b), b), a);
    assert_int_equal(alpa_field_add(alpa_field_subtract(a, b), b), a);
    assert_int_equal(alpa_field_power(a, 3), alpa_field_multiply(a, alpa_field_multiply(a, a)));
    assert_int_equal(alpa_field_power(a, -1), alpa_field_divide(1, a));
  }
}

static void numbers_map_exactly(void **unused) {
  (void)unused;
  assert_int_equal(alpa_field_from_double(1), 1);
  assert_int_equal(alpa_field_from_double(-1), ALPA_FIELD_P - 1);
  assert_int_equal(alpa_field_from_double(0.5), UINT64_C(1) << 60);
  assert_int_equal(alpa_field_from_integer(-7), alpa_field_from_double(-7));
  assert_int_equal(alpa_field_from_integer(INT64_MIN), alpa_field_from_double(-0x1p63));
  assert_int_equal(alpa_field_from_unsigned(UINT64_C(1) << 61), 1);
  const double values[] = {0, 3.25, -0x1.8p-130, 1e300, -5e-324, 0x1.fffffffffffffp1023};
  for (size_t i = 0; i < countof(values); i++)
    for (size_t j = 0; j < 4; j++) { /* products of few bits are exact in both */
      double factor = ldexp(1, (int)j - 2), product = values[i] * factor;
      if (isfinite(product) && fabs(product) > 1e-300)
        assert_int_equal(alpa_field_multiply(alpa_field_from_double(values[i]), alpa_field_from_double(factor)),
                         alpa_field_from_double(product));
    }
  assert_int_equal(alpa_field_to_integer(alpa_field_from_double(-12345)), -12345);
  assert_int_equal(alpa_field_abs(alpa_field_from_double(-3)), 3);
  assert_int_equal(alpa_field_sign(alpa_field_from_double(-3)), ALPA_FIELD_P - 1);
}

static void infinities_follow_the_rules(void **unused) {
  (void)unused;
  const uint64_t low = ALPA_FIELD_NEGATIVE_INFINITY, high = ALPA_FIELD_POSITIVE_INFINITY, nan = ALPA_FIELD_NAN;
  assert_int_equal(alpa_field_from_double(-INFINITY), low);
  assert_int_equal(alpa_field_from_double(NAN), nan);
  assert_int_equal(alpa_field_add(high, 5), high);
  assert_int_equal(alpa_field_add(high, low), nan);
  assert_int_equal(alpa_field_negate(low), high);
  assert_int_equal(alpa_field_multiply(low, 0), nan);
  assert_int_equal(alpa_field_multiply(low, alpa_field_from_double(-1)), high);
  assert_int_equal(alpa_field_multiply(nan, 1), nan);
  assert_int_equal(alpa_field_divide(1, 0), high);
  assert_int_equal(alpa_field_divide(0, 0), nan);
  assert_int_equal(alpa_field_divide(17, high), 0);
  uint64_t state = 3;
  for (int i = 0; i < 50; i++) { /* the sign of an infinite product does not depend on the order of factors */
    uint64_t a = sample(&state), b = sample(&state);
    assert_int_equal(alpa_field_multiply(alpa_field_multiply(high, a), b),
                     alpa_field_multiply(high, alpa_field_multiply(a, b)));
  }
}

static void order_is_a_keyed_bijection(void **unused) {
  (void)unused;
  uint64_t state = 5;
  int differ = 0;
  for (int i = 0; i < SAMPLES; i++) {
    uint64_t a = sample(&state), b = sample(&state);
    assert_true((alpa_field_order(1, a) == alpa_field_order(1, b)) == (a == b));
    assert_true(alpa_field_order(1, a) > alpa_field_order(1, ALPA_FIELD_NEGATIVE_INFINITY));
    assert_true(alpa_field_order(1, a) < alpa_field_order(1, ALPA_FIELD_POSITIVE_INFINITY));
    differ += (alpa_field_order(1, a) < alpa_field_order(1, b)) != (alpa_field_order(2, a) < alpa_field_order(2, b));
  }
  assert_in_range(differ, SAMPLES / 3, SAMPLES * 2 / 3);
  const double numbers[] = {-1e6, -3, -0.1f, -1e-5f, 0, 1e-8f, 0.001f, 0.5, 1, 1.5, 8192, 1e9};
  for (size_t i = 1; i < countof(numbers); i++)
    for (uint64_t key = 1; key < 20; key++)
      assert_true(alpa_field_order(key, alpa_field_from_double(numbers[i - 1])) <
                  alpa_field_order(key, alpa_field_from_double(numbers[i])));
  int above = 0;
  for (int i = 0; i < SAMPLES; i++)
    above += alpa_field_order(1, sample(&state)) > alpa_field_order(1, 0);
  assert_in_range(above, SAMPLES / 8, SAMPLES * 7 / 8);
  assert_true(alpa_field_order(1, ALPA_FIELD_NAN) > alpa_field_order(1, ALPA_FIELD_POSITIVE_INFINITY));
}

static void rounding_keeps_numbers_of_the_format(void **unused) {
  (void)unused;
  const double kept[] = {0, 1, -1, 0.5, 255, -0x1.fep-100, 0x1p127};
  for (size_t i = 0; i < countof(kept); i++)
    assert_int_equal(alpa_field_round(9, 8, 8, alpa_field_from_double(kept[i])), alpa_field_from_double(kept[i]));
  assert_int_not_equal(alpa_field_round(9, 8, 8, alpa_field_from_double(257)), alpa_field_from_double(257));
  assert_int_equal(alpa_field_round(9, 8, 8, ALPA_FIELD_NAN), ALPA_FIELD_NAN);
  uint64_t state = 7;
  for (int i = 0; i < SAMPLES; i++) {
    uint64_t a = sample(&state), once = alpa_field_round(9, 8, 8, a);
    assert_int_not_equal(once, a);
    assert_true(once < ALPA_FIELD_P);
    assert_int_equal(alpa_field_round(9, 8, 8, once), once);
    assert_int_not_equal(alpa_field_round(9, 5, 11, once), once);
    assert_int_not_equal(alpa_field_round(8, 8, 8, a), once);
  }
}

static void hashes_depend_on_everything(void **unused) {
  (void)unused;
  const uint64_t a[2] = {1, 2}, b[2] = {2, 1}, c[2] = {1, ALPA_FIELD_NAN};
  assert_int_not_equal(alpa_field_hash(1, 1, a, 2), alpa_field_hash(1, 1, b, 2));
  assert_int_not_equal(alpa_field_hash(1, 1, a, 2), alpa_field_hash(1, 2, a, 2));
  assert_int_not_equal(alpa_field_hash(1, 1, a, 2), alpa_field_hash(2, 1, a, 2));
  assert_int_not_equal(alpa_field_hash(1, 1, a, 2), alpa_field_hash(1, 1, a, 1));
  assert_int_equal(alpa_field_hash(1, 1, c, 2), ALPA_FIELD_NAN);
}

/* Loading and storing an element gives it back, for every type. */
static void elements_round_trip(void **unused) {
  (void)unused;
  for (int dtype = 0; dtype < ALPA_DTYPE_COUNT; dtype++) {
    const alpa_dtype_info *info = alpa_dtype_get_info((alpa_dtype)dtype);
    unsigned char bytes[16] = {0}, back[16] = {0}, number[ALPA_NUMBER_MAX_BYTES];
    bytes[0] = 1;
    bytes[info->bytes - 1] |= info->bits >= 8 ? 0x3B : 1;
    alpa_elements_load(ALPA_ARITH_REAL, (alpa_dtype)dtype, bytes, 1, number);
    alpa_elements_store(ALPA_ARITH_REAL, (alpa_dtype)dtype, number, 1, back);
    assert_memory_equal(bytes, back, info->bytes);
  }
}

static void bfloat16_rounds_once(void **unused) {
  (void)unused;
  const double values[] = {1.00390625, 1.01171875, 1.0 + 0x1p-8 + 0x1p-50, -3.0e38, 1e-40, 3.4e38, 0x1.ffp127};
  const uint16_t bits[] = {0x3F80, 0x3F82, 0x3F81, 0xFF62, 0x0001, 0x7F80, 0x7F80};
  for (size_t i = 0; i < countof(values); i++) {
    uint16_t got;
    alpa_elements_store(ALPA_ARITH_REAL, ALPA_BF16, &values[i], 1, &got);
    assert_int_equal(got, bits[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(laws_hold),
      cmocka_unit_test(numbers_map_exactly),
      cmocka_unit_test(infinities_follow_the_rules),
      cmocka_unit_test(order_is_a_keyed_bijection),
      cmocka_unit_test(rounding_keeps_numbers_of_the_format),
      cmocka_unit_test(hashes_depend_on_everything),
      cmocka_unit_test(elements_round_trip),
      cmocka_unit_test(bfloat16_rounds_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
