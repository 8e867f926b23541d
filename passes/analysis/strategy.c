/* Strategies: projection to states, validity, and the one that fits given states best. */
#include "passes/analysis/strategy.h"

/* ---- projection -------------------------------------------------------------------------------------------------- */

static int64_t factor_parts(const alpa_mesh *mesh, const alpa_strategy *strategy, int32_t factor) {
  int64_t parts = 1;
  for (uint32_t a = 0; a < mesh->n_axes; a++)
    if (strategy->choice[a] == factor)
      parts *= mesh->axes[a].size;
  return parts;
}

/* Nesting within a dimension: factors in the order of the rule (major first), axes of one factor by their order. */
static uint8_t nesting(const alpa_mesh *mesh, const alpa_strategy *strategy, uint32_t axis) {
  uint8_t rank = 0;
  int16_t own = strategy->choice[axis];
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    int16_t other = strategy->choice[a];
    if (other < own || (other == own && (strategy->order[a] < strategy->order[axis] ||
                                         (strategy->order[a] == strategy->order[axis] && a < axis))))
      rank++;
  }
  return rank;
}

alpa_state alpa_strategy_operand(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_strategy *strategy,
                                 uint32_t operand) {
  alpa_state state = alpa_state_get_replicated();
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    int choice = strategy->choice[a];
    if (choice >= 0) {
      const alpa_factor *factor = &rule->factors[choice];
      bool is_partial = factor->operand_partial && factor->operand_partial[operand];
      state.place[a] = is_partial ? ALPA_PARTIAL : factor->operand_dims[operand];
      state.order[a] = nesting(mesh, strategy, a);
      if (is_partial)
        state.kind = factor->partial;
    } else if (choice <= ALPA_CHOOSE_FLOW && rule->flows[ALPA_CHOOSE_FLOW - choice].operands[operand]) {
      state.place[a] = ALPA_PARTIAL;
      state.kind = strategy->kind;
    }
  }
  return state;
}

alpa_state alpa_strategy_result(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_strategy *strategy,
                                uint32_t result) {
  alpa_state state = alpa_state_get_replicated();
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    int choice = strategy->choice[a];
    if (choice >= 0 && rule->factors[choice].kind == ALPA_FACTOR_PASS) {
      state.place[a] = rule->factors[choice].result_dims[result];
      state.order[a] = nesting(mesh, strategy, a);
    } else if (choice != ALPA_CHOOSE_NOTHING) {
      state.place[a] = ALPA_PARTIAL;
      state.kind = choice >= 0 ? rule->factors[choice].partial : strategy->kind;
    }
  }
  return state;
}

/* ---- validity ---- */

static bool is_kind_consistent(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_strategy *strategy) {
  bool has_kind = false;
  alpa_partial_kind kind = ALPA_PARTIAL_SUM;
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    int choice = strategy->choice[a];
    if (choice == ALPA_CHOOSE_NOTHING || (choice >= 0 && rule->factors[choice].kind == ALPA_FACTOR_PASS))
      continue;
    alpa_partial_kind own = choice >= 0 ? rule->factors[choice].partial : strategy->kind;
    if (choice < 0 && !(rule->flows[ALPA_CHOOSE_FLOW - choice].kinds & (1u << own)))
      return false;
    if (has_kind && own != kind)
      return false;
    has_kind = true;
    kind = own;
  }
  return true;
}

bool alpa_strategy_is_valid(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_strategy *strategy) {
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    int choice = strategy->choice[a];
    if (choice < 0)
      continue;
    const alpa_factor *factor = &rule->factors[choice];
    if (!alpa_factor_is_divisible(factor, factor_parts(mesh, strategy, choice), true))
      return false;
    if (factor->after != ALPA_NO_FACTOR &&
        factor_parts(mesh, strategy, factor->after) != rule->factors[factor->after].size)
      return false;
  }
  return is_kind_consistent(mesh, rule, strategy);
}

/* ---- choice ---- */

/* Relative cost of moving one byte between two places of an axis; only the order of magnitude matters.  `kind` is how
 * the place to move to is partial, if it is: a replicated value is a partial maximum or minimum already.  A reduction
 * counts no more than a gather, though it moves twice as much, since the work before it was divided. */
static int64_t move_cost(int from, int to, alpa_partial_kind kind) {
  if (from == to || (from == ALPA_REPLICATED && to == ALPA_PARTIAL && kind != ALPA_PARTIAL_SUM))
    return 0;
  if (from == ALPA_REPLICATED)
    return 1;
  if (from == ALPA_PARTIAL)
    return to == ALPA_REPLICATED ? 10 : 9;
  return to == ALPA_REPLICATED ? 10 : to == ALPA_PARTIAL ? 5 : 8;
}

/* Saturating, so that very large tensors stay comparable. */
static int64_t add_cost(int64_t sum, int64_t bytes, int64_t per_byte) {
  int64_t scaled = bytes < INT64_MAX / 64 ? bytes : INT64_MAX / 64;
  int64_t cost = scaled * per_byte;
  return sum > INT64_MAX - cost ? INT64_MAX : sum + cost;
}

static int operand_place(const alpa_factor_rule *rule, int choice, uint32_t operand) {
  if (choice == ALPA_CHOOSE_NOTHING)
    return ALPA_REPLICATED;
  if (choice <= ALPA_CHOOSE_FLOW)
    return rule->flows[ALPA_CHOOSE_FLOW - choice].operands[operand] ? ALPA_PARTIAL : ALPA_REPLICATED;
  const alpa_factor *factor = &rule->factors[choice];
  return factor->operand_partial && factor->operand_partial[operand] ? ALPA_PARTIAL : factor->operand_dims[operand];
}

