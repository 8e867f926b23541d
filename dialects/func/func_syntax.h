/* The textual forms of the func dialect that the format language cannot say: pairs of hooks, named in the op table. */
#ifndef ALPA_DIALECTS_FUNC_FUNC_SYNTAX_H
#define ALPA_DIALECTS_FUNC_FUNC_SYNTAX_H

#include "dialects/ir/op_def.h"

/* X(name): every op with hooks. */
#define FUNC_HOOK_TABLE(X)                                                                                             \
  X(call)                                                                                                              \
  X(func)                                                                                                              \
  X(return)

/* clang-format off */
#define X(name) alpa_parse_op_fn alpa_func_parse_##name; alpa_print_op_fn alpa_func_print_##name;
FUNC_HOOK_TABLE(X)
#undef X
/* clang-format on */

#endif
