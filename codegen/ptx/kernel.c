/* Entries of GPU kernels. */
#include "codegen/ptx/kernel.h"

#include <string.h>

#include "codegen/lower/expr.h"

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

static void annotate(alpa_lower *lower, const char *name, LLVMMetadataRef value) {
  LLVMMetadataRef parts[] = {LLVMValueAsMetadata(lower->function),
                             LLVMMDStringInContext2(lower->llvm, name, strlen(name)), value};
  LLVMMetadataRef node = LLVMMDNodeInContext2(lower->llvm, parts, 3);
  LLVMAddNamedMetadataOperand(lower->module, "nvvm.annotations", LLVMMetadataAsValue(lower->llvm, node));
}

/* A tensor map is a parameter of 128 bytes that stays where it is: the accelerator reads it by its address.  Returns
 * the number of the parameter. */
static LLVMMetadataRef add_map(alpa_lower *lower, uint32_t map) {
  enum { BYTES = 128, ALIGNMENT = 64 };
  LLVMAttributeIndex index = lower->n_operands + map + 1; /* of attributes, and of parameters in annotations */
  unsigned byval = LLVMGetEnumAttributeKindForName("byval", 5), align = LLVMGetEnumAttributeKindForName("align", 5);
  LLVMTypeRef type = LLVMArrayType2(lower->type.i8, BYTES);
  LLVMAddAttributeAtIndex(lower->function, index, LLVMCreateTypeAttribute(lower->llvm, byval, type));
  LLVMAddAttributeAtIndex(lower->function, index, LLVMCreateEnumAttribute(lower->llvm, align, ALIGNMENT));
  lower->tensor_maps[map] = LLVMGetParam(lower->function, index - 1);
  return LLVMValueAsMetadata(alpa_ptx_i32(lower, index));
}

static void add_function(alpa_lower *lower, const char *symbol, uint32_t n_maps) {
  enum { KERNEL_CALL = 71 }; /* LLVMPTXKernelCallConv */
  uint32_t n_params = lower->n_operands + n_maps;
  LLVMTypeRef *params = alpa_arena_new(lower->arena, LLVMTypeRef, n_params);
  for (uint32_t i = 0; i < n_params; i++)
    params[i] = lower->type.ptr;
  LLVMTypeRef type = LLVMFunctionType(lower->type.void_, params, n_params, false);
  lower->function = LLVMAddFunction(lower->module, symbol, type);
  LLVMSetFunctionCallConv(lower->function, KERNEL_CALL);
  unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
  LLVMAddAttributeAtIndex(lower->function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                          LLVMCreateEnumAttribute(lower->llvm, nounwind, 0));
  for (uint32_t i = 0; i < lower->n_operands; i++)
    lower->operands[i] = LLVMGetParam(lower->function, i);
  LLVMMetadataRef numbers[ALPA_MAX_MAPS];
  for (uint32_t i = 0; i < n_maps; i++)
    numbers[i] = add_map(lower, i);
  if (n_maps)
    annotate(lower, "grid_constant", LLVMMDNodeInContext2(lower->llvm, numbers, n_maps));
}

void alpa_ptx_leave_unless(alpa_lower *lower, LLVMValueRef condition) {
  LLVMBasicBlockRef inside = alpa_lower_block(lower, "task"), outside = alpa_lower_block(lower, "outside");
  LLVMBuildCondBr(lower->builder, condition, inside, outside);
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
    alpa_ptx_leave_unless(
        lower, LLVMBuildICmp(b, LLVMIntULT, task, LLVMConstInt(type, (unsigned long long)n_tasks, false), ""));
  return LLVMBuildZExtOrBitCast(b, task, lower->type.i64, "task");
}

/* The number of threads of a block lets ptxas use all registers that they may have. */
static void limit(alpa_lower *lower, const char *name, uint32_t value) {
  annotate(lower, name, LLVMValueAsMetadata(alpa_ptx_i32(lower, value)));
}

