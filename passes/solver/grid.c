/* Interned cost tables and their memoised operations: gathering, transposition, selection, sums, splitting into row
 * and column offsets, min-plus products (the message of an eliminated node, Dechter's bucket elimination), and the
 * pairwise advantages that dominance needs (Goldstein's dead-end criterion).  Each costs its number of entries once
 * per distinct input. */
#include "passes/solver/grid.h"

#include <string.h>

enum memo_kind { MEMO_PICK = 1, MEMO_ADD, MEMO_SCALE, MEMO_MULTIPLY, MEMO_GATHER };

typedef struct memo_key {
  uint64_t kind;
  const void *left, *right;
  alpa_hash128 first, second;
  uint64_t extra;
} memo_key;

typedef struct memo_entry {
  memo_key key;
  void *value;
} memo_entry;

static bool equal_grids(const void *a, const void *b) {
  const alpa_grid *x = a, *y = b;
  return x->n_rows == y->n_rows && x->n_columns == y->n_columns &&
         memcmp(x->costs, y->costs, sizeof(int64_t) * x->n_rows * x->n_columns) == 0;
}

static bool equal_keys(const void *a, const void *b) { return memcmp(a, b, sizeof(memo_key)) == 0; }

/* The remembered value of a key, or NULL and the key's hash. */
static void *find_memo(const alpa_grid_pool *pool, const memo_key *key, uint64_t *out_hash) {
  *out_hash = alpa_hash64(key, sizeof *key, 0);
  const memo_entry *entry = alpa_intern_find(&pool->memo, *out_hash, key, equal_keys);
  return entry ? entry->value : NULL;
}

static void *remember(alpa_grid_pool *pool, const memo_key *key, uint64_t hash, void *value) {
  memo_entry *entry = alpa_arena_new(pool->arena, memo_entry, 1);
  entry->key = *key;
  entry->value = value;
  alpa_intern_insert(pool->arena, &pool->memo, hash, entry);
  return value;
}

/* memo keys are compared as bytes; zeroing covers the padding */
static memo_key make_key(enum memo_kind kind, const void *left, const void *right) {
  memo_key key;
  memset(&key, 0, sizeof key);
  key.kind = (uint64_t)kind;
  key.left = left;
  key.right = right;
  return key;
}

void alpa_grid_pool_init(alpa_grid_pool *pool, alpa_arena *arena) { *pool = (alpa_grid_pool){.arena = arena}; }

/* Fills live, map and is_bijection. */
static void analyse(alpa_grid_pool *pool, alpa_grid *grid) {
  uint32_t n_rows = grid->n_rows, n_columns = grid->n_columns;
  uint16_t *live = alpa_arena_new(pool->arena, uint16_t, n_rows), *map = alpa_arena_new(pool->arena, uint16_t, n_rows);
  bool *is_hit = alpa_arena_new(pool->arena, bool, n_columns);
  bool is_function = true, is_onto = n_rows == n_columns;
  for (uint32_t r = 0; r < n_rows; r++) {
    uint32_t n_finite = 0;
    for (uint32_t c = 0; c < n_columns && n_finite < 2; c++)
      if (grid->costs[(size_t)r * n_columns + c] < ALPA_SOLVER_INFINITE) {
        n_finite++;
        map[r] = (uint16_t)c;
      }
    if (n_finite)
      live[grid->n_live++] = (uint16_t)r;
    is_function &= n_finite == 1;
    is_onto &= n_finite == 1 && !is_hit[map[r]];
    is_hit[map[r]] = true;
  }
  grid->live = live;
  grid->map = is_function ? map : NULL;
  grid->is_bijection = is_onto;
}

/* The interned form of a grid whose entries are already in the arena. */
static alpa_grid *intern(alpa_grid_pool *pool, uint32_t n_rows, uint32_t n_columns, int64_t *costs, bool is_owned) {
  size_t n = (size_t)n_rows * n_columns;
  alpa_grid key = {.n_rows = n_rows, .n_columns = n_columns, .costs = costs};
  uint64_t hash = alpa_hash64(costs, n * sizeof *costs, n_rows);
  alpa_grid *grid = alpa_intern_find(&pool->grids, hash, &key, equal_grids);
  if (grid)
    return grid;
  grid = alpa_arena_new(pool->arena, alpa_grid, 1);
  *grid = key;
  grid->id = pool->n_grids++;
  if (!is_owned)
    grid->costs = alpa_arena_copy(pool->arena, costs, n * sizeof *costs);
  grid->is_zero = true;
  for (size_t i = 0; i < n; i++) {
    grid->has_infinite |= costs[i] >= ALPA_SOLVER_INFINITE;
    grid->is_zero &= costs[i] == 0;
  }
  analyse(pool, grid);
  alpa_intern_insert(pool->arena, &pool->grids, hash, grid);
  return grid;
}

