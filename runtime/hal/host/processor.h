/* What this processor has, compared with what an image was compiled for. */
#ifndef ALPA_RUNTIME_HAL_HOST_PROCESSOR_H
#define ALPA_RUNTIME_HAL_HOST_PROCESSOR_H

#include "support/diag.h"

/* Refuses the target of an image, "host:<cpu>:<features>:...", that names an extension of the instruction set which
 * this processor lacks: ALPA_UNSUPPORTED, with the extension.  `name` is the program's. */
alpa_status alpa_host_check_target(alpa_diag *diag, const char *name, const char *target);

#endif
