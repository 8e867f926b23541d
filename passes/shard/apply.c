/* Applying an assignment: shardings onto values, reshards between producers, hubs and consumers. */
#include "passes/shard/apply.h"

#include "dialects/func/func.h"
#include "dialects/ir/builder.h"
#include "dialects/sdy/sdy.h"

/* The number of the reshards themselves, which are in no table. */
enum { NEW_OP = INT32_MAX };

typedef struct application {
  shard_graph *graph;
  const uint32_t *assignment;
  alpa_map reshards;  /* value and state -> the resharded value */
  alpa_map shardings; /* rank and state -> attribute */
} application;

static const alpa_attr *encode(application *a, uint32_t rank, shard_state state) {
  shard_graph *g = a->graph;
  bool is_new;
  uint64_t *slot = alpa_map_insert(g->arena, &a->shardings, alpa_hash_mix(state, rank), &is_new);
  if (is_new) {
    alpa_sharding sharding;
    shard_state_decode(g->arena, g->mesh, rank, state, &sharding);
    *slot = (uintptr_t)alpa_sharding_encode(alpa_op_context(g->func), &sharding);
  }
  return (const alpa_attr *)(uintptr_t)*slot;
}

static const shard_value *value_of(const application *a, const alpa_value *value) {
  return &a->graph->values[value->number];
}

static shard_state node_state(const application *a, uint32_t node, const alpa_value *value) {
  const shard_type *type = value_of(a, value)->type;
  return type->states[shard_graph_state(a->graph, node, value, a->assignment[node])];
}

static alpa_value *build_reshard(application *a, alpa_value *value, shard_state state, alpa_block *block,
                                 alpa_op *before) {
  alpa_op *near = before ? before : block->last;
  alpa_builder builder = {.module = a->graph->func->module, .block = block, .before = before};
  builder.loc = value->op ? value->op->loc : value->loc ? value->loc : near->loc;
  const alpa_attr *sharding = encode(a, value->type->rank, state);
  alpa_op_state op = {
      .def = &alpa_sdy_ops[SDY_reshard], .operands = &value, .n_operands = 1, .results = &value->type, .n_results = 1};
  alpa_op *reshard = alpa_build(&builder, &op);
  reshard->number = NEW_OP;
  alpa_op_set_attr(reshard, "sharding", sharding);
  alpa_value_set_sharding(alpa_op_result(reshard, 0), sharding);
  return alpa_op_result(reshard, 0);
}

/* Directly behind the definition of a value. */
static alpa_op *behind(const alpa_value *value, alpa_block **out_block) {
  *out_block = value->op ? value->op->block : value->block;
  return value->op ? value->op->next : (*out_block)->first;
}

/* The value in a state, made from what its consumers see (`seen`, the hub's reshard or the value itself), in the
 * block of the consumer: a reshard inside a loop that the plan put there stays there. */
static alpa_value *in_state(application *a, alpa_value *value, alpa_value *seen, shard_state state, alpa_op *consumer) {
  alpa_block *block = consumer->block, *home;
  alpa_op *before = behind(seen, &home);
  uint64_t key = alpa_hash_mix(alpa_hash_mix((uintptr_t)value, state), (uintptr_t)block);
  bool is_new;
  uint64_t *slot = alpa_map_insert(a->graph->arena, &a->reshards, key, &is_new);
  if (is_new)
    *slot = (uintptr_t)build_reshard(a, seen, state, block, block == home ? before : block->first);
  return (alpa_value *)(uintptr_t)*slot;
}

typedef struct pending_use {
  alpa_op *op;
  uint32_t operand;
} pending_use;

typedef ALPA_VEC(pending_use) pending_uses;

static pending_uses collect_uses(application *a, const alpa_value *value) {
  pending_uses uses = {0};
  for (alpa_use *use = value->uses; use; use = use->next)
    alpa_vec_push(a->graph->arena, &uses, (pending_use){use->owner, alpa_use_index(use)});
  return uses;
}

