/* The machine that executes: devices with memory, and for each launch gangs of thread blocks with their warps.
 *
 * A gang is what must run together: the blocks of a cluster. One host thread executes a gang, warp by warp, some
 * thousand instructions at a time. A warp is a set of *paths*, each a position, a call frame and the threads that are
 * there.  When threads of a path branch to different places, the path splits and its parts form a *group*, whose
 * members meet again at the immediate post-dominator of the branch.  Any path may run at any time, so that threads of
 * one warp can wait for each other as on hardware since Volta. */
#ifndef EMULATOR_MACHINE_H
#define EMULATOR_MACHINE_H

#include "module.h"

#include <pthread.h>

enum {
  EMU_MAX_WARPS = 32, /* of a block */
  EMU_ASYNC = 32,     /* the actor that stands for asynchronous copies, next to the warps */
  EMU_ACTORS = 33,
  EMU_MAX_BARRIERS = 16,
  EMU_MULTIPROCESSORS = 4,
  EMU_ALL = -1,
  EMU_SPINS = 128,
};
#define EMU_FULL 0xffffffffu

/* Generic addresses: windows onto shared memory (by rank in the cluster), local memory, and the kernel's parameters. */
#define EMU_SHARED_WINDOW 0x0100000000000000ull
#define EMU_LOCAL_WINDOW 0x0200000000000000ull
#define EMU_PARAM_WINDOW 0x0300000000000000ull
#define EMU_WINDOW_MASK 0xff00000000000000ull
#define EMU_RANK_SHIFT 24

/* ---- memory of a device (memory.c) ---- */

typedef struct emu_allocation {
  uint64_t address;
  size_t bytes;
} emu_allocation;

typedef struct emu_memory {
  uint8_t *base; /* also the first device address */
  size_t size, used;
  uint64_t *allocated, *written; /* a bit per byte */
  emu_allocation *allocations;   /* by address */
  size_t n_allocations;
  pthread_mutex_t mutex;
} emu_memory;

void emu_memory_init(emu_memory *memory, void *base, size_t size);
bool emu_memory_alloc(emu_memory *memory, size_t bytes, size_t align, uint64_t *out_address);
bool emu_memory_free(emu_memory *memory, uint64_t address);
bool emu_memory_is_allocated(const emu_memory *memory, uint64_t address, size_t bytes);
bool emu_memory_is_written(const emu_memory *memory, uint64_t address, size_t bytes);
void emu_memory_set_written(emu_memory *memory, uint64_t address, size_t bytes);
/* The allocation that ends last before or contains the address; bytes 0 if there is none. */
emu_allocation emu_memory_near(emu_memory *memory, uint64_t address);

/* ---- findings (findings.c) ---- */

/* X(ID, "what", CUDA error) */
#define EMU_FINDING_TABLE(X)                                                                                           \
  X(OUT_OF_BOUNDS, "out of bounds", 700)                                                                               \
  X(MISALIGNED, "misaligned", 716)                                                                                     \
  X(UNINITIALISED, "read of memory that nothing wrote", 700)                                                           \
  X(RACE, "race", 719)                                                                                                 \
  X(DIVERGENT, "divergent barrier", 719)                                                                               \
  X(DEADLOCK, "deadlock", 702)                                                                                         \
  X(TIMEOUT, "time limit exceeded", 702)                                                                               \
  X(TRAP, "trap", 710)                                                                                                 \
  X(MISUSE, "misuse", 715)

typedef enum emu_finding {
#define X(ID, what, error) EMU_FOUND_##ID,
  EMU_FINDING_TABLE(X)
#undef X
} emu_finding;

