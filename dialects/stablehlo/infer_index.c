/* Gather and scatter: dimension numbers, slice sizes and result types (StableHLO specification, gather and scatter).
 *
 * Both have the same geometry.  An index vector of `indices` names a place in the big tensor through a map from its
 * elements to dimensions; a slice (window) of the small tensor lies there.  Dimensions of the big tensor are window
 * dimensions, or absent from the window (collapsed, inserted), or batching dimensions paired with ones of `indices`. */
#include "dialects/stablehlo/reducer.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"

#include <inttypes.h>

typedef struct indexing {
  const alpa_type *big, *indices;
  alpa_dim_list window;        /* dimensions of the small tensor that lie in the slice */
  alpa_dim_list absent;        /* dimensions of the big tensor that the slice has not */
  alpa_dim_list batch;         /* of the big tensor */
  alpa_dim_list indices_batch; /* of the indices, paired with `batch` */
  alpa_dim_list map;           /* index vector element to dimension of the big tensor */
  int64_t vector_dim;          /* of the indices; their rank means that each index is a vector of 1 */
} indexing;

static alpa_status check_index_vector(const alpa_op *op, const indexing *x) {
  ALPA_TRY(alpa_check_class(op, x->indices, ALPA_IN_INTEGER, "the indices", "integers"));
  if (x->vector_dim < 0 || x->vector_dim > x->indices->rank)
    return alpa_op_error(op, "expects index_vector_dim to be in [0, %u], got %" PRId64, x->indices->rank,
                         x->vector_dim);
  int64_t length = x->vector_dim < x->indices->rank ? x->indices->dims[x->vector_dim] : 1;
  if (!alpa_dim_agrees(length, (int64_t)x->map.n))
    return alpa_op_error(op, "expects %s to have as many elements as an index vector (%" PRId64 "), got %zu",
                         x->map.name, length, x->map.n);
  return ALPA_OK;
}

static alpa_status check_batching(const alpa_op *op, const indexing *x) {
  ALPA_TRY(alpa_check_dims(op, x->indices_batch, x->indices->rank));
  ALPA_TRY(alpa_check_length(op, x->indices_batch, x->batch.n, x->batch.name));
  if (alpa_dim_list_has(x->indices_batch, x->vector_dim))
    return alpa_op_error(op, "expects %s not to contain index_vector_dim (%" PRId64 ")", x->indices_batch.name,
                         x->vector_dim);
  for (size_t i = 0; i < x->batch.n; i++) {
    int64_t big = x->big->dims[x->batch.items[i]], indices = x->indices->dims[x->indices_batch.items[i]];
    if (!alpa_dim_agrees(big, indices))
      return alpa_op_error(op, "expects %s and %s to have the same sizes, got %" PRId64 " and %" PRId64 " at %zu",
                           x->batch.name, x->indices_batch.name, big, indices, i);
  }
  return ALPA_OK;
}

static alpa_status check_indexing(const alpa_op *op, const indexing *x) {
  ALPA_TRY(check_index_vector(op, x));
  ALPA_TRY(alpa_check_sorted_dims(op, x->absent, x->big->rank));
  ALPA_TRY(alpa_check_sorted_dims(op, x->batch, x->big->rank));
  ALPA_TRY(alpa_check_disjoint(op, x->absent, x->batch));
  ALPA_TRY(alpa_check_dims(op, x->map, x->big->rank));
  ALPA_TRY(alpa_check_disjoint(op, x->map, x->batch));
  size_t n = x->window.n + x->absent.n + x->batch.n;
  if (n != x->big->rank)
    return alpa_op_error(op,
                         "expects %s, %s and %s to have as many elements as the operand has dimensions (%u), "
                         "got %zu",
                         x->window.name, x->absent.name, x->batch.name, x->big->rank, n);
  return check_batching(op, x);
}

/* The rank of the small tensor. */
static uint32_t small_rank(const indexing *x) {
  uint32_t n_vector = x->vector_dim < x->indices->rank ? 1 : 0;
  return x->indices->rank - n_vector + (uint32_t)x->window.n;
}

/* The next dimension of the indices that is not the index vector's, from *at on. */
static int64_t next_index_dim(const indexing *x, uint32_t *at) {
  if (*at == x->vector_dim)
    ++*at;
  return x->indices->dims[(*at)++];
}

