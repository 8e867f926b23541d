/* Runs the gangs of a launch on a few host threads; finds deadlocks. */
#include "machine.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  QUANTUM = 2000,
  PATIENCE = 256,
  CALL_STACK = 16384
}; /* instructions of a turn; rounds without any
event until it is a deadlock; bytes of local memory */

/* ---- gangs ---- */

/* What every block of the launch needs, once for each place in a gang. */
static void init_cta(emu_cta *cta, emu_gang *gang, uint32_t rank) {
  emu_launch *launch = gang->launch;
  const emu_function *function = launch->function;
  cta->launch = launch;
  cta->gang = gang;
  cta->rank = rank;
  cta->n_threads = launch->block[0] * launch->block[1] * launch->block[2];
  cta->n_warps = (cta->n_threads + EMU_LANES - 1) / EMU_LANES;
  cta->shared_bytes = function->shared_bytes + launch->dynamic_shared_bytes;
  cta->local_bytes = function->local_bytes + (function->n_callees ? CALL_STACK : 0);
  cta->local_bytes = (cta->local_bytes + 63) & ~63u;
  size_t padded = ((size_t)cta->shared_bytes + 127) & ~(size_t)63;
  if (posix_memalign((void **)&cta->shared, 1024, padded))
    abort();
  cta->shared_written = emu_alloc(padded / 8);
  cta->traces = launch->checks.races ? emu_alloc(padded / 4 * sizeof(emu_trace)) : NULL;
  cta->warps = emu_alloc(cta->n_warps * sizeof(emu_warp));
  for (uint32_t k = 0; k < cta->n_warps; k++)
    emu_warp_init(&cta->warps[k], cta, k);
}

static void begin_cta(emu_cta *cta, const uint32_t id[3]) {
  const emu_launch *launch = cta->launch;
  size_t padded = ((size_t)cta->shared_bytes + 127) & ~(size_t)63;
  memcpy(cta->id, id, sizeof cta->id);
  cta->linear = id[0] + launch->grid[0] * (id[1] + launch->grid[1] * id[2]);
  cta->time = 1;
  cta->n_mbarriers = cta->n_bulk_reads = 0;
  cta->cluster_arrived = cta->cluster_left = cta->cluster_phase = 0;
  memset(cta->cluster_seen, 0, sizeof cta->cluster_seen);
  memset(cta->atomic_seen, 0, sizeof cta->atomic_seen);
  memset(cta->barriers, 0, sizeof cta->barriers);
  memset(cta->shared, 0xff, padded);
  memset(cta->shared_written, 0, padded / 8);
  if (cta->traces)
    memset(cta->traces, 0, padded / 4 * sizeof(emu_trace));
  for (uint32_t k = 0; k < cta->n_warps; k++)
    emu_warp_begin(&cta->warps[k]);
}

static void deinit_cta(emu_cta *cta) {
  uint64_t instructions = 0;
  for (uint32_t k = 0; k < cta->n_warps; k++) {
    instructions += cta->warps[k].thread_instructions;
    emu_warp_deinit(&cta->warps[k]);
  }
  __atomic_fetch_add(&cta->launch->instructions, instructions, __ATOMIC_RELAXED);
  free(cta->warps);
  free(cta->shared);
  free(cta->shared_written);
  free(cta->traces);
  free(cta->mbarriers);
  free(cta->bulk_reads);
}

static uint32_t n_clusters(const emu_launch *launch) {
  uint32_t n = 1;
  for (int k = 0; k < 3; k++)
    n *= launch->grid[k] / launch->cluster[k];
  return n;
}

static uint32_t cluster_size(const emu_launch *launch) {
  return launch->cluster[0] * launch->cluster[1] * launch->cluster[2];
}

static void init_gang(emu_gang *gang, emu_launch *launch) {
  uint32_t size = cluster_size(launch);
  *gang = (emu_gang){.launch = launch, .n_ctas = size};
  gang->ctas = emu_alloc(gang->n_ctas * sizeof(emu_cta));
  for (uint32_t k = 0; k < gang->n_ctas; k++)
    init_cta(&gang->ctas[k], gang, k);
}

/* Begins the blocks of a cluster. */
static void begin_gang(emu_gang *gang, uint32_t cluster) {
  const emu_launch *launch = gang->launch;
  uint32_t n_x = launch->grid[0] / launch->cluster[0], n_y = launch->grid[1] / launch->cluster[1];
  for (uint32_t rank = 0; rank < gang->n_ctas; rank++) {
    uint32_t x = rank % launch->cluster[0], y = rank / launch->cluster[0] % launch->cluster[1];
    uint32_t z = rank / launch->cluster[0] / launch->cluster[1];
    const uint32_t id[] = {cluster % n_x * launch->cluster[0] + x, cluster / n_x % n_y * launch->cluster[1] + y,
                           cluster / n_x / n_y * launch->cluster[2] + z};
    begin_cta(&gang->ctas[rank], id);
  }
}

/* ---- turns ---- */

static void report_deadlock(emu_gang *gang) {
  for (uint32_t c = 0; c < gang->n_ctas; c++)
    for (uint32_t k = 0; k < gang->ctas[c].n_warps; k++) {
      emu_warp *warp = &gang->ctas[c].warps[k];
      if (!warp->n_paths)
        continue;
      emu_path *path = &warp->paths[0];
      const emu_function *function = path->frame->function;
      uint32_t at = path->at ? path->at - 1 : 0;
      warp->instr = &function->code[at < function->n_code ? at : function->n_code - 1];
      emu_report(warp, __builtin_ctz(path->mask), EMU_FOUND_DEADLOCK, "all threads wait, this one %s",
                 path->wait == EMU_WAITS_BARRIER ? "at a barrier that never completes"
                 : path->wait == EMU_WAITS_WARP  ? "for threads of its warp"
                                                 : "for an mbarrier that never completes");
      return;
    }
}

