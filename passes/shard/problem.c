/* Nodes, tables and edges are handed over as they are.
 *
 * Memory: time is the position of ops in program order.  Arguments live from beginning to end, and a donated one has
 * room for its result.  A value lives from its definition to its last use, in the state of its hub where it has one.
 * What codegen fuses away takes nothing: a value that is elementwise, moved or free, between ops that are so too, with
 * one use or one element everywhere.  A contraction packs its operands and keeps partial sums while it runs. */
#include "passes/shard/problem.h"

#include <string.h>

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

/* One element everywhere: each of several users makes it anew. */
static bool is_uniform(const alpa_value *value) {
  for (uint32_t i = 0; i < value->op->n_operands; i++)
    if (alpa_type_count(alpa_op_operand_type(value->op, i)) > 1)
      return false;
  return true;
}

static bool is_fused_away(const alpa_value *value) {
  if (!value->op || !value->uses || !alpa_op_cost_is_light(value->op) ||
      (!alpa_value_has_one_use(value) && !is_uniform(value)))
    return false;
  for (const alpa_use *use = value->uses; use; use = use->next)
    if (!alpa_op_cost_is_light(use->owner) && alpa_op_cost_get(use->owner) != ALPA_OP_COST_REDUCE)
      return false;
  return true;
}

/* The time when an op and all that is inside it are done. */
static int64_t end_of(const alpa_op *op) { return op->next ? op->next->number : (int64_t)op->number + 1; }

/* The time when a use is over; a loop begins by taking over what it carries. */
static int64_t end_of_use(const shard_graph *g, const alpa_use *use, const alpa_block *block) {
  const alpa_op *user = use->owner;
  if (user->block == block && user->n_regions && g->rules[user->number]->form == ALPA_RULE_TIED)
    return (int64_t)user->number + 1;
  return end_of(outermost(g, user, block));
}

