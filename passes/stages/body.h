/* The work of one layer on a part of the batch, as a function of its own: what the intra-operator problem of a stage is
 * solved on (design §6).
 *
 * Its ops are copies of the layer's forward and backward ops with the batch dimension cut to `part` of the batch's
 * size; what they read of weights and constants is copied along, cut where only a part is read (a bias broadcast to the
 * batch). Arguments and results are what crosses the border. */
#ifndef ALPA_PASSES_STAGES_BODY_H
#define ALPA_PASSES_STAGES_BODY_H

#include "passes/layers/assign.h"
#include "support/hash.h"

typedef enum stage_role {
  STAGE_WEIGHT,     /* state, or what is made of it by an op that is not copied */
  STAGE_INPUT,      /* of the batch, or random numbers: there for the taking */
  STAGE_ACTIVATION, /* of the forward part, from or to another layer */
  STAGE_COTANGENT,  /* of the backward part, likewise */
  STAGE_RESIDUAL,   /* of the forward part, for the backward part of another layer */
  STAGE_GRADIENT    /* to the update */
} stage_role;

typedef struct stage_port {
  stage_role role;
  uint32_t value; /* of the layer program */
} stage_port;

typedef struct stage_body {
  alpa_module *module;
  alpa_op *func;
  ALPA_VEC(stage_port) args;
  ALPA_VEC(stage_port) results;
  alpa_map once;    /* ops that run once in a step (casts of weights) -> 1 */
  alpa_map batched; /* values of the function -> the dimension that runs over the batch */
} stage_body;

/* What all layers of a program share. */
typedef struct stage_source {
  const layer_program *program;
  const layer_owners *owners;
  int64_t batch; /* its size */
} stage_source;

/* *out_body is valid until its module is destroyed; false where the batch cannot be cut so. */
bool stage_body_build(alpa_arena *arena, const stage_source *source, int32_t layer, int64_t part, stage_body *out_body);

#endif
