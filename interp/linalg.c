/* Cholesky factors and triangular systems, one matrix after the other, in the compute type through the scalar tables:
 * the same code for real, complex and field numbers. */
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/eval.h"
#include "interp/strided.h"

/* One number of any kind. */
typedef struct number {
  _Alignas(16) char bytes[ALPA_NUMBER_MAX_BYTES];
} number;

typedef struct matrix {
  alpa_dtype dtype;
  number *at;
  int64_t rows, columns;
} matrix;

static number *cell(const matrix *m, int64_t i, int64_t j) { return &m->at[i * m->columns + j]; }

static number apply(const alpa_call *call, stablehlo_op_id id, alpa_dtype dtype, number a, number b) {
  alpa_arith arith = call->machine->arith;
  alpa_scalar scalar = {.def = &alpa_stablehlo_ops[id],
                        .arity = id == STABLEHLO_sqrt ? 1 : 2,
                        .dtype = dtype,
                        .key = call->machine->options.field_key};
  const void *const in[3] = {&a, &b, &a};
  number result;
  memset(&result, 0, sizeof result);
  alpa_scalar_find(scalar.def, alpa_number_kind_of(arith, dtype))(&scalar, 1, in, &result);
  return result;
}

static number conjugate(const alpa_call *call, alpa_dtype dtype, number a) {
  alpa_number_kind kind = alpa_number_kind_of(call->machine->arith, dtype);
  if (kind != ALPA_NUMBER_COMPLEX && kind != ALPA_NUMBER_FIELD_COMPLEX)
    return a;
  alpa_dtype part = dtype == ALPA_C64 ? ALPA_F32 : ALPA_F64;
  number im, zero;
  memset(&im, 0, sizeof im);
  memset(&zero, 0, sizeof zero);
  memcpy(&im, a.bytes + 8, 8);
  im = apply(call, STABLEHLO_subtract, part, zero, im);
  memcpy(a.bytes + 8, &im, 8);
  return a;
}

static matrix matrix_load(alpa_call *call, const alpa_tensor *tensor, int64_t index) {
  matrix m = {
      .dtype = tensor->dtype, .rows = tensor->dims[tensor->rank - 2], .columns = tensor->dims[tensor->rank - 1]};
  int64_t n = m.rows * m.columns;
  m.at = alpa_call_scratch(call, (size_t)n * sizeof *m.at + 1);
  size_t bytes = alpa_call_element_bytes(call, tensor->dtype);
  for (int64_t i = 0; i < n; i++)
    alpa_elements_load(call->machine->arith, tensor->dtype, (char *)tensor->data + (size_t)(index * n + i) * bytes, 1,
                       &m.at[i]);
  return m;
}

static void matrix_store(alpa_call *call, const matrix *m, const alpa_tensor *tensor, int64_t index) {
  int64_t n = m->rows * m->columns;
  size_t bytes = alpa_call_element_bytes(call, tensor->dtype);
  for (int64_t i = 0; i < n; i++)
    alpa_elements_store(call->machine->arith, tensor->dtype, &m->at[i], 1,
                        (char *)tensor->data + (size_t)(index * n + i) * bytes);
}

static int64_t n_matrices(const alpa_tensor *tensor) {
  int64_t n = 1;
  for (uint32_t i = 0; i + 2 < tensor->rank; i++)
    n *= tensor->dims[i];
  return n;
}

/* Element (i, j) of the conjugate transpose where `adjoint`. */
static number entry(const alpa_call *call, const matrix *m, int64_t i, int64_t j, bool adjoint) {
  return adjoint ? conjugate(call, m->dtype, *cell(m, j, i)) : *cell(m, i, j);
}

/* a - sum over k < n of l(i,k) conj(l(j,k)), for the rows i and j of the factor so far. */
static number subtract_rows(const alpa_call *call, const matrix *l, alpa_dtype dtype, const int64_t ij[2], number a) {
  for (int64_t k = 0; k < ij[1]; k++) {
    number product =
        apply(call, STABLEHLO_multiply, dtype, *cell(l, ij[0], k), conjugate(call, dtype, *cell(l, ij[1], k)));
    a = apply(call, STABLEHLO_subtract, dtype, a, product);
  }
  return a;
}

