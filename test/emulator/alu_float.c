/* Arithmetic of f32 and f64.  Results that are NaN are the canonical one in f32 and the host's in f64. */
#include "alu.h"
#include "float.h"

/* -0 is smaller than +0; a number wins against NaN. */
static float smaller(float a, float b) {
  return isnan(a) ? b : isnan(b) ? a : a == b ? (signbit(a) ? a : b) : a < b ? a : b;
}
static float larger(float a, float b) {
  return isnan(a) ? b : isnan(b) ? a : a == b ? (signbit(a) ? b : a) : a > b ? a : b;
}
static double smaller_f64(double a, double b) {
  return isnan(a) ? b : isnan(b) ? a : a == b ? (signbit(a) ? a : b) : a < b ? a : b;
}
static double larger_f64(double a, double b) {
  return isnan(a) ? b : isnan(b) ? a : a == b ? (signbit(a) ? b : a) : a > b ? a : b;
}
static float with_signs(float magnitude, float a, float b) {
  return !signbit(a) != !signbit(b) ? -magnitude : magnitude;
}

static float canonical_float(float value) {
  uint32_t bits = emu_float_bits(value);
  return emu_bits_float((bits & 0x7fffffffu) > 0x7f800000u ? EMU_NAN_F32 : bits);
}
static double canonical_double(double value) { return value; }

static float flush_float(float value, bool flush) {
  uint32_t bits = emu_float_bits(value);
  return emu_bits_float(flush && !(bits & 0x7f800000u) ? bits & 0x80000000u : bits);
}
static double flush_double(double value, bool flush) {
  (void)flush;
  return value;
}

static float clamp_float(float value, bool clamp) {
  return !clamp ? value : !(value > 0) ? 0 : value > 1 ? 1 : value; /* NaN becomes +0 */
}
static double clamp_double(double value, bool clamp) {
  return !clamp ? value : !(value > 0) ? 0 : value > 1 ? 1 : value;
}

#define RUN(T, inputs, flushed_inputs, expression)                                                                     \
  if (i->rounding == EMU_RN && !(i->flags & (EMU_FTZ | EMU_SAT))) {                                                    \
    EMU_EACH_LANE(w, inputs d[l] = canonical_##T(expression);)                                                         \
  } else {                                                                                                             \
    bool ftz = i->flags & EMU_FTZ, sat = i->flags & EMU_SAT;                                                           \
    int old = emu_set_rounding((emu_rounding)i->rounding);                                                             \
    EMU_EACH_LANE(w, flushed_inputs d[l] = clamp_##T(flush_##T(canonical_##T(expression), ftz), sat);)                 \
    emu_restore_rounding(old);                                                                                         \
  }
#define F1(id, name, type, T, expression)                                                                              \
  static void id(emu_warp *w, const emu_instr *i) {                                                                    \
    T *d = EMU_ROW(T, 0);                                                                                              \
    const T *row_a = EMU_ROW(T, 1);                                                                                    \
    RUN(T, T a = row_a[l];, T a = flush_##T(row_a[l], ftz);, expression)                                               \
  }
#define F2(id, name, type, T, expression)                                                                              \
  static void id(emu_warp *w, const emu_instr *i) {                                                                    \
    T *d = EMU_ROW(T, 0);                                                                                              \
    const T *row_a = EMU_ROW(T, 1), *row_b = EMU_ROW(T, 2);                                                            \
    RUN(T, T a = row_a[l]; T b = row_b[l];, T a = flush_##T(row_a[l], ftz); T b = flush_##T(row_b[l], ftz);            \
        , expression)                                                                                                  \
  }
#define F3(id, name, type, T, expression)                                                                              \
  static void id(emu_warp *w, const emu_instr *i) {                                                                    \
    T *d = EMU_ROW(T, 0);                                                                                              \
    const T *row_a = EMU_ROW(T, 1), *row_b = EMU_ROW(T, 2), *row_c = EMU_ROW(T, 3);                                    \
    RUN(T, T a = row_a[l]; T b = row_b[l]; T c = row_c[l];, T a = flush_##T(row_a[l], ftz);                            \
        T b = flush_##T(row_b[l], ftz); T c = flush_##T(row_c[l], ftz);, expression)                                   \
  }
#include "alu_float.def"
#undef F1
#undef F2
#undef F3
#undef RUN

const emu_alu emu_alu_float[] = {
#define F1(id, name, type, T, expression) {name, type, id, 1, {sizeof(T), sizeof(T)}},
#define F2(id, name, type, T, expression) {name, type, id, 2, {sizeof(T), sizeof(T), sizeof(T)}},
#define F3(id, name, type, T, expression) {name, type, id, 3, {sizeof(T), sizeof(T), sizeof(T), sizeof(T)}},
#include "alu_float.def"
#undef F1
#undef F2
#undef F3
    {0}};
