/* Arithmetic in the prime field Z_p, p = 2^61 - 1, as a second meaning of floating-point programs (after Mirage,
 * OSDI'25, "probabilistic equivalence verification"): +, -, x and / are exact, so every order of summation gives the
 * same element, and two programs that agree on random elements are equal as far as they are made of field operations;
 * everything else is a fixed function of its operand elements, keyed so that a test can be repeated with other
 * functions.
 *
 * Since 2^61 = 1 in the field, m * 2^e is m rotated by e: constants map exactly.  Beside the p elements there are -inf,
 * +inf and NaN with the usual rules; the sign of an infinite product is the quadratic character, which is
 * multiplicative and for which -1 is negative (p = 3 mod 4). */
#ifndef ALPA_INTERP_FIELD_H
#define ALPA_INTERP_FIELD_H

#include "support/status.h"

#define ALPA_FIELD_P ((UINT64_C(1) << 61) - 1)

/* Codes above the elements. */
#define ALPA_FIELD_NEGATIVE_INFINITY (UINT64_C(1) << 62)
#define ALPA_FIELD_POSITIVE_INFINITY (ALPA_FIELD_NEGATIVE_INFINITY + 1)
#define ALPA_FIELD_NAN (ALPA_FIELD_NEGATIVE_INFINITY + 2)

static inline bool alpa_field_is_special(uint64_t a) { return a >= ALPA_FIELD_NEGATIVE_INFINITY; }

uint64_t alpa_field_add(uint64_t a, uint64_t b);
uint64_t alpa_field_subtract(uint64_t a, uint64_t b);
uint64_t alpa_field_multiply(uint64_t a, uint64_t b);
uint64_t alpa_field_divide(uint64_t a, uint64_t b); /* 0/0 is NaN, a/0 infinite */
uint64_t alpa_field_negate(uint64_t a);
/* a to a whole power, negative ones included. */
uint64_t alpa_field_power(uint64_t a, int64_t exponent);
__extension__ typedef unsigned __int128 alpa_uint128;
/* The product of elements that are not special. */
static inline uint64_t alpa_field_product(uint64_t a, uint64_t b) {
  alpa_uint128 product = (alpa_uint128)a * b;
  uint64_t sum = ((uint64_t)product & ALPA_FIELD_P) + (uint64_t)(product >> 61);
  return sum >= ALPA_FIELD_P ? sum - ALPA_FIELD_P : sum;
}

/* Exact images of numbers. */
uint64_t alpa_field_from_integer(int64_t value);
uint64_t alpa_field_from_unsigned(uint64_t value);
uint64_t alpa_field_from_double(double value);
/* The representative nearest to 0; of infinities the ends of int64, of NaN 0. */
int64_t alpa_field_to_integer(uint64_t a);
uint64_t alpa_field_abs(uint64_t a);
uint64_t alpa_field_sign(uint64_t a); /* of the symmetric representative, as an element */

/* The place of an element in the keyed order: a bijection, -inf below, +inf above, NaN on top.  Elements that are
 * numbers of at most 30 bits, m * 2^e, as constants and counts are, stand together in their natural order; all others
 * are spread around them by the key, so that about half of what a program computes is on either side of a constant. */
uint64_t alpa_field_order(uint64_t key, uint64_t a);
/* The keyed hash function number `function` of up to three elements, as an element. */
uint64_t alpa_field_hash(uint64_t key, uint64_t function, const uint64_t *operands, size_t n);

/* Rounding to a float format of so many bits of precision (the hidden one included).  An element that is a number of
 * the format, m * 2^e with |m| of that many bits, stays as it is; any other becomes a keyed hash that carries a mark of
 * its format, by which rounding again to the same format leaves it alone: like a real rounding it is idempotent, and
 * keeps 0, 1 and all representable constants. */
uint64_t alpa_field_round(uint64_t key, uint32_t exponent_bits, uint32_t precision, uint64_t a);

#endif
