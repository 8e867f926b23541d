/* The intra-operator problem of one layer on one axis of devices: what it costs in time and memory. */
#ifndef ALPA_PASSES_STAGES_INTRA_H
#define ALPA_PASSES_STAGES_INTRA_H

#include "passes/cost/model.h"
#include "passes/stages/body.h"

/* How activations and their gradients cross from layer to layer. */
typedef enum stage_boundary { STAGE_REPLICATED, STAGE_SPLIT /* along the batch */ } stage_boundary;

typedef struct stage_axis {
  const alpa_device_kind *device;
  int64_t size;
  alpa_link link;
} stage_axis;

/* Times in picoseconds, sizes in bytes of one device. */
typedef struct stage_cost {
  int64_t forward, backward; /* of one micro-batch, communication on the axis included */
  int64_t once;              /* of a step: gathering weights, reducing gradients over the axis */
  int64_t update;            /* of a step: the optimizer on the whole of `state` */
  int64_t state;             /* weights and what the optimizer keeps of them */
  int64_t copies;            /* of weights in the form that the body reads */
  int64_t weights;           /* that the body reads as they are in the state */
  int64_t gradients;         /* accumulators, in f32 */
  int64_t sync;              /* of gradients as they are computed, to be reduced over replicas */
  int64_t boundary;          /* of activations that enter */
  int64_t residuals;         /* that the backward part reads */
  int64_t work;              /* of the largest op */
} stage_cost;

typedef struct stage_intra {
  const stage_source *source;
  const stage_body *body;
  stage_axis axis;
  stage_boundary boundary;
  bool is_model_parallel; /* the axis splits every weight that it can, and never the batch */
  bool is_like_osdi22;    /* placed by least communication by the formulas of Alpa, once for a step; then priced */
  int64_t repeats;        /* micro-batches in a step */
  int64_t state_bytes;    /* of the whole layer */
} stage_intra;

/* The strategies of least time over a step, and their cost.  Reported: an op that has no strategies (as in shard). */
alpa_status stage_intra_solve(alpa_arena *arena, const stage_intra *problem, alpa_diag *diag, stage_cost *out_cost);

#endif
