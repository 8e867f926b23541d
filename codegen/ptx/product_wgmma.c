/* Products by the tensor cores of compute capability 9.0, for bf16, f16 and (k-major) tf32 with sums in f32.
 *
 * Two warpgroups multiply, each half of the tile's rows; one thread of a third one lets the tensor memory accelerator
 * copy boxes of both operands to a ring of buffers.  Each buffer has two barriers: `full` completes when all bytes have
 * arrived, `empty` when every warp has read it.  Boxes are 128 bytes wide along the major
 * dimension and swizzled over 128 bytes, the canonical layouts of wgmma's matrix descriptors ("PTX ISA", 9.7.15).
 *
 * Blocks are persistent: while the warpgroups store a tile, in parts through a place of its own in shared memory, the
 * boxes of the next one are already on their way. */
#include <stdio.h>
#include <string.h>

#include "codegen/ptx/product.h"
#include "codegen/ptx/wgmma.h"

typedef LLVMValueRef V;

enum {
  ROWS = 128,
  GROUP_ROWS = ALPA_WGMMA_ROWS,
  LINE_BYTES = ALPA_WGMMA_LINE, /* of a step along k */
  STEP_BYTES = 32,              /* of one wgmma along k */
  STAGES = 4,
  WARPGROUP = 128,
  N_CONSUMERS = 2,
  THREADS = (N_CONSUMERS + 1) * WARPGROUP,
  SEGMENT = 64, /* rows of a line of a row-major operand, which has 16-bit elements */
  ATOM_BYTES = ALPA_WGMMA_ATOM,
  SEGMENT_BYTES = SEGMENT * LINE_BYTES, /* of its box */
  BARRIER_BYTES = 8,
  PRODUCER_REGISTERS = 40, /* of a thread; 65536 in all */
  CONSUMER_REGISTERS = 232,
  MOST_SUMS = ALPA_WGMMA_MOST_SUMS,
  PART_COLUMNS = 64 /* stored at a time */
};

typedef struct side {
  const alpa_ptx_matrix *matrix;
  uint32_t extent, map;
  int64_t byte; /* in a buffer */
} side;

typedef struct product {
  const alpa_ptx_product *whole;
  const alpa_ptx_tile *tile;
  alpa_lower *lower;
  side sides[2];
  int64_t buffer_bytes, part_byte, barrier_byte, n_steps;
  uint32_t n_sums;
  V thread, warpgroup; /* i32; warpgroup: the same for all threads of a warp */
} product;

static uint32_t bytes_of(const alpa_ptx_matrix *matrix) { return alpa_dtype_get_info(matrix->dtype)->bytes; }
static uint32_t depth_of(const alpa_ptx_product *p) { return LINE_BYTES / bytes_of(&p->lhs); }
static int64_t tiles_of(int64_t extent, int64_t tile) { return (extent + tile - 1) / tile; }

/* 256 where that still gives every multiprocessor a tile. */
static uint32_t columns_of(const alpa_lower *lower, const alpa_ptx_product *p) {
  bool wide = p->n >= 256 && p->b * tiles_of(p->m, ROWS) * tiles_of(p->n, 256) >= lower->target->n_cores;
  return wide ? 256 : 128;
}

bool alpa_ptx_product_wgmma_fits(const alpa_lower *lower, const alpa_ptx_product *p) {
  bool has_maps = p->lhs.map.rank && p->rhs.map.rank;
  bool is_k_major = p->lhs.major == ALPA_PTX_K_MAJOR && p->rhs.major == ALPA_PTX_K_MAJOR;
  bool large = p->m >= GROUP_ROWS && p->n >= GROUP_ROWS && p->k >= depth_of(p) &&
               2 * p->b * tiles_of(p->m, ROWS) * tiles_of(p->n, 128) >= lower->target->n_cores;
  return lower->target->gpu >= 90 && has_maps && large && (is_k_major || bytes_of(&p->lhs) == 2) &&
         alpa_ptx_product_mma_fits(lower, p);
}

