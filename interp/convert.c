/* stablehlo.convert for every pair of element types, by way of the compute types. */
#include "interp/convert.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "interp/field.h"
#include "support/number.h"

enum { BLOCK = 256 };

/* Truncates and saturates to the range of an integer type of `bits`. */
static int64_t saturate(double value, uint32_t bits, bool is_signed) {
  if (isnan(value))
    return 0;
  double low = is_signed ? -ldexp(1.0, (int)bits - 1) : 0.0;
  double high = ldexp(1.0, (int)bits - (is_signed ? 1 : 0)); /* first one outside */
  if (value <= low)
    return is_signed ? -(int64_t)(UINT64_C(1) << (bits - 2)) * 2 : 0;
  if (value >= high)
    return (int64_t)(~UINT64_C(0) >> (64 - bits + (is_signed ? 1 : 0)));
  return is_signed ? (int64_t)value : (int64_t)(uint64_t)value;
}

typedef union number {
  int64_t i;
  uint64_t u; /* UINT, BOOL, FIELD */
  double f;
  double _Complex c;
  alpa_field_complex fc;
} number;

/* What conversions go through: an integer with its signedness, a real part and an imaginary part. */
typedef struct conversion {
  alpa_number_kind from, to;
  alpa_dtype from_dtype, to_dtype;
  uint32_t bits; /* of the result */
  bool rounds;   /* field arithmetic: the result type is narrower */
  alpa_precision precision;
  uint64_t key;
} conversion;

static double to_double(const conversion *c, number a) {
  switch (c->from) {
  case ALPA_NUMBER_INT:
    return (double)a.i;
  case ALPA_NUMBER_BOOL:
  case ALPA_NUMBER_UINT:
    return (double)a.u;
  case ALPA_NUMBER_COMPLEX:
    return creal(a.c);
  case ALPA_NUMBER_FLOAT:
  case ALPA_NUMBER_FIELD:
  case ALPA_NUMBER_FIELD_COMPLEX:
  case ALPA_NUMBER_KINDS:
    break;
  }
  return a.f;
}

static uint64_t to_field(const conversion *c, number a) {
  switch (c->from) {
  case ALPA_NUMBER_INT:
    return alpa_field_from_integer(a.i);
  case ALPA_NUMBER_BOOL:
  case ALPA_NUMBER_UINT:
    return alpa_field_from_unsigned(a.u);
  case ALPA_NUMBER_FIELD_COMPLEX:
    return a.fc.re;
  case ALPA_NUMBER_FLOAT:
  case ALPA_NUMBER_FIELD:
  case ALPA_NUMBER_COMPLEX:
  case ALPA_NUMBER_KINDS:
    break;
  }
  return a.u;
}

static uint64_t narrow(const conversion *c, uint64_t a) {
  return c->rounds ? alpa_field_round(c->key, c->precision.exponent_bits, c->precision.precision, a) : a;
}

static int64_t to_integer(const conversion *c, number a, bool is_signed) {
  switch (c->from) {
  case ALPA_NUMBER_FLOAT:
  case ALPA_NUMBER_COMPLEX:
    return saturate(to_double(c, a), c->bits, is_signed);
  case ALPA_NUMBER_FIELD:
  case ALPA_NUMBER_FIELD_COMPLEX:
    return alpa_field_to_integer(to_field(c, a));
  case ALPA_NUMBER_BOOL:
  case ALPA_NUMBER_INT:
  case ALPA_NUMBER_UINT:
  case ALPA_NUMBER_KINDS:
    break;
  }
  return a.i;
}

