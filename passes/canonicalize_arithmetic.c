/* Folds of elementwise ops.  What is folded for floats holds in the field arithmetic of interp/ too, and for every real
 * number; as in XLA, the sign of a zero is not kept by x + 0. */
#include "passes/canonicalize.h"

#include <math.h>

#include "interp/element.h"
#include "support/number.h"

static alpa_value *lhs(const alpa_op *op) { return alpa_op_operand(op, 0); }
static alpa_value *rhs(const alpa_op *op) { return alpa_op_operand(op, 1); }

static bool is_static(const alpa_op *op) { return alpa_type_is_static_tensor(alpa_op_type(op)); }

/* Integers and booleans, for which x - x is 0 and 0 * x is 0 whatever x is. */
static bool is_whole(const alpa_op *op) {
  return is_static(op) && alpa_type_class(alpa_op_type(op)) <= ALPA_CLASS_UINT;
}
static bool is_bool(const alpa_op *op) { return is_static(op) && alpa_type_class(alpa_op_type(op)) == ALPA_CLASS_BOOL; }

static bool replace_number(alpa_rewriter *rewriter, alpa_op *op, int64_t number) {
  return alpa_rewriter_replace_constant(rewriter, op, alpa_constant_of(alpa_op_context(op), alpa_op_type(op), number));
}

static bool replace_unary(alpa_rewriter *rewriter, alpa_op *op, stablehlo_op_id id, alpa_value *operand) {
  const alpa_type *type = alpa_op_type(op);
  return alpa_rewriter_replace_op(
      rewriter, op,
      &(alpa_op_state){
          .def = &alpa_stablehlo_ops[id], .operands = &operand, .n_operands = 1, .results = &type, .n_results = 1});
}

/* ---- arithmetic ---- */

bool alpa_fold_add(alpa_rewriter *rewriter, alpa_op *op) {
  return alpa_value_is_number(rhs(op), 0) && alpa_rewriter_replace_one(rewriter, op, lhs(op));
}

bool alpa_fold_subtract(alpa_rewriter *rewriter, alpa_op *op) {
  if (alpa_value_is_number(rhs(op), 0))
    return alpa_rewriter_replace_one(rewriter, op, lhs(op));
  if (!is_whole(op) || is_bool(op))
    return false;
  if (lhs(op) == rhs(op))
    return replace_number(rewriter, op, 0);
  return alpa_value_is_number(lhs(op), 0) && replace_unary(rewriter, op, STABLEHLO_negate, rhs(op));
}

bool alpa_fold_multiply(alpa_rewriter *rewriter, alpa_op *op) {
  if (alpa_value_is_number(rhs(op), 1))
    return alpa_rewriter_replace_one(rewriter, op, lhs(op));
  if (is_whole(op) && alpa_value_is_number(rhs(op), 0))
    return alpa_rewriter_replace_one(rewriter, op, rhs(op));
  return alpa_value_is_number(rhs(op), -1) && replace_unary(rewriter, op, STABLEHLO_negate, lhs(op));
}

bool alpa_fold_divide(alpa_rewriter *rewriter, alpa_op *op) {
  return alpa_value_is_number(rhs(op), 1) && alpa_rewriter_replace_one(rewriter, op, lhs(op));
}

bool alpa_fold_power(alpa_rewriter *rewriter, alpa_op *op) {
  if (alpa_value_is_number(rhs(op), 1))
    return alpa_rewriter_replace_one(rewriter, op, lhs(op));
  if (alpa_value_is_number(rhs(op), 0))
    return replace_number(rewriter, op, 1);
  if (!alpa_value_is_number(rhs(op), 2))
    return false;
  alpa_value *factors[] = {lhs(op), lhs(op)};
  return alpa_rewriter_replace_op(
      rewriter, op,
      &(alpa_op_state){.def = &alpa_stablehlo_ops[STABLEHLO_multiply], .operands = factors, .n_operands = 2});
}

bool alpa_fold_negate(alpa_rewriter *rewriter, alpa_op *op) {
  alpa_op *inner = alpa_value_find_stablehlo(lhs(op), STABLEHLO_negate);
  return inner && alpa_rewriter_replace_one(rewriter, op, lhs(inner));
}

