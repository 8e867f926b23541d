/* Instructions of the emulator that compute each thread's result from its registers, against the host. */
#include "test/unit/emulator_check.h"

#include <fenv.h>
#include <math.h>
#include <stdbool.h>

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 s128;
typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
typedef float f32;
typedef double f64;

enum { N = 2048 };

static u32 bits_of(f32 value) {
  u32 bits;
  memcpy(&bits, &value, 4);
  return bits;
}

static f32 float_of(u32 bits) {
  f32 value;
  memcpy(&value, &bits, 4);
  return value;
}

static f32 canonical(f32 value) { return isnan(value) ? float_of(0x7fffffff) : value; }
static f32 flush(f32 value) { return fabsf(value) < 0x1p-126f ? copysignf(0, value) : value; }

/* Under a rounding mode of the host. */
#define ROUNDED(T, mode, operation)                                                                                    \
  static T T##_##operation##_##mode(T a, T b, T c) {                                                                   \
    volatile T x = a, y = b, z = c;                                                                                    \
    fesetround(mode);                                                                                                  \
    volatile T result = do_##operation(x, y, z);                                                                       \
    (void)z;                                                                                                           \
    fesetround(FE_TONEAREST);                                                                                          \
    return result;                                                                                                     \
  }
#define do_add(a, b, c) ((a) + (b))
#define do_div(a, b, c) ((a) / (b))
#define do_fma(a, b, c) fmaf(a, b, c)
ROUNDED(f32, FE_TOWARDZERO, add)
ROUNDED(f32, FE_UPWARD, div)
ROUNDED(f32, FE_DOWNWARD, fma)
ROUNDED(f64, FE_UPWARD, add)

static s64 clamp(s64 value, s64 low, s64 high) { return value < low ? low : value > high ? high : value; }

static s64 to_integer(f64 value, f64 low, f64 high, s64 nan) {
  return isnan(value) ? nan : value <= low ? (s64)low : value >= high ? (s64)high : (s64)value;
}

/* f16 by arithmetic: the value of its bits, and the nearest of all 65536 is found by bisection over the positive. */
static f64 half_value(u16 bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  f64 value = exponent == 31 ? (fraction ? NAN : INFINITY)
              : exponent     ? ldexp(1024 + fraction, exponent - 25)
                             : ldexp(fraction, -24);
  return bits & 0x8000 ? -value : value;
}

static u16 nearest_half(f64 value) {
  f64 magnitude = fabs(value);
  u16 low = 0, high = 0x7c00, sign = signbit(value) ? 0x8000 : 0;
  if (isnan(value))
    return 0x7fff;
  if (magnitude >= 65520)
    return (u16)(sign | 0x7c00);
  while (high - low > 1) {
    u16 middle = (u16)((low + high) / 2);
    *(half_value(middle) <= magnitude ? &low : &high) = middle;
  }
  f64 below = magnitude - half_value(low), above = (high == 0x7c00 ? 65536 : half_value(high)) - magnitude;
  bool up = above < below || (above == below && (low & 1));
  return (u16)(sign | (up ? high : low));
}

static u16 nearest_bf16(f32 value) {
  u32 bits = bits_of(value), low = bits & 0xffff;
  if (isnan(value))
    return 0x7fff;
  u32 kept = bits >> 16;
  return (u16)(kept + (low > 0x8000 || (low == 0x8000 && (kept & 1))));
}

static f32 bf16_value(u16 bits) { return float_of((u32)bits << 16); }

static u32 two_halves(u32 a, u32 b, u32 c) {
  u16 low = nearest_half(half_value((u16)a) * half_value((u16)b) + half_value((u16)c));
  u16 high = nearest_half(half_value((u16)(a >> 16)) * half_value((u16)(b >> 16)) + half_value((u16)(c >> 16)));
  return (u32)high << 16 | low;
}