static alpa_solver_segment lifetime(const shard_graph *g, const alpa_value *value) {
  const alpa_block *block = value->op ? value->op->block : value->block;
  int64_t begin = value->op ? value->op->number : 0, end = begin + 1;
  for (const alpa_use *use = value->uses; use; use = use->next) {
    int64_t at = end_of_use(g, use, block);
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

/* The node in whose state the value is kept. */
static uint32_t place_of(const shard_value *v) { return v->hub != SHARD_NO_NODE ? v->hub : v->producer; }

static void add_value(const shard_graph *g, const shard_node *node, const alpa_value *value, const bool *is_coupled,
                      segment_list *out) {
  const shard_value *v = &g->values[value->number];
  bool hub_counts = node->kind == SHARD_OP && v->hub != SHARD_NO_NODE;
  if (!v->type || hub_counts || is_coupled[value->number] || is_fused_away(value))
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

static void add_memory(const shard_graph *g, const shard_node *node, const bool *is_coupled, alpa_solver_node *out) {
  segment_list segments = {0};
  switch (node->kind) {
  case SHARD_ARGUMENT:
    alpa_vec_push(g->arena, &segments,
                  (alpa_solver_segment){.begin = 0, .end = g->n_ops, .usage = usage_of(g, node, node->value)});
    break;
  case SHARD_OP:
    for (uint32_t i = 0; i < node->op->n_results; i++)
      add_value(g, node, alpa_op_result(node->op, i), is_coupled, &segments);
    add_scratch(g, node, &segments);
    break;
  case SHARD_HUB:
    if (node->value->op) /* an argument used as it is takes no second place */
      add_value(g, node, node->value, is_coupled, &segments);
    break;
  case SHARD_CARRIED:
    add_value(g, node, node->value, is_coupled, &segments);
    break;
  case SHARD_RESULT:
    break;
  }
  out->segments = segments.items;
  out->n_segments = (uint32_t)segments.n;
}

/* ---- values that share an argument's place ---- */

/* An argument that is used in its own state needs no other place, nor does what is written where a donated argument
 * was; in another state each takes memory of its own.  A node with the pairs of states as strategies, tied to both
 * nodes, carries it.  Where there are more pairs an argument's copy is left out, and a result counts as any value. */
enum { MOST_PAIRS = 4096 };

typedef struct couple {
  const alpa_value *value; /* in the place, or in one of its own */
  uint32_t argument, other;
  const shard_node *nodes[2]; /* of both */
  uint32_t n_argument, n_other;
  uint32_t *columns;      /* by strategy of the other: which of its states */
  const uint32_t *states; /* [n_other] positions in the value's type */
} couple;

typedef ALPA_VEC(couple) couple_list;

/* Different strategies of an op may have the value in one state. */
static void find_states(const shard_graph *g, couple *c) {
  const shard_node *node = c->nodes[1];
  uint32_t *states = alpa_arena_new(g->arena, uint32_t, node->n_strategies);
  c->columns = alpa_arena_new(g->arena, uint32_t, node->n_strategies);
  for (uint32_t s = 0; s < node->n_strategies; s++) {
    uint32_t state = shard_graph_state(g, c->other, c->value, s), at = 0;
    while (at < c->n_other && states[at] != state)
      at++;
    states[at] = state;
    c->n_other += at == c->n_other;
    c->columns[s] = at;
  }
  c->states = states;
}

static bool couple_init(const shard_graph *g, const alpa_value *value, uint32_t argument, uint32_t other, couple *out) {
  const shard_node *node = &g->nodes.items[argument];
  *out = (couple){.value = value,
                  .argument = argument,
                  .other = other,
                  .nodes = {node, &g->nodes.items[other]},
                  .n_argument = node->n_strategies};
  if (node->kind != SHARD_ARGUMENT)
    return false;
  find_states(g, out);
  return out->n_argument * out->n_other <= MOST_PAIRS;
}

/* Whether the op can write where an operand was, or the operand is not used by it. */
static bool may_replace(const shard_graph *g, const alpa_value *value, const alpa_value *argument) {
  const alpa_op *op = value->op;
  if (!op || op->block != argument->block)
    return false;
  bool is_in_place = alpa_op_cost_is_light(op) || alpa_op_cost_get(op) == ALPA_OP_COST_REGION;
  return lifetime(g, argument).end <= (is_in_place ? end_of(op) : (int64_t)op->number);
}

/* In the order of their nodes in the program. */
static couple_list find_couples(const shard_graph *g) {
  couple_list list = {0};
  couple next;
  for (uint32_t i = 0; i < g->nodes.n; i++) {
    const shard_node *node = &g->nodes.items[i];
    if (node->kind == SHARD_HUB && !node->value->op &&
        couple_init(g, node->value, g->values[node->value->number].producer, i, &next))
      alpa_vec_push(g->arena, &list, next);
  }
  const alpa_op *end = alpa_block_terminator(alpa_func_entry(g->func));
  for (uint32_t r = 0; r < end->n_operands; r++) {
    const alpa_value *value = alpa_op_operand(end, r);
    const shard_value *v = &g->values[value->number];
    uint32_t donor = g->result_nodes[r];
    if (v->type && donor != SHARD_NO_NODE && g->nodes.items[donor].kind == SHARD_ARGUMENT &&
        may_replace(g, value, g->nodes.items[donor].value) && couple_init(g, value, donor, place_of(v), &next))
      alpa_vec_push(g->arena, &list, next);
  }
  return list;
}

/* By number of a value: a couple counts it; the first one where it replaces several arguments. */
static bool *find_coupled(const shard_graph *g, couple_list *list) {
  bool *is_coupled = alpa_arena_new(g->arena, bool, g->n_values);
  size_t kept = 0;
  for (size_t i = 0; i < list->n; i++)
    if (!is_coupled[list->items[i].value->number]) {
      is_coupled[list->items[i].value->number] = true;
      list->items[kept++] = list->items[i];
    }
  list->n = kept;
  return is_coupled;
}

static alpa_solver_node couple_node(const shard_graph *g, const couple *c) {
  alpa_solver_segment *segment = alpa_arena_new(g->arena, alpa_solver_segment, 1);
  const shard_type *own = c->nodes[0]->type, *type = g->values[c->value->number].type;
  int64_t *usage = alpa_arena_new(g->arena, int64_t, c->n_argument * c->n_other);
  for (uint32_t a = 0; a < c->n_argument; a++)
    for (uint32_t o = 0; o < c->n_other; o++)
      if (own->states[c->nodes[0]->states[a]] != type->states[c->states[o]])
        usage[a * c->n_other + o] = type->bytes[c->states[o]];
  *segment = lifetime(g, c->value);
  segment->usage = usage;
  return (alpa_solver_node){.n_strategies = c->n_argument * c->n_other,
                            .n_segments = 1,
                            .costs = alpa_arena_new(g->arena, int64_t, c->n_argument * c->n_other),
                            .segments = segment};
}

/* Forbids all but equal strategies. */
static alpa_solver_table equality(const shard_graph *g, uint32_t n) {
  int64_t *costs = alpa_arena_new(g->arena, int64_t, (size_t)n *n);
  for (size_t i = 0; i < (size_t)n * n; i++)
    costs[i] = i % (n + 1) == 0 ? 0 : ALPA_SOLVER_INFINITE;
  return (alpa_solver_table){n, n, costs};
}

/* Ties the couple's node to one of its two. */
static alpa_solver_edge tie(const shard_graph *g, uint32_t table, const couple *c, uint32_t index, bool is_other) {
  uint32_t *rows = alpa_arena_new(g->arena, uint32_t, c->n_argument * c->n_other);
  for (uint32_t s = 0; s < c->n_argument * c->n_other; s++)
    rows[s] = is_other ? s % c->n_other : s / c->n_other;
  return (alpa_solver_edge){.from = index,
                            .to = is_other ? c->other : c->argument,
                            .table = table,
                            .rows = rows,
                            .columns = is_other ? c->columns : NULL,
                            .weight = 1};
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

/* Appends the nodes of couples and what ties them; the arrays have room. */
static void add_couples(const shard_graph *g, const couple_list *list, alpa_solver_node *nodes, alpa_solver_edge *edges,
                        equalities *tables) {
  uint32_t n_nodes = (uint32_t)g->nodes.n, n_edges = (uint32_t)g->edges.n;
  for (size_t i = 0; i < list->n; i++) {
    const couple *c = &list->items[i];
    nodes[n_nodes] = couple_node(g, c);
    uint32_t own = equality_of(g, tables, c->n_argument);
    edges[n_edges++] = tie(g, own, c, n_nodes, false);
    uint32_t other = equality_of(g, tables, c->n_other);
    edges[n_edges++] = tie(g, other, c, n_nodes++, true);
  }
}

uint32_t *shard_problem_complete(const shard_graph *graph, const uint32_t *assignment) {
  couple_list list = find_couples(graph);
  (void)find_coupled(graph, &list);
  uint32_t *all = alpa_arena_new(graph->arena, uint32_t, graph->nodes.n + list.n);
  memcpy(all, assignment, graph->nodes.n * sizeof *all);
  for (size_t i = 0; i < list.n; i++) {
    const couple *c = &list.items[i];
    all[graph->nodes.n + i] = assignment[c->argument] * c->n_other + c->columns[assignment[c->other]];
  }
  return all;
}

const shard_node *shard_problem_node(const shard_graph *graph, uint32_t index) {
  if (index < graph->nodes.n)
    return &graph->nodes.items[index];
  couple_list list = find_couples(graph);
  (void)find_coupled(graph, &list);
  return list.items[index - graph->nodes.n].nodes[1];
}

/* ---- the program ---- */

int64_t shard_problem_build(const shard_graph *graph, int64_t limit, alpa_solver_problem *out_problem) {
  alpa_arena *arena = graph->arena;
  int64_t unit = choose_unit(graph);
  couple_list couples = find_couples(graph);
  const bool *is_coupled = find_coupled(graph, &couples);
  uint32_t n_couples = (uint32_t)couples.n, n_types = (uint32_t)graph->types->items.n;
  alpa_solver_node *nodes = alpa_arena_new(arena, alpa_solver_node, graph->nodes.n + n_couples);
  for (size_t i = 0; i < graph->nodes.n; i++) {
    const shard_node *node = &graph->nodes.items[i];
    nodes[i] = (alpa_solver_node){.n_strategies = node->n_strategies, .costs = node_costs(graph, node, unit)};
    add_memory(graph, node, is_coupled, &nodes[i]);
  }
  alpa_solver_table *tables = alpa_arena_new(arena, alpa_solver_table, n_types + 2 * (size_t)n_couples);
  for (uint32_t i = 0; i < n_types; i++) {
    const shard_type *type = graph->types->items.items[i];
    size_t n_costs = (size_t)type->n_states * type->n_states;
    tables[i] = (alpa_solver_table){type->n_states, type->n_states, reshard_costs(graph, type->reshard, n_costs, unit)};
  }
  alpa_solver_edge *edges = alpa_arena_new(arena, alpa_solver_edge, graph->edges.n + 2 * (size_t)n_couples);
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
  add_couples(graph, &couples, nodes, edges, &equal);
  *out_problem = (alpa_solver_problem){.nodes = nodes,
                                       .tables = tables,
                                       .edges = edges,
                                       .n_nodes = (uint32_t)graph->nodes.n + n_couples,
                                       .n_tables = equal.n,
                                       .n_edges = (uint32_t)graph->edges.n + 2 * n_couples,
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
