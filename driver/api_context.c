/* Contexts of the public API: memory, delivery of diagnostics, the list of dialects. */
#include "driver/api_context.h"

typedef struct render_args {
  alpa_api_context *api;
  alpa_diagnostic *diagnostic;
  alpa_place place;
} render_args;

static alpa_status render(void *arguments) {
  render_args *args = arguments;
  alpa_diag *diag = &args->api->ir.diag;
  args->diagnostic->rendered =
      alpa_diag_render(diag, &diag->arena, args->diagnostic->severity, args->place, args->diagnostic->message);
  return ALPA_OK;
}

/* The sink of the context.  A message whose rendering finds no memory arrives without its source line. */
static void deliver(void *user, alpa_severity severity, alpa_place place, const char *message) {
  alpa_api_context *api = user;
  alpa_diagnostic diagnostic = {.struct_size = sizeof diagnostic,
                                .severity = severity,
                                .file = place.file,
                                .line = place.line,
                                .column = place.column,
                                .message = message,
                                .rendered = message};
  render_args args = {api, &diagnostic, place};
  if (alpa_guard(&api->ir.memory, render, &args) != ALPA_OK)
    diagnostic.rendered = message;
  api->diagnostic(api->diagnostic_user, &diagnostic);
}

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
  *api = (alpa_api_context){.diagnostic = options.diagnostic, .diagnostic_user = options.diagnostic_user};
  alpa_context_init(&api->ir, options.realloc, options.realloc_user, api->diagnostic ? deliver : NULL, api);
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

const char *alpa_dialect_get_name(size_t index) {
  return index < ALPA_DIALECT_COUNT ? alpa_dialects[index]->name : NULL;
}
