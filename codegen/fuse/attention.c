/* Finds attention, forward and backward, and makes kernels of it that never store a score (FlashAttention: Dao et al.,
 * 2022; the backward pass and its recomputation: Dao, 2023, section 3).
 *
 * Around a softmax of scores stands a region: the products that make scores, and everything that is computed element by
 * element of their results.  It is left by sinks alone: reductions along the rows of scores, and products that take
 * scores as an operand.  Each kernel computes one or several sinks, and all of the region that they need, from the
 * operands of the products and from what other kernels found out about rows: the maximum and the sum of a softmax, and
 * whatever a backward pass sums up along rows.
 *
 *   the softmax        its maximum, its sum, and products of its weights, in one pass over the columns
 *   rows of scores     other sums along rows, each after those that it needs
 *   columns of scores  products that sum over rows
 *
 * Where anything else reads a value of the region, it is left to the ordinary kernels. */
#include "codegen/fuse/attention.h"

#include <stdlib.h>

#include "codegen/layout.h"
#include "dialects/stablehlo/stablehlo.h"

enum { MOST_OPS = 64, MOST_WIDTH = 128, LEAST_ROWS = 16, MOST_MEMBERS = 192 };

/* ---- collect ---- */

static bool has_shape(const fuse_region *r, const alpa_type *type) {
  bool same = type->rank == r->type->rank;
  for (uint32_t d = 0; d < type->rank && same; d++)
    same = type->dims[d] == r->type->dims[d];
  return same;
}

static bool is_elementwise(const fuse_region *r, const alpa_op *op) {
  return alpa_fuse_is_elementwise(op) && op->n_results == 1 && has_shape(r, alpa_op_type(op));
}

static bool makes_scores(const fuse_region *r, const alpa_op *op) {
  alpa_scores_side sides[2];
  return has_shape(r, alpa_op_type(op)) && alpa_scores_find_product(op, sides) &&
         alpa_op_operand_type(op, 0)->dims[sides[0].along] <= MOST_WIDTH;
}

static bool is_inside(const fuse_region *r, const alpa_op *op) { return alpa_map_find(&r->ops, (uintptr_t)op); }

static bool add(fuse_region *r, alpa_op *op) {
  bool is_new;
  if (op->block != r->block->block || r->ops.n >= MOST_OPS)
    return false;
  alpa_map_insert(r->block->arena, &r->ops, (uintptr_t)op, &is_new);
  if (!is_new)
    return true;
  r->n_products += stablehlo_is(op, STABLEHLO_dot_general);
  alpa_vec_push(r->block->arena, &r->todo, op);
  return true;
}

/* Whether a product that makes scores stands above an op, with nothing but elementwise ops in between. */
static bool has_product_above(fuse_region *r, const alpa_op *op) {
  uint32_t position = alpa_fuse_position(r->block, op);
  if (position == UINT32_MAX || r->block->stamps[position] == r->block->stamp)
    return false;
  r->block->stamps[position] = r->block->stamp;
  if (!is_elementwise(r, op))
    return makes_scores(r, op);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_op *from = alpa_op_operand(op, i)->op;
    if (from && (is_inside(r, from) || has_product_above(r, from)))
      return true;
  }
  return false;
}

static bool add_operands(fuse_region *r, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands && alpa_fuse_is_elementwise(op); i++) {
    alpa_op *from = alpa_op_operand(op, i)->op;
    r->block->stamp++;
    if (from && has_product_above(r, from) && !add(r, from))
      return false;
  }
  return true;
}

static bool add_sink(fuse_region *r, alpa_op *op, fuse_sink_kind kind, uint32_t operand) {
  for (uint32_t i = 0; i < r->n_sinks; i++)
    if (r->sinks[i].op == op)
      return r->sinks[i].kind == FUSE_SINK_REDUCE; /* else both operands are scores */
  if (op->block != r->block->block || r->n_sinks == FUSE_MOST_SINKS || is_inside(r, op))
    return false;
  r->sinks[r->n_sinks++] =
      (fuse_sink){.op = op, .position = alpa_fuse_position(r->block, op), .kind = kind, .operand = operand};
  return true;
}

