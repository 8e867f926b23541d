/* Which dimension of each value runs over the batch. */
#ifndef ALPA_PASSES_LAYERS_BATCH_H
#define ALPA_PASSES_LAYERS_BATCH_H

#include "support/arena.h"
#include "passes/analysis/factors.h"

enum {
  LAYER_UNBATCHED = -1, /* does not depend on the batch */
  LAYER_WHOLE = -2      /* depends on it as a whole: a sum, a statistic */
};

/* By number of value (the function is numbered): a dimension, or one of the two above.  Dimension 0 of the batch
 * arguments is followed through the factor rules; an op that combines a batched operand with a whole one reads the
 * latter as a statistic of its own part of the batch. */
int8_t *layer_batch_find(alpa_arena *arena, const alpa_op *func, uint32_t n_values);

/* The one factor that the batched operands of an op have in common, or ALPA_NO_FACTOR. */
int32_t layer_batch_factor(const alpa_op *op, const alpa_factor_rule *rule, const int8_t *dims);

#endif
