/* Random bits of the counter-based generators (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11),
 * laid out as XLA lays them out, and the stateless stand-in for stablehlo.rng. */
#include <math.h>
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/convert.h"
#include "interp/eval.h"
#include "interp/field.h"
#include "support/hash.h"
#include "support/number.h"

/* ---- Threefry-2x32, 20 rounds ----------------------------------------------------------------------------------- */

static uint32_t rotate(uint32_t x, uint32_t by) { return x << by | x >> (32 - by); }

static uint64_t threefry(uint64_t key, uint64_t counter) {
  static const uint32_t rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  uint32_t keys[3] = {(uint32_t)key, (uint32_t)(key >> 32), 0};
  keys[2] = keys[0] ^ keys[1] ^ 0x1BD11BDA;
  uint32_t x = (uint32_t)counter + keys[0], y = (uint32_t)(counter >> 32) + keys[1];
  for (uint32_t group = 0; group < 5; group++) {
    for (uint32_t r = 0; r < 4; r++) {
      x += y;
      y = rotate(y, rotations[group % 2][r]) ^ x;
    }
    x += keys[(group + 1) % 3];
    y += keys[(group + 2) % 3] + group + 1;
  }
  return (uint64_t)y << 32 | x;
}

/* The dimension along which XLA puts the two words of each counter: the first even one, else the largest. */
static uint32_t split_dimension(const alpa_tensor *out) {
  uint32_t largest = 0;
  for (uint32_t i = 0; i < out->rank; i++) {
    if (out->dims[i] % 2 == 0)
      return i;
    if (out->dims[i] > out->dims[largest])
      largest = i;
  }
  return largest;
}

/* 32 bits per element: counters number the pairs of neighbours along the split dimension, which have the two words. */
static uint64_t threefry_words(const alpa_tensor *out, uint64_t key, uint64_t counter, uint32_t *words) {
  uint32_t split = out->rank ? split_dimension(out) : 0;
  int64_t size = out->rank ? out->dims[split] : 1, half = (size + 1) / 2, after = 1;
  for (uint32_t i = split + 1; i < out->rank; i++)
    after *= out->dims[i];
  int64_t n = alpa_tensor_count(out), inner = size * after, before = inner > 0 ? n / inner : 0;
  for (int64_t i = 0; i < before; i++)
    for (int64_t j = 0; j < half; j++)
      for (int64_t k = 0; k < after; k++) {
        uint64_t bits = threefry(key, counter + (uint64_t)((i * half + j) * after + k));
        words[(i * size + 2 * j) * after + k] = (uint32_t)bits;
        if (2 * j + 1 < size)
          words[(i * size + 2 * j + 1) * after + k] = (uint32_t)(bits >> 32);
      }
  return counter + (uint64_t)(before * half * after);
}

/* ---- Philox-4x32, 10 rounds ------------------------------------------------------------------------------------- */

