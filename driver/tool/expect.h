/* --verify-diagnostics: messages are compared with the comments of the input that announce them.
 *
 *   // expected-error@+1 {{part of the message}}      -warning -note -remark; @-1 @below @above @unknown; none: this
 * line
 *   // expected-error-re@below {{text {{regex}} text}} */
#ifndef ALPA_DRIVER_TOOL_EXPECT_H
#define ALPA_DRIVER_TOOL_EXPECT_H

#include "driver/tool/text.h"

typedef struct alpa_tool_expectation alpa_tool_expectation;

typedef struct alpa_tool_expectations {
  const char *file; /* as in the diagnostics */
  const char *text;
  size_t text_size;
  alpa_tool_expectation *items;
  size_t n;
  bool failed; /* something unexpected has come */
} alpa_tool_expectations;

/* Reads the announcements of a text, which must outlive them; a malformed one is explained and remembered as failure.
 */
void alpa_tool_expectations_init(alpa_tool_expectations *list, const char *file, const char *text, size_t text_size);
/* Ticks off a message, or complains about it on stderr. */
void alpa_tool_expectations_match(alpa_tool_expectations *list, const alpa_diagnostic *diagnostic);
/* Complains about what was announced and did not come; true where everything matched.  Frees. */
bool alpa_tool_expectations_finish(alpa_tool_expectations *list);

#endif
