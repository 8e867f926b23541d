/* Instructions that compute each thread's result from its own registers: one row of a table each. */
#ifndef EMULATOR_ALU_H
#define EMULATOR_ALU_H

#include "machine.h"

typedef struct emu_alu {
  const char *name;  /* opcode with the modifiers that select the row, such as "mul.wide" */
  const char *types; /* those that the row is for, separated by blanks */
  emu_run_fn *run;
  uint8_t n_sources;
  uint8_t width[4]; /* bytes of the rows: result, sources; 1: a predicate */
} emu_alu;

/* The tables (alu_integer.c, alu_float.c, alu_half.c), each ends with a row without a name. */
extern const emu_alu emu_alu_integer[], emu_alu_float[], emu_alu_half[];

#define EMU_EACH_LANE(w, statement)                                                                                    \
  if ((w)->mask == EMU_FULL) {                                                                                         \
    _Pragma("omp simd") for (int l = 0; l < EMU_LANES; l++) { statement }                                              \
  } else {                                                                                                             \
    for (int l = 0; l < EMU_LANES; l++)                                                                                \
      if ((w)->mask >> l & 1) {                                                                                        \
        statement                                                                                                      \
      }                                                                                                                \
  }

#endif
