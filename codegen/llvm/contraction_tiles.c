/* Contractions in register tiles.
 *
 * After Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (TOMS 2008): a tile of `height` rows
 * times `vectors` vectors of results stays in registers while k runs; both operands are packed so that the tile reads
 * memory in order.  A task owns a range of row tiles and of column panels; for each block of k it packs its rows once,
 * then each panel, and runs all tiles of the panel.  With several blocks of k, sums wait in the task's scratch memory.
 * Rows are covered by tiles of one height: the last one overlaps its neighbour and stores only what is new.
 * "Rows" are the dimensions that are broadcast, "columns" those on lanes; which of m and n is which depends on the
 * result's layout. */
#include "codegen/llvm/contraction_kernels.h"
#include "codegen/lower/loop.h"

typedef LLVMValueRef V;

/* X(height, vectors, efficiency): tiles that fit the registers; 32 vector registers, then 16. */
#define WIDE_TILES(X)                                                                                                  \
  X(14, 2, 1.00)                                                                                                       \
  X(13, 2, 0.99)                                                                                                       \
  X(12, 2, 0.99)                                                                                                       \
  X(11, 2, 0.97) X(10, 2, 0.96) X(9, 3, 1.00) X(8, 3, 1.00) X(7, 3, 0.96) X(6, 4, 0.97) X(8, 2, 0.93) X(6, 2, 0.88)    \
      X(4, 2, 0.80) X(2, 2, 0.55) X(1, 2, 0.30) X(28, 1, 0.92) X(16, 1, 0.88) X(12, 1, 0.84) X(8, 1, 0.75)             \
          X(4, 1, 0.60) X(2, 1, 0.40) X(1, 1, 0.25)
#define NARROW_TILES(X)                                                                                                \
  X(6, 2, 1.00)                                                                                                        \
  X(5, 2, 0.97)                                                                                                        \
  X(4, 2, 0.93)                                                                                                        \
  X(4, 3, 0.97) X(3, 2, 0.85) X(2, 2, 0.70) X(1, 2, 0.40) X(12, 1, 0.90) X(8, 1, 0.80) X(4, 1, 0.65) X(2, 1, 0.45)     \
      X(1, 1, 0.25)

typedef struct tile_shape {
  uint32_t height, vectors;
  double efficiency;
} tile_shape;

enum { K_BLOCK = 1024, UNROLL = 4, LEAST_WORK = 2048, ALIGNMENT = 64 };

typedef struct tiling {
  const alpa_contraction_dims *rows, *columns;
  alpa_contraction_side row_side, column_side;
  uint32_t height, vectors, lanes, width; /* of a tile; width = vectors * lanes */
  uint32_t element_bytes, unroll;
  int64_t row_tiles, panels, row_parts, column_parts;
  int64_t k_block, k_blocks;
  int64_t packed_rows, packed_columns, sums; /* elements of a task's scratch */
} tiling;

static int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

static void choose_shape(const alpa_lower *lower, tiling *t) {
  static const tile_shape wide[] =
      {
#define X(height, vectors, efficiency) {height, vectors, efficiency},
          WIDE_TILES(X)},
                          narrow[] = {NARROW_TILES(X)};
#undef X
  bool is_wide = lower->target->has_avx512;
  const tile_shape *shapes = is_wide ? wide : narrow;
  size_t n = is_wide ? countof(wide) : countof(narrow);
  double best = 0;
  for (size_t i = 0; i < n; i++) {
    const tile_shape *s = &shapes[i];
    if (s->height > t->rows->count)
      continue;
    double rows = (double)(divide_up(t->rows->count, s->height) * s->height);
    double columns = (double)(divide_up(t->columns->count, s->vectors * t->lanes) * s->vectors * t->lanes);
    double speed = s->efficiency * (double)t->rows->count / rows * (double)t->columns->count / columns;
    if (speed > best * 1.001) {
      best = speed;
      t->height = s->height;
      t->vectors = s->vectors;
    }
  }
  t->width = t->vectors * t->lanes;
}

/* Splits rows first, because packing columns again is the cheaper repetition, until there is work for all cores and
 * a part's packed rows fit half of the second-level cache. */
