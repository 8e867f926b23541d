/* Convexity: no path leaves a group and comes back, by a search upwards from its operands. */
#include "codegen/fuse/group.h"

typedef struct search {
  fuse_block *block;
  const fuse_group *group;
  const alpa_op *extra; /* would-be member, or NULL */
  uint32_t least;       /* ops whose group ends before this cannot depend on the group */
  ALPA_VEC(const alpa_op *) todo;
} search;

static bool is_inside(const search *s, const alpa_op *op) {
  return op == s->extra || alpa_fuse_owner(s->block, op) == s->group;
}

static void push_op(search *s, const alpa_op *op) {
  if (!op)
    return;
  uint32_t position = alpa_fuse_position(s->block, op);
  if (position == UINT32_MAX || s->block->stamps[position] == s->block->stamp)
    return;
  fuse_group *group = s->block->owner[position];
  if ((group ? group->last : position) < s->least)
    return;
  if (!group) {
    s->block->stamps[position] = s->block->stamp;
    alpa_vec_push(s->block->arena, &s->todo, s->block->ops[position]);
    return;
  }
  for (size_t i = 0; i < group->members.n; i++) {
    uint32_t at = group->members.items[i].position;
    if (s->block->stamps[at] == s->block->stamp)
      continue;
    s->block->stamps[at] = s->block->stamp;
    alpa_vec_push(s->block->arena, &s->todo, group->members.items[i].op);
  }
}

typedef void operand_fn(search *s, const alpa_value *value);

/* Operands of an op and of everything inside it. */
static void visit_operands(search *s, const alpa_op *op, operand_fn *visit) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    visit(s, alpa_op_operand(op, i));
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        visit_operands(s, inner, visit);
}

static void push_outside(search *s, const alpa_value *value) {
  if (value->op && !is_inside(s, value->op))
    push_op(s, value->op);
}

/* What a member needs from outside: not what the group computes again for itself. */
static void push_needed(search *s, const alpa_value *value) {
  if (value->op && !alpa_fuse_find_member(s->group, value->op))
    push_outside(s, value);
}

static bool depends_on_group(search *s, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_value *value = alpa_op_operand(op, i);
    if (value->op && is_inside(s, value->op))
      return true;
  }
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        if (depends_on_group(s, inner))
          return true;
  return false;
}

/* The position at or before `first` that no group stands on both sides of: nothing in front of it depends on what is
 * behind, even where groups of ops that are far apart become kernels. */
static uint32_t find_least(const fuse_block *block, uint32_t first) {
  uint32_t least;
  do {
    least = first;
    for (size_t i = 0; i < block->groups.n; i++) {
      const fuse_group *group = block->groups.items[i];
      first = group->last >= least && group->first < first ? group->first : first;
    }
  } while (first < least);
  return least;
}

bool alpa_fuse_makes_cycle(fuse_block *block, const fuse_group *group, const alpa_op *extra) {
  uint32_t position = alpa_fuse_position(block, extra);
  search s = {.block = block, .group = group, .extra = extra};
  s.least = find_least(block, position < group->first ? position : group->first);
  block->stamp++;
  for (size_t i = 0; i < group->members.n; i++)
    visit_operands(&s, group->members.items[i].op, push_needed);
  if (extra)
    visit_operands(&s, extra, push_needed);
  while (s.todo.n) {
    const alpa_op *op = s.todo.items[--s.todo.n];
    if (depends_on_group(&s, op))
      return true;
    visit_operands(&s, op, push_outside);
  }
  return false;
}
