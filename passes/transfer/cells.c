/* Cells: the cuts of each dimension are the borders of all boxes; a cell lies between neighbouring cuts, so that each
 * box holds all of it or nothing. */
#include "passes/transfer/cells.h"

#include <stdlib.h>
#include <string.h>

typedef struct cuts {
  int64_t *at;
  size_t n;
} cuts;

static int compare(const void *a, const void *b) {
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

static void add_borders(const alpa_tiling *tiling, uint32_t rank, uint32_t dim, cuts *out_cuts) {
  for (uint32_t k = 0; k < tiling->n_devices; k++) {
    int64_t start = tiling->starts[k * rank + dim];
    out_cuts->at[out_cuts->n++] = start;
    out_cuts->at[out_cuts->n++] = start + tiling->extents[k * rank + dim];
  }
}

static cuts find_cuts(alpa_arena *arena, const alpa_transfer_problem *problem, uint32_t dim) {
  cuts found = {alpa_arena_new(arena, int64_t, 2 * (problem->from.n_devices + problem->to.n_devices)), 0};
  add_borders(&problem->from, problem->rank, dim, &found);
  add_borders(&problem->to, problem->rank, dim, &found);
  qsort(found.at, found.n, sizeof *found.at, compare);
  size_t n = 0;
  for (size_t i = 0; i < found.n; i++)
    if (n == 0 || found.at[i] != found.at[n - 1])
      found.at[n++] = found.at[i];
  found.n = n;
  return found;
}

/* The boxes that contain the cell. */
static transfer_places find_places(alpa_arena *arena, const alpa_tiling *tiling, uint32_t rank,
                                   const transfer_cell *cell) {
  uint32_t *items = alpa_arena_new(arena, uint32_t, tiling->n_devices), n = 0;
  for (uint32_t k = 0; k < tiling->n_devices; k++) {
    bool is_inside = true;
    for (uint32_t d = 0; d < rank && is_inside; d++) {
      int64_t start = tiling->starts[k * rank + d], end = start + tiling->extents[k * rank + d];
      is_inside = cell->start[d] >= start && cell->start[d] + cell->extents[d] <= end;
    }
    if (is_inside)
      items[n++] = k;
  }
  return (transfer_places){items, n};
}

static transfer_cell make_cell(alpa_arena *arena, const alpa_transfer_problem *problem, const cuts *grid,
                               const size_t *index) {
  transfer_cell cell = {.start = alpa_arena_new(arena, int64_t, problem->rank),
                        .extents = alpa_arena_new(arena, int64_t, problem->rank),
                        .bytes = problem->element_bytes};
  for (uint32_t d = 0; d < problem->rank; d++) {
    cell.start[d] = grid[d].at[index[d]];
    cell.extents[d] = grid[d].at[index[d] + 1] - cell.start[d];
    cell.bytes *= cell.extents[d];
  }
  cell.holders = find_places(arena, &problem->from, problem->rank, &cell);
  cell.wanters = find_places(arena, &problem->to, problem->rank, &cell);
  return cell;
}

/* The next cell of the grid, in row-major order; false after the last. */
static bool advance(const cuts *grid, uint32_t rank, size_t *index) {
  for (uint32_t d = rank; d-- > 0;) {
    if (++index[d] + 1 < grid[d].n)
      return true;
    index[d] = 0;
  }
  return false;
}

transfer_cells transfer_cells_build(alpa_arena *arena, const alpa_transfer_problem *problem) {
  transfer_cells cells = {0};
  cuts *grid = alpa_arena_new(arena, cuts, problem->rank);
  size_t *index = alpa_arena_new(arena, size_t, problem->rank);
  for (uint32_t d = 0; d < problem->rank; d++) {
    grid[d] = find_cuts(arena, problem, d);
    if (grid[d].n < 2) /* every box is empty */
      return cells;
  }
  do {
    transfer_cell cell = make_cell(arena, problem, grid, index);
    if (cell.holders.n > 0 && cell.wanters.n > 0)
      alpa_vec_push(arena, &cells, cell);
  } while (advance(grid, problem->rank, index));
  return cells;
}

/* The outermost dimension with room for the parts, else the longest: parts are then as contiguous as they can be. */
static uint32_t find_dim(const transfer_cell *cell, uint32_t rank, int64_t n_parts) {
  uint32_t longest = 0;
  for (uint32_t d = 0; d < rank; d++) {
    if (cell->extents[d] >= n_parts)
      return d;
    longest = cell->extents[d] > cell->extents[longest] ? d : longest;
  }
  return longest;
}

transfer_cells transfer_cells_cut(alpa_arena *arena, const alpa_transfer_problem *problem, const transfer_cells *cells,
                                  int64_t part_bytes) {
  transfer_cells parts = {0};
  for (size_t i = 0; i < cells->n; i++) {
    const transfer_cell *cell = &cells->items[i];
    int64_t n = (cell->bytes + part_bytes - 1) / part_bytes;
    bool is_alone = cell->holders.n == 1 && cell->wanters.n == 1;
    if (n <= 1 || is_alone || problem->rank == 0) {
      alpa_vec_push(arena, &parts, *cell);
      continue;
    }
    uint32_t dim = find_dim(cell, problem->rank, n);
    int64_t extent = cell->extents[dim];
    n = n < extent ? n : extent;
    for (int64_t p = 0; p < n; p++) {
      transfer_cell part = *cell;
      part.start = alpa_arena_copy(arena, cell->start, problem->rank * sizeof *cell->start);
      part.extents = alpa_arena_copy(arena, cell->extents, problem->rank * sizeof *cell->extents);
      part.start[dim] += extent * p / n;
      part.extents[dim] = extent * (p + 1) / n - extent * p / n;
      part.bytes = cell->bytes / extent * part.extents[dim];
      alpa_vec_push(arena, &parts, part);
    }
  }
  return parts;
}
