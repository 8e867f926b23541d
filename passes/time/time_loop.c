/* time-loop: makes a loop over micro-batches of what `microbatch` annotated, in plain StableHLO.
 *
 *   prologue                                 whole values, once
 *   while (i < count)                        carries accumulators, and values that are put together
 *     body on the part i of the batch        partition's forms on a mesh of one axis (passes/time/loop_op.c)
 *   epilogue                                 whole values, once
 *
 * The loop carries `alpa.microbatches`.  Attributes of ops survive on what is built of them but for `alpa.time`, and
 * what is built around an op in the body (slices, accumulation) has its layer, stage and phase.  Linear in the number
 * of ops. */
#include <string.h>

#include "dialects/func/func.h"
#include "passes/pass.h"
#include "passes/time/loop.h"

/* ---- attributes ---- */

/* Gives the ops behind `last` that have no attributes of their own those of the alpa dialect that `op` has. */
static void stamp(const alpa_looper *loop, const alpa_op *op, const alpa_op *last) {
  const alpa_attr *extra = NULL;
  for (size_t i = 0; op->extra && i < op->extra->dict.n; i++)
    if (strncmp(op->extra->dict.items[i].name, "alpa.", 5) == 0)
      extra = alpa_attr_dict_set(loop->p.ctx, extra, op->extra->dict.items[i].name, op->extra->dict.items[i].value);
  for (alpa_op *built = last->next; built; built = built->next)
    if (built->extra == NULL)
      built->extra = extra;
}

/* ---- what the loop carries ---- */

static const alpa_type *carried_type(alpa_looper *loop, const alpa_type *type, alpa_time time) {
  bool is_narrow = alpa_accumulator_bytes(type) != alpa_type_bytes(type);
  return time.kind == ALPA_TIME_PARTIAL && is_narrow ? alpa_type_with_dtype(loop->p.ctx, type, ALPA_F32) : type;
}

static void find_carried(alpa_looper *loop, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *value = &op->results[i];
    if (!alpa_phases_is_carried(loop->phases, value))
      continue;
    alpa_time time = alpa_times_get(loop->times, value);
    alpa_vec_push(loop->p.arena, &loop->carried,
                  (alpa_carried){.value = value, .time = time, .type = carried_type(loop, value->type, time)});
    loop->carried_numbers[value->number] = (uint32_t)loop->carried.n;
  }
}

/* What each kind of partial combines with. */
static const stablehlo_op_id combiners[] = {
    [ALPA_PARTIAL_SUM] = STABLEHLO_add,
    [ALPA_PARTIAL_MAX] = STABLEHLO_maximum,
    [ALPA_PARTIAL_MIN] = STABLEHLO_minimum,
};

static void pass_on(alpa_looper *loop, alpa_carried *carried) {
  alpa_partitioner *p = &loop->p;
  alpa_value *value = alpa_value_map_get(&p->values, (alpa_value *)carried->value);
  uint32_t axis = 0, dim = (uint32_t)carried->time.dim;
  carried->next = value;
  if (carried->is_in_place)
    return;
  if (carried->time.kind == ALPA_TIME_PARTIAL)
    carried->next = alpa_emit(p, combiners[carried->time.partial], carried->type,
                              ALPA_VALUES(carried->arg, alpa_emit_convert(p, value, carried->type->dtype)), NULL);
  else if (carried->time.kind == ALPA_TIME_SHARDED)
    carried->next =
        alpa_emit_update(p, carried->arg, value, dim, alpa_emit_coordinate(p, &axis, 1, value->type->dims[dim]));
}

/* ---- the loop ---- */

