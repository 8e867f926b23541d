/* Ops of the body: the same op on the part of a micro-batch, by the forms of passes/partition/.
 *
 * An invariant operand that carries the factor is sliced where it is used.  A statistic that stands beside sharded
 * operands is read as its local view: a partial sum as if every micro-batch contributed what this one does, a complete
 * value computed anew from the views of its operands. */
#include "passes/time/loop.h"

static alpa_status build_block(alpa_looper *loop, const alpa_block *from);

static const alpa_mesh *mesh_of(const alpa_looper *loop) { return loop->p.mesh; }

static alpa_time time_of(const alpa_looper *loop, const alpa_value *value) {
  return alpa_times_get(loop->times, value);
}

static const alpa_type *part_type(alpa_looper *loop, const alpa_type *type, int dim) {
  alpa_state state = alpa_state_get_replicated();
  if (dim >= 0)
    state.place[0] = (int8_t)dim;
  return dim < 0 ? type : alpa_state_local_type(loop->p.ctx, mesh_of(loop), type, &state);
}

static int split_dim(alpa_time time) { return time.kind == ALPA_TIME_SHARDED ? time.dim : ALPA_NO_DIM; }

/* ---- operands ---- */

/* Whether an op, the one that defines a value, is inside of another op of the body. */
static bool is_nested(const alpa_looper *loop, const alpa_value *value) {
  const alpa_op *around = value->op ? alpa_op_parent(value->op) : value->block->region->op;
  return around != loop->times->func;
}

/* The place of what was made of a value for one dimension, or of the whole value. */
static alpa_value **find_slot(alpa_looper *loop, alpa_map *map, const alpa_value *value, int dim) {
  bool is_new = false;
  uint64_t key = ((uint64_t)value->number + 1) << 8 | (uint8_t)dim;
  uint64_t *slot = alpa_map_insert(loop->p.arena, map, key, &is_new);
  if (is_new)
    *slot = (uint64_t)(uintptr_t)alpa_arena_new(loop->p.arena, alpa_value *, 1);
  return (alpa_value **)(uintptr_t)*slot;
}

/* The part of the micro-batch of a whole value; a number that stands for all elements is that in the part, too. */
static alpa_value *emit_part(alpa_looper *loop, alpa_value *whole, int dim) {
  alpa_partitioner *p = &loop->p;
  const alpa_type *type = part_type(loop, whole->type, dim);
  const alpa_attr *constant = alpa_value_find_constant(whole);
  if (constant && constant->kind == ALPA_ATTR_ELEMENTS && constant->elements.splat)
    return alpa_emit_constant(p, type, constant->elements.data, true);
  uint32_t axis = 0;
  alpa_value **starts = alpa_arena_new(p->arena, alpa_value *, whole->type->rank);
  starts[dim] = alpa_emit_coordinate(p, &axis, 1, type->dims[dim]);
  return alpa_emit_window(p, whole, starts, type->dims);
}

static void mark_body(alpa_op *op) {
  alpa_op_set_attr(op, "alpa.phase", alpa_attr_get_string(alpa_op_context(op), alpa_phase_names[ALPA_PHASE_BODY]));
}

/* Parts of values from outside of the body stand in front of the op that needs them first, for all that follow. */
static alpa_value *find_part(alpa_looper *loop, alpa_value *value, int dim) {
  alpa_value *whole = alpa_value_map_get(&loop->p.values, value);
  if (dim < 0)
    return whole;
  if (is_nested(loop, value))
    return emit_part(loop, whole, dim);
  alpa_value **part = find_slot(loop, &loop->parts, value, dim);
  if (*part)
    return *part;
  alpa_builder saved = loop->p.builder;
  loop->p.builder.block = loop->p.entry;
  loop->p.builder.before = loop->anchor;
  const alpa_op *last = loop->anchor ? loop->anchor->previous : loop->p.entry->last;
  *part = emit_part(loop, whole, dim);
  for (alpa_op *op = last->next; op != loop->anchor; op = op->next)
    mark_body(op);
  loop->p.builder = saved;
  return *part;
}

