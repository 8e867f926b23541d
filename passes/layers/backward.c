/* The backward part: for every boundary between layers one minimum cut separates the ops above it from those below.
 *
 * Nodes are backward ops.  A value that is computed above and used below crosses: an edge of its bytes, through a node
 * of its own so that it is paid once; nothing flows back up, so the edge from user to producer is infinite.  What holds
 * ops to a side: weights that one layer uses (infinite); values of the forward part that are at hand on one side only
 * (their bytes, paid once); and gradients whose weights one layer owns (their bytes).  An op's layer is the number of
 * boundaries that it stands above, the cut being the one nearest to the top. */
#include "passes/analysis/max_flow.h"
#include "passes/layers/assign.h"

#define NO_NODE UINT32_MAX

typedef struct cutter {
  layer_program *program;
  const layer_owners *owners;
  layer_range *at_hand; /* by value of the forward part: layers of its op and of its forward readers */
  uint32_t *nodes;      /* by op, in the graph of this boundary */
  uint32_t *extras;     /* by value: the node that stands for its crossing */
  int32_t boundary;     /* layers 0..boundary are below */
  alpa_flow_graph graph;
} cutter;

static void find_at_hand(cutter *c) {
  const layer_program *p = c->program;
  c->at_hand = alpa_arena_new(p->arena, layer_range, p->n_values);
  for (uint32_t v = p->n_args; v < p->n_values; v++) {
    const layer_value *value = &p->values[v];
    layer_range *range = &c->at_hand[v];
    range->first = range->last = p->ops[value->op].layer;
    for (uint32_t r = value->readers_begin; r < value->readers_end; r++) {
      const layer_op *reader = &p->ops[p->readers[r]];
      if (reader->part == LAYER_FORWARD && reader->layer > range->last)
        range->last = reader->layer;
    }
  }
}

/* An infinite or finite pull of a node to the side of a layer. */
static void pull(cutter *c, uint32_t node, int32_t layer, int64_t strength) {
  if (layer <= c->boundary)
    alpa_flow_add_edge(&c->graph, node, ALPA_FLOW_SINK, strength);
  else
    alpa_flow_add_edge(&c->graph, ALPA_FLOW_SOURCE, node, strength);
}

/* The node of a value's crossing; *out_new where it was just made. */
static uint32_t extra_node(cutter *c, uint32_t value, bool *out_new) {
  *out_new = c->extras[value] == NO_NODE;
  if (*out_new)
    c->extras[value] = alpa_flow_add_node(&c->graph);
  return c->extras[value];
}

static void add_forward_read(cutter *c, uint32_t node, uint32_t value) {
  layer_range range = c->at_hand[value];
  int64_t bytes = c->program->values[value].bytes;
  bool is_new;
  if (range.first <= c->boundary && range.last > c->boundary)
    return;
  uint32_t extra = extra_node(c, value, &is_new);
  if (is_new)
    pull(c, extra, range.first, bytes);
  if (range.last <= c->boundary)
    alpa_flow_add_edge(&c->graph, node, extra, ALPA_FLOW_INFINITE);
  else
    alpa_flow_add_edge(&c->graph, extra, node, ALPA_FLOW_INFINITE);
}

static void add_backward_read(cutter *c, uint32_t node, uint32_t value) {
  const layer_value *v = &c->program->values[value];
  uint32_t producer = c->nodes[v->op];
  bool is_new;
  uint32_t extra = extra_node(c, value, &is_new);
  if (is_new)
    alpa_flow_add_edge(&c->graph, producer, extra, v->bytes);
  alpa_flow_add_edge(&c->graph, extra, node, ALPA_FLOW_INFINITE);
  alpa_flow_add_edge(&c->graph, node, producer, ALPA_FLOW_INFINITE);
}

static void add_read(cutter *c, uint32_t node, uint32_t value) {
  const layer_value *v = &c->program->values[value];
  layer_range weights = c->owners->weights[value];
  if (v->source == LAYER_OF_WEIGHTS) {
    if (layer_range_is_single(weights))
      pull(c, node, weights.first, ALPA_FLOW_INFINITE);
  } else if (v->source == LAYER_OF_BATCH && v->op != LAYER_NO_OP) {
    if (c->program->ops[v->op].part == LAYER_FORWARD)
      add_forward_read(c, node, value);
    else if (c->nodes[v->op] != NO_NODE)
      add_backward_read(c, node, value);
  }
}

/* Gradients go to the layer that updates the weights. */
static void add_results(cutter *c, uint32_t node, const layer_op *op) {
  for (uint32_t v = op->results; v < op->results + op->op->n_results; v++) {
    uint32_t component = c->owners->value_component[v];
    layer_range owner = c->owners->owners[component];
    if (layer_range_is_single(owner))
      pull(c, node, owner.first, c->program->values[v].bytes);
  }
}

static void build_graph(cutter *c) {
  const layer_program *p = c->program;
  for (uint32_t o = 0; o < p->n_ops; o++)
    c->nodes[o] = p->ops[o].part == LAYER_BACKWARD ? alpa_flow_add_node(&c->graph) : NO_NODE;
  for (uint32_t v = 0; v < p->n_values; v++)
    c->extras[v] = NO_NODE;
  for (uint32_t o = 0; o < p->n_ops; o++) {
    const layer_op *op = &p->ops[o];
    if (c->nodes[o] == NO_NODE)
      continue;
    if (op->hint != LAYER_NONE)
      pull(c, c->nodes[o], op->hint, ALPA_FLOW_INFINITE);
    for (uint32_t i = op->reads_begin; i < op->reads_end; i++)
      add_read(c, c->nodes[o], p->reads[i]);
    add_results(c, c->nodes[o], op);
  }
}

static void cut(cutter *c) {
  alpa_arena arena;
  alpa_arena_init(&arena, c->program->arena->memory);
  alpa_flow_init(&c->graph, &arena);
  build_graph(c);
  bool *is_above = alpa_arena_new(&arena, bool, c->graph.n_nodes);
  (void)alpa_flow_run(&c->graph, is_above);
  for (uint32_t o = 0; o < c->program->n_ops; o++)
    if (c->nodes[o] != NO_NODE && is_above[c->nodes[o]])
      c->program->ops[o].layer++;
  alpa_arena_deinit(&arena);
}

void layer_assign_backward(layer_program *program, const layer_owners *owners, uint32_t n_layers) {
  cutter c = {.program = program,
              .owners = owners,
              .nodes = alpa_arena_new(program->arena, uint32_t, program->n_ops),
              .extras = alpa_arena_new(program->arena, uint32_t, program->n_values)};
  find_at_hand(&c);
  for (uint32_t o = 0; o < program->n_ops; o++)
    if (program->ops[o].part == LAYER_BACKWARD)
      program->ops[o].layer = 0;
  for (c.boundary = 0; c.boundary + 1 < (int32_t)n_layers; c.boundary++)
    cut(&c);
}
