/* Attention kernels: from the ops of the kernel to tiles, products and sums, and the choice of the block. */
#include <string.h>

#include "codegen/layout.h"
#include "codegen/ptx/attention.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

static void refuse(attention *a, const alpa_op *op) {
  alpa_lower_unsupported(a->lower, op, "does not fit into a kernel of attention; this is a defect of its fusion");
}

/* ---- tiles ---- */

static bool is_same_tile(const attention_tile *x, const attention_tile *y) {
  return x->operand == y->operand && x->offset == y->offset && x->is_own == y->is_own && x->line == y->line &&
         x->along == y->along && x->width == y->width && !memcmp(x->batch, y->batch, sizeof x->batch);
}

/* Whether 16 bytes from every multiple of them on, along a line, lie side by side and aligned. */
static bool has_chunks(const attention *a, const attention_tile *tile) {
  int64_t chunk = 16 / alpa_dtype_get_info(tile->dtype)->bytes, bits = tile->offset | tile->line | tile->width;
  for (uint32_t d = 0; d + 2 < a->rank; d++)
    bits |= tile->batch[d];
  return tile->along == 1 && bits % chunk == 0;
}

static const attention_tile *tile_of(attention *a, const alpa_op *dot, uint32_t operand, const alpa_scores_side *side,
                                     bool is_own) {
  alpa_layout layout;
  alpa_layout_find(alpa_op_operand(dot, operand), &layout);
  const alpa_type *type = alpa_op_operand_type(dot, operand);
  uint32_t bytes = alpa_dtype_get_info(type->dtype)->bytes, granule = 16;
  attention_tile tile = {.operand = layout.base->index,
                         .dtype = type->dtype,
                         .is_own = is_own,
                         .offset = layout.offset,
                         .line = layout.strides[side->line],
                         .along = layout.strides[side->along],
                         .lines = type->dims[side->line],
                         .width = type->dims[side->along]};
  for (uint32_t d = 0; d + 2 < a->rank; d++)
    tile.batch[d] = type->dims[side->batch[d]] == 1 ? 0 : layout.strides[side->batch[d]];
  tile.padded = (uint32_t)((tile.width + granule - 1) / granule * granule);
  tile.pitch = tile.padded * bytes + 16; /* odd multiples of 16: eight lines of a matrix lie in different banks */
  tile.has_chunks = has_chunks(a, &tile);
  for (uint32_t i = 0; i < a->n_tiles; i++)
    if (is_same_tile(&a->tiles[i], &tile))
      return &a->tiles[i];
  if (layout.base->op || a->n_tiles == ATTENTION_TILES) {
    refuse(a, dot);
    return &a->tiles[0];
  }
  a->tiles[a->n_tiles] = tile;
  return &a->tiles[a->n_tiles++];
}

/* ---- products and sums ---- */

/* The operand that is made of scores; 2 where both come from memory. */
static uint32_t find_scores(const alpa_op *dot) {
  for (uint32_t i = 0; i < 2; i++) {
    alpa_layout layout;
    alpa_layout_find(alpa_op_operand(dot, i), &layout);
    if (layout.base->op)
      return i;
  }
  return 2;
}

static bool is_on_tensor_cores(const alpa_op *dot) {
  return alpa_op_operand_type(dot, 0)->dtype != ALPA_F32 || alpa_dot_asks_for_tf32(dot);
}

static void add_product(attention *a, alpa_op *dot) {
  alpa_scores_side sides[2];
  if (a->n_products == ATTENTION_PRODUCTS || !alpa_scores_find_product(dot, sides)) {
    refuse(a, dot);
    return;
  }
  uint32_t own = a->over_m ? 1 : 0;
  attention_product *p = &a->products[a->n_products++];
  p->dot = dot;
  p->own = tile_of(a, dot, own, &sides[own], true);
  p->other = tile_of(a, dot, 1 - own, &sides[1 - own], false);
  p->tensor = is_on_tensor_cores(dot);
}

