/* The evaluation column of the op tables. */
#include "dialects/chlo/chlo.h"
#include "dialects/func/func.h"
#include "dialects/sdy/sdy.h"
#include "dialects/stablehlo/stablehlo.h"
#include "interp/eval.h"

#define X(kind, name) static const alpa_rule rule_##name = {ALPA_EVAL_##kind, alpa_eval_##name};
ALPA_EVAL_TABLE(X)
#undef X
static const alpa_rule rule_none = {ALPA_EVAL_NONE, NULL};
/* Terminators: the values are read from their slots by whoever runs the block. */
static const alpa_rule rule_return = {ALPA_EVAL_NONE, NULL};

/* clang-format off */
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, ...) \
  [STABLEHLO_##id] = &rule_##eval,
static const alpa_rule *const stablehlo_rules[STABLEHLO_OP_COUNT] = {
#include "dialects/stablehlo/stablehlo_ops.def"
};

#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, ...) \
  [CHLO_##id] = &rule_##eval,
static const alpa_rule *const chlo_rules[CHLO_OP_COUNT] = {
#include "dialects/chlo/chlo_ops.def"
};

#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, ...) \
  [SDY_##id] = &rule_##eval,
static const alpa_rule *const sdy_rules[SDY_OP_COUNT] = {
#include "dialects/sdy/sdy_ops.def"
};

#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, ...) \
  [FUNC_##id] = &rule_##eval,
static const alpa_rule *const func_rules[FUNC_OP_COUNT] = {
#include "dialects/func/func_ops.def"
};
/* clang-format on */

const alpa_rule *alpa_rule_find(const alpa_op_def *def) {
  if (def->dialect == &alpa_stablehlo_dialect)
    return stablehlo_rules[def->id];
  if (def->dialect == &alpa_chlo_dialect)
    return chlo_rules[def->id];
  if (def->dialect == &alpa_sdy_dialect)
    return sdy_rules[def->id];
  if (def->dialect == &alpa_func_dialect)
    return func_rules[def->id];
  return &rule_none;
}
