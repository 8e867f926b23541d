/* Chooses the kernel of a contraction. */
#include "codegen/llvm/contraction_kernels.h"

bool alpa_contraction_along_m(const alpa_contraction *c) {
  return c->m.n && (!c->n.n || (c->m.dims[c->m.n - 1].out == 1 && c->n.dims[c->n.n - 1].out != 1));
}

LLVMValueRef alpa_contraction_offset(alpa_lower *lower, const alpa_contraction_dims *list, LLVMValueRef flat,
                                     alpa_contraction_side side) {
  LLVMValueRef sum = alpa_lower_i64(lower, 0);
  for (uint32_t i = list->n; i-- > 0;) {
    LLVMValueRef part = flat;
    if (i > 0) {
      LLVMValueRef extent = alpa_lower_i64(lower, list->dims[i].extent);
      part = LLVMBuildURem(lower->builder, flat, extent, "");
      flat = LLVMBuildUDiv(lower->builder, flat, extent, "");
    }
    LLVMValueRef stride = alpa_lower_i64(lower, alpa_contraction_stride(&list->dims[i], side));
    sum = LLVMBuildAdd(lower->builder, sum, LLVMBuildMul(lower->builder, part, stride, ""), "");
  }
  return sum;
}

void alpa_contraction_schedule(alpa_lower *lower, const alpa_contraction *contraction) {
  lower->schedule->n_phases = 1;
  if (alpa_contraction_tiles_fit(lower, contraction))
    alpa_contraction_tiles_schedule(lower, contraction);
  else
    alpa_contraction_rows_schedule(lower, contraction);
}

void alpa_contraction_emit(alpa_lower *lower, const alpa_contraction *contraction, uint32_t phase) {
  (void)phase;
  if (alpa_contraction_tiles_fit(lower, contraction))
    alpa_contraction_tiles_emit(lower, contraction);
  else
    alpa_contraction_rows_emit(lower, contraction);
}
