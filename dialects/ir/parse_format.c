/* The format language of op_def.h, read: each element of a format consumes its part of the text. */
#include <string.h>

#include "dialects/ir/parser_state.h"

/* An attribute's name in a format. */
static const char *read_name(const char *format, alpa_str *out_name) {
  const char *end = format;
  while (alpa_char_is_word(*end))
    end++;
  *out_name = (alpa_str){format, (size_t)(end - format)};
  return end;
}

static int ordinal_of(const alpa_op_def *def, alpa_str name) {
  for (int i = 0; i < def->n_attrs; i++)
    if (strncmp(def->attrs[i].name, name.data, name.size) == 0 && def->attrs[i].name[name.size] == 0)
      return i;
  return -1; /* a mistake in the table: a test reads every format */
}

static alpa_status parse_attribute(alpa_parser *parser, alpa_str name) {
  alpa_draft *draft = alpa_parser_draft(parser);
  int ordinal = ordinal_of(draft->def, name);
  const alpa_attr *value;
  if (ordinal < 0)
    return alpa_parser_error(parser, "the format of '%s' names no attribute of it", draft->def->name);
  ALPA_TRY(alpa_parser_parse_field(parser, &draft->def->attrs[ordinal], &value));
  return alpa_draft_set_attr(parser, draft, ordinal, value);
}

/* Whether the text goes on as the group does: a group begins with a literal. */
static bool is_group_present(const alpa_parser *parser, const char *group) {
  if (!alpa_char_is_letter(*group))
    return parser->token.kind == *group;
  alpa_str word;
  read_name(group, &word);
  return parser->token.kind == ALPA_TOKEN_WORD && alpa_token_is(parser->token, word.data, word.size);
}

static alpa_status parse_literal(alpa_parser *parser, const char **format) {
  if (!alpa_char_is_letter(**format))
    return alpa_parser_expect(parser, *(*format)++, NULL);
  alpa_str word;
  char text[64] = {0};
  *format = read_name(*format, &word);
  memcpy(text, word.data, word.size < sizeof text ? word.size : sizeof text - 1);
  return alpa_parser_expect_word(parser, text);
}

static alpa_status parse_types(alpa_parser *parser, char how) {
  return how == 'T' ? alpa_parser_parse_op_type_or_types(parser) : alpa_parser_parse_op_types(parser);
}

static alpa_status parse_element(alpa_parser *parser, const char **format) {
  const char *at = *format;
  alpa_str name;
  if (at[0] == '%' && at[1] == '*') {
    *format = at + 2;
    return alpa_parser_parse_operands(parser);
  }
  if (at[0] == '%') {
    *format = at + 1;
    return alpa_parser_parse_operand(parser);
  }
  if (at[0] == '$') {
    *format = read_name(at + 1, &name);
    return parse_attribute(parser, name);
  }
  if (at[0] == '?') {
    const char *group = read_name(at + 1, &name) + 1;
    *format = is_group_present(parser, group) ? group : strchr(group, '}') + 1;
    return ALPA_OK;
  }
  if (at[0] == '{' && at[1] == '}') {
    *format = at + 2;
    return alpa_parser_parse_attr_dict(parser);
  }
  if (at[0] == ':' && (at[1] == 'T' || at[1] == 'F')) {
    *format = at + 2;
    return parse_types(parser, at[1]);
  }
  if (at[0] == '}' || at[0] == ' ') { /* the end of a group that was present; a blank */
    *format = at + 1;
    return ALPA_OK;
  }
  return parse_literal(parser, format);
}

alpa_status alpa_parser_parse_format(alpa_parser *parser, const char *format) {
  while (*format)
    ALPA_TRY(parse_element(parser, &format));
  return ALPA_OK;
}
