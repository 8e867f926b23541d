/* Demand-driven copying: an op of the layer asks for its operands with the dimension along which it reads the batch;
 * what does not depend on the batch is copied for each such dimension, through the factor rules. */
#include "passes/stages/body.h"

#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/factors.h"
#include "passes/cost/op_cost.h"
#include "passes/layers/batch.h"

/* Chains of constants and casts are short; what is longer becomes an argument. */
enum { MOST_DEPTH = 64 };

typedef struct copier {
  alpa_arena *arena;
  const stage_source *source;
  const layer_program *program;
  stage_body *body;
  alpa_block *entry;
  alpa_value_map values; /* of this layer's body */
  alpa_map outer;        /* value and demanded dimension -> copy */
  int32_t layer;
  int64_t part;
  bool is_cuttable;
} copier;

static int8_t dim_of(const copier *c, const alpa_value *value) { return c->program->dims[value->number]; }

static const alpa_type *cut(copier *c, const alpa_type *type, int32_t dim) {
  if (dim < 0)
    return type;
  int64_t *dims = alpa_arena_copy(c->arena, type->dims, type->rank * sizeof *dims);
  int64_t scaled = dims[dim] * c->part;
  c->is_cuttable = c->is_cuttable && scaled % c->source->batch == 0 && scaled >= c->source->batch;
  dims[dim] = scaled / c->source->batch > 0 ? scaled / c->source->batch : 1;
  return alpa_type_with_dims(c->body->module->ctx, type, type->rank, dims);
}

static void cut_value(copier *c, alpa_value *copy, int32_t dim) {
  copy->type = cut(c, copy->type, dim);
  if (dim >= 0)
    *alpa_map_insert(c->arena, &c->body->batched, (uintptr_t)copy, NULL) = (uint64_t)dim;
}

/* Attributes that repeat sizes of the result. */
static void cut_sizes(const copier *c, alpa_op *op, const alpa_type *old, int32_t dim) {
  static const char *const names[] = {"limit_indices", "slice_sizes"};
  for (size_t i = 0; i < countof(names) && dim >= 0; i++) {
    const alpa_attr *attr = alpa_op_find_attr(op, names[i]);
    size_t n;
    if (!attr || (!stablehlo_is(op, STABLEHLO_slice) && !stablehlo_is(op, STABLEHLO_dynamic_slice)))
      continue;
    const int64_t *sizes = alpa_attr_i64s(attr, &n);
    int64_t *next = alpa_arena_copy(c->arena, sizes, n * sizeof *next);
    if (next[dim] == old->dims[dim])
      next[dim] = op->results[0].type->dims[dim];
    alpa_op_set_attr(op, names[i], alpa_attr_get_i64s(alpa_op_context(op), next, n));
  }
}

static alpa_value *add_arg(copier *c, stage_role role, uint32_t value, const alpa_type *type, int32_t dim) {
  alpa_vec_push(c->arena, &c->body->args, (stage_port){role, value});
  alpa_value *arg = alpa_block_add_arg(c->entry, c->body->module, type, NULL);
  cut_value(c, arg, dim);
  return arg;
}

static stage_role role_of_arg(const layer_program *p, uint32_t value) {
  const layer_value *v = &p->values[value];
  if (v->source == LAYER_OF_WEIGHTS)
    return STAGE_WEIGHT;
  if (v->source == LAYER_OF_CONSTANTS || v->op == LAYER_NO_OP)
    return STAGE_INPUT;
  return p->ops[v->op].part == LAYER_FORWARD ? STAGE_ACTIVATION : STAGE_COTANGENT;
}

/* Whether a value that does not depend on the batch is made anew here. */
static bool is_copied(const layer_program *p, const layer_value *v) {
  if (v->op == LAYER_NO_OP || v->is_held || v->source == LAYER_OF_BATCH)
    return false;
  const alpa_op *op = p->ops[v->op].op;
  return op->n_regions == 0 && op->n_results == 1 && alpa_op_is_pure(op) && p->ops[v->op].flops == 0;
}

static alpa_value *find_outer(copier *c, uint32_t value, int32_t dim, int depth);

