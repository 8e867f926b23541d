/* Reading and writing the options of a pass by its table; the messages are those of mlir-opt. */
#include "passes/pipeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct option_value {
  const alpa_option_def *def;
  const char *text; /* NULL where there was no "=" */
} option_value;

static void *field_of(void *options, const alpa_option_def *def) { return (char *)options + def->offset; }

static bool parse_bool(const char *text, bool *out_value) {
  static const char *const words[] = {"false", "0", "true", "1"};
  for (size_t i = 0; i < countof(words); i++)
    if (strcmp(text, words[i]) == 0) {
      *out_value = i >= 2;
      return true;
    }
  return false;
}

static bool parse_int(const char *text, int64_t *out_value) {
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 0);
  *out_value = value;
  return end != text && !*end && errno == 0;
}

static bool parse_double(const char *text, double *out_value) {
  char *end;
  *out_value = strtod(text, &end);
  return end != text && !*end;
}

static alpa_strings parse_strings(alpa_arena *arena, const char *text) {
  ALPA_VEC(const char *) items = {0};
  while (*text) {
    size_t size = strcspn(text, ",");
    alpa_vec_push(arena, &items, alpa_arena_strndup(arena, text, size));
    text += size + (text[size] == ',');
  }
  return (alpa_strings){items.items, items.n};
}

static bool is_choice(const alpa_option_def *def, const char *text) {
  if (!def->choices)
    return true;
  for (const char *const *choice = def->choices; *choice; choice++)
    if (strcmp(*choice, text) == 0)
      return true;
  return false;
}

static bool in_bounds(const alpa_option_def *def, int64_t value) {
  return (def->min == 0 && def->max == 0) || (value >= def->min && (def->max == 0 || value <= def->max));
}

/* Why the text cannot be the option's value, or NULL after setting it. */
static const char *set_value(alpa_arena *arena, const alpa_option_def *def, const char *text, void *options) {
  void *field = field_of(options, def);
  switch (def->kind) {
  case ALPA_OPTION_BOOL:
    return parse_bool(text, field) ? NULL : "is invalid value for boolean argument! Try 0 or 1";
  case ALPA_OPTION_INT:
    if (!parse_int(text, field))
      return "value invalid for integer argument!";
    if (in_bounds(def, *(int64_t *)field))
      return NULL;
    return def->max ? alpa_arena_printf(arena, "is not between %" PRId64 " and %" PRId64, def->min, def->max)
                    : alpa_arena_printf(arena, "is less than %" PRId64, def->min);
  case ALPA_OPTION_DOUBLE:
    return parse_double(text, field) ? NULL : "value invalid for floating-point argument!";
  case ALPA_OPTION_STRING:
    *(const char **)field = text;
    return is_choice(def, text) ? NULL : "is none of the choices";
  case ALPA_OPTION_STRINGS:
    *(alpa_strings *)field = parse_strings(arena, text);
    return NULL;
  }
  return NULL;
}

void *alpa_pass_options_create(alpa_arena *arena, const alpa_pass_def *pass) {
  char *options = alpa_arena_calloc(arena, 1, pass->options_size ? pass->options_size : 1);
  for (const alpa_option_def *def = pass->options; def && def->name; def++) {
    if (def->kind == ALPA_OPTION_STRING)
      *(const char **)field_of(options, def) = "";
    const char *problem = def->initial ? set_value(arena, def, def->initial, options) : NULL;
    (void)problem; /* the tables are tested */
  }
  return options;
}

/* ---- reading ---- */

/* Takes the next "name" or "name=value" off the text. */
static alpa_str take_option(alpa_str *text, alpa_str *out_value, bool *out_has_value) {
  const char *at = text->data, *end = at + text->size;
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\t'))
    at++;
  alpa_str name = {at, 0};
  while (at < end && *at != ' ' && *at != '=')
    at++;
  name.size = (size_t)(at - name.data);
  *out_has_value = at < end && *at == '=';
  *out_value = (alpa_str){at, 0};
  if (*out_has_value) {
    const char *from = ++at;
    int depth = 0;
    for (char quote = 0; at < end && (quote || depth || *at != ' '); at++) {
      if (quote)
        quote = *at == quote ? 0 : quote;
      else if (*at == '"' || *at == '\'')
        quote = *at;
      else
        depth += (*at == '{') - (*at == '}');
    }
    *out_value = (alpa_str){from, (size_t)(at - from)};
  }
  *text = (alpa_str){at, (size_t)(end - at)};
  return name;
}

