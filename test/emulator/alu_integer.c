/* Integer arithmetic, logic, bits. */
#include "alu.h"

__extension__ typedef unsigned __int128 wide_u64;
__extension__ typedef __int128 wide_s64;

static const uint32_t b4e[] = {0x5670, 0x6701, 0x7012, 0x0123}, ecl[] = {0x3210, 0x3211, 0x3222, 0x3333},
                      ecr[] = {0x0000, 0x1110, 0x2210, 0x3210};

static int32_t saturate(int64_t value) {
  return (int32_t)(value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : value);
}

static int64_t signed24(int32_t value) { return (int32_t)((uint32_t)value << 8) >> 8; }
static uint64_t joined(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }
static uint64_t ones(uint32_t n) { return n > 63 ? UINT64_MAX : (1ull << n) - 1; }
static uint32_t leading_bit(uint64_t a) { return a ? 63 - (uint32_t)__builtin_clzll(a) : UINT32_MAX; }
static uint32_t shift_amount(uint32_t bit, uint32_t top) { return bit == UINT32_MAX ? bit : top - bit; }

static uint64_t reverse(uint64_t a) {
  uint64_t result = 0;
  for (int k = 0; k < 64; k++)
    result |= (a >> k & 1) << (63 - k);
  return result;
}

/* bfe: the sign is that of the field, or of the value where the field reaches beyond it. */
static uint64_t extract(uint64_t a, uint32_t position, uint32_t length, uint32_t bits, bool sign) {
  position &= 0xff;
  length &= 0xff;
  uint64_t top = position + length > bits ? bits - 1 : position + length - 1;
  bool negative = sign && length && (a >> top & 1);
  uint64_t shifted = position < bits ? a >> position : 0;
  uint32_t kept = position >= bits ? 0 : position + length > bits ? bits - position : length;
  return (shifted & ones(kept)) | (negative ? ~ones(kept) : 0);
}

static uint32_t nth_set_bit(uint32_t mask, uint32_t base, int32_t n) {
  int32_t left = n == 0 ? 1 : n < 0 ? -n : n;
  if (n == 0)
    return mask >> (base & 31) & 1 ? base : UINT32_MAX;
  for (int64_t k = base; k >= 0 && k < 32; k += n < 0 ? -1 : 1)
    if ((mask >> k & 1) && --left == 0)
      return (uint32_t)k;
  return UINT32_MAX;
}

static uint32_t permute(uint64_t bytes, uint32_t selector) {
  uint32_t result = 0;
  for (uint32_t k = 0; k < 4; k++) {
    uint32_t choice = selector >> 4 * k & 15, byte = (uint32_t)(bytes >> 8 * (choice & 7)) & 0xff;
    if (choice & 8)
      byte = byte & 0x80 ? 0xff : 0;
    result |= byte << 8 * k;
  }
  return result;
}

static uint32_t field(uint32_t value, uint32_t at, uint32_t bits, bool sign) {
  uint32_t low = value >> at & (uint32_t)ones(bits);
  return sign && low >> (bits - 1) ? low | ~(uint32_t)ones(bits) : low;
}

static uint32_t dot4(uint32_t a, uint32_t b, bool a_sign, bool b_sign) {
  uint32_t sum = 0;
  for (uint32_t k = 0; k < 4; k++)
    sum += field(a, 8 * k, 8, a_sign) * field(b, 8 * k, 8, b_sign);
  return sum;
}

static uint32_t dot2(uint32_t a, uint32_t b, bool a_sign, bool b_sign) {
  return field(a, 0, 16, a_sign) * field(b, 0, 8, b_sign) + field(a, 16, 16, a_sign) * field(b, 8, 8, b_sign);
}

#define OP1(id, name, types, D, A, expression)                                                                         \
  static void id(emu_warp *w, const emu_instr *i) {                                                                    \
    D *d = EMU_ROW(D, 0);                                                                                              \
    const A *row_a = EMU_ROW(A, 1);                                                                                    \
    EMU_EACH_LANE(w, A a = row_a[l]; d[l] = (D)(expression);)                                                          \
  }
#define OP2(id, name, types, D, A, B, expression)                                                                      \
  static void id(emu_warp *w, const emu_instr *i) {                                                                    \
    D *d = EMU_ROW(D, 0);                                                                                              \
    const A *row_a = EMU_ROW(A, 1);                                                                                    \
    const B *row_b = EMU_ROW(B, 2);                                                                                    \
    EMU_EACH_LANE(w, A a = row_a[l]; B b = row_b[l]; d[l] = (D)(expression);)                                          \
  }
#define OP3(id, name, types, D, A, B, C, expression)                                                                   \
  static void id(emu_warp *w, const emu_instr *i) {                                                                    \
    D *d = EMU_ROW(D, 0);                                                                                              \
    const A *row_a = EMU_ROW(A, 1);                                                                                    \
    const B *row_b = EMU_ROW(B, 2);                                                                                    \
    const C *row_c = EMU_ROW(C, 3);                                                                                    \
    EMU_EACH_LANE(w, A a = row_a[l]; B b = row_b[l]; C c = row_c[l]; (void)a; (void)b; (void)c;                        \
                  d[l] = (D)(expression);)                                                                             \
  }
#include "alu_integer.def"
#undef OP1
#undef OP2
#undef OP3

const emu_alu emu_alu_integer[] = {
#define OP1(id, name, types, D, A, expression) {name, types, id, 1, {sizeof(D), sizeof(A)}},
#define OP2(id, name, types, D, A, B, expression) {name, types, id, 2, {sizeof(D), sizeof(A), sizeof(B)}},
#define OP3(id, name, types, D, A, B, C, expression) {name, types, id, 3, {sizeof(D), sizeof(A), sizeof(B), sizeof(C)}},
#include "alu_integer.def"
#undef OP1
#undef OP2
#undef OP3
    {0}};
