/* Annotations of users, all brought to #sdy.sharding. */
#include "passes/propagate_hints.h"

#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "passes/analysis/state.h"

static alpa_status find_axis(const alpa_mesh *mesh, const alpa_op *at, const char *hint, const alpa_attr *attr,
                             uint32_t *out_axis) {
  if (attr->kind != ALPA_ATTR_STRING)
    return alpa_op_error(at, "has '%s', which expects the name of a mesh axis as a string", hint);
  for (uint32_t a = 0; a < mesh->n_axes; a++)
    if (strlen(mesh->axes[a].name) == attr->string.size &&
        memcmp(mesh->axes[a].name, attr->string.data, attr->string.size) == 0) {
      *out_axis = a;
      return ALPA_OK;
    }
  return alpa_op_error(at, "has '%s' along axis '%.*s', which mesh @%s does not have", hint, (int)attr->string.size,
                       attr->string.data, mesh->name);
}

/* alpa.replicate and alpa.split. */
static alpa_status find_scope_hint(alpa_arena *arena, const alpa_mesh *mesh, const alpa_value *value,
                                   const alpa_attr **out_attr) {
  const alpa_op *op = value->op;
  const alpa_attr *replicate = alpa_op_find_attr(op, "alpa.replicate"), *split = alpa_op_find_attr(op, "alpa.split");
  uint32_t rank = value->type->rank;
  if ((!replicate && !split) || rank == 0)
    return ALPA_OK;
  alpa_state state = alpa_state_get_replicated();
  uint32_t axes[2] = {ALPA_MAX_AXES, ALPA_MAX_AXES};
  if (replicate)
    ALPA_TRY(find_axis(mesh, op, "alpa.replicate", replicate, &axes[0]));
  if (split)
    ALPA_TRY(find_axis(mesh, op, "alpa.split", split, &axes[1]));
  if (axes[0] == axes[1] || (replicate && split && rank == 1))
    return alpa_op_error(op, "contradicts itself: 'alpa.replicate' and 'alpa.split' ask for different dimensions");
  if (split)
    state.place[axes[1]] = (int8_t)(rank - 1);
  if (replicate)
    state.place[axes[0]] = 0;
  alpa_sharding sharding = alpa_state_write(arena, mesh, rank, &state);
  for (uint32_t d = 0; d + 1 < rank && !replicate; d++)
    sharding.dims[d].open = true;
  *out_attr = alpa_sharding_encode(op->module->ctx, &sharding);
  return ALPA_OK;
}

static alpa_status find_text_hint(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *at, const alpa_attr *text,
                                  uint32_t rank, const alpa_attr **out_attr) {
  if (text == NULL)
    return ALPA_OK;
  if (text->kind != ALPA_ATTR_STRING)
    return alpa_op_error(at, "has 'mhlo.sharding' that is no string");
  return alpa_gspmd_parse(arena, mesh, at, text->string, rank, out_attr);
}

alpa_status alpa_hint_find(alpa_arena *arena, const alpa_mesh *mesh, const alpa_value *value,
                           const alpa_attr **out_attr) {
  *out_attr = NULL;
  const char *reshard = value->op ? alpa_op_reshard_attr(value->op) : NULL;
  *out_attr = reshard ? alpa_op_find_attr(value->op, reshard) : alpa_value_find_sharding(value);
  if (*out_attr)
    return ALPA_OK;
  const alpa_op *at = value->op ? value->op : value->block->region->op;
  const alpa_attr *text =
      value->op ? alpa_op_find_attr(at, "mhlo.sharding") : alpa_func_find_arg_attr(at, value->index, "mhlo.sharding");
  ALPA_TRY(find_text_hint(arena, mesh, at, text, value->type->rank, out_attr));
  return *out_attr || !value->op ? ALPA_OK : find_scope_hint(arena, mesh, value, out_attr);
}

alpa_status alpa_hint_find_result(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *func, uint32_t index,
                                  const alpa_attr **out_attr) {
  *out_attr = alpa_func_find_result_sharding(func, index);
  if (*out_attr)
    return ALPA_OK;
  const alpa_attr *text = alpa_func_find_result_attr(func, index, "mhlo.sharding");
  return find_text_hint(arena, mesh, func, text, alpa_func_type(func)->results.items[index]->rank, out_attr);
}
