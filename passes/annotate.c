/* annotate: writes the shardings of a well-known plan on the arguments, for `propagate` to complete.
 *
 *   data      the batch is split, the state is on every device
 *   zero-2    also optimizer state is split along its largest dimension (Rajbhandari et al., ZeRO, SC'20: what is
 *             reduced into split state is reduce-scattered, so gradients are split too)
 *   zero-3    also weights are
 *   largest   every argument is split along its largest dimension
 *
 * State is what a result takes the place of (tf.aliasing_output); of it, weights are what the other results depend on.
 * The batch is dimension 0 of the other arguments. */
#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"
#include "passes/analysis/mesh_option.h"
#include "passes/analysis/state.h"
#include "passes/pass.h"

typedef struct annotate_options {
  const char *method, *mesh;
} annotate_options;

static const char *const methods[] = {"data", "zero-2", "zero-3", "largest", NULL};

#define FIELD(field) offsetof(annotate_options, field)
static const alpa_option_def option_defs[] = {
    {"method", "the plan", ALPA_OPTION_STRING, FIELD(method), "data", .choices = methods},
    {"mesh", "the mesh, 2x4 or data=2,model=4, where the module declares none", ALPA_OPTION_STRING, FIELD(mesh), "",
     .choices = NULL},
    {0},
};
#undef FIELD

typedef struct annotator {
  alpa_arena *arena;
  const alpa_mesh *mesh;
  alpa_op *func;
  alpa_states states;
  alpa_map live; /* values that the results outside of the state depend on */
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

static void mark(annotator *a, const alpa_value *value) { *alpa_map_insert(a->arena, &a->live, (uintptr_t)value, NULL) = 1; }

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

/* As many axes, in order, as divide the dimension. */
static alpa_state split(const annotator *a, const alpa_type *type, uint32_t dim, bool with_padding) {
  alpa_state state = alpa_state_get_replicated();
  int64_t parts = 1;
  for (uint32_t x = 0; x < a->mesh->n_axes; x++) {
    int64_t more = parts * a->mesh->axes[x].size;
    if (type->dims[dim] < more || (!with_padding && type->dims[dim] % more != 0))
      continue;
    state.place[x] = (int8_t)dim;
    parts = more;
  }
  return state;
}

/* The largest dimension that all axes divide, else the largest one. */
static uint32_t find_largest(const annotator *a, const alpa_type *type) {
  uint32_t best = 0;
  for (uint32_t d = 1; d < type->rank; d++) {
    bool is_even = type->dims[d] % a->mesh->n_devices == 0, best_is_even = type->dims[best] % a->mesh->n_devices == 0;
    if (is_even != best_is_even ? is_even : type->dims[d] > type->dims[best])
      best = d;
  }
  return best;
}

static alpa_state choose(const annotator *a, const char *method, uint32_t arg) {
  const alpa_value *value = alpa_func_entry(a->func)->args[arg];
  bool is_largest = strcmp(method, "largest") == 0;
  bool is_sharded_state = strcmp(method, "zero-3") == 0 || (strcmp(method, "zero-2") == 0 && !is_live(a, value));
  if (value->type->rank == 0)
    return alpa_state_get_replicated();
  if (is_largest || (is_state(a, arg) && is_sharded_state))
    return split(a, value->type, find_largest(a, value->type), false);
  if (!is_state(a, arg))
    return split(a, value->type, 0, true);
  return alpa_state_get_replicated();
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  const annotate_options *chosen = options;
  annotator a = {.arena = pass->arena};
  ALPA_TRY(alpa_mesh_option_apply(pass->arena, module, chosen->mesh, &a.mesh));
  ALPA_TRY(alpa_func_find_main(module, &a.func));
  a.states = (alpa_states){.arena = pass->arena, .mesh = a.mesh};
  ALPA_TRY(find_live(&a));
  const alpa_block *entry = alpa_func_entry(a.func);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    if (!alpa_type_is_static_tensor(entry->args[i]->type) || alpa_value_find_sharding(entry->args[i]))
      continue;
    alpa_state state = choose(&a, chosen->method, i);
    alpa_states_set(&a.states, entry->args[i], &state);
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
