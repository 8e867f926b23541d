/* split-stages: from one program with stages written on its ops to one program per stage.
 *
 * Every stage becomes a nested module with a mesh over its devices and a function @main: the prologue, the loop over
 * micro-batches and the epilogue as far as the stage computes them (ownership.h).  What other stages send arrives in
 * arguments, what they need are results, wired by names (dialects/alpa/alpa.h); what is sent in every micro-batch is
 * carried by the loop, so that it is computed in it.  So each stage is an ordinary program, which `shard` plans alone.
 * The public function of the outer module keeps its type; its body is one alpa.pipeline.  Linear in the number of ops
 * times the number of stages. */
#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/outline/nested.h"
#include "passes/outline/ownership.h"
#include "passes/outline/submesh.h"
#include "passes/pass.h"

enum { STAGES, TRANSFERS };
static const alpa_statistic_def statistics[] = {
    [STAGES] = {"stages", "programs made"}, [TRANSFERS] = {"transfers", "values that pass between stages"}, {0}};

typedef struct splitter {
  const alpa_ownership *o;
  int32_t stage;
  alpa_stage_needs *needs;
  alpa_nested nested;
} splitter;

static alpa_context *context_of(const splitter *s) { return s->nested.module->ctx; }

/* ---- arguments --------------------------------------------------------------------------------------------------- */

static void add_program_args(splitter *s) {
  const alpa_attr *list = s->o->func->attrs[func_func_arg_attrs];
  for (uint32_t i = 0; i < s->o->arguments.n; i++) {
    const alpa_terminal *argument = &s->o->arguments.items[i];
    if (!s->needs->args[i])
      continue;
    const alpa_attr *attrs = list ? list->array.items[argument->index] : NULL;
    attrs = alpa_wire(&s->nested, attrs, "tf.aliasing_output", NULL); /* anew, by the stage's results */
    attrs = alpa_wire(&s->nested, attrs, ALPA_ARGUMENT, alpa_attr_get_i64(context_of(s), argument->index));
    attrs = alpa_wire(&s->nested, attrs, ALPA_OFFSET, argument->offset);
    alpa_nested_add_arg(&s->nested, argument->value, attrs);
  }
}

static void add_received_args(splitter *s) {
  for (size_t i = 0; i < s->o->transfers.n; i++) {
    const alpa_transfer *transfer = &s->o->transfers.items[i];
    if (!transfer->to[s->stage])
      continue;
    const alpa_attr *attrs = alpa_wire_name(&s->nested, NULL, ALPA_RECEIVE, transfer->name);
    uint32_t level = transfer->value->op && !transfer->in_body ? s->o->level[transfer->value->op->number] : 0;
    if (transfer->in_body)
      attrs = alpa_wire_name(&s->nested, attrs, "alpa.phase", "body");
    else
      attrs = alpa_wire(&s->nested, attrs, "alpa.level", alpa_attr_get_i64(context_of(s), level + 1));
    alpa_nested_add_arg(&s->nested, transfer->value, attrs);
  }
}

/* ---- the ops ----------------------------------------------------------------------------------------------------- */

/* A value in the stage's function. */
static alpa_value *here(splitter *s, alpa_value *value) {
  return alpa_value_map_get(&s->nested.values, alpa_ownership_origin(s->o, value));
}

/* Values that go around the loop unchanged are read from outside: nested ops must find them there, too. */
static void clone_op(splitter *s, alpa_op *op, alpa_block *into) {
  alpa_outer_values used = {0};
  alpa_op_outer_values(s->o->arena, op, &used);
  for (size_t i = 0; i < used.n; i++)
    if (alpa_ownership_origin(s->o, used.items[i]) != used.items[i])
      alpa_value_map_set(&s->nested.values, used.items[i], here(s, used.items[i]));
  alpa_op *clone = alpa_op_clone(s->nested.module, op, &s->nested.values);
  uint32_t level = s->o->level[op->number];
  if (level)
    alpa_op_set_attr(clone, "alpa.level", alpa_attr_get_i64(context_of(s), level));
  alpa_op_insert(clone, into, NULL);
}

