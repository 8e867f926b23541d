/* outline: cuts the program of every stage into segments, each a nested module with a function of its own.
 *
 *   module @stage0 {
 *     sdy.mesh @mesh = <["a"=2]>
 *     module @forward attributes {alpa.phase = "forward"} { sdy.mesh ...  func.func @main(...) }
 *     module @backward ...
 *     module @epilogue ...
 *   }
 *
 * A schedule runs forward and backward once per micro-batch, in any order that the wiring of their arguments and
 * results allows (dialects/alpa/alpa.h).  What is cut and what is computed again: segments.h.  Requires split-stages;
 * shardings are kept.  Linear in the number of ops times the number of segments. */
#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/sdy/sdy.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/state.h"
#include "passes/outline/nested.h"
#include "passes/outline/ownership.h"
#include "passes/outline/segments.h"
#include "passes/pass.h"

typedef struct outline_options {
  bool split_backward;
} outline_options;

enum { SEGMENTS, LOCALS };
static const alpa_statistic_def statistics[] = {
    [SEGMENTS] = {"segments", "functions made"}, [LOCALS] = {"locals", "values that pass between segments"}, {0}};

typedef struct outliner {
  const alpa_segments *segments;
  const alpa_segment *at;
  alpa_states *states;
  alpa_nested nested;
  bool *is_cloned; /* by op number */
  ALPA_VEC(alpa_op *) waiting;
} outliner;

/* ---- one segment ------------------------------------------------------------------------------------------------- */

/* The wiring with the value's sharding, where it has one. */
static alpa_status add_sharding(outliner *o, alpa_value *value, const alpa_attr **wiring) {
  const alpa_state *state = NULL;
  if (!o->states->mesh || !alpa_type_is_static_tensor(value->type))
    return ALPA_OK;
  ALPA_TRY(alpa_states_find(o->states, value, &state));
  if (state)
    *wiring = alpa_wire(&o->nested, *wiring, "sdy.sharding",
                        alpa_states_encode(o->states, o->nested.module->ctx, value->type->rank, state));
  return ALPA_OK;
}

static alpa_status add_args(outliner *o) {
  for (size_t i = 0; i < o->at->inputs.n; i++) {
    const alpa_segment_input *input = &o->at->inputs.items[i];
    const alpa_attr *wiring = input->wiring;
    bool is_number = alpa_attr_find(wiring, ALPA_MICROBATCH) != NULL; /* every device has all of it */
    if (!is_number)
      ALPA_TRY(add_sharding(o, input->value, &wiring));
    alpa_nested_add_arg(&o->nested, input->value, wiring);
  }
  return ALPA_OK;
}

/* The attributes that say where an op belongs have done their work; without them equal kernels are equal. */
static void clone_op(outliner *o, alpa_op *op) {
  static const char *const placement[] = {"alpa.accumulates", "alpa.forward", "alpa.layer", "alpa.level",
                                          "alpa.phase",       "alpa.stage",   "alpa.time"};
  alpa_outer_values used = {0};
  alpa_op_outer_values(o->segments->arena, op, &used);
  for (size_t i = 0; i < used.n; i++)
    if (alpa_segments_origin(o->segments, used.items[i]) != used.items[i])
      alpa_value_map_set(&o->nested.values, used.items[i],
                         alpa_value_map_get(&o->nested.values, alpa_segments_origin(o->segments, used.items[i])));
  alpa_op *clone = alpa_op_clone(o->nested.module, op, &o->nested.values);
  for (size_t i = 0; i < countof(placement); i++)
    alpa_op_set_attr(clone, placement[i], NULL);
  alpa_op_insert(clone, o->nested.entry, NULL);
}

/* An op that `op` waits for, or NULL. */
static alpa_op *find_missing(const outliner *o, alpa_op *op) {
  alpa_outer_values used = {0};
  alpa_op_outer_values(o->segments->arena, op, &used);
  for (size_t i = 0; i < used.n; i++) {
    alpa_op *from = alpa_segments_origin(o->segments, used.items[i])->op;
    if (from && from != o->segments->loop && o->at->needed[from->number] && !o->is_cloned[from->number])
      return from;
  }
  return NULL;
}

/* The op, and in front of it what it needs that is computed in several segments: what is computed again lives no longer
 * than it must. */
static void clone_with_needs(outliner *o, alpa_op *op) {
  alpa_vec_push(o->segments->arena, &o->waiting, op);
  while (o->waiting.n) {
    alpa_op *next = o->waiting.items[o->waiting.n - 1], *missing = find_missing(o, next);
    if (missing) {
      alpa_vec_push(o->segments->arena, &o->waiting, missing);
      continue;
    }
    if (!o->is_cloned[next->number])
      clone_op(o, next);
    o->is_cloned[next->number] = true;
    o->waiting.n--;
  }
}

static void clone_block(outliner *o, alpa_block *block) {
  for (alpa_op *op = block->first; op != block->last; op = op->next)
    if (op == o->segments->loop)
      clone_block(o, o->segments->body);
    else if (o->at->needed[op->number] && o->segments->phase[op->number] == (int8_t)o->at->phase)
      clone_with_needs(o, op);
}

static void clone_ops(outliner *o) {
  o->is_cloned = alpa_arena_new(o->segments->arena, bool, o->segments->n_ops);
  clone_block(o, alpa_func_entry(o->segments->func));
  for (size_t i = 0; i < o->at->outputs.n; i++) {
    alpa_op *from = o->at->outputs.items[i].value->op;
    if (from && from != o->segments->loop && o->at->needed[from->number])
      clone_with_needs(o, from);
  }
}

