/* Kernels of kind `contraction`: describes the dot_general of a kernel as strided loops, and stores finished sums
 * through the epilogue. */
#include <stdlib.h>
#include <string.h>

#include "codegen/attention.h"
#include "codegen/layout.h"
#include "codegen/lower/contraction.h"
#include "codegen/lower/indexed.h"
#include "codegen/lower/loop.h"
#include "dialects/kernel/kernel.h"
#include "dialects/stablehlo/stablehlo.h"

/* The result dimensions behind each list, in its order: what a flat index decomposes into. */
typedef struct product_dims {
  uint32_t n;
  uint32_t dims[ALPA_MAX_RANK]; /* of the dot's result */
} product_dims;

typedef struct product {
  alpa_contraction contraction;
  alpa_op *dot;
  product_dims b, m, n;
  int64_t out_strides[ALPA_MAX_RANK];
} product;

static alpa_op *find_dot(const alpa_op *kernel) {
  for (alpa_op *op = alpa_kernel_body(kernel)->first; op; op = op->next)
    if (stablehlo_is(op, STABLEHLO_dot_general) || stablehlo_is(op, STABLEHLO_convolution))
      return op;
  return NULL;
}

/* Dimensions while they are collected: with the result dimension they stand for. */
typedef struct loop_dim {
  alpa_contraction_dim dim;
  uint32_t result;
} loop_dim;

static int64_t size_of(int64_t stride) { return stride < 0 ? -stride : stride; }

static int by_out(const void *a, const void *b) {
  const loop_dim *x = a, *y = b;
  int64_t p = size_of(x->dim.out), q = size_of(y->dim.out);
  return p != q ? (p > q ? -1 : 1) : (x->result > y->result) - (x->result < y->result);
}

static int by_lhs(const void *a, const void *b) {
  const loop_dim *x = a, *y = b;
  int64_t p = size_of(x->dim.lhs), q = size_of(y->dim.lhs);
  return p != q ? (p > q ? -1 : 1) : (x->result > y->result) - (x->result < y->result);
}

static bool can_merge(const alpa_contraction_dim *outer, const alpa_contraction_dim *inner) {
  return outer->lhs == inner->lhs * inner->extent && outer->rhs == inner->rhs * inner->extent &&
         outer->out == inner->out * inner->extent;
}

/* Sorts, drops dimensions of extent 1, and merges neighbours. */
static void set_dims(alpa_contraction_dims *out, product_dims *results, loop_dim *dims, uint32_t n, bool sum) {
  qsort(dims, n, sizeof *dims, sum ? by_lhs : by_out);
  *out = (alpa_contraction_dims){.count = 1};
  for (uint32_t i = 0; i < n; i++) {
    out->count *= dims[i].dim.extent;
    if (dims[i].dim.extent == 1)
      continue;
    if (results)
      results->dims[results->n++] = dims[i].result;
    alpa_contraction_dim *last = out->n ? &out->dims[out->n - 1] : NULL;
    if (last && can_merge(last, &dims[i].dim)) {
      int64_t extent = last->extent * dims[i].dim.extent;
      *last = dims[i].dim;
      last->extent = extent;
    } else {
      out->dims[out->n++] = dims[i].dim;
    }
  }
}

static const alpa_attr *field(const alpa_op *dot, int ordinal) {
  return alpa_attr_field(alpa_op_attr(dot, stablehlo_dot_general_dot_dimension_numbers), ordinal);
}

static uint32_t operand_number(const alpa_value *value) { return value->index; }

/* Where the product goes: the memory of result 0, through the layout changes behind the epilogue. */
static alpa_value *epilogue_value(const alpa_op *kernel, uint32_t i, int64_t *strides) {
  return alpa_layout_find_source(alpa_op_operand(alpa_kernel_body(kernel)->last, i), strides);
}

