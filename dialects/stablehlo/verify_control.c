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

/* ---- tuples ---- */

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

/* ---- calls ---- */

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

/* Two or more parts between dots, of letters, digits, _ and $; the first begins with no digit and no $. */
static bool is_op_name(const char *name) {
  static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789$";
  if (strchr("0123456789$", name[0])) /* the end of an empty name included */
    return false;
  for (size_t n_parts = 1;; n_parts++) {
    size_t n = strspn(name, characters);
    if (n == 0 || (name[n] && name[n] != '.'))
      return false;
    if (!name[n])
      return n_parts > 1;
    name += n + 1;
  }
}

alpa_status alpa_stablehlo_verify_composite(alpa_op *op) {
  const char *name = op->attrs[stablehlo_composite_name]->string.data;
  if (!is_op_name(name))
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

/* A layout is a permutation of the dimensions of a tensor; of anything else it is empty. */
static alpa_status check_layout(const alpa_op *op, const alpa_attr *layout, const alpa_type *type, const char *name) {
  if (layout->kind != ALPA_ATTR_ELEMENTS || layout->type->rank != 1)
    return alpa_op_error(op, "expects the elements of %s to be lists of dimensions", name);
  int64_t n = alpa_type_count(layout->type);
  uint64_t seen = 0;
  uint32_t rank = alpa_type_is_tensor(type) ? type->rank : 0;
  bool ok = n == rank && (n == 0 || layout->type->element->kind == ALPA_TYPE_INDEX);
  for (int64_t i = 0; ok && i < n; i++) {
    int64_t dim = *(const int64_t *)alpa_attr_element(layout, i);
    ok = dim >= 0 && dim < rank && dim < 64 && !(seen >> dim & 1);
    seen |= ok ? UINT64_C(1) << dim : 0;
  }
  if (!ok)
    return alpa_op_error(op, "expects a layout in %s to be a permutation of [0, %u) for '%s'", name, rank,
                         alpa_spell(op, type));
  return ALPA_OK;
}

static alpa_status check_layouts(const alpa_op *op, int ordinal, uint32_t n, const char *of) {
  const alpa_attr *layouts = op->attrs[ordinal];
  if (layouts && layouts->array.n != n)
    return alpa_op_error(op, "expects %s to have as many elements as there are %s (%u), got %zu",
                         op->def->attrs[ordinal].name, of, n, layouts->array.n);
  return ALPA_OK;
}

/* The element of nested tuples that the indices lead to; NULL where there is none. */
static const alpa_type *find_tuple_element(const alpa_type *type, alpa_dim_list indices) {
  for (size_t i = 0; type && i < indices.n; i++) {
    bool ok = type->kind == ALPA_TYPE_TUPLE && indices.items[i] >= 0 && (size_t)indices.items[i] < type->inputs.n;
    type = ok ? type->inputs.items[indices.items[i]] : NULL;
  }
  return type;
}

static alpa_status check_alias(const alpa_op *op, const alpa_attr *alias) {
  if (alias->kind != ALPA_ATTR_STRUCT || alias->def != &alpa_stablehlo_attr_output_operand_alias)
    return alpa_op_error(op, "expects output_operand_aliases to hold #stablehlo.output_operand_alias attributes");
  int64_t operand = alpa_struct_int(alias, STABLEHLO_ALIAS_OPERAND);
  if (operand < 0 || operand >= op->n_operands)
    return alpa_op_error(op, "expects operand_index of an alias to be in [0, %u), got %" PRId64, op->n_operands,
                         operand);
  alpa_dim_list out = alpa_dim_list_field(alias, STABLEHLO_ALIAS_OUTPUT_INDICES);
  alpa_dim_list in = alpa_dim_list_field(alias, STABLEHLO_ALIAS_OPERAND_INDICES);
  const alpa_type *result = op->n_results ? op->results[0].type : NULL;
  if (op->n_results > 1 && out.n) { /* several results are like a tuple of them */
    result = out.items[0] >= 0 && out.items[0] < op->n_results ? op->results[out.items[0]].type : NULL;
    out = (alpa_dim_list){out.name, out.items + 1, out.n - 1};
  }
  const alpa_type *to = find_tuple_element(result, out);
  const alpa_type *from = find_tuple_element(alpa_op_operand_type(op, (uint32_t)operand), in);
  if (!to || !from)
    return alpa_op_error(op, "%s of an alias lead to no %s", to ? in.name : out.name, to ? "operand" : "result");
  if (!alpa_type_agrees(from, to))
    return alpa_op_error(op, "an alias joins an operand of type '%s' and a result of type '%s'", alpa_spell(op, from),
                         alpa_spell(op, to));
  return ALPA_OK;
}

static alpa_status check_call_layouts(const alpa_op *op) {
  const alpa_attr *operands = op->attrs[stablehlo_custom_call_operand_layouts];
  const alpa_attr *results = op->attrs[stablehlo_custom_call_result_layouts];
  if (!operands != !results)
    return alpa_op_error(op, "expects operand_layouts and result_layouts together, got only %s",
                         operands ? "operand_layouts" : "result_layouts");
  if (!operands)
    return ALPA_OK;
  bool tuple = op->n_results == 1 && op->results[0].type->kind == ALPA_TYPE_TUPLE;
  uint32_t n = tuple ? (uint32_t)op->results[0].type->inputs.n : op->n_results;
  ALPA_TRY(check_layouts(op, stablehlo_custom_call_operand_layouts, op->n_operands, "operands"));
  ALPA_TRY(check_layouts(op, stablehlo_custom_call_result_layouts, n, "results"));
  for (uint32_t i = 0; i < op->n_operands; i++)
    ALPA_TRY(check_layout(op, operands->array.items[i], alpa_op_operand_type(op, i), "operand_layouts"));
  for (uint32_t i = 0; i < n; i++) {
    const alpa_type *type = tuple ? op->results[0].type->inputs.items[i] : op->results[i].type;
    ALPA_TRY(check_layout(op, results->array.items[i], type, "result_layouts"));
  }
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
  if (config && config->kind == ALPA_ATTR_STRING && config->string.size && version == TYPED_FFI)
    return alpa_op_error(op, "expects backend_config to be a dictionary for api_version 4, got a string");
  ALPA_TRY(check_call_layouts(op));
  const alpa_attr *aliases = op->attrs[stablehlo_custom_call_output_operand_aliases];
  for (size_t i = 0; aliases && i < aliases->array.n; i++)
    ALPA_TRY(check_alias(op, aliases->array.items[i]));
  return ALPA_OK;
}

static bool is_token(const alpa_type *type) {
  return type->kind == ALPA_TYPE_OPAQUE && !strcmp(type->text, "!stablehlo.token");
}

alpa_status alpa_stablehlo_verify_takes_token(alpa_op *op) {
  if (op->n_operands == 0 || !is_token(alpa_op_operand_type(op, op->n_operands - 1)))
    return alpa_op_error(op, "expects a token as the last operand");
  if (op->n_results == 0 || !is_token(op->results[op->n_results - 1].type))
    return alpa_op_error(op, "expects a token as the last result");
  for (uint32_t i = 0; i + 1 < op->n_results; i++)
    ALPA_TRY(alpa_check_tensor(op, op->results[i].type, "every result but the last"));
  return ALPA_OK;
}

/* Kinds of channels, as XLA numbers them. */
enum { DEVICE_TO_DEVICE = 1, DEVICE_TO_HOST, HOST_TO_DEVICE };

static alpa_status check_transfer(alpa_op *op, int64_t to_host) {
  const alpa_attr *channel = alpa_op_find_attr(op, "channel_handle"), *host = alpa_op_find_attr(op, "is_host_transfer");
  int64_t type = alpa_struct_int(channel, STABLEHLO_CHANNEL_TYPE);
  int64_t expected = host && host->integer ? to_host : DEVICE_TO_DEVICE;
  if (type != expected)
    return alpa_op_error(
        op, "expects the type of channel_handle to be %" PRId64 " where is_host_transfer is %s, got %" PRId64, expected,
        host && host->integer ? "true" : "false", type);
  return alpa_stablehlo_verify_takes_token(op);
}

alpa_status alpa_stablehlo_verify_send(alpa_op *op) { return check_transfer(op, DEVICE_TO_HOST); }

alpa_status alpa_stablehlo_verify_recv(alpa_op *op) { return check_transfer(op, HOST_TO_DEVICE); }

alpa_status alpa_stablehlo_verify_async_start(alpa_op *op) {
  const alpa_block *block;
  ALPA_TRY(alpa_check_region(op, 0, "the region", &block));
  if (block->first == block->last || block->first->next != block->last)
    return alpa_op_error(op, "expects a region of one op and its return");
  return check_loop_args(op, block, "the region");
}
