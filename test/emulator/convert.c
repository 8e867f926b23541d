/* cvt (PTX ISA 8.x, 9.7.9.21): between integers, floats and halves, with every rounding, .sat, .ftz, .relu and
 * .satfinite; the common conversions have loops of their own. */
#include "decode.h"
#include "float.h"

#include <string.h>

static bool is_real(emu_type type) {
  char class = emu_type_defs[type].class;
  return class == 'f' || class == 'h' || type == EMU_TF32 || type == EMU_E4M3 || type == EMU_E5M2;
}

static bool is_signed(emu_type type) { return emu_type_defs[type].class == 's'; }

/* ---- to and from the widest forms ---- */

static uint64_t extend(uint64_t bits, emu_type type) {
  uint32_t unused = 64 - 8u * emu_type_defs[type].bytes;
  return is_signed(type) ? (uint64_t)((int64_t)(bits << unused) >> unused) : bits << unused >> unused;
}

static double get_real(uint64_t bits, emu_type type, bool flush) {
  double value;
  if (type == EMU_F64) {
    memcpy(&value, &bits, 8);
    return value;
  }
  if (type != EMU_F32)
    return emu_from_bits(emu_format_of(type), (uint32_t)bits & ((1u << 8 * emu_type_defs[type].bytes % 32) - 1));
  float single = emu_bits_float((uint32_t)bits);
  return flush && fabsf(single) < 0x1p-126f ? copysign(0, (double)single) : (double)single;
}

static uint64_t put_f32(const emu_instr *i, double value) {
  int old = emu_set_rounding((emu_rounding)i->rounding);
  volatile double rounded = value; /* the conversion stays between the changes of mode */
  volatile float single = (float)rounded;
  emu_restore_rounding(old);
  if (isnan(value))
    return EMU_NAN_F32;
  float kept = single;
  if (i->flags & EMU_FTZ && fabsf(kept) < 0x1p-126f)
    kept = copysignf(0, kept);
  return emu_float_bits(kept);
}

static uint64_t put_real(const emu_instr *i, emu_type type, double value) {
  if (i->flags & EMU_RELU)
    value = isnan(value) ? value : value > 0 ? value : 0;
  if (i->flags & EMU_SAT)
    value = !(value > 0) ? 0 : value > 1 ? 1 : value;
  if (type == EMU_F64) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return bits;
  }
  if (type == EMU_F32)
    return put_f32(i, value);
  return emu_round_to(emu_format_of(type), value, (emu_rounding)i->rounding, i->flags & EMU_SATFINITE);
}

/* An integer as a double that rounds to the same value of the target: exact, or with a sticky last bit. */
static double integer_real(uint64_t bits, bool is_negative_possible) {
  bool negative = is_negative_possible && (int64_t)bits < 0;
  uint64_t magnitude = negative ? -bits : bits;
  if (magnitude >> 53)
    magnitude = (magnitude & ~0x7ffull) | (magnitude & 0x7ff ? 0x800 : 0);
  return negative ? -(double)magnitude : (double)magnitude;
}

static double integer_f64(uint64_t bits, bool has_sign, emu_rounding rounding) {
  int old = emu_set_rounding(rounding);
  volatile uint64_t source = bits;
  volatile double value = has_sign ? (double)(int64_t)source : (double)source;
  emu_restore_rounding(old);
  return value;
}

static double round_whole(double value, emu_rounding rounding) {
  return rounding == EMU_RZ   ? trunc(value)
         : rounding == EMU_RM ? floor(value)
         : rounding == EMU_RP ? ceil(value)
                              : nearbyint(value);
}

/* Out of range is the nearest integer; NaN is 0, or the value with the top bit alone for 64 bits and f64. */
static uint64_t real_integer(const emu_instr *i, double value) {
  emu_type to = (emu_type)i->type;
  uint32_t bits = 8u * emu_type_defs[to].bytes;
  if (isnan(value))
    return i->from == EMU_F64 || bits == 64 ? 1ull << (bits - 1) : 0;
  value = round_whole(value, (emu_rounding)i->rounding);
  double limit = ldexp(1, (int)bits - is_signed(to));
  if (value >= limit)
    return is_signed(to) ? (1ull << (bits - 1)) - 1 : UINT64_MAX >> (64 - bits);
  if (is_signed(to))
    return value < -limit ? (uint64_t)INT64_MIN >> (64 - bits) : (uint64_t)(int64_t)value;
  return value <= 0 ? 0 : (uint64_t)value;
}