static bool is_sent_from_body(const splitter *s, const alpa_transfer *transfer) {
  return transfer->from == s->stage && transfer->in_body;
}

/* Zeros, for what the loop carries only to be sent. */
static alpa_value *build_zero(splitter *s, const alpa_type *type) {
  static const char zeros[16];
  alpa_builder builder = alpa_builder_at_end(s->nested.module, s->nested.entry, s->o->loop->loc);
  const alpa_attr *attrs[] = {alpa_attr_get_elements(context_of(s), type, zeros, true)};
  return alpa_build_value(&builder, &alpa_stablehlo_ops[STABLEHLO_constant], NULL, 0, attrs);
}

typedef struct loop_parts {
  ALPA_VEC(alpa_value *) inits;
  ALPA_VEC(const alpa_type *) types;
  ALPA_VEC(uint32_t) carries;                /* of the program's loop */
  ALPA_VEC(const alpa_transfer *) transfers; /* carried behind them */
} loop_parts;

static void collect_loop(splitter *s, loop_parts *parts) {
  alpa_arena *arena = s->o->arena;
  for (uint32_t j = 0; j < s->o->loop->n_operands; j++)
    if (s->needs->carries[j]) {
      alpa_vec_push(arena, &parts->carries, j);
      alpa_vec_push(arena, &parts->inits, here(s, alpa_op_operand(s->o->loop, j)));
    }
  for (size_t i = 0; i < s->o->transfers.n; i++)
    if (is_sent_from_body(s, &s->o->transfers.items[i])) {
      alpa_vec_push(arena, &parts->transfers, &s->o->transfers.items[i]);
      alpa_vec_push(arena, &parts->inits, build_zero(s, s->o->transfers.items[i].value->type));
    }
  for (size_t i = 0; i < parts->inits.n; i++)
    alpa_vec_push(arena, &parts->types, parts->inits.items[i]->type);
}

/* A block with an argument for everything that is carried. */
static alpa_block *add_loop_block(splitter *s, const loop_parts *parts, const alpa_block *from, alpa_region *region) {
  alpa_block *block = alpa_block_create(s->nested.module);
  alpa_block_append(region, block);
  for (size_t i = 0; i < parts->inits.n; i++) {
    bool is_carry = i < parts->carries.n;
    const alpa_value *like = is_carry ? from->args[parts->carries.items[i]] : parts->inits.items[i];
    alpa_value *arg = alpa_block_add_arg(block, s->nested.module, like->type, like->loc ? like->loc : s->o->loop->loc);
    if (is_carry)
      alpa_value_map_set(&s->nested.values, like, arg);
  }
  return block;
}

static void clone_condition(splitter *s, const loop_parts *parts, alpa_op *loop) {
  const alpa_block *from = alpa_region_block(&s->o->loop->regions[0]);
  alpa_block *to = add_loop_block(s, parts, from, &loop->regions[0]);
  for (alpa_op *op = from->first; op; op = op->next)
    alpa_op_insert(alpa_op_clone(s->nested.module, op, &s->nested.values), to, NULL);
}

