/* The segments of a stage: what it computes at once, between two points where it may wait for other stages. */
#ifndef ALPA_PASSES_OUTLINE_SEGMENTS_H
#define ALPA_PASSES_OUTLINE_SEGMENTS_H

#include "dialects/ir/op.h"

/* X(ID, name): in the order of a step.  Of prologue and epilogue there may be several, one for each number of transfers
 * that come before. */
#define ALPA_PHASE_TABLE(X)                                                                                            \
  X(PROLOGUE, "prologue")                                                                                              \
  X(FORWARD, "forward")                                                                                                \
  X(BACKWARD, "backward")                                                                                              \
  X(WEIGHT, "weight") /* the part of the backward pass that no other stage waits for */                                \
  X(EPILOGUE, "epilogue")

/* Levels of prologues and epilogues: transfers on one way through the stages. */
enum { ALPA_MOST_LEVELS = 4096 };

typedef enum alpa_phase {
#define X(ID, name) ALPA_PHASE_##ID,
  ALPA_PHASE_TABLE(X)
#undef X
      ALPA_PHASE_COUNT
} alpa_phase;

/* Where a value that several segments use comes from. */
typedef struct alpa_segment_input {
  alpa_value *value;
  const alpa_attr *wiring; /* a DICT */
} alpa_segment_input;

typedef struct alpa_segment_output {
  alpa_value *value; /* computed by the segment */
  alpa_value *input; /* an input whose place it takes, or NULL */
  alpa_value *like;  /* is sharded as this one; NULL: the wiring says how */
  const alpa_attr *wiring;
} alpa_segment_output;

typedef struct alpa_segment {
  alpa_phase phase;
  uint32_t level;
  const char *name;
  bool *needed; /* by op number */
  ALPA_VEC(alpa_segment_input) inputs;
  ALPA_VEC(alpa_segment_output) outputs;
} alpa_segment;

typedef struct alpa_segments {
  alpa_arena *arena;
  alpa_op *func;
  alpa_op *loop; /* NULL where there is one micro-batch: then the prologues are everything */
  alpa_block *body;
  uint32_t n_ops, counter;      /* counter: the loop-carried number of the micro-batch */
  int8_t *phase;                /* by op number; -1: whoever needs it */
  uint32_t *level;              /* by op number, outside of the loop: transfers that come before it */
  int32_t *updater;             /* by loop-carried value: the segment that gives it its next value, or -1 */
  ALPA_VEC(alpa_segment) items; /* in the order of a step */
} alpa_segments;

const char *alpa_phase_name(alpa_phase phase);
/* A contraction, a convolution, a loop: computed twice only where it is asked for. */
bool alpa_segments_is_heavy(const alpa_op *op);
/* Whether an argument of the function comes from another stage in every micro-batch. */
bool alpa_segments_is_received(const alpa_segments *segments, uint32_t argument);
/* The value that stands for it: what goes around the loop unchanged is what it began with. */
alpa_value *alpa_segments_origin(const alpa_segments *segments, alpa_value *value);

/* Cuts the function of a stage (split-stages, then shardings) at the loop over micro-batches and at changes of phase.
 * The function is numbered and must not change. */
alpa_status alpa_segments_find(alpa_arena *arena, alpa_op *func, bool splits_backward, alpa_segments *out);

#endif
