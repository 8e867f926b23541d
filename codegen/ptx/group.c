/* Folding over threads: a butterfly of shuffles in every warp, then, in larger groups, another one over what the warps
 * have left in shared memory.  Every fold has its own place there, so that no thread need wait before it writes. */
#include "codegen/ptx/group.h"

#include <string.h>

typedef LLVMValueRef V;

enum { MOST_THREADS = 256, LARGE_ROW = 8192, MOST_STATE = 64, WORD = 4 };

uint32_t alpa_ptx_group_threads(int64_t pieces) {
  uint32_t threads = 1, most = pieces >= LARGE_ROW ? 2 * MOST_THREADS : MOST_THREADS;
  while (threads < most && 2 * (int64_t)threads <= pieces)
    threads *= 2;
  return threads;
}

bool alpa_ptx_group_find_even(int64_t pieces, uint32_t most, uint32_t *out_threads, uint32_t *out_pieces) {
  enum { ENOUGH = 4 }; /* accesses of a thread at once */
  uint32_t threads = 1;
  while (threads < 2 * MOST_THREADS && pieces % (2 * (int64_t)threads) == 0)
    threads *= 2;
  while (threads > ALPA_WARP && pieces / threads * 2 <= (most < ENOUGH ? most : ENOUGH))
    threads /= 2;
  *out_threads = threads;
  *out_pieces = (uint32_t)(pieces / threads);
  return pieces / threads <= most;
}

static uint32_t block_threads(uint32_t threads) { return threads > ALPA_WARP ? threads : 4 * ALPA_WARP; }

alpa_kernel_launch alpa_ptx_group_launch(alpa_lower *lower, int64_t n, uint32_t threads, uint32_t shared_elements) {
  uint32_t block = block_threads(threads), per_block = block / threads;
  int64_t blocks = (n + per_block - 1) / per_block;
  if (blocks > INT32_MAX)
    alpa_lower_unsupported(lower, lower->kernel, "has more rows than a grid of a GPU has blocks");
  bool shares = threads > ALPA_WARP;
  enum { MOST_WORDS = 4 }; /* of an element: complex numbers of two doubles */
  return (alpa_kernel_launch){.is_block_task = true,
                              .grid = {(uint32_t)(blocks > 1 ? blocks : 1), 1, 1},
                              .block = {block, 1, 1},
                              .shared_bytes =
                                  shares ? (int64_t)shared_elements * MOST_WORDS * WORD * (threads / ALPA_WARP) : 0};
}

static V number(alpa_lower *l, int64_t value) { return alpa_ptx_i32(l, value); }

void alpa_ptx_group_begin(alpa_lower *lower, alpa_ptx_group *group, uint32_t threads, int64_t n, V *out_index) {
  LLVMBuilderRef b = lower->builder;
  V thread = alpa_ptx_thread(lower);
  uint32_t per_block = block_threads(threads) / threads;
  *group = (alpa_ptx_group){.threads = threads, .number = LLVMBuildURem(b, thread, number(lower, threads), "")};
  V first = LLVMBuildMul(b, lower->task, alpa_lower_i64(lower, per_block), "");
  V own = LLVMBuildZExt(b, LLVMBuildUDiv(b, thread, number(lower, threads), ""), lower->type.i64, "");
  *out_index = LLVMBuildAdd(b, first, own, "row");
  if (threads > ALPA_WARP)
    return;
  V bits = number(lower, threads == ALPA_WARP ? -1 : ((int64_t)1 << threads) - 1);
  V start = LLVMBuildURem(b, LLVMBuildSub(b, thread, group->number, ""), number(lower, ALPA_WARP), "");
  group->mask = LLVMBuildShl(b, bits, start, "");
  if (n % per_block)
    alpa_ptx_leave_unless(lower, LLVMBuildICmp(b, LLVMIntULT, *out_index, alpa_lower_i64(lower, n), ""));
}

/* ---- values as words of 32 bits ---- */

static uint32_t words_of(LLVMTypeRef type) {
  switch (LLVMGetTypeKind(type)) {
  case LLVMDoubleTypeKind:
    return 2;
  case LLVMIntegerTypeKind:
    return LLVMGetIntTypeWidth(type) > 32 ? 2 : 1;
  default:
    return 1;
  }
}

static uint32_t to_words(alpa_lower *l, V value, V *words) {
  LLVMBuilderRef b = l->builder;
  LLVMTypeRef type = LLVMTypeOf(value);
  uint32_t n = words_of(type);
  LLVMTypeRef bits = n == 2 ? l->type.i64 : l->type.i32;
  value = LLVMGetTypeKind(type) == LLVMIntegerTypeKind ? LLVMBuildZExtOrBitCast(b, value, bits, "")
                                                       : LLVMBuildBitCast(b, value, bits, "");
  words[0] = n == 2 ? LLVMBuildTrunc(b, value, l->type.i32, "") : value;
  if (n == 2)
    words[1] = LLVMBuildTrunc(b, LLVMBuildLShr(b, value, alpa_lower_i64(l, 32), ""), l->type.i32, "");
  return n;
}

static V from_words(alpa_lower *l, LLVMTypeRef type, const V *words) {
  LLVMBuilderRef b = l->builder;
  V value = words[0];
  if (words_of(type) == 2) {
    V high = LLVMBuildShl(b, LLVMBuildZExt(b, words[1], l->type.i64, ""), alpa_lower_i64(l, 32), "");
    value = LLVMBuildOr(b, LLVMBuildZExt(b, words[0], l->type.i64, ""), high, "");
  }
  return LLVMGetTypeKind(type) == LLVMIntegerTypeKind ? LLVMBuildTruncOrBitCast(b, value, type, "")
                                                      : LLVMBuildBitCast(b, value, type, "");
}

