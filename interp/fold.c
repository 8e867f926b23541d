/* Constant folding through the interpreter: one op is evaluated on its constant operands. */
#include <string.h>

#include "dialects/chlo/chlo.h"
#include "dialects/stablehlo/stablehlo.h"
#include "interp/eval.h"

/* Ops that move elements and do nothing else. */
static bool only_moves(const alpa_op *op) {
  static const bool moves[STABLEHLO_OP_COUNT] = {
      [STABLEHLO_reshape] = true,   [STABLEHLO_broadcast] = true,     [STABLEHLO_broadcast_in_dim] = true,
      [STABLEHLO_transpose] = true, [STABLEHLO_reverse] = true,       [STABLEHLO_concatenate] = true,
      [STABLEHLO_slice] = true,     [STABLEHLO_dynamic_slice] = true, [STABLEHLO_dynamic_update_slice] = true,
      [STABLEHLO_pad] = true,       [STABLEHLO_gather] = true,        [STABLEHLO_get_dimension_size] = true,
      [STABLEHLO_select] = true,
  };
  return op->def->dialect == &alpa_stablehlo_dialect && moves[op->def->id];
}

static bool is_float(const alpa_type *type) {
  alpa_dtype_class class_ = alpa_type_class(type);
  return class_ == ALPA_CLASS_FLOAT || class_ == ALPA_CLASS_COMPLEX;
}

static bool is_foldable(const alpa_op *op, const alpa_attr *const *operands) {
  bool moves = only_moves(op), floats = false;
  if (op->n_regions || !op->n_operands || !alpa_op_has(op, ALPA_PURE) || !(moves || alpa_op_has(op, ALPA_ELEMENTWISE)))
    return false;
  for (uint32_t i = 0; i < op->n_operands; i++) {
    if (!operands[i] || operands[i]->kind != ALPA_ATTR_ELEMENTS || !alpa_type_is_static_tensor(operands[i]->type) ||
        operands[i]->type->rank > ALPA_MAX_RANK)
      return false;
    floats |= is_float(operands[i]->type);
  }
  for (uint32_t i = 0; i < op->n_results; i++) {
    if (!alpa_type_is_static_tensor(op->results[i].type) || op->results[i].type->rank > ALPA_MAX_RANK)
      return false;
    floats |= is_float(op->results[i].type);
  }
  if (moves || stablehlo_is(op, STABLEHLO_convert))
    return true;
  if (floats && !alpa_scalar_is_exact(op->def))
    return false;
  return alpa_scalar_find(op->def, alpa_number_kind_of(ALPA_ARITH_REAL, operands[0]->type->dtype)) != NULL;
}

/* The operand's elements under the machine's arithmetic, with splats spread. */
static void bind_operand(alpa_machine *machine, alpa_slot *slot, const alpa_attr *attr) {
  const alpa_type *type = attr->type;
  slot->tensor = (alpa_tensor){.dtype = type->dtype, .rank = type->rank, .dims = type->dims};
  int64_t n = alpa_type_count(type);
  size_t bytes = alpa_dtype_get_info(type->dtype)->bytes;
  char *spread = alpa_arena_alloc(&machine->arena, (size_t)n * bytes + 1);
  for (int64_t i = 0; i < n; i++)
    memcpy(spread + (size_t)i * bytes, alpa_attr_element(attr, i), bytes);
  slot->tensor.data = spread;
  if (machine->arith == ALPA_ARITH_FIELD)
    slot->tensor = alpa_tensor_to_field(&machine->arena, &slot->tensor);
}

/* Evaluates the op in one arithmetic; results in the arena of the machine. */
static alpa_status evaluate(alpa_machine *machine, alpa_op *op, const alpa_attr *const *operands,
                            alpa_tensor *results) {
  uint32_t n = op->n_operands + op->n_results, device = 0;
  uint32_t *numbers = alpa_arena_new(&machine->arena, uint32_t, n);
  alpa_frame frame = {.slots = alpa_arena_new(&machine->arena, alpa_slot, n), .n_slots = n};
  for (uint32_t i = 0; i < n; i++)
    numbers[i] = i;
  for (uint32_t i = 0; i < op->n_operands; i++)
    bind_operand(machine, &frame.slots[i], operands[i]);
  alpa_step step = {
      .op = op, .rule = alpa_rule_find(op->def), .operands = numbers, .results = numbers + op->n_operands};
  if (step.rule->kind == ALPA_EVAL_NONE || step.rule->kind == ALPA_EVAL_JOINT)
    return ALPA_UNSUPPORTED;
  ALPA_TRY(alpa_machine_eval(machine, &frame, &step, (alpa_active){&device, 1}, 0));
  for (uint32_t i = 0; i < op->n_results; i++)
    results[i] = frame.slots[op->n_operands + i].tensor;
  return ALPA_OK;
}

/* Evaluates in field arithmetic as well, and compares with the images of the real results. */
static bool agrees_in_field(alpa_op *op, const alpa_attr *const *operands, const alpa_tensor *real) {
  alpa_machine machine;
  alpa_interp_options options = {.arith = ALPA_ARITH_FIELD, .field_key = UINT64_C(0x666F6C64)};
  alpa_machine_init(&machine, alpa_op_context(op), &options);
  alpa_tensor *results = alpa_arena_new(&machine.arena, alpa_tensor, op->n_results);
  bool agrees = evaluate(&machine, op, operands, results) == ALPA_OK;
  for (uint32_t i = 0; agrees && i < op->n_results; i++) {
    alpa_tensor image = alpa_tensor_to_field(&machine.arena, &real[i]);
    agrees = !memcmp(image.data, results[i].data, alpa_tensor_bytes(&image, ALPA_ARITH_FIELD));
  }
  alpa_machine_deinit(&machine);
  return agrees;
}

bool alpa_interp_fold(alpa_op *op, const alpa_attr *const *operands, const alpa_attr **out_results) {
  if (!is_foldable(op, operands))
    return false;
  alpa_machine machine;
  alpa_interp_options options = {.arith = ALPA_ARITH_REAL};
  alpa_machine_init(&machine, alpa_op_context(op), &options);
  alpa_tensor *results = alpa_arena_new(&machine.arena, alpa_tensor, op->n_results);
  bool folds = evaluate(&machine, op, operands, results) == ALPA_OK &&
               (only_moves(op) || agrees_in_field(op, operands, results));
  for (uint32_t i = 0; folds && i < op->n_results; i++)
    out_results[i] = alpa_attr_get_elements(alpa_op_context(op), op->results[i].type, results[i].data, false);
  alpa_machine_deinit(&machine);
  return folds;
}
