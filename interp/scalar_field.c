/* Elementwise functions in field arithmetic.  What the field knows is exact; every other op is a keyed hash of its
 * operands, with the values at -inf, 0, 1 and +inf that the real function has there, since masks rely on them. */
#include "dialects/stablehlo/stablehlo.h"
#include "interp/field.h"
#include "interp/scalar.h"

enum { NEGATIVE_ONE = -1 }; /* in the table below: the element p - 1 */

/* The number of an op's hash function: what tells it from others. */
static uint64_t function_of(const alpa_op_def *def) {
  return ((uint64_t)(def->dialect ? def->dialect->id : 0) << 32) + def->id + 1;
}

static bool less(const alpa_scalar *s, uint64_t a, uint64_t b) {
  return alpa_field_order(s->key, a) < alpa_field_order(s->key, b);
}

static uint64_t larger(const alpa_scalar *s, uint64_t a, uint64_t b) { return less(s, a, b) ? b : a; }

static uint64_t smaller(const alpa_scalar *s, uint64_t a, uint64_t b) {
  return a == ALPA_FIELD_NAN || (b != ALPA_FIELD_NAN && less(s, a, b)) ? a : b;
}

static bool compare(const alpa_scalar *s, uint64_t a, uint64_t b) {
  bool unordered = !s->total_order && (a == ALPA_FIELD_NAN || b == ALPA_FIELD_NAN);
  return alpa_scalar_compare(s->direction, less(s, a, b), a == b, unordered);
}

/* Whole numbers are their own floor; the representative tells them from hashes well enough. */
static uint64_t whole(const alpa_scalar *s, uint64_t a) {
  int64_t value = alpa_field_to_integer(a);
  bool small = value > -(INT64_C(1) << 24) && value < INT64_C(1) << 24;
  return small || alpa_field_is_special(a) ? a : alpa_field_hash(s->key, function_of(s->def), &a, 1);
}

enum { LARGEST_POWER = 64 };

static uint64_t power(const alpa_scalar *s, uint64_t a, uint64_t b) {
  int64_t exponent = alpa_field_to_integer(b);
  if (!alpa_field_is_special(b) && exponent >= -LARGEST_POWER && exponent <= LARGEST_POWER)
    return alpa_field_power(a, exponent);
  uint64_t operands[2] = {a, b};
  return alpa_field_hash(s->key, function_of(s->def), operands, 2);
}

/* X(op, result type, expression of a, b, c and s) */
#define FIELD_TABLE(X)                                                                                                 \
  X(abs, uint64_t, alpa_field_abs(a))                                                                                  \
  X(ceil, uint64_t, whole(s, a))                                                                                       \
  X(floor, uint64_t, whole(s, a))                                                                                      \
  X(round_nearest_afz, uint64_t, whole(s, a))                                                                          \
  X(round_nearest_even, uint64_t, whole(s, a))                                                                         \
  X(imag, uint64_t, 0)                                                                                                 \
  X(is_finite, uint64_t, !alpa_field_is_special(a))                                                                    \
  X(negate, uint64_t, alpa_field_negate(a))                                                                            \
  X(real, uint64_t, a)                                                                                                 \
  X(sign, uint64_t, alpa_field_sign(a))                                                                                \
  X(add, uint64_t, alpa_field_add(a, b))                                                                               \
  X(maximum, uint64_t, larger(s, a, b))                                                                                \
  X(minimum, uint64_t, smaller(s, a, b))                                                                               \
  X(multiply, uint64_t, alpa_field_multiply(a, b))                                                                     \
  X(power, uint64_t, power(s, a, b))                                                                                   \
  X(subtract, uint64_t, alpa_field_subtract(a, b))                                                                     \
  X(compare, uint64_t, compare(s, a, b))                                                                               \
  X(clamp, uint64_t, smaller(s, larger(s, a, b), c))

/* Values of hashed functions at the points where real programs rely on them.
 * X(op, at -inf, at 0, at 1, at +inf); HASH where there is none */
#define HASH 2
#define INF 3
#define POINT_TABLE(X)                                                                                                 \
  X(exponential, 0, 1, HASH, INF)                                                                                      \
  X(exponential_minus_one, NEGATIVE_ONE, 0, HASH, INF)                                                                 \
  X(logistic, 0, HASH, HASH, 1)                                                                                        \
  X(tanh, NEGATIVE_ONE, 0, HASH, 1)                                                                                    \
  X(log, HASH, HASH, 0, INF)                                                                                           \
  X(log_plus_one, HASH, 0, HASH, INF)                                                                                  \
  X(sqrt, HASH, 0, 1, INF)                                                                                             \
  X(rsqrt, HASH, HASH, 1, 0)                                                                                           \
  X(cbrt, HASH, 0, 1, INF)                                                                                             \
  X(sine, HASH, 0, HASH, HASH)                                                                                         \
  X(cosine, HASH, 1, HASH, HASH)                                                                                       \
  X(tan, HASH, 0, HASH, HASH)

