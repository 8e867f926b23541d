/* Which stage computes what, and what passes between stages: the model behind split-stages. */
#ifndef ALPA_PASSES_OUTLINE_OWNERSHIP_H
#define ALPA_PASSES_OUTLINE_OWNERSHIP_H

#include "passes/outline/terminals.h"

enum { ALPA_STAGE_ANY = -1, ALPA_MAX_STAGES = 256 };

/* A value that one stage computes and others use. */
typedef struct alpa_transfer {
  alpa_value *value;
  int32_t from;
  bool in_body; /* once in a micro-batch, else once in a step */
  bool *to;     /* by stage */
  const char *name;
} alpa_transfer;

/* What one stage has of the program. */
typedef struct alpa_stage_needs {
  bool *ops;     /* by op number: computes it */
  bool *args;    /* by terminal: takes it */
  bool *carries; /* of the loop */
  bool *results; /* by terminal: returns it */
} alpa_stage_needs;

typedef struct alpa_ownership {
  alpa_arena *arena;
  alpa_op *func;
  alpa_op *loop;    /* over the micro-batches; NULL where there is one, and everything happens once */
  alpa_block *body; /* of the loop */
  uint32_t n_stages, n_ops;
  int32_t *op_stage;    /* by op number, of the function's block and the loop's body */
  int32_t *carry_stage; /* by loop-carried value */
  uint32_t *level;      /* by op number: transfers on the longest way to it, outside of the loop */
  alpa_terminal_list arguments, results;
  int64_t *whole;    /* by argument that is taken whole: its terminal */
  int32_t *terminal; /* by op number: 1 + the argument that it slices, -1 where it puts a result together, or 0 */
  alpa_stage_needs *needs;
  ALPA_VEC(alpa_transfer) transfers; /* in program order */
} alpa_ownership;

/* Reads `alpa.stage` of the ops of a function that time-loop has been through and decides about the rest: an op that
 * depends on no stage's values belongs to any stage that needs it, others to the last stage that they use a value of.
 * Contradictions are reported where they are.  The function is numbered and must not change. */
alpa_status alpa_ownership_find(alpa_arena *arena, alpa_op *func, alpa_ownership *out);

/* The value that stands for it: what goes around the loop unchanged is what it began with. */
alpa_value *alpa_ownership_origin(const alpa_ownership *o, alpa_value *value);
/* The stage that computes a value, or ALPA_STAGE_ANY. */
int32_t alpa_ownership_stage(const alpa_ownership *o, alpa_value *value);

typedef ALPA_VEC(alpa_value *) alpa_outer_values;
/* The values from outside that an op and what is inside it use, each once. */
void alpa_op_outer_values(alpa_arena *arena, alpa_op *op, alpa_outer_values *out);

#endif
