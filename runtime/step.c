/* Steps: checks of the arguments, results, binding of addresses, donation, and the run itself.
 *
 * Everything that can fail comes before anything changes: then the donated arguments hand their buffers to the
 * results, and the engine runs.  A step whose state stays in place rebinds nothing and allocates nothing. */
#include <string.h>

#include "runtime/mesh_state.h"

/* Buffers that nobody has asked for during so many steps leave the pool. */
enum { POOL_STEPS = 16 };

static const char *name_of(const alpa_placement *placement) { return placement->tensor.name; }

static alpa_status check_argument(alpa_executable *e, alpa_diag *diag, uint32_t i, alpa_array *array) {
  if (!array || array->mesh != e->mesh)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "argument %u ('%s') of '%s' %s", i,
                      name_of(e->arguments[i]), e->name, array ? "lies on another mesh" : "is missing");
  if (array->donated_step)
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "argument %u ('%s') of '%s' was donated to step %llu and has no data any more; pass that step's "
                      "result",
                      i, name_of(e->arguments[i]), e->name, (unsigned long long)array->donated_step);
  if (array->placement == e->arguments[i])
    return ALPA_OK;
  if (!alpa_array_has_placement(array, &e->arguments[i]->tensor))
    return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "argument %u ('%s') of '%s': array '%s' differs in type, shape or placement; reshard it", i,
                      name_of(e->arguments[i]), e->name, name_of(array->placement));
  /* From now on the pointers agree. */
  alpa_placement_release(e->mesh, array->placement);
  array->placement = alpa_placement_retain(e->arguments[i]);
  return ALPA_OK;
}

/* No array may be taken over twice, or be taken over and read as another argument. */
static alpa_status check_donation(alpa_executable *e, alpa_diag *diag, alpa_array *const *arguments) {
  uint64_t mark = ++e->mesh->n_bindings;
  for (int is_donated = 1; is_donated >= 0; is_donated--)
    for (uint32_t i = 0; i < e->n_arguments; i++) {
      if (e->is_donated[i] != is_donated)
        continue;
      if (arguments[i]->mark == mark)
        return alpa_error(diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                          "argument %u ('%s') of '%s' is donated and passed a second time; pass a copy", i,
                          name_of(e->arguments[i]), e->name);
      if (is_donated)
        arguments[i]->mark = mark;
    }
  return ALPA_OK;
}

static alpa_status check_arguments(alpa_executable *e, alpa_diag *diag, alpa_array *const *arguments) {
  ALPA_TRY(alpa_device_mesh_check_usable(e->mesh, diag));
  for (uint32_t i = 0; i < e->n_arguments; i++)
    ALPA_TRY(check_argument(e, diag, i, arguments[i]));
  return check_donation(e, diag, arguments);
}

static void release_results(uint32_t n, alpa_array **results) {
  for (uint32_t i = 0; i < n; i++)
    alpa_array_release(results[i]);
}

static alpa_status create_results(alpa_executable *e, alpa_diag *diag, alpa_array **results) {
  alpa_status status = ALPA_OK;
  for (uint32_t i = 0; i < e->n_results; i++) {
    bool is_aliased = e->aliases[i] != ALPA_NO_INDEX;
    status = (is_aliased ? alpa_array_allocate_shell : alpa_array_allocate)(e->mesh, diag, e->results[i], &results[i]);
    if (status == ALPA_OK)
      continue;
    release_results(i, results);
    break;
  }
  return status;
}

/* Rewrites the operands of arguments and results that lie elsewhere than before. */
static void bind(alpa_executable *e, alpa_array *const *arguments, alpa_array *const *results) {
  uint32_t n_devices = e->mesh->n_devices;
  for (uint32_t o = 0; o < e->n_outer; o++) {
    const alpa_outer_buffer *outer = &e->outer[o];
    const alpa_array *array = outer->is_result ? results[outer->index] : arguments[outer->index];
    char **bound = &e->bound[(size_t)o * n_devices];
    if (memcmp(bound, array->pieces, n_devices * sizeof(char *)) == 0)
      continue;
    for (uint32_t d = 0; d < n_devices; d++)
      for (uint32_t r = 0; r < outer->n_refs && array->pieces[d]; r++)
        e->operands[d][outer->refs[r].ref] = array->pieces[d] + outer->refs[r].offset;
    memcpy(bound, array->pieces, n_devices * sizeof(char *));
  }
}

static void donate(alpa_executable *e, alpa_array *const *arguments, alpa_array *const *results) {
  size_t bytes = e->mesh->n_devices * sizeof(char *);
  for (uint32_t i = 0; i < e->n_results; i++) {
    if (e->aliases[i] == ALPA_NO_INDEX)
      continue;
    alpa_array *argument = arguments[e->aliases[i]];
    memcpy(results[i]->pieces, argument->pieces, bytes);
    memset(argument->pieces, 0, bytes);
    argument->donated_step = e->mesh->step;
  }
}

static void prepare_memory(alpa_executable *e) {
  alpa_device_mesh *mesh = e->mesh;
  if (mesh->step > POOL_STEPS && mesh->use.pool_bytes)
    alpa_device_mesh_trim_before(mesh, mesh->step - POOL_STEPS);
  for (uint32_t d = 0; mesh->poison && d < mesh->n_devices; d++)
    if (alpa_device_mesh_is_local(mesh, d))
      mesh->backend->fill(mesh, d, e->arenas->arenas[d], 0xFF, e->arenas->bytes);
}

alpa_status alpa_executable_run(alpa_executable *e, alpa_diag *diag, alpa_array *const *arguments,
                                const alpa_run_options *options, alpa_array **out_results) {
  ALPA_TRY(check_arguments(e, diag, arguments));
  ALPA_TRY(create_results(e, diag, out_results));
  e->mesh->step++;
  bind(e, arguments, out_results);
  donate(e, arguments, out_results);
  prepare_memory(e);
  alpa_status status = e->mesh->backend->run(e, diag, options ? options : &(alpa_run_options){0});
  if (status == ALPA_OK)
    return ALPA_OK;
  release_results(e->n_results, out_results);
  for (uint32_t i = 0; i < e->n_results; i++)
    out_results[i] = NULL;
  return status;
}
