/* A module of PTX, decoded: functions as arrays of instructions over rows of registers.
 *
 * A row holds one register of the 32 threads of a warp, thread by thread; a predicate's row is one word, a bit per
 * thread.  Every operand of an instruction is a row: immediates and addresses are constants, which are rows that are
 * written when a frame of the function begins.  A row is named by its byte offset in the frame. */
#ifndef EMULATOR_MODULE_H
#define EMULATOR_MODULE_H

#include "text.h"

enum { EMU_LANES = 32 };

typedef enum emu_type {
  EMU_NO_TYPE,
#define X(ID, name, bytes, class) EMU_##ID,
#include "types.def"
#undef X
  EMU_TYPE_COUNT
} emu_type;

typedef struct emu_type_def {
  const char *name;
  uint8_t bytes;
  char class;
} emu_type_def;
extern const emu_type_def emu_type_defs[EMU_TYPE_COUNT];

typedef enum emu_space {
  EMU_GENERIC,
  EMU_GLOBAL,
  EMU_CONST,
  EMU_SHARED,
  EMU_LOCAL,
  EMU_PARAM,
  EMU_REGISTERS
} emu_space;

typedef struct emu_warp emu_warp;
typedef struct emu_instr emu_instr;
typedef void emu_run_fn(emu_warp *warp, const emu_instr *instr);

enum emu_flag {
  EMU_FTZ = 1 << 0,
  EMU_SAT = 1 << 1,
  EMU_RELU = 1 << 2,
  EMU_INTEGRAL = 1 << 5, /* cvt: round to a whole number */
  EMU_SATFINITE = 1 << 6,
  EMU_RESULT = 1 << 7,  /* an optional result is wanted */
  EMU_RESULT2 = 1 << 8, /* and the second */
  EMU_NEGATE = 1 << 9,  /* the predicate operand is taken negated */
  EMU_TRANS = 1 << 10,
  EMU_ALIGNED = 1 << 11,
  EMU_SYNCHRONISES = 1 << 12, /* a memory access orders others: acquire, release, volatile */
  EMU_FRAME = 1 << 13,        /* the address is relative to the frame's local memory */
  EMU_NARROW = 1 << 14,       /* the address is a 32-bit register */
  EMU_SIGNED = 1 << 15,
};

typedef enum emu_rounding { EMU_RN, EMU_RZ, EMU_RM, EMU_RP, EMU_RNA } emu_rounding;

struct emu_instr {
  emu_run_fn *run;
  uint32_t at[5]; /* rows: the result, then the operands */
  uint32_t guard; /* row of the predicate */
  bool guarded, negated;
  uint8_t type, from, space, rounding, count, choice, choice2; /* count: elements; choice: of the instruction's kind */
  uint8_t width, from_width;                /* bytes of the rows of result and source, where they may differ */
  uint32_t flags, line, target, reconverge; /* target: of a branch; reconverge: where its paths meet again */
  int64_t offset;                           /* added to an address; or an immediate */
  const uint32_t *list;                     /* rows of vectors, in the order of the text */
  uint32_t n_list;
  const void *extra; /* of the instruction's kind */
};

typedef struct emu_symbol emu_symbol;

/* A row with a value that is known when a frame begins. */
typedef struct emu_constant {
  uint32_t row;
  uint8_t width;
  uint8_t special;          /* not 0: a special register, of specials.def */
  const emu_symbol *shared; /* not NULL: its address is added to bits */
  uint64_t bits, high;      /* high: the upper half of a constant of 16 bytes */
} emu_constant;

struct emu_symbol {
  emu_word name;
  emu_space space;
  emu_type type;
  uint64_t address; /* global, const: where it is; local, param: in the frame; registers: the row */
  size_t bytes, align;
  uint32_t count; /* of a range of registers `%r<count>`; 0: one register, or memory */
  uint32_t width; /* of a row */
  bool external;  /* dynamic shared memory */
  bool launch;    /* a parameter of a kernel */
  uint32_t index; /* of a shared variable */
  struct emu_function *function;
};

typedef struct emu_function {
  char *name;
  bool kernel, defined;
  emu_instr *code;
  uint32_t n_code; /* also the position at which every path through it ends */
  emu_constant *constants;
  uint32_t n_constants;
  uint32_t row_bytes, local_bytes, parameter_bytes;
  emu_symbol **parameters, **results; /* formal ones */
  uint32_t n_parameters, n_results;
  const emu_symbol **shared; /* variables that its code names */
  uint32_t n_shared;
  struct emu_function **callees;
  uint32_t n_callees;
  uint32_t max_threads, cluster[3];
  /* Of a kernel: where its shared variables are, by index of the symbol. */
  uint32_t *shared_address;
  uint32_t shared_bytes;
} emu_function;

typedef struct emu_module {
  emu_arena arena;
  emu_symbol **symbols;
  uint32_t n_symbols, n_shared;
  emu_function **functions;
  uint32_t n_functions;
  uint32_t arch; /* 80, 90 */
  char error[512];
} emu_module;

/* Where global variables go when a module is read: memory of `bytes` at *out_address, to be filled at *out_bytes. */
typedef struct emu_placer {
  bool (*place)(void *self, size_t bytes, size_t align, uint64_t *out_address, void **out_bytes);
  void *self;
} emu_placer;

/* Reads and decodes; NULL and a message "line N: ..." in error when the text is not PTX that the emulator knows. */
emu_module *emu_module_read(const char *text, uint32_t arch, emu_placer placer, char error[512]);
void emu_module_destroy(emu_module *module);
/* Fills shared_address and shared_bytes of a kernel: the variables that it and its callees name. */
void emu_function_place_shared(emu_function *kernel, uint32_t n_shared);
emu_function *emu_module_find(const emu_module *module, const char *kernel);

#endif
