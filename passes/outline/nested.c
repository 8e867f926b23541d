/* Nested modules with one function. */
#include "passes/outline/nested.h"

#include "dialects/builtin/builtin.h"
#include "dialects/func/func.h"

static alpa_op *create_symbol_op(alpa_nested *nested, const alpa_op_def *def, const char *name) {
  alpa_op *op = alpa_op_create(nested->module, &(alpa_op_state){.def = def, .loc = nested->loc, .n_regions = 1});
  alpa_block_append(&op->regions[0], alpa_block_create(nested->module));
  alpa_op_set_attr(op, "sym_name", alpa_attr_get_string(nested->module->ctx, name));
  return op;
}

void alpa_nested_begin(alpa_nested *nested, alpa_arena *arena, const alpa_op *like, const char *name) {
  *nested = (alpa_nested){.arena = arena, .module = like->module, .loc = like->loc};
  alpa_value_map_init(&nested->values, arena);
  nested->op = create_symbol_op(nested, &alpa_builtin_ops[BUILTIN_module], name);
  nested->func = create_symbol_op(nested, &alpa_func_ops[FUNC_func], "main");
  alpa_op_set_attr(nested->func, "sym_visibility", alpa_attr_get_string(nested->module->ctx, "public"));
  alpa_op_insert(nested->func, alpa_region_block(&nested->op->regions[0]), NULL);
  nested->entry = alpa_func_entry(nested->func);
}

alpa_value *alpa_nested_add_arg(alpa_nested *nested, const alpa_value *value, const alpa_attr *attrs) {
  const alpa_loc *loc = value->loc ? value->loc : nested->loc;
  alpa_value *arg = alpa_block_add_arg(nested->entry, nested->module, value->type, loc);
  arg->name = value->name;
  alpa_value_map_set(&nested->values, value, arg);
  attrs = attrs ? attrs : alpa_attr_get_dict(nested->module->ctx, NULL, 0);
  alpa_vec_push(nested->arena, &nested->arg_attrs, attrs);
  return arg;
}

void alpa_nested_add_result(alpa_nested *nested, alpa_value *value, const alpa_attr *attrs) {
  alpa_vec_push(nested->arena, &nested->results, value);
  attrs = attrs ? attrs : alpa_attr_get_dict(nested->module->ctx, NULL, 0);
  alpa_vec_push(nested->arena, &nested->result_attrs, attrs);
}

void alpa_nested_end(alpa_nested *nested) {
  alpa_context *ctx = nested->module->ctx;
  alpa_op *end = alpa_op_create(nested->module, &(alpa_op_state){.def = &alpa_func_ops[FUNC_return],
                                                                 .loc = nested->loc,
                                                                 .operands = nested->results.items,
                                                                 .n_operands = nested->results.n});
  alpa_op_insert(end, nested->entry, NULL);
  alpa_func_update_type(nested->func);
  alpa_op_set_attr(nested->func, "arg_attrs", alpa_attr_get_array(ctx, nested->arg_attrs.items, nested->arg_attrs.n));
  alpa_op_set_attr(nested->func, "res_attrs",
                   alpa_attr_get_array(ctx, nested->result_attrs.items, nested->result_attrs.n));
}

const alpa_attr *alpa_wire(const alpa_nested *nested, const alpa_attr *attrs, const char *name,
                           const alpa_attr *value) {
  return alpa_attr_dict_set(nested->module->ctx, attrs, name, value);
}

const alpa_attr *alpa_wire_name(const alpa_nested *nested, const alpa_attr *attrs, const char *name,
                                const char *value) {
  return alpa_wire(nested, attrs, name, alpa_attr_get_string(nested->module->ctx, value));
}
