/* What a program takes and returns, as its stages do: an argument of which stages need slices, and the result that puts
 * such slices together again, are wired slice by slice. */
#ifndef ALPA_PASSES_OUTLINE_TERMINALS_H
#define ALPA_PASSES_OUTLINE_TERMINALS_H

#include "dialects/ir/op.h"

/* An argument or result, or a slice of one. */
typedef struct alpa_terminal {
  alpa_value *value;       /* in the program */
  uint32_t index;          /* of the argument or result */
  const alpa_attr *offset; /* where a slice begins; NULL: all of it */
} alpa_terminal;

typedef ALPA_VEC(alpa_terminal) alpa_terminal_list;

/* An argument is taken in slices where nothing else is done with it, a result replaces it, and that is the
 * concatenation of as many parts of the same sizes. */
void alpa_terminals_find(alpa_arena *arena, alpa_op *func, alpa_terminal_list *out_arguments,
                         alpa_terminal_list *out_results);

#endif
