/* Checks of a program, separated before planning. */
#include "driver/checks.h"

#include "dialects/func/func.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct separation {
  alpa_arena *arena;
  alpa_op *func;
  ALPA_VEC(alpa_value *) results; /* operands that the return shall have */
  alpa_checks *checks;
} separation;

static uint64_t limit(const alpa_op *op, const char *name, uint64_t absent) {
  const alpa_attr *value = alpa_op_find_attr(op, name);
  return value && value->kind == ALPA_ATTR_INTEGER ? (uint64_t)value->integer : absent;
}

static bool find_comparison(const alpa_op *op, alpa_comparison *out) {
  if (!stablehlo_is(op, STABLEHLO_custom_call) ||
      !alpa_comparison_find(alpa_op_attr(op, stablehlo_custom_call_call_target_name)->string, out))
    return false;
  const alpa_attr *tolerance = alpa_op_find_attr(op, "tolerance");
  out->min_ulps = limit(op, "min_ulp_difference", out->min_ulps);
  out->max_ulps = limit(op, "max_ulp_difference", out->max_ulps);
  if (tolerance && tolerance->kind == ALPA_ATTR_FLOAT)
    out->tolerance = alpa_attr_number(tolerance);
  return true;
}

static uint32_t result_of(separation *s, alpa_value *value) {
  for (uint32_t i = 0; i < s->results.n; i++)
    if (s->results.items[i] == value)
      return i;
  alpa_vec_push(s->arena, &s->results, value);
  s->checks->n_results++;
  return (uint32_t)s->results.n - 1;
}

static alpa_status separate(separation *s, alpa_op *op, const alpa_comparison *comparison) {
  if (op->n_operands != 2 || op->n_results != 0)
    return alpa_op_error(op, "is a check: it expects 2 operands and no results, got %u and %u", op->n_operands,
                         op->n_results);
  if (alpa_op_operand_type(op, 0) != alpa_op_operand_type(op, 1) ||
      !alpa_type_is_static_tensor(alpa_op_operand_type(op, 0)))
    return alpa_op_error(op, "is a check: it expects two tensors of one type and known size");
  alpa_check check = {.comparison = *comparison,
                      .name = alpa_op_attr(op, stablehlo_custom_call_call_target_name)->string.data,
                      .place = alpa_loc_place(op->loc),
                      .actual = result_of(s, alpa_op_operand(op, 0)),
                      .expected = result_of(s, alpa_op_operand(op, 1))};
  alpa_vec_push(s->arena, &s->checks->items, check);
  alpa_op_erase(op);
  return ALPA_OK;
}

static void hide_results(alpa_arena *arena, alpa_op *call) {
  alpa_value **values = alpa_arena_new(arena, alpa_value *, call->n_results);
  const alpa_type **types = alpa_arena_new(arena, const alpa_type *, call->n_results);
  for (uint32_t i = 0; i < call->n_results; i++) {
    values[i] = &call->results[i];
    types[i] = call->results[i].type;
  }
  alpa_op *barrier =
      alpa_op_create(call->module, &(alpa_op_state){.def = &alpa_stablehlo_ops[STABLEHLO_optimization_barrier],
                                                    .loc = call->loc,
                                                    .operands = values,
                                                    .n_operands = call->n_results,
                                                    .results = types,
                                                    .n_results = call->n_results});
  alpa_op_insert(barrier, call->block, call->next);
  for (uint32_t i = 0; i < call->n_results; i++) {
    alpa_value_replace(&call->results[i], &barrier->results[i]);
    alpa_op_set_operand(barrier, i, &call->results[i]);
  }
}

alpa_status alpa_checks_separate(alpa_arena *arena, alpa_module *module, alpa_checks *out_checks) {
  separation s = {.arena = arena, .checks = out_checks};
  alpa_comparison comparison;
  *out_checks = (alpa_checks){0};
  ALPA_TRY(alpa_func_find_main(module->op, &s.func));
  alpa_block *body = alpa_func_entry(s.func);
  if (!body || !body->last)
    return ALPA_OK;
  for (uint32_t i = 0; i < body->last->n_operands; i++)
    alpa_vec_push(arena, &s.results, alpa_op_operand(body->last, i));
  for (alpa_op *op = body->first, *next; op; op = next) {
    next = op->next;
    if (find_comparison(op, &comparison))
      ALPA_TRY(separate(&s, op, &comparison));
  }
  if (out_checks->items.n == 0)
    return ALPA_OK;
  alpa_op_set_operands(body->last, s.results.items, s.results.n);
  alpa_func_update_type(s.func);
  for (uint32_t i = (uint32_t)s.results.n - out_checks->n_results; i < s.results.n; i++)
    alpa_func_set_result_attr(s.func, i, "jax.result_info", alpa_attr_get_string(module->ctx, "check"));
  for (alpa_op *op = body->first; op; op = op->next)
    if (func_is(op, FUNC_call) && op->n_operands == 0 && op->n_results > 0)
      hide_results(arena, op);
  return ALPA_OK;
}
