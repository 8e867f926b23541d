/* Bytes as an image.  The first byte decides whether the header is made right before reading, so that mutations reach
 * the reader behind the hash.  An image that is accepted must be written and read back to the same bytes, and load. */
#include <stdlib.h>
#include <string.h>

#include "runtime/executor.h"
#include "support/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER_BYTES = 40 };

static void drop(void *user, alpa_severity severity, alpa_place place, const char *message) {
  (void)user;
  (void)severity;
  (void)place;
  (void)message;
}

static void make_header(char *bytes, size_t payload) {
  static const char magic[8] = {'\x89', 'A', 'L', 'P', 'A', 'I', 'M', '\n'};
  const uint32_t version[2] = {3, 0}; /* of the format: runtime/image/bytes.c */
  const uint64_t size = payload;
  alpa_hash128 hash = alpa_hash128_of(bytes + HEADER_BYTES, payload);
  memcpy(bytes, magic, 8);
  memcpy(bytes + 8, version, 8);
  memcpy(bytes + 16, &size, 8);
  memcpy(bytes + 24, &hash.low, 8);
  memcpy(bytes + 32, &hash.high, 8);
}

/* Images without kernels can be loaded; steps of them may be endless. */
static void load(const alpa_image *image, alpa_diag *diag) {
  if (image->n_devices > 8 || image->arena_bytes > 1 << 20 || image->n_kernels)
    return;
  alpa_device_mesh *mesh;
  alpa_device_mesh_options options = {.n_devices = image->n_devices, .n_workers = 1};
  if (alpa_device_mesh_create(&options, diag, &mesh) != ALPA_OK)
    return;
  alpa_executable *executable;
  if (alpa_executable_load(mesh, diag, image, NULL, &executable) == ALPA_OK)
    alpa_executable_destroy(executable);
  alpa_device_mesh_destroy(mesh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  alpa_memory memory;
  alpa_diag diag;
  alpa_arena arena;
  alpa_memory_init(&memory, NULL, NULL);
  alpa_diag_init(&diag, &memory, drop, NULL);
  alpa_arena_init(&arena, &memory);
  bool is_made = data[0] & 1;
  alpa_str bytes = {alpa_arena_copy(&arena, data + 1, size - 1), size - 1};
  if (is_made) {
    char *whole = alpa_arena_alloc(&arena, size - 1 + HEADER_BYTES);
    memcpy(whole + HEADER_BYTES, data + 1, size - 1);
    make_header(whole, size - 1);
    bytes = (alpa_str){whole, size - 1 + HEADER_BYTES};
  }
  alpa_image *image;
  if (alpa_image_read(&arena, &diag, "fuzz", bytes, &image) == ALPA_OK) {
    alpa_str again = alpa_image_write(&arena, image);
    if (again.size != bytes.size || memcmp(again.data, bytes.data, bytes.size) != 0)
      abort();
    load(image, &diag);
  }
  alpa_arena_deinit(&arena);
  alpa_diag_deinit(&diag);
  return 0;
}
