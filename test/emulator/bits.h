/* Ranges of bits: one bit says something about one byte of memory. */
#ifndef EMULATOR_BITS_H
#define EMULATOR_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint64_t emu_bits_mask(size_t from, size_t n) { return (n > 63 ? ~0ull : (1ull << n) - 1) << from; }

static inline bool emu_bits_all(const uint64_t *bits, size_t from, size_t n) {
  while (n) {
    size_t at = from % 64, part = 64 - at < n ? 64 - at : n;
    uint64_t mask = emu_bits_mask(at, part);
    if ((__atomic_load_n(&bits[from / 64], __ATOMIC_RELAXED) & mask) != mask)
      return false;
    from += part;
    n -= part;
  }
  return true;
}

/* Safe next to other threads that set bits of the same word. */
static inline void emu_bits_set(uint64_t *bits, size_t from, size_t n, bool value) {
  while (n) {
    size_t at = from % 64, part = 64 - at < n ? 64 - at : n;
    uint64_t mask = emu_bits_mask(at, part), *word = &bits[from / 64];
    if (!value)
      __atomic_fetch_and(word, ~mask, __ATOMIC_RELAXED);
    else if ((__atomic_load_n(word, __ATOMIC_RELAXED) & mask) != mask)
      __atomic_fetch_or(word, mask, __ATOMIC_RELAXED);
    from += part;
    n -= part;
  }
}

#endif
