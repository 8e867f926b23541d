/* Phases of invariant ops, and sinking: one walk backwards with what is needed of every value.
 *
 * A value of which the body needs only its own part of the batch is computed part by part in the body, as long as the
 * op that gives it has the factor; so are its operands in turn.  A loop sinks if all values that it carries along the
 * batch agree (the rounds of a random generator); that is tried, and undone where it fails. */
#include <string.h>

#include "dialects/func/func.h"
#include "passes/time/phases.h"

/* What prologue and body need of an invariant value: nothing, all of it, or dimension d in parts. */
enum { NEED_NOTHING = -1, NEED_WHOLE = -2 };

typedef struct undo {
  const alpa_value *value;
  int8_t need;
  alpa_time time;
} undo;

typedef struct sinker {
  alpa_phases *phases;
  alpa_times *times;
  alpa_arena *arena;
  int8_t *needs;      /* by number of a value */
  bool *needed_after; /* by number of a value: the epilogue reads it */
  ALPA_VEC(undo) undos;
} sinker;

static alpa_time time_of(const sinker *s, const alpa_value *value) { return alpa_times_get(s->times, value); }

static void record(sinker *s, const alpa_value *value) {
  alpa_vec_push(s->arena, &s->undos, (undo){value, s->needs[value->number], time_of(s, value)});
}

static void roll_back(sinker *s, size_t n) {
  while (s->undos.n > n) {
    const undo *last = &s->undos.items[--s->undos.n];
    s->needs[last->value->number] = last->need;
    s->times->states[last->value->number] = last->time;
  }
}

static void need(sinker *s, const alpa_value *value, int dim) {
  int8_t *known = &s->needs[value->number];
  int8_t wanted = dim < 0 ? NEED_WHOLE : (int8_t)dim;
  if (*known == wanted || *known == NEED_WHOLE)
    return;
  record(s, value);
  *known = *known == NEED_NOTHING ? wanted : NEED_WHOLE;
}

static void set_time(sinker *s, const alpa_value *value, int dim) {
  record(s, value);
  s->times->states[value->number] = (alpa_time){.kind = ALPA_TIME_SHARDED, .dim = (int8_t)dim};
}

static const alpa_block *block_of(const alpa_op *op, uint32_t r) { return alpa_region_block(&op->regions[r]); }

/* ---- what ops of the body need ---- */

/* The dimension along which a value in that state is split, or none. */
static int split_dim(alpa_time time) { return time.kind == ALPA_TIME_SHARDED ? time.dim : ALPA_NO_DIM; }

static void need_in_body(sinker *s, const alpa_op *op);

static bool sink_op(sinker *s, const alpa_op *op);

static void need_whole(sinker *s, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    need(s, alpa_op_operand(op, i), NEED_WHOLE);
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_op *inner = block_of(op, r)->first; inner; inner = inner->next)
      need_whole(s, inner);
}

static bool is_invariant(const sinker *s, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (!alpa_time_is_invariant(time_of(s, &op->results[i])))
      return false;
  return true;
}

/* What regions yield is needed already.  Invariant ops inside are sunk on the spot. */
static void need_in_regions(sinker *s, const alpa_op *op) {
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_op *inner = block_of(op, r)->last; inner; inner = inner->previous) {
      if (alpa_op_has(inner, ALPA_TERMINATOR))
        continue;
      if (!is_invariant(s, inner))
        need_in_body(s, inner);
      else if (!sink_op(s, inner))
        need_whole(s, inner);
    }
}

/* What complete operands are computed from is read whole for their local views. */
static void need_for_view(sinker *s, const alpa_value *value) {
  need(s, value, NEED_WHOLE);
  if (time_of(s, value).kind == ALPA_TIME_COMPLETE && value->op)
    for (uint32_t i = 0; i < value->op->n_operands; i++)
      if (s->needs[alpa_op_operand(value->op, i)->number] != NEED_WHOLE)
        need_for_view(s, alpa_op_operand(value->op, i));
}

static void need_by_factor(sinker *s, const alpa_op *op) {
  const char *reason = NULL;
  int choice = alpa_times_choose(s->times, op, &reason);
  const alpa_factor *factor = choice >= 0 ? &s->times->rules[op->number]->factors[choice] : NULL;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    if (factor && alpa_times_reads_view(s->times, op, choice, i))
      need_for_view(s, alpa_op_operand(op, i));
    else
      need(s, alpa_op_operand(op, i), factor ? factor->operand_dims[i] : ALPA_NO_DIM);
  }
  need_in_regions(s, op);
}

