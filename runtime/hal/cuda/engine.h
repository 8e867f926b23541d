/* The CUDA engine: one GPU for each device of the mesh, driven by one thread each; shared by the files of this
 * directory.
 *
 * A thread walks the program of its device and issues kernels, copies and collectives to the device's stream.  Loops
 * are the host's: counted ones read nothing back, a predicate is read back where it is tested.  No thread ever blocks
 * in the driver: all waiting is polling, with the deadline of the mesh, and ends when the step is aborted.  So that the
 * driver's queue never fills up, and to know how far the device has come, an event is recorded every few operations. */
#ifndef ALPA_RUNTIME_HAL_CUDA_ENGINE_H
#define ALPA_RUNTIME_HAL_CUDA_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/channel/nccl/nccl.h"
#include "runtime/hal/cuda/driver.h"
#include "runtime/mesh_state.h"

typedef struct alpa_cuda_kernel {
  alpa_cuda_function *functions; /* by device */
  uint32_t grid[3], block[3], shared_bytes;
  uint32_t n_maps;
  const alpa_image_tensor_map *maps;
} alpa_cuda_kernel;

/* A tensor map of an operation on a device, and the address that it was made for. */
typedef struct alpa_cuda_map {
  alpa_cuda_tensor_map map;
  const char *address;
} alpa_cuda_map;

/* What an operation has beside its row in the program. */
typedef struct alpa_cuda_operation {
  uint32_t first_map;    /* of its maps among those of a device */
  uint32_t list;         /* that begins here, counted from 1; 0: none */
  const uint32_t *known; /* BRANCH on a number of the device: the number, by device; NULL: read back */
} alpa_cuda_operation;

/* A straight list of operations, which can be a graph, and its operands. */
typedef struct alpa_cuda_list {
  uint32_t first, n, first_ref, n_refs;
} alpa_cuda_list;

/* What a device has made of a list. */
typedef struct alpa_cuda_graph_use {
  uint64_t n_runs, n_launches;
  const char *hindrance; /* why it was not launched as a graph when it last could have been; NULL: it was */
  bool is_refused;       /* by the driver */
  alpa_cuda_graph graph;
  alpa_cuda_graph_exec exec; /* NULL: not yet made */
  alpa_cuda_graph_node *nodes;
  char **addresses; /* of the operands that it was made for */
} alpa_cuda_graph_use;

/* A box that goes to or comes from another process. */
typedef struct alpa_cuda_packet {
  int64_t offset, packed; /* in the piece; in scratch memory, if it is packed there */
  bool is_packed;
  alpa_strided_copy copy; /* between the two, but for the addresses */
} alpa_cuda_packet;

/* The boxes of a transfer that a device sends or receives in one lane. */
typedef struct alpa_cuda_message {
  struct alpa_cuda_message *next;   /* of the same side */
  struct alpa_cuda_message *behind; /* in the queue */
  struct alpa_cuda_side *side;
  int way;
  uint32_t lane, n_boxes;
  alpa_cuda_packet *boxes;
  alpa_nccl_message *parts; /* the same boxes, for NCCL */
  alpa_cuda_event moved;
} alpa_cuda_message;

/* A device's end of a lane. */
typedef struct alpa_cuda_queue {
  const alpa_nccl_split *split;
  alpa_cuda_stream stream;
  alpa_cuda_message *first;
  bool is_issued; /* the first one: NCCL may still be at it */
} alpa_cuda_queue;

/* One device's side of a transfer: boxes whose copies have been issued, and boxes it has arrived for. */
typedef struct alpa_cuda_side {
  _Atomic uint64_t n_issued, n_wanted;
  uint32_t n_boxes; /* of one round */
  char *piece;
  alpa_cuda_event ready; /* of the device's stream at its arrival */
  alpa_cuda_message *messages;
} alpa_cuda_side;

/* A box that stays in this process. */
typedef struct alpa_cuda_box {
  alpa_strided_copy copy; /* but for the addresses */
  int64_t to_offset, from_offset;
  _Atomic uint32_t n_missing; /* arrivals */
  alpa_cuda_event moved;
} alpa_cuda_box;

typedef struct alpa_cuda_transfer {
  uint32_t n_boxes;
  alpa_cuda_box *boxes;
  alpa_cuda_side *sides[2]; /* by device */
} alpa_cuda_transfer;

/* What an executable has on a mesh of GPUs. */
typedef struct alpa_cuda_code {
  alpa_cuda_module *modules; /* by code and device */
  uint32_t n_modules;
  alpa_cuda_kernel *kernels;
  alpa_cuda_operation *operations;
  alpa_cuda_map **maps; /* by device */
  int64_t **counters;   /* of loops, by device */
  void ***parameters;   /* by device: room for those of one launch */
  ALPA_VEC(alpa_cuda_list) lists;
  alpa_cuda_graph_use **graphs; /* by device and list */
  char no_graphs[128];          /* why some lists are none, or "" */
  alpa_nccl_collective *collectives;
  uint32_t n_collectives;
  alpa_cuda_transfer *transfers;
  uint32_t n_transfers;
  alpa_lanes lanes;
  alpa_cuda_queue **queues; /* by device and lane; NULL: none */
  char **packed;            /* scratch memory of messages, by device */
  int64_t *packed_bytes;
  bool is_dirty;  /* transfers hold arrivals of a failed step */
  char **scratch; /* of collectives, by device */
  int64_t scratch_bytes;
} alpa_cuda_code;

