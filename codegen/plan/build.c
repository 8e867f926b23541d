/* Slots and instructions from the ops of a function. */
#include <string.h>

#include "codegen/fuse/group.h"
#include "codegen/plan/plan.h"
#include "dialects/func/func.h"
#include "dialects/stablehlo/stablehlo.h"

uint32_t alpa_plan_find(const plan *p, uint32_t slot) {
  while (p->slots.items[slot].parent != slot)
    slot = p->slots.items[slot].parent;
  return slot;
}

uint32_t alpa_plan_add_slot(plan *p, alpa_buffer_kind kind, int64_t bytes) {
  plan_slot slot = {.kind = kind, .bytes = bytes, .parent = (uint32_t)p->slots.n, .buffer = ALPA_NO_INDEX};
  slot.is_fixed = kind == ALPA_BUFFER_CONSTANT || kind == ALPA_BUFFER_DEVICE;
  alpa_vec_push(p->arena, &p->slots, slot);
  return (uint32_t)p->slots.n - 1;
}

void alpa_plan_set_value(plan *p, const alpa_value *value, uint32_t slot) {
  *alpa_map_insert(p->arena, &p->values, (uintptr_t)value, NULL) = slot + 1;
}

static uint32_t slot_of(const plan *p, const alpa_value *value) {
  const uint64_t *found = alpa_map_find(&p->values, (uintptr_t)value);
  return found ? (uint32_t)*found - 1 : ALPA_NO_INDEX;
}

static uint32_t add_value(plan *p, const alpa_value *value) {
  uint32_t slot = alpa_plan_add_slot(p, ALPA_BUFFER_TEMPORARY, alpa_type_bytes(value->type));
  alpa_plan_set_value(p, value, slot);
  return slot;
}

plan_instruction *alpa_plan_append(plan *p, plan_list *list, plan_kind kind, const alpa_op *op) {
  plan_instruction *instruction = alpa_arena_new(p->arena, plan_instruction, 1);
  instruction->kind = kind;
  instruction->op = op;
  instruction->position = p->n_positions++;
  alpa_vec_push(p->arena, &list->items, instruction);
  alpa_vec_push(p->arena, &p->by_position, instruction);
  return instruction;
}

static plan_instruction *append_copies(plan *p, plan_list *list, const alpa_op *op, uint32_t n) {
  plan_instruction *copy = alpa_plan_append(p, list, PLAN_COPY, op);
  copy->reads = alpa_arena_new(p->arena, uint32_t, n);
  copy->writes = alpa_arena_new(p->arena, uint32_t, n);
  return copy;
}

void alpa_plan_add_copy(plan *p, plan_list *list, const alpa_op *op, uint32_t to, uint32_t from) {
  plan_instruction *copy = append_copies(p, list, op, 1);
  copy->reads[copy->n_reads++] = from;
  copy->writes[copy->n_writes++] = to;
}

/* A position without effect, where loops end. */
static void end_list(plan *p, plan_list *list) {
  list->end = p->n_positions++;
  alpa_vec_push(p->arena, &p->by_position, NULL);
}

static alpa_status build_block(plan *p, plan_list *list, alpa_block *block);

/* ---- kernels ---- */

/* The operand that the kernel's result starts as, or ALPA_NO_INDEX. */
static uint32_t updated_operand(const alpa_op *fused) {
  kernel_kind kind = alpa_kernel_kind(fused);
  if (kind != KERNEL_KIND_UPDATE && kind != KERNEL_KIND_SCATTER)
    return ALPA_NO_INDEX;
  const alpa_value *yielded = alpa_op_operand(alpa_kernel_body(fused)->last, 0);
  return alpa_op_operand(yielded->op, yielded->index)->index;
}

static bool is_read_elsewhere(const alpa_op *fused, uint32_t operand) {
  const alpa_value *arg = alpa_kernel_body(fused)->args[operand];
  return arg->uses && arg->uses->next;
}

