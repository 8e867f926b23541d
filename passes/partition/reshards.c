/* Inserts sdy.reshard ops: for each op, the strategy that suits the states around it (strategy.h); operands that are in
 * another state are resharded before their first consumer, results that shall be in another one right after the op.
 * Values computed from constants are cloned in the wanted state instead.  Linear in ops times factors. */
#include "passes/partition/reshards.h"

#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"
#include "passes/analysis/strategy.h"
#include "passes/partition/manual.h"

/* One value in one state. */
typedef struct hub hub;
struct hub {
  const alpa_value *value;
  alpa_state state;
  alpa_value *resharded;
  hub *next;
};

typedef struct inserter {
  alpa_arena *arena;
  const alpa_mesh *mesh;
  alpa_op *func;
  alpa_states states;
  alpa_map hubs;     /* hash of value and state -> hub * */
  alpa_map remarked; /* kinds of ops that a remark was made about */
  int64_t n_inserted;
} inserter;

static bool is_tensor(const alpa_value *value) { return alpa_type_is_static_tensor(value->type); }

/* ---- making reshards ---- */

static hub **find_hub(inserter *in, const alpa_value *value, const alpa_state *state, hub **out_hub) {
  uint64_t key = alpa_hash_mix(alpa_hash64(&value, sizeof value, 0), alpa_state_hash(in->mesh, state));
  hub **head = (hub **)(void *)alpa_map_insert(in->arena, &in->hubs, key, NULL);
  *out_hub = *head;
  while (*out_hub && ((*out_hub)->value != value || !alpa_state_is_equal(in->mesh, &(*out_hub)->state, state)))
    *out_hub = (*out_hub)->next;
  return head;
}

/* The op in the value's block that holds `user`: where the value must be ready. */
static alpa_op *find_ancestor(const alpa_value *value, alpa_op *user) {
  const alpa_block *block = value->op ? value->op->block : value->block;
  while (user->block != block)
    user = alpa_op_parent(user);
  return user;
}

static alpa_value *build_reshard(inserter *in, alpa_value *value, const alpa_state *state, alpa_op *before) {
  alpa_context *ctx = in->func->module->ctx;
  const alpa_attr *sharding = alpa_states_encode(&in->states, ctx, value->type->rank, state);
  const alpa_attr *attrs[sdy_reshard_attr_count] = {0};
  attrs[sdy_reshard_sharding] = sharding;
  const alpa_op_state op_state = {.def = &alpa_sdy_ops[SDY_reshard],
                                  .loc = value->op ? value->op->loc : before->loc,
                                  .operands = &value,
                                  .n_operands = 1,
                                  .results = &value->type,
                                  .n_results = 1,
                                  .attrs = attrs};
  alpa_op *op = alpa_op_create(in->func->module, &op_state);
  alpa_op_insert(op, before->block, before);
  in->n_inserted++;
  return op->results;
}

static alpa_value *get_resharded(inserter *in, alpa_value *value, const alpa_state *need, alpa_op *user);

/* An axis is partial in both states, in another way. */
static bool changes_kind(const inserter *in, const alpa_state *from, const alpa_state *to) {
  for (uint32_t a = 0; a < in->mesh->n_axes; a++)
    if (from->place[a] == ALPA_PARTIAL && to->place[a] == ALPA_PARTIAL && from->kind != to->kind)
      return true;
  return false;
}

/* A copy of the op that computes a free value, in a state that is not partial.  It stands before the user, as all that
 * is inserted does: what an earlier user was given stands before it. */
