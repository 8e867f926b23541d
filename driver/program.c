/* Devices, compiled programs and arrays in the public API: the runtime behind handles that report to a context. */
#include "dialects/ir/context.h"
#include "driver/api_context.h"
#include "driver/compile.h"
#include "driver/program.h"

/* ---- devices ---- */

typedef struct devices_args {
  alpa_devices *devices;
  alpa_device_mesh_options options;
} devices_args;

static alpa_status create_mesh(void *arguments) {
  devices_args *args = arguments;
  return alpa_device_mesh_create(&args->options, &args->devices->ctx->diag, &args->devices->mesh);
}

alpa_status alpa_devices_create(alpa_context *context, const alpa_devices_options *given, alpa_devices **out_devices) {
  if (!context || !out_devices)
    return ALPA_INVALID_ARGUMENT;
  alpa_devices_options options = ALPA_DEVICES_OPTIONS_INIT;
  alpa_api_take(&options, sizeof options, given);
  alpa_memory *memory = &context->memory;
  alpa_devices *devices = memory->realloc(memory->user, NULL, sizeof *devices);
  if (!devices)
    return ALPA_OUT_OF_MEMORY;
  *devices = (alpa_devices){.ctx = context};
  devices_args args = {devices,
                       {.n_devices = options.n_devices,
                        .n_workers = options.workers,
                        .deadline_s = options.deadline_s,
                        .poison = options.poison,
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
  alpa_memory *memory = &devices->ctx->memory;
  alpa_device_mesh_destroy(devices->mesh);
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

typedef struct program_args {
  alpa_plan *plan;
  alpa_program *program;
} program_args;

static alpa_status check_devices(const alpa_plan *plan, const alpa_devices *devices) {
  uint32_t n = alpa_device_mesh_n_devices(devices->mesh);
  if (n == plan->info.n_devices)
    return ALPA_OK;
  return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                    "the plan is for %u devices, there are %u", plan->info.n_devices, n);
}

static alpa_status create_program(void *arguments) {
  program_args *args = arguments;
  alpa_program *program = args->program;
  ALPA_TRY(check_devices(args->plan, program->devices));
  alpa_arena arena;
  alpa_arena_init(&arena, &program->ctx->memory);
  alpa_compiled compiled;
  alpa_status status = alpa_compile_image(args->plan, &arena, &compiled);
  if (status == ALPA_OK)
    status =
        alpa_executable_load(program->devices->mesh, &program->ctx->diag, compiled.image, NULL, &program->executable);
  if (status == ALPA_OK) {
    program->info.from_cache = compiled.from_cache;
    program->info.compile_s = compiled.seconds;
    program->info.n_kernels = compiled.image->n_kernels;
    program->info.temporary_bytes = compiled.image->arena_bytes;
    for (uint32_t i = 0; i < compiled.image->n_code; i++)
      program->info.code_bytes += (int64_t)compiled.image->code[i].size;
  }
  alpa_arena_deinit(&arena);
  return status;
}

alpa_status alpa_program_create(const alpa_plan *plan, alpa_devices *devices, alpa_program **out_program) {
  if (!plan || !devices || !out_program || plan->ctx != devices->ctx)
    return ALPA_INVALID_ARGUMENT;
  alpa_memory *memory = &plan->ctx->memory;
  alpa_program *program = memory->realloc(memory->user, NULL, sizeof *program);
  if (!program)
    return ALPA_OUT_OF_MEMORY;
  *program = (alpa_program){.ctx = plan->ctx, .devices = devices, .info = ALPA_PROGRAM_INFO_INIT};
  program_args args = {(alpa_plan *)plan, program}; /* the plan keeps its partitioned program for the next caller */
  alpa_status status = alpa_guard(memory, create_program, &args);
  if (status == ALPA_OK)
    *out_program = program;
  else
    alpa_program_destroy(program);
  return status;
}

void alpa_program_destroy(alpa_program *program) {
  if (!program)
    return;
  alpa_memory *memory = &program->ctx->memory;
  alpa_executable_destroy(program->executable);
  memory->realloc(memory->user, program, 0);
}

alpa_status alpa_program_get_info(const alpa_program *program, alpa_program_info *out_info) {
  if (!program || !out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_api_give(out_info, &program->info, sizeof program->info);
  return ALPA_OK;
}

/* ---- arrays and steps ---- */

alpa_status alpa_program_create_array(const alpa_program *program, uint32_t argument, const void *data,
                                      alpa_array **out_array) {
  if (!program || !data || !out_array || argument >= alpa_executable_n_arguments(program->executable))
    return ALPA_INVALID_ARGUMENT;
  const alpa_image_tensor *placement = alpa_executable_get_argument(program->executable, argument);
  return alpa_array_create(program->devices->mesh, &program->ctx->diag, placement, data, out_array);
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
                                .bytes = from->bytes};
  options->observe(options->user, &event);
}

alpa_status alpa_program_run_with(alpa_program *program, const alpa_program_run_options *given,
                                  alpa_array *const *arguments, alpa_array **out_results) {
  if (!program || (!arguments && alpa_executable_n_arguments(program->executable)) || !out_results)
    return ALPA_INVALID_ARGUMENT;
  alpa_program_run_options options = ALPA_PROGRAM_RUN_OPTIONS_INIT;
  alpa_api_take(&options, sizeof options, given);
  alpa_run_options traced = {.trace = observe, .user = &options};
  return alpa_executable_run(program->executable, &program->ctx->diag, arguments, options.observe ? &traced : NULL,
                             out_results);
}

alpa_status alpa_program_read_array(const alpa_program *program, const alpa_array *array, void *out_data) {
  if (!program || !array || !out_data)
    return ALPA_INVALID_ARGUMENT;
  return alpa_array_read(array, &program->ctx->diag, false, out_data);
}
