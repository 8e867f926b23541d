/* Loads and stores of element runs.  Types that models use have loops of their own; the others go through the bit
 * codecs of support/number.h one by one. */
#include "interp/element.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "interp/field.h"
#include "support/number.h"

alpa_number_kind alpa_number_kind_of(alpa_arith arith, alpa_dtype dtype) {
  bool field = arith == ALPA_ARITH_FIELD;
  switch (alpa_dtype_get_info(dtype)->class_) {
  case ALPA_CLASS_BOOL:
    return ALPA_NUMBER_BOOL;
  case ALPA_CLASS_INT:
    return ALPA_NUMBER_INT;
  case ALPA_CLASS_UINT:
    return ALPA_NUMBER_UINT;
  case ALPA_CLASS_FLOAT:
    return field ? ALPA_NUMBER_FIELD : ALPA_NUMBER_FLOAT;
  case ALPA_CLASS_COMPLEX:
    return field ? ALPA_NUMBER_FIELD_COMPLEX : ALPA_NUMBER_COMPLEX;
  }
  return ALPA_NUMBER_BOOL;
}

size_t alpa_number_bytes(alpa_number_kind kind) {
  return kind == ALPA_NUMBER_COMPLEX || kind == ALPA_NUMBER_FIELD_COMPLEX ? 16 : 8;
}

alpa_precision alpa_float_precision(alpa_dtype dtype) {
  static const alpa_precision rows[ALPA_DTYPE_COUNT] = {
      [ALPA_F4E2M1FN] = {2, 2}, [ALPA_F6E2M3FN] = {2, 4},   [ALPA_F6E3M2FN] = {3, 3},      [ALPA_F8E3M4] = {3, 5},
      [ALPA_F8E4M3] = {4, 4},   [ALPA_F8E4M3FN] = {4, 4},   [ALPA_F8E4M3B11FNUZ] = {4, 4}, [ALPA_F8E4M3FNUZ] = {4, 4},
      [ALPA_F8E5M2] = {5, 3},   [ALPA_F8E5M2FNUZ] = {5, 3}, [ALPA_F8E8M0FNU] = {8, 1},     [ALPA_BF16] = {8, 8},
      [ALPA_F16] = {5, 11},     [ALPA_F32] = {8, 24},       [ALPA_F64] = {11, 53},
  };
  return rows[dtype];
}

bool alpa_float_embeds(alpa_dtype narrow, alpa_dtype wide) {
  if (narrow == wide)
    return true;
  alpa_precision from = alpa_float_precision(narrow), to = alpa_float_precision(wide);
  /* Types of at most 8 bits have biases and special values of their own, so among them nothing embeds; those with
   * up to 5 bits of exponent fit into f16 with its subnormals, all of them into bf16 and wider. */
  return alpa_dtype_get_info(wide)->bits >= 16 && from.exponent_bits <= to.exponent_bits &&
         from.precision <= to.precision;
}

/* ---- rounding double to bfloat16 ---- */

static uint16_t encode_bf16(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t exponent = (bits >> 52) & 0x7FF;
  if (exponent <= 1023 - 127 || exponent >= 1023 + 127) /* subnormal, zero, near overflow, infinite, NaN */
    return (uint16_t)alpa_float_encode(ALPA_BF16, value);
  uint64_t magnitude = (bits & ~(UINT64_C(1) << 63)) - ((uint64_t)(1023 - 127) << 52);
  uint64_t rounded = (magnitude + ((UINT64_C(1) << 44) - 1) + ((magnitude >> 45) & 1)) >> 45;
  return (uint16_t)(rounded | (bits >> 63) << 15);
}

static double decode_bf16(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return (double)value;
}

/* ---- loads ---- */

/* X(dtype, memory type, compute type) */
#define DIRECT_TABLE(X)                                                                                                \
  X(ALPA_I1, uint8_t, uint64_t)                                                                                        \
  X(ALPA_I8, int8_t, int64_t)                                                                                          \
  X(ALPA_I16, int16_t, int64_t)                                                                                        \
  X(ALPA_I32, int32_t, int64_t)                                                                                        \
  X(ALPA_I64, int64_t, int64_t)                                                                                        \
  X(ALPA_UI8, uint8_t, uint64_t)                                                                                       \
  X(ALPA_UI16, uint16_t, uint64_t)                                                                                     \
  X(ALPA_UI32, uint32_t, uint64_t)                                                                                     \
  X(ALPA_UI64, uint64_t, uint64_t)                                                                                     \
  X(ALPA_F32, float, double)                                                                                           \
  X(ALPA_F64, double, double)

