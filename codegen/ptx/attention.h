/* Kernels of kind `attention`: what codegen/attention.h recognises in one, and how its blocks work.
 *
 * A block has a tile of lines: rows m of the scores, or, where its sums run over m, columns n.  It walks over the other
 * dimension in steps, whose operands are on their way to one of two buffers in shared memory while the others are in
 * use.  In each step it makes scores, in fragments of 16 lines x 8 that stay in registers, whatever the program makes
 * of them, and adds products of that to sums in registers.  A warp has `fragments` times 16 lines of the block.
 * Internal to codegen/ptx/attention*.c. */
#ifndef ALPA_CODEGEN_PTX_ATTENTION_H
#define ALPA_CODEGEN_PTX_ATTENTION_H

#include "codegen/attention.h"
#include "codegen/lower/expr.h"
#include "codegen/ptx/kernel.h"
#include "codegen/ptx/mma.h"

enum {
  ATTENTION_TILES = 8,
  ATTENTION_PRODUCTS = 4,
  ATTENTION_MOST_SUMS = 192, /* of a thread */
  ATTENTION_MOST_FRAGMENTS = 2,
  ATTENTION_MOST_COLUMNS = 16 /* fragments of a step */
};

/* Lines of an operand in shared memory, d side by side. */
typedef struct attention_tile {
  uint32_t operand; /* number in the operand array */
  alpa_dtype dtype;
  bool is_own;                                       /* of the block's own lines; else of a step */
  int64_t offset, batch[ALPA_MAX_RANK], line, along; /* strides in memory, in elements */
  int64_t lines, width;                              /* extents */
  uint32_t padded, pitch;                            /* width in shared memory; bytes of a line */
  int64_t byte;                                      /* in shared memory, or in a buffer */
  bool has_chunks;                                   /* 16 bytes of a line are one access */
  LLVMValueRef base;                                 /* address of line 0 of the block's batch */
} attention_tile;

/* Scores, of the lines of one tile with those of another. */
typedef struct attention_product {
  alpa_op *dot;
  const attention_tile *own, *other;
  bool tensor; /* on tensor cores */
  LLVMValueRef *sums;
} attention_product;

/* Sums over the other dimension of scores with lines of a tile. */
typedef struct attention_sum {
  alpa_op *dot;
  alpa_value *scores;
  alpa_scores_side result; /* dimensions */
  const attention_tile *other;
  bool tensor, normalised; /* the weights it takes are divided by their sum in the end */
  LLVMValueRef *sums;
} attention_sum;

typedef struct attention {
  alpa_lower *lower;
  bool over_m;
  uint32_t rank;
  const int64_t *dims; /* of the scores */
  uint32_t own, other; /* dimensions of the scores */
  int64_t batch;       /* product of the others */
  attention_tile tiles[ATTENTION_TILES];
  attention_product products[ATTENTION_PRODUCTS];
  attention_sum sums[ATTENTION_PRODUCTS];
  alpa_op *reduces[ATTENTION_PRODUCTS];
  uint32_t n_tiles, n_products, n_sums, n_reduces;
  bool has_softmax, is_online; /* weights there are; their maximum is found on the way */
  alpa_softmax softmax;
  bool has_mask; /* steps may be skipped in which all scores are overwritten */
  alpa_scores_mask mask;
  bool on_warpgroups;                     /* products by wgmma, whose tiles lie in swizzled lines of 128 bytes */
  uint32_t warps;                         /* of a block */
  uint32_t fragments, columns, own_lines; /* of a warp; of a step; of a block */
  int64_t own_bytes, buffer_bytes;        /* in shared memory */
  int64_t n_own;                          /* tiles of lines */
  uint32_t lanes;                         /* neighbours in a fragment that exist together: 2 or 1 */
  /* while it is emitted */
  bool is_kept;                         /* the program overwrites nothing in the steps that are being emitted */
  LLVMValueRef thread, lane, warp_line; /* i32 */
  LLVMValueRef first;                   /* of the block's lines, i64 */
  alpa_component at[ALPA_MAX_RANK];     /* of the batch */
} attention;

/* Two neighbouring scores: one place for both, or one for each. */
typedef struct attention_point {
  const alpa_tuple *at[2];
  LLVMValueRef exists; /* i1 or a pair of it; NULL: both do */
} attention_point;
typedef attention_point attention_points[ATTENTION_MOST_FRAGMENTS][2][ATTENTION_MOST_COLUMNS];

/* What a block carries from step to step, beside its sums, for each line that a lane has a part of: 16 of fragment f,
 * of which the lane has two. */
typedef struct attention_state {
  LLVMValueRef max[ATTENTION_MOST_FRAGMENTS][2];
  LLVMValueRef reduced[ATTENTION_PRODUCTS][ATTENTION_MOST_FRAGMENTS][2]; /* of the lane's columns */
} attention_state;

static inline uint32_t attention_threads(const attention *a) { return a->warps * ALPA_WARP; }
static inline uint32_t attention_lines(const attention *a, const attention_tile *tile) {
  return tile->is_own ? a->own_lines : a->columns;
}

/* Describes the kernel and decides about its blocks; what cannot be described is recorded in lower->status. */
void alpa_attention_describe(alpa_lower *lower, attention *out);

