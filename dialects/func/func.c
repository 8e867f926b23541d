/* The op table of the func dialect, its verification, and access to functions. */
#include "dialects/func/func.h"

#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/func/func_syntax.h"
#include "dialects/sdy/sharding.h"

static alpa_status alpa_func_infer_nothing(alpa_op *op, alpa_infer *out) {
  (void)op, (void)out;
  return ALPA_OK;
}

/* arg_attrs and res_attrs: one dictionary per argument or result. */
static alpa_status verify_attr_list(const alpa_op *op, const char *name, const alpa_attr *list, size_t n,
                                    const char *what) {
  if (!list)
    return ALPA_OK;
  if (list->array.n != n)
    return alpa_op_error(op, "expects as many dictionaries in '%s' as %s (%zu), got %zu", name, what, n, list->array.n);
  for (size_t i = 0; i < n; i++)
    if (list->array.items[i]->kind != ALPA_ATTR_DICT)
      return alpa_op_error(op, "expects '%s' to hold dictionaries, entry %zu is none", name, i);
  return ALPA_OK;
}

static alpa_status verify_shardings(const alpa_op *op, const alpa_attr *list, alpa_types types) {
  for (size_t i = 0; list && i < types.n; i++) {
    const alpa_attr *sharding = alpa_attr_find(list->array.items[i], "sdy.sharding");
    if (sharding)
      ALPA_TRY(alpa_sharding_verify(op, sharding, types.items[i]));
  }
  return ALPA_OK;
}

static alpa_status verify_entry(const alpa_op *op, const alpa_type *type, const alpa_block *entry) {
  alpa_context *ctx = alpa_op_context(op);
  if (entry->n_args != type->inputs.n)
    return alpa_op_error(op, "entry block must have %zu arguments to match the function type, got %u", type->inputs.n,
                         entry->n_args);
  for (uint32_t i = 0; i < entry->n_args; i++)
    if (entry->args[i]->type != type->inputs.items[i])
      return alpa_op_error(op, "type of entry block argument #%u ('%s') must match the function type ('%s')", i,
                           alpa_type_spell(ctx, entry->args[i]->type), alpa_type_spell(ctx, type->inputs.items[i]));
  return ALPA_OK;
}

static alpa_status alpa_func_verify_func(alpa_op *op) {
  const alpa_type *type = alpa_func_type(op);
  if (!type)
    return alpa_op_error(op, "expects a function type, got '%s'",
                         alpa_type_spell(alpa_op_context(op), op->attrs[func_func_function_type]->type));
  ALPA_TRY(verify_attr_list(op, "arg_attrs", op->attrs[func_func_arg_attrs], type->inputs.n, "arguments"));
  ALPA_TRY(verify_attr_list(op, "res_attrs", op->attrs[func_func_res_attrs], type->results.n, "results"));
  ALPA_TRY(verify_shardings(op, op->attrs[func_func_arg_attrs], type->inputs));
  ALPA_TRY(verify_shardings(op, op->attrs[func_func_res_attrs], type->results));
  const alpa_attr *visibility = op->attrs[func_func_sym_visibility];
  if (visibility && strcmp(visibility->string.data, "public") && strcmp(visibility->string.data, "private") &&
      strcmp(visibility->string.data, "nested"))
    return alpa_op_error(op, "visibility must be 'public', 'private' or 'nested', got '%s'", visibility->string.data);
  const alpa_block *entry = alpa_func_entry(op);
  if (entry)
    return verify_entry(op, type, entry);
  if (!visibility || strcmp(visibility->string.data, "private"))
    return alpa_op_error(op, "symbol declaration cannot have public visibility");
  return ALPA_OK;
}

static alpa_status alpa_func_verify_return(alpa_op *op) {
  const alpa_op *func = alpa_op_parent(op);
  if (!func || !func_is(func, FUNC_func))
    return alpa_op_error(op, "expects parent op 'func.func'%s%s%s", func ? ", got '" : "", func ? func->def->name : "",
                         func ? "'" : "");
  const alpa_type *type = alpa_func_type(func);
  if (!type)
    return ALPA_OK; /* reported there */
  if (op->n_operands != type->results.n)
    return alpa_op_error(op, "has %u operands, but enclosing function (@%s) returns %zu", op->n_operands,
                         alpa_symbol_name(func), type->results.n);
  alpa_context *ctx = alpa_op_context(op);
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (alpa_op_operand_type(op, i) != type->results.items[i])
      return alpa_op_error(op, "type of return operand %u ('%s') doesn't match function result type ('%s')", i,
                           alpa_type_spell(ctx, alpa_op_operand_type(op, i)),
                           alpa_type_spell(ctx, type->results.items[i]));
  return ALPA_OK;
}

