/* Communicators: made by one thread for all devices of the process, in one group of calls, and awaited.  Processes of a
 * job make the same ones in the same order. */
#include <string.h>
#include <time.h>

#include "runtime/channel/nccl/state.h"
#include "support/library.h"

/* Lanes run beside kernels, and several of them at once may wait for peers: they must not take all of a GPU. */
enum { MOST_LANE_BLOCKS = 8 };

enum { LEAST_VERSION = 21800, MAGIC = (int)0xcafebeef, UNDEFINED = INT32_MIN, NAP_NS = 100 * 1000 };

static const alpa_library_symbol symbols[] = {
#define X(name, parameters) {#name, offsetof(alpa_nccl_api, name)},
#include "runtime/channel/nccl/nccl.def"
#undef X
    {"ncclGetErrorString", offsetof(alpa_nccl_api, ncclGetErrorString)},
    {"ncclGetLastError", offsetof(alpa_nccl_api, ncclGetLastError)},
};

static const alpa_library library = {.file = "libnccl.so.2",
                                     .missing = "install NCCL (libnccl2), or plan for one GPU",
                                     .old = "install NCCL 2.18 or newer",
                                     .symbols = symbols,
                                     .n_symbols = countof(symbols)};

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static alpa_nccl_config config_of(void) {
  return (alpa_nccl_config){.size = sizeof(alpa_nccl_config),
                            .magic = (unsigned)MAGIC,
                            .version = LEAST_VERSION,
                            .blocking = 0,
                            .cluster_size = UNDEFINED,
                            .least_blocks = UNDEFINED,
                            .most_blocks = UNDEFINED,
                            .split_share = UNDEFINED};
}

static alpa_status report(const alpa_nccl *nccl, alpa_diag *diag, alpa_nccl_result result) {
  const char *last = nccl->api.ncclGetLastError(NULL);
  return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE,
                    "NCCL cannot connect %u GPUs: %s%s%s; NCCL_DEBUG=INFO tells more", nccl->n_devices,
                    nccl->api.ncclGetErrorString(result), last && last[0] ? ": " : "", last ? last : "");
}

/* Whether all communicators are ready: SUCCESS, IN_PROGRESS or the first failure. */
static alpa_nccl_result poll_all(const alpa_nccl *nccl, const alpa_nccl_split *split) {
  alpa_nccl_result worst = ALPA_NCCL_SUCCESS;
  for (uint32_t d = 0; d < nccl->n_devices; d++) {
    alpa_nccl_result result = ALPA_NCCL_SUCCESS, called = ALPA_NCCL_SUCCESS;
    if (split->comms[d])
      called = nccl->api.ncclCommGetAsyncError(split->comms[d], &result);
    result = called != ALPA_NCCL_SUCCESS ? called : result;
    if (result != ALPA_NCCL_SUCCESS && result != ALPA_NCCL_IN_PROGRESS)
      return result;
    worst = result == ALPA_NCCL_IN_PROGRESS ? result : worst;
  }
  return worst;
}

static alpa_status await_all(const alpa_nccl *nccl, alpa_diag *diag, const alpa_nccl_split *split) {
  int64_t start = now_ns();
  alpa_nccl_result result;
  while ((result = poll_all(nccl, split)) == ALPA_NCCL_IN_PROGRESS) {
    uint32_t lost = alpa_processes_find_lost(nccl->mesh->processes);
    if (lost != ALPA_NO_INDEX)
      return alpa_error(diag, (alpa_place){0}, ALPA_ABORTED,
                        "process %u has left the job while NCCL connected %u GPUs; it says why", lost, nccl->n_devices);
    if (now_ns() - start > nccl->deadline_ns)
      return alpa_error(diag, (alpa_place){0}, ALPA_DEADLINE_EXCEEDED,
                        "NCCL has not connected %u GPUs within %g s; NCCL_DEBUG=INFO tells more", nccl->n_devices,
                        1e-9 * (double)nccl->deadline_ns);
    nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
  }
  return result == ALPA_NCCL_SUCCESS ? ALPA_OK : report(nccl, diag, result);
}

static bool is_failure(alpa_nccl_result result) {
  return result != ALPA_NCCL_SUCCESS && result != ALPA_NCCL_IN_PROGRESS;
}

/* The communicator of all devices, from a new id, which is that of process 0. */
static alpa_nccl_result init_world(alpa_nccl *nccl, alpa_nccl_split *split) {
  alpa_nccl_config config = config_of();
  alpa_nccl_id id;
  alpa_nccl_result result = nccl->api.ncclGetUniqueId(&id);
  alpa_processes *processes = nccl->mesh->processes;
  if (processes && !processes->vtable->broadcast(processes, &id, sizeof id, 0))
    return ALPA_NCCL_REMOTE_ERROR;
  for (uint32_t d = 0; d < nccl->n_devices && !is_failure(result); d++) {
    if (!alpa_device_mesh_is_local(nccl->mesh, d))
      continue;
    nccl->driver.cuCtxSetCurrent(nccl->contexts[d]);
    result = nccl->api.ncclCommInitRankConfig(&split->comms[d], (int)nccl->n_devices, id, (int)d, &config);
  }
  return result;
}

