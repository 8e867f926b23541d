/* Kernels of kind `rows`: the first dimensions of the domain count rows; reductions run along the others, and what
 * follows them in the same row (softmax, layer normalisation) uses their results.
 *
 * Reductions are sorted into levels: one whose operand depends on no other reduction is of level 0, and so on.  For
 * every row there is one loop per level, with a vector of partial results for each reduction of the level, and a last
 * one that writes the results of full shape.  Elements are recomputed in every loop from what memory holds, except that
 * threads of a GPU with few elements each keep them. */
#include <string.h>

#include "codegen/lower/loop.h"
#include "codegen/lower/reduce.h"
#include "codegen/ptx/group.h"
#include "codegen/ptx/split.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

enum { MOST_PIECES = 8 };

typedef struct row_kernel {
  alpa_domain domain;
  uint32_t n_rows_dims; /* dimensions that count rows */
  int64_t rows;
  const alpa_op **reduces; /* by level */
  uint32_t *levels;
  uint32_t n_reduces, n_levels, n_state; /* n_state: results of all reductions */
  alpa_ptx_group group;                  /* of a GPU: the threads of a row, which take pieces of it in turn */
  /* Where each has these few, elements stay in registers from level to level.  0: loops. */
  uint32_t n_pieces;
  LLVMValueRef pieces[MOST_PIECES]; /* where they start; NULL before they are first needed */
  /* Of a GPU: few long rows that are only reduced are shared out in parts among blocks, along the loop over a
   * dimension; a second phase combines them.  parts is 1 otherwise. */
  alpa_ptx_split_plan split;
  uint32_t part_dim;
} row_kernel;

static void find_levels(alpa_lower *lower, row_kernel *k) {
  const alpa_block *body = alpa_kernel_body(lower->kernel);
  alpa_map depths = {0};
  size_t n = 0;
  for (const alpa_op *op = body->first; op; op = op->next)
    n++;
  k->reduces = alpa_arena_new(lower->arena, const alpa_op *, n);
  k->levels = alpa_arena_new(lower->arena, uint32_t, n);
  for (const alpa_op *op = body->first; op; op = op->next) {
    uint64_t depth = 0;
    for (uint32_t i = 0; i < op->n_operands; i++) {
      const alpa_op *from = alpa_op_operand(op, i)->op;
      const uint64_t *known = from ? alpa_map_find(&depths, (uintptr_t)from) : NULL;
      depth = known && *known > depth ? *known : depth;
    }
    if (stablehlo_is(op, STABLEHLO_reduce)) {
      k->n_state += op->n_results;
      k->reduces[k->n_reduces] = op;
      k->levels[k->n_reduces++] = (uint32_t)depth++;
      k->n_levels = (uint32_t)depth > k->n_levels ? (uint32_t)depth : k->n_levels;
    }
    *alpa_map_insert(lower->arena, &depths, (uintptr_t)op, NULL) = depth;
  }
}

/* So many elements of each full operand fit in the registers of a thread. */
static uint32_t most_pieces(const alpa_lower *lower, const row_kernel *k) {
  enum { MOST_VALUES = 96 };
  const alpa_block *body = alpa_kernel_body(lower->kernel);
  int64_t count = k->domain.inner * k->domain.outer;
  uint32_t n_full = 1;
  for (uint32_t i = 0; i < body->n_args; i++)
    n_full += alpa_type_count(body->args[i]->type) == count;
  uint32_t most = MOST_VALUES / (k->domain.lanes * n_full);
  return most < MOST_PIECES ? most : MOST_PIECES;
}

static void set_group(alpa_lower *lower, row_kernel *k) {
  int64_t chunks = k->domain.inner / k->domain.lanes;
  uint32_t threads, pieces;
  bool is_line = k->rows == k->domain.outer; /* nothing else is looped over */
  k->group.threads = alpa_ptx_group_threads(chunks);
  if (!is_line || !chunks || !alpa_ptx_group_find_even(chunks, most_pieces(lower, k), &threads, &pieces))
    return;
  k->group.threads = threads;
  k->n_pieces = pieces;
}

static bool is_full(const row_kernel *k, const alpa_type *type) {
  return type->rank == k->domain.rank && k->domain.rank > k->n_rows_dims &&
         memcmp(type->dims, k->domain.dims, type->rank * sizeof *type->dims) == 0;
}

