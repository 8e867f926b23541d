/* A mesh: devices of one backend that run one program together.
 *
 * A mesh, its arrays and its executables are used by one thread at a time.  Arrays and executables keep the mesh's
 * memory alive, but its threads end with alpa_device_mesh_destroy; using them afterwards is an error.  Threads of the
 * mesh never allocate and never report: everything is said through the diag of the call that waits for them. */
#ifndef ALPA_RUNTIME_MESH_H
#define ALPA_RUNTIME_MESH_H

#include "runtime/processes.h"

typedef struct alpa_device_mesh alpa_device_mesh;

typedef struct alpa_device_mesh_options {
  const char *backend; /* NULL: "host" */
  /* Process k has the k-th of as many equal blocks of devices; those of the others have no memory here, and their
   * status is ALPA_OK.  host: one device each.  NULL: all are here. */
  alpa_processes *processes;
  uint32_t n_devices; /* 1..4096 */
  /* host: threads that run the devices, the calling one included; 0: one per core that this process may use. */
  uint32_t n_workers;
  /* host: the calling thread runs no devices but watches those that do, so that a step returns soon after the deadline
   * even if a kernel never does.  Costs a change of threads in every step, some 20 us.  Without it, a kernel that the
   * calling thread runs itself must return for the step to do so. */
  bool is_watched;
  double deadline_s; /* a device that makes no progress for so long while others wait for it is lost; 0: 60 */
  bool poison; /* fill arenas, new buffers and padding with NaN patterns (0xFF) instead of leaving them as they are */
  bool no_graphs;           /* cuda: operations are issued one by one, never as graphs */
  alpa_realloc_fn *realloc; /* bookkeeping comes from here, NULL: the C library; tensors are mapped from the system */
  void *user;
} alpa_device_mesh_options;

alpa_status alpa_device_mesh_create(const alpa_device_mesh_options *options, alpa_diag *diag,
                                    alpa_device_mesh **out_mesh);
/* Ends the mesh's threads; legal on NULL and after failures.  After a step in which a kernel did not return, it waits
 * once more for the deadline; if the kernel is still running then, what it can reach is leaked, and so is the memory of
 * arrays and executables that were released before the mesh was destroyed. */
void alpa_device_mesh_destroy(alpa_device_mesh *mesh);

uint32_t alpa_device_mesh_n_devices(const alpa_device_mesh *mesh);
uint32_t alpa_device_mesh_n_workers(const alpa_device_mesh *mesh);
const char *alpa_device_mesh_backend_name(const alpa_device_mesh *mesh);
/* What to compile for: "host", or the architecture of the GPUs, as "sm_90a". */
const char *alpa_device_mesh_target(const alpa_device_mesh *mesh);

/* ---- memory --------------------------------------------------------------------------------------------------- */

/* Bytes of one device.  `constant_bytes` are shared by all devices of a host mesh and counted at device 0 alone. */
typedef struct alpa_memory_use {
  int64_t arena_bytes; /* temporaries of loaded executables; executables share arenas, since one runs at a time */
  int64_t constant_bytes;
  int64_t array_bytes; /* live arrays */
  int64_t pool_bytes;  /* released buffers kept for reuse */
  int64_t peak_bytes;  /* the largest sum of the four so far */
} alpa_memory_use;

void alpa_device_mesh_get_memory(const alpa_device_mesh *mesh, uint32_t device, alpa_memory_use *out_use);
/* Gives the pool's buffers back to the system and restarts the peak at the present sum. */
void alpa_device_mesh_trim(alpa_device_mesh *mesh);

/* ---- after a failure ------------------------------------------------------------------------------------------ */

/* The outcome of the last step on a device: the culprit's own status, ALPA_ABORTED on the others. */
alpa_status alpa_device_mesh_get_status(const alpa_device_mesh *mesh, uint32_t device);

enum { ALPA_FLIGHT_ENTRIES = 256 };

/* One operation in a device's flight record. */
typedef struct alpa_flight_entry {
  uint64_t step;        /* number of the step on this mesh, from 1 */
  uint64_t executed;    /* operations of the device in this step before this one */
  uint32_t instruction; /* number in the program, in pre-order */
  const char *name;     /* kernel or collective, "copy", "branch", "while", "loop" */
  const char *where;    /* of the image; lives as long as the executable */
  int64_t start_ns;     /* monotonic clock */
  bool done;            /* false: the device was in it when the step ended */
} alpa_flight_entry;

/* The last operations of a device, oldest first; returns how many were written to out_entries[ALPA_FLIGHT_ENTRIES]. */
size_t alpa_device_mesh_flight_record(const alpa_device_mesh *mesh, uint32_t device, alpa_flight_entry *out_entries);

#endif
