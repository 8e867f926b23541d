/* Loads and stores of elements: contiguous lanes, one element for all lanes, or gathered and scattered ones. */
#include "codegen/lower/expr.h"

static bool is_float(alpa_dtype dtype) { return alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_FLOAT; }
static bool is_complex(alpa_dtype dtype) { return alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_COMPLEX; }

/* What stands in memory to what is computed with. */
static LLVMValueRef unpack(alpa_lower *lower, alpa_dtype dtype, LLVMValueRef raw) {
  LLVMBuilderRef builder = lower->builder;
  uint32_t lanes = alpa_expr_lanes(raw);
  if (is_float(dtype))
    return dtype == ALPA_F32 || dtype == ALPA_F64 ? raw : alpa_float_unpack(lower, dtype, raw);
  if (dtype == ALPA_I1)
    return LLVMBuildICmp(builder, LLVMIntNE, raw, LLVMConstNull(LLVMTypeOf(raw)), "");
  LLVMTypeRef type = alpa_lower_vector_type(alpa_lower_compute_type(lower, dtype), lanes);
  return type == LLVMTypeOf(raw) ? raw : LLVMBuildTrunc(builder, raw, type, "");
}

static LLVMValueRef pack(alpa_lower *lower, alpa_dtype dtype, LLVMValueRef value) {
  uint32_t lanes = alpa_expr_lanes(value);
  LLVMTypeRef type = alpa_lower_vector_type(alpa_lower_memory_type(lower, dtype), lanes);
  if (is_float(dtype))
    return dtype == ALPA_F32 || dtype == ALPA_F64 ? value : alpa_float_pack(lower, dtype, value);
  if (type == LLVMTypeOf(value))
    return value;
  bool is_signed = alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_INT;
  return is_signed ? LLVMBuildSExt(lower->builder, value, type, "") : LLVMBuildZExt(lower->builder, value, type, "");
}

static void set_alias(alpa_lower *lower, LLVMValueRef access, const alpa_leaf *leaf) {
  if (!leaf || !leaf->scope_list)
    return;
  LLVMSetMetadata(access, LLVMGetMDKindIDInContext(lower->llvm, "alias.scope", 11), leaf->scope_list);
  if (leaf->noalias)
    LLVMSetMetadata(access, LLVMGetMDKindIDInContext(lower->llvm, "noalias", 7), leaf->noalias);
}

static unsigned alignment_of(alpa_lower *lower, LLVMTypeRef element) {
  (void)lower;
  switch (LLVMGetTypeKind(element)) {
  case LLVMFloatTypeKind:
    return 4;
  case LLVMDoubleTypeKind:
    return 8;
  default:
    return LLVMGetIntTypeWidth(element) / 8;
  }
}

static LLVMValueRef align_constant(alpa_lower *lower, LLVMTypeRef element) {
  return LLVMConstInt(lower->type.i32, alignment_of(lower, element), false);
}

static LLVMValueRef raw_load(alpa_lower *lower, LLVMTypeRef element, LLVMValueRef address, uint32_t lanes,
                             LLVMValueRef mask) {
  LLVMTypeRef type = alpa_lower_vector_type(element, lanes);
  if (mask && lanes > 1) {
    LLVMTypeRef types[] = {type, lower->type.ptr};
    LLVMValueRef args[] = {address, align_constant(lower, element), mask, LLVMConstNull(type)};
    return alpa_lower_intrinsic(lower, "llvm.masked.load", types, 2, args, 4);
  }
  LLVMValueRef load = LLVMBuildLoad2(lower->builder, type, address, "");
  LLVMSetAlignment(load, alignment_of(lower, element));
  return load;
}

static LLVMValueRef raw_store(alpa_lower *lower, LLVMValueRef address, LLVMValueRef value, LLVMValueRef mask) {
  LLVMTypeRef type = LLVMTypeOf(value);
  bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
  LLVMTypeRef element = vector ? LLVMGetElementType(type) : type;
  if (mask && vector) {
    LLVMTypeRef types[] = {type, lower->type.ptr};
    LLVMValueRef args[] = {value, address, align_constant(lower, element), mask};
    return alpa_lower_intrinsic(lower, "llvm.masked.store", types, 2, args, 4);
  }
  LLVMValueRef store = LLVMBuildStore(lower->builder, value, address);
  LLVMSetAlignment(store, alignment_of(lower, element));
  return store;
}

