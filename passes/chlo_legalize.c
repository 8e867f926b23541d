/* chlo-legalize: ops that have no kernels become ops that have.
 *
 * The meaning of such an op is text in StableHLO (passes/chlo_library.c).  It is read with the op's shape in place of
 * the types' names, and its body is copied to where the op stands; floats and complex numbers of other widths are
 * converted to 64-bit ones and back, so a result is rounded once.  Linear in the size of the program and the texts. */
#include "dialects/func/func.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/chlo_library.h"
#include "passes/pass.h"

enum { REPLACED };

typedef struct legalizer {
  alpa_arena *arena;
  ALPA_VEC(alpa_op *) ops; /* to replace */
} legalizer;

static alpa_status collect(void *user, alpa_op *op) {
  legalizer *l = user;
  if (chlo_expansion_find(op))
    alpa_vec_push(l->arena, &l->ops, op);
  return ALPA_OK;
}

static alpa_value *convert(alpa_builder *b, alpa_value *value, const alpa_type *type) {
  if (value->type == type)
    return value;
  alpa_op_state state = {.def = &alpa_stablehlo_ops[STABLEHLO_convert],
                         .operands = &value,
                         .n_operands = 1,
                         .results = &type,
                         .n_results = 1};
  return alpa_op_result(alpa_build(b, &state), 0);
}

/* Copies the body of a function to the builder's place; calls become copies of what they call. */
static void expand(legalizer *l, alpa_builder *b, const alpa_op *func, alpa_value *const *args, alpa_value **out) {
  alpa_value_map map;
  alpa_value_map_init(&map, l->arena);
  const alpa_block *body = alpa_func_entry(func);
  for (uint32_t i = 0; i < body->n_args; i++)
    alpa_value_map_set(&map, body->args[i], args[i]);
  for (alpa_op *op = body->first; op != body->last; op = op->next) {
    if (func_is(op, FUNC_call)) {
      alpa_value **operands = alpa_arena_new(l->arena, alpa_value *, op->n_operands);
      alpa_value **results = alpa_arena_new(l->arena, alpa_value *, op->n_results);
      for (uint32_t i = 0; i < op->n_operands; i++)
        operands[i] = alpa_value_map_get(&map, alpa_op_operand(op, i));
      alpa_str name = alpa_op_attr(op, func_call_callee)->string;
      const alpa_op *table = alpa_op_parent(func);
      expand(l, b, alpa_symbol_find(table, alpa_name_n(b->module->ctx, name.data, name.size)), operands, results);
      for (uint32_t i = 0; i < op->n_results; i++)
        alpa_value_map_set(&map, &op->results[i], results[i]);
      continue;
    }
    alpa_op *copy = alpa_op_clone(b->module, op, &map);
    copy->loc = b->loc;
    alpa_op_insert(copy, b->block, b->before);
  }
  for (uint32_t i = 0; i < body->last->n_operands; i++)
    out[i] = alpa_value_map_get(&map, alpa_op_operand(body->last, i));
}

static alpa_status replace(legalizer *l, alpa_op *op) {
  const chlo_expansion *row = chlo_expansion_find(op);
  alpa_context *ctx = alpa_op_context(op);
  alpa_module *library = NULL;
  alpa_text text;
  alpa_text_init(&text, l->arena);
  chlo_expansion_print(&text, row, op);
  ALPA_TRY(
      alpa_module_read(ctx, (alpa_str){text.data, text.size}, &(alpa_parse_options){.name = row->function}, &library));
  const alpa_op *func = alpa_symbol_find(library->op, alpa_name(ctx, row->function));
  const alpa_block *body = alpa_func_entry(func);
  alpa_builder b = alpa_builder_before(op);
  alpa_value **args = alpa_arena_new(l->arena, alpa_value *, op->n_operands);
  alpa_value **results = alpa_arena_new(l->arena, alpa_value *, op->n_results);
  for (uint32_t i = 0; i < op->n_operands; i++)
    args[i] = convert(&b, alpa_op_operand(op, i), body->args[i]->type);
  expand(l, &b, func, args, results);
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = convert(&b, results[i], op->results[i].type);
  alpa_op_replace(op, results);
  alpa_module_destroy(library);
  return ALPA_OK;
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  (void)options;
  legalizer l = {.arena = pass->arena};
  ALPA_TRY(alpa_op_walk(module, collect, &l));
  for (size_t i = 0; i < l.ops.n; i++)
    ALPA_TRY(replace(&l, l.ops.items[i]));
  pass->counters[REPLACED] = (int64_t)l.ops.n;
  return ALPA_OK;
}

static const alpa_statistic_def statistics[] = {[REPLACED] = {"replaced", "ops replaced"}, {0}};

const alpa_pass_def alpa_pass_chlo_legalize = {
    .name = "chlo-legalize",
    .summary = "replace ops that have no kernels by StableHLO ops that have",
    .anchor = "builtin.module",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
