/* Formulas of the two cost models; model.h says which is which. */
#include "passes/cost/model.h"

#include <math.h>

static const double ticks_per_second = 1e12, ticks_per_unit = 1e3;

static int64_t ticks(double seconds) { return (int64_t)llround(seconds * ticks_per_second); }

void alpa_cost_model_init(alpa_cost_model *model, const alpa_cluster *cluster, const alpa_mesh *mesh) {
  *model = (alpa_cost_model){.kind = ALPA_COST_ROOFLINE, .device = cluster->device, .n_axes = mesh->n_axes};
  int64_t stride = 1;
  for (uint32_t axis = mesh->n_axes; axis-- > 0;) {
    int64_t size = mesh->axes[axis].size;
    alpa_link link = alpa_cluster_link(cluster, stride, size);
    model->sizes[axis] = size;
    model->alpha[axis] = link.latency_s;
    model->beta[axis] = 1 / link.bandwidth;
    model->gamma[axis] = 1 / (link.exchange > 0 ? link.exchange : link.bandwidth);
    stride *= size;
  }
}

void alpa_cost_model_init_osdi22(alpa_cost_model *model, const alpa_mesh *mesh, const double *alpha,
                                 const double *beta) {
  *model = (alpa_cost_model){.kind = ALPA_COST_OSDI22, .n_axes = mesh->n_axes};
  for (uint32_t axis = 0; axis < mesh->n_axes; axis++) {
    model->sizes[axis] = mesh->axes[axis].size;
    model->alpha[axis] = alpha[axis];
    model->beta[axis] = beta[axis];
  }
}

/* Bytes over the slowest link of a ring of n for a value of one byte; and what OSDI'22 adds so that ties are broken in
 * favour of all-to-all, reduce-scatter, all-reduce, all-gather, in this order. */
static double ring_factor(alpa_communication kind, double n) { return (kind == ALPA_ALL_REDUCE ? 2 : 1) * (n - 1) / n; }

int64_t alpa_cost_communication(const alpa_cost_model *model, alpa_communication kind, uint32_t axis, double bytes) {
  static const double tie_break[] = {
      [ALPA_ALL_REDUCE] = 0.01, [ALPA_ALL_GATHER] = 0.1, [ALPA_REDUCE_SCATTER] = 0.001, [ALPA_ALL_TO_ALL] = 0.001};
  double n = (double)model->sizes[axis], alpha = model->alpha[axis], beta = model->beta[axis];
  if (model->kind == ALPA_COST_ROOFLINE) {
    /* Every device of an all-to-all keeps one n-th and sends the rest of its own n-th. */
    if (kind == ALPA_ALL_TO_ALL)
      return ticks(alpha + model->gamma[axis] * (n - 1) / n / n * bytes);
    return ticks(alpha + beta * ring_factor(kind, n) * bytes);
  }
  double penalty = kind == ALPA_ALL_TO_ALL ? 1 / n * (n / 2) : 1;
  double units = alpha + beta * ring_factor(kind, n) * bytes * penalty;
  return (int64_t)llround((round(units * 1e6) / 1e6 + tie_break[kind]) * ticks_per_unit);
}

static double peak(const alpa_cost_model *model, alpa_dtype dtype) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  if (info->bits <= 8)
    return model->device.flops[ALPA_FLOPS_INT8];
  if (info->bits == 16)
    return model->device.flops[ALPA_FLOPS_HALF];
  return model->device
      .flops[info->bits == 64 && info->class_ == ALPA_CLASS_FLOAT ? ALPA_FLOPS_DOUBLE : ALPA_FLOPS_SINGLE];
}

static double saturation(double size, double knee) { return size / (size + knee); }

static double contraction_efficiency(const alpa_device_kind *d, double batch, double m, double n, double k) {
  if (batch > 1)
    return d->batched_efficiency * saturation(fmin(m, fmin(n, k)), d->batched_knee);
  double knee = d->contraction_knee;
  return d->contraction_efficiency * saturation(m, knee) * saturation(n, knee) * saturation(k, knee);
}

int64_t alpa_cost_contraction(const alpa_cost_model *model, alpa_dtype dtype, double batch, double m, double n,
                              double k) {
  if (model->kind == ALPA_COST_OSDI22)
    return 0;
  const alpa_device_kind *d = &model->device;
  double bytes = alpa_dtype_get_info(dtype)->bytes * batch * (m * k + k * n + m * n);
  double flops = peak(model, dtype) * contraction_efficiency(d, batch, m, n, k);
  double seconds = fmax(2 * batch * m * n * k / flops, bytes / (d->memory_bandwidth * d->memory_efficiency));
  return ticks(seconds + d->launch_s);
}

int64_t alpa_cost_convolution(const alpa_cost_model *model, alpa_dtype dtype, double flop) {
  if (model->kind == ALPA_COST_OSDI22)
    return 0;
  return ticks(flop / (peak(model, dtype) * model->device.convolution_efficiency) + model->device.launch_s);
}

int64_t alpa_cost_memory(const alpa_cost_model *model, double bytes) {
  if (model->kind == ALPA_COST_OSDI22)
    return 0;
  return ticks(bytes / (model->device.memory_bandwidth * model->device.memory_efficiency));
}

/* Elementwise ops and moves keep this part of their traffic once codegen has fused them with their neighbours. */
#define FUSED 0.3

int64_t alpa_cost_traffic(const alpa_cost_model *model, alpa_op_cost kind, double traffic, double result_bytes) {
  static const struct {
    double traffic, results;
  } shares[] = {
      [ALPA_OP_COST_NONE] = {0, 0},
      [ALPA_OP_COST_FREE] = {0, 0},
      [ALPA_OP_COST_MOVE] = {FUSED, 0},
      [ALPA_OP_COST_POINTWISE] = {FUSED, 0},
      [ALPA_OP_COST_TRANSCENDENTAL] = {FUSED, 0},
      [ALPA_OP_COST_REDUCE] = {FUSED, 0},
      [ALPA_OP_COST_WINDOW] = {1, 0},
      [ALPA_OP_COST_INDEX] = {0, 2}, /* read and written, of whatever it is taken from */
      [ALPA_OP_COST_SORT] = {8, 0},
      [ALPA_OP_COST_CONTRACTION] = {8, 0}, /* those that are no product of two */
      [ALPA_OP_COST_CONVOLUTION] = {1, 0},
      [ALPA_OP_COST_REGION] = {0, 0},
      [ALPA_OP_COST_COLLECTIVE] = {0, 0},
  };
  return alpa_cost_memory(model, shares[kind].traffic * traffic + shares[kind].results * result_bytes);
}

#undef FUSED