static bool add_user(fuse_region *r, alpa_op *op, uint32_t operand) {
  alpa_scores_sum sum;
  alpa_reduction reduction;
  if (is_elementwise(r, op))
    return add(r, op);
  if (alpa_scores_is_row_reduce(op, &reduction))
    return operand == 0 && add_sink(r, op, FUSE_SINK_REDUCE, 0);
  return alpa_scores_find_sum(op, operand, &sum) &&
         alpa_op_operand_type(op, 1 - operand)->dims[sum.other.along] <= MOST_WIDTH &&
         add_sink(r, op, sum.over_m ? FUSE_SINK_OVER_M : FUSE_SINK_OVER_N, operand);
}

static bool collect(fuse_region *r) {
  if (!add(r, r->softmax.weights))
    return false;
  while (r->todo.n) {
    alpa_op *op = r->todo.items[--r->todo.n];
    if (!add_operands(r, op))
      return false;
    for (const alpa_use *use = op->results[0].uses; use; use = use->next)
      if (!add_user(r, use->owner, alpa_use_index(use)))
        return false;
  }
  return true;
}

/* ---- model: which reductions a sink needs ---- */

static fuse_sink *find_sink(fuse_region *r, const alpa_op *op) {
  for (uint32_t i = 0; i < r->n_sinks; i++)
    if (r->sinks[i].op == op)
      return &r->sinks[i];
  return NULL;
}

/* The highest level among the reductions above a value, not looking behind them. */
static uint32_t level_above(fuse_region *r, const alpa_value *value) {
  uint32_t position = value->op ? alpa_fuse_position(r->block, value->op) : UINT32_MAX, level = 0;
  if (position == UINT32_MAX || r->block->stamps[position] == r->block->stamp)
    return 0;
  const fuse_sink *s = find_sink(r, value->op);
  if (s && s->kind == FUSE_SINK_REDUCE)
    return s->level;
  r->block->stamps[position] = r->block->stamp;
  for (uint32_t i = 0; i < value->op->n_operands; i++) {
    uint32_t above = level_above(r, alpa_op_operand(value->op, i));
    level = above > level ? above : level;
  }
  return level;
}

static int by_position(const void *a, const void *b) {
  const fuse_sink *x = a, *y = b;
  return (x->position > y->position) - (x->position < y->position);
}

/* In the order of the program, in which whatever a sink needs stands before it. */
static void set_levels(fuse_region *r) {
  qsort(r->sinks, r->n_sinks, sizeof *r->sinks, by_position);
  for (uint32_t i = 0; i < r->n_sinks; i++) {
    r->block->stamp++;
    r->sinks[i].level = 1 + level_above(r, alpa_op_operand(r->sinks[i].op, r->sinks[i].operand));
  }
}

/* ---- kernels ---- */

static bool is_owned_above(fuse_region *r, const fuse_group *group, const alpa_value *value) {
  uint32_t position = value->op ? alpa_fuse_position(r->block, value->op) : UINT32_MAX;
  if (position == UINT32_MAX || r->block->stamps[position] == r->block->stamp)
    return false;
  r->block->stamps[position] = r->block->stamp;
  if (r->block->owner[position] == group)
    return true;
  for (uint32_t i = 0; i < value->op->n_operands; i++)
    if (is_owned_above(r, group, alpa_op_operand(value->op, i)))
      return true;
  return false;
}

/* What the kernel computes itself: scores, what is made of its own reductions, and what is as cheap as a load. */
static bool computes(fuse_region *r, const fuse_group *group, const alpa_op *op) {
  if (op->block != r->block->block || alpa_fuse_find_member(group, op) || find_sink(r, op))
    return false;
  r->block->stamp++;
  return is_inside(r, op) || alpa_fuse_is_light(op) || is_owned_above(r, group, &op->results[0]);
}

