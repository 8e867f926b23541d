/* Diagnostics kept back while something is tried: said in the end, or dropped where something better turned up. */
#ifndef ALPA_DRIVER_WITHHOLD_H
#define ALPA_DRIVER_WITHHOLD_H

#include "support/diag.h"

typedef struct alpa_withheld_message {
  alpa_severity severity;
  alpa_place place;
  const char *text;
} alpa_withheld_message;

typedef struct alpa_withheld {
  alpa_diag *diag;
  alpa_diag_fn *sink;
  void *user;
  size_t n_errors, n_warnings; /* of `diag` before */
  alpa_arena arena;
  ALPA_VEC(alpa_withheld_message) messages;
} alpa_withheld;

/* From here to alpa_withhold_end nothing reaches the sink of `diag`; pairs may be nested. */
void alpa_withhold_begin(alpa_withheld *withheld, alpa_diag *diag);
/* Forgets what was reported up to now. */
void alpa_withhold_drop(alpa_withheld *withheld);
/* Says the rest. */
void alpa_withhold_end(alpa_withheld *withheld);

#endif
