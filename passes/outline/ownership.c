/* Ownership of ops by stages.
 *
 * collect: the loop over micro-batches and the stages that are written on ops.  model: the stage of every op is the
 * last one of which it uses a value; loop-carried values make that a fixpoint, which only grows.  solve: for every
 * stage a sweep against program order marks what it needs; what another stage computes becomes a transfer.  An
 * argument that several stages hold and a result replaces is refreshed on all of them. */
#include "passes/outline/ownership.h"

#include "dialects/alpa/alpa.h"
#include "dialects/func/func.h"
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"

/* ---- values ------------------------------------------------------------------------------------------------------ */

static bool is_inside(const alpa_value *value, const alpa_op *op) {
  const alpa_block *block = value->op ? value->op->block : value->block;
  for (const alpa_op *at = block->region->op; at; at = alpa_op_parent(at))
    if (at == op)
      return true;
  return false;
}

typedef struct outer_walk {
  alpa_arena *arena;
  const alpa_op *root;
  alpa_outer_values *out;
} outer_walk;

static alpa_status add_outer(void *user, alpa_op *op) {
  outer_walk *w = user;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_value *value = alpa_op_operand(op, i);
    bool is_known = op != w->root && is_inside(value, w->root);
    for (size_t k = 0; k < w->out->n && !is_known; k++)
      is_known = w->out->items[k] == value;
    if (!is_known)
      alpa_vec_push(w->arena, w->out, value);
  }
  return ALPA_OK;
}

void alpa_op_outer_values(alpa_arena *arena, alpa_op *op, alpa_outer_values *out) {
  out->n = 0;
  outer_walk walk = {arena, op, out};
  alpa_status status = alpa_op_walk(op, add_outer, &walk);
  (void)status; /* the visitor does not fail */
}

static bool is_carried_unchanged(const alpa_ownership *o, uint32_t carry) {
  return alpa_op_operand(o->body->last, carry) == o->body->args[carry];
}

static bool is_carried(const alpa_ownership *o, const alpa_value *value) {
  return o->loop && (value->op == o->loop || (!value->op && value->block == o->body));
}

alpa_value *alpa_ownership_origin(const alpa_ownership *o, alpa_value *value) {
  return is_carried(o, value) && is_carried_unchanged(o, value->index) ? alpa_op_operand(o->loop, value->index) : value;
}

int32_t alpa_ownership_stage(const alpa_ownership *o, alpa_value *value) {
  value = alpa_ownership_origin(o, value);
  if (is_carried(o, value))
    return o->carry_stage[value->index];
  return value->op ? o->op_stage[value->op->number] : ALPA_STAGE_ANY;
}

/* ---- collect ----------------------------------------------------------------------------------------------------- */

static alpa_status find_loop(alpa_ownership *o) {
  for (alpa_op *op = alpa_func_entry(o->func)->first; op; op = op->next) {
    if (!stablehlo_is(op, STABLEHLO_while) || !alpa_op_find_attr(op, "alpa.microbatches"))
      continue;
    if (o->loop)
      return alpa_op_error(op, "is a second loop over micro-batches; expects one");
    o->loop = op;
    o->body = alpa_region_block(&op->regions[1]);
  }
  if (!o->loop && alpa_op_find_integer(alpa_op_parent(o->func), "alpa.microbatches", 0) != 1)
    return alpa_op_error(o->func, "has no loop over micro-batches to cut into stages; run 'time-loop' first");
  return ALPA_OK;
}

static alpa_status count_stages(alpa_ownership *o, const alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next) {
    int64_t stage = alpa_op_find_integer(op, "alpa.stage", ALPA_STAGE_ANY);
    if (stage < ALPA_STAGE_ANY || stage >= ALPA_MAX_STAGES)
      return alpa_op_error(op, "is in stage %lld; expects 0 to %d", (long long)stage, ALPA_MAX_STAGES - 1);
    o->n_stages = stage >= (int64_t)o->n_stages ? (uint32_t)stage + 1 : o->n_stages;
  }
  return ALPA_OK;
}

/* ---- the stage of every op --------------------------------------------------------------------------------------- */

static int32_t later(int32_t a, int32_t b) { return a > b ? a : b; }

static void assign_block(alpa_ownership *o, alpa_block *block);

