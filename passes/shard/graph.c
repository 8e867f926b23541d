/* Building the graph: types of all values first (in what ways each can be partial), then nodes and edges, both in one
 * walk in program order.  Linear in the program. */
#include "passes/shard/graph.h"

#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "dialects/ir/walk.h"
#include "dialects/sdy/sdy.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/trips.h"

/* ---- what ops and values are ---- */

static shard_value *value_of(shard_graph *g, const alpa_value *value) { return &g->values[value->number]; }

static const int64_t MOST_TRIPS = INT64_C(1) << 40;

/* What is inside a loop counts for every trip, of all loops around it. */
static int64_t region_weight(const alpa_op *op, const alpa_factor_rule *rule, int64_t weight) {
  if (rule->form != ALPA_RULE_TIED || op->n_regions == 0)
    return weight;
  int64_t trips = alpa_loop_trips(op), product;
  if (__builtin_mul_overflow(weight, trips ? trips : ALPA_ASSUMED_TRIPS, &product))
    return MOST_TRIPS;
  return product < MOST_TRIPS ? product : MOST_TRIPS;
}

static const alpa_value *yielded(const alpa_op *op, uint32_t region, uint32_t index) {
  return alpa_op_operand(alpa_block_terminator(alpa_region_block(&op->regions[region])), index);
}

/* A zero is partial(sum) as it is. */
static bool is_zero(const alpa_value *value) {
  while (value->op && stablehlo_is(value->op, STABLEHLO_broadcast_in_dim))
    value = alpa_op_operand(value->op, 0);
  const alpa_attr *constant = alpa_value_find_constant(value);
  if (!constant || constant->kind != ALPA_ATTR_ELEMENTS || !constant->elements.splat)
    return false;
  const unsigned char *bytes = constant->elements.data;
  for (uint32_t i = 0; i < alpa_dtype_get_info(constant->type->dtype)->bytes; i++)
    if (bytes[i])
      return false;
  return true;
}

/* ---- types ---- */

static uint32_t kinds_of(shard_graph *g, const alpa_value *value) {
  const shard_type *type = value_of(g, value)->type;
  return type ? type->partial_kinds : is_zero(value) ? 1u << ALPA_PARTIAL_SUM : 0;
}

