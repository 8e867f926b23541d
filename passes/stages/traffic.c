/* Which values are held is decided in program order.  Then from each root upwards through what is fused; linear where
 * chains are not shared by many roots. */
#include "passes/stages/traffic.h"

#include "dialects/func/func.h"
#include "passes/analysis/placement.h"
#include "passes/cost/op_cost.h"

/* The values that take memory and that a value is made of. */
enum { MOST_LEAVES = 12 };

typedef struct leaf_set {
  const alpa_value *values[MOST_LEAVES];
  uint32_t n;
  int64_t bytes;
} leaf_set;

typedef struct finder {
  alpa_arena *arena;
  stage_traffic *traffic;
  uint32_t *seen_values, *seen_ops; /* the last root that came by, plus 1 */
  leaf_set *leaves;                 /* by value */
} finder;

static bool is_light(const alpa_op *op) { return alpa_op_cost_is_light(op) && op->n_results == 1; }
static bool is_reduction(const alpa_op *op) { return alpa_op_cost_get(op) == ALPA_OP_COST_REDUCE; }
static bool is_forward(const alpa_op *op) { return alpa_op_find_attr(op, ALPA_FORWARD_ATTR) != NULL; }

static bool is_held(const alpa_value *value) {
  if (!value->op || !is_light(value->op))
    return true;
  for (const alpa_use *use = value->uses; use; use = use->next) {
    const alpa_op *user = use->owner;
    if (user->block != value->op->block || (!is_light(user) && !is_reduction(user)))
      return true;
  }
  return false;
}

static void add_leaf(leaf_set *set, const alpa_value *value) {
  for (uint32_t i = 0; i < set->n; i++)
    if (set->values[i] == value)
      return;
  set->bytes += alpa_type_bytes(value->type);
  if (set->n < MOST_LEAVES)
    set->values[set->n++] = value;
}

static void add_leaves(finder *f, leaf_set *set, const alpa_value *value) {
  if (f->traffic->is_held[value->number]) {
    add_leaf(set, value);
    return;
  }
  const leaf_set *other = &f->leaves[value->number];
  for (uint32_t i = 0; i < other->n; i++)
    add_leaf(set, other->values[i]);
}

/* Whether a light value with several users is better written once and read by each than made again for each. */
static bool is_worth_holding(const finder *f, const alpa_value *value) {
  int64_t n = 0, own = alpa_type_bytes(value->type), leaves = f->leaves[value->number].bytes;
  for (const alpa_use *use = value->uses; use; use = use->next)
    n++;
  return n > 1 && (n + 1) * own + leaves < n * leaves;
}

static void decide(finder *f, const alpa_op *op) {
  leaf_set leaves = {0};
  for (uint32_t i = 0; i < op->n_operands; i++)
    add_leaves(f, &leaves, alpa_op_operand(op, i));
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *value = &op->results[i];
    f->leaves[value->number] = leaves;
    f->traffic->is_held[value->number] = is_held(value) || is_worth_holding(f, value);
  }
}

static void visit(finder *f, const alpa_op *op, const alpa_op *root) {
  if (f->seen_ops[op->number] == root->number + 1)
    return;
  f->seen_ops[op->number] = root->number + 1;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_value *operand = alpa_op_operand(op, i);
    if (f->seen_values[operand->number] == root->number + 1)
      continue;
    f->seen_values[operand->number] = root->number + 1;
    if (!f->traffic->is_held[operand->number]) {
      visit(f, operand->op, root);
      continue;
    }
    if (f->traffic->reads[op->number])
      f->traffic->reads[op->number][i]++;
    if (operand->op && is_forward(operand->op) && !is_forward(root))
      f->traffic->is_residual[operand->number] = true;
  }
}

void stage_traffic_find(alpa_arena *arena, const alpa_op *func, stage_traffic *out_traffic) {
  uint32_t n_ops, n_values;
  alpa_op_number((alpa_op *)func, &n_ops, &n_values);
  *out_traffic = (stage_traffic){.reads = alpa_arena_new(arena, uint16_t *, n_ops),
                                 .is_held = alpa_arena_new(arena, bool, n_values),
                                 .is_residual = alpa_arena_new(arena, bool, n_values)};
  finder f = {arena, out_traffic, alpa_arena_new(arena, uint32_t, n_values), alpa_arena_new(arena, uint32_t, n_ops),
              alpa_arena_new(arena, leaf_set, n_values)};
  const alpa_block *entry = alpa_func_entry(func);
  for (uint32_t i = 0; i < entry->n_args; i++)
    out_traffic->is_held[entry->args[i]->number] = true;
  for (const alpa_op *op = entry->first; op; op = op->next) {
    decide(&f, op);
    if (is_light(op) || is_reduction(op))
      out_traffic->reads[op->number] = alpa_arena_new(arena, uint16_t, op->n_operands + 1);
  }
  for (const alpa_op *op = entry->first; op; op = op->next)
    if (!is_light(op) || out_traffic->is_held[op->results[0].number])
      visit(&f, op, op);
}
