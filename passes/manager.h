/* Running pipelines: properties, verification, timing, counters, observation. */
#ifndef ALPA_PASSES_MANAGER_H
#define ALPA_PASSES_MANAGER_H

#include "passes/pipeline.h"

typedef struct alpa_manager_options {
  bool skip_verify;                   /* does not verify after every pass */
  const alpa_pass_observer *observer; /* or NULL */
  const alpa_pass_services *services; /* or NULL */
} alpa_manager_options;

/* Runs a pipeline on the module; a failure has been reported and leaves it in an unspecified state.
 * A nested pipeline runs on each op directly inside the regions of the op around it that its anchor names ("any":
 * that is isolated from above), one after the other, in order. */
alpa_status alpa_pipeline_apply(alpa_pipeline *pipeline, alpa_module *module, const alpa_manager_options *options);

#endif
