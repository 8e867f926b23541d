/* Comparison and selection (PTX ISA 8.x, 9.7.6, 9.7.7), also of halves, and tests of floats. */
#include "decode.h"
#include "float.h"

/* X(ID, "name", holds for numbers, holds when either is NaN) */
#define COMPARISON_TABLE(X, ...)                                                                                       \
  X(EQ, "eq", a == b, false, __VA_ARGS__)                                                                              \
  X(NE, "ne", a != b, false, __VA_ARGS__)                                                                              \
  X(LT, "lt", a < b, false, __VA_ARGS__)                                                                               \
  X(LE, "le", a <= b, false, __VA_ARGS__)                                                                              \
  X(GT, "gt", a > b, false, __VA_ARGS__)                                                                               \
  X(GE, "ge", a >= b, false, __VA_ARGS__)                                                                              \
  X(LO, "lo", a < b, false, __VA_ARGS__)                                                                               \
  X(LS, "ls", a <= b, false, __VA_ARGS__)                                                                              \
  X(HI, "hi", a > b, false, __VA_ARGS__)                                                                               \
  X(HS, "hs", a >= b, false, __VA_ARGS__)                                                                              \
  X(EQU, "equ", a == b, true, __VA_ARGS__)                                                                             \
  X(NEU, "neu", a != b, true, __VA_ARGS__)                                                                             \
  X(LTU, "ltu", a < b, true, __VA_ARGS__)                                                                              \
  X(LEU, "leu", a <= b, true, __VA_ARGS__)                                                                             \
  X(GTU, "gtu", a > b, true, __VA_ARGS__)                                                                              \
  X(GEU, "geu", a >= b, true, __VA_ARGS__)                                                                             \
  X(NUM, "num", true, false, __VA_ARGS__)                                                                              \
  X(NANS, "nan", false, true, __VA_ARGS__)

typedef enum comparison {
#define X(ID, name, holds, unordered, ...) COMPARE_##ID,
  COMPARISON_TABLE(X, )
#undef X
} comparison;

static const char *const comparison_names[] = {
#define X(ID, name, holds, unordered, ...) name,
    COMPARISON_TABLE(X, )
#undef X
        NULL};
static const char *const combine_names[] = {"and", "or", "xor", NULL};

/* Element l of the rows, as T; f16 and bf16 become float. */
static float get_f16(uint16_t bits) { return emu_f16_float(bits); }
static float get_bf16(uint16_t bits) { return emu_bf16_float(bits); }

#define SAME(value) (value)
#define FLUSHED(value) (flush && fabsf(value) < 0x1p-126f ? 0.0f : (value))
#define IS_NAN(a, b) (isnan(a) || isnan(b))
#define NO_NAN(a, b) false
#define CASE(ID, name, holds, unordered, T, get, stride, first, is_nan)                                                \
  case COMPARE_##ID:                                                                                                   \
    for (int l = 0; l < EMU_LANES; l++) {                                                                              \
      T a = get(row_a[l * (stride) + (first)]), b = get(row_b[l * (stride) + (first)]);                                \
      (void)a, (void)b;                                                                                                \
      mask |= (uint32_t)(is_nan(a, b) ? (unordered) : (holds)) << l;                                                   \
    }                                                                                                                  \
    break;
#define COMPARE(id, R, T, get, stride, first, is_nan)                                                                  \
  static uint32_t id(const emu_instr *i, const void *a_bytes, const void *b_bytes) {                                   \
    const R *row_a = a_bytes, *row_b = b_bytes;                                                                        \
    bool flush = i->flags & EMU_FTZ;                                                                                   \
    uint32_t mask = 0;                                                                                                 \
    (void)flush;                                                                                                       \
    switch ((comparison)i->choice) { COMPARISON_TABLE(CASE, T, get, stride, first, is_nan) }                           \
    return mask;                                                                                                       \
  }
