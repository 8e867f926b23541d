/* The emitters of ops that stand inside kernels: the column `emit` of the op tables. */
#ifndef ALPA_CODEGEN_LOWER_EMIT_H
#define ALPA_CODEGEN_LOWER_EMIT_H

#include "codegen/lower/expr.h"

/* NULL for an op that cannot be evaluated element by element. */
alpa_emit_fn *alpa_emit_find(const alpa_op_def *def);

/* X(name): one function per name that the column uses. */
#define ALPA_EMITTER_TABLE(X)                                                                                          \
  X(elementwise)                                                                                                       \
  X(iota)                                                                                                              \
  X(constant)                                                                                                          \
  X(reshape)                                                                                                           \
  X(bitcast_convert)                                                                                                   \
  X(broadcast)                                                                                                         \
  X(broadcast_in_dim)                                                                                                  \
  X(transpose)                                                                                                         \
  X(reverse)                                                                                                           \
  X(concatenate)                                                                                                       \
  X(slice)                                                                                                             \
  X(dynamic_slice)                                                                                                     \
  X(dynamic_update_slice)                                                                                              \
  X(pad)                                                                                                               \
  X(gather)                                                                                                            \
  X(reduce)                                                                                                            \
  X(reduce_window)                                                                                                     \
  X(map)                                                                                                               \
  X(dot_general)                                                                                                       \
  X(rng_bit_generator)                                                                                                 \
  X(fft)                                                                                                               \
  X(optimization_barrier)

#define X(name) alpa_element alpa_emit_##name(alpa_lower *lower, alpa_value *value, const alpa_tuple *at);
ALPA_EMITTER_TABLE(X)
#undef X

#endif
