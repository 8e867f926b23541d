/* Accuracy of the elementary functions in machine code, against long double functions of the C library. */
#include "test/unit/codegen_check.h"

#include <float.h>
#include <math.h>

typedef struct function {
  const char *op;
  long double (*exact)(long double);
  double low, high;    /* range of the samples; spread by magnitude where low < 0 or low > 0 */
  double ulp32, ulp64; /* what is allowed */
} function;

static long double logistic(long double x) { return 1 / (1 + expl(-x)); }
static long double rsqrt(long double x) { return 1 / sqrtl(x); }

static const function functions[] = {
    {"stablehlo.exponential", expl, -110, 95, 2, 2}, {"stablehlo.exponential_minus_one", expm1l, -110, 88, 2, 3},
    {"stablehlo.log", logl, 1e-44, 3e38, 2, 2},      {"stablehlo.log_plus_one", log1pl, -0.999, 3e38, 3, 3},
    {"stablehlo.sine", sinl, -1e4, 1e4, 3, 3},       {"stablehlo.cosine", cosl, -1e4, 1e4, 3, 3},
    {"stablehlo.tanh", tanhl, -12, 12, 2, 2},        {"stablehlo.logistic", logistic, -80, 80, 4, 4},
    {"stablehlo.sqrt", sqrtl, 0, 3e38, 1, 1},        {"stablehlo.rsqrt", rsqrt, 1e-37, 3e38, 2, 2},
    {"stablehlo.cbrt", cbrtl, -3e38, 3e38, 4, 4},    {"chlo.erf", erfl, -6, 6, 2, 2},
};

enum { SAMPLES = 4096 };

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

/* Half of the samples uniform in the range, half uniform in the logarithm of the magnitude. */
static double sample(const function *f, uint64_t *state, int i) {
  if (i % 2)
    return f->low + (f->high - f->low) * uniform(state);
  double low = f->low > 0 ? log(f->low) : log(1e-30), high = log(f->high);
  double size = exp(low + (high - low) * uniform(state));
  bool negative = f->low < 0 && uniform(state) < 0.5 && -size >= f->low;
  return negative ? -size : size;
}

static double ulp_of(long double exact, bool wide) {
  int exponent;
  frexpl(exact, &exponent);
  int least = wide ? -1073 : -148;
  exponent -= wide ? 53 : 24;
  return ldexp(1, exponent < least ? least - 1 : exponent);
}

static double worst_error(const function *f, bool wide) {
  char text[512];
  const char *type = wide ? "f64" : "f32";
  snprintf(text, sizeof text,
           "func.func @main(%%x: tensor<%dx%s>) -> tensor<%dx%s> {\n"
           "  %%0 = \"%s\"(%%x) : (tensor<%dx%s>) -> tensor<%dx%s>\n  return %%0 : tensor<%dx%s>\n}\n",
           SAMPLES, type, SAMPLES, type, f->op, SAMPLES, type, SAMPLES, type, SAMPLES, type);
  codegen_check c;
  if (codegen_read(&c, f->op, text) != ALPA_OK || codegen_compile(&c, NULL, 1) != ALPA_OK)
    fail_msg("%s: %s", f->op, c.message);
  double *x64 = alpa_arena_new(&c.arena, double, SAMPLES);
  float *x32 = alpa_arena_new(&c.arena, float, SAMPLES);
  uint64_t state = 1;
  for (int i = 0; i < SAMPLES; i++) {
    x64[i] = sample(f, &state, i);
    x32[i] = (float)x64[i];
  }
  alpa_tensor input = {.data = wide ? (void *)x64 : (void *)x32}, output;
  if (codegen_run(&c, &input, &output) != ALPA_OK)
    fail_msg("%s: %s", f->op, c.message);
  double worst = 0;
  for (int i = 0; i < SAMPLES; i++) {
    long double exact = f->exact(wide ? (long double)x64[i] : (long double)x32[i]);
    long double got = wide ? (long double)((double *)output.data)[i] : (long double)((float *)output.data)[i];
    if ((double)got == (wide ? (double)exact : (double)(float)exact))
      continue;
    double error = (double)(fabsl(got - exact) / ulp_of(exact, wide));
    worst = !(error <= worst) ? error : worst;
  }
  codegen_close(&c);
  return worst;
}

