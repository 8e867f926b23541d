/* Kernels of kind `matrix`: Cholesky factors and triangular solutions of batches of matrices, by the plain
 * row-by-row algorithms (Golub and Van Loan, "Matrix Computations", 4.2.5 and 3.1); tasks share out the batch. */
#include <string.h>

#include "codegen/lower/loop.h"
#include "codegen/lower/math.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

typedef LLVMValueRef V;
typedef alpa_element E;

typedef struct matrix_kernel {
  const alpa_op *op;
  const alpa_type *type; /* of the result */
  bool solves;
  int64_t n, vectors, batch; /* size of the square matrix, right sides, matrices */
} matrix_kernel;

static void init(const alpa_lower *lower, matrix_kernel *k) {
  memset(k, 0, sizeof *k);
  k->op = alpa_op_operand(alpa_kernel_body(lower->kernel)->last, 0)->op;
  k->type = k->op->results[0].type;
  k->solves = stablehlo_is(k->op, STABLEHLO_triangular_solve);
  const alpa_type *square = alpa_op_operand_type(k->op, 0);
  k->n = square->dims[square->rank - 1];
  k->batch = k->n ? alpa_type_count(square) / (k->n * k->n) : 0;
  int64_t size = k->n * k->batch;
  k->vectors = k->solves && size ? alpa_type_count(k->type) / size : 1;
}

static void schedule(alpa_lower *lower) {
  matrix_kernel k;
  init(lower, &k);
  double n = (double)k.n;
  double work = k.solves ? n * n * (double)(k.vectors * k.batch) : n * n * n / 3 * (double)k.batch;
  lower->schedule->n_tasks[0] = alpa_task_count(lower, work * 4, k.batch * k.vectors);
  lower->schedule->flops = work;
}

/* ---- elements ---- */

static V add(alpa_lower *l, V a, V b) { return LLVMBuildAdd(l->builder, a, b, ""); }
static V times(alpa_lower *l, V a, int64_t by) { return LLVMBuildMul(l->builder, a, alpa_lower_i64(l, by), ""); }

static const alpa_tuple *flat_at(alpa_lower *l, V offset) {
  alpa_tuple *at = alpa_tuple_make(l, &(alpa_tuple){.lanes = 1}, 1);
  at->flat = true;
  at->at[0] = alpa_component_of(offset);
  return alpa_tuple_get(l, at);
}

static E load_operand(alpa_lower *l, const matrix_kernel *k, uint32_t operand, V offset) {
  return alpa_expr_eval(l, alpa_op_operand(k->op, operand), flat_at(l, offset));
}
static E load_result(alpa_lower *l, const matrix_kernel *k, V offset) {
  alpa_leaf leaf = {.base = alpa_lower_result(l, 0)->base};
  return alpa_expr_load(l, &leaf, k->type, flat_at(l, offset));
}
static void store_result(alpa_lower *l, const matrix_kernel *k, V offset, E value) {
  alpa_leaf leaf = {.base = alpa_lower_result(l, 0)->base};
  if (!value.im)
    value.re = alpa_float_round(l, k->type->dtype, value.re);
  alpa_expr_store(l, &leaf, k->type, flat_at(l, offset), value);
}

static V product(alpa_lower *l, V x, V y) { return LLVMBuildFMul(l->builder, x, y, ""); }
static V sum_of(alpa_lower *l, V x, V y) { return LLVMBuildFAdd(l->builder, x, y, ""); }
static V difference(alpa_lower *l, V x, V y) { return LLVMBuildFSub(l->builder, x, y, ""); }
static E conjugate(alpa_lower *l, E x) {
  return (E){x.re, x.im ? LLVMBuildFNeg(l->builder, x.im, "") : NULL};
}

/* rest - x y */
static E without_product(alpa_lower *l, E rest, E x, E y) {
  if (!x.im)
    return (E){difference(l, rest.re, product(l, x.re, y.re)), NULL};
  V re = difference(l, product(l, x.re, y.re), product(l, x.im, y.im));
  V im = sum_of(l, product(l, x.re, y.im), product(l, x.im, y.re));
  return (E){difference(l, rest.re, re), difference(l, rest.im, im)};
}