/* The end of the type's range: -inf or the smallest integer, and their opposites. */
static bool is_extreme(const alpa_value *value, bool largest) {
  const alpa_attr *attr = alpa_value_find_splat(value);
  if (!attr)
    return false;
  const alpa_dtype_info *info = alpa_dtype_get_info(attr->type->dtype);
  switch (info->class_) {
  case ALPA_CLASS_FLOAT:
    return alpa_value_is_number(value, largest ? INFINITY : -INFINITY);
  case ALPA_CLASS_BOOL:
    return alpa_value_is_number(value, largest);
  case ALPA_CLASS_INT:
    return alpa_integer_load(attr->type->dtype, alpa_attr_element(attr, 0)) ==
           (largest ? INT64_MAX >> (64 - info->bits) : INT64_MIN >> (64 - info->bits));
  case ALPA_CLASS_UINT:
    return alpa_element_load(attr->type->dtype, alpa_attr_element(attr, 0)) ==
           (largest ? UINT64_MAX >> (64 - info->bits) : 0);
  case ALPA_CLASS_COMPLEX:
    return false;
  }
  return false;
}

static bool fold_extremum(alpa_rewriter *rewriter, alpa_op *op, bool is_maximum) {
  if (lhs(op) == rhs(op) || is_extreme(rhs(op), !is_maximum))
    return alpa_rewriter_replace_one(rewriter, op, lhs(op));
  return is_whole(op) && is_extreme(rhs(op), is_maximum) && alpa_rewriter_replace_one(rewriter, op, rhs(op));
}

bool alpa_fold_maximum(alpa_rewriter *rewriter, alpa_op *op) { return fold_extremum(rewriter, op, true); }
bool alpa_fold_minimum(alpa_rewriter *rewriter, alpa_op *op) { return fold_extremum(rewriter, op, false); }

/* ---- logic ---- */

/* All bits set: true of booleans, -1 of signed integers, the largest unsigned one. */
static bool is_ones(const alpa_value *value) {
  const alpa_attr *attr = alpa_value_find_splat(value);
  if (!attr)
    return false;
  switch (alpa_type_class(attr->type)) {
  case ALPA_CLASS_BOOL:
    return alpa_value_is_number(value, 1);
  case ALPA_CLASS_INT:
    return alpa_value_is_number(value, -1);
  case ALPA_CLASS_UINT:
    return is_extreme(value, true);
  case ALPA_CLASS_FLOAT:
  case ALPA_CLASS_COMPLEX:
    return false;
  }
  return false;
}

bool alpa_fold_and(alpa_rewriter *rewriter, alpa_op *op) {
  if (lhs(op) == rhs(op) || is_ones(rhs(op)))
    return alpa_rewriter_replace_one(rewriter, op, lhs(op));
  return alpa_value_is_number(rhs(op), 0) && alpa_rewriter_replace_one(rewriter, op, rhs(op));
}

bool alpa_fold_or(alpa_rewriter *rewriter, alpa_op *op) {
  if (lhs(op) == rhs(op) || alpa_value_is_number(rhs(op), 0))
    return alpa_rewriter_replace_one(rewriter, op, lhs(op));
  return is_ones(rhs(op)) && alpa_rewriter_replace_one(rewriter, op, rhs(op));
}

bool alpa_fold_xor(alpa_rewriter *rewriter, alpa_op *op) {
  if (lhs(op) == rhs(op) && is_static(op))
    return replace_number(rewriter, op, 0);
  if (alpa_value_is_number(rhs(op), 0))
    return alpa_rewriter_replace_one(rewriter, op, lhs(op));
  return is_ones(rhs(op)) && replace_unary(rewriter, op, STABLEHLO_not, lhs(op));
}

static bool is_float_compare(const alpa_op *compare) {
  return alpa_type_class(alpa_op_operand_type(compare, 0)) >= ALPA_CLASS_FLOAT;
}