static bool is_only_reduced(const alpa_lower *lower, const row_kernel *k) {
  for (uint32_t i = 0; i < lower->kernel->n_results; i++)
    if (is_full(k, lower->kernel->results[i].type))
      return false;
  return k->n_levels == 1 && k->rows > 0;
}

/* How often the loop over a dimension turns. */
static int64_t trips(const row_kernel *k, uint32_t dim) {
  return dim == k->domain.lane_dim ? k->domain.inner / (k->domain.lanes * k->group.threads) : k->domain.dims[dim];
}

static void set_parts(const alpa_lower *lower, row_kernel *k) {
  enum { MOST_PARTS = 64, STATE_BYTES = 32, LEAST_TRIPS = 2 };
  int64_t work = k->domain.inner, wanted = 2 * (int64_t)lower->target->n_cores;
  k->part_dim = k->domain.lane_dim;
  for (uint32_t d = k->n_rows_dims; d < k->domain.rank; d++) {
    work *= d == k->domain.lane_dim ? 1 : k->domain.dims[d];
    k->part_dim = trips(k, d) > trips(k, k->part_dim) ? d : k->part_dim;
  }
  enum { LEAST_WORK = 1 << 14 }; /* of a part, in elements */
  while (k->split.parts < MOST_PARTS && k->rows * k->split.parts < wanted &&
         trips(k, k->part_dim) >= 2 * LEAST_TRIPS * (int64_t)k->split.parts &&
         work >= LEAST_WORK * 2 * (int64_t)k->split.parts)
    k->split.parts *= 2;
  k->split.bytes = k->n_state * STATE_BYTES;
  if (k->split.parts > 1)
    k->n_pieces = 0;
}

static void init(alpa_lower *lower, row_kernel *k) {
  *k = (row_kernel){.n_rows_dims = (uint32_t)alpa_op_int(lower->kernel, kernel_fused_rows, 0), .rows = 1};
  size_t rank;
  const int64_t *dims = alpa_op_i64s(lower->kernel, kernel_fused_domain, &rank);
  alpa_domain_init(lower, &k->domain, (uint32_t)rank, dims, 2);
  for (uint32_t d = 0; d < k->n_rows_dims; d++)
    k->rows *= dims[d];
  if (k->domain.lane_dim < k->n_rows_dims || k->domain.lane_dim >= rank) { /* rows of one element */
    k->domain.lane_dim = (uint32_t)rank;
    k->domain.lanes = 1;
    k->domain.inner = 1;
  }
  k->domain.flat = false;
  k->group.threads = 1;
  k->split = (alpa_ptx_split_plan){.members = 1, .parts = 1, .n_points = k->rows};
  find_levels(lower, k);
  if (!alpa_lower_is_gpu(lower))
    return;
  set_group(lower, k);
  if (k->domain.lane_dim < k->domain.rank && is_only_reduced(lower, k))
    set_parts(lower, k);
}

static void schedule(alpa_lower *lower) {
  row_kernel k;
  init(lower, &k);
  double work = alpa_kernel_element_work(lower->kernel) * (k.n_levels + 1);
  for (uint32_t d = 0; d < k.domain.rank; d++)
    work *= (double)k.domain.dims[d];
  lower->schedule->n_tasks[0] = alpa_task_count(lower, work, k.rows);
  lower->schedule->flops = work;
  if (!alpa_lower_is_gpu(lower))
    return;
  lower->schedule->launch[0] = alpa_ptx_group_launch(lower, k.rows * k.split.parts, k.group.threads, k.n_state);
  if (k.split.parts == 1)
    return;
  lower->schedule->n_phases = 2;
  lower->schedule->n_tasks[1] = k.rows;
  lower->schedule->scratch_bytes = k.rows * k.split.parts * k.split.bytes;
}

/* ---- one level ---- */

/* State of the loops of a level: partial results of its reductions, one after the other. */
typedef struct level {
  row_kernel *kernel;
  uint32_t number;
  const alpa_tuple *row;
  alpa_element *state;
  uint32_t n_state;
  alpa_component index[ALPA_MAX_RANK]; /* of the inner dimensions that are not on lanes */
  void (*body)(alpa_lower *lower, struct level *level, const alpa_tuple *at);
} level;

static alpa_element masked(alpa_lower *lower, LLVMValueRef mask, alpa_element a, alpa_element b) {
  return mask ? alpa_expr_select(lower, mask, a, b) : a;
}

static alpa_element widen(alpa_lower *lower, alpa_element element, uint32_t lanes) {
  return (alpa_element){alpa_expr_widen(lower, element.re, lanes),
                        element.im ? alpa_expr_widen(lower, element.im, lanes) : NULL};
}