static const shard_type **operand_types(shard_graph *g, const alpa_op *op) {
  const shard_type **types = alpa_arena_new(g->arena, const shard_type *, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    types[i] = value_of(g, alpa_op_operand(op, i))->type;
  return types;
}

static void set_type(shard_graph *g, const alpa_value *value, uint32_t kinds) {
  *value_of(g, value) = (shard_value){
      .type = shard_type_get(g->types, value->type, kinds), .producer = SHARD_NO_NODE, .hub = SHARD_NO_NODE};
}

static alpa_status type_block(shard_graph *g, const alpa_block *block);

/* Whether a loop's result is sent to another stage in every iteration, and so must be complete in each. */
static bool is_sent(const alpa_op *loop, uint32_t i) {
  const alpa_use *use = loop->results[i].uses;
  const alpa_op *func = alpa_op_parent(loop);
  return use && !use->next && func_is(func, FUNC_func) && use->owner == alpa_func_entry(func)->last &&
         alpa_func_find_result_attr(func, alpa_use_index(use), ALPA_SEND) &&
         alpa_func_find_result_attr(func, alpa_use_index(use), "alpa.phase");
}

/* Carried values can be partial where the initial and the yielded value can; the yielded value's ways depend on those
 * of the block argument, so the body is typed again until nothing is added. */
static alpa_status type_tied(shard_graph *g, const alpa_op *op) {
  uint32_t *kinds = alpa_arena_new(g->arena, uint32_t, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    kinds[i] = is_sent(op, i) ? 0 : kinds_of(g, alpa_op_operand(op, i));
  for (bool changed = true; changed;) {
    changed = false;
    for (uint32_t r = 0; r < op->n_regions; r++) {
      const alpa_block *block = alpa_region_block(&op->regions[r]);
      for (uint32_t i = 0; i < block->n_args; i++)
        set_type(g, block->args[i], kinds[i]);
      ALPA_TRY(type_block(g, block));
    }
    for (uint32_t i = 0; op->n_regions && i < op->n_operands; i++) {
      uint32_t more = is_sent(op, i) ? 0 : kinds[i] | kinds_of(g, yielded(op, op->n_regions - 1, i));
      changed = changed || more != kinds[i];
      kinds[i] = more;
    }
  }
  for (uint32_t i = 0; i < op->n_results; i++)
    set_type(g, alpa_op_result(op, i), kinds[i]);
  return ALPA_OK;
}

static alpa_status type_branch(shard_graph *g, const alpa_op *op) {
  uint32_t *kinds = alpa_arena_new(g->arena, uint32_t, op->n_results);
  for (uint32_t r = 0; r < op->n_regions; r++) {
    ALPA_TRY(type_block(g, alpa_region_block(&op->regions[r])));
    for (uint32_t i = 0; i < op->n_results; i++)
      kinds[i] |= kinds_of(g, yielded(op, r, i));
  }
  for (uint32_t i = 0; i < op->n_results; i++)
    set_type(g, alpa_op_result(op, i), kinds[i]);
  return ALPA_OK;
}

static alpa_status check_results(const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (!alpa_type_is_static_tensor(op->results[i].type))
      return alpa_op_unsupported(op, "cannot be sharded: result #%u has type '%s', only tensors of static shape can", i,
                                 alpa_type_spell(alpa_op_context(op), op->results[i].type));
  return ALPA_OK;
}

static alpa_status type_op(shard_graph *g, const alpa_op *op) {
  const alpa_factor_rule *rule = g->rules[op->number] ? g->rules[op->number] : alpa_factors_get(g->arena, op);
  g->rules[op->number] = rule;
  ALPA_TRY(check_results(op));
  if (func_is(op, FUNC_call))
    return alpa_op_error(op, "cannot be sharded; run 'inline' before 'shard'");
  if (rule->form == ALPA_RULE_TIED)
    return type_tied(g, op);
  if (rule->form == ALPA_RULE_BRANCH)
    return type_branch(g, op);
  uint32_t kinds = rule->form == ALPA_RULE_FACTORS ? shard_result_partial_kinds(op, rule, operand_types(g, op)) : 0;
  for (uint32_t i = 0; i < op->n_results; i++)
    if (alpa_value_is_free(alpa_op_result(op, i)))
      *value_of(g, alpa_op_result(op, i)) = (shard_value){.producer = SHARD_NO_NODE, .hub = SHARD_NO_NODE};
    else
      set_type(g, alpa_op_result(op, i), kinds);
  return ALPA_OK;
}

static alpa_status type_block(shard_graph *g, const alpa_block *block) {
  for (const alpa_op *op = block->first; op; op = op->next)
    ALPA_TRY(type_op(g, op));
  return ALPA_OK;
}

/* ---- nodes and edges ---- */

static uint32_t add_node(shard_graph *g, const shard_node *node) {
  alpa_vec_push(g->arena, &g->nodes, *node);
  return (uint32_t)g->nodes.n - 1;
}

/* The positions of the states that a sharding allows (NULL: all), among the first n of the type. */
static const uint32_t *allowed_states(shard_graph *g, const shard_type *type, uint32_t n, const alpa_sharding *allowed,
                                      uint32_t *out_n) {
  uint32_t *states = alpa_arena_new(g->arena, uint32_t, n);
  *out_n = 0;
  for (uint32_t i = 0; i < n; i++)
    if (!allowed || shard_state_satisfies(type->states[i], allowed))
      states[(*out_n)++] = i;
  return states;
}

static uint32_t add_value_node(shard_graph *g, shard_node_kind kind, const alpa_value *value, uint32_t n_states,
                               const alpa_sharding *allowed, int64_t weight) {
  shard_node node = {.kind = kind, .value = value, .type = value_of(g, value)->type, .weight = weight};
  node.states = allowed_states(g, node.type, n_states, allowed, &node.n_strategies);
  return add_node(g, &node);
}

/* What the user said about a value, or NULL in *out. */
static alpa_status find_annotation(shard_graph *g, const alpa_op *at, const alpa_attr *attr, alpa_sharding **out) {
  *out = NULL;
  if (!attr)
    return ALPA_OK;
  *out = alpa_arena_new(g->arena, alpa_sharding, 1);
  return alpa_sharding_decode(g->arena, g->mesh, at, attr, *out);
}

static alpa_status no_state(const alpa_op *at, const alpa_value *value, const char *what) {
  return alpa_op_error(at,
                       "%s with type '%s' cannot be sharded as annotated: a dimension is smaller than the axes that "
                       "split it, or not divisible by them; annotate another dimension",
                       what, alpa_type_spell(alpa_op_context(at), value->type));
}

static const uint32_t *states_of_node(const shard_graph *g, uint32_t node, const alpa_value *value) {
  const shard_node *n = &g->nodes.items[node];
  return n->kind == SHARD_OP ? n->class->result_states[value->index] : n->states;
}

uint32_t shard_graph_state(const shard_graph *graph, uint32_t node, const alpa_value *value, uint32_t strategy) {
  return states_of_node(graph, node, value)[strategy];
}

/* The value, as its consumers get it, must be in the state columns[strategy of `to`]. */
static void add_edge(shard_graph *g, const alpa_value *value, uint32_t to, const uint32_t *columns, int64_t weight) {
  const shard_value *v = value_of(g, value);
  if (!v->type)
    return;
  uint32_t from = v->hub != SHARD_NO_NODE ? v->hub : v->producer;
  if (from == to)
    return;
  shard_edge edge = {from, to, v->type->table, states_of_node(g, from, value), columns, weight};
  alpa_vec_push(g->arena, &g->edges, edge);
}

/* Gives a value that was just produced its hub where it needs one. */
static alpa_status add_hub(shard_graph *g, const alpa_op *at, const alpa_value *value, const alpa_attr *annotation,
                           int64_t weight) {
  shard_value *v = value_of(g, value);
  if (!v->type || (!annotation && (!value->uses || alpa_value_has_one_use(value))))
    return ALPA_OK;
  alpa_sharding *allowed = NULL;
  ALPA_TRY(find_annotation(g, at, annotation, &allowed));
  uint32_t hub = add_value_node(g, SHARD_HUB, value, v->type->n_states, allowed, weight);
  if (g->nodes.items[hub].n_strategies == 0)
    return no_state(at, value, "value");
  add_edge(g, value, hub, g->nodes.items[hub].states, weight);
  value_of(g, value)->hub = hub;
  return ALPA_OK;
}

/* An edge to "replicated", which is position 0 of every type. */
static void add_replicated(shard_graph *g, const alpa_value *value, int64_t weight) {
  if (!value_of(g, value)->type)
    return;
  static const uint32_t replicated[] = {0};
  shard_node node = {.kind = SHARD_RESULT,
                     .value = value,
                     .type = value_of(g, value)->type,
                     .n_strategies = 1,
                     .states = replicated,
                     .weight = weight};
  add_edge(g, value, add_node(g, &node), replicated, weight);
}

static alpa_status add_block(shard_graph *g, const alpa_block *block, int64_t weight);

static void add_tied_values(shard_graph *g, const alpa_op *op, uint32_t i, uint32_t node) {
  for (uint32_t r = 0; r < op->n_regions; r++)
    value_of(g, alpa_region_block(&op->regions[r])->args[i])->producer = node;
  value_of(g, alpa_op_result(op, i))->producer = node;
}

/* One node for each carried value; the first region of a loop with two yields its predicate. */
static alpa_status add_tied(shard_graph *g, const alpa_op *op, const alpa_factor_rule *rule, int64_t weight) {
  int64_t inside = region_weight(op, rule, weight);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_value *result = alpa_op_result(op, i);
    uint32_t n_states = value_of(g, result)->type->n_states;
    uint32_t node = add_value_node(g, SHARD_CARRIED, result, n_states, NULL, weight);
    add_tied_values(g, op, i, node);
    const alpa_value *initial = alpa_op_operand(op, i);
    const shard_type *type = value_of(g, initial)->type, *carried = value_of(g, result)->type;
    if (type == carried) {
      add_edge(g, initial, node, g->nodes.items[node].states, weight);
    } else if (type) { /* the initial value has fewer states: those it lacks are reached as if it could be partial */
      uint32_t *rows = alpa_arena_new(g->arena, uint32_t, carried->n_states);
      for (uint32_t s = 0; s < carried->n_states; s++)
        rows[s] = shard_type_find(type, carried->states[s]);
      shard_node *carry = &g->nodes.items[node];
      uint32_t kept = 0, *states = alpa_arena_new(g->arena, uint32_t, carry->n_strategies);
      for (uint32_t s = 0; s < carry->n_strategies; s++)
        if (rows[carry->states[s]] != UINT32_MAX) {
          rows[kept] = rows[carry->states[s]];
          states[kept++] = carry->states[s];
        }
      carry->states = states;
      carry->n_strategies = kept;
      add_edge(g, initial, node, rows, weight);
    }
  }
  for (uint32_t r = 0; r < op->n_regions; r++) {
    const alpa_block *block = alpa_region_block(&op->regions[r]);
    ALPA_TRY(add_block(g, block, inside));
    bool is_condition = op->n_regions == 2 && r == 0;
    for (uint32_t i = 0; i < block->last->n_operands; i++) {
      const alpa_value *value = alpa_op_operand(block->last, i);
      if (is_condition) {
        add_replicated(g, value, inside);
        continue;
      }
      uint32_t node = value_of(g, alpa_op_result(op, i))->producer;
      const shard_type *from = value_of(g, value)->type, *to = value_of(g, alpa_op_result(op, i))->type;
      if (!from)
        continue;
      const shard_node *carry = &g->nodes.items[node];
      uint32_t *columns = alpa_arena_new(g->arena, uint32_t, carry->n_strategies);
      for (uint32_t s = 0; s < carry->n_strategies; s++)
        columns[s] = shard_type_find(from, to->states[carry->states[s]]);
      for (uint32_t s = 0; s < carry->n_strategies; s++)
        if (columns[s] == UINT32_MAX) /* a yielded value that cannot be partial is not: only whole states remain */
          columns[s] = 0;
      add_edge(g, value, node, columns, inside);
    }
  }
  return ALPA_OK;
}

static alpa_status add_branch(shard_graph *g, const alpa_op *op, int64_t weight) {
  add_replicated(g, alpa_op_operand(op, 0), weight);
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *result = alpa_op_result(op, i);
    value_of(g, result)->producer =
        add_value_node(g, SHARD_CARRIED, result, value_of(g, result)->type->n_whole, NULL, weight);
  }
  for (uint32_t r = 0; r < op->n_regions; r++) {
    ALPA_TRY(add_block(g, alpa_region_block(&op->regions[r]), weight));
    for (uint32_t i = 0; i < op->n_results; i++) {
      uint32_t node = value_of(g, alpa_op_result(op, i))->producer;
      const alpa_value *value = yielded(op, r, i);
      if (!value_of(g, value)->type)
        continue;
      /* whole states come first and in the same order in every type of these dimensions */
      add_edge(g, value, node, g->nodes.items[node].states, weight);
    }
  }
  return ALPA_OK;
}

