/* alpa: devices, the programs that run on them, arrays, and compiled programs as files. */
#ifndef ALPA_PROGRAM_H
#define ALPA_PROGRAM_H

#include "alpa/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- devices and programs ---------------------------------------------------------------------------------------- */

/* Processes of one job that run a program together, process k with the k-th of equal blocks of its devices: started by
 * mpirun, srun or the like, on this machine or several.  Every process makes the same calls in the same order. */
typedef struct alpa_processes alpa_processes;

/* Joins the job that this process was started in: by "mpi", or by "tcp:<host>:<port>:<rank>:<number of processes>", an
 * address of process 0, for programs on GPUs. */
ALPA_API ALPA_MUST_USE alpa_status alpa_processes_open(alpa_context *context, const char *name,
                                                       alpa_processes **out_processes);
/* After all devices of them.  With `failed` the whole job ends at once, unsuccessfully; the call may not return then.
 * processes may be NULL. */
ALPA_API void alpa_processes_close(alpa_processes *processes, bool failed);
/* This process' number, and how many there are. */
ALPA_API uint32_t alpa_processes_get_rank(const alpa_processes *processes);
ALPA_API uint32_t alpa_processes_count(const alpa_processes *processes);
/* The bytes of the process `root` for all.  ALPA_ABORTED where one is lost. */
ALPA_API ALPA_MUST_USE alpa_status alpa_processes_broadcast(alpa_processes *processes, void *data, size_t bytes,
                                                            uint32_t root);

/* The devices that execute programs: the cores of this machine as a mesh of devices, or its GPUs. */
typedef struct alpa_devices alpa_devices;

typedef struct alpa_devices_options {
  size_t struct_size;
  uint32_t n_devices;
  uint32_t workers;    /* threads that run them, the caller's included; 0: one per core */
  double deadline_s;   /* a device that makes no progress for so long is lost; 0: 60 */
  bool poison;         /* fill unwritten memory and padding with NaN patterns */
  const char *backend; /* "host" or "cuda"; NULL: host */
  /* As many as devices, or on GPUs so many that each has equally many.  Reading an array gives all of them the whole
   * tensor.  NULL: all devices are in this process. */
  alpa_processes *processes;
  /* Where what GPUs assemble of programs is kept between processes: as in alpa_compile_options.  NULL: nowhere. */
  const char *cache_directory;
  bool no_graphs; /* on GPUs operations are launched one by one, never as CUDA graphs */
} alpa_devices_options;
#define ALPA_DEVICES_OPTIONS_INIT {sizeof(alpa_devices_options), 1, 0, 0.0, false, NULL, NULL, NULL, false}

ALPA_API ALPA_MUST_USE alpa_status alpa_devices_create(alpa_context *context, const alpa_devices_options *options,
                                                       alpa_devices **out_devices);
/* After everything that uses them; devices may be NULL. */
ALPA_API void alpa_devices_destroy(alpa_devices *devices);
/* Bytes of device 0: of temporaries, of live arrays, and the largest sum so far. */
ALPA_API void alpa_devices_get_memory(const alpa_devices *devices, int64_t *out_temporary, int64_t *out_arrays,
                                      int64_t *out_peak);

/* A compiled program on its devices. */
typedef struct alpa_program alpa_program;
/* A tensor on the devices. */
typedef struct alpa_array alpa_array;

typedef struct alpa_program_info {
  size_t struct_size;
  bool from_cache;
  double compile_s;        /* what compiling took now */
  uint32_t n_kernels;      /* different ones */
  int64_t temporary_bytes; /* of one device */
  int64_t code_bytes;
  /* On GPUs, of the devices of this process in all steps so far: launches of CUDA graphs, operations in them, and why
   * other straight lists of operations were launched one by one ("" where none was). */
  uint64_t n_graph_launches, n_graph_operations;
  const char *graph_reason;
} alpa_program_info;
#define ALPA_PROGRAM_INFO_INIT {sizeof(alpa_program_info), false, 0.0, 0, 0, 0, 0, 0, ""}

/* Compiles the plan for this machine and loads it.  The devices must be as many as the plan's. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_create(const alpa_plan *plan, alpa_devices *devices,
                                                       alpa_program **out_program);
/* program may be NULL. */
ALPA_API void alpa_program_destroy(alpa_program *program);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_get_info(const alpa_program *program, alpa_program_info *out_info);

