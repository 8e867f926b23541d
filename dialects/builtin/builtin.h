/* The builtin dialect: the module. */
#ifndef ALPA_DIALECTS_BUILTIN_BUILTIN_H
#define ALPA_DIALECTS_BUILTIN_BUILTIN_H

#include "dialects/ir/op.h"

typedef enum builtin_op_id {
#define OP(id, ...) BUILTIN_##id,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/builtin/builtin_ops.def"
  BUILTIN_OP_COUNT
} builtin_op_id;

/* clang-format off */
#define OP(id, ...)       enum { builtin_##id##_no_attr = -1,
#define ATTR(id, name, ...)      builtin_##id##_##name,
#define ATTR_OF(id, name, ...)   builtin_##id##_##name,
#define END(id)                  builtin_##id##_attr_count };
#include "dialects/builtin/builtin_ops.def"
/* clang-format on */

extern const alpa_op_def alpa_builtin_ops[BUILTIN_OP_COUNT];
extern const alpa_dialect_def alpa_builtin_dialect;

#endif
