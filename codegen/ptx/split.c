/* Reductions shared by the threads of a block, and by blocks. */
#include "codegen/ptx/split.h"

#include <string.h>

typedef LLVMValueRef V;

enum { THREADS = 256, MOST_MEMBERS = 32, LEAST_EXTENT = 8, MOST_PARTS = 64, THREADS_OF_MULTIPROCESSOR = 1024 };

/* ---- the launch ---- */

static int64_t blocks_of(const alpa_ptx_split_plan *plan) {
  int64_t points = THREADS / plan->members;
  return (plan->n_points + points - 1) / points;
}

alpa_ptx_split_plan alpa_ptx_split_choose(const alpa_lower *lower, int64_t n_points, int64_t extent, uint32_t bytes) {
  alpa_ptx_split_plan plan = {.members = 1, .parts = 1, .bytes = bytes, .n_points = n_points};
  int64_t wanted = (int64_t)lower->target->n_cores * THREADS_OF_MULTIPROCESSOR;
  while (plan.members < MOST_MEMBERS && extent >= LEAST_EXTENT * (int64_t)plan.members &&
         n_points * plan.members < wanted)
    plan.members *= 2;
  if (plan.members < MOST_MEMBERS)
    return plan;
  while (plan.parts < MOST_PARTS && extent >= 2 * LEAST_EXTENT * (int64_t)plan.members * plan.parts &&
         blocks_of(&plan) * THREADS * plan.parts < wanted)
    plan.parts *= 2;
  return plan;
}

void alpa_ptx_split_schedule(alpa_lower *lower, const alpa_ptx_split_plan *plan) {
  alpa_kernel_schedule *schedule = lower->schedule;
  int64_t blocks = blocks_of(plan) * plan->parts;
  if (blocks > INT32_MAX)
    alpa_lower_unsupported(lower, lower->kernel, "has more elements than a grid of a GPU has threads");
  schedule->launch[0] = (alpa_kernel_launch){.is_block_task = true,
                                             .grid = {(uint32_t)blocks, 1, 1},
                                             .block = {THREADS, 1, 1},
                                             .shared_bytes = (int64_t)THREADS * plan->bytes};
  if (plan->parts == 1)
    return;
  schedule->n_phases = 2;
  schedule->n_tasks[1] = plan->n_points;
  schedule->scratch_bytes = plan->n_points * plan->parts * plan->bytes;
}

static void place_thread(alpa_lower *lower, alpa_ptx_split *split) {
  LLVMBuilderRef b = lower->builder;
  const alpa_ptx_split_plan *plan = &split->plan;
  V thread = alpa_ptx_thread(lower), points = alpa_ptx_i32(lower, split->points);
  V parts = alpa_lower_i64(lower, plan->parts);
  split->member = LLVMBuildUDiv(b, thread, points, "");
  split->point = LLVMBuildURem(b, thread, points, "");
  split->part = LLVMBuildURem(b, lower->task, parts, "");
  V first = LLVMBuildMul(b, split->part, alpa_lower_i64(lower, plan->members), "");
  split->share = LLVMBuildAdd(b, first, LLVMBuildZExt(b, split->member, lower->type.i64, ""), "");
  V block = LLVMBuildUDiv(b, lower->task, parts, "");
  V task = LLVMBuildMul(b, block, alpa_lower_i64(lower, split->points), "");
  task = LLVMBuildAdd(b, task, LLVMBuildZExt(b, split->point, lower->type.i64, ""), "");
  split->is_writer = LLVMBuildICmp(b, LLVMIntEQ, split->member, alpa_ptx_i32(lower, 0), "");
  if (plan->n_points % split->points) {
    V last = alpa_lower_i64(lower, plan->n_points - 1), inside = LLVMBuildICmp(b, LLVMIntULE, task, last, "");
    split->is_writer = LLVMBuildAnd(b, split->is_writer, inside, "");
    task = LLVMBuildSelect(b, inside, task, last, "");
  }
  lower->task = task;
}

