/* Elementwise functions on arrays of compute types (interp/element.h): one table per kind of number, its rows named by
 * the ops. */
#ifndef ALPA_INTERP_SCALAR_H
#define ALPA_INTERP_SCALAR_H

#include "dialects/ir/op.h"
#include "interp/element.h"

/* What a function needs beside its operands. */
typedef struct alpa_scalar {
  const alpa_op_def *def;
  uint32_t arity;    /* number of operands */
  alpa_dtype dtype;  /* of the operands */
  uint32_t bits;     /* of dtype */
  uint64_t key;      /* field arithmetic */
  int64_t direction; /* of a comparison: STABLEHLO_EQ ... */
  bool total_order;  /* of a comparison of floats */
} alpa_scalar;

/* n results from n operands each; in and out do not overlap.  in has three entries; those of operands that the op does
 * not have point to some other operand. */
typedef void alpa_scalar_fn(const alpa_scalar *scalar, size_t n, const void *const in[], void *out);

/* The function of an elementwise op on operands of a kind, or NULL.  Its result kind follows from the op's type. */
alpa_scalar_fn *alpa_scalar_find(const alpa_op_def *def, alpa_number_kind kind);

/* The tables of the kinds. */
alpa_scalar_fn *alpa_scalar_find_bool(const alpa_op_def *def);
alpa_scalar_fn *alpa_scalar_find_int(const alpa_op_def *def);
alpa_scalar_fn *alpa_scalar_find_uint(const alpa_op_def *def);
alpa_scalar_fn *alpa_scalar_find_float(const alpa_op_def *def);
alpa_scalar_fn *alpa_scalar_find_complex(const alpa_op_def *def);
alpa_scalar_fn *alpa_scalar_find_field(const alpa_op_def *def);
alpa_scalar_fn *alpa_scalar_find_field_complex(const alpa_op_def *def);
/* The tables of chlo. */
alpa_scalar_fn *alpa_scalar_find_chlo(uint32_t id, alpa_number_kind kind);

/* Keyed hash functions of field elements and of pairs of them, one for every op. */
alpa_scalar_fn alpa_scalar_field_hash, alpa_scalar_pair_hash;

/* Ops of which the field tables hold an exact meaning, so that folding them keeps field elements. */
bool alpa_scalar_is_exact(const alpa_op_def *def);

/* The answer to a comparison, from "less", "equal" and "unordered". */
bool alpa_scalar_compare(int64_t direction, bool less, bool equal, bool unordered);

#endif
