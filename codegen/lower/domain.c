/* Iteration over domains: lanes on one dimension, tasks over the others. */
#include <string.h>

#include "codegen/lower/emit.h"
#include "codegen/lower/loop.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

/* ---- choices ---- */

uint32_t alpa_kernel_lanes(const alpa_lower *lower) {
  uint32_t widest = alpa_lower_is_gpu(lower) ? 2 : 4;
  const alpa_block *body = alpa_kernel_body(lower->kernel);
  for (uint32_t i = 0; i < body->n_args; i++) {
    uint32_t bytes = alpa_dtype_get_info(body->args[i]->type->dtype)->bytes;
    if (alpa_type_count(body->args[i]->type) > 1 && bytes > widest)
      widest = bytes > 4 ? 8 : 4;
  }
  for (const alpa_op *op = body->first; op; op = op->next)
    for (uint32_t i = 0; i < op->n_results; i++) {
      uint32_t bytes = alpa_dtype_get_info(op->results[i].type->dtype)->bytes;
      if (alpa_type_count(op->results[i].type) > 1 && bytes > widest)
        widest = bytes > 4 ? 8 : 4;
    }
  return lower->target->vector_bytes / widest;
}

/* Ops that pass the order of elements on, whatever the shape. */
static bool keeps_order(const alpa_op *op, int64_t count) {
  if (op->def->traits & ALPA_TERMINATOR)
    return true;
  alpa_emit_fn *emit = alpa_emit_find(op->def);
  if (emit == alpa_emit_constant)
    return true;
  if (emit == alpa_emit_elementwise)
    return true;
  int64_t from = op->n_operands ? alpa_type_count(alpa_op_operand_type(op, 0)) : 0;
  if (emit == alpa_emit_reshape)
    return from == count || from == 1;
  return emit == alpa_emit_broadcast_in_dim && from == 1;
}

static bool is_flat(const alpa_op *kernel, int64_t count) {
  const alpa_block *body = alpa_kernel_body(kernel);
  for (const alpa_op *op = body->first; op; op = op->next) {
    if (!keeps_order(op, count))
      return false;
    for (uint32_t i = 0; i < op->n_results; i++) {
      int64_t n = alpa_type_count(op->results[i].type);
      if (n != count && n != 1)
        return false;
    }
  }
  for (uint32_t i = 0; i < body->n_args; i++) {
    int64_t n = alpa_type_count(body->args[i]->type);
    if (n != count && n != 1)
      return false;
  }
  return count > 1;
}

void alpa_domain_init(alpa_lower *lower, alpa_domain *domain, uint32_t rank, const int64_t *dims, uint32_t widen) {
  int64_t count = 1;
  for (uint32_t d = 0; d < rank; d++)
    count *= dims[d];
  *domain = (alpa_domain){.rank = rank, .dims = dims, .lane_dim = rank, .lanes = 1, .inner = 1, .outer = count};
  domain->flat = is_flat(lower->kernel, count);
  widen = alpa_lower_is_gpu(lower) ? 1 : widen; /* threads, not registers, hide latencies there */
  uint32_t most = alpa_kernel_lanes(lower) * widen;
  if (domain->flat) {
    domain->inner = count;
    domain->outer = 1;
    domain->lane_dim = 0;
  } else {
    for (uint32_t d = 0; d < rank; d++)
      if (dims[d] > 1)
        domain->lane_dim = d;
    if (domain->lane_dim < rank) {
      domain->inner = dims[domain->lane_dim];
      domain->outer = domain->inner ? count / domain->inner : 0;
    }
  }
  domain->lanes = alpa_lower_lanes(lower, most, domain->inner);
  while (domain->lanes > most / widen && domain->inner % domain->lanes) /* rather one vector at once than a mask */
    domain->lanes /= 2;
}

int64_t alpa_task_count(const alpa_lower *lower, double work, int64_t units) {
  if (alpa_lower_is_gpu(lower))
    return units > 1 ? units : 1;
  double wanted = work / 20000.0, most = lower->target->n_cores > 1 ? 4.0 * lower->target->n_cores : 1.0;
  int64_t n = (int64_t)(wanted < most ? wanted : most);
  n = n < units ? n : units;
  return n > 1 ? n : 1;
}

