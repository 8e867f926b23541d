/* Kernels of convolutions: one vector of output features at a time, summed over window and channels in several partial
 * sums, so that multiply-adds need not wait for each other. */
#include "codegen/lower/convolution.h"

#include "codegen/lower/loop.h"
#include "codegen/ptx/convolution.h"

typedef LLVMValueRef V;

static uint32_t lanes_of(const alpa_lower *lower, const alpa_convolution *c) {
  int64_t groups = c->feature_groups * c->batch_groups, features = c->out_features / groups;
  uint32_t most = lower->target->vector_bytes / (alpa_dtype_get_info(c->accumulator)->bytes > 4 ? 8 : 4), lanes = 1;
  if (groups == 1)
    return alpa_lower_lanes(lower, most, features);
  while (lanes < most && features % (2 * lanes) == 0)
    lanes *= 2;
  return lanes;
}

static int64_t places(const alpa_convolution *c) {
  int64_t n = c->out_batch;
  for (uint32_t i = 0; i < c->n_spatial; i++)
    n *= c->spatial[i].output;
  return n;
}

static bool is_for_gpu(const alpa_lower *lower, const alpa_convolution *c) {
  return alpa_lower_is_gpu(lower) && alpa_ptx_convolution_fits(c);
}

void alpa_convolution_schedule(alpa_lower *lower, const alpa_convolution *c) {
  if (is_for_gpu(lower, c)) {
    alpa_ptx_convolution_schedule(lower, c);
    return;
  }
  double work = (double)places(c) * (double)c->out_features * (double)c->in_channels;
  for (uint32_t i = 0; i < c->n_spatial; i++)
    work *= (double)c->spatial[i].window;
  lower->schedule->n_phases = 1;
  lower->schedule->n_tasks[0] = alpa_task_count(lower, work / 4, places(c));
}

enum { MOST_PARTS = 4 };

typedef struct sum {
  const alpa_convolution *c;
  uint32_t lanes, n_parts; /* partial sums: channel i goes to part i mod n_parts */
  V mask, feature, spatial[ALPA_MAX_RANK];
  V parts[MOST_PARTS];
} sum;

static V add(alpa_lower *lower, V a, V b) { return LLVMBuildAdd(lower->builder, a, b, ""); }
static V scale(alpa_lower *lower, V a, int64_t by) {
  return LLVMBuildMul(lower->builder, a, alpa_lower_i64(lower, by), "");
}

static V load_kernel(alpa_lower *lower, const sum *s, V offset) {
  const alpa_convolution *c = s->c;
  V base = lower->operands[c->kernel_operand];
  if (s->lanes == 1 || c->kernel_output_stride == 1)
    return alpa_lower_load(lower, alpa_lower_address(lower, base, offset, c->kernel_dtype), c->kernel_dtype, s->lanes,
                           s->lanes > 1 ? s->mask : NULL);
  V result = LLVMGetPoison(LLVMVectorType(alpa_lower_compute_type(lower, c->kernel_dtype), s->lanes));
  V first = scale(lower, s->feature, c->kernel_output_stride);
  V last = alpa_lower_i64(lower, (c->out_features - 1) * c->kernel_output_stride);
  for (uint32_t i = 0; i < s->lanes; i++) { /* lanes past the end read the last feature */
    V at = add(lower, first, alpa_lower_i64(lower, (int64_t)i * c->kernel_output_stride));
    V inside = LLVMBuildICmp(lower->builder, LLVMIntSLT, at, last, "");
    at = LLVMBuildSelect(lower->builder, inside, at, last, "");
    at = LLVMBuildSub(lower->builder, add(lower, offset, at), first, "");
    V element = alpa_lower_load(lower, alpa_lower_address(lower, base, at, c->kernel_dtype), c->kernel_dtype, 1, NULL);
    result = LLVMBuildInsertElement(lower->builder, result, element, LLVMConstInt(lower->type.i32, i, false), "");
  }
  return result;
}

static V convert(alpa_lower *lower, alpa_dtype from, alpa_dtype to, V value) {
  return alpa_element_convert(lower, from, to, (alpa_element){value, NULL}).re;
}

