/* Nodes, tables and edges are handed over as they are.
 *
 * Memory: time is the position of ops in program order.  Arguments live from beginning to end, for a donated one and
 * its result share their place.  A value lives from its definition to its last use, in the state of its hub where it
 * has one.  What codegen fuses away takes nothing: a value with one use that is elementwise, moved or free, between
 * ops that are so too.  A contraction packs its operands and keeps partial sums while it runs. */
#include "passes/shard/problem.h"

#include "dialects/func/func.h"
#include "passes/cost/op_cost.h"

/* ---- the unit of cost ---- */

/* The largest finite one of `n` costs. */
static double largest(const int64_t *costs, size_t n) {
  int64_t most = 0;
  for (size_t i = 0; i < n; i++)
    if (costs[i] < ALPA_SOLVER_INFINITE && costs[i] > most)
      most = costs[i];
  return (double)most;
}

/* Half of what the solver takes as the sum of the largest costs. */
static const double MOST_COST = (double)(ALPA_SOLVER_INFINITE / 8);

/* In picoseconds: 1, but more for loops of so many trips that their cost would be too large for the solver. */
static int64_t choose_unit(const shard_graph *g) {
  double sum = 0, *of_type = alpa_arena_new(g->arena, double, g->types->items.n);
  for (size_t t = 0; t < g->types->items.n; t++) {
    const shard_type *type = g->types->items.items[t];
    of_type[t] = largest(type->reshard, (size_t)type->n_states * type->n_states);
  }
  for (size_t i = 0; i < g->nodes.n; i++) {
    const shard_node *node = &g->nodes.items[i];
    if (node->class)
      sum += largest(node->class->costs, node->n_strategies) * (double)node->weight;
  }
  for (size_t e = 0; e < g->edges.n; e++)
    sum += of_type[g->edges.items[e].table] * (double)g->edges.items[e].weight;
  return (int64_t)(sum / MOST_COST) + 1;
}

static int64_t in_units(int64_t cost, int64_t weight, int64_t unit) {
  if (cost >= ALPA_SOLVER_INFINITE)
    return ALPA_SOLVER_INFINITE;
  return (int64_t)(((alpa_int128)cost * weight + unit - 1) / unit);
}

/* `n` costs of reshards; the weight is the edge's. */
static const int64_t *reshard_costs(const shard_graph *g, const int64_t *costs, size_t n, int64_t unit) {
  if (unit == 1)
    return costs;
  int64_t *out = alpa_arena_new(g->arena, int64_t, n);
  for (size_t i = 0; i < n; i++)
    out[i] = in_units(costs[i], 1, unit);
  return out;
}

/* ---- nodes ---- */

/* Slices are free, so a batch would as soon come whole as split: of equal plans the one that takes in less is better.
 */
enum { BYTES_A_TICK = 64 };

static bool is_input(const shard_graph *g, const shard_node *node) {
  return node->kind == SHARD_ARGUMENT && g->types->model->kind == ALPA_COST_ROOFLINE &&
         !alpa_func_find_arg_attr(g->func, node->value->index, "tf.aliasing_output");
}

static const int64_t *node_costs(const shard_graph *g, const shard_node *node, int64_t unit) {
  int64_t *costs = alpa_arena_new(g->arena, int64_t, node->n_strategies);
  for (uint32_t s = 0; node->class && s < node->n_strategies; s++)
    costs[s] = in_units(node->class->costs[s], node->weight, unit);
  for (uint32_t s = 0; is_input(g, node) && s < node->n_strategies; s++)
    costs[s] = node->type->bytes[node->states[s]] / BYTES_A_TICK / unit;
  return costs;
}

/* ---- lifetimes ---- */

/* The op of the function's own block that a use counts for: what is used inside a loop lives as long as the loop. */
static const alpa_op *outermost(const shard_graph *g, const alpa_op *op, const alpa_block *block) {
  while (op->block != block && op != g->func)
    op = alpa_op_parent(op);
  return op;
}

static bool is_fused_away(const alpa_value *value) {
  if (!value->op || !alpa_value_has_one_use(value) || !alpa_op_cost_is_light(value->op))
    return false;
  const alpa_op *user = value->uses->owner;
  return alpa_op_cost_is_light(user) || alpa_op_cost_get(user) == ALPA_OP_COST_REDUCE;
}

/* The time when an op and all that is inside it are done. */
static int64_t end_of(const alpa_op *op) { return op->next ? op->next->number : (int64_t)op->number + 1; }

