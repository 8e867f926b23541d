/* Products on a GPU: choice of the tile, the place of a block, and the way out of a finished tile. */
#include "codegen/ptx/product.h"

#include <string.h>

typedef LLVMValueRef V;

/* The kinds of kernel, best first; the last takes everything. */
static const struct {
  bool (*fits)(const alpa_lower *lower, const alpa_ptx_product *product);
  void (*schedule)(alpa_lower *lower, const alpa_ptx_product *product, alpa_ptx_tile *out_tile,
                   int64_t *out_shared_bytes);
  void (*emit)(alpa_lower *lower, const alpa_ptx_product *product, const alpa_ptx_tile *tile);
} kinds[] = {
    {alpa_ptx_product_wgmma_fits, alpa_ptx_product_wgmma_schedule, alpa_ptx_product_wgmma_emit},
    {alpa_ptx_product_mma_fits, alpa_ptx_product_mma_schedule, alpa_ptx_product_mma_emit},
    {NULL, alpa_ptx_product_fma_schedule, alpa_ptx_product_fma_emit},
};

static uint32_t kind_of(const alpa_lower *lower, const alpa_ptx_product *p) {
  uint32_t kind = 0;
  while (kinds[kind].fits && !kinds[kind].fits(lower, p))
    kind++;
  return kind;
}

/* ---- parts of k ---- */

/* As many parts as fill the multiprocessors twice, each with some steps to do. */
static uint32_t parts_of(const alpa_lower *lower, const alpa_ptx_product *p, const alpa_ptx_tile *tile) {
  enum { LEAST_STEPS = 8, MOST_PARTS = 32, MOST_BYTES = 1 << 26 };
  int64_t n_tiles = p->b * tile->n_rows * tile->n_columns, bytes = alpa_dtype_get_info(p->accumulator)->bytes;
  uint32_t parts = 1;
  while (!tile->is_persistent && parts < MOST_PARTS && n_tiles * parts < lower->target->n_cores &&
         p->k >= 2 * (int64_t)parts * LEAST_STEPS * tile->depth && 2 * parts * bytes * p->b * p->m * p->n <= MOST_BYTES)
    parts *= 2;
  return parts;
}

/* k of a part: whole steps. */
static int64_t part_depth(const alpa_ptx_product *p, const alpa_ptx_tile *tile) {
  int64_t steps = (p->k + tile->depth - 1) / tile->depth;
  return (steps + tile->n_parts - 1) / tile->n_parts * tile->depth;
}

/* Partial sums lie in scratch memory as [part][b][m][n]. */
static V scratch_at(alpa_lower *lower, const alpa_ptx_product *p, V part, V b, V m, V n) {
  LLVMBuilderRef builder = lower->builder;
  V index = LLVMBuildAdd(builder, LLVMBuildMul(builder, part, alpa_lower_i64(lower, p->b), ""), b, "");
  index = LLVMBuildAdd(builder, LLVMBuildMul(builder, index, alpa_lower_i64(lower, p->m), ""), m, "");
  index = LLVMBuildAdd(builder, LLVMBuildMul(builder, index, alpa_lower_i64(lower, p->n), ""), n, "");
  return alpa_lower_address(lower, alpa_lower_scratch(lower), index, p->accumulator);
}

static uint32_t lanes_bytes(const alpa_ptx_product *p) {
  uint32_t bytes = p->lanes * alpa_dtype_get_info(p->accumulator)->bytes;
  return bytes > 16 ? 16 : bytes;
}

/* The second phase: a thread adds up the parts of `lanes` sums, in their order. */
static void emit_sums(alpa_lower *lower, const alpa_ptx_product *p, const alpa_ptx_tile *tile) {
  int64_t count = p->b * p->m * (p->n / p->lanes);
  V rest, piece, m, b, sum = NULL;
  alpa_lower_divide(lower, lower->task, count, p->n / p->lanes, &rest, &piece);
  alpa_lower_divide(lower, rest, count, p->m, &b, &m);
  V n = LLVMBuildMul(lower->builder, piece, alpa_lower_i64(lower, p->lanes), "");
  bool floats = alpa_dtype_get_info(p->accumulator)->class_ == ALPA_CLASS_FLOAT;
  for (uint32_t part = 0; part < tile->n_parts; part++) {
    V address = scratch_at(lower, p, alpa_lower_i64(lower, part), b, m, n);
    V value = alpa_lower_load_aligned(lower, address, p->accumulator, p->lanes, lanes_bytes(p));
    sum = !sum     ? value
          : floats ? LLVMBuildFAdd(lower->builder, sum, value, "")
                   : LLVMBuildAdd(lower->builder, sum, value, "");
  }
  p->store(lower, p, b, m, n, sum);
}

