/* Exchange between the threads of a warp (PTX ISA 8.x, 9.7.8.6, 9.7.12.8 to 9.7.12.12, elect.sync). */
#include "decode.h"

#include <string.h>

bool emu_members(emu_warp *w, const uint32_t *masks) {
  uint32_t lane = (uint32_t)__builtin_ctz(w->mask), members = masks[lane];
  if (!(members >> lane & 1)) {
    emu_report(w, (int)lane, EMU_FOUND_DIVERGENT, "the member mask 0x%08x lacks the thread itself", members);
    return false;
  }
  if (members & w->live & ~w->mask) {
    emu_report(w, (int)lane, EMU_FOUND_DIVERGENT, "the member mask is 0x%08x, but only threads 0x%08x are here",
               members, w->mask);
    return false;
  }
  return true;
}

/* ---- shfl ---- */

enum shuffle { SHUFFLE_UP, SHUFFLE_DOWN, SHUFFLE_BFLY, SHUFFLE_IDX };
static const char *const shuffle_names[] = {"up", "down", "bfly", "idx", NULL};

/* The lane that lane l reads, as the manual's pseudocode has it; *valid is the predicate. */
static uint32_t source_lane(int kind, uint32_t l, uint32_t b, uint32_t c, bool *valid) {
  uint32_t segment = c >> 8 & 31, clamp = c & 31, index = b & 31;
  uint32_t last = (l & segment) | (clamp & ~segment), first = l & segment;
  int32_t from = 0;
  switch ((enum shuffle)kind) {
  case SHUFFLE_UP:
    from = (int32_t)l - (int32_t)index;
    *valid = from >= (int32_t)last;
    break;
  case SHUFFLE_DOWN:
    from = (int32_t)(l + index);
    *valid = from <= (int32_t)last;
    break;
  case SHUFFLE_BFLY:
    from = (int32_t)(l ^ index);
    *valid = from <= (int32_t)last;
    break;
  case SHUFFLE_IDX:
    from = (int32_t)(first | (index & ~segment));
    *valid = from <= (int32_t)last;
    break;
  }
  return *valid ? (uint32_t)from & 31 : l;
}

static void run_shfl(emu_warp *w, const emu_instr *i) {
  const uint32_t *b = EMU_ROW(uint32_t, 2), *c = EMU_ROW(uint32_t, 3);
  uint32_t a[EMU_LANES], predicate = 0;
  if (i->choice2 && !emu_members(w, EMU_ROW(uint32_t, 4)))
    return;
  memcpy(a, EMU_ROW(uint32_t, 1), sizeof a);
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    if (!(w->mask >> l & 1))
      continue;
    bool valid = false;
    uint32_t from = source_lane(i->choice, l, b[l], c[l], &valid);
    if (!(w->mask >> from & 1)) {
      emu_report(w, (int)l, EMU_FOUND_DIVERGENT, "reads the register of thread %u, which does not take part", from);
      return;
    }
    EMU_ROW(uint32_t, 0)[l] = a[from];
    predicate |= (uint32_t)valid << l;
  }
  if (i->flags & EMU_RESULT2) {
    uint32_t *p = (uint32_t *)(void *)(w->rows + i->list[0]);
    *p = (*p & ~w->mask) | predicate;
  }
}

void emu_decode_shfl(emu_reader *reader) {
  bool sync = emu_has(reader, "sync");
  int kind = emu_choice(reader, shuffle_names);
  emu_expect_operands(reader, sync ? 5 : 4, sync ? 5 : 4);
  if (kind < 0)
    emu_fail(reader, "shfl lacks a mode");
  const emu_operand *result = emu_operand_at(reader, 0);
  uint32_t rows[5] = {0}, predicate = result->pair ? emu_predicate(reader, result->pair) : 0;
  for (uint32_t k = 0; k < (sync ? 5u : 4u); k++)
    rows[k] = emu_row(reader, emu_operand_at(reader, k), EMU_B32);
  emu_instr *instr = emu_append(reader, run_shfl);
  memcpy(instr->at, rows, sizeof rows);
  emu_set_list(reader, instr, &predicate, 1);
  instr->flags = result->pair ? EMU_RESULT2 : 0;
  instr->choice = (uint8_t)kind;
  instr->choice2 = sync;
}

/* ---- vote ---- */

static const char *const vote_names[] = {"all", "any", "uni", "ballot", NULL};

static void run_vote(emu_warp *w, const emu_instr *i) {
  uint32_t p = *EMU_ROW(uint32_t, 1);
  p = (i->flags & EMU_NEGATE ? ~p : p) & w->mask;
  if (i->choice2 && !emu_members(w, EMU_ROW(uint32_t, 2)))
    return;
  if (i->choice == 3) {
    for (uint32_t l = 0; l < EMU_LANES; l++)
      if (w->mask >> l & 1)
        EMU_ROW(uint32_t, 0)[l] = p;
    return;
  }
  bool results[] = {p == w->mask, p != 0, p == 0 || p == w->mask};
  uint32_t *d = EMU_ROW(uint32_t, 0);
  *d = (*d & ~w->mask) | (results[i->choice] ? w->mask : 0);
}

