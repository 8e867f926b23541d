/* Which ops are written without the name of their dialect: `return` and `call` directly inside a function. */
#ifndef ALPA_DIALECTS_IR_DEFAULT_DIALECT_H
#define ALPA_DIALECTS_IR_DEFAULT_DIALECT_H

#include "dialects/ir/op_def.h"

/* The dialect whose name its ops may leave out directly inside an op of this definition; "" for none.  parent NULL is
 * the top of a file. */
const char *alpa_op_def_default_dialect(const alpa_op_def *parent);

#endif