static void add_layout(fuse_region *r, fuse_group *group, alpa_value *value) {
  alpa_layout layout;
  alpa_layout_find(value, &layout);
  for (; value != layout.base; value = alpa_op_operand(value->op, 0))
    if (value->op->block == r->block->block && !alpa_fuse_find_member(group, value->op))
      alpa_fuse_add_member(r->block, group, value->op, true);
}

/* Adds all that the members need, as clones. */
static void add_producers(fuse_region *r, fuse_group *group) {
  ALPA_VEC(alpa_op *) todo = {0};
  for (size_t i = 0; i < group->members.n; i++)
    alpa_vec_push(r->block->arena, &todo, group->members.items[i].op);
  while (todo.n && group->members.n < MOST_MEMBERS) {
    alpa_op *op = todo.items[--todo.n];
    const fuse_sink *s = find_sink(r, op);
    for (uint32_t i = 0; i < op->n_operands; i++) {
      alpa_value *value = alpa_op_operand(op, i);
      bool is_product = stablehlo_is(op, STABLEHLO_dot_general);
      if (is_product && !(s && s->operand == i)) {
        add_layout(r, group, value);
      } else if (value->op && computes(r, group, value->op)) {
        alpa_fuse_add_member(r->block, group, value->op, true);
        alpa_vec_push(r->block->arena, &todo, value->op);
      }
    }
  }
}

/* Changes of type and layout behind a product become its way of storing. */
static void add_tail(fuse_region *r, fuse_group *group, alpa_op *op) {
  bool moves = false;
  while (alpa_value_has_one_use(&op->results[0])) {
    alpa_op *user = op->results[0].uses->owner;
    bool converts = stablehlo_is(user, STABLEHLO_convert) && !moves;
    moves = stablehlo_is(user, STABLEHLO_transpose) || stablehlo_is(user, STABLEHLO_reshape);
    if (user->block != r->block->block || (!converts && !moves))
      return;
    int64_t strides[ALPA_MAX_RANK];
    alpa_value *source = alpa_layout_find_source(&user->results[0], strides);
    if (stablehlo_is(source->op, STABLEHLO_transpose) || stablehlo_is(source->op, STABLEHLO_reshape))
      return;
    alpa_fuse_add_member(r->block, group, user, false);
    op = user;
  }
}

static fuse_group *begin_group(fuse_region *r, alpa_op *root) {
  fuse_group *group = alpa_arena_new(r->block->arena, fuse_group, 1);
  *group = (fuse_group){.kind = KERNEL_KIND_ATTENTION,
                        .root = root,
                        .domain = r->type->dims,
                        .rank = r->type->rank,
                        .rows = -1,
                        .first = UINT32_MAX};
  alpa_vec_push(r->block->arena, &r->block->groups, group);
  return group;
}

static void take(fuse_region *r, fuse_group *group, fuse_sink *s) {
  alpa_fuse_add_member(r->block, group, s->op, false);
  s->grouped = true;
}

/* A sink that the pass of the softmax over its columns can sum up as it goes. */
static bool goes_with_softmax(const fuse_region *r, const fuse_sink *s) {
  bool normalised;
  if (s->kind == FUSE_SINK_REDUCE)
    return s->op == r->softmax.max || s->op == r->softmax.sum;
  return s->kind == FUSE_SINK_OVER_N &&
         alpa_softmax_scales(&r->softmax, alpa_op_operand(s->op, s->operand), &normalised) &&
         (!normalised || r->softmax.sum);
}

static void finish_group(fuse_region *r, fuse_group *group) {
  for (size_t i = group->members.n; i-- > 0;) {
    const fuse_sink *s = find_sink(r, group->members.items[i].op);
    if (s && s->kind != FUSE_SINK_REDUCE && !group->members.items[i].clone) {
      size_t before = group->members.n;
      add_tail(r, group, s->op);
      i += group->members.n - before;
    }
  }
  add_producers(r, group);
}