static alpa_status add_results(outliner *o) {
  for (size_t i = 0; i < o->at->outputs.n; i++) {
    const alpa_segment_output *output = &o->at->outputs.items[i];
    const alpa_attr *wiring = output->wiring;
    if (output->like)
      ALPA_TRY(add_sharding(o, output->like, &wiring));
    alpa_nested_add_result(&o->nested, alpa_value_map_get(&o->nested.values, output->value), wiring);
  }
  return ALPA_OK;
}

static bool is_used_later(const alpa_segments *s, const alpa_segment *at, const alpa_value *value) {
  for (const alpa_segment *later = at + 1; later < s->items.items + s->items.n; later++)
    for (size_t i = 0; i < later->inputs.n; i++)
      if (later->inputs.items[i].value == value)
        return true;
  return false;
}

/* Whether output k takes the place of input i: a carried value of its next, an argument that nothing reads any more of
 * the program's result that replaces it. */
static bool is_replaced_by(const outliner *o, const alpa_segment_input *input, const alpa_segment_output *output) {
  if (output->input)
    return output->input == input->value;
  const alpa_value *arg = input->value;
  const alpa_attr *number = alpa_attr_find(output->wiring, ALPA_RESULT);
  if (arg->op || arg->block != alpa_func_entry(o->segments->func) || !number || is_used_later(o->segments, o->at, arg))
    return false;
  const alpa_attr *alias = alpa_func_find_arg_attr(o->segments->func, arg->index, "tf.aliasing_output");
  const alpa_attr *replaced =
      alias ? alpa_func_find_result_attr(o->segments->func, (uint32_t)alias->integer, ALPA_RESULT) : NULL;
  return replaced == number &&
         alpa_attr_find(input->wiring, ALPA_OFFSET) == alpa_attr_find(output->wiring, ALPA_OFFSET);
}

static void alias_results(outliner *o) {
  const alpa_type *i32 = alpa_type_get_scalar(o->nested.module->ctx, ALPA_I32);
  for (uint32_t i = 0; i < o->at->inputs.n; i++)
    for (uint32_t k = 0; k < o->at->outputs.n; k++)
      if (is_replaced_by(o, &o->at->inputs.items[i], &o->at->outputs.items[k]))
        alpa_func_set_arg_attr(o->nested.func, i, "tf.aliasing_output",
                               alpa_attr_get_integer(o->nested.module->ctx, i32, k));
}

static alpa_status build_segment(outliner *o, alpa_op *stage) {
  alpa_nested_begin(&o->nested, o->segments->arena, o->segments->func, o->at->name);
  alpa_context *ctx = o->nested.module->ctx;
  alpa_op_set_attr(o->nested.op, "alpa.phase", alpa_attr_get_string(ctx, alpa_phase_name(o->at->phase)));
  if (o->at->level)
    alpa_op_set_attr(o->nested.op, "alpa.level", alpa_attr_get_i64(ctx, o->at->level));
  ALPA_TRY(add_args(o));
  clone_ops(o);
  ALPA_TRY(add_results(o));
  alpa_nested_end(&o->nested);
  alias_results(o);
  if (o->states->mesh)
    alpa_mesh_declare(o->nested.op, o->states->mesh);
  alpa_op_insert(o->nested.op, alpa_region_block(&stage->regions[0]), NULL);
  return ALPA_OK;
}

/* ---- the pass ---------------------------------------------------------------------------------------------------- */

static alpa_status outline_stage(alpa_op *stage, const outline_options *options, alpa_pass_context *pass) {
  alpa_op *func = NULL;
  alpa_segments segments;
  alpa_states states = {.arena = pass->arena};
  ALPA_TRY(alpa_func_find_main(stage, &func));
  ALPA_TRY(alpa_mesh_find(pass->arena, stage, &states.mesh));
  ALPA_TRY(alpa_segments_find(pass->arena, func, options->split_backward, &segments));
  for (size_t i = 0; i < segments.items.n; i++) {
    outliner o = {.segments = &segments, .at = &segments.items.items[i], .states = &states};
    if (o.at->outputs.n == 0)
      continue;
    ALPA_TRY(build_segment(&o, stage));
    pass->counters[SEGMENTS]++;
    pass->counters[LOCALS] += (int64_t)o.at->outputs.n;
  }
  alpa_op_erase(func);
  return ALPA_OK;
}

static alpa_status run(alpa_op *module, const void *given, alpa_pass_context *pass) {
  bool is_any = false;
  for (alpa_op *op = alpa_region_block(&module->regions[0])->first; op; op = op->next) {
    if (!alpa_op_find_attr(op, "alpa.devices"))
      continue;
    is_any = true;
    ALPA_TRY(outline_stage(op, given, pass));
  }
  return is_any ? ALPA_OK : alpa_op_error(module, "has no stages to cut; run 'split-stages' first");
}

#define FIELD(field) offsetof(outline_options, field)
static const alpa_option_def options[] = {{"split-backward",
                                           "separates the gradients of weights from those that other stages wait for",
                                           ALPA_OPTION_BOOL, FIELD(split_backward), "false", 0, 0, NULL},
                                          {0}};
#undef FIELD

extern const alpa_pass_def alpa_pass_outline;
const alpa_pass_def alpa_pass_outline = {.name = "outline",
                                         .summary = "cuts the programs of stages into segments: functions of a phase",
                                         .anchor = "builtin.module",
                                         .options = options,
                                         .options_size = sizeof(outline_options),
                                         .statistics = statistics,
                                         .preserves = ALPA_HAS_ALL,
                                         .establishes = ALPA_HAS_OUTLINED,
                                         .run = run};
