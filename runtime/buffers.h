/* Arrays: global tensors whose pieces lie in buffers of the devices.
 *
 * A placement says which box of the tensor a device holds (image.h: alpa_image_tensor).  Buffers are at least 64-byte
 * aligned and row-major over local_dims; what reaches past the global dimensions is padding: zero where the
 * array comes from data, unspecified in what steps make of it. */
#ifndef ALPA_RUNTIME_BUFFERS_H
#define ALPA_RUNTIME_BUFFERS_H

#include "runtime/image/image.h"
#include "runtime/mesh.h"

typedef struct alpa_array alpa_array;

/* Scatters `data` (row-major over the global dimensions, alpa_dtype's element size) to the devices; data NULL leaves
 * the buffers as they come (poisoned where the mesh's option says so).  The placement is copied.  The caller owns one
 * reference.  Fails with ALPA_OUT_OF_MEMORY or ALPA_INVALID_ARGUMENT. */
alpa_status alpa_array_create(alpa_device_mesh *mesh, alpa_diag *diag, const alpa_image_tensor *placement,
                              const void *data, alpa_array **out_array);
/* Legal on NULL, as are release and global_bytes. */
alpa_array *alpa_array_retain(alpa_array *array);
/* The last reference returns the buffers to the mesh's pool. */
void alpa_array_release(alpa_array *array);

/* A reference to an array that any thread may give up at any time, while another one uses the mesh. */
typedef struct alpa_dropped {
  struct alpa_dropped *next;
  alpa_array *array;
  void (*finish)(struct alpa_dropped *dropped); /* after the release, on the thread that makes it */
} alpa_dropped;
/* The reference is released when the next array is made or the mesh is destroyed; at once where it was. */
void alpa_array_drop(alpa_dropped *dropped);
/* Releases what was dropped. */
void alpa_device_mesh_collect(alpa_device_mesh *mesh);
/* The same; from now on it happens at once. */
void alpa_device_mesh_collect_last(alpa_device_mesh *mesh);

/* Makes `part`, the same tensor in another placement on other devices, the last part of `array`, which takes over the
 * reference: what the stages of a pipeline hold of one value is one array. */
void alpa_array_join(alpa_array *array, alpa_array *part);
/* The part of that number, the array itself being the first; NULL beyond the last. */
alpa_array *alpa_array_get_part(alpa_array *array, uint32_t index);

/* Gathers to row-major memory of alpa_array_global_bytes.  With `check_copies`, devices that hold the same box must
 * agree bit by bit: else ALPA_DATA_LOSS, naming the devices and the first element. */
alpa_status alpa_array_read(const alpa_array *array, alpa_diag *diag, bool check_copies, void *out_data);
/* A new array with other tiles, pieces copied directly where boxes intersect; dtype and global dimensions must be
 * equal.  Equal placements make a copy. */
alpa_status alpa_array_reshard(const alpa_array *array, alpa_diag *diag, const alpa_image_tensor *placement,
                               alpa_array **out_array);

/* Valid until the array is released. */
const alpa_image_tensor *alpa_array_get_placement(const alpa_array *array);
bool alpa_array_has_placement(const alpa_array *array, const alpa_image_tensor *placement);
int64_t alpa_array_global_bytes(const alpa_array *array);
/* The piece on a device and its size; on a host mesh the address can be read.  NULL after donation. */
void *alpa_array_get_piece(const alpa_array *array, uint32_t device, int64_t *out_bytes);
/* The step that took the array over, or 0.  A donated array can only be released. */
uint64_t alpa_array_donated_step(const alpa_array *array);

#endif