typedef struct points {
  bool used;
  int8_t at[4]; /* -inf, 0, 1, +inf */
} points;

static const points special_points[STABLEHLO_OP_COUNT] = {
#define X(id, low, zero, one, high) [STABLEHLO_##id] = {true, {low, zero, one, high}},
    POINT_TABLE(X)
#undef X
};

static uint64_t value_at(const alpa_scalar *s, const points *known, uint64_t a) {
  int index = a == ALPA_FIELD_NEGATIVE_INFINITY   ? 0
              : a == 0                            ? 1
              : a == 1                            ? 2
              : a == ALPA_FIELD_POSITIVE_INFINITY ? 3
                                                  : -1;
  if (index < 0 || known->at[index] == HASH)
    return alpa_field_hash(s->key, function_of(s->def), &a, 1);
  if (known->at[index] == INF)
    return ALPA_FIELD_POSITIVE_INFINITY;
  return alpa_field_from_integer(known->at[index]);
}

#define X(id, result, expression)                                                                                      \
  static void field_##id(const alpa_scalar *s, size_t n, const void *const in[], void *out) {                          \
    const uint64_t *as = in[0], *bs = in[1], *cs = in[2];                                                              \
    result *to = out;                                                                                                  \
    (void)s;                                                                                                           \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      uint64_t a = as[i], b = bs[i], c = cs[i];                                                                        \
      (void)a, (void)b, (void)c;                                                                                       \
      to[i] = expression;                                                                                              \
    }                                                                                                                  \
  }
FIELD_TABLE(X)
#undef X

static void field_points(const alpa_scalar *s, size_t n, const void *const in[], void *out) {
  for (size_t i = 0; i < n; i++)
    ((uint64_t *)out)[i] = value_at(s, &special_points[s->def->id], ((const uint64_t *)in[0])[i]);
}

/* Any other function: a hash of its operands. */
void alpa_scalar_field_hash(const alpa_scalar *s, size_t n, const void *const in[], void *out) {
  uint32_t arity = s->arity;
  for (size_t i = 0; i < n; i++) {
    uint64_t operands[3] = {0};
    for (uint32_t k = 0; k < arity && k < 3; k++)
      operands[k] = ((const uint64_t *)in[k])[i];
    ((uint64_t *)out)[i] = alpa_field_hash(s->key, function_of(s->def), operands, arity);
  }
}

enum { BATCH = 64 };

/* Quotients by Montgomery's trick: one inversion for a batch of divisors. */
static void divide_batch(size_t n, const uint64_t *a, const uint64_t *b, uint64_t *out) {
  uint64_t products[BATCH], product = 1;
  for (size_t i = 0; i < n; i++) {
    products[i] = product; /* of the ordinary divisors before i */
    product = b[i] == 0 || alpa_field_is_special(b[i]) ? product : alpa_field_product(product, b[i]);
  }
  uint64_t inverse = alpa_field_divide(1, product);
  for (size_t i = n; i-- > 0;) {
    bool ordinary = b[i] != 0 && !alpa_field_is_special(b[i]);
    out[i] =
        ordinary ? alpa_field_multiply(a[i], alpa_field_product(inverse, products[i])) : alpa_field_divide(a[i], b[i]);
    inverse = ordinary ? alpa_field_product(inverse, b[i]) : inverse;
  }
}

static void field_divide(const alpa_scalar *s, size_t n, const void *const in[], void *out) {
  (void)s;
  for (size_t first = 0; first < n; first += BATCH)
    divide_batch(n - first < BATCH ? n - first : BATCH, (const uint64_t *)in[0] + first,
                 (const uint64_t *)in[1] + first, (uint64_t *)out + first);
}

static void field_complex(const alpa_scalar *s, size_t n, const void *const in[], void *out) {
  (void)s;
  for (size_t i = 0; i < n; i++)
    ((alpa_field_complex *)out)[i] = (alpa_field_complex){((const uint64_t *)in[0])[i], ((const uint64_t *)in[1])[i]};
}

static alpa_scalar_fn *const field_rows[STABLEHLO_OP_COUNT] = {
#define X(id, result, expression) [STABLEHLO_##id] = field_##id,
    FIELD_TABLE(X)
#undef X
        [STABLEHLO_divide] = field_divide,
    [STABLEHLO_complex] = field_complex,
};

alpa_scalar_fn *alpa_scalar_find_field(const alpa_op_def *def) {
  if (def->dialect != &alpa_stablehlo_dialect)
    return alpa_scalar_field_hash;
  if (field_rows[def->id])
    return field_rows[def->id];
  return special_points[def->id].used ? field_points : alpa_scalar_field_hash;
}

