/* Hashing (XXH3 of xxHash) and the two hash tables of the code base: a map from 64-bit keys and an interning set. */
#ifndef ALPA_SUPPORT_HASH_H
#define ALPA_SUPPORT_HASH_H

#include "support/arena.h"

typedef struct alpa_hash128 {
  uint64_t low, high;
} alpa_hash128;

uint64_t alpa_hash64(const void *data, size_t size, uint64_t seed);
alpa_hash128 alpa_hash128_of(const void *data, size_t size);
/* Mixes two 64-bit hashes, order-sensitive. */
static inline uint64_t alpa_hash_mix(uint64_t a, uint64_t b) {
  uint64_t x = (a ^ (b + 0x9E3779B97F4A7C15u + (a << 6) + (a >> 2))) * 0xFF51AFD7ED558CCDu;
  return x ^ (x >> 32);
}

/* Open addressing from 64-bit keys (numbers, or pointers cast to uintptr_t) to 64-bit values. Zeroed is empty. */
typedef struct alpa_map {
  struct alpa_map_slot *slots;
  size_t n, cap;
} alpa_map;

/* NULL where the key is absent; the pointer stays valid until the next insertion. */
uint64_t *alpa_map_find(const alpa_map *map, uint64_t key);
/* The value of the key, inserted as 0 where it was absent; *out_new (may be NULL) says which. */
uint64_t *alpa_map_insert(alpa_arena *arena, alpa_map *map, uint64_t key, bool *out_new);
/* Pointer conveniences over the two above. */
void *alpa_map_get_pointer(const alpa_map *map, const void *key);
void alpa_map_set_pointer(alpa_arena *arena, alpa_map *map, const void *key, void *value);

/* A set of objects with structural equality: interning.  Zeroed is empty. */
typedef struct alpa_intern {
  struct alpa_intern_slot *slots;
  size_t n, cap;
} alpa_intern;

typedef bool alpa_equal_fn(const void *a, const void *b);

/* The stored object equal to `key` with this hash, or NULL. */
void *alpa_intern_find(const alpa_intern *set, uint64_t hash, const void *key, alpa_equal_fn *equal);
/* Adds an object that is known to be absent. */
void alpa_intern_insert(alpa_arena *arena, alpa_intern *set, uint64_t hash, void *object);

#endif
