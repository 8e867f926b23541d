/* Reading hints, and comparing them with what became of them. */
#include "passes/layers/hints.h"

#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/placement.h"

static const char marker_name[] = "alpa.pipeline_boundary";

static bool is_marker(const alpa_op *op) {
  if (!stablehlo_is(op, STABLEHLO_custom_call))
    return false;
  const alpa_attr *target = alpa_op_attr(op, stablehlo_custom_call_call_target_name);
  return target->kind == ALPA_ATTR_STRING && target->string.size == strlen(marker_name) &&
         memcmp(target->string.data, marker_name, target->string.size) == 0;
}

static alpa_status take_marker(alpa_arena *arena, alpa_op *op, layer_markers *markers) {
  alpa_value **values = alpa_arena_new(arena, alpa_value *, op->n_operands + 1);
  bool is_identity = op->n_operands == op->n_results;
  for (uint32_t i = 0; is_identity && i < op->n_operands; i++) {
    values[i] = alpa_op_operand(op, i);
    is_identity = values[i]->type == op->results[i].type;
  }
  if (!is_identity)
    return alpa_op_error(op,
                         "marks a boundary between layers, so it must give back its operands: %u operands and %u "
                         "results of the same types",
                         op->n_operands, op->n_results);
  const alpa_op *follower = op->next;
  while (follower && is_marker(follower))
    follower = follower->next;
  alpa_vec_push(arena, &markers->followers, follower);
  alpa_op_replace(op, values);
  return ALPA_OK;
}

/* Inside a loop or a branch, a marker would cut what is one op. */
static alpa_status refuse_inner_marker(void *user, alpa_op *op) {
  if (!is_marker(op) || alpa_op_parent(op) == user)
    return ALPA_OK;
  return alpa_op_error(op,
                       "marks a boundary between layers inside '%s', which one layer has as a whole: mark boundaries "
                       "outside of it",
                       alpa_op_parent(op)->def->name);
}

alpa_status layer_markers_take(alpa_arena *arena, alpa_op *func, layer_markers *out_markers) {
  *out_markers = (layer_markers){0};
  ALPA_TRY(alpa_op_walk(func, refuse_inner_marker, func));
  for (alpa_op *op = alpa_func_entry(func)->first, *next; op; op = next) {
    next = op->next;
    if (is_marker(op))
      ALPA_TRY(take_marker(arena, op, out_markers));
  }
  return ALPA_OK;
}

/* Two markers with nothing of the forward part between them are one boundary. */
static alpa_status apply_markers(layer_program *p, const layer_markers *markers) {
  int32_t layer = 0;
  bool is_begun = false;
  for (uint32_t o = 0, m = 0; o < p->n_ops; o++) {
    layer_op *op = &p->ops[o];
    for (; m < markers->followers.n && markers->followers.items[m] == op->op; m++) {
      layer += is_begun;
      is_begun = false;
    }
    if (op->part != LAYER_FORWARD)
      continue;
    is_begun = true;
    if (op->hint != LAYER_NONE && op->hint != layer)
      return alpa_op_error(op->op,
                           "is placed in layer %d by its alpa.layer, but stands in layer %d by the markers "
                           "before it: use one or the other",
                           op->hint, layer);
    op->hint = layer;
  }
  return ALPA_OK;
}

/* What lies on a stage is read there: ops of the forward part have the stage of the arguments that they read, also
 * through what is made of arguments alone.  Of several, the last one's. */
static alpa_status follow_arguments(const layer_program *p) {
  int32_t *stages = alpa_arena_new(p->arena, int32_t, p->n_values);
  for (uint32_t v = 0; v < p->n_values; v++)
    stages[v] = LAYER_NONE;
  for (uint32_t i = 0; i < p->n_args; i++) {
    const alpa_attr *stage = alpa_func_find_arg_attr(p->func, i, ALPA_STAGE_ATTR);
    stages[i] = stage && stage->kind == ALPA_ATTR_INTEGER ? (int32_t)stage->integer : LAYER_NONE;
  }
  for (uint32_t o = 0; o < p->n_ops; o++) {
    const layer_op *op = &p->ops[o];
    int32_t own = LAYER_NONE, written;
    for (uint32_t i = op->reads_begin; i < op->reads_end; i++)
      own = stages[p->reads[i]] > own ? stages[p->reads[i]] : own;
    for (uint32_t i = 0; op->part == LAYER_WEIGHTS && i < op->op->n_results; i++)
      stages[op->results + i] = own;
    ALPA_TRY(alpa_placement_get(op->op, ALPA_STAGE_ATTR, &written));
    if (op->part == LAYER_FORWARD && own != LAYER_NONE && written == LAYER_NONE)
      alpa_placement_set(op->op, ALPA_STAGE_ATTR, own);
  }
  return ALPA_OK;
}

alpa_status layer_hints_read(layer_program *program, const layer_markers *markers) {
  ALPA_TRY(follow_arguments(program));
  for (uint32_t o = 0; o < program->n_ops; o++) {
    layer_op *op = &program->ops[o];
    ALPA_TRY(alpa_placement_get(op->op, ALPA_LAYER_ATTR, &op->hint));
    ALPA_TRY(alpa_placement_get(op->op, ALPA_STAGE_ATTR, &op->group));
  }
  return markers->followers.n ? apply_markers(program, markers) : ALPA_OK;
}

alpa_status layer_hints_check(const layer_program *program) {
  for (uint32_t o = 0; o < program->n_ops; o++) {
    const layer_op *op = &program->ops[o];
    if (op->hint != LAYER_NONE && op->layer != LAYER_NONE && op->layer != op->hint)
      return alpa_op_error(op->op,
                           "is placed in layer %d by its alpa.layer, but by what it reads and who reads it belongs to "
                           "layer %d: values of the backward part never flow to a later layer",
                           op->hint, op->layer);
  }
  return ALPA_OK;
}
