/* The byte form of an image: its payload is the struct's fields in order (runtime/image/stream.h); nesting is bounded.
 */
#include "runtime/image/stream.h"
#include "runtime/image/verify.h"

enum { FORMAT_VERSION = 4, MAX_NESTING = 256 };

static void ref_item(alpa_stream *s, void *item) {
  alpa_image_ref *ref = item;
  alpa_stream_u32(s, &ref->buffer);
  alpa_stream_i64(s, &ref->offset);
}

static void tensor_item(alpa_stream *s, void *item) {
  alpa_image_tensor *tensor = item;
  alpa_stream_string(s, &tensor->name);
  alpa_stream_enum(s, &tensor->dtype);
  alpa_stream_u32(s, &tensor->rank);
  if (tensor->rank > ALPA_MAX_RANK) {
    alpa_stream_fail(s, "has a tensor of too high a rank");
    tensor->rank = 0;
  }
  alpa_stream_items_of(s, &tensor->global_dims, tensor->rank, sizeof(int64_t), 8, alpa_stream_i64_item);
  alpa_stream_items_of(s, &tensor->local_dims, tensor->rank, sizeof(int64_t), 8, alpa_stream_i64_item);
  alpa_stream_u32(s, &tensor->holders.first);
  alpa_stream_u32(s, &tensor->holders.n);
  alpa_stream_items_of(s, &tensor->tiles, (size_t)alpa_image_tensor_n_holders(tensor, s->n_devices) * tensor->rank,
                       sizeof(uint32_t), 4, alpa_stream_u32_item);
  uint32_t n_part = tensor->part_dims ? tensor->rank : 0, n = n_part;
  alpa_stream_table(s, &tensor->part_start, &n_part, sizeof(int64_t), 8, alpa_stream_i64_item);
  alpa_stream_table(s, &tensor->part_dims, &n, sizeof(int64_t), 8, alpa_stream_i64_item);
  if (n != n_part || (n != 0 && n != tensor->rank))
    alpa_stream_fail(s, "has a part of a tensor of another rank");
  if (s->mode == ALPA_STREAM_READ && n == 0)
    tensor->part_start = tensor->part_dims = NULL;
}

static void alias_item(alpa_stream *s, void *item) {
  alpa_image_alias *alias = item;
  alpa_stream_u32(s, &alias->result);
  alpa_stream_u32(s, &alias->argument);
}

static void buffer_item(alpa_stream *s, void *item) {
  alpa_image_buffer *buffer = item;
  alpa_stream_enum(s, &buffer->kind);
  alpa_stream_u32(s, &buffer->index);
  alpa_stream_i64(s, &buffer->offset);
  alpa_stream_i64(s, &buffer->bytes);
}

static void tensor_map_item(alpa_stream *s, void *item) {
  alpa_image_tensor_map *map = item;
  alpa_stream_u32(s, &map->ref);
  alpa_stream_i64(s, &map->offset);
  alpa_stream_enum(s, &map->dtype);
  alpa_stream_u32(s, &map->rank);
  for (uint32_t d = 0; d < ALPA_TENSOR_MAP_RANK; d++) {
    alpa_stream_i64(s, &map->dims[d]);
    alpa_stream_i64(s, &map->strides[d]);
    alpa_stream_u32(s, &map->box[d]);
  }
  alpa_stream_enum(s, &map->swizzle);
}

static void kernel_item(alpa_stream *s, void *item) {
  alpa_image_kernel *kernel = item;
  alpa_stream_string(s, &kernel->symbol);
  alpa_stream_i64(s, &kernel->n_tasks);
  alpa_stream_f64(s, &kernel->flops);
  alpa_stream_i64(s, &kernel->bytes);
  for (uint32_t d = 0; d < 3; d++)
    alpa_stream_u32(s, &kernel->grid[d]);
  for (uint32_t d = 0; d < 3; d++)
    alpa_stream_u32(s, &kernel->block[d]);
  alpa_stream_i64(s, &kernel->shared_bytes);
  alpa_stream_table(s, &kernel->tensor_maps, &kernel->n_tensor_maps, sizeof(alpa_image_tensor_map), 124,
                    tensor_map_item);
}

static void collective_item(alpa_stream *s, void *item) {
  alpa_image_collective *collective = item;
  alpa_stream_enum(s, &collective->kind);
  alpa_stream_enum(s, &collective->reduction);
  alpa_stream_enum(s, &collective->dtype);
  alpa_stream_i64(s, &collective->outer);
  alpa_stream_i64(s, &collective->chunk);
  alpa_stream_u32(s, &collective->n_groups);
  alpa_stream_u32(s, &collective->group_size);
  alpa_stream_items_of(s, &collective->groups, (size_t)((uint64_t)collective->n_groups * collective->group_size),
                       sizeof(uint32_t), 4, alpa_stream_u32_item);
  ref_item(s, &collective->from);
  ref_item(s, &collective->to);
}

