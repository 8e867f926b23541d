/* gather and scatter with all their dimension numbers.  The index tensor is read as one start vector per batch
 * position; each moves one box of elements. */
#include <string.h>

#include "dialects/stablehlo/stablehlo.h"
#include "interp/combine.h"
#include "interp/strided.h"

/* What gather and scatter have in common, in gather's words; the operand is scatter's input, the result its updates. */
typedef struct indexing {
  const int64_t *offset_dims, *collapsed, *operand_batching, *indices_batching, *index_map;
  size_t n_offset, n_collapsed, n_batching, n_map;
  int64_t vector_dim;
  const alpa_tensor *operand, *indices, *result;
  int64_t box[ALPA_MAX_RANK]; /* slice sizes, per operand dimension */
  int64_t operand_strides[ALPA_MAX_RANK], result_strides[ALPA_MAX_RANK];
  uint32_t batch_dims[ALPA_MAX_RANK], n_batch; /* dimensions of the result that are no offsets */
  int64_t window_dim[ALPA_MAX_RANK];           /* per operand dimension: its dimension of the result, or -1 */
  uint32_t indices_dims[ALPA_MAX_RANK];        /* per batch dimension of the result: that of the indices */
} indexing;

static bool contains(const int64_t *values, size_t n, int64_t value) {
  for (size_t i = 0; i < n; i++)
    if (values[i] == value)
      return true;
  return false;
}

static const int64_t *list(const alpa_attr *numbers, int field, size_t *n) {
  return alpa_attr_i64s(alpa_attr_field(numbers, field), n);
}

/* Completes the description from its dimension numbers and tensors. */
static void complete(indexing *x) {
  uint32_t next_offset = 0, next_batch = 0;
  for (uint32_t i = 0; i < x->operand->rank; i++) {
    bool dropped = contains(x->collapsed, x->n_collapsed, i) || contains(x->operand_batching, x->n_batching, i);
    x->window_dim[i] = dropped ? -1 : x->offset_dims[next_offset++];
  }
  for (uint32_t i = 0; i < x->result->rank; i++)
    if (!contains(x->offset_dims, x->n_offset, i)) {
      x->batch_dims[x->n_batch] = i;
      if ((int64_t)next_batch == x->vector_dim)
        next_batch++;
      x->indices_dims[x->n_batch++] = next_batch++;
    }
  alpa_strides_of(x->operand->rank, x->operand->dims, x->operand_strides);
  alpa_strides_of(x->result->rank, x->result->dims, x->result_strides);
}

/* Start of the box of one batch position in the operand; `batch` has an index per batch dimension. */
static void read_start(const indexing *x, const int64_t *batch, int64_t *start) {
  int64_t strides[ALPA_MAX_RANK], at = 0;
  alpa_strides_of(x->indices->rank, x->indices->dims, strides);
  for (uint32_t i = 0; i < x->n_batch; i++)
    at += batch[i] * strides[x->indices_dims[i]];
  int64_t step = x->vector_dim < (int64_t)x->indices->rank ? strides[x->vector_dim] : 0;
  memset(start, 0, x->operand->rank * sizeof *start);
  for (size_t k = 0; k < x->n_map; k++) {
    int64_t value = alpa_tensor_integer(x->indices, at + (int64_t)k * step);
    start[x->index_map[k]] = x->indices->dtype == ALPA_UI64 && value < 0 ? INT64_MAX / 2 : value;
  }
  for (size_t k = 0; k < x->n_batching; k++) {
    uint32_t i = 0; /* the batch dimension that runs along this dimension of the indices */
    while ((int64_t)x->indices_dims[i] != x->indices_batching[k])
      i++;
    start[x->operand_batching[k]] = batch[i];
  }
}

static void batch_sizes(const indexing *x, int64_t *sizes) {
  for (uint32_t i = 0; i < x->n_batch; i++)
    sizes[i] = x->result->dims[x->batch_dims[i]];
}

static int64_t result_offset(const indexing *x, const int64_t *batch) {
  int64_t at = 0;
  for (uint32_t i = 0; i < x->n_batch; i++)
    at += batch[i] * x->result_strides[x->batch_dims[i]];
  return at;
}

/* ---- gather ----------------------------------------------------------------------------------------------------- */

/* Also of dynamic_gather, whose slice sizes are an operand. */
_Static_assert((int)stablehlo_gather_dimension_numbers == (int)stablehlo_dynamic_gather_dimension_numbers,
               "one evaluation");

static indexing describe_gather(const alpa_call *call) {
  const alpa_attr *numbers = alpa_op_attr(call->op, stablehlo_gather_dimension_numbers);
  indexing x = {.operand = alpa_call_in(call, 0), .indices = alpa_call_in(call, 1), .result = alpa_call_out(call, 0)};
  size_t n;
  x.offset_dims = list(numbers, STABLEHLO_GATHER_OFFSET_DIMS, &x.n_offset);
  x.collapsed = list(numbers, STABLEHLO_GATHER_COLLAPSED_SLICE_DIMS, &x.n_collapsed);
  x.operand_batching = list(numbers, STABLEHLO_GATHER_OPERAND_BATCHING_DIMS, &x.n_batching);
  x.indices_batching = list(numbers, STABLEHLO_GATHER_START_INDICES_BATCHING_DIMS, &n);
  x.index_map = list(numbers, STABLEHLO_GATHER_START_INDEX_MAP, &x.n_map);
  const alpa_attr *vector_dim = alpa_attr_field(numbers, STABLEHLO_GATHER_INDEX_VECTOR_DIM);
  x.vector_dim = vector_dim ? vector_dim->integer : 0;
  if (stablehlo_is(call->op, STABLEHLO_gather)) {
    const int64_t *sizes = alpa_op_i64s(call->op, stablehlo_gather_slice_sizes, &n);
    memcpy(x.box, sizes, n * sizeof *sizes);
  } else {
    for (uint32_t i = 0; i < x.operand->rank; i++)
      x.box[i] = alpa_tensor_integer(alpa_call_in(call, 2), i);
  }
  complete(&x);
  return x;
}

