/* States of values along time: one forward pass over the function per repair.
 *
 * A loop is iterated until the states of what it carries settle; they only ever move up (zero, invariant, sharded or
 * partial, complete), so that takes at most three rounds per carried value, and in practice two.  An op inside of it
 * that would have to be complete makes the loop complete. */
#include "passes/analysis/time.h"

#include <string.h>

#include "dialects/func/func.h"
#include "passes/cost/op_cost.h"
#include "support/number.h"

static const alpa_time invariant = {.kind = ALPA_TIME_INVARIANT};
static const alpa_time complete = {.kind = ALPA_TIME_COMPLETE};

bool alpa_op_is_heavy(const alpa_op *op) {
  switch (alpa_op_cost_get(op)) {
  case ALPA_OP_COST_CONTRACTION:
  case ALPA_OP_COST_CONVOLUTION:
  case ALPA_OP_COST_REGION:
  case ALPA_OP_COST_COLLECTIVE:
    return true;
  case ALPA_OP_COST_NONE:
  case ALPA_OP_COST_FREE:
    return !alpa_op_is_pure(op);
  case ALPA_OP_COST_MOVE:
  case ALPA_OP_COST_POINTWISE:
  case ALPA_OP_COST_TRANSCENDENTAL:
  case ALPA_OP_COST_REDUCE:
  case ALPA_OP_COST_WINDOW:
  case ALPA_OP_COST_INDEX:
  case ALPA_OP_COST_SORT:
    break;
  }
  return false;
}

/* ---- values ---- */

static void set_state(alpa_times *times, const alpa_value *value, alpa_time time) {
  times->states[value->number] = time;
}

static void set_results(alpa_times *times, const alpa_op *op, alpa_time time) {
  for (uint32_t i = 0; i < op->n_results; i++)
    set_state(times, &op->results[i], time);
}

static bool is_zero_constant(const alpa_op *op) {
  const alpa_attr *value = alpa_op_has(op, ALPA_CONSTANT) ? alpa_op_find_attr(op, "value") : NULL;
  if (value == NULL || value->kind != ALPA_ATTR_ELEMENTS || !value->elements.splat)
    return false;
  const unsigned char *data = value->elements.data;
  size_t n = (alpa_dtype_get_info(value->type->dtype)->bits + 7) / 8;
  for (size_t i = 0; i < n; i++)
    if (data[i])
      return false;
  return true;
}

/* Whether an op of zeros is zero: it is linear in operands that all are. */
static bool keeps_zero(const alpa_times *times, const alpa_op *op) {
  const alpa_factor_rule *rule = times->rules[op->number];
  for (uint32_t l = 0; l < rule->n_flows; l++) {
    bool is_zero = (rule->flows[l].kinds & (1u << ALPA_PARTIAL_SUM)) != 0;
    for (uint32_t i = 0; i < op->n_operands && is_zero; i++)
      is_zero = !rule->flows[l].operands[i] || alpa_times_get(times, alpa_op_operand(op, i)).kind == ALPA_TIME_ZERO;
    if (is_zero)
      return true;
  }
  return false;
}

/* The state of what may come from either of two values. */
static alpa_time join(alpa_time a, alpa_time b) {
  if (alpa_time_is_equal(a, b) || b.kind == ALPA_TIME_ZERO)
    return a;
  if (a.kind == ALPA_TIME_ZERO)
    return b;
  if (b.kind == ALPA_TIME_INVARIANT) {
    alpa_time other = a;
    a = b;
    b = other;
  }
  bool is_idempotent = b.kind == ALPA_TIME_PARTIAL && b.partial != ALPA_PARTIAL_SUM;
  if (a.kind == ALPA_TIME_INVARIANT && (b.kind == ALPA_TIME_SHARDED || is_idempotent))
    return b;
  return complete;
}

/* ---- conflicts ---- */

typedef bool value_test(const alpa_times *times, const alpa_value *value);

static bool is_sharded(const alpa_times *times, const alpa_value *value) {
  return alpa_times_get(times, value).kind == ALPA_TIME_SHARDED;
}

