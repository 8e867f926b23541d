/* Reductions of the emulated NCCL: a loop for every type; narrow floats are reduced as f32 and rounded. */
#include "test/emulator/nccl/reduce.h"

#include <stdint.h>
#include <string.h>

#define COMBINE(a, b)                                                                                                  \
  (reduction == 0   ? (a) + (b)                                                                                        \
   : reduction == 1 ? (a) * (b)                                                                                        \
   : reduction == 2 ? ((a) > (b) ? (a) : (b))                                                                          \
                    : ((a) < (b) ? (a) : (b)))

/* X(number, name, type) */
#define TYPE_TABLE(X)                                                                                                  \
  X(0, i8, int8_t)                                                                                                     \
  X(1, u8, uint8_t)                                                                                                    \
  X(2, i32, int32_t)                                                                                                   \
  X(3, u32, uint32_t)                                                                                                  \
  X(4, i64, int64_t)                                                                                                   \
  X(5, u64, uint64_t)                                                                                                  \
  X(7, f32, float)                                                                                                     \
  X(8, f64, double)

#define X(number, name, type)                                                                                          \
  static void reduce_##name(unsigned reduction, size_t n, void *into, const void *from) {                              \
    type *a = into;                                                                                                    \
    const type *b = from;                                                                                              \
    for (size_t i = 0; i < n; i++)                                                                                     \
      a[i] = (type)COMBINE(a[i], b[i]);                                                                                \
  }
TYPE_TABLE(X)
#undef X

__extension__ typedef _Float16 half;

static void reduce_f16(unsigned reduction, size_t n, void *into, const void *from) {
  half *a = into;
  const half *b = from;
  for (size_t i = 0; i < n; i++) {
    float x = (float)a[i], y = (float)b[i];
    a[i] = (half)COMBINE(x, y);
  }
}

static float of_bfloat(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return value;
}

static uint16_t to_bfloat(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7FFFFFFF) > 0x7F800000)
    return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static void reduce_bf16(unsigned reduction, size_t n, void *into, const void *from) {
  uint16_t *a = into;
  const uint16_t *b = from;
  for (size_t i = 0; i < n; i++) {
    float x = of_bfloat(a[i]), y = of_bfloat(b[i]);
    a[i] = to_bfloat(COMBINE(x, y));
  }
}

typedef struct row {
  size_t bytes;
  void (*reduce)(unsigned reduction, size_t n, void *into, const void *from);
} row;

static const row rows[] = {
#define X(number, name, type) [number] = {sizeof(type), reduce_##name},
    TYPE_TABLE(X)
#undef X
        [6] = {2, reduce_f16},
    [9] = {2, reduce_bf16}};

size_t reduce_element_bytes(unsigned type) { return type < sizeof rows / sizeof *rows ? rows[type].bytes : 0; }

void reduce_elements(unsigned type, unsigned reduction, size_t n, void *into, const void *from) {
  rows[type].reduce(reduction, n, into, from);
}
