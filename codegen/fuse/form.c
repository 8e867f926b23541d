/* Forms kernels: producers are drawn into the kernels of their consumers.
 *
 * Ops of a block are visited from last to first.  One that belongs to no group yet becomes the root of a new group,
 * which then absorbs producers, last first, as long as that saves memory traffic: a producer whose uses are all inside,
 * one that is cheap enough to be computed several times (cloned), or one that is read at the very place where it is
 * computed (it becomes a further result).  A group stays convex: no path leaves it and comes back. */
#include <string.h>

#include "codegen/fuse/group.h"
#include "codegen/layout.h"
#include "dialects/stablehlo/stablehlo.h"

enum { MAX_MEMBERS = 96, MAX_RESULTS = 12, MAX_OPERANDS = 40, MAX_LIGHT_DEPTH = 6 };

/* ---- what may be absorbed ---- */

/* Tensors that must be loaded to compute a value from scratch; many where it is not cheap. */
static uint32_t count_leaves(const alpa_value *value, uint32_t depth) {
  const alpa_op *op = value->op;
  if (alpa_type_count(value->type) <= 1)
    return 0;
  if (!op || alpa_fuse_class(op) != FUSE_MAP || !depth)
    return 1;
  if (alpa_fuse_is_slow(op) || stablehlo_is(op, STABLEHLO_gather) || stablehlo_is(op, STABLEHLO_concatenate) ||
      stablehlo_is(op, STABLEHLO_transpose))
    return 1;
  uint32_t n = 0;
  for (uint32_t i = 0; i < op->n_operands; i++)
    n += count_leaves(alpa_op_operand(op, i), depth - 1);
  return n;
}

/* Control flow or the function's end needs it in memory: loading is as cheap as computing again. */
static bool is_stored_anyway(const alpa_op *op) {
  for (const alpa_use *use = op->results[0].uses; use; use = use->next)
    if (alpa_fuse_class(use->owner) == FUSE_CONTROL)
      return alpa_type_count(op->results[0].type) <= 2 * alpa_type_count(alpa_op_operand_type(op, 0));
  return false;
}

bool alpa_fuse_is_light(const alpa_op *op) {
  if (alpa_fuse_class(op) != FUSE_MAP || op->n_results != 1)
    return false;
  if (alpa_fuse_is_splat(op) || stablehlo_is(op, STABLEHLO_iota))
    return true;
  if (alpa_type_count(op->results[0].type) <= 1)
    return stablehlo_is(op, STABLEHLO_reshape) || stablehlo_is(op, STABLEHLO_broadcast_in_dim);
  if (alpa_fuse_is_slow(op) || stablehlo_is(op, STABLEHLO_gather) || stablehlo_is(op, STABLEHLO_concatenate) ||
      stablehlo_is(op, STABLEHLO_transpose) || stablehlo_is(op, STABLEHLO_pad))
    return false;
  uint32_t n = 0;
  for (uint32_t i = 0; i < op->n_operands; i++)
    n += count_leaves(alpa_op_operand(op, i), MAX_LIGHT_DEPTH);
  return n == 0 || (n == 1 && !is_stored_anyway(op));
}

static bool all_uses_inside(const fuse_block *block, const fuse_group *group, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (alpa_fuse_is_used_outside(block, group, &op->results[i]))
      return false;
  return true;
}

/* Access to an op's results from the members. */
static uint8_t access_to(const fuse_group *group, const alpa_op *op) {
  uint8_t access = 0;
  for (uint32_t i = 0; i < op->n_results; i++)
    for (const alpa_use *use = op->results[i].uses; use; use = use->next) {
      const fuse_member *user = alpa_fuse_find_member(group, use->owner);
      if (user)
        access |= alpa_fuse_operand_access(group, user, alpa_use_index(use));
    }
  return access;
}

static void insert_member(fuse_block *block, fuse_group *group, fuse_member member) {
  alpa_vec_push(block->arena, &group->members, member);
  size_t i = group->members.n - 1;
  for (; i > 0 && group->members.items[i - 1].position < member.position; i--)
    group->members.items[i] = group->members.items[i - 1];
  group->members.items[i] = member;
}