/* X(id, "instruction", D, A, B, C, expression of a, b, c) */
#define CASES(X)                                                                                                       \
  X(add_s32, "add.s32 d, a, b", u32, u32, u32, u32, a + b)                                                             \
  X(add_sat, "add.sat.s32 d, a, b", s32, s32, s32, s32, clamp((s64)a + b, INT32_MIN, INT32_MAX))                       \
  X(sub_16, "sub.u16 d, a, b", u16, u16, u16, u16, a - b)                                                              \
  X(mul_lo, "mul.lo.s64 d, a, b", u64, u64, u64, u64, a *b)                                                            \
  X(mul_hi_s, "mul.hi.s64 d, a, b", s64, s64, s64, s64, (s128)a *b >> 64)                                              \
  X(mul_hi_u, "mul.hi.u64 d, a, b", u64, u64, u64, u64, (u128)a *b >> 64)                                              \
  X(mul_hi_32, "mul.hi.s32 d, a, b", s32, s32, s32, s32, (s64)a *b >> 32)                                              \
  X(mul_wide, "mul.wide.s32 d, a, b", s64, s32, s32, s32, (s64)a *b)                                                   \
  X(mad_wide, "mad.wide.u16 d, a, b, c", u32, u16, u16, u32, (u32)a *b + c)                                            \
  X(mad_hi, "mad.hi.u32 d, a, b, c", u32, u32, u32, u32, (u32)((u64)a * b >> 32) + c)                                  \
  X(sad, "sad.s32 d, a, b, c", u32, s32, s32, u32, (u32)(a < b ? (s64)b - a : (s64)a - b) + c)                         \
  X(div_s32, "div.s32 d, a, b", s32, s32, s32, s32, b ? (s64)a / b : -1)                                               \
  X(rem_u64, "rem.u64 d, a, b", u64, u64, u64, u64, b ? a % b : a)                                                     \
  X(min_s16, "min.s16 d, a, b", s16, s16, s16, s16, a < b ? a : b)                                                     \
  X(max_u64, "max.u64 d, a, b", u64, u64, u64, u64, a > b ? a : b)                                                     \
  X(abs_s64, "abs.s64 d, a", u64, s64, s64, s64, a < 0 ? 0 - (u64)a : (u64)a)                                          \
  X(popc, "popc.b64 d, a", u32, u64, u64, u64, __builtin_popcountll(a))                                                \
  X(clz, "clz.b32 d, a", u32, u32, u32, u32, a ? __builtin_clz(a) : 32)                                                \
  X(bfind, "bfind.s32 d, a", s32, s32, s32, s32, (a < 0 ? ~a : a) ? 31 - __builtin_clz((u32)(a < 0 ? ~a : a)) : -1)    \
  X(brev, "brev.b32 d, a", u32, u32, u32, u32, reversed(a))                                                            \
  X(bfe_u, "{ .reg .b32 s, l; and.b32 s, b, 31; and.b32 l, c, 31; bfe.u32 d, a, s, l; }", u32, u32, u32, u32,          \
    (u64)a >> (b & 31) & ((1ull << (c & 31)) - 1))                                                                     \
  X(bfe_s, "bfe.s32 d, a, 4, 9", s32, u32, u32, u32, (s32)(a << 19) >> 23)                                             \
  X(bfi, "bfi.b64 d, a, b, 7, 40", u64, u64, u64, u64,                                                                 \
    (b & ~(((1ull << 40) - 1) << 7)) | (a & ((1ull << 40) - 1)) << 7)                                                  \
  X(shl, "shl.b32 d, a, c", u32, u32, u32, u32, c > 31 ? 0 : a << c)                                                   \
  X(shr, "shr.s64 d, a, c", s64, s64, s64, u32, a >> (c > 63 ? 63 : c))                                                \
  X(shf, "shf.l.wrap.b32 d, a, b, c", u32, u32, u32, u32, ((u64)b << 32 | a) << (c & 31) >> 32)                        \
  X(shf_r, "shf.r.clamp.b32 d, a, b, c", u32, u32, u32, u32, ((u64)b << 32 | a) >> (c > 32 ? 32 : c))                  \
  X(prmt, "prmt.b32 d, a, b, 0x7520", u32, u32, u32, u32,                                                              \
    (a & 0xff) | (a >> 16 & 0xff) << 8 | (b >> 8 & 0xff) << 16 | (b >> 24) << 24)                                      \
  X(prmt_sign, "prmt.b32 d, a, b, 0xbb98", u32, u32, u32, u32,                                                         \
    (a & 0x80 ? 0xffu : 0) | (a & 0x8000 ? 0xff00u : 0) | (a >> 31 ? 0xffff0000u : 0))                                 \
  X(lop3, "lop3.b32 d, a, b, c, 0x96", u32, u32, u32, u32, a ^ b ^ c)                                                  \
  X(lop3_majority, "lop3.b32 d, a, b, c, 0xe8", u32, u32, u32, u32, (a & b) | (a & c) | (b & c))                       \
  X(dp4a, "dp4a.s32.u32 d, a, b, c", u32, u32, u32, u32, dot4(a, b, c))                                                \
  X(carry,                                                                                                             \
    "{ .reg .b32 x, y, z, w, l, h; mov.b64 {x, y}, a; mov.b64 {z, w}, b; add.cc.u32 l, x, z; addc.u32 h, y, w; "       \
    "mov.b64 d, {l, h}; }",                                                                                            \
    u64, u64, u64, u64, a + b)                                                                                         \
  X(borrow,                                                                                                            \
    "{ .reg .b32 x, y, z, w, l, h; mov.b64 {x, y}, a; mov.b64 {z, w}, b; sub.cc.u32 l, x, z; subc.u32 h, y, w;"        \
    "mov.b64 d, {l, h}; }",                                                                                            \
    u64, u64, u64, u64, a - b)                                                                                         \
  X(add_f32, "add.f32 d, a, b", f32, f32, f32, f32, canonical(a + b))                                                  \
  X(add_rz, "add.rz.f32 d, a, b", f32, f32, f32, f32, canonical(f32_add_FE_TOWARDZERO(a, b, c)))                       \
  X(add_rp, "add.rp.f64 d, a, b", f64, f64, f64, f64, f64_add_FE_UPWARD(a, b, c))                                      \
  X(mul_ftz, "mul.ftz.f32 d, a, b", f32, f32, f32, f32, canonical(flush(flush(a) * flush(b))))                         \
  X(fma_f32, "fma.rn.f32 d, a, b, c", f32, f32, f32, f32, canonical(fmaf(a, b, c)))                                    \
  X(fma_rm, "fma.rm.f32 d, a, b, c", f32, f32, f32, f32, canonical(f32_fma_FE_DOWNWARD(a, b, c)))                      \
  X(div_rp, "div.rp.f32 d, a, b", f32, f32, f32, f32, canonical(f32_div_FE_UPWARD(a, b, c)))                           \
  X(add_sat_f, "add.sat.f32 d, a, b", f32, f32, f32, f32, !(a + b > 0) ? 0 : a + b > 1 ? 1 : a + b)                    \
  X(sqrt_f32, "sqrt.rn.f32 d, a", f32, f32, f32, f32, canonical(sqrtf(a)))                                             \
  X(min_f32, "min.f32 d, a, b", f32, f32, f32, f32, canonical(isnan(a) ? b : isnan(b) ? a : a < b ? a : b))            \
  X(max_nan, "max.NaN.f32 d, a, b", f32, f32, f32, f32, canonical(isnan(a) || isnan(b) ? NAN : a > b ? a : b))         \
  X(copy_sign, "copysign.f32 d, a, b", f32, f32, f32, f32, canonical(copysignf(b, a)))                                 \
  X(fma_half, "fma.rn.f16x2 d, a, b, c", u32, u32, u32, u32, two_halves(a, b, c))                                      \
  X(add_half, "add.f16 d, a, b", u16, u16, u16, u16, nearest_half(half_value(a) + half_value(b)))                      \
  X(mul_bf16, "mul.rn.bf16 d, a, b", u16, u16, u16, u16, nearest_bf16(bf16_value(a) * bf16_value(b)))                  \
  X(cvt_f16, "cvt.rn.f16.f32 d, a", u16, f32, f32, f32, nearest_half((f64)a))                                          \
  X(cvt_from_f16, "cvt.f32.f16 d, a", f32, u16, u16, u16, canonical((f32)half_value(a)))                               \
  X(cvt_bf16, "cvt.rn.bf16.f32 d, a", u16, f32, f32, f32, nearest_bf16(a))                                             \
  X(cvt_pair, "cvt.rn.bf16x2.f32 d, a, b", u32, f32, f32, f32, (u32)nearest_bf16(a) << 16 | nearest_bf16(b))           \
  X(cvt_relu, "cvt.rn.relu.f16.f32 d, a", u16, f32, f32, f32, nearest_half(isnan(a) ? (f64)NAN : a > 0 ? (f64)a : 0))  \
  X(cvt_rz, "cvt.rzi.s32.f32 d, a", s32, f32, f32, f32, to_integer((f64)a, INT32_MIN, INT32_MAX, 0))                   \
  X(cvt_rn, "cvt.rni.s64.f64 d, a", s64, f64, f64, f64, to_integer(nearbyint(a), -0x1p63, 0x1p63, INT64_MIN))          \
  X(cvt_u8, "{ .reg .b32 t; cvt.u8.u32 t, a; mov.b32 d, t; }", u32, u32, u32, u32, a & 0xff)                           \
  X(cvt_s8, "cvt.s32.s8 d, a", s32, u32, u32, u32, (s8)a)                                                              \
  X(cvt_sat, "cvt.sat.s16.s32 d, a", s16, s32, s32, s32, clamp(a, INT16_MIN, INT16_MAX))                               \
  X(cvt_f32_u64, "cvt.rn.f32.u64 d, a", f32, u64, u64, u64, (f32)a)                                                    \
  X(cvt_whole, "cvt.rmi.f32.f32 d, a", f32, f32, f32, f32, canonical(floorf(a)))                                       \
  X(cvt_f32_f64, "cvt.rn.f32.f64 d, a", f32, f64, f64, f64, canonical((f32)a))                                         \
  X(selp, "{ .reg .pred q; setp.lt.s32 q, a, b; selp.b32 d, a, c, q; }", u32, s32, s32, u32, a < b ? (u32)a : c)       \
  X(setp_float, "{ .reg .pred q, r; setp.gtu.f32 q|r, a, b; selp.f32 d, a, b, r; }", f32, f32, f32, f32,               \
    !(a <= b) ? b : a)                                                                                                 \
  X(set, "set.le.u32.s32 d, a, b", u32, s32, s32, s32, a <= b ? UINT32_MAX : 0)                                        \
  X(slct, "slct.s32.s32 d, a, b, c", s32, s32, s32, s32, c >= 0 ? a : b)                                               \
  X(mov_half, "{ .reg .b16 l, h; mov.b32 {l, h}, a; mov.b32 d, {h, l}; }", u32, u32, u32, u32, a >> 16 | a << 16)      \
  X(scopes, "{ .reg .b32 t; mov.u32 t, a; { .reg .b32 t; add.u32 t, b, 1; } add.u32 d, t, -3; }", u32, u32, u32, u32,  \
    a - 3)

