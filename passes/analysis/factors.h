/* Factor rules: what of an op's work can be split, as in an einsum (design decision 4).
 *
 * A rule says which dimensions of the operands and results stand for one common index, a *factor*.  Splitting a factor
 * over a mesh axis splits every dimension that carries it.  A rule says nothing of meshes or costs; propagation,
 * strategies, communication and the per-device form of an op are all derived from it.
 *
 *   dot_general  (b m k, b k n) -> (b m n)    b, m, n pass; k reduces: the result is partial(sum)
 *
 * A *strategy* of an op gives every mesh axis one of: nothing, one factor, or one flow.  On that axis
 *   - nothing: every operand is replicated, and so is every result (all devices compute the same);
 *   - factor f: operand i is sharded along operand_dims[i] (partial where operand_partial[i], else replicated where
 *     that is ALPA_NO_DIM), result j along result_dims[j]; a result without the factor is partial by `partial` where
 *     the kind is ALPA_FACTOR_REDUCE, and the factor of ALPA_FACTOR_PASS has a dimension in every result;
 *   - flow l: the operands of flow l are partial, the other ones replicated, and every result is partial.
 * A dimension of size 1 has no factor, neither has one that cannot be split. */
#ifndef ALPA_PASSES_ANALYSIS_FACTORS_H
#define ALPA_PASSES_ANALYSIS_FACTORS_H

#include "dialects/sdy/sharding.h"

enum { ALPA_NO_DIM = -1, ALPA_NO_FACTOR = -1 };

typedef enum alpa_factor_kind {
  ALPA_FACTOR_PASS,  /* splits the results */
  ALPA_FACTOR_REDUCE /* is combined away: the results are partial */
} alpa_factor_kind;

/* What the per-device form of a factor needs beyond the same op on smaller operands. */
enum alpa_factor_care {
  ALPA_CARE_HALO = 1 << 0,  /* neighbours exchange the borders of their windows */
  ALPA_CARE_INDEX = 1 << 1, /* indices are made local and masked; the work is not divided (gather, scatter) */
  ALPA_CARE_EVEN = 1 << 2,  /* the number of parts must divide the size: never padded */
  ALPA_CARE_OFFSET = 1 << 3 /* depends on the position of the shard (iota, literal tensors) */
};

typedef struct alpa_factor {
  int64_t size; /* at least 2 */
  alpa_factor_kind kind;
  alpa_partial_kind partial;   /* of ALPA_FACTOR_REDUCE */
  uint32_t care;               /* mask of alpa_factor_care */
  int32_t after;               /* usable only where that factor is split into exactly its size, being more major in the
                                  same merged dimension (reshape); ALPA_NO_FACTOR: usable alone */
  const int8_t *operand_dims;  /* [n_operands] or ALPA_NO_DIM */
  const int8_t *result_dims;   /* [n_results] or ALPA_NO_DIM */
  const bool *operand_partial; /* [n_operands] must be partial(`partial`) on the axis (the operand of a scatter whose
                                  updates are split); NULL: none.  A neutral constant is partial as it is */
} alpa_factor;

/* Operands that may be partial together, all others being replicated, so that the results are partial too. */
typedef struct alpa_flow {
  const bool *operands; /* [n_operands] */
  uint32_t kinds;       /* mask of 1 << alpa_partial_kind */
} alpa_flow;

typedef enum alpa_rule_form {
  ALPA_RULE_FACTORS, /* as above */
  ALPA_RULE_TIED,    /* operand i, result i, and with regions (while) argument i of each block and value i that the last
                        region yields share one state, any; a predicate that a region yields is replicated */
  ALPA_RULE_BRANCH,  /* (if, case) result i and value i that each region yields share one state; operands replicated */
  ALPA_RULE_YIELD,   /* (return) operands have any state: the one of the value of the enclosing op or function */
  ALPA_RULE_NONE     /* not a computation on tensors (func, module, mesh) */
} alpa_rule_form;

typedef struct alpa_factor_rule {
  alpa_rule_form form;
  uint32_t n_operands, n_results;
  const alpa_factor *factors;
  uint32_t n_factors;
  const alpa_flow *flows;
  uint32_t n_flows;
} alpa_factor_rule;

/* The rule of an op whose types are static; in `arena`.  Never NULL: an op that cannot be split has no factors. */
const alpa_factor_rule *alpa_factors_get(alpa_arena *arena, const alpa_op *op);

/* Whether `parts` devices can split the factor; uneven splits pad the dimension to ceil(size / parts) * parts. */
bool alpa_factor_is_divisible(const alpa_factor *factor, int64_t parts, bool allow_padding);

/* The factor of dimension `dim` of an operand or result that is usable alone, or ALPA_NO_FACTOR. */
int32_t alpa_factor_find_operand(const alpa_factor_rule *rule, uint32_t operand, uint32_t dim);
int32_t alpa_factor_find_result(const alpa_factor_rule *rule, uint32_t result, uint32_t dim);

/* A value that is computed from constants and iotas alone, by ops that any device can repeat: it is cloned for each
 * consumer in the state that is wanted, and costs nothing to reshard. */
bool alpa_value_is_free(const alpa_value *value);

/* How the body of a reduce, scatter or select_and_scatter combines: true for a single add, maximum, minimum (and the
 * logical or, and) of its two arguments; *out_kind says which. */
bool alpa_region_find_partial_kind(const alpa_region *region, alpa_partial_kind *out_kind);

#endif