static alpa_status verify_call_types(const alpa_op *op, const alpa_type *type, const char *callee) {
  alpa_context *ctx = alpa_op_context(op);
  if (op->n_operands != type->inputs.n)
    return alpa_op_error(op, "passes %u operands, but '%s' takes %zu", op->n_operands, callee, type->inputs.n);
  if (op->n_results != type->results.n)
    return alpa_op_error(op, "expects %u results, but '%s' returns %zu", op->n_results, callee, type->results.n);
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (alpa_op_operand_type(op, i) != type->inputs.items[i])
      return alpa_op_error(op,
                           "operand type mismatch: expected operand type '%s', but provided '%s' for operand "
                           "number %u of '%s'",
                           alpa_type_spell(ctx, type->inputs.items[i]),
                           alpa_type_spell(ctx, alpa_op_operand_type(op, i)), i, callee);
  for (uint32_t i = 0; i < op->n_results; i++)
    if (op->results[i].type != type->results.items[i])
      return alpa_op_error(op, "result type mismatch: '%s' returns '%s' as result %u, the call says '%s'", callee,
                           alpa_type_spell(ctx, type->results.items[i]), i, alpa_type_spell(ctx, op->results[i].type));
  return ALPA_OK;
}

static alpa_status alpa_func_verify_call(alpa_op *op) {
  alpa_op *table = alpa_op_symbol_table(op);
  if (!table)
    return ALPA_OK; /* detached: nothing to look the callee up in */
  const char *name = op->attrs[func_call_callee]->string.data;
  const alpa_op *callee = alpa_symbol_find(table, name);
  if (!callee || !func_is(callee, FUNC_func))
    return alpa_op_error(op, "'%s' does not reference a valid function", name);
  const alpa_type *type = alpa_func_type(callee);
  return type ? verify_call_types(op, type, name) : ALPA_OK;
}

#define alpa_func_infer_none NULL
#define alpa_func_verify_none NULL
#define OPS "dialects/func/func_ops.def"
#define DIALECT "func"
#define SUMMARY "functions and calls"
#define D(name) alpa_func_##name
#define ROW(id) FUNC_##id
#define ID ALPA_DIALECT_FUNC
#define ATTRS NULL
#include "dialects/ir/op_table.def"

const alpa_type *alpa_func_type(const alpa_op *func) {
  const alpa_attr *attr = func->attrs[func_func_function_type];
  return attr && attr->kind == ALPA_ATTR_TYPE && attr->type->kind == ALPA_TYPE_FUNCTION ? attr->type : NULL;
}

alpa_block *alpa_func_entry(const alpa_op *func) { return func->regions[0].first; }

static const alpa_attr *find_in_list(const alpa_attr *list, uint32_t index, const char *name) {
  return list && index < list->array.n ? alpa_attr_find(list->array.items[index], name) : NULL;
}

const alpa_attr *alpa_func_find_arg_attr(const alpa_op *func, uint32_t index, const char *name) {
  return find_in_list(func->attrs[func_func_arg_attrs], index, name);
}

const alpa_attr *alpa_func_find_result_attr(const alpa_op *func, uint32_t index, const char *name) {
  return find_in_list(func->attrs[func_func_res_attrs], index, name);
}

/* The list of n dictionaries with one attribute of one of them changed; NULL where all are empty. */
static const alpa_attr *set_in_list(const alpa_op *func, const alpa_attr *list, size_t n, uint32_t index,
                                    alpa_named_attr attr) {
  alpa_context *ctx = alpa_op_context(func);
  const alpa_attr **items = alpa_arena_new(&func->module->arena, const alpa_attr *, n);
  bool any = false;
  for (size_t i = 0; i < n; i++) {
    items[i] = list && i < list->array.n ? list->array.items[i] : alpa_attr_get_dict(ctx, NULL, 0);
    if (i == index)
      items[i] = alpa_attr_dict_set(ctx, items[i], attr.name, attr.value);
    if (!items[i])
      items[i] = alpa_attr_get_dict(ctx, NULL, 0);
    any |= items[i]->dict.n > 0;
  }
  return any ? alpa_attr_get_array(ctx, items, n) : NULL;
}