static void describe_dims(product *p, const alpa_layout *lhs, const alpa_layout *rhs) {
  const alpa_op *dot = p->dot;
  const alpa_type *left = alpa_op_operand_type(dot, 0), *right = alpa_op_operand_type(dot, 1);
  size_t n_batch, n_sum;
  const int64_t *lb = alpa_attr_i64s(field(dot, STABLEHLO_DOT_LHS_BATCHING), &n_batch);
  const int64_t *rb = alpa_attr_i64s(field(dot, STABLEHLO_DOT_RHS_BATCHING), &n_batch);
  const int64_t *lk = alpa_attr_i64s(field(dot, STABLEHLO_DOT_LHS_CONTRACTING), &n_sum);
  const int64_t *rk = alpa_attr_i64s(field(dot, STABLEHLO_DOT_RHS_CONTRACTING), &n_sum);
  loop_dim dims[ALPA_MAX_RANK];
  uint32_t result = 0, n = 0;
  for (; result < n_batch; result++)
    dims[result] = (loop_dim){
        {left->dims[lb[result]], lhs->strides[lb[result]], rhs->strides[rb[result]], p->out_strides[result]}, result};
  set_dims(&p->contraction.b, &p->b, dims, (uint32_t)n_batch, false);
  for (uint32_t d = 0; d < left->rank; d++)
    if (!alpa_dims_contain(field(dot, STABLEHLO_DOT_LHS_BATCHING), d) &&
        !alpa_dims_contain(field(dot, STABLEHLO_DOT_LHS_CONTRACTING), d)) {
      dims[n++] = (loop_dim){{left->dims[d], lhs->strides[d], 0, p->out_strides[result]}, result};
      result++;
    }
  set_dims(&p->contraction.m, &p->m, dims, n, false);
  n = 0;
  for (uint32_t d = 0; d < right->rank; d++)
    if (!alpa_dims_contain(field(dot, STABLEHLO_DOT_RHS_BATCHING), d) &&
        !alpa_dims_contain(field(dot, STABLEHLO_DOT_RHS_CONTRACTING), d)) {
      dims[n++] = (loop_dim){{right->dims[d], 0, rhs->strides[d], p->out_strides[result]}, result};
      result++;
    }
  set_dims(&p->contraction.n, &p->n, dims, n, false);
  for (n = 0; n < n_sum; n++)
    dims[n] = (loop_dim){{left->dims[lk[n]], lhs->strides[lk[n]], rhs->strides[rk[n]], 0}, n};
  set_dims(&p->contraction.k, NULL, dims, n, true);
}

/* ---- convolutions that are products ---- */

static int64_t item(const alpa_op *op, int ordinal, uint32_t i, int64_t absent) {
  const alpa_attr *attr = alpa_op_attr(op, ordinal);
  return attr ? *(const int64_t *)alpa_attr_element(attr, i) : absent;
}

static const alpa_attr *conv_field(const alpa_op *op, int ordinal) {
  return alpa_attr_field(alpa_op_attr(op, stablehlo_convolution_dimension_numbers), ordinal);
}

bool alpa_convolution_is_product(const alpa_op *op) {
  const alpa_type *input = alpa_op_operand_type(op, 0), *kernel = alpa_op_operand_type(op, 1);
  size_t n;
  const int64_t *is = alpa_attr_i64s(conv_field(op, STABLEHLO_CONV_INPUT_SPATIAL), &n);
  const int64_t *ks = alpa_attr_i64s(conv_field(op, STABLEHLO_CONV_KERNEL_SPATIAL), &n);
  const int64_t *os = alpa_attr_i64s(conv_field(op, STABLEHLO_CONV_OUTPUT_SPATIAL), &n);
  if (alpa_op_int(op, stablehlo_convolution_feature_group_count, 1) != 1 ||
      alpa_op_int(op, stablehlo_convolution_batch_group_count, 1) != 1)
    return false;
  for (uint32_t i = 0; i < n; i++) {
    int64_t window = kernel->dims[ks[i]], output = op->results[0].type->dims[os[i]];
    const alpa_attr *reversal = alpa_op_attr(op, stablehlo_convolution_window_reversal);
    bool reversed = window > 1 && reversal && *(const uint8_t *)alpa_attr_element(reversal, i);
    bool plain = item(op, stablehlo_convolution_padding, 2 * i, 0) == 0 &&
                 item(op, stablehlo_convolution_lhs_dilation, i, 1) == 1 && !reversed;
    bool summed =
        output == 1 && window <= input->dims[is[i]] && item(op, stablehlo_convolution_rhs_dilation, i, 1) == 1;
    int64_t end = (output - 1) * item(op, stablehlo_convolution_window_strides, i, 1);
    if (!plain || !(summed || (window == 1 && end < input->dims[is[i]])))
      return false;
  }
  return true;
}