/* A box has the whole extent of a k-major tile, and 64 rows of a row-major one. */
static alpa_image_tensor_map map_of(const alpa_ptx_matrix *matrix, uint32_t extent) {
  alpa_image_tensor_map map = matrix->map;
  map.swizzle = ALPA_SWIZZLE_128;
  map.box[0] = LINE_BYTES / bytes_of(matrix);
  map.box[1] = matrix->major == ALPA_PTX_K_MAJOR ? extent : LINE_BYTES / bytes_of(matrix);
  for (uint32_t d = 2; d < map.rank; d++)
    map.box[d] = 1;
  return map;
}

static int64_t buffer_bytes_of(uint32_t columns) { return (int64_t)(ROWS + columns) * LINE_BYTES; }

/* Behind the buffers: the part that is stored, and the barriers. */
static int64_t part_byte_of(const alpa_ptx_tile *tile) { return STAGES * buffer_bytes_of(tile->columns); }
static int64_t barrier_byte_of(const alpa_ptx_product *p, const alpa_ptx_tile *tile) {
  return part_byte_of(tile) + alpa_ptx_result_bytes(p, ROWS, PART_COLUMNS);
}

void alpa_ptx_product_wgmma_schedule(alpa_lower *lower, const alpa_ptx_product *p, alpa_ptx_tile *out_tile,
                                     int64_t *out_shared_bytes) {
  uint32_t columns = columns_of(lower, p);
  *out_tile = (alpa_ptx_tile){.rows = ROWS,
                              .columns = columns,
                              .depth = depth_of(p),
                              .threads = THREADS,
                              .is_persistent = true,
                              .n_rows = tiles_of(p->m, ROWS),
                              .n_columns = tiles_of(p->n, columns),
                              .n_maps = 2,
                              .maps = {map_of(&p->lhs, ROWS), map_of(&p->rhs, columns)}};
  *out_shared_bytes = barrier_byte_of(p, out_tile) + 2 * STAGES * BARRIER_BYTES;
}

/* ---- small arithmetic in 32 bits ---- */

static V number(const product *p, int64_t value) { return alpa_ptx_i32(p->lower, value); }
static V add(const product *p, V a, V b) { return LLVMBuildAdd(p->lower->builder, a, b, ""); }
static V times(const product *p, V a, int64_t by) { return LLVMBuildMul(p->lower->builder, a, number(p, by), ""); }
static V narrow(const product *p, V a) { return LLVMBuildTrunc(p->lower->builder, a, p->lower->type.i32, ""); }
static V is_equal(const product *p, V a, int64_t to) {
  return LLVMBuildICmp(p->lower->builder, LLVMIntEQ, a, number(p, to), "");
}
static void code(const product *p, const char *text, const char *constraints, V *args, uint32_t n) {
  alpa_ptx_asm(p->lower, p->lower->type.void_, text, constraints, args, n);
}

/* The address, as a number, of a byte of shared memory. */
static V shared(const product *p, V byte) {
  alpa_lower *l = p->lower;
  return LLVMBuildPtrToInt(l->builder, alpa_ptx_shared(l, l->type.i8, 0, byte), l->type.i32, "");
}

/* ---- barriers ---- */

typedef enum barrier_kind { FULL, EMPTY } barrier_kind;

static V barrier(const product *p, barrier_kind kind, V stage) {
  return shared(p, add(p, number(p, p->barrier_byte + kind * STAGES * BARRIER_BYTES), times(p, stage, BARRIER_BYTES)));
}

static void init_barriers(const product *p) {
  alpa_ptx_if is_first = alpa_ptx_begin_if(p->lower, is_equal(p, p->thread, 0));
  for (uint32_t stage = 0; stage < STAGES; stage++)
    for (uint32_t kind = FULL; kind <= EMPTY; kind++) {
      V args[] = {barrier(p, kind, number(p, stage)),
                  number(p, kind == FULL ? 1 : N_CONSUMERS * WARPGROUP / ALPA_WARP)};
      code(p, "mbarrier.init.shared::cta.b64 [$0], $1;", "r,r,~{memory}", args, 2);
    }
  code(p, "fence.mbarrier_init.release.cluster;", "~{memory}", NULL, 0);
  code(p, "fence.proxy.async.shared::cta;", "~{memory}", NULL, 0);
  alpa_ptx_end_if(p->lower, is_first);
  alpa_ptx_barrier(p->lower);
}

