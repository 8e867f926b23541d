/* Linking: from the images of segments to the image of a pipeline.
 *
 * A segment is the image of one function on a submesh.  Its arguments and results are wired to the program's, to the
 * number of the micro-batch, or to variables: what passes between segments of one submesh, or travels to another one.
 * A variable has a place in memory while it is live; the micro-batches that are in flight have places of their own.
 * The result is one image in which every submesh runs its list of tasks and transfers go on beside them.
 *
 * All segments were compiled together: their images have the same target, kernels and code. */
#ifndef ALPA_CODEGEN_LINK_LINK_H
#define ALPA_CODEGEN_LINK_LINK_H

#include "runtime/image/image.h"

typedef enum alpa_wire_kind {
  ALPA_WIRE_ARGUMENT,  /* index: of the pipeline's image */
  ALPA_WIRE_RESULT,    /* index: of the pipeline's image */
  ALPA_WIRE_VARIABLE,  /* index: of the variable */
  ALPA_WIRE_MICROBATCH /* a scalar integer */
} alpa_wire_kind;

typedef struct alpa_wire {
  alpa_wire_kind kind;
  uint32_t index;
} alpa_wire;

typedef struct alpa_link_segment {
  const alpa_image *image;
  const alpa_wire *arguments, *results;
} alpa_link_segment;

typedef struct alpa_link_variable {
  int64_t bytes; /* of a piece */
  bool per_microbatch;
} alpa_link_variable;

/* From a variable of one submesh to one of another: the copies of a single transfer, of which there is one for each
 * micro-batch where the variables have one. */
typedef struct alpa_link_transfer {
  uint32_t from, to;
  alpa_image_transfer moves;
} alpa_link_transfer;

typedef struct alpa_link_task {
  uint32_t segment, microbatch;
} alpa_link_task;

typedef struct alpa_link_submesh {
  alpa_device_range devices;
  const alpa_link_task *tasks;
  uint32_t n_tasks;
} alpa_link_submesh;

typedef struct alpa_link_problem {
  uint32_t n_devices, n_microbatches;
  uint32_t n_submeshes, n_segments, n_variables, n_transfers;
  const alpa_link_submesh *submeshes;
  const alpa_link_segment *segments;
  const alpa_link_variable *variables;
  const alpa_link_transfer *transfers;
  /* Of the pipeline's image, with their holders; a result that has an alias takes the argument's memory even where the
   * segment that computes it writes it elsewhere. */
  uint32_t n_arguments, n_results, n_aliases;
  const alpa_image_tensor *arguments, *results;
  const alpa_image_alias *aliases;
} alpa_link_problem;

/* In `arena`.  ALPA_INVALID_ARGUMENT where the tasks wait for each other in a circle. */
alpa_status alpa_image_link(const alpa_link_problem *problem, alpa_diag *diag, alpa_arena *arena,
                            alpa_image **out_image);

#endif
