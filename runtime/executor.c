/* Executables: loading.  Operand addresses are computed once; a step rewrites only those that have moved. */
#include "runtime/executor.h"

#include <setjmp.h>
#include <string.h>

#include "runtime/mesh_state.h"

static alpa_status load_placements(alpa_executable *e, alpa_diag *diag, const alpa_image *image) {
  e->arguments = alpa_arena_new(&e->arena, alpa_placement *, image->n_arguments);
  e->results = alpa_arena_new(&e->arena, alpa_placement *, image->n_results);
  e->aliases = alpa_arena_new(&e->arena, uint32_t, image->n_results);
  e->is_donated = alpa_arena_new(&e->arena, bool, image->n_arguments);
  for (; e->n_arguments < image->n_arguments; e->n_arguments++)
    ALPA_TRY(alpa_placement_create(e->mesh, diag, &image->arguments[e->n_arguments], &e->arguments[e->n_arguments]));
  for (; e->n_results < image->n_results; e->n_results++) {
    ALPA_TRY(alpa_placement_create(e->mesh, diag, &image->results[e->n_results], &e->results[e->n_results]));
    e->aliases[e->n_results] = ALPA_NO_INDEX;
  }
  /* One object for argument and result, so that the next step recognises its state by pointer. */
  for (uint32_t i = 0; i < image->n_aliases; i++) {
    alpa_image_alias alias = image->aliases[i];
    e->aliases[alias.result] = alias.argument;
    e->is_donated[alias.argument] = true;
    alpa_placement_release(e->mesh, e->results[alias.result]);
    e->results[alias.result] = alpa_placement_retain(e->arguments[alias.argument]);
  }
  return ALPA_OK;
}

static alpa_status load_memory(alpa_executable *e, alpa_diag *diag, const alpa_image *image) {
  ALPA_TRY(alpa_arena_set_acquire(e->mesh, diag, image->arena_bytes, &e->arenas));
  int64_t bytes = (int64_t)image->constants_bytes;
  if (bytes == 0)
    return ALPA_OK;
  char **constants = alpa_arena_new(&e->arena, char *, e->mesh->n_devices);
  if (!e->mesh->backend->share(e->mesh, image->constants, bytes, constants))
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for %lld bytes of constants of '%s'",
                      (long long)bytes, e->name);
  e->constants = constants;
  e->constants_bytes = bytes;
  e->mesh->use.constant_bytes += bytes;
  alpa_device_mesh_update_peak(e->mesh);
  return ALPA_OK;
}

static alpa_status load_numbers(alpa_executable *e, alpa_diag *diag, const alpa_image *image) {
  uint32_t n_devices = e->mesh->n_devices, *own = alpa_arena_new(&e->arena, uint32_t, image->n_numbers);
  if (image->n_numbers == 0)
    return ALPA_OK;
  e->n_numbers = image->n_numbers;
  e->numbers = alpa_arena_new(&e->arena, char *, n_devices);
  for (uint32_t d = 0; d < n_devices; d++) {
    for (uint32_t i = 0; i < image->n_numbers; i++)
      own[i] = image->numbers[(size_t)i * n_devices + d];
    if (!alpa_device_mesh_is_local(e->mesh, d))
      continue;
    e->numbers[d] = alpa_device_mesh_write_numbers(e->mesh, d, own, image->n_numbers);
    if (!e->numbers[d])
      return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for the numbers of device %u", d);
  }
  return ALPA_OK;
}

/* The address of an operand that never moves, NULL for arguments and results. */
static char *fixed_address(const alpa_executable *e, const alpa_image *image, uint32_t device, alpa_image_ref ref) {
  const alpa_image_buffer *buffer = &image->buffers[ref.buffer];
  switch (buffer->kind) {
  case ALPA_BUFFER_TEMPORARY:
    return e->arenas->arenas[device] + buffer->offset + ref.offset;
  case ALPA_BUFFER_CONSTANT:
    return e->constants ? e->constants[device] + buffer->offset + ref.offset : NULL;
  case ALPA_BUFFER_DEVICE:
    return (buffer->index ? e->numbers[device] + 64 * (size_t)(buffer->index - 1) : e->mesh->device_numbers[device]) +
           ref.offset;
  case ALPA_BUFFER_ARGUMENT:
  case ALPA_BUFFER_RESULT:
    break;
  }
  return NULL;
}