/* ---- the kernel ---- */

static alpa_ptx_tile plan(alpa_lower *lower, const alpa_ptx_product *p, int64_t *out_shared_bytes) {
  alpa_ptx_tile tile;
  kinds[kind_of(lower, p)].schedule(lower, p, &tile, out_shared_bytes);
  tile.n_parts = parts_of(lower, p, &tile);
  return tile;
}

void alpa_ptx_product_schedule(alpa_lower *lower, const alpa_ptx_product *p) {
  int64_t shared_bytes;
  alpa_ptx_tile tile = plan(lower, p, &shared_bytes);
  int64_t n_blocks = p->b * tile.n_rows * tile.n_columns * tile.n_parts;
  alpa_kernel_schedule *schedule = lower->schedule;
  if (n_blocks > INT32_MAX)
    alpa_lower_unsupported(lower, lower->kernel, "has more tiles than a grid of a GPU has blocks");
  if (tile.is_persistent && n_blocks > lower->target->n_cores)
    n_blocks = lower->target->n_cores;
  schedule->n_phases = 1;
  schedule->n_tasks[0] = n_blocks;
  schedule->launch[0] = (alpa_kernel_launch){.is_block_task = true,
                                             .min_blocks = tile.threads > 256 ? 1 : 512 / tile.threads,
                                             .grid = {(uint32_t)(n_blocks ? n_blocks : 1), 1, 1},
                                             .block = {tile.threads, 1, 1},
                                             .shared_bytes = shared_bytes,
                                             .n_tensor_maps = tile.n_maps};
  memcpy(schedule->launch[0].tensor_maps, tile.maps, sizeof tile.maps);
  if (tile.n_parts == 1)
    return;
  schedule->n_phases = 2;
  schedule->n_tasks[1] = p->b * p->m * (p->n / p->lanes);
  schedule->scratch_bytes = tile.n_parts * p->b * p->m * p->n * alpa_dtype_get_info(p->accumulator)->bytes;
}

void alpa_ptx_product_emit(alpa_lower *lower, const alpa_ptx_product *p, uint32_t phase) {
  int64_t shared_bytes;
  alpa_ptx_tile tile = plan(lower, p, &shared_bytes);
  if (!p->b || !p->m || !p->n)
    return;
  if (phase == 0)
    kinds[kind_of(lower, p)].emit(lower, p, &tile);
  else
    emit_sums(lower, p, &tile);
}

/* Tiles follow each other down GROUP rows, then along the columns: those that run at once are a square, whose operands
 * the L2 cache holds. */
enum { GROUP = 8 };

alpa_ptx_place alpa_ptx_place_find(alpa_lower *lower, const alpa_ptx_product *p, const alpa_ptx_tile *tile, V number) {
  LLVMBuilderRef b = lower->builder;
  int64_t count = p->b * tile->n_rows * tile->n_columns;
  V rest, column, row, batch, part;
  alpa_lower_divide(lower, number, count * tile->n_parts, tile->n_parts, &number, &part);
  uint32_t group = tile->n_rows % GROUP ? 1 : GROUP;
  alpa_lower_divide(lower, number, count, group, &rest, &row);
  alpa_lower_divide(lower, rest, count, tile->n_columns, &rest, &column);
  alpa_lower_divide(lower, rest, count, tile->n_rows / group, &batch, &rest);
  row = LLVMBuildAdd(b, LLVMBuildMul(b, rest, alpa_lower_i64(lower, group), ""), row, "");
  V depth = alpa_lower_i64(lower, part_depth(p, tile)), k = LLVMBuildMul(b, part, depth, "");
  V k_end = LLVMBuildAdd(b, k, depth, ""), all = alpa_lower_i64(lower, p->k);
  k_end = alpa_lower_intrinsic(lower, "llvm.umin", &lower->type.i64, 1, (V[]){k_end, all}, 2);
  return (alpa_ptx_place){.product = p,
                          .tile = tile,
                          .part = part,
                          .k = tile->n_parts == 1 ? alpa_lower_i64(lower, 0) : k,
                          .k_end = tile->n_parts == 1 ? all : k_end,
                          .b = batch,
                          .row = LLVMBuildMul(b, row, alpa_lower_i64(lower, tile->rows), ""),
                          .column = LLVMBuildMul(b, column, alpa_lower_i64(lower, tile->columns), ""),
                          .thread = alpa_ptx_thread(lower)};
}