static alpa_value *clone_free(inserter *in, alpa_value *value, const alpa_state *state, alpa_op *user) {
  const alpa_op *op = value->op;
  const alpa_factor_rule *rule = alpa_factors_get(in->arena, op);
  alpa_state *operands = alpa_arena_new(in->arena, alpa_state, op->n_operands);
  int64_t *free_bytes = alpa_arena_new(in->arena, int64_t, op->n_operands), bytes = 1;
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = alpa_state_get_replicated();
  const alpa_surroundings around = {
      .operands = operands, .results = state, .operand_bytes = free_bytes, .result_bytes = &bytes};
  alpa_strategy strategy = alpa_strategy_find(in->mesh, rule, &around);
  alpa_state result = alpa_strategy_result(in->mesh, rule, &strategy, value->index);
  if (!alpa_state_is_equal(in->mesh, &result, state))
    return NULL;
  alpa_value_map map;
  alpa_value_map_init(&map, in->arena);
  alpa_op *copy = alpa_op_clone(in->func->module, op, &map);
  alpa_op_insert(copy, op->block, find_ancestor(value, user));
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_state need = alpa_strategy_operand(in->mesh, rule, &strategy, i);
    alpa_op_set_operand(copy, i, get_resharded(in, alpa_op_operand(op, i), &need, copy));
  }
  alpa_states_set(&in->states, copy->results, &result);
  return copy->results;
}

/* The value in that state, ready for `user`.  Its own state is known and another one. */
static alpa_value *make_resharded(inserter *in, alpa_value *value, const alpa_state *state, alpa_op *user) {
  if (alpa_value_is_free(value) && value->op->n_results == 1) {
    alpa_state whole = *state;
    for (uint32_t a = 0; a < in->mesh->n_axes; a++)
      if (whole.place[a] == ALPA_PARTIAL)
        whole.place[a] = ALPA_REPLICATED;
    if (!alpa_state_is_partial(in->mesh, state)) {
      alpa_value *copy = clone_free(in, value, state, user);
      if (copy)
        return copy;
    } else {
      value = get_resharded(in, value, &whole, user);
    }
  }
  return build_reshard(in, value, state, find_ancestor(value, user));
}

static alpa_state state_of(inserter *in, const alpa_value *value) {
  const alpa_state *state = NULL;
  if (alpa_states_find(&in->states, value, &state) != ALPA_OK || state == NULL)
    return alpa_state_get_replicated();
  return *state;
}

static alpa_value *get_resharded(inserter *in, alpa_value *value, const alpa_state *need, alpa_op *user) {
  alpa_state own = state_of(in, value), adapted = alpa_state_adapt(in->mesh, need, &own);
  const alpa_state *state = &adapted;
  if (alpa_state_is_equal(in->mesh, &own, state))
    return value;
  if (changes_kind(in, &own, state)) {
    alpa_state reduced = own;
    for (uint32_t a = 0; a < in->mesh->n_axes; a++)
      if (own.place[a] == ALPA_PARTIAL)
        reduced.place[a] = ALPA_REPLICATED;
    return get_resharded(in, get_resharded(in, value, &reduced, user), state, user);
  }
  hub *found;
  hub **head = find_hub(in, value, state, &found);
  if (found)
    return found->resharded;
  alpa_value *resharded = make_resharded(in, value, state, user);
  /* Making it can have inserted hubs of other values, and so have moved the map. */
  head = find_hub(in, value, state, &found);
  found = alpa_arena_new(in->arena, hub, 1);
  *found = (hub){.value = value, .state = *state, .resharded = resharded, .next = *head};
  *head = found;
  return resharded;
}

static void reshard_operand(inserter *in, alpa_op *op, uint32_t i, const alpa_state *need) {
  alpa_value *value = alpa_op_operand(op, i);
  if (!is_tensor(value))
    return;
  alpa_value *resharded = get_resharded(in, value, need, op);
  if (resharded != value)
    alpa_op_set_operand(op, i, resharded);
}

/* Result i comes out as `got` and shall be `want`. */
static void reshard_result(inserter *in, alpa_op *op, uint32_t i, const alpa_state *got, const alpa_state *wanted) {
  alpa_value *value = alpa_op_result(op, i);
  alpa_state want = alpa_state_adapt(in->mesh, wanted, got);
  alpa_states_set(&in->states, value, got);
  for (uint32_t a = 0; a < in->mesh->n_axes && changes_kind(in, got, &want); a++)
    if (got->place[a] == ALPA_PARTIAL && want.place[a] == ALPA_PARTIAL)
      want.place[a] = ALPA_REPLICATED;
  if (alpa_state_is_equal(in->mesh, got, &want) || value->uses == NULL)
    return;
  alpa_value *resharded = build_reshard(in, value, &want, op->next);
  for (alpa_use *use = value->uses, *next; use; use = next) {
    next = use->next;
    if (use->owner != resharded->op)
      alpa_op_set_operand(use->owner, alpa_use_index(use), resharded);
  }
}