void alpa_ptx_split_begin(alpa_lower *lower, const alpa_ptx_split_plan *plan, uint32_t phase) {
  alpa_ptx_split *split = alpa_arena_new(lower->arena, alpa_ptx_split, 1);
  *split = (alpa_ptx_split){.plan = *plan,
                            .is_partial = plan->parts > 1 && phase == 0,
                            .is_final = phase > 0,
                            .points = THREADS / plan->members};
  if (phase == 0)
    place_thread(lower, split);
  lower->split = split;
}

void alpa_ptx_split_begin_part(alpa_lower *lower, const alpa_ptx_split_plan *plan, uint32_t phase, V *index, V thread) {
  alpa_ptx_split *split = alpa_arena_new(lower->arena, alpa_ptx_split, 1);
  *split = (alpa_ptx_split){.plan = *plan, .is_partial = phase == 0, .is_final = phase > 0};
  if (phase == 0) {
    alpa_lower_divide(lower, *index, plan->n_points * plan->parts, plan->parts, index, &split->part);
    split->is_writer = LLVMBuildICmp(lower->builder, LLVMIntEQ, thread, alpa_ptx_i32(lower, 0), "");
  }
  lower->task = *index;
  lower->split = split;
}

/* ---- states in memory ---- */

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

static uint32_t room_of(LLVMTypeRef type) { return (scalar_bytes(type) + 15) / 16 * 16; }

bool alpa_ptx_split_take(alpa_lower *lower, const alpa_element *state, uint32_t n) {
  uint32_t bytes = 0;
  for (uint32_t i = 0; i < n; i++)
    bytes += room_of(LLVMTypeOf(state[i].re)) + (state[i].im ? room_of(LLVMTypeOf(state[i].im)) : 0);
  if (lower->split->next_byte + bytes > lower->split->plan.bytes)
    return false;
  lower->split->at_byte = lower->split->next_byte;
  lower->split->next_byte += bytes;
  return true;
}

/* Bits of lanes are bytes in memory. */
static V to_memory(alpa_lower *l, V part) {
  LLVMTypeRef type = LLVMTypeOf(part);
  LLVMTypeRef scalar = LLVMGetTypeKind(type) == LLVMVectorTypeKind ? LLVMGetElementType(type) : type;
  bool bits = LLVMGetTypeKind(scalar) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(scalar) == 1;
  return bits ? LLVMBuildZExt(l->builder, part, alpa_lower_vector_type(l->type.i8, alpa_expr_lanes(part)), "") : part;
}

/* The address of a part of a state that `byte` bytes of an element's states come before: in the shared memory of the
 * block, by member, or in scratch, by part of the grid. */
typedef V address_fn(alpa_lower *l, LLVMTypeRef type, uint32_t byte, V number);

static V shared_address(alpa_lower *l, LLVMTypeRef type, uint32_t byte, V member) {
  V points = alpa_ptx_i32(l, l->split->points);
  V index = LLVMBuildAdd(l->builder, LLVMBuildMul(l->builder, member, points, ""), l->split->point, "");
  return alpa_ptx_shared(l, type, (int64_t)byte * THREADS, index);
}

static V scratch_address(alpa_lower *l, LLVMTypeRef type, uint32_t byte, V part) {
  const alpa_ptx_split_plan *plan = &l->split->plan;
  LLVMBuilderRef b = l->builder;
  V start = alpa_lower_i64(l, (int64_t)byte * plan->parts * plan->n_points);
  V index = LLVMBuildAdd(b, LLVMBuildMul(b, part, alpa_lower_i64(l, plan->n_points), ""), l->task, "");
  V region = LLVMBuildInBoundsGEP2(b, l->type.i8, alpa_lower_scratch(l), &start, 1, "");
  return LLVMBuildInBoundsGEP2(b, type, region, &index, 1, "");
}