/* Waits until the phase of that parity is complete. */
static void wait_for(const product *p, V address, V parity) {
  V args[] = {address, parity};
  code(p, "{\n.reg .pred done;\nwait:\nmbarrier.try_wait.parity.shared::cta.b64 done, [$0], $1;\n@!done bra wait;\n}",
       "r,r,~{memory}", args, 2);
}

/* The ring: stage and parity of the next step. */
static void advance(const product *p, V *stage, V *parity) {
  LLVMBuilderRef b = p->lower->builder;
  V wraps = is_equal(p, *stage, STAGES - 1);
  V other = LLVMBuildXor(b, *parity, number(p, 1), "");
  *stage = LLVMBuildSelect(b, wraps, number(p, 0), add(p, *stage, number(p, 1)), "");
  *parity = LLVMBuildSelect(b, wraps, other, *parity, "");
}

/* ---- the producer ---- */

/* One box; `coordinates` from the fastest dimension on. */
static void copy_box(const product *p, const side *s, V to, V full, V *coordinates) {
  alpa_lower *l = p->lower;
  uint32_t rank = s->matrix->map.rank;
  V args[3 + ALPA_TENSOR_MAP_RANK] = {to, LLVMBuildPtrToInt(l->builder, l->tensor_maps[s->map], l->type.i64, ""), full};
  char text[160], constraints[64] = "r,l,r";
  int n = snprintf(text, sizeof text,
                   "cp.async.bulk.tensor.%ud.shared::cluster.global.mbarrier::complete_tx::bytes [$0], [$1, {", rank);
  for (uint32_t d = 0; d < rank; d++) {
    args[3 + d] = coordinates[d];
    n += snprintf(text + n, sizeof text - (size_t)n, "%s$%u", d ? ", " : "", 3 + d);
    strcat(constraints, ",r");
  }
  snprintf(text + n, sizeof text - (size_t)n, "}], [$2];");
  strcat(constraints, ",~{memory}");
  code(p, text, constraints, args, 3 + rank);
}

static void copy_side(const product *p, const side *s, const alpa_ptx_place *at, V step, V buffer, V full) {
  alpa_lower *l = p->lower;
  bool k_major = s->matrix->major == ALPA_PTX_K_MAJOR;
  V coordinates[ALPA_TENSOR_MAP_RANK], rest = at->b, row = narrow(p, s == &p->sides[0] ? at->row : at->column);
  for (uint32_t d = 2; d < s->matrix->map.rank; d++) {
    V extent = alpa_lower_i64(l, s->matrix->map.dims[d]);
    coordinates[d] = narrow(p, LLVMBuildURem(l->builder, rest, extent, ""));
    rest = LLVMBuildUDiv(l->builder, rest, extent, "");
  }
  for (uint32_t i = 0; i < (k_major ? 1 : s->extent / SEGMENT); i++) {
    V start = add(p, row, number(p, (int64_t)i * SEGMENT));
    coordinates[0] = k_major ? step : start;
    coordinates[1] = k_major ? start : step;
    V to = shared(p, add(p, buffer, number(p, s->byte + (int64_t)i * SEGMENT_BYTES)));
    copy_box(p, s, to, full, coordinates);
  }
}

