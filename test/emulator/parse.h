/* What the reader of PTX text knows while it reads a function, and what it hands to the decoders. */
#ifndef EMULATOR_PARSE_H
#define EMULATOR_PARSE_H

#include "module.h"

#include <setjmp.h>

enum { EMU_MAX_MODIFIERS = 24, EMU_MAX_OPERANDS = 12, EMU_MAX_ELEMENTS = 640 };

typedef enum emu_operand_kind {
  EMU_NOTHING,   /* `_` */
  EMU_REGISTER,  /* row, width */
  EMU_IMMEDIATE, /* integer or real */
  EMU_SPECIAL,   /* special */
  EMU_VARIABLE,  /* symbol + offset */
  EMU_ADDRESS,   /* [base + offset, {elements}], base in `base` */
  EMU_LIST,      /* {elements} */
  EMU_NAME       /* a label or function */
} emu_operand_kind;

typedef struct emu_operand {
  emu_operand_kind kind, base; /* base: what stands in the brackets of an address */
  bool not, real;              /* !p; the immediate was written as a float */
  emu_word name;
  const emu_symbol *symbol;
  uint32_t row, width, special;
  emu_type type; /* of a register */
  uint64_t integer;
  double value;
  int64_t offset;
  uint32_t first, n;              /* elements */
  const struct emu_operand *pair; /* p|q */
} emu_operand;

/* One instruction as it is written. */
typedef struct emu_statement {
  emu_word opcode;                       /* in full */
  emu_word base;                         /* up to the first dot */
  emu_word modifiers[EMU_MAX_MODIFIERS]; /* those that are not types */
  uint32_t n_modifiers, used;            /* used: bits of those that a decoder asked for */
  emu_type types[4];
  uint32_t n_types;
  emu_operand operands[EMU_MAX_OPERANDS];
  uint32_t n_operands;
  emu_operand elements[EMU_MAX_ELEMENTS];
  uint32_t n_elements;
  bool guarded, negated;
  uint32_t guard, line;
} emu_statement;

typedef struct emu_label {
  emu_word name;
  uint32_t scope, position;
} emu_label;

typedef struct emu_reader {
  emu_text text;
  emu_module *module;
  emu_placer placer;
  jmp_buf failed;
  emu_statement statement;
  /* Of the function that is read. */
  emu_function *function;
  emu_symbol **locals; /* with a scope number each */
  uint32_t *local_scopes, n_locals;
  uint32_t *scope_parents, n_scopes, scope;
  emu_label *labels, *jumps; /* jumps: position of an instruction, or of an element of a branch table */
  uint32_t n_labels, n_jumps;
  struct emu_table {
    emu_word name;
    uint32_t scope, n;
    emu_word *targets;
  } *tables;
  uint32_t n_tables;
} emu_reader;

/* Reports "line N: message" and leaves the reader. */
_Noreturn void emu_fail(emu_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- for decoders ---- */
/* Whether the statement has the modifier, which is then known to be understood. */
bool emu_has(emu_reader *reader, const char *modifier);
/* The index in names (ends with NULL) of the one modifier that the statement has, or -1. */
int emu_choice(emu_reader *reader, const char *const *names);
emu_space emu_space_of(emu_reader *reader);
emu_type emu_type_at(emu_reader *reader, uint32_t k); /* fails if there are fewer */
/* The row of operand k, of that many bytes: a register of this width, or a constant made from the operand. */
uint32_t emu_row(emu_reader *reader, const emu_operand *operand, emu_type type);
uint32_t emu_row_of_width(emu_reader *reader, const emu_operand *operand, uint32_t width);
/* A register's row of whatever width, which is written to *width. */
uint32_t emu_row_any(emu_reader *reader, const emu_operand *operand, emu_type type, uint8_t *width);
uint32_t emu_predicate(emu_reader *reader, const emu_operand *operand);
int64_t emu_integer(emu_reader *reader, const emu_operand *operand); /* an immediate */
const emu_operand *emu_operand_at(emu_reader *reader, uint32_t k);
void emu_expect_operands(emu_reader *reader, uint32_t min, uint32_t max);
uint32_t emu_constant_row(emu_reader *reader, uint32_t width, uint64_t bits);
uint32_t emu_scratch_row(emu_reader *reader); /* written, never read */
/* The address in operand k: base row, offset and flags go to the instruction, at place `at`. */
void emu_address(emu_reader *reader, const emu_operand *operand, emu_instr *instr, uint32_t at);
/* Rows of the elements of a list (or of the one operand that stands for it). */
uint32_t emu_list(emu_reader *reader, const emu_operand *operand, emu_type type, uint32_t *rows);
emu_instr *emu_append(emu_reader *reader, emu_run_fn *run); /* with line and guard */
void emu_jump(emu_reader *reader, const emu_operand *operand, uint32_t position);
void emu_set_list(emu_reader *reader, emu_instr *instr, const uint32_t *rows, uint32_t n);

/* Rows and constants of the function that is read (rows.c). */
uint32_t emu_new_row(emu_reader *reader, uint32_t width);
emu_symbol *emu_declare(emu_reader *reader, emu_symbol symbol);
const emu_symbol *emu_find_symbol(emu_reader *reader, emu_word name, uint32_t *out_index);
int emu_find_special(emu_word name);

void emu_read_body(emu_reader *reader);
void emu_decode(emu_reader *reader);        /* the statement */
void emu_link(emu_reader *reader);          /* labels, points of reconvergence */
bool emu_read_variable(emu_reader *reader); /* at a directive of a state space */
uint32_t emu_function_find(emu_reader *reader, emu_word name);

/* How many bytes a row of registers of a type takes for one thread. */
uint32_t emu_register_width(emu_type type);

#endif