static alpa_value *copy_outer(copier *c, uint32_t value, int32_t dim, int depth) {
  const layer_op *op = &c->program->ops[c->program->values[value].op];
  const alpa_factor_rule *rule = alpa_factors_get(c->arena, op->op);
  int32_t factor =
      dim >= 0 && rule->form == ALPA_RULE_FACTORS ? alpa_factor_find_result(rule, 0, (uint32_t)dim) : ALPA_NO_FACTOR;
  alpa_value_map map;
  alpa_value_map_init(&map, c->arena);
  for (uint32_t i = 0; i < op->op->n_operands; i++) {
    int32_t below = factor == ALPA_NO_FACTOR ? ALPA_NO_DIM : rule->factors[factor].operand_dims[i];
    alpa_value *operand = alpa_op_operand(op->op, i);
    alpa_value_map_set(&map, operand, find_outer(c, c->program->numbers[operand->number], below, depth + 1));
  }
  alpa_op *copy = alpa_op_clone(c->body->module, op->op, &map);
  cut_value(c, &copy->results[0], dim);
  cut_sizes(c, copy, op->op->results[0].type, dim);
  alpa_op_insert(copy, c->entry, NULL);
  if (dim < 0)
    *alpa_map_insert(c->arena, &c->body->once, (uintptr_t)copy, NULL) = 1;
  return &copy->results[0];
}

/* A value from outside of the layer, cut along a dimension. */
static alpa_value *find_outer(copier *c, uint32_t value, int32_t dim, int depth) {
  const layer_value *v = &c->program->values[value];
  bool is_new;
  uint64_t *slot = alpa_map_insert(c->arena, &c->outer, (uint64_t)value << 8 | (uint64_t)(dim + 1), &is_new);
  if (!is_new)
    return (alpa_value *)(uintptr_t)*slot;
  alpa_value *made = is_copied(c->program, v) && depth < MOST_DEPTH
                         ? copy_outer(c, value, dim, depth)
                         : add_arg(c, role_of_arg(c->program, value), value, v->value->type, dim);
  *alpa_map_insert(c->arena, &c->outer, (uint64_t)value << 8 | (uint64_t)(dim + 1), NULL) = (uintptr_t)made;
  return made;
}

static bool is_inner(const copier *c, uint32_t value) {
  const layer_value *v = &c->program->values[value];
  return v->op != LAYER_NO_OP && layer_op_is_body(&c->program->ops[v->op]) && c->program->ops[v->op].layer == c->layer;
}

/* Along which dimension an op reads the batch in its operand i. */
static int32_t demand(const copier *c, const alpa_op *op, const alpa_factor_rule *rule, uint32_t i) {
  int8_t own = dim_of(c, alpa_op_operand(op, i));
  if (own != LAYER_UNBATCHED)
    return own;
  if (rule->form == ALPA_RULE_TIED)
    return dim_of(c, &op->results[i]);
  int32_t factor = layer_batch_factor(op, rule, c->program->dims);
  return factor == ALPA_NO_FACTOR ? ALPA_NO_DIM : rule->factors[factor].operand_dims[i];
}

/* What stands in regions gets the sizes that it has for the part. */
static void cut_region(copier *c, const alpa_region *region) {
  for (const alpa_block *block = region->first; block; block = block->next) {
    for (uint32_t i = 0; i < block->n_args; i++) {
      alpa_value *copy = alpa_value_map_get(&c->values, block->args[i]);
      copy->type = cut(c, copy->type, dim_of(c, block->args[i]));
    }
    for (const alpa_op *op = block->first; op; op = op->next) {
      for (uint32_t i = 0; i < op->n_results; i++) {
        alpa_value *copy = alpa_value_map_get(&c->values, &op->results[i]);
        copy->type = cut(c, copy->type, dim_of(c, &op->results[i]));
        cut_sizes(c, copy->op, op->results[i].type, dim_of(c, &op->results[i]));
      }
      for (uint32_t r = 0; r < op->n_regions; r++)
        cut_region(c, &op->regions[r]);
    }
  }
}

static void copy_op(copier *c, const layer_op *op) {
  const alpa_factor_rule *rule = alpa_factors_get(c->arena, op->op);
  for (uint32_t i = op->reads_begin; i < op->reads_end; i++) { /* what regions read */
    uint32_t value = c->program->reads[i];
    if (op->op->n_regions && !is_inner(c, value))
      alpa_value_map_set(&c->values, c->program->values[value].value,
                         find_outer(c, value, dim_of(c, c->program->values[value].value), 0));
  }
  for (uint32_t i = 0; i < op->op->n_operands; i++) {
    alpa_value *operand = alpa_op_operand(op->op, i);
    uint32_t value = c->program->numbers[operand->number];
    if (!is_inner(c, value))
      alpa_value_map_set(&c->values, operand, find_outer(c, value, demand(c, op->op, rule, i), 0));
  }
  alpa_op *copy = alpa_op_clone(c->body->module, op->op, &c->values);
  alpa_op_insert(copy, c->entry, NULL);
  for (uint32_t i = 0; i < copy->n_results; i++) {
    int8_t dim = dim_of(c, &op->op->results[i]);
    cut_value(c, &copy->results[i], dim);
    cut_sizes(c, copy, op->op->results[i].type, dim);
  }
  for (uint32_t r = 0; r < op->op->n_regions; r++)
    cut_region(c, &op->op->regions[r]);
}