static void add_sum(attention *a, alpa_op *dot, uint32_t operand) {
  alpa_scores_sum sum;
  if (a->n_sums == ATTENTION_PRODUCTS || !alpa_scores_find_sum(dot, operand, &sum) || sum.over_m != a->over_m) {
    refuse(a, dot);
    return;
  }
  attention_sum *s = &a->sums[a->n_sums++];
  s->dot = dot;
  s->scores = alpa_op_operand(dot, operand);
  if (stablehlo_is(s->scores->op, STABLEHLO_convert) && alpa_op_operand_type(s->scores->op, 0)->dtype == ALPA_F32)
    s->scores = alpa_op_operand(s->scores->op, 0); /* rounded where it becomes an operand */
  s->result = sum.result;
  s->other = tile_of(a, dot, 1 - operand, &sum.other, false);
  s->tensor = is_on_tensor_cores(dot);
  if (a->is_online && !alpa_softmax_scales(&a->softmax, s->scores, &s->normalised))
    refuse(a, dot);
}

/* Which way its sums run decides what the block's own lines are. */
static bool sums_over_m(const alpa_op *kernel) {
  for (const alpa_op *op = alpa_kernel_body(kernel)->first; op; op = op->next) {
    alpa_scores_sum sum;
    uint32_t operand = stablehlo_is(op, STABLEHLO_dot_general) ? find_scores(op) : 2;
    if (operand < 2 && alpa_scores_find_sum(op, operand, &sum))
      return sum.over_m;
  }
  return false;
}

static void find_softmax(attention *a) {
  for (alpa_op *op = alpa_kernel_body(a->lower->kernel)->first; op && !a->has_softmax; op = op->next) {
    if (!stablehlo_is(op, STABLEHLO_exponential) || op->results[0].type->rank != a->rank)
      continue;
    const alpa_op *difference = alpa_op_operand(op, 0)->op;
    if (!difference || !stablehlo_is(difference, STABLEHLO_subtract))
      continue;
    a->has_softmax = true;
    a->is_online = alpa_softmax_find(op, &a->softmax);
    a->softmax.weights = op;
  }
}

/* Skipping needs that the sums get nothing where the weights are 0. */
static void find_mask(attention *a) {
  a->has_mask =
      a->has_softmax && alpa_scores_find_mask(alpa_op_operand(alpa_op_operand(a->softmax.weights, 0)->op, 0), &a->mask);
  for (uint32_t i = 0; i < a->n_sums && a->has_mask; i++)
    a->has_mask = alpa_softmax_vanishes(a->softmax.weights, a->sums[i].scores);
  for (uint32_t i = 0; i < a->n_reduces && a->has_mask; i++)
    a->has_mask =
        a->reduces[i] == a->softmax.max || alpa_softmax_vanishes(a->softmax.weights, alpa_op_operand(a->reduces[i], 0));
}

static void collect(attention *a) {
  for (alpa_op *op = alpa_kernel_body(a->lower->kernel)->first; op; op = op->next) {
    alpa_reduction reduction;
    uint32_t operand = stablehlo_is(op, STABLEHLO_dot_general) ? find_scores(op) : 2;
    if (operand < 2)
      add_sum(a, op, operand);
    else if (stablehlo_is(op, STABLEHLO_dot_general))
      add_product(a, op);
    else if (!stablehlo_is(op, STABLEHLO_reduce))
      continue;
    else if (a->over_m || a->n_reduces == ATTENTION_PRODUCTS || !alpa_scores_is_row_reduce(op, &reduction) ||
             (reduction == ALPA_REDUCE_MAXIMUM && op != a->softmax.max))
      refuse(a, op);
    else
      a->reduces[a->n_reduces++] = op;
  }
}

/* ---- the block ---- */

/* Warps of a block, fragments of 16 lines of a warp, and columns of a step: those first that read shared memory least;
 * the last one takes everything. */
typedef struct shape {
  uint32_t warps, fragments, columns;
} shape;
static const shape warp_shapes[] = {{4, 2, 64}, {4, 2, 32}, {4, 1, 64}, {4, 1, 32}, {4, 1, 16}};
static const shape warpgroup_shapes[] = {{8, 1, 128}, {8, 1, 64}, {8, 1, 32}, {4, 1, 128}, {4, 1, 64}, {4, 1, 32}};

