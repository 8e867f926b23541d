/* Logic of predicates, lop3, bfi, arithmetic with carry. */
#include "decode.h"

#include <string.h>

/* ---- predicates ---- */

static const char *const predicate_ops[] = {"and", "or", "xor", "not", "mov", NULL};

static void run_predicate(emu_warp *w, const emu_instr *i) {
  uint32_t *d = EMU_ROW(uint32_t, 0), a = *EMU_ROW(uint32_t, 1), b = *EMU_ROW(uint32_t, 2);
  uint32_t results[] = {a & b, a | b, a ^ b, ~a, a};
  *d = (*d & ~w->mask) | (results[i->choice] & w->mask);
}

void emu_decode_predicate(emu_reader *reader) {
  emu_statement *statement = &reader->statement;
  uint8_t kind = 0;
  while (predicate_ops[kind] && !emu_word_is(statement->base, predicate_ops[kind]))
    kind++;
  if (!predicate_ops[kind])
    emu_fail(reader, "no instruction '%.*s' is known", (int)statement->opcode.n, statement->opcode.text);
  uint32_t n = kind < 3 ? 3 : 2;
  emu_expect_operands(reader, n, n);
  uint32_t rows[3] = {0};
  for (uint32_t k = 0; k < n; k++)
    rows[k] = emu_predicate(reader, emu_operand_at(reader, k));
  emu_instr *instr = emu_append(reader, run_predicate);
  memcpy(instr->at, rows, sizeof rows);
  instr->choice = kind;
}

/* ---- lop3 ---- */

static uint32_t lookup(uint32_t a, uint32_t b, uint32_t c, uint32_t table) {
  uint32_t result = 0;
  for (uint32_t k = 0; k < 8; k++)
    if (table >> k & 1)
      result |= (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
  return result;
}

static void run_lop3(emu_warp *w, const emu_instr *i) {
  uint32_t *d = EMU_ROW(uint32_t, 0);
  const uint32_t *a = EMU_ROW(uint32_t, 1), *b = EMU_ROW(uint32_t, 2), *c = EMU_ROW(uint32_t, 3);
  for (int l = 0; l < EMU_LANES; l++) {
    uint32_t value = lookup(a[l], b[l], c[l], i->choice);
    d[l] = w->mask >> l & 1 ? value : d[l];
  }
}

/* lop3.BoolOp d|p, a, b, c, table, q: p is (d != 0) combined with q. */
static void run_lop3_predicate(emu_warp *w, const emu_instr *i) {
  const uint32_t *a = EMU_ROW(uint32_t, 1), *b = EMU_ROW(uint32_t, 2), *c = EMU_ROW(uint32_t, 3);
  uint32_t *p = (uint32_t *)(void *)(w->rows + i->list[0]), q = *(uint32_t *)(void *)(w->rows + i->list[1]);
  uint32_t mask = 0;
  for (int l = 0; l < EMU_LANES; l++) {
    uint32_t value = lookup(a[l], b[l], c[l], i->choice);
    mask |= (uint32_t)(value != 0) << l;
    if (w->mask >> l & 1)
      EMU_ROW(uint32_t, 0)[l] = value;
  }
  q = i->flags & EMU_NEGATE ? ~q : q;
  mask = i->choice2 ? mask & q : mask | q;
  *p = (*p & ~w->mask) | (mask & w->mask);
}

void emu_decode_lop3(emu_reader *reader) {
  const emu_operand *result = emu_operand_at(reader, 0);
  bool both = result->pair != NULL, conjunction = emu_has(reader, "and");
  emu_has(reader, "or");
  emu_expect_operands(reader, both ? 6 : 5, both ? 6 : 5);
  uint32_t rows[4], predicates[2] = {0};
  for (uint32_t k = 0; k < 4; k++)
    rows[k] = emu_row(reader, emu_operand_at(reader, k), EMU_B32);
  if (both) {
    predicates[0] = emu_predicate(reader, result->pair);
    predicates[1] = emu_predicate(reader, emu_operand_at(reader, 5));
  }
  emu_instr *instr = emu_append(reader, both ? run_lop3_predicate : run_lop3);
  memcpy(instr->at, rows, sizeof rows);
  emu_set_list(reader, instr, predicates, 2);
  instr->choice = (uint8_t)emu_integer(reader, emu_operand_at(reader, 4));
  instr->choice2 = conjunction;
  instr->flags = both && emu_operand_at(reader, 5)->not ? EMU_NEGATE : 0;
}

/* ---- bfi ---- */

static uint64_t insert(uint64_t a, uint64_t b, uint32_t position, uint32_t length, uint32_t bits) {
  position &= 0xff;
  length &= 0xff;
  if (position >= bits || !length)
    return b;
  uint64_t ones = length > 63 ? UINT64_MAX : (1ull << length) - 1;
  return (b & ~(ones << position)) | (a & ones) << position;
}

static void run_bfi(emu_warp *w, const emu_instr *i) {
  const uint32_t *position = EMU_ROW(uint32_t, 3), *length = EMU_ROW(uint32_t, 4);
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint64_t a = 0, b = 0;
    if (!(w->mask >> l & 1))
      continue;
    memcpy(&a, EMU_ROW(uint8_t, 1) + l * i->width, i->width);
    memcpy(&b, EMU_ROW(uint8_t, 2) + l * i->width, i->width);
    uint64_t value = insert(a, b, position[l], length[l], i->width * 8u);
    memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
  }
}

