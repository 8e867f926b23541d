/* Devices, programs and arrays in the public API: the runtime behind handles that report to a context. */
#include "driver/program.h"

#include "driver/cache.h"
#include "driver/package.h"

/* ---- processes ---- */

typedef struct join_args {
  alpa_diag *diag;
  const char *name;
  alpa_processes *processes;
} join_args;

static alpa_status join(void *arguments) {
  join_args *args = arguments;
  return alpa_processes_join(args->diag, args->name, &args->processes);
}

alpa_status alpa_processes_open(alpa_context *context, const char *name, alpa_processes **out_processes) {
  if (!context || !name || !out_processes)
    return ALPA_INVALID_ARGUMENT;
  alpa_environment env = alpa_context_environment(context);
  join_args args = {env.diag, name, NULL};
  ALPA_TRY(alpa_guard(env.memory, join, &args));
  *out_processes = args.processes;
  return ALPA_OK;
}

void alpa_processes_close(alpa_processes *processes, bool failed) {
  if (processes)
    processes->vtable->close(processes, failed);
}

uint32_t alpa_processes_get_rank(const alpa_processes *processes) { return processes ? processes->rank : 0; }

uint32_t alpa_processes_count(const alpa_processes *processes) { return processes ? processes->n : 1; }

alpa_status alpa_processes_broadcast(alpa_processes *processes, void *data, size_t bytes, uint32_t root) {
  if (!processes || (!data && bytes) || root >= processes->n)
    return ALPA_INVALID_ARGUMENT;
  return processes->vtable->broadcast(processes, data, bytes, root) ? ALPA_OK : ALPA_ABORTED;
}

/* ---- devices ---- */

typedef struct devices_args {
  alpa_devices *devices;
  const char *cache_directory;
  alpa_device_mesh_options options;
} devices_args;

static alpa_status create_mesh(void *arguments) {
  devices_args *args = arguments;
  if (args->cache_directory) {
    alpa_memory *memory = args->devices->env.memory;
    size_t size = strlen(args->cache_directory) + 1;
    args->devices->cache_directory = memory->realloc(memory->user, NULL, size);
    if (!args->devices->cache_directory)
      return ALPA_OUT_OF_MEMORY;
    memcpy(args->devices->cache_directory, args->cache_directory, size);
  }
  return alpa_device_mesh_create(&args->options, args->devices->env.diag, &args->devices->mesh);
}

alpa_status alpa_devices_create(alpa_context *context, const alpa_devices_options *given, alpa_devices **out_devices) {
  if (!context || !out_devices)
    return ALPA_INVALID_ARGUMENT;
  alpa_devices_options options = ALPA_DEVICES_OPTIONS_INIT;
  alpa_api_take(&options, sizeof options, given);
  alpa_environment env = alpa_context_environment(context);
  alpa_memory *memory = env.memory;
  alpa_devices *devices = memory->realloc(memory->user, NULL, sizeof *devices);
  if (!devices)
    return ALPA_OUT_OF_MEMORY;
  *devices = (alpa_devices){.env = env};
  devices_args args = {devices,
                       options.cache_directory,
                       {.backend = options.backend,
                        .processes = options.processes,
                        .n_devices = options.n_devices,
                        .n_workers = options.workers,
                        .deadline_s = options.deadline_s,
                        .poison = options.poison,
                        .no_graphs = options.no_graphs,
                        .realloc = memory->realloc,
                        .user = memory->user}};
  alpa_status status = alpa_guard(memory, create_mesh, &args);
  if (status == ALPA_OK)
    *out_devices = devices;
  else
    alpa_devices_destroy(devices);
  return status;
}

void alpa_devices_destroy(alpa_devices *devices) {
  if (!devices)
    return;
  alpa_memory *memory = devices->env.memory;
  alpa_device_mesh_destroy(devices->mesh);
  if (devices->cache_directory)
    memory->realloc(memory->user, devices->cache_directory, 0);
  memory->realloc(memory->user, devices, 0);
}

void alpa_devices_get_memory(const alpa_devices *devices, int64_t *out_temporary, int64_t *out_arrays,
                             int64_t *out_peak) {
  alpa_memory_use use = {0};
  if (devices)
    alpa_device_mesh_get_memory(devices->mesh, 0, &use);
  *out_temporary = use.arena_bytes;
  *out_arrays = use.array_bytes;
  *out_peak = use.peak_bytes;
}

