/* Growing text; integers are formatted by hand because printers write millions of them. */
#include "support/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void alpa_text_init(alpa_text *text, alpa_arena *arena) { *text = (alpa_text){.arena = arena}; }

static char *reserve(alpa_text *text, size_t size) {
  if (text->cap - text->size < size)
    text->data = alpa_arena_grow(text->arena, text->data, text->size, &text->cap, text->size + size + 256, 1);
  return text->data + text->size;
}

void alpa_text_reserve(alpa_text *text, size_t size) {
  if (size)
    (void)reserve(text, size);
}

void alpa_text_append(alpa_text *text, const char *data, size_t size) {
  if (size)
    memcpy(reserve(text, size), data, size);
  text->size += size;
}

void alpa_text_char(alpa_text *text, char c) {
  *reserve(text, 1) = c;
  text->size++;
}

void alpa_text_string(alpa_text *text, const char *string) { alpa_text_append(text, string, strlen(string)); }

void alpa_text_int(alpa_text *text, int64_t value) {
  char digits[24];
  size_t at = sizeof digits;
  uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
  do
    digits[--at] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (value < 0)
    digits[--at] = '-';
  alpa_text_append(text, digits + at, sizeof digits - at);
}

void alpa_text_printf(alpa_text *text, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int size = vsnprintf(NULL, 0, format, args);
  va_end(args);
  vsnprintf(reserve(text, (size_t)size + 1), (size_t)size + 1, format, again);
  va_end(again);
  text->size += (size_t)size;
}

const char *alpa_text_finish(alpa_text *text) {
  *reserve(text, 1) = 0;
  return text->data;
}
