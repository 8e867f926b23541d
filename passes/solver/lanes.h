/* Small loops over padded vectors of costs, written so that compilers turn them into vector code without help: strides
 * are multiples of ALPA_MINPLUS_LANES and the padding holds infinities. */
#ifndef ALPA_PASSES_SOLVER_LANES_H
#define ALPA_PASSES_SOLVER_LANES_H

#include "passes/solver/minplus.h"

static inline double alpa_lanes_least(const double *values, uint32_t stride) {
  double least[ALPA_MINPLUS_LANES];
  for (int lane = 0; lane < ALPA_MINPLUS_LANES; lane++)
    least[lane] = values[lane];
  for (uint32_t s = ALPA_MINPLUS_LANES; s < stride; s += ALPA_MINPLUS_LANES)
    for (int lane = 0; lane < ALPA_MINPLUS_LANES; lane++)
      least[lane] = values[s + (uint32_t)lane] < least[lane] ? values[s + (uint32_t)lane] : least[lane];
  double low = least[0] < least[1] ? least[0] : least[1], high = least[2] < least[3] ? least[2] : least[3];
  return low < high ? low : high;
}

/* The first of the least. */
static inline uint32_t alpa_lanes_find_least(const double *values, uint32_t stride) {
  double least = alpa_lanes_least(values, stride);
  uint32_t s = 0;
  while (values[s] != least)
    s++;
  return s;
}

static inline void alpa_lanes_subtract(double *values, double amount, uint32_t stride) {
  for (uint32_t s = 0; s < stride; s += ALPA_MINPLUS_LANES)
    for (uint32_t lane = 0; lane < ALPA_MINPLUS_LANES; lane++)
      values[s + lane] -= amount;
}

static inline void alpa_lanes_add(double *values, const double *more, uint32_t stride) {
  for (uint32_t s = 0; s < stride; s += ALPA_MINPLUS_LANES)
    for (uint32_t lane = 0; lane < ALPA_MINPLUS_LANES; lane++)
      values[s + lane] += more[s + lane];
}

/* out = share * values - taken; the padding of out is undefined */
static inline void alpa_lanes_share(double *restrict out, const double *values, double share, const double *taken,
                                    uint32_t stride) {
  for (uint32_t s = 0; s < stride; s += ALPA_MINPLUS_LANES)
    for (uint32_t lane = 0; lane < ALPA_MINPLUS_LANES; lane++)
      out[s + lane] = share * values[s + lane] - taken[s + lane];
}

#endif
