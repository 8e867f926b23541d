/* What a partitioned program sends. */
#ifndef ALPA_DRIVER_COMMUNICATIONS_H
#define ALPA_DRIVER_COMMUNICATIONS_H

#include "driver/compile.h"

/* Fills plan->communications from plan->partitioned, in program order. */
void alpa_communications_collect(alpa_plan *plan);

#endif
