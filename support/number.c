/* Float formats by description: exponent and mantissa width, bias, and what the extreme patterns mean.  The formats
 * are those of ml_dtypes and of the OCP 8-bit and microscaling specifications. */
#include "support/number.h"

#include <math.h>
#include <string.h>

typedef enum special_values {
  IEEE,       /* largest exponent: infinity and NaN */
  NAN_ONES,   /* FN: no infinity, all ones is NaN */
  NAN_MINUS0, /* FNUZ: no infinity, the pattern of -0 is NaN */
  FINITE,     /* FN of 4 and 6 bits: neither */
  SCALE       /* E8M0FNU: exponent alone, no sign, no zero, all ones is NaN */
} special_values;

typedef struct float_format {
  int exponent_bits, mantissa_bits, bias;
  special_values special;
} float_format;

static const float_format formats[ALPA_DTYPE_COUNT] = {
    [ALPA_F4E2M1FN] = {2, 1, 1, FINITE},   [ALPA_F6E2M3FN] = {2, 3, 1, FINITE},
    [ALPA_F6E3M2FN] = {3, 2, 3, FINITE},   [ALPA_F8E3M4] = {3, 4, 3, IEEE},
    [ALPA_F8E4M3] = {4, 3, 7, IEEE},       [ALPA_F8E4M3B11FNUZ] = {4, 3, 11, NAN_MINUS0},
    [ALPA_F8E4M3FN] = {4, 3, 7, NAN_ONES}, [ALPA_F8E4M3FNUZ] = {4, 3, 8, NAN_MINUS0},
    [ALPA_F8E5M2] = {5, 2, 15, IEEE},      [ALPA_F8E5M2FNUZ] = {5, 2, 16, NAN_MINUS0},
    [ALPA_F8E8M0FNU] = {8, 0, 127, SCALE}, [ALPA_BF16] = {8, 7, 127, IEEE},
    [ALPA_F16] = {5, 10, 15, IEEE},        [ALPA_F32] = {8, 23, 127, IEEE},
    [ALPA_F64] = {11, 52, 1023, IEEE},
};

static double decode(const float_format *format, uint64_t bits) {
  uint64_t mantissa = bits & (((uint64_t)1 << format->mantissa_bits) - 1);
  int exponent = (int)(bits >> format->mantissa_bits) & ((1 << format->exponent_bits) - 1);
  bool negative = (bits >> (format->mantissa_bits + format->exponent_bits)) & 1;
  int top = (1 << format->exponent_bits) - 1;
  uint64_t ones = ((uint64_t)1 << format->mantissa_bits) - 1;
  if (format->special == SCALE)
    return exponent == top ? (double)NAN : ldexp(1.0, exponent - format->bias);
  if (format->special == IEEE && exponent == top)
    return mantissa ? (double)NAN : negative ? -(double)INFINITY : (double)INFINITY;
  if (format->special == NAN_ONES && exponent == top && mantissa == ones)
    return (double)NAN;
  if (format->special == NAN_MINUS0 && negative && exponent == 0 && mantissa == 0)
    return (double)NAN;
  double value = exponent ? ldexp((double)(mantissa | (ones + 1)), exponent - format->bias - format->mantissa_bits)
                          : ldexp((double)mantissa, 1 - format->bias - format->mantissa_bits);
  return negative ? -value : value;
}

double alpa_float_decode(alpa_dtype dtype, uint64_t bits) {
  if (dtype == ALPA_F64) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
  }
  if (dtype == ALPA_F32) {
    uint32_t narrow = (uint32_t)bits;
    float value;
    memcpy(&value, &narrow, sizeof value);
    return (double)value;
  }
  return decode(&formats[dtype], bits);
}

static uint64_t sign_bit(const float_format *format) {
  return format->special == SCALE ? 0 : (uint64_t)1 << (format->exponent_bits + format->mantissa_bits);
}

static uint64_t encode_nan(const float_format *format) {
  uint64_t all = ((uint64_t)1 << (format->exponent_bits + format->mantissa_bits)) - 1;
  switch (format->special) {
  case IEEE:
    return (all >> format->mantissa_bits << format->mantissa_bits) | (uint64_t)1 << (format->mantissa_bits - 1);
  case NAN_ONES:
  case SCALE:
    return all;
  case NAN_MINUS0:
  case FINITE:
    return sign_bit(format);
  }
  return 0;
}