/* Stage and parity go on from tile to tile. */
static void produce_tile(const product *p, V number_of_tile, V *stage, V *parity) {
  alpa_lower *l = p->lower;
  alpa_ptx_place at = alpa_ptx_place_find(l, p->whole, p->tile, number_of_tile);
  alpa_loop loop;
  alpa_loop_begin(l, &loop, number(p, 0), number(p, p->n_steps), 1);
  V now = alpa_loop_carry(l, &loop, *stage), phase = alpa_loop_carry(l, &loop, *parity);
  alpa_expr_push(l);
  V full = barrier(p, FULL, now), buffer = times(p, now, p->buffer_bytes);
  wait_for(p, barrier(p, EMPTY, now), phase);
  V args[] = {full, number(p, p->buffer_bytes)};
  code(p, "mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;", "r,r,~{memory}", args, 2);
  for (uint32_t s = 0; s < 2; s++)
    copy_side(p, &p->sides[s], &at, times(p, loop.index, depth_of(p->whole)), buffer, full);
  advance(p, &now, &phase);
  alpa_expr_pop(l);
  alpa_loop_next(&loop, now);
  alpa_loop_next(&loop, phase);
  alpa_loop_end(l, &loop);
  *stage = alpa_loop_result(&loop, 0);
  *parity = alpa_loop_result(&loop, 1);
}

/* The tiles of a block, with the ring carried from one to the next.  The first round of a producer finds the phase
 * before the first one complete: it begins with parity 1. */
typedef void tile_fn(const product *p, V number_of_tile, V *stage, V *parity);

static void run_tiles(const product *p, uint32_t parity, tile_fn *tile) {
  alpa_lower *l = p->lower;
  int64_t n_tiles = p->whole->b * p->tile->n_rows * p->tile->n_columns;
  alpa_loop loop;
  alpa_loop_begin(l, &loop, l->task, alpa_lower_i64(l, n_tiles), l->schedule->launch[0].grid[0]);
  V stage = alpa_loop_carry(l, &loop, number(p, 0)), phase = alpa_loop_carry(l, &loop, number(p, parity));
  alpa_expr_push(l);
  tile(p, loop.index, &stage, &phase);
  alpa_expr_pop(l);
  alpa_loop_next(&loop, stage);
  alpa_loop_next(&loop, phase);
  alpa_loop_end(l, &loop);
}

/* ---- consumers ---- */

/* A side's part of a buffer. */
static V descriptor(const product *p, const side *s, V byte) {
  return alpa_ptx_wgmma_descriptor(p->lower, shared(p, byte), s->matrix->major == ALPA_PTX_K_MAJOR ? 0 : SEGMENT_BYTES);
}

/* From one wgmma to the next along k: 32 bytes of every line, or two atoms. */
static V descriptor_step(const product *p, const side *s, V first, uint32_t i) {
  int64_t step = s->matrix->major == ALPA_PTX_K_MAJOR ? STEP_BYTES : 2 * ATOM_BYTES;
  return alpa_ptx_wgmma_move(p->lower, first, step * i);
}

static alpa_ptx_wgmma code_of(const product *p) {
  return (alpa_ptx_wgmma){.dtype = p->sides[0].matrix->dtype,
                          .columns = p->sides[1].extent,
                          .left_transposed = p->sides[0].matrix->major == ALPA_PTX_ROW_MAJOR,
                          .right_transposed = p->sides[1].matrix->major == ALPA_PTX_ROW_MAJOR};
}

/* One thread says that its warp has read the buffer. */
static void release(const product *p, V stage, V condition) {
  LLVMBuilderRef b = p->lower->builder;
  V is_first = is_equal(p, LLVMBuildURem(b, p->thread, number(p, ALPA_WARP), ""), 0);
  condition = condition ? LLVMBuildAnd(b, condition, is_first, "") : is_first;
  V args[] = {barrier(p, EMPTY, stage), LLVMBuildZExt(b, condition, p->lower->type.i32, "")};
  code(p, "{\n.reg .pred p;\nsetp.ne.b32 p, $1, 0;\n@p mbarrier.arrive.shared::cta.b64 _, [$0];\n}", "r,r,~{memory}",
       args, 2);
}

