/* The rule of MLIR: modules and functions leave the names of their own dialects out, and nothing else does. */
#include "dialects/ir/default_dialect.h"

const char *alpa_op_def_default_dialect(const alpa_op_def *parent) {
  if (!parent)
    return "builtin";
  bool is_scope = (parent->traits & ALPA_ISOLATED) && parent->dialect;
  bool has_default =
      is_scope && (parent->dialect->id == ALPA_DIALECT_FUNC || parent->dialect->id == ALPA_DIALECT_BUILTIN);
  return has_default ? parent->dialect->name : "";
}
