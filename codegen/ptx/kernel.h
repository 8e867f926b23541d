/* Kernels of a GPU: their launch, their entry, and what threads do together.
 *
 * A phase is one grid.  Where a lowering sets no launch, every thread is one task.  Where it does, a task is a block
 * (blockIdx.x), which all threads of the block enter and leave together. */
#ifndef ALPA_CODEGEN_PTX_KERNEL_H
#define ALPA_CODEGEN_PTX_KERNEL_H

#include "codegen/lower/lower.h"

enum { ALPA_WARP = 32 };

/* One thread for each task, in every phase without a launch. */
void alpa_ptx_set_launches(alpa_lower *lower);
/* Begins the function of a phase: sets lower->function, operands and task, and leaves the builder in its body. */
void alpa_ptx_begin_kernel(alpa_lower *lower, const char *symbol, uint32_t phase);

/* i32: the number of the thread in its block (blocks are one-dimensional). */
LLVMValueRef alpa_ptx_thread(alpa_lower *lower);
LLVMValueRef alpa_ptx_i32(const alpa_lower *lower, int64_t value);

#endif
