/* Along a dimension that axes split, a device has the tile whose number its coordinates on them spell. */
#include "passes/transfer/tiling.h"

static int64_t min_of(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t find_tile(const alpa_mesh *mesh, alpa_axis_refs axes, int64_t device) {
  int64_t tile = 0;
  for (size_t i = 0; i < axes.n; i++)
    tile = tile * alpa_axis_ref_size(mesh, axes.items[i]) + alpa_axis_ref_coordinate(mesh, axes.items[i], device);
  return tile;
}

void alpa_tiling_build(alpa_arena *arena, const alpa_mesh *mesh, const alpa_sharding *sharding, const alpa_type *type,
                       uint32_t first, alpa_tiling *out_tiling) {
  uint32_t n = (uint32_t)mesh->n_devices, rank = type->rank;
  uint32_t *devices = alpa_arena_new(arena, uint32_t, n);
  int64_t *starts = alpa_arena_new(arena, int64_t, (size_t)n * rank);
  int64_t *extents = alpa_arena_new(arena, int64_t, (size_t)n * rank);
  for (uint32_t k = 0; k < n; k++) {
    devices[k] = first + (uint32_t)(mesh->device_ids ? mesh->device_ids[k] : (int64_t)k);
    for (uint32_t d = 0; d < rank; d++) {
      alpa_axis_refs axes = sharding ? sharding->dims[d].axes : (alpa_axis_refs){0};
      int64_t size = alpa_local_size(type->dims[d], alpa_axis_refs_size(mesh, axes));
      int64_t start = min_of(find_tile(mesh, axes, k) * size, type->dims[d]);
      starts[(size_t)k * rank + d] = start;
      extents[(size_t)k * rank + d] = min_of(size, type->dims[d] - start);
    }
  }
  *out_tiling = (alpa_tiling){n, devices, starts, extents};
}
