/* Folds of gather and scatter.
 *
 * x[arange(n), i] names the position along one dimension of the indices in a column of numbers; it is the same as
 * making that dimension a batching dimension, of which every analysis (sharding, micro-batches) knows that nothing
 * moves along it.  A gather of one slice at constant indices is that slice. */
#include "passes/canonicalize.h"
#include "support/number.h"

/* ---- values that count ---- */

/* The dimension of the result that dimension `dim` of the operand becomes where a reshape only adds and removes
 * dimensions of size 1, else -1. */
static int64_t map_unit_reshape(const alpa_type *from, const alpa_type *to, int64_t dim) {
  int64_t mapped = -1;
  uint32_t i = 0, k = 0;
  while (i < from->rank || k < to->rank) {
    if (i < from->rank && from->dims[i] == 1)
      i++;
    else if (k < to->rank && to->dims[k] == 1)
      k++;
    else if (i == from->rank || k == to->rank || from->dims[i] != to->dims[k])
      return -1;
    else {
      if (i == dim)
        mapped = k;
      i++;
      k++;
    }
  }
  return mapped;
}

enum { LONGEST_CHAIN = 16 };

/* The dimension along which every element of the value is its own position, or -1.  Follows moves and conversions of an
 * iota; canonical chains of them are short. */
static int64_t find_counting_dim(const alpa_value *value, int depth) {
  const alpa_op *op = value->op;
  if (!op || depth == LONGEST_CHAIN || op->n_results != 1 || !alpa_type_is_static_tensor(value->type))
    return -1;
  if (stablehlo_is(op, STABLEHLO_iota)) {
    int64_t dim = alpa_op_int(op, stablehlo_iota_iota_dimension, 0);
    return alpa_type_counts_to(value->type, value->type->dims[dim]) ? dim : -1;
  }
  bool broadcasts = stablehlo_is(op, STABLEHLO_broadcast_in_dim), reshapes = stablehlo_is(op, STABLEHLO_reshape);
  if (!broadcasts && !reshapes && !stablehlo_is(op, STABLEHLO_convert))
    return -1;
  const alpa_value *source = alpa_op_operand(op, 0);
  int64_t dim = find_counting_dim(source, depth + 1);
  if (dim < 0)
    return -1;
  if (reshapes)
    return map_unit_reshape(source->type, value->type, dim);
  if (!broadcasts)
    return alpa_type_counts_to(value->type, value->type->dims[dim]) ? dim : -1;
  size_t n;
  int64_t to = alpa_op_i64s(op, stablehlo_broadcast_in_dim_broadcast_dimensions, &n)[dim];
  return value->type->dims[to] == source->type->dims[dim] ? to : -1;
}

/* ---- columns that become batching dimensions ---- */

/* The parts of gather and scatter dimension numbers that take part, and the columns of the indices. */
typedef struct indexing {
  alpa_rewriter *rewriter;
  alpa_op *op;
  const alpa_attr *numbers;
  int collapsed, operand_batching, indices_batching, map, vector; /* fields */
  const alpa_value *operand;
  alpa_op *columns; /* the concatenation of the columns */
} indexing;

static const int64_t *field_of(const indexing *in, int field, size_t *out_n) {
  return alpa_attr_i64s(alpa_attr_field(in->numbers, field), out_n);
}

static bool contains(const int64_t *numbers, size_t n, int64_t number) {
  for (size_t i = 0; i < n; i++)
    if (numbers[i] == number)
      return true;
  return false;
}

/* Whether column `column`, which counts along `batch`, can be left out. */
static bool can_batch(const indexing *in, size_t column, int64_t batch) {
  size_t n_map, n_collapsed, n_batching;
  const int64_t *map = field_of(in, in->map, &n_map), *collapsed = field_of(in, in->collapsed, &n_collapsed);
  const int64_t *batching = field_of(in, in->indices_batching, &n_batching);
  int64_t dim = map[column], vector = alpa_attr_field(in->numbers, in->vector)->integer;
  return batch >= 0 && batch != vector && !contains(batching, n_batching, batch) &&
         contains(collapsed, n_collapsed, dim) &&
         in->operand->type->dims[dim] == alpa_op_type(in->columns)->dims[batch];
}

