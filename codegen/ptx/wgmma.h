/* Asynchronous products of a warpgroup, 64 rows with up to 256 columns (PTX ISA 8.x, 9.7.15), of bf16, f16 or tf32 with
 * sums in f32: of 16 of a warp's rows and every 8 columns a lane has what it has of a fragment of mma.sync (mma.h). */
#ifndef ALPA_CODEGEN_PTX_WGMMA_H
#define ALPA_CODEGEN_PTX_WGMMA_H

#include "codegen/ptx/kernel.h"

enum { ALPA_WGMMA_ROWS = 64, ALPA_WGMMA_LINE = 128, ALPA_WGMMA_ATOM = 1024, ALPA_WGMMA_MOST_SUMS = 128 };

typedef struct alpa_ptx_wgmma {
  alpa_dtype dtype;
  uint32_t columns;
  bool left_in_registers;                 /* four words, as of mma.sync */
  bool left_transposed, right_transposed; /* in memory: rows, not k, lie side by side */
  bool sets;                              /* the sums begin here: what they are before does not matter */
} alpa_ptx_wgmma;

/* A matrix in shared memory from byte address `start` (i32) on, in lines of 128 bytes, swizzled, of which 8 are an
 * atom; where it is transposed, 128 bytes of the other dimension follow after `segment_bytes`. */
LLVMValueRef alpa_ptx_wgmma_descriptor(alpa_lower *lower, LLVMValueRef start, int64_t segment_bytes);
/* Moves a descriptor. */
LLVMValueRef alpa_ptx_wgmma_move(alpa_lower *lower, LLVMValueRef descriptor, int64_t bytes);

/* Products stand between begin and commit; their sums may be used after the wait, which takes all that are pending. */
void alpa_ptx_wgmma_begin(alpa_lower *lower);
void alpa_ptx_wgmma_multiply(alpa_lower *lower, const alpa_ptx_wgmma *how, const LLVMValueRef *left, LLVMValueRef right,
                             LLVMValueRef *sums);
void alpa_ptx_wgmma_commit(alpa_lower *lower);
void alpa_ptx_wgmma_wait(alpa_lower *lower, LLVMValueRef *sums, uint32_t n_sums);

#endif
