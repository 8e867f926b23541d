/* The field Z_p with p = 2^61 - 1 and its keyed functions; interp/field.h says what they mean. */
#include "interp/field.h"

#include <math.h>

enum { BITS = 61, ORDER_NEGATIVE_INFINITY = 0 };

static const uint64_t p = ALPA_FIELD_P;

/* a + b for elements below p. */
static uint64_t sum(uint64_t a, uint64_t b) {
  uint64_t s = a + b;
  return s >= p ? s - p : s;
}

static uint64_t opposite(uint64_t a) { return a ? p - a : 0; }

static uint64_t raise(uint64_t a, uint64_t exponent) {
  uint64_t result = 1;
  for (; exponent; exponent >>= 1) {
    if (exponent & 1)
      result = alpa_field_product(result, a);
    a = alpa_field_product(a, a);
  }
  return result;
}

/* +1 or -1; 0 for 0 and NaN. */
static int character(uint64_t a) {
  if (a == ALPA_FIELD_POSITIVE_INFINITY)
    return 1;
  if (a == ALPA_FIELD_NEGATIVE_INFINITY)
    return -1;
  if (a == 0 || a == ALPA_FIELD_NAN)
    return 0;
  return raise(a, (p - 1) / 2) == 1 ? 1 : -1;
}

static uint64_t infinity(int sign) {
  return sign > 0 ? ALPA_FIELD_POSITIVE_INFINITY : sign < 0 ? ALPA_FIELD_NEGATIVE_INFINITY : ALPA_FIELD_NAN;
}

uint64_t alpa_field_negate(uint64_t a) {
  if (a == ALPA_FIELD_NAN)
    return a;
  return alpa_field_is_special(a) ? infinity(-character(a)) : opposite(a);
}

uint64_t alpa_field_add(uint64_t a, uint64_t b) {
  if (!alpa_field_is_special(a | b))
    return sum(a, b);
  if (!alpa_field_is_special(a))
    return b;
  return !alpa_field_is_special(b) || a == b ? a : ALPA_FIELD_NAN;
}

uint64_t alpa_field_subtract(uint64_t a, uint64_t b) { return alpa_field_add(a, alpa_field_negate(b)); }

uint64_t alpa_field_multiply(uint64_t a, uint64_t b) {
  if (!alpa_field_is_special(a | b))
    return alpa_field_product(a, b);
  return infinity(character(a) * character(b));
}

uint64_t alpa_field_divide(uint64_t a, uint64_t b) {
  if (a == ALPA_FIELD_NAN || b == ALPA_FIELD_NAN || (alpa_field_is_special(a) && alpa_field_is_special(b)))
    return ALPA_FIELD_NAN;
  if (alpa_field_is_special(b))
    return 0;
  if (b == 0)
    return infinity(character(a));
  return alpa_field_multiply(a, raise(b, p - 2));
}

uint64_t alpa_field_power(uint64_t a, int64_t exponent) {
  if (exponent < 0)
    return alpa_field_divide(1, alpa_field_power(a, -exponent));
  if (!alpa_field_is_special(a))
    return raise(a, (uint64_t)exponent);
  if (exponent == 0)
    return 1;
  return exponent & 1 ? a : alpa_field_multiply(a, a);
}

uint64_t alpa_field_from_unsigned(uint64_t value) { return value % p; }

uint64_t alpa_field_from_integer(int64_t value) {
  return value >= 0 ? (uint64_t)value % p : opposite((0 - (uint64_t)value) % p);
}

static uint64_t rotate(uint64_t a, int by) {
  by = ((by % BITS) + BITS) % BITS;
  return by ? ((a << by) | (a >> (BITS - by))) & p : a;
}

uint64_t alpa_field_from_double(double value) {
  if (isnan(value))
    return ALPA_FIELD_NAN;
  if (isinf(value))
    return infinity(value > 0 ? 1 : -1);
  int exponent;
  int64_t mantissa = (int64_t)ldexp(frexp(value, &exponent), 53);
  uint64_t a = rotate((uint64_t)(mantissa < 0 ? -mantissa : mantissa), exponent - 53);
  return mantissa < 0 ? opposite(a) : a;
}

int64_t alpa_field_to_integer(uint64_t a) {
  if (a == ALPA_FIELD_NAN)
    return 0;
  if (alpa_field_is_special(a))
    return a == ALPA_FIELD_POSITIVE_INFINITY ? INT64_MAX : INT64_MIN;
  return a <= p / 2 ? (int64_t)a : -(int64_t)(p - a);
}

uint64_t alpa_field_abs(uint64_t a) {
  if (alpa_field_is_special(a))
    return a == ALPA_FIELD_NAN ? a : ALPA_FIELD_POSITIVE_INFINITY;
  return a <= p / 2 ? a : p - a;
}

