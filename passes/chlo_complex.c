/* Functions of complex numbers in StableHLO text, in complex<f64>.
 *
 * Logarithms near the unit circle: log(1 + (|z|^2 - 1)) / 2, where the difference is summed from products of 24-bit
 * halves, the great ones exactly.  tanh: sinh and cosh over sinh(x)^2 + cos(y)^2, in which nothing cancels.  Quotients:
 * scaled by a power of two; infinities and zeros as in C11, annex G.5.1. */
#include "passes/chlo_library.h"

/* The text of a function, as tokens: line breaks are not kept. */
#define TEXT(...) #__VA_ARGS__

/* clang-format off */
static const char parts_text[] =
TEXT(func.func private @hypot(%x: !T, %y: !T) -> !T {
  %zero = stablehlo.constant dense<0.0> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %p = stablehlo.abs %x : !T
  %q = stablehlo.abs %y : !T
  %large = stablehlo.maximum %p, %q : !T
  %small = stablehlo.minimum %p, %q : !T
  %ratio = stablehlo.divide %small, %large : !T
  %square = stablehlo.multiply %ratio, %ratio : !T
  %sum = stablehlo.add %one, %square : !T
  %root = stablehlo.sqrt %sum : !T
  %size = stablehlo.multiply %large, %root : !T
  %none = stablehlo.compare EQ, %large, %zero : (!T, !T) -> !B
  %some = stablehlo.select %none, %zero, %size : !B, !T
  %far_p = stablehlo.compare EQ, %p, %infinity : (!T, !T) -> !B
  %far_q = stablehlo.compare EQ, %q, %infinity : (!T, !T) -> !B
  %far = stablehlo.or %far_p, %far_q : !B
  %result = stablehlo.select %far, %infinity, %some : !B, !T
  func.return %result : !T
})
TEXT(func.func private @signed(%size: !T, %sign: !T) -> !T {
  %least = stablehlo.constant dense<-9223372036854775808> : !I
  %most = stablehlo.constant dense<9223372036854775807> : !I
  %a = stablehlo.bitcast_convert %size : (!T) -> !I
  %b = stablehlo.bitcast_convert %sign : (!T) -> !I
  %m = stablehlo.and %a, %most : !I
  %s = stablehlo.and %b, %least : !I
  %r = stablehlo.or %m, %s : !I
  %result = stablehlo.bitcast_convert %r : (!I) -> !T
  func.return %result : !T
})
TEXT(func.func private @halves(%x: !T) -> (!T, !T) {
  %mask = stablehlo.constant dense<-536870912> : !I
  %b = stablehlo.bitcast_convert %x : (!T) -> !I
  %h = stablehlo.and %b, %mask : !I
  %high = stablehlo.bitcast_convert %h : (!I) -> !T
  %low = stablehlo.subtract %x, %high : !T
  func.return %high, %low : !T, !T
})
TEXT(func.func private @excess(%great: !T, %factor: !T, %low: !T, %y: !T) -> !T {
  %h:2 = func.call @halves(%y) : (!T) -> (!T, !T)
  %high_square = stablehlo.multiply %h#0, %h#0 : !T
  %sum = stablehlo.add %great, %high_square : !T
  %first = stablehlo.multiply %factor, %low : !T
  %twice = stablehlo.add %first, %first : !T
  %square = stablehlo.multiply %low, %low : !T
  %cross = stablehlo.multiply %h#0, %h#1 : !T
  %crosses = stablehlo.add %cross, %cross : !T
  %low_square = stablehlo.multiply %h#1, %h#1 : !T
  %a = stablehlo.add %twice, %crosses : !T
  %b = stablehlo.add %square, %low_square : !T
  %rest = stablehlo.add %a, %b : !T
  %result = stablehlo.add %sum, %rest : !T
  func.return %result : !T
});

