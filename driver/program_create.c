/* Programs from plans: compiled for the devices that will run them, or found in the cache. */
#include "driver/api_context.h"
#include "driver/compile.h"
#include "driver/program.h"

static alpa_status compile(void *arguments, alpa_program *program) {
  alpa_plan *plan = arguments;
  alpa_arena arena;
  alpa_arena_init(&arena, program->env.memory);
  alpa_compiled compiled;
  const char *target = alpa_device_mesh_target(program->devices->mesh);
  alpa_status status = alpa_compile_image(plan, target, &arena, &compiled);
  if (status == ALPA_OK) {
    alpa_signature signature = alpa_plan_signature(plan);
    status = alpa_program_fill(program, &(alpa_program_source){NULL, compiled.image, &signature});
    program->info.from_cache = compiled.from_cache;
    program->info.compile_s = compiled.seconds;
  }
  alpa_arena_deinit(&arena);
  return status;
}

alpa_status alpa_program_create(const alpa_plan *plan, alpa_devices *devices, alpa_program **out_program) {
  if (!plan || !devices || !out_program || &plan->ctx->diag != devices->env.diag)
    return ALPA_INVALID_ARGUMENT;
  uint32_t n = alpa_device_mesh_n_devices(devices->mesh);
  if (n != plan->info.n_devices)
    return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "the plan is for %u devices, there are %u", plan->info.n_devices, n);
  /* The plan keeps its partitioned program for the next caller. */
  return alpa_program_make(devices, compile, (alpa_plan *)(uintptr_t)plan, out_program);
}