static alpa_op *build_while(alpa_looper *loop) {
  alpa_partitioner *p = &loop->p;
  const alpa_type *counter = alpa_type_get_tensor(p->ctx, ALPA_I32, 0, NULL);
  size_t n = loop->carried.n + 1;
  alpa_value **inits = alpa_arena_new(p->arena, alpa_value *, n);
  const alpa_type **types = alpa_arena_new(p->arena, const alpa_type *, n);
  inits[0] = alpa_emit_integer(p, counter, 0);
  types[0] = counter;
  for (size_t i = 1; i < n; i++) {
    const alpa_carried *carried = &loop->carried.items[i - 1];
    types[i] = carried->type;
    inits[i] = alpa_emit_neutral(p, types[i],
                                 carried->time.kind == ALPA_TIME_PARTIAL ? carried->time.partial : ALPA_PARTIAL_SUM);
  }
  const alpa_attr *extra =
      alpa_attr_dict_set(p->ctx, NULL, "alpa.microbatches", alpa_attr_get_i64(p->ctx, loop->times->count));
  const alpa_op_state state = {.def = &alpa_stablehlo_ops[STABLEHLO_while],
                               .operands = inits,
                               .n_operands = n,
                               .results = types,
                               .n_results = n,
                               .extra = extra,
                               .n_regions = 2};
  return alpa_build(&p->builder, &state);
}

/* A block with an argument for everything that the loop carries. */
static alpa_block *add_block(alpa_looper *loop, alpa_op *op, uint32_t region) {
  alpa_block *block = alpa_block_create(loop->p.module);
  alpa_block_append(&op->regions[region], block);
  for (uint32_t i = 0; i < op->n_results; i++)
    alpa_block_add_arg(block, loop->p.module, op->results[i].type, op->loc);
  loop->p.builder = alpa_builder_at_end(loop->p.module, block, op->loc);
  return block;
}

static void build_return(alpa_partitioner *p, alpa_values values) {
  const alpa_op_state state = {
      .def = &alpa_stablehlo_ops[STABLEHLO_return], .operands = values.items, .n_operands = values.n};
  alpa_build(&p->builder, &state);
}

static void build_condition(alpa_looper *loop, alpa_op *op) {
  alpa_value *counter = add_block(loop, op, 0)->args[0];
  alpa_value *count = alpa_emit_integer(&loop->p, counter->type, loop->times->count);
  build_return(&loop->p, ALPA_VALUES(alpa_emit_compare(&loop->p, STABLEHLO_LT, counter, count)));
}

static alpa_status build_body_op(alpa_looper *loop, alpa_op *op) {
  const alpa_op *last = loop->p.entry->last;
  ALPA_TRY(alpa_loop_build_op(loop, op));
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_carried *carried = alpa_loop_find_carried(loop, &op->results[i]);
    if (carried)
      pass_on(loop, carried);
  }
  stamp(loop, op, last);
  return ALPA_OK;
}

static alpa_status build_body(alpa_looper *loop, alpa_op *op) {
  alpa_partitioner *p = &loop->p;
  alpa_value **next = alpa_arena_new(p->arena, alpa_value *, op->n_results);
  p->entry = add_block(loop, op, 1);
  p->position = p->entry->args[0];
  for (size_t i = 0; i < loop->carried.n; i++)
    loop->carried.items[i].arg = p->entry->args[i + 1];
  next[0] = alpa_emit(p, STABLEHLO_add, p->position->type,
                      ALPA_VALUES(p->position, alpa_emit_integer(p, p->position->type, 1)), NULL);
  for (alpa_op *from = alpa_func_entry(p->func)->first; from; from = from->next)
    if (loop->phases->phases[from->number] == ALPA_PHASE_BODY)
      ALPA_TRY(build_body_op(loop, from));
  p->builder.loc = op->loc;
  for (size_t i = 0; i < loop->carried.n; i++)
    next[i + 1] = loop->carried.items[i].next;
  build_return(p, (alpa_values){next, op->n_results});
  return ALPA_OK;
}

/* ---- the function ---- */

/* A value that exists before, in and behind the loop. */
static void set_whole(alpa_looper *loop, const alpa_value *from, alpa_value *to) {
  alpa_value_map_set(&loop->before, from, to);
  alpa_value_map_set(&loop->p.values, from, to);
  alpa_value_map_set(&loop->after, from, to);
}

static alpa_op *create_func(alpa_looper *loop) {
  alpa_partitioner *p = &loop->p;
  const alpa_block *from = alpa_func_entry(p->func);
  const alpa_op_state state = {
      .def = p->func->def, .loc = p->func->loc, .attrs = p->func->attrs, .extra = p->func->extra, .n_regions = 1};
  alpa_op *func = alpa_op_create(p->module, &state);
  alpa_op_insert(func, p->func->block, p->func);
  alpa_block *entry = alpa_block_create(p->module);
  alpa_block_append(&func->regions[0], entry);
  for (uint32_t i = 0; i < from->n_args; i++) {
    alpa_value *arg = alpa_block_add_arg(entry, p->module, from->args[i]->type, from->args[i]->loc);
    arg->name = from->args[i]->name;
    set_whole(loop, from->args[i], arg);
  }
  return func;
}

