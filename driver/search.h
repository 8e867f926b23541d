/* From the canonical form of a program to its plan. */
#ifndef ALPA_DRIVER_SEARCH_H
#define ALPA_DRIVER_SEARCH_H

#include "driver/compile.h"

/* Plans what alpa_compile_prepare has left in the plan's module; `program` is where that came from, as it was given.
 * Stages that turn out not to fit are searched for with more room.  With the method "auto" and nothing that says
 * otherwise, stages are taken on several hosts where they are faster by the model of stage-dp, and on one host where no
 * sharding of the whole step fits. */
alpa_status alpa_search_run(alpa_plan *plan, const alpa_module *program);

#endif
