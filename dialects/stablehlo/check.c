/* Shared checks of verifiers and type inference. */
#include "dialects/stablehlo/check.h"

#include <inttypes.h>

#include "dialects/ir/context.h"

alpa_dim_list alpa_dim_list_of(const alpa_op *op, int ordinal) {
  alpa_dim_list list = {.name = op->def->attrs[ordinal].name};
  list.items = alpa_op_i64s(op, ordinal, &list.n);
  return list;
}

alpa_dim_list alpa_dim_list_field(const alpa_attr *attr, int ordinal) {
  alpa_dim_list list = {.name = attr->def->fields[ordinal].name};
  list.items = alpa_attr_i64s(alpa_attr_field(attr, ordinal), &list.n);
  return list;
}

bool alpa_dim_list_has(alpa_dim_list list, int64_t dim) {
  for (size_t i = 0; i < list.n; i++)
    if (list.items[i] == dim)
      return true;
  return false;
}

int64_t alpa_struct_int(const alpa_attr *attr, int ordinal) {
  const alpa_attr *field = alpa_attr_field(attr, ordinal);
  return field ? field->integer : 0;
}

alpa_shape alpa_shape_of(const alpa_type *type) {
  alpa_shape shape = {0};
  for (uint32_t i = 0; i < type->rank; i++)
    alpa_shape_push(&shape, type->dims[i]);
  return shape;
}

void alpa_shape_push(alpa_shape *shape, int64_t dim) {
  if (shape->rank < ALPA_MAX_RANK)
    shape->dims[shape->rank] = dim;
  shape->rank++; /* more are reported when the shape is used */
}

int64_t alpa_pair(const alpa_attr *attr, size_t row, size_t column) {
  int64_t columns = attr->type->dims[attr->type->rank - 1];
  return *(const int64_t *)alpa_attr_element(attr, (int64_t)row * columns + (int64_t)column);
}

bool alpa_element_agrees(const alpa_type *a, const alpa_type *b) {
  return a->element == b->element || (a->element->kind != ALPA_TYPE_SCALAR && b->element->kind != ALPA_TYPE_SCALAR);
}

bool alpa_shape_agrees(const alpa_type *a, const alpa_type *b) {
  if (a->rank != b->rank)
    return false;
  for (uint32_t i = 0; i < a->rank; i++)
    if (!alpa_dim_agrees(a->dims[i], b->dims[i]))
      return false;
  return true;
}

bool alpa_type_agrees(const alpa_type *a, const alpa_type *b) {
  if (a == b)
    return true;
  if (!alpa_type_is_tensor(a) || !alpa_type_is_tensor(b))
    return false;
  return alpa_element_agrees(a, b) && alpa_shape_agrees(a, b);
}

alpa_status alpa_check_dim(const alpa_op *op, const char *name, int64_t dim, uint32_t rank) {
  if (dim < 0 || dim >= rank)
    return alpa_op_error(op, "expects %s to be in [0, %u), got %" PRId64, name, rank, dim);
  return ALPA_OK;
}

alpa_status alpa_check_dims(const alpa_op *op, alpa_dim_list list, uint32_t rank) {
  for (size_t i = 0; i < list.n; i++) {
    if (list.items[i] < 0 || list.items[i] >= rank)
      return alpa_op_error(op, "expects each element of %s to be in [0, %u), got %" PRId64, list.name, rank,
                           list.items[i]);
    for (size_t j = 0; j < i; j++)
      if (list.items[i] == list.items[j])
        return alpa_op_error(op, "expects the elements of %s to be unique, got %" PRId64 " twice", list.name,
                             list.items[i]);
  }
  return ALPA_OK;
}

alpa_status alpa_check_sorted_dims(const alpa_op *op, alpa_dim_list list, uint32_t rank) {
  ALPA_TRY(alpa_check_dims(op, list, rank));
  for (size_t i = 1; i < list.n; i++)
    if (list.items[i - 1] > list.items[i])
      return alpa_op_error(op, "expects %s to be sorted, got %" PRId64 " before %" PRId64, list.name, list.items[i - 1],
                           list.items[i]);
  return ALPA_OK;
}

alpa_status alpa_check_disjoint(const alpa_op *op, alpa_dim_list a, alpa_dim_list b) {
  for (size_t i = 0; i < a.n; i++)
    if (alpa_dim_list_has(b, a.items[i]))
      return alpa_op_error(op, "expects no dimension in both %s and %s, got %" PRId64, a.name, b.name, a.items[i]);
  return ALPA_OK;
}

alpa_status alpa_check_length(const alpa_op *op, alpa_dim_list list, size_t n, const char *of) {
  if (list.n != n)
    return alpa_op_error(op, "expects %s to have as many elements as %s (%zu), got %zu", list.name, of, n, list.n);
  return ALPA_OK;
}

alpa_status alpa_check_at_least(const alpa_op *op, alpa_dim_list list, int64_t least) {
  for (size_t i = 0; i < list.n; i++)
    if (list.items[i] < least)
      return alpa_op_error(op, "expects each element of %s to be at least %" PRId64 ", got %" PRId64, list.name, least,
                           list.items[i]);
  return ALPA_OK;
}

const char *alpa_spell(const alpa_op *op, const alpa_type *type) { return alpa_type_spell(alpa_op_context(op), type); }

alpa_status alpa_check_tensor(const alpa_op *op, const alpa_type *type, const char *name) {
  if (!alpa_type_is_tensor(type))
    return alpa_op_error(op, "expects %s to be a tensor, got '%s'", name, alpa_spell(op, type));
  return ALPA_OK;
}

