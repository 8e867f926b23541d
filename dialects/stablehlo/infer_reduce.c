/* Reductions, windows, sorting and map: result types and the regions they depend on. */
#include "dialects/stablehlo/reducer.h"
#include "dialects/stablehlo/stablehlo.h"
#include "dialects/stablehlo/stablehlo_hooks.h"
#include "dialects/stablehlo/window.h"

#include <inttypes.h>

/* Operands are n inputs and n initial values. */
typedef struct reduction {
  const alpa_type **inputs, **inits;
  uint32_t n;
} reduction;

static alpa_status get_reduction(const alpa_op *op, alpa_arena *arena, reduction *out) {
  ALPA_TRY(alpa_check_tensors(op));
  if (op->n_operands % 2)
    return alpa_op_error(op, "expects as many initial values as inputs, got %u operands", op->n_operands);
  *out = (reduction){.n = op->n_operands / 2};
  out->inputs = alpa_arena_new(arena, const alpa_type *, op->n_operands);
  out->inits = out->inputs + out->n;
  for (uint32_t i = 0; i < op->n_operands; i++)
    out->inputs[i] = alpa_op_operand_type(op, i);
  for (uint32_t i = 0; i < out->n; i++) {
    ALPA_TRY(alpa_check_scalar(op, out->inits[i], "an initial value"));
    ALPA_TRY(alpa_check_same_shape(op, out->inputs[0], "the first input", out->inputs[i], "every other one"));
  }
  return alpa_check_reducer(op, 0, out->n, out->inputs, out->inits);
}

/* The known size of a dimension among inputs of the same shape. */
static int64_t known_dim(const reduction *r, uint32_t d) {
  for (uint32_t i = 0; i < r->n; i++)
    if (alpa_dim_known(r->inputs[i]->dims[d]))
      return r->inputs[i]->dims[d];
  return ALPA_DYNAMIC;
}

static alpa_status push_results(const alpa_op *op, alpa_infer *out, uint32_t n, const alpa_shape *shape) {
  for (uint32_t i = 0; i < n; i++)
    ALPA_TRY(alpa_infer_shape(op, out, alpa_reducer_type(op, 0, i), shape));
  return ALPA_OK;
}

alpa_status alpa_stablehlo_infer_reduce(alpa_op *op, alpa_infer *out) {
  reduction r;
  ALPA_TRY(get_reduction(op, out->arena, &r));
  alpa_dim_list dims = alpa_dim_list_of(op, stablehlo_reduce_dimensions);
  ALPA_TRY(alpa_check_dims(op, dims, r.inputs[0]->rank));
  alpa_shape shape = {0};
  for (uint32_t d = 0; d < r.inputs[0]->rank; d++)
    if (!alpa_dim_list_has(dims, d))
      alpa_shape_push(&shape, known_dim(&r, d));
  return push_results(op, out, r.n, &shape);
}

alpa_status alpa_stablehlo_infer_reduce_window(alpa_op *op, alpa_infer *out) {
  reduction r;
  ALPA_TRY(get_reduction(op, out->arena, &r));
  alpa_window window = {
      .size = alpa_dim_list_of(op, stablehlo_reduce_window_window_dimensions),
      .strides = alpa_dim_list_of(op, stablehlo_reduce_window_window_strides),
      .base_dilations = alpa_dim_list_of(op, stablehlo_reduce_window_base_dilations),
      .window_dilations = alpa_dim_list_of(op, stablehlo_reduce_window_window_dilations),
      .padding = op->attrs[stablehlo_reduce_window_padding],
  };
  uint32_t rank = r.inputs[0]->rank;
  ALPA_TRY(alpa_check_length(op, window.size, rank, "the inputs have dimensions"));
  ALPA_TRY(alpa_window_check(op, &window, rank));
  alpa_shape shape = {.rank = rank};
  for (uint32_t d = 0; d < rank; d++)
    ALPA_TRY(alpa_window_count(op, known_dim(&r, d), alpa_window_get_dim(&window, d), &shape.dims[d]));
  return push_results(op, out, r.n, &shape);
}

alpa_status alpa_stablehlo_infer_map(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *first = alpa_op_operand_type(op, 0);
  const alpa_block *block;
  ALPA_TRY(alpa_check_region(op, 0, "the mapped region", &block));
  if (block->n_args != op->n_operands || block->last->n_operands != 1)
    return alpa_op_error(op, "expects the mapped region to take %u parameters and to return 1 value, got %u and %u",
                         op->n_operands, block->n_args, block->last->n_operands);
  for (uint32_t i = 0; i < op->n_operands; i++) {
    const alpa_type *type = alpa_op_operand_type(op, i);
    ALPA_TRY(alpa_check_same_shape(op, first, "the first operand", type, "every other one"));
    ALPA_TRY(alpa_check_tensor(op, block->args[i]->type, "a parameter of the mapped region"));
    ALPA_TRY(alpa_check_scalar(op, block->args[i]->type, "a parameter of the mapped region"));
    ALPA_TRY(alpa_check_same_element(op, type, "an operand", block->args[i]->type, "its parameter"));
  }
  alpa_dim_list dims = alpa_dim_list_of(op, stablehlo_map_dimensions);
  ALPA_TRY(alpa_check_length(op, dims, first->rank, "the operands have dimensions"));
  for (size_t d = 0; d < dims.n; d++)
    if (dims.items[d] != (int64_t)d)
      return alpa_op_error(op, "expects dimensions to be 0, 1, 2 and so on, got %" PRId64 " at %zu", dims.items[d], d);
  const alpa_type *result = alpa_op_operand_type(block->last, 0);
  ALPA_TRY(alpa_check_scalar(op, result, "the value of the mapped region"));
  alpa_shape shape = alpa_shape_of(first);
  return alpa_infer_shape(op, out, result, &shape);
}

