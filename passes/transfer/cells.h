/* The parts of a tensor that are alike in who has and who wants them. */
#ifndef ALPA_PASSES_TRANSFER_CELLS_H
#define ALPA_PASSES_TRANSFER_CELLS_H

#include "passes/transfer/transfer.h"

/* Places in the lists of the two tilings. */
typedef struct transfer_places {
  const uint32_t *items;
  uint32_t n;
} transfer_places;

typedef struct transfer_cell {
  int64_t *start, *extents;
  int64_t bytes;
  transfer_places holders, wanters; /* neither is empty */
} transfer_cell;

typedef ALPA_VEC(transfer_cell) transfer_cells;

/* The grid of all borders of all boxes, without what nobody has or nobody wants. */
transfer_cells transfer_cells_build(alpa_arena *arena, const alpa_transfer_problem *problem);
/* Cuts cells into parts of at most that many bytes, as far as their elements allow; not those that only one device has
 * and only one wants, which have one way to go. */
transfer_cells transfer_cells_cut(alpa_arena *arena, const alpa_transfer_problem *problem, const transfer_cells *cells,
                                  int64_t part_bytes);

#endif