static alpa_element identity(alpa_lower *lower, alpa_reduction reduction, alpa_dtype dtype, uint32_t lanes) {
  char bytes[16];
  alpa_monoid_identity(reduction, dtype, bytes);
  return widen(lower, alpa_expr_constant(lower, dtype, bytes), lanes);
}

static void reduce_point(alpa_lower *lower, level *l, const alpa_tuple *at) {
  uint32_t lanes = l->kernel->domain.lanes, next = 0;
  for (uint32_t i = 0; i < l->kernel->n_reduces; i++) {
    const alpa_op *op = l->kernel->reduces[i];
    if (l->kernel->levels[i] != l->number)
      continue;
    alpa_element *state = &l->state[next];
    uint32_t n = op->n_results;
    next += n;
    alpa_element *args = alpa_arena_new(lower->arena, alpa_element, 2 * n);
    for (uint32_t j = 0; j < n; j++) {
      args[j] = state[j];
      args[n + j] = widen(lower, alpa_expr_eval(lower, alpa_op_operand(op, j), at), lanes);
    }
    alpa_reduction reduction;
    alpa_dtype dtype = op->results[0].type->dtype;
    if (alpa_block_find_monoid(op->regions[0].first, &reduction)) {
      alpa_element element = masked(lower, at->mask, args[1], identity(lower, reduction, dtype, lanes));
      state[0] = alpa_reduce_combine(lower, reduction, dtype, state[0], element);
      continue;
    }
    alpa_expr_eval_block(lower, op->regions[0].first, args, state);
    for (uint32_t j = 0; j < n; j++)
      state[j] = masked(lower, at->mask, widen(lower, state[j], lanes), args[j]);
  }
}

static void carry(alpa_lower *lower, alpa_loop *loop, level *l) {
  for (uint32_t i = 0; i < l->n_state; i++) {
    l->state[i].re = alpa_loop_carry(lower, loop, l->state[i].re);
    if (l->state[i].im)
      l->state[i].im = alpa_loop_carry(lower, loop, l->state[i].im);
  }
}

static void finish_loop(alpa_lower *lower, alpa_loop *loop, level *l) {
  for (uint32_t i = 0; i < l->n_state; i++) {
    alpa_loop_next(loop, l->state[i].re);
    if (l->state[i].im)
      alpa_loop_next(loop, l->state[i].im);
  }
  alpa_loop_end(lower, loop);
  for (uint32_t i = 0, at = 0; i < l->n_state; i++) {
    l->state[i].re = alpa_loop_result(loop, at++);
    if (l->state[i].im)
      l->state[i].im = alpa_loop_result(loop, at++);
  }
}

static LLVMValueRef lane_mask(alpa_lower *lower, const alpa_domain *domain, LLVMValueRef start) {
  if (domain->lanes == 1 || domain->inner % domain->lanes == 0)
    return NULL;
  LLVMValueRef numbers = alpa_lower_lane_numbers(lower, lower->type.i64, domain->lanes);
  LLVMValueRef place = LLVMBuildAdd(lower->builder, alpa_lower_splat(lower, start, domain->lanes), numbers, "");
  LLVMValueRef end = alpa_lower_splat(lower, alpa_lower_i64(lower, domain->inner), domain->lanes);
  return LLVMBuildICmp(lower->builder, LLVMIntULT, place, end, "");
}

static void run_point(alpa_lower *lower, level *l, LLVMValueRef start) {
  const alpa_domain *domain = &l->kernel->domain;
  alpa_tuple *at = alpa_tuple_make(lower, l->row, domain->rank);
  for (uint32_t d = 0; d < domain->rank; d++) {
    if (d < l->kernel->n_rows_dims)
      at->at[d] = l->row->at[d];
    else if (d < domain->lane_dim) /* behind it are dimensions of size 1 */
      at->at[d] = l->index[d];
  }
  if (domain->lane_dim < domain->rank) {
    alpa_component c = alpa_component_of(start);
    c.step = domain->lanes > 1;
    if (!LLVMIsAConstantInt(start))
      c.multiple = domain->lanes;
    at->at[domain->lane_dim] = c;
  }
  at->mask = lane_mask(lower, domain, start);
  l->body(lower, l, alpa_tuple_get(lower, at));
}

