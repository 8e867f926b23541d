/* References for accuracy.c.  digamma: recurrence to x >= 20 and the asymptotic series, Abramowitz & Stegun 6.3.5,
 * 6.3.18; bessel_i1e: the power series, and the asymptotic expansion 9.7.1 from 60 on; erf_inv: Newton's method. */
#include "bench/accuracy_reference.h"

#include <math.h>

static const long double pi = 3.14159265358979323846264338327950288L;

static long double logistic(long double x) { return 1 / (1 + expl(-x)); }
static long double reciprocal_root(long double x) { return 1 / sqrtl(x); }

static long double lgamma_of(long double x) {
  int sign;
  return isinf(x) ? INFINITY : lgammal_r(x, &sign);
}

static long double digamma(long double x) {
  static const long double terms[] = {1.0L / 12,        -1.0L / 120,      1.0L / 252, -1.0L / 240,
                                      1.0L / 132,       -691.0L / 32760,  1.0L / 12,  -3617.0L / 8160,
                                      43867.0L / 14364, -174611.0L / 6600};
  if (x == 0)
    return signbit(x) ? INFINITY : -INFINITY;
  if (isnan(x) || (x < 0 && x == floorl(x)) || x == -INFINITY)
    return NAN;
  if (isinf(x))
    return x;
  long double result = 0;
  if (x < 0) {
    result = -pi / tanl(pi * (x - rintl(x)));
    x = 1 - x;
  }
  for (; x < 20; x++)
    result -= 1 / x;
  long double square = 1 / (x * x), power = square;
  result += logl(x) - 0.5L / x;
  for (size_t k = 0; k < sizeof terms / sizeof *terms; k++, power *= square)
    result -= terms[k] * power;
  return result;
}

static long double bessel_i1e(long double x) {
  long double a = fabsl(x), sum = 1, term = 1;
  if (isnan(x))
    return x;
  if (a < 60) {
    term = sum = a / 2;
    for (int k = 1; term > sum * 1e-22L; k++)
      sum += term *= a * a / 4 / (k * (k + 1.0L));
    return copysignl(sum * expl(-a), x);
  }
  for (int k = 1; k < 30; k++) {
    long double odd = 2 * k - 1;
    sum += term *= -(4 - odd * odd) / (8 * a * k);
  }
  return copysignl(isinf(a) ? 0 : sum / sqrtl(2 * pi * a), x);
}

static long double erf_inv(long double y) {
  long double a = fabsl(y);
  if (isnan(y) || a > 1)
    return NAN;
  if (a == 1)
    return copysignl(INFINITY, y);
  if (a < 1e-12L)
    return y * sqrtl(pi) / 2;
  long double w = log1pl(-a * a), b = 2 / (pi * 0.147L) + w / 2, x = sqrtl(sqrtl(b * b - w / 0.147L) - b);
  for (int step = 0; step < 5; step++) {
    long double f = a < 0.5L ? erfl(x) - a : (1 - a) - erfcl(x), move = f / (2 / sqrtl(pi) * expl(-x * x));
    x -= move / (1 + x * move);
  }
  return copysignl(x, y);
}

const accuracy_row accuracy_rows[] = {
    {"stablehlo.cbrt", cbrtl, NULL},
    {"stablehlo.cosine", cosl, NULL},
    {"stablehlo.exponential", expl, NULL},
    {"stablehlo.exponential_minus_one", expm1l, NULL},
    {"stablehlo.log", logl, NULL},
    {"stablehlo.log_plus_one", log1pl, NULL},
    {"stablehlo.logistic", logistic, NULL},
    {"stablehlo.rsqrt", reciprocal_root, NULL},
    {"stablehlo.sine", sinl, NULL},
    {"stablehlo.sqrt", sqrtl, NULL},
    {"stablehlo.tan", tanl, NULL},
    {"stablehlo.tanh", tanhl, NULL},
    {"chlo.acos", acosl, NULL},
    {"chlo.acosh", acoshl, NULL},
    {"chlo.asin", asinl, NULL},
    {"chlo.asinh", asinhl, NULL},
    {"chlo.atan", atanl, NULL},
    {"chlo.atanh", atanhl, NULL},
    {"chlo.bessel_i1e", bessel_i1e, NULL},
    {"chlo.cosh", coshl, NULL},
    {"chlo.digamma", digamma, NULL},
    {"chlo.erf", erfl, NULL},
    {"chlo.erf_inv", erf_inv, NULL},
    {"chlo.erfc", erfcl, NULL},
    {"chlo.lgamma", lgamma_of, NULL},
    {"chlo.sinh", sinhl, NULL},
    {"stablehlo.atan2", NULL, atan2l},
    {"stablehlo.power", NULL, powl},
};
const size_t accuracy_row_count = sizeof accuracy_rows / sizeof *accuracy_rows;
