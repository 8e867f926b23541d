/* Typed loops for reductions.
 *
 * A block of elements small enough for the first-level cache is combined at a time, and then written to every result:
 * all operands of a block are read before a result is written, so results may take the operands' places.  Booleans add
 * as "or" and multiply as "and"; maximum and minimum of floats propagate NaN and order -0 below +0, as StableHLO does;
 * integers wrap. */
#include "runtime/channel/host/reduction_loops.h"

#include <math.h>
#include <string.h>

#include "support/number.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3") /* vectorises loops of unknown length, which -O2 of gcc does not */
#endif

/* The loader picks a version at load time; sanitizers do not survive that early call. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define VECTOR_LOOP __attribute__((target_clones("avx2", "default")))
#else
#define VECTOR_LOOP
#endif
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#undef VECTOR_LOOP
#define VECTOR_LOOP
#endif
#endif

enum { BLOCK_BYTES = 8192, BLOCK_ELEMENTS = BLOCK_BYTES / 4 };

/* to[i] = a[i] op b[i]; `to` may be a or b. */
typedef void combine_fn(void *to, const void *a, const void *b, size_t n);
typedef void widen_fn(alpa_dtype dtype, float *to, const void *from, size_t n);
typedef void narrow_fn(alpa_dtype dtype, void *to, const void *from, size_t n);

struct alpa_reduction_loops {
  alpa_dtype dtype;
  uint32_t bytes;    /* of an element */
  widen_fn *widen;   /* to f32; NULL: elements are combined as they are */
  narrow_fn *narrow; /* from what was combined; NULL: nothing to do */
  combine_fn *combine[ALPA_REDUCTION_COUNT];
};

/* Equal operands differ at most in the sign of a zero: "and" of the bits gives +0, "or" gives -0. */
static inline float max_f32(float a, float b) {
  uint32_t bits_a, bits_b;
  memcpy(&bits_a, &a, 4);
  memcpy(&bits_b, &b, 4);
  bits_a &= bits_b;
  float both;
  memcpy(&both, &bits_a, 4);
  float larger = a > b ? a : b;
  larger = a == b ? both : larger;
  return a != a ? a : larger;
}

static inline float min_f32(float a, float b) {
  uint32_t bits_a, bits_b;
  memcpy(&bits_a, &a, 4);
  memcpy(&bits_b, &b, 4);
  bits_a |= bits_b;
  float both;
  memcpy(&both, &bits_a, 4);
  float smaller = a < b ? a : b;
  smaller = a == b ? both : smaller;
  return a != a ? a : smaller;
}

static inline double max_f64(double a, double b) {
  double larger = a > b ? a : b;
  larger = a == b ? (signbit(a) ? b : a) : larger;
  return a != a ? a : larger;
}

static inline double min_f64(double a, double b) {
  double smaller = a < b ? a : b;
  smaller = a == b ? (signbit(a) ? a : b) : smaller;
  return a != a ? a : smaller;
}

/* Parts of a product as the textbook has them; C's own complex product looks for infinities. */
static inline _Complex float product_c64(_Complex float a, _Complex float b) {
  return __builtin_complex(__real__ a * __real__ b - __imag__ a * __imag__ b,
                           __real__ a * __imag__ b + __imag__ a * __real__ b);
}

static inline _Complex double product_c128(_Complex double a, _Complex double b) {
  return __builtin_complex(__real__ a * __real__ b - __imag__ a * __imag__ b,
                           __real__ a * __imag__ b + __imag__ a * __real__ b);
}