static void choose_parts(const alpa_lower *lower, const alpa_contraction *c, tiling *t) {
  double work = 2.0 * (double)c->b.count * (double)c->m.count * (double)c->n.count * (double)c->k.count / 16;
  int64_t units = c->b.count * t->row_tiles * t->panels;
  int64_t tasks = divide_up(alpa_task_count(lower, work, units), c->b.count);
  int64_t cache = lower->target->l2_bytes > 0 ? lower->target->l2_bytes / 2 : 512 * 1024;
  int64_t tiles_that_fit = cache / (t->height * t->k_block * t->element_bytes);
  t->row_parts = divide_up(t->row_tiles, tiles_that_fit > 0 ? tiles_that_fit : 1);
  int64_t least_tiles = divide_up(48, t->height); /* a panel that is packed for fewer rows is not worth it */
  while (t->row_parts < tasks && t->row_tiles / (t->row_parts + 1) >= least_tiles)
    t->row_parts++;
  t->column_parts = divide_up(tasks, t->row_parts);
  if (t->column_parts > t->panels)
    t->column_parts = t->panels;
}

static tiling plan(const alpa_lower *lower, const alpa_contraction *c) {
  bool along_m = alpa_contraction_along_m(c);
  tiling t = {.rows = along_m ? &c->n : &c->m,
              .columns = along_m ? &c->m : &c->n,
              .row_side = along_m ? ALPA_SIDE_RHS : ALPA_SIDE_LHS,
              .column_side = along_m ? ALPA_SIDE_LHS : ALPA_SIDE_RHS,
              .element_bytes = alpa_dtype_get_info(c->accumulator)->bytes};
  t.lanes = lower->target->vector_bytes / t.element_bytes;
  choose_shape(lower, &t);
  t.row_tiles = divide_up(t.rows->count, t.height);
  t.panels = divide_up(t.columns->count, t.width);
  t.k_blocks = divide_up(c->k.count, K_BLOCK);
  t.k_block = divide_up(divide_up(c->k.count, t.k_blocks), 16) * 16;
  t.k_blocks = divide_up(c->k.count, t.k_block);
  t.unroll = c->k.count % UNROLL == 0 ? UNROLL : c->k.count % 2 == 0 ? 2 : 1;
  choose_parts(lower, c, &t);
  int64_t tiles = divide_up(t.row_tiles, t.row_parts), panels = divide_up(t.panels, t.column_parts);
  int64_t line = ALIGNMENT / t.element_bytes;
  t.packed_rows = divide_up(tiles * t.height * t.k_block + t.lanes, line) * line;
  t.packed_columns = divide_up(t.k_block * t.width + t.lanes, line) * line;
  t.sums = (int64_t)t.height * t.width * (t.k_blocks > 1 ? tiles * panels : 1);
  return t;
}

bool alpa_contraction_tiles_fit(const alpa_lower *lower, const alpa_contraction *c) {
  const alpa_dtype_info *info = alpa_dtype_get_info(c->accumulator);
  bool fast = info->class_ == ALPA_CLASS_FLOAT || info->bits == 32;
  int64_t rows = alpa_contraction_along_m(c) ? c->n.count : c->m.count;
  int64_t columns = alpa_contraction_along_m(c) ? c->m.count : c->n.count;
  if (alpa_lower_is_gpu(lower) || !fast || info->bits < 32 || c->b.count == 0 || rows < 4 || c->k.count < 4)
    return false;
  return columns >= lower->target->vector_bytes / info->bytes / 2 &&
         (double)rows * (double)columns * (double)c->k.count >= (double)LEAST_WORK;
}

void alpa_contraction_tiles_schedule(alpa_lower *lower, const alpa_contraction *c) {
  tiling t = plan(lower, c);
  lower->schedule->n_tasks[0] = c->b.count * t.row_parts * t.column_parts;
  lower->schedule->scratch_bytes =
      lower->schedule->n_tasks[0] * (t.packed_rows + t.packed_columns + t.sums) * t.element_bytes;
}

/* ---- emission ---- */

