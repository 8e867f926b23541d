/* Where partial values are accumulated: a minimum vertex cut.
 *
 * Every partial value of the function's body is two nodes, joined by an edge of the bytes of its accumulator: being on
 * the source's side with the first node means that the body computes the value, with the second that it is used there
 * alone.  Partial values that arise from the batch, or of which the body reads a local view, hang on the source, those
 * that a complete op reads on the sink, and an infinite edge back from each user says that the body computes what it
 * uses. */
#include "dialects/func/func.h"
#include "passes/analysis/max_flow.h"
#include "passes/time/phases.h"

typedef struct cutter {
  const alpa_times *times;
  alpa_flow_graph graph;
  uint32_t *nodes; /* by number of a value: its first node, 0: none; the second is the next one */
} cutter;

static bool is_partial(const cutter *c, const alpa_value *value) {
  return alpa_times_get(c->times, value).kind == ALPA_TIME_PARTIAL;
}

int64_t alpa_accumulator_bytes(const alpa_type *type) {
  int64_t count = alpa_type_count(type), bytes = alpa_type_bytes(type);
  bool is_narrow = alpa_type_class(type) == ALPA_CLASS_FLOAT && alpa_dtype_get_info(type->dtype)->bits < 32;
  return is_narrow ? count * 4 : bytes;
}

static const alpa_value *first_partial(const cutter *c, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (is_partial(c, &op->results[i]))
      return &op->results[i];
  return NULL;
}

static void add_nodes(cutter *c, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *value = &op->results[i];
    if (!is_partial(c, value))
      continue;
    uint32_t first = alpa_flow_add_node(&c->graph), second = alpa_flow_add_node(&c->graph);
    c->nodes[value->number] = first;
    alpa_flow_add_edge(&c->graph, first, second, 1 + alpa_accumulator_bytes(value->type));
  }
}

static void add_infinite(cutter *c, uint32_t from, uint32_t to) {
  alpa_flow_add_edge(&c->graph, from, to, ALPA_FLOW_INFINITE);
}

static const alpa_attr *layer_of(const alpa_op *op) { return op ? alpa_op_find_attr(op, "alpa.layer") : NULL; }

typedef struct reader {
  const alpa_op *op;
  const alpa_value *result; /* its first partial one, or NULL */
  bool reads_batch;
  bool joins_layers; /* its partial operands belong to others than itself */
  const alpa_attr *layer;
} reader;

static void scan_operand(cutter *c, reader *r, const alpa_value *value) {
  alpa_time time = alpa_times_get(c->times, value);
  r->reads_batch = r->reads_batch || time.kind == ALPA_TIME_SHARDED;
  uint32_t node = c->nodes[value->number];
  if (time.kind != ALPA_TIME_PARTIAL || node == 0)
    return;
  const alpa_attr *layer = layer_of(value->op);
  r->joins_layers = r->joins_layers || (layer && r->layer && layer != r->layer);
  r->layer = layer ? layer : r->layer;
  if (r->result) {
    add_infinite(c, node + 1, c->nodes[r->result->number]);
    add_infinite(c, c->nodes[r->result->number], node);
  } else if (!r->op->n_results || alpa_times_get(c->times, r->op->results).kind == ALPA_TIME_COMPLETE) {
    add_infinite(c, node + 1, ALPA_FLOW_SINK);
  }
}

static void scan_operands(cutter *c, reader *r, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    scan_operand(c, r, alpa_op_operand(op, i));
  for (uint32_t k = 0; k < op->n_regions; k++)
    for (const alpa_block *block = op->regions[k].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        scan_operands(c, r, inner);
}

static void add_op(cutter *c, const alpa_op *op) {
  reader r = {.op = op, .result = first_partial(c, op), .layer = layer_of(op)};
  scan_operands(c, &r, op);
  if (r.result == NULL)
    return;
  uint32_t node = c->nodes[r.result->number];
  if (r.reads_batch)
    add_infinite(c, ALPA_FLOW_SOURCE, node);
  else if (r.joins_layers)
    add_infinite(c, node, ALPA_FLOW_SINK);
  for (uint32_t i = r.result->index + 1; i < op->n_results; i++) {
    uint32_t other = c->nodes[op->results[i].number];
    if (other) {
      add_infinite(c, node, other);
      add_infinite(c, other, node);
    }
  }
}

bool *alpa_phases_cut(const alpa_times *times) {
  const alpa_block *entry = alpa_func_entry(times->func);
  cutter c = {.times = times, .nodes = alpa_arena_new(times->arena, uint32_t, times->n_values)};
  const bool *viewed = alpa_times_find_views(times);
  alpa_flow_init(&c.graph, times->arena);
  for (const alpa_op *op = entry->first; op; op = op->next)
    add_nodes(&c, op);
  for (const alpa_op *op = entry->first; op; op = op->next)
    add_op(&c, op);
  for (uint32_t v = 0; v < times->n_values; v++)
    if (viewed[v] && c.nodes[v])
      add_infinite(&c, ALPA_FLOW_SOURCE, c.nodes[v]);
  bool *sides = alpa_arena_new(times->arena, bool, c.graph.n_nodes);
  bool *in_body = alpa_arena_new(times->arena, bool, times->n_values);
  (void)alpa_flow_run(&c.graph, sides);
  for (uint32_t v = 0; v < times->n_values; v++)
    in_body[v] = c.nodes[v] && sides[c.nodes[v]];
  return in_body;
}
