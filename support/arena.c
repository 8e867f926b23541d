/* Chunked bump allocation; chunks double up to 1 MiB so that the number of allocator calls stays logarithmic at first
 * and proportional to the bytes later. */
#include "support/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20 };

struct alpa_chunk {
  alpa_chunk *older;
  size_t size; /* header included */
};

static void *default_realloc(void *user, void *pointer, size_t size) {
  (void)user;
  if (size == 0) {
    free(pointer);
    return NULL;
  }
  return realloc(pointer, size);
}

void alpa_memory_init(alpa_memory *memory, alpa_realloc_fn *realloc, void *user) {
  *memory = (alpa_memory){.realloc = realloc ? realloc : default_realloc, .user = user};
}

_Noreturn static void exhausted(alpa_memory *memory) {
  if (memory->recovery)
    longjmp(*memory->recovery, ALPA_OUT_OF_MEMORY);
  abort();
}

void *alpa_memory_alloc(alpa_memory *memory, size_t size) {
  void *pointer = size <= PTRDIFF_MAX ? memory->realloc(memory->user, NULL, size ? size : 1) : NULL;
  if (!pointer)
    exhausted(memory);
  memory->live_bytes += size;
  return pointer;
}

void alpa_memory_free(alpa_memory *memory, void *pointer, size_t size) {
  if (!pointer)
    return;
  memory->live_bytes -= size;
  memory->realloc(memory->user, pointer, 0);
}

void alpa_arena_init(alpa_arena *arena, alpa_memory *memory) {
  *arena = (alpa_arena){.memory = memory, .older = memory->newest};
  if (memory->newest)
    memory->newest->newer = arena;
  memory->newest = arena;
}

static void free_chunks(alpa_arena *arena) {
  while (arena->chunk) {
    alpa_chunk *chunk = arena->chunk;
    arena->chunk = chunk->older;
    alpa_memory_free(arena->memory, chunk, chunk->size);
  }
}

void alpa_arena_reset(alpa_arena *arena) {
  free_chunks(arena);
  arena->at = arena->end = NULL;
  arena->bytes = 0;
}

void alpa_arena_deinit(alpa_arena *arena) {
  if (!arena->memory)
    return;
  if (arena->newer)
    arena->newer->older = arena->older;
  else
    arena->memory->newest = arena->older;
  if (arena->older)
    arena->older->newer = arena->newer;
  alpa_arena dying = *arena; /* it may stand in its own memory */
  *arena = (alpa_arena){0};
  free_chunks(&dying);
}

void alpa_arena_move(alpa_arena *to, alpa_arena *from) {
  *to = *from;
  if (to->newer)
    to->newer->older = to;
  else
    to->memory->newest = to;
  if (to->older)
    to->older->newer = to;
  *from = (alpa_arena){0};
}

static void add_chunk(alpa_arena *arena, size_t least) {
  size_t size = arena->chunk ? arena->chunk->size * 2 : FIRST_CHUNK;
  if (size > LARGEST_CHUNK)
    size = LARGEST_CHUNK;
  if (least > PTRDIFF_MAX - sizeof(alpa_chunk) - ALIGNMENT)
    exhausted(arena->memory);
  if (size < least + sizeof(alpa_chunk) + ALIGNMENT)
    size = least + sizeof(alpa_chunk) + ALIGNMENT;
  alpa_chunk *chunk = alpa_memory_alloc(arena->memory, size);
  *chunk = (alpa_chunk){.older = arena->chunk, .size = size};
  arena->chunk = chunk;
  arena->at = (char *)(chunk + 1);
  arena->end = (char *)chunk + size;
}

void *alpa_arena_alloc_aligned(alpa_arena *arena, size_t size, size_t alignment) {
  if (size > PTRDIFF_MAX - alignment)
    exhausted(arena->memory);
  for (;;) {
    size_t skip = (size_t)(-(uintptr_t)arena->at & (alignment - 1));
    if (arena->at && (size_t)(arena->end - arena->at) >= size + skip) {
      char *pointer = arena->at + skip;
      arena->at = pointer + size;
      arena->bytes += size;
      return pointer;
    }
    add_chunk(arena, size + alignment);
  }
}

void *alpa_arena_alloc(alpa_arena *arena, size_t size) {
  return alpa_arena_alloc_aligned(arena, size ? size : 1, ALIGNMENT);
}

void *alpa_arena_calloc(alpa_arena *arena, size_t count, size_t size) {
  if (size && count > PTRDIFF_MAX / size)
    exhausted(arena->memory);
  void *pointer = alpa_arena_alloc(arena, count * size);
  memset(pointer, 0, count * size);
  return pointer;
}

void *alpa_arena_copy(alpa_arena *arena, const void *data, size_t size) {
  void *pointer = alpa_arena_alloc(arena, size);
  if (size)
    memcpy(pointer, data, size);
  return pointer;
}

char *alpa_arena_strndup(alpa_arena *arena, const char *text, size_t size) {
  char *copy = alpa_arena_alloc_aligned(arena, size + 1, 1);
  if (size)
    memcpy(copy, text, size);
  copy[size] = 0;
  return copy;
}

char *alpa_arena_strdup(alpa_arena *arena, const char *text) { return alpa_arena_strndup(arena, text, strlen(text)); }

char *alpa_arena_printf(alpa_arena *arena, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int size = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *text = alpa_arena_alloc_aligned(arena, (size_t)size + 1, 1);
  vsnprintf(text, (size_t)size + 1, format, again);
  va_end(again);
  return text;
}

void *alpa_arena_grow(alpa_arena *arena, void *items, size_t n, size_t *cap, size_t need, size_t item_size) {
  if (need <= *cap)
    return items;
  size_t new_cap = *cap * 2 > need ? *cap * 2 : need;
  if (new_cap < 8)
    new_cap = 8;
  if (new_cap > PTRDIFF_MAX / item_size)
    exhausted(arena->memory);
  void *grown = alpa_arena_alloc(arena, new_cap * item_size);
  if (n)
    memcpy(grown, items, n * item_size);
  *cap = new_cap;
  return grown;
}
