/* The chlo dialect: op ids, attribute ordinals, attribute definitions. */
#ifndef ALPA_DIALECTS_CHLO_CHLO_H
#define ALPA_DIALECTS_CHLO_CHLO_H

#include "dialects/ir/op.h"

/* CHLO_square, ... */
typedef enum chlo_op_id {
#define OP(id, ...) CHLO_##id,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/chlo/chlo_ops.def"
  CHLO_OP_COUNT
} chlo_op_id;

/* chlo_top_k_k == 0, ... */
/* clang-format off */
#define OP(id, ...)       enum { chlo_##id##_no_attr = -1,
#define ATTR(id, name, ...)      chlo_##id##_##name,
#define ATTR_OF(id, name, ...)   chlo_##id##_##name,
#define END(id)                  chlo_##id##_attr_count };
#include "dialects/chlo/chlo_ops.def"
/* clang-format on */

extern const alpa_op_def alpa_chlo_ops[CHLO_OP_COUNT];
extern const alpa_dialect_def alpa_chlo_dialect;

static inline bool chlo_is(const alpa_op *op, chlo_op_id id) { return op->def == &alpa_chlo_ops[id]; }

/* The enums have the cases and ordinals of StableHLO's.  Fields of #chlo.ragged_dot: */
enum {
  CHLO_RAGGED_LHS_BATCHING,
  CHLO_RAGGED_RHS_BATCHING,
  CHLO_RAGGED_LHS_CONTRACTING,
  CHLO_RAGGED_RHS_CONTRACTING,
  CHLO_RAGGED_LHS_RAGGED,
  CHLO_RAGGED_RHS_GROUP
};

/* Definitions of the dialect's attributes: X(name). */
#define CHLO_ATTR_TABLE(X)                                                                                             \
  X(comparison_direction)                                                                                              \
  X(comparison_type)                                                                                                   \
  X(precision)                                                                                                         \
  X(ragged_dot)

#define X(name) extern const alpa_attr_def alpa_chlo_attr_##name;
CHLO_ATTR_TABLE(X)
#undef X

#endif
