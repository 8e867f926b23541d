/* Contractions and linear algebra: dot_general, dot, einsum, cholesky, triangular_solve, fft. */
#include "dialects/stablehlo/check.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

#include <inttypes.h>
#include <string.h>

/* The two sides of a contraction. */
typedef struct contraction {
  const alpa_type *lhs, *rhs;
  alpa_dim_list lhs_batch, rhs_batch, lhs_contract, rhs_contract;
} contraction;

static alpa_status check_pairs(const alpa_op *op, const contraction *c, alpa_dim_list lhs, alpa_dim_list rhs) {
  ALPA_TRY(alpa_check_length(op, rhs, lhs.n, lhs.name));
  for (size_t i = 0; i < lhs.n; i++) {
    int64_t a = c->lhs->dims[lhs.items[i]], b = c->rhs->dims[rhs.items[i]];
    if (!alpa_dim_agrees(a, b))
      return alpa_op_error(op,
                           "%s and %s must have the same sizes, got %" PRId64 " (lhs dimension %" PRId64
                           ") and %" PRId64 " (rhs dimension %" PRId64 ")",
                           lhs.name, rhs.name, a, lhs.items[i], b, rhs.items[i]);
  }
  return ALPA_OK;
}

static alpa_status check_contraction(const alpa_op *op, const contraction *c) {
  ALPA_TRY(alpa_check_dims(op, c->lhs_batch, c->lhs->rank));
  ALPA_TRY(alpa_check_dims(op, c->rhs_batch, c->rhs->rank));
  ALPA_TRY(alpa_check_dims(op, c->lhs_contract, c->lhs->rank));
  ALPA_TRY(alpa_check_dims(op, c->rhs_contract, c->rhs->rank));
  ALPA_TRY(alpa_check_disjoint(op, c->lhs_batch, c->lhs_contract));
  ALPA_TRY(alpa_check_disjoint(op, c->rhs_batch, c->rhs_contract));
  ALPA_TRY(check_pairs(op, c, c->lhs_batch, c->rhs_batch));
  return check_pairs(op, c, c->lhs_contract, c->rhs_contract);
}

static void push_free_dims(alpa_shape *shape, const alpa_type *type, alpa_dim_list batch, alpa_dim_list contract) {
  for (uint32_t d = 0; d < type->rank; d++)
    if (!alpa_dim_list_has(batch, d) && !alpa_dim_list_has(contract, d))
      alpa_shape_push(shape, type->dims[d]);
}

static alpa_status check_precision(const alpa_op *op, const alpa_attr *precision) {
  if (precision && precision->array.n > 2)
    return alpa_op_error(op, "expects precision_config to have at most 2 elements, got %zu", precision->array.n);
  return ALPA_OK;
}

/* The algorithms that hardware has: element types read, type summed in, and how many products make up one. */
static const struct {
  const char *from, *in;
  int64_t products;
} algorithms[] = {
    {"f16", "f16", 1},  {"f16", "f32", 1},  {"bf16", "bf16", 1}, {"bf16", "f32", 1},
    {"bf16", "f32", 3}, {"bf16", "f32", 6}, {"bf16", "f32", 9},  {"tf32", "f32", 1},
    {"tf32", "f32", 3}, {"f32", "f32", 1},  {"f64", "f64", 1},
};

static bool is_known_algorithm(const alpa_op *op, const alpa_attr *algorithm) {
  const char *types[3];
  for (int i = 0; i < 3; i++)
    types[i] = alpa_spell(op, alpa_attr_field(algorithm, i)->type);
  int64_t products = alpa_struct_int(algorithm, STABLEHLO_ALGORITHM_PRIMITIVES);
  if (alpa_struct_int(algorithm, STABLEHLO_ALGORITHM_LHS_COMPONENTS) != 1 ||
      alpa_struct_int(algorithm, STABLEHLO_ALGORITHM_RHS_COMPONENTS) != 1)
    return false;
  if (!strncmp(types[0], "f8", 2) && !strncmp(types[1], "f8", 2))
    return !strcmp(types[2], "f32") && products == 1;
  if (alpa_struct_int(algorithm, STABLEHLO_ALGORITHM_IMPRECISE))
    return false;
  for (size_t i = 0; i < countof(algorithms); i++)
    if (!strcmp(algorithms[i].from, types[0]) && !strcmp(algorithms[i].from, types[1]) &&
        !strcmp(algorithms[i].in, types[2]) && algorithms[i].products == products)
      return true;
  return false;
}