static void assign_op(alpa_ownership *o, alpa_op *op) {
  if (op == o->loop) {
    assign_block(o, o->body);
    return;
  }
  int32_t stage = (int32_t)alpa_op_find_integer(op, "alpa.stage", ALPA_STAGE_ANY);
  alpa_outer_values used = {0};
  if (o->terminal[op->number]) {
    o->op_stage[op->number] = ALPA_STAGE_ANY;
    return;
  }
  alpa_op_outer_values(o->arena, op, &used);
  for (size_t i = 0; i < used.n && alpa_op_find_attr(op, "alpa.stage") == NULL; i++)
    stage = later(stage, alpa_ownership_stage(o, used.items[i]));
  o->op_stage[op->number] = stage;
}

static void assign_block(alpa_ownership *o, alpa_block *block) {
  for (alpa_op *op = block->first; op; op = op->next)
    assign_op(o, op);
}

/* True while a loop-carried value gets a later stage. */
static bool assign_carries(alpa_ownership *o) {
  bool has_changed = false;
  for (uint32_t j = 0; o->loop && j < o->loop->n_operands; j++) {
    int32_t stage = alpa_ownership_stage(o, alpa_op_operand(o->body->last, j));
    stage = later(stage, alpa_ownership_stage(o, alpa_op_operand(o->loop, j)));
    stage = later(stage, o->carry_stage[j]);
    has_changed |= stage != o->carry_stage[j];
    o->carry_stage[j] = stage;
  }
  return has_changed;
}

/* What only later levels of its own stage use, is computed there: then nothing is kept until then. */
static void sink_level(alpa_ownership *o, const alpa_op *op) {
  uint32_t level = UINT32_MAX;
  for (uint32_t i = 0; i < op->n_results; i++)
    for (const alpa_use *use = op->results[i].uses; use; use = use->next) {
      const alpa_op *user = use->owner;
      while (user->block != op->block)
        user = alpa_op_parent(user);
      bool is_here = user != o->loop && user != op->block->last && o->op_stage[user->number] == o->op_stage[op->number];
      if (!is_here)
        return;
      level = o->level[user->number] < level ? o->level[user->number] : level;
    }
  if (level != UINT32_MAX)
    o->level[op->number] = level;
}

static void find_levels(alpa_ownership *o) {
  for (alpa_op *op = alpa_func_entry(o->func)->first; op; op = op->next) {
    alpa_outer_values used = {0};
    if (op == o->loop)
      continue;
    alpa_op_outer_values(o->arena, op, &used);
    for (size_t i = 0; i < used.n; i++) {
      alpa_value *value = alpa_ownership_origin(o, used.items[i]);
      int32_t from = alpa_ownership_stage(o, value);
      bool is_sent = from != ALPA_STAGE_ANY && from != o->op_stage[op->number];
      uint32_t level = (value->op && value->op != o->loop ? o->level[value->op->number] : 0) + is_sent;
      o->level[op->number] = level > o->level[op->number] ? level : o->level[op->number];
    }
  }
  for (const alpa_op *op = alpa_func_entry(o->func)->last->previous; op != o->loop; op = op->previous)
    sink_level(o, op);
}

/* Within a micro-batch values go forward through later and later stages, then back. */
static alpa_status check_direction(const alpa_ownership *o, const alpa_op *op, alpa_value *used) {
  const alpa_op *from = alpa_ownership_origin(o, used)->op;
  int32_t a = alpa_ownership_stage(o, used), b = o->op_stage[op->number];
  if (!from || from->block != o->body || a == ALPA_STAGE_ANY || a == b)
    return ALPA_OK;
  bool from_forward = alpa_op_find_attr(from, "alpa.forward"), to_forward = alpa_op_find_attr(op, "alpa.forward");
  if (to_forward && (!from_forward || a > b))
    return alpa_op_error(op, "of stage %d's forward uses a value of stage %d's %s: stages would wait for each other", b,
                         a, from_forward ? "forward" : "backward");
  if (!to_forward && !from_forward && a < b)
    return alpa_op_error(op,
                         "of stage %d's backward uses a value of stage %d's backward: stages would wait for each "
                         "other",
                         b, a);
  return ALPA_OK;
}

static alpa_status check_body(const alpa_ownership *o) {
  alpa_outer_values used = {0};
  for (alpa_op *op = o->loop ? o->body->first : NULL; op && op != o->body->last; op = op->next) {
    alpa_op_outer_values(o->arena, op, &used);
    for (size_t i = 0; i < used.n; i++)
      ALPA_TRY(check_direction(o, op, used.items[i]));
  }
  return ALPA_OK;
}

/* ---- needs ------------------------------------------------------------------------------------------------------- */