/* Windows of one element: rows are batch and space.  Windows of the whole image: sums run over space too. */
static void describe_convolution(product *p, const alpa_layout *lhs, const alpa_layout *rhs) {
  const alpa_op *op = p->dot;
  const alpa_type *result = op->results[0].type, *kernel = alpa_op_operand_type(op, 1);
  int64_t batch = conv_field(op, STABLEHLO_CONV_INPUT_BATCH)->integer;
  int64_t channel = conv_field(op, STABLEHLO_CONV_INPUT_FEATURE)->integer;
  int64_t kernel_in = conv_field(op, STABLEHLO_CONV_KERNEL_INPUT_FEATURE)->integer;
  int64_t kernel_out = conv_field(op, STABLEHLO_CONV_KERNEL_OUTPUT_FEATURE)->integer;
  uint32_t out_batch = (uint32_t)conv_field(op, STABLEHLO_CONV_OUTPUT_BATCH)->integer;
  uint32_t out_feature = (uint32_t)conv_field(op, STABLEHLO_CONV_OUTPUT_FEATURE)->integer;
  size_t n;
  const int64_t *is = alpa_attr_i64s(conv_field(op, STABLEHLO_CONV_INPUT_SPATIAL), &n);
  const int64_t *ks = alpa_attr_i64s(conv_field(op, STABLEHLO_CONV_KERNEL_SPATIAL), &n);
  const int64_t *os = alpa_attr_i64s(conv_field(op, STABLEHLO_CONV_OUTPUT_SPATIAL), &n);
  loop_dim rows[ALPA_MAX_RANK], sums[ALPA_MAX_RANK], columns[1];
  uint32_t n_rows = 0, n_sums = 0;
  rows[n_rows++] = (loop_dim){{result->dims[out_batch], lhs->strides[batch], 0, p->out_strides[out_batch]}, out_batch};
  sums[n_sums++] = (loop_dim){{kernel->dims[kernel_in], lhs->strides[channel], rhs->strides[kernel_in], 0}, 0};
  columns[0] =
      (loop_dim){{result->dims[out_feature], 0, rhs->strides[kernel_out], p->out_strides[out_feature]}, out_feature};
  for (uint32_t i = 0; i < n; i++) {
    int64_t stride = item(op, stablehlo_convolution_window_strides, i, 1) * lhs->strides[is[i]];
    uint32_t out = (uint32_t)os[i];
    rows[n_rows++] = (loop_dim){{result->dims[out], stride, 0, p->out_strides[out]}, out};
    sums[n_sums++] = (loop_dim){{kernel->dims[ks[i]], lhs->strides[is[i]], rhs->strides[ks[i]], 0}, i + 1};
  }
  set_dims(&p->contraction.b, &p->b, rows, 0, false);
  set_dims(&p->contraction.m, &p->m, rows, n_rows, false);
  set_dims(&p->contraction.n, &p->n, columns, 1, false);
  set_dims(&p->contraction.k, NULL, sums, n_sums, true);
}

/* The sides of a product may change places: done where that makes the result's rows contiguous. */
static void swap_sides(product *p) {
  alpa_contraction *c = &p->contraction;
  alpa_contraction_dims dims = c->m;
  product_dims results = p->m;
  c->m = c->n;
  c->n = dims;
  p->m = p->n;
  p->n = results;
  for (uint32_t list = 0; list < 4; list++) {
    alpa_contraction_dims *each = (alpa_contraction_dims *[]){&c->b, &c->m, &c->n, &c->k}[list];
    for (uint32_t i = 0; i < each->n; i++) {
      int64_t stride = each->dims[i].lhs;
      each->dims[i].lhs = each->dims[i].rhs;
      each->dims[i].rhs = stride;
    }
  }
  alpa_dtype dtype = c->lhs_dtype;
  uint32_t operand = c->lhs_operand;
  int64_t offset = c->lhs_offset;
  c->lhs_dtype = c->rhs_dtype;
  c->rhs_dtype = dtype;
  c->lhs_operand = c->rhs_operand;
  c->rhs_operand = operand;
  c->lhs_offset = c->rhs_offset;
  c->rhs_offset = offset;
}

static bool is_stored_by_m(const alpa_contraction *c) {
  return c->m.n && c->n.n && c->m.dims[c->m.n - 1].out == 1 && c->n.dims[c->n.n - 1].out != 1;
}

/* ---- storing ---- */

/* A flat index as components of the dot's result; the last dimension carries lanes where step is 1. */
static void decompose(alpa_lower *lower, const product *p, const product_dims *list, alpa_component flat,
                      alpa_tuple *out) {
  const alpa_type *type = p->dot->results[0].type;
  for (uint32_t i = list->n; i-- > 0;) {
    uint32_t d = list->dims[i];
    if (i == 0)
      out->at[d] = flat;
    else
      alpa_component_divide(lower, flat, type->dims[d], out->lanes, &flat, &out->at[d]);
  }
}

static alpa_component out_offset(alpa_lower *lower, const alpa_contraction_dims *list, alpa_component flat,
                                 uint32_t lanes) {
  alpa_component sum = alpa_component_constant(lower, 0);
  for (uint32_t i = list->n; i-- > 0;) {
    alpa_component part = flat;
    if (i > 0)
      alpa_component_divide(lower, flat, list->dims[i].extent, lanes, &flat, &part);
    sum = alpa_component_add(lower, sum, alpa_component_scale(lower, part, list->dims[i].out), lanes);
  }
  return sum;
}

