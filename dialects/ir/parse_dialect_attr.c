/* Attributes of dialects from text, by their definitions: enums, structs, and the fields of both and of ops. */
#include <stdio.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parser_state.h"

/* ---- enums ---- */

static alpa_status report_case(alpa_parser *parser, const alpa_attr_def *def, const char *at, alpa_str got) {
  alpa_text text;
  alpa_text_init(&text, &parser->arena);
  for (size_t i = 0; def->cases[i]; i++)
    alpa_text_printf(&text, "%s%s", i ? ", " : "", def->cases[i]);
  return alpa_parser_error_at(parser, at, "expected a %s (%s), got '%.*s'", def->mnemonic, alpa_text_finish(&text),
                              (int)(got.size > 40 ? 40 : got.size), got.data);
}

static const alpa_attr *find_case(alpa_parser *parser, const alpa_attr_def *def, alpa_str name) {
  for (int64_t i = 0; def->cases[i]; i++)
    if (strlen(def->cases[i]) == name.size && memcmp(def->cases[i], name.data, name.size) == 0)
      return alpa_attr_get_enum(parser->ctx, def, i);
  return NULL;
}

static alpa_status parse_case(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  const char *at = parser->token.at;
  alpa_str name;
  ALPA_TRY(alpa_parser_parse_word(parser, &name));
  *out_attr = find_case(parser, def, name);
  return *out_attr ? ALPA_OK : report_case(parser, def, at, name);
}

/* ---- structs ---- */

/* In a struct whose fields may be absent, zero and the empty list are the same as absence. */
static bool is_default(const alpa_field_def *field, const alpa_attr *value) {
  if (field->required)
    return false;
  return (value->kind == ALPA_ATTR_INTEGER && value->integer == 0 && field->kind == ALPA_FIELD_I64) ||
         (value->kind == ALPA_ATTR_NUMBERS && value->elements.n == 0);
}

static const alpa_field_def *find_field(const alpa_field_def *fields, alpa_str name) {
  for (; fields->name; fields++)
    if (strncmp(fields->name, name.data, name.size) == 0 && fields->name[name.size] == 0)
      return fields;
  return NULL;
}

enum { MAX_FIELDS = 32 };

static alpa_status parse_struct_field(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **fields,
                                      uint32_t *seen) {
  const char *at = parser->token.at;
  alpa_str name;
  ALPA_TRY(alpa_parser_parse_word(parser, &name));
  const alpa_field_def *field = find_field(def->fields, name);
  if (!field)
    return alpa_parser_error_at(parser, at, "#%s.%s has no field '%.*s'", def->dialect, def->mnemonic, (int)name.size,
                                name.data);
  size_t ordinal = (size_t)(field - def->fields);
  if (*seen >> ordinal & 1)
    return alpa_parser_error_at(parser, at, "field '%s' is given twice", field->name);
  *seen |= 1u << ordinal;
  ALPA_TRY(alpa_parser_expect(parser, '=', "behind the name of a field"));
  const alpa_attr *value;
  ALPA_TRY(alpa_parser_parse_field(parser, field, &value));
  fields[ordinal] = is_default(field, value) ? NULL : value;
  return ALPA_OK;
}

