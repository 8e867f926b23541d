/* Products by the tensor cores of compute capability 8.0, for bf16, f16 and tf32 with sums in f32.
 *
 * A warp has a part of the tile in fragments of 16 x 8 sums (mma.m16n8k16, or m16n8k8 of tf32).  Steps of k are on
 * their way from memory to a ring of buffers (cp.async) while others are multiplied.  In a buffer, elements lie side by
 * side as they do in memory, [row][k] or [k][row], in chunks of 16 bytes that are permuted so that ldmatrix, whose 8
 * rows are one line of chunks each, has no conflicts of banks; a matrix that lies the other way round is transposed by
 * ldmatrix, or, since that moves 16 bits, read element by element. */
#include "codegen/ptx/mma.h"
#include "codegen/ptx/product.h"

typedef LLVMValueRef V;

enum {
  CHUNK_BYTES = 16,
  DEPTH_BYTES = 64,   /* of a step along k */
  STAGES = 4,         /* buffers */
  MOST_FRAGMENTS = 16 /* of a warp */
};

/* Tiles, largest first, as warps side by side and parts of the tile that a warp has. */
typedef struct shape {
  uint32_t warp_rows, warp_columns, rows, columns;
} shape;
static const shape shapes[] = {{2, 4, 64, 32}, {2, 2, 32, 32}};

typedef struct side {
  const alpa_ptx_matrix *matrix;
  uint32_t extent; /* of the tile */
  uint32_t byte;   /* in a buffer */
  V first;         /* of the rows, i64 */
  V warp_first;    /* of the warp's rows in the tile, i32 */
} side;

typedef struct product {
  const alpa_ptx_place *at;
  alpa_lower *lower;
  const shape *shape;
  side sides[2];
  uint32_t buffer_bytes, n_rows, n_columns; /* fragments of a warp */
  uint32_t element_bytes, chunk, depth;     /* elements of a chunk; of a step along k */
  V lane;
} product;

bool alpa_ptx_product_mma_fits(const alpa_lower *lower, const alpa_ptx_product *p) {
  (void)lower;
  bool has_type = p->lhs.dtype == ALPA_BF16 || p->lhs.dtype == ALPA_F16 || (p->lhs.dtype == ALPA_F32 && p->tf32);
  uint32_t chunk = CHUNK_BYTES / alpa_dtype_get_info(p->lhs.dtype)->bytes;
  return has_type && p->lhs.dtype == p->rhs.dtype && p->accumulator == ALPA_F32 && p->lhs.vector >= chunk &&
         p->rhs.vector >= chunk;
}

static int64_t tiles_of(int64_t extent, uint32_t tile) { return (extent + tile - 1) / tile; }

static const shape *shape_of(const alpa_lower *lower, const alpa_ptx_product *p) {
  const shape *large = &shapes[0];
  uint32_t rows = large->warp_rows * large->rows, columns = large->warp_columns * large->columns;
  bool fills = p->b * tiles_of(p->m, rows) * tiles_of(p->n, columns) >= lower->target->n_cores;
  return fills && 2 * p->m > rows && 2 * p->n > columns ? large : &shapes[1];
}

void alpa_ptx_product_mma_schedule(alpa_lower *lower, const alpa_ptx_product *p, alpa_ptx_tile *out_tile,
                                   int64_t *out_shared_bytes) {
  const shape *s = shape_of(lower, p);
  uint32_t rows = s->warp_rows * s->rows, columns = s->warp_columns * s->columns;
  *out_tile = (alpa_ptx_tile){.rows = rows,
                              .columns = columns,
                              .depth = DEPTH_BYTES / alpa_dtype_get_info(p->lhs.dtype)->bytes,
                              .threads = s->warp_rows * s->warp_columns * ALPA_WARP,
                              .n_rows = tiles_of(p->m, rows),
                              .n_columns = tiles_of(p->n, columns)};
  int64_t buffers = (int64_t)STAGES * (rows + columns) * DEPTH_BYTES, result = alpa_ptx_result_bytes(p, rows, columns);
  *out_shared_bytes = buffers > result ? buffers : result;
}

/* ---- small arithmetic in 32 bits ---- */

