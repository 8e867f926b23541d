/* @main as the clustering of layers sees it: its ops and values as numbers, what each value depends on, and the part of
 * the train step that each op belongs to. */
#ifndef ALPA_PASSES_LAYERS_PROGRAM_H
#define ALPA_PASSES_LAYERS_PROGRAM_H

#include "support/arena.h"
#include "dialects/ir/op.h"

#define LAYER_NO_OP UINT32_MAX
#define LAYER_NO_LOSS UINT32_MAX

enum { LAYER_NONE = -1 };

/* The most that a value depends on, in this order. */
typedef enum layer_source {
  LAYER_OF_CONSTANTS, /* constants, iota and scalar arguments: any stage may repeat it */
  LAYER_OF_WEIGHTS,   /* also arguments that are state */
  LAYER_OF_BATCH
} layer_source;

typedef enum layer_part {
  LAYER_REPEATED, /* constants alone; belongs to no layer */
  LAYER_WEIGHTS,  /* weights alone, and the loss depends on it: casts */
  LAYER_FORWARD,  /* batch, and the loss depends on it */
  LAYER_BACKWARD, /* the rest of what runs for each part of the batch */
  LAYER_UPDATE    /* what needs the whole batch, and what is made of weights for the backward part */
} layer_part;

/* Slices of arguments and what puts results together again (passes/outline/terminals.h) are no work of any layer. */
typedef enum layer_wire { LAYER_NO_WIRE, LAYER_TAKES, LAYER_RETURNS } layer_wire;

typedef struct layer_value {
  alpa_value *value;
  uint32_t op; /* that makes it, or LAYER_NO_OP for an argument */
  layer_source source;
  bool is_scalar; /* one element, or computed from such values alone */
  bool is_held;   /* an argument, or a slice of one that is taken in slices */
  int64_t bytes;
  uint32_t readers_begin, readers_end; /* in program.readers */
} layer_value;

typedef struct layer_op {
  alpa_op *op;
  layer_part part;
  layer_wire wire;
  uint32_t reads_begin, reads_end; /* in program.reads: distinct values, those read in regions included */
  uint32_t results;                /* number of its first value */
  double flops;
  int32_t hint;  /* the layer that the user wrote, or LAYER_NONE */
  int32_t group; /* the stage that the user wrote, or LAYER_NONE */
  int32_t layer; /* the answer, LAYER_NONE for ops that may be repeated */
} layer_op;

typedef struct layer_program {
  alpa_arena *arena;
  alpa_op *func;
  layer_op *ops;       /* the terminator excluded, in program order */
  layer_value *values; /* arguments first */
  uint32_t n_ops, n_values, n_args;
  uint32_t *reads, *readers; /* values by op, ops by value */
  uint32_t loss;             /* a value, or LAYER_NO_LOSS: everything that the batch goes through is forward */
  uint32_t *numbers;         /* by number of value in the IR: its number here, UINT32_MAX inside regions */
  const int8_t *dims;        /* by number of value in the IR: where the batch is (batch.h) */
} layer_program;

/* Numbers the function's ops and values.  `loss` is the number of a result, or negative: the only one that may be it; of
 * a function without state, which learns nothing, all results together.  Reported: no loss, or several. */
alpa_status layer_program_init(layer_program *program, alpa_arena *arena, alpa_op *func, int64_t loss);

/* Whether an op is one of the two parts that run once for each micro-batch. */
static inline bool layer_op_is_body(const layer_op *op) {
  return op->part == LAYER_FORWARD || op->part == LAYER_BACKWARD;
}

#endif
