/* Making ops at an insertion point. */
#ifndef ALPA_DIALECTS_IR_BUILDER_H
#define ALPA_DIALECTS_IR_BUILDER_H

#include "dialects/ir/op.h"

typedef struct alpa_builder {
  alpa_module *module;
  alpa_block *block;
  alpa_op *before;     /* NULL: at the end of the block */
  const alpa_loc *loc; /* of ops made from now on */
} alpa_builder;

/* Inserts before `op` with its location. */
alpa_builder alpa_builder_before(alpa_op *op);
alpa_builder alpa_builder_at_end(alpa_module *module, alpa_block *block, const alpa_loc *loc);

/* Builds from a state; where state->results is NULL, types are inferred.  A state built by the compiler itself is
 * right by construction: failing inference is a programming error and asserts.  state->loc NULL means builder->loc. */
alpa_op *alpa_build(alpa_builder *builder, const alpa_op_state *state);
/* The common case: operands in, attributes by ordinal (or NULL), one inferred result out. */
alpa_value *alpa_build_value(alpa_builder *builder, const alpa_op_def *def, alpa_value *const *operands,
                             size_t n_operands, const alpa_attr *const *attrs);
/* The same with a result of the type that is given; NULL: inferred. */
alpa_value *alpa_build_typed(alpa_builder *builder, const alpa_op_def *def, const alpa_type *type,
                             alpa_value *const *operands, size_t n_operands, const alpa_attr *const *attrs);

#endif