uint64_t alpa_field_sign(uint64_t a) {
  if (a == ALPA_FIELD_NAN)
    return a;
  int64_t value = alpa_field_to_integer(a);
  return value > 0 ? 1 : value < 0 ? p - 1 : 0;
}

/* The finaliser of splitmix64: a bijection of 64-bit words. */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return x ^ (x >> 31);
}

/* ---- order ------------------------------------------------------------------------------------------------------ */

/* Numbers of at most so many bits are ordered as numbers. */
enum { NUMBER_BITS = 30, RANK_BITS = NUMBER_BITS + 8 };

/* Some 16 zeros at a fixed place: holds wherever 31 cyclic bits are zero. */
static bool has_gap(uint64_t a) {
  const uint64_t block = 0xFFFF;
  return !(a & block) || !(a & block << 15) || !(a & block << 30) || !(a & block << 45);
}

/* a = m * 2^e with m odd and of few bits: the place of that number among the positive ones; 0 where there is no such m.
 * Since 2^61 = 1, e is known modulo 61 only: the number nearer to 1 in magnitude is meant. */
static int64_t rank_of(uint64_t a) {
  if (!has_gap(a))
    return 0;
  for (int shift = 0; shift < BITS; shift++) {
    uint64_t m = rotate(a, BITS - shift);
    if (m >> NUMBER_BITS || !(m & 1))
      continue;
    int bits = 64 - __builtin_clzll(m), high = shift + bits - 1, low = high - BITS;
    int64_t exponent = high <= -low ? high : low;
    return ((exponent + 64) << NUMBER_BITS | (int64_t)(m << (NUMBER_BITS - bits))) + 1;
  }
  return 0;
}

uint64_t alpa_field_order(uint64_t key, uint64_t a) {
  if (alpa_field_is_special(a))
    return a == ALPA_FIELD_NEGATIVE_INFINITY ? ORDER_NEGATIVE_INFINITY : a;
  uint64_t multiplier = mix(key ^ UINT64_C(0x6F72646572)) | 1, offset = mix(key + UINT64_C(0x9E3779B97F4A7C15));
  uint64_t middle = (UINT64_C(1) << 59) + (mix(offset) & ((UINT64_C(1) << 60) - 1)); /* where 0 is */
  int64_t rank = a ? rank_of(a) - rank_of(p - a) : 0;
  if (rank || !a)
    return middle + (UINT64_C(1) << RANK_BITS) + (uint64_t)rank;
  uint64_t place = ((a * multiplier + offset) & p) + 1;
  return place < middle ? place : place + (UINT64_C(2) << RANK_BITS);
}

/* ---- hashes ----------------------------------------------------------------------------------------------------- */

uint64_t alpa_field_hash(uint64_t key, uint64_t function, const uint64_t *operands, size_t n) {
  uint64_t state = mix(key + mix(function + UINT64_C(0x9E3779B97F4A7C15)));
  for (size_t i = 0; i < n; i++) {
    if (operands[i] == ALPA_FIELD_NAN)
      return ALPA_FIELD_NAN;
    state = mix(state + UINT64_C(0x9E3779B97F4A7C15) * (i + 1) + operands[i]);
  }
  return (state >> 3) % p;
}

/* Whether all ones of a 61-bit cyclic word lie in a window of `width` bits, that is, whether the longest cyclic run of
 * zeros has at least 61 - width bits.  Runs of zeros shrink by k under zeros &= rotate(zeros, k). */
static bool fits_window(uint64_t a, uint32_t width) {
  if (width >= BITS)
    return true;
  uint64_t zeros = ~a & p;
  uint32_t need = (uint32_t)BITS - width; /* find a run of this length */
  uint32_t have = 1;
  while (have < need && zeros) {
    uint32_t step = have < need - have ? have : need - have;
    zeros &= rotate(zeros, (int)step);
    have += step;
  }
  return zeros != 0;
}

enum { MARK_BITS = 20 };

static uint64_t mark(uint64_t key, uint64_t format, uint64_t upper) {
  return mix(key ^ mix(format ^ mix(upper))) & ((1 << MARK_BITS) - 1);
}

uint64_t alpa_field_round(uint64_t key, uint32_t exponent_bits, uint32_t precision, uint64_t a) {
  if (alpa_field_is_special(a) || fits_window(a, precision) || fits_window(p - a, precision))
    return a;
  uint64_t format = 0x726F756E64u + ((uint64_t)exponent_bits << 8 | precision) * UINT64_C(0x100000000);
  if (mark(key, format, a >> MARK_BITS) == (a & ((1 << MARK_BITS) - 1)))
    return a;
  uint64_t upper = alpa_field_hash(key, format, &a, 1) >> MARK_BITS;
  uint64_t rounded = upper << MARK_BITS | mark(key, format, upper);
  return rounded == p ? 0 : rounded;
}
