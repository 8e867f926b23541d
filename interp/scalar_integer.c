/* Elementwise functions of booleans and integers.  Integers are computed in 64 bits and wrapped when stored, so only
 * functions that see the width (shifts, bit counts) look at it. */
#include "dialects/stablehlo/stablehlo.h"
#include "interp/scalar.h"

/* ---- scalar pieces ---------------------------------------------------------------------------------------------- */

static uint64_t mask(uint32_t bits) { return bits == 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1; }

static int64_t sign_extend(uint64_t a, uint32_t bits) { return (int64_t)(a << (64 - bits)) >> (64 - bits); }

static int64_t divide(int64_t a, int64_t b) {
  if (b == 0)
    return -1;
  return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static int64_t modulo(int64_t a, int64_t b) { return b == 0 ? a : b == -1 ? 0 : a % b; }

static uint64_t power(uint64_t a, uint64_t exponent) {
  uint64_t result = 1;
  for (; exponent; exponent >>= 1, a *= a)
    if (exponent & 1)
      result *= a;
  return result;
}

static int64_t signed_power(int64_t a, int64_t exponent) {
  if (exponent >= 0)
    return (int64_t)power((uint64_t)a, (uint64_t)exponent);
  return a == 1 ? 1 : a == -1 ? (exponent & 1 ? -1 : 1) : 0;
}

static uint64_t leading_zeros(uint64_t a, uint32_t bits) {
  a &= mask(bits);
  return a ? (uint64_t)__builtin_clzll(a) - (64 - bits) : bits;
}

static uint64_t shift_left(uint64_t a, uint64_t by, uint32_t bits) { return by < bits ? a << by : 0; }
static uint64_t shift_right(uint64_t a, uint64_t by, uint32_t bits) { return by < bits ? (a & mask(bits)) >> by : 0; }
static int64_t shift_copying_sign(uint64_t a, uint64_t by, uint32_t bits) {
  return sign_extend(a, bits) >> (by < bits ? by : bits - 1);
}

/* ---- tables: X(op, result type, expression of a, b, c and s) ---------------------------------------------------- */

#define BOOL_TABLE(X)                                                                                                  \
  X(add, uint64_t, a | b)                                                                                              \
  X(multiply, uint64_t, a &b)                                                                                          \
  X(maximum, uint64_t, a | b)                                                                                          \
  X(minimum, uint64_t, a &b)                                                                                           \
  X(and, uint64_t, a &b)                                                                                               \
  X(or, uint64_t, a | b)                                                                                               \
  X(xor, uint64_t, a ^ b)                                                                                              \
  X(not, uint64_t, a ^ 1)                                                                                              \
  X(compare, uint64_t, alpa_scalar_compare(s->direction, a < b, a == b, false))                                        \
  X(clamp, uint64_t, (a | b) & c)

#define COMMON_TABLE(X, type)                                                                                          \
  X(add, type, (type)((uint64_t)a + (uint64_t)b))                                                                      \
  X(subtract, type, (type)((uint64_t)a - (uint64_t)b))                                                                 \
  X(multiply, type, (type)((uint64_t)a * (uint64_t)b))                                                                 \
  X(negate, type, (type)(0 - (uint64_t)a))                                                                             \
  X(maximum, type, a > b ? a : b)                                                                                      \
  X(minimum, type, a < b ? a : b)                                                                                      \
  X(and, type, a &b)                                                                                                   \
  X(or, type, a | b)                                                                                                   \
  X(xor, type, a ^ b)                                                                                                  \
  X(not, type, ~a)                                                                                                     \
  X(shift_left, type, (type)shift_left((uint64_t)a, (uint64_t)b, s->bits))                                             \
  X(shift_right_logical, type, (type)shift_right((uint64_t)a, (uint64_t)b, s->bits))                                   \
  X(shift_right_arithmetic, type, (type)shift_copying_sign((uint64_t)a, (uint64_t)b, s->bits))                         \
  X(count_leading_zeros, type, (type)leading_zeros((uint64_t)a, s->bits))                                              \
  X(popcnt, type, (type)__builtin_popcountll((uint64_t)a &mask(s->bits)))                                              \
  X(compare, uint64_t, alpa_scalar_compare(s->direction, a < b, a == b, false))                                        \
  X(clamp, type, c < (b < a ? a : b) ? c : b < a ? a : b)

#define INT_TABLE(X)                                                                                                   \
  COMMON_TABLE(X, int64_t)                                                                                             \
  X(abs, int64_t, a < 0 ? (int64_t)(0 - (uint64_t)a) : a)                                                              \
  X(sign, int64_t, (a > 0) - (a < 0))                                                                                  \
  X(divide, int64_t, divide(a, b))                                                                                     \
  X(remainder, int64_t, modulo(a, b))                                                                                  \
  X(power, int64_t, signed_power(a, b))

#define UINT_TABLE(X)                                                                                                  \
  COMMON_TABLE(X, uint64_t)                                                                                            \
  X(abs, uint64_t, a)                                                                                                  \
  X(sign, uint64_t, a != 0)                                                                                            \
  X(divide, uint64_t, b ? a / b : ~UINT64_C(0))                                                                        \
  X(remainder, uint64_t, b ? a % b : a)                                                                                \
  X(power, uint64_t, power(a, b))

/* One loop per row. */
#define LOOP(prefix, type, id, result, expression)                                                                     \
  static void prefix##_##id(const alpa_scalar *s, size_t n, const void *const in[], void *out) {                       \
    const type *as = in[0], *bs = in[1], *cs = in[2];                                                                  \
    result *to = out;                                                                                                  \
    (void)s;                                                                                                           \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      type a = as[i], b = bs[i], c = cs[i];                                                                            \
      (void)a, (void)b, (void)c;                                                                                       \
      to[i] = expression;                                                                                              \
    }                                                                                                                  \
  }
#define X(id, result, expression) LOOP(bool, uint64_t, id, result, expression)
BOOL_TABLE(X)
#undef X
#define X(id, result, expression) LOOP(int, int64_t, id, result, expression)
INT_TABLE(X)
#undef X
#define X(id, result, expression) LOOP(uint, uint64_t, id, result, expression)
UINT_TABLE(X)
#undef X

alpa_scalar_fn *alpa_scalar_find_bool(const alpa_op_def *def) {
  static alpa_scalar_fn *const rows[STABLEHLO_OP_COUNT] = {
#define X(id, result, expression) [STABLEHLO_##id] = bool_##id,
      BOOL_TABLE(X)
#undef X
  };
  return def->dialect == &alpa_stablehlo_dialect ? rows[def->id] : NULL;
}

alpa_scalar_fn *alpa_scalar_find_int(const alpa_op_def *def) {
  static alpa_scalar_fn *const rows[STABLEHLO_OP_COUNT] = {
#define X(id, result, expression) [STABLEHLO_##id] = int_##id,
      INT_TABLE(X)
#undef X
  };
  return def->dialect == &alpa_stablehlo_dialect ? rows[def->id] : NULL;
}

alpa_scalar_fn *alpa_scalar_find_uint(const alpa_op_def *def) {
  static alpa_scalar_fn *const rows[STABLEHLO_OP_COUNT] = {
#define X(id, result, expression) [STABLEHLO_##id] = uint_##id,
      UINT_TABLE(X)
#undef X
  };
  return def->dialect == &alpa_stablehlo_dialect ? rows[def->id] : NULL;
}