static alpa_status check_value(const alpa_op *op, const alpa_type *type, const char *what, uint32_t index) {
  if (!alpa_type_is_tensor(type))
    return alpa_op_error(op, "%s #%u must be a ranked tensor, got '%s'", what, index, alpa_spell(op, type));
  if (type->rank > ALPA_MAX_RANK)
    return alpa_op_unsupported(op, "%s #%u has %u dimensions, at most %d are supported", what, index, type->rank,
                               ALPA_MAX_RANK);
  return ALPA_OK;
}

alpa_status alpa_check_tensors(const alpa_op *op) {
  for (uint32_t i = 0; i < op->n_operands; i++)
    ALPA_TRY(check_value(op, alpa_op_operand_type(op, i), "operand", i));
  for (uint32_t i = 0; i < op->n_results; i++)
    ALPA_TRY(check_value(op, op->results[i].type, "result", i));
  return ALPA_OK;
}

alpa_status alpa_check_class(const alpa_op *op, const alpa_type *type, uint32_t set, const char *name,
                             const char *classes) {
  ALPA_TRY(alpa_check_tensor(op, type, name));
  bool ok = type->element->kind == ALPA_TYPE_SCALAR ? (set & 1u << alpa_type_class(type)) != 0 : set != ALPA_IN_BOOL;
  if (!ok)
    return alpa_op_error(op, "expects %s to be a tensor of %s, got '%s'", name, classes, alpa_spell(op, type));
  return ALPA_OK;
}

alpa_status alpa_check_same_element(const alpa_op *op, const alpa_type *a, const char *a_name, const alpa_type *b,
                                    const char *b_name) {
  if (!alpa_element_agrees(a, b))
    return alpa_op_error(op, "expects %s and %s to have the same element type, got '%s' and '%s'", a_name, b_name,
                         alpa_spell(op, a), alpa_spell(op, b));
  return ALPA_OK;
}

alpa_status alpa_check_same_shape(const alpa_op *op, const alpa_type *a, const char *a_name, const alpa_type *b,
                                  const char *b_name) {
  if (!alpa_shape_agrees(a, b))
    return alpa_op_error(op, "expects %s and %s to have the same shape, got '%s' and '%s'", a_name, b_name,
                         alpa_spell(op, a), alpa_spell(op, b));
  return ALPA_OK;
}

alpa_status alpa_check_same_type(const alpa_op *op, const alpa_type *a, const char *a_name, const alpa_type *b,
                                 const char *b_name) {
  if (!alpa_type_agrees(a, b))
    return alpa_op_error(op, "expects %s and %s to have the same type, got '%s' and '%s'", a_name, b_name,
                         alpa_spell(op, a), alpa_spell(op, b));
  return ALPA_OK;
}

alpa_status alpa_check_scalar(const alpa_op *op, const alpa_type *type, const char *name) {
  if (!alpa_type_is_scalar_tensor(type))
    return alpa_op_error(op, "expects %s to be a tensor of rank 0, got '%s'", name, alpa_spell(op, type));
  return ALPA_OK;
}

alpa_status alpa_check_predicate(const alpa_op *op, const alpa_type *type, const char *name) {
  ALPA_TRY(alpa_check_scalar(op, type, name));
  return alpa_check_class(op, type, ALPA_IN_BOOL, name, "i1");
}

alpa_status alpa_check_start_indices(const alpa_op *op, uint32_t first, uint32_t rank) {
  if (op->n_operands - first != rank)
    return alpa_op_error(op, "expects as many start indices as the operand has dimensions (%u), got %u", rank,
                         op->n_operands - first);
  for (uint32_t i = first; i < op->n_operands; i++) {
    const alpa_type *type = alpa_op_operand_type(op, i);
    ALPA_TRY(alpa_check_scalar(op, type, "a start index"));
    ALPA_TRY(alpa_check_class(op, type, ALPA_IN_INTEGER, "a start index", "integers"));
    ALPA_TRY(
        alpa_check_same_element(op, alpa_op_operand_type(op, first), "the first start index", type, "every other one"));
  }
  return ALPA_OK;
}

static alpa_status check_size(const alpa_op *op, const alpa_shape *shape) {
  if (shape->rank > ALPA_MAX_RANK)
    return alpa_op_unsupported(op, "computes a result of %u dimensions, at most %d are supported", shape->rank,
                               ALPA_MAX_RANK);
  if (alpa_dims_count(shape->rank, shape->dims, 16) == -2)
    return alpa_op_error(op, "computes a result of more bytes than 64 bits can count");
  return ALPA_OK;
}

alpa_status alpa_check_result_shape(const alpa_op *op, const alpa_shape *shape) {
  ALPA_TRY(check_size(op, shape));
  const alpa_type *type = alpa_op_type(op);
  const alpa_type *expected = alpa_type_with_dims(alpa_op_context(op), type, shape->rank, shape->dims);
  if (alpa_shape_agrees(type, expected))
    return ALPA_OK;
  return alpa_op_error(op, "computes a result of type '%s', got '%s'", alpa_spell(op, expected), alpa_spell(op, type));
}

alpa_status alpa_infer_shape(const alpa_op *op, alpa_infer *out, const alpa_type *element_of, const alpa_shape *shape) {
  ALPA_TRY(check_size(op, shape));
  alpa_infer_push(out, alpa_type_with_dims(alpa_op_context(op), element_of, shape->rank, shape->dims));
  return ALPA_OK;
}
