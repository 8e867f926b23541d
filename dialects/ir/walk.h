/* Visiting ops. */
#ifndef ALPA_DIALECTS_IR_WALK_H
#define ALPA_DIALECTS_IR_WALK_H

#include "dialects/ir/op.h"

typedef alpa_status alpa_visit_fn(void *user, alpa_op *op);

/* Visits `root` and everything inside, an op before its regions; the visitor may erase or replace the op it is given
 * and insert before it, nothing else. Stops at the first status that is not ok. No recursion on input depth. */
alpa_status alpa_op_walk(alpa_op *root, alpa_visit_fn *visit, void *user);
/* The same, an op after its regions. */
alpa_status alpa_op_walk_post(alpa_op *root, alpa_visit_fn *visit, void *user);

/* Nesting of regions is limited to this when IR is made from text, so that recursion over regions is safe. */
enum { ALPA_MAX_NESTING = 256 };

#endif
