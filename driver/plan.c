/* Plans in the public API: creation, figures, text. */
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/print.h"
#include "driver/api_context.h"
#include "driver/compile.h"
#include "passes/cost/mesh.h"

typedef struct create_args {
  alpa_plan *plan;
  const alpa_module *program;
} create_args;

static const char *copy(alpa_arena *arena, const char *text) { return text ? alpa_arena_strdup(arena, text) : NULL; }

static alpa_status check_options(alpa_plan *plan) {
  alpa_compile_options *o = &plan->options;
  alpa_arena *arena = &plan->arena;
  o->cluster = alpa_arena_strdup(arena, o->cluster ? o->cluster : "host:1");
  o->method = alpa_arena_strdup(arena, o->method ? o->method : "auto");
  o->mesh = copy(arena, o->mesh);
  o->pipeline = copy(arena, o->pipeline);
  o->schedule = alpa_arena_strdup(arena, o->schedule ? o->schedule : "1f1b");
  o->remat = alpa_arena_strdup(arena, o->remat ? o->remat : "auto");
  o->stage_options = copy(arena, o->stage_options);
  o->cache_directory = copy(arena, o->cache_directory);
  ALPA_TRY(alpa_cluster_read(arena, &plan->ctx->diag, o->cluster, &plan->cluster));
  if (o->memory_gib < 0)
    return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "memory must be a number of GiB above 0, got %g", o->memory_gib);
  if (o->memory_gib > 0)
    plan->cluster.device.memory_bytes = (int64_t)(o->memory_gib * 1073741824.0);
  return ALPA_OK;
}

static alpa_status create(void *arguments) {
  create_args *args = arguments;
  ALPA_TRY(check_options(args->plan));
  return alpa_compile_plan(args->plan, args->program);
}

alpa_status alpa_plan_create(const alpa_module *module, const alpa_compile_options *options, alpa_plan **out_plan) {
  if (!module || !out_plan)
    return ALPA_INVALID_ARGUMENT;
  alpa_context *ctx = module->ctx;
  alpa_plan *plan = ctx->memory.realloc(ctx->memory.user, NULL, sizeof *plan);
  if (!plan)
    return ALPA_OUT_OF_MEMORY;
  *plan = (alpa_plan){.ctx = ctx, .options = ALPA_COMPILE_OPTIONS_INIT, .info = ALPA_PLAN_INFO_INIT};
  alpa_api_take(&plan->options, sizeof plan->options, options);
  alpa_arena_init(&plan->arena, &ctx->memory);
  create_args args = {plan, module};
  alpa_status status = alpa_guard(&ctx->memory, create, &args);
  if (status == ALPA_OK)
    *out_plan = plan;
  else
    alpa_plan_destroy(plan);
  return status;
}

void alpa_plan_destroy(alpa_plan *plan) {
  if (!plan)
    return;
  alpa_memory *memory = &plan->ctx->memory;
  alpa_module_destroy(plan->partitioned);
  alpa_module_destroy(plan->module);
  alpa_arena_deinit(&plan->arena);
  memory->realloc(memory->user, plan, 0);
}

alpa_status alpa_plan_get_info(const alpa_plan *plan, alpa_plan_info *out_info) {
  if (!plan || !out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_api_give(out_info, &plan->info, sizeof plan->info);
  return ALPA_OK;
}

alpa_status alpa_plan_print(const alpa_plan *plan, const alpa_module_print_options *options, alpa_write_fn *write,
                            void *user) {
  return plan ? alpa_module_print(plan->module, options, write, user) : ALPA_INVALID_ARGUMENT;
}

/* The partitioned program is made when it is first asked for. */
static alpa_status partition(void *arguments) { return alpa_compile_partition(arguments); }

typedef struct print_args {
  alpa_plan *plan;
  alpa_module *module; /* the form, made now */
} print_args;

static alpa_status make_kernels(void *arguments) {
  print_args *args = arguments;
  return alpa_compile_kernels(args->plan, &args->module);
}

alpa_status alpa_plan_print_form(const alpa_plan *plan, const char *form, const alpa_module_print_options *options,
                                 alpa_write_fn *write, void *user) {
  if (!plan || !form || !write)
    return ALPA_INVALID_ARGUMENT;
  if (strcmp(form, "sharded") == 0)
    return alpa_plan_print(plan, options, write, user);
  bool is_kernels = strcmp(form, "kernels") == 0;
  if (!is_kernels && strcmp(form, "partitioned") != 0)
    return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "form '%s' is none of sharded, partitioned, kernels", form);
  ALPA_TRY(alpa_guard(&plan->ctx->memory, partition, (void *)plan));
  print_args args = {(alpa_plan *)plan, NULL};
  alpa_status status = is_kernels ? alpa_guard(&plan->ctx->memory, make_kernels, &args) : ALPA_OK;
  if (status == ALPA_OK)
    status = alpa_module_print(is_kernels ? args.module : plan->partitioned, options, write, user);
  alpa_module_destroy(args.module);
  return status;
}