/* ---- accesses to the operands ---- */

V alpa_ptx_access_find(alpa_lower *lower, const alpa_ptx_place *at, const alpa_ptx_access *access, V row, V k,
                       V *out_exists) {
  const alpa_ptx_matrix *matrix = access->matrix;
  LLVMBuilderRef b = lower->builder;
  V offset, exists = NULL;
  if (matrix->rows % access->extent) {
    V last = alpa_lower_i64(lower, matrix->rows - (matrix->major == ALPA_PTX_ROW_MAJOR ? access->vector : 1));
    row = alpa_lower_intrinsic(lower, "llvm.umin", &lower->type.i64, 1, (V[]){row, last}, 2);
  }
  matrix->locate(lower, at->product, matrix, at->b, row, k, &offset, &exists);
  V inside = LLVMBuildICmp(b, LLVMIntULT, k, at->k_end, "");
  *out_exists = exists ? LLVMBuildAnd(b, exists, inside, "") : inside;
  offset = LLVMBuildSelect(b, *out_exists, offset, alpa_lower_i64(lower, 0), "");
  return alpa_lower_address(lower, lower->operands[matrix->operand], offset, matrix->dtype);
}

/* ---- the finished tile ---- */

int64_t alpa_ptx_result_bytes(const alpa_ptx_product *p, uint32_t rows, uint32_t columns) {
  return (int64_t)rows * (columns + ALPA_PTX_ROW_PAD) * alpa_dtype_get_info(p->accumulator)->bytes;
}

alpa_ptx_result alpa_ptx_result_of(const alpa_ptx_tile *tile) {
  return (alpa_ptx_result){.rows = tile->rows, .columns = tile->columns, .threads = tile->threads};
}

V alpa_ptx_result_address(alpa_lower *lower, const alpa_ptx_place *at, const alpa_ptx_result *result, V row, V column) {
  V stride = alpa_ptx_i32(lower, result->columns + ALPA_PTX_ROW_PAD);
  V index = LLVMBuildAdd(lower->builder, LLVMBuildMul(lower->builder, row, stride, ""), column, "");
  return alpa_ptx_shared(lower, alpa_lower_compute_type(lower, at->product->accumulator), result->byte, index);
}

/* One access of the thread: `lanes` elements of a row, neighbouring threads side by side. */
static void store_piece(alpa_lower *lower, const alpa_ptx_place *at, const alpa_ptx_result *result, V piece) {
  LLVMBuilderRef b = lower->builder;
  const alpa_ptx_product *p = at->product;
  V pieces = alpa_ptx_i32(lower, result->columns / p->lanes);
  V row = LLVMBuildUDiv(b, piece, pieces, ""), column = LLVMBuildURem(b, piece, pieces, "");
  column = LLVMBuildMul(b, column, alpa_ptx_i32(lower, p->lanes), "");
  V m = LLVMBuildAdd(b, at->row, LLVMBuildZExt(b, row, lower->type.i64, ""), "");
  V n = LLVMBuildAdd(b, at->column, LLVMBuildZExt(b, column, lower->type.i64, ""), "");
  n = LLVMBuildAdd(b, n, alpa_lower_i64(lower, result->first_column), "");
  V inside = LLVMBuildICmp(b, LLVMIntULT, m, alpa_lower_i64(lower, p->m), "");
  inside = LLVMBuildAnd(b, inside, LLVMBuildICmp(b, LLVMIntULT, n, alpa_lower_i64(lower, p->n), ""), "");
  alpa_ptx_if if_inside = alpa_ptx_begin_if(lower, inside);
  LLVMTypeRef type = alpa_lower_vector_type(alpa_lower_compute_type(lower, p->accumulator), p->lanes);
  V value = LLVMBuildLoad2(b, type, alpa_ptx_result_address(lower, at, result, row, column), "");
  LLVMSetAlignment(value, lanes_bytes(p));
  if (at->tile->n_parts == 1)
    p->store(lower, p, at->b, m, n, value);
  else
    LLVMSetAlignment(LLVMBuildStore(b, value, scratch_at(lower, p, at->part, at->b, m, n)), lanes_bytes(p));
  alpa_ptx_end_if(lower, if_inside);
}

void alpa_ptx_result_store(alpa_lower *lower, const alpa_ptx_place *at, const alpa_ptx_result *result) {
  uint32_t pieces = result->rows * result->columns / at->product->lanes;
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, at->thread, alpa_ptx_i32(lower, pieces), result->threads);
  alpa_expr_push(lower);
  store_piece(lower, at, result, loop.index);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}