/* X(name, element type, value of a[i] = x and b[i] = y).  Products of 16-bit integers are taken in 32 unsigned bits. */
#define COMBINE_TABLE(X)                                                                                               \
  X(add_8, uint8_t, x + y)                                                                                             \
  X(add_16, uint16_t, x + y)                                                                                           \
  X(add_32, uint32_t, x + y)                                                                                           \
  X(add_64, uint64_t, x + y)                                                                                           \
  X(add_f32, float, x + y)                                                                                             \
  X(add_f64, double, x + y)                                                                                            \
  X(add_c64, _Complex float, x + y)                                                                                    \
  X(add_c128, _Complex double, x + y)                                                                                  \
  X(multiply_8, uint8_t, x *y)                                                                                         \
  X(multiply_16, uint16_t, (uint32_t)x *y)                                                                             \
  X(multiply_32, uint32_t, x *y)                                                                                       \
  X(multiply_64, uint64_t, x *y)                                                                                       \
  X(multiply_f32, float, x *y)                                                                                         \
  X(multiply_f64, double, x *y)                                                                                        \
  X(multiply_c64, _Complex float, product_c64(x, y))                                                                   \
  X(multiply_c128, _Complex double, product_c128(x, y))                                                                \
  X(max_i8, int8_t, x > y ? x : y)                                                                                     \
  X(max_i16, int16_t, x > y ? x : y)                                                                                   \
  X(max_i32, int32_t, x > y ? x : y)                                                                                   \
  X(max_i64, int64_t, x > y ? x : y)                                                                                   \
  X(max_u8, uint8_t, x > y ? x : y)                                                                                    \
  X(max_u16, uint16_t, x > y ? x : y)                                                                                  \
  X(max_u32, uint32_t, x > y ? x : y)                                                                                  \
  X(max_u64, uint64_t, x > y ? x : y)                                                                                  \
  X(max_f32_, float, max_f32(x, y))                                                                                    \
  X(max_f64_, double, max_f64(x, y))                                                                                   \
  X(min_i8, int8_t, x < y ? x : y)                                                                                     \
  X(min_i16, int16_t, x < y ? x : y)                                                                                   \
  X(min_i32, int32_t, x < y ? x : y)                                                                                   \
  X(min_i64, int64_t, x < y ? x : y)                                                                                   \
  X(min_u8, uint8_t, x < y ? x : y)                                                                                    \
  X(min_u16, uint16_t, x < y ? x : y)                                                                                  \
  X(min_u32, uint32_t, x < y ? x : y)                                                                                  \
  X(min_u64, uint64_t, x < y ? x : y)                                                                                  \
  X(min_f32_, float, min_f32(x, y))                                                                                    \
  X(min_f64_, double, min_f64(x, y))                                                                                   \
  X(and_8, uint8_t, x &y)                                                                                              \
  X(and_16, uint16_t, x &y)                                                                                            \
  X(and_32, uint32_t, x &y)                                                                                            \
  X(and_64, uint64_t, x &y)                                                                                            \
  X(or_8, uint8_t, x | y)                                                                                              \
  X(or_16, uint16_t, x | y)                                                                                            \
  X(or_32, uint32_t, x | y)                                                                                            \
  X(or_64, uint64_t, x | y)                                                                                            \
  X(xor_8, uint8_t, x ^ y)                                                                                             \
  X(xor_16, uint16_t, x ^ y)                                                                                           \
  X(xor_32, uint32_t, x ^ y)                                                                                           \
  X(xor_64, uint64_t, x ^ y)

#define X(name, type, value)                                                                                           \
  VECTOR_LOOP static void name(void *to, const void *a, const void *b, size_t n) {                                     \
    type *out = to;                                                                                                    \
    const type *left = a, *right = b;                                                                                  \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      type x = left[i], y = right[i];                                                                                  \
      out[i] = (type)(value);                                                                                          \
    }                                                                                                                  \
  }
COMBINE_TABLE(X)
#undef X

/* ---- narrow types ----------------------------------------------------------------------------------------------- */

VECTOR_LOOP static void widen_bf16(alpa_dtype dtype, float *to, const void *from, size_t n) {
  (void)dtype;
  const uint16_t *in = from;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits = (uint32_t)in[i] << 16;
    memcpy(&to[i], &bits, 4);
  }
}

/* To nearest, ties to even; a NaN stays one. */
VECTOR_LOOP static void narrow_bf16(alpa_dtype dtype, void *to, const void *from, size_t n) {
  (void)dtype;
  const float *in = from;
  uint16_t *out = to;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &in[i], 4);
    uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16, quiet = bits >> 16 | 0x40;
    out[i] = (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? quiet : rounded);
  }
}

/* Exponents are moved by a multiplication, which also makes half subnormals normal. */
VECTOR_LOOP static void widen_f16(alpa_dtype dtype, float *to, const void *from, size_t n) {
  (void)dtype;
  const uint16_t *in = from;
  for (size_t i = 0; i < n; i++) {
    uint32_t magnitude = (uint32_t)(in[i] & 0x7FFF) << 13, sign = (uint32_t)(in[i] & 0x8000) << 16;
    float scaled;
    memcpy(&scaled, &magnitude, 4);
    scaled *= 0x1p112f;
    uint32_t bits;
    memcpy(&bits, &scaled, 4);
    bits = magnitude >= 0x0F800000 ? magnitude | 0x7F800000 : bits;
    bits |= sign;
    memcpy(&to[i], &bits, 4);
  }
}

