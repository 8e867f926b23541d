/* Kernels of kind `loop` (every element on its own) and `update` (a box of a larger tensor is overwritten). */
#include "codegen/lower/loop.h"

#include <string.h>

#include "codegen/lower/indexed.h"
#include "codegen/lower/reduce.h"
#include "codegen/ptx/split.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

static void init_domain(alpa_lower *lower, alpa_domain *domain) {
  size_t rank;
  const int64_t *dims = alpa_op_i64s(lower->kernel, kernel_fused_domain, &rank);
  bool reduces = false;
  uint32_t n_ops = 0;
  for (const alpa_op *op = alpa_kernel_body(lower->kernel)->first; op; op = op->next, n_ops++)
    reduces |= stablehlo_is(op, STABLEHLO_reduce) || stablehlo_is(op, STABLEHLO_dot_general);
  alpa_domain_init(lower, domain, (uint32_t)rank, dims, !reduces ? 1 : n_ops < 12 ? 8 : 2);
}

/* ---- reductions that threads of a GPU share ---- */

/* The dimension that alpa_emit_reduce shares out first, and bytes of the states of all reductions. */
static void measure_reductions(const alpa_op *kernel, uint32_t lanes, int64_t *out_extent, uint32_t *out_bytes) {
  uint32_t number;
  *out_extent = 1;
  *out_bytes = 0;
  for (const alpa_op *op = alpa_kernel_body(kernel)->first; op; op = op->next) {
    if (!stablehlo_is(op, STABLEHLO_reduce))
      continue;
    int64_t extent = alpa_reduce_shared_extent(op, &number);
    *out_extent = extent > *out_extent ? extent : *out_extent;
    for (uint32_t i = 0; i < op->n_results; i++) /* parts start at multiples of 16 bytes */
      *out_bytes += (alpa_dtype_get_info(op->results[i].type->dtype)->bytes * lanes + 31) / 16 * 16;
  }
}

static alpa_ptx_split_plan plan_split(const alpa_lower *lower, const alpa_domain *domain) {
  enum { MOST_BYTES = 128 }; /* of a thread: 32 KiB of a block */
  int64_t extent, points = domain->inner / domain->lanes * domain->outer;
  uint32_t bytes;
  measure_reductions(lower->kernel, domain->lanes, &extent, &bytes);
  if (!alpa_lower_is_gpu(lower) || bytes > MOST_BYTES || points == 0)
    return (alpa_ptx_split_plan){.members = 1};
  return alpa_ptx_split_choose(lower, points, extent, bytes);
}

static void schedule(alpa_lower *lower) {
  alpa_domain domain;
  init_domain(lower, &domain);
  int64_t chunks = (domain.inner + domain.lanes - 1) / domain.lanes;
  double elements = (double)domain.inner * (double)domain.outer;
  double work = elements * alpa_kernel_element_work(lower->kernel);
  lower->schedule->n_tasks[0] = alpa_task_count(lower, work, chunks * domain.outer);
  lower->schedule->flops = work;
  alpa_ptx_split_plan split = plan_split(lower, &domain);
  if (split.members > 1)
    alpa_ptx_split_schedule(lower, &split);
}

static void emit_point(alpa_lower *lower, void *user, const alpa_tuple *at) {
  (void)user;
  const alpa_op *yield = alpa_kernel_body(lower->kernel)->last;
  alpa_element *elements = alpa_arena_new(lower->arena, alpa_element, yield->n_operands);
  for (uint32_t i = 0; i < yield->n_operands; i++) /* all loads before the first store: results may be in place */
    elements[i] = alpa_expr_eval(lower, alpa_op_operand(yield, i), at);
  const alpa_ptx_split *split = lower->split;
  alpa_ptx_if is_writer = {NULL};
  if (split && split->is_partial)
    return;
  if (split && split->is_writer) {
    alpa_ptx_barrier(lower);
    is_writer = alpa_ptx_begin_if(lower, split->is_writer);
  }
  for (uint32_t i = 0; i < yield->n_operands; i++)
    alpa_expr_store(lower, alpa_lower_result(lower, i), lower->kernel->results[i].type, at, elements[i]);
  if (split && split->is_writer)
    alpa_ptx_end_if(lower, is_writer);
}

static void emit(alpa_lower *lower, uint32_t phase) {
  alpa_domain domain;
  init_domain(lower, &domain);
  alpa_ptx_split_plan split = plan_split(lower, &domain);
  if (split.members > 1)
    alpa_ptx_split_begin(lower, &split, phase);
  alpa_domain_run(lower, &domain, lower->schedule->n_tasks[0], emit_point, NULL);
}

const alpa_kernel_lowering alpa_lower_loop = {schedule, emit};

/* ---- update ---- */

/* The result starts as a copy of operand 0 of the dynamic_update_slice (or is that memory). */
static void emit_update_point(alpa_lower *lower, void *user, const alpa_tuple *at) {
  (void)user;
  const alpa_op *op = alpa_op_operand(alpa_kernel_body(lower->kernel)->last, 0)->op;
  const alpa_type *type = op->results[0].type, *update = alpa_op_operand_type(op, 1);
  alpa_element element = alpa_expr_eval(lower, alpa_op_operand(op, 1), at);
  alpa_tuple *to = alpa_tuple_make(lower, at, type->rank);
  for (uint32_t d = 0; d < type->rank; d++) {
    alpa_component start = alpa_index_start(lower, op, d + 2, type->dims[d] - update->dims[d], at);
    to->at[d] = alpa_component_add(lower, start, at->at[d], at->lanes);
  }
  alpa_expr_store(lower, alpa_lower_result(lower, 0), type, alpa_tuple_get(lower, to), element);
}

static void emit_update(alpa_lower *lower, uint32_t phase) {
  (void)phase;
  alpa_domain domain;
  init_domain(lower, &domain);
  alpa_domain_run(lower, &domain, lower->schedule->n_tasks[0], emit_update_point, NULL);
}

const alpa_kernel_lowering alpa_lower_update = {schedule, emit_update};