typedef struct task {
  const alpa_contraction *c;
  tiling t;
  V batch, first_tile, end_tile, first_panel, end_panel;
  V packed_rows, packed_columns, sums; /* addresses */
  V row_batch, column_batch;           /* offsets of the batch in the operands */
} task;

static V add(alpa_lower *lower, V a, V b) { return LLVMBuildNSWAdd(lower->builder, a, b, ""); }
static V scale(alpa_lower *lower, V a, int64_t by) {
  return LLVMBuildNSWMul(lower->builder, a, alpa_lower_i64(lower, by), "");
}
static V at(alpa_lower *lower, const task *k, V base, V index) {
  return alpa_lower_address(lower, base, index, k->c->accumulator);
}

/* The row at which a tile starts: the last one is moved back to end with the rows. */
static V tile_start(alpa_lower *lower, const task *k, V tile) {
  V start = scale(lower, tile, k->t.height), last = alpa_lower_i64(lower, k->t.rows->count - k->t.height);
  if (k->t.rows->count % k->t.height == 0)
    return start;
  V inside = LLVMBuildICmp(lower->builder, LLVMIntSLT, start, last, "");
  return LLVMBuildSelect(lower->builder, inside, start, last, "");
}

static void split_task(alpa_lower *lower, task *k) {
  int64_t parts = k->t.row_parts * k->t.column_parts;
  V row_part =
      LLVMBuildUDiv(lower->builder, LLVMBuildURem(lower->builder, lower->task, alpa_lower_i64(lower, parts), ""),
                    alpa_lower_i64(lower, k->t.column_parts), "");
  V column_part = LLVMBuildURem(lower->builder, lower->task, alpa_lower_i64(lower, k->t.column_parts), "");
  k->batch = LLVMBuildUDiv(lower->builder, lower->task, alpa_lower_i64(lower, parts), "");
  alpa_lower_task_range(lower, row_part, k->t.row_parts, k->t.row_tiles, &k->first_tile, &k->end_tile);
  alpa_lower_task_range(lower, column_part, k->t.column_parts, k->t.panels, &k->first_panel, &k->end_panel);
  k->row_batch = alpa_contraction_offset(lower, &k->c->b, k->batch, k->t.row_side);
  k->column_batch = alpa_contraction_offset(lower, &k->c->b, k->batch, k->t.column_side);
  V base = scale(lower, lower->task, k->t.packed_rows + k->t.packed_columns + k->t.sums);
  k->packed_columns = at(lower, k, alpa_lower_scratch(lower), base);
  k->packed_rows = at(lower, k, k->packed_columns, alpa_lower_i64(lower, k->t.packed_columns));
  k->sums = at(lower, k, k->packed_rows, alpa_lower_i64(lower, k->t.packed_rows));
}

static V packed_tile(alpa_lower *lower, const task *k, V tile, V k_length) {
  V number = LLVMBuildSub(lower->builder, tile, k->first_tile, "");
  return at(lower, k, k->packed_rows, LLVMBuildMul(lower->builder, scale(lower, number, k->t.height), k_length, ""));
}

static void pack_rows(alpa_lower *lower, const task *k, V k_start, V k_end) {
  alpa_loop tiles;
  alpa_loop_begin(lower, &tiles, k->first_tile, k->end_tile, 1);
  alpa_contraction_strip strip = {.side = k->t.row_side,
                                  .list = k->t.rows,
                                  .batch = k->row_batch,
                                  .start = tile_start(lower, k, tiles.index),
                                  .width = k->t.height,
                                  .lanes = k->t.lanes,
                                  .k = k_start,
                                  .k_end = k_end};
  strip.to = packed_tile(lower, k, tiles.index, LLVMBuildSub(lower->builder, k_end, k_start, ""));
  alpa_contraction_pack(lower, k->c, &strip);
  alpa_loop_end(lower, &tiles);
}

static void pack_panel(alpa_lower *lower, const task *k, V panel, V k_start, V k_end) {
  alpa_contraction_strip strip = {.side = k->t.column_side,
                                  .list = k->t.columns,
                                  .batch = k->column_batch,
                                  .start = scale(lower, panel, k->t.width),
                                  .width = k->t.width,
                                  .lanes = k->t.lanes,
                                  .bounded = k->t.columns->count % k->t.width != 0,
                                  .k = k_start,
                                  .k_end = k_end,
                                  .to = k->packed_columns};
  alpa_contraction_pack(lower, k->c, &strip);
}