static void load_operands(alpa_executable *e, const alpa_image *image) {
  uint32_t n_devices = e->mesh->n_devices;
  e->operands = alpa_arena_new(&e->arena, char **, n_devices);
  for (uint32_t d = 0; d < n_devices; d++) {
    e->operands[d] = alpa_arena_alloc_aligned(&e->arena, (e->program.n_refs + 1) * sizeof(char *), 64);
    for (size_t r = 0; r < e->program.n_refs && alpa_device_mesh_is_local(e->mesh, d); r++)
      e->operands[d][r] = fixed_address(e, image, d, e->program.refs[r]);
  }
}

/* Lists the operands of every argument and result. */
static void load_outer(alpa_executable *e, const alpa_image *image) {
  uint32_t *outer_of = alpa_arena_new(&e->arena, uint32_t, image->n_buffers);
  e->outer = alpa_arena_new(&e->arena, alpa_outer_buffer, image->n_buffers);
  for (uint32_t b = 0; b < image->n_buffers; b++) {
    bool is_result = image->buffers[b].kind == ALPA_BUFFER_RESULT;
    outer_of[b] = ALPA_NO_INDEX;
    if (!is_result && image->buffers[b].kind != ALPA_BUFFER_ARGUMENT)
      continue;
    outer_of[b] = e->n_outer;
    e->outer[e->n_outer++] = (alpa_outer_buffer){.is_result = is_result, .index = image->buffers[b].index};
  }
  for (size_t r = 0; r < e->program.n_refs; r++)
    if (outer_of[e->program.refs[r].buffer] != ALPA_NO_INDEX)
      e->outer[outer_of[e->program.refs[r].buffer]].n_refs++;
  for (uint32_t o = 0; o < e->n_outer; o++) {
    e->outer[o].refs = alpa_arena_new(&e->arena, alpa_outer_ref, e->outer[o].n_refs);
    e->outer[o].n_refs = 0;
  }
  for (size_t r = 0; r < e->program.n_refs; r++) {
    alpa_image_ref ref = e->program.refs[r];
    if (outer_of[ref.buffer] == ALPA_NO_INDEX)
      continue;
    alpa_outer_buffer *outer = &e->outer[outer_of[ref.buffer]];
    outer->refs[outer->n_refs++] = (alpa_outer_ref){(uint32_t)r, ref.offset};
  }
  e->bound = alpa_arena_new(&e->arena, char *, (size_t)e->n_outer * e->mesh->n_devices);
}

static alpa_status load_all(alpa_executable *e, alpa_diag *diag, const alpa_image *image,
                            const alpa_load_options *options) {
  e->name = alpa_arena_strdup(&e->arena, options->name ? options->name : "program");
  ALPA_TRY(load_placements(e, diag, image));
  ALPA_TRY(load_memory(e, diag, image));
  ALPA_TRY(load_numbers(e, diag, image));
  alpa_operations_build(&e->arena, image, &e->program);
  load_operands(e, image);
  load_outer(e, image);
  return e->mesh->backend->load(e, diag, image, options);
}

/* Exhaustion of the executable's arena ends here. */
static alpa_status load_guarded(alpa_executable *e, alpa_diag *diag, const alpa_image *image,
                                const alpa_load_options *options) {
  jmp_buf recovery;
  e->memory.recovery = &recovery;
  if (setjmp(recovery))
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory to load an executable");
  alpa_status status = load_all(e, diag, image, options);
  e->memory.recovery = NULL;
  return status;
}

