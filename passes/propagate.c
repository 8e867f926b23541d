/* propagate: completes the shardings that the user wrote, without a search and without costs.
 *
 * Collects values and the factors that tie their dimensions (analysis/factors.h; loop-carried values, donated arguments
 * and their results are tied too), lets shardings spread (propagate_spread.c), writes a closed sharding on every value,
 * and makes the changes of state explicit.  What is said by sdy.sharding, sdy.sharding_constraint, mhlo.sharding and
 * alpa.replicate / alpa.split stays as said; open dimensions take what fits.  Values that are computed from constants
 * are left alone, each consumer gets its own copy. */
#include "passes/propagate.h"

#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"
#include "passes/analysis/factors.h"
#include "passes/analysis/mesh_option.h"
#include "passes/analysis/state.h"
#include "passes/partition/reshards.h"
#include "passes/pass.h"
#include "passes/propagate_hints.h"

typedef struct propagate_options {
  const char *mesh;
  int64_t max_parts;
  bool late_reduction;
} propagate_options;

#define FIELD(field) offsetof(propagate_options, field)
static const alpa_option_def option_defs[] = {
    {"mesh", "the mesh, 2x4 or data=2,model=4, where the module declares none", ALPA_OPTION_STRING, FIELD(mesh), "",
     .choices = NULL},
    {"max-parts", "dimensions that propagation completes are split into at most so many parts; 0: no limit",
     ALPA_OPTION_INT, FIELD(max_parts), "0", .min = 0},
    {"late-reduction", "sums stay partial through linear ops and loops as long as that moves fewer bytes",
     ALPA_OPTION_BOOL, FIELD(late_reduction), "true", .min = 0},
    {0},
};
#undef FIELD

enum { RESHARDS };
static const alpa_statistic_def statistics[] = {[RESHARDS] = {"reshards", "changes of state made explicit"}, {0}};

typedef struct collector {
  alpa_arena *arena;
  const alpa_mesh *mesh;
  alpa_op *func;
  alpa_spread_graph graph;
  ALPA_VEC(alpa_value *) values; /* by number in the graph; NULL for a result of the function */
  alpa_map numbers;              /* value -> number + 1 */
  alpa_map groups;               /* group of an sdy.sharding_group -> number of its first value */
  ALPA_VEC(alpa_sharding) given; /* by number: what partial axes the user gave */
  uint32_t *results;             /* numbers of the function's results; a donated argument and its result are one */
} collector;

/* ---- values ---- */

static alpa_status place_axes(const collector *c, const alpa_op *at, alpa_axis_refs refs, alpa_spread_value *value,
                              alpa_spread_dim *dim) {
  for (size_t i = 0; i < refs.n; i++) {
    const alpa_axis_ref *ref = &refs.items[i];
    const alpa_mesh_axis *axis = &c->mesh->axes[ref->axis];
    if (ref->size != 0 && ref->size != axis->size)
      return alpa_op_unsupported(at, "shards by a part of axis '%s' (%lld of %lld): declare a mesh with the axis split",
                                 axis->name, (long long)ref->size, (long long)axis->size);
    value->used |= 1u << ref->axis;
    if (dim)
      dim->axes[dim->n_axes++] = (uint8_t)ref->axis;
  }
  return ALPA_OK;
}

/* What the user said of one value. */
static alpa_status apply_given(collector *c, const alpa_op *at, const alpa_sharding *given, alpa_spread_value *value) {
  for (uint32_t d = 0; d < value->rank; d++) {
    alpa_spread_dim *dim = &value->dims[d];
    ALPA_TRY(place_axes(c, at, given->dims[d].axes, value, dim));
    dim->open = given->dims[d].open;
    dim->priority = given->dims[d].priority;
  }
  ALPA_TRY(place_axes(c, at, given->replicated, value, NULL));
  return place_axes(c, at, given->partial, value, NULL);
}

