/* Dead code, loop-carried values and branch results included.
 *
 * Mark and sweep over values.  Alive are the operands of ops with effects and of what isolated ops (functions) return.
 * A live result of most ops makes all their operands live, and all that their regions return.  Of if and case it makes
 * only that value of each region live; of while only the initial value of the same number and the one that the body
 * passes on, so that a value that is carried around for its own sake dies.  Time and memory are linear. */
#include "dialects/ir/walk.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/pass.h"

enum { ERASED, RESULTS };

typedef struct dce {
  alpa_pass_context *pass;
  const alpa_op *root; /* what is outside of it has no number */
  uint8_t *live_ops, *live_values; /* by number */
  ALPA_VEC(alpa_value *) work;
  ALPA_VEC(alpa_op *) dead;
  ALPA_VEC(alpa_op *) shrinking;
} dce;

/* Ops whose results correspond one to one to what their regions return, and live and die alone.  Discardable attributes
 * (a list of shardings) may speak of all results; an op that has some keeps them all. */
static bool is_loop(const alpa_op *op) { return stablehlo_is(op, STABLEHLO_while) && !op->extra; }
static bool is_branch(const alpa_op *op) {
  return (stablehlo_is(op, STABLEHLO_if) || stablehlo_is(op, STABLEHLO_case)) && !op->extra;
}

static alpa_block *block_of(const alpa_op *op, uint32_t region) { return alpa_region_block(&op->regions[region]); }

/* ---- mark ---- */

static void mark(dce *in, alpa_value *value) {
  if (in->live_values[value->number])
    return;
  in->live_values[value->number] = 1;
  alpa_vec_push(in->pass->arena, &in->work, value);
}

static void mark_operands(dce *in, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    mark(in, alpa_op_operand(op, i));
}

/* What an op needs however little of it is used. */
static void mark_op(dce *in, alpa_op *op) {
  for (; op && !in->live_ops[op->number]; op = op == in->root ? NULL : alpa_op_parent(op)) {
    in->live_ops[op->number] = 1;
    if (is_loop(op)) {
      mark_operands(in, block_of(op, 0)->last);
      continue;
    }
    if (is_branch(op)) {
      mark(in, alpa_op_operand(op, 0));
      continue;
    }
    mark_operands(in, op);
    for (uint32_t r = 0; r < op->n_regions; r++)
      for (alpa_block *block = op->regions[r].first; block; block = block->next)
        if (block->last && alpa_op_has(block->last, ALPA_TERMINATOR))
          mark_operands(in, block->last);
  }
}

static void mark_carried(dce *in, alpa_op *loop, uint32_t i) {
  in->live_values[loop->results[i].number] = 1; /* the slot: init, arguments, passed-on value and result */
  mark_op(in, loop);
  mark(in, alpa_op_operand(loop, i));
  mark(in, alpa_op_operand(block_of(loop, 1)->last, i));
}

static void mark_needs(dce *in, alpa_value *value) {
  alpa_op *op = value->op ? value->op : value->block->region->op;
  if (is_loop(op)) {
    mark_carried(in, op, value->index);
    return;
  }
  mark_op(in, op);
  if (value->op && is_branch(op))
    for (uint32_t r = 0; r < op->n_regions; r++)
      mark(in, alpa_op_operand(block_of(op, r)->last, value->index));
}

/* Ops with regions live for the ops with effects inside them, which are met on their own.  A collective whose results
 * nobody uses does nothing, since all devices run the same program and leave it out together. */
static alpa_status mark_root(void *user, alpa_op *op) {
  bool is_erasable = alpa_op_has(op, ALPA_PURE | ALPA_REGION_PURE | ALPA_COLLECTIVE);
  if (!is_erasable && !alpa_op_has(op, ALPA_TERMINATOR))
    mark_op(user, op);
  return ALPA_OK;
}

/* ---- sweep ---- */

static bool is_live_slot(const dce *in, const alpa_op *op, uint32_t i) {
  return in->live_values[op->results[i].number];
}

static bool has_dead_slot(const dce *in, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (!is_live_slot(in, op, i))
      return true;
  return false;
}