/* The largest finite pattern without its sign. */
static uint64_t largest(const float_format *format) {
  uint64_t all = ((uint64_t)1 << (format->exponent_bits + format->mantissa_bits)) - 1;
  switch (format->special) {
  case IEEE:
    return (all >> format->mantissa_bits << format->mantissa_bits) - 1;
  case NAN_ONES:
  case SCALE:
    return all - 1;
  case NAN_MINUS0:
  case FINITE:
    return all;
  }
  return all;
}

static uint64_t encode_overflow(const float_format *format) {
  switch (format->special) {
  case IEEE:
    return largest(format) + 1;
  case FINITE:
    return largest(format);
  case NAN_ONES:
  case NAN_MINUS0:
  case SCALE:
    return encode_nan(format);
  }
  return 0;
}

/* |value| in units of the last place of its binade (subnormals included), rounded to even; consecutive patterns are
 * consecutive numbers, so a carry into the exponent needs no care. */
static uint64_t encode_magnitude(const float_format *format, double magnitude) {
  int exponent;
  frexp(magnitude, &exponent); /* magnitude = f * 2^exponent, f in [0.5, 1) */
  int biased = exponent - 1 + format->bias;
  if (biased < 1)
    biased = format->special == SCALE && biased < 0 ? 0 : 1;
  double units = nearbyint(ldexp(magnitude, format->mantissa_bits + format->bias - biased));
  uint64_t hidden = (uint64_t)1 << format->mantissa_bits;
  if (format->special == SCALE)
    return (uint64_t)(biased + (units >= 2) - (units < 1 && biased > 0));
  return (uint64_t)units + (uint64_t)(biased - 1) * hidden;
}

uint64_t alpa_float_encode(alpa_dtype dtype, double value) {
  uint64_t bits = 0;
  if (dtype == ALPA_F64) {
    memcpy(&bits, &value, sizeof value);
    return bits;
  }
  if (dtype == ALPA_F32) {
    float narrow = (float)value;
    memcpy(&bits, &narrow, sizeof narrow);
    return bits;
  }
  const float_format *format = &formats[dtype];
  if (isnan(value) || (format->special == SCALE && value <= 0))
    return encode_nan(format) | (format->special == IEEE && signbit(value) ? sign_bit(format) : 0);
  uint64_t sign = signbit(value) ? sign_bit(format) : 0;
  if (value == 0)
    return format->special == NAN_MINUS0 ? 0 : sign;
  if (isinf(value))
    return encode_overflow(format) | (format->special == IEEE || format->special == FINITE ? sign : 0);
  bits = encode_magnitude(format, fabs(value));
  if (bits > largest(format))
    return encode_overflow(format) | (format->special == IEEE || format->special == FINITE ? sign : 0);
  return format->special == NAN_MINUS0 && bits == 0 ? 0 : bits | sign;
}

uint64_t alpa_float_extreme(alpa_dtype dtype, bool least) {
  const float_format *format = &formats[dtype];
  if (format->special == IEEE)
    return alpa_float_encode(dtype, least ? -INFINITY : INFINITY);
  if (format->special == SCALE && least)
    return 0;
  return largest(format) | (least ? sign_bit(format) : 0);
}

uint64_t alpa_element_load(alpa_dtype dtype, const void *at) {
  uint64_t bits = 0;
  size_t bytes = alpa_dtype_get_info(dtype)->bytes;
  memcpy(&bits, at, bytes < sizeof bits ? bytes : sizeof bits);
  return bits;
}

void alpa_element_store(alpa_dtype dtype, void *at, uint64_t bits) {
  size_t bytes = alpa_dtype_get_info(dtype)->bytes;
  memcpy(at, &bits, bytes < sizeof bits ? bytes : sizeof bits);
}

int64_t alpa_integer_load(alpa_dtype dtype, const void *at) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  uint64_t bits = alpa_element_load(dtype, at);
  if (info->bits >= 64)
    return (int64_t)bits;
  uint64_t mask = ((uint64_t)1 << info->bits) - 1, top = (uint64_t)1 << (info->bits - 1);
  bits &= mask;
  return info->class_ == ALPA_CLASS_INT ? (int64_t)((bits ^ top) - top) : (int64_t)bits;
}

void alpa_integer_store(alpa_dtype dtype, void *at, int64_t value) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  uint64_t bits = (uint64_t)value;
  if (info->bits < 64)
    bits &= ((uint64_t)1 << info->bits) - 1;
  if (info->class_ == ALPA_CLASS_INT && info->bits < 8) /* sub-byte integers are kept sign-extended in their byte */
    bits = (uint64_t)alpa_integer_load(dtype, &bits);
  alpa_element_store(dtype, at, bits);
}
