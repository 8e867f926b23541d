/* Tokens of MLIR text.  The lexer allocates nothing; it reads the text in place, and at its end needs one character
 * that belongs to no token: a newline or a zero. */
#ifndef ALPA_DIALECTS_IR_LEXER_H
#define ALPA_DIALECTS_IR_LEXER_H

#include "dialects/ir/parser.h"

typedef struct alpa_token {
  int kind; /* a character, or alpa_token_kind */
  const char *at;
  size_t size;
} alpa_token;

/* The token at or behind `at`; `end` points to the character behind the text.  Blanks and comments are skipped.  The
 * token behind an error is wherever its size ends. */
alpa_token alpa_lexer_next(const char *at, const char *end);
/* Why an ALPA_TOKEN_ERROR is one. */
const char *alpa_lexer_explain(alpa_token token, const char *end);
/* The value of an integer token, decimal or hexadecimal; false where it exceeds 64 bits. */
bool alpa_token_read_integer(alpa_token token, uint64_t *out_value);
/* "'->'", "an integer", ...: what a kind is called in messages. */
const char *alpa_token_describe(int kind);

static inline bool alpa_char_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool alpa_char_is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static inline bool alpa_char_is_hex(char c) {
  return alpa_char_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
static inline int alpa_char_hex_value(char c) { return alpa_char_is_digit(c) ? c - '0' : (c | 32) - 'a' + 10; }
/* What may stand in a bare identifier behind its first character. */
static inline bool alpa_char_is_word(char c) {
  return alpa_char_is_letter(c) || alpa_char_is_digit(c) || c == '_' || c == '$' || c == '.';
}

#endif
