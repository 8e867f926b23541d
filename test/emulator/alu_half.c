/* Arithmetic of half-precision formats.  Sums, products and converted values take a short way when double rounding
 * through f32 is known to be harmless: f16 has 11 bits and f32 has 2 * 11 + 2 (Figueroa, "When is double rounding
 * innocuous?", 1995), likewise for sums of bf16. */
#include "alu.h"
#include "float.h"

static double smaller(double a, double b) {
  return isnan(a) ? b : isnan(b) ? a : a == b ? (signbit(a) ? a : b) : a < b ? a : b;
}
static double larger(double a, double b) {
  return isnan(a) ? b : isnan(b) ? a : a == b ? (signbit(a) ? b : a) : a > b ? a : b;
}
static double with_signs(double magnitude, double a, double b) {
  return !signbit(a) != !signbit(b) ? -magnitude : magnitude;
}

static double get_f16(const emu_instr *i, uint16_t bits) {
  return i->flags & EMU_FTZ && !(bits & 0x7c00) ? (bits & 0x8000 ? -0.0 : 0.0) : (double)emu_f16_float(bits);
}
static double get_bf16(const emu_instr *i, uint16_t bits) {
  (void)i;
  return (double)emu_bf16_float(bits);
}

static double limit(const emu_instr *i, double value) {
  if (i->flags & EMU_SAT)
    return !(value > 0) ? 0 : value > 1 ? 1 : value;
  if (i->flags & EMU_RELU)
    return isnan(value) ? value : value > 0 ? value : 0;
  return value;
}

static uint16_t put_f16(const emu_instr *i, double value) {
  uint32_t bits = emu_round_to(&emu_format_f16, limit(i, value), EMU_RN, false);
  return (uint16_t)(i->flags & EMU_FTZ && !(bits & 0x7c00) ? bits & 0x8000 : bits);
}
static uint16_t put_bf16(const emu_instr *i, double value) {
  return (uint16_t)emu_round_to(&emu_format_bf16, limit(i, value), EMU_RN, false);
}

/* Halves of lane l are elements l * n to l * n + n - 1 of the rows, n = 1 or 2. */
#define EACH_HALF(n, statement)                                                                                        \
  for (int e = 0; e < (n) * EMU_LANES; e++)                                                                            \
    if (w->mask >> e / (n) & 1) {                                                                                      \
      statement                                                                                                        \
    }
#define H1(id, name, expression) BOTH(id, expression, 1)
#define H2(id, name, expression) BOTH(id, expression, 2)
#define H3(id, name, expression) BOTH(id, expression, 3)
#define FORMAT(id, suffix, format, n, expression, k)                                                                   \
  static void id##_##suffix(emu_warp *w, const emu_instr *i) {                                                         \
    uint16_t *d = EMU_ROW(uint16_t, 0);                                                                                \
    const uint16_t *row_a = EMU_ROW(uint16_t, 1), *row_b = EMU_ROW(uint16_t, (k) > 1 ? 2 : 1),                         \
                   *row_c = EMU_ROW(uint16_t, (k) > 2 ? 3 : 1);                                                        \
    EACH_HALF(n, double a = get_##format(i, row_a[e]); double b = get_##format(i, row_b[e]);                           \
              double c = get_##format(i, row_c[e]); (void)b; (void)c; d[e] = put_##format(i, expression);)             \
  }
#define BOTH(id, expression, k)                                                                                        \
  FORMAT(id, f16, f16, 1, expression, k)                                                                               \
  FORMAT(id, f16x2, f16, 2, expression, k)                                                                             \
  FORMAT(id, bf16, bf16, 1, expression, k)                                                                             \
  FORMAT(id, bf16x2, bf16, 2, expression, k)
#include "alu_half.def"
#undef H1
#undef H2
#undef H3
#undef FORMAT
#undef BOTH
#undef EACH_HALF

/* The short way, for instructions without flags. */
#define SHORT(id, n, from, to, operation, slow)                                                                        \
  static void id(emu_warp *w, const emu_instr *i) {                                                                    \
    if (i->flags || w->mask != EMU_FULL) {                                                                             \
      slow(w, i);                                                                                                      \
      return;                                                                                                          \
    }                                                                                                                  \
    uint16_t *d = EMU_ROW(uint16_t, 0);                                                                                \
    const uint16_t *a = EMU_ROW(uint16_t, 1), *b = EMU_ROW(uint16_t, 2);                                               \
    _Pragma("omp simd") for (int e = 0; e < (n) * EMU_LANES; e++) d[e] = to(from(a[e]) operation from(b[e]));          \
  }
SHORT(short_add_f16, 1, emu_f16_float, emu_float_f16, +, add_f16)
SHORT(short_add_f16x2, 2, emu_f16_float, emu_float_f16, +, add_f16x2)
SHORT(short_add_bf16, 1, emu_bf16_float, emu_float_bf16, +, add_bf16)
SHORT(short_add_bf16x2, 2, emu_bf16_float, emu_float_bf16, +, add_bf16x2)
SHORT(short_sub_f16, 1, emu_f16_float, emu_float_f16, -, sub_f16)
SHORT(short_sub_f16x2, 2, emu_f16_float, emu_float_f16, -, sub_f16x2)
SHORT(short_sub_bf16, 1, emu_bf16_float, emu_float_bf16, -, sub_bf16)
SHORT(short_sub_bf16x2, 2, emu_bf16_float, emu_float_bf16, -, sub_bf16x2)
SHORT(short_mul_f16, 1, emu_f16_float, emu_float_f16, *, mul_f16)
SHORT(short_mul_f16x2, 2, emu_f16_float, emu_float_f16, *, mul_f16x2)
#undef SHORT

const emu_alu emu_alu_half[] = {
#define SHORT(op, suffix, width) {#op, #suffix, short_##op##_##suffix, 2, {width, width, width}},
    SHORT(add, f16, 2) SHORT(add, f16x2, 4) SHORT(add, bf16, 2) SHORT(add, bf16x2, 4) SHORT(sub, f16, 2)
        SHORT(sub, f16x2, 4) SHORT(sub, bf16, 2) SHORT(sub, bf16x2, 4) SHORT(mul, f16, 2) SHORT(mul, f16x2, 4)
#undef SHORT
#define ROWS(id, name, k)                                                                                              \
  {name, "f16", id##_f16, k, {2, 2, 2, 2}}, {name, "f16x2", id##_f16x2, k, {4, 4, 4, 4}},                              \
      {name, "bf16", id##_bf16, k, {2, 2, 2, 2}}, {name, "bf16x2", id##_bf16x2, k, {4, 4, 4, 4}},
#define H1(id, name, expression) ROWS(id, name, 1)
#define H2(id, name, expression) ROWS(id, name, 2)
#define H3(id, name, expression) ROWS(id, name, 3)
#include "alu_half.def"
#undef H1
#undef H2
#undef H3
#undef ROWS
            {0}};
