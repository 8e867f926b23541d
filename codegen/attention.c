/* Recognising the parts of attention. */
#include "codegen/attention.h"

#include <string.h>

#include "codegen/monoid.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"
#include "support/hash.h"
#include "support/number.h"

enum { DEPTH = 12 }; /* of what is looked through between one part and the next */

static const alpa_attr *field(const alpa_op *dot, int ordinal) {
  return alpa_attr_field(alpa_op_attr(dot, stablehlo_dot_general_dot_dimension_numbers), ordinal);
}

/* ---- products ---- */

static bool contains(const int64_t *dims, size_t n, int64_t dim) {
  for (size_t i = 0; i < n; i++)
    if (dims[i] == dim)
      return true;
  return false;
}

/* The only dimension of an operand that is neither of the batch nor summed. */
static bool find_free(const alpa_type *type, const int64_t *batch, size_t n_batch, int64_t summed, uint32_t *out) {
  if (type->rank != n_batch + 2)
    return false;
  for (uint32_t d = 0; d < type->rank; d++)
    if ((int64_t)d != summed && !contains(batch, n_batch, d))
      *out = d;
  return true;
}

typedef struct dims {
  const int64_t *batch[2], *summed[2];
  size_t n_batch;
  uint32_t free[2];
} dims;

static bool find_dims(const alpa_op *dot, dims *out) {
  size_t n_summed;
  if (!stablehlo_is(dot, STABLEHLO_dot_general))
    return false;
  out->batch[0] = alpa_attr_i64s(field(dot, STABLEHLO_DOT_LHS_BATCHING), &out->n_batch);
  out->batch[1] = alpa_attr_i64s(field(dot, STABLEHLO_DOT_RHS_BATCHING), &out->n_batch);
  out->summed[0] = alpa_attr_i64s(field(dot, STABLEHLO_DOT_LHS_CONTRACTING), &n_summed);
  out->summed[1] = alpa_attr_i64s(field(dot, STABLEHLO_DOT_RHS_CONTRACTING), &n_summed);
  if (n_summed != 1)
    return false;
  for (uint32_t i = 0; i < 2; i++)
    if (!find_free(alpa_op_operand_type(dot, i), out->batch[i], out->n_batch, out->summed[i][0], &out->free[i]))
      return false;
  return true;
}

static bool has_fitting_types(const alpa_op *dot) {
  alpa_dtype dtype = alpa_op_operand_type(dot, 0)->dtype, result = alpa_op_type(dot)->dtype;
  bool known = dtype == ALPA_BF16 || dtype == ALPA_F16 || dtype == ALPA_F32;
  return known && alpa_op_operand_type(dot, 1)->dtype == dtype && (result == dtype || result == ALPA_F32);
}

bool alpa_scores_find_product(const alpa_op *dot, alpa_scores_side out_sides[2]) {
  dims d;
  if (!find_dims(dot, &d) || !has_fitting_types(dot))
    return false;
  for (uint32_t i = 0; i < 2; i++) {
    out_sides[i] = (alpa_scores_side){.line = d.free[i], .along = (uint32_t)d.summed[i][0]};
    for (size_t b = 0; b < d.n_batch; b++)
      out_sides[i].batch[b] = (uint32_t)d.batch[i][b];
  }
  return true;
}

bool alpa_scores_find_sum(const alpa_op *dot, uint32_t operand, alpa_scores_sum *out_sum) {
  dims d;
  if (!find_dims(dot, &d) || !has_fitting_types(dot))
    return false;
  const alpa_type *scores = alpa_op_operand_type(dot, operand);
  int64_t summed = d.summed[operand][0], m = (int64_t)scores->rank - 2;
  if (summed < m)
    return false;
  uint32_t other = 1 - operand, n_batch = (uint32_t)d.n_batch;
  *out_sum = (alpa_scores_sum){.over_m = summed == m,
                               .other = {.line = (uint32_t)d.summed[other][0], .along = d.free[other]},
                               .result = {.line = n_batch + operand, .along = n_batch + other}};
  for (uint32_t i = 0; i < n_batch; i++) {
    if (d.batch[operand][i] >= m)
      return false;
    out_sum->other.batch[d.batch[operand][i]] = (uint32_t)d.batch[other][i];
    out_sum->result.batch[d.batch[operand][i]] = i;
  }
  return true;
}

bool alpa_dot_asks_for_tf32(const alpa_op *dot) {
  const alpa_attr *algorithm =
      stablehlo_is(dot, STABLEHLO_dot_general) ? alpa_op_attr(dot, stablehlo_dot_general_algorithm) : NULL;
  if (!algorithm || alpa_attr_field(algorithm, STABLEHLO_ALGORITHM_PRIMITIVES)->integer != 1)
    return false;
  const alpa_type *type = alpa_attr_field(algorithm, STABLEHLO_ALGORITHM_LHS_TYPE)->type;
  return type->kind == ALPA_TYPE_OPAQUE && !strcmp(type->text, "tf32");
}

