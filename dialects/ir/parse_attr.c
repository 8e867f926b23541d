/* Attributes of MLIR itself from text: numbers, strings, symbols, lists, dictionaries, types. */
#include "dialects/ir/parser_state.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"
#include "support/number.h"

/* ---- numbers ---- */

static bool is_hex(alpa_token token) { return token.size > 2 && token.at[0] == '0' && token.at[1] == 'x'; }

/* The double nearest to a float token, whatever the program's locale is. */
static double read_double(alpa_parser *parser, alpa_token token) {
  size_t slot = 0;
  bool cached = token.size >= 8;
  const double *known = cached ? alpa_text_cache_find(&parser->numbers, token.at, token.size, &slot) : NULL;
  if (known)
    return *known;
  char *text = alpa_arena_strndup(&parser->arena, token.at, token.size);
  double value = strtod_l(text, NULL, newlocale(LC_ALL_MASK, "C", (locale_t)0)); /* the C locale is a constant object */
  if (cached)
    alpa_text_cache_set(&parser->numbers, slot, token.at, token.size,
                        alpa_arena_copy(&parser->arena, &value, sizeof value));
  return value;
}

static alpa_status read_bits(alpa_parser *parser, bool negative, uint32_t width, bool is_signed, int64_t *out_value) {
  alpa_token token = parser->token;
  uint64_t magnitude = 0;
  bool fits = alpa_token_read_integer(token, &magnitude);
  uint64_t limit = width == 64 ? UINT64_MAX : (1ull << width) - 1;
  if (negative)
    limit = is_signed ? 1ull << (width - 1) : 0;
  if (!fits || magnitude > limit)
    return alpa_parser_error(parser, "integer constant out of range for %s%u%s", is_signed ? "i" : "ui", width,
                             negative && !is_signed ? ", which has no negative values" : "");
  uint64_t bits = negative ? 0 - magnitude : magnitude;
  uint32_t shift = 64 - width;
  *out_value = is_signed && width > 1 ? (int64_t)(bits << shift) >> shift : (int64_t)(bits & (UINT64_MAX >> shift));
  return ALPA_OK;
}

static alpa_status parse_integer_element(alpa_parser *parser, alpa_dtype dtype, bool negative, void *out_element) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  int64_t value = 0;
  if (!negative && dtype == ALPA_I1 && (alpa_parser_is_word(parser, "true") || alpa_parser_is_word(parser, "false")))
    value = parser->token.at[0] == 't';
  else if (parser->token.kind != ALPA_TOKEN_INTEGER)
    return alpa_parser_expected(parser, dtype == ALPA_I1 ? "'true' or 'false'" : "an integer");
  else
    ALPA_TRY(read_bits(parser, negative, info->bits, info->class_ != ALPA_CLASS_UINT, &value));
  alpa_parser_advance(parser);
  alpa_integer_store(dtype, out_element, value);
  return ALPA_OK;
}

/* 0x7FC0: the bits of a float. */
static alpa_status read_pattern(alpa_parser *parser, alpa_dtype dtype, uint64_t *out_bits) {
  alpa_token token = parser->token;
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  uint64_t bits = 0;
  for (size_t i = 2; i < token.size; i++) {
    bits = bits << 4 | (uint64_t)alpa_char_hex_value(token.at[i]);
    if (bits >> (info->bits - 1) > 1 || (i >= 18 && bits))
      return alpa_parser_error(parser, "hexadecimal float literal has more bits than %s", info->spelling);
  }
  *out_bits = bits;
  return ALPA_OK;
}

static alpa_status parse_float_element(alpa_parser *parser, alpa_dtype dtype, bool negative, void *out_element) {
  uint64_t bits = 0;
  if (parser->token.kind == ALPA_TOKEN_FLOAT) {
    double value = read_double(parser, parser->token);
    bits = alpa_float_encode(dtype, negative ? -value : value);
  } else if (parser->token.kind != ALPA_TOKEN_INTEGER) {
    return alpa_parser_expected(parser, "a float");
  } else if (!is_hex(parser->token)) {
    return alpa_parser_error(parser, "unexpected decimal integer literal for a floating point value; add a trailing "
                                     "dot to make it a float");
  } else if (negative) {
    return alpa_parser_error(parser, "hexadecimal float literal should not have a leading minus");
  } else {
    ALPA_TRY(read_pattern(parser, dtype, &bits));
  }
  alpa_parser_advance(parser);
  alpa_element_store(dtype, out_element, bits);
  return ALPA_OK;
}

