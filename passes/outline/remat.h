/* Rematerialisation: which values of the forward pass a stage keeps for its backward pass; the others are computed
 * again there (Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost). */
#ifndef ALPA_PASSES_OUTLINE_REMAT_H
#define ALPA_PASSES_OUTLINE_REMAT_H

#include "passes/outline/segments.h"

/* X(ID, name, what is computed again) */
#define ALPA_REMAT_TABLE(X)                                                                                            \
  X(NONE, "none", "nothing")                                                                                           \
  X(SELECTIVE, "selective", "all but contractions, convolutions and loops")                                            \
  X(LEAST, "least", "what makes the fewest bytes be kept, but no contraction, convolution or loop")                    \
  X(LAYER, "layer", "all but what passes from layer to layer")                                                         \
  X(FULL, "full", "all that the stage has not received")                                                               \
  X(AUTO, "auto", "layer in stages that stage-dp says it of, least in its other ones, nothing without stage-dp")

typedef enum alpa_remat {
#define X(ID, name, what) ALPA_REMAT_##ID,
  ALPA_REMAT_TABLE(X)
#undef X
      ALPA_REMAT_COUNT
} alpa_remat;

extern const char *const alpa_remat_names[]; /* ends with NULL */

/* What is meant by AUTO in a stage's module. */
alpa_remat alpa_remat_resolve(alpa_remat remat, const alpa_op *stage);
/* By number of a value of the forward pass: kept.  The phases are known. */
bool *alpa_remat_find_kept(const alpa_segments *segments, alpa_remat remat);

#endif
