/* Interning of locations, and what diagnostics take from them. */
#include "dialects/ir/location.h"

#include <string.h>

#include "dialects/ir/context.h"

static uint64_t hash_loc(const alpa_loc *loc) {
  uint64_t hash = alpa_hash_mix(0x6C6F63, (uint64_t)loc->kind);
  hash = alpa_hash_mix(hash, (uintptr_t)loc->name); /* interned; locations are never hashed across processes */
  hash = alpa_hash_mix(hash, (uint64_t)loc->line << 32 | loc->column);
  hash = alpa_hash_mix(hash, (uint64_t)loc->end_line << 32 | loc->end_column);
  hash = alpa_hash_mix(hash, (uintptr_t)loc->meta);
  for (uint32_t i = 0; i < loc->n_children; i++)
    hash = alpa_hash_mix(hash, (uintptr_t)loc->children[i]);
  return hash;
}

static bool loc_equal(const void *stored, const void *wanted) {
  const alpa_loc *a = stored, *b = wanted;
  return a->kind == b->kind && a->name == b->name && a->line == b->line && a->column == b->column &&
         a->end_line == b->end_line && a->end_column == b->end_column && a->meta == b->meta &&
         a->n_children == b->n_children &&
         (a->n_children == 0 || memcmp(a->children, b->children, a->n_children * sizeof(void *)) == 0);
}

const alpa_loc *alpa_loc_get(alpa_context *ctx, const alpa_loc *given) {
  alpa_loc key = *given;
  if (key.name)
    key.name = alpa_name(ctx, key.name);
  key.hash = hash_loc(&key);
  const alpa_loc *found = alpa_intern_find(&ctx->locs, key.hash, &key, loc_equal);
  if (found)
    return found;
  alpa_loc *loc = alpa_arena_new(&ctx->arena, alpa_loc, 1);
  *loc = key;
  loc->children = alpa_arena_copy(&ctx->arena, key.children, key.n_children * sizeof *key.children);
  alpa_intern_insert(&ctx->arena, &ctx->locs, key.hash, loc);
  return loc;
}

const alpa_loc *alpa_loc_get_unknown(alpa_context *ctx) {
  return alpa_loc_get(ctx, &(alpa_loc){.kind = ALPA_LOC_UNKNOWN});
}

const alpa_loc *alpa_loc_get_file(alpa_context *ctx, const char *file, uint32_t line, uint32_t column) {
  return alpa_loc_get(ctx, &(alpa_loc){.kind = ALPA_LOC_FILE, .name = file, .line = line, .column = column});
}

const alpa_loc *alpa_loc_make_file(alpa_context *ctx, const char *file, uint32_t line, uint32_t column) {
  alpa_loc *loc = alpa_arena_alloc(&ctx->arena, sizeof *loc);
  *loc = (alpa_loc){.kind = ALPA_LOC_FILE, .name = file, .line = line, .column = column};
  loc->hash = alpa_hash_mix((uint64_t)line << 32 | column, (uintptr_t)file) | 1;
  return loc;
}

const alpa_loc *alpa_loc_fuse(alpa_context *ctx, const alpa_loc *const *locs, size_t n) {
  bool same = n > 0;
  for (size_t i = 1; i < n; i++)
    same = same && locs[i] == locs[0];
  if (same)
    return locs[0];
  return alpa_loc_get(ctx, &(alpa_loc){.kind = ALPA_LOC_FUSED, .children = locs, .n_children = (uint32_t)n});
}

/* Locations nest as deeply as the input says, so both searches stop at a depth nobody writes by hand. */
enum { SEARCH_DEPTH = 64 };

static const alpa_loc *find_kind(const alpa_loc *loc, alpa_loc_kind kind, int depth) {
  if (loc->kind == kind)
    return loc;
  for (uint32_t i = 0; depth < SEARCH_DEPTH && i < loc->n_children; i++) {
    const alpa_loc *found = find_kind(loc->children[i], kind, depth + 1);
    if (found)
      return found;
  }
  return NULL;
}

alpa_place alpa_loc_place(const alpa_loc *loc) {
  const alpa_loc *file = loc ? find_kind(loc, ALPA_LOC_FILE, 0) : NULL;
  return file ? (alpa_place){file->name, file->line, file->column} : (alpa_place){0};
}

const char *alpa_loc_find_name(const alpa_loc *loc) {
  const alpa_loc *name = loc ? find_kind(loc, ALPA_LOC_NAME, 0) : NULL;
  return name ? name->name : NULL;
}