alpa_grid *alpa_grid_get(alpa_grid_pool *pool, uint32_t n_rows, uint32_t n_columns, const int64_t *costs) {
  return intern(pool, n_rows, n_columns, (int64_t *)(uintptr_t)costs, false);
}

static int64_t *new_costs(alpa_grid_pool *pool, uint32_t n_rows, uint32_t n_columns) {
  return alpa_arena_alloc(pool->arena, sizeof(int64_t) * n_rows * n_columns);
}

alpa_grid *alpa_grid_transpose(alpa_grid_pool *pool, alpa_grid *grid) {
  if (grid->transposed)
    return grid->transposed;
  uint32_t n_rows = grid->n_rows, n_columns = grid->n_columns;
  int64_t *costs = new_costs(pool, n_columns, n_rows);
  for (uint32_t r = 0; r < n_rows; r++)
    for (uint32_t c = 0; c < n_columns; c++)
      costs[(size_t)c * n_rows + r] = grid->costs[(size_t)r * n_columns + c];
  alpa_grid *other = intern(pool, n_columns, n_rows, costs, true);
  grid->transposed = other;
  other->transposed = grid;
  return other;
}

alpa_grid *alpa_grid_pick(alpa_grid_pool *pool, alpa_grid *grid, const uint16_t *rows, uint32_t n_rows,
                          const uint16_t *columns, uint32_t n_columns) {
  memo_key key = make_key(MEMO_PICK, grid, NULL);
  if (rows)
    key.first = alpa_hash128_of(rows, n_rows * sizeof *rows);
  if (columns)
    key.second = alpa_hash128_of(columns, n_columns * sizeof *columns);
  uint64_t hash;
  alpa_grid *known = find_memo(pool, &key, &hash);
  if (known)
    return known;
  int64_t *costs = new_costs(pool, n_rows, n_columns), *at = costs;
  for (uint32_t r = 0; r < n_rows; r++) {
    const int64_t *row = grid->costs + (size_t)(rows ? rows[r] : r) * grid->n_columns;
    for (uint32_t c = 0; c < n_columns; c++)
      *at++ = row[columns ? columns[c] : c];
  }
  return remember(pool, &key, hash, intern(pool, n_rows, n_columns, costs, true));
}

static int64_t saturate(int64_t cost) { return cost >= ALPA_SOLVER_INFINITE ? ALPA_SOLVER_INFINITE : cost; }

alpa_grid *alpa_grid_add(alpa_grid_pool *pool, alpa_grid *a, alpa_grid *b) {
  memo_key key = make_key(MEMO_ADD, a->id < b->id ? a : b, a->id < b->id ? b : a);
  uint64_t hash;
  alpa_grid *known = find_memo(pool, &key, &hash);
  if (known)
    return known;
  int64_t *costs = new_costs(pool, a->n_rows, a->n_columns);
  for (size_t i = 0; i < (size_t)a->n_rows * a->n_columns; i++)
    costs[i] = saturate(a->costs[i] + b->costs[i]);
  return remember(pool, &key, hash, intern(pool, a->n_rows, a->n_columns, costs, true));
}

alpa_grid *alpa_grid_scale(alpa_grid_pool *pool, alpa_grid *grid, int64_t factor) {
  memo_key key = make_key(MEMO_SCALE, grid, NULL);
  key.extra = (uint64_t)factor;
  uint64_t hash;
  alpa_grid *known = find_memo(pool, &key, &hash);
  if (known)
    return known;
  int64_t *costs = new_costs(pool, grid->n_rows, grid->n_columns);
  for (size_t i = 0; i < (size_t)grid->n_rows * grid->n_columns; i++)
    costs[i] = grid->costs[i] >= ALPA_SOLVER_INFINITE ? ALPA_SOLVER_INFINITE : grid->costs[i] * factor;
  return remember(pool, &key, hash, intern(pool, grid->n_rows, grid->n_columns, costs, true));
}

/* Takes the least finite entry of one line off its finite entries. */
static int64_t take_minimum(int64_t *line, size_t n, size_t step) {
  int64_t least = ALPA_SOLVER_INFINITE;
  for (size_t i = 0; i < n; i++)
    least = line[i * step] < least ? line[i * step] : least;
  if (least == 0 || least >= ALPA_SOLVER_INFINITE)
    return 0;
  for (size_t i = 0; i < n; i++)
    if (line[i * step] < ALPA_SOLVER_INFINITE)
      line[i * step] -= least;
  return least;
}

static alpa_grid_split *split_costs(alpa_grid_pool *pool, uint32_t n_rows, uint32_t n_columns, int64_t *costs) {
  alpa_grid_split *split = alpa_arena_new(pool->arena, alpa_grid_split, 1);
  int64_t *rows = alpa_arena_new(pool->arena, int64_t, n_rows);
  int64_t *columns = alpa_arena_new(pool->arena, int64_t, n_columns);
  for (uint32_t r = 0; r < n_rows; r++)
    rows[r] = take_minimum(costs + (size_t)r * n_columns, n_columns, 1);
  for (uint32_t c = 0; c < n_columns; c++)
    columns[c] = take_minimum(costs + c, n_rows, n_columns);
  split->rows = rows;
  split->columns = columns;
  split->rest = intern(pool, n_rows, n_columns, costs, true);
  return split;
}

