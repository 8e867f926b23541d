/* Elementwise ops in other notations: chlo's broadcasting ones, constant_like, and those of StableHLO whose sizes are
 * an operand; and random numbers without a state, which are elementwise functions of random bits. */
#include <string.h>

#include "dialects/chlo/chlo.h"
#include "dialects/ir/context.h"
#include "passes/decompose/parts.h"

/* ---- broadcasting ---- */

/* The op of equal shapes that a broadcasting op stands for. */
static const alpa_op_def *find_elementwise(const alpa_op *op) {
  const char *name = op->def->name + strlen("chlo.broadcast_");
  for (int i = 0; i < STABLEHLO_OP_COUNT; i++)
    if (strcmp(alpa_stablehlo_ops[i].name + strlen("stablehlo."), name) == 0)
      return &alpa_stablehlo_ops[i];
  for (int i = 0; i < CHLO_OP_COUNT; i++)
    if (strcmp(alpa_chlo_ops[i].name + strlen("chlo."), name) == 0)
      return &alpa_chlo_ops[i];
  return NULL;
}

/* The operand of lower rank goes where the attribute says, or to the last dimensions. */
static alpa_value *widen(alpa_parts *p, const alpa_op *op, uint32_t i) {
  const alpa_type *type = alpa_op_type(op);
  alpa_value *x = alpa_op_operand(op, i);
  const alpa_attr *given = alpa_op_find_attr(op, "broadcast_dimensions");
  size_t n = 0;
  const int64_t *listed = given ? alpa_attr_i64s(given, &n) : NULL;
  int64_t *dims = alpa_arena_new(p->arena, int64_t, x->type->rank + 1);
  for (uint32_t d = 0; d < x->type->rank; d++)
    dims[d] = listed && n == x->type->rank && n < type->rank ? listed[d] : (int64_t)(type->rank - x->type->rank + d);
  return alpa_part_broadcast(p, x, type, dims);
}

bool alpa_decompose_broadcasting(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  const alpa_op_def *def = find_elementwise(op);
  alpa_value *operands[3];
  if (!def || op->n_operands > 3)
    return false;
  for (uint32_t i = 0; i < op->n_operands; i++)
    operands[i] = widen(p, op, i);
  const alpa_type *type = alpa_op_type(op);
  const alpa_op_state state = {
      .def = def, .operands = operands, .n_operands = op->n_operands, .results = &type, .n_results = 1};
  alpa_op *built = alpa_build(&p->builder, &state);
  for (int i = 0; i < def->n_attrs; i++) {
    const alpa_attr *value = alpa_op_find_attr(op, def->attrs[i].name);
    if (value && value->kind == ALPA_ATTR_ENUM)
      value = alpa_attr_get_enum(p->ctx, def->attrs[i].def, value->integer);
    if (value)
      alpa_op_set_attr(built, def->attrs[i].name, value);
  }
  out_results[0] = alpa_op_result(built, 0);
  return true;
}

bool alpa_decompose_constant_like(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  const alpa_attr *value = op->attrs[chlo_constant_like_value];
  if (value->kind != ALPA_ATTR_INTEGER && value->kind != ALPA_ATTR_FLOAT)
    return false;
  double number = value->kind == ALPA_ATTR_INTEGER ? (double)value->integer : alpa_attr_number(value);
  out_results[0] = alpa_part_number(p, alpa_op_type(op), number);
  return true;
}

/* Sizes that are an operand but known from the type: the op without that operand. */
bool alpa_decompose_known_size(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  const alpa_type *type = alpa_op_type(op);
  if (stablehlo_is(op, STABLEHLO_dynamic_iota)) {
    out_results[0] = alpa_part_iota(p, type, op->attrs[stablehlo_dynamic_iota_iota_dimension]->integer);
    return true;
  }
  alpa_value *x = alpa_op_operand(op, 0);
  if (stablehlo_is(op, STABLEHLO_dynamic_reshape)) {
    out_results[0] = alpa_part_build(p, STABLEHLO_reshape, type, &x, 1, NULL);
    return true;
  }
  size_t n;
  const int64_t *dims = alpa_op_i64s(op, stablehlo_dynamic_broadcast_in_dim_broadcast_dimensions, &n);
  out_results[0] = alpa_part_broadcast(p, x, type, dims);
  return true;
}

/* ---- random numbers ---- */