/* ---- ops ---- */

static alpa_status visit_block(inserter *in, alpa_block *block);

/* States around an op; a result without one costs nothing in any. */
static alpa_status read_surroundings(inserter *in, const alpa_op *op, alpa_surroundings *out_around) {
  alpa_state *operands = alpa_arena_new(in->arena, alpa_state, op->n_operands);
  alpa_state *results = alpa_arena_new(in->arena, alpa_state, op->n_results);
  int64_t *operand_bytes = alpa_arena_new(in->arena, int64_t, op->n_operands);
  int64_t *result_bytes = alpa_arena_new(in->arena, int64_t, op->n_results);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_value *value = alpa_op_operand(op, i);
    operands[i] = state_of(in, value);
    operand_bytes[i] = is_tensor(value) && !alpa_value_is_free(value) ? alpa_type_bytes(value->type) : 0;
  }
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_state *state = NULL;
    ALPA_TRY(alpa_states_find(&in->states, &op->results[i], &state));
    results[i] = state ? *state : alpa_state_get_replicated();
    result_bytes[i] = state && is_tensor(&op->results[i]) ? alpa_type_bytes(op->results[i].type) : 0;
  }
  *out_around = (alpa_surroundings){
      .operands = operands, .results = results, .operand_bytes = operand_bytes, .result_bytes = result_bytes};
  return ALPA_OK;
}

/* Says, once for each kind of op, that an operand must be gathered since the op cannot be split that way. */
static void remark_gathered(inserter *in, const alpa_op *op, const alpa_factor_rule *rule, uint32_t i,
                            const alpa_state *state) {
  const alpa_value *value = alpa_op_operand(op, i);
  for (uint32_t a = 0; a < in->mesh->n_axes && is_tensor(value); a++) {
    int dim = state->place[a];
    bool is_new;
    if (dim < 0 || alpa_value_is_free(value) || alpa_factor_find_operand(rule, i, (uint32_t)dim) != ALPA_NO_FACTOR)
      continue;
    alpa_map_insert(in->arena, &in->remarked, (uintptr_t)op->def, &is_new);
    if (is_new)
      alpa_op_remark(op, "cannot be split along dimension %d of operand %u, which is gathered along axis '%s'", dim, i,
                     in->mesh->axes[a].name);
  }
}

static alpa_status visit_factors(inserter *in, alpa_op *op, const alpa_factor_rule *rule) {
  alpa_surroundings around;
  ALPA_TRY(read_surroundings(in, op, &around));
  alpa_strategy strategy = alpa_strategy_find(in->mesh, rule, &around);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_state need = alpa_strategy_operand(in->mesh, rule, &strategy, i);
    remark_gathered(in, op, rule, i, &around.operands[i]);
    reshard_operand(in, op, i, &need);
  }
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_state got = alpa_strategy_result(in->mesh, rule, &strategy, i);
    if (is_tensor(&op->results[i]))
      reshard_result(in, op, i, &got, around.result_bytes[i] ? &around.results[i] : &got);
  }
  return ALPA_OK;
}

/* Yields of a region: value i in the state of result i of the op around it, predicates replicated. */
static void visit_yield(inserter *in, alpa_op *op) {
  const alpa_op *parent = alpa_op_parent(op);
  bool is_branch = alpa_factors_get(in->arena, parent)->form == ALPA_RULE_BRANCH;
  bool is_last = parent->regions[parent->n_regions - 1].first == op->block;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_state need = is_branch || is_last ? state_of(in, &parent->results[i]) : alpa_state_get_replicated();
    reshard_operand(in, op, i, &need);
  }
}

/* Results are complete; what passes between segments of a stage may still be partial. */
static alpa_status visit_return(inserter *in, alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    bool is_local = alpa_func_find_result_attr(in->func, i, ALPA_LOCAL) != NULL;
    const alpa_state *wanted = NULL;
    ALPA_TRY(alpa_states_find_result(&in->states, in->func, i, &wanted));
    alpa_state state = wanted ? *wanted : alpa_state_get_replicated();
    for (uint32_t a = 0; a < in->mesh->n_axes; a++)
      if (state.place[a] == ALPA_PARTIAL && !is_local)
        state.place[a] = ALPA_REPLICATED;
    reshard_operand(in, op, i, &state);
    alpa_context *ctx = op->module->ctx;
    alpa_func_set_result_sharding(in->func, i,
                                  alpa_states_encode(&in->states, ctx, alpa_op_operand_type(op, i)->rank, &state));
  }
  return ALPA_OK;
}

