/* annotate: writes the shardings of a well-known plan on the arguments, for `propagate` to complete.
 *
 *   data      the batch is split, the state is on every device
 *   zero-2    also optimizer state is split along its largest dimension (Rajbhandari et al., ZeRO, SC'20: what is
 *             reduced into split state is reduce-scattered, so gradients are split too)
 *   zero-3    also weights are
 *   largest   every argument is split along its largest dimension
 *
 * State is what a result takes the place of (tf.aliasing_output); of it, weights are what the other results depend on.
 * The batch is dimension 0 of the other arguments.  `split` adds shardings by name (Megatron, expert parallelism): of
 * every argument whose dotted name contains the part, state.0.blocks.1.mlp.up.kernel say.  The scopes are those of EPL
 * (Whale, ATC'22): what is computed in one is data parallel (replicate), or split along its last dimension. */
#include <stdlib.h>
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/mesh_option.h"
#include "passes/analysis/state.h"
#include "passes/pass.h"

typedef struct annotate_options {
  const char *method, *mesh;
  alpa_strings axes, split, replicate_scopes, split_scopes;
} annotate_options;

static const char *const methods[] = {"none", "data", "zero-2", "zero-3", "largest", NULL};

#define FIELD(field) offsetof(annotate_options, field)
static const alpa_option_def option_defs[] = {
    {"method", "the plan", ALPA_OPTION_STRING, FIELD(method), "data", .choices = methods},
    {"mesh", "the mesh, 2x4 or data=2,model=4, where the module declares none", ALPA_OPTION_STRING, FIELD(mesh), "",
     .choices = NULL},
    {"axes", "the axes that the method uses; all of them by default", ALPA_OPTION_STRINGS, FIELD(axes), "",
     .choices = NULL},
    {"split", "name:dimension:axis, ...: splits the arguments whose name contains this (name$: ends with it)",
     ALPA_OPTION_STRINGS, FIELD(split), "", .choices = NULL},
    {"replicate-scopes", "scope:axis, ...: marks contractions whose location names the scope with alpa.replicate",
     ALPA_OPTION_STRINGS, FIELD(replicate_scopes), "", .choices = NULL},
    {"split-scopes", "scope:axis, ...: marks contractions whose location names the scope with alpa.split",
     ALPA_OPTION_STRINGS, FIELD(split_scopes), "", .choices = NULL},
    {0},
};
#undef FIELD

typedef struct annotator {
  alpa_arena *arena;
  const alpa_mesh *mesh;
  alpa_op *func;
  const annotate_options *options;
  bool is_used[ALPA_MAX_AXES]; /* axes of the method */
  alpa_map live;               /* values that the results outside of the state depend on */
} annotator;

static bool is_state(const annotator *a, uint32_t arg) {
  return alpa_func_find_arg_attr(a->func, arg, "tf.aliasing_output") != NULL;
}

static bool is_state_result(const annotator *a, uint32_t result, uint32_t n_args) {
  for (uint32_t i = 0; i < n_args; i++) {
    const alpa_attr *alias = alpa_func_find_arg_attr(a->func, i, "tf.aliasing_output");
    if (alias && alias->integer == result)
      return true;
  }
  return false;
}

static void mark(annotator *a, const alpa_value *value) {
  *alpa_map_insert(a->arena, &a->live, (uintptr_t)value, NULL) = 1;
}

static bool is_live(const annotator *a, const alpa_value *value) {
  return alpa_map_find(&a->live, (uintptr_t)value) != NULL;
}

static alpa_status mark_operands(void *user, alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    mark(user, alpa_op_operand(op, i));
  return ALPA_OK;
}

/* Backwards over the body; an op with regions is taken as one. */
static alpa_status find_live(annotator *a) {
  const alpa_block *entry = alpa_func_entry(a->func);
  const alpa_op *end = alpa_block_terminator(entry);
  for (uint32_t i = 0; i < end->n_operands; i++)
    if (!is_state_result(a, i, entry->n_args))
      mark(a, alpa_op_operand(end, i));
  for (alpa_op *op = end->previous; op; op = op->previous) {
    bool is_needed = false;
    for (uint32_t i = 0; i < op->n_results; i++)
      is_needed = is_needed || is_live(a, &op->results[i]);
    if (is_needed)
      ALPA_TRY(alpa_op_walk(op, mark_operands, a));
  }
  return ALPA_OK;
}

/* ---- names ---- */

