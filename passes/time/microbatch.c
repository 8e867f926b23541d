/* microbatch: finds what a step in micro-batches computes when, and writes it beside every op.
 *
 * States along time (passes/analysis/time.h), phases (passes/time/phases.h), then attributes alone: the module says
 * `alpa.microbatches = 4`, every op of the main function `alpa.phase` and, as do its arguments and results,
 * `alpa.time`, the state of each result.  An op whose partial results are accumulated is marked `alpa.accumulates`.
 * `time-loop` makes a loop of it.  Nearly linear in the number of ops. */
#include <string.h>

#include "dialects/func/func.h"
#include "passes/pass.h"
#include "passes/time/phases.h"

enum { ACCUMULATORS, ACCUMULATOR_BYTES, SAVED, SAVED_BYTES, SUNK, LIFTED, GATHERED, GATHERED_BYTES };

/* Also the names of the figures in the attribute `alpa.microbatching` of the module. */
static const alpa_statistic_def statistics[] = {
    [ACCUMULATORS] = {"accumulators", "values summed over micro-batches"},
    [ACCUMULATOR_BYTES] = {"accumulator-bytes", "bytes of the accumulators"},
    [SAVED] = {"saved", "values computed once that every micro-batch reads"},
    [SAVED_BYTES] = {"saved-bytes", "bytes of the saved values"},
    [SUNK] = {"sunk", "ops moved into the micro-batches"},
    [LIFTED] = {"lifted", "ops that run on the whole batch first"},
    [GATHERED] = {"gathered", "values put together over the whole batch"},
    [GATHERED_BYTES] = {"gathered-bytes", "bytes of the gathered values"},
    {0},
};

typedef struct microbatch_options {
  int64_t count;
  alpa_strings batch;
  int64_t batch_dim;
  const char *statistics;
} microbatch_options;

static const char *const statistics_choices[] = {"whole", "local", NULL};

#define FIELD(field) offsetof(microbatch_options, field)
static const alpa_option_def option_defs[] = {
    {"count", "number of micro-batches; 0: as many as alpa.microbatches says, or one", ALPA_OPTION_INT, FIELD(count),
     "0", .min = 0, .max = INT32_MAX},
    {"batch",
     "arguments that carry the batch, by number or name, with :dimension where that is not the first; all that "
     "are neither state nor scalar where none is given",
     ALPA_OPTION_STRINGS, FIELD(batch), NULL, .choices = NULL},
    {"batch-dim", "dimension of the batch in arguments that say none", ALPA_OPTION_INT, FIELD(batch_dim), "0",
     .min = 0},
    {"statistics",
     "statistics of the batch that the forward pass uses: of the whole batch, or local to the micro-batch",
     ALPA_OPTION_STRING, FIELD(statistics), "whole", .choices = statistics_choices},
    {0},
};
#undef FIELD

/* ---- attributes ---- */

static void annotate_states(const alpa_times *times, const alpa_op *func, alpa_op *op, bool is_body) {
  alpa_context *ctx = alpa_op_context(func);
  const alpa_attr **states = alpa_arena_new(times->arena, const alpa_attr *, op->n_results);
  for (uint32_t i = 0; i < op->n_results; i++)
    states[i] = alpa_time_encode(ctx, alpa_times_get(times, &op->results[i]));
  if (op->n_results > 0)
    alpa_op_set_attr(op, "alpa.time", alpa_attr_get_array(ctx, states, op->n_results));
  for (uint32_t r = 0; r < op->n_regions && is_body && times->rules[op->number]->form != ALPA_RULE_FACTORS; r++)
    for (alpa_op *inner = alpa_region_block(&op->regions[r])->first; inner; inner = inner->next)
      annotate_states(times, func, inner, is_body);
}

static bool accumulates(const alpa_phases *phases, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++)
    if (alpa_times_get(phases->times, &op->results[i]).kind == ALPA_TIME_PARTIAL &&
        alpa_phases_is_carried(phases, &op->results[i]))
      return true;
  return false;
}

static void annotate_op(const alpa_phases *phases, alpa_op *op) {
  alpa_context *ctx = alpa_op_context(op);
  alpa_phase phase = phases->phases[op->number];
  alpa_op_set_attr(op, "alpa.phase", alpa_attr_get_string(ctx, alpa_phase_names[phase]));
  alpa_op_set_attr(op, "alpa.accumulates", accumulates(phases, op) ? alpa_attr_get_unit(ctx) : NULL);
  annotate_states(phases->times, phases->times->func, op, phase == ALPA_PHASE_BODY);
}

static void annotate_func(const alpa_phases *phases, alpa_op *func) {
  alpa_context *ctx = alpa_op_context(func);
  const alpa_block *entry = alpa_func_entry(func);
  for (alpa_op *op = entry->first; op != entry->last; op = op->next)
    annotate_op(phases, op);
  const alpa_op *end = entry->last;
  const alpa_attr **states = alpa_arena_new(phases->times->arena, const alpa_attr *, entry->n_args + end->n_operands);
  for (uint32_t i = 0; i < entry->n_args; i++)
    states[i] = alpa_time_encode(ctx, alpa_times_get(phases->times, entry->args[i]));
  alpa_func_set_arg_attrs(func, "alpa.time", states);
  for (uint32_t i = 0; i < end->n_operands; i++)
    states[i] = alpa_time_encode(ctx, alpa_times_get(phases->times, alpa_op_operand(end, i)));
  alpa_func_set_result_attrs(func, "alpa.time", states);
}

/* ---- figures ---- */

typedef struct figures {
  const alpa_phases *phases;
  int64_t *values; /* by ordinal of the statistics */
  bool *seen;      /* saved values, by number */
} figures;

