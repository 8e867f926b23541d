/* The graph of passes/shard on a mesh of one axis.  The body runs once for each micro-batch, so its costs weigh that
 * much; what is made of weights, and the gradients' way to them, once.  An argument that is a weight pays for the
 * optimizer's traffic on its part: so optimizer state is split where that costs nothing else. */
#include "passes/stages/intra.h"

#include "dialects/func/func.h"
#include "passes/layers/batch.h"
#include "passes/cost/op_cost.h"
#include "passes/shard/problem.h"
#include "passes/stages/traffic.h"

typedef struct solution {
  const stage_intra *in;
  shard_graph graph;
  alpa_solver_problem problem;
  const uint32_t *assignment;
  stage_traffic traffic;
} solution;

static const layer_program *program_of(const solution *s) { return s->in->source->program; }

static bool is_once(const solution *s, const alpa_op *op) {
  return alpa_map_find(&s->in->body->once, (uintptr_t)op) != NULL;
}

static const stage_port *arg_port(const solution *s, const alpa_value *value) {
  return &s->in->body->args.items[value->index];
}

static bool is_gradient(const solution *s, uint32_t result) {
  return s->in->body->results.items[result].role == STAGE_GRADIENT;
}

/* Whether a value is made once in a step. */
static bool is_constant(const solution *s, const alpa_value *value) {
  return value->op ? is_once(s, value->op) : arg_port(s, value)->role == STAGE_WEIGHT;
}

/* ---- weights of nodes and edges ---- */

static const alpa_value *node_value(const shard_node *node) {
  return node->kind == SHARD_OP ? alpa_op_result(node->op, 0) : node->value;
}

static bool is_once_node(const solution *s, const shard_node *node) {
  if (node->kind == SHARD_OP)
    return is_once(s, node->op);
  return node->value->op == NULL ? node->value->block->region->op == s->in->body->func && is_constant(s, node->value)
                                 : is_once(s, node->value->op);
}

/* An edge that leaves what is made once, or that ends in a gradient. */
static bool is_once_edge(const solution *s, const bool *is_result, const shard_edge *edge) {
  const shard_node *from = &s->graph.nodes.items[edge->from];
  return is_result[edge->to] || is_once_node(s, from);
}

static bool *find_gradient_nodes(const solution *s) {
  bool *found = alpa_arena_new(s->graph.arena, bool, s->graph.nodes.n);
  for (uint32_t r = 0; r < s->in->body->results.n; r++)
    if (is_gradient(s, r) && s->graph.result_nodes[r] != SHARD_NO_NODE)
      found[s->graph.result_nodes[r]] = true;
  return found;
}

static void weigh(solution *s) {
  const bool *is_result = find_gradient_nodes(s);
  for (size_t i = 0; i < s->graph.nodes.n; i++)
    if (!is_once_node(s, &s->graph.nodes.items[i]))
      s->graph.nodes.items[i].weight *= s->in->repeats;
  for (size_t i = 0; i < s->graph.edges.n; i++)
    if (!is_once_edge(s, is_result, &s->graph.edges.items[i]))
      s->graph.edges.items[i].weight *= s->in->repeats;
}

/* ---- what arguments and results may be ---- */

/* The state in which a crossing value has the batch as the boundary says, or UINT32_MAX where its type has none. */
static uint32_t boundary_state(const solution *s, const stage_port *port, const shard_type *type) {
  const alpa_value *value = program_of(s)->values[port->value].value;
  int8_t dim = program_of(s)->dims[value->number];
  if (s->in->boundary == STAGE_REPLICATED || dim < 0)
    return 0;
  return shard_type_find(type, shard_state_with(0, 0, (uint32_t)dim + 1));
}

static bool crosses(const stage_port *port) {
  return port->role == STAGE_ACTIVATION || port->role == STAGE_COTANGENT || port->role == STAGE_RESIDUAL;
}

static void restrict_node(solution *s, uint32_t node, const stage_port *port, int64_t *costs) {
  const shard_node *n = &s->graph.nodes.items[node];
  uint32_t wanted = crosses(port) ? boundary_state(s, port, n->type) : UINT32_MAX;
  for (uint32_t i = 0; wanted != UINT32_MAX && i < n->n_strategies; i++)
    if (n->states[i] != wanted)
      costs[i] = ALPA_SOLVER_INFINITE;
}