/* state[0]['mlp']['up'] as state.0.mlp.up, from the argument's location or the result that takes its place. */
static const char *find_name(const annotator *a, uint32_t arg) {
  const char *name = alpa_loc_find_name(alpa_func_entry(a->func)->args[arg]->loc);
  const alpa_attr *alias = alpa_func_find_arg_attr(a->func, arg, "tf.aliasing_output");
  if (name == NULL && alias) {
    const alpa_attr *info = alpa_func_find_result_attr(a->func, (uint32_t)alias->integer, "jax.result_info");
    if (info && info->kind == ALPA_ATTR_STRING)
      name = alpa_arena_strndup(a->arena, info->string.data, info->string.size);
  }
  if (name == NULL)
    return NULL;
  alpa_text text;
  alpa_text_init(&text, a->arena);
  for (; *name; name++)
    if (*name == '[')
      alpa_text_char(&text, '.');
    else if (!strchr("]'\"", *name))
      alpa_text_char(&text, *name);
  return alpa_text_finish(&text);
}

static bool is_match(const char *name, const char *part, size_t size) {
  bool is_end = size > 0 && part[size - 1] == '$';
  size -= is_end;
  size_t length = strlen(name);
  for (size_t at = 0; at + size <= length; at++)
    if (memcmp(name + at, part, size) == 0 && (!is_end || at + size == length))
      return true;
  return false;
}

static alpa_status find_axis(const annotator *a, const char *name, uint32_t *out_axis) {
  for (uint32_t x = 0; x < a->mesh->n_axes; x++)
    if (strcmp(a->mesh->axes[x].name, name) == 0) {
      *out_axis = x;
      return ALPA_OK;
    }
  return alpa_op_error(a->func, "cannot be annotated along axis '%s', which mesh @%s does not have", name,
                       a->mesh->name);
}

/* Adds what the option `split` says of an argument. */
static alpa_status split_by_name(const annotator *a, uint32_t arg, alpa_state *state) {
  const char *name = find_name(a, arg);
  const alpa_type *type = alpa_func_entry(a->func)->args[arg]->type;
  for (size_t i = 0; i < a->options->split.n && name; i++) {
    const char *rule = a->options->split.items[i], *dim = strchr(rule, ':'),
               *axis_name = dim ? strchr(dim + 1, ':') : NULL;
    uint32_t axis, at = axis_name ? (uint32_t)strtoul(dim + 1, NULL, 10) : 0;
    if (axis_name == NULL)
      return alpa_op_error(a->func, "cannot be annotated by '%s': expects name:dimension:axis", rule);
    if (!is_match(name, rule, (size_t)(dim - rule)))
      continue;
    ALPA_TRY(find_axis(a, axis_name + 1, &axis));
    if (at >= type->rank)
      return alpa_op_error(a->func, "cannot be annotated by '%s': argument %u, '%s', has %u dimensions", rule, arg,
                           name, type->rank);
    state->place[axis] = (int8_t)at;
  }
  return ALPA_OK;
}

/* ---- methods ---- */

/* As many free axes of the method, in order, as divide the dimension (or fit in it). */
static void split(const annotator *a, const alpa_type *type, uint32_t dim, bool with_padding, alpa_state *state) {
  int64_t parts = alpa_state_parts(a->mesh, state, (int)dim);
  for (uint32_t x = 0; x < a->mesh->n_axes; x++) {
    int64_t more = parts * a->mesh->axes[x].size;
    if (!a->is_used[x] || state->place[x] != ALPA_REPLICATED || type->dims[dim] < more ||
        (!with_padding && type->dims[dim] % more != 0))
      continue;
    state->place[x] = (int8_t)dim;
    parts = more;
  }
}

/* The largest dimension that the method's axes divide, else the largest one; what is split already comes last. */
static uint32_t find_largest(const annotator *a, const alpa_type *type, const alpa_state *state) {
  uint32_t best = 0;
  int64_t parts = 1, best_size = -1;
  for (uint32_t x = 0; x < a->mesh->n_axes; x++)
    parts *= a->is_used[x] ? a->mesh->axes[x].size : 1;
  for (uint32_t d = 0; d < type->rank; d++) {
    int64_t local = type->dims[d] / alpa_state_parts(a->mesh, state, (int)d);
    int64_t size = local % parts == 0 ? local : local - type->dims[d];
    if (size > best_size || d == 0) {
      best = d;
      best_size = size;
    }
  }
  return best;
}

static void warn_about_batch(const annotator *a, uint32_t arg, const alpa_type *type, const alpa_state *state) {
  for (uint32_t x = 0; x < a->mesh->n_axes; x++)
    if (a->is_used[x] && a->mesh->axes[x].size > 1 && state->place[x] == ALPA_REPLICATED)
      alpa_op_remark(a->func, "has a batch of %lld in argument %u, which is not split along axis '%s' of %lld",
                     (long long)type->dims[0], arg, a->mesh->axes[x].name, (long long)a->mesh->axes[x].size);
}

