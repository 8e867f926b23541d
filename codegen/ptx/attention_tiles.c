/* Attention kernels: tiles on their way to shared memory, and products of what is there. */
#include "codegen/ptx/attention.h"

typedef LLVMValueRef V;

/* ---- copies ---- */

/* One after the other, for lines of which 16 bytes are no access. */
static V load_elements(const attention *a, const attention_tile *tile, V line, V column, V exists, uint32_t n) {
  alpa_lower *l = a->lower;
  LLVMBuilderRef b = l->builder;
  LLVMTypeRef type = LLVMIntTypeInContext(l->llvm, 8 * alpa_dtype_get_info(tile->dtype)->bytes);
  V all = LLVMGetPoison(LLVMVectorType(type, n));
  for (uint32_t i = 0; i < n; i++) {
    V at = LLVMBuildAdd(b, column, alpa_lower_i64(l, i), "");
    V inside = LLVMBuildICmp(b, LLVMIntULT, at, alpa_lower_i64(l, tile->width), "");
    inside = LLVMBuildAnd(b, inside, exists, "");
    V offset = LLVMBuildAdd(b, LLVMBuildMul(b, line, alpa_lower_i64(l, tile->line), ""),
                            LLVMBuildMul(b, at, alpa_lower_i64(l, tile->along), ""), "");
    offset = LLVMBuildSelect(b, inside, offset, alpa_lower_i64(l, 0), "");
    V value = LLVMBuildLoad2(b, type, alpa_lower_address(l, tile->base, offset, tile->dtype), "");
    value = LLVMBuildSelect(b, inside, value, LLVMConstNull(type), "");
    all = LLVMBuildInsertElement(b, all, value, attention_number(a, i), "");
  }
  return all;
}

/* A chunk of line `line` (i32) from line `first` on. Where it does not exist nothing is read. */
static void copy_chunk(const attention *a, const attention_tile *tile, V first, V end, V line, V chunk, V to) {
  alpa_lower *l = a->lower;
  LLVMBuilderRef b = l->builder;
  uint32_t n = 16 / alpa_dtype_get_info(tile->dtype)->bytes;
  V at = LLVMBuildAdd(b, first, attention_wide(a, line), ""), column = attention_wide(a, attention_times(a, chunk, n));
  V exists = LLVMBuildICmp(b, LLVMIntULT, at, end, "");
  V byte = a->on_warpgroups ? alpa_attention_wgmma_chunk(a, tile, line, chunk)
                            : attention_add(a, attention_times(a, line, tile->pitch), attention_times(a, chunk, 16));
  V target = alpa_ptx_shared(l, l->type.i8, tile->byte, attention_add(a, to, byte));
  if (!tile->has_chunks) {
    LLVMSetAlignment(LLVMBuildStore(b, load_elements(a, tile, at, column, exists, n), target), 16);
    return;
  }
  if (tile->padded != tile->width)
    exists = LLVMBuildAnd(b, exists, LLVMBuildICmp(b, LLVMIntULT, column, alpa_lower_i64(l, tile->width), ""), "");
  V offset = LLVMBuildAdd(b, LLVMBuildMul(b, at, alpa_lower_i64(l, tile->line), ""), column, "");
  alpa_ptx_copy_async(l, target, alpa_lower_address(l, tile->base, offset, tile->dtype), exists);
}

/* Pieces follow each other along lines; where the threads have whole lines, each stays in its column. */
void alpa_attention_copy(const attention *a, const attention_tile *tile, V first, V end, uint32_t n, V to) {
  uint32_t chunks = tile->padded * alpa_dtype_get_info(tile->dtype)->bytes / 16, pieces = n * chunks;
  uint32_t threads = attention_threads(a);
  V line = attention_over(a, a->thread, chunks), chunk = attention_rest(a, a->thread, chunks);
  for (uint32_t done = 0; done < pieces; done += threads) {
    V piece = attention_add(a, a->thread, attention_number(a, done)), at = line, in = chunk;
    if (threads % chunks == 0) {
      at = attention_add(a, line, attention_number(a, done / chunks));
    } else {
      at = attention_over(a, piece, chunks);
      in = attention_rest(a, piece, chunks);
    }
    if (pieces - done >= threads) {
      copy_chunk(a, tile, first, end, at, in, to);
      continue;
    }
    V inside = LLVMBuildICmp(a->lower->builder, LLVMIntULT, piece, attention_number(a, pieces), "");
    alpa_ptx_if if_inside = alpa_ptx_begin_if(a->lower, inside);
    copy_chunk(a, tile, first, end, at, in, to);
    alpa_ptx_end_if(a->lower, if_inside);
  }
}