static void load_coded(alpa_dtype dtype, const char *from, size_t n, void *to) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  for (size_t i = 0; i < n; i++)
    if (info->class_ == ALPA_CLASS_FLOAT)
      ((double *)to)[i] = alpa_float_decode(dtype, alpa_element_load(dtype, from + i * info->bytes));
    else
      ((int64_t *)to)[i] = alpa_integer_load(dtype, from + i * info->bytes);
}

static void load_real(alpa_dtype dtype, const void *from, size_t n, void *to) {
  switch ((int)dtype) {
#define X(dtype, memory, compute)                                                                                      \
  case dtype:                                                                                                          \
    for (size_t i = 0; i < n; i++)                                                                                     \
      ((compute *)to)[i] = (compute)((const memory *)from)[i];                                                         \
    return;
    DIRECT_TABLE(X)
#undef X
  case ALPA_BF16:
    for (size_t i = 0; i < n; i++)
      ((double *)to)[i] = decode_bf16(((const uint16_t *)from)[i]);
    return;
  case ALPA_C64:
    for (size_t i = 0; i < 2 * n; i++)
      ((double *)to)[i] = (double)((const float *)from)[i];
    return;
  case ALPA_C128:
    memcpy(to, from, n * 16);
    return;
  default: /* 2- and 4-bit integers, small floats */
    load_coded(dtype, from, n, to);
  }
}

void alpa_elements_load(alpa_arith arith, alpa_dtype dtype, const void *from, size_t n, void *to) {
  alpa_number_kind kind = alpa_number_kind_of(arith, dtype);
  if (kind == ALPA_NUMBER_FIELD || kind == ALPA_NUMBER_FIELD_COMPLEX)
    memcpy(to, from, n * alpa_number_bytes(kind));
  else
    load_real(dtype, from, n, to);
}

/* ---- stores ---- */

static void store_coded(alpa_dtype dtype, const void *from, size_t n, char *to) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  for (size_t i = 0; i < n; i++)
    if (info->class_ == ALPA_CLASS_FLOAT)
      alpa_element_store(dtype, to + i * info->bytes, alpa_float_encode(dtype, ((const double *)from)[i]));
    else
      alpa_integer_store(dtype, to + i * info->bytes, ((const int64_t *)from)[i]);
}

static void store_real(alpa_dtype dtype, const void *from, size_t n, void *to) {
  switch ((int)dtype) {
#define X(dtype, memory, compute)                                                                                      \
  case dtype:                                                                                                          \
    for (size_t i = 0; i < n; i++)                                                                                     \
      ((memory *)to)[i] = (memory)((const compute *)from)[i];                                                          \
    return;
    DIRECT_TABLE(X)
#undef X
  case ALPA_BF16:
    for (size_t i = 0; i < n; i++)
      ((uint16_t *)to)[i] = encode_bf16(((const double *)from)[i]);
    return;
  case ALPA_C64:
    for (size_t i = 0; i < 2 * n; i++)
      ((float *)to)[i] = (float)((const double *)from)[i];
    return;
  case ALPA_C128:
    memcpy(to, from, n * 16);
    return;
  default: /* as in load_real */
    store_coded(dtype, from, n, to);
  }
}

void alpa_elements_store(alpa_arith arith, alpa_dtype dtype, const void *from, size_t n, void *to) {
  alpa_number_kind kind = alpa_number_kind_of(arith, dtype);
  if (kind == ALPA_NUMBER_FIELD || kind == ALPA_NUMBER_FIELD_COMPLEX)
    memcpy(to, from, n * alpa_number_bytes(kind));
  else
    store_real(dtype, from, n, to);
}

/* The extremes of a format without infinities stand outside too: maxima and minima begin with them. */
static double outermost(alpa_dtype dtype, double value) {
  bool is_narrow = alpa_dtype_get_info(dtype)->bits <= 8;
  if (is_narrow && value == alpa_float_decode(dtype, alpa_float_extreme(dtype, value < 0)))
    return value < 0 ? -INFINITY : INFINITY;
  return value;
}

void alpa_elements_to_field(alpa_dtype dtype, const void *from, size_t n, void *to) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  bool complex_ = info->class_ == ALPA_CLASS_COMPLEX;
  if (info->class_ != ALPA_CLASS_FLOAT && !complex_) {
    memcpy(to, from, n * info->bytes);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    double parts[2];
    load_real(dtype, (const char *)from + i * info->bytes, 1, parts);
    for (size_t k = 0; k < (complex_ ? 2u : 1u); k++)
      ((uint64_t *)to)[complex_ ? 2 * i + k : i] = alpa_field_from_double(outermost(dtype, parts[k]));
  }
}

int64_t alpa_tensor_integer(const alpa_tensor *tensor, int64_t index) {
  return alpa_integer_load(tensor->dtype,
                           (const char *)tensor->data + index * alpa_dtype_get_info(tensor->dtype)->bytes);
}
