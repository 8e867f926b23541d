/* The func dialect: functions, calls, returns. */
#ifndef ALPA_DIALECTS_FUNC_FUNC_H
#define ALPA_DIALECTS_FUNC_FUNC_H

#include "dialects/ir/op.h"

typedef enum func_op_id {
#define OP(id, ...) FUNC_##id,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/func/func_ops.def"
  FUNC_OP_COUNT
} func_op_id;

/* clang-format off */
#define OP(id, ...)       enum { func_##id##_no_attr = -1,
#define ATTR(id, name, ...)      func_##id##_##name,
#define ATTR_OF(id, name, ...)   func_##id##_##name,
#define END(id)                  func_##id##_attr_count };
#include "dialects/func/func_ops.def"
/* clang-format on */

extern const alpa_op_def alpa_func_ops[FUNC_OP_COUNT];
extern const alpa_dialect_def alpa_func_dialect;

static inline bool func_is(const alpa_op *op, func_op_id id) { return op->def == &alpa_func_ops[id]; }

/* The function type (NULL only of a function that does not verify), and the body's entry block (NULL for a
 * declaration). */
const alpa_type *alpa_func_type(const alpa_op *func);
alpa_block *alpa_func_entry(const alpa_op *func);
/* The attribute of argument or result i, or NULL. */
const alpa_attr *alpa_func_find_arg_attr(const alpa_op *func, uint32_t index, const char *name);
const alpa_attr *alpa_func_find_result_attr(const alpa_op *func, uint32_t index, const char *name);
void alpa_func_set_arg_attr(alpa_op *func, uint32_t index, const char *name, const alpa_attr *value);
void alpa_func_set_result_attr(alpa_op *func, uint32_t index, const char *name, const alpa_attr *value);
/* The same of every argument or result; values[i] NULL removes it. */
void alpa_func_set_arg_attrs(alpa_op *func, const char *name, const alpa_attr *const *values);
void alpa_func_set_result_attrs(alpa_op *func, const char *name, const alpa_attr *const *values);
/* Makes the function's type follow its entry block's arguments and its return's operands. */
void alpa_func_update_type(alpa_op *func);
/* The public function named main, or the only public function; reports and fails where there is none. */
alpa_status alpa_func_find_main(alpa_op *module, alpa_op **out_func);

#endif