/* ---- fragments from shared memory ---- */

static V shared(const attention *a, const attention_tile *tile, V buffer, V line, V byte, int64_t more) {
  V at = attention_add(a, attention_add(a, attention_times(a, line, tile->pitch), byte), attention_number(a, more));
  if (!tile->is_own)
    at = attention_add(a, at, buffer);
  return alpa_ptx_shared(a->lower, a->lower->type.i8, tile->byte, at);
}

static V lane_over(const attention *a, int64_t by) { return attention_over(a, a->lane, by); }
static V lane_rest(const attention *a, int64_t by) { return attention_rest(a, a->lane, by); }

static void round_fragments(const attention *a, alpa_dtype dtype, V out[4]) {
  for (uint32_t i = 0; i < 4 && dtype == ALPA_F32; i++)
    out[i] = alpa_ptx_round_tf32(a->lower, out[i]);
}

/* 16 of the warp's lines, 32 bytes of k from byte k on. */
static void load_own(const attention *a, const attention_tile *tile, uint32_t f, uint32_t k, V out[4]) {
  V line = attention_add(a, a->warp_line, attention_add(a, lane_rest(a, 16), attention_number(a, 16 * (int64_t)f)));
  V chunk = attention_times(a, lane_over(a, 16), 16);
  alpa_ptx_load_matrices(a->lower, shared(a, tile, NULL, line, chunk, k), false, out);
  round_fragments(a, tile->dtype, out);
}

/* 16 lines of the buffer as columns, two fragments. */
static void load_columns(const attention *a, const attention_tile *tile, V buffer, uint32_t j, uint32_t k, V out[4]) {
  V line = attention_add(a, lane_rest(a, 8), attention_times(a, lane_over(a, 16), 8));
  V chunk = attention_times(a, attention_rest(a, lane_over(a, 8), 2), 16);
  int64_t more = (int64_t)j * ALPA_MMA_COLUMNS * tile->pitch + k;
  alpa_ptx_load_matrices(a->lower, shared(a, tile, buffer, line, chunk, more), false, out);
  round_fragments(a, tile->dtype, out);
}

/* Lines of the buffer from `line` on as k, and columns of d as columns, two fragments from number i on.  Lines of f32
 * are taken in the order in which a lane has its scores: 2 * (lane % 4) and the next. */
static void load_lines(const attention *a, const attention_tile *tile, V buffer, uint32_t line, uint32_t i, V out[4]) {
  alpa_lower *l = a->lower;
  uint32_t bytes = alpa_dtype_get_info(tile->dtype)->bytes;
  int64_t more = (int64_t)line * tile->pitch + (int64_t)i * ALPA_MMA_COLUMNS * bytes;
  if (bytes == 2) {
    V at = shared(a, tile, buffer, lane_rest(a, 16), attention_times(a, lane_over(a, 16), 16), more);
    alpa_ptx_load_matrices(l, at, true, out);
    return;
  }
  for (uint32_t e = 0; e < 4; e++) {
    int64_t place = more + (int64_t)(e % 2) * tile->pitch + (int64_t)(e / 2) * ALPA_MMA_COLUMNS * bytes;
    V at = shared(a, tile, buffer, attention_times(a, lane_rest(a, 4), 2), attention_times(a, lane_over(a, 4), bytes),
                  place);
    out[e] = LLVMBuildLoad2(l->builder, l->type.i32, at, "");
  }
  round_fragments(a, tile->dtype, out);
}

/* ---- scores ---- */

