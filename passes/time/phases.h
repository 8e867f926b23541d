/* Phases of a step in micro-batches: what runs once before them, in each of them, and once after them. */
#ifndef ALPA_PASSES_TIME_PHASES_H
#define ALPA_PASSES_TIME_PHASES_H

#include "passes/analysis/time.h"

/* X(ID, spelling): as in `alpa.phase`, in the order in which they run. */
#define ALPA_PHASE_TABLE(X)                                                                                            \
  X(PROLOGUE, "prologue")                                                                                              \
  X(BODY, "body")                                                                                                      \
  X(EPILOGUE, "epilogue")

typedef enum alpa_phase {
#define X(ID, spelling) ALPA_PHASE_##ID,
  ALPA_PHASE_TABLE(X)
#undef X
} alpa_phase;

/* By alpa_phase. */
extern const char *const alpa_phase_names[];

typedef struct alpa_phases {
  alpa_times *times; /* sinking changes states: invariant values become sharded */
  uint8_t *phases;   /* by number of an op of the function's body: alpa_phase */
  int64_t n_sunk;
} alpa_phases;

/* The phases of all ops of the function's body, of states without a conflict that is not accepted:
 *
 *   - ops with a sharded result are the body; complete ones are the epilogue;
 *   - partial values are summed where the bytes of the accumulators, in at least 32 bits, are fewest: a minimum vertex
 *     cut between where partial values arise and where complete ones are needed, nearest to the former.  Ops in front
 * of it are the body.  Sums of different layers are accumulated apart;
 *   - an invariant op of which the body only reads its own part of the batch is sunk into the body (masks, broadcast
 *     biases, random bits, loops that draw them); what else the body reads is the prologue, the rest the epilogue. */
void alpa_phases_find(alpa_times *times, alpa_phases *out_phases);

/* The parts of alpa_phases_find: the body's side of partial values (by number of a value), and invariant ops. */
bool *alpa_phases_cut(const alpa_times *times);
void alpa_phases_sink(alpa_phases *phases);

/* Removes what microbatch wrote on an op and everything inside: states and marks, but for the phase. */
void alpa_phases_strip(alpa_op *op);
/* Whether a partial value, or an invariant one that the body computes, is needed after the last micro-batch. */
bool alpa_phases_is_carried(const alpa_phases *phases, const alpa_value *value);
/* The bytes of the accumulator of a value: floats have at least 32 bits. */
int64_t alpa_accumulator_bytes(const alpa_type *type);

#endif