static const char logarithms_text[] =
TEXT(func.func private @complex_log(%z: !C) -> !C {
  %one = stablehlo.constant dense<1.0> : !T
  %half = stablehlo.constant dense<0.5> : !T
  %bound = stablehlo.constant dense<1.5> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %p = stablehlo.abs %x : !T
  %q = stablehlo.abs %y : !T
  %a = stablehlo.maximum %p, %q : !T
  %b = stablehlo.minimum %p, %q : !T
  %size = func.call @hypot(%x, %y) : (!T, !T) -> !T
  %far = stablehlo.log %size : !T
  %h:2 = func.call @halves(%a) : (!T) -> (!T, !T)
  %left = stablehlo.subtract %h#0, %one : !T
  %right = stablehlo.add %h#0, %one : !T
  %great = stablehlo.multiply %left, %right : !T
  %excess = func.call @excess(%great, %h#0, %h#1, %b) : (!T, !T, !T, !T) -> !T
  %twice = stablehlo.log_plus_one %excess : !T
  %near = stablehlo.multiply %half, %twice : !T
  %above = stablehlo.compare GE, %a, %half : (!T, !T) -> !B
  %below = stablehlo.compare LE, %a, %bound : (!T, !T) -> !B
  %inside = stablehlo.and %above, %below : !B
  %re = stablehlo.select %inside, %near, %far : !B, !T
  %im = stablehlo.atan2 %y, %x : !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_log1p(%z: !C) -> !C {
  %one = stablehlo.constant dense<1.0> : !T
  %two = stablehlo.constant dense<2.0> : !T
  %half = stablehlo.constant dense<0.5> : !T
  %bound = stablehlo.constant dense<1.5> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %moved = stablehlo.add %x, %one : !T
  %size = func.call @hypot(%moved, %y) : (!T, !T) -> !T
  %far = stablehlo.log %size : !T
  %h:2 = func.call @halves(%x) : (!T) -> (!T, !T)
  %sum = stablehlo.add %h#0, %two : !T
  %great = stablehlo.multiply %h#0, %sum : !T
  %factor = stablehlo.add %h#0, %one : !T
  %excess = func.call @excess(%great, %factor, %h#1, %y) : (!T, !T, !T, !T) -> !T
  %twice = stablehlo.log_plus_one %excess : !T
  %near = stablehlo.multiply %half, %twice : !T
  %above = stablehlo.compare GE, %size, %half : (!T, !T) -> !B
  %below = stablehlo.compare LE, %size, %bound : (!T, !T) -> !B
  %inside = stablehlo.and %above, %below : !B
  %re = stablehlo.select %inside, %near, %far : !B, !T
  %im = stablehlo.atan2 %y, %moved : !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
});

static const char exponentials_text[] =
TEXT(func.func private @complex_exp(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %least = stablehlo.constant dense<0xFFF0000000000000> : !T
  %bound = stablehlo.constant dense<700.0> : !T
  %scale = stablehlo.constant dense<1.0142320547350045e+304> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %big = stablehlo.compare GT, %x, %bound : (!T, !T) -> !B
  %less = stablehlo.subtract %x, %bound : !T
  %reduced = stablehlo.select %big, %less, %x : !B, !T
  %factor = stablehlo.select %big, %scale, %one : !B, !T
  %size = stablehlo.exponential %reduced : !T
  %cosine = stablehlo.cosine %y : !T
  %sine = stablehlo.sine %y : !T
  %re0 = stablehlo.multiply %size, %cosine : !T
  %im0 = stablehlo.multiply %size, %sine : !T
  %re1 = stablehlo.multiply %re0, %factor : !T
  %im1 = stablehlo.multiply %im0, %factor : !T
  %gone = stablehlo.compare EQ, %x, %least : (!T, !T) -> !B
  %straight = stablehlo.compare EQ, %y, %zero : (!T, !T) -> !B
  %whole = stablehlo.multiply %size, %factor : !T
  %re2 = stablehlo.select %straight, %whole, %re1 : !B, !T
  %im2 = stablehlo.select %straight, %y, %im1 : !B, !T
  %re = stablehlo.select %gone, %zero, %re2 : !B, !T
  %im = stablehlo.select %gone, %zero, %im2 : !B, !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_expm1(%z: !C) -> !C {
  %half = stablehlo.constant dense<0.5> : !T
  %two = stablehlo.constant dense<2.0> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %growth = stablehlo.exponential_minus_one %x : !T
  %size = stablehlo.exponential %x : !T
  %cosine = stablehlo.cosine %y : !T
  %sine = stablehlo.sine %y : !T
  %half_y = stablehlo.multiply %half, %y : !T
  %half_sine = stablehlo.sine %half_y : !T
  %square = stablehlo.multiply %half_sine, %half_sine : !T
  %versine = stablehlo.multiply %two, %square : !T
  %grown = stablehlo.multiply %growth, %cosine : !T
  %re = stablehlo.subtract %grown, %versine : !T
  %im = stablehlo.multiply %size, %sine : !T
  %0 = stablehlo.complex %re, %im : !C
  func.return %0 : !C
});

static const char hyperbolic_text[] =
TEXT(func.func private @complex_cosh(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %c = chlo.cosh %x : !T -> !T
  %s = chlo.sinh %x : !T -> !T
  %cosine = stablehlo.cosine %y : !T
  %sine = stablehlo.sine %y : !T
  %re = stablehlo.multiply %c, %cosine : !T
  %im0 = stablehlo.multiply %s, %sine : !T
  %still = stablehlo.compare EQ, %x, %zero : (!T, !T) -> !B
  %straight = stablehlo.compare EQ, %y, %zero : (!T, !T) -> !B
  %flat = stablehlo.or %still, %straight : !B
  %im = stablehlo.select %flat, %zero, %im0 : !B, !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_sinh(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %c = chlo.cosh %x : !T -> !T
  %s = chlo.sinh %x : !T -> !T
  %cosine = stablehlo.cosine %y : !T
  %sine = stablehlo.sine %y : !T
  %re0 = stablehlo.multiply %s, %cosine : !T
  %im0 = stablehlo.multiply %c, %sine : !T
  %still = stablehlo.compare EQ, %x, %zero : (!T, !T) -> !B
  %straight = stablehlo.compare EQ, %y, %zero : (!T, !T) -> !B
  %re = stablehlo.select %still, %x, %re0 : !B, !T
  %im = stablehlo.select %straight, %y, %im0 : !B, !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_tanh(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %four = stablehlo.constant dense<4.0> : !T
  %bound = stablehlo.constant dense<20.0> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %c = chlo.cosh %x : !T -> !T
  %s = chlo.sinh %x : !T -> !T
  %cosine = stablehlo.cosine %y : !T
  %sine = stablehlo.sine %y : !T
  %s_square = stablehlo.multiply %s, %s : !T
  %c_square = stablehlo.multiply %cosine, %cosine : !T
  %under = stablehlo.add %s_square, %c_square : !T
  %re_over = stablehlo.multiply %s, %c : !T
  %re0 = stablehlo.divide %re_over, %under : !T
  %im_over = stablehlo.multiply %sine, %cosine : !T
  %im0 = stablehlo.divide %im_over, %under : !T
  %size = stablehlo.abs %x : !T
  %far = stablehlo.compare GT, %size, %bound : (!T, !T) -> !B
  %minus = stablehlo.negate %size : !T
  %tail = stablehlo.exponential %minus : !T
  %tail_square = stablehlo.multiply %tail, %tail : !T
  %fours = stablehlo.multiply %four, %im_over : !T
  %im_far = stablehlo.multiply %fours, %tail_square : !T
  %unit = func.call @signed(%one, %x) : (!T, !T) -> !T
  %straight = stablehlo.compare EQ, %y, %zero : (!T, !T) -> !B
  %re1 = stablehlo.select %far, %unit, %re0 : !B, !T
  %gone = stablehlo.compare EQ, %tail_square, %zero : (!T, !T) -> !B
  %im_gone = func.call @signed(%zero, %y) : (!T, !T) -> !T
  %im_tail = stablehlo.select %gone, %im_gone, %im_far : !B, !T
  %im1 = stablehlo.select %far, %im_tail, %im0 : !B, !T
  %im = stablehlo.select %straight, %y, %im1 : !B, !T
  %plain = stablehlo.tanh %x : !T
  %re = stablehlo.select %straight, %plain, %re1 : !B, !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
});

static const char circular_text[] =
TEXT(func.func private @complex_sin(%z: !C) -> !C {
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %minus = stablehlo.negate %y : !T
  %turned = stablehlo.complex %minus, %x : !C
  %w = func.call @complex_sinh(%turned) : (!C) -> !C
  %re = stablehlo.imag %w : (!C) -> !T
  %v = stablehlo.real %w : (!C) -> !T
  %im = stablehlo.negate %v : !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_cos(%z: !C) -> !C {
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %minus = stablehlo.negate %y : !T
  %turned = stablehlo.complex %minus, %x : !C
  %result = func.call @complex_cosh(%turned) : (!C) -> !C
  func.return %result : !C
})
TEXT(func.func private @complex_tan(%z: !C) -> !C {
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %minus = stablehlo.negate %y : !T
  %turned = stablehlo.complex %minus, %x : !C
  %w = func.call @complex_tanh(%turned) : (!C) -> !C
  %re = stablehlo.imag %w : (!C) -> !T
  %v = stablehlo.real %w : (!C) -> !T
  %im = stablehlo.negate %v : !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
});

static const char recoveries_text[] =
TEXT(func.func private @unit_of(%x: !T) -> !T {
  %zero = stablehlo.constant dense<0.0> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %size = stablehlo.abs %x : !T
  %is_far = stablehlo.compare EQ, %size, %infinity : (!T, !T) -> !B
  %u = stablehlo.select %is_far, %one, %zero : !B, !T
  %result = func.call @signed(%u, %x) : (!T, !T) -> !T
  func.return %result : !T
})
TEXT(func.func private @recovered(%a: !T, %b: !T, %c: !T, %d: !T, %re: !T, %im: !T) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %known_re = stablehlo.compare EQ, %re, %re : (!T, !T) -> !B
  %known_im = stablehlo.compare EQ, %im, %im : (!T, !T) -> !B
  %known = stablehlo.or %known_re, %known_im : !B
  %lost = stablehlo.not %known : !B
  %c_none = stablehlo.compare EQ, %c, %zero : (!T, !T) -> !B
  %d_none = stablehlo.compare EQ, %d, %zero : (!T, !T) -> !B
  %none = stablehlo.and %c_none, %d_none : !B
  %signed_infinity = func.call @signed(%infinity, %c) : (!T, !T) -> !T
  %pole_re = stablehlo.multiply %signed_infinity, %a : !T
  %pole_im = stablehlo.multiply %signed_infinity, %b : !T
  %ua = func.call @unit_of(%a) : (!T) -> !T
  %ub = func.call @unit_of(%b) : (!T) -> !T
  %uc = func.call @unit_of(%c) : (!T) -> !T
  %ud = func.call @unit_of(%d) : (!T) -> !T
  %a_far = stablehlo.compare NE, %ua, %zero : (!T, !T) -> !B
  %b_far = stablehlo.compare NE, %ub, %zero : (!T, !T) -> !B
  %c_far = stablehlo.compare NE, %uc, %zero : (!T, !T) -> !B
  %d_far = stablehlo.compare NE, %ud, %zero : (!T, !T) -> !B
  %over_far = stablehlo.or %a_far, %b_far : !B
  %under_far = stablehlo.or %c_far, %d_far : !B
  %uac = stablehlo.multiply %ua, %c : !T
  %ubd = stablehlo.multiply %ub, %d : !T
  %ubc = stablehlo.multiply %ub, %c : !T
  %uad = stablehlo.multiply %ua, %d : !T
  %far_sum = stablehlo.add %uac, %ubd : !T
  %far_difference = stablehlo.subtract %ubc, %uad : !T
  %far_re = stablehlo.multiply %infinity, %far_sum : !T
  %far_im = stablehlo.multiply %infinity, %far_difference : !T
  %auc = stablehlo.multiply %a, %uc : !T
  %bud = stablehlo.multiply %b, %ud : !T
  %buc = stablehlo.multiply %b, %uc : !T
  %aud = stablehlo.multiply %a, %ud : !T
  %near_sum = stablehlo.add %auc, %bud : !T
  %near_difference = stablehlo.subtract %buc, %aud : !T
  %near_re = stablehlo.multiply %zero, %near_sum : !T
  %near_im = stablehlo.multiply %zero, %near_difference : !T
  %over_only = stablehlo.not %under_far : !B
  %is_far0 = stablehlo.and %over_far, %over_only : !B
  %is_far = stablehlo.and %lost, %is_far0 : !B
  %under_only = stablehlo.not %over_far : !B
  %is_near0 = stablehlo.and %under_far, %under_only : !B
  %is_near = stablehlo.and %lost, %is_near0 : !B
  %is_pole = stablehlo.and %lost, %none : !B
  %re1 = stablehlo.select %is_near, %near_re, %re : !B, !T
  %im1 = stablehlo.select %is_near, %near_im, %im : !B, !T
  %re2 = stablehlo.select %is_far, %far_re, %re1 : !B, !T
  %im2 = stablehlo.select %is_far, %far_im, %im1 : !B, !T
  %re3 = stablehlo.select %is_pole, %pole_re, %re2 : !B, !T
  %im3 = stablehlo.select %is_pole, %pole_im, %im2 : !B, !T
  %result = stablehlo.complex %re3, %im3 : !C
  func.return %result : !C
});

static const char quotients_text[] =
TEXT(func.func private @complex_divide(%z: !C, %w: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %mask = stablehlo.constant dense<9218868437227405312> : !I
  %twice = stablehlo.constant dense<9214364837600034816> : !I
  %a = stablehlo.real %z : (!C) -> !T
  %b = stablehlo.imag %z : (!C) -> !T
  %c = stablehlo.real %w : (!C) -> !T
  %d = stablehlo.imag %w : (!C) -> !T
  %p = stablehlo.abs %c : !T
  %q = stablehlo.abs %d : !T
  %large = stablehlo.maximum %p, %q : !T
  %bits = stablehlo.bitcast_convert %large : (!T) -> !I
  %exponent = stablehlo.and %bits, %mask : !I
  %inverse = stablehlo.subtract %twice, %exponent : !I
  %scale0 = stablehlo.bitcast_convert %inverse : (!I) -> !T
  %size = stablehlo.bitcast_convert %exponent : (!I) -> !T
  %none = stablehlo.compare EQ, %size, %zero : (!T, !T) -> !B
  %far = stablehlo.compare EQ, %size, %infinity : (!T, !T) -> !B
  %outside = stablehlo.or %none, %far : !B
  %scale = stablehlo.select %outside, %one, %scale0 : !B, !T
  %cs = stablehlo.multiply %c, %scale : !T
  %ds = stablehlo.multiply %d, %scale : !T
  %cc = stablehlo.multiply %cs, %cs : !T
  %dd = stablehlo.multiply %ds, %ds : !T
  %norm = stablehlo.add %cc, %dd : !T
  %ac = stablehlo.multiply %a, %cs : !T
  %bd = stablehlo.multiply %b, %ds : !T
  %bc = stablehlo.multiply %b, %cs : !T
  %ad = stablehlo.multiply %a, %ds : !T
  %over_re = stablehlo.add %ac, %bd : !T
  %over_im = stablehlo.subtract %bc, %ad : !T
  %ratio_re = stablehlo.divide %over_re, %norm : !T
  %ratio_im = stablehlo.divide %over_im, %norm : !T
  %re = stablehlo.multiply %ratio_re, %scale : !T
  %im = stablehlo.multiply %ratio_im, %scale : !T
  %result = func.call @recovered(%a, %b, %c, %d, %re, %im) : (!T, !T, !T, !T, !T, !T) -> !C
  func.return %result : !C
});
/* clang-format on */
#undef TEXT

void alpa_chlo_print_complex(alpa_text *text, const alpa_op *op) {
  static const char *const texts[] = {parts_text, logarithms_text, exponentials_text, hyperbolic_text, circular_text, recoveries_text, quotients_text};
  (void)op;
  for (size_t i = 0; i < countof(texts); i++)
    alpa_text_string(text, texts[i]);
}