/* Arguments, and what was lifted into the prologue, exist as a whole even where they are sharded. */
static bool is_whole(const alpa_looper *loop, const alpa_value *value) {
  if (is_nested(loop, value))
    return false;
  return value->op == NULL || loop->phases->phases[value->op->number] == ALPA_PHASE_PROLOGUE;
}

/* A value as an operand of which dimension `dim` is split, or none. */
static alpa_value *find_operand(alpa_looper *loop, alpa_value *value, int dim) {
  return is_whole(loop, value) || alpa_time_is_invariant(time_of(loop, value))
             ? find_part(loop, value, dim)
             : alpa_value_map_get(&loop->p.values, value);
}

static alpa_status find_view(alpa_looper *loop, alpa_value *value, int dim, alpa_value **out_view);

/* ---- local forms ---- */

static alpa_local_op begin_local(alpa_looper *loop, alpa_op *op, const alpa_strategy *strategy) {
  alpa_arena *arena = loop->p.arena;
  alpa_local_op local = {.op = op,
                         .rule = loop->times->rules[op->number],
                         .strategy = *strategy,
                         .operands = alpa_arena_new(arena, alpa_value *, op->n_operands),
                         .operand_states = alpa_arena_new(arena, alpa_state, op->n_operands),
                         .result_states = alpa_arena_new(arena, alpa_state, op->n_results),
                         .result_types = alpa_arena_new(arena, const alpa_type *, op->n_results),
                         .attrs = alpa_arena_copy(arena, op->attrs, op->def->n_attrs * sizeof *op->attrs),
                         .results = alpa_arena_new(arena, alpa_value *, op->n_results)};
  for (uint32_t i = 0; i < op->n_operands; i++)
    local.operand_states[i] = alpa_strategy_operand(mesh_of(loop), local.rule, strategy, i);
  for (uint32_t i = 0; i < op->n_results; i++) {
    local.result_states[i] = alpa_strategy_result(mesh_of(loop), local.rule, strategy, i);
    local.result_types[i] = part_type(loop, op->results[i].type, local.result_states[i].place[0]);
  }
  return local;
}

/* The shardings that the user gave the op on the mesh of devices stay: the part of a micro-batch has them, too.  To
 * passes/partition they are what it takes away, so an op that only says one would be dropped as well. */
static alpa_status finish_local(alpa_looper *loop, alpa_local_op *local) {
  const alpa_op *op = local->op;
  const alpa_attr *sharding = alpa_attr_find(op->extra, "sdy.sharding");
  alpa_form_fn *form = alpa_form_find(op->def);
  if (form == NULL || alpa_op_is_reshard(op) || stablehlo_is(op, STABLEHLO_custom_call))
    alpa_local_build(&loop->p, local);
  else
    ALPA_TRY(form(&loop->p, local));
  if (sharding && op->n_results > 0)
    alpa_op_set_attr(local->results[0]->op, "sdy.sharding", sharding);
  return ALPA_OK;
}

static alpa_strategy strategy_of(const alpa_looper *loop, const alpa_op *op, int choice) {
  alpa_strategy strategy = {.kind = ALPA_PARTIAL_SUM};
  strategy.choice[0] = (int16_t)choice;
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (time_of(loop, alpa_op_operand(op, i)).kind == ALPA_TIME_PARTIAL)
      strategy.kind = time_of(loop, alpa_op_operand(op, i)).partial;
  return strategy;
}

static void end_results(alpa_looper *loop, const alpa_op *op, alpa_value *const *results) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    if (results[i]->name == NULL)
      results[i]->name = op->results[i].name;
    alpa_value_map_set(&loop->p.values, &op->results[i], results[i]);
  }
}

/* What the op gives must be what the annotation says; a result may be called invariant where nothing is split. */
static alpa_status check_results(const alpa_looper *loop, const alpa_local_op *local) {
  for (uint32_t i = 0; i < local->op->n_results; i++) {
    alpa_time time = time_of(loop, &local->op->results[i]);
    int place = time.kind == ALPA_TIME_SHARDED   ? time.dim
                : time.kind == ALPA_TIME_PARTIAL ? ALPA_PARTIAL
                                                 : ALPA_REPLICATED;
    if (place != local->result_states[i].place[0])
      return alpa_op_error(local->op, "has a state of result %u in 'alpa.time' that it does not give", i);
  }
  return ALPA_OK;
}

