/* Arrays: creation, scatter, gather, resharding, and the pool that released buffers wait in.
 *
 * The pool keeps whole arrays, in lists by size of piece; buffers that no step has asked for during a number of steps
 * go back to the system. */
#include "runtime/buffers.h"

#include <string.h>

#include "runtime/pieces.h"
#include "runtime/mesh_state.h"

/* ---- placements ------------------------------------------------------------------------------------------------- */

/* User-made placements reach the runtime here: images have been verified. */
static alpa_status check_placement(alpa_device_mesh *mesh, alpa_diag *diag, const alpa_image_tensor *tensor) {
  uint32_t n_holders = alpa_image_tensor_n_holders(tensor, mesh->n_devices), first = tensor->holders.first;
  bool is_sound = first < mesh->n_devices && n_holders <= mesh->n_devices - first && tensor->dtype < ALPA_DTYPE_COUNT &&
                  tensor->rank <= ALPA_MAX_RANK && alpa_image_tensor_local_bytes(tensor) >= 0 &&
                  alpa_image_tensor_global_bytes(tensor) >= 0;
  for (size_t t = 0; is_sound && t < (size_t)n_holders * tensor->rank; t++) {
    int64_t start;
    is_sound = !__builtin_mul_overflow((int64_t)tensor->tiles[t], tensor->local_dims[t % tensor->rank], &start) &&
               start <= INT64_MAX / 4;
  }
  if (!is_sound)
    return alpa_error(
        diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
        "the placement of '%s' is not sound: data type, rank, dimensions, holders or tiles are out of range",
        tensor->name ? tensor->name : "");
  return ALPA_OK;
}

alpa_status alpa_placement_create(alpa_device_mesh *mesh, alpa_diag *diag, const alpa_image_tensor *tensor,
                                  alpa_placement **out_placement) {
  ALPA_TRY(check_placement(mesh, diag, tensor));
  const char *name = tensor->name ? tensor->name : "";
  size_t dims = tensor->rank * sizeof(int64_t);
  size_t tiles = (size_t)alpa_image_tensor_n_holders(tensor, mesh->n_devices) * tensor->rank * sizeof(uint32_t);
  size_t bytes = sizeof(alpa_placement) + 4 * dims + tiles + strlen(name) + 1;
  alpa_placement *placement = alpa_device_mesh_alloc(mesh, bytes);
  if (!placement)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for the placement of '%s'", name);
  *placement = (alpa_placement){.refs = 1, .bytes = bytes, .tensor = *tensor};
  char *at = (char *)(placement + 1);
  if (tensor->rank) {
    placement->tensor.global_dims = memcpy(at, tensor->global_dims, dims);
    placement->tensor.local_dims = memcpy(at + dims, tensor->local_dims, dims);
    placement->tensor.tiles = memcpy(at + 4 * dims, tensor->tiles, tiles);
  }
  if (tensor->part_dims) {
    placement->tensor.part_start = memcpy(at + 2 * dims, tensor->part_start, dims);
    placement->tensor.part_dims = memcpy(at + 3 * dims, tensor->part_dims, dims);
  }
  placement->tensor.name = strcpy(at + 4 * dims + tiles, name);
  *out_placement = placement;
  return ALPA_OK;
}

alpa_placement *alpa_placement_retain(alpa_placement *placement) {
  placement->refs++;
  return placement;
}

void alpa_placement_release(alpa_device_mesh *mesh, alpa_placement *placement) {
  if (placement && --placement->refs == 0)
    alpa_device_mesh_free(mesh, placement);
}

/* ---- life cycle ------------------------------------------------------------------------------------------------- */

static alpa_array **pool_list(alpa_device_mesh *mesh, int64_t bytes) {
  uint64_t mixed = (uint64_t)bytes * 0x9E3779B97F4A7C15u;
  return &mesh->pool[(mixed >> 32) % countof(mesh->pool)];
}

/* Whether a pooled array has pieces where the tensor needs them, and nowhere else. */
static bool is_held_alike(const alpa_device_mesh *mesh, const alpa_array *array, const alpa_image_tensor *tensor) {
  for (uint32_t d = 0; d < mesh->n_devices; d++)
    if (alpa_image_tensor_is_on(tensor, d) != (array->pieces[d] != NULL))
      return false;
  return true;
}