static alpa_solver_segment lifetime(const shard_graph *g, const alpa_value *value) {
  const alpa_block *block = value->op ? value->op->block : value->block;
  int64_t begin = value->op ? value->op->number : 0, end = begin + 1;
  for (const alpa_use *use = value->uses; use; use = use->next) {
    int64_t at = end_of(outermost(g, use->owner, block));
    end = at > end ? at : end;
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

enum { MOST_SCRATCH = 1 << 20 };

static void add_scratch(const shard_graph *g, const shard_node *node, segment_list *out) {
  const shard_class *class = node->class;
  if (alpa_op_cost_get(node->op) != ALPA_OP_COST_CONTRACTION)
    return;
  int64_t *usage = alpa_arena_new(g->arena, int64_t, node->n_strategies);
  for (uint32_t s = 0; s < node->n_strategies; s++) {
    for (uint32_t i = 0; i < class->n_operands; i++)
      usage[s] += class->operand_types[i] ? class->operand_types[i]->bytes[class->operand_states[i][s]] : 0;
    usage[s] += class->result_types[0]->bytes[class->result_states[0][s]];
    usage[s] = usage[s] > MOST_SCRATCH ? MOST_SCRATCH : usage[s];
  }
  int64_t at = node->op->number;
  alpa_vec_push(g->arena, out, (alpa_solver_segment){.begin = at, .end = at + 1, .usage = usage});
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
    add_scratch(g, node, &segments);
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

/* ---- copies of arguments ---- */

/* An argument in another state than the one it arrives in is a copy, which takes memory of its own: a node with the
 * pairs of states as strategies, tied to both nodes, carries it.  Where there are more pairs it is left out. */
enum { MOST_PAIRS = 4096 };

typedef struct copied {
  const shard_node *argument, *hub;
  uint32_t argument_index, hub_index;
} copied;

static bool find_copied(const shard_graph *g, uint32_t hub, copied *out) {
  const shard_node *node = &g->nodes.items[hub];
  if (node->kind != SHARD_HUB || node->value->op)
    return false;
  uint32_t producer = g->values[node->value->number].producer;
  *out = (copied){&g->nodes.items[producer], node, producer, hub};
  return out->argument->kind == SHARD_ARGUMENT && out->argument->n_strategies * node->n_strategies <= MOST_PAIRS;
}

static uint32_t count_copies(const shard_graph *g) {
  uint32_t n = 0;
  copied pair;
  for (uint32_t i = 0; i < g->nodes.n; i++)
    n += find_copied(g, i, &pair);
  return n;
}

static alpa_solver_node copy_node(const shard_graph *g, const copied *pair) {
  uint32_t n_argument = pair->argument->n_strategies, n_hub = pair->hub->n_strategies;
  alpa_solver_segment *segment = alpa_arena_new(g->arena, alpa_solver_segment, 1);
  int64_t *usage = alpa_arena_new(g->arena, int64_t, n_argument * n_hub);
  for (uint32_t a = 0; a < n_argument; a++)
    for (uint32_t h = 0; h < n_hub; h++)
      if (pair->argument->states[a] != pair->hub->states[h])
        usage[a * n_hub + h] = pair->hub->type->bytes[pair->hub->states[h]];
  *segment = lifetime(g, pair->hub->value);
  segment->usage = usage;
  return (alpa_solver_node){.n_strategies = n_argument * n_hub,
                            .n_segments = 1,
                            .costs = alpa_arena_new(g->arena, int64_t, n_argument * n_hub),
                            .segments = segment};
}

/* Forbids all but equal strategies. */
static alpa_solver_table equality(const shard_graph *g, uint32_t n) {
  int64_t *costs = alpa_arena_new(g->arena, int64_t, (size_t)n * n);
  for (size_t i = 0; i < (size_t)n * n; i++)
    costs[i] = i % (n + 1) == 0 ? 0 : ALPA_SOLVER_INFINITE;
  return (alpa_solver_table){n, n, costs};
}

/* Ties the pair's node to one of its two. */
static alpa_solver_edge tie(const shard_graph *g, uint32_t table, const copied *pair, uint32_t index, bool is_hub) {
  uint32_t n_argument = pair->argument->n_strategies, n_hub = pair->hub->n_strategies;
  uint32_t *rows = alpa_arena_new(g->arena, uint32_t, n_argument * n_hub);
  for (uint32_t s = 0; s < n_argument * n_hub; s++)
    rows[s] = is_hub ? s % n_hub : s / n_hub;
  return (alpa_solver_edge){
      .from = index, .to = is_hub ? pair->hub_index : pair->argument_index, .table = table, .rows = rows, .weight = 1};
}

/* One table of equality for each number of strategies. */
typedef struct equalities {
  alpa_solver_table *tables;
  uint32_t n;
  uint32_t n_before;
} equalities;

static uint32_t equality_of(const shard_graph *g, equalities *all, uint32_t n) {
  for (uint32_t t = all->n_before; t < all->n; t++)
    if (all->tables[t].n_rows == n)
      return t;
  all->tables[all->n] = equality(g, n);
  return all->n++;
}

/* Appends the nodes of copies and what ties them; the arrays have room. */
static void add_copies(const shard_graph *g, alpa_solver_node *nodes, alpa_solver_edge *edges, equalities *tables) {
  uint32_t n_nodes = (uint32_t)g->nodes.n, n_edges = (uint32_t)g->edges.n;
  copied pair;
  for (uint32_t i = 0; i < g->nodes.n; i++) {
    if (!find_copied(g, i, &pair))
      continue;
    nodes[n_nodes] = copy_node(g, &pair);
    uint32_t own = equality_of(g, tables, pair.argument->n_strategies);
    edges[n_edges++] = tie(g, own, &pair, n_nodes, false);
    uint32_t other = equality_of(g, tables, pair.hub->n_strategies);
    edges[n_edges++] = tie(g, other, &pair, n_nodes++, true);
  }
}

uint32_t *shard_problem_complete(const shard_graph *graph, const uint32_t *assignment) {
  uint32_t n = (uint32_t)graph->nodes.n;
  uint32_t *all = alpa_arena_new(graph->arena, uint32_t, n + count_copies(graph));
  copied pair;
  for (uint32_t i = 0; i < graph->nodes.n; i++) {
    all[i] = assignment[i];
    if (find_copied(graph, i, &pair))
      all[n++] = assignment[pair.argument_index] * pair.hub->n_strategies + assignment[i];
  }
  return all;
}

const shard_node *shard_problem_node(const shard_graph *graph, uint32_t index) {
  if (index < graph->nodes.n)
    return &graph->nodes.items[index];
  uint32_t n = (uint32_t)graph->nodes.n;
  copied pair = {0};
  for (uint32_t i = 0; i < graph->nodes.n; i++)
    if (find_copied(graph, i, &pair) && n++ == index)
      break;
  return pair.hub;
}

/* ---- the program ---- */

int64_t shard_problem_build(const shard_graph *graph, int64_t limit, alpa_solver_problem *out_problem) {
  alpa_arena *arena = graph->arena;
  int64_t unit = choose_unit(graph);
  uint32_t n_copies = count_copies(graph), n_types = (uint32_t)graph->types->items.n;
  alpa_solver_node *nodes = alpa_arena_new(arena, alpa_solver_node, graph->nodes.n + n_copies);
  for (size_t i = 0; i < graph->nodes.n; i++) {
    const shard_node *node = &graph->nodes.items[i];
    nodes[i] = (alpa_solver_node){.n_strategies = node->n_strategies, .costs = node_costs(graph, node, unit)};
    add_memory(graph, node, &nodes[i]);
  }
  alpa_solver_table *tables = alpa_arena_new(arena, alpa_solver_table, n_types + 2 * (size_t)n_copies);
  for (uint32_t i = 0; i < n_types; i++) {
    const shard_type *type = graph->types->items.items[i];
    size_t n_costs = (size_t)type->n_states * type->n_states;
    tables[i] = (alpa_solver_table){type->n_states, type->n_states, reshard_costs(graph, type->reshard, n_costs, unit)};
  }
  alpa_solver_edge *edges = alpa_arena_new(arena, alpa_solver_edge, graph->edges.n + 2 * (size_t)n_copies);
  for (size_t i = 0; i < graph->edges.n; i++) {
    const shard_edge *edge = &graph->edges.items[i];
    edges[i] = (alpa_solver_edge){.from = edge->from,
                                  .to = edge->to,
                                  .table = edge->table,
                                  .rows = edge->rows,
                                  .columns = edge->columns,
                                  .weight = edge->weight};
  }
  equalities equal = {tables, n_types, n_types};
  add_copies(graph, nodes, edges, &equal);
  *out_problem = (alpa_solver_problem){.nodes = nodes,
                                       .tables = tables,
                                       .edges = edges,
                                       .n_nodes = (uint32_t)graph->nodes.n + n_copies,
                                       .n_tables = equal.n,
                                       .n_edges = (uint32_t)graph->edges.n + 2 * n_copies,
                                       .limit = limit};
  return unit;
}

alpa_solver_problem shard_problem_without_limit(const shard_graph *graph, const alpa_solver_problem *problem) {
  alpa_solver_problem bare = *problem;
  bare.limit = ALPA_SOLVER_UNLIMITED;
  bare.n_nodes = (uint32_t)graph->nodes.n;
  bare.n_edges = (uint32_t)graph->edges.n;
  return bare;
}
