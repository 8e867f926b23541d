/* Types from text.  Shapes are read character by character, because `8x128xf32` is no sequence of tokens. */
#include "dialects/ir/parser_state.h"

#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parse.h"

/* ---- scalars ---- */

/* The row of the data-type table with that spelling, or ALPA_DTYPE_COUNT.  The common ones are told by their length. */
static alpa_dtype find_dtype(const char *at, size_t size) {
  if (size == 3 && at[0] == 'f' && at[1] == '3' && at[2] == '2')
    return ALPA_F32;
  if (size == 3 && at[0] == 'i' && at[1] == '3' && at[2] == '2')
    return ALPA_I32;
  for (int d = 0; d < ALPA_C64; d++) {
    const char *spelling = alpa_dtype_get_info((alpa_dtype)d)->spelling;
    if (spelling[0] == at[0] && strncmp(spelling, at, size) == 0 && spelling[size] == 0)
      return (alpa_dtype)d;
  }
  return ALPA_DTYPE_COUNT;
}

/* i7, si32, ui128: integers outside the table. */
static bool is_integer_type(const char *at, size_t size) {
  size_t i = size > 1 && (at[0] == 's' || at[0] == 'u') ? 1 : 0;
  if (i >= size || at[i] != 'i' || ++i == size || at[i] == '0')
    return false;
  for (; i < size; i++)
    if (!alpa_char_is_digit(at[i]))
      return false;
  return true;
}

static alpa_status parse_odd_integer(alpa_parser *parser, const alpa_type **out_type) {
  uint32_t width = 0;
  for (size_t i = 0; i < parser->token.size && width < (1 << 24); i++)
    if (alpa_char_is_digit(parser->token.at[i]))
      width = width * 10 + (uint32_t)(parser->token.at[i] - '0');
  if (width >= (1 << 24))
    return alpa_parser_error(parser, "integer bitwidth is limited to 16777215 bits");
  *out_type = alpa_type_get_opaque(parser->ctx, alpa_parser_text(parser));
  alpa_parser_advance(parser);
  return ALPA_OK;
}

/* ---- tensors ---- */

static alpa_status parse_dim(alpa_parser *parser, const char **at, int64_t *out_dim) {
  const char *from = *at;
  int64_t dim = 0;
  if (*from == '?') {
    *at = from + 1;
    *out_dim = ALPA_DYNAMIC;
    return ALPA_OK;
  }
  for (; alpa_char_is_digit(**at); ++*at)
    if (__builtin_mul_overflow(dim, 10, &dim) || __builtin_add_overflow(dim, **at - '0', &dim))
      return alpa_parser_error_at(parser, from, "dimension does not fit in 64 bits");
  *out_dim = dim;
  return ALPA_OK;
}

