/* Lanes: in what order boxes of transfers go from process to process where that takes an order.
 *
 * A lane has some devices of two submeshes; its transfers are sent and received in one and the same order, that of the
 * programs, and everything in a lane goes one way.  Since both sides reach the transfers of a lane in this order, a
 * message waits for no other one that it would not wait for anyway: what can run without lanes can run with them. Where
 * two submeshes reach transfers in different orders, these have different lanes: as few as there can be (the longest
 * sequence that is received in the reverse order, by Dilworth's theorem; found by first fit). */
#ifndef ALPA_RUNTIME_LANES_H
#define ALPA_RUNTIME_LANES_H

#include "runtime/image/image.h"

typedef struct alpa_lane {
  const uint32_t *devices; /* ascending */
  uint32_t n_devices;
  uint32_t number; /* among the lanes of the same devices */
} alpa_lane;

typedef struct alpa_lanes {
  const alpa_lane *lanes;
  uint32_t n_lanes;
  const uint32_t *const *lane_of; /* by transfer and copy; ALPA_NO_INDEX: it stays in its process */
} alpa_lanes;

/* Of a verified image whose devices are in processes of `n_local` each.  In `arena`.  ALPA_UNSUPPORTED where a transfer
 * between processes is not sent and received once in every step; `name` is the program's. */
alpa_status alpa_lanes_find(alpa_arena *arena, alpa_diag *diag, const char *name, const alpa_image *image,
                            uint32_t n_local, alpa_lanes *out_lanes);

#endif