/* The numbers without one of them. */
static const alpa_attr *without(const indexing *in, int field, int64_t number) {
  size_t n, kept = 0;
  const int64_t *numbers = field_of(in, field, &n);
  int64_t *rest = alpa_arena_new(alpa_rewriter_arena(in->rewriter), int64_t, n);
  for (size_t i = 0; i < n; i++)
    if (numbers[i] != number)
      rest[kept++] = numbers[i];
  return alpa_attr_get_i64s(alpa_op_context(in->op), rest, kept);
}

/* The pair (dim, batch) among the batching dimensions, which are in the order of the operand's. */
static void add_batching(const indexing *in, int64_t dim, int64_t batch, const alpa_attr **fields) {
  size_t n, at = 0;
  const int64_t *dims = field_of(in, in->operand_batching, &n), *batches = field_of(in, in->indices_batching, &n);
  int64_t *both = alpa_arena_new(alpa_rewriter_arena(in->rewriter), int64_t, 2 * (n + 1));
  int64_t *new_dims = both, *new_batches = both + n + 1;
  while (at < n && dims[at] < dim)
    at++;
  for (size_t i = 0; i <= n; i++) {
    new_dims[i] = i == at ? dim : dims[i - (i > at)];
    new_batches[i] = i == at ? batch : batches[i - (i > at)];
  }
  alpa_context *ctx = alpa_op_context(in->op);
  fields[in->operand_batching] = alpa_attr_get_i64s(ctx, new_dims, n + 1);
  fields[in->indices_batching] = alpa_attr_get_i64s(ctx, new_batches, n + 1);
}

enum { MOST_FIELDS = 8 };

static const alpa_attr *batched_numbers(const indexing *in, size_t column, int64_t batch) {
  size_t n_map;
  int64_t dim = field_of(in, in->map, &n_map)[column];
  const alpa_attr *fields[MOST_FIELDS];
  for (size_t i = 0; i < in->numbers->array.n; i++)
    fields[i] = in->numbers->array.items[i];
  fields[in->collapsed] = without(in, in->collapsed, dim);
  fields[in->map] = without(in, in->map, dim);
  add_batching(in, dim, batch, fields);
  return alpa_attr_get_struct(alpa_op_context(in->op), in->numbers->def, fields);
}

/* The indices without one part of the concatenation. */
static alpa_value *drop_part(const indexing *in, uint32_t dropped) {
  alpa_value **parts = alpa_arena_new(alpa_rewriter_arena(in->rewriter), alpa_value *, in->columns->n_operands);
  size_t n = 0;
  for (uint32_t i = 0; i < in->columns->n_operands; i++)
    if (i != dropped)
      parts[n++] = alpa_op_operand(in->columns, i);
  if (n == 1)
    return parts[0];
  return alpa_rewriter_build(
      in->rewriter, in->op,
      &(alpa_op_state){.def = in->columns->def, .operands = parts, .n_operands = n, .attrs = in->columns->attrs});
}

static bool batch_counting_column(const indexing *in, uint32_t indices_operand, int numbers_ordinal) {
  int64_t vector = alpa_attr_field(in->numbers, in->vector)->integer, column = 0;
  if (alpa_op_int(in->columns, stablehlo_concatenate_dimension, -1) != vector || in->columns->n_operands < 2 ||
      !alpa_type_is_static_tensor(alpa_op_type(in->columns)) || !alpa_type_is_static_tensor(in->operand->type))
    return false;
  for (uint32_t i = 0; i < in->columns->n_operands; i++) {
    alpa_value *part = alpa_op_operand(in->columns, i);
    int64_t width = part->type->dims[vector], batch = width == 1 ? find_counting_dim(part, 0) : -1;
    if (can_batch(in, (size_t)column, batch)) {
      in->op->attrs[numbers_ordinal] = batched_numbers(in, (size_t)column, batch);
      alpa_op_set_operand(in->op, indices_operand, drop_part(in, i));
      if (!alpa_op_result(in->columns, 0)->uses)
        (void)alpa_rewriter_revisit(in->rewriter, in->columns);
      return alpa_rewriter_revisit(in->rewriter, in->op);
    }
    column += width;
  }
  return false;
}

