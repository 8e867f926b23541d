/* Factor rules: the table from ops to rule functions, finished rules, and questions about them. */
#include "passes/analysis/factors.h"

#include <string.h>

#include "dialects/chlo/chlo.h"
#include "dialects/func/func.h"
#include "dialects/sdy/sdy.h"
#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/factor_rules.h"

/* clang-format off */
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, ...)          \
  [STABLEHLO_##id] = alpa_factors_##factors,
static alpa_factors_fn *const stablehlo_rules[STABLEHLO_OP_COUNT] = {
#include "dialects/stablehlo/stablehlo_ops.def"
};
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, ...)          \
  [CHLO_##id] = alpa_factors_##factors,
static alpa_factors_fn *const chlo_rules[CHLO_OP_COUNT] = {
#include "dialects/chlo/chlo_ops.def"
};
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, ...)          \
  [FUNC_##id] = alpa_factors_##factors,
static alpa_factors_fn *const func_rules[FUNC_OP_COUNT] = {
#include "dialects/func/func_ops.def"
};
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, ...)          \
  [SDY_##id] = alpa_factors_##factors,
static alpa_factors_fn *const sdy_rules[SDY_OP_COUNT] = {
#include "dialects/sdy/sdy_ops.def"
};
/* clang-format on */

static alpa_factors_fn *find_rule(const alpa_op_def *def) {
  if (def->dialect == NULL)
    return alpa_factors_whole;
  switch ((alpa_dialect_id)def->dialect->id) {
  case ALPA_DIALECT_STABLEHLO:
    return stablehlo_rules[def->id];
  case ALPA_DIALECT_CHLO:
    return chlo_rules[def->id];
  case ALPA_DIALECT_FUNC:
    return func_rules[def->id];
  case ALPA_DIALECT_SDY:
    return sdy_rules[def->id];
  case ALPA_DIALECT_ALPA:
  case ALPA_DIALECT_BUILTIN:
  case ALPA_DIALECT_KERNEL:
  case ALPA_DIALECT_COUNT:
    break;
  }
  return alpa_factors_none;
}

alpa_factor_draft *alpa_rule_add(alpa_rule_draft *rule, int64_t size) {
  alpa_factor_draft draft = {.size = size,
                             .kind = ALPA_FACTOR_PASS,
                             .after = ALPA_NO_FACTOR,
                             .operand_dims = alpa_arena_alloc(rule->arena, rule->n_operands),
                             .result_dims = alpa_arena_alloc(rule->arena, rule->n_results),
                             .operand_partial = alpa_arena_new(rule->arena, bool, rule->n_operands)};
  memset(draft.operand_dims, ALPA_NO_DIM, rule->n_operands);
  memset(draft.result_dims, ALPA_NO_DIM, rule->n_results);
  alpa_vec_push(rule->arena, &rule->factors, draft);
  return &rule->factors.items[rule->factors.n - 1];
}

alpa_factor_draft *alpa_rule_add_common(alpa_rule_draft *rule, uint32_t dim) {
  const alpa_type *type = rule->n_results ? alpa_op_type(rule->op) : alpa_op_operand_type(rule->op, 0);
  alpa_factor_draft *factor = alpa_rule_add(rule, type->dims[dim]);
  for (uint32_t i = 0; i < rule->n_operands; i++)
    if (alpa_op_operand_type(rule->op, i)->rank > dim)
      factor->operand_dims[i] = (int8_t)dim;
  for (uint32_t i = 0; i < rule->n_results; i++)
    if (rule->op->results[i].type->rank > dim)
      factor->result_dims[i] = (int8_t)dim;
  return factor;
}

/* Booleans have no sums, complex numbers no order. */
static uint32_t kinds_of(const alpa_type *type) {
  alpa_dtype_class class = alpa_type_class(type);
  return class == ALPA_CLASS_BOOL      ? ALPA_FLOW_MAX | ALPA_FLOW_MIN
         : class == ALPA_CLASS_COMPLEX ? ALPA_FLOW_SUM
                                       : ALPA_FLOW_ANY;
}

void alpa_rule_add_flow(alpa_rule_draft *rule, uint32_t kinds, const int *operands) {
  for (uint32_t i = 0; i < rule->n_results; i++)
    kinds &= kinds_of(rule->op->results[i].type);
  if (kinds == 0)
    return;
  bool *flags = alpa_arena_new(rule->arena, bool, rule->n_operands);
  for (; *operands >= 0; operands++)
    flags[*operands] = true;
  alpa_vec_push(rule->arena, &rule->flows, (alpa_flow){.operands = flags, .kinds = kinds});
}

static alpa_factor finish_factor(const alpa_rule_draft *rule, const alpa_factor_draft *draft) {
  bool has_partial = false;
  for (uint32_t i = 0; i < rule->n_operands; i++)
    has_partial = has_partial || draft->operand_partial[i];
  return (alpa_factor){.size = draft->size,
                       .kind = draft->kind,
                       .partial = draft->partial,
                       .care = draft->care,
                       .after = draft->after,
                       .operand_dims = draft->operand_dims,
                       .result_dims = draft->result_dims,
                       .operand_partial = has_partial ? draft->operand_partial : NULL};
}

/* Drops factors that have nothing to split; `after` refers to drafts and is renumbered. */
static void finish_factors(const alpa_rule_draft *draft, alpa_factor_rule *rule) {
  alpa_factor *factors = alpa_arena_new(draft->arena, alpa_factor, draft->factors.n);
  int32_t *numbers = alpa_arena_new(draft->arena, int32_t, draft->factors.n);
  for (size_t f = 0; f < draft->factors.n; f++) {
    const alpa_factor_draft *factor = &draft->factors.items[f];
    numbers[f] = factor->size < 2 ? ALPA_NO_FACTOR : (int32_t)rule->n_factors;
    if (factor->size < 2)
      continue;
    factors[rule->n_factors] = finish_factor(draft, factor);
    if (factor->after != ALPA_NO_FACTOR)
      factors[rule->n_factors].after = numbers[factor->after];
    rule->n_factors++;
  }
  rule->factors = factors;
}

const alpa_factor_rule *alpa_factors_get(alpa_arena *arena, const alpa_op *op) {
  alpa_rule_draft draft = {.arena = arena, .op = op, .n_operands = op->n_operands, .n_results = op->n_results};
  alpa_factors_fn *find = find_rule(op->def);
  if (alpa_op_is_static(op) || find == alpa_factors_none)
    find(&draft);
  alpa_factor_rule *rule = alpa_arena_new(arena, alpa_factor_rule, 1);
  *rule = (alpa_factor_rule){.form = draft.form,
                             .n_operands = draft.n_operands,
                             .n_results = draft.n_results,
                             .flows = draft.flows.items,
                             .n_flows = (uint32_t)draft.flows.n};
  finish_factors(&draft, rule);
  return rule;
}

bool alpa_factor_is_divisible(const alpa_factor *factor, int64_t parts, bool allow_padding) {
  return factor->size % parts == 0 || (allow_padding && !(factor->care & ALPA_CARE_EVEN));
}

int32_t alpa_factor_find_operand(const alpa_factor_rule *rule, uint32_t operand, uint32_t dim) {
  for (uint32_t f = 0; f < rule->n_factors; f++)
    if (rule->factors[f].operand_dims[operand] == (int8_t)dim && rule->factors[f].after == ALPA_NO_FACTOR)
      return (int32_t)f;
  return ALPA_NO_FACTOR;
}

int32_t alpa_factor_find_result(const alpa_factor_rule *rule, uint32_t result, uint32_t dim) {
  for (uint32_t f = 0; f < rule->n_factors; f++)
    if (rule->factors[f].result_dims[result] == (int8_t)dim && rule->factors[f].after == ALPA_NO_FACTOR)
      return (int32_t)f;
  return ALPA_NO_FACTOR;
}

/* Visits at most `budget` ops, so that a shared graph costs no more than a tree of that size. */
static bool is_free(const alpa_value *value, int *budget) {
  const alpa_op *op = value->op;
  if (op == NULL || op->n_regions > 0 || (*budget)-- <= 0 || !alpa_op_is_pure(op) ||
      stablehlo_is(op, STABLEHLO_partition_id) || stablehlo_is(op, STABLEHLO_replica_id) ||
      stablehlo_is(op, STABLEHLO_optimization_barrier))
    return false;
  for (uint32_t i = 0; i < op->n_operands; i++)
    if (!is_free(alpa_op_operand(op, i), budget))
      return false;
  return true;
}

bool alpa_value_is_free(const alpa_value *value) {
  int budget = 32;
  return is_free(value, &budget);
}