static void store(alpa_lower *lower, const alpa_contraction *c, const alpa_contraction_point *point,
                  LLVMValueRef value) {
  const product *p = c->user;
  const alpa_op *kernel = lower->kernel;
  alpa_component b = alpa_component_of(point->b), m = alpa_component_of(point->m), n = alpa_component_of(point->n);
  if (point->lanes > 1) {
    alpa_component *lane = point->along_m ? &m : &n;
    lane->step = 1;
    lane->multiple = point->multiple ? point->multiple : lane->multiple;
  }
  alpa_tuple *tuple =
      alpa_tuple_make(lower, &(alpa_tuple){.lanes = point->lanes, .mask = point->mask}, p->dot->results[0].type->rank);
  decompose(lower, p, &p->b, b, tuple);
  decompose(lower, p, &p->m, m, tuple);
  decompose(lower, p, &p->n, n, tuple);
  const alpa_tuple *at = alpa_tuple_get(lower, tuple);
  alpa_expr_push(lower);
  alpa_element product_ = alpa_element_convert(lower, c->accumulator, c->out_dtype, (alpa_element){value, NULL});
  alpa_expr_set(lower, &p->dot->results[0], at, product_);
  for (uint32_t i = 0; i < kernel->n_results; i++) {
    int64_t strides[ALPA_MAX_RANK];
    alpa_element element = alpa_expr_eval(lower, epilogue_value(kernel, i, strides), at);
    alpa_component offset = out_offset(lower, &c->b, b, point->lanes);
    offset = alpa_component_add(lower, offset, out_offset(lower, &c->m, m, point->lanes), point->lanes);
    offset = alpa_component_add(lower, offset, out_offset(lower, &c->n, n, point->lanes), point->lanes);
    alpa_tuple *flat = alpa_tuple_make(lower, at, 1);
    flat->flat = true;
    flat->mask = point->mask;
    flat->at[0] = offset;
    alpa_expr_store(lower, alpa_lower_result(lower, i), kernel->results[i].type, flat, element);
  }
  alpa_expr_pop(lower);
}

/* ---- the kernel ---- */

static alpa_dtype accumulator_of(alpa_dtype dtype) {
  const alpa_dtype_info *info = alpa_dtype_get_info(dtype);
  return info->class_ == ALPA_CLASS_FLOAT && dtype != ALPA_F64 ? ALPA_F32 : dtype;
}

static void describe(alpa_lower *lower, product *p) {
  const alpa_op *kernel = lower->kernel;
  memset(p, 0, sizeof *p);
  p->dot = find_dot(kernel);
  alpa_layout lhs, rhs;
  alpa_layout_find(alpa_op_operand(p->dot, 0), &lhs);
  alpa_layout_find(alpa_op_operand(p->dot, 1), &rhs);
  alpa_value *end = epilogue_value(kernel, 0, p->out_strides);
  if (stablehlo_is(p->dot, STABLEHLO_convolution))
    describe_convolution(p, &lhs, &rhs);
  else
    describe_dims(p, &lhs, &rhs);
  alpa_contraction *c = &p->contraction;
  c->lhs_dtype = lhs.base->type->dtype;
  c->rhs_dtype = rhs.base->type->dtype;
  c->out_dtype = p->dot->results[0].type->dtype;
  c->accumulator = accumulator_of(c->out_dtype);
  c->tf32 = alpa_dot_asks_for_tf32(p->dot);
  c->plain = kernel->n_results == 1 && end == &p->dot->results[0] && c->accumulator == c->out_dtype;
  c->lhs_offset = lhs.offset;
  c->rhs_offset = rhs.offset;
  c->lhs_operand = operand_number(lhs.base);
  c->rhs_operand = operand_number(rhs.base);
  c->out_operand = kernel->n_operands;
  c->store = store;
  c->user = p;
  if (is_stored_by_m(c))
    swap_sides(p);
  lower->schedule->flops = 2.0 * (double)c->b.count * (double)c->m.count * (double)c->n.count * (double)c->k.count;
}

static void schedule(alpa_lower *lower) {
  product p;
  describe(lower, &p);
  double flops = lower->schedule->flops;
  alpa_contraction_schedule(lower, &p.contraction);
  lower->schedule->flops = flops;
}

static void shift_operand(alpa_lower *lower, uint32_t operand, int64_t offset, alpa_dtype dtype) {
  if (offset)
    lower->operands[operand] =
        alpa_lower_address(lower, lower->operands[operand], alpa_lower_i64(lower, offset), dtype);
}

static void emit(alpa_lower *lower, uint32_t phase) {
  product p;
  describe(lower, &p);
  shift_operand(lower, p.contraction.lhs_operand, p.contraction.lhs_offset, p.contraction.lhs_dtype);
  shift_operand(lower, p.contraction.rhs_operand, p.contraction.rhs_offset, p.contraction.rhs_dtype);
  alpa_contraction_emit(lower, &p.contraction, phase);
}

const alpa_kernel_lowering alpa_lower_contraction = {schedule, emit};
