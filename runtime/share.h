/* Work of several parts that several threads take, from both ends: the owner ascending, helpers descending, so that
 * each stays in its own region of memory.
 *
 * `range` holds round, next part and end in one word.  A part is taken by a compare-and-swap that fails when the round
 * has changed; while a part is out, its round cannot end, so a taker may read what the owner wrote before opening. */
#ifndef ALPA_RUNTIME_SHARE_H
#define ALPA_RUNTIME_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { ALPA_SHARE_BITS = 20, ALPA_SHARE_PARTS = (1 << ALPA_SHARE_BITS) - 1 };

typedef struct alpa_share {
  _Atomic uint64_t range; /* round : 24, next : 20, end : 20 */
  _Atomic uint32_t remaining;
} alpa_share;

static inline uint32_t alpa_share_next(uint64_t range) { return (range >> ALPA_SHARE_BITS) & ALPA_SHARE_PARTS; }
static inline uint32_t alpa_share_end(uint64_t range) { return range & ALPA_SHARE_PARTS; }

/* Starts a round of 1 to ALPA_SHARE_PARTS parts; the round before has ended. */
static inline void alpa_share_open(alpa_share *share, uint32_t n_parts) {
  uint64_t round = (atomic_load_explicit(&share->range, memory_order_relaxed) >> (2 * ALPA_SHARE_BITS)) + 1;
  atomic_store_explicit(&share->remaining, n_parts, memory_order_relaxed);
  atomic_store(&share->range, round << (2 * ALPA_SHARE_BITS) | n_parts);
}

static inline bool alpa_share_has_parts(const alpa_share *share) {
  uint64_t range = atomic_load((_Atomic uint64_t *)&share->range);
  return alpa_share_next(range) < alpa_share_end(range);
}

/* False where all parts of the round are out. */
static inline bool alpa_share_take(alpa_share *share, bool is_helper, uint32_t *out_part) {
  uint64_t range = atomic_load_explicit(&share->range, memory_order_acquire);
  for (;;) {
    uint32_t next = alpa_share_next(range), end = alpa_share_end(range);
    if (next >= end)
      return false;
    uint64_t taken = is_helper ? range - 1 : range + ((uint64_t)1 << ALPA_SHARE_BITS);
    if (atomic_compare_exchange_weak_explicit(&share->range, &range, taken, memory_order_acq_rel,
                                              memory_order_acquire)) {
      *out_part = is_helper ? end - 1 : next;
      return true;
    }
  }
}

/* A taken part is done; true for the last one of the round. */
static inline bool alpa_share_finish(alpa_share *share) {
  return atomic_fetch_sub_explicit(&share->remaining, 1, memory_order_acq_rel) == 1;
}

static inline bool alpa_share_is_done(const alpa_share *share) {
  return atomic_load_explicit((_Atomic uint32_t *)&share->remaining, memory_order_acquire) == 0;
}

#endif
