/* The op table of the builtin dialect, and what a module must be. */
#include "dialects/builtin/builtin.h"

#include "dialects/builtin/builtin_syntax.h"

static alpa_status alpa_builtin_infer_nothing(alpa_op *op, alpa_infer *out) {
  (void)op, (void)out;
  return ALPA_OK;
}

static alpa_status alpa_builtin_verify_module(alpa_op *op) {
  const alpa_block *body = op->regions[0].first;
  if (!body || body->next)
    return alpa_op_error(op, "expects a region of one block");
  if (body->n_args)
    return alpa_op_error(op, "expects a block without arguments, got %u", body->n_args);
  return ALPA_OK;
}

#define alpa_builtin_infer_none NULL
#define alpa_builtin_verify_none NULL
#define OPS "dialects/builtin/builtin_ops.def"
#define DIALECT "builtin"
#define SUMMARY "modules"
#define D(name) alpa_builtin_##name
#define ROW(id) BUILTIN_##id
#define ID ALPA_DIALECT_BUILTIN
#define ATTRS NULL
#include "dialects/ir/op_table.def"
