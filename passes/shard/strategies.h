/* The strategies of an op: what each mesh axis does for it, and what that needs and costs.
 *
 * Strategies follow from the op's factor rule alone.  Ops with the same rule on the same types are one class; a
 * program of any depth has a few hundred of them. */
#ifndef ALPA_PASSES_SHARD_STRATEGIES_H
#define ALPA_PASSES_SHARD_STRATEGIES_H

#include "passes/analysis/factors.h"
#include "passes/shard/states.h"

typedef struct shard_class {
  uint32_t n_operands, n_results;
  uint32_t n_strategies;                  /* at least 1 */
  const shard_type *const *operand_types; /* NULL for a free operand, which is had in any state */
  const shard_type *const *result_types;
  const uint32_t *const *operand_states; /* [operand][strategy]: position in its type, NULL for a free operand */
  const uint32_t *const *result_states;  /* [result][strategy] */
  const int64_t *costs;                  /* [strategy] */
} shard_class;

typedef struct shard_classes {
  alpa_arena *arena;
  shard_types *types;
  alpa_map index; /* hash of the class key -> list of classes */
  size_t n;
} shard_classes;

void shard_classes_init(shard_classes *classes, alpa_arena *arena, shard_types *types);

/* The class of an op with a factor rule.  Operand types come from the producers (with their partial kinds); the result
 * types' partial kinds follow from the rule by shard_result_partial_kinds. */
const shard_class *shard_class_get(shard_classes *classes, const alpa_op *op, const alpa_factor_rule *rule,
                                   const shard_type *const *operand_types, const shard_type *const *result_types);

/* In which ways the results of an op can be partial, given its operands (NULL: free). */
uint32_t shard_result_partial_kinds(const alpa_op *op, const alpa_factor_rule *rule,
                                    const shard_type *const *operand_types);

#endif