/* What regions yield has the state of the results; `first` leaves out regions that yield a predicate. */
static void need_yielded(sinker *s, const alpa_op *op, uint32_t first) {
  for (uint32_t r = 0; r < op->n_regions; r++) {
    const alpa_op *end = block_of(op, r)->last;
    for (uint32_t i = 0; i < end->n_operands; i++)
      need(s, alpa_op_operand(end, i), r < first ? NEED_WHOLE : split_dim(time_of(s, &op->results[i])));
  }
}

static void need_in_body(sinker *s, const alpa_op *op) {
  switch (s->times->rules[op->number]->form) {
  case ALPA_RULE_FACTORS:
    need_by_factor(s, op);
    break;
  case ALPA_RULE_TIED:
    for (uint32_t i = 0; i < op->n_operands; i++)
      need(s, alpa_op_operand(op, i), split_dim(time_of(s, &op->results[i])));
    need_yielded(s, op, op->n_regions ? op->n_regions - 1 : 0);
    need_in_regions(s, op);
    break;
  case ALPA_RULE_BRANCH:
    for (uint32_t i = 0; i < op->n_operands; i++)
      need(s, alpa_op_operand(op, i), NEED_WHOLE);
    need_yielded(s, op, 0);
    need_in_regions(s, op);
    break;
  case ALPA_RULE_YIELD: /* by the op around it */
  case ALPA_RULE_NONE:
    break;
  }
}

/* ---- sinking ---- */

/* The factor by which all needed results are needed in parts, or ALPA_NO_FACTOR. */
static int32_t find_factor(const sinker *s, const alpa_op *op, const alpa_factor_rule *rule) {
  int32_t found = ALPA_NO_FACTOR;
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *result = &op->results[i];
    int8_t dim = s->needs[result->number];
    if (s->needed_after[result->number] || dim == NEED_WHOLE)
      return ALPA_NO_FACTOR;
    if (dim == NEED_NOTHING)
      continue;
    int32_t f = alpa_factor_find_result(rule, i, (uint32_t)dim);
    if (f == ALPA_NO_FACTOR || (found != ALPA_NO_FACTOR && found != f))
      return ALPA_NO_FACTOR;
    found = f;
  }
  return found;
}

static bool can_split(const sinker *s, const alpa_op *op, const alpa_factor *factor) {
  bool is_literal = alpa_op_has(op, ALPA_CONSTANT) && (factor->care & ALPA_CARE_OFFSET);
  if (factor->kind != ALPA_FACTOR_PASS || (factor->care & (ALPA_CARE_HALO | ALPA_CARE_INDEX)) || is_literal ||
      factor->size % s->times->count != 0)
    return false;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_time time = time_of(s, alpa_op_operand(op, i));
    if (time.kind == ALPA_TIME_SHARDED && time.dim != factor->operand_dims[i])
      return false; /* lifted: it reads the batch whole */
  }
  return true;
}

static bool sink_by_factor(sinker *s, const alpa_op *op) {
  const alpa_factor_rule *rule = s->times->rules[op->number];
  int32_t f = alpa_op_is_heavy(op) ? ALPA_NO_FACTOR : find_factor(s, op, rule);
  if (f == ALPA_NO_FACTOR || !can_split(s, op, &rule->factors[f]))
    return false;
  for (uint32_t i = 0; i < op->n_results; i++)
    set_time(s, &op->results[i], rule->factors[f].result_dims[i]);
  for (uint32_t i = 0; i < op->n_operands; i++)
    need(s, alpa_op_operand(op, i), rule->factors[f].operand_dims[i]);
  need_in_regions(s, op);
  return true;
}

/* Needs of everything inside of a loop from those of what it yields. */
static void need_in_loop(sinker *s, const alpa_op *op, const int8_t *dims) {
  const alpa_block *body = block_of(op, op->n_regions - 1);
  for (uint32_t r = 0; r + 1 < op->n_regions; r++)
    for (const alpa_op *inner = block_of(op, r)->first; inner; inner = inner->next)
      for (uint32_t i = 0; i < inner->n_operands; i++)
        need(s, alpa_op_operand(inner, i), NEED_WHOLE);
  for (uint32_t i = 0; i < op->n_results; i++)
    need(s, alpa_op_operand(body->last, i), dims[i]);
  for (const alpa_op *inner = body->last->previous; inner; inner = inner->previous)
    if (!sink_op(s, inner))
      need_in_body(s, inner);
}