/* Traffic of the optimizer for each byte of a weight: it reads and writes all its state, and reads the gradient. */
static double update_factor(const solution *s) {
  int64_t weights = 0;
  for (uint32_t a = 0; a < s->in->body->args.n; a++)
    if (s->in->body->args.items[a].role == STAGE_WEIGHT)
      weights += program_of(s)->values[s->in->body->args.items[a].value].bytes;
  return weights ? 2 * (double)s->in->state_bytes / (double)weights + 1 : 0;
}

static void price_arguments(solution *s) {
  const alpa_block *entry = alpa_func_entry(s->in->body->func);
  alpa_solver_node *nodes = (alpa_solver_node *)s->problem.nodes;
  double factor = update_factor(s);
  for (uint32_t a = 0; a < entry->n_args; a++) {
    uint32_t number = s->graph.values[entry->args[a]->number].producer;
    const shard_node *node = &s->graph.nodes.items[number];
    int64_t *costs = alpa_arena_new(s->graph.arena, int64_t, node->n_strategies);
    const stage_port *port = arg_port(s, entry->args[a]);
    for (uint32_t i = 0; i < node->n_strategies; i++)
      costs[i] = port->role == STAGE_WEIGHT
                     ? alpa_cost_memory(s->graph.types->model, factor * (double)node->type->bytes[node->states[i]])
                     : 0;
    restrict_node(s, number, port, costs);
    nodes[number].costs = costs;
  }
}

/* Light ops and reductions cost what their fusions read and write. */
static void price_light_ops(solution *s) {
  alpa_solver_node *nodes = (alpa_solver_node *)s->problem.nodes;
  const alpa_cost_model *model = s->graph.types->model;
  for (uint32_t n = 0; n < s->graph.nodes.n; n++) {
    const shard_node *node = &s->graph.nodes.items[n];
    const uint16_t *reads =
        node->kind == SHARD_OP && node->op->number < s->graph.n_ops ? s->traffic.reads[node->op->number] : NULL;
    if (!reads || alpa_op_parent(node->op) != s->in->body->func)
      continue;
    const shard_class *class = node->class;
    const alpa_value *result = alpa_op_result(node->op, 0);
    bool is_root = s->traffic.is_held[result->number];
    int64_t *costs = alpa_arena_new(s->graph.arena, int64_t, node->n_strategies);
    for (uint32_t i = 0; i < node->n_strategies; i++) {
      double bytes =
          is_root && class->result_types[0] ? (double)class->result_types[0]->bytes[class->result_states[0][i]] : 0;
      for (uint32_t k = 0; k < class->n_operands; k++)
        if (class->operand_types[k])
          bytes += reads[k] * (double)class->operand_types[k]->bytes[class->operand_states[k][i]];
      costs[i] =
          (alpa_cost_memory(model, bytes) + (is_root ? (int64_t)(model->device.launch_s * 1e12) : 0)) * node->weight;
    }
    nodes[n].costs = costs;
  }
}

/* What takes from a value or puts into it (result and first operand alike) touches what is taken or put; a fresh value
 * of zeros to put into is written first. */
static void price_index_ops(solution *s) {
  alpa_solver_node *nodes = (alpa_solver_node *)s->problem.nodes;
  for (uint32_t n = 0; n < s->graph.nodes.n; n++) {
    const shard_node *node = &s->graph.nodes.items[n];
    if (node->kind != SHARD_OP || alpa_op_cost_get(node->op) != ALPA_OP_COST_INDEX || node->op->n_operands < 2)
      continue;
    const shard_class *class = node->class;
    bool is_put = alpa_op_operand_type(node->op, 0) == alpa_op_type(node->op);
    bool has_result = !is_put || alpa_value_is_free(alpa_op_operand(node->op, 0));
    int64_t *costs = alpa_arena_new(s->graph.arena, int64_t, node->n_strategies);
    for (uint32_t i = 0; i < node->n_strategies; i++) {
      double bytes = has_result ? (double)class->result_types[0]->bytes[class->result_states[0][i]] : 0;
      for (uint32_t k = 1; is_put && k < class->n_operands; k++)
        if (class->operand_types[k])
          bytes += 2 * (double)class->operand_types[k]->bytes[class->operand_states[k][i]];
      costs[i] = alpa_cost_memory(s->graph.types->model, is_put ? bytes : 2 * bytes) * node->weight;
    }
    nodes[n].costs = costs;
  }
}