static alpa_status parse_complex_element(alpa_parser *parser, alpa_dtype dtype, void *out_element) {
  alpa_dtype part = alpa_complex_part(dtype);
  char *parts = out_element;
  ALPA_TRY(alpa_parser_expect(parser, '(', "before a complex number"));
  ALPA_TRY(alpa_parser_parse_element(parser, part, parts));
  ALPA_TRY(alpa_parser_expect(parser, ',', "between the parts of a complex number"));
  ALPA_TRY(alpa_parser_parse_element(parser, part, parts + alpa_dtype_get_info(part)->bytes));
  return alpa_parser_expect(parser, ')', "behind a complex number");
}

alpa_status alpa_parser_parse_element(alpa_parser *parser, alpa_dtype dtype, void *out_element) {
  alpa_dtype_class class = alpa_dtype_get_info(dtype)->class_;
  if (class == ALPA_CLASS_COMPLEX)
    return parse_complex_element(parser, dtype, out_element);
  bool negative = alpa_parser_accept(parser, '-');
  return class == ALPA_CLASS_FLOAT ? parse_float_element(parser, dtype, negative, out_element)
                                   : parse_integer_element(parser, dtype, negative, out_element);
}

alpa_status alpa_parser_parse_number(alpa_parser *parser, const alpa_type *type, const alpa_attr **out_attr) {
  int64_t value = 0;
  if (type->kind == ALPA_TYPE_INDEX) {
    ALPA_TRY(alpa_parser_parse_int(parser, &value));
    *out_attr = alpa_attr_get_integer(parser->ctx, type, value);
    return ALPA_OK;
  }
  ALPA_TRY(alpa_parser_parse_element(parser, type->dtype, &value));
  *out_attr = alpa_type_class(type) == ALPA_CLASS_FLOAT
                  ? alpa_attr_get_float_bits(parser->ctx, type, alpa_element_load(type->dtype, &value))
                  : alpa_attr_get_integer(parser->ctx, type, alpa_integer_load(type->dtype, &value));
  return ALPA_OK;
}

/* A number of a type outside the table (5 : i128) stays text. */
static alpa_status keep_number(alpa_parser *parser, const char *from, const char *to, const alpa_type *type,
                               const alpa_attr **out_attr) {
  alpa_text text;
  alpa_text_init(&text, &parser->arena);
  alpa_text_append(&text, from, (size_t)(to - from));
  alpa_text_string(&text, " : ");
  alpa_type_print(&text, type);
  *out_attr = alpa_attr_get_opaque(parser->ctx, (alpa_str){text.data, text.size});
  return ALPA_OK;
}

/* A number and what stands behind it: `3`, `3 : i8`, `1.0`, `0x7FC0 : bf16`.  The type decides how to read it. */
static alpa_status parse_number_attr(alpa_parser *parser, const alpa_attr **out_attr) {
  alpa_token first = parser->token;
  alpa_parser_accept(parser, '-');
  if (parser->token.kind != ALPA_TOKEN_INTEGER && parser->token.kind != ALPA_TOKEN_FLOAT)
    return alpa_parser_expected(parser, "a number");
  bool is_float = parser->token.kind == ALPA_TOKEN_FLOAT;
  const char *to = parser->token.at + parser->token.size;
  const alpa_type *type = alpa_type_get_scalar(parser->ctx, is_float ? ALPA_F64 : ALPA_I64);
  alpa_parser_advance(parser);
  const char *type_at = parser->token.at;
  if (alpa_parser_accept(parser, ':')) {
    type_at = parser->token.at;
    ALPA_TRY(alpa_parser_parse_type(parser, &type));
  }
  if (type->kind == ALPA_TYPE_OPAQUE)
    return keep_number(parser, first.at, to, type, out_attr);
  bool number =
      type->kind == ALPA_TYPE_INDEX || (type->kind == ALPA_TYPE_SCALAR && alpa_type_class(type) != ALPA_CLASS_COMPLEX);
  if (!number)
    return alpa_parser_error_at(parser, type_at, "a number cannot have this type");
  if (is_float && (type->kind == ALPA_TYPE_INDEX || alpa_type_class(type) != ALPA_CLASS_FLOAT))
    return alpa_parser_error_at(parser, type_at, "a float literal cannot have an integer type");
  alpa_token behind = parser->token;
  parser->token = first;
  ALPA_TRY(alpa_parser_parse_number(parser, type, out_attr));
  parser->token = behind;
  return ALPA_OK;
}

