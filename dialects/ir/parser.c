/* The parser's tokens: looking, stepping, and saying what is wrong and where. */
#include "dialects/ir/parser_state.h"

#include <stdio.h>
#include <string.h>

#include "dialects/ir/context.h"
#include "dialects/ir/walk.h"

void alpa_parser_init(alpa_parser *parser, alpa_context *ctx, alpa_str text, const char *file, uint32_t first_line) {
  *parser = (alpa_parser){.ctx = ctx, .first_line = first_line ? first_line : 1};
  alpa_arena_init(&parser->arena, &ctx->memory);
  if (text.size && text.data[text.size - 1] == '\n')
    text.size--; /* the newline is what the lexer needs behind the text */
  else
    text.data = alpa_arena_strndup(&parser->arena, text.data, text.size);
  parser->begin = parser->counted = parser->line_start = text.data;
  parser->end = text.data + text.size;
  parser->file = alpa_name(ctx, file ? file : "-");
  parser->line = parser->first_line;
  alpa_parser_seek(parser, parser->begin);
}

void alpa_parser_deinit(alpa_parser *parser) { alpa_arena_deinit(&parser->arena); }

/* ---- positions and errors ---- */

alpa_place alpa_parser_place(const alpa_parser *parser, const char *at) {
  alpa_place place = {parser->file, parser->first_line, 1};
  const char *start = parser->begin;
  for (const char *newline; (newline = memchr(start, '\n', (size_t)(at - start))); start = newline + 1)
    place.line++;
  place.column = (uint32_t)(at - start) + 1;
  return place;
}

alpa_place alpa_parser_count_to(alpa_parser *parser, const char *at) {
  if (at < parser->counted)
    return alpa_parser_place(parser, at);
  const char *start = parser->counted;
  for (const char *newline; (newline = memchr(start, '\n', (size_t)(at - start))); start = newline + 1) {
    parser->line++;
    parser->line_start = newline + 1;
  }
  parser->counted = at;
  return (alpa_place){parser->file, parser->line, (uint32_t)(at - parser->line_start) + 1};
}

const alpa_loc *alpa_parser_loc_of(alpa_parser *parser, alpa_place place) {
  return alpa_loc_make_file(parser->ctx, place.file, place.line, place.column);
}

const alpa_loc *alpa_parser_loc_at(alpa_parser *parser, const char *at) {
  return alpa_parser_loc_of(parser, alpa_parser_count_to(parser, at));
}

static alpa_status report(alpa_parser *parser, const char *at, const char *format, va_list args) {
  alpa_diag_emit(&parser->ctx->diag, ALPA_ERROR, alpa_parser_place(parser, at), format, args);
  return ALPA_INVALID_ARGUMENT;
}

alpa_status alpa_parser_error(alpa_parser *parser, const char *format, ...) {
  va_list args;
  va_start(args, format);
  alpa_status status = report(parser, parser->token.at, format, args);
  va_end(args);
  return status;
}

alpa_status alpa_parser_error_at(alpa_parser *parser, const char *at, const char *format, ...) {
  va_list args;
  va_start(args, format);
  alpa_status status = report(parser, at, format, args);
  va_end(args);
  return status;
}

enum { SHOWN_TOKEN = 40 }; /* longer ones are cut in messages */

static const char *token_text(const alpa_parser *parser, char buffer[SHOWN_TOKEN + 8]) {
  if (parser->token.kind == ALPA_TOKEN_END)
    return "the end of the text";
  size_t size = parser->token.size;
  bool cut = size > SHOWN_TOKEN;
  snprintf(buffer, SHOWN_TOKEN + 8, "'%.*s%s'", cut ? SHOWN_TOKEN : (int)size, parser->token.at, cut ? "..." : "");
  return buffer;
}

alpa_status alpa_parser_expected(alpa_parser *parser, const char *what) {
  if (parser->token.kind == ALPA_TOKEN_ERROR)
    return alpa_parser_error(parser, "%s", alpa_lexer_explain(parser->token, parser->end));
  char buffer[SHOWN_TOKEN + 8];
  return alpa_parser_error(parser, "expected %s, got %s", what, token_text(parser, buffer));
}

alpa_status alpa_parser_enter(alpa_parser *parser) {
  if (parser->depth >= ALPA_MAX_NESTING)
    return alpa_parser_error(parser, "nesting exceeds the limit of %d levels", ALPA_MAX_NESTING);
  parser->depth++;
  parser->weight++;
  if (parser->reach < parser->depth)
    parser->reach = parser->depth;
  return ALPA_OK;
}

enum { MAX_ALIAS_WEIGHT = 1 << 20 };

