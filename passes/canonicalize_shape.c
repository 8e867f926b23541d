/* Folds of ops that move data: chains of the same op become one, moves of one repeated element a constant, moves that
 * move nothing disappear, and a transposition in front of a contraction becomes part of its dimension numbers. */
#include "passes/canonicalize.h"

#include <string.h>

static alpa_value *source(const alpa_op *op) { return alpa_op_operand(op, 0); }

/* Ops with one source, whose result has elements of the source only. */
static bool fold_splat(alpa_rewriter *rewriter, alpa_op *op) {
  const alpa_attr *splat = alpa_value_find_splat(source(op));
  const alpa_type *type = alpa_op_type(op);
  if (!splat || !alpa_type_is_static_tensor(type) || type->dtype != splat->type->dtype)
    return false;
  return alpa_rewriter_replace_constant(rewriter, op, alpa_constant_respread(alpa_op_context(op), type, splat));
}

/* The same kind of op on another source with another array of numbers as its only attribute. */
static bool replace_move(alpa_rewriter *rewriter, alpa_op *op, alpa_value *operand, const int64_t *numbers, size_t n) {
  const alpa_attr *attrs[] = {alpa_attr_get_i64s(alpa_op_context(op), numbers, n)};
  const alpa_type *type = alpa_op_type(op);
  return alpa_rewriter_replace_op(
      rewriter, op,
      &(alpa_op_state){
          .def = op->def, .operands = &operand, .n_operands = 1, .attrs = attrs, .results = &type, .n_results = 1});
}

static bool is_iota(const int64_t *numbers, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (numbers[i] != (int64_t)i)
      return false;
  return true;
}

static int64_t *new_numbers(alpa_rewriter *rewriter, size_t n) {
  return alpa_arena_new(alpa_rewriter_arena(rewriter), int64_t, n);
}

static bool broadcast_scalar(alpa_rewriter *rewriter, alpa_op *op, alpa_value *scalar) {
  const alpa_attr *attrs[] = {alpa_attr_get_i64s(alpa_op_context(op), NULL, 0)};
  const alpa_type *type = alpa_op_type(op);
  return alpa_rewriter_replace_op(rewriter, op,
                                  &(alpa_op_state){.def = &alpa_stablehlo_ops[STABLEHLO_broadcast_in_dim],
                                                   .operands = &scalar,
                                                   .n_operands = 1,
                                                   .attrs = attrs,
                                                   .results = &type,
                                                   .n_results = 1});
}

/* A move of copies of one scalar makes copies of it. */
static bool fold_scalar_copies(alpa_rewriter *rewriter, alpa_op *op) {
  alpa_op *inner = alpa_value_find_stablehlo(source(op), STABLEHLO_broadcast_in_dim);
  return inner && alpa_type_is_scalar_tensor(source(inner)->type) && broadcast_scalar(rewriter, op, source(inner));
}

/* ---- one source ---- */

bool alpa_fold_reshape(alpa_rewriter *rewriter, alpa_op *op) {
  if (source(op)->type == alpa_op_type(op))
    return alpa_rewriter_replace_one(rewriter, op, source(op));
  if (fold_splat(rewriter, op) || fold_scalar_copies(rewriter, op))
    return true;
  alpa_op *inner = alpa_value_find_stablehlo(source(op), STABLEHLO_reshape);
  if (!inner)
    return false;
  alpa_value *operand = source(inner);
  const alpa_type *type = alpa_op_type(op);
  return alpa_rewriter_replace_op(
      rewriter, op,
      &(alpa_op_state){.def = op->def, .operands = &operand, .n_operands = 1, .results = &type, .n_results = 1});
}

bool alpa_fold_broadcast_in_dim(alpa_rewriter *rewriter, alpa_op *op) {
  size_t n, n_inner;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
  if (source(op)->type == alpa_op_type(op) && is_iota(dims, n))
    return alpa_rewriter_replace_one(rewriter, op, source(op));
  if (fold_splat(rewriter, op))
    return true;
  alpa_op *inner = alpa_value_find_stablehlo(source(op), STABLEHLO_broadcast_in_dim);
  if (!inner)
    return false;
  const int64_t *inner_dims = alpa_op_i64s(inner, stablehlo_broadcast_in_dim_broadcast_dimensions, &n_inner);
  int64_t *composed = new_numbers(rewriter, n_inner);
  for (size_t i = 0; i < n_inner; i++)
    composed[i] = dims[inner_dims[i]];
  return replace_move(rewriter, op, source(inner), composed, n_inner);
}