static uint64_t saturate_integer(uint64_t bits, emu_type from, emu_type to) {
  uint32_t n = 8u * emu_type_defs[to].bytes;
  bool negative = is_signed(from) && (int64_t)bits < 0;
  uint64_t top = is_signed(to) ? UINT64_MAX >> (65 - n) : UINT64_MAX >> (64 - n);
  if (negative && !is_signed(to))
    return 0;
  if (negative)
    return (int64_t)bits < -(int64_t)top - 1 ? ~top : bits;
  return bits > top ? top : bits;
}

/* ---- the general conversion ---- */

static uint64_t convert(const emu_instr *i, uint64_t bits) {
  emu_type to = (emu_type)i->type, from = (emu_type)i->from;
  if (!is_real(from)) {
    uint64_t value = extend(bits, from);
    if (!is_real(to))
      return i->flags & EMU_SAT ? saturate_integer(value, from, to) : value;
    if (to == EMU_F64)
      return put_real(i, to, integer_f64(value, is_signed(from), (emu_rounding)i->rounding));
    return put_real(i, to, integer_real(value, is_signed(from)));
  }
  double value = get_real(bits, from, i->flags & EMU_FTZ);
  if (!is_real(to))
    return real_integer(i, value);
  if (i->flags & EMU_INTEGRAL)
    value = round_whole(value, (emu_rounding)i->rounding);
  return put_real(i, to, value);
}

static void run_cvt(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint64_t bits = 0;
    if (!(w->mask >> l & 1))
      continue;
    memcpy(&bits, EMU_ROW(uint8_t, 1) + l * i->from_width, i->from_width);
    uint64_t value = convert(i, bits);
    if (!is_real((emu_type)i->type))
      value = extend(value, (emu_type)i->type);
    memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
  }
}

/* cvt.rn.f16x2.f32 d, a, b: a goes to the upper half. */
static void run_cvt_pair(emu_warp *w, const emu_instr *i) {
  const float *a = EMU_ROW(float, 1), *b = EMU_ROW(float, 2);
  uint32_t half = i->width * 4u;
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1) {
      uint64_t high = put_real(i, (emu_type)i->type, (double)a[l]), low = put_real(i, (emu_type)i->type, (double)b[l]);
      uint32_t value = (uint32_t)(high << half | low);
      memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
    }
}

/* cvt.rn.f16x2.e4m3x2 and back from f16x2: halves one by one. */
static void run_cvt_packed(emu_warp *w, const emu_instr *i) {
  const emu_format *from = emu_format_of((emu_type)i->from);
  uint32_t from_half = i->from_width * 4u, to_half = i->width * 4u;
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint32_t bits = 0, value = 0;
    if (!(w->mask >> l & 1))
      continue;
    memcpy(&bits, EMU_ROW(uint8_t, 1) + l * i->from_width, i->from_width);
    for (uint32_t k = 0; k < 2; k++) {
      uint32_t half = bits >> k * from_half & ((1u << from_half) - 1);
      value |= (uint32_t)put_real(i, (emu_type)i->type, emu_from_bits(from, half)) << k * to_half;
    }
    memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
  }
}

/* ---- loops for the common ones: full width, nearest, no flags ---- */

