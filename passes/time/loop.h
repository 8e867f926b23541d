/* Turning a step that `microbatch` annotated into a loop over its micro-batches. Internal to passes/time/. */
#ifndef ALPA_PASSES_TIME_LOOP_H
#define ALPA_PASSES_TIME_LOOP_H

#include "passes/partition/partition.h"
#include "passes/time/phases.h"

/* States and phases as the attributes of the function say them.  What does not read is reported. */
alpa_status alpa_phases_read(alpa_arena *arena, alpa_op *func, int64_t count, alpa_times *out_times,
                             alpa_phases *out_phases);

/* A value of the body that is needed after the last micro-batch. */
typedef struct alpa_carried {
  const alpa_value *value;
  alpa_time time;        /* partial: accumulated; sharded: put together; invariant: the last one is kept */
  const alpa_type *type; /* of what is carried: whole, accumulators of narrow floats in f32 */
  alpa_value *arg;       /* of the loop's body */
  alpa_value *next;      /* what the body passes on */
  bool is_in_place;      /* the op itself adds to `arg` */
} alpa_carried;

typedef struct alpa_looper {
  alpa_partitioner p;    /* of a mesh with the one axis `time`; its values: those of a micro-batch */
  alpa_value_map before; /* whole values that exist before the loop */
  alpa_value_map after;  /* and behind it */
  const alpa_times *times;
  const alpa_phases *phases;
  const bool *viewed; /* alpa_times_find_views */
  alpa_op *anchor;    /* the op of the body that is being built, or NULL: what its regions share goes in front of it */
  alpa_map parts;     /* whole value and dimension -> the part of the micro-batch */
  alpa_map views;     /* value and dimension -> its local view */
  alpa_map narrowed;  /* whole value behind the loop -> the same in its own type, where it was wider */
  ALPA_VEC(alpa_carried) carried;
  uint32_t *carried_numbers; /* by number of a value: 1 + its place in `carried`, or 0 */
} alpa_looper;

/* The entry of a value that is carried, or NULL. */
static inline alpa_carried *alpa_loop_find_carried(const alpa_looper *loop, const alpa_value *value) {
  uint32_t number = loop->carried_numbers[value->number];
  return number ? &loop->carried.items[number - 1] : NULL;
}

/* Builds the op for one micro-batch at the builder; its results are in p.values. */
alpa_status alpa_loop_build_op(alpa_looper *loop, alpa_op *op);
/* Builds the epilogue's op on whole values.  What was accumulated in f32 stays so through linear ops. */
void alpa_loop_build_after(alpa_looper *loop, alpa_op *op);
/* The whole value behind the loop in its own type. */
alpa_value *alpa_loop_get_after(alpa_looper *loop, alpa_value *value);

#endif