void alpa_ptx_begin_kernel(alpa_lower *lower, const char *symbol, uint32_t phase) {
  const alpa_kernel_launch *launch = &lower->schedule->launch[phase];
  int64_t n_tasks = lower->schedule->n_tasks[phase];
  add_function(lower, symbol, launch->n_tensor_maps);
  limit(lower, "maxntidx", launch->block[0]);
  if (launch->min_blocks)
    limit(lower, "minctasm", launch->min_blocks);
  LLVMPositionBuilderAtEnd(lower->builder, alpa_lower_block(lower, "entry"));
  if (launch->is_block_task)
    lower->task = LLVMBuildZExt(lower->builder, special(lower, "llvm.nvvm.read.ptx.sreg.ctaid.x"), lower->type.i64, "");
  else
    lower->task = find_task(lower, launch, n_tasks > 0 ? n_tasks : 1);
}

LLVMValueRef alpa_ptx_asm(alpa_lower *lower, LLVMTypeRef type, const char *text, const char *constraints,
                          LLVMValueRef *args, uint32_t n_args) {
  LLVMTypeRef *params = alpa_arena_new(lower->arena, LLVMTypeRef, n_args + 1);
  for (uint32_t i = 0; i < n_args; i++)
    params[i] = LLVMTypeOf(args[i]);
  LLVMTypeRef function = LLVMFunctionType(type, params, n_args, false);
  LLVMValueRef code = LLVMGetInlineAsm(function, text, strlen(text), constraints, strlen(constraints), true, false,
                                       LLVMInlineAsmDialectATT, false);
  LLVMValueRef call = LLVMBuildCall2(lower->builder, function, code, args, n_args, "");
  unsigned convergent = LLVMGetEnumAttributeKindForName("convergent", 10);
  LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                           LLVMCreateEnumAttribute(lower->llvm, convergent, 0));
  return call;
}

void alpa_ptx_keep_loads(alpa_lower *lower) { alpa_ptx_asm(lower, lower->type.void_, "", "~{memory}", NULL, 0); }

void alpa_ptx_barrier(alpa_lower *lower) { special(lower, "llvm.nvvm.barrier0"); }

void alpa_ptx_named_barrier(alpa_lower *lower, uint32_t barrier, uint32_t threads) {
  LLVMValueRef args[] = {alpa_ptx_i32(lower, barrier), alpa_ptx_i32(lower, threads)};
  alpa_lower_intrinsic(lower, "llvm.nvvm.barrier", NULL, 0, args, 2);
}

LLVMValueRef alpa_ptx_shared(alpa_lower *lower, LLVMTypeRef type, int64_t byte, LLVMValueRef index) {
  enum { SHARED = 3, ALIGNMENT = 1024 };
  static const char name[] = "alpa_shared";
  LLVMValueRef memory = LLVMGetNamedGlobal(lower->module, name);
  if (!memory) {
    memory = LLVMAddGlobalInAddressSpace(lower->module, LLVMArrayType2(lower->type.i8, 0), name, SHARED);
    LLVMSetAlignment(memory, ALIGNMENT);
  }
  LLVMValueRef offset = alpa_ptx_i32(lower, byte);
  LLVMValueRef start = LLVMBuildInBoundsGEP2(lower->builder, lower->type.i8, memory, &offset, 1, "");
  return LLVMBuildInBoundsGEP2(lower->builder, type, start, &index, 1, "");
}

alpa_ptx_if alpa_ptx_begin_if(alpa_lower *lower, LLVMValueRef condition) {
  LLVMBasicBlockRef inside = alpa_lower_block(lower, "inside");
  alpa_ptx_if result = {alpa_lower_block(lower, "after")};
  LLVMBuildCondBr(lower->builder, condition, inside, result.after);
  LLVMPositionBuilderAtEnd(lower->builder, inside);
  alpa_expr_push(lower);
  return result;
}

void alpa_ptx_end_if(alpa_lower *lower, alpa_ptx_if inside) {
  alpa_expr_pop(lower);
  LLVMBuildBr(lower->builder, inside.after);
  LLVMPositionBuilderAtEnd(lower->builder, inside.after);
}
