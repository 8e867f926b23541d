/* The walk that makes a per-device function: values are mapped to shards, each op is built anew on them by the form of
 * its factor rule, regions with loop-carried values included.  The old function is replaced at the end. */
#include "passes/partition/partition.h"

#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"
#include "passes/partition/manual.h"
#include "passes/partition/reshards.h"

static bool is_tensor(const alpa_value *value) { return alpa_type_is_static_tensor(value->type); }

static alpa_status read_state(alpa_partitioner *p, const alpa_value *value, alpa_state *out_state) {
  const alpa_state *state = NULL;
  ALPA_TRY(alpa_states_find(&p->states, value, &state));
  *out_state = state ? *state : alpa_state_get_replicated();
  return ALPA_OK;
}

static const alpa_type *local_type(alpa_partitioner *p, const alpa_value *value, const alpa_state *state) {
  return is_tensor(value) ? alpa_state_local_type(p->ctx, p->mesh, value->type, state) : value->type;
}

/* ---- ops of factors ---- */

static const alpa_attr *without_sharding(alpa_context *ctx, const alpa_attr *extra) {
  return alpa_attr_find(extra, "sdy.sharding") ? alpa_attr_dict_set(ctx, extra, "sdy.sharding", NULL) : extra;
}

void alpa_local_build(alpa_partitioner *p, alpa_local_op *local) {
  const alpa_op *op = local->op;
  const alpa_op_state state = {.def = op->def,
                               .operands = local->operands,
                               .n_operands = op->n_operands,
                               .results = local->result_types,
                               .n_results = op->n_results,
                               .attrs = local->attrs,
                               .extra = without_sharding(p->ctx, op->extra),
                               .n_regions = op->n_regions};
  alpa_op *built = alpa_build(&p->builder, &state);
  built->properties = op->properties;
  for (uint32_t r = 0; r < op->n_regions; r++)
    alpa_region_clone(p->module, &op->regions[r], &built->regions[r], &p->values);
  for (uint32_t i = 0; i < op->n_results; i++)
    local->results[i] = alpa_op_result(built, i);
}

/* The strategy whose states the op has; reshards were inserted so that there is one. */
static alpa_status find_strategy(alpa_partitioner *p, alpa_local_op *local) {
  const alpa_op *op = local->op;
  int64_t *ones = alpa_arena_new(p->arena, int64_t, op->n_operands + op->n_results);
  for (uint32_t i = 0; i < op->n_operands + op->n_results; i++)
    ones[i] = 1;
  const alpa_surroundings around = {
      .operands = local->operand_states, .results = local->result_states, .operand_bytes = ones, .result_bytes = ones};
  local->strategy = alpa_strategy_find(p->mesh, local->rule, &around);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_state need = alpa_strategy_operand(p->mesh, local->rule, &local->strategy, i);
    need = alpa_state_adapt(p->mesh, &need, &local->operand_states[i]);
    if (is_tensor(alpa_op_operand(op, i)) && !alpa_state_is_equal(p->mesh, &need, &local->operand_states[i]))
      return alpa_op_error(op, "has operand %u in a state that no strategy of the op demands", i);
  }
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_state got = alpa_strategy_result(p->mesh, local->rule, &local->strategy, i);
    if (is_tensor(&op->results[i]) && !alpa_state_is_equal(p->mesh, &got, &local->result_states[i]))
      return alpa_op_error(op, "has result %u in a state that no strategy of the op gives", i);
  }
  return ALPA_OK;
}

static alpa_status begin_local(alpa_partitioner *p, alpa_op *op, const alpa_factor_rule *rule, alpa_local_op *local) {
  *local = (alpa_local_op){.op = op,
                           .rule = rule,
                           .operands = alpa_arena_new(p->arena, alpa_value *, op->n_operands),
                           .operand_states = alpa_arena_new(p->arena, alpa_state, op->n_operands),
                           .result_states = alpa_arena_new(p->arena, alpa_state, op->n_results),
                           .result_types = alpa_arena_new(p->arena, const alpa_type *, op->n_results),
                           .attrs = alpa_arena_copy(p->arena, op->attrs, op->def->n_attrs * sizeof *op->attrs),
                           .results = alpa_arena_new(p->arena, alpa_value *, op->n_results)};
  for (uint32_t i = 0; i < op->n_operands; i++) {
    local->operands[i] = alpa_value_map_get(&p->values, alpa_op_operand(op, i));
    ALPA_TRY(read_state(p, alpa_op_operand(op, i), &local->operand_states[i]));
  }
  for (uint32_t i = 0; i < op->n_results; i++) {
    ALPA_TRY(read_state(p, &op->results[i], &local->result_states[i]));
    local->result_types[i] = local_type(p, &op->results[i], &local->result_states[i]);
  }
  return ALPA_OK;
}

