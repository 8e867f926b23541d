/* The op table of the alpa dialect and the attributes that any op may carry. */
#include "dialects/alpa/alpa.h"

#include <string.h>

static const struct {
  const char *name;
  alpa_attr_kind kind;
  const char *kind_name;
} attrs[] = {
    {"alpa.replicate", ALPA_ATTR_STRING, "the name of a mesh axis"}, /* dimension 0 of the result is split over it */
    {"alpa.split", ALPA_ATTR_STRING, "the name of a mesh axis"},     /* the last dimension of the result is */
    {"alpa.phase", ALPA_ATTR_STRING, "the name of a phase"}, /* prologue, body, epilogue; of segments also forward... */
    {"alpa.accumulates", ALPA_ATTR_UNIT, "a unit"},          /* partial results are summed over micro-batches */
    {"alpa.microbatches", ALPA_ATTR_INTEGER, "an integer"},
    {"alpa.microbatching", ALPA_ATTR_DICT, "a dictionary"}, /* figures of the split into micro-batches */
    {"alpa.plan", ALPA_ATTR_DICT, "a dictionary"},          /* figures of the plan that a module holds */
    {"alpa.stage", ALPA_ATTR_INTEGER, "an integer"},        /* that computes the op, or that a module is */
    {"alpa.forward", ALPA_ATTR_UNIT, "a unit"},             /* the loss depends on the op */
};

static alpa_status alpa_alpa_verify_attr(alpa_op *op, const alpa_named_attr *attr) {
  for (size_t i = 0; i < countof(attrs); i++)
    if (!strcmp(attrs[i].name, attr->name) && attrs[i].kind != attr->value->kind)
      return alpa_op_error(op, "expects '%s' to be %s", attr->name, attrs[i].kind_name);
  return ALPA_OK;
}

static alpa_status verify_pipeline(alpa_op *op) {
  const alpa_attr *stages = op->attrs[alpa_op_pipeline_stages];
  alpa_op *table = alpa_op_symbol_table(op);
  for (size_t i = 0; i < stages->array.n; i++) {
    const alpa_attr *stage = stages->array.items[i];
    if (stage->kind != ALPA_ATTR_SYMBOL)
      return alpa_op_error(op, "expects 'stages' to be symbols of modules");
    if (table && !alpa_symbol_find(table, stage->string.data))
      return alpa_op_error(op, "stage '%s' is not in the module", stage->string.data);
  }
  return ALPA_OK;
}

int64_t alpa_op_find_integer(const alpa_op *op, const char *name, int64_t absent) {
  const alpa_attr *attr = alpa_op_find_attr(op, name);
  return attr && attr->kind == ALPA_ATTR_INTEGER ? attr->integer : absent;
}

const alpa_attr *alpa_stage_find_figure(const alpa_op *stage, const char *name) {
  const alpa_op *around = alpa_op_parent(stage);
  const alpa_attr *stages = around ? alpa_op_find_attr(around, "alpa.stages") : NULL;
  int64_t number = alpa_op_find_integer(stage, "alpa.stage", -1);
  bool has_entry = stages && stages->kind == ALPA_ATTR_ARRAY && number >= 0 && number < (int64_t)stages->array.n &&
                   stages->array.items[number]->kind == ALPA_ATTR_DICT;
  return has_entry ? alpa_attr_find(stages->array.items[number], name) : NULL;
}

#define alpa_alpa_infer_none NULL
#define alpa_alpa_verify_none NULL
#define alpa_alpa_verify_pipeline verify_pipeline

#define OPS "dialects/alpa/alpa_ops.def"
#define DIALECT "alpa"
#define SUMMARY "layers, stages, accumulation and schedules"
#define D(name) alpa_alpa_##name
#define ROW(id) ALPA_OP_##id
#define ID ALPA_DIALECT_ALPA
#define ATTRS NULL
#define VERIFY_ATTR alpa_alpa_verify_attr
#include "dialects/ir/op_table.def"
