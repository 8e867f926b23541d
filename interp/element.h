/* Elements as C numbers: runs of them read into and written from arrays of one compute type per class of data types. */
#ifndef ALPA_INTERP_ELEMENT_H
#define ALPA_INTERP_ELEMENT_H

#include <string.h>

#include "interp/tensor.h"

/* How elements are computed with. */
typedef enum alpa_number_kind {
  ALPA_NUMBER_BOOL,          /* uint64_t, 0 or 1 */
  ALPA_NUMBER_INT,           /* int64_t */
  ALPA_NUMBER_UINT,          /* uint64_t */
  ALPA_NUMBER_FLOAT,         /* double: wide enough that one rounding follows, for every type of at most 32 bits */
  ALPA_NUMBER_COMPLEX,       /* double _Complex */
  ALPA_NUMBER_FIELD,         /* uint64_t, interp/field.h */
  ALPA_NUMBER_FIELD_COMPLEX, /* alpa_field_complex */
  ALPA_NUMBER_KINDS
} alpa_number_kind;

typedef struct alpa_field_complex {
  uint64_t re, im;
} alpa_field_complex;

/* re + i im, infinities and NaN included. */
static inline double _Complex alpa_complex_of(double re, double im) {
  const double parts[2] = {re, im};
  double _Complex number;
  memcpy(&number, parts, sizeof number);
  return number;
}

/* Bytes of the largest compute type. */
enum { ALPA_NUMBER_MAX_BYTES = 16 };

alpa_number_kind alpa_number_kind_of(alpa_arith arith, alpa_dtype dtype);
size_t alpa_number_bytes(alpa_number_kind kind);

/* Bits of the exponent and of the significand (hidden bit included) of a float type. */
typedef struct alpa_precision {
  uint32_t exponent_bits, precision;
} alpa_precision;
alpa_precision alpa_float_precision(alpa_dtype dtype);
/* Every number of `narrow` is one of `wide`. */
bool alpa_float_embeds(alpa_dtype narrow, alpa_dtype wide);

/* n elements between memory and compute types; storing rounds once, and wraps integers. */
void alpa_elements_load(alpa_arith arith, alpa_dtype dtype, const void *from, size_t n, void *to);
void alpa_elements_store(alpa_arith arith, alpa_dtype dtype, const void *from, size_t n, void *to);

/* Real elements to field elements; to as in alpa_tensor of field arithmetic. */
void alpa_elements_to_field(alpa_dtype dtype, const void *from, size_t n, void *to);

/* The integer or boolean at an index of a tensor. */
int64_t alpa_tensor_integer(const alpa_tensor *tensor, int64_t index);

#endif
