/* cp.async and cp.async.bulk without tensors (PTX ISA 8.x, 9.7.9.25).
 *
 * cp.async is carried out when the program waits for it, as late as the manual allows, so that a missing wait shows.
 * Bulk copies are carried out at once; that a thread reads their data without waiting is found by the race check. */
#include "decode.h"
#include "float.h"

#include <stdlib.h>
#include <string.h>

/* ---- cp.async ---- */

static void copy_lane(emu_warp *w, emu_copy *copy, uint32_t lane) {
  copy->mask &= ~(1u << lane);
  const emu_instr *now = w->instr;
  w->instr = copy->instr;
  const uint8_t *from =
      copy->bytes[lane] ? emu_at(w, lane, EMU_GLOBAL, copy->from[lane], copy->bytes[lane], EMU_READ) : NULL;
  uint8_t *to = copy->bytes[lane] && !from ? NULL : emu_at(w, lane, EMU_SHARED, copy->to[lane], copy->size, EMU_WRITE);
  if (to) {
    memset(to, 0, copy->size);
    if (from)
      memcpy(to, from, copy->bytes[lane]);
  }
  w->instr = now;
}

/* Carries out what the thread's groups up to number `up_to` contain. */
void emu_copies_flush(emu_warp *w, uint32_t lane, uint32_t up_to) {
  uint32_t kept = 0;
  for (uint32_t k = 0; k < w->n_copies; k++) {
    emu_copy *copy = &w->copies[k];
    if ((copy->mask >> lane & 1) && copy->group[lane] <= up_to)
      copy_lane(w, copy, lane);
    if (copy->mask)
      w->copies[kept++] = *copy;
  }
  w->n_copies = kept;
}

static void run_copy(emu_warp *w, const emu_instr *i) {
  uint64_t to[EMU_LANES], from[EMU_LANES];
  emu_instr source = *i;
  source.offset = (int64_t)i->list[0] | (int64_t)i->list[1] << 32;
  source.flags = i->list[2];
  emu_addresses(w, i, 0, to);
  emu_addresses(w, &source, 1, from);
  if (w->n_copies && !(w->n_copies & (w->n_copies - 1)))
    w->copies = emu_realloc(w->copies, 2 * w->n_copies * sizeof(emu_copy));
  else if (!w->n_copies)
    w->copies = emu_realloc(w->copies, sizeof(emu_copy) * (w->n_copies + 1));
  emu_copy *copy = &w->copies[w->n_copies++];
  *copy = (emu_copy){.mask = w->mask, .size = i->count, .instr = i};
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint32_t bytes = i->choice == 1 ? EMU_ROW(uint32_t, 2)[l] : i->count;
    if (i->choice == 2 && (*EMU_ROW(uint32_t, 2) >> l & 1))
      bytes = 0;
    copy->to[l] = (uint32_t)to[l];
    copy->from[l] = from[l];
    copy->bytes[l] = bytes < i->count ? bytes : i->count;
    copy->group[l] = w->groups_committed[l];
  }
}

static void run_commit(emu_warp *w, const emu_instr *i) {
  (void)i;
  for (uint32_t l = 0; l < EMU_LANES; l++)
    w->groups_committed[l] += w->mask >> l & 1;
}

static void run_wait(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint32_t committed = w->groups_committed[l], pending = (uint32_t)i->offset;
    if (!(w->mask >> l & 1))
      continue;
    if (i->choice)
      emu_copies_flush(w, l, UINT32_MAX);
    else if (committed > pending)
      emu_copies_flush(w, l, committed - pending - 1);
  }
}

static void decode_copy(emu_reader *reader) {
  emu_expect_operands(reader, 3, 5);
  static const char *const spaces[] = {"shared", "shared::cta", "shared::cluster", "global"};
  emu_accept_hints(reader);
  for (size_t k = 0; k < countof(spaces); k++)
    emu_has(reader, spaces[k]);
  int64_t size = emu_integer(reader, emu_operand_at(reader, 2));
  if (size != 4 && size != 8 && size != 16)
    emu_fail(reader, "cp.async copies 4, 8 or 16 bytes, not %lld", (long long)size);
  emu_instr target = {0}, source = {0};
  emu_address(reader, emu_operand_at(reader, 0), &target, 0);
  emu_address(reader, emu_operand_at(reader, 1), &source, 1);
  const emu_operand *limit = reader->statement.n_operands > 3 ? emu_operand_at(reader, 3) : NULL;
  bool policy = limit && limit->kind == EMU_REGISTER && limit->width == 8;
  bool ignore = limit && limit->type == EMU_PRED;
  uint32_t row = !limit || policy ? 0 : ignore ? emu_predicate(reader, limit) : emu_row(reader, limit, EMU_B32);
  emu_instr *instr = emu_append(reader, run_copy);
  uint32_t list[] = {(uint32_t)source.offset, (uint32_t)((uint64_t)source.offset >> 32), source.flags};
  emu_set_list(reader, instr, list, 3);
  instr->at[0] = target.at[0];
  instr->at[1] = source.at[1];
  instr->at[2] = row;
  instr->offset = target.offset;
  instr->flags = target.flags;
  instr->count = (uint8_t)size;
  instr->choice = !limit || policy ? 0 : ignore ? 2 : 1;
}

