/* The emulated driver's state: devices, streams with a thread each, events, modules, graphs.
 *
 * Environment: ALPA_EMULATOR_DEVICES (1 to 64, default 1), ALPA_EMULATOR_ARCH (sm_80, sm_90a; default sm_90a),
 * ALPA_EMULATOR_MEMORY (bytes of a device, with K, M or G; default 2G), ALPA_EMULATOR_THREADS (host threads of a grid;
 * default 2), ALPA_EMULATOR_CHECKS (of "uninitialised,races", default both; bounds, alignment, divergence and deadlocks
 * are always checked), ALPA_EMULATOR_TIMEOUT (seconds of a launch, default 60), ALPA_EMULATOR_LOG (file for findings),
 * ALPA_EMULATOR_FAIL ("function:call:error,...": the call of that number, from 1 and from the last cuInit on, returns
 * the error), ALPA_EMULATOR_STATISTICS (1: instructions and speed of each launch go to the log). */
#ifndef EMULATOR_STATE_H
#define EMULATOR_STATE_H

#include "machine.h"

#include "runtime/hal/cuda/driver.h"

enum { EMU_MAX_DEVICES = 64 };

typedef struct emu_host_block {
  struct emu_host_block *next;
  uint64_t address;
  size_t bytes;
} emu_host_block;

/* A device; its primary context is the device itself. */
struct CUctx_st {
  int ordinal;
  emu_memory memory;
  _Atomic unsigned error; /* of a launch that failed: every later call returns it until the context is released */
  int retained;
  alpa_cuda_stream null_stream, streams; /* streams: a list */
  alpa_cuda_module modules;              /* likewise */
  pthread_mutex_t mutex;
};

typedef struct emu_emulator {
  int n_devices;
  uint32_t arch;
  size_t memory_bytes;
  uint32_t n_workers;
  emu_checks checks;
  double timeout_s;
  bool statistics;
  uint8_t *base;
  struct CUctx_st devices[EMU_MAX_DEVICES];
  emu_host_block *host_blocks;
  pthread_mutex_t mutex;
  _Atomic uint64_t serial;
} emu_emulator;

/* NULL before cuInit. */
emu_emulator *emu_get(void);

typedef enum emu_driver_call {
#define X(name, parameters) EMU_CALL_##name,
#include "runtime/hal/cuda/driver.def"
#undef X
  EMU_CALL_COUNT /* also of functions that are not counted */
} emu_driver_call;

/* Counts the call; the error that is to be injected, or that the current context has had. */
alpa_cuda_result emu_enter(emu_driver_call call, bool needs_context);
/* Leaves the function with that error, if there is one. */
#define EMU_ENTER(function, needs_context)                                                                             \
  do {                                                                                                                 \
    alpa_cuda_result entered_ = emu_enter(EMU_CALL_##function, needs_context);                                         \
    if (entered_)                                                                                                      \
      return entered_;                                                                                                 \
  } while (0)

alpa_cuda_context emu_current(void);
/* The memory of the device that has the address, or NULL. */
emu_memory *emu_find_memory(void *emulator, uint64_t address);
bool emu_find_host(void *emulator, uint64_t address, size_t bytes);
/* Whether copies may use the bytes: a device's, within one allocation, or any of the host. */
bool emu_is_usable(uint64_t address, size_t bytes);

/* ---- work of streams (stream.c) ---- */

struct CUevent_st {
  _Atomic int references;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  uint64_t recorded, completed; /* numbers of records */
  uint64_t time_ns;
};

typedef struct emu_op {
  struct emu_op *next;
  void (*run)(const struct emu_op *op, alpa_cuda_context device);
  /* Of copies and sets. */
  uint64_t to, from;
  size_t to_pitch, from_pitch, width, height;
  unsigned char byte;
  /* Of events. */
  alpa_cuda_event event;
  uint64_t record;
  /* Of kernels. */
  alpa_cuda_function function;
  uint32_t grid[3], block[3], shared_bytes;
  uint8_t *parameters;
  /* Of functions of the host. */
  void (*host)(void *argument);
  void *argument;
} emu_op;

struct CUstream_st {
  alpa_cuda_context device;
  alpa_cuda_stream next;
  emu_op *first, **last;
  bool busy, ends, started;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
};

/* The stream, or the null stream of the current context. */
alpa_cuda_stream emu_stream(alpa_cuda_stream stream);
/* Queues a copy of the operation. */
void emu_enqueue(alpa_cuda_stream stream, const emu_op *op);
emu_op *emu_op_clone(const emu_op *op);
void emu_op_destroy(emu_op *op);
void emu_stream_drain(alpa_cuda_stream stream);
/* Destroys the streams of a context. */
void emu_streams_reset(alpa_cuda_context device);

/* ---- code (code.c) ---- */

struct CUfunc_st {
  emu_function *function;
  alpa_cuda_module module;
  uint32_t max_dynamic_shared;
  alpa_cuda_function next;
};

struct CUmod_st {
  alpa_cuda_context device;
  alpa_cuda_module next;
  emu_module *module;
  uint64_t *globals; /* addresses of variables */
  size_t n_globals;
  alpa_cuda_function functions;
};

/* Unloads the modules of a context. */
void emu_modules_reset(alpa_cuda_context device);

/* ---- graphs (graph.c) ---- */

struct CUgraphNode_st {
  alpa_cuda_graph_node next;
  uint32_t number; /* the same in the graph and in what it is instantiated as */
  emu_op *op;
};

struct CUgraph_st {
  alpa_cuda_graph_node first, *last;
  uint32_t n_nodes;
};

struct CUgraphExec_st {
  alpa_cuda_graph_node first;
};

/* The operations that nodes stand for; the caller frees `parameters` of a kernel's (code.c, stream.c). */
alpa_cuda_result emu_kernel_op(const alpa_cuda_kernel_node *kernel, emu_op *out_op);
alpa_cuda_result emu_copy_op(const alpa_cuda_copy_3d *copy, emu_op *out_op);

/* Prototypes of what the library exports. */
#define EMU_EXPORT __attribute__((visibility("default")))
#define X(name, parameters) EMU_EXPORT alpa_cuda_result name parameters;
#include "runtime/hal/cuda/driver.def"
#undef X
/* More of the driver's functions, for the emulated NCCL and for tools. */
EMU_EXPORT alpa_cuda_result cuCtxGetCurrent(alpa_cuda_context *out_context);
EMU_EXPORT alpa_cuda_result cuCtxGetDevice(alpa_cuda_device *out_device);
EMU_EXPORT alpa_cuda_result cuCtxSynchronize(void);
EMU_EXPORT alpa_cuda_result cuStreamGetCtx(alpa_cuda_stream stream, alpa_cuda_context *out_context);
EMU_EXPORT alpa_cuda_result cuLaunchHostFunc(alpa_cuda_stream stream, void (*function)(void *), void *argument);
/* Not CUDA's: says that the host wrote device memory directly, whose addresses are also the host's. */
EMU_EXPORT void emulatorWrote(alpa_cuda_pointer address, size_t bytes);

#endif
