/* The words of PTX text, and the memory that what is read from it lives in. */
#ifndef EMULATOR_TEXT_H
#define EMULATOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define countof(array) (sizeof(array) / sizeof((array)[0]))

/* Memory that is freed all at once.  Zeroed; never NULL: the process ends when the machine has no memory left. */
typedef struct emu_arena {
  struct emu_chunk *chunks;
  size_t used, size;
} emu_arena;
void *emu_arena_alloc(emu_arena *arena, size_t bytes);
void emu_arena_deinit(emu_arena *arena);

/* realloc and zeroed memory that end the process with a message instead of giving NULL. */
void *emu_alloc(size_t bytes);
void *emu_realloc(void *old, size_t bytes);

typedef struct emu_word {
  const char *text; /* not terminated */
  size_t n;
} emu_word;
bool emu_word_is(emu_word word, const char *text);
bool emu_word_same(emu_word a, emu_word b);
char *emu_word_copy(emu_arena *arena, emu_word word);

typedef enum emu_token_kind { EMU_END, EMU_WORD, EMU_INTEGER, EMU_FLOAT, EMU_STRING, EMU_MARK } emu_token_kind;

/* A word is a name, a directive, an opcode or a register, with its dots and double colons: `ld.global.v4.f32`,
 * `mbarrier::complete_tx`, `%tid.x`.  A mark is one character. */
typedef struct emu_token {
  emu_token_kind kind;
  emu_word word;
  uint64_t integer; /* of an integer */
  double real;      /* of a float, also when it is written in hexadecimal */
  uint32_t line;
} emu_token;

typedef struct emu_text {
  const char *at;
  uint32_t line;
  emu_token token; /* the one under the cursor */
} emu_text;

void emu_text_init(emu_text *text, const char *source);
void emu_text_next(emu_text *text);
bool emu_text_is(const emu_text *text, const char *word_or_mark);
/* Whether the token was the one named; it is then consumed. */
bool emu_text_accept(emu_text *text, const char *word_or_mark);

#endif