static number convert(const conversion *c, number a) {
  number r = {0};
  switch (c->to) {
  case ALPA_NUMBER_BOOL:
    if (c->from == ALPA_NUMBER_FLOAT)
      r.u = a.f != 0;
    else if (c->from == ALPA_NUMBER_COMPLEX)
      r.u = creal(a.c) != 0;
    else
      r.u = a.u != 0; /* of a pair, the real part */
    break;
  case ALPA_NUMBER_INT:
    r.i = to_integer(c, a, true);
    break;
  case ALPA_NUMBER_UINT:
    r.i = to_integer(c, a, false);
    break;
  case ALPA_NUMBER_FLOAT:
    r.f = to_double(c, a);
    break;
  case ALPA_NUMBER_COMPLEX:
    r.c = c->from == ALPA_NUMBER_COMPLEX ? a.c : alpa_complex_of(to_double(c, a), 0);
    break;
  case ALPA_NUMBER_FIELD:
    r.u = narrow(c, to_field(c, a));
    break;
  case ALPA_NUMBER_FIELD_COMPLEX:
    r.fc.re = narrow(c, to_field(c, a));
    r.fc.im = c->from == ALPA_NUMBER_FIELD_COMPLEX ? narrow(c, a.fc.im) : 0;
    break;
  case ALPA_NUMBER_KINDS:
    break;
  }
  return r;
}

static alpa_dtype part_of(alpa_dtype dtype) {
  return alpa_dtype_get_info(dtype)->class_ == ALPA_CLASS_COMPLEX ? alpa_complex_part(dtype) : dtype;
}

static conversion prepare(const alpa_machine *machine, alpa_dtype from, alpa_dtype to) {
  conversion c = {.from = alpa_number_kind_of(machine->arith, from),
                  .to = alpa_number_kind_of(machine->arith, to),
                  .from_dtype = from,
                  .to_dtype = to,
                  .bits = alpa_dtype_get_info(to)->bits,
                  .key = machine->options.field_key};
  bool from_field = c.from == ALPA_NUMBER_FIELD || c.from == ALPA_NUMBER_FIELD_COMPLEX;
  bool to_field_ = c.to == ALPA_NUMBER_FIELD || c.to == ALPA_NUMBER_FIELD_COMPLEX;
  if (from_field && to_field_) {
    c.rounds = !alpa_float_embeds(part_of(from), part_of(to));
    c.precision = alpa_float_precision(part_of(to));
  }
  return c;
}

/* Integers of 64 bits do not fit into a double: round them to the narrow type once. */
static void convert_wide_integers(const conversion *c, const void *from, size_t n, void *to) {
  for (size_t i = 0; i < n; i++) {
    float value = c->from == ALPA_NUMBER_INT ? (float)((const int64_t *)from)[i] : (float)((const uint64_t *)from)[i];
    ((float *)to)[i] = value;
  }
}

void alpa_elements_convert(const alpa_machine *machine, const alpa_tensor *from, size_t n, const alpa_tensor *to) {
  conversion c = prepare(machine, from->dtype, to->dtype);
  size_t from_bytes = alpa_arith_element_bytes(machine->arith, from->dtype);
  size_t to_bytes = alpa_arith_element_bytes(machine->arith, to->dtype);
  size_t from_number = alpa_number_bytes(c.from), to_number = alpa_number_bytes(c.to);
  if (to->dtype == ALPA_F32 && (from->dtype == ALPA_I64 || from->dtype == ALPA_UI64) && c.to == ALPA_NUMBER_FLOAT) {
    convert_wide_integers(&c, from->data, n, to->data);
    return;
  }
  for (size_t first = 0; first < n; first += BLOCK) {
    _Alignas(16) char in[BLOCK * ALPA_NUMBER_MAX_BYTES], out[BLOCK * ALPA_NUMBER_MAX_BYTES];
    size_t count = n - first < BLOCK ? n - first : BLOCK;
    alpa_elements_load(machine->arith, from->dtype, (const char *)from->data + first * from_bytes, count, in);
    if (c.from == c.to && !c.rounds) {
      alpa_elements_store(machine->arith, to->dtype, in, count, (char *)to->data + first * to_bytes);
      continue;
    }
    for (size_t i = 0; i < count; i++) {
      number a = {0};
      memcpy(&a, in + i * from_number, from_number);
      number r = convert(&c, a);
      memcpy(out + i * to_number, &r, to_number);
    }
    alpa_elements_store(machine->arith, to->dtype, out, count, (char *)to->data + first * to_bytes);
  }
}
