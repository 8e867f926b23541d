/* Entering the library: the one place where exhausted memory is recovered from. */
#ifndef ALPA_DRIVER_GUARD_H
#define ALPA_DRIVER_GUARD_H

#include "support/arena.h"

typedef alpa_status alpa_guarded_fn(void *arguments);

/* Runs the body with a recovery point: where an allocation fails, every arena that was made since is released and
 * ALPA_OUT_OF_MEMORY returned.  Nests.  The body keeps nothing outside arenas that would have to be released. */
alpa_status alpa_guard(alpa_memory *memory, alpa_guarded_fn *body, void *arguments);

#endif
