/* Small builders over the C API of LLVM: types, splats, counted loops, task ranges. */
#include "codegen/lower/lower.h"

#include <string.h>

void alpa_lower_unsupported(alpa_lower *lower, const alpa_op *op, const char *reason) {
  if (lower->status != ALPA_OK)
    return;
  lower->status = ALPA_UNSUPPORTED;
  lower->culprit = op;
  lower->reason = reason;
}

LLVMValueRef alpa_lower_i64(const alpa_lower *lower, int64_t value) {
  return LLVMConstInt(lower->type.i64, (unsigned long long)value, true);
}

LLVMTypeRef alpa_lower_compute_type(const alpa_lower *lower, alpa_dtype dtype) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  switch (info->class_) {
  case ALPA_CLASS_BOOL:
    return lower->type.i1;
  case ALPA_CLASS_INT:
  case ALPA_CLASS_UINT:
    return LLVMIntTypeInContext(lower->llvm, info->bits);
  case ALPA_CLASS_FLOAT:
    return dtype == ALPA_F64 ? lower->type.f64 : lower->type.f32;
  case ALPA_CLASS_COMPLEX:
    return dtype == ALPA_C64 ? lower->type.f32 : lower->type.f64;
  }
  return lower->type.f32;
}

LLVMTypeRef alpa_lower_memory_type(const alpa_lower *lower, alpa_dtype dtype) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  if (dtype == ALPA_F32 || dtype == ALPA_C64)
    return lower->type.f32;
  if (dtype == ALPA_F64 || dtype == ALPA_C128)
    return lower->type.f64;
  return LLVMIntTypeInContext(lower->llvm, info->bytes * 8);
}

LLVMTypeRef alpa_lower_vector_type(LLVMTypeRef type, uint32_t lanes) {
  return lanes == 1 ? type : LLVMVectorType(type, lanes);
}

LLVMValueRef alpa_lower_splat(alpa_lower *lower, LLVMValueRef scalar, uint32_t lanes) {
  if (lanes == 1)
    return scalar;
  LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(scalar), lanes);
  if (LLVMIsConstant(scalar)) {
    LLVMValueRef *items = alpa_arena_new(lower->arena, LLVMValueRef, lanes);
    for (uint32_t i = 0; i < lanes; i++)
      items[i] = scalar;
    return LLVMConstVector(items, lanes);
  }
  LLVMValueRef poison = LLVMGetPoison(type);
  LLVMValueRef one =
      LLVMBuildInsertElement(lower->builder, poison, scalar, LLVMConstInt(lower->type.i32, 0, false), "");
  LLVMValueRef zeros = LLVMConstNull(LLVMVectorType(lower->type.i32, lanes));
  return LLVMBuildShuffleVector(lower->builder, one, poison, zeros, "");
}

LLVMValueRef alpa_lower_lane_numbers(alpa_lower *lower, LLVMTypeRef type, uint32_t lanes) {
  LLVMValueRef *items = alpa_arena_new(lower->arena, LLVMValueRef, lanes);
  for (uint32_t i = 0; i < lanes; i++)
    items[i] = LLVMConstInt(type, i, false);
  return lanes == 1 ? items[0] : LLVMConstVector(items, lanes);
}

LLVMValueRef alpa_lower_intrinsic(alpa_lower *lower, const char *name, LLVMTypeRef *types, uint32_t n_types,
                                  LLVMValueRef *args, uint32_t n_args) {
  unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
  LLVMValueRef function = LLVMGetIntrinsicDeclaration(lower->module, id, types, n_types);
  LLVMTypeRef type = LLVMIntrinsicGetType(lower->llvm, id, types, n_types);
  return LLVMBuildCall2(lower->builder, type, function, args, n_args, "");
}

LLVMValueRef alpa_lower_contract(LLVMValueRef value) {
  if (LLVMIsAInstruction(value) && LLVMCanValueUseFastMathFlags(value))
    LLVMSetFastMathFlags(value, LLVMFastMathAllowContract);
  return value;
}

LLVMValueRef alpa_lower_address(alpa_lower *lower, LLVMValueRef base, LLVMValueRef index, alpa_dtype dtype) {
  uint32_t bytes = alpa_dtype_get_info(dtype)->bytes;
  LLVMTypeRef type = LLVMIntTypeInContext(lower->llvm, bytes * 8);
  return LLVMBuildInBoundsGEP2(lower->builder, type, base, &index, 1, "");
}

LLVMValueRef alpa_lower_multiply_add(alpa_lower *lower, alpa_dtype dtype, LLVMValueRef a, LLVMValueRef b,
                                     LLVMValueRef acc) {
  LLVMBuilderRef builder = lower->builder;
  alpa_dtype_class class_ = alpa_dtype_get_info(dtype)->class_;
  if (class_ == ALPA_CLASS_BOOL)
    return LLVMBuildOr(builder, acc, LLVMBuildAnd(builder, a, b, ""), "");
  if (class_ != ALPA_CLASS_FLOAT)
    return LLVMBuildAdd(builder, acc, LLVMBuildMul(builder, a, b, ""), "");
  LLVMTypeRef type = LLVMTypeOf(acc);
  return alpa_lower_intrinsic(lower, lower->target->has_fma ? "llvm.fma" : "llvm.fmuladd", &type, 1,
                              (LLVMValueRef[]){a, b, acc}, 3);
}

