/* The verifier: structure, arity, attribute kinds, result types, dominance, then each op's own hook. */
#ifndef ALPA_DIALECTS_IR_VERIFY_H
#define ALPA_DIALECTS_IR_VERIFY_H

#include "dialects/ir/op.h"

/* Checks `root` and everything inside; reports the first thing wrong with each op and returns the first status. */
alpa_status alpa_op_verify(alpa_op *root);
/* The checks that need no surroundings: arity, attributes, inference, hook. */
alpa_status alpa_op_verify_alone(alpa_op *op);

#endif