static alpa_status parse_struct(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  const alpa_attr *fields[MAX_FIELDS] = {0};
  const char *at = parser->token.at;
  uint32_t seen = 0;
  if (parser->token.kind != '>')
    do
      ALPA_TRY(parse_struct_field(parser, def, fields, &seen));
    while (alpa_parser_accept(parser, ',') && parser->token.kind != '>'); /* a last comma is legal */
  for (size_t i = 0; def->fields[i].name; i++)
    if (def->fields[i].required && !fields[i])
      return alpa_parser_error_at(parser, at, "#%s.%s needs the field '%s'", def->dialect, def->mnemonic,
                                  def->fields[i].name);
  *out_attr = alpa_attr_get_struct(parser->ctx, def, fields);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_attr_body(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  if (def->parse)
    return def->parse(parser, def, out_attr);
  return def->cases ? parse_case(parser, def, out_attr) : parse_struct(parser, def, out_attr);
}

/* ---- fields without types ---- */

static alpa_status parse_scalar_field(alpa_parser *parser, const alpa_field_def *field, const alpa_attr **out_attr) {
  alpa_context *ctx = parser->ctx;
  alpa_dtype dtype = field->kind == ALPA_FIELD_BOOL ? ALPA_I1 : field->kind == ALPA_FIELD_I32 ? ALPA_I32 : ALPA_I64;
  return alpa_parser_parse_number(parser, alpa_type_get_scalar(ctx, dtype), out_attr);
}

/* [1, 2] or [true, false]. */
static alpa_status parse_number_list(alpa_parser *parser, alpa_dtype dtype, const alpa_attr **out_attr) {
  size_t bytes = alpa_dtype_get_info(dtype)->bytes, n = 0, cap = 16;
  char small[16 * sizeof(int64_t)], *data = small;
  ALPA_TRY(alpa_parser_expect(parser, '[', "before a list"));
  if (parser->token.kind != ']')
    do {
      if (n == cap)
        data = alpa_arena_grow(&parser->arena, data, n, &cap, n + 1, bytes);
      ALPA_TRY(alpa_parser_parse_element(parser, dtype, data + n++ * bytes));
    } while (alpa_parser_accept(parser, ','));
  ALPA_TRY(alpa_parser_expect(parser, ']', "at the end of a list"));
  *out_attr = alpa_attr_get_numbers(parser->ctx, alpa_type_get_scalar(parser->ctx, dtype), data, n);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_i64s(alpa_parser *parser, const alpa_attr **out_attr) {
  return parse_number_list(parser, ALPA_I64, out_attr);
}

static alpa_status parse_enum_list(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  ALPA_VEC(const alpa_attr *) items = {0};
  ALPA_TRY(alpa_parser_expect(parser, '[', "before a list"));
  if (parser->token.kind != ']')
    do {
      const alpa_attr *item;
      if (parser->token.kind == ALPA_TOKEN_HASH)
        ALPA_TRY(alpa_parser_parse_attr(parser, &item));
      else
        ALPA_TRY(parse_case(parser, def, &item));
      alpa_vec_push(&parser->arena, &items, item);
    } while (alpa_parser_accept(parser, ','));
  ALPA_TRY(alpa_parser_expect(parser, ']', "at the end of a list"));
  *out_attr = alpa_attr_get_array(parser->ctx, items.items, items.n);
  return ALPA_OK;
}

static alpa_status parse_struct_value(alpa_parser *parser, const alpa_attr_def *def, const alpa_attr **out_attr) {
  ALPA_TRY(alpa_parser_enter(parser));
  ALPA_TRY(alpa_parser_expect(parser, '<', "before an attribute"));
  ALPA_TRY(alpa_parser_parse_attr_body(parser, def, out_attr));
  ALPA_TRY(alpa_parser_expect(parser, '>', "at the end of an attribute"));
  alpa_parser_leave(parser);
  return ALPA_OK;
}

/* A colon behind it belongs to what follows. */
static alpa_status parse_string_field(alpa_parser *parser, const alpa_attr **out_attr) {
  alpa_str text;
  ALPA_TRY(alpa_parser_parse_string(parser, &text));
  *out_attr = alpa_attr_get_bytes(parser->ctx, text);
  return ALPA_OK;
}

static alpa_status parse_field(alpa_parser *parser, const alpa_field_def *field, const alpa_attr **out_attr) {
  switch (field->kind) {
  case ALPA_FIELD_BOOL:
  case ALPA_FIELD_I32:
  case ALPA_FIELD_I64:
    return parse_scalar_field(parser, field, out_attr);
  case ALPA_FIELD_I64S:
  case ALPA_FIELD_BOOLS:
    if (parser->token.kind == '[')
      return parse_number_list(parser, field->kind == ALPA_FIELD_I64S ? ALPA_I64 : ALPA_I1, out_attr);
    return alpa_parser_parse_attr(parser, out_attr);
  case ALPA_FIELD_ENUM:
    if (parser->token.kind == ALPA_TOKEN_WORD)
      return parse_case(parser, field->def, out_attr);
    return alpa_parser_parse_attr(parser, out_attr);
  case ALPA_FIELD_ENUMS:
    return parse_enum_list(parser, field->def, out_attr);
  case ALPA_FIELD_STRUCT:
    if (parser->token.kind == '<')
      return parse_struct_value(parser, field->def, out_attr);
    return alpa_parser_parse_attr(parser, out_attr);
  case ALPA_FIELD_STR:
    return parse_string_field(parser, out_attr);
  case ALPA_FIELD_ANY:
  case ALPA_FIELD_UNIT:
  case ALPA_FIELD_FLOAT:
  case ALPA_FIELD_SYM:
  case ALPA_FIELD_TYPE:
  case ALPA_FIELD_ELEMENTS:
  case ALPA_FIELD_PAIRS:
  case ALPA_FIELD_ARRAY:
  case ALPA_FIELD_DICT:
    break;
  }
  return alpa_parser_parse_attr(parser, out_attr);
}

alpa_status alpa_parser_parse_field(alpa_parser *parser, const alpa_field_def *field, const alpa_attr **out_attr) {
  const char *at = parser->token.at;
  ALPA_TRY(parse_field(parser, field, out_attr));
  return alpa_parser_convert_field(parser, field, at, out_attr);
}

/* ---- older spellings ---- */

enum { MAX_CONVERTED = 1 << 20 }; /* elements of a splat that stands for a list */

static alpa_status numbers_of_elements(alpa_parser *parser, const char *at, const alpa_attr **attr) {
  const alpa_attr *elements = *attr;
  int64_t n = alpa_type_count(elements->type), bytes = alpa_dtype_get_info(elements->type->dtype)->bytes;
  if (n > MAX_CONVERTED)
    return alpa_parser_error_at(parser, at, "a list of %lld numbers is too long", (long long)n);
  char *data = alpa_arena_alloc(&parser->arena, (size_t)(n * bytes));
  for (int64_t i = 0; i < n; i++)
    memcpy(data + i * bytes, alpa_attr_element(elements, i), (size_t)bytes);
  *attr = alpa_attr_get_numbers(parser->ctx, elements->type->element, data, (size_t)n);
  return ALPA_OK;
}

/* dense<[..]> or [..] for array<..>; what cannot be converted is left to the verifier. */
static alpa_status convert_numbers(alpa_parser *parser, alpa_dtype dtype, const char *at, const alpa_attr **attr) {
  const alpa_attr *value = *attr;
  if (value->kind == ALPA_ATTR_ELEMENTS && value->type->dtype == dtype && value->type->rank <= 1 &&
      value->type->element->kind == ALPA_TYPE_SCALAR)
    return numbers_of_elements(parser, at, attr);
  if (value->kind != ALPA_ATTR_ARRAY || dtype != ALPA_I64)
    return ALPA_OK;
  int64_t *data = alpa_arena_new(&parser->arena, int64_t, value->array.n);
  for (size_t i = 0; i < value->array.n; i++) {
    if (value->array.items[i]->kind != ALPA_ATTR_INTEGER)
      return ALPA_OK;
    data[i] = value->array.items[i]->integer;
  }
  *attr = alpa_attr_get_i64s(parser->ctx, data, value->array.n);
  return ALPA_OK;
}

static alpa_status convert_enum(alpa_parser *parser, const alpa_attr_def *def, const char *at, const alpa_attr **attr) {
  if ((*attr)->kind != ALPA_ATTR_STRING)
    return ALPA_OK;
  const alpa_attr *found = find_case(parser, def, (*attr)->string);
  if (!found)
    return report_case(parser, def, at, (*attr)->string);
  *attr = found;
  return ALPA_OK;
}

static alpa_status convert_enums(alpa_parser *parser, const alpa_attr_def *def, const char *at,
                                 const alpa_attr **attr) {
  if ((*attr)->kind != ALPA_ATTR_ARRAY || (*attr)->array.n == 0 || (*attr)->array.items[0]->kind != ALPA_ATTR_STRING)
    return ALPA_OK;
  size_t n = (*attr)->array.n;
  const alpa_attr **items = alpa_arena_copy(&parser->arena, (*attr)->array.items, n * sizeof *items);
  for (size_t i = 0; i < n; i++)
    ALPA_TRY(convert_enum(parser, def, at, &items[i]));
  *attr = alpa_attr_get_array(parser->ctx, items, n);
  return ALPA_OK;
}

alpa_status alpa_parser_convert_field(alpa_parser *parser, const alpa_field_def *field, const char *at,
                                      const alpa_attr **attr) {
  if (field->kind == ALPA_FIELD_I64S)
    return convert_numbers(parser, ALPA_I64, at, attr);
  if (field->kind == ALPA_FIELD_BOOLS)
    return convert_numbers(parser, ALPA_I1, at, attr);
  if (field->kind == ALPA_FIELD_ENUM)
    return convert_enum(parser, field->def, at, attr);
  if (field->kind == ALPA_FIELD_ENUMS)
    return convert_enums(parser, field->def, at, attr);
  return ALPA_OK;
}

/* ---- #... ---- */

static alpa_status keep_text(alpa_parser *parser, const char *from, const alpa_attr **out_attr) {
  alpa_str text;
  ALPA_TRY(alpa_parser_skip_balanced(parser, from, &text));
  *out_attr = alpa_attr_get_opaque(parser->ctx, text);
  return ALPA_OK;
}

/* #dialect.mnemonic<...>, the name at the current token. */
static alpa_status parse_dotted(alpa_parser *parser, alpa_str name, const char *dot, const alpa_attr **out_attr) {
  const char *from = parser->token.at;
  const alpa_attr_def *def =
      alpa_attr_def_find(name.data, (size_t)(dot - name.data), dot + 1, (size_t)(name.data + name.size - dot - 1));
  alpa_parser_advance(parser);
  bool has_body = parser->token.kind == '<' && parser->token.at == name.data + name.size;
  if (def && has_body)
    return parse_struct_value(parser, def, out_attr);
  if (has_body)
    return keep_text(parser, from, out_attr);
  *out_attr = alpa_attr_get_opaque(parser->ctx, (alpa_str){from, name.size + 1});
  return ALPA_OK;
}

/* #dialect<mnemonic ...>, at the <. */
static alpa_status parse_undotted(alpa_parser *parser, alpa_str dialect, const char *from, const alpa_attr **out_attr) {
  alpa_token open = parser->token;
  alpa_parser_advance(parser);
  const alpa_attr_def *def = NULL;
  if (parser->token.kind == ALPA_TOKEN_WORD)
    def = alpa_attr_def_find(dialect.data, dialect.size, parser->token.at, parser->token.size);
  if (!def) {
    parser->token = open;
    return keep_text(parser, from, out_attr);
  }
  alpa_parser_advance(parser);
  bool brackets = def->fields || def->parse ? alpa_parser_accept(parser, '<') : false;
  ALPA_TRY(alpa_parser_parse_attr_body(parser, def, out_attr));
  if (brackets)
    ALPA_TRY(alpa_parser_expect(parser, '>', "at the end of an attribute"));
  return alpa_parser_expect(parser, '>', "at the end of an attribute");
}

alpa_status alpa_parser_parse_hash_attr(alpa_parser *parser, const alpa_attr **out_attr) {
  const char *from = parser->token.at;
  alpa_str name = {from + 1, parser->token.size - 1};
  const char *dot = memchr(name.data, '.', name.size);
  if (dot)
    return parse_dotted(parser, name, dot, out_attr);
  alpa_str whole = alpa_parser_text(parser);
  alpa_parser_advance(parser);
  if (parser->token.kind == '<' && parser->token.at == name.data + name.size)
    return parse_undotted(parser, name, from, out_attr);
  alpa_alias *alias = alpa_parser_alias(parser, whole);
  if (alias->loc)
    return alpa_parser_error_at(parser, from, "expected an attribute, but '%s' is a location", alias->name);
  if (!alias->attr)
    return alpa_parser_error_at(parser, from, "undefined symbol alias id '%.*s'", (int)name.size, name.data);
  *out_attr = alias->attr;
  return alpa_parser_use_alias(parser, alias);
}
