/* Joining texts of PTX: the header and the declaration of shared memory are lines that every text begins with. */
#include "codegen/ptx/text.h"

#include <string.h>

#include "support/text.h"

static bool starts_with(const char *line, const char *word) { return strncmp(line, word, strlen(word)) == 0; }

static const char *next_line(const char *line) {
  const char *end = strchr(line, '\n');
  return end ? end + 1 : line + strlen(line);
}

alpa_image_code alpa_ptx_join(alpa_arena *arena, const alpa_image_code *texts, size_t n) {
  alpa_text all;
  alpa_text_init(&all, arena);
  bool has_shared = false;
  for (size_t i = 0; i < n; i++) {
    bool in_header = i > 0;
    for (const char *line = texts[i].data, *next; *line; line = next) {
      next = next_line(line);
      bool is_shared = starts_with(line, ".extern .shared");
      if (!in_header && !(is_shared && has_shared))
        alpa_text_append(&all, line, (size_t)(next - line));
      has_shared |= is_shared;
      in_header &= !starts_with(line, ".address_size");
    }
  }
  const char *text = alpa_text_finish(&all);
  return (alpa_image_code){text, all.size + 1};
}