/* not(a == b) is a != b; of floats only this pair, since the others are all false for NaN. */
static bool invert_compare(alpa_rewriter *rewriter, alpa_op *op, alpa_op *compare) {
  static const int inverse[] = {
      [STABLEHLO_EQ] = STABLEHLO_NE, [STABLEHLO_NE] = STABLEHLO_EQ, [STABLEHLO_GE] = STABLEHLO_LT,
      [STABLEHLO_LT] = STABLEHLO_GE, [STABLEHLO_GT] = STABLEHLO_LE, [STABLEHLO_LE] = STABLEHLO_GT};
  const alpa_attr *direction = alpa_op_attr(compare, stablehlo_compare_comparison_direction);
  if (is_float_compare(compare) && direction->integer != STABLEHLO_EQ && direction->integer != STABLEHLO_NE)
    return false;
  const alpa_attr *attrs[stablehlo_compare_attr_count];
  for (int i = 0; i < stablehlo_compare_attr_count; i++)
    attrs[i] = compare->attrs[i];
  attrs[stablehlo_compare_comparison_direction] =
      alpa_attr_get_enum(alpa_op_context(op), direction->def, inverse[direction->integer]);
  alpa_value *operands[] = {lhs(compare), rhs(compare)};
  return alpa_rewriter_replace_op(
      rewriter, op, &(alpa_op_state){.def = compare->def, .operands = operands, .n_operands = 2, .attrs = attrs});
}

bool alpa_fold_not(alpa_rewriter *rewriter, alpa_op *op) {
  alpa_op *inner = alpa_value_find_stablehlo(lhs(op), STABLEHLO_not);
  if (inner)
    return alpa_rewriter_replace_one(rewriter, op, lhs(inner));
  alpa_op *compare = alpa_value_find_stablehlo(lhs(op), STABLEHLO_compare);
  return compare && invert_compare(rewriter, op, compare);
}

/* A comparison of numbers from 0 to n - 1 with a constant that is true of all of them, or of none. */
static bool compare_iota(alpa_rewriter *rewriter, alpa_op *op, int64_t direction) {
  const alpa_op *iota = alpa_value_find_stablehlo(lhs(op), STABLEHLO_iota);
  int64_t c;
  if (!iota || !is_static(op) || !is_static(iota) || !alpa_value_find_integer(rhs(op), &c))
    return false;
  int64_t n = alpa_op_type(iota)->dims[alpa_op_int(iota, stablehlo_iota_iota_dimension, 0)];
  bool wraps = c < 0 && alpa_type_class(alpa_op_type(iota)) == ALPA_CLASS_UINT; /* 2^63 and more */
  if (wraps || n == 0 || n > INT32_MAX || !alpa_type_counts_to(alpa_op_type(iota), n))
    return false;
  bool all = (direction == STABLEHLO_GE && c <= 0) || (direction == STABLEHLO_GT && c < 0) ||
             (direction == STABLEHLO_LT && c >= n) || (direction == STABLEHLO_LE && c >= n - 1);
  bool none = (direction == STABLEHLO_LT && c <= 0) || (direction == STABLEHLO_LE && c < 0) ||
              (direction == STABLEHLO_GE && c >= n) || (direction == STABLEHLO_GT && c >= n - 1);
  return (all || none) && replace_number(rewriter, op, all);
}

bool alpa_fold_compare(alpa_rewriter *rewriter, alpa_op *op) {
  static const bool of_equals[] = {[STABLEHLO_EQ] = true,  [STABLEHLO_GE] = true,  [STABLEHLO_LE] = true,
                                   [STABLEHLO_NE] = false, [STABLEHLO_GT] = false, [STABLEHLO_LT] = false};
  static const int mirrored[] = {
      [STABLEHLO_EQ] = STABLEHLO_EQ, [STABLEHLO_NE] = STABLEHLO_NE, [STABLEHLO_GE] = STABLEHLO_LE,
      [STABLEHLO_LE] = STABLEHLO_GE, [STABLEHLO_GT] = STABLEHLO_LT, [STABLEHLO_LT] = STABLEHLO_GT};
  const alpa_attr *direction = alpa_op_attr(op, stablehlo_compare_comparison_direction);
  if (lhs(op) == rhs(op) && !is_float_compare(op) && is_static(op))
    return replace_number(rewriter, op, of_equals[direction->integer]);
  if (compare_iota(rewriter, op, direction->integer))
    return true;
  if (!alpa_value_find_constant(lhs(op)) || alpa_value_find_constant(rhs(op)))
    return false;
  alpa_value *a = lhs(op), *b = rhs(op);
  alpa_op_set_operand(op, 0, b);
  alpa_op_set_operand(op, 1, a);
  op->attrs[stablehlo_compare_comparison_direction] =
      alpa_attr_get_enum(alpa_op_context(op), direction->def, mirrored[direction->integer]);
  return alpa_rewriter_revisit(rewriter, op);
}

