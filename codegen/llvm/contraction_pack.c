/* Packing: a strip of an operand as [k][width], contiguous and in the accumulator's type, so that the register tile
 * reads it in order.  Operands that are contiguous along the strip are copied in vectors, those contiguous along k are
 * transposed in registers (log2(lanes) rounds of shuffles), all others are gathered. */
#include "codegen/llvm/contraction_kernels.h"

typedef LLVMValueRef V;

/* The lanes of one vector of the strip: which exist (NULL: all), as a vector of i1. */
static V lane_mask(alpa_lower *lower, const alpa_contraction_strip *s, uint32_t first, V flat) {
  uint32_t lanes = s->lanes, valid = s->width - first < lanes ? s->width - first : lanes;
  V numbers = alpa_lower_lane_numbers(lower, lower->type.i64, lanes);
  V mask = NULL;
  if (valid < lanes)
    mask = LLVMBuildICmp(lower->builder, LLVMIntULT, numbers,
                         alpa_lower_splat(lower, alpa_lower_i64(lower, valid), lanes), "");
  if (s->bounded) {
    V place = LLVMBuildAdd(lower->builder, alpa_lower_splat(lower, flat, lanes), numbers, "");
    V inside = LLVMBuildICmp(lower->builder, LLVMIntSLT, place,
                             alpa_lower_splat(lower, alpa_lower_i64(lower, s->list->count), lanes), "");
    mask = mask ? LLVMBuildAnd(lower->builder, mask, inside, "") : inside;
  }
  return mask;
}

static V convert(alpa_lower *lower, const alpa_contraction *c, alpa_contraction_side side, V value) {
  return alpa_element_convert(lower, alpa_contraction_dtype(c, side), c->accumulator, (alpa_element){value, NULL}).re;
}

static void store_vector(alpa_lower *lower, const alpa_contraction *c, const alpa_contraction_strip *s, V row,
                         uint32_t first, V value) {
  V at = LLVMBuildMul(lower->builder, row, alpa_lower_i64(lower, s->width), "");
  at = LLVMBuildAdd(lower->builder, at, alpa_lower_i64(lower, first), "");
  alpa_lower_store(lower, alpa_lower_address(lower, s->to, at, c->accumulator), c->accumulator, s->lanes, value, NULL);
}

/* ---- contiguous along the strip ---- */

static void pack_contiguous(alpa_lower *lower, const alpa_contraction *c, const alpa_contraction_strip *s) {
  alpa_dtype dtype = alpa_contraction_dtype(c, s->side);
  V base = alpa_contraction_base(lower, c, s->side);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, s->k, s->k_end, 1);
  V offset = LLVMBuildAdd(lower->builder, s->batch, alpa_contraction_offset(lower, &c->k, loop.index, s->side), "");
  V row = LLVMBuildSub(lower->builder, loop.index, s->k, "");
  for (uint32_t first = 0; first < s->width; first += s->lanes) {
    V flat = LLVMBuildAdd(lower->builder, s->start, alpa_lower_i64(lower, first), "");
    V address = alpa_lower_address(lower, base, LLVMBuildAdd(lower->builder, offset, flat, ""), dtype);
    V value = alpa_lower_load(lower, address, dtype, s->lanes, lane_mask(lower, s, first, flat));
    store_vector(lower, c, s, row, first, convert(lower, c, s->side, value));
  }
  alpa_loop_end(lower, &loop);
}

/* ---- contiguous along k, and general ---- */

/* Offsets of the strip's places, clamped to those that exist. */
static void place_offsets(alpa_lower *lower, const alpa_contraction_strip *s, V *out) {
  V last = alpa_lower_i64(lower, s->list->count - 1);
  for (uint32_t i = 0; i < s->width; i++) {
    V flat = LLVMBuildAdd(lower->builder, s->start, alpa_lower_i64(lower, i), "");
    if (s->bounded) {
      V inside = LLVMBuildICmp(lower->builder, LLVMIntSLT, flat, last, "");
      flat = LLVMBuildSelect(lower->builder, inside, flat, last, "");
    }
    out[i] = LLVMBuildAdd(lower->builder, s->batch, alpa_contraction_offset(lower, s->list, flat, s->side), "");
  }
}

/* rows[i][j] becomes rows[j][i]: round s exchanges the off-diagonal s x s blocks of every 2s x 2s block. */
static void transpose(alpa_lower *lower, V *rows, uint32_t lanes) {
  V indices[64];
  for (uint32_t s = 1; s < lanes; s *= 2)
    for (uint32_t i = 0; i < lanes; i++) {
      if (i & s)
        continue;
      V a = rows[i], b = rows[i + s];
      for (uint32_t half = 0; half < 2; half++) {
        for (uint32_t j = 0; j < lanes; j++) {
          uint32_t from = half ? (j & s ? lanes + j : j + s) : (j & s ? lanes + j - s : j);
          indices[j] = LLVMConstInt(lower->type.i32, from, false);
        }
        rows[i + half * s] = LLVMBuildShuffleVector(lower->builder, a, b, LLVMConstVector(indices, lanes), "");
      }
    }
}

