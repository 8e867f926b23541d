/* Making a nested module with one public function @main. */
#ifndef ALPA_PASSES_OUTLINE_NESTED_H
#define ALPA_PASSES_OUTLINE_NESTED_H

#include "dialects/ir/clone.h"

typedef struct alpa_nested {
  alpa_arena *arena;
  alpa_module *module;
  const alpa_loc *loc;
  alpa_op *op, *func; /* the nested module, detached, and its function */
  alpa_block *entry;
  alpa_value_map values; /* from values of the outer program to those of the function */
  ALPA_VEC(const alpa_attr *) arg_attrs;
  ALPA_VEC(alpa_value *) results;
  ALPA_VEC(const alpa_attr *) result_attrs;
} alpa_nested;

/* `like` is the function that it is made from. */
void alpa_nested_begin(alpa_nested *nested, alpa_arena *arena, const alpa_op *like, const char *name);
/* An argument of the type, name and place of `value`, which it stands for from now on; attrs: a DICT or NULL. */
alpa_value *alpa_nested_add_arg(alpa_nested *nested, const alpa_value *value, const alpa_attr *attrs);
void alpa_nested_add_result(alpa_nested *nested, alpa_value *value, const alpa_attr *attrs);
/* The return, the function's type and its attributes. */
void alpa_nested_end(alpa_nested *nested);

/* The DICT with an entry set; both for building attrs. */
const alpa_attr *alpa_wire(const alpa_nested *nested, const alpa_attr *attrs, const char *name, const alpa_attr *value);
const alpa_attr *alpa_wire_name(const alpa_nested *nested, const alpa_attr *attrs, const char *name, const char *value);

#endif