void alpa_fuse_add_member(fuse_block *block, fuse_group *group, alpa_op *op, bool clone) {
  uint32_t position = alpa_fuse_position(block, op);
  insert_member(block, group, (fuse_member){.op = op, .position = position, .clone = clone});
  if (clone) {
    fuse_clone *entry = alpa_arena_new(block->arena, fuse_clone, 1);
    *entry = (fuse_clone){group, block->clones[position]};
    block->clones[position] = entry;
    return;
  }
  block->owner[position] = group;
  group->first = position < group->first ? position : group->first;
  group->last = position > group->last ? position : group->last;
}

static void remove_member(fuse_block *block, fuse_group *group, const alpa_op *op) {
  size_t kept = 0;
  for (size_t i = 0; i < group->members.n; i++)
    if (group->members.items[i].op != op)
      group->members.items[kept++] = group->members.items[i];
    else if (!group->members.items[i].clone)
      block->owner[group->members.items[i].position] = NULL;
    else
      block->clones[group->members.items[i].position] = block->clones[group->members.items[i].position]->next;
  group->members.n = kept;
}

static size_t count_results(const fuse_block *block, const fuse_group *group) {
  size_t n = 0;
  for (size_t i = 0; i < group->members.n; i++)
    for (uint32_t r = 0; !group->members.items[i].clone && r < group->members.items[i].op->n_results; r++)
      n += alpa_fuse_is_used_outside(block, group, &group->members.items[i].op->results[r]);
  return n;
}

static size_t count_operands(const fuse_group *group, const alpa_op *extra) {
  size_t n = 0;
  for (size_t i = 0; i < group->members.n; i++)
    for (uint32_t k = 0; k < group->members.items[i].op->n_operands; k++) {
      const alpa_op *from = alpa_op_operand(group->members.items[i].op, k)->op;
      n += !from || (from != extra && !alpa_fuse_find_member(group, from));
    }
  return n + extra->n_operands;
}

/* Tries a member: it stays if the access of all members remains possible. */
static bool try_member(fuse_block *block, fuse_group *group, alpa_op *op, bool clone) {
  alpa_fuse_add_member(block, group, op, clone);
  if (alpa_fuse_set_access(block, group))
    return true;
  remove_member(block, group, op);
  alpa_fuse_set_access(block, group);
  return false;
}

/* Work that would be repeated: a slow value read through a broadcast. */
static bool repeats_work(const fuse_group *group, const alpa_op *op, uint8_t access) {
  if (!(access & FUSE_OTHER) || !op->n_results)
    return false;
  int64_t count = 1;
  for (uint32_t d = 0; d < group->rank; d++)
    count *= group->domain[d];
  bool costs = alpa_fuse_is_slow(op) || stablehlo_is(op, STABLEHLO_gather) || alpa_fuse_class(op) != FUSE_MAP;
  return costs && alpa_type_count(op->results[0].type) * 2 <= count;
}

static bool absorb_map(fuse_block *block, fuse_group *group, alpa_op *op) {
  uint8_t access = access_to(group, op);
  if (repeats_work(group, op, access))
    return false;
  if (all_uses_inside(block, group, op))
    return try_member(block, group, op, false);
  if (alpa_fuse_is_light(op))
    return try_member(block, group, op, true);
  bool loops = group->kind == KERNEL_KIND_LOOP || group->kind == KERNEL_KIND_ROWS ||
               group->kind == KERNEL_KIND_CONTRACTION || group->kind == KERNEL_KIND_CONVOLUTION;
  if (!loops || !(access & (FUSE_SAME | FUSE_ROW)) || count_results(block, group) >= MAX_RESULTS ||
      alpa_type_count(op->results[0].type) <= 1)
    return false;
  if ((access & FUSE_ROW) && group->kind != KERNEL_KIND_ROWS && !alpa_fuse_is_full(group, op->results[0].type))
    return false;
  return !alpa_fuse_makes_cycle(block, group, op) && try_member(block, group, op, false);
}