const alpa_grid_split *alpa_grid_get_split(alpa_grid_pool *pool, alpa_grid *grid) {
  if (!grid->split) {
    size_t bytes = sizeof(int64_t) * grid->n_rows * grid->n_columns;
    int64_t *costs = alpa_arena_copy(pool->arena, grid->costs, bytes);
    grid->split = split_costs(pool, grid->n_rows, grid->n_columns, costs);
  }
  return grid->split;
}

const alpa_grid_product *alpa_grid_multiply(alpa_grid_pool *pool, alpa_grid *left, const int64_t *middle,
                                            alpa_grid *right) {
  memo_key key = make_key(MEMO_MULTIPLY, left, right);
  key.first = alpa_hash128_of(middle, left->n_columns * sizeof *middle);
  uint64_t hash;
  alpa_grid_product *known = find_memo(pool, &key, &hash);
  if (known)
    return known;
  uint32_t n_rows = left->n_rows, n_middle = left->n_columns, n_columns = right->n_columns;
  int64_t *costs = new_costs(pool, n_rows, n_columns);
  uint16_t *best = alpa_arena_new(pool->arena, uint16_t, (size_t)n_rows *n_columns);
  for (uint32_t a = 0; a < n_rows; a++) {
    int64_t *out = costs + (size_t)a * n_columns;
    uint16_t *out_best = best + (size_t)a * n_columns;
    for (uint32_t b = 0; b < n_columns; b++)
      out[b] = ALPA_SOLVER_INFINITE;
    for (uint32_t v = 0; v < n_middle; v++) {
      int64_t head = left->costs[(size_t)a * n_middle + v] + middle[v];
      const int64_t *row = right->costs + (size_t)v * n_columns;
      if (head >= ALPA_SOLVER_INFINITE)
        continue;
      for (uint32_t b = 0; b < n_columns; b++) {
        bool less = head + row[b] < out[b];
        out[b] = less ? head + row[b] : out[b];
        out_best[b] = less ? (uint16_t)v : out_best[b];
      }
    }
  }
  alpa_grid_product *product = alpa_arena_new(pool->arena, alpa_grid_product, 1);
  product->grid = intern(pool, n_rows, n_columns, costs, true);
  product->best = best;
  return remember(pool, &key, hash, product);
}

const int64_t *alpa_grid_advantages(alpa_grid_pool *pool, alpa_grid *grid) {
  if (grid->advantages)
    return grid->advantages;
  uint32_t k = grid->n_rows, m = grid->n_columns;
  int64_t *least = new_costs(pool, k, k);
  for (uint32_t a = 0; a < k; a++)
    for (uint32_t b = 0; b < k; b++) {
      const int64_t *x = grid->costs + (size_t)a * m, *y = grid->costs + (size_t)b * m;
      int64_t min = ALPA_SOLVER_INFINITE;
      for (uint32_t c = 0; c < m; c++) {
        int64_t difference = x[c] >= ALPA_SOLVER_INFINITE   ? ALPA_SOLVER_INFINITE
                             : y[c] >= ALPA_SOLVER_INFINITE ? -ALPA_SOLVER_INFINITE
                                                            : x[c] - y[c];
        min = difference < min ? difference : min;
      }
      least[(size_t)a * k + b] = min;
    }
  grid->advantages = least;
  return least;
}

const alpa_grid_split *alpa_grid_gather(alpa_grid_pool *pool, const alpa_grid_source *source) {
  const alpa_solver_table *table = source->table;
  memo_key key = make_key(MEMO_GATHER, table, NULL);
  key.extra = (uint64_t)source->weight;
  if (source->rows)
    key.first = alpa_hash128_of(source->rows, source->n_rows * sizeof *source->rows);
  if (source->columns)
    key.second = alpa_hash128_of(source->columns, source->n_columns * sizeof *source->columns);
  uint64_t hash;
  alpa_grid_split *known = find_memo(pool, &key, &hash);
  if (known)
    return known;
  int64_t *costs = new_costs(pool, source->n_rows, source->n_columns), *at = costs;
  for (uint32_t r = 0; r < source->n_rows; r++) {
    const int64_t *row = table->costs + (size_t)(source->rows ? source->rows[r] : r) * table->n_columns;
    for (uint32_t c = 0; c < source->n_columns; c++) {
      int64_t cost = row[source->columns ? source->columns[c] : c];
      *at++ = cost >= ALPA_SOLVER_INFINITE ? ALPA_SOLVER_INFINITE : cost * source->weight;
    }
  }
  return remember(pool, &key, hash, split_costs(pool, source->n_rows, source->n_columns, costs));
}