bool alpa_scalar_is_exact(const alpa_op_def *def) {
  static const bool exact[STABLEHLO_OP_COUNT] = {
      [STABLEHLO_add] = true,     [STABLEHLO_subtract] = true, [STABLEHLO_multiply] = true, [STABLEHLO_divide] = true,
      [STABLEHLO_negate] = true,  [STABLEHLO_real] = true,     [STABLEHLO_imag] = true,     [STABLEHLO_complex] = true,
      [STABLEHLO_convert] = true, [STABLEHLO_select] = true,
  };
  return def->dialect == &alpa_stablehlo_dialect && exact[def->id];
}

/* ---- complex numbers: pairs of elements ------------------------------------------------------------------------- */

typedef alpa_field_complex pair;

static pair pair_add(pair a, pair b) { return (pair){alpa_field_add(a.re, b.re), alpa_field_add(a.im, b.im)}; }
static pair pair_negate(pair a) { return (pair){alpa_field_negate(a.re), alpa_field_negate(a.im)}; }

static pair pair_multiply(pair a, pair b) {
  return (pair){alpa_field_subtract(alpa_field_multiply(a.re, b.re), alpa_field_multiply(a.im, b.im)),
                alpa_field_add(alpa_field_multiply(a.re, b.im), alpa_field_multiply(a.im, b.re))};
}

static uint64_t pair_norm(pair a) {
  return alpa_field_add(alpa_field_multiply(a.re, a.re), alpa_field_multiply(a.im, a.im));
}

static pair pair_divide(pair a, pair b) {
  pair numerator = pair_multiply(a, (pair){b.re, alpa_field_negate(b.im)});
  uint64_t norm = pair_norm(b);
  return (pair){alpa_field_divide(numerator.re, norm), alpa_field_divide(numerator.im, norm)};
}

/* By real part, then by imaginary part, in the keyed order. */
static bool pair_less(const alpa_scalar *s, pair a, pair b) {
  return less(s, a.re, b.re) || (a.re == b.re && less(s, a.im, b.im));
}

static uint64_t pair_abs(const alpa_scalar *s, pair a) {
  uint64_t norm = pair_norm(a);
  return norm == 0 ? 0 : alpa_field_hash(s->key, function_of(s->def), &norm, 1);
}

/* X(op, result type, expression of a, b and s) */
#define PAIR_TABLE(X)                                                                                                  \
  X(abs, uint64_t, pair_abs(s, a))                                                                                     \
  X(imag, uint64_t, a.im)                                                                                              \
  X(negate, pair, pair_negate(a))                                                                                      \
  X(real, uint64_t, a.re)                                                                                              \
  X(add, pair, pair_add(a, b))                                                                                         \
  X(divide, pair, pair_divide(a, b))                                                                                   \
  X(maximum, pair, pair_less(s, a, b) ? b : a)                                                                         \
  X(minimum, pair, pair_less(s, b, a) ? b : a)                                                                         \
  X(multiply, pair, pair_multiply(a, b))                                                                               \
  X(subtract, pair, pair_add(a, pair_negate(b)))                                                                       \
  X(compare, uint64_t, alpa_scalar_compare(s->direction, false, a.re == b.re && a.im == b.im, false))

#define X(id, result, expression)                                                                                      \
  static void complex_##id(const alpa_scalar *s, size_t n, const void *const in[], void *out) {                        \
    const pair *as = in[0], *bs = in[1];                                                                               \
    result *to = out;                                                                                                  \
    (void)s;                                                                                                           \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      pair a = as[i], b = bs[i];                                                                                       \
      (void)b;                                                                                                         \
      to[i] = expression;                                                                                              \
    }                                                                                                                  \
  }
PAIR_TABLE(X)
#undef X

void alpa_scalar_pair_hash(const alpa_scalar *s, size_t n, const void *const in[], void *out) {
  for (size_t i = 0; i < n; i++) {
    pair a = ((const pair *)in[0])[i], b = ((const pair *)in[1])[i];
    uint64_t operands[4] = {a.re, a.im, b.re, b.im};
    size_t used = s->arity > 1 ? 4 : 2;
    uint64_t function = function_of(s->def);
    ((pair *)out)[i] = (pair){alpa_field_hash(s->key, function, operands, used),
                              alpa_field_hash(s->key, function + (UINT64_C(1) << 63), operands, used)};
  }
}

alpa_scalar_fn *alpa_scalar_find_field_complex(const alpa_op_def *def) {
  static alpa_scalar_fn *const rows[STABLEHLO_OP_COUNT] = {
#define X(id, result, expression) [STABLEHLO_##id] = complex_##id,
      PAIR_TABLE(X)
#undef X
  };
  alpa_scalar_fn *row = def->dialect == &alpa_stablehlo_dialect ? rows[def->id] : NULL;
  return row ? row : alpa_scalar_pair_hash;
}
