/* Expected diagnostics.  Lines that hold nothing but announcements are transparent: @below means the next line that is
 * none, @above the last one, so that several can stand above each other. */
#include "driver/tool/expect.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct alpa_tool_expectation {
  alpa_severity severity;
  const char *line_text; /* of the announcement */
  size_t line_size;
  uint32_t at_line, at_column; /* of the announcement */
  uint32_t line;               /* of the message; 0: @unknown */
  char *message;               /* a part of it */
  bool is_regex, is_matched, is_pending;
  regex_t regex;
};

static const char *const severity_names[] = {
    [ALPA_NOTE] = "note", [ALPA_REMARK] = "remark", [ALPA_WARNING] = "warning", [ALPA_ERROR] = "error"};

/* Reports something about an announcement: "file:line:column: error: before "text" after", and its line. */
static void complain(alpa_tool_expectations *list, const alpa_tool_expectation *item, const char *before,
                     const char *after) {
  list->failed = true;
  fprintf(stderr, "%s:%u:%u: error: %s \"%s\" %s\n%.*s\n%*s^\n", list->file, item->at_line, item->at_column, before,
          item->message, after, (int)item->line_size, item->line_text, (int)item->at_column - 1, "");
}

/* ---- reading ---- */

static bool skip(const char **at, const char *word) {
  size_t size = strlen(word);
  if (strncmp(*at, word, size) != 0)
    return false;
  *at += size;
  return true;
}

/* "text {{regex}} text" as one POSIX expression. */
static bool compile_regex(alpa_tool_expectation *item) {
  alpa_tool_text pattern = {0};
  for (const char *at = item->message; *at;) {
    const char *end = strncmp(at, "{{", 2) == 0 ? strstr(at, "}}") : NULL;
    if (strncmp(at, "{{", 2) == 0 && !end) {
      alpa_tool_text_free(&pattern);
      return false;
    }
    if (end) {
      alpa_tool_text_printf(&pattern, "(%.*s)", (int)(end - at - 2), at + 2);
      at = end + 2;
    } else {
      alpa_tool_text_printf(&pattern, strchr("\\^$.|?*+()[]{}", *at) ? "\\%c" : "%c", *at);
      at++;
    }
  }
  bool ok = regcomp(&item->regex, pattern.data ? pattern.data : "", REG_EXTENDED | REG_NOSUB) == 0;
  alpa_tool_text_free(&pattern);
  return ok;
}

/* What follows '@': sets the line, or marks the item as waiting for the next line of code. */
static bool read_position(const char **at, alpa_tool_expectation *item, uint32_t last_code_line) {
  if (skip(at, "below"))
    item->is_pending = true;
  else if (skip(at, "above"))
    item->line = last_code_line;
  else if (skip(at, "unknown"))
    item->line = 0;
  else if (**at == '+' || **at == '-') {
    char *end;
    item->line = (uint32_t)((long)item->at_line + strtol(*at, &end, 10));
    *at = end;
  } else
    return false;
  return true;
}

/* Reads "error-re@below {{text}}" behind "expected-"; false where the line is no announcement. */
static bool read_item(const char *at, alpa_tool_expectation *item, uint32_t last_code_line) {
  size_t severity = 0;
  while (severity < 4 && !skip(&at, severity_names[severity]))
    severity++;
  if (severity == 4)
    return false;
  item->severity = (alpa_severity)severity;
  item->is_regex = skip(&at, "-re");
  while (*at == ' ')
    at++;
  if (skip(&at, "@")) {
    if (!read_position(&at, item, last_code_line))
      return false;
  } else {
    item->line = item->at_line;
  }
  while (*at == ' ')
    at++;
  const char *end = item->line_text + item->line_size;
  while (end > at && (end[-1] == ' ' || end[-1] == '\r'))
    end--;
  if (!skip(&at, "{{") || end - at < 2 || strncmp(end - 2, "}}", 2) != 0)
    return false;
  item->message = alpa_tool_strndup(at, (size_t)(end - 2 - at));
  return true;
}

