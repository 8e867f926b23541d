/* Located diagnostics: one report per failure, where it is detected.
 *
 * A diagnostic has a severity, a place in a file, a message, and notes.  Messages follow the house style: lower case,
 * names in '...', both sides stated ("expects 2 operands, got 3"), a remedy where there is one, no final period. */
#ifndef ALPA_SUPPORT_DIAG_H
#define ALPA_SUPPORT_DIAG_H

#include <stdarg.h>

#include "support/arena.h"

/* line and column count from 1; line 0 means the whole file, file NULL means no place at all. */
typedef struct alpa_place {
  const char *file;
  uint32_t line, column;
} alpa_place;

/* Receives one diagnostic; a note follows the diagnostic it belongs to.  Strings live during the call only. */
typedef void alpa_diag_fn(void *user, alpa_severity severity, alpa_place place, const char *message);

/* A text that places refer to, registered so that a renderer can show the line. */
typedef struct alpa_source {
  const char *name;
  alpa_str text;
  uint32_t first_line; /* line number of its first line, for chunks of a split file */
} alpa_source;

typedef struct alpa_diag {
  alpa_arena arena; /* message text */
  alpa_diag_fn *sink;
  void *user;
  size_t n_errors, n_warnings;
  ALPA_VEC(alpa_source) sources;
} alpa_diag;

void alpa_diag_init(alpa_diag *diag, alpa_memory *memory, alpa_diag_fn *sink, void *user);
void alpa_diag_deinit(alpa_diag *diag);

/* The text must outlive the diagnostics that refer to it. */
void alpa_diag_add_source(alpa_diag *diag, const char *name, alpa_str text, uint32_t first_line);
/* The source line a place refers to, without its newline; false where the text is not known. */
bool alpa_diag_find_line(const alpa_diag *diag, alpa_place place, alpa_str *out_line);

/* Reports an error and returns `status`, so that a check reads `return alpa_error(...)`. */
alpa_status alpa_error(alpa_diag *diag, alpa_place place, alpa_status status, const char *format, ...)
    ALPA_PRINTF(4, 5);
void alpa_warning(alpa_diag *diag, alpa_place place, const char *format, ...) ALPA_PRINTF(3, 4);
void alpa_remark(alpa_diag *diag, alpa_place place, const char *format, ...) ALPA_PRINTF(3, 4);
/* Adds a note to the last diagnostic. */
void alpa_note(alpa_diag *diag, alpa_place place, const char *format, ...) ALPA_PRINTF(3, 4);
void alpa_diag_emit(alpa_diag *diag, alpa_severity severity, alpa_place place, const char *format, va_list args);

/* "file:line:col: error: message", the source line and a caret, as mlir-opt prints them; text in `arena`. */
const char *alpa_diag_render(const alpa_diag *diag, alpa_arena *arena, alpa_severity severity, alpa_place place,
                             const char *message);

#endif
