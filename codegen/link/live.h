/* When the variables of a pipeline are live, and where they lie. */
#ifndef ALPA_CODEGEN_LINK_LIVE_H
#define ALPA_CODEGEN_LINK_LIVE_H

#include "codegen/link/link.h"

/* A variable of one micro-batch (or of the step): live from the start of task `first` to the end of task `last` of its
 * submesh. */
typedef struct alpa_link_instance {
  uint32_t submesh, first, last; /* submesh ALPA_NO_INDEX: never used */
  uint32_t first_use;            /* the first task that reads it, or ALPA_NO_INDEX */
  uint32_t defined;              /* the first task that writes it, or ALPA_NO_INDEX */
  int64_t bytes, offset;
} alpa_link_instance;

/* One transfer of one micro-batch.  The receiver makes room one task before the one that needs the value. */
typedef struct alpa_link_move {
  uint32_t transfer, from, to; /* instances */
  uint32_t sent;               /* behind this task of the sender, */
  uint32_t released;           /* whose memory is needed again by this one (or never: the number of tasks) */
  uint32_t posted, awaited;    /* in front of these tasks of the receiver */
} alpa_link_move;

typedef struct alpa_link_live {
  alpa_arena *arena;
  const alpa_link_problem *problem;
  uint32_t *first_instance; /* by variable */
  alpa_link_instance *instances;
  uint32_t n_instances;
  ALPA_VEC(alpa_link_move) moves;
  uint32_t **order;     /* by submesh and task: its number in one order in which all tasks can run */
  int64_t *slots_bytes; /* by submesh */
} alpa_link_live;

static inline uint32_t alpa_link_instance_of(const alpa_link_live *live, uint32_t variable, uint32_t microbatch) {
  return live->first_instance[variable] + (live->problem->variables[variable].per_microbatch ? microbatch : 0);
}

alpa_status alpa_link_live_find(alpa_link_live *live, alpa_diag *diag);

#endif