bool alpa_fold_transpose(alpa_rewriter *rewriter, alpa_op *op) {
  size_t n;
  const int64_t *permutation = alpa_op_i64s(op, stablehlo_transpose_permutation, &n);
  if (is_iota(permutation, n))
    return alpa_rewriter_replace_one(rewriter, op, source(op));
  if (fold_splat(rewriter, op) || fold_scalar_copies(rewriter, op))
    return true;
  alpa_op *inner = alpa_value_find_stablehlo(source(op), STABLEHLO_transpose);
  if (!inner)
    return false;
  const int64_t *inner_permutation = alpa_op_i64s(inner, stablehlo_transpose_permutation, &n);
  int64_t *composed = new_numbers(rewriter, n);
  for (size_t i = 0; i < n; i++)
    composed[i] = inner_permutation[permutation[i]];
  return replace_move(rewriter, op, source(inner), composed, n);
}

/* ---- boxes ---- */

static alpa_box slice_box(const alpa_op *op) {
  alpa_box b;
  b.start = alpa_op_i64s(op, stablehlo_slice_start_indices, &b.n);
  b.limit = alpa_op_i64s(op, stablehlo_slice_limit_indices, &b.n);
  b.stride = alpa_op_i64s(op, stablehlo_slice_strides, &b.n);
  return b;
}

alpa_value *alpa_rewriter_build_slice(alpa_rewriter *rewriter, alpa_op *at, alpa_value *operand, const alpa_box *b) {
  alpa_context *ctx = alpa_op_context(at);
  const alpa_attr *attrs[stablehlo_slice_attr_count] = {
      [stablehlo_slice_start_indices] = alpa_attr_get_i64s(ctx, b->start, b->n),
      [stablehlo_slice_limit_indices] = alpa_attr_get_i64s(ctx, b->limit, b->n),
      [stablehlo_slice_strides] = alpa_attr_get_i64s(ctx, b->stride, b->n)};
  return alpa_rewriter_build(
      rewriter, at,
      &(alpa_op_state){
          .def = &alpa_stablehlo_ops[STABLEHLO_slice], .operands = &operand, .n_operands = 1, .attrs = attrs});
}

/* The slice of a concatenation that lies within one part becomes a slice of that part. */
static bool slice_part(alpa_rewriter *rewriter, alpa_op *op, const alpa_op *concatenate) {
  size_t dim = (size_t)alpa_op_int(concatenate, stablehlo_concatenate_dimension, 0);
  alpa_box b = slice_box(op);
  int64_t before = 0;
  for (uint32_t i = 0; i < concatenate->n_operands; i++) {
    alpa_value *part = alpa_op_operand(concatenate, i);
    if (!alpa_type_is_static_tensor(part->type))
      return false;
    int64_t size = part->type->dims[dim];
    if (b.start[dim] >= before && b.limit[dim] <= before + size) {
      int64_t *start = new_numbers(rewriter, b.n), *limit = new_numbers(rewriter, b.n);
      memcpy(start, b.start, b.n * sizeof *start);
      memcpy(limit, b.limit, b.n * sizeof *limit);
      start[dim] -= before;
      limit[dim] -= before;
      return alpa_rewriter_replace_one(
          rewriter, op, alpa_rewriter_build_slice(rewriter, op, part, &(alpa_box){start, limit, b.stride, b.n}));
    }
    before += size;
  }
  return false;
}

static bool slice_slice(alpa_rewriter *rewriter, alpa_op *op, const alpa_op *inner) {
  alpa_box a = slice_box(inner), b = slice_box(op);
  int64_t *start = new_numbers(rewriter, b.n), *limit = new_numbers(rewriter, b.n),
          *stride = new_numbers(rewriter, b.n);
  for (size_t i = 0; i < b.n; i++) {
    int64_t size = alpa_op_type(op)->dims[i];
    start[i] = a.start[i] + b.start[i] * a.stride[i];
    stride[i] = a.stride[i] * b.stride[i];
    limit[i] = size ? start[i] + (size - 1) * stride[i] + 1 : start[i];
  }
  return alpa_rewriter_replace_one(
      rewriter, op, alpa_rewriter_build_slice(rewriter, op, source(inner), &(alpa_box){start, limit, stride, b.n}));
}

