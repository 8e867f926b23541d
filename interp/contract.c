/* Products of matrices packed so that both operands are contiguous along the summed dimension.  Rows are read into
 * compute types with zeros up to a multiple of the vector width; the kernels compute a tile of 2 x 4 sums at a time.
 * Field products, below 2^122 each, are added up to 32 at a time in 128 bits before they are reduced. */
#include "interp/contract.h"

#include <complex.h>
#include <string.h>

#include "interp/convert.h"
#include "interp/field.h"

enum { ROWS = 2, COLUMNS = 4, UNIT = 4, LAZY = 32 };

typedef double vector __attribute__((vector_size(8 * UNIT), aligned(8)));

/* sums[r][c] of one tile; strides between rows of a and of b in elements, k a multiple of UNIT. */
typedef void tile_fn(const void *a, const void *b, size_t k, void *sums);

/* Written out, so that the eight sums live in registers. */
static inline __attribute__((always_inline)) void tile_vectors(const double *a, const double *b, size_t k,
                                                               double *out) {
  vector s00 = {0}, s01 = {0}, s02 = {0}, s03 = {0}, s10 = {0}, s11 = {0}, s12 = {0}, s13 = {0};
  for (size_t l = 0; l < k; l += UNIT) {
    const vector x0 = *(const vector *)(a + l), x1 = *(const vector *)(a + k + l);
    const vector y0 = *(const vector *)(b + l), y1 = *(const vector *)(b + k + l);
    const vector y2 = *(const vector *)(b + 2 * k + l), y3 = *(const vector *)(b + 3 * k + l);
    s00 += x0 * y0, s01 += x0 * y1, s02 += x0 * y2, s03 += x0 * y3;
    s10 += x1 * y0, s11 += x1 * y1, s12 += x1 * y2, s13 += x1 * y3;
  }
  const vector sums[ROWS * COLUMNS] = {s00, s01, s02, s03, s10, s11, s12, s13};
  for (size_t i = 0; i < ROWS * COLUMNS; i++)
    out[i] = (sums[i][0] + sums[i][1]) + (sums[i][2] + sums[i][3]);
}

static void tile_double(const void *a, const void *b, size_t k, void *out) { tile_vectors(a, b, k, out); }

