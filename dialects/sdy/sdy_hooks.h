/* Verification and syntax of sdy ops, by the names in the table's columns. */
#ifndef ALPA_DIALECTS_SDY_SDY_HOOKS_H
#define ALPA_DIALECTS_SDY_SDY_HOOKS_H

#include "dialects/stablehlo/stablehlo_hooks.h"

#define OP(id, mnemonic, operands, results, regions, traits, syntax, infer, verify, ...)                               \
  alpa_verify_fn alpa_sdy_verify_##verify;
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/sdy/sdy_ops.def"
#define alpa_sdy_verify_none NULL
/* sdy.sharding = #sdy.sharding_per_value<[...]> of the results of an op. */
alpa_verify_attr_fn alpa_sdy_verify_attr;

/* The ones that StableHLO has already. */
#define alpa_sdy_infer_none NULL
#define alpa_sdy_infer_nothing alpa_stablehlo_infer_nothing
#define alpa_sdy_infer_first_operand alpa_stablehlo_infer_first_operand
#define alpa_sdy_infer_constant alpa_stablehlo_infer_constant

/* X(name): every op with hooks, or several of the same form. */
#define SDY_HOOK_TABLE(X)                                                                                              \
  X(mesh)                                                                                                              \
  X(sharding_constraint)                                                                                               \
  X(manual_computation)                                                                                                \
  X(named_computation)                                                                                                 \
  X(collective)                                                                                                        \
  X(sharding_group)                                                                                                    \
  X(propagation_barrier)                                                                                               \
  X(data_flow_edge)                                                                                                    \
  X(constant)                                                                                                          \
  X(return)

/* clang-format off */
#define X(name) alpa_parse_op_fn alpa_sdy_parse_##name; alpa_print_op_fn alpa_sdy_print_##name;
SDY_HOOK_TABLE(X)
#undef X
/* clang-format on */

#endif
