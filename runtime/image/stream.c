/* Streams: one description of a format serves measuring, writing and reading; and the frame around a payload. */
#include "runtime/image/stream.h"

#include <string.h>

#include "support/hash.h"

enum { HEADER_BYTES = 40, BLOB_ALIGNMENT = 64 };

void alpa_stream_fail(alpa_stream *s, const char *why) {
  if (!s->failure)
    s->failure = why;
  s->left = 0;
}

/* Moves past `size` bytes and returns them, or NULL where there is nothing to read or write. */
static char *advance(alpa_stream *s, size_t size) {
  if (s->mode == ALPA_STREAM_MEASURE) {
    s->left += size;
    return NULL;
  }
  if (s->mode == ALPA_STREAM_READ) {
    if (size > s->left) {
      alpa_stream_fail(s, "ends early");
      return NULL;
    }
    s->left -= size;
  }
  char *at = s->at;
  s->at += size;
  return at;
}

static void number(alpa_stream *s, uint64_t *value, size_t size) {
  char *at = advance(s, size);
  if (s->mode == ALPA_STREAM_READ)
    *value = 0;
  for (size_t i = 0; at && i < size; i++) {
    if (s->mode == ALPA_STREAM_READ)
      *value |= (uint64_t)(uint8_t)at[i] << (8 * i);
    else
      at[i] = (char)(uint8_t)(*value >> (8 * i));
  }
}

void alpa_stream_u32(alpa_stream *s, uint32_t *value) {
  uint64_t wide = *value;
  number(s, &wide, 4);
  if (s->mode == ALPA_STREAM_READ)
    if (s->mode == ALPA_STREAM_READ)
      *value = (uint32_t)wide;
}

void alpa_stream_i64(alpa_stream *s, int64_t *value) {
  uint64_t wide = (uint64_t)*value;
  number(s, &wide, 8);
  if (s->mode == ALPA_STREAM_READ)
    if (s->mode == ALPA_STREAM_READ)
      *value = (int64_t)wide;
}

void alpa_stream_f64(alpa_stream *s, double *value) {
  uint64_t bits;
  memcpy(&bits, value, sizeof bits);
  number(s, &bits, 8);
  if (s->mode == ALPA_STREAM_READ)
    if (s->mode == ALPA_STREAM_READ)
      memcpy(value, &bits, sizeof bits);
}

void alpa_stream_blob(alpa_stream *s, const void **data, size_t *size) {
  uint64_t wide = *size;
  number(s, &wide, 8);
  char *at = advance(s, (size_t)wide);
  if (s->mode == ALPA_STREAM_READ) {
    *size = at ? (size_t)wide : 0;
    char *copy = alpa_arena_alloc_aligned(s->arena, *size ? *size : 1, BLOB_ALIGNMENT);
    if (at && wide)
      memcpy(copy, at, *size);
    *data = copy;
  } else if (at && wide) {
    memcpy(at, *data, (size_t)wide);
  }
}

void alpa_stream_string(alpa_stream *s, const char **text) {
  uint32_t size = s->mode == ALPA_STREAM_READ ? 0 : (uint32_t)strlen(*text);
  alpa_stream_u32(s, &size);
  char *at = advance(s, size);
  if (s->mode == ALPA_STREAM_READ) {
    if (at && size && memchr(at, 0, size))
      alpa_stream_fail(s, "has a NUL in a name");
    *text = at ? alpa_arena_strndup(s->arena, at, size) : "";
  } else if (at) {
    memcpy(at, *text, size);
  }
}

void alpa_stream_items_of(alpa_stream *s, const void *items, size_t n, size_t size, size_t least,
                          alpa_stream_item_fn *item) {
  char *table;
  if (s->mode == ALPA_STREAM_READ) {
    if (n > s->left / least) {
      alpa_stream_fail(s, "has a count that exceeds its size");
      n = 0;
    }
    table = alpa_arena_calloc(s->arena, n, size);
    memcpy((void *)(uintptr_t)items, &table, sizeof table);
  } else {
    memcpy(&table, items, sizeof table);
  }
  for (size_t i = 0; i < n && !s->failure; i++)
    item(s, table + i * size);
}

