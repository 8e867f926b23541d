/* From the canonical form of a program to its plan. */
#ifndef ALPA_DRIVER_SEARCH_H
#define ALPA_DRIVER_SEARCH_H

#include "driver/compile.h"

/* Plans what alpa_compile_prepare has left in the plan's module; `program` is where that came from, as it was given.
 * Stages that turn out not to fit are searched for with more room.  With the method "auto" and nothing that says
 * otherwise: on several hosts the fastest of stages and of the whole step on one or two axes, by the cost model; on one
 * host the whole step, and stages where no sharding of it fits. */
alpa_status alpa_search_run(alpa_plan *plan, const alpa_module *program);

#endif