static void count_saved(figures *f, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_value *value = alpa_op_operand(op, i);
    if (value->op == NULL || !alpa_type_is_static_tensor(value->type) || f->seen[value->number] ||
        f->phases->phases[value->op->number] != ALPA_PHASE_PROLOGUE ||
        value->op->block != alpa_func_entry(f->phases->times->func) || alpa_op_has(value->op, ALPA_CONSTANT))
      continue;
    f->seen[value->number] = true;
    f->values[SAVED]++;
    f->values[SAVED_BYTES] += alpa_type_bytes(value->type);
  }
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_op *inner = alpa_region_block(&op->regions[r])->first; inner; inner = inner->next)
      count_saved(f, inner);
}

static void count_carried(figures *f, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    const alpa_value *value = &op->results[i];
    if (!alpa_phases_is_carried(f->phases, value))
      continue;
    bool is_partial = alpa_times_get(f->phases->times, value).kind == ALPA_TIME_PARTIAL;
    f->values[is_partial ? ACCUMULATORS : GATHERED]++;
    f->values[is_partial ? ACCUMULATOR_BYTES : GATHERED_BYTES] +=
        is_partial ? alpa_accumulator_bytes(value->type) : alpa_type_bytes(value->type);
  }
}

static void count_figures(const alpa_phases *phases, int64_t *values) {
  figures f = {phases, values, alpa_arena_new(phases->times->arena, bool, phases->times->n_values)};
  for (const alpa_op *op = alpa_func_entry(phases->times->func)->first; op; op = op->next) {
    values[LIFTED] += phases->times->lifted[op->number];
    if (phases->phases[op->number] != ALPA_PHASE_BODY)
      continue;
    count_saved(&f, op);
    count_carried(&f, op);
  }
  values[SUNK] = phases->n_sunk;
}

static const alpa_attr *encode_figures(alpa_context *ctx, const int64_t *values) {
  const alpa_attr *dict = NULL;
  for (size_t i = 0; statistics[i].name; i++)
    dict = alpa_attr_dict_set(ctx, dict, statistics[i].name, alpa_attr_get_i64(ctx, values[i]));
  return dict;
}

/* ---- the pass ---- */

/* The number that the user gives, or that a pass has found. */
static int64_t find_count(const alpa_op *module, int64_t given) {
  const alpa_attr *found = alpa_op_find_attr(module, "alpa.microbatches");
  return given ? given : found && found->integer > 0 ? found->integer : 1;
}

static alpa_status check_count(const alpa_op *func, const alpa_batch *batch, int64_t count) {
  if (batch->size % count)
    return alpa_op_error(func, "has a batch of %lld, which %lld micro-batches do not divide", (long long)batch->size,
                         (long long)count);
  return ALPA_OK;
}

/* What is not refused but costs: said once. */
static void remark_gathered(const alpa_times *times) {
  for (size_t i = 0; i < times->conflicts.n; i++)
    alpa_op_remark(times->conflicts.items[i].op, "%s: it runs on the whole batch after the last micro-batch",
                   times->conflicts.items[i].reason);
}

/* What an earlier run wrote. */
static void clear(alpa_op *module, alpa_op *func) {
  const alpa_type *type = alpa_func_type(func);
  const alpa_attr **none = alpa_arena_new(&module->module->arena, const alpa_attr *, type->inputs.n + type->results.n);
  if (alpa_op_find_attr(module, "alpa.microbatching") == NULL)
    return;
  alpa_op_set_attr(module, "alpa.microbatching", NULL);
  alpa_func_set_arg_attrs(func, "alpa.time", none);
  alpa_func_set_result_attrs(func, "alpa.time", none);
  for (alpa_op *op = alpa_func_entry(func)->first; op; op = op->next) {
    alpa_op_set_attr(op, "alpa.phase", NULL);
    alpa_phases_strip(op);
  }
}

static alpa_status run(alpa_op *module, const void *user, alpa_pass_context *pass) {
  const microbatch_options *options = user;
  alpa_context *ctx = alpa_op_context(module);
  alpa_batch_options batch_options = {options->batch.items, options->batch.n, options->batch_dim};
  int64_t values[countof(statistics)] = {0};
  alpa_op *func = NULL;
  alpa_batch batch;
  alpa_times times;
  alpa_phases phases;
  int64_t count = find_count(module, options->count);
  alpa_op_set_attr(module, "alpa.microbatches", alpa_attr_get_i64(ctx, count));
  ALPA_TRY(alpa_func_find_main(module, &func));
  clear(module, func);
  if (count == 1)
    return ALPA_OK;
  ALPA_TRY(alpa_batch_find(pass->arena, func, &batch_options, &batch));
  ALPA_TRY(check_count(func, &batch, count));
  const alpa_time_options time_options = {&batch, count, strcmp(options->statistics, "local") == 0};
  alpa_times_find(pass->arena, func, &time_options, &times);
  ALPA_TRY(alpa_times_check(&times));
  remark_gathered(&times);
  alpa_phases_find(&times, &phases);
  count_figures(&phases, values);
  annotate_func(&phases, func);
  for (size_t i = 0; statistics[i].name; i++)
    pass->counters[i] += values[i];
  alpa_op_set_attr(module, "alpa.microbatching", encode_figures(ctx, values));
  return ALPA_OK;
}

const alpa_pass_def alpa_pass_microbatch = {
    .name = "microbatch",
    .summary = "splits the batch into micro-batches: says what runs before them, in each of them, and after them",
    .anchor = "builtin.module",
    .options = option_defs,
    .options_size = sizeof(microbatch_options),
    .statistics = statistics,
    .preserves = ALPA_HAS_ALL,
    .establishes = ALPA_HAS_TIME,
    .run = run,
};
