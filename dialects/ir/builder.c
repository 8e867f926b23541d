/* Making ops at an insertion point. */
#include "dialects/ir/builder.h"

#include <assert.h>
#include <stdlib.h>

alpa_builder alpa_builder_before(alpa_op *op) {
  return (alpa_builder){.module = op->module, .block = op->block, .before = op, .loc = op->loc};
}

alpa_builder alpa_builder_at_end(alpa_module *module, alpa_block *block, const alpa_loc *loc) {
  return (alpa_builder){.module = module, .block = block, .loc = loc};
}

alpa_op *alpa_build(alpa_builder *builder, const alpa_op_state *given) {
  alpa_op_state state = *given;
  if (!state.loc)
    state.loc = builder->loc;
  alpa_op *op = NULL;
  if (state.results || state.def->results.max == 0) {
    op = alpa_op_create(builder->module, &state);
  } else {
    alpa_status status = alpa_op_create_inferred(builder->module, &state, NULL, &op);
    assert(status == ALPA_OK && "the compiler built an op that its own inference refuses");
    (void)status;
  }
  alpa_op_insert(op, builder->block, builder->before);
  return op;
}

alpa_value *alpa_build_typed(alpa_builder *builder, const alpa_op_def *def, const alpa_type *type,
                             alpa_value *const *operands, size_t n_operands, const alpa_attr *const *attrs) {
  const alpa_op_state state = {.def = def,
                               .operands = operands,
                               .n_operands = n_operands,
                               .results = type ? &type : NULL,
                               .n_results = type != NULL,
                               .attrs = attrs};
  return alpa_op_result(alpa_build(builder, &state), 0);
}

alpa_value *alpa_build_value(alpa_builder *builder, const alpa_op_def *def, alpa_value *const *operands,
                             size_t n_operands, const alpa_attr *const *attrs) {
  return alpa_build_typed(builder, def, NULL, operands, n_operands, attrs);
}
