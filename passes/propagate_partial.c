/* Late reduction: after shardings have spread, sums that would be reduced where they arise stay partial through linear
 * ops as long as every use takes them so, and are reduced where fewer bytes are left: one all-reduce for a chain of
 * added scalars, one after a loop that accumulates gradients.
 *
 * The greatest set of values that can be partial, by deletion: a value leaves it when its op cannot give it partial
 * from what is left, or when a use does not take it.  Sweeps run in both directions; each is linear in uses. */
#include "dialects/ir/context.h"
#include "passes/analysis/strategy.h"
#include "passes/propagate.h"

enum { MAX_SWEEPS = 64 };

/* One tensor and the op that makes it. */
typedef struct result {
  alpa_value *value;
  const alpa_factor_rule *rule;
  alpa_strategy strategy;
  uint32_t keep; /* mask of axes on which it may be partial(sum) */
} result;

typedef struct reducer {
  alpa_arena *arena;
  const alpa_mesh *mesh;
  alpa_op *func;
  alpa_states states;
  ALPA_VEC(result) results; /* in program order */
  alpa_map numbers;         /* value -> number + 1 */
} reducer;

static result *find_result(const reducer *r, const alpa_value *value) {
  const uint64_t *number = alpa_map_find(&r->numbers, (uintptr_t)value);
  return number ? &r->results.items[*number - 1] : NULL;
}

static bool is_kept(const reducer *r, const alpa_value *value, uint32_t axis) {
  if (value->block && value->block->region->op != r->func && value->index < value->block->region->op->n_results)
    value = &value->block->region->op->results[value->index];
  const result *found = find_result(r, value);
  return found && (found->keep >> axis & 1);
}

/* ---- linear ops ---- */

/* Operands of the flow are partial or free, the others are not partial, and the result is no larger than they are. */
static bool is_flowing(const reducer *r, const alpa_op *op, const alpa_flow *flow, uint32_t axis) {
  int64_t bytes = 0;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_value *operand = alpa_op_operand(op, i);
    bool kept = is_kept(r, operand, axis);
    if (kept != flow->operands[i] && !(flow->operands[i] && alpa_value_is_free(operand)))
      return false;
    bytes += kept ? alpa_type_bytes(operand->type) : 0;
  }
  return bytes > 0 && alpa_type_bytes(op->results[0].type) <= bytes;
}

static bool takes_partial(const reducer *r, const alpa_op *op, uint32_t axis) {
  const result *own = op->n_results == 1 ? find_result(r, op->results) : NULL;
  if (own == NULL || own->rule->form != ALPA_RULE_FACTORS || own->strategy.choice[axis] != ALPA_CHOOSE_NOTHING)
    return false;
  for (uint32_t f = 0; f < own->rule->n_flows; f++)
    if ((own->rule->flows[f].kinds & 1u << ALPA_PARTIAL_SUM) && is_flowing(r, op, &own->rule->flows[f], axis))
      return true;
  return false;
}

static bool is_reduced_by(const result *own, uint32_t axis) {
  int choice = own->strategy.choice[axis];
  return own->rule->form == ALPA_RULE_FACTORS && choice >= 0 && own->rule->factors[choice].kind == ALPA_FACTOR_REDUCE &&
         own->rule->factors[choice].partial == ALPA_PARTIAL_SUM;
}

/* ---- tied values ---- */

static const alpa_op *yield_of(const alpa_op *op) {
  const alpa_block *last = op->n_regions ? op->regions[op->n_regions - 1].first : NULL;
  return last ? alpa_block_terminator(last) : NULL;
}

static bool is_tied_source(const reducer *r, const alpa_value *value, uint32_t axis) {
  return is_kept(r, value, axis) || alpa_value_is_free(value);
}

static bool is_tied_partial(const reducer *r, const alpa_value *value, uint32_t axis) {
  const alpa_op *yield = yield_of(value->op);
  return is_tied_source(r, alpa_op_operand(value->op, value->index), axis) &&
         (!yield || is_tied_source(r, alpa_op_operand(yield, value->index), axis));
}

/* ---- uses
 * -------------------------------------------------------------------------------------------------------------------
 */

static bool is_use_taking(const reducer *r, const alpa_use *use, uint32_t axis) {
  const alpa_op *owner = use->owner;
  uint32_t index = alpa_use_index(use);
  const alpa_op *parent = alpa_op_parent(owner);
  if (owner->n_results > 0) {
    const result *first = find_result(r, owner->results);
    if (first && first->rule->form == ALPA_RULE_TIED)
      return is_kept(r, &owner->results[index], axis);
    return takes_partial(r, owner, axis);
  }
  const result *around = parent->n_results > 0 ? find_result(r, parent->results) : NULL;
  return around && around->rule->form == ALPA_RULE_TIED && yield_of(parent) == owner &&
         is_kept(r, &parent->results[index], axis);
}

static bool are_uses_taking(const reducer *r, const alpa_value *value, uint32_t axis) {
  for (const alpa_use *use = value->uses; use; use = use->next)
    if (!is_use_taking(r, use, axis))
      return false;
  return true;
}

/* Inside of a loop every use must take the value; behind it, it is reduced where it is needed. */
static bool is_taken(const reducer *r, const result *own, uint32_t axis) {
  const alpa_op *op = own->value->op;
  if (own->rule->form != ALPA_RULE_TIED || op->n_regions == 0)
    return are_uses_taking(r, own->value, axis);
  for (uint32_t i = 0; i < op->n_regions; i++)
    if (!are_uses_taking(r, op->regions[i].first->args[own->value->index], axis))
      return false;
  return true;
}

