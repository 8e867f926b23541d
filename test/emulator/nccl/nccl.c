/* An emulated NCCL: ranks are threads or processes of one machine, and meet in shared memory.
 *
 * Communicators never block, as ours ask for: what a call issues is kept in a list, and every poll tries to bring it
 * forward.  A collective is "in progress" until it is complete, so that the caller's stream does not go on before.  The
 * memory of devices is read and written through the driver of the same directory.
 *
 * ALPA_EMULATOR_NCCL_FAULT=kind:rank:call makes trouble at that rank's call number `call` (from 0): `error` fails
 * there, `hang` never takes part, `lost` is a process that died: the others see it. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/channel/nccl/api.h"
#include "test/emulator/nccl/reduce.h"
#include "test/emulator/nccl/shared.h"

#define EXPORT __attribute__((visibility("default")))

#define X(name, parameters) EXPORT alpa_nccl_result name parameters;
#include "runtime/channel/nccl/nccl.def"
#undef X
EXPORT const char *ncclGetErrorString(alpa_nccl_result result);
EXPORT const char *ncclGetLastError(alpa_nccl_comm comm);
/* Faults count calls from here on. */
EXPORT void alpa_emulated_nccl_reset(void);

enum { DEVICE_ERROR = 1, SYSTEM_ERROR = 2, INVALID_ARGUMENT = 4, VERSION = 22800 };

typedef enum kind { ALL_REDUCE, REDUCE_SCATTER, ALL_GATHER, SEND, RECEIVE } kind;

typedef struct operation {
  struct operation *next;
  kind kind;
  const void *from;
  void *to;
  size_t n, bytes; /* of the caller's count of elements */
  unsigned type, reduction;
  uint32_t peer;
  uint64_t number; /* of a collective */
  uint64_t group;  /* of calls, in this thread */
  bool has_arrived, is_hung;
  alpa_cuda_stream stream;
} operation;

struct ncclComm {
  shared shared;
  uint32_t rank, n_ranks, world_rank;
  /* Being made by a split: */
  alpa_nccl_comm parent;
  int color;
  uint32_t split;
  bool is_ready;
  uint32_t n_splits;
  uint64_t n_collectives;
  operation *operations; /* issued, in order */
  alpa_nccl_result failure;
  char last_error[128];
};

typedef struct driver {
#define X(name, parameters) alpa_cuda_result(*name) parameters;
#include "runtime/hal/cuda/driver.def"
#undef X
} driver;

static driver cuda;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local uint32_t group_depth;
static _Thread_local uint64_t n_groups;
static _Thread_local struct ncclComm *grouped[4 * MOST_RANKS]; /* that got operations in this group */
static _Thread_local uint32_t n_grouped;
static _Atomic uint32_t n_ids;
static _Atomic uint32_t n_calls[MOST_RANKS]; /* by rank in the communicator of all */