static int result_place(const alpa_factor_rule *rule, int choice, uint32_t result) {
  if (choice == ALPA_CHOOSE_NOTHING)
    return ALPA_REPLICATED;
  if (choice >= 0 && rule->factors[choice].kind == ALPA_FACTOR_PASS)
    return rule->factors[choice].result_dims[result];
  return ALPA_PARTIAL;
}

static int64_t axis_cost(const alpa_factor_rule *rule, const alpa_surroundings *around, uint32_t axis, int choice,
                         alpa_partial_kind flow_kind) {
  alpa_partial_kind kind = choice >= 0 ? rule->factors[choice].partial : flow_kind;
  int64_t cost = 0;
  for (uint32_t i = 0; i < rule->n_operands; i++)
    cost = add_cost(cost, around->operand_bytes[i],
                    move_cost(around->operands[i].place[axis], operand_place(rule, choice, i), kind));
  for (uint32_t i = 0; i < rule->n_results; i++)
    cost = add_cost(cost, around->result_bytes[i],
                    move_cost(result_place(rule, choice, i), around->results[i].place[axis], ALPA_PARTIAL_SUM));
  return cost;
}

/* The kind that partial values around the op have, results first. */
static alpa_partial_kind find_kind(const alpa_mesh *mesh, const alpa_factor_rule *rule,
                                   const alpa_surroundings *around) {
  for (uint32_t i = 0; i < rule->n_results; i++)
    if (alpa_state_is_partial(mesh, &around->results[i]))
      return around->results[i].kind;
  for (uint32_t i = 0; i < rule->n_operands; i++)
    if (alpa_state_is_partial(mesh, &around->operands[i]))
      return around->operands[i].kind;
  return ALPA_PARTIAL_SUM;
}

/* Axes of one factor nest as in the first tensor around the op that has them on the factor's dimension. */
static void find_order(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_surroundings *around,
                       alpa_strategy *strategy) {
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    strategy->order[a] = (uint8_t)a;
    int choice = strategy->choice[a];
    if (choice < 0)
      continue;
    const alpa_factor *factor = &rule->factors[choice];
    const alpa_state *leader = NULL;
    for (uint32_t i = 0; i < rule->n_results && !leader; i++)
      if (factor->result_dims[i] >= 0 && around->results[i].place[a] == factor->result_dims[i])
        leader = &around->results[i];
    for (uint32_t i = 0; i < rule->n_operands && !leader; i++)
      if (factor->operand_dims[i] >= 0 && around->operands[i].place[a] == factor->operand_dims[i])
        leader = &around->operands[i];
    if (leader)
      strategy->order[a] = leader->order[a];
  }
}

/* Gives the axis the cheapest choice that is valid beside the others; whether that is another one than before. */
static bool improve_axis(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_surroundings *around,
                         uint32_t axis, alpa_strategy *strategy) {
  int16_t before = strategy->choice[axis], best = ALPA_CHOOSE_NOTHING;
  int64_t best_cost = INT64_MAX;
  for (int c = ALPA_CHOOSE_FLOW - (int)rule->n_flows + 1; c < (int)rule->n_factors; c++) {
    strategy->choice[axis] = (int16_t)c;
    if (!alpa_strategy_is_valid(mesh, rule, strategy))
      continue;
    int64_t cost = axis_cost(rule, around, axis, c, strategy->kind);
    if (cost < best_cost || (cost == best_cost && best <= ALPA_CHOOSE_FLOW)) {
      best_cost = cost;
      best = (int16_t)c;
    }
  }
  strategy->choice[axis] = best;
  return best != before;
}

/* The first choice without any cost on every axis: where the states fit a strategy exactly, this is it. */
static bool find_exact(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_surroundings *around,
                       alpa_strategy *strategy) {
  for (uint32_t a = 0; a < mesh->n_axes; a++) {
    int c = ALPA_CHOOSE_NOTHING;
    while (c < (int)rule->n_factors && axis_cost(rule, around, a, c, strategy->kind) > 0)
      c++;
    for (uint32_t flow = 0; c == (int)rule->n_factors && flow < rule->n_flows; flow++)
      if (axis_cost(rule, around, a, ALPA_CHOOSE_FLOW - (int)flow, strategy->kind) == 0)
        c = ALPA_CHOOSE_FLOW - (int)flow;
    if (c == (int)rule->n_factors)
      return false;
    strategy->choice[a] = (int16_t)c;
  }
  return alpa_strategy_is_valid(mesh, rule, strategy);
}

alpa_strategy alpa_strategy_find(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_surroundings *around) {
  alpa_strategy strategy = {.kind = find_kind(mesh, rule, around)};
  if (find_exact(mesh, rule, around, &strategy)) {
    find_order(mesh, rule, around, &strategy);
    return strategy;
  }
  for (uint32_t a = 0; a < ALPA_MAX_AXES; a++)
    strategy.choice[a] = ALPA_CHOOSE_NOTHING;
  /* A later axis can make a better choice of an earlier one valid (reshape), so sweep until nothing changes. */
  bool is_changed = true;
  for (uint32_t sweep = 0; is_changed && sweep <= mesh->n_axes; sweep++) {
    is_changed = false;
    for (uint32_t a = 0; a < mesh->n_axes; a++)
      is_changed = improve_axis(mesh, rule, around, a, &strategy) || is_changed;
  }
  find_order(mesh, rule, around, &strategy);
  return strategy;
}