/* ---- results ---- */

static bool is_read_by(const copier *c, const layer_value *v, layer_part part) {
  for (uint32_t r = v->readers_begin; r < v->readers_end; r++) {
    const layer_op *reader = &c->program->ops[c->program->readers[r]];
    if (reader->part == part && (part == LAYER_UPDATE || reader->layer != c->layer))
      return true;
  }
  return false;
}

static void add_results(copier *c, const layer_op *op) {
  for (uint32_t i = 0; i < op->op->n_results; i++) {
    const layer_value *v = &c->program->values[op->results + i];
    stage_port port = {STAGE_GRADIENT, op->results + i};
    if (is_read_by(c, v, LAYER_FORWARD))
      port.role = STAGE_ACTIVATION;
    else if (is_read_by(c, v, LAYER_BACKWARD))
      port.role = op->part == LAYER_FORWARD ? STAGE_RESIDUAL : STAGE_COTANGENT;
    else if (!is_read_by(c, v, LAYER_UPDATE))
      continue;
    alpa_vec_push(c->arena, &c->body->results, port);
  }
}

static void build_return(copier *c) {
  size_t n = c->body->results.n;
  alpa_value **values = alpa_arena_new(c->arena, alpa_value *, n + 1);
  for (size_t i = 0; i < n; i++)
    values[i] = alpa_value_map_get(&c->values, c->program->values[c->body->results.items[i].value].value);
  const alpa_op_state state = {.def = &alpa_func_ops[FUNC_return], .operands = values, .n_operands = n};
  alpa_op_insert(alpa_op_create(c->body->module, &state), c->entry, NULL);
  alpa_func_update_type(c->body->func);
}

static bool has_dims(const alpa_type *a, const alpa_type *b) {
  bool is_same = a->rank == b->rank;
  for (uint32_t d = 0; is_same && d < a->rank; d++)
    is_same = a->dims[d] == b->dims[d];
  return is_same;
}

/* A gradient has the placement of the weight that it updates. */
static void tie_gradients(copier *c) {
  const layer_owners *owners = c->source->owners;
  for (uint32_t r = 0; r < c->body->results.n; r++)
    for (uint32_t a = 0; c->body->results.items[r].role == STAGE_GRADIENT && a < c->body->args.n; a++) {
      uint32_t weight = c->body->args.items[a].value, gradient = c->body->results.items[r].value;
      if (c->body->args.items[a].role != STAGE_WEIGHT ||
          owners->value_component[weight] != owners->value_component[gradient] ||
          alpa_func_find_arg_attr(c->body->func, a, "tf.aliasing_output") ||
          !has_dims(c->program->values[weight].value->type, c->program->values[gradient].value->type))
        continue;
      alpa_func_set_arg_attr(c->body->func, a, "tf.aliasing_output", alpa_attr_get_i64(c->body->module->ctx, r));
      break;
    }
}

static alpa_op *build_func(alpa_module *module) {
  alpa_context *ctx = module->ctx;
  const alpa_attr *attrs[func_func_attr_count] = {0};
  attrs[func_func_sym_name] = alpa_attr_get_string(ctx, "layer");
  attrs[func_func_function_type] =
      alpa_attr_get_type(ctx, alpa_type_get_function(ctx, (alpa_types){0}, (alpa_types){0}));
  const alpa_op_state state = {.def = &alpa_func_ops[FUNC_func], .attrs = attrs, .n_regions = 1};
  alpa_op *func = alpa_op_create(module, &state);
  alpa_block_append(&func->regions[0], alpa_block_create(module));
  alpa_op_insert(func, alpa_module_body(module), NULL);
  return func;
}

bool stage_body_build(alpa_arena *arena, const stage_source *source, int32_t layer, int64_t part,
                      stage_body *out_body) {
  alpa_module *module = alpa_module_create(alpa_op_context(source->program->func), source->program->func->loc);
  *out_body = (stage_body){.module = module, .func = build_func(module)};
  copier c = {.arena = arena,
              .source = source,
              .program = source->program,
              .body = out_body,
              .entry = alpa_func_entry(out_body->func),
              .layer = layer,
              .part = part,
              .is_cuttable = true};
  alpa_value_map_init(&c.values, arena);
  for (uint32_t o = 0; o < source->program->n_ops; o++) {
    const layer_op *op = &source->program->ops[o];
    if (!layer_op_is_body(op) || op->layer != layer)
      continue;
    copy_op(&c, op);
    add_results(&c, op);
  }
  build_return(&c);
  tie_gradients(&c);
  if (!c.is_cuttable)
    alpa_module_destroy(module);
  return c.is_cuttable;
}
