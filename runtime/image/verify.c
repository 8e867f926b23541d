/* Checks of an image's tables: tensors, buffers and aliases.
 *
 * A tensor's pieces must cover it: along dimension d the grid has ceil(global / local) tiles, and since every tile of
 * the grid needs a device, a grid with more tiles than devices is refused before its tiles are marked. */
#include "runtime/image/verify.h"

/* Sizes above this cannot be mapped; it also keeps every sum of two sizes inside int64. */
static const int64_t LARGEST_BYTES = (int64_t)1 << 60;

/* Bytes of a box of these dimensions, or -1 where they exceed LARGEST_BYTES or a dimension is negative. */
static int64_t box_bytes(alpa_dtype dtype, uint32_t rank, const int64_t *dims) {
  int64_t bytes = alpa_dtype_get_info(dtype)->bytes;
  bool is_empty = false;
  for (uint32_t d = 0; d < rank; d++) {
    if (dims[d] < 0)
      return -1;
    is_empty |= dims[d] == 0;
  }
  if (is_empty)
    return 0;
  for (uint32_t d = 0; d < rank; d++)
    if (__builtin_mul_overflow(bytes, dims[d], &bytes) || bytes > LARGEST_BYTES)
      return -1;
  return bytes;
}

int64_t alpa_image_tensor_local_bytes(const alpa_image_tensor *tensor) {
  return box_bytes(tensor->dtype, tensor->rank, tensor->local_dims);
}

int64_t alpa_image_tensor_global_bytes(const alpa_image_tensor *tensor) {
  return box_bytes(tensor->dtype, tensor->rank, tensor->global_dims);
}

uint32_t alpa_image_tensor_n_holders(const alpa_image_tensor *tensor, uint32_t n_devices) {
  return tensor->holders.n ? tensor->holders.n : n_devices;
}

bool alpa_image_tensor_is_on(const alpa_image_tensor *tensor, uint32_t device) {
  return tensor->holders.n == 0 || device - tensor->holders.first < tensor->holders.n;
}

const uint32_t *alpa_image_tensor_tile(const alpa_image_tensor *tensor, uint32_t device) {
  return tensor->tiles + (size_t)(device - tensor->holders.first) * tensor->rank;
}

int64_t alpa_image_tensor_part_start(const alpa_image_tensor *tensor, uint32_t d) {
  return tensor->part_start ? tensor->part_start[d] : 0;
}

int64_t alpa_image_tensor_part_dim(const alpa_image_tensor *tensor, uint32_t d) {
  return tensor->part_dims ? tensor->part_dims[d] : tensor->global_dims[d];
}

bool alpa_image_tensor_is_same_part(const alpa_image_tensor *a, const alpa_image_tensor *b) {
  bool is_same = a->rank == b->rank;
  for (uint32_t d = 0; is_same && d < a->rank; d++)
    is_same = alpa_image_tensor_part_start(a, d) == alpa_image_tensor_part_start(b, d) &&
              alpa_image_tensor_part_dim(a, d) == alpa_image_tensor_part_dim(b, d);
  return is_same;
}

static int64_t grid_extent(const alpa_image_tensor *tensor, uint32_t d) {
  int64_t global = alpa_image_tensor_part_dim(tensor, d), local = tensor->local_dims[d];
  return local ? global / local + (global % local != 0) : 0;
}

/* Every tile of the grid lies on a device. */
static alpa_status verify_cover(alpa_image_verifier *v, const char *what, uint32_t i, const alpa_image_tensor *tensor) {
  int64_t n_tiles = 1, n_found = 0, n_devices = alpa_image_tensor_n_holders(tensor, v->image->n_devices);
  for (uint32_t d = 0; d < tensor->rank && n_tiles <= n_devices; d++) {
    if (alpa_image_tensor_part_dim(tensor, d) == 0)
      return ALPA_OK;
    if (tensor->local_dims[d] == 0)
      return alpa_image_error(v, "%s %u ('%s'): pieces are empty in dimension %u but the tensor is not", what, i,
                              tensor->name, d);
    /* Both factors are below 2^63 / n_devices: the product cannot overflow. */
    int64_t extent = grid_extent(tensor, d);
    n_tiles = extent > n_devices ? n_devices + 1 : n_tiles * extent;
  }
  if (n_tiles > n_devices)
    return alpa_image_error(v, "%s %u ('%s') has more tiles than the %u devices hold", what, i, tensor->name,
                            v->image->n_devices);
  char *found = alpa_arena_calloc(&v->scratch, (size_t)n_tiles, 1);
  for (int64_t k = 0; k < n_devices; k++) {
    int64_t at = 0;
    bool is_inside = true;
    for (uint32_t d = 0; d < tensor->rank; d++) {
      uint32_t tile = tensor->tiles[(size_t)k * tensor->rank + d];
      is_inside &= tile < grid_extent(tensor, d);
      at = is_inside ? at * grid_extent(tensor, d) + tile : 0;
    }
    n_found += is_inside && !found[at];
    found[at] |= is_inside;
  }
  if (n_found != n_tiles)
    return alpa_image_error(v, "%s %u ('%s'): devices hold %lld of %lld tiles; each tile needs a device", what, i,
                            tensor->name, (long long)n_found, (long long)n_tiles);
  return ALPA_OK;
}

