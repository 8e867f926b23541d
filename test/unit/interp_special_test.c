/* Special functions at points with known values, and the ops of chlo that use them. */
#include <math.h>

#include "interp/special.h"
#include "test/unit/interp_check.h"

static void expect_close(double got, double expected) {
  if (!(fabs(got - expected) <= 4e-15 * fabs(expected)))
    fail_msg("%.17g, expected %.17g", got, expected);
}

static void known_values(void **unused) {
  (void)unused;
  expect_close(alpa_special_digamma(1), -0.57721566490153286);
  expect_close(alpa_special_digamma(0.5), -1.9635100260214235);
  expect_close(alpa_special_digamma(10), 2.2517525890667211);
  expect_close(alpa_special_zeta(2, 1), M_PI * M_PI / 6);
  expect_close(alpa_special_zeta(3, 1), 1.2020569031595943);
  expect_close(alpa_special_zeta(1.5, 1), 2.6123753486854883);
  expect_close(alpa_special_zeta(2, 0.5), M_PI * M_PI / 2);
  expect_close(alpa_special_zeta(4, -0.5), pow(M_PI, 4) / 6 + 16);
  expect_close(alpa_special_polygamma(1, 0.5), M_PI * M_PI / 2);
  expect_close(alpa_special_polygamma(2, 1), -2.4041138063191886);
  expect_close(alpa_special_erf_inv(0.5), 0.47693627620446987);
  expect_close(alpa_special_erf_inv(-0.9), -1.1630871536766741);
  expect_close(alpa_special_lgamma(0.5), log(M_PI) / 2);
  expect_close(alpa_special_bessel_i1e(1), 0.20791041534970845);
  expect_close(alpa_special_bessel_i1e(-10), -0.12126268138445552);
}

static void functions_invert(void **unused) {
  (void)unused;
  for (double x = -5; x < 5; x += 0.37)
    if (fabs(erf(x)) < 1 - 1e-9) {
      double y = alpa_special_erf_inv(erf(x));
      assert_true(fabs(y - x) < 1e-9 * exp(x * x) * 1e-6 + 1e-12);
    }
  double below = alpa_special_bessel_i1e(29.9999999), above = alpa_special_bessel_i1e(30.0000001);
  assert_true(fabs(below / above - 1) < 1e-8);                                       /* series and expansion meet */
  assert_true(fabs(alpa_special_digamma(-0.5) - alpa_special_digamma(1.5)) < 1e-14); /* psi(1 - x) = psi(x) + pi cot */
}

static void special_points(void **unused) {
  (void)unused;
  assert_true(isnan(alpa_special_digamma(-3)));
  assert_true(isnan(alpa_special_digamma(0.0)) && isnan(alpa_special_digamma(-0.0)));
  assert_true(alpa_special_erf_inv(1) == INFINITY && isnan(alpa_special_erf_inv(1.1)));
  assert_true(alpa_special_zeta(1, 2) == INFINITY && isnan(alpa_special_zeta(0.5, 2)));
  assert_true(alpa_special_zeta(4, -2) == INFINITY && isnan(alpa_special_zeta(3, -2)) && isnan(alpa_special_zeta(2.5, -1.5)));
  assert_true(isnan(alpa_special_polygamma(-1, 2)) && isnan(alpa_special_polygamma(0.5, 2)));
  assert_true(alpa_special_lgamma(-INFINITY) == INFINITY);
}

/* Each program returns pairs: what an op gives, and what it should. */
static void expect_pairs(const char *text) {
  check c;
  check_open(&c, text);
  alpa_interp_options options = {0};
  const alpa_tensor *outputs = check_run(&c, &options, NULL);
  for (uint32_t i = 0; i + 1 < check_n_results(&c); i += 2)
    if (!check_equal(&outputs[i], &outputs[i + 1], ALPA_ARITH_REAL))
      fail_msg("pair %u differs in\n%s", i / 2, text);
  check_close(&c);
}

static void top_k_orders_and_counts(void **unused) {
  (void)unused;
  expect_pairs(
      "func.func @main() -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xi32>, tensor<2x3xi32>) {\n"
      "%a = stablehlo.constant dense<[[1.0, 5.0, 5.0, -2.0], [0x7FC00000, 3.0, 0xFF800000, 4.0]]> : tensor<2x4xf32>\n"
      "%v, %i = chlo.top_k(%a, k = 3) : tensor<2x4xf32> -> (tensor<2x3xf32>, tensor<2x3xi32>)\n"
      "%vw = stablehlo.constant dense<[[5.0, 5.0, 1.0], [0x7FC00000, 4.0, 3.0]]> : tensor<2x3xf32>\n"
      "%iw = stablehlo.constant dense<[[1, 2, 0], [0, 3, 1]]> : tensor<2x3xi32>\n"
      "return %v, %vw, %i, %iw : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xi32>, tensor<2x3xi32>\n}");
}