static double op_work(const alpa_op *op) {
  if (op->def->traits & (ALPA_CONSTANT | ALPA_TERMINATOR))
    return 0;
  if (stablehlo_is(op, STABLEHLO_reduce) || stablehlo_is(op, STABLEHLO_reduce_window) ||
      stablehlo_is(op, STABLEHLO_dot_general)) {
    int64_t from = alpa_type_count(alpa_op_operand_type(op, 0)), to = alpa_type_count(op->results[0].type);
    return to ? (double)from / (double)to : 1;
  }
  static const stablehlo_op_id slow[] = {STABLEHLO_exponential, STABLEHLO_log,    STABLEHLO_tanh,     STABLEHLO_power,
                                         STABLEHLO_sine,        STABLEHLO_cosine, STABLEHLO_logistic, STABLEHLO_divide};
  for (size_t i = 0; i < countof(slow); i++)
    if (stablehlo_is(op, slow[i]))
      return 8;
  return 1;
}

double alpa_kernel_element_work(const alpa_op *kernel) {
  double work = 1;
  for (const alpa_op *op = alpa_kernel_body(kernel)->first; op; op = op->next)
    work += op_work(op);
  return work;
}

/* ---- loops ---- */

void alpa_domain_delinearise(alpa_lower *lower, LLVMValueRef linear, uint32_t rank, const int64_t *dims, uint32_t skip,
                             alpa_tuple *out) {
  alpa_component rest = alpa_component_of(linear);
  uint32_t first = 0;
  while (first < rank && (first == skip || dims[first] == 1))
    first++;
  for (uint32_t d = rank; d-- > first;) {
    if (d == skip || dims[d] == 1)
      continue;
    if (d == first)
      out->at[d] = rest;
    else
      alpa_component_divide(lower, rest, dims[d], 1, &rest, &out->at[d]);
  }
}

/* Which lanes from `start` on are inside; NULL: all, whatever the start. */
static LLVMValueRef lane_mask(alpa_lower *lower, const alpa_domain *domain, LLVMValueRef start) {
  if (domain->inner % domain->lanes == 0)
    return NULL;
  LLVMValueRef lanes = alpa_lower_lane_numbers(lower, lower->type.i64, domain->lanes);
  LLVMValueRef place = LLVMBuildAdd(lower->builder, alpa_lower_splat(lower, start, domain->lanes), lanes, "");
  LLVMValueRef end = alpa_lower_splat(lower, alpa_lower_i64(lower, domain->inner), domain->lanes);
  return LLVMBuildICmp(lower->builder, LLVMIntULT, place, end, "");
}

static void run_point(alpa_lower *lower, const alpa_domain *domain, const alpa_tuple *row, LLVMValueRef start,
                      alpa_point_fn *body, void *user) {
  alpa_tuple *at = alpa_tuple_make(lower, row, domain->rank);
  at->lanes = domain->lanes;
  at->flat = domain->flat;
  if (domain->flat)
    at->rank = domain->rank;
  else
    memcpy(at->at, row->at, domain->rank * sizeof at->at[0]);
  if (domain->lane_dim < domain->rank || domain->flat) {
    alpa_component c = alpa_component_of(start);
    c.step = domain->lanes > 1;
    if (!LLVMIsAConstantInt(start))
      c.multiple = domain->lanes;
    at->at[domain->lane_dim] = c;
  }
  at->mask = domain->lanes > 1 ? lane_mask(lower, domain, start) : NULL;
  body(lower, user, alpa_tuple_get(lower, at));
}

void alpa_domain_run_inner(alpa_lower *lower, const alpa_domain *domain, const alpa_tuple *row, alpa_point_fn *body,
                           void *user) {
  LLVMValueRef zero = alpa_lower_i64(lower, 0);
  if (domain->inner <= domain->lanes) {
    run_point(lower, domain, row, zero, body, user);
    return;
  }
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, zero, alpa_lower_i64(lower, domain->inner), domain->lanes);
  alpa_expr_push(lower);
  run_point(lower, domain, row, loop.index, body, user);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

static alpa_tuple *empty_row(alpa_lower *lower, const alpa_domain *domain) {
  return alpa_tuple_make(lower, &(alpa_tuple){.lanes = domain->lanes}, domain->rank);
}

/* Few rows: tasks share out the groups of lanes of all rows. */
static void run_chunks(alpa_lower *lower, const alpa_domain *domain, int64_t n_tasks, alpa_point_fn *body, void *user) {
  int64_t chunks = (domain->inner + domain->lanes - 1) / domain->lanes;
  LLVMValueRef start, end;
  alpa_lower_task_range(lower, lower->task, n_tasks, chunks * domain->outer, &start, &end);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, start, end, 1);
  alpa_expr_push(lower);
  alpa_tuple *row = empty_row(lower, domain);
  alpa_component outer, chunk = alpa_component_of(loop.index);
  if (domain->outer > 1) {
    alpa_component_divide(lower, chunk, chunks, 1, &outer, &chunk);
    if (!domain->flat)
      alpa_domain_delinearise(lower, outer.base, domain->rank, domain->dims, domain->lane_dim, row);
  }
  LLVMValueRef at = LLVMBuildNSWMul(lower->builder, chunk.base, alpa_lower_i64(lower, domain->lanes), "");
  run_point(lower, domain, row, at, body, user);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

