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
  *out_extent = 1;
  *out_bytes = 0;
  for (const alpa_op *op = alpa_kernel_body(kernel)->first; op; op = op->next) {
    if (!stablehlo_is(op, STABLEHLO_reduce))
      continue;
    int64_t extent = alpa_reduce_shared_extent(op);
    *out_extent = extent > *out_extent ? extent : *out_extent;
    for (uint32_t i = 0; i < op->n_results; i++) /* parts start at multiples of 16 bytes */
      *out_bytes += (alpa_dtype_get_info(op->results[i].type->dtype)->bytes * lanes + 31) / 16 * 16;
  }
}

static uint32_t members_of(const alpa_lower *lower, const alpa_domain *domain, uint32_t *out_bytes) {
  int64_t extent, points = domain->inner / domain->lanes * domain->outer;
  measure_reductions(lower->kernel, domain->lanes, &extent, out_bytes);
  bool fits = *out_bytes <= 128; /* 32 KiB of a block */
  return fits && points > 0 ? alpa_ptx_split_members(lower, points, extent) : 1;
}

static void schedule(alpa_lower *lower) {
  alpa_domain domain;
  init_domain(lower, &domain);
  int64_t chunks = (domain.inner + domain.lanes - 1) / domain.lanes;
  double elements = (double)domain.inner * (double)domain.outer;
  double work = elements * alpa_kernel_element_work(lower->kernel);
  lower->schedule->n_tasks[0] = alpa_task_count(lower, work, chunks * domain.outer);
  lower->schedule->flops = work;
  uint32_t bytes, members = alpa_lower_is_gpu(lower) ? members_of(lower, &domain, &bytes) : 1;
  if (members > 1)
    lower->schedule->launch[0] = alpa_ptx_split_launch(lower, lower->schedule->n_tasks[0], members, bytes);
}

static void emit_point(alpa_lower *lower, void *user, const alpa_tuple *at) {
  (void)user;
  const alpa_op *yield = alpa_kernel_body(lower->kernel)->last;
  alpa_element *elements = alpa_arena_new(lower->arena, alpa_element, yield->n_operands);
  for (uint32_t i = 0; i < yield->n_operands; i++) /* all loads before the first store: results may be in place */
    elements[i] = alpa_expr_eval(lower, alpa_op_operand(yield, i), at);
  alpa_ptx_if is_writer = {NULL};
  if (lower->split) {
    alpa_ptx_barrier(lower);
    is_writer = alpa_ptx_begin_if(lower, lower->split->is_writer);
  }
  for (uint32_t i = 0; i < yield->n_operands; i++)
    alpa_expr_store(lower, alpa_lower_result(lower, i), lower->kernel->results[i].type, at, elements[i]);
  if (lower->split)
    alpa_ptx_end_if(lower, is_writer);
}

static void emit(alpa_lower *lower, uint32_t phase) {
  (void)phase;
  alpa_domain domain;
  init_domain(lower, &domain);
  uint32_t bytes, members = alpa_lower_is_gpu(lower) ? members_of(lower, &domain, &bytes) : 1;
  if (members > 1)
    alpa_ptx_split_begin(lower, lower->schedule->n_tasks[0], members);
  alpa_domain_run(lower, &domain, lower->schedule->n_tasks[0], emit_point, NULL);
}

const alpa_kernel_lowering alpa_lower_loop = {schedule, emit};

/* ---- update --------------------------------------------------------------------------------------------------------
 */

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