/* ---- softmax ---- */

bool alpa_scores_is_row_reduce(const alpa_op *op, alpa_reduction *out_reduction) {
  size_t n;
  if (!stablehlo_is(op, STABLEHLO_reduce) || op->n_results != 1 || alpa_op_type(op)->dtype != ALPA_F32)
    return false;
  const int64_t *reduced = alpa_op_i64s(op, stablehlo_reduce_dimensions, &n);
  if (n != 1 || reduced[0] + 1 != (int64_t)alpa_op_operand_type(op, 0)->rank ||
      !alpa_block_find_monoid(op->regions[0].first, out_reduction))
    return false;
  char identity[16];
  alpa_monoid_identity(*out_reduction, ALPA_F32, identity);
  const alpa_attr *start = alpa_value_find_constant(alpa_op_operand(op, 1));
  bool known = *out_reduction == ALPA_REDUCE_ADD || *out_reduction == ALPA_REDUCE_MAXIMUM;
  return known && start && memcmp(alpa_attr_element(start, 0), identity, sizeof(float)) == 0;
}

static bool is_row_reduce_of(const alpa_op *op, const alpa_value *value, alpa_reduction wanted) {
  alpa_reduction reduction;
  return alpa_scores_is_row_reduce(op, &reduction) && reduction == wanted && alpa_op_operand(op, 0) == value;
}

/* The maximum of x over n that a value for each row is made of. */
static alpa_op *find_max(const alpa_value *value, const alpa_value *x, uint32_t depth) {
  alpa_op *op = value->op, *found = NULL;
  if (!op || !depth || is_row_reduce_of(op, x, ALPA_REDUCE_MAXIMUM))
    return depth ? op : NULL;
  if (value->type->rank >= x->type->rank && alpa_type_count(value->type) == alpa_type_count(x->type) &&
      !stablehlo_is(op, STABLEHLO_broadcast_in_dim))
    return NULL;
  for (uint32_t i = 0; i < op->n_operands && !found; i++)
    found = find_max(alpa_op_operand(op, i), x, depth - 1);
  return found;
}

/* The value for each row that stands in every column; or NULL. */
static alpa_value *find_spread(const alpa_value *value) {
  const alpa_op *op = value->op;
  if (!op || !stablehlo_is(op, STABLEHLO_broadcast_in_dim))
    return NULL;
  alpa_value *row = alpa_op_operand(op, 0);
  while (row->op && (stablehlo_is(row->op, STABLEHLO_reshape) || stablehlo_is(row->op, STABLEHLO_broadcast_in_dim)))
    row = alpa_op_operand(row->op, 0);
  return row;
}

bool alpa_softmax_find(alpa_op *op, alpa_softmax *out) {
  if (!stablehlo_is(op, STABLEHLO_exponential) || alpa_op_type(op)->dtype != ALPA_F32)
    return false;
  const alpa_op *difference = alpa_op_operand(op, 0)->op;
  if (!difference || !stablehlo_is(difference, STABLEHLO_subtract))
    return false;
  const alpa_value *shift = alpa_op_operand(difference, 1);
  *out = (alpa_softmax){.weights = op};
  if (shift->op && stablehlo_is(shift->op, STABLEHLO_broadcast_in_dim))
    out->max = find_max(shift, alpa_op_operand(difference, 0), DEPTH);
  for (const alpa_use *use = op->results[0].uses; use; use = use->next) {
    if (is_row_reduce_of(use->owner, &op->results[0], ALPA_REDUCE_ADD))
      out->sum = use->owner;
  }
  for (const alpa_use *use = op->results[0].uses; use; use = use->next) {
    const alpa_value *by = stablehlo_is(use->owner, STABLEHLO_divide) && alpa_use_index(use) == 0
                               ? find_spread(alpa_op_operand(use->owner, 1))
                               : NULL;
    if (by && by->op && by->op == out->sum)
      out->normalised = use->owner;
  }
  return out->max != NULL;
}

/* ---- functions of the weights ---- */

static bool reaches(alpa_arena *arena, alpa_map *seen, const alpa_value *value, const alpa_op *on) {
  bool is_new = false;
  if (value->op == on)
    return true;
  if (value->op)
    alpa_map_insert(arena, seen, (uintptr_t)value->op, &is_new);
  for (uint32_t i = 0; is_new && i < value->op->n_operands; i++)
    if (reaches(arena, seen, alpa_op_operand(value->op, i), on))
      return true;
  return false;
}

