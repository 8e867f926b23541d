/* Products in other notations: dot, einsum, unary_einsum, ragged_dot; and torch_index_select, which is a gather. */
#include <string.h>

#include "dialects/chlo/chlo.h"
#include "dialects/ir/context.h"
#include "passes/decompose/parts.h"

bool alpa_decompose_dot(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  alpa_value *x = alpa_op_operand(op, 0), *y = alpa_op_operand(op, 1);
  const int64_t last = (int64_t)x->type->rank - 1, first = 0;
  const alpa_product_dims dims = {.contracting = {&last, &first}, .n_contracting = 1};
  out_results[0] =
      alpa_part_product(p, x, y, &dims, alpa_op_type(op)->dtype, op->attrs[stablehlo_dot_precision_config]);
  return true;
}

/* ---- einsum ---- */

enum { MAX_LABELS = 52 };

/* One label per dimension: a letter, or 1, 2, ... for those that an ellipsis stands for, counted from the last one. */
typedef struct labels {
  char of[MAX_LABELS + 1];
  uint32_t n;
} labels;

static bool has(const labels *l, char label) { return memchr(l->of, label, l->n) != NULL; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Reads the labels of `rank` dimensions up to `end`; false for anything else. */
static bool read_labels(const char **at, const char *end, uint32_t rank, labels *out) {
  uint32_t n_letters = 0;
  for (const char *c = *at; c < end && *c != ',' && *c != '-'; c++)
    n_letters += is_letter(*c);
  for (; *at < end && **at != ',' && **at != '-'; ++*at) {
    if (**at == ' ')
      continue;
    if (is_letter(**at) && out->n < rank) {
      out->of[out->n++] = **at;
      continue;
    }
    if (end - *at < 3 || strncmp(*at, "...", 3) != 0 || n_letters > rank || has(out, 1))
      return false;
    *at += 2;
    for (uint32_t left = rank - n_letters; left > 0; left--)
      out->of[out->n++] = (char)left;
  }
  return out->n == rank;
}

/* "ab,...bc->...ac": the labels of each operand, then of the result, whose letters are different ones. */
static bool read_config(alpa_str config, const alpa_op *op, labels *out) {
  const char *at = config.data, *end = at + config.size;
  for (uint32_t i = 0; i <= op->n_operands; i++) {
    uint32_t rank = i < op->n_operands ? alpa_op_operand_type(op, i)->rank : alpa_op_type(op)->rank;
    if (rank > MAX_LABELS || !read_labels(&at, end, rank, &out[i]) || (at == end) != (i == op->n_operands))
      return false;
    if (at < end)
      at += *at == ',' ? 1 : 2;
  }
  for (uint32_t d = 0; d < out[op->n_operands].n; d++)
    if (memchr(out[op->n_operands].of, out[op->n_operands].of[d], d))
      return false;
  return true;
}

static void forget(labels *l, uint32_t d) {
  l->n--;
  memmove(l->of + d, l->of + d + 1, l->n - d);
}

/* Where a label repeats, only elements on the diagonal count. */
static alpa_value *take_diagonals(alpa_parts *p, alpa_value *x, labels *l) {
  for (uint32_t d = 1; d < l->n;) {
    const char *first = memchr(l->of, l->of[d], d);
    if (!first) {
      d++;
      continue;
    }
    const alpa_type *places = alpa_type_with_dtype(p->ctx, x->type, ALPA_I64);
    alpa_value *is_on = alpa_part_compare(p, STABLEHLO_EQ, alpa_part_iota(p, places, first - l->of),
                                          alpa_part_iota(p, places, d));
    const int64_t dim = d;
    x = alpa_part_sum(p, alpa_part_select(p, is_on, x, alpa_part_number(p, x->type, 0)), &dim, 1);
    forget(l, d);
  }
  return x;
}

/* A dimension of size 1 under an ellipsis goes with a longer one of the other operand: it is left out. */
static alpa_value *drop_stretched(alpa_parts *p, alpa_value *x, labels *own, const alpa_type *y, const labels *other) {
  for (uint32_t d = 0; d < own->n;) {
    const char *twin = memchr(other->of, own->of[d], other->n);
    const int64_t dim = d;
    if (is_letter(own->of[d]) || !twin || x->type->dims[d] != 1 || y->dims[twin - other->of] == 1) {
      d++;
      continue;
    }
    x = alpa_part_sum(p, x, &dim, 1);
    forget(own, d);
  }
  return x;
}

/* Sums over the labels that nothing else has, and forgets them. */
static alpa_value *sum_unused(alpa_parts *p, alpa_value *x, labels *own, const labels *other, const labels *result) {
  int64_t dims[MAX_LABELS];
  labels kept = {0};
  size_t n = 0;
  for (uint32_t d = 0; d < own->n; d++)
    if (has(result, own->of[d]) || (other && has(other, own->of[d])))
      kept.of[kept.n++] = own->of[d];
    else
      dims[n++] = d;
  *own = kept;
  return alpa_part_sum(p, x, dims, n);
}

static int64_t position(const labels *l, char label) { return (const char *)memchr(l->of, label, l->n) - l->of; }

/* Dimensions in the order of the result. */
static alpa_value *order(alpa_parts *p, alpa_value *x, const labels *have, const labels *want) {
  int64_t dims[MAX_LABELS];
  for (uint32_t d = 0; d < want->n; d++)
    dims[d] = position(have, want->of[d]);
  return alpa_part_transpose(p, x, dims);
}

static bool are_known(const labels *l, const labels *a, const labels *b) {
  for (uint32_t d = 0; d < l->n; d++)
    if (!has(a, l->of[d]) && !has(b, l->of[d]))
      return false;
  return true;
}

bool alpa_decompose_unary_einsum(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  labels l[2] = {0};
  if (!read_config(op->attrs[stablehlo_unary_einsum_einsum_config]->string, op, l) || !are_known(&l[1], &l[0], &l[0]))
    return false;
  alpa_value *x = take_diagonals(p, alpa_op_operand(op, 0), &l[0]);
  x = sum_unused(p, x, &l[0], NULL, &l[1]);
  out_results[0] = order(p, x, &l[0], &l[1]);
  return true;
}

static void push_free(const labels *own, const labels *other, labels *out) {
  for (uint32_t d = 0; d < own->n; d++)
    if (!has(other, own->of[d]))
      out->of[out->n++] = own->of[d];
}

bool alpa_decompose_einsum(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  labels l[3] = {0}, got = {0};
  int64_t batching[2][MAX_LABELS], contracting[2][MAX_LABELS];
  alpa_product_dims dims = {.batching = {batching[0], batching[1]}, .contracting = {contracting[0], contracting[1]}};
  if (!read_config(op->attrs[stablehlo_einsum_einsum_config]->string, op, l) || !are_known(&l[2], &l[0], &l[1]))
    return false;
  alpa_value *x = take_diagonals(p, alpa_op_operand(op, 0), &l[0]);
  alpa_value *y = take_diagonals(p, alpa_op_operand(op, 1), &l[1]);
  x = drop_stretched(p, x, &l[0], y->type, &l[1]);
  y = drop_stretched(p, y, &l[1], x->type, &l[0]);
  labels whole = l[0];
  x = sum_unused(p, x, &l[0], &l[1], &l[2]);
  y = sum_unused(p, y, &l[1], &whole, &l[2]);
  for (uint32_t d = 0; d < l[0].n; d++) {
    char label = l[0].of[d];
    if (!has(&l[1], label))
      continue;
    bool is_kept = has(&l[2], label);
    size_t *n = is_kept ? &dims.n_batching : &dims.n_contracting;
    (is_kept ? batching : contracting)[0][*n] = d;
    (is_kept ? batching : contracting)[1][(*n)++] = position(&l[1], label);
    if (is_kept)
      got.of[got.n++] = label;
  }
  push_free(&l[0], &l[1], &got);
  push_free(&l[1], &l[0], &got);
  alpa_value *product = alpa_part_product(p, x, y, &dims, alpa_op_type(op)->dtype, NULL);
  out_results[0] = order(p, product, &got, &l[2]);
  return true;
}

/* ---- torch_index_select ---- */

bool alpa_decompose_index_select(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  const alpa_type *operand = alpa_op_operand_type(op, 0), *index = alpa_op_operand_type(op, 1);
  int64_t dim = op->attrs[stablehlo_torch_index_select_dim]->integer;
  int64_t n_batch = op->attrs[stablehlo_torch_index_select_batch_dims]->integer;
  dim += dim < 0 ? operand->rank : 0;
  n_batch += n_batch < 0 ? index->rank : 0;
  int64_t *batch = alpa_arena_new(p->arena, int64_t, operand->rank);
  int64_t *offsets = alpa_arena_new(p->arena, int64_t, operand->rank);
  int64_t *sizes = alpa_arena_copy(p->arena, operand->dims, operand->rank * sizeof *sizes);
  size_t n_offsets = 0;
  for (int64_t d = 0; d < operand->rank; d++)
    if (d < n_batch || d == dim) {
      batch[d < n_batch ? d : operand->rank - 1] = d;
      sizes[d] = 1;
    } else {
      offsets[n_offsets++] = d < dim ? d : d - 1 + index->rank - n_batch;
    }
  const alpa_attr *numbers[6], *attrs[stablehlo_gather_attr_count] = {0};
  numbers[STABLEHLO_GATHER_OFFSET_DIMS] = alpa_part_dims(p, offsets, n_offsets);
  numbers[STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS] = alpa_attr_get_i64s(p->ctx, &dim, 1);
  numbers[STABLEHLO_GATHER_OPERAND_BATCHING_DIMS] = alpa_part_dims(p, batch, (size_t)n_batch);
  numbers[STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS] = alpa_part_dims(p, batch, (size_t)n_batch);
  numbers[STABLEHLO_GATHER_START_INDEX_MAP] = alpa_attr_get_i64s(p->ctx, &dim, 1);
  numbers[STABLEHLO_GATHER_INDEX_VECTOR_DIM] = alpa_attr_get_i64(p->ctx, index->rank);
  attrs[stablehlo_gather_dimension_numbers] = alpa_attr_get_struct(p->ctx, &alpa_stablehlo_attr_gather, numbers);
  attrs[stablehlo_gather_slice_sizes] = alpa_attr_get_i64s(p->ctx, sizes, operand->rank);
  out_results[0] = alpa_part_build(p, STABLEHLO_gather, alpa_op_type(op),
                                   (alpa_value *const[]){alpa_op_operand(op, 0), alpa_op_operand(op, 1)}, 2, attrs);
  return true;
}

/* ---- ragged_dot ---- */

/* Which dimensions of the left operand have group sizes of their own: those of a kind that are outer to the ragged
 * one, behind the batching ones. */
typedef struct ragged {
  int64_t dim;    /* the ragged one */
  int64_t *outer; /* [n_outer] */
  uint32_t n_outer;
} ragged;

/* (group, outer dimensions, position) -> whether the position lies in the group: end(group) - size <= position <
 * end(group), where the end is the sum of the sizes so far. */
static alpa_value *build_membership(alpa_parts *p, alpa_value *group_sizes, int64_t length) {
  const alpa_type *given = group_sizes->type;
  const uint32_t n_outer = given->rank - 1;
  const int64_t n = given->dims[n_outer];
  int64_t *shape = alpa_arena_new(p->arena, int64_t, n_outer + 2), *dims = alpa_arena_new(p->arena, int64_t, n_outer + 1);
  alpa_value *sizes = alpa_part_convert(p, group_sizes, ALPA_I64);
  sizes = alpa_part_binary(p, STABLEHLO_maximum, sizes, alpa_part_number(p, sizes->type, 0));
  for (uint32_t d = 0; d < n_outer; d++)
    shape[d] = given->dims[d];
  shape[n_outer] = shape[n_outer + 1] = n;
  const alpa_type *square = alpa_type_get_tensor(p->ctx, ALPA_I64, n_outer + 2, shape);
  for (uint32_t d = 0; d < n_outer; d++)
    dims[d] = d;
  dims[n_outer] = n_outer + 1;
  alpa_value *is_before = alpa_part_compare(p, STABLEHLO_GE, alpa_part_iota(p, square, n_outer),
                                            alpa_part_iota(p, square, n_outer + 1));
  alpa_value *so_far =
      alpa_part_select(p, is_before, alpa_part_broadcast(p, sizes, square, dims), alpa_part_number(p, square, 0));
  alpa_value *ends = alpa_part_sum(p, so_far, &dims[n_outer], 1);
  shape[0] = n;
  for (uint32_t d = 0; d < n_outer; d++) {
    shape[d + 1] = given->dims[d];
    dims[d] = d + 1;
  }
  shape[n_outer + 1] = length;
  dims[n_outer] = 0;
  const alpa_type *type = alpa_type_get_tensor(p->ctx, ALPA_I64, n_outer + 2, shape);
  alpa_value *at = alpa_part_iota(p, type, n_outer + 1);
  alpa_value *end = alpa_part_broadcast(p, ends, type, dims);
  alpa_value *start = alpa_part_binary(p, STABLEHLO_subtract, end, alpa_part_broadcast(p, sizes, type, dims));
  return alpa_part_binary(p, STABLEHLO_and, alpa_part_compare(p, STABLEHLO_GE, at, start),
                          alpa_part_compare(p, STABLEHLO_LT, at, end));
}

/* x with a group dimension in front: zero where a position does not lie in the group. */
static alpa_value *spread_over_groups(alpa_parts *p, alpa_value *x, const ragged *r, alpa_value *group_sizes) {
  uint32_t rank = x->type->rank, n_outer = group_sizes->type->rank - 1;
  int64_t *sizes = alpa_arena_new(p->arena, int64_t, rank + 1), *dims = alpa_arena_new(p->arena, int64_t, rank + 1);
  int64_t *where = alpa_arena_new(p->arena, int64_t, n_outer + 2);
  alpa_value *membership = build_membership(p, group_sizes, x->type->dims[r->dim]);
  sizes[0] = membership->type->dims[0];
  for (uint32_t d = 0; d < rank; d++) {
    sizes[d + 1] = x->type->dims[d];
    dims[d] = d + 1;
  }
  for (uint32_t d = 0; d < n_outer; d++)
    where[d + 1] = r->outer[d] + 1;
  where[n_outer + 1] = r->dim + 1;
  const alpa_type *type = alpa_type_with_dims(p->ctx, x->type, rank + 1, sizes);
  alpa_value *mask = alpa_part_broadcast(p, membership, type, where);
  return alpa_part_select(p, mask, alpa_part_broadcast(p, x, type, dims), alpa_part_number(p, type, 0));
}

static const int64_t *read_dims(const alpa_op *op, int field, size_t *n) {
  return alpa_attr_i64s(alpa_attr_field(op->attrs[chlo_ragged_dot_ragged_dot_dimension_numbers], field), n);
}

static const int64_t *shift(alpa_parts *p, const int64_t *dims, size_t n) {
  int64_t *shifted = alpa_arena_new(p->arena, int64_t, n + 1);
  for (size_t i = 0; i < n; i++)
    shifted[i] = dims[i] + 1;
  return shifted;
}

static const int64_t *append(alpa_parts *p, const int64_t *dims, size_t n, int64_t last) {
  int64_t *all = alpa_arena_new(p->arena, int64_t, n + 1);
  for (size_t i = 0; i < n; i++)
    all[i] = dims[i];
  all[n] = last;
  return all;
}

static bool is_in(const int64_t *dims, size_t n, int64_t dim) {
  for (size_t i = 0; i < n; i++)
    if (dims[i] == dim)
      return true;
  return false;
}

/* The dimensions of one list that come before the ragged one, which is in it. */
static void push_outer(ragged *r, const int64_t *dims, size_t n) {
  for (size_t i = 0; i < n && dims[i] != r->dim; i++)
    r->outer[r->n_outer++] = dims[i];
}

static ragged describe_ragged(alpa_parts *p, const alpa_op *op, const alpa_product_dims *dims) {
  size_t n;
  const alpa_type *x = alpa_op_operand_type(op, 0);
  ragged r = {.dim = read_dims(op, CHLO_RAGGED_LHS_RAGGED, &n)[0],
              .outer = alpa_arena_new(p->arena, int64_t, 2 * x->rank + 1)};
  push_outer(&r, dims->batching[0], dims->n_batching);
  if (is_in(dims->batching[0], dims->n_batching, r.dim))
    return r;
  if (is_in(dims->contracting[0], dims->n_contracting, r.dim)) {
    push_outer(&r, dims->contracting[0], dims->n_contracting);
    return r;
  }
  for (int64_t d = 0; d < r.dim; d++)
    if (!is_in(dims->batching[0], dims->n_batching, d) && !is_in(dims->contracting[0], dims->n_contracting, d))
      r.outer[r.n_outer++] = d;
  return r;
}

/* One list of sizes for all, or one for each position in the outer dimensions. */
static bool has_fitting_sizes(const alpa_op *op, const ragged *r) {
  const alpa_type *x = alpa_op_operand_type(op, 0), *sizes = alpa_op_operand_type(op, 2);
  for (uint32_t d = 0; sizes->rank > 1 && d < r->n_outer && d < sizes->rank; d++)
    if (sizes->dims[d] != x->dims[r->outer[d]])
      return false;
  return sizes->rank == 1 || sizes->rank == r->n_outer + 1;
}

/* Groups are a dimension of their own: contracted with that of the right operand's matrices; in front of the result
 * where the ragged dimension is contracted; added up where it is a batch. */
bool alpa_decompose_ragged_dot(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  alpa_value *x = alpa_op_operand(op, 0), *y = alpa_op_operand(op, 1);
  size_t n_group;
  alpa_product_dims dims = {0};
  const int64_t *group = read_dims(op, CHLO_RAGGED_RHS_GROUP, &n_group);
  dims.batching[0] = read_dims(op, CHLO_RAGGED_LHS_BATCHING, &dims.n_batching);
  dims.batching[1] = read_dims(op, CHLO_RAGGED_RHS_BATCHING, &dims.n_batching);
  dims.contracting[0] = read_dims(op, CHLO_RAGGED_LHS_CONTRACTING, &dims.n_contracting);
  dims.contracting[1] = read_dims(op, CHLO_RAGGED_RHS_CONTRACTING, &dims.n_contracting);
  const ragged r = describe_ragged(p, op, &dims);
  if (!has_fitting_sizes(op, &r))
    return false;
  bool is_batch = is_in(dims.batching[0], dims.n_batching, r.dim);
  alpa_value *in_groups = spread_over_groups(p, x, &r, alpa_op_operand(op, 2));
  alpa_dtype dtype = alpa_op_type(op)->dtype;
  if (is_batch) {
    alpa_value *kept = alpa_part_sum(p, in_groups, (const int64_t[]){0}, 1);
    out_results[0] = alpa_part_product(p, kept, y, &dims, dtype, NULL);
    return true;
  }
  dims.batching[0] = shift(p, dims.batching[0], dims.n_batching);
  dims.contracting[0] = shift(p, dims.contracting[0], dims.n_contracting);
  if (n_group) {
    dims.contracting[0] = append(p, dims.contracting[0], dims.n_contracting, 0);
    dims.contracting[1] = append(p, dims.contracting[1], dims.n_contracting++, group[0]);
  }
  alpa_value *product = alpa_part_product(p, in_groups, y, &dims, dtype, NULL);
  int64_t *front = alpa_arena_new(p->arena, int64_t, product->type->rank + 1);
  for (int64_t d = 0, n_batch = (int64_t)dims.n_batching; d < product->type->rank; d++)
    front[d] = n_group || d > n_batch ? d : d == 0 ? n_batch : d - 1;
  out_results[0] = alpa_part_transpose(p, product, front);
  return true;
}