/* Writes a line to a log that $ALPA_EMULATOR_LOG names, or to stderr. */
void emu_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Reports what thread `lane` of the warp does at its current instruction; the launch ends and fails. */
void emu_report(emu_warp *warp, int lane, emu_finding finding, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
uint64_t emu_now_ns(void);

/* ---- a launch ---- */

typedef struct emu_checks {
  bool uninitialised, races;
} emu_checks;

typedef struct emu_launch {
  emu_function *function;
  emu_memory *memory; /* of the device */
  /* The device memory that an address is in, or NULL. */
  emu_memory *(*find_memory)(void *self, uint64_t address);
  /* Whether pinned host memory has the bytes. */
  bool (*find_host)(void *self, uint64_t address, size_t bytes);
  void *self;
  uint32_t grid[3], block[3], cluster[3];
  uint32_t dynamic_shared_bytes;
  uint8_t *parameters;
  uint64_t serial;
  emu_checks checks;
  double timeout_s;
  uint32_t n_workers;
  /* Results. */
  uint32_t error;        /* CUDA's, of the first finding */
  uint64_t instructions; /* executed, times threads */
  uint64_t cpu_ns;       /* of the host, all its threads together */
  _Atomic uint32_t next_gang, failed;
  uint64_t deadline_ns;
} emu_launch;

/* Executes; the status is in error. */
void emu_launch_run(emu_launch *launch);

typedef struct emu_frame {
  const emu_function *function;
  struct emu_frame *caller, *next; /* next: of the warp's frames */
  const emu_instr *call;
  uint32_t return_to, local_base, carry;
  uint8_t *rows;
} emu_frame;

typedef struct emu_group {
  struct emu_group *parent;
  emu_frame *frame;
  uint32_t meeting, expected, arrived;
} emu_group;

typedef enum emu_wait { EMU_RUNS, EMU_WAITS_BARRIER, EMU_WAITS_WARP } emu_wait;

typedef struct emu_path {
  uint32_t at, mask;
  uint32_t stop; /* the position at which something other than execution happens */
  emu_frame *frame;
  emu_group *group;
  emu_wait wait;
  uint32_t wait_mask, barrier;
} emu_path;

/* cp.async that is not yet waited for: copies are made as late as the program allows. */
typedef struct emu_copy {
  uint64_t from[EMU_LANES];
  uint32_t to[EMU_LANES], bytes[EMU_LANES], group[EMU_LANES];
  uint32_t mask, size;
  const emu_instr *instr;
} emu_copy;

/* wgmma that is not yet waited for, likewise. */
typedef struct emu_product {
  const emu_instr *instr;
  emu_frame *frame;
  uint64_t a, b;
  bool accumulates;
  uint32_t group;
} emu_product;

struct emu_warp {
  uint8_t *rows; /* of the frame of the path that runs */
  uint32_t mask; /* threads that execute the current instruction */
  bool leaves;   /* the path has blocked, ended or changed: stop after this instruction */
  bool polls;    /* it tested a barrier that is not complete */
  emu_path *path;
  const emu_instr *instr;
  struct emu_cta *cta;
  uint32_t index, live; /* live: threads that have not exited */
  emu_path paths[EMU_LANES];
  uint32_t n_paths, turn;
  emu_frame *frames, *spare;
  uint32_t spins; /* accesses since the last event that looked for a change of memory and saw none */
  bool released;  /* threads have gone on without others that they should have met */
  emu_group groups[2 * EMU_LANES];
  uint64_t groups_used; /* bits */
  uint8_t *local;
  uint64_t *local_written;
  uint64_t instructions, thread_instructions;
  uint32_t seen[EMU_ACTORS];  /* the last release of every actor that is known to this warp */
  uint32_t warp_sync;         /* when threads of the warp were last synchronised with each other */
  uint32_t fenced[EMU_LANES]; /* last fence.proxy.async */
  uint32_t groups_committed[EMU_LANES], bulk_committed[EMU_LANES];
  emu_copy *copies;
  uint32_t n_copies;
  emu_product *products;
  uint32_t n_products, product_group;
};

typedef struct emu_barrier {
  uint32_t arrived, expected; /* threads */
  uint32_t seen[EMU_ACTORS];
  uint32_t votes;
} emu_barrier;

/* What is known about 4 bytes of shared memory (races.c). */
typedef struct emu_trace {
  uint32_t write_time, read_time;
  uint32_t readers; /* warps, since the last write */
  uint16_t writer;  /* thread; EMU_ASYNC_WRITER */
  uint8_t write_bytes, read_bytes;
} emu_trace;

typedef struct emu_mbarrier {
  uint32_t address;
  uint32_t seen[EMU_ACTORS], complete[EMU_ACTORS]; /* of the current and the last completed phase */
} emu_mbarrier;

/* Shared memory that a bulk copy to global memory may still read: its thread has not waited for the group. */
typedef struct emu_bulk_read {
  uint32_t offset, bytes, thread, group;
} emu_bulk_read;

typedef struct emu_cta {
  emu_launch *launch;
  struct emu_gang *gang;
  uint32_t id[3], linear, rank;
  uint32_t n_threads, n_warps;
  emu_warp *warps;
  uint8_t *shared;
  uint64_t *shared_written;
  uint32_t shared_bytes;
  uint32_t local_bytes; /* of a thread */
  emu_trace *traces;
  uint32_t time;
  uint32_t atomic_seen[EMU_ACTORS];
  emu_barrier barriers[EMU_MAX_BARRIERS];
  emu_mbarrier *mbarriers;
  uint32_t n_mbarriers;
  emu_bulk_read *bulk_reads;
  uint32_t n_bulk_reads;
  uint32_t cluster_arrived, cluster_left, cluster_phase; /* arrived: threads, over all phases */
  uint32_t cluster_seen[EMU_ACTORS];
} emu_cta;

typedef struct emu_gang {
  emu_launch *launch;
  emu_cta *ctas;
  uint32_t n_ctas;
  uint64_t version; /* changes whenever something happens that a waiting thread may wait for */
} emu_gang;

static inline uint32_t emu_thread(const emu_warp *warp, uint32_t lane) { return warp->index * EMU_LANES + lane; }

/* The row of place k of instruction i. */
#define EMU_ROW(T, k) ((T *)(void *)(w->rows + i->at[k]))

/* ---- execution (warp.c) ---- */

typedef enum emu_outcome { EMU_ENDED, EMU_BLOCKED, EMU_POLLED, EMU_RAN } emu_outcome;
void emu_warp_init(emu_warp *warp, emu_cta *cta, uint32_t index);
void emu_warp_begin(emu_warp *warp); /* at the first instruction of the kernel, in another block */
void emu_warp_deinit(emu_warp *warp);
/* Runs until its paths are blocked or have ended, or for so many instructions. */
emu_outcome emu_warp_run(emu_warp *warp, uint32_t budget);
emu_frame *emu_frame_create(emu_warp *warp, const emu_function *function, emu_frame *caller);
/* Lets the path wait; another runs. */
void emu_block(emu_warp *warp, emu_wait wait);
void emu_wake(emu_warp *warp, emu_path *path);
/* An access that may be part of a loop which waits for a change of memory; after many the other paths get a turn. */
void emu_note_spin(emu_warp *warp);
/* Completes barriers whose missing threads have ended. */
void emu_barriers_poll(emu_cta *cta);
/* The value of a special register. */
uint64_t emu_special(const emu_warp *warp, uint32_t special, uint32_t lane);

/* ---- memory accesses of threads (access.c) ---- */

/* EMU_ATOMIC: read and written, with an order of its own; EMU_CREATE: written, likewise. */
typedef enum emu_access { EMU_READ = 1, EMU_WRITE = 2, EMU_ATOMIC = 3, EMU_CREATE = 6 } emu_access;
/* The bytes behind an address, checked; NULL after a finding. */
uint8_t *emu_at(emu_warp *warp, uint32_t lane, emu_space space, uint64_t address, uint32_t bytes, emu_access access);
/* The same for a read of shared memory; bytes a power of two. */
const uint8_t *emu_shared_read(emu_warp *warp, uint32_t lane, uint64_t address, uint32_t bytes);
/* Shared memory of the warp's block for an asynchronous actor: bounds and races. */
uint8_t *emu_shared_async(emu_warp *warp, emu_cta *cta, uint32_t address, uint32_t bytes, emu_access access);
uint8_t *emu_global_async(emu_warp *warp, uint64_t address, uint32_t bytes, emu_access access);
/* The addresses of an instruction, with its offset, of the active threads. */
void emu_addresses(const emu_warp *warp, const emu_instr *instr, uint32_t at, uint64_t addresses[EMU_LANES]);
/* The block in the cluster that a shared address names, and the offset in its memory. */
emu_cta *emu_shared_owner(emu_warp *warp, uint64_t address, uint32_t *out_offset);

/* ---- order of accesses (races.c) ---- */

enum { EMU_ASYNC_WRITER = 0xffff };
void emu_release(emu_warp *warp, uint32_t into[EMU_ACTORS]); /* into learns what the warp knows */
void emu_acquire(emu_warp *warp, const uint32_t from[EMU_ACTORS]);
void emu_order_atomic(emu_warp *warp);
void emu_race_access(emu_warp *warp, uint32_t lane, uint32_t offset, uint32_t bytes, emu_access access);
void emu_race_async(emu_warp *warp, emu_cta *cta, uint32_t offset, uint32_t bytes, emu_access access);

/* ---- asynchronous work ---- */

void emu_bulk_read_begin(emu_warp *warp, uint32_t lane, emu_cta *cta, uint32_t offset, uint32_t bytes);
/* Those of the thread in groups up to that number are over. */
void emu_bulk_reads_end(emu_warp *warp, uint32_t lane, uint32_t up_to);
/* Reports a write to what is still read. */
void emu_bulk_reads_check(emu_warp *warp, int lane, const emu_cta *cta, uint32_t offset, uint32_t bytes);

/* Adds to the transactions or arrivals of the mbarrier; completes its phase when nothing is pending. */
void emu_mbarrier_transact(emu_warp *warp, emu_cta *cta, uint32_t offset, int64_t bytes);
void emu_copies_flush(emu_warp *warp, uint32_t lane, uint32_t up_to);

/* ---- control flow, which flow.c must recognise ---- */
emu_run_fn emu_run_branch, emu_run_branch_table, emu_run_return, emu_run_exit, emu_run_call, emu_run_special;

typedef struct emu_call {
  const emu_function *callee;
  const emu_symbol **arguments, **results; /* parameters of the caller's frame, or NULL for a register */
  uint32_t *argument_rows, *result_rows;
  uint32_t n_arguments, n_results;
} emu_call;

#endif
