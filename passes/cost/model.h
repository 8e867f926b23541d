/* The cost model: time of computation and communication on a mesh laid over a cluster, in integer ticks.
 *
 * `roofline` (the default): a contraction takes flop / (peak * efficiency(m, n, k)) or its bytes over
 * the memory bandwidth, everything else its bytes over the
 * memory bandwidth; collectives follow the ring formulas with latency and bus bandwidth of the slowest link that their
 * group crosses.  One tick is a picosecond.
 * `alpa-osdi22`: the formulas of Alpa (OSDI'22, section 4): latency alpha and inverse bandwidth beta of each mesh axis;
 * computation is free, but every contraction must use as many axes as it can.  One tick is a thousandth of Alpa's unit.
 */
#ifndef ALPA_PASSES_COST_MODEL_H
#define ALPA_PASSES_COST_MODEL_H

#include "dialects/sdy/sharding.h"
#include "passes/cost/cluster.h"
#include "passes/cost/op_cost.h"

typedef enum alpa_cost_kind { ALPA_COST_ROOFLINE, ALPA_COST_OSDI22 } alpa_cost_kind;

/* Communication along one mesh axis: the edges between the states of a value (design decision 5). */
typedef enum alpa_communication {
  ALPA_ALL_REDUCE,
  ALPA_ALL_GATHER,
  ALPA_REDUCE_SCATTER,
  ALPA_ALL_TO_ALL
} alpa_communication;

typedef struct alpa_cost_model {
  alpa_cost_kind kind;
  alpa_device_kind device;
  uint32_t n_axes;
  int64_t sizes[ALPA_MAX_AXES];
  double alpha[ALPA_MAX_AXES]; /* ROOFLINE: seconds; OSDI22: Alpa's units */
  double beta[ALPA_MAX_AXES];  /* the same per byte of bus traffic */
  double gamma[ALPA_MAX_AXES]; /* ROOFLINE: the same of all-to-alls */
} alpa_cost_model;

/* Lays the mesh over the cluster: consecutive devices fill hosts, the last axis is the innermost. */
void alpa_cost_model_init(alpa_cost_model *model, const alpa_cluster *cluster, const alpa_mesh *mesh);
/* Alpa's model with given alpha and beta of each axis. */
void alpa_cost_model_init_osdi22(alpa_cost_model *model, const alpa_mesh *mesh, const double *alpha,
                                 const double *beta);

/* Ticks of a collective along an axis; `bytes` is the size of the value before splitting it along this axis. */
int64_t alpa_cost_communication(const alpa_cost_model *model, alpa_communication kind, uint32_t axis, double bytes);
/* Ticks of `batch` local products of m x k by k x n. */
int64_t alpa_cost_contraction(const alpa_cost_model *model, alpa_dtype dtype, double batch, double m, double n,
                              double k);
/* `flop` of whole tiles. */
int64_t alpa_cost_convolution(const alpa_cost_model *model, alpa_dtype dtype, double flop);
/* Ticks of reading and writing that many bytes of local memory. */
int64_t alpa_cost_memory(const alpa_cost_model *model, double bytes);
/* Ticks of an op that memory bounds, whose operands and results have `traffic` bytes, its results `result_bytes`. */
int64_t alpa_cost_traffic(const alpa_cost_model *model, alpa_op_cost kind, double traffic, double result_bytes);

#endif