static void build_run(plan *p, plan_list *list, alpa_op *op) {
  uint32_t number = (uint32_t)*alpa_map_find(&p->kernel_of, (uintptr_t)op) - 1;
  const alpa_kernel_schedule *schedule = &p->kernels->items.items[number].schedule;
  uint32_t updated = updated_operand(op);
  for (uint32_t i = 0; i < op->n_results; i++)
    add_value(p, &op->results[i]);
  bool several = updated != ALPA_NO_INDEX && op->n_results > 1;
  for (uint32_t i = 0; updated != ALPA_NO_INDEX && i < op->n_results; i++) {
    const alpa_op *inner = alpa_op_operand(alpa_kernel_body(op)->last, i)->op;
    uint32_t operand = alpa_op_operand(inner, alpa_op_operand(alpa_kernel_body(op)->last, i)->index)->index;
    alpa_plan_add_copy(p, list, op, slot_of(p, &op->results[i]), slot_of(p, alpa_op_operand(op, operand)));
  }
  plan_instruction *run = alpa_plan_append(p, list, PLAN_RUN, op);
  run->kernel = number;
  run->updates = updated != ALPA_NO_INDEX;
  uint32_t n = op->n_operands + op->n_results + 1;
  run->refs = alpa_arena_new(p->arena, uint32_t, n);
  run->reads = alpa_arena_new(p->arena, uint32_t, n);
  run->writes = alpa_arena_new(p->arena, uint32_t, n);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    uint32_t slot = slot_of(p, alpa_op_operand(op, i));
    run->refs[run->n_refs++] = slot;
    if (i != updated || several || is_read_elsewhere(op, i))
      run->reads[run->n_reads++] = slot;
  }
  for (uint32_t i = 0; i < op->n_results; i++) {
    uint32_t slot = slot_of(p, &op->results[i]);
    run->refs[run->n_refs++] = slot;
    run->writes[run->n_writes++] = slot;
  }
  if (schedule->scratch_bytes) {
    uint32_t slot = alpa_plan_add_slot(p, ALPA_BUFFER_TEMPORARY, schedule->scratch_bytes);
    run->refs[run->n_refs++] = slot;
    run->writes[run->n_writes++] = slot;
  }
}

/* ---- control ---- */

/* State lives in one slot per carried value, written at the end of every iteration. */
static alpa_status build_while(plan *p, plan_list *list, alpa_op *op) {
  uint32_t n = op->n_operands;
  uint32_t *state = alpa_arena_new(p->arena, uint32_t, n);
  for (uint32_t i = 0; i < n; i++) {
    state[i] = add_value(p, &op->results[i]);
    alpa_plan_add_copy(p, list, op, state[i], slot_of(p, alpa_op_operand(op, i)));
    for (uint32_t r = 0; r < 2; r++)
      alpa_plan_set_value(p, op->regions[r].first->args[i], state[i]);
  }
  plan_instruction *loop = alpa_plan_append(p, list, PLAN_WHILE, op);
  loop->n_lists = 2;
  loop->lists = alpa_arena_new(p->arena, plan_list, 2);
  for (uint32_t r = 0; r < 2; r++) {
    plan_list *inner = &loop->lists[r];
    alpa_block *block = op->regions[r].first;
    inner->start = p->n_positions;
    ALPA_TRY(build_block(p, inner, block));
    if (r == 0) {
      inner->result = slot_of(p, alpa_op_operand(block->last, 0));
    } else {
      plan_instruction *copies = append_copies(p, inner, block->last, n);
      for (uint32_t i = 0; i < n; i++) {
        copies->reads[copies->n_reads++] = slot_of(p, alpa_op_operand(block->last, i));
        copies->writes[copies->n_writes++] = state[i];
      }
    }
    end_list(p, inner);
  }
  return ALPA_OK;
}

static alpa_status build_branch(plan *p, plan_list *list, alpa_op *op) {
  uint32_t *results = alpa_arena_new(p->arena, uint32_t, op->n_results);
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = add_value(p, &op->results[i]);
  plan_instruction *branch = alpa_plan_append(p, list, PLAN_BRANCH, op);
  branch->reads = alpa_arena_new(p->arena, uint32_t, 1);
  branch->reads[branch->n_reads++] = slot_of(p, alpa_op_operand(op, 0));
  branch->n_lists = op->n_regions;
  branch->lists = alpa_arena_new(p->arena, plan_list, op->n_regions);
  for (uint32_t r = 0; r < op->n_regions; r++) {
    plan_list *inner = &branch->lists[r];
    alpa_block *block = op->regions[r].first;
    inner->start = p->n_positions;
    ALPA_TRY(build_block(p, inner, block));
    plan_instruction *copies = append_copies(p, inner, block->last, op->n_results);
    for (uint32_t i = 0; i < op->n_results; i++) {
      copies->reads[copies->n_reads++] = slot_of(p, alpa_op_operand(block->last, i));
      copies->writes[copies->n_writes++] = results[i];
    }
    end_list(p, inner);
  }
  return ALPA_OK;
}

static alpa_status build_constant(plan *p, alpa_op *op) {
  const alpa_attr *value = alpa_op_attr(op, stablehlo_constant_value);
  int64_t bytes = alpa_type_bytes(op->results[0].type),
          element = alpa_dtype_get_info(op->results[0].type->dtype)->bytes;
  uint64_t *known = alpa_map_insert(p->arena, &p->values, (uintptr_t)value, NULL);
  if (!*known) {
    uint32_t slot = alpa_plan_add_slot(p, ALPA_BUFFER_CONSTANT, bytes);
    while (p->constants.size % 64)
      alpa_text_char(&p->constants, 0);
    p->slots.items[slot].offset = (int64_t)p->constants.size;
    for (int64_t at = 0; value->elements.splat && at < bytes; at += element)
      alpa_text_append(&p->constants, value->elements.data, (size_t)element);
    if (!value->elements.splat)
      alpa_text_append(&p->constants, value->elements.data, (size_t)bytes);
    known = alpa_map_insert(p->arena, &p->values, (uintptr_t)value, NULL);
    *known = slot + 1;
  }
  alpa_plan_set_value(p, &op->results[0], (uint32_t)*known - 1);
  return ALPA_OK;
}