static void end_local(alpa_partitioner *p, const alpa_local_op *local) {
  for (uint32_t i = 0; i < local->op->n_results; i++) {
    if (local->results[i]->name == NULL)
      local->results[i]->name = local->op->results[i].name;
    alpa_value_map_set(&p->values, &local->op->results[i], local->results[i]);
  }
}

static alpa_status partition_factors(alpa_partitioner *p, alpa_op *op, const alpa_factor_rule *rule) {
  alpa_local_op local;
  ALPA_TRY(begin_local(p, op, rule, &local));
  ALPA_TRY(find_strategy(p, &local));
  alpa_form_fn *form = alpa_form_find(op->def);
  if (form)
    ALPA_TRY(form(p, &local));
  else
    alpa_local_build(p, &local);
  end_local(p, &local);
  return ALPA_OK;
}

static alpa_status partition_reshard(alpa_partitioner *p, alpa_op *op) {
  alpa_state from, to;
  ALPA_TRY(read_state(p, alpa_op_operand(op, 0), &from));
  ALPA_TRY(read_state(p, op->results, &to));
  alpa_value *value = alpa_value_map_get(&p->values, alpa_op_operand(op, 0));
  alpa_value_map_set(&p->values, op->results, alpa_emit_reshard(p, value, op->results->type, &from, &to));
  return ALPA_OK;
}

/* ---- ops with regions ---- */

static alpa_status partition_block(alpa_partitioner *p, alpa_block *from);

static alpa_status partition_region(alpa_partitioner *p, const alpa_region *from, alpa_region *to) {
  alpa_builder saved = p->builder;
  alpa_block *block = alpa_block_create(p->module);
  alpa_block_append(to, block);
  for (uint32_t i = 0; i < from->first->n_args; i++) {
    alpa_value *arg = from->first->args[i];
    alpa_state state;
    ALPA_TRY(read_state(p, arg, &state));
    alpa_value *shard = alpa_block_add_arg(block, p->module, local_type(p, arg, &state), arg->loc);
    shard->name = arg->name;
    alpa_value_map_set(&p->values, arg, shard);
  }
  p->builder = alpa_builder_at_end(p->module, block, from->op->loc);
  ALPA_TRY(partition_block(p, from->first));
  p->builder = saved;
  return ALPA_OK;
}

/* Operands, results and arguments are tied, so the op is itself with regions partitioned. */
static alpa_status partition_tied(alpa_partitioner *p, alpa_op *op, const alpa_factor_rule *rule) {
  alpa_local_op local;
  ALPA_TRY(begin_local(p, op, rule, &local));
  const alpa_op_state state = {.def = op->def,
                               .operands = local.operands,
                               .n_operands = op->n_operands,
                               .results = local.result_types,
                               .n_results = op->n_results,
                               .attrs = local.attrs,
                               .extra = without_sharding(p->ctx, op->extra),
                               .n_regions = op->n_regions};
  alpa_op *built = alpa_build(&p->builder, &state);
  for (uint32_t r = 0; r < op->n_regions; r++)
    if (op->regions[r].first)
      ALPA_TRY(partition_region(p, &op->regions[r], &built->regions[r]));
  for (uint32_t i = 0; i < op->n_results; i++)
    local.results[i] = alpa_op_result(built, i);
  end_local(p, &local);
  return ALPA_OK;
}