static LLVMValueRef first_of_thread(alpa_lower *lower, const row_kernel *k) {
  LLVMValueRef thread = LLVMBuildZExt(lower->builder, k->group.number, lower->type.i64, "");
  return LLVMBuildMul(lower->builder, thread, alpa_lower_i64(lower, k->domain.lanes), "");
}

static void run_pieces(alpa_lower *lower, level *l) {
  row_kernel *k = l->kernel;
  int64_t step = (int64_t)k->domain.lanes * k->group.threads;
  for (uint32_t d = k->n_rows_dims; d < k->domain.rank; d++)
    l->index[d] = alpa_component_constant(lower, 0);
  for (uint32_t i = 0; i < k->n_pieces; i++) {
    if (!k->pieces[i])
      k->pieces[i] = LLVMBuildAdd(lower->builder, first_of_thread(lower, k), alpa_lower_i64(lower, i * step), "");
    run_point(lower, l, k->pieces[i]);
  }
}

/* Loops over the inner dimensions from `dim` on, the one on lanes last. */
static void run_inner(alpa_lower *lower, level *l, uint32_t dim) {
  const alpa_domain *domain = &l->kernel->domain;
  LLVMValueRef zero = alpa_lower_i64(lower, 0);
  bool innermost = dim >= domain->rank || dim == domain->lane_dim;
  uint32_t threads = l->kernel->group.threads;
  int64_t extent = innermost ? domain->inner : domain->dims[dim], step = innermost ? domain->lanes * threads : 1;
  if (dim < domain->rank)
    l->index[dim] = alpa_component_of(zero);
  LLVMValueRef start = innermost && threads > 1 ? first_of_thread(lower, l->kernel) : zero;
  if (lower->split && dim == l->kernel->part_dim) {
    LLVMValueRef first = LLVMBuildMul(lower->builder, lower->split->part, alpa_lower_i64(lower, step), "");
    start = LLVMBuildAdd(lower->builder, start, first, "");
    step *= l->kernel->split.parts;
  }
  if (extent <= step) {
    if (innermost)
      run_point(lower, l, start);
    else
      run_inner(lower, l, dim + 1);
    return;
  }
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, start, alpa_lower_i64(lower, extent), step);
  carry(lower, &loop, l);
  alpa_expr_push(lower);
  if (innermost) {
    run_point(lower, l, loop.index);
  } else {
    l->index[dim] = alpa_component_of(loop.index);
    run_inner(lower, l, dim + 1);
  }
  alpa_expr_pop(lower);
  finish_loop(lower, &loop, l);
}

static void run_loops(alpa_lower *lower, level *l) {
  if (l->kernel->n_pieces) {
    run_pieces(lower, l);
    return;
  }
  alpa_expr_push(lower);
  run_inner(lower, l, l->kernel->n_rows_dims);
  alpa_expr_pop(lower);
}

/* ---- from lanes to one ---- */

static LLVMValueRef half_of(alpa_lower *lower, LLVMValueRef value, uint32_t half) {
  if (!value)
    return NULL;
  uint32_t lanes = alpa_expr_lanes(value) / 2;
  if (lanes == 1)
    return LLVMBuildExtractElement(lower->builder, value, LLVMConstInt(lower->type.i32, half, false), "");
  LLVMValueRef *order = alpa_arena_new(lower->arena, LLVMValueRef, lanes);
  for (uint32_t i = 0; i < lanes; i++)
    order[i] = LLVMConstInt(lower->type.i32, half * lanes + i, false);
  return LLVMBuildShuffleVector(lower->builder, value, LLVMGetPoison(LLVMTypeOf(value)), LLVMConstVector(order, lanes),
                                "");
}

/* The partial results of one reduction, combined. */
static void combine_states(alpa_lower *lower, const void *user, const alpa_element *first, const alpa_element *second,
                           alpa_element *state) {
  const alpa_op *op = user;
  uint32_t n = op->n_results;
  alpa_reduction reduction;
  if (alpa_block_find_monoid(op->regions[0].first, &reduction)) {
    state[0] = alpa_reduce_combine(lower, reduction, op->results[0].type->dtype, first[0], second[0]);
    return;
  }
  alpa_element *args = alpa_arena_new(lower->arena, alpa_element, 2 * n);
  memcpy(args, first, n * sizeof *args);
  memcpy(args + n, second, n * sizeof *args);
  alpa_expr_eval_block(lower, op->regions[0].first, args, state);
}