/* The accumulator of the op's only result, if it has one and nothing else in the body reads the result; or NULL. */
static alpa_carried *find_accumulator(const alpa_looper *loop, const alpa_op *op) {
  if (op->n_results != 1 || time_of(loop, op->results).kind != ALPA_TIME_PARTIAL || loop->viewed[op->results->number])
    return NULL;
  for (const alpa_use *use = op->results->uses; use; use = use->next)
    if (loop->phases->phases[alpa_times_outermost(loop->times, use->owner)->number] == ALPA_PHASE_BODY)
      return NULL;
  return alpa_loop_find_carried(loop, op->results);
}

/* A contraction whose result is accumulated in a wider type gives that itself. */
static void widen_contraction(alpa_looper *loop, alpa_local_op *local) {
  const alpa_carried *carried = find_accumulator(loop, local->op);
  if (carried && alpa_op_is_heavy(local->op))
    local->result_types[0] = carried->type;
}

/* An op that adds to zeros (scatter) adds to the accumulator instead. */
static void add_in_place(alpa_looper *loop, alpa_local_op *local, int choice) {
  const bool *is_partial = choice >= 0 ? local->rule->factors[choice].operand_partial : NULL;
  alpa_carried *carried = find_accumulator(loop, local->op);
  bool is_sum = carried && carried->time.partial == ALPA_PARTIAL_SUM;
  for (uint32_t i = 0; is_partial && is_sum && i < local->op->n_operands; i++) {
    if (!is_partial[i] || time_of(loop, alpa_op_operand(local->op, i)).kind != ALPA_TIME_ZERO ||
        local->operands[i]->type != carried->type)
      continue;
    local->operands[i] = carried->arg;
    carried->is_in_place = true;
  }
}

static alpa_status build_factors(alpa_looper *loop, alpa_op *op) {
  const char *reason = NULL;
  int choice = alpa_times_choose(loop->times, op, &reason);
  if (choice == ALPA_TIME_IMPOSSIBLE)
    return alpa_op_error(op, "cannot run in micro-batches as 'alpa.time' says: %s", reason);
  alpa_strategy strategy = strategy_of(loop, op, choice);
  alpa_local_op local = begin_local(loop, op, &strategy);
  ALPA_TRY(check_results(loop, &local));
  widen_contraction(loop, &local);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_value *operand = alpa_op_operand(op, i);
    int dim = choice >= 0 ? local.rule->factors[choice].operand_dims[i] : ALPA_NO_DIM;
    if (alpa_times_reads_view(loop->times, op, choice, i))
      ALPA_TRY(find_view(loop, operand, dim, &local.operands[i]));
    else
      local.operands[i] = find_operand(loop, operand, dim);
  }
  add_in_place(loop, &local, choice);
  ALPA_TRY(finish_local(loop, &local));
  end_results(loop, op, local.results);
  return ALPA_OK;
}

/* ---- local views ---- */

/* The op that gives the value, on views of its operands; *out_view is NULL where it cannot give dimension `dim` in
 * parts. */
static alpa_status build_view(alpa_looper *loop, alpa_value *value, int dim, alpa_value **out_view) {
  const alpa_factor_rule *rule = loop->times->rules[value->op->number];
  int32_t f = dim < 0 ? ALPA_NO_FACTOR : alpa_factor_find_result(rule, value->index, (uint32_t)dim);
  *out_view = NULL;
  if (dim >= 0 && (f == ALPA_NO_FACTOR || rule->factors[f].size % loop->times->count ||
                   (rule->factors[f].care & (ALPA_CARE_HALO | ALPA_CARE_INDEX))))
    return ALPA_OK;
  alpa_strategy strategy = {.choice = {(int16_t)(f == ALPA_NO_FACTOR ? ALPA_CHOOSE_NOTHING : f)}};
  alpa_local_op local = begin_local(loop, value->op, &strategy);
  for (uint32_t i = 0; i < value->op->n_operands; i++)
    ALPA_TRY(find_view(loop, alpa_op_operand(value->op, i),
                       f == ALPA_NO_FACTOR ? ALPA_NO_DIM : rule->factors[f].operand_dims[i], &local.operands[i]));
  ALPA_TRY(finish_local(loop, &local));
  *out_view = local.results[value->index];
  mark_body((*out_view)->op);
  return ALPA_OK;
}

