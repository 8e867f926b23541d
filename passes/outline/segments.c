/* Cutting the program of a stage into segments.
 *
 * collect: the loop over micro-batches, its counter.  model: the phase of every op; what no phase owns (constants,
 * slices of the batch, random numbers by the micro-batch) is computed again wherever it is needed.  solve: for every
 * segment, from the last to the first, a sweep against program order finds what it computes and what it takes from
 * others; those must return it. Loop-carried values are variables that one segment updates in place. */
#include "passes/outline/segments.h"

#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/factors.h"
#include "passes/analysis/state.h"
#include "passes/canonicalize.h"
#include "passes/outline/ownership.h"

enum { ANY = -1 };

const char *alpa_phase_name(alpa_phase phase) {
  static const char *const names[] = {
#define X(ID, name) name,
      ALPA_PHASE_TABLE(X)
#undef X
  };
  return names[phase];
}

/* ---- collect ----------------------------------------------------------------------------------------------------- */

/* The carried value that starts at 0 and grows by 1. */
static alpa_status find_counter(alpa_segments *s) {
  const alpa_op *yield = s->body->last;
  for (uint32_t j = 0; j < yield->n_operands; j++) {
    const alpa_op *add = alpa_op_operand(yield, j)->op;
    if (add && stablehlo_is(add, STABLEHLO_add) && alpa_op_operand(add, 0) == s->body->args[j] &&
        alpa_value_is_number(alpa_op_operand(add, 1), 1) && alpa_value_is_number(alpa_op_operand(s->loop, j), 0)) {
      s->counter = j;
      return ALPA_OK;
    }
  }
  return alpa_op_error(s->loop, "does not count its micro-batches: expects a value that starts at 0 and grows by 1");
}

static alpa_status find_loop(alpa_segments *s) {
  for (alpa_op *op = alpa_func_entry(s->func)->first; op; op = op->next)
    if (stablehlo_is(op, STABLEHLO_while) && alpa_op_find_attr(op, "alpa.microbatches")) {
      s->loop = op;
      s->body = alpa_region_block(&op->regions[1]);
      return find_counter(s);
    }
  if (alpa_op_find_integer(alpa_op_parent(alpa_op_parent(s->func)), "alpa.microbatches", 0) == 1)
    return ALPA_OK;
  return alpa_op_error(s->func, "has no loop over micro-batches; run 'time-loop' and 'split-stages' first");
}

/* ---- phases ------------------------------------------------------------------------------------------------------ */

static bool is_carried(const alpa_segments *s, const alpa_value *value) {
  return s->loop && (value->op == s->loop || (!value->op && value->block == s->body));
}

alpa_value *alpa_segments_origin(const alpa_segments *s, alpa_value *value) {
  return is_carried(s, value) && alpa_op_operand(s->body->last, value->index) == s->body->args[value->index]
             ? alpa_op_operand(s->loop, value->index)
             : value;
}

static bool is_free(const alpa_op *op) {
  bool is_any = op->n_results > 0;
  for (uint32_t i = 0; i < op->n_results; i++)
    is_any &= alpa_value_is_free(&op->results[i]);
  return is_any;
}

bool alpa_segments_is_heavy(const alpa_op *op) {
  return op->n_regions > 0 || stablehlo_is(op, STABLEHLO_dot_general) || stablehlo_is(op, STABLEHLO_convolution);
}

bool alpa_segments_is_received(const alpa_segments *s, uint32_t argument) {
  return alpa_func_find_arg_attr(s->func, argument, ALPA_RECEIVE) &&
         alpa_func_find_arg_attr(s->func, argument, "alpa.phase");
}

/* Whether a value comes from another stage in every micro-batch, or from the micro-batch before. */
static bool is_of_microbatch(const alpa_segments *s, const alpa_value *value) {
  if (value->op)
    return false;
  if (value->block == s->body)
    return value->index != s->counter && alpa_segments_origin(s, s->body->args[value->index]) == value;
  return alpa_segments_is_received(s, value->index);
}

/* What does not depend on the forward pass and costs little (a slice of the batch, a broadcast bias) is computed
 * wherever it is needed; what is not the forward pass otherwise follows it. */
