/* Hash tables with linear probing at a load of at most one half; growth abandons the old slots to the arena. */
#include "support/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct alpa_map_slot {
  uint64_t key, value;
  bool used;
};

struct alpa_intern_slot {
  uint64_t hash;
  void *object;
};

uint64_t alpa_hash64(const void *data, size_t size, uint64_t seed) { return XXH3_64bits_withSeed(data, size, seed); }

alpa_hash128 alpa_hash128_of(const void *data, size_t size) {
  XXH128_hash_t hash = XXH3_128bits(data, size);
  return (alpa_hash128){.low = hash.low64, .high = hash.high64};
}

static size_t map_slot(const alpa_map *map, uint64_t key) {
  size_t at = alpa_hash_mix(key, 0) & (map->cap - 1);
  while (map->slots[at].used && map->slots[at].key != key)
    at = (at + 1) & (map->cap - 1);
  return at;
}

uint64_t *alpa_map_find(const alpa_map *map, uint64_t key) {
  if (!map->cap)
    return NULL;
  struct alpa_map_slot *slot = &map->slots[map_slot(map, key)];
  return slot->used ? &slot->value : NULL;
}

static void map_grow(alpa_arena *arena, alpa_map *map) {
  alpa_map grown = {.cap = map->cap ? map->cap * 2 : 16, .n = map->n};
  grown.slots = alpa_arena_new(arena, struct alpa_map_slot, grown.cap);
  for (size_t i = 0; i < map->cap; i++)
    if (map->slots[i].used)
      grown.slots[map_slot(&grown, map->slots[i].key)] = map->slots[i];
  *map = grown;
}

uint64_t *alpa_map_insert(alpa_arena *arena, alpa_map *map, uint64_t key, bool *out_new) {
  if (map->n * 2 >= map->cap)
    map_grow(arena, map);
  struct alpa_map_slot *slot = &map->slots[map_slot(map, key)];
  bool is_new = !slot->used;
  if (is_new) {
    *slot = (struct alpa_map_slot){.key = key, .used = true};
    map->n++;
  }
  if (out_new)
    *out_new = is_new;
  return &slot->value;
}

void *alpa_map_get_pointer(const alpa_map *map, const void *key) {
  uint64_t *value = alpa_map_find(map, (uintptr_t)key);
  return value ? (void *)(uintptr_t)*value : NULL;
}

void alpa_map_set_pointer(alpa_arena *arena, alpa_map *map, const void *key, void *value) {
  *alpa_map_insert(arena, map, (uintptr_t)key, NULL) = (uintptr_t)value;
}

void *alpa_intern_find(const alpa_intern *set, uint64_t hash, const void *key, alpa_equal_fn *equal) {
  if (!set->cap)
    return NULL;
  for (size_t at = hash & (set->cap - 1); set->slots[at].object; at = (at + 1) & (set->cap - 1))
    if (set->slots[at].hash == hash && equal(set->slots[at].object, key))
      return set->slots[at].object;
  return NULL;
}

static void intern_place(alpa_intern *set, uint64_t hash, void *object) {
  size_t at = hash & (set->cap - 1);
  while (set->slots[at].object)
    at = (at + 1) & (set->cap - 1);
  set->slots[at] = (struct alpa_intern_slot){hash, object};
}

void alpa_intern_insert(alpa_arena *arena, alpa_intern *set, uint64_t hash, void *object) {
  if (set->n * 2 >= set->cap) {
    alpa_intern grown = {.cap = set->cap ? set->cap * 2 : 64, .n = set->n};
    grown.slots = alpa_arena_new(arena, struct alpa_intern_slot, grown.cap);
    for (size_t i = 0; i < set->cap; i++)
      if (set->slots[i].object)
        intern_place(&grown, set->slots[i].hash, set->slots[i].object);
    *set = grown;
  }
  intern_place(set, hash, object);
  set->n++;
}