static void restrict_results(solution *s) {
  alpa_solver_node *nodes = (alpa_solver_node *)s->problem.nodes;
  for (uint32_t r = 0; r < s->in->body->results.n; r++) {
    uint32_t number = s->graph.result_nodes[r];
    const stage_port *port = &s->in->body->results.items[r];
    if (number == SHARD_NO_NODE || !crosses(port))
      continue;
    int64_t *costs = alpa_arena_new(s->graph.arena, int64_t, s->graph.nodes.items[number].n_strategies);
    restrict_node(s, number, port, costs);
    nodes[number].costs = costs;
  }
}

/* ---- an axis that only splits the model ---- */

static bool splits_batch(const solution *s, const alpa_value *value, const shard_type *type, uint32_t state) {
  const uint64_t *dim = alpa_map_find(&s->in->body->batched, (uintptr_t)value);
  return dim && type && shard_state_at(type->states[state], 0) == *dim + 1;
}

static bool op_splits_batch(const solution *s, const shard_node *node, uint32_t strategy) {
  const shard_class *class = node->class;
  bool found = false;
  for (uint32_t k = 0; k < class->n_operands; k++)
    found = found || splits_batch(s, alpa_op_operand(node->op, k), class->operand_types[k],
                                  class->operand_types[k] ? class->operand_states[k][strategy] : 0);
  for (uint32_t k = 0; k < node->op->n_results; k++)
    found = found || splits_batch(s, alpa_op_result(node->op, k), class->result_types[k],
                                  class->result_types[k] ? class->result_states[k][strategy] : 0);
  return found;
}

/* A weight, or what is made of it once, that a strategy leaves whole. */
static bool leaves_weight_whole(const solution *s, const shard_node *node, uint32_t strategy) {
  const shard_type *type = node->kind == SHARD_OP ? node->class->result_types[0] : node->type;
  if (!type || type->type->rank < 2 || !is_once_node(s, node))
    return false;
  uint32_t state = node->kind == SHARD_OP ? node->class->result_states[0][strategy] : node->states[strategy];
  return shard_state_at(type->states[state], 0) == SHARD_REPLICATED;
}

/* Forbids both where a node has another strategy. */
static void split_model(solution *s) {
  alpa_solver_node *nodes = (alpa_solver_node *)s->problem.nodes;
  for (uint32_t n = 0; n < s->graph.nodes.n && s->in->is_model_parallel; n++) {
    const shard_node *node = &s->graph.nodes.items[n];
    int64_t *costs = alpa_arena_copy(s->graph.arena, nodes[n].costs, node->n_strategies * sizeof *costs);
    uint32_t n_left = 0;
    for (uint32_t i = 0; i < node->n_strategies; i++) {
      if (node->kind == SHARD_OP ? op_splits_batch(s, node, i)
                                 : splits_batch(s, node->value, node->type, node->states[i]))
        costs[i] = ALPA_SOLVER_INFINITE;
      if (leaves_weight_whole(s, node, i))
        costs[i] = ALPA_SOLVER_INFINITE;
      n_left += costs[i] < ALPA_SOLVER_INFINITE;
    }
    if (n_left)
      nodes[n].costs = costs;
  }
}

/* ---- what the solution costs ---- */

static int64_t state_bytes(const solution *s, uint32_t node, const alpa_value *value) {
  const shard_type *type = s->graph.values[value->number].type;
  return type->bytes[shard_graph_state(&s->graph, node, value, s->assignment[node])];
}