/* Ops whose results are tied to operands or to what their regions yield. */
static alpa_status visit_tied(inserter *in, alpa_op *op, alpa_rule_form form) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_state *state = NULL;
    ALPA_TRY(alpa_states_find(&in->states, &op->results[i], &state));
    alpa_state own =
        state || form == ALPA_RULE_BRANCH ? state_of(in, &op->results[i]) : state_of(in, alpa_op_operand(op, i));
    if (is_tensor(&op->results[i]))
      alpa_states_set(&in->states, &op->results[i], &own);
  }
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_state need = form == ALPA_RULE_TIED ? state_of(in, &op->results[i]) : alpa_state_get_replicated();
    reshard_operand(in, op, i, &need);
  }
  for (uint32_t r = 0; r < op->n_regions; r++)
    if (op->regions[r].first)
      ALPA_TRY(visit_block(in, op->regions[r].first));
  return ALPA_OK;
}

/* The op says itself in which states it takes and gives values; its region is per device already. */
static alpa_status visit_manual(inserter *in, alpa_op *op) {
  alpa_state *operands = alpa_arena_new(in->arena, alpa_state, op->n_operands);
  alpa_state *results = alpa_arena_new(in->arena, alpa_state, op->n_results);
  ALPA_TRY(alpa_manual_states(in->arena, in->mesh, op, false, operands));
  ALPA_TRY(alpa_manual_states(in->arena, in->mesh, op, true, results));
  for (uint32_t i = 0; i < op->n_operands; i++)
    reshard_operand(in, op, i, &operands[i]);
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_state *wanted = NULL;
    ALPA_TRY(alpa_states_find(&in->states, &op->results[i], &wanted));
    alpa_state want = wanted ? *wanted : results[i];
    if (is_tensor(&op->results[i]))
      reshard_result(in, op, i, &results[i], &want);
  }
  return ALPA_OK;
}

static alpa_status visit_op(inserter *in, alpa_op *op) {
  if (alpa_op_is_reshard(op) || sdy_is(op, SDY_sharding_group))
    return ALPA_OK;
  if (sdy_is(op, SDY_manual_computation))
    return visit_manual(in, op);
  const alpa_factor_rule *rule = alpa_factors_get(in->arena, op);
  switch (rule->form) {
  case ALPA_RULE_FACTORS:
    return visit_factors(in, op, rule);
  case ALPA_RULE_TIED:
  case ALPA_RULE_BRANCH:
    return visit_tied(in, op, rule->form);
  case ALPA_RULE_YIELD:
    if (alpa_op_parent(op) == in->func)
      return visit_return(in, op);
    visit_yield(in, op);
    return ALPA_OK;
  case ALPA_RULE_NONE:
    return alpa_op_unsupported(op, "cannot be partitioned");
  }
  return ALPA_OK;
}

static alpa_status visit_block(inserter *in, alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next)
    ALPA_TRY(visit_op(in, op));
  return ALPA_OK;
}

alpa_status alpa_reshards_insert(alpa_arena *arena, const alpa_mesh *mesh, alpa_op *func, int64_t *out_n_inserted) {
  inserter in = {.arena = arena, .mesh = mesh, .func = func, .states = {.arena = arena, .mesh = mesh}};
  alpa_block *entry = alpa_func_entry(func);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    const alpa_state *state = NULL;
    ALPA_TRY(alpa_states_find(&in.states, entry->args[i], &state));
    alpa_state replicated = alpa_state_get_replicated();
    if (state == NULL && is_tensor(entry->args[i]))
      alpa_states_set(&in.states, entry->args[i], &replicated);
  }
  ALPA_TRY(visit_block(&in, entry));
  *out_n_inserted = in.n_inserted;
  return ALPA_OK;
}
