/* The text of a model, and the same model with smaller dimensions: its ops stay, so that a step in the interpreter
 * takes milliseconds. */
#ifndef ALPA_TEST_UNIT_MODEL_TEXT_H
#define ALPA_TEST_UNIT_MODEL_TEXT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/unit/read_file.h"

/* Sizes to replace, ends with 0. */
typedef struct model_shrinking {
  int from, to;
} model_shrinking;

/* A number of a tensor's shape, of the bounds of a slice, or of slice_sizes. */
static inline bool model_text_is_size(const char *text, const char *begin, const char *end, bool in_sizes) {
  char before = begin > text ? begin[-1] : 0;
  if ((before == '<' || before == 'x') && *end == 'x')
    return true;
  if (((before == '[' || before == ' ') && *end == ':') || (before == ':' && (*end == ',' || *end == ']')))
    return true;
  return in_sizes && before == ' ' && (*end == ',' || *end == '>');
}

/* Replaces sizes in the text, in place: the new ones are not longer. */
static inline void model_text_shrink(char *text, const model_shrinking *sizes) {
  static const char key[] = "slice_sizes = array<i64:";
  char *to = text;
  bool in_sizes = false;
  for (char *at = text; *at;) {
    if (strncmp(at, key, sizeof key - 1) == 0)
      in_sizes = true;
    in_sizes = in_sizes && *at != '>';
    if (*at < '0' || *at > '9') {
      *to++ = *at++;
      continue;
    }
    char *end;
    long number = strtol(at, &end, 10);
    const model_shrinking *row = sizes;
    while (row->from && row->from != number)
      row++;
    char digits[24];
    bool is_changed = row->from && model_text_is_size(text, at, end, in_sizes);
    int n = snprintf(digits, sizeof digits, "%d", row->to);
    memmove(to, is_changed ? digits : at, is_changed ? (size_t)n : (size_t)(end - at));
    to += is_changed ? n : end - at;
    at = end;
  }
  *to = 0;
}

#endif
