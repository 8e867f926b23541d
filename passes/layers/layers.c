/* cluster-layers: every op gets the layer that it belongs to (design §6).
 *
 * Forward ops form contiguous layers with the least communication between them under a balance of flops (cluster.h);
 * backward ops follow by one minimum cut for each boundary (backward.c), the update by its owners (update.c).  Layers
 * that do the same are found (classes.h), so that a planner solves each once.  Requires inlined calls. */
#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "passes/analysis/placement.h"
#include "passes/layers/assign.h"
#include "passes/layers/classes.h"
#include "passes/layers/hints.h"
#include "passes/pass.h"

typedef struct cluster_options {
  int64_t layers, least, loss;
  double imbalance;
} cluster_options;

enum { LAYERS, CLASSES, FORWARD, BACKWARD, RESIDUALS, CLONES };

/* ---- figures ---- */

/* A value that one layer makes and another reads, once for each layer that reads it. */
typedef struct crossings {
  int64_t n, bytes;
} crossings;

typedef enum crossing_kind { CROSSING_FORWARD, CROSSING_RESIDUAL, CROSSING_BACKWARD, CROSSING_UPDATE } crossing_kind;
static const char *const crossing_names[] = {"forward", "residual", "backward", "update"};

static crossing_kind find_kind(const layer_op *from, const layer_op *to) {
  if (!layer_op_is_body(to) || !layer_op_is_body(from))
    return CROSSING_UPDATE;
  if (to->part == LAYER_FORWARD)
    return CROSSING_FORWARD;
  return from->part == LAYER_FORWARD ? CROSSING_RESIDUAL : CROSSING_BACKWARD;
}

/* Large values made of single elements do not travel (repeat_op). */
static bool is_repeated(const layer_value *value) {
  return value->is_scalar && alpa_type_count(value->value->type) > 1;
}

static void count_crossings(const layer_program *p, crossings out[countof(crossing_names)]) {
  alpa_map seen = {0};
  for (uint32_t o = 0; o < p->n_ops; o++) {
    const layer_op *op = &p->ops[o];
    bool has_layer = op->layer != LAYER_NONE && op->wire == LAYER_NO_WIRE;
    for (uint32_t i = op->reads_begin; has_layer && i < op->reads_end; i++) {
      const layer_value *value = &p->values[p->reads[i]];
      if (value->op == LAYER_NO_OP || value->is_held || p->ops[value->op].layer == op->layer ||
          p->ops[value->op].layer == LAYER_NONE || is_repeated(value))
        continue;
      bool is_new;
      (void)alpa_map_insert(p->arena, &seen, (uint64_t)(uint32_t)op->layer << 32 | p->reads[i], &is_new);
      if (!is_new)
        continue;
      crossings *c = &out[find_kind(&p->ops[value->op], op)];
      c->n++;
      c->bytes += value->bytes;
    }
  }
}

static const alpa_attr *make_figures(const layer_program *p, uint32_t n_layers, const uint32_t *classes,
                                     const crossings *crossed) {
  alpa_context *ctx = alpa_op_context(p->func);
  int64_t *class_numbers = alpa_arena_new(p->arena, int64_t, n_layers);
  const alpa_attr **flops = alpa_arena_new(p->arena, const alpa_attr *, n_layers);
  double *sums = alpa_arena_new(p->arena, double, n_layers);
  for (uint32_t o = 0; o < p->n_ops; o++)
    if (p->ops[o].layer != LAYER_NONE)
      sums[p->ops[o].layer] += p->ops[o].flops;
  for (uint32_t l = 0; l < n_layers; l++) {
    class_numbers[l] = classes[l];
    flops[l] = alpa_attr_get_i64(ctx, (int64_t)sums[l]);
  }
  alpa_named_attr figures[3 + countof(crossing_names)] = {
      {alpa_name(ctx, "classes"), alpa_attr_get_i64s(ctx, class_numbers, n_layers)},
      {alpa_name(ctx, "count"), alpa_attr_get_i64(ctx, n_layers)},
      {alpa_name(ctx, "flops"), alpa_attr_get_array(ctx, flops, n_layers)}};
  for (size_t k = 0; k < countof(crossing_names); k++) {
    const int64_t both[] = {crossed[k].n, crossed[k].bytes};
    const char *name = alpa_name(ctx, alpa_arena_printf(p->arena, "%s_crossings", crossing_names[k]));
    figures[3 + k] = (alpa_named_attr){name, alpa_attr_get_i64s(ctx, both, 2)};
  }
  return alpa_attr_get_dict(ctx, figures, countof(figures));
}

