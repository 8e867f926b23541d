/* Diagnostics on their way to the caller, and the clock. */
#include "driver/environment.h"

#include <time.h>

double alpa_clock_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct render_args {
  alpa_reporter *reporter;
  alpa_diagnostic *diagnostic;
  alpa_place place;
} render_args;

static alpa_status render(void *arguments) {
  render_args *args = arguments;
  alpa_diag *diag = args->reporter->diag;
  args->diagnostic->rendered =
      alpa_diag_render(diag, &diag->arena, args->diagnostic->severity, args->place, args->diagnostic->message);
  return ALPA_OK;
}

void alpa_reporter_deliver(void *user, alpa_severity severity, alpa_place place, const char *message) {
  alpa_reporter *reporter = user;
  alpa_diagnostic diagnostic = {.struct_size = sizeof diagnostic,
                                .severity = severity,
                                .file = place.file,
                                .line = place.line,
                                .column = place.column,
                                .message = message,
                                .rendered = message};
  render_args args = {reporter, &diagnostic, place};
  if (alpa_guard(reporter->diag->arena.memory, render, &args) != ALPA_OK)
    diagnostic.rendered = message;
  reporter->diagnostic(reporter->user, &diagnostic);
}
