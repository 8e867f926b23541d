/* The path of a program: the picture of docs/architecture.md as code, one line per step. */
#include "driver/compile.h"

#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/ir/fingerprint.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/print.h"
#include "driver/admit.h"
#include "driver/api_context.h"
#include "driver/build_id.h"
#include "driver/communications.h"
#include "driver/methods.h"
#include "driver/search.h"
#include "passes/cost/mesh.h"
#include "passes/layers/hints.h"
#include "passes/manager.h"

/* The form that every plan and fingerprint is made from, and what makes a plan the program of one device. */
static const char to_canonical[] = "builtin.module(simplify)";
static const char to_partitioned[] = "builtin.module(insert-collectives,canonicalize,cse,dce)";
static const char to_kernel_ops[] = "builtin.module(chlo-legalize)";

/* The same for every segment of a staged program. */
static const char to_partitioned_segments[] =
    "builtin.module(builtin.module(builtin.module(insert-collectives,canonicalize,cse,dce)))";
static const char to_kernel_ops_of_segments[] = "builtin.module(builtin.module(builtin.module(chlo-legalize)))";

alpa_status alpa_compile_run(alpa_plan *plan, alpa_module *module, const char *text) {
  alpa_pass_services services = {.cluster = &plan->cluster};
  alpa_manager_options options = {.services = &services};
  alpa_pipeline pipeline = {0};
  alpa_status status = alpa_pipeline_read(plan->ctx, &alpa_api_registry, text, &pipeline);
  if (status == ALPA_OK)
    status = alpa_pipeline_apply(&pipeline, module, &options);
  alpa_pipeline_deinit(&pipeline);
  return status;
}

static const uint32_t *number_parts(alpa_arena *arena, const alpa_staged_part *parts, size_t n) {
  uint32_t *numbers = alpa_arena_new(arena, uint32_t, n);
  for (size_t i = 0; i < n; i++)
    numbers[i] = parts[i].index;
  return numbers;
}

const char *alpa_plan_spell_mesh(alpa_plan *plan, const alpa_mesh *mesh) {
  alpa_text text;
  alpa_text_init(&text, &plan->arena);
  for (uint32_t i = 0; i < mesh->n_axes; i++)
    alpa_text_printf(&text, "%s%s=%lld", i ? " x " : "", mesh->axes[i].name, (long long)mesh->axes[i].size);
  return alpa_text_finish(&text);
}

static alpa_status read_stages(alpa_plan *plan) {
  alpa_staged *staged = alpa_arena_new(&plan->arena, alpa_staged, 1);
  ALPA_TRY(
      alpa_staged_read_module(&plan->arena, plan->module->op, (uint32_t)alpa_cluster_devices(&plan->cluster), staged));
  alpa_staged_layout(staged, &plan->layout);
  plan->stage_meshes = alpa_arena_new(&plan->arena, const char *, staged->n_stages);
  for (uint32_t s = 0; s < staged->n_stages; s++)
    plan->stage_meshes[s] = staged->stages[s].mesh ? alpa_plan_spell_mesh(plan, staged->stages[s].mesh) : "";
  plan->staged = staged;
  plan->n_argument_parts = (uint32_t)staged->arguments.n;
  plan->n_result_parts = (uint32_t)staged->results.n;
  plan->argument_parts = number_parts(&plan->arena, staged->arguments.items, staged->arguments.n);
  plan->result_parts = number_parts(&plan->arena, staged->results.items, staged->results.n);
  return ALPA_OK;
}

/* ---- planning ---- */

/* Everything that a plan depends on, byte for byte. */
static alpa_str plan_key(alpa_plan *plan, const char *pipeline) {
  alpa_text text;
  alpa_text_init(&text, &plan->arena);
  alpa_text_printf(&text, "alpa %s\n%s\n%s\n", alpa_build_id(&plan->arena, "libalpa.so"), pipeline,
                   alpa_cluster_describe(&plan->arena, &plan->cluster));
  alpa_str program = alpa_op_serialise(&plan->arena, plan->module->op);
  alpa_text_append(&text, program.data, program.size);
  return (alpa_str){text.data, text.size};
}

static alpa_cache cache_of(alpa_plan *plan) { return (alpa_cache){plan->options.cache_directory, &plan->ctx->diag}; }

/* Replaces the canonical program by the stored one with shardings; a stored plan that is no longer valid IR is a miss.
 */