typedef struct alpa_cuda_flight {
  const alpa_operation *operation;
  const alpa_executable *executable;
  uint64_t step, executed;
  int64_t start_ns;
} alpa_cuda_flight;

enum { ALPA_CUDA_MILESTONES = 32, ALPA_CUDA_MILESTONE_OPERATIONS = 16 };

typedef struct alpa_cuda_gpu {
  struct alpa_cuda_engine *engine;
  uint32_t number;
  alpa_cuda_device device;
  alpa_cuda_context context;
  alpa_cuda_stream stream, transfers; /* transfers: what is received from other stages; NULL until a program does */
  char *cell;                         /* page-locked memory of the host, where predicates are read to */
  /* The walk. */
  uint32_t at;
  char *const *operands;
  int64_t *counters;
  const alpa_nccl_collective *collective; /* the last one: a lost peer may show only while it is waited for */
  uint64_t fault_at;
  alpa_fault_kind fault_kind;
  uint32_t n_messages;                              /* in queues */
  _Atomic uint64_t issued, completed;               /* operations of this step */
  alpa_cuda_event started, ended;                   /* of one operation, for traces */
  alpa_cuda_event milestones[ALPA_CUDA_MILESTONES]; /* recorded behind at least MILESTONE_OPERATIONS more */
  uint64_t milestones_at[ALPA_CUDA_MILESTONES];     /* operations up to there */
  uint64_t n_recorded, n_passed;
  bool is_lost; /* did not come to rest after a failure */
  uint64_t n_flights;
  alpa_cuda_flight flights[ALPA_FLIGHT_ENTRIES];
  pthread_t thread;
} alpa_cuda_gpu;

/* Why a step was aborted: written once, under the lock. */
typedef struct alpa_cuda_failure {
  alpa_status status; /* ALPA_OK: nothing failed */
  uint32_t device;
  alpa_cuda_result result; /* of the driver; 0: it did not fail */
  char what[320];          /* "failed", or what the driver or NCCL could not do */
} alpa_cuda_failure;

typedef struct alpa_cuda_engine {
  alpa_device_mesh *mesh;
  alpa_cuda_driver driver;
  int driver_version, capability; /* capability: 10 * major + minor */
  int64_t deadline_ns;
  uint32_t n_gpus, n_threads; /* of the mesh; threads that were started: of the devices behind `own` */
  uint32_t n_visible;         /* GPUs that this process sees */
  uint32_t own;               /* the device that the caller drives: the first one of this process */
  alpa_cuda_gpu *gpus;
  alpa_nccl *nccl; /* NULL until a program has collectives */
  char target[16];

  /* The step; written while no thread is in it. */
  alpa_executable *executable;
  alpa_run_options options;
  alpa_cuda_failure failure;
  _Atomic bool is_aborted;

  pthread_mutex_t lock; /* the members below, and failure */
  pthread_cond_t wake, finished;
  uint64_t generation; /* steps started */
  uint32_t n_busy;     /* threads in the step */
  bool is_quitting;
} alpa_cuda_engine;

int64_t alpa_cuda_now(void);

/* ---- library.c ---- */

/* Loads the driver and initialises it. */
alpa_status alpa_cuda_driver_load(alpa_diag *diag, alpa_cuda_driver *out_driver, int *out_version);
/* The status that a result of the driver means. */
alpa_status alpa_cuda_status(alpa_cuda_result result);
/* Explains a failed call, with a remedy where there is one; `what` is what was to be done, as "cannot load the kernels
 * of 'step'".  Returns the status. */
alpa_status alpa_cuda_error(const alpa_cuda_driver *driver, alpa_diag *diag, alpa_place place, alpa_cuda_result result,
                            const char *what);

/* ---- module.c ---- */

alpa_status alpa_cuda_load(alpa_executable *executable, alpa_diag *diag, const alpa_image *image,
                           const alpa_load_options *options);
void alpa_cuda_unload(alpa_executable *executable);
/* Loads NCCL and connects the GPUs, or connects them anew after a failure. */
alpa_status alpa_cuda_open_nccl(alpa_executable *executable, alpa_diag *diag);
/* Makes the map for a tensor that starts `offset` behind `operand`, unless it is that already. */
alpa_cuda_result alpa_cuda_map_update(const alpa_cuda_gpu *gpu, const alpa_image_tensor_map *from, const char *operand,
                                      alpa_cuda_map *map);

/* ---- gpu.c: what the thread of a device does ---- */