/* ---- writing ---- */

static void write_layers(const layer_program *p) {
  for (uint32_t o = 0; o < p->n_ops; o++) {
    const layer_op *op = &p->ops[o];
    alpa_placement_set(op->op, ALPA_LAYER_ATTR, op->layer);
    alpa_op_set_attr(op->op, ALPA_FORWARD_ATTR,
                     op->part == LAYER_FORWARD ? alpa_attr_get_unit(alpa_op_context(op->op)) : NULL);
  }
}

/* The op of the function's body that a use stands in. */
static alpa_op *outer_owner(const layer_program *p, const alpa_use *use) {
  alpa_op *op = use->owner;
  while (alpa_op_parent(op) != p->func)
    op = alpa_op_parent(op);
  return op;
}

/* The copy of an op for a layer. */
static alpa_op *find_clone(alpa_arena *arena, alpa_map *clones, alpa_op *op, int32_t layer) {
  bool is_new;
  uint64_t *slot = alpa_map_insert(arena, clones, (uint64_t)(uint32_t)layer, &is_new);
  if (is_new) {
    alpa_value_map none;
    alpa_value_map_init(&none, arena);
    alpa_op *clone = alpa_op_clone(op->module, op, &none);
    alpa_op_insert(clone, op->block, op->next);
    alpa_placement_set(clone, ALPA_LAYER_ATTR, layer);
    *slot = (uint64_t)(uintptr_t)clone;
  }
  return (alpa_op *)(uintptr_t)*slot;
}

/* Large values of the update that are made of single elements (a clipping factor, broadcast) are made again in each
 * layer that reads them, so that only the elements travel. */
static alpa_status repeat_op(const layer_program *p, alpa_op *op, int64_t *n_clones) {
  alpa_map clones = {0};
  int32_t own = ALPA_NOWHERE;
  for (uint32_t i = 0; i < op->n_results; i++)
    for (alpa_use *use = op->results[i].uses, *next; use; use = next) {
      int32_t layer;
      next = use->next;
      ALPA_TRY(alpa_placement_get(outer_owner(p, use), ALPA_LAYER_ATTR, &layer));
      if (layer == ALPA_NOWHERE || layer == own)
        continue;
      if (own == ALPA_NOWHERE) {
        alpa_placement_set(op, ALPA_LAYER_ATTR, own = layer);
        continue;
      }
      size_t before = clones.n;
      alpa_op *clone = find_clone(p->arena, &clones, op, layer);
      alpa_op_set_operand(use->owner, alpa_use_index(use), &clone->results[i]);
      *n_clones += (int64_t)(clones.n - before);
    }
  return ALPA_OK;
}

static alpa_status repeat_broadcasts(const layer_program *p, int64_t *n_clones) {
  for (uint32_t o = p->n_ops; o-- > 0;) {
    const layer_op *op = &p->ops[o];
    bool is_repeatable = op->part == LAYER_UPDATE && op->op->n_results > 0 && alpa_op_is_pure(op->op);
    for (uint32_t i = 0; is_repeatable && i < op->op->n_results; i++)
      is_repeatable = is_repeated(&p->values[op->results + i]);
    if (is_repeatable)
      ALPA_TRY(repeat_op(p, op->op, n_clones));
  }
  return ALPA_OK;
}

/* ---- the pass ---- */

