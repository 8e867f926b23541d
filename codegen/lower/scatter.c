/* Kernels of kind `scatter`: updates are combined into the result, which starts as the operand.
 *
 * The places of the updates are visited in order; lanes and tasks share out the window of each update, whose elements
 * go to different places, so that no two tasks meet.  Windows are often small and a GPU has many threads: they also
 * share out the places where updates go, by their number along one dimension modulo `n_shares`. */
#include <string.h>

#include "codegen/lower/indexed.h"
#include "codegen/lower/loop.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

typedef struct scatter_kernel {
  const alpa_op *op;
  uint32_t n; /* inputs */
  const alpa_type *updates, *result;
  alpa_value *indices;
  uint32_t window[ALPA_MAX_RANK], batch[ALPA_MAX_RANK]; /* dimensions of the updates */
  uint32_t n_window, n_batch, lane_dim, lanes;
  int64_t batch_dims[ALPA_MAX_RANK], window_dims[ALPA_MAX_RANK]; /* extents; 1 for the lane dimension */
  int64_t n_places, n_pieces, chunks;
  int64_t shared_dim, n_shares; /* of the result */
  LLVMValueRef share;           /* of the task; NULL where n_shares is 1 */
} scatter_kernel;

static const alpa_attr *numbers(const scatter_kernel *k, int field) {
  return alpa_attr_field(alpa_op_attr(k->op, stablehlo_scatter_scatter_dimension_numbers), field);
}

static void init(alpa_lower *lower, scatter_kernel *k) {
  memset(k, 0, sizeof *k);
  k->op = alpa_op_operand(alpa_kernel_body(lower->kernel)->last, 0)->op;
  k->n = (k->op->n_operands - 1) / 2;
  k->indices = alpa_op_operand(k->op, k->n);
  k->updates = alpa_op_operand_type(k->op, k->n + 1);
  k->result = k->op->results[0].type;
  k->lane_dim = ALPA_NO_INDEX;
  k->lanes = 1;
  k->n_places = k->n_pieces = k->chunks = 1;
  for (uint32_t d = 0; d < k->updates->rank; d++) {
    if (!alpa_dims_contain(numbers(k, STABLEHLO_SCATTER_UPDATE_WINDOW_DIMS), d)) {
      k->batch[k->n_batch] = d;
      k->batch_dims[k->n_batch++] = k->updates->dims[d];
      k->n_places *= k->updates->dims[d];
      continue;
    }
    if (k->updates->dims[d] > 1)
      k->lane_dim = d;
    k->window[k->n_window] = d;
    k->window_dims[k->n_window++] = k->updates->dims[d];
    k->n_pieces *= k->updates->dims[d];
  }
  if (k->lane_dim == ALPA_NO_INDEX)
    return;
  int64_t extent = k->updates->dims[k->lane_dim];
  k->lanes = alpa_lower_lanes(lower, alpa_kernel_lanes(lower), extent);
  k->chunks = (extent + k->lanes - 1) / k->lanes;
  k->n_pieces = k->n_pieces / extent * k->chunks;
  for (uint32_t i = 0; i < k->n_window; i++)
    if (k->window[i] == k->lane_dim)
      k->window_dims[i] = k->chunks;
}

/* Along the first dimension that indices count, where windows have one element: all lanes are in one share. */
static void set_shares(const alpa_lower *lower, scatter_kernel *k) {
  enum { MOST_SHARES = 256, THREADS_OF_MULTIPROCESSOR = 256 };
  size_t n;
  const int64_t *dims = alpa_attr_i64s(numbers(k, STABLEHLO_SCATTER_DIMS_TO_OPERAND_DIMS), &n);
  k->n_shares = 1;
  if (!alpa_lower_is_gpu(lower) || !n ||
      !alpa_dims_contain(numbers(k, STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS), dims[0]))
    return;
  k->shared_dim = dims[0];
  int64_t wanted = (int64_t)lower->target->n_cores * THREADS_OF_MULTIPROCESSOR, extent = k->result->dims[dims[0]];
  while (k->n_shares < MOST_SHARES && 2 * k->n_shares <= extent && k->n_pieces * k->n_shares < wanted)
    k->n_shares *= 2;
}

