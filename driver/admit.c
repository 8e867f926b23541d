/* What can be planned and run: static tensors of the table's elements. */
#include "driver/admit.h"

#include <string.h>

#include "dialects/func/func.h"
#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"

static bool begins_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

static bool is_dynamic(const alpa_type *type) {
  for (uint32_t d = 0; d < type->rank; d++)
    if (type->dims[d] == ALPA_DYNAMIC)
      return true;
  return false;
}

/* Why a value of the type cannot be computed, or NULL. */
static const char *find_obstacle(const alpa_type *type) {
  switch (type->kind) {
  case ALPA_TYPE_TENSOR:
    if (type->element->kind == ALPA_TYPE_OPAQUE && begins_with(type->element->text, "!quant."))
      return "quantized types are not supported: export the program with plain numbers";
    if (is_dynamic(type))
      return "dynamic shapes are not supported: export the program with known sizes";
    return alpa_type_is_static_tensor(type) ? NULL : "tensors of such elements are not supported";
  case ALPA_TYPE_OPAQUE:
    return begins_with(type->text, "!stablehlo.token")
               ? "tokens, and the input and output that they order, are not supported"
               : "values of this type are not supported";
  case ALPA_TYPE_TUPLE:
    return "tuples are supported only between ops that make and open them";
  case ALPA_TYPE_INDEX:
  case ALPA_TYPE_NONE:
  case ALPA_TYPE_SCALAR:
  case ALPA_TYPE_FUNCTION:
    return "only tensors are supported";
  }
  return NULL;
}

static alpa_status admit_value(const alpa_op *op, const char *what, uint32_t index, const alpa_type *type) {
  const char *obstacle = find_obstacle(type);
  if (!obstacle)
    return ALPA_OK;
  return alpa_op_unsupported(op, "has %s #%u of type '%s': %s", what, index, alpa_type_spell(alpa_op_context(op), type),
                             obstacle);
}

static alpa_status admit_op(void *user, alpa_op *op) {
  (void)user;
  if (alpa_op_has(op, ALPA_DYNAMIC_SIZES))
    return alpa_op_unsupported(op, "takes sizes from an operand: dynamic shapes are not supported");
  const alpa_block *entry = func_is(op, FUNC_func) ? alpa_func_entry(op) : NULL;
  for (uint32_t i = 0; entry && i < entry->n_args; i++)
    ALPA_TRY(admit_value(op, "argument", i, entry->args[i]->type));
  for (uint32_t i = 0; i < op->n_results; i++)
    ALPA_TRY(admit_value(op, "result", i, op->results[i].type));
  return ALPA_OK;
}

alpa_status alpa_module_admit(alpa_op *module) { return alpa_op_walk(module, admit_op, NULL); }
