/* mbarrier objects (PTX ISA 8.x, 9.7.12.15): 64 bits of shared memory.
 *
 * bits 0-19: arrivals pending; 20-39: arrivals expected in a phase; 40-61: bytes pending (signed); 63: the parity of
 * the current phase.  What order their users gain by them stands next to the block (races.c). */
#include "decode.h"

#include <string.h>

enum { COUNT_BITS = 20, COUNT_MASK = (1 << COUNT_BITS) - 1, BYTES_SHIFT = 40, BYTES_BITS = 22 };
#define PHASE_BIT (1ull << 63)

typedef struct fields {
  uint64_t pending, expected;
  int64_t bytes;
  bool phase;
} fields;

static fields unpack(uint64_t word) {
  uint64_t bytes = word >> BYTES_SHIFT << (64 - BYTES_BITS);
  return (fields){word & COUNT_MASK, word >> COUNT_BITS & COUNT_MASK, (int64_t)bytes >> (64 - BYTES_BITS),
                  word & PHASE_BIT};
}

static uint64_t pack(fields f) {
  return f.pending | f.expected << COUNT_BITS | ((uint64_t)f.bytes & ((1u << BYTES_BITS) - 1)) << BYTES_SHIFT |
         (f.phase ? PHASE_BIT : 0);
}

static emu_mbarrier *find(emu_cta *cta, uint32_t offset) {
  for (uint32_t k = 0; k < cta->n_mbarriers; k++)
    if (cta->mbarriers[k].address == offset)
      return &cta->mbarriers[k];
  cta->mbarriers = emu_realloc(cta->mbarriers, (cta->n_mbarriers + 1) * sizeof(emu_mbarrier));
  emu_mbarrier *barrier = &cta->mbarriers[cta->n_mbarriers++];
  *barrier = (emu_mbarrier){.address = offset};
  return barrier;
}

static void store(emu_cta *cta, uint32_t offset, fields f) {
  if (f.pending == 0 && f.bytes == 0) {
    emu_mbarrier *barrier = find(cta, offset);
    memcpy(barrier->complete, barrier->seen, sizeof barrier->complete);
    f.phase = !f.phase;
    f.pending = f.expected;
  }
  uint64_t word = pack(f);
  memcpy(cta->shared + offset, &word, 8);
  cta->gang->version++;
}

static fields load(const emu_cta *cta, uint32_t offset) {
  uint64_t word;
  memcpy(&word, cta->shared + offset, 8);
  return unpack(word);
}

void emu_mbarrier_transact(emu_warp *warp, emu_cta *cta, uint32_t offset, int64_t bytes) {
  (void)warp;
  fields f = load(cta, offset);
  f.bytes -= bytes;
  find(cta, offset)->seen[EMU_ASYNC] = cta->time++;
  store(cta, offset, f);
}

static bool arrive(emu_warp *w, uint32_t lane, emu_cta *cta, uint32_t offset, uint64_t n) {
  fields f = load(cta, offset);
  if (n > f.pending) {
    emu_report(w, (int)lane, EMU_FOUND_MISUSE, "%llu arrivals at an mbarrier that waits for %llu",
               (unsigned long long)n, (unsigned long long)f.pending);
    return false;
  }
  f.pending -= n;
  if (cta == w->cta)
    emu_release(w, find(cta, offset)->seen);
  store(cta, offset, f);
  return true;
}

/* ---- instructions ---- */

enum kind { INIT, INVAL, ARRIVE, ARRIVE_DROP, EXPECT_TX, COMPLETE_TX, TEST_WAIT, TRY_WAIT, COPY_ARRIVE };