/* ---- lists and dictionaries ---- */

static alpa_status parse_array(alpa_parser *parser, const alpa_attr **out_attr) {
  ALPA_VEC(const alpa_attr *) items = {0};
  alpa_parser_advance(parser);
  while (parser->token.kind != ']') {
    const alpa_attr *item;
    ALPA_TRY(alpa_parser_parse_attr(parser, &item));
    alpa_vec_push(&parser->arena, &items, item);
    if (!alpa_parser_accept(parser, ','))
      break;
    if (parser->token.kind == ']')
      return alpa_parser_expected(parser, "an attribute");
  }
  ALPA_TRY(alpa_parser_expect(parser, ']', "at the end of a list"));
  *out_attr = alpa_attr_get_array(parser->ctx, items.items, items.n);
  return ALPA_OK;
}

static alpa_status intern_word(alpa_parser *parser, alpa_str word, const char **out_name) {
  size_t slot = 0;
  *out_name = word.size >= 8 ? alpa_text_cache_find(&parser->names, word.data, word.size, &slot) : NULL;
  if (*out_name)
    return ALPA_OK;
  *out_name = alpa_name_n(parser->ctx, word.data, word.size);
  if (word.size >= 8)
    alpa_text_cache_set(&parser->names, slot, word.data, word.size, *out_name);
  return ALPA_OK;
}

