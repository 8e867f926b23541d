/* Command-line options: look-up in the table, conversion, and the suggestion for a name that is nearly right. */
#include "driver/tool/flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct argument {

  const char *name;
  const char *value; /* NULL where there was no "=" */
} argument;

static const alpa_tool_flag *find_flag(const alpa_tool_flag *flags, const char *name) {
  for (; flags->name; flags++)
    if (strcmp(flags->name, name) == 0)
      return flags;
  return NULL;
}

/* ---- suggestions ---- */

enum { LONGEST_NAME = 64 };

/* Levenshtein's distance by rows; names that are too long are far away. */
static size_t distance(const char *a, const char *b) {
  size_t na = strlen(a), nb = strlen(b), row[LONGEST_NAME + 1];
  if (na > LONGEST_NAME || nb > LONGEST_NAME)
    return SIZE_MAX;
  for (size_t j = 0; j <= nb; j++)
    row[j] = j;
  for (size_t i = 1; i <= na; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= nb; j++) {
      size_t best = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      if (row[j] + 1 < best)
        best = row[j] + 1;
      if (row[j - 1] + 1 < best)
        best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[nb];
}

static void consider(const char *name, const char *candidate, const char **best, size_t *best_distance) {
  size_t d = distance(name, candidate);
  if (d < *best_distance) {
    *best = candidate;
    *best_distance = d;
  }
}

static const char *find_nearest(const alpa_tool_flags *flags, const char *name) {
  const char *best = NULL;
  size_t best_distance = SIZE_MAX;
  for (const alpa_tool_flag *flag = flags->flags; flag->name; flag++)
    consider(name, flag->name, &best, &best_distance);
  for (size_t i = 0; flags->other_name && flags->other_name(i); i++)
    consider(name, flags->other_name(i), &best, &best_distance);
  return best;
}

static bool refuse_unknown(const alpa_tool_flags *flags, const argument *arg, const char *typed) {
  const char *nearest = find_nearest(flags, arg->name);
  fprintf(stderr, "%s: Unknown command line argument '%s'.  Try: '%s --help'\n", flags->program, typed, flags->program);
  if (nearest)
    fprintf(stderr, "%s: Did you mean '%s%s%s%s'?\n", flags->program, nearest[1] ? "--" : "-", nearest,
            arg->value ? "=" : "", arg->value ? arg->value : "");
  return false;
}

/* ---- values ---- */

static bool refuse_value(const alpa_tool_flags *flags, const alpa_tool_flag *flag, const char *value,
                         const char *problem) {
  const char *dashes = flag->name[1] ? "--" : "-";
  if (value)
    fprintf(stderr, "%s: for the %s%s option: '%s' %s\n", flags->program, dashes, flag->name, value, problem);
  else
    fprintf(stderr, "%s: for the %s%s option: %s\n", flags->program, dashes, flag->name, problem);
  return false;
}

static bool set_bool(const alpa_tool_flags *flags, const alpa_tool_flag *flag, const char *value, bool *field) {
  static const char *const words[] = {"0", "false", "FALSE", "False", "1", "true", "TRUE", "True"};
  *field = true;
  if (!value || !*value)
    return true;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(value, words[i]) == 0) {
      *field = i >= 4;
      return true;
    }
  return refuse_value(flags, flag, value, "is invalid value for boolean argument! Try 0 or 1");
}

static bool set_int(const alpa_tool_flags *flags, const alpa_tool_flag *flag, const char *value, int64_t *field) {
  char *end;
  *field = strtoll(value, &end, 10);
  if (end == value || *end || *field < 0)
    return refuse_value(flags, flag, value, "value invalid for uint argument!");
  return true;
}

static void append_list(const char *value, const char **field) {
  alpa_tool_text joined = {0};
  if (*field)
    alpa_tool_text_printf(&joined, "%s,", *field);
  alpa_tool_text_string(&joined, value);
  free((char *)(uintptr_t)*field);
  *field = joined.data;
}

static bool set_value(const alpa_tool_flags *flags, const alpa_tool_flag *flag, const char *value, void *settings) {
  void *field = (char *)settings + flag->offset;
  switch (flag->kind) {
  case ALPA_FLAG_BOOL:
    return set_bool(flags, flag, value, field);
  case ALPA_FLAG_INT:
    return set_int(flags, flag, value, field);
  case ALPA_FLAG_STRING:
    *(const char **)field = value;
    return true;
  case ALPA_FLAG_LIST:
    append_list(value, field);
    return true;
  }
  return false;
}

/* ---- arguments ---- */

static argument split_argument(const char *typed) {
  const char *name = typed + 1 + (typed[1] == '-');
  const char *equals = strchr(name, '=');
  size_t size = equals ? (size_t)(equals - name) : strlen(name);
  return (argument){.name = alpa_tool_strndup(name, size), .value = equals ? equals + 1 : NULL};
}

static bool set_input(const alpa_tool_flags *flags, const char *path, void *settings) {
  const char **input = (const char **)(void *)((char *)settings + flags->input);
  if (*input) {
    fprintf(
        stderr,
        "%s: Too many positional arguments specified!\nCan specify at most 1 positional arguments: See: %s --help\n",
        flags->program, flags->program);
    return false;
  }
  *input = path;
  return true;
}

static bool parse_flag(const alpa_tool_flags *flags, const argument *arg, const char *next, int *used, void *settings) {
  const alpa_tool_flag *flag = find_flag(flags->flags, arg->name);
  const char *value = arg->value;
  if (flag->kind != ALPA_FLAG_BOOL && !value)
    value = flag->implied;
  if (flag->kind != ALPA_FLAG_BOOL && !value) {
    if (!next)
      return refuse_value(flags, flag, NULL, "requires a value!");
    value = next;
    ++*used;
  }
  return set_value(flags, flag, value, settings);
}

bool alpa_tool_flags_parse(const alpa_tool_flags *flags, int argc, char **argv, void *settings) {
  bool ok = true;
  for (int i = 1; i < argc && ok; i++) {
    const char *typed = argv[i];
    if (typed[0] != '-' || !typed[1]) {
      ok = set_input(flags, typed, settings);
      continue;
    }
    argument arg = split_argument(typed);
    if (find_flag(flags->flags, arg.name))
      ok = parse_flag(flags, &arg, i + 1 < argc ? argv[i + 1] : NULL, &i, settings);
    else if (!flags->other || !flags->other(settings, arg.name, arg.value))
      ok = refuse_unknown(flags, &arg, typed);
    free((char *)(uintptr_t)arg.name);
  }
  return ok;
}

/* ---- help ---- */

enum { HELP_COLUMN = 52 };

void alpa_tool_help_line(alpa_tool_text *text, int indent, const char *what, const char *help) {
  alpa_tool_text_printf(text, "%*s%-*s - %s\n", indent, "", HELP_COLUMN - indent, what, help);
}

void alpa_tool_flags_help(const alpa_tool_flag *flags, alpa_tool_text *text) {
  for (; flags->name; flags++) {
    char what[128];
    const char *dashes = flags->name[1] ? "--" : "-";
    if (!flags->help)
      continue;
    if (!flags->value)
      snprintf(what, sizeof what, "%s%s", dashes, flags->name);
    else if (flags->implied)
      snprintf(what, sizeof what, "%s%s[=<%s>]", dashes, flags->name, flags->value);
    else
      snprintf(what, sizeof what, flags->name[1] ? "%s%s=<%s>" : "%s%s <%s>", dashes, flags->name, flags->value);
    alpa_tool_help_line(text, 2, what, flags->help);
  }
}
