/* Elementwise functions of real floats, in double precision; the caller rounds once to the element type.  For types of
 * at most 32 bits the rounding of + - x / and sqrt in double is innocuous (double has more than 2p + 2 bits), so
 * results equal those of arithmetic in the type. */
#include <math.h>
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/scalar.h"

/* As IEEE 754-2019 maximum: NaN wins, and +0 is above -0. */
static double larger(double a, double b) {
  if (isnan(a) || isnan(b))
    return a + b;
  return a > b || (a == b && !signbit(a)) ? a : b;
}

static double smaller(double a, double b) {
  if (isnan(a) || isnan(b))
    return a + b;
  return a < b || (a == b && signbit(a)) ? a : b;
}

/* Order of bit patterns: -NaN, -inf, ..., -0, +0, ..., +inf, +NaN. */
static int64_t total_order(double a) {
  int64_t bits;
  memcpy(&bits, &a, sizeof bits);
  return bits < 0 ? ~bits ^ INT64_MIN : bits;
}

static bool compare(const alpa_scalar *s, double a, double b) {
  if (s->total_order) {
    int64_t x = total_order(a), y = total_order(b);
    return alpa_scalar_compare(s->direction, x < y, x == y, false);
  }
  return alpa_scalar_compare(s->direction, a < b, a == b, isnan(a) || isnan(b));
}

/* X(op, result type, expression of a, b, c and s) */
#define FLOAT_TABLE(X)                                                                                                 \
  X(abs, double, fabs(a))                                                                                              \
  X(cbrt, double, cbrt(a))                                                                                             \
  X(ceil, double, ceil(a))                                                                                             \
  X(cosine, double, cos(a))                                                                                            \
  X(exponential, double, exp(a))                                                                                       \
  X(exponential_minus_one, double, expm1(a))                                                                           \
  X(floor, double, floor(a))                                                                                           \
  X(imag, double, 0.0)                                                                                                 \
  X(is_finite, uint64_t, (bool)isfinite(a))                                                                            \
  X(log, double, log(a))                                                                                               \
  X(log_plus_one, double, log1p(a))                                                                                    \
  X(logistic, double, a < 0 ? exp(a) / (1.0 + exp(a)) : 1.0 / (1.0 + exp(-a)))                                         \
  X(negate, double, -a)                                                                                                \
  X(real, double, a)                                                                                                   \
  X(round_nearest_afz, double, round(a))                                                                               \
  X(round_nearest_even, double, rint(a))                                                                               \
  X(rsqrt, double, 1.0 / sqrt(a))                                                                                      \
  X(sign, double, a > 0 ? 1.0 : a < 0 ? -1.0 : a)                                                                      \
  X(sine, double, sin(a))                                                                                              \
  X(sqrt, double, sqrt(a))                                                                                             \
  X(tan, double, tan(a))                                                                                               \
  X(tanh, double, tanh(a))                                                                                             \
  X(add, double, a + b)                                                                                                \
  X(atan2, double, atan2(a, b))                                                                                        \
  X(divide, double, a / b)                                                                                             \
  X(maximum, double, larger(a, b))                                                                                     \
  X(minimum, double, smaller(a, b))                                                                                    \
  X(multiply, double, a *b)                                                                                            \
  X(power, double, pow(a, b))                                                                                          \
  X(remainder, double, fmod(a, b))                                                                                     \
  X(subtract, double, a - b)                                                                                           \
  X(compare, uint64_t, compare(s, a, b))                                                                               \
  X(clamp, double, smaller(larger(a, b), c))

#define X(id, result, expression)                                                                                      \
  static void float_##id(const alpa_scalar *s, size_t n, const void *const in[], void *out) {                          \
    const double *as = in[0], *bs = in[1], *cs = in[2];                                                                \
    result *to = out;                                                                                                  \
    (void)s;                                                                                                           \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      double a = as[i], b = bs[i], c = cs[i];                                                                          \
      (void)a, (void)b, (void)c;                                                                                       \
      to[i] = expression;                                                                                              \
    }                                                                                                                  \
  }
FLOAT_TABLE(X)
#undef X

/* Makes a complex number of two parts. */
static void float_complex(const alpa_scalar *s, size_t n, const void *const in[], void *out) {
  (void)s;
  for (size_t i = 0; i < n; i++) {
    ((double *)out)[2 * i] = ((const double *)in[0])[i];
    ((double *)out)[2 * i + 1] = ((const double *)in[1])[i];
  }
}

alpa_scalar_fn *alpa_scalar_find_float(const alpa_op_def *def) {
  static alpa_scalar_fn *const rows[STABLEHLO_OP_COUNT] = {
#define X(id, result, expression) [STABLEHLO_##id] = float_##id,
      FLOAT_TABLE(X)
#undef X
          [STABLEHLO_complex] = float_complex,
  };
  return def->dialect == &alpa_stablehlo_dialect ? rows[def->id] : NULL;
}
