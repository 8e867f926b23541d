/* Replaces calls by the bodies of the functions they call, wherever they stand; callees come first, so that every body
 * is copied with its own calls already inlined.  JAX emits one private function per helper and signature, and planning
 * wants one function.  The functions themselves stay (symbol-dce takes away those that are not called any more).
 *
 * Recursion is an error.  The ops that would result are counted before anything is copied, since nested calls can stand
 * for exponentially many.  A call of a declaration stays.  An op from a callee gets the location "callee's at call's".
 */
#include <inttypes.h>
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/pass.h"

enum { INLINED, COPIED };

typedef struct inline_options {
  int64_t max_ops;
} inline_options;

typedef enum visit_state { UNSEEN, OPEN, DONE } visit_state;

typedef struct function function;
struct function {
  alpa_op *op;
  visit_state state;
  ALPA_VEC(alpa_op *) calls; /* of functions that can be inlined */
  size_t next_call;          /* of the depth-first search */
  int64_t n_ops;             /* after inlining */
};

typedef struct inliner {
  alpa_pass_context *pass;
  alpa_context *ctx;
  const inline_options *options;
  alpa_map by_name; /* interned name -> function */
  function *functions;
  size_t n_functions;
  function *current; /* whose calls are collected */
} inliner;

/* ---- the call graph ---- */

/* The symbol that the op calls, or NULL. */
static const alpa_attr *callee_of(const alpa_op *op) {
  if (func_is(op, FUNC_call))
    return alpa_op_attr(op, func_call_callee);
  if (stablehlo_is(op, STABLEHLO_composite))
    return alpa_op_attr(op, stablehlo_composite_decomposition);
  return NULL;
}

static function *find_callee(inliner *in, const alpa_op *op) {
  const alpa_attr *callee = callee_of(op);
  if (!callee)
    return NULL;
  return alpa_map_get_pointer(&in->by_name, alpa_name_n(in->ctx, callee->string.data, callee->string.size));
}

static alpa_status collect_call(void *user, alpa_op *op) {
  inliner *in = user;
  in->current->n_ops++;
  if (!callee_of(op))
    return ALPA_OK;
  function *callee = find_callee(in, op);
  if (!callee)
    return ALPA_OK;
  const alpa_type *type = alpa_func_type(callee->op);
  if (type->inputs.n != op->n_operands || type->results.n != op->n_results)
    return alpa_op_error(op, "passes %u values and takes %u from '@%s', which has %zu arguments and %zu results",
                         op->n_operands, op->n_results, alpa_symbol_name(callee->op), type->inputs.n, type->results.n);
  alpa_vec_push(in->pass->arena, &in->current->calls, op);
  return ALPA_OK;
}

/* A body of one block that ends in return. */
static bool is_inlinable(const alpa_op *op) {
  alpa_block *entry = func_is(op, FUNC_func) ? alpa_func_entry(op) : NULL;
  return entry && !entry->next && entry->last && func_is(entry->last, FUNC_return);
}

static alpa_status build_graph(inliner *in, alpa_op *module) {
  size_t n = 0;
  alpa_block *body = alpa_region_block(&module->regions[0]);
  for (alpa_op *op = body->first; op; op = op->next)
    n++;
  in->functions = alpa_arena_new(in->pass->arena, function, n);
  for (alpa_op *op = body->first; op; op = op->next)
    if (is_inlinable(op)) {
      function *f = &in->functions[in->n_functions++];
      f->op = op;
      alpa_map_set_pointer(in->pass->arena, &in->by_name, alpa_name(in->ctx, alpa_symbol_name(op)), f);
    }
  for (size_t i = 0; i < in->n_functions; i++) {
    in->current = &in->functions[i];
    ALPA_TRY(alpa_op_walk(in->functions[i].op, collect_call, in));
  }
  return ALPA_OK;
}

/* ---- inlining ---- */

typedef struct relocation {
  inliner *in;
  const alpa_loc *call;
  const alpa_loc *from, *to; /* the last one asked for: neighbours often agree */
} relocation;

static alpa_status relocate(void *user, alpa_op *op) {
  relocation *r = user;
  if (op->loc != r->from) {
    const alpa_loc *children[] = {op->loc, r->call};
    alpa_loc key = {.kind = ALPA_LOC_CALLSITE, .children = children, .n_children = 2};
    r->from = op->loc;
    r->to = alpa_loc_get(r->in->ctx, &key);
  }
  op->loc = r->to;
  r->in->pass->counters[COPIED]++;
  return ALPA_OK;
}

