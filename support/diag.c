/* Formatting and delivery of diagnostics. */
#include "support/diag.h"

#include <stdio.h>
#include <string.h>

void alpa_diag_init(alpa_diag *diag, alpa_memory *memory, alpa_diag_fn *sink, void *user) {
  *diag = (alpa_diag){.sink = sink, .user = user};
  alpa_arena_init(&diag->arena, memory);
}

void alpa_diag_deinit(alpa_diag *diag) {
  alpa_arena_deinit(&diag->arena);
  *diag = (alpa_diag){0};
}

void alpa_diag_add_source(alpa_diag *diag, const char *name, alpa_str text, uint32_t first_line) {
  alpa_source source = {alpa_arena_strdup(&diag->arena, name), text, first_line};
  alpa_vec_push(&diag->arena, &diag->sources, source);
}

bool alpa_diag_find_line(const alpa_diag *diag, alpa_place place, alpa_str *out_line) {
  if (!place.file || place.line == 0)
    return false;
  for (size_t i = diag->sources.n; i-- > 0;) {
    const alpa_source *source = &diag->sources.items[i];
    if (strcmp(source->name, place.file) != 0 || place.line < source->first_line)
      continue;
    const char *at = source->text.data, *end = at + source->text.size;
    for (uint32_t line = source->first_line; at && line < place.line; line++) {
      at = memchr(at, '\n', (size_t)(end - at));
      at = at ? at + 1 : NULL;
    }
    if (!at || at > end)
      continue;
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    *out_line = (alpa_str){at, (size_t)((newline ? newline : end) - at)};
    return true;
  }
  return false;
}

void alpa_diag_emit(alpa_diag *diag, alpa_severity severity, alpa_place place, const char *format, va_list args) {
  char message[4096];
  vsnprintf(message, sizeof message, format, args);
  diag->n_errors += severity == ALPA_ERROR;
  diag->n_warnings += severity == ALPA_WARNING;
  if (diag->sink)
    diag->sink(diag->user, severity, place, message);
}

alpa_status alpa_error(alpa_diag *diag, alpa_place place, alpa_status status, const char *format, ...) {
  va_list args;
  va_start(args, format);
  alpa_diag_emit(diag, ALPA_ERROR, place, format, args);
  va_end(args);
  return status;
}

void alpa_warning(alpa_diag *diag, alpa_place place, const char *format, ...) {
  va_list args;
  va_start(args, format);
  alpa_diag_emit(diag, ALPA_WARNING, place, format, args);
  va_end(args);
}

void alpa_remark(alpa_diag *diag, alpa_place place, const char *format, ...) {
  va_list args;
  va_start(args, format);
  alpa_diag_emit(diag, ALPA_REMARK, place, format, args);
  va_end(args);
}

void alpa_note(alpa_diag *diag, alpa_place place, const char *format, ...) {
  va_list args;
  va_start(args, format);
  alpa_diag_emit(diag, ALPA_NOTE, place, format, args);
  va_end(args);
}

static const char *severity_name(alpa_severity severity) {
  static const char *const names[] = {
      [ALPA_NOTE] = "note", [ALPA_REMARK] = "remark", [ALPA_WARNING] = "warning", [ALPA_ERROR] = "error"};
  return names[severity];
}

/* Long source lines (constants, function types) are shown around the column only. */
enum { SHOWN_COLUMNS = 160 };

static const char *render_line(alpa_arena *arena, alpa_str line, uint32_t column) {
  size_t from = 0, at = column ? column - 1 : 0;
  if (at > SHOWN_COLUMNS / 2)
    from = at - SHOWN_COLUMNS / 2;
  if (from > line.size)
    from = line.size;
  size_t shown = line.size - from < SHOWN_COLUMNS ? line.size - from : SHOWN_COLUMNS;
  if (at < from || at > line.size)
    at = from;
  return alpa_arena_printf(arena, "%.*s\n%*s^\n", (int)shown, line.data + from, (int)(at - from), "");
}

const char *alpa_diag_render(const alpa_diag *diag, alpa_arena *arena, alpa_severity severity, alpa_place place,
                             const char *message) {
  const char *where = !place.file  ? ""
                      : place.line ? alpa_arena_printf(arena, "%s:%u:%u: ", place.file, place.line, place.column)
                                   : alpa_arena_printf(arena, "%s: ", place.file);
  alpa_str line;
  const char *excerpt = alpa_diag_find_line(diag, place, &line) ? render_line(arena, line, place.column) : "";
  return alpa_arena_printf(arena, "%s%s: %s\n%s", where, severity_name(severity), message, excerpt);
}
