/* Reading and writing the attributes of placement. */
#include "passes/analysis/placement.h"

#include "dialects/ir/context.h"

alpa_status alpa_placement_get(const alpa_op *op, const char *attr, int32_t *out_number) {
  const alpa_attr *value = alpa_op_find_attr(op, attr);
  *out_number = ALPA_NOWHERE;
  if (!value)
    return ALPA_OK;
  if (value->kind != ALPA_ATTR_INTEGER || value->integer < 0 || value->integer >= INT32_MAX)
    return alpa_op_error(op, "has an attribute '%s' that is no number from 0 on", attr);
  *out_number = (int32_t)value->integer;
  return ALPA_OK;
}

void alpa_placement_set(alpa_op *op, const char *attr, int32_t number) {
  alpa_op_set_attr(op, attr, number == ALPA_NOWHERE ? NULL : alpa_attr_get_i64(alpa_op_context(op), number));
}
