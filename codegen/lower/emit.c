/* The column `emit` of the op tables, as functions. */
#include "codegen/lower/emit.h"

#include "dialects/chlo/chlo.h"
#include "dialects/stablehlo/stablehlo.h"

/* Names of the column that are no expressions: kernels of their own, control, collectives. */
#define alpa_emit_none NULL
#define alpa_emit_convolution NULL
#define alpa_emit_cholesky NULL
#define alpa_emit_triangular_solve NULL
#define alpa_emit_select_and_scatter NULL
#define alpa_emit_sort NULL
#define alpa_emit_scatter NULL
#define alpa_emit_while NULL
#define alpa_emit_if NULL
#define alpa_emit_case NULL
#define alpa_emit_return NULL
#define alpa_emit_custom_call NULL
#define alpa_emit_all_gather NULL
#define alpa_emit_all_reduce NULL
#define alpa_emit_reduce_scatter NULL
#define alpa_emit_all_to_all NULL
#define alpa_emit_collective_permute NULL
#define alpa_emit_partition_id NULL
#define alpa_emit_replica_id NULL
#define alpa_emit_rng NULL
#define alpa_emit_top_k NULL

#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, cost, emit,   \
           summary)                                                                                                    \
  [STABLEHLO_##id] = alpa_emit_##emit,
static alpa_emit_fn *const stablehlo_emitters[STABLEHLO_OP_COUNT] = {
#include "dialects/stablehlo/stablehlo_ops.def"
};

#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, fold, eval, factors, cost, emit,   \
           summary)                                                                                                    \
  [CHLO_##id] = alpa_emit_##emit,
static alpa_emit_fn *const chlo_emitters[CHLO_OP_COUNT] = {
#include "dialects/chlo/chlo_ops.def"
};

alpa_emit_fn *alpa_emit_find(const alpa_op_def *def) {
  if (def->dialect == &alpa_stablehlo_dialect)
    return stablehlo_emitters[def->id];
  return def->dialect == &alpa_chlo_dialect ? chlo_emitters[def->id] : NULL;
}