/* Whether the backend runs such targets at all; its `load` judges the rest of the name. */
static alpa_status check_target(const alpa_device_mesh *mesh, alpa_diag *diag, const char *name,
                                const alpa_image *image) {
  const char *targets = mesh->backend->targets;
  size_t n = strcspn(image->target, ":");
  if (n != strlen(targets) || strncmp(image->target, targets, n) != 0)
    return alpa_error(diag, (alpa_place){.file = name}, ALPA_UNSUPPORTED,
                      "the program was compiled for '%.32s', these devices are of backend '%s' and run '%s'; compile "
                      "it for them",
                      image->target, mesh->backend->name, targets);
  if (image->n_devices != mesh->n_devices)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "the image is for %u devices, the mesh has %u",
                      image->n_devices, mesh->n_devices);
  return ALPA_OK;
}

alpa_status alpa_executable_load(alpa_device_mesh *mesh, alpa_diag *diag, const alpa_image *image,
                                 const alpa_load_options *options, alpa_executable **out_executable) {
  ALPA_TRY(alpa_device_mesh_check_usable(mesh, diag));
  ALPA_TRY(alpa_image_verify(image, diag));
  ALPA_TRY(check_target(mesh, diag, options ? options->name : NULL, image));
  alpa_executable *e = alpa_device_mesh_alloc(mesh, sizeof *e);
  if (!e)
    return alpa_error(diag, (alpa_place){0}, ALPA_OUT_OF_MEMORY, "no memory for an executable");
  e->mesh = alpa_device_mesh_retain(mesh);
  alpa_memory_init(&e->memory, mesh->realloc, mesh->user);
  alpa_arena_init(&e->arena, &e->memory);
  alpa_status status = load_guarded(e, diag, image, options ? options : &(alpa_load_options){0});
  if (status == ALPA_OK)
    *out_executable = e;
  else
    alpa_executable_destroy(e);
  return status;
}

void alpa_executable_destroy(alpa_executable *e) {
  if (!e)
    return;
  alpa_device_mesh *mesh = e->mesh;
  mesh->backend->unload(e);
  if (e->constants) {
    mesh->use.constant_bytes -= e->constants_bytes;
    mesh->backend->unshare(mesh, e->constants, e->constants_bytes);
  }
  for (uint32_t d = 0; e->numbers && d < mesh->n_devices && !mesh->is_stuck; d++)
    if (e->numbers[d])
      mesh->backend->free(mesh, d, e->numbers[d], 64 * (int64_t)e->n_numbers);
  alpa_arena_set_release(mesh, e->arenas);
  for (uint32_t i = 0; i < e->n_arguments; i++)
    alpa_placement_release(mesh, e->arguments[i]);
  for (uint32_t i = 0; i < e->n_results; i++)
    alpa_placement_release(mesh, e->results[i]);
  if (!mesh->is_stuck)
    alpa_arena_deinit(&e->arena);
  alpa_device_mesh_free(mesh, mesh->is_stuck ? NULL : e);
  alpa_device_mesh_release(mesh);
}

void alpa_executable_get_graphs(const alpa_executable *e, alpa_graph_use *out_use) {
  *out_use = (alpa_graph_use){.reason = ""};
  if (e->mesh->backend->describe_graphs && e->mesh->engine)
    e->mesh->backend->describe_graphs(e, out_use);
}

uint32_t alpa_executable_n_arguments(const alpa_executable *e) { return e->n_arguments; }
uint32_t alpa_executable_n_results(const alpa_executable *e) { return e->n_results; }

const alpa_image_tensor *alpa_executable_get_argument(const alpa_executable *e, uint32_t index) {
  return index < e->n_arguments ? &e->arguments[index]->tensor : NULL;
}

const alpa_image_tensor *alpa_executable_get_result(const alpa_executable *e, uint32_t index) {
  return index < e->n_results ? &e->results[index]->tensor : NULL;
}
