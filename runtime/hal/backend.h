/* A backend: how devices hold memory, take code and run programs.  One directory each; mesh.c lists them. */
#ifndef ALPA_RUNTIME_HAL_BACKEND_H
#define ALPA_RUNTIME_HAL_BACKEND_H

#include "runtime/executor.h"

/* A strided copy of a box: extents in elements, strides in bytes, outermost dimension first. */
typedef struct alpa_strided_copy {
  uint32_t rank, element_bytes;
  int64_t extents[ALPA_MAX_RANK], to_strides[ALPA_MAX_RANK], from_strides[ALPA_MAX_RANK];
  char *to;
  const char *from;
  uint32_t to_device, from_device; /* ALPA_NO_INDEX: memory of the host */
} alpa_strided_copy;

/* Methods that return nothing cannot fail, or fail the next step. `device` and `host` memory are told apart by the caller. */
typedef struct alpa_backend {
  const char *name, *summary;
  const char *targets; /* of the images that it runs: what stands before the first colon */
  /* Starts the engine: sets mesh->engine and mesh->n_workers. */
  alpa_status (*open)(alpa_device_mesh *mesh, alpa_diag *diag);
  /* Ends its threads. */
  void (*close)(alpa_device_mesh *mesh);
  /* At least 64-byte aligned, 2 MiB from that size on; NULL when exhausted. */
  char *(*alloc)(alpa_device_mesh *mesh, uint32_t device, int64_t bytes);
  void (*free)(alpa_device_mesh *mesh, uint32_t device, char *at, int64_t bytes);
  void (*fill)(alpa_device_mesh *mesh, uint32_t device, char *at, int byte, int64_t bytes);
  /* Complete on return; false where a device is lost. */
  bool (*copy)(alpa_device_mesh *mesh, const alpa_strided_copy *copy);
  /* Constants: where each of n_devices, which may be one memory, has them; out_at is zeroed.  false when exhausted. */
  bool (*share)(alpa_device_mesh *mesh, const void *data, int64_t bytes, char **out_at);
  void (*unshare)(alpa_device_mesh *mesh, char *const *at, int64_t bytes);
  /* Code and channels: sets executable->code; unload is legal on a half-loaded executable. */
  alpa_status (*load)(alpa_executable *executable, alpa_diag *diag, const alpa_image *image,
                      const alpa_load_options *options);
  void (*unload)(alpa_executable *executable);
  /* One step with the operand tables as they are; sets mesh->statuses. */
  alpa_status (*run)(alpa_executable *executable, alpa_diag *diag, const alpa_run_options *options);
  /* NULL: there is no such thing. */
  void (*describe_graphs)(const alpa_executable *executable, alpa_graph_use *out_use);
  size_t (*flight_record)(const alpa_device_mesh *mesh, uint32_t device, alpa_flight_entry *out_entries);
} alpa_backend;

extern const alpa_backend alpa_backend_host, alpa_backend_cuda;

#endif
