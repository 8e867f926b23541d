/* Executables: images loaded on a mesh, and the steps that run them. */
#ifndef ALPA_RUNTIME_EXECUTOR_H
#define ALPA_RUNTIME_EXECUTOR_H

#include "runtime/buffers.h"

typedef struct alpa_executable alpa_executable;

/* A kernel (or a function that kernels call) that is not in the image's code: microkernels of the library, tests. */
typedef struct alpa_symbol {
  const char *name;
  void (*address)(void);
} alpa_symbol;

/* Where a backend keeps what it has made of code: found and stored under all that it depends on. */
typedef struct alpa_code_cache {
  void *user;
  bool (*find)(void *user, alpa_arena *arena, alpa_str key, alpa_str *out_code); /* in `arena` */
  void (*store)(void *user, alpa_arena *arena, alpa_str key, alpa_str code);
} alpa_code_cache;

typedef struct alpa_load_options {
  const alpa_symbol *symbols; /* searched before the image's code */
  size_t n_symbols;
  const char *name;             /* of the program, in messages; NULL: "program" */
  const alpa_code_cache *cache; /* NULL: none */
} alpa_load_options;

/* Loads code, resolves kernels, allocates arenas and constants, precomputes operand addresses.  The image is verified
 * and not referred to afterwards; image.n_devices must equal the mesh's.  options may be NULL.  Fails with
 * ALPA_INVALID_ARGUMENT, ALPA_NOT_FOUND (a symbol, named), ALPA_UNSUPPORTED (a relocation, named), ALPA_OUT_OF_MEMORY.
 */
alpa_status alpa_executable_load(alpa_device_mesh *mesh, alpa_diag *diag, const alpa_image *image,
                                 const alpa_load_options *options, alpa_executable **out_executable);
/* Legal on NULL. */
void alpa_executable_destroy(alpa_executable *executable);

/* One executed operation of one device.  Called on the device's worker while the step runs: concurrently for different
 * devices, in order for one.  Loops are not reported, what they contain is. */
typedef struct alpa_trace_event {
  uint32_t device, instruction; /* pre-order number */
  const char *name, *where;     /* as in alpa_flight_entry */
  double flops;                 /* of a kernel; 0 where unknown */
  int64_t bytes;                /* read and written by a kernel or copy */
  int64_t start_ns, end_ns;     /* monotonic clock; a collective's time includes waiting for peers */
} alpa_trace_event;
typedef void alpa_trace_fn(void *user, const alpa_trace_event *event);

typedef enum alpa_fault_kind { ALPA_FAULT_FAIL, ALPA_FAULT_HANG } alpa_fault_kind;

/* For tests: the device fails, or never comes back, when it is about to execute its operation number `at` (from 0,
 * counting every executed run, copy, collective, while test and branch). */
typedef struct alpa_fault {
  alpa_fault_kind kind;
  uint32_t device;
  uint64_t at;
} alpa_fault;

typedef struct alpa_run_options {
  alpa_trace_fn *trace; /* may be NULL */
  void *user;
  const alpa_fault *faults;
  size_t n_faults;
} alpa_run_options;

/* One step.  arguments[n_arguments] must have the image's placements.  Donated arguments (image aliases) are consumed:
 * the caller keeps its reference, but the array is empty from now on, and stays so when the step fails.
 * out_results[n_results] are new references.  Allocates nothing once the pool holds buffers of the results' sizes.
 * On failure (status of the culprit: ALPA_DEADLINE_EXCEEDED where a device is stuck) the diag names the device and the
 * instruction, and the mesh can be used again unless a device is still inside a kernel.  options may be NULL. */
alpa_status alpa_executable_run(alpa_executable *executable, alpa_diag *diag, alpa_array *const *arguments,
                                const alpa_run_options *options, alpa_array **out_results);

/* Straight lists of operations that a backend has launched as one, on the devices of this process, in all steps so far.
 */
typedef struct alpa_graph_use {
  uint64_t n_launches, n_operations; /* operations: in these launches */
  const char *reason;                /* why other lists were not, or ""; lives as long as the executable */
} alpa_graph_use;
/* Zeros where the backend has no graphs. */
void alpa_executable_get_graphs(const alpa_executable *executable, alpa_graph_use *out_use);

uint32_t alpa_executable_n_arguments(const alpa_executable *executable);
uint32_t alpa_executable_n_results(const alpa_executable *executable);
/* Placements of arguments and results; valid until the executable is destroyed. */
const alpa_image_tensor *alpa_executable_get_argument(const alpa_executable *executable, uint32_t index);
const alpa_image_tensor *alpa_executable_get_result(const alpa_executable *executable, uint32_t index);

#endif