/* Whether a value is computed from the result of an op of its block. */
static bool depends(const alpa_value *value, const alpa_op *on) {
  alpa_arena arena;
  alpa_map seen = {0};
  alpa_arena_init(&arena, &alpa_op_context(on)->memory);
  bool result = reaches(&arena, &seen, value, on);
  alpa_arena_deinit(&arena);
  return result;
}

static bool is_zero(const alpa_value *value) {
  const alpa_op *op = value->op;
  if (op && stablehlo_is(op, STABLEHLO_broadcast_in_dim))
    return is_zero(alpa_op_operand(op, 0));
  const alpa_attr *constant = alpa_value_find_constant(value);
  if (!constant || !constant->elements.splat)
    return false;
  const char *bytes = constant->elements.data;
  for (uint32_t i = 0; i < alpa_dtype_get_info(value->type->dtype)->bytes; i++)
    if (bytes[i])
      return false;
  return true;
}

static bool scales(const alpa_softmax *s, const alpa_value *value, bool *out_normalised, uint32_t depth) {
  const alpa_op *op = value->op;
  if (!op || !depth)
    return false;
  if (op == s->weights || op == s->normalised) {
    *out_normalised = op == s->normalised;
    return true;
  }
  if (stablehlo_is(op, STABLEHLO_convert) || stablehlo_is(op, STABLEHLO_negate))
    return scales(s, alpa_op_operand(op, 0), out_normalised, depth - 1);
  bool divides = stablehlo_is(op, STABLEHLO_divide);
  for (uint32_t i = 0; i < 2 && (divides || stablehlo_is(op, STABLEHLO_multiply)); i++)
    if (scales(s, alpa_op_operand(op, i), out_normalised, depth - 1))
      return !(divides && i == 1) && !depends(alpa_op_operand(op, 1 - i), s->max);
  if (!stablehlo_is(op, STABLEHLO_select) || depends(alpa_op_operand(op, 0), s->max))
    return false;
  for (uint32_t i = 1; i < 3; i++)
    if (scales(s, alpa_op_operand(op, i), out_normalised, depth - 1))
      return is_zero(alpa_op_operand(op, 3 - i));
  return false;
}

bool alpa_softmax_scales(const alpa_softmax *softmax, const alpa_value *value, bool *out_normalised) {
  return scales(softmax, value, out_normalised, DEPTH);
}

static bool vanishes(const alpa_op *weights, const alpa_value *value, uint32_t depth) {
  const alpa_op *op = value->op;
  if (op == weights || is_zero(value))
    return true;
  if (!op || !depth)
    return false;
  bool zero[3] = {false};
  for (uint32_t i = 0; i < op->n_operands && i < 3; i++)
    zero[i] = vanishes(weights, alpa_op_operand(op, i), depth - 1);
  if (stablehlo_is(op, STABLEHLO_multiply))
    return zero[0] || zero[1];
  if (stablehlo_is(op, STABLEHLO_add) || stablehlo_is(op, STABLEHLO_subtract))
    return zero[0] && zero[1];
  if (stablehlo_is(op, STABLEHLO_select))
    return zero[1] && zero[2];
  return zero[0] && (stablehlo_is(op, STABLEHLO_divide) || stablehlo_is(op, STABLEHLO_convert) ||
                     stablehlo_is(op, STABLEHLO_negate));
}

bool alpa_softmax_vanishes(const alpa_op *weights, const alpa_value *value) { return vanishes(weights, value, DEPTH); }

/* ---- masks ---- */

/* A value as m * by_m + n * by_n + constant. */
typedef struct affine {
  int64_t by_m, by_n, constant;
} affine;

enum { OF_M = 1, OF_N = 2 };

/* places: for each dimension of the value, whether it is the one of m or of n. */
static bool find_affine(const alpa_value *value, const uint8_t *places, affine *out, uint32_t depth) {
  const alpa_op *op = value->op;
  const alpa_attr *constant = alpa_value_find_constant(value);
  if (!op || !depth || alpa_type_class(value->type) == ALPA_CLASS_FLOAT)
    return false;
  if (constant && constant->elements.splat) {
    *out = (affine){.constant = alpa_integer_load(value->type->dtype, constant->elements.data)};
    return true;
  }
  if (stablehlo_is(op, STABLEHLO_iota)) {
    uint8_t place = places[alpa_op_int(op, stablehlo_iota_iota_dimension, 0)];
    *out = (affine){.by_m = place == OF_M, .by_n = place == OF_N};
    return place != 0;
  }
  if (stablehlo_is(op, STABLEHLO_broadcast_in_dim)) {
    const alpa_type *from = alpa_op_operand_type(op, 0);
    uint8_t inside[ALPA_MAX_RANK] = {0};
    size_t n;
    const int64_t *at = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
    for (uint32_t d = 0; d < from->rank; d++)
      inside[d] = from->dims[d] == 1 ? 0 : places[at[d]];
    return find_affine(alpa_op_operand(op, 0), inside, out, depth - 1);
  }
  if (stablehlo_is(op, STABLEHLO_convert))
    return find_affine(alpa_op_operand(op, 0), places, out, depth - 1);
  affine a, b;
  int64_t sign = stablehlo_is(op, STABLEHLO_add) ? 1 : stablehlo_is(op, STABLEHLO_subtract) ? -1 : 0;
  if (!sign || !find_affine(alpa_op_operand(op, 0), places, &a, depth - 1) ||
      !find_affine(alpa_op_operand(op, 1), places, &b, depth - 1))
    return false;
  *out = (affine){a.by_m + sign * b.by_m, a.by_n + sign * b.by_n, a.constant + sign * b.constant};
  return true;
}

