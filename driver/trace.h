/* Timelines as files. */
#ifndef ALPA_DRIVER_TRACE_H
#define ALPA_DRIVER_TRACE_H

#include "driver/environment.h"
#include "support/timeline.h"

/* Finishes the timeline.  A file that cannot be written is reported. */
alpa_status alpa_timeline_store(alpa_timeline *timeline, alpa_diag *diag, const char *path);

#endif