static int8_t find_body_phase(const alpa_segments *s, alpa_op *op) {
  if (alpa_op_find_attr(op, "alpa.forward"))
    return ALPA_PHASE_FORWARD;
  int8_t phase = ANY;
  alpa_outer_values used = {0};
  alpa_op_outer_values(s->arena, op, &used);
  for (size_t i = 0; i < used.n; i++) {
    const alpa_op *from = used.items[i]->op;
    int8_t needed = is_of_microbatch(s, used.items[i]) ? ALPA_PHASE_BACKWARD
                    : from && from->block == s->body   ? s->phase[from->number]
                                                       : ANY;
    phase = needed > phase ? needed : phase;
  }
  bool is_placed = alpa_op_find_attr(op, "alpa.stage") && (phase != ANY || alpa_segments_is_heavy(op));
  return is_placed ? ALPA_PHASE_BACKWARD : phase;
}

/* What the forward pass uses is a part of it. */
static void extend_forward(alpa_segments *s) {
  alpa_outer_values used = {0};
  for (alpa_op *op = s->body->last->previous; op; op = op->previous) {
    if (s->phase[op->number] != ALPA_PHASE_FORWARD)
      continue;
    alpa_op_outer_values(s->arena, op, &used);
    for (size_t i = 0; i < used.n; i++) {
      const alpa_op *from = used.items[i]->op;
      if (from && from->block == s->body && s->phase[from->number] == ALPA_PHASE_BACKWARD)
        s->phase[from->number] = ALPA_PHASE_FORWARD;
    }
  }
}

static bool is_used_backward_only(const alpa_segments *s, const alpa_op *op) {
  bool is_used = false;
  for (uint32_t i = 0; i < op->n_results; i++)
    for (const alpa_use *use = op->results[i].uses; use; use = use->next) {
      bool is_backward = use->owner->block == s->body && s->phase[use->owner->number] == ALPA_PHASE_BACKWARD;
      if (!is_backward || use->owner == s->body->last)
        return false; /* what is passed on may be sent */
      is_used = true;
    }
  return is_used;
}

/* What is sent in every micro-batch but depends on none of them is ready for whoever waits for it in the forward pass.
 */
static void place_carried(alpa_segments *s) {
  for (uint32_t j = 0; j < s->loop->n_operands; j++) {
    const alpa_op *next = alpa_op_operand(s->body->last, j)->op;
    if (j != s->counter && next && next->block == s->body && s->phase[next->number] == ANY)
      s->phase[next->number] = ALPA_PHASE_FORWARD;
  }
}

static void find_phases(alpa_segments *s) {
  int8_t outside = ALPA_PHASE_PROLOGUE;
  for (alpa_op *op = alpa_func_entry(s->func)->first; op; op = op->next) {
    outside = op == s->loop ? ALPA_PHASE_EPILOGUE : outside;
    s->phase[op->number] = is_free(op) ? ANY : outside;
  }
  if (!s->loop)
    return;
  for (alpa_op *op = s->body->first; op; op = op->next)
    s->phase[op->number] = find_body_phase(s, op);
  place_carried(s);
  extend_forward(s);
  for (alpa_op *op = s->body->last; op; op = op->previous)
    if (s->phase[op->number] == ALPA_PHASE_FORWARD && !alpa_op_find_attr(op, "alpa.forward") &&
        is_used_backward_only(s, op))
      s->phase[op->number] = ALPA_PHASE_BACKWARD;
}

/* The backward ops that no value to another stage depends on. */
static void split_backward(alpa_segments *s) {
  bool *is_awaited = alpa_arena_new(s->arena, bool, s->n_ops);
  const alpa_op *end = alpa_func_entry(s->func)->last;
  for (uint32_t k = 0; k < end->n_operands; k++) {
    const alpa_value *value = alpa_op_operand(end, k);
    const alpa_attr *send = alpa_func_find_result_attr(s->func, k, ALPA_SEND);
    if (!send || value->op != s->loop)
      continue;
    const alpa_op *from = alpa_op_operand(s->body->last, value->index)->op;
    if (from && from->block == s->body)
      is_awaited[from->number] = true;
  }
  alpa_outer_values used = {0};
  for (alpa_op *op = s->body->last->previous; op; op = op->previous) {
    if (s->phase[op->number] != ALPA_PHASE_BACKWARD)
      continue;
    if (!is_awaited[op->number]) {
      s->phase[op->number] = ALPA_PHASE_WEIGHT;
      continue;
    }
    alpa_op_outer_values(s->arena, op, &used);
    for (size_t i = 0; i < used.n; i++)
      if (used.items[i]->op && used.items[i]->op->block == s->body)
        is_awaited[used.items[i]->op->number] = true;
  }
}