static bool is_variant(const alpa_times *times, const alpa_value *value) {
  return !alpa_time_is_invariant(alpa_times_get(times, value));
}

/* Whether an operand of the op, or of one inside, passes a test. */
static bool has_operand(const alpa_times *times, const alpa_op *op, value_test *test) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (test(times, alpa_op_operand(op, i)))
      return true;
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_block *block = op->regions[r].first; block; block = block->next)
      for (const alpa_op *inner = block->first; inner; inner = inner->next)
        if (has_operand(times, inner, test))
          return true;
  return false;
}

/* Complete results can be viewed where the op can be computed anew from views of its operands. */
static bool is_viewable(const alpa_times *times, const alpa_op *op) {
  if (times->rules[op->number]->form != ALPA_RULE_FACTORS)
    return false;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_time_kind kind = alpa_times_get(times, alpa_op_operand(op, i)).kind;
    if (kind == ALPA_TIME_SHARDED || (kind == ALPA_TIME_COMPLETE && !times->viewable[alpa_op_operand(op, i)->number]))
      return false;
  }
  return true;
}

/* The op runs after the last micro-batch: a conflict where it reads the batch. */
static void make_complete(alpa_times *times, const alpa_op *op, const alpa_op *cause, const char *reason) {
  bool is_viewed = is_viewable(times, op);
  for (uint32_t i = 0; i < op->n_results; i++)
    times->viewable[op->results[i].number] = is_viewed;
  set_results(times, op, complete);
  times->n_complete++;
  if (has_operand(times, op, is_sharded))
    alpa_vec_push(times->arena, &times->conflicts,
                  (alpa_time_conflict){.op = op, .cause = cause, .reason = reason, .is_accepted = false});
}

/* ---- ops ---- */

static void step_factor(alpa_times *times, const alpa_op *op, const alpa_factor *factor) {
  times->greatest_count = alpa_greatest_divisor(factor->size, times->greatest_count);
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_time time = {.kind = factor->kind == ALPA_FACTOR_PASS ? ALPA_TIME_SHARDED : ALPA_TIME_PARTIAL,
                      .dim = factor->result_dims[i],
                      .partial = factor->partial};
    set_state(times, &op->results[i], time);
  }
}

static void step_flow(alpa_times *times, const alpa_op *op) {
  alpa_time time = {0};
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (alpa_times_get(times, alpa_op_operand(op, i)).kind == ALPA_TIME_PARTIAL)
      time = alpa_times_get(times, alpa_op_operand(op, i));
  set_results(times, op, time);
}

static bool has_variant_operand(const alpa_times *times, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (is_variant(times, alpa_op_operand(op, i)))
      return true;
  return false;
}

static void step_factors(alpa_times *times, const alpa_op *op) {
  if (!has_variant_operand(times, op)) {
    alpa_time zero = {.kind = ALPA_TIME_ZERO};
    set_results(times, op, is_zero_constant(op) || keeps_zero(times, op) ? zero : invariant);
    if (op->n_regions > 0 && has_operand(times, op, is_variant))
      make_complete(times, op, op, "has a region that reads the batch");
    return;
  }
  const char *reason = NULL;
  int choice = alpa_times_choose(times, op, &reason);
  if (choice == ALPA_TIME_IMPOSSIBLE)
    make_complete(times, op, op, reason);
  else if (choice >= 0)
    step_factor(times, op, &times->rules[op->number]->factors[choice]);
  else
    step_flow(times, op);
}

static void step_op(alpa_times *times, const alpa_op *op);

static void step_block(alpa_times *times, const alpa_block *block) {
  for (const alpa_op *op = block->first; op; op = op->next)
    step_op(times, op);
}

static const alpa_op *region_end(const alpa_op *op, uint32_t r) {
  return alpa_block_terminator(alpa_region_block(&op->regions[r]));
}

