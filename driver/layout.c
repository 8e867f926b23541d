/* Placements from shardings: device k of the mesh holds, along a dimension split by axes, the tile whose number is the
 * device's coordinate along those axes. */
#include "driver/layout.h"

#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"

typedef struct reader {
  alpa_arena *arena;
  const alpa_mesh *mesh;
  alpa_op *func;
  uint32_t n_devices;
} reader;

static int64_t coordinate(const alpa_mesh *mesh, alpa_axis_refs axes, int64_t position) {
  int64_t tile = 0;
  for (size_t i = 0; i < axes.n; i++)
    tile = tile * alpa_axis_ref_size(mesh, axes.items[i]) + alpa_axis_ref_coordinate(mesh, axes.items[i], position);
  return tile;
}

static void place(const reader *r, const alpa_sharding *sharding, alpa_image_tensor *tensor, int64_t *local_dims) {
  uint32_t *tiles = alpa_arena_new(r->arena, uint32_t, (size_t)r->n_devices * tensor->rank);
  for (uint32_t d = 0; d < tensor->rank; d++) {
    alpa_axis_refs axes = sharding ? sharding->dims[d].axes : (alpa_axis_refs){0};
    local_dims[d] = alpa_local_size(tensor->global_dims[d], axes.n ? alpa_axis_refs_size(r->mesh, axes) : 1);
    for (uint32_t position = 0; position < r->n_devices; position++) {
      int64_t device = r->mesh && r->mesh->device_ids ? r->mesh->device_ids[position] : position;
      tiles[(size_t)device * tensor->rank + d] = axes.n ? (uint32_t)coordinate(r->mesh, axes, position) : 0;
    }
  }
  tensor->local_dims = local_dims;
  tensor->tiles = tiles;
}

static const char *spell(const reader *r, const alpa_sharding *sharding, uint32_t rank) {
  alpa_text text;
  alpa_text_init(&text, r->arena);
  for (uint32_t d = 0; d < rank; d++) {
    alpa_text_string(&text, d ? " | " : "");
    size_t n = sharding ? sharding->dims[d].axes.n : 0;
    for (size_t i = 0; i < n; i++)
      alpa_text_printf(&text, "%s%s", i ? "," : "", r->mesh->axes[sharding->dims[d].axes.items[i].axis].name);
    if (n == 0)
      alpa_text_char(&text, '-');
  }
  return alpa_text_finish(&text);
}

static alpa_status read_tensor(const reader *r, const alpa_type *type, const alpa_attr *attr, const char *name,
                               alpa_image_tensor *out, const char **out_sharding) {
  if (!alpa_type_is_static_tensor(type) || type->rank > ALPA_MAX_RANK)
    return alpa_op_unsupported(r->func, "has an argument or result of type '%s'; only tensors of static shape run",
                               alpa_type_spell(alpa_op_context(r->func), type));
  alpa_sharding decoded, *sharding = NULL;
  if (attr && r->mesh) {
    ALPA_TRY(alpa_sharding_decode(r->arena, r->mesh, r->func, attr, &decoded));
    sharding = &decoded;
  }
  *out = (alpa_image_tensor){
      .name = name ? name : "", .dtype = type->dtype, .rank = type->rank, .global_dims = type->dims};
  place(r, sharding, out, alpa_arena_new(r->arena, int64_t, type->rank));
  *out_sharding = spell(r, sharding, type->rank);
  return ALPA_OK;
}

int64_t alpa_func_find_donation(const alpa_op *func, uint32_t index) {
  const alpa_attr *alias = alpa_func_find_arg_attr(func, index, "tf.aliasing_output");
  return alias && alias->kind == ALPA_ATTR_INTEGER ? alias->integer : -1;
}

alpa_status alpa_layout_read(alpa_arena *arena, const alpa_mesh *mesh, alpa_op *func, alpa_layout *out_layout) {
  const alpa_type *type = alpa_func_type(func);
  const alpa_block *entry = alpa_func_entry(func);
  uint32_t n_arguments = (uint32_t)type->inputs.n, n_results = (uint32_t)type->results.n;
  reader r = {arena, mesh, func, mesh ? (uint32_t)mesh->n_devices : 1};
  alpa_image_tensor *arguments = alpa_arena_new(arena, alpa_image_tensor, n_arguments);
  alpa_image_tensor *results = alpa_arena_new(arena, alpa_image_tensor, n_results);
  const char **argument_shardings = alpa_arena_new(arena, const char *, n_arguments);
  const char **result_shardings = alpa_arena_new(arena, const char *, n_results);
  int64_t *donations = alpa_arena_new(arena, int64_t, n_arguments);
  for (uint32_t i = 0; i < n_arguments; i++) {
    const alpa_value *arg = entry->args[i];
    donations[i] = alpa_func_find_donation(func, i);
    ALPA_TRY(read_tensor(&r, arg->type, alpa_value_find_sharding(arg), alpa_loc_find_name(arg->loc), &arguments[i],
                         &argument_shardings[i]));
  }
  for (uint32_t i = 0; i < n_results; i++)
    ALPA_TRY(read_tensor(&r, type->results.items[i], alpa_func_find_result_sharding(func, i),
                         alpa_func_name_result(arena, func, i), &results[i], &result_shardings[i]));
  *out_layout = (alpa_layout){.n_devices = r.n_devices,
                              .n_arguments = n_arguments,
                              .n_results = n_results,
                              .arguments = arguments,
                              .results = results,
                              .argument_shardings = argument_shardings,
                              .result_shardings = result_shardings,
                              .donations = donations};
  return ALPA_OK;
}

const char *alpa_func_name_result(alpa_arena *arena, const alpa_op *func, uint32_t index) {
  const alpa_attr *info = alpa_func_find_result_attr(func, index, "jax.result_info");
  if (info && info->kind == ALPA_ATTR_STRING && info->string.size)
    return alpa_arena_strndup(arena, info->string.data, info->string.size);
  return alpa_arena_printf(arena, "result[%u]", index);
}