static void schedule(alpa_lower *lower) {
  scatter_kernel k;
  init(lower, &k);
  set_shares(lower, &k);
  double work = 4.0 * (double)alpa_type_count(k.updates) * alpa_kernel_element_work(lower->kernel) / k.lanes;
  lower->schedule->n_tasks[0] = alpa_task_count(lower, work, k.n_pieces * k.n_shares);
  lower->schedule->flops = (double)alpa_type_count(k.updates);
}

/* Component of the window in each result dimension that the window covers. */
static void add_window(alpa_lower *lower, const scatter_kernel *k, const alpa_tuple *update, alpa_tuple *to) {
  uint32_t next = 0;
  for (uint32_t d = 0; d < k->result->rank; d++)
    if (!alpa_dims_contain(numbers(k, STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS), d) &&
        !alpa_dims_contain(numbers(k, STABLEHLO_SCATTER_INPUT_BATCHING_DIMS), d))
      to->at[d] = alpa_component_add(lower, to->at[d], update->at[k->window[next++]], update->lanes);
}

/* How many elements a window has along a dimension of the result. */
static int64_t window_extent(const scatter_kernel *k, uint32_t dim) {
  uint32_t next = 0;
  for (uint32_t d = 0; d < k->result->rank; d++) {
    bool is_point = alpa_dims_contain(numbers(k, STABLEHLO_SCATTER_INSERTED_WINDOW_DIMS), d) ||
                    alpa_dims_contain(numbers(k, STABLEHLO_SCATTER_INPUT_BATCHING_DIMS), d);
    if (d == dim)
      return is_point ? 1 : k->updates->dims[k->window[next]];
    next += !is_point;
  }
  return 1;
}

/* Restricts a window's place to those where all of it lies inside: as XLA does, no part of another one is written. */
static void restrict_start(alpa_lower *lower, const scatter_kernel *k, alpa_tuple *to, uint32_t dim) {
  int64_t starts = k->result->dims[dim] - window_extent(k, dim) + 1;
  LLVMValueRef value = alpa_component_value(lower, to->at[dim], to->lanes);
  LLVMValueRef bound = alpa_lower_splat(lower, alpa_lower_i64(lower, starts), alpa_expr_lanes(value));
  if (!LLVMIsAConstantInt(value) || LLVMConstIntGetZExtValue(value) >= (uint64_t)starts)
    alpa_tuple_restrict(lower, to, LLVMBuildICmp(lower->builder, LLVMIntULT, value, bound, ""));
}

/* Where an update goes; restricted to windows inside. */
static alpa_tuple *target(alpa_lower *lower, const scatter_kernel *k, const alpa_tuple *update) {
  const alpa_attr *vector_attr = numbers(k, STABLEHLO_SCATTER_INDEX_VECTOR_DIM);
  int64_t vector_dim = vector_attr ? vector_attr->integer : 0;
  alpa_tuple *place = alpa_tuple_make(lower, update, k->n_batch), *to = alpa_tuple_make(lower, update, k->result->rank);
  for (uint32_t i = 0; i < k->n_batch; i++)
    place->at[i] = update->at[k->batch[i]];
  size_t n;
  const int64_t *dims = alpa_attr_i64s(numbers(k, STABLEHLO_SCATTER_DIMS_TO_OPERAND_DIMS), &n);
  for (size_t i = 0; i < n; i++) {
    to->at[dims[i]] = alpa_index_at(lower, k->indices, vector_dim, (int64_t)i, place);
    restrict_start(lower, k, to, (uint32_t)dims[i]);
  }
  const int64_t *batching = alpa_attr_i64s(numbers(k, STABLEHLO_SCATTER_INPUT_BATCHING_DIMS), &n);
  const int64_t *from = alpa_attr_i64s(numbers(k, STABLEHLO_SCATTER_INDICES_BATCHING_DIMS), &n);
  for (size_t i = 0; i < n; i++)
    to->at[batching[i]] = place->at[from[i] < vector_dim ? from[i] : from[i] - 1];
  add_window(lower, k, update, to);
  return to;
}