static u32 reversed(u32 a) {
  u32 result = 0;
  for (int k = 0; k < 32; k++)
    result = result << 1 | (a >> k & 1);
  return result;
}

static u32 dot4(u32 a, u32 b, u32 c) {
  for (int k = 0; k < 4; k++)
    c += (u32)((s8)(a >> 8 * k) * (u8)(b >> 8 * k));
  return c;
}

#define X(id, text, D, A, B, C, expression)                                                                            \
  static void id(const void *pa, const void *pb, const void *pc, void *pd) {                                           \
    A a;                                                                                                               \
    B b;                                                                                                               \
    C c;                                                                                                               \
    memcpy(&a, pa, sizeof a);                                                                                          \
    memcpy(&b, pb, sizeof b);                                                                                          \
    memcpy(&c, pc, sizeof c);                                                                                          \
    (void)b, (void)c;                                                                                                  \
    D d = (D)(expression);                                                                                             \
    memcpy(pd, &d, sizeof d);                                                                                          \
  }
CASES(X)
#undef X

static const struct test_case {
  const char *text;
  int d, a, b, c; /* bytes */
  void (*host)(const void *a, const void *b, const void *c, void *d);
  bool is_float;
} cases[] = {
#define X(id, text, D, A, B, C, expression) {text, sizeof(D), sizeof(A), sizeof(B), sizeof(C), id, (D)0.5 != 0},
    CASES(X)
#undef X
};

