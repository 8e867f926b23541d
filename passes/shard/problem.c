/* Nodes, tables and edges are handed over as they are.
 *
 * Memory: time is the position of ops in program order.  Arguments live from beginning to end, for a donated one and
 * its result share their place.  A value lives from its definition to its last use, in the state of its hub where it
 * has one.  What codegen fuses away takes nothing: a value with one use that is elementwise, moved or free, between
 * ops that are so too. */
#include "passes/shard/problem.h"

#include "dialects/func/func.h"
#include "passes/cost/op_cost.h"

static int64_t saturating_product(int64_t cost, int64_t weight) {
  int64_t product;
  if (cost >= ALPA_SOLVER_INFINITE || __builtin_mul_overflow(cost, weight, &product) || product >= ALPA_SOLVER_INFINITE)
    return ALPA_SOLVER_INFINITE;
  return product;
}

static const int64_t *node_costs(const shard_graph *g, const shard_node *node) {
  int64_t *costs = alpa_arena_new(g->arena, int64_t, node->n_strategies);
  for (uint32_t s = 0; node->class && s < node->n_strategies; s++)
    costs[s] = saturating_product(node->class->costs[s], node->weight);
  return costs;
}

/* ---- lifetimes ---- */

/* The op of the function's own block that a use counts for: what is used inside a loop lives as long as the loop. */
static const alpa_op *outermost(const shard_graph *g, const alpa_op *op, const alpa_block *block) {
  while (op->block != block && op != g->func)
    op = alpa_op_parent(op);
  return op;
}

static bool is_fusible(const alpa_op *op) {
  switch (alpa_op_cost_get(op)) {
  case ALPA_OP_COST_FREE:
  case ALPA_OP_COST_MOVE:
  case ALPA_OP_COST_POINTWISE:
  case ALPA_OP_COST_TRANSCENDENTAL:
    return true;
  case ALPA_OP_COST_NONE:
  case ALPA_OP_COST_REDUCE:
  case ALPA_OP_COST_WINDOW:
  case ALPA_OP_COST_INDEX:
  case ALPA_OP_COST_SORT:
  case ALPA_OP_COST_CONTRACTION:
  case ALPA_OP_COST_CONVOLUTION:
  case ALPA_OP_COST_REGION:
  case ALPA_OP_COST_COLLECTIVE:
    return false;
  }
  return false;
}

static bool is_fused_away(const alpa_value *value) {
  if (!value->op || !alpa_value_has_one_use(value) || !is_fusible(value->op))
    return false;
  const alpa_op *user = value->uses->owner;
  return is_fusible(user) || alpa_op_cost_get(user) == ALPA_OP_COST_REDUCE;
}

static alpa_solver_segment lifetime(const shard_graph *g, const alpa_value *value) {
  const alpa_block *block = value->op ? value->op->block : value->block;
  int64_t begin = value->op ? value->op->number : 0, end = begin + 1;
  for (const alpa_use *use = value->uses; use; use = use->next) {
    int64_t at = outermost(g, use->owner, block)->number;
    end = at + 1 > end ? at + 1 : end;
  }
  return (alpa_solver_segment){.begin = begin, .end = end};
}

static const int64_t *usage_of(const shard_graph *g, const shard_node *node, const alpa_value *value) {
  const shard_type *type = g->values[value->number].type;
  int64_t *usage = alpa_arena_new(g->arena, int64_t, node->n_strategies);
  const uint32_t *states = node->kind == SHARD_OP ? node->class->result_states[value->index] : node->states;
  for (uint32_t s = 0; s < node->n_strategies; s++)
    usage[s] = type->bytes[states[s]];
  return usage;
}

typedef ALPA_VEC(alpa_solver_segment) segment_list;

static void add_value(const shard_graph *g, const shard_node *node, const alpa_value *value, segment_list *out) {
  const shard_value *v = &g->values[value->number];
  bool hub_counts = node->kind == SHARD_OP && v->hub != SHARD_NO_NODE;
  if (!v->type || hub_counts || is_fused_away(value))
    return;
  alpa_solver_segment segment = lifetime(g, value);
  segment.usage = usage_of(g, node, value);
  alpa_vec_push(g->arena, out, segment);
}

static void add_memory(const shard_graph *g, const shard_node *node, alpa_solver_node *out) {
  segment_list segments = {0};
  switch (node->kind) {
  case SHARD_ARGUMENT:
    alpa_vec_push(g->arena, &segments,
                  (alpa_solver_segment){.begin = 0, .end = g->n_ops, .usage = usage_of(g, node, node->value)});
    break;
  case SHARD_OP:
    for (uint32_t i = 0; i < node->op->n_results; i++)
      add_value(g, node, alpa_op_result(node->op, i), &segments);
    break;
  case SHARD_HUB:
    if (node->value->op) /* an argument used as it is takes no second place */
      add_value(g, node, node->value, &segments);
    break;
  case SHARD_CARRIED:
    add_value(g, node, node->value, &segments);
    break;
  case SHARD_RESULT:
    break;
  }
  out->segments = segments.items;
  out->n_segments = (uint32_t)segments.n;
}

/* ---- the program ---- */

void shard_problem_build(const shard_graph *graph, int64_t limit, alpa_solver_problem *out_problem) {
  alpa_arena *arena = graph->arena;
  alpa_solver_node *nodes = alpa_arena_new(arena, alpa_solver_node, graph->nodes.n);
  for (size_t i = 0; i < graph->nodes.n; i++) {
    const shard_node *node = &graph->nodes.items[i];
    nodes[i] = (alpa_solver_node){.n_strategies = node->n_strategies, .costs = node_costs(graph, node)};
    add_memory(graph, node, &nodes[i]);
  }
  alpa_solver_table *tables = alpa_arena_new(arena, alpa_solver_table, graph->types->items.n);
  for (size_t i = 0; i < graph->types->items.n; i++) {
    const shard_type *type = graph->types->items.items[i];
    tables[i] = (alpa_solver_table){type->n_states, type->n_states, type->reshard};
  }
  alpa_solver_edge *edges = alpa_arena_new(arena, alpa_solver_edge, graph->edges.n);
  for (size_t i = 0; i < graph->edges.n; i++) {
    const shard_edge *edge = &graph->edges.items[i];
    edges[i] = (alpa_solver_edge){.from = edge->from,
                                  .to = edge->to,
                                  .table = edge->table,
                                  .rows = edge->rows,
                                  .columns = edge->columns,
                                  .weight = edge->weight};
  }
  *out_problem = (alpa_solver_problem){.nodes = nodes,
                                       .tables = tables,
                                       .edges = edges,
                                       .n_nodes = (uint32_t)graph->nodes.n,
                                       .n_tables = (uint32_t)graph->types->items.n,
                                       .n_edges = (uint32_t)graph->edges.n,
                                       .limit = limit};
}
