/* Instructions around the tensor cores of compute capability 8.0: copies into shared memory, fragments, products.
 *
 * A fragment of sums is 16 x 8: a lane has two neighbours of row lane / 4, columns 2 * (lane % 4) and the next, then
 * the same of row lane / 4 + 8 (PTX ISA 8.x, 9.7.14.5). */
#ifndef ALPA_CODEGEN_PTX_MMA_H
#define ALPA_CODEGEN_PTX_MMA_H

#include "codegen/ptx/kernel.h"

enum { ALPA_MMA_ROWS = 16, ALPA_MMA_COLUMNS = 8, ALPA_MMA_BYTES = 32 /* of k */, ALPA_MMA_SUMS = 4 };

/* 16 bytes from global to shared memory, or as many zeros where it does not exist (i1). */
void alpa_ptx_copy_async(alpa_lower *lower, LLVMValueRef to, LLVMValueRef from, LLVMValueRef exists);
/* Ends a group of copies; waits until all but the last n groups of this thread are there. */
void alpa_ptx_copy_commit(alpa_lower *lower);
void alpa_ptx_copy_wait(alpa_lower *lower, uint32_t n_pending);
/* Four 8 x 8 matrices of 16 bits; lane l has the address of row l % 8 of matrix l / 8. */
void alpa_ptx_load_matrices(alpa_lower *lower, LLVMValueRef address, bool transposed, LLVMValueRef out[4]);
/* 32 bits of an f32 rounded to tf32. */
LLVMValueRef alpa_ptx_round_tf32(alpa_lower *lower, LLVMValueRef bits);
/* sums += left * right, of bf16, f16 or (f32) tf32; fragments are i32. */
void alpa_ptx_mma(alpa_lower *lower, alpa_dtype dtype, const LLVMValueRef left[4], const LLVMValueRef right[2],
                  LLVMValueRef sums[4]);

#endif
