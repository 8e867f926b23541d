/* Floats, strings and names as MLIR prints them.
 *
 * A float is printed with six significant digits if reading them gives the same bits; else with as many as its
 * precision p can need, 2 + floor(59 p / 196), trailing zeros dropped; else, or where that has no point, as its bits.
 * The digits are those of LLVM's APFloat::toString, which first cuts and then rounds half up: f32 0.1 is 1.000000e-01,
 * but f32 0.7, whose digits begin 0.69999998, is cut to six of them and prints as 0.699999988. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialects/ir/lexer.h"
#include "dialects/ir/print_text.h"
#include "support/number.h"

/* Bits of the significand, the hidden one included. */
static int precision_of(alpa_dtype dtype) {
  switch (dtype) {
  case ALPA_F64:
    return 53;
  case ALPA_F32:
    return 24;
  case ALPA_F16:
    return 11;
  case ALPA_BF16:
    return 8;
  case ALPA_F8E3M4:
    return 5;
  case ALPA_F6E2M3FN:
  case ALPA_F8E4M3:
  case ALPA_F8E4M3B11FNUZ:
  case ALPA_F8E4M3FN:
  case ALPA_F8E4M3FNUZ:
    return 4;
  case ALPA_F6E3M2FN:
  case ALPA_F8E5M2:
  case ALPA_F8E5M2FNUZ:
    return 3;
  case ALPA_F4E2M1FN:
    return 2;
  default: /* F8E8M0FNU; the rest are no floats */
    return 1;
  }
}

/* ---- exact decimal expansion ---- */

enum { LIMBS = 81, MAX_DIGITS = 800 }; /* 2^53 * 5^1074 has 2547 bits and 767 digits */

typedef struct big {
  uint32_t limbs[LIMBS]; /* least significant first */
  int n;
} big;

static void big_multiply(big *number, uint32_t by) {
  uint64_t carry = 0;
  for (int i = 0; i < number->n; i++) {
    carry += (uint64_t)number->limbs[i] * by;
    number->limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry)
    number->limbs[number->n++] = (uint32_t)carry;
}

static uint32_t big_divide(big *number, uint32_t by) {
  uint64_t rest = 0;
  for (int i = number->n; i-- > 0;) {
    rest = rest << 32 | number->limbs[i];
    number->limbs[i] = (uint32_t)(rest / by);
    rest %= by;
  }
  while (number->n && number->limbs[number->n - 1] == 0)
    number->n--;
  return (uint32_t)rest;
}

static int big_bits(const big *number) { return number->n * 32 - __builtin_clz(number->limbs[number->n - 1]); }

typedef struct decimal {
  char digits[MAX_DIGITS]; /* significant, the first is not 0 */
  int n;
  int exponent; /* of the last digit */
} decimal;

static void drop_zeros(decimal *d) {
  while (d->n > 1 && d->digits[d->n - 1] == '0') {
    d->n--;
    d->exponent++;
  }
}

/* A positive number as an integer times a power of ten: N 2^e is N << e, or N 5^-e 10^e. */
static big scale(double value, int *out_exponent) {
  int e;
  uint64_t n = (uint64_t)ldexp(frexp(value, &e), 53);
  int zeros = __builtin_ctzll(n);
  n >>= zeros;
  e += zeros - 53;
  big number = {.limbs = {(uint32_t)n, (uint32_t)(n >> 32)}, .n = n >> 32 ? 2 : 1};
  *out_exponent = e < 0 ? e : 0;
  for (int i = 0; i < abs(e); i++)
    big_multiply(&number, e < 0 ? 5 : 2);
  return number;
}

static decimal write_digits(big number, int exponent) {
  char reversed[MAX_DIGITS];
  decimal d = {.exponent = exponent};
  int n = 0;
  while (number.n) {
    uint32_t group = big_divide(&number, 1000000000);
    for (int i = 0; i < 9 && (number.n || group); i++, group /= 10)
      reversed[n++] = (char)('0' + group % 10);
  }
  while (n)
    d.digits[d.n++] = reversed[--n];
  return d;
}

static void round_up(decimal *d) {
  while (d->n > 0 && d->digits[d->n - 1] == '9') {
    d->n--;
    d->exponent++;
  }
  if (d->n == 0)
    d->digits[d->n++] = '1';
  else
    d->digits[d->n - 1]++;
}

/* At most n digits of a positive number.  As APFloat does it, digits that n surely does not need (59/196 is slightly
 * less than log10 2) are cut off before the rest is rounded half up. */
static decimal expand(double value, int n) {
  int exponent;
  big number = scale(value, &exponent);
  int spare_bits = big_bits(&number) - (n * 196 + 58) / 59, cut = spare_bits > 0 ? spare_bits * 59 / 196 : 0;
  decimal d = write_digits(number, exponent);
  d.n -= cut;
  d.exponent += cut;
  drop_zeros(&d);
  if (d.n <= n)
    return d;
  bool up = d.digits[n] >= '5';
  d.exponent += d.n - n;
  d.n = n;
  if (up)
    round_up(&d);
  drop_zeros(&d);
  return d;
}