/* ---- programs ---- */

typedef struct make_args {
  alpa_program *program;
  alpa_status (*make)(void *arguments, alpa_program *program);
  void *arguments;
} make_args;

static alpa_status make_program(void *arguments) {
  make_args *args = arguments;
  return args->make(args->arguments, args->program);
}

alpa_status alpa_program_make(alpa_devices *devices, alpa_status (*make)(void *arguments, alpa_program *program),
                              void *arguments, alpa_program **out_program) {
  alpa_memory *memory = devices->env.memory;
  alpa_program *program = memory->realloc(memory->user, NULL, sizeof *program);
  if (!program)
    return ALPA_OUT_OF_MEMORY;
  *program = (alpa_program){.env = devices->env, .devices = devices, .info = ALPA_PROGRAM_INFO_INIT};
  alpa_arena_init(&program->arena, memory);
  make_args args = {program, make, arguments};
  alpa_status status = alpa_guard(memory, make_program, &args);
  if (status == ALPA_OK)
    *out_program = program;
  else
    alpa_program_destroy(program);
  return status;
}

static bool find_code(void *user, alpa_arena *arena, alpa_str key, alpa_str *out_code) {
  return alpa_cache_find(user, arena, ALPA_CACHE_CUBIN, key, out_code);
}

static void store_code(void *user, alpa_arena *arena, alpa_str key, alpa_str code) {
  alpa_cache_store(user, arena, ALPA_CACHE_CUBIN, key, code);
}

alpa_status alpa_program_fill(alpa_program *program, const alpa_program_source *source) {
  const alpa_image *image = source->image;
  uint32_t n = alpa_device_mesh_n_devices(program->devices->mesh);
  if (n != image->n_devices)
    return alpa_error(program->env.diag, (alpa_place){.file = source->name}, ALPA_INVALID_ARGUMENT,
                      "the program is for %u devices, there are %u", image->n_devices, n);
  alpa_signature_copy(&program->arena, source->signature, &program->signature);
  program->arguments = alpa_signature_list_arguments(&program->arena, &program->signature);
  program->results = alpa_signature_list_results(&program->arena, &program->signature);
  program->parts = alpa_arena_new(&program->arena, alpa_array *, image->n_arguments + image->n_results);
  program->info.n_kernels = image->n_kernels;
  program->info.temporary_bytes = image->arena_bytes;
  for (uint32_t i = 0; i < image->n_code; i++)
    program->info.code_bytes += (int64_t)image->code[i].size;
  alpa_cache cache = {program->devices->cache_directory, program->env.diag};
  alpa_code_cache code_cache = {&cache, find_code, store_code};
  alpa_load_options options = {.name = source->name, .cache = cache.directory ? &code_cache : NULL};
  return alpa_executable_load(program->devices->mesh, program->env.diag, image, &options, &program->executable);
}

typedef struct load_args {
  const alpa_package *package;
  alpa_part part;
} load_args;

static alpa_status load_part(void *arguments, alpa_program *program) {
  load_args *args = arguments;
  const alpa_package_part *part = &args->package->contents.parts[args->part];
  double start = alpa_clock_seconds();
  alpa_program_source source = {part->name, part->image, &part->signature};
  alpa_status status = alpa_program_fill(program, &source);
  program->info.from_cache = true;
  program->info.compile_s = alpa_clock_seconds() - start;
  return status;
}

alpa_status alpa_program_load(const alpa_package *package, alpa_part part, alpa_devices *devices,
                              alpa_program **out_program) {
  if (!package || !devices || !out_program || package->env.diag != devices->env.diag)
    return ALPA_INVALID_ARGUMENT;
  if ((uint32_t)part >= package->contents.n_parts)
    return ALPA_NOT_FOUND;
  load_args args = {package, part};
  return alpa_program_make(devices, load_part, &args, out_program);
}

void alpa_program_destroy(alpa_program *program) {
  if (!program)
    return;
  alpa_memory *memory = program->env.memory;
  alpa_executable_destroy(program->executable);
  alpa_arena_deinit(&program->arena);
  memory->realloc(memory->user, program, 0);
}