/* Every word of the state through `visit`. */
typedef V word_fn(alpa_lower *l, const void *user, uint32_t word, V value);

static V map_part(alpa_lower *l, V part, uint32_t *next, word_fn *visit, const void *user) {
  V words[2];
  if (!part)
    return NULL;
  uint32_t n = to_words(l, part, words);
  for (uint32_t w = 0; w < n; w++)
    words[w] = visit(l, user, (*next)++, words[w]);
  return from_words(l, LLVMTypeOf(part), words);
}

static uint32_t map_state(alpa_lower *l, const alpa_element *from, alpa_element *to, uint32_t n, word_fn *visit,
                          const void *user) {
  uint32_t words = 0;
  for (uint32_t i = 0; i < n; i++) {
    V re = map_part(l, from[i].re, &words, visit, user);
    to[i] = (alpa_element){re, map_part(l, from[i].im, &words, visit, user)};
  }
  return words;
}

/* ---- butterflies ---- */

typedef struct exchange {
  V mask;
  uint32_t distance;
} exchange;

static V shuffle_word(alpa_lower *l, const void *user, uint32_t word, V value) {
  (void)word;
  const exchange *e = user;
  V args[] = {e->mask, value, number(l, e->distance), number(l, ALPA_WARP - 1)};
  return alpa_lower_intrinsic(l, "llvm.nvvm.shfl.sync.bfly.i32", NULL, 0, args, 4);
}

static V select_part(alpa_lower *l, V condition, V a, V b) {
  return a ? LLVMBuildSelect(l->builder, condition, a, b, "") : NULL;
}

/* `width` neighbouring lanes; `lane` is any number whose low bits are the lane's. */
static void fold_lanes(alpa_lower *l, V mask, V lane, uint32_t width, alpa_element *state, uint32_t n,
                       alpa_ptx_combine_fn *combine, const void *user) {
  LLVMBuilderRef b = l->builder;
  for (uint32_t distance = 1; distance < width; distance *= 2) {
    alpa_element other[MOST_STATE], first[MOST_STATE], second[MOST_STATE];
    map_state(l, state, other, n, shuffle_word, &(exchange){mask, distance});
    V bit = LLVMBuildAnd(b, lane, number(l, distance), "");
    V is_first = LLVMBuildICmp(b, LLVMIntEQ, bit, number(l, 0), "");
    for (uint32_t i = 0; i < n; i++) {
      first[i] = (alpa_element){select_part(l, is_first, state[i].re, other[i].re),
                                select_part(l, is_first, state[i].im, other[i].im)};
      second[i] = (alpa_element){select_part(l, is_first, other[i].re, state[i].re),
                                 select_part(l, is_first, other[i].im, state[i].im)};
    }
    combine(l, user, first, second, state);
  }
}

typedef struct exchange_place {
  uint32_t byte, warps;
  V warp;
} exchange_place;

static V shared_word(alpa_lower *l, const exchange_place *place, uint32_t word) {
  return alpa_ptx_shared(l, l->type.i32, place->byte + (int64_t)word * place->warps * WORD, place->warp);
}

static V put_word(alpa_lower *l, const void *user, uint32_t word, V value) {
  LLVMBuildStore(l->builder, value, shared_word(l, user, word));
  return value;
}

static V get_word(alpa_lower *l, const void *user, uint32_t word, V value) {
  (void)value;
  return LLVMBuildLoad2(l->builder, l->type.i32, shared_word(l, user, word), "");
}

void alpa_ptx_group_fold(alpa_lower *lower, alpa_ptx_group *group, alpa_element *state, uint32_t n,
                         alpa_ptx_combine_fn *combine, const void *user) {
  LLVMBuilderRef b = lower->builder;
  if (n > MOST_STATE) {
    alpa_lower_unsupported(lower, lower->kernel, "reduces more than 64 tensors at once, which no GPU kernel does");
    return;
  }
  bool large = group->threads > ALPA_WARP;
  uint32_t width = large ? ALPA_WARP : group->threads, warps = group->threads / ALPA_WARP;
  V mask = large ? number(lower, -1) : group->mask;
  fold_lanes(lower, mask, group->number, width, state, n, combine, user);
  if (!large)
    return;
  V lane = LLVMBuildURem(b, group->number, number(lower, ALPA_WARP), "");
  V warp = LLVMBuildUDiv(b, group->number, number(lower, ALPA_WARP), "");
  exchange_place place = {.byte = group->next_byte, .warps = warps, .warp = warp};
  alpa_element ignored[MOST_STATE];
  alpa_ptx_if is_first = alpa_ptx_begin_if(lower, LLVMBuildICmp(b, LLVMIntEQ, lane, number(lower, 0), ""));
  group->next_byte += map_state(lower, state, ignored, n, put_word, &place) * warps * WORD;
  alpa_ptx_end_if(lower, is_first);
  alpa_ptx_barrier(lower);
  place.warp = LLVMBuildURem(b, lane, number(lower, warps), "");
  map_state(lower, state, state, n, get_word, &place);
  fold_lanes(lower, mask, lane, warps, state, n, combine, user);
}

void alpa_ptx_group_wait(alpa_lower *lower, const alpa_ptx_group *group) {
  V mask = group->mask;
  if (group->threads > ALPA_WARP)
    alpa_ptx_barrier(lower);
  else if (group->threads > 1)
    alpa_lower_intrinsic(lower, "llvm.nvvm.bar.warp.sync", NULL, 0, &mask, 1);
}