void emu_decode_bfi(emu_reader *reader) {
  emu_expect_operands(reader, 5, 5);
  emu_type type = emu_type_at(reader, 0);
  uint32_t rows[5];
  for (uint32_t k = 0; k < 5; k++)
    rows[k] = emu_row(reader, emu_operand_at(reader, k), k < 3 ? type : EMU_B32);
  emu_instr *instr = emu_append(reader, run_bfi);
  memcpy(instr->at, rows, sizeof rows);
  instr->width = (uint8_t)emu_register_width(type);
}

/* ---- carry ---- */

__extension__ typedef unsigned __int128 wide;

enum carry_kind { CARRY_ADD, CARRY_SUB, CARRY_MAD_LO, CARRY_MAD_HI };

static wide product_part(const emu_instr *i, uint64_t a, uint64_t b, bool high) {
  uint32_t bits = i->width * 8u;
  wide product = (wide)a * b;
  if (!high)
    return product & (((wide)1 << bits) - 1);
  uint64_t part = (uint64_t)(product >> bits);
  if (i->flags & EMU_SIGNED) { /* the signed product's upper half differs by the operands where they are negative */
    part -= a >> (bits - 1) & 1 ? b : 0;
    part -= b >> (bits - 1) & 1 ? a : 0;
  }
  return bits == 64 ? part : part & 0xffffffffu;
}

/* The carry of subtraction is a borrow. */
static uint64_t with_carry(const emu_instr *i, uint64_t a, uint64_t b, uint64_t c, bool in, bool *out) {
  uint32_t bits = i->width * 8u;
  wide sum;
  if (i->choice == CARRY_SUB)
    sum = (wide)a - b - in;
  else if (i->choice == CARRY_ADD)
    sum = (wide)a + b + in;
  else
    sum = product_part(i, a, b, i->choice == CARRY_MAD_HI) + c + in;
  *out = sum >> bits & 1;
  return (uint64_t)sum;
}

static void run_carry(emu_warp *w, const emu_instr *i) {
  uint32_t *carry = &w->path->frame->carry;
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint64_t a = 0, b = 0, c = 0;
    bool out;
    if (!(w->mask >> l & 1))
      continue;
    memcpy(&a, EMU_ROW(uint8_t, 1) + l * i->width, i->width);
    memcpy(&b, EMU_ROW(uint8_t, 2) + l * i->width, i->width);
    memcpy(&c, EMU_ROW(uint8_t, 3) + l * i->width, i->width);
    uint64_t value = with_carry(i, a, b, c, i->choice2 && (*carry >> l & 1), &out);
    memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
    if (i->flags & EMU_RESULT)
      *carry = (*carry & ~(1u << l)) | (uint32_t)out << l;
  }
}

/* add.cc, addc, sub.cc, subc, mad.cc, madc. */
void emu_decode_carry(emu_reader *reader) {
  emu_statement *statement = &reader->statement;
  emu_type type = emu_type_at(reader, 0);
  bool out = emu_has(reader, "cc"), high = emu_has(reader, "hi");
  emu_has(reader, "lo");
  char first = statement->base.text[0];
  uint32_t n = first == 'm' ? 4 : 3, rows[4];
  emu_expect_operands(reader, n, n);
  for (uint32_t k = 0; k < 4; k++)
    rows[k] = emu_row(reader, emu_operand_at(reader, k < n ? k : 1), type);
  emu_instr *instr = emu_append(reader, run_carry);
  memcpy(instr->at, rows, sizeof rows);
  instr->width = (uint8_t)emu_register_width(type);
  instr->choice = first == 'a' ? CARRY_ADD : first == 's' ? CARRY_SUB : high ? CARRY_MAD_HI : CARRY_MAD_LO;
  instr->choice2 = statement->base.text[statement->base.n - 1] == 'c';
  instr->flags = (out ? EMU_RESULT : 0u) | (emu_type_defs[type].class == 's' ? EMU_SIGNED : 0u);
}
