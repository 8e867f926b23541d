/* What can be planned and run at all. */
#ifndef ALPA_DRIVER_ADMIT_H
#define ALPA_DRIVER_ADMIT_H

#include "dialects/ir/op.h"

/* Refuses, with its location and the reason, the first op or argument with a type that nothing behind can compute with:
 * dynamic shapes, quantized elements, tokens, tuples that are left. */
alpa_status alpa_module_admit(alpa_op *module);

#endif