/* The others are split from it: every device takes part, those in no group without a color. */
static alpa_nccl_result split_world(alpa_nccl *nccl, const alpa_nccl_split *world, alpa_nccl_split *split,
                                    const uint32_t *colors) {
  alpa_nccl_config config = config_of();
  alpa_nccl_result result = ALPA_NCCL_SUCCESS;
  if (split->number) {
    config.least_blocks = 1;
    config.most_blocks = MOST_LANE_BLOCKS;
  }
  for (uint32_t d = 0; d < nccl->n_devices && !is_failure(result); d++) {
    if (!alpa_device_mesh_is_local(nccl->mesh, d))
      continue;
    int color = colors[d] == ALPA_NO_INDEX ? ALPA_NCCL_NO_COLOR : (int)colors[d];
    nccl->driver.cuCtxSetCurrent(nccl->contexts[d]);
    result = nccl->api.ncclCommSplit(world->comms[d], color, (int)split->ranks[d], &split->comms[d], &config);
  }
  return result;
}

static const alpa_nccl_split *find_world(const alpa_nccl *nccl) {
  const alpa_nccl_split *split = nccl->splits;
  while (split->next)
    split = split->next;
  return split;
}

alpa_status alpa_nccl_connect(alpa_nccl *nccl, alpa_diag *diag, alpa_nccl_split *split) {
  uint32_t colors[ALPA_MAX_DEVICES];
  memset(colors, 0xFF, nccl->n_devices * sizeof *colors);
  for (uint32_t i = 0; split->groups && i < split->n_groups * split->group_size; i++)
    colors[split->groups[i]] = i / split->group_size;
  alpa_nccl_result result = nccl->api.ncclGroupStart();
  if (!is_failure(result))
    result = split->groups ? split_world(nccl, find_world(nccl), split, colors) : init_world(nccl, split);
  alpa_nccl_result ended = nccl->api.ncclGroupEnd();
  result = is_failure(result) ? result : ended;
  return is_failure(result) ? report(nccl, diag, result) : await_all(nccl, diag, split);
}

/* ---- splits ----------------------------------------------------------------------------------------------------- */

/* One block: the split, its communicators, its ranks, its groups. */
static alpa_nccl_split *new_split(alpa_nccl *nccl, const alpa_nccl_split *wanted) {
  size_t n = nccl->n_devices, n_members = wanted->groups ? (size_t)wanted->n_groups * wanted->group_size : 0;
  alpa_nccl_split *split = alpa_device_mesh_alloc(nccl->mesh, sizeof *split + n * sizeof(alpa_nccl_comm) +
                                                                  (n + n_members) * sizeof(uint32_t));
  if (!split)
    return NULL;
  split->n_groups = wanted->n_groups;
  split->group_size = wanted->group_size;
  split->number = wanted->number;
  split->comms = (alpa_nccl_comm *)(void *)(split + 1);
  split->ranks = (uint32_t *)(void *)(split->comms + n);
  for (uint32_t d = 0; d < n; d++)
    split->ranks[d] = d;
  if (!wanted->groups)
    return split;
  split->groups = split->ranks + n;
  memcpy(split->groups, wanted->groups, n_members * sizeof *split->groups);
  for (uint32_t i = 0; i < n_members; i++)
    split->ranks[split->groups[i]] = i % split->group_size;
  return split;
}

static bool is_split_for(const alpa_nccl_split *split, const alpa_nccl_split *wanted) {
  size_t n = (size_t)wanted->n_groups * wanted->group_size;
  return split->groups && split->n_groups == wanted->n_groups && split->group_size == wanted->group_size &&
         split->number == wanted->number && memcmp(split->groups, wanted->groups, n * sizeof *split->groups) == 0;
}

static bool is_whole_world(const alpa_nccl *nccl, const alpa_image_collective *c) {
  if (c->kind == ALPA_COLLECTIVE_PERMUTE)
    return true;
  for (uint32_t i = 0; i < c->group_size; i++)
    if (c->n_groups != 1 || c->group_size != nccl->n_devices || c->groups[i] != i)
      return false;
  return true;
}

