/* Command-line options from a table, in LLVM's manner: one dash or two, --name=value or --name value. */
#ifndef ALPA_DRIVER_TOOL_FLAGS_H
#define ALPA_DRIVER_TOOL_FLAGS_H

#include "driver/tool/text.h"

typedef enum alpa_tool_flag_kind {
  ALPA_FLAG_BOOL,   /* bool: --name, --name=0 */
  ALPA_FLAG_INT,    /* int64_t, not negative */
  ALPA_FLAG_STRING, /* const char * */
  ALPA_FLAG_LIST    /* const char *, NULL at first: as STRING; further uses append with a comma; the caller frees it */
} alpa_tool_flag_kind;

typedef struct alpa_tool_flag {
  const char *name;
  alpa_tool_flag_kind kind;
  size_t offset;       /* of the field in the tool's settings */
  const char *value;   /* what stands for the value in the help: "file" */
  const char *implied; /* the value of a STRING without one; NULL: a value must follow */
  const char *help;    /* NULL: not shown */
} alpa_tool_flag;

/* What an argument means that no flag of the table names, by name and value (NULL without "="): false refuses it. */
typedef bool alpa_tool_other_fn(void *settings, const char *name, const char *value);

typedef struct alpa_tool_flags {
  const char *program;         /* as in messages */
  const alpa_tool_flag *flags; /* ends with a NULL name */
  alpa_tool_other_fn *other;   /* or NULL */
  /* The i-th further name that `other` accepts, for suggestions; NULL at the end; may be NULL. */
  const char *(*other_name)(size_t i);
  size_t input; /* offset of a const char * for the only positional argument */
} alpa_tool_flags;

/* Fills in the settings; explains a failure on stderr in LLVM's words. */
bool alpa_tool_flags_parse(const alpa_tool_flags *flags, int argc, char **argv, void *settings);
/* "  --name=<value>   - help" lines. */
void alpa_tool_flags_help(const alpa_tool_flag *flags, alpa_tool_text *text);
/* One such line: the text before the dash is padded. */
void alpa_tool_help_line(alpa_tool_text *text, int indent, const char *what, const char *help);

#endif
