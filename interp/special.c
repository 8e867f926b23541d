/* Special functions by series, recurrence and asymptotic expansion: Abramowitz & Stegun 6.3.5 and 6.3.18 (digamma),
 * 9.6.10 and 9.7.1 (Bessel), 23.2.3 with Euler-Maclaurin summation (zeta); the inverse error function by Newton's
 * method from Winitzki's approximation. */
#include "interp/special.h"

#include <math.h>
#include <stddef.h>

#include "support/status.h"

double alpa_special_bessel_i1e(double x) {
  double a = fabs(x), sum;
  if (isnan(x))
    return x;
  if (a < 30) {
    long double size = a, term = size / 2, series = term; /* many terms of one size: with bits to spare */
    for (int k = 1; term > series * 1e-20L; k++) {
      term *= size * size / 4 / (k * (k + 1.0L));
      series += term;
    }
    sum = (double)(series * expl(-size));
  } else {
    double term = 1;
    sum = 1;
    for (int k = 1; k < 30; k++) {
      double odd = 2 * k - 1;
      term *= -(4 - odd * odd) / (8 * a * k);
      sum += term;
    }
    sum /= sqrt(2 * M_PI * a);
  }
  return copysign(sum, x);
}

double alpa_special_digamma(double x) {
  /* B_2k / 2k */
  static const double series[] = {1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12};
  if (isnan(x) || (x <= 0 && x == floor(x)))
    return NAN;
  if (isinf(x))
    return x;
  double result = 0;
  if (x < 0) { /* reflection; the argument of tan reduced first */
    double fraction = x - rint(x);
    result = -M_PI / tan(M_PI * fraction);
    x = 1 - x;
  }
  for (; x < 12; x++)
    result -= 1 / x;
  double square = 1 / (x * x), power = square;
  result += log(x) - 0.5 / x;
  for (size_t k = 0; k < countof(series); k++, power *= square)
    result -= series[k] * power;
  return result;
}

double alpa_special_erf_inv(double y) {
  double a = fabs(y);
  if (isnan(y) || a > 1)
    return NAN;
  if (a == 1)
    return copysign(INFINITY, y);
  if (a < 1e-8)
    return y * (sqrt(M_PI) / 2);
  double w = log1p(-a * a), b = 2 / (M_PI * 0.147) + w / 2;
  double x = sqrt(sqrt(b * b - w / 0.147) - b);
  for (int step = 0; step < 4; step++) { /* Halley: f / (f' - f f'' / 2f') with f'' = -2x f' */
    double f = a < 0.5 ? erf(x) - a : (1 - a) - erfc(x);
    double slope = 2 / sqrt(M_PI) * exp(-x * x), move = f / slope;
    x -= move / (1 + x * move);
  }
  return copysign(x, y);
}

double alpa_special_lgamma(double x) {
  int sign;
  return isinf(x) ? INFINITY : lgamma_r(x, &sign);
}

double alpa_special_polygamma(double n, double x) {
  if (n == 0)
    return alpa_special_digamma(x);
  if (!(n > 0) || n != floor(n))
    return NAN;
  double sign = fmod(n, 2) == 0 ? -1 : 1;
  return sign * exp(alpa_special_lgamma(n + 1)) * alpa_special_zeta(n + 1, x);
}

/* Bernoulli numbers B_2k over (2k)!. */
static const double bernoulli[] = {1.0 / 12,
                                   -1.0 / 720,
                                   1.0 / 30240,
                                   -1.0 / 1209600,
                                   1.0 / 47900160,
                                   -691.0 / 1307674368000.0,
                                   1.0 / 74724249600.0,
                                   -3617.0 / 10670622842880000.0,
                                   43867.0 / 5109094217170944000.0,
                                   -174611.0 / 802857662698291200000.0};

double alpa_special_zeta(double s, double q) {
  if (isnan(s) || isnan(q) || s < 1)
    return NAN;
  if (s == 1)
    return INFINITY;
  if (q <= 0 && q == floor(q))
    return fmod(s, 2) == 0 ? INFINITY : NAN;
  if (q <= 0 && s != floor(s))
    return NAN;
  double sum = 0, a = q;
  for (int k = 0; k < 12 || a < 12; k++, a++) {
    double term = pow(a, -s);
    sum += term;
    if (a > 0 && fabs(term) < fabs(sum) * 1e-17)
      return sum;
    if (k > 100000)
      return NAN;
  }
  double power = pow(a, -s), rising = s;
  sum += a * power / (s - 1) + power / 2;
  for (size_t k = 0; k < countof(bernoulli); k++) {
    power /= a;
    double term = bernoulli[k] * rising * power;
    sum += term;
    if (fabs(term) < fabs(sum) * 1e-18)
      break;
    power /= a;
    rising *= (s + 2 * (double)k + 1) * (s + 2 * (double)k + 2);
  }
  return sum;
}