/* ---- printing ---- */

static uint64_t read_back(alpa_dtype dtype, bool negative, const decimal *d) {
  char text[64];
  snprintf(text, sizeof text, "%.*se%d", d->n, d->digits, d->exponent);
  double value = strtod_l(text, NULL, newlocale(LC_ALL_MASK, "C", (locale_t)0)); /* a constant object */
  return alpa_float_encode(dtype, negative ? -value : value);
}

/* 1.500000e+00 */
static void print_six(alpa_text *text, const decimal *d) {
  alpa_text_char(text, d->digits[0]);
  alpa_text_char(text, '.');
  alpa_text_append(text, d->digits + 1, (size_t)(d->n - 1));
  for (int i = d->n; i <= 6; i++)
    alpa_text_char(text, '0');
  int exponent = d->exponent + d->n - 1;
  alpa_text_printf(text, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

/* 0.00999999977, 5.65685415, 9.99999974E-6; false where there would be no point. */
static bool print_full(alpa_text *text, const decimal *d, int precision) {
  int last = d->exponent, first = last + d->n - 1; /* exponents of the digits at both ends */
  bool scientific = last >= 0 ? last > 3 || d->n + last > precision : first < 0 && -first > 3;
  if (!scientific && last >= 0)
    return false;
  if (scientific) {
    alpa_text_char(text, d->digits[0]);
    alpa_text_char(text, '.');
    if (d->n == 1)
      alpa_text_char(text, '0');
    alpa_text_append(text, d->digits + 1, (size_t)(d->n - 1));
    alpa_text_printf(text, "E%c%d", first < 0 ? '-' : '+', abs(first));
    return true;
  }
  int whole = first < 0 ? 0 : first + 1;
  alpa_text_append(text, d->digits, (size_t)whole);
  alpa_text_string(text, whole ? "." : "0.");
  for (int i = first + 1; i < 0; i++)
    alpa_text_char(text, '0');
  alpa_text_append(text, d->digits + whole, (size_t)(d->n - whole));
  return true;
}

bool alpa_text_float(alpa_text *text, alpa_dtype dtype, uint64_t bits) {
  double value = alpa_float_decode(dtype, bits);
  bool negative = signbit(value) != 0;
  if (value == 0) {
    alpa_text_string(text, negative ? "-0.000000e+00" : "0.000000e+00");
    return true;
  }
  if (isfinite(value)) {
    decimal six = expand(fabs(value), 6);
    size_t start = text->size;
    if (negative)
      alpa_text_char(text, '-');
    if (read_back(dtype, negative, &six) == bits) {
      print_six(text, &six);
      return true;
    }
    int precision = 2 + precision_of(dtype) * 59 / 196;
    decimal full = expand(fabs(value), precision);
    if (print_full(text, &full, precision))
      return true;
    text->size = start;
  }
  alpa_text_printf(text, "0x%llX", (unsigned long long)bits);
  return false;
}

/* ---- strings and names ---- */

void alpa_text_quoted(alpa_text *text, const char *data, size_t size) {
  alpa_text_char(text, '"');
  size_t from = 0;
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)data[i];
    if (c >= 32 && c < 127 && c != '"' && c != '\\')
      continue;
    alpa_text_append(text, data + from, i - from);
    from = i + 1;
    static const char hex[] = "0123456789ABCDEF";
    const char escape[3] = {'\\', c == '\\' ? '\\' : hex[c >> 4], hex[c & 15]};
    alpa_text_append(text, escape, c == '\\' ? 2 : 3);
  }
  alpa_text_append(text, data + from, size - from);
  alpa_text_char(text, '"');
}

static bool is_identifier(const char *name, size_t size) {
  if (size == 0 || !(alpa_char_is_letter(name[0]) || name[0] == '_'))
    return false;
  for (size_t i = 1; i < size; i++)
    if (!alpa_char_is_word(name[i]))
      return false;
  return true;
}

static void print_name(alpa_text *text, const char *name, size_t size) {
  if (is_identifier(name, size))
    alpa_text_append(text, name, size);
  else
    alpa_text_quoted(text, name, size);
}

void alpa_text_name(alpa_text *text, const char *name) { print_name(text, name, strlen(name)); }

void alpa_text_symbol(alpa_text *text, const char *name) {
  for (;;) {
    const char *next = strstr(name, "::@");
    alpa_text_char(text, '@');
    print_name(text, name, next ? (size_t)(next - name) : strlen(name));
    if (!next)
      return;
    alpa_text_string(text, "::");
    name = next + 3;
  }
}
