/* Self-checking programs: calls of check.* in the main function, taken out before planning. */
#ifndef ALPA_DRIVER_CHECKS_H
#define ALPA_DRIVER_CHECKS_H

#include "dialects/ir/op.h"
#include "driver/check.h"

typedef struct alpa_checks {
  ALPA_VEC(alpa_check) items;
  uint32_t n_results; /* that the main function got for them, behind its own */
} alpa_checks;

/* Makes what the calls of the module's main function compare results of it, where they are none yet, and erases the
 * calls.  What functions without arguments give goes through optimization barriers: the program that runs is the one
 * that was written, not a constant.  A module without checks stays as it is. */
alpa_status alpa_checks_separate(alpa_arena *arena, alpa_module *module, alpa_checks *out_checks);

#endif