/* Local bytes of a value as its readers have it, or (is_made) as it is made. */
static int64_t local_bytes(const solution *s, const alpa_value *value, bool is_made) {
  const shard_value *v = &s->graph.values[value->number];
  if (!v->type)
    return 0;
  return state_bytes(s, !is_made && v->hub != SHARD_NO_NODE ? v->hub : v->producer, value);
}

static bool is_forward(const alpa_value *value) { return value->op && alpa_op_find_attr(value->op, "alpa.forward"); }

static void add_times(const solution *s, stage_cost *cost) {
  int64_t weight = s->in->repeats;
  const bool *is_result = find_gradient_nodes(s);
  for (uint32_t i = 0; i < s->graph.nodes.n; i++) {
    const shard_node *node = &s->graph.nodes.items[i];
    int64_t time = s->problem.nodes[i].costs[s->assignment[i]];
    if (node->kind == SHARD_ARGUMENT)
      cost->update += arg_port(s, node->value)->role == STAGE_WEIGHT ? time : 0;
    else if (is_once_node(s, node))
      cost->once += time;
    else
      *(is_forward(node_value(node)) ? &cost->forward : &cost->backward) += time / weight;
  }
  for (uint32_t e = 0; e < s->problem.n_edges; e++) {
    const alpa_solver_edge *edge = &s->problem.edges[e];
    const alpa_solver_table *table = &s->problem.tables[edge->table];
    uint32_t row = edge->rows ? edge->rows[s->assignment[edge->from]] : s->assignment[edge->from];
    uint32_t column = edge->columns ? edge->columns[s->assignment[edge->to]] : s->assignment[edge->to];
    int64_t time = table->costs[(size_t)row * table->n_columns + column] * edge->weight;
    if (is_once_edge(s, is_result, &s->graph.edges.items[e]))
      cost->once += time;
    else
      *(is_forward(node_value(&s->graph.nodes.items[edge->to])) ? &cost->forward : &cost->backward) += time / weight;
  }
}

static bool is_read_by_body(const solution *s, const alpa_value *value) {
  for (const alpa_use *use = value->uses; use; use = use->next)
    if (!is_once(s, use->owner))
      return true;
  return false;
}

static void add_arguments(const solution *s, stage_cost *cost) {
  const alpa_block *entry = alpa_func_entry(s->in->body->func);
  int64_t local = 0, whole = 0;
  for (uint32_t a = 0; a < entry->n_args; a++) {
    const stage_port *port = arg_port(s, entry->args[a]);
    int64_t made = local_bytes(s, entry->args[a], true), read = local_bytes(s, entry->args[a], false);
    if (port->role == STAGE_WEIGHT) {
      local += made;
      whole += alpa_type_bytes(entry->args[a]->type);
      cost->copies += read > made ? read : 0;
      cost->weights += is_read_by_body(s, entry->args[a]) && read <= made ? read : 0;
    } else if (port->role == STAGE_ACTIVATION) {
      cost->boundary += read;
    } else if (port->role == STAGE_RESIDUAL) {
      cost->residuals += read;
    }
  }
  cost->state = whole ? (int64_t)((double)s->in->state_bytes * (double)local / (double)whole) : 0;
}

static void add_op(const solution *s, const alpa_op *op, stage_cost *cost) {
  int64_t work = 0;
  for (uint32_t i = 0; i < op->n_operands; i++)
    work += local_bytes(s, alpa_op_operand(op, i), false);
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *value = alpa_op_result(op, i);
    work += local_bytes(s, value, true);
    if (is_once(s, op) && is_read_by_body(s, value))
      cost->copies += local_bytes(s, value, false);
    else if (s->traffic.is_residual[value->number])
      cost->residuals += local_bytes(s, value, false);
  }
  cost->work = work > cost->work ? work : cost->work;
}

static void add_gradients(const solution *s, stage_cost *cost) {
  const alpa_op *end = alpa_block_terminator(alpa_func_entry(s->in->body->func));
  for (uint32_t r = 0; r < s->in->body->results.n; r++) {
    const alpa_value *value = alpa_op_operand(end, r);
    const shard_type *type = s->graph.values[value->number].type;
    uint32_t node = s->graph.result_nodes[r];
    if (!is_gradient(s, r) || !type || node == SHARD_NO_NODE)
      continue;
    const shard_node *n = &s->graph.nodes.items[node];
    uint32_t state = shard_type_find(type, n->type->states[n->states[s->assignment[node]]]);
    int64_t width = alpa_dtype_get_info(value->type->dtype)->bytes;
    cost->sync += type->bytes[state];
    cost->gradients += local_bytes(s, value, true) / (width ? width : 1) * (width > 4 ? width : 4);
  }
}