static bool find_plan(alpa_plan *plan) {
  alpa_cache cache = cache_of(plan);
  alpa_str text;
  alpa_module *found = NULL;
  if (!alpa_cache_find(&cache, &plan->arena, ALPA_CACHE_PLAN, plan->key, &text))
    return false;
  if (alpa_module_read(plan->ctx, text, &(alpa_parse_options){.name = "plan cache"}, &found) != ALPA_OK)
    return false;
  alpa_module_destroy(plan->module);
  plan->module = found;
  return true;
}

static void store_plan(alpa_plan *plan) {
  alpa_cache cache = cache_of(plan);
  alpa_text text;
  alpa_text_init(&text, &plan->arena);
  if (!cache.directory)
    return;
  alpa_op_print(&text, plan->module->op, &(alpa_print_options){.debug_info = true});
  alpa_cache_store(&cache, &plan->arena, ALPA_CACHE_PLAN, plan->key, (alpa_str){text.data, text.size});
}

static int64_t figure(const alpa_attr *figures, const char *name) {
  const alpa_attr *value = alpa_attr_find(figures, name);
  return value && value->kind == ALPA_ATTR_INTEGER ? value->integer : 0;
}

/* "stages of 2 + 2 devices, 4 micro-batches, 1f1b" */
static const char *spell_stages(alpa_plan *plan) {
  const alpa_staged *staged = plan->staged;
  alpa_text text;
  alpa_text_init(&text, &plan->arena);
  for (uint32_t s = 0; s < staged->n_stages; s++)
    alpa_text_printf(&text, "%s%u", s ? " + " : "stages of ", staged->stages[s].devices.n);
  alpa_text_printf(&text, " devices, %u micro-batches, %s", staged->n_microbatches, staged->schedule.kind->name);
  return alpa_text_finish(&text);
}

/* Adds the figures of a stage (of the program, where there is only one): the slowest and the largest are those of all.
 */
static void add_figures(alpa_plan *plan, const alpa_op *module, bool is_first) {
  const alpa_attr *figures = alpa_op_find_attr(module, "alpa.plan");
  alpa_plan_info *info = &plan->info;
  bool has_figures = figures && figures->kind == ALPA_ATTR_DICT;
  info->searched = has_figures && (is_first || info->searched);
  if (!has_figures)
    return;
  double cost_s = 1e-12 * (double)figure(figures, "cost_ps"), bound_s = 1e-12 * (double)figure(figures, "bound_ps");
  int64_t memory_bytes = figure(figures, "memory_bytes");
  info->optimal = figure(figures, "optimal") && (is_first || info->optimal);
  info->cost_s = cost_s > info->cost_s ? cost_s : info->cost_s;
  info->bound_s = bound_s > info->bound_s ? bound_s : info->bound_s;
  info->memory_bytes = memory_bytes > info->memory_bytes ? memory_bytes : info->memory_bytes;
  info->memory_limit_bytes = figure(figures, "memory_limit_bytes");
  info->variables += figure(figures, "variables");
  info->variables_after_presolve += figure(figures, "variables_after_presolve");
}

static void describe(alpa_plan *plan) {
  plan->info.cost_s = plan->info.bound_s = 0;
  plan->info.variables = plan->info.variables_after_presolve = 0;
  plan->info.cluster = plan->cluster.name;
  plan->info.mesh = plan->staged ? spell_stages(plan) : alpa_plan_spell_mesh(plan, plan->mesh);
  plan->info.key = alpa_cache_name(&plan->arena, plan->key);
  plan->info.n_devices = plan->layout.n_devices;
  plan->info.n_check_results = plan->checks.n_results;
  plan->info.n_stages = plan->staged ? plan->staged->n_stages : 0;
  if (!plan->staged)
    add_figures(plan, plan->module->op, true);
  for (uint32_t s = 0; plan->staged && s < plan->staged->n_stages; s++)
    add_figures(plan, plan->staged->stages[s].module, s == 0);
}

