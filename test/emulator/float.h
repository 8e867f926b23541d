/* Floating-point formats that the host has no arithmetic for, and exact rounding to all of them. */
#ifndef EMULATOR_FLOAT_H
#define EMULATOR_FLOAT_H

#include "module.h"

#include <math.h>
#include <string.h>

typedef struct emu_format {
  int mantissa_bits, exponent_bits; /* mantissa without the leading bit */
  bool infinity;                    /* e4m3 has none: its largest exponent holds numbers and one NaN */
} emu_format;
extern const emu_format emu_format_f16, emu_format_bf16, emu_format_tf32, emu_format_e4m3, emu_format_e5m2;
/* The format of f16, bf16 (also packed), e4m3, e5m2, tf32. */
const emu_format *emu_format_of(emu_type type);

/* The nearest value of the format in the direction of `rounding`; infinity (or NaN in e4m3) beyond its range, or the
 * largest value when it saturates.  tf32 comes as the bits of the 19 that count, at the top of 32. */
uint32_t emu_round_to(const emu_format *format, double value, emu_rounding rounding, bool satfinite);
double emu_from_bits(const emu_format *format, uint32_t bits);
/* a * b + c such that rounding the result to a half format gives the exactly rounded value: rounded to odd. */
double emu_fma_odd(double a, double b, double c);
/* The host's rounding mode for one of PTX; returns the old one. */
int emu_set_rounding(emu_rounding rounding);
void emu_restore_rounding(int old);

#define EMU_NAN_F32 0x7fffffffu

static inline uint32_t emu_float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

static inline float emu_bits_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static inline float emu_bf16_float(uint16_t bits) { return emu_bits_float((uint32_t)bits << 16); }

static inline uint16_t emu_float_bf16(float value) {
  uint32_t bits = emu_float_bits(value);
  uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
  return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fffu : rounded);
}

/* Exact: shifts the fraction into place and multiplies by 2^112, which makes subnormal numbers normal. */
static inline float emu_f16_float(uint16_t bits) {
  uint32_t magnitude = (uint32_t)(bits & 0x7fffu) << 13;
  float scaled = emu_bits_float(magnitude) * 0x1p112f;
  uint32_t special = magnitude | 0x7f800000u;
  uint32_t result = magnitude >= 0x0f800000u ? special : emu_float_bits(scaled);
  uint32_t sign = (uint32_t)(bits & 0x8000u) << 16;
  return emu_bits_float(magnitude > 0x0f800000u ? EMU_NAN_F32 : result | sign);
}

/* To nearest even: adding a number whose last bit is the last one kept rounds the fraction. */
static inline uint16_t emu_float_f16(float value) {
  uint32_t bits = emu_float_bits(value), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
  uint32_t normal = (magnitude + 0xc8000fffu + (magnitude >> 13 & 1)) >> 13;
  float shifted = emu_bits_float(magnitude) + 0.5f;
  uint32_t subnormal = emu_float_bits(shifted) - 0x3f000000u;
  uint32_t result = magnitude < 0x38800000u ? subnormal : magnitude >= 0x477ff000u ? 0x7c00u : normal;
  return (uint16_t)(magnitude > 0x7f800000u ? 0x7fffu : (result | sign));
}

#endif