/* Corners of every type and random bits. */
static u64 input(u64 *seed, int bytes) {
  static const u64 corners[] = {0,
                                1,
                                2,
                                0x7f,
                                0x80,
                                0x7fff,
                                0x8000,
                                0x7fffffff,
                                0x80000000,
                                0xffffffff,
                                0x3f800000,
                                0xbf800000,
                                0x00000001,
                                0x007fffff,
                                0x00800000,
                                0x7f800000,
                                0xff800000,
                                0x7f7fffff,
                                0x7fffffffffffffff,
                                0x8000000000000000,
                                UINT64_MAX,
                                0x3ff0000000000000,
                                0x3c00,
                                0xbc00,
                                0x0001,
                                0x03ff,
                                0x0400,
                                0x7bff,
                                0x7c00,
                                0xfc00,
                                0x3c003c00};
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  u64 value = *seed >> 33, high = *seed * 0x9e3779b97f4a7c15u;
  if (value % 4 == 0)
    return corners[value / 4 % (sizeof corners / sizeof *corners)];
  if (value % 4 == 1 && bytes == 4) /* floats of moderate size */
    return bits_of((f32)((f64)(s64)(high >> 40) * 0x1p-12 - 2048));
  return value % 4 == 2 ? high >> (64 - 8 * bytes) : high % 200;
}