void alpa_func_set_arg_attr(alpa_op *func, uint32_t index, const char *name, const alpa_attr *value) {
  const alpa_attr **list = &func->attrs[func_func_arg_attrs];
  *list = set_in_list(func, *list, alpa_func_type(func)->inputs.n, index, (alpa_named_attr){name, value});
}

void alpa_func_set_result_attr(alpa_op *func, uint32_t index, const char *name, const alpa_attr *value) {
  const alpa_attr **list = &func->attrs[func_func_res_attrs];
  *list = set_in_list(func, *list, alpa_func_type(func)->results.n, index, (alpa_named_attr){name, value});
}

/* The list of n dictionaries with one attribute of all of them changed. */
static const alpa_attr *set_list(const alpa_op *func, const alpa_attr *list, size_t n, const char *name,
                                 const alpa_attr *const *values) {
  alpa_context *ctx = alpa_op_context(func);
  const alpa_attr **items = alpa_arena_new(&func->module->arena, const alpa_attr *, n);
  for (size_t i = 0; i < n; i++) {
    items[i] = list && i < list->array.n ? list->array.items[i] : NULL;
    if (values[i] || items[i])
      items[i] = alpa_attr_dict_set(ctx, items[i], name, values[i]);
    if (!items[i])
      items[i] = alpa_attr_get_dict(ctx, NULL, 0);
  }
  return alpa_attr_get_array(ctx, items, n);
}

void alpa_func_set_arg_attrs(alpa_op *func, const char *name, const alpa_attr *const *values) {
  const alpa_attr **list = &func->attrs[func_func_arg_attrs];
  *list = set_list(func, *list, alpa_func_type(func)->inputs.n, name, values);
}

void alpa_func_set_result_attrs(alpa_op *func, const char *name, const alpa_attr *const *values) {
  const alpa_attr **list = &func->attrs[func_func_res_attrs];
  *list = set_list(func, *list, alpa_func_type(func)->results.n, name, values);
}

void alpa_func_update_type(alpa_op *func) {
  alpa_context *ctx = alpa_op_context(func);
  const alpa_block *entry = alpa_func_entry(func);
  const alpa_op *terminator = alpa_block_terminator(entry);
  alpa_arena *arena = &func->module->arena;
  const alpa_type **inputs = alpa_arena_new(arena, const alpa_type *, entry->n_args);
  for (uint32_t i = 0; i < entry->n_args; i++)
    inputs[i] = entry->args[i]->type;
  const alpa_type **results = alpa_arena_new(arena, const alpa_type *, terminator->n_operands);
  for (uint32_t i = 0; i < terminator->n_operands; i++)
    results[i] = alpa_op_operand_type(terminator, i);
  const alpa_type *type =
      alpa_type_get_function(ctx, (alpa_types){inputs, entry->n_args}, (alpa_types){results, terminator->n_operands});
  func->attrs[func_func_function_type] = alpa_attr_get_type(ctx, type);
}

static bool is_public(const alpa_op *op) {
  if (!func_is(op, FUNC_func) || !alpa_func_entry(op))
    return false;
  const alpa_attr *visibility = op->attrs[func_func_sym_visibility];
  return !visibility || !strcmp(visibility->string.data, "public");
}

alpa_status alpa_func_find_main(alpa_op *module, alpa_op **out_func) {
  alpa_op *found = NULL;
  size_t n = 0;
  for (alpa_op *op = module->regions[0].first->first; op; op = op->next) {
    if (!is_public(op))
      continue;
    n++;
    if (n == 1 || !strcmp(alpa_symbol_name(op), "main"))
      found = op;
  }
  if (!n)
    return alpa_op_error(module, "has no public function with a body");
  if (n > 1 && strcmp(alpa_symbol_name(found), "main"))
    return alpa_op_error(module, "has %zu public functions and none is named 'main'", n);
  *out_func = found;
  return ALPA_OK;
}
