/* The `cost` columns of the op tables, gathered by dialect. */
#include "passes/cost/op_cost.h"

#include "dialects/chlo/chlo.h"
#include "dialects/stablehlo/stablehlo.h"

enum {
#define X(ID, column) COST_##column = ALPA_OP_COST_##ID,
  ALPA_OP_COST_TABLE(X)
#undef X
};

static const uint8_t stablehlo_costs[STABLEHLO_OP_COUNT] = {
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, cost, ...)    \
  [STABLEHLO_##id] = COST_##cost,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/stablehlo/stablehlo_ops.def"
};

static const uint8_t chlo_costs[CHLO_OP_COUNT] = {
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, cost, ...)    \
  [CHLO_##id] = COST_##cost,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/chlo/chlo_ops.def"
};

alpa_op_cost alpa_op_cost_get(const alpa_op *op) {
  if (op->def->dialect == &alpa_stablehlo_dialect)
    return (alpa_op_cost)stablehlo_costs[op->def->id];
  if (op->def->dialect == &alpa_chlo_dialect)
    return (alpa_op_cost)chlo_costs[op->def->id];
  return ALPA_OP_COST_NONE;
}

bool alpa_op_cost_is_light(const alpa_op *op) {
  switch (alpa_op_cost_get(op)) {
  case ALPA_OP_COST_FREE:
  case ALPA_OP_COST_MOVE:
  case ALPA_OP_COST_POINTWISE:
  case ALPA_OP_COST_TRANSCENDENTAL:
    return true;
  case ALPA_OP_COST_NONE:
  case ALPA_OP_COST_REDUCE:
  case ALPA_OP_COST_WINDOW:
  case ALPA_OP_COST_INDEX:
  case ALPA_OP_COST_SORT:
  case ALPA_OP_COST_CONTRACTION:
  case ALPA_OP_COST_CONVOLUTION:
  case ALPA_OP_COST_REGION:
  case ALPA_OP_COST_COLLECTIVE:
    return false;
  }
  return false;
}
