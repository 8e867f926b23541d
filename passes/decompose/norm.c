/* Batch normalisation (StableHLO's specification, batch_norm_*): statistics over all dimensions but one, in f32 where
 * the op's own floats are narrower. */
#include "dialects/ir/context.h"
#include "passes/decompose/parts.h"

typedef struct norm {
  alpa_parts *parts;
  const alpa_op *op;
  const alpa_type *type; /* of the operand, in the floats that are computed with */
  int64_t feature;
  double epsilon, count; /* count: elements per feature */
  int64_t *others;       /* the other dimensions */
} norm;

static norm describe(alpa_parts *p, const alpa_op *op, int epsilon, int feature) {
  const alpa_type *type = alpa_op_operand_type(op, 0);
  alpa_dtype dtype = alpa_dtype_get_info(type->dtype)->bits < 32 ? ALPA_F32 : type->dtype;
  norm t = {.parts = p,
            .op = op,
            .type = alpa_type_with_dtype(p->ctx, type, dtype),
            .feature = op->attrs[feature]->integer,
            .epsilon = alpa_attr_number(op->attrs[epsilon]),
            .count = 1,
            .others = alpa_arena_new(p->arena, int64_t, type->rank)};
  for (uint32_t d = 0, n = 0; d < type->rank; d++)
    if (d != t.feature) {
      t.others[n++] = d;
      t.count *= (double)type->dims[d];
    }
  return t;
}

static alpa_value *operand(const norm *t, uint32_t i) {
  return alpa_part_convert(t->parts, alpa_op_operand(t->op, i), t->type->dtype);
}
static alpa_value *result(const norm *t, uint32_t i, alpa_value *x) {
  return alpa_part_convert(t->parts, x, t->op->results[i].type->dtype);
}
static alpa_value *per_feature(const norm *t, alpa_value *x) {
  return alpa_part_broadcast(t->parts, x, t->type, &t->feature);
}
static alpa_value *sum(const norm *t, alpa_value *x) {
  return alpa_part_sum(t->parts, x, t->others, t->type->rank - 1);
}
static alpa_value *multiply(const norm *t, alpa_value *x, alpa_value *y) {
  return alpa_part_binary(t->parts, STABLEHLO_multiply, x, y);
}
static alpa_value *subtract(const norm *t, alpa_value *x, alpa_value *y) {
  return alpa_part_binary(t->parts, STABLEHLO_subtract, x, y);
}
static alpa_value *mean(const norm *t, alpa_value *x) {
  alpa_value *total = sum(t, x);
  return alpa_part_binary(t->parts, STABLEHLO_divide, total, alpa_part_number(t->parts, total->type, t->count));
}
static alpa_value *stabilise(const norm *t, alpa_value *variance) {
  return alpa_part_binary(t->parts, STABLEHLO_add, variance, alpa_part_number(t->parts, variance->type, t->epsilon));
}

/* centred * rsqrt(variance + epsilon) * scale + offset */
static alpa_value *normalise(const norm *t, alpa_value *centred, alpa_value *variance) {
  alpa_value *inverse = alpa_part_unary(t->parts, STABLEHLO_rsqrt, stabilise(t, variance));
  alpa_value *factor = multiply(t, inverse, operand(t, 1));
  alpa_value *scaled = multiply(t, centred, per_feature(t, factor));
  return alpa_part_binary(t->parts, STABLEHLO_add, scaled, per_feature(t, operand(t, 2)));
}

bool alpa_decompose_batch_norm_training(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  norm t = describe(p, op, stablehlo_batch_norm_training_epsilon, stablehlo_batch_norm_training_feature_index);
  alpa_value *x = operand(&t, 0), *average = mean(&t, x);
  alpa_value *centred = subtract(&t, x, per_feature(&t, average));
  alpa_value *variance = mean(&t, multiply(&t, centred, centred));
  out_results[0] = result(&t, 0, normalise(&t, centred, variance));
  out_results[1] = result(&t, 1, average);
  out_results[2] = result(&t, 2, variance);
  return true;
}

bool alpa_decompose_batch_norm_inference(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  norm t = describe(p, op, stablehlo_batch_norm_inference_epsilon, stablehlo_batch_norm_inference_feature_index);
  alpa_value *centred = subtract(&t, operand(&t, 0), per_feature(&t, operand(&t, 3)));
  out_results[0] = result(&t, 0, normalise(&t, centred, operand(&t, 4)));
  return true;
}

/* scale * inverse / n * (n * grad - sum(grad) - centred * sum(grad * centred) / (variance + epsilon)) */
bool alpa_decompose_batch_norm_grad(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  norm t = describe(p, op, stablehlo_batch_norm_grad_epsilon, stablehlo_batch_norm_grad_feature_index);
  alpa_value *grad = operand(&t, 4), *variance = stabilise(&t, operand(&t, 3));
  alpa_value *inverse = alpa_part_unary(p, STABLEHLO_rsqrt, variance);
  alpa_value *centred = subtract(&t, operand(&t, 0), per_feature(&t, operand(&t, 2)));
  alpa_value *total = sum(&t, grad), *products = sum(&t, multiply(&t, grad, centred));
  alpa_value *count = alpa_part_number(p, variance->type, t.count);
  alpa_value *slope = alpa_part_binary(p, STABLEHLO_divide, products, variance);
  alpa_value *part = subtract(&t, multiply(&t, grad, alpa_part_number(p, t.type, t.count)), per_feature(&t, total));
  part = subtract(&t, part, multiply(&t, centred, per_feature(&t, slope)));
  alpa_value *factor = alpa_part_binary(p, STABLEHLO_divide, multiply(&t, operand(&t, 1), inverse), count);
  out_results[0] = result(&t, 0, multiply(&t, per_feature(&t, factor), part));
  out_results[1] = result(&t, 1, multiply(&t, products, inverse));
  out_results[2] = result(&t, 2, total);
  return true;
}
