/* Type inference, verification and syntax of chlo ops, by the names in the table's columns. */
#ifndef ALPA_DIALECTS_CHLO_CHLO_HOOKS_H
#define ALPA_DIALECTS_CHLO_CHLO_HOOKS_H

#include "dialects/stablehlo/stablehlo_hooks.h"

/* The ones that StableHLO has already. */
#define alpa_chlo_infer_none NULL
#define alpa_chlo_infer_first_operand alpa_stablehlo_infer_first_operand
#define alpa_chlo_infer_predicate alpa_stablehlo_infer_predicate
#define alpa_chlo_infer_constant alpa_stablehlo_infer_constant
#define alpa_chlo_verify_none NULL
#define alpa_chlo_verify_float alpa_stablehlo_verify_float
#define alpa_chlo_verify_float_or_complex alpa_stablehlo_verify_float_or_complex
#define alpa_chlo_verify_integer alpa_stablehlo_verify_integer
#define alpa_chlo_verify_integer_or_bool alpa_stablehlo_verify_integer_or_bool
#define alpa_chlo_verify_number alpa_stablehlo_verify_number

alpa_infer_fn alpa_chlo_infer_broadcast;
alpa_infer_fn alpa_chlo_infer_broadcast_complex;
alpa_infer_fn alpa_chlo_infer_broadcast_predicate;
alpa_infer_fn alpa_chlo_infer_broadcast_select;
alpa_infer_fn alpa_chlo_infer_constant_like;
alpa_infer_fn alpa_chlo_infer_top_k;
alpa_verify_fn alpa_chlo_verify_ragged_dot;

/* %a, %b {attrs} : T, T -> T */
alpa_parse_op_fn alpa_chlo_parse_elementwise;
alpa_print_op_fn alpa_chlo_print_elementwise;
/* {attrs} dense<1.0> : T */
alpa_parse_op_fn alpa_chlo_parse_constant;
alpa_print_op_fn alpa_chlo_print_constant;
/* (%a, k = 3, is_stable = true) {attrs} : T -> (T, I) */
alpa_parse_op_fn alpa_chlo_parse_top_k;
alpa_print_op_fn alpa_chlo_print_top_k;

#endif