/* ---- choice and conversion ---- */

bool alpa_fold_select(alpa_rewriter *rewriter, alpa_op *op) {
  alpa_value *predicate = alpa_op_operand(op, 0), *yes = alpa_op_operand(op, 1), *no = alpa_op_operand(op, 2);
  if (yes == no || alpa_value_is_number(predicate, 1))
    return alpa_rewriter_replace_one(rewriter, op, yes);
  if (alpa_value_is_number(predicate, 0))
    return alpa_rewriter_replace_one(rewriter, op, no);
  alpa_op *inverted = alpa_value_find_stablehlo(predicate, STABLEHLO_not);
  if (inverted) {
    alpa_op_set_operand(op, 0, lhs(inverted));
    alpa_op_set_operand(op, 1, no);
    alpa_op_set_operand(op, 2, yes);
    return alpa_rewriter_revisit(rewriter, op);
  }
  return false;
}

/* Every value of `from` is one of `to`. */
static bool embeds(alpa_dtype from, alpa_dtype to) {
  const alpa_dtype_info *a = alpa_dtype_get_info(from), *b = alpa_dtype_get_info(to);
  if (a->class_ == ALPA_CLASS_COMPLEX || b->class_ == ALPA_CLASS_COMPLEX || b->class_ == ALPA_CLASS_BOOL)
    return false;
  if (a->class_ == ALPA_CLASS_BOOL)
    return true;
  if (a->class_ == ALPA_CLASS_FLOAT)
    return b->class_ == ALPA_CLASS_FLOAT && alpa_float_embeds(from, to);
  if (b->class_ == ALPA_CLASS_FLOAT)
    return a->bits <= (to == ALPA_F64 ? 53u : to == ALPA_F32 ? 24u : 0u);
  if (a->class_ == b->class_)
    return a->bits <= b->bits;
  return a->class_ == ALPA_CLASS_UINT && a->bits < b->bits;
}

/* The value comes out of a conversion to its type that rounds. */
static bool is_rounded(const alpa_value *value) {
  alpa_op *convert = alpa_value_find_stablehlo(value, STABLEHLO_convert);
  return convert && alpa_type_is_static_tensor(lhs(convert)->type) &&
         alpa_type_class(lhs(convert)->type) == ALPA_CLASS_FLOAT &&
         !embeds(lhs(convert)->type->dtype, value->type->dtype);
}

/* Whether a value can go to a third type directly instead of through a wider second one.  Of floats always, in real
 * arithmetic; but rounding an element of the field that is no number of the format gives another one, so there it must
 * go on to something wider still, or return to a type that it was rounded to before. */
static bool may_skip(const alpa_value *from, const alpa_type *through, const alpa_type *to) {
  if (!alpa_type_is_static_tensor(from->type) || !embeds(from->type->dtype, through->dtype))
    return false;
  if (alpa_type_class(from->type) != ALPA_CLASS_FLOAT || alpa_type_class(to) != ALPA_CLASS_FLOAT)
    return true;
  return embeds(through->dtype, to->dtype) || (from->type == to && is_rounded(from));
}

bool alpa_fold_convert(alpa_rewriter *rewriter, alpa_op *op) {
  if (lhs(op)->type == alpa_op_type(op))
    return alpa_rewriter_replace_one(rewriter, op, lhs(op));
  alpa_op *inner = alpa_value_find_stablehlo(lhs(op), STABLEHLO_convert);
  if (!inner || !is_static(op) || !is_static(inner) || !may_skip(lhs(inner), alpa_op_type(inner), alpa_op_type(op)))
    return false;
  alpa_op_set_operand(op, 0, lhs(inner));
  if (!alpa_op_result(inner, 0)->uses)
    (void)alpa_rewriter_revisit(rewriter, inner);
  return alpa_rewriter_revisit(rewriter, op);
}
