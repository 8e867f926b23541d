/* The plan cache: files in a directory that their owner alone may write (design §9).
 *
 * An entry is found by the XXH3-128 of its key material and is used only if the stored material is the same byte for
 * byte and the contents match their checksum.  Entries appear whole or not at all: they are written to a private
 * temporary file, synced and renamed.  A damaged entry is a miss with a warning; a directory that cannot be used is a
 * warning and no cache. */
#ifndef ALPA_DRIVER_CACHE_H
#define ALPA_DRIVER_CACHE_H

#include "support/diag.h"

/* X(ID, suffix): what an entry holds. */
#define ALPA_CACHE_KIND_TABLE(X)                                                                                       \
  X(PLAN, "plan")                                                                                                      \
  X(IMAGE, "image")                                                                                                    \
  X(CUBIN, "cubin")

typedef enum alpa_cache_kind {
#define X(ID, suffix) ALPA_CACHE_##ID,
  ALPA_CACHE_KIND_TABLE(X)
#undef X
} alpa_cache_kind;

/* Entries are evicted, least recently used first, when the directory grows beyond this. */
#define ALPA_CACHE_LIMIT_BYTES (INT64_C(1) << 30)

typedef struct alpa_cache {
  const char *directory; /* NULL: every look-up is a miss and nothing is stored */
  alpa_diag *diag;
} alpa_cache;

/* The name under which key material is filed: 32 hexadecimal digits; in `arena`. */
const char *alpa_cache_name(alpa_arena *arena, alpa_str key);
/* True with the payload in `arena` where the entry exists and is sound. */
bool alpa_cache_find(const alpa_cache *cache, alpa_arena *arena, alpa_cache_kind kind, alpa_str key,
                     alpa_str *out_payload);
/* Stores or replaces an entry; trouble is a warning. */
void alpa_cache_store(const alpa_cache *cache, alpa_arena *arena, alpa_cache_kind kind, alpa_str key, alpa_str payload);

#endif
