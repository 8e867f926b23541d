/* Enumeration of strategies: the product over the mesh axes of {nothing, each factor, each flow}, kept where every
 * operand and result has the state that the choice means.  Costs are those of the local work. */
#include "passes/shard/strategies.h"

#include <string.h>

#include "passes/cost/flops.h"
#include "passes/cost/op_cost.h"

void shard_classes_init(shard_classes *classes, alpa_arena *arena, shard_types *types) {
  *classes = (shard_classes){.arena = arena, .types = types};
}

uint32_t shard_result_partial_kinds(const alpa_op *op, const alpa_factor_rule *rule,
                                    const shard_type *const *operand_types) {
  uint32_t kinds = 0;
  for (uint32_t f = 0; f < rule->n_factors; f++)
    if (rule->factors[f].kind == ALPA_FACTOR_REDUCE)
      kinds |= 1u << rule->factors[f].partial;
  for (uint32_t l = 0; l < rule->n_flows; l++) {
    uint32_t flow = rule->flows[l].kinds;
    for (uint32_t i = 0; i < op->n_operands; i++)
      if (rule->flows[l].operands[i] && operand_types[i])
        flow &= operand_types[i]->partial_kinds;
    kinds |= flow;
  }
  return kinds;
}

/* ---- the choices of one axis: 0 nothing, then factors, then flows by kind ---- */

typedef struct choice {
  int32_t factor; /* or ALPA_NO_FACTOR */
  int32_t flow;   /* or -1 */
  alpa_partial_kind kind;
} choice;

typedef struct enumeration {
  shard_classes *classes;
  const alpa_op *op;
  const alpa_factor_rule *rule;
  const shard_type *const *operand_types, *const *result_types;
  const choice *choices;
  uint32_t n_choices;
  uint32_t digits[ALPA_MAX_AXES]; /* choice of each axis */
} enumeration;

static const choice *list_choices(alpa_arena *arena, const alpa_factor_rule *rule, uint32_t *out_n) {
  ALPA_VEC(choice) choices = {0};
  alpa_vec_push(arena, &choices, (choice){ALPA_NO_FACTOR, -1, ALPA_PARTIAL_SUM});
  for (uint32_t f = 0; f < rule->n_factors; f++)
    alpa_vec_push(arena, &choices, (choice){(int32_t)f, -1, rule->factors[f].partial});
  for (uint32_t l = 0; l < rule->n_flows; l++)
    for (uint32_t kind = 0; kind <= ALPA_PARTIAL_MIN; kind++)
      if (rule->flows[l].kinds >> kind & 1)
        alpa_vec_push(arena, &choices, (choice){ALPA_NO_FACTOR, (int32_t)l, (alpa_partial_kind)kind});
  *out_n = (uint32_t)choices.n;
  return choices.items;
}

static uint32_t operand_at(const alpa_factor_rule *rule, const choice *c, uint32_t operand) {
  if (c->flow >= 0)
    return rule->flows[c->flow].operands[operand] ? SHARD_PARTIAL + (uint32_t)c->kind : SHARD_REPLICATED;
  if (c->factor == ALPA_NO_FACTOR)
    return SHARD_REPLICATED;
  const alpa_factor *factor = &rule->factors[c->factor];
  if (factor->operand_dims[operand] != ALPA_NO_DIM)
    return (uint32_t)factor->operand_dims[operand] + 1;
  return factor->operand_partial && factor->operand_partial[operand] ? SHARD_PARTIAL + (uint32_t)factor->partial
                                                                     : SHARD_REPLICATED;
}

static uint32_t result_at(const alpa_factor_rule *rule, const choice *c, uint32_t result) {
  if (c->flow >= 0)
    return SHARD_PARTIAL + (uint32_t)c->kind;
  if (c->factor == ALPA_NO_FACTOR)
    return SHARD_REPLICATED;
  const alpa_factor *factor = &rule->factors[c->factor];
  if (factor->result_dims[result] != ALPA_NO_DIM)
    return (uint32_t)factor->result_dims[result] + 1;
  return factor->kind == ALPA_FACTOR_REDUCE ? SHARD_PARTIAL + (uint32_t)factor->partial : SHARD_REPLICATED;
}

