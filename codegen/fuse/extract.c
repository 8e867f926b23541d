/* Replaces groups by kernel.fused ops. */
#include <string.h>

#include "codegen/fuse/group.h"
#include "codegen/layout.h"
#include "dialects/ir/clone.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct extraction {
  fuse_block *block;
  alpa_module *module;
  alpa_value_map values; /* old results -> results of kernels */
  alpa_op *terminator;
} extraction;

typedef ALPA_VEC(alpa_value *) value_list;

static void push_unique(alpa_arena *arena, value_list *list, alpa_value *value) {
  for (size_t i = 0; i < list->n; i++)
    if (list->items[i] == value)
      return;
  alpa_vec_push(arena, list, value);
}

/* Operands in the order of use; members stand from last to first. */
static void collect_operands(const extraction *x, const fuse_group *group, value_list *out) {
  for (size_t i = group->members.n; i-- > 0;) {
    const alpa_op *op = group->members.items[i].op;
    for (uint32_t k = 0; k < op->n_operands; k++) {
      alpa_value *value = alpa_op_operand(op, k);
      if (!value->op || !alpa_fuse_find_member(group, value->op))
        push_unique(x->block->arena, out, value);
    }
  }
}

static void collect_results(const extraction *x, const fuse_group *group, value_list *out) {
  for (size_t i = group->members.n; i-- > 0;) {
    const fuse_member *member = &group->members.items[i];
    bool whole = member->op == group->root && (group->kind == KERNEL_KIND_SORT || group->kind == KERNEL_KIND_SCATTER);
    for (uint32_t r = 0; !member->clone && r < member->op->n_results; r++)
      if (whole || alpa_fuse_is_used_outside(x->block, group, &member->op->results[r]))
        alpa_vec_push(x->block->arena, out, &member->op->results[r]);
  }
}

static bool is_read_elsewhere(const fuse_group *group, const alpa_value *value) {
  uint32_t n = 0;
  for (size_t i = 0; i < group->members.n; i++)
    for (uint32_t k = 0; k < group->members.items[i].op->n_operands; k++)
      n += alpa_op_operand(group->members.items[i].op, k) == value;
  return n > 1;
}

/* Pairs (result, operand) that may share memory: the overwritten tensor, or operands read at the place written. */
static const alpa_attr *find_in_place(const extraction *x, const fuse_group *group, const value_list *operands,
                                      const value_list *results) {
  int64_t pairs[64];
  uint32_t n = 0;
  bool updates = group->kind == KERNEL_KIND_UPDATE || group->kind == KERNEL_KIND_SCATTER;
  for (size_t r = 0; r < results->n && n < 32; r++)
    for (size_t o = 0; o < operands->n && n < 32; o++) {
      alpa_value *operand = operands->items[o];
      bool shares = updates && operand == alpa_op_operand(group->root, results->items[r]->index) &&
                    !is_read_elsewhere(group, operand);
      if (!updates && (group->kind == KERNEL_KIND_LOOP || group->kind == KERNEL_KIND_ROWS) &&
          operand->type == results->items[r]->type && alpa_fuse_is_full(group, operand->type)) {
        shares = true;
        for (size_t i = 0; i < group->members.n && shares; i++)
          for (uint32_t k = 0; k < group->members.items[i].op->n_operands; k++)
            if (alpa_op_operand(group->members.items[i].op, k) == operand)
              shares &= alpa_fuse_operand_access(group, &group->members.items[i], k) == FUSE_SAME;
      }
      if (shares) {
        pairs[2 * n] = (int64_t)r;
        pairs[2 * n++ + 1] = (int64_t)o;
      }
    }
  return n ? alpa_attr_get_pairs(x->module->ctx, n, 2, pairs) : NULL;
}