COMPARE(compare_u16, uint16_t, uint16_t, SAME, 1, 0, NO_NAN)
COMPARE(compare_u32, uint32_t, uint32_t, SAME, 1, 0, NO_NAN)
COMPARE(compare_u64, uint64_t, uint64_t, SAME, 1, 0, NO_NAN)
COMPARE(compare_s16, int16_t, int16_t, SAME, 1, 0, NO_NAN)
COMPARE(compare_s32, int32_t, int32_t, SAME, 1, 0, NO_NAN)
COMPARE(compare_s64, int64_t, int64_t, SAME, 1, 0, NO_NAN)
COMPARE(compare_f32, float, float, FLUSHED, 1, 0, IS_NAN)
COMPARE(compare_f64, double, double, SAME, 1, 0, IS_NAN)
COMPARE(compare_f16, uint16_t, float, get_f16, 1, 0, IS_NAN)
COMPARE(compare_bf16, uint16_t, float, get_bf16, 1, 0, IS_NAN)
COMPARE(compare_f16_low, uint16_t, float, get_f16, 2, 0, IS_NAN)
COMPARE(compare_f16_high, uint16_t, float, get_f16, 2, 1, IS_NAN)
COMPARE(compare_bf16_low, uint16_t, float, get_bf16, 2, 0, IS_NAN)
COMPARE(compare_bf16_high, uint16_t, float, get_bf16, 2, 1, IS_NAN)
#undef CASE
#undef COMPARE

typedef uint32_t compare_fn(const emu_instr *i, const void *a, const void *b);
static const struct comparer {
  compare_fn *low, *high; /* high: of packed types */
} comparers[EMU_TYPE_COUNT] = {[EMU_U16] = {compare_u16, NULL},
                               [EMU_U32] = {compare_u32, NULL},
                               [EMU_U64] = {compare_u64, NULL},
                               [EMU_B16] = {compare_u16, NULL},
                               [EMU_B32] = {compare_u32, NULL},
                               [EMU_B64] = {compare_u64, NULL},
                               [EMU_S16] = {compare_s16, NULL},
                               [EMU_S32] = {compare_s32, NULL},
                               [EMU_S64] = {compare_s64, NULL},
                               [EMU_F32] = {compare_f32, NULL},
                               [EMU_F64] = {compare_f64, NULL},
                               [EMU_F16] = {compare_f16, NULL},
                               [EMU_BF16] = {compare_bf16, NULL},
                               [EMU_F16X2] = {compare_f16_low, compare_f16_high},
                               [EMU_BF16X2] = {compare_bf16_low, compare_bf16_high}};

static uint32_t combine(const emu_warp *w, const emu_instr *i, uint32_t mask) {
  if (!i->choice2)
    return mask;
  uint32_t other = *EMU_ROW(const uint32_t, 4);
  other = i->flags & EMU_NEGATE ? ~other : other;
  return i->choice2 == 1 ? mask & other : i->choice2 == 2 ? mask | other : mask ^ other;
}

static void write_predicate(const emu_warp *w, uint32_t *row, uint32_t value) {
  *row = (*row & ~w->mask) | (value & w->mask);
}

static void run_setp(emu_warp *w, const emu_instr *i) {
  const struct comparer *comparer = &comparers[i->type];
  const void *a = EMU_ROW(const void, 2), *b = EMU_ROW(const void, 3);
  uint32_t low = comparer->low(i, a, b), high = comparer->high ? comparer->high(i, a, b) : ~low;
  uint32_t first = combine(w, i, low), second = combine(w, i, high);
  write_predicate(w, EMU_ROW(uint32_t, 0), first);
  if (i->flags & EMU_RESULT2)
    write_predicate(w, EMU_ROW(uint32_t, 1), second);
}

static emu_type compared_type(emu_reader *reader, uint32_t k) {
  emu_type type = emu_type_at(reader, k);
  if (!comparers[type].low)
    emu_fail(reader, "values of type .%s cannot be compared", emu_type_defs[type].name);
  return type;
}

