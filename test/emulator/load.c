/* ld, ldu, st (PTX ISA 8.x, 9.7.9.8 to 9.7.9.11): scalars and vectors in every state space. */
#include "decode.h"

#include <string.h>

static void write_element(uint8_t *row, uint32_t lane, uint32_t width, const uint8_t *from, uint32_t bytes, bool sign) {
  uint64_t value = 0;
  if (width == bytes) {
    memcpy(row + lane * width, from, bytes);
    return;
  }
  memcpy(&value, from, bytes);
  uint32_t unused = 64 - 8 * bytes;
  if (sign)
    value = (uint64_t)((int64_t)(value << unused) >> unused);
  memcpy(row + lane * width, &value, width);
}

/* All threads, one behind the other in global memory: one check for all. */
static uint8_t *together(emu_warp *w, const emu_instr *i, const uint64_t addresses[EMU_LANES], emu_access access) {
  uint32_t bytes = emu_type_defs[i->type].bytes * i->count, total = bytes * EMU_LANES;
  emu_memory *memory = w->cta->launch->memory;
  uint64_t first = addresses[0], apart = 0;
  if (w->mask != EMU_FULL || (i->space != EMU_GLOBAL && i->space != EMU_GENERIC) || first & (bytes - 1))
    return NULL;
  for (uint64_t l = 0; l < EMU_LANES; l++)
    apart |= addresses[l] ^ (first + l * bytes);
  if (apart || first - (uint64_t)(uintptr_t)memory->base >= memory->size ||
      !emu_memory_is_allocated(memory, first, total))
    return NULL;
  if (access == EMU_WRITE)
    emu_memory_set_written(memory, first, total);
  else if (w->cta->launch->checks.uninitialised && !emu_memory_is_written(memory, first, total))
    return NULL;
  return (uint8_t *)(uintptr_t)first;
}

/* The element of a thread, where registers are as wide as elements. */
static inline void copy_element(uint8_t *to, const uint8_t *from, uint32_t bytes) {
  switch (bytes) {
  case 2:
    memcpy(to, from, 2);
    break;
  case 4:
    memcpy(to, from, 4);
    break;
  case 8:
    memcpy(to, from, 8);
    break;
  default:
    memcpy(to, from, bytes);
  }
}

static void load_lane(emu_warp *w, const emu_instr *i, uint32_t lane, const uint8_t *from) {
  uint32_t bytes = emu_type_defs[i->type].bytes;
  for (uint32_t k = 0; k < i->count; k++) {
    uint8_t *row = w->rows + i->list[k];
    if (i->width == bytes)
      copy_element(row + lane * bytes, from + k * bytes, bytes);
    else
      write_element(row, lane, i->width, from + k * bytes, bytes, i->flags & EMU_SIGNED);
  }
}

static void run_ld(emu_warp *w, const emu_instr *i) {
  uint64_t addresses[EMU_LANES];
  uint32_t all = emu_type_defs[i->type].bytes * i->count;
  if (i->flags & EMU_SYNCHRONISES) {
    emu_order_atomic(w);
    emu_note_spin(w);
  }
  emu_addresses(w, i, 0, addresses);
  const uint8_t *from = together(w, i, addresses, EMU_READ);
  if (from && i->count == 1 && i->width == all) {
    memcpy(w->rows + i->list[0], from, (size_t)EMU_LANES * all);
    return;
  }
  for (uint32_t left = w->mask; left; left &= left - 1) {
    uint32_t l = (uint32_t)__builtin_ctz(left);
    const uint8_t *at = from                     ? from + l * all
                        : i->space == EMU_SHARED ? emu_shared_read(w, l, addresses[l], all)
                                                 : emu_at(w, l, (emu_space)i->space, addresses[l], all, EMU_READ);
    if (!at)
      return;
    load_lane(w, i, l, at);
  }
}