static void check_case(const struct test_case *test) {
  static u8 a[N * 8], b[N * 8], c[N * 8], d[N * 8], expected[8];
  char ptx[2048];
  u64 seed = 12345;
  const int n = snprintf(ptx, sizeof ptx,
                         PTX_HEADER
                         ".visible .entry k(.param .u64 pd, .param .u64 pa, .param .u64 pb, .param .u64 pc) {\n"
                         ".reg .b%d d;\n.reg .b%d a;\n.reg .b%d b;\n.reg .b%d c;\n.reg .b64 x, y;\n.reg .b32 i, j, w;\n"
                         "mov.u32 i, %%tid.x;\nmov.u32 j, %%ctaid.x;\nmov.u32 w, %%ntid.x;\nmad.lo.u32 i, j, w, i;\n"
                         "ld.param.u64 x, [pa];\nmad.wide.u32 y, i, %d, x;\nld.global.b%d a, [y];\n"
                         "ld.param.u64 x, [pb];\nmad.wide.u32 y, i, %d, x;\nld.global.b%d b, [y];\n"
                         "ld.param.u64 x, [pc];\nmad.wide.u32 y, i, %d, x;\nld.global.b%d c, [y];\n"
                         "%s;\nld.param.u64 x, [pd];\nmad.wide.u32 y, i, %d, x;\nst.global.b%d [y], d;\nret;\n}\n",
                         8 * test->d, 8 * test->a, 8 * test->b, 8 * test->c, test->a, 8 * test->a, test->b, 8 * test->b,
                         test->c, 8 * test->c, test->text, test->d, 8 * test->d);
  assert_true(n > 0 && n < (int)sizeof ptx);
  for (int k = 0; k < N; k++) {
    u64 x = input(&seed, test->a), y = input(&seed, test->b), z = input(&seed, test->c);
    memcpy(a + k * test->a, &x, (size_t)test->a);
    memcpy(b + k * test->b, &y, (size_t)test->b);
    memcpy(c + k * test->c, &z, (size_t)test->c);
  }
  u64 arguments[] = {to_device(NULL, (size_t)(N * test->d)), to_device(a, (size_t)(N * test->a)),
                     to_device(b, (size_t)(N * test->b)), to_device(c, (size_t)(N * test->c))};
  run_cleanly(ptx, "k", N / 128, 128, 0, 4, arguments);
  from_device(d, arguments[0], (size_t)(N * test->d));
  for (int k = 0; k < N; k++) {
    test->host(a + k * test->a, b + k * test->b, c + k * test->c, expected);
    if (memcmp(d + k * test->d, expected, (size_t)test->d)) {
      u64 got = 0, want = 0, x = 0, y = 0, z = 0;
      memcpy(&got, d + k * test->d, (size_t)test->d);
      memcpy(&want, expected, (size_t)test->d);
      memcpy(&x, a + k * test->a, (size_t)test->a);
      memcpy(&y, b + k * test->b, (size_t)test->b);
      memcpy(&z, c + k * test->c, (size_t)test->c);
      bool both_nan =
          test->is_float && test->d == 8 && (got << 1) > 0xffe0000000000000u && (want << 1) > 0xffe0000000000000u;
      if (!both_nan)
        fail_msg("%s: a=%llx b=%llx c=%llx: got %llx, expected %llx", test->text, (unsigned long long)x,
                 (unsigned long long)y, (unsigned long long)z, (unsigned long long)got, (unsigned long long)want);
    }
  }
  for (int k = 0; k < 4; k++)
    assert_int_equal(cuMemFree_v2(arguments[k]), 0);
}

