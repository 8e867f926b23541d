/* mov: registers, vectors, special registers and addresses; conversions between address spaces. */
#include "decode.h"

#include "alu.h"

#include <string.h>

/* ---- vectors: mov.b64 {a, b}, c and back ---- */

static void run_pack(emu_warp *w, const emu_instr *i) {
  uint32_t part = i->width / i->n_list;
  for (uint32_t k = 0; k < i->n_list; k++)
    for (uint32_t l = 0; l < EMU_LANES; l++)
      if (w->mask >> l & 1)
        memcpy(EMU_ROW(uint8_t, 0) + l * i->width + k * part, w->rows + i->list[k] + l * part, part);
}

static void run_unpack(emu_warp *w, const emu_instr *i) {
  uint32_t part = i->width / i->n_list;
  uint8_t copy[EMU_LANES * 16]; /* an element may be the register itself */
  memcpy(copy, EMU_ROW(uint8_t, 0), EMU_LANES * i->width);
  for (uint32_t k = 0; k < i->n_list; k++)
    for (uint32_t l = 0; l < EMU_LANES; l++)
      if (w->mask >> l & 1)
        memcpy(w->rows + i->list[k] + l * part, copy + l * i->width + k * part, part);
}

static void decode_vector(emu_reader *reader, const emu_operand *vector, const emu_operand *scalar, emu_run_fn *run) {
  uint32_t width = emu_register_width(emu_type_at(reader, 0)), rows[8];
  if (vector->n != 2 && vector->n != 4)
    emu_fail(reader, "a vector has 2 or 4 elements, not %u", vector->n);
  for (uint32_t k = 0; k < vector->n; k++) {
    const emu_operand *element = &reader->statement.elements[vector->first + k];
    rows[k] = emu_row_of_width(reader, element, width / vector->n);
  }
  uint32_t row = emu_row_of_width(reader, scalar, width);
  emu_instr *instr = emu_append(reader, run);
  instr->at[0] = row;
  instr->width = (uint8_t)width;
  emu_set_list(reader, instr, rows, vector->n);
}

/* ---- addresses in the frame, and 16-byte registers ---- */

static void run_frame_address(emu_warp *w, const emu_instr *i) {
  uint64_t value = (uint64_t)i->offset + (i->flags & EMU_FRAME ? w->path->frame->local_base : 0);
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
}

static void run_copy_128(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++)
    if (w->mask >> l & 1)
      memmove(EMU_ROW(uint8_t, 0) + l * 16, EMU_ROW(uint8_t, 1) + l * 16, 16);
}

/* Registers of the same size. */
#define COPY(id, T)                                                                                                    \
  static void id(emu_warp *w, const emu_instr *i) {                                                                    \
    T *d = EMU_ROW(T, 0);                                                                                              \
    const T *a = EMU_ROW(T, 1);                                                                                        \
    EMU_EACH_LANE(w, d[l] = a[l];)                                                                                     \
  }
COPY(run_copy_16, uint16_t)
COPY(run_copy_32, uint32_t)
COPY(run_copy_64, uint64_t)
#undef COPY

static emu_run_fn *copy_of(uint32_t width) {
  return width == 2 ? run_copy_16 : width == 4 ? run_copy_32 : width == 8 ? run_copy_64 : run_copy_128;
}

static bool is_dynamic(uint32_t special) {
  static const bool changes[] = {
#define X(ID, name, bytes, changes, value) changes,
#include "specials.def"
#undef X
  };
  return changes[special];
}

static void decode_copy(emu_reader *reader, emu_type type) {
  const emu_operand *to = emu_operand_at(reader, 0), *from = emu_operand_at(reader, 1);
  uint32_t width = emu_register_width(type), result = emu_row_of_width(reader, to, width);
  bool in_frame = from->kind == EMU_VARIABLE && (from->symbol->space == EMU_LOCAL || from->symbol->space == EMU_PARAM);
  if (in_frame) {
    emu_instr *instr = emu_append(reader, run_frame_address);
    instr->at[0] = result;
    instr->width = (uint8_t)width;
    instr->offset = (int64_t)from->symbol->address + from->offset;
    instr->flags = from->symbol->launch ? 0 : EMU_FRAME;
  } else if (from->kind == EMU_SPECIAL && is_dynamic(from->special)) {
    emu_instr *instr = emu_append(reader, emu_run_special);
    instr->at[0] = result;
    instr->width = (uint8_t)width;
    instr->choice = (uint8_t)from->special;
  } else {
    uint32_t source = emu_row(reader, from, type);
    emu_instr *instr = emu_append(reader, copy_of(width));
    instr->at[0] = result;
    instr->at[1] = source;
    instr->width = (uint8_t)width;
  }
}

void emu_decode_mov(emu_reader *reader) {
  emu_expect_operands(reader, 2, 2);
  const emu_operand *to = emu_operand_at(reader, 0), *from = emu_operand_at(reader, 1);
  emu_type type = emu_type_at(reader, 0);
  if (type == EMU_PRED)
    emu_decode_predicate(reader);
  else if (to->kind == EMU_LIST)
    decode_vector(reader, to, from, run_unpack);
  else if (from->kind == EMU_LIST)
    decode_vector(reader, from, to, run_pack);
  else
    decode_copy(reader, type);
}

/* ---- address spaces ---- */

static uint64_t window(emu_space space) {
  return space == EMU_SHARED  ? EMU_SHARED_WINDOW
         : space == EMU_LOCAL ? EMU_LOCAL_WINDOW
         : space == EMU_PARAM ? EMU_PARAM_WINDOW
                              : 0;
}

