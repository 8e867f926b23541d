/* alpa: plans and runs single-device tensor programs on clusters.
 *
 * The whole public API.  Every function that can fail returns an alpa_status and explains itself through the
 * diagnostic callback of its context; output parameters are written only on success.  Two contexts may be used in
 * two threads at once, one context only by one thread at a time.  The library never exits, never prints, installs no
 * signal handlers and has no mutable global state. */
#ifndef ALPA_ALPA_H
#define ALPA_ALPA_H

#include "alpa/base.h"
#include "alpa/module.h"
#include "alpa/plan.h"
#include "alpa/program.h"

#endif