static void philox(uint64_t key, alpa_uint128 counter, uint32_t out[4]) {
  uint32_t key0 = (uint32_t)key, key1 = (uint32_t)(key >> 32);
  for (uint32_t i = 0; i < 4; i++)
    out[i] = (uint32_t)(counter >> (32 * i));
  for (uint32_t round = 0; round < 10; round++) {
    uint64_t a = (uint64_t)out[0] * 0xD2511F53, b = (uint64_t)out[2] * 0xCD9E8D57;
    const uint32_t next[4] = {(uint32_t)(b >> 32) ^ out[1] ^ key0, (uint32_t)b, (uint32_t)(a >> 32) ^ out[3] ^ key1,
                              (uint32_t)a};
    memcpy(out, next, sizeof next);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
}

/* ---- rng_bit_generator ------------------------------------------------------------------------------------------ */

static void store_word(const alpa_tensor *out, int64_t i, uint64_t bits) {
  size_t bytes = alpa_dtype_get_info(out->dtype)->bytes;
  alpa_integer_store(out->dtype, (char *)out->data + (size_t)i * bytes, (int64_t)bits);
}

static void run_threefry(alpa_call *call, const uint64_t *state, uint64_t *next) {
  const alpa_tensor *out = alpa_call_out(call, 1);
  int64_t n = alpa_tensor_count(out);
  next[0] = state[0];
  if (alpa_dtype_get_info(out->dtype)->bits == 64) {
    for (int64_t i = 0; i < n; i++)
      store_word(out, i, threefry(state[0], state[1] + (uint64_t)i));
    next[1] = state[1] + (uint64_t)n;
    return;
  }
  uint32_t *words = alpa_call_scratch(call, (size_t)(n + 1) * sizeof *words);
  next[1] = threefry_words(out, state[0], state[1], words);
  for (int64_t i = 0; i < n; i++)
    store_word(out, i, words[i]);
}

static void run_philox(alpa_call *call, const uint64_t *state, size_t n_state, uint64_t *next) {
  const alpa_tensor *out = alpa_call_out(call, 1);
  int64_t n = alpa_tensor_count(out), per_counter = alpa_dtype_get_info(out->dtype)->bits == 64 ? 2 : 4;
  /* Without a third word XLA takes the key for it. */
  alpa_uint128 counter = (alpa_uint128)state[n_state > 2 ? 2 : 0] << 64 | state[1];
  for (int64_t i = 0; i < n; i += per_counter, counter++) {
    uint32_t words[4];
    philox(state[0], counter, words);
    for (int64_t k = 0; k < per_counter && i + k < n; k++)
      store_word(out, i + k, per_counter == 4 ? words[k] : (uint64_t)words[2 * k + 1] << 32 | words[2 * k]);
  }
  next[0] = state[0];
  next[1] = (uint64_t)counter;
  if (n_state > 2)
    next[2] = (uint64_t)(counter >> 64);
}

alpa_status alpa_eval_rng_bit_generator(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0);
  if (alpa_number_kind_of(call->machine->arith, alpa_call_out(call, 1)->dtype) > ALPA_NUMBER_UINT)
    return alpa_op_unsupported(call->op, "generates elements that are not integers");
  size_t bytes = alpa_tensor_bytes(in, ALPA_ARITH_REAL), n_state = bytes / sizeof(uint64_t);
  uint64_t state[3] = {0}, next[3] = {0};
  if (n_state < 2 || n_state > 3 || bytes % sizeof(uint64_t))
    return alpa_op_unsupported(call->op, "has a state of %zu bytes; the generators have 16 or 24", bytes);
  memcpy(state, in->data, bytes);
  int64_t algorithm = alpa_op_attr(call->op, stablehlo_rng_bit_generator_rng_algorithm)->integer;
  if (algorithm == STABLEHLO_THREE_FRY)
    run_threefry(call, state, next);
  else /* the default is Philox, as on XLA's CPU */
    run_philox(call, state, n_state, next);
  memcpy(alpa_call_out(call, 0)->data, next, bytes);
  return ALPA_OK;
}

/* ---- rng -------------------------------------------------------------------------------------------------------- */

/* Numbers of (0, 1) that depend on the place alone: the op has no state, and any numbers satisfy it. */
static double uniform(uint64_t place) {
  uint64_t key[2] = {0x726E67, place};
  return ((double)(alpa_hash64(key, sizeof key, 0) >> 11) + 0.5) * 0x1p-53;
}

alpa_status alpa_eval_rng(alpa_call *call) {
  const alpa_tensor *a = alpa_call_in(call, 0), *b = alpa_call_in(call, 1), *out = alpa_call_out(call, 0);
  bool normal = alpa_op_attr(call->op, stablehlo_rng_rng_distribution)->integer == STABLEHLO_NORMAL;
  if (call->machine->arith == ALPA_ARITH_FIELD)
    return alpa_op_unsupported(call->op, "has no meaning in field arithmetic; use rng_bit_generator");
  double ends[2] = {0}, one = 0;
  alpa_tensor wide = {.dtype = ALPA_F64, .data = &ends[0]};
  alpa_elements_convert(call->machine, a, 1, &wide);
  wide.data = &ends[1];
  alpa_elements_convert(call->machine, b, 1, &wide);
  size_t bytes = alpa_call_element_bytes(call, out->dtype);
  int64_t n = alpa_tensor_count(out);
  wide.data = &one;
  for (int64_t i = 0; i < n; i++) {
    double u = uniform(2 * (uint64_t)i), v = uniform(2 * (uint64_t)i + 1);
    one = normal ? ends[0] + ends[1] * sqrt(-2 * log(u)) * cos(2 * M_PI * v) : ends[0] + (ends[1] - ends[0]) * u;
    alpa_tensor element = {.dtype = out->dtype, .data = (char *)out->data + (size_t)i * bytes};
    alpa_elements_convert(call->machine, &wide, 1, &element);
  }
  return ALPA_OK;
}