bool alpa_fold_slice(alpa_rewriter *rewriter, alpa_op *op) {
  if (!alpa_type_is_static_tensor(alpa_op_type(op)) || !alpa_type_is_static_tensor(source(op)->type))
    return false;
  if (source(op)->type == alpa_op_type(op))
    return alpa_rewriter_replace_one(rewriter, op, source(op));
  if (fold_splat(rewriter, op) || fold_scalar_copies(rewriter, op))
    return true;
  alpa_op *inner = alpa_value_find_stablehlo(source(op), STABLEHLO_slice);
  if (inner)
    return slice_slice(rewriter, op, inner);
  inner = alpa_value_find_stablehlo(source(op), STABLEHLO_concatenate);
  return inner && slice_part(rewriter, op, inner);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

bool alpa_fold_dynamic_slice(alpa_rewriter *rewriter, alpa_op *op) {
  if (!alpa_type_is_static_tensor(alpa_op_type(op)) || !alpa_type_is_static_tensor(source(op)->type))
    return false;
  if (source(op)->type == alpa_op_type(op))
    return alpa_rewriter_replace_one(rewriter, op, source(op));
  if (fold_splat(rewriter, op) || fold_scalar_copies(rewriter, op))
    return true;
  size_t n;
  const int64_t *sizes = alpa_op_i64s(op, stablehlo_dynamic_slice_slice_sizes, &n);
  int64_t *start = new_numbers(rewriter, n), *limit = new_numbers(rewriter, n), *stride = new_numbers(rewriter, n);
  for (size_t i = 0; i < n; i++) {
    int64_t index = 0, room = source(op)->type->dims[i] - sizes[i];
    if (room > 0 && !alpa_value_find_integer(alpa_op_operand(op, (uint32_t)i + 1), &index))
      return false;
    start[i] = clamp(index, 0, room);
    limit[i] = start[i] + sizes[i];
    stride[i] = 1;
  }
  return alpa_rewriter_replace_one(
      rewriter, op, alpa_rewriter_build_slice(rewriter, op, source(op), &(alpa_box){start, limit, stride, n}));
}

bool alpa_fold_pad(alpa_rewriter *rewriter, alpa_op *op) {
  static const int ordinals[] = {stablehlo_pad_edge_padding_low, stablehlo_pad_edge_padding_high,
                                 stablehlo_pad_interior_padding};
  const alpa_attr *filler = alpa_value_find_splat(alpa_op_operand(op, 1)), *splat = alpa_value_find_splat(source(op));
  if (filler && splat &&
      alpa_constant_respread(alpa_op_context(op), filler->type, splat) == filler) /* the same element everywhere */
    return fold_splat(rewriter, op);
  for (size_t k = 0; k < countof(ordinals); k++) {
    size_t n;
    const int64_t *amounts = alpa_op_i64s(op, ordinals[k], &n);
    for (size_t i = 0; i < n; i++)
      if (amounts[i] != 0)
        return false;
  }
  return alpa_rewriter_replace_one(rewriter, op, source(op));
}

/* ---- concatenation ---- */

static bool are_equal_splats(const alpa_op *op) {
  const alpa_attr *first = alpa_value_find_splat(source(op));
  for (uint32_t i = 1; first && i < op->n_operands; i++) {
    const alpa_attr *other = alpa_value_find_splat(alpa_op_operand(op, i));
    if (!other || alpa_constant_respread(alpa_op_context(op), first->type, other) != first)
      return false;
  }
  return first != NULL;
}

/* Parts that are concatenations along the same dimension themselves become parts; empty parts disappear. */
bool alpa_fold_concatenate(alpa_rewriter *rewriter, alpa_op *op) {
  size_t dim = (size_t)alpa_op_int(op, stablehlo_concatenate_dimension, 0);
  if (op->n_operands == 1)
    return alpa_rewriter_replace_one(rewriter, op, source(op));
  if (op->n_operands == 0 || !alpa_type_is_static_tensor(alpa_op_type(op)))
    return false;
  if (are_equal_splats(op))
    return fold_splat(rewriter, op);
  ALPA_VEC(alpa_value *) parts = {0};
  alpa_arena *arena = alpa_rewriter_arena(rewriter);
  bool changed = false;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    alpa_value *part = alpa_op_operand(op, i);
    alpa_op *inner = alpa_value_find_stablehlo(part, STABLEHLO_concatenate);
    bool nests = inner && alpa_value_has_one_use(part) && inner->attrs[0] == op->attrs[0];
    bool empty = alpa_type_is_static_tensor(part->type) && part->type->dims[dim] == 0 && op->n_operands > 1;
    changed |= nests || empty;
    for (uint32_t k = 0; nests && k < inner->n_operands; k++)
      alpa_vec_push(arena, &parts, alpa_op_operand(inner, k));
    if (!nests && !empty)
      alpa_vec_push(arena, &parts, part);
  }
  if (!changed || parts.n == 0)
    return false;
  const alpa_type *type = alpa_op_type(op);
  return alpa_rewriter_replace_op(rewriter, op,
                                  &(alpa_op_state){.def = op->def,
                                                   .operands = parts.items,
                                                   .n_operands = parts.n,
                                                   .attrs = op->attrs,
                                                   .results = &type,
                                                   .n_results = 1});
}