/* The next dimension of the big tensor that is in the window, from *at on. */
static uint32_t next_window_dim(const indexing *x, uint32_t *at) {
  while (alpa_dim_list_has(x->absent, *at) || alpa_dim_list_has(x->batch, *at))
    ++*at;
  return (*at)++;
}

/* ---- gather ---------------------------------------------------------------------------------------------------- */

static indexing gather_indexing(const alpa_op *op, const alpa_attr *numbers) {
  return (indexing){
      .big = alpa_op_operand_type(op, 0),
      .indices = alpa_op_operand_type(op, 1),
      .window = alpa_dim_list_field(numbers, STABLEHLO_GATHER_OFFSET_DIMS),
      .absent = alpa_dim_list_field(numbers, STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS),
      .batch = alpa_dim_list_field(numbers, STABLEHLO_GATHER_OPERAND_BATCHING_DIMS),
      .indices_batch = alpa_dim_list_field(numbers, STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS),
      .map = alpa_dim_list_field(numbers, STABLEHLO_GATHER_START_INDEX_MAP),
      .vector_dim = alpa_struct_int(numbers, STABLEHLO_GATHER_INDEX_VECTOR_DIM),
  };
}

static alpa_status check_slice_sizes(const alpa_op *op, const indexing *x, alpa_dim_list sizes) {
  ALPA_TRY(alpa_check_length(op, sizes, x->big->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_check_at_least(op, sizes, 0));
  for (uint32_t d = 0; d < x->big->rank; d++) {
    if (alpa_dim_known(x->big->dims[d]) && sizes.items[d] > x->big->dims[d])
      return alpa_op_error(op, "slice size %" PRId64 " is larger than the size %" PRId64 " of operand dimension %u",
                           sizes.items[d], x->big->dims[d], d);
    const alpa_dim_list *one = alpa_dim_list_has(x->absent, d)  ? &x->absent
                               : alpa_dim_list_has(x->batch, d) ? &x->batch
                                                                : NULL;
    if (one && sizes.items[d] > 1)
      return alpa_op_error(op, "expects a slice size of at most 1 in dimension %u, which is in %s, got %" PRId64, d,
                           one->name, sizes.items[d]);
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_gather(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  indexing x = gather_indexing(op, op->attrs[stablehlo_gather_dimension_numbers]);
  alpa_dim_list sizes = alpa_dim_list_of(op, stablehlo_gather_slice_sizes);
  ALPA_TRY(check_indexing(op, &x));
  ALPA_TRY(check_slice_sizes(op, &x, sizes));
  uint32_t rank = small_rank(&x), at_index = 0, at_window = 0;
  ALPA_TRY(alpa_check_sorted_dims(op, x.window, rank));
  alpa_shape shape = {0};
  for (uint32_t d = 0; d < rank; d++)
    if (alpa_dim_list_has(x.window, d))
      alpa_shape_push(&shape, sizes.items[next_window_dim(&x, &at_window)]);
    else
      alpa_shape_push(&shape, next_index_dim(&x, &at_index));
  return alpa_infer_shape(op, out, x.big, &shape);
}

alpa_status alpa_stablehlo_verify_dynamic_gather(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  indexing x = gather_indexing(op, op->attrs[stablehlo_dynamic_gather_dimension_numbers]);
  ALPA_TRY(check_indexing(op, &x));
  ALPA_TRY(alpa_check_sorted_dims(op, x.window, small_rank(&x)));
  const alpa_type *sizes = alpa_op_operand_type(op, 2);
  if (sizes->rank != 1 || !alpa_dim_agrees(sizes->dims[0], x.big->rank))
    return alpa_op_error(op, "expects the slice sizes to be a tensor of %u integers, got '%s'", x.big->rank,
                         alpa_spell(op, sizes));
  if (alpa_op_type(op)->rank != small_rank(&x))
    return alpa_op_error(op, "computes a result of rank %u, got '%s'", small_rank(&x),
                         alpa_spell(op, alpa_op_type(op)));
  return alpa_check_same_element(op, x.big, "the operand", alpa_op_type(op), "the result");
}

alpa_status alpa_stablehlo_verify_torch_index_select(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0), *index = alpa_op_operand_type(op, 1);
  int64_t dim = alpa_op_int(op, stablehlo_torch_index_select_dim, 0);
  int64_t batch = alpa_op_int(op, stablehlo_torch_index_select_batch_dims, 0);
  ALPA_TRY(alpa_check_class(op, index, ALPA_IN_INTEGER, "the index", "integers"));
  ALPA_TRY(alpa_check_dim(op, "dim", dim, type->rank));
  if (batch < 0 || batch > dim || batch > index->rank)
    return alpa_op_error(op, "expects batch_dims to be in [0, %" PRId64 "], got %" PRId64,
                         dim < index->rank ? dim : (int64_t)index->rank, batch);
  alpa_shape shape = {0};
  for (int64_t d = 0; d < dim; d++)
    alpa_shape_push(&shape, type->dims[d]);
  for (int64_t d = batch; d < index->rank; d++)
    alpa_shape_push(&shape, index->dims[d]);
  for (int64_t d = dim + 1; d < type->rank; d++)
    alpa_shape_push(&shape, type->dims[d]);
  ALPA_TRY(alpa_check_same_element(op, type, "the operand", alpa_op_type(op), "the result"));
  return alpa_check_result_shape(op, &shape);
}

/* ---- scatter --------------------------------------------------------------------------------------------------- */

static indexing scatter_indexing(const alpa_op *op, uint32_t n) {
  const alpa_attr *numbers = op->attrs[stablehlo_scatter_scatter_dimension_numbers];
  return (indexing){
      .big = alpa_op_operand_type(op, 0),
      .indices = alpa_op_operand_type(op, n),
      .window = alpa_dim_list_field(numbers, STABLEHLO_SCATTER_UPDATE_WINDOW_DIMS),
      .absent = alpa_dim_list_field(numbers, STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS),
      .batch = alpa_dim_list_field(numbers, STABLEHLO_SCATTER_INPUT_BATCHING_DIMS),
      .indices_batch = alpa_dim_list_field(numbers, STABLEHLO_SCATTER_INDICES_BATCHING_DIMS),
      .map = alpa_dim_list_field(numbers, STABLEHLO_SCATTER_DIMS_TO_OPERAND_DIMS),
      .vector_dim = alpa_struct_int(numbers, STABLEHLO_SCATTER_INDEX_VECTOR_DIM),
  };
}

static alpa_status check_updates(const alpa_op *op, const indexing *x, const alpa_type *updates) {
  uint32_t rank = small_rank(x), at_index = 0, at_window = 0;
  if (updates->rank != rank)
    return alpa_op_error(op, "expects updates of rank %u, got '%s'", rank, alpa_spell(op, updates));
  ALPA_TRY(alpa_check_sorted_dims(op, x->window, rank));
  for (uint32_t d = 0; d < rank; d++) {
    int64_t size = updates->dims[d];
    if (alpa_dim_list_has(x->window, d)) {
      int64_t bound = x->big->dims[next_window_dim(x, &at_window)];
      if (alpa_dim_known(size) && alpa_dim_known(bound) && size > bound)
        return alpa_op_error(op, "update window dimension %u is larger than the operand's: %" PRId64 " and %" PRId64, d,
                             size, bound);
    } else {
      int64_t expected = next_index_dim(x, &at_index);
      if (!alpa_dim_agrees(size, expected))
        return alpa_op_error(op,
                             "expects update dimension %u to have the size of the indices (%" PRId64 "), got %" PRId64,
                             d, expected, size);
    }
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_scatter(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  if (op->n_operands % 2 == 0)
    return alpa_op_error(op, "expects inputs, indices, and as many updates as inputs, got %u operands", op->n_operands);
  uint32_t n = (op->n_operands - 1) / 2;
  indexing x = scatter_indexing(op, n);
  ALPA_TRY(check_indexing(op, &x));
  const alpa_type **inputs = alpa_arena_new(out->arena, const alpa_type *, 2 * n), **updates = inputs + n;
  for (uint32_t i = 0; i < n; i++) {
    inputs[i] = alpa_op_operand_type(op, i);
    updates[i] = alpa_op_operand_type(op, n + 1 + i);
    ALPA_TRY(alpa_check_same_shape(op, inputs[0], "the first input", inputs[i], "every other one"));
    ALPA_TRY(alpa_check_same_element(op, inputs[i], "an input", updates[i], "its updates"));
    ALPA_TRY(check_updates(op, &x, updates[i]));
  }
  ALPA_TRY(alpa_check_reducer(op, 0, n, inputs, NULL));
  for (uint32_t i = 0; i < n; i++) {
    alpa_shape shape = alpa_shape_of(inputs[i]);
    ALPA_TRY(alpa_infer_shape(op, out, alpa_reducer_type(op, 0, i), &shape));
  }
  return ALPA_OK;
}
