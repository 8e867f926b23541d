/* Floats, strings and names as MLIR prints them.
 *
 * A float is printed with six significant digits if reading them gives the same bits; else with as many as its
 * precision p can need, 2 + floor(59 p / 196), trailing zeros dropped; else, or where that has no point, as its bits.
 * Rounding is half up on the exact decimal expansion (LLVM's APFloat::toString), which differs from printf's half to
 * even for short formats: bf16 1.015625 is 1.015630e+00. */
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

enum { MAX_DIGITS = 17, EXACT_DIGITS = 60 };

typedef struct decimal {
  char digits[EXACT_DIGITS + 8]; /* significant, without trailing zeros */
  int n;
  int exponent; /* of the first digit */
} decimal;

static void drop_zeros(decimal *d) {
  while (d->n > 1 && d->digits[d->n - 1] == '0')
    d->n--;
}

/* The digits of a positive number, far beyond what is asked for, so that rounding sees the exact next digit. */
static decimal expand(double value) {
  char text[EXACT_DIGITS + 16];
  decimal d = {0};
  snprintf(text, sizeof text, "%.*e", EXACT_DIGITS - 1, value);
  const char *at = text;
  for (; *at != 'e'; at++)
    if (alpa_char_is_digit(*at)) /* whatever the point of the locale is */
      d.digits[d.n++] = *at;
  d.exponent = atoi(at + 1);
  drop_zeros(&d);
  return d;
}

static decimal round_to(decimal d, int n) {
  if (d.n <= n)
    return d;
  bool up = d.digits[n] >= '5';
  d.n = n;
  while (up && d.n > 0 && d.digits[d.n - 1] == '9')
    d.n--;
  if (up && d.n == 0) {
    d.digits[d.n++] = '1';
    d.exponent++;
  } else if (up) {
    d.digits[d.n - 1]++;
  }
  drop_zeros(&d);
  return d;
}

static uint64_t read_back(alpa_dtype dtype, bool negative, const decimal *d) {
  char text[EXACT_DIGITS + 32];
  snprintf(text, sizeof text, "%.*se%d", d->n, d->digits, d->exponent - d->n + 1);
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
  alpa_text_printf(text, "e%c%02d", d->exponent < 0 ? '-' : '+', abs(d->exponent));
}

/* 0.00999999977, 5.65685415, 9.99999974E-6; false where there would be no point. */
static bool print_full(alpa_text *text, const decimal *d, int precision) {
  int last = d->exponent - d->n + 1; /* exponent of the last digit */
  bool scientific = last >= 0 ? last > 3 || d->n + last > precision : d->exponent < 0 && -d->exponent > 3;
  if (!scientific && last >= 0)
    return false;
  if (scientific) {
    alpa_text_char(text, d->digits[0]);
    alpa_text_char(text, '.');
    if (d->n == 1)
      alpa_text_char(text, '0');
    alpa_text_append(text, d->digits + 1, (size_t)(d->n - 1));
    alpa_text_printf(text, "E%c%d", d->exponent < 0 ? '-' : '+', abs(d->exponent));
    return true;
  }
  int whole = d->exponent < 0 ? 0 : d->exponent + 1;
  alpa_text_append(text, d->digits, (size_t)whole);
  alpa_text_string(text, whole ? "." : "0.");
  for (int i = d->exponent + 1; i < 0; i++)
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
    decimal exact = expand(fabs(value)), six = round_to(exact, 6);
    size_t start = text->size;
    if (negative)
      alpa_text_char(text, '-');
    if (read_back(dtype, negative, &six) == bits) {
      print_six(text, &six);
      return true;
    }
    int precision = 2 + precision_of(dtype) * 59 / 196;
    decimal full = round_to(exact, precision);
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
    if (c == '\\')
      alpa_text_string(text, "\\\\");
    else
      alpa_text_printf(text, "\\%02X", c);
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
