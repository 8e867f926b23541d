/* Type inference and verification of StableHLO ops, by the names in the table's columns.  Shared ones serve other
 * dialects too. */
#ifndef ALPA_DIALECTS_STABLEHLO_STABLEHLO_HOOKS_H
#define ALPA_DIALECTS_STABLEHLO_STABLEHLO_HOOKS_H

#include "dialects/ir/op_def.h"

#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, ...)                               \
  alpa_infer_fn alpa_stablehlo_infer_##infer;                                                                          \
  alpa_verify_fn alpa_stablehlo_verify_##verify;
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/stablehlo/stablehlo_ops.def"
/* The column that says that nothing is done. */
#define alpa_stablehlo_infer_none NULL
#define alpa_stablehlo_verify_none NULL

#endif