static void multiply_on_tensor_cores(const attention *a, attention_product *p, V buffer) {
  uint32_t n = attention_columns(a), bytes = p->own->padded * alpa_dtype_get_info(p->own->dtype)->bytes;
  for (uint32_t k = 0; k < bytes; k += ALPA_MMA_BYTES) {
    V left[ATTENTION_MOST_FRAGMENTS][4], right[4];
    for (uint32_t f = 0; f < a->fragments; f++)
      load_own(a, p->own, f, k, left[f]);
    for (uint32_t j = 0; j < n; j++) {
      if (j % 2 == 0)
        load_columns(a, p->other, buffer, j, k, right);
      for (uint32_t f = 0; f < a->fragments; f++)
        alpa_ptx_mma(a->lower, p->own->dtype, left[f], right + j % 2 * 2, attention_fragment(p->sums, f, n, j));
    }
  }
}

/* Four elements of a line. */
static V load_four(const attention *a, const attention_tile *tile, V buffer, V line, V byte, int64_t more) {
  V value = LLVMBuildLoad2(a->lower->builder, LLVMVectorType(a->lower->type.f32, 4),
                           shared(a, tile, buffer, line, byte, more), "");
  LLVMSetAlignment(value, 16);
  return value;
}

static V multiply_add(const attention *a, V x, V y, V sum) {
  return alpa_lower_multiply_add(a->lower, ALPA_F32, x, y, sum);
}

/* Each lane sums its own four of a fragment, four of k at once. */
static void multiply_by_threads(const attention *a, attention_product *p, V buffer) {
  alpa_lower *l = a->lower;
  uint32_t n = attention_columns(a), n_sums = n * ALPA_MMA_SUMS;
  V line = attention_add(a, a->warp_line, lane_over(a, 4)), column = attention_times(a, lane_rest(a, 4), 2);
  alpa_loop loop;
  alpa_loop_begin(l, &loop, attention_number(a, 0), attention_number(a, p->own->padded * 4), 16);
  for (uint32_t i = 0; i < n_sums; i++)
    p->sums[i] = alpa_loop_carry(l, &loop, p->sums[i]);
  V left[2];
  for (uint32_t half = 0; half < 2; half++)
    left[half] = load_four(a, p->own, NULL, line, loop.index, (int64_t)half * 8 * p->own->pitch);
  for (uint32_t j = 0; j < n; j++)
    for (uint32_t e = 0; e < 2; e++) {
      V right =
          load_four(a, p->other, buffer, column, loop.index, (int64_t)(j * ALPA_MMA_COLUMNS + e) * p->other->pitch);
      for (uint32_t half = 0; half < 2; half++)
        for (uint32_t i = 0; i < 4; i++) {
          V *sum = &p->sums[j * ALPA_MMA_SUMS + 2 * half + e];
          *sum = multiply_add(a, attention_element(a, left[half], i), attention_element(a, right, i), *sum);
        }
    }
  for (uint32_t i = 0; i < n_sums; i++)
    alpa_loop_next(&loop, p->sums[i]);
  alpa_loop_end(l, &loop);
  for (uint32_t i = 0; i < n_sums; i++)
    p->sums[i] = alpa_loop_result(&loop, i);
}

void alpa_attention_multiply(const attention *a, attention_product *p, V buffer) {
  if (a->on_warpgroups) {
    alpa_attention_wgmma_multiply(a, p, buffer);
    return;
  }
  for (uint32_t i = 0; i < a->fragments * attention_columns(a) * ALPA_MMA_SUMS; i++)
    p->sums[i] = LLVMConstNull(a->lower->type.f32);
  if (p->tensor)
    multiply_on_tensor_cores(a, p, buffer);
  else
    multiply_by_threads(a, p, buffer);
}

/* ---- sums ---- */

V alpa_attention_pack(const attention *a, alpa_dtype dtype, V pair) {
  V args[] = {attention_element(a, pair, 1), attention_element(a, pair, 0)};
  const char *name = dtype == ALPA_BF16 ? "llvm.nvvm.ff2bf16x2.rn" : "llvm.nvvm.ff2f16x2.rn";
  V packed = alpa_lower_intrinsic(a->lower, name, NULL, 0, args, 2);
  return LLVMBuildBitCast(a->lower->builder, packed, a->lower->type.i32, "");
}