static alpa_status find_or_make(alpa_nccl *nccl, alpa_diag *diag, const alpa_nccl_split *wanted,
                                const alpa_nccl_split **out_split) {
  for (alpa_nccl_split *split = nccl->splits; split; split = split->next)
    if (is_split_for(split, wanted)) {
      *out_split = split;
      return ALPA_OK;
    }
  alpa_nccl_split *split = new_split(nccl, wanted);
  if (!split)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for communicators");
  alpa_status status = alpa_nccl_connect(nccl, diag, split);
  split->next = nccl->splits;
  nccl->splits = split;
  *out_split = split;
  if (status != ALPA_OK)
    atomic_store(&nccl->is_broken, true);
  return status;
}

alpa_status alpa_nccl_find_split(alpa_nccl *nccl, alpa_diag *diag, const alpa_image_collective *collective,
                                 const alpa_nccl_split **out_split) {
  if (is_whole_world(nccl, collective)) {
    *out_split = find_world(nccl);
    return ALPA_OK;
  }
  alpa_nccl_split wanted = {.n_groups = collective->n_groups,
                            .group_size = collective->group_size,
                            .groups = (uint32_t *)(uintptr_t)collective->groups};
  return find_or_make(nccl, diag, &wanted, out_split);
}

alpa_status alpa_nccl_join(alpa_nccl *nccl, alpa_diag *diag, const alpa_lane *lane, const alpa_nccl_split **out_split) {
  alpa_nccl_split wanted = {.n_groups = 1,
                            .group_size = lane->n_devices,
                            .number = lane->number + 1,
                            .groups = (uint32_t *)(uintptr_t)lane->devices};
  return find_or_make(nccl, diag, &wanted, out_split);
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

static alpa_status open_library(alpa_nccl *nccl, alpa_diag *diag) {
  int version = 0;
  ALPA_TRY(alpa_library_load(&library, diag, &nccl->api));
  if (nccl->api.ncclGetVersion(&version) != ALPA_NCCL_SUCCESS || version < LEAST_VERSION)
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "%s is of version %d, older than %d; %s", library.file,
                      version, LEAST_VERSION, library.old);
  nccl->splits = new_split(nccl, &(alpa_nccl_split){.n_groups = 1, .group_size = nccl->n_devices});
  if (!nccl->splits)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for communicators");
  return alpa_nccl_connect(nccl, diag, nccl->splits);
}

alpa_status alpa_nccl_create(const alpa_nccl_source *source, alpa_diag *diag, alpa_nccl **out_nccl) {
  uint32_t n = source->mesh->n_devices;
  alpa_nccl *nccl = alpa_device_mesh_alloc(source->mesh, sizeof *nccl + n * sizeof(alpa_cuda_context));
  if (!nccl)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for communicators");
  nccl->mesh = source->mesh;
  nccl->driver = *source->driver;
  nccl->n_devices = n;
  nccl->deadline_ns = source->deadline_ns;
  nccl->contexts = (alpa_cuda_context *)(void *)(nccl + 1);
  memcpy(nccl->contexts, source->contexts, n * sizeof *nccl->contexts);
  alpa_status status = open_library(nccl, diag);
  if (status != ALPA_OK) {
    atomic_store(&nccl->is_broken, true);
    alpa_nccl_destroy(nccl);
    return status;
  }
  *out_nccl = nccl;
  return ALPA_OK;
}

void alpa_nccl_abort(alpa_nccl *nccl, uint32_t device) {
  atomic_store(&nccl->is_broken, true);
  for (alpa_nccl_split *split = nccl->splits; split; split = split->next) {
    if (split->comms[device])
      nccl->api.ncclCommAbort(split->comms[device]);
    split->comms[device] = NULL;
  }
}

/* Destroying communicators one after the other would make each wait for its peers; nothing is under way, so aborting
 * loses nothing. */
static void disconnect(alpa_nccl *nccl) {
  for (uint32_t d = 0; d < nccl->n_devices; d++)
    alpa_nccl_abort(nccl, d);
}

void alpa_nccl_destroy(alpa_nccl *nccl) {
  if (!nccl)
    return;
  disconnect(nccl);
  while (nccl->splits) {
    alpa_nccl_split *split = nccl->splits;
    nccl->splits = split->next;
    alpa_device_mesh_free(nccl->mesh, split);
  }
  alpa_device_mesh_free(nccl->mesh, nccl);
}

/* From the split of all devices upwards. */
static alpa_status reconnect(alpa_nccl *nccl, alpa_diag *diag, alpa_nccl_split *split) {
  if (!split)
    return ALPA_OK;
  ALPA_TRY(reconnect(nccl, diag, split->next));
  return alpa_nccl_connect(nccl, diag, split);
}

alpa_status alpa_nccl_restore(alpa_nccl *nccl, alpa_diag *diag) {
  if (!atomic_load(&nccl->is_broken))
    return ALPA_OK;
  disconnect(nccl);
  ALPA_TRY(reconnect(nccl, diag, nccl->splits));
  atomic_store(&nccl->is_broken, false);
  return ALPA_OK;
}