static alpa_status add_computation(shard_graph *g, const alpa_op *op, const alpa_factor_rule *rule, int64_t weight) {
  bool is_free = op->n_results > 0;
  for (uint32_t i = 0; i < op->n_results; i++)
    is_free = is_free && !value_of(g, alpa_op_result(op, i))->type;
  if (is_free)
    return ALPA_OK;
  const shard_type **results = alpa_arena_new(g->arena, const shard_type *, op->n_results);
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = value_of(g, alpa_op_result(op, i))->type;
  const shard_class *class = shard_class_get(g->classes, op, rule, operand_types(g, op), results);
  shard_node node = {.kind = SHARD_OP, .op = op, .class = class, .n_strategies = class->n_strategies, .weight = weight};
  uint32_t number = add_node(g, &node);
  g->op_nodes[op->number] = number;
  for (uint32_t i = 0; i < op->n_results; i++)
    value_of(g, alpa_op_result(op, i))->producer = number;
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (class->operand_states[i])
      add_edge(g, alpa_op_operand(op, i), number, class->operand_states[i], weight);
  return ALPA_OK;
}

/* sdy.sharding_constraint and sdy.reshard hold their result in a given state. */
static bool is_constraint(const alpa_op *op) {
  return op->def == &alpa_sdy_ops[SDY_sharding_constraint] || op->def == &alpa_sdy_ops[SDY_reshard];
}