static alpa_status check_algorithm(const alpa_op *op, const alpa_attr *algorithm, const alpa_attr *precision) {
  if (!algorithm)
    return ALPA_OK;
  for (int i = STABLEHLO_ALGORITHM_LHS_COMPONENTS; i <= STABLEHLO_ALGORITHM_PRIMITIVES; i++)
    if (alpa_struct_int(algorithm, i) < 1)
      return alpa_op_error(op, "expects %s of algorithm to be at least 1, got %" PRId64, algorithm->def->fields[i].name,
                           alpa_struct_int(algorithm, i));
  for (size_t i = 0; precision && i < precision->array.n; i++)
    if (precision->array.items[i]->integer != STABLEHLO_DEFAULT)
      return alpa_op_error(op, "expects precision_config to be DEFAULT where an algorithm is given, got %s",
                           alpa_attr_case(precision->array.items[i]));
  if (!is_known_algorithm(op, algorithm))
    return alpa_op_error(op, "asks for an algorithm that no known hardware has");
  return ALPA_OK;
}

/* What a product of floats may not become: complex numbers stay complex, booleans come from nothing else. */
static alpa_status check_product_type(const alpa_op *op) {
  const alpa_type *lhs = alpa_op_operand_type(op, 0), *rhs = alpa_op_operand_type(op, 1), *to = alpa_op_type(op);
  if (lhs->element->kind != ALPA_TYPE_SCALAR || rhs->element->kind != ALPA_TYPE_SCALAR ||
      to->element->kind != ALPA_TYPE_SCALAR)
    return ALPA_OK; /* quantized */
  bool complex_in = alpa_type_class(lhs) == ALPA_CLASS_COMPLEX, complex_out = alpa_type_class(to) == ALPA_CLASS_COMPLEX;
  if (complex_in != (alpa_type_class(rhs) == ALPA_CLASS_COMPLEX) || complex_in != complex_out)
    return alpa_op_error(op, "expects operands and result to be all real or all complex, got '%s', '%s' and '%s'",
                         alpa_spell(op, lhs), alpa_spell(op, rhs), alpa_spell(op, to));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_dot_general(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_attr *numbers = op->attrs[stablehlo_dot_general_dot_dimension_numbers];
  contraction c = {
      .lhs = alpa_op_operand_type(op, 0),
      .rhs = alpa_op_operand_type(op, 1),
      .lhs_batch = alpa_dim_list_field(numbers, STABLEHLO_DOT_LHS_BATCHING),
      .rhs_batch = alpa_dim_list_field(numbers, STABLEHLO_DOT_RHS_BATCHING),
      .lhs_contract = alpa_dim_list_field(numbers, STABLEHLO_DOT_LHS_CONTRACTING),
      .rhs_contract = alpa_dim_list_field(numbers, STABLEHLO_DOT_RHS_CONTRACTING),
  };
  ALPA_TRY(check_contraction(op, &c));
  ALPA_TRY(check_precision(op, op->attrs[stablehlo_dot_general_precision_config]));
  ALPA_TRY(check_algorithm(op, op->attrs[stablehlo_dot_general_algorithm],
                           op->attrs[stablehlo_dot_general_precision_config]));
  ALPA_TRY(check_product_type(op));
  alpa_shape shape = {0};
  for (size_t i = 0; i < c.lhs_batch.n; i++)
    alpa_shape_push(&shape, c.lhs->dims[c.lhs_batch.items[i]]);
  push_free_dims(&shape, c.lhs, c.lhs_batch, c.lhs_contract);
  push_free_dims(&shape, c.rhs, c.rhs_batch, c.rhs_contract);
  return alpa_check_result_shape(op, &shape);
}

alpa_status alpa_stablehlo_verify_dot(alpa_op *op) {
  static const int64_t first[] = {0}, second[] = {1};
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *lhs = alpa_op_operand_type(op, 0), *rhs = alpa_op_operand_type(op, 1);
  if (lhs->rank < 1 || lhs->rank > 2 || rhs->rank < 1 || rhs->rank > 2)
    return alpa_op_error(op, "expects operands of rank 1 or 2, got '%s' and '%s'", alpa_spell(op, lhs),
                         alpa_spell(op, rhs));
  contraction c = {.lhs = lhs, .rhs = rhs};
  c.lhs_contract = (alpa_dim_list){"the last dimension of lhs", lhs->rank == 1 ? first : second, 1};
  c.rhs_contract = (alpa_dim_list){"the first dimension of rhs", first, 1};
  ALPA_TRY(check_pairs(op, &c, c.lhs_contract, c.rhs_contract));
  ALPA_TRY(check_precision(op, op->attrs[stablehlo_dot_precision_config]));
  ALPA_TRY(check_product_type(op));
  alpa_shape shape = {0};
  push_free_dims(&shape, lhs, c.lhs_batch, c.lhs_contract);
  push_free_dims(&shape, rhs, c.rhs_batch, c.rhs_contract);
  return alpa_check_result_shape(op, &shape);
}

/* "ab,bc->ac": as many parts before the arrow as operands, and an arrow. */
static alpa_status check_einsum(const alpa_op *op, const char *config, uint32_t n_operands) {
  const char *arrow = strstr(config, "->");
  uint32_t commas = 0;
  for (const char *at = config; arrow && at < arrow; at++)
    commas += *at == ',';
  if (!arrow || commas + 1 != n_operands)
    return alpa_op_error(op, "expects einsum_config to name the dimensions of %u operand%s and of the result, got '%s'",
                         n_operands, n_operands == 1 ? "" : "s", config);
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_einsum(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  return check_einsum(op, op->attrs[stablehlo_einsum_einsum_config]->string.data, 2);
}

alpa_status alpa_stablehlo_verify_unary_einsum(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  return check_einsum(op, op->attrs[stablehlo_unary_einsum_einsum_config]->string.data, 1);
}

static alpa_status check_square(const alpa_op *op, const alpa_type *type, const char *name) {
  ALPA_TRY(alpa_check_class(op, type, ALPA_IN_FLOAT | ALPA_IN_COMPLEX, name, "floats or complex numbers"));
  if (type->rank < 2 || !alpa_dim_agrees(type->dims[type->rank - 1], type->dims[type->rank - 2]))
    return alpa_op_error(op, "expects %s to hold square matrices in its last two dimensions, got '%s'", name,
                         alpa_spell(op, type));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_cholesky(alpa_op *op) {
  return check_square(op, alpa_op_operand_type(op, 0), "the operand");
}

alpa_status alpa_stablehlo_verify_triangular_solve(alpa_op *op) {
  const alpa_type *a = alpa_op_operand_type(op, 0), *b = alpa_op_operand_type(op, 1);
  ALPA_TRY(check_square(op, a, "a"));
  ALPA_TRY(alpa_check_same_element(op, a, "a", b, "b"));
  if (a->rank != b->rank)
    return alpa_op_error(op, "expects a and b to have the same rank, got '%s' and '%s'", alpa_spell(op, a),
                         alpa_spell(op, b));
  for (uint32_t d = 0; d + 2 < a->rank; d++)
    if (!alpa_dim_agrees(a->dims[d], b->dims[d]))
      return alpa_op_error(op, "expects a and b to have the same batch dimensions, got '%s' and '%s'",
                           alpa_spell(op, a), alpa_spell(op, b));
  bool left = alpa_op_int(op, stablehlo_triangular_solve_left_side, 0) != 0;
  uint32_t side = left ? b->rank - 2 : b->rank - 1;
  if (!alpa_dim_agrees(a->dims[a->rank - 1], b->dims[side]))
    return alpa_op_error(op,
                         "expects dimension %u of b to have the size of the matrices of a (%" PRId64
                         ", left_side = %s), got %" PRId64,
                         side, a->dims[a->rank - 1], left ? "true" : "false", b->dims[side]);
  if (op->attrs[stablehlo_triangular_solve_transpose_a]->integer == STABLEHLO_TRANSPOSE_INVALID)
    return alpa_op_error(op, "expects transpose_a to be NO_TRANSPOSE, TRANSPOSE or ADJOINT, got TRANSPOSE_INVALID");
  return ALPA_OK;
}

/* Element types that a transform reads, by ordinal. */
static const struct {
  uint32_t set;
  const char *classes;
} fft_reads[] = {
    [STABLEHLO_FFT] = {ALPA_IN_COMPLEX, "complex numbers"},
    [STABLEHLO_IFFT] = {ALPA_IN_COMPLEX, "complex numbers"},
    [STABLEHLO_RFFT] = {ALPA_IN_FLOAT, "floats"},
    [STABLEHLO_IRFFT] = {ALPA_IN_COMPLEX, "complex numbers"},
};

static alpa_status check_fft(const alpa_op *op, alpa_dim_list length, int64_t how) {
  const alpa_type *type = alpa_op_operand_type(op, 0);
  if (length.n < 1 || length.n > 3 || length.n > type->rank)
    return alpa_op_error(op,
                         "expects fft_length to have 1, 2 or 3 elements and no more than the operand has "
                         "dimensions (%u), got %zu",
                         type->rank, length.n);
  ALPA_TRY(alpa_check_at_least(op, length, 0));
  for (size_t i = 0; i < length.n; i++) {
    uint32_t d = type->rank - (uint32_t)(length.n - i);
    bool halved = how == STABLEHLO_IRFFT && i + 1 == length.n;
    int64_t expected = halved ? (length.items[i] > 0 ? length.items[i] / 2 + 1 : 0) : length.items[i];
    if (!alpa_dim_agrees(type->dims[d], expected))
      return alpa_op_error(
          op, "expects operand dimension %u to have size %" PRId64 " for an fft_length of %" PRId64 ", got %" PRId64, d,
          expected, length.items[i], type->dims[d]);
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_fft(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0);
  int64_t how = op->attrs[stablehlo_fft_fft_type]->integer;
  alpa_dim_list length = alpa_dim_list_of(op, stablehlo_fft_fft_length);
  ALPA_TRY(alpa_check_class(op, type, fft_reads[how].set, "the operand", fft_reads[how].classes));
  ALPA_TRY(check_fft(op, length, how));
  if (how == STABLEHLO_RFFT && type->dtype != ALPA_F32 && type->dtype != ALPA_F64)
    return alpa_op_error(op, "expects the operand to be a tensor of f32 or f64, got '%s'", alpa_spell(op, type));
  alpa_shape shape = alpa_shape_of(type);
  int64_t last = length.items[length.n - 1];
  alpa_dtype dtype = type->dtype;
  if (how == STABLEHLO_RFFT) {
    shape.dims[shape.rank - 1] = last > 0 ? last / 2 + 1 : 0;
    dtype = dtype == ALPA_F64 ? ALPA_C128 : ALPA_C64;
  } else if (how == STABLEHLO_IRFFT) {
    shape.dims[shape.rank - 1] = last;
    dtype = dtype == ALPA_C128 ? ALPA_F64 : ALPA_F32;
  }
  return alpa_infer_shape(op, out, alpa_type_with_dtype(alpa_op_context(op), type, dtype), &shape);
}
