/* Self-checking programs: calls of check.* in the main function, taken out before planning. */
#ifndef ALPA_DRIVER_CHECKS_H
#define ALPA_DRIVER_CHECKS_H

#include "dialects/ir/op.h"
#include "driver/compare.h"

/* One call: which results of the main function it compares. */
typedef struct alpa_check {
  alpa_comparison comparison;
  const char *name;    /* the call's target */
  const alpa_loc *loc; /* of the call; interned in the context */
  uint32_t actual, expected;
} alpa_check;

typedef struct alpa_checks {
  ALPA_VEC(alpa_check) items;
  uint32_t n_results; /* that the main function got for them, behind its own */
} alpa_checks;

/* Makes what the calls of the module's main function compare results of it, where they are none yet, and erases the
 * calls.  What functions without arguments give goes through optimization barriers: the program that runs is the one
 * that was written, not a constant.  A module without checks stays as it is. */
alpa_status alpa_checks_separate(alpa_arena *arena, alpa_module *module, alpa_checks *out_checks);

#endif
