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
/* Inline assembly with side effects on memory; `type` of its result, constraints as LLVM writes them. */
LLVMValueRef alpa_ptx_asm(alpa_lower *lower, LLVMTypeRef type, const char *text, const char *constraints,
                          LLVMValueRef *args, uint32_t n_args);
/* Keeps the compiler from moving loads behind this point, where they would be late. */
void alpa_ptx_keep_loads(alpa_lower *lower);
/* Waits for all threads of the block. */
void alpa_ptx_barrier(alpa_lower *lower);
/* Waits for `threads` threads of the block, a multiple of 32, at barrier 1 to 15. */
void alpa_ptx_named_barrier(alpa_lower *lower, uint32_t barrier, uint32_t threads);
/* Address (in the address space of shared memory) of element `index`, i32, of an array of `type` that starts at `byte`
 * of the block's shared memory, whose size is that of the launch. */
LLVMValueRef alpa_ptx_shared(alpa_lower *lower, LLVMTypeRef type, int64_t byte, LLVMValueRef index);
/* Ends the thread where the condition (i1) does not hold. */
void alpa_ptx_leave_unless(alpa_lower *lower, LLVMValueRef condition);
/* Runs what is emitted until alpa_ptx_end_if only where the condition (i1) holds; carries nothing. */
typedef struct alpa_ptx_if {
  LLVMBasicBlockRef after;
} alpa_ptx_if;
alpa_ptx_if alpa_ptx_begin_if(alpa_lower *lower, LLVMValueRef condition);
void alpa_ptx_end_if(alpa_lower *lower, alpa_ptx_if inside);

#endif