static alpa_array *take_pooled(alpa_device_mesh *mesh, const alpa_image_tensor *tensor, int64_t bytes) {
  for (alpa_array **at = pool_list(mesh, bytes); *at; at = &(*at)->next)
    if ((*at)->piece_bytes == bytes && is_held_alike(mesh, *at, tensor)) {
      alpa_array *array = *at;
      *at = array->next;
      mesh->use.pool_bytes -= bytes;
      return array;
    }
  return NULL;
}

static alpa_array *take_shell(alpa_device_mesh *mesh) {
  alpa_array *array = mesh->shells;
  if (array)
    mesh->shells = array->next;
  else
    array = alpa_device_mesh_alloc(mesh, sizeof *array + mesh->n_devices * sizeof(char *));
  return array;
}

static void put_shell(alpa_device_mesh *mesh, alpa_array *array) {
  array->next = mesh->shells;
  mesh->shells = array;
}

/* Whether this process has the device's piece. */
static bool has_piece(const alpa_device_mesh *mesh, const alpa_image_tensor *tensor, uint32_t device) {
  return alpa_image_tensor_is_on(tensor, device) && alpa_device_mesh_is_local(mesh, device);
}

/* The first device of this process that has a piece, or ALPA_NO_INDEX: then the array is a shell here. */
static uint32_t find_own(const alpa_device_mesh *mesh, const alpa_image_tensor *tensor) {
  for (uint32_t d = mesh->local.first; d < mesh->local.first + mesh->local.n; d++)
    if (alpa_image_tensor_is_on(tensor, d))
      return d;
  return ALPA_NO_INDEX;
}

static alpa_array *create_pieces(alpa_device_mesh *mesh, const alpa_image_tensor *tensor, int64_t bytes) {
  alpa_array *array = take_shell(mesh);
  if (!array)
    return NULL;
  for (uint32_t d = 0; d < mesh->n_devices; d++) {
    array->pieces[d] = has_piece(mesh, tensor, d) ? mesh->backend->alloc(mesh, d, bytes) : NULL;
    if (array->pieces[d] || !has_piece(mesh, tensor, d))
      continue;
    while (d-- > 0)
      if (array->pieces[d])
        mesh->backend->free(mesh, d, array->pieces[d], bytes);
    put_shell(mesh, array);
    return NULL;
  }
  array->piece_bytes = bytes;
  return array;
}

/* Ties an array object to its mesh and placement. */
static alpa_array *adopt(alpa_device_mesh *mesh, alpa_placement *placement, alpa_array *array) {
  array->mesh = alpa_device_mesh_retain(mesh);
  array->placement = alpa_placement_retain(placement);
  array->refs = 1;
  array->donated_step = array->released_step = 0;
  array->next = NULL;
  return array;
}

static alpa_status report_exhausted(const alpa_device_mesh *mesh, alpa_diag *diag, const alpa_placement *placement) {
  return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY,
                    "no memory for array '%s': %lld bytes on each of %u devices; use more devices or a smaller batch",
                    placement->tensor.name, (long long)alpa_image_tensor_local_bytes(&placement->tensor),
                    mesh->n_devices);
}

alpa_status alpa_array_allocate_shell(alpa_device_mesh *mesh, alpa_diag *diag, alpa_placement *placement,
                                      alpa_array **out_array) {
  alpa_array *array = take_shell(mesh);
  if (!array)
    return report_exhausted(mesh, diag, placement);
  array->piece_bytes = alpa_image_tensor_local_bytes(&placement->tensor);
  memset(array->pieces, 0, mesh->n_devices * sizeof(char *));
  *out_array = adopt(mesh, placement, array);
  return ALPA_OK;
}

alpa_status alpa_array_allocate(alpa_device_mesh *mesh, alpa_diag *diag, alpa_placement *placement,
                                alpa_array **out_array) {
  int64_t bytes = alpa_image_tensor_local_bytes(&placement->tensor);
  alpa_device_mesh_collect(mesh);
  if (find_own(mesh, &placement->tensor) == ALPA_NO_INDEX)
    return alpa_array_allocate_shell(mesh, diag, placement, out_array);
  alpa_array *array = take_pooled(mesh, &placement->tensor, bytes);
  if (!array)
    array = create_pieces(mesh, &placement->tensor, bytes);
  if (!array) {
    alpa_device_mesh_trim_before(mesh, UINT64_MAX);
    array = create_pieces(mesh, &placement->tensor, bytes);
  }
  if (!array)
    return report_exhausted(mesh, diag, placement);
  for (uint32_t d = 0; mesh->poison && d < mesh->n_devices; d++)
    if (array->pieces[d])
      mesh->backend->fill(mesh, d, array->pieces[d], 0xFF, bytes);
  mesh->use.array_bytes += bytes;
  alpa_device_mesh_update_peak(mesh);
  *out_array = adopt(mesh, placement, array);
  return ALPA_OK;
}