/* The block and offset of the mbarrier at the thread's address, checked. */
static emu_cta *barrier_at(emu_warp *w, const emu_instr *i, uint32_t lane, uint64_t address, uint32_t *out_offset) {
  emu_space space = i->space == EMU_GENERIC ? EMU_GENERIC : EMU_SHARED;
  if (space == EMU_GENERIC && (address & EMU_WINDOW_MASK) != EMU_SHARED_WINDOW) {
    emu_report(w, (int)lane, EMU_FOUND_MISUSE, "0x%llx is no address of an mbarrier", (unsigned long long)address);
    return NULL;
  }
  return emu_at(w, lane, space, address, 8, i->choice == INIT ? EMU_CREATE : EMU_ATOMIC)
             ? emu_shared_owner(w, address & ~EMU_WINDOW_MASK, out_offset)
             : NULL;
}

static void init(emu_warp *w, uint32_t lane, emu_cta *cta, uint32_t offset, uint32_t count) {
  if (!count || count > COUNT_MASK) {
    emu_report(w, (int)lane, EMU_FOUND_MISUSE, "an mbarrier for %u arrivals", count);
    return;
  }
  fields f = {.pending = count, .expected = count};
  uint64_t word = pack(f);
  memcpy(cta->shared + offset, &word, 8);
  memset(find(cta, offset)->seen, 0, sizeof(uint32_t) * EMU_ACTORS);
  memset(find(cta, offset)->complete, 0, sizeof(uint32_t) * EMU_ACTORS);
}

static void update(emu_warp *w, const emu_instr *i, uint32_t lane, emu_cta *cta, uint32_t offset) {
  uint32_t argument = EMU_ROW(uint32_t, 2)[lane];
  fields f = load(cta, offset);
  uint64_t before = pack(f);
  switch ((enum kind)i->choice) {
  case INIT:
    init(w, lane, cta, offset, argument);
    return;
  case INVAL:
    return;
  case EXPECT_TX:
    f.bytes += argument;
    store(cta, offset, f);
    return;
  case COMPLETE_TX:
    f.bytes -= argument;
    store(cta, offset, f);
    return;
  case ARRIVE_DROP:
    f.expected--;
    break;
  case COPY_ARRIVE:
    emu_copies_flush(w, lane, UINT32_MAX);
    if (!i->choice2)
      return; /* counted up before it is counted down */
    break;
  case ARRIVE:
  case TEST_WAIT:
  case TRY_WAIT:
    break;
  }
  if (i->choice2 && i->choice != COPY_ARRIVE) { /* with expect_tx */
    f.bytes += argument;
    argument = 1;
  }
  uint64_t word = pack(f);
  memcpy(cta->shared + offset, &word, 8);
  if (arrive(w, lane, cta, offset, i->choice == COPY_ARRIVE ? 1 : argument) && i->flags & EMU_RESULT)
    EMU_ROW(uint64_t, 1)[lane] = before;
}

static void run_update(emu_warp *w, const emu_instr *i) {
  uint64_t addresses[EMU_LANES];
  uint32_t offset;
  emu_addresses(w, i, 0, addresses);
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1) {
      emu_cta *cta = barrier_at(w, i, l, addresses[l], &offset);
      if (!cta || w->cta->launch->failed)
        return;
      update(w, i, l, cta, offset);
    }
}

/* Whether the phase that the thread names is over; if not, others get their turn. */
static void run_wait(emu_warp *w, const emu_instr *i) {
  uint64_t addresses[EMU_LANES];
  uint32_t done = 0, offset;
  emu_addresses(w, i, 0, addresses);
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    if (!(w->mask >> l & 1))
      continue;
    emu_cta *cta = barrier_at(w, i, l, addresses[l], &offset);
    if (!cta)
      return;
    bool phase = load(cta, offset).phase;
    bool waited = i->choice2 ? EMU_ROW(uint32_t, 2)[l] & 1 : (EMU_ROW(uint64_t, 2)[l] & PHASE_BIT) != 0;
    if (phase == waited)
      continue;
    done |= 1u << l;
    if (cta == w->cta)
      emu_acquire(w, find(cta, offset)->complete);
  }
  uint32_t *p = EMU_ROW(uint32_t, 1);
  *p = (*p & ~w->mask) | done;
  w->polls = w->leaves = done != w->mask;
}

