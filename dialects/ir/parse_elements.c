/* Tensors of numbers from text: dense<...>, array<...>, dense_resource<...>.
 *
 * The type of a dense literal stands behind it, so a literal is walked twice: first for its shape, then for its values.
 * Both walks are linear in the text, and memory is in proportion to it (a splat is one element). */
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/parser_state.h"

typedef struct literal {
  const char *at;          /* `dense` */
  alpa_token first;        /* behind the < */
  alpa_token end;          /* the > */
  bool hex, list;          /* "0x..."; [...]; else one element */
  size_t n;                /* elements written */
  ALPA_VEC(int64_t) shape; /* of a list, outermost first */
} literal;

/* ---- first walk: shape ---- */

static alpa_status skip_element(alpa_parser *parser, literal *lit) {
  bool complex = alpa_parser_accept(parser, '(');
  for (int part = 0; part <= complex; part++) {
    if (part)
      ALPA_TRY(alpa_parser_expect(parser, ',', "between the parts of a complex number"));
    if (!complex && parser->token.kind == ALPA_TOKEN_STRING) {
      alpa_parser_advance(parser);
      break;
    }
    alpa_parser_accept(parser, '-');
    bool is_bool = alpa_parser_is_word(parser, "true") || alpa_parser_is_word(parser, "false");
    if (parser->token.kind != ALPA_TOKEN_INTEGER && parser->token.kind != ALPA_TOKEN_FLOAT && !is_bool)
      return alpa_parser_expected(parser, "element literal of primitive type");
    alpa_parser_advance(parser);
  }
  lit->n++;
  return complex ? alpa_parser_expect(parser, ')', "behind a complex number") : ALPA_OK;
}

/* Sets or compares the extent of a level; -1 marks the level of the elements. */
static alpa_status set_extent(alpa_parser *parser, literal *lit, const char *at, size_t level, int64_t extent) {
  while (lit->shape.n <= level)
    alpa_vec_push(&parser->arena, &lit->shape, (int64_t)-2);
  int64_t *known = &lit->shape.items[level];
  if (*known == -2)
    *known = extent;
  if (*known != extent)
    return alpa_parser_error_at(parser, at, "tensor literal is invalid; ranks are not consistent between elements");
  return ALPA_OK;
}

static alpa_status skip_list(alpa_parser *parser, literal *lit, size_t level) {
  const char *at = parser->token.at;
  if (parser->token.kind != '[') {
    ALPA_TRY(skip_element(parser, lit));
    return set_extent(parser, lit, at, level, -1);
  }
  ALPA_TRY(alpa_parser_enter(parser));
  alpa_parser_advance(parser);
  int64_t extent = 0;
  if (parser->token.kind != ']')
    do {
      ALPA_TRY(skip_list(parser, lit, level + 1));
      extent++;
    } while (alpa_parser_accept(parser, ','));
  ALPA_TRY(alpa_parser_expect(parser, ']', "at the end of a list"));
  alpa_parser_leave(parser);
  return set_extent(parser, lit, at, level, extent);
}

static alpa_status skip_literal(alpa_parser *parser, literal *lit) {
  alpa_token first = lit->first = parser->token;
  lit->list = first.kind == '[' || first.kind == '>';
  lit->hex = first.kind == ALPA_TOKEN_STRING && first.size > 3 && memcmp(first.at, "\"0x", 3) == 0;
  if (first.kind == '>') {
    alpa_vec_push(&parser->arena, &lit->shape, (int64_t)0);
    return ALPA_OK;
  }
  return lit->list ? skip_list(parser, lit, 0) : skip_element(parser, lit);
}

/* ---- second walk: values ---- */

static size_t bytes_of(const alpa_type *element) {
  return element->kind == ALPA_TYPE_SCALAR ? alpa_dtype_get_info(element->dtype)->bytes : sizeof(int64_t);
}

static void print_shape(alpa_text *text, const int64_t *dims, size_t rank) {
  alpa_text_char(text, '[');
  for (size_t i = 0; i < rank; i++) {
    alpa_text_string(text, i ? ", " : "");
    alpa_text_int(text, dims[i]);
  }
  alpa_text_char(text, ']');
}

/* The shape of a list without the mark of the element level.  An empty list says nothing about the levels in it, and
 * dense<> fits any type without elements. */
static alpa_status check_shape(alpa_parser *parser, const literal *lit, const alpa_type *type) {
  size_t rank = lit->shape.n;
  if (rank && lit->shape.items[rank - 1] == -1)
    rank--;
  bool same = rank == type->rank && (rank == 0 || memcmp(lit->shape.items, type->dims, rank * sizeof(int64_t)) == 0);
  if (same || (lit->first.kind == '>' && alpa_type_count(type) == 0))
    return ALPA_OK;
  alpa_text text;
  alpa_text_init(&text, &parser->arena);
  print_shape(&text, lit->shape.items, rank);
  alpa_text_string(&text, ") does not match type (");
  print_shape(&text, type->dims, type->rank);
  return alpa_parser_error_at(parser, lit->at, "inferred shape of elements literal (%s)", alpa_text_finish(&text));
}