/* Ends an op with regions of which conflicts from `first` on were found inside: it is complete as a whole. */
static void finish_regions(alpa_times *times, const alpa_op *op, const alpa_time *results, size_t first,
                           const char *reason) {
  bool is_complete = reason != NULL;
  const alpa_op *cause = op;
  if (times->conflicts.n > first) {
    cause = times->conflicts.items[first].cause;
    reason = times->conflicts.items[first].reason;
    is_complete = true;
  }
  for (uint32_t i = 0; i < op->n_results; i++)
    is_complete = is_complete || results[i].kind == ALPA_TIME_COMPLETE;
  times->conflicts.n = first;
  if (is_complete) {
    make_complete(times, op, cause, reason ? reason : "carries a value that needs all micro-batches");
    return;
  }
  for (uint32_t i = 0; i < op->n_results; i++)
    set_state(times, &op->results[i], results[i].kind == ALPA_TIME_ZERO ? invariant : results[i]);
}

/* Operand, block arguments, yielded value and result i have one state; other regions yield a predicate. */
static void step_tied(alpa_times *times, const alpa_op *op) {
  uint32_t n = op->n_operands;
  alpa_time *carried = alpa_arena_new(times->arena, alpa_time, n + 1);
  size_t first = times->conflicts.n;
  const char *reason = NULL;
  for (uint32_t i = 0; i < n; i++)
    carried[i] = alpa_times_get(times, alpa_op_operand(op, i));
  for (bool is_settled = op->n_regions == 0; !is_settled;) {
    uint32_t n_complete = times->n_complete;
    times->conflicts.n = first;
    is_settled = true;
    for (uint32_t r = 0; r < op->n_regions; r++) {
      const alpa_block *block = alpa_region_block(&op->regions[r]);
      for (uint32_t i = 0; i < n && i < block->n_args; i++)
        set_state(times, block->args[i], carried[i]);
      step_block(times, block);
    }
    for (uint32_t i = 0; i < n; i++) {
      alpa_time next = join(carried[i], alpa_times_get(times, alpa_op_operand(region_end(op, op->n_regions - 1), i)));
      is_settled = is_settled && alpa_time_is_equal(next, carried[i]);
      carried[i] = next;
    }
    reason = times->n_complete > n_complete ? "computes what needs all micro-batches" : NULL;
  }
  for (uint32_t r = 0; r + 1 < op->n_regions; r++)
    if (has_operand(times, region_end(op, r), is_variant))
      reason = "steps by a predicate that differs between micro-batches";
  finish_regions(times, op, carried, first, reason);
}

static void step_branch(alpa_times *times, const alpa_op *op) {
  size_t first = times->conflicts.n;
  uint32_t n_complete = times->n_complete;
  alpa_time *results = alpa_arena_new(times->arena, alpa_time, op->n_results + 1);
  for (uint32_t r = 0; r < op->n_regions; r++) {
    step_block(times, alpa_region_block(&op->regions[r]));
    for (uint32_t i = 0; i < op->n_results; i++) {
      alpa_time time = alpa_times_get(times, alpa_op_operand(region_end(op, r), i));
      results[i] = r == 0 ? time : join(results[i], time);
    }
  }
  const char *reason = times->n_complete > n_complete ? "computes what needs all micro-batches" : NULL;
  if (has_variant_operand(times, op))
    reason = "branches by a predicate that differs between micro-batches";
  finish_regions(times, op, results, first, reason);
}

/* The dimension of a result that is the batch again, in another order or summed up along it: where an operand has it;
 * or ALPA_NO_DIM. */
static int find_kept_dim(const alpa_times *times, const alpa_op *op, const alpa_type *result) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_time time = alpa_times_get(times, alpa_op_operand(op, i));
    if (time.kind == ALPA_TIME_SHARDED && time.dim < (int64_t)result->rank &&
        alpa_op_operand_type(op, i)->dims[time.dim] == result->dims[time.dim])
      return time.dim;
  }
  return ALPA_NO_DIM;
}

/* A lifted op has the whole batch.  Results that are split, or that are the batch permuted, are read in parts; sums and
 * statistics are invariant. */