/* Cholesky-Banachiewicz: A = L L^H, row by row; the upper factor is L^H of the same matrix read from its upper half. */
static void factorize(alpa_call *call, const matrix *a, const matrix *l, alpa_dtype dtype, bool lower) {
  memset(l->at, 0, (size_t)(l->rows * l->columns) * sizeof *l->at);
  for (int64_t i = 0; i < a->rows; i++)
    for (int64_t j = 0; j <= i; j++) {
      const int64_t ij[2] = {i, j};
      number sum = subtract_rows(call, l, dtype, ij, entry(call, a, i, j, !lower));
      *cell(l, i, j) = i == j ? apply(call, STABLEHLO_sqrt, dtype, sum, sum)
                              : apply(call, STABLEHLO_divide, dtype, sum, *cell(l, j, j));
    }
}

alpa_status alpa_eval_cholesky(alpa_call *call) {
  const alpa_tensor *in = alpa_call_in(call, 0), *out = alpa_call_out(call, 0);
  bool lower = alpa_op_int(call->op, stablehlo_cholesky_lower, 0) != 0;
  int64_t n = n_matrices(in);
  for (int64_t index = 0; index < n; index++) {
    alpa_buffer *mark = call->scratch;
    matrix a = matrix_load(call, in, index), l = matrix_load(call, in, index);
    factorize(call, &a, &l, in->dtype, lower);
    for (int64_t i = 0; i < a.rows; i++)
      for (int64_t j = 0; j < a.rows; j++)
        *cell(&a, i, j) = entry(call, &l, i, j, !lower);
    matrix_store(call, &a, out, index);
    alpa_call_release(call, mark);
  }
  return ALPA_OK;
}

/* ---- triangular systems ----------------------------------------------------------------------------------------- */

/* What the attributes say about op(A) X = B, after X op(A) = B has been transposed to it. */
typedef struct triangle {
  bool left, lower, unit, transposed, conjugated;
} triangle;

static number coefficient(const alpa_call *call, const triangle *t, const matrix *a, int64_t i, int64_t j) {
  number value = t->transposed ? *cell(a, j, i) : *cell(a, i, j);
  return t->conjugated ? conjugate(call, a->dtype, value) : value;
}

/* Substitution in place: column `column` of B (a row of it where the unknown stands on the left). */
static void substitute(alpa_call *call, const triangle *t, const matrix *a, const matrix *b, int64_t column) {
  alpa_dtype dtype = alpa_call_in(call, 0)->dtype;
  int64_t n = a->rows;
  for (int64_t step = 0; step < n; step++) {
    int64_t i = t->lower ? step : n - 1 - step;
    number *x = t->left ? cell(b, i, column) : cell(b, column, i);
    for (int64_t done = 0; done < step; done++) {
      int64_t j = t->lower ? done : n - 1 - done;
      const number *known = t->left ? cell(b, j, column) : cell(b, column, j);
      number product = apply(call, STABLEHLO_multiply, dtype, coefficient(call, t, a, i, j), *known);
      *x = apply(call, STABLEHLO_subtract, dtype, *x, product);
    }
    if (!t->unit)
      *x = apply(call, STABLEHLO_divide, dtype, *x, coefficient(call, t, a, i, i));
  }
}

alpa_status alpa_eval_triangular_solve(alpa_call *call) {
  const alpa_tensor *a = alpa_call_in(call, 0), *b = alpa_call_in(call, 1), *out = alpa_call_out(call, 0);
  int64_t transpose = alpa_op_attr(call->op, stablehlo_triangular_solve_transpose_a)->integer;
  bool turned = transpose == STABLEHLO_TRANSPOSE || transpose == STABLEHLO_ADJOINT;
  triangle t = {.left = alpa_op_int(call->op, stablehlo_triangular_solve_left_side, 0) != 0,
                .unit = alpa_op_int(call->op, stablehlo_triangular_solve_unit_diagonal, 0) != 0,
                .conjugated = transpose == STABLEHLO_ADJOINT};
  t.transposed = turned == t.left; /* X op(A) = B is op(A)^T X^T = B^T */
  t.lower = (alpa_op_int(call->op, stablehlo_triangular_solve_lower, 0) != 0) != t.transposed;
  int64_t n = n_matrices(a);
  for (int64_t index = 0; index < n; index++) {
    alpa_buffer *mark = call->scratch;
    matrix coefficients = matrix_load(call, a, index), x = matrix_load(call, b, index);
    int64_t columns = t.left ? x.columns : x.rows;
    for (int64_t column = 0; column < columns; column++)
      substitute(call, &t, &coefficients, &x, column);
    matrix_store(call, &x, out, index);
    alpa_call_release(call, mark);
  }
  return ALPA_OK;
}
