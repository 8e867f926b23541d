/* Interned tables of costs: equal tables are one object, so what was computed from one is looked up, not repeated.
 *
 * The graphs of deep models have 10^4..10^5 edges and only hundreds of distinct tables.  Every operation here is
 * memoised by the identity of its tables and a 128-bit hash of its vectors.  All entries are >= 0 with infinities of
 * exactly ALPA_SOLVER_INFINITE; only alpa_grid_gather reads raw input. */
#ifndef ALPA_PASSES_SOLVER_GRID_H
#define ALPA_PASSES_SOLVER_GRID_H

#include "passes/solver/problem.h"
#include "support/hash.h"

typedef struct alpa_grid {
  uint32_t n_rows, n_columns;
  uint32_t id; /* dense, in order of creation */
  bool has_infinite, is_zero;
  const int64_t *costs;         /* [n_rows][n_columns] */
  struct alpa_grid *transposed; /* NULL until asked for */
  struct alpa_grid_split *split;
  const int64_t *advantages; /* NULL until asked for, see alpa_grid_advantages */
  const uint16_t *live;      /* rows with a finite entry */
  const uint16_t *map;       /* the one finite column of each row; NULL where some row has none or several */
  uint32_t n_live;
  bool is_bijection; /* the map is one to one and onto */
} alpa_grid;

/* costs[r][c] = rest[r][c] + rows[r] + columns[c], each row and column of rest having a zero where it has a finite
 * entry; a row or column without one has offset 0. */
typedef struct alpa_grid_split {
  alpa_grid *rest;
  const int64_t *rows, *columns;
} alpa_grid_split;

/* min over the middle: costs[a][b] = least of left[a][v] + middle[v] + right[v][b], found at v = best[a][b]. */
typedef struct alpa_grid_product {
  alpa_grid *grid;
  const uint16_t *best;
} alpa_grid_product;

typedef struct alpa_grid_pool {
  alpa_arena *arena;
  alpa_intern grids, memo;
  uint32_t n_grids;
} alpa_grid_pool;

void alpa_grid_pool_init(alpa_grid_pool *pool, alpa_arena *arena);

/* The interned grid with these entries; they are copied if new. */
alpa_grid *alpa_grid_get(alpa_grid_pool *pool, uint32_t n_rows, uint32_t n_columns, const int64_t *costs);
alpa_grid *alpa_grid_transpose(alpa_grid_pool *pool, alpa_grid *grid);
/* Rows and columns picked (NULL: all of them). */
alpa_grid *alpa_grid_pick(alpa_grid_pool *pool, alpa_grid *grid, const uint16_t *rows, uint32_t n_rows,
                          const uint16_t *columns, uint32_t n_columns);
alpa_grid *alpa_grid_add(alpa_grid_pool *pool, alpa_grid *a, alpa_grid *b);
/* The finite entries times a factor of at least 1. */
alpa_grid *alpa_grid_scale(alpa_grid_pool *pool, alpa_grid *grid, int64_t factor);
const alpa_grid_split *alpa_grid_get_split(alpa_grid_pool *pool, alpa_grid *grid);
const alpa_grid_product *alpa_grid_multiply(alpa_grid_pool *pool, alpa_grid *left, const int64_t *middle,
                                            alpa_grid *right);
/* [n_rows][n_rows]: how much row a costs more than row b at least, whatever the column; -INFINITE where b is forbidden
 * in a column that a allows. */
const int64_t *alpa_grid_advantages(alpa_grid_pool *pool, alpa_grid *grid);

/* The table of an edge as the strategies of its two ends see it, split; raw entries may be negative. */
typedef struct alpa_grid_source {
  const alpa_solver_table *table;
  const uint32_t *rows, *columns; /* NULL: identity */
  uint32_t n_rows, n_columns;
  int64_t weight;
} alpa_grid_source;
const alpa_grid_split *alpa_grid_gather(alpa_grid_pool *pool, const alpa_grid_source *source);

#endif