alpa_array *alpa_array_retain(alpa_array *array) {
  if (array)
    array->refs++;
  return array;
}

void alpa_array_join(alpa_array *array, alpa_array *part) {
  while (array->next)
    array = array->next;
  array->next = part;
}

alpa_array *alpa_array_get_part(alpa_array *array, uint32_t index) {
  for (; array && index; index--)
    array = array->next;
  return array;
}

static void release_part(alpa_array *array) {
  alpa_device_mesh *mesh = array->mesh;
  uint32_t own = find_own(mesh, &array->placement->tensor);
  if (array->donated_step || own == ALPA_NO_INDEX || !array->pieces[own]) {
    put_shell(mesh, array);
  } else {
    alpa_array **list = pool_list(mesh, array->piece_bytes);
    array->next = *list;
    array->released_step = mesh->step;
    *list = array;
    mesh->use.array_bytes -= array->piece_bytes;
    mesh->use.pool_bytes += array->piece_bytes;
  }
  alpa_placement_release(mesh, array->placement);
  alpa_device_mesh_release(mesh);
}

void alpa_array_release(alpa_array *array) {
  if (!array || --array->refs)
    return;
  for (alpa_array *part = array, *next; part; part = next) {
    next = part->next;
    release_part(part);
  }
}

/* ---- references of other threads -------------------------------------------------------------------------------- */

static void finish_dropped(alpa_dropped *dropped) {
  alpa_array_release(dropped->array);
  dropped->finish(dropped);
}

/* The head of the list once nothing waits any more: the mesh itself, which is no reference. */
static alpa_dropped *end_of_waiting(alpa_device_mesh *mesh) { return (alpa_dropped *)(void *)mesh; }

void alpa_array_drop(alpa_dropped *dropped) {
  alpa_device_mesh *mesh = dropped->array->mesh;
  alpa_dropped *head = atomic_load(&mesh->dropped);
  do {
    if (head == end_of_waiting(mesh)) {
      finish_dropped(dropped);
      return;
    }
    dropped->next = head;
  } while (!atomic_compare_exchange_weak(&mesh->dropped, &head, dropped));
}

static void finish_list(alpa_dropped *list) {
  for (alpa_dropped *next; list; list = next) {
    next = list->next;
    finish_dropped(list);
  }
}

void alpa_device_mesh_collect(alpa_device_mesh *mesh) {
  alpa_dropped *head = atomic_load_explicit(&mesh->dropped, memory_order_relaxed);
  if (head && head != end_of_waiting(mesh))
    finish_list(atomic_exchange(&mesh->dropped, NULL));
}

void alpa_device_mesh_collect_last(alpa_device_mesh *mesh) {
  finish_list(atomic_exchange(&mesh->dropped, end_of_waiting(mesh)));
}

/* ---- data in and out -------------------------------------------------------------------------------------------- */

static alpa_status copy_piece(alpa_device_mesh *mesh, alpa_diag *diag, const alpa_image_tensor *tensor,
                              const alpa_piece *to, const alpa_piece *from) {
  alpa_strided_copy copy;
  if (!alpa_piece_intersect(tensor, to, from, &copy))
    return ALPA_OK;
  alpa_strided_copy_collapse(&copy);
  if (mesh->backend->copy(mesh, &copy))
    return ALPA_OK;
  return alpa_error(diag, (alpa_place){0}, ALPA_UNAVAILABLE,
                    "array '%s' cannot be copied: a device was lost; create a new mesh", tensor->name);
}

/* The piece of a new array that data will be copied to.  Kernels compute with padding too, to no effect: it has a value
 * all the same, so that steps repeat bit by bit and checkers of memory find nothing to say. */
