/* Reading MLIR text, pretty and generic form. */
#ifndef ALPA_DIALECTS_IR_PARSE_H
#define ALPA_DIALECTS_IR_PARSE_H

#include "dialects/ir/op.h"

/* A key and value of the file trailer {-# external_resources: { name: { key: value } } #-}. */
typedef struct alpa_parse_options {
  const char *name;                     /* of the file, for locations */
  uint32_t first_line;                  /* line number of the first line; 0 means 1 */
  bool no_verify;                       /* the caller verifies */
  const char **out_reproducer_pipeline; /* receives the pipeline of an mlir_reproducer trailer, or NULL; may be NULL */
} alpa_parse_options;

/* Parses a module (an implicit one is put around anything else) and verifies it.  Unregistered ops are errors unless
 * the context allows them.  The text need not outlive the call, but is registered as a source of diagnostics during it.
 */
alpa_status alpa_module_read(alpa_context *ctx, alpa_str text, const alpa_parse_options *options,
                             alpa_module **out_module);
/* One type or attribute from text, whole. */
alpa_status alpa_type_parse(alpa_context *ctx, alpa_str text, const alpa_type **out_type);
alpa_status alpa_attr_parse(alpa_context *ctx, alpa_str text, const alpa_attr **out_attr);

#endif
