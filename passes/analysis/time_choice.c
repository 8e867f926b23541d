/* What one op does along time, by its factor rule: the counterpart of strategies, on one axis and without resharding.
 * And states as attributes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialects/func/func.h"
#include "passes/analysis/strategy.h"
#include "passes/analysis/time.h"

/* ---- states as attributes ---- */

static const char *const kind_names[] = {
#define X(ID, spelling) [ALPA_TIME_##ID] = spelling,
    ALPA_TIME_TABLE(X)
#undef X
};

static const char *const partial_names[] = {
#define X(ID, spelling) [ALPA_PARTIAL_##ID] = spelling,
    ALPA_PARTIAL_TABLE(X)
#undef X
};

bool alpa_time_is_equal(alpa_time a, alpa_time b) {
  return a.kind == b.kind && (a.kind != ALPA_TIME_SHARDED || a.dim == b.dim) &&
         (a.kind != ALPA_TIME_PARTIAL || a.partial == b.partial);
}

const alpa_attr *alpa_time_encode(alpa_context *ctx, alpa_time time) {
  char text[32];
  if (time.kind == ALPA_TIME_SHARDED)
    snprintf(text, sizeof text, "%s<%d>", kind_names[time.kind], time.dim);
  else if (time.kind == ALPA_TIME_PARTIAL)
    snprintf(text, sizeof text, "%s<%s>", kind_names[time.kind], partial_names[time.partial]);
  else
    snprintf(text, sizeof text, "%s", kind_names[time.kind]);
  return alpa_attr_get_string(ctx, text);
}

/* The rest of a text behind a prefix, or NULL. */
static const char *skip(const char *text, const char *prefix) {
  size_t n = strlen(prefix);
  return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static bool decode_argument(const char *text, alpa_time *time) {
  char *end = NULL;
  if (time->kind == ALPA_TIME_SHARDED) {
    long dim = strtol(text, &end, 10);
    time->dim = (int8_t)dim;
    return end != text && strcmp(end, ">") == 0 && dim >= 0 && dim < INT8_MAX;
  }
  for (size_t k = 0; k < countof(partial_names) && time->kind == ALPA_TIME_PARTIAL; k++) {
    const char *rest = skip(text, partial_names[k]);
    time->partial = (alpa_partial_kind)k;
    if (rest && strcmp(rest, ">") == 0)
      return true;
  }
  return false;
}

bool alpa_time_decode(const alpa_attr *attr, alpa_time *out_time) {
  char text[32] = "";
  if (attr->kind != ALPA_ATTR_STRING || attr->string.size >= sizeof text)
    return false;
  memcpy(text, attr->string.data, attr->string.size);
  for (size_t k = 0; k < countof(kind_names); k++) {
    const char *rest = skip(text, kind_names[k]);
    alpa_time time = {.kind = (alpa_time_kind)k};
    bool has_argument = time.kind == ALPA_TIME_SHARDED || time.kind == ALPA_TIME_PARTIAL;
    if (rest == NULL || (has_argument ? *rest != '<' || !decode_argument(rest + 1, &time) : *rest != '\0'))
      continue;
    *out_time = time;
    return true;
  }
  return false;
}

/* ---- choices ---- */

typedef struct op_states {
  uint32_t n_sharded, n_partial, n_complete;
} op_states;

static alpa_time operand_time(const alpa_times *times, const alpa_op *op, uint32_t i) {
  return alpa_times_get(times, alpa_op_operand(op, i));
}

static op_states count_states(const alpa_times *times, const alpa_op *op) {
  op_states n = {0};
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_time_kind kind = operand_time(times, op, i).kind;
    n.n_sharded += kind == ALPA_TIME_SHARDED;
    n.n_partial += kind == ALPA_TIME_PARTIAL;
    n.n_complete += kind == ALPA_TIME_COMPLETE;
  }
  return n;
}

/* Whether a value may stand where a partial one is needed: each micro-batch has its contribution to it. */
static bool suits_partial(alpa_time time, alpa_partial_kind kind) {
  if (time.kind == ALPA_TIME_PARTIAL)
    return time.partial == kind;
  return time.kind == ALPA_TIME_ZERO || (time.kind == ALPA_TIME_INVARIANT && kind != ALPA_PARTIAL_SUM);
}

static const char *whole_dim_reason(const alpa_times *times, uint32_t operand, int dim) {
  return alpa_arena_printf(times->arena, "needs the batch whole (dimension %d of operand %u)", dim, operand);
}

/* Windows that overlap, indices that go anywhere, and parts of merged dimensions cannot be cut into micro-batches. */
static int find_factor(const alpa_times *times, const alpa_op *op, const char **reason) {
  const alpa_factor_rule *rule = times->rules[op->number];
  int found = ALPA_TIME_IMPOSSIBLE;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_time time = operand_time(times, op, i);
    if (time.kind != ALPA_TIME_SHARDED)
      continue;
    int32_t f = alpa_factor_find_operand(rule, i, (uint32_t)time.dim);
    if (f == ALPA_NO_FACTOR || (rule->factors[f].care & (ALPA_CARE_HALO | ALPA_CARE_INDEX))) {
      *reason = whole_dim_reason(times, i, time.dim);
      return ALPA_TIME_IMPOSSIBLE;
    }
    if (found != ALPA_TIME_IMPOSSIBLE && found != f) {
      *reason = "combines every element of the batch with every other: two of its dimensions are the batch";
      return ALPA_TIME_IMPOSSIBLE;
    }
    found = f;
  }
  return found;
}

