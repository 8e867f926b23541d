/* Contractions as products: strides become places, and stores go through the epilogue. */
#include "codegen/ptx/contraction.h"

#include "codegen/llvm/contraction_kernels.h"
#include "codegen/ptx/product.h"

typedef LLVMValueRef V;

bool alpa_ptx_contraction_fits(const alpa_contraction *c) { return alpa_dtype_get_info(c->accumulator)->bits >= 32; }

static void locate(alpa_lower *lower, const alpa_ptx_product *product, const alpa_ptx_matrix *matrix, V b, V row, V k,
                   V *out_offset, V *out_exists) {
  const alpa_contraction *c = product->user;
  bool left = matrix == &product->lhs;
  alpa_contraction_side side = left ? ALPA_SIDE_LHS : ALPA_SIDE_RHS;
  V offset = alpa_contraction_offset(lower, &c->b, b, side);
  offset = LLVMBuildAdd(lower->builder, offset, alpa_contraction_offset(lower, left ? &c->m : &c->n, row, side), "");
  *out_offset = LLVMBuildAdd(lower->builder, offset, alpa_contraction_offset(lower, &c->k, k, side), "");
  *out_exists = NULL;
}

static void store(alpa_lower *lower, const alpa_ptx_product *product, V b, V m, V n, V value) {
  const alpa_contraction *c = product->user;
  alpa_contraction_point point = {
      .b = b, .m = m, .n = n, .lanes = product->lanes, .multiple = product->lanes > 1 ? product->lanes : 0};
  c->store(lower, c, &point, value);
}

/* ---- accesses of several elements ---- */

static bool is_dense(const alpa_contraction_dims *list, alpa_contraction_side side) {
  return list->n && alpa_contraction_stride(&list->dims[list->n - 1], side) == 1;
}

/* The largest power of two, at most 16 bytes, that divides every offset with a last index of the dense list that is a
 * multiple of it. */
static uint32_t vector_of(const alpa_contraction *c, alpa_contraction_side side, const alpa_contraction_dims *dense,
                          const alpa_contraction_dims *other) {
  uint32_t bytes = alpa_dtype_get_info(alpa_contraction_dtype(c, side))->bytes;
  int64_t bits =
      (side == ALPA_SIDE_LHS ? c->lhs_offset : c->rhs_offset) | dense->dims[dense->n - 1].extent | 16 / bytes;
  const alpa_contraction_dims *lists[] = {&c->b, dense, other};
  for (size_t i = 0; i < countof(lists); i++)
    for (uint32_t d = 0; d < lists[i]->n; d++)
      if (lists[i] != dense || d + 1 < dense->n)
        bits |= alpa_contraction_stride(&lists[i]->dims[d], side);
  return (uint32_t)(bits & -bits);
}

/* One dimension of rows, one of k, at most three of b. */
static void set_map(const alpa_contraction *c, alpa_contraction_side side, alpa_ptx_matrix *matrix) {
  const alpa_contraction_dims *rows = side == ALPA_SIDE_LHS ? &c->m : &c->n;
  uint32_t bytes = alpa_dtype_get_info(matrix->dtype)->bytes;
  if (rows->n != 1 || c->k.n != 1 || c->b.n + 2 > ALPA_TENSOR_MAP_RANK || matrix->vector * bytes < 16)
    return;
  bool k_major = matrix->major == ALPA_PTX_K_MAJOR;
  const alpa_contraction_dim *dims[ALPA_TENSOR_MAP_RANK] = {k_major ? &c->k.dims[0] : &rows->dims[0],
                                                            k_major ? &rows->dims[0] : &c->k.dims[0]};
  for (uint32_t i = 0; i < c->b.n; i++)
    dims[2 + i] = &c->b.dims[c->b.n - 1 - i];
  matrix->map = (alpa_image_tensor_map){.ref = matrix->operand,
                                        .offset = (side == ALPA_SIDE_LHS ? c->lhs_offset : c->rhs_offset) * bytes,
                                        .dtype = matrix->dtype,
                                        .rank = c->b.n + 2};
  for (uint32_t d = 0; d < matrix->map.rank; d++) {
    matrix->map.dims[d] = dims[d]->extent;
    matrix->map.strides[d] = alpa_contraction_stride(dims[d], side) * bytes;
    if (matrix->map.strides[d] <= 0) /* a broadcast, or read backwards */
      matrix->map.rank = 0;
  }
}

static alpa_ptx_matrix matrix_of(const alpa_contraction *c, alpa_contraction_side side) {
  bool left = side == ALPA_SIDE_LHS;
  const alpa_contraction_dims *rows = left ? &c->m : &c->n;
  alpa_ptx_matrix matrix = {.dtype = alpa_contraction_dtype(c, side),
                            .operand = left ? c->lhs_operand : c->rhs_operand,
                            .rows = rows->count,
                            .vector = 1,
                            .locate = locate};
  if (is_dense(&c->k, side)) {
    matrix.vector = vector_of(c, side, &c->k, rows);
  } else if (is_dense(rows, side)) {
    matrix.major = ALPA_PTX_ROW_MAJOR;
    matrix.vector = vector_of(c, side, rows, &c->k);
  }
  set_map(c, side, &matrix);
  return matrix;
}

/* Lanes of a store run along the last dimension of n. */
static uint32_t lanes_of(const alpa_contraction *c) {
  uint32_t lanes = 4;
  while (lanes > 1 && (!c->n.n || c->n.dims[c->n.n - 1].extent % lanes))
    lanes /= 2;
  return lanes;
}

static alpa_ptx_product product_of(const alpa_contraction *c) {
  return (alpa_ptx_product){.b = c->b.count,
                            .m = c->m.count,
                            .n = c->n.count,
                            .k = c->k.count,
                            .lhs = matrix_of(c, ALPA_SIDE_LHS),
                            .rhs = matrix_of(c, ALPA_SIDE_RHS),
                            .accumulator = c->accumulator,
                            .tf32 = c->tf32,
                            .lanes = lanes_of(c),
                            .store = store,
                            .user = c};
}

void alpa_ptx_contraction_schedule(alpa_lower *lower, const alpa_contraction *c) {
  alpa_ptx_product product = product_of(c);
  alpa_ptx_product_schedule(lower, &product);
}

void alpa_ptx_contraction_emit(alpa_lower *lower, const alpa_contraction *c, uint32_t phase) {
  alpa_ptx_product product = product_of(c);
  alpa_ptx_product_emit(lower, &product, phase);
}