/* Combines the lanes of the partial results of one reduction, halving until one is left. */
static void fold_lanes(alpa_lower *lower, const alpa_op *op, alpa_element *state) {
  uint32_t n = op->n_results;
  while (alpa_expr_lanes(state[0].re) > 1) {
    alpa_element *args = alpa_arena_new(lower->arena, alpa_element, 2 * n);
    for (uint32_t j = 0; j < n; j++)
      for (uint32_t half = 0; half < 2; half++)
        args[half * n + j] = (alpa_element){half_of(lower, state[j].re, half), half_of(lower, state[j].im, half)};
    combine_states(lower, op, args, args + n, state);
  }
}

/* Of a GPU: the threads of a row, and where there are parts the phases, bring their states together.  False where the
 * result is left to the second phase. */
static bool gather_states(alpa_lower *lower, row_kernel *k, const alpa_op *op, alpa_element *state) {
  uint32_t n = op->n_results;
  if (k->group.threads > 1)
    alpa_ptx_group_fold(lower, &k->group, state, n, combine_states, op);
  if (!lower->split)
    return true;
  if (!alpa_ptx_split_take(lower, state, n))
    alpa_lower_unsupported(lower, op, "has states of more bytes than were measured; this is a defect of its lowering");
  else if (lower->split->is_final)
    alpa_ptx_split_gather(lower, state, n, combine_states, op);
  else
    alpa_ptx_split_put(lower, state, n);
  return lower->split->is_final;
}

static void set_results(alpa_lower *lower, row_kernel *k, const alpa_op *op, const alpa_tuple *row,
                        alpa_element *state) {
  const alpa_tuple *scalar = alpa_tuple_get(lower, alpa_tuple_make(lower, row, 0));
  alpa_reduction reduction;
  fold_lanes(lower, op, state);
  if (!gather_states(lower, k, op, state))
    return;
  if (alpa_block_find_monoid(op->regions[0].first, &reduction)) {
    alpa_element init = alpa_expr_eval(lower, alpa_op_operand(op, 1), scalar);
    state[0] = alpa_reduce_combine(lower, reduction, op->results[0].type->dtype, init, state[0]);
  }
  for (uint32_t j = 0; j < op->n_results; j++) {
    alpa_value *result = (alpa_value *)&op->results[j];
    if (alpa_type_class(result->type) == ALPA_CLASS_FLOAT)
      state[j].re = alpa_float_round(lower, result->type->dtype, state[j].re);
    alpa_expr_set(lower, result, row, state[j]);
  }
}

static void run_level(alpa_lower *lower, row_kernel *k, uint32_t number, const alpa_tuple *row) {
  const alpa_tuple *scalar = alpa_tuple_get(lower, alpa_tuple_make(lower, row, 0));
  level l = {.kernel = k, .number = number, .row = row, .body = reduce_point};
  for (uint32_t i = 0; i < k->n_reduces; i++)
    l.n_state += k->levels[i] == number ? k->reduces[i]->n_results : 0;
  l.state = alpa_arena_new(lower->arena, alpa_element, l.n_state);
  uint32_t next = 0;
  for (uint32_t i = 0; i < k->n_reduces; i++) {
    const alpa_op *op = k->reduces[i];
    alpa_reduction reduction;
    if (k->levels[i] != number)
      continue;
    if (alpa_block_find_monoid(op->regions[0].first, &reduction)) {
      l.state[next++] = identity(lower, reduction, op->results[0].type->dtype, k->domain.lanes);
      continue;
    }
    for (uint32_t j = 0; j < op->n_results; j++) {
      alpa_element init = alpa_expr_eval(lower, alpa_op_operand(op, op->n_results + j), scalar);
      l.state[next++] = widen(lower, init, k->domain.lanes);
    }
  }
  if (!lower->split || !lower->split->is_final)
    run_loops(lower, &l);
  next = 0;
  for (uint32_t i = 0; i < k->n_reduces; i++)
    if (k->levels[i] == number) {
      set_results(lower, k, k->reduces[i], row, &l.state[next]);
      next += k->reduces[i]->n_results;
    }
}

/* ---- results ---- */

/* The place of a row in a result with one element for each: dimensions of size 1 may follow those of the rows. */
static const alpa_tuple *place_of_row(alpa_lower *lower, const alpa_type *type, const alpa_tuple *row) {
  if (type->rank == row->rank)
    return row;
  alpa_tuple *place = alpa_tuple_make(lower, row, type->rank);
  for (uint32_t d = 0; d < row->rank; d++)
    place->at[d] = row->at[d];
  return alpa_tuple_get(lower, place);
}

