/* Lowers one kernel: its schedule, then a function per phase. */
#include "codegen/lower/lower_kernel.h"

#include <string.h>

#include "codegen/lower/loop.h"
#include "codegen/ptx/kernel.h"
#include "dialects/kernel/kernel.h"

static const alpa_kernel_lowering *const lowerings[KERNEL_KIND_COUNT] = {
    [KERNEL_KIND_LOOP] = &alpa_lower_loop,
    [KERNEL_KIND_ROWS] = &alpa_lower_rows,
    [KERNEL_KIND_UPDATE] = &alpa_lower_update,
    [KERNEL_KIND_CONTRACTION] = &alpa_lower_contraction,
    [KERNEL_KIND_ATTENTION] = &alpa_lower_attention,
    [KERNEL_KIND_CONVOLUTION] = &alpa_lower_convolution,
    [KERNEL_KIND_SCATTER] = &alpa_lower_scatter,
    [KERNEL_KIND_SELECT_AND_SCATTER] = &alpa_lower_select_and_scatter,
    [KERNEL_KIND_SORT] = &alpa_lower_sort,
    [KERNEL_KIND_MATRIX] = &alpa_lower_matrix,
};

static void set_attribute(alpa_lower *lower, const char *key, const char *value) {
  LLVMAttributeRef attribute =
      LLVMCreateStringAttribute(lower->llvm, key, (unsigned)strlen(key), value, (unsigned)strlen(value));
  LLVMAddAttributeAtIndex(lower->function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

static void add_function(alpa_lower *lower, const char *symbol) {
  LLVMTypeRef params[] = {lower->type.ptr, lower->type.i64};
  lower->function = LLVMAddFunction(lower->module, symbol, LLVMFunctionType(lower->type.void_, params, 2, false));
  if (lower->target->has_avx512) {
    set_attribute(lower, "prefer-vector-width", "512");
    set_attribute(lower, "min-legal-vector-width", "512");
  }
  unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
  LLVMAddAttributeAtIndex(lower->function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                          LLVMCreateEnumAttribute(lower->llvm, nounwind, 0));
  LLVMPositionBuilderAtEnd(lower->builder, alpa_lower_block(lower, "entry"));
  lower->task = LLVMGetParam(lower->function, 1);
}

static void load_operands(alpa_lower *lower) {
  unsigned invariant = LLVMGetMDKindIDInContext(lower->llvm, "invariant.load", 14);
  LLVMValueRef nothing = LLVMMetadataAsValue(lower->llvm, LLVMMDNodeInContext2(lower->llvm, NULL, 0));
  for (uint32_t i = 0; i < lower->n_operands; i++) {
    LLVMValueRef index = alpa_lower_i64(lower, i), array = LLVMGetParam(lower->function, 0);
    LLVMValueRef address = LLVMBuildInBoundsGEP2(lower->builder, lower->type.ptr, array, &index, 1, "");
    lower->operands[i] = LLVMBuildLoad2(lower->builder, lower->type.ptr, address, "");
    LLVMSetMetadata(lower->operands[i], invariant, nothing);
  }
}

/* ---- alias scopes: operands share memory only where the kernel's in_place says so ---- */

static bool may_share(const alpa_op *kernel, uint32_t operand, uint32_t result) {
  const alpa_attr *pairs = kernel->attrs[kernel_fused_in_place];
  int64_t n = pairs ? pairs->type->dims[0] : 0;
  for (int64_t i = 0; i < n; i++)
    if (*(const int64_t *)alpa_attr_element(pairs, 2 * i) == (int64_t)result &&
        *(const int64_t *)alpa_attr_element(pairs, 2 * i + 1) == (int64_t)operand)
      return true;
  return false;
}

/* Whether memory i and j (operands, then results) are known to be apart; two operands are only read. */
static bool are_apart(const alpa_op *kernel, uint32_t i, uint32_t j) {
  uint32_t n = kernel->n_operands;
  if (i == j || (i < n && j < n))
    return false;
  if (i >= n && j >= n)
    return true;
  return i < n ? !may_share(kernel, i, j - n) : !may_share(kernel, j, i - n);
}

static void set_leaf(alpa_lower *lower, alpa_leaf *leaf, const LLVMMetadataRef *scopes, uint32_t i) {
  const alpa_op *kernel = lower->kernel;
  uint32_t n = kernel->n_operands + kernel->n_results, n_apart = 0;
  LLVMMetadataRef *apart = alpa_arena_new(lower->arena, LLVMMetadataRef, n);
  for (uint32_t j = 0; j < n; j++)
    if (are_apart(kernel, i, j))
      apart[n_apart++] = scopes[j];
  LLVMMetadataRef own = scopes[i];
  leaf->base = lower->operands[i];
  leaf->scope_list = LLVMMetadataAsValue(lower->llvm, LLVMMDNodeInContext2(lower->llvm, &own, 1));
  if (n_apart)
    leaf->noalias = LLVMMetadataAsValue(lower->llvm, LLVMMDNodeInContext2(lower->llvm, apart, n_apart));
}

static void set_leaves(alpa_lower *lower, const char *symbol) {
  const alpa_op *kernel = lower->kernel;
  uint32_t n = kernel->n_operands + kernel->n_results;
  LLVMMetadataRef name = LLVMMDStringInContext2(lower->llvm, symbol, strlen(symbol));
  LLVMMetadataRef domain = LLVMMDNodeInContext2(lower->llvm, &name, 1);
  LLVMMetadataRef *scopes = alpa_arena_new(lower->arena, LLVMMetadataRef, n);
  for (uint32_t i = 0; i < n; i++) {
    const char *text = alpa_arena_printf(lower->arena, "%s:%u", symbol, i);
    LLVMMetadataRef parts[] = {LLVMMDStringInContext2(lower->llvm, text, strlen(text)), domain};
    scopes[i] = LLVMMDNodeInContext2(lower->llvm, parts, 2);
  }
  const alpa_block *body = alpa_kernel_body(kernel);
  lower->results = alpa_arena_new(lower->arena, alpa_leaf, kernel->n_results);
  for (uint32_t i = 0; i < n; i++) {
    bool is_result = i >= kernel->n_operands;
    alpa_leaf *leaf = is_result ? &lower->results[i - kernel->n_operands] : alpa_arena_new(lower->arena, alpa_leaf, 1);
    set_leaf(lower, leaf, scopes, i);
    if (!is_result)
      alpa_map_set_pointer(lower->arena, &lower->expr->leaves, body->args[i], leaf);
  }
}

const alpa_leaf *alpa_lower_result(const alpa_lower *lower, uint32_t i) { return &lower->results[i]; }

alpa_status alpa_lower_kernel(alpa_lower *lower, alpa_kernel_code *code) {
  const alpa_kernel_lowering *lowering = lowerings[alpa_kernel_kind(code->op)];
  lower->kernel = code->op;
  lower->schedule = &code->schedule;
  code->schedule = (alpa_kernel_schedule){.n_phases = 1, .n_tasks = {1}};
  lowering->schedule(lower);
  if (alpa_lower_is_gpu(lower))
    alpa_ptx_set_launches(lower);
  for (uint32_t phase = 0; phase < code->schedule.n_phases && lower->status == ALPA_OK; phase++) {
    const char *symbol = phase ? alpa_arena_printf(lower->arena, "%s_%u", code->symbol, phase) : code->symbol;
    lower->split = NULL;
    lower->expr = alpa_arena_new(lower->arena, alpa_expr, 1);
    alpa_expr_push(lower);
    lower->n_operands = code->op->n_operands + code->op->n_results + (code->schedule.scratch_bytes > 0);
    lower->operands = alpa_arena_new(lower->arena, LLVMValueRef, lower->n_operands);
    if (alpa_lower_is_gpu(lower)) {
      alpa_ptx_begin_kernel(lower, symbol, phase);
    } else {
      add_function(lower, symbol);
      load_operands(lower);
    }
    set_leaves(lower, symbol);
    lowering->emit(lower, phase);
    LLVMBuildRetVoid(lower->builder);
  }
  return lower->status;
}