static void build_before(alpa_looper *loop, alpa_op *op, alpa_block *entry) {
  alpa_op *copy = alpa_op_clone(loop->p.module, op, &loop->before);
  alpa_op_insert(copy, entry, NULL);
  for (uint32_t i = 0; i < op->n_results; i++)
    set_whole(loop, &op->results[i], alpa_op_result(copy, i));
}

static alpa_status build_func(alpa_looper *loop) {
  alpa_partitioner *p = &loop->p;
  alpa_op *func = create_func(loop);
  alpa_block *entry = alpa_func_entry(func), *from = alpa_func_entry(p->func);
  for (alpa_op *op = from->first; op; op = op->next) {
    alpa_phases_strip(op);
    if (loop->phases->phases[op->number] == ALPA_PHASE_PROLOGUE)
      build_before(loop, op, entry);
    else if (loop->phases->phases[op->number] == ALPA_PHASE_BODY)
      find_carried(loop, op);
  }
  p->builder = alpa_builder_at_end(p->module, entry, p->func->loc);
  alpa_op *op = build_while(loop);
  build_condition(loop, op);
  ALPA_TRY(build_body(loop, op));
  for (size_t i = 0; i < loop->carried.n; i++)
    alpa_value_map_set(&loop->after, loop->carried.items[i].value, alpa_op_result(op, (uint32_t)i + 1));
  p->builder = alpa_builder_at_end(p->module, entry, p->func->loc);
  for (alpa_op *after = from->first; after; after = after->next)
    if (loop->phases->phases[after->number] == ALPA_PHASE_EPILOGUE)
      alpa_loop_build_after(loop, after);
  alpa_op_erase(p->func);
  return ALPA_OK;
}

static alpa_status run_func(alpa_op *func, int64_t count, alpa_arena *arena) {
  alpa_times times;
  alpa_phases phases;
  alpa_partition_counts counts = {0};
  ALPA_TRY(alpa_phases_read(arena, func, count, &times, &phases));
  const alpa_attr **none =
      alpa_arena_new(arena, const alpa_attr *, alpa_func_type(func)->inputs.n + alpa_func_type(func)->results.n);
  alpa_func_set_arg_attrs(func, "alpa.time", none);
  alpa_func_set_result_attrs(func, "alpa.time", none);
  const alpa_mesh mesh = {.name = "time", .n_axes = 1, .axes = {{"time", count}}, .n_devices = count};
  alpa_looper loop = {.p = {.arena = arena,
                            .ctx = alpa_op_context(func),
                            .module = func->module,
                            .mesh = &mesh,
                            .func = func,
                            .counts = &counts},
                      .times = &times,
                      .phases = &phases,
                      .viewed = alpa_times_find_views(&times),
                      .carried_numbers = alpa_arena_new(arena, uint32_t, times.n_values)};
  alpa_value_map_init(&loop.p.values, arena);
  alpa_value_map_init(&loop.before, arena);
  alpa_value_map_init(&loop.after, arena);
  return build_func(&loop);
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  (void)options;
  alpa_op *func = NULL;
  const alpa_attr *count = alpa_op_find_attr(module, "alpa.microbatches");
  if (count == NULL || count->kind != ALPA_ATTR_INTEGER || count->integer < 1)
    return alpa_op_error(module, "expects 'alpa.microbatches' to say how many there are: run 'microbatch' first");
  if (count->integer == 1)
    return ALPA_OK;
  ALPA_TRY(alpa_func_find_main(module, &func));
  return run_func(func, count->integer, pass->arena);
}

const alpa_pass_def alpa_pass_time_loop = {
    .name = "time-loop",
    .summary = "turns a step that is annotated with micro-batches into a loop over them",
    .anchor = "builtin.module",
    .requires = ALPA_HAS_TIME,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
