/* Contexts of the public API: memory, delivery of diagnostics, the list of dialects. */
#include "driver/api_context.h"

alpa_status alpa_context_create(const alpa_context_options *given, alpa_context **out_context) {
  alpa_context_options options = ALPA_CONTEXT_OPTIONS_INIT;
  if (!out_context)
    return ALPA_INVALID_ARGUMENT;
  alpa_api_take(&options, sizeof options, given);
  alpa_memory memory;
  alpa_memory_init(&memory, options.realloc, options.realloc_user);
  alpa_api_context *api = memory.realloc(memory.user, NULL, sizeof *api);
  if (!api)
    return ALPA_OUT_OF_MEMORY;
  *api = (alpa_api_context){.reporter = {&api->ir.diag, options.diagnostic, options.diagnostic_user}};
  alpa_context_init(&api->ir, options.realloc, options.realloc_user, options.diagnostic ? alpa_reporter_deliver : NULL,
                    &api->reporter);
  api->ir.allow_unregistered = options.allow_unregistered_dialects;
  *out_context = &api->ir;
  return ALPA_OK;
}

void alpa_context_destroy(alpa_context *context) {
  if (!context)
    return;
  alpa_realloc_fn *realloc_fn = context->memory.realloc;
  void *user = context->memory.user;
  alpa_context_deinit(context);
  realloc_fn(user, context, 0);
}

alpa_environment alpa_context_environment(alpa_context *context) {
  return (alpa_environment){&context->memory, &context->diag};
}

const char *alpa_dialect_get_name(size_t index) {
  return index < ALPA_DIALECT_COUNT ? alpa_dialects[index]->name : NULL;
}