/* ---- contraction ---- */

static bool contains(const int64_t *numbers, size_t n, int64_t number) {
  for (size_t i = 0; i < n; i++)
    if (numbers[i] == number)
      return true;
  return false;
}

/* The dimension numbers of one operand, batching and contracting, behind its transposition; false where the operand's
 * free dimensions would come in another order. */
static bool absorb(alpa_rewriter *rewriter, const alpa_op *transpose, const int fields[2], const alpa_attr **numbers) {
  size_t n, n_listed[2];
  const int64_t *permutation = alpa_op_i64s(transpose, stablehlo_transpose_permutation, &n), *listed[2];
  for (int k = 0; k < 2; k++)
    listed[k] = alpa_attr_i64s(numbers[fields[k]], &n_listed[k]);
  int64_t last_free = -1;
  for (size_t i = 0; i < n; i++) {
    if (contains(listed[0], n_listed[0], (int64_t)i) || contains(listed[1], n_listed[1], (int64_t)i))
      continue;
    if (permutation[i] < last_free)
      return false;
    last_free = permutation[i];
  }
  for (int k = 0; k < 2; k++) {
    if (n_listed[k] == 0)
      continue;
    int64_t *mapped = new_numbers(rewriter, n_listed[k]);
    for (size_t i = 0; i < n_listed[k]; i++)
      mapped[i] = permutation[listed[k][i]];
    numbers[fields[k]] = alpa_attr_get_i64s(alpa_op_context(transpose), mapped, n_listed[k]);
  }
  return true;
}

bool alpa_fold_dot_general(alpa_rewriter *rewriter, alpa_op *op) {
  static const int fields[2][2] = {{STABLEHLO_DOT_LHS_BATCHING, STABLEHLO_DOT_LHS_CONTRACTING},
                                   {STABLEHLO_DOT_RHS_BATCHING, STABLEHLO_DOT_RHS_CONTRACTING}};
  const alpa_attr *dims = alpa_op_attr(op, stablehlo_dot_general_dot_dimension_numbers), *numbers[4];
  for (int i = 0; i < 4; i++)
    numbers[i] = alpa_attr_field(dims, i);
  bool changed = false;
  for (uint32_t side = 0; side < 2; side++) {
    alpa_op *transpose = alpa_value_find_stablehlo(alpa_op_operand(op, side), STABLEHLO_transpose);
    if (!transpose || !absorb(rewriter, transpose, fields[side], numbers))
      continue;
    alpa_op_set_operand(op, side, source(transpose));
    if (!alpa_op_result(transpose, 0)->uses)
      (void)alpa_rewriter_revisit(rewriter, transpose);
    changed = true;
  }
  if (!changed)
    return false;
  op->attrs[stablehlo_dot_general_dot_dimension_numbers] =
      alpa_attr_get_struct(alpa_op_context(op), dims->def, numbers);
  return alpa_rewriter_revisit(rewriter, op);
}
