/* Sums along the rows of scores that need no scores.
 *
 * A backward pass sums  r[m] = sum over n of f(dp[m, n]) * p[m, n] * c[m]  with  dp[m, n] = sum over d of g[m, d] *
 * v[n, d].  Where the forward pass has  o[m, d] = sum over n of f(p[m, n]) * v[n, d], and f only multiplies (dropout),
 * r[m] = c[m] * sum over d of g[m, d] * o[m, d]  (Dao, 2023, section 3, of Rabe and Staats' derivation). */
#include "codegen/fuse/attention.h"

#include "codegen/layout.h"
#include "dialects/ir/builder.h"
#include "dialects/ir/clone.h"
#include "dialects/ir/context.h"
#include "dialects/stablehlo/stablehlo.h"

enum { MOST_FACTORS = 8, MOST_LINKS = 8 };

/* What a product of scores multiplies. */
typedef struct factors {
  const alpa_op *dot; /* of dp */
  bool has_weights, normalised;
  const void *masks[MOST_FACTORS]; /* f: predicates of selections and values of all scores, by identity */
  uint32_t n_masks;
  alpa_value *rows[MOST_FACTORS]; /* c */
  bool divides[MOST_FACTORS];
  uint32_t n_rows;
} factors;

/* ---- model ---- */

static alpa_value *find_row(const fuse_region *r, const alpa_value *value) {
  const alpa_op *op = value->op;
  if (!op || !stablehlo_is(op, STABLEHLO_broadcast_in_dim))
    return NULL;
  alpa_value *row = alpa_op_operand(op, 0);
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n);
  for (size_t d = 0; d < n; d++)
    if (row->type->dims[d] != 1 && (dims[d] != (int64_t)d || d + 1 >= r->type->rank))
      return NULL;
  return alpa_type_count(row->type) * r->type->dims[r->type->rank - 1] == alpa_type_count(r->type) ? row : NULL;
}

static bool add_row(factors *f, alpa_value *row, bool divides) {
  if (f->n_rows == MOST_FACTORS)
    return false;
  f->divides[f->n_rows] = divides;
  f->rows[f->n_rows++] = row;
  return true;
}

static bool add_mask(factors *f, const void *mask) {
  if (f->n_masks == MOST_FACTORS)
    return false;
  f->masks[f->n_masks++] = mask;
  return true;
}

static bool is_zero(const alpa_value *value) {
  const alpa_attr *constant = alpa_value_find_constant(value);
  const char *bytes = constant && constant->elements.splat ? constant->elements.data : NULL;
  bool zero = bytes;
  for (uint32_t i = 0; zero && i < alpa_dtype_get_info(value->type->dtype)->bytes; i++)
    zero = !bytes[i];
  return zero;
}

/* Adds what a value multiplies; false for anything else than products. */
static bool factorise(const fuse_region *r, const alpa_value *value, factors *f) {
  const alpa_op *op = value->op;
  alpa_scores_side sides[2];
  bool is_inside = op && alpa_map_find(&r->ops, (uintptr_t)op), is_weights = op == r->softmax.weights;
  if (op && (is_weights || op == r->softmax.normalised)) {
    f->normalised = !is_weights;
    return !f->has_weights && (f->has_weights = true);
  }
  alpa_value *row = find_row(r, value);
  if (row)
    return add_row(f, row, false);
  if (!is_inside) { /* of a constant, its value: another op may have the same */
    const alpa_attr *constant = alpa_value_find_constant(value);
    return add_mask(f, constant ? (const void *)constant->elements.data : value);
  }
  if (stablehlo_is(op, STABLEHLO_convert))
    return factorise(r, alpa_op_operand(op, 0), f);
  if (stablehlo_is(op, STABLEHLO_multiply))
    return factorise(r, alpa_op_operand(op, 0), f) && factorise(r, alpa_op_operand(op, 1), f);
  if (stablehlo_is(op, STABLEHLO_divide)) {
    row = find_row(r, alpa_op_operand(op, 1));
    return row && add_row(f, row, true) && factorise(r, alpa_op_operand(op, 0), f);
  }
  if (stablehlo_is(op, STABLEHLO_select))
    return is_zero(alpa_op_operand(op, 2)) && add_mask(f, alpa_op_operand(op, 0)) &&
           factorise(r, alpa_op_operand(op, 1), f);
  bool is_product = alpa_scores_find_product(op, sides) && !f->dot;
  f->dot = op;
  return is_product;
}