static const choice *chosen(const enumeration *e, uint32_t axis) { return &e->choices[e->digits[axis]]; }

static int64_t parts_of_factor(const enumeration *e, int32_t factor) {
  int64_t parts = 1;
  for (uint32_t axis = 0; axis < e->classes->types->model->n_axes; axis++)
    if (chosen(e, axis)->factor == factor)
      parts *= e->classes->types->model->sizes[axis];
  return parts;
}

/* Sizes, evenness, and the order of factors in merged dimensions. */
static bool factors_fit(const enumeration *e) {
  uint32_t n_axes = e->classes->types->model->n_axes;
  for (uint32_t axis = 0; axis < n_axes; axis++) {
    int32_t f = chosen(e, axis)->factor;
    if (f == ALPA_NO_FACTOR)
      continue;
    const alpa_factor *factor = &e->rule->factors[f];
    if (!alpa_factor_is_divisible(factor, parts_of_factor(e, f), e->classes->types->uneven))
      return false;
    if (factor->after == ALPA_NO_FACTOR)
      continue;
    if (parts_of_factor(e, factor->after) != e->rule->factors[factor->after].size)
      return false;
    for (uint32_t inner = axis + 1; inner < n_axes; inner++)
      if (chosen(e, inner)->factor == factor->after)
        return false;
  }
  return true;
}

static uint32_t find_state(const enumeration *e, const shard_type *type, bool is_operand, uint32_t number) {
  shard_state state = 0;
  for (uint32_t axis = 0; axis < e->classes->types->model->n_axes; axis++) {
    const choice *c = chosen(e, axis);
    uint32_t at = is_operand ? operand_at(e->rule, c, number) : result_at(e->rule, c, number);
    state = shard_state_with(state, axis, at);
  }
  return shard_type_find(type, state);
}

/* ---- costs ---- */

static double traffic(const enumeration *e, const uint32_t *operands, const uint32_t *results) {
  double bytes = 0;
  for (uint32_t i = 0; i < e->op->n_operands; i++)
    if (e->operand_types[i])
      bytes += (double)e->operand_types[i]->bytes[operands[i]];
  for (uint32_t i = 0; i < e->op->n_results; i++)
    bytes += (double)e->result_types[i]->bytes[results[i]];
  return bytes;
}

static double result_bytes(const enumeration *e, const uint32_t *results) {
  double bytes = 0;
  for (uint32_t i = 0; i < e->op->n_results; i++)
    bytes += (double)e->result_types[i]->bytes[results[i]];
  return bytes;
}

static bool has(int8_t dim) { return dim != ALPA_NO_DIM; }

/* A factor in both operands is batch or k, in one of them m or n; a flow divides nothing. */
static int64_t contraction_cost(const enumeration *e) {
  double batch = 1, m = 1, n = 1, k = 1;
  for (uint32_t f = 0; f < e->rule->n_factors; f++) {
    const alpa_factor *factor = &e->rule->factors[f];
    int64_t parts = parts_of_factor(e, (int32_t)f);
    double size = (double)alpa_local_size(factor->size, parts);
    bool left = has(factor->operand_dims[0]), right = has(factor->operand_dims[1]);
    *(left && right ? (factor->kind == ALPA_FACTOR_REDUCE ? &k : &batch) : left ? &m : &n) *= size;
  }
  return alpa_cost_contraction(e->classes->types->model, alpa_op_operand_type(e->op, 0)->dtype, batch, m, n, k);
}