static void copy_item(alpa_stream *s, void *item) {
  alpa_image_copy *copy = item;
  alpa_stream_u32(s, &copy->from_device);
  alpa_stream_u32(s, &copy->to_device);
  alpa_stream_i64(s, &copy->from_offset);
  alpa_stream_i64(s, &copy->to_offset);
  alpa_stream_u32(s, &copy->rank);
  alpa_stream_u32(s, &copy->element_bytes);
  alpa_stream_items_of(s, &copy->extents, copy->rank, sizeof(int64_t), 8, alpa_stream_i64_item);
  alpa_stream_items_of(s, &copy->from_strides, copy->rank, sizeof(int64_t), 8, alpa_stream_i64_item);
  alpa_stream_items_of(s, &copy->to_strides, copy->rank, sizeof(int64_t), 8, alpa_stream_i64_item);
}

static void transfer_item(alpa_stream *s, void *item) {
  alpa_image_transfer *transfer = item;
  alpa_stream_string(s, &transfer->name);
  alpa_stream_i64(s, &transfer->from_bytes);
  alpa_stream_i64(s, &transfer->to_bytes);
  alpa_stream_table(s, &transfer->copies, &transfer->n_copies, sizeof(alpa_image_copy), 32, copy_item);
}

static void instruction_item(alpa_stream *s, void *item);

static void list_item(alpa_stream *s, void *item) {
  alpa_instructions *list = item;
  if (++s->depth > MAX_NESTING + 1)
    alpa_stream_fail(s, "has instructions nested too deeply");
  else
    alpa_stream_table(s, &list->items, &list->n, sizeof(alpa_instruction), 40, instruction_item);
  s->depth--;
}

static void instruction_item(alpa_stream *s, void *item) {
  alpa_instruction *instruction = item;
  alpa_stream_enum(s, &instruction->kind);
  alpa_stream_u32(s, &instruction->kernel);
  alpa_stream_u32(s, &instruction->collective);
  alpa_stream_u32(s, &instruction->transfer);
  alpa_stream_table(s, &instruction->refs, &instruction->n_refs, sizeof(alpa_image_ref), 12, ref_item);
  alpa_stream_i64(s, &instruction->count);
  alpa_stream_string(s, &instruction->where);
  alpa_stream_table(s, &instruction->lists, &instruction->n_lists, sizeof(alpa_instructions), 4, list_item);
}

static void code_item(alpa_stream *s, void *item) {
  alpa_image_code *code = item;
  alpa_stream_blob(s, &code->data, &code->size);
}

/* The format.  A change of it needs a new FORMAT_VERSION. */
static void payload(alpa_stream *s, void *object) {
  alpa_image *image = object;
  alpa_stream_string(s, &image->target);
  alpa_stream_u32(s, &image->n_devices);
  s->n_devices = image->n_devices;
  if (s->n_devices > ALPA_MAX_DEVICES)
    alpa_stream_fail(s, "has too many devices");
  alpa_stream_table(s, &image->arguments, &image->n_arguments, sizeof(alpa_image_tensor), 20, tensor_item);
  alpa_stream_table(s, &image->results, &image->n_results, sizeof(alpa_image_tensor), 20, tensor_item);
  alpa_stream_table(s, &image->aliases, &image->n_aliases, sizeof(alpa_image_alias), 8, alias_item);
  alpa_stream_table(s, &image->buffers, &image->n_buffers, sizeof(alpa_image_buffer), 24, buffer_item);
  alpa_stream_table(s, &image->kernels, &image->n_kernels, sizeof(alpa_image_kernel), 64, kernel_item);
  alpa_stream_table(s, &image->collectives, &image->n_collectives, sizeof(alpa_image_collective), 60, collective_item);
  alpa_stream_table(s, &image->transfers, &image->n_transfers, sizeof(alpa_image_transfer), 24, transfer_item);
  alpa_stream_u32(s, &image->n_numbers);
  alpa_stream_items_of(s, &image->numbers, (size_t)image->n_numbers * s->n_devices, sizeof(uint32_t), 4,
                       alpa_stream_u32_item);
  list_item(s, &image->program);
  alpa_stream_i64(s, &image->arena_bytes);
  alpa_stream_blob(s, &image->constants, &image->constants_bytes);
  alpa_stream_table(s, &image->code, &image->n_code, sizeof(alpa_image_code), 8, code_item);
}

static const alpa_stream_format format = {.magic = {'\x89', 'A', 'L', 'P', 'A', 'I', 'M', '\n'},
                                          .version = FORMAT_VERSION,
                                          .noun = "image",
                                          .payload = payload};

alpa_str alpa_image_write(alpa_arena *arena, const alpa_image *image) {
  alpa_image copy = *image;
  return alpa_stream_write(arena, &format, &copy);
}

alpa_status alpa_image_read(alpa_arena *arena, alpa_diag *diag, const char *name, alpa_str bytes,
                            alpa_image **out_image) {
  alpa_place place = {.file = name};
  alpa_image *image = alpa_arena_new(arena, alpa_image, 1);
  ALPA_TRY(alpa_stream_read(arena, diag, place, &format, bytes, image));
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