alpa_status alpa_parser_use_alias(alpa_parser *parser, const alpa_alias *alias) {
  uint32_t depth = parser->depth + alias->height;
  if (depth > ALPA_MAX_NESTING)
    return alpa_parser_error(parser, "nesting exceeds the limit of %d levels where '%s' is expanded", ALPA_MAX_NESTING,
                             alias->name);
  if (alias->weight > MAX_ALIAS_WEIGHT)
    return alpa_parser_error(parser, "the expansion of '%s' has more than %d parts", alias->name, MAX_ALIAS_WEIGHT);
  if (parser->reach < depth)
    parser->reach = depth;
  parser->weight += alias->weight;
  return ALPA_OK;
}

/* ---- tokens ---- */

int alpa_parser_peek(const alpa_parser *parser) { return parser->token.kind; }
int alpa_parser_peek_second(const alpa_parser *parser) {
  return alpa_lexer_next(parser->token.at + parser->token.size, parser->end).kind;
}
alpa_str alpa_parser_text(const alpa_parser *parser) { return (alpa_str){parser->token.at, parser->token.size}; }
const char *alpa_parser_at(const alpa_parser *parser) { return parser->token.at; }
alpa_context *alpa_parser_context(alpa_parser *parser) { return parser->ctx; }
alpa_arena *alpa_parser_arena(alpa_parser *parser) { return &parser->arena; }
alpa_module *alpa_parser_module(alpa_parser *parser) { return parser->module; }

alpa_str alpa_parser_since(const alpa_parser *parser, const char *from) {
  const char *to = parser->token.at;
  while (to > from && (to[-1] == ' ' || to[-1] == '\n' || to[-1] == '\t' || to[-1] == '\r'))
    to--;
  return (alpa_str){from, (size_t)(to - from)};
}

bool alpa_parser_is_word(const alpa_parser *parser, const char *word) {
  return parser->token.kind == ALPA_TOKEN_WORD && alpa_token_is(parser->token, word, strlen(word));
}

bool alpa_parser_accept(alpa_parser *parser, int kind) {
  if (parser->token.kind != kind)
    return false;
  alpa_parser_advance(parser);
  return true;
}

bool alpa_parser_accept_word(alpa_parser *parser, const char *word) {
  if (!alpa_parser_is_word(parser, word))
    return false;
  alpa_parser_advance(parser);
  return true;
}

alpa_status alpa_parser_expect(alpa_parser *parser, int kind, const char *where) {
  if (alpa_parser_accept(parser, kind))
    return ALPA_OK;
  char what[128];
  snprintf(what, sizeof what, "%s%s%s", alpa_token_describe(kind), where ? " " : "", where ? where : "");
  return alpa_parser_expected(parser, what);
}

alpa_status alpa_parser_expect_word(alpa_parser *parser, const char *word) {
  if (alpa_parser_accept_word(parser, word))
    return ALPA_OK;
  char what[128];
  snprintf(what, sizeof what, "'%s'", word);
  return alpa_parser_expected(parser, what);
}

alpa_status alpa_parser_parse_word(alpa_parser *parser, alpa_str *out_word) {
  if (parser->token.kind != ALPA_TOKEN_WORD)
    return alpa_parser_expected(parser, "an identifier");
  *out_word = alpa_parser_text(parser);
  alpa_parser_advance(parser);
  return ALPA_OK;
}

