/* The insides of mesh, array and executable, shared by the files of the runtime and its backends. */
#ifndef ALPA_RUNTIME_MESH_STATE_H
#define ALPA_RUNTIME_MESH_STATE_H

#include <stdatomic.h>

#include "runtime/hal/backend.h"
#include "runtime/operations.h"

/* An immutable placement, shared by the arrays that have it. */
typedef struct alpa_placement {
  size_t refs, bytes; /* bytes: of this block, dimensions and tiles included */
  alpa_image_tensor tensor;
} alpa_placement;

struct alpa_array {
  alpa_device_mesh *mesh;
  size_t refs;
  alpa_placement *placement;
  uint64_t donated_step;  /* pieces are gone from this step on */
  uint64_t released_step; /* in the pool since */
  uint64_t mark;          /* mesh->n_bindings of the step that is being bound, if it takes this array over */
  int64_t piece_bytes;
  alpa_array *next; /* in the pool, or among the shells; of an array in use: its next part */
  char *pieces[];   /* n_devices; NULL on those that hold none */
};

/* Temporaries of all devices; executables share the set, since a mesh runs one of them at a time. */
typedef struct alpa_arena_set {
  struct alpa_arena_set *next;
  size_t refs;
  int64_t bytes; /* on each device */
  char *arenas[];
} alpa_arena_set;

enum { ALPA_POOL_LISTS = 64 };

struct alpa_device_mesh {
  const alpa_backend *backend;
  const char *target; /* what to compile for */
  uint32_t n_devices, n_workers;
  double deadline_s;
  alpa_processes *processes; /* NULL: all devices are here */
  alpa_device_range local;   /* the devices of this process; every process has as many */
  bool poison, is_watched, no_graphs;
  bool is_closed; /* alpa_device_mesh_destroy was called */
  bool is_stuck;  /* a kernel of a failed step may still write anywhere: nothing is given back any more */
  alpa_realloc_fn *realloc;
  void *user;
  size_t refs;
  uint64_t step;         /* number of the last step started */
  uint64_t n_bindings;   /* attempts to start a step */
  _Atomic int *statuses; /* of the devices in the last step; a kernel that returns late may still set its own */
  char **device_numbers; /* 64 bytes of each device that hold its number */
  alpa_memory_use use;   /* of device 0; the others have no constants */
  alpa_array *pool[ALPA_POOL_LISTS];
  alpa_array *shells; /* array objects without pieces */
  _Atomic(alpa_dropped *) dropped; /* a list, or what says that nothing waits any more */
  alpa_arena_set *arena_sets;
  void *engine;
};

/* An operand whose address changes with the arguments of a step. */
typedef struct alpa_outer_ref {
  uint32_t ref;
  int64_t offset;
} alpa_outer_ref;

/* A buffer that lies in an argument or result, and its operands. */
typedef struct alpa_outer_buffer {
  bool is_result;
  uint32_t index; /* argument or result */
  uint32_t n_refs;
  alpa_outer_ref *refs;
} alpa_outer_buffer;

struct alpa_executable {
  alpa_device_mesh *mesh;
  alpa_memory memory;
  alpa_arena arena;
  const char *name;
  uint32_t n_arguments, n_results;
  alpa_placement **arguments, **results;
  uint32_t *aliases; /* n_results: the argument whose memory it takes, or ALPA_NO_INDEX */
  bool *is_donated;  /* n_arguments */
  alpa_operations program;
  char ***operands; /* n_devices tables parallel to program.refs */
  char **bound;     /* n_outer * n_devices: the addresses the tables were made for */
  alpa_outer_buffer *outer;
  uint32_t n_outer;
  alpa_arena_set *arenas;
  char **constants; /* by device; NULL: none */
  int64_t constants_bytes;
  char **numbers; /* by device: n_numbers blocks of 64 bytes, one number in each; NULL: none */
  uint32_t n_numbers;
  void *code; /* of the backend */
};

/* Memory of a device with n numbers, 64 bytes apart, for it to read; NULL when exhausted. */
char *alpa_device_mesh_write_numbers(alpa_device_mesh *mesh, uint32_t device, const uint32_t *numbers, uint32_t n);

/* Whether the device is in this process. */
static inline bool alpa_device_mesh_is_local(const alpa_device_mesh *mesh, uint32_t device) {
  return device - mesh->local.first < mesh->local.n;
}

static inline uint32_t alpa_device_mesh_process_of(const alpa_device_mesh *mesh, uint32_t device) {
  return device / mesh->local.n;
}

/* Zeroed bookkeeping memory, or NULL. */
void *alpa_device_mesh_alloc(alpa_device_mesh *mesh, size_t size);
void alpa_device_mesh_free(alpa_device_mesh *mesh, void *pointer);
alpa_device_mesh *alpa_device_mesh_retain(alpa_device_mesh *mesh);
void alpa_device_mesh_release(alpa_device_mesh *mesh);
/* Refuses a mesh that was destroyed or is stuck in a kernel. */
alpa_status alpa_device_mesh_check_usable(const alpa_device_mesh *mesh, alpa_diag *diag);
/* After a change of `use`. */
void alpa_device_mesh_update_peak(alpa_device_mesh *mesh);
/* Frees pooled arrays that were released before a step. */
void alpa_device_mesh_trim_before(alpa_device_mesh *mesh, uint64_t step);

alpa_status alpa_placement_create(alpa_device_mesh *mesh, alpa_diag *diag, const alpa_image_tensor *tensor,
                                  alpa_placement **out_placement);
alpa_placement *alpa_placement_retain(alpa_placement *placement);
void alpa_placement_release(alpa_device_mesh *mesh, alpa_placement *placement);

/* An array with unspecified contents (poisoned where asked for); takes its buffers from the pool if it can. */
alpa_status alpa_array_allocate(alpa_device_mesh *mesh, alpa_diag *diag, alpa_placement *placement,
                                alpa_array **out_array);
/* An array without pieces. */
alpa_status alpa_array_allocate_shell(alpa_device_mesh *mesh, alpa_diag *diag, alpa_placement *placement,
                                      alpa_array **out_array);

alpa_status alpa_arena_set_acquire(alpa_device_mesh *mesh, alpa_diag *diag, int64_t bytes, alpa_arena_set **out_set);
void alpa_arena_set_release(alpa_device_mesh *mesh, alpa_arena_set *set);

#endif
