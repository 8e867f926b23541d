/* Further functions in StableHLO text.
 *
 * zeta: the first terms of the sum until q + k >= 12, then Euler-Maclaurin summation (Abramowitz & Stegun 23.2.3 with
 * B_2k for k <= 10); elements that are done stand still while others go on.  polygamma: by zeta,
 * A & S 6.4.10.  mulhi: by halves of words (Knuth, TAOCP 4.3.1, Algorithm M), signs corrected afterwards. */
#include "passes/chlo_library.h"

#include "dialects/ir/context.h"

#define TEXT(...) #__VA_ARGS__

/* clang-format off */
const char alpa_chlo_zeta_text[] =
TEXT(func.func private @zeta(%s: !T, %q: !T) -> !T {
  %zero = stablehlo.constant dense<0.0> : !T
  %half = stablehlo.constant dense<0.5> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %twelve = stablehlo.constant dense<12.0> : !T
  %negligible = stablehlo.constant dense<1.0e-17> : !T
  %nan = stablehlo.constant dense<0x7FF8000000000000> : !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %false = stablehlo.constant dense<false> : !B
  %no = stablehlo.constant dense<false> : tensor<i1>
  %first = stablehlo.constant dense<0> : tensor<i32>
  %step = stablehlo.constant dense<1> : tensor<i32>
  %few = stablehlo.constant dense<12> : tensor<i32>
  %many = stablehlo.constant dense<100000> : tensor<i32>
  %exponent = stablehlo.negate %s : !T
  %s1 = stablehlo.subtract %s, %one : !T
  %w:4 = stablehlo.while(%sum = %zero, %a = %q, %done = %false, %k = %first) : !T, !T, !B, tensor<i32>
  cond {
    %near = stablehlo.compare LT, %a, %twelve : (!T, !T) -> !B
    %open = stablehlo.not %done : !B
    %left = stablehlo.and %near, %open : !B
    %flat = stablehlo.reshape %left : (!B) -> !F
    %any = stablehlo.reduce(%flat init: %no) applies stablehlo.or across dimensions = [0] : (!F, tensor<i1>) -> tensor<i1>
    %below = stablehlo.compare LE, %k, %many : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %more = stablehlo.and %any, %below : tensor<i1>
    %early = stablehlo.compare LT, %k, %few : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %go = stablehlo.or %early, %more : tensor<i1>
    stablehlo.return %go : tensor<i1>
  } do {
    %term = stablehlo.power %a, %exponent : !T
    %added = stablehlo.add %sum, %term : !T
    %next_sum = stablehlo.select %done, %sum, %added : !B, !T
    %next_a = stablehlo.add %a, %one : !T
    %moved_a = stablehlo.select %done, %a, %next_a : !B, !T
    %size = stablehlo.abs %term : !T
    %whole = stablehlo.abs %next_sum : !T
    %limit = stablehlo.multiply %whole, %negligible : !T
    %small = stablehlo.compare LT, %size, %limit : (!T, !T) -> !B
    %right = stablehlo.compare GT, %a, %zero : (!T, !T) -> !B
    %ends = stablehlo.and %small, %right : !B
    %next_done = stablehlo.or %done, %ends : !B
    %next_k = stablehlo.add %k, %step : tensor<i32>
    stablehlo.return %next_sum, %moved_a, %next_done, %next_k : !T, !T, !B, tensor<i32>
  }
  %power = stablehlo.power %w#1, %exponent : !T
  %area = stablehlo.multiply %w#1, %power : !T
  %integral = stablehlo.divide %area, %s1 : !T
  %end = stablehlo.multiply %power, %half : !T
  %t0 = stablehlo.add %w#0, %integral : !T
  %t1 = stablehlo.add %t0, %end : !T
  %t11 = func.call @zeta_tail(%t1, %power, %s, %w#1) : (!T, !T, !T, !T) -> !T
  %unfinished = stablehlo.compare LT, %w#1, %twelve : (!T, !T) -> !B
  %long = stablehlo.select %unfinished, %nan, %t11 : !B, !T
  %value = stablehlo.select %w#2, %w#0, %long : !B, !T
  %q_floor = stablehlo.floor %q : !T
  %s_floor = stablehlo.floor %s : !T
  %q_left = stablehlo.compare LE, %q, %zero : (!T, !T) -> !B
  %q_whole = stablehlo.compare EQ, %q, %q_floor : (!T, !T) -> !B
  %s_broken = stablehlo.compare NE, %s, %s_floor : (!T, !T) -> !B
  %undefined = stablehlo.and %q_left, %s_broken : !B
  %pole = stablehlo.and %q_left, %q_whole : !B
  %s_pole = stablehlo.compare EQ, %s, %one : (!T, !T) -> !B
  %s_inside = stablehlo.compare GE, %s, %one : (!T, !T) -> !B
  %q_known = stablehlo.compare EQ, %q, %q : (!T, !T) -> !B
  %known = stablehlo.and %s_inside, %q_known : !B
  %v1 = stablehlo.select %undefined, %nan, %value : !B, !T
  %s_half = stablehlo.multiply %s, %half : !T
  %s_half_floor = stablehlo.floor %s_half : !T
  %s_even = stablehlo.compare EQ, %s_half, %s_half_floor : (!T, !T) -> !B
  %at_pole = stablehlo.select %s_even, %infinity, %nan : !B, !T
  %v2 = stablehlo.select %pole, %at_pole, %v1 : !B, !T
  %v3 = stablehlo.select %s_pole, %infinity, %v2 : !B, !T
  %v4 = stablehlo.select %known, %v3, %nan : !B, !T
  func.return %v4 : !T
});

const char alpa_chlo_polygamma_text[] =
TEXT(func.func private @polygamma(%n: !T, %x: !T) -> !T {
  %zero = stablehlo.constant dense<0.0> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %two = stablehlo.constant dense<2.0> : !T
  %nan = stablehlo.constant dense<0x7FF8000000000000> : !T
  %n1 = stablehlo.add %n, %one : !T
  %unit = stablehlo.constant dense<1.0> : tensor<f64>
  %most = stablehlo.constant dense<171.0> : tensor<f64>
  %no = stablehlo.constant dense<false> : tensor<i1>
  %w:2 = stablehlo.while(%product = %one, %k = %unit) : !T, tensor<f64>
  cond {
    %bound = stablehlo.broadcast_in_dim %k, dims = [] : (tensor<f64>) -> !T
    %left = stablehlo.compare GE, %n, %bound : (!T, !T) -> !B
    %flat = stablehlo.reshape %left : (!B) -> !F
    %any = stablehlo.reduce(%flat init: %no) applies stablehlo.or across dimensions = [0] : (!F, tensor<i1>) -> tensor<i1>
    %below = stablehlo.compare LE, %k, %most : (tensor<f64>, tensor<f64>) -> tensor<i1>
    %go = stablehlo.and %any, %below : tensor<i1>
    stablehlo.return %go : tensor<i1>
  } do {
    %factor = stablehlo.broadcast_in_dim %k, dims = [] : (tensor<f64>) -> !T
    %left = stablehlo.compare GE, %n, %factor : (!T, !T) -> !B
    %grown = stablehlo.multiply %product, %factor : !T
    %next = stablehlo.select %left, %grown, %product : !B, !T
    %next_k = stablehlo.add %k, %unit : tensor<f64>
    stablehlo.return %next, %next_k : !T, tensor<f64>
  }
  %zeta = func.call @zeta(%n1, %x) : (!T, !T) -> !T
  %size = stablehlo.multiply %w#0, %zeta : !T
  %rest = stablehlo.remainder %n, %two : !T
  %even = stablehlo.compare EQ, %rest, %zero : (!T, !T) -> !B
  %minus = stablehlo.negate %size : !T
  %signed = stablehlo.select %even, %minus, %size : !B, !T
  %floor = stablehlo.floor %n : !T
  %whole = stablehlo.compare EQ, %n, %floor : (!T, !T) -> !B
  %positive = stablehlo.compare GT, %n, %zero : (!T, !T) -> !B
  %valid = stablehlo.and %whole, %positive : !B
  %value = stablehlo.select %valid, %signed, %nan : !B, !T
  %digamma = func.call @digamma(%x) : (!T) -> !T
  %is_digamma = stablehlo.compare EQ, %n, %zero : (!T, !T) -> !B
  %result = stablehlo.select %is_digamma, %digamma, %value : !B, !T
  func.return %result : !T
});

const char alpa_chlo_same_text[] = TEXT(func.func private @same(%x: !S) -> !S {
  func.return %x : !S
});

const char alpa_chlo_mulhi_text[] =
TEXT(func.func private @mulhi(%x: !S, %y: !S) -> !S {
  %bits = func.call @half_bits() : () -> !S
  %mask = func.call @half_mask() : () -> !S
  %zero = stablehlo.constant dense<0> : !S
  %x0 = stablehlo.and %x, %mask : !S
  %x1 = stablehlo.shift_right_logical %x, %bits : !S
  %y0 = stablehlo.and %y, %mask : !S
  %y1 = stablehlo.shift_right_logical %y, %bits : !S
  %p00 = stablehlo.multiply %x0, %y0 : !S
  %p10 = stablehlo.multiply %x1, %y0 : !S
  %p01 = stablehlo.multiply %x0, %y1 : !S
  %p11 = stablehlo.multiply %x1, %y1 : !S
  %carry0 = stablehlo.shift_right_logical %p00, %bits : !S
  %middle = stablehlo.add %p10, %carry0 : !S
  %low = stablehlo.and %middle, %mask : !S
  %other = stablehlo.add %p01, %low : !S
  %carry1 = stablehlo.shift_right_logical %middle, %bits : !S
  %carry2 = stablehlo.shift_right_logical %other, %bits : !S
  %sum = stablehlo.add %p11, %carry1 : !S
  %high = stablehlo.add %sum, %carry2 : !S
  %x_below = stablehlo.compare LT, %x, %zero : (!S, !S) -> !B
  %y_below = stablehlo.compare LT, %y, %zero : (!S, !S) -> !B
  %of_x = stablehlo.select %x_below, %y, %zero : !B, !S
  %of_y = stablehlo.select %y_below, %x, %zero : !B, !S
  %less = stablehlo.subtract %high, %of_x : !S
  %result = stablehlo.subtract %less, %of_y : !S
  func.return %result : !S
});
/* clang-format on */
#undef TEXT

/* The flags of all elements in one row, and the terms behind the integral:
 * sum of B_2k / (2k)! * s (s + 1) ... (s + 2k - 2) * a^(-s - 2k + 1). */
void alpa_chlo_print_zeta(alpa_text *text, const alpa_op *op) {
  static const double bernoulli[] = {1.0 / 12,
                                     -1.0 / 720,
                                     1.0 / 30240,
                                     -1.0 / 1209600,
                                     1.0 / 47900160,
                                     -691.0 / 1307674368000.0,
                                     1.0 / 74724249600.0,
                                     -3617.0 / 10670622842880000.0,
                                     43867.0 / 5109094217170944000.0,
                                     -174611.0 / 802857662698291200000.0};
  alpa_text_printf(text, "!F = tensor<%lldxi1>\n", (long long)alpa_type_count(alpa_op_type(op)));
  alpa_text_string(text, "func.func private @zeta_tail(%t0: !T, %p0: !T, %r0: !T, %a: !T) -> !T {\n"
                         "%one = stablehlo.constant dense<1.0> : !T\n%s0 = stablehlo.add %r0, %one : !T\n");
  for (size_t k = 0; k < countof(bernoulli); k++)
    alpa_text_printf(
        text,
        "%%c%zu = stablehlo.constant dense<%.17e> : !T\n"
        "%%q%zu = stablehlo.divide %%p%zu, %%a : !T\n%%p%zu = stablehlo.divide %%q%zu, %%a : !T\n"
        "%%u%zu = stablehlo.multiply %%c%zu, %%r%zu : !T\n%%v%zu = stablehlo.multiply %%u%zu, %%q%zu : !T\n"
        "%%t%zu = stablehlo.add %%t%zu, %%v%zu : !T\n"
        "%%n%zu = stablehlo.add %%s%zu, %%one : !T\n%%m%zu = stablehlo.multiply %%s%zu, %%n%zu : !T\n"
        "%%r%zu = stablehlo.multiply %%r%zu, %%m%zu : !T\n%%s%zu = stablehlo.add %%n%zu, %%one : !T\n",
        k, bernoulli[k], k, k, k + 1, k, k, k, k, k, k, k, k + 1, k, k, k, k, k, k, k, k + 1, k, k, k + 1, k);
  alpa_text_printf(text, "func.return %%t%zu : !T\n}\n", countof(bernoulli));
}

/* How many bits half a word has, and these bits. */
void alpa_chlo_print_halves(alpa_text *text, const alpa_op *op) {
  uint32_t half = alpa_dtype_get_info(alpa_op_type(op)->dtype)->bits / 2;
  const char *form =
      "func.func private @%s() -> !S {\n%%0 = stablehlo.constant dense<%llu> : !S\nfunc.return %%0 : !S\n}\n";
  alpa_text_printf(text, form, "half_bits", (unsigned long long)half);
  alpa_text_printf(text, form, "half_mask", (1ull << half) - 1);
}

/* ---- series ---- */

/* Clenshaw's recurrence, unrolled. */
void alpa_chlo_print_series(alpa_text *text, const char *name, const double *c, size_t n) {
  alpa_text_printf(text,
                   "func.func private @%s(%%t: !T) -> !T {\n"
                   "%%half = stablehlo.constant dense<0.5> : !T\n"
                   "%%twice = stablehlo.add %%t, %%t : !T\n"
                   "%%b%zu = stablehlo.constant dense<0.0> : !T\n"
                   "%%b%zu = stablehlo.constant dense<0.0> : !T\n",
                   name, n + 1, n);
  for (size_t k = n; k-- > 0;)
    alpa_text_printf(text,
                     "%%c%zu = stablehlo.constant dense<%.17e> : !T\n"
                     "%%p%zu = stablehlo.multiply %%twice, %%b%zu : !T\n"
                     "%%d%zu = stablehlo.subtract %%p%zu, %%b%zu : !T\n"
                     "%%b%zu = stablehlo.add %%d%zu, %%c%zu : !T\n",
                     k, c[k], k, k + 1, k, k, k + 2, k, k, k);
  alpa_text_printf(text, "%%difference = stablehlo.subtract %%b0, %%b2 : !T\n"
                         "%%result = stablehlo.multiply %%half, %%difference : !T\n"
                         "func.return %%result : !T\n}\n");
}

/* lgamma(x) / ((x - 1) (x - 2)) for x = 1.5 + 0.75 t. */
void alpa_chlo_print_roots(alpa_text *text, const alpa_op *op) {
  static const double series[] = {
      1.0063673136017302,     -0.12106206737250128,    0.020910425358552458,   -0.0041779929893163504,
      0.00090026302392085759, -0.00020287927285893477, 4.7072066182774118e-05, -1.1145551722345647e-05,
      2.6786471398085193e-06, -6.5117508679775982e-07, 1.5974476523277731e-07, -3.9480178213314518e-08,
      9.8180269319616196e-09, -2.4544790124852744e-09, 6.1641128490150107e-10, -1.5542026666279419e-10,
      3.9324834314255038e-11, -9.9811360197078064e-12, 2.5404212358724419e-12, -6.4822307812564361e-13,
      1.6578060134627766e-13, -4.2485899866836553e-14, 1.0908893848029689e-14, -2.8059106111865751e-15,
      7.2287734726985418e-16, -1.8650921549196397e-16, 4.8187442781406762e-17, -1.2465891424215387e-17,
      3.2287240771918043e-18};
  (void)op;
  alpa_chlo_print_series(text, "roots_series", series, countof(series));
}