static E quotient(alpa_lower *l, E x, E y) {
  if (!x.im)
    return (E){LLVMBuildFDiv(l->builder, x.re, y.re, ""), NULL};
  V norm = sum_of(l, product(l, y.re, y.re), product(l, y.im, y.im));
  V re = sum_of(l, product(l, x.re, y.re), product(l, x.im, y.im));
  V im = difference(l, product(l, x.im, y.re), product(l, x.re, y.im));
  return (E){LLVMBuildFDiv(l->builder, re, norm, ""), LLVMBuildFDiv(l->builder, im, norm, "")};
}

static E carry(alpa_lower *l, alpa_loop *loop, E first) {
  first.re = alpa_loop_carry(l, loop, first.re);
  first.im = first.im ? alpa_loop_carry(l, loop, first.im) : NULL;
  return first;
}
static void set_next(alpa_loop *loop, E next) {
  alpa_loop_next(loop, next.re);
  if (next.im)
    alpa_loop_next(loop, next.im);
}
static E result_of(const alpa_loop *loop, bool is_complex) {
  return (E){alpa_loop_result(loop, 0), is_complex ? alpa_loop_result(loop, 1) : NULL};
}

/* ---- cholesky ---- */

/* Offset of entry (i, j) of the lower factor, or of its transpose. */
static V entry(alpa_lower *l, const matrix_kernel *k, V base, V i, V j) {
  bool lower = alpa_op_int(k->op, stablehlo_cholesky_lower, 0) != 0;
  return add(l, base, add(l, times(l, lower ? i : j, k->n), lower ? j : i));
}

/* Entry (i, j), j <= i: what is left of a(i, j) after the columns before j.  The diagonal is real; of the transposed
 * factor all is the conjugate, to which the same recurrence leads from the conjugate matrix. */
static void emit_factor_entry(alpa_lower *l, const matrix_kernel *k, V base, V i, V j) {
  LLVMBuilderRef b = l->builder;
  alpa_loop loop;
  E first = load_operand(l, k, 0, entry(l, k, base, i, j));
  alpa_loop_begin(l, &loop, alpa_lower_i64(l, 0), j, 1);
  E rest = carry(l, &loop, first);
  alpa_expr_push(l);
  E x = load_result(l, k, entry(l, k, base, i, loop.index)), y = load_result(l, k, entry(l, k, base, j, loop.index));
  set_next(&loop, without_product(l, rest, x, conjugate(l, y)));
  alpa_expr_pop(l);
  alpa_loop_end(l, &loop);
  rest = result_of(&loop, first.im != NULL);
  V diagonal = LLVMBuildICmp(b, LLVMIntEQ, i, j, ""), one = LLVMConstReal(LLVMTypeOf(rest.re), 1);
  V above = load_result(l, k, entry(l, k, base, j, j)).re; /* of row j < i: finished */
  V pivot = LLVMBuildSelect(b, diagonal, one, above, "");
  E value = {LLVMBuildSelect(b, diagonal, alpa_math_sqrt(l, rest.re), LLVMBuildFDiv(b, rest.re, pivot, ""), ""), NULL};
  if (rest.im)
    value.im = LLVMBuildSelect(b, diagonal, LLVMConstNull(LLVMTypeOf(one)), LLVMBuildFDiv(b, rest.im, pivot, ""), "");
  store_result(l, k, entry(l, k, base, i, j), value);
}

