/* The textual forms of the builtin dialect that the format language cannot say: pairs of hooks, named in the op table.
 */
#ifndef ALPA_DIALECTS_BUILTIN_BUILTIN_SYNTAX_H
#define ALPA_DIALECTS_BUILTIN_BUILTIN_SYNTAX_H

#include "dialects/ir/op_def.h"

/* X(name): every op with hooks. */
#define BUILTIN_HOOK_TABLE(X)                                                                                          \
  X(module)                                                                                                            \
  X(unrealized_conversion_cast)

/* clang-format off */
#define X(name) alpa_parse_op_fn alpa_builtin_parse_##name; alpa_print_op_fn alpa_builtin_print_##name;
BUILTIN_HOOK_TABLE(X)
#undef X
/* clang-format on */

#endif
