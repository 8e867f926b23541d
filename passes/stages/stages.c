/* Layers as the passes that make stages see them, and writing what they decide. */
#include "passes/stages/stages.h"

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "passes/analysis/placement.h"
#include "passes/cost/flops.h"

static alpa_status count_layers(alpa_op *func, uint32_t *out_n) {
  *out_n = 0;
  for (alpa_op *op = alpa_func_entry(func)->first; op; op = op->next) {
    int32_t layer;
    ALPA_TRY(alpa_placement_get(op, ALPA_LAYER_ATTR, &layer));
    *out_n = layer >= (int32_t)*out_n ? (uint32_t)layer + 1 : *out_n;
  }
  if (*out_n == 0)
    return alpa_op_error(func, "has no layers; run 'cluster-layers' before stages are made");
  return ALPA_OK;
}

static alpa_status note_stage(const alpa_op *op, int32_t layer, int32_t stage, alpa_layer_list *layers) {
  if (layers->stages[layer] != ALPA_NOWHERE && layers->stages[layer] != stage)
    return alpa_op_error(op,
                         "is placed in stage %d, but another op of its layer %d in stage %d: a layer is in one stage",
                         stage, layer, layers->stages[layer]);
  layers->stages[layer] = stage;
  return ALPA_OK;
}

alpa_status alpa_layer_list_read(alpa_arena *arena, alpa_op *func, alpa_layer_list *out_layers) {
  uint32_t n;
  ALPA_TRY(count_layers(func, &n));
  *out_layers = (alpa_layer_list){
      .n_layers = n, .flops = alpa_arena_new(arena, double, n), .stages = alpa_arena_new(arena, int32_t, n)};
  for (uint32_t l = 0; l < n; l++)
    out_layers->stages[l] = ALPA_NOWHERE;
  for (alpa_op *op = alpa_func_entry(func)->first; op; op = op->next) {
    int32_t layer, stage;
    ALPA_TRY(alpa_placement_get(op, ALPA_LAYER_ATTR, &layer));
    ALPA_TRY(alpa_placement_get(op, ALPA_STAGE_ATTR, &stage));
    if (layer == ALPA_NOWHERE)
      continue;
    out_layers->flops[layer] += alpa_op_flops(op);
    if (stage != ALPA_NOWHERE)
      ALPA_TRY(note_stage(op, layer, stage, out_layers));
  }
  return ALPA_OK;
}

static void write_ops(alpa_op *func, const alpa_stage_plan *stages) {
  for (alpa_op *op = alpa_func_entry(func)->first; op; op = op->next) {
    const alpa_attr *layer = alpa_op_find_attr(op, ALPA_LAYER_ATTR);
    int32_t stage = 0;
    while (layer && layer->integer > stages[stage].last_layer)
      stage++;
    alpa_placement_set(op, ALPA_STAGE_ATTR, layer ? stage : ALPA_NOWHERE);
  }
}

void alpa_stages_write(alpa_arena *arena, alpa_op *module, alpa_op *func, const alpa_stage_plan *stages,
                       uint32_t n_stages) {
  alpa_context *ctx = alpa_op_context(module);
  const alpa_attr **items = alpa_arena_new(arena, const alpa_attr *, n_stages);
  for (uint32_t s = 0; s < n_stages; s++) {
    const int64_t layers[] = {stages[s].first_layer, stages[s].last_layer};
    const alpa_named_attr fields[] = {{"devices", alpa_attr_get_i64s(ctx, stages[s].devices, stages[s].n_devices)},
                                      {"layers", alpa_attr_get_i64s(ctx, layers, 2)},
                                      {"mesh", alpa_attr_get_string(ctx, stages[s].mesh)},
                                      {"in_flight_bytes", alpa_attr_get_i64(ctx, stages[s].in_flight_bytes)},
                                      {"memory_bytes", alpa_attr_get_i64(ctx, stages[s].memory_bytes)},
                                      {"once_ps", alpa_attr_get_i64(ctx, stages[s].once_ps)},
                                      {"remat", alpa_attr_get_bool(ctx, stages[s].remat)},
                                      {"time_ps", alpa_attr_get_i64(ctx, stages[s].time_ps)},
                                      {"zero", alpa_attr_get_string(ctx, stages[s].zero ? stages[s].zero : "")}};
    items[s] = alpa_attr_get_dict(ctx, fields, stages[s].zero ? countof(fields) : 3);
  }
  alpa_op_set_attr(module, ALPA_STAGES_ATTR, alpa_attr_get_array(ctx, items, n_stages));
  write_ops(func, stages);
}
