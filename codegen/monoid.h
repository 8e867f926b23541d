/* Recognising what a reduction computation does. */
#ifndef ALPA_CODEGEN_MONOID_H
#define ALPA_CODEGEN_MONOID_H

#include "dialects/ir/op.h"
#include "runtime/image/image.h"

/* Whether the block is `op(arg0, arg1)` of two rank-0 arguments, op one of the reductions of the image. */
bool alpa_block_find_monoid(const alpa_block *block, alpa_reduction *out_reduction);
/* The element that leaves everything as it is, in the layout of memory; `out` has room for 16 bytes. */
void alpa_monoid_identity(alpa_reduction reduction, alpa_dtype dtype, void *out);

#endif