static alpa_status verify_tensor(alpa_image_verifier *v, const char *what, uint32_t i,
                                 const alpa_image_tensor *tensor) {
  if (!tensor->name)
    return alpa_image_error(v, "%s %u has no name; an unknown one is written \"\"", what, i);
  if (tensor->dtype >= ALPA_DTYPE_COUNT)
    return alpa_image_error(v, "%s %u: unknown data type %u", what, i, (unsigned)tensor->dtype);
  if (tensor->rank > ALPA_MAX_RANK)
    return alpa_image_error(v, "%s %u: rank %u exceeds the limit of %d", what, i, tensor->rank, ALPA_MAX_RANK);
  uint32_t n_devices = v->image->n_devices, first = tensor->holders.first;
  if (tensor->holders.n ? first >= n_devices || tensor->holders.n > n_devices - first : first != 0)
    return alpa_image_error(v, "%s %u ('%s') lies on %u devices from %u on; there are %u", what, i, tensor->name,
                            tensor->holders.n, first, n_devices);
  if (tensor->rank && (!tensor->global_dims || !tensor->local_dims || !tensor->tiles))
    return alpa_image_error(v, "%s %u has no dimensions or tiles", what, i);
  if (box_bytes(tensor->dtype, tensor->rank, tensor->global_dims) < 0 ||
      box_bytes(tensor->dtype, tensor->rank, tensor->local_dims) < 0)
    return alpa_image_error(v, "%s %u ('%s'): a dimension is negative or the size exceeds 2^60 bytes", what, i,
                            tensor->name);
  for (uint32_t d = 0; d < tensor->rank; d++) {
    int64_t start = alpa_image_tensor_part_start(tensor, d), size = alpa_image_tensor_part_dim(tensor, d);
    if (!tensor->part_start != !tensor->part_dims || start < 0 || size < 0 || start > tensor->global_dims[d] - size)
      return alpa_image_error(v, "%s %u ('%s'): its part reaches outside of the tensor in dimension %u", what, i,
                              tensor->name, d);
  }
  for (size_t t = 0; t < (size_t)alpa_image_tensor_n_holders(tensor, n_devices) * tensor->rank; t++) {
    int64_t start;
    if (__builtin_mul_overflow((int64_t)tensor->tiles[t], tensor->local_dims[t % tensor->rank], &start) ||
        start > LARGEST_BYTES)
      return alpa_image_error(v, "%s %u ('%s'): tile %u of device %zu lies out of range", what, i, tensor->name,
                              tensor->tiles[t], first + t / tensor->rank);
  }
  return verify_cover(v, what, i, tensor);
}

static alpa_status verify_tensors(alpa_image_verifier *v) {
  for (uint32_t i = 0; i < v->image->n_arguments; i++)
    ALPA_TRY(verify_tensor(v, "argument", i, &v->image->arguments[i]));
  for (uint32_t i = 0; i < v->image->n_results; i++)
    ALPA_TRY(verify_tensor(v, "result", i, &v->image->results[i]));
  return ALPA_OK;
}

bool alpa_image_tensor_is_alike(const alpa_image_tensor *a, const alpa_image_tensor *b) {
  bool is_alike = a->dtype == b->dtype && a->rank == b->rank;
  for (uint32_t d = 0; is_alike && d < a->rank; d++)
    is_alike = a->global_dims[d] == b->global_dims[d];
  return is_alike;
}