static void multiply_step(const product *p, const alpa_ptx_wgmma *how, V stage, V *sums) {
  V buffer = times(p, stage, p->buffer_bytes);
  V half = times(p, p->warpgroup, (int64_t)GROUP_ROWS * LINE_BYTES);
  V left = descriptor(p, &p->sides[0], add(p, buffer, half));
  V right = descriptor(p, &p->sides[1], add(p, buffer, number(p, p->sides[1].byte)));
  alpa_ptx_wgmma_begin(p->lower);
  for (uint32_t i = 0; i < LINE_BYTES / STEP_BYTES; i++) {
    V step = descriptor_step(p, &p->sides[0], left, i);
    alpa_ptx_wgmma_multiply(p->lower, how, &step, descriptor_step(p, &p->sides[1], right, i), sums);
  }
  alpa_ptx_wgmma_commit(p->lower);
}

/* A buffer is released one step later, when its products are known to be done while the next ones run; the last one
 * is left to the caller. */
static V sum_steps(const product *p, V *stage, V *parity, V *sums) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  alpa_ptx_wgmma how = code_of(p);
  alpa_loop loop;
  alpa_loop_begin(l, &loop, number(p, 0), number(p, p->n_steps), 1);
  for (uint32_t i = 0; i < p->n_sums; i++)
    sums[i] = alpa_loop_carry(l, &loop, LLVMConstNull(l->type.f32));
  V now = alpa_loop_carry(l, &loop, *stage), phase = alpa_loop_carry(l, &loop, *parity);
  V last = alpa_loop_carry(l, &loop, *stage);
  alpa_expr_push(l);
  wait_for(p, barrier(p, FULL, now), phase);
  multiply_step(p, &how, now, sums);
  code(p, "wgmma.wait_group.sync.aligned 1;", "~{memory}", NULL, 0);
  release(p, last, LLVMBuildICmp(b, LLVMIntNE, loop.index, number(p, 0), ""));
  V next = now;
  advance(p, &next, &phase);
  alpa_expr_pop(l);
  for (uint32_t i = 0; i < p->n_sums; i++)
    alpa_loop_next(&loop, sums[i]);
  alpa_loop_next(&loop, next);
  alpa_loop_next(&loop, phase);
  alpa_loop_next(&loop, now);
  alpa_loop_end(l, &loop);
  for (uint32_t i = 0; i < p->n_sums; i++)
    sums[i] = alpa_loop_result(&loop, i);
  *stage = alpa_loop_result(&loop, p->n_sums);
  *parity = alpa_loop_result(&loop, p->n_sums + 1);
  return alpa_loop_result(&loop, p->n_sums + 2);
}

/* Of every 8 columns a thread has two side by side, in one row and in the one 8 below. */
static void write_part(const product *p, const alpa_ptx_place *at, const alpa_ptx_result *part, const V *sums) {
  alpa_lower *l = p->lower;
  LLVMBuilderRef b = l->builder;
  V within = LLVMBuildURem(b, p->thread, number(p, WARPGROUP), "");
  V lane = LLVMBuildURem(b, within, number(p, ALPA_WARP), ""),
    warp = LLVMBuildUDiv(b, within, number(p, ALPA_WARP), "");
  V row = add(p, times(p, p->warpgroup, GROUP_ROWS), times(p, warp, GROUP_ROWS / 4));
  row = add(p, row, LLVMBuildUDiv(b, lane, number(p, 4), ""));
  V column = times(p, LLVMBuildURem(b, lane, number(p, 4), ""), 2);
  for (uint32_t i = 0; i < PART_COLUMNS / 2; i += 2) {
    V pair = LLVMGetPoison(LLVMVectorType(l->type.f32, 2));
    for (uint32_t e = 0; e < 2; e++)
      pair = LLVMBuildInsertElement(b, pair, sums[i + e], number(p, e), "");
    V address = alpa_ptx_result_address(l, at, part, add(p, row, number(p, i % 4 ? 8 : 0)),
                                        add(p, column, number(p, (int64_t)i / 4 * 8)));
    LLVMSetAlignment(LLVMBuildStore(b, pair, address), 8);
  }
}