LLVMValueRef alpa_lower_load(alpa_lower *lower, LLVMValueRef address, alpa_dtype dtype, uint32_t lanes,
                             LLVMValueRef mask) {
  return unpack(lower, dtype, raw_load(lower, alpa_lower_memory_type(lower, dtype), address, lanes, mask));
}

LLVMValueRef alpa_lower_load_aligned(alpa_lower *lower, LLVMValueRef address, alpa_dtype dtype, uint32_t lanes,
                                     uint32_t alignment) {
  LLVMValueRef load = raw_load(lower, alpa_lower_memory_type(lower, dtype), address, lanes, NULL);
  LLVMSetAlignment(load, alignment);
  return unpack(lower, dtype, load);
}

void alpa_lower_store(alpa_lower *lower, LLVMValueRef address, alpa_dtype dtype, uint32_t lanes, LLVMValueRef value,
                      LLVMValueRef mask) {
  (void)lanes;
  if (is_float(dtype))
    value = alpa_float_round(lower, dtype, value);
  raw_store(lower, address, pack(lower, dtype, value), mask);
}

/* ---- places ---- */

/* The mask of a tuple with its guard in it; NULL where everything exists. */
static LLVMValueRef whole_mask(alpa_lower *lower, const alpa_tuple *at) {
  if (!at->guard)
    return at->mask;
  LLVMValueRef guard = alpa_lower_splat(lower, at->guard, at->lanes);
  return at->mask ? LLVMBuildAnd(lower->builder, at->mask, guard, "") : guard;
}

static LLVMValueRef reverse_lanes(alpa_lower *lower, LLVMValueRef value) {
  uint32_t lanes = alpa_expr_lanes(value);
  LLVMValueRef *order = alpa_arena_new(lower->arena, LLVMValueRef, lanes);
  for (uint32_t i = 0; i < lanes; i++)
    order[i] = LLVMConstInt(lower->type.i32, lanes - 1 - i, false);
  return LLVMBuildShuffleVector(lower->builder, value, LLVMGetPoison(LLVMTypeOf(value)), LLVMConstVector(order, lanes),
                                "");
}

static LLVMValueRef element_address(alpa_lower *lower, LLVMTypeRef element, LLVMValueRef base, LLVMValueRef index) {
  return LLVMBuildInBoundsGEP2(lower->builder, element, base, &index, 1, "");
}

/* Offsets of all lanes, with those that do not exist moved to 0. */
static LLVMValueRef lane_addresses(alpa_lower *lower, LLVMTypeRef element, const alpa_leaf *leaf, alpa_component offset,
                                   uint32_t lanes) {
  LLVMValueRef index = alpa_expr_widen(lower, alpa_component_value(lower, offset, lanes), lanes);
  return LLVMBuildGEP2(lower->builder, element, leaf->base, &index, 1, "");
}

static LLVMValueRef all_lanes(alpa_lower *lower, uint32_t lanes) {
  return LLVMConstAllOnes(LLVMVectorType(lower->type.i1, lanes));
}

/* ---- lanes of a GPU's thread ----
 * Without masked accesses: lanes that do not exist load element 0, which every tensor with elements has. */

static LLVMValueRef lane_of(alpa_lower *lower, LLVMValueRef value, uint32_t lane) {
  return LLVMBuildExtractElement(lower->builder, value, LLVMConstInt(lower->type.i32, lane, false), "");
}

