/* Chooses the kernel of a contraction. */
#include "codegen/llvm/contraction_kernels.h"
#include "codegen/ptx/contraction.h"

bool alpa_contraction_along_m(const alpa_contraction *c) {
  return c->m.n && (!c->n.n || (c->m.dims[c->m.n - 1].out == 1 && c->n.dims[c->n.n - 1].out != 1));
}

LLVMValueRef alpa_contraction_offset(alpa_lower *lower, const alpa_contraction_dims *list, LLVMValueRef flat,
                                     alpa_contraction_side side) {
  LLVMValueRef sum = alpa_lower_i64(lower, 0);
  for (uint32_t i = list->n; i-- > 0;) {
    LLVMValueRef part = flat;
    if (i > 0)
      alpa_lower_divide(lower, flat, list->count, list->dims[i].extent, &flat, &part);
    LLVMValueRef stride = alpa_lower_i64(lower, alpa_contraction_stride(&list->dims[i], side));
    sum = LLVMBuildAdd(lower->builder, sum, LLVMBuildMul(lower->builder, part, stride, ""), "");
  }
  return sum;
}

static bool is_for_gpu(const alpa_lower *lower, const alpa_contraction *contraction) {
  return alpa_lower_is_gpu(lower) && alpa_ptx_contraction_fits(contraction);
}

void alpa_contraction_schedule(alpa_lower *lower, const alpa_contraction *contraction) {
  lower->schedule->n_phases = 1;
  if (is_for_gpu(lower, contraction))
    alpa_ptx_contraction_schedule(lower, contraction);
  else if (alpa_contraction_tiles_fit(lower, contraction))
    alpa_contraction_tiles_schedule(lower, contraction);
  else
    alpa_contraction_rows_schedule(lower, contraction);
}

void alpa_contraction_emit(alpa_lower *lower, const alpa_contraction *contraction, uint32_t phase) {
  if (is_for_gpu(lower, contraction))
    alpa_ptx_contraction_emit(lower, contraction, phase);
  else if (alpa_contraction_tiles_fit(lower, contraction))
    alpa_contraction_tiles_emit(lower, contraction);
  else
    alpa_contraction_rows_emit(lower, contraction);
}