/* ---- segments ---------------------------------------------------------------------------------------------------- */

/* The transfers that come before a received argument. */
static uint32_t level_of_argument(const alpa_segments *s, uint32_t index) {
  const alpa_attr *level = alpa_func_find_arg_attr(s->func, index, "alpa.level");
  return level && level->kind == ALPA_ATTR_INTEGER && level->integer > 0 ? (uint32_t)level->integer : 0;
}

static alpa_status check_level(const alpa_op *at, int64_t level) {
  if (level < 0 || level > ALPA_MOST_LEVELS)
    return alpa_op_error(at, "has something of level %lld; expects 0 to %d", (long long)level, ALPA_MOST_LEVELS);
  return ALPA_OK;
}

static alpa_status check_levels(const alpa_segments *s) {
  for (uint32_t i = 0; i < alpa_func_entry(s->func)->n_args; i++) {
    const alpa_attr *level = alpa_func_find_arg_attr(s->func, i, "alpa.level");
    ALPA_TRY(check_level(s->func, level && level->kind == ALPA_ATTR_INTEGER ? level->integer : 0));
  }
  for (const alpa_op *op = alpa_func_entry(s->func)->first; op; op = op->next)
    ALPA_TRY(check_level(op, alpa_op_find_integer(op, "alpa.level", 0)));
  return ALPA_OK;
}

/* What has been inserted since the levels were found is of the level of what it uses. */
static void find_levels(alpa_segments *s) {
  alpa_outer_values used = {0};
  for (alpa_op *op = alpa_func_entry(s->func)->first; op; op = op->next) {
    int64_t level = alpa_op_find_integer(op, "alpa.level", -1);
    alpa_op_outer_values(s->arena, op, &used);
    for (size_t i = 0; i < used.n && level < 0 && op != s->loop; i++) {
      const alpa_value *value = used.items[i];
      bool is_argument = !value->op && value->block == alpa_func_entry(s->func);
      uint32_t least = is_argument                         ? level_of_argument(s, value->index)
                       : value->op && value->op != s->loop ? s->level[value->op->number]
                                                           : 0;
      s->level[op->number] = least > s->level[op->number] ? least : s->level[op->number];
    }
    if (level > 0)
      s->level[op->number] = (uint32_t)level;
  }
}

static uint32_t count_levels(const alpa_segments *s, alpa_phase phase) {
  uint32_t n = 1;
  for (uint32_t i = 0; i < alpa_func_entry(s->func)->n_args && phase == ALPA_PHASE_EPILOGUE; i++)
    n = level_of_argument(s, i) >= n ? level_of_argument(s, i) + 1 : n;
  for (const alpa_op *op = alpa_func_entry(s->func)->first; op; op = op->next)
    if (s->phase[op->number] == (int8_t)phase && s->level[op->number] >= n)
      n = s->level[op->number] + 1;
  return n;
}

static void add_segments(alpa_segments *s, bool splits_backward) {
  for (alpa_phase phase = 0; phase < ALPA_PHASE_COUNT; phase++) {
    bool is_outside = phase == ALPA_PHASE_PROLOGUE || phase == ALPA_PHASE_EPILOGUE;
    uint32_t n = phase == ALPA_PHASE_WEIGHT && !splits_backward ? 0 : is_outside ? count_levels(s, phase) : 1;
    for (uint32_t level = 0; level < n; level++) {
      const char *name = alpa_phase_name(phase);
      alpa_segment segment = {.phase = phase,
                              .level = level,
                              .name = level ? alpa_arena_printf(s->arena, "%s%u", name, level) : name,
                              .needed = alpa_arena_new(s->arena, bool, s->n_ops)};
      alpa_vec_push(s->arena, &s->items, segment);
    }
  }
}