static bool update(reducer *r, result *own) {
  uint32_t before = own->keep;
  for (uint32_t a = 0; a < r->mesh->n_axes; a++) {
    if (!(own->keep >> a & 1))
      continue;
    bool is_given = own->rule->form == ALPA_RULE_TIED ? is_tied_partial(r, own->value, a)
                                                      : is_reduced_by(own, a) || takes_partial(r, own->value->op, a);
    if (!is_given || !is_taken(r, own, a))
      own->keep &= ~(1u << a);
  }
  return own->keep != before;
}

/* ---- collect, solve, apply ---- */

static alpa_status state_of(reducer *r, const alpa_value *value, alpa_state *out_state) {
  const alpa_state *state = NULL;
  ALPA_TRY(alpa_states_find(&r->states, value, &state));
  *out_state = state ? *state : alpa_state_get_replicated();
  return ALPA_OK;
}

static alpa_status find_strategy(reducer *r, const alpa_op *op, const alpa_factor_rule *rule,
                                 alpa_strategy *out_strategy) {
  alpa_state *operands = alpa_arena_new(r->arena, alpa_state, op->n_operands);
  alpa_state *results = alpa_arena_new(r->arena, alpa_state, op->n_results);
  int64_t *operand_bytes = alpa_arena_new(r->arena, int64_t, op->n_operands);
  int64_t *result_bytes = alpa_arena_new(r->arena, int64_t, op->n_results);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_value *value = alpa_op_operand(op, i);
    ALPA_TRY(state_of(r, value, &operands[i]));
    operand_bytes[i] =
        alpa_type_is_static_tensor(value->type) && !alpa_value_is_free(value) ? alpa_type_bytes(value->type) : 0;
  }
  for (uint32_t i = 0; i < op->n_results; i++) {
    ALPA_TRY(state_of(r, &op->results[i], &results[i]));
    result_bytes[i] = alpa_type_is_static_tensor(op->results[i].type) ? alpa_type_bytes(op->results[i].type) : 0;
  }
  *out_strategy =
      alpa_strategy_find(r->mesh, rule, &(alpa_surroundings){operands, results, operand_bytes, result_bytes});
  return ALPA_OK;
}

/* Axes on which a tensor of numbers is replicated; none where the user made it partial. */
static uint32_t replicated_axes(const reducer *r, const alpa_value *value, const alpa_state *state) {
  uint32_t mask = 0;
  if (!alpa_type_is_static_tensor(value->type) || alpa_type_class(value->type) == ALPA_CLASS_BOOL ||
      alpa_state_is_partial(r->mesh, state) || alpa_value_is_free(value) || alpa_op_is_reshard(value->op))
    return 0;
  for (uint32_t a = 0; a < r->mesh->n_axes; a++)
    if (state->place[a] == ALPA_REPLICATED && r->mesh->axes[a].size > 1)
      mask |= 1u << a;
  return mask;
}

static alpa_status collect_block(reducer *r, alpa_block *block);

static alpa_status collect_op(reducer *r, alpa_op *op) {
  const alpa_factor_rule *rule = alpa_factors_get(r->arena, op);
  alpa_strategy strategy = {.kind = ALPA_PARTIAL_SUM};
  if (rule->form == ALPA_RULE_FACTORS && op->n_results == 1)
    ALPA_TRY(find_strategy(r, op, rule, &strategy));
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_state state;
    ALPA_TRY(state_of(r, &op->results[i], &state));
    bool is_candidate = rule->form == ALPA_RULE_TIED || (rule->form == ALPA_RULE_FACTORS && op->n_results == 1);
    result own = {.value = &op->results[i],
                  .rule = rule,
                  .strategy = strategy,
                  .keep = is_candidate ? replicated_axes(r, &op->results[i], &state) : 0};
    alpa_vec_push(r->arena, &r->results, own);
    *alpa_map_insert(r->arena, &r->numbers, (uintptr_t)&op->results[i], NULL) = r->results.n;
  }
  bool is_entered = rule->form == ALPA_RULE_TIED || rule->form == ALPA_RULE_BRANCH;
  for (uint32_t i = 0; i < op->n_regions && is_entered; i++)
    if (op->regions[i].first)
      ALPA_TRY(collect_block(r, op->regions[i].first));
  return ALPA_OK;
}

static alpa_status collect_block(reducer *r, alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next)
    ALPA_TRY(collect_op(r, op));
  return ALPA_OK;
}

static void solve(reducer *r) {
  bool is_changed = true;
  for (int sweep = 0; is_changed && sweep < MAX_SWEEPS; sweep++) {
    is_changed = false;
    for (size_t i = 0; i < r->results.n; i++)
      is_changed = update(r, &r->results.items[i]) || is_changed;
    for (size_t i = r->results.n; i-- > 0;)
      is_changed = update(r, &r->results.items[i]) || is_changed;
  }
}

static alpa_status apply(reducer *r) {
  for (size_t i = 0; i < r->results.n; i++) {
    const result *own = &r->results.items[i];
    alpa_state state;
    if (own->keep == 0)
      continue;
    ALPA_TRY(state_of(r, own->value, &state));
    for (uint32_t a = 0; a < r->mesh->n_axes; a++)
      if (own->keep >> a & 1)
        state.place[a] = ALPA_PARTIAL;
    state.kind = ALPA_PARTIAL_SUM;
    alpa_states_set(&r->states, own->value, &state);
  }
  return ALPA_OK;
}

alpa_status alpa_spread_partial(alpa_arena *arena, const alpa_mesh *mesh, alpa_op *func) {
  reducer r = {.arena = arena, .mesh = mesh, .func = func, .states = {.arena = arena, .mesh = mesh}};
  ALPA_TRY(collect_block(&r, func->regions[0].first));
  solve(&r);
  return apply(&r);
}