static void run_cvta(emu_warp *w, const emu_instr *i) {
  uint64_t base = window((emu_space)i->space);
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint64_t value = 0;
    if (!(w->mask >> l & 1))
      continue;
    memcpy(&value, EMU_ROW(uint8_t, 1) + l * i->width, i->width);
    if (i->flags & EMU_NEGATE)
      value = base ? value & ~EMU_WINDOW_MASK : value; /* to.space */
    else
      value = base ? value | base : value;
    memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
  }
}

void emu_decode_cvta(emu_reader *reader) {
  emu_expect_operands(reader, 2, 2);
  emu_type type = emu_type_at(reader, 0);
  uint32_t width = emu_register_width(type), flags = emu_has(reader, "to") ? EMU_NEGATE : 0;
  emu_space space = emu_space_of(reader);
  const emu_operand *from = emu_operand_at(reader, 1);
  uint32_t result = emu_row(reader, emu_operand_at(reader, 0), type), source = result;
  bool in_frame = from->kind == EMU_VARIABLE && (from->symbol->space == EMU_LOCAL || from->symbol->space == EMU_PARAM);
  if (in_frame) {
    emu_instr *address = emu_append(reader, run_frame_address);
    address->at[0] = result;
    address->width = (uint8_t)width;
    address->offset = (int64_t)from->symbol->address + from->offset;
    address->flags = from->symbol->launch ? 0 : EMU_FRAME;
  } else {
    source = emu_row(reader, from, type);
  }
  bool same = space == EMU_GLOBAL || space == EMU_CONST;
  emu_instr *instr = emu_append(reader, same ? copy_of(width) : run_cvta);
  instr->at[0] = result;
  instr->at[1] = source;
  instr->width = (uint8_t)width;
  instr->space = (uint8_t)space;
  instr->flags = flags;
}

static void run_isspacep(emu_warp *w, const emu_instr *i) {
  uint32_t mask = 0;
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint64_t found = EMU_ROW(uint64_t, 1)[l] & EMU_WINDOW_MASK;
    bool global = i->space == EMU_GLOBAL || i->space == EMU_CONST;
    mask |= (uint32_t)(global ? found == 0 : found == window((emu_space)i->space)) << l;
  }
  uint32_t *d = EMU_ROW(uint32_t, 0);
  *d = (*d & ~w->mask) | (mask & w->mask);
}

void emu_decode_isspacep(emu_reader *reader) {
  emu_expect_operands(reader, 2, 2);
  emu_space space = emu_space_of(reader);
  uint32_t rows[] = {emu_predicate(reader, emu_operand_at(reader, 0)),
                     emu_row(reader, emu_operand_at(reader, 1), EMU_B64)};
  emu_instr *instr = emu_append(reader, run_isspacep);
  memcpy(instr->at, rows, sizeof rows);
  instr->space = (uint8_t)space;
}

/* mapa: the same place in the shared memory of another block of the cluster. */
static void run_mapa(emu_warp *w, const emu_instr *i) {
  const uint32_t *rank = EMU_ROW(uint32_t, 2);
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint64_t value = 0;
    if (!(w->mask >> l & 1))
      continue;
    memcpy(&value, EMU_ROW(uint8_t, 1) + l * i->width, i->width);
    if (rank[l] >= w->cta->gang->n_ctas)
      emu_report(w, (int)l, EMU_FOUND_OUT_OF_BOUNDS, "block %u of a cluster of %u", rank[l], w->cta->gang->n_ctas);
    value = (value & ~(0xffull << EMU_RANK_SHIFT)) | (uint64_t)(rank[l] + 1) << EMU_RANK_SHIFT;
    memcpy(EMU_ROW(uint8_t, 0) + l * i->width, &value, i->width);
  }
}

void emu_decode_mapa(emu_reader *reader) {
  emu_expect_operands(reader, 3, 3);
  emu_type type = emu_type_at(reader, 0);
  emu_space_of(reader);
  uint32_t rows[] = {emu_row(reader, emu_operand_at(reader, 0), type), emu_row(reader, emu_operand_at(reader, 1), type),
                     emu_row(reader, emu_operand_at(reader, 2), EMU_B32)};
  emu_instr *instr = emu_append(reader, run_mapa);
  memcpy(instr->at, rows, sizeof rows);
  instr->width = (uint8_t)emu_register_width(type);
}

static void run_getctarank(emu_warp *w, const emu_instr *i) {
  for (uint32_t l = 0; l < EMU_LANES; l++) {
    uint64_t address = 0;
    uint32_t offset;
    if (!(w->mask >> l & 1))
      continue;
    memcpy(&address, EMU_ROW(uint8_t, 1) + l * i->width, i->width);
    emu_cta *owner = emu_shared_owner(w, address, &offset);
    EMU_ROW(uint32_t, 0)[l] = owner ? owner->rank : 0;
  }
}

void emu_decode_getctarank(emu_reader *reader) {
  emu_expect_operands(reader, 2, 2);
  emu_type type = emu_type_at(reader, 0);
  emu_space_of(reader);
  uint32_t rows[] = {emu_row(reader, emu_operand_at(reader, 0), EMU_B32),
                     emu_row(reader, emu_operand_at(reader, 1), type)};
  emu_instr *instr = emu_append(reader, run_getctarank);
  memcpy(instr->at, rows, sizeof rows);
  instr->width = (uint8_t)emu_register_width(type);
}