/* The segment that computes an op, or ANY. */
static int32_t segment_of(const alpa_segments *s, const alpa_op *op) {
  int8_t phase = s->phase[op->number];
  bool is_outside = phase == ALPA_PHASE_PROLOGUE || phase == ALPA_PHASE_EPILOGUE;
  for (size_t i = 0; i < s->items.n && phase != ANY; i++)
    if (s->items.items[i].phase == (alpa_phase)phase &&
        (!is_outside || s->items.items[i].level == s->level[op->number]))
      return (int32_t)i;
  return ANY;
}

static uint32_t find_segment(const alpa_segments *s, alpa_phase phase, bool is_last) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < s->items.n; i++)
    if (s->items.items[i].phase == phase && (is_last || s->items.items[found].phase != phase))
      found = i;
  return found;
}

static alpa_status find_updaters(alpa_segments *s) {
  for (uint32_t j = 0; s->loop && j < s->loop->n_operands; j++) {
    alpa_value *next = alpa_op_operand(s->body->last, j);
    bool is_inside = next->op && next->op->block == s->body;
    s->updater[j] = j == s->counter || !is_inside ? ANY : segment_of(s, next->op);
    if (j != s->counter && s->updater[j] == ANY && alpa_segments_origin(s, s->body->args[j]) == s->body->args[j])
      return alpa_op_unsupported(s->loop, "carries value %u from one micro-batch to the next in no stage's phase", j);
  }
  return ALPA_OK;
}

/* ---- needs ------------------------------------------------------------------------------------------------------- */

static const alpa_attr *local_name(const alpa_segments *s, char kind, uint32_t number) {
  alpa_context *ctx = alpa_op_context(s->func);
  return alpa_attr_dict_set(ctx, NULL, ALPA_LOCAL,
                            alpa_attr_get_string(ctx, alpa_arena_printf(s->arena, "%c%u", kind, number)));
}

/* The wiring of what a function argument is. */
static const alpa_attr *wiring_of_argument(const alpa_segments *s, uint32_t index) {
  static const char *const kept[] = {ALPA_ARGUMENT, ALPA_OFFSET, ALPA_RECEIVE, "alpa.phase"};
  const alpa_attr *wiring = alpa_attr_get_dict(alpa_op_context(s->func), NULL, 0);
  for (size_t i = 0; i < countof(kept); i++) {
    const alpa_attr *value = alpa_func_find_arg_attr(s->func, index, kept[i]);
    if (value)
      wiring = alpa_attr_dict_set(alpa_op_context(s->func), wiring, kept[i], value);
  }
  return wiring;
}

/* c: carried from micro-batch to micro-batch; m: of one micro-batch; p: of the step. */
static const alpa_attr *wiring_of(const alpa_segments *s, alpa_value *value) {
  alpa_context *ctx = alpa_op_context(s->func);
  if (is_carried(s, value)) {
    if (value->index == s->counter && !value->op)
      return alpa_attr_dict_set(ctx, NULL, ALPA_MICROBATCH, alpa_attr_get_unit(ctx));
    return local_name(s, 'c', value->index);
  }
  if (!value->op)
    return wiring_of_argument(s, value->index);
  return local_name(s, s->loop && value->op->block == s->body ? 'm' : 'p', value->number);
}

static void add_input(alpa_segments *s, alpa_segment *at, alpa_value *value) {
  for (size_t i = 0; i < at->inputs.n; i++)
    if (at->inputs.items[i].value == value)
      return;
  alpa_vec_push(s->arena, &at->inputs, ((alpa_segment_input){value, wiring_of(s, value)}));
}

static alpa_segment_output *add_output(alpa_segments *s, alpa_segment *at, alpa_value *value, const alpa_attr *wiring) {
  for (size_t i = 0; i < at->outputs.n; i++)
    if (at->outputs.items[i].wiring == wiring)
      return &at->outputs.items[i];
  alpa_segment_output output = {.value = value, .like = value, .wiring = wiring};
  alpa_vec_push(s->arena, &at->outputs, output);
  return &at->outputs.items[at->outputs.n - 1];
}

