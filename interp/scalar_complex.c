/* Elementwise functions of complex numbers, in double precision with the C library's functions and their branch cuts.
 */
#include <complex.h>
#include <math.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/scalar.h"

typedef double _Complex number;

/* exp(x + iy) - 1 without cancellation: Re = expm1(x) cos y - 2 sin^2(y/2). */
static number exponential_minus_one(number a) {
  double x = creal(a), y = cimag(a), half = sin(y / 2);
  return alpa_complex_of(expm1(x) * cos(y) - 2 * half * half, y == 0 ? y : exp(x) * sin(y));
}

/* log(1 + x + iy): Re = log1p(x (2 + x) + y^2) / 2 where that does not overflow; the terms may cancel. */
static number log_plus_one(number a) {
  double x = creal(a), y = cimag(a);
  double re = fabs(x) < 1e100 && fabs(y) < 1e100 ? 0.5 * log1p((double)fmal(x, 2 + (long double)x, (long double)y * y)) : log(hypot(1 + x, y));
  return alpa_complex_of(re, atan2(y, 1 + x));
}

static number sign(number a) {
  double modulus = cabs(a);
  if (isnan(modulus))
    return alpa_complex_of(modulus, modulus);
  return a == 0 ? a : alpa_complex_of(creal(a) / modulus, cimag(a) / modulus);
}

static number power(number a, number b) {
  if (b == 0)
    return 1;
  if (a == 0)
    return creal(b) > 0 ? 0 : cpow(a, b);
  if (cimag(a) == 0 && cimag(b) == 0 && (creal(a) >= 0 || creal(b) == trunc(creal(b))))
    return pow(creal(a), creal(b));
  return cpow(a, b);
}

/* Products and quotients by the textbook, as XLA and NumPy compute them; C's operators recover infinities instead. */
static number product(number a, number b) {
  return alpa_complex_of(creal(a) * creal(b) - cimag(a) * cimag(b), creal(a) * cimag(b) + cimag(a) * creal(b));
}

/* By real part, then by imaginary part. */
static bool less(number a, number b) { return creal(a) < creal(b) || (creal(a) == creal(b) && cimag(a) < cimag(b)); }

/* X(op, result type, expression of a and b) */
#define COMPLEX_TABLE(X)                                                                                               \
  X(abs, double, cabs(a))                                                                                              \
  X(cbrt, number, a == 0 ? a : cexp(clog(a) / 3))                                                                      \
  X(cosine, number, ccos(a))                                                                                           \
  X(exponential, number, cexp(a))                                                                                      \
  X(exponential_minus_one, number, exponential_minus_one(a))                                                           \
  X(imag, double, cimag(a))                                                                                            \
  X(log, number, clog(a))                                                                                              \
  X(log_plus_one, number, log_plus_one(a))                                                                             \
  X(logistic, number, 1 / (1 + cexp(-a)))                                                                              \
  X(negate, number, -a)                                                                                                \
  X(real, double, creal(a))                                                                                            \
  X(rsqrt, number, 1 / csqrt(a))                                                                                       \
  X(sign, number, sign(a))                                                                                             \
  X(sine, number, csin(a))                                                                                             \
  X(sqrt, number, csqrt(a))                                                                                            \
  X(tan, number, ctan(a))                                                                                              \
  X(tanh, number, ctanh(a))                                                                                            \
  X(add, number, a + b)                                                                                                \
  X(atan2, number, -I *clog((b + I * a) / csqrt(a * a + b * b)))                                                       \
  X(divide, number, a / b)                                                                                             \
  X(multiply, number, product(a, b))                                                                                   \
  X(maximum, number, less(a, b) ? b : a)                                                                               \
  X(minimum, number, less(b, a) ? b : a)                                                                               \
  X(power, number, power(a, b))                                                                                        \
  X(subtract, number, a - b)                                                                                           \
  X(compare, uint64_t, alpa_scalar_compare(s->direction, false, a == b, a != a || b != b))

#define X(id, result, expression)                                                                                      \
  static void complex_##id(const alpa_scalar *s, size_t n, const void *const in[], void *out) {                        \
    const number *as = in[0], *bs = in[1];                                                                             \
    result *to = out;                                                                                                  \
    (void)s;                                                                                                           \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      number a = as[i], b = bs[i];                                                                                     \
      (void)b;                                                                                                         \
      to[i] = expression;                                                                                              \
    }                                                                                                                  \
  }
COMPLEX_TABLE(X)
#undef X

alpa_scalar_fn *alpa_scalar_find_complex(const alpa_op_def *def) {
  static alpa_scalar_fn *const rows[STABLEHLO_OP_COUNT] = {
#define X(id, result, expression) [STABLEHLO_##id] = complex_##id,
      COMPLEX_TABLE(X)
#undef X
  };
  return def->dialect == &alpa_stablehlo_dialect ? rows[def->id] : NULL;
}