uint32_t alpa_plan_count_arguments(const alpa_plan *plan) { return plan ? plan->layout.n_arguments : 0; }

uint32_t alpa_plan_count_results(const alpa_plan *plan) { return plan ? plan->layout.n_results : 0; }

alpa_signature alpa_plan_signature(const alpa_plan *plan) {
  return (alpa_signature){.n_arguments = plan->layout.n_arguments,
                          .n_results = plan->layout.n_results,
                          .n_checks = (uint32_t)plan->checks.items.n,
                          .n_check_results = plan->checks.n_results,
                          .argument_shardings = plan->layout.argument_shardings,
                          .result_shardings = plan->layout.result_shardings,
                          .donations = plan->layout.donations,
                          .checks = plan->checks.items.items,
                          .n_argument_parts = plan->n_argument_parts,
                          .n_result_parts = plan->n_result_parts,
                          .argument_parts = plan->argument_parts,
                          .result_parts = plan->result_parts};
}

alpa_status alpa_plan_get_argument(const alpa_plan *plan, uint32_t index, alpa_tensor_info *out_info) {
  if (!plan || !out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_signature signature = alpa_plan_signature(plan);
  const alpa_image_tensor *tensor = index < signature.n_arguments ? &plan->layout.arguments[index] : NULL;
  return alpa_signature_get_argument(&signature, tensor, index, out_info);
}

alpa_status alpa_plan_get_result(const alpa_plan *plan, uint32_t index, alpa_tensor_info *out_info) {
  if (!plan || !out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_signature signature = alpa_plan_signature(plan);
  const alpa_image_tensor *tensor = index < signature.n_results ? &plan->layout.results[index] : NULL;
  return alpa_signature_get_result(&signature, tensor, index, out_info);
}

uint32_t alpa_plan_count_checks(const alpa_plan *plan) { return plan ? (uint32_t)plan->checks.items.n : 0; }

alpa_status alpa_plan_get_check(const alpa_plan *plan, uint32_t index, alpa_check_info *out_info) {
  if (!plan || !out_info)
    return ALPA_INVALID_ARGUMENT;
  alpa_signature signature = alpa_plan_signature(plan);
  return alpa_signature_get_check(&signature, index, out_info);
}

alpa_status alpa_plan_run_check(const alpa_plan *plan, uint32_t index, const void *actual, const void *expected) {
  if (!plan || !actual || !expected)
    return ALPA_INVALID_ARGUMENT;
  if (index >= plan->checks.items.n)
    return ALPA_NOT_FOUND;
  const alpa_check *check = &plan->checks.items.items[index];
  alpa_environment env = alpa_context_environment(plan->ctx);
  return alpa_check_run(env, check, &plan->layout.results[check->actual], actual, expected);
}

/* ---- communications ---- */

alpa_status alpa_plan_get_communication(const alpa_plan *plan, size_t index, alpa_communication_info *out_info) {
  if (!plan || !out_info)
    return ALPA_INVALID_ARGUMENT;
  ALPA_TRY(alpa_guard(&plan->ctx->memory, partition, (void *)plan));
  if (index >= plan->communications.n)
    return ALPA_NOT_FOUND;
  alpa_api_give(out_info, &plan->communications.items[index], sizeof *plan->communications.items);
  return ALPA_OK;
}

/* ---- following ---- */

typedef struct follow_args {
  alpa_module *module;
  const alpa_plan *plan;
} follow_args;

static alpa_status follow(void *arguments) {
  const follow_args *args = arguments;
  const alpa_mesh *mesh = NULL;
  alpa_op *func = NULL;
  alpa_arena scratch;
  if (args->plan->staged)
    return ALPA_OK;
  alpa_arena_init(&scratch, &args->plan->ctx->memory);
  alpa_status status = alpa_mesh_find(&scratch, args->module->op, &mesh);
  if (status == ALPA_OK && !mesh)
    alpa_mesh_declare(args->module->op, args->plan->mesh);
  alpa_arena_deinit(&scratch);
  ALPA_TRY(status);
  ALPA_TRY(alpa_func_find_main(args->module->op, &func));
  const alpa_type *type = alpa_func_type(func);
  const alpa_block *entry = alpa_func_entry(args->plan->func);
  for (uint32_t i = 0; i < type->results.n && i < entry->n_args; i++)
    if (type->results.items[i] == entry->args[i]->type)
      alpa_func_set_result_sharding(func, i, alpa_value_find_sharding(entry->args[i]));
  return ALPA_OK;
}

alpa_status alpa_module_follow(alpa_module *module, const alpa_plan *plan) {
  if (!module || !plan || module->ctx != plan->ctx)
    return ALPA_INVALID_ARGUMENT;
  follow_args args = {module, plan};
  return alpa_guard(&plan->ctx->memory, follow, &args);
}