/* 32 random bits per element: equal in every run, other ones for every op and `stream`. */
static alpa_value *build_bits(alpa_parts *p, const alpa_type *like, uint64_t stream) {
  const alpa_type *state_type = alpa_type_get_tensor(p->ctx, ALPA_UI64, 1, (const int64_t[]){2});
  const alpa_type *types[] = {state_type, alpa_type_with_dtype(p->ctx, like, ALPA_UI32)};
  const uint64_t key[] = {0x9E3779B97F4A7C15u * (2 * p->number + stream + 1), 0};
  const alpa_attr *constant[stablehlo_constant_attr_count] = {0}, *attrs[stablehlo_rng_bit_generator_attr_count] = {0};
  constant[stablehlo_constant_value] = alpa_attr_get_elements(p->ctx, state_type, key, false);
  alpa_value *state = alpa_part_build(p, STABLEHLO_constant, state_type, NULL, 0, constant);
  attrs[stablehlo_rng_bit_generator_rng_algorithm] =
      alpa_attr_get_enum(p->ctx, &alpa_stablehlo_attr_rng_algorithm, STABLEHLO_THREE_FRY);
  const alpa_op_state op = {.def = &alpa_stablehlo_ops[STABLEHLO_rng_bit_generator],
                            .operands = &state,
                            .n_operands = 1,
                            .results = types,
                            .n_results = 2,
                            .attrs = attrs};
  return alpa_op_result(alpa_build(&p->builder, &op), 1);
}

/* In (0, 1): an odd multiple of 2^-24. */
static alpa_value *build_uniform(alpa_parts *p, const alpa_type *type, uint64_t stream) {
  alpa_value *bits = build_bits(p, type, stream);
  bits = alpa_part_binary(p, STABLEHLO_shift_right_logical, bits, alpa_part_number(p, bits->type, 9));
  alpa_value *whole = alpa_part_convert(p, bits, type->dtype);
  whole = alpa_part_binary(p, STABLEHLO_add, whole, alpa_part_number(p, type, 0.5));
  return alpa_part_binary(p, STABLEHLO_multiply, whole, alpa_part_number(p, type, 0x1p-23));
}

/* G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates" (1958). */
static alpa_value *build_normal(alpa_parts *p, const alpa_type *type) {
  alpa_value *log = alpa_part_unary(p, STABLEHLO_log, build_uniform(p, type, 0));
  alpa_value *square = alpa_part_binary(p, STABLEHLO_multiply, log, alpa_part_number(p, type, -2));
  alpa_value *turn = alpa_part_number(p, type, 2 * 3.14159265358979323846);
  alpa_value *angle = alpa_part_binary(p, STABLEHLO_multiply, build_uniform(p, type, 1), turn);
  return alpa_part_binary(p, STABLEHLO_multiply, alpa_part_unary(p, STABLEHLO_sqrt, square),
                          alpa_part_unary(p, STABLEHLO_cosine, angle));
}

/* Uniform in [a, b), or normal with mean a and deviation b; integers and narrow floats by way of f32 or f64. */
bool alpa_decompose_rng(alpa_parts *p, alpa_op *op, alpa_value **out_results) {
  const alpa_type *result = alpa_op_type(op);
  bool is_f32 = alpa_type_class(result) == ALPA_CLASS_FLOAT && alpa_dtype_get_info(result->dtype)->bits <= 32;
  bool is_normal = op->attrs[stablehlo_rng_rng_distribution]->integer == STABLEHLO_NORMAL;
  const alpa_type *type = alpa_type_with_dtype(p->ctx, result, is_f32 ? ALPA_F32 : ALPA_F64);
  alpa_value *ends[2];
  for (uint32_t i = 0; i < 2; i++)
    ends[i] = alpa_part_broadcast(p, alpa_part_convert(p, alpa_op_operand(op, i), type->dtype), type, NULL);
  alpa_value *unit = is_normal ? build_normal(p, type) : build_uniform(p, type, 0);
  alpa_value *scale = is_normal ? ends[1] : alpa_part_binary(p, STABLEHLO_subtract, ends[1], ends[0]);
  alpa_value *scaled = alpa_part_binary(p, STABLEHLO_multiply, unit, scale);
  alpa_value *moved = alpa_part_binary(p, STABLEHLO_add, scaled, ends[0]);
  if (alpa_type_class(result) != ALPA_CLASS_FLOAT && alpa_type_class(result) != ALPA_CLASS_COMPLEX)
    moved = alpa_part_unary(p, STABLEHLO_floor, moved);
  out_results[0] = alpa_part_convert(p, moved, result->dtype);
  return true;
}
