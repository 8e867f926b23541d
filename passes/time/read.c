/* States and phases from attributes. */
#include <string.h>

#include "dialects/func/func.h"
#include "passes/time/loop.h"

typedef struct reader {
  alpa_times *times;
  alpa_phases *phases;
} reader;

static alpa_status read_states(const reader *r, const alpa_op *op) {
  const alpa_attr *list = alpa_op_find_attr(op, "alpa.time");
  if (op->n_results == 0)
    return ALPA_OK;
  if (list == NULL || list->kind != ALPA_ATTR_ARRAY || list->array.n != op->n_results)
    return alpa_op_error(op, "expects 'alpa.time' to be a list of %u state%s: run 'microbatch' first", op->n_results,
                         op->n_results == 1 ? "" : "s");
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_time time = {0};
    const alpa_attr *state = list->array.items[i];
    if (!alpa_time_decode(state, &time) ||
        (time.kind == ALPA_TIME_SHARDED && time.dim >= (int64_t)op->results[i].type->rank))
      return alpa_op_error(op,
                           "expects state %u of 'alpa.time' to be invariant, sharded<dimension>, partial<sum, max or "
                           "min> or complete",
                           i);
    if (time.kind == ALPA_TIME_SHARDED && op->results[i].type->dims[time.dim] % r->times->count)
      return alpa_op_error(
          op, "has dimension %d of result %u, of %lld, split over %lld micro-batches, which do not divide it", time.dim,
          i, (long long)op->results[i].type->dims[time.dim], (long long)r->times->count);
    r->times->states[op->results[i].number] = time;
    r->times->viewable[op->results[i].number] = r->times->rules[op->number]->form == ALPA_RULE_FACTORS;
  }
  return ALPA_OK;
}

/* Arguments of regions have the states of the results that they are tied to. */
static void tie_args(const reader *r, const alpa_op *op) {
  for (uint32_t k = 0; k < op->n_regions; k++) {
    const alpa_block *block = alpa_region_block(&op->regions[k]);
    for (uint32_t i = 0; i < block->n_args && i < op->n_results; i++)
      r->times->states[block->args[i]->number] = r->times->states[op->results[i].number];
  }
}

static void read_rules(const reader *r, const alpa_block *block) {
  for (const alpa_op *op = block->first; op; op = op->next) {
    r->times->rules[op->number] = alpa_factors_get(r->times->arena, op);
    for (uint32_t k = 0; k < op->n_regions; k++)
      if (op->regions[k].first)
        read_rules(r, op->regions[k].first);
  }
}

/* An op of the body, with what is inside of loops and branches: only those of the body are taken apart. */
static alpa_status read_body(const reader *r, const alpa_op *op) {
  if (alpa_op_has(op, ALPA_TERMINATOR))
    return ALPA_OK;
  ALPA_TRY(read_states(r, op));
  if (r->times->rules[op->number]->form == ALPA_RULE_FACTORS)
    return ALPA_OK;
  tie_args(r, op);
  for (uint32_t k = 0; k < op->n_regions; k++)
    for (const alpa_op *inner = alpa_region_block(&op->regions[k])->first; inner; inner = inner->next)
      ALPA_TRY(read_body(r, inner));
  return ALPA_OK;
}

static alpa_status read_phase(const reader *r, const alpa_op *op) {
  const alpa_attr *attr = alpa_op_find_attr(op, "alpa.phase");
  r->phases->phases[op->number] = ALPA_PHASE_EPILOGUE;
  if (alpa_op_has(op, ALPA_TERMINATOR))
    return ALPA_OK;
  for (uint8_t k = 0; attr && attr->kind == ALPA_ATTR_STRING && k <= ALPA_PHASE_EPILOGUE; k++)
    if (strlen(alpa_phase_names[k]) == attr->string.size &&
        memcmp(alpa_phase_names[k], attr->string.data, attr->string.size) == 0) {
      r->phases->phases[op->number] = k;
      return ALPA_OK;
    }
  return alpa_op_error(op, "expects 'alpa.phase' to be prologue, body or epilogue: run 'microbatch' first");
}

/* Phases run one after the other: an op reads nothing of a later one. */
static alpa_status check_order(const reader *r, const alpa_op *at, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_op *source = alpa_op_operand(op, i)->op;
    if (source == NULL || source->block != at->block)
      continue;
    uint8_t phase = r->phases->phases[at->number], other = r->phases->phases[source->number];
    bool is_viewed = phase == ALPA_PHASE_BODY && other == ALPA_PHASE_EPILOGUE; /* read as a local view */
    if (other > phase && !is_viewed)
      return alpa_op_error(at, "is in the %s, but reads what '%s' computes in the %s", alpa_phase_names[phase],
                           source->def->name, alpa_phase_names[other]);
  }
  for (uint32_t k = 0; k < op->n_regions; k++)
    for (const alpa_op *inner = alpa_region_block(&op->regions[k])->first; inner; inner = inner->next)
      ALPA_TRY(check_order(r, at, inner));
  return ALPA_OK;
}

static alpa_status read_args(const reader *r, const alpa_op *func) {
  const alpa_block *entry = alpa_func_entry(func);
  for (uint32_t i = 0; i < entry->n_args; i++) {
    const alpa_attr *attr = alpa_func_find_arg_attr(func, i, "alpa.time");
    alpa_time *time = &r->times->states[entry->args[i]->number];
    if (attr == NULL || !alpa_time_decode(attr, time) ||
        (time->kind == ALPA_TIME_SHARDED && time->dim >= (int64_t)entry->args[i]->type->rank))
      return alpa_op_error(func, "expects 'alpa.time' of argument %u to be invariant or sharded<dimension>", i);
  }
  return ALPA_OK;
}

alpa_status alpa_phases_read(alpa_arena *arena, alpa_op *func, int64_t count, alpa_times *out_times,
                             alpa_phases *out_phases) {
  alpa_times times = {.arena = arena, .func = func, .count = count, .has_local_views = true};
  alpa_op_number(func, &times.n_ops, &times.n_values);
  times.states = alpa_arena_new(arena, alpa_time, times.n_values);
  times.rules = alpa_arena_new(arena, const alpa_factor_rule *, times.n_ops);
  times.viewable = alpa_arena_new(arena, bool, times.n_values);
  alpa_phases phases = {.times = out_times, .phases = alpa_arena_new(arena, uint8_t, times.n_ops)};
  reader r = {&times, &phases};
  read_rules(&r, alpa_func_entry(func));
  ALPA_TRY(read_args(&r, func));
  for (const alpa_op *op = alpa_func_entry(func)->first; op; op = op->next) {
    ALPA_TRY(read_phase(&r, op));
    ALPA_TRY(phases.phases[op->number] == ALPA_PHASE_BODY ? read_body(&r, op) : read_states(&r, op));
    ALPA_TRY(check_order(&r, op, op));
  }
  *out_times = times;
  *out_phases = phases;
  return ALPA_OK;
}