static LLVMValueRef gather_each(alpa_lower *lower, LLVMTypeRef element, const alpa_leaf *leaf, alpa_component offset,
                                const alpa_tuple *at) {
  LLVMValueRef mask = whole_mask(lower, at), result = LLVMGetPoison(LLVMVectorType(element, at->lanes));
  LLVMValueRef index = alpa_expr_widen(lower, alpa_component_value(lower, offset, at->lanes), at->lanes);
  if (mask)
    index = LLVMBuildSelect(lower->builder, mask, index, LLVMConstNull(LLVMTypeOf(index)), "");
  for (uint32_t i = 0; i < at->lanes; i++) {
    LLVMValueRef address = element_address(lower, element, leaf->base, lane_of(lower, index, i));
    LLVMValueRef load = raw_load(lower, element, address, 1, NULL);
    set_alias(lower, load, leaf);
    result = LLVMBuildInsertElement(lower->builder, result, load, LLVMConstInt(lower->type.i32, i, false), "");
  }
  return result;
}

static void scatter_each(alpa_lower *lower, LLVMTypeRef element, const alpa_leaf *leaf, alpa_component offset,
                         const alpa_tuple *at, LLVMValueRef value) {
  LLVMValueRef mask = whole_mask(lower, at);
  LLVMValueRef index = alpa_expr_widen(lower, alpa_component_value(lower, offset, at->lanes), at->lanes);
  for (uint32_t i = 0; i < at->lanes; i++) {
    LLVMBasicBlockRef after = NULL;
    if (mask) {
      LLVMBasicBlockRef inside = alpa_lower_block(lower, "store");
      after = alpa_lower_block(lower, "after");
      LLVMBuildCondBr(lower->builder, lane_of(lower, mask, i), inside, after);
      LLVMPositionBuilderAtEnd(lower->builder, inside);
    }
    LLVMValueRef address = element_address(lower, element, leaf->base, lane_of(lower, index, i));
    set_alias(lower, raw_store(lower, address, lane_of(lower, value, i), NULL), leaf);
    if (after) {
      LLVMBuildBr(lower->builder, after);
      LLVMPositionBuilderAtEnd(lower->builder, after);
    }
  }
}

/* Buffers of a GPU are aligned to 16 bytes at least; offsets are known to be multiples of something. */
static void align_access(alpa_lower *lower, LLVMValueRef access, LLVMTypeRef element, alpa_component offset) {
  int64_t bytes = alignment_of(lower, element), most = lower->target->vector_bytes, multiple = offset.multiple;
  while (bytes < most && multiple % 2 == 0) {
    bytes *= 2;
    multiple /= 2;
  }
  LLVMSetAlignment(access, (unsigned)bytes);
}

static LLVMValueRef gather(alpa_lower *lower, LLVMTypeRef element, const alpa_leaf *leaf, alpa_component offset,
                           const alpa_tuple *at) {
  LLVMValueRef mask = whole_mask(lower, at);
  LLVMTypeRef type = LLVMVectorType(element, at->lanes), pointers = LLVMVectorType(lower->type.ptr, at->lanes);
  LLVMValueRef args[] = {lane_addresses(lower, element, leaf, offset, at->lanes), align_constant(lower, element),
                         mask ? mask : all_lanes(lower, at->lanes), LLVMConstNull(type)};
  return alpa_lower_intrinsic(lower, "llvm.masked.gather", (LLVMTypeRef[]){type, pointers}, 2, args, 4);
}

static LLVMValueRef scatter(alpa_lower *lower, LLVMTypeRef element, const alpa_leaf *leaf, alpa_component offset,
                            const alpa_tuple *at, LLVMValueRef value) {
  LLVMValueRef mask = whole_mask(lower, at);
  LLVMTypeRef type = LLVMVectorType(element, at->lanes), pointers = LLVMVectorType(lower->type.ptr, at->lanes);
  LLVMValueRef args[] = {value, lane_addresses(lower, element, leaf, offset, at->lanes), align_constant(lower, element),
                         mask ? mask : all_lanes(lower, at->lanes)};
  return alpa_lower_intrinsic(lower, "llvm.masked.scatter", (LLVMTypeRef[]){type, pointers}, 2, args, 4);
}