static V keep_inside(alpa_lower *lower, V value, V mask) {
  return mask ? LLVMBuildSelect(lower->builder, mask, value, LLVMConstNull(LLVMTypeOf(value)), "") : value;
}

/* One block of lanes x lanes for each vector of the strip. */
static void transpose_block(alpa_lower *lower, const alpa_contraction *c, const alpa_contraction_strip *s,
                            const V *offsets, V k) {
  alpa_dtype dtype = alpa_contraction_dtype(c, s->side);
  V base = alpa_contraction_base(lower, c, s->side), row = LLVMBuildSub(lower->builder, k, s->k, "");
  uint32_t n = (s->width + s->lanes - 1) / s->lanes;
  V *blocks = alpa_arena_new(lower->arena, V, n * s->lanes);
  for (uint32_t i = 0; i < n * s->lanes; i++) {
    V at = LLVMBuildAdd(lower->builder, offsets[i < s->width ? i : s->width - 1], k, "");
    V value = alpa_lower_load(lower, alpa_lower_address(lower, base, at, dtype), dtype, s->lanes, NULL);
    blocks[i] = convert(lower, c, s->side, value);
  }
  for (uint32_t v = 0; v < n; v++)
    transpose(lower, blocks + v * s->lanes, s->lanes);
  /* rows ascend, so that what a narrow strip's vector writes too far is overwritten by the next row */
  for (uint32_t j = 0; j < s->lanes; j++) {
    V to = LLVMBuildAdd(lower->builder, row, alpa_lower_i64(lower, j), "");
    for (uint32_t v = 0; v < n; v++) {
      V flat = LLVMBuildAdd(lower->builder, s->start, alpa_lower_i64(lower, v * s->lanes), "");
      V mask = s->bounded ? lane_mask(lower, s, v * s->lanes, flat) : NULL;
      store_vector(lower, c, s, to, v * s->lanes, keep_inside(lower, blocks[v * s->lanes + j], mask));
    }
  }
}

static void gather_row(alpa_lower *lower, const alpa_contraction *c, const alpa_contraction_strip *s, const V *offsets,
                       V k) {
  alpa_dtype dtype = alpa_contraction_dtype(c, s->side);
  V base = alpa_contraction_base(lower, c, s->side), row = LLVMBuildSub(lower->builder, k, s->k, "");
  V k_offset = alpa_contraction_offset(lower, &c->k, k, s->side);
  LLVMTypeRef type = LLVMVectorType(alpa_lower_compute_type(lower, dtype), s->lanes);
  for (uint32_t first = 0; first < s->width; first += s->lanes) {
    V value = LLVMConstNull(type);
    for (uint32_t i = 0; i < s->lanes && first + i < s->width; i++) {
      V at = LLVMBuildAdd(lower->builder, offsets[first + i], k_offset, "");
      V element = alpa_lower_load(lower, alpa_lower_address(lower, base, at, dtype), dtype, 1, NULL);
      value = LLVMBuildInsertElement(lower->builder, value, element, LLVMConstInt(lower->type.i32, i, false), "");
    }
    V flat = LLVMBuildAdd(lower->builder, s->start, alpa_lower_i64(lower, first), "");
    V mask = s->bounded ? lane_mask(lower, s, first, flat) : NULL;
    store_vector(lower, c, s, row, first, keep_inside(lower, convert(lower, c, s->side, value), mask));
  }
}

static void pack_places(alpa_lower *lower, const alpa_contraction *c, const alpa_contraction_strip *s) {
  V *offsets = alpa_arena_new(lower->arena, V, s->width), k = s->k;
  place_offsets(lower, s, offsets);
  bool along_k = c->k.n == 1 && alpa_contraction_stride(&c->k.dims[0], s->side) == 1;
  alpa_loop loop;
  if (along_k) {
    V length = LLVMBuildSub(lower->builder, s->k_end, s->k, "");
    V rest = LLVMBuildURem(lower->builder, length, alpa_lower_i64(lower, s->lanes), "");
    V whole = LLVMBuildSub(lower->builder, s->k_end, rest, "");
    alpa_loop_begin(lower, &loop, k, whole, s->lanes);
    transpose_block(lower, c, s, offsets, loop.index);
    alpa_loop_end(lower, &loop);
    k = whole;
    if (c->k.count % s->lanes == 0)
      return; /* blocks of k are multiples of the lanes, too */
  }
  alpa_loop_begin(lower, &loop, k, s->k_end, 1);
  gather_row(lower, c, s, offsets, loop.index);
  alpa_loop_end(lower, &loop);
}

void alpa_contraction_pack(alpa_lower *lower, const alpa_contraction *c, const alpa_contraction_strip *strip) {
  const alpa_contraction_dims *list = strip->list;
  if (list->n == 0 || (list->n == 1 && alpa_contraction_stride(&list->dims[0], strip->side) == 1))
    pack_contiguous(lower, c, strip);
  else
    pack_places(lower, c, strip);
}
