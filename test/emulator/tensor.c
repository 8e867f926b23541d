/* Tensor copies of the tensor memory accelerator: boxes of up to 5 dimensions between global memory and shared memory,
 * with swizzling, parts outside of the tensor filled or left out, multicast, reductions (PTX ISA 8.x, 5.5 and
 * 9.7.9.25.5). */
#include "tensor.h"

#include "decode.h"
#include "float.h"

#include <string.h>

/* ---- maps ---- */

static const struct tensor_type {
  uint8_t bytes;
  emu_type type;
} tensor_types[] = {{1, EMU_U8},  {2, EMU_U16}, {4, EMU_U32},  {4, EMU_S32}, {8, EMU_U64}, {8, EMU_S64}, {2, EMU_F16},
                    {4, EMU_F32}, {8, EMU_F64}, {2, EMU_BF16}, {4, EMU_F32}, {4, EMU_F32}, {4, EMU_F32}};

uint32_t emu_tensor_type_bytes(unsigned type) { return type < countof(tensor_types) ? tensor_types[type].bytes : 0; }

const char *emu_tensor_map_check(const emu_tensor_map *map) {
  uint64_t inner = (uint64_t)map->box[0] * emu_tensor_type_bytes(map->type);
  if (map->rank < 1 || map->rank > EMU_TENSOR_RANK || !emu_tensor_type_bytes(map->type))
    return "the rank is 1 to 5, the type one of CUtensorMapDataType";
  if (map->address % 16)
    return "the address is a multiple of 16";
  for (uint32_t k = 0; k < map->rank; k++) {
    if (!map->dims[k] || map->dims[k] > 1ull << 32)
      return "dimensions are 1 to 2^32";
    if (!map->box[k] || map->box[k] > 256)
      return "the box is 1 to 256 in every dimension";
    if (!map->element_strides[k] || map->element_strides[k] > 8)
      return "element strides are 1 to 8";
    if (k && (map->strides[k - 1] % 16 || map->strides[k - 1] >= 1ull << 40))
      return "strides are multiples of 16 below 2^40";
  }
  if (inner % 16)
    return "the inner dimension of the box is a multiple of 16 bytes";
  if (map->swizzle > 3 || (map->swizzle && inner > 16u << map->swizzle))
    return "the inner dimension of the box is not longer than the swizzle";
  return NULL;
}

/* 16-byte chunks are permuted within 32, 64 or 128 bytes by the bits of the address from 7 on. */
uint32_t emu_swizzle(uint32_t address, unsigned swizzle) {
  uint32_t mask = (1u << swizzle) - 1;
  return address ^ (address >> 7 & mask) << 4;
}

static const emu_tensor_map *read_map(emu_warp *w, uint32_t lane, uint64_t address, emu_tensor_map *copy) {
  const uint8_t *bytes = NULL;
  for (uint32_t part = 0; part < 2; part++) {
    bytes = emu_at(w, lane, EMU_GENERIC, address + 64 * part, 64, EMU_READ);
    if (!bytes)
      return NULL;
    size_t n = part ? sizeof *copy - 64 : 64;
    memcpy((uint8_t *)copy + 64 * part, bytes, n);
  }
  if (copy->magic == EMU_TENSOR_MAGIC)
    return copy;
  emu_report(w, (int)lane, EMU_FOUND_MISUSE, "0x%llx is no tensor map", (unsigned long long)address);
  return NULL;
}

/* ---- copies ---- */

typedef struct box_copy {
  const emu_instr *instr;
  const emu_tensor_map *map;
  uint32_t lane, shared; /* shared: offset */
  emu_cta *cta;
  int64_t corner[EMU_TENSOR_RANK];
  uint32_t n[EMU_TENSOR_RANK]; /* elements of the box */
} box_copy;

enum direction { TO_SHARED, TO_GLOBAL };

static bool inside(const box_copy *copy, const uint32_t at[EMU_TENSOR_RANK], uint64_t *out_address) {
  const emu_tensor_map *map = copy->map;
  uint64_t address = map->address;
  for (uint32_t k = 0; k < map->rank; k++) {
    int64_t c = copy->corner[k] + (int64_t)at[k] * map->element_strides[k];
    if (c < 0 || (uint64_t)c >= map->dims[k])
      return false;
    address += (uint64_t)c * (k ? map->strides[k - 1] : emu_tensor_type_bytes(map->type));
  }
  *out_address = address;
  return true;
}

static void fill(const box_copy *copy, uint8_t *to, uint32_t bytes) {
  static const uint8_t f16_nan[] = {0xff, 0x7f}, f32_nan[] = {0xff, 0xff, 0xff, 0x7f};
  emu_type type = tensor_types[copy->map->type].type;
  memset(to, 0, bytes);
  if (copy->map->fill_nan && (type == EMU_F16 || type == EMU_BF16))
    memcpy(to, f16_nan, 2);
  else if (copy->map->fill_nan && type == EMU_F32)
    memcpy(to, f32_nan, 4);
}