static void consume_tile(const product *p, V number_of_tile, V *stage, V *parity) {
  alpa_lower *l = p->lower;
  alpa_ptx_place at = alpa_ptx_place_find(l, p->whole, p->tile, number_of_tile);
  V sums[MOST_SUMS], last = sum_steps(p, stage, parity, sums);
  alpa_ptx_wgmma_wait(p->lower, sums, p->n_sums);
  release(p, last, NULL);
  for (uint32_t first = 0; first < p->tile->columns; first += PART_COLUMNS) {
    alpa_ptx_result part = {.byte = p->part_byte,
                            .rows = ROWS,
                            .columns = PART_COLUMNS,
                            .first_column = first,
                            .threads = N_CONSUMERS * WARPGROUP};
    alpa_ptx_named_barrier(l, 1, part.threads); /* the part before has been stored */
    write_part(p, &at, &part, sums + first / 2);
    alpa_ptx_named_barrier(l, 1, part.threads);
    alpa_ptx_result_store(l, &at, &part);
  }
}

/* ---- the kernel ---- */

static V find_warpgroup(const product *p) {
  alpa_lower *l = p->lower;
  V own = LLVMBuildUDiv(l->builder, p->thread, number(p, WARPGROUP), "");
  V args[] = {number(p, -1), own, number(p, 0), number(p, ALPA_WARP - 1)};
  return alpa_lower_intrinsic(l, "llvm.nvvm.shfl.sync.idx.i32", NULL, 0, args, 4);
}

/* The third warpgroup gives registers to the others. */
static void set_registers(const product *p, const char *intrinsic, int64_t n) {
  V registers = number(p, n);
  alpa_lower_intrinsic(p->lower, intrinsic, NULL, 0, &registers, 1);
}

static product product_of(alpa_lower *lower, const alpa_ptx_product *whole, const alpa_ptx_tile *tile) {
  product p = {.whole = whole,
               .tile = tile,
               .lower = lower,
               .buffer_bytes = buffer_bytes_of(tile->columns),
               .part_byte = part_byte_of(tile),
               .barrier_byte = barrier_byte_of(whole, tile),
               .n_steps = tiles_of(whole->k, depth_of(whole)),
               .n_sums = tile->columns / 2,
               .thread = alpa_ptx_thread(lower)};
  p.sides[0] = (side){.matrix = &whole->lhs, .extent = ROWS, .map = 0};
  p.sides[1] = (side){.matrix = &whole->rhs, .extent = tile->columns, .map = 1, .byte = (int64_t)ROWS * LINE_BYTES};
  p.warpgroup = find_warpgroup(&p);
  return p;
}

void alpa_ptx_product_wgmma_emit(alpa_lower *lower, const alpa_ptx_product *whole, const alpa_ptx_tile *tile) {
  product p = product_of(lower, whole, tile);
  init_barriers(&p);
  alpa_ptx_if third = alpa_ptx_begin_if(lower, is_equal(&p, p.warpgroup, N_CONSUMERS));
  set_registers(&p, "llvm.nvvm.setmaxnreg.dec.sync.aligned.u32", PRODUCER_REGISTERS);
  alpa_ptx_if producer = alpa_ptx_begin_if(lower, is_equal(&p, p.thread, N_CONSUMERS * WARPGROUP));
  run_tiles(&p, 1, produce_tile);
  alpa_ptx_end_if(lower, producer);
  alpa_ptx_end_if(lower, third);
  V is_consumer = LLVMBuildICmp(lower->builder, LLVMIntULT, p.warpgroup, number(&p, N_CONSUMERS), "");
  alpa_ptx_if consumer = alpa_ptx_begin_if(lower, is_consumer);
  set_registers(&p, "llvm.nvvm.setmaxnreg.inc.sync.aligned.u32", CONSUMER_REGISTERS);
  run_tiles(&p, 0, consume_tile);
  alpa_ptx_end_if(lower, consumer);
}
