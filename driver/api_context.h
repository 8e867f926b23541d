/* What stands behind the handles of the public API. */
#ifndef ALPA_DRIVER_API_CONTEXT_H
#define ALPA_DRIVER_API_CONTEXT_H

#include "dialects/ir/context.h"
#include "driver/environment.h"
#include "passes/pass.h"

/* An alpa_context that was made by alpa_context_create; `ir` is what the handle points to. */
typedef struct alpa_api_context {
  alpa_context ir;
  alpa_reporter reporter;
} alpa_api_context;

/* All passes and pipelines of the library. */
extern const alpa_pass_registry alpa_api_registry;
/* Passes that are code generation's (driver/codegen_passes.c). */
extern const alpa_pass_list alpa_codegen_passes;
/* The attribute of a module that has been through the pass `codegen`: a string. */
#define ALPA_CODE_ATTR "alpa.code"

#endif
