/* Shardings that the caller prescribes: the text of alpa_tensor_info, "data | - | ?", on arguments and results of a
 * program that is still to be planned. */
#include <string.h>

#include "dialects/func/func.h"
#include "driver/api_context.h"
#include "passes/analysis/mesh_option.h"
#include "passes/analysis/placement.h"
#include "passes/analysis/time.h"

typedef struct prescription {
  alpa_module *module;
  const char *mesh, *text;
  uint32_t index;
  bool is_result;
  /* found on the way */
  const alpa_mesh *found_mesh;
  alpa_op *func;
  const char *kind; /* for messages */
} prescription;

static alpa_status read_axis(const prescription *p, alpa_str name, alpa_axis_ref *out_ref) {
  for (uint32_t x = 0; x < p->found_mesh->n_axes; x++)
    if (strlen(p->found_mesh->axes[x].name) == name.size &&
        !memcmp(p->found_mesh->axes[x].name, name.data, name.size)) {
      *out_ref = (alpa_axis_ref){.axis = x, .pre = 1, .size = 0};
      return ALPA_OK;
    }
  return alpa_op_error(p->func, "cannot have %s %u split as '%s': the mesh has no axis '%.*s'", p->kind, p->index,
                       p->text, (int)name.size, name.data);
}

/* One dimension: "-", "?" or axes joined by commas. */
static alpa_status read_dim(const prescription *p, alpa_arena *arena, alpa_str text, alpa_dim_sharding *out) {
  *out = (alpa_dim_sharding){0};
  if (text.size == 1 && text.data[0] == '-')
    return ALPA_OK;
  out->open = text.size == 1 && text.data[0] == '?';
  if (out->open)
    return ALPA_OK;
  alpa_axis_ref *refs = alpa_arena_new(arena, alpa_axis_ref, text.size + 1);
  size_t n = 0;
  for (const char *at = text.data, *end = text.data + text.size; at <= end; n++) {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    ALPA_TRY(read_axis(p, (alpa_str){at, (size_t)((comma ? comma : end) - at)}, &refs[n]));
    at = comma ? comma + 1 : end + 1;
  }
  out->axes = (alpa_axis_refs){refs, n};
  return alpa_axis_refs_check_order(p->found_mesh, p->func, out->axes, "prescribed"); /* states have no other */
}

static alpa_str trim(const char *begin, const char *end) {
  while (begin < end && *begin == ' ')
    begin++;
  while (end > begin && end[-1] == ' ')
    end--;
  return (alpa_str){begin, (size_t)(end - begin)};
}

static alpa_status read_sharding(const prescription *p, alpa_arena *arena, const alpa_type *type, alpa_sharding *out) {
  *out = (alpa_sharding){
      .mesh = p->found_mesh, .rank = type->rank, .dims = alpa_arena_new(arena, alpa_dim_sharding, type->rank + 1)};
  uint32_t n = 0;
  for (const char *at = p->text; at && *p->text; n++) {
    const char *bar = strchr(at, '|');
    if (n < type->rank)
      ALPA_TRY(read_dim(p, arena, trim(at, bar ? bar : at + strlen(at)), &out->dims[n]));
    at = bar ? bar + 1 : NULL;
  }
  if (n == type->rank)
    return ALPA_OK;
  return alpa_op_error(p->func, "cannot have %s %u split as '%s': expects %u dimensions, got %u", p->kind, p->index,
                       p->text, type->rank, n);
}

static alpa_status prescribe_in(prescription *p, alpa_arena *arena) {
  ALPA_TRY(alpa_mesh_option_apply(arena, p->module->op, p->mesh, &p->found_mesh));
  ALPA_TRY(alpa_func_find_main(p->module->op, &p->func));
  const alpa_type *type = alpa_func_type(p->func);
  size_t n = p->is_result ? type->results.n : type->inputs.n;
  if (p->index >= n)
    return alpa_op_error(p->func, "has %zu %ss, no number %u", n, p->kind, p->index);
  alpa_sharding sharding;
  ALPA_TRY(read_sharding(p, arena, (p->is_result ? type->results : type->inputs).items[p->index], &sharding));
  const alpa_attr *attr = alpa_sharding_encode(p->module->ctx, &sharding);
  ALPA_TRY(alpa_sharding_verify(p->func, attr, (p->is_result ? type->results : type->inputs).items[p->index]));
  if (p->is_result)
    alpa_func_set_result_sharding(p->func, p->index, attr);
  else
    alpa_value_set_sharding(alpa_func_entry(p->func)->args[p->index], attr);
  return ALPA_OK;
}