static alpa_status add_value(collector *c, const alpa_type *type, const alpa_op *at, const alpa_attr *attr,
                             uint32_t *out_number) {
  alpa_spread_value value = {.rank = type->rank, .dims = alpa_arena_new(c->arena, alpa_spread_dim, type->rank)};
  alpa_sharding given = {.mesh = NULL};
  for (uint32_t d = 0; d < type->rank; d++)
    value.dims[d] = (alpa_spread_dim){.size = type->dims[d], .open = true};
  if (attr) {
    ALPA_TRY(alpa_sharding_decode(c->arena, c->mesh, at, attr, &given));
    if (given.rank != type->rank)
      return alpa_op_error(at, "has a sharding of rank %u on a tensor of rank %u", given.rank, type->rank);
    ALPA_TRY(apply_given(c, at, &given, &value));
  }
  *out_number = (uint32_t)c->graph.values.n;
  alpa_vec_push(c->arena, &c->graph.values, value);
  alpa_vec_push(c->arena, &c->given, given);
  return ALPA_OK;
}

/* Every tensor but arguments of regions, which are the values that they are tied to. */
static alpa_status collect_value(collector *c, alpa_value *value) {
  if (!alpa_type_is_static_tensor(value->type))
    return ALPA_OK;
  const alpa_op *at = value->op ? value->op : c->func;
  const alpa_attr *attr = NULL;
  uint32_t number;
  ALPA_TRY(alpa_hint_find(c->arena, c->mesh, value, &attr));
  ALPA_TRY(add_value(c, value->type, at, attr, &number));
  c->graph.values.items[number].is_free = attr == NULL && alpa_value_is_free(value);
  alpa_vec_push(c->arena, &c->values, value);
  *alpa_map_insert(c->arena, &c->numbers, (uintptr_t)value, NULL) = number + 1;
  return ALPA_OK;
}

static bool find_number(const collector *c, const alpa_value *value, uint32_t *out_number) {
  if (value->block && value->block->region->op != c->func && value->index < value->block->region->op->n_results)
    value = &value->block->region->op->results[value->index];
  const uint64_t *number = alpa_map_find(&c->numbers, (uintptr_t)value);
  if (number)
    *out_number = (uint32_t)(*number - 1);
  return number != NULL;
}

/* ---- factors ---- */

static void add_member(collector *c, alpa_spread_factor *factor, uint32_t value, uint32_t dim) {
  alpa_vec_push(c->arena, &c->graph.members, (alpa_spread_member){value, dim});
  factor->n++;
}

/* Two values that are one; `way` as in alpa_spread_factor. */
static void tie(collector *c, uint32_t a, uint32_t b, int8_t way) {
  const alpa_spread_value *value = &c->graph.values.items[a];
  for (uint32_t d = 0; d < value->rank && value->rank == c->graph.values.items[b].rank; d++) {
    alpa_spread_factor factor = {
        .size = value->dims[d].size, .is_simple = true, .way = way, .first = (uint32_t)c->graph.members.n};
    add_member(c, &factor, a, d);
    add_member(c, &factor, b, d);
    alpa_vec_push(c->arena, &c->graph.factors, factor);
  }
}

static void tie_values(collector *c, const alpa_value *a, const alpa_value *b, int8_t way) {
  uint32_t i, j;
  if (find_number(c, a, &i) && find_number(c, b, &j))
    tie(c, i, j, way);
}

/* A barrier lets shardings through in one way or not at all. */
static void tie_results(collector *c, const alpa_op *op) {
  int64_t direction = sdy_is(op, SDY_propagation_barrier)
                          ? alpa_op_attr(op, sdy_propagation_barrier_allowed_direction)->integer
                          : SDY_BOTH;
  int8_t way = direction == SDY_BOTH ? 0 : direction == SDY_FORWARD ? 1 : -1;
  for (uint32_t i = 0; i < op->n_results && direction != SDY_NONE; i++)
    tie_values(c, alpa_op_operand(op, i), &op->results[i], way);
}