/* Fragments of scores as left operands: what a lane has of two sums is what it needs of one operand.  Of f32 the lane's
 * neighbours are k and k + 4, in the order that load_lines follows. */
static void left_of(const attention *a, alpa_dtype dtype, attention_scores scores, uint32_t f, uint32_t j, V out[4]) {
  for (uint32_t i = 0; i < 4; i++) {
    if (dtype != ALPA_F32) {
      out[i] = alpa_attention_pack(a, dtype, scores[f][i % 2][j + i / 2]);
      continue;
    }
    V value = attention_element(a, scores[f][i % 2][j], i / 2);
    out[i] = LLVMBuildBitCast(a->lower->builder, value, a->lower->type.i32, "");
  }
  round_fragments(a, dtype, out);
}

static void accumulate_on_tensor_cores(const attention *a, attention_sum *s, attention_scores scores, V buffer) {
  uint32_t n = s->other->padded / ALPA_MMA_COLUMNS, step = s->other->dtype == ALPA_F32 ? 1 : 2;
  for (uint32_t j = 0; j < attention_columns(a); j += step) {
    V left[ATTENTION_MOST_FRAGMENTS][4], right[4];
    for (uint32_t f = 0; f < a->fragments; f++)
      left_of(a, s->other->dtype, scores, f, j, left[f]);
    for (uint32_t i = 0; i < n; i++) {
      if (i % 2 == 0)
        load_lines(a, s->other, buffer, j * ALPA_MMA_COLUMNS, i, right);
      for (uint32_t f = 0; f < a->fragments; f++)
        alpa_ptx_mma(a->lower, s->other->dtype, left[f], right + i % 2 * 2, attention_fragment(s->sums, f, n, i));
    }
  }
}

/* A score of another lane of the four that share a line. */
static V from_neighbour(const attention *a, V value, uint32_t lane) {
  V first = LLVMBuildAnd(a->lower->builder, a->lane, attention_number(a, ~3), "");
  V args[] = {attention_number(a, -1), value, attention_add(a, first, attention_number(a, lane)),
              attention_number(a, ALPA_WARP - 1)};
  return alpa_lower_intrinsic(a->lower, "llvm.nvvm.shfl.sync.idx.f32", NULL, 0, args, 4);
}

static void accumulate_by_threads(const attention *a, attention_sum *s, attention_scores scores, V buffer) {
  LLVMBuilderRef b = a->lower->builder;
  uint32_t n = s->other->padded / ALPA_MMA_COLUMNS;
  LLVMTypeRef pair = LLVMVectorType(a->lower->type.f32, 2);
  for (uint32_t line = 0; line < a->columns; line++) {
    uint32_t j = line / ALPA_MMA_COLUMNS, in = line % ALPA_MMA_COLUMNS;
    V left[2];
    for (uint32_t half = 0; half < 2; half++)
      left[half] = from_neighbour(a, attention_element(a, scores[0][half][j], in % 2), in / 2);
    for (uint32_t i = 0; i < n; i++) {
      V at = shared(a, s->other, buffer, attention_number(a, line), attention_times(a, lane_rest(a, 4), 8),
                    (int64_t)i * ALPA_MMA_COLUMNS * 4);
      V right = LLVMBuildLoad2(b, pair, at, "");
      LLVMSetAlignment(right, 8);
      for (uint32_t e = 0; e < ALPA_MMA_SUMS; e++) {
        V *sum = attention_fragment(s->sums, 0, n, i) + e;
        *sum = multiply_add(a, left[e / 2], attention_element(a, right, e % 2), *sum);
      }
    }
  }
}

void alpa_attention_accumulate(const attention *a, attention_sum *s, attention_scores scores, V buffer) {
  if (a->on_warpgroups)
    alpa_attention_wgmma_accumulate(a, s, scores, buffer);
  else if (s->tensor)
    accumulate_on_tensor_cores(a, s, scores, buffer);
  else
    accumulate_by_threads(a, s, scores, buffer);
}
