/* What a program reads and writes of memory once its light ops are fused into their users.
 *
 * A light op (elementwise, a move, a view) is computed where it is used, in the backward part again.  Its value takes
 * memory only where something else reads it (a product, an index, a loop, the outside), or where reading it often is
 * less than making it often.  The op of such a value, and every reduction, is the root of a fusion, which reads each
 * value that takes memory once.  Residuals are the values of the forward part that the backward part reads so. */
#ifndef ALPA_PASSES_STAGES_TRAFFIC_H
#define ALPA_PASSES_STAGES_TRAFFIC_H

#include "dialects/ir/op.h"
#include "support/arena.h"

typedef struct stage_traffic {
  uint16_t **reads;  /* by number of op: how many fusions read each operand through it; NULL: not a light op */
  bool *is_held;     /* by number of value: it takes memory */
  bool *is_residual; /* by number of value */
} stage_traffic;

/* The function is numbered; ops inside regions are left out. */
void stage_traffic_find(alpa_arena *arena, const alpa_op *func, stage_traffic *out_traffic);

#endif
