/* Arithmetic of an op as the program writes it, before anything is split. */
#ifndef ALPA_PASSES_COST_FLOPS_H
#define ALPA_PASSES_COST_FLOPS_H

#include "dialects/ir/op.h"

/* Floating-point operations of contractions and convolutions: 2 m n k without those on padding between elements; of a
 * loop what its body does, times its trips; of a branch the most that one side does; 0 for everything else.  Types are
 * static. */
double alpa_op_flops(const alpa_op *op);
/* What is computed of a convolution in tiles of so many positions: of windows larger than one the spatial dimensions
 * are rounded up to whole tiles. */
double alpa_op_tiled_flops(const alpa_op *op, double tile);

#endif