/* A value that a segment uses or returns: computed here, or taken from where it is computed. */
static void need(alpa_segments *s, alpa_segment *at, alpa_value *value) {
  value = alpa_segments_origin(s, value);
  bool is_own = value->op && value->op != s->loop &&
                (segment_of(s, value->op) == (int32_t)(at - s->items.items) || s->phase[value->op->number] == ANY);
  if (is_own)
    at->needed[value->op->number] = true;
  else
    add_input(s, at, value);
}

static void sweep(alpa_segments *s, alpa_segment *at, alpa_block *block) {
  alpa_outer_values used = {0};
  for (alpa_op *op = block->last->previous; op; op = op->previous) {
    if (op == s->loop)
      sweep(s, at, s->body);
    else if (at->needed[op->number] || segment_of(s, op) == (int32_t)(at - s->items.items)) {
      at->needed[op->number] = true;
      alpa_op_outer_values(s->arena, op, &used);
      for (size_t i = 0; i < used.n; i++)
        need(s, at, used.items[i]);
    }
  }
}

/* Carried values: the prologue gives them their first value, the updater the next one, in place. */
static void return_carried(alpa_segments *s) {
  alpa_segment *prologue = &s->items.items[find_segment(s, ALPA_PHASE_PROLOGUE, true)];
  for (uint32_t j = 0; s->loop && j < s->loop->n_operands; j++) {
    bool is_awaited = s->body->args[j]->uses || s->loop->results[j].uses;
    if (j == s->counter || s->updater[j] == ANY || !is_awaited)
      continue;
    alpa_segment *updater = &s->items.items[s->updater[j]];
    const alpa_attr *wiring = local_name(s, 'c', j);
    need(s, prologue, alpa_op_operand(s->loop, j));
    add_output(s, prologue, alpa_op_operand(s->loop, j), wiring)->like = &s->loop->results[j];
    need(s, updater, alpa_op_operand(s->body->last, j));
    add_input(s, updater, s->body->args[j]);
    alpa_segment_output *next = add_output(s, updater, alpa_op_operand(s->body->last, j), wiring);
    next->input = s->body->args[j];
    next->like = &s->loop->results[j];
  }
}

/* What the stage returns there before it is sharded for the return: a transfer shards anew in any case. */
static alpa_value *find_returned(const alpa_segments *s, uint32_t k) {
  alpa_value *value = alpa_op_operand(alpa_func_entry(s->func)->last, k);
  bool is_resharded =
      s->loop && value->op && alpa_op_is_reshard(value->op) && alpa_op_operand(value->op, 0)->op == s->loop;
  return is_resharded && alpa_func_find_result_attr(s->func, k, ALPA_SEND) ? alpa_op_operand(value->op, 0) : value;
}

/* The result of the stage that sends a carried value in every micro-batch, or -1: it is carried for nothing else. */
static int64_t find_send(const alpa_segments *s, uint32_t carry) {
  const alpa_op *end = alpa_func_entry(s->func)->last;
  if (s->body->args[carry]->uses || !alpa_value_has_one_use(&s->loop->results[carry]))
    return -1;
  for (uint32_t k = 0; k < end->n_operands; k++)
    if (find_returned(s, k) == &s->loop->results[carry] && alpa_func_find_result_attr(s->func, k, ALPA_SEND) &&
        alpa_func_find_result_attr(s->func, k, "alpa.phase"))
      return k;
  return -1;
}

static const alpa_attr *wiring_of_result(const alpa_segments *s, uint32_t k) {
  static const char *const kept[] = {ALPA_RESULT,  ALPA_OFFSET,       ALPA_SEND,
                                     "alpa.phase", "jax.result_info", "sdy.sharding"};
  const alpa_attr *wiring = NULL;
  for (size_t i = 0; i < countof(kept); i++) {
    const alpa_attr *value = alpa_func_find_result_attr(s->func, k, kept[i]);
    if (value)
      wiring = alpa_attr_dict_set(alpa_op_context(s->func), wiring, kept[i], value);
  }
  return wiring;
}

/* The segment that returns a value which no segment computes: a received one when it has arrived, what is sent as soon
 * as it is complete (what is free before anybody may wait for it), anything else at the end. */