/* The state in which an operand is wanted; false where any will do. */
static bool wanted(const application *a, const pending_use *use, shard_state *out) {
  const shard_graph *g = a->graph;
  const alpa_op *op = use->op;
  const alpa_factor_rule *rule = g->rules[op->number];
  const alpa_op *parent = alpa_op_parent(op);
  switch (rule->form) {
  case ALPA_RULE_FACTORS: {
    uint32_t node = g->op_nodes[op->number];
    if (node == SHARD_NO_NODE)
      return false;
    const shard_class *class = g->nodes.items[node].class;
    if (!class->operand_states[use->operand])
      return false;
    uint32_t position = class->operand_states[use->operand][a->assignment[node]];
    *out = class->operand_types[use->operand]->states[position];
    return true;
  }
  case ALPA_RULE_TIED: {
    const alpa_value *result = alpa_op_result(op, use->operand);
    *out = node_state(a, value_of(a, result)->producer, result);
    return true;
  }
  case ALPA_RULE_YIELD: {
    if (parent == g->func) {
      uint32_t node = g->result_nodes[use->operand];
      const shard_node *n = node == SHARD_NO_NODE ? NULL : &g->nodes.items[node];
      *out = n ? n->type->states[n->states[a->assignment[node]]] : g->free_results[use->operand];
      return true;
    }
    bool is_condition = g->rules[parent->number]->form == ALPA_RULE_TIED && op->block->region == &parent->regions[0] &&
                        parent->n_regions == 2;
    const alpa_value *result = is_condition ? NULL : alpa_op_result(parent, use->operand);
    *out = result ? node_state(a, value_of(a, result)->producer, result) : 0;
    return true;
  }
  case ALPA_RULE_BRANCH:
    *out = 0;
    return true;
  case ALPA_RULE_NONE:
    return false;
  }
  return false;
}

/* What a region's block has as arguments is sharded as the op around it says. */
static bool carries_sharding(const alpa_value *value) {
  return value->op || func_is(value->block->region->op, FUNC_func);
}

/* A free value has no node: it is replicated, and each state that consumers want is had from there for nothing. */
static void apply_value(application *a, alpa_value *value) {
  const shard_value *v = value_of(a, value);
  if (!alpa_type_is_static_tensor(value->type))
    return;
  shard_state state = v->type ? node_state(a, v->producer, value) : 0;
  pending_uses uses = collect_uses(a, value);
  alpa_value *seen = value;
  shard_state seen_state = state;
  if (carries_sharding(value))
    alpa_value_set_sharding(value, encode(a, value->type->rank, state));
  if (v->type && v->hub != SHARD_NO_NODE) {
    seen_state = node_state(a, v->hub, value);
    if (seen_state != state) {
      alpa_block *block;
      alpa_op *before = behind(value, &block);
      seen = build_reshard(a, value, seen_state, block, before);
    }
  }
  for (size_t i = 0; i < uses.n; i++) {
    shard_state want;
    if (!wanted(a, &uses.items[i], &want))
      want = seen_state;
    alpa_value *as = want == seen_state ? seen : in_state(a, value, seen, want, uses.items[i].op);
    if (as != value)
      alpa_op_set_operand(uses.items[i].op, uses.items[i].operand, as);
  }
}

static void apply_block(application *a, alpa_block *block) {
  for (uint32_t i = 0; i < block->n_args; i++)
    apply_value(a, block->args[i]);
  for (alpa_op *op = block->first, *next; op; op = next) {
    next = op->next; /* reshards of the results go between */
    if (op->number == NEW_OP)
      continue;
    const alpa_factor_rule *rule = a->graph->rules[op->number];
    for (uint32_t i = 0; i < op->n_results; i++)
      apply_value(a, alpa_op_result(op, i));
    if (rule->form == ALPA_RULE_TIED || rule->form == ALPA_RULE_BRANCH)
      for (uint32_t r = 0; r < op->n_regions; r++)
        apply_block(a, alpa_region_block(&op->regions[r]));
  }
}

static void apply_results(application *a) {
  shard_graph *g = a->graph;
  const alpa_op *end = alpa_block_terminator(alpa_func_entry(g->func));
  for (uint32_t r = 0; r < end->n_operands; r++) {
    uint32_t node = g->result_nodes[r];
    const shard_node *n = node == SHARD_NO_NODE ? NULL : &g->nodes.items[node];
    shard_state state = n ? n->type->states[n->states[a->assignment[node]]] : g->free_results[r];
    alpa_func_set_result_sharding(g->func, r, encode(a, alpa_op_operand_type(end, r)->rank, state));
  }
}

void shard_apply(shard_graph *graph, const uint32_t *assignment) {
  application a = {.graph = graph, .assignment = assignment};
  apply_block(&a, alpa_func_entry(graph->func));
  apply_results(&a);
}