static V multiply_add(alpa_lower *lower, sum *s, V channel, V input, V kernel, V total) {
  const alpa_convolution *c = s->c;
  V at = add(lower, input, scale(lower, channel, c->input_feature_stride));
  V from = alpa_lower_address(lower, lower->operands[c->input_operand], at, c->input_dtype);
  V x = convert(lower, c->input_dtype, c->accumulator, alpa_lower_load(lower, from, c->input_dtype, 1, NULL));
  V w = load_kernel(lower, s, add(lower, kernel, scale(lower, channel, c->kernel_input_stride)));
  w = convert(lower, c->kernel_dtype, c->accumulator, w);
  return alpa_lower_multiply_add(lower, c->accumulator, alpa_expr_widen(lower, x, s->lanes), w, total);
}

/* Sums over the channels of one place of the window. */
static void sum_channels(alpa_lower *lower, sum *s, V input, V kernel) {
  alpa_loop loop;
  V totals[MOST_PARTS];
  alpa_loop_begin(lower, &loop, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, s->c->in_channels), s->n_parts);
  for (uint32_t i = 0; i < s->n_parts; i++)
    totals[i] = alpa_loop_carry(lower, &loop, s->parts[i]);
  for (uint32_t i = 0; i < s->n_parts; i++) {
    V channel = add(lower, loop.index, alpa_lower_i64(lower, i));
    alpa_loop_next(&loop, multiply_add(lower, s, channel, input, kernel, totals[i]));
  }
  alpa_loop_end(lower, &loop);
  for (uint32_t i = 0; i < s->n_parts; i++)
    s->parts[i] = alpa_loop_result(&loop, i);
}

/* Loops over the window from spatial dimension `dim` on; skips places outside the input. */
static void sum_window(alpa_lower *lower, sum *s, uint32_t dim, V input, V kernel) {
  const alpa_convolution *c = s->c;
  LLVMBuilderRef b = lower->builder;
  if (dim == c->n_spatial) {
    sum_channels(lower, s, input, kernel);
    return;
  }
  const alpa_convolution_dim *d = &c->spatial[dim];
  alpa_loop loop;
  alpa_loop_begin(lower, &loop, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, d->window), 1);
  V before[MOST_PARTS];
  for (uint32_t i = 0; i < s->n_parts; i++)
    before[i] = s->parts[i] = alpa_loop_carry(lower, &loop, s->parts[i]);
  V place = add(lower, scale(lower, s->spatial[dim], d->stride), scale(lower, loop.index, d->window_dilation));
  place = add(lower, place, alpa_lower_i64(lower, -d->padding_low));
  V whole = alpa_lower_i64(lower, d->input_dilation);
  V bound = alpa_lower_i64(lower, (d->input - 1) * d->input_dilation + 1);
  V exists = LLVMBuildICmp(b, LLVMIntULT, place, bound, "");
  if (d->input_dilation > 1) {
    V rest = LLVMBuildURem(b, place, whole, "");
    exists = LLVMBuildAnd(b, exists, LLVMBuildICmp(b, LLVMIntEQ, rest, alpa_lower_i64(lower, 0), ""), "");
    place = LLVMBuildUDiv(b, place, whole, "");
  }
  V w = loop.index;
  if (d->reversed)
    w = LLVMBuildSub(b, alpa_lower_i64(lower, d->window - 1), w, "");
  LLVMBasicBlockRef from = LLVMGetInsertBlock(b), inside = alpa_lower_block(lower, "inside");
  LLVMBasicBlockRef after = alpa_lower_block(lower, "after");
  LLVMBuildCondBr(b, exists, inside, after);
  LLVMPositionBuilderAtEnd(b, inside);
  sum_window(lower, s, dim + 1, add(lower, input, scale(lower, place, d->input_stride)),
             add(lower, kernel, scale(lower, w, d->window_stride)));
  LLVMBasicBlockRef end = LLVMGetInsertBlock(b);
  LLVMBuildBr(b, after);
  LLVMPositionBuilderAtEnd(b, after);
  for (uint32_t i = 0; i < s->n_parts; i++) {
    V merged = LLVMBuildPhi(b, LLVMTypeOf(before[i]), "");
    LLVMAddIncoming(merged, &before[i], &from, 1);
    LLVMAddIncoming(merged, &s->parts[i], &end, 1);
    s->parts[i] = merged;
  }
  for (uint32_t i = 0; i < s->n_parts; i++)
    alpa_loop_next(&loop, s->parts[i]);
  alpa_loop_end(lower, &loop);
  for (uint32_t i = 0; i < s->n_parts; i++)
    s->parts[i] = alpa_loop_result(&loop, i);
}