static void step_lifted(alpa_times *times, const alpa_op *op) {
  size_t n_conflicts = times->conflicts.n;
  step_factors(times, op);
  times->conflicts.n = n_conflicts;
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_time time = alpa_times_get(times, &op->results[i]);
    int dim = time.kind == ALPA_TIME_COMPLETE ? find_kept_dim(times, op, op->results[i].type) : ALPA_NO_DIM;
    if (dim != ALPA_NO_DIM)
      set_state(times, &op->results[i], (alpa_time){.kind = ALPA_TIME_SHARDED, .dim = (int8_t)dim});
    else if (time.kind != ALPA_TIME_SHARDED)
      set_state(times, &op->results[i], invariant);
  }
}

static void step_op(alpa_times *times, const alpa_op *op) {
  if (times->lifted[op->number]) {
    step_lifted(times, op);
    return;
  }
  switch (times->rules[op->number]->form) {
  case ALPA_RULE_FACTORS:
    step_factors(times, op);
    break;
  case ALPA_RULE_TIED:
    step_tied(times, op);
    break;
  case ALPA_RULE_BRANCH:
    step_branch(times, op);
    break;
  case ALPA_RULE_YIELD:
  case ALPA_RULE_NONE:
    break;
  }
}

/* ---- repairs ---- */

typedef struct walk {
  const alpa_times *times;
  bool *seen; /* by number of an op */
  ALPA_VEC(const alpa_op *) ops;
} walk;

static walk walk_create(const alpa_times *times) {
  return (walk){.times = times, .seen = alpa_arena_new(times->arena, bool, times->n_ops)};
}

static void walk_add(walk *w, const alpa_op *op) {
  if (op == NULL || w->seen[op->number])
    return;
  w->seen[op->number] = true;
  alpa_vec_push(w->times->arena, &w->ops, op);
}

const alpa_op *alpa_times_outermost(const alpa_times *times, const alpa_op *op) {
  while (alpa_op_parent(op) != times->func)
    op = alpa_op_parent(op);
  return op;
}

/* Adds what the value is computed from, as far as that differs between micro-batches; false where some of it is too
 * much work to do on the whole batch first, or has regions whose inside would have to be invariant too. */
static bool add_cheap_slice(walk *w, const alpa_value *value) {
  size_t next = w->ops.n;
  if (value->op && is_variant(w->times, value))
    walk_add(w, value->op);
  for (; next < w->ops.n; next++) {
    const alpa_op *op = w->ops.items[next];
    if (alpa_op_is_heavy(op) || w->times->rules[op->number]->form != ALPA_RULE_FACTORS)
      return false;
    for (uint32_t i = 0; i < op->n_operands; i++)
      if (is_variant(w->times, alpa_op_operand(op, i)))
        walk_add(w, alpa_op_operand(op, i)->op);
  }
  return true;
}

static bool lift_ops(alpa_times *times, const walk *w) {
  bool is_changed = false;
  for (size_t i = 0; i < w->ops.n; i++) {
    is_changed = is_changed || !times->lifted[w->ops.items[i]->number];
    times->lifted[w->ops.items[i]->number] = true;
  }
  return is_changed;
}

/* Lifts a statistic that the conflict reads, or where it reads none, the op itself. */
static bool lift_conflict(alpa_times *times, const alpa_time_conflict *conflict) {
  bool has_statistic = false;
  for (uint32_t i = 0; i < conflict->op->n_operands; i++) {
    const alpa_value *value = alpa_op_operand(conflict->op, i);
    alpa_time_kind kind = alpa_times_get(times, value).kind;
    if (kind != ALPA_TIME_PARTIAL && kind != ALPA_TIME_COMPLETE)
      continue;
    has_statistic = true;
    walk w = walk_create(times);
    if (add_cheap_slice(&w, value) && lift_ops(times, &w))
      return true;
  }
  walk w = walk_create(times);
  return !has_statistic && conflict->op->n_results > 0 && add_cheap_slice(&w, conflict->op->results) &&
         lift_ops(times, &w);
}

static bool lift_first(alpa_times *times) {
  for (size_t i = 0; i < times->conflicts.n; i++)
    if (lift_conflict(times, &times->conflicts.items[i]))
      return true;
  return false;
}

