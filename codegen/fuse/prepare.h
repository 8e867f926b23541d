/* Rewrites of a block before its ops are grouped into kernels. */
#ifndef ALPA_CODEGEN_FUSE_PREPARE_H
#define ALPA_CODEGEN_FUSE_PREPARE_H

#include "dialects/ir/op.h"

void alpa_fuse_prepare(alpa_block *block);

/* Collectives that become collective permutes (collectives.c); one that needs not or cannot stays as it is. */
void alpa_expand_collective_broadcast(alpa_op *op);
void alpa_expand_collective_reduce(alpa_op *op);
void alpa_expand_all_reduce(alpa_op *op);
void alpa_expand_reduce_scatter(alpa_op *op);

#endif
