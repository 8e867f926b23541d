/* Elementwise functions of the chlo dialect, for every kind of number. */
#include <complex.h>
#include <math.h>

#include "dialects/chlo/chlo.h"
#include "interp/field.h"
#include "interp/scalar.h"
#include "interp/special.h"
#include "support/number.h"

typedef double _Complex number;
typedef alpa_field_complex pair;

/* ---- pieces ----------------------------------------------------------------------------------------------------- */

/* The neighbour of a in its own format, towards b: patterns of one sign are ordered like the numbers. */
static double next_after(const alpa_scalar *s, double a, double b) {
  if (isnan(a) || isnan(b))
    return NAN;
  if (a == b)
    return b;
  if (s->dtype == ALPA_F64)
    return nextafter(a, b);
  if (a == 0)
    return copysign(alpa_float_decode(s->dtype, 1), b);
  uint64_t bits = alpa_float_encode(s->dtype, a);
  bool outward = (b > a) == (a > 0);
  return alpa_float_decode(s->dtype, outward ? bits + 1 : bits - 1);
}

static int64_t high_half(int64_t a, int64_t b, uint32_t bits) {
  __extension__ typedef __int128 int128;
  return (int64_t)((int128)a * b >> bits);
}

static uint64_t unsigned_high_half(uint64_t a, uint64_t b, uint32_t bits) {
  return (uint64_t)((alpa_uint128)a * b >> bits);
}

static pair square_of(pair a) {
  uint64_t cross = alpa_field_multiply(a.re, a.im);
  return (pair){alpa_field_subtract(alpa_field_multiply(a.re, a.re), alpa_field_multiply(a.im, a.im)),
                alpa_field_add(cross, cross)};
}

/* ---- tables: X(op, result type, expression of a, b and s) ------------------------------------------------------- */

#define INT_TABLE(X)                                                                                                   \
  X(square, int64_t, (int64_t)((uint64_t)a * (uint64_t)a))                                                             \
  X(mulhi, int64_t, high_half(a, b, s->bits))

#define UINT_TABLE(X)                                                                                                  \
  X(square, uint64_t, a *a)                                                                                            \
  X(mulhi, uint64_t, unsigned_high_half(a, b, s->bits))

#define FLOAT_TABLE(X)                                                                                                 \
  X(acos, double, acos(a))                                                                                             \
  X(acosh, double, acosh(a))                                                                                           \
  X(asin, double, asin(a))                                                                                             \
  X(asinh, double, asinh(a))                                                                                           \
  X(atan, double, atan(a))                                                                                             \
  X(atanh, double, atanh(a))                                                                                           \
  X(bessel_i1e, double, alpa_special_bessel_i1e(a))                                                                    \
  X(conj, double, a)                                                                                                   \
  X(cosh, double, cosh(a))                                                                                             \
  X(digamma, double, alpa_special_digamma(a))                                                                          \
  X(erf, double, erf(a))                                                                                               \
  X(erf_inv, double, alpa_special_erf_inv(a))                                                                          \
  X(erfc, double, erfc(a))                                                                                             \
  X(lgamma, double, alpa_special_lgamma(a))                                                                            \
  X(sinh, double, sinh(a))                                                                                             \
  X(square, double, a *a)                                                                                              \
  X(tan, double, tan(a))                                                                                               \
  X(is_inf, uint64_t, (bool)isinf(a))                                                                                  \
  X(is_neg_inf, uint64_t, isinf(a) && a < 0)                                                                           \
  X(is_pos_inf, uint64_t, isinf(a) && a > 0)                                                                           \
  X(next_after, double, next_after(s, a, b))                                                                           \
  X(polygamma, double, alpa_special_polygamma(a, b))                                                                   \
  X(zeta, double, alpa_special_zeta(a, b))

