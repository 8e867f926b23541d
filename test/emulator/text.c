/* PTX text to tokens (PTX ISA 8.x, chapter 4).  Comments and preprocessor lines are blank. */
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct emu_chunk {
  struct emu_chunk *next;
  _Alignas(16) unsigned char bytes[];
};

static void *check(void *memory, size_t bytes) {
  if (!memory) {
    fprintf(stderr, "emulator: out of host memory (%zu bytes)\n", bytes);
    abort();
  }
  return memory;
}

void *emu_realloc(void *old, size_t bytes) { return check(realloc(old, bytes ? bytes : 1), bytes); }
void *emu_alloc(size_t bytes) { return check(calloc(1, bytes ? bytes : 1), bytes); }

void *emu_arena_alloc(emu_arena *arena, size_t bytes) {
  bytes = (bytes + 15) & ~(size_t)15;
  if (!arena->chunks || arena->used + bytes > arena->size) {
    size_t size = bytes > 1 << 16 ? bytes : 1 << 16;
    struct emu_chunk *chunk = emu_alloc(sizeof(struct emu_chunk) + size);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->used = 0;
    arena->size = size;
  }
  void *memory = arena->chunks->bytes + arena->used;
  arena->used += bytes;
  return memory;
}

void emu_arena_deinit(emu_arena *arena) {
  while (arena->chunks) {
    struct emu_chunk *next = arena->chunks->next;
    free(arena->chunks);
    arena->chunks = next;
  }
}

bool emu_word_is(emu_word word, const char *text) { return strlen(text) == word.n && !memcmp(word.text, text, word.n); }
bool emu_word_same(emu_word a, emu_word b) { return a.n == b.n && !memcmp(a.text, b.text, a.n); }

char *emu_word_copy(emu_arena *arena, emu_word word) {
  char *copy = emu_arena_alloc(arena, word.n + 1);
  memcpy(copy, word.text, word.n);
  return copy;
}

static const char *skip_comment(emu_text *text, const char *at) {
  if (at[1] == '/')
    return at + strcspn(at, "\n");
  for (at += 2; *at && !(at[0] == '*' && at[1] == '/'); at++)
    text->line += *at == '\n';
  return *at ? at + 2 : at;
}

static const char *skip_blanks(emu_text *text) {
  const char *at = text->at;
  for (;;) {
    if (*at == '\n')
      text->line++;
    if (*at && isspace((unsigned char)*at))
      at++;
    else if (at[0] == '/' && (at[1] == '/' || at[1] == '*'))
      at = skip_comment(text, at);
    else if (*at == '#')
      at += strcspn(at, "\n");
    else
      return at;
  }
}

static bool starts_word(char c) { return isalpha((unsigned char)c) || c == '_' || c == '$' || c == '%' || c == '.'; }

/* A directive ends before the next dot: `.reg.b16` are two words. */
static const char *read_word(const char *at) {
  bool directive = *at == '.';
  for (at++;; at++)
    if (at[0] == ':' && at[1] == ':')
      at++;
    else if ((directive && *at == '.') || (!starts_word(*at) && !isdigit((unsigned char)*at)))
      return at;
}

/* 0f and 0d are followed by the bits of the value; everything else is as in C, with 0b for binary. */
static const char *read_number(emu_token *token, const char *at) {
  char *end;
  if (at[0] == '0' && strchr("fFdD", at[1]) && isxdigit((unsigned char)at[2])) {
    uint64_t bits = strtoull(at + 2, &end, 16);
    uint32_t low = (uint32_t)bits;
    float single;
    memcpy(&single, &low, 4);
    memcpy(&token->real, &bits, 8);
    if (at[1] == 'f' || at[1] == 'F')
      token->real = (double)single;
    token->integer = bits;
    token->kind = EMU_FLOAT;
    return end;
  }
  size_t digits = strspn(at, "0123456789");
  token->kind =
      at[digits] == '.' || ((at[digits] == 'e' || at[digits] == 'E') && at[1] != 'x') ? EMU_FLOAT : EMU_INTEGER;
  if (token->kind == EMU_FLOAT)
    token->real = strtod(at, &end);
  else if (at[0] == '0' && (at[1] == 'b' || at[1] == 'B'))
    token->integer = strtoull(at + 2, &end, 2);
  else
    token->integer = strtoull(at, &end, 0);
  return *end == 'U' ? end + 1 : end;
}

void emu_text_next(emu_text *text) {
  const char *at = skip_blanks(text), *end = at + 1;
  text->token = (emu_token){.kind = EMU_MARK, .line = text->line};
  if (!*at) {
    text->token.kind = EMU_END;
    end = at;
  } else if (starts_word(*at) && !(*at == '.' && isdigit((unsigned char)at[1]))) {
    text->token.kind = EMU_WORD;
    end = read_word(at);
  } else if (isdigit((unsigned char)*at)) {
    end = read_number(&text->token, at);
  } else if (*at == '"') {
    text->token.kind = EMU_STRING;
    end = at + 1 + strcspn(at + 1, "\"");
    end += *end == '"';
  }
  text->token.word = (emu_word){at, (size_t)(end - at)};
  text->at = end;
}

void emu_text_init(emu_text *text, const char *source) {
  *text = (emu_text){.at = source, .line = 1};
  emu_text_next(text);
}

bool emu_text_is(const emu_text *text, const char *word_or_mark) {
  return (text->token.kind == EMU_WORD || text->token.kind == EMU_MARK) && emu_word_is(text->token.word, word_or_mark);
}

bool emu_text_accept(emu_text *text, const char *word_or_mark) {
  if (!emu_text_is(text, word_or_mark))
    return false;
  emu_text_next(text);
  return true;
}