static void open_piece(const alpa_array *array, const alpa_image_tensor *tensor, uint32_t device, alpa_piece *out_to) {
  alpa_device_mesh *mesh = array->mesh;
  alpa_piece_of_device(tensor, device, array->pieces[device], out_to);
  bool is_padded = false;
  for (uint32_t d = 0; d < tensor->rank; d++)
    is_padded |= out_to->end[d] - out_to->start[d] < tensor->local_dims[d];
  if (is_padded && !mesh->poison)
    mesh->backend->fill(mesh, device, array->pieces[device], 0, array->piece_bytes);
}

alpa_status alpa_array_create(alpa_device_mesh *mesh, alpa_diag *diag, const alpa_image_tensor *placement,
                              const void *data, alpa_array **out_array) {
  alpa_placement *owned;
  ALPA_TRY(alpa_placement_create(mesh, diag, placement, &owned));
  alpa_array *array;
  alpa_status status = alpa_array_allocate(mesh, diag, owned, &array);
  alpa_placement_release(mesh, owned);
  ALPA_TRY(status);
  alpa_piece from, to;
  alpa_piece_of_tensor(placement, (char *)(uintptr_t)data, &from);
  for (uint32_t d = 0; data && d < mesh->n_devices; d++) {
    if (!array->pieces[d])
      continue;
    open_piece(array, placement, d, &to);
    status = copy_piece(mesh, diag, placement, &to, &from);
    if (status == ALPA_OK)
      continue;
    alpa_array_release(array);
    return status;
  }
  *out_array = array;
  return ALPA_OK;
}

static alpa_status check_alive(const alpa_array *array, alpa_diag *diag) {
  if (array->donated_step)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "array '%s' was donated to step %llu and has no data any more; use that step's result",
                      array->placement->tensor.name, (unsigned long long)array->donated_step);
  return ALPA_OK;
}

static bool has_tile_of(const alpa_image_tensor *tensor, uint32_t a, uint32_t b) {
  size_t bytes = tensor->rank * sizeof(uint32_t);
  return bytes == 0 || memcmp(alpa_image_tensor_tile(tensor, a), alpa_image_tensor_tile(tensor, b), bytes) == 0;
}

/* The lowest device that holds the same box as this holder. */
static uint32_t first_copy(const alpa_image_tensor *tensor, uint32_t device) {
  for (uint32_t k = tensor->holders.first; k < device; k++)
    if (has_tile_of(tensor, k, device))
      return k;
  return device;
}

/* Compares the parts of two copies that are not padding, through two host buffers. */
static alpa_status compare_copies(const alpa_array *array, alpa_diag *diag, uint32_t a, uint32_t b, char *scratch) {
  const alpa_image_tensor *tensor = &array->placement->tensor;
  int64_t bytes = array->piece_bytes, element = alpa_dtype_get_info(tensor->dtype)->bytes;
  const uint32_t devices[2] = {a, b};
  memset(scratch, 0, 2 * (size_t)bytes);
  for (int i = 0; i < 2; i++) {
    alpa_piece from, to;
    alpa_piece_of_device(tensor, devices[i], array->pieces[devices[i]], &from);
    to = from;
    to.data = scratch + i * bytes;
    to.device = ALPA_NO_INDEX;
    ALPA_TRY(copy_piece(array->mesh, diag, tensor, &to, &from));
  }
  if (bytes == 0 || memcmp(scratch, scratch + bytes, (size_t)bytes) == 0)
    return ALPA_OK;
  int64_t at = 0;
  while (scratch[at] == scratch[bytes + at])
    at++;
  return alpa_error(diag, (alpa_place){0}, ALPA_DATA_LOSS,
                    "copies of array '%s' on devices %u and %u differ, first in element %lld of the piece",
                    tensor->name, a, b, (long long)(at / element));
}

static alpa_status check_all_copies(const alpa_array *array, alpa_diag *diag) {
  alpa_device_mesh *mesh = array->mesh;
  char *scratch = mesh->realloc(mesh->user, NULL, 2 * (size_t)array->piece_bytes + 1);
  if (!scratch)
    return report_exhausted(mesh, diag, array->placement);
  alpa_status status = ALPA_OK;
  for (uint32_t d = 0; d < mesh->n_devices && status == ALPA_OK; d++) {
    uint32_t first = array->pieces[d] ? first_copy(&array->placement->tensor, d) : d;
    if (first != d && array->pieces[first])
      status = compare_copies(array, diag, first, d, scratch);
  }
  mesh->realloc(mesh->user, scratch, 0);
  return status;
}