static alpa_status parse_name(alpa_parser *parser, const char **out_name) {
  alpa_str name = alpa_parser_text(parser);
  if (parser->token.kind == ALPA_TOKEN_STRING) {
    const char *at = parser->token.at;
    ALPA_TRY(alpa_parser_parse_string(parser, &name));
    if (name.size == 0 || memchr(name.data, 0, name.size))
      return alpa_parser_error_at(parser, at, "an attribute name cannot be empty or hold a zero byte");
  } else if (parser->token.kind == ALPA_TOKEN_WORD) {
    alpa_parser_advance(parser);
    return intern_word(parser, name, out_name);
  } else {
    return alpa_parser_expected(parser, "an attribute name");
  }
  *out_name = alpa_name_n(parser->ctx, name.data, name.size);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_entries(alpa_parser *parser, alpa_entry_fn *entry, void *user) {
  ALPA_TRY(alpa_parser_expect(parser, '{', "before attributes"));
  if (alpa_parser_accept(parser, '}'))
    return ALPA_OK;
  do {
    const char *at = parser->token.at, *name = NULL;
    const alpa_attr *value = NULL;
    ALPA_TRY(parse_name(parser, &name));
    if (alpa_parser_accept(parser, '='))
      ALPA_TRY(alpa_parser_parse_attr(parser, &value));
    else
      value = alpa_attr_get_unit(parser->ctx);
    ALPA_TRY(entry(parser, user, name, at, value));
  } while (alpa_parser_accept(parser, ','));
  return alpa_parser_expect(parser, '}', "at the end of attributes");
}

enum { COMPARED_PAIRWISE = 16 };

bool alpa_parser_is_repeated(alpa_parser *parser, alpa_entries *entries, const char *name) {
  bool is_new = true;
  if (entries->items.n < COMPARED_PAIRWISE) {
    for (size_t i = 0; i < entries->items.n; i++)
      is_new = is_new && entries->items.items[i].name != name;
    return !is_new;
  }
  if (entries->seen.n == 0)
    for (size_t i = 0; i < entries->items.n; i++)
      alpa_map_insert(&parser->arena, &entries->seen, (uintptr_t)entries->items.items[i].name, NULL);
  alpa_map_insert(&parser->arena, &entries->seen, (uintptr_t)name, &is_new);
  return !is_new;
}

static alpa_status add_to_dict(alpa_parser *parser, void *user, const char *name, const char *at,
                               const alpa_attr *value) {
  alpa_entries *entries = user;
  if (alpa_parser_is_repeated(parser, entries, name))
    return alpa_parser_error_at(parser, at, "duplicate key '%s' in dictionary attribute", name);
  alpa_vec_push(&parser->arena, &entries->items, (alpa_named_attr){name, value});
  return ALPA_OK;
}

alpa_status alpa_parser_parse_dict(alpa_parser *parser, const alpa_attr **out_dict) {
  alpa_entries entries = {0};
  ALPA_TRY(alpa_parser_parse_entries(parser, add_to_dict, &entries));
  *out_dict = alpa_attr_get_dict(parser->ctx, entries.items.items, entries.items.n);
  return ALPA_OK;
}

/* ---- words ---- */

static alpa_status parse_bool(alpa_parser *parser, const alpa_attr **out_attr) {
  *out_attr = alpa_attr_get_bool(parser->ctx, parser->token.at[0] == 't');
  alpa_parser_advance(parser);
  return ALPA_OK;
}

static alpa_status parse_unit(alpa_parser *parser, const alpa_attr **out_attr) {
  *out_attr = alpa_attr_get_unit(parser->ctx);
  alpa_parser_advance(parser);
  return ALPA_OK;
}

/* word<...>, and sparse<...> : type: kept as text. */
static alpa_status keep_text(alpa_parser *parser, const alpa_attr **out_attr) {
  const char *from = parser->token.at;
  alpa_str text;
  alpa_parser_advance(parser);
  if (parser->token.kind != '<' && parser->token.kind != '[' && parser->token.kind != '(')
    return alpa_parser_expected(parser, "'<'");
  do
    ALPA_TRY(alpa_parser_skip_balanced(parser, from, &text));
  while (parser->token.kind == '<'); /* distinct[0]<...> */
  if (alpa_parser_accept(parser, ':')) {
    const alpa_type *type;
    ALPA_TRY(alpa_parser_parse_type(parser, &type));
    text = alpa_parser_since(parser, from);
  }
  *out_attr = alpa_attr_get_opaque(parser->ctx, text);
  return ALPA_OK;
}

typedef alpa_status parse_word_fn(alpa_parser *parser, const alpa_attr **out_attr);

static const struct {
  const char *word;
  parse_word_fn *parse;
} words[] = {
    {"dense", alpa_parser_parse_dense},
    {"array", alpa_parser_parse_numbers},
    {"true", parse_bool},
    {"false", parse_bool},
    {"unit", parse_unit},
    {"dense_resource", alpa_parser_parse_dense_resource},
    {"affine_map", keep_text},
    {"affine_set", keep_text},
    {"sparse", keep_text},
    {"strided", keep_text},
    {"opaque", keep_text},
    {"distinct", keep_text},
    {"loc", keep_text},
};

static alpa_status parse_type_attr(alpa_parser *parser, const alpa_attr **out_attr) {
  const alpa_type *type;
  ALPA_TRY(alpa_parser_parse_type(parser, &type));
  *out_attr = alpa_attr_get_type(parser->ctx, type);
  return ALPA_OK;
}

static alpa_status parse_word_attr(alpa_parser *parser, const alpa_attr **out_attr) {
  for (size_t i = 0; i < countof(words); i++)
    if (alpa_parser_is_word(parser, words[i].word))
      return words[i].parse(parser, out_attr);
  return parse_type_attr(parser, out_attr);
}

/* ---- strings and symbols ---- */

static alpa_status parse_string_attr(alpa_parser *parser, const alpa_attr **out_attr) {
  const char *from = parser->token.at;
  alpa_str text;
  ALPA_TRY(alpa_parser_parse_string(parser, &text));
  if (alpa_parser_accept(parser, ':')) { /* a typed string */
    const alpa_type *type;
    ALPA_TRY(alpa_parser_parse_type(parser, &type));
    *out_attr = alpa_attr_get_opaque(parser->ctx, alpa_parser_since(parser, from));
    return ALPA_OK;
  }
  *out_attr = alpa_attr_get_bytes(parser->ctx, text);
  return ALPA_OK;
}

static alpa_status parse_symbol_attr(alpa_parser *parser, const alpa_attr **out_attr) {
  const char *name;
  ALPA_TRY(alpa_parser_parse_symbol(parser, &name));
  *out_attr = alpa_attr_get_symbol(parser->ctx, name);
  return ALPA_OK;
}

/* ---- dispatch ---- */

static alpa_status parse_attr(alpa_parser *parser, const alpa_attr **out_attr) {
  switch (parser->token.kind) {
  case '-':
  case ALPA_TOKEN_INTEGER:
  case ALPA_TOKEN_FLOAT:
    return parse_number_attr(parser, out_attr);
  case ALPA_TOKEN_STRING:
    return parse_string_attr(parser, out_attr);
  case ALPA_TOKEN_SYMBOL:
    return parse_symbol_attr(parser, out_attr);
  case ALPA_TOKEN_HASH:
    return alpa_parser_parse_hash_attr(parser, out_attr);
  case ALPA_TOKEN_WORD:
    return parse_word_attr(parser, out_attr);
  case ALPA_TOKEN_BANG:
  case '(':
    return parse_type_attr(parser, out_attr);
  case '[':
    return parse_array(parser, out_attr);
  case '{':
    return alpa_parser_parse_dict(parser, out_attr);
  default:
    return alpa_parser_expected(parser, "an attribute");
  }
}

/* The end of an attribute that is a name and something plain in <>, and for a constant its type; NULL for others. */
static const char *plain_end(const alpa_parser *parser) {
  const alpa_token *token = &parser->token;
  if (token->kind != ALPA_TOKEN_WORD && token->kind != ALPA_TOKEN_HASH)
    return NULL;
  const char *end = alpa_text_plain_end(token->at + token->size);
  if (!end || !alpa_token_is(*token, "dense", 5))
    return end;
  return strncmp(end, " : tensor", 9) == 0 ? alpa_text_plain_end(end + 9) : NULL;
}

alpa_status alpa_parser_parse_attr(alpa_parser *parser, const alpa_attr **out_attr) {
  const char *from = parser->token.at, *end = plain_end(parser);
  size_t size = end ? (size_t)(end - from) : 0, slot = 0;
  *out_attr = size >= 8 ? alpa_text_cache_find(&parser->attrs, from, size, &slot) : NULL;
  if (*out_attr) {
    alpa_parser_seek(parser, end);
    return ALPA_OK;
  }
  ALPA_TRY(alpa_parser_enter(parser));
  ALPA_TRY(parse_attr(parser, out_attr));
  alpa_parser_leave(parser);
  if (size >= 8 && alpa_lexer_next(end, parser->end).at == parser->token.at) /* it ended where it seemed to */
    alpa_text_cache_set(&parser->attrs, slot, from, size, *out_attr);
  return ALPA_OK;
}

alpa_status alpa_attr_parse(alpa_context *ctx, alpa_str text, const alpa_attr **out_attr) {
  alpa_parser parser;
  const alpa_attr *attr = NULL;
  alpa_parser_init(&parser, ctx, text, "<attribute>", 1);
  alpa_status status = alpa_parser_parse_attr(&parser, &attr);
  if (status == ALPA_OK && parser.token.kind != ALPA_TOKEN_END)
    status = alpa_parser_expected(&parser, "the end of the attribute");
  alpa_parser_deinit(&parser);
  if (status == ALPA_OK)
    *out_attr = attr;
  return status;
}