/* One turn for every warp; the best of their outcomes. */
static emu_outcome run_round(emu_gang *gang) {
  emu_outcome best = EMU_ENDED;
  for (uint32_t c = 0; c < gang->n_ctas && !gang->launch->failed; c++) {
    emu_cta *cta = &gang->ctas[c];
    for (uint32_t k = 0; k < cta->n_warps && !gang->launch->failed; k++) {
      if (!cta->warps[k].n_paths)
        continue;
      emu_outcome outcome = emu_warp_run(&cta->warps[k], QUANTUM);
      if (outcome == EMU_ENDED)
        outcome = EMU_RAN;
      best = outcome > best ? outcome : best;
    }
    emu_barriers_poll(cta);
  }
  return best;
}

static void run_gang(emu_gang *gang) {
  emu_launch *launch = gang->launch;
  uint32_t idle = 0;
  uint64_t version = gang->version;
  for (uint32_t round = 1; !launch->failed; round++) {
    emu_outcome outcome = run_round(gang);
    if (outcome == EMU_ENDED)
      return;
    idle = outcome == EMU_RAN || gang->version != version ? 0 : idle + 1;
    version = gang->version;
    if (idle > (outcome == EMU_BLOCKED ? 1 : PATIENCE))
      report_deadlock(gang);
    if (round % 64 == 0 && emu_now_ns() > launch->deadline_ns)
      emu_report(&gang->ctas[0].warps[0], EMU_ALL, EMU_FOUND_TIMEOUT, "after %.0f s", launch->timeout_s);
  }
}

static uint64_t thread_cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *run_gangs(void *argument) {
  emu_launch *launch = argument;
  uint64_t begin_ns = thread_cpu_ns();
  emu_gang gang = {0};
  uint32_t n = n_clusters(launch);
  for (uint32_t k; !launch->failed && (k = atomic_fetch_add(&launch->next_gang, 1)) < n;) {
    if (!gang.ctas)
      init_gang(&gang, launch);
    begin_gang(&gang, k);
    run_gang(&gang);
  }
  for (uint32_t c = 0; c < gang.n_ctas; c++)
    deinit_cta(&gang.ctas[c]);
  free(gang.ctas);
  __atomic_fetch_add(&launch->cpu_ns, thread_cpu_ns() - begin_ns, __ATOMIC_RELAXED);
  return NULL;
}

/* ---- where shared variables are ---- */

static void place_shared(emu_function *kernel, const emu_function *function, bool *placed, uint32_t depth) {
  for (uint32_t k = 0; k < function->n_shared; k++) {
    const emu_symbol *symbol = function->shared[k];
    if (symbol->external || placed[symbol->index])
      continue;
    uint32_t align = (uint32_t)symbol->align;
    kernel->shared_address[symbol->index] = (kernel->shared_bytes + align - 1) / align * align;
    kernel->shared_bytes = kernel->shared_address[symbol->index] + (uint32_t)symbol->bytes;
    placed[symbol->index] = true;
  }
  for (uint32_t k = 0; depth < 64 && k < function->n_callees; k++)
    place_shared(kernel, function->callees[k], placed, depth + 1);
}

static uint32_t dynamic_align(const emu_function *function, uint32_t depth) {
  uint32_t align = 16;
  for (uint32_t k = 0; k < function->n_shared; k++)
    if (function->shared[k]->external && function->shared[k]->align > align)
      align = (uint32_t)function->shared[k]->align;
  for (uint32_t k = 0; depth < 64 && k < function->n_callees; k++) {
    uint32_t other = dynamic_align(function->callees[k], depth + 1);
    align = other > align ? other : align;
  }
  return align;
}

static void place_dynamic(emu_function *kernel, const emu_function *function, uint32_t depth) {
  for (uint32_t k = 0; k < function->n_shared; k++)
    if (function->shared[k]->external)
      kernel->shared_address[function->shared[k]->index] = kernel->shared_bytes;
  for (uint32_t k = 0; depth < 64 && k < function->n_callees; k++)
    place_dynamic(kernel, function->callees[k], depth + 1);
}

void emu_function_place_shared(emu_function *kernel, uint32_t n_shared) {
  bool *placed = emu_alloc(n_shared + 1);
  kernel->shared_address = emu_alloc((n_shared + 1) * sizeof(uint32_t));
  place_shared(kernel, kernel, placed, 0);
  uint32_t align = dynamic_align(kernel, 0);
  kernel->shared_bytes = (kernel->shared_bytes + align - 1) / align * align;
  place_dynamic(kernel, kernel, 0);
  free(placed);
}

void emu_launch_run(emu_launch *launch) {
  pthread_t workers[8];
  uint32_t n = n_clusters(launch), n_workers = launch->n_workers < 8 ? launch->n_workers : 8;
  launch->deadline_ns = emu_now_ns() + (uint64_t)(launch->timeout_s * 1e9);
  n_workers = n < 4 || !n_workers ? 1 : n_workers;
  uint32_t started = 0;
  while (started + 1 < n_workers && !pthread_create(&workers[started], NULL, run_gangs, launch))
    started++;
  run_gangs(launch);
  for (uint32_t k = 0; k < started; k++)
    pthread_join(workers[k], NULL);
}