static void clone_body(splitter *s, const loop_parts *parts, alpa_op *loop) {
  alpa_block *to = add_loop_block(s, parts, s->o->body, &loop->regions[1]);
  for (alpa_op *op = s->o->body->first; op != s->o->body->last; op = op->next)
    if (s->needs->ops[op->number])
      clone_op(s, op, to);
  alpa_op *yield = alpa_op_clone(s->nested.module, s->o->body->last, &s->nested.values);
  ALPA_VEC(alpa_value *) next = {0};
  for (size_t i = 0; i < parts->carries.n; i++) {
    uint32_t carry = parts->carries.items[i];
    bool is_unchanged = alpa_op_operand(s->o->body->last, carry) == s->o->body->args[carry];
    alpa_value *value = is_unchanged ? to->args[i] : here(s, alpa_op_operand(s->o->body->last, carry));
    alpa_vec_push(s->o->arena, &next, value);
  }
  for (size_t i = 0; i < parts->transfers.n; i++)
    alpa_vec_push(s->o->arena, &next, here(s, parts->transfers.items[i]->value));
  alpa_op_set_operands(yield, next.items, next.n);
  alpa_op_insert(yield, to, NULL);
}

static void clone_loop(splitter *s) {
  loop_parts parts = {0};
  collect_loop(s, &parts);
  alpa_op *loop = alpa_op_create(s->nested.module, &(alpa_op_state){.def = s->o->loop->def,
                                                                    .loc = s->o->loop->loc,
                                                                    .operands = parts.inits.items,
                                                                    .n_operands = parts.inits.n,
                                                                    .results = parts.types.items,
                                                                    .n_results = parts.types.n,
                                                                    .extra = s->o->loop->extra,
                                                                    .n_regions = 2});
  clone_condition(s, &parts, loop);
  clone_body(s, &parts, loop);
  alpa_op_insert(loop, s->nested.entry, NULL);
  for (size_t i = 0; i < parts.carries.n; i++)
    alpa_value_map_set(&s->nested.values, &s->o->loop->results[parts.carries.items[i]], &loop->results[i]);
  for (size_t i = 0; i < parts.transfers.n; i++)
    alpa_nested_add_result(&s->nested, &loop->results[parts.carries.n + i],
                           alpa_wire_name(&s->nested,
                                          alpa_wire_name(&s->nested, NULL, ALPA_SEND, parts.transfers.items[i]->name),
                                          "alpa.phase", "body"));
}

