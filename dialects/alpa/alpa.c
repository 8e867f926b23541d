/* The alpa dialect: so far attributes alone, which any op may carry.  Parallelism written by hand is a hint on an op
 * (after EPL: Whale, ATC'22, whose scopes are replicate and split), what the compiler found is written beside what it
 * decides about. */
#include <string.h>

#include "dialects/ir/op.h"

extern const alpa_dialect_def alpa_alpa_dialect;

static const struct {
  const char *name;
  alpa_attr_kind kind;
  const char *kind_name;
} attrs[] = {
    {"alpa.replicate", ALPA_ATTR_STRING, "the name of a mesh axis"}, /* dimension 0 of the result is split over it */
    {"alpa.split", ALPA_ATTR_STRING, "the name of a mesh axis"},     /* the last dimension of the result is */
    {"alpa.phase", ALPA_ATTR_STRING, "prologue, body or epilogue"},
    {"alpa.accumulates", ALPA_ATTR_UNIT, "a unit"}, /* partial results are summed over micro-batches */
    {"alpa.microbatches", ALPA_ATTR_INTEGER, "an integer"},
    {"alpa.microbatching", ALPA_ATTR_DICT, "a dictionary"}, /* figures of the split into micro-batches */
    {"alpa.plan", ALPA_ATTR_DICT, "a dictionary"},          /* figures of the plan that a module holds */
};

static alpa_status verify_attr(alpa_op *op, const alpa_named_attr *attr) {
  for (size_t i = 0; i < countof(attrs); i++)
    if (!strcmp(attrs[i].name, attr->name) && attrs[i].kind != attr->value->kind)
      return alpa_op_error(op, "expects '%s' to be %s", attr->name, attrs[i].kind_name);
  return ALPA_OK;
}

const alpa_dialect_def alpa_alpa_dialect = {
    .name = "alpa",
    .summary = "layers, stages, accumulation and schedules",
    .id = ALPA_DIALECT_ALPA,
    .verify_attr = verify_attr,
};