/* Whether nothing that follows from the op is heavy: it costs little to run it on the whole batch afterwards. */
static bool is_light(const alpa_times *times, const alpa_op *op) {
  walk w = walk_create(times);
  walk_add(&w, op);
  for (size_t k = 0; k < w.ops.n; k++) {
    const alpa_op *next = w.ops.items[k];
    if (alpa_op_is_heavy(next) && !alpa_op_has(next, ALPA_TERMINATOR))
      return false;
    for (uint32_t i = 0; i < next->n_results; i++)
      for (const alpa_use *use = next->results[i].uses; use; use = use->next)
        walk_add(&w, alpa_times_outermost(times, use->owner));
  }
  return true;
}

/* ---- passes ---- */

static void run_pass(alpa_times *times) {
  const alpa_batch *batch = times->batch;
  const alpa_block *entry = alpa_func_entry(times->func);
  times->conflicts.n = 0;
  times->n_complete = 0;
  times->greatest_count = batch->size;
  memset(times->viewable, 0, times->n_values * sizeof *times->viewable);
  for (uint32_t i = 0; i < entry->n_args; i++)
    set_state(times, entry->args[i],
              batch->dims[i] == ALPA_NO_DIM ? invariant
                                            : (alpa_time){.kind = ALPA_TIME_SHARDED, .dim = batch->dims[i]});
  step_block(times, entry);
}

static void find_rules(alpa_times *times, const alpa_block *block) {
  for (const alpa_op *op = block->first; op; op = op->next) {
    times->rules[op->number] = alpa_factors_get(times->arena, op);
    for (uint32_t r = 0; r < op->n_regions; r++)
      for (const alpa_block *inner = op->regions[r].first; inner; inner = inner->next)
        find_rules(times, inner);
  }
}

/* Each repair may uncover conflicts behind the one it removed. */
enum { MOST_REPAIRS = 64 };

void alpa_times_find(alpa_arena *arena, alpa_op *func, const alpa_time_options *options, alpa_times *out_times) {
  alpa_times times = {.arena = arena, .func = func, .batch = options->batch, .count = options->count};
  alpa_op_number(func, &times.n_ops, &times.n_values);
  times.states = alpa_arena_new(arena, alpa_time, times.n_values);
  times.rules = alpa_arena_new(arena, const alpa_factor_rule *, times.n_ops);
  times.lifted = alpa_arena_new(arena, bool, times.n_ops);
  times.viewable = alpa_arena_new(arena, bool, times.n_values);
  find_rules(&times, alpa_func_entry(func));
  run_pass(&times);
  for (int repair = 0; times.conflicts.n > 0 && repair < MOST_REPAIRS; repair++) {
    if (!lift_first(&times)) {
      if (!options->allow_local_views || times.has_local_views)
        break;
      times.has_local_views = true;
    }
    run_pass(&times);
  }
  for (size_t i = 0; i < times.conflicts.n; i++)
    times.conflicts.items[i].is_accepted = is_light(&times, times.conflicts.items[i].op);
  *out_times = times;
}

static const alpa_time_conflict *find_refusal(const alpa_times *times) {
  for (size_t i = 0; i < times->conflicts.n; i++)
    if (!times->conflicts.items[i].is_accepted)
      return &times->conflicts.items[i];
  return NULL;
}

/* Whether local views would remove every conflict that is to be refused. */
static bool do_views_help(const alpa_times *times) {
  alpa_times views;
  if (times->has_local_views)
    return false;
  const alpa_time_options options = {times->batch, times->count, true};
  alpa_times_find(times->arena, times->func, &options, &views);
  return find_refusal(&views) == NULL;
}

alpa_status alpa_times_check(const alpa_times *times) {
  const alpa_time_conflict *conflict = find_refusal(times);
  if (conflict == NULL)
    return ALPA_OK;
  const char *inside = "";
  if (conflict->cause != conflict->op)
    inside = alpa_arena_printf(times->arena, "its '%s' ", conflict->cause->def->name);
  return alpa_op_error(conflict->op, "cannot run in micro-batches: %s%s; %s", inside, conflict->reason,
                       do_views_help(times)
                           ? "set statistics=local if statistics of each micro-batch will do, else count=1"
                           : "set count=1");
}