/* What a program says of itself, as its plan does. */
ALPA_API uint32_t alpa_program_count_arguments(const alpa_program *program);
ALPA_API uint32_t alpa_program_count_results(const alpa_program *program);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_get_argument(const alpa_program *program, uint32_t index,
                                                             alpa_tensor_info *out_info);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_get_result(const alpa_program *program, uint32_t index,
                                                           alpa_tensor_info *out_info);
ALPA_API uint32_t alpa_program_count_checks(const alpa_program *program);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_get_check(const alpa_program *program, uint32_t index,
                                                          alpa_check_info *out_info);
ALPA_API ALPA_MUST_USE alpa_status alpa_program_run_check(const alpa_program *program, uint32_t index,
                                                          const void *actual, const void *expected);

/* An array in the placement of an argument; `data` is row-major and dense, of the argument's type, and is copied. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_create_array(const alpa_program *program, uint32_t argument,
                                                             const void *data, alpa_array **out_array);
/* The array in the placement of an argument, as a new reference: the array itself where it lies so already, else a new
 * one, copied from device to device. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_place_array(const alpa_program *program, uint32_t argument,
                                                            alpa_array *array, alpa_array **out_array);
/* One step.  The arguments keep the caller's references; donated ones are empty afterwards.  Results are new
 * references, one per result. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_run(alpa_program *program, alpa_array *const *arguments,
                                                    alpa_array **out_results);

/* One operation that a device has executed: a kernel, a copy or a collective.  Lives during the callback only. */
typedef struct alpa_operation_event {
  size_t struct_size;
  uint32_t device;
  uint32_t operation; /* its number in the program: equal in every step and on every device */
  const char *name;   /* of the kernel or collective, or "copy", "while", "branch" */
  const char *where;  /* the place in the source, "" where unknown */
  double seconds;     /* of a collective: with the time that it waited for others */
  double flops;       /* 0 where unknown */
  int64_t bytes;      /* that it reads and writes; 0 where unknown */
  double start_s;     /* when it began, by a clock that all devices share */
} alpa_operation_event;

typedef void alpa_operation_fn(void *user, const alpa_operation_event *event);

typedef struct alpa_program_run_options {
  size_t struct_size;
  /* Called after every operation, in the thread that executed it: at the same time for different devices.  NULL: not */
  alpa_operation_fn *observe;
  void *user;
} alpa_program_run_options;
#define ALPA_PROGRAM_RUN_OPTIONS_INIT {sizeof(alpa_program_run_options), NULL, NULL}

/* The same, with options, which may be NULL. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_run_with(alpa_program *program, const alpa_program_run_options *options,
                                                         alpa_array *const *arguments, alpa_array **out_results);

/* A record of what the devices of a program do: run steps with alpa_trace_add as the observer and the trace as its
 * user, one at a time, then write it as a file for Perfetto (ui.perfetto.dev) or chrome://tracing.  It is used before
 * the program is destroyed, and no longer than its context. */
typedef struct alpa_trace alpa_trace;
ALPA_API ALPA_MUST_USE alpa_status alpa_trace_create(const alpa_program *program, alpa_trace **out_trace);
/* trace may be NULL. */
ALPA_API void alpa_trace_destroy(alpa_trace *trace);
/* An observer. */
ALPA_API void alpa_trace_add(void *trace, const alpa_operation_event *event);
/* All processes of a job call it, process 0 writes.  Fails, with a message, where the file cannot be written or memory
 * for an event was not there. */
ALPA_API ALPA_MUST_USE alpa_status alpa_trace_write(const alpa_trace *trace, const char *path);

