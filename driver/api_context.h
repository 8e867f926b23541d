/* What stands behind the handles of the public API. */
#ifndef ALPA_DRIVER_API_CONTEXT_H
#define ALPA_DRIVER_API_CONTEXT_H

#include <string.h>

#include "dialects/ir/context.h"
#include "driver/guard.h"
#include "passes/pass.h"

/* An alpa_context that was made by alpa_context_create; `ir` is what the handle points to. */
typedef struct alpa_api_context {
  alpa_context ir;
  alpa_diagnostic_fn *diagnostic;
  void *diagnostic_user;
} alpa_api_context;

/* All passes and pipelines of the library. */
extern const alpa_pass_registry alpa_api_registry;
/* Passes that are code generation's (driver/codegen_passes.c). */
extern const alpa_pass_list alpa_codegen_passes;
/* The attribute of a module that has been through the pass `codegen`: a string. */
#define ALPA_CODE_ATTR "alpa.code"

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
