/* The host backend: memory from the system, kernels from relocatable objects, the engine of this directory. */
#include <sys/mman.h>

#include <string.h>

#include "runtime/pieces.h"
#include "runtime/hal/host/engine.h"
#include "runtime/hal/host/object.h"
#include "runtime/hal/host/processor.h"

enum { PAGE = 4096, HUGE_PAGE = 2 << 20, SMALL_BYTES = 64 << 10, ALIGNMENT = 64 };

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static int64_t round_up(int64_t bytes, int64_t unit) { return (bytes + unit - 1) / unit * unit; }

/* Bytes that a mapping for this request has. */
static int64_t mapped_bytes(int64_t bytes) { return round_up(bytes, bytes >= HUGE_PAGE ? HUGE_PAGE : PAGE); }

static char *map(int64_t bytes) {
  int64_t size = mapped_bytes(bytes), slack = bytes >= HUGE_PAGE ? HUGE_PAGE : 0;
  char *at = mmap(NULL, (size_t)(size + slack), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED)
    return NULL;
  if (!slack)
    return at;
  char *aligned = (char *)(((uintptr_t)at + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
  if (aligned > at)
    munmap(at, (size_t)(aligned - at));
  if (aligned < at + slack)
    munmap(aligned + size, (size_t)(at + slack - aligned));
  madvise(aligned, (size_t)size, MADV_HUGEPAGE);
  return aligned;
}

/* Small buffers come from the mesh's allocator, with the block's address in front of them. */
static char *alloc_small(alpa_device_mesh *mesh, int64_t bytes) {
  char *block = mesh->realloc(mesh->user, NULL, (size_t)bytes + ALIGNMENT + sizeof(char *));
  if (!block)
    return NULL;
  char *at = (char *)(((uintptr_t)block + sizeof block + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
  memcpy(at - sizeof block, &block, sizeof block);
  return at;
}

static char *host_alloc(alpa_device_mesh *mesh, uint32_t device, int64_t bytes) {
  (void)device;
  if (bytes < 0 || bytes > PTRDIFF_MAX / 2)
    return NULL;
  return bytes < SMALL_BYTES ? alloc_small(mesh, bytes) : map(bytes);
}

static void host_free(alpa_device_mesh *mesh, uint32_t device, char *at, int64_t bytes) {
  (void)device;
  if (!at)
    return;
  if (bytes >= SMALL_BYTES) {
    munmap(at, (size_t)mapped_bytes(bytes));
    return;
  }
  char *block;
  memcpy(&block, at - sizeof block, sizeof block);
  mesh->realloc(mesh->user, block, 0);
}

static void host_fill(alpa_device_mesh *mesh, uint32_t device, char *at, int byte, int64_t bytes) {
  (void)mesh;
  (void)device;
  memset(at, byte, (size_t)bytes);
}

static bool host_copy(alpa_device_mesh *mesh, const alpa_strided_copy *copy) {
  (void)mesh;
  alpa_strided_copy_run(copy);
  return true;
}

/* Constants are written once and protected. */
static bool host_share(alpa_device_mesh *mesh, const void *data, int64_t bytes, char **out_at) {
  char *at = map(bytes);
  if (!at)
    return false;
  memcpy(at, data, (size_t)bytes);
  mprotect(at, (size_t)mapped_bytes(bytes), PROT_READ);
  for (uint32_t d = 0; d < mesh->n_devices; d++)
    out_at[d] = at;
  return true;
}

static void host_unshare(alpa_device_mesh *mesh, char *const *at, int64_t bytes) {
  if (!mesh->is_stuck)
    munmap(at[0], (size_t)mapped_bytes(bytes));
}

/* ---- code ------------------------------------------------------------------------------------------------------- */

/* Tasks are handed out in up to so many parts per worker; a kernel is worth waking workers from some 20 us on. */
enum { GRAINS_PER_WORKER = 16, LARGE_FLOPS = 500000, LARGE_BYTES = 512 << 10 };

static uint64_t resolve_option(void *user, const char *name) {
  const alpa_load_options *options = user;
  for (size_t i = 0; i < options->n_symbols; i++)
    if (strcmp(options->symbols[i].name, name) == 0)
      return (uint64_t)(uintptr_t)options->symbols[i].address;
  return 0;
}

static alpa_host_kernel_fn *find_kernel(const alpa_host_code *code, const alpa_load_options *options,
                                        const char *symbol) {
  uint64_t address = resolve_option((void *)(uintptr_t)options, symbol);
  for (uint32_t i = 0; i < code->n_objects && !address; i++)
    address = (uint64_t)(uintptr_t)alpa_host_object_find(code->objects[i], symbol);
  return (alpa_host_kernel_fn *)(uintptr_t)address;
}

static void plan_tasks(alpa_host_kernel *kernel, const alpa_image_kernel *from, uint32_t n_workers) {
  int64_t most = (int64_t)n_workers * GRAINS_PER_WORKER, n = from->n_tasks < most ? from->n_tasks : most;
  kernel->n_tasks = from->n_tasks;
  kernel->grain = n ? (from->n_tasks + n - 1) / n : 1;
  kernel->n_grains = (uint32_t)((from->n_tasks + kernel->grain - 1) / kernel->grain);
  if (n_workers == 1)
    kernel->n_grains = 1;
  bool is_unknown = from->flops == 0 && from->bytes == 0;
  kernel->is_large = is_unknown || from->flops > (double)LARGE_FLOPS || from->bytes > LARGE_BYTES;
}

static alpa_status load_kernels(alpa_executable *e, alpa_diag *diag, const alpa_image *image,
                                const alpa_load_options *options) {
  alpa_host_code *code = e->code;
  code->objects = alpa_arena_new(&e->arena, alpa_host_object *, image->n_code);
  for (; code->n_objects < image->n_code; code->n_objects++) {
    alpa_host_object_source source = {e->name, image->code[code->n_objects], resolve_option,
                                      (void *)(uintptr_t)options};
    ALPA_TRY(alpa_host_object_load(&e->arena, diag, &source, &code->objects[code->n_objects]));
  }
  code->kernels = alpa_arena_new(&e->arena, alpa_host_kernel, image->n_kernels);
  for (uint32_t k = 0; k < image->n_kernels; k++) {
    const char *symbol = image->kernels[k].symbol;
    code->kernels[k].call = find_kernel(code, options, symbol);
    if (!code->kernels[k].call)
      return alpa_error(diag, (alpa_place){.file = e->name}, ALPA_NOT_FOUND,
                        "kernel '%s' is in none of the image's %u code objects", symbol, image->n_code);
    plan_tasks(&code->kernels[k], &image->kernels[k], e->mesh->n_workers);
  }
  return ALPA_OK;
}

static const alpa_channel_vtable *find_channel(const alpa_device_mesh *mesh, bool is_transfer) {
  if (!mesh->processes)
    return is_transfer ? &alpa_channel_host_transfer : &alpa_channel_host;
  return is_transfer ? mesh->processes->vtable->transfers : mesh->processes->vtable->collectives;
}

/* Collectives, and behind them transfers. */
static alpa_status load_channels(alpa_executable *e, alpa_diag *diag, const alpa_image *image) {
  alpa_host_code *code = e->code;
  uint32_t n_copies = 0, n = image->n_collectives;
  for (uint32_t i = 0; i < image->n_transfers; i++)
    n_copies += image->transfers[i].n_copies;
  ALPA_TRY(alpa_copy_queue_init(&code->queue, &e->arena, diag, n_copies));
  code->transfers = alpa_arena_new(&e->arena, alpa_channel *, n + image->n_transfers);
  code->channels = code->transfers;
  code->transfers += n;
  for (; code->n_channels < n + image->n_transfers; code->n_channels++) {
    alpa_channel_source source = {.n_devices = e->mesh->n_devices,
                                  .n_workers = e->mesh->n_workers,
                                  .queue = &code->queue,
                                  .processes = e->mesh->processes};
    bool is_transfer = code->n_channels >= n;
    if (is_transfer)
      source.transfer = &image->transfers[code->n_channels - n];
    else
      source.collective = &image->collectives[code->n_channels];
    ALPA_TRY(find_channel(e->mesh, is_transfer)->create(&e->arena, diag, &source, &code->channels[code->n_channels]));
  }
  return ALPA_OK;
}

static alpa_status host_load(alpa_executable *e, alpa_diag *diag, const alpa_image *image,
                             const alpa_load_options *options) {
  ALPA_TRY(alpa_host_check_target(diag, e->name, image->target));
  alpa_host_code *code = alpa_arena_new(&e->arena, alpa_host_code, 1);
  e->code = code;
  ALPA_TRY(load_kernels(e, diag, image, options));
  ALPA_TRY(load_channels(e, diag, image));
  code->counters = alpa_arena_new(&e->arena, int64_t *, e->mesh->n_devices);
  for (uint32_t d = 0; d < e->mesh->n_devices; d++)
    code->counters[d] = alpa_arena_alloc_aligned(&e->arena, (e->program.n_counters + 1) * sizeof(int64_t), 64);
  return ALPA_OK;
}

/* Flight records must not name operations that are gone. */
static void forget_flights(alpa_host_engine *engine, const alpa_executable *e) {
  for (uint32_t d = 0; engine && d < engine->n_devices; d++)
    for (size_t i = 0; i < ALPA_FLIGHT_ENTRIES; i++)
      if (engine->devices[d].flights[i].executable == e) {
        engine->devices[d].n_flights = 0;
        break;
      }
}

static void host_unload(alpa_executable *e) {
  alpa_host_code *code = e->code;
  if (!code || e->mesh->is_stuck)
    return;
  forget_flights(e->mesh->engine, e);
  for (uint32_t i = 0; i < code->n_channels; i++)
    code->channels[i]->vtable->destroy(code->channels[i]);
  alpa_copy_queue_deinit(&code->queue);
  for (uint32_t i = 0; i < code->n_objects; i++)
    alpa_host_object_destroy(code->objects[i]);
}

/* ---- the engine ------------------------------------------------------------------------------------------------- */

static alpa_status host_open(alpa_device_mesh *mesh, alpa_diag *diag) {
  alpa_host_engine *engine;
  ALPA_TRY(alpa_host_engine_create(mesh, diag, &engine));
  mesh->engine = engine;
  return ALPA_OK;
}

static void host_close(alpa_device_mesh *mesh) { alpa_host_engine_destroy(mesh->engine); }

static alpa_status host_run(alpa_executable *e, alpa_diag *diag, const alpa_run_options *options) {
  return alpa_host_engine_run(e->mesh->engine, e, diag, options);
}

static size_t host_flight_record(const alpa_device_mesh *mesh, uint32_t device, alpa_flight_entry *out_entries) {
  const alpa_host_engine *engine = mesh->engine;
  const alpa_host_device *d = &engine->devices[device];
  uint64_t all = alpa_host_n_flights(d), n = all < ALPA_FLIGHT_ENTRIES ? all : ALPA_FLIGHT_ENTRIES;
  for (uint64_t i = 0; i < n; i++) {
    const alpa_host_flight *flight = &d->flights[(all - n + i) % ALPA_FLIGHT_ENTRIES];
    out_entries[i] = (alpa_flight_entry){.step = flight->step,
                                         .executed = flight->executed,
                                         .instruction = flight->operation->instruction,
                                         .name = flight->operation->name,
                                         .where = flight->operation->where,
                                         .start_ns = flight->start_ns,
                                         .done = flight->is_done};
  }
  return n;
}

const alpa_backend alpa_backend_host = {.name = "host",
                                        .targets = "host",
                                        .summary = "devices on the cores of this machine",
                                        .open = host_open,
                                        .close = host_close,
                                        .alloc = host_alloc,
                                        .free = host_free,
                                        .fill = host_fill,
                                        .copy = host_copy,
                                        .share = host_share,
                                        .unshare = host_unshare,
                                        .load = host_load,
                                        .unload = host_unload,
                                        .run = host_run,
                                        .flight_record = host_flight_record};