static uint32_t alignment_of(LLVMTypeRef type) {
  uint32_t bytes = scalar_bytes(type);
  return bytes > 16 ? 16 : bytes & -bytes;
}

static V put_part(alpa_lower *l, address_fn *address, uint32_t byte, V part, V number) {
  V value = to_memory(l, part);
  V store = LLVMBuildStore(l->builder, value, address(l, LLVMTypeOf(value), byte, number));
  LLVMSetAlignment(store, alignment_of(LLVMTypeOf(value)));
  return part;
}

static V get_part(alpa_lower *l, address_fn *address, uint32_t byte, V part, V number) {
  LLVMTypeRef type = LLVMTypeOf(to_memory(l, part));
  V load = LLVMBuildLoad2(l->builder, type, address(l, type, byte, number), "");
  LLVMSetAlignment(load, alignment_of(type));
  return type == LLVMTypeOf(part) ? load : LLVMBuildTrunc(l->builder, load, LLVMTypeOf(part), "");
}

typedef V part_fn(alpa_lower *l, address_fn *address, uint32_t byte, V part, V number);

static void visit_state(alpa_lower *l, const alpa_element *from, alpa_element *to, uint32_t n, part_fn *visit,
                        address_fn *address, V number) {
  uint32_t byte = l->split->at_byte;
  for (uint32_t i = 0; i < n; i++) {
    V parts[] = {from[i].re, from[i].im};
    for (uint32_t p = 0; p < 2; p++)
      if (parts[p]) {
        parts[p] = visit(l, address, byte, parts[p], number);
        byte += room_of(LLVMTypeOf(parts[p]));
      }
    to[i] = (alpa_element){parts[0], parts[1]};
  }
}

/* ---- combining ---- */

/* States 0 to count - 1, in that order. */
static void combine_all(alpa_lower *l, alpa_element *state, uint32_t n, address_fn *address, uint32_t count,
                        LLVMTypeRef number_type, alpa_ptx_combine_fn *combine, const void *user) {
  alpa_element *own = alpa_arena_copy(l->arena, state, n * sizeof *state);
  alpa_element *sum = alpa_arena_new(l->arena, alpa_element, n), *other = alpa_arena_new(l->arena, alpa_element, n);
  visit_state(l, own, state, n, get_part, address, LLVMConstInt(number_type, 0, false));
  for (uint32_t i = 1; i < count; i++) {
    memcpy(sum, state, n * sizeof *sum);
    visit_state(l, own, other, n, get_part, address, LLVMConstInt(number_type, i, false));
    combine(l, user, sum, other, state);
  }
}

void alpa_ptx_split_fold(alpa_lower *lower, alpa_element *state, uint32_t n, alpa_ptx_combine_fn *combine,
                         const void *user) {
  const alpa_ptx_split *split = lower->split;
  alpa_element *ignored = alpa_arena_new(lower->arena, alpa_element, n);
  visit_state(lower, state, ignored, n, put_part, shared_address, split->member);
  alpa_ptx_barrier(lower);
  combine_all(lower, state, n, shared_address, split->plan.members, lower->type.i32, combine, user);
  if (split->is_partial)
    alpa_ptx_split_put(lower, state, n);
}

void alpa_ptx_split_put(alpa_lower *lower, const alpa_element *state, uint32_t n) {
  const alpa_ptx_split *split = lower->split;
  alpa_element *ignored = alpa_arena_new(lower->arena, alpa_element, n);
  alpa_ptx_if is_writer = alpa_ptx_begin_if(lower, split->is_writer);
  visit_state(lower, state, ignored, n, put_part, scratch_address, split->part);
  alpa_ptx_end_if(lower, is_writer);
}

void alpa_ptx_split_gather(alpa_lower *lower, alpa_element *state, uint32_t n, alpa_ptx_combine_fn *combine,
                           const void *user) {
  combine_all(lower, state, n, scratch_address, lower->split->plan.parts, lower->type.i64, combine, user);
}
