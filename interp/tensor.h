/* Tensors of the interpreter: a type and its elements. */
#ifndef ALPA_INTERP_TENSOR_H
#define ALPA_INTERP_TENSOR_H

#include "dialects/ir/type.h"

/* What floating-point elements mean. */
typedef enum alpa_arith {
  ALPA_ARITH_REAL, /* the numbers of the type */
  ALPA_ARITH_FIELD /* elements of Z_p, p = 2^61 - 1 (interp/field.h) */
} alpa_arith;

/* Row-major.  Real arithmetic: every element in the runtime's layout (the data-type table; booleans one byte of 0 or
 * 1). Field arithmetic: a float is a uint64_t whatever its type, a complex number two of them; integers and booleans
 * are as in real arithmetic. */
typedef struct alpa_tensor {
  alpa_dtype dtype;
  uint32_t rank;
  const int64_t *dims;
  void *data;
} alpa_tensor;

int64_t alpa_tensor_count(const alpa_tensor *tensor);
/* Bytes of one element of the type under an arithmetic. */
size_t alpa_arith_element_bytes(alpa_arith arith, alpa_dtype dtype);
size_t alpa_tensor_bytes(const alpa_tensor *tensor, alpa_arith arith);

/* A tensor of a static tensor type with uninitialised elements in `arena`; its dims are those of the type. */
alpa_tensor alpa_tensor_create(alpa_arena *arena, alpa_arith arith, const alpa_type *type);
/* The field tensor of a real one: floats map exactly (alpa_field_from_double), the rest is copied. */
alpa_tensor alpa_tensor_to_field(alpa_arena *arena, const alpa_tensor *real);
/* Random elements, a function of the seed alone: floats uniform in the field, or in [-1, 1) in real arithmetic;
 * integers and booleans uniform in [0, below), where below 0 means their whole range. */
void alpa_tensor_randomize(const alpa_tensor *tensor, alpa_arith arith, uint64_t seed, int64_t below);

#endif