/* ---- hooks ---- */

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

/* Offsets are in the order of the operand's dimensions, and the other dimensions of the result have size 1. */
static bool gather_one_slice(alpa_rewriter *rewriter, alpa_op *op) {
  const alpa_attr *numbers = alpa_op_attr(op, stablehlo_gather_dimension_numbers);
  const alpa_attr *indices = alpa_value_find_constant(alpa_op_operand(op, 1));
  alpa_value *operand = alpa_op_operand(op, 0);
  size_t n, n_map, n_batching;
  const int64_t *sizes = alpa_op_i64s(op, stablehlo_gather_slice_sizes, &n);
  const int64_t *map = alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_START_INDEX_MAP), &n_map);
  (void)alpa_attr_i64s(alpa_attr_field(numbers, STABLEHLO_GATHER_OPERAND_BATCHING_DIMS), &n_batching);
  if (!indices || n_batching || !alpa_type_is_static_tensor(indices->type) ||
      alpa_type_count(indices->type) != (int64_t)n_map || !alpa_type_is_static_tensor(operand->type) ||
      !alpa_type_is_static_tensor(alpa_op_type(op)))
    return false;
  int64_t *start = alpa_arena_new(alpa_rewriter_arena(rewriter), int64_t, 3 * n), *limit = start + n,
          *stride = limit + n;
  for (size_t i = 0; i < n_map; i++)
    start[map[i]] = alpa_integer_load(indices->type->dtype, alpa_attr_element(indices, (int64_t)i));
  for (size_t i = 0; i < n; i++) {
    start[i] = clamp(start[i], 0, operand->type->dims[i] - sizes[i]);
    limit[i] = start[i] + sizes[i];
    stride[i] = 1;
  }
  alpa_value *slice = alpa_rewriter_build_slice(rewriter, op, operand, &(alpa_box){start, limit, stride, n});
  const alpa_type *type = alpa_op_type(op);
  return alpa_rewriter_replace_op(rewriter, op,
                                  &(alpa_op_state){.def = &alpa_stablehlo_ops[STABLEHLO_reshape],
                                                   .operands = &slice,
                                                   .n_operands = 1,
                                                   .results = &type,
                                                   .n_results = 1});
}

bool alpa_fold_gather(alpa_rewriter *rewriter, alpa_op *op) {
  if (gather_one_slice(rewriter, op))
    return true;
  indexing in = {.rewriter = rewriter,
                 .op = op,
                 .numbers = alpa_op_attr(op, stablehlo_gather_dimension_numbers),
                 .collapsed = STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS,
                 .operand_batching = STABLEHLO_GATHER_OPERAND_BATCHING_DIMS,
                 .indices_batching = STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS,
                 .map = STABLEHLO_GATHER_START_INDEX_MAP,
                 .vector = STABLEHLO_GATHER_INDEX_VECTOR_DIM,
                 .operand = alpa_op_operand(op, 0),
                 .columns = alpa_value_find_stablehlo(alpa_op_operand(op, 1), STABLEHLO_concatenate)};
  return in.columns && batch_counting_column(&in, 1, stablehlo_gather_dimension_numbers);
}

bool alpa_fold_scatter(alpa_rewriter *rewriter, alpa_op *op) {
  uint32_t n_inputs = (op->n_operands - 1) / 2;
  indexing in = {.rewriter = rewriter,
                 .op = op,
                 .numbers = alpa_op_attr(op, stablehlo_scatter_scatter_dimension_numbers),
                 .collapsed = STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS,
                 .operand_batching = STABLEHLO_SCATTER_INPUT_BATCHING_DIMS,
                 .indices_batching = STABLEHLO_SCATTER_INDICES_BATCHING_DIMS,
                 .map = STABLEHLO_SCATTER_DIMS_TO_OPERAND_DIMS,
                 .vector = STABLEHLO_SCATTER_INDEX_VECTOR_DIM,
                 .operand = alpa_op_operand(op, 0),
                 .columns = alpa_value_find_stablehlo(alpa_op_operand(op, n_inputs), STABLEHLO_concatenate)};
  return in.columns && batch_counting_column(&in, n_inputs, stablehlo_scatter_scatter_dimension_numbers);
}
