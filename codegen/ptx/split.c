/* Reductions shared by the threads of a block. */
#include "codegen/ptx/split.h"

#include <string.h>

typedef LLVMValueRef V;

enum { THREADS = 256, MOST_MEMBERS = 32, LEAST_EXTENT = 8, THREADS_OF_MULTIPROCESSOR = 1024 };

uint32_t alpa_ptx_split_members(const alpa_lower *lower, int64_t n_points, int64_t extent) {
  uint32_t members = 1;
  int64_t wanted = (int64_t)lower->target->n_cores * THREADS_OF_MULTIPROCESSOR;
  while (members < MOST_MEMBERS && extent >= LEAST_EXTENT * (int64_t)members && n_points * members < wanted)
    members *= 2;
  return members;
}

alpa_kernel_launch alpa_ptx_split_launch(alpa_lower *lower, int64_t n_points, uint32_t members, uint32_t state_bytes) {
  int64_t points = THREADS / members, blocks = (n_points + points - 1) / points;
  if (blocks > INT32_MAX)
    alpa_lower_unsupported(lower, lower->kernel, "has more elements than a grid of a GPU has threads");
  return (alpa_kernel_launch){.is_block_task = true,
                              .grid = {(uint32_t)blocks, 1, 1},
                              .block = {THREADS, 1, 1},
                              .shared_bytes = (int64_t)THREADS * state_bytes};
}

void alpa_ptx_split_begin(alpa_lower *lower, int64_t n_points, uint32_t members) {
  LLVMBuilderRef b = lower->builder;
  alpa_ptx_split *split = alpa_arena_new(lower->arena, alpa_ptx_split, 1);
  *split = (alpa_ptx_split){.members = members, .points = THREADS / members};
  V thread = alpa_ptx_thread(lower), points = alpa_ptx_i32(lower, split->points);
  split->member = LLVMBuildUDiv(b, thread, points, "");
  split->point = LLVMBuildURem(b, thread, points, "");
  V first = LLVMBuildMul(b, lower->task, alpa_lower_i64(lower, split->points), "");
  V task = LLVMBuildAdd(b, first, LLVMBuildZExt(b, split->point, lower->type.i64, ""), "");
  V last = alpa_lower_i64(lower, n_points - 1);
  split->is_writer = LLVMBuildICmp(b, LLVMIntEQ, split->member, alpa_ptx_i32(lower, 0), "");
  if (n_points % split->points) {
    V inside = LLVMBuildICmp(b, LLVMIntULE, task, last, "");
    split->is_writer = LLVMBuildAnd(b, split->is_writer, inside, "");
    task = LLVMBuildSelect(b, inside, task, last, "");
  }
  lower->task = task;
  lower->split = split;
}

/* Where a part of member m stands in shared memory. */
static V address_of(alpa_lower *l, LLVMTypeRef type, uint32_t byte, V member) {
  V points = alpa_ptx_i32(l, l->split->points);
  V index = LLVMBuildAdd(l->builder, LLVMBuildMul(l->builder, member, points, ""), l->split->point, "");
  return alpa_ptx_shared(l, type, byte, index);
}

static uint32_t scalar_bytes(LLVMTypeRef type) {
  switch (LLVMGetTypeKind(type)) {
  case LLVMVectorTypeKind:
    return scalar_bytes(LLVMGetElementType(type)) * LLVMGetVectorSize(type);
  case LLVMDoubleTypeKind:
    return 8;
  case LLVMIntegerTypeKind:
    return (LLVMGetIntTypeWidth(type) + 7) / 8;
  default:
    return 4;
  }
}

/* Bits of lanes are bytes in memory. */
static V to_memory(alpa_lower *l, V part) {
  LLVMTypeRef type = LLVMTypeOf(part),
              scalar = LLVMGetTypeKind(type) == LLVMVectorTypeKind ? LLVMGetElementType(type) : type;
  bool bits = LLVMGetTypeKind(scalar) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(scalar) == 1;
  return bits ? LLVMBuildZExt(l->builder, part, alpa_lower_vector_type(l->type.i8, alpa_expr_lanes(part)), "") : part;
}

static V from_memory(alpa_lower *l, V part, LLVMTypeRef type) {
  return LLVMTypeOf(part) == type ? part : LLVMBuildTrunc(l->builder, part, type, "");
}

typedef V part_fn(alpa_lower *l, uint32_t byte, V part, V member);

static V put_part(alpa_lower *l, uint32_t byte, V part, V member) {
  V value = to_memory(l, part);
  LLVMBuildStore(l->builder, value, address_of(l, LLVMTypeOf(value), byte, member));
  return part;
}

static V get_part(alpa_lower *l, uint32_t byte, V part, V member) {
  LLVMTypeRef type = LLVMTypeOf(to_memory(l, part));
  V load = LLVMBuildLoad2(l->builder, type, address_of(l, type, byte, member), "");
  return from_memory(l, load, LLVMTypeOf(part));
}

/* Every part of a state; returns the byte behind the last. */
static uint32_t visit_state(alpa_lower *l, const alpa_element *from, alpa_element *to, uint32_t n, V member,
                            part_fn *visit) {
  uint32_t byte = l->split->next_byte;
  for (uint32_t i = 0; i < n; i++) {
    V parts[] = {from[i].re, from[i].im};
    for (uint32_t p = 0; p < 2; p++)
      if (parts[p]) {
        parts[p] = visit(l, byte, parts[p], member);
        byte += (scalar_bytes(LLVMTypeOf(parts[p])) + 15) / 16 * 16 * THREADS;
      }
    to[i] = (alpa_element){parts[0], parts[1]};
  }
  return byte;
}

void alpa_ptx_split_fold(alpa_lower *lower, alpa_element *state, uint32_t n, alpa_ptx_combine_fn *combine,
                         const void *user) {
  alpa_element *own = alpa_arena_copy(lower->arena, state, n * sizeof *state);
  alpa_element *sum = alpa_arena_new(lower->arena, alpa_element, n),
               *other = alpa_arena_new(lower->arena, alpa_element, n);
  uint32_t end = visit_state(lower, own, state, n, lower->split->member, put_part);
  alpa_ptx_barrier(lower);
  for (uint32_t m = 0; m < lower->split->members; m++) {
    visit_state(lower, own, other, n, alpa_ptx_i32(lower, m), get_part);
    if (m)
      combine(lower, user, sum, other, state);
    memcpy(sum, m ? state : other, n * sizeof *sum);
  }
  memcpy(state, sum, n * sizeof *sum);
  lower->split->next_byte = end;
}
