/* Places in reports of failed steps. */
#ifndef ALPA_RUNTIME_FLIGHT_H
#define ALPA_RUNTIME_FLIGHT_H

#include "support/diag.h"

/* "file:line:col", as instructions say where they come from, as a place with its file in `file`; anything else has
 * none. */
alpa_place alpa_flight_place(const char *where, char *file, size_t size);

#endif
