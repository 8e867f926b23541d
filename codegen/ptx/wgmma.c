/* wgmma as inline assembly: LLVM has no intrinsics for it. */
#include "codegen/ptx/wgmma.h"

#include <stdio.h>
#include <string.h>

typedef LLVMValueRef V;

enum { STEP_BYTES = 32, TEXT_BYTES = 2048 };

V alpa_ptx_wgmma_descriptor(alpa_lower *l, V start, int64_t segment_bytes) {
  LLVMBuilderRef b = l->builder;
  int64_t leading = segment_bytes ? segment_bytes >> 4 : 1;
  int64_t fixed = ((int64_t)1 << 62) | ((int64_t)(ALPA_WGMMA_ATOM >> 4) << 32) | (leading << 16);
  start = LLVMBuildAnd(b, LLVMBuildLShr(b, start, alpa_ptx_i32(l, 4), ""), alpa_ptx_i32(l, 0x3FFF), "");
  return LLVMBuildOr(b, LLVMBuildZExt(b, start, l->type.i64, ""), alpa_lower_i64(l, fixed), "");
}

V alpa_ptx_wgmma_move(alpa_lower *l, V descriptor, int64_t bytes) {
  return LLVMBuildAdd(l->builder, descriptor, alpa_lower_i64(l, bytes >> 4), "");
}

void alpa_ptx_wgmma_begin(alpa_lower *l) {
  alpa_ptx_asm(l, l->type.void_, "wgmma.fence.sync.aligned;", "~{memory}", NULL, 0);
}

void alpa_ptx_wgmma_commit(alpa_lower *l) {
  alpa_ptx_asm(l, l->type.void_, "wgmma.commit_group.sync.aligned;", "~{memory}", NULL, 0);
}

/* n results in f32, each in the register of an operand. */
static LLVMTypeRef tie(const alpa_lower *l, uint32_t n, char *constraints) {
  LLVMTypeRef types[ALPA_WGMMA_MOST_SUMS];
  for (uint32_t i = 0; i < n; i++) {
    constraints += sprintf(constraints, "=f,");
    types[i] = l->type.f32;
  }
  for (uint32_t i = 0; i < n; i++)
    constraints += sprintf(constraints, "%u,", i);
  return LLVMStructTypeInContext(l->llvm, types, n, false);
}

static void write_code(const alpa_ptx_wgmma *how, uint32_t n, char *at) {
  const char *name = how->dtype == ALPA_BF16 ? "bf16" : how->dtype == ALPA_F16 ? "f16" : "tf32";
  at += sprintf(at,
                "{\n.reg .pred adds;\nsetp.eq.b32 adds, 0, %d;\n"
                "wgmma.mma_async.sync.aligned.m64n%uk%u.f32.%s.%s {",
                how->sets, how->columns, STEP_BYTES / alpa_dtype_get_info(how->dtype)->bytes, name, name);
  for (uint32_t i = 0; i < n; i++)
    at += sprintf(at, "%s$%u", i ? "," : "", i);
  if (how->left_in_registers)
    at += sprintf(at, "}, {$%u,$%u,$%u,$%u}, $%u, adds, 1, 1", 2 * n, 2 * n + 1, 2 * n + 2, 2 * n + 3, 2 * n + 4);
  else
    at += sprintf(at, "}, $%u, $%u, adds, 1, 1", 2 * n, 2 * n + 1);
  if (how->dtype != ALPA_F32 && !how->left_in_registers) /* tf32 is never transposed */
    at += sprintf(at, ", %d", how->left_transposed);
  if (how->dtype != ALPA_F32)
    at += sprintf(at, ", %d", how->right_transposed);
  sprintf(at, ";\n}");
}

static void take(const alpa_lower *l, V all, V *sums, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    sums[i] = LLVMBuildExtractValue(l->builder, all, i, "");
}

void alpa_ptx_wgmma_multiply(alpa_lower *l, const alpa_ptx_wgmma *how, const V *left, V right, V *sums) {
  uint32_t n = how->columns / 2, n_left = how->left_in_registers ? 4 : 1;
  char text[TEXT_BYTES], constraints[TEXT_BYTES];
  LLVMTypeRef type = tie(l, n, constraints);
  strcat(constraints, how->left_in_registers ? "r,r,r,r,l" : "l,l");
  write_code(how, n, text);
  V args[ALPA_WGMMA_MOST_SUMS + 5];
  for (uint32_t i = 0; i < n; i++)
    args[i] = how->sets ? LLVMGetUndef(l->type.f32) : sums[i];
  memcpy(args + n, left, n_left * sizeof *left);
  args[n + n_left] = right;
  take(l, alpa_ptx_asm(l, type, text, constraints, args, n + n_left + 1), sums, n);
}

/* All sums through one piece of code: none is read before the last product is done. */
void alpa_ptx_wgmma_wait(alpa_lower *l, V *sums, uint32_t n_sums) {
  char constraints[TEXT_BYTES];
  LLVMTypeRef type = tie(l, n_sums, constraints);
  strcat(constraints, "~{memory}");
  take(l, alpa_ptx_asm(l, type, "wgmma.wait_group.sync.aligned 0;", constraints, sums, n_sums), sums, n_sums);
}