void alpa_lower_divide(alpa_lower *lower, LLVMValueRef index, int64_t bound, int64_t by, LLVMValueRef *out_quotient,
                       LLVMValueRef *out_remainder) {
  LLVMBuilderRef builder = lower->builder;
  bool narrow = alpa_lower_is_gpu(lower) && bound <= INT32_MAX;
  LLVMTypeRef type = narrow ? lower->type.i32 : lower->type.i64;
  LLVMValueRef divisor = LLVMConstInt(type, (unsigned long long)by, false);
  index = LLVMBuildTruncOrBitCast(builder, index, type, "");
  LLVMValueRef quotient = LLVMBuildUDiv(builder, index, divisor, "");
  LLVMValueRef remainder = LLVMBuildURem(builder, index, divisor, "");
  *out_quotient = LLVMBuildZExtOrBitCast(builder, quotient, lower->type.i64, "");
  *out_remainder = LLVMBuildZExtOrBitCast(builder, remainder, lower->type.i64, "");
}

uint32_t alpa_lower_lanes(const alpa_lower *lower, uint32_t most, int64_t extent) {
  uint32_t lanes = 1;
  while (lanes < most && lanes < extent)
    lanes *= 2;
  while (alpa_lower_is_gpu(lower) && lanes > 1 && extent % lanes)
    lanes /= 2;
  return lanes;
}

LLVMBasicBlockRef alpa_lower_block(alpa_lower *lower, const char *name) {
  return LLVMAppendBasicBlockInContext(lower->llvm, lower->function, name);
}

/* ---- loops ---- */

static bool is_known_below(LLVMValueRef a, LLVMValueRef b) {
  return LLVMIsAConstantInt(a) && LLVMIsAConstantInt(b) && LLVMConstIntGetSExtValue(a) < LLVMConstIntGetSExtValue(b);
}

void alpa_loop_begin(alpa_lower *lower, alpa_loop *loop, LLVMValueRef start, LLVMValueRef end, int64_t step) {
  LLVMBuilderRef builder = lower->builder;
  *loop = (alpa_loop){.end = end, .step = step, .guarded = !is_known_below(start, end)};
  loop->before = LLVMGetInsertBlock(builder);
  loop->body = alpa_lower_block(lower, "loop");
  loop->exit = alpa_lower_block(lower, "done");
  if (loop->guarded)
    LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntSLT, start, end, ""), loop->body, loop->exit);
  else
    LLVMBuildBr(builder, loop->body);
  LLVMPositionBuilderAtEnd(builder, loop->body);
  loop->index = LLVMBuildPhi(builder, LLVMTypeOf(start), "i");
  LLVMAddIncoming(loop->index, &start, &loop->before, 1);
}

LLVMValueRef alpa_loop_carry(alpa_lower *lower, alpa_loop *loop, LLVMValueRef first) {
  LLVMValueRef phi = LLVMBuildPhi(lower->builder, LLVMTypeOf(first), "");
  LLVMAddIncoming(phi, &first, &loop->before, 1);
  loop->first[loop->n_carried] = first;
  loop->carried[loop->n_carried++] = phi;
  return phi;
}

void alpa_loop_next(alpa_loop *loop, LLVMValueRef next) { loop->next[loop->n_next++] = next; }

void alpa_loop_end(alpa_lower *lower, alpa_loop *loop) {
  LLVMBuilderRef builder = lower->builder;
  LLVMValueRef step = LLVMConstInt(LLVMTypeOf(loop->index), (unsigned long long)loop->step, true);
  LLVMValueRef next = LLVMBuildNSWAdd(builder, loop->index, step, "");
  LLVMBasicBlockRef latch = LLVMGetInsertBlock(builder);
  LLVMBuildCondBr(builder, LLVMBuildICmp(builder, LLVMIntSLT, next, loop->end, ""), loop->body, loop->exit);
  LLVMAddIncoming(loop->index, &next, &latch, 1);
  LLVMPositionBuilderAtEnd(builder, loop->exit);
  for (uint32_t i = 0; i < loop->n_carried; i++) {
    LLVMAddIncoming(loop->carried[i], &loop->next[i], &latch, 1);
    LLVMValueRef result = LLVMBuildPhi(builder, LLVMTypeOf(loop->first[i]), "");
    LLVMAddIncoming(result, &loop->next[i], &latch, 1);
    if (loop->guarded)
      LLVMAddIncoming(result, &loop->first[i], &loop->before, 1);
    loop->carried[i] = result;
  }
}

void alpa_lower_task_range(alpa_lower *lower, LLVMValueRef task, int64_t n_tasks, int64_t extent,
                           LLVMValueRef *out_start, LLVMValueRef *out_end) {
  LLVMBuilderRef builder = lower->builder;
  if (n_tasks == 1) {
    *out_start = alpa_lower_i64(lower, 0);
    *out_end = alpa_lower_i64(lower, extent);
    return;
  }
  LLVMValueRef size = alpa_lower_i64(lower, extent), count = alpa_lower_i64(lower, n_tasks);
  LLVMValueRef next = LLVMBuildNSWAdd(builder, task, alpa_lower_i64(lower, 1), "");
  if (n_tasks == extent) {
    *out_start = task;
    *out_end = next;
    return;
  }
  *out_start = LLVMBuildUDiv(builder, LLVMBuildNUWMul(builder, task, size, ""), count, "start");
  *out_end = LLVMBuildUDiv(builder, LLVMBuildNUWMul(builder, next, size, ""), count, "end");
}