static alpa_status add_op(shard_graph *g, const alpa_op *op, int64_t weight) {
  const alpa_factor_rule *rule = g->rules[op->number];
  switch (rule->form) {
  case ALPA_RULE_TIED:
    ALPA_TRY(add_tied(g, op, rule, weight));
    break;
  case ALPA_RULE_BRANCH:
    ALPA_TRY(add_branch(g, op, weight));
    break;
  case ALPA_RULE_FACTORS:
    ALPA_TRY(add_computation(g, op, rule, weight));
    break;
  case ALPA_RULE_YIELD:
    return ALPA_OK;
  case ALPA_RULE_NONE:
    return op->n_results == 0 ? ALPA_OK
                              : alpa_op_unsupported(op, "cannot be sharded; stages are, each for itself, by a nested "
                                                        "pipeline 'builtin.module(shard)'");
  }
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *result = alpa_op_result(op, i);
    const alpa_attr *annotation =
        is_constraint(op) ? alpa_op_find_attr(op, "sharding") : alpa_value_find_sharding(result);
    ALPA_TRY(add_hub(g, op, result, annotation, weight));
  }
  return ALPA_OK;
}

static alpa_status add_block(shard_graph *g, const alpa_block *block, int64_t weight) {
  for (const alpa_op *op = block->first; op; op = op->next)
    ALPA_TRY(add_op(g, op, weight));
  return ALPA_OK;
}