/* Adds the carried values that the body of the loop needs in parts to `dims`; false where one is needed in two ways. */
static bool grow_dims(const sinker *s, const alpa_op *op, int8_t *dims, bool *out_grown) {
  *out_grown = false;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (uint32_t i = 0; i < op->n_results; i++) {
      int8_t wanted = s->needs[block_of(op, r)->args[i]->number];
      if (dims[i] >= 0 && wanted != NEED_NOTHING && wanted != dims[i])
        return false;
      if (dims[i] >= 0 || wanted < 0)
        continue;
      dims[i] = wanted;
      *out_grown = true;
    }
  return true;
}

/* Whether everything in the loop can stand in the body at all. */
static bool is_light_loop(const alpa_op *op) {
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_op *inner = block_of(op, r)->first; inner; inner = inner->next)
      if (!alpa_op_has(inner, ALPA_TERMINATOR) && (inner->n_regions ? !is_light_loop(inner) : alpa_op_is_heavy(inner)))
        return false;
  return true;
}

static void sink_carried(sinker *s, const alpa_op *op, const int8_t *dims) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    need(s, alpa_op_operand(op, i), dims[i]);
    if (dims[i] < 0)
      continue;
    set_time(s, &op->results[i], dims[i]);
    for (uint32_t r = 0; r < op->n_regions; r++)
      set_time(s, block_of(op, r)->args[i], dims[i]);
  }
}

/* A loop, or ops that pass their operands on. */
static bool sink_tied(sinker *s, const alpa_op *op) {
  int8_t *dims = alpa_arena_alloc(s->arena, op->n_results + 1);
  bool is_any = false, is_grown = op->n_regions > 0;
  size_t start = s->undos.n;
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *result = &op->results[i];
    dims[i] = s->needs[result->number] >= 0 ? s->needs[result->number] : ALPA_NO_DIM;
    is_any = is_any || dims[i] >= 0;
    if (s->needed_after[result->number] || s->needs[result->number] == NEED_WHOLE)
      return false;
  }
  if (!is_any || !is_light_loop(op))
    return false;
  while (is_grown) {
    roll_back(s, start);
    need_in_loop(s, op, dims);
    if (!grow_dims(s, op, dims, &is_grown)) {
      roll_back(s, start);
      return false;
    }
  }
  sink_carried(s, op, dims);
  return true;
}

/* Moves an invariant op into the body where only parts of its results are needed. */
static bool sink_op(sinker *s, const alpa_op *op) {
  switch (s->times->rules[op->number]->form) {
  case ALPA_RULE_FACTORS:
    return sink_by_factor(s, op);
  case ALPA_RULE_TIED:
    return sink_tied(s, op);
  case ALPA_RULE_BRANCH:
  case ALPA_RULE_YIELD:
  case ALPA_RULE_NONE:
    break;
  }
  return false;
}

/* ---- phases ---- */

static void need_after(sinker *s, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    s->needed_after[alpa_op_operand(op, i)->number] = true;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_op *inner = block_of(op, r)->first; inner; inner = inner->next)
      need_after(s, inner);
}

static bool is_needed(const sinker *s, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (s->needs[op->results[i].number] != NEED_NOTHING)
      return true;
  return false;
}

/* The phase of an invariant op, all of whose users have theirs. */
static alpa_phase place_invariant(sinker *s, const alpa_op *op) {
  if (!is_needed(s, op)) {
    need_after(s, op);
    return ALPA_PHASE_EPILOGUE;
  }
  if (sink_op(s, op)) {
    s->phases->n_sunk++;
    return ALPA_PHASE_BODY;
  }
  need_whole(s, op);
  return ALPA_PHASE_PROLOGUE;
}

void alpa_phases_sink(alpa_phases *phases) {
  alpa_times *times = phases->times;
  sinker s = {.phases = phases,
              .times = times,
              .arena = times->arena,
              .needs = alpa_arena_alloc(times->arena, times->n_values + 1),
              .needed_after = alpa_arena_new(times->arena, bool, times->n_values)};
  memset(s.needs, NEED_NOTHING, times->n_values + 1);
  for (const alpa_op *op = alpa_func_entry(times->func)->last; op; op = op->previous) {
    uint8_t *phase = &phases->phases[op->number];
    if (*phase == ALPA_PHASE_BODY)
      need_in_body(&s, op);
    else if (*phase == ALPA_PHASE_EPILOGUE)
      need_after(&s, op);
    else
      *phase = (uint8_t)place_invariant(&s, op);
    s.undos.n = 0;
  }
}
