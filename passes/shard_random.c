/* shard-random: gives every value a random state on a mesh.  Any assignment of states is a right program, so this is
 * what partitioning is tested with: every op under shardings that nobody would choose, padded and partial ones
 * included.  Deterministic in the seed. */
#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "passes/analysis/factors.h"
#include "passes/analysis/mesh_option.h"
#include "passes/analysis/state.h"
#include "passes/pass.h"

typedef struct shard_random_options {
  int64_t seed;
  const char *mesh;
  bool partial, padding;
} shard_random_options;

#define FIELD(field) offsetof(shard_random_options, field)
static const alpa_option_def option_defs[] = {
    {"seed", "which random assignment", ALPA_OPTION_INT, FIELD(seed), "0", .min = 0},
    {"mesh", "the mesh, 2x4 or data=2,model=4, where the module declares none", ALPA_OPTION_STRING, FIELD(mesh), "",
     .choices = NULL},
    {"partial", "values may be partial", ALPA_OPTION_BOOL, FIELD(partial), "true", .min = 0},
    {"padding", "the parts need not divide a dimension", ALPA_OPTION_BOOL, FIELD(padding), "true", .min = 0},
    {0},
};
#undef FIELD

typedef struct drawing {
  const shard_random_options *options;
  alpa_arena *arena;
  alpa_states states;
  uint64_t random;
} drawing;

static uint64_t draw(drawing *d, uint64_t n) {
  d->random = alpa_hash_mix(d->random, 0xA5A5);
  return (d->random >> 11) % n;
}

static alpa_partial_kind draw_kind(drawing *d, const alpa_type *type) {
  if (alpa_type_class(type) == ALPA_CLASS_BOOL)
    return draw(d, 2) ? ALPA_PARTIAL_MAX : ALPA_PARTIAL_MIN;
  bool is_ordered = alpa_type_class(type) != ALPA_CLASS_COMPLEX;
  uint64_t number = draw(d, 8);
  return number == 0 && is_ordered ? ALPA_PARTIAL_MAX : number == 1 && is_ordered ? ALPA_PARTIAL_MIN : ALPA_PARTIAL_SUM;
}

static bool can_split(const drawing *d, const alpa_type *type, const alpa_state *state, uint32_t dim, uint32_t axis) {
  const alpa_mesh *mesh = d->states.mesh;
  int64_t parts = alpa_state_parts(mesh, state, (int)dim) * mesh->axes[axis].size;
  return type->dims[dim] >= parts && (d->options->padding || type->dims[dim] % parts == 0);
}

static alpa_state draw_state(drawing *d, const alpa_type *type, bool may_be_partial) {
  alpa_state state = alpa_state_get_replicated();
  state.kind = draw_kind(d, type);
  for (uint32_t a = 0; a < d->states.mesh->n_axes; a++) {
    uint64_t number = draw(d, 20);
    if (number < 12 && type->rank > 0) {
      uint32_t dim = (uint32_t)draw(d, type->rank);
      state.order[a] = (uint8_t)draw(d, 2) ? (uint8_t)a : (uint8_t)(2 * ALPA_MAX_AXES - a);
      if (can_split(d, type, &state, dim, a))
        state.place[a] = (int8_t)dim;
    } else if (number < 15 && may_be_partial && d->options->partial) {
      state.place[a] = ALPA_PARTIAL;
    }
  }
  return state;
}

static void draw_value(drawing *d, alpa_value *value, bool may_be_partial) {
  if (!alpa_type_is_static_tensor(value->type))
    return;
  alpa_state state = draw_state(d, value->type, may_be_partial);
  alpa_states_set(&d->states, value, &state);
}

static void draw_block(drawing *d, alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next) {
    const alpa_factor_rule *rule = alpa_factors_get(d->arena, op);
    for (uint32_t i = 0; i < op->n_results; i++)
      draw_value(d, &op->results[i], true);
    bool is_entered = rule->form == ALPA_RULE_TIED || rule->form == ALPA_RULE_BRANCH;
    for (uint32_t r = 0; r < op->n_regions && is_entered; r++)
      if (op->regions[r].first)
        draw_block(d, op->regions[r].first);
  }
}

/* The argument whose place a result takes: it lies the same way, so that the program can run again on its state. */
static const alpa_value *find_donor(const alpa_op *func, uint32_t result) {
  const alpa_block *entry = alpa_func_entry(func);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    const alpa_attr *alias = alpa_func_find_arg_attr(func, i, "tf.aliasing_output");
    if (alias && alias->integer == result)
      return entry->args[i];
  }
  return NULL;
}

static void draw_func(drawing *d, alpa_op *func) {
  alpa_block *entry = alpa_func_entry(func);
  alpa_context *ctx = func->module->ctx;
  for (uint32_t i = 0; i < entry->n_args; i++)
    draw_value(d, entry->args[i], false);
  draw_block(d, entry);
  const alpa_op *end = alpa_block_terminator(entry);
  for (uint32_t i = 0; i < end->n_operands; i++) {
    const alpa_type *type = alpa_op_operand_type(end, i);
    const alpa_value *donor = find_donor(func, i);
    alpa_state state = draw_state(d, type, false);
    alpa_func_set_result_sharding(
        func, i, donor ? alpa_value_find_sharding(donor) : alpa_states_encode(&d->states, ctx, type->rank, &state));
  }
}

static alpa_status run(alpa_op *module, const void *options, alpa_pass_context *pass) {
  drawing d = {.options = options, .arena = pass->arena, .states = {.arena = pass->arena}};
  alpa_op *func = NULL;
  d.random = alpa_hash_mix((uint64_t)d.options->seed, 0x5EED);
  ALPA_TRY(alpa_mesh_option_apply(pass->arena, module, d.options->mesh, &d.states.mesh));
  ALPA_TRY(alpa_func_find_main(module, &func));
  draw_func(&d, func);
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_shard_random = {
    .name = "shard-random",
    .summary = "gives every value a random sharding, to test what comes after",
    .anchor = "builtin.module",
    .options = option_defs,
    .options_size = sizeof(shard_random_options),
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_SHARDINGS,
    .run = run,
};
