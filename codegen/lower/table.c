/* Constant tables of a module. */
#include "codegen/lower/table.h"

#include "codegen/lower/expr.h"

LLVMValueRef alpa_table_find(alpa_lower *lower, const char *name) { return LLVMGetNamedGlobal(lower->module, name); }

LLVMValueRef alpa_table_get(alpa_lower *lower, const char *name, LLVMTypeRef type, const uint64_t *bits, size_t n) {
  LLVMValueRef table = alpa_table_find(lower, name);
  if (table)
    return table;
  LLVMValueRef *items = alpa_arena_new(lower->arena, LLVMValueRef, n);
  bool is_float = type == lower->type.f32;
  for (size_t i = 0; i < n; i++) {
    LLVMValueRef item = LLVMConstInt(is_float ? lower->type.i32 : type, bits[i], false);
    items[i] = is_float ? LLVMConstBitCast(item, type) : item;
  }
  table = LLVMAddGlobal(lower->module, LLVMArrayType2(type, n), name);
  LLVMSetInitializer(table, LLVMConstArray2(type, items, n));
  LLVMSetLinkage(table, LLVMPrivateLinkage);
  LLVMSetGlobalConstant(table, true);
  return table;
}

LLVMValueRef alpa_table_load(alpa_lower *lower, LLVMValueRef table, LLVMTypeRef type, LLVMValueRef index) {
  LLVMValueRef address = LLVMBuildGEP2(lower->builder, type, table, &index, 1, "");
  uint32_t lanes = alpa_expr_lanes(index);
  if (lanes == 1)
    return LLVMBuildLoad2(lower->builder, type, address, "");
  LLVMTypeRef types[] = {LLVMVectorType(type, lanes), LLVMVectorType(lower->type.ptr, lanes)};
  LLVMValueRef all = LLVMConstAllOnes(LLVMVectorType(lower->type.i1, lanes));
  LLVMValueRef args[] = {address, LLVMConstInt(lower->type.i32, 1, false), all, LLVMConstNull(types[0])};
  return alpa_lower_intrinsic(lower, "llvm.masked.gather", types, 2, args, 4);
}
