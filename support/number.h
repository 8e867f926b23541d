/* Conversion between the bit patterns of the data-type table and C numbers, and what integers share. */
#ifndef ALPA_SUPPORT_NUMBER_H
#define ALPA_SUPPORT_NUMBER_H

#include "support/status.h"

/* The value of a float of any row of the table; exact. */
double alpa_float_decode(alpa_dtype dtype, uint64_t bits);
/* Rounds to nearest, ties to even; overflow gives infinity where the format has one, else NaN. */
uint64_t alpa_float_encode(alpa_dtype dtype, double value);
/* The greatest value, or the least one: an infinity where the format has one, else the largest number. */
uint64_t alpa_float_extreme(alpa_dtype dtype, bool least);

/* The bits of one element in memory, zero-extended (complex: use the parts), and back. */
uint64_t alpa_element_load(alpa_dtype dtype, const void *at);
void alpa_element_store(alpa_dtype dtype, void *at, uint64_t bits);
/* Integer and boolean elements as int64 (sign-extended when signed, ui64 as its bits). */
int64_t alpa_integer_load(alpa_dtype dtype, const void *at);
/* Wraps to the width of the type. */
void alpa_integer_store(alpa_dtype dtype, void *at, int64_t value);

/* The parts of a complex type: f32 of complex<f32>. */
static inline alpa_dtype alpa_complex_part(alpa_dtype dtype) { return dtype == ALPA_C64 ? ALPA_F32 : ALPA_F64; }

static inline int64_t alpa_greatest_divisor(int64_t a, int64_t b) {
  while (b) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

#endif
