/* The region around a softmax of scores: internal to the parts of fusion that deal with attention. */
#ifndef ALPA_CODEGEN_FUSE_ATTENTION_H
#define ALPA_CODEGEN_FUSE_ATTENTION_H

#include "codegen/attention.h"
#include "codegen/fuse/group.h"

enum { FUSE_MOST_SINKS = 16 };

typedef enum fuse_sink_kind { FUSE_SINK_REDUCE, FUSE_SINK_OVER_N, FUSE_SINK_OVER_M } fuse_sink_kind;

/* An op that takes scores and gives something else. */
typedef struct fuse_sink {
  alpa_op *op;
  uint32_t position;
  fuse_sink_kind kind;
  uint32_t operand; /* the one of scores */
  uint32_t level;   /* of reductions that it needs, one after the other */
  bool grouped;
} fuse_sink;

typedef struct fuse_region {
  fuse_block *block;
  const alpa_type *type; /* its shape is that of the scores */
  alpa_softmax softmax;
  alpa_map ops; /* what is computed of scores */
  ALPA_VEC(alpa_op *) todo;
  fuse_sink sinks[FUSE_MOST_SINKS];
  uint32_t n_sinks, n_products;
} fuse_region;

/* The region around an exponential; false where there is none, or something else needs its values in memory. */
bool alpa_fuse_find_region(fuse_block *block, alpa_op *op, fuse_region *out_region);

/* Sums along the rows of scores that the program's own results give: sum over n of (dO V^T) * P is dO * O, summed over
 * d (Dao, 2023, section 3, step 4 of the backward pass), so that no kernel need make scores for them.  Returns whether
 * ops of the block have changed. */
bool alpa_fuse_shorten_attention(fuse_block *block);

#endif