#define COMPLEX_TABLE(X)                                                                                               \
  X(acos, number, cacos(a))                                                                                            \
  X(acosh, number, cacosh(a))                                                                                          \
  X(asin, number, casin(a))                                                                                            \
  X(asinh, number, casinh(a))                                                                                          \
  X(atan, number, catan(a))                                                                                            \
  X(atanh, number, catanh(a))                                                                                          \
  X(conj, number, conj(a))                                                                                             \
  X(cosh, number, ccosh(a))                                                                                            \
  X(sinh, number, csinh(a))                                                                                            \
  X(square, number, alpa_complex_of((creal(a) - cimag(a)) * (creal(a) + cimag(a)), 2 * creal(a) * cimag(a)))           \
  X(tan, number, ctan(a))

/* What is not here is a keyed hash. */
#define FIELD_TABLE(X)                                                                                                 \
  X(conj, uint64_t, a)                                                                                                 \
  X(square, uint64_t, alpa_field_multiply(a, a))                                                                       \
  X(is_inf, uint64_t, alpa_field_is_special(a) && a != ALPA_FIELD_NAN)                                                 \
  X(is_neg_inf, uint64_t, a == ALPA_FIELD_NEGATIVE_INFINITY)                                                           \
  X(is_pos_inf, uint64_t, a == ALPA_FIELD_POSITIVE_INFINITY)

#define PAIR_TABLE(X)                                                                                                  \
  X(conj, pair, ((pair){a.re, alpa_field_negate(a.im)}))                                                               \
  X(square, pair, square_of(a))

/* One loop per row. */
#define LOOP(prefix, type, id, result, expression)                                                                     \
  static void prefix##_##id(const alpa_scalar *s, size_t n, const void *const in[], void *out) {                       \
    const type *as = in[0], *bs = in[1];                                                                               \
    result *to = out;                                                                                                  \
    (void)s;                                                                                                           \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      type a = as[i], b = bs[i];                                                                                       \
      (void)b;                                                                                                         \
      to[i] = expression;                                                                                              \
    }                                                                                                                  \
  }
#define X(id, result, expression) LOOP(int, int64_t, id, result, expression)
INT_TABLE(X)
#undef X
#define X(id, result, expression) LOOP(uint, uint64_t, id, result, expression)
UINT_TABLE(X)
#undef X
#define X(id, result, expression) LOOP(float, double, id, result, expression)
FLOAT_TABLE(X)
#undef X
#define X(id, result, expression) LOOP(complex, number, id, result, expression)
COMPLEX_TABLE(X)
#undef X
#define X(id, result, expression) LOOP(field, uint64_t, id, result, expression)
FIELD_TABLE(X)
#undef X
#define X(id, result, expression) LOOP(pair, pair, id, result, expression)
PAIR_TABLE(X)
#undef X

alpa_scalar_fn *alpa_scalar_find_chlo(uint32_t id, alpa_number_kind kind) {
  static alpa_scalar_fn *const rows[ALPA_NUMBER_KINDS][CHLO_OP_COUNT] = {
#define X(id, result, expression) [CHLO_##id] = int_##id,
      [ALPA_NUMBER_INT] = {INT_TABLE(X)},
#undef X
#define X(id, result, expression) [CHLO_##id] = uint_##id,
      [ALPA_NUMBER_UINT] = {UINT_TABLE(X)},
#undef X
#define X(id, result, expression) [CHLO_##id] = float_##id,
      [ALPA_NUMBER_FLOAT] = {FLOAT_TABLE(X)},
#undef X
#define X(id, result, expression) [CHLO_##id] = complex_##id,
      [ALPA_NUMBER_COMPLEX] = {COMPLEX_TABLE(X)},
#undef X
#define X(id, result, expression) [CHLO_##id] = field_##id,
      [ALPA_NUMBER_FIELD] = {FIELD_TABLE(X)},
#undef X
#define X(id, result, expression) [CHLO_##id] = pair_##id,
      [ALPA_NUMBER_FIELD_COMPLEX] = {PAIR_TABLE(X)},
#undef X
  };
  alpa_scalar_fn *row = rows[kind][id];
  if (row)
    return row;
  return kind == ALPA_NUMBER_FIELD           ? alpa_scalar_field_hash
         : kind == ALPA_NUMBER_FIELD_COMPLEX ? alpa_scalar_pair_hash
                                             : NULL;
}
