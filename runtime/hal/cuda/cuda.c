/* The CUDA backend: memory of GPUs, and the engine of this directory.
 *
 * Addresses of a device are handed around as they are; only the driver looks at what is there. */
#include "runtime/hal/cuda/engine.h"
#include "runtime/pieces.h"

enum { MOST_PITCH = INT32_MAX }; /* bytes that the driver takes between rows */

/* Makes a device the calling thread's; NULL where the mesh has been closed, and its memory with it. */
static alpa_cuda_gpu *enter(const alpa_device_mesh *mesh, uint32_t device) {
  alpa_cuda_engine *engine = mesh->engine;
  if (!engine || mesh->is_stuck)
    return NULL;
  alpa_cuda_enter(&engine->gpus[device]);
  return &engine->gpus[device];
}

static const alpa_cuda_driver *driver_of(const alpa_cuda_gpu *gpu) { return &gpu->engine->driver; }

static char *cuda_alloc(alpa_device_mesh *mesh, uint32_t device, int64_t bytes) {
  alpa_cuda_gpu *gpu = enter(mesh, device);
  alpa_cuda_pointer pointer = 0;
  if (!gpu || bytes < 0 || driver_of(gpu)->cuMemAlloc_v2(&pointer, bytes ? (size_t)bytes : 1) != ALPA_CUDA_SUCCESS)
    return NULL;
  return (char *)(uintptr_t)pointer;
}

static void cuda_free(alpa_device_mesh *mesh, uint32_t device, char *at, int64_t bytes) {
  (void)bytes;
  alpa_cuda_gpu *gpu = at ? enter(mesh, device) : NULL;
  if (gpu)
    driver_of(gpu)->cuMemFree_v2((uintptr_t)at);
}

static void cuda_fill(alpa_device_mesh *mesh, uint32_t device, char *at, int byte, int64_t bytes) {
  alpa_cuda_gpu *gpu = bytes ? enter(mesh, device) : NULL;
  if (gpu)
    driver_of(gpu)->cuMemsetD8Async((uintptr_t)at, (unsigned char)byte, (size_t)bytes, gpu->stream);
}

/* ---- copies ----------------------------------------------------------------------------------------------------- */

static alpa_cuda_side_2d side(const void *at, uint32_t device, int64_t pitch) {
  bool is_host = device == ALPA_NO_INDEX;
  return (alpa_cuda_side_2d){.memory = is_host ? ALPA_CUDA_MEMORY_HOST : ALPA_CUDA_MEMORY_DEVICE,
                             .host = is_host ? at : NULL,
                             .device = is_host ? 0 : (uintptr_t)at,
                             .pitch = (size_t)pitch};
}

/* Rows of a plane, `run` bytes each; a plane of one row may be of any size, pitches may not. */
typedef struct plane {
  int64_t run, rows, to_pitch, from_pitch;
} plane;

/* The innermost dimension is dense on both sides, or its elements are runs; the next one makes rows of it where the
 * driver takes such pitches.  Returns how many dimensions are left to be walked. */
static uint32_t find_plane(const alpa_strided_copy *copy, plane *out) {
  uint32_t rank = copy->rank;
  *out = (plane){.run = copy->element_bytes, .rows = 1};
  if (rank && copy->to_strides[rank - 1] == out->run && copy->from_strides[rank - 1] == out->run)
    out->run *= copy->extents[--rank];
  if (rank == 0 || copy->to_strides[rank - 1] > MOST_PITCH || copy->from_strides[rank - 1] > MOST_PITCH)
    return rank;
  rank--;
  out->rows = copy->extents[rank];
  out->to_pitch = copy->to_strides[rank];
  out->from_pitch = copy->from_strides[rank];
  return rank;
}

static alpa_cuda_result copy_run(const alpa_cuda_driver *driver, alpa_cuda_stream stream, const alpa_strided_copy *copy,
                                 size_t bytes) {
  if (copy->to_device == ALPA_NO_INDEX)
    return driver->cuMemcpyDtoHAsync_v2(copy->to, (uintptr_t)copy->from, bytes, stream);
  if (copy->from_device == ALPA_NO_INDEX)
    return driver->cuMemcpyHtoDAsync_v2((uintptr_t)copy->to, copy->from, bytes, stream);
  return driver->cuMemcpyDtoDAsync_v2((uintptr_t)copy->to, (uintptr_t)copy->from, bytes, stream);
}