/* ---- cp.async.bulk ---- */

void emu_bulk_read_begin(emu_warp *w, uint32_t lane, emu_cta *cta, uint32_t offset, uint32_t bytes) {
  if (!cta->traces)
    return;
  cta->bulk_reads = emu_realloc(cta->bulk_reads, (cta->n_bulk_reads + 1) * sizeof(emu_bulk_read));
  cta->bulk_reads[cta->n_bulk_reads++] = (emu_bulk_read){offset, bytes, emu_thread(w, lane), w->bulk_committed[lane]};
}

void emu_bulk_reads_end(emu_warp *w, uint32_t lane, uint32_t up_to) {
  emu_cta *cta = w->cta;
  uint32_t kept = 0;
  for (uint32_t k = 0; k < cta->n_bulk_reads; k++)
    if (cta->bulk_reads[k].thread != emu_thread(w, lane) || cta->bulk_reads[k].group > up_to)
      cta->bulk_reads[kept++] = cta->bulk_reads[k];
  cta->n_bulk_reads = kept;
}

void emu_bulk_reads_check(emu_warp *w, int lane, const emu_cta *cta, uint32_t offset, uint32_t bytes) {
  for (uint32_t k = 0; k < cta->n_bulk_reads; k++) {
    const emu_bulk_read *read = &cta->bulk_reads[k];
    if (offset < read->offset + read->bytes && read->offset < offset + bytes)
      emu_report(w, lane, EMU_FOUND_RACE, "writes shared address 0x%x, which a bulk copy of thread %u may still read",
                 offset, read->thread);
  }
}

static void run_bulk_commit(emu_warp *w, const emu_instr *i) {
  (void)i;
  for (uint32_t l = 0; l < EMU_LANES; l++)
    w->bulk_committed[l] += w->mask >> l & 1;
}

static void run_bulk_wait(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if ((w->mask >> l & 1) && w->bulk_committed[l] > (uint32_t)i->offset)
      emu_bulk_reads_end(w, l, w->bulk_committed[l] - (uint32_t)i->offset - 1);
}

void emu_reduce_bytes(const emu_instr *i, uint8_t *to, const uint8_t *from, uint32_t bytes) {
  if (!i->choice2) {
    memcpy(to, from, bytes);
    return;
  }
  uint32_t size = emu_type_defs[i->type].bytes;
  for (uint32_t at = 0; at + size <= bytes; at += size)
    emu_atomic_apply(to + at, i->choice2 - 1u, (emu_type)i->type, from + at);
}

/* Every block of a multicast gets the bytes at the same offset, and its mbarrier there is told. */
static void copy_to_shared(emu_warp *w, const emu_instr *i, uint32_t lane, uint32_t bytes) {
  uint64_t to, from = EMU_ROW(uint64_t, 1)[lane], barrier;
  emu_instr place = *i;
  uint64_t addresses[EMU_LANES];
  emu_addresses(w, &place, 0, addresses);
  to = addresses[lane];
  place.flags = i->list[1];
  place.offset = 0;
  emu_addresses(w, &place, 3, addresses);
  barrier = addresses[lane];
  uint32_t offset, barrier_offset;
  emu_cta *owner = emu_shared_owner(w, to & ~EMU_WINDOW_MASK, &offset);
  emu_cta *barrier_owner = emu_shared_owner(w, barrier & ~EMU_WINDOW_MASK, &barrier_offset);
  bool local = i->space == EMU_SHARED;
  uint32_t from_offset;
  emu_cta *source = local ? emu_shared_owner(w, from & ~EMU_WINDOW_MASK, &from_offset) : NULL;
  const uint8_t *bytes_from =
      local ? emu_shared_async(w, source, from_offset, bytes, EMU_READ) : emu_global_async(w, from, bytes, EMU_READ);
  uint8_t *bytes_to = bytes_from && owner ? emu_shared_async(w, owner, offset, bytes, EMU_WRITE) : NULL;
  if (!bytes_to || !barrier_owner)
    return;
  emu_reduce_bytes(i, bytes_to, bytes_from, bytes);
  emu_mbarrier_transact(w, barrier_owner, barrier_offset, bytes);
}

