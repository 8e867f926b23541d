/* Checks of kernels and code.  Limits of launches and tensor maps are those of the CUDA driver API for compute
 * capability 8.0 and 9.0 ("CUDA C++ Programming Guide", table of technical specifications; cuTensorMapEncodeTiled). */
#include <math.h>
#include <string.h>

#include "runtime/image/verify.h"

static const int64_t LARGEST_SHARED_BYTES = 227 << 10, LARGEST_MAP_DIM = (int64_t)1 << 32,
                     LARGEST_MAP_STRIDE = (int64_t)1 << 40, LARGEST_OFFSET = (int64_t)1 << 60;

bool alpa_image_is_ptx(const alpa_image *image) { return !strncmp(image->target, "ptx:", 4); }

static alpa_status verify_no_launch(alpa_image_verifier *v, const alpa_image_kernel *kernel) {
  bool any = kernel->shared_bytes || kernel->n_tensor_maps;
  for (uint32_t d = 0; d < 3; d++)
    any |= kernel->grid[d] || kernel->block[d];
  if (any)
    return alpa_image_error(v, "kernel '%s' has a grid or tensor maps, which target '%s' does not know", kernel->symbol,
                            v->image->target);
  return ALPA_OK;
}

static alpa_status verify_box(alpa_image_verifier *v, const char *symbol, const alpa_image_tensor_map *map) {
  static const uint32_t swizzle_bytes[] = {
#define X(id, name, bytes) [ALPA_SWIZZLE_##id] = bytes,
      ALPA_SWIZZLE_TABLE(X)
#undef X
  };
  for (uint32_t d = 0; d < map->rank; d++)
    if (map->box[d] < 1 || map->box[d] > 256)
      return alpa_image_error(v, "kernel '%s': a box of a tensor map has extent %u; expects 1 to 256", symbol,
                              map->box[d]);
  uint32_t inner = map->box[0] * alpa_dtype_get_info(map->dtype)->bytes, most = swizzle_bytes[map->swizzle];
  if (inner % 16 || (most && inner > most))
    return alpa_image_error(v,
                            "kernel '%s': rows of a box have %u bytes; expects a multiple of 16 that swizzle %s "
                            "allows",
                            symbol, inner, alpa_swizzle_name(map->swizzle));
  return ALPA_OK;
}

static alpa_status verify_map(alpa_image_verifier *v, const char *symbol, const alpa_image_tensor_map *map) {
  if (map->dtype >= ALPA_DTYPE_COUNT || map->swizzle >= ALPA_SWIZZLE_COUNT)
    return alpa_image_error(v, "kernel '%s': unknown data type or swizzle of a tensor map", symbol);
  if (map->rank < 1 || map->rank > ALPA_TENSOR_MAP_RANK)
    return alpa_image_error(v, "kernel '%s': a tensor map has rank %u; expects 1 to %d", symbol, map->rank,
                            ALPA_TENSOR_MAP_RANK);
  if (map->offset < 0 || map->offset % 16 || map->offset > LARGEST_OFFSET)
    return alpa_image_error(v, "kernel '%s': a tensor map starts at byte %lld; expects a multiple of 16", symbol,
                            (long long)map->offset);
  int64_t bytes = 0;
  for (uint32_t d = 0; d < map->rank; d++) {
    int64_t dim = map->dims[d], stride = map->strides[d], part;
    if (dim < 1 || dim > LARGEST_MAP_DIM)
      return alpa_image_error(v, "kernel '%s': a tensor map has extent %lld; expects 1 to 2^32", symbol,
                              (long long)dim);
    bool is_stride = d ? stride > 0 && stride % 16 == 0 && stride < LARGEST_MAP_STRIDE
                       : stride == alpa_dtype_get_info(map->dtype)->bytes;
    if (!is_stride)
      return alpa_image_error(v,
                              "kernel '%s': stride %lld of dimension %u of a tensor map; expects a multiple of 16 "
                              "below 2^40, and the element's size for dimension 0",
                              symbol, (long long)stride, d);
    if (__builtin_mul_overflow(dim, stride, &part) || (bytes += part) > LARGEST_OFFSET || part > LARGEST_OFFSET)
      return alpa_image_error(v, "kernel '%s': a tensor map describes more than 2^60 bytes", symbol);
  }
  return verify_box(v, symbol, map);
}

static alpa_status verify_launch(alpa_image_verifier *v, const alpa_image_kernel *kernel) {
  const uint32_t *grid = kernel->grid, *block = kernel->block;
  bool is_grid = grid[0] >= 1 && grid[0] <= INT32_MAX && grid[1] >= 1 && grid[1] <= UINT16_MAX && grid[2] >= 1 &&
                 grid[2] <= UINT16_MAX;
  bool is_block = block[0] >= 1 && block[0] <= 1024 && block[1] >= 1 && block[1] <= 1024 && block[2] >= 1 &&
                  block[2] <= 64 && (uint64_t)block[0] * block[1] * block[2] <= 1024;
  if (!is_grid || !is_block)
    return alpa_image_error(v, "kernel '%s': a grid of %u x %u x %u blocks of %u x %u x %u threads cannot be launched",
                            kernel->symbol, grid[0], grid[1], grid[2], block[0], block[1], block[2]);
  if (kernel->shared_bytes < 0 || kernel->shared_bytes > LARGEST_SHARED_BYTES)
    return alpa_image_error(v, "kernel '%s': %lld bytes of shared memory; expects 0 to %lld", kernel->symbol,
                            (long long)kernel->shared_bytes, (long long)LARGEST_SHARED_BYTES);
  if (kernel->n_tensor_maps && !kernel->tensor_maps)
    return alpa_image_error(v, "kernel '%s' has no table of tensor maps", kernel->symbol);
  for (uint32_t i = 0; i < kernel->n_tensor_maps; i++)
    ALPA_TRY(verify_map(v, kernel->symbol, &kernel->tensor_maps[i]));
  return ALPA_OK;
}

static alpa_status verify_code(alpa_image_verifier *v, uint32_t i, const alpa_image_code *code) {
  if (code->size && !code->data)
    return alpa_image_error(v, "code object %u has no data", i);
  if (!alpa_image_is_ptx(v->image))
    return ALPA_OK;
  const char *text = code->data;
  if (i || !code->size || memchr(text, 0, code->size) != text + code->size - 1)
    return alpa_image_error(v, "code object %u is not the one text, ended by a NUL, that PTX expects", i);
  return ALPA_OK;
}

alpa_status alpa_image_verify_kernels(alpa_image_verifier *v) {
  bool is_ptx = alpa_image_is_ptx(v->image);
  for (uint32_t i = 0; i < v->image->n_kernels; i++) {
    const alpa_image_kernel *kernel = &v->image->kernels[i];
    if (!kernel->symbol || !kernel->symbol[0])
      return alpa_image_error(v, "kernel %u has no symbol", i);
    if (kernel->n_tasks < 0 || kernel->bytes < 0 || !isfinite(kernel->flops) || kernel->flops < 0)
      return alpa_image_error(v, "kernel %u ('%s') has a negative or infinite count", i, kernel->symbol);
    ALPA_TRY(is_ptx ? verify_launch(v, kernel) : verify_no_launch(v, kernel));
  }
  for (uint32_t i = 0; i < v->image->n_code; i++)
    ALPA_TRY(verify_code(v, i, &v->image->code[i]));
  return ALPA_OK;
}