static alpa_cuda_result copy_plane(const alpa_cuda_driver *driver, alpa_cuda_stream stream, const alpa_strided_copy *at,
                                   const plane *p) {
  if (p->rows == 1)
    return copy_run(driver, stream, at, (size_t)p->run);
  alpa_cuda_copy_2d copy = {.from = side(at->from, at->from_device, p->from_pitch),
                            .to = side(at->to, at->to_device, p->to_pitch),
                            .width_bytes = (size_t)p->run,
                            .height = (size_t)p->rows};
  return driver->cuMemcpy2DAsync_v2(&copy, stream);
}

alpa_cuda_result alpa_cuda_copy_box(const alpa_cuda_driver *driver, alpa_cuda_stream stream,
                                    const alpa_strided_copy *copy) {
  int64_t at[ALPA_MAX_RANK] = {0};
  alpa_strided_copy present = *copy;
  alpa_cuda_result result;
  plane p;
  uint32_t rank = find_plane(copy, &p);
  do
    result = copy_plane(driver, stream, &present, &p);
  while (result == ALPA_CUDA_SUCCESS && alpa_strided_copy_next(copy, rank, at, &present.to, &present.from));
  return result;
}

static bool cuda_copy(alpa_device_mesh *mesh, const alpa_strided_copy *copy) {
  uint32_t device = copy->to_device == ALPA_NO_INDEX ? copy->from_device : copy->to_device;
  alpa_cuda_gpu *gpu = enter(mesh, device);
  return gpu && alpa_cuda_copy_box(driver_of(gpu), gpu->stream, copy) == ALPA_CUDA_SUCCESS &&
         driver_of(gpu)->cuStreamSynchronize(gpu->stream) == ALPA_CUDA_SUCCESS;
}

/* ---- constants: each device has its own ------------------------------------------------------------------------- */

static void cuda_unshare(alpa_device_mesh *mesh, char *const *at, int64_t bytes) {
  for (uint32_t d = 0; d < mesh->n_devices; d++)
    cuda_free(mesh, d, at[d], bytes);
}

static bool cuda_share(alpa_device_mesh *mesh, const void *data, int64_t bytes, char **out_at) {
  bool ok = true;
  for (uint32_t d = 0; d < mesh->n_devices && ok; d++) {
    if (!alpa_device_mesh_is_local(mesh, d))
      continue;
    out_at[d] = cuda_alloc(mesh, d, bytes);
    ok = out_at[d] && cuda_copy(mesh, &(alpa_strided_copy){.rank = 1,
                                                           .element_bytes = 1,
                                                           .extents = {bytes},
                                                           .to_strides = {1},
                                                           .from_strides = {1},
                                                           .to = out_at[d],
                                                           .to_device = d,
                                                           .from = data,
                                                           .from_device = ALPA_NO_INDEX});
  }
  if (!ok)
    cuda_unshare(mesh, out_at, bytes);
  return ok;
}

/* ---- the engine ------------------------------------------------------------------------------------------------- */

static alpa_status cuda_open(alpa_device_mesh *mesh, alpa_diag *diag) {
  alpa_cuda_engine *engine;
  ALPA_TRY(alpa_cuda_engine_create(mesh, diag, &engine));
  mesh->engine = engine;
  mesh->n_workers = mesh->n_devices;
  return ALPA_OK;
}

static void cuda_close(alpa_device_mesh *mesh) { alpa_cuda_engine_destroy(mesh->engine); }

const alpa_backend alpa_backend_cuda = {.name = "cuda",
                                        .summary = "NVIDIA GPUs",
                                        .targets = "ptx",
                                        .open = cuda_open,
                                        .close = cuda_close,
                                        .alloc = cuda_alloc,
                                        .free = cuda_free,
                                        .fill = cuda_fill,
                                        .copy = cuda_copy,
                                        .share = cuda_share,
                                        .unshare = cuda_unshare,
                                        .load = alpa_cuda_load,
                                        .unload = alpa_cuda_unload,
                                        .run = alpa_cuda_run,
                                        .describe_graphs = alpa_cuda_graphs_describe,
                                        .flight_record = alpa_cuda_flight_record};