void emu_decode_vote(emu_reader *reader) {
  bool sync = emu_has(reader, "sync");
  int kind = emu_choice(reader, vote_names);
  emu_expect_operands(reader, sync ? 3 : 2, sync ? 3 : 2);
  if (kind < 0)
    emu_fail(reader, "vote lacks a mode");
  uint32_t rows[3] = {0};
  rows[0] = emu_row(reader, emu_operand_at(reader, 0), kind == 3 ? EMU_B32 : EMU_PRED);
  rows[1] = emu_predicate(reader, emu_operand_at(reader, 1));
  rows[2] = sync ? emu_row(reader, emu_operand_at(reader, 2), EMU_B32) : 0;
  emu_instr *instr = emu_append(reader, run_vote);
  memcpy(instr->at, rows, sizeof rows);
  instr->flags = emu_operand_at(reader, 1)->not ? EMU_NEGATE : 0;
  instr->choice = (uint8_t)kind;
  instr->choice2 = sync;
}

/* ---- match ---- */

static void run_match(emu_warp *w, const emu_instr *i) {
  uint64_t values[EMU_LANES] = {0};
  uint32_t all = 0;
  if (!emu_members(w, EMU_ROW(uint32_t, 2)))
    return;
  for (uint32_t l = 0; l < EMU_LANES; l++)
    memcpy(&values[l], EMU_ROW(uint8_t, 1) + l * i->width, i->width);
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint32_t same = 0;
    if (!(w->mask >> l & 1))
      continue;
    for (uint32_t k = 0; k < EMU_LANES; k++)
      same |= (uint32_t)((w->mask >> k & 1) && values[k] == values[l]) << k;
    all = same == w->mask ? w->mask : 0;
    EMU_ROW(uint32_t, 0)[l] = i->choice ? all : same;
  }
  if (i->flags & EMU_RESULT2) {
    uint32_t *p = EMU_ROW(uint32_t, 3);
    *p = (*p & ~w->mask) | all;
  }
}

void emu_decode_match(emu_reader *reader) {
  emu_expect_operands(reader, 3, 3);
  emu_has(reader, "sync");
  bool all = emu_has(reader, "all");
  emu_has(reader, "any");
  emu_type type = emu_type_at(reader, 0);
  const emu_operand *result = emu_operand_at(reader, 0);
  uint32_t rows[] = {emu_row(reader, result, EMU_B32), emu_row(reader, emu_operand_at(reader, 1), type),
                     emu_row(reader, emu_operand_at(reader, 2), EMU_B32),
                     result->pair ? emu_predicate(reader, result->pair) : 0};
  emu_instr *instr = emu_append(reader, run_match);
  memcpy(instr->at, rows, sizeof rows);
  instr->width = (uint8_t)emu_register_width(type);
  instr->choice = all;
  instr->flags = result->pair ? EMU_RESULT2 : 0;
}

/* ---- redux, activemask, elect ---- */

static const char *const redux_names[] = {"add", "min", "max", "and", "or", "xor", NULL};

static uint32_t reduce(int kind, bool has_sign, uint32_t a, uint32_t b) {
  bool less = has_sign ? (int32_t)a < (int32_t)b : a < b;
  uint32_t results[] = {a + b, less ? a : b, less ? b : a, a & b, a | b, a ^ b};
  return results[kind];
}

static void run_redux(emu_warp *w, const emu_instr *i) {
  const uint32_t *a = EMU_ROW(uint32_t, 1);
  if (!emu_members(w, EMU_ROW(uint32_t, 2)))
    return;
  uint32_t lane = (uint32_t)__builtin_ctz(w->mask), sum = a[lane];
  for (uint32_t l = lane + 1; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      sum = reduce(i->choice, i->type == EMU_S32, sum, a[l]);
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      EMU_ROW(uint32_t, 0)[l] = sum;
}

void emu_decode_redux(emu_reader *reader) {
  emu_expect_operands(reader, 3, 3);
  emu_has(reader, "sync");
  int kind = emu_choice(reader, redux_names);
  emu_type type = emu_type_at(reader, 0);
  if (kind < 0 || type == EMU_F32)
    emu_fail(reader, "'%.*s' is not known", (int)reader->statement.opcode.n, reader->statement.opcode.text);
  uint32_t rows[3];
  for (uint32_t k = 0; k < 3; k++)
    rows[k] = emu_row(reader, emu_operand_at(reader, k), EMU_B32);
  emu_instr *instr = emu_append(reader, run_redux);
  memcpy(instr->at, rows, sizeof rows);
  instr->type = (uint8_t)type;
  instr->choice = (uint8_t)kind;
}

static void run_activemask(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      EMU_ROW(uint32_t, 0)[l] = w->mask;
}

void emu_decode_activemask(emu_reader *reader) {
  uint32_t row = emu_row(reader, emu_operand_at(reader, 0), EMU_B32);
  emu_append(reader, run_activemask)->at[0] = row;
}

/* elect.sync d|p, mask: the first thread of those that take part. */
static void run_elect(emu_warp *w, const emu_instr *i) {
  if (!emu_members(w, EMU_ROW(uint32_t, 2)))
    return;
  uint32_t leader = (uint32_t)__builtin_ctz(w->mask), *p = EMU_ROW(uint32_t, 1);
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      EMU_ROW(uint32_t, 0)[l] = leader;
  *p = (*p & ~w->mask) | 1u << leader;
}

void emu_decode_elect(emu_reader *reader) {
  emu_expect_operands(reader, 2, 2);
  emu_has(reader, "sync");
  const emu_operand *result = emu_operand_at(reader, 0);
  if (!result->pair)
    emu_fail(reader, "elect.sync gives d|p");
  uint32_t rows[] = {emu_row(reader, result, EMU_B32), emu_predicate(reader, result->pair),
                     emu_row(reader, emu_operand_at(reader, 1), EMU_B32)};
  emu_instr *instr = emu_append(reader, run_elect);
  memcpy(instr->at, rows, sizeof rows);
}