/* Values of one group have one sharding. */
static void tie_group(collector *c, const alpa_op *op) {
  uint64_t id = (uint64_t)alpa_op_int(op, sdy_sharding_group_group_id, 0);
  uint32_t number;
  if (!find_number(c, alpa_op_operand(op, 0), &number))
    return;
  bool is_new;
  uint64_t *first = alpa_map_insert(c->arena, &c->groups, id, &is_new);
  if (is_new)
    *first = number;
  else
    tie(c, (uint32_t)*first, number, 0);
}

static bool has_reduction(const alpa_factor_rule *rule) {
  for (uint32_t f = 0; f < rule->n_factors; f++)
    if (rule->factors[f].kind == ALPA_FACTOR_REDUCE)
      return true;
  return false;
}

static void collect_factors(collector *c, const alpa_op *op, const alpa_factor_rule *rule) {
  bool is_simple = !has_reduction(rule);
  for (uint32_t f = 0; f < rule->n_factors; f++) {
    const alpa_factor *from = &rule->factors[f];
    alpa_spread_factor factor = {.size = from->size,
                                 .is_even = from->care & ALPA_CARE_EVEN,
                                 .is_simple = is_simple,
                                 .first = (uint32_t)c->graph.members.n};
    uint32_t number;
    if (from->after != ALPA_NO_FACTOR)
      continue;
    for (uint32_t i = 0; i < op->n_operands; i++)
      if (from->operand_dims[i] >= 0 && find_number(c, alpa_op_operand(op, i), &number))
        add_member(c, &factor, number, (uint32_t)from->operand_dims[i]);
    for (uint32_t i = 0; i < op->n_results; i++)
      if (from->result_dims[i] >= 0 && find_number(c, &op->results[i], &number))
        add_member(c, &factor, number, (uint32_t)from->result_dims[i]);
    alpa_vec_push(c->arena, &c->graph.factors, factor);
  }
}

static void collect_yield(collector *c, const alpa_op *op) {
  const alpa_op *parent = alpa_op_parent(op);
  bool is_func = parent == c->func;
  bool is_tied = is_func || alpa_factors_get(c->arena, parent)->form == ALPA_RULE_BRANCH ||
                 parent->regions[parent->n_regions - 1].first == op->block;
  for (uint32_t i = 0; i < op->n_operands && is_tied; i++) {
    uint32_t number;
    if (!is_func)
      tie_values(c, alpa_op_operand(op, i), &parent->results[i], 0);
    else if (find_number(c, alpa_op_operand(op, i), &number))
      tie(c, number, c->results[i], 0);
  }
}

static alpa_status collect_block(collector *c, alpa_block *block);

static alpa_status collect_op(collector *c, alpa_op *op) {
  const alpa_factor_rule *rule = alpa_factors_get(c->arena, op);
  for (uint32_t i = 0; i < op->n_results; i++)
    ALPA_TRY(collect_value(c, &op->results[i]));
  if (rule->form == ALPA_RULE_FACTORS)
    collect_factors(c, op, rule);
  if (rule->form == ALPA_RULE_YIELD)
    collect_yield(c, op);
  if (rule->form == ALPA_RULE_TIED)
    tie_results(c, op);
  if (sdy_is(op, SDY_sharding_group))
    tie_group(c, op);
  bool is_entered = rule->form == ALPA_RULE_TIED || rule->form == ALPA_RULE_BRANCH;
  for (uint32_t r = 0; r < op->n_regions && is_entered; r++)
    if (op->regions[r].first)
      ALPA_TRY(collect_block(c, op->regions[r].first));
  return ALPA_OK;
}

static alpa_status collect_block(collector *c, alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next)
    ALPA_TRY(collect_op(c, op));
  return ALPA_OK;
}

/* By result of the function: the argument whose place it takes, or NULL. */
static alpa_value **find_donors(const collector *c, size_t n_results) {
  const alpa_block *entry = alpa_func_entry(c->func);
  alpa_value **donors = alpa_arena_new(c->arena, alpa_value *, n_results);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    const alpa_attr *alias = alpa_func_find_arg_attr(c->func, i, "tf.aliasing_output");
    if (alias && alias->integer >= 0 && (size_t)alias->integer < n_results)
      donors[alias->integer] = entry->args[i];
  }
  return donors;
}