/* The predicate is false (or, negated, true) at least wherever n > m + offset; everywhere else it is the opposite if
 * the bound is exact. */
static bool find_bound(const alpa_value *value, const uint8_t *places, bool negated, alpa_scores_mask *out,
                       uint32_t depth) {
  const alpa_op *op = value->op;
  if (!op || !depth)
    return false;
  if (stablehlo_is(op, STABLEHLO_broadcast_in_dim)) {
    uint8_t inside[ALPA_MAX_RANK] = {0};
    size_t n;
    const int64_t *at = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
    for (size_t d = 0; d < n; d++)
      inside[d] = alpa_op_operand_type(op, 0)->dims[d] == 1 ? 0 : places[at[d]];
    return find_bound(alpa_op_operand(op, 0), inside, negated, out, depth - 1);
  }
  if (stablehlo_is(op, STABLEHLO_not))
    return find_bound(alpa_op_operand(op, 0), places, !negated, out, depth - 1);
  if (stablehlo_is(op, negated ? STABLEHLO_or : STABLEHLO_and)) {
    out->is_exact = false;
    return find_bound(alpa_op_operand(op, 0), places, negated, out, depth - 1) ||
           find_bound(alpa_op_operand(op, 1), places, negated, out, depth - 1);
  }
  if (stablehlo_is(op, STABLEHLO_select)) /* of true and false */
    return !is_zero(alpa_op_operand(op, 1)) && alpa_value_find_constant(alpa_op_operand(op, 1)) &&
           alpa_value_find_constant(alpa_op_operand(op, 1))->elements.splat && is_zero(alpa_op_operand(op, 2)) &&
           find_bound(alpa_op_operand(op, 0), places, negated, out, depth - 1);
  affine a, b;
  if (!stablehlo_is(op, STABLEHLO_compare) || !find_affine(alpa_op_operand(op, 0), places, &a, DEPTH) ||
      !find_affine(alpa_op_operand(op, 1), places, &b, DEPTH))
    return false;
  int64_t direction = alpa_op_attr(op, stablehlo_compare_comparison_direction)->integer;
  bool less = direction == STABLEHLO_LT || direction == STABLEHLO_LE;
  bool or_equal = direction == STABLEHLO_LE || direction == STABLEHLO_GE;
  if (direction == STABLEHLO_EQ || direction == STABLEHLO_NE)
    return false;
  if (negated) { /* where the comparison does not hold */
    less = !less;
    or_equal = !or_equal;
  }
  affine keep = less ? (affine){b.by_m - a.by_m, b.by_n - a.by_n, b.constant - a.constant}
                     : (affine){a.by_m - b.by_m, a.by_n - b.by_n, a.constant - b.constant};
  out->offset = keep.constant - !or_equal; /* kept where m - n + constant >= 0 */
  return keep.by_m == 1 && keep.by_n == -1;
}

bool alpa_scores_find_mask(const alpa_value *x, alpa_scores_mask *out) {
  while (x->op && stablehlo_is(x->op, STABLEHLO_convert))
    x = alpa_op_operand(x->op, 0);
  if (!x->op || !stablehlo_is(x->op, STABLEHLO_select) || alpa_op_operand_type(x->op, 0)->rank != x->type->rank)
    return false;
  uint8_t places[ALPA_MAX_RANK] = {0};
  places[x->type->rank - 2] = OF_M;
  places[x->type->rank - 1] = OF_N;
  for (uint32_t i = 1; i < 3; i++) {
    alpa_value *fill = alpa_op_operand(x->op, i);
    const alpa_attr *constant = alpa_value_find_constant(fill);
    if (!constant || !constant->elements.splat)
      continue;
    *out = (alpa_scores_mask){.fill = fill, .predicate = alpa_op_operand(x->op, 0), .is_exact = true, .keeps = i == 2};
    return find_bound(out->predicate, places, i == 1, out, DEPTH);
  }
  return false;
}