static void run_rows(alpa_lower *lower, const alpa_domain *domain, int64_t n_tasks, alpa_point_fn *body, void *user) {
  LLVMValueRef start, end;
  alpa_lower_task_range(lower, lower->task, n_tasks, domain->outer, &start, &end);
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, start, end, 1);
  alpa_expr_push(lower);
  alpa_tuple *row = empty_row(lower, domain);
  alpa_domain_delinearise(lower, loop.index, domain->rank, domain->dims, domain->lane_dim, row);
  alpa_domain_run_inner(lower, domain, row, body, user);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &loop);
}

/* ---- transposes on a GPU ---- */

enum { TILE_BYTES = 128, TILE_ROWS = 32 };

/* The dimension of the domain along which a transposed operand is dense; rank where there is none but the lanes'. */
static uint32_t find_other_dense_dim(const alpa_lower *lower, const alpa_domain *domain) {
  for (const alpa_op *op = alpa_kernel_body(lower->kernel)->first; op; op = op->next) {
    size_t n;
    if (!stablehlo_is(op, STABLEHLO_transpose) || op->results[0].type->rank != domain->rank)
      continue;
    const int64_t *permutation = alpa_op_i64s(op, stablehlo_transpose_permutation, &n);
    for (uint32_t d = 0; d < n; d++)
      if (permutation[d] + 1 == (int64_t)n && d != domain->lane_dim && domain->dims[d] == op->results[0].type->dims[d])
        return d;
  }
  return domain->rank;
}

/* Neighbouring threads have a square of the two dense dimensions rather than a line of one, so that every line of cache
 * that the transposed operand brings is used at once.  False where the squares would not cover the domain. */
static bool run_squares(alpa_lower *lower, const alpa_domain *domain, alpa_point_fn *body, void *user) {
  uint32_t other = domain->flat ? domain->rank : find_other_dense_dim(lower, domain), n = domain->rank;
  int64_t columns = TILE_BYTES / 4 / domain->lanes, chunks = domain->inner / domain->lanes;
  if (other >= domain->rank || n + 2 > ALPA_MAX_RANK || domain->dims[other] % TILE_ROWS || chunks % columns)
    return false;
  int64_t dims[ALPA_MAX_RANK]; /* squares, then the row in the square, then the column */
  memcpy(dims, domain->dims, n * sizeof *dims);
  dims[other] /= TILE_ROWS;
  dims[domain->lane_dim] = chunks / columns;
  dims[n] = TILE_ROWS;
  dims[n + 1] = columns;
  alpa_expr_push(lower);
  alpa_tuple *at = alpa_tuple_make(lower, &(alpa_tuple){.lanes = domain->lanes}, n + 2);
  alpa_domain_delinearise(lower, lower->task, n + 2, dims, ALPA_NO_INDEX, at);
  alpa_tuple *row = empty_row(lower, domain);
  memcpy(row->at, at->at, n * sizeof *at->at);
  row->at[other] = alpa_component_add(lower, alpa_component_scale(lower, at->at[other], TILE_ROWS), at->at[n], 1);
  alpa_component chunk = alpa_component_scale(lower, at->at[domain->lane_dim], columns);
  chunk = alpa_component_scale(lower, alpa_component_add(lower, chunk, at->at[n + 1], 1), domain->lanes);
  run_point(lower, domain, row, chunk.base, body, user);
  alpa_expr_pop(lower);
  return true;
}

void alpa_domain_run(alpa_lower *lower, const alpa_domain *domain, int64_t n_tasks, alpa_point_fn *body, void *user) {
  if (!domain->inner || !domain->outer)
    return;
  if (alpa_lower_is_gpu(lower) && !lower->split && run_squares(lower, domain, body, user))
    return;
  if (domain->outer == 1 && n_tasks == 1)
    alpa_domain_run_inner(lower, domain, empty_row(lower, domain), body, user);
  else if (domain->outer < 2 * n_tasks)
    run_chunks(lower, domain, n_tasks, body, user);
  else
    run_rows(lower, domain, n_tasks, body, user);
}