static void test_accuracy(void **state) {
  (void)state;
  int bad = 0;
  for (size_t i = 0; i < countof(functions); i++) {
    const function *f = &functions[i];
    double narrow = worst_error(f, false), wide = worst_error(f, true);
    print_message("%-34s f32 %6.2f ULP   f64 %6.2f ULP\n", f->op, narrow, wide);
    bad += !(narrow <= f->ulp32) + !(wide <= f->ulp64);
  }
  assert_int_equal(bad, 0);
}

static const char special[] =
    "func.func @main(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) "
    "{\n"
    "  %0 = stablehlo.exponential %x : tensor<8xf32>\n"
    "  %1 = stablehlo.log %x : tensor<8xf32>\n"
    "  %2 = stablehlo.tanh %x : tensor<8xf32>\n"
    "  %3 = stablehlo.maximum %x, %0 : tensor<8xf32>\n"
    "  %4 = stablehlo.sign %x : tensor<8xf32>\n"
    "  return %0, %1, %2, %3, %4 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>\n}\n";

static void test_special_values(void **state) {
  (void)state;
  codegen_check c;
  assert_int_equal(codegen_read(&c, "special", special), ALPA_OK);
  assert_int_equal(codegen_compile(&c, NULL, 1), ALPA_OK);
  float x[8] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 1.0f, -1.0f, 1e-45f};
  alpa_tensor input = {.data = x}, outputs[5];
  assert_int_equal(codegen_run(&c, &input, outputs), ALPA_OK);
  const float *e = outputs[0].data, *l = outputs[1].data, *t = outputs[2].data, *m = outputs[3].data;
  assert_true(e[0] == 1 && e[1] == 1 && e[2] == INFINITY && e[3] == 0 && isnan(e[4]));
  assert_true(l[0] == -INFINITY && l[1] == -INFINITY && l[2] == INFINITY && isnan(l[3]) && isnan(l[4]) && l[5] == 0);
  assert_true(isnan(l[6]) && fabsf(l[7] - logf(1e-45f)) < 1e-4f);
  assert_true(t[2] == 1 && t[3] == -1 && isnan(t[4]) && t[0] == 0 && signbit(t[1]));
  assert_true(isnan(m[4]) && m[2] == INFINITY && m[3] == 0);
  codegen_close(&c);
}

/* Division by zero and of the least number do not trap. */
static void test_integer_division(void **state) {
  (void)state;
  static const char text[] =
      "func.func @main(%x: tensor<4xi32>, %y: tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>) {\n"
      "  %0 = stablehlo.divide %x, %y : tensor<4xi32>\n"
      "  %1 = stablehlo.remainder %x, %y : tensor<4xi32>\n"
      "  return %0, %1 : tensor<4xi32>, tensor<4xi32>\n}\n";
  codegen_check c;
  assert_int_equal(codegen_read(&c, "division", text), ALPA_OK);
  assert_int_equal(codegen_compile(&c, NULL, 1), ALPA_OK);
  int32_t x[4] = {7, INT32_MIN, -7, INT32_MIN}, y[4] = {0, -1, 2, 0};
  alpa_tensor inputs[2] = {{.data = x}, {.data = y}}, outputs[2];
  assert_int_equal(codegen_run(&c, inputs, outputs), ALPA_OK);
  const int32_t *q = outputs[0].data, *r = outputs[1].data;
  assert_true(q[0] == -1 && q[1] == INT32_MIN && q[2] == -3 && q[3] == -1);
  assert_true(r[0] == 7 && r[1] == 0 && r[2] == -1 && r[3] == INT32_MIN);
  codegen_close(&c);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accuracy),
      cmocka_unit_test(test_special_values),
      cmocka_unit_test(test_integer_division),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