alpa_status alpa_program_get_info(const alpa_program *program, alpa_program_info *out_info) {
  if (!program || !out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_program_info info = program->info;
  alpa_graph_use graphs;
  alpa_executable_get_graphs(program->executable, &graphs);
  info.n_graph_launches = graphs.n_launches;
  info.n_graph_operations = graphs.n_operations;
  info.graph_reason = graphs.reason;
  alpa_api_give(out_info, &info, sizeof info);
  return ALPA_OK;
}

static const uint32_t *part_of(const alpa_part_list *list, uint32_t n, uint32_t index, uint32_t k) {
  return index < n && k < list->first[index + 1] - list->first[index] ? &list->items[list->first[index] + k] : NULL;
}

const alpa_image_tensor *alpa_program_find_argument(const alpa_program *program, uint32_t index, uint32_t k) {
  const uint32_t *part = part_of(&program->arguments, program->signature.n_arguments, index, k);
  return part ? alpa_executable_get_argument(program->executable, *part) : NULL;
}

const alpa_image_tensor *alpa_program_find_result(const alpa_program *program, uint32_t index, uint32_t k) {
  const uint32_t *part = part_of(&program->results, program->signature.n_results, index, k);
  return part ? alpa_executable_get_result(program->executable, *part) : NULL;
}

uint32_t alpa_program_count_arguments(const alpa_program *program) {
  return program ? program->signature.n_arguments : 0;
}

uint32_t alpa_program_count_results(const alpa_program *program) { return program ? program->signature.n_results : 0; }

alpa_status alpa_program_get_argument(const alpa_program *program, uint32_t index, alpa_tensor_info *out_info) {
  if (!program || !out_info)
    return ALPA_INVALID_ARGUMENT;
  const alpa_image_tensor *tensor = alpa_program_find_argument(program, index, 0);
  return alpa_signature_get_argument(&program->signature, tensor, index, out_info);
}

alpa_status alpa_program_get_result(const alpa_program *program, uint32_t index, alpa_tensor_info *out_info) {
  if (!program || !out_info)
    return ALPA_INVALID_ARGUMENT;
  const alpa_image_tensor *tensor = alpa_program_find_result(program, index, 0);
  return alpa_signature_get_result(&program->signature, tensor, index, out_info);
}

uint32_t alpa_program_count_checks(const alpa_program *program) { return program ? program->signature.n_checks : 0; }

alpa_status alpa_program_get_check(const alpa_program *program, uint32_t index, alpa_check_info *out_info) {
  if (!program || !out_info)
    return ALPA_INVALID_ARGUMENT;
  return alpa_signature_get_check(&program->signature, index, out_info);
}

alpa_status alpa_program_run_check(const alpa_program *program, uint32_t index, const void *actual,
                                   const void *expected) {
  if (!program || !actual || !expected)
    return ALPA_INVALID_ARGUMENT;
  if (index >= program->signature.n_checks)
    return ALPA_NOT_FOUND;
  const alpa_check *check = &program->signature.checks[index];
  return alpa_check_run(program->env, check, alpa_program_find_result(program, check->actual, 0), actual, expected);
}

/* ---- arrays and steps ---- */

/* Makes an array of all parts of an argument; each comes from `make`. */
typedef alpa_status make_part_fn(const alpa_program *program, const alpa_image_tensor *placement, void *user,
                                 alpa_array **out_part);

static alpa_status make_array(const alpa_program *program, uint32_t argument, make_part_fn *make, void *user,
                              alpa_array **out_array) {
  alpa_array *array = NULL, *part;
  const alpa_image_tensor *placement;
  for (uint32_t k = 0; (placement = alpa_program_find_argument(program, argument, k)) != NULL; k++) {
    alpa_status status = make(program, placement, user, &part);
    if (status != ALPA_OK) {
      alpa_array_release(array);
      return status;
    }
    if (array)
      alpa_array_join(array, part);
    else
      array = part;
  }
  *out_array = array;
  return ALPA_OK;
}

static alpa_status create_part(const alpa_program *program, const alpa_image_tensor *placement, void *user,
                               alpa_array **out_part) {
  return alpa_array_create(program->devices->mesh, program->env.diag, placement, user, out_part);
}

alpa_status alpa_program_create_array(const alpa_program *program, uint32_t argument, const void *data,
                                      alpa_array **out_array) {
  if (!program || !data || !out_array || argument >= program->signature.n_arguments)
    return ALPA_INVALID_ARGUMENT;
  return make_array(program, argument, create_part, (void *)(uintptr_t)data, out_array);
}

static bool is_placed(const alpa_program *program, uint32_t argument, alpa_array *array) {
  const alpa_image_tensor *placement;
  uint32_t k = 0;
  for (; (placement = alpa_program_find_argument(program, argument, k)) != NULL; k++) {
    const alpa_array *part = alpa_array_get_part(array, k);
    if (!part || !alpa_array_has_placement(part, placement) || alpa_array_donated_step(part))
      return false;
  }
  return alpa_array_get_part(array, k) == NULL;
}

static alpa_status reshard_part(const alpa_program *program, const alpa_image_tensor *placement, void *user,
                                alpa_array **out_part) {
  return alpa_array_reshard(user, program->env.diag, placement, out_part);
}

alpa_status alpa_program_place_array(const alpa_program *program, uint32_t argument, alpa_array *array,
                                     alpa_array **out_array) {
  if (!program || !array || !out_array || argument >= program->signature.n_arguments)
    return ALPA_INVALID_ARGUMENT;
  if (!is_placed(program, argument, array))
    return make_array(program, argument, reshard_part, array, out_array);
  *out_array = alpa_array_retain(array);
  return ALPA_OK;
}

void alpa_arrays_release(alpa_array *const *arrays, size_t n) {
  for (size_t i = 0; arrays && i < n; i++)
    alpa_array_release(arrays[i]);
}

alpa_status alpa_program_run(alpa_program *program, alpa_array *const *arguments, alpa_array **out_results) {
  return alpa_program_run_with(program, NULL, arguments, out_results);
}

static void observe(void *user, const alpa_trace_event *from) {
  const alpa_program_run_options *options = user;
  alpa_operation_event event = {.struct_size = sizeof event,
                                .device = from->device,
                                .operation = from->instruction,
                                .name = from->name,
                                .where = from->where,
                                .seconds = 1e-9 * (double)(from->end_ns - from->start_ns),
                                .flops = from->flops,
                                .bytes = from->bytes,
                                .start_s = 1e-9 * (double)from->start_ns};
  options->observe(options->user, &event);
}

/* The parts of the arguments, where the image expects them. */
static void spread_arguments(const alpa_program *program, alpa_array *const *arguments) {
  for (uint32_t i = 0; i < program->signature.n_arguments; i++) {
    alpa_array *part = arguments[i];
    for (uint32_t at = program->arguments.first[i]; at < program->arguments.first[i + 1]; at++) {
      program->parts[program->arguments.items[at]] = part;
      part = part ? alpa_array_get_part(part, 1) : NULL;
    }
  }
}

static void join_results(const alpa_program *program, alpa_array *const *parts, alpa_array **out_results) {
  for (uint32_t i = 0; i < program->signature.n_results; i++) {
    const uint32_t *first = &program->results.items[program->results.first[i]];
    out_results[i] = parts[*first];
    for (uint32_t k = 1; k < program->results.first[i + 1] - program->results.first[i]; k++)
      alpa_array_join(out_results[i], parts[first[k]]);
  }
}

alpa_status alpa_program_run_with(alpa_program *program, const alpa_program_run_options *given,
                                  alpa_array *const *arguments, alpa_array **out_results) {
  if (!program || (!arguments && program->signature.n_arguments) || !out_results)
    return ALPA_INVALID_ARGUMENT;
  alpa_program_run_options options = ALPA_PROGRAM_RUN_OPTIONS_INIT;
  alpa_api_take(&options, sizeof options, given);
  alpa_run_options traced = {.trace = observe, .user = &options};
  alpa_array **results = program->parts + alpa_executable_n_arguments(program->executable);
  spread_arguments(program, arguments);
  ALPA_TRY(alpa_executable_run(program->executable, program->env.diag, program->parts, options.observe ? &traced : NULL,
                               results));
  join_results(program, results, out_results);
  return ALPA_OK;
}

alpa_status alpa_program_read_array(const alpa_program *program, const alpa_array *array, void *out_data) {
  if (!program || !array || !out_data)
    return ALPA_INVALID_ARGUMENT;
  return alpa_array_read(array, program->env.diag, false, out_data);
}