static void open_driver(void) {
  void *handle = dlopen("libcuda.so.1", RTLD_NOW);
#define X(name, parameters)                                                                                            \
  {                                                                                                                    \
    void *address = handle ? dlsym(handle, #name) : NULL;                                                              \
    memcpy(&cuda.name, &address, sizeof address);                                                                      \
  }
#include "runtime/hal/cuda/driver.def"
#undef X
}

static alpa_nccl_result fail(alpa_nccl_comm comm, alpa_nccl_result result, const char *why) {
  if (comm->failure == ALPA_NCCL_SUCCESS) {
    comm->failure = result;
    snprintf(comm->last_error, sizeof comm->last_error, "%s", why);
  }
  return result;
}

/* ---- faults ----------------------------------------------------------------------------------------------------- */

/* The kind of trouble that this call of the rank is in, or "". */
static const char *find_fault(uint32_t rank, char *text, size_t size) {
  uint32_t call = atomic_fetch_add(&n_calls[rank], 1);
  const char *given = getenv("ALPA_EMULATOR_NCCL_FAULT");
  unsigned at_rank, at_call;
  snprintf(text, size, "%s", given ? given : "");
  char *colon = strchr(text, ':');
  if (!colon || sscanf(colon, ":%u:%u", &at_rank, &at_call) != 2 || at_rank != rank || at_call != call)
    return "";
  *colon = 0;
  return text;
}

void alpa_emulated_nccl_reset(void) {
  for (uint32_t r = 0; r < MOST_RANKS; r++)
    atomic_store(&n_calls[r], 0);
}

/* ---- progress --------------------------------------------------------------------------------------------------- */

static bool read_device(const operation *o, void *data, const void *from, size_t bytes) {
  return bytes == 0 || (cuda.cuMemcpyDtoHAsync_v2(data, (uintptr_t)from, bytes, o->stream) == ALPA_CUDA_SUCCESS &&
                        cuda.cuStreamSynchronize(o->stream) == ALPA_CUDA_SUCCESS);
}

static bool write_device(const operation *o, void *to, const void *data, size_t bytes) {
  return bytes == 0 || (cuda.cuMemcpyHtoDAsync_v2((uintptr_t)to, data, bytes, o->stream) == ALPA_CUDA_SUCCESS &&
                        cuda.cuStreamSynchronize(o->stream) == ALPA_CUDA_SUCCESS);
}

/* From device memory to a slot. */
static bool put(alpa_nccl_comm comm, const operation *o, size_t slot, const void *from, size_t bytes) {
  char *data = malloc(bytes + 1);
  bool ok = data && read_device(o, data, from, bytes) && shared_write(&comm->shared, slot, data, bytes);
  free(data);
  return ok;
}

static bool get(alpa_nccl_comm comm, const operation *o, size_t slot, size_t offset, void *to, size_t bytes) {
  char *data = malloc(bytes + 1);
  bool ok = data && shared_read(&comm->shared, slot, offset, data, bytes) && write_device(o, to, data, bytes);
  free(data);
  return ok;
}

static bool reduce(alpa_nccl_comm comm, const operation *o, size_t offset) {
  char *sum = malloc(o->bytes + 1), *part = malloc(o->bytes + 1);
  bool ok = sum && part;
  for (uint32_t r = 0; r < comm->n_ranks && ok; r++) {
    ok = shared_read(&comm->shared, shared_slot(o->number, r), offset, r ? part : sum, o->bytes);
    if (r && ok)
      reduce_elements(o->type, o->reduction, o->n, sum, part);
  }
  ok = ok && write_device(o, o->to, sum, o->bytes);
  free(sum);
  free(part);
  return ok;
}

static bool gather(alpa_nccl_comm comm, const operation *o) {
  for (uint32_t r = 0; r < comm->n_ranks; r++)
    if (!get(comm, o, shared_slot(o->number, r), 0, (char *)o->to + r * o->bytes, o->bytes))
      return false;
  return true;
}

/* True when the operation is complete. */
static bool step_collective(alpa_nccl_comm comm, operation *o) {
  shared_head *head = comm->shared.head;
  bool ok = true;
  for (uint32_t r = 0; !o->has_arrived && r < comm->n_ranks; r++)
    if (atomic_load(&head->ranks[r].n_consumed) + 1 < o->number)
      return false; /* its slot is still being read */
  if (!o->has_arrived) {
    size_t parts = o->kind == REDUCE_SCATTER ? comm->n_ranks : 1;
    ok = put(comm, o, shared_slot(o->number, comm->rank), o->from, parts * o->bytes);
    o->has_arrived = true;
    atomic_store(&head->ranks[comm->rank].n_arrived, o->number + 1);
  }
  for (uint32_t r = 0; r < comm->n_ranks && ok; r++)
    if (atomic_load(&head->ranks[r].n_arrived) <= o->number)
      return false;
  if (ok)
    ok = o->kind == ALL_GATHER ? gather(comm, o)
                               : reduce(comm, o, o->kind == REDUCE_SCATTER ? comm->rank * o->bytes : 0);
  atomic_store(&head->ranks[comm->rank].n_consumed, o->number + 1);
  if (!ok)
    fail(comm, DEVICE_ERROR, "the emulated transfer failed");
  return true;
}

/* A message waits for both sides: so does NCCL, beyond what its buffers hold. */
static bool step_send(alpa_nccl_comm comm, operation *o) {
  shared_head *head = comm->shared.head;
  _Atomic uint64_t *sent = &head->n_sent[comm->rank][o->peer], *received = &head->n_received[comm->rank][o->peer];
  if (!o->has_arrived && !put(comm, o, shared_mailbox(comm->rank, o->peer), o->from, o->bytes))
    fail(comm, DEVICE_ERROR, "the emulated transfer failed");
  if (!o->has_arrived)
    atomic_fetch_add(sent, 1);
  o->has_arrived = true;
  return atomic_load(received) == atomic_load(sent);
}

static bool step_receive(alpa_nccl_comm comm, operation *o) {
  shared_head *head = comm->shared.head;
  _Atomic uint64_t *sent = &head->n_sent[o->peer][comm->rank], *received = &head->n_received[o->peer][comm->rank];
  if (atomic_load(sent) == atomic_load(received))
    return false;
  if (!get(comm, o, shared_mailbox(o->peer, comm->rank), 0, o->to, o->bytes))
    fail(comm, DEVICE_ERROR, "the emulated transfer failed");
  atomic_fetch_add(received, 1);
  return true;
}

static bool step(alpa_nccl_comm comm, operation *o) {
  return o->kind == SEND ? step_send(comm, o) : o->kind == RECEIVE ? step_receive(comm, o) : step_collective(comm, o);
}

/* Whether an earlier operation, or what is before it in its stream, has to come first: a communicator does one group of
 * calls after the other. */
static bool is_behind(const operation *first, const operation *o) {
  if (o->is_hung || cuda.cuStreamQuery(o->stream) == ALPA_CUDA_NOT_READY)
    return true;
  for (; first != o; first = first->next)
    if (first->group != o->group ||
        (o->kind < SEND ? first->kind < SEND : first->kind == o->kind && first->peer == o->peer))
      return true;
  return false;
}

/* ---- making communicators --------------------------------------------------------------------------------------- */

/* When all ranks of the parent have said their colors, those of one color share a file. */
static bool step_split(alpa_nccl_comm comm) {
  alpa_nccl_comm parent = comm->parent;
  shared_rank *ranks = parent->shared.head->ranks;
  char name[160];
  for (uint32_t r = 0; r < parent->n_ranks; r++)
    if (atomic_load(&ranks[r].n_splits) <= comm->split)
      return false;
  int own = ranks[parent->rank].keys[comm->split];
  for (uint32_t r = 0; r < parent->n_ranks; r++) {
    int key = ranks[r].keys[comm->split];
    if (ranks[r].colors[comm->split] != comm->color)
      continue;
    comm->n_ranks++;
    comm->rank += key < own || (key == own && r < parent->rank);
  }
  snprintf(name, sizeof name, "%.120s-%u-%d", strrchr(parent->shared.name, '/') + 1, comm->split, comm->color);
  comm->parent = NULL;
  if (!shared_open(&comm->shared, name))
    fail(comm, SYSTEM_ERROR, "no shared memory");
  return true;
}

static bool step_init(alpa_nccl_comm comm) {
  if (comm->parent && !step_split(comm))
    return false;
  if (comm->failure != ALPA_NCCL_SUCCESS)
    return true;
  if (atomic_load(&comm->shared.head->n_open) < comm->n_ranks)
    return false;
  if (comm->rank == 0)
    shared_unlink(&comm->shared);
  return true;
}

static alpa_nccl_result progress(alpa_nccl_comm comm) {
  if (!comm->is_ready && !(comm->is_ready = step_init(comm)))
    return ALPA_NCCL_IN_PROGRESS;
  if (comm->failure != ALPA_NCCL_SUCCESS)
    return comm->failure;
  for (uint32_t r = 0; r < comm->n_ranks; r++)
    if (r != comm->rank && atomic_load(&comm->shared.head->ranks[r].is_lost))
      return fail(comm, ALPA_NCCL_REMOTE_ERROR, "a peer has left");
  for (operation **at = &comm->operations; *at;) {
    operation *o = *at;
    bool is_done = !is_behind(comm->operations, o) && step(comm, o);
    if (is_done) {
      *at = o->next;
      free(o);
    } else {
      at = &o->next;
    }
  }
  if (comm->failure != ALPA_NCCL_SUCCESS)
    return comm->failure;
  return comm->operations ? ALPA_NCCL_IN_PROGRESS : ALPA_NCCL_SUCCESS;
}

/* ---- issuing ---------------------------------------------------------------------------------------------------- */

static alpa_nccl_result flush(alpa_nccl_comm comm) {
  for (uint32_t i = 0; i < n_grouped; i++)
    if (grouped[i] == comm)
      return ALPA_NCCL_SUCCESS;
  if (group_depth == 0)
    return progress(comm);
  if (n_grouped == sizeof grouped / sizeof *grouped)
    return INVALID_ARGUMENT;
  grouped[n_grouped++] = comm;
  return ALPA_NCCL_SUCCESS;
}

static alpa_nccl_result issue(alpa_nccl_comm comm, const operation *given) {
  char text[64];
  size_t element = reduce_element_bytes(given->type);
  if (!element || (given->kind >= SEND && given->peer >= comm->n_ranks))
    return fail(comm, INVALID_ARGUMENT, "no such type or peer");
  const char *fault = find_fault(comm->world_rank, text, sizeof text);
  if (strcmp(fault, "error") == 0)
    return fail(comm, SYSTEM_ERROR, "injected fault");
  if (strcmp(fault, "lost") == 0)
    atomic_store(&comm->shared.head->ranks[comm->rank].is_lost, true);
  operation *o = malloc(sizeof *o), **end = &comm->operations;
  *o = *given;
  o->bytes = o->n * element;
  o->next = NULL;
  if (o->kind < SEND)
    o->number = comm->n_collectives++;
  o->is_hung = fault[0] != 0;
  o->group = group_depth ? n_groups : ++n_groups;
  while (*end)
    end = &(*end)->next;
  *end = o;
  return flush(comm);
}

alpa_nccl_result ncclGroupStart(void) {
  if (group_depth++ == 0)
    n_groups++;
  return ALPA_NCCL_SUCCESS;
}

alpa_nccl_result ncclGroupEnd(void) {
  alpa_nccl_result worst = ALPA_NCCL_SUCCESS;
  if (--group_depth)
    return worst;
  for (uint32_t i = 0; i < n_grouped; i++) {
    alpa_nccl_result result = progress(grouped[i]);
    if (worst == ALPA_NCCL_SUCCESS || worst == ALPA_NCCL_IN_PROGRESS)
      worst = result == ALPA_NCCL_SUCCESS ? worst : result;
  }
  n_grouped = 0;
  return worst;
}

alpa_nccl_result ncclAllReduce(const void *from, void *to, size_t n, unsigned type, unsigned reduction,
                               alpa_nccl_comm comm, alpa_cuda_stream stream) {
  return issue(
      comm,
      &(operation){
          .kind = ALL_REDUCE, .from = from, .to = to, .n = n, .type = type, .reduction = reduction, .stream = stream});
}

alpa_nccl_result ncclReduceScatter(const void *from, void *to, size_t n, unsigned type, unsigned reduction,
                                   alpa_nccl_comm comm, alpa_cuda_stream stream) {
  return issue(comm, &(operation){.kind = REDUCE_SCATTER,
                                  .from = from,
                                  .to = to,
                                  .n = n,
                                  .type = type,
                                  .reduction = reduction,
                                  .stream = stream});
}

alpa_nccl_result ncclAllGather(const void *from, void *to, size_t n, unsigned type, alpa_nccl_comm comm,
                               alpa_cuda_stream stream) {
  return issue(comm, &(operation){.kind = ALL_GATHER, .from = from, .to = to, .n = n, .type = type, .stream = stream});
}

alpa_nccl_result ncclSend(const void *from, size_t n, unsigned type, int peer, alpa_nccl_comm comm,
                          alpa_cuda_stream stream) {
  return issue(
      comm, &(operation){.kind = SEND, .from = from, .n = n, .type = type, .peer = (uint32_t)peer, .stream = stream});
}

alpa_nccl_result ncclRecv(void *to, size_t n, unsigned type, int peer, alpa_nccl_comm comm, alpa_cuda_stream stream) {
  return issue(comm,
               &(operation){.kind = RECEIVE, .to = to, .n = n, .type = type, .peer = (uint32_t)peer, .stream = stream});
}

/* ---- communicators ---------------------------------------------------------------------------------------------- */

alpa_nccl_result ncclGetVersion(int *out_version) {
  *out_version = VERSION;
  return ALPA_NCCL_SUCCESS;
}

alpa_nccl_result ncclGetUniqueId(alpa_nccl_id *out_id) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  memset(out_id, 0, sizeof *out_id);
  snprintf(out_id->bytes, sizeof out_id->bytes, "alpa-nccl-%d-%lld-%u", getpid(), (long long)now.tv_nsec,
           atomic_fetch_add(&n_ids, 1));
  return ALPA_NCCL_SUCCESS;
}