/* Whether both have the same masks; those of `a` that have been found are taken out. */
static bool have_same_masks(factors a, const factors *b) {
  for (uint32_t i = 0; i < b->n_masks; i++) {
    uint32_t k = 0;
    while (k < a.n_masks && a.masks[k] != b->masks[i])
      k++;
    if (k == a.n_masks)
      return false;
    a.masks[k] = a.masks[--a.n_masks];
  }
  return a.n_masks == 0;
}

/* Whether two sides of products are the same elements of the same tensor. */
static bool is_same_side(const fuse_region *r, const alpa_op *a, uint32_t i, const alpa_scores_side *x,
                         const alpa_op *b, uint32_t k, const alpa_scores_side *y) {
  alpa_layout left, right;
  alpa_layout_find(alpa_op_operand(a, i), &left);
  alpa_layout_find(alpa_op_operand(b, k), &right);
  bool same = left.base == right.base && left.offset == right.offset &&
              left.strides[x->line] == right.strides[y->line] && left.strides[x->along] == right.strides[y->along] &&
              alpa_op_operand_type(a, i)->dims[x->along] == alpa_op_operand_type(b, k)->dims[y->along];
  for (uint32_t d = 0; d + 2 < r->type->rank && same; d++)
    same = left.strides[x->batch[d]] == right.strides[y->batch[d]];
  return same;
}

/* The product of the forward pass that goes with a sum of the backward pass; or NULL. */
static const alpa_op *find_forward(const fuse_region *r, const factors *f, alpa_scores_sum *out_sum,
                                   factors *out_factors) {
  alpa_scores_side sides[2];
  alpa_scores_find_product(f->dot, sides);
  for (uint32_t i = 0; i < r->n_sinks; i++) {
    const fuse_sink *s = &r->sinks[i];
    *out_factors = (factors){0};
    if (s->kind == FUSE_SINK_OVER_N && alpa_scores_find_sum(s->op, s->operand, out_sum) &&
        is_same_side(r, f->dot, 1, &sides[1], s->op, 1 - s->operand, &out_sum->other) &&
        factorise(r, alpa_op_operand(s->op, s->operand), out_factors) && out_factors->has_weights &&
        !out_factors->dot && have_same_masks(*f, out_factors) &&
        (out_factors->normalised == f->normalised || r->softmax.sum) && out_factors->n_rows == 0)
      return s->op;
  }
  return NULL;
}

/* ---- apply ---- */

static alpa_value *build(alpa_builder *b, stablehlo_op_id id, const alpa_type *type, alpa_value *const *operands,
                         size_t n, const alpa_attr *attr) {
  const alpa_attr *attrs[8] = {attr};
  return alpa_build_typed(b, &alpa_stablehlo_ops[id], type, operands, n, attr ? attrs : NULL);
}

static alpa_value *transpose(alpa_builder *b, alpa_value *value, const int64_t *permutation) {
  int64_t dims[ALPA_MAX_RANK];
  for (uint32_t d = 0; d < value->type->rank; d++)
    dims[d] = value->type->dims[permutation[d]];
  const alpa_attr *attr = alpa_attr_get_i64s(b->module->ctx, permutation, value->type->rank);
  const alpa_type *type = alpa_type_with_dims(b->module->ctx, value->type, value->type->rank, dims);
  return build(b, STABLEHLO_transpose, type, &value, 1, attr);
}

static alpa_value *reshape(alpa_builder *b, alpa_value *value, const alpa_type *like) {
  const alpa_type *type = alpa_type_with_dims(b->module->ctx, value->type, like->rank, like->dims);
  return value->type == type ? value : build(b, STABLEHLO_reshape, type, &value, 1, NULL);
}

/* [b..., line, along] in f32. */
static alpa_value *arrange(const fuse_region *r, alpa_builder *b, alpa_value *value, const alpa_scores_side *side) {
  int64_t permutation[ALPA_MAX_RANK];
  for (uint32_t d = 0; d + 2 < r->type->rank; d++)
    permutation[d] = side->batch[d];
  permutation[r->type->rank - 2] = side->line;
  permutation[r->type->rank - 1] = side->along;
  value = transpose(b, value, permutation);
  const alpa_type *type = alpa_type_with_dtype(b->module->ctx, value->type, ALPA_F32);
  return value->type == type ? value : build(b, STABLEHLO_convert, type, &value, 1, NULL);
}