static inline uint16_t half_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  /* Normal halves: rebias and round to nearest even. */
  uint32_t normal = (magnitude - 0x38000000 + 0xFFF + (magnitude >> 13 & 1)) >> 13;
  /* Subnormal halves: an addition of 0.5 puts their last bit at the end of the mantissa, rounding as it does so. */
  float small;
  memcpy(&small, &magnitude, 4);
  small += 0.5f;
  uint32_t subnormal;
  memcpy(&subnormal, &small, 4);
  subnormal -= 0x3F000000;
  uint32_t half = magnitude < 0x38800000 ? subnormal : normal;
  half = magnitude >= 0x477FF000 ? 0x7C00 : half;
  half = magnitude > 0x7F800000 ? 0x7E00 : half;
  return (uint16_t)(half | sign);
}

VECTOR_LOOP static void narrow_f16(alpa_dtype dtype, void *to, const void *from, size_t n) {
  (void)dtype;
  const float *in = from;
  uint16_t *out = to;
  for (size_t i = 0; i < n; i++)
    out[i] = half_of(in[i]);
}

/* Every other float narrower than f32. */
static void widen_any(alpa_dtype dtype, float *to, const void *from, size_t n) {
  const char *in = from;
  for (size_t i = 0; i < n; i++)
    to[i] = (float)alpa_float_decode(dtype, alpa_element_load(dtype, in + i * alpa_dtype_get_info(dtype)->bytes));
}

static void narrow_any(alpa_dtype dtype, void *to, const void *from, size_t n) {
  const float *in = from;
  char *out = to;
  for (size_t i = 0; i < n; i++)
    alpa_element_store(dtype, out + i * alpa_dtype_get_info(dtype)->bytes, alpa_float_encode(dtype, (double)in[i]));
}

