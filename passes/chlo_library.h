/* What ops without kernels mean, as StableHLO: the texts that chlo-legalize puts in their place. */
#ifndef ALPA_PASSES_CHLO_LIBRARY_H
#define ALPA_PASSES_CHLO_LIBRARY_H

#include "dialects/ir/op.h"
#include "support/text.h"

/* Which types a row is for. */
typedef enum chlo_case {
  CHLO_REAL,    /* floats; computed in f64 */
  CHLO_NARROW,  /* floats other than f64; computed in f64 */
  CHLO_COMPLEX, /* complex numbers; computed in complex<f64> */
  CHLO_ANY      /* in the op's own types */
} chlo_case;

typedef struct chlo_expansion {
  const char *op; /* that is replaced */
  chlo_case when;
  const char *function;                              /* that stands for it */
  const char *text, *uses;                           /* of it, and of what it calls beside that */
  void (*print)(alpa_text *text, const alpa_op *op); /* writes the functions that depend on the op; or NULL */
} chlo_expansion;

/* The row for an op, or NULL: it stays. */
const chlo_expansion *chlo_expansion_find(const alpa_op *op);
/* Writes the row's functions as a module.  Their texts use the aliases !T (the operand's shape in f64), !C
 * (complex<f64>), !I (i64), !B (i1), !S (the operand's type) and !N (integers of its width). */
void chlo_expansion_print(alpa_text *text, const chlo_expansion *row, const alpa_op *op);

/* Texts of chlo_functions.c, and what their rows print beside them. */
extern const char alpa_chlo_zeta_text[], alpa_chlo_polygamma_text[], alpa_chlo_same_text[], alpa_chlo_mulhi_text[];
/* A Chebyshev series with half its first coefficient, as a function of that name. */
void alpa_chlo_print_series(alpa_text *text, const char *name, const double *c, size_t n);
void alpa_chlo_print_roots(alpa_text *text, const alpa_op *op);
void alpa_chlo_print_zeta(alpa_text *text, const alpa_op *op);
void alpa_chlo_print_halves(alpa_text *text, const alpa_op *op);
/* Functions of complex numbers. */
void alpa_chlo_print_complex(alpa_text *text, const alpa_op *op);
void alpa_chlo_print_complex_powers(alpa_text *text, const alpa_op *op);

#endif