/* Where the sums of a tile wait. */
static V sums_of(alpa_lower *lower, const task *k, V panel, V tile) {
  if (k->t.k_blocks == 1)
    return k->sums;
  V tiles = LLVMBuildSub(lower->builder, k->end_tile, k->first_tile, "");
  V number = LLVMBuildMul(lower->builder, LLVMBuildSub(lower->builder, panel, k->first_panel, ""), tiles, "");
  number = add(lower, number, LLVMBuildSub(lower->builder, tile, k->first_tile, ""));
  return at(lower, k, k->sums, scale(lower, number, (int64_t)k->t.height * k->t.width));
}

static V load_sum(alpa_lower *lower, const task *k, V sums, uint32_t i) {
  V address = at(lower, k, sums, alpa_lower_i64(lower, (int64_t)i * k->t.lanes));
  return alpa_lower_load(lower, address, k->c->accumulator, k->t.lanes, NULL);
}

/* One step of k: `vectors` loads, `height` broadcasts, their products. */
static void multiply_step(alpa_lower *lower, const task *k, V rows, V k_index, V *sums) {
  V columns[8];
  for (uint32_t v = 0; v < k->t.vectors; v++) {
    V index = add(lower, scale(lower, k_index, k->t.width), alpa_lower_i64(lower, v * k->t.lanes));
    columns[v] = alpa_lower_load(lower, at(lower, k, k->packed_columns, index), k->c->accumulator, k->t.lanes, NULL);
  }
  for (uint32_t r = 0; r < k->t.height; r++) {
    V index = add(lower, scale(lower, k_index, k->t.height), alpa_lower_i64(lower, r));
    V scalar = alpa_lower_load(lower, at(lower, k, rows, index), k->c->accumulator, 1, NULL);
    V row = alpa_lower_splat(lower, scalar, k->t.lanes);
    for (uint32_t v = 0; v < k->t.vectors; v++)
      sums[r * k->t.vectors + v] =
          alpa_lower_multiply_add(lower, k->c->accumulator, row, columns[v], sums[r * k->t.vectors + v]);
  }
}

static void multiply_tile(alpa_lower *lower, const task *k, V rows, V sums, V length, V is_first) {
  uint32_t n = k->t.height * k->t.vectors;
  LLVMTypeRef type = alpa_lower_vector_type(alpa_lower_compute_type(lower, k->c->accumulator), k->t.lanes);
  V current[ALPA_LOOP_MAX_CARRIED], zero = LLVMConstNull(type);
  alpa_loop loop;
  for (uint32_t i = 0; i < n; i++)
    current[i] =
        k->t.k_blocks == 1 ? zero : LLVMBuildSelect(lower->builder, is_first, zero, load_sum(lower, k, sums, i), "");
  alpa_loop_begin(lower, &loop, alpa_lower_i64(lower, 0), length, k->t.unroll);
  for (uint32_t i = 0; i < n; i++)
    current[i] = alpa_loop_carry(lower, &loop, current[i]);
  for (uint32_t u = 0; u < k->t.unroll; u++)
    multiply_step(lower, k, rows, add(lower, loop.index, alpa_lower_i64(lower, u)), current);
  for (uint32_t i = 0; i < n; i++)
    alpa_loop_next(&loop, current[i]);
  alpa_loop_end(lower, &loop);
  for (uint32_t i = 0; i < n; i++)
    alpa_lower_store(lower, at(lower, k, sums, alpa_lower_i64(lower, (int64_t)i * k->t.lanes)), k->c->accumulator,
                     k->t.lanes, alpa_loop_result(&loop, i), NULL);
}

