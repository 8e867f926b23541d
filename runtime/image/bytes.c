/* The byte form of an image: one description of the format serves measuring, writing and reading.
 *
 * Header: magic, u32 version, u32 zero, u64 payload bytes, XXH3-128 of the payload.  Payload: the struct's fields in
 * order, little-endian; a table is its u32 count and its items; a string or blob its size and its bytes.  The reader
 * checks the hash first and then trusts nothing: a count is compared with the bytes that are left before anything is
 * allocated for it, so memory stays proportional to the input, and nesting is bounded. */
#include <string.h>

#include "runtime/image/verify.h"
#include "support/hash.h"

enum { FORMAT_VERSION = 2, HEADER_BYTES = 40, MAX_NESTING = 256, BLOB_ALIGNMENT = 64 };
static const char MAGIC[8] = {'\x89', 'A', 'L', 'P', 'A', 'I', 'M', '\n'};

typedef enum stream_mode { MEASURE, WRITE, READ } stream_mode;

typedef struct stream {
  stream_mode mode;
  char *at;    /* WRITE, READ */
  size_t left; /* READ: bytes not yet read; MEASURE: bytes so far */
  alpa_arena *arena;
  const char *failure; /* READ: the first thing that was wrong */
  uint32_t n_devices, depth;
} stream;

static void fail(stream *s, const char *why) {
  if (!s->failure)
    s->failure = why;
  s->left = 0;
}

/* Moves past `size` bytes and returns them, or NULL where there is nothing to read or write. */
static char *advance(stream *s, size_t size) {
  if (s->mode == MEASURE) {
    s->left += size;
    return NULL;
  }
  if (s->mode == READ) {
    if (size > s->left) {
      fail(s, "ends early");
      return NULL;
    }
    s->left -= size;
  }
  char *at = s->at;
  s->at += size;
  return at;
}

static void number(stream *s, uint64_t *value, size_t size) {
  char *at = advance(s, size);
  if (s->mode == READ)
    *value = 0;
  for (size_t i = 0; at && i < size; i++) {
    if (s->mode == READ)
      *value |= (uint64_t)(uint8_t)at[i] << (8 * i);
    else
      at[i] = (char)(uint8_t)(*value >> (8 * i));
  }
}

static void u32(stream *s, uint32_t *value) {
  uint64_t wide = *value;
  number(s, &wide, 4);
  *value = (uint32_t)wide;
}

static void i64(stream *s, int64_t *value) {
  uint64_t wide = (uint64_t)*value;
  number(s, &wide, 8);
  *value = (int64_t)wide;
}

static void f64(stream *s, double *value) {
  uint64_t bits;
  memcpy(&bits, value, sizeof bits);
  number(s, &bits, 8);
  memcpy(value, &bits, sizeof bits);
}

/* Enums are read without judging them: the verifier does. */
#define enumeration(s, field)                                                                                          \
  do {                                                                                                                 \
    uint32_t enumeration_value = (uint32_t)*(field);                                                                   \
    u32(s, &enumeration_value);                                                                                        \
    *(field) = enumeration_value;                                                                                      \
  } while (0)

static void blob(stream *s, const void **data, size_t *size) {
  uint64_t wide = *size;
  number(s, &wide, 8);
  char *at = advance(s, (size_t)wide);
  if (s->mode == READ) {
    *size = at ? (size_t)wide : 0;
    char *copy = alpa_arena_alloc_aligned(s->arena, *size ? *size : 1, BLOB_ALIGNMENT);
    if (at && wide)
      memcpy(copy, at, *size);
    *data = copy;
  } else if (at && wide) {
    memcpy(at, *data, (size_t)wide);
  }
}

static void string(stream *s, const char **text) {
  uint32_t size = s->mode == READ ? 0 : (uint32_t)strlen(*text);
  u32(s, &size);
  char *at = advance(s, size);
  if (s->mode == READ) {
    if (at && size && memchr(at, 0, size))
      fail(s, "has a NUL in a name");
    *text = at ? alpa_arena_strndup(s->arena, at, size) : "";
  } else if (at) {
    memcpy(at, *text, size);
  }
}

typedef void item_fn(stream *s, void *item);

