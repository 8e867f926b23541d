/* The lexer: MLIR's tokens (mlir/docs/LangRef, "Notation" and "Identifiers and keywords").
 *
 * One pass over the characters by a table of character classes; every call costs time in proportion to the token and
 * the blanks before it. */
#include "dialects/ir/lexer.h"

#include <string.h>

enum char_class { WORD_START = 1, WORD = 2, SUFFIX = 4, DIGIT = 8, BLANK = 16, SINGLE = 32 };

/* clang-format off */
static const unsigned char classes[256] = {
    ['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK, [' '] = BLANK,
    ['('] = SINGLE, [')'] = SINGLE, ['['] = SINGLE, [']'] = SINGLE, ['<'] = SINGLE, ['>'] = SINGLE, ['}'] = SINGLE,
    [','] = SINGLE, ['='] = SINGLE, ['+'] = SINGLE, ['*'] = SINGLE, ['?'] = SINGLE, ['|'] = SINGLE, ['/'] = SINGLE,
    ['$'] = WORD | SUFFIX, ['-'] = SUFFIX, ['.'] = WORD | SUFFIX, ['_'] = WORD_START | WORD | SUFFIX,
    ['0'] = DIGIT | WORD | SUFFIX, ['1'] = DIGIT | WORD | SUFFIX, ['2'] = DIGIT | WORD | SUFFIX,
    ['3'] = DIGIT | WORD | SUFFIX, ['4'] = DIGIT | WORD | SUFFIX, ['5'] = DIGIT | WORD | SUFFIX,
    ['6'] = DIGIT | WORD | SUFFIX, ['7'] = DIGIT | WORD | SUFFIX, ['8'] = DIGIT | WORD | SUFFIX,
    ['9'] = DIGIT | WORD | SUFFIX,
#define LETTER(c) [c] = WORD_START | WORD | SUFFIX, [c - 32] = WORD_START | WORD | SUFFIX
    LETTER('a'), LETTER('b'), LETTER('c'), LETTER('d'), LETTER('e'), LETTER('f'), LETTER('g'), LETTER('h'),
    LETTER('i'), LETTER('j'), LETTER('k'), LETTER('l'), LETTER('m'), LETTER('n'), LETTER('o'), LETTER('p'),
    LETTER('q'), LETTER('r'), LETTER('s'), LETTER('t'), LETTER('u'), LETTER('v'), LETTER('w'), LETTER('x'),
    LETTER('y'), LETTER('z'),
#undef LETTER
};
/* clang-format on */

static inline bool is(char c, int class) { return (classes[(unsigned char)c] & class) != 0; }

static const char *skip(const char *at, int class) {
  while (is(*at, class))
    at++;
  return at;
}

static const char *skip_blanks(const char *at, const char *end) {
  for (;;) {
    while (at < end && is(*at, BLANK))
      at++;
    if (at[0] != '/' || at[1] != '/')
      return at;
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    at = newline ? newline + 1 : end;
  }
}

static alpa_token make(int kind, const char *at, const char *to) { return (alpa_token){kind, at, (size_t)(to - at)}; }

/* Digits, or a word that may hold dashes and dots: what stands behind %, ^, # and !. */
static alpa_token lex_suffixed(int kind, const char *at) {
  const char *to = at + 1;
  if (is(*to, DIGIT))
    to = skip(to, DIGIT);
  else
    to = skip(to, SUFFIX);
  return make(to == at + 1 ? ALPA_TOKEN_ERROR : kind, at, to);
}

static alpa_token lex_string(int kind, const char *at, const char *quote) {
  for (const char *to = quote + 1;; to++) {
    if (*to == '"')
      return make(kind, at, to + 1);
    if (*to == '\n' || *to == '\v' || *to == '\f' || *to == 0)
      return make(ALPA_TOKEN_ERROR, at, to);
    if (*to != '\\')
      continue;
    if (to[1] == '"' || to[1] == '\\' || to[1] == 'n' || to[1] == 't')
      to++;
    else if (alpa_char_is_hex(to[1]) && alpa_char_is_hex(to[2]))
      to += 2;
    else
      return make(ALPA_TOKEN_ERROR, at, to + 1);
  }
}

static alpa_token lex_symbol(const char *at) {
  if (at[1] == '"')
    return lex_string(ALPA_TOKEN_SYMBOL, at, at + 1);
  if (!is(at[1], WORD_START))
    return make(ALPA_TOKEN_ERROR, at, at + 1);
  return make(ALPA_TOKEN_SYMBOL, at, skip(at + 1, WORD));
}

static alpa_token lex_number(const char *at) {
  if (at[0] == '0' && at[1] == 'x' && alpa_char_is_hex(at[2])) {
    const char *to = at + 2;
    while (alpa_char_is_hex(*to))
      to++;
    return make(ALPA_TOKEN_INTEGER, at, to);
  }
  const char *to = skip(at, DIGIT);
  if (*to != '.')
    return make(ALPA_TOKEN_INTEGER, at, to);
  to = skip(to + 1, DIGIT);
  if (*to == 'e' || *to == 'E') {
    const char *exponent = to[1] == '+' || to[1] == '-' ? to + 2 : to + 1;
    if (is(*exponent, DIGIT))
      to = skip(exponent, DIGIT);
  }
  return make(ALPA_TOKEN_FLOAT, at, to);
}

alpa_token alpa_lexer_next(const char *at, const char *end) {
  at = skip_blanks(at, end);
  if (is(*at, WORD_START))
    return make(ALPA_TOKEN_WORD, at, skip(at + 1, WORD));
  if (at >= end)
    return make(ALPA_TOKEN_END, at, at);
  switch (*at) {
  case 0:
    return make(ALPA_TOKEN_ERROR, at, at + 1);
  case '%':
    return lex_suffixed(ALPA_TOKEN_VALUE, at);
  case '^':
    return lex_suffixed(ALPA_TOKEN_BLOCK, at);
  case '#':
    if (at[1] == '-' && at[2] == '}')
      return make(ALPA_TOKEN_TRAILER_END, at, at + 3);
    return lex_suffixed(ALPA_TOKEN_HASH, at);
  case '!':
    return lex_suffixed(ALPA_TOKEN_BANG, at);
  case '@':
    return lex_symbol(at);
  case '"':
    return lex_string(ALPA_TOKEN_STRING, at, at);
  case '-':
    return at[1] == '>' ? make(ALPA_TOKEN_ARROW, at, at + 2) : make('-', at, at + 1);
  case ':':
    return at[1] == ':' ? make(ALPA_TOKEN_COLON_COLON, at, at + 2) : make(':', at, at + 1);
  case '.':
    return at[1] == '.' && at[2] == '.' ? make(ALPA_TOKEN_ELLIPSIS, at, at + 3) : make(ALPA_TOKEN_ERROR, at, at + 1);
  case '{':
    return at[1] == '-' && at[2] == '#' ? make(ALPA_TOKEN_TRAILER, at, at + 3) : make('{', at, at + 1);
  default:
    if (is(*at, DIGIT))
      return lex_number(at);
    return make(is(*at, SINGLE) ? *at : ALPA_TOKEN_ERROR, at, at + 1);
  }
}

bool alpa_token_read_integer(alpa_token token, uint64_t *out_value) {
  bool hex = token.size > 2 && token.at[1] == 'x';
  uint64_t value = 0, base = hex ? 16 : 10;
  for (size_t i = hex ? 2 : 0; i < token.size; i++)
    if (__builtin_mul_overflow(value, base, &value) ||
        __builtin_add_overflow(value, (uint64_t)alpa_char_hex_value(token.at[i]), &value))
      return false;
  *out_value = value;
  return true;
}

const char *alpa_lexer_explain(alpa_token token, const char *end) {
  const char *stop = token.at + token.size;
  const char *quote = token.at[0] == '@' ? token.at + 1 : token.at;
  if (*quote == '"') {
    if (*stop == 0 && stop < end)
      return "a string holds a zero byte; write it as \\00";
    return stop[-1] == '\\' && stop - 1 > quote
               ? "unknown escape in string; \\\\, \\\", \\n, \\t and two hex digits are known"
               : "expected '\"' in string literal";
  }
  switch (token.at[0]) {
  case '@':
    return "@ identifier expected to start with letter or '_'";
  case '%':
    return "invalid SSA name";
  case '^':
    return "invalid block name";
  case '#':
    return "invalid attribute name";
  case '!':
    return "invalid type identifier";
  default:
    return "unexpected character";
  }
}

const char *alpa_token_describe(int kind) {
  /* One text per single character, because the caller keeps the pointer. */
  static const char characters[][4] = {
#define C(c) [c] = {'\'', c, '\''}
      C('('), C(')'), C('['), C(']'), C('{'), C('}'), C('<'), C('>'), C(','),
      C(':'), C('='), C('-'), C('+'), C('*'), C('?'), C('|'), C('/'),
#undef C
  };
  static const char *const names[] = {
      [ALPA_TOKEN_END - 256] = "the end of the text", [ALPA_TOKEN_ERROR - 256] = "a token",
      [ALPA_TOKEN_WORD - 256] = "an identifier",      [ALPA_TOKEN_INTEGER - 256] = "an integer",
      [ALPA_TOKEN_FLOAT - 256] = "a float",           [ALPA_TOKEN_STRING - 256] = "a string",
      [ALPA_TOKEN_VALUE - 256] = "an SSA value",      [ALPA_TOKEN_BLOCK - 256] = "a block name",
      [ALPA_TOKEN_SYMBOL - 256] = "a symbol",         [ALPA_TOKEN_HASH - 256] = "an attribute alias",
      [ALPA_TOKEN_BANG - 256] = "a type alias",       [ALPA_TOKEN_ARROW - 256] = "'->'",
      [ALPA_TOKEN_COLON_COLON - 256] = "'::'",        [ALPA_TOKEN_ELLIPSIS - 256] = "'...'",
      [ALPA_TOKEN_TRAILER - 256] = "'{-#'",           [ALPA_TOKEN_TRAILER_END - 256] = "'#-}'",
  };
  return kind >= 256 ? names[kind - 256] : characters[kind];
}