/* Shardings that the user wrote on a call have no op to stand on afterwards. */
static void report_dropped(const alpa_op *call) {
  for (size_t i = 0; call->extra && i < call->extra->dict.n; i++)
    if (strncmp(call->extra->dict.items[i].name, "sdy.", 4) == 0)
      alpa_op_remark(call, "loses its attribute '%s' by being inlined; write a sharding_constraint on its results",
                     call->extra->dict.items[i].name);
}

static void inline_call(inliner *in, alpa_op *call) {
  report_dropped(call);
  const function *callee = find_callee(in, call);
  const alpa_block *body = alpa_func_entry(callee->op);
  alpa_arena *arena = in->pass->arena;
  alpa_value_map map;
  alpa_value_map_init(&map, arena);
  for (uint32_t i = 0; i < body->n_args; i++)
    alpa_value_map_set(&map, body->args[i], alpa_op_operand(call, i));
  relocation r = {.in = in, .call = call->loc};
  for (const alpa_op *op = body->first; op != body->last; op = op->next) {
    alpa_op *copy = alpa_op_clone(call->module, op, &map);
    (void)alpa_op_walk(copy, relocate, &r);
    alpa_op_insert(copy, call->block, call);
  }
  alpa_value **results = alpa_arena_new(arena, alpa_value *, call->n_results);
  for (uint32_t i = 0; i < call->n_results; i++)
    results[i] = alpa_value_map_get(&map, alpa_op_operand(body->last, i));
  alpa_op_replace(call, results);
  in->pass->counters[INLINED]++;
}

static alpa_status finish(inliner *in, function *f) {
  for (size_t i = 0; i < f->calls.n && f->n_ops <= in->options->max_ops; i++)
    f->n_ops += find_callee(in, f->calls.items[i])->n_ops;
  if (f->n_ops > in->options->max_ops)
    return alpa_op_error(f->op, "would have more than max-ops=%" PRId64 " ops after inlining", in->options->max_ops);
  for (size_t i = 0; i < f->calls.n; i++)
    inline_call(in, f->calls.items[i]);
  f->state = DONE;
  return ALPA_OK;
}

/* Depth first without recursion: a call graph may be as deep as the module has functions. */
static alpa_status inline_into(inliner *in, function *root) {
  ALPA_VEC(function *) stack = {0};
  root->state = OPEN;
  alpa_vec_push(in->pass->arena, &stack, root);
  while (stack.n) {
    function *f = stack.items[stack.n - 1];
    if (f->next_call == f->calls.n) {
      ALPA_TRY(finish(in, f));
      stack.n--;
      continue;
    }
    alpa_op *call = f->calls.items[f->next_call++];
    function *callee = find_callee(in, call);
    if (callee->state == OPEN)
      return alpa_op_error(call, "calls '@%s' recursively, which cannot be inlined", alpa_symbol_name(callee->op));
    if (callee->state == UNSEEN) {
      callee->state = OPEN;
      alpa_vec_push(in->pass->arena, &stack, callee);
    }
  }
  return ALPA_OK;
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  inliner in = {.pass = pass, .ctx = alpa_op_context(module), .options = options};
  ALPA_TRY(build_graph(&in, module));
  for (size_t i = 0; i < in.n_functions; i++)
    if (in.functions[i].state == UNSEEN)
      ALPA_TRY(inline_into(&in, &in.functions[i]));
  return ALPA_OK;
}

static const alpa_option_def option_defs[] = {{.name = "max-ops",
                                               .help = "largest number of ops that a function may have afterwards",
                                               .kind = ALPA_OPTION_INT,
                                               .offset = offsetof(inline_options, max_ops),
                                               .initial = "4000000",
                                               .min = 1},
                                              {0}};

static const alpa_statistic_def statistics[] = {
    [INLINED] = {"inlined", "calls replaced"}, [COPIED] = {"copied", "ops copied"}, {0}};

const alpa_pass_def alpa_pass_inline = {
    .name = "inline",
    .summary = "replace calls by the bodies of the functions they call",
    .anchor = "builtin.module",
    .options = option_defs,
    .options_size = sizeof(inline_options),
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
