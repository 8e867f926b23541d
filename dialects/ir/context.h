/* The context: memory, diagnostics, interned types, attributes and locations, registered dialects. */
#ifndef ALPA_DIALECTS_IR_CONTEXT_H
#define ALPA_DIALECTS_IR_CONTEXT_H

#include "dialects/ir/op_def.h"
#include "support/diag.h"
#include "support/hash.h"

struct alpa_context {
  alpa_memory memory;
  alpa_arena arena; /* interned objects */
  alpa_diag diag;
  alpa_intern names, types, attrs, locs;
  alpa_map op_defs;       /* interned name -> definition, registered or not */
  bool allow_unregistered; /* ops of unknown dialects are kept instead of refused */
  const alpa_type *scalars[ALPA_DTYPE_COUNT];
};

/* In place, for the owner of the memory (the API) and for tests. realloc and sink may be NULL. */
void alpa_context_init(alpa_context *ctx, alpa_realloc_fn *realloc, void *realloc_user, alpa_diag_fn *sink,
                       void *sink_user);
void alpa_context_deinit(alpa_context *ctx);

/* The interned copy of a name: equal names are the same pointer. */
const char *alpa_name(alpa_context *ctx, const char *text);
const char *alpa_name_n(alpa_context *ctx, const char *text, size_t size);

/* The definition of a registered op by its full name, or NULL. */
const alpa_op_def *alpa_op_def_find(alpa_context *ctx, const char *name, size_t size);
/* The same, made up for an unknown op. */
const alpa_op_def *alpa_op_def_unregistered(alpa_context *ctx, const char *name, size_t size);
/* The dialect attribute `dialect.mnemonic`, or NULL. */
const alpa_attr_def *alpa_attr_def_find(const char *dialect, size_t dialect_size, const char *mnemonic,
                                        size_t mnemonic_size);

#endif