/* A sum over the batch if every micro-batch were like this one. */
static alpa_value *scale_view(alpa_looper *loop, alpa_value *value) {
  alpa_partitioner *p = &loop->p;
  alpa_value *own = alpa_value_map_get(&p->values, value);
  if (time_of(loop, value).partial != ALPA_PARTIAL_SUM)
    return own;
  const alpa_type *scalar = alpa_type_get_tensor(p->ctx, ALPA_I32, 0, NULL);
  alpa_value *count = alpa_emit_convert(p, alpa_emit_integer(p, scalar, loop->times->count), own->type->dtype);
  return alpa_emit(p, STABLEHLO_multiply, own->type, ALPA_VALUES(own, alpa_emit_broadcast(p, count, own->type)), NULL);
}

/* Whether a partial value arises from the batch itself, and not from partial values alone. */
static bool is_source(const alpa_looper *loop, const alpa_value *value) {
  if (value->op == NULL)
    return true;
  for (uint32_t i = 0; i < value->op->n_operands; i++)
    if (time_of(loop, alpa_op_operand(value->op, i)).kind == ALPA_TIME_SHARDED)
      return true;
  return loop->times->rules[value->op->number]->form != ALPA_RULE_FACTORS;
}

static alpa_status make_view(alpa_looper *loop, alpa_value *value, int dim, alpa_value **out_view) {
  alpa_time time = time_of(loop, value);
  *out_view = NULL;
  if (alpa_time_is_invariant(time))
    *out_view = find_part(loop, value, dim);
  else if (time.kind == ALPA_TIME_COMPLETE || (dim >= 0 && !is_source(loop, value)))
    ALPA_TRY(build_view(loop, value, dim, out_view));
  else if (dim < 0)
    *out_view = scale_view(loop, value);
  if (*out_view)
    return ALPA_OK;
  ALPA_TRY(find_view(loop, value, ALPA_NO_DIM, out_view));
  *out_view = emit_part(loop, *out_view, dim);
  return ALPA_OK;
}

static alpa_status find_view(alpa_looper *loop, alpa_value *value, int dim, alpa_value **out_view) {
  alpa_value **known = find_slot(loop, &loop->views, value, dim);
  *out_view = *known;
  if (*known)
    return ALPA_OK;
  ALPA_TRY(make_view(loop, value, dim, out_view));
  if (loop->p.builder.block == loop->p.entry)
    *known = *out_view;
  return ALPA_OK;
}

/* ---- loops and branches ---- */

/* What is tied to a result has its state, or becomes it: an invariant value is sliced, zero is a contribution. */
static alpa_status check_tied(const alpa_looper *loop, const alpa_op *op, const alpa_value *value, uint32_t result) {
  alpa_time from = time_of(loop, value), to = time_of(loop, &op->results[result]);
  bool is_sum = to.kind == ALPA_TIME_PARTIAL && to.partial == ALPA_PARTIAL_SUM;
  if (alpa_time_is_equal(from, to) || from.kind == ALPA_TIME_ZERO ||
      (from.kind == ALPA_TIME_INVARIANT && !is_sum && to.kind != ALPA_TIME_ZERO))
    return ALPA_OK;
  return alpa_op_error(op, "has a state of result %u in 'alpa.time' that a value tied to it does not have", result);
}