static void need_transfer(alpa_ownership *o, alpa_value *value, int32_t stage) {
  for (size_t i = 0; i < o->transfers.n; i++)
    if (o->transfers.items[i].value == value) {
      o->transfers.items[i].to[stage] = true;
      return;
    }
  alpa_transfer transfer = {.value = value,
                            .from = alpa_ownership_stage(o, value),
                            .in_body = o->loop && (value->op ? value->op->block : value->block) == o->body,
                            .to = alpa_arena_new(o->arena, bool, o->n_stages)};
  transfer.to[stage] = true;
  alpa_vec_push(o->arena, &o->transfers, transfer);
}

/* The terminal that a value is, or -1. */
static int64_t find_argument(const alpa_ownership *o, const alpa_value *value) {
  if (value->op)
    return value->op == o->loop || o->terminal[value->op->number] <= 0 ? -1 : o->terminal[value->op->number] - 1;
  return value->block == alpa_func_entry(o->func) ? o->whole[value->index] : -1;
}

static void need_value(alpa_ownership *o, alpa_value *value, int32_t stage) {
  value = alpa_ownership_origin(o, value);
  alpa_stage_needs *needs = &o->needs[stage];
  int32_t owner = alpa_ownership_stage(o, value);
  int64_t argument = find_argument(o, value);
  if (argument >= 0)
    needs->args[argument] = true;
  else if (owner != stage && owner != ALPA_STAGE_ANY)
    need_transfer(o, value, stage);
  else if (is_carried(o, value))
    needs->carries[value->index] = true;
  else
    needs->ops[value->op->number] = true;
}

static void need_operands(alpa_ownership *o, alpa_op *op, int32_t stage) {
  alpa_outer_values used = {0};
  alpa_op_outer_values(o->arena, op, &used);
  for (size_t i = 0; i < used.n; i++)
    need_value(o, used.items[i], stage);
}

static void sweep_block(alpa_ownership *o, alpa_block *block, int32_t stage);

/* The counter is always needed; what carried values need may be other carried values. */
static void sweep_loop(alpa_ownership *o, int32_t stage) {
  alpa_stage_needs *needs = &o->needs[stage];
  uint32_t n_carries = o->loop->n_operands;
  const alpa_block *condition = alpa_region_block(&o->loop->regions[0]);
  for (uint32_t j = 0; j < n_carries; j++)
    needs->carries[j] |= condition->args[j]->uses != NULL || o->carry_stage[j] == stage;
  uint32_t n_before, n_after = 0;
  do {
    n_before = n_after;
    n_after = 0;
    for (uint32_t j = 0; j < n_carries; j++)
      if (needs->carries[j]) {
        need_value(o, alpa_op_operand(o->body->last, j), stage);
        need_value(o, alpa_op_operand(o->loop, j), stage);
      }
    sweep_block(o, o->body, stage);
    for (uint32_t j = 0; j < n_carries; j++)
      n_after += needs->carries[j];
  } while (n_after != n_before);
  alpa_outer_values used = {0};
  alpa_op_outer_values(o->arena, condition->last, &used);
  for (alpa_op *op = condition->first; op; op = op->next) {
    alpa_op_outer_values(o->arena, op, &used);
    for (size_t i = 0; i < used.n; i++)
      if (!is_inside(used.items[i], o->loop))
        need_value(o, used.items[i], stage);
  }
}

static void sweep_block(alpa_ownership *o, alpa_block *block, int32_t stage) {
  for (alpa_op *op = block->last->previous; op; op = op->previous) {
    bool is_own = op != o->loop && o->op_stage[op->number] == stage;
    if (op == o->loop)
      sweep_loop(o, stage);
    else if (is_own || o->needs[stage].ops[op->number])
      need_operands(o, op, stage);
    if (is_own)
      o->needs[stage].ops[op->number] = true;
  }
}

/* The argument whose place a result takes, or -1. */
static int64_t find_replaced(const alpa_ownership *o, const alpa_terminal *result) {
  for (size_t i = 0; i < o->arguments.n; i++) {
    const alpa_terminal *argument = &o->arguments.items[i];
    const alpa_attr *alias = alpa_func_find_arg_attr(o->func, argument->index, "tf.aliasing_output");
    if (alias && alias->kind == ALPA_ATTR_INTEGER && alias->integer == result->index &&
        argument->offset == result->offset)
      return (int64_t)i;
  }
  return -1;
}