static void combine(alpa_lower *lower, const scatter_kernel *k, const alpa_tuple *update, alpa_tuple *to) {
  alpa_element *args = alpa_arena_new(lower->arena, alpa_element, 2 * k->n);
  alpa_element *results = alpa_arena_new(lower->arena, alpa_element, k->n);
  to->guard = NULL; /* tested by the branch around */
  const alpa_tuple *at = alpa_tuple_get(lower, to);
  for (uint32_t i = 0; i < k->n; i++) {
    args[i] = alpa_expr_load(lower, alpa_lower_result(lower, i), k->op->results[i].type, at);
    args[k->n + i] = alpa_expr_eval(lower, alpa_op_operand(k->op, k->n + 1 + i), update);
  }
  alpa_expr_eval_block(lower, k->op->regions[0].first, args, results);
  for (uint32_t i = 0; i < k->n; i++)
    alpa_expr_store(lower, alpa_lower_result(lower, i), k->op->results[i].type, at, results[i]);
}

static void emit_piece(alpa_lower *lower, const scatter_kernel *k, alpa_tuple *update, LLVMValueRef piece) {
  alpa_tuple *window = alpa_tuple_make(lower, update, k->n_window);
  alpa_domain_delinearise(lower, piece, k->n_window, k->window_dims, ALPA_NO_INDEX, window);
  for (uint32_t i = 0; i < k->n_window; i++) {
    alpa_component c = window->at[i];
    if (k->window[i] == k->lane_dim) {
      c = alpa_component_scale(lower, c, k->lanes);
      c.step = k->lanes > 1;
      if (k->updates->dims[k->lane_dim] % k->lanes) {
        LLVMValueRef place = alpa_component_value(lower, c, k->lanes);
        LLVMValueRef end = alpa_lower_i64(lower, k->updates->dims[k->lane_dim]);
        update->mask = LLVMBuildICmp(lower->builder, LLVMIntULT, place, alpa_lower_splat(lower, end, k->lanes), "");
      }
    }
    update->at[k->window[i]] = c;
  }
  const alpa_tuple *at = alpa_tuple_get(lower, update);
  alpa_tuple *to = target(lower, k, at);
  if (k->share) {
    LLVMValueRef n_shares = alpa_lower_i64(lower, k->n_shares), index = to->at[k->shared_dim].base;
    LLVMValueRef share = LLVMBuildURem(lower->builder, index, n_shares, "");
    alpa_tuple_restrict(lower, to, LLVMBuildICmp(lower->builder, LLVMIntEQ, share, k->share, ""));
  }
  to->mask = at->mask && !to->mask ? at->mask : to->mask;
  if (!to->guard) {
    combine(lower, k, at, to);
    return;
  }
  LLVMBasicBlockRef inside = alpa_lower_block(lower, "inside"), after = alpa_lower_block(lower, "after");
  LLVMBuildCondBr(lower->builder, to->guard, inside, after);
  LLVMPositionBuilderAtEnd(lower->builder, inside);
  alpa_expr_push(lower);
  combine(lower, k, at, to);
  alpa_expr_pop(lower);
  LLVMBuildBr(lower->builder, after);
  LLVMPositionBuilderAtEnd(lower->builder, after);
}

static void emit(alpa_lower *lower, uint32_t phase) {
  (void)phase;
  scatter_kernel k;
  init(lower, &k);
  if (!alpa_type_count(k.updates))
    return;
  set_shares(lower, &k);
  LLVMValueRef start, end, task = lower->task;
  int64_t n_tasks = lower->schedule->n_tasks[0];
  if (k.n_shares > 1) {
    k.share = LLVMBuildUDiv(lower->builder, task, alpa_lower_i64(lower, k.n_pieces), "share");
    task = LLVMBuildURem(lower->builder, task, alpa_lower_i64(lower, k.n_pieces), "");
    n_tasks = k.n_pieces;
  }
  alpa_lower_task_range(lower, task, n_tasks, k.n_pieces, &start, &end);
  alpa_loop places, pieces;
  alpa_loop_begin(lower, &places, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, k.n_places), 1);
  alpa_expr_push(lower);
  alpa_tuple *update = alpa_tuple_make(lower, &(alpa_tuple){.lanes = k.lanes}, k.updates->rank);
  alpa_tuple *batch = alpa_tuple_make(lower, update, k.n_batch);
  alpa_domain_delinearise(lower, places.index, k.n_batch, k.batch_dims, ALPA_NO_INDEX, batch);
  for (uint32_t i = 0; i < k.n_batch; i++)
    update->at[k.batch[i]] = batch->at[i];
  alpa_loop_begin(lower, &pieces, start, end, 1);
  alpa_expr_push(lower);
  emit_piece(lower, &k, update, pieces.index);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &pieces);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &places);
}

const alpa_kernel_lowering alpa_lower_scatter = {schedule, emit};