static void run_pending_count(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      EMU_ROW(uint32_t, 0)[l] = (uint32_t)unpack(EMU_ROW(uint64_t, 1)[l]).pending;
}

/* ---- decoding ---- */

static const char *const names[] = {"init",        "inval",     "arrive",   "arrive_drop", "expect_tx",
                                    "complete_tx", "test_wait", "try_wait", NULL};

static void accept_order(emu_reader *reader) {
  static const char *const orders[] = {"acquire", "release", "relaxed", "cta", "cluster", "noComplete"};
  for (size_t k = 0; k < countof(orders); k++)
    emu_has(reader, orders[k]);
}

static void decode_wait(emu_reader *reader, int kind, emu_space space) {
  emu_expect_operands(reader, 3, 4); /* the fourth is a time limit */
  bool parity = emu_has(reader, "parity");
  uint32_t result = emu_predicate(reader, emu_operand_at(reader, 0));
  uint32_t state = emu_row(reader, emu_operand_at(reader, 2), parity ? EMU_B32 : EMU_B64);
  emu_instr *instr = emu_append(reader, run_wait);
  instr->at[1] = result;
  instr->at[2] = state;
  instr->choice = (uint8_t)kind;
  instr->choice2 = parity;
  emu_address(reader, emu_operand_at(reader, 1), instr, 0);
  instr->space = (uint8_t)space;
}

void emu_decode_mbarrier(emu_reader *reader) {
  emu_statement *statement = &reader->statement;
  if (emu_has(reader, "pending_count")) {
    uint32_t rows[] = {emu_row(reader, emu_operand_at(reader, 0), EMU_B32),
                       emu_row(reader, emu_operand_at(reader, 1), EMU_B64)};
    memcpy(emu_append(reader, run_pending_count)->at, rows, sizeof rows);
    return;
  }
  int kind = emu_choice(reader, names);
  emu_space space = emu_space_of(reader);
  accept_order(reader);
  if (kind < 0)
    emu_fail(reader, "'%.*s' is not known", (int)statement->opcode.n, statement->opcode.text);
  if (kind == TEST_WAIT || kind == TRY_WAIT) {
    decode_wait(reader, kind, space);
    return;
  }
  bool with_bytes = (kind == ARRIVE || kind == ARRIVE_DROP) && emu_has(reader, "expect_tx");
  bool result = emu_operand_at(reader, 0)->kind != EMU_ADDRESS;
  emu_expect_operands(reader, result + 1u, result + 2u);
  uint32_t state = result ? emu_row(reader, emu_operand_at(reader, 0), EMU_B64) : emu_scratch_row(reader);
  uint32_t argument = statement->n_operands > result + 1u
                          ? emu_row(reader, emu_operand_at(reader, result + 1u), EMU_B32)
                          : emu_constant_row(reader, 4, 1);
  emu_instr *instr = emu_append(reader, run_update);
  instr->at[1] = state;
  instr->at[2] = argument;
  instr->choice = (uint8_t)kind;
  instr->choice2 = with_bytes;
  instr->flags = result ? EMU_RESULT : 0;
  emu_address(reader, emu_operand_at(reader, result), instr, 0);
  instr->space = (uint8_t)space;
}

/* cp.async.mbarrier.arrive{.noinc}.shared.b64 [barrier]. */
void emu_decode_copy_arrive(emu_reader *reader) {
  emu_expect_operands(reader, 1, 1);
  emu_has(reader, "arrive");
  bool counted = emu_has(reader, "noinc");
  emu_space space = emu_space_of(reader);
  emu_instr *instr = emu_append(reader, run_update);
  instr->at[2] = emu_constant_row(reader, 4, 1);
  instr->choice = COPY_ARRIVE;
  instr->choice2 = counted;
  emu_address(reader, emu_operand_at(reader, 0), instr, 0);
  instr->space = (uint8_t)space;
}