/* Each stage alone was planned within the limit; together with the micro-batches in flight it must be, too. */
static alpa_status check_memory(alpa_plan *plan) {
  uint32_t worst = 0;
  plan->info.memory_bytes = 0;
  for (uint32_t m = 0; m < plan->staged->schedule.map->n_submeshes; m++) {
    int64_t bytes = alpa_staged_memory(plan->staged, m);
    worst = bytes > plan->info.memory_bytes ? m : worst;
    plan->info.memory_bytes = bytes > plan->info.memory_bytes ? bytes : plan->info.memory_bytes;
  }
  if (!plan->info.searched || plan->info.memory_bytes <= plan->info.memory_limit_bytes)
    return ALPA_OK;
  uint32_t in_flight = alpa_schedule_in_flight(&plan->staged->schedule, worst);
  return alpa_error(
      &plan->ctx->diag, alpa_loc_place(plan->func->loc), ALPA_INFEASIBLE,
      "the plan needs %.1f MiB on the devices of submesh %u, with %u micro-batches in flight, but a device has "
      "%.1f: use more micro-batches, more devices, --remat=least, layer or full, or a schedule with fewer in flight",
      (double)plan->info.memory_bytes / 1048576.0, worst, in_flight, (double)plan->info.memory_limit_bytes / 1048576.0);
}

alpa_status alpa_compile_prepare(alpa_plan *plan, bool *out_is_staged) {
  const char *shape = plan->options.mesh ? plan->options.mesh : "";
  alpa_op *func = NULL;
  ALPA_TRY(alpa_func_find_main(plan->module->op, &func));
  *out_is_staged = alpa_staged_is(func);
  if (*out_is_staged)
    return ALPA_OK;
  ALPA_TRY(alpa_checks_separate(&plan->arena, plan->module, &plan->checks));
  ALPA_TRY(alpa_compile_run(plan, plan->module, to_canonical));
  ALPA_TRY(alpa_module_admit(plan->module->op));
  if (alpa_methods_want_stages(plan))
    return ALPA_OK;
  layer_markers markers;
  ALPA_TRY(alpa_func_find_main(plan->module->op, &func));
  ALPA_TRY(layer_markers_take(&plan->arena, func, &markers));
  return alpa_mesh_ensure(&plan->arena, plan->module->op, &plan->cluster, shape, &plan->mesh);
}

static alpa_status read_plan(alpa_plan *plan) {
  plan->staged = NULL;
  plan->mesh = NULL;
  ALPA_TRY(alpa_func_find_main(plan->module->op, &plan->func));
  if (alpa_staged_is(plan->func))
    return read_stages(plan);
  ALPA_TRY(alpa_mesh_find(&plan->arena, plan->module->op, &plan->mesh));
  return alpa_layout_read(&plan->arena, plan->mesh, plan->func, &plan->layout);
}

alpa_status alpa_compile_read(alpa_plan *plan) {
  ALPA_TRY(read_plan(plan));
  describe(plan);
  return plan->staged ? check_memory(plan) : ALPA_OK;
}

alpa_status alpa_compile_plan(alpa_plan *plan, const alpa_module *program) {
  double start = alpa_clock_seconds();
  const char *pipeline = NULL;
  bool is_staged;
  plan->module = alpa_module_clone(program);
  ALPA_TRY(alpa_methods_describe(plan, &pipeline));
  ALPA_TRY(alpa_compile_prepare(plan, &is_staged));
  plan->key = plan_key(plan, pipeline);
  plan->info.from_cache = !is_staged && find_plan(plan);
  if (!plan->info.from_cache && !is_staged) {
    ALPA_TRY(alpa_search_run(plan, program));
    store_plan(plan);
  }
  ALPA_TRY(alpa_compile_read(plan));
  plan->info.plan_s = alpa_clock_seconds() - start;
  return ALPA_OK;
}

/* ---- compiling ---- */

alpa_status alpa_compile_partition(alpa_plan *plan) {
  if (plan->partitioned)
    return ALPA_OK;
  alpa_module *module = alpa_module_clone(plan->module);
  alpa_status status = alpa_compile_run(plan, module, plan->staged ? to_partitioned_segments : to_partitioned);
  if (status != ALPA_OK) {
    alpa_module_destroy(module);
    return status;
  }
  plan->partitioned = module;
  alpa_communications_collect(plan);
  return ALPA_OK;
}

alpa_status alpa_compile_kernels(alpa_plan *plan, alpa_module **out_module) {
  ALPA_TRY(alpa_compile_partition(plan));
  alpa_module *module = alpa_module_clone(plan->partitioned);
  alpa_status status = alpa_compile_run(plan, module, plan->staged ? to_kernel_ops_of_segments : to_kernel_ops);
  if (status == ALPA_OK)
    status = alpa_codegen_fuse(module->op, &(alpa_fuse_options){.attention = false});
  if (status == ALPA_OK)
    *out_module = module;
  else
    alpa_module_destroy(module);
  return status;
}

