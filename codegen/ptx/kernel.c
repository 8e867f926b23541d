/* Entries of GPU kernels. */
#include "codegen/ptx/kernel.h"

#include <string.h>

/* Few tasks are spread over more blocks, since a block stays on one multiprocessor. */
static uint32_t threads_for(int64_t n_tasks) {
  if (n_tasks >= 1 << 16)
    return 256;
  return n_tasks > ALPA_WARP ? 2 * ALPA_WARP : ALPA_WARP;
}

void alpa_ptx_set_launches(alpa_lower *lower) {
  alpa_kernel_schedule *schedule = lower->schedule;
  for (uint32_t phase = 0; phase < schedule->n_phases; phase++) {
    alpa_kernel_launch *launch = &schedule->launch[phase];
    if (launch->block[0])
      continue;
    int64_t n_tasks = schedule->n_tasks[phase] > 0 ? schedule->n_tasks[phase] : 1;
    uint32_t threads = threads_for(n_tasks);
    int64_t blocks = (n_tasks + threads - 1) / threads;
    if (blocks > INT32_MAX)
      alpa_lower_unsupported(lower, lower->kernel, "has more elements than a grid of a GPU has threads");
    *launch = (alpa_kernel_launch){.grid = {(uint32_t)blocks, 1, 1}, .block = {threads, 1, 1}};
  }
}

LLVMValueRef alpa_ptx_i32(const alpa_lower *lower, int64_t value) {
  return LLVMConstInt(lower->type.i32, (unsigned long long)value, true);
}

static LLVMValueRef special(alpa_lower *lower, const char *name) {
  return alpa_lower_intrinsic(lower, name, NULL, 0, NULL, 0);
}

LLVMValueRef alpa_ptx_thread(alpa_lower *lower) { return special(lower, "llvm.nvvm.read.ptx.sreg.tid.x"); }

/* The number of threads of a block lets ptxas use all registers that they may have. */
static void annotate(alpa_lower *lower, const char *name, uint32_t value) {
  LLVMMetadataRef parts[] = {LLVMValueAsMetadata(lower->function),
                             LLVMMDStringInContext2(lower->llvm, name, strlen(name)),
                             LLVMValueAsMetadata(alpa_ptx_i32(lower, value))};
  LLVMMetadataRef node = LLVMMDNodeInContext2(lower->llvm, parts, 3);
  LLVMAddNamedMetadataOperand(lower->module, "nvvm.annotations", LLVMMetadataAsValue(lower->llvm, node));
}

static void add_function(alpa_lower *lower, const char *symbol) {
  enum { KERNEL_CALL = 71 }; /* LLVMPTXKernelCallConv */
  LLVMTypeRef *params = alpa_arena_new(lower->arena, LLVMTypeRef, lower->n_operands);
  for (uint32_t i = 0; i < lower->n_operands; i++)
    params[i] = lower->type.ptr;
  LLVMTypeRef type = LLVMFunctionType(lower->type.void_, params, lower->n_operands, false);
  lower->function = LLVMAddFunction(lower->module, symbol, type);
  LLVMSetFunctionCallConv(lower->function, KERNEL_CALL);
  unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
  LLVMAddAttributeAtIndex(lower->function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                          LLVMCreateEnumAttribute(lower->llvm, nounwind, 0));
  for (uint32_t i = 0; i < lower->n_operands; i++)
    lower->operands[i] = LLVMGetParam(lower->function, i);
}

/* Leaves threads behind the last task. */
static void skip_outside(alpa_lower *lower, LLVMValueRef task, int64_t n_tasks) {
  LLVMBasicBlockRef inside = alpa_lower_block(lower, "task"), outside = alpa_lower_block(lower, "outside");
  LLVMValueRef is_task = LLVMBuildICmp(lower->builder, LLVMIntULT, task,
                                       LLVMConstInt(LLVMTypeOf(task), (unsigned long long)n_tasks, false), "");
  LLVMBuildCondBr(lower->builder, is_task, inside, outside);
  LLVMPositionBuilderAtEnd(lower->builder, outside);
  LLVMBuildRetVoid(lower->builder);
  LLVMPositionBuilderAtEnd(lower->builder, inside);
}

/* Numbers of tasks are computed in 32 bits where they fit: divisions of 64 bits are slow. */
static LLVMValueRef find_task(alpa_lower *lower, const alpa_kernel_launch *launch, int64_t n_tasks) {
  LLVMBuilderRef b = lower->builder;
  LLVMValueRef block = special(lower, "llvm.nvvm.read.ptx.sreg.ctaid.x"), thread = alpa_ptx_thread(lower);
  int64_t n_threads = (int64_t)launch->grid[0] * launch->block[0];
  bool small = n_threads <= INT32_MAX;
  LLVMTypeRef type = small ? lower->type.i32 : lower->type.i64;
  block = LLVMBuildZExtOrBitCast(b, block, type, "");
  thread = LLVMBuildZExtOrBitCast(b, thread, type, "");
  LLVMValueRef task = LLVMBuildNUWMul(b, block, LLVMConstInt(type, launch->block[0], false), "");
  task = LLVMBuildNUWAdd(b, task, thread, "");
  if (n_threads != n_tasks)
    skip_outside(lower, task, n_tasks);
  return LLVMBuildZExtOrBitCast(b, task, lower->type.i64, "task");
}

void alpa_ptx_begin_kernel(alpa_lower *lower, const char *symbol, uint32_t phase) {
  const alpa_kernel_launch *launch = &lower->schedule->launch[phase];
  int64_t n_tasks = lower->schedule->n_tasks[phase];
  add_function(lower, symbol);
  annotate(lower, "maxntidx", launch->block[0]);
  LLVMPositionBuilderAtEnd(lower->builder, alpa_lower_block(lower, "entry"));
  if (launch->is_block_task)
    lower->task = LLVMBuildZExt(lower->builder, special(lower, "llvm.nvvm.read.ptx.sreg.ctaid.x"), lower->type.i64, "");
  else
    lower->task = find_task(lower, launch, n_tasks > 0 ? n_tasks : 1);
}
