/* Bytes from and to structures.
 *
 * A format is written once, as a function that visits the fields of a structure; it serves measuring, writing and
 * reading.  Numbers are little-endian; a table is its u32 count and its items; a string or blob its size and its
 * bytes.  A frame goes around it: magic, u32 version, u32 zero, u64 payload bytes, XXH3-128 of the payload.  The reader
 * checks the hash first and then trusts nothing: a count is compared with the bytes that are left before anything is
 * allocated for it, so memory stays proportional to the input. */
#ifndef ALPA_RUNTIME_IMAGE_STREAM_H
#define ALPA_RUNTIME_IMAGE_STREAM_H

#include "support/diag.h"

typedef enum alpa_stream_mode { ALPA_STREAM_MEASURE, ALPA_STREAM_WRITE, ALPA_STREAM_READ } alpa_stream_mode;

typedef struct alpa_stream {
  alpa_stream_mode mode;
  char *at;    /* WRITE, READ */
  size_t left; /* READ: bytes not yet read; MEASURE: bytes so far */
  alpa_arena *arena;
  const char *failure;       /* READ: the first thing that was wrong, as in "it ends early" */
  uint32_t n_devices, depth; /* for formats */
} alpa_stream;

/* Ends reading. */
void alpa_stream_fail(alpa_stream *s, const char *why);
void alpa_stream_u32(alpa_stream *s, uint32_t *value);
void alpa_stream_i64(alpa_stream *s, int64_t *value);
void alpa_stream_f64(alpa_stream *s, double *value);
/* Read into the arena, 64-byte aligned. */
void alpa_stream_blob(alpa_stream *s, const void **data, size_t *size);
void alpa_stream_string(alpa_stream *s, const char **text);

typedef void alpa_stream_item_fn(alpa_stream *s, void *item);

/* `items` is the address of the pointer to the table, `least` the fewest bytes of an item's byte form. */
void alpa_stream_items_of(alpa_stream *s, const void *items, size_t n, size_t size, size_t least,
                          alpa_stream_item_fn *item);
/* The same behind its count. */
void alpa_stream_table(alpa_stream *s, const void *items, uint32_t *n, size_t size, size_t least,
                       alpa_stream_item_fn *item);
void alpa_stream_u32_item(alpa_stream *s, void *item);
void alpa_stream_i64_item(alpa_stream *s, void *item);

/* Enums are read without judging them: the verifier of the format does.  What is written is not touched. */
#define alpa_stream_enum(s, field)                                                                                     \
  do {                                                                                                                 \
    uint32_t alpa_stream_value = (uint32_t)*(field);                                                                   \
    alpa_stream_u32(s, &alpa_stream_value);                                                                            \
    if ((s)->mode == ALPA_STREAM_READ)                                                                                 \
      *(field) = alpa_stream_value;                                                                                    \
  } while (0)

typedef struct alpa_stream_format {
  char magic[8];
  uint32_t version; /* changes with the payload */
  const char *noun; /* "image", in messages */
  void (*payload)(alpa_stream *s, void *object);
} alpa_stream_format;

/* In `arena`; equal objects give equal bytes.  The object is only read. */
alpa_str alpa_stream_write(alpa_arena *arena, const alpa_stream_format *format, void *object);
/* Fills in a zeroed object; what it points to is copied into `arena`.  ALPA_DATA_LOSS, ALPA_UNSUPPORTED. */
alpa_status alpa_stream_read(alpa_arena *arena, alpa_diag *diag, alpa_place place, const alpa_stream_format *format,
                             alpa_str bytes, void *object);
bool alpa_stream_has_magic(const alpa_stream_format *format, alpa_str bytes);

#endif