/* Reductions along rows turn a loop into rows; others become loops inside each element. */
static bool absorb_reduce(fuse_block *block, fuse_group *group, alpa_op *op) {
  bool alone = all_uses_inside(block, group, op);
  if (group->kind != KERNEL_KIND_LOOP && group->kind != KERNEL_KIND_ROWS)
    return false;
  if (!alone && (count_results(block, group) >= MAX_RESULTS || alpa_fuse_makes_cycle(block, group, op)))
    return false;
  const alpa_type *type = alpa_op_operand_type(op, 0);
  if (alpa_fuse_is_row_reduce(op)) {
    fuse_group before = *group;
    if (group->rows >= 0 && ((uint32_t)group->rows != op->results[0].type->rank || !alpa_fuse_is_full(group, type)))
      return false;
    group->kind = KERNEL_KIND_ROWS;
    group->domain = type->dims;
    group->rank = type->rank;
    group->rows = (int32_t)op->results[0].type->rank;
    if (try_member(block, group, op, false))
      return true;
    group->kind = before.kind;
    group->domain = before.domain;
    group->rank = before.rank;
    group->rows = before.rows;
    alpa_fuse_set_access(block, group);
    return false;
  }
  return alone && group->rows < 0 && access_to(group, op) == FUSE_SAME && try_member(block, group, op, false);
}

/* The product whose result an op only puts in another order, where nothing else reads it; or NULL. */
static alpa_op *find_product_behind(const alpa_op *op) {
  uint32_t n = 0;
  while (stablehlo_is(op, STABLEHLO_transpose) || stablehlo_is(op, STABLEHLO_reshape)) {
    alpa_value *from = alpa_op_operand(op, 0);
    n += stablehlo_is(op, STABLEHLO_transpose);
    if (!from->op || !alpa_value_has_one_use(from))
      return NULL;
    op = from->op;
  }
  int64_t strides[ALPA_MAX_RANK];
  bool product = n && alpa_fuse_class(op) == FUSE_PRODUCT;
  alpa_use *use = product ? op->results[0].uses : NULL;
  while (use && use->owner->results[0].uses && alpa_value_has_one_use(&use->owner->results[0]) &&
         (stablehlo_is(use->owner->results[0].uses->owner, STABLEHLO_transpose) ||
          stablehlo_is(use->owner->results[0].uses->owner, STABLEHLO_reshape)))
    use = use->owner->results[0].uses; /* the end of the chain */
  return use && alpa_layout_find_source(&use->owner->results[0], strides) == &op->results[0] ? (alpa_op *)op : NULL;
}

/* A product or convolution takes an elementwise loop as its epilogue, with a change of layout behind it. */
static bool absorb_product(fuse_block *block, fuse_group *group, alpa_op *op, kernel_kind kind) {
  if (group->kind != KERNEL_KIND_LOOP || group->rows >= 0 || !all_uses_inside(block, group, op) ||
      access_to(group, op) != FUSE_SAME)
    return false;
  for (size_t i = 0; i < group->members.n; i++)
    if (alpa_fuse_class(group->members.items[i].op) != FUSE_MAP)
      return false;
  group->kind = kind;
  return try_member(block, group, op, false);
}

/* Whether all layout changes from this one to an operand of the product together are strides. */
static bool is_strided_for(const alpa_op *product, const alpa_op *op) {
  for (uint32_t i = 0; i < 2; i++) {
    alpa_layout layout;
    alpa_layout_find(alpa_op_operand(product, i), &layout);
    for (const alpa_value *at = alpa_op_operand(product, i); at != layout.base; at = alpa_op_operand(at->op, 0))
      if (at->op == op)
        return true;
  }
  return false;
}

/* Layout changes of a product's operands become strides. */
static bool absorb_layout(fuse_block *block, fuse_group *group, alpa_op *op) {
  bool is_strided = false;
  for (size_t i = 0; i < group->members.n && alpa_op_is_layout(op); i++) {
    const alpa_op *member = group->members.items[i].op;
    is_strided = is_strided || (alpa_fuse_class(member) == FUSE_PRODUCT && is_strided_for(member, op));
  }
  return is_strided && try_member(block, group, op, !all_uses_inside(block, group, op));
}

static bool feeds_product_only(const fuse_group *group, const alpa_op *op) {
  for (const alpa_use *use = op->results[0].uses; use; use = use->next) {
    const fuse_member *user = alpa_fuse_find_member(group, use->owner);
    if (!user)
      continue;
    fuse_class class_ = alpa_fuse_class(user->op);
    bool is_side = class_ == FUSE_PRODUCT || class_ == FUSE_CONVOLUTION;
    if (!is_side && !(alpa_op_is_layout(user->op) && user->access == FUSE_OTHER))
      return false;
  }
  return true;
}