static void set_comparison(emu_reader *reader, emu_instr *instr, emu_type type) {
  int kind = emu_choice(reader, comparison_names), combined = emu_choice(reader, combine_names);
  if (kind < 0)
    emu_fail(reader, "'%.*s' lacks a comparison", (int)reader->statement.opcode.n, reader->statement.opcode.text);
  instr->type = (uint8_t)type;
  instr->choice = (uint8_t)kind;
  instr->choice2 = (uint8_t)(combined + 1);
  instr->flags |= emu_flags_of(reader);
}

/* The predicate operand behind the compared ones. */
static uint32_t combined_row(emu_reader *reader, uint32_t k, uint32_t *flags) {
  if (reader->statement.n_operands <= k)
    return 0;
  const emu_operand *operand = emu_operand_at(reader, k);
  *flags |= operand->not ? EMU_NEGATE : 0;
  return emu_predicate(reader, operand);
}

void emu_decode_setp(emu_reader *reader) {
  emu_expect_operands(reader, 3, 4);
  emu_type type = compared_type(reader, 0);
  const emu_operand *result = emu_operand_at(reader, 0);
  uint32_t flags = result->pair ? EMU_RESULT2 : 0;
  uint32_t rows[5] = {emu_predicate(reader, result), result->pair ? emu_predicate(reader, result->pair) : 0,
                      emu_row(reader, emu_operand_at(reader, 1), type),
                      emu_row(reader, emu_operand_at(reader, 2), type), combined_row(reader, 3, &flags)};
  emu_instr *instr = emu_append(reader, run_setp);
  memcpy(instr->at, rows, sizeof rows);
  instr->flags = flags;
  set_comparison(reader, instr, type);
}

/* set: all ones or 1.0 where the comparison holds. */
static uint64_t truth(emu_type type, bool low, bool high) {
  switch (type) {
  case EMU_F32:
    return low ? 0x3f800000u : 0;
  case EMU_F16:
    return low ? 0x3c00u : 0;
  case EMU_BF16:
    return low ? 0x3f80u : 0;
  case EMU_F16X2:
    return (low ? 0x3c00u : 0) | (high ? 0x3c000000u : 0);
  case EMU_BF16X2:
    return (low ? 0x3f80u : 0) | (high ? 0x3f800000u : 0);
  default: /* integers */
    return low ? UINT64_MAX : 0;
  }
}

static void run_set(emu_warp *w, const emu_instr *i) {
  const struct comparer *comparer = &comparers[i->type];
  const void *a = EMU_ROW(const void, 2), *b = EMU_ROW(const void, 3);
  uint32_t low = combine(w, i, comparer->low(i, a, b));
  uint32_t high = combine(w, i, comparer->high ? comparer->high(i, a, b) : 0);
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1) {
      uint64_t value = truth((emu_type)i->from, low >> l & 1, high >> l & 1);
      memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
    }
}

void emu_decode_set(emu_reader *reader) {
  emu_expect_operands(reader, 3, 4);
  emu_type to = emu_type_at(reader, 0), type = compared_type(reader, 1);
  uint32_t flags = 0;
  uint32_t rows[5] = {emu_row(reader, emu_operand_at(reader, 0), to), 0,
                      emu_row(reader, emu_operand_at(reader, 1), type),
                      emu_row(reader, emu_operand_at(reader, 2), type), combined_row(reader, 3, &flags)};
  emu_instr *instr = emu_append(reader, run_set);
  memcpy(instr->at, rows, sizeof rows);
  instr->flags = flags;
  instr->from = (uint8_t)to;
  instr->width = (uint8_t)emu_register_width(to);
  set_comparison(reader, instr, type);
}

/* ---- selection ---- */