static void emit_factor(alpa_lower *l, const matrix_kernel *k, V unit) {
  V base = times(l, unit, k->n * k->n), zero = alpa_lower_i64(l, 0), one = alpa_lower_i64(l, 1);
  alpa_loop rows, columns;
  alpa_loop_begin(l, &rows, zero, alpa_lower_i64(l, k->n), 1);
  alpa_expr_push(l);
  V next = add(l, rows.index, one);
  alpa_loop_begin(l, &columns, zero, next, 1);
  alpa_expr_push(l);
  emit_factor_entry(l, k, base, rows.index, columns.index);
  alpa_expr_pop(l);
  alpa_loop_end(l, &columns);
  alpa_loop_begin(l, &columns, next, alpa_lower_i64(l, k->n), 1);
  alpa_expr_push(l);
  store_result(l, k, entry(l, k, base, rows.index, columns.index), alpa_expr_zero(l, k->type->dtype));
  alpa_expr_pop(l);
  alpa_loop_end(l, &columns);
  alpa_expr_pop(l);
  alpa_loop_end(l, &rows);
}

/* ---- triangular_solve ---- */

/* x op(a) = b is op(a)^T x^T = b^T: the other transposition, with rows of b as vectors. */
static void emit_solve(alpa_lower *l, const matrix_kernel *k, V unit) {
  LLVMBuilderRef b = l->builder;
  bool left = alpa_op_int(k->op, stablehlo_triangular_solve_left_side, 1) != 0;
  bool lower = alpa_op_int(k->op, stablehlo_triangular_solve_lower, 1) != 0;
  bool unit_diagonal = alpa_op_int(k->op, stablehlo_triangular_solve_unit_diagonal, 0) != 0;
  int64_t kind = alpa_op_attr(k->op, stablehlo_triangular_solve_transpose_a)->integer;
  bool adjoint = kind == STABLEHLO_ADJOINT, transposed = (kind == STABLEHLO_TRANSPOSE || adjoint) == left;
  bool forward = lower != transposed;
  V vectors = alpa_lower_i64(l, k->vectors), last = alpa_lower_i64(l, k->n - 1), zero = alpa_lower_i64(l, 0);
  V matrix = LLVMBuildUDiv(b, unit, vectors, ""), vector = LLVMBuildURem(b, unit, vectors, "");
  V a = times(l, matrix, k->n * k->n), x = times(l, matrix, k->n * k->vectors);
  x = add(l, x, left ? vector : times(l, vector, k->n));
  int64_t stride = left ? k->vectors : 1;
  alpa_loop rows, sum;
  alpa_loop_begin(l, &rows, zero, alpa_lower_i64(l, k->n), 1);
  alpa_expr_push(l);
  V i = forward ? rows.index : LLVMBuildSub(b, last, rows.index, "");
  E first = load_operand(l, k, 1, add(l, x, times(l, i, stride)));
  alpa_loop_begin(l, &sum, zero, rows.index, 1);
  E rest = carry(l, &sum, first);
  alpa_expr_push(l);
  V j = forward ? sum.index : LLVMBuildSub(b, last, sum.index, "");
  V row = transposed ? j : i, column = transposed ? i : j;
  E coefficient = load_operand(l, k, 0, add(l, a, add(l, times(l, row, k->n), column)));
  E known = load_result(l, k, add(l, x, times(l, j, stride)));
  set_next(&sum, without_product(l, rest, adjoint ? conjugate(l, coefficient) : coefficient, known));
  alpa_expr_pop(l);
  alpa_loop_end(l, &sum);
  E value = result_of(&sum, first.im != NULL), pivot = load_operand(l, k, 0, add(l, a, times(l, i, k->n + 1)));
  if (!unit_diagonal)
    value = quotient(l, value, adjoint ? conjugate(l, pivot) : pivot);
  store_result(l, k, add(l, x, times(l, i, stride)), value);
  alpa_expr_pop(l);
  alpa_loop_end(l, &rows);
}

static void emit(alpa_lower *lower, uint32_t phase) {
  (void)phase;
  matrix_kernel k;
  init(lower, &k);
  if (!k.n || !k.batch || !k.vectors)
    return;
  V start, end;
  alpa_lower_task_range(lower, lower->task, lower->schedule->n_tasks[0], k.batch * k.vectors, &start, &end);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, start, end, 1);
  alpa_expr_push(lower);
  if (k.solves)
    emit_solve(lower, &k, loop.index);
  else
    emit_factor(lower, &k, loop.index);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

const alpa_kernel_lowering alpa_lower_matrix = {schedule, emit};
