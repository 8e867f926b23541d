/* Micro-batches as sharding along a virtual axis, time (design decision 6): the batch is split into equal parts, and
 * the factor rules say what becomes of every value.
 *
 *   invariant   the same in every micro-batch (zero: and 0 everywhere)
 *   sharded     dimension `dim` is the batch: a micro-batch has its part
 *   partial     a micro-batch has a contribution, still to be summed (or max-ed, min-ed) over all of them
 *   complete    known only after the last micro-batch
 *
 * The states follow from those of the arguments in one pass in program order.  An op that would need the whole batch of
 * a sharded operand is a *conflict*: it could run only after the last micro-batch.  Two repairs are tried in order:
 *   lifting     what the conflict combines the operand with is computed from the arguments without contraction,
 *               convolution or loop (the count of a mask, the mean of the inputs): made invariant, it runs once on the
 *               whole batch before the first micro-batch;
 *   local views (only if allowed) an op with a sharded operand reads a partial or complete one as it would be if the
 *               micro-batch were the whole batch: batch statistics become statistics of the micro-batch. */
#ifndef ALPA_PASSES_ANALYSIS_TIME_H
#define ALPA_PASSES_ANALYSIS_TIME_H

#include "passes/analysis/factors.h"

/* X(ID, spelling): the spelling of a state in `alpa.time` begins so. */
#define ALPA_TIME_TABLE(X)                                                                                             \
  X(INVARIANT, "invariant")                                                                                            \
  X(ZERO, "zero") /* invariant and 0 everywhere: partial of a sum, too */                                              \
  X(SHARDED, "sharded")                                                                                                \
  X(PARTIAL, "partial")                                                                                                \
  X(COMPLETE, "complete")

typedef enum alpa_time_kind {
#define X(ID, spelling) ALPA_TIME_##ID,
  ALPA_TIME_TABLE(X)
#undef X
} alpa_time_kind;

typedef struct alpa_time {
  alpa_time_kind kind;
  int8_t dim;                /* of SHARDED */
  alpa_partial_kind partial; /* of PARTIAL */
} alpa_time;

static inline bool alpa_time_is_invariant(alpa_time time) {
  return time.kind == ALPA_TIME_INVARIANT || time.kind == ALPA_TIME_ZERO;
}
bool alpa_time_is_equal(alpa_time a, alpa_time b);
/* "invariant", "zero", "sharded<0>", "partial<sum>", "complete". */
const alpa_attr *alpa_time_encode(alpa_context *ctx, alpa_time time);
bool alpa_time_decode(const alpa_attr *attr, alpa_time *out_time);

/* ---- the batch ---- */

/* Whether argument i carries the batch: as its attribute says (alpa.batch = true), else if it is neither scalar nor state,
 * which a result takes the place of. */
#define ALPA_BATCH_ATTR "alpa.batch"
bool alpa_arg_is_batch(const alpa_op *func, uint32_t i);

/* The arguments of a function that carry the batch. */
typedef struct alpa_batch {
  int8_t *dims; /* by argument: the dimension, or ALPA_NO_DIM */
  int64_t size;
} alpa_batch;

/* What the user says of them. */
typedef struct alpa_batch_options {
  const char *const *args; /* "7", "7:1" (argument and dimension), or the name that the source gives to the argument */
  size_t n_args;           /* 0: every argument that is no scalar and that no result takes the place of */
  int64_t dim;             /* where the argument says none */
} alpa_batch_options;

/* Arrays in `arena`.  Sizes that differ, unknown arguments and no batch at all are reported. */
alpa_status alpa_batch_find(alpa_arena *arena, const alpa_op *func, const alpa_batch_options *options,
                            alpa_batch *out_batch);

/* ---- states ---- */

typedef struct alpa_time_conflict {
  const alpa_op *op;    /* in the function's body */
  const alpa_op *cause; /* the op itself, or one inside */
  const char *reason;   /* follows the name of `cause` */
  bool is_accepted;     /* no contraction, convolution or loop needs its result: it runs after the last micro-batch */
} alpa_time_conflict;

/* What the states are found for. */
typedef struct alpa_time_options {
  const alpa_batch *batch;
  int64_t count; /* of micro-batches; 0: any, every factor counts as divisible (greatest_count says by what) */
  bool allow_local_views;
} alpa_time_options;

typedef struct alpa_times {
  alpa_arena *arena;
  alpa_op *func; /* numbered (alpa_op_number); must not change while this is in use */
  const alpa_batch *batch;
  int64_t count; /* of micro-batches; 0: any */
  bool has_local_views;
  alpa_time *states;              /* by number of a value */
  const alpa_factor_rule **rules; /* by number of an op */
  bool *lifted;                   /* by number of an op */
  bool *viewable;                 /* by number of a value: complete, and computed without sharded values */
  int64_t greatest_count;         /* the greatest common divisor of all factors that are split: every divisor of it is a
                                     number of micro-batches with these states */
  ALPA_VEC(alpa_time_conflict) conflicts; /* in program order; all but the accepted ones are there to be refused */
  uint32_t n_complete;                    /* ops made complete, in the pass that is running */
  uint32_t n_ops, n_values;
} alpa_times;

/* Numbers the function and finds the states of all values in it.  Conflicts are results, not failures. */
void alpa_times_find(alpa_arena *arena, alpa_op *func, const alpa_time_options *options, alpa_times *out_times);
/* Reports the first conflict that is not accepted, with its place, the reason and what helps. */
alpa_status alpa_times_check(const alpa_times *times);

static inline alpa_time alpa_times_get(const alpa_times *times, const alpa_value *value) {
  return times->states[value->number];
}

/* The op of the function's body that an op is or is in. */
const alpa_op *alpa_times_outermost(const alpa_times *times, const alpa_op *op);

/* What an op does along time, as in alpa_strategy: a factor, a flow (ALPA_CHOOSE_FLOW - number) or nothing. */
enum { ALPA_TIME_IMPOSSIBLE = INT16_MIN };
/* By the states of its operands and, where they are all invariant, of its results (an op that was sunk).  Impossible:
 * *out_reason says why. */
int alpa_times_choose(const alpa_times *times, const alpa_op *op, const char **out_reason);
/* Whether the op reads the local view of operand i, of the choice that it makes. */
bool alpa_times_reads_view(const alpa_times *times, const alpa_op *op, int choice, uint32_t operand);

/* By number of a value: whether an op with sharded operands reads its local view, or one that is made of it. */
bool *alpa_times_find_views(const alpa_times *times);

/* A contraction, a convolution, a loop or an op of unknown cost: never moved between phases. */
bool alpa_op_is_heavy(const alpa_op *op);

#endif
