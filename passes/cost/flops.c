/* Counting flops by the cost column of the op tables. */
#include "passes/cost/flops.h"

#include <math.h>

#include "dialects/stablehlo/stablehlo.h"
#include "passes/analysis/trips.h"
#include "passes/cost/op_cost.h"

static double contraction_flops(const alpa_op *op) {
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_dot_general_dot_dimension_numbers);
  size_t n;
  const int64_t *contracted = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_DOT_LHS_CONTRACTING), &n);
  double flops = 2 * (double)alpa_type_count(alpa_op_type(op));
  for (size_t i = 0; i < n; i++)
    flops *= (double)alpa_op_operand_type(op, 0)->dims[contracted[i]];
  return flops;
}

/* Products with the zeros that dilation puts between the operand's elements are left out: no kernel computes them. */
static double convolution_flops(const alpa_op *op) {
  const alpa_attr *dilations = alpa_op_attr(op, stablehlo_convolution_lhs_dilation);
  size_t n_dilations = 0;
  const int64_t *dilation = dilations ? alpa_attr_i64s(dilations, &n_dilations) : NULL;
  double spread = 1;
  for (size_t i = 0; i < n_dilations; i++)
    spread *= (double)dilation[i];
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_convolution_dimension_numbers);
  int64_t features = alpa_attr_field(numbers, STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE)->integer;
  const alpa_type *kernel = alpa_op_operand_type(op, 1);
  return 2 * (double)alpa_type_count(alpa_op_type(op)) * (double)alpa_type_count(kernel) /
         (double)kernel->dims[features] / spread;
}

/* A gradient of the kernel has the large dimension as its window, and the small one as its result. */
double alpa_op_tiled_flops(const alpa_op *op, double tile) {
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_convolution_dimension_numbers);
  size_t n;
  const int64_t *results = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_CONV_OUTPUT_SPATIAL), &n);
  const int64_t *windows = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_CONV_KERNEL_SPATIAL), &n);
  double flops = alpa_op_flops(op);
  for (size_t i = 0; i < n; i++) {
    double result = (double)alpa_op_type(op)->dims[results[i]];
    double window = (double)alpa_op_operand_type(op, 1)->dims[windows[i]], large = fmax(result, window);
    if (fmin(result, window) > 1)
      flops *= ceil(large / tile) * tile / large;
  }
  return flops;
}

static double region_flops(const alpa_region *region) {
  double flops = 0;
  for (const alpa_block *block = region->first; block; block = block->next)
    for (const alpa_op *op = block->first; op; op = op->next)
      flops += alpa_op_flops(op);
  return flops;
}

static double regions_flops(const alpa_op *op) {
  double sum = 0, most = 0;
  for (uint32_t r = 0; r < op->n_regions; r++) {
    double flops = region_flops(&op->regions[r]);
    sum += flops;
    most = flops > most ? flops : most;
  }
  if (!stablehlo_is(op, STABLEHLO_while))
    return most;
  int64_t trips = alpa_loop_trips(op);
  return sum * (double)(trips ? trips : ALPA_ASSUMED_TRIPS);
}

double alpa_op_flops(const alpa_op *op) {
  switch (alpa_op_cost_get(op)) {
  case ALPA_OP_COST_CONTRACTION:
    return stablehlo_is(op, STABLEHLO_dot_general) ? contraction_flops(op) : 0;
  case ALPA_OP_COST_CONVOLUTION:
    return convolution_flops(op);
  case ALPA_OP_COST_REGION:
    return regions_flops(op);
  case ALPA_OP_COST_NONE:
  case ALPA_OP_COST_FREE:
  case ALPA_OP_COST_MOVE:
  case ALPA_OP_COST_POINTWISE:
  case ALPA_OP_COST_TRANSCENDENTAL:
  case ALPA_OP_COST_REDUCE:
  case ALPA_OP_COST_WINDOW:
  case ALPA_OP_COST_INDEX:
  case ALPA_OP_COST_SORT:
  case ALPA_OP_COST_COLLECTIVE:
    return 0;
  }
  return 0;
}
