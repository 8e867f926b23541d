/* The reference interpreter: evaluates functions on tensors, on one device or on a mesh in lockstep.
 *
 * It is what everything else is tested against: plain algorithms, one rounding per result element (sums of products and
 * single-op reductions are accumulated wide), no state outside the call.  Semantics are those of the StableHLO
 * specification; an op without evaluation is reported at its location as unsupported.  Types are tensors of table
 * elements with known dimensions; tokens, tuples and quantized types are not evaluated. */
#ifndef ALPA_INTERP_INTERP_H
#define ALPA_INTERP_INTERP_H

#include "dialects/ir/op.h"
#include "interp/tensor.h"

/* A custom_call that the interpreter does not know: fills results, whose types and storage are in place.  Reports what
 * is wrong at `op`; returns ALPA_NOT_FOUND without a report where the target is not known to it either. */
typedef alpa_status alpa_interp_call_fn(void *user, const alpa_op *op, const alpa_tensor *operands,
                                        const alpa_tensor *results);

/* What a run saw; filled by alpa_interp_run, arrays in its arena. */
typedef struct alpa_interp_report {
  int64_t n_steps;                /* ops evaluated, counted once per device */
  uint32_t n_predicates;          /* comparisons of floats that were evaluated, as ops */
  uint32_t n_constant_predicates; /* those that gave the same answer for all elements, devices and times */
  const alpa_op **constant_predicates;
  int64_t n_special; /* field arithmetic: infinite or NaN elements of the results; a comparison of such is blind */
  size_t peak_bytes; /* of intermediate tensors, all devices together */
} alpa_interp_report;

typedef struct alpa_interp_options {
  alpa_arith arith;
  uint64_t field_key;               /* field arithmetic: the key of hashes and order; a test uses two */
  uint32_t n_devices;               /* each runs the same function; 0 means 1 */
  uint32_t n_replicas;              /* device = replica * (n_devices / n_replicas) + partition; 0 means 1 */
  int64_t max_steps;                /* ops evaluated on all devices together before the run is given up; 0: no limit */
  alpa_interp_call_fn *custom_call; /* may be NULL */
  void *custom_call_user;
  alpa_interp_report *report; /* may be NULL */
} alpa_interp_options;

/* Calls a func.func with a body.  inputs[device * n_arguments + i] and outputs[device * n_results + i]; inputs are only
 * read, data of outputs is allocated in `arena`.  Devices run in lockstep: a collective meets all devices of its
 * groups, and a group of which only some reach it is an error.  Failures are reported at the op. */
alpa_status alpa_interp_run(const alpa_interp_options *options, alpa_op *func, const alpa_tensor *inputs,
                            alpa_arena *arena, alpa_tensor *outputs);

/* Constant folding: the results of a pure op without regions from its constant operands (ELEMENTS attributes), in real
 * arithmetic.  False where the op is not foldable without changing what a program means in either arithmetic: integer,
 * boolean and data-moving ops always are; float arithmetic where it is exact, so that a folded program still computes
 * the same field elements; comparisons and transcendental functions of floats are not. */
bool alpa_interp_fold(alpa_op *op, const alpa_attr *const *operands, const alpa_attr **out_results);

#endif
