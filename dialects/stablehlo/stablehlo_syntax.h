/* The textual forms of the stablehlo dialect that the format language cannot say: pairs of hooks, named in the op
 * table. */
#ifndef ALPA_DIALECTS_STABLEHLO_STABLEHLO_SYNTAX_H
#define ALPA_DIALECTS_STABLEHLO_STABLEHLO_SYNTAX_H

#include "dialects/ir/op_def.h"

/* X(name): every op with hooks. */
#define STABLEHLO_HOOK_TABLE(X)                                                                                        \
  X(complex)                                                                                                           \
  X(composite)                                                                                                         \
  X(constant)                                                                                                          \
  X(convolution)                                                                                                       \
  X(custom_call)                                                                                                       \
  X(dot_general)                                                                                                       \
  X(get_tuple_element)                                                                                                 \
  X(optimization_barrier)                                                                                              \
  X(reduce)                                                                                                            \
  X(reduce_precision)                                                                                                  \
  X(return)                                                                                                            \
  X(select)                                                                                                            \
  X(slice)                                                                                                             \
  X(tuple)                                                                                                             \
  X(while)

/* clang-format off */
#define X(name) alpa_parse_op_fn alpa_stablehlo_parse_##name; alpa_print_op_fn alpa_stablehlo_print_##name;
STABLEHLO_HOOK_TABLE(X)
#undef X
/* clang-format on */

#endif
