/* Growing text and files, for the command-line tools.  A tool that finds no memory says so and exits. */
#ifndef ALPA_DRIVER_TOOL_TEXT_H
#define ALPA_DRIVER_TOOL_TEXT_H

#include "alpa/alpa.h"

typedef struct alpa_tool_text {
  char *data; /* NUL-terminated once something was appended */
  size_t size, cap;
} alpa_tool_text;

void alpa_tool_text_append(alpa_tool_text *text, const char *data, size_t size);
void alpa_tool_text_string(alpa_tool_text *text, const char *string);
void alpa_tool_text_printf(alpa_tool_text *text, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
void alpa_tool_text_free(alpa_tool_text *text);
/* An alpa_write_fn whose user is an alpa_tool_text. */
alpa_status alpa_tool_text_write(void *text, const char *data, size_t size);

/* realloc that exits where there is no memory. */
void *alpa_tool_realloc(void *pointer, size_t size);
char *alpa_tool_strndup(const char *text, size_t size);

/* The contents of a file, or of standard input for "-"; explains a failure on stderr. */
bool alpa_tool_file_read(const char *path, alpa_tool_text *out_text);
/* Writes a file whole or not at all (a temporary file beside it, renamed), or to standard output for "-";
 * explains a failure on stderr.  Devices and pipes are written directly. */
bool alpa_tool_file_write(const char *path, const char *data, size_t size);

#endif