/* ---- arguments and results of the function ---- */

/* What is said about an argument, or else about the result that takes its place. */
static const alpa_attr *find_argument_annotation(const shard_graph *g, const alpa_value *arg) {
  const alpa_attr *own = alpa_value_find_sharding(arg);
  const alpa_attr *alias = alpa_func_find_arg_attr(g->func, arg->index, "tf.aliasing_output");
  bool is_sound = alias && alias->kind == ALPA_ATTR_INTEGER && alias->integer >= 0 &&
                  (size_t)alias->integer < alpa_func_type(g->func)->results.n;
  return own || !is_sound ? own : alpa_func_find_result_sharding(g->func, (uint32_t)alias->integer);
}

static alpa_status add_arguments(shard_graph *g, const alpa_block *entry) {
  for (uint32_t i = 0; i < entry->n_args; i++) {
    const alpa_value *arg = entry->args[i];
    if (!alpa_type_is_static_tensor(arg->type))
      return alpa_op_unsupported(g->func, "argument #%u has type '%s', only tensors of static shape can be sharded", i,
                                 alpa_type_spell(alpa_op_context(g->func), arg->type));
    set_type(g, arg, 0);
    alpa_sharding *allowed = NULL;
    ALPA_TRY(find_annotation(g, g->func, find_argument_annotation(g, arg), &allowed));
    uint32_t node = add_value_node(g, SHARD_ARGUMENT, arg, value_of(g, arg)->type->n_whole, allowed, 1);
    if (g->nodes.items[node].n_strategies == 0)
      return no_state(g->func, arg, alpa_arena_printf(g->arena, "argument #%u", i));
    value_of(g, arg)->producer = node;
  }
  return ALPA_OK;
}

static alpa_status add_argument_hubs(shard_graph *g, const alpa_block *entry) {
  for (uint32_t i = 0; i < entry->n_args; i++)
    ALPA_TRY(add_hub(g, g->func, entry->args[i], NULL, 1));
  return ALPA_OK;
}

