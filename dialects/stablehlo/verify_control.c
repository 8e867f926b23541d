/* Control flow, tuples and calls: signatures of regions, and of what is called. */
#include "dialects/func/func.h"
#include "dialects/stablehlo/reducer.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The arguments of a loop region are the loop's operands. */
static alpa_status check_loop_args(const alpa_op *op, const alpa_block *block, const char *name) {
  if (block->n_args != op->n_operands)
    return alpa_op_error(op, "expects %s to take as many arguments as there are operands (%u), got %u", name,
                         op->n_operands, block->n_args);
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (!alpa_type_agrees(block->args[i]->type, alpa_op_operand_type(op, i)))
      return alpa_op_error(op, "expects argument %u of %s to have the type of the operand, '%s', got '%s'", i, name,
                           alpa_spell(op, alpa_op_operand_type(op, i)), alpa_spell(op, block->args[i]->type));
  return ALPA_OK;
}

static alpa_status check_returned(const alpa_op *op, const alpa_block *block, const char *name) {
  if (block->last->n_operands != op->n_results)
    return alpa_op_error(op, "expects %s to return as many values as there are results (%u), got %u", name,
                         op->n_results, block->last->n_operands);
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_type *type = alpa_op_operand_type(block->last, i);
    if (!alpa_type_agrees(type, op->results[i].type))
      return alpa_op_error(op, "expects value %u of %s to have the type of the result, '%s', got '%s'", i, name,
                           alpa_spell(op, op->results[i].type), alpa_spell(op, type));
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_while(alpa_op *op) {
  const alpa_block *condition, *body;
  ALPA_TRY(alpa_check_region(op, 0, "the condition", &condition));
  ALPA_TRY(alpa_check_region(op, 1, "the body", &body));
  ALPA_TRY(check_loop_args(op, condition, "the condition"));
  ALPA_TRY(check_loop_args(op, body, "the body"));
  if (condition->last->n_operands != 1)
    return alpa_op_error(op, "expects the condition to return 1 value, got %u", condition->last->n_operands);
  ALPA_TRY(alpa_check_predicate(op, alpa_op_operand_type(condition->last, 0), "the value of the condition"));
  return check_returned(op, body, "the body");
}

alpa_status alpa_stablehlo_infer_region_results(alpa_op *op, alpa_infer *out) {
  if (op->n_regions == 0)
    return alpa_op_error(op, "expects at least one branch, got none");
  const alpa_block *block;
  ALPA_TRY(alpa_check_region(op, 0, "branch 0", &block));
  for (uint32_t i = 0; i < block->last->n_operands; i++)
    alpa_infer_push(out, alpa_op_operand_type(block->last, i));
  return ALPA_OK;
}

static alpa_status check_branches(const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_regions; i++) {
    char name[32];
    snprintf(name, sizeof name, "branch %u", i);
    const alpa_block *block;
    ALPA_TRY(alpa_check_region(op, i, name, &block));
    if (block->n_args)
      return alpa_op_error(op, "expects %s to take no arguments, got %u", name, block->n_args);
    ALPA_TRY(check_returned(op, block, name));
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_if(alpa_op *op) {
  ALPA_TRY(alpa_check_predicate(op, alpa_op_operand_type(op, 0), "the predicate"));
  return check_branches(op);
}

alpa_status alpa_stablehlo_verify_case(alpa_op *op) {
  const alpa_type *index = alpa_op_operand_type(op, 0);
  if (!alpa_type_is_scalar_tensor(index) || index->dtype != ALPA_I32)
    return alpa_op_error(op, "expects the index to be 'tensor<i32>', got '%s'", alpa_spell(op, index));
  return check_branches(op);
}

/* ---- tuples --------------------------------------------------------------------------------------------------------
 */

alpa_status alpa_stablehlo_infer_tuple(alpa_op *op, alpa_infer *out) {
  const alpa_type **types = alpa_arena_new(out->arena, const alpa_type *, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    types[i] = alpa_op_operand_type(op, i);
  alpa_infer_push(out, alpa_type_get_tuple(alpa_op_context(op), (alpa_types){types, op->n_operands}));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_get_tuple_element(alpa_op *op, alpa_infer *out) {
  const alpa_type *type = alpa_op_operand_type(op, 0);
  if (type->kind != ALPA_TYPE_TUPLE)
    return alpa_op_error(op, "expects the operand to be a tuple, got '%s'", alpa_spell(op, type));
  int64_t index = alpa_op_int(op, stablehlo_get_tuple_element_index, 0);
  if (index < 0 || (uint64_t)index >= type->inputs.n)
    return alpa_op_error(op, "expects index to be in [0, %zu), got %" PRId64, type->inputs.n, index);
  alpa_infer_push(out, type->inputs.items[index]);
  return ALPA_OK;
}

/* ---- calls ---------------------------------------------------------------------------------------------------------
 */

static alpa_status check_callee_types(const alpa_op *op, const alpa_op *callee) {
  const alpa_type *type = alpa_func_type(callee);
  if (!type)
    return ALPA_OK; /* reported at the function */
  bool same = type->inputs.n == op->n_operands && type->results.n == op->n_results;
  for (uint32_t i = 0; same && i < op->n_operands; i++)
    same = alpa_type_agrees(type->inputs.items[i], alpa_op_operand_type(op, i));
  for (uint32_t i = 0; same && i < op->n_results; i++)
    same = alpa_type_agrees(type->results.items[i], op->results[i].type);
  if (!same)
    return alpa_op_error(op, "operands and results do not match the type of '%s', '%s'", alpa_symbol_name(callee),
                         alpa_spell(op, type));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_composite(alpa_op *op) {
  const char *name = op->attrs[stablehlo_composite_name]->string.data;
  const char *dot = strchr(name, '.');
  if (!dot || dot == name || !dot[1])
    return alpa_op_error(op, "expects a name of the form 'namespace.op', got '%s'", name);
  if (alpa_op_int(op, stablehlo_composite_version, 0) < 0)
    return alpa_op_error(op, "expects a version of at least 0, got %" PRId64,
                         alpa_op_int(op, stablehlo_composite_version, 0));
  const alpa_op *table = alpa_op_symbol_table(op);
  if (!table)
    return ALPA_OK; /* detached */
  const char *decomposition = op->attrs[stablehlo_composite_decomposition]->string.data;
  const alpa_op *callee = alpa_symbol_find(table, decomposition);
  if (!callee || !func_is(callee, FUNC_func))
    return alpa_op_error(op, "decomposition '%s' is not a function of the module", decomposition);
  return check_callee_types(op, callee);
}

static alpa_status check_layouts(const alpa_op *op, int ordinal, uint32_t n, const char *of) {
  const alpa_attr *layouts = op->attrs[ordinal];
  if (layouts && layouts->array.n != n)
    return alpa_op_error(op, "expects %s to have as many elements as there are %s (%u), got %zu",
                         op->def->attrs[ordinal].name, of, n, layouts->array.n);
  return ALPA_OK;
}

enum { TYPED_FFI = 4 }; /* the API version whose configuration is a dictionary */

alpa_status alpa_stablehlo_verify_custom_call(alpa_op *op) {
  if (op->attrs[stablehlo_custom_call_call_target_name]->string.size == 0)
    return alpa_op_error(op, "expects a call target name, got an empty one");
  int64_t version = alpa_op_int(op, stablehlo_custom_call_api_version, 1);
  if (version < 0 || version > TYPED_FFI)
    return alpa_op_error(op, "expects api_version to be in [0, 4], got %" PRId64, version);
  const alpa_attr *config = op->attrs[stablehlo_custom_call_backend_config];
  if (config && config->kind != ALPA_ATTR_STRING && config->kind != ALPA_ATTR_DICT)
    return alpa_op_error(op, "expects backend_config to be a string or a dictionary");
  if (config && config->kind == ALPA_ATTR_DICT && version != TYPED_FFI)
    return alpa_op_error(op,
                         "expects backend_config to be a string for api_version %" PRId64 ", got a dictionary, "
                         "which api_version 4 takes",
                         version);
  bool operands = op->attrs[stablehlo_custom_call_operand_layouts] != NULL;
  bool results = op->attrs[stablehlo_custom_call_result_layouts] != NULL;
  if (operands != results)
    return alpa_op_error(op, "expects operand_layouts and result_layouts together, got only %s",
                         operands ? "operand_layouts" : "result_layouts");
  ALPA_TRY(check_layouts(op, stablehlo_custom_call_operand_layouts, op->n_operands, "operands"));
  bool tuple = op->n_results == 1 && op->results[0].type->kind == ALPA_TYPE_TUPLE;
  uint32_t n = tuple ? (uint32_t)op->results[0].type->inputs.n : op->n_results;
  return check_layouts(op, stablehlo_custom_call_result_layouts, n, "results");
}

static bool is_token(const alpa_type *type) {
  return type->kind == ALPA_TYPE_OPAQUE && !strcmp(type->text, "!stablehlo.token");
}

alpa_status alpa_stablehlo_verify_takes_token(alpa_op *op) {
  if (op->n_operands == 0 || !is_token(alpa_op_operand_type(op, op->n_operands - 1)))
    return alpa_op_error(op, "expects a token as the last operand");
  return ALPA_OK;
}