alpa_status alpa_parser_parse_int(alpa_parser *parser, int64_t *out_value) {
  const char *at = parser->token.at;
  bool negative = alpa_parser_accept(parser, '-');
  if (parser->token.kind != ALPA_TOKEN_INTEGER)
    return alpa_parser_expected(parser, "an integer");
  uint64_t magnitude;
  if (!alpa_token_read_integer(parser->token, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
    return alpa_parser_error_at(parser, at, "integer does not fit in 64 bits");
  alpa_parser_advance(parser);
  *out_value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return ALPA_OK;
}

/* ---- caches ---- */

const void *alpa_text_cache_find(const alpa_text_cache *cache, const char *at, size_t size, size_t *out_slot) {
  uint64_t head, middle, tail;
  memcpy(&head, at, 8);
  memcpy(&middle, at + size / 2 - 4, 8);
  memcpy(&tail, at + size - 8, 8);
  uint64_t hash = ((head ^ size) * 0x9E3779B97F4A7C15u + middle) * 0xC2B2AE3D27D4EB4Fu + tail;
  hash = (hash ^ hash >> 29) * 0xFF51AFD7ED558CCDu;
  size_t slot = *out_slot = hash >> 56;
  bool same = cache->slots[slot].size == size && memcmp(cache->slots[slot].at, at, size) == 0;
  return same ? cache->slots[slot].meaning : NULL;
}

void alpa_text_cache_set(alpa_text_cache *cache, size_t slot, const char *at, size_t size, const void *meaning) {
  cache->slots[slot].at = at;
  cache->slots[slot].size = size;
  cache->slots[slot].meaning = meaning;
}

enum { LONGEST_PLAIN = 256 };

const char *alpa_text_plain_end(const char *at) {
  if (*at != '<')
    return NULL;
  for (int i = 1; i < LONGEST_PLAIN; i++)
    switch (at[i]) {
    case '>':
      return at[i - 1] == '-' ? NULL : at + i + 1;
    case '<':
    case '"':
    case '/':
    case '\n':
    case '#':
    case '!':
    case 0:
      return NULL;
    default:
      break;
    }
  return NULL;
}

/* ---- strings and symbols ---- */

static char decode_escape(const char **at) {
  char c = **at;
  if (alpa_char_is_hex(c) && alpa_char_is_hex((*at)[1])) {
    c = (char)(alpa_char_hex_value((*at)[0]) * 16 + alpa_char_hex_value((*at)[1]));
    *at += 2;
    return c;
  }
  ++*at;
  return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/* What stands between quotes. */
static alpa_str decode_string(alpa_parser *parser, const char *at, size_t size) {
  if (!memchr(at, '\\', size))
    return (alpa_str){at, size};
  char *text = alpa_arena_alloc(&parser->arena, size), *to = text;
  for (const char *end = at + size; at < end;)
    if (*at == '\\') {
      at++;
      *to++ = decode_escape(&at);
    } else {
      *to++ = *at++;
    }
  return (alpa_str){text, (size_t)(to - text)};
}

alpa_status alpa_parser_parse_string(alpa_parser *parser, alpa_str *out_text) {
  if (parser->token.kind != ALPA_TOKEN_STRING)
    return alpa_parser_expected(parser, "a string");
  *out_text = decode_string(parser, parser->token.at + 1, parser->token.size - 2);
  alpa_parser_advance(parser);
  return ALPA_OK;
}

static alpa_status parse_symbol_part(alpa_parser *parser, alpa_str *out_name) {
  if (parser->token.kind != ALPA_TOKEN_SYMBOL)
    return alpa_parser_expected(parser, "a symbol");
  const char *name = parser->token.at + 1;
  size_t size = parser->token.size - 1;
  alpa_str text = *name == '"' ? decode_string(parser, name + 1, size - 2) : (alpa_str){name, size};
  if (text.size == 0)
    return alpa_parser_error(parser, "a symbol cannot have an empty name");
  if (memchr(text.data, 0, text.size))
    return alpa_parser_error(parser, "a symbol cannot have a zero byte in its name");
  alpa_parser_advance(parser);
  *out_name = text;
  return ALPA_OK;
}

alpa_status alpa_parser_parse_symbol(alpa_parser *parser, const char **out_name) {
  alpa_str part;
  ALPA_TRY(parse_symbol_part(parser, &part));
  if (parser->token.kind != ALPA_TOKEN_COLON_COLON) {
    *out_name = alpa_name_n(parser->ctx, part.data, part.size);
    return ALPA_OK;
  }
  alpa_text text;
  alpa_text_init(&text, &parser->arena);
  alpa_text_append(&text, part.data, part.size);
  while (alpa_parser_accept(parser, ALPA_TOKEN_COLON_COLON)) {
    ALPA_TRY(parse_symbol_part(parser, &part));
    alpa_text_string(&text, "::@");
    alpa_text_append(&text, part.data, part.size);
  }
  *out_name = alpa_name_n(parser->ctx, text.data, text.size);
  return ALPA_OK;
}

/* ---- balanced text ---- */

static char closing_of(char open) {
  switch (open) {
  case '<':
    return '>';
  case '[':
    return ']';
  case '{':
    return '}';
  case '(':
    return ')';
  default:
    return 0;
  }
}

alpa_status alpa_parser_skip_balanced(alpa_parser *parser, const char *from, alpa_str *out_text) {
  char closers[ALPA_MAX_NESTING];
  size_t depth = 0;
  const char *open = parser->token.at;
  for (const char *at = open;;) {
    char c = *at, closer = closing_of(c);
    if (closer) {
      if (depth + parser->depth >= ALPA_MAX_NESTING)
        return alpa_parser_error_at(parser, at, "nesting exceeds the limit of %d levels", ALPA_MAX_NESTING);
      closers[depth++] = closer;
    } else if (c == '"') {
      alpa_token string = alpa_lexer_next(at, parser->end);
      if (string.kind == ALPA_TOKEN_ERROR)
        return alpa_parser_error_at(parser, at, "%s", alpa_lexer_explain(string, parser->end));
      at += string.size;
      continue;
    } else if (c == '-' && at[1] == '>') {
      at++;
    } else if (c == '>' || c == ']' || c == '}' || c == ')') {
      if (c != closers[depth - 1])
        return alpa_parser_error_at(parser, at, "unbalanced '%c', expected '%c'", c, closers[depth - 1]);
      if (--depth == 0) {
        *out_text = (alpa_str){from, (size_t)(at + 1 - from)};
        alpa_parser_seek(parser, at + 1);
        return ALPA_OK;
      }
    } else if (c == 0 || at >= parser->end) {
      return alpa_parser_error_at(parser, open,
                                  at >= parser->end ? "unbalanced '%c': the text ends inside"
                                                    : "unbalanced '%c': a zero byte stands inside",
                                  *open);
    }
    at++;
  }
}