/* The operand's shape, in the type that the scatter region computes in. */
alpa_status alpa_stablehlo_infer_select_and_scatter(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *source = alpa_op_operand_type(op, 1), *init = alpa_op_operand_type(op, 2);
  ALPA_TRY(alpa_check_scalar(op, init, "the initial value"));
  ALPA_TRY(alpa_check_reducer(op, 1, 1, &source, &init));
  alpa_shape shape = alpa_shape_of(alpa_op_operand_type(op, 0));
  return alpa_infer_shape(op, out, alpa_reducer_type(op, 1, 0), &shape);
}

alpa_status alpa_stablehlo_verify_select_and_scatter(alpa_op *op) {
  const alpa_type *operand = alpa_op_operand_type(op, 0), *source = alpa_op_operand_type(op, 1);
  const alpa_type *init = alpa_op_operand_type(op, 2);
  ALPA_TRY(alpa_check_same_element(op, operand, "the operand", source, "the source"));
  ALPA_TRY(alpa_check_same_element(op, operand, "the operand", init, "the initial value"));
  ALPA_TRY(alpa_check_comparator(op, 0, "the select region", 1));
  alpa_window window = {
      .size = alpa_dim_list_of(op, stablehlo_select_and_scatter_window_dimensions),
      .strides = alpa_dim_list_of(op, stablehlo_select_and_scatter_window_strides),
      .padding = op->attrs[stablehlo_select_and_scatter_padding],
  };
  ALPA_TRY(alpa_check_length(op, window.size, operand->rank, "the operand has dimensions"));
  ALPA_TRY(alpa_window_check(op, &window, operand->rank));
  if (source->rank != operand->rank)
    return alpa_op_error(op, "expects operand and source to have the same rank, got '%s' and '%s'",
                         alpa_spell(op, operand), alpa_spell(op, source));
  for (uint32_t d = 0; d < operand->rank; d++) {
    int64_t count;
    ALPA_TRY(alpa_window_count(op, operand->dims[d], alpa_window_get_dim(&window, d), &count));
    if (!alpa_dim_agrees(count, source->dims[d]))
      return alpa_op_error(op,
                           "expects the source to have one element for each of the %" PRId64
                           " windows along dimension %u, got %" PRId64,
                           count, d, source->dims[d]);
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_sort(alpa_op *op) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *first = alpa_op_operand_type(op, 0);
  int64_t rank = first->rank, dim = alpa_op_int(op, stablehlo_sort_dimension, -1);
  if (dim < -rank || dim >= rank)
    return alpa_op_error(op, "expects dimension to be in [%" PRId64 ", %" PRId64 "), got %" PRId64, -rank, rank, dim);
  for (uint32_t i = 1; i < op->n_operands; i++)
    ALPA_TRY(alpa_check_same_shape(op, first, "the first operand", alpa_op_operand_type(op, i), "every other one"));
  return alpa_check_comparator(op, 0, "the comparator", op->n_operands);
}

/* ---- batch normalisation ---- */

/* Operands 1 and following up to `n_vectors` of them, one element for each feature. */
static alpa_status check_batch_norm(const alpa_op *op, int feature_ordinal, uint32_t n_vectors) {
  ALPA_TRY(alpa_check_tensors(op));
  const alpa_type *type = alpa_op_operand_type(op, 0);
  ALPA_TRY(alpa_check_class(op, type, ALPA_IN_FLOAT, "the operand", "floats"));
  int64_t feature = alpa_op_int(op, feature_ordinal, 0);
  ALPA_TRY(alpa_check_dim(op, "feature_index", feature, type->rank));
  for (uint32_t i = 1; i <= n_vectors; i++) {
    const alpa_type *vector = alpa_op_operand_type(op, i);
    ALPA_TRY(alpa_check_same_element(op, type, "the operand", vector, "every other one"));
    if (vector->rank != 1 || !alpa_dim_agrees(vector->dims[0], type->dims[feature]))
      return alpa_op_error(op, "expects operand #%u to have one element for each of the %" PRId64 " features, got '%s'",
                           i, type->dims[feature], alpa_spell(op, vector));
  }
  return ALPA_OK;
}

alpa_status alpa_stablehlo_verify_batch_norm(alpa_op *op) {
  return check_batch_norm(op, stablehlo_batch_norm_inference_feature_index, 4);
}

/* The operand's type and two vectors over the features. */
static alpa_status push_batch_norm(const alpa_op *op, alpa_infer *out, int feature_ordinal) {
  const alpa_type *type = alpa_op_operand_type(op, 0);
  alpa_shape shape = {.rank = 1, .dims = {type->dims[alpa_op_int(op, feature_ordinal, 0)]}};
  alpa_infer_push(out, type);
  ALPA_TRY(alpa_infer_shape(op, out, type, &shape));
  return alpa_infer_shape(op, out, type, &shape);
}

alpa_status alpa_stablehlo_infer_batch_norm_training(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(check_batch_norm(op, stablehlo_batch_norm_training_feature_index, 2));
  return push_batch_norm(op, out, stablehlo_batch_norm_training_feature_index);
}

alpa_status alpa_stablehlo_infer_batch_norm_grad(alpa_op *op, alpa_infer *out) {
  ALPA_TRY(check_batch_norm(op, stablehlo_batch_norm_grad_feature_index, 3));
  ALPA_TRY(alpa_check_same_type(op, alpa_op_operand_type(op, 0), "the operand", alpa_op_operand_type(op, 4),
                                "the gradient of the output"));
  return push_batch_norm(op, out, stablehlo_batch_norm_grad_feature_index);
}