#define SELECT(T)                                                                                                      \
  static void run_selp_##T(emu_warp *w, const emu_instr *i) {                                                          \
    T *d = EMU_ROW(T, 0);                                                                                              \
    const T *a = EMU_ROW(T, 1), *b = EMU_ROW(T, 2);                                                                    \
    uint32_t p = *EMU_ROW(const uint32_t, 3);                                                                          \
    for (int l = 0; l < EMU_LANES; l++) {                                                                              \
      T value = p >> l & 1 ? a[l] : b[l];                                                                              \
      d[l] = w->mask >> l & 1 ? value : d[l];                                                                          \
    }                                                                                                                  \
  }                                                                                                                    \
  static void run_slct_##T(emu_warp *w, const emu_instr *i) {                                                          \
    T *d = EMU_ROW(T, 0);                                                                                              \
    const T *a = EMU_ROW(T, 1), *b = EMU_ROW(T, 2);                                                                    \
    const int32_t *c = EMU_ROW(int32_t, 3);                                                                            \
    const float *real = EMU_ROW(float, 3);                                                                             \
    bool is_real = i->from == EMU_F32;                                                                                 \
    for (int l = 0; l < EMU_LANES; l++)                                                                                \
      if (w->mask >> l & 1)                                                                                            \
        d[l] = (is_real ? real[l] >= 0 : c[l] >= 0) ? a[l] : b[l];                                                     \
  }
SELECT(uint16_t)
SELECT(uint32_t)
SELECT(uint64_t)
#undef SELECT

static void decode_select(emu_reader *reader, emu_run_fn *const run[3], emu_type condition) {
  emu_expect_operands(reader, 4, 4);
  emu_type type = emu_type_at(reader, 0);
  uint32_t width = emu_register_width(type);
  uint32_t rows[4] = {
      emu_row(reader, emu_operand_at(reader, 0), type), emu_row(reader, emu_operand_at(reader, 1), type),
      emu_row(reader, emu_operand_at(reader, 2), type), emu_row(reader, emu_operand_at(reader, 3), condition)};
  emu_instr *instr = emu_append(reader, run[width == 8 ? 2 : width == 4]);
  memcpy(instr->at, rows, sizeof rows);
  instr->from = (uint8_t)condition;
  emu_has(reader, "ftz");
}

void emu_decode_selp(emu_reader *reader) {
  static emu_run_fn *const run[] = {run_selp_uint16_t, run_selp_uint32_t, run_selp_uint64_t};
  decode_select(reader, run, EMU_PRED);
}

void emu_decode_slct(emu_reader *reader) {
  static emu_run_fn *const run[] = {run_slct_uint16_t, run_slct_uint32_t, run_slct_uint64_t};
  decode_select(reader, run, emu_type_at(reader, 1));
}

/* ---- testp ---- */

static const char *const test_names[] = {"finite", "infinite", "number", "notanumber", "normal", "subnormal", NULL};

static bool test(int kind, double value, bool normal) {
  const bool results[] = {isfinite(value), isinf(value), !isnan(value),
                          isnan(value),    normal,       isfinite(value) && !normal && value != 0};
  return results[kind];
}

static void run_testp(emu_warp *w, const emu_instr *i) {
  uint32_t mask = 0;
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    float single = EMU_ROW(float, 1)[l];
    bool is_single = i->type == EMU_F32;
    double value = is_single ? (double)single : EMU_ROW(double, 1)[l];
    mask |= (uint32_t)test(i->choice, value, is_single ? isnormal(single) : isnormal(value)) << l;
  }
  write_predicate(w, EMU_ROW(uint32_t, 0), mask);
}

void emu_decode_testp(emu_reader *reader) {
  emu_type type = emu_type_at(reader, 0);
  int kind = emu_choice(reader, test_names);
  if (kind < 0)
    emu_fail(reader, "testp lacks what to test");
  uint32_t result = emu_predicate(reader, emu_operand_at(reader, 0)),
           row = emu_row(reader, emu_operand_at(reader, 1), type);
  emu_instr *instr = emu_append(reader, run_testp);
  instr->at[0] = result;
  instr->at[1] = row;
  instr->type = (uint8_t)type;
  instr->choice = (uint8_t)kind;
}