alpa_status alpa_eval_gather(alpa_call *call) {
  indexing x = describe_gather(call);
  alpa_copy box = {.rank = x.operand->rank, .bytes = alpa_call_element_bytes(call, x.operand->dtype)};
  memcpy(box.dims, x.box, sizeof box.dims);
  memcpy(box.from, x.operand_strides, sizeof box.from);
  for (uint32_t i = 0; i < box.rank; i++)
    box.to[i] = x.window_dim[i] < 0 ? 0 : x.result_strides[x.window_dim[i]];
  for (uint32_t i = 0; i < box.rank; i++)
    if (x.box[i] < 0 || x.box[i] > x.operand->dims[i] ||
        x.box[i] != (x.window_dim[i] < 0 ? 1 : x.result->dims[x.window_dim[i]]))
      return alpa_op_error(call->op, "gathers slices of %lld along dimension %u, which fits neither operand nor result",
                           (long long)x.box[i], i);
  int64_t sizes[ALPA_MAX_RANK], batch[ALPA_MAX_RANK] = {0}, start[ALPA_MAX_RANK];
  batch_sizes(&x, sizes);
  if (alpa_tensor_count(x.result) == 0)
    return ALPA_OK;
  do {
    read_start(&x, batch, start);
    box.from_first = 0;
    for (uint32_t i = 0; i < box.rank; i++) {
      int64_t limit = x.operand->dims[i] - x.box[i];
      int64_t at = start[i] < 0 ? 0 : start[i] > limit ? limit : start[i];
      box.from_first += at * x.operand_strides[i];
    }
    box.to_first = result_offset(&x, batch);
    alpa_copy_run(&box, x.result->data, x.operand->data);
  } while (alpa_index_next(x.n_batch, sizes, batch));
  return ALPA_OK;
}

/* ---- scatter ---------------------------------------------------------------------------------------------------- */

static indexing describe_scatter(const alpa_call *call) {
  const alpa_attr *numbers = alpa_op_attr(call->op, stablehlo_scatter_scatter_dimension_numbers);
  uint32_t n_inputs = call->op->n_results;
  indexing x = {.operand = alpa_call_in(call, 0),
                .indices = alpa_call_in(call, n_inputs),
                .result = alpa_call_in(call, n_inputs + 1)};
  size_t n;
  x.offset_dims = list(numbers, STABLEHLO_SCATTER_UPDATE_WINDOW_DIMS, &x.n_offset);
  x.collapsed = list(numbers, STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS, &x.n_collapsed);
  x.operand_batching = list(numbers, STABLEHLO_SCATTER_INPUT_BATCHING_DIMS, &x.n_batching);
  x.indices_batching = list(numbers, STABLEHLO_SCATTER_INDICES_BATCHING_DIMS, &n);
  x.index_map = list(numbers, STABLEHLO_SCATTER_DIMS_TO_OPERAND_DIMS, &x.n_map);
  const alpa_attr *vector_dim = alpa_attr_field(numbers, STABLEHLO_SCATTER_INDEX_VECTOR_DIM);
  x.vector_dim = vector_dim ? vector_dim->integer : 0;
  complete(&x);
  for (uint32_t i = 0; i < x.operand->rank; i++)
    x.box[i] = x.window_dim[i] < 0 ? 1 : x.result->dims[x.window_dim[i]];
  return x;
}

/* Where one box of updates goes: per update element its place in the input, or -1 where the box does not fit inside. */
static void place_box(const indexing *x, const int64_t *batch, int64_t *places) {
  int64_t start[ALPA_MAX_RANK], index[ALPA_MAX_RANK] = {0}, first = result_offset(x, batch);
  read_start(x, batch, start);
  bool inside = true;
  for (uint32_t i = 0; i < x->operand->rank; i++)
    inside &= start[i] >= 0 && start[i] <= x->operand->dims[i] - x->box[i];
  do {
    int64_t from = first, to = 0;
    for (uint32_t i = 0; i < x->operand->rank; i++) {
      to += (start[i] + index[i]) * x->operand_strides[i];
      from += x->window_dim[i] < 0 ? 0 : index[i] * x->result_strides[x->window_dim[i]];
    }
    places[from] = inside ? to : -1;
  } while (alpa_index_next(x->operand->rank, x->box, index));
}

alpa_status alpa_eval_scatter(alpa_call *call) {
  indexing x = describe_scatter(call);
  uint32_t n = call->op->n_results;
  alpa_tensor *inputs = alpa_call_scratch(call, 2 * n * sizeof *inputs), *updates = inputs + n;
  for (uint32_t i = 0; i < n; i++) {
    alpa_call_take(call, i, i);
    inputs[i] = *alpa_call_out(call, i);
    updates[i] = *alpa_call_in(call, n + 1 + i);
  }
  int64_t lanes = alpa_tensor_count(x.result);
  if (lanes == 0)
    return ALPA_OK;
  int64_t *places = alpa_call_scratch(call, (size_t)lanes * sizeof *places);
  int64_t sizes[ALPA_MAX_RANK], batch[ALPA_MAX_RANK] = {0};
  batch_sizes(&x, sizes);
  do
    place_box(&x, batch, places);
  while (alpa_index_next(x.n_batch, sizes, batch));
  return alpa_combine_at(call, 0, &(alpa_hits){inputs, updates, places, lanes});
}
