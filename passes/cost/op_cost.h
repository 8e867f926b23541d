/* How the work of an op is priced: the `cost` column of the op tables. */
#ifndef ALPA_PASSES_COST_OP_COST_H
#define ALPA_PASSES_COST_OP_COST_H

#include "dialects/ir/op.h"

/* X(ID, column): what bounds the time of an op. */
#define ALPA_OP_COST_TABLE(X)                                                                                          \
  X(NONE, none)                     /* no work of its own */                                                           \
  X(FREE, free)                     /* a view, a constant, a control op */                                             \
  X(MOVE, move)                     /* bytes */                                                                        \
  X(POINTWISE, pointwise)           /* bytes */                                                                        \
  X(TRANSCENDENTAL, transcendental) /* bytes, with more arithmetic */                                                  \
  X(REDUCE, reduce)                 /* bytes */                                                                        \
  X(WINDOW, window)                 /* bytes */                                                                        \
  X(INDEX, index)                   /* bytes of what is taken or put, not of what it is taken from */                  \
  X(SORT, sort)                     /* bytes, several passes */                                                        \
  X(CONTRACTION, contraction)       /* flops */                                                                        \
  X(CONVOLUTION, convolution)       /* flops */                                                                        \
  X(REGION, region)                 /* what is inside */                                                               \
  X(COLLECTIVE, collective)         /* communication */

typedef enum alpa_op_cost {
#define X(ID, column) ALPA_OP_COST_##ID,
  ALPA_OP_COST_TABLE(X)
#undef X
} alpa_op_cost;

alpa_op_cost alpa_op_cost_get(const alpa_op *op);

/* Free, moving or elementwise: what is fused with its user or its producer. */
bool alpa_op_cost_is_light(const alpa_op *op);

#endif