/* `items` is the address of the pointer to the table, `least` the fewest bytes of an item's byte form. */
static void items_of(stream *s, const void *items, size_t n, size_t size, size_t least, item_fn *item) {
  char *table;
  if (s->mode == READ) {
    if (n > s->left / least) {
      fail(s, "has a count that exceeds its size");
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

static void table(stream *s, const void *items, uint32_t *n, size_t size, size_t least, item_fn *item) {
  u32(s, n);
  items_of(s, items, *n, size, least, item);
  if (s->failure)
    *n = 0;
}

static void u32_item(stream *s, void *item) { u32(s, item); }
static void i64_item(stream *s, void *item) { i64(s, item); }

static void ref_item(stream *s, void *item) {
  alpa_image_ref *ref = item;
  u32(s, &ref->buffer);
  i64(s, &ref->offset);
}

static void tensor_item(stream *s, void *item) {
  alpa_image_tensor *tensor = item;
  string(s, &tensor->name);
  enumeration(s, &tensor->dtype);
  u32(s, &tensor->rank);
  if (tensor->rank > ALPA_MAX_RANK) {
    fail(s, "has a tensor of too high a rank");
    tensor->rank = 0;
  }
  items_of(s, &tensor->global_dims, tensor->rank, sizeof(int64_t), 8, i64_item);
  items_of(s, &tensor->local_dims, tensor->rank, sizeof(int64_t), 8, i64_item);
  items_of(s, &tensor->tiles, (size_t)s->n_devices * tensor->rank, sizeof(uint32_t), 4, u32_item);
}

static void alias_item(stream *s, void *item) {
  alpa_image_alias *alias = item;
  u32(s, &alias->result);
  u32(s, &alias->argument);
}

static void buffer_item(stream *s, void *item) {
  alpa_image_buffer *buffer = item;
  enumeration(s, &buffer->kind);
  u32(s, &buffer->index);
  i64(s, &buffer->offset);
  i64(s, &buffer->bytes);
}

static void tensor_map_item(stream *s, void *item) {
  alpa_image_tensor_map *map = item;
  u32(s, &map->ref);
  i64(s, &map->offset);
  enumeration(s, &map->dtype);
  u32(s, &map->rank);
  for (uint32_t d = 0; d < ALPA_TENSOR_MAP_RANK; d++) {
    i64(s, &map->dims[d]);
    i64(s, &map->strides[d]);
    u32(s, &map->box[d]);
  }
  enumeration(s, &map->swizzle);
}

static void kernel_item(stream *s, void *item) {
  alpa_image_kernel *kernel = item;
  string(s, &kernel->symbol);
  i64(s, &kernel->n_tasks);
  f64(s, &kernel->flops);
  i64(s, &kernel->bytes);
  for (uint32_t d = 0; d < 3; d++)
    u32(s, &kernel->grid[d]);
  for (uint32_t d = 0; d < 3; d++)
    u32(s, &kernel->block[d]);
  i64(s, &kernel->shared_bytes);
  table(s, &kernel->tensor_maps, &kernel->n_tensor_maps, sizeof(alpa_image_tensor_map), 124, tensor_map_item);
}

static void collective_item(stream *s, void *item) {
  alpa_image_collective *collective = item;
  enumeration(s, &collective->kind);
  enumeration(s, &collective->reduction);
  enumeration(s, &collective->dtype);
  i64(s, &collective->outer);
  i64(s, &collective->chunk);
  u32(s, &collective->n_groups);
  u32(s, &collective->group_size);
  items_of(s, &collective->groups, (size_t)((uint64_t)collective->n_groups * collective->group_size), sizeof(uint32_t),
           4, u32_item);
  ref_item(s, &collective->from);
  ref_item(s, &collective->to);
}

static void instruction_item(stream *s, void *item);

static void list_item(stream *s, void *item) {
  alpa_instructions *list = item;
  if (++s->depth > MAX_NESTING + 1)
    fail(s, "has instructions nested too deeply");
  else
    table(s, &list->items, &list->n, sizeof(alpa_instruction), 36, instruction_item);
  s->depth--;
}

static void instruction_item(stream *s, void *item) {
  alpa_instruction *instruction = item;
  enumeration(s, &instruction->kind);
  u32(s, &instruction->kernel);
  u32(s, &instruction->collective);
  table(s, &instruction->refs, &instruction->n_refs, sizeof(alpa_image_ref), 12, ref_item);
  i64(s, &instruction->count);
  string(s, &instruction->where);
  table(s, &instruction->lists, &instruction->n_lists, sizeof(alpa_instructions), 4, list_item);
}

static void code_item(stream *s, void *item) {
  alpa_image_code *code = item;
  blob(s, &code->data, &code->size);
}

/* The format.  A change of it needs a new FORMAT_VERSION. */
static void payload(stream *s, alpa_image *image) {
  string(s, &image->target);
  u32(s, &image->n_devices);
  s->n_devices = image->n_devices;
  if (s->n_devices > ALPA_MAX_DEVICES)
    fail(s, "has too many devices");
  table(s, &image->arguments, &image->n_arguments, sizeof(alpa_image_tensor), 12, tensor_item);
  table(s, &image->results, &image->n_results, sizeof(alpa_image_tensor), 12, tensor_item);
  table(s, &image->aliases, &image->n_aliases, sizeof(alpa_image_alias), 8, alias_item);
  table(s, &image->buffers, &image->n_buffers, sizeof(alpa_image_buffer), 24, buffer_item);
  table(s, &image->kernels, &image->n_kernels, sizeof(alpa_image_kernel), 64, kernel_item);
  table(s, &image->collectives, &image->n_collectives, sizeof(alpa_image_collective), 60, collective_item);
  list_item(s, &image->program);
  i64(s, &image->arena_bytes);
  blob(s, &image->constants, &image->constants_bytes);
  table(s, &image->code, &image->n_code, sizeof(alpa_image_code), 8, code_item);
}

static void header(stream *s, uint64_t *bytes, alpa_hash128 *hash, uint32_t *version, uint32_t *reserved) {
  u32(s, version);
  u32(s, reserved);
  number(s, bytes, 8);
  number(s, &hash->low, 8);
  number(s, &hash->high, 8);
}

#undef enumeration

alpa_str alpa_image_write(alpa_arena *arena, const alpa_image *image) {
  alpa_image copy = *image;
  stream measured = {.mode = MEASURE};
  payload(&measured, &copy);
  size_t size = HEADER_BYTES + measured.left;
  char *bytes = alpa_arena_alloc(arena, size);
  stream s = {.mode = WRITE, .at = bytes + HEADER_BYTES};
  payload(&s, &copy);
  memcpy(bytes, MAGIC, sizeof MAGIC);
  uint64_t payload_bytes = measured.left;
  alpa_hash128 hash = alpa_hash128_of(bytes + HEADER_BYTES, measured.left);
  stream head = {.mode = WRITE, .at = bytes + sizeof MAGIC};
  header(&head, &payload_bytes, &hash, &(uint32_t){FORMAT_VERSION}, &(uint32_t){0});
  return (alpa_str){bytes, size};
}

/* Everything before the payload, and its hash. */
static alpa_status check_header(alpa_diag *diag, alpa_place place, alpa_str bytes) {
  if (bytes.size < HEADER_BYTES || memcmp(bytes.data, MAGIC, sizeof MAGIC) != 0)
    return alpa_error(diag, place, ALPA_DATA_LOSS, "not an image: the header is missing");
  stream s = {.mode = READ, .at = (char *)(uintptr_t)bytes.data + sizeof MAGIC, .left = HEADER_BYTES - sizeof MAGIC};
  uint64_t size = 0;
  alpa_hash128 hash = {0};
  uint32_t version = 0, reserved = 0;
  header(&s, &size, &hash, &version, &reserved);
  if (version != FORMAT_VERSION)
    return alpa_error(diag, place, ALPA_UNSUPPORTED, "image of format %u; this version reads format %d", version,
                      FORMAT_VERSION);
  if (size != bytes.size - HEADER_BYTES)
    return alpa_error(diag, place, ALPA_DATA_LOSS, "damaged image: expects %llu bytes, got %zu",
                      (unsigned long long)size, bytes.size - HEADER_BYTES);
  alpa_hash128 actual = alpa_hash128_of(bytes.data + HEADER_BYTES, (size_t)size);
  if (reserved != 0 || actual.low != hash.low || actual.high != hash.high)
    return alpa_error(diag, place, ALPA_DATA_LOSS, "damaged image: its hash does not match its contents");
  return ALPA_OK;
}

alpa_status alpa_image_read(alpa_arena *arena, alpa_diag *diag, const char *name, alpa_str bytes,
                            alpa_image **out_image) {
  alpa_place place = {.file = name};
  ALPA_TRY(check_header(diag, place, bytes));
  alpa_image *image = alpa_arena_new(arena, alpa_image, 1);
  stream s = {.mode = READ,
              .at = (char *)(uintptr_t)bytes.data + HEADER_BYTES,
              .left = bytes.size - HEADER_BYTES,
              .arena = arena};
  payload(&s, image);
  if (s.failure || s.left)
    return alpa_error(diag, place, ALPA_DATA_LOSS, "damaged image: it %s",
                      s.failure ? s.failure : "has bytes behind its end");
  ALPA_TRY(alpa_image_verify_at(image, diag, place));
  *out_image = image;
  return ALPA_OK;
}

const char *alpa_reduction_name(alpa_reduction reduction) {
  static const char *const names[] = {
#define X(id, name) [ALPA_REDUCE_##id] = name,
      ALPA_REDUCTION_TABLE(X)
#undef X
  };
  return (size_t)reduction < countof(names) ? names[reduction] : "unknown";
}

const char *alpa_collective_name(alpa_collective kind) {
  static const char *const names[] = {
#define X(id, name) [ALPA_COLLECTIVE_##id] = name,
      ALPA_COLLECTIVE_TABLE(X)
#undef X
  };
  return (size_t)kind < countof(names) ? names[kind] : "unknown";
}

const char *alpa_swizzle_name(alpa_swizzle swizzle) {
  static const char *const names[] = {
#define X(id, name, bytes) [ALPA_SWIZZLE_##id] = name,
      ALPA_SWIZZLE_TABLE(X)
#undef X
  };
  return (size_t)swizzle < countof(names) ? names[swizzle] : "unknown";
}