/* A result is returned by its owner, and by every stage that holds the argument it replaces. */
static void need_result(alpa_ownership *o, uint32_t k, bool gives_rest) {
  alpa_value *value = o->results.items[k].value;
  int32_t owner = alpa_ownership_stage(o, value);
  int64_t replaced = find_replaced(o, &o->results.items[k]);
  bool is_returned = owner != ALPA_STAGE_ANY;
  for (uint32_t s = 0; s < o->n_stages; s++) {
    bool is_held = replaced >= 0 && o->needs[s].args[replaced];
    o->needs[s].results[k] = (int32_t)s == owner || is_held;
    is_returned |= is_held;
  }
  o->needs[0].results[k] |= gives_rest && !is_returned;
  for (uint32_t s = 0; s < o->n_stages; s++)
    if (o->needs[s].results[k])
      need_value(o, value, (int32_t)s);
}

static void init_needs(alpa_ownership *o) {
  o->needs = alpa_arena_new(o->arena, alpa_stage_needs, o->n_stages);
  for (uint32_t s = 0; s < o->n_stages; s++)
    o->needs[s] = (alpa_stage_needs){.ops = alpa_arena_new(o->arena, bool, o->n_ops),
                                     .args = alpa_arena_new(o->arena, bool, o->arguments.n),
                                     .carries = alpa_arena_new(o->arena, bool, o->loop ? o->loop->n_operands : 0),
                                     .results = alpa_arena_new(o->arena, bool, o->results.n)};
}

static size_t count_held(const alpa_ownership *o) {
  size_t n = 0;
  for (uint32_t s = 0; s < o->n_stages; s++) {
    for (size_t i = 0; i < o->arguments.n; i++)
      n += o->needs[s].args[i];
    for (size_t k = 0; k < o->results.n; k++)
      n += o->needs[s].results[k];
  }
  return n;
}

/* Results may need more ops, and ops more arguments, which make more results be returned.  What nobody returns then,
 * the first stage does. */
static void find_needs(alpa_ownership *o) {
  init_needs(o);
  for (int gives_rest = 0; gives_rest < 2; gives_rest++) {
    size_t n_before, n_after = SIZE_MAX;
    do {
      n_before = n_after;
      for (uint32_t s = 0; s < o->n_stages; s++)
        sweep_block(o, alpa_func_entry(o->func), (int32_t)s);
      for (uint32_t k = 0; k < o->results.n; k++)
        need_result(o, k, gives_rest);
      n_after = count_held(o);
    } while (n_after != n_before);
  }
}

static void name_transfers(alpa_ownership *o) {
  for (size_t i = 0; i < o->transfers.n; i++)
    o->transfers.items[i].name = alpa_arena_printf(o->arena, "t%zu", i);
}

/* What slices arguments and puts results together belongs to no stage: each takes and returns its slices. */
static void find_terminals(alpa_ownership *o) {
  alpa_terminals_find(o->arena, o->func, &o->arguments, &o->results);
  o->terminal = alpa_arena_new(o->arena, int32_t, o->n_ops);
  o->whole = alpa_arena_new(o->arena, int64_t, alpa_func_entry(o->func)->n_args);
  for (uint32_t i = 0; i < o->arguments.n; i++)
    if (o->arguments.items[i].offset)
      o->terminal[o->arguments.items[i].value->op->number] = (int32_t)i + 1;
    else
      o->whole[o->arguments.items[i].index] = i;
  for (uint32_t k = 0; k < o->results.n; k++) {
    const alpa_value *whole = alpa_op_operand(alpa_func_entry(o->func)->last, o->results.items[k].index);
    if (o->results.items[k].offset)
      o->terminal[whole->op->number] = -1;
  }
}

alpa_status alpa_ownership_find(alpa_arena *arena, alpa_op *func, alpa_ownership *out) {
  *out = (alpa_ownership){.arena = arena, .func = func, .n_stages = 1};
  ALPA_TRY(find_loop(out));
  ALPA_TRY(count_stages(out, alpa_func_entry(func)));
  if (out->loop)
    ALPA_TRY(count_stages(out, out->body));
  alpa_op_number(func, &out->n_ops, NULL);
  out->op_stage = alpa_arena_new(arena, int32_t, out->n_ops);
  out->carry_stage = alpa_arena_new(arena, int32_t, out->loop ? out->loop->n_operands : 0);
  out->level = alpa_arena_new(arena, uint32_t, out->n_ops);
  find_terminals(out);
  for (uint32_t j = 0; out->loop && j < out->loop->n_operands; j++)
    out->carry_stage[j] = ALPA_STAGE_ANY;
  do
    assign_block(out, alpa_func_entry(func));
  while (assign_carries(out));
  ALPA_TRY(check_body(out));
  find_levels(out);
  find_needs(out);
  name_transfers(out);
  return ALPA_OK;
}