/* Takes the sinks of one kind and level that stand alone in their kernel, or together. */
static void group_rest(fuse_region *r, fuse_sink_kind kind, uint32_t level) {
  fuse_group *group = NULL;
  for (uint32_t i = 0; i < r->n_sinks; i++) {
    fuse_sink *s = &r->sinks[i];
    bool fits = kind == FUSE_SINK_OVER_M ? s->kind == kind : s->kind != FUSE_SINK_OVER_M && s->level == level;
    if (s->grouped || !fits)
      continue;
    if (!group)
      group = begin_group(r, s->op);
    take(r, group, s);
  }
  if (group)
    finish_group(r, group);
}

static void form_groups(fuse_region *r) {
  fuse_group *first = begin_group(r, r->softmax.max);
  uint32_t most = 0;
  for (uint32_t i = 0; i < r->n_sinks; i++)
    if (goes_with_softmax(r, &r->sinks[i]))
      take(r, first, &r->sinks[i]);
  finish_group(r, first);
  for (uint32_t i = 0; i < r->n_sinks; i++)
    most = r->sinks[i].level > most ? r->sinks[i].level : most;
  for (uint32_t level = 1; level <= most; level++)
    group_rest(r, FUSE_SINK_OVER_N, level);
  group_rest(r, FUSE_SINK_OVER_M, 0);
}

/* ---- apply ---- */

static void dissolve(fuse_block *block, size_t n_groups) {
  while (block->groups.n > n_groups) {
    fuse_group *group = block->groups.items[--block->groups.n];
    for (size_t i = 0; i < group->members.n; i++) {
      uint32_t at = group->members.items[i].position;
      if (!group->members.items[i].clone)
        block->owner[at] = NULL;
      else
        block->clones[at] = block->clones[at]->next;
    }
  }
}

/* Kernels that need each other's results in turn, or too much: none of them. */
static bool is_possible(fuse_block *block, size_t n_groups) {
  for (size_t i = n_groups; i < block->groups.n; i++)
    if (block->groups.items[i]->members.n >= MOST_MEMBERS || alpa_fuse_makes_cycle(block, block->groups.items[i], NULL))
      return false;
  return true;
}

static bool is_worthwhile(const fuse_region *r) {
  bool any_product = false;
  for (uint32_t i = 0; i < r->n_sinks; i++)
    any_product |= r->sinks[i].kind != FUSE_SINK_REDUCE;
  return r->n_products && any_product && r->type->dims[r->type->rank - 2] >= LEAST_ROWS && alpa_type_count(r->type) > 0;
}

static bool is_free(const fuse_region *r) {
  for (uint32_t i = 0; i < r->n_sinks; i++)
    if (alpa_fuse_owner(r->block, r->sinks[i].op))
      return false;
  return true;
}

bool alpa_fuse_find_region(fuse_block *block, alpa_op *op, fuse_region *out) {
  *out = (fuse_region){.block = block};
  if (!alpa_softmax_find(op, &out->softmax) || op->results[0].type->rank < 3)
    return false;
  out->type = op->results[0].type;
  return collect(out) && is_worthwhile(out) && is_free(out) &&
         has_shape(out, alpa_op_operand_type(out->softmax.max, 0));
}

void alpa_fuse_form_attention(fuse_block *block) {
  block->decided = block->n_ops;
  for (uint32_t position = 0; position < block->n_ops; position++) {
    fuse_region r;
    size_t n_groups = block->groups.n;
    if (!alpa_fuse_find_region(block, block->ops[position], &r))
      continue;
    set_levels(&r);
    form_groups(&r);
    if (!is_possible(block, n_groups))
      dissolve(block, n_groups);
  }
}