static bool feeds_product(const fuse_group *group, const alpa_op *op) {
  for (const alpa_use *use = op->results[0].uses; use; use = use->next) {
    const fuse_member *user = alpa_fuse_find_member(group, use->owner);
    if (!user)
      continue;
    fuse_class class_ = alpa_fuse_class(user->op);
    if (class_ == FUSE_PRODUCT || class_ == FUSE_CONVOLUTION || user->access == FUSE_OTHER)
      return true;
  }
  return false;
}

/* The tensor that an in-place kernel overwrites, or NULL. */
static const alpa_value *overwritten(const fuse_group *group) {
  bool in_place = group->kind == KERNEL_KIND_UPDATE || group->kind == KERNEL_KIND_SCATTER;
  return in_place ? alpa_op_operand(group->root, 0) : NULL;
}

static bool reads(const alpa_op *op, const alpa_value *value) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (alpa_op_operand(op, i) == value)
      return true;
  return false;
}

static bool only_feeds_overwritten(const fuse_group *group, const alpa_op *op) {
  const alpa_value *target = overwritten(group);
  return target && target->op == op;
}

static bool absorb(fuse_block *block, fuse_group *group, alpa_op *op) {
  fuse_class class_ = alpa_fuse_class(op);
  if (group->members.n >= MAX_MEMBERS || count_operands(group, op) > MAX_OPERANDS || only_feeds_overwritten(group, op))
    return false;
  if ((overwritten(group) && reads(op, overwritten(group))) || find_product_behind(op))
    return false;
  if (group->kind == KERNEL_KIND_SORT || group->kind == KERNEL_KIND_MATRIX ||
      group->kind == KERNEL_KIND_SELECT_AND_SCATTER)
    return alpa_fuse_is_splat(op) && alpa_type_count(op->results[0].type) == 1 && try_member(block, group, op, true);
  if (group->kind == KERNEL_KIND_CONTRACTION || group->kind == KERNEL_KIND_CONVOLUTION) {
    if (class_ == FUSE_MAP && feeds_product(group, op))
      return group->kind == KERNEL_KIND_CONTRACTION && feeds_product_only(group, op) && absorb_layout(block, group, op);
    return class_ == FUSE_MAP && absorb_map(block, group, op);
  }
  if (class_ == FUSE_MAP)
    return absorb_map(block, group, op);
  if (class_ == FUSE_REDUCE)
    return absorb_reduce(block, group, op);
  if (class_ == FUSE_PRODUCT)
    return absorb_product(block, group, op, KERNEL_KIND_CONTRACTION);
  if (class_ == FUSE_CONVOLUTION)
    return absorb_product(block, group, op, KERNEL_KIND_CONVOLUTION);
  return false;
}

/* ---- growing ---- */

static bool was_rejected(const fuse_group *group, const alpa_op *op) {
  for (size_t i = 0; i < group->rejected.n; i++)
    if (group->rejected.items[i] == op)
      return true;
  return false;
}

/* The last op that feeds the group and has not been considered. */
static alpa_op *next_candidate(const fuse_block *block, const fuse_group *group) {
  alpa_op *best = NULL;
  uint32_t best_position = 0;
  for (size_t i = 0; i < group->members.n; i++) {
    const alpa_op *op = group->members.items[i].op;
    for (uint32_t k = 0; k < op->n_operands; k++) {
      alpa_op *from = alpa_op_operand(op, k)->op;
      if (!from || from->block != block->block || was_rejected(group, from) || alpa_fuse_find_member(group, from))
        continue;
      uint32_t position = alpa_fuse_position(block, from);
      if (block->owner[position])
        continue;
      if (!best || position > best_position) {
        best = from;
        best_position = position;
      }
    }
  }
  return best;
}

static void grow(fuse_block *block, fuse_group *group) {
  alpa_op *candidate;
  while ((candidate = next_candidate(block, group)) != NULL)
    if (!absorb(block, group, candidate))
      alpa_vec_push(block->arena, &group->rejected, candidate);
}

/* The tail of a product's kernel may change the layout: transposes behind the epilogue. */
static const alpa_type *domain_type(const alpa_op *op, fuse_class class_) {
  if (class_ == FUSE_REDUCE && alpa_fuse_is_row_reduce(op))
    return alpa_op_operand_type(op, 0);
  if (class_ == FUSE_UPDATE)
    return alpa_op_operand_type(op, 1);
  if (class_ == FUSE_SCATTER)
    return alpa_op_operand_type(op, op->n_operands - 1);
  if (class_ == FUSE_SELECT_AND_SCATTER)
    return alpa_op_operand_type(op, 1);
  return stablehlo_is(op, STABLEHLO_rng_bit_generator) ? op->results[1].type : op->results[0].type;
}