/* Every piece from the process that has it, through memory of the host. */
static alpa_status read_from_processes(const alpa_array *array, alpa_diag *diag, char *scratch, void *out_data) {
  const alpa_image_tensor *tensor = &array->placement->tensor;
  alpa_device_mesh *mesh = array->mesh;
  alpa_piece own, from, to;
  alpa_piece_of_tensor(tensor, out_data, &to);
  for (uint32_t d = 0; d < mesh->n_devices; d++) {
    if (!alpa_image_tensor_is_on(tensor, d) || first_copy(tensor, d) != d)
      continue;
    alpa_piece_of_device(tensor, d, scratch, &from);
    from.device = ALPA_NO_INDEX;
    if (array->pieces[d]) {
      alpa_piece_of_device(tensor, d, array->pieces[d], &own);
      ALPA_TRY(copy_piece(mesh, diag, tensor, &from, &own));
    }
    uint32_t root = alpa_device_mesh_process_of(mesh, d);
    if (!mesh->processes->vtable->broadcast(mesh->processes, scratch, (size_t)array->piece_bytes, root))
      return alpa_error(diag, (alpa_place){0}, ALPA_ABORTED, "process %u was lost while array '%s' was read", root,
                        tensor->name);
    alpa_strided_copy copy;
    if (alpa_piece_intersect(tensor, &to, &from, &copy))
      alpa_strided_copy_run(&copy);
  }
  return ALPA_OK;
}

static alpa_status read_everywhere(const alpa_array *array, alpa_diag *diag, void *out_data) {
  alpa_device_mesh *mesh = array->mesh;
  char *scratch = alpa_device_mesh_alloc(mesh, (size_t)array->piece_bytes + 1);
  if (!scratch)
    return report_exhausted(mesh, diag, array->placement);
  alpa_status status = read_from_processes(array, diag, scratch, out_data);
  alpa_device_mesh_free(mesh, scratch);
  return status;
}

/* What one part has. */
static alpa_status read_part(const alpa_array *array, alpa_diag *diag, bool check_copies, void *out_data) {
  ALPA_TRY(check_alive(array, diag));
  if (check_copies)
    ALPA_TRY(check_all_copies(array, diag));
  if (array->mesh->processes)
    return read_everywhere(array, diag, out_data);
  const alpa_image_tensor *tensor = &array->placement->tensor;
  alpa_piece from, to;
  alpa_piece_of_tensor(tensor, out_data, &to);
  for (uint32_t d = 0; d < array->mesh->n_devices; d++) {
    if (!array->pieces[d] || first_copy(tensor, d) != d)
      continue;
    alpa_piece_of_device(tensor, d, array->pieces[d], &from);
    ALPA_TRY(copy_piece(array->mesh, diag, tensor, &to, &from));
  }
  return ALPA_OK;
}

/* The next part of an array, where one does not have all of the tensor. */
static const alpa_array *next_part(const alpa_array *array) {
  return array->placement->tensor.part_dims ? array->next : NULL;
}

alpa_status alpa_array_read(const alpa_array *array, alpa_diag *diag, bool check_copies, void *out_data) {
  for (; array; array = next_part(array))
    ALPA_TRY(read_part(array, diag, check_copies, out_data));
  return ALPA_OK;
}

/* Whether the device of `to`, a holder of the array, has all that it needs. */
static bool covers(const alpa_array *array, const alpa_piece *to, alpa_piece *out_from) {
  const alpa_image_tensor *tensor = &array->placement->tensor;
  alpa_piece_of_device(tensor, to->device, array->pieces[to->device], out_from);
  for (uint32_t d = 0; d < tensor->rank; d++) {
    if (out_from->start[d] > to->start[d] || to->end[d] > out_from->end[d])
      return false;
  }
  return true;
}

/* Whether every device, of whatever process, has what it needs: all processes come to the same answer. */
static bool is_own_everywhere(const alpa_array *array, const alpa_image_tensor *placement) {
  alpa_piece to, from;
  for (uint32_t d = 0; d < array->mesh->n_devices; d++) {
    if (!alpa_image_tensor_is_on(placement, d))
      continue;
    alpa_piece_of_device(placement, d, NULL, &to);
    if (!alpa_image_tensor_is_on(&array->placement->tensor, d) || !covers(array, &to, &from))
      return false;
  }
  return true;
}

