/* Tensor maps: what cuTensorMapEncodeTiled writes into the 128 opaque bytes, here. */
#ifndef EMULATOR_TENSOR_H
#define EMULATOR_TENSOR_H

#include <stdbool.h>
#include <stdint.h>

enum { EMU_TENSOR_RANK = 5, EMU_TENSOR_MAGIC = 0x5a6d6170 };

typedef struct emu_tensor_map {
  uint32_t magic;
  uint8_t type, rank, swizzle, fill_nan; /* type, swizzle: CUDA's numbers; swizzle s: 0 none, else 16 << s bytes */
  uint64_t address;
  uint64_t dims[EMU_TENSOR_RANK];
  uint64_t strides[EMU_TENSOR_RANK - 1]; /* bytes, of dimensions 1 to rank - 1 */
  uint32_t box[EMU_TENSOR_RANK];
  uint8_t element_strides[EMU_TENSOR_RANK];
} emu_tensor_map;

/* Bytes of an element; 0 if there is no such type. */
uint32_t emu_tensor_type_bytes(unsigned type);
/* NULL if the map keeps to the manual's restrictions, else the one that it breaks. */
const char *emu_tensor_map_check(const emu_tensor_map *map);
/* Where swizzling puts a byte of shared memory. */
uint32_t emu_swizzle(uint32_t address, unsigned swizzle);

#endif
