/* Signatures of reducers, comparators and selectors. */
#include "dialects/stablehlo/reducer.h"

#include "dialects/stablehlo/stablehlo.h"

alpa_status alpa_check_region(const alpa_op *op, uint32_t region, const char *name, const alpa_block **out_block) {
  const alpa_block *block = region < op->n_regions ? op->regions[region].first : NULL;
  if (!block || block->next)
    return alpa_op_error(op, "expects %s to have one block, got %s", name, block ? "several" : "none");
  if (!block->last || !stablehlo_is(block->last, STABLEHLO_return))
    return alpa_op_error(op, "expects %s to end in 'stablehlo.return'%s%s%s", name, block->last ? ", got '" : "",
                         block->last ? block->last->def->name : "", block->last ? "'" : "");
  *out_block = block;
  return ALPA_OK;
}

/* Whether values of one element type may be accumulated in another: the same kind of number, and not narrower. */
static bool is_promotable(const alpa_type *from, const alpa_type *to) {
  if (from->element == to->element)
    return true;
  if (from->element->kind != ALPA_TYPE_SCALAR || to->element->kind != ALPA_TYPE_SCALAR)
    return true; /* quantized */
  return alpa_type_class(from) == alpa_type_class(to) &&
         alpa_dtype_get_info(from->dtype)->bits <= alpa_dtype_get_info(to->dtype)->bits;
}

static alpa_status check_signature(const alpa_op *op, const alpa_block *block, uint32_t n) {
  if (block->n_args != 2 * n)
    return alpa_op_error(op, "expects the reduction region to take %u parameters, got %u", 2 * n, block->n_args);
  if (block->last->n_operands != n)
    return alpa_op_error(op, "expects the reduction region to return %u values, got %u", n, block->last->n_operands);
  return ALPA_OK;
}

static alpa_status check_accumulator(const alpa_op *op, const alpa_block *block, uint32_t n, uint32_t i) {
  const alpa_type *type = alpa_op_operand_type(block->last, i);
  ALPA_TRY(alpa_check_scalar(op, type, "a value that the reduction region returns"));
  for (uint32_t arg = i; arg < 2 * n; arg += n)
    if (block->args[arg]->type != type)
      return alpa_op_error(op,
                           "expects parameter %u of the reduction region to have the type of its value %u, '%s', "
                           "got '%s'",
                           arg, i, alpa_spell(op, type), alpa_spell(op, block->args[arg]->type));
  return ALPA_OK;
}

alpa_status alpa_check_reducer(const alpa_op *op, uint32_t region, uint32_t n, const alpa_type *const *inputs,
                               const alpa_type *const *inits) {
  const alpa_block *block;
  ALPA_TRY(alpa_check_region(op, region, "the reduction region", &block));
  ALPA_TRY(check_signature(op, block, n));
  for (uint32_t i = 0; i < n; i++) {
    ALPA_TRY(check_accumulator(op, block, n, i));
    const alpa_type *type = block->args[i]->type;
    if (inits && !is_promotable(inits[i], type))
      return alpa_op_error(op, "initial value '%s' cannot be promoted to what the reduction region computes in, '%s'",
                           alpa_spell(op, inits[i]), alpa_spell(op, type));
    if (!is_promotable(inputs[i], type))
      return alpa_op_error(op, "elements of '%s' cannot be promoted to what the reduction region computes in, '%s'",
                           alpa_spell(op, inputs[i]), alpa_spell(op, type));
  }
  return ALPA_OK;
}

const alpa_type *alpa_reducer_type(const alpa_op *op, uint32_t region, uint32_t i) {
  return alpa_op_operand_type(op->regions[region].first->last, i);
}

alpa_status alpa_check_comparator(const alpa_op *op, uint32_t region, const char *name, uint32_t n) {
  const alpa_block *block;
  ALPA_TRY(alpa_check_region(op, region, name, &block));
  if (block->n_args != 2 * n)
    return alpa_op_error(op, "expects %s to take %u parameters, got %u", name, 2 * n, block->n_args);
  for (uint32_t i = 0; i < block->n_args; i++) {
    const alpa_type *type = block->args[i]->type, *tensor = alpa_op_operand_type(op, i / 2);
    if (!alpa_type_is_scalar_tensor(type) || !alpa_element_agrees(type, tensor))
      return alpa_op_error(op, "expects parameter %u of %s to be an element of '%s', got '%s'", i, name,
                           alpa_spell(op, tensor), alpa_spell(op, type));
  }
  if (block->last->n_operands != 1)
    return alpa_op_error(op, "expects %s to return 1 value, got %u", name, block->last->n_operands);
  return alpa_check_predicate(op, alpa_op_operand_type(block->last, 0), "the value that decides");
}