/* What a region yields, in the states of the results; a predicate as it is. */
static alpa_status build_yield(alpa_looper *loop, const alpa_op *op, const alpa_op *yield, bool is_predicate) {
  alpa_value **operands = alpa_arena_new(loop->p.arena, alpa_value *, yield->n_operands);
  for (uint32_t i = 0; i < yield->n_operands; i++) {
    if (!is_predicate)
      ALPA_TRY(check_tied(loop, op, alpa_op_operand(yield, i), i));
    operands[i] = find_operand(loop, alpa_op_operand(yield, i),
                               is_predicate ? ALPA_NO_DIM : split_dim(time_of(loop, &op->results[i])));
  }
  const alpa_op_state state = {.def = yield->def,
                               .loc = yield->loc,
                               .operands = operands,
                               .n_operands = yield->n_operands,
                               .attrs = yield->attrs,
                               .extra = yield->extra};
  alpa_build(&loop->p.builder, &state);
  return ALPA_OK;
}

static alpa_status build_region(alpa_looper *loop, const alpa_op *op, uint32_t r, alpa_region *to, bool is_predicate) {
  alpa_partitioner *p = &loop->p;
  const alpa_block *from = alpa_region_block(&op->regions[r]);
  alpa_builder saved = p->builder;
  alpa_block *block = alpa_block_create(p->module);
  alpa_block_append(to, block);
  for (uint32_t i = 0; i < from->n_args; i++) {
    const alpa_type *type = part_type(loop, from->args[i]->type, split_dim(time_of(loop, from->args[i])));
    alpa_value *arg = alpa_block_add_arg(block, p->module, type, from->args[i]->loc);
    arg->name = from->args[i]->name;
    alpa_value_map_set(&p->values, from->args[i], arg);
  }
  p->builder = alpa_builder_at_end(p->module, block, op->loc);
  ALPA_TRY(build_block(loop, from));
  ALPA_TRY(build_yield(loop, op, from->last, is_predicate));
  p->builder = saved;
  return ALPA_OK;
}

/* Loops, branches, and ops that pass their operands on. */
static alpa_status build_regions(alpa_looper *loop, alpa_op *op, bool is_tied) {
  alpa_partitioner *p = &loop->p;
  alpa_value **operands = alpa_arena_new(p->arena, alpa_value *, op->n_operands);
  const alpa_type **types = alpa_arena_new(p->arena, const alpa_type *, op->n_results);
  alpa_value **results = alpa_arena_new(p->arena, alpa_value *, op->n_results);
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] =
        find_operand(loop, alpa_op_operand(op, i), is_tied ? split_dim(time_of(loop, &op->results[i])) : ALPA_NO_DIM);
  for (uint32_t i = 0; i < op->n_results; i++)
    types[i] = part_type(loop, op->results[i].type, split_dim(time_of(loop, &op->results[i])));
  const alpa_op_state state = {.def = op->def,
                               .operands = operands,
                               .n_operands = op->n_operands,
                               .results = types,
                               .n_results = op->n_results,
                               .attrs = op->attrs,
                               .extra = op->extra,
                               .n_regions = op->n_regions};
  alpa_op *built = alpa_build(&p->builder, &state);
  if (p->builder.block == p->entry)
    loop->anchor = built;
  for (uint32_t r = 0; r < op->n_regions; r++)
    ALPA_TRY(build_region(loop, op, r, &built->regions[r], is_tied && r + 1 < op->n_regions));
  if (p->builder.block == p->entry)
    loop->anchor = NULL;
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = alpa_op_result(built, i);
  end_results(loop, op, results);
  return ALPA_OK;
}

alpa_status alpa_loop_build_op(alpa_looper *loop, alpa_op *op) {
  loop->p.builder.loc = op->loc;
  switch (loop->times->rules[op->number]->form) {
  case ALPA_RULE_FACTORS:
    return build_factors(loop, op);
  case ALPA_RULE_TIED:
    return build_regions(loop, op, true);
  case ALPA_RULE_BRANCH:
    return build_regions(loop, op, false);
  case ALPA_RULE_YIELD:
  case ALPA_RULE_NONE:
    break;
  }
  return alpa_op_unsupported(op, "cannot run in micro-batches");
}

static alpa_status build_block(alpa_looper *loop, const alpa_block *from) {
  for (alpa_op *op = from->first; op != from->last; op = op->next)
    ALPA_TRY(alpa_loop_build_op(loop, op));
  return ALPA_OK;
}
