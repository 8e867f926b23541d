/* Calls of LAPACK that JAX prints for CPUs, where StableHLO has the op itself: ?potrf is cholesky, ?trsm is
 * triangular_solve.  Letters (uplo, side, trans, diag) are those of LAPACK; JAX passes them as characters' codes. */
#include <string.h>

#include "dialects/ir/context.h"
#include "passes/decompose/parts.h"

/* The letter of that name in the call's configuration, or 0. */
static char letter(const alpa_op *op, const char *name) {
  const alpa_attr *config = alpa_op_find_attr(op, "mhlo.backend_config");
  const alpa_attr *code = config && config->kind == ALPA_ATTR_DICT ? alpa_attr_find(config, name) : NULL;
  return code && code->kind == ALPA_ATTR_INTEGER ? (char)code->integer : 0;
}

static bool is_one_of(char letter, const char *letters) { return letter != 0 && strchr(letters, letter) != NULL; }

/* Which elements of each matrix have a row number that compares so with their column number. */
static alpa_value *where(alpa_parts *p, const alpa_type *type, int direction) {
  const alpa_type *index = alpa_type_with_dtype(p->ctx, type, ALPA_I32);
  alpa_value *row = alpa_part_iota(p, index, (int64_t)type->rank - 2);
  return alpa_part_compare(p, direction, row, alpa_part_iota(p, index, (int64_t)type->rank - 1));
}

/* For each matrix, how many elements of its factor's diagonal are not positive numbers. */
static alpa_value *count_failures(alpa_parts *p, alpa_value *factor, alpa_dtype dtype) {
  bool is_complex = alpa_type_class(factor->type) == ALPA_CLASS_COMPLEX;
  alpa_value *real = is_complex ? alpa_part_unary(p, STABLEHLO_real, factor) : factor;
  alpa_value *is_positive = alpa_part_compare(p, STABLEHLO_GT, real, alpa_part_number(p, real->type, 0));
  alpa_value *is_bad = alpa_part_binary(p, STABLEHLO_and, where(p, real->type, STABLEHLO_EQ),
                                        alpa_part_unary(p, STABLEHLO_not, is_positive));
  const int64_t dims[] = {(int64_t)real->type->rank - 2, (int64_t)real->type->rank - 1};
  return alpa_part_sum(p, alpa_part_convert(p, is_bad, dtype), dims, countof(dims));
}

/* Results: the factor in its triangle, the other one as it was; and LAPACK's `info`, which is 0 where the matrix is
 * positive definite. */
static bool decompose_potrf(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  char uplo = letter(op, "uplo");
  if (op->n_operands != 1 || op->n_results != 2 || alpa_op_operand_type(op, 0)->rank < 2 || !is_one_of(uplo, "LU"))
    return false;
  bool lower = uplo == 'L';
  alpa_value *x = alpa_op_operand(op, 0);
  const alpa_attr *attrs[stablehlo_cholesky_attr_count] = {0};
  attrs[stablehlo_cholesky_lower] = alpa_attr_get_bool(p->ctx, lower);
  alpa_value *factor = alpa_part_build(p, STABLEHLO_cholesky, NULL, &x, 1, attrs);
  out_results[0] = alpa_part_select(p, where(p, x->type, lower ? STABLEHLO_GE : STABLEHLO_LE), factor, x);
  out_results[1] = count_failures(p, factor, op->results[1].type->dtype);
  return true;
}

static bool decompose_trsm(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  static const char transposes[] = {
      [STABLEHLO_NO_TRANSPOSE] = 'N', [STABLEHLO_TRANSPOSE] = 'T', [STABLEHLO_ADJOINT] = 'C'};
  char side = letter(op, "side"), uplo = letter(op, "uplo"), trans = letter(op, "trans_x"), diag = letter(op, "diag");
  bool is_known = is_one_of(side, "LR") && is_one_of(uplo, "LU") && is_one_of(trans, "NTC") && is_one_of(diag, "NU");
  if (op->n_operands != 2 || op->n_results != 1 || !is_known)
    return false;
  int transpose = STABLEHLO_NO_TRANSPOSE;
  while (transposes[transpose] != trans)
    transpose++;
  const alpa_attr *attrs[stablehlo_triangular_solve_attr_count] = {0};
  attrs[stablehlo_triangular_solve_left_side] = alpa_attr_get_bool(p->ctx, side == 'L');
  attrs[stablehlo_triangular_solve_lower] = alpa_attr_get_bool(p->ctx, uplo == 'L');
  attrs[stablehlo_triangular_solve_unit_diagonal] = alpa_attr_get_bool(p->ctx, diag == 'U');
  attrs[stablehlo_triangular_solve_transpose_a] = alpa_attr_get_enum(p->ctx, &alpa_stablehlo_attr_transpose, transpose);
  alpa_value *const operands[] = {alpa_op_operand(op, 0), alpa_op_operand(op, 1)};
  out_results[0] = alpa_part_build(p, STABLEHLO_triangular_solve, op->results[0].type, operands, 2, attrs);
  return true;
}

static const struct routine {
  const char *name; /* behind the letter of its type */
  alpa_decompose_fn *decompose;
} routines[] = {{"potrf_ffi", decompose_potrf}, {"trsm_ffi", decompose_trsm}};

bool alpa_decompose_lapack(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  static const char prefix[] = "lapack_";
  const char *target = op->attrs[stablehlo_custom_call_call_target_name]->string.data;
  if (strncmp(target, prefix, strlen(prefix)) != 0 || !is_one_of(target[strlen(prefix)], "sdcz"))
    return false;
  for (size_t i = 0; i < countof(routines); i++)
    if (strcmp(target + strlen(prefix) + 1, routines[i].name) == 0)
      return routines[i].decompose(p, op, out_results);
  return false;
}
