/* Rounding to formats (IEEE 754, OFP8), exact for every mode: the value is scaled so that its last kept bit is 1, and
 * rounded to a whole number, which is exact in double precision. */
#include "float.h"

#include <fenv.h>

const emu_format emu_format_f16 = {10, 5, true}, emu_format_bf16 = {7, 8, true}, emu_format_tf32 = {10, 8, true},
                 emu_format_e4m3 = {3, 4, false}, emu_format_e5m2 = {2, 5, true};

const emu_format *emu_format_of(emu_type type) {
  return type == EMU_F16 || type == EMU_F16X2     ? &emu_format_f16
         : type == EMU_BF16 || type == EMU_BF16X2 ? &emu_format_bf16
         : type == EMU_E4M3 || type == EMU_E4M3X2 ? &emu_format_e4m3
         : type == EMU_E5M2 || type == EMU_E5M2X2 ? &emu_format_e5m2
                                                  : &emu_format_tf32;
}

static double round_whole(double value, emu_rounding rounding) {
  switch (rounding) {
  case EMU_RN:
    return nearbyint(value);
  case EMU_RZ:
    return trunc(value);
  case EMU_RM:
    return floor(value);
  case EMU_RP:
    return ceil(value);
  case EMU_RNA:
    return round(value);
  }
  return value;
}

static uint32_t finish(const emu_format *format, uint32_t magnitude, bool negative) {
  uint32_t bits = magnitude | (uint32_t)negative << (format->mantissa_bits + format->exponent_bits);
  return format == &emu_format_tf32 ? bits << 13 : bits;
}

static uint32_t nan_bits(const emu_format *format) {
  uint32_t bits = (1u << (format->mantissa_bits + format->exponent_bits)) - 1;
  return format == &emu_format_tf32 ? EMU_NAN_F32 : bits;
}

uint32_t emu_round_to(const emu_format *format, double value, emu_rounding rounding, bool satfinite) {
  int bias = (1 << (format->exponent_bits - 1)) - 1, exponent;
  uint32_t infinity = ((1u << format->exponent_bits) - 1) << format->mantissa_bits;
  uint32_t largest = format->infinity ? infinity - 1 : infinity + (1u << format->mantissa_bits) - 2;
  bool negative = signbit(value);
  if (isnan(value))
    return nan_bits(format);
  if (isinf(value))
    return satfinite          ? finish(format, largest, negative)
           : format->infinity ? finish(format, infinity, negative)
                              : nan_bits(format) | finish(format, 0, negative);
  if (value == 0)
    return finish(format, 0, negative);
  frexp(value, &exponent);
  int lowest = 1 - bias, power = exponent - 1 < lowest ? lowest : exponent - 1; /* of the leading bit */
  double whole = fabs(round_whole(ldexp(value, format->mantissa_bits - power), rounding));
  uint32_t magnitude = (uint32_t)whole;
  /* A carry out of the fraction, and a leading bit, add to the exponent by themselves. */
  if (magnitude >= 1u << format->mantissa_bits || power > lowest)
    magnitude += (uint32_t)(power - lowest) << format->mantissa_bits;
  if (magnitude <= largest)
    return finish(format, magnitude, negative);
  bool inward = rounding == EMU_RZ || (rounding == EMU_RM && !negative) || (rounding == EMU_RP && negative);
  if (satfinite || inward)
    return finish(format, largest, negative);
  return format->infinity ? finish(format, infinity, negative) : nan_bits(format) | finish(format, 0, negative);
}

double emu_from_bits(const emu_format *format, uint32_t bits) {
  if (format == &emu_format_tf32)
    bits >>= 13;
  int bias = (1 << (format->exponent_bits - 1)) - 1;
  uint32_t fraction = bits & ((1u << format->mantissa_bits) - 1);
  int exponent = (int)(bits >> format->mantissa_bits & ((1u << format->exponent_bits) - 1));
  bool negative = bits >> (format->mantissa_bits + format->exponent_bits) & 1, top = exponent == 2 * bias + 1;
  double value = exponent
                     ? ldexp((double)(fraction | 1u << format->mantissa_bits), exponent - bias - format->mantissa_bits)
                     : ldexp((double)fraction, 1 - bias - format->mantissa_bits);
  if (top && format->infinity)
    value = fraction ? NAN : INFINITY;
  else if (top && fraction == (1u << format->mantissa_bits) - 1)
    value = NAN;
  return negative ? -value : value;
}

/* Products of halves are exact; the error of the sum (Knuth's TwoSum) says whether and to which side it was rounded. */
double emu_fma_odd(double a, double b, double c) {
  double product = a * b, sum = product + c, rest = sum - product;
  double error = (product - (sum - rest)) + (c - rest);
  uint64_t bits;
  memcpy(&bits, &sum, 8);
  if (error == 0 || !isfinite(error) || (bits & 1))
    return sum;
  return nextafter(sum, error > 0 ? INFINITY : -INFINITY);
}

int emu_set_rounding(emu_rounding rounding) {
  static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD, FE_TONEAREST};
  int old = fegetround();
  fesetround(modes[rounding]);
  return old;
}

void emu_restore_rounding(int old) { fesetround(old); }
