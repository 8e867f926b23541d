/* Meshes: creation, bookkeeping memory, the pool of buffers, arenas of temporaries. */
#include "runtime/mesh.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/mesh_state.h"

static const alpa_backend *const backends[] = {&alpa_backend_host, &alpa_backend_cuda};

static void *libc_realloc(void *user, void *pointer, size_t size) {
  (void)user;
  if (size == 0) {
    free(pointer);
    return NULL;
  }
  return realloc(pointer, size);
}

void *alpa_device_mesh_alloc(alpa_device_mesh *mesh, size_t size) {
  void *pointer = mesh->realloc(mesh->user, NULL, size ? size : 1);
  return pointer ? memset(pointer, 0, size) : NULL;
}

void alpa_device_mesh_free(alpa_device_mesh *mesh, void *pointer) {
  if (pointer)
    mesh->realloc(mesh->user, pointer, 0);
}

static const alpa_backend *find_backend(const char *name) {
  for (size_t i = 0; i < countof(backends); i++)
    if (!name || strcmp(backends[i]->name, name) == 0)
      return backends[i];
  return NULL;
}

/* Processes have equal blocks of the devices; on the host, where MPI knows processes, one each. */
static alpa_status check_processes(const alpa_device_mesh_options *options, alpa_diag *diag) {
  const alpa_processes *processes = options->processes;
  bool is_host = find_backend(options->backend) == &alpa_backend_host;
  if (is_host && !processes->vtable->collectives)
    return alpa_error(diag, (alpa_place){0}, ALPA_UNSUPPORTED,
                      "processes that meet by '%s' run on GPUs; on backend 'host' they meet by 'mpi'",
                      processes->vtable->name);
  if (is_host ? processes->n != options->n_devices : options->n_devices % processes->n != 0)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "there are %u processes for %u devices; start as many processes as devices%s", processes->n,
                      options->n_devices, is_host ? "" : ", or so many that each has equally many");
  return ALPA_OK;
}

static alpa_status check_options(const alpa_device_mesh_options *options, alpa_diag *diag) {
  if (!find_backend(options->backend))
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE, "no backend '%s'; this build has 'host' and 'cuda'",
                      options->backend);
  if (options->n_devices < 1 || options->n_devices > ALPA_MAX_DEVICES)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "a mesh expects 1 to %d devices, got %u",
                      ALPA_MAX_DEVICES, options->n_devices);
  if (options->processes)
    ALPA_TRY(check_processes(options, diag));
  if (!(options->deadline_s >= 0))
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "the deadline of a mesh expects seconds, got %g",
                      options->deadline_s);
  return ALPA_OK;
}

char *alpa_device_mesh_write_numbers(alpa_device_mesh *mesh, uint32_t device, const uint32_t *numbers, uint32_t n) {
  char *block = mesh->backend->alloc(mesh, device, 64 * (int64_t)n);
  for (uint32_t i = 0; block && i < n; i++)
    mesh->backend->copy(mesh, &(alpa_strided_copy){.element_bytes = 4,
                                                   .to = block + 64 * (size_t)i,
                                                   .to_device = device,
                                                   .from = (const char *)&numbers[i],
                                                   .from_device = ALPA_NO_INDEX});
  return block;
}

/* Every device can read its number. */
static bool write_device_numbers(alpa_device_mesh *mesh) {
  mesh->device_numbers = alpa_device_mesh_alloc(mesh, mesh->n_devices * sizeof(char *));
  for (uint32_t d = 0; mesh->device_numbers && d < mesh->n_devices; d++)
    if (alpa_device_mesh_is_local(mesh, d) &&
        !(mesh->device_numbers[d] = alpa_device_mesh_write_numbers(mesh, d, &d, 1)))
      return false;
  return mesh->device_numbers != NULL;
}

static alpa_device_range find_local(const alpa_device_mesh_options *options) {
  uint32_t n = options->processes ? options->n_devices / options->processes->n : options->n_devices;
  return (alpa_device_range){options->processes ? options->processes->rank * n : 0, n};
}

