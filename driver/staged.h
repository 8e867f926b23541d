/* Staged programs (pipelines) between IR and image: what an outlined module says, as tables.
 *
 * A segment is the function of one phase of one stage.  Its arguments and results are wired to parts of the program's
 * arguments and results (what one stage holds of them), to variables of the stage, or to the micro-batch's number. */
#ifndef ALPA_DRIVER_STAGED_H
#define ALPA_DRIVER_STAGED_H

#include "codegen/codegen.h"
#include "codegen/link/link.h"
#include "dialects/sdy/sharding.h"
#include "driver/layout.h"
#include "passes/outline/segments.h"
#include "passes/schedule/module.h"

typedef struct alpa_staged_stage {
  alpa_op *module;
  alpa_device_range devices;
  uint32_t submesh;
  const alpa_mesh *mesh; /* of its segments; NULL where it has none */
} alpa_staged_stage;

typedef struct alpa_staged_segment {
  alpa_op *module; /* nested in the stage's */
  uint32_t stage, level;
  alpa_phase phase;
  alpa_layout layout; /* on the stage's devices, numbered from 0 */
  alpa_wire *arguments, *results;
} alpa_staged_segment;

/* What a segment leaves to others of its stage, or to another stage. */
typedef struct alpa_staged_variable {
  uint32_t stage;
  const char *name;
  const char *partial; /* the axes on which it is still to be combined, "" where it is complete */
  bool per_microbatch, is_sent, is_received;
  alpa_image_tensor tensor; /* on the stage's devices */
} alpa_staged_variable;

/* What one stage holds of an argument or result of the program. */
typedef struct alpa_staged_part {
  uint32_t index, stage; /* of the argument or result */
  const char *sharding;
  alpa_image_tensor tensor; /* with its holders */
} alpa_staged_part;

typedef struct alpa_staged_transfer {
  uint32_t from, to; /* variables */
} alpa_staged_transfer;

typedef struct alpa_staged {
  alpa_arena *arena;
  alpa_op *module, *func; /* the program and its public function */
  uint32_t n_devices, n_stages, n_microbatches;
  alpa_staged_stage *stages;
  alpa_schedule schedule;
  ALPA_VEC(alpa_staged_segment) segments;
  ALPA_VEC(alpa_staged_variable) variables;
  ALPA_VEC(alpa_staged_transfer) transfers;
  ALPA_VEC(alpa_staged_part) arguments;
  ALPA_VEC(alpa_staged_part) results;
  ALPA_VEC(alpa_image_alias) aliases; /* of parts */
  ALPA_VEC(alpa_link_task) * tasks;   /* by submesh, in program order */
  ALPA_VEC(alpa_link_task) order;     /* of all submeshes, one in which they can run */
} alpa_staged;

/* Whether the public function of the module is a pipeline. */
bool alpa_staged_is(const alpa_op *func);
/* Reads a module that `outline` and `schedule` have been through, on so many devices.  Wiring that does not fit, which
 * an edited plan may have, is reported. */
alpa_status alpa_staged_read_module(alpa_arena *arena, alpa_op *module, uint32_t n_devices, alpa_staged *out_staged);
/* The part of reading that sees the whole: finds `order`; reported: what is taken but not given, ... */
alpa_status alpa_staged_verify(alpa_staged *staged);
/* Bytes that a device of the submesh needs, as predicted: what its stages' plans say for one micro-batch, and what the
 * other ones in flight keep. */
int64_t alpa_staged_memory(const alpa_staged *staged, uint32_t submesh);
/* The layout of the whole program: of an argument or result that several stages hold, in copies or slices, the first.
 */
void alpa_staged_layout(const alpa_staged *staged, alpa_layout *out_layout);
/* The segments' functions in another module of the same pipeline (partitioned, say), in the order of `segments`. */
void alpa_staged_find_segments(const alpa_staged *staged, alpa_op *module, alpa_op **out_modules);
/* From the images of the segments, in their order. */
alpa_status alpa_staged_link(const alpa_staged *staged, alpa_diag *diag, const alpa_codegen_part *parts,
                             alpa_arena *arena, alpa_image **out_image);

#endif