/* One element; its neighbours in the inner dimension follow in the same way. */
static bool copy_element(emu_warp *w, const box_copy *copy, const uint32_t at[EMU_TENSOR_RANK], uint32_t shared,
                         enum direction direction) {
  uint32_t bytes = emu_tensor_type_bytes(copy->map->type);
  uint8_t *near = copy->cta->shared + emu_swizzle(shared, copy->map->swizzle);
  uint64_t address;
  if (!inside(copy, at, &address)) {
    if (direction == TO_SHARED)
      fill(copy, near, bytes);
    return true;
  }
  emu_access access = direction == TO_SHARED ? EMU_READ : copy->instr->choice2 ? EMU_ATOMIC : EMU_WRITE;
  uint8_t *far = emu_global_async(w, address, bytes, access);
  if (!far)
    return false;
  if (direction == TO_SHARED)
    memcpy(near, far, bytes);
  else if (copy->instr->choice2)
    emu_atomic_apply(far, copy->instr->choice2 - 1u, tensor_types[copy->map->type].type, near);
  else
    memcpy(far, near, bytes);
  return true;
}

/* A row of the box that lies in the tensor as a whole, chunk by chunk. */
static bool copy_row(emu_warp *w, const box_copy *copy, uint32_t at[EMU_TENSOR_RANK], uint32_t shared,
                     enum direction direction) {
  uint32_t size = emu_tensor_type_bytes(copy->map->type), n = copy->n[0], bytes = n * size;
  uint64_t first, last;
  at[0] = n - 1;
  bool whole = inside(copy, at, &last) && copy->map->element_strides[0] == 1 && !copy->instr->choice2;
  at[0] = 0;
  if (!whole || !inside(copy, at, &first)) {
    for (; at[0] < n; at[0]++)
      if (!copy_element(w, copy, at, shared + at[0] * size, direction))
        return false;
    at[0] = 0;
    return true;
  }
  uint8_t *far = emu_global_async(w, first, bytes, direction == TO_SHARED ? EMU_READ : EMU_WRITE);
  for (uint32_t k = 0; far && k < bytes; k += 16) {
    uint8_t *near = copy->cta->shared + emu_swizzle(shared + k, copy->map->swizzle);
    uint32_t part = bytes - k < 16 ? bytes - k : 16;
    memcpy(direction == TO_SHARED ? near : far + k, direction == TO_SHARED ? far + k : near, part);
  }
  return far != NULL;
}

static uint32_t box_bytes(const box_copy *copy) {
  uint32_t bytes = emu_tensor_type_bytes(copy->map->type);
  for (uint32_t k = 0; k < copy->map->rank; k++)
    bytes *= copy->n[k];
  return bytes;
}

static bool copy_box(emu_warp *w, const box_copy *copy, enum direction direction) {
  uint32_t at[EMU_TENSOR_RANK] = {0}, row = copy->n[0] * emu_tensor_type_bytes(copy->map->type);
  uint32_t bytes = box_bytes(copy);
  if (copy->shared % 128) {
    emu_report(w, (int)copy->lane, EMU_FOUND_MISALIGNED, "a tensor copy with shared address 0x%x, no multiple of 128",
               copy->shared);
    return false;
  }
  if (!emu_shared_async(w, copy->cta, copy->shared, bytes, direction == TO_SHARED ? EMU_WRITE : EMU_READ))
    return false;
  for (uint32_t shared = copy->shared; shared < copy->shared + bytes; shared += row) {
    if (!copy_row(w, copy, at, shared, direction))
      return false;
    for (uint32_t k = 1; k < copy->map->rank && ++at[k] == copy->n[k]; k++)
      at[k] = 0;
  }
  return true;
}

/* ---- the instruction ----
 *
 * list: rows of the coordinates; behind them offsets and flags of the shared address and of the mbarrier. */

enum { SHARED_FLAGS, BARRIER_FLAGS, MULTICAST, N_TAIL };

static uint64_t address_of(const emu_warp *w, const emu_instr *i, uint32_t at, uint32_t flags, uint32_t lane) {
  return flags & EMU_NARROW ? EMU_ROW(uint32_t, at)[lane] : EMU_ROW(uint64_t, at)[lane];
}