/* Registers of a thread for sums, and for what is made of scores. */
static uint32_t count_words(const attention *a, const shape *s) {
  uint32_t n = a->n_products * s->fragments * s->columns * 3 / 4;
  for (uint32_t i = 0; i < a->n_sums; i++)
    n += s->fragments * a->sums[i].other->padded / 2;
  return n;
}

static int64_t place_tiles(attention *a) {
  a->own_bytes = a->buffer_bytes = 0;
  for (uint32_t i = 0; i < a->n_tiles; i++) {
    attention_tile *tile = &a->tiles[i];
    int64_t *next = tile->is_own ? &a->own_bytes : &a->buffer_bytes;
    uint32_t n = attention_lines(a, tile);
    tile->byte = *next;
    *next += a->on_warpgroups ? alpa_attention_wgmma_bytes(tile, n) : (int64_t)tile->pitch * n;
  }
  return a->own_bytes + 2 * a->buffer_bytes;
}

static bool uses_tensor_cores(const attention *a) {
  for (uint32_t i = 0; i < a->n_products; i++)
    if (!a->products[i].tensor)
      return false;
  for (uint32_t i = 0; i < a->n_sums; i++)
    if (!a->sums[i].tensor)
      return false;
  return true;
}

/* Those of compute capability 9.0 take 16-bit operands, the left one from registers too. */
static bool suits_warpgroups(const attention *a) {
  bool suits = a->lower->target->gpu >= 90;
  for (uint32_t i = 0; i < a->n_products; i++)
    suits = suits && a->products[i].own->dtype != ALPA_F32;
  for (uint32_t i = 0; i < a->n_sums; i++)
    suits = suits && a->sums[i].other->dtype != ALPA_F32;
  return suits;
}

static int64_t n_tiles(const attention *a, uint32_t lines) { return (a->dims[a->own] + lines - 1) / lines; }

/* Whether a shape has room, and leaves work for all multiprocessors. */
static bool suits(attention *a, const shape *s, bool tensor) {
  enum { MOST_WORDS = 176, MOST_BYTES = 160 << 10 };
  bool is_small = a->batch * n_tiles(a, a->own_lines) < a->lower->target->n_cores;
  bool is_large = a->own_lines > ALPA_MMA_ROWS * 4;
  return place_tiles(a) <= MOST_BYTES && count_words(a, s) <= MOST_WORDS && !(is_large && (is_small || !tensor)) &&
         (tensor || s->columns <= 32);
}

static void choose_block(attention *a) {
  a->on_warpgroups = suits_warpgroups(a);
  const shape *shapes = a->on_warpgroups ? warpgroup_shapes : warp_shapes;
  size_t n = a->on_warpgroups ? countof(warpgroup_shapes) : countof(warp_shapes);
  for (size_t i = 0; i < n; i++) {
    a->warps = shapes[i].warps;
    a->fragments = shapes[i].fragments;
    a->columns = shapes[i].columns;
    a->own_lines = a->warps * ALPA_MMA_ROWS * a->fragments;
    if (suits(a, &shapes[i], uses_tensor_cores(a)))
      break;
  }
  a->n_own = n_tiles(a, a->own_lines);
}

void alpa_attention_describe(alpa_lower *lower, attention *a) {
  size_t rank;
  *a = (attention){.lower = lower, .batch = 1};
  a->dims = alpa_op_i64s(lower->kernel, kernel_fused_domain, &rank);
  a->rank = (uint32_t)rank;
  a->over_m = sums_over_m(lower->kernel);
  a->own = a->rank - (a->over_m ? 1 : 2);
  a->other = a->rank - (a->over_m ? 2 : 1);
  a->lanes = a->dims[a->other] % 2 ? 1 : 2;
  for (uint32_t d = 0; d + 2 < a->rank; d++)
    a->batch *= a->dims[d];
  find_softmax(a);
  collect(a);
  find_mask(a);
  choose_block(a);
}