/* The program's plan evaluated by the reference interpreter instead, on as many interpreted devices: arguments and
 * results are dense row-major memory.  In field arithmetic floats are elements of a prime field, and any right plan
 * gives the same bits as the program on one device; `key` chooses the functions that stand for exp and the like. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_interpret(const alpa_plan *plan, bool field, uint64_t key,
                                                       const void *const *arguments, void *const *results);

ALPA_API alpa_array *alpa_array_retain(alpa_array *array);
/* array may be NULL. */
ALPA_API void alpa_array_release(alpa_array *array);
/* Releases n arrays, some of which may be NULL. */
ALPA_API void alpa_arrays_release(alpa_array *const *arrays, size_t n);
/* Bytes of the whole tensor. */
ALPA_API int64_t alpa_array_global_bytes(const alpa_array *array);
/* Gathers the tensor to dense row-major memory. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_read_array(const alpa_program *program, const alpa_array *array,
                                                           void *out_data);

/* The same by DLPack: tensors of this host, dense and row-major, of DLPack 1. */
struct DLManagedTensorVersioned;
/* Copies the tensor into the placement of an argument, and on success calls its deleter. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_import_array(const alpa_program *program, uint32_t argument,
                                                             struct DLManagedTensorVersioned *tensor,
                                                             alpa_array **out_array);
/* A read-only view where device 0 holds the whole tensor (it keeps the array alive), else a gathered copy.  Any thread
 * may call its deleter at any time; the array is then released by a later call that makes one. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_export_array(const alpa_program *program, const alpa_array *array,
                                                             struct DLManagedTensorVersioned **out_tensor);

/* ---- packages ---------------------------------------------------------------------------------------------------- */

/* A compiled program as a file: machine code for one target and all that running it needs.  libalpa-runtime, which has
 * no compiler, reads and runs packages with the functions of this section, those of contexts without modules, and
 * those of devices, programs and arrays. */
typedef struct alpa_package alpa_package;

/* The programs in a package: the program itself, and one that makes its leading arguments. */
typedef enum alpa_part { ALPA_PART_PROGRAM, ALPA_PART_INIT } alpa_part;

typedef struct alpa_package_options {
  size_t struct_size;
  const char *target;    /* "host": this machine's processor; "sm_80", "sm_90a": GPUs.  NULL: host */
  const char *name;      /* of the program, for messages; NULL: "" */
  const alpa_plan *init; /* made after alpa_module_follow; NULL: none */
} alpa_package_options;
#define ALPA_PACKAGE_OPTIONS_INIT {sizeof(alpa_package_options), NULL, NULL, NULL}

/* Compiles the plan for the target, or finds it in the cache, and writes the package. */
ALPA_API ALPA_MUST_USE alpa_status alpa_plan_write_package(const alpa_plan *plan, const alpa_package_options *options,
                                                           alpa_write_fn *write, void *user);

/* Whether the bytes claim to be a package. */
ALPA_API bool alpa_package_detect(const void *data, size_t size);
/* Reads and checks a package; data is copied.  `name` is used in messages.  ALPA_DATA_LOSS where it is damaged,
 * ALPA_UNSUPPORTED where another version wrote it. */
ALPA_API ALPA_MUST_USE alpa_status alpa_package_read(alpa_context *context, const char *name, const void *data,
                                                     size_t size, alpa_package **out_package);
/* package may be NULL. */
ALPA_API void alpa_package_destroy(alpa_package *package);

typedef struct alpa_package_info {
  size_t struct_size;
  const char *name, *cluster, *mesh; /* as the plan says */
  const char *target;                /* "host:<cpu>:..." or "ptx:<architecture>:..." */
  const char *backend;               /* that runs it: "host" or "cuda" */
  uint32_t n_devices;
  uint32_t n_check_results; /* the last so many results are not the program's: its checks compare them */
  bool has_init;
} alpa_package_info;
#define ALPA_PACKAGE_INFO_INIT {sizeof(alpa_package_info), NULL, NULL, NULL, NULL, NULL, 0, 0, false}

/* What is pointed to lives as long as the package. */
ALPA_API ALPA_MUST_USE alpa_status alpa_package_get_info(const alpa_package *package, alpa_package_info *out_info);
/* Loads a program of the package on devices of the same context, which must be as many as it is for.  ALPA_NOT_FOUND
 * where the package has no such part, ALPA_UNSUPPORTED where it was compiled for other devices.  The program does not
 * need the package any more. */
ALPA_API ALPA_MUST_USE alpa_status alpa_program_load(const alpa_package *package, alpa_part part, alpa_devices *devices,
                                                     alpa_program **out_program);

#ifdef __cplusplus
}
#endif
#endif