static V number(const product *p, int64_t value) { return alpa_ptx_i32(p->lower, value); }
static V add(const product *p, V a, V b) { return LLVMBuildAdd(p->lower->builder, a, b, ""); }
static V times(const product *p, V a, int64_t by) { return LLVMBuildMul(p->lower->builder, a, number(p, by), ""); }
static V over(const product *p, V a, int64_t by) { return LLVMBuildUDiv(p->lower->builder, a, number(p, by), ""); }
static V rest(const product *p, V a, int64_t by) { return LLVMBuildURem(p->lower->builder, a, number(p, by), ""); }
static V wide(const product *p, V a) { return LLVMBuildZExt(p->lower->builder, a, p->lower->type.i64, ""); }

/* ---- buffers ---- */

/* Byte of a chunk: line and chunk of the line as the elements lie in memory. */
static V chunk_byte(const product *p, const side *s, V line, V chunk) {
  LLVMBuilderRef b = p->lower->builder;
  uint32_t chunks = (s->matrix->major == ALPA_PTX_K_MAJOR ? p->depth : s->extent) / p->chunk;
  /* 8 chunks are all banks: lines of fewer are permuted together */
  V turn = chunks >= 8 ? rest(p, line, 8) : rest(p, over(p, line, 8 / chunks), chunks);
  V place = LLVMBuildXor(b, chunk, turn, "");
  return add(p, add(p, times(p, line, (int64_t)chunks * 16), times(p, place, 16)), number(p, s->byte));
}

/* One chunk of a step: memory to buffer; zeros where it does not exist. */
static void copy_chunk(const product *p, const side *s, V step, V buffer, V piece) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  bool k_major = s->matrix->major == ALPA_PTX_K_MAJOR;
  uint32_t chunks = (k_major ? p->depth : s->extent) / p->chunk;
  V line = over(p, piece, chunks), chunk = rest(p, piece, chunks), along = wide(p, times(p, chunk, p->chunk));
  V row = k_major ? wide(p, line) : along, k = k_major ? along : wide(p, line), exists;
  row = LLVMBuildAdd(b, s->first, row, "");
  k = LLVMBuildAdd(b, step, k, "");
  alpa_ptx_access access = {s->matrix, p->chunk, s->extent};
  V from = alpa_ptx_access_find(l, p->at, &access, row, k, &exists);
  alpa_ptx_copy_async(l, alpa_ptx_shared(l, l->type.i8, 0, add(p, buffer, chunk_byte(p, s, line, chunk))), from,
                      exists);
}

static void copy_step(const product *p, V step, V buffer) {
  uint32_t threads = p->at->tile->threads;
  for (uint32_t s = 0; s < 2; s++)
    for (uint32_t i = 0; i < p->sides[s].extent * p->depth / p->chunk / threads; i++)
      copy_chunk(p, &p->sides[s], step, buffer, add(p, p->at->thread, number(p, (int64_t)i * threads)));
  alpa_ptx_copy_commit(p->lower);
}

/* ---- fragments ---- */

/* Four 8 x 8 matrices of a side: rows from `row` and `row` + 8, and k from `k` and `k` + 8 (i32, in the tile and the
 * step).  The fragment of the left side counts them row first, that of the right side k first. */
static void load_matrices(const product *p, const side *s, V buffer, V row, uint32_t k, V out[4]) {
  alpa_lower *l = p->lower;
  bool left = s == &p->sides[0], k_major = s->matrix->major == ALPA_PTX_K_MAJOR;
  V within = rest(p, p->lane, 8), low = rest(p, over(p, p->lane, 8), 2), high = over(p, p->lane, 16);
  V row_half = left ? low : high, k_half = left ? high : low, line, chunk;
  if (k_major) {
    line = add(p, add(p, row, times(p, row_half, 8)), within);
    chunk = add(p, number(p, k / p->chunk), k_half);
  } else {
    line = add(p, add(p, number(p, k), times(p, k_half, 8)), within);
    chunk = add(p, over(p, row, p->chunk), row_half);
  }
  V address = alpa_ptx_shared(l, l->type.i8, 0, add(p, buffer, chunk_byte(p, s, line, chunk)));
  alpa_ptx_load_matrices(l, address, !k_major, out);
}

