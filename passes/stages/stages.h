/* Stages of a pipeline: which layers each has and which devices run it.  In the module:
 *
 *   alpa.stages = [{devices = array<i64: 0, 1>, layers = array<i64: 0, 3>, mesh = "2x1"}, ...]
 *
 * with the first and last layer of each; a search adds in_flight_bytes, memory_bytes, once_ps, remat, time_ps and zero.
 * And alpa.stage = s : i64 on every op that has a layer. */
#ifndef ALPA_PASSES_STAGES_STAGES_H
#define ALPA_PASSES_STAGES_STAGES_H

#include "dialects/ir/op.h"
#include "support/arena.h"

typedef struct alpa_stage_plan {
  int32_t first_layer, last_layer;
  const char *mesh; /* sizes joined by x; their product is n_devices */
  const int64_t *devices;
  uint32_t n_devices;
  const char *zero; /* what replicas share out (fronts.h); NULL: the following is not known */
  bool remat;
  int64_t memory_bytes, time_ps, once_ps; /* of one device; of one micro-batch; of a step */
  int64_t in_flight_bytes;                /* of the memory: for micro-batches in flight beside one */
} alpa_stage_plan;

/* What the passes of this directory collect of a function with layers. */
typedef struct alpa_layer_list {
  uint32_t n_layers;
  double *flops;   /* by layer, of the whole step */
  int32_t *stages; /* by layer: the stage that the user wrote on one of its ops, or ALPA_NOWHERE */
} alpa_layer_list;

/* Reported: no layers, attributes that are no numbers, two stages in one layer. */
alpa_status alpa_layer_list_read(alpa_arena *arena, alpa_op *func, alpa_layer_list *out_layers);
/* Writes the plan into the module. */
void alpa_stages_write(alpa_arena *arena, alpa_op *module, alpa_op *func, const alpa_stage_plan *stages,
                       uint32_t n_stages);

#endif
