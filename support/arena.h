/* Memory: arenas over an allocator, with one recovery point for exhaustion.
 *
 * Compiler data lives in arenas and dies with them.  An arena allocation never returns NULL: when the allocator is
 * exhausted, control unwinds (longjmp) to the recovery point of its alpa_memory, which is set where the public API was
 * entered and which turns it into ALPA_OUT_OF_MEMORY.  Code between the two therefore needs no checks, but what it
 * holds outside arenas across an allocation must be registered elsewhere.  All arenas of an alpa_memory that were
 * created after the recovery point was set are released by it. */
#ifndef ALPA_SUPPORT_ARENA_H
#define ALPA_SUPPORT_ARENA_H

#include <setjmp.h>

#include "support/status.h"

typedef struct alpa_arena alpa_arena;

/* The source of memory of one context.  Not thread-safe; every worker thread has its own. */
typedef struct alpa_memory {
  alpa_realloc_fn *realloc;
  void *user;
  jmp_buf *recovery;     /* NULL: nothing to unwind to, exhaustion is fatal */
  alpa_arena *newest;    /* chain of live arenas, newest first */
  size_t live_bytes;     /* handed out by the allocator and not yet returned */
} alpa_memory;

typedef struct alpa_chunk alpa_chunk;

struct alpa_arena {
  alpa_memory *memory;
  alpa_arena *older, *newer; /* chain of the memory's live arenas */
  alpa_chunk *chunk;         /* newest chunk */
  char *at, *end;            /* free part of it */
  size_t bytes;              /* handed out */
};

/* realloc NULL means the C library's. */
void alpa_memory_init(alpa_memory *memory, alpa_realloc_fn *realloc, void *user);

void alpa_arena_init(alpa_arena *arena, alpa_memory *memory);
/* Frees everything allocated from the arena; legal on a zeroed arena. */
void alpa_arena_deinit(alpa_arena *arena);
/* Moves an arena to another place, which may be in its own memory: an object can then be one allocation less, and is
 * released with everything else where memory is exhausted. */
void alpa_arena_move(alpa_arena *to, alpa_arena *from);
/* Frees everything but keeps the arena usable. */
void alpa_arena_reset(alpa_arena *arena);

/* Uninitialised bytes aligned to 16; size 0 gives a unique pointer. */
void *alpa_arena_alloc(alpa_arena *arena, size_t size);
/* As alpa_arena_alloc, aligned to a power of two of at most 4096. */
void *alpa_arena_alloc_aligned(alpa_arena *arena, size_t size, size_t alignment);
/* count * size zeroed bytes; overflow counts as exhaustion. */
void *alpa_arena_calloc(alpa_arena *arena, size_t count, size_t size);
void *alpa_arena_copy(alpa_arena *arena, const void *data, size_t size);
/* A NUL-terminated copy. */
char *alpa_arena_strdup(alpa_arena *arena, const char *text);
char *alpa_arena_strndup(alpa_arena *arena, const char *text, size_t size);
char *alpa_arena_printf(alpa_arena *arena, const char *format, ...) ALPA_PRINTF(2, 3);

/* count objects of a type, zeroed. */
#define alpa_arena_new(arena, type, count) ((type *)alpa_arena_calloc(arena, (size_t)(count), sizeof(type)))

/* Memory outside arenas, for buffers whose lifetime is not nested; exhaustion unwinds as above. */
void *alpa_memory_alloc(alpa_memory *memory, size_t size);
void alpa_memory_free(alpa_memory *memory, void *pointer, size_t size);

/* ---- growable arrays in arenas: struct { T *items; size_t n, cap; } -------------------------------------------- */

#define ALPA_VEC(type)                                                                                                 \
  struct {                                                                                                             \
    type *items;                                                                                                       \
    size_t n, cap;                                                                                                     \
  }

/* Grows an array of the vector form so that it holds at least `need` items; returns the new storage. */
void *alpa_arena_grow(alpa_arena *arena, void *items, size_t n, size_t *cap, size_t need, size_t item_size);

/* Appends a value (the trailing arguments, so that compound literals work). */
#define alpa_vec_push(arena, vec, ...)                                                                                 \
  ((vec)->items = (vec)->n < (vec)->cap                                                                                \
                      ? (vec)->items                                                                                   \
                      : alpa_arena_grow(arena, (vec)->items, (vec)->n, &(vec)->cap, (vec)->n + 1,                      \
                                        sizeof *(vec)->items),                                                         \
   (vec)->items[(vec)->n++] = __VA_ARGS__)

#endif