static inline LLVMValueRef attention_number(const attention *a, int64_t value) { return alpa_ptx_i32(a->lower, value); }
static inline LLVMValueRef attention_add(const attention *a, LLVMValueRef x, LLVMValueRef y) {
  return LLVMBuildAdd(a->lower->builder, x, y, "");
}
static inline LLVMValueRef attention_times(const attention *a, LLVMValueRef x, int64_t by) {
  return LLVMBuildMul(a->lower->builder, x, attention_number(a, by), "");
}
static inline LLVMValueRef attention_over(const attention *a, LLVMValueRef x, int64_t by) {
  return LLVMBuildUDiv(a->lower->builder, x, attention_number(a, by), "");
}
static inline LLVMValueRef attention_rest(const attention *a, LLVMValueRef x, int64_t by) {
  return LLVMBuildURem(a->lower->builder, x, attention_number(a, by), "");
}
static inline LLVMValueRef attention_wide(const attention *a, LLVMValueRef x) {
  return LLVMBuildZExt(a->lower->builder, x, a->lower->type.i64, "");
}

static inline LLVMValueRef attention_f32(const attention *a, double value) {
  return LLVMConstReal(a->lower->type.f32, value);
}
/* -inf */
static inline LLVMValueRef attention_low(const attention *a) {
  return LLVMConstBitCast(LLVMConstInt(a->lower->type.i32, 0xFF800000u, false), a->lower->type.f32);
}
static inline uint32_t attention_columns(const attention *a) { return a->columns / ALPA_MMA_COLUMNS; }
static inline LLVMValueRef attention_element(const attention *a, LLVMValueRef vector, uint32_t i) {
  return LLVMBuildExtractElement(a->lower->builder, vector, attention_number(a, i), "");
}
LLVMValueRef alpa_attention_pair(const attention *a, LLVMValueRef first, LLVMValueRef second);

/* Sums of fragment (f, j) among `columns` fragments side by side. */
static inline LLVMValueRef *attention_fragment(LLVMValueRef *sums, uint32_t f, uint32_t columns, uint32_t j) {
  return sums + (f * columns + j) * ALPA_MMA_SUMS;
}

/* Starts to copy `n` lines of a tile from line `first` (i64) on to byte `to` (i32); from line `end` (i64) on, zeros. */
void alpa_attention_copy(const attention *a, const attention_tile *tile, LLVMValueRef first, LLVMValueRef end,
                         uint32_t n, LLVMValueRef to);
/* Scores of the block's lines with those in the buffer at byte `buffer` (i32). */
void alpa_attention_multiply(const attention *a, attention_product *product, LLVMValueRef buffer);
/* Adds to the sums: scores[f][half][j], pairs of f32, times the lines in the buffer. */
typedef LLVMValueRef attention_scores[ATTENTION_MOST_FRAGMENTS][2][ATTENTION_MOST_COLUMNS];
void alpa_attention_accumulate(const attention *a, attention_sum *sum, attention_scores scores, LLVMValueRef buffer);
/* Two f32 as 32 bits of bf16 or f16, the first in the lower half. */
LLVMValueRef alpa_attention_pack(const attention *a, alpa_dtype dtype, LLVMValueRef pair);

/* The same by wgmma. */
void alpa_attention_wgmma_multiply(const attention *a, attention_product *product, LLVMValueRef buffer);
void alpa_attention_wgmma_accumulate(const attention *a, attention_sum *sum, attention_scores scores,
                                     LLVMValueRef buffer);
/* Bytes of n lines of a tile, and where 16 bytes of one stand (i32). */
int64_t alpa_attention_wgmma_bytes(const attention_tile *tile, uint32_t n);
LLVMValueRef alpa_attention_wgmma_chunk(const attention *a, const attention_tile *tile, LLVMValueRef line,
                                        LLVMValueRef chunk);

/* Line (f, half) of the lane, i64; clamped: where it does not exist, the last one. */
LLVMValueRef alpa_attention_line(const attention *a, uint32_t f, uint32_t half, bool clamped);
/* A place among the scores, with that many lanes along the other dimension. */
const alpa_tuple *alpa_attention_place(const attention *a, LLVMValueRef line, LLVMValueRef column, uint32_t lanes);
attention_point alpa_attention_point(const attention *a, LLVMValueRef line, LLVMValueRef column);
/* What the program subtracts from the scores of a line before it takes their exponential: as it is in memory, or for a
 * maximum. */
LLVMValueRef alpa_attention_shift_at(const attention *a, const alpa_tuple *at);
LLVMValueRef alpa_attention_shift(const attention *a, const attention_point *p, LLVMValueRef max);
/* Whether x is -inf. */
LLVMValueRef alpa_attention_is_low(const attention *a, LLVMValueRef x);
/* The sum or the maximum of what the four lanes of a line have. */
LLVMValueRef alpa_attention_fold(const attention *a, LLVMValueRef value, bool adds);

/* One step: scores of the columns from `step` (i64) on, whose lines are in the buffer at byte `buffer` (i32). */
void alpa_attention_step(attention *a, attention_state *s, LLVMValueRef step, LLVMValueRef buffer);
/* Finishes the sums of all lines and stores the kernel's results. */
void alpa_attention_store(attention *a, attention_state *s);

#endif