static const char *skip_spaces(const alpa_parser *parser, const char *at) {
  while (at < parser->end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
    at++;
  return at;
}

/* Dimensions, each followed by an x, from the current token on; the token behind them becomes the current one. */
static alpa_status parse_dims(alpa_parser *parser) {
  const char *at = parser->token.at;
  parser->dims.n = 0;
  if (*at == '-')
    return alpa_parser_error(parser, "dimension cannot be negative");
  while (alpa_char_is_digit(*at) || *at == '?') {
    int64_t dim = 0;
    ALPA_TRY(parse_dim(parser, &at, &dim));
    alpa_vec_push(&parser->arena, &parser->dims, dim);
    at = skip_spaces(parser, at);
    if (*at != 'x')
      return alpa_parser_error_at(parser, at, "expected 'x' behind a dimension");
    at = skip_spaces(parser, at + 1);
    if (*at == '-')
      return alpa_parser_error_at(parser, at, "dimension cannot be negative");
  }
  alpa_parser_seek(parser, at);
  return ALPA_OK;
}

static bool is_element(const alpa_type *type) {
  return type->kind == ALPA_TYPE_SCALAR || type->kind == ALPA_TYPE_OPAQUE || type->kind == ALPA_TYPE_INDEX;
}

static alpa_status check_size(alpa_parser *parser, const char *at, const alpa_type *element, uint32_t rank,
                              const int64_t *dims) {
  int64_t bytes = element->kind == ALPA_TYPE_SCALAR ? alpa_dtype_get_info(element->dtype)->bytes : 8;
  if (alpa_dims_count(rank, dims, bytes) == -2)
    return alpa_parser_error_at(parser, at, "tensor has more than 2^63 - 1 bytes");
  return ALPA_OK;
}

static alpa_status parse_ranked(alpa_parser *parser, const char *at, const alpa_type **out_type) {
  ALPA_TRY(parse_dims(parser));
  uint32_t rank = (uint32_t)parser->dims.n;
  int64_t small[16], *dims = rank <= countof(small) ? small : alpa_arena_alloc(&parser->arena, rank * sizeof *dims);
  if (rank)
    memcpy(dims, parser->dims.items, rank * sizeof *dims); /* the element or encoding may hold tensors as well */
  const char *element_at = parser->token.at;
  const alpa_type *element;
  const alpa_attr *encoding = NULL;
  ALPA_TRY(alpa_parser_parse_type(parser, &element));
  if (!is_element(element))
    return alpa_parser_error_at(parser, element_at, "invalid element type of a tensor");
  if (alpa_parser_accept(parser, ','))
    ALPA_TRY(alpa_parser_parse_attr(parser, &encoding));
  ALPA_TRY(alpa_parser_expect(parser, '>', "at the end of a tensor type"));
  ALPA_TRY(check_size(parser, at, element, rank, dims));
  *out_type = alpa_type_get_tensor_of(parser->ctx, element, rank, dims, encoding);
  return ALPA_OK;
}

static alpa_status parse_opaque(alpa_parser *parser, const char *from, const alpa_type **out_type) {
  alpa_str text;
  ALPA_TRY(alpa_parser_skip_balanced(parser, from, &text));
  *out_type = alpa_type_get_opaque(parser->ctx, text);
  return ALPA_OK;
}

static alpa_status parse_tensor(alpa_parser *parser, const alpa_type **out_type) {
  const char *from = parser->token.at;
  alpa_parser_advance(parser);
  if (parser->token.kind != '<')
    return alpa_parser_expected(parser, "'<' behind 'tensor'");
  alpa_token open = parser->token;
  alpa_parser_advance(parser);
  if (parser->token.kind != '*')
    return parse_ranked(parser, from, out_type);
  parser->token = open;
  return parse_opaque(parser, from, out_type);
}

/* The end of a tensor type without anything in brackets, or NULL. */
static const char *end_of_plain(const char *at) {
  if (*at++ != '<')
    return NULL;
  while (alpa_char_is_word(*at) || *at == '?')
    at++;
  return *at == '>' ? at + 1 : NULL;
}

static alpa_status parse_tensor_cached(alpa_parser *parser, const alpa_type **out_type) {
  const char *from = parser->token.at, *end = end_of_plain(from + parser->token.size);
  if (!end)
    return parse_tensor(parser, out_type);
  size_t size = (size_t)(end - from), slot;
  *out_type = alpa_text_cache_find(&parser->types, from, size, &slot);
  if (*out_type) {
    alpa_parser_seek(parser, end);
    return ALPA_OK;
  }
  ALPA_TRY(parse_tensor(parser, out_type));
  alpa_text_cache_set(&parser->types, slot, from, size, *out_type);
  return ALPA_OK;
}

/* ---- compound types ---- */

alpa_status alpa_parser_parse_types(alpa_parser *parser, alpa_type_list *types) {
  do {
    const alpa_type *type;
    ALPA_TRY(alpa_parser_parse_type(parser, &type));
    alpa_vec_push(&parser->arena, types, type);
  } while (alpa_parser_accept(parser, ','));
  return ALPA_OK;
}

alpa_status alpa_parser_parse_type_list(alpa_parser *parser, int close, alpa_type_list *types) {
  if (parser->token.kind != close)
    ALPA_TRY(alpa_parser_parse_types(parser, types));
  return alpa_parser_expect(parser, close, "at the end of a type list");
}

static alpa_status parse_tuple(alpa_parser *parser, const alpa_type **out_type) {
  alpa_type_list types = {0};
  alpa_parser_advance(parser);
  ALPA_TRY(alpa_parser_expect(parser, '<', "behind 'tuple'"));
  ALPA_TRY(alpa_parser_parse_type_list(parser, '>', &types));
  *out_type = alpa_type_get_tuple(parser->ctx, (alpa_types){types.items, types.n});
  return ALPA_OK;
}

static alpa_status parse_function(alpa_parser *parser, const alpa_type **out_type) {
  alpa_type_list inputs = {0}, results = {0};
  alpa_parser_advance(parser);
  ALPA_TRY(alpa_parser_parse_type_list(parser, ')', &inputs));
  ALPA_TRY(alpa_parser_expect(parser, ALPA_TOKEN_ARROW, "in a function type"));
  if (alpa_parser_accept(parser, '(')) {
    ALPA_TRY(alpa_parser_parse_type_list(parser, ')', &results));
  } else {
    const alpa_type *result;
    ALPA_TRY(alpa_parser_parse_type(parser, &result));
    alpa_vec_push(&parser->arena, &results, result);
  }
  *out_type =
      alpa_type_get_function(parser->ctx, (alpa_types){inputs.items, inputs.n}, (alpa_types){results.items, results.n});
  return ALPA_OK;
}

static alpa_status parse_complex(alpa_parser *parser, const alpa_type **out_type) {
  const char *from = parser->token.at;
  const alpa_type *part;
  alpa_parser_advance(parser);
  ALPA_TRY(alpa_parser_expect(parser, '<', "behind 'complex'"));
  const char *at = parser->token.at;
  ALPA_TRY(alpa_parser_parse_type(parser, &part));
  const char *end = parser->token.at + parser->token.size;
  ALPA_TRY(alpa_parser_expect(parser, '>', "at the end of a complex type"));
  bool is_float = part->kind == ALPA_TYPE_SCALAR && alpa_dtype_get_info(part->dtype)->class_ == ALPA_CLASS_FLOAT;
  bool is_integer = part->kind == ALPA_TYPE_SCALAR && alpa_dtype_get_info(part->dtype)->class_ != ALPA_CLASS_COMPLEX;
  if (is_float && part->dtype == ALPA_F32)
    *out_type = alpa_type_get_scalar(parser->ctx, ALPA_C64);
  else if (is_float && part->dtype == ALPA_F64)
    *out_type = alpa_type_get_scalar(parser->ctx, ALPA_C128);
  else if (is_float || is_integer)
    *out_type = alpa_type_get_opaque(parser->ctx, (alpa_str){from, (size_t)(end - from)});
  else
    return alpa_parser_error_at(parser, at, "invalid element type of a complex type");
  return ALPA_OK;
}

/* !alias, !dialect.type, !dialect.type<...>, !dialect<...> */
static alpa_status parse_bang(alpa_parser *parser, const alpa_type **out_type) {
  alpa_str name = alpa_parser_text(parser);
  const char *from = parser->token.at;
  bool has_dot = memchr(name.data, '.', name.size) != NULL;
  alpa_parser_advance(parser);
  if (parser->token.kind == '<' && parser->token.at == from + name.size)
    return parse_opaque(parser, from, out_type);
  if (has_dot) {
    *out_type = alpa_type_get_opaque(parser->ctx, name);
    return ALPA_OK;
  }
  alpa_alias *alias = alpa_parser_alias(parser, name);
  if (!alias->type)
    return alpa_parser_error_at(parser, from, "undefined type alias '%.*s'", (int)name.size, name.data);
  *out_type = alias->type;
  return alpa_parser_use_alias(parser, alias);
}

/* ---- dispatch ---- */

static alpa_status parse_scalar(alpa_parser *parser, const alpa_type **out_type) {
  alpa_token token = parser->token;
  alpa_dtype dtype = find_dtype(token.at, token.size);
  if (dtype != ALPA_DTYPE_COUNT)
    *out_type = alpa_type_get_scalar(parser->ctx, dtype);
  else if (alpa_token_is(token, "index", 5))
    *out_type = alpa_type_get_index(parser->ctx);
  else if (alpa_token_is(token, "none", 4))
    *out_type = alpa_type_get_none(parser->ctx);
  else if (is_integer_type(token.at, token.size))
    return parse_odd_integer(parser, out_type);
  else if (alpa_token_is(token, "tf32", 4) || alpa_token_is(token, "f80", 3) || alpa_token_is(token, "f128", 4))
    *out_type = alpa_type_get_opaque(parser->ctx, alpa_parser_text(parser));
  else
    return alpa_parser_expected(parser, "a type");
  alpa_parser_advance(parser);
  return ALPA_OK;
}

static alpa_status parse_word_type(alpa_parser *parser, const alpa_type **out_type) {
  alpa_token token = parser->token;
  if (alpa_token_is(token, "tensor", 6))
    return parse_tensor_cached(parser, out_type);
  if (alpa_token_is(token, "tuple", 5))
    return parse_tuple(parser, out_type);
  if (alpa_token_is(token, "complex", 7))
    return parse_complex(parser, out_type);
  if (alpa_token_is(token, "vector", 6) || alpa_token_is(token, "memref", 6)) {
    alpa_parser_advance(parser);
    if (parser->token.kind != '<')
      return alpa_parser_expected(parser, "'<'");
    return parse_opaque(parser, token.at, out_type);
  }
  return parse_scalar(parser, out_type);
}

alpa_status alpa_parser_parse_type(alpa_parser *parser, const alpa_type **out_type) {
  int kind = parser->token.kind;
  if (kind != ALPA_TOKEN_WORD && kind != ALPA_TOKEN_BANG && kind != '(')
    return alpa_parser_expected(parser, "a type");
  ALPA_TRY(alpa_parser_enter(parser));
  ALPA_TRY(kind == ALPA_TOKEN_WORD   ? parse_word_type(parser, out_type)
           : kind == ALPA_TOKEN_BANG ? parse_bang(parser, out_type)
                                     : parse_function(parser, out_type));
  alpa_parser_leave(parser);
  return ALPA_OK;
}

alpa_status alpa_type_parse(alpa_context *ctx, alpa_str text, const alpa_type **out_type) {
  alpa_parser parser;
  const alpa_type *type = NULL;
  alpa_parser_init(&parser, ctx, text, "<type>", 1);
  alpa_status status = alpa_parser_parse_type(&parser, &type);
  if (status == ALPA_OK && parser.token.kind != ALPA_TOKEN_END)
    status = alpa_parser_expected(&parser, "the end of the type");
  alpa_parser_deinit(&parser);
  if (status == ALPA_OK)
    *out_type = type;
  return status;
}