/* 2- and 4-bit integers were combined in bytes and wrap here. */
static void wrap_byte(alpa_dtype dtype, void *to, const void *from, size_t n) {
  const int8_t *in = from;
  char *out = to;
  for (size_t i = 0; i < n; i++)
    alpa_integer_store(dtype, out + i, in[i]);
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

/* X(dtype, bytes, widen, narrow, add, multiply, maximum, minimum, and, or, xor) */
#define FLOAT_LOOPS add_f32, multiply_f32, max_f32_, min_f32_, NULL, NULL, NULL
#define REDUCTION_LOOPS_TABLE(X)                                                                                       \
  X(I1, 1, NULL, NULL, or_8, and_8, or_8, and_8, and_8, or_8, xor_8)                                                   \
  X(I2, 1, NULL, wrap_byte, add_8, multiply_8, max_i8, min_i8, and_8, or_8, xor_8)                                     \
  X(I4, 1, NULL, wrap_byte, add_8, multiply_8, max_i8, min_i8, and_8, or_8, xor_8)                                     \
  X(I8, 1, NULL, NULL, add_8, multiply_8, max_i8, min_i8, and_8, or_8, xor_8)                                          \
  X(I16, 2, NULL, NULL, add_16, multiply_16, max_i16, min_i16, and_16, or_16, xor_16)                                  \
  X(I32, 4, NULL, NULL, add_32, multiply_32, max_i32, min_i32, and_32, or_32, xor_32)                                  \
  X(I64, 8, NULL, NULL, add_64, multiply_64, max_i64, min_i64, and_64, or_64, xor_64)                                  \
  X(UI2, 1, NULL, wrap_byte, add_8, multiply_8, max_u8, min_u8, and_8, or_8, xor_8)                                    \
  X(UI4, 1, NULL, wrap_byte, add_8, multiply_8, max_u8, min_u8, and_8, or_8, xor_8)                                    \
  X(UI8, 1, NULL, NULL, add_8, multiply_8, max_u8, min_u8, and_8, or_8, xor_8)                                         \
  X(UI16, 2, NULL, NULL, add_16, multiply_16, max_u16, min_u16, and_16, or_16, xor_16)                                 \
  X(UI32, 4, NULL, NULL, add_32, multiply_32, max_u32, min_u32, and_32, or_32, xor_32)                                 \
  X(UI64, 8, NULL, NULL, add_64, multiply_64, max_u64, min_u64, and_64, or_64, xor_64)                                 \
  X(F4E2M1FN, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                   \
  X(F6E2M3FN, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                   \
  X(F6E3M2FN, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                   \
  X(F8E3M4, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                     \
  X(F8E4M3, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                     \
  X(F8E4M3B11FNUZ, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                              \
  X(F8E4M3FN, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                   \
  X(F8E4M3FNUZ, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                 \
  X(F8E5M2, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                     \
  X(F8E5M2FNUZ, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                 \
  X(F8E8M0FNU, 1, widen_any, narrow_any, FLOAT_LOOPS)                                                                  \
  X(BF16, 2, widen_bf16, narrow_bf16, FLOAT_LOOPS)                                                                     \
  X(F16, 2, widen_f16, narrow_f16, FLOAT_LOOPS)                                                                        \
  X(F32, 4, NULL, NULL, FLOAT_LOOPS)                                                                                   \
  X(F64, 8, NULL, NULL, add_f64, multiply_f64, max_f64_, min_f64_, NULL, NULL, NULL)                                   \
  X(C64, 8, NULL, NULL, add_c64, multiply_c64, NULL, NULL, NULL, NULL, NULL)                                           \
  X(C128, 16, NULL, NULL, add_c128, multiply_c128, NULL, NULL, NULL, NULL, NULL)

const alpa_reduction_loops *alpa_reduction_loops_get(alpa_dtype dtype) {
  static const alpa_reduction_loops rows[ALPA_DTYPE_COUNT] = {
#define X(id, bytes_, widen_, narrow_, ...)                                                                            \
  [ALPA_##id] = {.dtype = ALPA_##id, .bytes = bytes_, .widen = widen_, .narrow = narrow_, .combine = {__VA_ARGS__}},
      REDUCTION_LOOPS_TABLE(X)
#undef X
  };
  return &rows[dtype];
}

/* One block: `from` and `to` are offsets in bytes. */
typedef struct block {
  size_t from, to, n;
} block;

/* Elements as they are: the last combination goes straight into the first result. */
static void reduce_same(const alpa_reduction_loops *r, combine_fn *combine, const alpa_reduction_range *range,
                        block b) {
  _Alignas(64) char sum[BLOCK_BYTES];
  size_t bytes = b.n * r->bytes;
  const char *left = range->from[0] + b.from;
  char *first = range->to[0] + b.to;
  for (uint32_t i = 1; i < range->n_from; i++) {
    char *to = i + 1 < range->n_from ? sum : first;
    combine(to, left, range->from[i] + b.from, b.n);
    left = to;
  }
  if (first != left)
    memcpy(first, left, bytes);
  if (r->narrow)
    r->narrow(r->dtype, first, first, b.n);
  for (uint32_t j = 1; j < range->n_to; j++)
    if (range->to[j] + b.to != first)
      memcpy(range->to[j] + b.to, first, bytes);
}

static void reduce_widened(const alpa_reduction_loops *r, combine_fn *combine, const alpa_reduction_range *range,
                           block b) {
  _Alignas(64) float sum[BLOCK_ELEMENTS], next[BLOCK_ELEMENTS];
  r->widen(r->dtype, sum, range->from[0] + b.from, b.n);
  for (uint32_t i = 1; i < range->n_from; i++) {
    r->widen(r->dtype, next, range->from[i] + b.from, b.n);
    combine(sum, sum, next, b.n);
  }
  char *first = range->to[0] + b.to;
  r->narrow(r->dtype, first, sum, b.n);
  for (uint32_t j = 1; j < range->n_to; j++)
    memcpy(range->to[j] + b.to, first, b.n * r->bytes);
}

void alpa_reduction_loops_run(const alpa_reduction_loops *loops, alpa_reduction reduction,
                              const alpa_reduction_range *range) {
  combine_fn *combine = loops->combine[reduction];
  size_t length = loops->widen ? BLOCK_ELEMENTS : BLOCK_BYTES / loops->bytes, n = (size_t)range->n_elements;
  for (size_t at = 0; at < n; at += length) {
    block b = {.from = (size_t)range->from_offset + at * loops->bytes,
               .to = (size_t)range->to_offset + at * loops->bytes,
               .n = n - at < length ? n - at : length};
    (loops->widen ? reduce_widened : reduce_same)(loops, combine, range, b);
  }
}
