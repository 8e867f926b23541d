/* The update: ops that values of more than one element connect belong together, and to the first layer that reads their
 * weights or makes their gradients.  What is made of scalars alone connects nothing: it is made again where it is read,
 * or, being one element, sent. */
#include "passes/layers/assign.h"

static const layer_range nowhere = {INT32_MAX, LAYER_NONE};

static void add_layer(layer_range *range, layer_range other) {
  range->first = other.first < range->first ? other.first : range->first;
  range->last = other.last > range->last ? other.last : range->last;
}

/* ---- weights ---- */

static void find_weights(const layer_program *p, layer_range *weights) {
  for (uint32_t v = 0; v < p->n_values; v++)
    weights[v] = nowhere;
  for (uint32_t o = p->n_ops; o-- > 0;) {
    const layer_op *op = &p->ops[o];
    layer_range range = nowhere;
    if (op->part == LAYER_FORWARD)
      range = (layer_range){op->layer, op->layer};
    else if (op->part == LAYER_WEIGHTS)
      for (uint32_t v = op->results; v < op->results + op->op->n_results; v++)
        add_layer(&range, weights[v]);
    for (uint32_t i = op->reads_begin; i < op->reads_end; i++)
      if (p->values[p->reads[i]].source == LAYER_OF_WEIGHTS)
        add_layer(&weights[p->reads[i]], range);
  }
  for (uint32_t o = 0; o < p->n_ops; o++) { /* transposes for the backward part */
    const layer_op *op = &p->ops[o];
    for (uint32_t v = op->results; op->part == LAYER_UPDATE && v < op->results + op->op->n_results; v++)
      for (uint32_t i = op->reads_begin; p->values[v].source == LAYER_OF_WEIGHTS && i < op->reads_end; i++)
        add_layer(&weights[v], weights[p->reads[i]]);
  }
}

/* ---- components ---- */

static uint32_t find_root(uint32_t *parents, uint32_t i) {
  while (parents[i] != i)
    i = parents[i] = parents[parents[i]];
  return i;
}

static bool connects(const layer_value *value) { return !value->is_scalar && value->source != LAYER_OF_CONSTANTS; }

/* Elements of the union-find forest are values, then ops. */
static uint32_t *find_components(const layer_program *p) {
  uint32_t *parents = alpa_arena_new(p->arena, uint32_t, p->n_values + p->n_ops);
  for (uint32_t i = 0; i < p->n_values + p->n_ops; i++)
    parents[i] = i;
  for (uint32_t o = 0; o < p->n_ops; o++) {
    const layer_op *op = &p->ops[o];
    if (op->part != LAYER_UPDATE || op->wire == LAYER_RETURNS)
      continue;
    uint32_t own = p->n_values + o;
    for (uint32_t i = op->reads_begin; op->wire == LAYER_NO_WIRE && i < op->reads_end; i++)
      if (connects(&p->values[p->reads[i]]))
        parents[find_root(parents, p->reads[i])] = find_root(parents, own);
    for (uint32_t v = op->results; v < op->results + op->op->n_results; v++)
      if (connects(&p->values[v]))
        parents[find_root(parents, v)] = find_root(parents, own);
  }
  for (uint32_t i = 0; i < p->n_values + p->n_ops; i++)
    parents[i] = find_root(parents, i);
  return parents;
}

void layer_owners_find(const layer_program *program, layer_owners *out_owners) {
  alpa_arena *arena = program->arena;
  uint32_t n = program->n_values + program->n_ops, *roots = find_components(program);
  *out_owners = (layer_owners){.weights = alpa_arena_new(arena, layer_range, program->n_values),
                               .component = roots + program->n_values,
                               .value_component = roots,
                               .owners = alpa_arena_new(arena, layer_range, n)};
  find_weights(program, out_owners->weights);
  for (uint32_t i = 0; i < n; i++)
    out_owners->owners[i] = nowhere;
  for (uint32_t v = 0; v < program->n_values; v++)
    if (program->values[v].is_held && program->values[v].source == LAYER_OF_WEIGHTS)
      add_layer(&out_owners->owners[roots[v]], out_owners->weights[v]);
}

/* ---- the layers ---- */

/* Gradients and statistics that have no weights of their own belong to the layer that makes them. */
static void add_makers(const layer_program *p, const layer_owners *owners) {
  layer_range *makers = alpa_arena_new(p->arena, layer_range, p->n_values + p->n_ops);
  for (uint32_t i = 0; i < p->n_values + p->n_ops; i++)
    makers[i] = nowhere;
  for (uint32_t v = p->n_args; v < p->n_values; v++) {
    const layer_op *op = &p->ops[p->values[v].op];
    if (layer_op_is_body(op) && connects(&p->values[v]))
      add_layer(&makers[owners->value_component[v]], (layer_range){op->layer, op->layer});
  }
  for (uint32_t i = 0; i < p->n_values + p->n_ops; i++)
    if (owners->owners[i].last == LAYER_NONE)
      owners->owners[i] = makers[i];
}

/* The last layer that an operand comes from. */
static int32_t last_operand(const layer_program *p, const layer_op *op) {
  int32_t last = LAYER_NONE;
  for (uint32_t i = op->reads_begin; i < op->reads_end; i++) {
    uint32_t producer = p->values[p->reads[i]].op;
    if (producer != LAYER_NO_OP && p->ops[producer].layer > last)
      last = p->ops[producer].layer;
  }
  return last;
}

static int32_t first_reader(const layer_owners *owners, const layer_op *op) {
  layer_range range = nowhere;
  for (uint32_t v = op->results; v < op->results + op->op->n_results; v++)
    add_layer(&range, owners->weights[v]);
  return range.last == LAYER_NONE ? LAYER_NONE : range.first;
}

void layer_assign_update(layer_program *program, const layer_owners *owners) {
  add_makers(program, owners);
  for (uint32_t o = 0; o < program->n_ops; o++) {
    layer_op *op = &program->ops[o];
    if (op->part != LAYER_WEIGHTS && op->part != LAYER_UPDATE)
      continue;
    layer_range owner = owners->owners[owners->component[o]];
    int32_t layer = op->part == LAYER_WEIGHTS  ? first_reader(owners, op)
                    : owner.last != LAYER_NONE ? owner.first
                                               : last_operand(program, op);
    op->layer = op->hint != LAYER_NONE ? op->hint : layer != LAYER_NONE ? layer : 0;
  }
}
