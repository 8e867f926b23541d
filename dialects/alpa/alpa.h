/* The alpa dialect: layers, stages, accumulation and schedules.
 *
 * Most of it is attributes that any op may carry.  Parallelism written by hand is a hint on an op (after EPL: Whale,
 * ATC'22, whose scopes are replicate and split), what the compiler found is written beside what it decides about.  A
 * pipeline is a module with a nested module for every stage; what its public function computes stands in one op:
 *
 *   %r:2 = "alpa.pipeline"(%w, %x) <{stages = [@stage0, @stage1]}> : (...) -> (...)
 *
 * Arguments and results of the functions of stages are wired by attributes:
 *
 *   alpa.argument = 3     the program's argument 3
 *   alpa.result = 0       the program's result 0
 *   alpa.offset = [2, 0]  of that, a slice that begins there
 *   alpa.send = "t4"      goes to other stages under that name
 *   alpa.receive = "t4"   comes from another stage
 *   alpa.local = "l7"     passes between segments of one stage (of one micro-batch, or of all)
 *   alpa.microbatch       the number of the micro-batch */
#ifndef ALPA_DIALECTS_ALPA_ALPA_H
#define ALPA_DIALECTS_ALPA_ALPA_H

#include "dialects/ir/op.h"

typedef enum alpa_op_id {
#define OP(id, ...) ALPA_OP_##id,
#define ATTR(...)
#define ATTR_OF(...)
#define END(id)
#include "dialects/alpa/alpa_ops.def"
  ALPA_OP_COUNT
} alpa_op_id;

/* clang-format off */
#define OP(id, ...)       enum { alpa_op_##id##_no_attr = -1,
#define ATTR(id, name, ...)      alpa_op_##id##_##name,
#define ATTR_OF(id, name, ...)   alpa_op_##id##_##name,
#define END(id)                  alpa_op_##id##_attr_count };
#include "dialects/alpa/alpa_ops.def"
/* clang-format on */

/* The wiring. */
#define ALPA_ARGUMENT "alpa.argument"
#define ALPA_RESULT "alpa.result"
#define ALPA_OFFSET "alpa.offset"
#define ALPA_SEND "alpa.send"
#define ALPA_RECEIVE "alpa.receive"
#define ALPA_LOCAL "alpa.local"
#define ALPA_MICROBATCH "alpa.microbatch"

extern const alpa_op_def alpa_alpa_ops[ALPA_OP_COUNT];
extern const alpa_dialect_def alpa_alpa_dialect;

static inline bool alpa_is(const alpa_op *op, alpa_op_id id) { return op->def == &alpa_alpa_ops[id]; }

/* The integer of an attribute of an op, or `absent`. */
int64_t alpa_op_find_integer(const alpa_op *op, const char *name, int64_t absent);
/* What alpa.stages, on the module around it, says of the module of a stage; NULL where it says nothing. */
const alpa_attr *alpa_stage_find_figure(const alpa_op *stage, const char *name);

#endif
