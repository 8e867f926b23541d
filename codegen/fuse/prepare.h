/* Rewrites of a block before its ops are grouped into kernels. */
#ifndef ALPA_CODEGEN_FUSE_PREPARE_H
#define ALPA_CODEGEN_FUSE_PREPARE_H

#include "dialects/ir/op.h"

void alpa_fuse_prepare(alpa_block *block);

#endif