static alpa_op *create_fused(extraction *x, const fuse_group *group, const value_list *operands,
                             const value_list *results) {
  alpa_context *ctx = x->module->ctx;
  const alpa_attr *attrs[kernel_fused_attr_count] = {
      [kernel_fused_kind] = alpa_attr_get_enum(ctx, &alpa_kernel_attr_kind, group->kind),
      [kernel_fused_domain] = alpa_attr_get_i64s(ctx, group->domain, group->rank),
      [kernel_fused_rows] = group->kind == KERNEL_KIND_ROWS ? alpa_attr_get_i64(ctx, group->rows) : NULL,
      [kernel_fused_in_place] = find_in_place(x, group, operands, results),
  };
  alpa_value **inputs = alpa_arena_new(x->block->arena, alpa_value *, operands->n);
  for (size_t i = 0; i < operands->n; i++)
    inputs[i] = alpa_value_map_get(&x->values, operands->items[i]);
  const alpa_type **types = alpa_arena_new(x->block->arena, const alpa_type *, results->n);
  for (size_t i = 0; i < results->n; i++)
    types[i] = results->items[i]->type;
  return alpa_op_create(x->module, &(alpa_op_state){.def = &alpa_kernel_ops[KERNEL_fused],
                                                    .loc = group->root->loc,
                                                    .operands = inputs,
                                                    .n_operands = operands->n,
                                                    .results = types,
                                                    .n_results = results->n,
                                                    .attrs = attrs,
                                                    .n_regions = 1});
}

static void fill_body(extraction *x, const fuse_group *group, alpa_op *fused, const value_list *operands,
                      const value_list *results) {
  alpa_block *body = alpa_block_create(x->module);
  alpa_block_append(&fused->regions[0], body);
  alpa_value_map inside;
  alpa_value_map_init(&inside, x->block->arena);
  for (size_t i = 0; i < operands->n; i++) {
    alpa_value *arg = alpa_block_add_arg(body, x->module, operands->items[i]->type, fused->loc);
    alpa_value_map_set(&inside, operands->items[i], arg);
  }
  for (size_t i = group->members.n; i-- > 0;)
    alpa_op_insert(alpa_op_clone(x->module, group->members.items[i].op, &inside), body, NULL);
  alpa_value **yields = alpa_arena_new(x->block->arena, alpa_value *, results->n);
  for (size_t i = 0; i < results->n; i++)
    yields[i] = alpa_value_map_get(&inside, results->items[i]);
  alpa_op *yield = alpa_op_create(x->module, &(alpa_op_state){.def = &alpa_kernel_ops[KERNEL_yield],
                                                              .loc = fused->loc,
                                                              .operands = yields,
                                                              .n_operands = results->n});
  alpa_op_insert(yield, body, NULL);
}

/* Both sides of a product get arguments of their own, so that each can have an offset. */
static void separate_sides(extraction *x, alpa_op *fused) {
  for (alpa_op *op = alpa_kernel_body(fused)->first; op; op = op->next) {
    if (alpa_fuse_class(op) != FUSE_PRODUCT)
      continue;
    alpa_layout lhs, rhs;
    alpa_layout_find(alpa_op_operand(op, 0), &lhs);
    alpa_layout_find(alpa_op_operand(op, 1), &rhs);
    if (lhs.base != rhs.base)
      return;
    uint32_t number = lhs.base->index, n = fused->n_operands;
    alpa_value **operands = alpa_arena_new(x->block->arena, alpa_value *, n + 1);
    for (uint32_t i = 0; i < n; i++)
      operands[i] = alpa_op_operand(fused, i);
    operands[n] = operands[number];
    alpa_op_set_operands(fused, operands, n + 1);
    alpa_value *arg = alpa_block_add_arg(alpa_kernel_body(fused), x->module, lhs.base->type, fused->loc);
    alpa_op *user = op; /* the last op of the chain from the right side up to the base, copied where it is shared */
    alpa_value *value = alpa_op_operand(op, 1);
    uint32_t slot = 1;
    while (value != rhs.base) {
      alpa_value_map map;
      alpa_value_map_init(&map, x->block->arena);
      alpa_op *copy = alpa_op_clone(x->module, value->op, &map);
      alpa_op_insert(copy, alpa_kernel_body(fused), user);
      alpa_op_set_operand(user, slot, &copy->results[0]);
      user = copy;
      slot = 0;
      value = alpa_op_operand(copy, 0);
    }
    alpa_op_set_operand(user, slot, arg);
    return;
  }
}