static void run_st(emu_warp *w, const emu_instr *i) {
  uint64_t addresses[EMU_LANES];
  uint32_t bytes = emu_type_defs[i->type].bytes, all = bytes * i->count;
  if (i->flags & EMU_SYNCHRONISES)
    emu_order_atomic(w);
  emu_addresses(w, i, 0, addresses);
  uint8_t *to = together(w, i, addresses, EMU_WRITE);
  if (to && i->count == 1 && i->width == bytes) {
    memcpy(to, w->rows + i->list[0], (size_t)EMU_LANES * bytes);
    return;
  }
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    if (!(w->mask >> l & 1))
      continue;
    uint8_t *at = to ? to + l * all : emu_at(w, l, (emu_space)i->space, addresses[l], all, EMU_WRITE);
    if (!at)
      return;
    for (uint32_t k = 0; k < i->count; k++)
      copy_element(at + k * bytes, w->rows + i->list[k] + l * i->width, bytes);
  }
}

/* A parameter of the kernel by name: the same for all threads. */
static void run_ld_parameter(emu_warp *w, const emu_instr *i) {
  uint32_t bytes = emu_type_defs[i->type].bytes;
  if (w->mask != EMU_FULL) {
    run_ld(w, i);
    return;
  }
  const uint8_t *from = emu_at(w, 0, EMU_PARAM, (uint64_t)i->offset, bytes * i->count, EMU_READ);
  for (uint32_t k = 0; from && k < i->count; k++) {
    uint8_t *row = w->rows + i->list[k];
    write_element(row, 0, i->width, from + k * bytes, bytes, i->flags & EMU_SIGNED);
    for (uint32_t filled = i->width; filled < EMU_LANES * i->width; filled *= 2)
      memcpy(row + filled, row, filled);
  }
}

static const char *const vectors[] = {"v2", "v4", "v8", NULL};
static const char *const orders[] = {"acquire", "release", "relaxed", "volatile", "mmio", NULL};

static bool is_local(emu_reader *reader, emu_space space) {
  return space == EMU_LOCAL || (space == EMU_PARAM && !reader->function->kernel);
}

static void decode_access(emu_reader *reader, uint32_t address, uint32_t values, emu_run_fn *run) {
  static const uint8_t counts[] = {1, 2, 4, 8};
  emu_expect_operands(reader, 2, 3); /* the third is a cache policy */
  emu_type type = emu_type_at(reader, 0);
  uint8_t count = counts[emu_choice(reader, vectors) + 1], width = 0;
  int order = emu_choice(reader, orders);
  emu_has(reader, "unified");
  emu_accept_hints(reader);
  emu_space space = emu_space_of(reader);
  uint32_t rows[8], n = 1;
  const emu_operand *operand = emu_operand_at(reader, values);
  if (operand->kind == EMU_LIST)
    n = operand->n;
  if (n != count)
    emu_fail(reader, "expects %u values, got %u", count, n);
  for (uint32_t k = 0; k < n; k++) {
    const emu_operand *element = operand->kind == EMU_LIST ? &reader->statement.elements[operand->first + k] : operand;
    uint8_t this_width;
    bool sink = element->kind == EMU_NOTHING;
    rows[k] = emu_row_any(reader, element, type, &this_width);
    width = sink && width ? width : this_width;
  }
  emu_instr *instr = emu_append(reader, run);
  emu_set_list(reader, instr, rows, n);
  instr->type = (uint8_t)type;
  instr->count = count;
  instr->width = width;
  emu_address(reader, emu_operand_at(reader, address), instr, 0);
  instr->space = (uint8_t)(is_local(reader, space) || instr->flags & EMU_FRAME ? EMU_LOCAL : space);
  if (run == run_ld && instr->space == EMU_PARAM && emu_operand_at(reader, address)->base == EMU_VARIABLE)
    instr->run = run_ld_parameter;
  instr->flags |= (order >= 0 ? EMU_SYNCHRONISES : 0u) | (emu_type_defs[type].class == 's' ? EMU_SIGNED : 0u);
}

void emu_decode_ld(emu_reader *reader) { decode_access(reader, 1, 0, run_ld); }
void emu_decode_st(emu_reader *reader) { decode_access(reader, 0, 1, run_st); }

static void run_zero_64(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      EMU_ROW(uint64_t, 0)[l] = 0;
}

/* Policies are hints: all are 0. */
void emu_decode_createpolicy(emu_reader *reader) {
  reader->statement.used = UINT32_MAX;
  uint32_t row = emu_row(reader, emu_operand_at(reader, 0), EMU_B64);
  emu_append(reader, run_zero_64)->at[0] = row;
}
