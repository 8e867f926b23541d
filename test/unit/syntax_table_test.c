/* Every row of every dialect has a syntax that can work: formats name attributes that exist, groups are closed, an op
 * has both hooks or neither, and names of results agree with their number. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dialects/ir/op_def.h"

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static bool has_attr(const alpa_op_def *def, const char *name, size_t size) {
  for (size_t i = 0; i < def->n_attrs; i++)
    if (strncmp(def->attrs[i].name, name, size) == 0 && def->attrs[i].name[size] == 0)
      return true;
  return false;
}

static void check_format(const alpa_op_def *def) {
  int open = 0;
  for (const char *at = def->syntax.format; *at; at++) {
    if (*at == '{' && at[1] == '}') {
      at++;
      continue;
    }
    open += (*at == '{') - (*at == '}');
    if (*at != '$' && *at != '?')
      continue;
    const char *name = at + 1, *end = name;
    while (is_word(*end))
      end++;
    if (!has_attr(def, name, (size_t)(end - name)))
      fail_msg("the format of %s names '%.*s', which is no attribute of it", def->name, (int)(end - name), name);
    if (*at == '?' && (*end != '{' || is_word(end[1]) || !strchr(end, '}')))
      fail_msg("the format of %s has a group that does not begin with punctuation", def->name);
  }
  if (open)
    fail_msg("the format of %s has an open group", def->name);
}

static void check_names(const alpa_op_def *def) {
  size_t n = 1, size = strcspn(def->syntax.names, "|");
  for (size_t i = 0; i < size; i++)
    n += def->syntax.names[i] == ',';
  if (size && (def->results.min != n || def->results.max != n))
    fail_msg("%s has names for %zu results", def->name, n);
}

static void every_syntax_is_sound(void **state) {
  (void)state;
  for (size_t d = 0; d < ALPA_DIALECT_COUNT; d++)
    for (size_t i = 0; i < alpa_dialects[d]->n_ops; i++) {
      const alpa_op_def *def = &alpa_dialects[d]->ops[i];
      if (!def->syntax.parse != !def->syntax.print)
        fail_msg("%s is read or written, but not both", def->name);
      if (def->syntax.format && def->syntax.parse)
        fail_msg("%s has a format and hooks", def->name);
      if (def->n_attrs > 64)
        fail_msg("%s has more attributes than a word has bits", def->name);
      if (def->syntax.format)
        check_format(def);
      if (def->syntax.names)
        check_names(def);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_syntax_is_sound)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