static const char *unquote(alpa_arena *arena, alpa_str value) {
  char first = value.size >= 2 ? value.data[0] : 0, last = value.size ? value.data[value.size - 1] : 0;
  bool quoted = (first == '{' && last == '}') || (first == last && (first == '"' || first == '\''));
  return alpa_arena_strndup(arena, value.data + quoted, value.size - 2 * (size_t)quoted);
}

static alpa_status fail(alpa_context *ctx, const alpa_pass_def *pass, alpa_str text, const char *message) {
  return alpa_error(&ctx->diag, (alpa_place){0}, ALPA_INVALID_ARGUMENT, "%s\nfailed to add `%s` with options `%.*s`",
                    message, pass->name, (int)text.size, text.data);
}

alpa_status alpa_pass_options_parse(alpa_context *ctx, alpa_arena *arena, const alpa_pass_def *pass, alpa_str text,
                                    void *options) {
  alpa_str rest = text;
  for (;;) {
    alpa_str value;
    bool has_value;
    alpa_str name = take_option(&rest, &value, &has_value);
    if (name.size == 0 && !has_value)
      return ALPA_OK;
    const alpa_option_def *def = pass->options;
    while (def && def->name && (strlen(def->name) != name.size || memcmp(def->name, name.data, name.size) != 0))
      def++;
    if (!def || !def->name)
      return fail(ctx, pass, text,
                  alpa_arena_printf(arena, "<Pass-Options-Parser>: no such option %.*s", (int)name.size, name.data));
    if (!has_value && def->kind != ALPA_OPTION_BOOL)
      return fail(ctx, pass, text, alpa_arena_printf(arena, "for the --%s option: requires a value!", def->name));
    const char *word = has_value ? unquote(arena, value) : "true";
    const char *problem = set_value(arena, def, word, options);
    if (problem)
      return fail(ctx, pass, text, alpa_arena_printf(arena, "for the --%s option: '%s' %s", def->name, word, problem));
  }
}

/* ---- writing ---- */

static void print_double(alpa_text *text, double value) {
  char digits[32];
  for (int precision = 6; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (strtod(digits, NULL) == value)
      break;
  }
  alpa_text_string(text, digits);
}

static void print_string(alpa_text *text, const char *string) {
  bool plain = *string && !strpbrk(string, " {}\"'=,()\n\t");
  alpa_text_printf(text, plain ? "%s" : "{%s}", string);
}

static void print_value(alpa_text *text, const alpa_option_def *def, const void *field) {
  switch (def->kind) {
  case ALPA_OPTION_BOOL:
    alpa_text_string(text, *(const bool *)field ? "true" : "false");
    return;
  case ALPA_OPTION_INT:
    alpa_text_int(text, *(const int64_t *)field);
    return;
  case ALPA_OPTION_DOUBLE:
    print_double(text, *(const double *)field);
    return;
  case ALPA_OPTION_STRING:
    print_string(text, *(const char *const *)field);
    return;
  case ALPA_OPTION_STRINGS: {
    const alpa_strings *list = field;
    alpa_text_char(text, '{');
    for (size_t i = 0; i < list->n; i++)
      alpa_text_printf(text, i ? ",%s" : "%s", list->items[i]);
    alpa_text_char(text, '}');
    return;
  }
  }
}

void alpa_pass_options_print(alpa_text *text, const alpa_pass_def *pass, const void *options) {
  if (!pass->options || !pass->options->name)
    return;
  alpa_text_char(text, '{');
  for (const alpa_option_def *def = pass->options; def->name; def++) {
    if (def != pass->options)
      alpa_text_char(text, ' ');
    alpa_text_printf(text, "%s=", def->name);
    print_value(text, def, (const char *)options + def->offset);
  }
  alpa_text_char(text, '}');
}