static alpa_status partition_yield(alpa_partitioner *p, alpa_op *op) {
  alpa_value **operands = alpa_arena_new(p->arena, alpa_value *, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = alpa_value_map_get(&p->values, alpa_op_operand(op, i));
  const alpa_op_state state = {.def = op->def,
                               .operands = operands,
                               .n_operands = op->n_operands,
                               .attrs = op->attrs,
                               .extra = without_sharding(p->ctx, op->extra)};
  alpa_build(&p->builder, &state);
  return ALPA_OK;
}

/* ---- functions ---- */

/* Offsets are computed in 32 bits. */
static alpa_status check_size(alpa_partitioner *p, const alpa_op *at, const alpa_value *value) {
  alpa_state state;
  ALPA_TRY(read_state(p, value, &state));
  for (uint32_t d = 0; d < value->type->rank && is_tensor(value); d++)
    if (value->type->dims[d] > INT32_MAX && alpa_state_parts(p->mesh, &state, (int)d) > 1)
      return alpa_op_unsupported(at, "splits a dimension of %lld: at most %d can be addressed",
                                 (long long)value->type->dims[d], INT32_MAX);
  return ALPA_OK;
}

static alpa_status partition_op(alpa_partitioner *p, alpa_op *op) {
  p->builder.loc = op->loc;
  for (uint32_t i = 0; i < op->n_results; i++)
    ALPA_TRY(check_size(p, op, &op->results[i]));
  if (alpa_op_is_reshard(op))
    return partition_reshard(p, op);
  if (sdy_is(op, SDY_sharding_group))
    return ALPA_OK;
  if (sdy_is(op, SDY_manual_computation))
    return alpa_partition_manual(p, op);
  const alpa_factor_rule *rule = alpa_factors_get(p->arena, op);
  switch (rule->form) {
  case ALPA_RULE_FACTORS:
    return partition_factors(p, op, rule);
  case ALPA_RULE_TIED:
  case ALPA_RULE_BRANCH:
    return partition_tied(p, op, rule);
  case ALPA_RULE_YIELD:
    return partition_yield(p, op);
  case ALPA_RULE_NONE:
    break;
  }
  return alpa_op_unsupported(op, "cannot be partitioned");
}

static alpa_status partition_block(alpa_partitioner *p, alpa_block *from) {
  for (alpa_op *op = from->first; op; op = op->next)
    ALPA_TRY(partition_op(p, op));
  return ALPA_OK;
}

static alpa_op *create_func(alpa_partitioner *p) {
  const alpa_op_state state = {
      .def = p->func->def, .loc = p->func->loc, .attrs = p->func->attrs, .extra = p->func->extra, .n_regions = 1};
  alpa_op *func = alpa_op_create(p->module, &state);
  alpa_op_insert(func, p->func->block, p->func);
  p->entry = alpa_block_create(p->module);
  alpa_block_append(&func->regions[0], p->entry);
  return func;
}

static alpa_status partition_args(alpa_partitioner *p, alpa_op *func) {
  const alpa_block *from = alpa_func_entry(p->func);
  for (uint32_t i = 0; i < from->n_args; i++) {
    alpa_value *arg = from->args[i];
    alpa_state state;
    ALPA_TRY(check_size(p, p->func, arg));
    ALPA_TRY(read_state(p, arg, &state));
    alpa_value *shard = alpa_block_add_arg(p->entry, p->module, local_type(p, arg, &state), arg->loc);
    shard->name = arg->name;
    alpa_value_map_set(&p->values, arg, shard);
    alpa_func_set_arg_attr(func, i, "alpa.global_type", alpa_attr_get_type(p->ctx, arg->type));
  }
  return ALPA_OK;
}

static void set_results(alpa_partitioner *p, alpa_op *func) {
  const alpa_op *from = alpa_block_terminator(alpa_func_entry(p->func));
  alpa_func_update_type(func);
  for (uint32_t i = 0; i < from->n_operands; i++)
    alpa_func_set_result_attr(func, i, "alpa.global_type", alpa_attr_get_type(p->ctx, alpa_op_operand_type(from, i)));
}

/* A result can take the place of an argument only where it lies the same way. */
static alpa_status check_donations(alpa_partitioner *p, alpa_op *func) {
  for (uint32_t i = 0; i < p->entry->n_args; i++) {
    const alpa_attr *alias = alpa_func_find_arg_attr(func, i, "tf.aliasing_output");
    const alpa_state *from = NULL, *to = NULL;
    if (alias == NULL)
      continue;
    ALPA_TRY(alpa_states_find(&p->states, p->entry->args[i], &from));
    ALPA_TRY(alpa_states_find_result(&p->states, func, (uint32_t)alias->integer, &to));
    if (from == to || (from && to && alpa_state_is_equal(p->mesh, from, to)))
      continue;
    alpa_op_remark(func, "keeps argument %u and result %lld apart: their shardings differ", i,
                   (long long)alias->integer);
    alpa_func_set_arg_attr(func, i, "tf.aliasing_output", NULL);
  }
  return ALPA_OK;
}

alpa_status alpa_partition_func(alpa_arena *arena, const alpa_mesh *mesh, alpa_op *func,
                                alpa_partition_counts *counts) {
  alpa_partitioner p = {.arena = arena,
                        .ctx = func->module->ctx,
                        .module = func->module,
                        .mesh = mesh,
                        .func = func,
                        .states = {.arena = arena, .mesh = mesh},
                        .counts = counts};
  alpa_value_map_init(&p.values, arena);
  alpa_op *local = create_func(&p);
  ALPA_TRY(partition_args(&p, local));
  p.builder = alpa_builder_at_end(p.module, p.entry, func->loc);
  ALPA_TRY(partition_block(&p, alpa_func_entry(func)));
  set_results(&p, local);
  ALPA_TRY(check_donations(&p, local));
  alpa_op_erase(func);
  return ALPA_OK;
}