bool alpa_image_tensor_is_placed_as(const alpa_image_tensor *a, const alpa_image_tensor *b, uint32_t n_devices) {
  uint32_t n_holders = alpa_image_tensor_n_holders(a, n_devices);
  if (!alpa_image_tensor_is_alike(a, b) || !alpa_image_tensor_is_same_part(a, b) ||
      a->holders.first != b->holders.first || n_holders != alpa_image_tensor_n_holders(b, n_devices))
    return false;
  for (uint32_t d = 0; d < a->rank; d++)
    if (a->local_dims[d] != b->local_dims[d])
      return false;
  for (size_t t = 0; t < (size_t)n_holders * a->rank; t++)
    if (a->tiles[t] != b->tiles[t])
      return false;
  return true;
}

static int64_t count_elements(const alpa_image_tensor *tensor, bool of_part) {
  int64_t n = 1;
  for (uint32_t d = 0; d < tensor->rank; d++)
    n *= of_part ? alpa_image_tensor_part_dim(tensor, d) : tensor->global_dims[d];
  return n;
}

bool alpa_image_tensors_are_whole(const alpa_image_tensor *const *parts, uint32_t n) {
  int64_t n_left = n ? count_elements(parts[0], false) : -1;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t k = 0;
    if (!alpa_image_tensor_is_alike(parts[0], parts[i]))
      return false;
    while (k < i && !alpa_image_tensor_is_same_part(parts[k], parts[i]))
      k++;
    n_left -= k == i ? count_elements(parts[i], true) : 0;
  }
  return n_left == 0;
}

static alpa_status verify_aliases(alpa_image_verifier *v, char *is_aliased) {
  const alpa_image *image = v->image;
  char *is_donated = alpa_arena_calloc(&v->scratch, image->n_arguments, 1);
  for (uint32_t i = 0; i < image->n_aliases; i++) {
    alpa_image_alias alias = image->aliases[i];
    if (alias.result >= image->n_results || alias.argument >= image->n_arguments)
      return alpa_image_error(v, "alias %u of result %u and argument %u: there are %u results and %u arguments", i,
                              alias.result, alias.argument, image->n_results, image->n_arguments);
    if (is_aliased[alias.result] || is_donated[alias.argument])
      return alpa_image_error(v, "alias %u: result %u or argument %u is aliased twice", i, alias.result,
                              alias.argument);
    if (!alpa_image_tensor_is_placed_as(&image->results[alias.result], &image->arguments[alias.argument],
                                        image->n_devices))
      return alpa_image_error(v, "alias %u: result %u and argument %u differ in type or placement", i, alias.result,
                              alias.argument);
    is_aliased[alias.result] = is_donated[alias.argument] = 1;
  }
  return ALPA_OK;
}

static alpa_status verify_outer_buffer(alpa_image_verifier *v, uint32_t i, const alpa_image_buffer *buffer) {
  bool is_argument = buffer->kind == ALPA_BUFFER_ARGUMENT;
  uint32_t n = is_argument ? v->image->n_arguments : v->image->n_results;
  const char *what = is_argument ? "argument" : "result";
  if (buffer->index >= n)
    return alpa_image_error(v, "buffer %u is %s %u of %u", i, what, buffer->index, n);
  const alpa_image_tensor *tensor =
      is_argument ? &v->image->arguments[buffer->index] : &v->image->results[buffer->index];
  int64_t bytes = alpa_image_tensor_local_bytes(tensor);
  if (buffer->bytes > bytes)
    return alpa_image_error(v, "buffer %u has %lld bytes, but a piece of %s %u has %lld", i, (long long)buffer->bytes,
                            what, buffer->index, (long long)bytes);
  return ALPA_OK;
}

static alpa_status verify_inner_buffer(alpa_image_verifier *v, uint32_t i, const alpa_image_buffer *buffer) {
  bool is_constant = buffer->kind == ALPA_BUFFER_CONSTANT;
  int64_t room = is_constant ? (int64_t)v->image->constants_bytes : v->image->arena_bytes;
  if (buffer->offset < 0 || buffer->offset % 64 || buffer->offset > room || buffer->bytes > room - buffer->offset)
    return alpa_image_error(
        v, "buffer %u: %lld bytes at offset %lld do not lie, 64-aligned, in the %lld bytes of the %s", i,
        (long long)buffer->bytes, (long long)buffer->offset, (long long)room, is_constant ? "constants" : "arena");
  return ALPA_OK;
}