/* All of the tensor to every process. */
static alpa_status reshard_through_hosts(const alpa_array *array, alpa_diag *diag, const alpa_image_tensor *placement,
                                         alpa_array **out_array) {
  alpa_device_mesh *mesh = array->mesh;
  char *data = alpa_device_mesh_alloc(mesh, (size_t)alpa_array_global_bytes(array) + 1);
  if (!data)
    return report_exhausted(mesh, diag, array->placement);
  alpa_status status = alpa_array_read(array, diag, false, data);
  if (status == ALPA_OK)
    status = alpa_array_create(mesh, diag, placement, data, out_array);
  alpa_device_mesh_free(mesh, data);
  return status;
}

/* Fills one piece from the pieces of a part of another placement.  The device's own piece is taken where it holds all
 * that is needed; else every tile once, from the lowest device that holds it. */
static alpa_status gather_piece(const alpa_array *array, alpa_diag *diag, const alpa_image_tensor *target,
                                const alpa_piece *to) {
  const alpa_image_tensor *tensor = &array->placement->tensor;
  alpa_piece from;
  if (array->pieces[to->device] && covers(array, to, &from))
    return copy_piece(array->mesh, diag, target, to, &from);
  for (uint32_t k = 0; k < array->mesh->n_devices; k++) {
    if (!array->pieces[k] || first_copy(tensor, k) != k)
      continue;
    alpa_piece_of_device(tensor, k, array->pieces[k], &from);
    ALPA_TRY(copy_piece(array->mesh, diag, target, to, &from));
  }
  return ALPA_OK;
}

static alpa_status check_same_tensor(const alpa_array *array, alpa_diag *diag, const alpa_image_tensor *b) {
  const alpa_image_tensor *a = &array->placement->tensor;
  bool is_same = a->dtype == b->dtype && a->rank == b->rank;
  for (uint32_t d = 0; is_same && d < a->rank; d++)
    is_same = a->global_dims[d] == b->global_dims[d];
  if (!is_same)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "array '%s' cannot be resharded to a tensor of another type or shape", a->name);
  return ALPA_OK;
}

alpa_status alpa_array_reshard(const alpa_array *array, alpa_diag *diag, const alpa_image_tensor *placement,
                               alpa_array **out_array) {
  for (const alpa_array *part = array; part; part = next_part(part))
    ALPA_TRY(check_alive(part, diag));
  ALPA_TRY(check_same_tensor(array, diag, placement));
  if (array->mesh->processes && !is_own_everywhere(array, placement))
    return reshard_through_hosts(array, diag, placement, out_array);
  alpa_array *result;
  ALPA_TRY(alpa_array_create(array->mesh, diag, placement, NULL, &result));
  for (uint32_t d = 0; d < array->mesh->n_devices; d++) {
    alpa_piece to;
    if (!result->pieces[d])
      continue;
    open_piece(result, placement, d, &to);
    alpa_status status = ALPA_OK;
    for (const alpa_array *part = array; part && status == ALPA_OK; part = next_part(part))
      status = gather_piece(part, diag, placement, &to);
    if (status == ALPA_OK)
      continue;
    alpa_array_release(result);
    return status;
  }
  *out_array = result;
  return ALPA_OK;
}

/* ---- queries ---------------------------------------------------------------------------------------------------- */

const alpa_image_tensor *alpa_array_get_placement(const alpa_array *array) { return &array->placement->tensor; }

bool alpa_array_has_placement(const alpa_array *array, const alpa_image_tensor *placement) {
  return alpa_image_tensor_is_placed_as(&array->placement->tensor, placement, array->mesh->n_devices);
}

int64_t alpa_array_global_bytes(const alpa_array *array) {
  return array ? alpa_image_tensor_global_bytes(&array->placement->tensor) : 0;
}

void *alpa_array_get_piece(const alpa_array *array, uint32_t device, int64_t *out_bytes) {
  *out_bytes = array->piece_bytes;
  return device < array->mesh->n_devices && !array->donated_step ? array->pieces[device] : NULL;
}

uint64_t alpa_array_donated_step(const alpa_array *array) { return array->donated_step; }