static void clone_ops(splitter *s) {
  for (alpa_op *op = alpa_func_entry(s->o->func)->first; op; op = op->next)
    if (op == s->o->loop)
      clone_loop(s);
    else if (s->needs->ops[op->number])
      clone_op(s, op, s->nested.entry);
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

static void add_program_results(splitter *s) {
  const alpa_attr *list = s->o->func->attrs[func_func_res_attrs];
  for (uint32_t k = 0; k < s->o->results.n; k++) {
    const alpa_terminal *result = &s->o->results.items[k];
    if (!s->needs->results[k])
      continue;
    const alpa_attr *attrs = list ? list->array.items[result->index] : NULL;
    attrs = alpa_wire(&s->nested, attrs, ALPA_RESULT, alpa_attr_get_i64(context_of(s), result->index));
    attrs = alpa_wire(&s->nested, attrs, ALPA_OFFSET, result->offset);
    alpa_nested_add_result(&s->nested, here(s, result->value), attrs);
  }
}

static void add_sent_results(splitter *s) {
  for (size_t i = 0; i < s->o->transfers.n; i++) {
    const alpa_transfer *transfer = &s->o->transfers.items[i];
    if (transfer->from == s->stage && !transfer->in_body)
      alpa_nested_add_result(&s->nested, here(s, transfer->value),
                             alpa_wire_name(&s->nested, NULL, ALPA_SEND, transfer->name));
  }
}

/* The argument that a result of the program replaces is replaced in the stage, too. */
static void alias_results(splitter *s) {
  const alpa_type *i32 = alpa_type_get_scalar(context_of(s), ALPA_I32);
  for (uint32_t i = 0; i < s->nested.entry->n_args; i++) {
    const alpa_attr *number = alpa_func_find_arg_attr(s->nested.func, i, ALPA_ARGUMENT);
    const alpa_attr *alias =
        number ? alpa_func_find_arg_attr(s->o->func, (uint32_t)number->integer, "tf.aliasing_output") : NULL;
    for (uint32_t k = 0; alias && k < s->nested.results.n; k++) {
      const alpa_attr *result = alpa_attr_find(s->nested.result_attrs.items[k], ALPA_RESULT);
      bool is_same_slice = alpa_attr_find(s->nested.result_attrs.items[k], ALPA_OFFSET) ==
                           alpa_func_find_arg_attr(s->nested.func, i, ALPA_OFFSET);
      if (result && result->integer == alias->integer && is_same_slice)
        alpa_func_set_arg_attr(s->nested.func, i, "tf.aliasing_output", alpa_attr_get_integer(context_of(s), i32, k));
    }
  }
}

static alpa_op *build_stage(const alpa_ownership *o, int32_t stage) {
  splitter s = {.o = o, .stage = stage, .needs = &o->needs[stage]};
  alpa_nested_begin(&s.nested, o->arena, o->func, alpa_arena_printf(o->arena, "stage%d", stage));
  alpa_op_set_attr(s.nested.op, "alpa.stage", alpa_attr_get_i64(context_of(&s), stage));
  add_program_args(&s);
  add_received_args(&s);
  clone_ops(&s);
  add_program_results(&s);
  add_sent_results(&s);
  alpa_nested_end(&s.nested);
  alias_results(&s);
  return s.nested.op;
}

/* ---- the pass ---------------------------------------------------------------------------------------------------- */

/* The public function's body becomes one op; its argument and result attributes stay. */
static void replace_body(const alpa_ownership *o) {
  alpa_module *module = o->func->module;
  alpa_block *entry = alpa_func_entry(o->func);
  const alpa_attr **stages = alpa_arena_new(o->arena, const alpa_attr *, o->n_stages);
  for (uint32_t s = 0; s < o->n_stages; s++)
    stages[s] = alpa_attr_get_symbol(module->ctx, alpa_arena_printf(o->arena, "stage%u", s));
  const alpa_attr *attrs[alpa_op_pipeline_attr_count] = {[alpa_op_pipeline_stages] =
                                                             alpa_attr_get_array(module->ctx, stages, o->n_stages)};
  const alpa_type *type = alpa_func_type(o->func);
  alpa_op *pipeline = alpa_op_create(module, &(alpa_op_state){.def = &alpa_alpa_ops[ALPA_OP_pipeline],
                                                              .loc = o->func->loc,
                                                              .operands = entry->args,
                                                              .n_operands = entry->n_args,
                                                              .results = type->results.items,
                                                              .n_results = type->results.n,
                                                              .attrs = attrs});
  alpa_op_insert(pipeline, entry, entry->first);
  for (uint32_t k = 0; k < type->results.n; k++)
    alpa_op_set_operand(entry->last, k, &pipeline->results[k]);
  for (alpa_op *op = entry->last->previous, *previous; op != pipeline; op = previous) {
    previous = op->previous;
    alpa_op_erase(op);
  }
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  (void)options;
  alpa_op *func = NULL;
  alpa_ownership o;
  ALPA_TRY(alpa_func_find_main(module, &func));
  ALPA_TRY(alpa_ownership_find(pass->arena, func, &o));
  const alpa_submesh *submeshes = NULL;
  ALPA_TRY(alpa_submeshes_read(pass->arena, module, o.n_stages, &submeshes));
  for (uint32_t s = 0; s < o.n_stages; s++) {
    alpa_op *nested = build_stage(&o, (int32_t)s);
    alpa_op_insert(nested, alpa_region_block(&module->regions[0]), NULL);
    alpa_submesh_declare(pass->arena, nested, &submeshes[s]);
  }
  replace_body(&o);
  pass->counters[STAGES] += o.n_stages;
  pass->counters[TRANSFERS] += (int64_t)o.transfers.n;
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_split_stages = {
    .name = "split-stages",
    .summary = "makes a program of its own of every stage, wired by names",
    .anchor = "builtin.module",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