/* Hands a tile's new rows to the epilogue, a vector at a time. */
static void store_tile(alpa_lower *lower, const task *k, V panel, V tile, V sums) {
  V start = tile_start(lower, k, tile), zero = alpa_lower_i64(lower, 0);
  V skip = LLVMBuildSub(lower->builder, scale(lower, tile, k->t.height), start, "");
  bool bounded = k->t.columns->count % k->t.width != 0;
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, k->t.rows->count % k->t.height ? skip : zero, alpa_lower_i64(lower, k->t.height), 1);
  alpa_expr_push(lower);
  V row = add(lower, start, loop.index);
  for (uint32_t v = 0; v < k->t.vectors; v++) {
    V column = add(lower, scale(lower, panel, k->t.width), alpa_lower_i64(lower, v * k->t.lanes)), mask = NULL;
    if (bounded) {
      V places = LLVMBuildAdd(lower->builder, alpa_lower_splat(lower, column, k->t.lanes),
                              alpa_lower_lane_numbers(lower, lower->type.i64, k->t.lanes), "");
      mask = LLVMBuildICmp(lower->builder, LLVMIntSLT, places,
                           alpa_lower_splat(lower, alpa_lower_i64(lower, k->t.columns->count), k->t.lanes), "");
    }
    V index = add(lower, scale(lower, loop.index, k->t.width), alpa_lower_i64(lower, v * k->t.lanes));
    V value = alpa_lower_load(lower, at(lower, k, sums, index), k->c->accumulator, k->t.lanes, NULL);
    bool along_m = k->t.columns == &k->c->m;
    alpa_contraction_point point = {.b = k->batch,
                                    .m = along_m ? column : row,
                                    .n = along_m ? row : column,
                                    .lanes = k->t.lanes,
                                    .along_m = along_m,
                                    .mask = mask};
    k->c->store(lower, k->c, &point, value);
  }
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

/* Runs `body` only where the condition holds. */
static void store_if_last(alpa_lower *lower, const task *k, V panel, V tile, V sums, V is_last) {
  if (k->t.k_blocks == 1) {
    store_tile(lower, k, panel, tile, sums);
    return;
  }
  LLVMBasicBlockRef then = alpa_lower_block(lower, "last"), after = alpa_lower_block(lower, "stored");
  LLVMBuildCondBr(lower->builder, is_last, then, after);
  LLVMPositionBuilderAtEnd(lower->builder, then);
  alpa_expr_push(lower);
  store_tile(lower, k, panel, tile, sums);
  alpa_expr_pop(lower);
  LLVMBuildBr(lower->builder, after);
  LLVMPositionBuilderAtEnd(lower->builder, after);
}

static void emit_block(alpa_lower *lower, const task *k, V block) {
  V k_start = scale(lower, block, k->t.k_block), total = alpa_lower_i64(lower, k->c->k.count);
  V k_end = add(lower, k_start, alpa_lower_i64(lower, k->t.k_block));
  V is_last = LLVMBuildICmp(lower->builder, LLVMIntSGE, k_end, total, "");
  V is_first = LLVMBuildICmp(lower->builder, LLVMIntEQ, block, alpa_lower_i64(lower, 0), "");
  k_end = LLVMBuildSelect(lower->builder, is_last, total, k_end, "");
  V length = LLVMBuildSub(lower->builder, k_end, k_start, "");
  pack_rows(lower, k, k_start, k_end);
  alpa_loop panels, tiles;
  alpa_loop_begin(lower, &panels, k->first_panel, k->end_panel, 1);
  alpa_expr_push(lower);
  pack_panel(lower, k, panels.index, k_start, k_end);
  alpa_loop_begin(lower, &tiles, k->first_tile, k->end_tile, 1);
  alpa_expr_push(lower);
  V sums = sums_of(lower, k, panels.index, tiles.index);
  multiply_tile(lower, k, packed_tile(lower, k, tiles.index, length), sums, length, is_first);
  store_if_last(lower, k, panels.index, tiles.index, sums, is_last);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &tiles);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &panels);
}

void alpa_contraction_tiles_emit(alpa_lower *lower, const alpa_contraction *c) {
  task k = {.c = c, .t = plan(lower, c)};
  split_task(lower, &k);
  alpa_loop blocks;
  alpa_loop_begin(lower, &blocks, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, k.t.k_blocks), 1);
  alpa_expr_push(lower);
  emit_block(lower, &k, blocks.index);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &blocks);
}
