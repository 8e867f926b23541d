/* Attention kernels on compute capability 9.0: products by wgmma.  A warpgroup has 64 lines of the block; lines of the
 * buffers are columns of the scores as they lie in memory, and k of the sums when read across.  Tiles lie in segments
 * of 128 bytes of d, in the swizzled layout that wgmma reads. */
#include "codegen/ptx/attention.h"
#include "codegen/ptx/wgmma.h"

typedef LLVMValueRef V;

enum { LINE_CHUNKS = ALPA_WGMMA_LINE / 16, ATOM_LINES = ALPA_WGMMA_ATOM / ALPA_WGMMA_LINE };

static uint32_t bytes_of(const attention_tile *tile) { return tile->padded * alpa_dtype_get_info(tile->dtype)->bytes; }

int64_t alpa_attention_wgmma_bytes(const attention_tile *tile, uint32_t n) {
  return (int64_t)n * ((bytes_of(tile) + ALPA_WGMMA_LINE - 1) / ALPA_WGMMA_LINE * ALPA_WGMMA_LINE);
}

V alpa_attention_wgmma_chunk(const attention *a, const attention_tile *tile, V line, V chunk) {
  int64_t segment_bytes = (int64_t)attention_lines(a, tile) * ALPA_WGMMA_LINE;
  V in =
      LLVMBuildXor(a->lower->builder, attention_rest(a, chunk, LINE_CHUNKS), attention_rest(a, line, ATOM_LINES), "");
  V byte = attention_add(a, attention_times(a, line, ALPA_WGMMA_LINE), attention_times(a, in, 16));
  return attention_add(a, byte, attention_times(a, attention_over(a, chunk, LINE_CHUNKS), segment_bytes));
}

/* The matrix from byte `at` (i32) of the tile on. */
static V descriptor(const attention *a, const attention_tile *tile, V at, bool transposed) {
  alpa_lower *l = a->lower;
  V start = LLVMBuildPtrToInt(l->builder, alpa_ptx_shared(l, l->type.i8, tile->byte, at), l->type.i32, "");
  return alpa_ptx_wgmma_descriptor(l, start, transposed ? (int64_t)attention_lines(a, tile) * ALPA_WGMMA_LINE : 0);
}

/* The first of the warpgroup's lines in a tile of the block's own. */
static V own_byte(const attention *a) {
  V group = attention_over(a, a->thread, 4 * ALPA_WARP);
  V args[] = {attention_number(a, -1), group, attention_number(a, 0), attention_number(a, ALPA_WARP - 1)};
  group = alpa_lower_intrinsic(a->lower, "llvm.nvvm.shfl.sync.idx.i32", NULL, 0, args, 4);
  return attention_times(a, group, (int64_t)ALPA_WGMMA_ROWS * ALPA_WGMMA_LINE);
}

/* From the first 32 bytes of d to others: the tile's segments follow each other. */
static V move_along(const attention *a, const attention_tile *tile, V first, uint32_t byte) {
  int64_t segment_bytes = (int64_t)attention_lines(a, tile) * ALPA_WGMMA_LINE;
  return alpa_ptx_wgmma_move(a->lower, first, byte / ALPA_WGMMA_LINE * segment_bytes + byte % ALPA_WGMMA_LINE);
}

void alpa_attention_wgmma_multiply(const attention *a, attention_product *p, V buffer) {
  alpa_lower *l = a->lower;
  V own = descriptor(a, p->own, own_byte(a), false), other = descriptor(a, p->other, buffer, false);
  alpa_ptx_wgmma_begin(l);
  for (uint32_t k = 0; k < bytes_of(p->own); k += ALPA_MMA_BYTES) {
    alpa_ptx_wgmma how = {.dtype = p->own->dtype, .columns = a->columns, .sets = k == 0};
    V left = move_along(a, p->own, own, k);
    alpa_ptx_wgmma_multiply(l, &how, &left, move_along(a, p->other, other, k), p->sums);
  }
  alpa_ptx_wgmma_commit(l);
  alpa_ptx_wgmma_wait(l, p->sums, a->columns / 2);
}

void alpa_attention_wgmma_accumulate(const attention *a, attention_sum *s, attention_scores scores, V buffer) {
  enum { LINES = 16 }; /* of one wgmma */
  alpa_lower *l = a->lower;
  V other = descriptor(a, s->other, buffer, true);
  alpa_ptx_wgmma how = {
      .dtype = s->other->dtype, .columns = s->other->padded, .left_in_registers = true, .right_transposed = true};
  V left[ATTENTION_MOST_COLUMNS / 2][4];
  for (uint32_t j = 0; j < attention_columns(a); j += 2)
    for (uint32_t i = 0; i < 4; i++)
      left[j / 2][i] = alpa_attention_pack(a, s->other->dtype, scores[0][i % 2][j + i / 2]);
  alpa_ptx_wgmma_begin(l);
  for (uint32_t j = 0; j < attention_columns(a) / 2; j++)
    alpa_ptx_wgmma_multiply(l, &how, left[j], alpa_ptx_wgmma_move(l, other, (int64_t)j * LINES * ALPA_WGMMA_LINE),
                            s->sums);
  alpa_ptx_wgmma_commit(l);
  alpa_ptx_wgmma_wait(l, s->sums, s->other->padded / 2);
}