/* A donated argument and the result that takes its place have one placement. */
static alpa_status find_donors(shard_graph *g, const alpa_block *entry, uint32_t *donors, uint32_t n) {
  for (uint32_t r = 0; r < n; r++)
    donors[r] = SHARD_NO_NODE;
  for (uint32_t i = 0; i < entry->n_args; i++) {
    const alpa_attr *alias = alpa_func_find_arg_attr(g->func, i, "tf.aliasing_output");
    if (!alias)
      continue;
    if (alias->kind != ALPA_ATTR_INTEGER || alias->integer < 0 || alias->integer >= n)
      return alpa_op_error(g->func, "argument #%u aliases result #%lld, but there are %u results", i,
                           alias->kind == ALPA_ATTR_INTEGER ? (long long)alias->integer : -1, n);
    donors[alias->integer] = value_of(g, entry->args[i])->producer;
  }
  return ALPA_OK;
}

/* Columns that say in the value's type what the node's states are. */
static const uint32_t *translate(shard_graph *g, const shard_node *node, const shard_type *type) {
  uint32_t *columns = alpa_arena_new(g->arena, uint32_t, node->n_strategies);
  for (uint32_t s = 0; s < node->n_strategies; s++)
    columns[s] = shard_type_find(type, node->type->states[node->states[s]]);
  return columns;
}

/* A free value is had in any state for nothing: the annotation alone decides, and without one it is replicated. */
static alpa_status place_free_result(shard_graph *g, const alpa_value *value, uint32_t result) {
  alpa_sharding *wanted = NULL;
  ALPA_TRY(find_annotation(g, g->func, alpa_func_find_result_sharding(g->func, result), &wanted));
  if (!wanted || !alpa_type_is_static_tensor(value->type))
    return ALPA_OK;
  g->free_results[result] = shard_state_encode(wanted);
  if (shard_type_find(shard_type_get(g->types, value->type, 0), g->free_results[result]) == UINT32_MAX)
    return no_state(g->func, value, alpa_arena_printf(g->arena, "result #%u", result));
  return ALPA_OK;
}

static alpa_status add_results(shard_graph *g, const alpa_block *entry) {
  const alpa_op *end = alpa_block_terminator(entry);
  uint32_t *donors = alpa_arena_new(g->arena, uint32_t, end->n_operands);
  g->result_nodes = donors;
  g->free_results = alpa_arena_new(g->arena, shard_state, end->n_operands);
  ALPA_TRY(find_donors(g, entry, donors, end->n_operands));
  for (uint32_t r = 0; r < end->n_operands; r++) {
    const alpa_value *value = alpa_op_operand(end, r);
    const shard_type *type = value_of(g, value)->type;
    if (!type && donors[r] == SHARD_NO_NODE)
      ALPA_TRY(place_free_result(g, value, r));
    if (!type)
      continue;
    if (donors[r] != SHARD_NO_NODE) {
      add_edge(g, value, donors[r], translate(g, &g->nodes.items[donors[r]], type), 1);
      continue;
    }
    alpa_sharding *allowed = NULL;
    ALPA_TRY(find_annotation(g, g->func, alpa_func_find_result_sharding(g->func, r), &allowed));
    uint32_t node = add_value_node(g, SHARD_RESULT, value, type->n_whole, allowed, 1);
    if (g->nodes.items[node].n_strategies == 0)
      return no_state(g->func, value, alpa_arena_printf(g->arena, "result #%u", r));
    donors[r] = node;
    add_edge(g, value, node, g->nodes.items[node].states, 1);
  }
  return ALPA_OK;
}

alpa_status shard_graph_build(shard_graph *graph, alpa_op *func) {
  graph->func = func;
  const alpa_block *entry = alpa_func_entry(func);
  alpa_op_number(func, &graph->n_ops, &graph->n_values);
  graph->values = alpa_arena_new(graph->arena, shard_value, graph->n_values);
  graph->op_nodes = alpa_arena_new(graph->arena, uint32_t, graph->n_ops);
  graph->rules = alpa_arena_new(graph->arena, const alpa_factor_rule *, graph->n_ops);
  for (uint32_t i = 0; i < graph->n_ops; i++)
    graph->op_nodes[i] = SHARD_NO_NODE;
  ALPA_TRY(add_arguments(graph, entry));
  ALPA_TRY(type_block(graph, entry));
  ALPA_TRY(add_argument_hubs(graph, entry));
  ALPA_TRY(add_block(graph, entry, 1));
  return add_results(graph, entry);
}