static int32_t find_returner(const alpa_segments *s, const alpa_value *value, bool is_sent) {
  int32_t first = (int32_t)find_segment(s, ALPA_PHASE_EPILOGUE, false);
  bool is_argument = !value->op && value->block == alpa_func_entry(s->func);
  if (is_argument && level_of_argument(s, value->index))
    return first + (int32_t)level_of_argument(s, value->index);
  if (is_sent && value->op != s->loop)
    return (int32_t)find_segment(s, ALPA_PHASE_PROLOGUE, false);
  return is_sent ? first : (int32_t)find_segment(s, ALPA_PHASE_EPILOGUE, true);
}

/* What the stage returns, from the segment that computes it. */
static void return_results(alpa_segments *s) {
  const alpa_op *end = alpa_func_entry(s->func)->last;
  for (uint32_t k = 0; k < end->n_operands; k++) {
    alpa_value *value = alpa_segments_origin(s, find_returned(s, k)), *like = NULL;
    if (value->op && value->op == s->loop && find_send(s, value->index) == k) {
      like = &s->loop->results[value->index];
      value = alpa_op_operand(s->body->last, value->index);
    }
    int32_t from = value->op && value->op != s->loop ? segment_of(s, value->op) : ANY;
    bool is_sent = alpa_func_find_result_attr(s->func, k, ALPA_SEND) != NULL;
    alpa_segment *at = &s->items.items[from == ANY ? find_returner(s, value, is_sent) : from];
    need(s, at, value);
    add_output(s, at, value, wiring_of_result(s, k))->like = like;
  }
}

/* What one segment takes, another returns. */
static void return_inputs(alpa_segments *s, const alpa_segment *user) {
  for (size_t i = 0; i < user->inputs.n; i++) {
    alpa_value *value = user->inputs.items[i].value;
    if (value->op && value->op != s->loop)
      add_output(s, &s->items.items[segment_of(s, value->op)], value, user->inputs.items[i].wiring);
  }
}

static alpa_status check_carried(const alpa_segments *s) {
  for (size_t i = 0; i < s->items.n; i++)
    for (size_t k = 0; k < s->items.items[i].inputs.n; k++) {
      const alpa_value *value = s->items.items[i].inputs.items[k].value;
      bool is_read = !value->op && is_carried(s, value) && value->index != s->counter;
      if (is_read && s->updater[value->index] != (int32_t)i)
        return alpa_op_unsupported(s->loop, "carries value %u through its %s phase, but changes it in its %s phase",
                                   value->index, s->items.items[i].name, s->items.items[s->updater[value->index]].name);
    }
  return ALPA_OK;
}

/* A sent value is no variable: nothing but its sending keeps it. */
static void forget_sent(alpa_segments *s) {
  for (uint32_t j = 0; s->loop && j < s->loop->n_operands; j++)
    if (find_send(s, j) >= 0) {
      const alpa_op *user = s->loop->results[j].uses->owner;
      s->updater[j] = ANY;
      s->phase[user->number] = ANY; /* the return, or a reshard in front of it */
    }
}

alpa_status alpa_segments_find(alpa_arena *arena, alpa_op *func, bool splits_backward, alpa_segments *out) {
  *out = (alpa_segments){.arena = arena, .func = func};
  ALPA_TRY(find_loop(out));
  alpa_op_number(func, &out->n_ops, NULL);
  out->phase = alpa_arena_new(arena, int8_t, out->n_ops);
  out->updater = alpa_arena_new(arena, int32_t, out->loop ? out->loop->n_operands : 0);
  out->level = alpa_arena_new(arena, uint32_t, out->n_ops);
  find_phases(out);
  ALPA_TRY(check_levels(out));
  find_levels(out);
  if (splits_backward && out->loop)
    split_backward(out);
  add_segments(out, splits_backward);
  ALPA_TRY(find_updaters(out));
  forget_sent(out);
  return_carried(out);
  return_results(out);
  for (size_t i = out->items.n; i-- > 0;) {
    sweep(out, &out->items.items[i], alpa_func_entry(func));
    return_inputs(out, &out->items.items[i]);
  }
  return check_carried(out);
}