static alpa_status read_values(alpa_parser *parser, const literal *lit, const alpa_type *element, char *out) {
  size_t bytes = bytes_of(element);
  alpa_token behind = parser->token;
  parser->token = lit->first;
  for (size_t i = 0; i < lit->n; i++) {
    while (parser->token.kind == '[' || parser->token.kind == ']' || parser->token.kind == ',')
      alpa_parser_advance(parser);
    alpa_dtype dtype = element->kind == ALPA_TYPE_INDEX ? ALPA_I64 : element->dtype;
    ALPA_TRY(alpa_parser_parse_element(parser, dtype, out + i * bytes));
  }
  parser->token = behind;
  return ALPA_OK;
}

/* ---- hexadecimal blobs ---- */

static const char *hex_of(alpa_token string, size_t *out_bytes) {
  size_t digits = string.size - 4; /* "0x and the closing quote */
  for (size_t i = 0; i < digits; i++)
    if (!alpa_char_is_hex(string.at[3 + i]))
      return NULL;
  *out_bytes = digits / 2;
  return digits % 2 ? NULL : string.at + 3;
}

static void decode_hex(const char *digits, size_t bytes, unsigned char *out) {
  for (size_t i = 0; i < bytes; i++)
    out[i] = (unsigned char)(alpa_char_hex_value(digits[2 * i]) * 16 + alpa_char_hex_value(digits[2 * i + 1]));
}

static void unpack_bits(const unsigned char *packed, size_t n, unsigned char *out) {
  for (size_t i = 0; i < n; i++)
    out[i] = packed[i / 8] >> (i % 8) & 1;
}

/* The bytes of a blob as elements: all of them, or one for a splat.  Booleans are packed, eight to a byte; one byte
 * each is read as well. */
static alpa_status read_blob(alpa_parser *parser, const char *at, alpa_str blob, const alpa_type *type,
                             const alpa_attr **out_attr) {
  bool is_bool = type->element->kind == ALPA_TYPE_SCALAR && type->element->dtype == ALPA_I1;
  uint64_t n = (uint64_t)alpa_type_count(type), bytes = bytes_of(type->element);
  const unsigned char *data = (const unsigned char *)blob.data;
  if (is_bool && blob.size == n / 8 + (n % 8 != 0) && (n != 1 || data[0] > 1) && n <= SIZE_MAX / 2) {
    unsigned char *unpacked = alpa_arena_alloc(&parser->arena, n);
    unpack_bits(data, n, unpacked);
    data = unpacked;
  } else if (is_bool && blob.size == 1 && (data[0] == 0 || data[0] == 255)) {
    data = (const unsigned char *)(data[0] ? "\1" : "\0");
  } else if (blob.size != n * bytes && blob.size != bytes) {
    return alpa_parser_error_at(parser, at,
                                "elements hex data size is invalid for type '%s': got %zu bytes, expected "
                                "%llu",
                                alpa_type_spell(parser->ctx, type), blob.size, (unsigned long long)(n * bytes));
  }
  bool splat = blob.size != n * bytes && !(is_bool && blob.size == n / 8 + (n % 8 != 0));
  *out_attr = alpa_attr_get_elements(parser->ctx, type, data, splat);
  return ALPA_OK;
}

/* A string token as bytes; `skip` of them in front are dropped. */
static alpa_status read_hex(alpa_parser *parser, alpa_token string, size_t skip, const alpa_type *type,
                            const alpa_attr **out_attr) {
  size_t bytes = 0;
  const char *digits = string.size > 4 ? hex_of(string, &bytes) : NULL;
  if (!digits || bytes < skip)
    return alpa_parser_error_at(parser, string.at, "expected string containing hex digits starting with `0x`");
  unsigned char *data = alpa_arena_alloc(&parser->arena, bytes);
  decode_hex(digits, bytes, data);
  return read_blob(parser, string.at, (alpa_str){(const char *)data + skip, bytes - skip}, type, out_attr);
}

/* ---- attributes ---- */

static bool has_numbers(const alpa_type *type) {
  return type->element->kind == ALPA_TYPE_SCALAR || type->element->kind == ALPA_TYPE_INDEX;
}

