/* A text buffer that grows in an arena: what printers write into. */
#ifndef ALPA_SUPPORT_TEXT_H
#define ALPA_SUPPORT_TEXT_H

#include "support/arena.h"

typedef struct alpa_text {
  alpa_arena *arena;
  char *data;
  size_t size, cap;
} alpa_text;

void alpa_text_init(alpa_text *text, alpa_arena *arena);
/* Makes room for that many more bytes. */
void alpa_text_reserve(alpa_text *text, size_t size);
void alpa_text_append(alpa_text *text, const char *data, size_t size);
void alpa_text_char(alpa_text *text, char c);
void alpa_text_string(alpa_text *text, const char *string);
void alpa_text_int(alpa_text *text, int64_t value);
void alpa_text_printf(alpa_text *text, const char *format, ...) ALPA_PRINTF(2, 3);
/* The contents with a NUL behind them. */
const char *alpa_text_finish(alpa_text *text);

#endif