static void resolve_pending(alpa_tool_expectations *list, uint32_t line) {
  for (size_t i = list->n; i-- > 0 && list->items[i].at_line < line;)
    if (list->items[i].is_pending) {
      list->items[i].is_pending = false;
      list->items[i].line = line;
    }
}

static const char *find_announcement(const char *line, size_t size) {
  static const char word[] = "expected-";
  return memmem(line, size, word, sizeof word - 1);
}

void alpa_tool_expectations_init(alpa_tool_expectations *list, const char *file, const char *text, size_t text_size) {
  *list = (alpa_tool_expectations){.file = file, .text = text, .text_size = text_size};
  uint32_t line = 1, last_code_line = 0;
  for (const char *at = text, *end = text + text_size; at < end; line++) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t size = (size_t)((newline ? newline : end) - at);
    const char *found = find_announcement(at, size);
    alpa_tool_expectation item = {.line_text = at, .line_size = size, .at_line = line};
    bool is_item = found && read_item(found + 9, &item, last_code_line);
    if (!is_item || (item.line == line && !item.is_pending)) {
      resolve_pending(list, line);
      last_code_line = line;
    }
    if (is_item) {
      item.at_column = (uint32_t)(found - at) + 1;
      if (item.is_regex && !compile_regex(&item)) {
        item.is_regex = false;
        complain(list, &item, "expected message", "has an invalid regex");
      }
      list->items = alpa_tool_realloc(list->items, (list->n + 1) * sizeof *list->items);
      list->items[list->n++] = item;
    }
    at += size + 1;
  }
}

/* ---- comparing ---- */

static bool matches(const alpa_tool_expectation *item, const char *message) {
  if (item->is_regex)
    return regexec(&item->regex, message, 0, NULL, 0) == 0;
  return strstr(message, item->message) != NULL;
}

static bool is_here(const alpa_tool_expectations *list, const alpa_diagnostic *diagnostic) {
  return diagnostic->file && diagnostic->line && strcmp(diagnostic->file, list->file) == 0;
}

void alpa_tool_expectations_match(alpa_tool_expectations *list, const alpa_diagnostic *diagnostic) {
  uint32_t line = is_here(list, diagnostic) ? diagnostic->line : 0;
  alpa_tool_expectation *near = NULL;
  for (size_t i = 0; i < list->n; i++) {
    alpa_tool_expectation *item = &list->items[i];
    if (item->is_matched || item->line != line || !matches(item, diagnostic->message))
      continue;
    near = item;
    if (item->severity == diagnostic->severity) {
      item->is_matched = true;
      return;
    }
  }
  if (near) {
    char what[64];
    snprintf(what, sizeof what, "'%s' diagnostic emitted when expecting a '%s':", severity_names[diagnostic->severity],
             severity_names[near->severity]);
    complain(list, near, what, "");
    near->is_matched = true; /* reported once */
    return;
  }
  list->failed = true;
  if (diagnostic->file)
    fprintf(stderr, "%s:%u:%u: ", diagnostic->file, diagnostic->line, diagnostic->column);
  fprintf(stderr, "error: unexpected %s: %s\n", severity_names[diagnostic->severity], diagnostic->message);
}

bool alpa_tool_expectations_finish(alpa_tool_expectations *list) {
  for (size_t i = 0; i < list->n; i++) {
    alpa_tool_expectation *item = &list->items[i];
    if (!item->is_matched) {
      char what[32];
      snprintf(what, sizeof what, "expected %s", severity_names[item->severity]);
      complain(list, item, what, "was not produced");
    }
    free(item->message);
    if (item->is_regex)
      regfree(&item->regex);
  }
  free(list->items);
  list->items = NULL;
  list->n = 0;
  return !list->failed;
}