static void price(solution *s) {
  alpa_solver_problem whole;
  shard_problem_build(&s->graph, ALPA_SOLVER_UNLIMITED, &whole);
  s->problem = shard_problem_without_limit(&s->graph, &whole);
  price_light_ops(s);
  price_index_ops(s);
  price_arguments(s);
  restrict_results(s);
  split_model(s);
}

static alpa_status solve(solution *s, alpa_diag *diag) {
  alpa_solver_options options;
  alpa_solver_result result;
  alpa_solver_options_init(&options);
  options.gap = 1e-3;
  options.n_exact_nodes = 0;
  ALPA_TRY(alpa_solver_solve(&s->problem, &options, diag, s->graph.arena, &result));
  s->assignment = result.assignment;
  return ALPA_OK;
}

/* What the strategies of a body are priced with. */
typedef struct pricing {
  alpa_cost_model model;
  alpa_mesh mesh;
  shard_types types;
  shard_classes classes;
} pricing;

static alpa_status open_solution(alpa_arena *arena, const stage_intra *problem, pricing *by, solution *out) {
  shard_types_init(&by->types, arena, &by->model, false);
  shard_classes_init(&by->classes, arena, &by->types);
  *out = (solution){.in = problem,
                    .graph = {.arena = arena, .mesh = &by->mesh, .types = &by->types, .classes = &by->classes}};
  ALPA_TRY(shard_graph_build(&out->graph, problem->body->func));
  stage_traffic_find(arena, problem->body->func, &out->traffic);
  return ALPA_OK;
}

/* Strategies have the same numbers whatever they cost. */
static alpa_status place_like_osdi22(alpa_arena *arena, const stage_intra *problem, const alpa_mesh *mesh,
                                     alpa_diag *diag, const uint32_t **out_assignment) {
  static const double alpha[] = {1}, beta[] = {1};
  pricing by = {.mesh = *mesh};
  solution s;
  alpa_cost_model_init_osdi22(&by.model, &by.mesh, alpha, beta);
  ALPA_TRY(open_solution(arena, problem, &by, &s));
  price(&s);
  ALPA_TRY(solve(&s, diag));
  *out_assignment = s.assignment;
  return ALPA_OK;
}

alpa_status stage_intra_solve(alpa_arena *arena, const stage_intra *problem, alpa_diag *diag, stage_cost *out_cost) {
  const alpa_link *link = &problem->axis.link;
  pricing by = {.model = {.kind = ALPA_COST_ROOFLINE, .device = *problem->axis.device},
                .mesh = {.name = "stage", .n_devices = problem->axis.size}};
  if (problem->axis.size > 1) {
    by.model.n_axes = by.mesh.n_axes = 1;
    by.model.sizes[0] = by.mesh.axes[0].size = problem->axis.size;
    by.mesh.axes[0].name = "a";
    by.model.alpha[0] = link->latency_s;
    by.model.beta[0] = 1 / link->bandwidth;
    by.model.gamma[0] = 1 / (link->exchange > 0 ? link->exchange : link->bandwidth);
  }
  solution s;
  ALPA_TRY(open_solution(arena, problem, &by, &s));
  weigh(&s);
  price(&s);
  if (problem->is_like_osdi22)
    ALPA_TRY(place_like_osdi22(arena, problem, &by.mesh, diag, &s.assignment));
  else
    ALPA_TRY(solve(&s, diag));
  *out_cost = (stage_cost){0};
  add_times(&s, out_cost);
  add_arguments(&s, out_cost);
  add_gradients(&s, out_cost);
  for (const alpa_op *op = alpa_func_entry(problem->body->func)->first; op; op = op->next)
    add_op(&s, op, out_cost);
  return ALPA_OK;
}
