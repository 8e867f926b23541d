/* Where the sharding of a value is written: on the function, or on the op that defines it. */
#include <assert.h>
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"
#include "dialects/sdy/sharding.h"

static const char sharding_name[] = "sdy.sharding";

/* The function whose argument the value is, or NULL. */
static alpa_op *find_func(const alpa_value *value) {
  const alpa_block *block = value->block;
  alpa_op *op = block && block->region ? block->region->op : NULL;
  return op && func_is(op, FUNC_func) && block == alpa_func_entry(op) ? op : NULL;
}

/* The per-value list of an op, or NULL. */
static const alpa_attr *find_list(const alpa_op *op) {
  const alpa_attr *attr = alpa_attr_find(op->extra, sharding_name);
  bool is_list = attr && attr->kind == ALPA_ATTR_STRUCT && attr->def == &alpa_sdy_attr_sharding_per_value;
  return is_list ? alpa_attr_field(attr, SDY_LIST_ITEMS) : NULL;
}

const alpa_attr *alpa_value_find_sharding(const alpa_value *value) {
  if (!value->op) {
    const alpa_op *func = find_func(value);
    return func ? alpa_func_find_arg_attr(func, value->index, sharding_name) : NULL;
  }
  const alpa_attr *list = find_list(value->op);
  if (list)
    return value->index < list->array.n ? list->array.items[value->index] : NULL;
  const alpa_op_def *def = value->op->def;
  for (int i = 0; i < def->n_attrs; i++) /* the ops of sdy that say it themselves */
    if (def->attrs[i].def == &alpa_sdy_attr_sharding)
      return value->op->attrs[i];
  return NULL;
}

/* A sharding over the same mesh that says nothing: every dimension is open. */
static const alpa_attr *open_sharding(alpa_context *ctx, alpa_arena *arena, const alpa_attr *mesh,
                                      const alpa_type *type) {
  uint32_t rank = alpa_type_is_tensor(type) ? type->rank : 0;
  const alpa_attr *dim[3] = {0}, *fields[5] = {0};
  dim[SDY_DIM_AXES] = alpa_attr_get_array(ctx, NULL, 0);
  dim[SDY_DIM_OPEN] = alpa_attr_get_unit(ctx);
  const alpa_attr *open = alpa_attr_get_struct(ctx, &alpa_sdy_attr_dimension_sharding, dim);
  const alpa_attr **dims = alpa_arena_new(arena, const alpa_attr *, rank);
  for (uint32_t d = 0; d < rank; d++)
    dims[d] = open;
  fields[SDY_SHARDING_MESH] = mesh;
  fields[SDY_SHARDING_DIMS] = alpa_attr_get_array(ctx, dims, rank);
  return alpa_attr_get_struct(ctx, &alpa_sdy_attr_sharding, fields);
}

/* The op's list with one entry changed; entries that were not there say nothing. */
static const alpa_attr *change_list(const alpa_op *op, uint32_t index, const alpa_attr *sharding) {
  alpa_context *ctx = alpa_op_context(op);
  const alpa_attr *old = find_list(op), *mesh = alpa_attr_field(sharding, SDY_SHARDING_MESH);
  alpa_arena scratch;
  alpa_arena_init(&scratch, &ctx->memory);
  const alpa_attr **items = alpa_arena_new(&scratch, const alpa_attr *, op->n_results);
  for (uint32_t i = 0; i < op->n_results; i++)
    if (i == index)
      items[i] = sharding;
    else if (old && i < old->array.n)
      items[i] = old->array.items[i];
    else
      items[i] = open_sharding(ctx, &scratch, mesh, op->results[i].type);
  const alpa_attr *list = alpa_attr_get_array(ctx, items, op->n_results);
  alpa_arena_deinit(&scratch);
  return alpa_attr_get_struct(ctx, &alpa_sdy_attr_sharding_per_value, &list);
}

void alpa_value_set_sharding(alpa_value *value, const alpa_attr *sharding) {
  alpa_op *op = value->op;
  if (!op) {
    alpa_op *func = find_func(value);
    assert(func && "only arguments of functions and results of ops carry shardings");
    if (func)
      alpa_func_set_arg_attr(func, value->index, sharding_name, sharding);
    return;
  }
  const alpa_attr *old = find_list(op);
  if (!sharding && op->n_results > 1 && old)
    sharding = open_sharding(alpa_op_context(op), &op->module->arena,
                             alpa_attr_field(old->array.items[0], SDY_SHARDING_MESH), value->type);
  alpa_op_set_attr(op, sharding_name, sharding ? change_list(op, value->index, sharding) : NULL);
}

const alpa_attr *alpa_func_find_result_sharding(const alpa_op *func, uint32_t index) {
  return alpa_func_find_result_attr(func, index, sharding_name);
}

void alpa_func_set_result_sharding(alpa_op *func, uint32_t index, const alpa_attr *sharding) {
  alpa_func_set_result_attr(func, index, sharding_name, sharding);
}
