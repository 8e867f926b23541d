/* The context of libalpa-runtime: memory and diagnostics, no IR. */
#include "driver/environment.h"

struct alpa_context {
  alpa_memory memory;
  alpa_diag diag;
  alpa_reporter reporter;
};

alpa_status alpa_context_create(const alpa_context_options *given, alpa_context **out_context) {
  alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
  if (!out_context)
    return ALPA_INVALID_ARGUMENT;
  alpa_api_take(&options, sizeof options, given);
  alpa_memory memory;
  alpa_memory_init(&memory, options.realloc, options.realloc_user);
  alpa_context *context = memory.realloc(memory.user, NULL, sizeof *context);
  if (!context)
    return ALPA_OUT_OF_MEMORY;
  *context =
      (alpa_context){.memory = memory, .reporter = {&context->diag, options.diagnostic, options.diagnostic_user}};
  alpa_diag_init(&context->diag, &context->memory, options.diagnostic ? alpa_reporter_deliver : NULL,
                 &context->reporter);
  *out_context = context;
  return ALPA_OK;
}

void alpa_context_destroy(alpa_context *context) {
  if (!context)
    return;
  alpa_memory memory = context->memory;
  alpa_diag_deinit(&context->diag);
  memory.realloc(memory.user, context, 0);
}

alpa_environment alpa_context_environment(alpa_context *context) {
  return (alpa_environment){&context->memory, &context->diag};
}