/* Lists dead ops without what is inside them, in program order, and live ones that lose results, inner ones first. */
static void collect(dce *in, alpa_op *parent) {
  for (uint32_t r = 0; r < parent->n_regions; r++)
    for (alpa_block *block = parent->regions[r].first; block; block = block->next)
      for (alpa_op *op = block->first; op; op = op->next) {
        if (!in->live_ops[op->number] && !alpa_op_has(op, ALPA_TERMINATOR)) {
          alpa_vec_push(in->pass->arena, &in->dead, op);
          continue;
        }
        collect(in, op);
        if ((is_loop(op) || is_branch(op)) && has_dead_slot(in, op))
          alpa_vec_push(in->pass->arena, &in->shrinking, op);
      }
}

static void keep_live_operands(const dce *in, alpa_op *op, const alpa_op *slots) {
  alpa_value **kept = alpa_arena_new(in->pass->arena, alpa_value *, op->n_operands);
  size_t n = 0;
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (is_live_slot(in, slots, i))
      kept[n++] = alpa_op_operand(op, i);
  alpa_op_set_operands(op, kept, n);
}

/* The terminators that hand out the results let go of the dead ones; then nothing dead is used by anything live. */
static void release_slots(const dce *in, alpa_op *op) {
  for (uint32_t r = is_loop(op) ? 1 : 0; r < op->n_regions; r++)
    keep_live_operands(in, block_of(op, r)->last, op);
}

static void erase_dead_args(const dce *in, alpa_op *loop) {
  for (uint32_t r = 0; r < 2; r++)
    for (uint32_t i = loop->n_results; i-- > 0;)
      if (!is_live_slot(in, loop, i))
        alpa_block_erase_arg(block_of(loop, r), i);
}

/* Makes the op anew with fewer results; the new one has the regions of the old one. */
static void shrink(dce *in, alpa_op *op) {
  alpa_arena *arena = in->pass->arena;
  const alpa_type **types = alpa_arena_new(arena, const alpa_type *, op->n_results);
  size_t n = 0;
  for (uint32_t i = 0; i < op->n_results; i++)
    if (is_live_slot(in, op, i))
      types[n++] = op->results[i].type;
  if (is_loop(op)) {
    erase_dead_args(in, op);
    keep_live_operands(in, op, op);
  }
  alpa_value **operands = alpa_arena_new(arena, alpa_value *, op->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = alpa_op_operand(op, i);
  alpa_op *slim = alpa_op_create(op->module, &(alpa_op_state){.def = op->def,
                                                              .loc = op->loc,
                                                              .operands = operands,
                                                              .n_operands = op->n_operands,
                                                              .results = types,
                                                              .n_results = n,
                                                              .attrs = op->attrs,
                                                              .n_regions = op->n_regions});
  alpa_op_insert(slim, op->block, op);
  for (uint32_t i = 0, k = 0; i < op->n_results; i++)
    if (is_live_slot(in, op, i)) {
      slim->results[k].name = op->results[i].name;
      alpa_value_replace(&op->results[i], &slim->results[k++]);
    }
  for (uint32_t r = 0; r < op->n_regions; r++)
    alpa_region_take(&slim->regions[r], &op->regions[r]);
  in->pass->counters[RESULTS] += (int64_t)(op->n_results - n);
  alpa_op_erase(op);
}

static alpa_status run(alpa_op *root, const void *options, alpa_pass_context *pass) {
  (void)options;
  uint32_t n_ops, n_values;
  alpa_op_number(root, &n_ops, &n_values);
  dce in = {.pass = pass,
            .root = root,
            .live_ops = alpa_arena_new(pass->arena, uint8_t, n_ops),
            .live_values = alpa_arena_new(pass->arena, uint8_t, n_values)};
  mark_op(&in, root);
  (void)alpa_op_walk(root, mark_root, &in);
  while (in.work.n)
    mark_needs(&in, in.work.items[--in.work.n]);
  collect(&in, root);
  for (size_t i = 0; i < in.shrinking.n; i++)
    release_slots(&in, in.shrinking.items[i]);
  for (size_t i = in.dead.n; i-- > 0;)
    alpa_op_erase(in.dead.items[i]);
  for (size_t i = 0; i < in.shrinking.n; i++)
    shrink(&in, in.shrinking.items[i]);
  pass->counters[ERASED] += (int64_t)in.dead.n;
  return ALPA_OK;
}

static const alpa_statistic_def statistics[] = {[ERASED] = {"erased", "dead ops erased"},
                                                [RESULTS] = {"results", "unused results of loops and branches removed"},
                                                {0}};

const alpa_pass_def alpa_pass_dce = {
    .name = "dce",
    .summary = "erase what no result and no effect depends on",
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .run = run,
};
