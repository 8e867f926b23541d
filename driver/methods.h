/* Methods and options of a plan as pipelines of passes. */
#ifndef ALPA_DRIVER_METHODS_H
#define ALPA_DRIVER_METHODS_H

#include "driver/compile.h"

/* What a search for stages keeps to. */
typedef struct alpa_stage_room {
  double headroom; /* share of the memory that stages leave free where they can */
  uint32_t least_micro_batches;
} alpa_stage_room;

/* Whether the options ask for stages or micro-batches. */
bool alpa_methods_want_stages(const alpa_plan *plan);
/* Which stages there are, then what runs on them and when; the room is for stages that are searched for. */
alpa_status alpa_methods_of_stages(alpa_plan *plan, const alpa_stage_room *room, const char **out_choice,
                                   const char **out_rest);
/* From the canonical form to shardings: the pipeline of a plan without stages, and what a plan is known by. */
alpa_status alpa_methods_describe(alpa_plan *plan, const char **out_text);

#endif