static void apply_method(const annotator *a, uint32_t arg, alpa_state *state) {
  const char *method = a->options->method;
  const alpa_value *value = alpa_func_entry(a->func)->args[arg];
  bool is_largest = strcmp(method, "largest") == 0;
  bool is_sharded_state = strcmp(method, "zero-3") == 0 || (strcmp(method, "zero-2") == 0 && !is_live(a, value));
  if (value->type->rank == 0 || strcmp(method, "none") == 0)
    return;
  if (is_largest || (is_state(a, arg) && is_sharded_state)) {
    split(a, value->type, find_largest(a, value->type, state), false, state);
  } else if (!is_state(a, arg)) {
    split(a, value->type, 0, true, state);
    warn_about_batch(a, arg, value->type, state);
  }
}

/* One list of scopes, as an attribute on the ops in them. */
typedef struct scope_marker {
  const annotator *annotator;
  const alpa_strings *scopes;
  const char *attr;
} scope_marker;

static alpa_status mark_scope(void *user, alpa_op *op) {
  const scope_marker *marker = user;
  const char *name = alpa_loc_find_name(op->loc);
  bool is_contraction = stablehlo_is(op, STABLEHLO_dot_general) || stablehlo_is(op, STABLEHLO_convolution);
  for (size_t i = 0; i < marker->scopes->n && name && is_contraction; i++) {
    const char *scope = marker->scopes->items[i], *axis = strchr(scope, ':');
    if (axis == NULL)
      return alpa_op_error(marker->annotator->func, "cannot be annotated by '%s': expects scope:axis", scope);
    if (is_match(name, scope, (size_t)(axis - scope)))
      alpa_op_set_attr(op, marker->attr, alpa_attr_get_string(op->module->ctx, axis + 1));
  }
  return ALPA_OK;
}

static alpa_status mark_scopes(const annotator *a) {
  scope_marker replicate = {a, &a->options->replicate_scopes, "alpa.replicate"};
  scope_marker split_ = {a, &a->options->split_scopes, "alpa.split"};
  ALPA_TRY(alpa_op_walk(a->func, mark_scope, &replicate));
  return alpa_op_walk(a->func, mark_scope, &split_);
}

static alpa_status find_used_axes(annotator *a) {
  for (uint32_t x = 0; x < a->mesh->n_axes; x++)
    a->is_used[x] = a->options->axes.n == 0;
  for (size_t i = 0; i < a->options->axes.n; i++) {
    uint32_t axis;
    ALPA_TRY(find_axis(a, a->options->axes.items[i], &axis));
    a->is_used[axis] = true;
  }
  return ALPA_OK;
}

/* Where the method splits state, that spreads after the batch and the named splits have: it is storage, and gathered
 * where the computation wants it. */
static void write_sharding(const annotator *a, uint32_t arg, const alpa_state *state, const alpa_state *named) {
  alpa_value *value = alpa_func_entry(a->func)->args[arg];
  alpa_sharding sharding = alpa_state_write(a->arena, a->mesh, value->type->rank, state);
  for (uint32_t d = 0; d < sharding.rank && is_state(a, arg); d++)
    if (alpa_state_parts(a->mesh, state, (int)d) != alpa_state_parts(a->mesh, named, (int)d))
      sharding.dims[d].priority = 1;
  alpa_value_set_sharding(value, alpa_sharding_encode(a->func->module->ctx, &sharding));
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  annotator a = {.arena = pass->arena, .options = options};
  ALPA_TRY(alpa_mesh_option_apply(pass->arena, module, a.options->mesh, &a.mesh));
  ALPA_TRY(alpa_func_find_main(module, &a.func));
  ALPA_TRY(find_used_axes(&a));
  ALPA_TRY(mark_scopes(&a));
  ALPA_TRY(find_live(&a));
  const alpa_block *entry = alpa_func_entry(a.func);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    alpa_state state = alpa_state_get_replicated();
    if (!alpa_type_is_static_tensor(entry->args[i]->type) || alpa_value_find_sharding(entry->args[i]))
      continue;
    ALPA_TRY(split_by_name(&a, i, &state));
    alpa_state named = state;
    apply_method(&a, i, &state);
    /* Without a method, what nobody named is left to propagation. */
    alpa_state nothing = alpa_state_get_replicated();
    if (strcmp(a.options->method, "none") != 0 || !alpa_state_is_equal(a.mesh, &state, &nothing))
      write_sharding(&a, i, &state, &named);
  }
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_annotate = {
    .name = "annotate",
    .summary = "writes the shardings of a well-known plan on the arguments",
    .anchor = "builtin.module",
    .options = option_defs,
    .options_size = sizeof(annotate_options),
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
