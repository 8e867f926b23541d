/* The host engine: devices as program counters, run by workers; shared by the files of this directory. */
#ifndef ALPA_RUNTIME_HAL_HOST_ENGINE_H
#define ALPA_RUNTIME_HAL_HOST_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/channel/host/copy_queue.h"
#include "runtime/mesh_state.h"
#include "runtime/share.h"

typedef void alpa_host_kernel_fn(char *const *operands, int64_t task);

typedef struct alpa_host_kernel {
  alpa_host_kernel_fn *call;
  int64_t n_tasks;
  int64_t grain;     /* tasks of one shared part */
  uint32_t n_grains; /* 1: the device's worker runs all tasks */
  bool is_large;     /* worth waking sleeping workers for */
} alpa_host_kernel;

/* What an executable has on a host mesh. */
typedef struct alpa_host_code {
  struct alpa_host_object **objects;
  uint32_t n_objects;
  alpa_host_kernel *kernels;
  alpa_channel **channels; /* of collectives; those of transfers follow */
  alpa_channel **transfers;
  uint32_t n_channels; /* both */
  alpa_copy_queue queue;
  int64_t **counters; /* of loops, by device */
  bool is_dirty;      /* channels hold arrivals of a failed step */
} alpa_host_code;

typedef enum alpa_host_state {
  ALPA_HOST_READY,   /* any worker may take it */
  ALPA_HOST_RUNNING, /* a worker has it */
  ALPA_HOST_WAITING, /* in a channel; any worker may take it when the transfer is complete */
  ALPA_HOST_HUNG,    /* fault injection: nobody takes it until the step is aborted */
  ALPA_HOST_DONE
} alpa_host_state;

typedef struct alpa_host_flight {
  const alpa_operation *operation;
  const alpa_executable *executable;
  uint64_t step, executed;
  int64_t start_ns;
  _Atomic bool is_done;
} alpa_host_flight;

/* The first line is what other workers poll, the rest belongs to the worker that has the device. */
typedef struct alpa_host_device {
  _Alignas(128) _Atomic int state;
  _Atomic(alpa_channel *) channel; /* WAITING */
  _Atomic uint64_t transfer;
  alpa_share tasks; /* of the kernel it runs */
  const alpa_host_kernel *shared_kernel;
  char *const *shared_operands;
  _Alignas(128) _Atomic uint64_t executed; /* operations of this step */
  uint32_t number, at;                     /* number in the mesh, program counter */
  char *const *operands;
  int64_t *counters;
  uint64_t fault_at;
  alpa_fault_kind fault_kind;
  int64_t start_ns;           /* of the present operation */
  _Atomic uint64_t n_flights; /* published after the entry: a report may be made while the device is in a kernel */
  alpa_host_flight flights[ALPA_FLIGHT_ENTRIES];
} alpa_host_device;

/* Why a step was aborted: written once, under the lock. */
typedef struct alpa_host_failure {
  alpa_status status; /* ALPA_OK: nothing failed */
  uint32_t device;
  const char *what; /* "failed", ... */
} alpa_host_failure;

/* A device's last seen progress, for finding the one that makes none: time is added from look to look, and never much
 * at once, so that a process which was stopped for a while does not find that everything stood still. */
typedef struct alpa_host_watch {
  uint64_t executed;
  int64_t still_ns;
} alpa_host_watch;

typedef struct alpa_host_engine {
  alpa_device_mesh *mesh;
  uint32_t n_devices, n_workers, n_threads; /* threads: those that were started */
  int64_t spin_ns, deadline_ns;
  alpa_host_device *devices;
  struct alpa_host_thread *threads;

  /* The step; written while it is closed. */
  alpa_executable *executable;
  alpa_host_code *code;
  alpa_run_options options;
  alpa_host_failure failure;

  _Alignas(128) _Atomic bool is_open, is_aborted, is_quitting;
  _Atomic uint64_t generation;             /* steps opened */
  _Alignas(128) _Atomic uint32_t n_active; /* workers inside the step */
  _Alignas(128) _Atomic uint32_t n_done;   /* devices */
  _Alignas(128) _Atomic uint32_t n_parked;

  pthread_mutex_t lock;          /* parking, watches and failure */
  pthread_cond_t wake, finished; /* for workers, and for a caller that watches */
  alpa_host_watch *watches;
  int64_t looked_ns;           /* when they were last looked at in this step; 0: not yet */
  void *block, *devices_block; /* what was allocated for the engine and the devices */
} alpa_host_engine;

int64_t alpa_host_now(void);

/* Tells the core that this is a spinning loop. */
static inline void alpa_host_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Wakes parked workers; to be called after anything that they might wait for. */
void alpa_host_wake(alpa_host_engine *engine);
static inline uint64_t alpa_host_n_flights(const alpa_host_device *device) {
  return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)&device->n_flights, memory_order_acquire);
}

/* The last device is done. */
void alpa_host_finish_step(alpa_host_engine *engine);
/* Aborts the step, unless it is already. */
void alpa_host_abort(alpa_host_engine *engine, alpa_status status, uint32_t device, const char *what);

/* Runs a device that this worker has taken, until it waits, hangs or is done. */
void alpa_host_device_run(alpa_host_engine *engine, alpa_host_device *device);
/* Takes the device if it can go on and runs it, or works on the transfer that it waits for; false: neither. */
bool alpa_host_device_try(alpa_host_engine *engine, alpa_host_device *device);
/* Whether alpa_host_device_try or alpa_host_device_help would do something. */
bool alpa_host_device_has_work(alpa_host_engine *engine, alpa_host_device *device);
/* Runs tasks of the kernel that the device is in, or a part of the transfer that it waits for, without taking it; false
 * where there are none left. */
bool alpa_host_device_help(alpa_host_engine *engine, alpa_host_device *device);

/* Looks for a device that has made no progress for the deadline, or for devices that wait for each other. */
void alpa_host_watch_devices(alpa_host_engine *engine);
/* Explains the failure of the step; returns its status. */
alpa_status alpa_host_report(const alpa_host_engine *engine, alpa_diag *diag);

alpa_status alpa_host_engine_create(alpa_device_mesh *mesh, alpa_diag *diag, alpa_host_engine **out_engine);
void alpa_host_engine_destroy(alpa_host_engine *engine);
alpa_status alpa_host_engine_run(alpa_host_engine *engine, alpa_executable *executable, alpa_diag *diag,
                                 const alpa_run_options *options);

#endif