static kernel_kind kind_of(const alpa_op *op, fuse_class class_) {
  static const uint8_t kinds[] = {
      [FUSE_MAP] = KERNEL_KIND_LOOP,
      [FUSE_REDUCE] = KERNEL_KIND_LOOP,
      [FUSE_WINDOW] = KERNEL_KIND_LOOP,
      [FUSE_UPDATE] = KERNEL_KIND_UPDATE,
      [FUSE_PRODUCT] = KERNEL_KIND_CONTRACTION,
      [FUSE_CONVOLUTION] = KERNEL_KIND_CONVOLUTION,
      [FUSE_SCATTER] = KERNEL_KIND_SCATTER,
      [FUSE_SELECT_AND_SCATTER] = KERNEL_KIND_SELECT_AND_SCATTER,
      [FUSE_SORT] = KERNEL_KIND_SORT,
      [FUSE_MATRIX] = KERNEL_KIND_MATRIX,
      [FUSE_NONE] = KERNEL_KIND_LOOP,
  };
  return class_ == FUSE_REDUCE && alpa_fuse_is_row_reduce(op) ? KERNEL_KIND_ROWS : (kernel_kind)kinds[class_];
}

static void form_group(fuse_block *block, alpa_op *op) {
  fuse_class class_ = alpa_fuse_class(op);
  fuse_group *group = alpa_arena_new(block->arena, fuse_group, 1);
  const alpa_type *type = domain_type(op, class_);
  *group = (fuse_group){.kind = kind_of(op, class_),
                        .root = op,
                        .domain = type->dims,
                        .rank = type->rank,
                        .rows = -1,
                        .first = UINT32_MAX};
  if (group->kind == KERNEL_KIND_ROWS)
    group->rows = (int32_t)op->results[0].type->rank;
  alpa_vec_push(block->arena, &block->groups, group);
  alpa_fuse_add_member(block, group, op, false);
  alpa_op *product = find_product_behind(op);
  if (product) { /* the change of layout becomes the product's way of storing */
    group->kind = KERNEL_KIND_CONTRACTION;
    group->domain = product->results[0].type->dims;
    group->rank = product->results[0].type->rank;
    for (alpa_op *link = alpa_op_operand(op, 0)->op; link != product; link = alpa_op_operand(link, 0)->op)
      alpa_fuse_add_member(block, group, link, false);
    alpa_fuse_add_member(block, group, product, false);
  }
  alpa_fuse_set_access(block, group);
  grow(block, group);
}

/* Every use is by a member of a group that computes the op itself, or by an op that is dead itself. */
static bool is_dead(const fuse_block *block, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (alpa_fuse_is_used_outside(block, NULL, &op->results[i]))
      return false;
  return true;
}

bool alpa_fuse_is_view(const alpa_op *op) {
  if (stablehlo_is(op, STABLEHLO_reshape))
    return true;
  if (!stablehlo_is(op, STABLEHLO_broadcast_in_dim) ||
      alpa_type_count(op->results[0].type) != alpa_type_count(alpa_op_operand_type(op, 0)))
    return false;
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
  for (size_t i = 1; i < n; i++)
    if (dims[i] < dims[i - 1])
      return false;
  return true;
}

/* What is in memory anyway needs no kernel. */
static bool is_kept(const alpa_op *op) {
  enum { SMALL = 4096 };
  return alpa_fuse_class(op) == FUSE_CONTROL || alpa_fuse_is_view(op) ||
         (alpa_fuse_is_splat(op) && alpa_type_bytes(op->results[0].type) <= SMALL);
}

alpa_status alpa_fuse_form(fuse_block *block) {
  for (uint32_t position = block->n_ops; position-- > 0;) {
    alpa_op *op = block->ops[position];
    fuse_class class_ = alpa_fuse_class(op);
    block->decided = position;
    if (class_ == FUSE_NONE)
      return alpa_op_unsupported(op, "has no lowering to machine code");
    if (block->owner[position] || (class_ != FUSE_CONTROL && is_dead(block, op)))
      continue;
    if (is_kept(op))
      block->kept[position] = true;
    else
      form_group(block, op);
  }
  return ALPA_OK;
}