static alpa_str image_key(alpa_plan *plan, alpa_arena *arena, const char *target) {
  const char *options = alpa_arena_printf(arena, "alpa %s %s\n%s\ncores %u\n", alpa_build_id(arena, "libalpa.so"),
                                          alpa_build_id(arena, "alpa-llvm.so"), target, plan->options.cores);
  size_t size = strlen(options);
  alpa_str program = alpa_op_serialise(arena, plan->module->op);
  char *key = alpa_arena_alloc(arena, size + program.size);
  memcpy(key, options, size);
  memcpy(key + size, program.data, program.size);
  return (alpa_str){key, size + program.size};
}

static bool find_image(alpa_plan *plan, alpa_arena *arena, alpa_str key, alpa_image **out) {
  alpa_cache cache = cache_of(plan);
  alpa_str bytes;
  return alpa_cache_find(&cache, arena, ALPA_CACHE_IMAGE, key, &bytes) &&
         alpa_image_read(arena, &plan->ctx->diag, "plan cache", bytes, out) == ALPA_OK;
}

/* All segments are compiled together and linked. */
static alpa_status build_stages(alpa_plan *plan, const alpa_codegen_options *options, alpa_module *kernels,
                                alpa_arena *arena, alpa_image **out) {
  const alpa_staged *staged = plan->staged;
  size_t n = staged->segments.n;
  alpa_codegen_part *parts = alpa_arena_new(arena, alpa_codegen_part, n);
  alpa_codegen_layout *layouts = alpa_arena_new(arena, alpa_codegen_layout, n);
  alpa_op **modules = alpa_arena_new(arena, alpa_op *, n);
  alpa_staged_find_segments(staged, kernels->op, modules);
  for (size_t i = 0; i < n; i++) {
    const alpa_layout *layout = &staged->segments.items[i].layout;
    layouts[i] = (alpa_codegen_layout){layout->n_devices, layout->arguments, layout->results};
    parts[i] = (alpa_codegen_part){.module = modules[i], .layout = &layouts[i]};
  }
  ALPA_TRY(alpa_codegen_build_parts(&plan->ctx->diag, options, arena, parts, n));
  return alpa_staged_link(staged, &plan->ctx->diag, parts, arena, out);
}

static alpa_status build_image(alpa_plan *plan, const alpa_codegen_options *options, alpa_arena *arena,
                               alpa_image **out) {
  ALPA_TRY(alpa_compile_partition(plan));
  alpa_codegen_layout layout = {plan->layout.n_devices, plan->layout.arguments, plan->layout.results};
  alpa_module *kernels = alpa_module_clone(plan->partitioned);
  alpa_status status = alpa_compile_run(plan, kernels, plan->staged ? to_kernel_ops_of_segments : to_kernel_ops);
  if (status == ALPA_OK && plan->staged)
    status = build_stages(plan, options, kernels, arena, out);
  else if (status == ALPA_OK)
    status = alpa_codegen_build(kernels, options, &layout, arena, out);
  alpa_module_destroy(kernels);
  return status;
}

/* "host", or the name of a GPU's architecture. */
static alpa_status choose_target(const alpa_plan *plan, const char *name, alpa_codegen_options *options) {
  if (!name || strcmp(name, "host") == 0)
    return ALPA_OK;
  if (strncmp(name, "sm_", 3) != 0)
    return alpa_error(&plan->ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "target '%s' is neither host nor the architecture of a GPU, as sm_90a", name);
  options->target = ALPA_TARGET_PTX;
  options->cpu = name;
  return ALPA_OK;
}

alpa_status alpa_compile_image(alpa_plan *plan, const char *target_name, alpa_arena *arena,
                               alpa_compiled *out_compiled) {
  double start = alpa_clock_seconds();
  alpa_codegen_options options = {
      .n_threads = plan->options.compile_threads, .n_cores = plan->options.cores, .optimisation = 2};
  ALPA_TRY(choose_target(plan, target_name, &options));
  alpa_cache cache = cache_of(plan);
  const char *target = NULL;
  ALPA_TRY(alpa_codegen_target(&plan->ctx->diag, arena, &options, &target));
  alpa_str key = image_key(plan, arena, target);
  out_compiled->from_cache = find_image(plan, arena, key, &out_compiled->image);
  if (!out_compiled->from_cache) {
    ALPA_TRY(build_image(plan, &options, arena, &out_compiled->image));
    if (cache.directory)
      alpa_cache_store(&cache, arena, ALPA_CACHE_IMAGE, key, alpa_image_write(arena, out_compiled->image));
  }
  out_compiled->seconds = alpa_clock_seconds() - start;
  return ALPA_OK;
}