static void emit_group(extraction *x, fuse_group *group);

static void emit_op_dependences(extraction *x, const alpa_op *op);

static void emit_value(extraction *x, const alpa_value *value) {
  fuse_group *owner = value->op ? alpa_fuse_owner(x->block, value->op) : NULL;
  if (owner)
    emit_group(x, owner);
  else if (value->op && value->op->block == x->block->block) { /* control: moved once, before whoever needs it */
    uint32_t position = alpa_fuse_position(x->block, value->op);
    if (x->block->stamps[position] == UINT32_MAX)
      return;
    x->block->stamps[position] = UINT32_MAX;
    emit_op_dependences(x, value->op);
    alpa_op_remove(value->op);
    alpa_op_insert(value->op, x->block->block, x->terminator);
  }
}

static void emit_op_dependences(extraction *x, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    emit_value(x, alpa_op_operand(op, i));
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        emit_op_dependences(x, inner);
}

static void emit_group(extraction *x, fuse_group *group) {
  if (group->emitted)
    return;
  group->emitted = true;
  value_list operands = {0}, results = {0};
  collect_operands(x, group, &operands);
  collect_results(x, group, &results);
  for (size_t i = 0; i < operands.n; i++)
    emit_value(x, operands.items[i]);
  alpa_op *fused = create_fused(x, group, &operands, &results);
  alpa_op_insert(fused, x->block->block, x->terminator);
  fill_body(x, group, fused, &operands, &results);
  if (group->kind == KERNEL_KIND_CONTRACTION)
    separate_sides(x, fused);
  if (group->kind == KERNEL_KIND_ATTENTION)
    alpa_fuse_relax(fused, x->block->arena);
  for (size_t i = 0; i < results.n; i++)
    alpa_value_map_set(&x->values, results.items[i], &fused->results[i]);
}

/* Uses that stay (control, and ops inside it) now use the kernels' results. */
static void redirect_uses(extraction *x) {
  for (uint32_t position = 0; position < x->block->n_ops; position++) {
    alpa_op *op = x->block->ops[position];
    if (!x->block->owner[position])
      continue;
    for (uint32_t r = 0; r < op->n_results; r++) {
      alpa_value *to = alpa_value_map_get(&x->values, &op->results[r]);
      if (to != &op->results[r])
        alpa_value_replace(&op->results[r], to);
    }
  }
}

void alpa_fuse_extract(fuse_block *block, alpa_module *module) {
  extraction x = {.block = block, .module = module, .terminator = block->block->last};
  alpa_value_map_init(&x.values, block->arena);
  memset(block->stamps, 0, block->n_ops * sizeof *block->stamps);
  block->decided = 0;
  for (uint32_t position = 0; position < block->n_ops; position++) {
    fuse_group *owner = block->owner[position];
    if (owner && owner->last == position)
      emit_group(&x, owner);
    else if (block->kept[position] && block->stamps[position] != UINT32_MAX && block->ops[position] != x.terminator) {
      block->stamps[position] = UINT32_MAX;
      emit_op_dependences(&x, block->ops[position]);
      alpa_op_remove(block->ops[position]);
      alpa_op_insert(block->ops[position], block->block, x.terminator);
    }
  }
  redirect_uses(&x);
  for (uint32_t position = block->n_ops; position-- > 0;)
    if (!block->kept[position] && block->ops[position] != x.terminator)
      alpa_op_erase(block->ops[position]);
}