static alpa_status prescribe(void *arguments) {
  prescription *p = arguments;
  alpa_arena scratch;
  alpa_arena_init(&scratch, &p->module->ctx->memory);
  alpa_status status = prescribe_in(p, &scratch);
  alpa_arena_deinit(&scratch);
  return status;
}

typedef struct stage_args {
  alpa_module *module;
  uint32_t index, stage;
} stage_args;

static alpa_status mark_stage(void *arguments) {
  const stage_args *args = arguments;
  alpa_op *func = NULL;
  ALPA_TRY(alpa_func_find_main(args->module->op, &func));
  size_t n = alpa_func_type(func)->inputs.n;
  if (args->index >= n)
    return alpa_op_error(func, "has %zu arguments, no number %u to be in a stage", n, args->index);
  alpa_func_set_arg_attr(func, args->index, ALPA_STAGE_ATTR, alpa_attr_get_i64(args->module->ctx, args->stage));
  return ALPA_OK;
}

alpa_status alpa_module_set_argument_stage(alpa_module *module, uint32_t index, uint32_t stage) {
  if (!module)
    return ALPA_INVALID_ARGUMENT;
  stage_args args = {module, index, stage};
  return alpa_guard(&module->ctx->memory, mark_stage, &args);
}

typedef struct batch_args {
  alpa_module *module;
  const uint32_t *arguments;
  size_t n;
} batch_args;

static alpa_status mark_batch(void *arguments) {
  const batch_args *args = arguments;
  alpa_context *ctx = args->module->ctx;
  alpa_op *func = NULL;
  ALPA_TRY(alpa_func_find_main(args->module->op, &func));
  size_t n_all = alpa_func_type(func)->inputs.n;
  for (size_t i = 0; i < args->n; i++)
    if (args->arguments[i] >= n_all)
      return alpa_op_error(func, "has %zu arguments, no number %u to be the batch", n_all, args->arguments[i]);
  for (uint32_t i = 0; i < n_all; i++)
    alpa_func_set_arg_attr(func, i, ALPA_BATCH_ATTR, alpa_attr_get_bool(ctx, false));
  for (size_t i = 0; i < args->n; i++)
    alpa_func_set_arg_attr(func, args->arguments[i], ALPA_BATCH_ATTR, alpa_attr_get_bool(ctx, true));
  return ALPA_OK;
}

alpa_status alpa_module_set_batch(alpa_module *module, const uint32_t *arguments, size_t n) {
  if (!module || (!arguments && n))
    return ALPA_INVALID_ARGUMENT;
  batch_args args = {module, arguments, n};
  return alpa_guard(&module->ctx->memory, mark_batch, &args);
}

alpa_status alpa_module_set_argument_sharding(alpa_module *module, const char *mesh, uint32_t index,
                                              const char *sharding) {
  if (!module || !mesh || !sharding)
    return ALPA_INVALID_ARGUMENT;
  prescription p = {.module = module, .mesh = mesh, .text = sharding, .index = index, .kind = "argument"};
  return alpa_guard(&module->ctx->memory, prescribe, &p);
}

alpa_status alpa_module_set_result_sharding(alpa_module *module, const char *mesh, uint32_t index,
                                            const char *sharding) {
  if (!module || !mesh || !sharding)
    return ALPA_INVALID_ARGUMENT;
  prescription p = {
      .module = module, .mesh = mesh, .text = sharding, .index = index, .is_result = true, .kind = "result"};
  return alpa_guard(&module->ctx->memory, prescribe, &p);
}
