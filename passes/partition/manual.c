/* Manual computations: states from their shardings, and their region without what is said of axes that are left. */
#include "passes/partition/manual.h"

#include <string.h>

#include "dialects/sdy/sdy.h"

static bool is_manual(const alpa_op *op, const char *axis) {
  const alpa_attr *names = alpa_attr_field(op->attrs[sdy_manual_computation_manual_axes], SDY_LIST_ITEMS);
  for (size_t i = 0; names && i < names->array.n; i++)
    if (strcmp(names->array.items[i]->string.data, axis) == 0)
      return true;
  return false;
}

alpa_status alpa_manual_states(alpa_arena *arena, const alpa_mesh *mesh, const alpa_op *op, bool of_results,
                               alpa_state *out_states) {
  int which = of_results ? sdy_manual_computation_out_shardings : sdy_manual_computation_in_shardings;
  const alpa_attr *shardings = alpa_attr_field(op->attrs[which], SDY_LIST_ITEMS);
  for (size_t i = 0; shardings && i < shardings->array.n; i++) {
    alpa_sharding sharding;
    ALPA_TRY(alpa_sharding_decode(arena, mesh, op, shardings->array.items[i], &sharding));
    ALPA_TRY(alpa_state_read(&sharding, op, &out_states[i]));
    for (uint32_t a = 0; a < mesh->n_axes; a++)
      if (!is_manual(op, mesh->axes[a].name))
        out_states[i].place[a] = ALPA_REPLICATED;
  }
  return ALPA_OK;
}

static alpa_status copy_op(alpa_partitioner *p, alpa_op *op) {
  if (sdy_is(op, SDY_manual_computation))
    return alpa_op_unsupported(op, "is a manual computation inside of one");
  if (alpa_op_is_reshard(op)) { /* over axes along which all devices have the same */
    alpa_value_map_set(&p->values, op->results, alpa_value_map_get(&p->values, alpa_op_operand(op, 0)));
    return ALPA_OK;
  }
  alpa_op *copy = alpa_op_clone(p->module, op, &p->values);
  alpa_op_set_attr(copy, "sdy.sharding", NULL);
  alpa_op_insert(copy, p->builder.block, p->builder.before);
  return ALPA_OK;
}

alpa_status alpa_partition_manual(alpa_partitioner *p, alpa_op *op) {
  const alpa_block *body = op->regions[0].first;
  for (uint32_t i = 0; i < body->n_args; i++)
    alpa_value_map_set(&p->values, body->args[i], alpa_value_map_get(&p->values, alpa_op_operand(op, i)));
  for (alpa_op *inner = body->first; inner != body->last; inner = inner->next)
    ALPA_TRY(copy_op(p, inner));
  for (uint32_t i = 0; i < op->n_results; i++)
    alpa_value_map_set(&p->values, &op->results[i], alpa_value_map_get(&p->values, alpa_op_operand(body->last, i)));
  return ALPA_OK;
}