static void count(const crossings *crossed, alpa_pass_context *pass) {
  pass->counters[FORWARD] += crossed[CROSSING_FORWARD].n;
  pass->counters[BACKWARD] += crossed[CROSSING_BACKWARD].n;
  pass->counters[RESIDUALS] += crossed[CROSSING_RESIDUAL].n;
}

static alpa_status cluster(alpa_op *module, alpa_op *func, const cluster_options *options, alpa_pass_context *pass) {
  layer_markers markers;
  layer_program program;
  uint32_t n_layers;
  ALPA_TRY(layer_markers_take(pass->arena, func, &markers));
  ALPA_TRY(layer_program_init(&program, pass->arena, func, options->loss));
  ALPA_TRY(layer_hints_read(&program, &markers));
  const layer_options limits = {(uint32_t)options->least, (uint32_t)options->layers, options->imbalance};
  ALPA_TRY(layer_assign_forward(&program, &limits, &n_layers));
  layer_owners owners;
  layer_owners_find(&program, &owners);
  layer_assign_backward(&program, &owners, n_layers);
  layer_assign_update(&program, &owners);
  ALPA_TRY(layer_hints_check(&program));
  uint32_t *classes = alpa_arena_new(pass->arena, uint32_t, n_layers);
  crossings crossed[countof(crossing_names)] = {0};
  pass->counters[CLASSES] += layer_classes_find(&program, n_layers, classes);
  pass->counters[LAYERS] += n_layers;
  count_crossings(&program, crossed);
  count(crossed, pass);
  alpa_op_set_attr(module, ALPA_LAYERS_ATTR, make_figures(&program, n_layers, classes, crossed));
  write_layers(&program);
  return repeat_broadcasts(&program, &pass->counters[CLONES]);
}

static alpa_status run(alpa_op *module, const void *given, alpa_pass_context *pass) {
  const cluster_options *options = given;
  alpa_op *func = NULL;
  if (!(options->imbalance >= 0))
    return alpa_error(pass->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT,
                      "option 'imbalance' of cluster-layers must not be negative");
  ALPA_TRY(alpa_func_find_main(module, &func));
  return cluster(module, func, options, pass);
}

#define FIELD(field) offsetof(cluster_options, field)
static const alpa_option_def options[] = {
    {"layers", "the most layers; fewer are made where more would cut through a block", ALPA_OPTION_INT, FIELD(layers),
     "48", 1, 4096, NULL},
    {"least", "the fewest layers, for which blocks are cut through and balance is given up", ALPA_OPTION_INT,
     FIELD(least), "1", 1, 4096, NULL},
    {"imbalance", "how much more than the average the flops of a layer may be, as a fraction", ALPA_OPTION_DOUBLE,
     FIELD(imbalance), "0.5", 0, 0, NULL},
    {"loss", "the result that is the loss; -1: the only scalar float that depends on the batch and is no state",
     ALPA_OPTION_INT, FIELD(loss), "-1", -1, INT32_MAX, NULL},
    {0}};
#undef FIELD

static const alpa_statistic_def statistics[] = {
    [LAYERS] = {"layers", "layers made"},
    [CLASSES] = {"classes", "layers with different work"},
    [FORWARD] = {"forward-crossings", "values that go to a later layer"},
    [BACKWARD] = {"backward-crossings", "values of the backward part that go to an earlier layer"},
    [RESIDUALS] = {"residual-crossings", "values of the forward part that the backward part reads in another layer"},
    [CLONES] = {"clones", "broadcasts of the update made again for another layer"},
    {0}};

extern const alpa_pass_def alpa_pass_cluster_layers;
const alpa_pass_def alpa_pass_cluster_layers = {
    .name = "cluster-layers",
    .summary = "gives every op the layer that it belongs to",
    .anchor = "builtin.module",
    .options = options,
    .options_size = sizeof(cluster_options),
    .statistics = statistics,
    .preserves = ALPA_HAS_SHARDINGS,
    .establishes = ALPA_HAS_LAYERS,
    .run = run,
};
