/* The evaluation functions that the `eval` columns of the op tables name. */
#ifndef ALPA_INTERP_EVAL_H
#define ALPA_INTERP_EVAL_H

#include "interp/machine.h"
#include "interp/scalar.h"

/* X(how it is called: an alpa_eval_kind, NAME of alpa_eval_NAME) */
#define ALPA_EVAL_TABLE(X)                                                                                             \
  X(LOCAL, elementwise)                                                                                                \
  X(LOCAL, reduce_precision)                                                                                           \
  X(SHARE, constant)                                                                                                   \
  X(LOCAL, iota)                                                                                                       \
  X(SHARE, reshape)                                                                                                    \
  X(LOCAL, bitcast_convert)                                                                                            \
  X(LOCAL, broadcast)                                                                                                  \
  X(LOCAL, broadcast_in_dim)                                                                                           \
  X(LOCAL, transpose)                                                                                                  \
  X(LOCAL, reverse)                                                                                                    \
  X(LOCAL, concatenate)                                                                                                \
  X(LOCAL, slice)                                                                                                      \
  X(LOCAL, dynamic_slice)                                                                                              \
  X(SHARE, dynamic_update_slice)                                                                                       \
  X(LOCAL, pad)                                                                                                        \
  X(LOCAL, dynamic_pad)                                                                                                \
  X(LOCAL, real_dynamic_slice)                                                                                         \
  X(LOCAL, get_dimension_size)                                                                                         \
  X(LOCAL, dot_general)                                                                                                \
  X(LOCAL, dot)                                                                                                        \
  X(LOCAL, convolution)                                                                                                \
  X(LOCAL, cholesky)                                                                                                   \
  X(LOCAL, triangular_solve)                                                                                           \
  X(LOCAL, fft)                                                                                                        \
  X(LOCAL, reduce)                                                                                                     \
  X(LOCAL, reduce_window)                                                                                              \
  X(LOCAL, select_and_scatter)                                                                                         \
  X(LOCAL, sort)                                                                                                       \
  X(LOCAL, map)                                                                                                        \
  X(LOCAL, batch_norm_training)                                                                                        \
  X(LOCAL, batch_norm_inference)                                                                                       \
  X(LOCAL, batch_norm_grad)                                                                                            \
  X(LOCAL, gather)                                                                                                     \
  X(SHARE, scatter)                                                                                                    \
  X(JOINT, while)                                                                                                      \
  X(JOINT, if)                                                                                                         \
  X(JOINT, case)                                                                                                       \
  X(JOINT, call)                                                                                                       \
  X(JOINT, composite)                                                                                                  \
  X(JOINT, named_computation)                                                                                          \
  X(JOINT, collective_reduce)                                                                                          \
  X(SHARE, forward)                                                                                                    \
  X(LOCAL, custom_call)                                                                                                \
  X(JOINT, all_gather)                                                                                                 \
  X(JOINT, all_reduce)                                                                                                 \
  X(JOINT, reduce_scatter)                                                                                             \
  X(JOINT, all_to_all)                                                                                                 \
  X(JOINT, collective_permute)                                                                                         \
  X(JOINT, collective_broadcast)                                                                                       \
  X(LOCAL, partition_id)                                                                                               \
  X(LOCAL, replica_id)                                                                                                 \
  X(LOCAL, rng)                                                                                                        \
  X(LOCAL, rng_bit_generator)                                                                                          \
  X(LOCAL, constant_like)                                                                                              \
  X(LOCAL, top_k)                                                                                                      \
  X(LOCAL, ragged_dot)

#define X(kind, name) alpa_status alpa_eval_##name(alpa_call *call);
ALPA_EVAL_TABLE(X)
#undef X

/* What a scalar function of `op` needs, on operands of a type. */
alpa_scalar alpa_scalar_of(const alpa_machine *machine, const alpa_op *op, alpa_dtype dtype);

/* Lets result `result` of a SHARE call have the elements of an operand, to be changed in place: the operand's own
 * storage where nobody else needs it any more, else a copy. */
void alpa_call_take(alpa_call *call, uint32_t operand, uint32_t result);

#endif