/* Makes the device the thread's own. */
void alpa_cuda_enter(alpa_cuda_gpu *gpu);
/* Walks the program to its end and waits for the device; sets the device's status. */
void alpa_cuda_gpu_run(alpa_cuda_gpu *gpu);
/* Waits until the device has done all that was issued; false where the step was aborted, by this device or another. */
bool alpa_cuda_gpu_wait(alpa_cuda_gpu *gpu);
/* A call of the driver, or of NCCL for a communicator, failed: the step is over.  Always false. */
bool alpa_cuda_gpu_fail(alpa_cuda_gpu *gpu, const char *what, alpa_cuda_result result);
bool alpa_cuda_gpu_fail_nccl(alpa_cuda_gpu *gpu, const alpa_nccl_split *split, const char *what,
                             alpa_nccl_result result);

/* What an operation that runs a kernel launches, in room that the device has for one. */
alpa_cuda_result alpa_cuda_gpu_describe(alpa_cuda_gpu *gpu, uint32_t at, alpa_cuda_kernel_node *out_kernel);

/* ---- graph.c ---- */

void alpa_cuda_graphs_load(alpa_executable *executable);
void alpa_cuda_graphs_unload(alpa_cuda_engine *engine, alpa_cuda_code *code);
/* The list that begins where the device is, with its graph ready to be launched; NULL where there is none. */
const alpa_cuda_list *alpa_cuda_graph_prepare(alpa_cuda_gpu *gpu);
alpa_cuda_result alpa_cuda_graph_launch(alpa_cuda_gpu *gpu, const alpa_cuda_list *list);
void alpa_cuda_graphs_describe(const alpa_executable *executable, alpa_graph_use *out_use);

/* ---- transfer.c ---- */

alpa_status alpa_cuda_transfers_load(alpa_executable *executable, alpa_diag *diag, const alpa_image *image);
void alpa_cuda_transfers_reset(alpa_cuda_code *code, uint32_t n_gpus);
void alpa_cuda_transfers_unload(alpa_device_mesh *mesh, alpa_cuda_code *code);
/* The device's piece is complete, or free: `way` is a side of channels. */
alpa_cuda_result alpa_cuda_transfer_arrive(alpa_cuda_gpu *gpu, alpa_cuda_transfer *transfer, int way, char *piece);
/* Whether all copies of the device's boxes have been issued; then it may leave, and its stream waits for them. */
bool alpa_cuda_transfer_is_issued(const alpa_cuda_transfer *transfer, int way, uint32_t device);
alpa_cuda_result alpa_cuda_transfer_leave(alpa_cuda_gpu *gpu, const alpa_cuda_transfer *transfer, int way);

/* ---- message.c ---- */

/* Finds the lanes and opens their communicators and streams; then messages are added box by box, and at last their
 * scratch memory is allocated. */
alpa_status alpa_cuda_lanes_load(alpa_executable *executable, alpa_diag *diag, const alpa_image *image);
alpa_cuda_result alpa_cuda_message_add(alpa_executable *executable, const alpa_image_transfer *from, uint32_t copy,
                                       int way, alpa_cuda_transfer *transfer, uint32_t lane);
alpa_status alpa_cuda_messages_allocate(alpa_executable *executable, alpa_diag *diag);
void alpa_cuda_messages_reset(alpa_cuda_code *code, uint32_t n_gpus);
void alpa_cuda_messages_unload(alpa_device_mesh *mesh, alpa_cuda_code *code);
/* Puts the messages of a side into their queues. */
void alpa_cuda_messages_arrive(alpa_cuda_gpu *gpu, const alpa_cuda_side *side);
/* Hands on to NCCL what it can take; false where the step is over. */
bool alpa_cuda_messages_pump(alpa_cuda_gpu *gpu);
/* Lets the device's stream wait for the messages, which NCCL has taken. */
alpa_cuda_result alpa_cuda_messages_leave(alpa_cuda_gpu *gpu, const alpa_cuda_side *side);

/* ---- cuda.c ---- */

/* Issues a copy between GPUs, or between a GPU and the host, to a stream. */
alpa_cuda_result alpa_cuda_copy_box(const alpa_cuda_driver *driver, alpa_cuda_stream stream,
                                    const alpa_strided_copy *copy);

/* ---- engine.c ---- */

/* Aborts the step, unless it is already; always false. */
bool alpa_cuda_abort(alpa_cuda_engine *engine, alpa_status status, uint32_t device, alpa_cuda_result result,
                     const char *what);
alpa_status alpa_cuda_engine_create(alpa_device_mesh *mesh, alpa_diag *diag, alpa_cuda_engine **out_engine);
void alpa_cuda_engine_destroy(alpa_cuda_engine *engine);
alpa_status alpa_cuda_run(alpa_executable *executable, alpa_diag *diag, const alpa_run_options *options);
size_t alpa_cuda_flight_record(const alpa_device_mesh *mesh, uint32_t device, alpa_flight_entry *out_entries);

#endif
