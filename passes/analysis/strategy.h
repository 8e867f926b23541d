/* Strategies: what an op does on every axis of a mesh, in terms of its factor rule. */
#ifndef ALPA_PASSES_ANALYSIS_STRATEGY_H
#define ALPA_PASSES_ANALYSIS_STRATEGY_H

#include "passes/analysis/factors.h"
#include "passes/analysis/state.h"

enum { ALPA_CHOOSE_NOTHING = -1, ALPA_CHOOSE_FLOW = -2 };

typedef struct alpa_strategy {
  int16_t choice[ALPA_MAX_AXES]; /* by axis: a factor, ALPA_CHOOSE_NOTHING, or ALPA_CHOOSE_FLOW - flow */
  uint8_t order[ALPA_MAX_AXES];  /* by axis: axes of one factor nest by ascending order */
  alpa_partial_kind kind;        /* of the flows */
} alpa_strategy;

/* Whether the parts suit the factors: even where they must be, `after` used up, one kind of partial per value. */
bool alpa_strategy_is_valid(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_strategy *strategy);

/* The states that a valid strategy demands of an operand and gives to a result. */
alpa_state alpa_strategy_operand(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_strategy *strategy,
                                 uint32_t operand);
alpa_state alpa_strategy_result(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_strategy *strategy,
                                uint32_t result);

/* What stands around an op: the states its operands have and its results shall have, and the bytes to move. */
typedef struct alpa_surroundings {
  const alpa_state *operands, *results;        /* [n_operands], [n_results] */
  const int64_t *operand_bytes, *result_bytes; /* 0: free to reshard */
} alpa_surroundings;

/* The valid strategy that suits the surroundings with the least communication, axis by axis: no search. */
alpa_strategy alpa_strategy_find(const alpa_mesh *mesh, const alpa_factor_rule *rule, const alpa_surroundings *around);

#endif