#ifdef __x86_64__
/* The same sums: products of floats of at most 24 bits are exact in double, fused or not. */
__attribute__((target("avx2,fma"))) static void tile_double_wide(const void *a, const void *b, size_t k, void *out) {
  tile_vectors(a, b, k, out);
}
static bool has_wide_vectors(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#else
#define tile_double_wide tile_double
static bool has_wide_vectors(void) { return false; }
#endif

/* Short sums of single precision, rounded after every step in the order of the elements, as the definition of
 * dot_general says.  Cancellation makes the difference to a wide sum visible there; in long sums order does not help.
 */
enum { SHORT_SUM = 16 };

static void tile_single(const void *a_rows, const void *b_rows, size_t k, void *out) {
  const double *a = a_rows, *b = b_rows;
  for (size_t r = 0; r < ROWS; r++)
    for (size_t c = 0; c < COLUMNS; c++) {
      float sum = 0;
      for (size_t l = 0; l < k; l++)
        sum += (float)(a[r * k + l] * b[c * k + l]);
      ((double *)out)[r * COLUMNS + c] = (double)sum;
    }
}

static void tile_integer(const void *a_rows, const void *b_rows, size_t k, void *out) {
  const uint64_t *a = a_rows, *b = b_rows;
  for (size_t r = 0; r < ROWS; r++)
    for (size_t c = 0; c < COLUMNS; c++) {
      uint64_t sum = 0;
      for (size_t l = 0; l < k; l++)
        sum += a[r * k + l] * b[c * k + l];
      ((uint64_t *)out)[r * COLUMNS + c] = sum;
    }
}

static void tile_bool(const void *a_rows, const void *b_rows, size_t k, void *out) {
  tile_integer(a_rows, b_rows, k, out);
  for (size_t i = 0; i < ROWS * COLUMNS; i++)
    ((uint64_t *)out)[i] = ((uint64_t *)out)[i] != 0;
}

static uint64_t reduce_wide(alpa_uint128 sum) { return alpa_field_add((uint64_t)(sum % ALPA_FIELD_P), 0); }

static alpa_uint128 fold_wide(alpa_uint128 sum) { return (sum & ALPA_FIELD_P) + (sum >> 61); }

/* Two columns at a time, as many sums as fit into registers. */
static void tile_field_pair(const uint64_t *x, const uint64_t *b, size_t k, uint64_t *out) {
  alpa_uint128 left = 0, right = 0;
  const uint64_t *y = b + k;
  for (size_t first = 0; first < k; first += LAZY) {
    size_t end = first + LAZY < k ? first + LAZY : k;
    for (size_t l = first; l < end; l++) {
      left += (alpa_uint128)x[l] * b[l];
      right += (alpa_uint128)x[l] * y[l];
    }
    left = fold_wide(left), right = fold_wide(right);
  }
  out[0] = reduce_wide(left), out[1] = reduce_wide(right);
}

static void tile_field(const void *a, const void *b, size_t k, void *out) {
  for (size_t r = 0; r < ROWS; r++)
    for (size_t c = 0; c < COLUMNS; c += 2)
      tile_field_pair((const uint64_t *)a + r * k, (const uint64_t *)b + c * k, k, (uint64_t *)out + r * COLUMNS + c);
}

/* With infinities or NaN among the elements. */
static void tile_field_special(const void *a_rows, const void *b_rows, size_t k, void *out) {
  const uint64_t *a = a_rows, *b = b_rows;
  for (size_t r = 0; r < ROWS; r++)
    for (size_t c = 0; c < COLUMNS; c++) {
      uint64_t sum = 0;
      for (size_t l = 0; l < k; l++)
        sum = alpa_field_add(sum, alpa_field_multiply(a[r * k + l], b[c * k + l]));
      ((uint64_t *)out)[r * COLUMNS + c] = sum;
    }
}

/* ---- one pair of matrices of plain compute types (8 bytes each) ------------------------------------------------- */

static void multiply(tile_fn *tile, const char *a, const char *b, char *c, const size_t size[3]) {
  size_t m = size[0], n = size[1], k = size[2], padded = (n + COLUMNS - 1) / COLUMNS * COLUMNS;
  for (size_t j = 0; j < padded; j += COLUMNS) /* its columns stay in the nearest cache, the rows in the next */
    for (size_t i = 0; i < m; i += ROWS) {
      uint64_t sums[ROWS * COLUMNS];
      tile(a + i * k * 8, b + j * k * 8, k, sums);
      for (size_t r = 0; r < ROWS && i + r < m; r++)
        for (size_t q = 0; q < COLUMNS && j + q < n; q++)
          memcpy(c + ((i + r) * n + j + q) * 8, &sums[r * COLUMNS + q], 8);
    }
}

static bool has_special(const uint64_t *elements, size_t n) {
  uint64_t all = 0;
  for (size_t i = 0; i < n; i++)
    all |= elements[i];
  return alpa_field_is_special(all);
}

static size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

/* A matrix of compute numbers, zero-padded in both directions; parts 2: real and imaginary parts as two matrices. */
typedef struct panel {
  char *parts[2];
  uint64_t *line; /* one row of pairs */
  size_t rows, k; /* padded */
  size_t columns; /* of k those that are in use */
} panel;

static panel panel_create(alpa_call *call, size_t rows, size_t columns, size_t n_parts) {
  size_t k = round_up(columns, UNIT);
  panel p = {.rows = rows, .k = k, .columns = columns};
  for (size_t i = 0; i < n_parts; i++)
    p.parts[i] = alpa_call_scratch(call, rows * k * 8);
  p.line = n_parts == 2 ? alpa_call_scratch(call, k * 16) : NULL;
  return p;
}

static void load_panel(const alpa_call *call, panel *p, alpa_dtype dtype, const char *from, size_t rows) {
  alpa_arith arith = call->machine->arith;
  size_t bytes = alpa_arith_element_bytes(arith, dtype), k = p->columns;
  bool pairs = p->parts[1] != NULL;
  memset(p->parts[0], 0, p->rows * p->k * 8);
  if (pairs)
    memset(p->parts[1], 0, p->rows * p->k * 8);
  for (size_t r = 0; r < rows; r++) {
    char *to = p->parts[0] + r * p->k * 8;
    alpa_elements_load(arith, dtype, from + r * k * bytes, k, pairs ? (void *)p->line : to);
    for (size_t l = 0; pairs && l < k; l++) {
      memcpy(to + 8 * l, &p->line[2 * l], 8);
      memcpy(p->parts[1] + (r * p->k + l) * 8, &p->line[2 * l + 1], 8);
    }
  }
}

static tile_fn *find_tile(alpa_number_kind kind, const panel *a, const panel *b, size_t parts) {
  bool special = false;
  switch (kind) {
  case ALPA_NUMBER_BOOL:
    return tile_bool;
  case ALPA_NUMBER_INT:
  case ALPA_NUMBER_UINT:
    return tile_integer;
  case ALPA_NUMBER_FLOAT:
  case ALPA_NUMBER_COMPLEX:
    return has_wide_vectors() ? tile_double_wide : tile_double;
  case ALPA_NUMBER_FIELD:
  case ALPA_NUMBER_FIELD_COMPLEX:
  case ALPA_NUMBER_KINDS:
    break;
  }
  for (size_t i = 0; i < parts; i++)
    special |= has_special((const uint64_t *)(const void *)a->parts[i], a->rows * a->k) ||
               has_special((const uint64_t *)(const void *)b->parts[i], b->rows * b->k);
  return special ? tile_field_special : tile_field;
}

/* (ar + i ai)(br + i bi) from four real products, which stand behind the result in `c`. */
static void multiply_complex(tile_fn *tile, const panel *a, const panel *b, char *c, const size_t size[3]) {
  size_t n = size[0] * size[1];
  uint64_t *products[2][2];
  for (size_t x = 0; x < 2; x++)
    for (size_t y = 0; y < 2; y++) {
      products[x][y] = (uint64_t *)(void *)c + (2 + 2 * x + y) * n;
      multiply(tile, a->parts[x], b->parts[y], (char *)products[x][y], size);
    }
  for (size_t i = 0; i < n; i++)
    if (tile == tile_double || tile == tile_double_wide || tile == tile_single) {
      const double *rr = (const double *)products[0][0], *ii = (const double *)products[1][1];
      const double *ri = (const double *)products[0][1], *ir = (const double *)products[1][0];
      ((double *)(void *)c)[2 * i] = rr[i] - ii[i];
      ((double *)(void *)c)[2 * i + 1] = ri[i] + ir[i];
    } else {
      ((uint64_t *)(void *)c)[2 * i] = alpa_field_subtract(products[0][0][i], products[1][1][i]);
      ((uint64_t *)(void *)c)[2 * i + 1] = alpa_field_add(products[0][1][i], products[1][0][i]);
    }
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Rows of a at a time, so that panels stay small. */
enum { PANEL_ROWS = 64 };

/* Operands of a type with fewer numbers than the result's are converted first, so that all have one kind. */
static const void *same_kind(alpa_call *call, alpa_dtype from, const void *data, int64_t n, alpa_dtype to) {
  alpa_arith arith = call->machine->arith;
  if (alpa_number_kind_of(arith, from) == alpa_number_kind_of(arith, to))
    return NULL;
  int64_t dims[1] = {n};
  alpa_tensor in = {.dtype = from, .rank = 1, .dims = dims, .data = (void *)(uintptr_t)data};
  alpa_tensor out = {.dtype = to, .rank = 1, .dims = dims};
  out.data = alpa_call_scratch(call, alpa_tensor_bytes(&out, arith));
  alpa_elements_convert(call->machine, &in, (size_t)n, &out);
  return out.data;
}

typedef struct workspace {
  panel a, b;
  void *sums;
} workspace;

static void contract_batch(const alpa_call *call, const alpa_contraction *t, workspace *space, int64_t batch) {
  panel *a = &space->a, *b = &space->b;
  void *sums = space->sums;
  alpa_arith arith = call->machine->arith;
  alpa_number_kind kind = alpa_number_kind_of(arith, t->c_dtype);
  size_t parts = b->parts[1] ? 2 : 1, m = (size_t)t->m, n = (size_t)t->n, k = (size_t)t->k;
  size_t a_bytes = alpa_arith_element_bytes(arith, t->a_dtype), b_bytes = alpa_arith_element_bytes(arith, t->b_dtype);
  size_t c_bytes = alpa_arith_element_bytes(arith, t->c_dtype);
  load_panel(call, b, t->b_dtype, (const char *)t->b + (size_t)batch * n * k * b_bytes, n);
  for (size_t i = 0; i < m; i += PANEL_ROWS) {
    size_t rows = least(PANEL_ROWS, m - i);
    load_panel(call, a, t->a_dtype, (const char *)t->a + ((size_t)batch * m + i) * k * a_bytes, rows);
    size_t size[3] = {rows, n, b->k};
    tile_fn *tile = find_tile(kind, a, b, parts);
    bool single = arith == ALPA_ARITH_REAL && (t->c_dtype == ALPA_F32 || t->c_dtype == ALPA_C64);
    if (single && k <= SHORT_SUM)
      tile = tile_single;
    if (parts == 2)
      multiply_complex(tile, a, b, sums, size);
    else
      multiply(tile, a->parts[0], b->parts[0], sums, size);
    alpa_elements_store(arith, t->c_dtype, sums, rows * n, (char *)t->c + ((size_t)batch * m + i) * n * c_bytes);
  }
}

void alpa_contract(alpa_call *call, const alpa_contraction *contraction) {
  alpa_contraction t = *contraction;
  const void *a_converted = same_kind(call, t.a_dtype, t.a, t.batches * t.m * t.k, t.c_dtype);
  const void *b_converted = same_kind(call, t.b_dtype, t.b, t.batches * t.n * t.k, t.c_dtype);
  if (a_converted)
    t.a = a_converted, t.a_dtype = t.c_dtype;
  if (b_converted)
    t.b = b_converted, t.b_dtype = t.c_dtype;
  alpa_number_kind kind = alpa_number_kind_of(call->machine->arith, t.c_dtype);
  size_t parts = kind == ALPA_NUMBER_COMPLEX || kind == ALPA_NUMBER_FIELD_COMPLEX ? 2 : 1;
  workspace space = {.a = panel_create(call, PANEL_ROWS, (size_t)t.k, parts),
                     .b = panel_create(call, round_up((size_t)t.n, COLUMNS), (size_t)t.k, parts)};
  space.sums = alpa_call_scratch(call, PANEL_ROWS * (size_t)t.n * (parts == 2 ? 48 : 8));
  for (int64_t batch = 0; batch < t.batches; batch++)
    contract_batch(call, &t, &space, batch);
}