/* The same of a row-major matrix of 32-bit elements: 4 lanes along k, 8 along the rows, one element of each matrix. */
static void load_elements(const product *p, const side *s, V buffer, V row, uint32_t k, V out[4]) {
  alpa_lower *l = p->lower;
  bool left = s == &p->sides[0];
  row = add(p, row, over(p, p->lane, 4));
  for (uint32_t i = 0; i < 4; i++) {
    uint32_t row_half = left ? i % 2 : i / 2, k_half = left ? i / 2 : i % 2;
    V line = add(p, number(p, k + 4 * k_half), rest(p, p->lane, 4)), at = add(p, row, number(p, 8 * row_half));
    V byte = add(p, chunk_byte(p, s, line, over(p, at, p->chunk)), times(p, rest(p, at, p->chunk), p->element_bytes));
    out[i] = LLVMBuildLoad2(l->builder, l->type.i32, alpa_ptx_shared(l, l->type.i8, 0, add(p, buffer, byte)), "");
  }
}

/* Of either kind; tf32 is rounded to. */
static void load_operand(const product *p, const side *s, V buffer, V row, uint32_t k, V out[4]) {
  alpa_lower *l = p->lower;
  bool tf32 = s->matrix->dtype == ALPA_F32;
  if (tf32 && s->matrix->major == ALPA_PTX_ROW_MAJOR)
    load_elements(p, s, buffer, row, k, out);
  else
    load_matrices(p, s, buffer, row, k, out);
  for (uint32_t i = 0; i < 4 && tf32; i++)
    out[i] = alpa_ptx_round_tf32(l, out[i]);
}

static V *sums_of(const product *p, V *sums, uint32_t row, uint32_t column) {
  return sums + (row * p->n_columns + column) * ALPA_MMA_SUMS;
}

static void multiply_step(const product *p, V buffer, V *sums) {
  for (uint32_t k = 0; k < p->depth; k += ALPA_MMA_BYTES / p->element_bytes) {
    V left[4][4], right[4][2];
    for (uint32_t i = 0; i < p->n_rows; i++)
      load_operand(p, &p->sides[0], buffer, add(p, p->sides[0].warp_first, number(p, (int64_t)i * ALPA_MMA_ROWS)), k,
                   left[i]);
    for (uint32_t j = 0; j < p->n_columns; j += 2) {
      V four[4], row = add(p, p->sides[1].warp_first, number(p, (int64_t)j * ALPA_MMA_COLUMNS));
      load_operand(p, &p->sides[1], buffer, row, k, four);
      for (uint32_t i = 0; i < 4; i++)
        right[j + i / 2][i % 2] = four[i];
    }
    for (uint32_t i = 0; i < p->n_rows; i++)
      for (uint32_t j = 0; j < p->n_columns; j++)
        alpa_ptx_mma(p->lower, p->sides[0].matrix->dtype, left[i], right[j], sums_of(p, sums, i, j));
  }
}

/* ---- the kernel ---- */

static V next_buffer(const product *p, V buffer, bool backwards) {
  LLVMBuilderRef b = p->lower->builder;
  int64_t end = (int64_t)(STAGES - 1) * p->buffer_bytes, from = backwards ? 0 : end, to = backwards ? end : 0;
  V step = number(p, backwards ? -(int64_t)p->buffer_bytes : p->buffer_bytes);
  V wraps = LLVMBuildICmp(b, LLVMIntEQ, buffer, number(p, from), "");
  return LLVMBuildSelect(b, wraps, number(p, to), add(p, buffer, step), "");
}