static bool is_divisible(const alpa_times *times, const alpa_factor *factor, const char **reason) {
  if (times->count == 0 || factor->size % times->count == 0)
    return true;
  *reason = alpa_arena_printf(times->arena, "splits the batch into %lld groups, which %lld micro-batches do not divide",
                              (long long)factor->size, (long long)times->count);
  return false;
}

/* The operands of a factor that carry no batch: read as they are where they have to be partial, else invariant or, with
 * local views, viewed. */
static bool suits_factor(const alpa_times *times, const alpa_op *op, const alpa_factor *factor, uint32_t i,
                         const char **reason) {
  alpa_time time = operand_time(times, op, i);
  bool is_partial = factor->operand_partial && factor->operand_partial[i];
  if (is_partial && !suits_partial(time, factor->partial)) {
    *reason = alpa_arena_printf(times->arena, "adds to operand %u, which is not zero, in every micro-batch", i);
    return false;
  }
  if (is_partial || time.kind == ALPA_TIME_SHARDED || alpa_time_is_invariant(time))
    return true;
  if (times->has_local_views && (time.kind == ALPA_TIME_PARTIAL || times->viewable[alpa_op_operand(op, i)->number]))
    return true;
  *reason = alpa_arena_printf(times->arena, "combines the batch with operand %u, a statistic of the whole batch", i);
  return false;
}

static int choose_factor(const alpa_times *times, const alpa_op *op, const char **reason) {
  int f = find_factor(times, op, reason);
  if (f == ALPA_TIME_IMPOSSIBLE)
    return f;
  const alpa_factor *factor = &times->rules[op->number]->factors[f];
  if (!is_divisible(times, factor, reason))
    return ALPA_TIME_IMPOSSIBLE;
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (!suits_factor(times, op, factor, i, reason))
      return ALPA_TIME_IMPOSSIBLE;
  return f;
}

static bool suits_flow(const alpa_times *times, const alpa_op *op, const alpa_flow *flow, alpa_partial_kind kind) {
  if (!(flow->kinds & (1u << kind)))
    return false;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_time time = operand_time(times, op, i);
    if (!(flow->operands[i] ? suits_partial(time, kind) : alpa_time_is_invariant(time)))
      return false;
  }
  return true;
}

static int choose_flow(const alpa_times *times, const alpa_op *op, const char **reason) {
  const alpa_factor_rule *rule = times->rules[op->number];
  alpa_partial_kind kind = ALPA_PARTIAL_SUM;
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (operand_time(times, op, i).kind == ALPA_TIME_PARTIAL)
      kind = operand_time(times, op, i).partial;
  for (uint32_t l = 0; l < rule->n_flows; l++)
    if (suits_flow(times, op, &rule->flows[l], kind))
      return ALPA_CHOOSE_FLOW - (int)l;
  *reason = "is not linear in a value that is summed over micro-batches";
  return ALPA_TIME_IMPOSSIBLE;
}

/* An op on invariant operands alone whose results are sharded was sunk. */
static int choose_by_result(const alpa_times *times, const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_results; i++) {
    alpa_time time = alpa_times_get(times, &op->results[i]);
    if (time.kind == ALPA_TIME_SHARDED)
      return alpa_factor_find_result(times->rules[op->number], i, (uint32_t)time.dim);
  }
  return ALPA_CHOOSE_NOTHING;
}

int alpa_times_choose(const alpa_times *times, const alpa_op *op, const char **out_reason) {
  op_states n = count_states(times, op);
  if (n.n_sharded)
    return choose_factor(times, op, out_reason);
  *out_reason = "reads a statistic of the whole batch";
  if (n.n_complete)
    return ALPA_TIME_IMPOSSIBLE;
  return n.n_partial ? choose_flow(times, op, out_reason) : choose_by_result(times, op);
}

bool alpa_times_reads_view(const alpa_times *times, const alpa_op *op, int choice, uint32_t operand) {
  if (choice < 0)
    return false;
  alpa_time_kind kind = operand_time(times, op, operand).kind;
  const alpa_factor *factor = &times->rules[op->number]->factors[choice];
  bool is_partial = factor->operand_partial && factor->operand_partial[operand];
  return !is_partial && (kind == ALPA_TIME_PARTIAL || kind == ALPA_TIME_COMPLETE);
}

static void mark_view(const alpa_times *times, const alpa_value *value, bool *viewed) {
  if (viewed[value->number])
    return;
  viewed[value->number] = true;
  if (alpa_times_get(times, value).kind == ALPA_TIME_COMPLETE && value->op)
    for (uint32_t i = 0; i < value->op->n_operands; i++)
      mark_view(times, alpa_op_operand(value->op, i), viewed);
}

static void mark_views(const alpa_times *times, const alpa_op *op, bool *viewed) {
  const char *reason = NULL;
  bool is_complete = op->n_results > 0 && alpa_times_get(times, op->results).kind == ALPA_TIME_COMPLETE;
  if (times->rules[op->number]->form == ALPA_RULE_FACTORS && !is_complete) {
    int choice = alpa_times_choose(times, op, &reason);
    for (uint32_t i = 0; i < op->n_operands; i++)
      if (alpa_times_reads_view(times, op, choice, i))
        mark_view(times, alpa_op_operand(op, i), viewed);
  }
  for (uint32_t r = 0; r < op->n_regions; r++)
    for (const alpa_op *inner = alpa_region_block(&op->regions[r])->first; inner; inner = inner->next)
      mark_views(times, inner, viewed);
}

bool *alpa_times_find_views(const alpa_times *times) {
  bool *viewed = alpa_arena_new(times->arena, bool, times->n_values);
  for (const alpa_op *op = alpa_func_entry(times->func)->first; op && times->has_local_views; op = op->next)
    mark_views(times, op, viewed);
  return viewed;
}