static void copy_to_global(emu_warp *w, const emu_instr *i, uint32_t lane, uint32_t bytes) {
  uint64_t addresses[EMU_LANES];
  emu_instr source = *i;
  source.flags = i->list[0];
  source.offset = 0;
  emu_addresses(w, &source, 1, addresses);
  uint32_t offset;
  emu_cta *owner = emu_shared_owner(w, addresses[lane] & ~EMU_WINDOW_MASK, &offset);
  const uint8_t *from = emu_shared_async(w, owner, offset, bytes, EMU_READ);
  if (from)
    emu_bulk_read_begin(w, lane, owner, offset, bytes);
  uint8_t *to =
      from ? emu_global_async(w, EMU_ROW(uint64_t, 0)[lane], bytes, i->choice2 ? EMU_ATOMIC : EMU_WRITE) : NULL;
  if (to)
    emu_reduce_bytes(i, to, from, bytes);
}

static void run_bulk(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES && !w->cta->launch->failed; l++) {
    uint32_t bytes = EMU_ROW(uint32_t, 2)[l];
    if (!(w->mask >> l & 1))
      continue;
    if (bytes % 16)
      emu_report(w, (int)l, EMU_FOUND_MISALIGNED, "a bulk copy of %u bytes, no multiple of 16", bytes);
    else if (i->choice)
      copy_to_shared(w, i, l, bytes);
    else
      copy_to_global(w, i, l, bytes);
  }
}

uint8_t emu_reduction_of(emu_reader *reader) {
  return emu_has(reader, "reduce") ? (uint8_t)(emu_atomic_operation(reader) + 1) : 0;
}

/* The spaces in the order of the text: destination, then source. */
static bool goes_to_shared(emu_reader *reader) {
  const emu_statement *statement = &reader->statement;
  for (uint32_t k = 0; k < statement->n_modifiers; k++)
    if (emu_word_is(statement->modifiers[k], "global"))
      return false;
    else if (statement->modifiers[k].n > 6 && !memcmp(statement->modifiers[k].text, "shared", 6))
      return true;
  return false;
}

static void decode_bulk(emu_reader *reader) {
  bool to_shared = goes_to_shared(reader), from_global = emu_has(reader, "global") && to_shared;
  emu_has(reader, "shared::cluster");
  emu_has(reader, "shared::cta");
  emu_has(reader, "bulk_group");
  emu_has(reader, "mbarrier::complete_tx::bytes");
  emu_accept_hints(reader);
  uint8_t reduction = emu_reduction_of(reader);
  emu_expect_operands(reader, 3, 5);
  emu_instr to = {0}, from = {0}, barrier = {0};
  emu_address(reader, emu_operand_at(reader, 0), &to, 0);
  emu_address(reader, emu_operand_at(reader, 1), &from, 1);
  uint32_t size = emu_row(reader, emu_operand_at(reader, 2), EMU_B32);
  if (to_shared)
    emu_address(reader, emu_operand_at(reader, 3), &barrier, 3);
  if (from.offset || barrier.offset || (!to_shared && to.offset))
    emu_fail(reader, "bulk copies with offsets in their addresses are not known");
  emu_instr *instr = emu_append(reader, run_bulk);
  uint32_t list[] = {from.flags, barrier.flags};
  emu_set_list(reader, instr, list, 2);
  instr->at[0] = to.at[0];
  instr->at[1] = from.at[1];
  instr->at[2] = size;
  instr->at[3] = barrier.at[3];
  instr->offset = to.offset;
  instr->flags = to.flags;
  instr->choice = to_shared;
  instr->choice2 = reduction;
  instr->space = from_global ? EMU_GLOBAL : EMU_SHARED;
  instr->type = (uint8_t)(reduction ? emu_type_at(reader, 0) : EMU_NO_TYPE);
}

/* ---- all forms ---- */

static void decode_wait(emu_reader *reader, bool bulk, bool all) {
  emu_has(reader, "read");
  int64_t n = all ? 0 : emu_integer(reader, emu_operand_at(reader, 0));
  emu_instr *instr = emu_append(reader, bulk ? run_bulk_wait : run_wait);
  instr->offset = n;
  instr->choice = all;
}

void emu_decode_cp(emu_reader *reader) {
  emu_has(reader, "async");
  bool bulk = emu_has(reader, "bulk");
  if (emu_has(reader, "prefetch"))
    emu_decode_nothing(reader);
  else if (emu_has(reader, "commit_group"))
    emu_append(reader, bulk ? run_bulk_commit : run_commit);
  else if (emu_has(reader, "wait_group"))
    decode_wait(reader, bulk, false);
  else if (emu_has(reader, "wait_all"))
    decode_wait(reader, bulk, true);
  else if (emu_has(reader, "mbarrier"))
    emu_decode_copy_arrive(reader);
  else if (emu_has(reader, "tensor"))
    emu_decode_tensor_copy(reader);
  else if (bulk)
    decode_bulk(reader);
  else
    decode_copy(reader);
}