/* The product as it stands in memory, behind changes of type and layout, which are undone. */
static alpa_value *find_stored(alpa_builder *b, const alpa_op *product) {
  const alpa_op *links[MOST_LINKS];
  uint32_t n = 0;
  alpa_value *value = &((alpa_op *)product)->results[0];
  while (n < MOST_LINKS && alpa_value_has_one_use(value)) {
    const alpa_op *user = value->uses->owner;
    if (user->block != product->block ||
        !(stablehlo_is(user, STABLEHLO_convert) || stablehlo_is(user, STABLEHLO_transpose) ||
          stablehlo_is(user, STABLEHLO_reshape)))
      break;
    links[n++] = user;
    value = &((alpa_op *)user)->results[0];
  }
  while (n-- > 0) {
    const alpa_type *before = alpa_op_operand_type(links[n], 0);
    if (stablehlo_is(links[n], STABLEHLO_reshape)) {
      value = reshape(b, value, before);
    } else if (stablehlo_is(links[n], STABLEHLO_transpose)) {
      size_t rank;
      int64_t inverse[ALPA_MAX_RANK];
      const int64_t *permutation = alpa_op_i64s(links[n], stablehlo_transpose_permutation, &rank);
      for (size_t d = 0; d < rank; d++)
        inverse[permutation[d]] = (int64_t)d;
      value = transpose(b, value, inverse);
    }
  }
  return value;
}

static alpa_value *scale_rows(alpa_builder *b, alpa_value *sum, alpa_value *row, bool divides) {
  row = reshape(b, row, sum->type);
  return build(b, divides ? STABLEHLO_divide : STABLEHLO_multiply, sum->type, (alpa_value *[]){sum, row}, 2, NULL);
}

static void replace_sum(fuse_region *r, alpa_op *op, const factors *f, const alpa_op *forward,
                        const alpa_scores_sum *sum, const factors *of_forward) {
  alpa_builder b = alpa_builder_before(op);
  alpa_scores_side sides[2];
  alpa_scores_find_product(f->dot, sides);
  alpa_value *sides_of_product[] = {arrange(r, &b, alpa_op_operand(f->dot, 0), &sides[0]),
                                    arrange(r, &b, find_stored(&b, forward), &sum->result)};
  alpa_value *product = build(&b, STABLEHLO_multiply, sides_of_product[0]->type, sides_of_product, 2, NULL);
  alpa_value_map map;
  alpa_value_map_init(&map, r->block->arena);
  alpa_value_map_set(&map, alpa_op_operand(op, 0), product);
  alpa_op *reduce = alpa_op_clone(op->module, op, &map);
  alpa_op_insert(reduce, op->block, op);
  alpa_value *result = &reduce->results[0];
  if (f->normalised != of_forward->normalised)
    result = scale_rows(&b, result, &r->softmax.sum->results[0], f->normalised);
  for (uint32_t i = 0; i < f->n_rows; i++)
    result = scale_rows(&b, result, f->rows[i], f->divides[i]);
  alpa_op_replace(op, &result);
}

static bool shorten(fuse_region *r) {
  bool changed = false;
  for (uint32_t i = 0; i < r->n_sinks; i++) {
    alpa_op *op = r->sinks[i].op;
    factors f = {0}, of_forward;
    alpa_scores_sum sum;
    if (r->sinks[i].kind != FUSE_SINK_REDUCE || op == r->softmax.max || op == r->softmax.sum ||
        !factorise(r, alpa_op_operand(op, 0), &f) || !f.dot || !f.has_weights)
      continue;
    const alpa_op *forward = find_forward(r, &f, &sum, &of_forward);
    if (!forward || alpa_fuse_position(r->block, forward) > r->sinks[i].position)
      continue;
    replace_sum(r, op, &f, forward, &sum, &of_forward);
    changed = true;
  }
  return changed;
}

bool alpa_fuse_shorten_attention(fuse_block *block) {
  bool changed = false;
  for (uint32_t position = 0; position < block->n_ops; position++) {
    fuse_region r;
    if (alpa_fuse_find_region(block, block->ops[position], &r))
      changed |= shorten(&r);
  }
  return changed;
}
