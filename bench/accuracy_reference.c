/* References for accuracy.c.  digamma: recurrence to x >= 20 (in double 10) and the asymptotic series, Abramowitz &
 * Stegun 6.3.5, 6.3.18; bessel_i1e: the power series, and the asymptotic expansion 9.7.1 from 60 on; erf_inv: Newton's
 * method, in double Halley's. */
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
  if (isnan(x) || (x <= 0 && x == floorl(x)))
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

/* ---- in double, for arguments of f32 ---- */

static double close_logistic(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }
static double close_root(double x) { return 1 / sqrt(x); }

static double close_lgamma(double x) {
  int sign;
  return isinf(x) ? INFINITY : lgamma_r(x, &sign);
}

/* Where the parts cancel, near a root, long double has the digits. */
static double close_digamma(double x) {
  static const double terms[] = {1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12};
  if (x == 0 || !isfinite(x) || (x < 0 && x == floor(x)))
    return (double)digamma(x);
  double result = 0, z = x;
  if (z < 0) {
    result = -(double)pi / tan((double)pi * (z - rint(z)));
    z = 1 - z;
  }
  for (; z < 10; z++)
    result -= 1 / z;
  double square = 1 / (z * z), power = square;
  result += log(z) - 0.5 / z;
  for (size_t k = 0; k < sizeof terms / sizeof *terms; k++, power *= square)
    result -= terms[k] * power;
  return fabs(result) > 0.05 ? result : (double)digamma(x);
}

static double close_bessel_i1e(double x) {
  double a = fabs(x), sum = 1, term = 1;
  if (isnan(x) || isinf(x))
    return (double)bessel_i1e(x);
  if (a < 60) {
    term = sum = a / 2;
    for (int k = 1; term > sum * 1e-17; k++)
      sum += term *= a * a / 4 / (k * (k + 1.0));
    return copysign(sum * exp(-a), x);
  }
  for (int k = 1; k < 30 && fabs(term) > 1e-17; k++) {
    double odd = 2 * k - 1;
    sum += term *= -(4 - odd * odd) / (8 * a * k);
  }
  return copysign(sum / sqrt(2 * (double)pi * a), x);
}

static double close_erf_inv(double y) {
  double a = fabs(y);
  if (isnan(y) || a >= 1 || a < 1e-12)
    return (double)erf_inv(y);
  if (a < 1e-4)
    return y * (sqrt((double)pi) / 2) * (1 + (double)pi / 12 * a * a);
  double w = log1p(-a * a), b = 2 / ((double)pi * 0.147) + w / 2, x = sqrt(sqrt(b * b - w / 0.147) - b);
  for (int step = 0; step < 3; step++) {
    double f = a < 0.5 ? erf(x) - a : (1 - a) - erfc(x), move = f / (2 / sqrt((double)pi) * exp(-x * x));
    x -= move / (1 + x * move);
  }
  return copysign(x, y);
}

const accuracy_row accuracy_rows[] = {
    {"stablehlo.cbrt", cbrtl, cbrt, NULL},
    {"stablehlo.cosine", cosl, cos, NULL},
    {"stablehlo.exponential", expl, exp, NULL},
    {"stablehlo.exponential_minus_one", expm1l, expm1, NULL},
    {"stablehlo.log", logl, log, NULL},
    {"stablehlo.log_plus_one", log1pl, log1p, NULL},
    {"stablehlo.logistic", logistic, close_logistic, NULL},
    {"stablehlo.rsqrt", reciprocal_root, close_root, NULL},
    {"stablehlo.sine", sinl, sin, NULL},
    {"stablehlo.sqrt", sqrtl, sqrt, NULL},
    {"stablehlo.tan", tanl, tan, NULL},
    {"stablehlo.tanh", tanhl, tanh, NULL},
    {"chlo.acos", acosl, acos, NULL},
    {"chlo.acosh", acoshl, acosh, NULL},
    {"chlo.asin", asinl, asin, NULL},
    {"chlo.asinh", asinhl, asinh, NULL},
    {"chlo.atan", atanl, atan, NULL},
    {"chlo.atanh", atanhl, atanh, NULL},
    {"chlo.bessel_i1e", bessel_i1e, close_bessel_i1e, NULL},
    {"chlo.cosh", coshl, cosh, NULL},
    {"chlo.digamma", digamma, close_digamma, NULL},
    {"chlo.erf", erfl, erf, NULL},
    {"chlo.erf_inv", erf_inv, close_erf_inv, NULL},
    {"chlo.erfc", erfcl, erfc, NULL},
    {"chlo.lgamma", lgamma_of, close_lgamma, NULL},
    {"chlo.sinh", sinhl, sinh, NULL},
    {"stablehlo.atan2", NULL, NULL, atan2l},
    {"stablehlo.power", NULL, NULL, powl},
};
const size_t accuracy_row_count = sizeof accuracy_rows / sizeof *accuracy_rows;
