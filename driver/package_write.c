/* Packages from plans: the plan's image for a target, with its signature, and that of the initial program. */
#include "driver/api_context.h"
#include "driver/compile.h"
#include "driver/package.h"

typedef struct write_args {
  const alpa_plan *plan;
  alpa_package_options options;
  alpa_write_fn *write;
  void *user;
  alpa_arena *arena;
} write_args;

static alpa_status make_part(const alpa_plan *plan, const alpa_package_options *options, alpa_arena *arena,
                             alpa_package_part *out) {
  alpa_compiled compiled;
  ALPA_TRY(alpa_compile_image((alpa_plan *)(uintptr_t)plan, options->target, arena, &compiled));
  alpa_str bytes = alpa_image_write(arena, compiled.image);
  *out = (alpa_package_part){.name = options->name ? options->name : "",
                             .cluster = plan->info.cluster,
                             .mesh = plan->info.mesh,
                             .signature = alpa_plan_signature(plan),
                             .bytes = bytes.data,
                             .size = bytes.size};
  return ALPA_OK;
}

/* The initial program's results are the leading arguments of the program. */
static alpa_status check_init(const alpa_plan *plan, const alpa_plan *init) {
  const alpa_layout *from = &init->layout, *to = &plan->layout;
  if (from->n_devices != to->n_devices || from->n_arguments != 0 || from->n_results > to->n_arguments)
    return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "the initial program must be for %u devices, without arguments and with at most %u results; it "
                      "is for %u, with %u and %u",
                      to->n_devices, to->n_arguments, from->n_devices, from->n_arguments, from->n_results);
  for (uint32_t i = 0; i < from->n_results; i++)
    if (plan->staged ? !alpa_image_tensor_is_alike(&from->results[i], &to->arguments[i])
                     : !alpa_image_tensor_is_placed_as(&from->results[i], &to->arguments[i], to->n_devices))
      return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                        "result %u of the initial program differs in type, shape or placement from argument %u of "
                        "the program; plan it after alpa_module_follow",
                        i, i);
  return ALPA_OK;
}

static alpa_status write_package(void *arguments) {
  write_args *args = arguments;
  alpa_package_part parts[ALPA_PACKAGE_MOST_PARTS];
  alpa_package_contents contents = {1, parts};
  const alpa_plan *init = args->options.init;
  ALPA_TRY(make_part(args->plan, &args->options, args->arena, &parts[ALPA_PART_PROGRAM]));
  if (init) {
    ALPA_TRY(check_init(args->plan, init));
    ALPA_TRY(make_part(init, &args->options, args->arena, &parts[ALPA_PART_INIT]));
    contents.n_parts = 2;
  }
  alpa_str bytes = alpa_package_bytes(args->arena, &contents);
  return args->write(args->user, bytes.data, bytes.size);
}

alpa_status alpa_plan_write_package(const alpa_plan *plan, const alpa_package_options *given, alpa_write_fn *write,
                                    void *user) {
  if (!plan || !write)
    return ALPA_INVALID_ARGUMENT;
  alpa_arena arena;
  write_args args = {plan, ALPA_PACKAGE_OPTIONS_INIT, write, user, &arena};
  alpa_api_take(&args.options, sizeof args.options, given);
  if (args.options.init && args.options.init->ctx != plan->ctx)
    return ALPA_INVALID_ARGUMENT;
  alpa_arena_init(&arena, &plan->ctx->memory);
  alpa_status status = alpa_guard(&plan->ctx->memory, write_package, &args);
  alpa_arena_deinit(&arena);
  return status;
}