static alpa_status parse_elements_type(alpa_parser *parser, const alpa_type **out_type) {
  ALPA_TRY(alpa_parser_expect(parser, ':', "before the type of elements"));
  const char *at = parser->token.at;
  const alpa_type *type;
  ALPA_TRY(alpa_parser_parse_type(parser, &type));
  *out_type = type;
  if (type->kind == ALPA_TYPE_OPAQUE) /* vector<4xf32> */
    return ALPA_OK;
  if (type->kind != ALPA_TYPE_TENSOR)
    return alpa_parser_error_at(parser, at, "elements literal must be a shaped type, got '%s'",
                                alpa_type_spell(parser->ctx, type));
  for (uint32_t i = 0; i < type->rank; i++)
    if (type->dims[i] == ALPA_DYNAMIC)
      return alpa_parser_error_at(parser, at, "elements literal type must have static shape");
  return ALPA_OK;
}

static alpa_status build_dense(alpa_parser *parser, const literal *lit, const alpa_type *type,
                               const alpa_attr **out_attr) {
  if (lit->hex)
    return read_hex(parser, lit->first, 0, type, out_attr);
  if (lit->list)
    ALPA_TRY(check_shape(parser, lit, type));
  char *data = alpa_arena_calloc(&parser->arena, lit->n + 1, bytes_of(type->element));
  ALPA_TRY(read_values(parser, lit, type->element, data));
  *out_attr = alpa_attr_get_elements(parser->ctx, type, data, !lit->list);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_dense(alpa_parser *parser, const alpa_attr **out_attr) {
  literal lit = {.at = parser->token.at};
  const alpa_type *type;
  alpa_parser_advance(parser);
  ALPA_TRY(alpa_parser_expect(parser, '<', "behind 'dense'"));
  ALPA_TRY(skip_literal(parser, &lit));
  ALPA_TRY(alpa_parser_expect(parser, '>', "at the end of an elements literal"));
  ALPA_TRY(parse_elements_type(parser, &type));
  if (type->kind == ALPA_TYPE_TENSOR && has_numbers(type))
    return build_dense(parser, &lit, type, out_attr);
  *out_attr = alpa_attr_get_opaque(parser->ctx, alpa_parser_since(parser, lit.at));
  return ALPA_OK;
}

enum { RESOURCE_ALIGNMENT_BYTES = 4 }; /* in front of a blob: its alignment, 32 bits little-endian */

alpa_status alpa_parser_parse_dense_resource(alpa_parser *parser, const alpa_attr **out_attr) {
  const char *from = parser->token.at;
  alpa_parser_advance(parser);
  ALPA_TRY(alpa_parser_expect(parser, '<', "behind 'dense_resource'"));
  alpa_str key = alpa_parser_text(parser);
  if (parser->token.kind == ALPA_TOKEN_STRING)
    ALPA_TRY(alpa_parser_parse_string(parser, &key));
  else
    ALPA_TRY(alpa_parser_parse_word(parser, &key));
  ALPA_TRY(alpa_parser_expect(parser, '>', "behind the name of a resource"));
  const alpa_type *type;
  ALPA_TRY(parse_elements_type(parser, &type));
  const char *name = alpa_name_n(parser->ctx, key.data, key.size);
  const alpa_token *blob = alpa_map_get_pointer(&parser->resources, name);
  if (blob && type->kind == ALPA_TYPE_TENSOR && has_numbers(type))
    return read_hex(parser, *blob, RESOURCE_ALIGNMENT_BYTES, type, out_attr);
  *out_attr = alpa_attr_get_opaque(parser->ctx, alpa_parser_since(parser, from));
  return ALPA_OK;
}

alpa_status alpa_parser_parse_numbers(alpa_parser *parser, const alpa_attr **out_attr) {
  alpa_parser_advance(parser);
  ALPA_TRY(alpa_parser_expect(parser, '<', "behind 'array'"));
  const char *at = parser->token.at;
  const alpa_type *element;
  ALPA_TRY(alpa_parser_parse_type(parser, &element));
  if (element->kind != ALPA_TYPE_SCALAR || alpa_type_class(element) == ALPA_CLASS_COMPLEX)
    return alpa_parser_error_at(parser, at, "expected an integer or float type in 'array<type: ...>', got '%s'",
                                alpa_type_spell(parser->ctx, element));
  size_t bytes = bytes_of(element), n = 0, cap = 0;
  char *data = NULL;
  if (alpa_parser_accept(parser, ':') && parser->token.kind != '>')
    do {
      if (n == cap)
        data = alpa_arena_grow(&parser->arena, data, n, &cap, n + 1, bytes);
      ALPA_TRY(alpa_parser_parse_element(parser, element->dtype, data + n++ * bytes));
    } while (alpa_parser_accept(parser, ','));
  ALPA_TRY(alpa_parser_expect(parser, '>', "at the end of an array"));
  *out_attr = alpa_attr_get_numbers(parser->ctx, element, data, n);
  return ALPA_OK;
}
