/* Building factor rules, and the rule functions that the column `factors` of the op tables names. */
#ifndef ALPA_PASSES_ANALYSIS_FACTOR_RULES_H
#define ALPA_PASSES_ANALYSIS_FACTOR_RULES_H

#include "passes/analysis/factors.h"

/* A factor in the making; its arrays are writable and begin as ALPA_NO_DIM and false. */
typedef struct alpa_factor_draft {
  int64_t size;
  alpa_factor_kind kind;
  alpa_partial_kind partial;
  uint32_t care;
  int32_t after;
  int8_t *operand_dims, *result_dims;
  bool *operand_partial;
} alpa_factor_draft;

typedef struct alpa_rule_draft {
  alpa_arena *arena;
  const alpa_op *op;
  alpa_rule_form form;
  uint32_t n_operands, n_results;
  ALPA_VEC(alpa_factor_draft) factors;
  ALPA_VEC(alpa_flow) flows;
} alpa_rule_draft;

enum {
  ALPA_FLOW_SUM = 1 << ALPA_PARTIAL_SUM,
  ALPA_FLOW_MAX = 1 << ALPA_PARTIAL_MAX,
  ALPA_FLOW_MIN = 1 << ALPA_PARTIAL_MIN
};
enum { ALPA_FLOW_ANY = ALPA_FLOW_SUM | ALPA_FLOW_MAX | ALPA_FLOW_MIN };

/* A passing factor without dimensions; the pointer is valid until the next one is added.  Factors of size below 2 are
 * dropped when the rule is finished. */
alpa_factor_draft *alpa_rule_add(alpa_rule_draft *rule, int64_t size);
/* A factor that is dimension `dim` of every operand and result, each of rank above `dim`. */
alpa_factor_draft *alpa_rule_add_common(alpa_rule_draft *rule, uint32_t dim);
/* The flow of the listed operands (ends with -1), where `kinds` is not empty. */
void alpa_rule_add_flow(alpa_rule_draft *rule, uint32_t kinds, const int *operands);

/* A list attribute whose length is known from the types; NULL where it is absent. */
static inline const int64_t *alpa_op_numbers(const alpa_op *op, int ordinal) {
  size_t n;
  return alpa_op_i64s(op, ordinal, &n);
}
/* Whether a list of dimensions holds `dim`. */
static inline bool alpa_dims_contain(const int64_t *dims, size_t n, int64_t dim) {
  for (size_t i = 0; i < n; i++)
    if (dims[i] == dim)
      return true;
  return false;
}

typedef void alpa_factors_fn(alpa_rule_draft *rule);

/* X(name): every name of the column. */
#define ALPA_FACTORS_TABLE(X)                                                                                          \
  X(none)                                                                                                              \
  X(whole)                                                                                                             \
  X(collective)                                                                                                        \
  X(pointwise)                                                                                                         \
  X(linear)                                                                                                            \
  X(sum)                                                                                                               \
  X(product)                                                                                                           \
  X(quotient)                                                                                                          \
  X(maximum)                                                                                                           \
  X(minimum)                                                                                                           \
  X(select)                                                                                                            \
  X(convert)                                                                                                           \
  X(constant)                                                                                                          \
  X(iota)                                                                                                              \
  X(reshape)                                                                                                           \
  X(bitcast_convert)                                                                                                   \
  X(broadcast)                                                                                                         \
  X(broadcast_in_dim)                                                                                                  \
  X(transpose)                                                                                                         \
  X(reverse)                                                                                                           \
  X(concatenate)                                                                                                       \
  X(slice)                                                                                                             \
  X(dynamic_slice)                                                                                                     \
  X(dynamic_update_slice)                                                                                              \
  X(pad)                                                                                                               \
  X(sort)                                                                                                              \
  X(fft)                                                                                                               \
  X(linear_algebra)                                                                                                    \
  X(dot)                                                                                                               \
  X(dot_general)                                                                                                       \
  X(convolution)                                                                                                       \
  X(reduce)                                                                                                            \
  X(reduce_window)                                                                                                     \
  X(select_and_scatter)                                                                                                \
  X(batch_norm)                                                                                                        \
  X(gather)                                                                                                            \
  X(scatter)                                                                                                           \
  X(top_k)                                                                                                             \
  X(while)                                                                                                             \
  X(branch)                                                                                                            \
  X(return)                                                                                                            \
  X(forward)                                                                                                           \
  X(reshard)                                                                                                           \
  X(rng_bit_generator)                                                                                                 \
  X(call)                                                                                                              \
  X(custom_call)

#define X(name) void alpa_factors_##name(alpa_rule_draft *rule);
ALPA_FACTORS_TABLE(X)
#undef X

#endif
