/* The functions that machine code may call without the image bringing them along: those that LLVM makes up on its own
 * (memory, conversions of half precision, integer powers) and the C library's mathematics. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/hal/host/object.h"

/* Half and bfloat16 travel in a vector register as _Float16 does. */
__extension__ typedef _Float16 half;

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static half half_of_bits(uint32_t bits) {
  uint16_t narrow = (uint16_t)bits;
  half value;
  memcpy(&value, &narrow, sizeof value);
  return value;
}

static float extend_half(half value) { return (float)value; }
static half truncate_to_half(float value) { return (half)value; }
static half truncate_double_to_half(double value) { return (half)value; }

/* To nearest, ties to even; a NaN stays one. */
static half truncate_to_bfloat(float value) {
  uint32_t bits = bits_of(value);
  bool is_nan = (bits & 0x7FFFFFFF) > 0x7F800000;
  return half_of_bits(is_nan ? bits >> 16 | 0x40 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/* Through f32 rounded to odd, so that rounding twice is rounding once. */
static half truncate_double_to_bfloat(double value) {
  float narrow = (float)value;
  uint32_t bits = bits_of(narrow);
  if ((double)narrow != value && isfinite(narrow) && !(bits & 1)) {
    bits += fabs((double)narrow) < fabs(value) ? 1 : (uint32_t)-1;
    memcpy(&narrow, &bits, sizeof narrow);
  }
  return truncate_to_bfloat(narrow);
}

static double power_f64(double base, int exponent) {
  double product = 1;
  for (uint32_t n = (uint32_t)abs(exponent); n; n >>= 1, base *= base)
    if (n & 1)
      product *= base;
  return exponent < 0 ? 1 / product : product;
}

static float power_f32(float base, int exponent) {
  float product = 1;
  for (uint32_t n = (uint32_t)abs(exponent); n; n >>= 1, base *= base)
    if (n & 1)
      product *= base;
  return exponent < 0 ? 1 / product : product;
}

/* X(name in the object, function) */
#define LIBRARY_TABLE(X)                                                                                               \
  X(memcpy, memcpy)                                                                                                    \
  X(memmove, memmove)                                                                                                  \
  X(memset, memset)                                                                                                    \
  X(memcmp, memcmp)                                                                                                    \
  X(bcmp, memcmp)                                                                                                      \
  X(__extendhfsf2, extend_half)                                                                                        \
  X(__truncsfhf2, truncate_to_half)                                                                                    \
  X(__truncdfhf2, truncate_double_to_half)                                                                             \
  X(__truncsfbf2, truncate_to_bfloat)                                                                                  \
  X(__truncdfbf2, truncate_double_to_bfloat)                                                                           \
  X(__powidf2, power_f64)                                                                                              \
  X(__powisf2, power_f32)

/* X(function of <math.h> that has an f32 form) */
// clang-format off
#define MATH_TABLE(X)                                                                                                  \
  X(fma) X(fmod) X(sqrt) X(cbrt) X(floor) X(ceil) X(trunc) X(round) X(rint) X(nearbyint) X(roundeven) X(fabs)          \
  X(copysign) X(fmax) X(fmin) X(exp) X(exp2) X(expm1) X(log) X(log2) X(log10) X(log1p) X(pow) X(hypot) X(ldexp)        \
  X(sin) X(cos) X(tan) X(asin) X(acos) X(atan) X(atan2) X(sinh) X(cosh) X(tanh) X(asinh) X(acosh) X(atanh)             \
  X(erf) X(erfc) X(lgamma) X(tgamma)
// clang-format on

uint64_t alpa_host_library_find(const char *name) {
  static const struct {
    const char *name;
    void (*address)(void);
  } rows[] = {
#define X(symbol, function) {#symbol, (void (*)(void))(function)},
      LIBRARY_TABLE(X)
#undef X
#define X(function) {#function, (void (*)(void))(function)}, {#function "f", (void (*)(void))(function##f)},
          MATH_TABLE(X)
#undef X
  };
  for (size_t i = 0; i < countof(rows); i++)
    if (strcmp(rows[i].name, name) == 0)
      return (uint64_t)(uintptr_t)rows[i].address;
  return 0;
}
