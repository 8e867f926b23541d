/* Further functions of complex numbers in StableHLO text, which call those of chlo_complex.c.
 *
 * Square roots, inverse trigonometric and hyperbolic functions: W. Kahan, "Branch cuts for complex elementary functions"
 * (1987), without his scalings. */
#include "passes/chlo_library.h"

/* The text of a function, as tokens: line breaks are not kept. */
#define TEXT(...) #__VA_ARGS__

/* clang-format off */
static const char sizes_text[] =
TEXT(func.func private @complex_square(%z: !C) -> !C {
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %left = stablehlo.subtract %x, %y : !T
  %right = stablehlo.add %x, %y : !T
  %re = stablehlo.multiply %left, %right : !T
  %product = stablehlo.multiply %x, %y : !T
  %im = stablehlo.add %product, %product : !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_abs(%z: !C) -> !T {
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %size = func.call @hypot(%x, %y) : (!T, !T) -> !T
  func.return %size : !T
})
TEXT(func.func private @complex_sign(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %size = func.call @hypot(%x, %y) : (!T, !T) -> !T
  %none = stablehlo.compare EQ, %size, %zero : (!T, !T) -> !B
  %re0 = stablehlo.divide %x, %size : !T
  %im0 = stablehlo.divide %y, %size : !T
  %re = stablehlo.select %none, %x, %re0 : !B, !T
  %im = stablehlo.select %none, %y, %im0 : !B, !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
});

static const char powers_text[] =
TEXT(func.func private @complex_sqrt(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %half = stablehlo.constant dense<0.5> : !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %size = func.call @hypot(%x, %y) : (!T, !T) -> !T
  %p = stablehlo.abs %x : !T
  %q = stablehlo.abs %y : !T
  %sum = stablehlo.add %size, %p : !T
  %middle = stablehlo.multiply %half, %sum : !T
  %large = stablehlo.sqrt %middle : !T
  %none = stablehlo.compare EQ, %large, %zero : (!T, !T) -> !B
  %half_q = stablehlo.multiply %half, %q : !T
  %ratio = stablehlo.divide %half_q, %large : !T
  %small = stablehlo.select %none, %zero, %ratio : !B, !T
  %right = stablehlo.compare GE, %x, %zero : (!T, !T) -> !B
  %re0 = stablehlo.select %right, %large, %small : !B, !T
  %im0 = stablehlo.select %right, %small, %large : !B, !T
  %far = stablehlo.compare EQ, %q, %infinity : (!T, !T) -> !B
  %re = stablehlo.select %far, %infinity, %re0 : !B, !T
  %im1 = stablehlo.select %far, %infinity, %im0 : !B, !T
  %im = func.call @signed(%im1, %y) : (!T, !T) -> !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_rsqrt(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %infinity = stablehlo.constant dense<0x7FF0000000000000> : !T
  %nan = stablehlo.constant dense<0x7FF8000000000000> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %size = func.call @hypot(%x, %y) : (!T, !T) -> !T
  %root = func.call @complex_sqrt(%z) : (!C) -> !C
  %a = stablehlo.real %root : (!C) -> !T
  %b = stablehlo.imag %root : (!C) -> !T
  %re0 = stablehlo.divide %a, %size : !T
  %im0 = stablehlo.divide %b, %size : !T
  %far = stablehlo.compare EQ, %size, %infinity : (!T, !T) -> !B
  %none = stablehlo.compare EQ, %size, %zero : (!T, !T) -> !B
  %re1 = stablehlo.select %far, %zero, %re0 : !B, !T
  %im1 = stablehlo.select %far, %zero, %im0 : !B, !T
  %re = stablehlo.select %none, %infinity, %re1 : !B, !T
  %im2 = stablehlo.select %none, %nan, %im1 : !B, !T
  %im = stablehlo.negate %im2 : !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_conj(%z: !C) -> !C {
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %minus = stablehlo.negate %y : !T
  %0 = stablehlo.complex %x, %minus : !C
  func.return %0 : !C
})
TEXT(func.func private @complex_cbrt(%z: !C) -> !C {
  %three = stablehlo.constant dense<(3.0, 0.0)> : !C
  %zero = stablehlo.constant dense<0.0> : !T
  %log = func.call @complex_log(%z) : (!C) -> !C
  %third = func.call @complex_divide(%log, %three) : (!C, !C) -> !C
  %root = func.call @complex_exp(%third) : (!C) -> !C
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %no_x = stablehlo.compare EQ, %x, %zero : (!T, !T) -> !B
  %no_y = stablehlo.compare EQ, %y, %zero : (!T, !T) -> !B
  %nothing = stablehlo.and %no_x, %no_y : !B
  %0 = stablehlo.select %nothing, %z, %root : !B, !C
  func.return %0 : !C
})
TEXT(func.func private @complex_atan2(%y: !C, %x: !C) -> !C {
  %i = stablehlo.constant dense<(0.0, 1.0)> : !C
  %minus_i = stablehlo.constant dense<(0.0, -1.0)> : !C
  %yi = stablehlo.multiply %y, %i : !C
  %point = stablehlo.add %x, %yi : !C
  %xx = stablehlo.multiply %x, %x : !C
  %yy = stablehlo.multiply %y, %y : !C
  %square = stablehlo.add %xx, %yy : !C
  %size = func.call @complex_sqrt(%square) : (!C) -> !C
  %direction = func.call @complex_divide(%point, %size) : (!C, !C) -> !C
  %log = func.call @complex_log(%direction) : (!C) -> !C
  %0 = stablehlo.multiply %log, %minus_i : !C
  func.return %0 : !C
});

static const char roots_text[] =
TEXT(func.func private @roots(%z: !C) -> (!T, !T, !T, !T) {
  %one = stablehlo.constant dense<(1.0, 0.0)> : !C
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %unit = stablehlo.constant dense<1.0> : !T
  %right = stablehlo.add %x, %unit : !T
  %left = stablehlo.subtract %unit, %x : !T
  %minus_y = stablehlo.negate %y : !T
  %below = stablehlo.complex %left, %minus_y : !C
  %above = stablehlo.complex %right, %y : !C
  %0 = func.call @complex_sqrt(%below) : (!C) -> !C
  %1 = func.call @complex_sqrt(%above) : (!C) -> !C
  %2 = stablehlo.real %0 : (!C) -> !T
  %3 = stablehlo.imag %0 : (!C) -> !T
  %4 = stablehlo.real %1 : (!C) -> !T
  %5 = stablehlo.imag %1 : (!C) -> !T
  func.return %2, %3, %4, %5 : !T, !T, !T, !T
})
TEXT(func.func private @cross(%a: !T, %b: !T, %c: !T, %d: !T) -> !T {
  %0 = stablehlo.multiply %a, %d : !T
  %1 = stablehlo.multiply %b, %c : !T
  %2 = stablehlo.subtract %0, %1 : !T
  func.return %2 : !T
})
TEXT(func.func private @dot(%a: !T, %b: !T, %c: !T, %d: !T) -> !T {
  %0 = stablehlo.multiply %a, %c : !T
  %1 = stablehlo.multiply %b, %d : !T
  %2 = stablehlo.add %0, %1 : !T
  func.return %2 : !T
});

static const char inverses_text[] =
TEXT(func.func private @complex_asin(%z: !C) -> !C {
  %x = stablehlo.real %z : (!C) -> !T
  %r:4 = func.call @roots(%z) : (!C) -> (!T, !T, !T, !T)
  %minus = stablehlo.negate %r#1 : !T
  %under = func.call @dot(%r#0, %minus, %r#2, %r#3) : (!T, !T, !T, !T) -> !T
  %re = stablehlo.atan2 %x, %under : !T
  %over = func.call @cross(%r#0, %r#1, %r#2, %r#3) : (!T, !T, !T, !T) -> !T
  %im = chlo.asinh %over : !T -> !T
  %0 = stablehlo.complex %re, %im : !C
  func.return %0 : !C
})
TEXT(func.func private @complex_acos(%z: !C) -> !C {
  %two = stablehlo.constant dense<2.0> : !T
  %r:4 = func.call @roots(%z) : (!C) -> (!T, !T, !T, !T)
  %half = stablehlo.atan2 %r#0, %r#2 : !T
  %re = stablehlo.multiply %two, %half : !T
  %over = func.call @cross(%r#2, %r#3, %r#0, %r#1) : (!T, !T, !T, !T) -> !T
  %im = chlo.asinh %over : !T -> !T
  %0 = stablehlo.complex %re, %im : !C
  func.return %0 : !C
})
TEXT(func.func private @complex_acosh(%z: !C) -> !C {
  %two = stablehlo.constant dense<2.0> : !T
  %unit = stablehlo.constant dense<1.0> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %left = stablehlo.subtract %x, %unit : !T
  %right = stablehlo.add %x, %unit : !T
  %below = stablehlo.complex %left, %y : !C
  %above = stablehlo.complex %right, %y : !C
  %0 = func.call @complex_sqrt(%below) : (!C) -> !C
  %1 = func.call @complex_sqrt(%above) : (!C) -> !C
  %2 = stablehlo.real %0 : (!C) -> !T
  %3 = stablehlo.imag %0 : (!C) -> !T
  %4 = stablehlo.real %1 : (!C) -> !T
  %5 = stablehlo.imag %1 : (!C) -> !T
  %along = func.call @dot(%2, %3, %4, %5) : (!T, !T, !T, !T) -> !T
  %re = chlo.asinh %along : !T -> !T
  %half = stablehlo.atan2 %3, %4 : !T
  %im = stablehlo.multiply %two, %half : !T
  %6 = stablehlo.complex %re, %im : !C
  func.return %6 : !C
})
TEXT(func.func private @complex_asinh(%z: !C) -> !C {
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %minus = stablehlo.negate %y : !T
  %turned = stablehlo.complex %minus, %x : !C
  %w = func.call @complex_asin(%turned) : (!C) -> !C
  %re = stablehlo.imag %w : (!C) -> !T
  %0 = stablehlo.real %w : (!C) -> !T
  %im = stablehlo.negate %0 : !T
  %1 = stablehlo.complex %re, %im : !C
  func.return %1 : !C
});

static const char tangents_text[] =
TEXT(func.func private @complex_atanh(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %unit = stablehlo.constant dense<1.0> : !T
  %two = stablehlo.constant dense<2.0> : !T
  %four = stablehlo.constant dense<4.0> : !T
  %quarter = stablehlo.constant dense<0.25> : !T
  %half = stablehlo.constant dense<0.5> : !T
  %huge = stablehlo.constant dense<1.0e150> : !T
  %right_angle = stablehlo.constant dense<1.57079632679489661923> : !T
  %s = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %x = stablehlo.abs %s : !T
  %left = stablehlo.subtract %unit, %x : !T
  %right = stablehlo.add %unit, %x : !T
  %square = stablehlo.multiply %y, %y : !T
  %left_square = stablehlo.multiply %left, %left : !T
  %under = stablehlo.add %left_square, %square : !T
  %over = stablehlo.multiply %four, %x : !T
  %ratio = stablehlo.divide %over, %under : !T
  %log = stablehlo.log_plus_one %ratio : !T
  %re0 = stablehlo.multiply %quarter, %log : !T
  %sides = stablehlo.multiply %left, %right : !T
  %adjacent = stablehlo.subtract %sides, %square : !T
  %opposite = stablehlo.multiply %two, %y : !T
  %angle = stablehlo.atan2 %opposite, %adjacent : !T
  %im0 = stablehlo.multiply %half, %angle : !T
  %size_y = stablehlo.abs %y : !T
  %far_x = stablehlo.compare GT, %x, %huge : (!T, !T) -> !B
  %far_y = stablehlo.compare GT, %size_y, %huge : (!T, !T) -> !B
  %far = stablehlo.or %far_x, %far_y : !B
  %re1 = stablehlo.select %far, %zero, %re0 : !B, !T
  %turn = func.call @signed(%right_angle, %y) : (!T, !T) -> !T
  %im = stablehlo.select %far, %turn, %im0 : !B, !T
  %re = func.call @signed(%re1, %s) : (!T, !T) -> !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
})
TEXT(func.func private @complex_atan(%z: !C) -> !C {
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %minus = stablehlo.negate %y : !T
  %turned = stablehlo.complex %minus, %x : !C
  %w = func.call @complex_atanh(%turned) : (!C) -> !C
  %re = stablehlo.imag %w : (!C) -> !T
  %v = stablehlo.real %w : (!C) -> !T
  %im = stablehlo.negate %v : !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
});

static const char compositions_text[] =
TEXT(func.func private @complex_logistic(%z: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %x = stablehlo.real %z : (!C) -> !T
  %y = stablehlo.imag %z : (!C) -> !T
  %size = stablehlo.abs %x : !T
  %minus_size = stablehlo.negate %size : !T
  %right = stablehlo.compare GT, %x, %zero : (!T, !T) -> !B
  %minus_y = stablehlo.negate %y : !T
  %turned = stablehlo.select %right, %minus_y, %y : !B, !T
  %power = stablehlo.complex %minus_size, %turned : !C
  %w = func.call @complex_exp(%power) : (!C) -> !C
  %wr = stablehlo.real %w : (!C) -> !T
  %wi = stablehlo.imag %w : (!C) -> !T
  %under = stablehlo.add %one, %wr : !T
  %over_re = stablehlo.select %right, %one, %wr : !B, !T
  %over_im = stablehlo.select %right, %zero, %wi : !B, !T
  %over = stablehlo.complex %over_re, %over_im : !C
  %divisor = stablehlo.complex %under, %wi : !C
  %result = func.call @complex_divide(%over, %divisor) : (!C, !C) -> !C
  func.return %result : !C
})
TEXT(func.func private @complex_power(%z: !C, %w: !C) -> !C {
  %zero = stablehlo.constant dense<0.0> : !T
  %one = stablehlo.constant dense<1.0> : !T
  %log = func.call @complex_log(%z) : (!C) -> !C
  %product = stablehlo.multiply %w, %log : !C
  %value = func.call @complex_exp(%product) : (!C) -> !C
  %re0 = stablehlo.real %value : (!C) -> !T
  %im0 = stablehlo.imag %value : (!C) -> !T
  %a = stablehlo.real %z : (!C) -> !T
  %b = stablehlo.imag %z : (!C) -> !T
  %c = stablehlo.real %w : (!C) -> !T
  %d = stablehlo.imag %w : (!C) -> !T
  %a_none = stablehlo.compare EQ, %a, %zero : (!T, !T) -> !B
  %b_none = stablehlo.compare EQ, %b, %zero : (!T, !T) -> !B
  %none = stablehlo.and %a_none, %b_none : !B
  %c_none = stablehlo.compare EQ, %c, %zero : (!T, !T) -> !B
  %d_none = stablehlo.compare EQ, %d, %zero : (!T, !T) -> !B
  %c_above = stablehlo.compare GT, %c, %zero : (!T, !T) -> !B
  %flat = stablehlo.and %none, %c_above : !B
  %power_none = stablehlo.and %c_none, %d_none : !B
  %re1 = stablehlo.select %flat, %zero, %re0 : !B, !T
  %im1 = stablehlo.select %flat, %zero, %im0 : !B, !T
  %re = stablehlo.select %power_none, %one, %re1 : !B, !T
  %im = stablehlo.select %power_none, %zero, %im1 : !B, !T
  %result = stablehlo.complex %re, %im : !C
  func.return %result : !C
});
/* clang-format on */
#undef TEXT

void alpa_chlo_print_complex_powers(alpa_text *text, const alpa_op *op) {
  static const char *const texts[] = {sizes_text, powers_text, roots_text, inverses_text, tangents_text, compositions_text};
  alpa_chlo_print_complex(text, op);
  for (size_t i = 0; i < countof(texts); i++)
    alpa_text_string(text, texts[i]);
}