static void store_point(alpa_lower *lower, level *l, const alpa_tuple *at) {
  const alpa_op *yield = alpa_kernel_body(lower->kernel)->last;
  alpa_element *elements = alpa_arena_new(lower->arena, alpa_element, yield->n_operands);
  for (uint32_t i = 0; i < yield->n_operands; i++)
    if (is_full(l->kernel, lower->kernel->results[i].type))
      elements[i] = alpa_expr_eval(lower, alpa_op_operand(yield, i), at);
  for (uint32_t i = 0; i < yield->n_operands; i++)
    if (is_full(l->kernel, lower->kernel->results[i].type))
      alpa_expr_store(lower, alpa_lower_result(lower, i), lower->kernel->results[i].type, at, elements[i]);
}

static void store_row_results(alpa_lower *lower, const row_kernel *k, const alpa_tuple *row,
                              const alpa_element *elements) {
  for (uint32_t i = 0; i < lower->kernel->n_results; i++) {
    const alpa_type *type = lower->kernel->results[i].type;
    if (!is_full(k, type))
      alpa_expr_store(lower, alpa_lower_result(lower, i), type, place_of_row(lower, type, row), elements[i]);
  }
}

/* Results of one element a row are stored last: in place, they overwrite what the loop over full results reads. */
static void run_row(alpa_lower *lower, row_kernel *k, const alpa_tuple *row) {
  const alpa_op *yield = alpa_kernel_body(lower->kernel)->last;
  alpa_element *elements = alpa_arena_new(lower->arena, alpa_element, yield->n_operands);
  for (uint32_t number = 0; number < k->n_levels; number++)
    run_level(lower, k, number, row);
  if (lower->split && lower->split->is_partial)
    return;
  bool any_full = false, any_row = false;
  for (uint32_t i = 0; i < yield->n_operands; i++) {
    const alpa_type *type = lower->kernel->results[i].type;
    any_full |= is_full(k, type);
    any_row |= !is_full(k, type);
    if (!is_full(k, type))
      elements[i] = alpa_expr_eval(lower, alpa_op_operand(yield, i), place_of_row(lower, type, row));
  }
  if (any_full) {
    level l = {.kernel = k, .number = k->n_levels, .row = row, .body = store_point};
    run_loops(lower, &l);
  }
  if (k->group.threads == 1 || !any_row) {
    store_row_results(lower, k, row, elements);
    return;
  }
  alpa_ptx_group_wait(lower, &k->group);
  LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(k->group.number));
  LLVMValueRef is_first = LLVMBuildICmp(lower->builder, LLVMIntEQ, k->group.number, zero, "");
  alpa_ptx_if if_first = alpa_ptx_begin_if(lower, is_first);
  store_row_results(lower, k, row, elements);
  alpa_ptx_end_if(lower, if_first);
}

static const alpa_tuple *row_at(alpa_lower *lower, const row_kernel *k, LLVMValueRef index) {
  alpa_tuple *row = alpa_tuple_make(lower, &(alpa_tuple){.lanes = k->domain.lanes}, k->n_rows_dims);
  alpa_domain_delinearise(lower, index, k->n_rows_dims, k->domain.dims, ALPA_NO_INDEX, row);
  return alpa_tuple_get(lower, row);
}

/* A row, or a part of one, for every group of threads; of the second phase, a row for every thread. */
static void emit_groups(alpa_lower *lower, row_kernel *k, uint32_t phase) {
  LLVMValueRef index = lower->task;
  if (phase > 0)
    k->group.threads = k->domain.lanes = 1;
  else
    alpa_ptx_group_begin(lower, &k->group, k->group.threads, k->rows * k->split.parts, &index);
  if (k->split.parts > 1)
    alpa_ptx_split_begin_part(lower, &k->split, phase, &index, k->group.number);
  if (k->rows)
    run_row(lower, k, row_at(lower, k, index));
}

static void emit(alpa_lower *lower, uint32_t phase) {
  row_kernel k;
  init(lower, &k);
  if (alpa_lower_is_gpu(lower)) {
    emit_groups(lower, &k, phase);
    return;
  }
  LLVMValueRef start, end;
  alpa_lower_task_range(lower, lower->task, lower->schedule->n_tasks[0], k.rows, &start, &end);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, start, end, 1);
  alpa_expr_push(lower);
  run_row(lower, &k, row_at(lower, &k, loop.index));
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

const alpa_kernel_lowering alpa_lower_rows = {schedule, emit};
