/* Choosing what is kept.
 *
 * The fewest bytes are a minimum cut between what can only be had by keeping it (contractions, what was received) and
 * what the backward pass uses; every value is an edge of its size.  The cut nearest to the uses is taken, so that least
 * is computed again. */
#include "passes/outline/remat.h"

#include "dialects/alpa/alpa.h"
#include "passes/analysis/max_flow.h"
#include "passes/outline/ownership.h"

const char *const alpa_remat_names[] = {
#define X(ID, name, what) [ALPA_REMAT_##ID] = name,
    ALPA_REMAT_TABLE(X)
#undef X
        NULL};

alpa_remat alpa_remat_resolve(alpa_remat remat, const alpa_op *stage) {
  if (remat != ALPA_REMAT_AUTO)
    return remat;
  const alpa_attr *again = alpa_stage_find_figure(stage, "remat");
  if (!again || again->kind != ALPA_ATTR_INTEGER)
    return ALPA_REMAT_NONE;
  return again->integer ? ALPA_REMAT_LAYER : ALPA_REMAT_LEAST;
}

static bool is_forward(const alpa_segments *s, const alpa_op *op) {
  return op && op->block == s->body && s->phase[op->number] == ALPA_PHASE_FORWARD;
}

static bool is_backward(const alpa_segments *s, const alpa_op *op) {
  while (op->block != s->body)
    op = alpa_op_parent(op);
  return s->phase[op->number] == ALPA_PHASE_BACKWARD || s->phase[op->number] == ALPA_PHASE_WEIGHT;
}

/* A layer that uses the value is not the one that computes it. */
static bool is_between_layers(const alpa_value *value) {
  int64_t own = alpa_op_find_integer(value->op, "alpa.layer", -1);
  for (const alpa_use *use = value->uses; use; use = use->next) {
    int64_t other = alpa_op_find_integer(use->owner, "alpa.layer", own);
    if (use->owner->block == value->op->block && other != own)
      return true;
  }
  return false;
}

/* ---- the fewest bytes -------------------------------------------------------------------------------------------- */

typedef struct cutter {
  const alpa_segments *s;
  alpa_flow_graph graph;
  uint32_t *nodes; /* by number of a value: the side of its uses, and behind it the side of its making; 0: none */
} cutter;

static uint32_t node_of(cutter *c, const alpa_value *value) {
  uint32_t *node = &c->nodes[value->number];
  if (*node)
    return *node;
  *node = alpa_flow_add_node(&c->graph);
  uint32_t making = alpa_flow_add_node(&c->graph);
  alpa_flow_add_edge(&c->graph, *node, making, alpa_type_bytes(value->type));
  return *node;
}

/* What comes from another stage in every micro-batch can only be kept. */
static bool is_received(const cutter *c, const alpa_value *value) {
  return !value->op && value->block->region->op == c->s->func && alpa_segments_is_received(c->s, value->index);
}

/* From the uses to the making: the source is the backward pass. */
static void add_op(cutter *c, alpa_op *op) {
  alpa_outer_values used = {0};
  alpa_op_outer_values(c->s->arena, op, &used);
  for (uint32_t i = 0; i < op->n_results; i++) {
    uint32_t node = node_of(c, &op->results[i]);
    for (const alpa_use *use = op->results[i].uses; use; use = use->next)
      if (is_backward(c->s, use->owner))
        alpa_flow_add_edge(&c->graph, ALPA_FLOW_SOURCE, node, ALPA_FLOW_INFINITE);
    if (alpa_segments_is_heavy(op))
      alpa_flow_add_edge(&c->graph, node + 1, ALPA_FLOW_SINK, ALPA_FLOW_INFINITE);
    for (size_t k = 0; k < used.n; k++)
      if (is_forward(c->s, used.items[k]->op) || is_received(c, used.items[k]))
        alpa_flow_add_edge(&c->graph, node + 1, node_of(c, used.items[k]), ALPA_FLOW_INFINITE);
  }
}

static void add_received(cutter *c, const alpa_value *value) {
  if (is_received(c, value))
    alpa_flow_add_edge(&c->graph, node_of(c, value) + 1, ALPA_FLOW_SINK, ALPA_FLOW_INFINITE);
}

static void find_least(const alpa_segments *s, uint32_t n_values, bool *kept) {
  cutter c = {.s = s, .nodes = alpa_arena_new(s->arena, uint32_t, n_values)};
  alpa_flow_init(&c.graph, s->arena);
  const alpa_block *entry = alpa_region_block(&s->func->regions[0]);
  for (uint32_t i = 0; i < entry->n_args; i++)
    add_received(&c, entry->args[i]);
  for (alpa_op *op = s->body->first; op; op = op->next)
    if (is_forward(s, op))
      add_op(&c, op);
  bool *is_used = alpa_arena_new(s->arena, bool, c.graph.n_nodes);
  alpa_flow_run(&c.graph, is_used);
  for (uint32_t v = 0; v < n_values; v++)
    kept[v] = c.nodes[v] && is_used[c.nodes[v]] && !is_used[c.nodes[v] + 1];
}

bool *alpa_remat_find_kept(const alpa_segments *s, alpa_remat remat) {
  uint32_t n_values;
  alpa_op_number(s->func, NULL, &n_values);
  bool *kept = alpa_arena_new(s->arena, bool, n_values);
  if (remat == ALPA_REMAT_LEAST && s->loop)
    find_least(s, n_values, kept);
  for (alpa_op *op = s->loop && remat != ALPA_REMAT_LEAST ? s->body->first : NULL; op; op = op->next)
    for (uint32_t i = 0; i < op->n_results; i++)
      kept[op->results[i].number] = remat == ALPA_REMAT_NONE ||
                                    (remat == ALPA_REMAT_SELECTIVE && alpa_segments_is_heavy(op)) ||
                                    (remat == ALPA_REMAT_LAYER && is_between_layers(&op->results[i]));
  return kept;
}