static bool prepare(emu_warp *w, const emu_instr *i, uint32_t lane, emu_tensor_map *map, box_copy *copy) {
  const uint32_t *tail = i->list + i->count;
  *copy = (box_copy){.instr = i, .lane = lane, .map = read_map(w, lane, EMU_ROW(uint64_t, 1)[lane], map)};
  if (!copy->map)
    return false;
  if (map->rank != i->count) {
    emu_report(w, (int)lane, EMU_FOUND_MISUSE, "%u coordinates for a tensor map of rank %u", i->count, map->rank);
    return false;
  }
  for (uint32_t k = 0; k < map->rank; k++) {
    copy->corner[k] = ((const int32_t *)(const void *)(w->rows + i->list[k]))[lane];
    copy->n[k] = (map->box[k] + map->element_strides[k] - 1) / map->element_strides[k];
  }
  uint64_t shared = address_of(w, i, 0, tail[SHARED_FLAGS], lane) + (uint64_t)i->offset;
  copy->cta = emu_shared_owner(w, shared & ~EMU_WINDOW_MASK, &copy->shared);
  return copy->cta != NULL;
}

static void load_box(emu_warp *w, const emu_instr *i, box_copy *copy) {
  const uint32_t *tail = i->list + i->count;
  uint32_t barrier, lane = copy->lane;
  emu_cta *owner = emu_shared_owner(w, address_of(w, i, 2, tail[BARRIER_FLAGS], lane) & ~EMU_WINDOW_MASK, &barrier);
  if (!tail[MULTICAST]) {
    if (owner && copy_box(w, copy, TO_SHARED))
      emu_mbarrier_transact(w, owner, barrier, box_bytes(copy));
    return;
  }
  uint32_t blocks = EMU_ROW(uint16_t, 3)[lane];
  emu_cta *first = w->cta->gang->ctas;
  for (uint32_t k = 0; k < w->cta->gang->n_ctas; k++) {
    copy->cta = &first[k];
    if ((blocks >> k & 1) && copy_box(w, copy, TO_SHARED))
      emu_mbarrier_transact(w, copy->cta, barrier, box_bytes(copy));
  }
}

static void run_tensor_copy(emu_warp *w, const emu_instr *i) {
  emu_tensor_map map;
  box_copy copy;
  for (uint32_t l = 0; l < EMU_LANES && !w->cta->launch->failed; l++) {
    if (!(w->mask >> l & 1) || !prepare(w, i, l, &map, &copy))
      continue;
    if (i->choice)
      load_box(w, i, &copy);
    else if (copy_box(w, &copy, TO_GLOBAL))
      emu_bulk_read_begin(w, l, copy.cta, copy.shared, box_bytes(&copy));
  }
}

static const char *const ranks[] = {"1d", "2d", "3d", "4d", "5d", NULL};

static void set_coordinates(emu_reader *reader, const emu_operand *address, emu_instr *instr,
                            const uint32_t tail[N_TAIL]) {
  uint32_t list[EMU_TENSOR_RANK + N_TAIL], rank = (uint32_t)emu_choice(reader, ranks) + 1;
  if (!rank || address->n != rank)
    emu_fail(reader, "expects as many coordinates as dimensions, got %u", address->n);
  for (uint32_t k = 0; k < rank; k++)
    list[k] = emu_row(reader, &reader->statement.elements[address->first + k], EMU_B32);
  memcpy(list + rank, tail, N_TAIL * sizeof *tail);
  emu_set_list(reader, instr, list, rank + N_TAIL);
  instr->count = (uint8_t)rank;
}

void emu_decode_tensor_copy(emu_reader *reader) {
  static const char *const ignored[] = {"global", "shared::cluster", "shared::cta",
                                        "tile",   "bulk_group",      "mbarrier::complete_tx::bytes"};
  for (size_t k = 0; k < countof(ignored); k++)
    emu_has(reader, ignored[k]);
  emu_accept_hints(reader);
  emu_statement *statement = &reader->statement;
  bool load = emu_operand_at(reader, 0)->n == 0, multicast = emu_has(reader, "multicast::cluster");
  uint8_t reduction = emu_reduction_of(reader);
  emu_expect_operands(reader, load ? 3 : 2, 5);
  const emu_operand *map = emu_operand_at(reader, load ? 1 : 0);
  emu_instr address = {0}, shared = {0}, barrier = {0};
  emu_address(reader, map, &address, 1);
  emu_address(reader, emu_operand_at(reader, load ? 0 : 1), &shared, 0);
  if (load)
    emu_address(reader, emu_operand_at(reader, 2), &barrier, 2);
  if (address.offset || barrier.offset || address.flags)
    emu_fail(reader, "a tensor map is named by a generic address of 64 bits in a register");
  uint32_t blocks = multicast && statement->n_operands > 3 ? emu_row(reader, emu_operand_at(reader, 3), EMU_B16) : 0;
  emu_instr *instr = emu_append(reader, run_tensor_copy);
  instr->at[0] = shared.at[0];
  instr->at[1] = address.at[1];
  instr->at[2] = barrier.at[2];
  instr->at[3] = blocks;
  instr->offset = shared.offset;
  instr->choice = load;
  instr->choice2 = reduction;
  const uint32_t tail[N_TAIL] = {shared.flags, barrier.flags, multicast};
  set_coordinates(reader, map, instr, tail);
}