/* The bits at a place, `offset` counting elements of the memory type. */
static LLVMValueRef load_raw(alpa_lower *lower, LLVMTypeRef element, const alpa_leaf *leaf, alpa_component offset,
                             const alpa_tuple *at) {
  LLVMValueRef load;
  bool each = alpa_lower_is_gpu(lower) && (whole_mask(lower, at) || offset.step != 1);
  if (alpa_component_is_uniform(&offset) || at->lanes == 1) {
    LLVMValueRef index = offset.base;
    if (at->guard)
      index = LLVMBuildSelect(lower->builder, at->guard, index, alpa_lower_i64(lower, 0), "");
    load = raw_load(lower, element, element_address(lower, element, leaf->base, index), 1, NULL);
  } else if (each) {
    return gather_each(lower, element, leaf, offset, at);
  } else if (!alpa_component_is_general(&offset) && offset.step == 1) {
    LLVMValueRef address = element_address(lower, element, leaf->base, offset.base);
    load = raw_load(lower, element, address, at->lanes, whole_mask(lower, at));
    if (alpa_lower_is_gpu(lower))
      align_access(lower, load, element, offset);
  } else if (!alpa_component_is_general(&offset) && offset.step == -1) {
    LLVMValueRef last = LLVMBuildNSWSub(lower->builder, offset.base, alpa_lower_i64(lower, at->lanes - 1), "");
    LLVMValueRef mask = whole_mask(lower, at);
    load = raw_load(lower, element, element_address(lower, element, leaf->base, last), at->lanes,
                    mask ? reverse_lanes(lower, mask) : NULL);
    set_alias(lower, load, leaf);
    return reverse_lanes(lower, load);
  } else {
    load = gather(lower, element, leaf, offset, at);
  }
  set_alias(lower, load, leaf);
  return load;
}

alpa_element alpa_expr_load(alpa_lower *lower, const alpa_leaf *leaf, const alpa_type *type, const alpa_tuple *at) {
  LLVMTypeRef element = alpa_lower_memory_type(lower, type->dtype);
  alpa_component offset = alpa_tuple_offset(lower, type, at);
  if (!is_complex(type->dtype))
    return (alpa_element){unpack(lower, type->dtype, load_raw(lower, element, leaf, offset, at)), NULL};
  alpa_component first = alpa_component_scale(lower, offset, 2);
  alpa_component second = alpa_component_add(lower, first, alpa_component_constant(lower, 1), at->lanes);
  return (alpa_element){load_raw(lower, element, leaf, first, at), load_raw(lower, element, leaf, second, at)};
}

static void store_raw(alpa_lower *lower, LLVMTypeRef element, const alpa_leaf *leaf, alpa_component offset,
                      const alpa_tuple *at, LLVMValueRef value) {
  LLVMValueRef store;
  bool each = alpa_lower_is_gpu(lower) && (whole_mask(lower, at) || offset.step != 1);
  if (alpa_component_is_uniform(&offset) || at->lanes == 1) {
    store = raw_store(lower, element_address(lower, element, leaf->base, offset.base), value, NULL);
  } else if (each) {
    scatter_each(lower, element, leaf, offset, at, alpa_expr_widen(lower, value, at->lanes));
    return;
  } else if (!alpa_component_is_general(&offset) && offset.step == 1) {
    store = raw_store(lower, element_address(lower, element, leaf->base, offset.base),
                      alpa_expr_widen(lower, value, at->lanes), whole_mask(lower, at));
    if (alpa_lower_is_gpu(lower))
      align_access(lower, store, element, offset);
  } else {
    store = scatter(lower, element, leaf, offset, at, alpa_expr_widen(lower, value, at->lanes));
  }
  set_alias(lower, store, leaf);
}

void alpa_expr_store(alpa_lower *lower, const alpa_leaf *leaf, const alpa_type *type, const alpa_tuple *at,
                     alpa_element value) {
  LLVMTypeRef element = alpa_lower_memory_type(lower, type->dtype);
  alpa_component offset = alpa_tuple_offset(lower, type, at);
  if (!is_complex(type->dtype)) {
    store_raw(lower, element, leaf, offset, at, pack(lower, type->dtype, value.re));
    return;
  }
  alpa_component first = alpa_component_scale(lower, offset, 2);
  alpa_component second = alpa_component_add(lower, first, alpa_component_constant(lower, 1), at->lanes);
  store_raw(lower, element, leaf, first, at, value.re);
  store_raw(lower, element, leaf, second, at, value.im);
}
