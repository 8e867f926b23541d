/* Source locations, interned per context.  Every op has one, and every rewrite passes one on. */
#ifndef ALPA_DIALECTS_IR_LOCATION_H
#define ALPA_DIALECTS_IR_LOCATION_H

#include "dialects/ir/attribute.h"
#include "support/diag.h"

typedef enum alpa_loc_kind {
  ALPA_LOC_UNKNOWN,
  ALPA_LOC_FILE,     /* "f":1:2, "f":1:2 to 3:4 */
  ALPA_LOC_NAME,     /* "name"(child) */
  ALPA_LOC_CALLSITE, /* callsite(children[0] at children[1]) */
  ALPA_LOC_FUSED,    /* fused<meta>[children] */
  ALPA_LOC_OPAQUE    /* a form this version does not know, kept as text */
} alpa_loc_kind;

typedef struct alpa_loc alpa_loc;
struct alpa_loc {
  alpa_loc_kind kind;
  const char *name; /* FILE: file; NAME; OPAQUE: text; interned */
  uint32_t line, column, end_line, end_column; /* FILE; end 0 where there is none */
  const alpa_attr *meta;                       /* FUSED, or NULL */
  const alpa_loc *const *children;             /* NAME: at most 1; CALLSITE: 2; FUSED: any */
  uint32_t n_children;
  uint64_t hash;
};

const alpa_loc *alpa_loc_get_unknown(alpa_context *ctx);
const alpa_loc *alpa_loc_get_file(alpa_context *ctx, const char *file, uint32_t line, uint32_t column);
/* Any kind, from a filled-in key; everything is copied. */
const alpa_loc *alpa_loc_get(alpa_context *ctx, const alpa_loc *key);
/* A position that occurs once, of a file whose name is interned: made without interning, which is quicker. */
const alpa_loc *alpa_loc_make_file(alpa_context *ctx, const char *file, uint32_t line, uint32_t column);
/* A location for something made from several: the same one, or fused. */
const alpa_loc *alpa_loc_fuse(alpa_context *ctx, const alpa_loc *const *locs, size_t n);

/* The first file position found inside; none: {0}. */
alpa_place alpa_loc_place(const alpa_loc *loc);
/* The first name inside ("state[0]['wte']"), or NULL: the user's name of a value. */
const char *alpa_loc_find_name(const alpa_loc *loc);

#endif
