/* How members of a group are read from inside its domain. */
#include "codegen/fuse/group.h"
#include "dialects/stablehlo/stablehlo.h"

uint32_t alpa_fuse_position(const fuse_block *block, const alpa_op *op) {
  while (op && op->block != block->block)
    op = alpa_op_parent(op);
  const uint64_t *found = op ? alpa_map_find(&block->positions, (uintptr_t)op) : NULL;
  return found ? (uint32_t)*found : UINT32_MAX;
}

fuse_group *alpa_fuse_owner(const fuse_block *block, const alpa_op *op) {
  uint32_t position = op ? alpa_fuse_position(block, op) : UINT32_MAX;
  return position == UINT32_MAX ? NULL : block->owner[position];
}

const fuse_member *alpa_fuse_find_member(const fuse_group *group, const alpa_op *op) {
  for (size_t i = 0; i < group->members.n; i++)
    if (group->members.items[i].op == op)
      return &group->members.items[i];
  return NULL;
}

/* Whether a use by an op at block level needs the value of `from` in memory. */
static bool needs_memory(const fuse_block *block, const fuse_group *group, uint32_t position, const alpa_op *from) {
  if (position == UINT32_MAX)
    return true;
  for (const fuse_clone *clone = block->clones[position]; clone; clone = clone->next)
    if (clone->group != group && !alpa_fuse_find_member(clone->group, from))
      return true;
  const fuse_group *owner = block->owner[position];
  if (owner)
    return owner != group && !alpa_fuse_find_member(owner, from);
  return block->kept[position] || position <= block->decided;
}

bool alpa_fuse_is_used_outside(const fuse_block *block, const fuse_group *group, const alpa_value *value) {
  for (const alpa_use *use = value->uses; use; use = use->next)
    if (needs_memory(block, group, alpa_fuse_position(block, use->owner), value->op))
      return true;
  return false;
}

bool alpa_fuse_is_full(const fuse_group *group, const alpa_type *type) {
  if (type->rank != group->rank)
    return false;
  for (uint32_t d = 0; d < type->rank; d++)
    if (type->dims[d] != group->domain[d])
      return false;
  return true;
}

bool alpa_fuse_is_row_shaped(const fuse_group *group, const alpa_type *type) {
  if (group->rows < 0 || type->rank < (uint32_t)group->rows)
    return false;
  for (uint32_t d = 0; d < type->rank; d++)
    if (type->dims[d] != (d < (uint32_t)group->rows ? group->domain[d] : 1))
      return false;
  return true;
}

/* broadcast_in_dim and reshape between full and row shape, or within row shape. */
static bool keeps_rows(const fuse_group *group, const alpa_op *op) {
  if (!alpa_fuse_is_row_shaped(group, alpa_op_operand_type(op, 0)))
    return false;
  if (stablehlo_is(op, STABLEHLO_reshape))
    return true;
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
  for (uint32_t d = 0; d < (uint32_t)group->rows; d++)
    if (dims[d] != (int64_t)d)
      return false;
  return true;
}

/* A broadcast that changes nothing: no new sizes, and no dimension in another's place. */
static bool is_identity(const alpa_op *op) {
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
  for (size_t d = 0; d < n; d++)
    if (dims[d] != (int64_t)d)
      return false;
  return alpa_op_operand_type(op, 0) == op->results[0].type;
}

uint8_t alpa_fuse_operand_access(const fuse_group *group, const fuse_member *user, uint32_t operand) {
  const alpa_op *op = user->op;
  const alpa_type *type = alpa_op_operand_type(op, operand), *to = op->n_results ? op->results[0].type : NULL;
  if (alpa_fuse_is_elementwise(op))
    return type->rank == to->rank ? user->access : FUSE_OTHER;
  if (stablehlo_is(op, STABLEHLO_reduce) && group->rows >= 0)
    return user->access == FUSE_ROW && operand < op->n_results && alpa_fuse_is_full(group, type) ? FUSE_SAME
                                                                                                 : FUSE_OTHER;
  if (stablehlo_is(op, STABLEHLO_broadcast_in_dim) && !(user->access & FUSE_OTHER)) {
    if (keeps_rows(group, op))
      return FUSE_ROW;
    return is_identity(op) ? user->access : FUSE_OTHER;
  }
  if (stablehlo_is(op, STABLEHLO_reshape) && user->access == FUSE_ROW && keeps_rows(group, op))
    return FUSE_ROW;
  return FUSE_OTHER;
}

/* Access that the group's own results make. */
static bool add_result_access(fuse_block *block, fuse_group *group, fuse_member *member) {
  for (uint32_t i = 0; i < member->op->n_results; i++) {
    const alpa_value *value = &member->op->results[i];
    if (member->clone || !alpa_fuse_is_used_outside(block, group, value))
      continue;
    if (alpa_fuse_is_full(group, value->type))
      member->access |= FUSE_SAME;
    else if (alpa_fuse_is_row_shaped(group, value->type))
      member->access |= FUSE_ROW;
    else if (group->kind == KERNEL_KIND_LOOP || group->kind == KERNEL_KIND_ROWS)
      return false;
  }
  return true;
}

bool alpa_fuse_set_access(fuse_block *block, fuse_group *group) {
  for (size_t i = 0; i < group->members.n; i++)
    group->members.items[i].access = 0;
  for (size_t i = 0; i < group->members.n; i++) { /* users stand before what they use */
    fuse_member *member = &group->members.items[i];
    if (!add_result_access(block, group, member))
      return false;
    bool reduces = alpa_fuse_class(member->op) == FUSE_REDUCE || alpa_fuse_class(member->op) == FUSE_WINDOW;
    if (reduces && group->rows >= 0 &&
        (member->access != FUSE_ROW || !alpa_fuse_is_row_reduce(member->op) ||
         !alpa_fuse_is_full(group, alpa_op_operand_type(member->op, 0))))
      return false;
    for (uint32_t k = 0; k < member->op->n_operands; k++) {
      fuse_member *from = (fuse_member *)alpa_fuse_find_member(group, alpa_op_operand(member->op, k)->op);
      if (from)
        from->access |= alpa_fuse_operand_access(group, member, k);
    }
  }
  return true;
}
