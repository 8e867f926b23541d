/* A small deterministic generator (xorshift64*, Vigna 2016), one per thread of search. */
#ifndef ALPA_PASSES_SOLVER_RANDOM_H
#define ALPA_PASSES_SOLVER_RANDOM_H

#include <stdint.h>

typedef struct alpa_random {
  uint64_t state;
} alpa_random;

static inline void alpa_random_init(alpa_random *random, uint64_t seed) {
  random->state = seed * 0x9E3779B97F4A7C15u + 0x632BE59BD9B4E019u;
  if (!random->state)
    random->state = 1;
}

static inline uint64_t alpa_random_next(alpa_random *random) {
  uint64_t s = random->state;
  s ^= s >> 12;
  s ^= s << 25;
  s ^= s >> 27;
  random->state = s;
  return s * 0x2545F4914F6CDD1Du;
}

/* Below n, which is at least 1. */
static inline uint32_t alpa_random_below(alpa_random *random, uint32_t n) {
  return (uint32_t)(((alpa_random_next(random) >> 32) * n) >> 32);
}

/* In [0, 1). */
static inline double alpa_random_unit(alpa_random *random) {
  return (double)(alpa_random_next(random) >> 11) * 0x1p-53;
}

#endif
