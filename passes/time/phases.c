/* Phases by states. */
#include "passes/time/phases.h"

#include "dialects/func/func.h"

const char *const alpa_phase_names[] = {
#define X(ID, spelling) [ALPA_PHASE_##ID] = spelling,
    ALPA_PHASE_TABLE(X)
#undef X
};

/* Whether an op in the body gives a value that the op, or one inside, reads: so it must stand there, too. */
static bool reads_body(const alpa_phases *phases, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_op *source = alpa_op_operand(op, i)->op;
    if (source && source->block == alpa_func_entry(phases->times->func) &&
        phases->phases[source->number] == ALPA_PHASE_BODY)
      return true;
  }
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_op *inner = alpa_region_block(&op->regions[r])->first; inner; inner = inner->next)
      if (reads_body(phases, inner))
        return true;
  return false;
}

/* Of an invariant op, the prologue for now. */
static alpa_phase phase_of(const alpa_phases *phases, const bool *in_body, const alpa_op *op) {
  bool is_complete = alpa_op_has(op, ALPA_TERMINATOR), is_partial = false;
  if (phases->times->lifted[op->number])
    return ALPA_PHASE_PROLOGUE;
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_time_kind kind = alpa_times_get(phases->times, &op->results[i]).kind;
    if (kind == ALPA_TIME_SHARDED || in_body[op->results[i].number])
      return ALPA_PHASE_BODY;
    is_complete = is_complete || kind == ALPA_TIME_COMPLETE;
    is_partial = is_partial || kind == ALPA_TIME_PARTIAL;
  }
  if (is_complete || is_partial)
    return ALPA_PHASE_EPILOGUE;
  return reads_body(phases, op) ? ALPA_PHASE_BODY : ALPA_PHASE_PROLOGUE;
}

void alpa_phases_find(alpa_times *times, alpa_phases *out_phases) {
  alpa_phases phases = {.times = times, .phases = alpa_arena_new(times->arena, uint8_t, times->n_ops)};
  const bool *in_body = alpa_phases_cut(times);
  for (const alpa_op *op = alpa_func_entry(times->func)->first; op; op = op->next)
    phases.phases[op->number] = (uint8_t)phase_of(&phases, in_body, op);
  alpa_phases_sink(&phases);
  *out_phases = phases;
}

bool alpa_phases_is_carried(const alpa_phases *phases, const alpa_value *value) {
  if (value->op == NULL || phases->phases[value->op->number] != ALPA_PHASE_BODY)
    return false;
  for (const alpa_use *use = value->uses; use; use = use->next)
    if (phases->phases[alpa_times_outermost(phases->times, use->owner)->number] == ALPA_PHASE_EPILOGUE)
      return true;
  return false;
}

void alpa_phases_strip(alpa_op *op) {
  alpa_op_set_attr(op, "alpa.time", NULL);
  alpa_op_set_attr(op, "alpa.accumulates", NULL);
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (alpa_op *inner = op->regions[r].first ? op->regions[r].first->first : NULL; inner; inner = inner->next)
      alpa_phases_strip(inner);
}