static int64_t convolution_cost(const enumeration *e) {
  double parts = 1;
  for (uint32_t f = 0; f < e->rule->n_factors; f++) {
    const alpa_factor *factor = &e->rule->factors[f];
    parts *= (double)factor->size / (double)alpa_local_size(factor->size, parts_of_factor(e, (int32_t)f));
  }
  const alpa_cost_model *model = e->classes->types->model;
  return alpa_cost_convolution(model, alpa_op_type(e->op)->dtype,
                               alpa_op_tiled_flops(e->op, model->device.convolution_tile) / parts);
}

static bool is_heavy(const alpa_op *op) {
  alpa_op_cost cost = alpa_op_cost_get(op);
  return cost == ALPA_OP_COST_CONTRACTION || cost == ALPA_OP_COST_CONVOLUTION;
}

/* The axes along which all devices do the same. */
static int64_t count_idle_axes(const enumeration *e) {
  int64_t n = 0;
  for (uint32_t axis = 0; axis < e->classes->types->model->n_axes; axis++)
    n += chosen(e, axis)->factor == ALPA_NO_FACTOR && e->classes->types->model->sizes[axis] > 1;
  return n;
}

static int64_t cost_of(const enumeration *e, const uint32_t *operands, const uint32_t *results) {
  const alpa_cost_model *model = e->classes->types->model;
  if (model->kind == ALPA_COST_OSDI22)
    return is_heavy(e->op) ? count_idle_axes(e) : 0;
  alpa_op_cost kind = alpa_op_cost_get(e->op);
  if (kind == ALPA_OP_COST_CONTRACTION && e->op->n_operands == 2)
    return contraction_cost(e);
  if (kind == ALPA_OP_COST_CONVOLUTION)
    return convolution_cost(e);
  return alpa_cost_traffic(model, kind, traffic(e, operands, results), result_bytes(e, results));
}

/* Alpa's model prices no computation; instead a contraction has to use every axis that it can. */
static void forbid_idle_axes(int64_t *costs, size_t n) {
  int64_t least = INT64_MAX;
  for (size_t s = 0; s < n; s++)
    least = costs[s] < least ? costs[s] : least;
  for (size_t s = 0; s < n; s++)
    costs[s] = costs[s] > least ? ALPA_SOLVER_INFINITE : 0;
}

/* ---- classes ---- */

typedef struct table {
  ALPA_VEC(uint32_t) * states; /* of each operand, then of each result */
  ALPA_VEC(int64_t) costs;
} table;

static void try_choice(enumeration *e, table *out, uint32_t *states) {
  const alpa_op *op = e->op;
  if (!factors_fit(e))
    return;
  for (uint32_t i = 0; i < op->n_operands + op->n_results; i++) {
    bool is_operand = i < op->n_operands;
    const shard_type *type = is_operand ? e->operand_types[i] : e->result_types[i - op->n_operands];
    states[i] = type ? find_state(e, type, is_operand, is_operand ? i : i - op->n_operands) : 0;
    if (states[i] == UINT32_MAX)
      return;
  }
  alpa_arena *arena = e->classes->arena;
  for (uint32_t i = 0; i < op->n_operands + op->n_results; i++)
    alpa_vec_push(arena, &out->states[i], states[i]);
  alpa_vec_push(arena, &out->costs, cost_of(e, states, states + op->n_operands));
}