static void emit_features(alpa_lower *lower, sum *s, V batch) {
  const alpa_convolution *c = s->c;
  LLVMBuilderRef b = lower->builder;
  V input = scale(lower, batch, c->input_batch_stride);
  if (c->feature_groups > 1) {
    V group = LLVMBuildUDiv(b, s->feature, alpa_lower_i64(lower, c->out_features / c->feature_groups), "");
    input = add(lower, input, scale(lower, group, c->in_channels * c->input_feature_stride));
  }
  if (c->batch_groups > 1) {
    V group = LLVMBuildUDiv(b, s->feature, alpa_lower_i64(lower, c->out_features / c->batch_groups), "");
    input = add(lower, input, scale(lower, group, c->out_batch * c->input_batch_stride));
  }
  V kernel = scale(lower, s->feature, c->kernel_output_stride);
  LLVMTypeRef type = alpa_lower_vector_type(alpa_lower_compute_type(lower, c->accumulator), s->lanes);
  for (uint32_t i = 0; i < s->n_parts; i++)
    s->parts[i] = LLVMConstNull(type);
  sum_window(lower, s, 0, input, kernel);
  bool floats = alpa_dtype_get_info(c->accumulator)->class_ == ALPA_CLASS_FLOAT;
  V total = s->parts[0];
  for (uint32_t i = 1; i < s->n_parts; i++)
    total = floats ? LLVMBuildFAdd(b, total, s->parts[i], "") : LLVMBuildAdd(b, total, s->parts[i], "");
  alpa_convolution_point point = {.batch = batch, .feature = s->feature, .lanes = s->lanes, .mask = s->mask};
  for (uint32_t i = 0; i < c->n_spatial; i++)
    point.spatial[i] = s->spatial[i];
  c->store(lower, c, &point, total);
}

/* A divisor of the channels: 4, 3 or 2 where there is one. */
static uint32_t parts_of(int64_t channels) {
  for (uint32_t n = MOST_PARTS; n > 1; n--)
    if (channels % n == 0)
      return n;
  return 1;
}

void alpa_convolution_emit(alpa_lower *lower, const alpa_convolution *c, uint32_t phase) {
  if (is_for_gpu(lower, c)) {
    alpa_ptx_convolution_emit(lower, c, phase);
    return;
  }
  LLVMBuilderRef b = lower->builder;
  sum s = {.c = c, .lanes = lanes_of(lower, c), .n_parts = 1};
  if (c->accumulator != ALPA_I1)
    s.n_parts = parts_of(c->in_channels);
  V start, end;
  alpa_lower_task_range(lower, lower->task, lower->schedule->n_tasks[0], places(c), &start, &end);
  if (!places(c) || !c->out_features)
    return;
  alpa_loop outer, inner;
  alpa_loop_begin(lower, &outer, start, end, 1);
  alpa_expr_push(lower);
  V batch = outer.index;
  for (uint32_t i = c->n_spatial; i-- > 0;) {
    V extent = alpa_lower_i64(lower, c->spatial[i].output);
    s.spatial[i] = LLVMBuildURem(b, batch, extent, "");
    batch = LLVMBuildUDiv(b, batch, extent, "");
  }
  alpa_loop_begin(lower, &inner, alpa_lower_i64(lower, 0), alpa_lower_i64(lower, c->out_features), s.lanes);
  alpa_expr_push(lower);
  s.feature = inner.index;
  if (c->out_features % s.lanes) {
    V place = add(lower, alpa_lower_splat(lower, s.feature, s.lanes),
                  alpa_lower_lane_numbers(lower, lower->type.i64, s.lanes));
    V last = alpa_lower_splat(lower, alpa_lower_i64(lower, c->out_features), s.lanes);
    s.mask = LLVMBuildICmp(b, LLVMIntULT, place, last, "");
  }
  emit_features(lower, &s, batch);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &inner);
  alpa_expr_pop(lower);
  alpa_loop_end(lower, &outer);
}