static void neighbours_are_next(void **unused) {
  (void)unused;
  expect_pairs("func.func @main() -> (tensor<4xf32>, tensor<4xf32>, tensor<2xi32>, tensor<2xi32>) {\n"
               "%a = stablehlo.constant dense<[1.0, -1.0, 0.0, 2.0]> : tensor<4xf32>\n"
               "%b = stablehlo.constant dense<[2.0, 0.0, -1.0, 2.0]> : tensor<4xf32>\n"
               "%n = chlo.next_after %a, %b : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>\n"
               "%w = stablehlo.constant dense<[0x3F800001, 0xBF7FFFFF, 0x80000001, 2.0]> : tensor<4xf32>\n"
               "%p = stablehlo.constant dense<[2147483647, -2]> : tensor<2xi32>\n"
               "%m = \"chlo.mulhi\"(%p, %p) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>\n"
               "%mw = stablehlo.constant dense<[1073741823, 0]> : tensor<2xi32>\n"
               "return %n, %w, %m, %mw : tensor<4xf32>, tensor<4xf32>, tensor<2xi32>, tensor<2xi32>\n}");
}

/* Rows 0 to 1 times the first matrix, row 2 times the second; row 3 belongs to no group. */
static void ragged_rows_pick_matrices(void **unused) {
  (void)unused;
  expect_pairs("func.func @main() -> (tensor<4x1xf32>, tensor<4x1xf32>) {\n"
               "%a = stablehlo.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]> : tensor<4x2xf32>\n"
               "%b = stablehlo.constant dense<[[[1.0], [1.0]], [[10.0], [-1.0]]]> : tensor<2x2x1xf32>\n"
               "%g = stablehlo.constant dense<[2, 1]> : tensor<2xi32>\n"
               "%r = \"chlo.ragged_dot\"(%a, %b, %g) <{ragged_dot_dimension_numbers = "
               "#chlo.ragged_dot<lhs_batching_dimensions = [], "
               "rhs_batching_dimensions = [], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1], "
               "lhs_ragged_dimensions = [0], rhs_group_dimensions = [0]>}> : (tensor<4x2xf32>, tensor<2x2x1xf32>, "
               "tensor<2xi32>) -> tensor<4x1xf32>\n"
               "%w = stablehlo.constant dense<[[3.0], [7.0], [44.0], [0.0]]> : tensor<4x1xf32>\n"
               "return %r, %w : tensor<4x1xf32>, tensor<4x1xf32>\n}");
}

/* A feature of values -1 and 1 has mean 0 and variance 1. */
static void batches_are_normalised(void **unused) {
  (void)unused;
  expect_pairs(
      "func.func @main() -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, "
      "tensor<2xf32>) {\n"
      "%x = stablehlo.constant dense<[[1.0, 6.0], [3.0, 2.0]]> : tensor<2x2xf32>\n"
      "%s = stablehlo.constant dense<[1.0, 3.0]> : tensor<2xf32>\n%o = stablehlo.constant dense<[0.5, 0.0]> : "
      "tensor<2xf32>\n"
      "%y, %m, %v = \"stablehlo.batch_norm_training\"(%x, %s, %o) <{epsilon = 0.0 : f32, feature_index = 1 : i64}>"
      " : (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>)\n"
      "%yw = stablehlo.constant dense<[[-0.5, 3.0], [1.5, -3.0]]> : tensor<2x2xf32>\n"
      "%mw = stablehlo.constant dense<[2.0, 4.0]> : tensor<2xf32>\n%vw = stablehlo.constant dense<[1.0, 4.0]> : "
      "tensor<2xf32>\n"
      "return %y, %yw, %m, %mw, %v, %vw : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, "
      "tensor<2xf32>, tensor<2xf32>\n}");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_values),           cmocka_unit_test(functions_invert),
      cmocka_unit_test(special_points),         cmocka_unit_test(top_k_orders_and_counts),
      cmocka_unit_test(neighbours_are_next),    cmocka_unit_test(ragged_rows_pick_matrices),
      cmocka_unit_test(batches_are_normalised),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