static shard_class *build_class(enumeration *e) {
  alpa_arena *arena = e->classes->arena;
  const alpa_op *op = e->op;
  uint32_t n = op->n_operands + op->n_results, n_axes = e->classes->types->model->n_axes;
  table t = {.states = alpa_arena_calloc(arena, n, sizeof *t.states)};
  uint32_t *states = alpa_arena_new(arena, uint32_t, n);
  uint32_t axis;
  do {
    try_choice(e, &t, states);
    for (axis = 0; axis < n_axes && ++e->digits[axis] == e->n_choices; axis++)
      e->digits[axis] = 0;
  } while (axis < n_axes);
  if (e->classes->types->model->kind == ALPA_COST_OSDI22)
    forbid_idle_axes(t.costs.items, t.costs.n);
  const uint32_t **lists = alpa_arena_new(arena, const uint32_t *, n);
  for (uint32_t i = 0; i < n; i++)
    lists[i] = i < op->n_operands && !e->operand_types[i] ? NULL : t.states[i].items;
  shard_class *made = alpa_arena_new(arena, shard_class, 1);
  *made = (shard_class){
      .n_operands = op->n_operands,
      .n_results = op->n_results,
      .n_strategies = (uint32_t)t.costs.n,
      .operand_types = alpa_arena_copy(arena, e->operand_types, op->n_operands * sizeof *e->operand_types),
      .result_types = alpa_arena_copy(arena, e->result_types, op->n_results * sizeof *e->result_types),
      .operand_states = lists,
      .result_states = lists + op->n_operands,
      .costs = t.costs.items};
  return made;
}

/* Everything that build_class reads of the op, as bytes. */
static alpa_str class_key(alpa_arena *arena, const enumeration *e) {
  alpa_text text;
  alpa_text_init(&text, arena);
  const alpa_op *op = e->op;
  const alpa_factor_rule *rule = e->rule;
  uint32_t head[] = {(uint32_t)alpa_op_cost_get(op), op->n_operands, op->n_results, rule->n_factors, rule->n_flows};
  alpa_text_append(&text, (const char *)head, sizeof head);
  double flops = alpa_op_cost_get(op) == ALPA_OP_COST_CONVOLUTION ? alpa_op_flops(op) : 0;
  alpa_text_append(&text, (const char *)&flops, sizeof flops);
  alpa_text_append(&text, (const char *)e->operand_types, op->n_operands * sizeof *e->operand_types);
  alpa_text_append(&text, (const char *)e->result_types, op->n_results * sizeof *e->result_types);
  for (uint32_t f = 0; f < rule->n_factors; f++) {
    const alpa_factor *factor = &rule->factors[f];
    int64_t fixed[] = {factor->size, factor->kind, factor->partial, factor->care, factor->after};
    alpa_text_append(&text, (const char *)fixed, sizeof fixed);
    alpa_text_append(&text, (const char *)factor->operand_dims, op->n_operands);
    alpa_text_append(&text, (const char *)factor->result_dims, op->n_results);
    alpa_text_char(&text, factor->operand_partial ? 1 : 0);
    if (factor->operand_partial)
      alpa_text_append(&text, (const char *)factor->operand_partial, op->n_operands);
  }
  for (uint32_t l = 0; l < rule->n_flows; l++) {
    alpa_text_append(&text, (const char *)&rule->flows[l].kinds, sizeof rule->flows[l].kinds);
    alpa_text_append(&text, (const char *)rule->flows[l].operands, op->n_operands);
  }
  return (alpa_str){text.data, text.size};
}

typedef struct entry {
  alpa_str key;
  shard_class *value;
  struct entry *next;
} entry;

const shard_class *shard_class_get(shard_classes *classes, const alpa_op *op, const alpa_factor_rule *rule,
                                   const shard_type *const *operand_types, const shard_type *const *result_types) {
  enumeration e = {
      .classes = classes, .op = op, .rule = rule, .operand_types = operand_types, .result_types = result_types};
  alpa_str key = class_key(classes->arena, &e);
  uint64_t *slot = alpa_map_insert(classes->arena, &classes->index, alpa_hash64(key.data, key.size, 0), NULL);
  for (entry *at = (entry *)(uintptr_t)*slot; at; at = at->next)
    if (at->key.size == key.size && memcmp(at->key.data, key.data, key.size) == 0)
      return at->value;
  e.choices = list_choices(classes->arena, rule, &e.n_choices);
  entry *made = alpa_arena_new(classes->arena, entry, 1);
  *made = (entry){key, NULL, (entry *)(uintptr_t)*slot};
  *slot = (uintptr_t)made;
  made->value = build_class(&e);
  classes->n++;
  return made->value;
}
