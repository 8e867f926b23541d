/* Instructions around mma.sync, by LLVM's intrinsics. */
#include "codegen/ptx/mma.h"

typedef LLVMValueRef V;

void alpa_ptx_copy_async(alpa_lower *l, V to, V from, V exists) {
  from = LLVMBuildAddrSpaceCast(l->builder, from, LLVMPointerTypeInContext(l->llvm, 1), "");
  V size = LLVMBuildSelect(l->builder, exists, alpa_ptx_i32(l, 16), alpa_ptx_i32(l, 0), "");
  alpa_lower_intrinsic(l, "llvm.nvvm.cp.async.cg.shared.global.16.s", NULL, 0, (V[]){to, from, size}, 3);
}

void alpa_ptx_copy_commit(alpa_lower *l) {
  alpa_lower_intrinsic(l, "llvm.nvvm.cp.async.commit.group", NULL, 0, NULL, 0);
}

void alpa_ptx_copy_wait(alpa_lower *l, uint32_t n_pending) {
  V pending = alpa_ptx_i32(l, n_pending);
  alpa_lower_intrinsic(l, "llvm.nvvm.cp.async.wait.group", NULL, 0, &pending, 1);
}

void alpa_ptx_load_matrices(alpa_lower *l, V address, bool transposed, V out[4]) {
  LLVMTypeRef pointer = LLVMTypeOf(address);
  const char *name =
      transposed ? "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16" : "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16";
  V all = alpa_lower_intrinsic(l, name, &pointer, 1, &address, 1);
  for (uint32_t i = 0; i < 4; i++)
    out[i] = LLVMBuildExtractValue(l->builder, all, i, "");
}

V alpa_ptx_round_tf32(alpa_lower *l, V bits) {
  V value = LLVMBuildBitCast(l->builder, bits, l->type.f32, "");
  return alpa_lower_intrinsic(l, "llvm.nvvm.f2tf32.rna", NULL, 0, &value, 1);
}

void alpa_ptx_mma(alpa_lower *l, alpa_dtype dtype, const V left[4], const V right[2], V sums[4]) {
  LLVMTypeRef pair = LLVMVectorType(LLVMHalfTypeInContext(l->llvm), 2);
  V args[10];
  for (uint32_t i = 0; i < 6; i++) {
    args[i] = i < 4 ? left[i] : right[i - 4];
    args[i] = dtype == ALPA_F16 ? LLVMBuildBitCast(l->builder, args[i], pair, "") : args[i];
  }
  for (uint32_t i = 0; i < ALPA_MMA_SUMS; i++)
    args[6 + i] = sums[i];
  const char *name = dtype == ALPA_BF16  ? "llvm.nvvm.mma.m16n8k16.row.col.bf16"
                     : dtype == ALPA_F16 ? "llvm.nvvm.mma.m16n8k16.row.col.f32.f32"
                                         : "llvm.nvvm.mma.m16n8k8.row.col.tf32";
  V all = alpa_lower_intrinsic(l, name, NULL, 0, args, 10);
  for (uint32_t i = 0; i < ALPA_MMA_SUMS; i++)
    sums[i] = LLVMBuildExtractValue(l->builder, all, i, "");
}