alpa_status alpa_device_mesh_create(const alpa_device_mesh_options *options, alpa_diag *diag,
                                    alpa_device_mesh **out_mesh) {
  ALPA_TRY(check_options(options, diag));
  alpa_realloc_fn *allocate = options->realloc ? options->realloc : libc_realloc;
  alpa_device_mesh *mesh = allocate(options->user, NULL, sizeof *mesh);
  if (!mesh)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for a mesh");
  *mesh = (alpa_device_mesh){.backend = find_backend(options->backend),
                             .n_devices = options->n_devices,
                             .processes = options->processes,
                             .local = find_local(options),
                             .n_workers = options->n_workers,
                             .deadline_s = options->deadline_s > 0 ? options->deadline_s : 60,
                             .poison = options->poison,
                             .no_graphs = options->no_graphs,
                             .is_watched = options->is_watched,
                             .realloc = allocate,
                             .user = options->user,
                             .refs = 1};
  mesh->target = mesh->backend->name;
  alpa_status status = ALPA_OUT_OF_MEMORY;
  mesh->statuses = alpa_device_mesh_alloc(mesh, mesh->n_devices * sizeof *mesh->statuses);
  if (!mesh->statuses)
    alpa_error(diag, (alpa_place){0}, status, "no memory for a mesh of %u devices", mesh->n_devices);
  else
    status = mesh->backend->open(mesh, diag);
  if (status == ALPA_OK && !write_device_numbers(mesh))
    status = alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory on one of %u devices", mesh->n_devices);
  if (status == ALPA_OK)
    *out_mesh = mesh;
  else
    alpa_device_mesh_destroy(mesh);
  return status;
}

static void free_device_numbers(alpa_device_mesh *mesh) {
  for (uint32_t d = 0; mesh->device_numbers && d < mesh->n_devices && !mesh->is_stuck; d++) {
    mesh->backend->free(mesh, d, mesh->device_numbers[d], 64);
    mesh->device_numbers[d] = NULL;
  }
}

void alpa_device_mesh_destroy(alpa_device_mesh *mesh) {
  if (!mesh)
    return;
  alpa_device_mesh_collect_last(mesh);
  if (mesh->engine && !mesh->is_stuck) { /* while the devices can still take their memory back */
    alpa_device_mesh_trim_before(mesh, UINT64_MAX);
    free_device_numbers(mesh);
  }
  if (mesh->engine)
    mesh->backend->close(mesh);
  mesh->engine = NULL;
  mesh->is_closed = true;
  alpa_device_mesh_release(mesh);
}

alpa_device_mesh *alpa_device_mesh_retain(alpa_device_mesh *mesh) {
  mesh->refs++;
  return mesh;
}

void alpa_device_mesh_release(alpa_device_mesh *mesh) {
  if (--mesh->refs)
    return;
  alpa_device_mesh_trim_before(mesh, UINT64_MAX);
  while (mesh->shells) {
    alpa_array *shell = mesh->shells;
    mesh->shells = shell->next;
    alpa_device_mesh_free(mesh, shell);
  }
  free_device_numbers(mesh);
  alpa_device_mesh_free(mesh, mesh->device_numbers);
  alpa_device_mesh_free(mesh, mesh->statuses);
  mesh->realloc(mesh->user, mesh, 0);
}

uint32_t alpa_device_mesh_n_devices(const alpa_device_mesh *mesh) { return mesh->n_devices; }
uint32_t alpa_device_mesh_n_workers(const alpa_device_mesh *mesh) { return mesh->n_workers; }
const char *alpa_device_mesh_backend_name(const alpa_device_mesh *mesh) { return mesh->backend->name; }
const char *alpa_device_mesh_target(const alpa_device_mesh *mesh) { return mesh->target; }

alpa_status alpa_device_mesh_get_status(const alpa_device_mesh *mesh, uint32_t device) {
  return device < mesh->n_devices ? (alpa_status)atomic_load(&mesh->statuses[device]) : ALPA_INVALID_ARGUMENT;
}

size_t alpa_device_mesh_flight_record(const alpa_device_mesh *mesh, uint32_t device, alpa_flight_entry *out_entries) {
  return mesh->engine && device < mesh->n_devices ? mesh->backend->flight_record(mesh, device, out_entries) : 0;
}

alpa_status alpa_device_mesh_check_usable(const alpa_device_mesh *mesh, alpa_diag *diag) {
  if (mesh->is_closed)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "the mesh has been destroyed");
  if (mesh->is_stuck)
    return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE,
                      "a kernel of a failed step has not returned, or a device was lost in it; create a new mesh");
  return ALPA_OK;
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static int64_t present_bytes(const alpa_memory_use *use) {
  return use->arena_bytes + use->constant_bytes + use->array_bytes + use->pool_bytes;
}