static alpa_status verify_buffer(alpa_image_verifier *v, uint32_t i, const alpa_image_buffer *buffer) {
  if (buffer->bytes < 0)
    return alpa_image_error(v, "buffer %u has a negative size", i);
  switch (buffer->kind) {
  case ALPA_BUFFER_ARGUMENT:
  case ALPA_BUFFER_RESULT:
    return verify_outer_buffer(v, i, buffer);
  case ALPA_BUFFER_TEMPORARY:
  case ALPA_BUFFER_CONSTANT:
    return verify_inner_buffer(v, i, buffer);
  case ALPA_BUFFER_DEVICE:
    if (buffer->bytes != 4)
      return alpa_image_error(v, "buffer %u, the device number, expects 4 bytes, got %lld", i,
                              (long long)buffer->bytes);
    if (buffer->index > v->image->n_numbers)
      return alpa_image_error(v, "buffer %u is number %u of the device; there are %u", i, buffer->index,
                              v->image->n_numbers + 1);
    return ALPA_OK;
  }
  return alpa_image_error(v, "buffer %u: unknown kind %u", i, (unsigned)buffer->kind);
}

/* A result is either written into a buffer of its own or takes an argument's place. */
static alpa_status verify_buffers(alpa_image_verifier *v) {
  const alpa_image *image = v->image;
  char *is_aliased = alpa_arena_calloc(&v->scratch, image->n_results, 1);
  ALPA_TRY(verify_aliases(v, is_aliased));
  char *is_written = alpa_arena_calloc(&v->scratch, image->n_results, 1);
  for (uint32_t i = 0; i < image->n_buffers; i++) {
    const alpa_image_buffer *buffer = &image->buffers[i];
    ALPA_TRY(verify_buffer(v, i, buffer));
    if (buffer->kind != ALPA_BUFFER_RESULT)
      continue;
    if (is_aliased[buffer->index])
      return alpa_image_error(v, "buffer %u: result %u takes an argument's memory and has no buffer of its own", i,
                              buffer->index);
    is_written[buffer->index] = 1;
  }
  for (uint32_t i = 0; i < image->n_results; i++)
    if (!is_aliased[i] && !is_written[i])
      return alpa_image_error(v, "result %u has neither a buffer nor an aliased argument", i);
  return ALPA_OK;
}

static alpa_status verify_header(alpa_image_verifier *v) {
  const alpa_image *image = v->image;
  if (!image->target)
    return alpa_image_error(v, "no target is named");
  if (image->n_devices < 1 || image->n_devices > ALPA_MAX_DEVICES)
    return alpa_image_error(v, "%u devices; expects 1 to %d", image->n_devices, ALPA_MAX_DEVICES);
  if (image->arena_bytes < 0 || image->arena_bytes > LARGEST_BYTES || image->constants_bytes > (size_t)LARGEST_BYTES)
    return alpa_image_error(v, "the arena or the constants are larger than 2^60 bytes");
  if ((image->n_arguments && !image->arguments) || (image->n_results && !image->results) ||
      (image->n_aliases && !image->aliases) || (image->n_buffers && !image->buffers) ||
      (image->n_kernels && !image->kernels) || (image->n_collectives && !image->collectives) ||
      (image->n_code && !image->code) || (image->n_transfers && !image->transfers) ||
      (image->n_numbers && !image->numbers) || (image->constants_bytes && !image->constants))
    return alpa_image_error(v, "a table is missing");
  return ALPA_OK;
}

static alpa_status verify_all(alpa_image_verifier *v) {
  ALPA_TRY(verify_header(v));
  ALPA_TRY(verify_tensors(v));
  ALPA_TRY(verify_buffers(v));
  ALPA_TRY(alpa_image_verify_kernels(v));
  return alpa_image_verify_program(v);
}

alpa_status alpa_image_verify_at(const alpa_image *image, alpa_diag *diag, alpa_place place) {
  alpa_image_verifier verifier = {.image = image, .diag = diag, .place = place};
  alpa_arena_init(&verifier.scratch, diag->arena.memory);
  alpa_status status = verify_all(&verifier);
  alpa_arena_deinit(&verifier.scratch);
  return status;
}

alpa_status alpa_image_verify(const alpa_image *image, alpa_diag *diag) {
  return alpa_image_verify_at(image, diag, (alpa_place){0});
}