static void sum_all(const product *p, V *sums, uint32_t n_sums) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  for (uint32_t i = 0; i < n_sums; i++)
    sums[i] = LLVMConstNull(l->type.f32);
  for (uint32_t i = 0; i + 1 < STAGES; i++)
    copy_step(p, LLVMBuildAdd(b, p->at->k, alpa_lower_i64(l, (int64_t)i * p->depth), ""),
              number(p, (int64_t)i * p->buffer_bytes));
  alpa_loop loop;
  alpa_loop_begin(l, &loop, p->at->k, p->at->k_end, p->depth);
  for (uint32_t i = 0; i < n_sums; i++)
    sums[i] = alpa_loop_carry(l, &loop, sums[i]);
  V buffer = alpa_loop_carry(l, &loop, number(p, 0));
  alpa_expr_push(l);
  alpa_ptx_copy_wait(l, STAGES - 2);
  alpa_ptx_barrier(l); /* the buffer before this one has been read by all */
  copy_step(p, LLVMBuildAdd(b, loop.index, alpa_lower_i64(l, (int64_t)(STAGES - 1) * p->depth), ""),
            next_buffer(p, buffer, true));
  multiply_step(p, buffer, sums);
  alpa_expr_pop(l);
  for (uint32_t i = 0; i < n_sums; i++)
    alpa_loop_next(&loop, sums[i]);
  alpa_loop_next(&loop, next_buffer(p, buffer, false));
  alpa_loop_end(l, &loop);
  for (uint32_t i = 0; i < n_sums; i++)
    sums[i] = alpa_loop_result(&loop, i);
  alpa_ptx_copy_wait(l, 0);
}

/* Sums 0 and 1 stand side by side, 2 and 3 eight rows below. */
static void write_fragment(const product *p, const alpa_ptx_result *result, uint32_t i, uint32_t j, const V *sums) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  V row = add(p, add(p, p->sides[0].warp_first, number(p, (int64_t)i * ALPA_MMA_ROWS)), over(p, p->lane, 4));
  V column = add(p, add(p, p->sides[1].warp_first, number(p, (int64_t)j * ALPA_MMA_COLUMNS)),
                 times(p, rest(p, p->lane, 4), 2));
  for (uint32_t half = 0; half < 2; half++) {
    V pair = LLVMGetPoison(LLVMVectorType(l->type.f32, 2));
    for (uint32_t e = 0; e < 2; e++)
      pair = LLVMBuildInsertElement(b, pair, sums[2 * half + e], number(p, e), "");
    V address = alpa_ptx_result_address(l, p->at, result, add(p, row, number(p, (int64_t)half * 8)), column);
    LLVMSetAlignment(LLVMBuildStore(b, pair, address), 8);
  }
}

void alpa_ptx_product_mma_emit(alpa_lower *lower, const alpa_ptx_product *whole, const alpa_ptx_tile *tile) {
  alpa_ptx_place at = alpa_ptx_place_find(lower, whole, tile, lower->task);
  alpa_ptx_result result = alpa_ptx_result_of(tile);
  const shape *s = shape_of(lower, whole);
  product p = {.at = &at,
               .lower = lower,
               .shape = s,
               .buffer_bytes = (tile->rows + tile->columns) * DEPTH_BYTES,
               .n_rows = s->rows / ALPA_MMA_ROWS,
               .n_columns = s->columns / ALPA_MMA_COLUMNS,
               .element_bytes = alpa_dtype_get_info(whole->lhs.dtype)->bytes,
               .depth = tile->depth};
  p.chunk = CHUNK_BYTES / p.element_bytes;
  p.lane = rest(&p, at.thread, ALPA_WARP);
  V warp = over(&p, at.thread, ALPA_WARP);
  p.sides[0] = (side){.matrix = &whole->lhs,
                      .extent = tile->rows,
                      .first = at.row,
                      .warp_first = times(&p, over(&p, warp, s->warp_columns), s->rows)};
  p.sides[1] = (side){.matrix = &whole->rhs,
                      .extent = tile->columns,
                      .byte = tile->rows * DEPTH_BYTES,
                      .first = at.column,
                      .warp_first = times(&p, rest(&p, warp, s->warp_columns), s->columns)};
  V sums[MOST_FRAGMENTS * ALPA_MMA_SUMS];
  sum_all(&p, sums, p.n_rows * p.n_columns * ALPA_MMA_SUMS);
  alpa_ptx_barrier(lower);
  for (uint32_t i = 0; i < p.n_rows; i++)
    for (uint32_t j = 0; j < p.n_columns; j++)
      write_fragment(&p, &result, i, j, sums_of(&p, sums, i, j));
  alpa_ptx_barrier(lower);
  alpa_ptx_result_store(lower, &at, &result);
}