alpa_nccl_result ncclCommInitRankConfig(alpa_nccl_comm *out_comm, int n_ranks, alpa_nccl_id id, int rank,
                                        alpa_nccl_config *config) {
  pthread_once(&once, open_driver);
  if (!cuda.cuStreamSynchronize || n_ranks < 1 || n_ranks > MOST_RANKS || rank < 0 || rank >= n_ranks ||
      config->magic != 0xcafebeef || config->blocking != 0)
    return INVALID_ARGUMENT;
  alpa_nccl_comm comm = calloc(1, sizeof *comm);
  comm->rank = comm->world_rank = (uint32_t)rank;
  comm->n_ranks = (uint32_t)n_ranks;
  if (!shared_open(&comm->shared, id.bytes))
    fail(comm, SYSTEM_ERROR, "no shared memory");
  *out_comm = comm;
  return flush(comm);
}

alpa_nccl_result ncclCommSplit(alpa_nccl_comm parent, int color, int key, alpa_nccl_comm *out_comm,
                               alpa_nccl_config *config) {
  shared_rank *own = &parent->shared.head->ranks[parent->rank];
  uint32_t split = parent->n_splits++;
  if (split >= MOST_SPLITS || config->blocking != 0)
    return INVALID_ARGUMENT;
  own->colors[split] = color;
  own->keys[split] = key;
  atomic_store(&own->n_splits, split + 1);
  *out_comm = NULL;
  if (color == ALPA_NCCL_NO_COLOR)
    return ALPA_NCCL_SUCCESS;
  alpa_nccl_comm comm = calloc(1, sizeof *comm);
  comm->parent = parent;
  comm->world_rank = parent->world_rank;
  comm->color = color;
  comm->split = split;
  comm->shared.file = -1;
  *out_comm = comm;
  return flush(comm);
}

alpa_nccl_result ncclCommGetAsyncError(alpa_nccl_comm comm, alpa_nccl_result *out_result) {
  *out_result = progress(comm);
  return ALPA_NCCL_SUCCESS;
}

alpa_nccl_result ncclCommAbort(alpa_nccl_comm comm) {
  while (comm->operations) {
    operation *o = comm->operations;
    comm->operations = o->next;
    free(o);
  }
  if (!comm->is_ready && comm->shared.head)
    shared_unlink(&comm->shared);
  shared_close(&comm->shared);
  free(comm);
  return ALPA_NCCL_SUCCESS;
}

const char *ncclGetErrorString(alpa_nccl_result result) {
  static const char *const texts[] = {"no error",
                                      "unhandled cuda error",
                                      "unhandled system error",
                                      "internal error",
                                      "invalid argument",
                                      "invalid usage",
                                      "remote process exited or there was a network error",
                                      "NCCL operation in progress"};
  return result < sizeof texts / sizeof *texts ? texts[result] : "unknown result code";
}

const char *ncclGetLastError(alpa_nccl_comm comm) { return comm ? comm->last_error : ""; }