static alpa_status build_views(plan *p, alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    alpa_plan_set_value(p, &op->results[i], slot_of(p, alpa_op_operand(op, i)));
  return ALPA_OK;
}

static alpa_status build_device_number(plan *p, alpa_op *op) {
  add_value(p, &op->results[0]);
  plan_slot *slot = &p->slots.items[slot_of(p, &op->results[0])];
  slot->kind = ALPA_BUFFER_DEVICE;
  slot->is_fixed = true;
  return ALPA_OK;
}

/* Annotations that mean nothing to a device's own program. */
static alpa_status build_custom_call(plan *p, alpa_op *op) {
  static const char *const annotations[] = {"Sharding", "SPMDFullToShardShape", "SPMDShardToFullShape",
                                            "xla.sdy.GlobalToLocalShape", "xla.sdy.LocalToGlobalShape"};
  const char *target = alpa_op_attr(op, stablehlo_custom_call_call_target_name)->string.data;
  for (size_t i = 0; i < countof(annotations); i++)
    if (!strcmp(target, annotations[i]) && op->n_operands == op->n_results)
      return build_views(p, op);
  return alpa_op_unsupported(op, "calls '%s', which has no implementation here", target);
}

static alpa_status build_op(plan *p, plan_list *list, alpa_op *op) {
  if (kernel_is(op, KERNEL_fused))
    return build_run(p, list, op), ALPA_OK;
  if (stablehlo_is(op, STABLEHLO_while))
    return build_while(p, list, op);
  if (stablehlo_is(op, STABLEHLO_if) || stablehlo_is(op, STABLEHLO_case))
    return build_branch(p, list, op);
  if (stablehlo_is(op, STABLEHLO_constant))
    return build_constant(p, op);
  if (stablehlo_is(op, STABLEHLO_optimization_barrier) || alpa_fuse_is_view(op))
    return build_views(p, op);
  if (stablehlo_is(op, STABLEHLO_partition_id) || stablehlo_is(op, STABLEHLO_replica_id))
    return build_device_number(p, op);
  if (stablehlo_is(op, STABLEHLO_custom_call))
    return build_custom_call(p, op);
  if (op->def->traits & ALPA_COLLECTIVE)
    return alpa_plan_collective(p, list, op);
  if (op->def->traits & ALPA_TERMINATOR)
    return ALPA_OK;
  return alpa_op_unsupported(op, "cannot stand outside a kernel in a program for execution; run 'fuse' first");
}

static alpa_status build_block(plan *p, plan_list *list, alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next)
    ALPA_TRY(build_op(p, list, op));
  return ALPA_OK;
}

/* ---- the function ---- */

static void add_arguments(plan *p) {
  const alpa_block *entry = alpa_func_entry(p->func);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    uint32_t slot = alpa_plan_add_slot(p, ALPA_BUFFER_ARGUMENT, alpa_type_bytes(entry->args[i]->type));
    p->slots.items[slot].index = i;
    p->slots.items[slot].is_fixed = true;
    alpa_plan_set_value(p, entry->args[i], slot);
    const alpa_attr *alias = alpa_func_find_arg_attr(p->func, i, "tf.aliasing_output");
    if (!alias)
      continue;
    alpa_vec_push(p->arena, &p->aliases, (alpa_image_alias){(uint32_t)alias->integer, i});
    p->slots.items[slot].is_fixed = false;
  }
}

static uint32_t result_slot(plan *p, uint32_t result, const alpa_value *value) {
  const alpa_block *entry = alpa_func_entry(p->func);
  for (size_t i = 0; i < p->aliases.n; i++)
    if (p->aliases.items[i].result == result)
      return slot_of(p, entry->args[p->aliases.items[i].argument]);
  uint32_t slot = alpa_plan_add_slot(p, ALPA_BUFFER_RESULT, alpa_type_bytes(value->type));
  p->slots.items[slot].index = result;
  return slot;
}

alpa_status alpa_plan_build(plan *p) {
  alpa_text_init(&p->constants, p->arena);
  add_arguments(p);
  alpa_block *entry = alpa_func_entry(p->func);
  ALPA_TRY(build_block(p, &p->program, entry));
  plan_instruction *copies = append_copies(p, &p->program, entry->last, entry->last->n_operands);
  for (uint32_t i = 0; i < entry->last->n_operands; i++) {
    copies->reads[copies->n_reads++] = slot_of(p, alpa_op_operand(entry->last, i));
    copies->writes[copies->n_writes++] = result_slot(p, i, alpa_op_operand(entry->last, i));
  }
  end_list(p, &p->program);
  return ALPA_OK;
}