void alpa_device_mesh_update_peak(alpa_device_mesh *mesh) {
  int64_t bytes = present_bytes(&mesh->use);
  if (bytes > mesh->use.peak_bytes)
    mesh->use.peak_bytes = bytes;
}

void alpa_device_mesh_get_memory(const alpa_device_mesh *mesh, uint32_t device, alpa_memory_use *out_use) {
  *out_use = mesh->use;
  if (device == 0)
    return;
  out_use->peak_bytes -= out_use->constant_bytes;
  out_use->constant_bytes = 0;
}

void alpa_device_mesh_trim_before(alpa_device_mesh *mesh, uint64_t step) {
  for (size_t i = 0; i < countof(mesh->pool); i++) {
    alpa_array **at = &mesh->pool[i];
    while (*at) {
      alpa_array *array = *at;
      if (array->released_step >= step) {
        at = &array->next;
        continue;
      }
      *at = array->next;
      for (uint32_t d = 0; d < mesh->n_devices && !mesh->is_stuck; d++)
        if (array->pieces[d])
          mesh->backend->free(mesh, d, array->pieces[d], array->piece_bytes);
      mesh->use.pool_bytes -= array->piece_bytes;
      alpa_device_mesh_free(mesh, array);
    }
  }
}

void alpa_device_mesh_trim(alpa_device_mesh *mesh) {
  alpa_device_mesh_trim_before(mesh, UINT64_MAX);
  mesh->use.peak_bytes = present_bytes(&mesh->use);
}

static void free_arenas(alpa_device_mesh *mesh, alpa_arena_set *set) {
  for (uint32_t d = 0; d < mesh->n_devices && !mesh->is_stuck; d++)
    if (set->arenas[d])
      mesh->backend->free(mesh, d, set->arenas[d], set->bytes);
  alpa_device_mesh_free(mesh, set);
}

static alpa_arena_set *create_arenas(alpa_device_mesh *mesh, int64_t bytes) {
  alpa_arena_set *set = alpa_device_mesh_alloc(mesh, sizeof *set + mesh->n_devices * sizeof(char *));
  if (!set)
    return NULL;
  *set = (alpa_arena_set){.refs = 1, .bytes = bytes};
  for (uint32_t d = 0; d < mesh->n_devices; d++) {
    if (!alpa_device_mesh_is_local(mesh, d))
      continue;
    set->arenas[d] = mesh->backend->alloc(mesh, d, bytes);
    if (!set->arenas[d]) {
      free_arenas(mesh, set);
      return NULL;
    }
    if (mesh->poison)
      mesh->backend->fill(mesh, d, set->arenas[d], 0xFF, bytes);
  }
  return set;
}

alpa_status alpa_arena_set_acquire(alpa_device_mesh *mesh, alpa_diag *diag, int64_t bytes, alpa_arena_set **out_set) {
  alpa_arena_set *smallest = NULL;
  for (alpa_arena_set *set = mesh->arena_sets; set; set = set->next)
    if (set->bytes >= bytes && (!smallest || set->bytes < smallest->bytes))
      smallest = set;
  if (smallest) {
    smallest->refs++;
    *out_set = smallest;
    return ALPA_OK;
  }
  alpa_arena_set *set = create_arenas(mesh, bytes);
  if (!set)
    return alpa_error(
        diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY,
        "no memory for temporaries of %lld bytes on each of %u devices; use more devices or a smaller batch",
        (long long)bytes, mesh->n_devices);
  set->next = mesh->arena_sets;
  mesh->arena_sets = set;
  mesh->use.arena_bytes += bytes;
  alpa_device_mesh_update_peak(mesh);
  *out_set = set;
  return ALPA_OK;
}

void alpa_arena_set_release(alpa_device_mesh *mesh, alpa_arena_set *set) {
  if (!set || --set->refs)
    return;
  alpa_arena_set **at = &mesh->arena_sets;
  while (*at != set)
    at = &(*at)->next;
  *at = set->next;
  mesh->use.arena_bytes -= set->bytes;
  free_arenas(mesh, set);
}