void alpa_stream_table(alpa_stream *s, const void *items, uint32_t *n, size_t size, size_t least,
                       alpa_stream_item_fn *item) {
  alpa_stream_u32(s, n);
  alpa_stream_items_of(s, items, *n, size, least, item);
  if (s->failure)
    *n = 0;
}

void alpa_stream_u32_item(alpa_stream *s, void *item) { alpa_stream_u32(s, item); }
void alpa_stream_i64_item(alpa_stream *s, void *item) { alpa_stream_i64(s, item); }

/* ---- frames ----------------------------------------------------------------------------------------------------- */

static void header(alpa_stream *s, uint64_t *bytes, alpa_hash128 *hash, uint32_t *version, uint32_t *reserved) {
  alpa_stream_u32(s, version);
  alpa_stream_u32(s, reserved);
  number(s, bytes, 8);
  number(s, &hash->low, 8);
  number(s, &hash->high, 8);
}

alpa_str alpa_stream_write(alpa_arena *arena, const alpa_stream_format *format, void *object) {
  alpa_stream measured = {.mode = ALPA_STREAM_MEASURE};
  format->payload(&measured, object);
  size_t size = HEADER_BYTES + measured.left;
  char *bytes = alpa_arena_alloc(arena, size);
  alpa_stream s = {.mode = ALPA_STREAM_WRITE, .at = bytes + HEADER_BYTES};
  format->payload(&s, object);
  memcpy(bytes, format->magic, sizeof format->magic);
  uint64_t payload_bytes = measured.left;
  uint32_t version = format->version;
  alpa_hash128 hash = alpa_hash128_of(bytes + HEADER_BYTES, measured.left);
  alpa_stream head = {.mode = ALPA_STREAM_WRITE, .at = bytes + sizeof format->magic};
  header(&head, &payload_bytes, &hash, &version, &(uint32_t){0});
  return (alpa_str){bytes, size};
}

bool alpa_stream_has_magic(const alpa_stream_format *format, alpa_str bytes) {
  return bytes.size >= sizeof format->magic && memcmp(bytes.data, format->magic, sizeof format->magic) == 0;
}

/* Everything before the payload, and its hash. */
static alpa_status check_header(const alpa_stream_format *format, alpa_diag *diag, alpa_place place, alpa_str bytes) {
  if (bytes.size < HEADER_BYTES || !alpa_stream_has_magic(format, bytes))
    return alpa_error(diag, place, ALPA_DATA_LOSS, "no %s: the header is missing", format->noun);
  const size_t start = sizeof format->magic;
  alpa_stream s = {.mode = ALPA_STREAM_READ, .at = (char *)(uintptr_t)bytes.data + start, .left = HEADER_BYTES - start};
  uint64_t size = 0;
  alpa_hash128 hash = {0};
  uint32_t version = 0, reserved = 0;
  header(&s, &size, &hash, &version, &reserved);
  if (version != format->version)
    return alpa_error(diag, place, ALPA_UNSUPPORTED, "%s of format %u; this version reads format %u", format->noun,
                      version, format->version);
  if (size != bytes.size - HEADER_BYTES)
    return alpa_error(diag, place, ALPA_DATA_LOSS, "damaged %s: expects %llu bytes, got %zu", format->noun,
                      (unsigned long long)size, bytes.size - HEADER_BYTES);
  alpa_hash128 actual = alpa_hash128_of(bytes.data + HEADER_BYTES, (size_t)size);
  if (reserved != 0 || actual.low != hash.low || actual.high != hash.high)
    return alpa_error(diag, place, ALPA_DATA_LOSS, "damaged %s: its hash does not match its contents", format->noun);
  return ALPA_OK;
}

alpa_status alpa_stream_read(alpa_arena *arena, alpa_diag *diag, alpa_place place, const alpa_stream_format *format,
                             alpa_str bytes, void *object) {
  ALPA_TRY(check_header(format, diag, place, bytes));
  alpa_stream s = {.mode = ALPA_STREAM_READ,
                   .at = (char *)(uintptr_t)bytes.data + HEADER_BYTES,
                   .left = bytes.size - HEADER_BYTES,
                   .arena = arena};
  format->payload(&s, object);
  if (s.failure || s.left)
    return alpa_error(diag, place, ALPA_DATA_LOSS, "damaged %s: it %s", format->noun,
                      s.failure ? s.failure : "has bytes behind its end");
  return ALPA_OK;
}