static void test_instructions(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    check_case(&cases[k]);
}

/* Approximations are computed accurately. */
static void test_approximations(void **state) {
  (void)state;
  static const struct approximation {
    const char *opcode;
    f64 (*host)(f64);
  } rows[] = {{"ex2.approx.f32", exp2}, {"lg2.approx.f32", log2},  {"sin.approx.f32", sin},
              {"cos.approx.f32", cos},  {"tanh.approx.f32", tanh}, {"sqrt.approx.f32", sqrt}};
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    char ptx[1024];
    f32 x[64], y[64];
    snprintf(ptx, sizeof ptx,
             PTX_HEADER ".visible .entry k(.param .u64 py, .param .u64 px) {\n.reg .b64 p, q;\n.reg .f32 v;\n"
                        ".reg .b32 i;\nmov.u32 i, %%tid.x;\nld.param.u64 p, [px];\nmad.wide.u32 q, i, 4, p;\n"
                        "ld.global.f32 v, [q];\n%s v, v;\nld.param.u64 p, [py];\nmad.wide.u32 q, i, 4, p;\n"
                        "st.global.f32 [q], v;\nret;\n}\n",
             rows[r].opcode);
    for (int k = 0; k < 64; k++)
      x[k] = 0.07f * (f32)(k + 1);
    u64 arguments[] = {to_device(NULL, sizeof y), to_device(x, sizeof x)};
    run_cleanly(ptx, "k", 1, 64, 0, 2, arguments);
    from_device(y, arguments[0], sizeof y);
    for (int k = 0; k < 64; k++)
      assert_true(y[k] == (f32)rows[r].host((f64)x[k]));
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_instructions, emulator_begin, emulator_end),
      cmocka_unit_test_setup_teardown(test_approximations, emulator_begin, emulator_end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