/* X(id, to, from, result type, source type, conversion of a) */
#define SHORT_TABLE(X)                                                                                                 \
  X(u64_u32, U64, U32, uint64_t, uint32_t, a)                                                                          \
  X(s64_s32, S64, S32, int64_t, int32_t, a)                                                                            \
  X(u32_u64, U32, U64, uint32_t, uint64_t, a)                                                                          \
  X(s32_s64, S32, S64, int32_t, int64_t, a)                                                                            \
  X(u32_u16, U32, U16, uint32_t, uint16_t, a)                                                                          \
  X(s32_s16, S32, S16, int32_t, int16_t, a)                                                                            \
  X(u16_u32, U16, U32, uint16_t, uint32_t, a)                                                                          \
  X(f32_s32, F32, S32, float, int32_t, a)                                                                              \
  X(f32_u32, F32, U32, float, uint32_t, a)                                                                             \
  X(f64_f32, F64, F32, double, float, a)                                                                               \
  X(f32_f16, F32, F16, float, uint16_t, emu_f16_float(a))                                                              \
  X(f32_bf16, F32, BF16, float, uint16_t, emu_bf16_float(a))                                                           \
  X(f16_f32, F16, F32, uint16_t, float, emu_float_f16(a))                                                              \
  X(bf16_f32, BF16, F32, uint16_t, float, emu_float_bf16(a))

#define X(id, to, from, D, A, conversion)                                                                              \
  static void run_##id(emu_warp *w, const emu_instr *i) {                                                              \
    D *d = EMU_ROW(D, 0);                                                                                              \
    const A *row_a = EMU_ROW(A, 1);                                                                                    \
    for (int l = 0; l < EMU_LANES; l++) {                                                                              \
      A a = row_a[l];                                                                                                  \
      D value = (D)(conversion);                                                                                       \
      d[l] = w->mask >> l & 1 ? value : d[l];                                                                          \
    }                                                                                                                  \
  }
SHORT_TABLE(X)
#undef X

static const struct shortcut {
  emu_type to, from;
  emu_run_fn *run;
} shortcuts[] = {
#define X(id, to, from, D, A, conversion) {EMU_##to, EMU_##from, run_##id},
    SHORT_TABLE(X)
#undef X
};
#undef SHORT_TABLE

static emu_run_fn *find_run(const emu_instr *instr, emu_type to, emu_type from) {
  bool plain = !instr->flags && instr->rounding == EMU_RN && instr->width == emu_register_width(to) &&
               instr->from_width == emu_register_width(from);
  for (size_t k = 0; plain && k < countof(shortcuts); k++)
    if (shortcuts[k].to == to && shortcuts[k].from == from)
      return shortcuts[k].run;
  return run_cvt;
}

static emu_type part_of(emu_type packed) {
  return packed == EMU_F16X2    ? EMU_F16
         : packed == EMU_BF16X2 ? EMU_BF16
         : packed == EMU_E4M3X2 ? EMU_E4M3
         : packed == EMU_E5M2X2 ? EMU_E5M2
                                : EMU_NO_TYPE;
}

void emu_decode_cvt(emu_reader *reader) {
  emu_type to = emu_type_at(reader, 0), from = emu_type_at(reader, 1);
  emu_type part = part_of(to);
  bool pair = part != EMU_NO_TYPE && from == EMU_F32, packed = part != EMU_NO_TYPE && !pair;
  emu_expect_operands(reader, pair ? 3 : 2, pair ? 3 : 2);
  if (emu_has(reader, "pack"))
    emu_fail(reader, "cvt.pack is not known");
  if (packed && part_of(from) == EMU_NO_TYPE)
    emu_fail(reader, ".%s cannot become .%s", emu_type_defs[from].name, emu_type_defs[to].name);
  uint8_t width, from_width;
  uint32_t result = emu_row_any(reader, emu_operand_at(reader, 0), to, &width);
  uint32_t a = emu_row_any(reader, emu_operand_at(reader, 1), from, &from_width);
  uint32_t b = pair ? emu_row(reader, emu_operand_at(reader, 2), from) : a;
  emu_instr *instr = emu_append(reader, run_cvt);
  instr->at[0] = result;
  instr->at[1] = a;
  instr->at[2] = b;
  instr->width = pair || packed ? emu_type_defs[to].bytes : width;
  instr->from_width = packed ? emu_type_defs[from].bytes : from_width;
  instr->type = (uint8_t)(part != EMU_NO_TYPE ? part : to);
  instr->from = (uint8_t)(packed ? part_of(from) : from);
  instr->rounding = (uint8_t)emu_rounding_of(reader);
  instr->flags = emu_flags_of(reader);
  instr->run = pair ? run_cvt_pair : packed ? run_cvt_packed : find_run(instr, to, from);
}