/* A donated argument and the result that takes its place are one value, so that the state stays where it is; unless
 * the result has an annotation of its own. */
static alpa_status collect_results(collector *c) {
  const alpa_type *type = alpa_func_type(c->func);
  alpa_value **donors = find_donors(c, type->results.n);
  c->results = alpa_arena_new(c->arena, uint32_t, type->results.n);
  for (uint32_t i = 0; i < type->results.n; i++) {
    const alpa_attr *hint = NULL;
    uint32_t donor;
    ALPA_TRY(alpa_hint_find_result(c->arena, c->mesh, c->func, i, &hint));
    bool is_donated = donors[i] && donors[i]->type == type->results.items[i] && find_number(c, donors[i], &donor);
    if (is_donated && hint == NULL) {
      c->results[i] = donor;
      continue;
    }
    ALPA_TRY(add_value(c, type->results.items[i], c->func, hint, &c->results[i]));
    alpa_vec_push(c->arena, &c->values, NULL);
    if (is_donated)
      tie(c, donor, c->results[i], 0);
  }
  return ALPA_OK;
}

static alpa_status collect(collector *c) {
  alpa_block *entry = alpa_func_entry(c->func);
  for (uint32_t i = 0; i < entry->n_args; i++)
    ALPA_TRY(collect_value(c, entry->args[i]));
  ALPA_TRY(collect_results(c));
  return collect_block(c, entry);
}

/* ---- apply ---- */

static alpa_state state_of(const collector *c, uint32_t number) {
  const alpa_spread_value *value = &c->graph.values.items[number];
  const alpa_sharding *given = &c->given.items[number];
  alpa_state state = alpa_state_get_replicated();
  for (uint32_t d = 0; d < value->rank; d++)
    for (uint8_t i = 0; i < value->dims[d].n_axes; i++) {
      state.place[value->dims[d].axes[i]] = (int8_t)d;
      state.order[value->dims[d].axes[i]] = i;
    }
  state.kind = given->mesh ? given->partial_kind : ALPA_PARTIAL_SUM;
  for (size_t i = 0; given->mesh && i < given->partial.n; i++)
    state.place[given->partial.items[i].axis] = ALPA_PARTIAL;
  return state;
}

static void apply(collector *c) {
  alpa_states states = {.arena = c->arena, .mesh = c->mesh};
  alpa_context *ctx = c->func->module->ctx;
  for (uint32_t i = 0; i < c->values.n; i++) {
    alpa_state state = state_of(c, i);
    if (c->values.items[i])
      alpa_states_set(&states, c->values.items[i], &state);
  }
  for (uint32_t i = 0; i < alpa_func_type(c->func)->results.n; i++) {
    alpa_state state = state_of(c, c->results[i]);
    uint32_t rank = c->graph.values.items[c->results[i]].rank;
    alpa_func_set_result_sharding(c->func, i, alpa_states_encode(&states, ctx, rank, &state));
  }
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  const propagate_options *chosen = options;
  collector c = {.arena = pass->arena};
  int64_t n_reshards = 0;
  ALPA_TRY(alpa_mesh_option_apply(pass->arena, module, chosen->mesh, &c.mesh));
  ALPA_TRY(alpa_func_find_main(module, &c.func));
  c.graph = (alpa_spread_graph){.mesh = c.mesh, .arena = pass->arena, .max_parts = chosen->max_parts};
  ALPA_TRY(collect(&c));
  alpa_spread_run(&c.graph);
  apply(&c);
  if (chosen->late_reduction)
    ALPA_TRY(alpa_spread_partial(pass->arena, c.mesh, c.func));
  ALPA_TRY(alpa_reshards_insert(pass->arena, c.mesh, c.func, &n_reshards));
  pass->counters[RESHARDS] += n_reshards;
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_propagate = {
    .name = "propagate",
    .summary = "completes the shardings that the user wrote",
    .anchor = "builtin.module",
    .options = option_defs,
    .options_size = sizeof(propagate_options),
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_SHARDINGS,
    .run = run,
};
