/* What devices and programs need of a context.  The compiler's context has it, and so has that of libalpa-runtime,
 * which knows no IR. */
#ifndef ALPA_DRIVER_ENVIRONMENT_H
#define ALPA_DRIVER_ENVIRONMENT_H

#include <string.h>

#include "driver/guard.h"
#include "support/diag.h"

typedef struct alpa_environment {
  alpa_memory *memory;
  alpa_diag *diag;
} alpa_environment;

/* Lives as long as the context. */
alpa_environment alpa_context_environment(alpa_context *context);

/* The monotonic clock in seconds. */
double alpa_clock_seconds(void);

/* Hands diagnostics to the callback of a context. */
typedef struct alpa_reporter {
  alpa_diag *diag;
  alpa_diagnostic_fn *diagnostic;
  void *user;
} alpa_reporter;

/* The sink; `user` is the reporter.  A message whose rendering finds no memory arrives without its source line. */
void alpa_reporter_deliver(void *user, alpa_severity severity, alpa_place place, const char *message);

/* Copies the caller's structure over one with defaults, as far as the caller knows it.  The first member of both is
 * the size; NULL leaves the defaults. */
static inline void alpa_api_take(void *defaults, size_t size, const void *given) {
  size_t given_size;
  if (!given)
    return;
  memcpy(&given_size, given, sizeof given_size);
  memcpy(defaults, given, given_size < size ? given_size : size);
}

/* The other way round: fills in the caller's structure as far as the caller knows it; its size member stays. */
static inline void alpa_api_give(void *out, const void *filled, size_t size) {
  size_t out_size;
  memcpy(&out_size, out, sizeof out_size);
  size_t known = out_size < size ? out_size : size;
  if (known > sizeof out_size)
    memcpy((char *)out + sizeof out_size, (const char *)filled + sizeof out_size, known - sizeof out_size);
}

#endif
